"""Two to four organisations side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from graph.compare import MOST, Compared, compare, funding_of
from graph.derived import Derived
from graph.errors import UsageError
from graph.search import Hit, resolve_who
from web import charts
from web.language import gettext as _
from web.site import derived, reader

NAMES: Final = ("a", "b", "c", "d")[:MOST]
CANDIDATES: Final = 8


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form.

    hits   several where what was typed may mean several      id  the one that is meant, "" for none
    shown  what stands in the field: the name of who is meant where it means nobody else, else what was typed
    """

    name: str
    typed: str
    hits: tuple[Hit, ...] = ()
    id: str = ""

    shown: str = ""


def comparison() -> ResponseReturnValue:
    """Side by side; a, b, c, d: ids or names."""
    d = derived()
    fields = tuple(_field(d, name) for name in NAMES)
    ids = list(dict.fromkeys(f.id for f in fields if f.id))
    found: Compared | None = None
    problem: tuple[str, str] | None = None
    years: tuple[charts.Chart, ...] = ()
    funding: dict[str, float | None] = {}
    if len(ids) >= 2:
        try:
            found = compare(d, ids)
            funding = funding_of(d, reader(), ids)
            years = tuple(charts.by_year(s.organization.name or s.organization.id, _("Projekte"), sorted(s.years.items())) for s in found.sides if s.years)
        except UsageError as e:
            problem = e.text("de"), e.text("en")
    return render_template(
        "compare.html", fields=fields, found=found, problem=problem, funding=funding, years=years, asked=any(request.args.get(n) for n in NAMES), ids=ids
    )


def _field(d: Derived, name: str) -> Field:
    typed = request.args.get(name, "").strip()[:300]
    if not typed:
        return Field(name, "")
    hits = tuple(resolve_who(d, typed)[:CANDIDATES])
    if len(hits) != 1:
        return Field(name, typed, hits, shown=typed)
    again = resolve_who(d, hits[0].name)
    return Field(name, typed, hits, hits[0].id, hits[0].name if [h.id for h in again] == [hits[0].id] else typed)
