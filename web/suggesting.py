"""Suggestions as the pages and the interface for programs show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph.derived import Derived
from graph.model import Kind
from graph.suggest import MODES, Mode, SuggestionAnswer, suggest, with_evidence
from web.site import Site

TOP: Final = 10


def mode_of(text: str) -> Mode | None:
    """The mode of that name; None if there is none."""
    return next((m for m in MODES if m == text), None)


def brief(d: Derived, id_: str) -> SuggestionAnswer:
    """Partners to suggest to an organisation, with reasons but without the ids of the evidence: the engine is not asked."""
    return suggest(d, id_, top=TOP)


def ask(
    site: Site, d: Derived, id_: str, *, mode: Mode = "mixed", within_km: float | None = None, kinds: Sequence[Kind] = (), top: int = TOP
) -> SuggestionAnswer:
    """Partners to suggest to an organisation, with reasons down to the ids of the evidence."""
    answer = suggest(d, id_, mode=mode, within_km=within_km, kinds=kinds, top=top)
    return with_evidence(d, answer, site.connected().store)
