"""«Firms with our topic and no contact»: who works on what a university and its institutes work on and is no partner of any of them.

This is another question than a suggestion: nobody is looked for through common partners, only through the subject.  A topic counts
the more, the rarer it is, the more it is of what the firm does, and the more projects of the house are about it.  What only says who
paid (calls, themes of a programme) is left out: it would make everybody of one programme alike.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from graph.derived import DISSOLVED, NAMED, Derived
from graph.errors import UsageError
from graph.model import Label
from graph.neighbourhood import organization, projects_of
from graph.reader import OrganizationRef
from graph.suggest import Filters
from graph.suggest.features import Question
from graph.suggest.filters import filter_masks

Order = Literal["topics", "distance", "activity"]
ORDERS: Final[tuple[Order, ...]] = get_args(Order)
PAYERS: Final = ("cordis:call:", "cordis:part:", "efre-nrw:")
"""Beginnings of the ids of topics that name a call, a part of a programme or its theme."""
MOST_TOPICS: Final = 4
"""Shared topics that are shown of one firm."""
FACETS: Final = 16
"""Topics of the house that are offered to narrow the list."""
OWN_SHARE: Final = 0.34
"""Of the house's work on a firm's topics, so much an institute must do to be named as the one that fits."""
UNPROVEN: Final = 0.5
"""What topics count of somebody without any project: a register's branch or a name says less than work done."""
STEPS: Final = 20
"""So many steps of overlap are told apart; within one, who is near and recently active comes first."""
_EPOCH: Final = np.datetime64("1970-01-01")


@dataclass(frozen=True, slots=True)
class SharedTopic:
    """A topic of both sides.

    projects  of the house about it, 0 where only a source or a text says that it works on it
    theirs    evidence that the firm works on it       ours  evidence that the house does
    """

    id: str
    name: str
    name_en: str
    projects: int
    theirs: tuple[str, ...]
    ours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Untapped:
    """A firm without contact.

    overlap   0..1, of the best one in the whole list             shared  rarest and strongest topics first
    fits      id and name of who in the house works on the shared topics most: a part with a good share of the projects, else the house itself
    distance  kilometres to the nearest seat of the house, None where a place is unknown
    latest    year in which its latest project began, 0 without any
    """

    organization: OrganizationRef
    website: str
    overlap: float
    shared: tuple[SharedTopic, ...]
    shared_total: int
    fits: tuple[str, str]
    distance: float | None
    latest: int


@dataclass(frozen=True, slots=True)
class UntappedList:
    """Part of the list.

    total     all of it
    nowhere   how many more there may be, whose place is unknown (only where a radius is asked for)
    topics    how many subjects the house is known to work on
    by_topic  (id, name, English name, how many of the list share it), the strongest topics of the house first
    """

    items: tuple[Untapped, ...] = ()
    total: int = 0
    nowhere: int = 0
    topics: int = 0
    by_topic: tuple[tuple[str, str, str, int], ...] = ()


def untapped(
    d: Derived,
    id_: str,
    *,
    filters: Filters,
    order: Order = "topics",
    suppressed: Collection[str] = (),
    skip: int = 0,
    limit: int = 25,
) -> UntappedList:
    """Who works on topics of an organisation or its parts and is a partner of none of them.

    order       topics: the greatest overlap first, in steps; within a step who is near and active
                distance: the nearest first, unknown places last      activity: the busiest of late first
    suppressed  ids that people said do not fit or are known
    Raises UsageError for an unknown organisation, order or filter.
    """
    row = d.index(id_)
    if row is None:
        raise UsageError(f"Es gibt keine Organisation «{id_}».", f"There is no organisation {id_!r}.")
    if order not in ORDERS:
        raise UsageError(f"Sortiert wird nach {', '.join(ORDERS)}.", f"The orders are {', '.join(ORDERS)}.")
    q = Question(d, row, parts=True)
    house = _House(d, q)
    scores = house.scores()
    open_ = (scores > 0) & (d.flags & DISSOLVED == 0) & (d.flags & NAMED != 0)
    open_[q.partners] = False
    open_[q.own] = False
    open_[np.isin(d.group, d.group[q.own])] = False
    for other in suppressed:
        if (i := d.index(other)) is not None:
            open_[i] = False
    masks = filter_masks(q, filters)
    passing = np.logical_and.reduce([open_, *masks.values()])
    nowhere = 0
    if "within" in masks:
        others = [m for name, m in masks.items() if name != "within"]
        nowhere = int(np.logical_and.reduce([open_, np.isnan(q.distance), *others]).sum())
    found = np.flatnonzero(passing)
    best = float(scores[passing].max()) if len(found) else 1.0
    near = np.where(np.isnan(q.distance[found]), np.inf, q.distance[found])
    lively = q.nearness[found] + q.shared.activity[found] / (1 + q.shared.activity[found])
    keys = {
        "topics": (-scores[found], -lively, -np.ceil(STEPS * scores[found] / best)),
        "distance": (-scores[found], near),
        "activity": (-scores[found], -q.shared.activity[found]),
    }[order]
    chosen = found[np.lexsort((found, *keys))][skip : skip + limit]
    return UntappedList(
        tuple(house.described(int(r), float(scores[r]) / best) for r in chosen), len(found), nowhere, len(house.topics), house.shared_by(passing)
    )


class _House:
    """What an organisation with its parts works on."""

    def __init__(self, d: Derived, q: Question) -> None:
        self.d, self.q = d, q
        base = d.base[Label.TOPIC]
        subject = np.array([not d.ids[base + int(t)].startswith(PAYERS) for t in q.topics], bool)
        self.topics: npt.NDArray[np.int64] = q.topics[subject] if len(q.topics) else q.topics
        self.projects = self._about(projects_of(d, q.own))
        self.idf = q.shared.idf[self.topics]

    def _about(self, projects: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Of each topic, how many of these projects are about it."""
        _, at = self.d.project_topic.take(projects)
        count = np.bincount(self.d.project_topic.indices[at], minlength=self.d.counts[Label.TOPIC])
        return count[self.topics].astype(np.int64)

    def scores(self) -> npt.NDArray[np.float64]:
        """[n] The overlap of every organisation with the house: rarity times its weight of the topic times log(1 + our projects)."""
        owner, at = self.d.topic_org.take(self.topics)
        depth = np.log1p(np.maximum(self.projects, 1))
        value = self.d.topic_org.data[at] * (self.idf * depth)[owner]
        total = np.bincount(self.d.topic_org.indices[at], value, minlength=len(self.d))
        return np.asarray(np.where(self.d.org_project.degree() > 0, total, UNPROVEN * total), np.float64)

    def shared_by(self, passing: npt.NDArray[np.bool_]) -> tuple[tuple[str, str, str, int], ...]:
        """The house's topics with how many of these organisations share each: those of which most is known on both sides first."""
        owner, at = self.d.topic_org.take(self.topics)
        count = np.bincount(owner[passing[self.d.topic_org.indices[at]]], minlength=len(self.topics))
        weight = np.log1p(np.maximum(self.projects, 1)) * self.idf
        base = self.d.base[Label.TOPIC]
        nodes = [(base + int(self.topics[k]), int(count[k])) for k in np.lexsort((self.topics, -weight)) if count[k]]
        return tuple((self.d.ids[n], self.d.names[n] or self.d.ids[n], self.d.names_en[n], c) for n, c in nodes[:FACETS])

    def described(self, row: int, overlap: float) -> Untapped:
        """One firm with all that is said about it."""
        d = self.d
        theirs, weight = d.org_topic.row(row), d.org_topic.values(row)
        common, mine, other = np.intersect1d(self.topics, theirs, return_indices=True)
        strength = self.idf[mine] * np.log1p(np.maximum(self.projects[mine], 1)) * weight[other]
        order = np.lexsort((common, -strength))
        fits = self._best_part(common, strength)
        distance = float(self.q.distance[row])
        starts = d.start[d.org_project.row(row)]
        latest = int(starts.max()) if len(starts) else -1
        return Untapped(
            organization=organization(d, row, shared=len(common)),
            website=d.websites[row],
            overlap=round(overlap, 4),
            shared=tuple(self._topic(row, int(common[k]), int(self.projects[mine[k]]), fits) for k in order[:MOST_TOPICS]),
            shared_total=len(common),
            fits=(d.id_of(Label.ORGANIZATION, fits), d.name_of(Label.ORGANIZATION, fits)),
            distance=None if np.isnan(distance) else round(distance, 1),
            latest=int(str(_EPOCH + np.timedelta64(latest, "D"))[:4]) if latest >= 0 else 0,
        )

    def _best_part(self, topics: npt.NDArray[np.int64], strength: npt.NDArray[np.float64]) -> int:
        """The part with most of the house's projects on these topics, where it has at least OWN_SHARE of them: an institute is whom one calls.

        Else the house itself: one project of a programme makes no institute the right one for all firms of that programme.
        """
        best, value = self.q.row, OWN_SHARE * float(strength.sum())
        for part in self.q.own.tolist()[1:]:
            common, at, _ = np.intersect1d(topics, self.d.org_topic.row(part), return_indices=True)
            if not len(common):
                continue
            where = np.searchsorted(self.topics, common)
            share = np.maximum(self._about(self.d.org_project.row(part).astype(np.int64))[where], 1) / np.maximum(self.projects[where], 1)
            fit = float((strength[at] * np.minimum(share, 1)).sum())
            if fit >= value:
                best, value = int(part), fit
        return best

    def _topic(self, row: int, topic: int, projects: int, fits: int) -> SharedTopic:
        d, node = self.d, self.d.base[Label.TOPIC] + topic
        holder = fits if topic in d.org_topic.row(fits) else self.q.of(d.org_topic, topic)
        return SharedTopic(
            d.ids[node],
            d.names[node] or d.ids[node],
            d.names_en[node],
            projects,
            tuple(d.proof("org_topic", row, topic)),
            tuple(d.proof("org_topic", holder, topic)),
        )


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation or a part of it with its strongest topics: (id, name, English name)."""

    organization: OrganizationRef
    topics: tuple[tuple[str, str, str], ...]


def units(d: Derived, id_: str, *, limit: int = 60, topics: int = 5) -> tuple[Unit, ...]:
    """An organisation and its parts, itself first, then those with most projects; of each the topics it works on most, rare ones rather."""
    row = d.index(id_)
    if row is None:
        return ()
    q = Question(d, row, parts=True)
    parts = q.own[1:]
    ordered = [row, *parts[np.lexsort((parts, -d.org_project.degree()[parts]))].tolist()][:limit]
    return tuple(Unit(organization(d, r), _strongest(d, q, r, topics)) for r in ordered)


def _strongest(d: Derived, q: Question, row: int, most: int) -> tuple[tuple[str, str, str], ...]:
    found, weight = d.org_topic.row(row), d.org_topic.values(row)
    nodes = [d.base[Label.TOPIC] + int(found[k]) for k in np.lexsort((found, -weight * q.shared.idf[found]))]
    return tuple((d.ids[n], d.names[n] or d.ids[n], d.names_en[n]) for n in nodes if not d.ids[n].startswith(PAYERS))[:most]
