"""Two to four organisations side by side: topics, partners and projects they share and have on their own, and who connects them.

Everything counts an organisation with its parts, so that a university is compared as a whole with an institute or a firm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from graph.derived import Derived
from graph.errors import UsageError
from graph.model import Label
from graph.neighbourhood import common_projects, organization, projects_of, with_parts
from graph.reader import OrganizationRef, PlaceRef, Reader
from graph.suggest.features import projection
from graph.untapped import PAYERS

MOST: Final = 4
"""Organisations side by side: more do not fit on a page."""
SHOWN: Final = 12
"""Lines of a list."""
_EPOCH: Final = np.datetime64("1970-01-01")

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic with how many projects each side has about it; None: does not work on it."""

    id: str
    name: str
    name_en: str
    projects: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One of those compared.

    place   where it has its seat, None if unknown      parts     how many institutes and subsidiaries count with it
    own_topics, own_partners  how many that no other side has      years     year -> number of projects that began in it
    """

    organization: OrganizationRef
    place: PlaceRef | None
    website: str
    parts: int
    projects: int
    partners: int
    topics: int
    own_topics: int
    own_partners: int
    best_own: tuple[TopicLine, ...]
    years: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison.

    topics      of at least two sides, those of most sides first, then the rarest      topics_total  all of these
    together    number of common projects of each pair of sides (positions)
    connectors  partners of at least two sides: `shared` counts projects with any of them; sides: of which sides each is a partner
    """

    sides: tuple[Side, ...]
    topics: tuple[TopicLine, ...]
    topics_total: int
    together: Mapping[tuple[int, int], int]
    connectors: tuple[OrganizationRef, ...]
    connected: tuple[tuple[bool, ...], ...]
    connectors_total: int


def compare(d: Derived, ids: Sequence[str]) -> Compared:
    """Organisations side by side, each with its parts.  Raises UsageError for an unknown one, for one twice, and where they are not two to MOST."""
    if len(set(ids)) != len(ids) or not 2 <= len(ids) <= MOST:
        raise UsageError(f"Verglichen werden zwei bis {MOST} verschiedene Organisationen.", f"Two to {MOST} different organisations are compared.")
    rows = []
    for id_ in ids:
        row = d.index(id_)
        if row is None:
            raise UsageError(f"Es gibt keine Organisation «{id_}».", f"There is no organisation {id_!r}.")
        rows.append(row)
    own = [with_parts(d, r) for r in rows]
    topics = [_topics(d, o) for o in own]
    partners = [_partners(d, o) for o in own]
    projects = [projects_of(d, o) for o in own]
    how_many = _sides_of(topics, d.counts[Label.TOPIC])
    known = _sides_of(partners, len(d))
    about = [np.bincount(d.project_topic.indices[d.project_topic.take(p)[1]], minlength=d.counts[Label.TOPIC]) for p in projects]
    idf = projection(d).idf

    def line(t: int) -> TopicLine:
        node = d.base[Label.TOPIC] + t
        return TopicLine(
            d.ids[node],
            d.names[node] or d.ids[node],
            d.names_en[node],
            tuple(int(about[k][t]) if t in topics[k] else None for k in range(len(rows))),
        )

    common = np.flatnonzero(how_many >= 2)
    depth = np.sum([np.log1p(a) for a in about], axis=0)
    common = common[np.lexsort((common, -depth[common] * idf[common], -how_many[common]))]
    both = np.flatnonzero(known >= 2)
    with_any = common_projects(d, np.unique(np.concatenate(own)))
    both = both[np.lexsort((both, -with_any[both], -known[both]))]
    sides = []
    for k, row in enumerate(rows):
        mine = topics[k][how_many[topics[k]] == 1]
        mine = mine[np.lexsort((mine, -np.log1p(about[k][mine]) * idf[mine]))]
        sides.append(
            Side(
                organization=organization(d, row),
                place=_seat(d, row),
                website=d.websites[row],
                parts=len(own[k]) - 1,
                projects=len(projects[k]),
                partners=len(partners[k]),
                topics=len(topics[k]),
                own_topics=len(mine),
                own_partners=int((known[partners[k]] == 1).sum()),
                best_own=tuple(line(int(t)) for t in mine[:SHOWN]),
                years=_years(d, projects[k]),
            )
        )
    return Compared(
        sides=tuple(sides),
        topics=tuple(line(int(t)) for t in common[:SHOWN]),
        topics_total=len(common),
        together={(a, b): len(np.intersect1d(projects[a], projects[b])) for a in range(len(rows)) for b in range(a + 1, len(rows))},
        connectors=tuple(organization(d, int(r), shared=int(with_any[r])) for r in both[:SHOWN]),
        connected=tuple(tuple(bool(np.isin(r, p)) for p in partners) for r in both[:SHOWN].tolist()),
        connectors_total=len(both),
    )


def funding_of(d: Derived, reader: Reader, ids: Sequence[str]) -> dict[str, float | None]:
    """What the sources say that each organisation got with its parts, in euro; None where they say nothing."""
    family = {id_: [d.id_of(Label.ORGANIZATION, int(r)) for r in with_parts(d, row)] for id_ in ids if (row := d.index(id_)) is not None}
    wanted = sorted({m for members in family.values() for m in members})
    rows = reader.store.read(reader.book["organization_funding"], ids=wanted) if wanted else []
    got = {str(r["id"]): float(r["funding_eur"]) for r in rows if r["stated"]}
    return {id_: sum(got[m] for m in members if m in got) if any(m in got for m in members) else None for id_, members in family.items()}


def _topics(d: Derived, own: Rows) -> Rows:
    base = d.base[Label.TOPIC]
    found = np.unique(d.org_topic.indices[d.org_topic.take(own)[1]]).astype(np.int64)
    return np.array([t for t in found.tolist() if not d.ids[base + t].startswith(PAYERS)], np.int64)


def _partners(d: Derived, own: Rows) -> Rows:
    met = [m.indices[m.take(own)[1]] for m in (d.partners, d.coop)]
    return np.setdiff1d(np.concatenate(met), own).astype(np.int64)


def _sides_of(lists: Sequence[Rows], size: int) -> npt.NDArray[np.int64]:
    """[size] In how many of the lists everybody stands."""
    return np.bincount(np.concatenate(lists), minlength=size).astype(np.int64)


def _seat(d: Derived, row: int) -> PlaceRef | None:
    place = int(d.place[row])
    return None if place < 0 else PlaceRef(d.id_of(Label.PLACE, place), d.name_of(Label.PLACE, place))


def _years(d: Derived, projects: Rows) -> dict[int, int]:
    days = d.start[projects]
    years = (_EPOCH + days[days >= 0].astype("timedelta64[D]")).astype("datetime64[Y]").astype(int) + 1970
    found, count = np.unique(years, return_counts=True)
    return dict(zip(found.tolist(), count.tolist(), strict=True))
