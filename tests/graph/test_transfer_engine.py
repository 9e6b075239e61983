"""What the transfer office asks the graph itself, on both engines, and its two commands over it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))

import small_network as n

from graph.compare import funding_of
from graph.derived import DerivedCache
from graph.errors import UsageError
from graph.gaps import Records, records_of
from graph.reader import Reader
from graph.settings import Settings
from graph.store import Store, open_store
from graph.transfer import gaps_for, untapped_for


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def loaded(request: pytest.FixtureRequest, engines: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Store]]:
    """The small network in an engine."""
    settings = engines.settings(request.param)
    settings = replace(settings, home=settings.home if settings.embedded else tmp_path_factory.mktemp("home"))
    with open_store(settings, write=True) as writing:
        writing.apply_schema()
        assert writing._access.writer is not None
        with writing._access.writer.session("WRITE") as session:
            session.run("MATCH (n) DETACH DELETE n").consume()
        n.fill(settings, writing)
    with open_store(settings) as store:
        yield settings, store


def test_what_the_graph_says(loaded: tuple[Settings, Store]) -> None:
    settings, store = loaded
    reader = Reader(store, lambda _: False)
    found = records_of(reader, [n.CENTRE, n.LONELY, "nie:dagewesen"])
    assert found == {n.CENTRE: Records(found[n.CENTRE].number, "2026-11-01"), n.LONELY: Records(1, "2026-11-01")}
    assert found[n.CENTRE].number > 2
    d = DerivedCache(settings, store).current()
    assert funding_of(d, reader, [n.CENTRE, n.INSTITUTE, n.LONELY]) == {n.CENTRE: 2001.0, n.INSTITUTE: 3001.5, n.LONELY: None}


@pytest.mark.parametrize(
    ("who", "options", "ids", "without"),
    [
        ("Oberhausen", {"only": ["single"]}, {n.LONELY}, {n.CENTRE}),
        (n.OBERHAUSEN, {"only": ["single"]}, {n.LONELY}, {n.CENTRE}),
        ("Institut für Energiespeicher Oberhausen", {}, {n.BRANCH, n.INSTITUTE}, {n.NEIGHBOUR}),
        (n.INSTITUTE, {"partners": True, "only": ["topic"]}, {n.NEIGHBOUR}, {n.INSTITUTE}),
    ],
)
def test_command_gaps(loaded: tuple[Settings, Store], who: str, options: dict[str, Any], ids: set[str], without: set[str]) -> None:
    found = {r["id"] for r in gaps_for(*loaded, who, **options).rows}
    assert ids <= found
    assert not without & found


def test_command_untapped(loaded: tuple[Settings, Store]) -> None:
    answer = untapped_for(*loaded, n.SCRIPT, kinds=["Company"], top=3, language="en")
    assert [r["topics"] for r in answer.rows] == [["hydrogen energy"]] * 3
    assert answer.notes[0].startswith("3 of ")
    assert set(answer.rows[0]) == set(answer.columns)
    with pytest.raises(UsageError):
        gaps_for(*loaded, n.CENTRE, only=["unsinn"])
    with pytest.raises(UsageError):
        untapped_for(*loaded, "Gibtesbestimmtnicht")
