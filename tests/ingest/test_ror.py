"""ROR: real records of both schemas, records that go wrong, and files that are none."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path

import pytest
from crawling import FIXTURES, SMALL, bad_text_cases, crawled, survives
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import Kind
from ingest.base import FileError
from ingest.sources.ror import META, crawl

ROR = FIXTURES / "ror"
V2 = ROR / "v2.0-ror-data_schema_v2.json"
V1 = ROR / "v1.0-ror-data.json"


def record(**changes: object) -> dict[str, object]:
    base: dict[str, object] = {
        "id": "https://ror.org/012345678",
        "names": [{"value": "Musterinstitut", "types": ["ror_display", "label"], "lang": "de"}],
        "types": ["facility"],
        "status": "active",
        "locations": [{"geonames_id": 1, "geonames_details": {"name": "Essen", "country_code": "DE", "lat": 51.45, "lng": 7.0}}],
    }
    return base | changes


def dump(folder: Path, *records: object) -> Path:
    (folder / "r.json").write_text(json.dumps(list(records)), encoding="utf-8")
    return folder / "r.json"


def test_schema_2() -> None:
    got = crawled(META, crawl, V2)
    umsicht = got.entities["ror:00nj8ry09"]
    assert umsicht.props == {
        "name": "Fraunhofer-Institut für Umwelt-, Sicherheits- und Energietechnik UMSICHT",
        "names": [
            "Fraunhofer-Institut für Umwelt-, Sicherheits- und Energietechnik UMSICHT",
            "Fraunhofer Institute for Environmental, Safety and Energy Technology UMSICHT",
            "Fraunhofer Institute for Environmental, Safety and Energy Technology",
            "Fraunhofer UMSICHT",
            "Fraunhofer-Institut für Umwelt-, Sicherheits- und Energietechnik",
            "UMSICHT",
        ],
        "city": "Oberhausen",
        "region": "Nordrhein-Westfalen",
        "country": "DE",
        "lat": 51.47805,
        "lon": 6.8625,
        "website": "https://www.umsicht.fraunhofer.de",
        "founded": 2012,
        "status": "active",
    }
    assert umsicht.kind is Kind.RESEARCH
    assert umsicht.identifiers == {"ror": "00nj8ry09", "wikidata": "Q1452038"}
    proof = got.evidence["ror:record:00nj8ry09"]
    assert proof.locator == "v2.0-ror-data_schema_v2.json:1"
    quote = json.loads(proof.quote)
    assert quote["external_ids"] == [{"all": ["Q1452038"], "preferred": None, "type": "wikidata"}]
    assert {"admin", "domains"}.isdisjoint(quote)
    assert "geonames_id" not in proof.quote
    assert got.entities["ror:03w8k6t95"].kind is Kind.COMPANY
    assert got.entities["ror:00xdsr520"].kind is None  # healthcare says too little
    assert got.entities["ror:02nmt1x06"].props["status"] == "dissolved"  # inactive
    assert "ror:02emb2322" not in got.entities
    assert got.issues == {"withdrawn": 1}


def test_parent_and_child_are_one_link_with_both_proofs() -> None:
    got = crawled(META, crawl, V2)
    link = got.links["ror:00nj8ry09", "PART_OF", "ror:05hkkdn48"]
    assert set(link.evidence) == {"ror:record:00nj8ry09", "ror:record:05hkkdn48"}
    # a child that this file does not hold: the link is stated, whether it can be drawn is the loader's business
    assert any(end == "ror:05hkkdn48" and start not in got.entities for start, _, end in got.links)


def test_schema_1() -> None:
    got = crawled(META, crawl, V1)
    assert got.issues == {}
    office = got.entities["ror:04hqtn844"]
    assert office.props["name"] == "Bundesamt für Bauwesen und Raumordnung"
    assert office.props["names"] == ["Bundesamt für Bauwesen und Raumordnung", "BBR"]
    assert (office.props["city"], office.props["region"], office.props["country"]) == ("Berlin", "Berlin", "DE")
    assert office.props["founded"] == 1998
    assert office.kind is Kind.PUBLIC
    assert got.targets("ror:01zy7yh11", "PART_OF") == {"ror:04hqtn844"}
    labelled = got.entities["ror:04vnq7t77"]
    assert labelled.props["region"] == "Baden-Württemberg"
    assert "email_address" not in got.evidence["ror:record:04hqtn844"].quote
    assert "license" not in got.evidence["ror:record:04hqtn844"].quote


def test_the_publishers_zip_with_both_schemas_and_the_table(tmp_path: Path) -> None:
    second = json.loads(V2.read_text(encoding="utf-8"))[:1]
    first = [{"id": second[0]["id"], "name": "Old", "types": ["Company"], "status": "active", "country": {"country_code": "DE"}}]
    with zipfile.ZipFile(tmp_path / "v1.59-ror-data.zip", "w") as z:
        z.writestr("v1.59-ror-data.json", json.dumps(first))
        z.writestr("v1.59-ror-data_schema_v2.json", json.dumps(second))
        z.writestr("v1.59-ror-data.csv", "id,name\n")
        z.writestr("README.md", "read me")
    got = crawled(META, crawl, tmp_path)
    assert got.issues == {"unknown_file": 1}
    assert got.entities["ror:00nj8ry09"].kind is Kind.RESEARCH  # schema 2 counts


def test_a_folder_is_both_files() -> None:
    both = crawled(META, crawl, ROR)
    assert both.entities.keys() == crawled(META, crawl, V1).entities.keys() | crawled(META, crawl, V2).entities.keys()


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        (["education", "funder"], Kind.UNIVERSITY),
        (["funder", "healthcare", "education"], Kind.UNIVERSITY),
        (["government", "facility"], Kind.RESEARCH),
        (["Company"], Kind.COMPANY),
        (["nonprofit"], Kind.ASSOCIATION),
        (["archive"], None),
        ([], None),
    ],
)
def test_kinds(types: list[str], kind: Kind | None, tmp_path: Path) -> None:
    assert crawled(META, crawl, dump(tmp_path, record(types=types))).entities["ror:012345678"].kind is kind


@pytest.mark.parametrize(
    ("changes", "issues", "kept"),
    [
        ({"id": "https://ror.org/zzz"}, {"missing_id": 1}, False),
        ({"id": None}, {"missing_id": 1}, False),
        ({"names": []}, {"missing_name": 1}, False),
        ({"names": "Musterinstitut"}, {"bad_value": 1, "missing_name": 1}, False),
        ({"status": "withdrawn"}, {"withdrawn": 1}, False),
        ({"status": "asleep"}, {"unknown_category": 1}, True),
        ({"types": ["club"]}, {"unknown_category": 1}, True),
        ({"novelty": 1}, {"unknown_column": 1}, True),
        ({"established": 99999}, {"bad_date": 1}, True),
        ({"established": "long ago"}, {"bad_value": 1}, True),
        ({"links": [{"type": "website", "value": "javascript:1"}]}, {"bad_value": 1}, True),
        ({"locations": [{"geonames_details": {"country_code": "ZZ", "lat": 1.0, "lng": 500}}]}, {"unknown_country": 1, "bad_coordinates": 1}, True),
        ({"locations": [{"geonames_details": {"country_code": "DE", "country_subdivision_code": "XX"}}]}, {"unknown_category": 1}, True),
        ({"locations": []}, {}, True),
        ({"relationships": [{"type": "parent", "id": "https://ror.org/012345678"}]}, {"self_loop": 1}, True),
        ({"relationships": [{"type": "cousin", "id": "https://ror.org/012345679"}]}, {"unknown_category": 1}, True),
        ({"relationships": [{"type": "parent", "id": "?"}]}, {"missing_id": 1}, True),
        ({"relationships": [{"type": "successor", "id": "?"}]}, {}, True),
    ],
)
def test_a_bad_record_or_value_is_an_issue(changes: dict[str, object], issues: dict[str, int], *, kept: bool, tmp_path: Path) -> None:
    got = crawled(META, crawl, dump(tmp_path, record(**changes), record(id="https://ror.org/012345699"), 7))
    assert got.issues == {**issues, "bad_json": 1}
    assert ("ror:012345678" in got.entities) is kept
    assert "ror:012345699" in got.entities


def test_the_same_record_twice(tmp_path: Path) -> None:
    got = crawled(META, crawl, dump(tmp_path, record(), record(status="inactive")))
    assert got.issues == {"duplicate_row": 1}
    assert got.entities["ror:012345678"].props["status"] == "active"


@bad_text_cases()
def test_a_file_that_is_none(ending: str, make, tmp_path: Path) -> None:
    file = tmp_path / f"ror.json{ending}"
    file.write_bytes(make(V2.read_bytes()))
    with pytest.raises(FileError, match=r"ror\.json"):
        crawled(META, crawl, file, SMALL)


def test_no_json_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n", encoding="utf-8")
    with pytest.raises(FileError, match="no JSON file of ROR"):
        crawled(META, crawl, tmp_path)


def test_the_same_files_give_the_same_claims() -> None:
    assert crawled(META, crawl, ROR).claims == crawled(META, crawl, ROR).claims


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 3000)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["parent", "child", "website", "https://ror.org/00nj8ry09"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "types", "id", "value", "all", "lat", "geonames_details", "name"]), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = [
    "id",
    "name",
    "names",
    "types",
    "status",
    "established",
    "links",
    "locations",
    "addresses",
    "external_ids",
    "relationships",
    "labels",
    "aliases",
    "country",
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.dictionaries(st.sampled_from(KEYS), ANY_JSON, min_size=1, max_size=4), first=st.booleans())
def test_any_record_leaves_its_neighbours_alone(changes: dict[str, object], *, first: bool, tmp_path: Path) -> None:
    base = json.loads(V1.read_text(encoding="utf-8"))[0] if first else record()
    got = crawled(META, crawl, dump(tmp_path, {**base, **changes}, record(id="https://ror.org/012345699")))
    assert "ror:012345699" in got.entities


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 2**32), file=st.sampled_from([V1, V2]))
def test_any_damaged_file(seed: int, file: Path, tmp_path: Path) -> None:
    rng = random.Random(seed)
    data = bytearray(file.read_bytes())
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(data))
        data[at : at + rng.choice((0, 1, 4))] = rng.choice((b'"', b"{", b"]", b",", b"\x00", b"\xff", b"null", b"1e999", b""))
    (tmp_path / "r.json").write_bytes(bytes(data))
    survives(META, crawl, tmp_path)
