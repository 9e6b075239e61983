"""The one worker of a served site: does jobs and carries judgements into the graph while people go on reading and judging."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STOP_SECONDS = 20.0
_AGAIN_SECONDS = 5.0


@contextmanager
def worker() -> Iterator[None]:
    """Run `innonet resolve --follow` beside the block, with the same settings (environment).

    It ends with the block, and by itself when this process is killed; a load that is cut off so is made up at the next start.
    A worker that was killed is started again: it picks up the job that its predecessor had.
    """
    keeper = _Keeper()
    owner = os.getpid()
    try:
        yield
    finally:
        if os.getpid() == owner:  # the server's own processes are forked inside this block and leave it too
            keeper.end()


class _Keeper:
    """Starts the worker and starts it again."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._process = self._start()
        threading.Thread(target=self._keep, name="worker", daemon=True).start()

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "innonet", "resolve", "--follow"], stdin=subprocess.DEVNULL)

    def _keep(self) -> None:
        while True:
            self._process.wait()
            if self._ended.wait(_AGAIN_SECONDS):
                return
            with self._lock:
                if self._ended.is_set():
                    return
                self._process = self._start()

    def end(self) -> None:
        """End it for good."""
        with self._lock:
            self._ended.set()
            process = self._process
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
