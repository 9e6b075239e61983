"""«What is missing?»: what the data of an organisation with its parts, of its partners, or of a place does not say.

Each gap is a code; the page says in words how it is mended.  What is written in the derived files is read there; how many rows
stand behind an organisation and how old they are, only the graph knows (`records_of`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from graph.derived import DISSOLVED, NAMED, Derived
from graph.errors import UsageError
from graph.listing import organizations_in
from graph.model import Label
from graph.neighbourhood import organization, with_parts
from graph.reader import OrganizationRef, Reader

GAPS: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("kein Name", "no name"),
    "website": ("keine Website", "no website"),
    "place": ("kein Ort", "no place"),
    "topic": ("kein Thema", "no topic"),
    "kind": ("Art unbekannt", "kind unknown"),
    "partner": ("kein Partner", "no partner"),
    "single": ("nur ein Beleg", "only one piece of evidence"),
    "old": ("Stand veraltet", "out of date"),
}
"""Code -> what is missing, German and English, in the order in which it is told."""
YEARS: Final = 3
"""A Stand older than so many years counts as old."""
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Records:
    """What an organisation is made of.  number: of rows and sentences; stand: newest date of retrieval of any of them, "" if unknown."""

    number: int
    stand: str


@dataclass(frozen=True, slots=True)
class Gappy:
    """An organisation with what is missing of it, codes of GAPS in their order."""

    organization: OrganizationRef
    gaps: tuple[str, ...]
    records: Records


@dataclass(frozen=True, slots=True)
class GapList:
    """Those with gaps (most gaps first, then most projects), how many have each gap, and how many were looked at."""

    items: tuple[Gappy, ...]
    counts: Mapping[str, int]
    looked_at: int

    def only(self, wanted: Collection[str]) -> tuple[Gappy, ...]:
        """Those with all of the wanted gaps."""
        return tuple(g for g in self.items if set(wanted) <= set(g.gaps))


def rows_of(d: Derived, id_: str, *, partners: bool = False) -> npt.NDArray[np.int64]:
    """Rows of an organisation with its parts, of its partners instead, or of all that have a seat in a place.  Raises UsageError for another id."""
    row = d.index(id_)
    if row is not None:
        own = with_parts(d, row)
        if not partners:
            return own
        met = [m.indices[m.take(own)[1]] for m in (d.partners, d.coop)]
        return np.setdiff1d(np.concatenate(met), own).astype(np.int64)
    if d.index(id_, Label.PLACE) is None:
        raise UsageError(f"Weder Organisation noch Ort: «{id_}».", f"Neither an organisation nor a place: {id_!r}.")
    return organizations_in(d, id_)


def gaps_of(d: Derived, rows: npt.NDArray[np.int64], records: Mapping[str, Records], *, today: dt.date, years: int = YEARS) -> GapList:
    """What is missing of each of these organisations.

    records  by id (`records_of`); who is not in it, is told nothing about its evidence
    Dissolved ones are left out: nobody mends them.
    """
    before = _years_ago(today, years)
    kept = rows[(d.flags[rows] & DISSOLVED) == 0]
    found = []
    for row in kept.tolist():
        held = records.get(d.ids[row])
        missing = {
            "name": not d.flags[row] & NAMED,
            "website": not d.websites[row],
            "place": d.place[row] < 0 and not d.cities[row],
            "topic": not len(d.org_topic.row(row)),
            "kind": d.kinds[row] < 0,
            "partner": not len(d.partners.row(row)) and not len(d.coop.row(row)),
            "single": held is not None and held.number == 1,
            "old": held is not None and bool(held.stand) and held.stand < before[: len(held.stand)],
        }
        if codes := tuple(c for c in GAPS if missing[c]):
            found.append(Gappy(organization(d, row), codes, held or Records(0, "")))
    found.sort(key=lambda g: (-len(g.gaps), -g.organization.projects, g.organization.id))
    return GapList(tuple(found), {c: sum(c in g.gaps for g in found) for c in GAPS}, len(kept))


def _years_ago(today: dt.date, years: int) -> str:
    try:
        return today.replace(year=today.year - years).isoformat()
    except ValueError:  # 29 February
        return today.replace(year=today.year - years, day=28).isoformat()


def records_of(reader: Reader, ids: Iterable[str]) -> dict[str, Records]:
    """What organisations are made of, by id; unknown ones are left out."""
    wanted = list(ids)
    rows = [r for some in _portions(wanted) for r in reader.store.read(reader.book["organization_records"], ids=some)]
    own = {str(r["id"]): [str(e) for e in r["evidence"] or ()] for r in rows}
    sources = {s.id: s for s in reader.sources()}
    stand: dict[str, str] = {}
    for some in _portions(list(dict.fromkeys(e for es in own.values() for e in es))):
        for r in reader.store.read(reader.book["evidence_releases"], ids=some):
            source = sources.get(str(r["source"] or ""))
            stand[str(r["id"])] = source.retrieved(str(r["dataset"] or ""), str(r["release"] or "")) if source else ""
    return {id_: Records(len(es), max((stand.get(e, "") for e in es), default="")) for id_, es in own.items()}


def _portions(ids: list[str]) -> Iterable[list[str]]:
    return (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))
