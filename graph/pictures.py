"""What the pictures show: a timeline's lanes, a treemap's rectangles, a map's places and lines.  Numbers only; drawing is the site's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from graph import listing
from graph.derived import DISSOLVED, Derived
from graph.model import Label
from graph.suggest.features import EARTH_KM
from graph.untapped import PAYERS

Rows = npt.NDArray[np.int64]
KM_PER_DEGREE: Final = 2 * math.pi * EARTH_KM / 360


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Part of a treemap: the index of its value, and where it lies."""

    index: int
    x: float
    y: float
    width: float
    height: float


def treemap(values: Sequence[float], width: float, height: float) -> list[Rectangle]:
    """Rectangles whose areas are in proportion to the values (> 0, greatest first) and that are as square as possible.

    Squarified treemaps: M. Bruls, K. Huizing, J. van Wijk, https://doi.org/10.1007/978-3-7091-6783-0_4
    """
    total = sum(values)
    if total <= 0 or width <= 0 or height <= 0:
        return []
    areas = [v * width * height / total for v in values]
    out: list[Rectangle] = []
    x = y = 0.0
    at = 0
    while at < len(areas):
        short = min(width, height)
        end = at + 1
        while end < len(areas) and _worst(areas[at : end + 1], short) <= _worst(areas[at:end], short):
            end += 1
        row = areas[at:end]
        thick = sum(row) / short
        along = 0.0
        for k, area in enumerate(row):
            length = area / thick
            out.append(Rectangle(at + k, x, y + along, thick, length) if width >= height else Rectangle(at + k, x + along, y, length, thick))
            along += length
        if width >= height:
            x, width = x + thick, max(width - thick, 0.0)
        else:
            y, height = y + thick, max(height - thick, 0.0)
        at = end
    return out


def _worst(row: Sequence[float], short: float) -> float:
    total = sum(row)
    return max(short * short * max(row) / (total * total), total * total / (short * short * min(row)))


@dataclass(frozen=True, slots=True)
class TopicArea:
    """A topic in the landscape: how many organisations work on it or on something narrower, and whether there is something narrower."""

    id: str
    name: str
    name_en: str
    organizations: int
    narrower: int


def landscape(d: Derived, *, topic: str = "", place: str = "", most: int = 40) -> tuple[TopicArea, ...]:
    """The topics right below a topic, or the uppermost ones, by how many organisations (of a place) work on them or on what is narrower.

    What only says who paid is left out.  An organisation counts once for each topic.
    """
    base = d.base[Label.TOPIC]
    count = d.counts[Label.TOPIC]
    row = d.index(topic, Label.TOPIC) if topic else None
    if topic and row is None:
        return ()
    among = np.arange(count) if row is None else d.topic_parts.row(row).astype(np.int64)
    _, at = d.topic_parts.take(among)
    below = np.unique(d.topic_parts.indices[at])  # narrower than another of them
    first = [int(t) for t in np.setdiff1d(among, below).tolist() if not d.ids[base + int(t)].startswith(PAYERS)]
    inside = d.flags & DISSOLVED == 0
    if place:
        marked = np.zeros(len(d), np.bool_)
        marked[listing.organizations_in(d, place)] = True
        inside &= marked
    out = []
    for t in first:
        narrower = d.topic_parts.row(t).astype(np.int64)
        _, on = d.topic_org.take(np.append(narrower, t))
        people = np.unique(d.topic_org.indices[on])
        if number := int(inside[people].sum()):
            out.append(TopicArea(d.ids[base + t], d.names[base + t] or d.ids[base + t], d.names_en[base + t], number, len(narrower)))
    return tuple(sorted(out, key=lambda a: (-a.organizations, a.id))[:most])


@dataclass(frozen=True, slots=True)
class MapPlace:
    """A place on the map: degrees, and how many organisations have their seat there."""

    id: str
    name: str
    lat: float
    lon: float
    organizations: int


@dataclass(frozen=True, slots=True)
class MapLine:
    """Partnerships between two places (indices into the map's places); pairs of organisations with a common project."""

    a: int
    b: int
    pairs: int


@dataclass(frozen=True, slots=True)
class Map:
    """Places within a radius around a middle, and the lines between them, the most pairs first."""

    lat: float
    lon: float
    radius: float
    places: tuple[MapPlace, ...]
    lines: tuple[MapLine, ...]


def map_around(d: Derived, place: str, *, radius: float, of: str = "", most: int = 120, lines: int = 200) -> Map | None:
    """The places with organisations around a place and who works together between them; None where its position is unknown.

    radius  kilometres      of  only partnerships of this organisation and its parts, "" for all
    """
    middle = d.index(place, Label.PLACE)
    if middle is None or np.isnan(d.place_lat[middle]):
        return None
    lat, lon = float(d.place_lat[middle]), float(d.place_lon[middle])
    alive = np.flatnonzero((d.place >= 0) & (d.flags & DISSOLVED == 0))
    seats = np.bincount(d.place[alive], minlength=d.counts[Label.PLACE])
    north = (d.place_lat - lat) * KM_PER_DEGREE
    east = (d.place_lon - lon) * KM_PER_DEGREE * math.cos(math.radians(lat))
    near = np.flatnonzero((seats > 0) & (np.hypot(north, east) <= radius))
    near = near[np.lexsort((near, -seats[near]))][:most]
    index = np.full(d.counts[Label.PLACE], -1, np.int64)
    index[near] = np.arange(len(near))
    who: Rows = alive[index[d.place[alive]] >= 0]
    if of:
        row = d.index(of)
        own = np.append(d.parts.row(row), row).astype(np.int64) if row is not None else np.zeros(0, np.int64)
        who = np.intersect1d(who, own)
    owner, at = d.partners.take(who)
    a, other = d.place[who[owner]].astype(np.int64), d.partners.indices[at]
    b = d.place[other].astype(np.int64)
    known = (b >= 0) & (index[np.maximum(b, 0)] >= 0) & (a != b)
    low, high = np.minimum(index[a[known]], index[b[known]]), np.maximum(index[a[known]], index[b[known]])
    pairs, counts = np.unique(np.stack((low, high)), axis=1, return_counts=True) if len(low) else (np.zeros((2, 0), np.int64), np.zeros(0, np.int64))
    if not of:
        counts = counts // 2  # each pair was met from both sides
    order = np.lexsort((pairs[1], pairs[0], -counts))[:lines]
    named = tuple(
        MapPlace(d.id_of(Label.PLACE, int(p)), d.name_of(Label.PLACE, int(p)), float(d.place_lat[p]), float(d.place_lon[p]), int(seats[p])) for p in near
    )
    return Map(lat, lon, radius, named, tuple(MapLine(int(pairs[0, k]), int(pairs[1, k]), int(counts[k])) for k in order))


def _map_place(d: Derived, row: int, organizations: int) -> MapPlace:
    return MapPlace(d.id_of(Label.PLACE, row), d.name_of(Label.PLACE, row), float(d.place_lat[row]), float(d.place_lon[row]), organizations)


def lanes(spans: Sequence[tuple[int, int]]) -> list[int]:
    """The lane of each span (first and last year) so that none overlap in one, given in the order of their beginnings; as few as possible."""
    ends: list[int] = []
    out = []
    for first, last in spans:
        lane = next((k for k, end in enumerate(ends) if end < first), len(ends))
        if lane == len(ends):
            ends.append(last)
        else:
            ends[lane] = last
        out.append(lane)
    return out


def years_of(start: str, end: str, *, today: int) -> tuple[int, int] | None:
    """First and last year of a project by its ISO dates or years; None without a beginning.  Without an end it lasts until today at most 3 years."""
    first = _year(start)
    if first is None:
        return None
    last = _year(end)
    return first, max(first, last if last is not None else min(first + 2, today))


def _year(text: str) -> int | None:
    head: Any = text[:4]
    return int(head) if head.isascii() and head.isdigit() and len(head) == 4 else None
