"""What speaks for a partner: a table of plain functions over candidates, each vectorised.

A feature gives a number >= 0 for every candidate; 0 means «nothing speaks for it», never «against».  None of them looks at
whether a name, city or address is filled in: in collected data that often says what happened later.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import cKDTree

from graph import search
from graph.arrays import Csr
from graph.derived import KINDS, Derived
from graph.model import Kind, Label
from graph.neighbourhood import projects_of, with_parts

Rows = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]

RESTART: Final = 0.3
STEPS: Final = 6
HALF_KM: Final = 30.0
"""Distance at which nearness has fallen to one half."""
EARTH_KM: Final = 6371.0
_YEAR: Final = 365.25
_UNKNOWN_AGE: Final = 4.0
_SCIENCE: Final = frozenset({KINDS.index(Kind.UNIVERSITY), KINDS.index(Kind.RESEARCH)})
_COMPANY: Final = KINDS.index(Kind.COMPANY)


class Projection:
    """What all questions to one `Derived` share: the participation matrix and what is known of every organisation and project.

    Sizes: n organisations, m projects.  `fresh` [m] is 1 for a project that starts now, 1/2 a year ago, 1/3 two years ago;
    `activity` [n] is the sum of it over an organisation's projects.
    """

    def __init__(self, derived: Derived) -> None:
        op, po = derived.org_project, derived.project_org
        n, m = len(derived), len(po.indptr) - 1
        size = po.degree().astype(np.float32)
        age = np.where(derived.start >= 0, np.maximum(0, derived.today - derived.start) / _YEAR, _UNKNOWN_AGE)
        self.fresh: Values = (1 / (1 + age)).astype(np.float32)
        b = sparse.csr_matrix((np.ones(len(op.indices), np.float32), op.indices, op.indptr), shape=(n, m))
        self.activity: Values = b @ self.fresh
        self.degree: Rows = derived.partners.degree()
        self.rarity: Values = (1 / np.log(np.maximum(self.degree, 2))).astype(np.float32)
        # one step of the walk: organisation -> one of its projects (fresh and larger ones rather) -> one of its participants
        leave = self.fresh * np.sqrt(size)
        out = np.maximum(b @ leave, 1e-9)
        self.to_projects = sparse.csr_matrix((leave[op.indices] / np.repeat(out, op.degree()), op.indices, op.indptr), shape=(n, m)).T.tocsr()
        self.to_orgs = sparse.csr_matrix((np.ones(len(op.indices), np.float32) / np.maximum(size[op.indices], 1), op.indices, op.indptr), shape=(n, m))
        p = derived.partners
        self.partners = sparse.csr_matrix((np.ones(len(p.indices), np.float32), p.indices, p.indptr), shape=(n, n))
        self.points: Values = on_globe(derived.lat, derived.lon)
        orgs = np.maximum(derived.topic_org.degree(), 1)
        self.idf: Values = np.log1p(max(n, 1) / orgs).astype(np.float32)
        ot = derived.org_topic
        owner = np.repeat(np.arange(n), ot.degree())
        self.topic_norm: Values = np.sqrt(np.bincount(owner, (ot.data * self.idf[ot.indices]) ** 2, minlength=n)).astype(np.float32)
        self.topic_sum: Values = np.bincount(owner, ot.data, minlength=n).astype(np.float32)


_projections: WeakKeyDictionary[Derived, Projection] = WeakKeyDictionary()
_projections_lock = threading.Lock()


def projection(derived: Derived) -> Projection:
    """The projection of opened files, made once."""
    with _projections_lock:
        found = _projections.get(derived)
        if found is None:
            found = _projections[derived] = Projection(derived)
        return found


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who asks without being in the graph, as it describes itself.

    topics   ids of topics with their weights, 0..1
    text     its own words; what they have in common with titles of projects speaks for the participants
    lat,lon  degrees, None where no place is known
    """

    topics: tuple[tuple[str, float], ...] = ()
    text: str = ""
    kind: Kind | None = None
    country: str = ""
    lat: float | None = None
    lon: float | None = None


class Question:
    """One organisation, or a newcomer, that looks for partners, with the vectors [n] its features and roads share; each is computed when first needed.

    row   the organisation's row, -1 for a newcomer
    own   rows of the organisation and, where it asks with its parts, of these: projects, partners and topics of all of them are
          its own, and it is as near as the nearest of them; kind and country are those of the organisation itself.  Of a newcomer: none
    kind, country  index into KINDS and into the countries of the files, -1 unknown
    """

    def __init__(self, derived: Derived, who: int | Newcomer, *, parts: bool = False) -> None:
        self.derived = derived
        self.shared = projection(derived)
        self.text = ""
        if isinstance(who, Newcomer):
            self.row = -1
            self.own: Rows = np.zeros(0, np.int64)
            self.kind = -1 if who.kind is None else KINDS.index(who.kind)
            self.country = derived.countries.index(who.country) if who.country in derived.countries else -1
            self.text = who.text
            known = who.lat is not None and who.lon is not None
            self.points: Values = on_globe(np.array([who.lat] if known else []), np.array([who.lon] if known else []))
            weights = {t: w for name, w in who.topics if (t := derived.index(name, Label.TOPIC)) is not None and w > 0}
            self.topics: Rows = np.array(sorted(weights), np.int64)
            self.topic_weights: Values = np.array([weights[t] for t in sorted(weights)], np.float32)
        else:
            self.row = who
            self.own = with_parts(derived, who, parts=parts)
            self.kind, self.country = int(derived.kinds[who]), int(derived.country[who])
            self.points = self.shared.points[:, self.seats]
            if len(self.own) == 1:
                self.topics = derived.org_topic.row(who).astype(np.int64)
                self.topic_weights = derived.org_topic.values(who)
            else:
                # a topic weighs as in the part that works on it most
                _, at = derived.org_topic.take(self.own)
                self.topics, where = np.unique(derived.org_topic.indices[at].astype(np.int64), return_inverse=True)
                self.topic_weights = np.zeros(len(self.topics), np.float32)
                np.maximum.at(self.topic_weights, where, derived.org_topic.data[at].astype(np.float32))
        both = [m.indices[m.take(self.own)[1]] for m in (derived.partners, derived.coop)]
        self.partners: Rows = np.setdiff1d(np.concatenate(both), self.own).astype(np.int64)
        idf = self.shared.idf[self.topics]
        self.topic_norm = float(np.sqrt(((self.topic_weights * idf) ** 2).sum()))
        self.topic_sum = float(self.topic_weights.sum())

    @cached_property
    def projects(self) -> Rows:
        """Rows of its projects, ascending."""
        return projects_of(self.derived, self.own)

    def of(self, matrix: Csr, column: int) -> int:
        """Which of its own rows has an entry in this column, itself first; `row` where none has."""
        for row in self.own.tolist():
            columns = matrix.row(row)
            at = int(np.searchsorted(columns, column))
            if at < len(columns) and columns[at] == column:
                return int(row)
        return self.row

    @cached_property
    def adamic_adar(self) -> Values:
        """Sum over shared partners of 1 / log(number of their partners).

        Adamic and Adar, Friends and neighbors on the Web, Social Networks 25 (2003).
        """
        x = np.zeros(len(self.derived), np.float32)
        x[self.partners] = self.shared.rarity[self.partners]
        return np.asarray(self.shared.partners @ x)

    @cached_property
    def walk(self) -> Values:
        """Probability of a random walk organisation-project-organisation that returns to the start with RESTART at every step.

        Tong, Faloutsos and Pan, Fast random walk with restart, ICDM 2006; STEPS steps of the power iteration.
        """
        s = self.shared
        start = np.zeros(len(self.derived), np.float32)
        if not len(self.own):
            return start
        start[self.own] = 1
        if len(self.own) > 1:  # every project counts alike, whichever part it is of
            start[self.own] = self.derived.org_project.degree()[self.own]
        start /= max(float(start.sum()), 1.0)
        r = start
        for _ in range(STEPS):
            r = RESTART * start + (1 - RESTART) * (s.to_orgs @ (s.to_projects @ r))
        return np.asarray(r)

    @cached_property
    def _topic_sums(self) -> tuple[Values, Values]:
        """(weighted dot product with idf, without) of the organisation's topics with those of all others."""
        m, n = self.derived.topic_org, len(self.derived)
        owner, at = m.take(self.topics)
        columns, weight = m.indices[at], m.data[at] * self.topic_weights[owner]
        idf = self.shared.idf[self.topics][owner]
        return np.bincount(columns, weight * idf * idf, minlength=n).astype(np.float32), np.bincount(columns, weight, minlength=n).astype(np.float32)

    @cached_property
    def topic_cosine(self) -> Values:
        """Cosine of the topics' weights, rare topics counting more, 0..1."""
        return np.asarray(np.minimum(1, self._topic_sums[0] / np.maximum(self.shared.topic_norm * self.topic_norm, 1e-9)), np.float32)

    @cached_property
    def topic_activity(self) -> Values:
        """How much the candidate recently does in the organisation's topics: its activity times the common share."""
        sums = self.shared.topic_sum
        return np.asarray(self.shared.activity * self._topic_sums[1] / np.maximum(np.sqrt(sums * self.topic_sum), 1e-9), np.float32)

    @cached_property
    def circle(self) -> Values:
        """Cosine of whom it works with and whom every other organisation works with, 0..1; 0 without partners."""
        place = self.derived.circle[self.own].sum(0)
        length = float(np.sqrt(place @ place))
        return np.asarray(np.clip(self.derived.circle @ (place / length), 0, 1) if length > 0 else np.zeros(len(self.derived)), np.float32)

    @cached_property
    def told(self) -> tuple[Rows, Values]:
        """(projects whose titles have words of the newcomer's text, how much each has in common with it); none without a text."""
        return search.projects_like(self.derived, self.text)

    @cached_property
    def text_match(self) -> Values:
        """How much titles of an organisation's projects have in common with the newcomer's words: the best project counts in full, the next ones less.

        The root of the sum of squares, so that many loose matches do not outweigh a close one.
        """
        projects, values = self.told
        m = self.derived.project_org
        owner, at = m.take(projects)
        return np.sqrt(np.bincount(m.indices[at], values[owner].astype(np.float64) ** 2, minlength=len(self.derived))).astype(np.float32)

    @cached_property
    def seats(self) -> Rows:
        """Its own rows with a known position."""
        return np.asarray(self.own[~np.isnan(self.shared.points[0, self.own])])

    @cached_property
    def distance(self) -> Values:
        """Kilometres to every organisation, with parts from the nearest of them, NaN where a position is unknown."""
        points = self.shared.points
        if self.points.shape[1] == 0:
            return np.full(len(self.derived), np.nan, np.float32)
        if self.points.shape[1] == 1:
            x, y, z = points - self.points
            chord = np.sqrt(x * x + y * y + z * z)
        else:
            known = ~np.isnan(points[0])
            chord = np.full(len(self.derived), np.nan, np.float32)
            chord[known] = cKDTree(self.points.T).query(points[:, known].T)[0]
        return np.asarray(2 * EARTH_KM * np.arcsin(np.minimum(1, chord / 2)), np.float32)

    def seat_near(self, row: int) -> int:
        """Which of its own rows is nearest to another organisation, itself among equals; itself where a position is unknown."""
        if not len(self.seats):
            return self.row
        away = np.round(np.linalg.norm(self.shared.points[:, self.seats] - self.shared.points[:, row, None], axis=0), 6)
        return int(self.seats[int(np.argmin(away))])

    @cached_property
    def nearness(self) -> Values:
        """1 at the same place, 1/2 at HALF_KM.  Where a position is unknown: the mean of the candidate's country, so that not knowing is neutral."""
        d = self.derived
        near = 1 / (1 + self.distance / HALF_KM)
        unknown = np.isnan(near)
        if unknown.all():
            return np.zeros(len(d), np.float32)
        code = d.country.astype(np.int64) + 1
        count = np.bincount(code[~unknown], minlength=len(d.countries) + 1)
        mean = np.bincount(code[~unknown], near[~unknown], minlength=len(d.countries) + 1) / np.maximum(count, 1)
        return np.asarray(np.where(unknown, mean[code], near), np.float32)


def on_globe(lat: npt.NDArray[Any], lon: npt.NDArray[Any]) -> Values:
    """Points on the unit sphere, [3, n], of degrees; NaN stays NaN."""
    a, b = np.radians(lat, dtype=np.float64), np.radians(lon, dtype=np.float64)
    return np.asarray([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)], np.float32)


# ---------------------------------------------------------------------------------------------------------------- the table


def shared_partner(q: Question, c: Rows) -> Values:
    """Adamic-Adar over shared partners."""
    return q.adamic_adar[c]


def network(q: Question, c: Rows) -> Values:
    """Random walk with restart."""
    return q.walk[c]


def topic(q: Question, c: Rows) -> Values:
    """Similar topics."""
    return q.topic_cosine[c]


def topic_activity(q: Question, c: Rows) -> Values:
    """Recently active in the same topics."""
    return q.topic_activity[c]


def circle(q: Question, c: Rows) -> Values:
    """Works in the same part of the network: with the same organisations or with such as work with the same ones."""
    return q.circle[c]


def well_connected(q: Question, c: Rows) -> Values:
    """How many partners it has."""
    return q.shared.degree[c].astype(np.float32)


def text(q: Question, c: Rows) -> Values:
    """Titles of its projects use the newcomer's words."""
    return q.text_match[c]


def activity(q: Question, c: Rows) -> Values:
    """Recently active at all."""
    return q.shared.activity[c]


def place(q: Question, c: Rows) -> Values:
    """Near."""
    return q.nearness[c]


def country(q: Question, c: Rows) -> Values:
    """How much more often organisations of the two countries work together than chance would have it."""
    return _lift(q.derived.country_lift, q.derived.country, q.country, c)


def kind(q: Question, c: Rows) -> Values:
    """How much more often the two kinds of organisation work together than chance would have it."""
    return _lift(q.derived.kind_lift, q.derived.kinds, q.kind, c)


def same_kind(q: Question, c: Rows) -> Values:
    """Of the same kind."""
    return (q.derived.kinds[c] == q.kind).astype(np.float32) if q.kind >= 0 else np.zeros(len(c), np.float32)


def other_kind(q: Question, c: Rows) -> Values:
    """Of another kind: 1 between business and science, 1/2 otherwise."""
    mine, theirs = q.kind, q.derived.kinds[c]
    if mine < 0:
        return np.zeros(len(c), np.float32)
    science = np.isin(theirs, list(_SCIENCE))
    across = science if mine == _COMPANY else theirs == _COMPANY if mine in _SCIENCE else np.zeros(len(c), np.bool_)
    return np.where(across, 1.0, np.where((theirs >= 0) & (theirs != mine), 0.5, 0.0)).astype(np.float32)


def new_topics(q: Question, c: Rows) -> Values:
    """Share of the candidate's topics that the organisation does not have, for candidates that are related by a topic or a shared partner."""
    m = q.derived.org_topic
    owner, at = m.take(c)
    foreign = ~np.isin(m.indices[at], q.topics)
    total = np.maximum(q.shared.topic_sum[c], 1e-9)
    share = np.bincount(owner[foreign], m.data[at][foreign], minlength=len(c)) / total
    related = (q.topic_cosine[c] > 0) | (q.adamic_adar[c] > 0)
    return np.where(related, share, 0).astype(np.float32)


def _lift(table: npt.NDArray[np.float32], codes: npt.NDArray[Any], mine: int, c: Rows) -> Values:
    return np.asarray(table[mine + 1][codes[c].astype(np.int64) + 1])


@dataclass(frozen=True, slots=True)
class Feature:
    """One line of the table.

    reason  under which word the feature is shown to people; several features may stand behind one word
    scaled  True: an open scale, the ranking takes log(1 + 10 value / median of the candidates); False: used as it is, about 0..1
    fame    True: says how well known the candidate is, whoever asks; what `reach` takes away
    """

    function: Callable[[Question, Rows], Values]
    reason: str
    scaled: bool
    fame: bool = False


FEATURES: Final[Mapping[str, Feature]] = {
    "shared_partner": Feature(shared_partner, "shared_partner", scaled=True),
    "network": Feature(network, "network", scaled=True),
    "topic": Feature(topic, "topic", scaled=False),
    "topic_activity": Feature(topic_activity, "topic", scaled=True),
    "text": Feature(text, "text", scaled=True),
    "circle": Feature(circle, "circle", scaled=False),
    "well_connected": Feature(well_connected, "well_connected", scaled=True, fame=True),
    "activity": Feature(activity, "activity", scaled=True, fame=True),
    "place": Feature(place, "place", scaled=False),
    "country": Feature(country, "country", scaled=True),
    "kind": Feature(kind, "kind", scaled=True),
    "same_kind": Feature(same_kind, "kind", scaled=False),
    "other_kind": Feature(other_kind, "kind", scaled=False),
    "new_topics": Feature(new_topics, "new_topics", scaled=False),
}
