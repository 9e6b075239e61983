"""Which records of organisations are one: first version, exact rules over identifiers, names and places, judgements above all.

1. A judgement «yes» joins, the later word about a pair stands.
2. The same identifier of an authority joins.
3. The same name (normalise.name_key) in the same city and country joins; a record without a place joins the one organisation of
   exactly that name in its Land, if there is exactly one.
4. A mention in a text joins the one organisation that it can mean: the same name, else the same name without legal form; a short name
   (an acronym) only one of the same kind.  Where several fit, the place that the text gives decides, else nothing.
Nothing joins across a judgement «no».  Rule 3 never joins two records whose identifiers contradict each other, nor two records
of a publisher who gives ids of its own.  The outcome does not depend on the order in which records or sources come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from graph.model import IDENTIFIERS, Judgement, record_rank


@dataclass(frozen=True, slots=True)
class Candidate:
    """What identity looks at in one record.

    names   keys of all its names, the main one first
    place   id of a place of the graph, or the folded name of a city abroad; empty if unknown
    keyed   its publisher gives ids of its own, so two of its records are two organisations
    kind    what it is, "" if unknown
    called  keys of all its names without legal forms, acronyms too: what texts may call it
    formed  those of `called` that come from a name with a legal form
    said    it is a mention in texts, not a record of a register
    near    ids of the places where the texts say it is
    """

    id: str
    sources: frozenset[str]
    names: tuple[str, ...]
    country: str = ""
    region: str = ""
    place: str = ""
    keyed: bool = True
    identifiers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kind: str = ""
    called: tuple[str, ...] = ()
    formed: frozenset[str] = frozenset()
    said: bool = False
    near: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two records that a rule would join but whose identifiers contradict each other."""

    a: str
    b: str
    scheme: str


class _Clusters:
    """Union-find whose sets remember identifiers, keyed sources and what must not join them."""

    def __init__(self, records: Mapping[str, Candidate], apart: Mapping[str, set[str]]) -> None:
        self.parent = {r: r for r in records}
        self.members: dict[str, list[str]] = {r: [r] for r in records}
        self.ids: dict[str, dict[str, set[str]]] = {r: {s: set(v) for s, v in c.identifiers.items()} for r, c in records.items()}
        self.keyed: dict[str, set[str]] = {r: set(c.sources) if c.keyed else set() for r, c in records.items()}
        self.apart: dict[str, set[str]] = {r: set(apart.get(r, ())) for r in records}

    def find(self, r: str) -> str:
        while self.parent[r] != r:
            self.parent[r] = self.parent[self.parent[r]]
            r = self.parent[r]
        return r

    def forbidden(self, a: str, b: str) -> bool:
        """A person said no about two records that would come together."""
        small, large = (a, b) if len(self.members[a]) < len(self.members[b]) else (b, a)
        return any(self.find(o) == large for m in self.members[small] for o in self.apart[m])

    def contradiction(self, a: str, b: str) -> str | None:
        """The scheme in which both have identifiers but none in common."""
        for scheme in IDENTIFIERS:
            x, y = self.ids[a].get(scheme), self.ids[b].get(scheme)
            if x and y and not x & y:
                return scheme
        return None

    def join(self, a: str, b: str) -> None:
        if len(self.members[a]) < len(self.members[b]) or (len(self.members[a]) == len(self.members[b]) and b < a):
            a, b = b, a
        self.parent[b] = a
        self.members[a] += self.members.pop(b)
        for scheme, values in self.ids.pop(b).items():
            self.ids[a].setdefault(scheme, set()).update(values)
        self.keyed[a] |= self.keyed.pop(b)


def standing(judgements: Iterable[Judgement]) -> dict[tuple[str, str], Judgement]:
    """The word that stands about each pair (smaller id first): the latest one."""
    out: dict[tuple[str, str], Judgement] = {}
    for j in sorted(judgements, key=lambda j: j.number):
        out[min(j.a, j.b), max(j.a, j.b)] = j
    return out


class _Joiner:
    """Joins clusters by rule; remembers what contradicting identifiers prevented."""

    def __init__(self, clusters: _Clusters) -> None:
        self.clusters = clusters
        self.conflicts: dict[Conflict, None] = {}

    def strong(self, a: str, b: str) -> None:
        """By a person's word or an authority's identifier: only another person's word stands against it."""
        ra, rb = self.clusters.find(a), self.clusters.find(b)
        if ra != rb and not self.clusters.forbidden(ra, rb):
            self.clusters.join(ra, rb)

    def by_name(self, a: str, b: str) -> None:
        """By name and place: only if nothing contradicts."""
        c = self.clusters
        ra, rb = c.find(a), c.find(b)
        if ra == rb or c.forbidden(ra, rb) or c.keyed[ra] & c.keyed[rb]:
            return
        if scheme := c.contradiction(ra, rb):
            self.conflicts[Conflict(min(a, b), max(a, b), scheme)] = None
            return
        c.join(ra, rb)


def decide(records: Sequence[Candidate], judgements: Iterable[Judgement] = (), *, names: bool = True) -> tuple[dict[str, str], list[Conflict]]:
    """Id of the node of every record, and the joins that contradicting identifiers prevented.

    names=False merges by authority identifiers (and judgements) only.
    """
    by_id = {c.id: c for c in sorted(records, key=lambda c: c.id)}
    words = {pair: j.verdict for pair, j in sorted(standing(judgements).items()) if pair[0] in by_id and pair[1] in by_id}
    apart: dict[str, set[str]] = defaultdict(set)
    for (a, b), verdict in words.items():
        if verdict == "no":
            apart[a].add(b)
            apart[b].add(a)
    clusters = _Clusters(by_id, apart)
    joiner = _Joiner(clusters)
    for (a, b), verdict in words.items():
        if verdict == "yes":
            joiner.strong(a, b)
    for scheme in IDENTIFIERS:
        groups: dict[str, list[str]] = defaultdict(list)
        for r, c in by_id.items():
            for value in c.identifiers.get(scheme, ()):
                groups[value].append(r)
        for _, group in sorted(groups.items()):
            for other in group[1:]:
                joiner.strong(group[0], other)
    if names:
        _by_name({r: c for r, c in by_id.items() if not c.said}, joiner)
        _by_mention(by_id, joiner)
    node: dict[str, str] = {}
    for members in clusters.members.values():
        node.update(dict.fromkeys(members, min(members, key=record_rank)))
    return node, list(joiner.conflicts)


_Key = tuple[str, str, str]


def _by_name(by_id: Mapping[str, Candidate], joiner: _Joiner) -> None:
    located: dict[_Key, list[str]] = defaultdict(list)
    placeless: dict[_Key, list[str]] = defaultdict(list)
    for r, c in by_id.items():
        if c.country and c.names and c.names[0]:
            if not c.place:
                placeless[c.names[0], c.country, c.region].append(r)
            else:
                located[c.names[0], c.country, c.place].append(r)
    _join_groups(located, joiner)
    # main names first: a record's other names must not take the partner that another's main name fits
    for r, c in by_id.items():
        if c.country and c.place:
            for name in filter(None, c.names[1:]):
                located[name, c.country, c.place].append(r)
    _join_groups(located, joiner)
    regions: dict[_Key, set[str]] = defaultdict(set)
    for (name, country, _), group in located.items():
        for r in group:
            regions[name, country, by_id[r].region].add(r)
    for key, group in sorted(placeless.items()):
        for other in group[1:]:
            joiner.by_name(group[0], other)
        there = sorted(regions.get(key, ())) if key[2] else []
        if there and len({joiner.clusters.find(r) for r in there}) == 1:
            joiner.by_name(there[0], group[0])


LEAST_NAME: Final = 8
"""Letters of a name that tells an organisation whatever its kind; many share a shorter one."""
LEAST_ACRONYM: Final = 3


def _by_mention(by_id: Mapping[str, Candidate], joiner: _Joiner) -> None:
    """Mentions in texts to what the registers know.  Looks at all before it joins any, so that no order matters."""
    full: dict[str, list[str]] = defaultdict(list)
    loose: dict[str, list[str]] = defaultdict(list)
    for r, c in by_id.items():
        if not c.said:
            for name in c.names:
                full[name].append(r)
            for name in c.called:
                loose[name].append(r)
    chosen = [(r, found) for r, c in sorted(by_id.items()) if c.said and (found := _meant(c, full, loose, by_id, joiner)) is not None]
    for r, found in chosen:
        joiner.by_name(found, r)


def _meant(c: Candidate, full: Mapping[str, list[str]], loose: Mapping[str, list[str]], by_id: Mapping[str, Candidate], joiner: _Joiner) -> str | None:
    """The record that a mention means, None if nothing or too much fits."""
    # a name that states its legal form means no organisation of another form, but one that is registered without
    plain = [n for n in c.called if n not in c.formed]
    stripped = [n for n in c.called if n in c.formed]
    for table, names in ((full, c.names[:1]), (loose, plain[:1]), (full, stripped), (full, c.names[1:]), (loose, plain[1:])):
        for name in names:
            if len(name) < LEAST_ACRONYM:
                continue
            fit = [r for r in table.get(name, ()) if len(name) >= LEAST_NAME or by_id[r].kind == c.kind]
            for narrower in (fit, [r for r in fit if by_id[r].place in c.near], [r for r in fit if by_id[r].kind == c.kind]):
                clusters = {joiner.clusters.find(r) for r in narrower}
                if len(clusters) == 1:
                    return min(narrower)
    return None


def _join_groups(groups: Mapping[_Key, list[str]], joiner: _Joiner) -> None:
    for _, group in sorted(groups.items()):
        for i, a in enumerate(group):
            for b in group[i + 1 :]:
                joiner.by_name(a, b)
