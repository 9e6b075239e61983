"""What `innonet export` writes about a small network: whole, readable by others, with licences, or nothing at all."""

from __future__ import annotations

import csv
import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))

import small_network as n

import innonet
from graph.derived import open_derived
from graph.errors import UsageError
from graph.export import files
from graph.export.csv_files import CsvFiles, Neo4jFiles
from graph.export.files import export
from graph.export.jsonld import _WAYS, address_at, node_object
from graph.export.records import LABELS, Edge, Node, edge_columns
from graph.export.stream import GraphChangedError, Part, items, place_part
from graph.model import EDGE_PROPS, LINKS, Label
from graph.settings import Settings
from graph.store import Store, open_store
from web.addresses import ENDPOINTS
from web.pages import ADDRESSES

BASE = "https://netz.example"
ALL = Part()
csv.field_size_limit(1 << 24)


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def loaded(request: pytest.FixtureRequest, engines: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Store]]:
    """The small network, loaded once an engine."""
    settings = engines.settings(request.param)
    settings = replace(settings, home=settings.home if settings.embedded else tmp_path_factory.mktemp("home"))
    with open_store(settings, write=True) as store:
        store.apply_schema()
        assert store._access.writer is not None
        with store._access.writer.session("WRITE") as session:
            session.run("MATCH (n) DETACH DELETE n").consume()
        n.fill(settings, store)
        yield settings, store


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def split(store: Store, part: Part = ALL) -> tuple[list[Node], list[Edge]]:
    found = list(items(store, part))
    return [x for x in found if isinstance(x, Node)], [x for x in found if isinstance(x, Edge)]


def test_all_forms_hold_every_node_and_edge(loaded: tuple[Settings, Store], tmp_path: Path) -> None:
    _, store = loaded
    nodes, edges = split(store)
    ids = sorted((x.label, x.id) for x in nodes)
    assert {label for label, _ in ids} == set(LABELS)
    for form in files.FORMATS:
        done = export(store, form, tmp_path / form, ALL, base=BASE)
        assert (done.nodes, done.edges) == (len(nodes), len(edges)), form
        assert {s.id for s in done.sources} == {"cordis", "efre-nrw", "geonames", "text"}, form
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]

    lines = [json.loads(x) for x in (tmp_path / "jsonl" / "innonet.jsonl").read_text(encoding="utf-8").splitlines()]
    whole = json.loads((tmp_path / "json" / "innonet.json").read_text(encoding="utf-8"))
    assert [x for x in lines if x["type"] != "licence"] == whole["graph"]
    assert sorted((x["label"], x["id"]) for x in lines if x["type"] == "node") == ids
    assert all(x["licence"] for x in whole["licences"])
    names = {x["id"]: x["properties"].get("name") for x in lines if x["type"] == "node"}
    assert (names[n.SCRIPT], names[n.RIGHT_TO_LEFT]) == (n.SCRIPT_NAME, n.RTL_NAME)

    graph = nx.read_graphml(tmp_path / "graphml" / "innonet.graphml", force_multigraph=True)
    assert (len(graph), graph.number_of_edges()) == (len(nodes), len(edges))
    assert graph.nodes[f"Organization/{n.SCRIPT}"]["name"] == n.SCRIPT_NAME
    assert graph.nodes[f"Organization/{n.RIGHT_TO_LEFT}"]["name"] == n.RTL_NAME
    assert "cordis" in graph.graph["licence"]

    for form, id_column in (("csv", "id"), ("neo4j", "id:ID(Organization)")):
        rows = rows_of(tmp_path / form / "nodes_Organization.csv")
        assert sorted(r[id_column] for r in rows) == [i for label, i in ids if label == "Organization"]
        there = sum(1 for p in (tmp_path / form).glob("edges_*.csv") for _ in rows_of(p))
        assert there == len(edges)
        licences = rows_of(tmp_path / form / files.LICENCES)
        assert [r["id"] for r in licences] == ["cordis", "efre-nrw", "geonames", "text"]
    readme = (tmp_path / "neo4j" / files.README).read_text(encoding="utf-8")
    assert "--nodes=nodes_Organization.csv" in readme
    assert "--relationships=edges_PARTICIPATES_IN_Organization_Project.csv" in readme


def test_linked_data_names_addresses_and_what_it_was_derived_from(loaded: tuple[Settings, Store], tmp_path: Path) -> None:
    _, store = loaded
    export(store, "jsonld", tmp_path / "out", ALL, base=BASE)
    text = json.loads((tmp_path / "out" / "innonet.jsonld").read_text(encoding="utf-8"))
    assert text["@context"]["@vocab"] == "https://schema.org/"
    merged: dict[str, list[dict[str, Any]]] = {}
    for thing in text["@graph"]:
        assert thing["@id"].startswith(BASE + "/de/")
        merged.setdefault(thing["@id"], []).append(thing)
    own = merged[f"{BASE}/de/organisation/{n.CENTRE}"][0]
    assert (own["@type"], own["name"], own["url"]) == ("Corporation", "Wasserstofftechnik Ruhr GmbH", "https://www.beispiel.invalid/")
    project = merged[f"{BASE}/de/projekt/{n.TITLED}"]
    assert project[0]["@type"] == "ResearchProject"
    assert project[0]["sameAs"] == ["https://cordis.europa.eu/project/id/1"]
    role = next(x["member"] for x in project if x.get("member", {}).get("member") == {"@id": own["@id"]})
    proof = merged[role["prov:wasDerivedFrom"][0]][0]
    assert "Quotation" in proof["@type"]
    source = merged[proof["prov:hadPrimarySource"]][0]
    assert source["license"]
    assert "url" not in merged[f"{BASE}/de/organisation/{n.SCRIPT}"][0]  # its website is a script
    assert n.OLD_PROJECT_ID in [x.get("identifier") for x in project]
    topic = merged[f"{BASE}/de/thema/{n.TOPIC}"][0]
    assert {"@value": "Wasserstoffenergie", "@language": "de"} in topic["skos:prefLabel"]


def test_ids_are_the_addresses_of_the_pages() -> None:
    for label, way in _WAYS.items():
        assert ADDRESSES[ENDPOINTS[label].removeprefix("pages.")][0] == f"/de/{way}/<path:id>"
    assert address_at(BASE + "/")(Label.TOPIC, "a b") == f"{BASE}/de/thema/a%20b"
    assert address_at("")(Label.SOURCE, "x") == "urn:innonet:source:x"
    assert node_object(Node(Label.PLACE, "p"), address_at("")) == {"@id": "urn:innonet:place:p", "@type": "AdministrativeArea", "identifier": ["p"]}


def test_every_property_of_an_edge_has_a_column() -> None:
    for name, link in LINKS.items():
        assert set(edge_columns(name)) == link.props | EDGE_PROPS


def test_a_place_with_all_that_belongs_to_it(loaded: tuple[Settings, Store]) -> None:
    settings, store = loaded
    d = open_derived(settings.home / "derived")
    nodes, edges = split(store, place_part(d, "place:05119"))
    every, _ = split(store)
    ids = {(x.label, x.id) for x in nodes}
    assert {(Label.ORGANIZATION, n.CENTRE), (Label.PROJECT, n.TITLED), (Label.TOPIC, n.TOPIC), (Label.PLACE, n.NRW), (Label.EVIDENCE, n.EVIDENCE)} <= ids
    assert len(ids) < len(every)
    assert all({(e.start_label, e.start), (e.end_label, e.end)} <= ids for e in edges)
    assert {e for x in (*nodes, *edges) for e in x.props.get("evidence") or ()} <= {i for label, i in ids if label is Label.EVIDENCE}
    assert split(store, place_part(d, "nowhere")) == ([], [])
    d.close()


def test_only_some_labels(loaded: tuple[Settings, Store], tmp_path: Path) -> None:
    _, store = loaded
    done = export(store, "csv", tmp_path / "some.zip", Part((Label.ORGANIZATION, Label.PROJECT)))
    with zipfile.ZipFile(done.path) as z:
        assert {x for x in z.namelist() if x.startswith("nodes_")} == {"nodes_Organization.csv", "nodes_Project.csv"}
        assert files.README in z.namelist()


def test_nothing_half_written_when_the_graph_changes(loaded: tuple[Settings, Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, store = loaded
    out = tmp_path / "out"
    export(store, "jsonl", out, ALL)
    before = (out / "innonet.jsonl").read_bytes()
    assert store._access.writer is not None
    account = store._access.writer

    def version(change: str) -> None:
        with account.session("WRITE") as session:
            session.run(f"MATCH (m:Meta {{id: 'meta'}}) SET m.version = {change}").consume()

    monkeypatch.setattr(files, "_STEP", 100)
    done = []

    def load(_what: str, _n: int, _all: int) -> None:
        if not done:
            done.append(1)
            version("m.version + '-next'")

    try:
        with pytest.raises(GraphChangedError):
            export(store, "jsonl", out, ALL, replace=True, progress=load)
    finally:
        version("replace(m.version, '-next', '')")
    assert (out / "innonet.jsonl").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_what_is_there_is_replaced_only_if_wanted_and_ours(loaded: tuple[Settings, Store], tmp_path: Path) -> None:
    _, store = loaded
    ours, other = tmp_path / "ours", tmp_path / "other"
    some = Part((Label.TOPIC,))
    export(store, "jsonl", ours, some)
    with pytest.raises(UsageError):
        export(store, "csv", ours, some)
    export(store, "csv", ours, some, replace=True)
    assert not (ours / "innonet.jsonl").exists()
    other.mkdir()
    (other / "letter.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(UsageError):
        export(store, "csv", other, some, replace=True)
    assert (other / "letter.txt").exists()


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x.invalid")', "+1", "@SUM(A1)", "\u202e=1+1", "-2", "\uff1d1"])
def test_cells_are_neutral_for_people_and_exact_for_neo4j(tmp_path: Path, name: str) -> None:
    found = {}
    for kind in (CsvFiles, Neo4jFiles):
        folder = tmp_path / kind.__name__
        folder.mkdir()
        writer = kind(folder)
        writer.node(Node(Label.PLACE, "p", props={"name": name}))
        writer.close(())
        found[kind] = next(v for k, v in rows_of(folder / "nodes_Place.csv")[0].items() if k.startswith("name"))
    assert (found[CsvFiles], found[Neo4jFiles]) == (f"'{name}", name)


def test_the_command(loaded: tuple[Settings, Store], tmp_path: Path) -> None:
    settings, _ = loaded
    if not settings.embedded:
        pytest.skip("one engine is enough for the command's words")
    env = {"INNONET_HOME": str(settings.home), "INNONET_LANGUAGE": "en", "NEO4J_URI": None, "INNONET_ENGINE_MEMORY": settings.engine_memory}

    def run(*words: str) -> Any:
        return CliRunner().invoke(innonet.main, ["export", *words], env=env)

    out = tmp_path / "o.zip"
    done = run("--format", "graphml", "--place", "Oberhausen", "--out", str(out))
    assert (done.exit_code, done.stdout) == (0, f"{out}\n"), done.output
    assert "sources: cordis" in done.stderr
    for words, said in (
        (("--out", str(out)), "there already"),
        (("--label", "Person"), "Organization"),
        (("--place", "Nirgendwo"), "Nirgendwo"),
        (("--base", "javascript:1"), "https://"),
    ):
        done = run(*words)
        assert (done.exit_code, said in done.stderr) == (2, True), done.output
