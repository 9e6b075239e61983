"""Where the parts of a picture stand, in pixels: timeline, treemap, map.  The templates only write it down as SVG.

No script, no style in the picture: colours come from the style sheet (pictures.css), or from a few rules in a saved file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph.pictures import KM_PER_DEGREE, Map, MapPlace, TopicArea, lanes, treemap, years_of
from graph.reader import ProjectRef
from web.words import project_name

WIDTH: Final = 960
LETTER: Final = 7.2
"""Pixels of an average letter at 13 pixels."""
LANE: Final = 26
AXIS: Final = 24
TALL: Final = 540
MIDDLE: Final = 480
"""Half of the map's width and height."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A project of a timeline."""

    project: ProjectRef
    name: str
    label: str
    x: float
    y: float
    width: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """All bars, the years of the axis with their places, and the projects whose beginning nobody knows."""

    bars: tuple[Bar, ...]
    years: tuple[tuple[int, float], ...]
    height: int
    undated: int


def timeline(projects: Sequence[ProjectRef], *, today: int) -> Timeline:
    """Projects as bars over the years, the earliest first."""
    dated = sorted(((y, p) for p in projects if (y := years_of(p.start, p.end, today=today))), key=lambda x: (x[0], x[1].id))
    if not dated:
        return Timeline((), (), 0, len(projects))
    first, last = min(y[0] for y, _ in dated), max(y[1] for y, _ in dated)
    step = WIDTH / (last - first + 1)
    found = lanes([y for y, _ in dated])
    bars = []
    for (span, project), lane in zip(dated, found, strict=True):
        name = project_name(project)
        width = step * (span[1] - span[0] + 1) - 2
        bars.append(Bar(project, name, shortened(name, width - 12), round(step * (span[0] - first), 1), AXIS + LANE * lane, round(width, 1), *span))
    every = math.ceil((last - first + 1) / 16)
    return Timeline(
        tuple(bars), tuple((y, round(step * (y - first), 1)) for y in range(first, last + 1, every)), AXIS + LANE * (max(found) + 1), len(projects) - len(dated)
    )


def shortened(text: str, pixels: float) -> str:
    """As much of a text as finds room; "" where that is less than four letters."""
    room = int(pixels / LETTER)
    if len(text) <= room:
        return text
    return "" if room < 4 else f"{text[: room - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class Tile:
    """A topic of the landscape with its lines of text; tone 0 to 4, the greatest first."""

    area: TopicArea
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    tone: int


def tiles(areas: Sequence[TopicArea], language: str) -> tuple[Tile, ...]:
    """The landscape as tiles in WIDTH x TALL."""
    most = max((a.organizations for a in areas), default=1)
    out = []
    for r in treemap([a.organizations for a in areas], WIDTH, TALL):
        a = areas[r.index]
        name = (a.name_en if language == "en" else "") or a.name
        tone = min(4, int(5 * (1 - a.organizations / most)))
        out.append(Tile(a, round(r.x, 1), round(r.y, 1), round(r.width, 1), round(r.height, 1), wrapped(name, r.width - 12, int((r.height - 22) / 16)), tone))
    return tuple(out)


def wrapped(text: str, pixels: float, most: int) -> tuple[str, ...]:
    """A text in lines of a width, at most so many; the last one is cut."""
    room = int(pixels / LETTER)
    if room < 5 or most < 1:
        return ()
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    cut = [*lines[: most - 1], " ".join(lines[most - 1 :])] if len(lines) > most else lines
    return tuple(shortened(line, pixels) for line in cut)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of the map in pixels; label: its name where it finds room."""

    place: MapPlace
    x: float
    y: float
    r: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The map: spots, lines (x1, y1, x2, y2, width, index into the map's lines), rings (radius in pixels, kilometres)."""

    spots: tuple[Spot, ...]
    lines: tuple[tuple[float, float, float, float, float, int], ...]
    rings: tuple[tuple[float, float], ...]


def drawn(m: Map) -> Drawn:
    """Places around the middle in 2 MIDDLE x 2 MIDDLE pixels, north above; at this size the earth is flat."""
    scale = (MIDDLE - 20) / m.radius
    per_lon = KM_PER_DEGREE * math.cos(math.radians(m.lat))
    taken: list[tuple[float, float, float, float]] = []
    spots = []
    for p in m.places:
        x, y = MIDDLE + (p.lon - m.lon) * per_lon * scale, MIDDLE - (p.lat - m.lat) * KM_PER_DEGREE * scale
        r = min(34.0, 3 + 1.6 * math.sqrt(p.organizations))
        box = (x - len(p.name) * LETTER / 2, y - r - 18, x + len(p.name) * LETTER / 2, y - r - 2)
        free = all(box[2] < t[0] or t[2] < box[0] or box[3] < t[1] or t[3] < box[1] for t in taken) and box[0] > 0 and box[2] < 2 * MIDDLE and box[1] > 0
        if free:
            taken.append(box)
        spots.append(Spot(p, round(x, 1), round(y, 1), round(r, 1), p.name if free else ""))
    lines = tuple((spots[x.a].x, spots[x.a].y, spots[x.b].x, spots[x.b].y, round(1 + math.log2(x.pairs) * 0.9, 1), k) for k, x in enumerate(m.lines))
    return Drawn(tuple(spots), lines[::-1], ((round(scale * m.radius / 2, 1), m.radius / 2), (round(scale * m.radius, 1), m.radius)))
