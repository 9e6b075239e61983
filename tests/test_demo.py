"""The demo: loads once, is worth looking at for Oberhausen, and holds no persons."""

import json

from graph.city import City
from graph.derived import open_derived
from graph.model import Label
from graph.reader import Reader
from graph.store import open_store
from graph.suggest import suggest
from ingest import demo, load
from ingest.persons import is_person
from web import create_app

OBERHAUSEN = ("cordis:org:937523334", "ror:00nj8ry09", "cordis:org:937394130", "efre-nrw:org:631a81feddc8d4a2")


def test_a_second_time_everything_is_there(demo_home):
    with open_store(demo_home, write=True) as store:
        said = [line.de for line in demo.load_demo(demo_home, store, lambda _what, _done, _all: None)]
    assert said == ["Die Demo-Daten sind geladen."]


def test_the_graph_is_what_the_claims_make(demo_home):
    with open_store(demo_home, write=True) as store:
        assert load.check(demo_home, store) == []


def test_the_terminal_shows_suggestions(demo_home):
    with open_store(demo_home) as store:
        lines = list(demo.show(demo_home, store))
    assert len(lines) == 4
    assert "STOAG" in lines[0].de
    assert "gemeinsame Partner" in lines[1].de
    assert "shared partners" in lines[1].en


def test_ten_suggestions_with_proof_for_organisations_of_oberhausen(demo_home):
    derived = open_derived(demo_home.home / "derived")
    shown: set[str] = set()
    for id_ in OBERHAUSEN:
        answer = suggest(derived, id_)
        assert len(answer.suggestions) == 10, id_
        for s in answer.suggestions:
            assert s.reasons
            for reason in s.reasons:
                for item in reason.items:
                    if reason.feature in ("shared_partner", "topic"):
                        assert item["evidence"], (id_, s.name, reason.feature, item)
                    shown.update(item["evidence"])
    with open_store(demo_home) as store:
        assert {e.id for e in Reader(store).evidences(sorted(shown), limit=len(shown))} == shown


def test_the_city_shows_hidden_firms_with_a_way_on(demo_home):
    app = create_app(demo_home)
    app.testing = True
    text = app.test_client().get("/de/stadt/place:05119").get_data(as_text=True)
    hidden = City(open_derived(demo_home.home / "derived"), "place:05119").hidden()
    assert hidden
    assert all(h.projects or h.cooperations or h.topics for h in hidden)
    for h in hidden[:3]:
        assert f"/de/vorschlaege/{h.organization.id}" in text
    app.extensions["innonet"].forget()


def test_the_main_organisations_are_one_node_across_registries(demo_home):
    derived = open_derived(demo_home.home / "derived")
    for record in ("cordis:org:999984059", "efre-nrw:org:5f0cfc9942518c13"):
        assert derived.index(record) is None
    with open_store(demo_home) as store:
        rows = store.ask("MATCH (a:Alias)-[:IDENTIFIES]->(o:Organization {id: 'ror:05hkkdn48'}) RETURN a.id AS id ORDER BY id", {}).dicts()
    assert {"cordis:org:999984059", "efre-nrw:org:5f0cfc9942518c13"} <= {r["id"] for r in rows}


def test_no_person_is_an_organisation(demo_home):
    derived = open_derived(demo_home.home / "derived")
    # ROR lists organisations only, some of which are called after a person
    ids = [i for i in (derived.id_of(Label.ORGANIZATION, k) for k in range(len(derived))) if not i.startswith("ror:")]
    assert len(ids) > 5000
    assert [i for i in ids if is_person(derived.name_of(Label.ORGANIZATION, derived.index(i)) or "")] == []


def test_every_folder_has_a_release_and_is_in_the_manifest():
    manifest = json.loads((demo.FOLDER / "manifest.json").read_text(encoding="utf-8"))
    listed = {e["path"] for e in manifest}
    for folder in (p for p in demo.FOLDER.iterdir() if p.is_dir()):
        assert (folder / "release.json").exists()
        assert folder.name in listed
    assert sum(p.stat().st_size for p in demo.FOLDER.rglob("*") if p.is_file()) < 8_000_000
