"""Reading of JSON beside the event loop, which stays free for other requests."""

import asyncio
import concurrent.futures
import gc
import pickle
import subprocess
import sys

from inr_keras.serving import json_bodies
from inr_keras.serving import status_codes

_PROGRAM = "import sys; sys.path[:] = {}; from {} import serve; serve()"


class JsonProcess:
    """Reads bodies in a separate process, one after another.

    While Python parses JSON, no other thread runs. The largest body takes a second, in
    which no other request would be answered. The process starts with the first body.
    """

    def __init__(self):
        self._thread = concurrent.futures.ThreadPoolExecutor(1, "bodies")
        self._process = None
        self._closed = False

    async def read(self, body, names):
        """Does what `json_bodies.read` does."""
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._thread, self._ask, body, names)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self):
        """Ends the process; what it has not read yet is UNAVAILABLE."""
        self._closed = True
        if self._process:
            self._process.kill()
        self._thread.shutdown()

    def _ask(self, body, names):
        if self._closed:
            return _unread()
        try:
            if self._process is None or self._process.poll() is not None:
                self._process = _start()
            pickle.dump((body, names), self._process.stdin, 5)
            self._process.stdin.flush()
            return pickle.load(self._process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):  # It was killed.
            if self._process is not None:
                self._process.kill()
            return _unread()


def _unread():
    return status_codes.ServingError(
        "UNAVAILABLE", "the request's body could not be read"
    )


def _start():
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM.format(sys.path, __name__)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the server, which ends it.
    )


def serve():
    """Reads bodies from standard input until its end; the program of the process."""
    gc.disable()  # Lists of numbers hold no cycles, and the search for some is slow.
    while True:
        try:
            body, names = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = json_bodies.read(body, names)
        except Exception as error:
            answer = error
        del body
        pickle.dump(answer, sys.stdout.buffer, 5)
        sys.stdout.buffer.flush()
        del answer
