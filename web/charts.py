"""Bar and column charts as SVG that works without script, with the table that says the same.

A bar chart is a table whose last cell draws the value, so that it needs no twin.  A column chart (years, in order) is a
picture with a title and a sentence that sums it up; the table stands below it.  Colours come from the style sheet alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from web.language import euro, number
from web.language import gettext as _

WIDTH: Final = 640
HEIGHT: Final = 220
_LEFT: Final = 70
_BOTTOM: Final = 28
_TOP: Final = 14
_GAP: Final = 0.25
_LABELS: Final = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One value.  name: as it is shown; href: where the things counted are listed; note: said beside the value."""

    name: str
    value: float
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Values under one title.

    title    what is shown, as a heading or caption
    unit     "eur", or a word that stands behind the numbers; "" for bare numbers
    heading  of the column of names (Jahr, Thema, ...)
    measure  of the column of values (Projekte, Förderung, ...)
    """

    title: str
    heading: str
    measure: str
    bars: tuple[Bar, ...]
    unit: str = ""
    ticks: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ticks", ticks(max((b.value for b in self.bars), default=0.0)))

    @property
    def top(self) -> float:
        """Upper end of the axis."""
        return self.ticks[-1]

    def shown(self, value: float) -> str:
        """A value as people read it."""
        if self.unit == "eur":
            return euro(value)
        return f"{number(value)} {self.unit}".strip()

    def share(self, value: float) -> float:
        """Length of a bar in percent of the longest the axis has, two decimals."""
        return round(100 * max(0.0, value) / self.top, 2)

    @property
    def summary(self) -> str:
        """The picture in one sentence, for those who do not see it."""
        if not self.bars:
            return _("%(title)s: keine Werte.", title=self.title)
        high = max(self.bars, key=lambda b: b.value)
        return _(
            "%(title)s: %(n)s Werte von %(first)s bis %(last)s; am höchsten ist %(name)s mit %(value)s.",
            title=self.title,
            n=number(len(self.bars)),
            first=self.bars[0].name,
            last=self.bars[-1].name,
            name=high.name,
            value=self.shown(high.value),
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        """Where the columns stand in a picture of WIDTH x HEIGHT."""
        if not self.bars:
            return ()
        step = (WIDTH - _LEFT) / len(self.bars)
        every = math.ceil(len(self.bars) / _LABELS)
        room = HEIGHT - _TOP - _BOTTOM
        out = []
        for n, b in enumerate(self.bars):
            high = room * max(0.0, b.value) / self.top
            out.append(
                Column(
                    b,
                    x=round(_LEFT + step * (n + _GAP / 2), 1),
                    y=round(HEIGHT - _BOTTOM - high, 1),
                    width=round(step * (1 - _GAP), 1),
                    height=round(high, 1),
                    labelled=n % every == 0,
                )
            )
        return tuple(out)

    @property
    def lines(self) -> tuple[tuple[float, str], ...]:
        """Height and text of the lines behind the columns."""
        room = HEIGHT - _TOP - _BOTTOM
        return tuple((round(HEIGHT - _BOTTOM - room * t / self.top, 1), self.shorter(t)) for t in self.ticks)

    def shorter(self, value: float) -> str:
        """A value on the axis: millions where it is that large."""
        sign = " €" if self.unit == "eur" else ""
        if value >= 1e6:
            return _("%(n)s Mio.", n=number(value / 1e6)) + sign
        return number(value) + sign


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the picture; pixels from its upper left corner."""

    bar: Bar
    x: float
    y: float
    width: float
    height: float
    labelled: bool

    @property
    def middle(self) -> float:
        """Where the name below it stands."""
        return round(self.x + self.width / 2, 1)


def ticks(most: float, wanted: int = 4) -> tuple[float, ...]:
    """Round numbers from 0 to at least the largest value, about as many steps as wanted."""
    if most <= 0 or not math.isfinite(most):
        return (0.0, 1.0)
    raw = most / wanted
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= raw * (1 - 1e-9))
    return tuple(step * n for n in range(math.ceil(most / step - 1e-9) + 1))


def by_year(title: str, measure: str, values: Sequence[tuple[int, float]], *, unit: str = "") -> Chart:
    """A chart of values by year; years without one in between count as 0."""
    found = dict(values)
    years = range(min(found), max(found) + 1) if found else range(0)
    return Chart(title, _("Jahr"), measure, tuple(Bar(str(y), found.get(y, 0.0)) for y in years), unit)
