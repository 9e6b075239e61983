"""What federal research funding is for: the planning system of the ministry (Leistungsplansystematik), in German only.

``leistungsplan.csv`` has a line for each code of six signs (E11212) and names the three levels above it (E112, E1, E).  Some lines name a
third level that is not theirs (E31100 below E260): the publisher's table was filled downwards.  A code stands below the longest level
that it begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from graph.model import Claim, Entity, Evidence, Label, Link
from ingest.base import Context, FileError, SourceMeta

META: Final = SourceMeta(
    id="leistungsplan",
    title_de="Leistungsplansystematik des Bundes",
    title_en="Planning system of federal research funding (Leistungsplansystematik)",
    publisher="Bundesministerium für Bildung und Forschung (BMBF)",
    homepage="https://www.datenportal.bmbf.de/",
    licence="amtliche Systematik, Quelle nennen",
    licence_url="https://www.datenportal.bmbf.de/",
    attribution="Bundesministerium für Bildung und Forschung, Leistungsplansystematik",
    states_de="Gegenstände der Forschungsförderung des Bundes und ihre Rangordnung.",
    states_en="Subjects of federal research funding and their hierarchy.",
    persons_de="Die Quelle enthält keine Personen.",
    persons_en="The source holds no persons.",
)

_FILE: Final = "leistungsplan.csv"
_LEVELS: Final = (("Ebene1_ID", "Ebene1_Name"), ("Ebene2_ID", "Ebene2_Name"), ("Ebene3_ID", "Ebene3_Name"), ("LP", "Bezeichnung"))
_CODE: Final = re.compile(r"[A-Z][0-9A-Z]{0,5}")


def crawl(ctx: Context, path: Path) -> Iterator[Claim]:
    """Topics ``leistungsplan:<code>`` with BROADER links.  The path is the table or its folder."""
    member = next((m for m in ctx.members(path) if m.name == _FILE), None)
    if member is None:
        raise FileError(f"{path}: {_FILE} fehlt.", f"{path}: {_FILE} is missing.")
    columns = tuple(c for level in _LEVELS for c in level)
    paths: dict[str, str] = {}
    for row in ctx.table(member, read=columns, unread=("Kapitel/Titel",), required=columns):
        whole = row.get("LP")
        if not _CODE.fullmatch(whole) or not row.get("Bezeichnung"):
            ctx.issue("missing_id", row, whole)
            continue
        if whole in paths:
            ctx.issue("duplicate_row", row, whole)
            continue
        evidence = f"leistungsplan:{whole}"
        yield Evidence(evidence, row.locator, row.quote())
        above = ""
        for id_column, name_column in _LEVELS:
            code, label = row.get(id_column), row.get(name_column)
            if not whole.startswith(code) or not code:
                continue
            if code not in paths:
                paths[code] = f"{paths.get(above, '')}/{label}"
                topic = f"leistungsplan:{code}"
                yield Entity(topic, Label.TOPIC, {"label_de": label, "scheme": "leistungsplan", "notation": code, "path": paths[code]}, (evidence,))
                if above:
                    yield Link(topic, "BROADER", f"leistungsplan:{above}", (evidence,))
            above = code
