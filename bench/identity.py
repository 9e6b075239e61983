"""How well and how fast identity is decided.

python -m bench.identity reference HOME MAPPING   against a mapping PIC -> ROR id (CSV: pic, ror_id), on all that HOME holds
python -m bench.identity speed HOME               a first and a second run over the records of HOME
python -m bench.identity curve N [N ...]          over N generated company records

HOME is an INNONET_HOME into which registers were read (`innonet ingest`); the mapping is for measuring only.  Intervals are Wilson's,
95 %.  Memory is the peak of this process.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from graph.settings import Settings
from ingest import image, load
from ingest.resolve.compare import compare, weights
from ingest.resolve.decide import least_score
from ingest.resolve.features import Features, features
from ingest.resolve.normalise import read_table
from ingest.sources import SOURCES

_Z = 1.96


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (E. B. Wilson, JASA 22, 1927)."""
    if not n:
        return 0.0, 1.0
    p, z2 = hits / n, _Z * _Z
    middle, half = p + z2 / (2 * n), _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)


def reference(home: Path, mapping: Path) -> None:
    """Automatic decisions and questions about German CORDIS organisations with a name, against the mapping."""
    _, decided = load.image_of(Settings(home=home), [])
    outcome = decided.outcome
    named = {c.id for c in image.candidates_of(home, [s.meta.id for s in SOURCES]) if c.features and c.features.country == "DE"}
    with mapping.open(encoding="utf-8", newline="") as f:
        pairs = {(f"cordis:org:{row['pic']}", f"ror:{row['ror_id']}") for row in csv.DictReader(f)}
    pairs = {(a, b) for a, b in pairs if a in named and b in outcome.node}
    members = defaultdict(set)
    for record, node in outcome.node.items():
        if record.startswith("ror:"):
            members[node].add(record)
    found = {a: members[outcome.node[a]] for a, _ in pairs}
    right = sum(found[a] == {b} for a, b in pairs)
    wrong = sum(bool(found[a] - {b}) for a, b in pairs)
    asked = {frozenset((outcome.node[u.pair.a], outcome.node[u.pair.b])) for u in outcome.unsure}
    true_asked = sum(outcome.node[a] != outcome.node[b] and frozenset((outcome.node[a], outcome.node[b])) in asked for a, b in pairs)
    about = {a for a, _ in pairs}
    questions = sum(bool({u.pair.a, u.pair.b} & about) for u in outcome.unsure)
    n = len(pairs)
    print(f"pairs {n}; joined rightly {right}, wrongly {wrong}; asked and true {true_asked}; questions about these organisations {questions}")
    for name, hits, of in (("precision", right, right + wrong), ("recall", right, n), ("recall with the questions", right + true_asked, n)):
        low, high = wilson(hits, of)
        print(f"{name:>26} {hits / max(of, 1):.3f}  [{low:.3f}, {high:.3f}]")


def speed(home: Path) -> None:
    """Features, a first comparison of all, and a second one of nothing new."""
    t = time.perf_counter()
    records = [c.features for c in image.candidates_of(home, [s.meta.id for s in SOURCES]) if c.features]
    _say(f"{len(records)} records: reading and features", t)
    with tempfile.TemporaryDirectory() as memory:
        for run in ("first", "second"):
            t = time.perf_counter()
            pairs = compare(records, least_score(weights()), Path(memory))
            _say(f"{run} comparison, {len(pairs)} pairs kept", t)


def curve(sizes: list[int]) -> None:
    """Generated company records: features and comparison."""
    for n in sizes:
        t = time.perf_counter()
        records = list(generated(n))
        _say(f"{n} records: features", t)
        t = time.perf_counter()
        pairs = compare(records, least_score(weights()))
        _say(f"{n} records: comparison, {len(pairs)} pairs kept", t)


def generated(n: int) -> Iterator[Features]:
    """Company names of words as frequent as in the registers; one record in ten is a variant of the one before."""
    r = random.Random(1)
    table = [(row["word"], int(row["names"])) for row in read_table("counts.tsv") if row["word"].isalpha()]
    words, counts = [w for w, _ in table], [c for _, c in table]
    cities = [f"city{i}" for i in range(2000)]
    name, city = "", ""
    for i in range(n):
        if i % 10 or not name:
            invented = "".join(r.choice("bcdfghklmnprstvw") + r.choice("aeiou") for _ in range(r.randint(2, 4)))
            name, city = " ".join([invented, *r.choices(words, counts, k=r.randint(1, 2)), r.choice(["GmbH", "AG", "GmbH & Co. KG"])]), r.choice(cities)
        else:
            name = name.upper()
        yield features(f"{'register' if i % 2 else 'cordis:org'}:{i}", [name], country="DE", place=city, city=city, kind="Company")


def _say(what: str, since: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what:<60} {time.perf_counter() - since:8.1f} s   peak {peak:6,} MB", flush=True)


def main() -> None:
    """Measure what the arguments ask for."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = ap.add_subparsers(dest="what", required=True)
    one = kinds.add_parser("reference")
    one.add_argument("home", type=Path)
    one.add_argument("mapping", type=Path)
    kinds.add_parser("speed").add_argument("home", type=Path)
    kinds.add_parser("curve").add_argument("sizes", type=int, nargs="+")
    a = ap.parse_args()
    if a.what == "reference":
        reference(a.home, a.mapping)
    elif a.what == "speed":
        speed(a.home)
    else:
        curve(a.sizes)


if __name__ == "__main__":
    main()
