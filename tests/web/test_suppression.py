"""What is taken out on request: gone with its links and evidence, also under ids that join it later, until it is let back in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import small_network as n

from graph import engine
from graph.errors import UsageError
from graph.model import Evidence, Label, Link
from graph.settings import Settings
from graph.state import State
from graph.store import Store, open_store
from graph.suppression import Suppression, record_ids
from ingest import claims, load
from ingest.base import Context, Release
from ingest.resolve.decide import Outcome
from ingest.sources import cordis
from ingest.suppress import without
from web import create_app


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Store]]:
    settings = Settings(home=tmp_path_factory.mktemp("suppression"), engine_memory="512m")
    try:
        with open_store(settings, write=True) as store:
            n.fill(settings, store)
            yield settings, store
    finally:
        engine.stop(settings)


def words(store: Store) -> str:
    """Everything in the graph but the titles of texts, which are removed as sources, not as organisations."""
    return "\n".join(line for line in load.canonical_dump(store) if not line.startswith('["node","Document"'))


def test_an_organisation_is_taken_out_and_let_back_in(home: tuple[Settings, Store]) -> None:
    settings, store = home
    before = words(store)
    assert "Wasserstofftechnik Ruhr" in before
    app = create_app(settings)
    client = app.test_client()
    with State(settings.home) as state, load.write_lock(settings):
        list_ = Suppression(state)
        ids = record_ids(store, n.CENTRE)
        assert ids[0] == n.CENTRE
        list_.add(ids, why="auf Wunsch", who="test")
        with pytest.raises(UsageError):
            list_.add(ids, why="noch einmal", who="test")
        load.load(settings, store)
        out = words(store)
        assert n.CENTRE not in out
        assert "Wasserstofftechnik Ruhr" not in out  # nor in the evidence of others
        assert n.INSTITUTE in out
        assert load.check(settings, store) == []
        assert client.get(f"/de/organisation/{n.CENTRE}").status_code == 410
        assert client.get("/api/v1/search?q=Wasserstofftechnik").get_json()["items"] == []
        # a later release names it again, beside others: it stays out
        ctx = Context(cordis.META, Release("later", "2026-12-01", "later"))
        proof = Evidence("cordis:later:1", "organization.csv:1", json.dumps({"name": "Wasserstofftechnik Ruhr GmbH"}))
        again = [proof, Link(n.CENTRE, "PARTICIPATES_IN", n.TITLED, (proof.id,))]
        claims.write_set(ctx, again, claims.set_path(settings.home, "cordis", "later"), [], "test")
        load.load(settings, store)
        assert "Wasserstofftechnik Ruhr" not in words(store)
        claims.set_path(settings.home, "cordis", "later").unlink()
        assert [s.ids[0] for s in list_.standing()] == [n.CENTRE]
        list_.lift(n.CENTRE, who="test")
        with pytest.raises(UsageError):
            list_.lift(n.CENTRE, who="test")
        load.load(settings, store)
    assert words(store) == before
    assert client.get(f"/de/organisation/{n.CENTRE}").status_code == 200
    app.extensions["innonet"].forget()


@pytest.mark.parametrize("id_", ["cordis:org:unknown", n.TITLED, ""])
def test_only_an_organisation_can_be_taken_out(home: tuple[Settings, Store], id_: str) -> None:
    with pytest.raises(UsageError, match="no organisation"):
        record_ids(home[1], id_)


@pytest.mark.parametrize(
    ("suppressed", "left", "silent", "blank"),
    [
        (set(), {"a", "b", "c"}, set(), set()),
        ({"unknown"}, {"a", "b", "c"}, set(), set()),
        ({"a"}, {"c"}, {"e:a", "e:b", "l:ap"}, {"e:shared"}),  # b is one organisation with a
        ({"b"}, {"c"}, {"e:a", "e:b", "l:ap"}, {"e:shared"}),
        ({"c"}, {"a", "b"}, {"e:c"}, {"e:shared"}),
    ],
)
def test_what_is_left(suppressed: set[str], left: set[str], silent: set[str], blank: set[str]) -> None:
    def entity(id_: str, *proofs: str) -> tuple[int, list[object]]:
        return 0, ["e", id_, "Organization", None, {"name": f"Firma {id_.upper()}"}, {}, list(proofs), []]

    organizations = {"a": [entity("a", "e:a", "e:shared")], "b": [entity("b", "e:b")], "c": [entity("c", "e:c", "e:shared")]}
    entities = {Label.ORGANIZATION: organizations, Label.PROJECT: {"p": [entity("p", "e:p")]}}
    links = [(0, ["l", "a", "PARTICIPATES_IN", "p", {}, None, 1.0, ["l:ap"]]), (0, ["l", "p", "ABOUT", "t", {}, None, 1.0, ["l:pt"]])]
    found = without(entities, organizations, links, Outcome({"a": "a", "b": "a", "c": "c"}, [], [], []), suppressed)
    assert set(found.outcome.node) == set(organizations) == left
    assert (found.silent, found.blank) == (silent, blank)
    rest = {e: p["quote"] for e, p in found.evidence((e, {"quote": "words"}) for e in ("e:a", "e:shared", "l:pt"))}
    spoken = dict(found.evidence(iter([("said", {"quote": "Auch die FIRMA A war da."})])))
    assert spoken["said"]["quote"] == ("" if "a" not in left else "Auch die FIRMA A war da.")
    assert rest["l:pt"] == "words"
    assert rest["e:shared"] == ("" if blank else "words")
    assert ("e:a" in rest) == ("e:a" not in silent)


def test_reason_and_id_are_needed(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        for ids, why in (([], "x"), (["a"], " ")):
            with pytest.raises(UsageError):
                Suppression(state).add(ids, why=why, who="test")
        assert Suppression(state).ids() == frozenset()
