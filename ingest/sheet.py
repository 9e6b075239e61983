"""Reads .xlsx workbooks within the same limits as every other file."""

from __future__ import annotations

import datetime as dt
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from ingest.base import FileError, Member

# what openpyxl and the libraries under it raise on files that are no workbooks; nothing else is caught
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    InvalidFileException,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    RuntimeError,
    ArithmeticError,
)


def sheet_rows(member: Member) -> Iterator[tuple[int, list[str]]]:
    """Rows of the first sheet as text, with their numbers as the spreadsheet shows them; empty rows are left out.

    Dates become ISO dates, whole numbers lose ``.0``, other numbers keep a decimal point.  Raises FileError for what is no workbook or beyond the limits.
    """
    with member.open() as f:
        data = f.read()
    _check_size(member, data)
    with warnings.catch_warnings():
        # openpyxl warns of styles and extensions that say nothing about the cells
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                values = [_text(v) for v in row]
                if any(values):
                    yield number, values
        except _BROKEN as e:
            raise FileError(
                f"{member.name}: keine lesbare Excel-Arbeitsmappe ({type(e).__name__}). Bitte als .xlsx oder CSV neu speichern.",
                f"{member.name}: not a readable Excel workbook ({type(e).__name__}). Please save it again as .xlsx or CSV.",
            ) from e


def _check_size(member: Member, data: bytes) -> None:
    """Refuse a workbook that unpacks to more than the limits; zipfile never unpacks more than the directory states."""
    limits = member.limits
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            unpacked = sum(i.file_size for i in z.infolist())
            files = len(z.infolist())
    except _BROKEN as e:
        raise FileError(f"{member.name}: keine Excel-Arbeitsmappe.", f"{member.name}: not an Excel workbook.") from e
    if unpacked > limits.file_bytes or files > limits.archive_files or (unpacked > (64 << 20) and unpacked > limits.ratio * len(data)):
        raise FileError(
            f"{member.name}: entpackt größer als erlaubt ({unpacked} Byte in {files} Teilen; INNONET_MAX_*).",
            f"{member.name}: larger than allowed when unpacked ({unpacked} bytes in {files} parts; INNONET_MAX_*).",
        )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
