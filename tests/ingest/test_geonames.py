"""German places: rows of the real table, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from crawling import FIXTURES, SMALL, bad_text_cases, crawled, survives
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import PLACE_LEVELS
from ingest.base import FileError
from ingest.sources.geonames import META, MUNICIPALITIES, NUTS, RUHR, crawl

TABLE = FIXTURES / "geonames" / "zipcodes.de.csv"
HEAD = "country_code,zipcode,place,state,state_code,province,province_code,community,community_code,latitude,longitude\n"


def _file(tmp_path: Path, *lines: str) -> Path:
    f = tmp_path / "zipcodes.de.csv"
    f.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return f


def test_a_city_of_its_own() -> None:
    got = crawled(META, crawl, TABLE)
    place = got.entities["place:05119"]
    assert dict(place.props) == {
        "name": "Oberhausen",
        "names": ["Kreisfreie Stadt Oberhausen", "Oberhausen, Stadt"],
        "level": "district",
        "country": "DE",
        "ags": "05119",
        "nuts": "DEA17",
        # large receivers give postcodes, not coordinates
        "postcodes": ["46020", "46040", "46042", "46045", "46047", "46049", "46142"],
        "lat": 51.4773,
        "lon": 6.8568,
    }
    assert got.targets("place:05119", "WITHIN") == {"place:DE-NW", "place:region:ruhr"}
    assert not any(e.props["level"] == "municipality" and e.props["name"] == "Oberhausen" for e in got.entities.values())


@pytest.mark.parametrize(
    ("id_", "name", "level", "within"),
    [
        ("place:05170", "Kreis Wesel", "district", {"place:DE-NW", "place:region:ruhr"}),
        ("place:05170024", "Moers", "municipality", {"place:05170"}),
        ("place:05170048", "Wesel", "municipality", {"place:05170"}),
        ("place:region:ruhr", "Ruhrgebiet", "region", {"place:DE-NW"}),
        ("place:DE-NW", "Nordrhein-Westfalen", "state", {"place:DE"}),
        ("place:DE", "Deutschland", "country", set()),
        ("place:09564", "Nürnberg", "district", {"place:DE-BY"}),
        ("place:11000", "Berlin", "district", {"place:DE-BE"}),
        ("place:08237", "Landkreis Freudenstadt", "district", {"place:DE-BW"}),
        ("place:03354", "Landkreis Lüchow-Dannenberg", "district", {"place:DE-NI"}),
    ],
)
def test_levels_and_what_they_lie_in(id_: str, name: str, level: str, within: set[str]) -> None:
    got = crawled(META, crawl, TABLE)
    place = got.entities[id_]
    assert (place.props["name"], place.props["level"]) == (name, level)
    assert got.targets(id_, "WITHIN") == within
    assert {e.props["level"] for e in got.entities.values()} <= set(PLACE_LEVELS)


@pytest.mark.parametrize(("id_", "other"), [("place:09564", "Nuremberg"), ("place:DE-NW", "North Rhine-Westphalia"), ("place:region:ruhr", "Ruhr area")])
def test_other_names(id_: str, other: str) -> None:
    assert other in crawled(META, crawl, TABLE).entities[id_].props["names"]  # type: ignore[operator]


def test_parts_of_a_municipality_are_not_places_of_their_own() -> None:
    got = crawled(META, crawl, TABLE)
    assert [e.props["name"] for e in got.entities.values() if str(e.props["name"]).startswith("Karwitz")] == ["Karwitz"]


def test_a_row_without_a_district_is_an_issue() -> None:
    assert crawled(META, crawl, TABLE).issues == {"missing_id": 1}


@pytest.mark.parametrize(
    ("row", "issues"),
    [
        ("DE,4604,X,NRW,NW,,,Oberhausen,05119,51.5,6.8", {"bad_value": 1}),
        ("DE,46045,X,NRW,NW,,,Oberhausen,05119,nord,6", {"bad_coordinates": 1}),
        ("DE,46045,X,NRW,NW,,,Oberhausen,05119,-51,6", {"bad_coordinates": 1}),
        ("DE,46045,X,NRW,NW,,,Oberhausen,05119,nan,inf", {"bad_coordinates": 1}),
        ("FR,46045,X,NRW,NW,,,Oberhausen,05119,51,6", {"unknown_country": 1}),
        ("DE,46045,X,NRW,NW,,,Oberhausen,99119,51,6", {"missing_id": 1}),
        ("DE,46045,X", {"row_length": 1}),
    ],
)
def test_a_bad_row_is_an_issue_and_the_good_one_goes_on(tmp_path: Path, row: str, issues: dict[str, int]) -> None:
    got = crawled(META, crawl, _file(tmp_path, row, 'DE,46049,Oberhausen,NRW,NW,,,"Oberhausen, Stadt",05119,51.5,6.8'))
    assert got.issues == issues
    assert got.entities["place:05119"].props["lat"] == 51.5


def test_one_wrong_point_does_not_move_a_place(tmp_path: Path) -> None:
    rows = [
        f"DE,4604{i},Oberhausen,NRW,NW,,,Oberhausen,05119,{lat},{lon}"
        for i, (lat, lon) in enumerate([(51.5, 6.8), (51.5, 6.9), (48.1, 11.5), (51.4, 6.8), (51.5, 6.8)])
    ]
    props = crawled(META, crawl, _file(tmp_path, *rows)).entities["place:05119"].props
    assert (props["lat"], props["lon"]) == (51.5, 6.8)


def test_tables_of_our_own() -> None:
    assert len(RUHR) == 15
    assert len(NUTS) == 53
    assert len(set(NUTS.values())) == 53
    assert {NUTS[k] for k in ("05124", "05334", "05958", "05978")} == {"DEA1A", "DEA2D", "DEA57", "DEA5C"}
    assert all(len(k) == 8 and k.startswith(district) for (district, _), k in MUNICIPALITIES.items())
    assert len(set(MUNICIPALITIES.values())) == len(MUNICIPALITIES)


def test_the_same_file_gives_the_same_claims() -> None:
    assert crawled(META, crawl, TABLE).claims == crawled(META, crawl, TABLE).claims


@bad_text_cases()
def test_a_file_that_is_no_table_is_an_error(tmp_path: Path, ending: str, make) -> None:
    f = tmp_path / f"x.csv{ending}"
    f.write_bytes(make(TABLE.read_bytes()))
    with pytest.raises(FileError) as e:
        crawled(META, crawl, f, SMALL)
    assert "x.csv" in e.value.de


@pytest.mark.parametrize("text", ["a|b\n1|2\n", HEAD.replace(",", "|"), HEAD, "zipcode,place\n46045,Oberhausen\n"])
def test_another_table_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    with pytest.raises(FileError):
        crawled(META, crawl, tmp_path / "x.csv")


_FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_FUZZ
@given(data=st.binary(max_size=300), head=st.booleans(), name=st.sampled_from(["x.csv", "x.csv.gz", "x.zip"]))
def test_any_bytes(tmp_path: Path, data: bytes, head: bool, name: str) -> None:
    (tmp_path / name).write_bytes((HEAD.encode() if head else b"") + data)
    survives(META, crawl, tmp_path / name)


_CELL = st.one_of(st.text(max_size=8), st.sampled_from(["DE", "05119", "NW", "46045", "51.4", "6.8", "Oberhausen", "Kreis X", ", Stadt", "X (Y)"]))


@_FUZZ
@given(rows=st.lists(st.lists(_CELL, min_size=11, max_size=11), min_size=1, max_size=5))
def test_any_rows(tmp_path: Path, rows: list[list[str]]) -> None:
    quoted = [",".join('"' + c.replace('"', '""').replace("\ud800", "") + '"' for c in r) for r in rows]
    (tmp_path / "x.csv").write_text(HEAD + "\n".join(quoted), encoding="utf-8", errors="replace")
    survives(META, crawl, tmp_path / "x.csv")
