"""PDF: characters with their places from PDFium (through pypdfium2); columns, paragraphs, running heads and hyphenation are worked out by layout.py.

Said, not guessed: an encrypted file, a file of pictures only.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.base import date as iso_date
from ingest.text.reading.layout import Char, Sheet, lay_out
from ingest.text.reading.limits import Limits
from ingest.text.reading.problem import ReadProblem
from ingest.text.reading.raw import Raw

_FEWEST_A_PAGE: Final = 4
_LINE_END_HYPHENS: Final = frozenset((0x02, 0xFFFE))  # how PDFium writes a hyphen at the end of a line
_NO_CHARACTER: Final = frozenset((0x00, 0x0A, 0x0D, 0xFFFF))
_QUARTER: Final = 1.5707963
_DATE: Final = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?")
_JUNK_TITLE: Final = re.compile(
    r"\s*(?:untitled|unbenannt|microsoft|powerpoint|dokument\d*|document\d*|layout \d+|.*\.(?:docx?|indd|pptx?|pdf|odt|tmp|qxd|xlsx?))\b.*|\W*", re.IGNORECASE
)
_ERRORS: Final = {pdfium.FPDF_ERR_PASSWORD: "encrypted", pdfium.FPDF_ERR_SECURITY: "encrypted"}
_SHEETS_MOST: Final = 5000


def read(data: bytes, name: str, limits: Limits) -> Raw:
    """The text of a PDF in reading order, with its pages.  Raises ReadProblem."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as e:
        raise ReadProblem(_ERRORS.get(pdfium.FPDF_GetLastError(), "damaged"), name, str(e)[:200]) from e
    try:
        if len(document) > _SHEETS_MOST:
            raise ReadProblem("too_large", name, f"{len(document):,} > {_SHEETS_MOST:,} Seiten / pages")
        sheets = []
        seen = pictures = 0
        for n in range(len(document)):
            sheet, drawn = _sheet(document, n)
            sheets.append(sheet)
            seen += len(sheet.chars)
            pictures += drawn
            if seen > limits.characters:
                raise ReadProblem("too_large", name, f"> {limits.characters:,}")
        if sum(1 for s in sheets for c in s.chars if c.text.isalnum()) < _FEWEST_A_PAGE * min(len(sheets), pictures):
            raise ReadProblem("pictures", name)
        text = lay_out(sheets)
        said = document.get_metadata_dict(skip_empty=True)
    finally:
        document.close()
    title = said.get("Title", "").strip()
    if len(title) < 4 or _JUNK_TITLE.fullmatch(title):
        title = text.title
    return Raw(text.text, title=title, date=_date(said.get("CreationDate", "")), edits=text.edits, pages=text.pages)


def _sheet(document: Any, n: int) -> tuple[Sheet, bool]:
    """A page's characters, and whether pictures are drawn on it.  A page that cannot be loaded is an empty one, as every viewer shows it."""
    try:
        page = document[n]
    except pypdfium2.PdfiumError:
        return Sheet(()), False
    try:
        try:
            text = page.get_textpage()
        except pypdfium2.PdfiumError:
            return Sheet(()), False
        try:
            chars = tuple(_chars(text.raw))
        finally:
            text.close()
        picture = not chars and any(o.type in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM) for o in page.get_objects(max_depth=1))
        return Sheet(chars), picture
    finally:
        page.close()


def _chars(text: Any) -> Iterator[Char]:
    """The characters in the order of the file, upright: coordinates of turned text are turned back by quarters."""
    box = pdfium.FS_RECTF()
    at = ctypes.byref(box)
    high = 0
    for i in range(pdfium.FPDFText_CountChars(text)):
        code = pdfium.FPDFText_GetUnicode(text, i)
        if code in _NO_CHARACTER or not pdfium.FPDFText_GetLooseCharBox(text, i, at):
            continue
        if 0xD800 <= code <= 0xDBFF:  # UTF-16: the second half follows
            high = code
            continue
        if 0xDC00 <= code <= 0xDFFF:
            if not high:
                continue
            code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
        c = "-" if code in _LINE_END_HYPHENS else chr(code) if code < 0x110000 else "\ufffd"
        angle = pdfium.FPDFText_GetCharAngle(text, i)
        turn = round(angle / _QUARTER) % 4 if 0 <= angle < 7 else 0
        left, right, low, top = box.left, box.right, box.bottom, box.top
        if turn == 1:
            left, right, low, top = low, top, -right, -left
        elif turn == 2:
            left, right, low, top = -right, -left, -top, -low
        elif turn:
            left, right, low, top = -top, -low, left, right
        yield Char(c, left, right, low, top, turn)


def _date(text: str) -> str:
    m = _DATE.match(text)
    return (iso_date("-".join((m[1], m[2] or "01", m[3] or "01"))) or "") if m else ""
