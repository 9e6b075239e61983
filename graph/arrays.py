"""Texts and sparse matrices as flat arrays: what the derived files are made of.  A million of either costs no Python object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


class Strings(Sequence[str]):
    """Texts in one UTF-8 block with offsets: n texts cost no Python object until one is asked for."""

    __slots__ = ("_blob", "_offsets")

    def __init__(self, blob: Bytes, offsets: Longs) -> None:
        self._blob = blob
        self._offsets = offsets

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def raw(self, i: int) -> bytes:
        """The text as UTF-8 bytes."""
        return self._blob[self._offsets[i] : self._offsets[i + 1]].tobytes()

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> list[str]: ...
    def __getitem__(self, i: int | slice) -> str | list[str]:
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(i)
        return self.raw(i % len(self)).decode()

    def find(self, text: str, low: int, high: int) -> int | None:
        """Position of a text within the sorted part [low, high), None if it is not there."""
        wanted, end = text.encode("utf-8", "surrogatepass"), high
        while low < high:
            middle = (low + high) // 2
            if self.raw(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < end and self.raw(low) == wanted else None


@dataclass(frozen=True, slots=True)
class Csr:
    """A sparse matrix by rows: the columns of row i are ``indices[indptr[i]:indptr[i+1]]``, ascending; ``data`` runs beside them."""

    indptr: Longs
    indices: Ints
    data: npt.NDArray[Any]

    def row(self, i: int) -> Ints:
        """Columns of row i, ascending."""
        return self.indices[self.indptr[i] : self.indptr[i + 1]]

    def values(self, i: int) -> npt.NDArray[Any]:
        """Data of row i, beside `row`."""
        return self.data[self.indptr[i] : self.indptr[i + 1]]

    def degree(self) -> Longs:
        """Number of columns of every row."""
        return np.diff(self.indptr)

    def take(self, rows: npt.NDArray[Any]) -> tuple[Longs, Longs]:
        """Of many rows at once: (position in `rows`, position in indices and data) of every entry, in the order of `rows`."""
        start, count = self.indptr[rows], self.indptr[rows + 1] - self.indptr[rows]
        owner = np.repeat(np.arange(len(rows)), count)
        inside = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return owner, np.repeat(start, count) + inside


def common_of(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What two ascending rows have in common, ascending; the cost is that of the shorter one."""
    if len(a) > len(b):
        a, b = b, a
    return a[b[np.minimum(np.searchsorted(b, a), len(b) - 1)] == a] if len(a) else a
