"""Metrics for Prometheus, and logs of one JSON object per line."""

import json
import logging
import time

import prometheus_client

PATH = "/monitoring/prometheus/metrics"
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
logger = logging.getLogger("absl")


class Metrics:
    """Counters and histograms of a server.

    Labels are the names of loaded models, the names of their signatures, and codes, but
    never text that a client could invent.

    Args:
        log_requests: bool. Also log every request. Defaults to `True`.
    """

    def __init__(self, log_requests=True):
        self._log_requests = log_requests
        self.registry = prometheus_client.CollectorRegistry()
        prometheus_client.ProcessCollector(registry=self.registry)
        self.requests = self._make(
            prometheus_client.Counter,
            "requests",
            "Requests by the canonical code of their answer.",
            ("model", "interface", "api", "code"),
        )
        self.seconds = self._make(
            prometheus_client.Histogram,
            "request_seconds",
            "Time from a request's headers to its answer.",
            ("model", "interface", "api"),
            buckets=_SECONDS,
        )
        self.run_seconds = self._make(
            prometheus_client.Histogram,
            "run_seconds",
            "Time of one call of TensorFlow.",
            ("model", "signature"),
            buckets=_SECONDS,
        )
        self.batch_rows = self._make(
            prometheus_client.Histogram,
            "batch_rows",
            "Rows of one call of TensorFlow.",
            ("model", "signature"),
            buckets=_ROWS,
        )
        self.rejected = self._make(
            prometheus_client.Counter,
            "rejected",
            "Requests refused for their size, number or time.",
            ("reason",),
        )
        self.queue = self._make(
            prometheus_client.Gauge, "queue", "Requests that wait.", ()
        )
        self.versions = self._make(
            prometheus_client.Gauge,
            "versions",
            "Versions that are served.",
            ("model",),
        )

    def page(self):
        """Returns the text that Prometheus reads, and its content type."""
        return (
            prometheus_client.generate_latest(self.registry),
            prometheus_client.CONTENT_TYPE_LATEST,
        )

    def answered(self, interface, started, code, log_entry):
        """Counts and logs one request.

        Args:
            interface: str. `REST` or `gRPC`.
            started: float. Time of `time.monotonic` at its start.
            code: str. The canonical code of its answer.
            log_entry: dict. `model` (`""` for one that is not served), `api`, and
                further fields for the log.
        """
        seconds = time.monotonic() - started
        labels = log_entry["model"], interface, log_entry["api"]
        self.requests.labels(*labels, code).inc()
        self.seconds.labels(*labels).observe(seconds)
        if self._log_requests:
            log(
                "request",
                interface=interface,
                code=code,
                seconds=round(seconds, 4),
                **log_entry,
            )

    def failed(self, error):
        """Logs an unexpected error of a request."""
        log("failure", level=logging.ERROR, exc_info=error)

    def _make(self, kind, name, text, labels, **kwargs):
        return kind(f"inr_keras_{name}", text, labels, registry=self.registry, **kwargs)


def log(event, level=logging.INFO, exc_info=None, **fields):
    """Logs an event with fields, which `JsonFormatter` writes."""
    logger.log(level, event, exc_info=exc_info, extra={"fields": fields})


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON: time, level, event, fields."""

    def format(self, record):
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
