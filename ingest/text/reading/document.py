"""A document: its one normalised text, where it came from, and the way back to what was read."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field

from ingest.text.reading.language import detect
from ingest.text.reading.normal import normalise
from ingest.text.reading.offsets import OffsetMap, rewrite
from ingest.text.reading.problem import ReadProblem
from ingest.text.reading.raw import Raw


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a document that has pages: its number from 1, and the offset in the normalised text where it begins."""

    number: int
    start: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a character was read: the page (None without pages) and the offset in the whole text as the reader got it."""

    page: int | None
    offset: int


@dataclass(frozen=True, slots=True)
class Document:
    """One text that was read.

    id        "text:" and 16 hexadecimal digits of the address's SHA-256: a changed document keeps its id, `sha256` tells that it changed
    text      one paragraph, heading or list item a line, an empty line between blocks; NFC, nothing invisible (reading/normal.py)
    date      ISO date, or ""
    language  "de", "en", ...; "" if the text is too short to tell
    site      name of the web site, the sender or the feed, or ""
    address   web address, or the file's name as the user gave it; never a path of this machine
    media     type of the file, as in "text/html"
    sha256    of the bytes of the file; of an entry of a feed or a letter of a mailbox, of its title, date and text
    pages     of a PDF; of others none
    way       back to the text as the reader got it
    """

    id: str
    text: str
    title: str
    date: str
    language: str
    site: str
    address: str
    media: str
    sha256: str
    pages: tuple[Page, ...] = ()
    way: OffsetMap = field(default=OffsetMap(0, 0), repr=False)

    def page(self, offset: int) -> int | None:
        """The page on which a character stands; None for a document without pages."""
        at = bisect_right(self.pages, offset, key=lambda p: p.start)
        return self.pages[max(at, 1) - 1].number if self.pages else None

    def origin(self, offset: int) -> Origin:
        """Where a character was read.  Raises IndexError outside 0..len(text)."""
        return Origin(self.page(offset), self.way.back(offset))


def document_id(address: str) -> str:
    """The id of the document under an address."""
    return "text:" + hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()[:16]


def build(raw: Raw, address: str, sha256: str, characters: int) -> Document:
    """The document of what a reader got.  Raises ReadProblem if it holds no text or more than ``characters``."""
    if len(raw.text) > characters:
        raise ReadProblem("too_large", address, f"{len(raw.text):,} > {characters:,}")
    edited, first = rewrite(raw.text, raw.edits)
    text, way = normalise(edited)
    if not text:
        raise ReadProblem("empty", address)
    way = way.after(first)
    pages = tuple(Page(n, way.forward(start)) for n, start in enumerate(raw.pages, 1))
    title, site = (_one_line(t) for t in (raw.title, raw.site))
    return Document(document_id(address), text, title, raw.date, detect(text, raw.language), site, address, raw.media, sha256, pages, way)


def _one_line(text: str) -> str:
    return " ".join(normalise(text)[0].split())[:500]
