"""From weights to the files in ingest/text/model: the graphs for onnxruntime, the word table in 4 bits, the tokenizer, checksums.

The graphs are written node by node: embeddings of pieces come in (the word table is shared and lies outside), attention and normalisation
are onnxruntime's fused operators.  The linear layers of the recogniser are multiplied in 8 bits (DynamicQuantizeMatMul), which is fastest;
those of the sentence vectors keep the 4 bits that the source has (MatMulNBits), so that nothing is lost.  The operators are described in
onnxruntime's ContribOperators.md.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ingest.text.pieces import TABLE, TOKENIZER, sign
from ingest.text.recogniser import GRAPH as RECOGNISER
from ingest.text.tagging import LABELS
from ingest.text.training.convert import Base
from ingest.text.training.encoder import Shape
from ingest.text.vectors import GRAPH as VECTORS

_EPSILON: Final = 1e-12
_BLOCK: Final = 32
_OPSET: Final = 21
_MICROSOFT: Final = "com.microsoft"
_FLOAT_ACTIVATIONS: Final = 1  # «accuracy level» of MatMulNBits: products in float32

Weights = Mapping[str, NDArray[np.float32]]


class _Graph:
    """Collects nodes and weights."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def weight(self, name: str, value: NDArray[Any]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, op: str, inputs: Sequence[str], name: str, domain: str = "", more_outputs: Sequence[str] = (), **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, list(inputs), [name, *more_outputs], name, domain=domain, **attributes))
        return name

    def linear(self, x: str, name: str, weight: NDArray[np.float32], bias: NDArray[np.float32], bits: int) -> str:
        """Multiply: x @ weight.T + bias with weight [out, in]."""
        out, inner = weight.shape
        shift = self.weight(name + ".b", bias)
        if bits == 8:
            q, scales = eight_bits(weight)
            parts = [x, self.weight(name + ".q", q.T), self.weight(name + ".s", scales), self.weight(name + ".z", np.zeros(out, np.int8)), shift]
            return self.node("DynamicQuantizeMatMul", parts, name, _MICROSOFT)
        packed, scales = four_bits(weight)
        parts = [x, self.weight(name + ".q", packed), self.weight(name + ".s", scales), "", "", shift]
        return self.node("MatMulNBits", parts, name, _MICROSOFT, K=inner, N=out, bits=bits, block_size=_BLOCK, accuracy_level=_FLOAT_ACTIVATIONS)


def eight_bits(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights [out, in] as int8 with one scale for each output."""
    scale = np.maximum(np.abs(weight).max(1), 1e-8) / 127
    return np.rint(weight / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def four_bits(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Weights [out, in] for MatMulNBits: uint8 [out, blocks, 16] and scales [out * blocks]; zero is 8.

    The scale is chosen as Q4_0 does (the largest weight becomes -8), so weights that came in this form stay what they are.
    """
    blocks = weight.reshape(weight.shape[0], -1, _BLOCK)
    scale = np.take_along_axis(blocks, np.abs(blocks).argmax(-1, keepdims=True), -1) / -8
    q = np.divide(blocks, scale, out=np.zeros_like(blocks), where=scale != 0)
    halves = np.clip(np.rint(q) + 8, 0, 15).astype(np.uint8)
    return halves[..., 0::2] | (halves[..., 1::2] << 4), scale.reshape(-1).astype(np.float32)


def _encoder(g: _Graph, shape: Shape, w: Weights, bits: int, positions: int) -> str:
    """From embeddings [batch, pieces, hidden], mask int32 [batch, pieces] to states [batch, pieces, hidden]."""
    g.weight("positions", w["pos"][:positions][None])
    g.weight("zero", np.array([0], np.int64))
    g.weight("one", np.array([1], np.int64))
    length = g.node("Shape", ["embeddings"], "length", start=1, end=2)
    own = g.node("Slice", ["positions", "zero", length, "one"], "own_positions")
    x = g.node("Add", ["embeddings", own], "sum")
    x = _norm(g, x, "eln", w["eln.weight"], w["eln.bias"])
    for i in range(shape.layers):
        at = f"layers.{i}."
        qkv = g.linear(x, at + "qkv", w[at + "qkv.weight"], w[at + "qkv.bias"], bits)
        parts = [at + "q", at + "k", at + "v"]
        g.node("Split", [qkv], parts[0], more_outputs=parts[1:], axis=-1, num_outputs=3)
        seen = g.node("MultiHeadAttention", [*parts, "", "mask"], at + "seen", _MICROSOFT, num_heads=shape.heads)
        seen = g.linear(seen, at + "ao", w[at + "ao.weight"], w[at + "ao.bias"], bits)
        x = _norm(g, x, at + "aln", w[at + "aln.weight"], w[at + "aln.bias"], seen)
        inner = g.linear(x, at + "fi", w[at + "fi.weight"], w[at + "fi.bias"], bits)
        inner = g.node("Gelu", [inner], at + "gelu")
        inner = g.linear(inner, at + "fo", w[at + "fo.weight"], w[at + "fo.bias"], bits)
        x = _norm(g, x, at + "oln", w[at + "oln.weight"], w[at + "oln.bias"], inner)
    return x


def _norm(g: _Graph, x: str, name: str, weight: NDArray[np.float32], bias: NDArray[np.float32], added: str = "") -> str:
    scale, shift = g.weight(name + ".w", weight), g.weight(name + ".b", bias)
    if added:
        return g.node("SkipLayerNormalization", [x, added, scale, shift], name, _MICROSOFT, epsilon=_EPSILON)
    return g.node("LayerNormalization", [x, scale, shift], name, axis=-1, epsilon=_EPSILON)


def _model(g: _Graph, outputs: Sequence[tuple[str, list[str | int]]], shape: Shape, facts: Mapping[str, str]) -> Any:
    inputs = [
        helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["batch", "pieces", shape.hidden]),
        helper.make_tensor_value_info("mask", TensorProto.INT32, ["batch", "pieces"]),
    ]
    outs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes) for name, sizes in outputs]
    graph = helper.make_graph(g.nodes, "innonet", inputs, outs, g.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)], ir_version=10)
    helper.set_model_props(model, dict(facts))
    return model


def recogniser_graph(shape: Shape, weights: Weights, bits: int = 8, positions: int = 160) -> Any:
    """Graph with `logits` [batch, pieces, tags] and `states` [batch, pieces, hidden]."""
    g = _Graph()
    states = _encoder(g, shape, weights, bits, positions)
    g.node("Identity", [states], "states")
    head = g.node("MatMul", [states, g.weight("head.w", weights["head.weight"].T)], "head")
    g.node("Add", [head, g.weight("head.b", weights["head.bias"])], "logits")
    outputs: list[tuple[str, list[str | int]]] = [
        ("logits", ["batch", "pieces", len(weights["head.bias"])]),
        ("states", ["batch", "pieces", shape.hidden]),
    ]
    return _model(g, outputs, shape, {"labels": json.dumps(list(LABELS)), "positions": str(positions)})


def vectors_graph(shape: Shape, weights: Weights, bits: int = 4, positions: int = 512) -> Any:
    """Graph with `vectors` [batch, hidden]: the mean of the states of all pieces, of length 1."""
    g = _Graph()
    states = _encoder(g, shape, weights, bits, positions)
    g.weight("last", np.array([-1], np.int64))
    g.node("Cast", ["mask"], "float_mask", to=TensorProto.FLOAT)
    g.node("Unsqueeze", ["float_mask", "last"], "wide_mask")
    g.node("Mul", [states, "wide_mask"], "kept")
    g.node("ReduceSum", ["kept", "one"], "total", keepdims=0)
    g.node("LpNormalization", ["total"], "vectors", axis=-1, p=2)
    return _model(g, [("vectors", ["batch", shape.hidden])], shape, {"positions": str(positions)})


def write_table(base: Base, folder: Path) -> None:
    """The word table as it is in the source: float16 scales [pieces, blocks] and bytes [pieces, blocks, 16]."""
    scales = np.ascontiguousarray(base.blocks[..., :2]).view("<f2")[..., 0]
    with (folder / TABLE).open("wb") as f:
        np.save(f, scales)
        np.save(f, np.ascontiguousarray(base.blocks[..., 2:]))


def write_tokenizer(base: Base, folder: Path) -> None:
    """The tokenizer as gzipped JSON without a time stamp."""
    (folder / TOKENIZER).write_bytes(gzip.compress(base.tokenizer.to_str().encode(), 9, mtime=0))


def write(base: Base, weights: Weights, folder: Path) -> None:
    """All files of the model with their checksums (SHA-256)."""
    folder.mkdir(parents=True, exist_ok=True)
    write_table(base, folder)
    write_tokenizer(base, folder)
    onnx.save(recogniser_graph(base.shape, weights), folder / RECOGNISER)
    own = {k: v.numpy() for k, v in base.state.items()}
    onnx.save(vectors_graph(base.shape, own), folder / VECTORS)
    sign(folder, RECOGNISER, VECTORS, TABLE, TOKENIZER)
