"""Opinions about suggestions as a spreadsheet: out with the open suggestions of an organisation, in with what somebody filled in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from graph.derived import Derived
from graph.model import Label
from graph.opinions import COMPETITOR, DOES_NOT_FIT, FITS, KNOWN, UNCLEAR, Opinion, Opinions, nodes, standing, suggest_judged
from graph.state import State
from ingest.base import Issues, Row
from ingest.review import plain_cell, rows_of, unreadable

COLUMNS: Final = (
    "asker", "about", "verdict", "why", "shown", "asker_name", "about_name", "about_kind", "about_city", "who", "at",
)  # fmt: skip
"""Columns of the spreadsheet; only the first five are read back.  shown: at which place of the list it stood."""
_READ: Final = 5
_NEEDED: Final = ("asker", "about", "verdict")
LONGEST_REASON: Final = 500

_VERDICT: Final = {
    **dict.fromkeys(("fits", "passt", "ja", "yes"), FITS),
    **dict.fromkeys(("does_not_fit", "does not fit", "passt nicht", "nein", "no"), DOES_NOT_FIT),
    **dict.fromkeys(("known", "already known", "kennen wir schon", "bekannt"), KNOWN),
    **dict.fromkeys(("competitor", "konkurrent", "konkurrenz"), COMPETITOR),
    **dict.fromkeys(("unclear", "unklar", "?"), UNCLEAR),
}


def sheet(state: State, derived: Derived, *, ask_for: str = "", top: int = 10) -> Iterator[dict[str, Any]]:
    """Rows by COLUMNS: the first `top` suggestions for `ask_for` (id of a node, "" for none) that nobody judged, then every opinion that stands.

    An opinion about a record that is in no source now has its ids only.
    """
    opinions = standing(Opinions(state).all())
    if ask_for:
        node = nodes(derived)
        judged = {(node(o.asker), node(o.about)) for o in opinions}
        for shown, s in enumerate(suggest_judged(state, derived, ask_for, top=top, reasons=False).suggestions, 1):
            if (ask_for, s.id) not in judged:
                yield {"asker": ask_for, "about": s.id, "shown": shown, **_names(derived, ask_for, s.id)}
    for o in opinions:
        yield row_of(derived, o)


def row_of(derived: Derived, o: Opinion) -> dict[str, Any]:
    """One opinion by COLUMNS."""
    node = nodes(derived)
    said = {"asker": o.asker, "about": o.about, "verdict": o.verdict, "why": o.why, "shown": o.shown, "who": o.who, "at": o.at}
    return {**said, **_names(derived, node(o.asker), node(o.about))}


def _names(derived: Derived, asker: str, about: str) -> dict[str, Any]:
    a, b = derived.index(asker), derived.index(about)
    names = {"asker_name": "" if a is None else derived.name_of(Label.ORGANIZATION, a)}
    if b is None:
        return names
    return {**names, "about_name": derived.name_of(Label.ORGANIZATION, b), "about_kind": derived.kind_of(b), "about_city": derived.cities[b]}


@dataclass(slots=True)
class Taken:
    """What came in from a spreadsheet: opinions kept, rows that say what stood already, rows without a verdict, problems (German, English)."""

    kept: list[Opinion] = field(default_factory=list)
    known: int = 0
    empty: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)


def take_sheet(state: State, path: Path, who: str) -> Taken:
    """Keep the opinions of a spreadsheet (CSV or .xlsx with at least the columns asker, about, verdict) as those of `who`.

    A row that cannot be understood is a problem with file and row, the others go on; the same file twice changes nothing.
    Raises FileError for a file that is no such table.
    """
    taken = Taken()
    opinions = Opinions(state)
    stands = {(o.asker, o.about, o.verdict) for o in standing(opinions.all())}
    seen: dict[tuple[str, str], str] = {}
    issues = Issues()
    for row in rows_of(path, issues, COLUMNS, _READ, _NEEDED):
        asker, about, said = (plain_cell(row.get(c)) for c in ("asker", "about", "verdict"))
        verdict = _VERDICT.get(said.casefold())
        if not said:
            taken.empty += 1
        elif verdict is not None and (asker, about, verdict) in stands:
            taken.known += 1
            seen[asker, about] = row.locator
        elif problem := _problem(row, asker, about, said, verdict, seen):
            taken.problems.append(problem)
        elif verdict is not None:
            seen[asker, about] = row.locator
            why = plain_cell(row.get("why"))[:LONGEST_REASON] or f"Tabelle {path.name}"
            taken.kept.append(opinions.judge(asker, about, verdict, who, why, shown=_place(row.get("shown"))))
            stands.add((asker, about, verdict))
    taken.problems += unreadable(issues)
    return taken


def _problem(row: Row, asker: str, about: str, said: str, verdict: str | None, seen: dict[tuple[str, str], str]) -> tuple[str, str] | None:
    at = row.locator
    if not about or asker == about:
        return f"{at}: In about muss die Kennung einer anderen Organisation stehen.", f"{at}: about must be the id of another organisation."
    if verdict is None:
        return (
            f"{at}: «{said[:40]}» ist kein Urteil; passt, passt nicht, kennen wir schon, Konkurrent oder unklar wird erwartet.",
            f"{at}: “{said[:40]}” is no verdict; fits, does not fit, known, competitor or unclear is expected.",
        )
    if (asker, about) in seen:
        other = seen[asker, about]
        return f"{at}: widerspricht {other}; das frühere gilt.", f"{at}: contradicts {other}; the earlier one stands."
    return None


def _place(text: str) -> int | None:
    digits = plain_cell(text)
    return int(digits) if digits.isascii() and digits.isdigit() and 0 < len(digits) < 7 and int(digits) > 0 else None
