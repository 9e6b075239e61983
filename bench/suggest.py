"""Measure and fit the partner suggestion on CORDIS participations.

    python -m bench.suggest score FOLDER PARTNER   quality on what `PARTNER make SOURCE FOLDER` made (train/, queries.txt, truth.json), beside its
                                            baselines and scored by it, and the time of one suggestion; also as FOLDER/innonet.json
    python -m bench.suggest tune FOLDER            fit the weights of «mixed» on an inner temporal split of FOLDER/train (known before 2017-01-01, new
                                            partners in 2017 and 2018); looks at nothing later.  Prints the weights and what each feature is worth

Both feed the derived files straight from the tables, without an engine.  `innonet suggest --queries` ranks with the same function.
"""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from graph.derive import Feed, build
from graph.derived import Derived, open_derived
from graph.model import Kind, Props
from graph.suggest import suggest
from graph.suggest.features import FEATURES, Question
from graph.suggest.rank import allowed_mask, candidates, values_of, weights

INNER_CUT = "2017-01-01"
QUERIES, SEED = 1600, 5
KINDS = {"HES": Kind.UNIVERSITY, "PRC": Kind.COMPANY, "REC": Kind.RESEARCH, "PUB": Kind.PUBLIC}


def rows_of(path: Path, delimiter: str = ";") -> Iterator[dict[str, str]]:
    csv.field_size_limit(10**8)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as f:
        yield from csv.DictReader(f, delimiter=delimiter)


def cordis_feed(folder: Path, before: str = "9999") -> Feed:
    """A feed straight from the CORDIS tables: what identity and loader make of them with INNONET_IDENTITY=identifiers."""
    projects: dict[str, Props] = {r["id"]: {"start": r["startDate"]} for r in rows_of(folder / "project.csv.gz") if r["startDate"] and r["startDate"] < before}
    organizations: dict[str, tuple[Props, Kind | None]] = {}
    participations: list[tuple[str, str, dict[str, Any]]] = []
    for r in rows_of(folder / "organization.csv.gz"):
        if r["projectID"] not in projects:
            continue
        lat, _, lon = r["geolocation"].partition(",")
        props: dict[str, Any] = {"name": r["name"], "names": [r["name"]], "city": r["city"], "country": r["country"], "pic": r["organisationID"]}
        if lon:
            props |= {"lat": float(lat), "lon": float(lon)}
        organizations[f"cordis:org:{r['organisationID']}"] = ({k: v for k, v in props.items() if v}, KINDS.get(r["activityType"]))
        participations.append((f"cordis:org:{r['organisationID']}", f"cordis:rcn:{r['projectID']}", {"roles": [r["role"]]}))
    about: list[tuple[str, str, dict[str, Any]]] = [
        (f"cordis:rcn:{r['rcn']}", f"cordis:part:{r['programme_part'].casefold().replace(' ', '-')}", {})
        for r in rows_of(folder / "programme_parts.csv.gz", ",")
        if r["rcn"] in projects
    ]
    return Feed(
        organizations=((i, p, k) for i, (p, k) in organizations.items()),
        projects=((f"cordis:rcn:{i}", p) for i, p in projects.items()),
        topics=((t, {"label_en": t.rpartition(":")[2], "scheme": "h2020-part"}) for t in sorted({t for _, t, _ in about})),
        edges={"PARTICIPATES_IN": participations, "ABOUT": about},
    )


def org(pic: str) -> str:
    return f"cordis:org:{pic}"


# ---------------------------------------------------------------------------------------------------------------- score


def score(folder: Path, partner: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        t = time.process_time()
        feed = cordis_feed(folder / "train")
        read = time.process_time() - t
        t = time.process_time()
        build(Path(work), "train", feed)
        built = time.process_time() - t
        t = time.perf_counter()
        derived = open_derived(Path(work))
        figures: dict[str, float] = {"read_s": read, "build_s": built, "open_ms": 1e3 * (time.perf_counter() - t)}
        pics = (folder / "queries.txt").read_text().split()
        suggest(derived, org(pics[0]))  # the projection is made with the first question
        times = []
        with (folder / "innonet.jsonl").open("w", encoding="utf-8") as f:
            for pic in pics:
                answer = suggest(derived, org(pic), top=50, exclude_unnamed=False, reasons=False)
                f.write(json.dumps({"query": pic, "partners": [s.id.removeprefix("cordis:org:") for s in answer.suggestions]}) + "\n")
        for pic in pics[:500]:
            t = time.perf_counter()
            suggest(derived, org(pic))
            times.append(1e3 * (time.perf_counter() - t))
        largest = derived.ids[int(np.argmax(derived.org_project.degree()))]
        big = []
        for _ in range(20):
            t = time.perf_counter()
            suggest(derived, largest)
            big.append(1e3 * (time.perf_counter() - t))
        figures |= {"suggest_p50_ms": pct(times, 50), "suggest_p95_ms": pct(times, 95), "largest_p50_ms": pct(big, 50), "largest_p95_ms": pct(big, 95)}
    files = [*sorted(folder.glob("baseline_*.jsonl")), folder / "innonet.jsonl"]
    subprocess.run([sys.executable, str(partner), "score", str(folder), *map(str, files)], check=True)
    (folder / "innonet.json").write_text(json.dumps(figures, indent=2))
    for name, value in figures.items():
        print(f"{name:18s} {value:8.1f}")


def pct(values: Sequence[float], p: float) -> float:
    return float(np.percentile(values, p))


# ---------------------------------------------------------------------------------------------------------------- tune

Case = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], int]
"""Values [candidates, features], which candidates became partners, how many partners there were in all."""


def inner_truth(folder: Path, derived: Derived) -> dict[int, set[int]]:
    """For each organisation known before the inner cut: the known organisations it first shares a project with after it."""
    late = {r["id"] for r in rows_of(folder / "project.csv.gz") if r["startDate"] >= INNER_CUT}
    members: dict[str, set[int]] = {}
    for r in rows_of(folder / "organization.csv.gz"):
        if r["projectID"] in late and (i := derived.index(org(r["organisationID"]))) is not None:
            members.setdefault(r["projectID"], set()).add(i)
    new: dict[int, set[int]] = {}
    for group in members.values():
        for q in group:
            new.setdefault(q, set()).update(group - {q})
    return {q: left for q, s in new.items() if (left := s - set(derived.partners.row(q).tolist()))}


def cases(derived: Derived, truth: dict[int, set[int]], names: Sequence[str]) -> list[Case]:
    rng = np.random.default_rng(SEED)
    known = sorted(truth)
    out = []
    for i in sorted(rng.choice(len(known), min(QUERIES, len(known)), replace=False)):
        q = Question(derived, known[i])
        c = candidates(q, allowed_mask(q, (), exclude_unnamed=False, suppressed=()))
        out.append((np.stack([values_of(q, c, n) for n in names], 1), np.isin(c, list(truth[known[i]])), len(truth[known[i]])))
    return out


def fit(train: Sequence[Case], features: Sequence[int], penalty: float = 1e-3) -> npt.NDArray[np.float64]:
    """Weights >= 0 with the least cross-entropy between the new partners and a softmax over the candidates (ListNet, Cao et al., ICML 2007)."""
    used = [(x[:, features], y / y.sum()) for x, y, _ in train if y.any()]

    def loss(w: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        value, slope = penalty * float(w @ w), 2 * penalty * w
        for x, target in used:
            s = x @ w
            s -= s.max()
            e = np.exp(s)
            z = e.sum()
            value -= float(target @ s - np.log(z)) / len(used)
            slope = slope - x.T @ (target - e / z) / len(used)
        return value, slope

    result = minimize(loss, np.full(len(features), 0.3), jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(features), options={"maxiter": 60})
    return np.asarray(result.x)


GAIN = 1 / np.log2(np.arange(2, 12))


def quality(test: Sequence[Case], features: Sequence[int], w: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Mean NDCG@10, Hits@10, Recall@50."""
    rows = []
    for x, y, total in test:
        hit = y[np.argsort(-(x[:, features] @ w), kind="stable")[:50]]
        top = np.pad(hit[:10], (0, max(0, 10 - len(hit))))
        rows.append((float(top @ GAIN) / GAIN[: min(10, total)].sum(), float(top.any()), hit.sum() / total))
    n, h, r = np.mean(rows, 0)
    return float(n), float(h), float(r)


def tune(folder: Path) -> None:
    names = [n for n in FEATURES if n in weights()["mixed"] or n in TRIED]
    with tempfile.TemporaryDirectory() as work:
        build(Path(work), "inner", cordis_feed(folder / "train", INNER_CUT))
        derived = open_derived(Path(work))
        truth = inner_truth(folder / "train", derived)
        made = cases(derived, truth, names)
    size, held = np.mean([len(y) for _, y, _ in made]), np.mean([y.sum() / t for _, y, t in made])
    print(f"{len(made)} queries, {size:.0f} candidates each, they hold {held:.3f} of the new partners")
    train, test = made[::2], made[1::2]
    everything = list(range(len(names)))
    w = fit(train, everything)
    show("all", [names[i] for i in everything], w, quality(test, everything, w))
    for i in everything:
        alone = [i]
        show(f"only {names[i]}", [], np.ones(1), quality(test, alone, np.ones(1)))
    for i in everything:
        rest = [j for j in everything if j != i]
        w = fit(train, rest)
        show(f"without {names[i]}", [names[j] for j in rest], w, quality(test, rest, w))


TRIED = ("same_kind", "other_kind", "new_topics")
"""Features that another mode uses: tried for «mixed» too."""


def show(what: str, names: Sequence[str], w: npt.NDArray[np.float64], q: tuple[float, float, float]) -> None:
    print(f"{what:26s} NDCG@10 {q[0]:.4f}  Hits@10 {q[1]:.4f}  R@50 {q[2]:.4f}  ", " ".join(f"{n}={x:.2f}" for n, x in zip(names, w, strict=False)), flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["score", folder, partner]:
            score(Path(folder), Path(partner))
        case ["tune", folder]:
            tune(Path(folder))
        case _:
            sys.exit(__doc__)
