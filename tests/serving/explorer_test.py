"""The explorer, driven in Chromium: pictures, and how many requests they cost."""

import urllib.parse
import urllib.request

import numpy as np
import pytest

from tests.serving import explorer_page
from tests.serving import explorer_server
from tests.serving.explorer_page import PLAIN
from tests.serving.explorer_page import serving

setUpModule = explorer_page.open_browser
tearDownModule = explorer_page.close_browser
# Moves a slider from 1 to 0 in 20 steps.
SLIDE = """async () => {
  const slider = document.getElementById("truncation");
  for (let i = 1; i <= 20; i++) {
    slider.value = 1 - 0.05 * i;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => setTimeout(done, 50));
  }
}"""


@pytest.mark.slow
class ExplorerTest(explorer_page.ExplorerCase):
    def test_loads_a_model_and_marks_its_frame(self):
        page = self.open()
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))
        sketch, *tiles = [r["inputs"] for r in serving.asked("render_region")]
        self.assertEqual(max(sketch["height"], sketch["width"]), 128)
        # A single tile is the whole frame, and nothing outside of it is drawn.
        self.assertEqual([tile["box"] for tile in tiles], [[-1, -1, 1, 1]])
        self.assertEqual(page.title(), "images · INR explorer")
        self.assertIn("drawn by the tests", page.inner_text("#attribution"))
        self.assertEqual(page.inner_text("#kind"), "super-resolution")
        frame = page.locator("#frame").bounding_box()
        area = page.locator("#image").bounding_box()
        side = min(area["width"], area["height"]) * 2 / 2.06
        self.assertAlmostEqual(frame["width"], side, delta=1)
        self.assertAlmostEqual(frame["height"], side, delta=1)
        # Tiles of the other alignment lie where these do.
        page.select_option("#model", "corner")
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))

    def test_requests_of_a_tour(self):
        """Pan, in 8, out 6, a seed, a slider of 20 steps: 249 requests before."""
        page = self.open(width=1280, height=800)
        self.settle(page)
        counts = [self.count()]

        def step(script):
            page.evaluate(script)
            self.settle(page)
            counts.append(self.count() - sum(counts))

        page.locator("#image .openseadragon-canvas").focus()
        page.keyboard.press("ArrowRight")
        click = "for (let i = 0; i < {}; i++) document.getElementById('{}').click()"
        step(click.format(8, "zoom-in"))
        step(click.format(6, "zoom-out"))
        step("document.getElementById('seed-next').click()")
        step(SLIDE)
        # A sketch, the tile of the frame, the strip; the tiles of a view and a sketch.
        for count, most in zip(counts, (4, 10, 10, 10, 30)):
            self.assertLessEqual(count, most, counts)
        self.assertLessEqual(sum(counts), 62, counts)
        self.assertDrawn(page, explorer_server.styles_of(1, {"truncation": 0.0}))

    def test_views_that_were_left_are_cancelled(self):
        page = self.open("model=images&beyond=true", height=800)
        self.settle(page)
        serving.delay = 60.0
        serving.requests.clear()
        page.click("#zoom-in")
        while not serving.requests:
            page.wait_for_timeout(20)
        page.click("#zoom-home")
        while not serving.cancelled:
            page.wait_for_timeout(20)
        serving.delay = 0.0
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))

    def test_a_sketch_comes_before_the_tiles(self):
        page = self.open("model=images", height=800)
        self.settle(page)
        serving.requests.clear()
        page.keyboard.press("n")
        self.settle(page)
        widths = [r["inputs"]["width"] for r in serving.asked("render_region")]
        self.assertEqual(widths[:2], [128, 512])

    def test_pans_and_zooms_in_eight_octaves(self):
        page = self.open("model=images&beyond=true", height=640)
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
        self.assertLess(finest / 512, 2 / 64 / 2**8)  # Of the trained spacing.

    def test_zooms_out_to_extrapolation_and_home(self):
        page = self.open("model=images&beyond=true")
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
        # Mixtures are made in the page.
        self.assertEqual(len(serving.asked("style_mix")), asked)
        page.click("#layers label:first-child")
        mixed = np.concatenate([second[:1], first[1:3], second[3:]])
        self.assertDrawn(page, mixed)
        page.click("#swap")
        mixed = np.concatenate([first[:1], second[1:3], first[3:]])
        self.assertDrawn(page, mixed)

    def test_links_lead_back(self):
        state = "model=images&seed=3&mixing=true&amount=0.25&size=0.7&y=0.5"
        page = self.open(state, f"api={explorer_page.address}&models=images,plain")
        first, second = (explorer_server.styles_of(s, PLAIN) for s in (3, 1))
        styles = 0.75 * first + 0.25 * second
        self.assertDrawn(page, styles)
        names = page.locator("#model option").all_inner_texts()
        self.assertEqual(names, ["images", "plain"])
        link = urllib.parse.urlsplit(page.url).fragment
        page = self.open(link)
        self.assertDrawn(page, styles)
        self.assertEqual(urllib.parse.urlsplit(page.url).fragment, link)

    def test_what_a_model_cannot_is_not_offered(self):
        page = self.open("model=plain")
        self.settle(page)
        for name in ("#mixing", "#seed-sheet", "#label", "#seed-thumbnail"):
            self.assertFalse(page.is_visible(name), name)
        page.select_option("#model", "film")
        page.wait_for_selector("#obstacle")
        self.assertIn("16 images", page.inner_text("#obstacle"))
        self.assertFalse(page.is_visible("#seed"))
