"""Serving: ready within seconds, the address printed, a taken port said."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from graph.settings import Settings
from web.server import AddressInUseError, listen, serve

ROOT = Path(__file__).resolve().parents[2]
START = """
import sys
from pathlib import Path
from graph.settings import Settings
from web.server import serve
serve(Settings(home=Path(sys.argv[1]), language="de"), port=0)
"""


def test_serves_soon_and_says_where(site_settings: Settings) -> None:
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", START, str(site_settings.home)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        line = process.stderr.readline()
        took = time.monotonic() - begun
        found = re.search(r"innonet läuft auf (http://127\.0\.0\.1:\d+/)", line)
        assert found, line
        with urllib.request.urlopen(f"{found[1]}de/datenschutz", timeout=30) as answer:  # noqa: S310 — the address of our own server
            assert answer.status == 200
        assert took < (20 if os.environ.get("CI") else 15)  # 3 s on a machine that does nothing else
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        if process.stderr:
            process.stderr.close()


def test_taken_port_is_said() -> None:
    held = listen("127.0.0.1", 0)
    try:
        with pytest.raises(AddressInUseError) as said:
            serve(Settings(home=Path("unused")), port=held.getsockname()[1])
        assert "--port" in said.value.de
        assert "--port" in said.value.en
    finally:
        held.close()
