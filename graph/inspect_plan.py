"""What free Cypher of people may do, decided by the engine's own plan, and what its errors mean in plain words.

Neo4j's READ access refuses writes, but reads files and addresses (LOAD CSV), lists users, settings and transactions: the plan
of an EXPLAIN says what a query would do, whatever its text looks like.  A list of forbidden words would not hold.
ArcadeDB's group of rights refuses all of that itself; the plan only gives the clearer answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graph.errors import QueryError, QueryRefused, QueryTimeout

TEXT_BYTES: Final = 64 << 10
"""Longest question."""

PROCEDURES: Final = frozenset(
    {"db.labels", "db.relationshiptypes", "db.propertykeys", "db.schema.visualization", "db.schema.nodetypeproperties", "db.schema.reltypeproperties"}
)
"""Procedures a person may call: they tell what the graph is made of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an EXPLAIN said: the engine, the type of the query (r, rw, w, s) and the tree of operators (None on ArcadeDB)."""

    engine: str
    query_type: str
    root: Mapping[str, Any] | None


def check_text(cypher: str, name: str) -> None:
    """Refuse what is no question at all: nothing, or much too long."""
    if not cypher.strip():
        raise QueryError("Die Abfrage ist leer.", "The query is empty.", query=name, line=1, column=1)
    if len(cypher.encode("utf-8", errors="surrogatepass")) > TEXT_BYTES:
        raise QueryRefused(
            f"Die Abfrage ist länger als {TEXT_BYTES // 1024} KB. Geben Sie lange Listen als Parameter.",
            f"The query is longer than {TEXT_BYTES // 1024} KB. Give long lists as parameters.",
            query=name,
        )


def check_plan(plan: Plan, cypher: str, name: str) -> None:  # noqa: ARG001
    """Raise QueryRefused unless the query only reads the graph."""
    if plan.engine == "neo4j":
        if plan.query_type != "r":
            raise refused(name, "sie schreibt oder verwaltet", "it writes or administers")
        for operator, details in operators(plan.root or {}):
            if operator == "LoadCSV":
                raise refused(name, "sie liest eine Datei oder Adresse (LOAD CSV)", "it reads a file or an address (LOAD CSV)")
            if operator.startswith("Show") or operator in ("TransactionForeach", "TransactionApply"):
                raise refused(name, f"{operator} ist nicht erlaubt", f"{operator} is not allowed")
            if operator == "ProcedureCall" and _procedure(details) not in PROCEDURES:
                called = _procedure(details)
                raise refused(name, f"die Prozedur {called} ist nicht erlaubt", f"the procedure {called} is not allowed")


def operators(root: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """All operators of a plan with their details, without the ``@database`` behind the name."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield str(node.get("operatorType", "")).partition("@")[0], str((node.get("args") or {}).get("Details", ""))
        waiting.extend(node.get("children") or [])


def _procedure(details: str) -> str:
    return details.replace("`", "").partition("(")[0].strip().lower()


def refused(name: str, de: str, en: str) -> QueryRefused:
    """The refusal with its reason in both languages."""
    return QueryRefused(
        f"Die Abfrage «{name}» ist nicht erlaubt: {de}. Hier darf nur aus dem Graphen gelesen werden.",
        f"The query «{name}» is not allowed: {en}. Only reading from the graph is allowed here.",
        query=name,
    )


def refused_by_engine(name: str, message: str) -> QueryRefused:
    """The engine itself said no."""
    return refused(name, f"die Datenbank lehnt sie ab ({message})", f"the database refuses it ({message})")


_PLACE: Final = re.compile(r"line (\d+)(?:, column |:)(\d+)")


def explained(name: str, text: str, code: str, message: str) -> QueryError:  # noqa: ARG001
    """Our error for an engine's code and message."""
    if code.endswith(("Forbidden", "AccessMode", "ReadOnly")) or "access mode" in message:
        return refused_by_engine(name, message)
    if "TimedOut" in code or "Timeout" in message:
        return QueryTimeout(
            f"Die Abfrage «{name}» hat länger gedauert als erlaubt. Schränken Sie sie ein: mehr Bedingungen, kürzere Pfade, ein LIMIT.",
            f"The query «{name}» took longer than allowed. Narrow it down: more conditions, shorter paths, a LIMIT.",
            query=name,
        )
    place = _PLACE.search(message)
    line, column = (int(place[1]), int(place[2])) if place else (None, None)
    return QueryError(f"Die Abfrage «{name}» ist gescheitert: {message}", f"The query «{name}» failed: {message}", query=name, line=line, column=column)
