"""Examination of images by several processes, in order."""

import collections
import concurrent.futures
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import process
from multiprocessing import connection

from inr_keras.data import examination

# Most images, or bytes, that go to a process together.
_CHUNK = 16
_CHUNK_BYTES = 2**22


class WorkerKilled(RuntimeError):
    """Error of a process that was killed, perhaps for lack of memory."""


def check_main(workers):
    """Refuses more than one process where they could not begin.

    Each begins by importing `__main__`. A process that would start work of its own this
    way ends here; its parent says why.

    Raises:
        ValueError: `__main__` is not a file, such as a program from standard input.
    """
    if workers == 1:
        return
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        os._exit(1)
    main = sys.modules["__main__"]
    path = getattr(main, "__file__", None)
    if path and not getattr(main, "__spec__", None) and not os.path.exists(path):
        raise ValueError(
            "`workers` must be 1 where other processes cannot import `__main__`, "
            f"such as {path}. Received: {workers}"
        )


def findings(images, numbers, workers, **options):
    """Yields what `examination.examine` returns for each image.

    Args:
        images: image_inputs.ImageInput.
        numbers: range. Numbers of the images.
        workers: int. Number of processes; 1 is this one.
        **options: Further arguments of `examination.examine`.

    Yields:
        A dict and a list of bytes, for each of `numbers`.

    Raises:
        WorkerKilled: A process was killed.
    """
    items = zip(
        (images.names[number] for number in numbers),
        images.contents(numbers),
    )
    if workers == 1:
        for name, contents in items:
            yield examination.examine(name, contents, **options)
        return
    pool = concurrent.futures.ProcessPoolExecutor(
        workers,
        # Not a fork: TensorFlow's threads may be running.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=begin_process,
    )
    # As long as none has begun well.
    why = ', or the program works outside of `if __name__ == "__main__":`'
    try:
        waiting = collections.deque()
        for chunk in _chunks(items):
            waiting.append(_submit(pool, chunk, options))
            if len(waiting) > 2 * workers:
                yield from waiting.popleft().result()
                why = ""
        while waiting:
            yield from waiting.popleft().result()
            why = ""
    except process.BrokenProcessPool as error:
        raise WorkerKilled(
            "A process that examines images was killed, perhaps for lack of memory; "
            f"fewer `workers` need less{why}. Finished images are kept."
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _submit(pool, chunk, options):
    """Gives work to a pool, whose processes leave Ctrl-C to this one as they begin."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(examine_all, chunk, options)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def examine_all(items, options):
    """Examines several images in one process."""
    return [examination.examine(*item, **options) for item in items]


def begin_process():
    """Prepares a process of the pool.

    It leaves Ctrl-C to its parent, and ends with it, even where the parent is killed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch():
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


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
