"""The explorer without a server, driven in Chromium from a plain web host."""

import base64
import contextlib
import functools
import http.server
import io
import json
import threading
import unittest

import numpy as np
import pytest
from PIL import Image

from inr_keras import rendering
from inr_keras.export.web_page import SIGNATURES
from inr_keras.export.web_page import export_web
from tests import testing
from tests.export.web_weights_test import of_classes
from tests.export.web_weights_test import of_residual_blocks
from tests.rendering.generators import small_generator
from tests.serving.explorer_page import CHROMIUM
from tests.serving.explorer_page import sync_api

# What the page asks a server, in place of which its own script answers.
ASK = """
async (body) => {
  const request = { method: "POST", body: JSON.stringify(body) };
  const response = await fetch("../v1/models/small:predict", request);
  return { status: response.status, ...(await response.json()) };
}
"""
BOX = (-2.5, -1.0, 0.7, 1.5)


class Host(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class FolderTest(testing.TestCase):
    def test_folder(self):
        folder = self.temporary_folder() / "small"
        export_web(small_generator(), folder, "By me. Licence: CC0")
        names = {path.name for path in folder.iterdir()}
        self.assertLessEqual(
            {"index.html", "weights.bin", "network.json", "models.json"}, names
        )
        self.assertEqual(
            (folder / "ATTRIBUTION.txt").read_text(),
            "By me. Licence: CC0\nLicence: CC0\n",
        )
        models = json.loads((folder / "models.json").read_text())
        self.assertEqual(models, {"models": ["small"]})
        self.assertIn("js/local/server.js", (folder / "index.html").read_text())
        metadata = json.loads((folder / "network.json").read_text())["metadata"]
        self.assertEqual(metadata["signatures"], list(SIGNATURES))
        with self.assertRaisesRegex(ValueError, "`folder` must be new"):
            export_web(small_generator(), folder)


@pytest.mark.slow
class BrowserTest(testing.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if sync_api is None or CHROMIUM is None:
            missing = "Chromium" if sync_api else "Playwright"
            raise unittest.SkipTest(f"{missing} is not installed")
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        playwright = stack.enter_context(sync_api.sync_playwright())
        cls.browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        stack.callback(cls.browser.close)

    def open(self, generator, query="", file="index.html"):
        """A page of the generator's folder, once it can draw.

        A file without a script draws nothing of its own; it gets the one that answers.
        """
        folder = self.temporary_folder() / "small"
        export_web(generator, folder, "By me. Licence: CC0")
        host = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Host, directory=folder)
        )
        threading.Thread(target=host.serve_forever).start()
        self.addCleanup(host.server_close)
        self.addCleanup(host.shutdown)
        page = self.browser.new_page(reduced_motion="reduce")
        self.addCleanup(page.close)
        self.said = []
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("console", lambda m: m.type == "error" and self.said.append(m.text))
        page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        page.on("request", self.check_host)
        page.set_default_timeout(60_000)
        self.address = f"http://127.0.0.1:{host.server_port}/"
        page.goto(f"{self.address}{file}{query}")
        if file != "index.html":
            page.evaluate("import('/js/local/server.js').then(() => {})")
        page.wait_for_selector("html[data-drawing]", state="attached")
        return page

    def check_host(self, request):
        if not request.url.startswith((self.address, "blob:", "data:")):
            self.said.append(f"asked {request.url}")
        if "/v1/" in request.url:
            self.said.append(f"asked the host {request.url}")

    def image(self, page, body):
        answer = page.evaluate(ASK, body)
        self.assertEqual(answer["status"], 200, answer)
        [value] = answer.get("predictions") or [answer["outputs"]]
        return np.array(Image.open(io.BytesIO(base64.b64decode(value["b64"]))))

    def check_pictures(self, page, generator):
        renderer = rendering.Renderer(generator)
        latents = rendering.latents_from_seeds([3, 2**40], generator.latent_dim)
        labels = {}
        if generator.class_names:
            labels = {"labels": np.array([2, 0], "int32")}
        one, other = np.asarray(generator.mapping(latents, truncation=0.7, **labels))
        amount = np.linspace(0, 1, generator.num_layers)[:, None]
        mixed = (1 - amount) * one + amount * other
        label = {"label": 2} if labels else {}
        area = {"box": BOX, "height": 30, "width": 40}
        drawn = self.image(
            page,
            {
                "signature_name": "render_region",
                "inputs": {"seed": 3, "truncation": 0.7, **label, **area},
            },
        )
        self.assert_levels(drawn, renderer.render(one[None], 30, 40, BOX))
        row = {"seeds": [3], "other_seeds": [2**40], "truncation": [0.7]}
        row["amount"] = [amount.ravel().tolist()]
        if labels:
            row |= {"label": [2], "other_label": [0]}
        request = {"signature_name": "style_mix", "inputs": row}
        [styles] = page.evaluate(ASK, request)["outputs"]
        self.assertAllClose(styles, mixed, atol=1e-5)
        drawn = self.image(
            page,
            {"signature_name": "render_styles", "inputs": {"styles": styles, **area}},
        )
        mixed = mixed[None].astype("float32")
        self.assert_levels(drawn, renderer.render(mixed, 30, 40, BOX))
        instance = {"seeds": 3, "truncation": 0.7, **label}
        drawn = self.image(
            page, {"signature_name": "generate_png", "instances": [instance]}
        )
        self.assert_levels(drawn, renderer.render(one[None]))

    def assert_levels(self, drawn, expected):
        expected = rendering.to_uint8(expected[0])
        drawn = drawn.reshape(expected.shape).astype(int)
        self.assertGreater(expected.std(), 5)  # It is no plain surface.
        self.assertLessEqual(np.abs(drawn - expected).max(), 2)

    def test_pictures_are_those_of_python(self):
        for generator in (
            of_classes(),
            of_residual_blocks(),
            small_generator(channels=4, alignment="center", embedding_channels=0),
        ):
            for drawing in ("wasm", "webgl"):
                page = self.open(generator, f"?draw={drawing}", "ATTRIBUTION.txt")
                found = page.get_attribute("html", "data-drawing")
                self.assertEqual(found, drawing)
                self.check_pictures(page, generator)
                page.close()
                self.assertEqual(self.said, [])

    def test_the_page_shows_a_picture_and_credits(self):
        page = self.open(small_generator())
        page.wait_for_selector("canvas")
        page.get_by_text("By me.").wait_for()
        self.assertEqual(self.said, [])

    def test_bad_requests(self):
        page = self.open(small_generator(), "?draw=wasm", "ATTRIBUTION.txt")
        for body, message in (
            ({"signature_name": "none", "inputs": {}}, "There is no signature none."),
            (
                {
                    "signature_name": "render_region",
                    "inputs": {"seed": 1, "box": BOX, "height": 1, "width": 9999},
                },
                "height and width must be from 1 to 4096.",
            ),
        ):
            answer = page.evaluate(ASK, body)
            self.assertEqual(answer, {"status": 400, "error": message})
