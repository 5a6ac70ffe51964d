"""Examination of images by several processes, in order."""

import collections
import concurrent.futures

from inr_keras.data import engines
from inr_keras.data import examination

# Most images, or bytes, that go to a process together.
_CHUNK = 16
_CHUNK_BYTES = 2**22


class WorkerKilled(RuntimeError):
    """Error of a process that was killed, perhaps for lack of memory."""


def findings(images, numbers, workers, engine=engines.PROCESSES, **options):
    """Yields what `examination.examine` returns for each image.

    Args:
        images: image_inputs.ImageInput.
        numbers: range. Numbers of the images.
        workers: int. Number of processes; 1 of the engine `processes` is this one.
        engine: str. See `engines.check`. Defaults to `"processes"`.
        **options: Further arguments of `examination.examine`.

    Yields:
        A dict and a list of bytes, for each of `numbers`.

    Raises:
        WorkerKilled: A process was killed; one of Dask's, while others were, too.
    """
    items = zip(
        (images.names[number] for number in numbers),
        images.contents(numbers),
    )
    if workers == 1 and engine == engines.PROCESSES:
        for name, contents in items:
            yield examination.examine(name, contents, **options)
        return
    # As long as none has begun well.
    why = ', or the program works outside of `if __name__ == "__main__":`'
    try:
        with engines.opened(engine, workers) as (pool, count):
            waiting = collections.deque()
            for chunk in _chunks(items):
                with engines.without_interrupts():  # Processes may begin here.
                    waiting.append(pool.submit(examine_all, chunk, options))
                if len(waiting) > 2 * count:
                    yield from waiting.popleft().result()
                    why = ""
            while waiting:
                yield from waiting.popleft().result()
                why = ""
    except concurrent.futures.BrokenExecutor as error:
        raise WorkerKilled(
            "A process that examines images was killed, perhaps for lack of memory; "
            f"fewer `workers` need less{why}. Finished images are kept."
        ) from error


def examine_all(items, options):
    """Examines several images in one process."""
    return [examination.examine(*item, **options) for item in items]


def _chunks(items):
    chunk, size = [], 0
    for name, contents in items:
        chunk.append((name, contents))
        size += len(contents) if isinstance(contents, bytes) else 0
        if len(chunk) == _CHUNK or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
