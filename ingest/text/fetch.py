"""Texts from the web: one address, or the pages that a site lists in its sitemap; politely, and only from public addresses.

Each host is asked at most once a second, and robots.txt is heeded (RFC 9309: where the server fails to give it, nothing is fetched).
Redirects are followed by hand, at most five, each checked like the first address.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from protego import Protego

from ingest.text.read import Document, Limits, ReadProblem, read_bytes
from ingest.text.reading.net import AGENT, Answer, Reach, Target, Unpacker, get, target
from ingest.text.reading.worker import the_worker

__all__ = ["Pace", "Reach", "fetch"]

REDIRECTS: Final = 5
SITEMAPS: Final = 50
_ROBOTS_BYTES: Final = 500 << 10
_LONGEST_PAUSE: Final = 30.0
_NO_TEXT: Final = ("image/", "video/", "audio/", "font/")


class Pace:
    """Keeps the distance between two requests to one host; for all that this process fetches."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clock, self._sleep = clock, sleep
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str, pause: float) -> None:
        """Wait until the host may be asked again, and note that it is asked now."""
        with self._lock:
            now = self._clock()
            turn = max(self._next.get(host, now), now)
            self._next[host] = turn + pause
        if turn > now:
            self._sleep(turn - now)


@cache
def _the_pace() -> Pace:
    return Pace()


def fetch(address: str, limits: Limits, *, sitemap: bool = False, reach: Reach | None = None, pace: Pace | None = None) -> Iterator[Document | ReadProblem]:
    """The documents under a web address; with ``sitemap``, of the pages that the site lists below this address, at most ``limits.documents``.

    What cannot be fetched or read is a ReadProblem, and the others go on.  ``reach`` and ``pace`` are for tests: which addresses besides
    public ones may be asked, and another clock.
    """
    visit = _Visit(limits, reach or Reach(), pace or _the_pace())
    try:
        start = target(address)
        pages = visit.listed(start) if sitemap else iter((start.address,))
        for page in pages:
            if isinstance(page, ReadProblem):
                yield page
                continue
            try:
                yield from visit.documents(page)
            except ReadProblem as problem:
                yield problem
    except ReadProblem as problem:
        yield problem


class _Visit:
    """Fetching with one set of limits; remembers each host's robots.txt."""

    def __init__(self, limits: Limits, reach: Reach, pace: Pace) -> None:
        self._limits, self._reach, self._pace = limits, reach, pace
        self._robots: dict[str, Protego | None] = {}

    def documents(self, address: str) -> list[Document]:
        """What stands under one address.  Raises ReadProblem."""
        answer = self._answer(address)
        media = answer.headers.get("content-type", "")
        if media.lower().startswith(_NO_TEXT):
            raise ReadProblem("unknown", answer.target.address, media[:100])
        name = PurePosixPath(answer.target.path.partition("?")[0]).name
        return read_bytes(answer.body, name, media, self._limits, answer.target.address)

    def listed(self, start: Target) -> Iterator[str | ReadProblem]:
        """The addresses below ``start`` in the site's sitemaps, in their order; a ReadProblem for each sitemap that cannot be read."""
        own = _is_sitemap(start)
        waiting = deque([start.address] if own else self._sitemaps(start))
        below = "" if own else _folder(start.path.partition("?")[0])
        asked: set[str] = set()
        seen: set[str] = set()
        while waiting:
            where = waiting.popleft()
            if where in asked or len(asked) >= SITEMAPS:
                continue
            asked.add(where)
            try:
                entries = self._entries(where)
            except ReadProblem as problem:
                yield problem
                continue
            for found, is_sitemap in entries:
                if is_sitemap:
                    waiting.append(found.address)
                elif found.address not in seen and f"{found.path}/".startswith(f"{below}/"):
                    if len(seen) >= self._limits.documents:
                        yield ReadProblem("pages", start.address, f"{len(seen):,}")
                        return
                    seen.add(found.address)
                    yield found.address

    def _sitemaps(self, start: Target) -> list[str]:
        robots = self._robots_of(start)
        named = list(robots.sitemaps) if robots else []
        return named or [f"{start.origin}/sitemap.xml"]

    def _entries(self, address: str) -> list[tuple[Target, bool]]:
        """The addresses in one sitemap that are on its own host, and whether each is a sitemap again.  Raises ReadProblem."""
        answer = self._answer(address)
        data = answer.body
        if data.startswith(b"\x1f\x8b"):
            data = Unpacker(address, self._limits).more(data)
        entries = []
        for raw in the_worker().parse("sitemap", data, address, "", self._limits):
            try:
                found = target(raw.text)
            except ReadProblem:  # sitemaps list what else there is, such as app links
                continue
            if _bare(found.host) == _bare(answer.target.host):
                entries.append((found, raw.title == "sitemap"))
        return entries

    def _answer(self, address: str) -> Answer:
        """Fetch, following redirects.  Raises ReadProblem."""
        where, left = target(address), self._limits.seconds
        for _ in range(REDIRECTS + 1):
            robots = self._robots_of(where)
            if robots is not None and not robots.can_fetch(where.address, AGENT):
                raise ReadProblem("robots", where.address)
            answer, left = self._ask(where, left, _pause(robots, self._limits.pause))
            if not answer.redirect:
                if not 200 <= answer.status < 300:
                    raise ReadProblem("status", where.address, f"HTTP {answer.status}")
                return answer
            where = target(answer.redirect)
        raise ReadProblem("redirects", address, f"> {REDIRECTS}")

    def _robots_of(self, where: Target) -> Protego | None:
        """A site's robots.txt; None if it has none.  Raises ReadProblem if the site fails to say."""
        if where.origin not in self._robots:
            self._robots[where.origin] = self._ask_robots(where)
        return self._robots[where.origin]

    def _ask_robots(self, where: Target) -> Protego | None:
        at, left = target(f"{where.origin}/robots.txt"), self._limits.seconds
        few = replace(self._limits, file_bytes=_ROBOTS_BYTES)
        for _ in range(REDIRECTS + 1):
            answer, left = self._ask(at, left, self._limits.pause, few)
            if answer.redirect:
                at = target(answer.redirect)
            elif answer.status >= 500:
                raise ReadProblem("status", at.address, f"HTTP {answer.status}")
            else:
                return Protego.parse(answer.body.decode("utf-8-sig", "replace")) if 200 <= answer.status < 300 else None
        return None  # RFC 9309, 2.3.1.2: as if there were none

    def _ask(self, where: Target, left: float, pause: float, limits: Limits | None = None) -> tuple[Answer, float]:
        """One request in its turn, and the seconds that are left after it (waiting for the turn does not count)."""
        self._pace.wait(where.host, pause)
        begun = time.monotonic()
        answer = get(where, self._reach, limits or self._limits, left, cut=limits is not None)
        return answer, max(left - (time.monotonic() - begun), 0.001)


def _pause(robots: Protego | None, pause: float) -> float:
    """Seconds between two requests: what robots.txt asks for, within reason, and never less than our own."""
    asked = robots.crawl_delay(AGENT) if robots else None
    return max(min(asked or 0.0, _LONGEST_PAUSE), pause)


def _is_sitemap(where: Target) -> bool:
    name = where.path.partition("?")[0].rpartition("/")[2].lower()
    return name.endswith((".xml", ".xml.gz")) or name.startswith("sitemap")


def _folder(path: str) -> str:
    """The folder that a path means: itself, or where it lies if its name is a file's."""
    return path.rpartition("/")[0] if "." in path.rpartition("/")[2] else path.rstrip("/")


def _bare(host: str) -> str:
    return host.removeprefix("www.")
