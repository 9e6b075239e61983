"""Failures that a person reads.  Each carries its text in German and in English; the edge (site, command line) picks one."""

from __future__ import annotations


class InnonetError(Exception):
    """Stop: something a person must know or do.  Both texts say what is wrong, where, and what to do."""

    exit_code = 1

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.de = de
        self.en = en

    def text(self, language: str) -> str:
        """The text in ``de`` or ``en``."""
        return self.en if language == "en" else self.de


class UsageError(InnonetError):
    """The command or the address was used in a way it does not offer."""

    exit_code = 2


class EngineUnreachable(InnonetError):
    """No graph engine answers at the configured address."""

    exit_code = 3


class QueryError(InnonetError):
    """The engine did not accept or not finish a query.  ``line`` and ``column`` count from 1, None where unknown."""

    def __init__(self, de: str, en: str, *, query: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(de, en)
        self.query = query
        self.line = line
        self.column = column


class QueryRefused(QueryError):
    """The query is not one a reader may ask: it writes, opens files or addresses, lists users, or calls what is not allowed."""


class QueryTimeout(QueryError):
    """The query took longer than the reader's time limit."""
