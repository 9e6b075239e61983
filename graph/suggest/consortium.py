"""What a consortium lacks, and who would close most of it: greedy set cover with the gain of every step.

The greedy choice covers at least 1 - 1/e of what the best choice of as many organisations would (Nemhauser, Wolsey and Fisher, An analysis
of approximations for maximizing submodular set functions, Mathematical Programming 14, 1978).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from graph.derived import COORDINATOR, DISSOLVED, KINDS, NAMED, Derived
from graph.errors import UsageError
from graph.model import Kind, Label
from graph.suggest.features import Question, Rows, projection

Mask = npt.NDArray[np.bool_]
What = Literal["topic", "kind", "country", "role"]

PICKS: Final = 6
ALTERNATIVES: Final = 3
OWN_TOPICS: Final = 5
"""Topics of the members that say what their consortium is about, where no topic is given."""
USUAL: Final = 0.5
"""A kind that so many of the comparable projects have is needed where none is asked for."""
ALSO: Final = 6
"""Topics that comparable projects are about as well, at most."""
LEAST_PROJECTS: Final = 2
ASKED_FOR_DISTANCE: Final = 5
"""So many members are asked how near somebody is; more only cost time."""
PROGRAMMES: Final = frozenset({"cordis-call", "h2020-part", "efre-nrw"})
"""Schemes of topics that are funders' own: nobody «brings» a call for proposals."""
COORDINATES: Final = "coordinator"


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that the consortium should have.

    key       id of a topic, a kind, a country, or COORDINATES
    weight    1 for what was asked for; else the share of comparable projects that have it
    asked     False: comparable projects suggest it
    members   ids of the members that bring it; none: it is missing
    """

    what: What
    key: str
    name: str
    name_en: str
    weight: float
    asked: bool
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Brings:
    """A need that an organisation closes, and the ids of the evidence that it works on the topic (topics only)."""

    need: Need
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pick:
    """An organisation to ask, in the order of the greedy choice.

    gain          part of the weight of all needs that it adds to what was covered before it, 0..1
    covered       part that is covered with it
    alternatives  (id, name, gain) of those that would add most in its place
    """

    id: str
    name: str
    kind: Kind | None
    city: str
    country: str
    brings: tuple[Brings, ...]
    gain: float
    covered: float
    alternatives: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """What a consortium has and lacks.

    needs     all of them, missing ones first        covered  part of their weight that the members cover, 0..1
    picks     who would close most of the rest       nobody   needs that no organisation here would close
    projects  comparable projects that were looked at
    """

    members: tuple[tuple[str, str], ...]
    needs: tuple[Need, ...]
    covered: float
    picks: tuple[Pick, ...]
    nobody: tuple[Need, ...]
    projects: int


def gaps(
    derived: Derived,
    members: Sequence[str],
    *,
    topics: Collection[str] = (),
    kinds: Collection[Kind] = (),
    countries: Collection[str] = (),
    coordinator: bool = False,
    only_countries: Collection[str] = (),
    picks: int = PICKS,
) -> Gaps:
    """What `members` (ids) lack for a project about `topics` (ids), and who would close most of it.

    topics          none given: the weightiest of the members' own; those that comparable projects are about as well are added
    kinds           none given: those that at least half of the comparable projects have
    countries       should be there (two letters)          coordinator     somebody should have coordinated a project
    only_countries  whom to look for: only there, wherever there is anybody
    Raises UsageError for an unknown member or topic, or where neither is given.
    """
    rows = [_row(derived, m, Label.ORGANIZATION) for m in dict.fromkeys(members)]
    asked = {_row(derived, t, Label.TOPIC): 1.0 for t in topics}
    if not rows and not asked:
        raise UsageError("Es braucht ein Mitglied oder ein Thema.", "A member or a topic is needed.")
    about = sorted(asked) or _own_topics(derived, rows)
    comparable = _comparable(derived, about)
    needs = [*_topics(derived, asked, comparable), *_kinds(derived, kinds, comparable)]
    needs += [Need("country", c, c, c, 1.0, asked=True) for c in sorted({c.upper() for c in countries})]
    needs += [Need("role", COORDINATES, COORDINATES, COORDINATES, 1.0, asked=True)] if coordinator else []
    cover = np.stack([_covers(derived, n) for n in needs]) if needs else np.zeros((0, len(derived)), np.bool_)
    has: Mask = np.asarray(cover[:, rows].any(1))
    ids = [derived.ids[r] for r in rows]
    needs = [replace(n, members=tuple(i for i, r in zip(ids, rows, strict=True) if cover[k, r])) for k, n in enumerate(needs)]
    free = ((derived.flags & DISSOLVED) == 0) & ((derived.flags & NAMED) != 0)
    free[rows] = False
    if only_countries:
        free &= np.isin(derived.country, [derived.countries.index(c) for c in only_countries if c in derived.countries])
    weight = np.array([n.weight for n in needs])
    able: Mask = np.logical_and(cover, free)
    chosen, left = _greedy(derived, needs, able, weight, has, _fitness(derived, rows, about), picks)
    order = sorted(range(len(needs)), key=lambda k: (bool(has[k]), -needs[k].weight, needs[k].what, needs[k].key))
    total = float(weight.sum()) or 1.0
    return Gaps(
        tuple((i, derived.name_of(Label.ORGANIZATION, r)) for i, r in zip(ids, rows, strict=True)),
        tuple(needs[k] for k in order),
        round(float(weight[has].sum()) / total, 4),
        chosen,
        tuple(needs[k] for k in order if left[k]),
        len(comparable),
    )


def _greedy(
    d: Derived,
    needs: Sequence[Need],
    cover: Mask,
    weight: npt.NDArray[np.float64],
    has: Mask,
    fitness: npt.NDArray[np.float64],
    picks: int,
) -> tuple[tuple[Pick, ...], Mask]:
    """The picks, and which needs are left when nobody adds anything."""
    done, total = has.copy(), float(weight.sum()) or 1.0
    out: list[Pick] = []
    for _ in range(picks):
        gain = np.where(done, 0.0, weight) @ cover
        order = np.lexsort((np.arange(len(d)), -fitness, -np.round(gain, 9)))[: ALTERNATIVES + 1]
        best = int(order[0]) if len(order) else -1
        if best < 0 or gain[best] <= 0:
            break
        new = cover[:, best] & ~done
        done |= new
        brings = tuple(Brings(needs[k], _proof(d, needs[k], best)) for k in np.flatnonzero(new).tolist())
        others = tuple((d.ids[i], d.name_of(Label.ORGANIZATION, i), round(float(gain[i]) / total, 4)) for i in order[1:].tolist() if gain[i] > 0)
        country = d.countries[d.country[best]] if d.country[best] >= 0 else ""
        name = d.name_of(Label.ORGANIZATION, best)
        covered = round(float(weight[done].sum()) / total, 4)
        out.append(Pick(d.ids[best], name, d.kind_of(best), d.cities[best], country, brings, round(float(gain[best]) / total, 4), covered, others))
        cover[:, best] = False
    return tuple(out), ~done & ~cover.any(1)


def _row(d: Derived, id_: str, label: Label) -> int:
    row = d.index(id_, label)
    if row is None:
        if label is Label.TOPIC:
            raise UsageError(f"Es gibt kein Thema «{id_}».", f"There is no topic {id_!r}.")
        raise UsageError(f"Es gibt keine Organisation «{id_}».", f"There is no organisation {id_!r}.")
    return row


def _own_topics(d: Derived, rows: Sequence[int]) -> list[int]:
    """The members' weightiest topics, rare ones counting more."""
    idf, sums = projection(d).idf, np.zeros(d.counts[Label.TOPIC])
    for row in rows:
        topics = d.org_topic.row(row)
        sums[topics] += d.org_topic.values(row) * idf[topics]
    return sorted(t for t in np.lexsort((np.arange(len(sums)), -sums))[:OWN_TOPICS].tolist() if sums[t] > 0)


def _comparable(d: Derived, about: Sequence[int]) -> Rows:
    """Projects about one of the topics or a narrower one that have at least two participants."""
    wide = np.unique(np.concatenate([np.append(d.topic_parts.row(t), t) for t in about])) if about else np.zeros(0, np.int64)
    found = np.unique(d.topic_project.indices[d.topic_project.take(wide)[1]]).astype(np.int64)
    return np.asarray(found[d.project_org.degree()[found] >= LEAST_PROJECTS])


def _topics(d: Derived, asked: Mapping[int, float], comparable: Rows) -> list[Need]:
    """Topics that were asked for, and the commonest others of the comparable projects."""
    needs = [_topic(d, t, weight, asked=True) for t, weight in sorted(asked.items())]
    count = np.bincount(d.project_topic.indices[d.project_topic.take(comparable)[1]], minlength=d.counts[Label.TOPIC])
    for t in asked:
        count[np.append(d.topic_parts.row(t), t)] = 0
    count[_programmes(d, np.flatnonzero(count))] = 0
    often = [t for t in np.lexsort((np.arange(len(count)), -count))[:ALSO].tolist() if count[t] >= LEAST_PROJECTS]
    return needs + [_topic(d, t, round(float(count[t]) / len(comparable), 4), asked=False) for t in often]


def _programmes(d: Derived, topics: Rows) -> list[int]:
    """Those of the topics that sort projects by where the money comes from."""
    base = d.base[Label.TOPIC]
    return [t for t in topics.tolist() if d.details[base + t].partition(" · ")[0] in PROGRAMMES]


def _topic(d: Derived, t: int, weight: float, *, asked: bool) -> Need:
    node = d.base[Label.TOPIC] + t
    return Need("topic", d.ids[node], d.names[node] or d.ids[node], d.names_en[node] or d.names[node], weight, asked=asked)


def _kinds(d: Derived, kinds: Collection[Kind], comparable: Rows) -> list[Need]:
    if kinds:
        return [Need("kind", k.value, k.value, k.value, 1.0, asked=True) for k in KINDS if k in kinds]
    if not len(comparable):
        return []
    owner, at = d.project_org.take(comparable)
    kind = d.kinds[d.project_org.indices[at]]
    out = []
    for k, value in enumerate(KINDS):
        share = len(np.unique(owner[kind == k])) / len(comparable)
        if share >= USUAL:
            out.append(Need("kind", value.value, value.value, value.value, round(share, 4), asked=False))
    return out


def _covers(d: Derived, need: Need) -> Mask:
    """[n] who would bring it."""
    out = np.zeros(len(d), np.bool_)
    if need.what == "topic":
        out[d.topic_org.indices[d.topic_org.take(_wide(d, need))[1]]] = True
    elif need.what == "kind":
        out[:] = d.kinds == KINDS.index(Kind(need.key))
    elif need.what == "country":
        out[:] = d.country == (d.countries.index(need.key) if need.key in d.countries else -2)
    else:
        owner = np.repeat(np.arange(len(d)), d.org_project.degree())
        out[owner[(d.org_project.data & COORDINATOR) != 0]] = True
    return out


def _wide(d: Derived, need: Need) -> Rows:
    t = _row(d, need.key, Label.TOPIC)
    return np.append(d.topic_parts.row(t), t).astype(np.int64)


def _fitness(d: Derived, members: Sequence[int], about: Sequence[int]) -> npt.NDArray[np.float64]:
    """[n] decides among equal gains: how much everybody works on the topics, recently rather, and how near to the members."""
    work = np.log1p(projection(d).activity.astype(np.float64))
    if about:
        topics = np.array(about, np.int64)
        owner, at = d.topic_org.take(topics)
        work *= np.bincount(d.topic_org.indices[at], d.topic_org.data[at] * projection(d).idf[topics][owner], minlength=len(d))
    nearness = [Question(d, m).nearness for m in members[:ASKED_FOR_DISTANCE]]
    return np.asarray(work * (1 + np.mean(nearness, 0)) if nearness else work, np.float64)


def _proof(d: Derived, need: Need, row: int) -> tuple[str, ...]:
    """Evidence that an organisation works on a topic: stated, or its project about it."""
    if need.what != "topic":
        return ()
    for t in _wide(d, need).tolist():
        if found := d.proof("org_topic", row, t):
            return tuple(found)
        about = np.intersect1d(d.topic_project.row(t), d.org_project.row(row))
        if len(about):
            freshest = int(about[int(np.argmax(d.start[about]))])
            return tuple(d.proof("project_topic", freshest, t))
    return ()
