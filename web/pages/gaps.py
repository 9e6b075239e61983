"""«What is missing?»: gaps in the data of a house with its institutes, of its partners, or of a place, with how each is mended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph.derived import Derived
from graph.gaps import GAPS, YEARS, GapList, Gappy, gaps_of, records_of, rows_of
from graph.model import Label
from graph.reader import Moved
from graph.state import now
from graph.tabular import render
from web import pages, words
from web.addresses import ENDPOINTS
from web.language import gettext as _
from web.language import language
from web.pages.lists import Named, named
from web.pages.opinion import download
from web.site import derived, reader, site

PAGE: Final = 50
LABELS: Final = (Label.ORGANIZATION, Label.PLACE)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at: whom it is about, what is missing, and what the address asks for of it."""

    about: Named
    found: GapList
    chosen: tuple[Gappy, ...]
    gaps: tuple[str, ...]
    years: int
    partners: bool

    @property
    def values(self) -> dict[str, Any]:
        """The same for another address."""
        return {
            "id": self.about.id,
            "gap": self.gaps,
            "years": self.years if self.years != YEARS else None,
            "of": "partners" if self.partners else None,
        }


def _looked(d: Derived, id_: str) -> Looked | None:
    about = named(d, id_, LABELS)
    if about is None or about.id != id_:
        return None
    partners = request.args.get("of") == "partners" and about.label == Label.ORGANIZATION
    years = pages.whole("years", YEARS, 1, 30)
    rows = rows_of(d, id_, partners=partners)
    records = records_of(reader(), [d.ids[r] for r in rows.tolist()])
    found = gaps_of(d, rows, records, today=dt.date.fromisoformat(now()[:10]), years=years)
    gaps = tuple(g for g in GAPS if g in request.args.getlist("gap"))
    return Looked(about, found, found.only(gaps), gaps, years, partners)


def gap_name(code: str) -> str:
    """What is missing, in words."""
    de, en = GAPS[code]
    return en if language() == "en" else de


def gaps(id: str) -> ResponseReturnValue:  # noqa: A002  named as in the address
    """The list, a page at a time."""
    d = derived()
    looked = _looked(d, id)
    if looked is None:
        return pages.elsewhere(_moved(d, id))
    at = pages.whole("page", 1, 1, 400)
    return render_template(
        "gaps.html",
        looked=looked,
        items=looked.chosen[(at - 1) * PAGE : at * PAGE],
        at=at,
        pages=-(-len(looked.chosen) // PAGE),
        all_gaps=tuple(GAPS),
        gap_name=gap_name,
        back=ENDPOINTS[str(looked.about.label)],
    )


def _moved(d: Derived, id_: str) -> Any:
    about = named(d, id_, LABELS)
    if about is not None:  # an id of a record: the address of the node that it stands for
        return Moved(about.id, about.label)
    return reader().find(id_)


COLUMNS: Final = ("id", "name", "kind", "city", "country", "missing", "evidence", "stand", "projects", "url")


def file(id: str) -> ResponseReturnValue:  # noqa: A002
    """The list as CSV (format=csv, csv-excel) or JSON, with the filters of the page."""
    form = request.args.get("format", "csv")
    if form not in ("csv", "csv-excel", "json"):
        abort(400)
    d = derived()
    looked = _looked(d, id)
    if looked is None:
        raise pages.missing(site().is_gone(id) or None)
    headings = dict(
        zip(
            COLUMNS,
            (
                _("Kennung"), _("Name"), _("Art"), _("Ort"), _("Land"), _("Was fehlt"), _("Zahl der Belege"), _("Stand"), _("Projekte"), _("Seite"),
            ),
            strict=True,
        )
    )  # fmt: skip
    return download(render(_rows(looked.chosen, in_words=form != "json"), COLUMNS, form, headings), "innonet-was-fehlt", form)


def _rows(items: Sequence[Gappy], *, in_words: bool) -> list[dict[str, Any]]:
    return [
        {
            "id": g.organization.id,
            "name": g.organization.name,
            "kind": words.kind_name(g.organization.kind) if in_words else str(g.organization.kind or ""),
            "city": g.organization.city,
            "country": g.organization.country,
            "missing": [gap_name(c) if in_words else c for c in g.gaps],
            "evidence": g.records.number,
            "stand": g.records.stand,
            "projects": g.organization.projects,
            "url": url_for("pages.organization", id=g.organization.id, _external=True),
        }
        for g in items
    ]
