"""What free Cypher of people may do, decided by the engine's own plan, and what its errors mean in plain words.

Neo4j's READ access refuses writes, but reads files and addresses (LOAD CSV), lists users, settings and transactions: the plan
of an EXPLAIN says what a query would do, whatever its text looks like.  A list of forbidden words would not hold.
ArcadeDB's group of rights refuses all of that itself; its EXPLAIN says nothing worth looking at.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from graph.engine import OVERDUE
from graph.errors import QueryError, QueryRefused, QueryTimeout
from graph.querybook import code_only

FREE: Final = "query"
"""Name of a person's own query in errors."""

TEXT_BYTES: Final = 64 << 10
"""Longest question."""

EXPLAIN: Final = "EXPLAIN "
"""Put before a question to get its plan."""

_PREFIXES: Final = frozenset({"EXPLAIN", "PROFILE", "USE", "SHOW", "TERMINATE"})
_WORD: Final = re.compile(r"\w+")

PROCEDURES: Final = frozenset(
    {"db.labels", "db.relationshiptypes", "db.propertykeys", "db.schema.visualization", "db.schema.nodetypeproperties", "db.schema.reltypeproperties"}
)
"""Procedures a person may call: they tell what the graph is made of."""


def check_text(cypher: str, name: str) -> None:
    """Refuse what is no question at all: nothing, much too long, or a command around a question (their own EXPLAIN would hide it from ours)."""
    if not cypher.strip():
        raise QueryError("Die Abfrage ist leer.", "The query is empty.", query=name, line=1, column=1)
    if len(cypher.encode("utf-8", errors="surrogatepass")) > TEXT_BYTES:
        raise QueryRefused(
            f"Die Abfrage ist länger als {TEXT_BYTES // 1024} KB. Geben Sie lange Listen als Parameter.",
            f"The query is longer than {TEXT_BYTES // 1024} KB. Give long lists as parameters.",
            query=name,
        )
    first = (_WORD.search(code_only(cypher)) or [""])[0].upper()
    if first in _PREFIXES:
        raise refused(name, f"{first} ist nicht erlaubt", f"{first} is not allowed")


def check_plan(query_type: str | None, root: Mapping[str, Any] | None, name: str) -> None:
    """Raise QueryRefused unless Neo4j's EXPLAIN says that the query only reads the graph.

    ``query_type`` is r, w, rw or s (schema and administration); ``root`` the tree of operators.
    """
    check_type(query_type, name)
    for operator, details in operators(root or {}):
        if operator == "LoadCSV":
            raise refused(name, "sie liest eine Datei oder Adresse (LOAD CSV)", "it reads a file or an address (LOAD CSV)")
        if operator.startswith(("Show", "Transaction", "Terminate")):
            raise refused(name, f"{operator} ist nicht erlaubt", f"{operator} is not allowed")
        if operator.endswith("ProcedureCall") and _procedure(details) not in PROCEDURES:
            called = _procedure(details)
            raise refused(name, f"die Prozedur {called} ist nicht erlaubt", f"the procedure {called} is not allowed")


def check_type(query_type: str | None, name: str) -> None:
    """Raise QueryRefused unless the engine calls the query a reading one."""
    if query_type != "r":
        raise refused(name, "sie schreibt oder verwaltet", "it writes or administers")


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
    what = re.search(r"not allowed to [\w ]+", message)
    told = f" ({what[0].strip()})" if what else ""
    return refused(name, f"die Datenbank lehnt sie ab{told}", f"the database refuses it{told}")


def overdue(name: str) -> QueryTimeout:
    """The time is over."""
    return QueryTimeout(
        f"Die Abfrage «{name}» hat länger gedauert als erlaubt. Schränken Sie sie ein: mehr Bedingungen, kürzere Pfade, ein LIMIT.",
        f"The query «{name}» took longer than allowed. Narrow it down: more conditions, shorter paths, a LIMIT.",
        query=name,
    )


def too_much(name: str) -> QueryError:
    """The engine could not hold what the query asks for."""
    return QueryError(
        f"Die Abfrage «{name}» braucht mehr Speicher, als die Datenbank hat, und wurde abgebrochen. Verlangen Sie kleinere Listen, Texte oder weniger Zeilen.",
        f"The query «{name}» needs more memory than the database has and was ended. Ask for smaller lists, texts or fewer rows.",
        query=name,
    )


def busy(name: str) -> QueryRefused:
    """Earlier questions still keep the server busy."""
    return QueryRefused(
        "Frühere Abfragen beschäftigen die Datenbank noch, obwohl ihre Zeit abgelaufen ist. Versuchen Sie es später wieder.",
        "Earlier queries still keep the database busy although their time is over. Try again later.",
        query=name,
    )


# ------------------------------------------------------------------------------------------------- errors, explained

_PLACE: Final = re.compile(r"line (\d+)(?:, column |:)(\d+)")
_UNEXPECTED: Final = re.compile(
    r"(?:Invalid|Unexpected|mismatched|extraneous) input ('(?:[^']*)'|<EOF>|\S+)|no viable alternative at input ('[^']*')", re.IGNORECASE
)
_EXPECTED: Final = re.compile(r"\bexpect(?:ed|ing):? (.+?)(?= \(line \d|\n|$)")
_VARIABLE: Final = re.compile(r"Variable [`'](.+?)[`'] not defined")
_FUNCTION: Final = re.compile(r"Unknown function:? ['`]?([\w.]+)", re.IGNORECASE)
_PROCEDURE: Final = re.compile(r"(?:[Uu]nknown procedure(?:/function)?|procedure with the name):? [`']?([\w.]+)")
_PARAMETER: Final = re.compile(r"(?:Expected parameter\(s\): |[Pp]arameter(?:s)? ['`$]*)([\w, ]+)")
_TIME: Final = re.compile(rf"TimedOut|TransactionTerminated|{OVERDUE}")
_MEMORY: Final = re.compile(r"heap space|MemoryPool|memory pool|OutOfMemory|HeapBudget|heap budget|MaxHeap|queryMaxRangeSize|memory limit", re.IGNORECASE)

WORDS: Final = (
    "MATCH", "OPTIONAL", "WHERE", "RETURN", "WITH", "UNWIND", "ORDER", "BY", "LIMIT", "SKIP", "DISTINCT", "AND", "OR", "NOT", "IN", "CONTAINS",
    "STARTS", "ENDS", "EXISTS", "COUNT", "CASE", "WHEN", "THEN", "ELSE", "END", "AS", "UNION", "CALL", "YIELD", "DESC", "ASC", "IS", "NULL",
)  # fmt: skip
"""Words of a reading query, to guess what a mistyped one was meant to be."""


def explained(name: str, text: str, code: str, message: str, *, shift: int = 0) -> QueryError:
    """Our error for an engine's code and message: in both languages, with line, column and what was expected where that is known.

    ``shift``: how many characters stood before the text when it was sent.
    Only what is said about the person's own text is passed on; an inner error of the engine is named by its code.
    """
    if code.endswith(("Forbidden", "AccessMode", "ReadOnly")) or "access mode" in message:
        return refused_by_engine(name, message)
    if _TIME.search(code) or _TIME.search(message):
        return overdue(name)
    if _MEMORY.search(message) or _MEMORY.search(code):
        return too_much(name)
    if ".ClientError." not in code and not _PROCEDURE.search(message):
        return QueryError(
            f"Die Abfrage «{name}» ist an der Datenbank gescheitert ({code}). Das Protokoll der Datenbank sagt mehr.",
            f"The query «{name}» failed in the database ({code}). The database's log says more.",
            query=name,
        )
    line, column = _where(text, message, shift)
    de, en = _what(message)
    if line is not None and column is not None:
        shown = _excerpt(text, line, column)
        which_de, which_en = ("Zeile", "Line") if name == FREE else (f"Abfrage «{name}», Zeile", f"Query «{name}», line")
        return QueryError(
            f"{which_de} {line}, Spalte {column}: {de}{shown}", f"{which_en} {line}, column {column}: {en}{shown}", query=name, line=line, column=column
        )
    return QueryError(f"Die Abfrage «{name}» ist nicht richtig: {de}", f"The query «{name}» is not correct: {en}", query=name)


def _where(text: str, message: str, shift: int) -> tuple[int | None, int | None]:
    """Line and column, from 1, in the text as the person wrote it."""
    if place := _PLACE.search(message):
        line, column = int(place[1]), int(place[2])
        if line < 1:  # Neo4j's way of saying: the whole text
            return None, None
        if "(offset:" not in message:
            column += 1  # ArcadeDB counts columns from 0
        return line, max(column - (shift if line == 1 else 0), 1)
    for pattern in (_VARIABLE, _FUNCTION):
        if found := pattern.search(message):
            # ArcadeDB names it but not its place; look for it outside strings and comments
            at = re.search(rf"(?<![\w.$:]){re.escape(found[1])}(?!\w)", _blanked(text))
            if at:
                return text.count("\n", 0, at.start()) + 1, at.start() - text.rfind("\n", 0, at.start())
    return None, None


def _blanked(text: str) -> str:
    """The text with comments and strings overwritten by blanks of the same length."""
    return re.sub(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.DOTALL)


def _what(message: str) -> tuple[str, str]:
    """What is wrong, in German and English."""
    if found := _VARIABLE.search(message):
        v = found[1]
        return f"«{v}» ist nicht bekannt. Erwartet wird ein Name, der davor in MATCH, UNWIND oder WITH steht.", (
            f"«{v}» is not known. Expected is a name that stands before in MATCH, UNWIND or WITH."
        )
    if found := _FUNCTION.search(message):
        return f"Die Funktion {found[1]} gibt es nicht.", f"There is no function {found[1]}."
    if "arameter" in message and (found := _PARAMETER.search(message)):
        return f"Ein Wert für den Parameter ${found[1]} wird erwartet und fehlt.", f"A value for the parameter ${found[1]} is expected and missing."
    if found := _PROCEDURE.search(message):
        return f"Die Prozedur {found[1]} gibt es nicht.", f"There is no procedure {found[1]}."
    if found := _UNEXPECTED.search(message):
        got = (found[1] or found[2]).strip("'")
        end = got in ("", "<EOF>")
        near = difflib.get_close_matches(got.upper(), WORDS, 1, 0.75) if got.isalpha() else []
        expected = _EXPECTED.search(message)
        want_de = want_en = expected[1].strip().strip("{}").replace(" or ", ", ") if expected else ""
        if re.search(r"[A-Z]_[A-Z]|\d+ more", want_en):  # names from inside a grammar help nobody
            want_de = want_en = ""
        if near and near[0] != got.upper():
            want_de, want_en = f"{near[0]} (Meinten Sie das?)", f"{near[0]} (did you mean that?)"
        elif not want_de:
            want_de, want_en = "die Fortsetzung der Abfrage, etwa MATCH, WHERE, WITH, RETURN", "what goes on with the query, such as MATCH, WHERE, WITH, RETURN"
        got_de, got_en = ("die Abfrage endet hier", "the query ends here") if end else (f"«{got}» passt hier nicht", f"«{got}» does not fit here")
        return f"{got_de}. Erwartet wird: {want_de}.", f"{got_en}. Expected: {want_en}."
    plain = message.split("\n", 1)[0]
    plain = re.sub(r" \(line \d+, column \d+.*", "", plain)
    return plain, plain


def _excerpt(text: str, line: int, column: int) -> str:
    lines = text.split("\n")
    if line > len(lines):
        return ""
    start = max(0, column - 61)
    return f"\n    {lines[line - 1][start : start + 120]}\n    {' ' * (column - 1 - start)}^"
