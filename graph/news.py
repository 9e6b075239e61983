"""What a load brought: organisations, projects and pairs of partners that the graph version before did not have.

After every load the new derived files are compared with those of the version that was noted last; the first load is the ground
and no news.  What is noted are ids, so that it survives later loads: what has gone since, or was merged, is looked up when it is shown.
The date is that of the load on this installation, not that of the publisher.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from graph.derived import Derived, DerivedMissing, open_derived, open_version
from graph.model import Label
from graph.search import resolve_id
from graph.state import State

What = Literal["organization", "project", "pair"]
MOST: Final = 20_000
"""News of one kind that one load leaves; their true number is kept beside them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A load.  at: ISO date and time, UTC; then how many organisations, projects and pairs of known partners were new."""

    number: int
    at: str
    organizations: int
    projects: int
    pairs: int


@dataclass(frozen=True, slots=True)
class Item:
    """Something new.  other: the second organisation of a pair, else ""; `number` grows with time and stays."""

    number: int
    at: str
    what: What
    id: str
    other: str


def note(state: State, folder: Path, at: str) -> None:
    """Compare the published files with those noted last and keep what is new.  folder: the home's ``derived``."""
    try:
        after = open_derived(folder)
    except DerivedMissing:
        return
    try:
        with state.reading() as c:
            last = c.execute(sa.text("SELECT version FROM seen ORDER BY number DESC LIMIT 1")).scalar()
        if last == after.version:
            return
        before = open_version(folder, last) if last else None
        organizations, projects, pairs = _new(before, after) if before else ([], [], [])
        if before:
            before.close()
        with state.transaction() as c:
            row = {"v": after.version, "a": at, "o": len(organizations), "p": len(projects), "c": len(pairs)}
            seen = c.execute(sa.text("INSERT INTO seen (version, at, organizations, projects, pairs) VALUES (:v, :a, :o, :p, :c)"), row).lastrowid
            found = [("organization", i, "") for i in organizations[:MOST]] + [("project", i, "") for i in projects[:MOST]]
            found += [("pair", a, b) for a, b in pairs[:MOST]]
            if found:
                c.execute(
                    sa.text("INSERT INTO news (seen, what, id, other) VALUES (:s, :w, :i, :o)"), [{"s": seen, "w": w, "i": i, "o": o} for w, i, o in found]
                )
    finally:
        after.close()


def loads(state: State) -> list[Seen]:
    """All loads but the first, the latest first."""
    with state.reading() as c:
        rows = c.execute(sa.text("SELECT number, at, organizations, projects, pairs FROM seen ORDER BY number DESC")).fetchall()
    return [Seen(*r) for r in rows[:-1]]


def since(state: State, day: str) -> Iterator[Item]:
    """What is new since a day (ISO, included), the latest first."""
    with state.reading() as c:
        rows = c.execute(
            sa.text("SELECT n.number, s.at, n.what, n.id, n.other FROM news n JOIN seen s ON s.number = n.seen WHERE s.at >= :d ORDER BY n.number DESC"),
            {"d": day},
        ).fetchall()
    for r in rows:
        yield Item(*r)


def at_place(d: Derived, items: Iterator[Item], inside: npt.NDArray[np.bool_]) -> list[Item]:
    """Those about an organisation that is marked (``inside``, [organisations]), under the ids of today; what is gone is left out."""
    out = []
    for item in items:
        label = Label.PROJECT if item.what == "project" else Label.ORGANIZATION
        ids = [resolve_id(d, i, label) for i in (item.id, item.other) if i]
        rows = [d.index(i, label) for i in ids if i]
        known = [r for r in rows if r is not None]
        if len(known) < len(rows) or len(rows) < len(ids) or not known:
            continue
        touched = d.project_org.row(known[0]).astype(np.int64) if label is Label.PROJECT else np.array(known)
        if inside[touched].any():
            out.append(Item(item.number, item.at, item.what, ids[0] or "", (ids[1] or "") if len(ids) > 1 else ""))
    return out


def _new(before: Derived, after: Derived) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Ids of organisations and projects, and pairs of partners that both were known before."""
    # an organisation keeps its node when it is merged or gets a better id: one of its old ids leads to it
    old = np.full(len(after), -1, np.int64)
    for row, id_ in enumerate(_ids(before, Label.ORGANIZATION)):
        if (now := _known(after, id_, Label.ORGANIZATION)) is not None:
            old[now] = row
    for row in np.flatnonzero(old < 0).tolist():  # told apart: a record of a known organisation stands for itself now
        if (known := _known(before, after.id_of(Label.ORGANIZATION, row), Label.ORGANIZATION)) is not None:
            old[row] = known
    organizations = [after.id_of(Label.ORGANIZATION, row) for row in np.flatnonzero(old < 0).tolist()]
    projects = [i for i in _ids(after, Label.PROJECT) if _known(before, i, Label.PROJECT) is None]
    pairs = []
    for row in np.flatnonzero(old >= 0).tolist():
        others = after.partners.row(row)
        others = others[(others > row) & (old[others] >= 0)]
        if not len(others):
            continue
        fresh_ones = others[~np.isin(old[others], before.partners.row(int(old[row]))) & (old[others] != old[row])]
        pairs += [(after.id_of(Label.ORGANIZATION, row), after.id_of(Label.ORGANIZATION, o)) for o in fresh_ones.tolist()]
    return organizations, projects, pairs


def _ids(d: Derived, label: Label) -> Iterator[str]:
    return (d.id_of(label, row) for row in range(d.counts[label]))


def _known(d: Derived, id_: str, label: Label) -> int | None:
    found = d.index(id_, label)
    if found is None and (known := resolve_id(d, id_, label)) is not None:
        found = d.index(known, label)
    return found
