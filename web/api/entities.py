"""One node of the graph: organisation (and its network), project, topic, place, document, evidence."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response

from graph import neighbourhood
from graph.model import Label
from graph.reader import (
    DocumentPage,
    DocumentRef,
    Entity,
    EvidenceView,
    Moved,
    OrganizationPage,
    OrganizationRef,
    PlacePage,
    ProjectPage,
    TopicPage,
)
from web import network, pages
from web.addresses import address
from web.api import answers, described
from web.api.elsewhere import elsewhere, moved, moved_organization
from web.api.endpoints import endpoint
from web.api.questions import NetworkQuestion, PartsQuestion, Question
from web.pages.document import TAGS, held
from web.site import derived, derived_with, reader
from web.words import entity_name

SHOWN = 25
"""Projects and partners that come with an organisation; the lists have all."""


@endpoint("/health", Question, answers.Health, ("Ob die Seite antworten kann", "Whether the site can answer"))
def health(_question: Question) -> answers.Health:
    """200 when the graph database answers and the derived files are there, else 503."""
    reader().sources()
    return answers.Health(status="ok", version=derived().version)


@endpoint("/organizations/<path:id>", PartsQuestion, described.Organization, ("Eine Organisation", "An organisation"))
def organization(question: PartsQuestion, id: str) -> described.Organization | Response:  # noqa: A002  named as in the address
    """Facts with evidence, sources, the first projects and partners, topics, places, parts, cooperations, documents.

    Any id of any of its records leads here (301).  With parts=1 the projects and partners of its parts count as well.
    """
    found = reader().organization(id, projects=SHOWN)
    if not isinstance(found, OrganizationPage):
        return elsewhere(found)
    e = found.entity
    d = derived_with(id)
    rows = neighbourhood.with_parts(d, d.index(id) or 0, parts=question.parts)
    people = neighbourhood.partners(d, id, limit=SHOWN, parts=question.parts)
    projects = reader().projects_of_all(neighbourhood.ids_with_parts(d, id)) if question.parts else found.projects
    return described.Organization(
        id=e.id,
        name=e.text("name"),
        kind=e.kind,
        names=e.names,
        facts=tuple(described.Fact.of(f) for f in e.facts),
        sources=described.Source.all(e.sources),
        evidence=_evidence(e),
        with_parts=question.parts,
        projects=described.SomeProjects(total=len(neighbourhood.projects_of(d, rows)), items=tuple(answers.ProjectRow.of(p) for p in projects)),
        partners=described.SomeOrganizations(total=people.total, items=tuple(answers.OrganizationRow.of(o) for o in people.items)),
        topics=tuple(answers.TopicRow.of(t) for t in found.topics),
        places=tuple(answers.Named.of(Label.PLACE, p) for p in neighbourhood.place_of(d, id)),
        part_of=tuple(answers.OrganizationRow.of(o) for o in found.parents),
        parts=tuple(answers.OrganizationRow.of(o) for o in neighbourhood.parts(d, id)),
        cooperations=_links(found.cooperations),
        memberships=_links(found.memberships),
        members=_links(found.members),
        funders=_links(found.funders),
        funded=_links(found.funded),
        documents=documents(found.documents),
        other_ids=found.other_ids,
        url=address(Label.ORGANIZATION, e.id),
    )


@endpoint("/organizations/<path:id>/network", NetworkQuestion, described.Network, ("Das Netzwerk einer Organisation", "The network of an organisation"))
def organization_network(question: NetworkQuestion, id: str) -> described.Network | Response:  # noqa: A002
    """Organisations within one or two steps, the links between them, and where each stands in the picture."""
    found = network.drawn(derived(), id, steps=question.steps, limit=question.limit, parts=question.parts)
    if found is None:
        there = moved_organization(id)
        if isinstance(there, Moved) and there.label == Label.ORGANIZATION:
            return moved("api.organization_network", id=there.id)
        raise pages.missing(there)
    return described.Network.model_validate({"id": id, **network.as_json(found)})


@endpoint("/projects/<path:id>", Question, described.Project, ("Ein Projekt", "A project"))
def project(_question: Question, id: str) -> described.Project | Response:  # noqa: A002
    """Facts with evidence, participants with their roles, topics, places, funders, documents."""
    found = reader().project(id)
    if not isinstance(found, ProjectPage):
        return elsewhere(found)
    e = found.entity
    return described.Project(
        id=e.id,
        name=entity_name(e),
        facts=tuple(described.Fact.of(f) for f in e.facts),
        sources=described.Source.all(e.sources),
        evidence=_evidence(e),
        participants=_links(found.participants),
        topics=tuple(answers.TopicRow.of(t) for t in found.topics),
        places=tuple(answers.Named.of(Label.PLACE, p) for p in found.places),
        funders=_links(found.funders),
        parts=tuple(answers.ProjectRow.of(p) for p in found.parts),
        documents=documents(found.documents),
        url=address(Label.PROJECT, e.id),
    )


@endpoint("/topics/<path:id>", Question, described.Topic, ("Ein Thema", "A topic"))
def topic(_question: Question, id: str) -> described.Topic | Response:  # noqa: A002
    """Labels, facts, broader and narrower topics.  Who works on it: /organizations?topic=ID."""
    found = reader().topic(id, limit=1)
    if not isinstance(found, TopicPage):
        return elsewhere(found)
    e, d = found.entity, derived()
    row = d.index(id, Label.TOPIC)
    return described.Topic(
        id=e.id,
        label_de=found.ref.label_de,
        label_en=found.ref.label_en,
        facts=tuple(described.Fact.of(f) for f in e.facts),
        sources=described.Source.all(e.sources),
        broader=tuple(answers.TopicRow.of(t) for t in found.broader),
        narrower=tuple(answers.TopicRow.of(t) for t in found.narrower),
        organizations=0 if row is None else len(d.topic_org.row(row)),
        projects=0 if row is None else len(d.topic_project.row(row)),
        documents=documents(found.documents),
        url=address(Label.TOPIC, e.id),
    )


@endpoint("/places/<path:id>", Question, described.Place, ("Ein Ort", "A place"))
def place(_question: Question, id: str) -> described.Place | Response:  # noqa: A002
    """Facts, what it lies in, what lies in it.  Who is there: /organizations?place=ID."""
    found = reader().place(id)
    if not isinstance(found, PlacePage):
        return elsewhere(found)
    e, d = found.entity, derived()
    return described.Place(
        id=e.id,
        name=entity_name(e),
        facts=tuple(described.Fact.of(f) for f in e.facts),
        sources=described.Source.all(e.sources),
        above=tuple(answers.Named.of(Label.PLACE, p) for p in neighbourhood.above(d, id)),
        below=tuple(answers.Named.of(Label.PLACE, p) for p in found.below),
        organizations=neighbourhood.in_place(d, id, limit=0).total,
        url=address(Label.PLACE, e.id),
    )


@endpoint("/documents/<path:id>", Question, described.Document, ("Ein Dokument", "A document"))
def document(_question: Question, id: str) -> described.Document | Response:  # noqa: A002
    """A text with its marks and statements, whole; `held` is false where this host has only the quoted sentences."""
    found = reader().document(id)
    if not isinstance(found, DocumentPage):
        return elsewhere(found)
    e, text = found.entity, held(id)
    return described.Document(
        id=e.id,
        title=e.text("title"),
        date=e.text("date"),
        language=(text.language if text else "") or e.text("language"),
        site=text.site if text else "",
        address=text.address if text else e.text("url"),
        retrieved=found.retrieved,
        sources=described.Source.all(e.sources),
        held=text is not None,
        text=text.text if text else None,
        pages=tuple(described.TextPage(number=n, start=at) for n, at in text.pages) if text else (),
        marks=tuple(described.Mark(**asdict(m)) for m in text.marks if m.tag in TAGS) if text else (),
        statements=tuple(described.Statement(**asdict(s)) for s in text.statements) if text else (),
        sentences=tuple(described.Sentence(id=s.id, start=s.place[0], end=s.place[1], quote=s.quote) for s in found.sentences),
        mentions=tuple(described.Mention(id=m.id, label=m.label, name=m.name, url=address(m.label, m.id)) for m in found.mentions),
        url=address(Label.DOCUMENT, id),
    )


@endpoint("/evidence/<path:id>", Question, described.Evidence, ("Ein Beleg", "A piece of evidence"))
def evidence(_question: Question, id: str) -> described.Evidence:  # noqa: A002
    """The quoted row or sentence and where it stands."""
    found = reader().evidence(id)
    if not isinstance(found, EvidenceView):
        raise pages.missing(found)
    return described.Evidence(
        id=found.id,
        source=described.Source.model_validate(found.source),
        locator=found.locator,
        file=found.file,
        row=found.row,
        span=found.span,
        columns=tuple(described.Column(column=c, value=v) for c, v in found.columns),
        quote=found.quote,
        dataset=found.dataset,
        release=found.release,
        retrieved=found.retrieved,
        url=address(Label.EVIDENCE, id),
    )


def _evidence(e: Entity) -> described.SomeEvidence:
    return described.SomeEvidence(total=e.evidence_total, items=tuple(x.id for x in e.evidence))


def _links(found: tuple[OrganizationRef, ...]) -> tuple[answers.OrganizationLink, ...]:
    return tuple(answers.OrganizationLink.linked(o) for o in found)


def documents(found: tuple[DocumentRef, ...]) -> tuple[answers.DocumentEntry, ...]:
    """Texts as rows of a list."""
    return tuple(answers.DocumentEntry(id=x.id, title=x.title, date=x.date, language=x.language, url=address(Label.DOCUMENT, x.id)) for x in found)
