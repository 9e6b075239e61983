"""JSON-LD of a page's entity, at the page's own address: for who asks with Accept: application/ld+json, or with format=jsonld.

The same words as `innonet export --format jsonld` (graph/export/jsonld.py), with the evidence and the sources of the entity and their licences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import orjson
from flask import Response, request, url_for

from graph.export.jsonld import address_at, document, edge_object, node_object, source_object
from graph.export.records import Edge, Node
from graph.model import Label
from graph.reader import Entity, EvidenceView, OrganizationPage, OrganizationRef, PlacePage, ProjectPage, SourceInfo, TopicPage

MEDIA: Final = "application/ld+json"
PAGES: Final = frozenset(("pages.organization", "pages.project", "pages.topic", "pages.place", "pages.evidence"))
"""Pages that answer in both ways."""


def wanted() -> bool:
    """Whether the request asks for JSON-LD rather than for the page."""
    if form := request.args.get("format"):
        return form == "jsonld"
    return request.accept_mimetypes.best_match(["text/html", MEDIA]) == MEDIA


def address() -> str:
    """Where this page's entity is as JSON-LD; "" on a page without one."""
    if request.endpoint not in PAGES or request.routing_exception is not None:
        return ""
    return url_for(request.endpoint or "", **(request.view_args or {}), format="jsonld")


def vary(response: Response) -> None:
    """Say that the answer depends on what is accepted."""
    if request.endpoint in PAGES:
        response.vary.add("Accept")


def page(found: OrganizationPage | ProjectPage | TopicPage | PlacePage) -> Response:
    """An entity, its links as the page shows them, its evidence and its sources."""
    e = found.entity
    shown = {v.id: v for v in e.evidence}
    return _answer(_node(e), _edges(found), shown.values(), {s.id: s for s in (*e.sources, *(v.source for v in shown.values()))}.values())


def evidence(found: EvidenceView) -> Response:
    """A piece of evidence with its source."""
    return _answer(_proof(found), (), (), (found.source,))


def _answer(node: Node, edges: Iterable[Edge], proofs: Iterable[EvidenceView], sources: Iterable[SourceInfo]) -> Response:
    to = address_at(request.host_url)
    objects = [
        node_object(node, to),
        *(edge_object(x, to) for x in edges),
        *(node_object(_proof(v), to) for v in proofs),
        *(source_object(s, to) for s in sources),
    ]
    return Response(orjson.dumps(document(objects)), mimetype=MEDIA)


def _node(e: Entity) -> Node:
    return Node(e.label, e.id, e.kind, {k: v for k, v in e.props.items() if k != "id"})


def _proof(v: EvidenceView) -> Node:
    return Node(
        Label.EVIDENCE, v.id, None, {"quote": v.quote, "locator": v.locator, "release": v.release, "source": v.source.id, "licence_url": v.source.licence_url}
    )


def _edges(found: OrganizationPage | ProjectPage | TopicPage | PlacePage) -> Iterator[Edge]:
    id_ = found.entity.id
    match found:
        case OrganizationPage():
            for p in found.projects:
                props = {"roles": list(p.roles), "funding_eur": p.funding_eur, "evidence": list(p.evidence)}
                yield Edge(Label.ORGANIZATION, id_, "PARTICIPATES_IN", p.label, p.id, props)
            for t in found.topics:
                yield Edge(Label.ORGANIZATION, id_, "WORKS_ON", Label.TOPIC, t.id)
            yield from _of(id_, "PART_OF", found.parents)
            yield from _of(id_, "COOPERATES_WITH", found.cooperations)
        case ProjectPage():
            for o in found.participants:
                props = {"roles": list(o.roles), "funding_eur": o.funding_eur, "evidence": list(o.evidence)}
                yield Edge(Label.ORGANIZATION, o.id, "PARTICIPATES_IN", Label.PROJECT, id_, props)
            for t in found.topics:
                yield Edge(Label.PROJECT, id_, "ABOUT", Label.TOPIC, t.id)
        case TopicPage():
            for t in found.broader:
                yield Edge(Label.TOPIC, id_, "BROADER", Label.TOPIC, t.id)
            for t in found.narrower:
                yield Edge(Label.TOPIC, t.id, "BROADER", Label.TOPIC, id_)
        case PlacePage():
            for inner in found.below:
                yield Edge(Label.PLACE, inner.id, "WITHIN", Label.PLACE, id_)


def _of(id_: str, type_: str, others: Sequence[OrganizationRef]) -> Iterator[Edge]:
    for o in others:
        yield Edge(Label.ORGANIZATION, id_, type_, Label.ORGANIZATION, o.id, {"evidence": list(o.evidence)})
