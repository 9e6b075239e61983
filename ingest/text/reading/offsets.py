"""The way back from a rewritten text: runs of equal distance, in two sorted arrays."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ingest.text.reading.raw import Edit

_WHOLE: Final = (0,)


def _zero() -> array[int]:
    return array("q", _WHOLE)


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Maps offsets of the new text to offsets of the old one.

    From ``starts[i]`` on, new and old go in step, beginning with ``origins[i]``; both arrays never fall.  ``length`` and ``old_length`` are
    the lengths of the two texts, in characters.
    """

    length: int
    old_length: int
    starts: array[int] = field(default_factory=_zero, hash=False, repr=False)
    origins: array[int] = field(default_factory=_zero, hash=False, repr=False)

    def back(self, offset: int) -> int:
        """Where a character of the new text stood in the old one; the end leads to the end.  Raises IndexError outside 0..length."""
        if not 0 <= offset <= self.length:
            raise IndexError(f"offset {offset} outside 0..{self.length}")
        if offset == self.length:
            return self.old_length
        i = bisect_right(self.starts, offset) - 1
        return self.origins[i] + offset - self.starts[i]

    def forward(self, old: int) -> int:
        """The first offset of the new text that stands at or after an offset of the old one."""
        i = bisect_left(self.origins, old)
        end = self.starts[i] if i < len(self.starts) else self.length
        return min(self.starts[i - 1] + old - self.origins[i - 1], end) if i else 0

    def after(self, first: OffsetMap) -> OffsetMap:
        """One map for two rewritings: ``first`` was made first, this one after it."""
        if len(first.starts) == 1 and first.origins[0] == 0:
            return OffsetMap(self.length, first.old_length, self.starts, self.origins)
        if len(self.starts) == 1 and self.origins[0] == 0 and self.length == self.old_length:
            return first
        starts, origins = np.frombuffer(self.starts, np.int64), np.frombuffer(self.origins, np.int64)
        inner, inner_origins = np.frombuffer(first.starts, np.int64), np.frombuffer(first.origins, np.int64)
        at = np.searchsorted(origins, inner, "left") - 1
        inside = at >= 0
        moved = starts[at] + inner - origins[at]
        ends = np.append(starts[1:], self.length)[at]
        points = np.unique(np.concatenate((starts, moved[inside & (moved < ends)])))
        mine = np.searchsorted(starts, points, "right") - 1
        middle = origins[mine] + points - starts[mine]
        theirs = np.searchsorted(inner, middle, "right") - 1
        return OffsetMap(self.length, first.old_length, array("q", points.tolist()), array("q", (inner_origins[theirs] + middle - inner[theirs]).tolist()))


def rewrite(text: str, edits: Iterable[Edit]) -> tuple[str, OffsetMap]:
    """Carry out edits (sorted, not overlapping) and keep the way back.  Raises ValueError for edits out of order."""
    starts, origins = _zero(), _zero()
    parts: list[str] = []
    old = new = 0

    def mark(at: int, origin: int) -> None:
        if starts[-1] == at:
            origins[-1] = origin
        else:
            starts.append(at)
            origins.append(origin)

    for start, end, put in edits:
        if not old <= start <= end <= len(text):
            raise ValueError(f"edit {start}..{end} after {old}, text of {len(text)}")
        parts.append(text[old:start])
        new += start - old
        parts.append(put)
        gone, come = end - start, len(put)
        if come > gone:  # what is longer now leads, from its surplus on, to its last old character
            mark(new, start)
            for k in range(gone, come):
                mark(new + k, max(start, end - 1))
        new += come
        old = end
        if come != gone:
            mark(new, end)
    parts.append(text[old:])
    return "".join(parts), OffsetMap(new + len(text) - old, len(text), starts, origins)
