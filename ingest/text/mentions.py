"""All steps from a text to its names, in order: recogniser, registers, patterns, vetoes, agreement within the document.

Persons stay in the result; whoever stores anything drops them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Protocol

from ingest.text import agreement, names
from ingest.text.marks import Mention
from ingest.text.names import Lexicon


class Model(Protocol):
    """What finds names at first: the shipped recogniser, or a model of the spaCy family in its place."""

    def spans(self, texts: Sequence[str]) -> list[list[Mention]]:
        """The names in each text, in order and without overlaps."""
        ...


class Step(StrEnum):
    """Steps behind the recogniser, in order; measured one by one by `innonet evaluate text`."""

    REGISTRY = "registry"
    PATTERNS = "patterns"
    VETOES = "vetoes"
    DOCUMENT = "document"


ALL: Final = tuple(Step)


def recognise(texts: Sequence[str], lexicon: Lexicon, model: Model, steps: Sequence[Step] = ALL) -> list[tuple[Mention, ...]]:
    """The names in each text with entity numbers, in the order of the text; no two overlap."""
    return [refine(text, found, lexicon, steps) for text, found in zip(texts, model.spans(texts), strict=True)]


def refine(text: str, found: Sequence[Mention], lexicon: Lexicon, steps: Sequence[Step] = ALL) -> tuple[Mention, ...]:
    """What the steps make of the recogniser's names in one text."""
    out = list(found)
    if Step.REGISTRY in steps:
        out = names.with_registry(text, out, lexicon)
    if Step.PATTERNS in steps:
        out = names.with_patterns(text, out)
    if Step.VETOES in steps:
        out = names.without_vetoed(text, out)
    return tuple(agreement.agree(text, out) if Step.DOCUMENT in steps else agreement.entities(text, out))
