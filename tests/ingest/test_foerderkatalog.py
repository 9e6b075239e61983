"""Foerderkatalog: real rows of the export and of the comma form, with and without a header line, and files that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from crawling import FIXTURES, SMALL, bad_text_cases, crawled, survives
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import Kind, Label
from ingest.base import FileError
from ingest.sources.foerderkatalog import META, column_names, crawl, plain_cells

EXPORT = FIXTURES / "foerderkatalog" / "export.csv"
COMMA = FIXTURES / "foerderkatalog" / "komma_2026.csv"
HEADER = (
    '="FKZ";="Ressort";="Referat";="PT";="Arb.-Einh.";="Zuwendungsempfänger";="Gemeindekennziffer";="Stadt/Gemeinde";="Ort";="Bundesland";="Staat";'
    '="Ausführende Stelle";="Gemeindekennziffer";="Stadt/Gemeinde";="Ort";="Bundesland";="Staat";="Thema";="Leistungsplansystematik";'
    '="Klartext Leistungsplansystematik";="Laufzeit von";="Laufzeit bis";="Fördersumme in EUR";="Förderprofil";="Verbundprojekt";="Förderart";\n'
)


def _row(fkz: str = "01AB1234", name: str = "Musterwerk GmbH", **other: str) -> str:
    """A line of the export with invented content."""
    v = {
        "fkz": fkz, "ressort": "BMBF", "ref": "1", "pt": "PT", "ae": "X", "name": name, "key": "05119000", "mun": "Oberhausen", "city": "Oberhausen",
        "region": "Nordrhein-Westfalen", "country": "Deutschland", "xname": name, "xkey": "05119000", "xmun": "Oberhausen", "xcity": "Oberhausen",
        "xregion": "Nordrhein-Westfalen", "xcountry": "Deutschland", "title": "Musterthema", "plan": "GA6010", "text": "Muster", "start": "01.01.2020",
        "end": "31.12.2022", "amount": "1.000,00", "profile": "P", "verbund": "", "kind": "PDIR",
    } | other  # fmt: skip
    return "".join((v[k] if k == "amount" else f'="{v[k]}"') + ";" for k in v) + "\n"


def _file(tmp_path: Path, *lines: str, encoding: str = "cp1252") -> Path:
    f = tmp_path / "export.csv"
    f.write_bytes("".join(lines).encode(encoding))
    return f


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ('="a";="b;c";8.499,00;="";\n', '"a";"b;c";"8.499,00";"";""\n'),
        ('="Projekt "X" und Y";="z"\r\n', '"Projekt ""X"" und Y";"z"\n'),
        ('="Projekt ""X""";="z"\n', '"Projekt ""X""";"z"\n'),
        ("a,b\n", "a,b\n"),
    ],
)
def test_cells_of_the_export(line: str, plain: str) -> None:
    assert plain_cells(line) == plain


def test_doubled_column_names_belong_to_the_executing_body() -> None:
    names = column_names(HEADER.strip().rstrip(";").split(";"))
    assert names is not None
    assert names[5:17] == [
        "name", "key", "municipality", "city", "region", "country", "exec_name", "exec_key", "exec_municipality", "exec_city", "exec_region", "exec_country",
    ]  # fmt: skip
    assert column_names(["16TTP089", "BMBF"]) is None


def test_the_export() -> None:
    got = crawled(META, crawl, EXPORT)
    single = got.entities["foerderkatalog:16TTP089"]
    assert {k: single.props[k] for k in ("start", "end", "funding_eur", "programme")} == {
        "start": "2017-12-01",
        "end": "2029-03-31",
        "funding_eur": 8499240.0,
        "programme": "Projektförderung des Bundes (BMBF)",
    }
    assert got.participants(single.id) == {"Heinrich-Heine-Universität Düsseldorf": 8499240.0}
    assert got.targets(single.id, "ABOUT") == {"leistungsplan:TB0810"}
    assert got.targets(single.id, "FUNDED_BY") == {"foerderkatalog:ressort:bmbf"}
    ministry = got.entities["foerderkatalog:ressort:bmbf"]
    assert (ministry.kind, ministry.props["name"]) == (Kind.PUBLIC, "Bundesministerium für Bildung und Forschung")
    assert dict(got.named("Heinrich-Heine-Universität Düsseldorf").props) == {
        "name": "Heinrich-Heine-Universität Düsseldorf",
        "country": "DE",
        "city": "Düsseldorf",
        "region": "Nordrhein-Westfalen",
        "ags": "05111000",
    }
    quote = json.loads(got.evidence["foerderkatalog:row:16TTP089"].quote)
    assert quote["Zuwendungsempfänger"] == "Heinrich-Heine-Universität Düsseldorf"
    assert "Referat" not in quote


def test_rows_of_a_joint_project_are_one_project() -> None:
    got = crawled(META, crawl, EXPORT)
    project = got.named("Materials in Quantum Computing (MATQu)")
    assert got.participants(project.id) == {"kiutra GmbH": 228580.0, "Keysight Technologies Deutschland GmbH": 99593.0}
    assert project.props["funding_eur"] == 328173.0
    assert got.named("Paludi-Vorhaben in Mecklenburg-Vorpommern").props["acronym"] == "Paludi MV"
    # «ZMAN» is no topic
    assert got.targets(got.named("Paludi-Vorhaben in Mecklenburg-Vorpommern").id, "ABOUT") == set()


@pytest.mark.parametrize(
    ("recipient", "part", "takes_part"),
    [
        (
            "Landgesellschaft Mecklenburg-Vorpommern mit beschränkter Haftung",
            "Landgesellschaft Mecklenburg-Vorpommern mit beschränkter Haftung - Außenstelle Greifswald",
            "part",
        ),
        (
            "Deutsches Forschungszentrum für Künstliche Intelligenz GmbH",
            "Deutsches Forschungszentrum für Künstliche Intelligenz GmbH - Außenstelle Universität Trier",
            "part",
        ),
        ("Universität Greifswald", "Universität Greifswald - Institut für Botanik und Landschaftsökologie - Experimentelle Pflanzenökologie", "recipient"),
    ],
)
def test_executing_bodies(recipient: str, part: str, takes_part: str) -> None:
    got = crawled(META, crawl, EXPORT)
    a, b = got.named(part), got.named(recipient)
    assert got.targets(a.id, "PART_OF") == {b.id}
    assert bool(got.targets(a.id, "PARTICIPATES_IN")) is (takes_part == "part")
    assert bool(got.targets(b.id, "PARTICIPATES_IN")) is (takes_part == "recipient")


def test_a_service_unit_is_no_organisation() -> None:
    names = {e.props["name"] for e in crawled(META, crawl, EXPORT).of(Label.ORGANIZATION).values()}
    assert "Humboldt-Universität zu Berlin" in names
    assert not any("Servicestelle" in str(n) or "Referat" in str(n) for n in names)


def test_hidden_persons_are_counted() -> None:
    got = crawled(META, crawl, EXPORT)
    assert got.issues == {"person": 2}
    assert not any("Keine Anzeige" in e.quote for e in got.evidence.values())


def test_the_comma_form_of_2026() -> None:
    got = crawled(META, crawl, COMMA)
    assert got.issues == {}
    project = got.entities["foerderkatalog:13GW0208C"]
    assert got.participants(project.id) == {"1000shapes GmbH": 312487.0}
    assert dict(got.named("1000shapes GmbH").props) == {"name": "1000shapes GmbH", "city": "Berlin"}
    assert got.entities["foerderkatalog:K332700-7"].props["start"] == "1995-12-01"
    assert got.targets("foerderkatalog:13GW0208C", "FUNDED_BY") == {"foerderkatalog:ressort:bmftr"}


def test_with_a_header_line_the_claims_are_the_same(tmp_path: Path) -> None:
    without = crawled(META, crawl, EXPORT)
    with_header = crawled(META, crawl, _file(tmp_path, HEADER, EXPORT.read_text(encoding="cp1252")))
    assert with_header.entities == without.entities
    assert with_header.links == without.links
    assert {e.quote for e in with_header.evidence.values()} == {e.quote for e in without.evidence.values()}


def test_utf8_is_recognised(tmp_path: Path) -> None:
    f = _file(tmp_path, EXPORT.read_text(encoding="cp1252"), encoding="utf-8")
    assert crawled(META, crawl, f).entities == crawled(META, crawl, EXPORT).entities


@pytest.mark.parametrize(
    ("change", "issues"),
    [
        ({"fkz": ""}, {"missing_id": 1}),
        ({"name": ""}, {"missing_name": 1}),
        ({"name": "Erika Mustermann"}, {"person": 1}),
        ({"name": "Musterwerk e.K."}, {"person": 1}),
        ({"xname": "Erika Mustermann"}, {"person": 1}),
        ({"amount": "viel"}, {"bad_number": 1}),
        ({"amount": "-1,00"}, {"bad_number": 1}),
        ({"start": "31.02.2020"}, {"bad_date": 1}),
        ({"country": "Atlantis", "xname": ""}, {"unknown_country": 1}),
        ({"ressort": "BMXX"}, {"unknown_category": 1}),
        ({"key": "5119", "xname": ""}, {"bad_value": 1}),
        ({"country": "Schweiz", "key": "", "region": "", "xname": ""}, {}),
        ({"amount": "0,00"}, {}),
    ],
)
def test_a_bad_row_is_an_issue_and_the_good_one_goes_on(tmp_path: Path, change: dict[str, str], issues: dict[str, int]) -> None:
    got = crawled(META, crawl, _file(tmp_path, _row("01AA0001") if not change.get("fkz", "x") else "", _row(**change), _row("99ZZ9999")))
    assert got.issues == issues
    assert "foerderkatalog:99ZZ9999" in got.entities


def test_a_row_of_another_length_is_an_issue(tmp_path: Path) -> None:
    got = crawled(META, crawl, _file(tmp_path, _row(), '="kurz";="x";\n', _row("99ZZ9999")))
    assert got.issues == {"row_length": 1}
    assert len(got.of(Label.PROJECT)) == 2


def test_the_same_fkz_twice(tmp_path: Path) -> None:
    got = crawled(META, crawl, _file(tmp_path, _row(), _row(), _row(title="Anderes")))
    assert got.issues == {"duplicate_row": 1}
    assert got.entities["foerderkatalog:01AB1234"].props["title"] == "Musterthema"


def test_a_joint_project_outlives_the_name_of_its_ministry(tmp_path: Path) -> None:
    got = crawled(
        META,
        crawl,
        _file(tmp_path, _row("1", verbund="M", ressort="BMBF"), _row("2", "Zwei AG", verbund="M", ressort="BMFTR"), _row("3", verbund="M", ressort="BMG")),
    )
    assert sorted(len(got.participants(p)) for p in got.of(Label.PROJECT)) == [1, 2]


def test_an_unknown_column_is_named(tmp_path: Path) -> None:
    got = crawled(META, crawl, _file(tmp_path, "FKZ;Zuwendungsempfänger;Thema;Neu\n", "1;X GmbH;T;n\n"))
    assert got.issues == {"unknown_column": 1}


@bad_text_cases()
def test_a_file_that_is_no_export_is_an_error(tmp_path: Path, ending: str, make) -> None:
    f = tmp_path / f"x.csv{ending}"
    f.write_bytes(make(EXPORT.read_text(encoding="cp1252").encode()))
    with pytest.raises(FileError) as e:
        crawled(META, crawl, f, SMALL)
    assert "x.csv" in e.value.de


@pytest.mark.parametrize("text", ["a|b|c\n1|2|3\n", "FKZ;Thema\n1;x\n", "just words\n", "a;b;c\n"])
def test_another_table_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileError):
        crawled(META, crawl, _file(tmp_path, text))


_FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_FUZZ
@given(data=st.binary(max_size=400), head=st.booleans(), name=st.sampled_from(["x.csv", "x.csv.gz", "x.zip"]))
def test_any_bytes(tmp_path: Path, data: bytes, head: bool, name: str) -> None:
    (tmp_path / name).write_bytes((HEADER.encode("cp1252") if head else b"") + data)
    survives(META, crawl, tmp_path / name)


_CELL = st.text(st.characters(codec="cp1252", exclude_characters="\0"), max_size=12)


@_FUZZ
@given(rows=st.lists(st.lists(_CELL, min_size=26, max_size=26), min_size=1, max_size=4))
def test_any_rows(tmp_path: Path, rows: list[list[str]]) -> None:
    text = HEADER + "".join("".join(f'="{c}";' for c in r) + "\n" for r in rows)
    survives(META, crawl, _file(tmp_path, text))
