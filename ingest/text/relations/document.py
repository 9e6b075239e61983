"""Statements of a text: what pairs say, gathered by type and ends, and what the whole text says about each of them as numbers.

A statement is (type, head, tail) with all pairs that may express it.  Whether a project has other partners, whether a sister in an enumeration
stands in the same relation, and whether another organisation is the likelier funder is seen only from the text as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.text.marks import ORGANIZATIONS, Tag
from ingest.text.relations.pairs import Pair, Seen
from ingest.text.relations.stream import TOPIC, Ref

_ORGS: Final = frozenset(t.value for t in ORGANIZATIONS)
_ACTORS: Final = _ORGS | {Tag.PROJECT.value}
TYPES: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "PARTICIPATES_IN": (_ACTORS, _ACTORS),
    "COOPERATES_WITH": (_ORGS, _ORGS),
    "FUNDED_BY": (_ACTORS, _ACTORS),
    "PART_OF": (_ACTORS, _ACTORS),
    "LOCATED_IN": (_ACTORS, frozenset({Tag.PLACE.value})),
    "WORKS_ON": (_ACTORS, frozenset({TOPIC})),
}
SYMMETRIC: Final = "COOPERATES_WITH"
OUTPUTS: Final[tuple[tuple[str, int], ...]] = tuple((t, d) for t in TYPES for d in (0, 1) if not (t == SYMMETRIC and d))
"""What a pair is weighed for: a type and a direction (0: the first name is the head)."""

_TAGS: Final = (*(t.value for t in Tag), TOPIC)
_HOWS: Final = ("name", "noun", "pronoun", "own", "we", "group", "relative", "order", "there", "about")
_ORDER: Final = {t: i for i, t in enumerate(TYPES)}
_OTHERS: Final = ("PARTICIPATES_IN", "COOPERATES_WITH", "FUNDED_BY", "PART_OF")
_NONE: Final = -12.0
_SELF: Final = -13.0
_FAR: Final = 60

Key = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Instance:
    """A pair read in one direction, with the score of its type."""

    pair: int
    direction: int
    score: float


@dataclass(slots=True)
class Statement:
    """A type, a head and a tail (entities or topics by number), and the pairs that may say so; the likeliest one first."""

    type: str
    head: int
    tail: int
    instances: list[Instance]

    @property
    def key(self) -> Key:
        """What makes two statements the same."""
        return self.type, self.head, self.tail


@cache
def allowed(first: str, second: str) -> tuple[tuple[int, str, int], ...]:
    """Outputs that a pair of these kinds of names may have: column, type and direction."""
    return tuple(
        (column, kind, direction)
        for column, (kind, direction) in enumerate(OUTPUTS)
        if (first if direction == 0 else second) in TYPES[kind][0] and (second if direction == 0 else first) in TYPES[kind][1]
    )


def statements(pairs: Sequence[Pair], scores: NDArray[np.float32]) -> list[Statement]:
    """All statements that the kinds of names allow.  `scores` has a row a pair and a column an output (OUTPUTS)."""
    found: dict[Key, Statement] = {}
    listed = scores[:, : len(OUTPUTS)].tolist()
    for n, pair in enumerate(pairs):
        row = listed[n]
        for column, kind, direction in allowed(pair.first.tag, pair.second.tag):
            head, tail = (pair.one, pair.two) if direction == 0 else (pair.two, pair.one)
            if kind == SYMMETRIC and head > tail:
                head, tail = tail, head
            statement = found.get((kind, head, tail))
            if statement is None:
                statement = found[kind, head, tail] = Statement(kind, head, tail, [])
            statement.instances.append(Instance(n, direction, row[column]))
    for s in found.values():
        if len(s.instances) > 1:
            s.instances.sort(key=lambda i: (-i.score, i.pair, i.direction))
    return list(found.values())


def rows(seen: Seen, pairs: Sequence[Pair], all_of: Sequence[Statement], wanted: Sequence[Statement]) -> NDArray[np.float32]:
    """Numbers about each wanted statement, a row each (the columns are those of `_row`)."""
    text = _Text(seen, pairs, all_of)
    return np.array([text.row(s) for s in wanted], np.float32).reshape(len(wanted), -1)


class _Text:
    """Scores of a text's statements by their ends."""

    def __init__(self, seen: Seen, pairs: Sequence[Pair], all_of: Sequence[Statement]) -> None:
        self.seen = seen
        self.pairs = pairs
        self.best = {s.key: s.instances[0].score for s in all_of}
        self.by_head: dict[tuple[str, int], list[tuple[float, int]]] = {}
        self.by_tail: dict[tuple[str, int], list[tuple[float, int]]] = {}
        self.by_type: dict[str, list[float]] = {}
        for s in all_of:
            score = s.instances[0].score
            self.by_head.setdefault((s.type, s.head), []).append((score, s.tail))
            self.by_tail.setdefault((s.type, s.tail), []).append((score, s.head))
            self.by_type.setdefault(s.type, []).append(score)
        for scores in self.by_type.values():
            scores.sort(reverse=True)
        self.positive = {t: sum(x > 0 for x in v) for t, v in self.by_type.items()}

    def row(self, s: Statement) -> list[float]:
        best = s.instances[0]
        mine = best.score
        pair = self.pairs[best.pair]
        a, b = (pair.first, pair.second) if best.direction == 0 else (pair.second, pair.first)
        own = [i.score for i in s.instances]
        named = [i.score for i in s.instances if self.pairs[i.pair].first.how == "name" and self.pairs[i.pair].second.how == "name"]
        out = [mine, own[1] if len(own) > 1 else _NONE, float(min(len(own), 4)), float(min(sum(x > 0 for x in own), 4)), named[0] if named else _NONE]
        for kind in _OTHERS:
            for head, tail in ((s.head, s.tail), (s.tail, s.head)):
                key = (kind, min(head, tail), max(head, tail)) if kind == SYMMETRIC else (kind, head, tail)
                out.append(_SELF if key == s.key else self.best.get(key, _NONE))
        out += [self._sisters(s, s.head, self.by_tail.get((s.type, s.tail), ())), self._sisters(s, s.tail, self.by_head.get((s.type, s.head), ()))]
        same_tail = sorted((x for x, e in self.by_tail[s.type, s.tail] if e != s.head), reverse=True)
        same_head = sorted((x for x, e in self.by_head[s.type, s.head] if e != s.tail), reverse=True)
        out += [*_top(same_tail, 2), float(min(sum(x > mine for x in same_tail), 5)), float(min(sum(x > 0 for x in same_tail), 5))]
        out += [*_top(same_head, 1), float(min(sum(x > mine for x in same_head), 5)), float(min(sum(x > 0 for x in same_head), 5))]
        rest = [x for x in self.by_type[s.type][:2] if x != mine]
        out += [rest[0] if rest else _NONE, float(min(self.positive[s.type] - (mine > 0), 6))]
        out += [_most(self.by_head.get(("PARTICIPATES_IN", s.head), ()), s.tail), _most(self.by_tail.get(("PARTICIPATES_IN", s.tail), ()), s.head)]
        return out + self._of_ends(s, a, b, pair, best.direction)

    def _of_ends(self, s: Statement, a: Ref, b: Ref, pair: Pair, direction: int) -> list[float]:
        seen, count = self.seen, self.seen.count
        return [
            float(_TAGS.index(a.tag)), float(_TAGS.index(b.tag)), float(_HOWS.index(a.how)), float(_HOWS.index(b.how)),
            float(min(pair.second.sentence - pair.first.sentence, 12)), float(min(pair.second.at - pair.first.at, _FAR)), float(direction),
            float(min(count[s.head], 4)), float(min(count[s.tail], 4)), float(s.head == seen.main_project), float(s.tail == seen.main_project),
            float(s.head == seen.house), float(s.tail == seen.house), float(min(seen.projects, 3)), float(_ORDER[s.type]), float(pair.first.sentence == 0),
            float(seen.chain.get(pair.second.at, (0, 0))[1] - seen.chain.get(pair.second.at, (0, 0))[0]),
        ]  # fmt: skip

    def _sisters(self, s: Statement, end: int, scores: Sequence[tuple[float, int]]) -> float:
        """The best score of a statement whose end is enumerated with this one's."""
        sisters = self.seen.siblings.get(end, ())
        other = s.tail if end == s.head else s.head
        return max((x for x, e in scores if e in sisters and e != other), default=_NONE)


def _top(scores: Sequence[float], n: int) -> list[float]:
    return [*scores[:n], *([_NONE] * (n - len(scores)))]


def _most(scores: Sequence[tuple[float, int]], but: int) -> float:
    return max((x for x, e in scores if e != but), default=_NONE)
