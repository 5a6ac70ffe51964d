"""Examination of images by several processes, in order."""

import collections
import concurrent.futures
import multiprocessing
import os
import signal
import threading
from multiprocessing import connection

from inr_keras.data import examination

# Most images, or bytes, that go to a process together.
_CHUNK = 16
_CHUNK_BYTES = 2**22


def findings(images, numbers, workers, **options):
    """Yields what `examination.examine` returns for each image.

    Args:
        images: image_inputs.ImageInput.
        numbers: range. Numbers of the images.
        workers: int. Number of processes; 1 is this one.
        **options: Further arguments of `examination.examine`.

    Yields:
        A dict and a list of bytes, for each of `numbers`.
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
    try:
        waiting = collections.deque()
        for chunk in _chunks(items):
            waiting.append(pool.submit(examine_all, chunk, options))
            if len(waiting) > 2 * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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
