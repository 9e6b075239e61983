"""Lists around a node that the derived files answer without asking the engine.

Partners, who works on a topic, who is in a place, and the network of an organisation.

Counting over two links at question time is slow for large organisations and refused by the embedded engine; in the
projection it is one row of a sparse matrix.  Everything is ordered, bounded, and comes with the number of all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from graph import listing
from graph.derived import Derived
from graph.model import Label
from graph.reader import OrganizationRef, PlaceRef, Through, TopicRef

EDGES_SHOWN: Final = 3000
"""Most links in one network picture; the strongest are kept, those of the organisation itself and the strongest of every node always."""

Rows = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Organizations:
    """Part of a list of organisations and how many there are in all."""

    items: tuple[OrganizationRef, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class NetworkNode:
    """An organisation in a network picture.  ``step``: 0 the organisation itself, 1 its partners, 2 their partners."""

    organization: OrganizationRef
    step: int
    links: int


@dataclass(frozen=True, slots=True)
class NetworkEdge:
    """A link between two nodes by their positions in ``nodes``.  ``shared``: common projects; ``stated``: a source states a cooperation."""

    a: int
    b: int
    shared: int
    stated: bool = False


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The network around an organisation.  ``total`` counts all nodes within the steps, without the organisation itself."""

    nodes: tuple[NetworkNode, ...]
    edges: tuple[NetworkEdge, ...]
    total: int
    edges_total: int
    steps: int
    version: str


def organization(d: Derived, row: int, *, shared: int = 0, weight: float = 0.0) -> OrganizationRef:
    """An organisation as it stands in a list."""
    country = int(d.country[row])
    return OrganizationRef(
        id=d.id_of(Label.ORGANIZATION, row),
        name=d.names[row],
        kind=d.kind_of(row),
        city=d.cities[row],
        country="" if country < 0 else d.countries[country],
        projects=len(d.org_project.row(row)),
        partners=len(d.partners.row(row)),
        shared=shared,
        weight=weight,
    )


def with_parts(d: Derived, row: int, *, parts: bool = True) -> Rows:
    """Rows of an organisation and, if wanted, of all its parts (institutes, departments, subsidiaries); itself first."""
    return np.append(row, d.parts.row(row)).astype(np.int64) if parts else np.array([row], np.int64)


def ids_with_parts(d: Derived, id_: str) -> list[str]:
    """Ids of an organisation and all its parts, itself first; of an unknown one only its own."""
    row = d.index(id_)
    return [id_] if row is None else [d.id_of(Label.ORGANIZATION, int(r)) for r in with_parts(d, row)]


def parts_of(d: Derived, id_: str) -> int:
    """How many parts an organisation has, parts of parts among them."""
    row = d.index(id_)
    return 0 if row is None else len(d.parts.row(row))


def projects_of(d: Derived, rows: Rows) -> Rows:
    """Rows of the projects in which any of these organisations takes part, each once."""
    _, at = d.org_project.take(rows)
    return np.unique(d.org_project.indices[at]).astype(np.int64)


def common_projects(d: Derived, rows: Rows) -> Rows:
    """[n] With how many projects of these organisations together everybody else has to do: a project counts once, they themselves not."""
    _, at = d.project_org.take(projects_of(d, rows))
    shared = np.bincount(d.project_org.indices[at], minlength=len(d))
    shared[rows] = 0
    return shared


def partners(d: Derived, id_: str, *, parts: bool = False, skip: int = 0, limit: int = 25) -> Organizations:
    """Who is in the same projects, most common projects first.  ``parts``: as those of the organisation count those of its parts."""
    row = d.index(id_)
    if row is None:
        return Organizations()
    own = with_parts(d, row, parts=parts)
    if parts:
        counts = common_projects(d, own)
        found = np.flatnonzero(counts).astype(np.int32)
        shared = counts[found]
    else:
        found, shared = d.partners.row(row), d.partners.values(row)
    order = np.lexsort((found, -shared.astype(np.int64)))[skip : skip + limit]
    items = (organization(d, int(found[i]), shared=int(shared[i])) for i in order)
    if len(own) > 1:
        items = (replace(o, through=_through(d, own, d.org_project.row(int(found[i])))) for o, i in zip(items, order, strict=True))
    return Organizations(tuple(items), len(found))


def parts(d: Derived, id_: str, *, limit: int = 500) -> tuple[OrganizationRef, ...]:
    """The parts of an organisation, most projects first.

    Their evidence says what they are part of: the organisation itself, or the parts of it that ``through`` names.
    """
    row = d.index(id_)
    if row is None:
        return ()
    own = with_parts(d, row)
    degree = d.org_project.degree()[own]
    out: list[OrganizationRef] = []
    for part in own[np.lexsort((own, -degree))].tolist():
        if part == row or len(out) == limit:
            continue
        above = np.intersect1d(d.part_of.row(part), own)
        above = np.array([row]) if row in above else above
        evidence = dict.fromkeys(e for whole in above.tolist() for e in d.proof("part_of", part, whole))
        through = tuple(Through(d.id_of(Label.ORGANIZATION, w), d.name_of(Label.ORGANIZATION, w)) for w in above.tolist() if w != row)
        out.append(replace(organization(d, part), evidence=tuple(evidence), through=through))
    return tuple(out)


def nearest_of(d: Derived, id_: str, other: str, *, steps: int = 5) -> str:
    """Of an organisation and its parts the one with the shortest way to another organisation; itself among equals, and where there is none."""
    row, goal = d.index(id_), d.index(other)
    if row is None or goal is None:
        return id_
    own = with_parts(d, row)
    seen = np.zeros(len(d), bool)
    front = np.array([goal], np.int64)
    for _ in range(steps):
        seen[front] = True
        met = np.intersect1d(own, front)
        if len(met):
            return id_ if row in met else d.id_of(Label.ORGANIZATION, int(met[0]))
        reached = np.unique(np.concatenate([m.indices[m.take(front)[1]] for m in (d.partners, d.coop)]))
        front = reached[~seen[reached]].astype(np.int64)
    return id_


def _through(d: Derived, own: Rows, projects: Rows) -> tuple[Through, ...]:
    """Which of some organisations take part in these projects, most of them first."""
    _, at = d.project_org.take(projects)
    found, count = np.unique(d.project_org.indices[at], return_counts=True)
    mine = np.isin(found, own)
    found, count = found[mine], count[mine]
    return tuple(
        Through(d.id_of(Label.ORGANIZATION, int(found[i])), d.name_of(Label.ORGANIZATION, int(found[i])), int(count[i])) for i in np.lexsort((found, -count))
    )


def on_topic(d: Derived, id_: str, *, parts: bool = False, skip: int = 0, limit: int = 25) -> Organizations:
    """Who works on a topic, most projects about it first.  ``parts``: a part counts for its outermost whole, with several for each."""
    row = d.index(id_, Label.TOPIC)
    if row is None:
        return Organizations()
    if parts:
        return _on_topic_rolled_up(d, row, skip=skip, limit=limit)
    found, weight = d.topic_org.row(row), d.topic_org.values(row)
    degree = d.org_project.indptr[found + 1] - d.org_project.indptr[found]
    about = np.rint(weight * degree).astype(np.int64)
    order = np.lexsort((found, -weight, -about))[skip : skip + limit]
    return Organizations(tuple(organization(d, int(found[i]), shared=int(about[i]), weight=float(weight[i])) for i in order), len(found))


def _on_topic_rolled_up(d: Derived, topic: int, *, skip: int, limit: int) -> Organizations:
    projects = d.topic_project.row(topic)
    owner, at = d.project_org.take(projects)
    project, part = projects[owner], d.project_org.indices[at]
    owner, at = d.outermost.take(part)
    pairs = np.unique(np.stack((d.outermost.indices[at], project[owner])), axis=1)  # a project of several parts once
    about = np.bincount(pairs[0], minlength=len(d))
    working = np.union1d(d.topic_org.row(topic), part)  # some without a project: a source or their name says so
    found = np.unique(d.outermost.indices[d.outermost.take(working)[1]])
    order = np.lexsort((found, -about[found]))[skip : skip + limit]
    out = []
    for whole in found[order].tolist():
        own = with_parts(d, whole)
        through = _through(d, own, projects) or tuple(
            Through(d.id_of(Label.ORGANIZATION, r), d.name_of(Label.ORGANIZATION, r)) for r in np.intersect1d(own, working).tolist()
        )
        out.append(replace(organization(d, whole, shared=int(about[whole])), through=through if len(own) > 1 else ()))
    return Organizations(tuple(out), len(found))


def in_place(d: Derived, id_: str, *, skip: int = 0, limit: int = 25) -> Organizations:
    """Who has a seat in a place or in what lies within it, most projects first."""
    found = listing.organizations_in(d, id_)
    degree = d.org_project.indptr[found + 1] - d.org_project.indptr[found]
    order = np.lexsort((found, -degree))[skip : skip + limit]
    return Organizations(tuple(organization(d, int(found[i])) for i in order), len(found))


def topics_in_place(d: Derived, id_: str, *, limit: int = 30) -> tuple[TopicRef, ...]:
    """Topics that most organisations of a place work on; ``shared`` is their number."""
    found = listing.organizations_in(d, id_)
    if not len(found):
        return ()
    _, at = d.org_topic.take(found)
    counts = np.bincount(d.org_topic.indices[at], minlength=d.counts[Label.TOPIC]) if len(at) else np.zeros(0, np.int64)
    order = np.lexsort((np.arange(len(counts)), -counts))[:limit]
    base = d.base[Label.TOPIC]
    return tuple(
        TopicRef(id=d.ids[base + int(t)], label_de=d.names[base + int(t)], label_en=d.names_en[base + int(t)], shared=int(counts[t]))
        for t in order
        if counts[t]
    )


def place_of(d: Derived, id_: str) -> tuple[PlaceRef, ...]:
    """Where an organisation has its seat and what that place lies in, the smallest first."""
    row = d.index(id_)
    if row is None or d.place[row] < 0:
        return ()
    return (_place(d, int(d.place[row])), *above(d, d.id_of(Label.PLACE, int(d.place[row]))))


def above(d: Derived, id_: str) -> tuple[PlaceRef, ...]:
    """What a place lies in, the smallest first (by how many places lie in it)."""
    row = d.index(id_, Label.PLACE)
    if row is None:
        return ()
    found = d.place_within.row(row)
    return tuple(_place(d, int(p)) for p in found[np.lexsort((found, d.place_parts.degree()[found]))])


def _place(d: Derived, row: int) -> PlaceRef:
    return PlaceRef(d.id_of(Label.PLACE, row), d.name_of(Label.PLACE, row))


@lru_cache(maxsize=16)
def network(d: Derived, id_: str, *, steps: int = 1, limit: int = 500, parts: bool = False) -> Neighbourhood | None:
    """The organisations within one or two steps and the links between them.  None: no such organisation.

    parts  the organisation stands for itself and all its parts, which are not drawn on their own

    One step: those with most common projects.  Two: at least half of the places stay for the partners' partners, those
    with most ways to them first.  The last few answers are kept: the page, its table and the picture ask for the same.
    """
    row = d.index(id_)
    if row is None:
        return None
    own = with_parts(d, row, parts=parts)
    shared = common_projects(d, own)
    stated = np.unique(d.coop.indices[d.coop.take(own)[1]])
    near = np.setdiff1d(np.union1d(np.flatnonzero(shared), stated), own).astype(np.int64)
    first = near[np.lexsort((near, -shared[near]))]
    total = len(first)
    second: Rows = np.zeros(0, np.int64)
    if steps == 2:
        far = np.zeros(len(d), bool)
        _, at = d.partners.take(first)
        far[d.partners.indices[at]] = True
        far[first] = False
        far[own] = False
        others = np.flatnonzero(far)
        total += len(others)
        first = first[: max(limit // 2, limit - len(others))]
        _, at = d.partners.take(first)
        ways = np.bincount(d.partners.indices[at], minlength=len(d))
        reached = others[ways[others] > 0]
        second = reached[np.lexsort((reached, -ways[reached]))][: limit - len(first)]
    first = first[:limit]
    rows = np.concatenate(([row], first, second)).astype(np.int64)
    edges, edges_total = _edges(d, rows, shared, stated)
    links = np.zeros(len(rows), np.int64)
    for e in edges:
        links[e.a] += 1
        links[e.b] += 1
    nodes = tuple(
        NetworkNode(organization(d, int(r), shared=int(shared[r])), 0 if i == 0 else 1 if i <= len(first) else 2, int(links[i])) for i, r in enumerate(rows)
    )
    return Neighbourhood(nodes, edges, total, edges_total, steps, d.version)


def _edges(d: Derived, rows: Rows, own_shared: Rows, own_stated: Rows) -> tuple[tuple[NetworkEdge, ...], int]:
    """Links among the given organisations: all of the first one's, the strongest of each, and the strongest of all up to EDGES_SHOWN.

    own_shared, own_stated  of the first one: [n] number of common projects, and with whom a cooperation is stated
    """
    position = np.full(len(d), -1, np.int64)
    position[rows] = np.arange(len(rows))
    parts = []
    for matrix, stated in ((d.partners, False), (d.coop, True)):
        own = own_stated if stated else np.flatnonzero(own_shared)
        own = own[position[own] > 0]
        value = np.zeros(len(own), np.int64) if stated else own_shared[own].astype(np.int64)
        parts.append(np.stack((np.zeros(len(own), np.int64), position[own], value, np.full(len(own), int(stated)))))
        owner, at = matrix.take(rows[1:])
        owner += 1
        other = position[matrix.indices[at]]
        keep = other > owner
        value = np.zeros(int(keep.sum()), np.int64) if stated else matrix.data[at[keep]].astype(np.int64)
        parts.append(np.stack((owner[keep], other[keep], value, np.full(len(value), int(stated)))))
    a, b, value, stated_all = np.concatenate(parts, axis=1)
    strongest = np.lexsort((b, a, -value))
    always = a == 0
    for end in (a, b):  # the strongest link of every node, so that nobody shown stands alone
        always[strongest[np.unique(end[strongest], return_index=True)[1]]] = True
    order = np.lexsort((b, a, -value, ~always))[: max(EDGES_SHOWN, int(always.sum()))]
    columns = (x[order].tolist() for x in (a, b, value, stated_all))
    return tuple(NetworkEdge(x, y, shared, bool(stated)) for x, y, shared, stated in zip(*columns, strict=True)), len(a)
