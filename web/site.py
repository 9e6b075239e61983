"""What a request needs: the settings, a store that comes back after the engine was away, the reader, the derived files."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import current_app

from graph.derived import Derived, DerivedCache
from graph.errors import InnonetError
from graph.querybook import load_book
from graph.reader import Reader
from graph.settings import Settings
from graph.state import State
from graph.store import Store, open_store
from ingest import claims

SUMMARY_SECONDS = 5.0


@dataclass(slots=True)
class Connected:
    """One open store with what reads through it."""

    store: Store
    reader: Reader
    derived: DerivedCache


@dataclass(slots=True)
class Site:
    """Held once a process.  Nothing is opened before the first request, so that a process can be forked after it was made."""

    settings: Settings
    given: Store | None = None
    gone: Callable[[str], bool] | None = None
    _connected: Connected | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _summaries: tuple[float, list[dict[str, Any]]] = (0.0, [])
    _state: State | None = None

    def connected(self) -> Connected:
        """The open store; opens one if there is none.  Raises EngineUnreachable."""
        found = self._connected
        if found is not None:
            return found
        with self._lock:
            if self._connected is None:
                store = self.given or open_store(self.settings)
                self._connected = Connected(store, Reader(store, self.is_gone, load_book()), DerivedCache(self.settings, store))
            return self._connected

    def forget(self) -> None:
        """Drop the store after the engine could not be reached, so that the next request looks for it again."""
        with self._lock:
            found, self._connected = self._connected, None
        if found is not None and found.store is not self.given:
            found.store.close()

    def is_gone(self, id_: str) -> bool:
        """Whether an id once stood for something and was taken out."""
        if self.gone is not None:
            return self.gone(id_)
        return self.state().is_gone(id_)

    def state(self) -> State:
        """What people decided, and who they are."""
        with self._lock:
            if self._state is None:
                self._state = State(self.settings.home)
            return self._state

    def summaries(self) -> list[Mapping[str, Any]]:
        """Headers of the loaded sets of claims: source, dataset, release, retrieved, files, counts, issues.  Read again every 5 s."""
        at, found = self._summaries
        now = time.monotonic()
        if not at or now - at > SUMMARY_SECONDS:
            found = claims.summaries(self.settings.home)
            self._summaries = (now, found)
        return list(found)


def site() -> Site:
    """The site of the current application."""
    found: Site = current_app.extensions["innonet"]
    return found


def reader() -> Reader:
    """The reader of the current application."""
    return site().connected().reader


class GraphChangesError(InnonetError):
    """The graph holds what the derived files of this moment do not: a load is about to end."""


def derived_with(id_: str) -> Derived:
    """The derived files, with this organisation of the graph in them.  Raises GraphChangesError while a load ends."""
    found = derived()
    if found.index(id_) is None:
        found = site().connected().derived.look_again()
    if found.index(id_) is None:
        raise GraphChangesError(
            "Der Graph wird gerade erneuert. Bitte laden Sie die Seite in ein paar Sekunden noch einmal.",
            "The graph is just being renewed. Please reload the page in a few seconds.",
        )
    return found


def derived() -> Derived:
    """The derived files of the graph as it is now; keep the answer for the whole request."""
    return site().connected().derived.current()
