"""Answers about one node of the graph: organisation and its network, project, topic, place, document, evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from pydantic import ConfigDict, Field

from graph.model import Kind, Label
from graph.reader import Fact as FactRead
from graph.reader import SourceInfo
from web.api.answers import Answer, DocumentEntry, Named, OrganizationLink, OrganizationRow, ProjectRow, TopicRow


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
