"""How often somebody may ask in a minute: tries to log in, expensive pages, the interface for programs (INNONET_LIMITS).

The counts lie in limits.sqlite in the home, so that all processes of the site count together.  (Flask-Limiter counts over processes in Redis
or Memcached only, which a site on one machine does not have.)  What is counted is the address (of IPv6: the /64 network), or the user who is
logged in.  The machine's own address is not limited: behind a web server of which INNONET_PROXIES does not know, everybody has it.
"""

from __future__ import annotations

import ipaddress
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from flask import Flask, current_app, request
from werkzeug.exceptions import TooManyRequests

from graph.accounts import network_of
from graph.settings import Settings
from web import access
from web.language import gettext as _

WINDOW: Final = 60
"""Seconds."""
FREE: Final = frozenset(("static", "favicon", "api.health"))
HEAVY: Final = frozenset(
    (
        "pages.suggestions", "pages.why_not", "pages.consortium", "pages.newcomer", "pages.network", "pages.network_file", "pages.connection",
        "pages.upload", "pages.dossier", "pages.transfer", "pages.transfer_file", "pages.compare", "pages.gaps", "pages.gaps_file",
        "pages.landscape", "pages.map_page", "pages.timeline",
        "pages.city", "pages.city_file", "pages.city_news", "pages.city_feed", "pages.console", "pages.question", "asking.query", "asking.phrase",
    )
)  # fmt: skip
"""Pages that cost the most."""


class Limits:
    """Counts of all processes, in one file.

    rates  requests a minute by kind; 0: no limit
    clock  seconds since 1970
    """

    def __init__(self, path: Path, rates: Mapping[str, int], clock: Callable[[], float] = time.time) -> None:
        self.path, self.rates, self._clock = path, rates, clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._cleaned = 0

    def wait(self, kind: str, who: str) -> int:
        """Count a request; 0 if it may go on, else the seconds until the next one may.  A refused one does not count.

        A window that slides: the minute before counts by the share of it that lies within the last 60 seconds.
        """
        most = self.rates.get(kind, 0)
        if most <= 0:
            return 0
        with self._lock:
            c = self._open()
            c.execute("BEGIN IMMEDIATE")
            try:
                number, gone = divmod(self._clock(), WINDOW)
                counts = dict(c.execute("SELECT number, times FROM hit WHERE key = ? AND number >= ?", (f"{kind} {who}", int(number) - 1)))
                before, now = counts.get(int(number) - 1, 0), counts.get(int(number), 0)
                seconds = _until(before, now, most, gone)
                if not seconds:
                    c.execute("INSERT INTO hit VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1", (f"{kind} {who}", int(number)))
                if self._cleaned != int(number):
                    self._cleaned = int(number)
                    c.execute("DELETE FROM hit WHERE number < ?", (int(number) - 1,))
            finally:
                c.execute("COMMIT")
        return seconds

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # addresses are personal data: for the owner's eyes
            with suppress(FileExistsError):
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            c = sqlite3.connect(self.path, timeout=5, isolation_level=None, check_same_thread=False)
            try:
                # a count that power took is no loss
                c.executescript(
                    """PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;
                    CREATE TABLE IF NOT EXISTS hit (key TEXT, number INTEGER, times INTEGER NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;"""
                )
            except sqlite3.Error:
                c.close()
                raise
            self._connection = c
        return self._connection

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _until(before: int, now: int, most: int, gone: float) -> int:
    """Seconds until one more request fits; 0: now.  ``gone``: seconds of this window that have passed."""
    left = WINDOW - gone
    if before * left / WINDOW + now + 1 <= most:
        return 0
    if now + 1 <= most:
        return max(1, math.ceil(left - (most - now - 1) * WINDOW / before))
    # in the next window, when enough of this one has slid out
    return max(1, math.ceil(left + WINDOW * (1 - (most - 1) / now)))


def init(app: Flask, settings: Settings) -> None:
    """Count the requests of the application."""
    app.extensions["innonet_limits"] = Limits(settings.home / "limits.sqlite", settings.rates)
    app.before_request(_count)


def kind_of(endpoint: str | None, method: str, path: str) -> str:
    """Which limit holds for a request; "" if none does."""
    if endpoint in FREE:
        return ""
    if endpoint == "pages.login" and method == "POST":
        return "login"
    if endpoint in HEAVY:
        return "heavy"
    return "api" if path.startswith("/api/") else ""


def explained(problem: TooManyRequests) -> str:
    """What somebody who asked too often is told."""
    return _(
        "Von Ihrer Adresse kam in der letzten Minute mehr, als die Seite verträgt. Bitte versuchen Sie es in %(seconds)s Sekunden wieder.",
        seconds=problem.retry_after,
    )


def _count() -> None:
    kind = kind_of(request.endpoint, request.method, request.path)
    if not kind or _of_this_machine(request.remote_addr or ""):
        return
    user = access.current_user() if kind != "login" else None
    limits: Limits = current_app.extensions["innonet_limits"]
    try:
        seconds = limits.wait(kind, f"user {user.name}" if user else network_of(request.remote_addr or ""))
    except sqlite3.Error as e:
        # a full disk must not close the site
        current_app.logger.warning("%s: %s; nothing is limited", limits.path, e)
        return
    if seconds:
        raise TooManyRequests(retry_after=seconds)


def _of_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
