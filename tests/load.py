r"""Clients that ask an `apps.serve` of one model, all at once, for some time.

Run by hand, beside a server in another process:
  python -m apps.serve --models=saved_models --nolog_requests &
  python -m tests.load --model=openmoji --clients=32 --seconds=120
"""

import collections
import http.client
import json
import random
import threading
import time
import urllib.parse
import urllib.request

import numpy as np
from absl import app
from absl import flags

from inr_keras import client

ADDRESS = "http://127.0.0.1:8501"
MIXED = (
    "generate",
    "generate_png",
    "styles",
    "style_mix",
    "synthesize",
    "render_region",
    "metadata",
)


def body(signature, facts, seed):
    """A request's JSON.

    Args:
        signature: str. A name of `MIXED`.
        facts: dict. The model's metadata; where it has classes, the request is for
            its first.
        seed: int. What differs.
    """
    rng = random.Random(seed)
    layers, dim = facts["style_layers"], facts["style_dim"]
    inputs = {
        "generate": {"seeds": [seed], "truncation": [0.7]},
        "metadata": {"keys": ["name"]},
        "style_mix": {
            "seeds": [seed],
            "other_seeds": [seed + 1],
            "amount": [[rng.random() for _ in range(layers)]],
            "truncation": [1.0],
        },
        "synthesize": {
            "styles": [[[rng.gauss(0, 0.1)] * dim] * layers],
            "coords": [[[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(256)]],
        },
        "render_region": {
            "seed": seed,
            "truncation": 1.0,
            "box": [-0.5, -0.5, 0.5, 0.5],
            "height": 128,
            "width": 128,
        },
    }
    inputs = inputs.get(signature, inputs["generate"])
    if facts["class_names"]:
        for seeds in {"seed", "seeds", "other_seeds"} & inputs.keys():
            label = "other_label" if seeds == "other_seeds" else "label"
            inputs[label] = 0 if seeds == "seed" else [0]
    return json.dumps({"signature_name": signature, "inputs": inputs})


class Load:
    """Clients on threads, each with a connection of its own.

    Args:
        address: str. `http://HOST:PORT`.
        model: str.
        signatures: Sequence of str, drawn from at random.
    """

    def __init__(self, address, model, signatures=MIXED):
        self._host = urllib.parse.urlsplit(address).netloc
        self._address = address
        self._path = f"/v1/models/{model}:predict"
        self._signatures = signatures
        self._lock = threading.Lock()
        self.statuses = collections.Counter()
        self.seconds = collections.defaultdict(list)
        self.errors = collections.Counter()
        asked = client.Client(model, address)
        asked.wait()
        [facts] = asked.predict("metadata", keys=["*"])
        self._facts = json.loads(facts)

    def run(self, clients, seconds):
        """Asks until the time is up, at least once, and describes what came back."""
        memory = self._memory()
        start = time.monotonic()
        threads = [
            threading.Thread(target=self._client, args=(i, start + seconds))
            for i in range(clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.monotonic() - start
        report = {
            "clients": clients,
            "seconds": round(elapsed, 1),
            "statuses": dict(self.statuses),
            "errors": dict(self.errors),
            "requests_per_second": round(self.statuses[200] / elapsed, 1),
            "server_MiB": [memory, self._memory()],
        }
        every = [s for values in self.seconds.values() for s in values]
        measured = [("all", every), *sorted(self.seconds.items())]
        for name, values in measured if every else ():
            p50, p99 = np.percentile(values, [50, 99])
            report[name] = {
                "count": len(values),
                "p50_ms": round(1000 * p50, 1),
                "p99_ms": round(1000 * p99, 1),
            }
        return report

    def _client(self, number, end):
        rng = random.Random(number)
        connection = http.client.HTTPConnection(self._host, timeout=60)
        is_due = True
        while is_due:
            signature = rng.choice(self._signatures)
            text = body(signature, self._facts, rng.randrange(10**6))
            start = time.monotonic()
            try:
                status, content = self._ask(connection, text)
            except (OSError, http.client.HTTPException) as error:
                status, content = type(error).__name__, b""
                connection.close()
            elapsed = time.monotonic() - start
            with self._lock:
                self.statuses[status] += 1
                if status == 200:
                    self.seconds[signature].append(elapsed)
                else:
                    self.errors[content[:200].decode()] += 1
            if status != 200:
                time.sleep(0.1)
            is_due = time.monotonic() < end

    def _ask(self, connection, text):
        connection.request("POST", self._path, text)
        with connection.getresponse() as response:
            return response.status, response.read()

    def _memory(self):
        url = f"{self._address}/monitoring/prometheus/metrics"
        with urllib.request.urlopen(url) as page:
            for line in page.read().decode().splitlines():
                if line.startswith("process_resident_memory_bytes "):
                    return round(float(line.split()[1]) / 2**20)
        return None


def main(argv):
    del argv
    values = flags.FLAGS
    load = Load(values.address, values.model, values.signatures)
    print(json.dumps(load.run(values.clients, values.seconds), indent=2))


if __name__ == "__main__":
    flags.DEFINE_string("address", ADDRESS, "Of the server.")
    flags.DEFINE_string("model", "openmoji", "Name of the model.")
    flags.DEFINE_list("signatures", list(MIXED), "What is asked, at random.")
    flags.DEFINE_integer("clients", 32, "How many ask at once.")
    flags.DEFINE_float("seconds", 120.0, "How long.")
    app.run(main)
