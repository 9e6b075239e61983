"""The Merkliste: whom somebody noted as a possible partner for an organisation, and how far they got.

Everybody has a list of their own.  It names record ids (see opinions.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from graph.errors import UsageError
from graph.state import State, now, write_audit

STATES: Final = ("noted", "contacted", "talking", "project", "declined")
LONGEST_NOTE: Final = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a person's list.

    asker    record id of the organisation that looks for a partner, "" for a text of a newcomer
    noted    record id of the organisation that was noted
    changed  when it was last changed, ISO, UTC
    """

    number: int
    user: str
    asker: str
    noted: str
    state: str
    note: str
    changed: str


class Watchlist:
    """The list of one user.  Numbers of other users' lines lead nowhere."""

    def __init__(self, state: State, user: str) -> None:
        self._state = state
        self._user = user

    def entries(self) -> list[Entry]:
        """All lines by asking organisation, the latest noted first."""
        with self._state.reading() as c:
            rows = c.execute(sa.text("SELECT * FROM watched WHERE user = :u AND NOT removed ORDER BY asker, number DESC"), {"u": self._user})
            return [_entry(r) for r in rows]

    def entry(self, number: int) -> Entry | None:
        """One line, None if there is none."""
        with self._state.reading() as c:
            return self._find(c, number)

    def note(self, asker: str, noted: str) -> Entry:
        """Put an organisation on the list; what stands there stays as it is, what was taken off begins anew.  Raises UsageError for itself."""
        if not noted or asker == noted:
            raise UsageError("Vorgemerkt wird eine andere Organisation als die fragende.", "Another organisation than the asking one is noted.")
        key = {"u": self._user, "a": asker, "n": noted}
        with self._state.transaction() as c:
            found = c.execute(sa.text("SELECT * FROM watched WHERE user = :u AND asker = :a AND noted = :n"), key).first()
            if found is not None and not found.removed:
                return _entry(found)
            at = now()
            row = c.execute(
                sa.text(
                    """INSERT INTO watched (user, asker, noted, state, note, changed) VALUES (:u, :a, :n, 'noted', '', :t)
                    ON CONFLICT (user, asker, noted) DO UPDATE SET state = 'noted', note = '', changed = :t, removed = 0 RETURNING *"""
                ),
                {**key, "t": at},
            ).one()
            write_audit(c, at, self._user, "watch", _pair(row), "", "noted")
        return _entry(row)

    def change(self, number: int, state: str, note: str) -> Entry | None:
        """Give a line another state and note.  None if there is no such line.  Raises UsageError for a state that there is not.

        The record of changes tells that the note changed but not what it says: it is kept for good, and a note may name people.
        """
        if state not in STATES:
            known = ", ".join(STATES)
            raise UsageError(f"Stand {state!r}: es gibt {known}.", f"state {state!r}: there are {known}.")
        note = note.strip()[:LONGEST_NOTE]
        with self._state.transaction() as c:
            before = self._find(c, number)
            if before is None or (before.state, before.note) == (state, note):
                return before
            at = now()
            row = c.execute(
                sa.text("UPDATE watched SET state = :s, note = :x, changed = :t WHERE number = :n RETURNING *"),
                {"s": state, "x": note, "t": at, "n": number},
            ).one()
            if before.state != state:
                write_audit(c, at, self._user, "watch", _pair(row), before.state, state)
            if before.note != note:
                write_audit(c, at, self._user, "watch note", _pair(row), "", "")
        return _entry(row)

    def remove(self, number: int) -> Entry | None:
        """Take a line off the list.  None if there is no such line.  Only the last one taken off can be put back: a note may name people."""
        return self._set(number, removed=True)

    def put_back(self, number: int) -> Entry | None:
        """Put back a line that was taken off, as it was.  None if there is no such line."""
        return self._set(number, removed=False)

    def _set(self, number: int, *, removed: bool) -> Entry | None:
        with self._state.transaction() as c:
            found = self._find(c, number, removed=not removed)
            if found is None:
                return None
            at = now()
            c.execute(sa.text("DELETE FROM watched WHERE user = :u AND removed AND number <> :n"), {"u": self._user, "n": number})
            row = c.execute(sa.text("UPDATE watched SET removed = :r, changed = :t WHERE number = :n RETURNING *"), {"r": removed, "t": at, "n": number}).one()
            write_audit(c, at, self._user, "watch", _pair(row), found.state if removed else "", "" if removed else found.state)
        return _entry(row)

    def _find(self, c: sa.Connection, number: int, *, removed: bool = False) -> Entry | None:
        row = c.execute(sa.text("SELECT * FROM watched WHERE number = :n AND user = :u AND removed = :r"), {"n": number, "u": self._user, "r": removed}).first()
        return None if row is None else _entry(row)


def _pair(row: sa.Row[Any]) -> str:
    return f"{row.asker or '-'} {row.noted}"


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(row.number, row.user, row.asker, row.noted, row.state, row.note, row.changed)
