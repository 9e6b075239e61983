"""What counting with parts costs: `python -m bench.rollup HOME [--top N] [--rounds N]`, for the organisations of a loaded home with most projects.

Prints one line an organisation: its parts, its projects alone and with them, and for every view the median of the rounds in
milliseconds, alone and with parts.  The first round is not counted (files and engine warm up).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from graph.derived import Derived, open_derived
from graph.neighbourhood import ids_with_parts, network, partners, projects_of, with_parts
from graph.reader import Reader
from graph.settings import Settings
from graph.store import open_store
from graph.suggest import suggest


def views(d: Derived, reader: Reader, id_: str, *, parts: bool) -> dict[str, Callable[[], object]]:
    """What a page asks for, by name."""
    return {
        "suggest": lambda: suggest(d, id_, parts=parts),
        "partners": lambda: partners(d, id_, parts=parts),
        "network": lambda: network.__wrapped__(d, id_, steps=1, limit=250, parts=parts),
        "projects": lambda: reader.projects_of_all(ids_with_parts(d, id_)) if parts else reader.projects_of(id_),
    }


def milliseconds(run: Callable[[], object], rounds: int) -> float:
    """Median of the rounds after a first one."""
    run()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("home", type=Path)
    ap.add_argument("--top", type=int, default=3)
    ap.add_argument("--rounds", type=int, default=5)
    a = ap.parse_args()
    settings = Settings(home=a.home)
    d = open_derived(settings.home / "derived")
    wholes = np.flatnonzero(d.parts.degree())
    sizes = np.array([len(projects_of(d, with_parts(d, int(r)))) for r in wholes])
    with open_store(settings) as store:
        reader = Reader(store)
        print(f"{len(d)} organisations, {len(wholes)} with parts")
        for i in np.argsort(-sizes, kind="stable")[: a.top].tolist():
            row = int(wholes[i])
            id_ = d.ids[row]
            print(f"{d.names[row]} ({id_}): {len(d.parts.row(row))} parts, {len(d.org_project.row(row))} projects, with parts {sizes[i]}")
            for parts in (False, True):
                times = {name: milliseconds(run, a.rounds) for name, run in views(d, reader, id_, parts=parts).items()}
                print(f"  {'with parts' if parts else 'alone':10} " + "  ".join(f"{name} {t:.0f} ms" for name, t in times.items()))


if __name__ == "__main__":
    main()
