"""What the graph is made of: kinds, claims, links and the closed vocabulary with domain and range.

A *claim* says one thing about one record or one link and names its evidence.  Claims are the truth of the whole
system; the graph and the derived files can always be rebuilt from claims and judgements.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

SCHEMA_VERSION: Final = 1
"""Number of the graph's shape.  A store with another number is rebuilt from claims; there are no graph migrations."""

Scalar = str | int | float | bool
Value = Scalar | list[str]
Props = Mapping[str, Value]


class Kind(StrEnum):
    """What an organisation is.  The value is the node's second label; unknown kind: no second label."""

    COMPANY = "Company"
    UNIVERSITY = "University"
    RESEARCH = "ResearchInstitute"
    PUBLIC = "PublicBody"
    ASSOCIATION = "Association"


class Label(StrEnum):
    """Main labels of nodes.  Every node has exactly one of them."""

    ORGANIZATION = "Organization"
    PROJECT = "Project"
    TOPIC = "Topic"
    PLACE = "Place"
    SOURCE = "Source"
    DOCUMENT = "Document"
    EVIDENCE = "Evidence"
    ALIAS = "Alias"
    META = "Meta"


class Status(StrEnum):
    """How real a stated link is.  NEGATED never becomes an edge; it stays a claim so that the reader can see it was read."""

    RUNNING = "running"
    PLANNED = "planned"
    ENDED = "ended"
    UNCERTAIN = "uncertain"
    NEGATED = "negated"


@dataclass(frozen=True, slots=True)
class LinkType:
    """One relationship type: the pairs of labels it may join, whether it has a direction, and its own properties.

    Every edge also carries ``evidence`` (ids of Evidence nodes), ``sources``, ``confidence`` (0..1), ``first_seen`` and
    ``last_seen`` (ISO dates of the releases that state it); ``derived`` marks what the loader computed.
    """

    name: str
    pairs: tuple[tuple[Label, Label], ...]
    symmetric: bool = False
    props: frozenset[str] = frozenset()
    claimable: bool = True


O, P, T, L, D, A = (Label.ORGANIZATION, Label.PROJECT, Label.TOPIC, Label.PLACE, Label.DOCUMENT, Label.ALIAS)  # noqa: E741

LINKS: Final[Mapping[str, LinkType]] = {
    t.name: t
    for t in (
        LinkType("PARTICIPATES_IN", ((O, P), (O, O)), props=frozenset({"roles", "funding_eur"})),
        LinkType("ABOUT", ((P, T), (D, T)), props=frozenset({"weight"})),
        LinkType("WORKS_ON", ((O, T),), props=frozenset({"weight", "projects"})),
        LinkType("COOPERATES_WITH", ((O, O),), symmetric=True, props=frozenset({"status", "since"})),
        LinkType("LOCATED_IN", ((O, L), (P, L))),
        LinkType("PART_OF", ((O, O), (P, P))),
        LinkType("FUNDED_BY", ((P, O), (O, O))),
        LinkType("BROADER", ((T, T),)),
        LinkType("WITHIN", ((L, L),)),
        LinkType("MENTIONS", ((D, O), (D, P), (D, T), (D, L)), props=frozenset({"start", "end"})),
        LinkType("IDENTIFIES", ((A, O), (A, P), (A, T), (A, L)), claimable=False),
    )
}

EDGE_PROPS: Final = frozenset({"evidence", "sources", "confidence", "first_seen", "last_seen", "status", "derived"})

IDENTIFIERS: Final[tuple[str, ...]] = ("ror", "lei", "register", "pic", "vat", "wikidata")
"""Schemes of an authority, strongest first; each is also a flat property of an organisation."""

NODE_PROPS: Final[Mapping[Label, Mapping[str, type]]] = {
    Label.ORGANIZATION: {
        "name": str,
        "names": list,
        "country": str,
        "region": str,
        "city": str,
        "postcode": str,
        "ags": str,
        "nuts": str,
        "lat": float,
        "lon": float,
        "website": str,
        "status": str,
        "founded": int,
        "sme": bool,
        **dict.fromkeys(IDENTIFIERS, str),
        # written by the loader
        "sources": list,
        "evidence": list,
        "facts": list,
        "projects": int,
        "partners": int,
        "research_partners": int,
    },
    Label.PROJECT: {
        "title": str,
        "acronym": str,
        "start": str,
        "end": str,
        "programme": str,
        "call": str,
        "funding_eur": float,
        "cost_eur": float,
        "url": str,
        "theme": str,
        "sources": list,
        "evidence": list,
        "facts": list,
        "participants": int,
    },
    Label.TOPIC: {
        "label_de": str,
        "label_en": str,
        "scheme": str,
        "notation": str,
        "path": str,
        "translated_by": str,
        "names": list,
        "sources": list,
        "evidence": list,
        "facts": list,
        "projects": int,
        "organizations": int,
    },
    Label.PLACE: {
        "name": str,
        "names": list,
        "level": str,
        "country": str,
        "ags": str,
        "nuts": str,
        "postcodes": list,
        "lat": float,
        "lon": float,
        "sources": list,
        "evidence": list,
        "facts": list,
        "organizations": int,
    },
    Label.DOCUMENT: {"title": str, "url": str, "date": str, "language": str, "hash": str, "sources": list, "evidence": list, "facts": list},
}
"""Closed list of properties.  What a source states beyond it is an issue, never a property."""

TOPIC_SCHEMES: Final = ("euroscivoc", "wz2008", "leistungsplan", "masterplan", "efre-nrw", "h2020-part", "cordis-part", "cordis-call", "free")
PLACE_LEVELS: Final = ("municipality", "district", "region", "state", "country")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The proof of a claim: one row of a register or one sentence of a text.

    id       from the publisher's own key of the row (``cordis:193157:999905974``)
    locator  ``file:row`` (row counted as a spreadsheet does, the header is row 1) or ``document:start-end`` in characters
    quote    for a row a JSON object of the columns that are read and not empty; for a text the sentence
    """

    id: str
    locator: str
    quote: str
    extractor: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Entity:
    """One record of one source.  ``identifiers`` maps a scheme of IDENTIFIERS to the authority's id without prefix.

    ``same_as`` lists further ids of the very same record (a CORDIS project's rcn beside its grant number).
    """

    id: str
    label: Label
    props: Props
    evidence: tuple[str, ...]
    kind: Kind | None = None
    identifiers: Mapping[str, str] = field(default_factory=dict)
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One stated link between two records, by record ids (identity is decided later)."""

    start: str
    type: str
    end: str
    evidence: tuple[str, ...]
    props: Props = field(default_factory=dict)
    status: Status | None = None
    confidence: float = 1.0


Claim = Evidence | Entity | Link


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's word about two records.  Never overwritten; the later one about the same pair stands.

    verdict  yes (one organisation), no (two), unsure
    at       ISO date and time, UTC
    """

    a: str
    b: str
    verdict: str
    who: str
    why: str
    at: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is suggested: a feature the ranking used, how much it gave, what it points to and the proof.

    feature       name of the feature (``shared_partner``, ``topic``, ``place``, ...)
    contribution  share of the score, 0..1; the reasons of one suggestion sum to at most 1
    items         what it rests on: [{"id", "name", "label", "evidence": [ids], ...}], strongest first
    """

    feature: str
    contribution: float
    items: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A partner that is not one yet, with its score (higher is better, comparable within one answer only) and reasons."""

    id: str
    name: str
    score: float
    kind: Kind | None = None
    city: str = ""
    country: str = ""
    reasons: tuple[Reason, ...] = ()
    distance_km: float | None = None
    website: str = ""


def link_problem(type_: str, start: Label, end: Label, *, claimed: bool = True) -> str | None:
    """Say what the vocabulary has against such a link, None if nothing."""
    t = LINKS.get(type_)
    if t is None:
        return f"unknown link type {type_!r}"
    if claimed and not t.claimable:
        return f"{type_} is written by the loader only"
    if (start, end) not in t.pairs:
        return f"{type_} does not lead from {start} to {end}"
    return None


def record_rank(record_id: str) -> tuple[int, str]:
    """Order of record ids for choosing the id of a merged node: ror, lei, register, pic, then all others, texts last; then the id as text."""
    for rank, prefix in enumerate(("ror:", "lei:", "register:", "cordis:org:")):
        if record_id.startswith(prefix):
            return rank, record_id
    return 5 if record_id.startswith("text:") else 4, record_id
