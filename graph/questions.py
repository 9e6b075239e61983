"""Questions of one user: the last ones asked, and those kept under a name.  Nobody else sees them, so they are not put on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa

from graph.errors import UsageError
from graph.state import State, now

LAST: Final = 50
"""So many runs are remembered."""
MOST: Final = 200
"""So many questions are kept."""
LONGEST_NAME: Final = 120

Kind = Literal["cypher", "phrase"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A run.  text: Cypher, or the name of a ready-made question; parameters: JSON object; at: ISO, UTC; rows: None where it failed."""

    number: int
    kind: Kind
    text: str
    parameters: str
    at: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Saved:
    """A question kept under a name."""

    number: int
    name: str
    kind: Kind
    text: str
    parameters: str
    at: str


class Questions:
    """The questions of one user.  Numbers of others' questions lead nowhere."""

    def __init__(self, state: State, user: str) -> None:
        self._state = state
        self._user = user

    def note(self, kind: Kind, text: str, parameters: str, rows: int | None) -> None:
        """Remember a run.  The same question again moves to the top; beyond LAST the oldest are forgotten."""
        key: dict[str, Any] = {"u": self._user, "k": kind, "x": text, "p": parameters}
        with self._state.transaction() as c:
            c.execute(sa.text("DELETE FROM asked WHERE user = :u AND kind = :k AND text = :x AND parameters = :p"), key)
            c.execute(sa.text("INSERT INTO asked (user, kind, text, parameters, at, rows) VALUES (:u, :k, :x, :p, :t, :r)"), {**key, "t": now(), "r": rows})
            c.execute(
                sa.text("DELETE FROM asked WHERE user = :u AND number NOT IN (SELECT number FROM asked WHERE user = :u ORDER BY number DESC LIMIT :n)"),
                {"u": self._user, "n": LAST},
            )

    def last(self) -> list[Asked]:
        """The last runs, the latest first."""
        with self._state.reading() as c:
            rows = c.execute(sa.text("SELECT * FROM asked WHERE user = :u ORDER BY number DESC"), {"u": self._user})
            return [Asked(r.number, r.kind, r.text, r.parameters, r.at, r.rows) for r in rows]

    def forget(self) -> None:
        """Forget all runs."""
        with self._state.transaction() as c:
            c.execute(sa.text("DELETE FROM asked WHERE user = :u"), {"u": self._user})

    def save(self, name: str, kind: Kind, text: str, parameters: str) -> None:
        """Keep a question; what was kept under the same name is replaced.  Raises UsageError without a name or with too many questions."""
        name = " ".join(name.split())[:LONGEST_NAME]
        if not name:
            raise UsageError("Unter welchem Namen soll die Frage gespeichert werden?", "Under which name should the question be saved?")
        values = {"u": self._user, "n": name, "k": kind, "x": text, "p": parameters, "t": now()}
        with self._state.transaction() as c:
            kept = c.execute(sa.text("SELECT count(*) FROM question WHERE user = :u AND name <> :n"), values).scalar_one()
            if kept >= MOST:
                raise UsageError(f"Mehr als {MOST} Fragen werden nicht gespeichert.", f"No more than {MOST} questions are saved.")
            c.execute(
                sa.text(
                    """INSERT INTO question (user, name, kind, text, parameters, saved) VALUES (:u, :n, :k, :x, :p, :t)
                    ON CONFLICT (user, name) DO UPDATE SET kind = :k, text = :x, parameters = :p, saved = :t"""
                ),
                values,
            )

    def saved(self) -> list[Saved]:
        """What is kept, by name."""
        with self._state.reading() as c:
            rows = c.execute(sa.text("SELECT * FROM question WHERE user = :u"), {"u": self._user})
            found = [Saved(r.number, r.name, r.kind, r.text, r.parameters, r.saved) for r in rows]
        return sorted(found, key=lambda s: s.name.casefold())

    def delete(self, number: int) -> bool:
        """Delete a kept question; False where there is none of this user."""
        with self._state.transaction() as c:
            done = c.execute(sa.text("DELETE FROM question WHERE user = :u AND number = :n RETURNING number"), {"u": self._user, "n": number}).first()
        return done is not None
