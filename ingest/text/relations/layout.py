"""The sentences of a text, with headings, list items and what introduces a list.

A line is a heading, an item of a list, or prose of one or more sentences.  Nothing is changed: every sentence is a span of the text.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final


class Form(StrEnum):
    """What a sentence is on the page."""

    PROSE = "prose"
    HEADING = "heading"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, a heading or an item of a list; `start` and `end` in characters of the text.

    `heading` is the number of the heading above (-1: none), `lead` that of the sentence that introduces the list an item stands in (-1: none),
    `paragraph` counts blocks of lines with blank lines between.
    """

    start: int
    end: int
    form: Form
    paragraph: int
    heading: int = -1
    lead: int = -1


_LINE: Final = re.compile(r"[^\n]+")
_BULLET: Final = re.compile(r"\s*(?:[•▪●◦‣·*–—-]|\d{1,2}[.)]|[a-z]\)|\(\d{1,2}\))\s+")
_END: Final = re.compile(r"[.!?…:]+[”“\"«»’‘)\]]*\s+(?=[„“»«\"‚(–\[]*[A-ZÄÖÜ0-9])")
_CLOSED: Final = re.compile(r"[.!?…][”“\"«»’‘)\]]*\s*$")
# Words with a full stop that end no sentence: abbreviations, titles, and ordinal numbers before a noun.
_NO_END: Final = re.compile(
    r"(?:^|[\s(„“»\"/-])(?:[A-Za-zÄÖÜ]|z\. ?B|u\. ?a|d\. ?h|i\. ?d\. ?R|o\. ?ä|e\. ?V|e\. ?G|a\. ?D|Dr|Prof|Dipl|Ing|-Ing|habil|med|nat|rer|Nr|Mio|Mrd|"
    r"Tsd|St|bzw|ca|evtl|ggf|inkl|"
    r"etc|vgl|usw|sog|Abs|Art|Bd|Hrsg|Str|Tel|max|min|vs|Co|Inc|Ltd|Corp|Jan|Feb|Apr|Aug|Sept|Okt|Nov|Dez|geb|gegr|insb|lt|gem|zzgl|exkl|mind|rd|[IVX]{2,4}|\d{1,2})\.$"
)
_LONGEST_HEADING: Final = 110
_LONGEST_ROW: Final = 140
_WRAPPED: Final = 50  # a shorter line was not broken for want of room
_SHARE_BROKEN: Final = 0.3
_LONGEST_QUESTION: Final = 70


def sentences(text: str, kept: Sequence[tuple[int, int]] = (), start: int = 0, end: int | None = None) -> tuple[Sentence, ...]:
    """Sentences of text[start:end] by place.  `kept` are spans (names) inside which no sentence ends, sorted by start."""
    lines = _lines(text, start, len(text) if end is None else end)
    rows = _rows(text, lines)
    found: list[Sentence] = []
    heading = lead = -1
    for n, (begin, stop, paragraph) in enumerate(lines):
        new_paragraph = n == 0 or lines[n - 1][2] != paragraph
        form = _form(text, lines, rows, n)
        if form is Form.HEADING:
            found.append(Sentence(begin, stop, form, paragraph, heading))
            heading = lead = len(found) - 1
            continue
        if form is Form.ITEM:
            above = found[-1] if found else None
            if above is not None and above.form is not Form.ITEM:
                opened = (
                    text[above.start : above.end].rstrip().endswith((":", "…", "–")) or not _CLOSED.search(text, above.start, above.end) or not new_paragraph
                )
                lead = len(found) - 1 if opened or above.form is Form.HEADING else heading
            for a, b in _split(text, begin, stop, kept):
                found.append(Sentence(a, b, form, paragraph, heading, lead))
            continue
        for a, b in _split(text, begin, stop, kept):
            found.append(Sentence(a, b, form, paragraph, heading))
        lead = -1
    return tuple(found)


def _lines(text: str, first: int, final: int) -> list[tuple[int, int, int]]:
    """Start, end and paragraph of every line; a line that goes on in small letters on the next one is one with it."""
    raw: list[tuple[int, int, int]] = []
    paragraph, last = 0, first
    for m in _LINE.finditer(text, first, final):
        if not m[0].strip():
            continue
        start = m.start() + len(m[0]) - len(m[0].lstrip())
        end = m.end() - (len(m[0]) - len(m[0].rstrip()))
        paragraph += text.count("\n", last, start) > 1 and bool(raw)
        raw.append((start, end, paragraph))
        last = end
    wrapped = _wrapped(text, raw)
    found: list[tuple[int, int, int]] = []
    for n, (start, end, paragraph) in enumerate(raw):
        gap = n > 0 and raw[n - 1][2] == paragraph
        last = raw[n - 1][1]
        goes_on = paragraph in wrapped or (last - found[-1][0] >= _WRAPPED and text[start].islower() and text[last - 1] not in ".!?:") if found else False
        if gap and goes_on and not _BULLET.match(text, start):
            found[-1] = (found[-1][0], end, paragraph)
        else:
            found.append((start, end, paragraph))
    return found


def _wrapped(text: str, lines: Sequence[tuple[int, int, int]]) -> set[int]:
    """Paragraphs whose lines were broken by width: many go on in small letters or break a word."""
    breaks: Counter[int] = Counter()
    all_breaks: Counter[int] = Counter()
    for (_, end, before), (start, _, paragraph) in pairwise(lines):
        if before == paragraph:
            all_breaks[paragraph] += 1
            breaks[paragraph] += text[start].islower() or (text[end - 1] == "-" and text[end - 2].isalpha())
    return {p for p, n in all_breaks.items() if n > 1 and breaks[p] >= _SHARE_BROKEN * n}


def _rows(text: str, lines: Sequence[tuple[int, int, int]]) -> set[int]:
    """Numbers of lines that stand in a list without bullets: short lines side by side that end no sentence."""
    short = [end - start <= _LONGEST_ROW and not _CLOSED.search(text, start, end) for start, end, _ in lines]
    found: set[int] = set()
    for n in range(1, len(lines)):
        if short[n] and short[n - 1] and lines[n][2] == lines[n - 1][2]:
            found |= {n - 1, n}
    return found


def _form(text: str, lines: Sequence[tuple[int, int, int]], rows: set[int], n: int) -> Form:
    start, end, paragraph = lines[n]
    if _BULLET.match(text, start):
        return Form.ITEM
    if n in rows:
        first = n == 0 or n - 1 not in rows or lines[n - 1][2] != paragraph
        return Form.HEADING if text[end - 1] == ":" or (first and n == 0) else Form.ITEM
    if end - start <= _LONGEST_QUESTION and text[end - 1] == "?" and not _END.search(text, start, end - 1):
        return Form.HEADING  # a question on a line of its own: the answer follows
    if end - start > _LONGEST_HEADING or _CLOSED.search(text, start, end):
        return Form.PROSE
    return Form.HEADING


def _split(text: str, start: int, end: int, kept: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at = start
    for m in _END.finditer(text, start, end):
        stop = m.end() - len(m[0]) + len(m[0].rstrip())
        if m[0][0] == ":" and not m[0].rstrip().endswith((":“", ":”", ':"')):
            continue  # what stands behind a colon belongs to what announces it
        if text[m.start()] == "." and _NO_END.search(text[max(start, m.start() - 12) : m.start() + 1]):
            continue
        i = bisect.bisect_right(kept, (m.start(), len(text))) - 1
        if i >= 0 and kept[i][0] <= m.start() and m.end() <= kept[i][1]:
            continue
        found.append((at, stop))
        at = m.end()
    found.append((at, end))
    return found
