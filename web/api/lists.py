"""Lists, a page at a time: search, organisations, projects, topics, places, documents, partners and projects of an organisation."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Any

from flask import Response, request, url_for

from graph import listing, neighbourhood
from graph.derived import Derived
from graph.model import Label
from graph.reader import Entity, Moved, ProjectRef
from web import pages
from web.addresses import address
from web.api import answers, cursor
from web.api.elsewhere import known, moved
from web.api.endpoints import endpoint
from web.api.entities import documents as document_rows
from web.api.questions import (
    ListQuestion,
    OrganizationsQuestion,
    PartsListQuestion,
    PlacesQuestion,
    ProjectsQuestion,
    SearchQuestion,
    TopicsQuestion,
)
from web.pages.start import Asked, facet_name
from web.site import derived, derived_with, reader
from web.words import project_name


@dataclass(frozen=True, slots=True)
class Part:
    """Which rows of a list a question asks for."""

    question: ListQuestion
    skip: int
    version: str

    def of(self, total: int) -> dict[str, Any]:
        """``total`` and ``next`` of the answer."""
        after = self.skip + self.question.limit
        return {"total": total, "next": self._address(after) if after < total else None}

    def rows(self, found: listing.Rows) -> list[int]:
        """Those of all rows that are asked for."""
        rows: list[int] = found[self.skip : self.skip + self.question.limit].tolist()
        return rows

    def _address(self, after: int) -> str:
        word = cursor.written(after, self.question.model_dump(mode="json"), request.path, self.version)
        return url_for(request.endpoint or "", **{**(request.view_args or {}), **request.args.to_dict(flat=False), "cursor": word})


def part(question: ListQuestion, d: Derived) -> Part:
    """Reads the cursor.  Raises Refusal."""
    return Part(question, cursor.read(question.cursor, question.model_dump(mode="json"), request.path, d.version), d.version)


@endpoint("/search", SearchQuestion, answers.HitList, ("Suche", "Search"))
def search(question: SearchQuestion) -> answers.HitList:
    """Organisations, projects, topics and places by name, id or identifier, best first; umlauts, beginnings and typing errors are understood."""
    d = derived()
    p = part(question, d)
    text = " ".join(question.q.split())
    wanted = Asked(
        text,
        Label(question.label) if question.label else None,
        question.kind,
        known(d, "city", question.city, Label.PLACE),
        known(d, "topic", question.topic, Label.TOPIC),
    )
    result = wanted.run(d, limit=question.limit, offset=p.skip, facets=question.facets)
    facets = {f: tuple(answers.FacetCount(id=k, name=facet_name(d, f, k), count=n) for k, n in v.items()) for f, v in result.facets.items()}
    return answers.HitList(query=text, items=tuple(answers.Hit.of(h) for h in result.hits), facets=facets if question.facets else None, **p.of(result.total))


@endpoint("/organizations", OrganizationsQuestion, answers.OrganizationList, ("Organisationen", "Organisations"))
def organizations(question: OrganizationsQuestion) -> answers.OrganizationList:
    """All that pass the filters, most projects first."""
    d = derived()
    p = part(question, d)
    rows = listing.organizations(
        d,
        kinds=question.kind,
        place=known(d, "place", question.place, Label.PLACE),
        topic=known(d, "topic", question.topic, Label.TOPIC),
        countries=question.country,
    )
    items = tuple(answers.OrganizationRow.of(neighbourhood.organization(d, r)) for r in p.rows(rows))
    return answers.OrganizationList(items=items, **p.of(len(rows)))


@endpoint("/organizations/<path:id>/partners", PartsListQuestion, answers.PartnerList, ("Partner einer Organisation", "Partners of an organisation"))
def organization_partners(question: PartsListQuestion, id: str) -> answers.PartnerList | Response:  # noqa: A002  named as in the address
    """Who is in the same projects, most common projects first."""
    there = _there(id, "api.organization_partners")
    if there is not None:
        return there
    d = derived_with(id)
    p = part(question, d)
    found = neighbourhood.partners(d, id, parts=question.parts, skip=p.skip, limit=question.limit)
    return answers.PartnerList(items=tuple(answers.OrganizationRow.of(o) for o in found.items), **p.of(found.total))


@endpoint(
    "/organizations/<path:id>/projects", PartsListQuestion, answers.OrganizationProjectList, ("Projekte einer Organisation", "Projects of an organisation")
)
def organization_projects(question: PartsListQuestion, id: str) -> answers.OrganizationProjectList | Response:  # noqa: A002
    """Its projects with its roles, funding and evidence."""
    there = _there(id, "api.organization_projects")
    if there is not None:
        return there
    d = derived_with(id)
    p = part(question, d)
    if question.parts:
        found = reader().projects_of_all(neighbourhood.ids_with_parts(d, id), skip=p.skip, limit=question.limit)
    else:
        found = reader().projects_of(id, skip=p.skip, limit=question.limit)
    total = len(neighbourhood.projects_of(d, neighbourhood.with_parts(d, d.index(id) or 0, parts=question.parts)))
    return answers.OrganizationProjectList(items=tuple(answers.ProjectRow.of(x) for x in found), **p.of(total))


@endpoint("/projects", ProjectsQuestion, answers.ProjectList, ("Projekte", "Projects"))
def projects(question: ProjectsQuestion) -> answers.ProjectList:
    """All that pass the filters, those begun last first."""
    d = derived()
    p = part(question, d)
    rows = listing.projects(d, topic=known(d, "topic", question.topic, Label.TOPIC), since=question.since, until=question.until)
    base = d.base[Label.PROJECT]
    items = []
    for r in p.rows(rows):
        id_, start = d.ids[base + r], listing.began(d, r)
        name = project_name(ProjectRef(id_, d.names[base + r], start=start))
        items.append(answers.ProjectEntry(id=id_, name=name, start=start, participants=len(d.project_org.row(r)), url=address(Label.PROJECT, id_)))
    return answers.ProjectList(items=tuple(items), **p.of(len(rows)))


@endpoint("/topics", TopicsQuestion, answers.TopicList, ("Themen", "Topics"))
def topics(question: TopicsQuestion) -> answers.TopicList:
    """All, or those narrower than one, those of most organisations first."""
    d = derived()
    p = part(question, d)
    rows = listing.topics(d, within=known(d, "within", question.within, Label.TOPIC))
    base = d.base[Label.TOPIC]
    items = tuple(
        answers.TopicEntry(
            id=d.ids[base + r],
            label_de=d.names[base + r],
            label_en=d.names_en[base + r] or d.names[base + r],
            organizations=len(d.topic_org.row(r)),
            projects=len(d.topic_project.row(r)),
            url=address(Label.TOPIC, d.ids[base + r]),
        )
        for r in p.rows(rows)
    )
    return answers.TopicList(items=items, **p.of(len(rows)))


@endpoint("/places", PlacesQuestion, answers.PlaceList, ("Orte", "Places"))
def places(question: PlacesQuestion) -> answers.PlaceList:
    """All, or those within one, in the order of their ids."""
    d = derived()
    p = part(question, d)
    rows = listing.places(d, within=known(d, "within", question.within, Label.PLACE))
    items = []
    for r in p.rows(rows):
        id_ = d.id_of(Label.PLACE, r)
        items.append(
            answers.PlaceEntry(
                id=id_,
                name=d.name_of(Label.PLACE, r),
                lat=_degrees(d.place_lat[r]),
                lon=_degrees(d.place_lon[r]),
                organizations=len(listing.organizations_in(d, id_)),
                url=address(Label.PLACE, id_),
            )
        )
    return answers.PlaceList(items=tuple(items), **p.of(len(rows)))


@endpoint("/documents", ListQuestion, answers.DocumentList, ("Dokumente", "Documents"))
def documents(question: ListQuestion) -> answers.DocumentList:
    """All texts, the newest first."""
    p = part(question, derived())
    found, total = reader().documents(skip=p.skip, limit=question.limit)
    return answers.DocumentList(items=document_rows(found), **p.of(total))


def _there(id_: str, name: str) -> Response | None:
    """None for an organisation; where its node is now; raises for one that is gone or unknown."""
    found = reader().entity(id_, Label.ORGANIZATION, evidence_limit=0)
    if isinstance(found, Entity):
        return None
    if isinstance(found, Moved) and found.label == Label.ORGANIZATION:
        return moved(name, id=found.id)
    raise pages.missing(found)


def _degrees(value: float) -> float | None:
    """Four digits (ten metres) of what is kept in single precision; None if unknown."""
    return None if isnan(value) else round(float(value), 4)
