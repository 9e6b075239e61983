"""German places from the GeoNames postal codes: country, Land, district, municipality, with postcodes and coordinates.

The file holds two kinds of rows.  With letters in ``state_code`` (``NW``) ``place`` is a town or village; with digits (``07``) it is a large
receiver of mail with a postcode of its own (a firm, a court), whose coordinates are often the city's centre.  Only the first kind makes
municipalities and coordinates; the postcodes of the second still lead to their district.

A city that is a district of its own (kreisfreie Stadt) is one place with the five digits of its key.  Municipalities of a district carry
the eight digits of their key where this file knows them (the Ruhr area and some larger towns), else an id made of district and name.
"""

from __future__ import annotations

import hashlib
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from graph.model import Claim, Entity, Evidence, Label, Link, Value
from ingest.base import Context, FileError, Row, SourceMeta

META: Final = SourceMeta(
    id="geonames",
    title_de="GeoNames: Postleitzahlen und Orte in Deutschland",
    title_en="GeoNames: postal codes and places in Germany",
    publisher="GeoNames",
    homepage="https://download.geonames.org/export/zip/",
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    attribution="GeoNames (www.geonames.org), CC BY 4.0; NUTS-Codes: Eurostat; Mitglieder des Regionalverbands Ruhr: RVR-Gesetz",
    states_de="Orte mit Postleitzahlen und Koordinaten, Kreise mit Kreisschlüssel, Länder, dazu das Ruhrgebiet als Region.",
    states_en="Places with postcodes and coordinates, districts with their key, states, and the Ruhr area as a region.",
    persons_de="Die Quelle enthält keine Personen. Namen von Großempfängern (Firmen, Behörden) werden nicht übernommen.",
    persons_en="The source holds no persons. Names of large receivers of mail (firms, authorities) are not taken over.",
)

_READ: Final = ("country_code", "zipcode", "place", "state_code", "community", "community_code", "latitude", "longitude")
# the Land follows from the key (its names are a mixture of German and English); the Regierungsbezirk is not a level here
_UNREAD: Final = ("state", "province", "province_code")

STATES: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "01": ("SH", "Schleswig-Holstein", "Schleswig-Holstein", "DEF"),
    "02": ("HH", "Hamburg", "Hamburg", "DE6"),
    "03": ("NI", "Niedersachsen", "Lower Saxony", "DE9"),
    "04": ("HB", "Bremen", "Bremen", "DE5"),
    "05": ("NW", "Nordrhein-Westfalen", "North Rhine-Westphalia", "DEA"),
    "06": ("HE", "Hessen", "Hesse", "DE7"),
    "07": ("RP", "Rheinland-Pfalz", "Rhineland-Palatinate", "DEB"),
    "08": ("BW", "Baden-Württemberg", "Baden-Württemberg", "DE1"),
    "09": ("BY", "Bayern", "Bavaria", "DE2"),
    "10": ("SL", "Saarland", "Saarland", "DEC"),
    "11": ("BE", "Berlin", "Berlin", "DE3"),
    "12": ("BB", "Brandenburg", "Brandenburg", "DE4"),
    "13": ("MV", "Mecklenburg-Vorpommern", "Mecklenburg-Western Pomerania", "DE8"),
    "14": ("SN", "Sachsen", "Saxony", "DED"),
    "15": ("ST", "Sachsen-Anhalt", "Saxony-Anhalt", "DEE"),
    "16": ("TH", "Thüringen", "Thuringia", "DEG"),
}
"""First two digits of a municipality key -> ISO 3166-2, German name, English name, NUTS 1 (Eurostat, NUTS 2021)."""

_NUTS_OF: Final = {
    "DEA1": "05111 05112 05113 05114 05116 05117 05119 05120 05122 05124 05154 05158 05162 05166 05170",
    "DEA2": "- 05314 05315 05316 - 05358 05362 05366 05370 05374 05378 05382 05334",
    "DEA3": "05512 05513 05515 05554 05558 05562 05566 05570",
    "DEA4": "05711 05754 05758 05762 05766 05770 05774",
    "DEA5": "05911 05913 05914 05915 05916 05954 05958 05962 05966 05970 05974 05978",
}
NUTS: Final[Mapping[str, str]] = {key: nuts2 + "123456789ABCDEFGH"[i] for nuts2, keys in _NUTS_OF.items() for i, key in enumerate(keys.split()) if key != "-"}
"""District key -> NUTS 3 for North Rhine-Westphalia (Eurostat, NUTS 2021; the last sign counts on from 1)."""

RUHR: Final = ("05112", "05113", "05117", "05119", "05170", "05512", "05513", "05562", "05911", "05913", "05914", "05915", "05916", "05954", "05978")
"""Members of the Regionalverband Ruhr: eleven cities and four districts."""

_RUHR_QUOTE: Final = (
    "Mitglieder des Regionalverbands Ruhr sind die kreisfreien Städte Bochum, Bottrop, Dortmund, Duisburg, Essen, Gelsenkirchen, Hagen, Hamm, Herne, "
    "Mülheim an der Ruhr und Oberhausen sowie die Kreise Ennepe-Ruhr-Kreis, Recklinghausen, Unna und Wesel."
)

MUNICIPALITIES: Final[Mapping[tuple[str, str], str]] = {
    (key[:5], name): key
    for key, name in {
        "05158028": "Ratingen",
        "05158032": "Velbert",
        "05162024": "Neuss",
        "05170004": "Alpen",
        "05170008": "Dinslaken",
        "05170012": "Hamminkeln",
        "05170016": "Hünxe",
        "05170020": "Kamp-Lintfort",
        "05170024": "Moers",
        "05170028": "Neukirchen-Vluyn",
        "05170032": "Rheinberg",
        "05170036": "Schermbeck",
        "05170040": "Sonsbeck",
        "05170044": "Voerde",
        "05170048": "Wesel",
        "05170052": "Xanten",
        "05334002": "Aachen",
        "05358008": "Düren",
        "05358024": "Jülich",
        "05378004": "Bergisch Gladbach",
        "05382056": "Sankt Augustin",
        "05562004": "Castrop-Rauxel",
        "05562008": "Datteln",
        "05562012": "Dorsten",
        "05562014": "Gladbeck",
        "05562016": "Haltern am See",
        "05562020": "Herten",
        "05562024": "Marl",
        "05562028": "Oer-Erkenschwick",
        "05562032": "Recklinghausen",
        "05562036": "Waltrop",
        "05754008": "Gütersloh",
        "05770024": "Minden",
        "05774032": "Paderborn",
        "05954004": "Breckerfeld",
        "05954008": "Ennepetal",
        "05954012": "Gevelsberg",
        "05954016": "Hattingen",
        "05954020": "Herdecke",
        "05954024": "Schwelm",
        "05954028": "Sprockhövel",
        "05954032": "Wetter (Ruhr)",
        "05954036": "Witten",
        "05962024": "Iserlohn",
        "05962032": "Lüdenscheid",
        "05970040": "Siegen",
        "05978004": "Bergkamen",
        "05978008": "Bönen",
        "05978012": "Fröndenberg",
        "05978016": "Holzwickede",
        "05978020": "Kamen",
        "05978024": "Lünen",
        "05978028": "Schwerte",
        "05978032": "Selm",
        "05978036": "Unna",
        "05978040": "Werne",
    }.items()
}
"""District key and name -> municipality key of the Statistische Ämter: all of the Ruhr area, and larger towns of North Rhine-Westphalia."""

OTHER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "Braunschweig": ("Brunswick",),
    "Düsseldorf": ("Dusseldorf",),
    "Frankfurt am Main": ("Frankfurt",),
    "Freiburg im Breisgau": ("Freiburg",),
    "Fröndenberg": ("Fröndenberg/Ruhr",),
    "Halle": ("Halle (Saale)", "Halle/Saale"),
    "Haltern am See": ("Haltern",),
    "Hannover": ("Hanover",),
    "Köln": ("Cologne", "Koln"),
    "Ludwigshafen am Rhein": ("Ludwigshafen",),
    "Mülheim an der Ruhr": ("Mülheim/Ruhr", "Mülheim a. d. Ruhr", "Mulheim an der Ruhr"),
    "München": ("Munich",),
    "Nürnberg": ("Nuremberg",),
    "Offenbach am Main": ("Offenbach",),
    "Voerde": ("Voerde (Niederrhein)",),
}
"""English names and spellings in common use."""

# cities of their own that this file does not call «Stadt», or not in German
_CITIES: Final = {"09564": "Nürnberg", "09762": "Kaufbeuren", "12053": "Frankfurt (Oder)", "15001": "Dessau-Roßlau", "15003": "Magdeburg"}
_CITY_FIRST: Final = re.compile(r"^(?:Kreisfreie Stadt|Stadtkreis) ")
_CITY_LAST: Final = re.compile(r", .*[Ss]tadt$")
_DISTRICT: Final = re.compile(r"^(?:Landkreis|Kreis|Städteregion|Region|Regionalverband) |[Kk]reis\b")


@dataclass(slots=True)
class _Place:
    """What the rows of one place say."""

    first: Row
    evidence: str
    names: Counter[str] = field(default_factory=Counter)
    postcodes: set[str] = field(default_factory=set)
    points: list[tuple[float, float]] = field(default_factory=list)


def crawl(ctx: Context, path: Path) -> Iterator[Claim]:
    """Claims of the postal code table (.csv, .csv.gz or .zip).  Holds the places in memory (some 30 MB)."""
    members = [m for m in ctx.members(path) if m.name.endswith((".csv", ".txt"))]
    if not members:
        raise FileError(f"{path.name}: keine Tabelle der Postleitzahlen (.csv) gefunden.", f"{path.name}: no table of postal codes (.csv) found.")
    districts: dict[str, _Place] = {}
    places: dict[tuple[str, str], _Place] = {}
    for m in members:
        for row in ctx.table(m, read=_READ, unread=_UNREAD, required=("zipcode", "place", "community", "community_code")):
            _read_row(ctx, row, districts, places)
    if not districts:
        raise FileError(f"{path.name}: keine Zeile mit einem Kreisschlüssel.", f"{path.name}: no row with a district key.")
    yield from _claims(districts, places)


def district_name(key: str, spellings: Counter[str]) -> tuple[str, list[str], bool]:
    """Name, other names and whether it is a city of its own, from the spellings in the file.

    A city is called by its bare name (``Oberhausen``), a district by its full one (``Kreis Wesel``), so that it is not taken for its town.
    """
    names = sorted(spellings, key=lambda n: (-spellings[n], n))
    bare = [_CITY_FIRST.sub("", n) for n in names if _CITY_FIRST.search(n)] + [_CITY_LAST.sub("", n) for n in names if _CITY_LAST.search(n)]
    bare = [n for n in bare if n.strip(" ,")]
    if key in _CITIES or bare:
        return _CITIES.get(key) or bare[0], names, True
    full = [n for n in names if _DISTRICT.search(n)]
    # a district is a Kreis in Schleswig-Holstein and North Rhine-Westphalia, a Landkreis elsewhere
    return (full[0], full[1:], False) if full else (f"{'Kreis' if key[:2] in ('01', '05') else 'Landkreis'} {names[0]}", [], False)


def _read_row(ctx: Context, row: Row, districts: dict[str, _Place], places: dict[tuple[str, str], _Place]) -> None:
    key, place, postcode = row.get("community_code"), row.get("place"), row.get("zipcode")
    if row.get("country_code") not in ("DE", ""):
        ctx.issue("unknown_country", row, row.get("country_code"))
        return
    if not re.fullmatch(r"\d{5}", key) or key[:2] not in STATES or not row.get("community"):
        ctx.issue("missing_id", row, f"{postcode} {place}")
        return
    if not re.fullmatch(r"\d{5}", postcode):
        ctx.issue("bad_value", row, postcode, "zipcode")
        postcode = ""
    town = bool(re.fullmatch(r"[A-Z]{2}", row.get("state_code"))) and bool(place)
    point = _point(ctx, row) if town else None
    own = [districts.setdefault(key, _Place(row, f"geonames:{key}"))]
    own[0].names[row.get("community")] += 1
    if town:
        own.append(places.setdefault((key, place), _Place(row, "")))
    for p in own:
        if postcode:
            p.postcodes.add(postcode)
        if point:
            p.points.append(point)


def _point(ctx: Context, row: Row) -> tuple[float, float] | None:
    try:
        lat, lon = float(row.get("latitude")), float(row.get("longitude"))
    except ValueError:
        lat = lon = float("nan")
    if not (47 < lat < 56 and 5 < lon < 16):
        ctx.issue("bad_coordinates", row, f"{row.get('latitude')} {row.get('longitude')}")
        return None
    return lat, lon


def _middle(points: list[tuple[float, float]]) -> dict[str, Value]:
    """The median of each coordinate, which one wrong point does not move; empty without points."""
    if not points:
        return {}
    return {"lat": round(statistics.median(p[0] for p in points), 4), "lon": round(statistics.median(p[1] for p in points), 4)}


def _place(id_: str, evidence: str, name: str, level: str, names: list[str], **props: Value) -> Entity:
    others = [n for n in dict.fromkeys(names) if n != name]
    values: dict[str, Value] = {"name": name, "level": level, "country": "DE", **props}
    if others:
        values["names"] = others
    return Entity(id_, Label.PLACE, values, (evidence,))


def _claims(districts: dict[str, _Place], places: dict[tuple[str, str], _Place]) -> Iterator[Claim]:
    towns: dict[str, dict[str, _Place]] = {}
    for (key, name), p in sorted(places.items()):
        towns.setdefault(key, {})[name] = p
    first = min(districts)
    country = Evidence("geonames:DE", districts[first].first.locator, districts[first].first.quote(), "geonames")
    yield country
    yield _place("place:DE", country.id, "Deutschland", "country", ["Germany"])
    bare = Counter(re.sub(r" \(.*\)$", "", name) for _, name in places) + Counter(n for others in OTHER_NAMES.values() for n in others)
    for state in sorted({k[:2] for k in districts}):
        yield from _state(state, [districts[k] for k in sorted(districts) if k[:2] == state])
    for key, p in sorted(districts.items()):
        name, names, city = district_name(key, p.names)
        yield Evidence(p.evidence, p.first.locator, p.first.quote(), "geonames")
        extra: dict[str, Value] = {"ags": key, "postcodes": sorted(p.postcodes), **_middle(p.points)}
        if key in NUTS:
            extra["nuts"] = NUTS[key]
        yield _place(f"place:{key}", p.evidence, name, "district", [*names, *(_other_names(name, bare) if city else ())], **extra)
        yield Link(f"place:{key}", "WITHIN", f"place:DE-{STATES[key[:2]][0]}", (p.evidence,))
        if not city:
            yield from _towns(key, towns.get(key, {}), bare)
    yield from _ruhr(districts)


def _state(key: str, members: list[_Place]) -> Iterator[Claim]:
    iso, german, english, nuts = STATES[key]
    evidence = f"geonames:{key}"
    yield Evidence(evidence, members[0].first.locator, members[0].first.quote(), "geonames")
    points = [point for p in members for point in p.points]
    yield _place(f"place:DE-{iso}", evidence, german, "state", [english], ags=key, nuts=nuts, **_middle(points))
    yield Link(f"place:DE-{iso}", "WITHIN", "place:DE", (evidence,))


def _towns(key: str, towns: dict[str, _Place], bare: Counter[str]) -> Iterator[Claim]:
    """Municipalities of a district.  ``Jessen (Elster) Schöneicho`` is a part of ``Jessen (Elster)`` where that is in the file too."""
    whole: dict[str, list[_Place]] = {}
    for name, p in sorted(towns.items()):
        owner = next(
            (n for n in whole if name.startswith(n + " ") and not re.match(r"(?:am|an|auf|bei|im|in|ob|unter|vor|a\.|i\.|\()\b", name[len(n) + 1 :])), name
        )
        whole.setdefault(owner, []).append(p)
    for name, parts in whole.items():
        ags = MUNICIPALITIES.get((key, name))
        local = ags or f"{key}-{hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[:8]}"
        evidence = f"geonames:{local}"
        yield Evidence(evidence, parts[0].first.locator, parts[0].first.quote(), "geonames")
        postcodes = sorted({c for p in parts for c in p.postcodes})
        extra: dict[str, Value] = {"postcodes": postcodes, **_middle([point for p in parts for point in p.points])}
        if ags:
            extra["ags"] = ags
        yield _place(f"place:{local}", evidence, name, "municipality", _other_names(name, bare), **extra)
        yield Link(f"place:{local}", "WITHIN", f"place:{key}", (evidence,))


def _other_names(name: str, bare: Counter[str]) -> list[str]:
    """Names in common use, and the name without its bracket where no other place is called so."""
    short = re.sub(r" \(.*\)$", "", name)
    return [*OTHER_NAMES.get(name, ()), *([short] if short != name and bare[short] == 1 else [])]


def _ruhr(districts: dict[str, _Place]) -> Iterator[Claim]:
    members = [k for k in RUHR if k in districts]
    if not members:
        return
    evidence = "geonames:region:ruhr"
    yield Evidence(evidence, "RVRG § 1", _RUHR_QUOTE, "geonames")
    points = [point for k in members for point in districts[k].points]
    yield _place("place:region:ruhr", evidence, "Ruhrgebiet", "region", ["Ruhr area", "Metropole Ruhr", "Ruhr"], **_middle(points))
    yield Link("place:region:ruhr", "WITHIN", "place:DE-NW", (evidence,))
    for key in members:
        yield Link(f"place:{key}", "WITHIN", "place:region:ruhr", (evidence,))
