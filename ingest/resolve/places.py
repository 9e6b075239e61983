"""Which place of the graph an organisation is in: by municipality key, postcode and city, or city alone; German places only.

Organisations abroad keep city and country as properties: there is no gazetteer for them in the data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ingest.resolve.normalise import city_key, fold

STATES: Final = {
    "01": "Schleswig-Holstein",
    "02": "Hamburg",
    "03": "Niedersachsen",
    "04": "Bremen",
    "05": "Nordrhein-Westfalen",
    "06": "Hessen",
    "07": "Rheinland-Pfalz",
    "08": "Baden-Württemberg",
    "09": "Bayern",
    "10": "Saarland",
    "11": "Berlin",
    "12": "Brandenburg",
    "13": "Mecklenburg-Vorpommern",
    "14": "Sachsen",
    "15": "Sachsen-Anhalt",
    "16": "Thüringen",
}
"""First two digits of the official municipality key (AGS) and the Land (Statistisches Bundesamt)."""

# words of a municipality's name that are also other words; alone in an organisation's name they are no place
_AMBIGUOUS: Final = frozenset(
    ("essen", "hamm", "herne", "hagen", "weil", "selm", "werl", "wesel", "ahlen", "halle", "singen", "celle", "hof", "berg", "stein", "au")
)


class PlaceIndex:
    """Places by key, postcode and name.  Takes the properties of Place nodes by id."""

    def __init__(self, places: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        self._name: dict[str, list[str]] = defaultdict(list)
        self._postcode: dict[str, list[str]] = defaultdict(list)
        self._ags: dict[str, str] = {}
        self.props: dict[str, Mapping[str, Any]] = {}
        for id_, p in sorted(places):
            if p.get("level") not in ("municipality", "district"):
                continue
            self.props[id_] = p
            if p.get("ags"):
                self._ags[p["ags"]] = id_
            for name in {p.get("name", ""), *p.get("names", ())}:
                if name:
                    self._name[city_key(name)].append(id_)
            for code in p.get("postcodes", ()):
                self._postcode[code].append(id_)

    def __bool__(self) -> bool:
        return bool(self.props)

    def is_city(self, place: str) -> bool:
        """True for a municipality and for a district that is one city; «Kreis Wesel» is a district of many."""
        p = self.props[place]
        return p.get("level") == "municipality" or not re.match(r"(Landkreis|Kreis|Städteregion|Region)\b|.*\b(kreis|Kreis)$", str(p.get("name", "")))

    def find(self, *, ags: str = "", postcode: str = "", city: str = "", region: str = "") -> str | None:
        """The place, or None if nothing or more than one thing fits.  ``region``: name of the Land, narrows a common name."""
        if ags:
            for key in (ags, ags[:5]):
                if key in self._ags:
                    return self._ags[key]
        named = self._name.get(city_key(city), []) if city else []
        if postcode:
            coded = self._postcode.get(postcode.removeprefix("D-").strip(), [])
            both = [p for p in named if p in coded]
            if both:
                return self._one(both)
            if coded and not named:
                # the city's spelling is unknown here; the postcode alone tells the place if it belongs to one only
                return self._one(coded)
        if region and len(named) > 1:
            named = [p for p in named if self.region(p) == region]
        return self._one(named)

    def in_name(self, name: str, region: str) -> str | None:
        """A city of this Land that the organisation's own name tells (Gasometer Oberhausen GmbH), if there is exactly one."""
        words = fold(re.sub(r"\b(Ruhr|Rhein|Main)-", r"\1", name)).split()
        text = " ".join(words)
        found = set()
        for n in range(1, 4):
            for i in range(len(words) - n + 1):
                key = " ".join(words[i : i + n])
                if key in _AMBIGUOUS and not re.search(rf"\b(stadt|universitat|stadtwerke|hochschule|klinikum|kreis) {key}\b", text):
                    continue
                ids = [
                    p
                    for p in self._name.get(key, ())
                    if self.region(p) == region and self.props[p].get("level") == "district" and len(self.props[p]["ags"]) == 5
                ]
                found.update(ids)
        return found.pop() if len(found) == 1 else None

    def region(self, place: str) -> str:
        """Name of the Land a place lies in."""
        return STATES.get(str(self.props[place].get("ags", ""))[:2], "")

    def _one(self, ids: list[str]) -> str | None:
        unique = sorted(set(ids))
        if len(unique) == 1:
            return unique[0]
        # «Oberhausen» without more is the city of that name, not one of the villages
        cities = [i for i in unique if self.props[i].get("level") == "district"]
        if len(cities) == 1:
            return cities[0]
        # a city that is a district of its own also stands as municipality: the district's key is the beginning of the other's
        keys = sorted((str(self.props[i].get("ags", "")), i) for i in unique)
        if keys and keys[0][0] and all(k.startswith(keys[0][0]) for k, _ in keys):
            return keys[0][1]
        return None
