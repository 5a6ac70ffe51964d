"""The explorer, driven in Chromium: surfaces, sheets, comparisons, files and lines."""

import base64
import io
import json
import shlex
import urllib.parse
import urllib.request

import numpy as np
import pytest
from PIL import Image

from inr_keras.rendering import surfaces
from tests.serving import explorer_page
from tests.serving import explorer_server
from tests.serving.explorer_page import PLAIN
from tests.serving.explorer_page import serving

setUpModule = explorer_page.open_browser
tearDownModule = explorer_page.close_browser


@pytest.mark.slow
class ExplorerViewsTest(explorer_page.ExplorerCase):
    def test_surfaces(self):
        page = self.open("model=images&surface=sphere")
        self.settle(page)
        styles = explorer_server.styles_of(0, PLAIN)
        self.assertDrawnOnGlobe(page, styles, longitude=0, latitude=0)
        page.locator("#pane .solid").focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
            page.keyboard.press(key)
        self.settle(page)
        self.assertDrawnOnGlobe(page, styles, longitude=30, latitude=15)
        self.assertRegex(page.url, "longitude=30&latitude=15")
        for name in ("cube", "cylinder"):
            page.check(f"[name=surface][value={name}]", force=True)
            self.settle(page)
            seen = self.solid(page)
            middle = len(seen) // 2
            self.assertEqual(seen[middle, middle, 3], 255)
            self.assertEqual(seen[2, 2, 3], 0)

    def solid(self, page):
        """Pixels of the surface, RGBA."""
        page.evaluate(
            "new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
        )
        script = "document.querySelector('#pane .solid').toDataURL()"
        data = base64.b64decode(page.evaluate(script).split(",")[1])
        return np.asarray(Image.open(io.BytesIO(data)))

    def assertDrawnOnGlobe(self, page, styles, longitude, latitude):
        seen = self.solid(page)
        wide = 1.2  # Half the width of the view, in radii.
        axis = ((np.arange(len(seen)) + 0.5) / len(seen) * 2 - 1) * wide
        x, y = np.meshgrid(axis, axis)
        inside = x * x + y * y < 0.95
        near = z = np.sqrt(np.maximum(1 - x * x - y * y, 0))
        a, b = np.radians(longitude), np.radians(-latitude)
        y, z = y * np.cos(b) + z * np.sin(b), z * np.cos(b) - y * np.sin(b)
        x, z = x * np.cos(a) + z * np.sin(a), z * np.cos(a) - x * np.sin(a)
        points = surfaces.mirrored(surfaces.FRAME)(x, y, z)
        colours = explorer_server.colours(styles, points[..., 0], points[..., 1])
        expected = colours * (0.72 + 0.28 * near[..., None])
        gap = np.abs(seen[..., :3] - expected)[inside]
        self.assertLess(gap.mean(), 3.0)

    def test_classes_are_chosen_by_samples(self):
        page = self.open("model=images&seed=3")
        self.settle(page)
        page.click("#label-sheet")
        page.wait_for_selector("#sheet-cells button:last-child img[src]")
        self.assertEqual(page.locator("#sheet-cells button").count(), 2)
        page.click("#sheet-cells button:last-child")
        told = {"truncation": 1.0, "label": 1}
        self.assertDrawn(page, explorer_server.styles_of(3, told))

    def test_trust_map(self):
        page = self.open("model=images&beyond=true&trust=true&size=4")
        box = self.settle(page)
        area = page.locator("#image").bounding_box()
        seen = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
        styles = explorer_server.styles_of(0, PLAIN)
        height, width = int(area["height"]), int(area["width"])
        plain = explorer_server.draw(styles, box, height, width)
        tint = (seen[:height, :width] - 0.45 * plain) / 0.55
        blue, orange = tint[height // 2, width // 2], tint[height // 2, 20]
        self.assertEqual(blue.argmax(), 2)
        self.assertEqual(orange.argmax(), 0)

    def test_two_models_under_one_hand(self):
        page = self.open("model=images", width=1000)
        self.settle(page)
        page.select_option("#compare", "corner")
        page.wait_for_selector("#peer[data-loaded=true]")
        self.settle(page)
        page.click("#zoom-in")
        self.settle(page)
        page.wait_for_selector("#peer[data-loaded=true]")
        page.wait_for_timeout(400)
        boxes = {name: serving.boxes(name)[-1] for name in ("images", "corner")}
        # Samples of the other alignment, of the same tiles.
        half = (boxes["images"][2] - boxes["images"][0]) / 1024
        shift = np.array([half, half, -half, -half])
        seen = {tuple(np.round(box - shift, 6)) for box in serving.boxes("corner")}
        self.assertIn(tuple(np.round(boxes["images"], 6)), seen)
        page.select_option("#compare", "")
        self.assertFalse(page.is_visible("#peer"))

    def test_a_second_model_that_is_missing_for_a_while(self):
        answer = {"status": 404, "json": {"error": "Not loaded."}}
        is_missing = self.answered(
            "**/v1/models/corner**", lambda route: route.fulfill(**answer)
        )
        page = self.open(width=1000, expected=["404"])
        self.settle(page)
        is_missing.append(True)
        page.select_option("#compare", "corner")
        page.wait_for_selector("#banner >> text=this model: corner. Not loaded.")
        is_missing.clear()
        page.click("#banner-act")
        page.wait_for_selector("#peer[data-loaded=true]")

    def test_lines_to_copy(self):
        page = self.open("model=images&seed=5&x=0.25&size=0.5&label=1")
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        box = self.settle(page)
        usual = page.inner_text("#command-copy")
        page.click("#command-copy")
        page.wait_for_selector("#command-copy >> text=Copied")
        page.click("#command-copy")
        # Later than what both clicks have set going.
        page.evaluate("new Promise(done => setTimeout(done, 2100))")
        self.assertEqual(page.inner_text("#command-copy"), usual)
        command = page.evaluate("navigator.clipboard.readText()")
        words = shlex.split(command.replace("\\\n", ""))
        self.assertEqual(words[:3], ["python", "-m", "apps.generate"])
        self.assertIn("--class=rings", words)
        page.click("#curl-copy")
        page.wait_for_selector("#curl-copy >> text=Copied")
        line = page.evaluate("navigator.clipboard.readText()")
        words = shlex.split(line.replace("\\\n", ""))
        self.assertEqual(words[:3], ["curl", "-sS", "-d"])
        request = urllib.request.Request(words[4], words[3].encode(), method="POST")
        with urllib.request.urlopen(request) as answer:
            png = base64.b64decode(json.load(answer)["outputs"]["b64"])
        pixels = np.asarray(Image.open(io.BytesIO(png)))
        styles = explorer_server.styles_of(5, {"truncation": 1.0, "label": 1})
        expected = explorer_server.draw(styles, box, *pixels.shape[:2])
        self.assertLess(np.abs(pixels.astype(int) - expected).mean(), 1)

    def test_downloads_the_view(self):
        page = self.open("model=images&seed=5&x=0.25&size=0.5&label=1")
        box = self.settle(page)
        page.keyboard.press("d")
        page.fill("#download-width", "300")
        with page.expect_download() as download:
            page.click("#download-save")
        pixels = np.asarray(Image.open(download.value.path()))
        self.assertEqual(pixels.shape[1], 300)
        ratio = (box[3] - box[1]) / (box[2] - box[0])
        self.assertAlmostEqual(pixels.shape[0], 300 * ratio, delta=0.51)
        styles = explorer_server.styles_of(5, {"truncation": 1.0, "label": 1})
        expected = explorer_server.draw(styles, box, *pixels.shape[:2])
        self.assertLess(np.abs(pixels.astype(int) - expected).max(), 3)
        name = f"images-5-300x{pixels.shape[0]}.png"
        self.assertEqual(download.value.suggested_filename, name)
        # One that is too large for the server is a command to copy.
        page.keyboard.press("d")
        page.fill("#download-width", "10000")
        self.assertTrue(page.is_disabled("#download-save"))
        command = page.inner_text("#download-command").replace("\\\n", "")
        words = shlex.split(command)
        self.assertEqual(words[:3], ["python", "-m", "apps.generate"])
        told = dict(word[2:].split("=", 1) for word in words[3:])
        self.assertEqual(told["model"], "saved_models/images")
        self.assertEqual(told["seeds"], "5")
        self.assertEqual(told["class"], "rings")
        self.assertEqual(told["truncation"], "1")
        self.assertRegex(told["size"], r"^10000x\d+$")
        region = [float(n) for n in told["region"].split(",")]
        self.assertAllClose(region, box, atol=1e-3)  # Of a part of a pixel.

    def test_sheet_of_seeds(self):
        page = self.open()
        self.settle(page)
        page.keyboard.press("s")
        page.wait_for_selector("#sheet-cells button:last-child img[src]")
        widths = page.locator("#sheet-cells img").evaluate_all(
            "all => Promise.all(all.map(i => i.decode().then(() => i.naturalWidth)))"
        )
        self.assertEqual(widths, [64] * 24)
        page.click("#sheet-next")
        page.click("#sheet-cells button >> nth=3")
        self.assertDrawn(page, explorer_server.styles_of(27, PLAIN))
        self.assertFalse(page.is_visible("#sheet"))
