"""What people decided, kept for ever: judgements, the ids that once led somewhere, and who changed what (audit).

One relational database through SQLAlchemy Core with numbered migrations; SQLite (WAL) in INNONET_HOME.  Users and sessions
(accounts.py), opinions about suggestions (opinions.py), what somebody noted (watchlist.py) and jobs (jobs.py) live in the same
database and have files of their own.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

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
_AUDIT: Final = sa.Table(
    "audit",
    _META,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
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
    (
        """CREATE TABLE audit (number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
        what TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL)""",
        "CREATE TABLE user (name TEXT PRIMARY KEY, password TEXT NOT NULL, role TEXT NOT NULL, created TEXT NOT NULL, disabled BOOLEAN NOT NULL DEFAULT 0)",
        "CREATE TABLE session (token TEXT PRIMARY KEY, name TEXT NOT NULL, csrf TEXT NOT NULL, created TEXT NOT NULL, seen TEXT NOT NULL)",
        "CREATE TABLE failed_login (number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, at TEXT NOT NULL)",
        "CREATE INDEX failed_login_key ON failed_login (key, at)",
    ),
    (
        "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
        # lines about logins hold network addresses and are thrown away after a while (accounts.py); changes stay for good
        """CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit WHEN old.action NOT IN ('login', 'login failed', 'login locked')
        BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END""",
    ),
    (
        # opinions.py: never overwritten; shown: at which place of the list it stood, NULL where that is not known
        """CREATE TABLE opinion (number INTEGER PRIMARY KEY AUTOINCREMENT, asker TEXT NOT NULL, about TEXT NOT NULL, verdict TEXT NOT NULL,
        why TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, shown INTEGER, undone BOOLEAN NOT NULL DEFAULT 0)""",
        "CREATE INDEX opinion_undone ON opinion (undone)",
        # watchlist.py: one line a user and pair; a line that was taken off stays until it is put back or overwritten
        """CREATE TABLE watched (number INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, asker TEXT NOT NULL, noted TEXT NOT NULL,
        state TEXT NOT NULL, note TEXT NOT NULL, changed TEXT NOT NULL, removed BOOLEAN NOT NULL DEFAULT 0, UNIQUE (user, asker, noted))""",
    ),
    (
        # jobs.py: what was sent on its way into the graph; what people said about a text before it went in
        """CREATE TABLE job (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, who TEXT NOT NULL, state TEXT NOT NULL, task TEXT NOT NULL,
        given TEXT NOT NULL, step TEXT NOT NULL DEFAULT '', done INTEGER NOT NULL DEFAULT 0, whole INTEGER NOT NULL DEFAULT 0,
        de TEXT NOT NULL DEFAULT '', en TEXT NOT NULL DEFAULT '', result TEXT NOT NULL DEFAULT '{}', created TEXT NOT NULL, changed TEXT NOT NULL,
        cancel BOOLEAN NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0)""",
        "CREATE INDEX job_state ON job (state)",
        """CREATE TABLE correction (number INTEGER PRIMARY KEY AUTOINCREMENT, job INTEGER NOT NULL, document TEXT NOT NULL, start INTEGER NOT NULL,
        stop INTEGER NOT NULL, what TEXT NOT NULL, value TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, undone BOOLEAN NOT NULL DEFAULT 0)""",
        "CREATE INDEX correction_job ON correction (job)",
    ),
    (
        # questions.py: what somebody asked lately, and what they keep; text: Cypher, or the name of a ready-made question
        """CREATE TABLE asked (number INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
        parameters TEXT NOT NULL, at TEXT NOT NULL, rows INTEGER)""",
        "CREATE INDEX asked_user ON asked (user)",
        """CREATE TABLE question (number INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
        text TEXT NOT NULL, parameters TEXT NOT NULL, saved TEXT NOT NULL, UNIQUE (user, name))""",
    ),
    (
        # news.py: which graph versions were seen, and what each brought that the one before did not have
        """CREATE TABLE seen (number INTEGER PRIMARY KEY AUTOINCREMENT, version TEXT NOT NULL, at TEXT NOT NULL, organizations INTEGER NOT NULL,
        projects INTEGER NOT NULL, pairs INTEGER NOT NULL)""",
        "CREATE TABLE news (number INTEGER PRIMARY KEY AUTOINCREMENT, seen INTEGER NOT NULL, what TEXT NOT NULL, id TEXT NOT NULL, other TEXT NOT NULL)",
        "CREATE INDEX news_seen ON news (seen)",
        # suppression.py: record ids, a line each, that must not be shown
        """CREATE TABLE suppressed (number INTEGER PRIMARY KEY AUTOINCREMENT, ids TEXT NOT NULL, why TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
        lifted BOOLEAN NOT NULL DEFAULT 0)""",
    ),
)
"""One tuple of statements a version, applied in order; never changed once shipped."""

VERDICTS: Final = ("yes", "no", "unsure")


class StateError(InnonetError):
    """The state database is of a newer program or cannot be opened."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change: when (ISO, UTC), by whom, what was done (judge, undo, login, user, ...), to what, and how it was before and after."""

    number: int
    at: str
    who: str
    action: str
    what: str
    before: str
    after: str


def now() -> str:
    """This second, ISO 8601 in UTC."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def write_audit(c: sa.Connection, at: str, who: str, action: str, what: str, before: str, after: str) -> None:
    """Put one line on record, in the transaction of the change itself.  Never passwords or tokens."""
    c.execute(_AUDIT.insert().values(at=at, who=who, action=action, what=what, before=before, after=after))


def _keep_to_owner(path: Path) -> None:
    """The file holds password hashes: nobody else on this machine may read it (SQLite gives its side files the same mode)."""
    # an existing file is never opened here: closing it would drop the locks that SQLite holds for this process, and another process
    # that then believes itself alone deletes the write-ahead log under it (sqlite.org/howtocorrupt.html, 2.2)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by the listener above, not by the driver
    connection.execute("PRAGMA journal_mode=WAL")


_READS: Final = "innonet_reads"


def _begin(c: sa.Connection) -> None:
    # who writes takes the lock at the start: two who read and then write would else wait for each other until one fails
    c.exec_driver_sql("BEGIN" if c.get_execution_options().get(_READS) else "BEGIN IMMEDIATE")


class State:
    """The state database of one INNONET_HOME."""

    def __init__(self, home: Path) -> None:
        self.path = home / "state.sqlite"
        try:
            home.mkdir(parents=True, exist_ok=True)
            _keep_to_owner(self.path)
            self._engine = sa.create_engine(f"sqlite:///{self.path}", connect_args={"timeout": 30})
            sa.event.listen(self._engine, "connect", _set_up)
            sa.event.listen(self._engine, "begin", _begin)
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
    def reading(self) -> Iterator[sa.Connection]:
        """A view of one moment; waits for nobody."""
        with self._engine.connect().execution_options(**{_READS: True}) as c, c.begin():
            yield c

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One transaction: all of it or nothing.  Others who write wait."""
        with self._engine.begin() as c:
            yield c

    def judge(self, a: str, b: str, verdict: str, who: str, why: str, at: str | None = None) -> Judgement:
        """Keep a person's word about two records (record ids)."""
        return self.judge_all([(a, b)], verdict, who, why, at)[0]

    def judge_all(self, pairs: Sequence[tuple[str, str]], verdict: str, who: str, why: str, at: str | None = None) -> list[Judgement]:
        """Keep the same word about several pairs of records, all of it or nothing."""
        if verdict not in VERDICTS:
            raise UsageError(f"Urteil {verdict!r}: yes, no oder unsure wird erwartet.", f"verdict {verdict!r}: yes, no or unsure is expected.")
        if any(a == b for a, b in pairs):
            raise UsageError("Ein Satz kann nicht mit sich selbst verglichen werden.", "A record cannot be compared with itself.")
        at = at or now()
        made = []
        with self.transaction() as c:
            for a, b in pairs:
                values = {"a": min(a, b), "b": max(a, b), "verdict": verdict, "who": who, "why": why, "at": at}
                about = (_JUDGEMENT.c.a == values["a"]) & (_JUDGEMENT.c.b == values["b"]) & _JUDGEMENT.c.undone.is_(False)
                before = c.execute(sa.select(_JUDGEMENT.c.verdict).where(about).order_by(_JUDGEMENT.c.number.desc()).limit(1)).scalar()
                key = c.execute(_JUDGEMENT.insert().values(**values)).inserted_primary_key
                write_audit(c, at, who, "judge", f"{values['a']} {values['b']}", before or "", verdict)
                made.append(Judgement(**values, number=int(key[0]) if key else 0))
        return made

    def undo(self, number: int | None = None, *, who: str = "") -> Judgement | None:
        """Take a standing judgement back, the latest one or that of a number (it stays on record as undone).  None if there is none."""
        standing = sa.select(_JUDGEMENT).where(_JUDGEMENT.c.undone.is_(False))
        with self.transaction() as c:
            row = c.execute(
                (standing if number is None else standing.where(_JUDGEMENT.c.number == number)).order_by(_JUDGEMENT.c.number.desc()).limit(1)
            ).first()
            if row is None:
                return None
            c.execute(_JUDGEMENT.update().where(_JUDGEMENT.c.number == row.number).values(undone=True))
            write_audit(c, now(), who, "undo", f"{row.a} {row.b}", row.verdict, "")
        return _judgement(row)

    def judgements(self) -> list[Judgement]:
        """All judgements that were not taken back, oldest first."""
        with self.reading() as c:
            rows = c.execute(sa.select(_JUDGEMENT).where(_JUDGEMENT.c.undone.is_(False)).order_by(_JUDGEMENT.c.number)).all()
        return [_judgement(r) for r in rows]

    def history(self, records: Iterable[str] | None = None) -> list[tuple[Judgement, bool]]:
        """Every judgement, or every one about any of these records, the latest first, each with whether it was taken back."""
        wanted = sa.select(_JUDGEMENT).order_by(_JUDGEMENT.c.number.desc())
        if records is not None:
            ids = sorted(set(records))
            wanted = wanted.where(_JUDGEMENT.c.a.in_(ids) | _JUDGEMENT.c.b.in_(ids))
        with self.reading() as c:
            rows = c.execute(wanted).all()
        return [(_judgement(r), bool(r.undone)) for r in rows]

    def audit(self, *, skip: int = 0, limit: int = 100) -> list[AuditEntry]:
        """Who changed what, the latest first."""
        with self.reading() as c:
            rows = c.execute(sa.select(_AUDIT).order_by(_AUDIT.c.number.desc()).offset(skip).limit(limit)).all()
        return [AuditEntry(r.number, r.at, r.who, r.action, r.what, r.before, r.after) for r in rows]

    def judged_pairs(self) -> set[tuple[str, str]]:
        """Every pair about which there ever was a judgement, taken back or not; smaller id first."""
        with self.reading() as c:
            return {(str(a), str(b)) for a, b in c.execute(sa.select(_JUDGEMENT.c.a, _JUDGEMENT.c.b).distinct())}

    def mark_gone(self, removed: Iterable[str], alive: Callable[[str], bool]) -> None:
        """Remember ids that no longer lead anywhere, forget those that came back."""
        with self.transaction() as c:
            rows = [{"i": i} for i in removed]
            for n in range(0, len(rows), 5000):
                c.execute(sa.text("INSERT OR IGNORE INTO gone (id) VALUES (:i)"), rows[n : n + 5000])
            back = [{"i": i} for (i,) in c.execute(sa.select(_GONE.c.id)) if alive(i)]
            if back:
                c.execute(sa.text("DELETE FROM gone WHERE id = :i"), back)

    def is_gone(self, record_id: str) -> bool:
        """True if this id once led to something in the graph and does no longer."""
        with self.reading() as c:
            return c.execute(sa.select(_GONE.c.id).where(_GONE.c.id == record_id)).first() is not None


def _judgement(row: sa.Row[tuple[object, ...]]) -> Judgement:
    return Judgement(row.a, row.b, row.verdict, row.who, row.why, row.at, row.number)
