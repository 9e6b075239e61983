"""The review on real claims: questions, answers, contradictions, undo, records of an organisation, and by keyboard alone."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from graph import engine
from graph.accounts import Accounts
from graph.model import Entity, Evidence, Kind, Label, Link
from graph.settings import Settings
from graph.state import State
from graph.store import open_store
from ingest import claims, load, resolving
from ingest.base import Context, Release
from ingest.identity import Identity, history_of
from ingest.review import Wanted, open_questions, take_sheet
from ingest.sources import SOURCES
from web import create_app

META = {s.meta.id: s.meta for s in SOURCES}
PASSWORD = "ein langes Passwort"
HERE = {"Sec-Fetch-Site": "same-origin"}

# id -> name, city, kind; the first two are one, the pairs after them are questions
RECORDS = {
    "cordis:org:1": ("ZENTRUM FUR BRENNSTOFFZELLEN-TECHNIK GMBH", "DUISBURG", Kind.COMPANY),
    "ror:1": ("Zentrum für Brennstoffzellen-Technik GmbH", "Duisburg", Kind.COMPANY),
    "cordis:org:2": ("FORSCHUNGSINSTITUT FUR RATIONALISIERUNG", "AACHEN", Kind.RESEARCH),
    "ror:2": ("Institut für Rationalisierung und Betriebsorganisation", "Aachen", Kind.RESEARCH),
    "cordis:org:3": ("HANDELSHOF KELLERMANN LOGISTIK GMBH", "ESSEN", Kind.COMPANY),
    "ror:3": ("Kellermann Logistik", "Essen", Kind.COMPANY),
}


def put(home: Path, source: str) -> None:
    def found() -> Iterator[Evidence | Entity | Link]:
        for n, (id_, (name, city, kind)) in enumerate(RECORDS.items()):
            if id_.startswith(source):
                e = f"{source}:a:{n}"
                yield Evidence(e, f"a.csv:{n + 2}", "{}")
                yield Entity(id_, Label.ORGANIZATION, {"name": name, "city": city, "country": "DE"}, (e,), kind)
                yield Entity(f"{source}:p", Label.PROJECT, {"title": "Wasserstoff im Ruhrgebiet"}, (e,))
                yield Link(id_, "PARTICIPATES_IN", f"{source}:p", (e,))

    claims.write_set(Context(META[source], Release("a", "2026-01-01", "a")), found(), claims.set_path(home, source, "a"), [], "1")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    found = Settings(home=tmp_path_factory.mktemp("review"), engine_memory="512m")
    for source in ("cordis", "ror"):
        put(found.home, source)
    try:
        with load.write_lock(found), open_store(found, write=True) as store:
            load.load(found, store)
        with State(found.home) as state:
            Accounts(state).add("anna", PASSWORD, "editor", by="test")
            Accounts(state).add("bert", PASSWORD, "editor", by="test")
            Accounts(state).add("lena", PASSWORD, "reader", by="test")
        yield found
    finally:
        engine.stop(found)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    made.testing = True
    yield made
    made.extensions["innonet"].forget()


@pytest.fixture
def clean(settings: Settings) -> Iterator[State]:
    """The state, without judgements at the end."""
    with State(settings.home) as state:
        yield state
        while state.undo(who="test"):
            pass
        resolving.carry_over(settings)


def client_of(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    assert client.post("/de/anmelden", data={"name": name, "password": PASSWORD}, headers=HERE).status_code == 303
    return client


def form(page: str, action: str) -> dict[str, str]:
    """Hidden fields of the first form with this action."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert found, page
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[0]))


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_questions_are_those_that_the_rules_leave_open(settings: Settings) -> None:
    with Identity(settings.home) as found:
        asked = {frozenset((q.a.id, q.b.id)) for q in open_questions(found, [])}
        assert {r.id for r in found.records_of("ror:1")} | {r.id for r in found.records_of("cordis:org:1")} == {"cordis:org:1", "ror:1"}
    assert asked == {frozenset(("cordis:org:2", "ror:2")), frozenset(("cordis:org:3", "ror:3"))}


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        (Wanted(), 2),
        (Wanted(source="ror"), 2),
        (Wanted(source="efre-nrw"), 0),
        (Wanted(kind="Company"), 1),
        (Wanted(city="aachen"), 1),
        (Wanted(city="Essen", kind="University"), 0),
    ],
)
def test_questions_by_source_kind_and_city(settings: Settings, wanted: Wanted, number: int) -> None:
    with Identity(settings.home) as found:
        assert len(open_questions(found, [], wanted)) == number


def test_an_answer_moves_on_and_can_be_taken_back(app: Flask, clean: State) -> None:
    client = client_of(app, "anna")
    page = text(client, "/de/pruefen")
    assert "Frage 1 von 2" in page
    sent = form(page, "/de/pruefen") if 'method="post" action="/de/pruefen"' in page else {}
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.split('class="verdict"')[1]))
    answer = client.post("/de/pruefen", data={**sent, **fields, "verdict": "no", "why": "zwei Häuser"}, headers=HERE, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "Frage 1 von 1" in page
    assert "Notiert: nicht dieselbe." in page
    assert [(j.verdict, j.who, j.why) for j in clean.judgements()] == [("no", "anna", "zwei Häuser")]
    answer = client.post("/de/pruefen/zurueck", data=form(page, "/de/pruefen/zurueck"), headers=HERE, follow_redirects=True)
    assert "Frage 1 von 2" in answer.get_data(as_text=True)
    assert clean.judgements() == []


def test_two_people_contradict_each_other(app: Flask, clean: State) -> None:
    anna, bert = client_of(app, "anna"), client_of(app, "bert")
    pages = [text(c, "/de/pruefen").split('class="verdict"')[1] for c in (anna, bert)]
    fields = [dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', p)) for p in pages]
    assert (fields[0]["a"], fields[0]["b"]) == (fields[1]["a"], fields[1]["b"])  # both look at the same pair
    anna.post("/de/pruefen", data={**fields[0], "verdict": "yes"}, headers=HERE)
    answer = bert.post("/de/pruefen", data={**fields[1], "verdict": "no"}, headers=HERE, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "anna hatte vorher" in page
    assert "das spätere Urteil gilt" in page
    assert [(j.who, j.verdict) for j in clean.judgements()] == [("anna", "yes"), ("bert", "no")]


def test_a_judgement_reaches_the_graph_and_the_old_address_leads_there(app: Flask, settings: Settings, clean: State) -> None:
    client = client_of(app, "anna")
    with load.write_lock(settings), open_store(settings, write=True) as store:
        before = list(load.canonical_dump(store))
    clean.judge("cordis:org:3", "ror:3", "yes", "anna", "derselbe Hof")
    assert "wird gerade" not in text(client, "/de/organisation/ror:1")
    assert "werden gerade" in text(client, "/de/pruefen")
    assert resolving.carry_over(settings)
    assert not resolving.carry_over(settings)
    moved = client.get("/de/organisation/ror:3")
    address = moved.headers["Location"] if moved.status_code == 301 else "/de/organisation/ror:3"
    page = text(client, address)
    assert "Warum das eine Einrichtung ist" in page
    assert "derselbe Hof" in page
    assert [(e.what, e.by.split(":")[0]) for e in history_of(settings.home, ["ror:3"])] == [("joined", "person")]
    clean.undo(who="anna")
    assert resolving.carry_over(settings)
    with load.write_lock(settings), open_store(settings, write=True) as store:
        assert list(load.canonical_dump(store)) == before
    assert [e.what for e in history_of(settings.home, ["ror:3"])] == ["parted", "joined"]


def test_a_record_is_told_apart_on_the_page_of_its_organisation(app: Flask, settings: Settings, clean: State) -> None:
    client = client_of(app, "anna")
    answer = client.get("/de/organisation/ror:1")
    address = answer.headers["Location"] if answer.status_code == 301 else "/de/organisation/ror:1"
    page = text(client, address)
    assert "Vergleich von Name, Ort und anderem" in page
    sent = form(page, "/de/trennen")
    assert client.post("/de/trennen", data=sent, headers=HERE).status_code == 303
    assert resolving.carry_over(settings)
    one, two = client.get("/de/organisation/cordis:org:1"), client.get("/de/organisation/ror:1")
    assert (one.status_code, two.status_code) == (200, 200)


def test_who_only_reads_sees_the_question_but_no_buttons(app: Flask) -> None:
    page = text(client_of(app, "lena"), "/de/pruefen")
    assert "Frage 1 von 2" in page
    assert 'data-key="j"' not in page
    assert "darf lesen, nicht urteilen" in page


@pytest.mark.parametrize(
    ("rows", "kept", "known", "empty", "problems"),
    [
        (["cordis:org:2,ror:2,ja,selbes Haus"], 1, 0, 0, 0),
        (["ror:2,cordis:org:2,NEIN,"], 1, 0, 0, 0),
        (["cordis:org:2,ror:2,,"], 0, 0, 1, 0),
        (["cordis:org:2,ror:2,vielleicht,"], 0, 0, 0, 1),
        (["cordis:org:2,,ja,"], 0, 0, 0, 1),
        (["x,x,ja,"], 0, 0, 0, 1),
        (["cordis:org:2,ror:2,ja,", "cordis:org:2,ror:2,nein,"], 1, 0, 0, 1),
        (["cordis:org:2,ror:2,ja,", "ror:2,cordis:org:2,ja,"], 1, 1, 0, 0),
        (["cordis:org:2,ror:2", "cordis:org:3,ror:3,ja,"], 1, 0, 0, 1),
        (["gibt:es:nicht,ror:2,nein,Quelle kommt wieder"], 1, 0, 0, 0),
    ],
)
def test_a_table_comes_in(clean: State, tmp_path: Path, rows: list[str], kept: int, known: int, empty: int, problems: int) -> None:
    file = tmp_path / "urteile.csv"
    file.write_text("a,b,verdict,why\n" + "\n".join(rows) + "\n", encoding="utf-8")
    taken = take_sheet(clean, file, "anna")
    assert (len(taken.kept), taken.known, taken.empty, len(taken.problems)) == (kept, known, empty, problems)
    assert all("urteile.csv:" in de for de, _ in taken.problems)
    again = take_sheet(clean, file, "anna")
    assert (len(again.kept), again.known) == (0, kept + known)


@pytest.fixture
def page(app: Flask, browser: Browser) -> Iterator[Page]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=f"http://127.0.0.1:{server.server_port}")
    yield context.new_page()
    context.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_whole_review_by_keyboard(page: Page, clean: State) -> None:
    page.goto("/de/pruefen")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Frage 1 von 2")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="Frage 2 von 2")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", name="Frage 1 von 2")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_text("Notiert: nicht dieselbe.")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_role("heading", name="Frage 1 von 2")).to_be_visible()
    assert clean.judgements() == []
    page.keyboard.press("j")
    expect(page.get_by_text("Notiert: dieselbe.")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Dazu gibt es keine offene Frage.")).to_be_visible()
    assert [j.verdict for j in clean.judgements()] == ["yes", "unsure"]
    # a letter that is typed into a field is no answer
    page.get_by_label("Ort", exact=True).focus()
    page.keyboard.type("zn")
    expect(page.get_by_label("Ort", exact=True)).to_have_value("zn")
    assert len(clean.judgements()) == 2


@pytest.mark.parametrize("width", [1280, 390])
def test_the_review_fits_its_window(page: Page, clean: State, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/de/anmelden?next=/de/pruefen")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_label("Passwort").press("Enter")
    expect(page.get_by_role("heading", name="Frage 1 von 2")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate((Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    assert page.evaluate("async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' '))") == []
