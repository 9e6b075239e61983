"""Why records are one, and what is unsure: the outcome of the last load as a file beside the claims, for the review and the pages.

``identity/decisions.sqlite`` in the home, written whole and swapped in.  It can always be made again from claims and judgements.
``identity/history.sqlite`` beside it only grows: when a rule or a person's word first brought two records together, and when it no
longer did.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from graph.model import Judgement
from ingest.resolve.compare import COMPARISONS, UNKNOWN, Pair, weights
from ingest.resolve.decide import Joined, Outcome

FORMAT: Final = 2

_TABLES: Final = """
CREATE TABLE made_with (judgements TEXT NOT NULL);
CREATE TABLE record (id TEXT PRIMARY KEY, node TEXT NOT NULL, source TEXT NOT NULL, shown TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX record_node ON record (node);
CREATE TABLE joined (node TEXT NOT NULL, number INTEGER NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, by TEXT NOT NULL, score REAL, levels TEXT);
CREATE INDEX joined_node ON joined (node);
CREATE TABLE unsure (a TEXT NOT NULL, b TEXT NOT NULL, why TEXT NOT NULL, score REAL NOT NULL, levels TEXT NOT NULL, impact INTEGER NOT NULL);
CREATE INDEX unsure_order ON unsure (impact DESC, score DESC, a, b);
"""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of one source as it is shown.

    shown  {"name", "names", "kind", "city", "country", "postcode", "region", "website", "identifiers", "evidence"}
    """

    id: str
    node: str
    source: str
    shown: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A pair that nobody has decided yet.

    why     see resolve.decide.Unsure
    impact  links (projects and partners) that would move if they were one
    """

    a: Record
    b: Record
    why: str
    score: float
    levels: tuple[str, ...]
    impact: int


@dataclass(frozen=True, slots=True)
class Step:
    """Why two records of a node are one; see resolve.decide.Joined."""

    a: str
    b: str
    by: str
    score: float | None
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A decision of the past.  ``what``: joined or parted; ``at``: ISO time."""

    at: str
    what: str
    a: str
    b: str
    by: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """What one comparison adds to a score, in bits."""

    comparison: str
    level: str
    bits: float


def bars(levels: Sequence[str]) -> list[Bar]:
    """The parts of a score: one bar for each comparison that said something, the strongest first."""
    w = weights()
    found = [Bar(c.name, level, w.bits[c.name][level]) for c, level in zip(COMPARISONS, levels, strict=True) if level != UNKNOWN]
    return sorted(found, key=lambda b: -abs(b.bits))


def path_of(home: Path) -> Path:
    """Where the file lies."""
    return home / "identity" / "decisions.sqlite"


_HISTORY: Final = """
CREATE TABLE IF NOT EXISTS event (number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, what TEXT NOT NULL,
    a TEXT NOT NULL, b TEXT NOT NULL, by TEXT NOT NULL, score REAL);
CREATE INDEX IF NOT EXISTS event_a ON event (a);
CREATE INDEX IF NOT EXISTS event_b ON event (b);
"""
_STANDING: Final = "SELECT a, b, by, what, max(number) FROM event GROUP BY a, b, by"


def history_path(home: Path) -> Path:
    """Where the history lies."""
    return home / "identity" / "history.sqlite"


def remember(home: Path, joined: Iterable[Joined], at: str) -> None:
    """Append what is decided now and was not before, and what no longer is.  The same outcome again appends nothing."""
    path = history_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=30)) as c, c:
        c.executescript(_HISTORY)
        stood = {(a, b, by) for a, b, by, what, _ in c.execute(_STANDING) if what == "joined"}
        now = {(s.a, s.b, s.by): s.pair.score if s.pair else None for s in joined}
        insert = "INSERT INTO event (at, what, a, b, by, score) VALUES (?, ?, ?, ?, ?, ?)"
        c.executemany(insert, ((at, "parted", *key, None) for key in sorted(stood - now.keys())))
        c.executemany(insert, ((at, "joined", *key, score) for key, score in now.items() if key not in stood))


def history_of(home: Path, records: Iterable[str]) -> list[Event]:
    """Every decision about these records, the latest first."""
    path = history_path(home)
    if not path.exists():
        return []
    wanted = orjson.dumps(sorted(records)).decode()
    sql = """SELECT at, what, a, b, by, score FROM event
        WHERE a IN (SELECT value FROM json_each(?1)) OR b IN (SELECT value FROM json_each(?1)) ORDER BY number DESC"""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as c:
        return [Event(*row) for row in c.execute(sql, (wanted,))]


def stamp(judgements: Sequence[Judgement]) -> str:
    """What tells one state of the judgements from another: how many stand, and the latest."""
    return f"{len(judgements)}:{max((j.number for j in judgements), default=0)}"


def stamp_of(home: Path) -> str:
    """Stamp of the judgements that the file was made with; "" if there is none."""
    with Identity(home) as found:
        return found.stamp


def publish(home: Path, outcome: Outcome, records: Mapping[str, tuple[str, Mapping[str, Any]]], links: Mapping[str, int], made_with: str) -> None:
    """Write the file.

    records  record id -> (source, what is shown), for all that the outcome names
    links    node id -> number of its projects and partners
    made_with  stamp of the judgements
    """
    path = path_of(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    node = outcome.node
    with closing(sqlite3.connect(half)) as c, c:
        c.executescript(_TABLES)
        c.execute(f"PRAGMA user_version = {FORMAT}")
        c.execute("INSERT INTO made_with VALUES (?)", (made_with,))
        rows = ((i, node[i], source, orjson.dumps(shown).decode()) for i, (source, shown) in records.items())
        c.executemany("INSERT INTO record VALUES (?, ?, ?, ?)", rows)
        c.executemany("INSERT INTO joined VALUES (?, ?, ?, ?, ?, ?, ?)", _joined(outcome.joined, node))
        c.executemany(
            "INSERT INTO unsure VALUES (?, ?, ?, ?, ?, ?)",
            (
                (u.pair.a, u.pair.b, u.why, u.pair.score, _packed(u.pair), min(links.get(node[u.pair.a], 0), links.get(node[u.pair.b], 0)))
                for u in outcome.unsure
            ),
        )
    half.replace(path)


def _joined(steps: Iterable[Joined], node: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    for number, s in enumerate(steps):
        yield node[s.a], number, s.a, s.b, s.by, s.pair.score if s.pair else None, _packed(s.pair) if s.pair else None


def _packed(pair: Pair) -> str:
    return ",".join(pair.levels)


class Identity:
    """The file of the last load, read-only.  Close it, or use it as a context."""

    def __init__(self, home: Path) -> None:
        path = path_of(home)
        self._c = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False) if path.exists() else None
        if self._c is not None and self._c.execute("PRAGMA user_version").fetchone() != (FORMAT,):
            self._c.close()
            self._c = None

    def __enter__(self) -> Identity:
        return self

    def __exit__(self, *_: object) -> None:
        if self._c is not None:
            self._c.close()

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._c.execute(sql, values).fetchall() if self._c is not None else []

    @property
    def stamp(self) -> str:
        """Stamp of the judgements that the file was made with; "" if there is no file."""
        return next((str(made_with) for (made_with,) in self._rows("SELECT judgements FROM made_with")), "")

    def counts(self) -> tuple[int, int]:
        """How many steps joined records, and how many questions there are."""
        return tuple(self._rows("SELECT (SELECT count(*) FROM joined), (SELECT count(*) FROM unsure)")[0]) if self._c else (0, 0)

    def joined(self) -> list[tuple[str, str]]:
        """Every two records that a step brought together."""
        return [(a, b) for a, b in self._rows("SELECT a, b FROM joined ORDER BY node, number")]

    def records_of(self, node: str) -> list[Record]:
        """The records that are one organisation; empty for one that is a single record."""
        rows = self._rows("SELECT id, node, source, shown FROM record WHERE node = ? ORDER BY id", node)
        return [Record(i, n, s, orjson.loads(shown)) for i, n, s, shown in rows]

    def record(self, id_: str) -> Record | None:
        """One record that a question or a merge names."""
        rows = self._rows("SELECT id, node, source, shown FROM record WHERE id = ?", id_)
        return next((Record(i, n, s, orjson.loads(shown)) for i, n, s, shown in rows), None)

    def steps_of(self, node: str) -> list[Step]:
        """Why they are one, in the order in which they were joined."""
        rows = self._rows("SELECT a, b, by, score, levels FROM joined WHERE node = ? ORDER BY number", node)
        return [Step(a, b, by, score, tuple(levels.split(",")) if levels else ()) for a, b, by, score, levels in rows]

    def questions(self) -> Iterator[Question]:
        """All unsure pairs, the one that would change most first."""
        sql = "SELECT a, b, why, score, levels, impact FROM unsure ORDER BY impact DESC, score DESC, a, b"
        for a, b, why, score, levels, impact in self._rows(sql):
            ra, rb = self.record(a), self.record(b)
            if ra is not None and rb is not None:
                yield Question(ra, rb, why, score, tuple(levels.split(",")), impact)
