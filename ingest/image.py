"""From claims and judgements to the image of the graph: identity applied, values chosen, links gathered, derived edges computed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy.sparse as sp

from graph.image import EdgeGroup, Image, Properties
from graph.model import LINKS, NODE_PROPS, Judgement, Kind, Label, Status, link_problem, record_rank
from ingest import claims
from ingest.base import Issues
from ingest.resolve.candidate import SAID, Candidate, candidate, place_key
from ingest.resolve.compare import compare, weights
from ingest.resolve.decide import Outcome, decide, least_score
from ingest.resolve.kinds import kind_from_name
from ingest.resolve.normalise import name_key
from ingest.resolve.parts import parts_of
from ingest.resolve.places import PlaceIndex
from ingest.suppress import without
from ingest.text.documents import SOURCE
from ingest.text.topics import Tagger, links_for

PROOFS_KEPT: Final = 3
"""How many evidences a derived WORKS_ON edge names; the rest is found through the projects."""

EVIDENCE_KEPT: Final = 50
"""How many evidences a node or an edge names at most; a link with more is well proved."""

NAME_IN_PLACE: Final = 0.6
"""Confidence of a place that only the organisation's own name tells."""

LEAST_PROJECT: Final = 4
"""Letters of a project's name in a text that may tell a project of the registers."""

_SHOWN: Final = ("name", "city", "country", "postcode", "region", "website", "status", "founded")
"""Properties of a record that somebody sees who compares it with another one."""

_LEADING: Final = re.compile(r"^([^\s:–-]{3,20})\s*[:–-]\s")
"""A short name in front of a title: «CO2RRECT: ...»."""

_MANY: Final = frozenset(("names", "postcodes"))
_OWN: Final = {label: frozenset(props) for label, props in NODE_PROPS.items()}


@dataclass(slots=True)
class _Set:
    """One claims file with what each of its claims inherits."""

    path: Path
    header: claims.Header

    @property
    def source(self) -> str:
        return self.header.source_id


@dataclass(slots=True)
class _Claims:
    """All claims but evidence, in the order in which they are believed."""

    sets: list[_Set]
    entities: dict[Label, dict[str, list[tuple[int, list[Any]]]]] = field(default_factory=lambda: {label: {} for label in Label})
    links: list[tuple[int, list[Any]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Decided:
    """What identity decided, and each record that it names as it is shown: id -> (source, properties); see ingest/identity.py."""

    outcome: Outcome
    records: Mapping[str, tuple[str, Mapping[str, Any]]]


def build_image(
    home: Path, source_order: Sequence[str], judgements: Iterable[Judgement], *, names: bool, tagger: Tagger | None, suppressed: Collection[str] = ()
) -> tuple[Image, Decided]:
    """The graph that the claims under ``home`` and the judgements make, and why records became one organisation.

    source_order  ids of sources, the most believed first; an unknown one comes last
    names         False: identity by authority identifiers only
    tagger        finds topics in titles and names; None: no such topics
    suppressed    record ids that must not be shown, nor what is one organisation with them
    """
    issues = Issues()
    known = _read(home, source_order)
    image = Image()
    label_of: dict[str, Label] = {}
    said_places = _take_said_places(known)
    node, places = _others(known, image, said_places, names=names)
    candidates = _candidates(known, node, places)
    pairs = compare((c.features for c in candidates if c.features), least_score(weights()), home / "identity") if names else []
    left = without(known.entities, known.entities[Label.ORGANIZATION], known.links, decide(candidates, pairs, judgements, names=names), suppressed)
    identity, known.links = left.outcome, left.links
    for c in identity.conflicts:
        issues.add("id_conflict", f"{c.a} / {c.b}", c.scheme, detail=c.scheme)
    node.update(identity.node)
    _nodes(image, known, Label.ORGANIZATION, node)
    for label, group in image.nodes.items():
        label_of.update(dict.fromkeys(group, label))
    links = _Links(image, known, node, label_of, issues, said_places)
    for number, line in known.links:
        links.add(number, line)
    _locate(image, known, node, places, links)
    if tagger is not None:
        _tag(known, node, links, tagger)
    if names:
        _part_of(known, image, links)
    links.finish()
    _works_on(image)
    _count(image)
    _sources(image, known)
    _aliases(image, known, node)
    sets = known.sets
    image.evidence = lambda: left.evidence(_evidence(sets))  # not of `known`, which would keep all claims in memory
    image.issues = [asdict(i) for i in issues.counts()]
    return image, Decided(identity, _shown(known, identity))


def candidates_of(home: Path, source_order: Sequence[str]) -> list[Candidate]:
    """What identity compares: the records of organisations that the claims under ``home`` make."""
    known = _read(home, source_order)
    node, places = _others(known, Image(), _take_said_places(known), names=True)
    return _candidates(known, node, places)


def _others(known: _Claims, image: Image, said_places: Mapping[str, str], *, names: bool) -> tuple[dict[str, str], PlaceIndex]:
    """Nodes of all that is no organisation: record id -> node id, and the places."""
    node: dict[str, str] = {}
    for label in (Label.PLACE, Label.TOPIC, Label.PROJECT, Label.DOCUMENT):
        node.update(_same_as(known.entities[label]))
        if label is Label.PROJECT and names:
            node.update(_meant_projects(known.entities[label], node))
        _nodes(image, known, label, node)
    places = PlaceIndex((i, p) for i, (_, p) in image.nodes[Label.PLACE].items())
    node.update({record: place for record, name in said_places.items() if (place := places.find(city=name))})
    return node, places


def _candidates(known: _Claims, node: Mapping[str, str], places: PlaceIndex) -> list[Candidate]:
    near = _said_to_be_near(known, node)
    return [
        candidate(i, [(known.sets[n].header, line) for n, line in found], places, near.get(i, frozenset()))
        for i, found in known.entities[Label.ORGANIZATION].items()
    ]


def _shown(known: _Claims, outcome: Outcome) -> dict[str, tuple[str, Mapping[str, Any]]]:
    ids = dict.fromkeys(i for j in outcome.joined for i in (j.a, j.b))
    ids.update(dict.fromkeys(i for u in outcome.unsure for i in (u.pair.a, u.pair.b)))
    ids.update(dict.fromkeys(i for c in outcome.conflicts for i in (c.a, c.b)))
    out: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for id_ in ids:
        found = known.entities[Label.ORGANIZATION][id_]
        shown: dict[str, Any] = {"names": [], "identifiers": {}, "evidence": []}
        for _, (_, _, _, kind, stated, identifiers, proofs, _) in found:
            shown["names"] += [n for n in (stated.get("name"), *stated.get("names", ())) if n and n not in shown["names"]]
            shown["evidence"] += [p for p in proofs if p not in shown["evidence"]]
            for key in _SHOWN:
                if key in stated:
                    shown.setdefault(key, stated[key])
            if kind:
                shown.setdefault("kind", kind)
            for scheme, value in identifiers.items():
                shown["identifiers"].setdefault(scheme, value)
        shown["evidence"] = shown["evidence"][:PROOFS_KEPT]
        shown.setdefault("kind", next((k for k in map(kind_from_name, shown["names"]) if k), ""))
        out[id_] = known.sets[found[0][0]].source, {**dict.fromkeys((*_SHOWN, "kind"), ""), **shown}
    return out


def _part_of(known: _Claims, image: Image, links: _Links) -> None:
    """PART_OF from names, where no publisher states the opposite; the row that gives the name is the proof."""
    organizations = image.nodes[Label.ORGANIZATION]
    stated = image.edges.setdefault(("PART_OF", Label.ORGANIZATION, Label.ORGANIZATION), {})
    wholes: dict[str, list[str]] = defaultdict(list)
    for a, b in stated:
        wholes[a].append(b)
    for part in parts_of(organizations):
        # one more link must not close a circle
        if part.whole in wholes[part.part] or part.part in _upwards(part.whole, wholes):
            continue
        wholes[part.part].append(part.whole)
        props = organizations[part.part][1]
        number = next(k for k, s in enumerate(known.sets) if s.source in props["sources"])
        links.put(number, part.part, "PART_OF", part.whole, {}, None, part.confidence, _proof_of(props, "name"))
        stated[part.part, part.whole]["derived"] = True


def _read(home: Path, source_order: Sequence[str]) -> _Claims:
    rank = {s: i for i, s in enumerate(source_order)}
    sets = [_Set(p, claims.read_header(p)) for p in claims.sets(home)]
    # stable sorts, last key first: within a source the newer release is believed more
    sets.sort(key=lambda s: s.header.dataset)
    sets.sort(key=lambda s: s.header.retrieved, reverse=True)
    # every own list is a source of its own, believed as «csv» is
    sets.sort(key=lambda s: (rank.get("csv" if s.source.startswith("csv-") else s.source, len(rank)), s.source))
    out = _Claims(sets)
    for number, s in enumerate(sets):
        for line in claims.read_lines(s.path):
            if line[0] == "e":
                out.entities[Label(line[2])].setdefault(line[1], []).append((number, line))
            elif line[0] == "l":
                out.links.append((number, line))
            else:
                break  # evidence is sorted last and streamed later
    return out


def _evidence(sets: Sequence[_Set]) -> Iterator[tuple[str, Properties]]:
    seen: set[str] = set()
    for s in sets:
        common = {"source": s.source, "release": s.header.release, "dataset": s.header.dataset}
        for line in claims.read_lines(s.path):
            if line[0] != "v" or line[1] in seen:
                continue
            seen.add(line[1])
            _, id_, locator, quote, extractor, confidence = line
            props = {"id": id_, "locator": locator, "quote": quote, **common}
            if extractor:
                props["extractor"] = extractor
            if confidence != 1.0:
                props["confidence"] = confidence
            yield id_, props


def _same_as(entities: Mapping[str, list[tuple[int, list[Any]]]]) -> dict[str, str]:
    """Record id -> node id by what publishers themselves say is the same record."""
    parent: dict[str, str] = {}

    def find(r: str) -> str:
        while parent.setdefault(r, r) != r:
            r = parent[r]
        return r

    for id_, found in entities.items():
        find(id_)
        for _, line in found:
            for other in line[7]:
                a, b = sorted((find(id_), find(other)), key=record_rank)
                parent[b] = a
    return {r: find(r) for r in parent}


def _take_said_places(known: _Claims) -> dict[str, str]:
    """Record id -> name of the places that texts name.  They make no nodes: the gazetteer's places are meant, or none."""
    places = known.entities[Label.PLACE]
    said = {i: str(found[0][1][4].get("name", "")) for i, found in places.items() if known.sets[found[0][0]].source == SOURCE}
    for record in said:
        del places[record]
    return said


def _meant_projects(projects: Mapping[str, list[tuple[int, list[Any]]]], node: Mapping[str, str]) -> dict[str, str]:
    """Text record -> the one project of the registers that is called so, by title, acronym, or the acronym in front of its title."""
    known: dict[str, set[str]] = defaultdict(set)
    for record, found in projects.items():
        if not record.startswith(SAID):
            for _, line in found:
                for name in (line[4].get("title"), line[4].get("acronym"), *_LEADING.findall(line[4].get("title") or "")):
                    if name:
                        known[name_key(name)].add(node[record])
    out = {}
    for record, found in projects.items():
        if record.startswith(SAID):
            for name in dict.fromkeys(n for _, line in found for n in (line[4].get("title"), line[4].get("acronym")) if n):
                meant = known.get(name_key(name), set()) if len(name_key(name)) >= LEAST_PROJECT else set()
                if len(meant) == 1:
                    out[record] = next(iter(meant))
                    break
    return out


def _said_to_be_near(known: _Claims, node: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Organisation of a text -> the places where the texts say it is."""
    near: dict[str, set[str]] = defaultdict(set)
    for number, line in known.links:
        if line[2] == "LOCATED_IN" and known.sets[number].source == SOURCE and line[5] != Status.NEGATED and line[3] in node:
            near[line[1]].add(node[line[3]])
    return {record: frozenset(places) for record, places in near.items()}


LONGEST_TEXT: Final = 1000
"""Characters of a name or title that a node keeps: Neo4j indexes no value beyond 8 kB.  The evidence quotes the whole."""


def _shortened(value: Any) -> Any:
    return f"{value[: LONGEST_TEXT - 1]}…" if isinstance(value, str) and len(value) > LONGEST_TEXT else value


def _nodes(image: Image, known: _Claims, label: Label, node: Mapping[str, str]) -> None:
    """Choose the values of every node of a label: the most believed claim that states a property wins, all names stay."""
    by_node: dict[str, list[tuple[int, str, list[Any]]]] = defaultdict(list)
    for id_, found in known.entities[label].items():
        by_node[node[id_]] += [(number, id_, line) for number, line in found]
    group = image.nodes.setdefault(label, {})
    own = _OWN[label]
    for id_, claimed in by_node.items():
        if len(claimed) > 1:
            claimed.sort(key=lambda f: (f[0], f[1]))
        props: Properties = {"id": id_}
        many: dict[str, dict[str, None]] = {}
        facts: dict[str, list[str]] = {}
        evidence: dict[str, None] = {}
        sources: set[str] = set()
        kind: Kind | None = None
        for number, _, (_, _, _, claimed_kind, stated, identifiers, proofs, _) in claimed:
            sources.add(known.sets[number].source)
            evidence.update(dict.fromkeys(proofs))
            if kind is None and claimed_kind:
                kind = Kind(claimed_kind)
            for key, said in (*stated.items(), *identifiers.items()):
                if key in _MANY:
                    many.setdefault(key, {}).update(dict.fromkeys(_shortened(v) for v in said))
                    continue
                value = _shortened(said)
                if key == "name":
                    many.setdefault("names", {})[value] = None
                if key not in props and key in own:
                    props[key] = value
                    if proofs:
                        facts.setdefault(proofs[0], []).append(key)
        for key, values in many.items():
            if key != "names" or len(values) > 1:
                props[key] = sorted(values)
        if label is Label.ORGANIZATION and kind is None and "name" in props:
            kind = kind_from_name(props["name"])
        props["sources"] = sorted(sources)
        props["evidence"] = list(evidence)[:EVIDENCE_KEPT]
        props["facts"] = [f"{','.join(keys)}={proof}" for proof, keys in facts.items()]
        group[id_] = (kind, props)


_Found = tuple[int, str, str, list[str]]
"""Number of the set of claims, record id, place id, evidence ids; the smallest is the most believed."""


def _locate(image: Image, known: _Claims, node: Mapping[str, str], places: PlaceIndex, links: _Links) -> None:
    """LOCATED_IN for German organisations, from the most believed claim whose place is found; else from the name itself."""
    if not places:
        return
    best = _stated_places(known, node, places)
    for n, (_, props) in image.nodes[Label.ORGANIZATION].items():
        if props.get("country") != "DE":
            continue
        if n in best:
            number, _, place, proofs = best[n]
            confidence = 1.0
        elif not props.get("city") and props.get("name") and (inside := places.in_name(props["name"], props.get("region", ""))):
            place, proofs, confidence = inside, _proof_of(props, "name"), NAME_IN_PLACE
            number = next(k for k, s in enumerate(known.sets) if s.source in props["sources"])
        else:
            continue
        links.put(number, n, "LOCATED_IN", place, {}, None, confidence, proofs)
        if places.is_city(place):
            # one city, one spelling: MUELHEIM, Cologne and KOELN stay in the quoted rows
            props["city"] = str(places.props[place]["name"])
            if n not in best and proofs:
                props["facts"] = [*props["facts"], f"city={proofs[0]}"]
        _fill_from_place(props, place, places)


def _stated_places(known: _Claims, node: Mapping[str, str], places: PlaceIndex) -> dict[str, _Found]:
    best: dict[str, _Found] = {}
    for id_, found in known.entities[Label.ORGANIZATION].items():
        for number, line in found:
            stated = line[4]
            if stated.get("country") != "DE":
                continue
            place = place_key(stated, places)
            if place in places.props:
                candidate = (number, id_, place, line[6])
                best[node[id_]] = min(best.get(node[id_], candidate), candidate)
    return best


def _fill_from_place(props: Properties, place: str, places: PlaceIndex) -> None:
    """Coordinates and keys of the place stand in for those of the organisation, and the facts say so."""
    added = []
    for key in ("lat", "lon", "region", "ags", "nuts"):
        value = places.region(place) if key == "region" else places.props[place].get(key)
        if key not in props and value not in (None, ""):
            props[key] = value
            added.append(key)
    if added:
        props["facts"] = [*props["facts"], f"{','.join(added)}={place}"]


def _proof_of(props: Mapping[str, Any], key: str) -> list[str]:
    for fact in props["facts"]:
        keys, _, proof = fact.partition("=")
        if key in keys.split(","):
            return [proof]
    return list(props["evidence"][:1])


class _Links:
    """Gathers claimed links by (start, type, end) of nodes; what does not fit the vocabulary is an issue."""

    def __init__(
        self, image: Image, known: _Claims, node: Mapping[str, str], label_of: Mapping[str, Label], issues: Issues, said_places: Mapping[str, str]
    ) -> None:
        self.image, self.known, self.node, self.label_of, self.issues = image, known, node, label_of, issues
        self.said_places = said_places
        self.dates = [s.header.retrieved for s in known.sets]
        self.sources = [s.source for s in known.sets]

    def add(self, number: int, line: list[Any]) -> None:
        """One line of a claims file."""
        _, start, type_, end, props, status, confidence, proofs = line
        if status == Status.NEGATED:
            return
        a, b = self.node.get(start), self.node.get(end)
        if b is None and end in self.said_places:
            self.issues.add("unknown_place", proofs[0], self.said_places[end], detail=type_)
            return
        if a is None or b is None:
            self.issues.add("unknown_record", proofs[0] if proofs else start, start if a is None else end, detail=type_)
            return
        self.put(number, a, type_, b, props, status, confidence, proofs)

    def put(self, number: int, a: str, type_: str, b: str, props: Mapping[str, Any], status: str | None, confidence: float, proofs: Sequence[str]) -> None:
        """One link between nodes."""
        la, lb = self.label_of[a], self.label_of[b]
        if problem := link_problem(type_, la, lb):
            self.issues.add("not_allowed", proofs[0] if proofs else a, problem, detail=type_)
            return
        if a == b:
            self.issues.add("self_loop", proofs[0] if proofs else a, a, detail=type_)
            return
        link = LINKS[type_]
        if link.symmetric and b < a:
            a, b, la, lb = b, a, lb, la
        group = self.image.edges.setdefault((type_, la, lb), {})
        edge = group.get((a, b))
        date = self.dates[number]
        if edge is None:
            edge = group[a, b] = {"evidence": {}, "sources": set(), "confidence": confidence, "first_seen": date, "last_seen": date}
        edge["evidence"].update(dict.fromkeys(proofs))
        edge["sources"].add(self.sources[number])
        edge["confidence"] = max(edge["confidence"], confidence)
        edge["first_seen"] = min(edge["first_seen"], date)
        edge["last_seen"] = max(edge["last_seen"], date)
        if "roles" in props:
            edge["roles"] = sorted({*edge.get("roles", ()), *props["roles"]})
        for key, value in props.items():
            if key in link.props:
                # claims come in the order in which they are believed
                edge.setdefault(key, value)
            else:
                self.issues.add("not_allowed", proofs[0] if proofs else a, f"{type_}.{key}", detail=f"{type_}.{key}")
        # the most believed claim's word stands; a register states what is, so no word means running
        edge.setdefault("status", str(status) if status else None)

    def finish(self) -> None:
        """Turn what gathers into what is stored."""
        for (type_, _, _), edges in self.image.edges.items():
            says = "status" in LINKS[type_].props
            for props in edges.values():
                if props["status"] is None or (props["status"] == Status.RUNNING and not says):
                    del props["status"]
                props["evidence"] = list(props["evidence"])[:EVIDENCE_KEPT]
                props["sources"] = sorted(props["sources"])


def _tag(known: _Claims, node: Mapping[str, str], links: _Links, tagger: Tagger) -> None:
    """Topics from titles and, for German organisations, from names; a name counts half where projects tell more."""
    active = {a for (type_, _, _), edges in links.image.edges.items() if type_ in ("PARTICIPATES_IN", "WORKS_ON") for a, _ in edges}
    topics = links.image.nodes[Label.TOPIC]
    for label in (Label.PROJECT, Label.ORGANIZATION):
        for id_, found in known.entities[label].items():
            name = label is Label.ORGANIZATION
            for number, line in found:
                if name and line[4].get("country") != "DE":
                    continue  # the words of the tagger's table for names are German
                for link in links_for(claims.entity(line), tagger):
                    if link.end in topics:
                        props = link.props
                        if name and node[id_] in active:
                            props = {**props, "weight": float(str(props.get("weight", 1.0))) / 2}
                        links.put(number, node[id_], link.type, link.end, props, link.status, link.confidence, link.evidence)


def _works_on(image: Image) -> None:
    """WORKS_ON from ABOUT: the share of an organisation's projects that are about a topic."""
    about: dict[str, list[tuple[str, Properties]]] = defaultdict(list)
    for (project, topic), props in image.edges.get(("ABOUT", Label.PROJECT, Label.TOPIC), {}).items():
        about[project].append((topic, props))
    group: EdgeGroup = ("WORKS_ON", Label.ORGANIZATION, Label.TOPIC)
    total: dict[str, int] = defaultdict(int)
    gathered: dict[tuple[str, str], list[tuple[Properties, Properties]]] = defaultdict(list)
    for (org, project), props in sorted(image.edges.get(("PARTICIPATES_IN", Label.ORGANIZATION, Label.PROJECT), {}).items()):
        total[org] += 1
        for topic, proof in about.get(project, ()):
            gathered[org, topic].append((props, proof))
    edges = image.edges.setdefault(group, {})
    for (org, topic), found in gathered.items():
        stated = edges.get((org, topic))
        proofs = dict.fromkeys(e for part, proof in found[:PROOFS_KEPT] for e in (*part["evidence"][:1], *proof["evidence"][:1]))
        edge: Properties = {
            "weight": round(len(found) / total[org], 4),
            "projects": len(found),
            "derived": True,
            "evidence": list(proofs),
            "sources": sorted({s for part, proof in found for s in (*part["sources"], *proof["sources"])}),
            "confidence": max(min(part["confidence"], proof["confidence"]) for part, proof in found),
            "first_seen": min(part["first_seen"] for part, _ in found),
            "last_seen": max(part["last_seen"] for part, _ in found),
        }
        if stated:
            edge["weight"] = max(edge["weight"], stated.get("weight", 0.0))
            edge["evidence"] = list(dict.fromkeys((*stated["evidence"], *edge["evidence"])))
            edge["sources"] = sorted({*stated["sources"], *edge["sources"]})
            edge["confidence"] = max(stated["confidence"], edge["confidence"])
            edge["first_seen"] = min(stated["first_seen"], edge["first_seen"])
            edge["last_seen"] = max(stated["last_seen"], edge["last_seen"])
            del edge["derived"]
        edges[org, topic] = edge


def _count(image: Image) -> None:
    """Counts that would be too slow to aggregate when asked: partners, research partners, projects, participants, members of places."""
    organizations = image.nodes[Label.ORGANIZATION]
    index = {o: i for i, o in enumerate(organizations)}
    projects = image.nodes[Label.PROJECT]
    pindex = {p: i for i, p in enumerate(projects)}
    part = list(image.edges.get(("PARTICIPATES_IN", Label.ORGANIZATION, Label.PROJECT), {}))
    rows = np.fromiter((index[a] for a, _ in part), np.int32, len(part))
    cols = np.fromiter((pindex[b] for _, b in part), np.int32, len(part))
    b = sp.csr_matrix((np.ones(len(part), np.int32), (rows, cols)), (len(index), len(pindex)))
    coop = list(image.edges.get(("COOPERATES_WITH", Label.ORGANIZATION, Label.ORGANIZATION), {}))
    crow = np.fromiter((index[a] for a, _ in coop), np.int32, len(coop))
    ccol = np.fromiter((index[c] for _, c in coop), np.int32, len(coop))
    c = sp.csr_matrix((np.ones(len(coop), np.int32), (crow, ccol)), (len(index), len(index)))
    partners = (b @ b.T + c + c.T).tocsr()
    partners.setdiag(0)
    partners.eliminate_zeros()
    partners.data[:] = 1
    research = np.fromiter((k in (Kind.UNIVERSITY, Kind.RESEARCH) for k, _ in organizations.values()), np.int32, len(index))
    n_projects = np.asarray(b.sum(1)).ravel()
    n_partners = np.diff(partners.indptr)
    n_research = np.asarray(partners @ research).ravel()
    for i, (_, props) in enumerate(organizations.values()):
        props["projects"], props["partners"], props["research_partners"] = int(n_projects[i]), int(n_partners[i]), int(n_research[i])
    for (_, props), n in zip(projects.values(), np.asarray(b.sum(0)).ravel(), strict=True):
        props["participants"] = int(n)
    _count_ends(image, ("ABOUT", Label.PROJECT, Label.TOPIC), "projects")
    _count_ends(image, ("WORKS_ON", Label.ORGANIZATION, Label.TOPIC), "organizations")
    within: dict[str, list[str]] = defaultdict(list)
    for a, z in image.edges.get(("WITHIN", Label.PLACE, Label.PLACE), {}):
        within[a].append(z)
    members: dict[str, int] = defaultdict(int)
    for _, place in image.edges.get(("LOCATED_IN", Label.ORGANIZATION, Label.PLACE), {}):
        for p in _upwards(place, within):
            members[p] += 1
    for id_, (_, props) in image.nodes[Label.PLACE].items():
        props["organizations"] = members[id_]


def _upwards(place: str, within: Mapping[str, Sequence[str]]) -> set[str]:
    """A place or an organisation, and all that it lies in."""
    seen, todo = {place}, [place]
    while todo:
        for up in within.get(todo.pop(), ()):
            if up not in seen:
                seen.add(up)
                todo.append(up)
    return seen


def _count_ends(image: Image, group: EdgeGroup, prop: str) -> None:
    ends: dict[str, int] = defaultdict(int)
    for _, end in image.edges.get(group, {}):
        ends[end] += 1
    for id_, (_, props) in image.nodes[group[2]].items():
        props[prop] = ends[id_]


def _sources(image: Image, known: _Claims) -> None:
    group = image.nodes.setdefault(Label.SOURCE, {})
    for s in known.sets:
        _, props = group.setdefault(s.source, (None, {"id": s.source, "releases": []}))
        for key, value in s.header.source.items():
            if key not in ("id", "own_ids"):
                props.setdefault(key, value)
        props["releases"] = sorted([*props["releases"], f"{s.header.dataset}|{s.header.release}|{s.header.retrieved}"])


def _aliases(image: Image, known: _Claims, node: Mapping[str, str]) -> None:
    """Every record id that is not its node's id leads to the node."""
    group = image.nodes.setdefault(Label.ALIAS, {})
    label_of = {i: label for label, nodes in image.nodes.items() for i in nodes}
    for record, target in node.items():
        if record != target and target in label_of:
            source = next((known.sets[n].source for n, _ in known.entities[label_of[target]].get(record, ())), "")
            group[record] = (None, {"id": record, **({"source": source} if source else {})})
            image.edges.setdefault(("IDENTIFIES", Label.ALIAS, label_of[target]), {})[record, target] = {}
