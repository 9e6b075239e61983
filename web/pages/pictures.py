"""Pictures with a table twin: timeline of an organisation, landscape of topics, map of places.  Each can be saved as SVG and as a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph import neighbourhood
from graph.city import RADIUS_KM
from graph.model import Label
from graph.pictures import landscape, map_around
from graph.reader import Entity, ProjectRef
from graph.state import now
from graph.tabular import render
from web import charts, drawing, pages
from web.language import gettext as _
from web.language import language
from web.pages.city import FARTHEST
from web.pages.lists import named
from web.pages.opinion import download
from web.site import derived, derived_with, reader, site
from web.words import entity_name, project_name

MOST: Final = 200
"""Projects of a timeline."""


def timeline(id: str) -> ResponseReturnValue:  # noqa: A002  named as in the address
    """The projects of an organisation over the years, and what they brought each year (parts=1: with its parts)."""
    entity = reader().entity(id, Label.ORGANIZATION, evidence_limit=0)
    if not isinstance(entity, Entity):
        return pages.elsewhere(entity)
    d = derived_with(id)
    parts = pages.rolled_up() and bool(neighbourhood.parts_of(d, id))
    ids = neighbourhood.ids_with_parts(d, id) if parts else [id]
    found = reader().projects_of_all(ids, limit=MOST)
    drawn = drawing.timeline(found, today=dt.date.fromisoformat(now()[:10]).year)
    columns = {"project": _("Projekt"), "start": _("Beginn"), "end": _("Ende"), "funding_eur": _("Förderung in Euro"), "id": _("Kennung")}
    rows = [{"project": project_name(p), "start": p.start, "end": p.end, "funding_eur": p.funding_eur, "id": p.id} for p in found]
    if (file := _file("parts/timeline.svg", rows, columns, f"innonet-{_('zeitleiste')}", t=drawn, title=_title(entity))) is not None:
        return file
    return render_template(
        "timeline.html", entity=entity, t=drawn, title=_title(entity), shown=len(found), most=MOST, rows=found, parts=parts,
        number_of_parts=neighbourhood.parts_of(d, id), began=_by_year(found), funded=_by_year(found, money=True),
    )  # fmt: skip


def _title(entity: Entity) -> str:
    return _("Projekte von %(name)s", name=entity_name(entity))


def _by_year(projects: Sequence[ProjectRef], *, money: bool = False) -> charts.Chart:
    found: dict[int, float] = {}
    for p in projects:
        if p.start[:4].isdigit() and (not money or p.funding_eur):
            found[int(p.start[:4])] = found.get(int(p.start[:4]), 0.0) + (p.funding_eur or 0.0 if money else 1)
    if money:
        return charts.by_year(_("Förderung nach Jahr des Beginns"), _("Förderung"), sorted(found.items()), unit="eur")
    return charts.by_year(_("Projekte nach Jahr des Beginns"), _("Projekte"), sorted(found.items()))


def landscape_page() -> ResponseReturnValue:
    """Topics as tiles (topic=: those below it; place=: only organisations of a place)."""
    d = derived()
    topic, place = request.args.get("topic", ""), request.args.get("place", "")
    above = named(d, topic, (Label.TOPIC,)) if topic else None
    here = named(d, place, (Label.PLACE,)) if place else None
    if (topic and above is None) or (place and here is None):
        abort(404)
    areas = landscape(d, topic=above.id if above else "", place=here.id if here else "")
    title = _("Themenlandschaft")
    if above:
        title = _("%(title)s: %(topic)s", title=title, topic=above.name)
    if here:
        title = _("%(title)s in %(place)s", title=title, place=here.name)
    columns = {"topic": _("Thema"), "organizations": _("Organisationen"), "id": _("Kennung")}
    rows = [{"topic": (a.name_en if language() == "en" else "") or a.name, "organizations": a.organizations, "id": a.id} for a in areas]
    tiles = drawing.tiles(areas, language())
    keep = {"place": here.id} if here else {}
    if (file := _file("parts/landscape.svg", rows, columns, f"innonet-{_('themen')}", tiles=tiles, title=title, keep=keep)) is not None:
        return file
    return render_template("landscape.html", title=title, tiles=tiles, above=above, here=here, keep=keep)


def map_page() -> ResponseReturnValue:
    """Places around a place with the partnerships between them (place=, within=, organization=)."""
    d = derived()
    place = named(d, request.args.get("place", "") or site().settings.city, (Label.PLACE,))
    who = named(d, request.args.get("organization", ""), (Label.ORGANIZATION,))
    if place is None or (request.args.get("organization") and who is None):
        abort(404)
    radius = pages.whole("within", RADIUS_KM, 1, FARTHEST)
    found = map_around(d, place.id, radius=radius, of=who.id if who else "")
    title = _("Orte und Partnerschaften bis %(km)s km um %(place)s", km=radius, place=place.name)
    if who:
        title = _("%(title)s, nur mit %(name)s", title=title, name=who.name)
    drawn = drawing.drawn(found) if found else None
    columns = {"a": _("Ort"), "b": _("Anderer Ort"), "pairs": _("Partnerschaften")}
    rows = [{"a": found.places[x.a].name, "b": found.places[x.b].name, "pairs": x.pairs} for x in found.lines] if found else []
    if (file := _file("parts/map.svg", rows, columns, f"innonet-{_('karte')}", m=found, drawn=drawn, title=title)) is not None:
        return file
    return render_template("map.html", title=title, place=place, who=who, m=found, drawn=drawn, radius=radius, farthest=FARTHEST, standard=RADIUS_KM)


def _file(template: str, rows: list[dict[str, Any]], columns: Mapping[str, str], name: str, **picture: Any) -> Response | None:
    """The picture or its table as a file to keep, where the address asks for one (format=svg, csv or csv-excel)."""
    form = request.args.get("format", "")
    if form in ("csv", "csv-excel"):
        return download(render(rows, list(columns), form, columns if form == "csv-excel" else {}), name, form)
    if form != "svg":
        return None
    answer = Response(render_template(template, saved=True, root=request.host_url.rstrip("/"), **picture), mimetype="image/svg+xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.svg"'
    return answer


def saved_as(form: str) -> str:
    """This picture's address in another form."""
    values: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False), "format": form}
    return url_for(request.endpoint or "", **values)
