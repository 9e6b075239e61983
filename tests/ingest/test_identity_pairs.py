"""Hard pairs by hand: what is one, what is a part, what is another, as a careful person would say.

A wrong merge is never allowed.  Where a row is strict, «same» must be joined without asking; elsewhere asking is fine.  Each row is
a small world of its own: all are compared in one run, but only pairs within a row are decided.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from ingest.resolve.candidate import Candidate
from ingest.resolve.compare import compare, weights
from ingest.resolve.decide import Outcome, decide, least_score
from ingest.resolve.features import features
from ingest.resolve.kinds import kind_from_name
from ingest.resolve.normalise import city_key, name_key

HERE = Path(__file__).parent
with (HERE / "identity_pairs.csv").open(encoding="utf-8", newline="") as f:
    ROWS = {row["id"]: row for row in csv.DictReader(f)}
OPEN = dict(line.split("\t") for line in (HERE / "identity_pairs_open.txt").read_text(encoding="utf-8").splitlines())
"""Rows that the rules do not get right yet, each with what is wrong."""
WITHOUT_OWN_IDS = {"efre-nrw", "foerderkatalog"}


def record(row: dict[str, str], side: str) -> Candidate:
    names = row[f"{side}_names"].split(" | ")
    city = row[f"{side}_city"]
    kind = row[f"{side}_kind"] or str(kind_from_name(names[0]) or "")
    place = city_key(city) if city else ""
    id_ = f"{row['id']}/{side}"
    identifiers = dict(i.split(":", 1) for i in row[f"{side}_ids"].split())
    return Candidate(
        id_,
        frozenset({row[f"{side}_source"]}),
        features(id_, names, country=row[f"{side}_country"], place=place, city=city, kind=kind),
        tuple(map(name_key, names)),
        place,
        row[f"{side}_source"] not in WITHOUT_OWN_IDS,
        {k: frozenset((v,)) for k, v in identifiers.items()},
        kind,
    )


@cache
def outcome() -> Outcome:
    records = [record(row, side) for row in ROWS.values() for side in "ab"]
    pairs = compare((r.features for r in records if r.features), least_score(weights()))
    return decide(records, [p for p in pairs if p.a.split("/")[0] == p.b.split("/")[0]])


def decided(id_: str) -> str:
    found = outcome()
    if found.node[f"{id_}/a"] == found.node[f"{id_}/b"]:
        return "joined"
    return "asked" if any(u.pair.a.split("/")[0] == id_ for u in found.unsure) else "apart"


@pytest.mark.parametrize("id_", [pytest.param(i, marks=pytest.mark.xfail(reason=OPEN[i], strict=True)) if i in OPEN else i for i in ROWS])
def test_pair(id_: str) -> None:
    row = ROWS[id_]
    allowed = {
        ("same", "yes"): {"joined"},
        ("same", "no"): {"joined", "asked"},
        ("different", "yes"): {"apart", "asked"},
        ("different", "no"): {"apart", "asked"},
        ("part", "yes"): {"apart", "asked"},
        ("part", "no"): {"apart", "asked"},
    }[row["answer"], row["strict"]]
    assert decided(id_) in allowed


def test_the_table_is_large_and_names_only_its_own_rows() -> None:
    assert len(ROWS) >= 150
    assert set(OPEN) <= set(ROWS)
