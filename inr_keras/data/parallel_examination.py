"""Examination of images by several processes, in order."""

import collections
import concurrent.futures

from inr_keras.data import engines
from inr_keras.data import examination
from inr_keras.data import image_inputs

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
    names = (images.names[number] for number in numbers)
    if workers == 1 and engine == engines.PROCESSES:
        for name, contents in zip(names, images.contents(numbers)):
            yield examination.examine(name, contents, **options)
        return
    # As long as none has begun well.
    why = ', or the program works outside of `if __name__ == "__main__":`'
    try:
        with engines.opened(engine, workers) as (pool, count, is_there):
            waiting = collections.deque()
            for chunk in _chunks(zip(names, images.to_share(numbers))):
                with engines.without_interrupts():  # Processes may begin here.
                    future = pool.submit(examine_all, chunk, options)
                waiting.append((chunk, future))
                if len(waiting) > 2 * count:
                    chunk, future = waiting.popleft()
                    yield from _examined(
                        chunk, engines.result(future, is_there), options
                    )
                    why = ""
            for chunk, future in waiting:
                yield from _examined(chunk, engines.result(future, is_there), options)
                why = ""
    except concurrent.futures.BrokenExecutor as error:
        raise WorkerKilled(
            "A process that examines images was killed, perhaps for lack of memory; "
            f"fewer `workers` need less{why}. Finished images are kept."
        ) from error


def examine_all(items, options):
    """Examines several images in one process.

    Args:
        items: Pairs of a name and an item of `ImageInput.to_share`.
        options: dict. Further arguments of `examination.examine`.
    """
    return [
        examination.examine(name, image_inputs.read(item), **options)
        for name, item in items
    ]


def _examined(chunk, results, options):
    """Yields the results of a chunk; what a worker could not read, this process tries.

    A worker on another machine may not see the file.
    """
    for item, result in zip(chunk, results):
        yield result if "sha256" in result[0] else examine_all([item], options)[0]


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
