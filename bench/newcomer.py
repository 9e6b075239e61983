"""Measure suggestions for newcomers: who is known by its texts alone, and whom did it meet later?

    python -m bench.newcomer SOURCE FOLDER [--before 2012-01-01] [--identity identifiers] [--weights]

SOURCE reads FOLDER as `innonet ingest` does.  Known is what began before the day.  Every organisation with a title of a project before it and a new
partner after it is described by these titles alone, with its kind, country and place; its own links are hidden from the ranking (a newcomer has
none), partners of before are struck out.  Printed: NDCG@10, Hits@10, Recall@50, MRR@50 and recall of little-known partners, beside topic overlap,
plain full-text search, and the number of partners, with a paired bootstrap interval against topic overlap.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from graph.derive import build
from graph.derived import Derived, open_derived
from graph.model import Label
from graph.suggest.features import FEATURES, Newcomer, Question, Rows, Values
from graph.suggest.filters import allowed_mask
from graph.suggest.rank import candidates, score, weights
from graph.suggest.training import LITTLE_KNOWN, K, interval, measured, sample
from ingest.hindsight import image_from, known_before, new_partners
from ingest.newcomer import understand

Way = Callable[[Question, Rows], Values]


def ways(tables: Mapping[str, Mapping[str, float]]) -> dict[str, Way]:
    """Rankings of the candidates by name."""
    alone: dict[str, Way] = {
        "topic overlap": FEATURES["topic"].function,
        "full-text search": FEATURES["text"].function,
        "number of partners": FEATURES["well_connected"].function,
    }
    return {**alone, **{name: (lambda q, c, t=table: score(q, c, t).scores.astype(np.float32)) for name, table in tables.items()}}  # type: ignore[misc]


def titles(derived: Derived, row: int) -> str:
    """Titles of an organisation's projects, one a line."""
    base = derived.base[Label.PROJECT]
    return "\n".join(filter(None, (derived.names[base + p] for p in derived.org_project.row(row).tolist())))


def main() -> None:
    """See the text of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--before", default="2012-01-01")
    parser.add_argument("--weights", action="store_true", help="try each feature's weight at half and at double, and without it")
    parser.add_argument("--identity", default="full", choices=("full", "identifiers"))
    parser.add_argument("--queries", type=int, default=500)
    options = parser.parse_args()
    image = image_from(options.source, options.folder, options.identity, topics=True)
    with tempfile.TemporaryDirectory() as work:
        build(Path(work), "past", known_before(image, options.before))
        derived = open_derived(Path(work))
        truth = {r: met for r, met in new_partners(image, derived, options.before, "9999").items() if titles(derived, r)}
        if not truth:
            sys.exit(f"nobody who is known before {options.before} has a title and met a new partner later")
        rows = sample(truth, options.queries)
        print(f"known before {options.before}: {len(derived)} organisations; {len(truth)} have titles and new partners, {len(rows)} are asked for")
        tables: dict[str, Mapping[str, float]] = {"innonet": weights()["newcomer"]}
        if options.weights:
            for name in tables["innonet"]:
                for factor in (0.0, 0.5, 2.0):
                    tables[f"{name} x {factor}"] = {n: w * factor if n == name else w for n, w in tables["innonet"].items()}
        report(derived, truth, rows, ways(tables))


def report(derived: Derived, truth: Mapping[int, set[int]], rows: list[int], rankings: Mapping[str, Way]) -> None:
    """Print the figures of every ranking."""
    degree = derived.org_project.degree()
    ranked: dict[str, list[Rows]] = {name: [] for name in rankings}
    took: list[float] = []
    for row in rows:
        kind, country = derived.kind_of(row), derived.countries[derived.country[row]] if derived.country[row] >= 0 else ""
        start = time.perf_counter()
        said = understand(derived, titles(derived, row), kind=kind, country=country).newcomer
        lat, lon = float(derived.lat[row]), float(derived.lon[row])
        known = lat == lat and lon == lon
        q = Question(derived, Newcomer(said.topics, said.text, kind, country, lat if known else None, lon if known else None))
        allowed = allowed_mask(q)
        allowed[row] = False
        allowed[derived.partners.row(row)] = False
        c = candidates(q, allowed)
        first = True
        for name, way in rankings.items():
            values = way(q, c)
            ranked[name].append(c[np.lexsort((c, -np.round(values.astype(np.float64), 9)))[:K]])
            if name == "innonet" and first:
                took.append(1e3 * (time.perf_counter() - start))
                first = False
    met = [np.array(sorted(truth[r]), np.int64) for r in rows]
    counts = [(len(m), int((degree[m] <= LITTLE_KNOWN).sum())) for m in met]
    figures = {name: measured(lists, met, [x[degree[x] <= LITTLE_KNOWN] for x in lists], counts) for name, lists in ranked.items()}
    floor = figures["topic overlap"]
    for name, found in figures.items():
        low, high = interval(found.ndcg, floor.ndcg)
        means = found.means()
        print(f"{name:22s} " + "  ".join(f"{n} {means[n]:.4f}" for n in means) + f"  [{low:+.4f} {high:+.4f}]", flush=True)
    print(f"a text understood and ranked in all these ways: p50 {np.percentile(took, 50):.0f} ms, p95 {np.percentile(took, 95):.0f} ms")


if __name__ == "__main__":
    main()
