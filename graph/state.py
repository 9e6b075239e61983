"""What people decided, kept for ever: judgements and the ids that once led somewhere.

One relational database through SQLAlchemy Core with numbered migrations; SQLite (WAL) in INNONET_HOME.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from graph.errors import InnonetError, UsageError
from graph.model import Judgement

_META: Final = sa.MetaData()
_JUDGEMENT: Final = sa.Table(
    "judgement",
    _META,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("a", sa.Text, nullable=False),
    sa.Column("b", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("undone", sa.Boolean, nullable=False, server_default=sa.false()),
    sqlite_autoincrement=True,
)
_GONE: Final = sa.Table("gone", _META, sa.Column("id", sa.Text, primary_key=True))
_VERSION: Final = sa.Table("schema_version", _META, sa.Column("number", sa.Integer, nullable=False))

_MIGRATIONS: Final = (
    (
        """CREATE TABLE judgement (number INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL, b TEXT NOT NULL, verdict TEXT NOT NULL,
        who TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL, undone BOOLEAN NOT NULL DEFAULT 0)""",
        "CREATE TABLE gone (id TEXT PRIMARY KEY)",
    ),
)
"""One tuple of statements a version, applied in order; never changed once shipped."""

VERDICTS: Final = ("yes", "no", "unsure")


class StateError(InnonetError):
    """The state database is of a newer program or cannot be opened."""


class State:
    """The state database of one INNONET_HOME."""

    def __init__(self, home: Path) -> None:
        self.path = home / "state.sqlite"
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(f"sqlite:///{self.path}", connect_args={"timeout": 30})
            sa.event.listen(self._engine, "connect", lambda c, _: c.execute("PRAGMA journal_mode=WAL"))
            self._migrate()
        except (OSError, sa.exc.OperationalError) as e:
            raise StateError(
                f"{self.path}: die Zustandsdatenbank lässt sich nicht öffnen ({e.args[0]}).",
                f"{self.path}: the state database cannot be opened ({e.args[0]}).",
            ) from e

    def _migrate(self) -> None:
        with self._engine.begin() as c:
            c.execute(sa.text("CREATE TABLE IF NOT EXISTS schema_version (number INTEGER NOT NULL)"))
            at = c.execute(sa.select(sa.func.max(_VERSION.c.number))).scalar() or 0
            if at > len(_MIGRATIONS):
                raise StateError(
                    f"{self.path}: stammt von einer neueren Programmversion ({at}, bekannt sind {len(_MIGRATIONS)}).",
                    f"{self.path}: was written by a newer version of the program ({at}, known are {len(_MIGRATIONS)}).",
                )
            for number, statements in enumerate(_MIGRATIONS[at:], at + 1):
                for s in statements:
                    c.execute(sa.text(s))
                c.execute(_VERSION.insert().values(number=number))

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def __enter__(self) -> State:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        with self._engine.begin() as c:
            yield c

    def judge(self, a: str, b: str, verdict: str, who: str, why: str, at: str | None = None) -> Judgement:
        """Keep a person's word about two records (record ids)."""
        if verdict not in VERDICTS:
            raise UsageError(f"Urteil {verdict!r}: yes, no oder unsure wird erwartet.", f"verdict {verdict!r}: yes, no or unsure is expected.")
        if a == b:
            raise UsageError("Ein Satz kann nicht mit sich selbst verglichen werden.", "A record cannot be compared with itself.")
        at = at or dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        values = {"a": min(a, b), "b": max(a, b), "verdict": verdict, "who": who, "why": why, "at": at}
        with self._begin() as c:
            key = c.execute(_JUDGEMENT.insert().values(**values)).inserted_primary_key
        return Judgement(**values, number=int(key[0]) if key else 0)

    def undo(self, number: int | None = None) -> Judgement | None:
        """Take a standing judgement back, the latest one or that of a number (it stays on record as undone).  None if there is none."""
        standing = sa.select(_JUDGEMENT).where(_JUDGEMENT.c.undone.is_(False))
        with self._begin() as c:
            row = c.execute((standing.where(_JUDGEMENT.c.number == number) if number else standing).order_by(_JUDGEMENT.c.number.desc()).limit(1)).first()
            if row is None:
                return None
            c.execute(_JUDGEMENT.update().where(_JUDGEMENT.c.number == row.number).values(undone=True))
        return _judgement(row)

    def judgements(self) -> list[Judgement]:
        """All judgements that were not taken back, oldest first."""
        with self._begin() as c:
            rows = c.execute(sa.select(_JUDGEMENT).where(_JUDGEMENT.c.undone.is_(False)).order_by(_JUDGEMENT.c.number)).all()
        return [_judgement(r) for r in rows]

    def judged_pairs(self) -> set[tuple[str, str]]:
        """Every pair about which there ever was a judgement, taken back or not; smaller id first."""
        with self._begin() as c:
            return {(str(a), str(b)) for a, b in c.execute(sa.select(_JUDGEMENT.c.a, _JUDGEMENT.c.b).distinct())}

    def mark_gone(self, removed: Iterable[str], alive: Callable[[str], bool]) -> None:
        """Remember ids that no longer lead anywhere, forget those that came back."""
        with self._begin() as c:
            rows = [{"i": i} for i in removed]
            for n in range(0, len(rows), 5000):
                c.execute(sa.text("INSERT OR IGNORE INTO gone (id) VALUES (:i)"), rows[n : n + 5000])
            back = [{"i": i} for (i,) in c.execute(sa.select(_GONE.c.id)) if alive(i)]
            if back:
                c.execute(sa.text("DELETE FROM gone WHERE id = :i"), back)

    def is_gone(self, record_id: str) -> bool:
        """True if this id once led to something in the graph and does no longer."""
        with self._begin() as c:
            return c.execute(sa.select(_GONE.c.id).where(_GONE.c.id == record_id)).first() is not None


def _judgement(row: sa.Row[tuple[object, ...]]) -> Judgement:
    return Judgement(row.a, row.b, row.verdict, row.who, row.why, row.at, row.number)
