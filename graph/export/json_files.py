"""JSON lines (one node or edge a line) and one JSON document with the same objects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, BinaryIO

import orjson

from graph.export.records import Edge, Node
from graph.reader import SourceInfo


def node_object(node: Node) -> dict[str, Any]:
    """A node as a plain object."""
    kind = {"kind": node.kind} if node.kind else {}
    return {"type": "node", "label": node.label, "id": node.id, **kind, "properties": _kept(node.props)}


def edge_object(edge: Edge) -> dict[str, Any]:
    """An edge as a plain object."""
    ends = {"start": {"label": edge.start_label, "id": edge.start}, "end": {"label": edge.end_label, "id": edge.end}}
    return {"type": "edge", "label": edge.type, **ends, "properties": _kept(edge.props)}


def source_object(s: SourceInfo) -> dict[str, Any]:
    """A source with its licence, as JSON exports name it."""
    return {
        "id": s.id,
        "title_de": s.title_de,
        "title_en": s.title_en,
        "publisher": s.publisher,
        "homepage": s.homepage,
        "licence": s.licence,
        "licence_url": s.licence_url,
        "attribution": s.attribution,
        "retrieved": s.retrieved(),
    }


def _kept(props: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in sorted(props.items()) if v not in (None, [])}


class JsonLines:
    """A line a node or edge; the last lines are the licences."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def node(self, node: Node) -> None:
        """A line."""
        self._file.write(orjson.dumps(node_object(node), option=orjson.OPT_APPEND_NEWLINE))

    def edge(self, edge: Edge) -> None:
        """A line."""
        self._file.write(orjson.dumps(edge_object(edge), option=orjson.OPT_APPEND_NEWLINE))

    def close(self, sources: Collection[SourceInfo]) -> None:
        """The licences, and the end; the file stays open."""
        for s in sources:
            self._file.write(orjson.dumps({"type": "licence", **source_object(s)}, option=orjson.OPT_APPEND_NEWLINE))


class JsonFile:
    """One document: {"graph": [nodes and edges], "licences": [sources]}."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._first = True

    def node(self, node: Node) -> None:
        """An element of ``graph``."""
        self._put(node_object(node))

    def edge(self, edge: Edge) -> None:
        """An element of ``graph``."""
        self._put(edge_object(edge))

    def _put(self, thing: Mapping[str, Any]) -> None:
        self._file.write((b'{"graph": [\n' if self._first else b",\n") + orjson.dumps(thing))
        self._first = False

    def close(self, sources: Collection[SourceInfo]) -> None:
        """The licences, and the end; the file stays open."""
        self._file.write((b'{"graph": [' if self._first else b"") + b'\n],\n"licences": ' + orjson.dumps([source_object(s) for s in sources]) + b"}\n")
