"""Plain text: lines that were broken to a width are joined again, other line breaks are kept."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final

from ingest.text.reading.hyphens import joint
from ingest.text.reading.raw import Edit, Raw

NARROWEST, WIDEST = 50, 100
_LEAST_BROKEN: Final = 3
_MOSTLY: Final = 0.6
_ITEM: Final = re.compile(r"\s*(?:[-–—*•·>#+|]|\(?\d{1,3}[.)]|\(?[a-z][.)])(?:\s|$)")
_HEADING_LONGEST: Final = 120
_MARK: Final = re.compile(r"^#{1,6}[ \t]+(?=\S)", re.MULTILINE)
"""What stands in front of a heading in Markdown."""


def read(text: str) -> Raw:
    """The text with its edits.  The title is a first line that stands alone and is no sentence."""
    first, _, rest = text.strip().partition("\n")
    first = _MARK.sub("", first.strip())
    alone = not rest or not rest.split("\n", 1)[0].strip()
    title = first if rest and alone and len(first) <= _HEADING_LONGEST and not first.endswith((".", ",", ";", "!", "?")) else ""
    # a heading's mark is no part of it; its line is never joined with another, so the edits do not meet
    marks = ((m.start(), m.end(), "") for m in _MARK.finditer(text))
    return Raw(text, title=title, edits=tuple(sorted((*unwrapped(text), *marks))))


def unwrapped(text: str) -> Iterator[Edit]:
    """Edits that join the lines of a text broken to a width, if it is one: most of its lines end where the next word had no room."""
    lines = []
    at = 0
    for line in text.splitlines(keepends=True):
        lines.append((at, line.rstrip()))
        at += len(line)
    width = _width([t for _, t in lines])
    if not width:
        return
    for (at, line), (next_at, following) in itertools.pairwise(lines):
        if _broken(line, following, width):
            end = next_at + len(following) - len(following.lstrip())
            yield joint(text, at + len(line), end)


def _width(lines: Sequence[str]) -> int:
    """The width that a text was broken to, 0 if it was not."""
    lengths = sorted(len(t) for t in lines if t)
    if not lengths:
        return 0
    width = lengths[min(int(len(lengths) * 0.99), len(lengths) - 1)]
    if not NARROWEST <= width <= WIDEST:
        return 0
    pairs = [(a, b) for a, b in itertools.pairwise(lines) if a and b]
    broken = sum(_broken(a, b, width) for a, b in pairs)
    return width if broken >= max(_LEAST_BROKEN, _MOSTLY * len(pairs)) else 0


def _broken(line: str, following: str, width: int) -> bool:
    """True if the line ends because the next word had no room."""
    if not line or not following or _ITEM.match(following):
        return False
    word = following.split(None, 1)[0]
    return len(line) + 1 + len(word) > width
