"""The explorer, driven in Chromium against a small TF Serving."""

import contextlib
import io
import shlex
import shutil
import unittest
import urllib.parse

import numpy as np
import pytest
from PIL import Image

from tests import testing
from tests.serving import explorer_server

try:
    from playwright import sync_api
except ImportError:
    sync_api = None

CHROMIUM = next(
    filter(
        None,
        map(shutil.which, ("chromium", "chromium-browser", "google-chrome")),
    ),
    None,
)
PLAIN = {"truncation": 1.0}


RESOURCES = contextlib.ExitStack()


def setUpModule():
    if sync_api is None or CHROMIUM is None:
        missing = "Chromium" if sync_api else "Playwright"
        raise unittest.SkipTest(f"{missing} is not installed")
    global serving, address, page, said
    serving = explorer_server.FakeServing()
    address = RESOURCES.enter_context(serving.running())
    playwright = RESOURCES.enter_context(sync_api.sync_playwright())
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
    )
    RESOURCES.callback(browser.close)
    page = browser.new_page(reduced_motion="reduce")
    page.set_default_timeout(20000)
    said = []  # What the console says, and requests that leave this machine.
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda m: m.type in "error warning" and said.append(m.text))
    page.on("request", _check_host)


def _check_host(request):
    url = urllib.parse.urlsplit(request.url)
    if url.scheme in ("http", "https") and url.hostname != "127.0.0.1":
        said.append(f"asked {request.url}")


def tearDownModule():
    RESOURCES.close()


@pytest.mark.slow
class ExplorerTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.expected = []
        said.clear()
        serving.requests.clear()
        serving.failures.clear()
        serving.broken = False

    def open(self, state="model=images", query="", width=788, expected=()):
        """The page, whose console and requests are watched.

        Args:
            state: str. What follows the address's #.
            query: str. What follows its ?.
            width: int. Of the window.
            expected: Sequence of str. What the console may say.
        """
        self.expected += expected
        page.set_viewport_size({"width": width, "height": 400})
        page.goto("about:blank")
        page.goto(f"{address}/explore/?{query}#{state}")
        return page

    def tearDown(self):
        problems = [
            text for text in said if not any(part in text for part in self.expected)
        ]
        self.assertEqual(problems, [])
        super().tearDown()

    def settle(self, page):
        """Waits for the address and for all tiles; the view's box."""
        # Later than a frame and the timers that it sets.
        page.evaluate(
            "new Promise(done => requestAnimationFrame(() => "
            "requestAnimationFrame(() => setTimeout(done, 300))))"
        )
        page.wait_for_selector("#image[data-loaded=true]")
        told = urllib.parse.urlsplit(page.url).fragment
        told = dict(urllib.parse.parse_qsl(told))
        x, y = float(told.get("x", 0)), float(told.get("y", 0))
        size = float(told.get("size", 2.3))
        area = page.locator("#image").bounding_box()
        width, height = area["width"], area["height"]
        half = np.array([width, height]) / min(width, height) * size / 2
        return np.array([x - half[0], y - half[1], x + half[0], y + half[1]])

    def assertDrawn(self, page, styles):
        """The middle of the window, now `self.box`, shows `styles`."""
        self.box = box = self.settle(page)
        area = page.locator("#image").bounding_box()
        width, height = int(area["width"]), int(area["height"])
        expected = explorer_server.draw(styles, box, height, width)
        seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        rows = slice(height // 2 - 60, height // 2 + 60)
        columns = slice(width // 2 - 60, width // 2 + 60)
        left, top = int(area["x"]), int(area["y"])
        seen = np.asarray(seen)[top:, left:][rows, columns]
        gap = seen.astype(int) - expected[rows, columns]
        self.assertLess(np.abs(gap).mean(), 2.0)

    def test_loads_a_model_and_marks_its_frame(self):
        page = self.open()
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))
        first = serving.asked("render_region")[0]["inputs"]
        # A single tile shows the whole frame.
        self.assertLess(max(first["box"][:2]), -1)
        self.assertGreater(min(first["box"][2:]), 1)
        self.assertEqual(page.title(), "images · INR explorer")
        self.assertIn("drawn by the tests", page.inner_text("#attribution"))
        self.assertRegex(page.inner_text("#status"), "% extrapolation")
        frame = page.locator("#frame").bounding_box()
        area = page.locator("#image").bounding_box()
        side = min(area["width"], area["height"]) * 2 / 2.3
        self.assertAlmostEqual(frame["width"], side, delta=1)
        self.assertAlmostEqual(frame["height"], side, delta=1)
        # Tiles of the other alignment lie where these do.
        page.select_option("#model", "corner")
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))

    def test_pans_and_zooms_in_eight_octaves(self):
        page = self.open()
        before = self.settle(page)
        area = page.locator("#image").bounding_box()
        x, y = area["x"] + 150, area["y"] + 200
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y - 40, steps=4)
        page.wait_for_timeout(300)  # Standing still, so that it does not glide.
        page.mouse.up()
        styles = explorer_server.styles_of(0, PLAIN)
        self.assertDrawn(page, styles)
        moved = self.box - before
        pixel = (before[2] - before[0]) / area["width"]
        wanted = np.array([-60, 40, -60, 40]) * pixel
        self.assertAllClose(moved, wanted, atol=6 * pixel)
        for _ in range(8):
            page.click("#zoom-in")
        self.assertDrawn(page, styles)
        self.assertAllClose(
            self.box[2] - self.box[0], (before[2] - before[0]) / 2**8, rtol=1e-5
        )
        self.assertRegex(page.inner_text("#status"), "super-resolution")
        tiles = [body["inputs"]["box"] for body in serving.asked("render_region")]
        finest = min(box[2] - box[0] for box in tiles)
        self.assertLess(finest / 256, 2 / 64 / 2**8)  # Of the trained spacing.

    def test_zooms_out_to_extrapolation_and_home(self):
        page = self.open()
        before = self.settle(page)
        page.locator("#image .openseadragon-canvas").focus()
        page.keyboard.press("ArrowRight")
        width = before[2] - before[0]
        self.assertAllClose(self.settle(page)[0], before[0] + width / 8, atol=1e-6)
        for _ in range(3):
            page.keyboard.press("-")
        self.assertGreater(np.ptp(self.settle(page)), 2 * np.ptp(before))
        self.assertRegex(page.inner_text("#kind"), r"9\d% extrapolation")
        page.keyboard.press("0")
        self.assertAllClose(self.settle(page), before, atol=1e-6)

    def test_seed_class_and_truncation(self):
        page = self.open()
        self.settle(page)
        page.keyboard.press("n")
        self.assertDrawn(page, explorer_server.styles_of(1, PLAIN))
        count = len(serving.asked("render_region"))
        page.click("#seed-previous")
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))
        # From the cache.
        self.assertEqual(len(serving.asked("render_region")), count)
        page.fill("#seed", "12")
        page.press("#seed", "Enter")
        page.select_option("#label", label="rings")
        page.fill("#truncation", "0.5")
        told = {"truncation": 0.5, "label": 1}
        self.assertDrawn(page, explorer_server.styles_of(12, told))

    def test_mixes_styles(self):
        page = self.open()
        self.settle(page)
        page.check("#mixing")
        first, second = (explorer_server.styles_of(s, PLAIN) for s in (0, 1))
        self.assertDrawn(page, (first + second) / 2)
        page.fill("#amount", "1")
        page.click("[data-layers=fine]")
        asked = len(serving.asked("style_mix"))
        self.assertDrawn(page, np.concatenate([first[:3], second[3:]]))
        self.assertEqual(len(serving.asked("style_mix")), asked + 1)
        page.click("#layers label:first-child")
        mixed = np.concatenate([second[:1], first[1:3], second[3:]])
        self.assertDrawn(page, mixed)
        page.click("#swap")
        mixed = np.concatenate([first[:1], second[1:3], first[3:]])
        self.assertDrawn(page, mixed)

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
        self.assertFalse(page.is_visible("#download-save"))
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
        self.assertAllClose(region, box, atol=1e-6)

    def test_sheet_of_seeds(self):
        page = self.open()
        self.settle(page)
        page.keyboard.press("s")
        page.wait_for_selector("#sheet-seeds button:last-child img[src]")
        widths = page.locator("#sheet-seeds img").evaluate_all(
            "all => Promise.all(all.map(i => i.decode().then(() => i.naturalWidth)))"
        )
        self.assertEqual(widths, [64] * 24)
        page.click("#sheet-next")
        page.click("#sheet-seeds button >> nth=3")
        self.assertDrawn(page, explorer_server.styles_of(27, PLAIN))
        self.assertFalse(page.is_visible("#sheet"))

    def test_links_lead_back(self):
        state = "model=images&seed=3&mixing=true&amount=0.25&size=0.7&y=0.5"
        page = self.open(state, f"api={address}&models=images,plain")
        first, second = (explorer_server.styles_of(s, PLAIN) for s in (3, 1))
        styles = 0.75 * first + 0.25 * second
        self.assertDrawn(page, styles)
        names = page.locator("#model option").all_inner_texts()
        self.assertEqual(names, ["images", "plain"])
        link = urllib.parse.urlsplit(page.url).fragment
        page = self.open(link)
        self.assertDrawn(page, styles)
        self.assertEqual(urllib.parse.urlsplit(page.url).fragment, link)

    def test_failures_are_told_and_tried_again(self):
        page = self.open(expected=["503", "429", "500"])
        self.settle(page)
        serving.failures = [503, 429, 503]
        page.keyboard.press("n")
        self.assertDrawn(page, explorer_server.styles_of(1, PLAIN))
        self.assertEqual(serving.failures, [])
        self.assertFalse(page.is_visible("#banner"))
        while len(serving.asked("generate_png")) < 2:  # Thumbnails come last.
            page.wait_for_timeout(50)
        serving.broken = True
        page.keyboard.press("n")
        page.wait_for_selector("#banner")
        self.assertIn("out of paint", page.inner_text("#banner"))
        serving.broken = False
        page.click("#banner-retry")
        self.assertDrawn(page, explorer_server.styles_of(2, PLAIN))
        self.assertFalse(page.is_visible("#banner"))

    def test_servers_and_models_that_are_not_there(self):
        page = self.open("model=none", expected=["404"])
        page.wait_for_selector("#banner")
        self.assertIn("none", page.inner_text("#banner"))
        page.select_option("#model", "plain")
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))
        page = self.open(query="api=http://127.0.0.1:9&models=a", expected=["ERR_"])
        page.wait_for_selector("#banner")
        self.assertIn("does not answer", page.inner_text("#banner"))

    def test_what_a_model_cannot_is_not_offered(self):
        page = self.open("model=plain")
        self.settle(page)
        for name in ("#mixing", "#seed-sheet", "#label", "#seed-thumbnail"):
            self.assertFalse(page.is_visible(name), name)
        page.select_option("#model", "film")
        page.wait_for_selector("#obstacle")
        self.assertIn("16 images", page.inner_text("#obstacle"))
        self.assertFalse(page.is_visible("#seed"))

    def test_phones_and_keyboards(self):
        page = self.open(width=360)
        self.settle(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        self.assertEqual(width, 360)
        page.click("#panel-toggle")
        self.assertFalse(page.is_visible("#seed"))
        page.click("#panel-toggle")
        page.check("#mixing")
        reached = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id"))
        wanted = page.locator("button, select, input").evaluate_all(
            "all => all.filter(e => e.checkVisibility() && e.id && !e.disabled)"
            ".map(e => e.id)"
        )
        self.assertEqual(set(wanted) - reached, set())
        page.keyboard.press("?")
        self.assertIn("Next and previous", page.inner_text("#help"))
