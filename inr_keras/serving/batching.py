"""Queue of requests for TensorFlow, with micro-batching."""

import asyncio
import collections
import concurrent.futures
import dataclasses
import time

import numpy as np

from inr_keras.serving import status_codes


@dataclasses.dataclass(eq=False)
class _Task:
    """A request in the queue."""

    servable: object
    signature: object
    inputs: dict
    points: int
    arrival: float
    future: asyncio.Future

    @property
    def rows(self):
        return next(iter(self.inputs.values())).shape[0]

    @property
    def key(self):
        """Properties that requests must share to be joined."""
        trailing = tuple(array.shape[1:] for array in self.inputs.values())
        return self.servable, self.signature.name, trailing


class Batcher:
    """Runs requests on a few threads, joining those that arrive together.

    Requests of the same version, signature and trailing shapes are joined into one
    call of TensorFlow: those that wait when a thread becomes free, and those that
    arrive within the batch time-out of the first. All methods must be called in one
    event loop.

    Args:
        limits: `Limits`.
        metrics: `Metrics`.
    """

    def __init__(self, limits, metrics):
        self._limits = limits
        self._metrics = metrics
        self._queue = collections.deque()
        self._changed = asyncio.Event()
        self._pool = concurrent.futures.ThreadPoolExecutor(limits.threads, "tensorflow")
        self._workers = [
            asyncio.create_task(self._work()) for _ in range(limits.threads)
        ]

    async def run(self, servable, signature, inputs, timeout=None):
        """Runs one request.

        Args:
            servable: `Servable` that the caller has acquired.
            signature: `Signature` of the servable.
            inputs: dict of arrays by name.
            timeout: float or `None`. Seconds, at most the time-out of the limits.

        Returns:
            dict of arrays by name.

        Raises:
            ServingError: The request is over a limit, out of time, or refused by
                TensorFlow.
        """
        points = self._limits.check(servable, signature, inputs)
        if len(self._queue) >= self._limits.max_queue:
            self._metrics.rejected.labels("queue").inc()
            raise status_codes.ServingError(
                "UNAVAILABLE",
                f"the queue of {self._limits.max_queue} requests is full",
            )
        limit = self._limits.timeout
        timeout = limit if timeout is None else min(timeout, limit)
        loop = asyncio.get_running_loop()
        task = _Task(
            servable,
            signature,
            inputs,
            points,
            time.monotonic(),
            loop.create_future(),
        )
        servable.acquire()  # Until TensorFlow is done, even without a client.
        self._queue.append(task)
        self._metrics.queue.set(len(self._queue))
        self._changed.set()
        try:
            return await asyncio.wait_for(task.future, timeout)
        except (TimeoutError, asyncio.TimeoutError):
            self._metrics.rejected.labels("timeout").inc()
            raise status_codes.ServingError(
                "DEADLINE_EXCEEDED",
                f"Timed out waiting for the model after {timeout:g} seconds",
            ) from None
        finally:
            if task in self._queue:
                self._queue.remove(task)
                servable.release()

    async def close(self):
        """Runs the requests that still wait, then ends."""
        while self._queue:
            await asyncio.sleep(0.01)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await asyncio.to_thread(self._pool.shutdown)

    async def _work(self):
        loop = asyncio.get_running_loop()
        while True:
            batch = await self._next_batch()
            self._metrics.queue.set(len(self._queue))
            try:
                results = await loop.run_in_executor(self._pool, self._execute, batch)
            finally:
                for task in batch:
                    task.servable.release()
            for task, result in zip(batch, results):
                if task.future.done():  # The client has gone.
                    continue
                if isinstance(result, Exception):
                    task.future.set_exception(result)
                else:
                    task.future.set_result(result)

    async def _next_batch(self):
        while True:
            self._changed.clear()
            wait = None
            if self._queue:
                batch, full = self._gather()
                age = time.monotonic() - batch[0].arrival
                wait = self._limits.batch_timeout - age
                if full or wait <= 0:
                    for task in batch:
                        self._queue.remove(task)
                    return batch
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except (TimeoutError, asyncio.TimeoutError):
                pass

    def _gather(self):
        """Returns the oldest request and those to join, and whether to run them now."""
        first = self._queue[0]
        most = self._limits.max_batch_size
        if not first.signature.batchable or first.rows >= most:
            return [first], True
        batch, rows, points = [], 0, 0
        key = first.key
        for task in self._queue:
            if not task.signature.batchable or task.key != key:
                continue
            rows += task.rows
            points += task.points
            if batch and (rows > most or points > self._limits.max_points):
                return batch, True
            batch.append(task)
        return batch, rows >= most

    def _execute(self, batch):
        """Returns a result or an exception per task; runs on TensorFlow's thread."""
        started = time.monotonic()
        try:
            return self._run_joined(batch)
        except status_codes.ServingError as error:
            if len(batch) == 1:
                return [error]
            # One bad request must not spoil the others.
            return [self._execute([task])[0] for task in batch]
        except Exception as error:
            self._metrics.failed(error)
            return [status_codes.ServingError("INTERNAL", "the model failed")] * len(
                batch
            )
        finally:
            first = batch[0]
            labels = first.servable.name, first.signature.name
            self._metrics.batch_rows.labels(*labels).observe(
                sum(t.rows for t in batch) if first.signature.batchable else 1
            )
            self._metrics.run_seconds.labels(*labels).observe(
                time.monotonic() - started
            )

    def _run_joined(self, batch):
        first = batch[0]
        name = first.signature.name
        if len(batch) == 1:
            return [first.servable.run(name, first.inputs)]
        outputs = first.servable.run(
            name,
            {
                key: np.concatenate([task.inputs[key] for task in batch])
                for key in first.inputs
            },
        )
        ends = np.cumsum([task.rows for task in batch])
        wrong = [k for k, v in outputs.items() if v.shape[0] != ends[-1]]
        if wrong:
            raise status_codes.ServingError(
                "INTERNAL", f"output {wrong[0]!r} has not the inputs' rows"
            )
        parts = {k: np.split(v, ends[:-1]) for k, v in outputs.items()}
        return [
            {key: part[i] for key, part in parts.items()} for i in range(len(batch))
        ]
