"""What happens to a merge in the life of a graph: sources that go and come back, long and missing names, many records; on both engines."""

import pytest
from conftest import ENGINES, wipe

from graph.model import Entity, Evidence, Kind, Label, Link
from graph.querybook import load_book
from graph.reader import Moved, OrganizationPage, Reader
from graph.state import State
from graph.store import open_store
from ingest import claims, identity, load
from ingest.base import Context, Release
from ingest.sources import SOURCES

META = {s.meta.id: s.meta for s in SOURCES}
CORDIS, ROR, ERDF = "cordis:org:1", "ror:1", "efre-nrw:org:1"
NAMES = {CORDIS: "ZENTRUM FUR BRENNSTOFFZELLEN-TECHNIK GMBH", ROR: "Zentrum für Brennstoffzellen-Technik GmbH", ERDF: "Werk Meiderich GmbH"}


def source_of(record):
    return "ror" if record.startswith("ror:") else record.split(":")[0]


def put(config, *records, release=1):
    """Claims of the sources of these records, each with a project of its own."""
    for source in {source_of(r) for r in records}:

        def found(source=source):
            for r in records:
                if source_of(r) == source:
                    e = f"{r}:row"
                    yield Evidence(e, "a.csv:2", "{}")
                    props = {"city": "Duisburg", "country": "DE"} | ({"name": NAMES[r]} if NAMES.get(r) else {})
                    yield Entity(r, Label.ORGANIZATION, props, (e,), Kind.COMPANY)
                    yield Entity(f"{r}:p", Label.PROJECT, {"title": f"Vorhaben {r}"}, (e,))
                    yield Link(r, "PARTICIPATES_IN", f"{r}:p", (e,))

        ctx = Context(META[source], Release("a", f"202{release}-01-01", "a"))
        claims.write_set(ctx, found(), claims.set_path(config.home, source, "a"), [], str(release))


def reload(config):
    with load.write_lock(config), open_store(config, write=True) as store:
        load.load(config, store)
        return sorted(load.canonical_dump(store))


def drop(config, source):
    load.remove(config, source)
    return reload(config)


def judge(config, a, b, verdict):
    with State(config.home) as state:
        return state.judge(a, b, verdict, "test", "")


def shown(config, id_):
    """What the address of an id leads to: the ids of its projects, or where it moved."""
    with open_store(config) as store, State(config.home) as state:
        found = Reader(store, state.is_gone, load_book()).organization(id_)
    if isinstance(found, Moved):
        return shown(config, found.id)
    return {p.id for p in found.projects} if isinstance(found, OrganizationPage) else found


@pytest.fixture(params=ENGINES)
def config(request, engines):
    made = engines.settings(request.param)
    with open_store(made, write=True) as store:
        store.apply_schema()
        wipe(store)
    return made


def test_a_merge_outlives_new_loads_and_every_old_address_leads_to_it(config):
    put(config, CORDIS, ROR, ERDF)
    reload(config)
    assert shown(config, CORDIS) == shown(config, ROR) == {f"{CORDIS}:p", f"{ROR}:p"}  # by their names
    judge(config, ROR, ERDF, "yes")
    reload(config)
    everything = {f"{r}:p" for r in (CORDIS, ROR, ERDF)}
    assert shown(config, CORDIS) == shown(config, ROR) == shown(config, ERDF) == everything
    put(config, CORDIS, release=2)  # the same source again, in a newer state
    reload(config)
    assert shown(config, ERDF) == everything
    # the source that gave the node its id and its name goes: the others stay one, and its old address still leads there
    drop(config, "ror")
    assert shown(config, CORDIS) == {f"{CORDIS}:p"}
    assert shown(config, ERDF) == {f"{ERDF}:p"}  # the word was about the record that is gone


def test_the_address_of_the_record_that_gave_the_id_leads_on_while_its_source_is_gone(config):
    put(config, CORDIS, ROR, ERDF)
    judge(config, CORDIS, ERDF, "yes")
    before = reload(config)
    assert shown(config, ERDF) == {f"{r}:p" for r in (CORDIS, ROR, ERDF)}
    drop(config, "ror")
    assert shown(config, CORDIS) == shown(config, ERDF) == {f"{CORDIS}:p", f"{ERDF}:p"}
    put(config, ROR)  # and it comes back: the judgement was kept, everything is as it was
    assert reload(config) == before


def test_a_judgement_waits_for_records_that_vanished(config):
    put(config, CORDIS, ERDF)
    judge(config, CORDIS, ERDF, "yes")
    before = reload(config)
    drop(config, "efre-nrw")
    with State(config.home) as state:
        assert len(state.judgements()) == 1
    put(config, ERDF)
    assert reload(config) == before
    assert shown(config, ERDF) == {f"{CORDIS}:p", f"{ERDF}:p"}


def test_contradicting_judgements_the_later_one_stands_and_undo_brings_the_earlier_back(config):
    put(config, CORDIS, ERDF)
    apart = reload(config)
    judge(config, CORDIS, ERDF, "yes")
    together = reload(config)
    later = judge(config, ERDF, CORDIS, "no")
    assert reload(config) == apart
    with State(config.home) as state:
        assert [j.verdict for j in state.judgements()] == ["yes", "no"]
        state.undo(later.number)
    assert reload(config) == together


def test_names_that_are_missing_or_endless(config, monkeypatch):
    monkeypatch.setitem(NAMES, ERDF, "")
    monkeypatch.setitem(NAMES, "efre-nrw:org:2", "Werk " + "x" * 9_995)
    monkeypatch.setitem(NAMES, "efre-nrw:org:3", "((((" * 2_500)
    put(config, CORDIS, ERDF, "efre-nrw:org:2", "efre-nrw:org:3")
    reload(config)
    for r in (CORDIS, ERDF, "efre-nrw:org:2", "efre-nrw:org:3"):
        assert shown(config, r) == {f"{r}:p"}


def test_five_hundred_records_become_one_and_come_apart_again(config, monkeypatch):
    many = [f"efre-nrw:org:{n}" for n in range(10, 510)]
    for r in many:
        monkeypatch.setitem(NAMES, r, f"Verschieden{r[-3:]} Nummer{r[-3:]} GmbH")
    put(config, CORDIS, *many)
    apart = reload(config)
    with State(config.home) as state:
        words = [state.judge(CORDIS, r, "yes", "test", "") for r in many]
    reload(config)
    with identity.Identity(config.home) as found:
        assert len(found.records_of(CORDIS)) == 501
    assert shown(config, many[-1]) >= {f"{CORDIS}:p"} or len(shown(config, many[-1])) >= 10
    with State(config.home) as state:
        for w in words:
            state.undo(w.number)
    assert reload(config) == apart
