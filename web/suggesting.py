"""Suggestions as the pages and the interface for programs ask for them and show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import request

from graph.asking import filters_of
from graph.derived import Derived
from graph.errors import UsageError
from graph.model import Kind
from graph.opinions import suggest_judged
from graph.suggest import MODES, Filters, Mode, SuggestionAnswer
from graph.suggest.rank import NO_FILTERS
from web import pages
from web.site import site

TOP: Final = 10
FAR: Final = 20_000
"""Kilometres: half way round the world."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What an address or a form asks for: the options of `graph.suggest.suggest`, and the words as they were typed.

    problem  German and English, where a filter names what is not known; the filters are then left out
    """

    mode: Mode
    filters: Filters
    reach: float | None
    typed: dict[str, Any]
    problem: tuple[str, str] | None = None

    @property
    def options(self) -> dict[str, Any]:
        """For `suggest`."""
        return {"mode": self.mode, "filters": self.filters, "reach": self.reach}


def mode_of(text: str) -> Mode | None:
    """The mode of that name; None if there is none."""
    return next((m for m in MODES if m == text), None)


def chosen(d: Derived, *, kind: Sequence[str] = (), country: Sequence[str] = ()) -> Choice:
    """Reads mode, within, kind, country, topic, without and reach from the address or the form; kind and country as given where it names none."""
    values = request.values
    return choice(
        d,
        mode=mode_of(values.get("mode", "")) or MODES[0],
        within=pages.whole("within", 0, 0, FAR),
        kinds=[k for k in (values.getlist("kind") or kind) if k in set(Kind)],
        countries=values.getlist("country") or country,
        topics=values.getlist("topic"),
        without=values.getlist("without"),
        reach=_reach(values.get("reach", "")),
    )


def choice(
    d: Derived,
    *,
    mode: Mode,
    within: int,
    kinds: Sequence[str],
    countries: Sequence[str],
    topics: Sequence[str],
    without: Sequence[str],
    reach: float | None,
) -> Choice:
    """The options for words as they were typed: topics and organisations by id or name, ``within`` in kilometres, 0 for everywhere."""
    typed: dict[str, Any] = {
        "mode": mode,
        "within": within,
        "kind": list(kinds),
        "country": [c.strip().upper() for c in countries if c.strip()],
        "topic": [t.strip() for t in topics if t.strip()],
        "without": [w.strip() for w in without if w.strip()],
        "reach": reach,
    }
    try:
        filters, problem = (
            filters_of(d, within_km=within or None, kinds=typed["kind"], countries=typed["country"], topics=typed["topic"], without=typed["without"]),
            None,
        )
    except UsageError as e:
        filters, problem = NO_FILTERS, (e.text("de"), e.text("en"))
    return Choice(mode, filters, reach, typed, problem)


def _reach(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def suggested(d: Derived, id_: str, **options: Any) -> SuggestionAnswer:
    """Suggestions with what people said about them (`options` as of `graph.suggest.suggest`)."""
    return suggest_judged(site().state(), d, id_, **options)
