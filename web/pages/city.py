"""The page of a city's business development agency: figures, goals of the master plan, hidden innovations, gaps; and each list as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph import masterplan
from graph.city import FEW_PARTNERS, RADIUS_KM, City, GoalFigures
from graph.derived import Derived
from graph.model import Label
from graph.search import resolve_id
from graph.tabular import render
from web import charts, pages, words
from web.language import gettext as _
from web.language import language
from web.pages.lists import Named, named
from web.pages.opinion import download
from web.site import derived, site

FIRST: Final = 10
"""Lines of a list before «Alle zeigen»."""
FARTHEST: Final = 200
LISTS: Final = ("hidden", "gaps", "goals")


def cities() -> ResponseReturnValue:
    """The city that this installation works for; a choice of places where the graph does not know it."""
    d = derived()
    if d.index(site().settings.city, Label.PLACE) is not None:
        return redirect(url_for("pages.city", id=site().settings.city))
    seats = d.place_org.degree()
    rows = sorted(range(len(seats)), key=lambda r: (-int(seats[r]), d.name_of(Label.PLACE, r)))[:60]
    found = [(d.id_of(Label.PLACE, r), d.name_of(Label.PLACE, r), int(seats[r])) for r in rows if seats[r]]
    return render_template("cities.html", places=found)


def asked(d: Derived, id_: str) -> Named:
    """The place of an address.  404 for none."""
    known = resolve_id(d, id_, Label.PLACE)
    found = named(d, known, (Label.PLACE,)) if known else None
    return found or abort(404)


def city(id: str) -> ResponseReturnValue:  # noqa: A002  named as in the address
    """The city and its region on one page."""
    d = derived()
    place = asked(d, id)
    radius = pages.whole("within", RADIUS_KM, 1, FARTHEST)
    found = City(d, place.id, radius=radius)
    figures = found.figures()
    hidden, gaps = found.hidden(), found.gaps()
    show = request.args.get("all", "")
    return render_template(
        "city.html",
        place=place,
        radius=radius,
        standard=RADIUS_KM,
        farthest=FARTHEST,
        f=figures,
        goals=found.goals(masterplan.load(site().settings.masterplan)),
        hidden=hidden if show == "hidden" else hidden[:FIRST],
        hidden_total=len(hidden),
        gaps=gaps if show == "gaps" else gaps[:FIRST],
        gaps_total=len(gaps),
        few=FEW_PARTNERS,
        kinds=charts.Chart(
            _("Organisationen der Stadt nach Art"),
            _("Art"),
            _("Organisationen"),
            tuple(charts.Bar(words.kind_name(k), n, url_for("pages.search", city=place.id, kind=str(k)) if k else "") for k, n in figures.kinds),
        ),
        years=charts.by_year(_("Projekte mit Beteiligten aus der Stadt nach Jahr des Beginns"), _("Projekte"), figures.by_year),
        elsewhere=charts.Chart(
            _("Wo die Partner außerhalb der Stadt ihren Sitz haben"), _("Ort"), _("Partnerschaften"), tuple(charts.Bar(c, n) for c, n in figures.cities)
        ),
    )


def file(id: str) -> ResponseReturnValue:  # noqa: A002
    """One of the lists as a table (list=hidden, gaps or goals; format=csv or csv-excel)."""
    d = derived()
    place = asked(d, id)
    form = request.args.get("format", "csv")
    name = request.args.get("list", "")
    if form not in ("csv", "csv-excel") or name not in LISTS:
        abort(404)
    found = City(d, place.id, radius=pages.whole("within", RADIUS_KM, 1, FARTHEST))
    rows = list({"hidden": _hidden, "gaps": _gaps, "goals": _goals}[name](found))
    columns = {
        "hidden": {
            "id": _("Kennung"), "name": _("Name"), "city": _("Ort"), "projects": _("Projekte"), "cooperations": _("Kooperationen"), "partners": _("Partner"),
            "topics": _("Themen"), "science": _("Wissenschaft in der Nähe"), "score": _("Wert"),
        },
        "gaps": {
            "id": _("Kennung"), "topic": _("Thema"), "city": _("Stadt"), "expected": _("Erwartet"), "region": _("Region"), "science": _("davon Wissenschaft"),
            "helpers": _("Wer helfen kann"),
        },
        "goals": {"goal": _("Ziel"), "city": _("Stadt"), "projects": _("Projekte"), "region": _("Region"), "first": _("Stärkste der Stadt")},
    }[name]  # fmt: skip
    return download(render(rows, list(columns), form, columns if form == "csv-excel" else {}), f"innonet-{name}", form)


def _hidden(found: City) -> Iterator[dict[str, Any]]:
    for h in found.hidden():
        yield {
            "id": h.organization.id,
            "name": words.organization_name(h.organization),
            "city": h.organization.city,
            "projects": h.projects,
            "cooperations": h.cooperations,
            "partners": h.partners,
            "topics": "; ".join(t.name(language()) for t in h.topics),
            "science": "; ".join(words.organization_name(o) for o in h.science),
            "score": h.score,
        }


def _gaps(found: City) -> Iterator[dict[str, Any]]:
    for g in found.gaps():
        yield {
            "id": g.topic.id,
            "topic": g.topic.name(language()),
            "city": g.city,
            "expected": g.expected,
            "region": g.region,
            "science": g.science,
            "helpers": "; ".join(words.organization_name(o) for o in g.helpers),
        }


def _goals(found: City) -> Iterator[dict[str, Any]]:
    def lines(g: GoalFigures, above: str) -> Iterator[dict[str, Any]]:
        name = f"{above}{g.goal.name(language())}"
        first = "; ".join(words.organization_name(o) for o in g.first)
        yield {"goal": name, "city": g.city, "projects": g.projects, "region": g.region, "first": first}
        for b in g.below:
            yield from lines(b, f"{name} / ")

    for goal in found.goals(masterplan.load(site().settings.masterplan)):
        yield from lines(goal, "")
