"""What must not be shown: organisations that were taken out on request, kept out of every later load until the word is lifted.

A word names record ids.  Identity decides at every load which records are one organisation; if one of them is named, all of them
stay out, also those that a source brings later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from graph.errors import UsageError
from graph.reader import Moved, OrganizationPage, Reader
from graph.state import State, now, write_audit
from graph.store import Store


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A standing word.  ids: the record ids it names, the one that was asked about first; at: ISO date and time, UTC."""

    number: int
    ids: tuple[str, ...]
    why: str
    who: str
    at: str


class Suppression:
    """The list in the state of one home."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, ids: Sequence[str], *, why: str, who: str) -> Suppressed:
        """Take an organisation out by the ids of its records.  Raises UsageError without an id or a reason, and for what is out already."""
        if not ids or not why.strip():
            raise UsageError("Kennung und Grund werden gebraucht.", "An id and a reason are needed.")
        if ids[0] in self.ids():
            raise UsageError(f"{ids[0]} ist schon gesperrt.", f"{ids[0]} is suppressed already.")
        at = now()
        with self._state.transaction() as c:
            values = {"i": "\n".join(dict.fromkeys(ids)), "y": why.strip(), "w": who, "a": at}
            number = c.execute(sa.text("INSERT INTO suppressed (ids, why, who, at) VALUES (:i, :y, :w, :a)"), values).lastrowid
            write_audit(c, at, who, "suppress", ids[0], "", "out")
        return Suppressed(int(number or 0), tuple(dict.fromkeys(ids)), why.strip(), who, at)

    def lift(self, id_: str, *, who: str) -> Suppressed:
        """Let an organisation back in at the next load.  Raises UsageError for an id that no standing word names."""
        found = next((s for s in self.standing() if id_ in s.ids), None)
        if found is None:
            raise UsageError(f"{id_} ist nicht gesperrt.", f"{id_} is not suppressed.")
        with self._state.transaction() as c:
            c.execute(sa.text("UPDATE suppressed SET lifted = 1 WHERE number = :n"), {"n": found.number})
            write_audit(c, now(), who, "suppress lifted", id_, "out", "")
        return found

    def standing(self) -> list[Suppressed]:
        """All words that hold, the oldest first."""
        with self._state.reading() as c:
            rows = c.execute(sa.text("SELECT number, ids, why, who, at FROM suppressed WHERE NOT lifted ORDER BY number")).fetchall()
        return [Suppressed(r.number, tuple(r.ids.split("\n")), r.why, r.who, r.at) for r in rows]

    def ids(self) -> frozenset[str]:
        """Record ids that must not be shown."""
        return frozenset(i for s in self.standing() for i in s.ids)


def record_ids(store: Store, id_: str) -> list[str]:
    """The asked id, then those of all records of that organisation.  Raises UsageError for an id that leads to none."""
    reader = Reader(store)
    found = reader.organization(id_, projects=0)
    if isinstance(found, Moved):
        found = reader.organization(found.id, projects=0)
    if not isinstance(found, OrganizationPage):
        raise UsageError(f"Es gibt keine Organisation «{id_}».", f"There is no organisation {id_!r}.")
    return list(dict.fromkeys((id_, found.entity.id, *found.other_ids)))
