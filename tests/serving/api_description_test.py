import html.parser
import json
import re

import pytest

from tests import testing
from tests.serving import toy_models
from tests.serving.served import Served


class _Links(html.parser.HTMLParser):
    """Reads a page's tags and the addresses that it names."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("href", "src")]


class ApiDescriptionTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _serve(self, request, tmp_path_factory):
        folder = tmp_path_factory.mktemp("models")
        toy_models.write(folder / "<b>toy" / "1")
        request.cls.served = Served(folder)
        yield
        request.cls.served.close()

    def test_document(self):
        status, document = self.served.get("/openapi.json")
        self.assertEqual((status, document["openapi"]), (200, "3.1.0"))
        schemas = document["components"]["schemas"]
        paint = schemas["_3c_b_3e_toy_20_paint"]
        self.assertEqual(
            paint["properties"]["x"],
            {
                "type": "array",
                "items": {"type": "array", "items": {"type": "number"}},
                "description": "float32 [any, 2]",
            },
        )
        self.assertEqual(paint["title"], "<b>toy paint")
        for key in schemas:  # As OpenAPI allows.
            self.assertRegex(key, r"^[a-zA-Z0-9._-]+$")
        self.assertEqual(paint["x-outputs"]["images"]["type"], "array")
        side = schemas["_3c_b_3e_toy_20_area"]["properties"]["height"]
        self.assertEqual(side, {"type": "integer", "description": "int32 []"})
        # Whatever it names is there.
        for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)):
            self.assertIn(name, schemas)
        for path, methods in document["paths"].items():
            path = path.replace("{model}", "%3Cb%3Etoy").replace("{version}", "1")
            [method] = methods
            body = b'{"instances": [1.0]}' if method == "post" else None
            status, _, content = self.served.ask(method.upper(), path, body)
            self.assertEqual(status, 200, (path, content))
            names = {p["name"] for p in methods[method]["parameters"]}
            self.assertEqual("version" in names, "versions" in path)

    def test_page(self):
        status, headers, content = self.served.ask("GET", "/docs")
        self.assertEqual((status, headers.get_content_type()), (200, "text/html"))
        page = content.decode()
        links = _Links(page)
        self.assertNotIn("script", links.tags)
        self.assertNotIn("b", links.tags)
        self.assertIn("&lt;b&gt;toy paint", page)
        for address in links.addresses:
            self.assertRegex(address, r"\A/[^/]")  # Nothing of another server.
            self.assertEqual(self.served.ask("GET", address)[0], 200, address)
