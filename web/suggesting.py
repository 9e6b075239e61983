"""Suggestions as the pages and the interface for programs show them."""

from __future__ import annotations

from typing import Final

from graph.suggest import MODES, Mode

TOP: Final = 10


def mode_of(text: str) -> Mode | None:
    """The mode of that name; None if there is none."""
    return next((m for m in MODES if m == text), None)
