"""Examination of images by several processes, in order."""

import collections
import concurrent.futures

from absl import logging

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
        workers: int. Number of processes. With the engine `processes`, 1 means that
            this process does the work.
        engine: str. See `engines.check`. Defaults to `"processes"`.
        **options: Further arguments of `examination.examine`.

    Yields:
        A dict and a list of bytes, for each of `numbers`.

    Raises:
        WorkerKilled: A process was killed; with Dask, several processes were.
    """
    names = (images.names[number] for number in numbers)
    if workers == 1 and engine == engines.PROCESSES:
        for name, contents in zip(names, images.contents(numbers)):
            yield examination.examine(name, contents, **options)
        return
    # Only before the first result.
    why = ', or the program works outside of `if __name__ == "__main__":`'
    try:
        with engines.opened(engine, workers) as opened:
            chunks = _chunks(zip(names, images.to_share(numbers)))
            for result in _checked(_shared(chunks, options, *opened), options):
                yield result
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

    Returns:
        For each item what was found, and `image_inputs.mark` of the bytes read.
    """
    results = []
    for name, item in items:
        contents = image_inputs.read(item)
        mark = image_inputs.mark(contents)
        results.append((examination.examine(name, contents, **options), mark))
    return results


def _shared(chunks, options, pool, count, is_there):
    """Yields each item and its result of `examine_all` in a worker, in order."""
    waiting = collections.deque()

    def oldest():
        chunk, future = waiting.popleft()
        return zip(chunk, engines.result(future, is_there))

    for chunk in chunks:
        with engines.without_interrupts():  # Processes may begin here.
            waiting.append((chunk, pool.submit(examine_all, chunk, options)))
        if len(waiting) > 2 * count:
            yield from oldest()
    while waiting:
        yield from oldest()


def _checked(results, options):
    """Yields the findings; repeats those whose files differ for the worker.

    A worker on another machine may not see a file, or see another file at its path.
    """
    told = False
    for (name, item), (found, mark) in results:
        if mark is None or mark != image_inputs.mark(item):
            [(found, mark)] = examine_all([(name, item)], options)
            if mark is not None and not told:
                told = True
                logging.warning(
                    "Workers do not see the same files as this process, which examines "
                    "those images itself, one after the other, beginning with %s",
                    item,
                )
        yield found


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
