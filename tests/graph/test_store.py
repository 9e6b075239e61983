"""Store: the same behaviour on both engines."""

from __future__ import annotations

from graph.store import Store


def test_reads(store: Store) -> None:
    assert store.ask("RETURN 1 AS x").dicts() == [{"x": 1}]
    assert store.check() == []
