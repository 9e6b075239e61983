"""The goals of a city's master plan, and which topics of the graph belong to them: two small tables (data/masterplan).

A concept scheme as in SKOS (W3C, https://www.w3.org/TR/skos-reference/): two levels of concepts with a label in each language,
and a relation to topics.  A goal means its topics with all narrower ones, and those of the goals below it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from graph.errors import UsageError

SHIPPED: Final = Path(__file__).resolve().parent.parent / "data" / "masterplan"
GOALS: Final = ("goal", "parent", "de", "en")
TOPICS: Final = ("goal", "topic")


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal.  topics: ids of topics, its own and those of the goals below it; below: the goals that are part of it."""

    id: str
    de: str
    en: str
    topics: tuple[str, ...]
    below: tuple[Goal, ...] = ()

    def name(self, language: str) -> str:
        """Its label in a language, ``de`` or ``en``."""
        return self.en if language == "en" else self.de


def load(folder: Path = SHIPPED) -> tuple[Goal, ...]:
    """The uppermost goals, in the order of the table.  Raises UsageError that names the file and the row that is wrong."""
    rows: dict[str, dict[str, str]] = {}
    for at, row in _rows(folder / "goals.csv", GOALS):
        if not row["goal"] or row["goal"] in rows:
            raise _wrong(folder / "goals.csv", at, f"«{row['goal']}» ist leer oder doppelt", f"{row['goal']!r} is empty or stands twice")
        parent = row["parent"]
        if parent and (parent not in rows or rows[parent]["parent"]):
            raise _wrong(folder / "goals.csv", at, f"«{parent}» ist kein Oberziel weiter oben", f"{parent!r} is no uppermost goal above this row")
        if not (row["de"] and row["en"]):
            raise _wrong(folder / "goals.csv", at, "eine Bezeichnung fehlt", "a label is missing")
        rows[row["goal"]] = row
    topics: dict[str, list[str]] = {g: [] for g in rows}
    for at, row in _rows(folder / "topics.csv", TOPICS):
        if row["goal"] not in topics or not row["topic"]:
            raise _wrong(folder / "topics.csv", at, f"das Ziel «{row['goal']}» gibt es nicht oder das Thema fehlt", "no such goal, or no topic")
        topics[row["goal"]].append(row["topic"])

    def made(id_: str) -> Goal:
        below = tuple(made(g) for g, r in rows.items() if r["parent"] == id_)
        own = dict.fromkeys((*topics[id_], *(t for b in below for t in b.topics)))
        return Goal(id_, rows[id_]["de"], rows[id_]["en"], tuple(own), below)

    return tuple(made(g) for g, r in rows.items() if not r["parent"])


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as f:
            reader = csv.DictReader(f)
            if reader.fieldnames is None or set(columns) - set(reader.fieldnames):
                raise _wrong(path, 1, f"erwartet werden die Spalten {', '.join(columns)}", f"the columns {', '.join(columns)} are expected")
            for row in reader:
                yield reader.line_num, {c: (row[c] or "").strip() for c in columns}
    except FileNotFoundError:
        raise UsageError(f"{path}: diese Datei fehlt.", f"{path}: this file is missing.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: kein UTF-8. Bitte als UTF-8 speichern.", f"{path}: not UTF-8. Please save it as UTF-8.") from None


def _wrong(path: Path, row: int, de: str, en: str) -> UsageError:
    return UsageError(f"{path.name}, Zeile {row}: {de}.", f"{path.name}, row {row}: {en}.")
