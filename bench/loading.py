"""Loading H2020 beside the bare loop, in pairs of one run: reading, claims, identity, writing and derived files apart."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import bare
from bench.engines import environment, opened
from graph.settings import Settings
from graph.store import open_store
from ingest import load
from ingest.base import Context, read_release
from ingest.sources import cordis


def measure(name: str, work: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """Seconds of each round, each load into a server of its own."""
    found: list[dict[str, Any]] = []
    second = 0.0
    for n in range(rounds):
        with opened(name, work / f"bare-{n}") as engine:
            floor = bare.load(engine.driver, engine.database, folder)
        with opened(name, work / f"innonet-{n}") as engine:
            found.append({"bare": floor, "innonet": apart(engine.settings, folder)})
            second = again(engine.settings)
    ratios = {k: statistics.median(f["innonet"][k] / f["bare"][k] for f in found) for k in ("all", "writing")}
    return {"rounds": found, "ratio": ratios, "again_seconds": second}


def apart(settings: Settings, folder: Path) -> dict[str, float]:
    """`ours` in a process of its own, so that the peak of memory is that of one load."""
    command = [sys.executable, "-m", "bench.lone", str(folder)]
    done = subprocess.run(command, env=environment(settings), stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def ours(settings: Settings, folder: Path) -> dict[str, float]:
    """One load into an empty graph from an empty home."""
    t = time.monotonic()
    for _ in cordis.crawl(Context(cordis.META, read_release(folder)), folder):
        pass
    reading = time.monotonic() - t
    t = time.monotonic()
    with load.write_lock(settings):
        load.read_claims(settings, "cordis", folder)
        claims = time.monotonic() - t
        with open_store(settings, write=True) as store:
            done = load.load(settings, store)
    whole = time.monotonic() - t
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"reading": reading, "claims": claims - reading, **done.seconds, "all": whole, "rows": sum(done.sent.values()), "peak_mb": peak}


def again(settings: Settings) -> float:
    """Seconds of a second load that finds everything as it is."""
    t = time.monotonic()
    with load.write_lock(settings), open_store(settings, write=True) as store:
        assert not load.load(settings, store).sent  # noqa: S101
    return time.monotonic() - t


def table(got: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for n, f in enumerate(got["rounds"], 1):
        rows.append((f"round {n}: bare loop", " ".join(f"{k} {v:.1f} s" for k, v in f["bare"].items())))
        i = f["innonet"]
        steps = " ".join(f"{k} {i[k]:.1f} s" for k in ("reading", "claims", "identity", "writing", "derived", "all"))
        rows.append((f"round {n}: innonet", f"{steps}, {i['rows']} rows, peak {i['peak_mb']:.0f} MB"))
    rows.append(("innonet / bare loop, median", " ".join(f"{k} {v:.2f}" for k, v in got["ratio"].items())))
    rows.append(("a second load", f"{got['again_seconds']:.1f} s"))
    return rows
