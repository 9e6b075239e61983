"""Derived files: one feed or another, any order, give the same bytes; publishing never shows half of a version."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_graph

from graph.derive import Feed, build, feed_from_store
from graph.derived import COORDINATOR, DISSOLVED, NAMED, Derived, DerivedCache, DerivedMissing, current_version, open_derived
from graph.model import LINKS, Kind, Label
from graph.querybook import Param, Query
from graph.settings import Settings
from graph.store import Store


@pytest.fixture
def derived(tmp_path: Path) -> Derived:
    return Derived(build(tmp_path / "derived", "1", small_graph.feed()))


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def row(d: Derived, id_: str) -> int:
    i = d.index(id_)
    assert i is not None
    return i


def test_projection(derived: Derived) -> None:
    d = derived
    umsicht, uni, pumpen = row(d, "ror:umsicht"), row(d, "x:uni"), row(d, "x:pumpen")
    assert [d.id_of(Label.PROJECT, p) for p in d.org_project.row(umsicht).tolist()] == ["cordis:grant:101000001", "cordis:grant:101000002"]
    assert d.org_project.values(umsicht).tolist() == [COORDINATOR, 0]
    assert {d.ids[i]: int(n) for i, n in zip(d.partners.row(uni).tolist(), d.partners.values(uni), strict=True)} == {
        "ror:umsicht": 1,
        "x:pumpen": 1,
        "x:hrw": 1,
        "x:stahl": 1,
        "x:gone": 1,
        "x:nameless": 1,
    }
    assert d.coop.row(row(d, "x:stahl")).tolist() == [umsicht]
    assert d.group[umsicht] == d.group[row(d, "ror:fhg")] != d.group[uni]
    assert d.kind_of(umsicht) is Kind.RESEARCH
    assert d.kind_of(row(d, "x:lost")) is None
    assert d.flags[row(d, "x:gone")] == NAMED | DISSOLVED
    assert d.flags[row(d, "x:nameless")] == 0
    assert d.lat[pumpen] == pytest.approx(51.47)  # from its place
    assert np.isnan(d.lat[row(d, "x:lost")])
    oberhausen = d.index("place:05119", Label.PLACE)
    assert d.place[pumpen] == oberhausen
    assert oberhausen in d.place_parts.row(d.index("place:DE", Label.PLACE) or 0)
    assert str(np.datetime64(int(d.start[d.index("x:p4", Label.PROJECT) or 0]), "D")) == "2018-03-01"
    assert d.start[d.index("x:p5", Label.PROJECT) or 0] == -1


@pytest.mark.parametrize("id_", ["", "x:unknown", "\ud800", "cordis:grant:101000001"])
def test_index_of_no_organisation(derived: Derived, id_: str) -> None:
    assert derived.index(id_) is None


def test_any_order_gives_the_same_bytes(tmp_path: Path, derived: Derived) -> None:
    for seed in (1, 2):
        again = build(tmp_path / f"order{seed}", "1", small_graph.feed(seed))
        assert files(again) == files(derived.folder)


def test_a_store_gives_the_same_bytes_as_memory(store: Store, tmp_path: Path) -> None:
    fill(store)
    from_store = build(tmp_path / "a", "1", feed_from_store(store))
    assert files(from_store) == files(build(tmp_path / "b", "1", small_graph.feed()))


def fill(store: Store) -> None:
    """Write the small network with Cypher of our own: what the loader does is its own test's business."""
    for kind in {k for _, _, k in small_graph.ORGANIZATIONS}:
        rows: list[dict[str, Any]] = [{"id": i, "props": p} for i, p, k in small_graph.ORGANIZATIONS if k is kind]
        run(store, f"UNWIND $rows AS r MERGE (n:{kind.value if kind else 'Organization'} {{id: r.id}}) SET n:Organization SET n += r.props", rows)
    for label, nodes in (("Project", small_graph.PROJECTS), ("Topic", small_graph.TOPICS), ("Place", small_graph.PLACES)):
        run(store, f"UNWIND $rows AS r MERGE (n:{label} {{id: r.id}}) SET n += r.props", [{"id": i, "props": p} for i, p in nodes])
    for type_, edges in small_graph.EDGES.items():
        start, end = LINKS[type_].pairs[0]
        rows = [{"a": a, "b": b, "p": p} for a, b, p in edges]
        run(store, f"UNWIND $rows AS r MATCH (a:{start} {{id: r.a}}) MATCH (b:{end} {{id: r.b}}) MERGE (a)-[e:{type_}]->(b) SET e += r.p", rows)
    for alias, id_ in small_graph.ALIASES:
        label = "Project" if "grant" in id_ else "Organization"
        run(store, f"UNWIND $rows AS r MATCH (n:{label} {{id: r.id}}) MERGE (a:Alias {{id: r.a}}) MERGE (a)-[:IDENTIFIES]->(n)", [{"id": id_, "a": alias}])


def run(store: Store, cypher: str, rows: list[dict[str, Any]]) -> None:
    store.write(Query("test", cypher, "", "", write=True, params=(Param("rows", "rows"),)), rows)


def test_works_on_is_computed_where_the_feed_has_none(tmp_path: Path) -> None:
    feed = small_graph.feed()
    d = Derived(build(tmp_path, "1", replace(feed, edges={t: e for t, e in feed.edges.items() if t != "WORKS_ON"})))
    uni = row(d, "x:uni")
    assert {d.id_of(Label.TOPIC, t): round(float(w), 2) for t, w in zip(d.org_topic.row(uni).tolist(), d.org_topic.values(uni), strict=True)} == {
        "t:h2": 0.67,
        "t:pumps": 0.33,
        "t:steel": 0.33,
    }


def test_an_empty_graph(tmp_path: Path) -> None:
    d = Derived(build(tmp_path, "0", Feed()))
    assert len(d) == 0
    assert d.index("x") is None


def test_links_to_nowhere_are_counted(tmp_path: Path) -> None:
    d = Derived(build(tmp_path, "0", Feed(organizations=[("a", {}, None)], edges={"PARTICIPATES_IN": [("a", "nowhere", {})]}, aliases=[("b", "nowhere")])))
    assert d.skipped == {"IDENTIFIES": 1, "PARTICIPATES_IN": 1}


def test_a_node_twice_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Organization twice"):
        build(tmp_path, "0", Feed(organizations=[("a", {}, None), ("a", {}, None)]))
    assert [p.name for p in tmp_path.iterdir()] == []


@pytest.mark.parametrize("version", ["", "..", "a/b", ".hidden"])
def test_a_version_is_a_plain_name(tmp_path: Path, version: str) -> None:
    with pytest.raises(ValueError, match="folder"):
        build(tmp_path, version, Feed())


def test_the_newest_two_stay(tmp_path: Path) -> None:
    for version in ("9", "10", "11", "11"):
        build(tmp_path, version, Feed())
        assert current_version(tmp_path) == version
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == ["10", "11"]


def test_what_a_killed_build_left_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / "3.tmp-999999999-1").mkdir(parents=True)
    build(tmp_path, "4", Feed())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["4", "current", "lock"]


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(DerivedMissing, match="no derived files"):
        open_derived(tmp_path)
    with pytest.raises(DerivedMissing):
        DerivedCache(Settings(home=tmp_path)).current()


def test_who_began_with_a_version_keeps_it(tmp_path: Path) -> None:
    cache = DerivedCache(Settings(home=tmp_path), interval=0)
    build(tmp_path / "derived", "1", small_graph.feed())
    first = cache.current()
    assert cache.current() is first
    build(tmp_path / "derived", "2", Feed())
    second = cache.current()
    assert (first.version, len(first)) == ("1", len(small_graph.ORGANIZATIONS))
    assert (second.version, len(second)) == ("2", 0)
    assert first.connection().execute("SELECT count(*) FROM name").fetchone()[0] > 0


def test_many_threads_while_versions_change(tmp_path: Path) -> None:
    build(tmp_path / "derived", "0", small_graph.feed())
    cache = DerivedCache(Settings(home=tmp_path), interval=0)
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            d = cache.current()
            if d.index("ror:umsicht") is None or len(d.names) != d.nodes:
                wrong.append(d.version)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for t in threads:
        t.start()
    for version in range(1, 6):
        build(tmp_path / "derived", str(version), small_graph.feed(version))
    done.set()
    for t in threads:
        t.join()
    assert wrong == []
    assert cache.current().version == "5"


def test_a_host_without_files_builds_them_from_the_graph(store: Store, store_settings: Settings, tmp_path: Path) -> None:
    fill(store)
    run(store, "UNWIND $rows AS r MERGE (m:Meta {id: 'meta'}) SET m += r", [{"version": "7", "state": "ready"}])
    cache = DerivedCache(replace(store_settings, home=tmp_path), store, interval=0, patience=0)
    assert cache.current().version == "7"
    assert len(cache.current()) == len(small_graph.ORGANIZATIONS)
    run(store, "UNWIND $rows AS r MERGE (m:Meta {id: 'meta'}) SET m += r", [{"version": "8", "state": "ready"}])
    assert cache.current().version == "7"  # starts building beside
    assert cache._builder is not None
    cache._builder.join()
    assert cache.current().version == "8"
