"""A text as a row of words and references: names, topics, and (once anaphora.py has looked) pronouns and «das Institut»."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ingest.text.marks import Mention, Tag, TopicMention
from ingest.text.relations.layout import Sentence
from ingest.text.topics import fold, stem

TOPIC: Final = "TOPIC"
_WORD: Final = re.compile(r"-?\w+(?:[-/&’']\w+|-\n\w+)*[-‑]?|[^\w\s]")
_STEM_LETTERS: Final = 9


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a mark of punctuation; `stem` is folded, without endings, cut to nine letters."""

    start: int
    end: int
    low: str
    stem: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A place in the text that stands for an entity (or for each of several), or for a topic.

    `how` is "name" for a name itself, else the kind of word that stands for it ("noun", "pronoun", "we", "group", "there", ...).
    `at` is its place in the row of words and `sentence` the number of its sentence.
    """

    start: int
    end: int
    tag: str
    entities: tuple[int, ...]
    how: str
    at: int
    sentence: int
    word: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """Words and references by place.  `items[i]` is what stands i-th; `first[s]` is the place of the first item of sentence s."""

    text: str
    sentences: tuple[Sentence, ...]
    items: tuple[Word | Ref, ...]
    first: tuple[int, ...]

    def of(self, sentence: int) -> Sequence[Word | Ref]:
        """Items of one sentence."""
        return self.items[self.first[sentence] : self.first[sentence + 1]]


@lru_cache(maxsize=50_000)
def stem_of(low: str) -> str:
    """Stem of a word in small letters."""
    return stem(fold(low.strip("-‑")))[:_STEM_LETTERS] if low[0].isalnum() or len(low) > 1 else low


def build(text: str, sentences: tuple[Sentence, ...], mentions: Sequence[Mention], topics: Sequence[TopicMention], topic_numbers: Sequence[int]) -> Stream:
    """Row of words; names (persons too) stand as references, topics that lie outside of names too.

    topic_numbers  number of each topic mention's topic, continuing behind the numbers of the entities
    """
    marks: list[tuple[int, int, str, int]] = [(m.start, m.end, m.tag.value, m.entity) for m in mentions]
    marks.sort(key=lambda m: (m[0], -m[1]))
    taken: list[tuple[int, int]] = [(a, b) for a, b, _, _ in marks]
    for t, number in zip(topics, topic_numbers, strict=True):
        if not any(a < t.end and t.start < b for a, b in taken):
            marks.append((t.start, t.end, TOPIC, number))
    marks.sort(key=lambda m: (m[0], -m[1]))
    items: list[Word | Ref] = []
    first: list[int] = []
    k = 0
    for n, s in enumerate(sentences):
        first.append(len(items))
        at = s.start
        while at < s.end:
            while k < len(marks) and marks[k][0] < at:
                k += 1  # begins inside of the mark before
            upto = marks[k][0] if k < len(marks) and marks[k][0] < s.end else s.end
            for m in _WORD.finditer(text, at, upto):
                low = m[0].lower().replace("-\n", "")
                items.append(Word(m.start(), m.end(), low, stem_of(low)))
            at = upto
            if upto < s.end:
                a, b, tag, number = marks[k]
                items.append(Ref(a, b, tag, (number,), "name", len(items), n))
                at = max(b, at + 1)
                k += 1
                while k < len(marks) and marks[k][0] == a and marks[k][2] == TOPIC and tag == TOPIC:
                    items.append(Ref(a, marks[k][1], TOPIC, (marks[k][3],), "name", len(items), n))
                    k += 1
    first.append(len(items))
    return Stream(text, sentences, tuple(items), tuple(first))


def is_org(tag: str) -> bool:
    """Whether the tag is one of the five kinds of organisations."""
    return tag in _ORG


_ORG: Final = frozenset({Tag.COMPANY.value, Tag.UNIVERSITY.value, Tag.RESEARCH.value, Tag.PUBLIC.value, Tag.ASSOCIATION.value})
