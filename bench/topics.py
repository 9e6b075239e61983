"""How well topics are ranked: `python -m bench.topics DATA`, where DATA holds cordis-horizon-heads (and cordis-current for --dev).

The 51 Horizon Europe projects with title, objective and the publisher's EuroSciVoc codes serve for measuring only.  `--dev` measures on 104
H2020 projects whose topics are our own choice, by title (topics_dev.csv), on which the weights were set.
hit@n: projects with one of their codes among the first n.  recall@10: share of a project's codes among the first 10, mean of the projects.
Speed is in seconds of one processor (the encoder runs in one thread), so that other work on the machine counts little.
`--labels` makes the file of label vectors anew (ingest/text/model) and needs no DATA.
`--judged` sums up topics_judged.csv: 100 German titles (ERDF North Rhine-Westphalia 2007-2013, Land Nordrhein-Westfalen; drawn with seed 4),
judged by hand for the topics by words, and for those that `likely` keeps: right, partly (one is wrong or a main one is missing), wrong,
missed (nothing found though EuroSciVoc has a topic for it), none (nothing found, and there is none).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from ingest.text import pieces
from ingest.text.topic_ranking import LABELS, SCHEME, RankedTopic, label_vectors, load, read_scheme
from ingest.text.vectors import load as load_encoder

HERE = Path(__file__).resolve().parent
DEMO = HERE.parent / "data" / "demo"
BACKGROUND = 250

csv.field_size_limit(1 << 24)


@dataclass(frozen=True, slots=True)
class Project:
    """A project with the numbers of its topics."""

    id: str
    title: str
    objective: str
    topics: frozenset[str]


def horizon(data: Path) -> list[Project]:
    folder = data / "cordis-horizon-heads"
    codes: dict[str, set[str]] = {}
    for row in _csv(folder / "euroSciVoc_df_100.csv", ","):
        codes.setdefault(row["projectID"], set()).add(row["euroSciVocCode"].rsplit("/", 1)[1])
    return [Project(r["id"], r["title"], r["objective"], frozenset(codes[r["id"]])) for r in _csv(folder / "project_df_100.csv", ",") if r["id"] in codes]


def dev(data: Path) -> list[Project]:
    chosen = {r["project_id"]: frozenset(r["topics"].split(";")) for r in _csv(HERE / "topics_dev.csv", ",")}
    rows = _csv(data / "cordis-current" / "project.csv.gz", ";")
    return [Project(r["id"], r["title"], r["objective"], chosen[r["id"]]) for r in rows if r["id"] in chosen]


def _csv(path: Path, delimiter: str) -> Iterator[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as f:
        yield from csv.DictReader(f, delimiter=delimiter)


def measure(projects: Sequence[Project], ranked: Callable[[Project], Sequence[RankedTopic]]) -> dict[str, float]:
    """Figures of a way to rank, with the words it ranks in a second."""
    hits = Counter[int]()
    recall = 0.0
    began = time.process_time()
    found = [[t.topic.removeprefix(SCHEME) for t in ranked(p)] for p in projects]
    seconds = time.process_time() - began
    for p, codes in zip(projects, found, strict=True):
        for n in (1, 5):
            hits[n] += bool(p.topics & set(codes[:n]))
        recall += len(p.topics & set(codes[:10])) / len(p.topics)
    words = sum(len(p.title.split()) + len(p.objective.split()) for p in projects)
    n = len(projects)
    return {"projects": n, "hit@1": hits[1] / n, "hit@5": hits[5] / n, "recall@10": recall / n, "words/s": words / seconds, "ms": 1000 * seconds / n}


def background() -> dict[str, list[str]]:
    """Titles of the demo in both languages, always the same ones."""
    english = [r["title"] for r in _csv(DEMO / "cordis-fp7" / "project.csv.gz", ";")]
    with gzip.open(DEMO / "efre-nrw-2007" / "verzeichnis_beguenstigte_2007-2013.json.gz") as f:
        german = [" ".join(r["name_of_operation"].split()) for r in orjson.loads(f.read())]
    return {x: sorted(set(t), key=lambda s: hashlib.sha256(s.encode()).digest())[:BACKGROUND] for x, t in (("en", english), ("de", german))}


def make_labels(folder: Path = pieces.FOLDER) -> None:
    """Write the label vectors and their line of the checksums; the same tables and encoder give the same file."""
    content = label_vectors(read_scheme(), background(), load_encoder(folder))
    (folder / LABELS).write_bytes(content)
    pieces.sign(folder, LABELS)
    print(f"{folder / LABELS}: {len(content):,} bytes")


def judged() -> None:
    """What a person said of the topics of German titles."""
    for column in ("words", "ranked"):
        counts = Counter(r[column] for r in _csv(HERE / "topics_judged.csv", ","))
        print(column, ", ".join(f"{k} {v}" for k, v in counts.most_common()))


def show(name: str, got: dict[str, float]) -> None:
    print(
        f"{name:10s} {got['projects']:4.0f} projects  hit@1 {got['hit@1']:.3f}  hit@5 {got['hit@5']:.3f}  recall@10 {got['recall@10']:.3f}"
        f"  {got['words/s']:8,.0f} words/s  {got['ms']:6.1f} ms a text",
        flush=True,
    )


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("data", type=Path, nargs="?")
    ap.add_argument("--dev", action="store_true")
    ap.add_argument("--labels", action="store_true")
    ap.add_argument("--judged", action="store_true")
    a = ap.parse_args()
    if a.labels:
        make_labels()
    if a.judged:
        judged()
    if a.data is None:
        return
    projects = dev(a.data) if a.dev else horizon(a.data)
    for name, vectors in (("words", False), ("all", True)):
        ranker = load(vectors=vectors)
        ranker.rank("Wasserstoff", "Energie")  # what is loaded or compiled once is not measured
        show(name, measure(projects, lambda p, ranker=ranker: ranker.rank(p.objective, p.title, "en")))  # type: ignore[misc]


if __name__ == "__main__":
    main()
