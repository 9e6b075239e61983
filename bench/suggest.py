"""Measure the partner suggestion on what really happened.

    python -m bench.suggest score FOLDER PARTNER   quality on what `PARTNER make SOURCE FOLDER` made (train/, queries.txt, truth.json): scored by it beside
                                            its baselines, every slice with a paired bootstrap interval (95 %, 1,000 draws) against Adamic-Adar, at
                                            several reaches, and the time of one suggestion; also as FOLDER/innonet.json
    python -m bench.suggest ablation FOLDER        what each part of the ranking is worth, on inner temporal splits of FOLDER/train; looks at nothing later
    python -m bench.suggest regional FOLDER        the same figures on a regional list (efre-nrw): learnt from CORDIS, known before 2012, new partners from 2012

    python -m bench.suggest curve [N ...]          generated graphs of N organisations (default 10000 100000 1000000), each with 4 participations an
                                            organisation in the mean: seconds to build and to open the derived files, their size, the time of one
                                            suggestion and the peak of memory of building and of asking, each in a process of its own

`score` and `ablation` feed the derived files straight from the tables, without an engine; `regional` reads as `innonet ingest` does.
The weights are fitted by `innonet train suggestions`.
"""

from __future__ import annotations

import csv
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from graph.derive import Feed, build
from graph.derived import Derived, open_derived
from graph.model import Kind, Label, Props
from graph.suggest import suggest, training
from graph.suggest.features import FEATURES
from graph.suggest.model import model
from graph.suggest.rank import at_reach, weights
from graph.suggest.training import FIGURES, MIXED, Case, Floats, Quality
from ingest.hindsight import image_from, known_before, new_partners

KINDS = {"HES": Kind.UNIVERSITY, "PRC": Kind.COMPANY, "REC": Kind.RESEARCH, "PUB": Kind.PUBLIC}
SPLITS = ((("2017-01-01", "2018-01-01"), ("2018-01-01", "2019-01-01")), (("2016-01-01", "2017-01-01"), ("2017-01-01", "2019-01-01")))
"""(known before, new partners until) to fit on, and to measure on."""
REACHES = (0.0, 0.3, 0.6, 1.0)
FIRST = ("shared_partner", "network", "topic", "topic_activity", "activity", "place", "country", "kind")
"""The features of the first version's «mixed»."""
TITLES = {"ndcg": "NDCG@10", "hits": "Hits@10", "recall": "R@50", "rank": "MRR@50", "little": "tail R@50"}


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
        lists = {"innonet": folder / "innonet.jsonl", **{f"innonet, reach {r}": folder / f"innonet_reach_{r}.jsonl" for r in REACHES}}
        for name, path in lists.items():
            reach = None if name == "innonet" else float(name.rpartition(" ")[2])
            with path.open("w", encoding="utf-8") as f:
                for pic in pics:
                    answer = suggest(derived, org(pic), top=50, exclude_unnamed=False, reasons=False, reach=reach)
                    f.write(json.dumps({"query": pic, "partners": [s.id.removeprefix("cordis:org:") for s in answer.suggestions]}) + "\n")
        times = [timed(derived, org(pic)) for pic in pics[:500]]
        largest = derived.ids[int(np.argmax(derived.org_project.degree()))]
        big = [timed(derived, largest) for _ in range(20)]
        figures |= {"suggest_p50_ms": pct(times, 50), "suggest_p95_ms": pct(times, 95), "largest_p50_ms": pct(big, 50), "largest_p95_ms": pct(big, 95)}
        derived.close()
    baselines = {p.stem.removeprefix("baseline_"): p for p in sorted(folder.glob("baseline_*.jsonl"))}
    subprocess.run([sys.executable, str(partner), "score", str(folder), *map(str, [*baselines.values(), lists["innonet"]])], check=True)
    beside(folder, {**baselines, **lists})
    (folder / "innonet.json").write_text(json.dumps(figures, indent=2))
    for name, value in figures.items():
        print(f"{name:18s} {value:8.1f}")


def timed(derived: Derived, org_id: str) -> float:
    t = time.perf_counter()
    suggest(derived, org_id)
    return 1e3 * (time.perf_counter() - t)


def beside(folder: Path, lists: dict[str, Path]) -> None:
    """Every slice of every list, with intervals of the difference to Adamic-Adar."""
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    projects: dict[str, int] = json.loads((folder / "orgs.json").read_text())
    number = {pic: i for i, pic in enumerate(sorted(projects))}
    little = {i for pic, i in number.items() if projects[pic] <= training.LITTLE_KNOWN}

    def rows(pics: Sequence[str]) -> npt.NDArray[np.int64]:
        return np.array([number[p] for p in pics if p in number], np.int64)

    met = [rows(t["pos"]) for t in truth.values()]
    counts = [(len(m), sum(i in little for i in m.tolist())) for m in met]
    found: dict[str, Quality] = {}
    for name, path in lists.items():
        answers = {str(d["query"]): [str(p) for p in d["partners"]] for d in map(json.loads, path.open(encoding="utf-8"))}
        ranked = [rows([p for p in answers.get(q, ()) if p not in {q, *t["known"]}]) for q, t in truth.items()]
        found[name] = training.measured(ranked, met, [r[np.isin(r, list(little))] for r in ranked], counts)
    keep = {
        "all": np.ones(len(met), np.bool_),
        "German": np.array([t["country"] == "DE" for t in truth.values()]),
        "company": np.array([t["type"] == "PRC" for t in truth.values()]),
    }
    for slice_, mask in keep.items():
        print(f"\n{slice_}, {int(mask.sum())} queries")
        table({n: chosen(q, mask) for n, q in found.items()}, "adamic_adar")


def chosen(q: Quality, mask: npt.NDArray[np.bool_]) -> Quality:
    return Quality(*(getattr(q, n)[mask] for n in FIGURES))


def table(found: dict[str, Quality], reference: str) -> None:
    """One line a ranking; behind each figure the 95 % interval of its difference to the reference's."""
    print(f"{'':38s}", "".join(f"{TITLES[n]:27s}" for n in FIGURES))
    for name, q in found.items():
        cells = []
        for n in FIGURES:
            low, high = training.interval(getattr(q, n), getattr(found[reference], n))
            cells.append(f"{q.means()[n]:.4f}" + (f" [{low:+.4f} {high:+.4f}]" if name != reference else " " * 19))
        print(f"{name:38s}", "  ".join(cells), flush=True)


def pct(values: Sequence[float], p: float) -> float:
    return float(np.percentile(values, p))


# ---------------------------------------------------------------------------------------------------------------- ablation


def inner_truth(folder: Path, derived: Derived, day: str, until: str) -> dict[int, set[int]]:
    """For each organisation known before a day: the known organisations it first shares a project with that starts in [day, until)."""
    late = {r["id"] for r in rows_of(folder / "project.csv.gz") if day <= r["startDate"] < until}
    members: dict[str, set[int]] = {}
    for r in rows_of(folder / "organization.csv.gz"):
        if r["projectID"] in late and (i := derived.index(org(r["organisationID"]))) is not None:
            members.setdefault(r["projectID"], set()).add(i)
    new: dict[int, set[int]] = {}
    for group in members.values():
        for q in group:
            new.setdefault(q, set()).update(group - {q})
    return {q: left for q, s in new.items() if (left := s - set(derived.partners.row(q).tolist()))}


def ablation(folder: Path) -> None:
    names = list(FEATURES)
    for windows in SPLITS:
        with tempfile.TemporaryDirectory() as work:
            sides, plain = [], {}
            for number, (day, until) in enumerate(windows):
                build(Path(work) / str(number), "inner", cordis_feed(folder / "train", day))
                derived = open_derived(Path(work) / str(number))
                truth = inner_truth(folder / "train", derived, day, until)
                rows = training.sample(truth)
                sides.append(training.cases(derived, truth, names, rows))
                if number:
                    alone = {"Adamic-Adar": "shared_partner", "random walk": "network", "number of partners": "well_connected", "topics": "topic"}
                    plain = {n: training.by_one_feature(derived, truth, f, rows) for n, f in alone.items()}
                derived.close()
        (a, b), (c, d) = windows
        held = np.mean([x.hit.sum() / x.met for x in sides[1]])
        print(f"\nfitted on {a} to {b}, measured on {c} to {d}: {len(sides[1])} queries, {np.mean([len(x.hit) for x in sides[1]]):.0f} candidates")
        print(f"each, which hold {held:.3f} of the new partners")
        table({**plain, **variants(names, *sides)}, "now")


def variants(names: list[str], fitted_on: list[Case], measured_on: list[Case]) -> dict[str, Quality]:
    def at(columns: Sequence[str]) -> list[int]:
        return [names.index(n) for n in columns]

    def quality(columns: Sequence[str], w: Floats) -> Quality:
        return training.quality(measured_on, [x.values[:, at(columns)] @ w for x in measured_on])

    out: dict[str, Quality] = {}

    def variant(what: str, columns: Sequence[str], little_counts: float = training.LITTLE_KNOWN_COUNTS) -> Floats:
        w = training.fit(fitted_on, at(columns), little_counts)
        out[what] = quality(columns, w)
        return w

    now = training.with_given(variant("fitted features only", MIXED))
    out["now"] = quality([*MIXED, *training.GIVEN], now)
    variant("features of the first version", FIRST)
    for n in MIXED:
        variant(f"without {n}", [m for m in MIXED if m != n])
    for n in ("shared_partner", "topic_activity", "activity", "place", "same_kind", "other_kind", "new_topics"):
        variant(f"with {n}", [*MIXED, n])
    for counts in (1.0, 4.0):
        variant(f"little-known count {counts:.0f}", MIXED, counts)
    shipped = (*MIXED, *training.GIVEN)
    for reach in REACHES:
        moved = at_reach(dict(zip(shipped, now.tolist(), strict=True)), training.REACH, reach)
        out[f"reach {reach}"] = quality(shipped, np.array(list(moved.values())))
    return out


# ---------------------------------------------------------------------------------------------------------------- regional


def regional(folder: Path) -> None:
    """Both with the weights that ship (none of them learnt here) and the simple methods."""
    image = image_from("efre-nrw", folder, "full", topics=True)
    with tempfile.TemporaryDirectory() as work:
        build(Path(work), "past", known_before(image, REGIONAL_CUT))
        derived = open_derived(Path(work))
        truth = new_partners(image, derived, REGIONAL_CUT, "9999")
        rows = training.sample(truth)
        projects = derived.counts[Label.PROJECT]
        print(
            f"known before {REGIONAL_CUT}: {len(derived)} organisations, {projects} projects; {len(rows)} queries, {sum(map(len, truth.values()))} new partners"
        )
        alone = {"Adamic-Adar": "shared_partner", "random walk": "network", "topics alone": "topic", "number of partners": "well_connected"}
        found = {n: training.by_one_feature(derived, truth, f, rows) for n, f in alone.items()}
        fitted = model()
        tables = {"first version": weights()["mixed"]}
        if fitted is not None:
            tables |= {"innonet": fitted.weights} | {f"innonet, reach {r}": at_reach(fitted.weights, fitted.reach, r) for r in REACHES}
        for name, of in tables.items():
            made = training.cases(derived, truth, list(of), rows)
            found[name] = training.quality(made, [c.values @ np.array(list(of.values())) for c in made])
        for slice_, mask in training.slices(derived, rows).items():
            if mask.any() and not (slice_ != "all" and mask.all()):
                print(f"\n{slice_}, {int(mask.sum())} queries")
                table({n: chosen(q, mask) for n, q in found.items()}, "Adamic-Adar")
        derived.close()


REGIONAL_CUT = "2012-01-01"


# ---------------------------------------------------------------------------------------------------------------- curve


def generated(n: int, seed: int = 1) -> Feed:
    """A network of n organisations with 4 participations each in the mean, shaped like H2020: most have one, a few have hundreds; projects of 1 to 60.

    Everybody takes part once; the rest goes to organisations by a Pareto law of shape 1.2.
    """
    rng = np.random.default_rng(seed)
    size = np.clip(rng.lognormal(1.3, 0.9, n).astype(np.int64), 1, 60)
    size = size[: int(np.searchsorted(np.cumsum(size), 4 * n)) + 1]
    total = int(size.sum())
    fame = np.minimum(rng.pareto(1.2, n) + 0.05, 2000.0)
    who = np.concatenate([rng.permutation(n), rng.choice(n, max(0, total - n), p=fame / fame.sum())])[:total]
    rng.shuffle(who)
    project = np.repeat(np.arange(len(size)), size)
    countries = [f"C{i:02}" for i in range(40)]
    country = np.minimum(rng.geometric(0.12, n) - 1, 39)
    kinds, kind = list(KINDS.values()), rng.integers(0, 4, n)
    lat, lon = 36 + 20 * rng.random(n), -9 + 35 * rng.random(n)
    day = rng.integers(0, 365 * 7, len(size))
    topic = rng.integers(0, 1000, (len(size), 2))

    def organizations() -> Iterator[tuple[str, Props, Kind | None]]:
        for i in range(n):
            place = {"lat": float(lat[i]), "lon": float(lon[i])}
            yield f"o:{i:07}", {"name": f"Organisation {i}", "country": countries[country[i]], **place}, kinds[kind[i]]

    return Feed(
        organizations=organizations(),
        projects=((f"p:{i:07}", {"title": f"Project {i}", "start": str(np.datetime64("2014-01-01") + int(d))}) for i, d in enumerate(day)),
        topics=((f"t:{i:04}", {"label_en": f"topic {i}", "scheme": "free"}) for i in range(1000)),
        edges={
            "PARTICIPATES_IN": ((f"o:{o:07}", f"p:{p:07}", {}) for o, p in zip(who.tolist(), project.tolist(), strict=True)),
            "ABOUT": ((f"p:{i:07}", f"t:{t:04}", {}) for i, pair in enumerate(topic.tolist()) for t in set(pair)),
        },
    )


def curve(sizes: Sequence[int]) -> None:
    for n in sizes:
        with tempfile.TemporaryDirectory() as work:
            for step in ("_build", "_ask"):
                subprocess.run([sys.executable, "-m", "bench.suggest", step, work, str(n)], check=True)


def curve_build(work: Path, n: int) -> None:
    start = time.perf_counter()
    build(work, "generated", generated(n))
    size = sum(p.stat().st_size for p in work.rglob("*") if p.is_file()) / 1e6
    print(f"{n:>9,} organisations: built in {time.perf_counter() - start:.0f} s, {size:,.0f} MB of files, peak {peak():,.0f} MB", flush=True)


def curve_ask(work: Path, n: int) -> None:
    start = time.perf_counter()
    derived = open_derived(work)
    opened = time.perf_counter() - start
    suggest(derived, "o:0000000")
    first = time.perf_counter() - start
    times = []
    for i in np.random.default_rng(2).integers(0, n, 200).tolist():
        start = time.perf_counter()
        suggest(derived, f"o:{i:07}")
        times.append(1e3 * (time.perf_counter() - start))
    figures = f"opened in {1e3 * opened:.0f} ms, first answer after {first:.1f} s, then p50 {pct(times, 50):.0f} ms, p95 {pct(times, 95):.0f} ms"
    print(f"{'':>9} {figures}, peak {peak():,.0f} MB", flush=True)


def peak() -> float:
    """Most memory this process had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["score", folder, partner]:
            score(Path(folder), Path(partner))
        case ["ablation", folder]:
            ablation(Path(folder))
        case ["curve", *sizes]:
            curve([int(x) for x in sizes] or [10_000, 100_000, 1_000_000])
        case ["_build", work, size]:
            curve_build(Path(work), int(size))
        case ["_ask", work, size]:
            curve_ask(Path(work), int(size))
        case ["regional", folder]:
            regional(Path(folder))
        case _:
            sys.exit(__doc__)
