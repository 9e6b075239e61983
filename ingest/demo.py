"""The demonstration: load data/demo and say in the terminal what there is to see."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from graph import asking
from graph.derived import DerivedCache
from graph.errors import UsageError
from graph.settings import Settings
from graph.state import State
from graph.store import Store
from ingest import load
from ingest.claims import Header
from ingest.text.documents import SOURCE

FOLDER: Final = load.ROOT / "data" / "demo"
SHOWN: Final = ("STOAG", "Gasometer Oberhausen GmbH", "Fraunhofer UMSICHT")
"""Organisations of Oberhausen of which one is shown with its suggestions, the first that the data holds."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line for a person, in both languages."""

    de: str
    en: str


def load_demo(settings: Settings, store: Store, progress: load.Progress, folder: Path = FOLDER) -> Iterator[Line]:
    """Read every set of the manifest and load once; says what it did.  A second call finds everything as it is."""
    with load.write_lock(settings):
        read = []
        for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8")):
            header, new = _read(settings, entry["source"], folder / entry["path"])
            if new:
                read.append(header)
                yield Line(f"  gelesen: {header.source['title_de']} – {header.release}", f"  read: {header.source['title_en']} – {header.release}")
        n = _judge(settings, folder / "judgements.csv")
        if n:
            yield Line(f"  {n} geprüfte Urteile übernommen", f"  {n} checked judgements taken over")
        done = load.load(settings, store, progress=progress)
    n = sum(done.sent.values())
    if n:
        took = sum(done.seconds.values())
        german = f"{n:,}".replace(",", ".")
        yield Line(f"Geladen: {german} Knoten und Kanten in {took:.0f} s.", f"Loaded: {n:,} nodes and edges in {took:.0f} s.")
    else:
        yield Line("Die Demo-Daten sind geladen.", "The demo data is loaded.")


def _read(settings: Settings, source: str, path: Path) -> tuple[Header, bool]:
    if source != SOURCE:
        return load.read_claims(settings, source, path)
    from ingest.text.source import read_texts  # loads the recogniser only where texts are new

    return read_texts(settings, str(path))


def _judge(settings: Settings, file: Path) -> int:
    """Judgements that come with the demo; a pair somebody has said a word about, or taken one back, is left to them."""
    with State(settings.home) as state, file.open(encoding="utf-8", newline="") as f:
        known = state.judged_pairs()
        rows = [r for r in csv.DictReader(f) if (min(r["a"], r["b"]), max(r["a"], r["b"])) not in known]
        for r in rows:
            state.judge(r["a"], r["b"], r["verdict"], "innonet demo", r["why"], at="2026-11-01T00:00:00+00:00")
    return len(rows)


def show(settings: Settings, store: Store) -> Iterator[Line]:
    """Three suggestions for one organisation of Oberhausen, so that the terminal shows what the site is about."""
    derived = DerivedCache(settings, store).current()
    for name in SHOWN:
        try:
            who = asking.find_who(derived, name)
        except UsageError:
            continue
        de = asking.suggest_for(settings, store, who.id, top=3, language="de")
        en = asking.suggest_for(settings, store, who.id, top=3, language="en")
        yield Line(f"Vorschläge für {who.name}:", f"Suggestions for {who.name}:")
        for a, b in zip(de.rows, en.rows, strict=True):
            yield Line(f"  {a['name']} – {a['why']}", f"  {b['name']} – {b['why']}")
        return
