"""Branches of industry: the German classification of economic activities, edition 2008 (WZ 2008), in German and English.

``wz2008.tsv`` (code, German, English) is converted from the publisher's tables: section titles in ordinary spelling instead of capitals,
one line a code.  The hierarchy follows from the codes: 28.11.0 below 28.11, 28.1, 28; a division belongs to the section it stands under.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from graph.model import Claim, Entity, Evidence, Label, Link
from ingest.base import Context, FileError, SourceMeta

META: Final = SourceMeta(
    id="wz2008",
    title_de="Klassifikation der Wirtschaftszweige, Ausgabe 2008 (WZ 2008)",
    title_en="German classification of economic activities, edition 2008 (WZ 2008)",
    publisher="Statistisches Bundesamt (Destatis)",
    homepage="https://www.destatis.de/DE/Methoden/Klassifikationen/Gueter-Wirtschaftsklassifikationen/klassifikation-wz-2008.html",
    licence="Vervielfältigung und Verbreitung mit Quellenangabe gestattet",
    licence_url="https://www.destatis.de/DE/Service/Impressum/copyright-allgemein.html",
    attribution="© Statistisches Bundesamt (Destatis), Klassifikation der Wirtschaftszweige, Ausgabe 2008 (WZ 2008)",
    states_de="Wirtschaftszweige vom Abschnitt bis zur Unterklasse, deutsch und englisch.",
    states_en="Branches of industry from section to subclass, in German and English.",
    persons_de="Die Quelle enthält keine Personen.",
    persons_en="The source holds no persons.",
)

_FILE: Final = "wz2008.tsv"
_SECTION: Final = re.compile(r"[A-U]")
_CODE: Final = re.compile(r"\d\d(?:\.\d{1,2}(?:\.\d)?)?")


def crawl(ctx: Context, path: Path) -> Iterator[Claim]:
    """Topics ``wz2008:<code>`` with BROADER links.  The path is the table or its folder."""
    member = next((m for m in ctx.members(path) if m.name == _FILE), None)
    if member is None:
        raise FileError(f"{path}: {_FILE} fehlt.", f"{path}: {_FILE} is missing.")
    columns = ("code", "label_de", "label_en")
    section = ""
    paths: dict[str, str] = {}
    for row in ctx.table(member, read=columns, required=columns, delimiters="\t"):
        code, label = row.get("code"), row.get("label_de")
        if _SECTION.fullmatch(code):
            section, above = code, None
        elif _CODE.fullmatch(code):
            above = _above(code) or section
        else:
            ctx.issue("missing_id", row, code)
            continue
        if code in paths:
            ctx.issue("duplicate_row", row, code)
            continue
        if above is not None and above not in paths:
            ctx.issue("unknown_record", row, above)
            above = None
        id_ = f"wz2008:{code}"
        paths[code] = f"{paths[above] if above else ''}/{label}"
        yield Evidence(id_, row.locator, row.quote())
        yield Entity(id_, Label.TOPIC, {"label_de": label, "label_en": row.get("label_en"), "scheme": "wz2008", "notation": code, "path": paths[code]}, (id_,))
        if above:
            yield Link(id_, "BROADER", f"wz2008:{above}", (id_,))


def _above(code: str) -> str:
    """Code of the next higher level, empty for a division (its section is not in the code): 28.11.0, 28.11, 28.1, 28."""
    if len(code) == 2:
        return ""
    return code[:2] if len(code) == 4 else code[: 4 if len(code) == 5 else 5]
