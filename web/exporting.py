"""Lists and networks as files to keep: CSV (also for German Excel), JSON, JSON-LD, and GraphML for networks; each with the licences inside.

A CSV file has no room for words about itself, so that every row carries the licences in its last column: a row that is copied into another
table takes them along.  JSON, JSON-LD and GraphML hold the sources once.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
from flask import Response, abort, request

from graph.export.graphml import GraphMl
from graph.export.jsonld import address_at, document, edge_object, node_object, source_object
from graph.export.records import Edge, Node
from graph.model import Label
from graph.neighbourhood import Neighbourhood
from graph.reader import OrganizationRef, ProjectRef, SourceInfo
from graph.tabular import render
from web.addresses import address
from web.language import gettext as _
from web.site import reader
from web.words import organization_name, project_name

MOST: Final = 20_000
"""Rows of a list in a file; more is what `innonet export` is for."""
LIST_FORMS: Final = ("csv", "csv-excel", "json", "jsonld")
NETWORK_FORMS: Final = (*LIST_FORMS, "graphml")
_TYPES: Final = {
    "csv": ("text/csv", "csv"),
    "csv-excel": ("text/csv", "csv"),
    "json": ("application/json", "json"),
    "jsonld": ("application/ld+json", "jsonld"),
    "graphml": ("application/xml", "graphml"),
}


def asked(forms: Collection[str]) -> str:
    """The form that the address asks for, "" for the page itself.  404 for one that there is not."""
    form = request.args.get("format", "")
    if form in ("", "html"):
        return ""
    return form if form in forms else abort(404)


def organizations(found: Sequence[OrganizationRef], form: str, name: str) -> Response:
    """A list of organisations."""
    rows = [
        {
            "id": o.id, "name": organization_name(o), "kind": o.kind or "", "city": o.city, "country": o.country, "projects": o.projects,
            "partners": o.partners, "shared": o.shared, "url": _own(Label.ORGANIZATION, o.id),
        }
        for o in found
    ]  # fmt: skip
    headings = {
        "id": _("Kennung"), "name": _("Name"), "kind": _("Art"), "city": _("Ort"), "country": _("Land"), "projects": _("Projekte"),
        "partners": _("Partner"), "shared": _("Gemeinsam"), "url": _("Adresse"),
    }  # fmt: skip
    return _list(rows, headings, [_organization(o) for o in found], form, name)


def projects(found: Sequence[ProjectRef], form: str, name: str) -> Response:
    """A list of projects."""
    rows = [
        {
            "id": p.id, "title": project_name(p), "acronym": p.acronym, "start": p.start, "end": p.end, "programme": p.programme,
            "funding_eur": p.funding_eur, "participants": p.participants, "url": _own(Label.PROJECT, p.id),
        }
        for p in found
    ]  # fmt: skip
    headings = {
        "id": _("Kennung"), "title": _("Titel"), "acronym": _("Kurzname"), "start": _("Beginn"), "end": _("Ende"), "programme": _("Programm"),
        "funding_eur": _("Förderung in Euro"), "participants": _("Beteiligte"), "url": _("Adresse"),
    }  # fmt: skip
    nodes = [
        Node(
            Label.PROJECT,
            p.id,
            None,
            {"title": p.title, "acronym": p.acronym, "start": p.start, "end": p.end, "programme": p.programme, "funding_eur": p.funding_eur},
        )
        for p in found
    ]
    return _list(rows, headings, nodes, form, name)


def network(found: Neighbourhood, form: str, name: str) -> Response:
    """A network: as CSV its links, one a row; as JSON, JSON-LD and GraphML nodes and links."""
    refs = [n.organization for n in found.nodes]
    if form in ("csv", "csv-excel"):
        rows = [
            {
                "a": refs[e.a].id, "a_name": organization_name(refs[e.a]), "b": refs[e.b].id, "b_name": organization_name(refs[e.b]), "shared": e.shared,
            }
            for e in found.edges
        ]  # fmt: skip
        headings = {"a": _("Kennung"), "a_name": _("Name"), "b": _("Kennung des anderen"), "b_name": _("Name des anderen"), "shared": _("Gemeinsame Projekte")}
        return _list(rows, headings, (), form, name)
    sources = reader().sources()
    nodes = [_organization(o, step=n.step) for o, n in zip(refs, found.nodes, strict=True)]
    edges = [Edge(Label.ORGANIZATION, refs[e.a].id, "COOPERATES_WITH", Label.ORGANIZATION, refs[e.b].id, {"shared": e.shared}) for e in found.edges]
    if form == "graphml":
        buffer = io.BytesIO()
        writer = GraphMl(buffer, directed=False)
        for node in nodes:
            writer.node(node)
        for edge in edges:
            writer.edge(edge)
        writer.close(sources)
        return _kept(buffer.getvalue(), form, name)
    if form == "jsonld":
        to = address_at(request.host_url)
        return _kept(orjson.dumps(document([*(node_object(x, to) for x in nodes), *(edge_object(x, to) for x in edges), *_said(sources)])), form, name)
    body = {
        "sources": [_licence(s) for s in sources],
        "nodes": [{"id": n.id, "kind": n.kind, **n.props, "url": _own(Label.ORGANIZATION, n.id)} for n in nodes],
        "links": [{"a": e.start, "b": e.end, **e.props} for e in edges],
    }
    return _kept(orjson.dumps(body), form, name)


def _list(rows: Sequence[Mapping[str, Any]], headings: Mapping[str, str], nodes: Iterable[Node], form: str, name: str) -> Response:
    sources = reader().sources()
    if form == "jsonld":
        to = address_at(request.host_url)
        return _kept(orjson.dumps(document([*(node_object(x, to) for x in nodes), *_said(sources)])), form, name)
    if form == "json":
        return _kept(orjson.dumps({"sources": [_licence(s) for s in sources], "items": rows}), form, name)
    said = "; ".join(f"{s.attribution or s.title_de or s.id} ({s.licence})" if s.licence else s.attribution or s.title_de or s.id for s in sources)
    headings = {**headings, "licences": _("Quellen und Lizenzen")}
    text = render([{**row, "licences": said} for row in rows], list(headings), form, headings if form == "csv-excel" else {})
    return _kept(text.encode(), form, name)


def _said(sources: Iterable[SourceInfo]) -> list[dict[str, Any]]:
    return [source_object(s, address_at(request.host_url)) for s in sources]


def _licence(s: SourceInfo) -> dict[str, str]:
    return {"id": s.id, "title": s.title_de, "publisher": s.publisher, "licence": s.licence, "licence_url": s.licence_url, "attribution": s.attribution}


def _organization(o: OrganizationRef, **more: Any) -> Node:
    return Node(Label.ORGANIZATION, o.id, o.kind, {"name": organization_name(o), "city": o.city, "country": o.country, **more})


def _own(label: Label, id_: str) -> str:
    return request.host_url.rstrip("/") + address(label, id_)


def _kept(body: bytes, form: str, name: str) -> Response:
    kind, ending = _TYPES[form]
    answer = Response(body, content_type=f"{kind}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="innonet-{name}.{ending}"'
    return answer
