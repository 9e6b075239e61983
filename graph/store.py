"""The graph behind the official Neo4j driver: one class, two engines, two kinds of rights.

What only asks goes through rights that cannot write: on the embedded ArcadeDB a user whose group may read records and
nothing else; on Neo4j a reader user if one is configured, else the one user in READ access.  Free Cypher of people is
inspected before it runs (graph/inspect_plan.py) and bounded in time, rows and bytes.  Every error carries the query's name and
never a password.
"""

from __future__ import annotations

import base64
import logging
import math
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeVar, cast
from urllib.parse import urlsplit

import neo4j
import neo4j.graph
import neo4j.spatial
import neo4j.time
from neo4j.exceptions import AuthError, ClientError, ConfigurationError, DriverError, Forbidden, Neo4jError, ServiceUnavailable, SessionExpired

from graph import engine as embedded
from graph import inspect_plan, schema
from graph.errors import EngineUnreachable, InnonetError, QueryError
from graph.querybook import Query
from graph.settings import Settings

T = TypeVar("T")

BATCH: Final = 5000
"""Rows of one UNWIND; about the best on both engines."""

ANSWER_BYTES: Final = 16 << 20
"""Most bytes, counted as JSON text, that a person's question is answered with."""

CONFLICTS: Final = 6
"""Tries of a write that met another writer creating the same key (the driver does not retry that)."""

WRITE_SECONDS: Final = 15.0
"""How long the driver goes on trying a write to Neo4j that met a conflict or a change of the cluster's leader."""

GRACE_SECONDS: Final = 3.0
"""How much longer than a question's time limit we wait for the server to end it by itself."""

ABANDONED: Final = 2
"""Questions that Neo4j does not end although their time is over; as long as there are so many, no further ones are asked."""

FULL_BYTES: Final = 32 << 20
"""With less room than this on its disk a write that failed on the embedded engine failed for want of room."""

SCHEMES: Final = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")

MARK: Final = "question of a person"
"""Mark of such a question among the server's transactions."""

EMBEDDED_SECONDS: Final = 30.0
"""How long a living embedded engine may take to answer for the first time."""

FETCH: Final = 100
"""Rows the server sends at a time to a bounded reader, so that a cut answer does not travel whole."""


@dataclass(frozen=True, slots=True)
class Result:
    """Rows for people: plain values only, so that they become JSON as they are.

    A node is {"_id": its id property, "_labels": [...], **properties}; a relationship {"_type", "_start", "_end", **properties} with
    the id properties of its ends where the answer holds them, else None; a path {"nodes": [...], "relationships": [...]}; dates and times are ISO texts.
    ``truncated`` is True when there was more than the limit of rows or bytes.
    """

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool = False

    def dicts(self) -> list[dict[str, Any]]:
        """One dict a row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class _Account:
    """A driver and how sessions on it are opened."""

    driver: neo4j.Driver
    database: str

    def session(self, access: str) -> neo4j.Session:
        return self.driver.session(database=self.database, default_access_mode=access, fetch_size=1000)


@dataclass(frozen=True, slots=True)
class _Access:
    """The accounts of one open store.  ``address`` is the embedded engine's, None for Neo4j; ``writer`` None without that right.

    ``asker`` opens a connection for one question of a person, so that it can be cut without touching anybody else's.
    """

    reader: _Account
    asker: Callable[[], _Account]
    writer: _Account | None
    agent: str
    address: embedded.Address | None
    home: Path | None = None

    def close(self) -> None:
        for account in (self.reader, self.writer):
            if account is not None:
                account.driver.close()


class Store:
    """An open graph.  Use as a context manager; safe to share between threads (each call opens its own session).

    When the embedded engine went away meanwhile (killed, stopped), the next call finds or starts it again.
    """

    def __init__(self, connect: Callable[[], _Access]) -> None:
        self._connect = connect
        self._access = connect()
        self._renewing = threading.Lock()
        self._overdue = False

    @property
    def engine(self) -> Literal["arcadedb", "neo4j"]:
        """Which engine answers."""
        return "arcadedb" if self._access.address is not None else "neo4j"

    @property
    def agent(self) -> str:
        """How the server names itself and its version."""
        return self._access.agent

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections.  The embedded engine goes on running."""
        self._access.close()

    def _call(self, name: str, text: str, work: Callable[[_Access], T]) -> T:
        """Do ``work`` on the open accounts; again on new ones if the embedded engine had gone away.

        Twice at most: an engine that is just leaving may still let a client in.
        """
        for _ in range(2):
            access = self._access
            try:
                with _named(name, text):
                    return work(access)
            except EngineUnreachable:
                if access.address is None:
                    raise
            self._renew(access)
        with _named(name, text):
            return work(self._access)

    def _renew(self, gone: _Access) -> None:
        with self._renewing:
            if self._access is gone:  # else another thread was faster
                self._access = self._connect()
                gone.close()

    # ------------------------------------------------------------------------------------------------------- reading

    def read(self, query: Query, **values: object) -> list[dict[str, Any]]:
        """Answer one of the program's own queries, one dict a row.  Raises QueryError or EngineUnreachable."""
        return self.read_many([(query, values)])[0]

    def read_many(self, questions: Sequence[tuple[Query, Mapping[str, object]]]) -> list[list[dict[str, Any]]]:
        """Answer several of the program's own queries in one transaction, so that a page costs one way to the engine and back more than its queries."""
        bound = [(query.text, query.bind(values)) for query, values in questions]

        def work(tx: neo4j.ManagedTransaction) -> list[list[dict[str, Any]]]:
            out = []
            for text, values in bound:
                result = tx.run(text, values)
                keys = result.keys()
                out.append([dict(zip(keys, map(plain, row), strict=True)) for row in result.values()])
            return out

        def call(access: _Access) -> list[list[dict[str, Any]]]:
            with access.reader.session(neo4j.READ_ACCESS) as session:
                return session.execute_read(work)

        names = ", ".join(dict.fromkeys(query.name for query, _ in questions))
        return self._call(names, questions[0][0].text if len(questions) == 1 else "", call)

    def run_phrase(self, query: Query, values: Mapping[str, object], *, limit: int, timeout: float | None = None) -> Result:
        """Answer a query of the book for people: at most ``limit`` rows, and a size that a page can hold."""
        bound = query.bind(values)
        return self._call(query.name, query.text, lambda access: _bounded(access.reader, query.name, query.text, bound, limit=limit, timeout=timeout))

    def ask(self, cypher: str, parameters: Mapping[str, object] | None = None, *, timeout: float = 10.0, limit: int = 5000) -> Result:
        """Answer free Cypher of a person.

        Raises QueryRefused when it does more than read the graph, QueryTimeout after ``timeout`` seconds, QueryError with line
        and column when it is not correct.  More than ``limit`` rows or ANSWER_BYTES: ``truncated``.
        """
        name = inspect_plan.FREE
        values = dict(parameters or {})
        inspect_plan.check_text(cypher, name)
        for last in (False, True):
            self._alive()
            try:
                return self._ask(cypher, values, timeout, limit)
            except EngineUnreachable:
                if self.engine == "neo4j":
                    raise
                # It answered a moment ago.  Another one's question may have taken it along; if it happens again, it was this one.
                if last:
                    break
        raise inspect_plan.too_much(name)

    def _ask(self, cypher: str, values: dict[str, Any], timeout: float, limit: int) -> Result:
        name = inspect_plan.FREE
        neo4j_answers = self._access.address is None
        if self._overdue:
            still = _still_running(self._access)
            self._overdue = still > 0
            if still >= ABANDONED:
                raise inspect_plan.busy(name)
        account = self._access.asker()

        def work() -> Result:
            if neo4j_answers:
                with _named(name, cypher, shift=len(inspect_plan.EXPLAIN)):
                    summary = _explain(account, cypher, values, timeout)
                inspect_plan.check_plan(summary.query_type, summary.plan, name)
            with _named(name, cypher):
                return _bounded(account, name, cypher, values, limit=limit, timeout=timeout, asked=True)

        try:
            return _within(timeout + GRACE_SECONDS, work)
        except TimeoutError:
            self._overdue = neo4j_answers
            raise inspect_plan.overdue(name) from None
        finally:
            # Cuts the connection if the server still speaks, so that the thread left behind ends.
            with suppress(TimeoutError, DriverError, OSError):
                _within(1.0, account.driver.close)

    def _alive(self) -> None:
        """See that the embedded engine answers, starting it again if need be, before it is asked something that is not repeated."""

        def knock(access: _Access) -> None:
            with access.reader.session(neo4j.READ_ACCESS) as session:
                session.run("RETURN 1").consume()

        if self._access.address is not None:
            self._call("alive", "", knock)

    # ------------------------------------------------------------------------------------------------------- writing

    def write(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one write query over ``rows`` (its parameter), all in one transaction."""
        self.write_many([(query, rows)])

    def write_many(self, ops: Sequence[tuple[Query, Sequence[Mapping[str, Any]]]]) -> None:
        """Run several write queries in one transaction: all or nothing.  A query without parameters runs once."""
        _writer(self._access)
        names = ", ".join(dict.fromkeys(q.name for q, _ in ops)) or "write"

        def work(tx: neo4j.ManagedTransaction) -> None:
            for query, rows in ops:
                if not query.params:
                    tx.run(query.text).consume()
                for start in range(0, len(rows), BATCH):
                    tx.run(query.text, {query.params[0].name: list(rows[start : start + BATCH])}).consume()

        def call(access: _Access) -> None:
            writer = _writer(access)
            for attempt in range(1, CONFLICTS + 1):
                try:
                    with writer.session(neo4j.WRITE_ACCESS) as session:
                        session.execute_write(work)
                    return
                except ClientError as e:
                    if attempt == CONFLICTS or not (e.code or "").endswith("ConstraintValidationFailed"):
                        raise
                    # Two writers made the same key at once; the second finds it when it looks again.
                    time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 - spreads writers, guards nothing

        # The queries of the book are MERGEs: doing them once more, should the engine have gone away at the commit, changes nothing.
        try:
            self._call(names, ops[0][0].text if ops else "", call)
        except InnonetError:
            # ArcadeDB says only that the transaction failed
            home = self._access.home
            if home is not None and (free := shutil.disk_usage(home).free) < FULL_BYTES:
                raise _disk_full(home, free) from None
            raise

    def apply_schema(self) -> None:
        """Make all types, constraints and indexes of graph/schema.py that are missing."""
        _writer(self._access)

        def call(access: _Access) -> None:
            if access.address is not None:
                embedded.sql(access.address, schema.arcadedb_types())
            with _writer(access).session(neo4j.WRITE_ACCESS) as session:
                for item in schema.items(self.engine):
                    session.run(item.cypher).consume()
                if self.engine == "neo4j":
                    session.run("CALL db.awaitIndexes(300)").consume()

        self._call("schema", "", call)

    def check(self) -> list[schema.Problem]:
        """What of graph/schema.py is missing in the database."""

        def call(access: _Access) -> list[schema.Problem]:
            if access.address is not None:
                types = embedded.sql(access.address, ["SELECT name, parentTypes, indexes FROM schema:types"])
                found = [(t["name"], p) for t in types for i in t.get("indexes") or [] for p in i["properties"]]
                return schema.missing_types({t["name"]: t.get("parentTypes") or [] for t in types}) + schema.missing_items(self.engine, found)
            with access.reader.session(neo4j.READ_ACCESS) as session:
                rows = session.run("SHOW INDEXES YIELD labelsOrTypes, properties, state WHERE state = 'ONLINE' RETURN labelsOrTypes, properties").values()
            return schema.missing_items(self.engine, [(label, prop) for labels, props in rows for label in labels or [] for prop in props or []])

        return self._call("schema", "", call)


def _disk_full(home: Path, free: int) -> InnonetError:
    return InnonetError(
        f"Der Datenträger von {home} ist voll ({free >> 20} MB frei). Was gespeichert war, bleibt. Schaffen Sie Platz und laden Sie noch einmal.",
        f"The disk of {home} is full ({free >> 20} MB free). What was stored stays. Make room and load again.",
    )


def _writer(access: _Access) -> _Account:
    if access.writer is None:
        raise InnonetError(
            "Dieser Zugang zum Graphen darf nur lesen. Schreiben kann nur, was mit open_store(settings, write=True) geöffnet wurde.",
            "This access to the graph may only read. Only what was opened with open_store(settings, write=True) can write.",
        )
    return access.writer


def _still_running(access: _Access) -> int:
    """How many questions of people Neo4j is still busy with although their time is over (a long expression looks at no clock)."""
    with _named("busy", ""), access.reader.session(neo4j.READ_ACCESS) as session:
        try:
            found = session.run("SHOW TRANSACTIONS YIELD metaData, elapsedTime RETURN metaData, elapsedTime").values()
            return sum(data.get("innonet") == MARK and elapsed.seconds > data.get("seconds", 0) for data, elapsed in found)
        except Forbidden:  # a reader of a server with roles may not look; that server's own limits hold
            return 0


def _explain(account: _Account, cypher: str, parameters: Mapping[str, object], timeout: float) -> neo4j.ResultSummary:
    with account.session(neo4j.READ_ACCESS) as session:
        return session.run(neo4j.Query(f"{inspect_plan.EXPLAIN}{cypher}", timeout=timeout), dict(parameters)).consume()


def _bounded(account: _Account, name: str, text: str, parameters: Mapping[str, object], *, limit: int, timeout: float | None, asked: bool = False) -> Result:
    """Up to ``limit`` rows and ANSWER_BYTES.

    ``asked``: refuse afterwards what the engine calls a write.  Its rights let none happen, but one that finds nothing to
    change passes without a word.
    """
    deadline = time.monotonic() + timeout if timeout is not None else math.inf
    with account.driver.session(database=account.database, default_access_mode=neo4j.READ_ACCESS, fetch_size=min(FETCH, limit + 1)) as session:
        marked = {"innonet": MARK, "seconds": timeout} if asked else None
        result = session.run(neo4j.Query(text, metadata=marked, timeout=timeout), dict(parameters))
        columns = list(result.keys())
        rows: list[list[Any]] = []
        size = 0
        for record in result:
            if time.monotonic() > deadline:
                raise inspect_plan.overdue(name)
            row = [plain(v) for v in record.values()]
            size += sum(_size(v) for v in row)
            if len(rows) >= limit or size > ANSWER_BYTES:
                return Result(columns, rows, truncated=True)
            rows.append(row)
        if asked:
            inspect_plan.check_type(result.consume().query_type, name)
        return Result(columns, rows)


def _within(seconds: float, work: Callable[[], T]) -> T:
    """Do ``work``, but wait no longer than ``seconds``: TimeoutError, and the thread is left behind.

    The driver has no limit of its own for a server that takes a question and never answers.
    """
    done: list[tuple[T | None, Exception | None]] = []

    def run() -> None:
        try:
            done.append((work(), None))
        except Exception as e:  # noqa: BLE001 - raised again below, in the thread that waits
            done.append((None, e))

    thread = threading.Thread(target=run, daemon=True, name="innonet-bounded")
    thread.start()
    thread.join(seconds)
    if not done:
        raise TimeoutError(f"no answer within {seconds:g} s")
    value, error = done[0]
    if error is not None:
        raise error
    return cast("T", value)


# ------------------------------------------------------------------------------------------------------------ opening


def open_store(settings: Settings, *, write: bool = False) -> Store:
    """Open the configured graph; starts the embedded engine if that is what is configured and it does not run.

    Without ``write`` only the reader's rights are there.  Raises EngineUnreachable within about settings.connect_timeout seconds
    when nothing answers, when the user is refused, or when the database does not exist.
    """
    # The driver logs through logging what it also raises; people see it once.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)
    return Store(partial(_open_embedded if settings.embedded else _open_neo4j, settings, write))


def _open_embedded(settings: Settings, write: bool) -> _Access:
    address = embedded.ensure(settings)

    def account(user: str, password: str, retry: float) -> _Account:
        return _Account(_driver(settings, address.uri, user, password, retry), address.database)

    access = _Access(
        reader=account(address.reader_user, address.reader_password, settings.connect_timeout),
        asker=partial(account, address.asker_user, address.asker_password, 0.0),
        writer=account(address.user, address.password, settings.connect_timeout) if write else None,
        agent="",
        address=address,
        home=settings.home,
    )
    try:
        # Its process lives, so what does not answer at once is busy or has just started.
        agent = _verify(max(settings.connect_timeout, EMBEDDED_SECONDS), access.reader, address.uri)
    except BaseException:
        access.close()
        raise
    return replace(access, agent=agent)


def _open_neo4j(settings: Settings, write: bool) -> _Access:
    uri, database = settings.neo4j_uri, settings.neo4j_database
    main = (settings.neo4j_username, settings.neo4j_password)
    reading = (settings.neo4j_reader_username, settings.neo4j_reader_password) if settings.neo4j_reader_username else main

    def account(user: str, password: str, retry: float) -> _Account:
        return _Account(_driver(settings, uri, user, password, retry), database)

    reader = account(*reading, settings.connect_timeout)
    writer = account(*main, WRITE_SECONDS) if write else None
    access = _Access(reader, partial(account, *reading, 0.0), writer, "", None)
    try:
        agent = _verify(settings.connect_timeout, reader, uri)
        if writer is not None and reading != main:
            _verify(settings.connect_timeout, writer, uri)
        if "ArcadeDB" in agent:
            raise EngineUnreachable(
                f"Unter {_shown(uri)} antwortet ArcadeDB. NEO4J_URI ist für Neo4j; ArcadeDB läuft eingebettet, wenn NEO4J_URI leer ist.",
                f"ArcadeDB answers at {_shown(uri)}. NEO4J_URI is for Neo4j; ArcadeDB runs embedded when NEO4J_URI is empty.",
            )
    except BaseException:
        access.close()
        raise
    return replace(access, agent=agent)


def _driver(settings: Settings, uri: str, user: str, password: str, retry: float) -> neo4j.Driver:
    try:
        if urlsplit(uri).scheme not in SCHEMES:
            raise ValueError(uri)
        return neo4j.GraphDatabase.driver(
            uri,
            auth=(user, password),
            connection_timeout=settings.connect_timeout,
            connection_acquisition_timeout=30.0,
            max_transaction_retry_time=retry,
            notifications_min_severity="OFF",  # a question about a label that has no node yet is no warning
            telemetry_disabled=True,
            user_agent="innonet",
        )
    except (ConfigurationError, ValueError):  # its text holds the whole address, and somebody may have put a password into it
        raise EngineUnreachable(
            f"NEO4J_URI {_shown(uri)} kann nicht geöffnet werden. Erwartet wird eine Adresse wie bolt://localhost:7687 oder neo4j+s://host:7687, "
            "ohne Benutzer und Passwort darin (NEO4J_USERNAME, NEO4J_PASSWORD).",
            f"NEO4J_URI {_shown(uri)} cannot be opened. Expected is an address like bolt://localhost:7687 or neo4j+s://host:7687, "
            "without user and password in it (NEO4J_USERNAME, NEO4J_PASSWORD).",
        ) from None


def _verify(seconds: float, account: _Account, uri: str) -> str:
    """The server's agent string.  In a thread with a deadline, since the driver may try several addresses one after the other."""

    def knock() -> str:
        with account.session(neo4j.READ_ACCESS) as session:  # a query, since only that finds a wrong database
            return str(session.run("RETURN 1").consume().server.agent)

    try:
        return _within(seconds, knock)
    except (TimeoutError, DriverError, Neo4jError, OSError) as e:
        got = e
    shown = _shown(uri)
    if isinstance(got, AuthError):
        raise EngineUnreachable(
            f"Der Server {shown} lehnt Benutzer oder Passwort ab. Prüfen Sie NEO4J_USERNAME und NEO4J_PASSWORD.",
            f"The server {shown} refuses user or password. Check NEO4J_USERNAME and NEO4J_PASSWORD.",
        ) from None
    if isinstance(got, Neo4jError) and (got.code or "").endswith("DatabaseNotFound"):
        raise EngineUnreachable(
            f"Auf {shown} gibt es keine Datenbank {account.database!r}. Prüfen Sie NEO4J_DATABASE.",
            f"There is no database {account.database!r} on {shown}. Check NEO4J_DATABASE.",
        ) from None
    raise _unreachable(shown, got) from None


def _unreachable(where: str, e: Exception) -> EngineUnreachable:
    reason = str(e).splitlines()[0] if str(e) else type(e).__name__
    return EngineUnreachable(
        f"Keine Graph-Engine erreichbar{f' unter {where}' if where else ''} ({reason}). Läuft der Server? Stimmt NEO4J_URI? «innonet engine status» hilft.",
        f"No graph engine can be reached{f' at {where}' if where else ''} ({reason}). Does the server run? Is NEO4J_URI right? `innonet engine status` helps.",
    )


def _shown(uri: str) -> str:
    """The address without user and password that somebody may have put into it."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else uri.split("@")[-1]


# ------------------------------------------------------------------------------------------------------------- errors


@contextmanager
def _named(name: str, text: str, *, shift: int = 0) -> Iterator[None]:
    """Turn the driver's exceptions into ours, with the query's name."""
    try:
        yield
    except (ServiceUnavailable, SessionExpired) as e:
        raise _unreachable("", e) from None
    except AuthError as e:
        raise _unreachable("", e) from None  # the embedded engine was started anew, with other passwords
    except Neo4jError as e:
        raise inspect_plan.explained(name, text, e.code or "", e.message or "", shift=shift) from None
    except DriverError as e:
        raise QueryError(f"Die Abfrage «{name}» ist gescheitert: {e}", f"The query «{name}» failed: {e}", query=name) from None


# ------------------------------------------------------------------------------------------------------- plain values


def plain(value: Any) -> Any:
    """A driver's value as what JSON knows.  See Result for nodes, relationships and paths."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, neo4j.graph.Node):
        return {"_id": value.get("id"), "_labels": sorted(value.labels), **{k: plain(v) for k, v in value.items()}}
    if isinstance(value, neo4j.graph.Relationship):
        start, end = (n.get("id") if n is not None else None for n in (value.start_node, value.end_node))
        return {"_type": value.type, "_start": start, "_end": end, **{k: plain(v) for k, v in value.items()}}
    if isinstance(value, neo4j.graph.Path):
        return {"nodes": [plain(n) for n in value.nodes], "relationships": [plain(r) for r in value.relationships]}
    return _plain_other(value)


def _plain_other(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, neo4j.spatial.Point):
        return {"srid": value.srid, "coordinates": [plain(v) for v in value]}
    with suppress(AttributeError):
        iso: Callable[[], str] = value.iso_format
        return iso()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _size(value: Any) -> int:
    """About how many bytes a plain value takes as JSON text."""
    if isinstance(value, str):
        return len(value) + 2
    if isinstance(value, list):
        return 2 + sum(_size(v) + 1 for v in value)
    if isinstance(value, dict):
        return 2 + sum(len(k) + 4 + _size(v) for k, v in value.items())
    return 8
