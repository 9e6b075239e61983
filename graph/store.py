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
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

import neo4j
import neo4j.graph
import neo4j.spatial
import neo4j.time
from neo4j.exceptions import AuthError, ClientError, ConfigurationError, DriverError, Neo4jError, ServiceUnavailable, SessionExpired

from graph import engine as embedded
from graph import inspect_plan, schema
from graph.errors import EngineUnreachable, InnonetError, QueryError, QueryTimeout
from graph.querybook import Query
from graph.settings import Settings

BATCH: Final = 5000
"""Rows of one UNWIND; about the best on both engines."""

ANSWER_BYTES: Final = 16 << 20
"""Most bytes, counted as JSON text, that a person's question is answered with."""

CONFLICTS: Final = 6
"""Tries of a write that met another writer creating the same key (the driver does not retry that)."""

EMBEDDED_SECONDS: Final = 30.0
"""How long a living embedded engine may take to answer for the first time."""

FETCH: Final = 200
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


class Store:
    """An open graph.  Use as a context manager; safe to share between threads (each call opens its own session)."""

    def __init__(self, *, reader: _Account, asker: _Account, writer: _Account | None, agent: str, address: embedded.Address | None) -> None:
        self.engine: Literal["arcadedb", "neo4j"] = "arcadedb" if address is not None else "neo4j"
        self.agent = agent
        self._reader = reader
        self._asker = asker
        self._writer = writer
        self._address = address

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections.  The embedded engine goes on running."""
        drivers = {id(a.driver): a.driver for a in (self._reader, self._asker, self._writer) if a is not None}
        for driver in drivers.values():
            driver.close()

    # ------------------------------------------------------------------------------------------------------- reading

    def read(self, query: Query, **values: object) -> list[dict[str, Any]]:
        """Answer one of the program's own queries, one dict a row.  Raises QueryError or EngineUnreachable."""
        bound = query.bind(values)

        def work(tx: neo4j.ManagedTransaction) -> list[dict[str, Any]]:
            return [{k: plain(v) for k, v in zip(r.keys(), r.values(), strict=True)} for r in tx.run(query.text, bound)]

        with _named(query.name, query.text), self._reader.session(neo4j.READ_ACCESS) as session:
            return session.execute_read(work)

    def run_phrase(self, query: Query, values: Mapping[str, object], *, limit: int, timeout: float | None = None) -> Result:
        """Answer a query of the book for people: at most ``limit`` rows, and a size that a page can hold."""
        bound = query.bind(values)
        with _named(query.name, query.text):
            return self._bounded(self._reader, query.text, bound, limit=limit, timeout=timeout)

    def ask(self, cypher: str, parameters: Mapping[str, object] | None = None, *, timeout: float = 10.0, limit: int = 5000) -> Result:
        """Answer free Cypher of a person.

        Raises QueryRefused when it does more than read the graph, QueryTimeout after ``timeout`` seconds, QueryError with line
        and column when it is not correct.  More than ``limit`` rows or ANSWER_BYTES: ``truncated``.
        """
        name = "query"
        inspect_plan.check_text(cypher, name)
        with _named(name, cypher):
            inspect_plan.check_plan(self._plan(cypher, parameters or {}), cypher, name)
            return self._bounded(self._asker, cypher, parameters or {}, limit=limit, timeout=timeout)

    def _plan(self, cypher: str, parameters: Mapping[str, object]) -> inspect_plan.Plan:
        with self._asker.session(neo4j.READ_ACCESS) as session:
            # On a line of its own: a comment or an EXPLAIN/PROFILE of the person's stays what it is, and line numbers shift by one.
            summary = session.run(neo4j.Query(f"EXPLAIN {cypher}", timeout=10.0), dict(parameters)).consume()
            return inspect_plan.Plan(self.engine, summary.query_type or "", summary.plan)

    def _bounded(self, account: _Account, text: str, parameters: Mapping[str, object], *, limit: int, timeout: float | None) -> Result:
        deadline = time.monotonic() + timeout if timeout is not None else math.inf
        with account.driver.session(database=account.database, default_access_mode=neo4j.READ_ACCESS, fetch_size=min(FETCH, limit + 1)) as session:
            result = session.run(neo4j.Query(text, timeout=timeout), dict(parameters))
            columns = list(result.keys())
            rows: list[list[Any]] = []
            size = 0
            for record in result:
                if time.monotonic() > deadline:
                    raise _timeout("query", text)
                row = [plain(v) for v in record.values()]
                size += sum(_size(v) for v in row)
                if len(rows) >= limit or size > ANSWER_BYTES:
                    return Result(columns, rows, truncated=True)
                rows.append(row)
            return Result(columns, rows)

    # ------------------------------------------------------------------------------------------------------- writing

    def write(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one write query over ``rows`` (its parameter), all in one transaction."""
        self.write_many([(query, rows)])

    def write_many(self, ops: Sequence[tuple[Query, Sequence[Mapping[str, Any]]]]) -> None:
        """Run several write queries in one transaction: all or nothing.  A query without parameters runs once."""
        writer = self._may_write()
        names = ", ".join(dict.fromkeys(q.name for q, _ in ops)) or "write"

        def work(tx: neo4j.ManagedTransaction) -> None:
            for query, rows in ops:
                if not query.params:
                    tx.run(query.text).consume()
                for start in range(0, len(rows), BATCH):
                    tx.run(query.text, {query.params[0].name: list(rows[start : start + BATCH])}).consume()

        with _named(names, ops[0][0].text if ops else ""):
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

    def apply_schema(self) -> None:
        """Make all types, constraints and indexes of graph/schema.py that are missing."""
        writer = self._may_write()
        if self._address is not None:
            for statement in schema.arcadedb_types():
                embedded.sql(self._address, statement)
        with _named("schema", ""), writer.session(neo4j.WRITE_ACCESS) as session:
            for item in schema.items(self.engine):
                session.run(item.cypher).consume()
            if self.engine == "neo4j":
                session.run("CALL db.awaitIndexes(300)").consume()

    def check(self) -> list[schema.Problem]:
        """What of graph/schema.py is missing in the database."""
        if self._address is not None:
            types = embedded.sql(self._address, "SELECT name, parentTypes, indexes FROM schema:types")
            found = {(t["name"], p) for t in types for i in t.get("indexes") or [] for p in i["properties"]}
            return schema.missing_types({t["name"]: t.get("parentTypes") or [] for t in types}) + schema.missing_items(self.engine, found)
        with _named("schema", ""), self._reader.session(neo4j.READ_ACCESS) as session:
            rows = session.run("SHOW INDEXES YIELD labelsOrTypes, properties, state WHERE state = 'ONLINE' RETURN labelsOrTypes, properties").values()
        return schema.missing_items(self.engine, [(label, prop) for labels, props in rows for label in labels or [] for prop in props or []])

    def _may_write(self) -> _Account:
        if self._writer is None:
            raise InnonetError(
                "Dieser Zugang zum Graphen darf nur lesen. Schreiben kann nur, was mit open_store(settings, write=True) geöffnet wurde.",
                "This access to the graph may only read. Only what was opened with open_store(settings, write=True) can write.",
            )
        return self._writer


# ------------------------------------------------------------------------------------------------------------ opening


def open_store(settings: Settings, *, write: bool = False) -> Store:
    """Open the configured graph; starts the embedded engine if that is what is configured and it does not run.

    Without ``write`` only the reader's rights are there.  Raises EngineUnreachable within about settings.connect_timeout seconds
    when nothing answers, when the user is refused, or when the database does not exist.
    """
    # The driver logs through logging what it also raises; people see it once.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)
    return _open_embedded(settings, write) if settings.embedded else _open_neo4j(settings, write)


def _open_embedded(settings: Settings, write: bool) -> Store:
    address = embedded.ensure(settings)
    accounts: list[_Account] = []
    users = [(address.reader_user, address.reader_password), (address.asker_user, address.asker_password)]
    users += [(address.user, address.password)] if write else []
    try:
        accounts.extend(_Account(_driver(settings, address.uri, user, password), address.database) for user, password in users)
        # Its process lives, so what does not answer at once is busy or has just started.
        agent = _verify(max(settings.connect_timeout, EMBEDDED_SECONDS), accounts[0], address.uri)
    except BaseException:
        for account in accounts:
            account.driver.close()
        raise
    return Store(reader=accounts[0], asker=accounts[1], writer=accounts[2] if write else None, agent=agent, address=address)


def _open_neo4j(settings: Settings, write: bool) -> Store:
    main = _Account(_driver(settings, settings.neo4j_uri, settings.neo4j_username, settings.neo4j_password), settings.neo4j_database)
    reader = main
    try:
        agent = _verify(settings.connect_timeout, main, settings.neo4j_uri)
        if "ArcadeDB" in agent:
            raise EngineUnreachable(
                f"Unter {_shown(settings.neo4j_uri)} antwortet ArcadeDB. NEO4J_URI ist für Neo4j; ArcadeDB läuft eingebettet, wenn NEO4J_URI leer ist.",
                f"ArcadeDB answers at {_shown(settings.neo4j_uri)}. NEO4J_URI is for Neo4j; ArcadeDB runs embedded when NEO4J_URI is empty.",
            )
        if settings.neo4j_reader_username:
            reader = _Account(_driver(settings, settings.neo4j_uri, settings.neo4j_reader_username, settings.neo4j_reader_password), settings.neo4j_database)
            _verify(settings.connect_timeout, reader, settings.neo4j_uri)
    except BaseException:
        main.driver.close()
        reader.driver.close()
        raise
    return Store(reader=reader, asker=reader, writer=main if write else None, agent=agent, address=None)


def _driver(settings: Settings, uri: str, user: str, password: str) -> neo4j.Driver:
    try:
        return neo4j.GraphDatabase.driver(
            uri,
            auth=(user, password),
            connection_timeout=settings.connect_timeout,
            connection_acquisition_timeout=30.0,
            max_transaction_retry_time=30.0,
            notifications_min_severity="OFF",  # a question about a label that has no node yet is no warning
            telemetry_disabled=True,
            user_agent="innonet",
        )
    except (ConfigurationError, ValueError) as e:
        raise EngineUnreachable(
            f"NEO4J_URI {_shown(uri)} ist keine Adresse, die zu öffnen ist: {e}. Erwartet wird etwa bolt://localhost:7687 oder neo4j+s://host:7687.",
            f"NEO4J_URI {_shown(uri)} is no address that can be opened: {e}. Expected is something like bolt://localhost:7687 or neo4j+s://host:7687.",
        ) from None


def _verify(seconds: float, account: _Account, uri: str) -> str:
    """The server's agent string.  In a thread with a deadline, since the driver may try several addresses one after the other."""
    answer: list[str | Exception] = []

    def knock() -> None:
        try:
            with account.session(neo4j.READ_ACCESS) as session:  # a query, since only that finds a wrong database
                answer.append(session.run("RETURN 1").consume().server.agent)
        except (DriverError, Neo4jError, OSError) as e:
            answer.append(e)

    thread = threading.Thread(target=knock, daemon=True, name="innonet-connect")
    thread.start()
    thread.join(seconds)
    got: str | Exception = answer[0] if answer else ServiceUnavailable(f"no answer within {seconds:g} s")
    if isinstance(got, str):
        return got
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
def _named(name: str, text: str) -> Iterator[None]:
    """Turn the driver's exceptions into ours, with the query's name."""
    try:
        yield
    except (ServiceUnavailable, SessionExpired) as e:
        raise _unreachable("", e) from None
    except AuthError as e:
        raise inspect_plan.refused_by_engine(name, e.message or "") from None
    except Neo4jError as e:
        raise inspect_plan.explained(name, text, e.code or "", e.message or "") from None
    except DriverError as e:
        raise QueryError(f"Die Abfrage «{name}» ist gescheitert: {e}", f"The query «{name}» failed: {e}", query=name) from None


def _timeout(name: str, text: str) -> QueryTimeout:  # noqa: ARG001
    return QueryTimeout(
        f"Die Abfrage «{name}» hat länger gedauert als erlaubt. Schränken Sie sie ein: mehr Bedingungen, kürzere Pfade, ein LIMIT.",
        f"The query «{name}» took longer than allowed. Narrow it down: more conditions, shorter paths, a LIMIT.",
        query=name,
    )


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
