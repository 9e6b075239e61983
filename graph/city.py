"""What a city's business development agency looks at: its organisations, how they work with each other, with science and beyond the city.

All of it is counted from the derived files, in milliseconds.  *City*: who has a seat in the place or in what lies in it.
*Region*: who else has a seat within a radius around it.  Dissolved organisations count nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from graph import listing
from graph.derived import DISSOLVED, KINDS, Derived
from graph.masterplan import Goal
from graph.model import Kind, Label
from graph.neighbourhood import organization, projects_of
from graph.reader import OrganizationRef, TopicRef
from graph.suggest.features import EARTH_KM, on_globe
from graph.untapped import PAYERS, UNPROVEN

Rows = npt.NDArray[np.int64]

RADIUS_KM: Final = 30
FEW_PARTNERS: Final = 2
"""Who has at most so many partners is not yet part of the network."""
ENOUGH_IN_REGION: Final = 3
"""From so many organisations of the region on, a topic counts as one that the region can do."""
HELPERS: Final = 3
PROVEN: Final = 4.0
"""A project that was really done says about as much as the rarest topic."""
_SCIENCE: Final = tuple(KINDS.index(k) for k in (Kind.UNIVERSITY, Kind.RESEARCH))
_FIRM: Final = KINDS.index(Kind.COMPANY)
_EPOCH: Final = np.datetime64("1970-01-01")


@dataclass(frozen=True, slots=True)
class Figures:
    """The city in numbers.

    kinds      kind (None: unknown) -> organisations         partnered  organisations with at least one partner
    projects   with somebody of the city in it               by_year    (year of beginning, projects), oldest first
    inside     pairs of partners within the city             outside    pairs of one of the city and one from elsewhere
    firms      companies of the city                         firms_with_science  those of them that work with a university or institute
    cities     (city, pairs), where partners from elsewhere have their seat, most first
    region     organisations of the region without the city
    """

    organizations: int
    kinds: tuple[tuple[Kind | None, int], ...]
    partnered: int
    projects: int
    by_year: tuple[tuple[int, int], ...]
    inside: int
    outside: int
    firms: int
    firms_with_science: int
    cities: tuple[tuple[str, int], ...]
    region: int


@dataclass(frozen=True, slots=True)
class Hidden:
    """A firm that does something new and is hardly known for it.

    It has at most FEW_PARTNERS partners, none of them from science, and at least one sign: a project of its own, a cooperation that
    a text or a source states, or a topic on which science near by works.

    score         rarity times weight of these topics (half of it for who has nothing else to show), plus PROVEN times
                  the logarithm of projects and cooperations
    projects, cooperations, partners  how many it has
    topics        its topics on which science near by works, rarest first
    science       who that is: most of these topics first
    """

    organization: OrganizationRef
    score: float
    projects: int
    cooperations: int
    partners: int
    topics: tuple[TopicRef, ...]
    science: tuple[OrganizationRef, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A topic that the region and its science can do and the city hardly does.

    city, region  organisations on it                expected  as many as the city had if it were like the region
    science       of the region's, how many are universities and institutes        helpers  who of them works on it most
    """

    topic: TopicRef
    city: int
    region: int
    expected: float
    science: int
    helpers: tuple[OrganizationRef, ...]


@dataclass(frozen=True, slots=True)
class GoalFigures:
    """A goal in numbers: organisations and projects of the city on its topics, organisations of the region, who does most."""

    goal: Goal
    city: int
    projects: int
    region: int
    first: tuple[OrganizationRef, ...]
    below: tuple[GoalFigures, ...] = ()


class City:
    """A place and what is around it, on one version of the graph.

    radius  kilometres around the place's middle; without a known middle, around its organisations' mean
    """

    def __init__(self, d: Derived, place: str, *, radius: float = RADIUS_KM) -> None:
        self.d = d
        alive = d.flags & DISSOLVED == 0
        rows = listing.organizations_in(d, place)
        self.rows: Rows = rows[alive[rows]]
        self.inside = np.zeros(len(d), np.bool_)
        self.inside[self.rows] = True
        self.around: Rows = np.flatnonzero(self._near(place, radius) & alive & ~self.inside)

    def _near(self, place: str, radius: float) -> npt.NDArray[np.bool_]:
        d = self.d
        row = d.index(place, Label.PLACE)
        if row is None:
            return np.zeros(len(d), np.bool_)
        lat, lon = float(d.place_lat[row]), float(d.place_lon[row])
        if np.isnan(lat) and len(known := self.rows[~np.isnan(d.lat[self.rows])]):
            lat, lon = float(d.lat[known].mean()), float(d.lon[known].mean())
        if np.isnan(lat):
            return np.zeros(len(d), np.bool_)
        middle = on_globe(np.array([lat]), np.array([lon]))
        chord = np.sqrt(((on_globe(d.lat, d.lon) - middle) ** 2).sum(axis=0))
        return np.asarray(2 * EARTH_KM * np.arcsin(np.minimum(1, chord / 2)) <= radius, np.bool_)  # NaN is near nothing

    @cached_property
    def science(self) -> Rows:
        """Universities and institutes of the city and the region."""
        every = np.concatenate((self.rows, self.around))
        return np.sort(every[np.isin(self.d.kinds[every], _SCIENCE)])

    @cached_property
    def subject(self) -> npt.NDArray[np.bool_]:
        """[topics] Whether a topic says what is done, not who paid."""
        base = self.d.base[Label.TOPIC]
        return np.array([not self.d.ids[base + t].startswith(PAYERS) for t in range(self.d.counts[Label.TOPIC])], np.bool_)

    def _pairs(self) -> tuple[Rows, Rows]:
        owner, at = self.d.partners.take(self.rows)
        return self.rows[owner], self.d.partners.indices[at].astype(np.int64)

    def figures(self, *, cities: int = 12) -> Figures:
        """The city in numbers."""
        d = self.d
        a, b = self._pairs()
        own = self.inside[b]
        firms = self.rows[d.kinds[self.rows] == _FIRM]
        with_science = np.unique(a[np.isin(d.kinds[b], _SCIENCE)])
        projects = projects_of(d, self.rows)
        starts = d.start[projects]
        years = (_EPOCH + starts[starts >= 0].astype("timedelta64[D]")).astype("datetime64[Y]").astype(int) + 1970
        codes, counts = np.unique(d.kinds[self.rows], return_counts=True)
        where: dict[str, int] = {}
        for other in b[~own].tolist():
            if city := d.cities[other]:
                where[city] = where.get(city, 0) + 1
        return Figures(
            organizations=len(self.rows),
            kinds=tuple(sorted(((None if k < 0 else KINDS[k], int(n)) for k, n in zip(codes.tolist(), counts, strict=True)), key=lambda x: -x[1])),
            partnered=len(np.unique(a)),
            projects=len(projects),
            by_year=tuple((int(y), int(n)) for y, n in zip(*np.unique(years, return_counts=True), strict=True)),
            inside=int(own.sum()) // 2,
            outside=int((~own).sum()),
            firms=len(firms),
            firms_with_science=len(np.intersect1d(firms, with_science)),
            cities=tuple(sorted(where.items(), key=lambda x: (-x[1], x[0]))[:cities]),
            region=len(self.around),
        )

    def hidden(self) -> list[Hidden]:
        """Hidden innovations: firms of the city, those with most in common with science near by first."""
        d = self.d
        a, b = self._pairs()
        partners = np.bincount(a, minlength=len(d))
        near_science = np.zeros(len(d), np.bool_)
        near_science[a[np.isin(d.kinds[b], _SCIENCE)]] = True
        told, said = d.coop.take(self.rows)
        near_science[self.rows[told][np.isin(d.kinds[d.coop.indices[said]], _SCIENCE)]] = True
        firms = self.rows[(d.kinds[self.rows] == _FIRM) & (partners[self.rows] <= FEW_PARTNERS) & ~near_science[self.rows]]
        owner, at = d.org_topic.take(self.science)
        holders: dict[int, list[int]] = {}
        for o, t in zip(self.science[owner].tolist(), d.org_topic.indices[at].tolist(), strict=True):
            holders.setdefault(t, []).append(o)
        rarity = np.log(max(len(d), 2) / np.maximum(d.topic_org.degree(), 1))
        out = []
        for row in firms.tolist():
            topics, weights = d.org_topic.row(row), d.org_topic.values(row)
            common = [(float(rarity[t] * w), int(t)) for t, w in zip(topics.tolist(), weights.tolist(), strict=True) if self.subject[t] and t in holders]
            projects, cooperations = len(d.org_project.row(row)), len(d.coop.row(row))
            if not (common or projects or cooperations):
                continue
            common.sort(key=lambda x: (-x[0], x[1]))
            helpers: dict[int, float] = {}
            for value, t in common:
                for o in holders[t]:
                    helpers[o] = helpers.get(o, 0.0) + value * self._weight(o, t)
            best = sorted(helpers, key=lambda o: (-helpers[o], o))[:HELPERS]
            out.append(
                Hidden(
                    organization(d, row, shared=len(common)),
                    round(
                        sum(v for v, _ in common) * (1.0 if projects or cooperations else UNPROVEN)
                        + PROVEN * float(np.log1p(projects) + np.log1p(cooperations)),
                        3,
                    ),
                    projects,
                    cooperations,
                    int(partners[row]),
                    tuple(self._topic(t) for _, t in common[:4]),
                    tuple(organization(d, o) for o in best),
                )
            )
        return sorted(out, key=lambda h: (-h.score, h.organization.id))

    def gaps(self) -> list[Gap]:
        """Topics with fewer organisations of the city than its size lets expect, the greatest difference first."""
        if not len(self.around) or not len(self.rows):
            return []
        d = self.d
        city, region = self._per_topic(self.rows), self._per_topic(self.around)
        expected = region * len(self.rows) / len(self.around)
        found = np.flatnonzero(self.subject & (region >= ENOUGH_IN_REGION) & (city < expected))
        found = found[np.lexsort((found, -(expected - city)[found]))]
        science_marks = np.zeros(len(d), np.bool_)
        science_marks[self.science] = True
        out = []
        for t in found.tolist():
            on_it = d.topic_org.row(t).astype(np.int64)
            who = on_it[science_marks[on_it] & ~self.inside[on_it]]
            if not len(who):
                continue  # a branch of trade is no topic on which science could help
            weight = np.array([self._weight(int(o), t) * np.log1p(len(d.org_project.row(int(o)))) for o in who])
            helpers = who[np.lexsort((who, -weight))][:HELPERS] if len(who) else who
            out.append(
                Gap(
                    self._topic(t, shared=int(region[t])),
                    int(city[t]),
                    int(region[t]),
                    round(float(expected[t]), 1),
                    len(who),
                    tuple(organization(d, int(o)) for o in helpers),
                )
            )
        return out

    def goals(self, goals: tuple[Goal, ...], *, first: int = 3) -> list[GoalFigures]:
        """What the city does for each goal; a topic counts with all narrower ones."""
        return [self._goal(g, first) for g in goals]

    def _goal(self, goal: Goal, first: int) -> GoalFigures:
        d = self.d
        own = np.array([r for t in goal.topics if (r := d.index(t, Label.TOPIC)) is not None], np.int64)
        topics = np.unique(np.concatenate((own, d.topic_parts.indices[d.topic_parts.take(own)[1]].astype(np.int64)))) if len(own) else own
        _, at = d.topic_org.take(topics)
        people = np.unique(d.topic_org.indices[at]).astype(np.int64)
        city = people[self.inside[people]]
        _, about = d.topic_project.take(topics)
        projects = np.intersect1d(np.unique(d.topic_project.indices[about]), projects_of(d, self.rows))
        best = city[np.lexsort((city, -d.org_project.degree()[city].astype(np.int64)))][:first]
        return GoalFigures(
            goal,
            len(city),
            len(projects),
            len(np.intersect1d(people, self.around)),
            tuple(organization(d, int(o)) for o in best),
            tuple(self._goal(b, first) for b in goal.below),
        )

    def _per_topic(self, rows: Rows) -> npt.NDArray[Any]:
        _, at = self.d.org_topic.take(rows)
        return np.bincount(self.d.org_topic.indices[at], minlength=self.d.counts[Label.TOPIC])

    def _weight(self, row: int, topic: int) -> float:
        at = int(np.searchsorted(self.d.org_topic.row(row), topic))
        return float(self.d.org_topic.values(row)[at])

    def _topic(self, row: int, *, shared: int = 0) -> TopicRef:
        node = self.d.base[Label.TOPIC] + row
        return TopicRef(id=self.d.ids[node], label_de=self.d.names[node], label_en=self.d.names_en[node], shared=shared)
