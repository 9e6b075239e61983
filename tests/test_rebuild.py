"""The property over all: after any sequence of loads, removals, judgements, undos and kills the graph is what a rebuild would make."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ENGINES, wipe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph import writer
from graph.derived import current_version
from graph.model import Entity, Evidence, Kind, Label, Link, Status
from graph.state import State
from graph.store import open_store
from graph.writer import read_meta
from ingest import claims, load
from ingest.base import Context, Release
from ingest.sources import SOURCES

META = {s.meta.id: s.meta for s in SOURCES}

# what a variant of a dataset changes: a name, a kind, who takes part, whether a link is denied
VARIANTS = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["cordis", "ror", "efre-nrw"]),
        "dataset": st.sampled_from(["a", "b"]),
        "seed": st.integers(0, 5),
    }
)
STEPS = st.one_of(
    st.tuples(st.just("load"), VARIANTS),
    st.tuples(st.just("load"), VARIANTS),
    st.tuples(st.just("kill"), VARIANTS, st.integers(1, 12)),
    st.tuples(st.just("remove"), st.sampled_from(["cordis", "ror", "efre-nrw"])),
    st.tuples(st.just("judge"), st.integers(0, 5), st.integers(0, 5), st.sampled_from(["yes", "no", "unsure"])),
    st.tuples(st.just("undo")),
)


def record(source, i):
    return {"cordis": f"cordis:org:{i}", "ror": f"ror:{i}", "efre-nrw": f"efre-nrw:org:{i}"}[source]


def dataset(source, dataset, seed):
    """A few organisations, projects and links that overlap between sources by name and by identifier."""
    r = random.Random(f"{source}{dataset}{seed}")
    for i in range(6):
        if r.random() < 0.8:
            e = f"{source}:{dataset}:{i}"
            yield Evidence(e, f"{dataset}.csv:{i + 2}", f'{{"name":"Firma {i}","seed":"{seed}"}}')
            props = {"name": r.choice([f"Firma {i} GmbH", f"FIRMA {i} GMBH", f"Werk {i} AG"]), "country": "DE", "city": r.choice(["Essen", "Bochum"])}
            ids = {"vat": f"DE{i % 4}"} if r.random() < 0.3 else {}
            yield Entity(record(source, i), Label.ORGANIZATION, props, (e,), r.choice([None, *Kind]), ids)
    for p in range(3):
        e = f"{source}:{dataset}:p{p}"
        yield Evidence(e, f"{dataset}.csv:{p + 20}", "{}")
        yield Entity(f"{source}:p:{p}", Label.PROJECT, {"title": f"Projekt {p} {r.choice('xy')}", "funding_eur": float(r.randint(1, 9))}, (e,))
        yield Entity(f"topic:{p}", Label.TOPIC, {"label_de": f"Thema {p}", "scheme": "free"}, (e,))
        yield Link(f"{source}:p:{p}", "ABOUT", f"topic:{r.randrange(3)}", (e,))
        for i in r.sample(range(6), 3):
            yield Link(record(source, i), "PARTICIPATES_IN", f"{source}:p:{p}", (e,), {"roles": [r.choice(["partner", "coordinator"])]})
    yield Link(record(source, 0), "COOPERATES_WITH", record(source, 1), (f"{source}:{dataset}:p0",), {}, r.choice(list(Status)))
    yield Link(record(source, 2), "PART_OF", record(source, 3), (f"{source}:{dataset}:p0",))
    yield Link(record(source, 2), "PART_OF", f"topic:{r.randrange(3)}", (f"{source}:{dataset}:p0",))


def put_claims(config, variant):
    source, name = variant["source"], variant["dataset"]
    ctx = Context(META.get(source) or META["cordis"], Release(name, f"202{variant['seed']}-01-01", name))
    claims.write_set(ctx, dataset(source, name, variant["seed"]), claims.set_path(config.home, source, name), [], str(variant["seed"]))


def killed_load(config, at):
    """Load in a process of its own that is killed before its at-th batch; a load of fewer batches ends well."""
    env = {
        **os.environ,
        "INNONET_HOME": str(config.home),
        "NEO4J_URI": config.neo4j_uri,
        "NEO4J_USERNAME": config.neo4j_username,
        "NEO4J_PASSWORD": config.neo4j_password,
        "NEO4J_DATABASE": config.neo4j_database,
        "INNONET_CONNECT_TIMEOUT": str(config.connect_timeout),
    }
    done = subprocess.run([sys.executable, Path(__file__).with_name("killed_load.py"), str(at)], env=env, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr


@pytest.fixture(params=ENGINES)
def fresh_settings(request, engines):
    """Each call gives a new home and an empty database on this engine."""

    def make():
        config = engines.settings(request.param)
        with open_store(config, write=True) as store:
            store.apply_schema()
            wipe(store)
        return config

    return make


def run(config, steps):
    for step in steps:
        match step:
            case ("load", variant):
                put_claims(config, variant)
            case ("kill", variant, at):
                put_claims(config, variant)
                killed_load(config, at)
                continue
            case ("remove", source):
                if not any(p.parent.name == source for p in claims.sets(config.home)):
                    continue
                load.remove(config, source)
            case ("judge", a, b, verdict):
                with State(config.home) as state:
                    state.judge(record("cordis", a), record("efre-nrw", b), verdict, "test", "")
            case ("undo",):
                with State(config.home) as state:
                    state.undo()
        with load.write_lock(config), open_store(config, write=True) as store:
            load.load(config, store)


def dumps(config):
    with State(config.home) as state, open_store(config) as store:
        return list(load.canonical_dump(store)), list(load.image_dump(load.image_of(config, state.judgements())[0]))


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=7))
def test_any_sequence_equals_a_rebuild(fresh_settings, steps):
    config = fresh_settings()
    run(config, steps)
    with load.write_lock(config), open_store(config, write=True) as store:
        load.load(config, store)
        meta = read_meta(store)
    there, wanted = dumps(config)
    assert there == wanted
    assert meta is not None
    assert meta.state == "ready"
    assert current_version(config.home / "derived") == meta.version
    assert not list((config.home / "graph").glob("pending-*"))


ALL = [{"source": s, "dataset": d, "seed": 1} for s in ("cordis", "ror", "efre-nrw") for d in ("a", "b")]


def test_the_order_of_loads_does_not_matter(fresh_settings):
    found = []
    for order in (ALL, ALL[::-1]):
        config = fresh_settings()
        run(config, [("load", v) for v in order])
        found.append(dumps(config)[0])
    assert found[0] == found[1]
    assert len(found[0]) > 100


def test_a_second_load_sends_nothing(fresh_settings):
    config = fresh_settings()
    run(config, [("load", v) for v in ALL])
    with load.write_lock(config), open_store(config, write=True) as store:
        assert not load.load(config, store).sent
        # even without the short cut by hashes of the inputs
        with State(config.home) as state:
            image, _ = load.image_of(config, state.judgements())
        assert not writer.Writer(store, config.home).write(image, "other").sent


def test_removing_takes_exactly_what_one_source_supported(fresh_settings):
    config = fresh_settings()
    run(config, [("load", v) for v in ALL[:4]])
    before = dumps(config)[0]
    run(config, [("load", v) for v in ALL[4:]])
    run(config, [("remove", "efre-nrw")])
    assert dumps(config)[0] == before
    with State(config.home) as state:
        assert state.is_gone("efre-nrw:p:0")
        assert not state.is_gone("cordis:p:0")


def test_a_judgement_taken_back_leaves_the_graph_as_it_was(fresh_settings):
    config = fresh_settings()
    run(config, [("load", v) for v in ALL])
    before = dumps(config)[0]
    run(config, [("judge", 0, 5, "yes")])
    assert dumps(config)[0] != before
    run(config, [("undo",)])
    assert dumps(config)[0] == before


def test_a_small_change_writes_only_itself(fresh_settings):
    config = fresh_settings()
    run(config, [("load", v) for v in ALL])
    path = claims.set_path(config.home, "ror", "a")
    found = [x for x in dataset("ror", "a", 1) if not (isinstance(x, Entity) and x.id == "ror:p:0")]
    found.append(Entity("ror:p:0", Label.PROJECT, {"title": "Anders"}, ("ror:a:p0",)))
    claims.write_set(Context(META.get("ror") or META["cordis"], Release("a", "2021-01-01", "a")), found, path, [], "changed")
    with load.write_lock(config), open_store(config, write=True) as store:
        assert sum(load.load(config, store).sent.values()) == 1


def test_another_home_is_refused(fresh_settings):
    config = fresh_settings()
    run(config, [("load", ALL[0])])
    (config.home / "graph" / "store.json").write_text('{"store": "other"}')
    put_claims(config, ALL[1])
    with pytest.raises(writer.WriteRefusedError) as e, load.write_lock(config), open_store(config, write=True) as store:
        load.load(config, store)
    assert "INNONET_HOME" in e.value.de


def test_a_graph_that_was_emptied_behind_our_back_is_made_anew(fresh_settings):
    config = fresh_settings()
    run(config, [("load", v) for v in ALL])
    with open_store(config, write=True) as store:
        wipe(store)
    run(config, [("undo",)])
    there, wanted = dumps(config)
    assert there == wanted
