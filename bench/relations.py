"""Relations of texts: precision, recall and F by type, as gold/score.py counts them, and speed.

python -m bench.relations own [--part test] [--rules | --extract]     the own corpus
python -m bench.relations gold FILE [--extract] [--out PREDICTIONS]   a gold file (PREDICTIONS: lines that score.py reads)
python -m bench.relations speed                                       milliseconds for 200 words

Names are those of the annotators, or with --extract those that the pipeline finds; topics are always found.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.text.extract import extractor
from ingest.text.marks import Mention, Relation, Status, Tag, TopicMention
from ingest.text.relations import relate
from ingest.text.relations.deciding import prepare
from ingest.text.relations.document import SYMMETRIC, TYPES
from ingest.text.relations.rules import votes
from ingest.text.training import corpus
from ingest.text.training.relations import topics_of

REFERENCE = corpus.FOLDER.parent / "reference"


@dataclass(frozen=True)
class Gold:
    """A text with names by entity key and edges (head key, type, tail key or topic, optional)."""

    id: str
    text: str
    mentions: tuple[Mention, ...]
    spans: dict[str, list[tuple[int, int]]]
    edges: tuple[tuple[str, str, str, bool], ...]
    statuses: dict[tuple[str, str, str], str]


@dataclass(frozen=True)
class Edge:
    """A predicted edge: spans of its ends, or the words of a topic."""

    head: tuple[int, int]
    type: str
    tail: tuple[int, int] | str
    status: str = "running"


def of_corpus(part: corpus.Part) -> list[Gold]:
    return [of_line(corpus.gold_line(t)) for t in corpus.read(part=part)]


def of_file(path: Path) -> list[Gold]:
    return [of_line(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def of_line(line: dict[str, Any]) -> Gold:
    """A line of a gold file; what is said to be negated is no edge."""
    numbers: dict[str, int] = {}
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    mentions = []
    for e in sorted(line["entities"], key=lambda e: e["start"]):
        mentions.append(Mention(e["start"], e["end"], Tag(e["label"]), numbers.setdefault(e["canonical"], len(numbers))))
        spans[e["canonical"]].append((e["start"], e["end"]))
    said = [r for r in line["relations"] if r.get("status") != "negated"]
    edges = tuple((r["head"], r["type"], r["tail"], bool(r.get("optional"))) for r in said)
    statuses = {(r["head"], r["type"], r["tail"]): r.get("status", "running") for r in line["relations"]}
    return Gold(str(line["id"]), line["text"], tuple(mentions), dict(spans), edges, statuses)


def edges_of(relations: Iterable[Relation]) -> list[Edge]:
    """Edges as `innonet extract --jsonl` writes them: negated ones are left out."""
    return [
        Edge((r.head.start, r.head.end), r.type, r.tail.label if isinstance(r.tail, TopicMention) else (r.tail.start, r.tail.end), str(r.status))
        for r in relations
        if r.status is not Status.NEGATED
    ]


def stems(words: str) -> set[str]:
    return {w[:6] for w in re.findall(r"\w{4,}", words.lower())}


def count(gold: Gold, edges: Sequence[Edge], table: dict[str, Counter[str]]) -> None:
    """Right, wrong and missed edges of a text into the table, as gold/score.py counts them."""

    def keys(span: tuple[int, int]) -> set[str]:
        return {k for k, places in gold.spans.items() if any(a < span[1] and span[0] < b for a, b in places)}

    used: set[int] = set()
    for edge in edges:
        heads = keys(edge.head)
        hit = None
        for i, (head, kind, tail, _) in enumerate(gold.edges):
            if i in used or kind != edge.type:
                continue
            if isinstance(edge.tail, str):
                good = head in heads and bool(stems(tail) & stems(edge.tail))
            else:
                tails = keys(edge.tail)
                good = (head in heads and tail in tails) or (kind == SYMMETRIC and head in tails and tail in heads)
            if good:
                hit = i
                break
        if hit is None:
            table[edge.type]["fp"] += 1
            continue
        used.add(hit)
        if not gold.edges[hit][3]:
            table[edge.type]["tp"] += 1
            head, kind, tail, _ = gold.edges[hit]
            table["status"]["right" if gold.statuses[head, kind, tail] == edge.status else "wrong"] += 1
            table["status"]["always running"] += gold.statuses[head, kind, tail] == "running"
    for i, (_, kind, _, optional) in enumerate(gold.edges):
        if i not in used and not optional:
            table[kind]["fn"] += 1


def show(title: str, table: dict[str, Counter[str]]) -> None:
    print(title)
    total = sum((c for k, c in table.items() if k in TYPES), Counter[str]())
    for name, c in (*((k, table[k]) for k in TYPES), ("TOTAL", total)):
        p = c["tp"] / max(c["tp"] + c["fp"], 1)
        r = c["tp"] / max(c["tp"] + c["fn"], 1)
        print(f"  {name:16s} P {p:.3f} R {r:.3f} F1 {2 * p * r / max(p + r, 1e-9):.3f}  ({c['tp']} tp, {c['fp']} fp, {c['fn']} fn)")
    if s := table.get("status"):
        n = s["right"] + s["wrong"]
        print(f"  status of the right edges: {s['right'] / max(n, 1):.3f} of {n} (always running: {s['always running'] / max(n, 1):.3f})")


def by_rules(text: str, mentions: Sequence[Mention], topics: Sequence[TopicMention], _language: str = "de") -> tuple[Relation, ...]:
    """The rules alone, each of their votes an edge."""
    laid = prepare(text, mentions, topics)
    found: dict[tuple[str, int, int], Relation] = {}
    for pair in laid.pairs:
        for name, kind, direction in votes(laid.seen, pair):
            head, tail = (pair.one, pair.two) if direction == 0 else (pair.two, pair.one)
            if kind == SYMMETRIC:
                head, tail = min(head, tail), max(head, tail)
            end = laid.mentions[tail][0] if tail in laid.mentions else laid.topics[tail][0]
            found.setdefault((kind, head, tail), Relation(laid.mentions[head][0], kind, end, 0, 0, rule=name))
    return tuple(found.values())


def by_pipeline(text: str, *_: object) -> tuple[Relation, ...]:
    """Everything found: names, topics and relations."""
    return next(iter(extractor().extract([text], ["de"]))).relations


def measure(title: str, golds: Sequence[Gold], road: Callable[..., tuple[Relation, ...]], out: Path | None = None) -> None:
    topics = topics_of(REFERENCE)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    lines = []
    for g in golds:
        edges = edges_of(road(g.text, g.mentions, topics(g.text, g.mentions), "de"))
        count(g, edges, table)
        lines.append(line_of(g.id, g.mentions, edges))
    show(f"{title}: {len(golds)} texts", table)
    if out is not None:
        out.write_text("".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines), encoding="utf-8")


def line_of(text_id: str, mentions: Sequence[Mention], edges: Sequence[Edge]) -> dict[str, Any]:
    def end(e: tuple[int, int] | str) -> dict[str, Any]:
        return {"topic": e} if isinstance(e, str) else {"start": e[0], "end": e[1]}

    return {
        "id": text_id,
        "entities": [{"start": m.start, "end": m.end, "label": str(m.tag)} for m in mentions],
        "relations": [{"head": end(e.head), "type": e.type, "tail": end(e.tail), "status": e.status} for e in edges],
    }


def speed() -> None:
    texts = corpus.read(part=corpus.Part.TEST)
    topics = topics_of(REFERENCE)
    ready = [(t.text, t.mentions, topics(t.text, t.mentions), len(t.text.split())) for t in texts]
    relate(*ready[0][:3])
    rounds = []
    for _ in range(5):
        start = time.process_time()
        for text, mentions, found, _ in ready:
            relate(text, mentions, found)
        rounds.append(1000 * (time.process_time() - start) / sum(n for *_, n in ready) * 200)
    print(f"milliseconds for 200 words: {statistics.median(rounds):.1f} (least {min(rounds):.1f})")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    own = commands.add_parser("own")
    own.add_argument("--part", type=corpus.Part, default=corpus.Part.TEST)
    own.add_argument("--rules", action="store_true")
    own.add_argument("--extract", action="store_true")
    gold = commands.add_parser("gold")
    gold.add_argument("file", type=Path)
    gold.add_argument("--out", type=Path)
    gold.add_argument("--extract", action="store_true")
    commands.add_parser("speed")
    args = parser.parse_args(argv)
    if args.command == "own":
        road = by_rules if args.rules else by_pipeline if args.extract else relate
        measure(f"own corpus, {args.part}, {road.__name__}", of_corpus(args.part), road)
    elif args.command == "gold":
        road = by_pipeline if args.extract else relate
        measure(f"{args.file}, {road.__name__}", of_file(args.file), road, args.out)
    else:
        speed()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
