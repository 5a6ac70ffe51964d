import asyncio
import threading
import types

import numpy as np

from inr_keras.serving import batching
from inr_keras.serving import monitoring
from inr_keras.serving import paces
from inr_keras.serving import status_codes
from inr_keras.serving.limits import Limits
from tests import testing

DOUBLE = types.SimpleNamespace(name="double", batchable=True)
SINGLE = types.SimpleNamespace(name="single", batchable=False)
ONE_OF_MANY = types.SimpleNamespace(name="one", batchable=False)
MANY = types.SimpleNamespace(name="one_batch", batchable=True)


class Fake:
    """A servable that doubles, and remembers what it ran."""

    name = "fake"

    def __init__(self):
        self.calls = []
        self.users = 0
        self.gate = threading.Event()
        self.gate.set()
        self.paces = paces.Paces()

    def expect(self, signature, seconds):
        """Makes known what a row takes."""
        for _ in range(2):
            self.paces.observe(signature, 1, seconds)

    def points(self, signature, inputs):
        return inputs["x"].size

    def joinable(self, signature, inputs):
        return MANY if signature is ONE_OF_MANY else None

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
            shapes = sorted(shape for _, shape in fake.calls)
            self.assertEqual(shapes, [(1,), (4,), (4,), (4,)])

        self.run_with(test, max_batch_size=4, batch_timeout=60.0, timeout=60.0)

    def test_requests_of_one_are_joined_as_many(self):
        async def test(batcher, fake):
            ask = [
                batcher.run(fake, ONE_OF_MANY, {"x": np.ones(2) * i}) for i in (1, 2)
            ]
            results = await asyncio.gather(*ask)
            self.assertAllEqual([r["y"] for r in results], [[2, 2], [4, 4]])
            self.assertEqual(fake.calls, [("one_batch", (2, 2))])

        self.run_with(test)

    def test_large_requests_come_in_pieces(self):
        async def test(batcher, fake):
            every = await batcher.run(fake, DOUBLE, rows(*range(100, 110)))
            self.assertAllEqual(every["y"], 2 * np.arange(100, 110))
            self.assertEqual([shape for _, shape in fake.calls], [(4,), (4,), (2,)])

        self.run_with(test, max_batch_size=4)

    def test_small_requests_run_between_the_pieces(self):
        async def test(batcher, fake):
            fake.gate.clear()
            large = asyncio.create_task(
                batcher.run(fake, DOUBLE, rows(*range(100, 180)))
            )
            await asyncio.sleep(0.05)
            small = asyncio.create_task(batcher.run(fake, SINGLE, rows(1)))
            await asyncio.sleep(0.05)
            fake.gate.set()
            await asyncio.gather(large, small)
            self.assertLessEqual(fake.calls.index(("single", (1,))), 2)
            self.assertEqual(len(fake.calls), 21)

        self.run_with(test, max_batch_size=4)

    def test_pieces_of_who_has_gone_are_dropped(self):
        async def test(batcher, fake):
            fake.gate.clear()
            large = asyncio.create_task(
                batcher.run(fake, DOUBLE, rows(*range(100, 180)))
            )
            await asyncio.sleep(0.05)
            large.cancel()
            fake.gate.set()
            await batcher.run(fake, SINGLE, rows(1))
            self.assertLessEqual(len(fake.calls), 2)

        self.run_with(test, max_batch_size=4)

    def test_rows_that_depend_on_each_other_stay_together(self):
        async def test(batcher, fake):
            fake.run = lambda name, inputs: {"y": np.sum(inputs["x"], keepdims=True)}
            outputs = await batcher.run(fake, DOUBLE, rows(*range(10)))
            self.assertAllEqual(outputs["y"], [45])

        self.run_with(test, max_batch_size=4)

    def test_brief_requests_pass_by_long_ones(self):
        async def test(batcher, fake):
            # What is known of them: a second each, and a millisecond.
            fake.expect(SINGLE, 1.0)
            fake.expect(DOUBLE, 0.001)
            fake.gate.clear()
            double = fake.run

            def run(name, inputs):
                return double(name, inputs) if name == "single" else {"y": inputs["x"]}

            fake.run = run
            long = [
                asyncio.create_task(batcher.run(fake, SINGLE, rows(i)))
                for i in range(3)
            ]
            await asyncio.sleep(0.05)
            outputs = await batcher.run(fake, DOUBLE, rows(5))  # With the gate closed.
            self.assertAllEqual(outputs["y"], [5])
            self.assertEqual(fake.calls, [])
            fake.gate.set()
            await asyncio.gather(*long)

        self.run_with(test)

    def test_a_slow_first_call_makes_no_long_request(self):
        async def test(batcher, fake):
            fake.expect(SINGLE, 1.0)
            fake.paces.observe(DOUBLE, 1, 1.0)
            fake.gate.clear()
            long = asyncio.create_task(batcher.run(fake, SINGLE, rows(1)))
            await asyncio.sleep(0.05)
            run, fake.run = fake.run, lambda name, inputs: {"y": inputs["x"]}
            await batcher.run(fake, DOUBLE, rows(5))  # While the long one runs.
            self.assertFalse(long.done())
            fake.run = run
            fake.gate.set()
            await long

        self.run_with(test)

    def test_the_less_work_the_earlier(self):
        async def test(batcher, fake):
            fake.expect(SINGLE, 0.03)
            fake.gate.clear()
            ask = [
                asyncio.create_task(batcher.run(fake, SINGLE, {"x": np.ones(n)}))
                for n in (1, 9, 8, 2)
            ]
            await asyncio.sleep(0.05)
            fake.gate.set()
            await asyncio.gather(*ask)
            sizes = [size for _, (size,) in fake.calls]
            self.assertEqual(sizes, [1, 2, 8, 9])

        self.run_with(test)

    def test_long_requests_are_not_joined(self):
        async def test(batcher, fake):
            fake.expect(DOUBLE, 0.04)
            ask = [batcher.run(fake, DOUBLE, rows(i)) for i in range(6)]
            await asyncio.gather(*ask)
            self.assertEqual([n for _, (n,) in fake.calls], [2, 2, 2])

        self.run_with(test)

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
            fake.expect(SINGLE, 1.0)
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

    def test_stopping_gives_up(self):
        async def test(batcher, fake):
            fake.expect(SINGLE, 1.0)
            fake.gate.clear()
            ask = [
                asyncio.create_task(batcher.run(fake, SINGLE, rows(i)))
                for i in range(3)
            ]
            await asyncio.sleep(0.05)
            batcher.stop()
            errors = await asyncio.gather(*ask, return_exceptions=True)
            self.assertEqual([e.http_status for e in errors], [503] * 3)
            with self.assertRaisesRegex(status_codes.ServingError, "stopping"):
                await batcher.run(fake, SINGLE, rows(1))
            self.assertFalse(await batcher.close(0.01))  # One runs.
            fake.gate.set()
            self.assertTrue(await batcher.close())
            self.assertEqual(len(fake.calls), 1)

        self.run_with(test)

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
