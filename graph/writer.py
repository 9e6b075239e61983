"""Brings a store to an image: only differences are sent, in batches, and an interrupted write is repaired by the next one.

What is kept in ``graph/`` of the home:

    store.json      id of this home; the graph's Meta node names it, so a store that another home wrote is refused
    written.tsv      keys and digests of what the graph holds
    pending-*.tsv    keys that a write was about to touch; there only while it runs or after it was killed
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from graph.errors import InnonetError
from graph.image import EdgeGroup, Image, Properties, digests, edge_key, load_table, node_key, save_table, split_key, version_of
from graph.model import EDGE_PROPS, LINKS, NODE_PROPS, SCHEMA_VERSION, Label, link_problem
from graph.querybook import QueryBook, load_book
from graph.store import Store

BATCH: Final = 5000
SMALL: Final = 2000
"""Up to this many rows go in one transaction, so that a judgement is seen whole or not at all."""

_BOOKKEEPING: Final = {
    Label.SOURCE: None,
    Label.EVIDENCE: frozenset(("id", "locator", "quote", "source", "release", "dataset", "extractor", "confidence")),
    Label.ALIAS: frozenset(("id", "source")),
    Label.META: None,
}

Op = tuple[str, list[dict[str, Any]]]
"""Name of a query and its rows."""


class WriteRefusedError(InnonetError):
    """The store belongs to another home, or an image holds what the vocabulary does not allow."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: rows sent by kind of change, and the version of the graph afterwards."""

    version: str
    sent: Mapping[str, int] = field(default_factory=dict)
    removed: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """All rows sent."""
        return sum(self.sent.values())


@dataclass(frozen=True, slots=True)
class Meta:
    """The graph's Meta node."""

    schema: int
    version: str
    store: str
    state: str
    inputs: str


def read_meta(store: Store) -> Meta | None:
    """The Meta node, None in an empty graph."""
    rows = store.read(load_book()["meta"])
    if not rows:
        return None
    m = rows[0]
    return Meta(int(m["schema"] or 0), *(str(m[k] or "") for k in ("version", "store", "state", "inputs")))


def store_id(home: Path) -> str:
    """Id of this home, made at first use."""
    path = home / "graph" / "store.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        tmp = path.with_name(f"store.json.{os.getpid()}")
        tmp.write_text(json.dumps({"store": uuid.uuid4().hex}), encoding="utf-8")
        tmp.replace(path)
    return str(json.loads(path.read_text(encoding="utf-8"))["store"])


def check_image(image: Image) -> None:
    """Raise WriteRefusedError for anything outside the closed vocabulary.  The loader has turned such claims into issues before."""
    for label, group in image.nodes.items():
        allowed = _BOOKKEEPING[label] if label in _BOOKKEEPING else frozenset({"id", *NODE_PROPS[label]})
        for id_, (_, props) in group.items():
            if allowed is not None and not allowed.issuperset(props):
                _refuse(f"{label} {id_}: {', '.join(sorted(set(props) - allowed))}")
    for (type_, a, b), edges in image.edges.items():
        if problem := link_problem(type_, a, b, claimed=False):
            _refuse(problem)
        own = LINKS[type_].props | EDGE_PROPS
        for (start, end), props in edges.items():
            if not own.issuperset(props):
                _refuse(f"{type_} {start} -> {end}: {', '.join(sorted(set(props) - own))}")
            if start == end:
                _refuse(f"{type_} {start} -> {end}")


def _refuse(what: str) -> None:
    raise WriteRefusedError(f"Nicht im Vokabular des Graphen: {what}.", f"Not in the graph's vocabulary: {what}.")


class Writer:
    """Writes images into one store from one home.  The caller holds the home's write lock."""

    def __init__(self, store: Store, home: Path, progress: Callable[[str, int, int], None] | None = None) -> None:
        self._store = store
        self._folder = home / "graph"
        self._book: QueryBook = load_book()
        self._id = store_id(home)
        self._progress = progress or (lambda _what, _done, _all: None)

    def write(self, image: Image, inputs: str = "") -> Written:
        """Make the graph equal to the image.  Raises WriteRefusedError before anything is touched."""
        check_image(image)
        new = digests(image)
        version = version_of(new)
        old, forced = self._state(read_meta(self._store))
        if old == new and not forced:
            return self._nothing_to_do(version, inputs)
        plan = _Plan(image, old, new, forced)
        rows = plan.touched()
        save_table(self._folder / f"pending-{uuid.uuid4().hex}.tsv", dict.fromkeys(rows, ""))
        sent: dict[str, int] = {}
        if len(rows) <= SMALL and old:
            ops = [*plan.deletions(), *plan.nodes_and_edges(), *plan.evidence()]
            self._store.write_many([(self._book[name], part) for name, part in (*ops, self._meta("ready", version, inputs))])
            for name, part in ops:
                sent[name] = sent.get(name, 0) + len(part)
        else:
            self._run(self._meta("loading", version, inputs))
            self._send(plan, sent, len(rows))
        save_table(self._folder / "written.tsv", new)
        if sent:
            self._run(self._meta("ready", version, inputs))
        for path in self._folder.glob("pending-*.tsv"):
            path.unlink()
        ids = {split_key(k)[2] for k in new if k[0] == "n"}
        removed = sorted({split_key(k)[2] for k in old if k[0] == "n"} - ids)
        return Written(version, sent, tuple(removed))

    def _send(self, plan: _Plan, sent: dict[str, int], total: int) -> None:
        """Send all batches, counting the rows of each query in ``sent``.

        Two lanes at a time: no edge leads to evidence, so evidence never waits for a lock that nodes and edges hold, and one lane
        is packed while the engine works on the other.
        """
        counting = threading.Lock()
        stop = threading.Event()

        def lane(ops: Iterable[Op]) -> None:
            try:
                for name, part in ops:
                    if stop.is_set():
                        return
                    self._run((name, part))
                    with counting:
                        sent[name] = sent.get(name, 0) + len(part)
                        self._progress(name, sum(sent.values()), total)
            except BaseException:
                stop.set()
                raise

        lane(plan.deletions())
        with ThreadPoolExecutor(1, "evidence") as pool:
            beside = pool.submit(lane, plan.evidence())
            lane(plan.nodes_and_edges())
            beside.result()

    def _nothing_to_do(self, version: str, inputs: str) -> Written:
        meta = read_meta(self._store)
        if meta is None or meta.inputs != inputs or meta.state != "ready":
            self._run(self._meta("ready", version, inputs))
        return Written(version)

    def _state(self, meta: Meta | None) -> tuple[dict[str, str], set[str]]:
        """What the graph holds and which keys are in doubt; empties a graph that this home cannot tell."""
        written = load_table(self._folder / "written.tsv")
        pending = [load_table(p) for p in sorted(self._folder.glob("pending-*.tsv"))]
        if meta is not None and meta.store != self._id:
            raise WriteRefusedError(
                "Diese Datenbank wurde aus einem anderen INNONET_HOME geschrieben. Bitte das richtige Verzeichnis oder eine leere Datenbank angeben.",
                "This database was written from another INNONET_HOME. Please give the right folder or an empty database.",
            )
        known = meta is not None and meta.schema == SCHEMA_VERSION
        if known and meta is not None and (meta.state == "loading" or pending or meta.version == version_of(written)):
            return written, {k for p in pending for k in p}
        self._wipe()
        for path in (*self._folder.glob("pending-*.tsv"), self._folder / "written.tsv"):
            path.unlink(missing_ok=True)
        return {}, set()

    def _wipe(self) -> None:
        """Remove all nodes with our labels, whoever made them."""
        for label in (Label.EVIDENCE, *(x for x in Label if x is not Label.EVIDENCE)):
            while rows := self._store.read(self._book[f"some_ids[{label}]"]):
                self._run((f"delete_nodes[{label}]", [{"id": r["id"]} for r in rows]))

    def _meta(self, state: str, version: str, inputs: str) -> Op:
        row = {"id": "meta", "schema": SCHEMA_VERSION, "version": version, "store": self._id, "state": state, "inputs": inputs}
        return f"write_nodes[{Label.META}]", [row]

    def _run(self, op: Op) -> None:
        self._store.write(self._book[op[0]], op[1])


class _Plan:
    """What has to be sent to come from one table of keys and digests to an image.

    A key in doubt (``forced``) is written again or removed whatever the tables say, with queries that may be repeated.
    A node whose kind changed is removed and made anew with all its edges: that is the same on every engine.
    """

    def __init__(self, image: Image, old: Mapping[str, str], new: Mapping[str, str], forced: set[str]) -> None:
        self.image, self.old, self.new, self.forced = image, old, new, forced
        kinds = {(p[1], p[2]): p[3] for k in old if k[0] == "n" for p in (split_key(k),)}
        doubtful = {(p[1], p[2]) for k in forced if k[0] == "n" for p in (split_key(k),)}
        self.moved: set[tuple[str, str]] = set()
        for label, group in image.nodes.items():
            for id_, (kind, _) in group.items():
                before = kinds.get((label, id_))
                if before is not None and before != (kind or ""):
                    self.moved.add((label, id_))
                elif (label, id_) in doubtful and label is Label.ORGANIZATION:
                    # killed in the middle: whether the old or the new kind stands there is not known
                    self.moved.add((label, id_))

    def _changed(self, key: str) -> bool:
        return key in self.forced or self.old.get(key) != self.new[key]

    def _edge_changed(self, group: EdgeGroup, start: str, end: str, key: str) -> bool:
        return self._changed(key) or (group[1], start) in self.moved or (group[2], end) in self.moved

    def touched(self) -> set[str]:
        """Every key that will be written or removed."""
        out = {k for k in self.new if self._changed(k)}
        out.update(k for k in (*self.old, *self.forced) if k not in self.new)
        for label, id_ in self.moved:
            kind, _ = self.image.nodes[Label(label)][id_]
            out.add(node_key(Label(label), id_, kind))
        if self.moved:
            for group, edges in self.image.edges.items():
                out.update(edge_key(group, a, b) for a, b in edges if (group[1], a) in self.moved or (group[2], b) in self.moved)
        return out

    def nodes_and_edges(self) -> Iterator[Op]:
        """Batches in an order in which each finds what it needs, after the deletions."""
        for label, nodes in self.image.nodes.items():
            yield from self._put_nodes(label, ((id_, kind, props) for id_, (kind, props) in nodes.items()))
        for group, edges in self.image.edges.items():
            yield from self._put_edges(group, edges)

    def evidence(self) -> Iterator[Op]:
        """Batches of evidence, in any order with nodes and edges, after the deletions."""
        yield from self._put_nodes(Label.EVIDENCE, ((id_, None, props) for id_, props in self.image.evidence()))

    def deletions(self) -> Iterator[Op]:
        """Edges out, then nodes."""
        edges: dict[str, list[dict[str, Any]]] = {}
        nodes: dict[str, list[dict[str, Any]]] = {}
        alive = {(label, id_) for label, group in self.image.nodes.items() for id_ in group}
        for key in (*self.old, *(k for k in self.forced if k not in self.old)):
            if key in self.new:
                continue
            match split_key(key):
                case ["e", type_, a, b, start, end]:
                    edges.setdefault(f"delete_edges[{a},{type_},{b}]", []).append({"a": start, "b": end})
                case ["n", label, id_, _] if (Label(label), id_) not in alive:
                    nodes.setdefault(f"delete_nodes[{label}]", []).append({"id": id_})
        for label, id_ in sorted(self.moved):
            nodes.setdefault(f"delete_nodes[{label}]", []).append({"id": id_})
        for table in (edges, nodes):
            for name, rows in table.items():
                yield from _batches(name, rows)

    def _put_nodes(self, label: Label, nodes: Iterable[tuple[str, Any, Properties]]) -> Iterator[Op]:
        buffers: dict[str, list[dict[str, Any]]] = {}
        for id_, kind, props in nodes:
            key = node_key(label, id_, kind)
            moved = (label, id_) in self.moved
            if not moved and not self._changed(key):
                continue
            verb = "create" if key not in self.forced and (moved or key not in self.old) else "write"
            name = f"{verb}_organizations[{kind}]" if kind else f"{verb}_nodes[{label}]"
            buffer = buffers.setdefault(name, [])
            buffer.append(props)
            if len(buffer) == BATCH:
                yield name, buffer
                buffers[name] = []
        for name, rows in buffers.items():
            if rows:
                yield name, rows

    def _put_edges(self, group: EdgeGroup, edges: Mapping[tuple[str, str], Properties]) -> Iterator[Op]:
        buffers: dict[str, list[dict[str, Any]]] = {"create": [], "write": []}
        type_, a, b = group
        for (start, end), props in edges.items():
            key = edge_key(group, start, end)
            if not self._edge_changed(group, start, end, key):
                continue
            moved = (a, start) in self.moved or (b, end) in self.moved
            verb = "create" if key not in self.forced and (moved or key not in self.old) else "write"
            buffers[verb].append({"a": start, "b": end, "props": props})
            if len(buffers[verb]) == BATCH:
                yield f"{verb}_edges[{a},{type_},{b}]", buffers[verb]
                buffers[verb] = []
        for verb, rows in buffers.items():
            if rows:
                yield f"{verb}_edges[{a},{type_},{b}]", rows


def _batches(name: str, rows: list[dict[str, Any]]) -> Iterator[Op]:
    for i in range(0, len(rows), BATCH):
        yield name, rows[i : i + BATCH]
