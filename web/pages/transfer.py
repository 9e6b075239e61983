"""The pages of a transfer office: a house with its institutes, firms that work on its topics without contact, and the list as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph import neighbourhood
from graph.derived import Derived
from graph.model import Kind, Label
from graph.opinions import hidden_and_lifted
from graph.reader import Entity
from graph.suggest.features import Question
from graph.tabular import render
from graph.untapped import ORDERS, Order, Untapped, UntappedList, units, untapped
from web import pages, words
from web.addresses import safe_url
from web.judging import judging_for
from web.language import gettext as _
from web.language import language
from web.pages.lists import named
from web.pages.opinion import download
from web.site import derived_with, reader, site
from web.suggesting import Choice, chosen

PAGE: Final = 25
PARTNERS: Final = 8
MOST_IN_FILE: Final = 5000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for: the filters, the order, and the page of the list."""

    choice: Choice
    order: Order
    at: int

    @property
    def values(self) -> dict[str, Any]:
        """The same for another address."""
        t = self.choice.typed
        return {
            "kind": t["kind"] or ["any"],
            "country": t["country"] or [""],
            "within": t["within"] or None,
            "topic": t["topic"],
            "order": self.order if self.order != ORDERS[0] else None,
        }


def _wanted(d: Derived, id_: str) -> Wanted:
    """Firms of the house's own country, unless the address says something else."""
    row = d.index(id_)
    own = d.countries[d.country[row]] if row is not None and d.country[row] >= 0 else ""
    choice = chosen(d, kind=(str(Kind.COMPANY),), country=(own,) if own else ())
    order = next((o for o in ORDERS if o == request.args.get("order", "")), ORDERS[0])
    return Wanted(choice, order, pages.whole("page", 1, 1, 1000))


def _found(d: Derived, id_: str, wanted: Wanted, *, skip: int, limit: int) -> UntappedList:
    hidden, _lifted = hidden_and_lifted(site().state(), d, id_)
    return untapped(d, id_, filters=wanted.choice.filters, order=wanted.order, suppressed=hidden, skip=skip, limit=limit)


def transfer(id: str) -> ResponseReturnValue:  # noqa: A002  named as in the address
    """A house with its institutes, its partners, and who works on its topics without contact."""
    entity = reader().entity(id, Label.ORGANIZATION, evidence_limit=0)
    if not isinstance(entity, Entity):
        return pages.elsewhere(entity)
    d = derived_with(id)
    wanted = _wanted(d, id)
    found = _found(d, id, wanted, skip=(wanted.at - 1) * PAGE, limit=PAGE)
    return render_template(
        "transfer.html",
        entity=entity,
        units=units(d, id),
        number_of_parts=neighbourhood.parts_of(d, id),
        partners=neighbourhood.partners(d, id, parts=True, limit=PARTNERS),
        found=found,
        wanted=wanted,
        orders=ORDERS,
        topics_shown=[shown.name if (shown := named(d, x, (Label.TOPIC,))) else x for x in wanted.choice.typed["topic"]],
        seated=bool(len(Question(d, d.index(id) or 0, parts=True).seats)),
        at=wanted.at,
        pages=-(-found.total // PAGE),
        all_kinds=tuple(Kind),
        countries=d.countries,
        judging=judging_for(d, id),
    )


COLUMNS: Final = ("id", "name", "kind", "city", "country", "website", "overlap", "topics", "institute", "distance_km", "latest", "projects", "proof", "url")


def file(id: str) -> ResponseReturnValue:  # noqa: A002
    """The list as CSV (format=csv, csv-excel) or JSON, with the filters of the page, up to MOST_IN_FILE lines."""
    form = request.args.get("format", "csv")
    if form not in ("csv", "csv-excel", "json"):
        abort(400)
    entity = reader().entity(id, Label.ORGANIZATION, evidence_limit=0)
    if not isinstance(entity, Entity):
        raise pages.missing(entity)
    d = derived_with(id)
    found = _found(d, id, _wanted(d, id), skip=0, limit=MOST_IN_FILE)
    headings = dict(
        zip(
            COLUMNS,
            (
                _("Kennung"), _("Name"), _("Art"), _("Ort"), _("Land"), _("Website"), _("Überschneidung (0 bis 1)"), _("Gemeinsame Themen"),
                _("Wer bei uns am meisten daran arbeitet"), _("Entfernung in km"), _("Jüngster Projektbeginn"), _("Projekte"), _("Beleg"), _("Seite"),
            ),
            strict=True,
        )
    )  # fmt: skip
    return download(render([_row(u, in_words=form != "json") for u in found.items], COLUMNS, form, headings), "innonet-ohne-kontakt", form)


def _row(u: Untapped, *, in_words: bool) -> dict[str, Any]:
    o = u.organization
    proofs = [e for t in u.shared for e in t.theirs[:1]]
    return {
        "id": o.id,
        "name": o.name,
        "kind": words.kind_name(o.kind) if in_words else str(o.kind or ""),
        "city": o.city,
        "country": o.country,
        "website": safe_url(u.website) if u.website else "",
        "overlap": round(u.overlap, 2),
        "topics": [(t.name_en if language() == "en" and t.name_en else t.name) for t in u.shared],
        "institute": u.fits[1],
        "distance_km": u.distance,
        "latest": u.latest or None,
        "projects": o.projects,
        "proof": url_for("pages.evidence", id=proofs[0], _external=True) if proofs else "",
        "url": url_for("pages.organization", id=o.id, _external=True),
    }
