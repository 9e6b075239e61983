"""The subject schemes: the tables of every installation, small tables of our own, and files that are none."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from crawling import BAD_TEXT, SMALL, crawled, survives
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import TOPIC_SCHEMES
from ingest.base import FileError
from ingest.sources import euroscivoc, leistungsplan, wz2008

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
SOURCES = [(euroscivoc, "euroscivoc.csv", 980, 6), (wz2008, "wz2008.tsv", 1835, 21), (leistungsplan, "leistungsplan.csv", 1887, 22)]
IDS = [s[1] for s in SOURCES]


@pytest.mark.parametrize(("source", "file", "topics", "tops"), SOURCES, ids=IDS)
def test_the_whole_table(source: ModuleType, file: str, topics: int, tops: int) -> None:
    got = crawled(source.META, source.crawl, REFERENCE)
    assert got.issues == {}
    assert len(got.entities) == topics
    above = {start: end for start, _, end in got.links}
    assert len(above) == len(got.links) == topics - tops  # a tree: one broader topic but for the tops
    assert {t for _, t, _ in got.links} == {"BROADER"}
    assert set(above.values()) <= got.entities.keys()
    for id_ in got.entities:
        steps = 0
        while id_ in above:
            id_, steps = above[id_], steps + 1
            assert steps < 10
    assert {e.props["scheme"] for e in got.entities.values()} == {source.META.id} <= set(TOPIC_SCHEMES)
    assert all(id_ == f"{source.META.id}:{e.props['notation']}" for id_, e in got.entities.items())


@pytest.mark.parametrize(("source", "file"), [s[:2] for s in SOURCES], ids=IDS)
def test_folder_and_file_say_the_same(source: ModuleType, file: str) -> None:
    assert crawled(source.META, source.crawl, REFERENCE).claims == crawled(source.META, source.crawl, REFERENCE / file).claims


def test_euroscivoc() -> None:
    got = crawled(euroscivoc.META, euroscivoc.crawl, REFERENCE)
    assert dict(got.entities["euroscivoc:1173"].props) == {
        "label_en": "fuel cells",
        "label_de": "Brennstoffzellen",
        "translated_by": "innonet",
        "scheme": "euroscivoc",
        "notation": "1173",
        "path": "/engineering and technology/environmental engineering/energy and fuels/fuel cells",
        "names": ["Brennstoffzelle", "fuel cell", "SOFC", "PEMFC"],
    }
    assert got.targets("euroscivoc:1173", "BROADER") == {"euroscivoc:425"}
    assert got.targets("euroscivoc:25", "BROADER") == set()  # only ever inside paths


def test_every_field_has_a_german_label_of_its_own() -> None:
    got = crawled(euroscivoc.META, euroscivoc.crawl, REFERENCE)
    german = [str(e.props.get("label_de", "")) for e in got.entities.values()]
    assert all(label[:1].isupper() or label[:1].isdigit() for label in german)
    assert not [label for label, n in Counter(german).items() if n > 1]
    assert {e.props["translated_by"] for e in got.entities.values()} == {"innonet"}


@pytest.mark.parametrize(
    ("id_", "label_de", "label_en", "above"),
    [
        ("wz2008:C", "Verarbeitendes Gewerbe", "Manufacturing", set()),
        ("wz2008:28", "Maschinenbau", "Manufacture of machinery and equipment n.e.c.", {"wz2008:C"}),
        ("wz2008:25.1", "Stahl- und Leichtmetallbau", "Manufacture of structural metal products", {"wz2008:25"}),
        ("wz2008:62.01", None, None, {"wz2008:62.0"}),
        ("wz2008:62.01.9", None, None, {"wz2008:62.01"}),
        ("wz2008:35", "Energieversorgung", None, {"wz2008:D"}),
    ],
)
def test_wz2008(id_: str, label_de: str | None, label_en: str | None, above: set[str]) -> None:
    got = crawled(wz2008.META, wz2008.crawl, REFERENCE)
    assert label_de in (None, got.entities[id_].props["label_de"])
    assert label_en in (None, got.entities[id_].props["label_en"])
    assert got.targets(id_, "BROADER") == above


@pytest.mark.parametrize(
    ("id_", "label", "above"),
    [
        ("leistungsplan:E", "Energieforschung und Energietechnologie", set()),
        ("leistungsplan:E1", "Kohle und andere fossile Energieträger", {"leistungsplan:E"}),
        ("leistungsplan:E21512", "Biologische Wasserstoffgewinnung", {"leistungsplan:E215"}),
        # the table puts them below E260 and A500
        ("leistungsplan:E31100", None, {"leistungsplan:E3"}),
        ("leistungsplan:A61000", None, {"leistungsplan:A6"}),
    ],
)
def test_leistungsplan(id_: str, label: str | None, above: set[str]) -> None:
    got = crawled(leistungsplan.META, leistungsplan.crawl, REFERENCE)
    assert label in (None, got.entities[id_].props["label_de"])
    assert "label_en" not in got.entities[id_].props
    assert got.targets(id_, "BROADER") == above


def test_keywords_name_branches_that_exist() -> None:
    topics = crawled(wz2008.META, wz2008.crawl, REFERENCE).entities
    with (REFERENCE / "wz_keywords.tsv").open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    assert len(rows) > 200
    assert not [r for r in rows for code in r["code"].split(",") if f"wz2008:{code}" not in topics]
    assert not [k for k, n in Counter(r["keyword"] for r in rows).items() if n > 1]


def test_paths_alone_give_english_labels(tmp_path: Path) -> None:
    (tmp_path / "euroscivoc.csv").write_text("euroSciVocCode;euroSciVocPath;euroSciVocTitle\n/1/2/;/first/second;second\n", encoding="utf-8")
    got = crawled(euroscivoc.META, euroscivoc.crawl, tmp_path)
    assert got.issues == {}
    assert dict(got.entities["euroscivoc:2"].props) == {"label_en": "second", "scheme": "euroscivoc", "notation": "2", "path": "/first/second"}
    assert got.entities["euroscivoc:1"].evidence == ("euroscivoc:2",)


@pytest.mark.parametrize(
    ("source", "name", "text", "topics", "issues"),
    [
        (euroscivoc, "euroscivoc.csv", "euroSciVocCode,euroSciVocPath\n/1/2,/one\n,\n/3,/three\n", {"euroscivoc:3"}, {"bad_value": 1}),
        (
            wz2008,
            "wz2008.tsv",
            "code\tlabel_de\tlabel_en\nA\ta\ta\n01\tb\tb\n01\tc\tc\nxx\td\td\n02.1\te\te\n",
            {"wz2008:A", "wz2008:01", "wz2008:02.1"},
            {"duplicate_row": 1, "missing_id": 1, "unknown_record": 1},
        ),
        (
            leistungsplan,
            "leistungsplan.csv",
            "LP,Ebene3_ID,Ebene2_ID,Ebene1_ID,Bezeichnung,Ebene3_Name,Ebene2_Name,Ebene1_Name\nA10000,A100,A1,A,w,x,y,z\nA10000,A100,A1,A,w,x,y,z\n?,A100,A1,A,w,x,y,z\n",
            {"leistungsplan:A10000", "leistungsplan:A100", "leistungsplan:A1", "leistungsplan:A"},
            {"duplicate_row": 1, "missing_id": 1},
        ),
    ],
)
def test_bad_rows_leave_the_good_ones(tmp_path: Path, source: ModuleType, name: str, text: str, topics: set[str], issues: dict[str, int]) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    got = crawled(source.META, source.crawl, tmp_path)
    assert got.entities.keys() == topics
    assert got.issues == issues


def test_a_translation_that_no_longer_fits(tmp_path: Path) -> None:
    (tmp_path / "euroscivoc.csv").write_text("euroSciVocCode,euroSciVocPath\n/1,/one\n", encoding="utf-8")
    (tmp_path / "euroscivoc_de.tsv").write_text("code\tlabel_en\tlabel_de\tterms\n1\tuno\tEins\t\n9\tnine\tNeun\t\n", encoding="utf-8")
    got = crawled(euroscivoc.META, euroscivoc.crawl, tmp_path)
    assert got.issues == {"bad_value": 1, "unknown_record": 1}
    assert "label_de" not in got.entities["euroscivoc:1"].props


@pytest.mark.parametrize(("source", "file"), [s[:2] for s in SOURCES], ids=IDS)
def test_a_missing_table_says_so(tmp_path: Path, source: ModuleType, file: str) -> None:
    with pytest.raises(FileError, match=file):
        list(crawled(source.META, source.crawl, tmp_path).claims)


@pytest.mark.parametrize("bad", sorted(BAD_TEXT))
@pytest.mark.parametrize(("source", "file"), [s[:2] for s in SOURCES], ids=IDS)
def test_a_file_that_is_none(tmp_path: Path, source: ModuleType, file: str, bad: str) -> None:
    ending, spoil = BAD_TEXT[bad]
    good = (REFERENCE / file).read_bytes()[:20_000]
    (tmp_path / f"{file}{ending}").write_bytes(spoil(good[: good.rindex(b"\n") + 1]))
    with pytest.raises(FileError):
        crawled(source.META, source.crawl, tmp_path, SMALL)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300))
@pytest.mark.parametrize(("source", "file"), [s[:2] for s in SOURCES], ids=IDS)
def test_anything_ends_well(tmp_path: Path, source: ModuleType, file: str, text: str) -> None:
    head = (REFERENCE / file).read_text(encoding="utf-8").split("\n", 1)[0]
    (tmp_path / file).write_text(f"{head}\n{text}", encoding="utf-8", newline="")
    survives(source.META, source.crawl, tmp_path)
