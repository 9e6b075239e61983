"""E-mails (RFC 5322, MIME) and mailboxes (RFC 4155), with the standard library: subject, date, sender's name and the text of each.

Plain text wins over HTML unless it is only a hint to it; attachments are left out.  A malformed header is no reason to lose a letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from itertools import pairwise
from typing import Final
from urllib.parse import quote

from ingest.text.reading import html, plain
from ingest.text.reading.encoding import declared_in, decode
from ingest.text.reading.limits import Limits
from ingest.text.reading.problem import ReadProblem
from ingest.text.reading.raw import Edit, Raw

_FROM_LINE: Final = re.compile(rb"^From [^\r\n]*\d{4}[^\r\n]*\r?$", re.MULTILINE)
_EMPTY_LINE: Final = (b"\n\n", b"\n\r\n")
_ESCAPED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
_QUOTED: Final = re.compile(r"^(?:>[ \t]?)+", re.MULTILINE)
_SOFT_BREAK: Final = re.compile(r"(?<=\S) (\r?\n)(?=[^\s>])")  # RFC 3676: a blank before the break means that the line goes on
_PARTS_MOST: Final = 200
_HINT: Final = 0.3
# what the standard library's header parser raises for malformed headers besides its own errors
_BROKEN: Final = (MessageError, ValueError, ArithmeticError, TypeError, AttributeError, IndexError, LookupError, RecursionError, AssertionError)


def read(data: bytes, name: str) -> list[Raw]:
    """The letter.  Raises ReadProblem."""
    return [_letter(data, name, "")]


def read_mailbox(data: bytes, name: str, limits: Limits) -> list[Raw]:
    """The letters of a mailbox, in its order.  Raises ReadProblem if there are too many."""
    starts = [m.start() for m in _FROM_LINE.finditer(data) if m.start() == 0 or data[max(m.start() - 3, 0) : m.start()].endswith(_EMPTY_LINE)]
    if len(starts) > limits.documents:
        raise ReadProblem("too_large", name, f"{len(starts):,} > {limits.documents:,}")
    letters = [data[a:b].partition(b"\n")[2] for a, b in pairwise([*starts, len(data)])]
    if not letters:
        return [_letter(data, name, "")]
    return [_letter(_ESCAPED.sub(rb"\1", letter), name, str(n)) for n, letter in enumerate(letters, 1)]


def _letter(data: bytes, name: str, number: str) -> Raw:
    try:
        message = BytesParser(policy=policy.default).parsebytes(data)
    except _BROKEN as e:
        raise ReadProblem("damaged", name, type(e).__name__) from e
    text, edits = _body(message)
    known = _header(message, "Message-ID").strip().strip("<>")
    return Raw(
        text,
        title=_header(message, "Subject"),
        date=_date(_header(message, "Date")),
        site=parseaddr(_header(message, "From"))[0],
        part=(quote(known, safe="@.$+=!") or number) if number else "",
        edits=edits,
        media="message/rfc822",
    )


def _header(message: EmailMessage, name: str) -> str:
    """A header as text, "" if it is missing or malformed."""
    try:
        return str(message[name] or "")
    except _BROKEN:
        return ""


def _date(text: str) -> str:
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except _BROKEN:
        return ""


def _body(message: EmailMessage) -> tuple[str, tuple[Edit, ...]]:
    """The letter's text, as plain text or as what its HTML shows, and the edits that join its lines."""
    plain_text = html_text = ""
    flowed = False
    for part in _parts(message):
        text = _content(part)
        if part.get_content_type() == "text/html":
            html_text += "\n\n" * bool(html_text) + html.fragment(text)
        else:
            plain_text += "\n\n" * bool(plain_text) + text
            flowed = flowed or str(part.get_param("format", "")).lower() == "flowed"
    if len(plain_text.strip()) <= _HINT * len(html_text):
        return html_text, ()
    edits = [(m.start(), m.end(), "") for m in _QUOTED.finditer(plain_text)]
    if flowed:
        edits += [(m.start(1), m.end(), "") for m in _SOFT_BREAK.finditer(plain_text)]
    elif not edits:
        edits = list(plain.unwrapped(plain_text))
    return plain_text, tuple(sorted(edits))


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts of text that are no attachments; a letter within a letter counts."""
    for n, part in enumerate(message.walk()):
        if n >= _PARTS_MOST:
            return
        try:
            wanted = part.get_content_type() in ("text/plain", "text/html") and part.get_content_disposition() != "attachment"
        except _BROKEN:
            continue
        if wanted and isinstance(part, EmailMessage):
            yield part


def _content(part: EmailMessage) -> str:
    try:
        data = part.get_payload(decode=True)
        declared = part.get_content_charset() or ""
    except _BROKEN:
        return ""
    if not isinstance(data, bytes):
        return ""
    return decode(data, declared or declared_in(data))
