"""What identity looks at in one record: gathered from all the claims about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graph.model import IDENTIFIERS
from ingest.claims import Header
from ingest.resolve.features import Features, features
from ingest.resolve.kinds import kind_from_name
from ingest.resolve.normalise import city_key, has_form, name_key, short_key
from ingest.resolve.places import PlaceIndex

SAID: Final = "text:"
"""How the ids of records begin that only texts know."""

LEAST_NAME: Final = 8
"""Letters of a name that tells an organisation whatever its kind; many share a shorter one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record.

    features  what is compared; None for a mention in texts and for a record without a name
    names     keys of all its names, the main one first
    place     id of a place of the graph, or the folded name of a city abroad; empty if unknown
    keyed     its publisher gives ids of its own, so two of its records are two organisations
    kind      what it is, "" if unknown
    called    keys of all its names without legal forms, acronyms too: what texts may call it
    formed    those of `called` that come from a name with a legal form
    said      it is a mention in texts, not a record of a register
    near      ids of the places where the texts say it is
    """

    id: str
    sources: frozenset[str]
    features: Features | None = None
    names: tuple[str, ...] = ()
    place: str = ""
    keyed: bool = True
    identifiers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kind: str = ""
    called: tuple[str, ...] = ()
    formed: frozenset[str] = frozenset()
    said: bool = False
    near: frozenset[str] = frozenset()


def candidate(id_: str, found: Sequence[tuple[Header, list[Any]]], places: PlaceIndex, near: frozenset[str] = frozenset()) -> Candidate:
    """A record from the claims about it, the most believed first; ``near``: the places where texts say it is."""
    said = id_.startswith(SAID)
    names: dict[str, None] = {}
    others: dict[str, None] = {}
    kind = place = ""
    stated: dict[str, Any] = {}
    identifiers: dict[str, set[str]] = {}
    keyed = False
    for header, line in found:
        props = line[4]
        if props.get("name"):
            names[props["name"]] = None
        others.update(dict.fromkeys(props.get("names", ())))
        kind = kind or line[3] or ""
        for scheme, value in line[5].items():
            identifiers.setdefault(scheme, set()).add(value)
        for key, value in props.items():
            stated.setdefault(key, value)
        place = place or place_key(props, places)
        keyed = keyed or header.source.get("own_ids") != "False"
    written = tuple(n for n in {**names, **others} if n)
    kind = kind or next((k for k in map(kind_from_name, names) if k), None) or ""
    called = {short_key(n): has_form(n) for n in reversed(written)}
    return Candidate(
        id_,
        frozenset(header.source_id for header, _ in found),
        None if said or not written else _features(id_, written, stated, place, kind, identifiers.get("vat", ()), places),
        # a short other name is most often an acronym, and many organisations share one
        tuple(dict.fromkeys((*map(name_key, names), *(k for k in map(name_key, others) if len(k) >= LEAST_NAME)))),
        place,
        keyed,
        {s: frozenset(v) for s, v in identifiers.items() if s in IDENTIFIERS},
        kind,
        tuple(reversed(called)),
        frozenset(k for k, formed in called.items() if formed),
        said,
        near,
    )


def _features(id_: str, names: tuple[str, ...], stated: Mapping[str, Any], place: str, kind: str, vat: Iterable[str], places: PlaceIndex) -> Features:
    known = places.props.get(place, {})
    return features(
        id_,
        names,
        country=stated.get("country", ""),
        region=places.region(place) if known else stated.get("region", ""),
        place=place,
        city=stated.get("city", ""),
        lat=stated.get("lat", known.get("lat")),
        lon=stated.get("lon", known.get("lon")),
        kind=kind,
        website=stated.get("website", ""),
        vat=vat,
    )


def place_key(stated: Mapping[str, Any], places: PlaceIndex) -> str:
    """Id of the place of the graph that a claim states, else the key of its city, else ""."""
    city = stated.get("city", "")
    if stated.get("country") == "DE" and (city or stated.get("ags")):
        found = places.find(ags=stated.get("ags", ""), postcode=stated.get("postcode", ""), city=city, region=stated.get("region", ""))
        if found:
            return found
    return city_key(city) if city else ""
