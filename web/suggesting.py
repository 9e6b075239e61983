"""Suggestions as the pages and the interface for programs show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph.derived import Derived
from graph.model import Kind
from graph.suggest import SuggestionAnswer, suggest
from web.site import Site

MODES: Final = ("mixed", "similar", "complementary")
TOP: Final = 10


def ask(
    site: Site, d: Derived, id_: str, *, mode: str = "mixed", within_km: float | None = None, kinds: Sequence[Kind] = (), top: int = TOP
) -> SuggestionAnswer:
    """Partners to suggest to an organisation, with reasons down to the evidence."""
    return suggest(d, id_, mode=mode, within_km=within_km, kinds=kinds, top=top, store=site.connected().store)
