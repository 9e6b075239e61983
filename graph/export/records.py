"""What every form of export is made of: nodes, edges, the sources behind them, and who writes them into a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from graph.model import EDGE_PROPS, LINKS, NODE_PROPS, Kind, Label
from graph.reader import SourceInfo

Address = Callable[[Label, str], str]
"""The web address (IRI) that stands for a node, by label and id."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node as it is stored; ``props`` without its id."""

    label: Label
    id: str
    kind: Kind | None = None
    props: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What people call it; its id where it has no name."""
        found = next((self.props[p] for p in ("name", "title", "acronym", "label_de", "label_en") if self.props.get(p)), self.id)
        return str(found)


@dataclass(frozen=True, slots=True)
class Edge:
    """A link as it is stored."""

    start_label: Label
    start: str
    type: str
    end_label: Label
    end: str
    props: Mapping[str, Any] = field(default_factory=dict)


class Writer(Protocol):
    """Writes nodes and edges in whatever order they come, and at last the sources of all of them."""

    def node(self, node: Node) -> None:
        """One node."""
        ...

    def edge(self, edge: Edge) -> None:
        """One edge; its nodes may come before or after it."""
        ...

    def close(self, sources: Collection[SourceInfo]) -> None:
        """The end: whose facts are inside."""
        ...


_BOOKKEEPING: Final[Mapping[Label, Mapping[str, type]]] = {
    Label.EVIDENCE: {"source": str, "dataset": str, "release": str, "locator": str, "quote": str, "extractor": str, "confidence": float},
    Label.ALIAS: {"source": str},
    Label.SOURCE: {
        **dict.fromkeys(("title_de", "title_en", "publisher", "homepage", "licence", "licence_url", "attribution"), str),
        "releases": list,
    },
}
LABELS: Final = (*NODE_PROPS, *_BOOKKEEPING)
"""Labels that an export may hold; the bookkeeping of the graph's own state (Meta) is none of them."""

_EDGE_TYPES: Final[Mapping[str, type]] = {
    "roles": list,
    "funding_eur": float,
    "weight": float,
    "projects": int,
    "since": str,
    "start": int,
    "end": int,
    "status": str,
    "confidence": float,
    "first_seen": str,
    "last_seen": str,
    "derived": bool,
    "sources": list,
    "evidence": list,
}


def node_columns(label: Label) -> dict[str, type]:
    """Properties that a node of this label may have, with their types, in the order of a table; the id is not among them."""
    found = NODE_PROPS.get(label) or _BOOKKEEPING[label]
    last = [p for p in ("sources", "evidence", "facts") if p in found]
    return {p: found[p] for p in (*(p for p in found if p not in last), *last)}


def edge_columns(type_: str) -> dict[str, type]:
    """Properties that an edge of this type may have, with their types, in the order of a table."""
    allowed = LINKS[type_].props | EDGE_PROPS
    return {p: t for p, t in _EDGE_TYPES.items() if p in allowed}
