"""TF Serving's REST interface, field by field."""

import base64
import concurrent.futures
import json
import time

import numpy as np
import pytest

from tests import testing
from tests.serving import toy_models
from tests.serving.served import Served
from tests.serving.served import serve_toy

MODEL = "/v1/models/toy"


class RestTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _serve(self, request, tmp_path_factory):
        folder = tmp_path_factory.mktemp("models")
        (folder / "secret.txt").write_text("secret")
        for number in (1, 2):
            toy_models.write(folder / "toy" / str(number), float(number))
        request.cls.served = Served(
            folder,
            keep_versions=2,
            max_body=100_000,
            max_rows=8,
            max_pixels=100,
            cors=("https://page.example",),
            connect=("http://host:8501",),
        )
        yield
        request.cls.served.close()

    def predict(self, document):
        return self.served.predict(document)

    def assertRefused(self, document, status, text):
        received, answer = self.predict(document)
        self.assertEqual(received, status, answer)
        self.assertEqual(list(answer), ["error"])
        self.assertIn(text, answer["error"])

    def test_rows_and_columns(self):
        self.assertEqual(
            self.predict({"instances": [1.0, 2.5]}),
            (200, {"predictions": [2.0, 5.0]}),
        )
        self.assertEqual(
            self.predict({"inputs": {"x": [1.0]}}), (200, {"outputs": [2.0]})
        )
        rows = [{"x": [1, 2], "label": 3}, {"x": [4, 5], "label": 6}]
        status, answer = self.predict({"signature_name": "paint", "instances": rows})
        self.assertEqual(status, 200)
        first, second = answer["predictions"]
        self.assertEqual(first["total"], 3.0)
        self.assertEqual(second["images"], np.full((2, 2, 3), 6).tolist())
        _, headers, _ = self.served.ask(
            "POST", f"{MODEL}:predict", b'{"instances": [1.0]}'
        )
        self.assertEqual(headers["Content-Type"], "application/json")

    @pytest.mark.slow
    def test_bytes_scalars_and_types(self):
        data = base64.b64encode(b"\xff").decode()
        status, answer = self.predict(
            {"signature_name": "encode", "inputs": [{"b64": data}]}
        )
        expected = base64.b64encode(b"\xff\xff\x00").decode()
        self.assertEqual(status, 200)
        self.assertEqual(answer["outputs"]["image_bytes"], [{"b64": expected}])
        self.assertEqual(
            self.predict(
                {"signature_name": "area", "inputs": {"height": 3, "width": 4}}
            ),
            (200, {"outputs": {"b64": base64.b64encode(b"12\0").decode()}}),
        )
        values = {"flag": True, "seed": 2**62, "small": [255], "wide": 0.1}
        self.assertEqual(
            self.predict({"signature_name": "types", "instances": [values]}),
            (200, {"predictions": [values]}),
        )

    def test_versions_status_and_metadata(self):
        status, _, content = self.served.ask(
            "POST", f"{MODEL}/versions/1:predict", b'{"instances": [3.0]}'
        )
        self.assertEqual((status, json.loads(content)["predictions"]), (200, [3]))
        available = {
            "state": "AVAILABLE",
            "status": {"error_code": "OK", "error_message": ""},
        }
        both = [{"version": "2", **available}, {"version": "1", **available}]
        for path, versions in (("", both), ("/versions/1", both[1:])):
            self.assertEqual(
                self.served.get(MODEL + path),
                (200, {"model_version_status": versions}),
            )
        for path, version in (("", "2"), ("/versions/1", "1")):
            status, answer = self.served.get(f"{MODEL}{path}/metadata")
            self.assertEqual(status, 200)
            self.assertEqual(
                answer["model_spec"],
                {"name": "toy", "signature_name": "", "version": version},
            )
            signatures = answer["metadata"]["signature_def"]["signature_def"]
            self.assertEqual(
                signatures["area"]["inputs"]["height"]["tensor_shape"],
                {"dim": [], "unknown_rank": False},
            )
            self.assertEqual(
                signatures["paint"]["outputs"]["images"]["dtype"], "DT_UINT8"
            )

    def test_no_rows(self):
        for signature in ("", "paint"):
            document = {"signature_name": signature, "instances": []}
            self.assertEqual(self.predict(document), (200, {"predictions": []}))
        self.assertRefused({"instances": [], "signature_name": "no"}, 400, "not found")
        self.assertRefused({"inputs": []}, 400, "must not be empty")

    def test_not_found(self):
        body = b'{"instances": [1.0]}'
        for method, path, code, text in (
            ("POST", "/v1/models/no:predict", 404, "Servable not found for "
             "request: Latest(no)"),
            ("POST", f"{MODEL}/versions/9:predict", 404, "Specific(toy, 9)"),
            ("GET", "/v1/models/no", 404, "Could not find any versions"),
            ("GET", f"{MODEL}/versions/9", 404, "Could not find version 9"),
            ("GET", "/v1/models/no/metadata", 404, "Servable not found"),
            ("POST", f"{MODEL}/labels/stable:predict", 400, "label: stable"),
            ("POST", f"{MODEL}:classify", 501, "classify"),
            ("GET", "/v1/models", 400, "Missing model name"),
            ("GET", f"{MODEL}:predict", 400, "Malformed request: GET"),
            ("GET", f"{MODEL}/versions/1:predict", 400, "Malformed request: GET "
             "/v1/models/toy/versions/1:predict"),
            ("PUT", f"{MODEL}:predict", 400, "Malformed request: PUT"),
            ("POST", MODEL, 400, "Malformed request: POST"),
            ("POST", f"{MODEL}/versions/{'9' * 30}:predict", 400, "Malformed"),
            ("GET", "/v1/models/../secret.txt", 400, "Malformed"),
            ("GET", "/v1/models/%2e%2e%2fsecret.txt", 400, "Malformed"),
            ("GET", "/v1/models/..", 404, "Could not find"),
            ("GET", "/v1/models/secret.txt", 404, "Could not find"),
            ("GET", "/secret.txt", 404, "Not Found"),
            ("GET", "/explore/../secret.txt", 404, ""),
            ("GET", "/explore/%2e%2e/%2e%2e/rest.py", 404, ""),
        ):  # fmt: skip
            received, _, content = self.served.ask(
                method, path, body if method != "GET" else None
            )
            self.assertEqual(received, code, (path, content))
            answer = json.loads(content)
            self.assertEqual(list(answer), ["error"])
            self.assertIn(text, answer["error"])

    def test_refused(self):
        for document, text in (
            ({"instances": [1.0], "signature_name": "no"}, '"no" not found'),
            ({"instances": [1.0] * 9}, "at most 8. Received: 9"),
            ({"instances": ["1"]}, "expected type: float32"),
            (b'{"instances": [NaN]}', "JSON Parse error"),
            (b"", "JSON Parse error"),
            (b'{"instances":' + b"[" * 50_000, "nested too deeply"),
            (
                {
                    "signature_name": "area",
                    "inputs": {"height": -1, "width": 4},
                },
                "height must be positive",
            ),
            (
                {
                    "signature_name": "area",
                    "inputs": {"height": 101, "width": 1},
                },
                "at most 100. Received: 101",
            ),
            (
                {"signature_name": "area", "instances": [{"height": 1}]},
                "Missing named input: width",
            ),
        ):
            self.assertRefused(document, 400, text)

    def test_other_pages(self):
        self.assertEqual(
            self.served.get("/healthz"),
            (200, {"status": "ok", "models": ["toy"]}),
        )
        self.assertEqual(
            self.served.get("/explore/models.json"), (200, {"models": ["toy"]})
        )
        for path in ("/", "/explore"):
            status, headers, _ = self.served.ask("GET", path)
            self.assertEqual((status, headers["Location"]), (307, "/explore/"))
        status, headers, page = self.served.ask("GET", "/monitoring/prometheus/metrics")
        self.assertEqual(status, 200)
        self.assertIn(b'inr_keras_versions{model="toy"} 2.0', page)

    def test_headers(self):
        origin = {"Origin": "https://page.example"}
        _, headers, _ = self.served.ask("GET", MODEL, None, origin)
        self.assertIn(
            "connect-src 'self' http://host:8501;",
            headers["Content-Security-Policy"],
        )
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertIsNone(headers["Server"])
        self.assertEqual(headers["Access-Control-Allow-Origin"], origin["Origin"])
        other = {"Origin": "https://other.example"}
        _, headers, _ = self.served.ask("GET", MODEL, None, other)
        self.assertIsNone(headers["Access-Control-Allow-Origin"])

    def test_pages_of_other_sites(self):
        for headers, expected in (
            ({}, 200),
            ({"Sec-Fetch-Site": "same-origin"}, 200),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Host": "page.example:8501"}, 403),
            (
                {
                    "Sec-Fetch-Site": "cross-site",
                    "Origin": "https://page.example",
                },
                200,
            ),
        ):
            status, received, content = self.served.ask(
                "POST", f"{MODEL}:predict", b'{"instances": [1.0]}', headers
            )
            self.assertEqual(status, expected, headers)
            self.assertIn("Content-Security-Policy", received)
            answer = "predictions" if expected == 200 else "error"
            self.assertEqual(list(json.loads(content)), [answer])

    def test_metrics_do_not_grow(self):
        def lines():
            path = "/monitoring/prometheus/metrics"
            return len(self.served.ask("GET", path)[2].splitlines())

        self.served.get("/v1/models/unknown0")
        self.served.predict({"signature_name": "s0", "instances": [1]})
        before = lines()
        for i in range(1, 20):
            self.served.get(f"/v1/models/unknown{i}")
            self.served.predict({"signature_name": f"s{i}", "instances": [1]})
        self.assertEqual(lines(), before)


class OverloadTest(testing.TestCase):
    @pytest.mark.slow
    def test_time_out(self):
        served = serve_toy(self, timeout=0.2)
        document = {
            "signature_name": "spin",
            "inputs": {"steps": toy_models.SPIN},
        }
        status, answer = served.predict(document)
        self.assertEqual(status, 504)
        self.assertEqual(list(answer), ["error"])
        self.assertIn("Timed out", answer["error"])

    @pytest.mark.slow
    def test_nobody_works_for_clients_that_have_gone(self):
        served = serve_toy(self)
        document = {
            "signature_name": "spin",
            "inputs": {"steps": toy_models.SPIN},
        }
        body = json.dumps(document).encode()
        for _ in range(4):
            served.post(len(body), body).close()

        def counted(start):
            page = served.ask("GET", "/monitoring/prometheus/metrics")[2]
            lines = page.decode().splitlines()
            return sum(
                float(line.split()[-1]) for line in lines if line.startswith(start)
            )

        cancelled = 'inr_keras_requests_total{api="Predict",code="CANCELLED"'
        end = time.monotonic() + 30
        while counted(cancelled) < 4 and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(counted(cancelled), 4)
        document["inputs"]["steps"] = 1
        self.assertEqual(served.predict(document), (200, {"outputs": 1}))
        # At most one of the four was running.
        self.assertLessEqual(counted("inr_keras_run_seconds_count"), 2)

    def test_too_many_at_once(self):
        served = serve_toy(self, max_requests=6, max_queue=1)
        document = {
            "signature_name": "spin",
            "inputs": {"steps": toy_models.SPIN // 10},
        }
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(served.predict, [document] * 16))
        statuses = {status for status, _ in answers}
        self.assertLessEqual({200, 503}, statuses)
        self.assertLessEqual(statuses, {200, 429, 503})
        for status, answer in answers:
            self.assertEqual("outputs" in answer, status == 200, answer)
        # And goes on.
        self.assertEqual(served.predict({"instances": [1.0]})[0], 200)
