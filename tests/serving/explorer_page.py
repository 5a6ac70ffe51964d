"""The explorer's page in Chromium, beside a small TF Serving."""

import contextlib
import io
import shutil
import unittest
import urllib.parse
import urllib.request

import numpy as np
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

serving = explorer_server.FakeServing()
said = []  # What the console says, and requests that leave this machine.
RESOURCES = contextlib.ExitStack()


def open_browser():
    """Starts both for a module's tests, skipped where there is no Chromium."""
    if sync_api is None or CHROMIUM is None:
        missing = "Chromium" if sync_api else "Playwright"
        raise unittest.SkipTest(f"{missing} is not installed")
    global address, page
    address = RESOURCES.enter_context(serving.running())
    playwright = RESOURCES.enter_context(sync_api.sync_playwright())
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
    )
    RESOURCES.callback(browser.close)
    page = browser.new_page(reduced_motion="reduce")
    page.set_default_timeout(60000)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda m: m.type in "error warning" and said.append(m.text))
    page.on("request", _check_host)


def _check_host(request):
    url = urllib.parse.urlsplit(request.url)
    if url.scheme in ("http", "https") and url.hostname != "127.0.0.1":
        said.append(f"asked {request.url}")


def close_browser():
    RESOURCES.close()


class ExplorerCase(testing.TestCase):
    """Tests of the page, whose console and requests are watched."""

    def setUp(self):
        super().setUp()
        self.expected = []
        page.unroute_all()
        page.goto("about:blank")  # What a test left open says no more.
        said.clear()
        serving.requests.clear()
        serving.failures.clear()
        serving.broken = False
        serving.delay = 0.0
        serving.cancelled = 0
        serving.versions = ["1"]
        serving.states = {}
        serving.versions_asked.clear()

    def open(self, state="model=images", query="", width=788, height=440, expected=()):
        """The page, whose console and requests are watched.

        Args:
            state: str. What follows the address's #.
            query: str. What follows its ?.
            width, height: int. Of the window.
            expected: Sequence of str. What the console may say.
        """
        self.expected += expected
        page.set_viewport_size({"width": width, "height": height})
        page.goto("about:blank")  # A change of what follows # alone opens nothing.
        page.goto(f"{address}/explore/?{query}#{state}")
        return page

    def answered(self, pattern, answer):
        """A list: while it holds anything, requests of `pattern` get `answer`.

        Called before `open`: requests of an open page may slip through a new route.

        Args:
            pattern: str. Of the addresses.
            answer: Callable. Takes a Playwright `Route`.
        """
        switch = []
        page.route(
            pattern,
            lambda route: answer(route) if switch else route.continue_(),
        )
        return switch

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
        page.wait_for_selector("#image[data-loaded=true]", state="attached")
        told = urllib.parse.urlsplit(page.url).fragment
        told = dict(urllib.parse.parse_qsl(told))
        x, y = float(told.get("x", 0)), float(told.get("y", 0))
        size = float(told.get("size", 2.06))
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

    def count(self):
        """Number of requests of pictures."""
        return sum(body["signature_name"] != "metadata" for _, body in serving.requests)
