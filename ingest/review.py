"""What a person is asked about identity, and what a person says: the same for the site, the terminal and a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from graph.model import Judgement
from graph.state import State
from ingest.base import Context, FileError, Issues, Limits, Member, Release, Row, SourceMeta
from ingest.identity import Identity, Question
from ingest.resolve.decide import standing
from ingest.sheet import sheet_rows

COLUMNS: Final = (
    "a", "b", "verdict", "why", "a_name", "a_kind", "a_city", "a_source", "b_name", "b_kind", "b_city", "b_source", "score", "links", "who", "at",
)  # fmt: skip
"""Columns of the spreadsheet; only the first four are read back."""

_VERDICT: Final = {
    **dict.fromkeys(("yes", "y", "ja", "j", "same", "gleich"), "yes"),
    **dict.fromkeys(("no", "n", "nein", "different", "verschieden"), "no"),
    **dict.fromkeys(("unsure", "u", "unklar", "unclear", "?"), "unsure"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which questions: of a source, a kind, a city (of at least one of the two records); "" any."""

    source: str = ""
    kind: str = ""
    city: str = ""

    def fits(self, q: Question) -> bool:
        """Whether a question is wanted."""
        return (
            (not self.source or self.source in (q.a.source, q.b.source))
            and (not self.kind or self.kind in (q.a.shown["kind"], q.b.shown["kind"]))
            and (not self.city or self.city.casefold() in ((q.a.shown["city"] or "").casefold(), (q.b.shown["city"] or "").casefold()))
        )


def open_questions(found: Identity, judgements: Iterable[Judgement], wanted: Wanted = Wanted()) -> list[Question]:
    """The questions that nobody answered since the last load, the most useful first."""
    answered = standing(judgements)
    return [q for q in found.questions() if (q.a.id, q.b.id) not in answered and wanted.fits(q)]


def question(found: Identity, a: str, b: str) -> Question | None:
    """One question, None if it is none (any more)."""
    return next((q for q in found.questions() if {q.a.id, q.b.id} == {a, b}), None)


def sheet(found: Identity, judgements: Sequence[Judgement], wanted: Wanted = Wanted()) -> Iterator[dict[str, Any]]:
    """Rows of the spreadsheet: the open questions, then every judgement that stands.

    Every judgement, also one about a record that no source names now: its row has the ids only.
    """
    for q in open_questions(found, judgements, wanted):
        yield {"a": q.a.id, "b": q.b.id, "score": q.score, "links": q.impact, **_side("a", q.a.shown, q.a.source), **_side("b", q.b.shown, q.b.source)}
    for j in sorted(standing(judgements).values(), key=lambda j: j.number):
        row: dict[str, Any] = {"a": j.a, "b": j.b, "verdict": j.verdict, "why": j.why, "who": j.who, "at": j.at}
        for side, id_ in (("a", j.a), ("b", j.b)):
            if record := found.record(id_):
                row |= _side(side, record.shown, record.source)
        yield row


def _side(side: str, shown: Mapping[str, Any], source: str) -> dict[str, Any]:
    return {f"{side}_name": shown["name"], f"{side}_kind": shown["kind"], f"{side}_city": shown["city"], f"{side}_source": source}


@dataclass(slots=True)
class Taken:
    """What came in from a spreadsheet: judgements kept, rows that say what stood already, rows without a verdict, issues."""

    kept: list[Judgement] = field(default_factory=list)
    known: int = 0
    empty: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    """German and English, each with file and row."""


def take_sheet(state: State, path: Path, who: str) -> Taken:
    """Keep the judgements of a spreadsheet (CSV or .xlsx with at least the columns a, b, verdict).

    A row that cannot be understood is a problem with file and row, the others go on; the same file twice changes nothing.
    Raises FileError for a file that is no such table.
    """
    taken = Taken()
    stands = {pair: j.verdict for pair, j in standing(state.judgements()).items()}
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    issues = Issues()
    for row in rows_of(path, issues, COLUMNS, 4, _NEEDED):
        said, a, b = row.get("verdict").strip("'").casefold(), plain_cell(row.get("a")), plain_cell(row.get("b"))
        verdict = _VERDICT.get(said)
        if not said:
            taken.empty += 1
        elif not a or not b or a == b:
            taken.problems.append(
                (f"{row.locator}: In a und b müssen die Kennungen zweier Sätze stehen.", f"{row.locator}: a and b must be the ids of two records.")
            )
        elif verdict is None:
            taken.problems.append(
                (
                    f"{row.locator}: «{said[:40]}» ist kein Urteil; ja, nein oder unklar wird erwartet.",
                    f"{row.locator}: “{said[:40]}” is no verdict; yes, no or unsure is expected.",
                )
            )
        elif (pair := (min(a, b), max(a, b))) in seen and seen[pair][0] != verdict:
            other = seen[pair][1]
            taken.problems.append((f"{row.locator}: widerspricht {other}; das frühere gilt.", f"{row.locator}: contradicts {other}; the earlier one stands."))
        else:
            seen[pair] = (verdict, row.locator)
            if stands.get(pair) == verdict:
                taken.known += 1
            else:
                taken.kept.append(state.judge(a, b, verdict, who, plain_cell(row.get("why")) or f"Tabelle {path.name}"))
                stands[pair] = verdict
    taken.problems += unreadable(issues)
    return taken


def unreadable(issues: Issues) -> list[tuple[str, str]]:
    """What is to be said about rows of a spreadsheet that could not be read, German and English."""
    counted = [i for i in issues.counts() if i.code != "unknown_column"]
    return [(f"{e.locator}: Zeile nicht lesbar ({i.code}).", f"{e.locator}: row not readable ({i.code}).") for i in counted for e in i.examples]


def plain_cell(cell: str) -> str:
    """A cell without the apostrophe that says «this is text»."""
    return cell.removeprefix("'").strip()


_SHEET: Final = SourceMeta("judgements", "Urteile", "Judgements", "", "", "", "", "", "", "", "", "")
_NEEDED: Final = ("a", "b", "verdict")


def rows_of(path: Path, issues: Issues, columns: Sequence[str], read: int, needed: Sequence[str]) -> Iterator[Row]:
    """Rows of a filled-in spreadsheet (CSV or .xlsx); of `columns` the first `read` are read.  Raises FileError where one of `needed` is missing."""
    context = Context(_SHEET, Release(path.name, "", ""), issues=issues)
    if path.suffix.casefold() != ".xlsx":
        for member in context.members(path):
            yield from context.table(member, read=tuple(columns[:read]), unread=tuple(columns[read:]), required=tuple(needed))
        return
    member = Member(path.name, path, "", Limits())
    rows = sheet_rows(member)
    _, header = next(rows, (1, []))
    if missing := [c for c in needed if c not in header]:
        gone = ", ".join(missing)
        raise FileError(f"{path.name}: die Spalten {gone} fehlen.", f"{path.name}: the columns {gone} are missing.")
    at: dict[str, int] = {c: header.index(c) for c in columns[:read] if c in header}
    for number, values in rows:
        yield Row(path.name, number, at, [*values, *[""] * (len(header) - len(values))])
