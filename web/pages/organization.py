"""The pages of one organisation: facts, projects, partners, suggestions, network, and its connection to another one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from graph import neighbourhood
from graph.derived import Derived
from graph.model import Kind, Label
from graph.opinions import hidden_and_lifted
from graph.reader import Entity, OrganizationPage
from graph.search import resolve_who
from graph.suggest import MODES, pair
from web import exporting, linked, network, pages
from web.judging import judging_for
from web.pages import review
from web.site import derived, derived_with, reader, site
from web.suggesting import TOP, chosen, suggested
from web.words import entity_name, organization_name

PAGE: Final = 25
LIMITS: Final = (100, 250, 500, 1000)


def organization(id: str) -> ResponseReturnValue:  # noqa: A002  named as in the address
    """One organisation on one page."""
    found = reader().organization(id)
    if not isinstance(found, OrganizationPage):
        return pages.elsewhere(found)
    if linked.wanted():
        return linked.page(found)
    d = derived_with(id)
    number, parts = _asked(d, id)
    status = {o.id: o.status for o in found.children}
    return render_template(
        "organization.html",
        page=found,
        entity=found.entity,
        places=neighbourhood.place_of(d, id),
        partners=neighbourhood.partners(d, id, limit=10, parts=parts),
        projects=reader().projects_of_all(neighbourhood.ids_with_parts(d, id), limit=len(found.projects) or 10) if parts else found.projects,
        projects_total=_projects_total(d, id, parts=parts),
        number_of_parts=number,
        parts=parts,
        all_parts=[replace(o, status=status.get(o.id, "")) for o in neighbourhood.parts(d, id)],
        answer=suggested(d, id, top=TOP, parts=parts),
        judging=judging_for(d, id),
        one=review.records(id),
        said=request.args.get("said", ""),
    )


def _asked(d: Derived, id_: str) -> tuple[int, bool]:
    """How many parts an organisation has, and whether it is asked for with them."""
    number = neighbourhood.parts_of(d, id_)
    return number, number > 0 and pages.rolled_up()


def _projects_total(d: Derived, id_: str, *, parts: bool) -> int:
    row = d.index(id_)
    return 0 if row is None else len(neighbourhood.projects_of(d, neighbourhood.with_parts(d, row, parts=parts)))


def _entity(id_: str) -> Entity | ResponseReturnValue:
    found = reader().entity(id_, Label.ORGANIZATION, evidence_limit=0)
    return found if isinstance(found, Entity) else pages.elsewhere(found)


def projects(id: str) -> ResponseReturnValue:  # noqa: A002
    """All projects of an organisation, a page at a time."""
    entity = _entity(id)
    if not isinstance(entity, Entity):
        return entity
    d = derived_with(id)
    number, parts = _asked(d, id)
    if form := exporting.asked(exporting.LIST_FORMS):
        ids = neighbourhood.ids_with_parts(d, id) if parts else [id]
        return exporting.projects(reader().projects_of_all(ids, limit=exporting.MOST), form, "projects")
    at = pages.whole("page", 1, 1, 400)
    skip = (at - 1) * PAGE
    found = reader().projects_of_all(neighbourhood.ids_with_parts(d, id), skip=skip, limit=PAGE) if parts else reader().projects_of(id, skip=skip, limit=PAGE)
    total = _projects_total(d, id, parts=parts)
    return render_template(
        "projects.html", entity=entity, projects=found, total=total, at=at, pages=max(1, -(-total // PAGE)), number_of_parts=number, parts=parts
    )


def partners(id: str) -> ResponseReturnValue:  # noqa: A002
    """All partners of an organisation, a page at a time."""
    entity = _entity(id)
    if not isinstance(entity, Entity):
        return entity
    at = pages.whole("page", 1, 1, 1000)
    d = derived_with(id)
    number, parts = _asked(d, id)
    if form := exporting.asked(exporting.LIST_FORMS):
        return exporting.organizations(neighbourhood.partners(d, id, parts=parts, limit=exporting.MOST).items, form, "partner")
    found = neighbourhood.partners(d, id, parts=parts, skip=(at - 1) * PAGE, limit=PAGE)
    return render_template("partners.html", entity=entity, partners=found, at=at, pages=max(1, -(-found.total // PAGE)), number_of_parts=number, parts=parts)


def suggestions(id: str) -> ResponseReturnValue:  # noqa: A002
    """Suggestions with the choice of mode, distance and kind."""
    entity = _entity(id)
    if not isinstance(entity, Entity):
        return entity
    d = derived_with(id)
    number, parts = _asked(d, id)
    question = chosen(d)
    answer = suggested(d, id, **question.options, top=TOP, parts=parts)
    return render_template(
        "suggestions.html",
        entity=entity,
        answer=answer,
        judging=judging_for(d, id),
        asked=question,
        modes=MODES,
        all_kinds=tuple(Kind),
        countries=d.countries,
        number_of_parts=number,
        parts=parts,
    )


def why_not() -> ResponseReturnValue:
    """Why one organisation (org, an id) is not suggested to another, or only far behind; other: an id or a name; parts=1."""
    entity = _entity(request.args.get("org", ""))
    if not isinstance(entity, Entity):
        abort(404)
    d = derived_with(entity.id)
    number, parts = _asked(d, entity.id)
    text = request.args.get("other", "").strip()
    hits = resolve_who(d, text) if text else []
    found = None
    if len(hits) == 1:
        question = chosen(d)
        hidden, lifted = hidden_and_lifted(site().state(), d, entity.id)
        found = pair.why_not(d, entity.id, hits[0].id, **question.options, suppressed=hidden, lifted=lifted, parts=parts)
    return render_template("why_not.html", entity=entity, text=text, hits=hits, found=found, shown=pair.SHOWN, number_of_parts=number, parts=parts)


def asked_network(d: Derived, id_: str, *, placed: bool = True) -> network.Drawn | None:
    """The network that the address asks for: steps 1 or 2, at most 1,000 nodes.  None: no such organisation."""
    steps = pages.whole("steps", 1, 1, 2)
    limit = pages.whole("limit", 250, 10, 1000)
    return network.drawn(d, id_, steps=steps, limit=limit, placed=placed, parts=pages.rolled_up())


def network_page(id: str) -> ResponseReturnValue:  # noqa: A002
    """The network as a picture and, with the same content, as a table."""
    entity = _entity(id)
    if not isinstance(entity, Entity):
        return entity
    drawn = asked_network(derived(), id, placed=False)
    if drawn is None:
        abort(404)
    hidden = [h for h in request.args.getlist("hide") if h in network.GROUPS]
    least = pages.whole("least", 1, 1, 1000)
    number, parts = _asked(derived(), id)
    return render_template(
        "network.html",
        entity=entity,
        drawn=drawn,
        hidden=hidden,
        least=least,
        limits=LIMITS,
        groups=network.GROUPS,
        number_of_parts=number,
        parts=parts,
    )


def network_file(id: str) -> ResponseReturnValue:  # noqa: A002
    """The picture as one HTML file that needs nothing else, or the network as data (format=csv, csv-excel, json, jsonld, graphml)."""
    entity = _entity(id)
    if not isinstance(entity, Entity):
        return entity
    form = exporting.asked(exporting.NETWORK_FORMS)
    drawn = asked_network(derived(), id, placed=not form)
    if drawn is None:
        abort(404)
    if form:
        return exporting.network(drawn.network, form, "network")
    html = network.exported(drawn, entity_name(entity), [s.attribution or s.title_de for s in reader().sources()])
    answer = Response(html, mimetype="text/html")
    answer.headers["Content-Disposition"] = 'attachment; filename="innonet-network.html"'
    return answer


def connection() -> ResponseReturnValue:
    """What two organisations have in common, with the evidence, or the shortest way between them; parts=1: the first one with its parts."""
    sides = []
    for name in ("a", "b"):
        entity = _entity(request.args.get(name, ""))
        if not isinstance(entity, Entity):
            abort(404)
        sides.append(entity)
    a, b = sides
    d = derived_with(a.id)
    number, parts = _asked(d, a.id)
    if parts:
        found = reader().connection(neighbourhood.nearest_of(d, a.id, b.id), b.id, parts=neighbourhood.ids_with_parts(d, a.id))
    else:
        found = reader().connection(a.id, b.id)
    return render_template("connection.html", a=a, b=b, found=found, number_of_parts=number, parts=parts, organization_name=organization_name)
