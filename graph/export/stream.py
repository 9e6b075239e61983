"""Nodes and edges of the graph one after the other, a page of the engine at a time: memory does not grow with the graph."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from graph import neighbourhood
from graph.derived import Derived, graph_version
from graph.errors import InnonetError
from graph.export.records import LABELS, Edge, Node
from graph.model import LINKS, Label
from graph.querybook import load_book
from graph.reader import kind_of
from graph.store import Store

_BEHIND: Final = (Label.ALIAS, Label.EVIDENCE, Label.SOURCE)
"""What hangs at the others and is known only when those have been seen."""


class GraphChangedError(InnonetError):
    """A load changed the graph while it was being read."""


@dataclass(frozen=True, slots=True)
class Part:
    """What of the graph is wanted.

    labels  only nodes of these labels and the edges between them
    ids     only these nodes of a label; a label that is not in it: none.  None: all.  Aliases, evidence and sources follow what is kept
    """

    labels: Collection[Label] = LABELS
    ids: Mapping[Label, Collection[str]] | None = None

    def keeps(self, label: Label, id_: str) -> bool:
        """Whether a node that does not only hang at others belongs to the part."""
        return label in self.labels and (self.ids is None or id_ in self.ids.get(label, ()))


@dataclass(slots=True)
class _Hanging:
    """Ids of what the kept nodes and edges refer to; not kept track of where all is wanted."""

    part: Part
    wanted: dict[Label, set[str]] = field(default_factory=lambda: {label: set() for label in _BEHIND})

    def note(self, props: Mapping[str, Any]) -> None:
        """Remember the evidence and the sources of a node or edge."""
        if self.part.ids is not None:
            self.wanted[Label.EVIDENCE].update(props.get("evidence") or ())
            self.wanted[Label.EVIDENCE].update(str(f).partition("=")[2] for f in props.get("facts") or ())
        self.wanted[Label.SOURCE].update(props.get("sources") or ())
        if source := props.get("source"):
            self.wanted[Label.SOURCE].add(source)

    def keeps(self, label: Label, id_: str) -> bool:
        return (self.part.ids is None and label is not Label.SOURCE) or id_ in self.wanted[label]


def place_part(d: Derived, place: str, labels: Collection[Label] = LABELS) -> Part:
    """What happens in a place: its organisations, their projects, all who take part in these, and their topics and places."""
    home = np.array([d.index(o.id) for o in neighbourhood.in_place(d, place, limit=len(d)).items], np.int64)
    projects = neighbourhood.projects_of(d, home)
    organizations = np.union1d(home, d.project_org.indices[d.project_org.take(projects)[1]]).astype(np.int64)
    topics = np.union1d(d.org_topic.indices[d.org_topic.take(home)[1]], d.project_topic.indices[d.project_topic.take(projects)[1]])
    places = np.unique(d.located.indices[d.located.take(organizations)[1]]).astype(np.int64)
    row = d.index(place, Label.PLACE)
    places = places if row is None else np.union1d(places, [row])
    places = np.union1d(places, d.place_within.indices[d.place_within.take(places)[1]])
    found = {Label.ORGANIZATION: organizations, Label.PROJECT: projects, Label.TOPIC: topics, Label.PLACE: places}
    return Part(labels, {label: frozenset(d.id_of(label, int(r)) for r in rows) for label, rows in found.items()})


def items(store: Store, part: Part) -> Iterator[Node | Edge]:
    """All nodes and edges of a part, in an order that is the same every time: nodes, edges, then aliases, evidence and sources.

    Raises GraphChangedError when a load is under way or came between: what was read then does not belong together.
    """
    before = graph_version(store)
    hanging = _Hanging(part)
    for label in LABELS:
        if label in part.labels and label not in _BEHIND:
            for node in _nodes(store, label):
                if part.keeps(label, node.id):
                    hanging.note(node.props)
                    yield node
    yield from _edges(store, part, hanging)
    for label in _BEHIND:
        if label in part.labels:
            for node in _nodes(store, label):
                if hanging.keeps(label, node.id):
                    hanging.note(node.props)
                    yield node
    if not before[1] or graph_version(store) != before:
        raise GraphChangedError(
            "Der Graph wurde währenddessen geändert; geschrieben ist nichts. Bitte noch einmal, wenn das Laden beendet ist.",
            "The graph was changed meanwhile; nothing was written. Please try again when the load has ended.",
        )


def _nodes(store: Store, label: Label) -> Iterator[Node]:
    query, after = load_book()[f"dump_nodes[{label}]"], ""
    while rows := store.read(query, after=after):
        for r in rows:
            yield Node(label, r["id"], kind_of(r["labels"]), {k: v for k, v in r["props"].items() if k != "id"})
        after = rows[-1]["id"]


def _edges(store: Store, part: Part, hanging: _Hanging) -> Iterator[Edge]:
    for link in LINKS.values():
        for a, b in link.pairs:
            if a not in part.labels or b not in part.labels:
                continue
            query, after = load_book()[f"dump_edges[{a},{link.name},{b}]"], ""
            while rows := store.read(query, after=after):
                for r in rows:
                    if r["b"] is None or not part.keeps(b, r["b"]):
                        continue
                    if a is Label.ALIAS:
                        hanging.wanted[a].add(r["a"])
                    elif not part.keeps(a, r["a"]):
                        continue
                    hanging.note(r["props"])
                    yield Edge(a, r["a"], link.name, b, r["b"], r["props"])
                after = rows[-1]["a"]
