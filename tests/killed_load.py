"""A load that kills itself with SIGKILL before its n-th batch of three rows: `killed_load.py N`, settings from the environment."""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from graph import writer
from graph.settings import Settings
from graph.store import open_store
from ingest import load


def main() -> None:
    settings = Settings.from_env()
    writer.BATCH, writer.SMALL = 3, 0
    left = int(sys.argv[1])

    def progress(what: str, _done: int, _whole: int) -> None:
        nonlocal left
        left -= what.partition("_")[0] in ("create", "write", "delete")
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with load.write_lock(settings), open_store(settings, write=True) as store:
        load.load(settings, store, progress=progress)


main()
