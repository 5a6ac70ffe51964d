import json
import logging

from inr_keras.serving import monitoring
from tests import testing


class MetricsTest(testing.TestCase):
    def test_page(self):
        metrics = monitoring.Metrics(log_requests=False)
        told = {"model": "toy", "api": "Predict"}
        for _ in range(3):
            metrics.answered("REST", 0.0, "OK", told)
        metrics.queue.set(2)
        page, kind = metrics.page()
        self.assertIn("text/plain", kind)
        lines = page.decode().splitlines()
        self.assertIn(
            'inr_keras_requests_total{api="Predict",code="OK",'
            'interface="REST",model="toy"} 3.0',
            lines,
        )
        self.assertIn("inr_keras_queue 2.0", lines)
        names = [line.split()[0] for line in lines]
        self.assertIn("process_resident_memory_bytes", names)


class LogTest(testing.TestCase):
    def lines(self, function):
        with self.assertLogs("absl", "INFO") as caught:
            function()
        format = monitoring.JsonFormatter().format
        return [json.loads(format(record)) for record in caught.records]

    def test_a_line_of_json(self):
        told = {"model": "toy", "api": "Predict", "error": 'a\n"b"'}
        metrics = monitoring.Metrics()
        [line] = self.lines(lambda: metrics.answered("gRPC", 0.0, "NOT_FOUND", told))
        self.assertEqual(line["event"], "request")
        self.assertEqual(line["level"], "info")
        self.assertEqual(line["code"], "NOT_FOUND")
        self.assertEqual(line["error"], 'a\n"b"')
        self.assertIn("T", line["time"])

    def test_defects_have_their_traceback(self):
        [line] = self.lines(lambda: monitoring.Metrics().failed(KeyError("a defect")))
        self.assertEqual(line["level"], "error")
        self.assertIn("a defect", line["traceback"])

    def test_other_loggers(self):
        record = logging.LogRecord(
            "other", logging.WARNING, "", 0, "%d of %s", (2, "x"), None
        )
        line = json.loads(monitoring.JsonFormatter().format(record))
        self.assertEqual((line["level"], line["event"]), ("warning", "2 of x"))
