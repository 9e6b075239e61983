"""JSON-LD 1.1 of nodes and edges: schema.org, SKOS for topics, PROV for what a fact was taken from.

The context stands in every document, nothing has to be fetched to understand it.  What no vocabulary has a word for (that two
organisations cooperate, where in a file something stands) is in a name space of our own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, BinaryIO, Final
from urllib.parse import quote

import orjson

from graph.export.records import Address, Edge, Node
from graph.model import IDENTIFIERS, Kind, Label
from graph.reader import SourceInfo

OWN: Final = "urn:innonet:vocabulary:"
_SAFE: Final = "!$&'()*+,/:;=@~"

CONTEXT: Final[Mapping[str, Any]] = {
    "@version": 1.1,
    "@vocab": "https://schema.org/",
    "dct": "http://purl.org/dc/terms/",
    "inn": OWN,
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{p: {"@type": "@id"} for p in ("url", "sameAs", "license", "inDefinedTermSet")},
    **{p: {"@type": "@id"} for p in ("dct:subject", "dct:isPartOf", "inn:cooperatesWith", "owl:sameAs")},
    **{p: {"@type": "@id"} for p in ("prov:wasDerivedFrom", "prov:hadPrimarySource", "skos:broader", "skos:narrower", "skos:inScheme")},
}

_KINDS: Final[Mapping[Kind | None, str]] = {
    Kind.COMPANY: "Corporation",
    Kind.UNIVERSITY: "CollegeOrUniversity",
    Kind.RESEARCH: "ResearchOrganization",
    Kind.PUBLIC: "GovernmentOrganization",
}
_LEVELS: Final = {"municipality": "City", "state": "State", "country": "Country"}
_PAGES: Final = {"ror": "https://ror.org/", "wikidata": "http://www.wikidata.org/entity/", "lei": "https://search.gleif.org/#/record/"}
"""Where an authority names the thing itself: what is said of that address is said of the organisation."""
_WAYS: Final = {
    Label.ORGANIZATION: "organisation",
    Label.PROJECT: "projekt",
    Label.TOPIC: "thema",
    Label.PLACE: "ort",
    Label.DOCUMENT: "dokument",
    Label.EVIDENCE: "beleg",
}
"""Part of the address of a page of the site; its test keeps both in step."""


def address_at(base: str) -> Address:
    """Addresses below the root of a site (``https://network.example``); without one, names that lead nowhere (``urn:innonet:...``)."""
    root = base.rstrip("/")

    def of(label: Label, id_: str) -> str:
        if not root:
            return f"urn:innonet:{label.lower()}:{quote(id_, safe=_SAFE)}"
        if label is Label.SOURCE:
            return f"{root}/de/quellen#{quote(id_, safe=_SAFE)}"
        return f"{root}/de/{_WAYS[label]}/{quote(id_, safe=_SAFE)}"

    return of


def node_object(node: Node, address: Address) -> dict[str, Any]:
    """What is said of a node itself."""
    made = _evidence(node, address) if node.label is Label.EVIDENCE else _MADE[node.label](node)
    proofs = [address(Label.EVIDENCE, e) for e in node.props.get("evidence") or ()]
    return _kept({"@id": address(node.label, node.id), **made, "prov:wasDerivedFrom": proofs})


def edge_object(edge: Edge, address: Address) -> dict[str, Any]:
    """What an edge says, of the node that the vocabulary says it of.

    A participation is an object of its own (OrganizationRole) that holds its roles and its evidence; any other link is a plain
    statement, and its evidence is among what its subject was derived from.
    """
    end = address(edge.end_label, edge.end)
    if edge.type == "IDENTIFIES":  # an alias is a name of its node and has no page of its own
        return {"@id": end, "identifier": edge.start}
    start = address(edge.start_label, edge.start)
    proofs = [address(Label.EVIDENCE, e) for e in edge.props.get("evidence") or ()]
    if edge.type == "PARTICIPATES_IN":
        roles = edge.props.get("roles") or []
        role = {"@type": "OrganizationRole", "member": {"@id": start}, "roleName": roles, "inn:fundingEUR": edge.props.get("funding_eur")}
        return {"@id": end, "member": _kept({**role, "inn:status": edge.props.get("status"), "prov:wasDerivedFrom": proofs})}
    if edge.type == "ABOUT":
        said: dict[str, Any] = {"dct:subject": end}
    elif edge.type == "PART_OF":
        said = {"parentOrganization": {"@id": end}} if edge.start_label is Label.ORGANIZATION else {"dct:isPartOf": end}
    elif edge.type in ("COOPERATES_WITH", "BROADER"):
        said = {_WORDS[edge.type]: end}
    else:
        said = {_WORDS[edge.type]: {"@id": end}}
    return _kept({"@id": start, **said, "prov:wasDerivedFrom": proofs})


_WORDS: Final = {
    "WORKS_ON": "knowsAbout",
    "COOPERATES_WITH": "inn:cooperatesWith",
    "LOCATED_IN": "location",
    "FUNDED_BY": "funder",
    "BROADER": "skos:broader",
    "WITHIN": "containedInPlace",
    "MENTIONS": "mentions",
}


def source_object(s: SourceInfo, address: Address) -> dict[str, Any]:
    """A source as a data set with its licence."""
    return _kept(
        {
            "@id": address(Label.SOURCE, s.id),
            "@type": ["Dataset", "prov:Entity"],
            "name": _in_languages(s.title_de, s.title_en) or s.id,
            "publisher": {"@type": "Organization", "name": s.publisher} if s.publisher else None,
            "url": _web(s.homepage),
            "license": _web(s.licence_url) or ({"@type": "CreativeWork", "name": s.licence} if s.licence else None),
            "dct:rights": s.licence,
            "creditText": s.attribution,
            "dct:issued": s.retrieved(),
        }
    )


def document(objects: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Objects as one document with its context."""
    return {"@context": CONTEXT, "@graph": list(objects)}


def _organization(n: Node) -> dict[str, Any]:
    p = n.props
    # schema.org gives a position to places only
    geo = {"@type": "Place", "geo": {"@type": "GeoCoordinates", "latitude": p["lat"], "longitude": p["lon"]}} if "lat" in p and "lon" in p else None
    known = [_PAGES[s] + quote(str(p[s]), safe="") for s in _PAGES if p.get(s)]
    post = _kept({"addressLocality": p.get("city"), "postalCode": p.get("postcode"), "addressRegion": p.get("region"), "addressCountry": p.get("country")})
    return {
        "@type": _KINDS.get(n.kind, "Organization"),
        "name": p.get("name"),
        "alternateName": [x for x in p.get("names") or () if x != p.get("name")],
        "url": _web(str(p.get("website") or "")),
        "address": {"@type": "PostalAddress", **post} if post else None,
        "location": geo,
        "foundingDate": str(p["founded"]) if p.get("founded") else None,
        "leiCode": p.get("lei"),
        "vatID": p.get("vat"),
        "identifier": [n.id, *({"@type": "PropertyValue", "propertyID": s, "value": str(p[s])} for s in IDENTIFIERS if p.get(s))],
        "sameAs": known,
        "owl:sameAs": [x for x in known if "ror.org" in x or "wikidata" in x],
        "inn:status": p.get("status"),
    }


def _project(n: Node) -> dict[str, Any]:
    p = n.props
    money = {"@type": "MonetaryAmount", "value": p["funding_eur"], "currency": "EUR"} if p.get("funding_eur") is not None else None
    grant = _kept({"name": p.get("programme"), "identifier": p.get("call"), "amount": money})
    page = n.id.removeprefix("cordis:grant:")
    return {
        "@type": "ResearchProject",
        "name": p.get("title") or p.get("acronym"),
        "alternateName": p.get("acronym") if p.get("title") else None,
        "description": p.get("theme"),
        "foundingDate": p.get("start"),
        "dissolutionDate": p.get("end"),
        "funding": {"@type": "MonetaryGrant", **grant} if grant else None,
        "identifier": n.id,
        "url": _web(str(p.get("url") or "")),
        "sameAs": [f"https://cordis.europa.eu/project/id/{quote(page, safe='')}"] if page != n.id else [],
    }


def _topic(n: Node) -> dict[str, Any]:
    p = n.props
    names = _in_languages(str(p.get("label_de") or ""), str(p.get("label_en") or ""))
    scheme = f"urn:innonet:scheme:{quote(str(p['scheme']), safe='')}" if p.get("scheme") else None
    return {
        "@type": ["DefinedTerm", "skos:Concept"],
        "name": names,
        "skos:prefLabel": names,
        "skos:altLabel": list(p.get("names") or ()),
        "termCode": p.get("notation"),
        "skos:notation": p.get("notation"),
        "inDefinedTermSet": scheme,
        "skos:inScheme": scheme,
        "identifier": n.id,
    }


def _place(n: Node) -> dict[str, Any]:
    p = n.props
    known = [{"@type": "PropertyValue", "propertyID": s, "value": str(p[s])} for s in ("ags", "nuts") if p.get(s)]
    return {
        "@type": _LEVELS.get(str(p.get("level")), "AdministrativeArea"),
        "name": p.get("name"),
        "alternateName": [x for x in p.get("names") or () if x != p.get("name")],
        "geo": {"@type": "GeoCoordinates", "latitude": p["lat"], "longitude": p["lon"]} if "lat" in p and "lon" in p else None,
        "identifier": [n.id, *known],
    }


def _document(n: Node) -> dict[str, Any]:
    p = n.props
    return {
        "@type": ["CreativeWork", "prov:Entity"],
        "name": p.get("title"),
        "url": _web(str(p.get("url") or "")),
        "datePublished": p.get("date"),
        "inLanguage": p.get("language"),
        "identifier": n.id,
    }


def _evidence(n: Node, address: Address) -> dict[str, Any]:
    p = n.props
    return {
        "@type": ["Quotation", "prov:Entity"],
        "text": p.get("quote"),
        "inn:locator": p.get("locator"),
        "inn:release": p.get("release"),
        "license": _web(str(p.get("licence_url") or "")),
        "prov:hadPrimarySource": address(Label.SOURCE, str(p["source"])) if p.get("source") else None,
    }


_MADE: Final[Mapping[Label, Callable[[Node], dict[str, Any]]]] = {
    Label.ORGANIZATION: _organization,
    Label.PROJECT: _project,
    Label.TOPIC: _topic,
    Label.PLACE: _place,
    Label.DOCUMENT: _document,
}


def _in_languages(de: str, en: str) -> list[dict[str, str]]:
    return [{"@value": text, "@language": lang} for lang, text in (("de", de), ("en", en)) if text]


def _web(text: str) -> str | None:
    """A web address as a whole one; None for what is none: it would be read as an address below the document's."""
    text = text if "://" in text else f"https://{text}" if text and "." in text.partition("/")[0] and ":" not in text else ""
    return quote(text, safe=_SAFE + "?#%[]") if text.startswith(("http://", "https://")) else None


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if v not in (None, "", [], {})}


class JsonLd:
    """Writes nodes and edges as one document into an open file; objects of one @id are one thing."""

    def __init__(self, file: BinaryIO, address: Address) -> None:
        self._file = file
        self._address = address
        self._file.write(b'{"@context": ' + orjson.dumps(CONTEXT) + b',\n"@graph": [')
        self._first = True

    def node(self, node: Node) -> None:
        """What is said of a node; an alias is said by its edge, a source at the end."""
        if node.label not in (Label.ALIAS, Label.SOURCE):
            self._put(node_object(node, self._address))

    def edge(self, edge: Edge) -> None:
        """What an edge says."""
        self._put(edge_object(edge, self._address))

    def close(self, sources: Collection[SourceInfo]) -> None:
        """The sources with their licences, and the end; the file stays open."""
        for s in sources:
            self._put(source_object(s, self._address))
        self._file.write(b"\n]}\n")

    def _put(self, thing: Mapping[str, Any]) -> None:
        self._file.write((b"\n" if self._first else b",\n") + orjson.dumps(thing))
        self._first = False
