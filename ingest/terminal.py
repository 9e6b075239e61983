"""The review in a terminal: one question at a time, one key for each answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from graph.model import Judgement
from graph.settings import Settings
from graph.state import State
from ingest.identity import Identity, Question, bars
from ingest.resolve import wording
from ingest.review import Wanted, open_questions

_KEYS: Final = {"j": "yes", "y": "yes", "n": "no", "u": "unsure"}
_HELP: Final = (
    "[J] dieselbe  [N] nicht dieselbe  [U] unklar  [S] später  [Z] letztes Urteil zurück  [Q] Ende",
    "[Y] the same  [N] not the same  [U] unclear  [S] skip  [Z] take back the last one  [Q] quit",
)
_BAR: Final = 12


def review(settings: Settings, wanted: Wanted, who: str, language: str, *, key: Callable[[], str] = click.getchar) -> int:
    """Ask until there is nothing left or the person ends; returns how many judgements were given or taken back.

    key  gives the next key that was pressed
    """
    console = Console()
    changed = 0
    given: list[tuple[Judgement, Question]] = []
    english = language == "en"
    with State(settings.home) as state, Identity(settings.home) as found:
        todo = open_questions(found, state.judgements(), wanted)
        number = len(todo)
        while todo:
            _show(console, todo[0], number - len(todo) + 1, number, english)
            pressed = ""
            while pressed not in {*_KEYS, "s", "z", "q"}:
                try:
                    pressed = key().casefold()
                except (KeyboardInterrupt, EOFError):
                    pressed = "q"
            if pressed in _KEYS:
                q = todo.pop(0)
                given.append((state.judge(q.a.id, q.b.id, _KEYS[pressed], who, "innonet review"), q))
                changed += 1
            elif pressed == "s":
                todo.pop(0)
            elif pressed == "z":
                if given:
                    judgement, q = given.pop()
                    state.undo(judgement.number, who=who)
                    todo.insert(0, q)
                    changed += 1
            else:
                break
        else:
            console.print("Keine offenen Fragen mehr." if not english else "No open questions left.")
    return changed


def _show(console: Console, q: Question, at: int, number: int, english: bool) -> None:
    n = int(english)
    console.rule(f"{at}/{number}")
    table = Table(box=None, show_header=False, pad_edge=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    rows: tuple[tuple[str, str, str], ...] = (
        ("Quelle", "source", "source"), ("Name", "name", "name"), ("Weitere", "others", "names"), ("Art", "kind", "kind"), ("Ort", "city", "city"),
        ("Webseite", "website", "website"), ("Kennungen", "identifiers", "identifiers"), ("Satz", "record", "id"),
    )  # fmt: skip
    for german, other, key in rows:
        cells = [escape(_cell(r.source if key == "source" else r.id if key == "id" else r.shown[key])) for r in (q.a, q.b)]
        if any(cells):
            table.add_row(f"[bold]{other if english else german}", *cells)
    console.print(table)
    for bar in bars(q.levels):
        length = min(_BAR, max(1, round(abs(bar.bits))))
        line = ("█" * length).ljust(_BAR) if bar.bits >= 0 else ("▒" * length).ljust(_BAR)
        colour = "green" if bar.bits >= 0 else "red"
        said = f"{wording.COMPARISON[bar.comparison][n]}: {wording.level(bar.comparison, bar.level)[n]}"
        console.print(f"[{colour}]{line}[/] {bar.bits:+5.1f}  {escape(said)}")
    links = f"{q.impact} links would move" if english else f"{q.impact} Verknüpfungen würden umziehen"
    console.print(f"{q.score:+.1f} Bit. {wording.WHY[q.why][n]} {links}.")
    console.print(_HELP[n], markup=False, style="bold")


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{k}:{v}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return " | ".join(map(str, value[:6]))
    return str(value or "")
