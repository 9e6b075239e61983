"""Uploads on a real engine: what is sent becomes a job, is looked through, corrected, taken over and taken back; killed workers; a browser."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

import web.jobs
from graph import engine
from graph.accounts import Accounts
from graph.jobs import Job, Jobs
from graph.model import Entity, Evidence, Kind, Label
from graph.settings import Settings
from graph.state import State
from graph.store import open_store
from ingest import claims, jobs, load
from ingest.base import Context, Release
from ingest.receiving import Sent, safe_name, what_is
from ingest.sources import SOURCES
from ingest.text.read import ReadProblem
from web import create_app

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests" / "vendor" / "axe-core" / "axe.min.js"
PASSWORD = "ein langes Passwort"
HERE = {"Sec-Fetch-Site": "same-origin"}
KNOWN, OTHER = "cordis:org:1", "cordis:org:2"
TEXT = """Oberhausen. Die Stahlbau Kessler GmbH und die Ruhrwerk Sensorik GmbH haben einen Kooperationsvertrag unterzeichnet. Das sagte Dr. Martina Beispiel.

Die Seilbahn Muster AG und die Stahlbau Kessler GmbH vereinbaren eine Zusammenarbeit.
"""
LIST = "Firma;Ort;Web\nStahlbau Kessler GmbH;Oberhausen;https://kessler.invalid\nNeue Werkstatt GmbH;Essen;\n;Essen;\n"


def put(home: Path) -> None:
    def found() -> Iterator[Evidence | Entity]:
        for id_, name in ((KNOWN, "Stahlbau Kessler GmbH"), (OTHER, "Seilbahn Muster AG")):
            yield Evidence(f"{id_}:row", "organization.csv:2", "{}")
            yield Entity(id_, Label.ORGANIZATION, {"name": name, "city": "Oberhausen", "country": "DE"}, (f"{id_}:row",), Kind.COMPANY)

    meta = next(s.meta for s in SOURCES if s.meta.id == "cordis")
    claims.write_set(Context(meta, Release("a", "2026-01-01", "a")), found(), claims.set_path(home, "cordis", "a"), [], "1")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = Settings(home=tmp_path_factory.mktemp("upload"), engine_memory="512m")
    put(made.home)
    try:
        with load.write_lock(made), open_store(made, write=True) as store:
            load.load(made, store)
        with State(made.home) as state:
            Accounts(state).add("anna", PASSWORD, "editor", by="test")
            Accounts(state).add("lena", PASSWORD, "reader", by="test")
        yield made
    finally:
        engine.stop(made)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    made.testing = True
    yield made
    made.extensions["innonet"].forget()


@pytest.fixture(scope="module")
def anna(app: Flask) -> FlaskClient:
    return client_of(app, "anna")


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    with State(settings.home) as opened:
        yield opened


def client_of(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    assert client.post("/de/anmelden", data={"name": name, "password": PASSWORD}, headers=HERE).status_code == 303
    return client


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/de/hochladen").get_data(as_text=True))
    assert found
    return found[1]


def send(client: FlaskClient, *files: tuple[str, bytes], **fields: str) -> int:
    """Upload; the number of the job."""
    data = {"csrf": token(client), **fields, "file": [(io.BytesIO(b), name) for name, b in files]}
    answer = client.post("/de/hochladen", data=data, headers=HERE, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return int(answer.headers["Location"].rpartition("/")[2])


def do(client: FlaskClient, number: int, what: str, /, **fields: object) -> str:
    answer = client.post(f"/de/auftrag/{number}", data={"csrf": token(client), "do": what, **fields}, headers=HERE, follow_redirects=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def page(client: FlaskClient, number: int) -> str:
    return client.get(f"/de/auftrag/{number}").get_data(as_text=True)


def job(state: State, number: int) -> Job:
    return Jobs(state).one(number)


def dump(settings: Settings) -> list[str]:
    with open_store(settings, write=True) as store:
        return sorted(load.canonical_dump(store))


def node_of(settings: Settings, name: str) -> set[str]:
    """Ids of the organisations that a text's MENTIONS lead to under this name."""
    with open_store(settings) as store:
        rows = store.ask("MATCH (:Document)-[:MENTIONS]->(o:Organization) WHERE o.name = $name RETURN DISTINCT o.id AS id", {"name": name}).dicts()
    return {str(r["id"]) for r in rows}


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("meldung.csv", TEXT.encode(), "text"),  # the content decides, not the name
        ("liste.txt", LIST.encode(), "list"),
        ("liste.csv", "Firma\tOrt\nA GmbH\tEssen\n".encode("utf-16"), "list"),
        ("seite.txt", b"<!doctype html><title>x</title><p>Hallo", "text"),
        ("x.gz", b"\x1f\x8b\x08", "archive"),
        ("satz.txt", b"Ein Satz, mit Komma.\nNoch einer, auch.\n", "text"),
    ],
)
def test_the_content_says_what_a_file_is(name: str, data: bytes, expected: str) -> None:
    assert what_is(Sent(name, data)) == expected


@pytest.mark.parametrize(("name", "data", "code"), [("x.zip", b"PK\x03\x04broken", "damaged"), ("alt.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "unknown")])
def test_what_nothing_reads_is_refused_by_name(name: str, data: bytes, code: str) -> None:
    with pytest.raises(ReadProblem) as problem:
        what_is(Sent(name, data))
    assert problem.value.code == code
    assert name in problem.value.de


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Daten\\Bericht Ä.pdf", "Bericht Ä.pdf"),
        ("...", "datei"),
        (".htaccess", "htaccess"),
        ("a\x00\n<b>.txt", "a_b_.txt"),
    ],
)
def test_names_of_files_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_text_is_shown_corrected_taken_over_and_taken_back(settings: Settings, anna: FlaskClient, state: State) -> None:
    before = dump(settings)
    number = send(anna, text=TEXT, title="Meldung")
    assert "wartet" in page(anna, number)
    assert jobs.run_next(settings)
    shown = page(anna, number)
    assert "bereit zur Durchsicht" in shown
    assert "Ruhrwerk Sensorik GmbH" in shown
    assert "Martina" not in shown
    assert dump(settings) == before  # nothing entered yet
    read = jobs.readings(settings.home, number)[0]
    assert job(state, number).result["nodes"][said(read, "Stahlbau Kessler GmbH")] == KNOWN
    # kind changed, another node, taken out, a name that was missed
    ruhr, seilbahn = (spans(read, w) for w in ("Ruhrwerk Sensorik GmbH", "Seilbahn Muster AG"))
    panel = anna.get(f"/de/auftrag/{number}?mark={ruhr['start']}&q=Seilbahn").get_data(as_text=True)
    assert f'value="{OTHER}"' in panel
    do(anna, number, "correct", what="kind", value="ASSOCIATION", **ruhr)
    do(anna, number, "correct", what="node", value="new", **seilbahn)
    do(anna, number, "correct", what="name", value="PLACE", words="Oberhausen.")
    shown = do(anna, number, "correct", what="name", value="PUBLIC", words="gibt es nicht")
    assert "steht so nicht im Text" in shown
    assert len(Jobs(state).corrections(number)) == 3
    do(anna, number, "withdraw", number=Jobs(state).corrections(number)[-1].number)
    assert "Art" in page(anna, number)
    do(anna, number, "confirm")
    assert jobs.run_next(settings)
    assert job(state, number).state == "done", job(state, number).de
    with open_store(settings) as store:
        kinds = store.ask("MATCH (o:Organization) WHERE o.name = 'Ruhrwerk Sensorik GmbH' RETURN labels(o) AS l", {}).dicts()
        assert "Association" in kinds[0]["l"]
        links = store.ask("MATCH (a:Organization)-[r:COOPERATES_WITH]-(b) WHERE a.id = $id RETURN b.name AS name ORDER BY name", {"id": KNOWN}).dicts()
        assert [x["name"] for x in links] == ["Ruhrwerk Sensorik GmbH"]
    assert OTHER not in node_of(settings, "Seilbahn Muster AG")  # a person said that it is another one
    assert [j.who for j in state.judgements()] == ["anna"]
    assert not jobs.files_folder(settings.home, number).exists()
    assert "Rückgängig" in page(anna, number)
    do(anna, number, "undo")
    assert jobs.run_next(settings)
    assert job(state, number).state == "undone", job(state, number).de
    assert dump(settings) == before
    assert state.judgements() == []
    actions = [(e.action, e.after) for e in state.audit(limit=40) if e.what.startswith(f"{number} ") or e.action.startswith("correction")]
    assert {("job", "waiting"), ("job", "confirmed"), ("job", "done"), ("job", "taken back"), ("job", "undone"), ("correction", "kind")} <= set(actions)


def spans(read: object, words: str) -> dict[str, int]:
    at = read.document.text.index(words)  # type: ignore[attr-defined]
    return {"start": at, "end": at + len(words)}


def said(read: object, words: str) -> str:
    from ingest.text.checking import check

    return next(t.record for t in check(read, ()).said.things.values() if t.name == words)  # type: ignore[arg-type]


def test_what_a_person_links_goes_to_that_very_node(settings: Settings, anna: FlaskClient, state: State) -> None:
    before = dump(settings)
    number = send(anna, text=TEXT)
    jobs.run_next(settings)
    read = jobs.readings(settings.home, number)[0]
    do(anna, number, "correct", what="node", value=OTHER, **spans(read, "Ruhrwerk Sensorik GmbH"))
    do(anna, number, "correct", what="out", value="all", **spans(read, "Stahlbau Kessler GmbH"))
    do(anna, number, "confirm")
    jobs.run_next(settings)
    with open_store(settings) as store:
        rows = store.ask("MATCH (d:Document)-[:MENTIONS]->(o:Organization) RETURN DISTINCT o.id AS id", {}).dicts()
        assert {r["id"] for r in rows} == {OTHER}
        proofs = store.ask("MATCH (e:Evidence) WHERE e.extractor CONTAINS 'corrected by a person' RETURN e.quote AS quote", {}).dicts()
        assert any("Ruhrwerk" in p["quote"] for p in proofs)
    do(anna, number, "undo")
    jobs.run_next(settings)
    assert dump(settings) == before


def test_a_list_without_a_mapping_is_asked_for_its_columns(settings: Settings, anna: FlaskClient, state: State) -> None:
    before = dump(settings)
    number = send(anna, ("adressen.txt", LIST.encode()))
    jobs.run_next(settings)
    shown = page(anna, number)
    assert "Was steht in welcher Spalte?" in shown
    assert re.search(r'value="name" selected', shown)
    columns = {"column-0": "name", "column-1": "city", "column-2": "website"}
    shown = do(anna, number, "map", **columns, title="Adressen", publisher="Amt", licence="", release="2026-11-01")
    assert "fehlt noch" in shown
    do(anna, number, "map", **columns, title="Adressen", publisher="Amt", licence="intern", release="2026-11-01")
    jobs.run_next(settings)
    found = job(state, number)
    assert found.state == "ready", found.de
    assert found.result["changes"]["Organization"]["new"] == 2
    assert found.result["effect"]["new"] == {"Organization": 1}  # the other one is known
    shown = page(anna, number)
    assert "Zeile ohne Namen" in shown
    assert ":4" in shown  # the row as a spreadsheet counts
    do(anna, number, "confirm")
    jobs.run_next(settings)
    assert job(state, number).state == "done", job(state, number).de
    # a newer state of the same list: shown against what it replaces
    newer = send(anna, ("adressen.csv", LIST.replace("Neue Werkstatt", "Neueste Werkstatt").encode()), ("adressen.toml", MAPPING.encode()), kind="update")
    jobs.run_next(settings)
    changes = job(state, newer).result["changes"]["Organization"]
    assert (changes["new"], changes["gone"], changes["same"]) == (1, 1, 1), changes
    shown = page(anna, newer)
    assert "Neueste Werkstatt GmbH" in shown
    assert "ersetzt den Stand vom 1. November 2026" in shown
    do(anna, newer, "confirm")
    jobs.run_next(settings)
    between = dump(settings)
    # the earlier one cannot be taken back under the later one
    do(anna, number, "undo")
    jobs.run_next(settings)
    assert job(state, number).state == "done"
    assert "seither noch einmal geladen" in job(state, number).de
    assert dump(settings) == between
    for n in (newer, number):
        do(anna, n, "undo")
        jobs.run_next(settings)
        assert job(state, n).state == "undone", job(state, n).de
    assert dump(settings) == before


MAPPING = """dataset = "adressen"
title = "Adressen"
publisher = "Amt"
licence = "intern"
attribution = "Amt"
release = "2026-12-01"
[columns]
name = "Firma"
city = "Ort"
website = "Web"
[defaults]
country = "DE"
"""


@pytest.mark.parametrize(
    ("files", "fields", "says"),
    [
        ([], {}, "Es kam nichts an"),
        ([("alt.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")], {}, "alt.doc"),
        ([("x.gz", b"\x1f\x8b\x08")], {}, "Register"),
        ([("a.txt", b"Hallo Welt.")], {"retrieved": "gestern"}, "JJJJ-MM-TT"),
        ([("a.txt", b"Hallo Welt.")], {"source": "gibt-es-nicht"}, "gibt es nicht"),
    ],
)
def test_what_cannot_be_taken_is_said_at_once(anna: FlaskClient, files: list[tuple[str, bytes]], fields: dict[str, str], says: str) -> None:
    data = {"csrf": token(anna), **fields, "file": [(io.BytesIO(b), name) for name, b in files]}
    answer = anna.post("/de/hochladen", data=data, headers=HERE, content_type="multipart/form-data")
    assert answer.status_code == 200
    assert says in answer.get_data(as_text=True)


def test_a_broken_file_fails_and_says_which(settings: Settings, anna: FlaskClient, state: State) -> None:
    number = send(anna, ("bericht.pdf", b"%PDF-1.4 kaputt"))
    jobs.run_next(settings)
    found = job(state, number)
    assert found.state == "failed"
    assert "bericht.pdf" in found.de
    assert not jobs.folder(settings.home, number).exists()


def test_who_only_reads_uploads_nothing(app: Flask) -> None:
    lena = client_of(app, "lena")
    assert lena.get("/de/hochladen").status_code == 403
    assert lena.get("/de/auftrag/1").status_code == 403


def test_a_job_is_cancelled_while_it_waits_and_while_it_is_written(settings: Settings, anna: FlaskClient, state: State) -> None:
    before = dump(settings)
    number = send(anna, text=TEXT)
    do(anna, number, "cancel")
    assert job(state, number).state == "cancelled"
    assert not jobs.folder(settings.home, number).exists()
    assert not jobs.run_next(settings)
    number = send(anna, text=TEXT)
    jobs.run_next(settings)
    do(anna, number, "confirm")
    do(anna, number, "cancel")  # it waits for the worker, who meets the wish at its first step
    jobs.run_next(settings)
    assert job(state, number).state == "cancelled"
    assert dump(settings) == before


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_killed_worker_leaves_nothing_half_written(settings: Settings, anna: FlaskClient, state: State) -> None:
    before = dump(settings)
    number = send(anna, text=TEXT)
    jobs.run_next(settings)
    do(anna, number, "confirm")
    killed = """
import os, signal
from graph.settings import Settings
from graph import store
from ingest import jobs, load
real = load.publish_derived
def die(*a): os.kill(os.getpid(), signal.SIGKILL)
load.publish_derived = die
jobs.run_next(Settings.from_env())
"""
    env = {**os.environ, "INNONET_HOME": str(settings.home), "INNONET_ENGINE_MEMORY": "512m"}
    assert subprocess.run([sys.executable, "-c", killed], cwd=ROOT, env=env, check=False, timeout=120).returncode == -signal.SIGKILL
    assert job(state, number).state == "running"
    # the next worker: the very command that the site starts
    follower = subprocess.Popen([sys.executable, "-m", "innonet", "resolve", "--follow"], cwd=ROOT, env=env)
    try:
        _until(lambda: job(state, number).state == "done")
    finally:
        follower.kill()
        follower.wait()
    with load.write_lock(settings), open_store(settings, write=True) as store:
        assert load.check(settings, store) == []
    do(anna, number, "undo")
    jobs.run_next(settings)
    assert dump(settings) == before


def test_a_worker_that_was_killed_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INNONET_HOME", str(tmp_path))
    monkeypatch.setattr(web.jobs, "_AGAIN_SECONDS", 0.05)
    monkeypatch.chdir(ROOT)
    keeper = web.jobs._Keeper()
    try:
        first = keeper._process
        first.kill()
        _until(lambda: keeper._process is not first)
        assert keeper._process.poll() is None
    finally:
        keeper.end()


def test_sqlite_keeps_its_locks_when_the_state_is_opened_again(tmp_path: Path) -> None:
    # without its lock another process believes itself alone and deletes the write-ahead log under this one
    alone = """
import fcntl, sys
with open(sys.argv[1], "rb+") as f:
    fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)  # SQLite's range of shared locks
"""
    with State(tmp_path) as outer:
        outer.judge("b:1", "b:2", "no", "test", "")
        State(tmp_path).close()
        tried = subprocess.run([sys.executable, "-c", alone, str(outer.path)], check=False, capture_output=True, text=True, timeout=60)
    assert "BlockingIOError" in tried.stderr


def test_a_task_that_kills_every_worker_is_given_up(settings: Settings, anna: FlaskClient, state: State) -> None:
    before = dump(settings)
    number = send(anna, text=TEXT)
    for _ in range(3):
        assert Jobs(state).next() is not None  # and then the worker is gone
        jobs.recover(settings)
    found = job(state, number)
    assert found.state == "failed"
    assert "aufgegeben" in found.de
    assert dump(settings) == before


@pytest.mark.parametrize(("lang", "width"), [("de", 1280), ("en", 320)])
def test_the_journey_in_a_browser_by_keyboard(settings: Settings, app: Flask, browser: Browser, state: State, lang: str, width: int) -> None:
    before = dump(settings)
    login, upload = {"de": ("/de/anmelden", "/de/hochladen"), "en": ("/en/login", "/en/upload")}[lang]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            if not jobs.run_next(settings):
                stop.wait(0.1)

    worker = threading.Thread(target=work)
    worker.start()
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=f"http://127.0.0.1:{server.server_port}", bypass_csp=True)
    tab = context.new_page()
    try:
        tab.goto(login)
        tab.fill("input[name=name]", "anna")
        tab.fill("input[name=password]", PASSWORD)
        tab.press("input[name=password]", "Enter")
        tab.goto(upload)
        checked_by_axe(tab, width)
        tab.fill("#text", TEXT)
        tab.locator("form.panel button[type=submit]").press("Enter")
        mark = tab.locator("a.mark", has_text="Ruhrwerk Sensorik GmbH").first
        expect(mark).to_be_visible(timeout=60_000)  # the page looks by itself
        mark.press("Enter")
        checked_by_axe(tab, width)
        tab.locator("#edit select[name=value]").select_option("ASSOCIATION")
        tab.locator("#edit form", has=tab.locator("select")).locator("button").press("Enter")
        expect(tab.locator("a.mark-ASSOCIATION").first).to_contain_text("Ruhrwerk")
        tab.locator("button[value=confirm]").press("Enter")
        expect(tab.locator("button[value=undo]")).to_be_visible(timeout=60_000)
        tab.locator("button[value=undo]").press("Enter")
        expect(tab.locator("#progress[data-state=undone]")).to_be_visible(timeout=60_000)
        checked_by_axe(tab, width)
    finally:
        context.close()
        stop.set()
        worker.join()
        server.shutdown()
        server.server_close()
    assert dump(settings) == before


def checked_by_axe(tab: Page, width: int) -> None:
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found["violations"]] == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
