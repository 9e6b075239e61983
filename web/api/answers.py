"""What is answered: what all answers have in common, rows and lists.  The document about the interface is made from these.

Nodes of the graph: described.py; suggestions and consortia: suggested.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict

from graph.model import Kind, Label
from graph.reader import OrganizationRef, PlaceRef, ProjectRef, TopicRef
from graph.search import Hit as Found
from web.addresses import address
from web.language import language
from web.words import kind_name, label_name, organization_name, project_name

USUAL: Final = "public, no-cache"
"""May be kept by anybody, if they ask each time whether it still holds: an opinion or a load changes answers at once."""


def _open(schema: dict[str, Any]) -> None:
    """Later answers may say more: a program must not refuse what it does not know yet."""
    schema.pop("additionalProperties", None)


class Answer(BaseModel):
    """An answer or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True, use_attribute_docstrings=True, json_schema_extra=_open)

    cache: ClassVar[str] = USUAL


class Page(Answer):
    """A part of a list.  ``items`` is declared by each list."""

    columns: ClassVar[tuple[str, ...]]

    total: int
    """Rows of the whole list"""
    next: str | None
    """Address of the next page; null on the last one"""
    items: Sequence[Any]


class Health(Answer):
    """The site can answer."""

    cache: ClassVar[str] = "no-store"

    status: str
    version: str
    """State of the graph"""


class Through(Answer):
    """The part of an organisation that a row comes from."""

    id: str
    name: str
    projects: int


class Named(Answer):
    """A node by its name."""

    id: str
    name: str
    url: str

    @classmethod
    def of(cls, label: Label, found: PlaceRef) -> Self:
        """From a row of a list."""
        return cls(id=found.id, name=found.name, url=address(label, found.id))


class OrganizationRow(Answer):
    """An organisation in a list."""

    id: str
    name: str
    kind: Kind | None
    city: str
    country: str
    """ISO 3166, two letters; empty if unknown"""
    projects: int
    partners: int
    shared_projects: int
    """Projects in common with what the list is about"""
    evidence: tuple[str, ...]
    """Ids of evidence"""
    through: tuple[Through, ...]
    url: str
    """Page for people"""

    @classmethod
    def of(cls, o: OrganizationRef, **more: Any) -> Self:
        """From what the graph knows."""
        return cls(
            id=o.id,
            name=organization_name(o),
            kind=o.kind,
            city=o.city,
            country=o.country,
            projects=o.projects,
            partners=o.partners,
            shared_projects=o.shared,
            evidence=o.evidence,
            through=tuple(Through.model_validate(t) for t in o.through),
            url=address(Label.ORGANIZATION, o.id),
            **more,
        )


class OrganizationLink(OrganizationRow):
    """An organisation in a certain relation: with which roles, in what state, since when."""

    roles: tuple[str, ...]
    status: str
    since: str

    @classmethod
    def linked(cls, o: OrganizationRef) -> Self:
        """From what the graph knows."""
        return cls.of(o, roles=o.roles, status=o.status, since=o.since)


class ProjectRow(Answer):
    """A project in a list of an organisation."""

    id: str
    name: str
    title: str
    acronym: str
    start: str
    """ISO date or year; empty if unknown"""
    end: str
    programme: str
    roles: tuple[str, ...]
    funding_eur: float | None
    evidence: tuple[str, ...]
    through: tuple[Through, ...]
    url: str

    @classmethod
    def of(cls, p: ProjectRef) -> Self:
        """From what the graph knows."""
        return cls(
            id=p.id,
            name=project_name(p),
            title=p.title,
            acronym=p.acronym,
            start=p.start,
            end=p.end,
            programme=p.programme,
            roles=p.roles,
            funding_eur=p.funding_eur,
            evidence=p.evidence,
            through=tuple(Through.model_validate(t) for t in p.through),
            url=address(Label.PROJECT, p.id),
        )


class ProjectEntry(Answer):
    """A project in the list of all."""

    id: str
    name: str
    start: str
    """ISO date; empty if unknown"""
    participants: int
    url: str


class TopicRow(Answer):
    """A topic in a list of one node."""

    id: str
    label_de: str
    label_en: str
    scheme: str
    weight: float
    """How much of the work is about it, 0 to 1"""
    projects: int
    evidence: tuple[str, ...]
    url: str

    @classmethod
    def of(cls, t: TopicRef) -> Self:
        """From what the graph knows."""
        return cls(
            id=t.id,
            label_de=t.label_de,
            label_en=t.label_en,
            scheme=t.scheme,
            weight=t.weight,
            projects=t.shared,
            evidence=t.evidence,
            url=address(Label.TOPIC, t.id),
        )


class TopicEntry(Answer):
    """A topic in the list of all."""

    id: str
    label_de: str
    label_en: str
    organizations: int
    projects: int
    url: str


class PlaceEntry(Answer):
    """A place in the list of all; its organisations are those in it and in what lies in it."""

    id: str
    name: str
    lat: float | None
    lon: float | None
    organizations: int
    url: str


class DocumentEntry(Answer):
    """A text in a list."""

    id: str
    title: str
    date: str
    """ISO date; empty if unknown"""
    language: str
    url: str


class OrganizationList(Page):
    """Organisations."""

    columns = ("id", "name", "kind", "city", "country", "projects", "partners", "url")
    items: tuple[OrganizationRow, ...]


class PartnerList(Page):
    """Partners of an organisation, most common projects first."""

    columns = ("id", "name", "kind", "city", "country", "projects", "partners", "shared_projects", "url")
    items: tuple[OrganizationRow, ...]


class OrganizationProjectList(Page):
    """Projects of an organisation."""

    columns = ("id", "name", "title", "acronym", "start", "end", "programme", "roles", "funding_eur", "evidence", "url")
    items: tuple[ProjectRow, ...]


class ProjectList(Page):
    """Projects, those begun last first."""

    columns = ("id", "name", "start", "participants", "url")
    items: tuple[ProjectEntry, ...]


class TopicList(Page):
    """Topics, those of most organisations first."""

    columns = ("id", "label_de", "label_en", "organizations", "projects", "url")
    items: tuple[TopicEntry, ...]


class PlaceList(Page):
    """Places, in the order of their ids."""

    columns = ("id", "name", "lat", "lon", "organizations", "url")
    items: tuple[PlaceEntry, ...]


class DocumentList(Page):
    """Texts, the newest first."""

    columns = ("id", "title", "date", "language", "url")
    items: tuple[DocumentEntry, ...]


class Hit(Answer):
    """One found node."""

    id: str
    label: Label
    label_name: str
    kind: Kind | None
    kind_name: str
    name: str
    detail: str
    url: str

    @classmethod
    def of(cls, h: Found) -> Self:
        """From what the search found."""
        return cls(
            id=h.id,
            label=h.label,
            label_name=label_name(h.label),
            kind=h.kind,
            kind_name=kind_name(h.kind) if h.kind else "",
            name=(h.name_en if language() == "en" and h.name_en else h.name) or h.id,
            detail=h.detail,
            url=address(h.label, h.id),
        )


class FacetCount(Answer):
    """How many hits a value of a filter would leave."""

    id: str
    name: str
    count: int


class HitList(Page):
    """Hits, best first."""

    columns = ("id", "label", "kind", "name", "detail", "url")
    query: str
    items: tuple[Hit, ...]
    facets: dict[str, tuple[FacetCount, ...]] | None
    """By filter; null unless asked for"""
