"""Texts that were read and wait for a person's word: kept as a file without names of persons, corrected, then said as claims.

A correction is anchored at a span of the text and means the thing that is named there, wherever the text names it.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson

from graph.jobs import Correction
from graph.model import Label, Status, link_problem
from ingest.text.marks import ORGANIZATIONS, Extraction, Found, Mention, Relation, Subject, Tag, TopicMention
from ingest.text.read import Document, Page
from ingest.text.reading.offsets import OffsetMap
from ingest.text.source import Said, sentence_starts, without_persons

SHOWN_TAGS: Final = (Tag.COMPANY, Tag.UNIVERSITY, Tag.RESEARCH, Tag.PUBLIC, Tag.ASSOCIATION, Tag.PROJECT, Tag.PLACE)
"""What a name can be said to be."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One text with what was found in it.  ``starts``: where its sentences begin; the text itself holds dots in place of persons."""

    document: Document
    extraction: Extraction
    starts: tuple[int, ...]

    @classmethod
    def of(cls, document: Document, extraction: Extraction) -> Reading:
        """What is kept of a text."""
        text = without_persons(document.text, extraction.persons)
        blank = replace(document, text=text, way=OffsetMap(len(text), len(text)))
        return cls(blank, replace(extraction, text="", persons=()), tuple(sentence_starts(document.text)))


@dataclass(frozen=True, slots=True)
class Checked:
    """A reading as a person left it: what it says, and of which entities a person said that they are none of the graph's nodes."""

    said: Said
    new: frozenset[int]


def save(path: Path, readings: Sequence[Reading]) -> None:
    """Write readings, all of them or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    for r in readings:
        d = asdict(replace(r.document, way=OffsetMap(0, 0)))
        del d["way"]
        rows.append({"document": d, "extraction": asdict(r.extraction), "starts": r.starts})
    tmp = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    tmp.write_bytes(gzip.compress(orjson.dumps(rows), 6, mtime=0))
    tmp.replace(path)


def load(path: Path) -> list[Reading]:
    """Read what `save` wrote."""
    return [_reading(row) for row in orjson.loads(gzip.decompress(path.read_bytes()))]


def _reading(row: dict[str, Any]) -> Reading:
    d, e = row["document"], row["extraction"]
    document = Document(**{**d, "pages": tuple(Page(**p) for p in d["pages"])}, way=OffsetMap(0, 0))
    extraction = Extraction(
        "",
        e["language"],
        tuple(_mention(m) for m in e["mentions"]),
        tuple(TopicMention(**t) for t in e["topics"]),
        tuple(_relation(r) for r in e["relations"]),
        (),
        tuple(Subject(**s) for s in e["subjects"]),
    )
    return Reading(document, extraction, tuple(row["starts"]))


def _mention(m: dict[str, Any]) -> Mention:
    return Mention(m["start"], m["end"], Tag(m["tag"]), m["entity"], m["score"], Found(m["found"]))


def _relation(r: dict[str, Any]) -> Relation:
    tail = TopicMention(**r["tail"]) if "topic" in r["tail"] else _mention(r["tail"])
    return Relation(_mention(r["head"]), r["type"], tail, r["start"], r["end"], Status(r["status"]), r["role"], r["confidence"], r["rule"])


def key_of(r: Relation) -> str:
    """What tells the statements of a text apart: where both ends stand, and the type."""
    return f"{r.type}:{r.head.start}-{r.head.end}:{r.tail.start}-{r.tail.end}"


def check(reading: Reading, corrections: Iterable[Correction]) -> Checked:
    """What a reading says with these corrections; those of other documents are left aside."""
    e = reading.extraction
    mentions, topics, relations, subjects = list(e.mentions), list(e.topics), list(e.relations), list(e.subjects)
    meant: dict[int, str] = {}
    new: set[int] = set()
    touched: set[tuple[int, int]] = set()
    for c in corrections:
        if c.document != reading.document.id:
            continue
        entities = {m.entity for m in mentions if m.start < c.end and c.start < m.end}
        match c.what:
            case "name":
                mentions = _with_name(reading.document.text, mentions, c)
            case "kind":
                mentions = [replace(m, tag=Tag(c.value), score=1.0, found=Found.PERSON) if m.entity in entities else m for m in mentions]
            case "out":
                here = c.value == "here"
                mentions = [m for m in mentions if not (m.entity in entities and (not here or (m.start < c.end and c.start < m.end)))]
                topics = [t for t in topics if not (t.start < c.end and c.start < t.end)]
            case "node":
                meant |= dict.fromkeys(entities, c.value)
                new -= entities
            case "new":
                new |= entities
                for n in entities:
                    meant.pop(n, None)
            case "relation":
                relations = [r for r in relations if key_of(r) != c.value]
            case "status":
                key, _, status = c.value.rpartition("=")
                relations = [replace(r, status=Status(status), confidence=1.0, rule=Found.PERSON) if key_of(r) == key else r for r in relations]
            case "subject":
                subjects = [s for s in subjects if s.topic != c.value]
        touched.add((c.start, c.end))
    there = {m.entity: m.tag for m in mentions}
    gone = set(e.topics) - set(topics)
    kept = tuple(r for r in (_as_named(r, there, gone) for r in relations) if r is not None)
    extraction = replace(e, mentions=tuple(sorted(mentions)), topics=tuple(topics), relations=kept, subjects=tuple(subjects))
    said = Said(reading.document, extraction, starts=reading.starts, meant=meant, checked=touched)
    return Checked(said, frozenset(new & said.things.keys()))


def _with_name(text: str, mentions: list[Mention], c: Correction) -> list[Mention]:
    """A name that was missed, wherever the text has it and nothing else is marked."""
    name = text[c.start : c.end]
    entity = max((m.entity for m in mentions), default=-1) + 1
    added = [
        Mention(at, at + len(name), Tag(c.value), entity, 1.0, Found.PERSON)
        for at in occurrences(text, name)
        if not any(m.start < at + len(name) and at < m.end for m in mentions)
    ]
    return sorted([*mentions, *added])


def occurrences(text: str, name: str) -> Iterator[int]:
    """Where a text has these very words, not inside longer ones."""
    at = text.find(name) if name.strip() else -1
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (before.isalnum() and name[0].isalnum()) and not (after.isalnum() and name[-1].isalnum()):
            yield at
        at = text.find(name, at + 1)


def _as_named(r: Relation, there: dict[int, Tag], taken_out: Set[TopicMention]) -> Relation | None:
    """A statement whose ends are still named, as what they are now said to be; None for one that no longer makes sense."""
    if r.head.entity not in there:
        return None
    head = replace(r.head, tag=there[r.head.entity])
    if isinstance(r.tail, TopicMention):
        fits = r.tail not in taken_out and (head.tag in ORGANIZATIONS or head.tag is Tag.PROJECT)
        return replace(r, head=head) if fits else None
    if r.tail.entity not in there:
        return None
    tail = replace(r.tail, tag=there[r.tail.entity])
    funds = r.type == "FUNDED_BY" and head.tag is tail.tag is Tag.PROJECT  # a programme
    return replace(r, head=head, tail=tail) if funds or link_problem(r.type, label_of(head.tag), label_of(tail.tag)) is None else None


def label_of(tag: Tag) -> Label:
    """The label of the nodes that names of a kind stand for."""
    return {Tag.PROJECT: Label.PROJECT, Tag.PLACE: Label.PLACE}.get(tag, Label.ORGANIZATION)
