"""Sentence vectors across languages: multilingual-e5-small as it is, mean of all pieces, of length 1.

The dot product of two vectors is their likeness (.7 to 1 in practice).  As E5 was trained, what is looked for and what it is compared with
are told apart by a word in front (`QUERY`, `PASSAGE`); two texts of the same sort are both queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.text import pieces

GRAPH: Final = "vectors.onnx"

QUERY: Final = "query: "
PASSAGE: Final = "passage: "

DIMENSIONS: Final = 384
_LONGEST: Final = 510  # pieces that the encoder has positions for, without <s> and </s>
_PIECES_AT_ONCE: Final = 1024


class Vectors:
    """The encoder of a model folder."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._pieces = pieces.load(folder)
        self._session = pieces.session(folder, GRAPH, threads)

    def embed(self, texts: Sequence[str], prefix: str = QUERY) -> NDArray[np.float32]:
        """Vectors float32 [texts, 384] of length 1, in the order of the texts; of a text only the first 510 pieces count."""
        rows = [self._pieces.encode(prefix + t).ids[:_LONGEST] for t in texts]
        out = np.zeros((len(rows), DIMENSIONS), np.float32)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        at = 0
        while at < len(order):
            group = [order[at]]
            # sorted by length, so the next one sets how long all rows of the batch are
            while at + len(group) < len(order) and (len(rows[order[at + len(group)]]) + 2) * (len(group) + 1) <= _PIECES_AT_ONCE:
                group.append(order[at + len(group)])
            embeddings, mask = self._pieces.batch([rows[i] for i in group])
            out[group] = self._session.run(["vectors"], {"embeddings": embeddings, "mask": mask})[0]
            at += len(group)
        return out


@lru_cache(maxsize=2)
def load(folder: Path | None = None, threads: int = 1) -> Vectors:
    """The encoder, read once a folder."""
    return Vectors(folder or pieces.FOLDER, threads)


def embed(texts: Sequence[str], prefix: str = QUERY) -> NDArray[np.float32]:
    """Vectors of texts with the shipped encoder: float32 [texts, 384]."""
    return load().embed(texts, prefix)
