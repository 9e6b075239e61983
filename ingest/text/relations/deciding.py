"""From the names and topics of a text to its relations: pairs are weighed, the text as a whole is looked at, and what is sure enough is said."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.text.marks import Mention, Relation, Status, TopicMention
from ingest.text.relations.anaphora import with_references
from ingest.text.relations.document import SYMMETRIC, Instance, Statement, rows, statements
from ingest.text.relations.layout import Sentence, sentences
from ingest.text.relations.model import COLUMNS, NEGATABLE, ROLES, STATUSES, Model, load
from ingest.text.relations.pairs import Pair, Seen, link_of, look, pairs
from ingest.text.relations.rules import votes
from ingest.text.relations.status import signs
from ingest.text.relations.stream import Ref, build
from ingest.text.topics import fold

NEVER: Final = 99.0
"""The threshold of a type that was never sure enough."""

FLOOR: Final = -3.0
"""Statements whose likeliest pair scores less are dropped before the text as a whole is looked at."""

NAME_DOUBT: Final = 1.0
"""Log odds that a relation loses where a name is not sure at all; measured on the validation part with the names that the pipeline finds."""

_SETTLED: Final = frozenset({"LOCATED_IN", "PART_OF"})
"""A doubt in the sentence is most often about something else than where somebody is and whose part."""

_WINDOW: Final = 12_000  # characters; a longer text is read section by section, names keep their numbers
_QUOTED: Final = 2  # sentences between the ends that are still quoted as one passage
_COLUMN: Final = {name: i for i, name in enumerate(COLUMNS)}
_TOPIC_LETTERS: Final = 6


@dataclass(frozen=True, slots=True)
class Text:
    """A text (or a section of it) ready to be weighed."""

    seen: Seen
    pairs: tuple[Pair, ...]
    mentions: dict[int, list[Mention]]
    topics: dict[int, list[TopicMention]]


def relate(text: str, mentions: Sequence[Mention], topics: Sequence[TopicMention] = (), language: str = "de") -> tuple[Relation, ...]:
    """Relations that the text states, by place, each once (of several statements of the same the surest).

    mentions  names with the numbers of their entities; a name without a number stands for itself
    topics    topics of the schemes and free ones; those inside names say nothing
    language  cue words are German; texts in other languages give little, and what they give rests on places and enumerations

    A negated relation is given with its status: it must not become an edge.  Raises FileError when the model file cannot be read.
    """
    if language not in ("de", "en", "") or not mentions:
        return ()
    model = load()
    numbered = _numbered(mentions)
    found: dict[tuple[str, object, object], Relation] = {}
    for start, end in _sections(text):
        inside = [m for m in numbered if start <= m.start < end]
        if len({m.entity for m in inside}) + len(topics) < 2:
            continue
        part = prepare(text, inside, [t for t in topics if start <= t.start < end and model.thresholds["WORKS_ON"] < NEVER], start, end)
        for relation in _decide(part, model):
            tail = relation.tail.entity if isinstance(relation.tail, Mention) else relation.tail.topic or relation.tail.label
            key = (relation.type, relation.head.entity, tail)
            if key not in found or found[key].confidence < relation.confidence:
                found[key] = relation
    return tuple(sorted(_without_echoes(found.values()), key=lambda r: (r.start, r.head, r.type, r.tail.start)))


def prepare(text: str, mentions: Sequence[Mention], topics: Sequence[TopicMention], start: int = 0, end: int | None = None) -> Text:
    """Lay out a text, find what words stand for, and pair the references.  Mentions must be numbered."""
    ordered = sorted(mentions)
    by_entity: dict[int, list[Mention]] = {}
    for m in ordered:
        by_entity.setdefault(m.entity, []).append(m)
    following = max(by_entity, default=-1) + 1
    number: dict[str, int] = {}
    by_topic: dict[int, list[TopicMention]] = {}
    numbers: list[int] = []
    for t in topics:
        n = following + number.setdefault(t.topic or fold(t.label), len(number))
        numbers.append(n)
        by_topic.setdefault(n, []).append(t)
    found: tuple[Sentence, ...] = sentences(text, [(m.start, m.end) for m in ordered], start, end)
    stream = build(text, found, ordered, topics, numbers)
    seen = look(stream, with_references(stream))
    return Text(seen, tuple(pairs(seen)), by_entity, by_topic)


def _numbered(mentions: Sequence[Mention]) -> list[Mention]:
    following = max((m.entity for m in mentions), default=-1) + 1
    out: list[Mention] = []
    for m in mentions:
        out.append(m if m.entity >= 0 else m.at(following))
        following += m.entity < 0
    return out


def _sections(text: str) -> Iterator[tuple[int, int]]:
    """Spans of a long text, cut at blank lines, line ends or blanks."""
    start = 0
    while len(text) - start > _WINDOW:
        cut = -1
        for mark in ("\n\n", "\n", " "):
            cut = text.rfind(mark, start + _WINDOW // 2, start + _WINDOW)
            if cut > 0:
                break
        end = cut if cut > 0 else start + _WINDOW
        yield start, end
        start = end
    yield start, len(text)


def _decide(text: Text, model: Model) -> Iterator[Relation]:
    scores = model.weigh(text.seen, text.pairs)
    everything = statements(text.pairs, scores)
    likely = [s for s in everything if s.instances[0].score > FLOOR]
    odds = model.trees.score(rows(text.seen, text.pairs, everything, likely)) if likely else np.zeros(0)
    said: set[tuple[str, int, int]] = set()
    doubt = {entity: 1 - max(m.score for m in found) for entity, found in text.mentions.items()}
    for s, of_names in zip(likely, odds.tolist(), strict=True):
        log_odds = of_names - NAME_DOUBT * max(doubt[s.head], doubt.get(s.tail, 0.0))
        if log_odds < model.thresholds[s.type]:
            continue
        best = s.instances[0]
        row = scores[best.pair]
        status = status_of({name: float(row[_COLUMN[f"status/{name}"]]) for name in STATUSES})
        if status is Status.RUNNING and s.type not in _SETTLED:
            status = _doubted(text, best)
        said.add(s.key)
        role = role_of({name: float(row[_COLUMN[f"role/{name}"]]) for name in ROLES}) if s.type == "PARTICIPATES_IN" else ""
        yield _relation(text, s, best, status, role, 1 / (1 + math.exp(-log_odds)))
    yield from _negated(text, everything, scores, model.thresholds["negated"], said)


def _negated(text: Text, everything: Sequence[Statement], scores: NDArray[np.float32], threshold: float, said: set[tuple[str, int, int]]) -> Iterator[Relation]:
    for s in everything:
        if s.key in said:
            continue
        options = [(float(scores[i.pair, _COLUMN[f"not/{s.type}/{i.direction}"]]), i) for i in s.instances if (s.type, i.direction) in NEGATABLE]
        if options:
            score, best = max(options, key=lambda o: (o[0], -o[1].pair))
            if score >= threshold:
                yield _relation(text, s, best, Status.NEGATED, "", 1 / (1 + math.exp(-score)))


def status_of(scores: dict[str, float]) -> Status:
    """The status whose score is above zero and highest; running where none is.  What reached here is an edge: "negated" needs to be surer."""
    name, score = max(scores.items(), key=lambda x: x[1] - (x[0] == "negated"))
    return Status(name) if score > (name == "negated") else Status.RUNNING


def _doubted(text: Text, best: Instance) -> Status:
    """Negated or uncertain where the sentence plainly says so and the weights do not see it: a denial that becomes an edge is the worst mistake."""
    sentence = text.seen.stream.sentences[text.pairs[best.pair].second.sentence]
    strongest = next(iter(signs(text.seen.stream.text[sentence.start : sentence.end])), Status.RUNNING)
    return strongest if strongest in (Status.NEGATED, Status.UNCERTAIN) else Status.RUNNING


def role_of(scores: dict[str, float]) -> str:
    """The role whose score is above zero and highest, "" where none is."""
    name, score = max(scores.items(), key=lambda x: x[1])
    return name if score > 0 else ""


def _relation(text: Text, s: Statement, best: Instance, status: Status, role: str, confidence: float) -> Relation:
    pair = text.pairs[best.pair]
    a, b = (pair.first, pair.second) if best.direction == 0 else (pair.second, pair.first)
    if s.type == SYMMETRIC:
        a, b = pair.first, pair.second
        head, tail = pair.one, pair.two
    else:
        head, tail = s.head, s.tail
    first, last = text.seen.stream.sentences[pair.first.sentence], text.seen.stream.sentences[pair.second.sentence]
    near = pair.second.sentence - pair.first.sentence <= _QUOTED
    rule = next((name for name, kind, direction in votes(text.seen, pair) if kind == s.type and direction == best.direction), "")
    return Relation(
        head=_mention(text.mentions[head], a),
        type=s.type,
        tail=_mention(text.mentions[tail], b) if tail in text.mentions else _topic(text.topics[tail], b),
        start=first.start if near else last.start,
        end=last.end,
        status=status,
        role=role,
        confidence=round(confidence, 4),
        rule=rule or f"pair-{link_of(text.seen, pair)}",
    )


def _mention(mentions: Sequence[Mention], ref: Ref) -> Mention:
    """The name meant: the reference itself, or the last name before it (the first one behind it where there is none)."""
    before = [m for m in mentions if m.start <= ref.start]
    return before[-1] if before else mentions[0]


def _topic(topics: Sequence[TopicMention], ref: Ref) -> TopicMention:
    return next((t for t in topics if t.start == ref.start and t.end == ref.end), topics[0])


def _without_echoes(found: Iterable[Relation]) -> list[Relation]:
    """One topic of each group with the same words for a head: «Wasserstoff» beside «Wasserstoffspeicher» says nothing new."""
    kept: list[Relation] = []
    words: dict[int, set[str]] = {}
    for r in sorted(found, key=lambda r: (-r.confidence, r.start, r.type)):
        if isinstance(r.tail, TopicMention):
            mine = {w[:_TOPIC_LETTERS] for w in re.findall(r"\w{4,}", r.tail.label.lower())}
            if words.setdefault(r.head.entity, set()) & mine:
                continue
            words[r.head.entity] |= mine
        kept.append(r)
    return kept
