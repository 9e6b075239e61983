"""The graph as it must be: nodes and edges with their properties, and how two such pictures differ.

An image is a pure function of claims and judgements.  The writer keeps the keys and digests of what it wrote, so that a load
sends only differences and needs to read nothing back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from graph.model import Kind, Label

Properties = dict[str, Any]
EdgeGroup = tuple[str, Label, Label]
"""Relationship type, label of its start, label of its end."""

_SEP: Final = "\x1f"


@dataclass(slots=True)
class Image:
    """nodes: label -> id -> (kind, properties); edges: group -> (start id, end id) -> properties.

    Evidence is not held but streamed (``evidence()`` gives id and properties in a fixed order), since it is most of the data.
    """

    nodes: dict[Label, dict[str, tuple[Kind | None, Properties]]] = field(default_factory=dict)
    edges: dict[EdgeGroup, dict[tuple[str, str], Properties]] = field(default_factory=dict)
    evidence: Callable[[], Iterator[tuple[str, Properties]]] = field(default=lambda: iter(()))
    issues: list[dict[str, Any]] = field(default_factory=list)

    def all_nodes(self) -> Iterator[tuple[Label, str, Kind | None, Properties]]:
        """Every node, evidence last."""
        for label, group in self.nodes.items():
            for id_, (kind, props) in group.items():
                yield label, id_, kind, props
        for id_, props in self.evidence():
            yield Label.EVIDENCE, id_, None, props


def digest(props: Mapping[str, Any]) -> str:
    """Short hash of properties; equal properties give equal digests."""
    return hashlib.blake2b(orjson.dumps(props, option=orjson.OPT_SORT_KEYS), digest_size=9).hexdigest()


def node_key(label: Label, id_: str, kind: Kind | None) -> str:
    """Key of a node in the table of what was written."""
    return _SEP.join(("n", label, id_, kind or ""))


def edge_key(group: EdgeGroup, start: str, end: str) -> str:
    """Key of an edge in the table of what was written."""
    return _SEP.join(("e", *group, start, end))


def split_key(key: str) -> list[str]:
    """The parts of a key: ["n", label, id, kind] or ["e", type, label, label, start, end]."""
    return key.split(_SEP)


def digests(image: Image) -> dict[str, str]:
    """Key and digest of everything in an image."""
    out = {node_key(label, id_, kind): digest(props) for label, id_, kind, props in image.all_nodes()}
    for group, edges in image.edges.items():
        for (start, end), props in edges.items():
            out[edge_key(group, start, end)] = digest(props)
    return out


def version_of(table: Mapping[str, str]) -> str:
    """The graph version: a hash of all keys and digests, so the same graph has the same version wherever it is built."""
    lines = "".join(f"{key}\t{table[key]}\n" for key in sorted(table))
    return hashlib.blake2b(lines.encode(), digest_size=8).hexdigest()


def save_table(path: Path, table: Mapping[str, str]) -> None:
    """Write keys and digests atomically, a line each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tmp = path.with_name(path.name + ".tmp")
    with tmp.open("w", encoding="utf-8", newline="\n") as f:
        f.writelines(f"{key}\t{value}\n" for key, value in table.items())
    tmp.replace(path)


def load_table(path: Path) -> dict[str, str]:
    """Read what save_table wrote; an absent file is an empty table."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="\n") as f:
        return dict(line.rstrip("\n").split("\t") for line in f)
