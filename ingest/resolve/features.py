"""What a record shows when it is compared: its names as weighted words in any language, acronyms, numbers, place, kind, website.

Words that only say what an organisation is (university, centre, research, ...) are one concept in all languages; words of a
name weigh by how rare they are in the names of public registers (data/reference/names/counts.tsv), so that a score is a
function of its two records and of nothing else that is loaded.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import combinations
from typing import Final
from urllib.parse import urlsplit

from ingest.resolve.normalise import Phrases, city_key, city_phrases, fold, known_cities, parse, read_table

BITS: Final = 6
"""Low bits of a coded word hold its weight: a list of coded words can be intersected and its weights summed in SQL."""
UNIT: Final = 4.0
"""Weights are counted in quarters of a bit."""

_NAMES_KEPT: Final = 16
"""Names of one record that are compared; the first ones are the main ones."""
_LETTERS_KEPT: Final = 300
"""Letters of a name that are compared; some registers hold whole paragraphs."""

_BRACKETED: Final = re.compile(r"\(([^()]*)\)")
_ACRONYM: Final = re.compile(r"^(?=(?:.*[A-ZÄÖÜ]){2})[A-Za-zÄÖÜäöüß0-9][A-Za-zÄÖÜäöüß0-9&./-]{1,9}$")
_COMPOUND_HEADS: Final = (
    "institut", "zentrum", "universitat", "hochschule", "klinikum", "kliniken", "klinik", "krankenhaus", "gesellschaft", "verband", "verein",
    "stiftung", "akademie", "ministerium", "forschung", "anstalt", "genossenschaft", "technik", "technologie", "wissenschaft", "wissenschaften",
    "gruppe", "netzwerk", "agentur",
)  # fmt: skip
_COMPOUND: Final = re.compile(rf"^([a-z]{{4,}}?)(?:s|es|n|en)?({'|'.join(sorted(_COMPOUND_HEADS, key=len, reverse=True))})$")

_MARKS: Final = frozenset(
    ("hospital", "holding", "department", "faculty", "foundation", "association", "city", "district", "service", "management", "library", "museum",
     "school", "chamber", "chamber_of_commerce", "chamber_of_crafts", "chamber_of_agriculture", "ministry", "authority", "agency", "council",
     "branch", "academy", "university", "laboratory", "institute", "group", "cooperative"),
)  # fmt: skip
"""Concepts that tell two organisations of one name apart: «Universität X» and «Universitätsklinikum X»."""

_COUNTRY: Final = {"germany": "DE", "deutschland": "DE"}

_SEGMENTS: Final = re.compile(r"\s+[-–—|]\s+|[,;:/]\s+|\s/")
_UNIT_CONCEPTS: Final = frozenset(f"~{c}" for c in ("institute", "department", "hospital", "faculty", "laboratory", "school", "branch", "centre"))


_ROLES: Final = (
    ("university_hospital", frozenset(("~university", "~hospital"))),
    ("chamber_of_commerce", frozenset(("~chamber_of_commerce",))),
    ("chamber_of_crafts", frozenset(("~chamber_of_crafts",))),
    ("chamber_of_agriculture", frozenset(("~chamber_of_agriculture",))),
)
"""What there is only one of in a city, and the concepts that a name of it holds."""
_BESIDE: Final = frozenset(("~society", "~association", "~foundation", "freunde", "forderer", "forderverein"))
"""Words of who stands beside it: its friends and supporters."""


@dataclass(frozen=True, slots=True)
class Features:
    """One record as it is compared.

    cities    keys of the city: the whole name and, as «Esslingen» for «Esslingen am Neckar», its first word
    keys      names without blanks, stop words and legal forms, in concepts: equal keys are one name
    local     keys of names without the words of its own city: «Institut für Automation Magdeburg» in Magdeburg
    vat       numbers of the tax office: a city and its enterprise, a university and its institute may share one
    letters   the same without concepts: what a typing error or a lost blank leaves nearly equal
    uncut     those of long names that end in no legal form, so that a register may have cut them
    full      names with their legal form
    tokens    all words of all names, cities in one spelling
    segments  keys of what stands between the separators of a name, if it is more than its acronym: «Universität X - Institut Y»
    units     words, coded, of the institutes, departments and chairs that stand behind a separator
    words     per name its words, coded (see BITS), sorted
    roles     what it is that there is only one of in a city
    acronyms  short names; ``initials`` are those that its long names could have
    blocks    keys under which records that may be one meet
    digest    of all the other fields
    """

    id: str
    country: str
    region: str
    place: str
    cities: tuple[str, ...]
    lat: float | None
    lon: float | None
    kind: str
    domain: str
    vat: tuple[str, ...]
    keys: tuple[str, ...]
    local: tuple[str, ...]
    letters: tuple[str, ...]
    uncut: tuple[str, ...]
    full: tuple[str, ...]
    words: tuple[tuple[int, ...], ...]
    forms: tuple[str, ...]
    tokens: tuple[str, ...]
    segments: tuple[str, ...]
    units: tuple[tuple[int, ...], ...]
    roles: tuple[str, ...]
    acronyms: tuple[str, ...]
    initials: tuple[str, ...]
    numbers: tuple[str, ...]
    marks: tuple[str, ...]
    all_marks: tuple[str, ...]
    blocks: tuple[str, ...]
    digest: str


@cache
def _concepts() -> tuple[Phrases, frozenset[str]]:
    """Phrases to concepts, and the stop words of all languages."""
    phrases: dict[tuple[str, ...], tuple[str, ...]] = {}
    stop: set[str] = set()
    for row in read_table("words.tsv"):
        concept = row.pop("concept")
        for words in row.values():
            for spelling in filter(None, (fold(w) for w in (words or "").split(","))):
                if concept == "-":
                    stop.add(spelling)
                else:
                    phrases.setdefault(tuple(spelling.split()), (f"~{concept}",))
    return Phrases(phrases), frozenset(stop)


@cache
def _counts() -> tuple[int, Mapping[str, int]]:
    """Number of names counted, and in how many of them a word stands."""
    rows = {row["word"]: int(row["names"]) for row in read_table("counts.tsv")}
    return rows.pop("*"), rows


@lru_cache(maxsize=200_000)
def weight(word: str) -> int:
    """Weight of a word in quarters of a bit, 1 to 63: minus the logarithm of the share of names that hold it."""
    total, counts = _counts()
    return max(1, min((1 << BITS) - 1, round(UNIT * math.log2(total / max(counts.get(word, 0), 1)))))


@lru_cache(maxsize=200_000)
def coded(word: str) -> int:
    """A word as a number whose low bits are its weight."""
    code = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=7).digest())
    return (code << BITS) | weight(word)


def _split(word: str) -> tuple[str, ...]:
    found = _COMPOUND.match(word)
    return (found[1], found[2]) if found and word not in _COMPOUND_HEADS else (word,)


_ROMAN: Final = {r: str(n) for n, r in enumerate(("ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), 2) if len(r) > 1}
"""Numerals as they stand in names; a single letter may be anything."""


@lru_cache(maxsize=50_000)
def name_words(name: str) -> tuple[tuple[str, ...], str]:
    """The words of a name that are compared, in order, as concepts and cities of one spelling; and its legal form."""
    parsed = parse(name)
    phrases, stop = _concepts()
    out: list[str] = []
    spelled: list[str] = []
    for found, _ in city_phrases().find(parsed.bare):
        spelled += found
    for found, is_concept in phrases.find([_ROMAN.get(w, w) for w in spelled]):
        if is_concept:
            out += found
        elif found[0] in stop:
            continue
        else:
            # a concept inside a compound counts as if it stood alone
            for part, known in phrases.find(_split(found[0])):
                out += part if known or part[0] not in stop else ()
    return tuple(out) or parsed.words, parsed.form


def _variants(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Names to compare and acronyms, from names as publishers write them."""
    long: dict[str, None] = {}
    short: dict[str, None] = {}
    for raw in names:
        name = " ".join(raw[:_LETTERS_KEPT].split())
        inside = [b.strip() for b in _BRACKETED.findall(name)]
        for b in inside:
            if _ACRONYM.match(b) and fold(b) not in _COUNTRY:
                short[b] = None
        bare = " ".join(_BRACKETED.sub(" ", name).split())
        for n in [bare, name] if inside and bare else [name]:
            if n:
                long[n] = None
        # «BIAS - Bremer Institut für angewandte Strahltechnik»: the acronym is a name of its own, and so is the rest
        segments = [s.strip() for s in _SEGMENTS.split(bare) if s and s.strip()]
        if len(segments) == 2:
            for acronym, rest in (segments, segments[::-1]):
                if _ACRONYM.match(acronym) and fold(acronym) in set(_initials(rest)):
                    short[acronym] = None
                    long[rest] = None
    for n in list(long):
        if len(long) > 1 and " " not in n and _ACRONYM.match(n) and len(n) <= 8:
            short[n] = None
    return list(long)[:_NAMES_KEPT], list(short)


def _initials(name: str) -> Iterator[str]:
    parsed = parse(re.sub(r"[-–]", " ", name))
    _, stop = _concepts()
    words = parsed.bare
    letters = 3
    if len(words) >= letters:
        yield "".join(w[0] for w in words)
    strong = [w for w in words if w not in stop]
    if len(strong) >= letters:
        yield "".join(w[0] for w in strong)


def domain(website: str) -> str:
    """Host of a website without «www.»; "" where there is none."""
    host = (urlsplit(website if "//" in website else f"//{website}").hostname or "").removeprefix("www.")
    return host if "." in host else ""


def features(
    id_: str,
    names: Sequence[str],
    *,
    country: str = "",
    region: str = "",
    place: str = "",
    city: str = "",
    lat: float | None = None,
    lon: float | None = None,
    kind: str = "",
    website: str = "",
    vat: Iterable[str] = (),
) -> Features:
    """Features of a record.  ``names``: the main one first; ``place``: id of a place of the graph or key of a city abroad."""
    long, short = _variants(names)
    spelled = [name_words(n) for n in long]
    keys = tuple(dict.fromkeys("".join(w) for w, _ in spelled if w))
    bags = tuple(dict.fromkeys(tuple(sorted(set(w))) for w, _ in spelled if w))
    marks = {w[1:] for w in (spelled[0][0] if spelled else ()) if w[0] == "~"} & _MARKS
    all_marks = {w[1:] for words, _ in spelled for w in words if w[0] == "~"} & _MARKS
    acronyms = tuple(dict.fromkeys(fold(a).replace(" ", "") for a in short))
    host = domain(website)
    letters = tuple(dict.fromkeys("".join(parse(n).bare)[:_LETTERS_KEPT] for n in long))
    segments, units = _segments(long)
    initials = tuple(dict.fromkeys(i for n in long for i in _initials(n)))
    cities = _cities(city)
    found = Features(
        id=id_,
        country=country,
        region=region,
        place=place,
        cities=cities,
        lat=lat,
        lon=lon,
        kind=kind,
        domain=host,
        vat=tuple(sorted(vat)),
        keys=keys,
        local=_local(long, cities),
        letters=letters,
        uncut=tuple(x for n in long if len(x := "".join(parse(n).bare)) >= _CUT and not parse(n).formal[-1]),
        full=tuple(dict.fromkeys(" ".join(parse(n).words) for n in long)),
        words=tuple(tuple(sorted(map(coded, b))) for b in bags),
        forms=tuple(dict.fromkeys(f for _, f in spelled if f)),
        tokens=tuple(dict.fromkeys(w for n in long for found, _ in city_phrases().find(parse(n).bare) for w in found)),
        segments=segments,
        units=units,
        roles=tuple(role for role, concepts in _ROLES if any(concepts <= set(w) and not _BESIDE & set(w) for w, _ in spelled)),
        acronyms=acronyms,
        initials=initials,
        numbers=tuple(sorted({w for words, _ in spelled[:1] for w in words if w.isdigit()})),
        marks=tuple(sorted(marks)),
        all_marks=tuple(sorted(all_marks)),
        blocks=tuple(sorted(_blocks((*keys, *letters), bags, acronyms, country, place, host) | {f"v:{v}" for v in vat})),
        digest="",
    )
    return replace(found, digest=hashlib.blake2b(repr(found).encode(), digest_size=8).hexdigest())


def _segments(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """`Features.segments` and `Features.units` of names."""
    found: dict[str, None] = {}
    units: dict[tuple[int, ...], None] = {}
    for name in names:
        head, *tail = (s for s in _SEGMENTS.split(name) if s and s.strip())
        # its own acronym is no part: «Deutsches Zentrum für Luft- und Raumfahrt - DLR», but «Universität X - IME»
        if not tail or (len(tail) == 1 and fold(tail[0]) in set(_initials(head))):
            continue
        found.update(dict.fromkeys("".join(name_words(s)[0]) for s in (head, *tail)))
        for segment in tail:
            words = set(name_words(segment)[0])
            if words & _UNIT_CONCEPTS and words - _UNIT_CONCEPTS:
                units[tuple(sorted(map(coded, words - _UNIT_CONCEPTS)))] = None
    return tuple(found), tuple(units)


_CUT: Final = 40
"""Letters from which on a name may have been cut."""
_LEFT: Final = 60
"""Weight (quarters of a bit) that a name must keep without its city to be compared without it."""


def _local(names: Iterable[str], cities: Sequence[str]) -> tuple[str, ...]:
    out: dict[str, None] = {}
    for name in names:
        words = name_words(name)[0]
        left = [w for w in words if w not in cities]
        if len(left) < len(words) and sum(map(weight, set(left))) >= _LEFT:
            out["".join(left)] = None
    return tuple(out)


_CITY: Final = 5


def _cities(city: str) -> tuple[str, ...]:
    key = city_key(city) if city else ""
    first = key.split(" ")[0]
    # «Esslingen» is Esslingen am Neckar, but Frankfurt is not Frankfurt (Oder)
    return tuple(dict.fromkeys(c for c in (key, first if len(first) >= _CITY and first not in known_cities() else "") if c))


_RARE: Final = 44
_LOCAL: Final = 20
_PAIR: Final = 72
_STEM: Final = 6


def _blocks(keys: Sequence[str], bags: Sequence[tuple[str, ...]], acronyms: Sequence[str], country: str, place: str, host: str) -> set[str]:
    """Records meet that share a name, a rare word or acronym in a country, two words, a word in a place, a website."""
    out = {f"n:{k}" for k in keys}
    for bag in bags:
        words = sorted(bag, key=lambda w: (-weight(w), w))[:6]
        out.update(f"w:{country}:{w}" for w in words[:4] if weight(w) >= _RARE)
        out.update(f"p:{country}:{a}+{b}" for a, b in combinations(sorted(words), 2) if weight(a) + weight(b) >= _PAIR)
        if place:
            out.update(f"c:{place}:{w}" for w in words if weight(w) >= _LOCAL)
    if place:
        out.update(f"s:{place}:{k[:_STEM]}" for k in keys)
    out.update(f"w:{country}:{a}" for a in acronyms)
    if host:
        out.add(f"d:{host}")
    return out
