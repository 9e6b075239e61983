"""Topics in titles and names: tables of what must be found and what must not, in the spellings that occur."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Entity, Kind, Label, link_problem
from ingest.base import FileError
from ingest.text.topics import CONFIDENCE_NAME, CONFIDENCE_TITLE, Tagger, fold, links_for, plain_terms, stem

REFERENCE = Path(__file__).parents[2] / "data" / "reference"

HYDROGEN, FUEL_CELLS, ENERGY, POWER, ENVIRONMENT, MACHINES = "1691", "1173", "425", "1209", "67", "75"
MEDICAL, SENSORS, LASERS, COMPOSITES, SOFTWARE, RECYCLING = "57", "58525161", "745", "387", "307", "1181"


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load(REFERENCE)


def _topics(tagger: Tagger, text: str, *, name: bool = False, language: str | None = None) -> set[str]:
    return {h.topic_id.removeprefix("euroscivoc:").replace("wz2008:", "wz:") for h in tagger.tag(text, language, name=name)}


@pytest.mark.parametrize(
    ("title", "present"),
    [
        ("Wasserstoff für die Stahlindustrie", {HYDROGEN}),
        ("Entwicklung einer Wasserstofftechnologie", {HYDROGEN}),
        ("Membranen für PEM-Brennstoffzellensysteme", {FUEL_CELLS}),
        ("Energie.NRW: Regulatorische Spezifikationen für PEM Brennstoffzellen", {ENERGY, FUEL_CELLS}),
        ("Medizintechnik im Alltag", {MEDICAL}),
        ("MedizinTechnik.NRW", {MEDICAL}),
        ("medizintechnische Anwendungen", {MEDICAL}),
        ("UMWELTTECHNIK", {ENVIRONMENT}),
        ("FOERDERTECHNIK FUER DEN BERGBAU", {MACHINES, "417"}),
        ("Maschinenbau", {MACHINES}),
        (unicodedata.normalize("NFD", "Fördertechnik und Kläranlagen"), {MACHINES, "1183"}),
        ("Umwelt- und Energietechnik", {ENVIRONMENT, POWER}),
        ("Umwelt-, Sicherheits- und Energietechnik", {ENVIRONMENT, POWER}),
        ("Umwelt- u. Energietechnik", {ENVIRONMENT, POWER}),
        ("Maschinen- und Anlagenbau", {MACHINES}),
        ("Energie-/Umwelttechnik", {POWER, ENVIRONMENT}),
        ("Metall- Hybridbauweise, neue Verbund- werkstoffe", {COMPOSITES}),
        ("Laser- Sensors mit großem Messbereich", {LASERS, SENSORS}),
        ("Laserbearbeitung von Blechen", {"469"}),
        ("Halbleiter-Nanodrähte für Solarzellen und Leuchtdioden", {"777", "435", "98939167", "787"}),
        ("Kupferrückgewinnung", {RECYCLING}),
        ("Rezeptur einer künstlichen Intelligenz", {"297"}),
        ("Künstlicher Intelligenz vertrauen", {"297"}),
        ("Anwendungen von KI und GIS", {"1585"}),
        ("erneuerbarer Energien", {"1169"}),
        ("Einsatz der Li-ion battery in electric vehicles", {"1129", "1343"}),
        ("Stem cells in epithelial cancer", {"657", "225"}),
        ("Novel diagnostic tools for Alzheimer's and Parkinson's diseases", {"1139", "633", "627"}),
        ("Fuel cell systems", {FUEL_CELLS}),
        ("Photonic skins for optical sensing", {"44113014"}),
        ("Soft\u00adware für Banken", {SOFTWARE}),
    ],
)
def test_titles_that_name_a_topic(tagger: Tagger, title: str, present: set[str]) -> None:
    assert present <= _topics(tagger, title)


@pytest.mark.parametrize(
    "title",
    [
        "",
        " \n\t",
        "-",
        "Entwicklung einer neuen Technik",
        "Systeme und Systementwicklung der Gesellschaft",
        "Forschungsprojekt zur Technologie, Teilprojekt B",
        "Organisation und Durchführung des Wettbewerbs",
        "Essen, Hamm, Herne und Hagen",
        "Stadtteil Essen-Steele",
        "Marl, Werne und Bottrop",
        "Müller und Schmidt",
        "Aus der Nische in die Mitte – Fairer Handel",
        "Media und Kommunikation",
        "Garantie in steigender und folgender Zahl",
        "Graphs on a wall",
        "Quantitative Stoffstromanalyse",
        "Erlebnisgastronomie am Fluss",
        "Wasserstoffperoxid als Bleichmittel",
        "At the heart of Europe",
        "Globale Brückenbauer",
        "Eine Symbiose von Mensch und Rückgewinnung",
        "Fremdenverkehr im Sauerland",
        "umweltfreundliche Farben",
        "12345 67 8",
        "日本語 текст",
    ],
)
def test_titles_that_name_none(tagger: Tagger, title: str) -> None:
    assert _topics(tagger, title) == set()


@pytest.mark.parametrize(
    ("title", "absent"),
    [
        ("Nanocomposites", {COMPOSITES}),  # the longer term only
        ("Windenergieanlagen", {ENERGY}),
        ("Quantum computing", {"793"}),
        ("Virtual environments", {"277"}),
        ("Modified atmosphere packaging for fish", {"30018"}),
        ("Dietary fibre in bread", {"393"}),
        ("Gender and ethics", {"595"}),
    ],
)
def test_a_longer_or_blocked_term_hides_what_it_contains(tagger: Tagger, title: str, absent: set[str]) -> None:
    assert not absent & _topics(tagger, title)


@pytest.mark.parametrize(
    ("name", "present", "absent"),
    [
        ("Muster Stahlbau GmbH", {"wz:25.1"}, {"389"}),
        ("Muster GmbH Metall- und Stahlbau", {"wz:25.1"}, set()),
        ("MUSTER MASCHINENBAU GMBH", {"wz:28", MACHINES}, set()),
        ("Muster Maschinenbaugesellschaft mbH", {"wz:28"}, set()),
        ("Muster Ingenieur- Baugesellschaft mbH", {"wz:42"}, {"wz:71.1"}),
        ("Muster Hoch - und Tiefbau GmbH", {"wz:41.2", "wz:42"}, set()),
        ("Muster Hoch- Tief- und Stahlbetonbau GmbH", {"wz:41.2", "wz:42"}, set()),
        ("Muster Stahl-Rohrleitungs-und Maschinenbau GmbH", {"wz:25.1", "wz:42.2", "wz:28"}, set()),
        ("Muster Umwelttechnik GmbH & Co. KG", {"wz:39", ENVIRONMENT}, set()),
        ("Muster Software GmbH", {"wz:62.0", SOFTWARE}, set()),
        ("Muster EDV-Beratung GmbH", {"wz:62.0"}, set()),
        ("Muster Logistik GmbH", {"wz:52", "1349"}, set()),
        ("Muster Medizin-Technik GmbH", {"wz:32.5", MEDICAL}, set()),
        ("Muster Foerderanlagen GmbH", {"wz:28.2"}, set()),
        ("Muster Schaltanlagenbau GmbH", {"wz:27.1"}, {MACHINES, "wz:28"}),
        ("Ingenieurbüro Muster", {"wz:71.1"}, set()),
        ("Muster Druckereisoftware GmbH", {SOFTWARE}, {"wz:18.1"}),
        ("Muster Robotics GmbH", {"459"}, set()),
    ],
)
def test_names_of_firms(tagger: Tagger, name: str, present: set[str], absent: set[str]) -> None:
    found = _topics(tagger, name, name=True)
    assert present <= found
    assert not absent & found


@pytest.mark.parametrize(
    "name",
    [
        "Müller GmbH",
        "Muster Stahlhandel GmbH",
        "Muster Maschinen- und Rohstoffhandelsgesellschaft mbH",
        "Muster Handel mit Software und Elektronik GmbH",
        "Muster EDV-Zubehör Vertriebsgesellschaft mbH",
        "Muster Software-Vertriebs GmbH",
        "Muster Baumaschinen Vermietungsgesellschaft mbH",
        "Muster Media GmbH",
        "Chemische Reinigung Muster GmbH",
        "Muster Automobile GmbH",
        "Pizzeria Galileo GmbH",
        "Komet Reisen GmbH",
        "Essener Verwaltungsgesellschaft mbH",
        "Technik und System Gesellschaft für Entwicklung mbH",
        "Gustav Waldbauer",
    ],
)
def test_names_that_say_nothing_of_a_topic(tagger: Tagger, name: str) -> None:
    assert _topics(tagger, name, name=True) == set()


def test_titles_never_mean_a_branch_of_industry(tagger: Tagger) -> None:
    assert not [t for t in _topics(tagger, "Maschinenbau, Stahlbau, Software, Logistik") if t.startswith("wz:")]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("zeolite catalysis", "de", {"69669548"}),
        ("Katalyse", "de", {"69669548"}),
        ("Reine Mathematik", "de", {"359"}),
        ("pure mathematics", "de", {"51"}),
        ("pure mathematics", "en", {"359"}),
    ],
)
def test_labels_of_another_language_are_left_out(tagger: Tagger, text: str, language: str, expected: set[str]) -> None:
    assert _topics(tagger, text, language=language) == expected


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Für Wasserstofftechnologie", [("Wasserstoff", 0.8)]),
        ("für FOERDERTECHNIK", [("FOERDERTECHNIK", 1.0)]),
        ("Umwelt- und Energietechnik", [("Umwelt-", 0.9), ("Energietechnik", 1.0)]),
        ("Großküchen-Abwässer: Kläranlagenüberwachung", [("Abwässer", 1.0), ("Kläranlage", 0.8)]),
        ("Übergangs-, Öl- und Prüfgase: Künstliche Intelligenz", [("Künstliche Intelligenz", 1.0)]),
    ],
)
def test_places_and_weights(tagger: Tagger, text: str, spans: list[tuple[str, float]]) -> None:
    found = [(text[h.start : h.end], h.weight) for h in tagger.tag(text)]
    assert [(s.removesuffix("n"), w) for s, w in found] == [(s.removesuffix("n"), w) for s, w in spans]


def _entity(label: Label, text: str, kind: Kind | None = None) -> Entity:
    key = "title" if label is Label.PROJECT else "name"
    return Entity("x:1", label, {key: text}, ("e:1", "e:2"), kind)


def test_links_of_a_project(tagger: Tagger) -> None:
    links = list(links_for(_entity(Label.PROJECT, "Energie und Wasserstofftechnologie, Energie"), tagger))
    assert [(k.start, k.type, k.end, dict(k.props), k.evidence, k.confidence) for k in links] == [
        ("x:1", "ABOUT", "euroscivoc:1691", {"weight": 0.8}, ("e:1", "e:2"), CONFIDENCE_TITLE),
        ("x:1", "ABOUT", "euroscivoc:425", {"weight": 1.0}, ("e:1", "e:2"), CONFIDENCE_TITLE),
    ]
    assert all(link_problem(k.type, Label.PROJECT, Label.TOPIC) is None for k in links)


def test_links_of_an_organisation_share_one(tagger: Tagger) -> None:
    links = list(links_for(_entity(Label.ORGANIZATION, "Muster Umwelttechnik und Stahlbau GmbH", Kind.COMPANY), tagger))
    assert {k.end for k in links} == {"euroscivoc:67", "wz2008:39", "wz2008:25.1"}
    assert {k.type for k in links} == {"WORKS_ON"}
    assert {k.confidence for k in links} == {CONFIDENCE_NAME}
    assert sum(float(str(k.props["weight"])) for k in links) == pytest.approx(1, abs=0.001)
    assert links == list(links_for(_entity(Label.ORGANIZATION, "Muster Umwelttechnik und Stahlbau GmbH", Kind.COMPANY), tagger))


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("Institut für Maschinenbau", None, {"euroscivoc:75"}),
        ("Lehrstuhl Stahlbau der Universität", Kind.UNIVERSITY, set()),
        ("Muster Maschinenbau", Kind.RESEARCH, {"euroscivoc:75"}),
        ("Muster Maschinenbau e.V.", None, {"euroscivoc:75"}),
        ("Unterstützungskasse der Muster Maschinenbau GmbH", Kind.COMPANY, set()),
        ("Betriebssportgemeinschaft Stahlbau", None, set()),
    ],
)
def test_bodies_that_are_no_firm(tagger: Tagger, name: str, kind: Kind | None, expected: set[str]) -> None:
    assert {k.end for k in links_for(_entity(Label.ORGANIZATION, name, kind), tagger)} == expected


@pytest.mark.parametrize("label", [Label.PLACE, Label.TOPIC])
def test_other_entities_get_no_links(tagger: Tagger, label: Label) -> None:
    assert list(links_for(Entity("x:1", label, {"name": "Software", "label_de": "Software"}, ("e",)), tagger)) == []


def test_an_entity_without_a_name_gets_no_links(tagger: Tagger) -> None:
    assert list(links_for(Entity("x:1", Label.PROJECT, {}, ("e",)), tagger)) == []


@pytest.mark.parametrize(
    "text", ["Wasserstoff und Umwelt- und Energietechnik. " * 23_000, "a" * 1_000_000, "A-" * 500_000, "u- und " * 150_000, "Müll" * 250_000]
)
def test_a_megabyte_is_no_problem(tagger: Tagger, text: str) -> None:
    began = time.monotonic()
    tagger.tag(text, name=True)
    assert time.monotonic() - began < 100  # a guard against quadratic growth, not a measurement


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["Umwelt-", " und ", "Energietechnik", "ß", "Ü", "\u0308", "ﬁ", "İ", "Laser", "-", ", ", "handel"]), max_size=20).map("".join)
)
def test_hits_lie_in_the_text(tagger: Tagger, text: str) -> None:
    for name in (False, True):
        hits = tagger.tag(text, name=name)
        assert hits == tagger.tag(text, name=name)
        assert all(0 <= h.start < h.end <= len(text) and 0 < h.weight <= 1 for h in hits)


@pytest.mark.parametrize(
    ("word", "folded"), [("Ärger", "aerger"), ("A\u0308rger", "aerger"), ("Straße", "strasse"), ("GRÖẞE", "groesse"), ("Citroën", "citroen"), ("Café", "cafe")]
)
def test_folding(word: str, folded: str) -> None:
    assert fold(word) == folded


@pytest.mark.parametrize(
    "same",
    [
        ("batterie", "batterien", "batteries", "battery"),
        ("zelle", "zellen"),
        ("kuenstlich", "kuenstliche", "kuenstlicher", "kuenstliches"),
        ("polymer", "polymere", "polymers", "polymeren"),
    ],
)
def test_one_stem(same: tuple[str, ...]) -> None:
    assert len({stem(w) for w in same}) == 1


@pytest.mark.parametrize("other", [("muell", "mueller"), ("graphen", "graph"), ("glas", "glass"), ("gas", "gase")])
def test_two_stems(other: tuple[str, str]) -> None:
    assert stem(other[0]) != stem(other[1])


def test_plain_terms() -> None:
    assert plain_terms("-;-de;Sensor-;=Solar;~Klima;+photonics;Stent") == ["Sensor", "Solar", "Klima", "photonics", "Stent"]


def test_a_missing_or_broken_table_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="euroscivoc_de"):
        Tagger.load(tmp_path)
    (tmp_path / "euroscivoc_de.tsv").write_text("code\tlabel_en\tlabel_de\tterms\n1\tx\n", encoding="utf-8")
    with pytest.raises(FileError, match="4 columns"):
        Tagger.load(tmp_path)
