"""ROR, the Research Organization Registry: who is who among research organisations, their places and their parents.

Files: the publisher's dump (https://zenodo.org/communities/ror-data), a ZIP with one JSON array, or that array; schema 2 and schema 1, told
apart record by record.  Where a dump holds the same record in both, schema 2 counts.

What is made of a record:

* The name is the German label, else the name that ROR itself shows, else any; all names, aliases and acronyms stay in ``names``.
* The kind is the first that fits of education, facility, company, government, nonprofit.  ``healthcare``, ``archive``, ``other`` and
  ``funder`` say too little: a hospital may be a firm, an association, a part of a university; they give no kind.
* ``inactive`` (the organisation has ended) becomes status ``dissolved``; a ``withdrawn`` record (made in error) is an issue and left out.
* ``parent`` and ``child`` are one link, PART_OF from child to parent, with the evidence of each record that states it.  ``related``,
  ``predecessor`` and ``successor`` are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from graph.model import Claim, Entity, Evidence, Kind, Label, Link, Value
from ingest.base import Context, FileError, Member, Record, SourceMeta, coordinates, country, land, web_address

META: Final = SourceMeta(
    id="ror",
    title_de="ROR – Register der Forschungsorganisationen",
    title_en="ROR – Research Organization Registry",
    publisher="Research Organization Registry (ROR)",
    homepage="https://ror.org/",
    licence="CC0 1.0",
    licence_url="https://creativecommons.org/publicdomain/zero/1.0/",
    attribution="Research Organization Registry (ROR), https://ror.org/, CC0 1.0; Orte: GeoNames, CC BY 4.0",
    states_de="Namen, Art, Ort, Webadresse und Gründungsjahr von Forschungseinrichtungen; welche zu welcher gehört.",
    states_en="Names, kind, place, web address and founding year of research organisations; which one is part of which.",
    persons_de="ROR führt nur Einrichtungen; E-Mail-Adressen (Schema 1) werden nicht gelesen.",
    persons_en="ROR lists organisations only; e-mail addresses (schema 1) are not read.",
)

_READ_2: Final = ("id", "names", "types", "status", "established", "links", "locations", "external_ids", "relationships")
_UNREAD_2: Final = ("admin", "domains")
_READ_1: Final = (
    "id",
    "name",
    "types",
    "status",
    "established",
    "links",
    "addresses",
    "aliases",
    "acronyms",
    "labels",
    "country",
    "external_ids",
    "relationships",
)
_UNREAD_1: Final = ("email_address", "ip_addresses", "wikipedia_url")

KINDS: Final[Mapping[str, Kind]] = {
    "education": Kind.UNIVERSITY,
    "facility": Kind.RESEARCH,
    "company": Kind.COMPANY,
    "government": Kind.PUBLIC,
    "nonprofit": Kind.ASSOCIATION,
}
NO_KIND: Final = frozenset({"healthcare", "archive", "other", "funder"})
STATUS: Final[Mapping[str, str]] = {"active": "active", "inactive": "dissolved"}
_RELATIONS: Final = frozenset({"related", "predecessor", "successor"})
_ID: Final = re.compile(r"(?:https?://)?(?:ror\.org/)?(0[a-z0-9]{6}[0-9]{2})")


def crawl(ctx: Context, path: Path) -> Iterator[Claim]:
    """Read a dump or a folder of dumps.  Raises FileError when there is no JSON array in it."""
    seen: set[str] = set()
    parts: dict[tuple[str, str], list[str]] = {}
    for member in _members(ctx, path):
        here: set[str] = set()
        for locator, data in ctx.json_array(member):
            ror = _ror_id(data.get("id"))
            if not ror:
                ctx.issue("missing_id", locator)
            elif ror in here:
                ctx.issue("duplicate_row", locator, ror)
            elif ror not in seen:
                here.add(ror)
                yield from _record(ctx, locator, ror, data, parts)
        seen |= here
    for (child, parent), evidence in parts.items():
        yield Link(f"ror:{child}", "PART_OF", f"ror:{parent}", tuple(dict.fromkeys(evidence)))


def _members(ctx: Context, path: Path) -> list[Member]:
    """The JSON files, schema 2 first where the name says so."""
    found: list[Member] = []
    for member in ctx.members(path):
        name = member.name.rsplit("/", 1)[-1].lower()
        if name == "release.json" or name.endswith(".csv"):
            continue  # the table beside the JSON says less
        if name.endswith(".json"):
            found.append(member)
        else:
            ctx.issue("unknown_file", member.name)
    if not found:
        raise FileError(
            f"{path}: keine JSON-Datei von ROR gefunden (.json, .json.gz oder .zip).", f"{path}: no JSON file of ROR found (.json, .json.gz or .zip)."
        )
    return sorted(found, key=lambda m: ("v2" not in m.name.lower(), m.name))


def _ror_id(text: object) -> str:
    m = _ID.fullmatch(text.strip()) if isinstance(text, str) else None
    return m[1] if m else ""


def _record(ctx: Context, locator: str, ror: str, data: dict[str, Any], parts: dict[tuple[str, str], list[str]]) -> Iterator[Claim]:
    second = "names" in data
    read = _READ_2 if second else _READ_1
    r = Record(ctx, locator, data, read, _UNREAD_2 if second else _UNREAD_1)
    status = r.text("status").lower()
    if status == "withdrawn":
        ctx.issue("withdrawn", locator, ror)
        return
    props: dict[str, Value] = {}
    names = _names_2(r) if second else _names_1(r)
    if not names:
        ctx.issue("missing_name", locator, ror)
        return
    props["name"] = names[0]
    props["names"] = list(dict.fromkeys(names))
    if status in STATUS:
        props["status"] = STATUS[status]
    elif status:
        ctx.issue("unknown_category", locator, status, "status")
    (_place_2 if second else _place_1)(ctx, r, props)
    if address := _website(ctx, r, second=second):
        props["website"] = address
    if (year := r.number("established")) is not None:
        if 500 <= year <= 2200 and year == int(year):
            props["founded"] = int(year)
        else:
            ctx.issue("bad_date", locator, str(year), "established")
    identifiers = {"ror": ror}
    if wikidata := (_wikidata_2 if second else _wikidata_1)(r):
        identifiers["wikidata"] = wikidata
    proof = f"ror:record:{ror}"
    yield Evidence(proof, locator, orjson.dumps(_quote(data, read)).decode())
    yield Entity(f"ror:{ror}", Label.ORGANIZATION, props, (proof,), _kind(ctx, r), identifiers)
    for relation in r.objects("relationships", ("type", "id"), ("label",)):
        type_, other = relation.text("type").lower(), _ror_id(relation.text("id"))
        if type_ in _RELATIONS:
            continue
        if type_ not in ("parent", "child"):
            ctx.issue("unknown_category", locator, type_, "relationships.type")
        elif not other:
            ctx.issue("missing_id", locator, detail="relationships.id")
        elif other == ror:
            ctx.issue("self_loop", locator, ror)
        else:
            parts.setdefault((ror, other) if type_ == "parent" else (other, ror), []).append(proof)


def _quote(data: dict[str, Any], read: Iterable[str]) -> dict[str, Any]:
    """What is read of a record, not empty, in the publisher's words: outside ids, web links and relations only of the kinds that are read."""
    kept = {k: data[k] for k in read if data.get(k) not in (None, "", [], {})}

    def only(key: str, kinds: Iterable[str]) -> None:
        if isinstance(kept.get(key), list):
            kept[key] = [i for i in kept[key] if not isinstance(i, dict) or str(i.get("type")).lower() in kinds]
            if not kept[key]:
                del kept[key]

    only("links", ("website",))
    only("external_ids", ("wikidata",))
    only("relationships", ("parent", "child"))
    if isinstance(kept.get("external_ids"), dict):
        kept["external_ids"] = {k: v for k, v in kept["external_ids"].items() if k == "Wikidata"}
    for key, inner in (("locations", _DETAILS), ("addresses", _ADDRESS)):
        if isinstance(kept.get(key), list):
            kept[key] = [_only_read(i, inner) for i in kept[key][:1]]
    return {k: v for k, v in kept.items() if v not in ([], {})}


# What is read of a place, in both schemas.
_DETAILS: Final[Mapping[str, Any]] = {
    "geonames_details": dict.fromkeys(("name", "country_code", "country_subdivision_code", "country_subdivision_name", "lat", "lng")),
}
_ADDRESS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("city", "state", "postcode", "lat", "lng")),
    "geonames_city": {"city": None, "geonames_admin1": {"name": None}},
}


def _only_read(value: Any, wanted: Mapping[str, Any] | None) -> Any:
    """The wanted keys of an object and of the objects inside, without empty ones."""
    if wanted is None or not isinstance(value, dict):
        return value
    return {k: _only_read(value[k], w) for k, w in wanted.items() if value.get(k) not in (None, "", [], {})}


def _kind(ctx: Context, r: Record) -> Kind | None:
    types = [t.lower() for t in r.texts("types")]
    for t in types:
        if t not in KINDS and t not in NO_KIND:
            ctx.issue("unknown_category", r.locator, t, "types")
    return next((kind for t, kind in KINDS.items() if t in types), None)


def _names_2(r: Record) -> list[str]:
    """All names, the one to show first: German label, ROR's own choice, labels, aliases, acronyms."""
    ranked: list[tuple[int, int, str]] = []
    for i, n in enumerate(r.objects("names", ("value", "types", "lang"))):
        types, lang, value = n.texts("types"), n.text("lang"), n.text("value")
        if not value:
            continue
        if "label" in types and lang == "de":
            rank = 0
        elif "ror_display" in types:
            rank = 1
        else:
            rank = 2 if "label" in types else 3 if "alias" in types else 4
        ranked.append((rank, i, value))
    return [value for _, _, value in sorted(ranked)]


def _names_1(r: Record) -> list[str]:
    labels = [(n.text("iso639"), n.text("label")) for n in r.objects("labels", ("label", "iso639"))]
    german = [label for lang, label in labels if lang == "de"]
    others = [label for lang, label in labels if lang != "de"]
    return [n for n in (*german, r.text("name"), *others, *r.texts("aliases"), *r.texts("acronyms")) if n]


def _place_2(ctx: Context, r: Record, props: dict[str, Value]) -> None:
    """City, Land, country and coordinates of the first location (a record with several names its seat first)."""
    places = r.objects("locations", ("geonames_details",), ("geonames_id",))
    if not places:
        return
    at = places[0].object("geonames_details", _DETAILS["geonames_details"], ("country_name", "continent_code", "continent_name"))
    _place(ctx, r.locator, props, at.text("name"), at.text("country_code"), at.text("country_subdivision_code") or at.text("country_subdivision_name"))
    _coordinates(ctx, r.locator, props, at)


def _place_1(ctx: Context, r: Record, props: dict[str, Value]) -> None:
    code = r.object("country", ("country_code",), ("country_name",)).text("country_code")
    places = r.objects("addresses", ("lat", "lng", "city", "state", "postcode", "geonames_city"), ("state_code", "primary", "line", "country_geonames_id"))
    if not places:
        _place(ctx, r.locator, props, "", code, "")
        return
    at = places[0]
    city = at.object("geonames_city", ("city", "geonames_admin1"), ("id", "geonames_admin2", "license", "nuts_level1", "nuts_level2", "nuts_level3"))
    admin = city.object("geonames_admin1", ("name",), ("id", "ascii_name", "code"))
    _place(ctx, r.locator, props, city.text("city") or at.text("city"), code, admin.text("name") or at.text("state"))
    if postcode := at.text("postcode"):
        props["postcode"] = postcode
    _coordinates(ctx, r.locator, props, at)


def _place(ctx: Context, locator: str, props: dict[str, Value], city: str, code: str, region: str) -> None:
    """City and country as stated; the region only for Germany, whose Länder have German names here."""
    if city:
        props["city"] = city
    iso = country(code)
    if iso:
        props["country"] = iso
    elif code:
        ctx.issue("unknown_country", locator, code)
    if region and iso == "DE":
        if name := land(region):
            props["region"] = name
        else:
            ctx.issue("unknown_category", locator, region, "region")


def _coordinates(ctx: Context, locator: str, props: dict[str, Value], at: Record) -> None:
    lat, lon = at.number("lat"), at.number("lng")
    if (lat, lon) == (None, None):
        return
    if place := coordinates(lat, lon):
        props["lat"], props["lon"] = place
    else:
        ctx.issue("bad_coordinates", locator, f"{lat}, {lon}")


def _website(ctx: Context, r: Record, *, second: bool) -> str:
    for text in [link.text("value") for link in r.objects("links", ("type", "value")) if link.text("type") == "website"] if second else r.texts("links"):
        if address := web_address(text):
            return address
        ctx.issue("bad_value", r.locator, text, "links")
    return ""


def _wikidata_2(r: Record) -> str:
    for x in r.objects("external_ids", ("type", "preferred", "all")):
        if x.text("type") == "wikidata":
            return _wikidata(x)
    return ""


def _wikidata_1(r: Record) -> str:
    unread = ("GRID", "ISNI", "FundRef", "OrgRef", "HESA", "UCAS", "UKPRN", "CNRS", "LinkedIn", "ROR")
    return _wikidata(r.object("external_ids", ("Wikidata",), unread).object("Wikidata", ("preferred", "all")))


def _wikidata(x: Record) -> str:
    """The preferred item, else the first."""
    return next((q for q in (x.text("preferred"), *x.texts("all")) if re.fullmatch(r"Q[1-9][0-9]*", q)), "")
