"""Words, their pieces and their tags: what the recogniser and its training share.

A text is a row of words (letters and digits, or one sign).  Each word takes the tag that the model gives its first piece: O, or B- and I-
with a label.  Offsets are Unicode characters of the text as given; soft hyphens and combining marks belong to the word around them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.text.marks import Tag

OTHER: Final = "OTH"
"""Names of other things (GermEval's fourth class); learnt so that they are not taken for organisations, and never given out."""

LABELS: Final[tuple[str, ...]] = (
    Tag.COMPANY,
    Tag.UNIVERSITY,
    Tag.RESEARCH,
    Tag.PUBLIC,
    Tag.ASSOCIATION,
    Tag.PROJECT,
    Tag.PLACE,
    Tag.PERSON,
    OTHER,
)

TAGS: Final[tuple[str, ...]] = ("O", *(p + label for label in LABELS for p in ("B-", "I-")))
TAG_NUMBER: Final[dict[str, int]] = {t: i for i, t in enumerate(TAGS)}

WORD: Final = re.compile("\\w(?:[\\w\u00ad\u0300-\u036f])*|[^\\w\\s]")

_IMPOSSIBLE: Final = -1e4

Span = tuple[int, int, str]
"""Start, end, label."""


def words(text: str) -> list[tuple[int, int]]:
    """Start and end of each word and sign."""
    return [m.span() for m in WORD.finditer(text)]


def first_pieces(spans: Sequence[tuple[int, int]], offsets: Sequence[tuple[int, int]]) -> list[int]:
    """The number of each word's first piece, -1 where the tokenizer gave it none."""
    out = []
    j, n = 0, len(offsets)
    for start, _ in spans:
        while j < n and offsets[j][1] <= start:
            j += 1
        out.append(j if j < n else -1)
    return out


def targets(spans: Sequence[tuple[int, int]], marks: Sequence[Span], numbers: dict[str, int]) -> list[int]:
    """The tag of each word, where `numbers` says which tag has which number; labels it does not hold stay O."""
    out = [0] * len(spans)
    for start, end, label in marks:
        if "B-" + label not in numbers:
            continue
        prefix = "B-"
        for i, (a, b) in enumerate(spans):
            if a >= start and b <= end:
                out[i] = numbers[prefix + label]
                prefix = "I-"
    return out


def _barred() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What each step from one tag to the next costs, and each first tag: I- follows only B- or I- of its own label."""
    step = np.zeros((len(TAGS), len(TAGS)), np.float32)
    first = np.zeros(len(TAGS), np.float32)
    for j, tag in enumerate(TAGS):
        if tag[0] == "I":
            first[j] = _IMPOSSIBLE
            for i, before in enumerate(TAGS):
                if before == "O" or before[2:] != tag[2:]:
                    step[i, j] = _IMPOSSIBLE
    return step, first


_STEP, _FIRST = _barred()


def best_path(scores: NDArray[np.float32]) -> NDArray[np.intp]:
    """The likeliest legal row of tags for log probabilities [words, tags] (Viterbi)."""
    greedy: NDArray[np.intp] = scores.argmax(1)
    if _FIRST[greedy[0]] == 0 and not _STEP[greedy[:-1], greedy[1:]].any():
        return greedy  # legal, so nothing is likelier
    s = scores[0] + _FIRST
    back = np.zeros(scores.shape, np.intp)
    columns = np.arange(len(TAGS))
    for i in range(1, len(scores)):
        reached = s[:, None] + _STEP
        back[i] = reached.argmax(0)
        s = reached[back[i], columns] + scores[i]
    path = np.zeros(len(scores), np.intp)
    path[-1] = s.argmax()
    for i in range(len(scores) - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return path


def decode(path: NDArray[np.intp]) -> list[tuple[int, int, str]]:
    """Names as (first word, word behind the last, label)."""
    out: list[tuple[int, int, str]] = []
    for i, number in enumerate(path):
        tag = TAGS[number]
        if tag == "O":
            continue
        if tag[0] == "I" and out and out[-1][1] == i and out[-1][2] == tag[2:]:
            out[-1] = (out[-1][0], i + 1, tag[2:])
        else:
            out.append((i, i + 1, tag[2:]))
    return out
