"""What reading one text finds: mentions, topics and relations, each with its span.  The one vocabulary of everything under ingest/text/.

Spans are half open, in Unicode characters of the normalised text (ingest/text/read.py gives it, `innonet extract` takes the text as it is).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from graph.model import Kind
from graph.model import Status as Status  # part of this vocabulary, too


class Tag(StrEnum):
    """Kinds of names in texts, as in the annotation guidelines (data/corpus/README.md).  PERSON is recognised only to be left out."""

    COMPANY = "COMPANY"
    UNIVERSITY = "UNIVERSITY"
    RESEARCH = "RESEARCH"
    PUBLIC = "PUBLIC"
    ASSOCIATION = "ASSOCIATION"
    PROJECT = "PROJECT"
    PLACE = "PLACE"
    PERSON = "PERSON"


ORGANIZATIONS: Final = frozenset({Tag.COMPANY, Tag.UNIVERSITY, Tag.RESEARCH, Tag.PUBLIC, Tag.ASSOCIATION})

KIND_OF: Final = {
    Tag.COMPANY: Kind.COMPANY,
    Tag.UNIVERSITY: Kind.UNIVERSITY,
    Tag.RESEARCH: Kind.RESEARCH,
    Tag.PUBLIC: Kind.PUBLIC,
    Tag.ASSOCIATION: Kind.ASSOCIATION,
}


class Found(StrEnum):
    """What found a mention."""

    MODEL = "model"
    REGISTRY = "registry"
    PATTERN = "pattern"
    ABBREVIATION = "abbreviation"
    REPEAT = "repeat"
    PERSON = "person"
    """A person named it before the text went into the graph."""


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """One name in the text.  Mentions with the same `entity` mean the same thing (long and short form); numbers are per text, from 0."""

    start: int
    end: int
    tag: Tag
    entity: int = -1
    score: float = 1.0
    found: Found = Found.MODEL

    def at(self, entity: int) -> Mention:
        """The same mention as part of another entity."""
        return replace(self, entity=entity)


@dataclass(frozen=True, slots=True, order=True)
class TopicMention:
    """A topic in the text.  `topic` is the id of a topic of the graph's schemes, "" for a free one; `label` is how the text says it."""

    start: int
    end: int
    topic: str
    label: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Relation:
    """One statement of the text.  `tail` is a mention, or a topic where `type` is WORKS_ON.

    `start` and `end` span the sentence (or the heading and the list line) that says it; `rule` names what found it.
    """

    head: Mention
    type: str
    tail: Mention | TopicMention
    start: int
    end: int
    status: Status = Status.RUNNING
    role: str = ""
    confidence: float = 1.0
    rule: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A topic that the text as a whole is about.  `start` and `end`: where it first says so; both 0 where only vectors tell.

    `how`: words, vectors or both (ingest/text/topic_ranking.py).
    """

    topic: str
    score: float
    how: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that one text says, in the order of the text.  `persons`: where persons are named, so that what is stored can leave them out."""

    text: str
    language: str
    mentions: tuple[Mention, ...] = ()
    topics: tuple[TopicMention, ...] = ()
    relations: tuple[Relation, ...] = ()
    persons: tuple[tuple[int, int], ...] = ()
    subjects: tuple[Subject, ...] = ()
