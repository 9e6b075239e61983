"""One's own list: the example of the project, mapping files that are wrong, rows that are bad, and the template."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from crawling import FIXTURES, SMALL, bad_text_cases, crawled, survives, xlsx_bomb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import Kind, Label, Status
from ingest.base import FileError
from ingest.sources.csv_list import META, crawl, describe, read_mapping, template

EXAMPLE = Path(__file__).parents[2] / "examples" / "adressbuch.csv"
WORKBOOK = FIXTURES / "csv" / "mitglieder.xlsx"
HEAD = 'dataset = "m"\npublisher = "P"\nlicence = "L"\nattribution = "A"\nrelease = "2026-11"\n'
COLUMNS = '[columns]\nname = "Firma"\n'


def _list(tmp_path: Path, text: str, mapping: str = HEAD + COLUMNS, name: str = "liste.csv") -> Path:
    (tmp_path / "liste.toml").write_text(mapping, encoding="utf-8")
    f = tmp_path / name
    f.write_text(text, encoding="utf-8")
    return f


def test_the_example() -> None:
    got = crawled(META, crawl, EXAMPLE)
    assert got.issues == {}
    firm = got.entities["csv:adressbuch:1"]
    assert dict(firm.props) == {
        "name": "Musterwerk Anlagenbau GmbH",
        "city": "Oberhausen",
        "postcode": "46047",
        "country": "DE",
        "website": "http://www.musterwerk.example",
    }
    assert [got.entities[f"csv:adressbuch:{n}"].kind for n in (1, 2, 4)] == [Kind.COMPANY, Kind.RESEARCH, Kind.ASSOCIATION]
    assert {e.props["label_de"] for e in got.of(Label.TOPIC).values()} == {"Wasserstoff", "Anlagenbau", "Sensorik"}
    assert "wz2008:72.1" in got.targets("csv:adressbuch:2", "WORKS_ON")
    pairs = {tuple(sorted(str(got.entities[i].props["name"]).split()[0] for i in (s, e))) for s, t, e in got.links if t == "COOPERATES_WITH"}
    assert pairs == {
        ("Institut", "Musterwerk"),
        ("Musterwerk", "Ruhrprobe"),
        ("Nordlicht", "Ruhrprobe"),
        ("Musterwerk", "Netzwerk"),
        ("Institut", "Netzwerk"),
        ("Netzwerk", "Ruhrprobe"),
    }
    assert {link.status for k, link in got.links.items() if k[1] == "COOPERATES_WITH"} == {Status.RUNNING}
    assert not any("0208" in e.quote or "Beispielweg" in e.quote for e in got.evidence.values())


def test_what_the_mapping_says_about_the_source() -> None:
    meta, release = describe(EXAMPLE)
    assert (meta.id, meta.publisher, meta.licence) == ("csv-adressbuch", "Beispielagentur Musterstadt", "CC0 1.0")
    assert (release.name, release.dataset, release.retrieved) == ("2026-11", "adressbuch", "2026-11")


def test_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "mitglieder.xlsx").write_bytes(WORKBOOK.read_bytes())
    (tmp_path / "mitglieder.toml").write_text(
        HEAD + COLUMNS + 'id = "Nr"\npostcode = "PLZ"\ncity = "Ort"\nfounded = "Gründungsjahr"\n[defaults]\ncountry = "DE"\nkind = "Company"\n',
        encoding="utf-8",
    )
    got = crawled(META, crawl, tmp_path / "mitglieder.xlsx")
    firm = got.entities["csv:m:1"]
    # the spreadsheet had dropped the zero of the postcode
    assert dict(firm.props) == {"name": "Musterwerk Dresden GmbH", "city": "Dresden", "postcode": "01067", "founded": 1999, "country": "DE"}
    assert firm.kind == Kind.COMPANY
    assert got.evidence["csv:m:row:1"].locator == "mitglieder.xlsx:2"
    assert got.issues == {}


@pytest.mark.parametrize(
    ("mapping", "where"),
    [
        (HEAD + COLUMNS + 'telefon = "Tel"\n', "liste.toml:8"),
        (HEAD + "farbe = 1\n" + COLUMNS, "liste.toml:6"),
        (HEAD + COLUMNS + "[spalten]\n", "liste.toml:8"),
        (HEAD + COLUMNS + '[kinds]\nFirma = "Firm"\n', "liste.toml:9"),
        (HEAD + COLUMNS + '[defaults]\nkind = "Firm"\n', "liste.toml:9"),
        (HEAD + COLUMNS + '[[cooperation]]\nwith = "X"\nstatus = "maybe"\n', "liste.toml:10"),
        (HEAD + COLUMNS + '[[cooperation]]\nstatus = "running"\n', "liste.toml:8"),
        (HEAD + COLUMNS + '[topics]\ncolumn = ["a"]\n', "liste.toml:9"),
        (HEAD + "columns = 3\n", "liste.toml:6"),
        (HEAD + "unread = 3\n" + COLUMNS, "liste.toml:6"),
        (HEAD + "[columns]\n", "liste.toml"),
        (COLUMNS, "liste.toml"),
        ("dataset = \n", "line 1"),
        (HEAD + 'encoding = "utf-99"\n' + COLUMNS, "liste.toml"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_with_its_line(tmp_path: Path, mapping: str, where: str) -> None:
    with pytest.raises(FileError) as e:
        crawled(META, crawl, _list(tmp_path, "Firma\nX GmbH\n", mapping))
    assert where in e.value.de
    assert where in e.value.en


def test_without_a_mapping_the_error_says_what_to_do(tmp_path: Path) -> None:
    f = tmp_path / "liste.csv"
    f.write_text("Firma\nX GmbH\n", encoding="utf-8")
    with pytest.raises(FileError, match="--template"):
        crawled(META, crawl, f)
    assert crawled(META, crawl, f, options={"mapping": str(_list(tmp_path, "Firma\nX GmbH\n").with_suffix(".toml"))}).issues == {}


def test_a_column_that_the_list_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="Firma"):
        crawled(META, crawl, _list(tmp_path, "Name;Ort\nX GmbH;Y\n"))


_FULL = HEAD + COLUMNS + "".join(f'{p} = "{p}"\n' for p in ("id", "country", "postcode", "website", "founded", "sme", "lat", "lon", "ror", "kind", "ags"))
_NAMES = ("Firma", "id", "country", "postcode", "website", "founded", "sme", "lat", "lon", "ror", "kind", "ags")


@pytest.mark.parametrize(
    ("change", "issues", "left_out"),
    [
        ({"Firma": ""}, {"missing_name": 1}, None),
        ({"Firma": "Erika Mustermann"}, {"person": 1}, None),
        ({"Firma": "Musterwerk e. K."}, {"person": 1}, None),
        ({"id": ""}, {"missing_id": 1}, None),
        ({"country": "Atlantis"}, {"unknown_country": 1}, "country"),
        ({"country": "Deutschland"}, {}, None),
        ({"postcode": "4604"}, {"bad_value": 1}, "postcode"),
        ({"website": "javascript:alert(1)"}, {"bad_value": 1}, "website"),
        ({"founded": "früher"}, {"bad_value": 1}, "founded"),
        ({"sme": "vielleicht"}, {"bad_value": 1}, "sme"),
        ({"lat": "nord"}, {"bad_coordinates": 1}, "lat"),
        ({"kind": "Verein"}, {"unknown_activity": 1}, None),
        ({"ags": "5119"}, {"bad_value": 1}, "ags"),
        ({"ror": "xyz"}, {"bad_value": 1}, None),
        ({}, {}, None),
    ],
)
def test_a_bad_value_is_an_issue_and_the_rest_goes_on(tmp_path: Path, change: dict[str, str], issues: dict[str, int], left_out: str | None) -> None:
    good = dict(zip(_NAMES, ("X GmbH", "1", "DE", "46045", "x.example", "1999", "ja", "51,5", "6,8", "00nj8ry09", "Company", "05119000"), strict=True))
    rows = [good | change, good | {"id": "2", "Firma": "Y GmbH"}]
    got = crawled(META, crawl, _list(tmp_path, "\n".join(";".join(r) for r in ([*_NAMES], *(r.values() for r in rows))), _FULL))
    assert got.issues == issues
    assert dict(got.entities["csv:m:2"].props) == {
        "name": "Y GmbH", "country": "DE", "postcode": "46045", "website": "http://x.example", "founded": 1999, "sme": True, "lat": 51.5, "lon": 6.8,
        "ags": "05119000",
    }  # fmt: skip
    assert got.entities["csv:m:2"].identifiers == {"ror": "00nj8ry09"}
    if left_out:
        assert left_out not in got.entities["csv:m:1"].props


def test_rows_of_another_length_doubles_and_unknown_columns(tmp_path: Path) -> None:
    mapping = HEAD + COLUMNS + 'id = "Nr"\n'
    got = crawled(META, crawl, _list(tmp_path, "Nr;Firma;Neu\n1;X GmbH;a\n2;Y GmbH\n1;Z GmbH;c\n1;X GmbH;d\n", mapping))
    assert got.issues == {"unknown_column": 1, "row_length": 1, "duplicate_row": 1}
    assert list(got.entities) == ["csv:m:1"]


def test_a_person_as_partner_leaves_no_trace(tmp_path: Path) -> None:
    mapping = HEAD + COLUMNS + '[[cooperation]]\ncolumn = "Partner"\nseparator = ","\n'
    got = crawled(META, crawl, _list(tmp_path, 'Firma;Partner\nX GmbH;"Y GmbH, Erika Mustermann"\n', mapping))
    assert got.issues == {"person": 1}
    assert {e.props["name"] for e in got.entities.values()} == {"X GmbH", "Y GmbH"}
    assert not any("Erika" in e.quote for e in got.evidence.values())


def test_a_template_is_a_mapping(tmp_path: Path) -> None:
    text = template(EXAMPLE)
    data = tomllib.loads(text)
    assert data["columns"] == {"id": "Nr", "kind": "Art", "name": "Firma", "city": "Ort", "postcode": "PLZ", "website": "Web"}
    assert data["unread"] == ["Straße", "Telefon"]
    (tmp_path / "liste.toml").write_text(text, encoding="utf-8")
    assert read_mapping(tmp_path / "liste.toml").topics == "Themen"
    (tmp_path / "liste.csv").write_bytes(EXAMPLE.read_bytes())
    assert len(crawled(META, crawl, tmp_path / "liste.csv").evidence) == 4
    assert tomllib.loads(template(WORKBOOK))["columns"]["founded"] == "Gründungsjahr"


_FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_FUZZ
@given(header=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\0\r\n;"'), min_size=1, max_size=12), min_size=1, max_size=6))
def test_a_template_for_any_header_can_be_read(tmp_path: Path, header: list[str]) -> None:
    f = tmp_path / "x.csv"
    f.write_text(";".join(header) + "\n", encoding="utf-8")
    try:
        text = template(f)
    except FileError:
        return
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    read_mapping(tmp_path / "x.toml")


@bad_text_cases()
def test_a_file_that_is_no_list_is_an_error(tmp_path: Path, ending: str, make) -> None:
    (tmp_path / "x.toml").write_bytes(EXAMPLE.with_suffix(".toml").read_bytes())
    f = tmp_path / f"x.csv{ending}"
    f.write_bytes(make(EXAMPLE.read_bytes()))
    with pytest.raises(FileError):
        crawled(META, crawl, f, SMALL)


@pytest.mark.parametrize(
    ("name", "data"),
    [("x.xlsx", xlsx_bomb()), ("x.xlsx", b"PK"), ("x.csv", EXAMPLE.read_bytes().replace(b";", b"|")), ("x.pdf", b"%PDF"), ("x.xlsx", WORKBOOK.read_bytes())],
)
def test_other_files_are_an_error(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / "x.toml").write_bytes(EXAMPLE.with_suffix(".toml").read_bytes())
    (tmp_path / name).write_bytes(data)
    with pytest.raises(FileError):
        crawled(META, crawl, tmp_path / name, SMALL)


@_FUZZ
@given(
    data=st.binary(max_size=300),
    mapping=st.one_of(st.binary(max_size=100), st.just((HEAD + COLUMNS).encode())),
    name=st.sampled_from(["x.csv", "x.xlsx", "x.csv.gz"]),
)
def test_any_bytes(tmp_path: Path, data: bytes, mapping: bytes, name: str) -> None:
    (tmp_path / "x.toml").write_bytes(mapping)
    (tmp_path / name).write_bytes(data)
    survives(META, crawl, tmp_path / name)


_CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\0"'), max_size=12)


@_FUZZ
@given(rows=st.lists(st.lists(_CELL, min_size=12, max_size=12), min_size=1, max_size=4))
def test_any_rows(tmp_path: Path, rows: list[list[str]]) -> None:
    survives(META, crawl, _list(tmp_path, ";".join(_NAMES) + "\n" + "\n".join(";".join(f'"{c}"' for c in r) for r in rows), _FULL))
