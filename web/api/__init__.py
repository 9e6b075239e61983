"""/api/v1: the same answers as the pages, as JSON.  Errors are {"error": {"code", "status", "message"}}."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from graph import neighbourhood
from graph.asking import consortium_of
from graph.errors import UsageError
from graph.model import Kind, Label, Suggestion
from graph.reader import DocumentPage, EvidenceView, Fact, Gone, Moved, OrganizationPage, OrganizationRef, ProjectRef, SourceInfo, TopicRef
from graph.search import Hit
from graph.suggest import MODES, suggest
from ingest.newcomer import understand
from web import network, pages
from web.addresses import address
from web.pages.document import TAGS, held
from web.pages.organization import asked_network
from web.pages.start import asked, facet_name, hit_name
from web.site import derived, derived_with, reader
from web.suggesting import TOP, chosen, mode_of, suggested
from web.words import kind_name, label_name, organization_name, project_name

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/health")
def health() -> ResponseReturnValue:
    """200 when the engine answers and the derived files are there."""
    reader().sources()
    return {"status": "ok", "version": derived().version}


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """Hits for ``q``; label, kind, city (id of a place) and topic filter; limit (8, at most 50), offset; facets=1 adds them."""
    a = asked()
    d = derived()
    limit, offset = pages.whole("limit", 8, 1, 50), pages.whole("offset", 0, 0, 10_000)
    wanted = request.args.get("facets") == "1"
    result = a.run(d, limit=limit, offset=offset, facets=wanted)
    answer: dict[str, Any] = {"query": a.text, "total": result.total, "offset": offset, "hits": [_hit(h) for h in result.hits]}
    if wanted:
        answer["facets"] = {f: [{"id": k, "name": facet_name(d, f, k), "count": n} for k, n in v.items()] for f, v in result.facets.items()}
    return answer


@blueprint.get("/organizations/<path:id>")
def organization(id: str) -> ResponseReturnValue:  # noqa: A002  named as in the address
    """An organisation: facts with evidence, sources, projects, partners, topics, places.  parts=1 counts its parts' projects and partners as well."""
    found = reader().organization(id, projects=25)
    if not isinstance(found, OrganizationPage):
        return _elsewhere(found, "api.organization")
    e = found.entity
    d = derived_with(id)
    parts = pages.rolled_up()
    rows = neighbourhood.with_parts(d, d.index(id) or 0, parts=parts)
    people = neighbourhood.partners(d, id, limit=25, parts=parts)
    projects = reader().projects_of_all(neighbourhood.ids_with_parts(d, id)) if parts else found.projects
    return {
        "id": e.id,
        "name": e.text("name"),
        "kind": e.kind,
        "names": e.names,
        "facts": [_fact(f) for f in e.facts],
        "sources": [_source(s) for s in e.sources],
        "evidence": {"total": e.evidence_total, "items": [x.id for x in e.evidence]},
        "with_parts": parts,
        "projects": {"total": len(neighbourhood.projects_of(d, rows)), "items": [_project(p) for p in projects]},
        "partners": {"total": people.total, "items": [_organization(o) for o in people.items]},
        "topics": [_topic(t) for t in found.topics],
        "places": [{"id": p.id, "name": p.name} for p in neighbourhood.place_of(d, id)],
        "part_of": [_organization(o) for o in found.parents],
        "parts": [_organization(o) for o in neighbourhood.parts(d, id)],
        "cooperations": [{**_organization(o), "status": o.status, "since": o.since} for o in found.cooperations],
        **{
            name: [{**_organization(o), "roles": o.roles, "status": o.status} for o in getattr(found, name)]
            for name in ("memberships", "members", "funders", "funded")
        },
        "documents": [{"id": x.id, "title": x.title, "date": x.date, "url": address(x.label, x.id)} for x in found.documents],
        "other_ids": found.other_ids,
        "url": url_for("pages.organization", id=id),
    }


@blueprint.get("/organizations/<path:id>/network")
def organization_network(id: str) -> ResponseReturnValue:  # noqa: A002
    """The network picture's data; steps 1 or 2, limit up to 1,000, parts=1 for the organisation with its parts."""
    found = asked_network(derived(), id)
    if found is None:
        return _elsewhere(_moved(id), "api.organization_network")
    return {"id": id, **network.as_json(found)}


@blueprint.get("/suggestions")
def suggestions() -> ResponseReturnValue:
    """Suggestions for ``org`` (an id), or for a newcomer's ``text`` (with ``place`` and ``as``, a kind).

    mode; filters within (km), kind, country, topic and without (several; ids or names); reach (0 to 1); top (10, at most 50) behind offset;
    parts=1 for the organisation with its parts.  ``total`` counts all that were ranked, ``next`` is the address of the next page.
    """
    id_, text = request.args.get("org", ""), request.args.get("text", "").strip()
    if bool(id_) == bool(text):
        abort(400, "org=ID | text=TEXT")
    if mode_of(request.args.get("mode", MODES[0])) is None:
        abort(400, f"mode={'|'.join(MODES)}")
    d = derived()
    if id_ and d.index(id_) is None:
        found = _moved(id_)
        if isinstance(found, Moved):
            values = {**request.args.to_dict(flat=False), "org": found.id}
            return redirect(url_for("api.suggestions", **values), 301)  # type: ignore[arg-type]
        raise pages.missing(found)
    question = chosen(d)
    if question.problem:
        abort(400, question.problem[1])
    top, offset = pages.whole("top", TOP, 1, 50), pages.whole("offset", 0, 0, 10_000)
    if id_:
        answer = suggested(d, id_, **question.options, top=top, skip=offset, parts=pages.rolled_up())
    else:
        kind = Kind(request.args["as"]) if request.args.get("as") in set(Kind) else None
        try:
            newcomer = understand(d, text, kind=kind, place=request.args.get("place", "")).newcomer
        except UsageError as e:
            abort(400, e.text("en"))
        answer = suggest(d, newcomer, **question.options, top=top, skip=offset)
    values = {**request.args.to_dict(flat=False), "offset": [str(offset + top)]}
    return {
        "org": id_,
        "mode": answer.mode,
        "notes": list(answer.notes),
        "loosen": dict(answer.loosen),
        "total": answer.candidates,
        "suggestions": [_suggestion(s) for s in answer.suggestions],
        "next": url_for("api.suggestions", **values) if offset + top < answer.candidates else None,  # type: ignore[arg-type]
    }


@blueprint.get("/consortium")
def consortium() -> ResponseReturnValue:
    """What the ``member``s (several; ids or names) lack for a project about ``topic`` (several), and who would close most of it.

    kind and country (several): what should be there; coordinator=1; only (several): countries to look in.
    """
    args = request.args
    try:
        found = consortium_of(
            derived(),
            args.getlist("member"),
            topics=args.getlist("topic"),
            kinds=args.getlist("kind"),
            countries=args.getlist("country"),
            coordinator=args.get("coordinator") == "1",
            only_countries=args.getlist("only"),
        )
    except UsageError as e:
        abort(400, e.text("en"))
    return asdict(found)


@blueprint.get("/evidence/<path:id>")
def evidence(id: str) -> ResponseReturnValue:  # noqa: A002
    """The quoted row or sentence and where it stands."""
    found = reader().evidence(id)
    if not isinstance(found, EvidenceView):
        raise pages.missing(found)
    return {
        "id": found.id,
        "source": _source(found.source),
        "locator": found.locator,
        "file": found.file,
        "row": found.row,
        "span": found.span,
        "columns": [{"column": c, "value": v} for c, v in found.columns],
        "quote": found.quote,
        "dataset": found.dataset,
        "release": found.release,
        "retrieved": found.retrieved,
        "url": url_for("pages.evidence", id=id),
    }


@blueprint.get("/documents/<path:id>")
def document(id: str) -> ResponseReturnValue:  # noqa: A002
    """A text with its marks and statements, whole; ``held`` is false where this host has only the quoted sentences."""
    found = reader().document(id)
    if not isinstance(found, DocumentPage):
        raise pages.missing(found)
    e, text = found.entity, held(id)
    return {
        "id": e.id,
        "title": e.text("title"),
        "date": e.text("date"),
        "language": (text.language if text else "") or e.text("language"),
        "site": text.site if text else "",
        "address": text.address if text else e.text("url"),
        "retrieved": found.retrieved,
        "sources": [_source(s) for s in e.sources],
        "held": text is not None,
        "text": text.text if text else None,
        "pages": [{"number": n, "start": at} for n, at in text.pages] if text else [],
        "marks": [asdict(m) for m in text.marks if m.tag in TAGS] if text else [],
        "statements": [asdict(s) for s in text.statements] if text else [],
        "sentences": [{"id": s.id, "start": s.place[0], "end": s.place[1], "quote": s.quote} for s in found.sentences],
        "mentions": [{"id": m.id, "label": m.label, "name": m.name, "url": address(m.label, m.id)} for m in found.mentions],
        "url": url_for("pages.document", id=id),
    }


def _moved(id_: str) -> Moved | Gone | None:
    found = reader().locate(id_, Label.ORGANIZATION)
    return None if isinstance(found, dict) else found


def _elsewhere(found: Moved | Gone | None, endpoint: str) -> ResponseReturnValue:
    if isinstance(found, Moved) and found.label == Label.ORGANIZATION:
        return redirect(url_for(endpoint, id=found.id, **request.args.to_dict(flat=False)), 301)  # type: ignore[arg-type]
    raise pages.missing(found)


def _hit(h: Hit) -> dict[str, Any]:
    return {
        "id": h.id,
        "label": h.label,
        "label_name": label_name(h.label),
        "kind": h.kind,
        "kind_name": kind_name(h.kind) if h.kind else "",
        "name": hit_name(h),
        "detail": h.detail,
        "url": url_for({"Organization": "pages.organization", "Project": "pages.project", "Topic": "pages.topic", "Place": "pages.place"}[h.label], id=h.id),
    }


def _source(s: SourceInfo) -> dict[str, Any]:
    return {
        "id": s.id,
        "publisher": s.publisher,
        "homepage": s.homepage,
        "licence": s.licence,
        "licence_url": s.licence_url,
        "attribution": s.attribution,
        "releases": [asdict(r) for r in s.releases],
    }


def _fact(f: Fact) -> dict[str, Any]:
    e = f.evidence
    return {
        "property": f.property,
        "value": f.value,
        "evidence": e.id if e else None,
        "source": e.source.id if e else None,
        "retrieved": e.retrieved if e else None,
    }


def _organization(o: OrganizationRef) -> dict[str, Any]:
    return {
        "id": o.id,
        "name": organization_name(o),
        "kind": o.kind,
        "city": o.city,
        "country": o.country,
        "projects": o.projects,
        "shared_projects": o.shared,
        "evidence": o.evidence,
        "through": [asdict(t) for t in o.through],
        "url": url_for("pages.organization", id=o.id),
    }


def _project(p: ProjectRef) -> dict[str, Any]:
    return {
        "id": p.id,
        "name": project_name(p),
        "title": p.title,
        "acronym": p.acronym,
        "start": p.start,
        "end": p.end,
        "programme": p.programme,
        "roles": p.roles,
        "funding_eur": p.funding_eur,
        "evidence": p.evidence,
        "through": [asdict(t) for t in p.through],
        "url": url_for("pages.project", id=p.id),
    }


def _topic(t: TopicRef) -> dict[str, Any]:
    return {
        "id": t.id,
        "label_de": t.label_de,
        "label_en": t.label_en,
        "scheme": t.scheme,
        "weight": t.weight,
        "projects": t.shared,
        "evidence": t.evidence,
        "url": url_for("pages.topic", id=t.id),
    }


def _suggestion(s: Suggestion) -> dict[str, Any]:
    return {
        "id": s.id,
        "name": s.name,
        "kind": s.kind,
        "city": s.city,
        "country": s.country,
        "score": s.score,
        "distance_km": s.distance_km,
        "website": s.website or None,
        "reasons": [{"feature": r.feature, "contribution": r.contribution, "items": [dict(i) for i in r.items]} for r in s.reasons],
        "url": url_for("pages.organization", id=s.id),
    }
