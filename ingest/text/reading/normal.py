"""One form of every text: NFC, blanks and line breaks of one kind, nothing invisible, and the way back to what was read.

Source of the rules: Unicode Standard Annex 15 (NFC; runs of combining marks are cut at 30, as in its Stream-Safe Text Format).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from ingest.text.reading.offsets import OffsetMap, rewrite
from ingest.text.reading.raw import Edit

MARKS_KEPT: Final = 30
_BLANKS: Final = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_BREAKS: Final = "\n\r\x0b\x0c\x85\u2028\u2029"
# controls, soft hyphen, joiners, direction marks, byte order mark, tag characters: nobody sees them, and they would part words
_HIDDEN: Final = "\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
_SPACE: Final = _BLANKS + _BREAKS + _HIDDEN
_ONE: Final = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
    "\uf0b7": "•",  # Word's bullets, from its symbol fonts
    "\uf0a7": "•",
}
# a class with characters beyond U+FFFF is slow to search for, so tag characters (which hide texts in texts) are looked for on their own
_TAGS: Final = re.compile("[\U000e0000-\U000e007f]+")
_RUNS: Final = re.compile(f"[{_SPACE}][{_SPACE}]+")
_SINGLE: Final = re.compile(f"[{''.join(_ONE)}\ud800-\udfff{_SPACE[1:].replace(chr(10), '')}]")
_BREAK: Final = re.compile(f"\r\n|[{_BREAKS}]")
_HYPHENATED: Final = re.compile(f"\u00ad[{_BLANKS}]*(?:\r\n|[\n\r\u2028])[{_BLANKS}]*")
_VISIBLE_BLANK: Final = re.compile(f"[{_BLANKS}]")
_NOT_LATIN: Final = re.compile(f"[^\0-\u02ff]{{{MARKS_KEPT + 1},}}")
_NOT_ASCII: Final = re.compile("[\0-\x7f]?[^\0-\x7f]+")


def normalise(raw: str) -> tuple[str, OffsetMap]:
    """The normalised text and its way back.  Normalising twice changes nothing more.

    Blanks of every kind become one space, line breaks become one line feed or, for an empty line between, two; blanks at the ends of lines go.
    Soft hyphens (with a line break behind them too), zero-width and control characters go; ligatures of typesetters become letters.
    """
    way = OffsetMap(len(raw), len(raw))
    for edits in (_without_tags, _plain_edits, _without_marks, _composed_edits):
        raw, step = rewrite(raw, edits(raw))
        way = step.after(way)
    return raw, way


def _without_tags(raw: str) -> Iterator[Edit]:
    return ((m.start(), m.end(), "") for m in _TAGS.finditer(raw))


def _plain_edits(raw: str) -> Iterator[Edit]:
    """Blanks, breaks, what is hidden, and ligatures."""
    last = len(raw)
    edge = 0
    spans = [*_spans(_RUNS, raw), *_spans(_SINGLE, raw), *_spans_of_edges(raw)]
    for start, end in sorted(spans, key=lambda s: (s[0], -s[1])):
        if start < edge:  # a part of a run
            continue
        edge = end
        found = raw[start:end]
        if found in _ONE or "\ud800" <= found <= "\udfff":
            yield start, end, _ONE.get(found, "\ufffd")
        elif start == 0 or end == last:
            yield start, end, ""
        elif found != "\n\n":
            yield start, end, _space(found)


def _spans(pattern: re.Pattern[str], raw: str) -> Iterator[tuple[int, int]]:
    return (m.span() for m in pattern.finditer(raw))


def _spans_of_edges(raw: str) -> Iterator[tuple[int, int]]:
    """A single blank or break at an end of the text; longer ones are runs."""
    last = len(raw) - 1
    if raw[:1] in (" ", "\n") and (last == 0 or not _RUNS.match(raw)):
        yield 0, 1
    if last > 0 and raw[-1] in " \n" and not _RUNS.fullmatch(raw, last - 1):
        yield last, last + 1


def _space(run: str) -> str:
    """What a run of blanks, breaks and hidden characters inside the text means."""
    if "\u00ad" in run:
        run = _HYPHENATED.sub("", run)
    breaks = _BREAK.findall(run)
    if not breaks:
        return " " if _VISIBLE_BLANK.search(run) else ""
    return "\n" if len(breaks) == 1 and breaks[0] != "\u2029" else "\n\n"


def _without_marks(text: str) -> Iterator[Edit]:
    """Takes out what a run of combining marks has more than any script writes: composing them takes quadratic time."""
    for m in _NOT_LATIN.finditer(text) if not text.isascii() else ():
        marks = 0
        for at in range(*m.span()):
            marks = marks + 1 if unicodedata.combining(text[at]) else 0
            if marks > MARKS_KEPT:
                yield at, at + 1, ""


def _composed_edits(text: str) -> Iterator[Edit]:
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return
    for m in _NOT_ASCII.finditer(text):
        piece = m[0]
        if unicodedata.is_normalized("NFC", piece):
            continue
        whole = unicodedata.normalize("NFC", piece)
        clusters = list(_clusters(piece))
        each = [unicodedata.normalize("NFC", c) for c in clusters]
        if "".join(each) != whole:  # a rare script composes across what looks like a border
            yield m.start(), m.end(), whole
            continue
        at = m.start()
        for old, new in zip(clusters, each, strict=True):
            if old != new:
                yield at, at + len(old), new
            at += len(old)


def _clusters(piece: str) -> Iterator[str]:
    """Parts that compose on their own: a character with the marks (and Hangul vowels and finals) behind it."""
    begin = 0
    for i, c in enumerate(piece):
        if i > begin and unicodedata.category(c)[0] != "M" and not "\u1160" <= c <= "\u11ff":
            yield piece[begin:i]
            begin = i
    yield piece[begin:]
