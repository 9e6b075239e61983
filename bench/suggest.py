#!/usr/bin/env python3
"""Measure the partner suggestion on CORDIS participations: quality against a temporal cut, and time.

    bench/suggest.py BENCH_FOLDER                     quality and time on what partner.py made (train/, truth.json)
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graph.derived import Feed
from graph.model import Kind, Props

KINDS = {"HES": Kind.UNIVERSITY, "PRC": Kind.COMPANY, "REC": Kind.RESEARCH, "PUB": Kind.PUBLIC}


def rows_of(path: Path, delimiter: str = ";") -> Iterator[dict[str, str]]:
    csv.field_size_limit(10**8)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as f:
        yield from csv.DictReader(f, delimiter=delimiter)


def cordis_feed(folder: Path, before: str = "9999") -> Feed:
    """A feed straight from the CORDIS tables: what identity and loader make of them with INNONET_IDENTITY=identifiers."""
    projects: dict[str, Props] = {r["id"]: {"start": r["startDate"]} for r in rows_of(folder / "project.csv.gz") if r["startDate"] and r["startDate"] < before}
    organizations: dict[str, tuple[Props, Kind | None]] = {}
    participations: list[tuple[str, str, dict[str, Any]]] = []
    for r in rows_of(folder / "organization.csv.gz"):
        if r["projectID"] not in projects:
            continue
        lat, _, lon = r["geolocation"].partition(",")
        props: dict[str, Any] = {"name": r["name"], "names": [r["name"]], "city": r["city"], "country": r["country"], "pic": r["organisationID"]}
        if lon:
            props |= {"lat": float(lat), "lon": float(lon)}
        organizations[f"cordis:org:{r['organisationID']}"] = ({k: v for k, v in props.items() if v}, KINDS.get(r["activityType"]))
        participations.append((f"cordis:org:{r['organisationID']}", f"cordis:rcn:{r['projectID']}", {"roles": [r["role"]]}))
    about = [
        (f"cordis:rcn:{r['rcn']}", f"cordis:part:{r['programme_part'].casefold().replace(' ', '-')}", {})
        for r in rows_of(folder / "programme_parts.csv.gz", ",")
        if r["rcn"] in projects
    ]
    return Feed(
        organizations=((i, p, k) for i, (p, k) in organizations.items()),
        projects=((f"cordis:rcn:{i}", p) for i, p in projects.items()),
        topics=((t, {"label_en": t.rpartition(":")[2], "scheme": "h2020-part"}) for t in sorted({t for _, t, _ in about})),
        edges={"PARTICIPATES_IN": participations, "ABOUT": about},
    )
