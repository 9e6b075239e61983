"""What the command line asks for as a part of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from graph.asking import find_named
from graph.derived import DerivedCache
from graph.errors import UsageError
from graph.export.files import Done, Progress, export
from graph.export.records import LABELS
from graph.export.stream import Part, place_part
from graph.model import Label
from graph.settings import Settings
from graph.store import Store


def export_part(
    settings: Settings,
    store: Store,
    form: str,
    out: Path | None,
    *,
    place: str = "",
    labels: Sequence[str] = (),
    base: str = "",
    replace: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Export all, or only a place (an id or a name), or only nodes of some labels; ``out`` None: a folder named after the form."""
    if base and (urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).hostname):
        raise UsageError(
            f"--base {base}: eine Adresse wie https://netz.beispiel wird erwartet.", f"--base {base}: an address like https://network.example is expected."
        )
    wanted = tuple(_label(x) for x in labels) or LABELS
    part = Part(wanted)
    if place:
        d = DerivedCache(settings, store).current()
        part = place_part(d, find_named(d, "place", place), wanted)
    return export(store, form, out or Path(f"innonet-export-{form}"), part, base=base, replace=replace, progress=progress)


def _label(text: str) -> Label:
    for label in LABELS:
        if text.casefold() == label.casefold():
            return label
    raise UsageError(f"--label {text}: möglich sind {', '.join(LABELS)}.", f"--label {text}: possible are {', '.join(LABELS)}.")
