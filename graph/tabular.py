"""Rows for people and for other programs: table in a terminal, JSON, JSON lines, CSV (also for German Excel)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

FORMATS: Final = ("table", "json", "jsonl", "csv", "csv-excel")

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with, also in full width, as spreadsheets of East Asia take it."""
_UNSEEN: Final = re.compile("\\A[\\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
"""What some programs drop at the beginning of a cell: blanks, marks of direction, characters without width."""


def render(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: str, headings: Mapping[str, str] | None = None) -> str:
    """Rows as text in one of FORMATS but ``table``.  ``headings`` replace the columns' names in CSV.

    csv        RFC 4180, comma, UTF-8
    csv-excel  semicolon, byte order mark and decimal comma, as German Excel opens it
    """
    if form == "json":
        return orjson.dumps([{c: r.get(c) for c in columns} for r in rows], option=orjson.OPT_INDENT_2).decode() + "\n"
    if form == "jsonl":
        return "".join(orjson.dumps({c: r.get(c) for c in columns}).decode() + "\n" for r in rows)
    excel = form == "csv-excel"
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if excel else ",", lineterminator="\r\n")
    writer.writerow([(headings or {}).get(c) or c for c in columns])
    for r in rows:
        writer.writerow([cell(r.get(c), german=excel) for c in columns])
    return ("\ufeff" if excel else "") + out.getvalue()


def cell(value: Any, *, german: bool = False) -> str:
    """One value as the text of a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        text = f"{value:.10g}" if isinstance(value, float) else str(value)
        return text.replace(".", ",") if german else text
    text = plain(value)
    # a leading apostrophe is what spreadsheets themselves use to say «this is text»
    return f"'{text}" if text.startswith(_FORMULA) or _UNSEEN.sub("", text, count=1).startswith(_FORMULA) else text


def plain(value: Any) -> str:
    """A value as people read it: a node by its name and id, a path by its nodes, anything else as it is."""
    if isinstance(value, Mapping):
        if "nodes" in value and "relationships" in value:
            return " – ".join(plain(n) for n in value["nodes"])
        for key in ("name", "title", "label_de", "acronym", "_id", "id"):
            if value.get(key):
                return str(value[key])
        return orjson.dumps(value).decode()
    if isinstance(value, list | tuple):
        return "; ".join(plain(v) for v in value)
    return "" if value is None else str(value)
