"""The one worker of a served site: carries judgements into the graph while people go on reading and judging."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_STOP_SECONDS = 20.0


@contextmanager
def worker() -> Iterator[None]:
    """Run `innonet resolve --follow` beside the block, with the same settings (environment).

    It ends with the block, and by itself when this process is killed; a load that is cut off so is made up at the next start.
    """
    process = subprocess.Popen([sys.executable, "-m", "innonet", "resolve", "--follow"], stdin=subprocess.DEVNULL)
    owner = os.getpid()
    try:
        yield
    finally:
        if os.getpid() == owner:  # the server's own processes are forked inside this block and leave it too
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
