import asyncio
import threading
import types

import numpy as np

from inr_keras.serving import batching
from inr_keras.serving import monitoring
from inr_keras.serving import status_codes
from inr_keras.serving.limits import Limits
from tests import testing

DOUBLE = types.SimpleNamespace(name="double", batchable=True)
SINGLE = types.SimpleNamespace(name="single", batchable=False)


class Fake:
    """A servable that doubles, and remembers what it ran."""

    name = "fake"

    def __init__(self):
        self.calls = []
        self.users = 0
        self.gate = threading.Event()
        self.gate.set()

    def points(self, signature, inputs):
        return inputs["x"].size

    def acquire(self):
        self.users += 1
        return True

    def release(self):
        self.users -= 1

    def run(self, name, inputs):
        self.gate.wait(10)
        self.calls.append((name, inputs["x"].shape))
        if np.any(inputs["x"] == 13):
            raise status_codes.invalid("13")
        if np.any(inputs["x"] == 14):
            raise KeyError("a defect")
        return {"y": 2 * inputs["x"]}


def rows(*values):
    return {"x": np.array(values, "float32")}


class BatcherTest(testing.TestCase):
    def run_with(self, test, **limits):
        """Runs `test(batcher, fake)` and checks that nothing is left."""
        self.metrics = monitoring.Metrics()

        async def run():
            fake = Fake()
            settings = {"batch_timeout": 0.05, "timeout": 5.0, **limits}
            batcher = batching.Batcher(Limits(**settings), self.metrics)
            try:
                await test(batcher, fake)
            finally:
                fake.gate.set()
                await batcher.close()
            self.assertEqual(fake.users, 0)

        asyncio.run(run())

    def test_requests_that_fit_are_joined(self):
        async def test(batcher, fake):
            results = await asyncio.gather(
                batcher.run(fake, DOUBLE, rows(1, 2)),
                batcher.run(fake, SINGLE, rows(3)),
                batcher.run(fake, DOUBLE, rows(4)),
                batcher.run(fake, DOUBLE, rows([5], [6])),
                batcher.run(fake, DOUBLE, rows(7, 8)),
            )
            expected = [2, 4], [6], [8], [[10], [12]], [14, 16]
            for result, values in zip(results, expected):
                self.assertAllEqual(result["y"], values)
            self.assertEqual(
                sorted(fake.calls),
                [("double", (2, 1)), ("double", (5,)), ("single", (1,))],
            )

        self.run_with(test)

    def test_full_batches_do_not_wait(self):
        async def test(batcher, fake):
            await asyncio.wait_for(
                asyncio.gather(
                    *[batcher.run(fake, DOUBLE, rows(1, 2)) for _ in range(4)],
                    batcher.run(fake, DOUBLE, rows(*range(5))),
                ),
                5,
            )
            self.assertEqual(
                sorted(shape for _, shape in fake.calls), [(4,), (4,), (5,)]
            )

        self.run_with(test, max_batch_size=4, batch_timeout=60.0, timeout=60.0)

    def test_points_bound_a_batch(self):
        async def test(batcher, fake):
            ask = [batcher.run(fake, DOUBLE, rows([1, 2, 3])) for _ in range(4)]
            await asyncio.gather(*ask)
            self.assertEqual(len(fake.calls), 2)

        self.run_with(test, max_points=7)

    def test_one_bad_request_does_not_spoil_the_others(self):
        async def test(batcher, fake):
            good, bad, other = await asyncio.gather(
                batcher.run(fake, DOUBLE, rows(1)),
                batcher.run(fake, DOUBLE, rows(13)),
                batcher.run(fake, DOUBLE, rows(2)),
                return_exceptions=True,
            )
            self.assertAllEqual(good["y"], [2])
            self.assertAllEqual(other["y"], [4])
            self.assertEqual(bad.code, "INVALID_ARGUMENT")
            with self.assertRaises(status_codes.ServingError) as caught:
                await batcher.run(fake, SINGLE, rows(14))
            self.assertEqual(caught.exception.code, "INTERNAL")

        self.run_with(test)

    def test_full_queue(self):
        async def test(batcher, fake):
            fake.gate.clear()
            running = asyncio.create_task(batcher.run(fake, SINGLE, rows(1)))
            await asyncio.sleep(0.1)
            waiting = [
                asyncio.create_task(batcher.run(fake, SINGLE, rows(i)))
                for i in range(2)
            ]
            await asyncio.sleep(0)
            with self.assertRaises(status_codes.ServingError) as caught:
                await batcher.run(fake, SINGLE, rows(1))
            self.assertEqual(caught.exception.http_status, 503)
            fake.gate.set()
            await asyncio.gather(running, *waiting)

        self.run_with(test, max_queue=2)

    def test_time_is_bounded(self):
        async def test(batcher, fake):
            fake.gate.clear()
            ask = [
                batcher.run(fake, SINGLE, rows(1)),
                batcher.run(fake, SINGLE, rows(2)),
                batcher.run(fake, SINGLE, rows(3), timeout=0.05),
            ]
            errors = await asyncio.gather(*ask, return_exceptions=True)
            self.assertEqual([e.http_status for e in errors], [504] * 3)
            # The one that runs is in use until it is done.
            self.assertEqual(fake.users, 1)
            fake.gate.set()
            result = await batcher.run(fake, SINGLE, rows(4))
            self.assertAllEqual(result["y"], [8])
            self.assertEqual(len(fake.calls), 2)  # The others never ran.

        self.run_with(test, timeout=0.2)

    def test_closing_runs_what_waits(self):
        async def test(batcher, fake):
            ask = [
                asyncio.create_task(batcher.run(fake, SINGLE, rows(i)))
                for i in range(5)
            ]
            await asyncio.sleep(0)
            await batcher.close()
            self.assertEqual(len(await asyncio.gather(*ask)), 5)

        self.run_with(test)
