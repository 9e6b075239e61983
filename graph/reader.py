"""What the site and the interface for programs ask the graph: entities, their neighbourhood, evidence, sources, paths.

Every answer is a frozen dataclass, every list is ordered and bounded.  Counts come from properties that the loader wrote
(``projects``, ``partners``, ``organizations``), never from counting at question time: that would be slow for the largest
organisations and refused by the embedded engine.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from graph.model import IDENTIFIERS, NODE_PROPS, Kind, Label
from graph.querybook import Query, QueryBook, load_book

FACTS: Final[Mapping[Label, tuple[str, ...]]] = {
    Label.ORGANIZATION: ("name", "city", "postcode", "region", "country", "website", "founded", "sme", "status", *IDENTIFIERS),
    Label.PROJECT: ("title", "acronym", "theme", "programme", "call", "start", "end", "funding_eur", "cost_eur", "url"),
    Label.TOPIC: ("label_de", "label_en", "scheme", "notation", "path", "translated_by"),
    Label.PLACE: ("name", "level", "ags", "nuts", "country"),
    Label.DOCUMENT: ("title", "date", "url", "language"),
}
"""Properties that a page shows as facts, in this order."""

MAIN_LABELS: Final = frozenset(NODE_PROPS) | {Label.SOURCE, Label.EVIDENCE}
SOURCES_SECONDS: Final = 5.0
_KINDS: Final = {k.value: k for k in Kind}


class Reads(Protocol):
    """What the reader needs of a store: the program's own queries through the reader's rights."""

    def read(self, query: Query, **values: Any) -> list[dict[str, Any]]:
        """Rows of the answer, by column."""
        ...

    def read_many(self, questions: Sequence[tuple[Query, Mapping[str, object]]]) -> list[list[dict[str, Any]]]:
        """Rows of several answers, from one transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Moved:
    """The id is another name of a node: its address now is that of ``id``."""

    id: str
    label: Label


@dataclass(frozen=True, slots=True)
class Gone:
    """The id existed once and was taken out."""

    id: str


@dataclass(frozen=True, slots=True)
class ReleaseRead:
    """One release of a source that is in the graph.  ``retrieved``: ISO date, or year and month."""

    dataset: str
    release: str
    retrieved: str


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source: who publishes what under which licence.  Texts in German and English."""

    id: str
    title_de: str = ""
    title_en: str = ""
    publisher: str = ""
    homepage: str = ""
    licence: str = ""
    licence_url: str = ""
    attribution: str = ""
    states_de: str = ""
    states_en: str = ""
    persons_de: str = ""
    persons_en: str = ""
    releases: tuple[ReleaseRead, ...] = ()

    def retrieved(self, dataset: str = "", release: str = "") -> str:
        """When this release was retrieved; without one, the newest date of all; "" if unknown."""
        found = [r.retrieved for r in self.releases if (not dataset or r.dataset == dataset) and (not release or r.release == release)]
        return max(found or [r.retrieved for r in self.releases], default="")


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A row or a sentence with the source it comes from.

    columns  for a row: (column, value) in the publisher's order; empty for a text
    file, row  where it stands; row is "" for a text, ``start-end`` in characters then stands in ``span``
    """

    id: str
    source: SourceInfo
    locator: str
    quote: str
    release: str = ""
    dataset: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    file: str = ""
    row: str = ""
    span: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """From which character to which it stands in a text; (0, 0) for a row."""
        start, _, end = self.span.partition("-")
        return (int(start), int(end)) if start.isdecimal() and end.isdecimal() else (0, 0)

    @property
    def retrieved(self) -> str:
        """Date of the release it stands in, "" if unknown."""
        return self.source.retrieved(self.dataset, self.release)


@dataclass(frozen=True, slots=True)
class Fact:
    """One property's value and the evidence that says so (None where the loader derived it)."""

    property: str
    value: str | int | float | bool
    evidence: EvidenceView | None = None


@dataclass(frozen=True, slots=True)
class Through:
    """Which of an organisation and its parts a line of a list comes from.  ``projects``: in how many of the projects that the line counts."""

    id: str
    name: str
    projects: int = 0


@dataclass(frozen=True, slots=True)
class OrganizationRef:
    """An organisation in a list.

    shared   projects or organisations it has in common with what the list is about
    through  where the list is about an organisation with its parts: which of them it has to do with
    """

    id: str
    name: str
    kind: Kind | None = None
    city: str = ""
    country: str = ""
    projects: int = 0
    partners: int = 0
    shared: int = 0
    weight: float = 0.0
    roles: tuple[str, ...] = ()
    funding_eur: float | None = None
    status: str = ""
    since: str = ""
    evidence: tuple[str, ...] = ()
    through: tuple[Through, ...] = ()
    label: Label = Label.ORGANIZATION


@dataclass(frozen=True, slots=True)
class ProjectRef:
    """A project in a list.  ``start`` and ``end`` are ISO dates or years, "" if unknown; ``through`` names the parts that take part in it."""

    id: str
    title: str = ""
    acronym: str = ""
    start: str = ""
    end: str = ""
    programme: str = ""
    theme: str = ""
    participants: int = 0
    roles: tuple[str, ...] = ()
    funding_eur: float | None = None
    status: str = ""
    evidence: tuple[str, ...] = ()
    evidence_other: tuple[str, ...] = ()
    through: tuple[Through, ...] = ()
    label: Label = Label.PROJECT


@dataclass(frozen=True, slots=True)
class TopicRef:
    """A topic in a list; a missing label falls back to the other language, then to the notation."""

    id: str
    label_de: str = ""
    label_en: str = ""
    scheme: str = ""
    notation: str = ""
    projects: int = 0
    organizations: int = 0
    shared: int = 0
    weight: float = 0.0
    status: str = ""
    evidence: tuple[str, ...] = ()
    label: Label = Label.TOPIC

    def name(self, language: str) -> str:
        """Its label in ``de`` or ``en``."""
        first, second = (self.label_en, self.label_de) if language == "en" else (self.label_de, self.label_en)
        return first or second or self.notation or self.id


@dataclass(frozen=True, slots=True)
class PlaceRef:
    """A place in a list."""

    id: str
    name: str
    level: str = ""
    organizations: int = 0
    status: str = ""
    evidence: tuple[str, ...] = ()
    label: Label = Label.PLACE


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A text in a list.  ``date``: ISO date, "" if unknown; ``at``: where it first mentions what the list is about, None: nowhere literally."""

    id: str
    title: str = ""
    date: str = ""
    url: str = ""
    language: str = ""
    at: tuple[int, int] | None = None
    label: Label = Label.DOCUMENT


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What a text mentions or is about, by its name in the graph."""

    id: str
    label: Label
    name: str
    name_en: str = ""
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A node with its facts and where they come from.  ``props`` are the node's properties as they are stored."""

    id: str
    label: Label
    props: Mapping[str, Any]
    kind: Kind | None = None
    facts: tuple[Fact, ...] = ()
    sources: tuple[SourceInfo, ...] = ()
    evidence: tuple[EvidenceView, ...] = ()
    evidence_total: int = 0
    names: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """A property as text, "" if it is not there."""
        value = self.props.get(name)
        return "" if value is None else str(value)

    def count(self, name: str) -> int:
        """A count the loader wrote, 0 if it is not there."""
        return int(self.props.get(name) or 0)


@dataclass(frozen=True, slots=True)
class OrganizationPage:
    """All that the page of an organisation shows, except place, partners, network and suggestions, which the derived files answer.

    memberships  networks and institutions it takes part in; ``members``: who takes part in it
    """

    entity: Entity
    projects: tuple[ProjectRef, ...] = ()
    topics: tuple[TopicRef, ...] = ()
    topics_more: bool = False
    parents: tuple[OrganizationRef, ...] = ()
    children: tuple[OrganizationRef, ...] = ()
    cooperations: tuple[OrganizationRef, ...] = ()
    other_ids: tuple[str, ...] = ()
    documents: tuple[DocumentRef, ...] = ()
    memberships: tuple[OrganizationRef, ...] = ()
    members: tuple[OrganizationRef, ...] = ()
    funders: tuple[OrganizationRef, ...] = ()
    funded: tuple[OrganizationRef, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """All that the page of a project shows."""

    entity: Entity
    participants: tuple[OrganizationRef, ...] = ()
    topics: tuple[TopicRef, ...] = ()
    places: tuple[PlaceRef, ...] = ()
    funders: tuple[OrganizationRef, ...] = ()
    parts: tuple[ProjectRef, ...] = ()
    documents: tuple[DocumentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicPage:
    """All that the page of a topic shows."""

    entity: Entity
    ref: TopicRef
    broader: tuple[TopicRef, ...] = ()
    narrower: tuple[TopicRef, ...] = ()
    projects: tuple[ProjectRef, ...] = ()
    documents: tuple[DocumentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacePage:
    """All that the page of a place shows, except what it lies in and who is there, which the derived files answer."""

    entity: Entity
    below: tuple[PlaceRef, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """What the graph knows of a text: the quoted sentences, and what it mentions.  The text itself lies beside the claims.

    sentences  in the order of the text; ``mentions_more``: not all mentions are listed
    """

    entity: Entity
    sentences: tuple[EvidenceView, ...] = ()
    mentions: tuple[Mentioned, ...] = ()
    mentions_more: bool = False

    @property
    def retrieved(self) -> str:
        """When it was read, ISO date; "" if unknown."""
        found = [e.retrieved for e in self.entity.evidence] or [s.retrieved() for s in self.entity.sources]
        return max(found, default="")


@dataclass(frozen=True, slots=True)
class Connection:
    """How two organisations are connected: common projects with the evidence of both sides, or the shortest way."""

    shared: tuple[ProjectRef, ...] = ()
    way: tuple[OrganizationRef | ProjectRef, ...] = ()


@dataclass(slots=True)
class Reader:
    """Asks the graph.  ``gone`` says of an id whether it existed once; the state database knows that."""

    store: Reads
    gone: Callable[[str], bool] = lambda _: False
    book: QueryBook = field(default_factory=load_book)
    _known: dict[str, SourceInfo] = field(default_factory=dict)
    _known_at: float = 0.0

    def _ask(self, query: str, /, **values: Any) -> list[dict[str, Any]]:
        return self.store.read(self.book[query], **values)

    # --- finding ------------------------------------------------------------------------------------------------------

    def locate(self, id_: str, label: Label) -> dict[str, Any] | Moved | Gone | None:
        """The node of this label and id as properties; where it is now; whether it is gone; or None."""
        rows = self._ask(label.value.lower(), id=id_)
        if rows:
            node: dict[str, Any] = rows[0]["node"]
            return node
        if label != Label.EVIDENCE:
            for other in (Label.ORGANIZATION, Label.PROJECT, Label.TOPIC, Label.PLACE, Label.DOCUMENT):
                if other != label and self._ask(other.value.lower(), id=id_):
                    return Moved(id_, other)
            for row in self._ask("alias", id=id_):
                return Moved(str(row["id"]), main_label(row["labels"]))
        return Gone(id_) if self.gone(id_) else None

    def find(self, id_: str) -> Moved | Gone | None:
        """Which node an id of any kind stands for."""
        found = self.locate(id_, Label.ORGANIZATION)
        return Moved(id_, Label.ORGANIZATION) if isinstance(found, dict) else found

    def entity(self, id_: str, label: Label, *, evidence_limit: int = 12) -> Entity | Moved | Gone | None:
        """A node with facts, sources and the first pieces of evidence of its records."""
        node = self.locate(id_, label)
        return self._described(id_, label, node, evidence_limit=evidence_limit) if isinstance(node, dict) else node

    def _described(self, id_: str, label: Label, node: dict[str, Any], *, evidence_limit: int = 12) -> Entity:
        sources = self._sources()
        stated = _stated(_texts(node.get("facts")))
        own = _texts(node.get("evidence"))
        wanted = list(dict.fromkeys([*own[:evidence_limit], *(stated[p] for p in FACTS.get(label, ()) if p in stated)]))
        found = {e.id: e for e in self._evidences(wanted, sources)}
        facts = tuple(Fact(p, node[p], found.get(stated.get(p, ""))) for p in FACTS.get(label, ()) if node.get(p) not in (None, ""))
        return Entity(
            id=id_,
            label=label,
            props=node,
            kind=kind_of(node.get("_labels", ())),
            facts=facts,
            sources=tuple(sources.get(s, SourceInfo(s)) for s in _texts(node.get("sources"))),
            evidence=tuple(found[e] for e in own[:evidence_limit] if e in found),
            evidence_total=len(own),
            names=tuple(n for n in _texts(node.get("names")) if n != node.get("name")),
        )

    # --- pages --------------------------------------------------------------------------------------------------------

    def organization(self, id_: str, *, projects: int = 10, topics: int = 24) -> OrganizationPage | Moved | Gone | None:
        """An organisation and what stands around it; the lists are cut to the given lengths."""
        # one transaction for all: an id that is no organisation costs six empty answers
        nodes, found, links, others, part, texts, said = self.store.read_many(
            [
                (self.book[name], values)
                for name, values in (
                    ("organization", {"id": id_}),
                    ("organization_topics", {"id": id_, "limit": topics + 1}),
                    ("organization_links", {"id": id_}),
                    ("alias_of_organization", {"id": id_}),
                    ("organization_projects", {"id": id_, "skip": 0, "limit": projects}),
                    ("documents_of[Organization]", {"id": id_}),
                    ("organization_said", {"id": id_}),
                )
            ]
        )
        if not nodes:
            elsewhere = self.locate(id_, Label.ORGANIZATION)
            return None if isinstance(elsewhere, dict) else elsewhere
        return OrganizationPage(
            entity=self._described(id_, Label.ORGANIZATION, nodes[0]["node"]),
            projects=_projects(part),
            topics=_topics(found)[:topics],
            topics_more=len(found) > topics,
            parents=_organizations(r for r in links if r["type"] == "PART_OF" and r["first"] == id_),
            children=_organizations(r for r in links if r["type"] == "PART_OF" and r["first"] != id_),
            cooperations=_organizations(r for r in links if r["type"] == "COOPERATES_WITH"),
            other_ids=tuple(str(r["id"]) for r in others),
            documents=_documents(texts),
            memberships=_organizations(r for r in said if r["type"] == "PARTICIPATES_IN" and r["first"] == id_),
            members=_organizations(r for r in said if r["type"] == "PARTICIPATES_IN" and r["first"] != id_),
            funders=_organizations(r for r in said if r["type"] == "FUNDED_BY" and r["first"] == id_),
            funded=_organizations(r for r in said if r["type"] == "FUNDED_BY" and r["first"] != id_),
        )

    def projects_of(self, id_: str, *, skip: int = 0, limit: int = 25) -> tuple[ProjectRef, ...]:
        """Projects of an organisation, newest first."""
        return _projects(self._ask("organization_projects", id=id_, skip=skip, limit=limit))

    def projects_of_all(self, ids: Sequence[str], *, skip: int = 0, limit: int = 25) -> tuple[ProjectRef, ...]:
        """Projects in which any of these organisations takes part, newest first, each once; ``through`` names who does."""
        rows = self._ask("projects_of_all", ids=list(ids), skip=skip, limit=limit)
        # what several of them do in one project comes as a list of lists
        for row in rows:
            for key in ("roles", "evidence"):
                row[key] = list(dict.fromkeys(x for some in row[key] for x in some or ()))
            stated = [x for x in row["statuses"] if x]
            row["status"] = stated[0] if stated else None
        return _projects(rows)

    def project(self, id_: str) -> ProjectPage | Moved | Gone | None:
        """A project with its participants (coordinators first), topics, places and funders."""
        entity = self.entity(id_, Label.PROJECT)
        if not isinstance(entity, Entity):
            return entity
        people = _organizations(self._ask("project_participants", id=id_))
        return ProjectPage(
            entity=entity,
            participants=tuple(sorted(people, key=lambda o: "coordinator" not in o.roles)),
            topics=_topics(self._ask("project_topics", id=id_)),
            places=_places(self._ask("project_places", id=id_)),
            funders=_organizations(self._ask("project_funders", id=id_)),
            parts=_projects(self._ask("project_parts", id=id_)),
            documents=_documents(self._ask("documents_of[Project]", id=id_)),
        )

    def topic(self, id_: str, *, skip: int = 0, limit: int = 25) -> TopicPage | Moved | Gone | None:
        """A topic with broader and narrower ones and its newest projects."""
        entity = self.entity(id_, Label.TOPIC)
        if not isinstance(entity, Entity):
            return entity
        return TopicPage(
            entity=entity,
            ref=_topics([{**entity.props, "id": id_}])[0],
            broader=_topics(self._ask("topic_broader", id=id_)),
            narrower=_topics(self._ask("topic_narrower", id=id_)),
            projects=_projects(self._ask("topic_projects", id=id_, skip=skip, limit=limit)),
            documents=_documents(self._ask("documents_of[Topic]", id=id_)),
        )

    def place(self, id_: str) -> PlacePage | Moved | Gone | None:
        """A place with what lies in it."""
        entity = self.entity(id_, Label.PLACE)
        if not isinstance(entity, Entity):
            return entity
        return PlacePage(
            entity=entity,
            below=_places(self._ask("place_below", id=id_)),
        )

    def document(self, id_: str, *, mentions: int = 200) -> DocumentPage | Moved | Gone | None:
        """A text with its quoted sentences and the first of what it mentions."""
        nodes, found, quoted = self.store.read_many(
            [
                (self.book["document"], {"id": id_}),
                (self.book["document_mentions"], {"id": id_, "limit": mentions + 1}),
                # ids of its sentences are the document's with a colon and a place behind it, and the semicolon comes next after the colon
                (self.book["document_sentences"], {"after": f"{id_}:", "before": f"{id_};"}),
            ]
        )
        if not nodes:
            elsewhere = self.locate(id_, Label.DOCUMENT)
            return None if isinstance(elsewhere, dict) else elsewhere
        sources = self._sources()
        return DocumentPage(
            entity=self._described(id_, Label.DOCUMENT, nodes[0]["node"], evidence_limit=1),
            sentences=tuple(sorted((_evidence(r["node"], sources) for r in quoted), key=lambda e: (*e.place, e.id))),
            mentions=_mentions(found[:mentions]),
            mentions_more=len(found) > mentions,
        )

    def documents(self, *, skip: int = 0, limit: int = 50) -> tuple[tuple[DocumentRef, ...], int]:
        """Part of the list of all texts, the newest first, and how many there are."""
        rows, total = self.store.read_many([(self.book["documents"], {"skip": skip, "limit": limit}), (self.book["documents_total"], {})])
        return _documents(rows), int(total[0]["total"])

    # --- proof --------------------------------------------------------------------------------------------------------

    def evidence(self, id_: str) -> EvidenceView | Gone | None:
        """One piece of evidence."""
        node = self.locate(id_, Label.EVIDENCE)
        if isinstance(node, dict):
            return _evidence(node, self._sources())
        return node if isinstance(node, Gone) else None

    def evidences(self, ids: Sequence[str], *, limit: int = 50) -> tuple[EvidenceView, ...]:
        """Several pieces of evidence in the given order; unknown ids are left out."""
        wanted = list(dict.fromkeys(ids))[:limit]
        return self._evidences(wanted, self._sources()) if wanted else ()

    def sources(self) -> tuple[SourceInfo, ...]:
        """All sources that are in the graph, by id."""
        return tuple(self._sources().values())

    def _sources(self) -> dict[str, SourceInfo]:
        """All sources, asked again after SOURCES_SECONDS: nearly every page names some, and they change with a load only."""
        now = time.monotonic()
        if not self._known_at or now - self._known_at > SOURCES_SECONDS:
            self._known = {s.id: s for s in (_source(r["node"]) for r in self._ask("sources"))}
            self._known_at = now
        return self._known

    def _evidences(self, ids: Iterable[str], sources: Mapping[str, SourceInfo]) -> tuple[EvidenceView, ...]:
        wanted = list(ids)
        if not wanted:
            return ()
        found = {e.id: e for e in (_evidence(r["node"], sources) for r in self._ask("evidence_many", ids=wanted))}
        return tuple(found[i] for i in wanted if i in found)

    # --- between two --------------------------------------------------------------------------------------------------

    def connection(self, a: str, b: str, *, parts: Sequence[str] = ()) -> Connection:
        """Common projects of two organisations; where there is none, the shortest way of at most four organisations between.

        parts  ids that count as a (a whole and all its parts): each common project stands once, and `through` says whose it is;
               the way starts at a itself
        """
        if parts and b not in parts:
            common = self._ask("path_shared_of_all", ids=list(parts), b=b)
            if common:
                return Connection(
                    tuple(
                        replace(p, evidence=tuple(dict.fromkeys(x for some in r["evidence_a"] for x in some or ())), evidence_other=_strings(r["evidence_b"]))
                        for r in common
                        for p in _projects([r])
                    )
                )
        shared = tuple(
            replace(p, evidence=_strings(r["evidence_a"]), evidence_other=_strings(r["evidence_b"]))
            for r in self._ask("path_shared", a=a, b=b)
            for p in _projects([r])
        )
        if shared or a == b:
            return Connection(shared)
        for row in self._ask("path_shortest", a=a, b=b):
            return Connection((), tuple(_step(n) for n in row["path"]["nodes"]))
        return Connection()


def main_label(labels: Iterable[str]) -> Label:
    """The main one of a node's labels."""
    return next((Label(x) for x in sorted(labels) if x in MAIN_LABELS), Label.ORGANIZATION)


def kind_of(labels: Iterable[str]) -> Kind | None:
    """The kind among a node's labels."""
    return next((_KINDS[x] for x in sorted(labels) if x in _KINDS), None)


def _texts(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list | tuple) else [] if value in (None, "") else [str(value)]


def _strings(value: object) -> tuple[str, ...]:
    return tuple(_texts(value))


def _stated(facts: Iterable[str]) -> dict[str, str]:
    """Property -> id of the evidence its value comes from, out of texts like ``name,city=cordis:1:2``."""
    out = {}
    for text in facts:
        names, _, evidence = text.partition("=")
        out.update(dict.fromkeys(names.split(","), evidence))
    return out


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _organizations(rows: Iterable[Mapping[str, Any]]) -> tuple[OrganizationRef, ...]:
    return tuple(
        OrganizationRef(
            id=str(r["id"]),
            name=str(r.get("name") or ""),
            kind=kind_of(r.get("labels") or r.get("_labels") or ()),
            city=str(r.get("city") or ""),
            country=str(r.get("country") or ""),
            projects=int(r.get("projects") or 0),
            partners=int(r.get("partners") or 0),
            shared=int(r.get("shared") or 0),
            weight=float(r.get("weight") or 0),
            roles=_strings(r.get("roles")),
            funding_eur=_number(r.get("funding_eur")),
            status=str(r.get("status") or ""),
            since=str(r.get("since") or ""),
            evidence=_strings(r.get("evidence")),
        )
        for r in rows
    )


def _projects(rows: Iterable[Mapping[str, Any]]) -> tuple[ProjectRef, ...]:
    return tuple(
        ProjectRef(
            id=str(r["id"]),
            title=str(r.get("title") or ""),
            acronym=str(r.get("acronym") or ""),
            start=str(r.get("began") or r.get("start") or ""),
            end=str(r.get("ended") or r.get("end") or ""),
            programme=str(r.get("programme") or ""),
            theme=str(r.get("theme") or ""),
            participants=int(r.get("participants") or 0),
            roles=_strings(r.get("roles")),
            funding_eur=_number(r.get("funding_eur")),
            status=str(r.get("status") or ""),
            evidence=_strings(r.get("evidence")),
            through=tuple(Through(str(i), str(name or i)) for i, name in r.get("through") or ()),
        )
        for r in rows
    )


def _topics(rows: Iterable[Mapping[str, Any]]) -> tuple[TopicRef, ...]:
    return tuple(
        TopicRef(
            id=str(r["id"]),
            label_de=str(r.get("label_de") or ""),
            label_en=str(r.get("label_en") or ""),
            scheme=str(r.get("scheme") or ""),
            notation=str(r.get("notation") or ""),
            projects=int(r.get("projects") or 0),
            organizations=int(r.get("organizations") or 0),
            shared=int(r.get("shared") or 0),
            weight=float(r.get("weight") or 0),
            status=str(r.get("status") or ""),
            evidence=_strings(r.get("evidence")),
        )
        for r in rows
    )


def _documents(rows: Iterable[Mapping[str, Any]]) -> tuple[DocumentRef, ...]:
    return tuple(
        DocumentRef(
            id=str(r["id"]),
            title=str(r.get("title") or ""),
            date=str(r.get("dated") or ""),
            url=str(r.get("url") or ""),
            language=str(r.get("language") or ""),
            at=(int(r["first"]), int(r["last"])) if r.get("first") is not None and r.get("last") is not None else None,
        )
        for r in rows
    )


def _mentions(rows: Iterable[Mapping[str, Any]]) -> tuple[Mentioned, ...]:
    return tuple(
        Mentioned(str(r["id"]), main_label(r["labels"]), str(r.get("name") or r["id"]), str(r.get("name_en") or ""), kind_of(r["labels"])) for r in rows
    )


def _places(rows: Iterable[Mapping[str, Any]]) -> tuple[PlaceRef, ...]:
    return tuple(
        PlaceRef(
            str(r["id"]),
            str(r.get("name") or ""),
            str(r.get("level") or ""),
            int(r.get("organizations") or 0),
            str(r.get("status") or ""),
            _strings(r.get("evidence")),
        )
        for r in rows
    )


def _source(node: Mapping[str, Any]) -> SourceInfo:
    releases = []
    for text in _texts(node.get("releases")):
        dataset, _, rest = text.partition("|")
        release, _, retrieved = rest.rpartition("|")
        releases.append(ReleaseRead(dataset, release, retrieved))
    texts = {
        f: str(node.get(f) or "")
        for f in (
            "title_de",
            "title_en",
            "publisher",
            "homepage",
            "licence",
            "licence_url",
            "attribution",
            "states_de",
            "states_en",
            "persons_de",
            "persons_en",
        )
    }
    return SourceInfo(id=str(node["id"]), releases=tuple(releases), **texts)


def _evidence(node: Mapping[str, Any], sources: Mapping[str, SourceInfo]) -> EvidenceView:
    quote, locator = str(node.get("quote") or ""), str(node.get("locator") or "")
    source = str(node.get("source") or "")
    columns = quoted_columns(quote)
    file, _, place = locator.rpartition(":")
    return EvidenceView(
        id=str(node["id"]),
        source=sources.get(source, SourceInfo(source)),
        locator=locator,
        quote=quote,
        release=str(node.get("release") or ""),
        dataset=str(node.get("dataset") or ""),
        columns=columns,
        file=file or locator,
        row=place if file and columns else "",
        span=place if file and not columns else "",
    )


def quoted_columns(quote: str) -> tuple[tuple[str, str], ...]:
    """Columns and values of a quoted row; empty when the quote is a sentence."""
    if not quote.startswith("{"):
        return ()
    try:
        data = json.loads(quote)
    except ValueError:
        return ()
    return tuple((str(k), v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)) for k, v in data.items()) if isinstance(data, dict) else ()


def _step(node: Mapping[str, Any]) -> OrganizationRef | ProjectRef:
    if Label.PROJECT in node.get("_labels", ()):
        return _projects([node])[0]
    return _organizations([node])[0]
