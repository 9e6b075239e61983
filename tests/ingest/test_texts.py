"""From texts to the graph: what is stored, with which sentence, what leaves with a text, and that neither order nor workers matter."""

import gzip
import json
from pathlib import Path

import pytest

from graph.model import Label
from graph.settings import Settings
from graph.store import open_store
from ingest import claims, load
from ingest.text import documents
from ingest.text.source import HIDDEN, read_texts

REPORT = """Oberhausen. Die Stahlbau Kessler GmbH und das Fraunhofer-Institut für Umwelt-, Sicherheits- und Energietechnik UMSICHT arbeiten zusammen.

Das Vorhaben wird vom Land Nordrhein-Westfalen gefördert. «Wir messen jeden Winter», sagt Projektleiterin Dr. Martina Beispiel.

Mit der Ruhrwerk Sensorik GmbH arbeitet die Stahlbau Kessler GmbH nicht zusammen.
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def read(home: Settings, folder: Path, **more: object) -> claims.Header:
    return read_texts(home, str(folder), retrieved="2026-11-26", **more)[0]  # type: ignore[arg-type]


def lines(home: Settings) -> list[list[object]]:
    return [line for p in claims.sets(home.home) for line in claims.read_lines(p)]


def test_every_claim_names_the_sentence_that_says_it(home: Settings, tmp_path: Path) -> None:
    read(home, write(tmp_path / "texts", report=REPORT))
    proofs = {line[1]: line for line in lines(home) if line[0] == "v"}
    names = {line[4]["name"] for line in lines(home) if line[0] == "e" and line[2] == Label.ORGANIZATION}  # type: ignore[index]
    assert "Stahlbau Kessler GmbH" in names
    for line in lines(home):
        used = line[6] if line[0] == "e" else line[7] if line[0] == "l" else []
        for proof in used:  # type: ignore[attr-defined]
            where, _, span = proofs[proof][2].rpartition(":")  # type: ignore[attr-defined]
            start, end = map(int, span.split("-"))
            assert where == "report.txt"
            assert proofs[proof][3].split() == hidden(REPORT)[start:end].split()  # type: ignore[attr-defined]


def hidden(text: str) -> str:
    return text.replace("Martina Beispiel", f"{HIDDEN * 7} {HIDDEN * 8}")


def test_persons_are_stored_nowhere(home: Settings, tmp_path: Path) -> None:
    read(home, write(tmp_path / "texts", report=REPORT))
    assert "Beispiel" not in json.dumps(lines(home))
    for path in documents.folder(home.home).rglob("*.gz"):
        assert "Beispiel" not in gzip.decompress(path.read_bytes()).decode()


def test_what_is_denied_is_read_but_no_edge(store_settings: Settings, tmp_path: Path) -> None:
    read(store_settings, write(tmp_path / "texts", report=REPORT))
    with load.write_lock(store_settings), open_store(store_settings, write=True) as store:
        load.load(store_settings, store)
        found = store.ask(
            "MATCH (a:Organization)-[r:COOPERATES_WITH]-(b:Organization) WHERE a.name CONTAINS 'Kessler' RETURN b.name AS name, r.evidence AS evidence", {}
        ).dicts()
        assert not any("Sensorik" in f["name"] for f in found)
        mentioned = store.ask("MATCH (d:Document)-[:MENTIONS]->(o:Organization) RETURN d.title AS title, o.name AS name ORDER BY name", {}).dicts()
        assert {"Ruhrwerk Sensorik GmbH", "Stahlbau Kessler GmbH"} <= {m["name"] for m in mentioned}


def test_a_mention_finds_the_organisation_of_the_register(store_settings: Settings, tmp_path: Path) -> None:
    """The text leaves the legal form out; the register's record and the mention are one node, with the sentence as evidence."""
    text = "Das Institut für Beispielforschung und die Firma Musterwerk Anlagenbau bauen in Duisburg gemeinsam einen Wasserstoffspeicher."
    read(store_settings, write(tmp_path / "texts", report=text))
    load.read_claims(store_settings, "csv", Path(__file__).parents[2] / "examples" / "adressbuch.csv")
    with load.write_lock(store_settings), open_store(store_settings, write=True) as store:
        load.load(store_settings, store)
        found = store.ask(
            "MATCH (d:Document)-[r:MENTIONS]->(o:Organization) WHERE o.name STARTS WITH 'Musterwerk Anlagenbau' RETURN o.name AS name, o.sources AS sources", {}
        ).dicts()
        assert [(f["name"], f["sources"]) for f in found] == [("Musterwerk Anlagenbau GmbH", ["csv-adressbuch", "text"])]
        assert load.check(store_settings, store) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": REPORT, "b": "Die Muster Pumpen GmbH sitzt in Essen."}, {"a": REPORT}),
        ({"a": REPORT}, {"a": "Die Muster Pumpen GmbH sitzt in Essen."}),
        ({"a": "Die Muster Pumpen GmbH sitzt in Essen."}, {"a": REPORT, "b": REPORT}),
    ],
    ids=["withdrawn", "changed", "added, the same text twice"],
)
def test_a_later_state_replaces_the_one_before(home: Settings, tmp_path: Path, before: dict[str, str], after: dict[str, str]) -> None:
    read(home, write(tmp_path / "texts", **before))
    for path in (tmp_path / "texts").iterdir():
        path.unlink()
    read(home, write(tmp_path / "texts", **after))
    fresh = Settings(home=tmp_path / "fresh")
    read(fresh, tmp_path / "texts")
    assert lines(home) == lines(fresh)
    assert {p.name for p in documents.folder(home.home).rglob("*.gz")} == {p.name for p in documents.folder(fresh.home).rglob("*.gz")}


def test_a_document_that_cannot_be_read_is_named_and_the_others_go_on(home: Settings, tmp_path: Path) -> None:
    folder = write(tmp_path / "texts", report=REPORT)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    (folder / "empty.txt").write_bytes(b"")
    header = read(home, folder)
    assert header.counts["documents"] == 1
    assert {(i["code"], e["locator"]) for i in header.issues for e in i["examples"]} == {("unreadable", "broken.pdf"), ("unreadable", "empty.txt")}


def test_a_second_time_nothing_is_read_again(home: Settings, tmp_path: Path) -> None:
    folder = write(tmp_path / "texts", report=REPORT)
    assert read_texts(home, str(folder), retrieved="2026-11-26")[1]
    assert not read_texts(home, str(folder), retrieved="2026-11-26")[1]


def test_removing_takes_the_documents_along(home: Settings, tmp_path: Path) -> None:
    read(home, write(tmp_path / "texts", report=REPORT))
    load.remove(home, "text")
    assert not list(documents.folder(home.home).rglob("*.gz"))
    assert claims.sets(home.home) == []


def test_the_same_bytes_in_any_number_of_workers(home: Settings, tmp_path: Path) -> None:
    long = " ".join([REPORT] * 30)  # a batch of its own
    folder = write(tmp_path / "texts", a=long, b=REPORT, c=long.upper())
    made = []
    for workers in (1, 2):
        settings = Settings(home=tmp_path / f"home-{workers}")
        read(settings, folder, workers=workers)
        made.append([p.read_bytes() for p in claims.sets(settings.home)])
    assert made[0] == made[1]
