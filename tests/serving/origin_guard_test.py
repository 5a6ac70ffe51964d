import asyncio

from inr_keras.serving import origin_guard
from tests import testing


class OriginGuardTest(testing.TestCase):
    def asked(self, guard, method="POST", **headers):
        """Status of a request, 200 where it is let through."""
        sent = []
        scope = {
            "type": "http",
            "method": method,
            "headers": [
                (name.replace("_", "-").encode(), value.encode())
                for name, value in headers.items()
            ],
        }

        async def send(message):
            sent.append(message)

        asyncio.run(guard(scope, None, send))
        return sent[0]["status"] if sent else 200

    def guard(self, *args):
        async def app(scope, receive, send):
            pass

        return origin_guard.OriginGuard(app, *args)

    def test_names(self):
        guard = self.guard(("localhost", "Models.example"))
        for host in (
            "localhost",
            "LOCALHOST:8501",
            "127.0.0.1:8501",
            "127.1.2.3",
            "[::1]:8501",
            "a.localhost:80",
            "models.example:443",
        ):
            self.assertEqual(self.asked(guard, host=host), 200, host)
        self.assertEqual(self.asked(guard), 200)
        for host in (
            "page.example",
            "127.0.0.1.page.example:8501",
            "localhost.page.example",
            "10.0.0.1",
            "[::2]",
            "0.0.0.0",
            "[",
            "",
        ):
            for method in ("GET", "POST"):
                status = self.asked(guard, method, host=host)
                self.assertEqual(status, 403, host)
        self.assertEqual(self.asked(self.guard(), host="page.example"), 200)

    def test_pages(self):
        page = "https://page.example"
        for origin_list, site, origin, expected in (
            ((), "same-origin", "http://localhost", 200),
            ((), "none", "null", 200),
            ((), "cross-site", page, 403),
            ((), "same-site", "http://localhost:9", 403),
            ((page,), "cross-site", page, 200),
            ((page,), "cross-site", "null", 403),
            (("*",), "cross-site", "null", 200),
        ):
            headers = {"sec_fetch_site": site, "origin": origin}
            guard = self.guard((), origin_list)
            self.assertEqual(self.asked(guard, **headers), expected, headers)
            # What it reads, only its own page may see.
            self.assertEqual(self.asked(guard, "GET", **headers), 200)

    def test_pages_without_the_mark_of_browsers(self):
        page = "https://page.example"
        for origin, host, origins, expected in (
            ("http://evil.example", "127.0.0.1:8501", (), 403),
            ("null", "127.0.0.1:8501", (), 403),
            ("", "127.0.0.1:8501", (), 403),
            ("http://127.0.0.1:8501", "127.0.0.1:8501", (), 200),
            ("http://127.0.0.1:9", "127.0.0.1:8501", (), 403),
            ("http://10.0.0.1:8501", "10.0.0.1:8501", (), 200),
            ("https://Models.example", "127.0.0.1:8501", (), 200),
            (page, "127.0.0.1:8501", (), 403),
            (page, "127.0.0.1:8501", (page,), 200),
            (page, "127.0.0.1:8501", ("*",), 200),
        ):
            guard = self.guard((), origins, ("models.example",))
            status = self.asked(guard, host=host, origin=origin)
            self.assertEqual(status, expected, (origin, host))
            self.assertEqual(self.asked(guard, "GET", host=host, origin=origin), 200)
