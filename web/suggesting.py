"""Suggestions as the pages and the interface for programs show them."""

from __future__ import annotations

from typing import Any, Final

from graph.derived import Derived
from graph.opinions import suggest_judged
from graph.suggest import MODES, Mode, SuggestionAnswer
from web.site import site

TOP: Final = 10


def mode_of(text: str) -> Mode | None:
    """The mode of that name; None if there is none."""
    return next((m for m in MODES if m == text), None)


def suggested(d: Derived, id_: str, **options: Any) -> SuggestionAnswer:
    """Suggestions with what people said about them (`options` as of `graph.suggest.suggest`)."""
    return suggest_judged(site().state(), d, id_, **options)
