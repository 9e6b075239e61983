"""GraphML (http://graphml.graphdrawing.org), as Gephi, yEd, Cytoscape and networkx read it.

A list becomes one text with «; » between; the licences are data of the graph itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape, quoteattr

from graph.export.records import LABELS, Edge, Node, edge_columns, node_columns
from graph.model import LINKS
from graph.reader import SourceInfo
from graph.tabular import plain

_TYPES: Final = {str: "string", list: "string", int: "long", float: "double", bool: "boolean"}
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold."""


class GraphMl:
    """Writes one document into an open file.  ``directed``: False for pictures of networks, whose links have no direction."""

    def __init__(self, file: BinaryIO, *, directed: bool = True) -> None:
        self._file = file
        self._n = 0
        node_keys = {"id": str, "label": str, "kind": str, "name": str, "step": int}
        for label in LABELS:
            node_keys |= {p: t for p, t in node_columns(label).items() if p not in node_keys}
        edge_keys: dict[str, type] = {"type": str, "shared": int}
        for type_ in LINKS:
            edge_keys |= edge_columns(type_)
        self._keys = {"node": node_keys, "edge": edge_keys}
        self._put(
            '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
        )
        for name in ("source", "licence"):
            self._put(f'<key id="g_{name}" for="graph" attr.name="{name}" attr.type="string"/>\n')
        for what, keys in self._keys.items():
            for p, t in keys.items():
                self._put(f'<key id="{what[0]}_{p}" for="{what}" attr.name="{p}" attr.type="{_TYPES[t]}"/>\n')
        self._put(f'<graph id="innonet" edgedefault="{"directed" if directed else "undirected"}">\n')

    def node(self, node: Node) -> None:
        """One node."""
        data = {**node.props, "id": node.id, "label": node.label, "kind": node.kind, "name": node.name}
        self._put(f"<node id={_attribute(_id(node.label, node.id))}>{self._data('node', data)}</node>\n")

    def edge(self, edge: Edge) -> None:
        """One edge."""
        self._n += 1
        ends = f"source={_attribute(_id(edge.start_label, edge.start))} target={_attribute(_id(edge.end_label, edge.end))}"
        self._put(f'<edge id="e{self._n}" {ends}>{self._data("edge", {**edge.props, "type": edge.type})}</edge>\n')

    def close(self, sources: Collection[SourceInfo]) -> None:
        """The licences, and the end; the file stays open."""
        self._put(f'<data key="g_source">{_text("; ".join(s.attribution or s.title_de or s.id for s in sources))}</data>\n')
        licences = dict.fromkeys(f"{s.id}: {s.licence} {s.licence_url}".strip() for s in sources)
        self._put(f'<data key="g_licence">{_text("; ".join(licences))}</data>\n</graph>\n</graphml>\n')

    def _data(self, what: str, values: Mapping[str, Any]) -> str:
        keys, out = self._keys[what], []
        for p, value in values.items():
            if p in keys and value not in (None, "", []):
                text = ("true" if value else "false") if isinstance(value, bool) else plain(value)
                out.append(f'<data key="{what[0]}_{p}">{_text(text)}</data>')
        return "".join(out)

    def _put(self, text: str) -> None:
        self._file.write(text.encode())


def _id(label: str, id_: str) -> str:
    """Ids are unique within a label only."""
    return f"{label}/{id_}"


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))
