"""The explorer, driven in Chromium: visitors, their hands, and servers that fail."""

import pathlib

import pytest

from apps import arguments
from inr_keras.serving.limits import Limits
from tests.serving import explorer_page
from tests.serving import explorer_server
from tests.serving.explorer_page import PLAIN
from tests.serving.explorer_page import serving

setUpModule = explorer_page.open_browser
tearDownModule = explorer_page.close_browser


@pytest.mark.slow
class ExplorerVisitorsTest(explorer_page.ExplorerCase):
    def test_versions_that_come_and_go(self):
        page = self.open("model=images&version=9", height=640)
        page.wait_for_selector("#banner")
        self.assertIn("Version 9 of images is no longer", page.inner_text("#banner"))
        page.click("#banner-act")
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))
        serving.versions = ["2", "1"]
        page.evaluate("dispatchEvent(new Event('focus'))")
        page.wait_for_selector("#banner[data-kind=news]")
        self.assertIn("Version 2 of images has come", page.inner_text("#banner"))
        page.keyboard.press("n")
        self.assertDrawn(page, explorer_server.styles_of(1, PLAIN))
        self.assertEqual(set(serving.versions_asked), {"1"})
        page.click("#banner-act")
        self.assertDrawn(page, explorer_server.styles_of(1, PLAIN))
        self.assertEqual(serving.versions_asked[-1], "2")
        self.assertFalse(page.is_visible("#banner"))
        # One that is taken away while it is looked at.
        serving.versions = ["3"]
        self.expected += ["404"]
        page.keyboard.press("n")
        page.wait_for_selector("#banner >> text=Open version 3")

    def test_a_server_that_is_down_for_a_while(self):
        is_down = self.answered("**/v1/**", lambda route: route.abort())
        page = self.open(expected=["ERR_"])
        self.settle(page)
        is_down.append(True)
        page.keyboard.press("n")
        page.wait_for_selector("#banner")
        self.assertEqual(page.inner_text("#old"), "Still seed 0, waves")
        is_down.clear()
        page.wait_for_selector("#banner", state="hidden")
        self.assertDrawn(page, explorer_server.styles_of(1, PLAIN))
        self.assertFalse(page.is_visible("#old"))

    def test_back_goes_back(self):
        page = self.open()
        self.settle(page)
        page.keyboard.press("n")
        self.settle(page)
        page.select_option("#label", label="rings")
        self.settle(page)
        page.go_back()
        self.assertDrawn(page, explorer_server.styles_of(1, PLAIN))
        page.go_back()
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))
        self.assertEqual(page.input_value("#seed"), "0")
        page.go_forward()
        self.assertDrawn(page, explorer_server.styles_of(1, PLAIN))

    def test_small_mercies(self):
        page = self.open("model=images&seed=1")
        self.settle(page)
        page.keyboard.press("m")
        self.assertEqual(page.input_value("#other"), "2")
        page.keyboard.press("m")
        # A slider keeps its own keys, and those alone.
        page.focus("#truncation")
        page.keyboard.press("n")
        page.keyboard.press("ArrowLeft")
        self.assertEqual(page.input_value("#seed"), "2")
        self.assertEqual(page.input_value("#truncation"), "0.95")
        self.settle(page)
        said = "Seed 2, waves, truncation 0.95"
        self.assertEqual(page.inner_text("#announcement"), said)
        link = page.locator("#attribution a")
        self.assertEqual(link.get_attribute("href"), "https://example.org/rings")
        page.keyboard.press("d")
        page.fill("#download-width", "0")
        self.assertTrue(page.is_visible("#download-save"))
        self.assertTrue(page.is_disabled("#download-save"))
        self.assertIn("from 1 to", page.inner_text("#download-problem"))

    def test_seeds_end_where_apps_generate_does(self):
        last = arguments.parse_seeds("2147483647")[0]
        with self.assertRaisesRegex(ValueError, "--seeds must be"):
            arguments.parse_seeds(str(last + 1))
        page = self.open(f"model=images&seed={2**53}&other={2**53}")
        self.settle(page)
        self.assertEqual(page.input_value("#seed"), str(last))
        page.keyboard.press("n")
        self.assertEqual(page.input_value("#seed"), str(last))
        self.assertIn(f"Seed {last},", page.inner_text("#announcement"))
        cells = page.locator("#strip-seeds button")
        self.assertEqual(cells.last.get_attribute("data-value"), str(last))
        self.assertTrue(page.is_disabled("#strip-next"))
        page.click("#seed-sheet")
        cells = page.locator("#sheet-cells button")
        self.assertEqual(cells.last.get_attribute("data-value"), str(last))
        self.assertTrue(page.is_disabled("#sheet-next"))
        page.keyboard.press("Escape")
        page.keyboard.press("m")
        self.assertEqual(page.input_value("#other"), str(last - 1))

    def test_first_sight(self):
        page = self.open(width=1000, height=800)
        self.settle(page)
        self.assertIn("the network makes up what it draws", page.inner_text("#veil"))
        page.click("#veil-lift")
        page.click("#zoom-out")
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))
        self.assertRegex(page.inner_text("#kind"), "% extrapolation")
        page.click("#kind")
        self.assertIn("makes up", page.inner_text("#explanation"))
        page.keyboard.press("0")
        page.keyboard.press("b")
        for _ in range(7):
            page.keyboard.press("+")
        self.settle(page)
        self.assertIn("nothing new", page.inner_text("#status"))
        page.keyboard.press("0")
        seeds = page.locator("#strip-seeds button")
        self.assertEqual(seeds.count(), 12)
        page.wait_for_selector("#strip-seeds button:last-child img[src]")
        seeds.nth(7).click()
        self.assertDrawn(page, explorer_server.styles_of(7, PLAIN))

    def test_thumbnails_of_large_images_are_drawn_small(self):
        page = self.open("model=large")
        page.wait_for_selector("#strip-seeds button:last-child img[src]")
        [rows] = [
            body["instances"]
            for _, body in serving.requests
            if "instances" in body and len(body["instances"]) > 1
        ]
        points = sum(row["height"] * row["width"] for row in rows)
        self.assertEqual(len(rows), 12)
        self.assertLessEqual(points, Limits().max_points)
        self.assertEqual(serving.asked("generate_png"), [])

    def test_accessibility(self):
        """axe-core finds no violation, with all that can be open."""
        axe = (pathlib.Path(__file__).with_name("axe") / "axe.min.js").read_text(
            "utf-8"
        )
        for scheme in ("light", "dark"):
            explorer_page.page.emulate_media(color_scheme=scheme)
            page = self.open(
                "model=images&mixing=true&trust=true&compare=corner", width=1000
            )
            self.settle(page)
            page.click("#kind")
            page.evaluate(axe)
            self.assertNoViolation(page)
            for opener in ("#seed-sheet", "#download-open", "#help-open"):
                page.click(opener)
                self.assertNoViolation(page)
                page.keyboard.press("Escape")
        page.emulate_media(color_scheme="light")

    def assertNoViolation(self, page):
        found = page.evaluate(
            "axe.run().then(({ violations }) => violations.map("
            "v => [v.id, v.nodes.map(n => n.html)]))"
        )
        self.assertEqual(found, [])

    def test_fingers_find_their_targets(self):
        page = self.open("model=images&mixing=true", width=360, height=800)
        self.settle(page)
        small = page.locator(
            "button, select, input[type=number], input[type=range], .switch, footer a"
        ).evaluate_all(
            "all => all.filter(e => e.checkVisibility({visibilityProperty: true}))"
            ".map(e => [e.id || e.outerHTML, e.getBoundingClientRect()])"
            ".filter(([_, r]) => r.height < 44 || r.width < 44).map(([id]) => id)"
        )
        self.assertEqual(small, [])
        frame = page.locator("#frame").bounding_box()
        for right in (0, 1):
            for down in (0, 1):
                x = frame["x"] + 3 + right * (frame["width"] - 6)
                y = frame["y"] + 3 + down * (frame["height"] - 6)
                over = page.evaluate(
                    "([x, y]) => Boolean("
                    "document.elementFromPoint(x, y).closest('#image'))",
                    [x, y],
                )
                self.assertTrue(over, (right, down))

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
        for _ in range(100):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id"))
        wanted = page.locator("button, select, input").evaluate_all(
            "all => all.filter(e => e.checkVisibility() && e.id && !e.disabled)"
            ".map(e => e.id)"
        )
        self.assertEqual(set(wanted) - reached, set())
        page.keyboard.press("?")
        self.assertIn("Next and previous", page.inner_text("#help"))

    def test_failures_are_told_and_tried_again(self):
        page = self.open(expected=["503", "429", "500"])
        self.settle(page)
        serving.failures = [503, 429, 503]
        page.keyboard.press("n")
        self.assertDrawn(page, explorer_server.styles_of(1, PLAIN))
        self.assertEqual(serving.failures, [])
        self.assertFalse(page.is_visible("#banner"))
        while not serving.asked("generate_png"):  # The strip comes last.
            page.wait_for_timeout(50)
        serving.broken = True
        page.keyboard.press("n")
        page.wait_for_selector("#banner")
        self.assertIn("out of paint", page.inner_text("#banner"))
        serving.broken = False
        page.click("#banner-act")
        self.assertDrawn(page, explorer_server.styles_of(2, PLAIN))
        self.assertFalse(page.is_visible("#banner"))

    def test_models_that_are_still_loading(self):
        none = {"models": []}
        is_empty = self.answered(
            "**/models.json", lambda route: route.fulfill(json=none)
        )
        is_empty.append(True)
        refusal = {"status": 503, "headers": {"Retry-After": "0.01"}, "body": ""}
        is_refused = self.answered(
            "**/v1/models/images", lambda route: route.fulfill(**refusal)
        )
        is_refused.append(True)
        serving.states = {"1": "LOADING"}
        page = self.open("", expected=["503"])
        page.wait_for_selector("#obstacle >> text=no model yet")
        is_empty.clear()
        page.wait_for_selector("#obstacle >> text=no version of images yet")
        is_refused.clear()
        # The message stays while the page looks again and hears that it loads.
        page.evaluate(
            "new MutationObserver(all => window.changes = all.length)"
            ".observe(document.getElementById('obstacle'),"
            " {attributeFilter: ['hidden']})"
        )
        for _ in range(2):
            with page.expect_response("**/v1/models/images"):
                pass
        self.assertTrue(page.is_visible("#obstacle >> text=no version of images yet"))
        self.assertIsNone(page.evaluate("window.changes ?? null"))
        serving.states = {"1": "END"}
        page.wait_for_selector("#obstacle >> text=no weights.")
        serving.states = {}
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))

    def test_versions_that_load_or_cannot_be_loaded(self):
        serving.versions = ["2", "1"]
        serving.states = {"2": "LOADING"}
        page = self.open("model=images&version=2")
        page.wait_for_selector("#obstacle >> text=no version 2 of images yet")
        serving.states = {"2": "END"}
        page.wait_for_selector("#banner >> text=could not be loaded: no weights")
        self.assertFalse(page.is_visible("#obstacle"))
        serving.states = {}
        page.click("#banner-act")
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))
        self.assertEqual(serving.versions_asked[-1], "2")

    def test_servers_and_models_that_are_not_there(self):
        page = self.open("model=none", expected=["404"])
        page.wait_for_selector("#banner")
        self.assertIn("none", page.inner_text("#banner"))
        page.select_option("#model", "plain")
        self.assertDrawn(page, explorer_server.styles_of(0, PLAIN))
        page = self.open(query="api=http://127.0.0.1:9&models=a", expected=["ERR_"])
        page.wait_for_selector("#banner")
        self.assertIn("does not answer", page.inner_text("#banner"))
