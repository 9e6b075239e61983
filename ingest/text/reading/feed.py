"""Feeds: RSS and Atom in all their versions, read by feedparser; one document an entry, with its own address and date."""

from __future__ import annotations

import io
from typing import Any, Final
from urllib.parse import quote

from ingest.text.reading import html
from ingest.text.reading.encoding import HALF_CHARACTERS
from ingest.text.reading.limits import Limits
from ingest.text.reading.problem import ReadProblem
from ingest.text.reading.raw import Raw

# what feedparser is known to raise on feeds that no program wrote
_BROKEN: Final = (ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError)


def read(data: bytes, name: str, limits: Limits) -> list[Raw]:
    """The entries of a feed, in its order, without those that say nothing.  Raises ReadProblem if it is no feed or has too many."""
    import feedparser  # a tenth of a second to load

    try:
        feed = feedparser.parse(io.BytesIO(HALF_CHARACTERS.sub(b"", data)), sanitize_html=False, resolve_relative_uris=False)
    except _BROKEN as e:
        raise ReadProblem("damaged", name, f"{type(e).__name__}: {e}"[:200]) from e
    if not feed.get("version") and not feed.entries:
        raise ReadProblem("damaged", name, str(feed.get("bozo_exception", "kein Feed / no feed"))[:200])
    if len(feed.entries) > limits.documents:
        raise ReadProblem("too_large", name, f"{len(feed.entries):,} > {limits.documents:,}")
    site, language = str(feed.feed.get("title", "")), str(feed.feed.get("language", ""))
    return [_entry(entry, str(n), site, language) for n, entry in enumerate(feed.entries, 1)]


def _entry(entry: Any, number: str, site: str, language: str) -> Raw:
    title = html.fragment(str(entry.get("title", ""))).replace("\n", " ")
    bodies = [str(c.get("value", "")) for c in entry.get("content", [])] or [str(entry.get("summary", ""))]
    text = "\n\n".join(t for t in (html.fragment(b) for b in bodies) if t)
    if title and not text.startswith(title):
        text = f"{title}\n\n{text}"
    link = str(entry.get("link", ""))
    own = link if link.startswith(("http://", "https://")) else quote(str(entry.get("id", "")), safe="@.$+=!:/") or number
    # not entry.get(): feedparser's own warns where a feed has no such date
    date = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    return Raw(text, title=title, date=f"{date[0]:04}-{date[1]:02}-{date[2]:02}" if date else "", site=site, language=language, part=own)
