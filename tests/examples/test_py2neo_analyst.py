"""The analyst's script with py2neo runs against both engines, with the reader's rights where there are any."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from graph import engine
from graph.querybook import load_book
from graph.settings import Settings
from graph.store import Store

pytest.importorskip("py2neo", reason="MISSING py2neo: the example for analysts is not run; pip install py2neo pandas")

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "py2neo_analyst.py"

NODES = {
    "Place": [{"id": "place:05119", "name": "Oberhausen"}],
    "Project": [{"id": "p:1", "title": "Eins", "start": "2018-01-01"}, {"id": "p:2", "title": "Zwei", "start": "2020"}],
    "Topic": [{"id": "t:1", "label_de": "Wasserstoff"}],
}
ORGANIZATIONS = {
    "Company": [{"id": "x:1", "name": "Alpha GmbH", "city": "Oberhausen", "partners": 1}],
    "ResearchInstitute": [{"id": "x:2", "name": "Institut U", "city": "Oberhausen", "partners": 2}],
}
EDGES = {
    "Organization,LOCATED_IN,Place": [("x:1", "place:05119"), ("x:2", "place:05119")],
    "Organization,PARTICIPATES_IN,Project": [("x:1", "p:1"), ("x:2", "p:1"), ("x:2", "p:2")],
    "Project,ABOUT,Topic": [("p:1", "t:1"), ("p:2", "t:1")],
}
PRINTED = """\
place:05119: 2 organisations
      2 partners  Institut U
      1 partners  Alpha GmbH
Research institutes in Oberhausen: Institut U
year         2018  2020
topic                  
Wasserstoff     2     1
"""  # noqa: W291 - as pandas prints it


def login(settings: Settings) -> dict[str, str]:
    if not settings.embedded:
        return {"NEO4J_URI": settings.neo4j_uri, "NEO4J_USERNAME": settings.neo4j_username, "NEO4J_PASSWORD": settings.neo4j_password}
    address = engine.ensure(settings)
    return {"NEO4J_URI": address.uri, "NEO4J_USERNAME": address.reader_user, "NEO4J_PASSWORD": address.reader_password}


def test_the_script_prints_rows_nodes_and_a_table(store_settings: Settings, store: Store) -> None:
    book = load_book()
    for label, rows in NODES.items():
        store.write(book[f"write_nodes[{label}]"], rows)
    for kind, rows in ORGANIZATIONS.items():
        store.write(book[f"write_organizations[{kind}]"], rows)
    for group, pairs in EDGES.items():
        store.write(book[f"create_edges[{group}]"], [{"a": a, "b": b, "props": {"confidence": 1.0}} for a, b in pairs])
    done = subprocess.run([sys.executable, str(SCRIPT)], env={**os.environ, **login(store_settings)}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == PRINTED
