"""What a printed dossier says: for each noted partner facts, reasons in words, and where each of them is written.

`web/pdf.py` draws it.  All texts are in the language of the request.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

from flask import request, url_for

from graph.derived import Derived
from graph.model import Label, Reason, Suggestion
from graph.opinions import FITS, said_for
from graph.reader import Entity, EvidenceView, Reader, SourceInfo
from graph.suggest.pair import suggestion_of
from graph.watchlist import Entry
from web import words
from web.addresses import address, safe_url
from web.language import country_name, day, language, number
from web.language import gettext as _
from web.site import site

MOST_PARTNERS: Final = 60
"""In one dossier; a page of print each."""
MOST_ITEMS: Final = 5
MOST_PROOFS: Final = 3
"""Of one item of a reason."""
FACTS: Final = ("city", "country", "website", "founded")


@dataclass(frozen=True, slots=True)
class Proof:
    """Where something is written.  number: as it is referred to; locator: file and row, or document and characters; url: our page that quotes it."""

    number: int
    source: str
    locator: str
    stand: str
    url: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of facts.  link: a web address or ""; proofs: numbers."""

    label: str
    value: str
    link: str = ""
    proofs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """A reason with its share of the score (per cent) and what it rests on, each item with the numbers of its proofs."""

    text: str
    percent: int
    items: tuple[tuple[str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Partner:
    """One noted organisation."""

    name: str
    state: str
    url: str = ""
    note: str = ""
    remarks: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    whys: tuple[Why, ...] = ()
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source that was quoted."""

    title: str
    publisher: str
    licence: str
    licence_url: str
    attribution: str
    stand: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is printed.  groups: (for whom, partners); left_out: how many were too many; stand: newest retrieval of a source."""

    language: str
    who: str
    made: dt.datetime
    stand: str
    groups: tuple[tuple[str, tuple[Partner, ...]], ...]
    sources: tuple[SourceLine, ...]
    left_out: int = 0


@dataclass(slots=True)
class _Proofs:
    """Numbers of the proofs of one partner, in the order in which they are referred to."""

    seen: dict[str, int] = field(default_factory=dict)

    def of(self, ids: Sequence[str]) -> tuple[int, ...]:
        return tuple(self.seen.setdefault(e, len(self.seen) + 1) for e in list(dict.fromkeys(ids))[:MOST_PROOFS])


Noted = tuple[str, str, Entry, bool]
"""Id of the node ("" for none), name, line of the list, whether they are partners by now."""


def gather(
    d: Derived,
    reader: Reader,
    groups: Sequence[tuple[str, str, Sequence[Noted]]],
    *,
    who: str,
    made: dt.datetime,
    notes: bool,
    suggested: Mapping[str, Suggestion] | None = None,
) -> Dossier:
    """The dossier of groups: (id of the node that asks or "", its name, whom it noted).

    suggested  by id: the suggestions themselves, where nobody of the graph asked and their reasons cannot be found again
    """
    quoted: dict[str, SourceInfo] = {}
    out, left, room = [], 0, MOST_PARTNERS
    for asker, name, noted in groups:
        left += max(0, len(noted) - room)
        partners = tuple(_partner(d, reader, asker, n, quoted, notes=notes, suggested=suggested or {}) for n in noted[:room])
        room -= len(partners)
        if partners:
            out.append((name, partners))
    every = reader.sources()
    return Dossier(
        language=language(),
        who=who,
        made=made,
        stand=max((s.retrieved() for s in every), default=""),
        groups=tuple(out),
        sources=tuple(_source(s) for s in sorted(quoted.values(), key=lambda s: _title(s).casefold())),
        left_out=left,
    )


def _partner(
    d: Derived, reader: Reader, asker: str, noted: Noted, quoted: dict[str, SourceInfo], *, notes: bool, suggested: Mapping[str, Suggestion]
) -> Partner:
    id_, name, entry, partners = noted
    state, note = words.progress_name(entry.state), entry.note if notes else ""
    found = reader.entity(id_, Label.ORGANIZATION) if id_ else None
    if not isinstance(found, Entity):
        return Partner(name, state, note=note, remarks=(_("Diese Einrichtung steht zurzeit in keiner geladenen Quelle."),))
    proofs = _Proofs()
    facts = tuple(_facts(found, proofs))
    whys = _whys(suggested.get(id_) or _suggestion(d, asker, id_), proofs)
    views = {v.id: v for v in reader.evidences(list(proofs.seen), limit=len(proofs.seen))}
    for s in [v.source for v in views.values()] or found.sources:
        quoted[s.id] = s
    remarks = [_("Beide sind inzwischen Partner.")] if partners else []
    if asker and not whys:
        remarks.append(_("Kein Grund aus den Daten: Themen, Partner und Ort sagen nichts über dieses Paar."))
    return Partner(
        name=name,
        state=state,
        url=url_for("pages.organization", id=id_, _external=True),
        note=note,
        remarks=tuple(remarks),
        facts=facts,
        whys=whys,
        proofs=tuple(_proof(n, e, views) for e, n in proofs.seen.items()),
    )


def _suggestion(d: Derived, asker: str, id_: str) -> Suggestion | None:
    if not asker:
        return None
    opinion = said_for(site().state(), d, asker).get(id_)
    return suggestion_of(d, asker, id_, lifted=(id_,) if opinion is not None and opinion.verdict == FITS else ())


def _facts(e: Entity, proofs: _Proofs) -> list[Fact]:
    out = [Fact(_("Art"), words.kind_name(e.kind))]
    by_name = {f.property: f for f in e.facts}
    for name in FACTS:
        f = by_name.get(name)
        if f is None:
            continue
        value = country_name(str(f.value)) if name == "country" else str(f.value)
        link = safe_url(str(f.value)) if name == "website" else ""
        out.append(Fact(words.fact_name(name), value, link, proofs.of([f.evidence.id]) if f.evidence else ()))
    out.append(Fact(_("Kennung"), e.id))
    return out


def _whys(s: Suggestion | None, proofs: _Proofs) -> tuple[Why, ...]:
    if s is None:
        return ()
    return tuple(Why(words.feature_name(r.feature), round(100 * r.contribution), tuple(_items(r, proofs))) for r in s.reasons)


def _items(r: Reason, proofs: _Proofs) -> list[tuple[str, tuple[int, ...]]]:
    out = []
    for item in r.items[:MOST_ITEMS]:
        text = words.item_name(item)
        km = item.get("distance_km")
        if isinstance(km, int | float):
            text = _("%(place)s, %(km)s km entfernt", place=text, km=number(round(km)))
        through = item.get("through")
        if isinstance(through, Mapping):
            text = _("%(item)s (über %(part)s)", item=text, part=str(through["name"]))
        evidence = item.get("evidence")
        out.append((text, proofs.of([str(e) for e in evidence]) if isinstance(evidence, list | tuple) else ()))
    return out


def _proof(n: int, id_: str, views: Mapping[str, EvidenceView]) -> Proof:
    v = views.get(id_)
    url = urljoin(request.host_url, address("Evidence", id_))
    if v is None:  # a load that ended between two questions may have taken it out
        return Proof(n, _("Beleg"), id_, "", url)
    return Proof(n, _title(v.source), v.locator, day(v.retrieved), url)


def _title(s: SourceInfo) -> str:
    return ((s.title_en if language() == "en" else s.title_de) or s.id).split(" – ")[0].split(":")[0]


def _source(s: SourceInfo) -> SourceLine:
    return SourceLine((s.title_en if language() == "en" else s.title_de) or s.id, s.publisher, s.licence, s.licence_url, s.attribution, day(s.retrieved()))


def website_of(reader: Reader, id_: str) -> str:
    """The web address of an organisation as a link may have it, "" if none is known."""
    found = reader.entity(id_, Label.ORGANIZATION, evidence_limit=0)
    return safe_url(found.text("website")) if isinstance(found, Entity) else ""
