"""OffeneRegister: real companies, invented persons who must leave no trace, lines that go wrong, and files that are none."""

from __future__ import annotations

import bz2
import json
import random
from pathlib import Path

import pytest
from crawling import FIXTURES, SMALL, bad_text_cases, crawled, survives
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import Kind
from ingest.base import FileError
from ingest.sources.offeneregister import META, crawl, states_partnership

FILE = FIXTURES / "offeneregister" / "de_companies_ocdata.jsonl"


def company(**changes: object) -> dict[str, object]:
    attributes = {
        "_registerArt": "HRB",
        "_registerNummer": "1",
        "federal_state": "North Rhine-Westphalia",
        "native_company_number": "Duisburg HRB 1",
        "registered_office": "Oberhausen",
        "registrar": "Duisburg",
    }
    base: dict[str, object] = {
        "company_number": "R1202_HRB1",
        "name": "Musterwerk GmbH",
        "current_status": "currently registered",
        "jurisdiction_code": "de",
        "all_attributes": attributes | {k: v for k, v in changes.items() if k in attributes},
    }
    return base | {k: v for k, v in changes.items() if k not in attributes}


def lines(folder: Path, *companies: object) -> Path:
    (folder / "c.jsonl").write_text("".join(json.dumps(c) + "\n" for c in companies), encoding="utf-8")
    return folder / "c.jsonl"


def test_companies_and_associations() -> None:
    got = crawled(META, crawl, FILE)
    maker = got.entities["register:B1204_HRB261276"]
    assert maker.props == {
        "name": "BLAZEJEWSKI MEDI-TECH GmbH",
        "names": ["BLAZEJEWSKI MEDI-TECH GmbH"],
        "city": "Sexau",
        "postcode": "79350",
        "country": "DE",
        "region": "Baden-Württemberg",
        "status": "active",
    }
    assert maker.kind is Kind.COMPANY
    assert maker.identifiers == {"register": "Freiburg HRB 261276"}
    proof = got.evidence["offeneregister:B1204_HRB261276"]
    assert proof.locator == "de_companies_ocdata.jsonl:1"
    assert json.loads(proof.quote)["registered_address"] == "79350 Sexau."
    assert "Rheinstraße" not in repr(got.claims)
    moved = got.entities["register:R1202_R1206_HRB53"]
    assert moved.props["status"] == "dissolved"
    assert moved.identifiers == {"register": "Duisburg früher Oberhausen HRB 53"}
    assert got.entities["register:R2503_HRB53"].props["names"] == [
        "Opti Verwaltungsgesellschaft mbH",
        "Opti - Werk Gesellschaft mit beschränkter Haftung",
        "Opti - Werk Verwaltungsgesellschaft mit beschränkter Haftung",
    ]
    assert got.entities["register:R1202_VR5934"].kind is Kind.ASSOCIATION
    assert got.entities["register:R2507_GnR101"].kind is Kind.COMPANY
    assert got.entities["register:R2507_GnR101"].props["postcode"] == "45894"
    assert got.entities["register:R2503_HRA55"].props["name"] == "Autohaus Wilhelm Dieterle GmbH & Co. KG"
    assert got.entities["register:X1112R_HRB105HU"].identifiers == {"register": "Flensburg HRB 105 HU"}


def test_persons_leave_no_trace() -> None:
    got = crawled(META, crawl, FILE)
    assert {"register:R1202_HRA90001", "register:R1202_HRA90002", "register:R1202_PR90004"}.isdisjoint(got.entities)
    partnership = got.entities["register:R1202_HRA90003"]
    assert partnership.props["names"] == ["Mustermann & Söhne OHG", "Gebrüder Mustermann offene Handelsgesellschaft"]
    assert "register:R1202_HRB90005" in got.entities  # the firm, not its officer
    assert got.context is not None
    told = repr(got.claims) + repr(got.context.issues.counts())
    for person in ("Erika", "Max Mustermann", "Otto", "Mustermann & Partner"):
        assert person not in told
    counts = {(c.code, c.detail): (c.count, [e.value for e in c.examples]) for c in got.context.issues.counts()}
    assert counts == {
        ("person", "HRA"): (2, ["", ""]),
        ("person", "PR"): (1, [""]),
        ("person", "officers"): (1, [""]),
        ("person", "previous_names"): (1, [""]),
    }


@pytest.mark.parametrize(
    "name",
    [
        "Muster KG",
        "Muster & Co. KG",
        "Muster K.G.",
        "M u s t e r   K.-G.,",
        "August M u s t e K.G. Zweigniederlassung Mülheim-Ruhr",
        "Muster kg, Tiefbauunternehmung",
        "Norbert Muster Kg.",
        "Muster K. G.",
        "Muster oHG",
        "Muster o.H.G.",
        "Rudolf Muster o H G",
        "com-muster Media ohg",
        "Muster GmbH & Co.",
        "Muster GmbH u. Co.",
        "Muster GmbH + Co Werk Rheinhausen",
        "Muster GmbH. & Co.",
        "Muster Gesellschaft mit beschränkter Haftung und Co.",
        "Muster AG & Co. KGaA",
        "Muster KGaA",
        "Muster Kommanditgesellschaft",
        "Muster Kommandit-Gesellschaft",
        "Muster Kommanditgsellschaft",
        "Gebr. Muster offene Handelgesellschaft",
        "Muster Limited & Co. KG",
        "Muster EWIV",
        "Muster KG (Inh. Max Muster)",
    ],
)
def test_partnerships_in_hra(name: str) -> None:
    assert states_partnership(name)


@pytest.mark.parametrize(
    "name",
    [
        "Max Muster",
        "Max Muster e.K.",
        "Max Muster e. K.",
        "Max Muster e.Kfm.",
        "Erika Muster e.Kfr.",
        "Erika Muster e. Kffr.",
        "Muster Handel KG Nachf. Max Muster e.K.",
        "Max Muster eingetragener Kaufmann",
        "Erika Muster, eingetragene Kauffrau",
        "Muster & Co.",
        "K. G. Muster",
        "Maschinen Inh. Ing. K. G. Muster",
        "Hellmuth G. Muster",
        "Max M u s t e r",
        "Muster-Apotheke Erika Muster",
        "Muster Handelsgesellschaft Max Muster",
        "",
    ],
)
def test_sole_traders_in_hra(name: str) -> None:
    assert not states_partnership(name)


@pytest.mark.parametrize(
    ("changes", "issues", "kept"),
    [
        ({"company_number": ""}, {"missing_id": 1}, False),
        ({"company_number": "a b"}, {"missing_id": 1}, False),
        ({"company_number": 7.5}, {"missing_id": 1, "bad_value": 1}, False),
        ({"name": " "}, {"missing_name": 1}, False),
        ({"_registerArt": "XYZ"}, {"unknown_category": 1}, False),
        ({"_registerArt": ""}, {"unknown_category": 1}, False),
        ({"_registerArt": "PR"}, {"person": 1}, False),
        ({"_registerArt": "HRA"}, {"person": 1}, False),
        ({"all_attributes": None}, {"unknown_category": 1}, False),
        ({"current_status": "asleep"}, {"unknown_category": 1}, True),
        ({"federal_state": "Tyrol"}, {"unknown_category": 1}, True),
        ({"jurisdiction_code": "zz"}, {"unknown_country": 1}, True),
        ({"novelty": 1}, {"unknown_column": 1}, True),
        ({"previous_names": "Alt GmbH"}, {"bad_value": 1}, True),
        ({"registered_address": "Weg 1"}, {}, True),
        ({"registered_address": "Weg 12345, 4"}, {}, True),
    ],
)
def test_a_bad_line_or_value_is_an_issue(changes: dict[str, object], issues: dict[str, int], *, kept: bool, tmp_path: Path) -> None:
    file = lines(tmp_path, company(company_number="R1_HRB7"), company(**changes), company(company_number="R1_HRB8"))
    with file.open("a", encoding="utf-8") as f:
        f.write('{"name": "Erika\n')
    got = crawled(META, crawl, file)
    assert got.issues == {**issues, "bad_json": 1}
    assert ("register:R1202_HRB1" in got.entities) is kept
    assert {"register:R1_HRB7", "register:R1_HRB8"} <= got.entities.keys()
    assert got.context is not None
    assert "Erika" not in repr(got.context.issues.counts())


def test_the_same_number_twice(tmp_path: Path) -> None:
    got = crawled(META, crawl, lines(tmp_path, company(), company(), company(name="Other GmbH")))
    assert got.issues == {"duplicate_row": 1}
    assert got.entities["register:R1202_HRB1"].props["name"] == "Musterwerk GmbH"


def test_as_published_in_bz2(tmp_path: Path) -> None:
    (tmp_path / "de_companies_ocdata.jsonl.bz2").write_bytes(bz2.compress(FILE.read_bytes()))
    assert crawled(META, crawl, tmp_path).claims == crawled(META, crawl, FILE).claims


@bad_text_cases()
def test_a_file_that_is_none(ending: str, make, tmp_path: Path) -> None:
    file = tmp_path / f"register.jsonl{ending}"
    file.write_bytes(make(FILE.read_bytes()))
    with pytest.raises(FileError, match=r"register\.jsonl"):
        crawled(META, crawl, file, SMALL)


def test_no_json_lines_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n", encoding="utf-8")
    with pytest.raises(FileError, match="no JSON lines of OffeneRegister"):
        crawled(META, crawl, tmp_path)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["company_name", "_registerArt", "x"]), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    "company_number",
    "name",
    "current_status",
    "jurisdiction_code",
    "previous_names",
    "registered_address",
    "all_attributes",
    "_registerArt",
    "federal_state",
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.dictionaries(st.sampled_from(KEYS), ANY_JSON, min_size=1, max_size=4))
def test_any_line_leaves_its_neighbours_alone(changes: dict[str, object], tmp_path: Path) -> None:
    got = crawled(META, crawl, lines(tmp_path, company(company_number="R1_HRB7"), company(**changes), company(company_number="R1_HRB8")))
    assert {"register:R1_HRB7", "register:R1_HRB8"} <= got.entities.keys()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_damaged_file_tells_no_person(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    data = bytearray(FILE.read_bytes())
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(data))
        data[at : at + rng.choice((0, 1, 4))] = rng.choice((b'"', b"{", b"]", b",", b"\n", b"\x00", b"\xff", b"null", b""))
    (tmp_path / "r.jsonl").write_bytes(bytes(data))
    survives(META, crawl, tmp_path)
