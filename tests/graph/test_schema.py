"""Constraints, indexes, types: made once, checked, and what they must make possible on both engines."""

from __future__ import annotations

import pytest

from graph import schema
from graph.errors import InnonetError, QueryError
from graph.model import LINKS, Kind, Label
from graph.querybook import Param, Query
from graph.store import Store, _writer

ROWS = (Param("rows", "rows"),)


def put(label: str) -> Query:
    text = f"UNWIND $rows AS r MERGE (n:{label} {{id: r.id}}) SET n:Organization SET n.name = r.name"
    return Query(f"put_{label}", text, "", "", write=True, params=ROWS)


def test_made_again_it_changes_nothing(store: Store) -> None:
    assert store.check() == []
    store.apply_schema()
    assert store.check() == []


def test_names_of_labels_and_links_differ() -> None:
    """ArcadeDB keeps them in one namespace."""
    names = [*Label, *Kind, *LINKS]
    assert len({n.lower() for n in names}) == len(names)


def test_what_is_missing_is_named(store: Store) -> None:
    with _writer(store._access).session("WRITE") as session:
        session.run("DROP CONSTRAINT topic_id" if store.engine == "neo4j" else "DROP INDEX topic_scheme").consume()
    try:
        problems = store.check()
        assert len(problems) == 1
        assert "Topic" in problems[0].de
        assert "Topic" in problems[0].en
    finally:
        store.apply_schema()
    assert store.check() == []


@pytest.mark.parametrize("label", [label.value for label in Label])
def test_an_id_is_unique(store: Store, label: str) -> None:
    create = Query("twice", f"UNWIND $rows AS r CREATE (n:{label} {{id: r.id}})", "", "", write=True, params=ROWS)
    store.write(create, [{"id": "a"}])
    with pytest.raises((QueryError, InnonetError)):
        store.write(create, [{"id": "a"}])
    assert store.read(Query("count", f"MATCH (n:{label}) RETURN count(n) AS n", "", "")) == [{"n": 1}]


@pytest.mark.parametrize("kind", [k.value for k in Kind])
def test_a_kind_is_an_organization(store: Store, kind: str) -> None:
    store.write(put(kind), [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}])
    store.write(put(kind), [{"id": "a", "name": "A2"}])
    found = store.read(Query("all", "MATCH (n:Organization) RETURN labels(n) AS labels, n.name AS name ORDER BY n.id", "", ""))
    assert [(sorted(r["labels"]), r["name"]) for r in found] == [(sorted([kind, "Organization"]), "A2"), (sorted([kind, "Organization"]), "B")]


def test_an_empty_graph_answers_every_label_and_link(store: Store) -> None:
    for name in LINKS:
        assert store.read(Query("link", f"MATCH (a)-[r:{name}]->(b) RETURN a", "", "")) == []
    for label in [*Label, *Kind]:
        assert store.read(Query("label", f"MATCH (n:{label.value}) RETURN n", "", "")) == []


EDGES = Query(
    "edges",
    """UNWIND $rows AS r MATCH (a:Organization {id: r.a}) MATCH (b:Organization {id: r.b}) MERGE (a)-[e:COOPERATES_WITH]->(b) SET e.confidence = r.c""",
    "",
    "",
    write=True,
    params=ROWS,
)


@pytest.mark.parametrize(
    ("before", "after"),
    [("Company", "University"), ("Company", None), (None, "Company"), ("PublicBody", "Association"), ("Company", "Company")],
)
def test_a_changed_kind_keeps_edges_and_properties(store: Store, before: str | None, after: str | None) -> None:
    store.write(put(before or "Organization"), [{"id": "a", "name": "A"}])
    store.write(put("Company"), [{"id": "b", "name": "B"}, {"id": "c", "name": "C"}])
    store.write(EDGES, [{"a": "a", "b": "b", "c": 0.5}, {"a": "c", "b": "a", "c": 0.25}])
    # All labels off, then the right ones on.  REMOVE n:Company SET n:University alone breaks ArcadeDB's unique index, which
    # sees the old and the new record in one transaction.
    kinds = "".join(f":{k.value}" for k in Kind)
    change = f"REMOVE n{kinds}:Organization SET n:{after} SET n:Organization" if after else f"REMOVE n{kinds}"
    relabel = Query("relabel", f"UNWIND $rows AS r MATCH (n:Organization {{id: r.id}}) {change}", "", "", write=True, params=ROWS)
    store.write(relabel, [{"id": "a"}])
    (node,) = store.read(Query("node", "MATCH (n {id: 'a'}) RETURN labels(n) AS labels, n.name AS name", "", ""))
    assert (sorted(node["labels"]), node["name"]) == (sorted({"Organization", after or "Organization"}), "A")
    edges = store.read(Query("edges", "MATCH (x)-[e:COOPERATES_WITH]->(y) RETURN x.id AS x, e.confidence AS c, y.id AS y ORDER BY x", "", ""))
    assert edges == [{"x": "a", "c": 0.5, "y": "b"}, {"x": "c", "c": 0.25, "y": "a"}]
    # found through the index of the new label, and still one node only
    label = after or "Organization"
    assert store.read(Query("by_label", f"MATCH (n:{label} {{id: 'a'}}) RETURN count(n) AS n", "", "")) == [{"n": 1}]
    store.write(put(label), [{"id": "a", "name": "A2"}])
    assert store.read(Query("count", "MATCH (n:Organization {id: 'a'}) RETURN n.name AS name", "", "")) == [{"name": "A2"}]


def test_problems_say_what_and_how() -> None:
    assert schema.missing_items("neo4j", []) != []
    assert len(schema.missing_items("arcadedb", [])) == len(schema.items("arcadedb"))
    assert len(schema.missing_types({})) == len(Label) + len(Kind) + len(LINKS)
    assert len(schema.missing_types({"Company": []})) == len(Label) + len(Kind) + len(LINKS)
