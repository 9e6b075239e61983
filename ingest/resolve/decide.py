"""Which records of organisations are one: a person's word, an authority's identifier, the score of a pair, in this order.

1. A judgement «yes» joins, the later word about a pair stands.
2. The same identifier of an authority joins, but not one of the tax office: a VAT number is a weight of the score.
3. A pair whose score reaches the upper threshold joins, the best pair first; one between the thresholds is a question for a person,
   and so is one with a rival that fits nearly as well, one whose legal forms differ, and what `Unsure.why` names besides.
4. A mention in a text joins the one organisation that it can mean: the same name, else the same name without legal form; a short name
   (an acronym) only one of the same kind.  Where several fit, the place that the text gives decides, else nothing.
Nothing joins across a judgement «no».  Rules 3 and 4 never join two clusters whose identifiers contradict each other, however long the
chain between them, nor two records of a publisher who gives ids of its own.  The outcome does not depend on the order in which records
or sources come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from graph.model import IDENTIFIERS, Judgement, record_rank
from ingest.resolve.candidate import LEAST_NAME, Candidate
from ingest.resolve.compare import COMPARISONS, UNKNOWN, Pair, Weights, weights

SHARED: Final = frozenset(("vat",))
"""Schemes whose numbers several organisations may share (a tax group, a city and its enterprise): they weigh, but do not join."""
RIVAL_BITS: Final = 3.0
"""A second candidate that scores within so many bits of the first one makes both a question."""


def least_score(w: Weights) -> float:
    """The lowest score (bits) of a pair that decide() looks at."""
    return w.ask - RIVAL_BITS


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two records that a rule would join but whose identifiers contradict each other."""

    a: str
    b: str
    scheme: str


@dataclass(frozen=True, slots=True)
class Joined:
    """One step that brought two records together.

    by    ``person:<number of the judgement>``, ``identifier:<scheme>``, ``score`` or ``mention``
    pair  what was compared, for ``score``
    """

    a: str
    b: str
    by: str
    pair: Pair | None = None


@dataclass(frozen=True, slots=True)
class Unsure:
    """A pair that a person should look at.

    why  ``score`` between the thresholds, ``rival`` another record fits nearly as well, ``two_ids`` one publisher or two identifiers
         say that they are two, all else that they are one, ``form`` the names state different legal forms, ``spelling`` a short name
         that differs by a letter (Meier, Meyer), ``no_place`` a name that is not rare, and of one nobody says where it is
    """

    pair: Pair
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """node: record id -> id of its node; joined: the steps, in their order; unsure: best first."""

    node: dict[str, str]
    joined: list[Joined]
    unsure: list[Unsure]
    conflicts: list[Conflict]


class _Clusters:
    """Union-find whose sets remember identifiers, keyed sources and what must not join them."""

    def __init__(self, records: Mapping[str, Candidate], apart: Mapping[str, set[str]]) -> None:
        self.parent = {r: r for r in records}
        self.members: dict[str, list[str]] = {r: [r] for r in records}
        self.ids: dict[str, dict[str, set[str]]] = {r: {s: set(v) for s, v in c.identifiers.items()} for r, c in records.items()}
        self.keyed: dict[str, set[str]] = {r: set(c.sources) if c.keyed else set() for r, c in records.items()}
        self.forms: dict[str, set[str]] = {r: set(c.features.forms) if c.features else set() for r, c in records.items()}
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

    def cannot(self, a: str, b: str) -> bool:
        """Something other than their scores says that two clusters are two organisations."""
        return self.forbidden(a, b) or bool(self.keyed[a] & self.keyed[b]) or self.contradiction(a, b) is not None

    def two_forms(self, a: str, b: str) -> bool:
        """Their names state legal forms, but none in common: «X GmbH» is not «X GmbH & Co. KG», nor through an «X» without one."""
        return bool(self.forms[a] and self.forms[b] and not self.forms[a] & self.forms[b])

    def size(self, r: str) -> int:
        """Records in a cluster."""
        return len(self.members[r])

    def join(self, a: str, b: str) -> None:
        if len(self.members[a]) < len(self.members[b]) or (len(self.members[a]) == len(self.members[b]) and b < a):
            a, b = b, a
        self.parent[b] = a
        self.members[a] += self.members.pop(b)
        for scheme, values in self.ids.pop(b).items():
            self.ids[a].setdefault(scheme, set()).update(values)
        self.keyed[a] |= self.keyed.pop(b)
        self.forms[a] |= self.forms.pop(b)


def standing(judgements: Iterable[Judgement]) -> dict[tuple[str, str], Judgement]:
    """The word that stands about each pair (smaller id first): the latest one."""
    out: dict[tuple[str, str], Judgement] = {}
    for j in sorted(judgements, key=lambda j: j.number):
        out[min(j.a, j.b), max(j.a, j.b)] = j
    return out


class _Joiner:
    """Joins clusters; remembers by what, and what contradicting identifiers prevented."""

    def __init__(self, clusters: _Clusters) -> None:
        self.clusters = clusters
        self.joined: list[Joined] = []
        self.conflicts: dict[Conflict, None] = {}

    def join(self, a: str, b: str, by: str, pair: Pair | None = None) -> None:
        """Two records of different clusters."""
        self.clusters.join(self.clusters.find(a), self.clusters.find(b))
        self.joined.append(Joined(a, b, by, pair))

    def strong(self, a: str, b: str, by: str) -> None:
        """By a person's word or an authority's identifier: only another person's word stands against it."""
        ra, rb = self.clusters.find(a), self.clusters.find(b)
        if ra != rb and not self.clusters.forbidden(ra, rb):
            self.join(a, b, by)

    def mentioned(self, a: str, b: str) -> None:
        """By what a text calls it: only if nothing contradicts."""
        c = self.clusters
        ra, rb = c.find(a), c.find(b)
        if ra == rb or c.forbidden(ra, rb) or c.keyed[ra] & c.keyed[rb]:
            return
        if scheme := c.contradiction(ra, rb):
            self.conflicts[Conflict(min(a, b), max(a, b), scheme)] = None
            return
        self.join(a, b, "mention")


def decide(
    records: Sequence[Candidate], pairs: Sequence[Pair] = (), judgements: Iterable[Judgement] = (), *, names: bool = True, thresholds: Weights | None = None
) -> Outcome:
    """Which records are one, with the reason for each step, what is unsure, and what contradicting identifiers prevented.

    pairs       what was compared and scores at least ``least_score``, best first (compare.compare)
    names       False: identity by authority identifiers (and judgements) only
    thresholds  of the model that scored the pairs
    """
    w = thresholds or weights()
    by_id = {c.id: c for c in sorted(records, key=lambda c: c.id)}
    words = {pair: j for pair, j in sorted(standing(judgements).items()) if pair[0] in by_id and pair[1] in by_id}
    apart: dict[str, set[str]] = defaultdict(set)
    for (a, b), j in words.items():
        if j.verdict == "no":
            apart[a].add(b)
            apart[b].add(a)
    joiner = _Joiner(_Clusters(by_id, apart))
    for (a, b), j in words.items():
        if j.verdict == "yes":
            joiner.strong(a, b, f"person:{j.number}")
    for scheme in (s for s in IDENTIFIERS if s not in SHARED):
        groups: dict[str, list[str]] = defaultdict(list)
        for r, c in by_id.items():
            for value in c.identifiers.get(scheme, ()):
                groups[value].append(r)
        for _, group in sorted(groups.items()):
            for other in group[1:]:
                joiner.strong(group[0], other, f"identifier:{scheme}")
    asked = _by_score([p for p in pairs if p.a in by_id and p.b in by_id], by_id, joiner, w)
    if names:
        _by_mention(by_id, joiner)
    clusters = joiner.clusters
    node: dict[str, str] = {}
    for members in clusters.members.values():
        node.update(dict.fromkeys(members, min(members, key=record_rank)))
    return Outcome(node, joiner.joined, _unsure(asked, words, joiner), list(joiner.conflicts))


def _by_score(pairs: Sequence[Pair], records: Mapping[str, Candidate], joiner: _Joiner, w: Weights) -> list[Unsure]:
    """Joins what scores above the upper threshold, the best first; returns what is between the thresholds, and why."""
    clusters = joiner.clusters
    asked: list[Unsure] = []
    rivals = _Rivals(pairs, records, w)
    for p in pairs:
        if p.score < w.ask:
            break
        ra, rb = clusters.find(p.a), clusters.find(p.b)
        if ra == rb or clusters.forbidden(ra, rb):
            continue
        scheme = clusters.contradiction(ra, rb)
        if p.score < w.same:
            # an authority that gives two ids says that they are two
            if scheme is None and not clusters.keyed[ra] & clusters.keyed[rb] and rivals.worth_asking(p):
                asked.append(Unsure(p, "score"))
        elif scheme is not None or clusters.keyed[ra] & clusters.keyed[rb]:
            if scheme is not None:
                joiner.conflicts[Conflict(p.a, p.b, scheme)] = None
            if p.score >= w.same + RIVAL_BITS and clusters.size(ra) == clusters.size(rb) == 1:
                asked.append(Unsure(p, "two_ids"))
        elif (doubt := _doubt(p, two_forms=clusters.two_forms(ra, rb))) is not None:
            asked.append(Unsure(p, doubt))
        elif rivals.has(p, clusters):
            asked.append(Unsure(p, "rival"))
        else:
            joiner.join(p.a, p.b, "score", p)
    return asked


_AT: Final = {c.name: n for n, c in enumerate(COMPARISONS)}


def _doubt(p: Pair, *, two_forms: bool) -> str | None:
    """Why a pair is asked although its score is high enough: what no sum of weights makes good."""
    if two_forms:
        return "form"
    if p.levels[_AT["name"]] == "typing_error":
        return "spelling"
    if p.levels[_AT["place"]] in (UNKNOWN, "other_region_no_place") and p.levels[_AT["rarity"]] not in ("very_rare", "rare"):
        return "no_place"
    return None


class _Rivals:
    """Other records that fit nearly as well and cannot be the same as the one that is looked at."""

    def __init__(self, pairs: Sequence[Pair], records: Mapping[str, Candidate], w: Weights) -> None:
        self.records = records
        self.same = w.same
        self.of: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self.one: set[tuple[str, str]] = set()
        for p in pairs:
            self.of[p.a].append((p.score, p.b))
            self.of[p.b].append((p.score, p.a))
            if p.score >= w.same:
                self.one.add((p.a, p.b))

    def has(self, p: Pair, clusters: _Clusters) -> bool:
        """True if a or b has a rival partner: one within RIVAL_BITS that contradicts the other and is no double of it."""
        return any(
            score >= p.score - RIVAL_BITS
            and third != other
            and (min(third, other), max(third, other)) not in self.one
            and clusters.cannot(clusters.find(third), clusters.find(other))
            for mine, other in ((p.a, p.b), (p.b, p.a))
            for score, third in self.of[mine]
        )

    def worth_asking(self, p: Pair) -> bool:
        """Near the threshold always, below it only where no other record of the same source fits either of the two nearly as well.

        Of the judged pairs below the threshold half of those without such a rival are one organisation, of the others one in ten.
        """
        if p.score >= self.same - RIVAL_BITS / 2:
            return True
        return not any(
            score > p.score - RIVAL_BITS and third != other and self.records[third].sources & self.records[other].sources
            for mine, other in ((p.a, p.b), (p.b, p.a))
            for score, third in self.of[mine]
        )


def _unsure(asked: Sequence[Unsure], words: Mapping[tuple[str, str], Judgement], joiner: _Joiner) -> list[Unsure]:
    """The questions that still stand at the end, one for each two clusters, without those that a person answered."""
    clusters = joiner.clusters
    out: dict[tuple[str, str], Unsure] = {}
    for u in asked:
        ra, rb = clusters.find(u.pair.a), clusters.find(u.pair.b)
        if ra == rb or clusters.forbidden(ra, rb) or (u.pair.a, u.pair.b) in words:
            continue
        if u.why == "score" and clusters.cannot(ra, rb):
            continue
        out.setdefault((min(ra, rb), max(ra, rb)), u)
    return list(out.values())


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
        joiner.mentioned(found, r)


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
