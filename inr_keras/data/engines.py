"""Engines that run work in parallel: local processes, or Dask on many machines.

Dask serves in place of Apache Beam: Beam 2.77 needs pillow<13, protobuf<7, pyarrow<26
and python-dateutil<3, which exclude what this project is tested with.
"""

import concurrent.futures
import contextlib
import logging
import multiprocessing
import os
import re
import signal
import sys
import threading
from multiprocessing import connection

import inr_keras
from inr_keras import extras

PROCESSES = "processes"
DASK = "dask"
_ADDRESS = re.compile(r"(tcp|tls)://\S+:\d+", re.ASCII)
_PATIENCE = 10  # Seconds to wait for a scheduler.


def check(engine, workers):
    """Refuses an engine that could not start.

    Each local process first imports `__main__`. If that import would start work again,
    the process ends here, and its parent reports the reason.

    Args:
        engine: str. `"processes"`; `"dask"`, a Dask cluster of this machine; or the
            address of a Dask scheduler, such as `"tcp://10.0.0.1:8786"`.
        workers: int. Number of processes; 0, for a scheduler only: all that it has.

    Raises:
        ValueError: There is no such engine or scheduler, its workers have another
            version of the library, or `__main__` is not a file, such as a program
            from standard input.
        UnfitEnvironment: Dask is missing.
    """
    is_local = engine in (PROCESSES, DASK)
    if not (is_local or _ADDRESS.fullmatch(engine)):
        raise ValueError(
            f"`engine` must be {PROCESSES}, {DASK} or the address of a Dask scheduler, "
            f"such as tcp://10.0.0.1:8786. Received: {engine!r}"
        )
    if workers < is_local:
        raise ValueError(
            f"`workers` must be positive, or 0 for a scheduler. Received: {workers}"
        )
    if engine != PROCESSES:
        extras.require("dask")
    if not is_local:
        with _dask(engine, workers) as client:
            found = [*client.run(_version, on_error="return").values()]
            found.append(_of_scheduler(client))
        if not workers and len(found) == 1:
            raise ValueError(
                "`engine` must be a scheduler that has workers where `workers` "
                f"does not say how many will come. Received: {engine!r}"
            )
        for version in found:
            if version != _version():
                raise ValueError(
                    "`engine` must be a scheduler whose workers have inr_keras "
                    f"{_version()}. Received: {engine!r}, where a worker has {version}"
                )
    elif workers > 1 or engine == DASK:
        _check_main(workers)


def _version():
    return inr_keras.__version__


def _of_scheduler(client):
    """Returns the scheduler's version of the library, or why there is none."""
    try:
        return client.run_on_scheduler(_version)
    except ImportError as error:
        return error


def _check_main(workers):
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        os._exit(1)
    main = sys.modules["__main__"]
    path = getattr(main, "__file__", None)
    if path and not getattr(main, "__spec__", None) and not os.path.exists(path):
        raise ValueError(
            f"`engine` must be {PROCESSES} and `workers` 1 where other processes "
            f"cannot import `__main__`, such as {path}. Received: {workers}"
        )


@contextlib.contextmanager
def opened(engine, workers):
    """Yields an executor, its number of workers, and a check that it still runs.

    With Dask, other processes take over the work of a killed one.

    Args:
        engine, workers: See `check`.

    Raises:
        concurrent.futures.BrokenExecutor: Work was lost with the processes that did it.
    """
    if engine != PROCESSES:
        with _dask(engine, workers) as client:
            yield (
                client.get_executor(pure=False),
                workers or sum(client.nthreads().values()),
                lambda: client.status == "running",
            )
        return
    pool = concurrent.futures.ProcessPoolExecutor(
        workers,
        # Not a fork: TensorFlow's threads may be running.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=begin_process,
    )
    try:
        yield pool, workers, lambda: True
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _dask(engine, workers):
    """Yields a client of a scheduler, or of a cluster that is started for it."""
    distributed = extras.load("distributed", "dask")
    logging.getLogger("distributed").setLevel(logging.WARNING)
    with contextlib.ExitStack() as stack:
        if engine == DASK:
            with without_interrupts():
                address = distributed.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    memory_limit=0,
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.CRITICAL,  # Hides the log of ending workers.
                )
            stack.enter_context(address)
        else:
            address = engine
        try:
            client = distributed.Client(address, timeout=_PATIENCE)
        except (OSError, TypeError) as error:  # TypeError: no certificates.
            raise ValueError(
                "`engine` must be the address of a Dask scheduler that runs, with "
                "certificates in Dask's configuration for tls://. "
                f"Received: {engine!r}"
            ) from error
        try:
            yield stack.enter_context(client)
        except (distributed.KilledWorker, concurrent.futures.CancelledError) as error:
            raise concurrent.futures.BrokenExecutor from error


def result(future, is_there):
    """Waits for a future; notices if its scheduler is lost.

    Args:
        future: concurrent.futures.Future of the executor of `opened`.
        is_there: Function that returns whether the executor is there, see `opened`.

    Raises:
        concurrent.futures.BrokenExecutor: The executor is lost.
    """
    while not concurrent.futures.wait((future,), timeout=_PATIENCE).done:
        if not is_there():
            raise concurrent.futures.BrokenExecutor
    try:
        return future.result()
    except Exception as error:
        # Dask may end the futures of a lost scheduler with an error of its own code.
        if not is_there():
            raise concurrent.futures.BrokenExecutor from error
        raise


@contextlib.contextmanager
def without_interrupts():
    """Blocks Ctrl-C, also in processes that begin in the context."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def begin_process():
    """Prepares a process of the pool.

    The process leaves Ctrl-C to its parent and ends with it, even if it is killed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch():
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
