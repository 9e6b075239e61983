"""All measurements in one run: `python -m bench DATA [--engine arcadedb|neo4j] [--rounds N] [--only load,serve,pan]`.

DATA is a folder that holds cordis-h2020.  Prints a table and writes build/bench.json.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

from bench import loading, serving
from bench.engines import opened

PARTS = ("load", "serve", "pan")


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("data", type=Path)
    ap.add_argument("--engine", choices=["arcadedb", "neo4j"], action="append")
    ap.add_argument("--rounds", type=int, default=1, help="pairs of bare loop and innonet for loading")
    ap.add_argument("--only", default=",".join(PARTS))
    ap.add_argument("--out", type=Path, default=Path("build/bench.json"))
    a = ap.parse_args()
    parts = set(a.only.split(","))
    folder = a.data / "cordis-h2020"
    report: dict[str, Any] = {
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "engines": {},
    }
    for name in a.engine or ("arcadedb", "neo4j"):
        got: dict[str, Any] = report["engines"].setdefault(name, {})
        with tempfile.TemporaryDirectory(prefix="innonet-bench-") as tmp:
            if "load" in parts:
                got["load"] = loading.measure(name, Path(tmp), folder, a.rounds)
                show(name, loading.table(got["load"]))
            if parts & {"serve", "pan"}:
                with opened(name, Path(tmp) / "serve") as engine:
                    got["agent"] = engine.agent
                    loading.ours(engine.settings, folder)
                    if "serve" in parts:
                        got["serve"] = serving.measure(engine.settings)
                        show(name, serving.table(got["serve"]))
                    if "pan" in parts:
                        got["pan"] = serving.pan(engine.settings)
                        show(name, [("network of 1,000 nodes", json.dumps(got["pan"]))])
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"-> {a.out}")


def show(engine: str, rows: list[tuple[str, str]]) -> None:
    for what, value in rows:
        print(f"{engine:9s} {what:48s} {value}", flush=True)


if __name__ == "__main__":
    main()
