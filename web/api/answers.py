"""What is answered: one model for each shape.  The document about the interface is made from these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from graph.model import Kind, Label
from graph.model import Suggestion as Ranked
from graph.reader import Fact as FactRead
from graph.reader import OrganizationRef, PlaceRef, ProjectRef, SourceInfo, TopicRef
from graph.search import Hit as Found
from web.addresses import address
from web.language import language
from web.words import kind_name, label_name, organization_name, project_name


def _open(schema: dict[str, Any]) -> None:
    """Later answers may say more: a program must not refuse what it does not know yet."""
    schema.pop("additionalProperties", None)


class Answer(BaseModel):
    """An answer or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True, use_attribute_docstrings=True, json_schema_extra=_open)

    cache: ClassVar[str] = "public, no-cache"


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


class Release(Answer):
    """A release of a source that was read."""

    dataset: str
    release: str
    retrieved: str


class Source(Answer):
    """Who publishes something under which licence."""

    id: str
    publisher: str
    homepage: str
    licence: str
    licence_url: str
    attribution: str
    releases: tuple[Release, ...]

    @classmethod
    def all(cls, found: Iterable[SourceInfo]) -> tuple[Self, ...]:
        """From what the graph knows."""
        return tuple(cls.model_validate(s) for s in found)


class Fact(Answer):
    """A property with the evidence that says so; none where it follows from others."""

    property: str
    value: str | int | float | bool | tuple[str, ...]
    evidence: str | None
    source: str | None
    retrieved: str | None

    @classmethod
    def of(cls, f: FactRead) -> Self:
        """From what the graph knows."""
        e = f.evidence
        return cls(
            property=f.property,
            value=f.value,
            evidence=e.id if e else None,
            source=e.source.id if e else None,
            retrieved=e.retrieved if e else None,
        )


class SomeEvidence(Answer):
    """Ids of some pieces of evidence, and how many there are."""

    total: int
    items: tuple[str, ...]


class SomeProjects(Answer):
    """The first projects, and how many there are."""

    total: int
    items: tuple[ProjectRow, ...]


class SomeOrganizations(Answer):
    """The first organisations, and how many there are."""

    total: int
    items: tuple[OrganizationRow, ...]


class Organization(Answer):
    """An organisation with all that hangs on it."""

    id: str
    name: str
    kind: Kind | None
    names: tuple[str, ...]
    facts: tuple[Fact, ...]
    sources: tuple[Source, ...]
    evidence: SomeEvidence
    with_parts: bool
    projects: SomeProjects
    partners: SomeOrganizations
    topics: tuple[TopicRow, ...]
    places: tuple[Named, ...]
    """Where it is, the smallest first"""
    part_of: tuple[OrganizationRow, ...]
    parts: tuple[OrganizationRow, ...]
    cooperations: tuple[OrganizationLink, ...]
    memberships: tuple[OrganizationLink, ...]
    members: tuple[OrganizationLink, ...]
    funders: tuple[OrganizationLink, ...]
    funded: tuple[OrganizationLink, ...]
    documents: tuple[DocumentEntry, ...]
    other_ids: tuple[str, ...]
    url: str


class Project(Answer):
    """A project: who takes part, what it is about."""

    id: str
    name: str
    facts: tuple[Fact, ...]
    sources: tuple[Source, ...]
    evidence: SomeEvidence
    participants: tuple[OrganizationLink, ...]
    topics: tuple[TopicRow, ...]
    places: tuple[Named, ...]
    funders: tuple[OrganizationLink, ...]
    parts: tuple[ProjectRow, ...]
    documents: tuple[DocumentEntry, ...]
    url: str


class Topic(Answer):
    """A topic with the broader and narrower ones; its organisations are `/organizations?topic=`."""

    id: str
    label_de: str
    label_en: str
    facts: tuple[Fact, ...]
    sources: tuple[Source, ...]
    broader: tuple[TopicRow, ...]
    narrower: tuple[TopicRow, ...]
    organizations: int
    projects: int
    documents: tuple[DocumentEntry, ...]
    url: str


class Place(Answer):
    """A place with what it lies in and what lies in it; its organisations are `/organizations?place=`."""

    id: str
    name: str
    facts: tuple[Fact, ...]
    sources: tuple[Source, ...]
    above: tuple[Named, ...]
    below: tuple[Named, ...]
    organizations: int
    url: str


class Column(Answer):
    """One cell of a row of a source."""

    column: str
    value: str


class Evidence(Answer):
    """The quoted row or sentence and where it stands."""

    id: str
    source: Source
    locator: str
    file: str
    row: str
    span: str
    columns: tuple[Column, ...]
    quote: str
    dataset: str
    release: str
    retrieved: str
    url: str


class Mark(Answer):
    """A name or topic in a text, from which character to which."""

    start: int
    end: int
    tag: str
    record: str
    score: float
    found: str


class Statement(Answer):
    """What a sentence of a text says of two nodes."""

    type: str
    head: str
    head_name: str
    tail: str
    tail_name: str
    status: str
    role: str
    start: int
    end: int
    evidence: str
    confidence: float
    rule: str


class Sentence(Answer):
    """A quoted sentence, from which character to which."""

    id: str
    start: int
    end: int
    quote: str


class TextPage(Answer):
    """Where a page of a PDF begins."""

    number: int
    start: int


class Mention(Answer):
    """A node that a text names."""

    id: str
    label: Label
    name: str
    url: str


class Document(Answer):
    """A text with its marks and statements; ``text`` is null where this host has only the quoted sentences."""

    id: str
    title: str
    date: str
    language: str
    site: str
    address: str
    retrieved: str
    sources: tuple[Source, ...]
    held: bool
    text: str | None
    pages: tuple[TextPage, ...]
    marks: tuple[Mark, ...]
    statements: tuple[Statement, ...]
    sentences: tuple[Sentence, ...]
    mentions: tuple[Mention, ...]
    url: str


class ReasonItem(Answer):
    """What a reason rests on: a partner, topic, project or place with its evidence; some say more (projects, words, start, distance_km, through)."""

    model_config = ConfigDict(extra="allow")

    id: str = ""
    name: str = ""
    label: str = ""
    evidence: tuple[str, ...] = ()


class Reason(Answer):
    """A part of the score."""

    feature: str
    contribution: float
    """Part of the score, 0 to 1"""
    items: tuple[ReasonItem, ...]


class Suggestion(Answer):
    """Somebody who could be a partner, with the reasons."""

    id: str
    name: str
    kind: Kind | None
    city: str
    country: str
    score: float
    """Higher is better; comparable within one answer only"""
    distance_km: float | None
    website: str | None
    reasons: tuple[Reason, ...]
    url: str

    @classmethod
    def of(cls, s: Ranked) -> Self:
        """From what was ranked."""
        return cls(
            id=s.id,
            name=s.name,
            kind=s.kind,
            city=s.city,
            country=s.country,
            score=s.score,
            distance_km=s.distance_km,
            website=s.website or None,
            reasons=tuple(
                Reason(feature=r.feature, contribution=r.contribution, items=tuple(ReasonItem.model_validate(i) for i in r.items)) for r in s.reasons
            ),
            url=address(Label.ORGANIZATION, s.id),
        )


class SuggestionList(Page):
    """Suggestions, best first."""

    columns = ("id", "name", "kind", "city", "country", "score", "distance_km", "website", "url")
    org: str
    """Id of who asked; empty for a newcomer"""
    mode: str
    notes: tuple[str, ...]
    """What the suggestions rest on"""
    loosen: dict[str, int]
    """Where the filters leave nobody: how many come back without each"""
    items: tuple[Suggestion, ...]


class Rule(Answer):
    """A rule that keeps somebody out."""

    code: str
    text: str


class Compared(Answer):
    """What a reason gives to the two scores, as parts of the higher one."""

    reason: str
    first: float
    second: float


class WhyNot(Answer):
    """Why one organisation is not among the first suggestions for another."""

    org: str
    other: str
    against: tuple[Rule, ...]
    filtered: tuple[str, ...]
    """Filters that keep it out"""
    projects: int
    """Projects that the two have together"""
    rank: int
    of: int
    suggestion: Suggestion
    last: Suggestion | None
    """The last one of the first ten; null where it stands among them"""
    compared: tuple[Compared, ...]
    thin: tuple[str, ...]
    """How little is known of it"""


class Member(Answer):
    """A member of a consortium."""

    id: str
    name: str


class Need(Answer):
    """One thing that the consortium should have."""

    what: str
    key: str
    name: str
    name_en: str
    weight: float
    asked: bool
    members: tuple[str, ...]
    """Ids of those who bring it"""


class Brings(Answer):
    """A need that somebody closes."""

    need: Need
    evidence: tuple[str, ...]


class Alternative(Answer):
    """Somebody who would add nearly as much."""

    id: str
    name: str
    gain: float


class Pick(Answer):
    """Whom to ask, in the order of the greedy choice."""

    id: str
    name: str
    kind: Kind | None
    city: str
    country: str
    brings: tuple[Brings, ...]
    gain: float
    covered: float
    alternatives: tuple[Alternative, ...]


class Consortium(Answer):
    """What a consortium has and lacks."""

    members: tuple[Member, ...]
    needs: tuple[Need, ...]
    covered: float
    """Part of the needs' weight that the members cover, 0 to 1"""
    picks: tuple[Pick, ...]
    nobody: tuple[Need, ...]
    """Needs that nobody here would close"""
    projects: int
    """Comparable projects that were looked at"""


class NetworkNode(Answer):
    """A node of the picture, as vis-network takes it; ``key`` is the organisation's id."""

    model_config = ConfigDict(extra="allow")

    id: int
    key: str
    name: str
    kind: str
    step: int
    """0 the organisation itself, 1 partners, 2 their partners"""
    shared: int
    x: int
    y: int
    url: str


class NetworkEdge(Answer):
    """A link between two nodes by their numbers."""

    model_config = ConfigDict(extra="allow")

    start: int = Field(alias="from")
    to: int
    shared: int


class Network(Answer):
    """The network around an organisation, with positions."""

    model_config = ConfigDict(extra="allow")

    id: str
    nodes: tuple[NetworkNode, ...]
    edges: tuple[NetworkEdge, ...]
    steps: int
    shown: int
    total: int
    edges_shown: int
    edges_total: int
    version: str
