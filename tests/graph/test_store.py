"""Store: the same behaviour on both engines; opening what cannot be opened."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graph.errors import EngineUnreachable, InnonetError, QueryError
from graph.querybook import Param, Query, QueryBookError
from graph.settings import Settings
from graph.store import BATCH, Store, open_store

ROWS = (Param("rows", "rows"),)
PUT = Query("put_companies", "UNWIND $rows AS r MERGE (n:Company {id: r.id}) SET n:Organization SET n += r.props", "", "", write=True, params=ROWS)
JOIN = Query(
    "join_companies",
    "UNWIND $rows AS r MATCH (a:Organization {id: r.a}) MATCH (b:Organization {id: r.b}) MERGE (a)-[e:PART_OF]->(b) SET e.confidence = r.c",
    "",
    "",
    write=True,
    params=ROWS,
)
BROKEN = Query("broken_write", "UNWIND $rows AS r MERGE (n:Project {id: r.id}) SET n.title = r.title, n.start = date(r.title)", "", "", write=True, params=ROWS)
COUNT = Query("count_organizations", "MATCH (n:Organization) RETURN count(n) AS n", "", "")
ONE = Query("one", "MATCH (n:Organization {id: $id}) RETURN n.id AS id, n.name AS name", "", "", params=(Param("id", "string"),))


def companies(start: int, end: int) -> list[dict[str, Any]]:
    return [{"id": f"o{i}", "props": {"name": f"Firma {i}"}} for i in range(start, end)]


def test_writes_reads_and_writes_again(store: Store) -> None:
    store.write(PUT, companies(0, 10))
    store.write(PUT, companies(5, BATCH + 20))  # more than one batch
    assert store.read(COUNT) == [{"n": BATCH + 20}]
    assert store.read(ONE, id="o7") == [{"id": "o7", "name": "Firma 7"}]
    assert store.read(ONE, id="no such") == []
    store.write(PUT, [])
    assert store.read(COUNT) == [{"n": BATCH + 20}]


def test_several_writes_are_one_transaction(store: Store) -> None:
    store.write_many([(PUT, companies(0, 3)), (JOIN, [{"a": "o0", "b": "o1", "c": 1.0}])])
    with pytest.raises(QueryError) as caught:
        store.write_many([(PUT, companies(3, 6)), (BROKEN, [{"id": "p", "title": "no date"}])])
    assert "broken_write" in caught.value.en
    assert "broken_write" in caught.value.de
    assert store.read(COUNT) == [{"n": 3}]


def test_values_become_plain(store: Store) -> None:
    store.write_many([(PUT, companies(0, 2)), (JOIN, [{"a": "o0", "b": "o1", "c": 0.5}])])
    text = """
        MATCH p = (a:Company {id: 'o0'})-[e:PART_OF]->(b)
        RETURN a, e, p, [a, 1] AS mixed, {k: b} AS map, date('2020-02-03') AS day, datetime('2020-02-03T04:05:06Z') AS moment,
               duration('P1DT2H') AS span, point({longitude: 6.85, latitude: 51.47}) AS place, 0.0 / 0.0 AS nan, null AS nothing, true AS yes
    """
    (answer,) = store.read(Query("values", text, "", ""))
    a = {"_id": "o0", "_labels": ["Company", "Organization"], "id": "o0", "name": "Firma 0"}
    b = {"_id": "o1", "_labels": ["Company", "Organization"], "id": "o1", "name": "Firma 1"}
    e = {"_type": "PART_OF", "_start": "o0", "_end": "o1", "confidence": 0.5}
    place = answer.pop("place")
    assert answer == {
        "a": a,
        "e": e,
        "p": {"nodes": [a, b], "relationships": [e]},
        "mixed": [a, 1],
        "map": {"k": b},
        "day": "2020-02-03",
        "moment": answer["moment"],
        "span": "P1DT2H",
        "nan": "nan",
        "nothing": None,
        "yes": True,
    }
    assert answer["moment"].startswith("2020-02-03T04:05:06")
    assert place["coordinates"] == [6.85, 51.47]
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_a_phrase_is_cut_where_it_must_be(store: Store) -> None:
    store.write(PUT, companies(0, 30))
    query = Query("names", "MATCH (n:Company) RETURN n.name AS name, n.id AS id ORDER BY n.id", "", "")
    cut = store.run_phrase(query, {}, limit=20)
    assert (len(cut.rows), cut.truncated, cut.columns) == (20, True, ["name", "id"])
    whole = store.run_phrase(query, {}, limit=30)
    assert (len(whole.rows), whole.truncated) == (30, False)
    assert whole.dicts()[0] == {"name": "Firma 0", "id": "o0"}
    assert store.ask(query.text, limit=20, timeout=60) == cut


def test_errors_carry_the_name_of_the_query(store: Store) -> None:
    with pytest.raises(QueryError, match="wrong_one") as caught:
        store.read(Query("wrong_one", "MATCH (n) RETURN m", "", ""))
    assert caught.value.query == "wrong_one"
    with pytest.raises(QueryBookError, match="one: parameter 'id'"):
        store.read(ONE)


def test_writers_of_one_key_at_the_same_moment_make_one_node(store: Store, store_settings: Settings) -> None:
    failed: list[InnonetError] = []
    barrier = threading.Barrier(4)

    def write() -> None:
        barrier.wait()
        for start in range(0, 200, 50):
            try:
                store.write(PUT, companies(start, start + 50))
            except InnonetError as e:
                failed.append(e)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert failed == []
    assert store.read(COUNT) == [{"n": 200}]


def test_without_the_right_to_write(store_settings: Settings) -> None:
    with open_store(store_settings) as reader:
        for attempt in (lambda: reader.write(PUT, companies(0, 1)), reader.apply_schema):
            with pytest.raises(InnonetError) as caught:
                attempt()
            assert "nur lesen" in caught.value.de
        assert reader.check() == []
        assert reader.read(COUNT) == [{"n": 0}]


@pytest.fixture
def mute() -> Iterator[int]:
    """A port where somebody listens and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.mark.parametrize("scheme", ["bolt", "neo4j", "bolt+s", "neo4j+s", "neo4j+ssc"])
@pytest.mark.parametrize("where", ["closed", "mute", "no such host"])
def test_an_unreachable_server_is_named_within_five_seconds(tmp_path: Path, mute: int, scheme: str, where: str) -> None:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        closed = s.getsockname()[1]
    address = {"closed": f"127.0.0.1:{closed}", "mute": f"127.0.0.1:{mute}", "no such host": "no-such-host.invalid:7687"}[where]
    settings = Settings(home=tmp_path, neo4j_uri=f"{scheme}://{address}", neo4j_password="very-secret-word")
    started = time.monotonic()
    with pytest.raises(EngineUnreachable) as caught:
        open_store(settings)
    assert time.monotonic() - started < 5
    assert address in caught.value.de
    assert address in caught.value.en
    assert caught.value.exit_code == 3
    assert "very-secret-word" not in caught.value.de + caught.value.en + repr(caught.value.__cause__)


@pytest.mark.parametrize("uri", ["http://localhost:7474", "localhost", "bolt//x", "neo4j://user:hidden-one@host:1/x?y=z#q"])
def test_an_address_that_is_none(tmp_path: Path, uri: str) -> None:
    with pytest.raises(EngineUnreachable) as caught:
        open_store(Settings(home=tmp_path, neo4j_uri=uri, neo4j_password="very-secret-word", connect_timeout=2.0))
    assert "hidden-one" not in caught.value.de + caught.value.en


@pytest.fixture
def neo4j_settings(engines: Any) -> Settings:
    settings: Settings = engines.settings("neo4j")
    return settings


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"neo4j_password": "wrong-wrong-wrong"}, "NEO4J_PASSWORD"),
        ({"neo4j_database": "nosuch"}, "NEO4J_DATABASE"),
        ({"neo4j_username": "nobody"}, "NEO4J_USERNAME"),
    ],
)
def test_refused_by_the_server(neo4j_settings: Settings, change: dict[str, Any], words: str) -> None:
    settings = replace(neo4j_settings, **change)
    with pytest.raises(EngineUnreachable) as caught:
        open_store(settings)
    assert words in caught.value.de
    assert words in caught.value.en
    assert settings.neo4j_password not in caught.value.de + caught.value.en


def test_a_routed_address_works(neo4j_settings: Settings) -> None:
    routed = replace(neo4j_settings, neo4j_uri=neo4j_settings.neo4j_uri.replace("bolt://", "neo4j://"))
    with open_store(routed, write=True) as store:
        store.apply_schema()
        store.write(PUT, companies(0, 3))
        assert store.ask("MATCH (n:Company {id: 'o1'}) RETURN n.name AS name", timeout=60).rows == [["Firma 1"]]


def test_a_second_user_reads(neo4j_settings: Settings) -> None:
    """A server with a reader's account is asked with that, the writer's account only writes."""
    second = replace(neo4j_settings, neo4j_reader_username=neo4j_settings.neo4j_username, neo4j_reader_password="wrong-wrong-wrong")
    with pytest.raises(EngineUnreachable):
        open_store(second, write=True)
    with open_store(replace(second, neo4j_reader_password=neo4j_settings.neo4j_password), write=True) as store:
        assert store.ask("RETURN 1 AS x", timeout=60).rows == [[1]]
