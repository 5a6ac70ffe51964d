"""What the processes of `fresh_process_test` call; it imports no TensorFlow."""

import builtins
import os
import signal
import sys
import time

from inr_keras.benchmarks import fresh_process

# Where tests run in the background, their processes would ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


def echo(work, more=None):
    for stream in (sys.stdout, sys.stderr):
        print("Printed by a library.", file=stream)
        print("x" * (more or 0), file=stream)
    return {"work": work, "more": more}


def count(limit, error=None):
    yield from range(limit)
    if error:
        fail(error)


def endless():
    while True:
        yield os.getpid()


def fail(error):
    raise getattr(builtins, error)("two\n  lines of text")


def send_signal(number):
    os.kill(os.getpid(), number)


def asks(path):
    return fresh_process.call(saves, path=path)


def saves(path):
    """Interrupts the process that asks, and this one, as Ctrl-C does."""
    try:
        os.kill(os.getppid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        time.sleep(0.3)  # Longer than `subprocess` waits of itself.
        with open(path, "w") as file:
            file.write("all")
        raise
