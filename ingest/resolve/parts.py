"""What a name says about a greater whole: the institute of a society, the chair or hospital of a university, a department, a subsidiary.

A part is never merged with its whole; it gets a PART_OF link whose evidence is the row that states the name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graph.model import Kind
from ingest.resolve.features import name_words, weight
from ingest.resolve.normalise import city_key, fold, name_key, parse, read_table

_Organizations = Mapping[str, tuple[Kind | None, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Part:
    """One organisation inside another one, by name.  ``how``: society, named, hospital, subsidiary."""

    part: str
    whole: str
    how: str
    confidence: float


_PART_CONCEPTS: Final = frozenset(
    f"~{concept}"
    for concept in (
        "institute", "department", "hospital", "faculty", "centre", "laboratory", "school", "branch", "academy", "library", "museum", "agency", "college",
    )
)  # fmt: skip
_SEPARATORS: Final = re.compile(r"\s+[-–—]\s+|[,;/:()]| an der | am | bei der | der | des | at the | at | of the ", re.IGNORECASE)
_WHOLES: Final = frozenset((Kind.UNIVERSITY, Kind.RESEARCH, Kind.PUBLIC, Kind.ASSOCIATION, Kind.COMPANY))
_NAMED: Final = 0.7
_HOSPITAL: Final = 0.7
_SUBSIDIARY: Final = 0.6
_LEAST_KEY: Final = 8
"""Letters of a name that is looked for inside other names."""
_DISTINCT: Final = 44
"""Weight (quarters of a bit) of the first word of a group of companies: «Thyssenkrupp», not «Stahl»."""
_GROUP_FORMS: Final = frozenset(("ag", "se", "kgaa", "se co kgaa", "gmbh co kgaa", "ag co kg", "plc", "sa", "spa", "nv", "ab", "asa", "oyj"))


def parts_of(organizations: _Organizations) -> Iterator[Part]:
    """Every part that names tell, sorted; at most one whole for each part and way."""
    wholes = _Wholes(organizations)
    for id_, (kind, props) in sorted(organizations.items()):
        names = tuple(dict.fromkeys(n for n in (props.get("name"), *props.get("names", ())) if n))
        found: dict[str, Part] = {}
        for name in names:
            for part in (*_in_society(id_, name, wholes), *_named(id_, name, kind, wholes), *_hospital(id_, name, wholes)):
                found.setdefault(part.how, part)
        if names and (subsidiary := _subsidiary(id_, names[0], kind, props, wholes)):
            found["subsidiary"] = subsidiary
        # two ways may tell the same whole: the surer one stands
        best: dict[str, Part] = {}
        for part in sorted(found.values(), key=lambda p: (-p.confidence, p.how)):
            best.setdefault(part.whole, part)
        yield from best.values()


class _Wholes:
    """Organisations by the keys of their names."""

    def __init__(self, organizations: _Organizations) -> None:
        self.organizations = organizations
        self.by_key: dict[str, set[str]] = defaultdict(set)
        self.groups: dict[tuple[str, str], set[str]] = defaultdict(set)
        for id_, (kind, props) in organizations.items():
            for name in {n for n in (props.get("name"), *props.get("names", ())) if n}:
                self.by_key[name_key(name)].add(id_)
                self.by_key[" ".join(parse(name).bare)].add(id_)
            parsed = parse(props.get("name") or "")
            if kind is Kind.COMPANY and parsed.form in _GROUP_FORMS:
                self.groups[props.get("country", ""), " ".join(parsed.bare)].add(id_)
        self.societies = []
        for row in read_table("societies.tsv"):
            society = next((w for n in row["names"].split(",") if (w := self.one(name_key(n)))), None)
            self.societies.append((society, tuple(fold(b) for b in row["begins"].split(",")), float(row["confidence"])))

    def one(self, key: str) -> str | None:
        """The only organisation of that name."""
        found = self.by_key.get(key, set())
        return next(iter(found)) if len(found) == 1 else None


def _in_society(id_: str, name: str, wholes: _Wholes) -> Iterator[Part]:
    key = fold(name)
    for society, begins, confidence in wholes.societies:
        if society and society != id_ and any(key.startswith(f"{b} ") for b in begins):
            yield Part(id_, society, "society", confidence)


def _named(id_: str, name: str, kind: Kind | None, wholes: _Wholes) -> Iterator[Part]:
    """The whole stands beside the part in one name: «Universität X, Institut für Y», «Stadt X - Bereich Y»."""
    segments = [s.strip() for s in _SEPARATORS.split(name) if s and s.strip()]
    if len(segments) < 2:
        return
    for n, segment in enumerate(segments):
        key = name_key(segment)
        whole = wholes.one(key) if len(" ".join(parse(segment).bare)) >= _LEAST_KEY else None
        if whole is None or whole == id_:
            continue
        whole_kind = wholes.organizations[whole][0]
        if whole_kind not in _WHOLES or (whole_kind is Kind.COMPANY and kind not in (Kind.COMPANY, None)):
            continue
        rest = [w for k, s in enumerate(segments) if k != n for w in name_words(s)[0]]
        office = n == 0 and whole_kind is Kind.PUBLIC and key.startswith(("stadt ", "kreis ", "gemeinde "))
        if rest and (office or _PART_CONCEPTS & set(rest)):
            yield Part(id_, whole, "named", _NAMED)


def _hospital(id_: str, name: str, wholes: _Wholes) -> Iterator[Part]:
    key = name_key(name)
    found = re.match(r"universitats(?:klinikum|medizin|klinik|kliniken) (?:der )?(.+)$", key)
    if found and (whole := wholes.one(f"universitat {found[1]}")) and whole != id_:
        yield Part(id_, whole, "hospital", _HOSPITAL)


def _subsidiary(id_: str, name: str, kind: Kind | None, props: Mapping[str, Any], wholes: _Wholes) -> Part | None:
    """«Kessler Digital GmbH» of «Kessler AG»: the whole name of a stock corporation in front of one's own, in one country.

    A name of one word may be a family's: then both must be in one city.
    """
    parsed = parse(name)
    words = parsed.bare
    if kind is not Kind.COMPANY or parsed.form in ("", *_GROUP_FORMS) or weight(words[0]) < _DISTINCT:
        return None
    for n in range(len(words) - 1, 0, -1):
        found = wholes.groups.get((props.get("country", ""), " ".join(words[:n])), set()) - {id_}
        if n == 1:
            found = {w for w in found if props.get("city") and city_key(wholes.organizations[w][1].get("city", "")) == city_key(props["city"])}
        if len(found) == 1:
            return Part(id_, next(iter(found)), "subsidiary", _SUBSIDIARY)
    return None
