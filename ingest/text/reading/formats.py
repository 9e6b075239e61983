"""Which format bytes are in (the bytes themselves decide, then the name, then what the server says), and who reads it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import Final

from ingest.text.reading.encoding import declared_in, decode
from ingest.text.reading.problem import ReadProblem

MEDIA: Final = {
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "mail": "message/rfc822",
    "mbox": "application/mbox",
    "feed": "application/xml",
    "text": "text/plain",
}
ENDINGS: Final = {
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".odt": "odt",
    ".eml": "mail",
    ".mbox": "mbox",
    ".mbx": "mbox",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
    ".txt": "text",
    ".text": "text",
    ".md": "text",
}
"""What a folder is searched for."""

_HEAD: Final = 4096
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML: Final = re.compile(
    r"\A\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title)\b", re.IGNORECASE | re.DOTALL
)
_FEED: Final = re.compile(r"<(?:rss|feed|(?:\w+:)?rdf)[\s>]", re.IGNORECASE)
_HEADER: Final = re.compile(
    r"(?:From|To|Cc|Subject|Date|Message-ID|Received|Return-Path|MIME-Version|Reply-To|Delivered-To|X-[\w-]+|Content-[\w-]+): ?", re.IGNORECASE
)
_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}:")
_MBOX: Final = re.compile(r"From \S+ .*\d{4}")


def kind_of(data: bytes, name: str, media: str, address: str) -> str:
    """The format: a key of MEDIA.  Raises ReadProblem for what is none of them, with the address."""
    if data.lstrip()[:5] == b"%PDF-" or b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(data, address)
    if data.startswith(_OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise ReadProblem("encrypted", address)
        raise ReadProblem("unknown", address, "DOC, XLS, PPT: als DOCX speichern / save as DOCX")
    if data.startswith(b"{\\rtf"):
        raise ReadProblem("unknown", address, "RTF: als DOCX speichern / save as DOCX")
    head = decode(data[:_HEAD], declared_in(data))
    if not head.strip("\ufeff \t\r\n\f") and len(data) <= _HEAD:
        raise ReadProblem("empty", address)
    ending = ENDINGS.get(PurePosixPath(name).suffix.lower(), "")
    return _text_kind(head, ending, media.split(";")[0].strip().lower(), address)


def _archive(data: bytes, address: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            names = set(z.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as e:
        raise ReadProblem("damaged", address, type(e).__name__) from e
    if "word/document.xml" in names or ("[Content_Types].xml" in names and any(n.startswith("word/") for n in names)):
        return "docx"
    if "content.xml" in names:
        return "odt"
    raise ReadProblem("unknown", address, "ZIP")


def _text_kind(head: str, ending: str, media: str, address: str) -> str:
    start = head.lstrip("\ufeff \t\r\n")
    if _HTML.match(start):
        return "html"
    if start.startswith("<") and _FEED.search(head):
        return "feed"
    if ending in ("mail", "mbox") or media in ("message/rfc822", "application/mbox"):
        return "mbox" if _MBOX.match(start) else "mail"
    if _MBOX.match(start) and _HEADER_NAME.match(start.partition("\n")[2]):
        return "mbox"
    if not ending or ending == "text":
        lines = start.split("\n")[:6]
        if len(lines) > 1 and _HEADER_NAME.match(lines[0]) and sum(1 for t in lines if _HEADER.match(t)) >= 2 and not ending:
            return "mail"
    if ending == "html" or media in ("text/html", "application/xhtml+xml"):
        return "html"
    if ending == "feed" or media in ("application/rss+xml", "application/atom+xml", "application/rdf+xml"):
        return "feed"
    odd = sum(1 for c in head if c < " " and c not in "\t\n\r\x0b\x0c\x1b")
    if odd > len(head) // 50 + 1:
        raise ReadProblem("unknown", address)
    return "text"
