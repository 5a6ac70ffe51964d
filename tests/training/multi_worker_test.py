"""Two processes on the loopback train as one device does, and survive."""

import json
import signal
import socket
import time

import pytest

from tests import soak
from tests import testing
from tests.apps import running

SETTINGS = (
    f"--config={running.TWO_STAGES}",
    # A deviation across the batch would see half of it in each worker.
    "--config.discriminator.stddev_group=1",
    # Adam's first steps are signs of gradients: with its usual epsilon a
    # rounding error in a gradient near zero moves a weight fully.
    "--config.optimizer.epsilon=0.1",
    "--config.log_kimg=0.004",
    "--config.checkpoint_kimg=0.02",
    "--config.sample_kimg=1",
    "--config.stages[0].kimg=0.1",
    "--config.stages[1].kimg=0.02",
)
SCORES = (
    "--config.evaluation.images=6",
    "--config.evaluation.kimg=0.1",
    "--config.evaluation.metrics=('kid',)",
    "--config.evaluation.best_by=kid",
)
STEPS = 30


def start(workdir, *more, environment=None):
    arguments = (*SETTINGS, *more, f"--workdir={workdir}")
    return running.Started("train", arguments, environment=environment)


def start_workers(workdir, count=2, *more):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{s.getsockname()[1]}" for s in sockets]
    for one in sockets:
        one.close()
    workers = []
    for index in range(count):
        values = {
            "cluster": {"worker": addresses},
            "task": {"type": "worker", "index": index},
        }
        environment = {"TF_CONFIG": json.dumps(values)}
        strategy = "--config.strategy=multi_worker"
        workers.append(start(workdir, strategy, *more, environment=environment))
    return workers


def finish(workers):
    """Exit codes and standard errors."""
    ended = [worker.finish() for worker in workers]
    return [p.returncode for p in ended], [p.stderr for p in ended]


def wait_for(workdir, images, worker):
    while soak.seen(workdir) < images:
        if worker.process.exitcode is not None:
            raise AssertionError(worker.finish().stderr)
        time.sleep(0.02)


@pytest.mark.slow
class MultiWorkerTest(testing.TestCase):
    def test_two_workers(self):
        folder = self.temporary_folder()
        codes, texts = finish(start_workers(folder / "two", 2, *SCORES))
        self.assertEqual(codes, [0, 0], texts)
        # The chief judges, and all take part in keeping the best.
        for name in ("evaluations.jsonl", "best_generator.keras"):
            self.assertTrue((folder / "two" / name).is_file(), name)
        codes, texts = finish([start(folder / "one")])
        self.assertEqual(codes, [0], texts)
        self.check_losses(folder)
        self.check_one_worker(folder / "alone")
        self.check_preemption_and_loss(folder)

    def check_losses(self, folder):
        one, two = soak.records(folder / "one"), soak.records(folder / "two")
        self.assertEqual([r["step"] for r in one], list(range(1, STEPS + 1)))
        self.assertEqual({r["stage"] for r in two}, {1, 2})
        for line, other in zip(one, two, strict=True):
            self.assertEqual(sorted(line), sorted(other))
            # Norms of a worker's own share of a batch differ.
            for name in set(line) - {"g_grad", "d_grad"}:
                self.assertAllClose(line[name], other[name], 1e-4, 1e-4)

    def check_one_worker(self, workdir):
        codes, texts = finish(start_workers(workdir, 1, "--config.method=patch"))
        self.assertEqual(codes, [0], texts)
        self.assertEqual(len(soak.records(workdir)), STEPS)

    def check_preemption_and_loss(self, folder):
        disturbed = folder / "disturbed"
        workers = start_workers(disturbed)
        wait_for(disturbed, 12, workers[0])
        # A cluster manager may tell one of them first.
        workers[1].process.terminate()
        codes, texts = finish(workers)
        self.assertEqual(codes, [143, 143], texts)
        for text in texts:
            self.assertIn("Stopped. The same command goes on from", text)
            self.assertIn("All workers hold the same weights", text)
        workers = start_workers(disturbed)
        wait_for(disturbed, 66, workers[0])
        workers[1].process.kill()
        killed = time.monotonic()
        codes, texts = finish(workers)
        self.assertLess(time.monotonic() - killed, 60.0)
        self.assertEqual(codes, [1, -signal.SIGKILL])
        last = texts[0].strip().splitlines()[-1]
        self.assertIn("error: Another worker has stopped", last)
        codes, texts = finish(start_workers(disturbed))
        self.assertEqual(codes, [0, 0], texts)
        self.assertIn("Going on from", texts[1])
        self.assertEqual(soak.differences(folder / "two", disturbed), [])
