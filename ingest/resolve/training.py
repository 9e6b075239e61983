"""Weights of the model from pairs that were judged by hand (data/identity): `innonet train identity`.

The weight of every level starts at what its author expects (data/identity/expected.json) and moves as far as the judged pairs say:
the most probable weights of a logistic model whose weights are normal around the expected ones (MAP).  The pairs were drawn in
strata of an earlier score; each stands for ``stands_for`` pairs of its stratum.  These counts do not enter the fit (the draw depended
on nothing but the score), they do enter the thresholds.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize

from ingest.resolve.compare import COMPARISONS, UNKNOWN, Pair, Weights, compare
from ingest.resolve.features import Features, features

DATA: Final = Path(__file__).resolve().parent.parent.parent / "data" / "identity"
SPREAD: Final = 1.5
"""Standard deviation of a weight around the expected one, in bits."""
WRONG: Final = 0.005
"""Share of wrong pairs among those that are joined without asking, at most."""
MISSED: Final = 0.015
"""Share of the true pairs that are neither joined nor asked, at most."""
SAME: Final = "same"


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged pair: the ids of its records, the answer (same, part, different, unclear) and the pairs that it stands for."""

    a: str
    b: str
    answer: str
    stands_for: float


def read_pairs(path: Path = DATA / "pairs.csv") -> tuple[list[Features], list[Judged]]:
    """The judged pairs and their records."""
    records: dict[str, Features] = {}
    judged = []
    with path.open(encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            for side in "ab":
                records[row[f"{side}_id"]] = _record({k[2:]: v for k, v in row.items() if k.startswith(f"{side}_")})
            judged.append(Judged(row["a_id"], row["b_id"], row["answer"], float(row["stands_for"])))
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

    found = np.round(minimize(loss, centre, jac=True, method="L-BFGS-B").x, 2)
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


def train(data: Path = DATA) -> tuple[Weights, list[tuple[Judged, float]]]:
    """Weights from the judged pairs, and each pair with its score (those judged «unclear» are left out)."""
    records, judged = read_pairs(data / "pairs.csv")
    d = json.loads((data / "expected.json").read_text(encoding="utf-8"))
    expected = Weights(d["prior"], d["same"], d["ask"], d["bits"])
    met = {(p.a, p.b): p for p in compare(records, -1000.0)}
    known = [(j, p) for j in judged if j.answer != "unclear" and (p := met.get((min(j.a, j.b), max(j.a, j.b))))]
    same = [j.answer == SAME for j, _ in known]
    fitted = fit([p for _, p in known], same, expected)
    scores = [score(p, fitted) for _, p in known]
    upper, lower = thresholds(scores, same, [j.stands_for for j, _ in known])
    return Weights(fitted.prior, upper, lower, fitted.bits), [(j, s) for (j, _), s in zip(known, scores, strict=True)]


def write(w: Weights, path: Path) -> None:
    """Write weights as compare.weights reads them."""
    path.write_text(json.dumps({"prior": w.prior, "same": w.same, "ask": w.ask, "bits": w.bits}, indent=1) + "\n", encoding="utf-8")
