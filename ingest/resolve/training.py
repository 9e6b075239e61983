"""Weights of the model from pairs that were judged by hand (data/identity): `innonet train identity`.

The weight of every level starts at what its author expects (data/identity/expected.json) and moves as far as the judged pairs say:
the most probable weights of a logistic model whose weights are normal around the expected ones (MAP).  The pairs were drawn in
strata of an earlier score; each stands for ``stands_for`` pairs of its stratum.  These counts do not enter the fit (the draw depended
on nothing but the score), they do enter the thresholds.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize

from ingest.resolve.compare import COMPARISONS, UNKNOWN, Pair, Weights, compare
from ingest.resolve.decide import RIVAL_BITS
from ingest.resolve.features import Features, features

DATA: Final = Path(__file__).resolve().parent.parent.parent / "data" / "identity"
SPREAD: Final = 1.5
"""Standard deviation of a weight around the expected one, in bits."""
WRONG: Final = 0.005
"""Share of wrong pairs among those that are joined without asking, at most."""
MISSED: Final = 0.005
"""Share of the true pairs that are neither joined nor asked, at most."""
BENEATH: Final = 2.0
"""Bits below the lowest judged true pairs down to which is asked: a question costs a glance, what is never asked is never found."""
SAME: Final = "same"
ORDERED: Final = ("name", "rarity")
"""Comparisons whose levels stand from the best to the worst."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged pair: the ids of its records, the answer (same, part, different, unclear) and the pairs that it stands for.

    sure  its judge would bet on it; only such pairs set the thresholds
    """

    a: str
    b: str
    answer: str
    sure: bool
    stands_for: float

    @property
    def across(self) -> bool:
        """Of two publishers: two records of one who gives ids of his own are never joined by their score, and are other pairs than these."""
        return publisher(self.a) != publisher(self.b)


def read_pairs(path: Path = DATA / "pairs.csv") -> tuple[list[Features], list[Judged]]:
    """The judged pairs and their records."""
    records: dict[str, Features] = {}
    judged = []
    with path.open(encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            for side in "ab":
                records[row[f"{side}_id"]] = _record({k[2:]: v for k, v in row.items() if k.startswith(f"{side}_")})
            judged.append(Judged(row["a_id"], row["b_id"], row["answer"], row["sure"] == "1", float(row["stands_for"])))
    return list(records.values()), judged


def _record(row: Mapping[str, str]) -> Features:
    return features(
        row["id"],
        row["names"].split(" | "),
        country=row["country"],
        region=row["region"],
        place=row["place"],
        city=row["city"],
        lat=float(row["lat"]) if row["lat"] else None,
        lon=float(row["lon"]) if row["lon"] else None,
        kind=row["kind"],
        website=row["website"],
    )


def fit(pairs: Sequence[Pair], same: Sequence[bool], expected: Weights) -> Weights:
    """The most probable weights, rounded to hundredths of a bit; thresholds are those of ``expected``."""
    columns = [(c.name, level.name) for c in COMPARISONS for level in c.levels if level.name != UNKNOWN]
    at = {key: n for n, key in enumerate(columns)}
    centre = np.array([expected.prior, *(expected.bits[c][level] for c, level in columns)])
    x = np.zeros((len(pairs), len(columns) + 1))
    x[:, 0] = 1
    for row, pair in zip(x, pairs, strict=True):
        for comparison, level in zip(COMPARISONS, pair.levels, strict=True):
            if level != UNKNOWN:
                row[at[comparison.name, level] + 1] = 1
    sign = np.where(np.asarray(same), 1.0, -1.0)

    def loss(w: np.ndarray[Any, Any]) -> tuple[float, np.ndarray[Any, Any]]:
        margin = np.log(2) * sign * (x @ w)
        apart = (w - centre) / SPREAD
        slope = -np.log(2) * (sign / (1 + np.exp(margin))) @ x + apart / SPREAD
        return float(np.logaddexp(0, -margin).sum() + (apart**2).sum() / 2), slope

    # a better level of an ordered comparison never weighs less than the next one
    steps = [(at[c, a] + 1, at[c, b] + 1) for c in ORDERED for a, b in pairwise([level for d, level in columns if d == c])]
    rising = np.zeros((len(steps), len(centre)))
    for row, (better, worse) in zip(rising, steps, strict=True):
        row[better], row[worse] = 1.0, -1.0
    # pulled apart a little, so that rounding keeps the order
    constraint = {"type": "ineq", "fun": lambda w: rising @ w - 0.01, "jac": lambda _w: rising}
    answer = minimize(loss, centre, jac=True, method="SLSQP", constraints=[constraint], options={"maxiter": 500, "ftol": 1e-9})
    if not answer.success:
        raise RuntimeError(f"the weights were not found: {answer.message}")
    found = np.round(answer.x, 2)
    bits: dict[str, dict[str, float]] = {c.name: {} for c in COMPARISONS}
    for (name, level), value in zip(columns, found[1:], strict=True):
        bits[name][level] = float(value)
    return Weights(float(found[0]), expected.same, expected.ask, bits)


def score(pair: Pair, w: Weights) -> float:
    """Score of a compared pair with other weights."""
    return w.prior + sum(w.bits[c.name][level] for c, level in zip(COMPARISONS, pair.levels, strict=True) if level != UNKNOWN)


def thresholds(scores: Sequence[float], same: Sequence[bool], stands_for: Sequence[float]) -> tuple[float, float]:
    """(same, ask) in bits: the lowest that keep WRONG and MISSED on the judged pairs, to halves of a bit."""
    s, true, n = np.asarray(scores), np.asarray(same), np.asarray(stands_for)
    grid = np.arange(-15, 25, 0.5)

    def wrong(t: float) -> float:
        above = s >= t
        return float(n[above & ~true].sum() / max(n[above].sum(), 1e-9))

    def missed(t: float) -> float:
        return float(n[(s < t) & true].sum() / n[true].sum())

    upper = max((t for t in grid if wrong(t) > WRONG), default=grid[0]) + 0.5
    lower = max(t for t in grid if missed(t) <= MISSED)
    return float(upper), float(min(lower, upper))


def _without_rivals(pairs: Sequence[Pair], scores: Sequence[float]) -> list[bool]:
    """Pairs whose records fit no other record of the same publisher nearly as well: the others are asked whatever their score."""
    fits: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for pair, s in zip(pairs, scores, strict=True):
        for mine, other in ((pair.a, pair.b), (pair.b, pair.a)):
            fits[mine, publisher(other)].append((s, other))
    return [
        all(
            other == third or abs(s - rival) > RIVAL_BITS
            for mine, other in ((pair.a, pair.b), (pair.b, pair.a))
            for rival, third in fits[mine, publisher(other)]
        )
        for pair, s in zip(pairs, scores, strict=True)
    ]


def _meeting(records: Sequence[Features], judged: Sequence[Judged]) -> Iterator[Features]:
    """The records with a block for each judged pair: every one of them is compared, whatever blocks the program has today."""
    blocks: dict[str, list[str]] = defaultdict(list)
    for n, j in enumerate(judged):
        blocks[j.a].append(f"judged:{n}")
        blocks[j.b].append(f"judged:{n}")
    for r in records:
        yield replace(r, blocks=(*r.blocks, *blocks[r.id]))


def publisher(record: str) -> str:
    """Who gives a record its id."""
    return record.split(":")[0]


def train(data: Path = DATA) -> tuple[Weights, list[tuple[Judged, float]]]:
    """Weights from the judged pairs, and each pair with its score (those judged «unclear» and those of one publisher are left out)."""
    records, judged = read_pairs(data / "pairs.csv")
    d = json.loads((data / "expected.json").read_text(encoding="utf-8"))
    expected = Weights(d["prior"], d["same"], d["ask"], d["bits"])
    met = {(p.a, p.b): p for p in compare(_meeting(records, judged), -1000.0)}
    known = [(j, p) for j in judged if j.answer != "unclear" and j.across and (p := met.get((min(j.a, j.b), max(j.a, j.b))))]
    same = [j.answer == SAME for j, _ in known]
    fitted = fit([p for _, p in known], same, expected)
    scores = [score(p, fitted) for _, p in known]
    alone = _without_rivals([p for _, p in known], scores)
    sure = [(s, j.answer == SAME, j.stands_for) for (j, _), s, one in zip(known, scores, alone, strict=True) if j.sure and one]
    upper, lower = thresholds(*zip(*sure, strict=True))
    return Weights(fitted.prior, upper, lower - BENEATH, fitted.bits), [(j, s) for (j, _), s in zip(known, scores, strict=True)]


def write(w: Weights, path: Path) -> None:
    """Write weights as compare.weights reads them."""
    path.write_text(json.dumps({"prior": w.prior, "same": w.same, "ask": w.ask, "bits": w.bits}, indent=1) + "\n", encoding="utf-8")
