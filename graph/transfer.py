"""The two lists of a transfer office as the command line asks for them: who is untapped, and what is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from graph.asking import Answer, filters_of, find_named, find_who
from graph.derived import Derived, DerivedCache
from graph.errors import UsageError
from graph.gaps import GAPS, YEARS, gaps_of, records_of, rows_of
from graph.model import Label
from graph.opinions import hidden_and_lifted
from graph.querybook import load_book
from graph.reader import Reader
from graph.search import resolve_id
from graph.settings import Settings
from graph.state import State, now
from graph.untapped import Order, untapped

if TYPE_CHECKING:
    from graph.store import Store


def untapped_for(
    settings: Settings,
    store: Store,
    who: str,
    *,
    within: float | None = None,
    kinds: Sequence[str] = ("Company",),
    countries: Sequence[str] = (),
    topics: Sequence[str] = (),
    order: Order = "topics",
    top: int = 25,
    language: str = "de",
) -> Answer:
    """Firms on the topics of an organisation (id, identifier or name) and its parts that are no partner of any of them, a row each."""
    d = DerivedCache(settings, store).current()
    id_ = find_who(d, who).id
    with State(settings.home) as state:
        hidden, _lifted = hidden_and_lifted(state, d, id_)
    filters = filters_of(d, within_km=within, kinds=kinds, countries=countries, topics=topics)
    found = untapped(d, id_, filters=filters, order=order, suppressed=hidden, limit=top)
    en = language == "en"
    rows = [
        {
            "id": u.organization.id,
            "name": u.organization.name,
            "city": u.organization.city,
            "country": u.organization.country,
            "overlap": round(u.overlap, 2),
            "topics": [t.name_en if en and t.name_en else t.name for t in u.shared],
            "institute": u.fits[1],
            "distance_km": u.distance,
            "latest": u.latest or None,
            "website": u.website,
            "evidence": [e for t in u.shared for e in t.theirs[:1]],
        }
        for u in found.items
    ]
    columns = ["id", "name", "city", "country", "overlap", "topics", "institute", "distance_km", "latest", "website", "evidence"]
    german = ("Kennung", "Name", "Ort", "Land", "Überschneidung", "Themen", "Wer daran arbeitet", "km", "Jüngstes Projekt", "Website", "Belege")
    english = ("Id", "Name", "City", "Country", "Overlap", "Topics", "Who works on it", "km", "Latest project", "Website", "Evidence")
    notes = [f"{len(rows)} of {found.total}" if en else f"{len(rows)} von {found.total}"]
    if found.nowhere:
        notes.append(f"The place of {found.nowhere} more is unknown." if en else f"Von {found.nowhere} weiteren ist der Ort unbekannt.")
    return Answer(rows, columns, dict(zip(columns, english if en else german, strict=True)), notes)


def gaps_for(
    settings: Settings, store: Store, who: str, *, only: Sequence[str] = (), partners: bool = False, years: int = YEARS, language: str = "de"
) -> Answer:
    """What the data of an organisation with its parts, of its partners or of a place does not say, a row an organisation.

    who  id or name of a place, else of an organisation      only  codes of GAPS, all of them must be missing
    """
    if unknown := sorted(set(only) - set(GAPS)):
        known = ", ".join(GAPS)
        raise UsageError(f"{', '.join(unknown)}: es gibt {known}.", f"{', '.join(unknown)}: there are {known}.")
    d = DerivedCache(settings, store).current()
    rows = rows_of(d, _place_or_who(d, who), partners=partners)
    records = records_of(Reader(store, lambda _id: False, load_book()), [d.ids[r] for r in rows.tolist()])
    found = gaps_of(d, rows, records, today=dt.date.fromisoformat(now()[:10]), years=years)
    en = language == "en"
    items = [
        {
            "id": g.organization.id,
            "name": g.organization.name,
            "city": g.organization.city,
            "missing": [GAPS[c][1 if en else 0] for c in g.gaps],
            "evidence": g.records.number,
            "stand": g.records.stand,
            "projects": g.organization.projects,
        }
        for g in found.only(only)
    ]
    columns = ["id", "name", "city", "missing", "evidence", "stand", "projects"]
    german = ("Kennung", "Name", "Ort", "Was fehlt", "Belege", "Stand", "Projekte")
    english = ("Id", "Name", "City", "Missing", "Evidence", "As of", "Projects")
    notes = [
        f"{len(items)} of {found.looked_at} organisations" if en else f"{len(items)} von {found.looked_at} Organisationen",
        ", ".join(f"{GAPS[c][1 if en else 0]}: {n}" for c, n in found.counts.items() if n),
    ]
    return Answer(items, columns, dict(zip(columns, english if en else german, strict=True)), [n for n in notes if n])


def _place_or_who(d: Derived, text: str) -> str:
    """A place where the text is the id or exactly the name of one, else an organisation."""
    if resolve_id(d, text) is None:
        try:
            place = find_named(d, "place", text)
        except UsageError:
            return find_who(d, text).id
        row = d.index(place, Label.PLACE)
        if text == place or (row is not None and d.name_of(Label.PLACE, row).casefold() == text.casefold()):
            return place
    return find_who(d, text).id
