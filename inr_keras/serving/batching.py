"""Queue of requests for TensorFlow, with micro-batching."""

import asyncio
import concurrent.futures
import dataclasses
import math
import time

import numpy as np

from inr_keras.serving import paces
from inr_keras.serving import status_codes

# Seconds that a call of TensorFlow should take: no more requests are joined, and large
# ones come in smaller pieces.
_SLICE = 0.1
# Faster requests may overtake a request for this many times its own time, and no longer
# than this share of the timeout.
_OVERTAKEN = 4
_PATIENCE = 0.25


@dataclasses.dataclass(eq=False)
class _Task:
    """A request, or a piece of one, in the queue."""

    servable: object
    signature: object
    inputs: dict
    work: int  # Points, or pixels of regions, or rows.
    seconds: float | None  # Expected time; `None`: not known yet.
    arrival: float  # Start of its wait for others; `-inf`: no wait.
    due: float
    future: asyncio.Future

    @property
    def rows(self):
        return _rows(self.inputs)

    @property
    def brief(self):
        return paces.is_brief(self.seconds, self.work)

    @property
    def key(self):
        """Properties that requests must share to be joined."""
        trailing = tuple(array.shape[1:] for array in self.inputs.values())
        return self.servable, self.signature.name, trailing


class Batcher:
    """Runs requests on a few threads, joining small ones and splitting large ones.

    Requests of the same version, signature and trailing shapes are joined into one
    call of TensorFlow: requests that wait when a thread becomes free, and requests that
    arrive within the batch timeout of the first. Requests for one region are joined by
    the signature for many regions. Requests of more rows than a batch run in pieces,
    one after another, and other requests run in between.

    Requests with a shorter expected time run earlier. An additional thread runs only
    requests that take milliseconds, so that these never wait for long ones.

    All methods must be called in one event loop.

    Args:
        limits: `Limits`.
        metrics: `Metrics`.
    """

    def __init__(self, limits, metrics):
        self._limits = limits
        self._metrics = metrics
        self._queue = []
        self._running = set()
        self._stopped = False
        self._changed = asyncio.Event()
        threads = limits.threads + 1
        self._pool = concurrent.futures.ThreadPoolExecutor(threads, "tensorflow")
        self._workers = [
            asyncio.create_task(self._work(brief=not i)) for i in range(threads)
        ]

    async def run(self, servable, signature, inputs, timeout=None):
        """Runs one request.

        Args:
            servable: `Servable` that the caller has acquired.
            signature: `Signature` of the servable.
            inputs: dict of arrays by name.
            timeout: float or `None`. Seconds, at most the timeout of the limits.

        Returns:
            dict of arrays by name.

        Raises:
            ServingError: The request is over a limit, out of time, or refused by
                TensorFlow.
        """
        work = self._limits.check(servable, signature, inputs)
        if self._stopped:
            raise _stopping()
        if len(self._queue) >= self._limits.max_queue:
            self._metrics.rejected.labels("queue").inc()
            raise status_codes.ServingError(
                "UNAVAILABLE",
                f"the queue of {self._limits.max_queue} requests is full",
            )
        limit = self._limits.timeout
        timeout = limit if timeout is None else min(timeout, limit)
        end = time.monotonic() + timeout
        try:
            return await self._run_in_pieces(servable, signature, inputs, work, end)
        except (TimeoutError, asyncio.TimeoutError):
            self._metrics.rejected.labels("timeout").inc()
            raise status_codes.ServingError(
                "DEADLINE_EXCEEDED",
                f"Timed out waiting for the model after {timeout:g} seconds",
            ) from None

    def stop(self):
        """Refuses new requests and cancels requests that are not done."""
        self._stopped = True
        for task in [*self._queue, *self._running]:
            if not task.future.done():
                task.future.set_exception(_stopping())

    async def close(self, seconds=60.0):
        """Runs the requests that still wait, then ends.

        Args:
            seconds: float. How long it waits for TensorFlow.

        Returns:
            bool. Whether nothing runs any more.
        """
        end = time.monotonic() + seconds
        while (self._queue or self._running) and time.monotonic() < end:
            await asyncio.sleep(0.01)
        ended = not self._running
        if ended:
            for worker in self._workers:
                worker.cancel()
            await asyncio.gather(*self._workers, return_exceptions=True)
        self._pool.shutdown(wait=ended)
        return ended

    async def _run_in_pieces(self, servable, signature, inputs, work, end):
        many = servable.joinable(signature, inputs)
        if many:
            row = {name: array[None] for name, array in inputs.items()}
            outputs = await self._run_one(servable, many, row, work, end)
            return {name: array[0, ...] for name, array in outputs.items()}
        rows = _rows(inputs) if signature.batchable else 1
        most = self._rows_at_once(servable, signature, work / rows)
        if rows <= most:
            return await self._run_one(servable, signature, inputs, work, end)
        pieces = []
        for start in range(0, rows, most):
            part = {k: v[start : start + most] for k, v in inputs.items()}
            size = _rows(part)
            outputs = await self._run_one(
                servable, signature, part, work * size / rows, end, joins=False
            )
            if any(v.shape[0] != size for v in outputs.values()):
                # The rows depend on each other.
                return await self._run_one(servable, signature, inputs, work, end)
            pieces.append(outputs)
        return {k: np.concatenate([p[k] for p in pieces]) for k in pieces[0]}

    def _rows_at_once(self, servable, signature, work):
        """Largest number of rows in a call, if each row needs this work."""
        seconds = servable.paces.seconds(signature, work)
        most = self._limits.max_batch_size
        return max(1, min(most, int(_SLICE / seconds))) if seconds else most

    async def _run_one(self, servable, signature, inputs, work, end, joins=True):
        """Waits in the queue for a call of TensorFlow and returns its outputs."""
        seconds = servable.paces.seconds(signature, work)
        now = time.monotonic()
        patience = _PATIENCE * self._limits.timeout
        task = _Task(
            servable,
            signature,
            inputs,
            work,
            seconds,
            now if joins else -math.inf,
            now + min(_OVERTAKEN * (seconds or 0.0), patience),
            asyncio.get_running_loop().create_future(),
        )
        servable.acquire()  # Until TensorFlow is done, even without a client.
        self._queue.append(task)
        self._metrics.queue.set(len(self._queue))
        self._changed.set()
        try:
            return await asyncio.wait_for(task.future, end - now)
        finally:
            if task in self._queue:
                self._queue.remove(task)
                self._metrics.queue.set(len(self._queue))
                servable.release()

    async def _work(self, brief):
        loop = asyncio.get_running_loop()
        while True:
            batch = await self._next_batch(brief)
            self._running.update(batch)
            self._metrics.queue.set(len(self._queue))
            try:
                results = await loop.run_in_executor(self._pool, self._execute, batch)
            finally:
                self._running.difference_update(batch)
                for task in batch:
                    task.servable.release()
            for task, result in zip(batch, results):
                if task.future.done():  # The client has gone.
                    continue
                if isinstance(result, Exception):
                    task.future.set_exception(result)
                else:
                    task.future.set_result(result)

    async def _next_batch(self, brief):
        while True:
            self._changed.clear()
            wait = None
            tasks = [t for t in self._queue if t.brief or not brief]
            if tasks:
                batch, full = self._gather(sorted(tasks, key=lambda t: t.due))
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

    def _gather(self, tasks):
        """Returns the first request and those to join, and whether to run them now."""
        first = tasks[0]
        most = self._limits.max_batch_size
        if not first.signature.batchable or first.rows >= most:
            return [first], True
        batch, rows, work, seconds = [], 0, 0, 0.0
        key = first.key
        for task in tasks:
            if not task.signature.batchable or task.key != key:
                continue
            rows += task.rows
            work += task.work
            seconds += task.seconds or 0.0
            if batch and (
                rows > most or work > self._limits.max_points or seconds > _SLICE
            ):
                return batch, True
            batch.append(task)
        return batch, rows >= most

    def _execute(self, batch):
        """Returns a result or an exception per task; runs on TensorFlow's thread."""
        started = time.monotonic()
        try:
            return self._run_joined(batch)
        except Exception as error:
            if len(batch) > 1:  # One bad request must not spoil the others.
                return [self._execute([task])[0] for task in batch]
            if isinstance(error, status_codes.ServingError):
                return [error]
            self._metrics.failed(error)
            return [status_codes.ServingError("INTERNAL", "the model failed")]
        finally:
            first = batch[0]
            labels = first.servable.name, first.signature.name
            self._metrics.batch_rows.labels(*labels).observe(
                sum(t.rows for t in batch) if first.signature.batchable else 1
            )
            seconds = time.monotonic() - started
            self._metrics.run_seconds.labels(*labels).observe(seconds)
            work = sum(task.work for task in batch)
            first.servable.paces.observe(first.signature, work, seconds)

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
                "INTERNAL", f"output {wrong[0]!r} has not as many rows as the inputs"
            )
        parts = {k: np.split(v, ends[:-1]) for k, v in outputs.items()}
        return [
            {key: part[i] for key, part in parts.items()} for i in range(len(batch))
        ]


def _rows(inputs):
    return next(iter(inputs.values())).shape[0]


def _stopping():
    return status_codes.ServingError("UNAVAILABLE", "the server is stopping")
