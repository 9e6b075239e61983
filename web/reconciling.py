"""Which organisation a row of somebody's own list means: candidates from the search, scored by the model of identity.

The model, its weights and its thresholds are those that join records (ingest/resolve): what is called a match here would be one
organisation there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from graph.derived import Derived
from graph.model import IDENTIFIERS, Kind, Label
from graph.reader import Reader, kind_of
from graph.search import resolve_id, search
from graph.text import key_of, words
from ingest.resolve.compare import COMPARISONS, UNKNOWN, Pair, compare, weights
from ingest.resolve.decide import RIVAL_BITS
from ingest.resolve.features import Features, features, weight
from ingest.resolve.kinds import kind_from_name
from ingest.resolve.normalise import city_key, parse
from web.addresses import safe_url

CANDIDATES: Final = 25
"""Organisations that are compared with one row."""
_ENOUGH: Final = 5
"""So many found by the whole name: no need to look for parts of it."""
_TELLING: Final = 36
"""Weight (quarters of a bit) of a word that is looked for alone."""
_EVERYTHING: Final = -1000.0
_ONE_AT_A_TIME: Final = threading.Lock()
"""A comparison may take hundreds of megabytes; requests of one process take turns."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of somebody's list.  ``country``: ISO code; ``identifiers``: scheme of IDENTIFIERS -> value; all but one may be empty."""

    name: str
    kind: Kind | None = None
    city: str = ""
    country: str = ""
    website: str = ""
    identifiers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """An organisation that a row may mean.

    bits    score of the model, None where the name was not compared
    levels  comparison -> bits it gave, of those that say something
    same    an identifier or an id says so; against: an identifier contradicts
    match   sure enough to be joined without asking
    """

    id: str
    props: Mapping[str, Any]
    kind: Kind | None
    bits: float | None = None
    levels: Mapping[str, float] = field(default_factory=dict)
    same: bool = False
    against: bool = False
    match: bool = False

    @property
    def score(self) -> float:
        """Probability in percent that it is the organisation, by the model; 100 by an identifier."""
        if self.same:
            return 100.0
        return 0.0 if self.bits is None else round(100 / (1 + 2.0**-self.bits), 3)


def organizations(reader: Reader, d: Derived, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Properties of organisations by the ids asked for, aliases too; unknown ones are left out."""
    now = {i: resolve_id(d, i) for i in dict.fromkeys(ids)}
    wanted = sorted({i for i in now.values() if i})
    found = {row["node"]["id"]: row["node"] for row in reader.store.read(reader.book["organization_many"], ids=wanted)} if wanted else {}
    return {asked: found[i] for asked, i in now.items() if i in found}


def reconcile(reader: Reader, d: Derived, rows: Sequence[Row], limits: Sequence[int]) -> list[list[Found]]:
    """For each row the organisations it may mean, best first, at most as many as its limit."""
    sure = [_identified(d, row) for row in rows]
    ids = [list(dict.fromkeys((*s, *_candidates(d, row)))) for s, row in zip(sure, rows, strict=True)]
    nodes = organizations(reader, d, [i for some in ids for i in some])
    pairs = _compared(d, rows, ids, nodes)
    out = []
    for n, (row, limit) in enumerate(zip(rows, limits, strict=True)):
        found = [_found(row, i, nodes[i], pairs.get((n, i)), same=i in sure[n]) for i in ids[n] if i in nodes]
        found.sort(key=lambda f: (not f.same, f.against, -(f.bits if f.bits is not None else _EVERYTHING), f.id))
        out.append(_with_match(found)[:limit])
    return out


def _identified(d: Derived, row: Row) -> set[str]:
    """Organisations that the row names by an identifier, or by an id in place of a name."""
    keys = [f"{scheme}:{key_of(value)}" for scheme, value in row.identifiers.items()]
    return {i for k in (*keys, row.name) if k and (i := resolve_id(d, k))}


def _candidates(d: Derived, row: Row) -> list[str]:
    found: dict[str, None] = {}
    for text in _questions(row):
        if len(found) >= _ENOUGH and text != row.name:
            break
        hits = search(d, text, labels=(Label.ORGANIZATION,), limit=CANDIDATES, facets=False).hits
        found.update(dict.fromkeys(h.id for h in hits))
    return list(found)[:CANDIDATES]


def _questions(row: Row) -> Iterator[str]:
    """The name, the name without its legal form, and ever fewer of its rarest words: the search finds what holds all words of a question."""
    if not row.name:
        return
    bare = parse(row.name).bare
    yield row.name
    yield " ".join(bare)
    rare = sorted(dict.fromkeys(w for w in bare if len(w) > 1), key=lambda w: -weight(w))
    for n in (3, 2):
        if len(rare) > n:
            yield " ".join(w for w in bare if w in rare[:n])
    if row.city and rare:
        yield f"{rare[0]} {row.city}"
    yield from (w for w in rare[:2] if weight(w) >= _TELLING)


def _compared(d: Derived, rows: Sequence[Row], ids: Sequence[Sequence[str]], nodes: Mapping[str, Mapping[str, Any]]) -> dict[tuple[int, str], Pair]:
    """Each row with its own candidates only, so that the other rows of a batch change nothing."""
    meet: dict[str, list[str]] = {}
    records: list[Features] = []
    numbered = {id_: f"o{n}" for n, id_ in enumerate(nodes)}
    for n, (row, some) in enumerate(zip(rows, ids, strict=True)):
        if row.name:
            blocks = [f"{n}:{i}" for i in some if i in nodes]
            records.append(replace(_features_of_row(d, f"r{n}", row), blocks=tuple(blocks)))
            for i, block in zip((i for i in some if i in nodes), blocks, strict=True):
                meet.setdefault(i, []).append(block)
    records += [replace(_features_of(d, numbered[i], i, nodes[i]), blocks=tuple(blocks)) for i, blocks in meet.items()]
    if not meet:
        return {}
    with _ONE_AT_A_TIME:
        found = compare(records, _EVERYTHING)
    id_of = {number: id_ for id_, number in numbered.items()}
    return {(int(p.b[1:]), id_of[p.a]): p for p in found}  # «o…» sorts before «r…»


def _features_of_row(d: Derived, id_: str, row: Row) -> Features:
    at = _point_of(d, row.city)
    return features(
        id_,
        (row.name,),
        country=row.country,
        place=city_key(row.city),
        city=row.city,
        lat=at[0] if at else None,
        lon=at[1] if at else None,
        kind=row.kind or kind_from_name(row.name) or "",
        website=safe_url(row.website),
    )


def _point_of(d: Derived, city: str) -> tuple[float, float] | None:
    """Where a city is, if exactly one place is called so."""
    if not city:
        return None
    hits = search(d, city, labels=(Label.PLACE,), limit=2, facets=False).hits
    named = [h for h in hits if words(h.name) == words(city)]
    row = d.index(named[0].id, Label.PLACE) if len(named) == 1 else None
    return None if row is None else (float(d.place_lat[row]), float(d.place_lon[row]))


def _features_of(d: Derived, number: str, id_: str, node: Mapping[str, Any]) -> Features:
    row = d.index(id_)
    place = -1 if row is None else int(d.place[row])
    return features(
        number,
        tuple(dict.fromkeys(n for n in (node.get("name"), *(node.get("names") or ())) if n)),
        country=node.get("country") or "",
        region=node.get("region") or "",
        place=d.id_of(Label.PLACE, place) if place >= 0 else city_key(node.get("city") or ""),
        city=node.get("city") or (d.name_of(Label.PLACE, place) if place >= 0 else ""),
        lat=None if row is None else float(d.lat[row]),
        lon=None if row is None else float(d.lon[row]),
        kind=kind_of(node.get("_labels", ())) or "",
        website=safe_url(node.get("website") or ""),
    )


def _found(row: Row, id_: str, node: Mapping[str, Any], pair: Pair | None, *, same: bool) -> Found:
    bits = weights().bits
    levels = {c.name: bits[c.name][level] for c, level in zip(COMPARISONS, pair.levels, strict=True) if level != UNKNOWN} if pair else {}
    both = [(key_of(row.identifiers[s]), key_of(str(node[s]))) for s in IDENTIFIERS if row.identifiers.get(s) and node.get(s)]
    return Found(
        id_,
        node,
        kind_of(node.get("_labels", ())),
        pair.score if pair else None,
        levels,
        same=same,
        against=any(a != b for a, b in both),
    )


def _with_match(found: Sequence[Found]) -> list[Found]:
    """The best one is a match if the model would join it, nothing contradicts and no other fits nearly as well."""
    if not found:
        return []
    best, *others = found
    if best.same:
        match = not best.against and not any(o.same for o in others)
    else:
        enough = best.bits is not None and best.bits >= weights().same
        match = enough and not best.against and not any(o.bits is not None and best.bits is not None and o.bits >= best.bits - RIVAL_BITS for o in others)
    return [replace(best, match=match), *others]
