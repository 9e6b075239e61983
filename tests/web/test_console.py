"""Ready-made questions and the console on the site: forms, choices, answers in all shapes, refusals on both engines, own questions, by keyboard."""

from __future__ import annotations

import csv
import dataclasses
import io
import random
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from small_network import CENTRE, INSTITUTE, LONELY, OBERHAUSEN, SCRIPT, SCRIPT_NAME, TOPIC

from graph.accounts import Accounts
from graph.querybook import load_book
from graph.questions import LAST, Questions
from graph.settings import Settings
from graph.state import State
from web import create_app, querying
from web.pages.question import THEMES

PASSWORD = "ein langes Passwort"
HERE = {"Sec-Fetch-Site": "same-origin"}
AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"
MANY = "MATCH (o:Organization)-[r:PARTICIPATES_IN]->(p:Project) RETURN o, r, p ORDER BY o.id, p.id LIMIT 20"


@pytest.fixture(scope="module")
def user(site_settings: Settings) -> Iterator[Questions]:
    with State(site_settings.home) as state:
        found = Accounts(state)
        if "console-reader" not in {u.name for u in found.users()}:
            found.add("console-reader", PASSWORD, "reader", by="test")
        yield Questions(state, "console-reader")


def logged_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert client.post("/de/anmelden", data={"name": "console-reader", "password": PASSWORD}, headers=HERE).status_code == 303
    return client


def send(client: FlaskClient, **fields: str) -> Any:
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/de/").get_data(as_text=True))
    assert csrf
    return client.post("/de/meine-fragen", data={**fields, "csrf": csrf[1]}, headers=HERE)


def page(client: FlaskClient, address: str, status: int = 200, **query: str) -> str:
    answer = client.get(address, query_string=query or None)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_every_question_stands_under_one_theme() -> None:
    assert sorted(n for names in THEMES.values() for n in names) == [q.name for q in load_book().phrases()]


@pytest.mark.parametrize("name", [q.name for q in load_book().phrases()])
@pytest.mark.parametrize("lang", ["de/fragen", "en/questions"])
def test_every_question_opens_as_a_form(client: FlaskClient, lang: str, name: str) -> None:
    text = page(client, f"/{lang}/{name}")
    assert "<form" in text
    assert 'name="language"' not in text


@pytest.mark.parametrize(
    ("words", "found", "not_found"), [("verborgene innovatoren", "hidden_innovators", "topic_strength"), ("xyzzy", "", "hidden_innovators")]
)
def test_the_list_is_searched(client: FlaskClient, words: str, found: str, not_found: str) -> None:
    text = page(client, "/de/fragen", q=words)
    assert not found or f"/de/fragen/{found}" in text
    assert f"/de/fragen/{not_found}" not in text


@pytest.mark.parametrize(
    ("name", "values", "seen", "status"),
    [
        ("who_works_on_topic", {"topic": "Wasserstoffenergie"}, f"/de/organisation/{CENTRE}", 200),
        ("who_works_on_topic", {"topic": TOPIC}, 'value="Wasserstoffenergie"', 200),
        ("who_works_on_topic", {"topic": "hydrogen energy"}, f"/de/organisation/{INSTITUTE}", 200),
        ("partners_of_organization", {"organization": "Beispielfirma"}, "Das ist nicht eindeutig", 200),
        ("partners_of_organization", {"organization": "Xyzzy GmbH"}, "ist hier nicht bekannt", 200),
        ("partners_of_organization", {"organization": "anders", "organization.id": CENTRE}, "ist hier nicht bekannt", 200),
        ("partners_of_organization", {"organization": "Wasserstofftechnik Ruhr GmbH", "organization.id": CENTRE}, f"/de/organisation/{INSTITUTE}", 200),
        ("research_within_km", {"place": OBERHAUSEN, "topic": TOPIC, "km": "0"}, "eine Zahl von 1 bis", 200),
        ("research_within_km", {"place": OBERHAUSEN, "topic": TOPIC, "km": "12,5"}, "Institut für Energiespeicher", 200),
        ("research_within_km", {"place": "", "topic": TOPIC}, "Hier fehlt eine Angabe", 200),
        ("consortium_gaps", {"members": f"{CENTRE}\nBeispielfirma"}, "Das ist nicht eindeutig", 200),
        ("consortium_gaps", {"members": f"Wasserstofftechnik Ruhr GmbH [{CENTRE}]\n{INSTITUTE}"}, "Ergebnis", 200),
        ("hidden_innovators", {"place": OBERHAUSEN, "view": "chart"}, "Ergebnis", 200),
        ("hidden_innovators", {"place": OBERHAUSEN, "partners": "x"}, "eine Zahl von", 200),
        ("gibt_es_nicht", {}, "", 404),
        ("organization", {}, "", 404),
    ],
)
def test_a_question_is_answered_or_asked_back(client: FlaskClient, name: str, values: dict[str, str], seen: str, status: int) -> None:
    assert seen in page(client, f"/de/fragen/{name}", status, **values)


def test_a_choice_leads_to_the_answer(client: FlaskClient) -> None:
    text = page(client, "/de/fragen/partners_of_organization", organization="Beispielfirma 0")
    href = re.search(r'<a href="([^"]+)" rel="nofollow"><bdi>Beispielfirma 02 GmbH', text)
    assert href
    assert 'id="result"' in page(client, href[1].replace("&amp;", "&"))


def test_a_question_opens_in_the_console_with_its_values(client: FlaskClient) -> None:
    text = page(client, "/de/fragen/who_works_on_topic", topic=TOPIC)
    href = re.search(r'href="([^"]+)" rel="nofollow">In der Konsole', text)
    assert href
    text = page(client, href[1].replace("&amp;", "&"))
    assert TOPIC in text
    assert "MATCH" in text


ATTACKS = [
    "CREATE (:Company {id: 'evil'})",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n:Company) SET n.name = 'evil' RETURN n",
    "MERGE (n:Company {id: 'evil'}) RETURN n",
    "LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row",
    "CALL dbms.listConfig() YIELD name RETURN name",
    "SHOW USERS",
    "EXPLAIN CREATE (:Evil)",
    "CALL { CREATE (x:Evil) RETURN x } RETURN x",
    "UNWIND range(1, 100000000) AS x UNWIND range(1, 100000000) AS y RETURN sum(x * y)",
    "MATCH (n) RETRUN n",
    "RETURN nothing",
    "MATCH (n) RETURN n; MATCH (n) DELETE n",
]


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def attacked(request: pytest.FixtureRequest) -> Iterator[FlaskClient]:
    """The site over each engine, with a short time limit."""
    settings = request.getfixturevalue("site_settings" if request.param == "arcadedb" else "engines")
    if request.param == "neo4j":
        settings = settings.empty("neo4j")
    made = create_app(dataclasses.replace(settings, query_timeout=1.0), gone=lambda _id: False)
    made.testing = True
    yield made.test_client()
    made.extensions["innonet"].forget()


@pytest.mark.parametrize("cypher", ATTACKS)
def test_attacks_are_refused_with_words_on_both_engines(attacked: FlaskClient, cypher: str) -> None:
    text = page(attacked, "/de/konsole", 400, cypher=cypher)
    said = re.search(r'id="said" role="alert"[^>]*><p>(.+?)</p>', text, re.DOTALL)
    assert said
    assert len(said[1]) > 20
    answer = attacked.post("/api/v1/query", json={"cypher": cypher})
    assert answer.status_code == 400
    assert answer.get_json()["type"].rpartition("#")[2].startswith("query-")
    assert attacked.post("/api/v1/query", json={"cypher": "MATCH (n {id: 'evil'}) RETURN n"}).get_json()["rows"] == []


@pytest.mark.parametrize(
    ("lang", "cypher", "words"),
    [
        ("de/konsole", "MATCH (n)\nRETRUN n", ("Zeile 2, Spalte 1", "Meinten Sie")),
        ("en/console", "MATCH (n)\nRETRUN n", ("Line 2, column 1", "did you mean")),
        ("de/konsole", "MATCH (n) RETURN nothing", ("Zeile 1, Spalte 18", "ist nicht bekannt")),
        ("de/konsole", "MATCH (n {id: $ort}) RETURN n", ("$ort",)),
    ],
)
def test_errors_say_where_and_what_to_do(attacked: FlaskClient, lang: str, cypher: str, words: tuple[str, ...]) -> None:
    text = page(attacked, f"/{lang}", 400, cypher=cypher)
    for word in words:
        assert word in text


def test_the_form_becomes_an_address_and_long_questions_are_packed(client: FlaskClient) -> None:
    long = "// " + "Erklärung " * 400 + "\nRETURN $x AS x"
    for cypher in ("RETURN $x AS x", long):
        answer = client.post("/de/konsole", data={"cypher": cypher, "params": '{"x": "gefunden-42"}', "view": "chart"}, headers=HERE)
        assert answer.status_code == 303
        assert len(answer.headers["Location"]) < 3500
        assert "view=chart" in answer.headers["Location"]
        assert "gefunden-42" in page(client, answer.headers["Location"])
    noise = "RETURN '" + "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=12_000)) + "'"
    answer = client.post("/de/konsole", data={"cypher": noise}, headers=HERE)
    assert answer.status_code == 400
    assert "zu lang für eine Adresse" in answer.get_data(as_text=True)


@pytest.mark.parametrize("z", ["x", "eJwDAAAAAAE", "%00", "AAAA" * 2000])
def test_a_broken_address_only_shows_the_console(client: FlaskClient, z: str) -> None:
    assert "<textarea" in page(client, "/de/konsole", z=z)


@pytest.mark.parametrize(("params", "said"), [("{", "kein JSON"), ("[1]", "JSON-Objekt")])
def test_wrong_parameters_are_explained(client: FlaskClient, params: str, said: str) -> None:
    assert said in page(client, "/de/konsole", 400, cypher="RETURN 1", params=params)


def test_cells_lead_to_pages_and_are_escaped(client: FlaskClient) -> None:
    text = page(client, "/de/konsole", cypher=f"MATCH (o:Organization {{id: '{SCRIPT}'}}) RETURN o, o.id AS id, o.name AS name, o.evidence AS evidence")
    assert f'href="/de/organisation/{SCRIPT}"' in text
    assert "/de/beleg/cordis:" in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_views_and_files(client: FlaskClient) -> None:
    assert 'data-network="/de/konsole?' in page(client, "/de/konsole", cypher=MANY, view="network")
    data = client.get("/de/konsole", query_string={"cypher": MANY, "format": "network"}).get_json()
    assert len(data["nodes"]) > 5
    assert len(data["edges"]) == 20
    assert all(n["url"].startswith("/de/") for n in data["nodes"])
    count = "MATCH (o:Organization) RETURN o.city AS city, count(*) AS number ORDER BY number DESC"
    assert 'class="chart bars"' in page(client, "/de/konsole", cypher=count, view="chart")
    raw = client.get("/de/konsole", query_string={"cypher": "RETURN '=1+1' AS a, 1.5 AS b", "format": "csv-excel"}).get_data(as_text=True)
    assert list(csv.reader(io.StringIO(raw.removeprefix("\ufeff")), delimiter=";")) == [["a", "b"], ["'=1+1", "1,5"]]
    assert client.get("/de/konsole", query_string={"cypher": "RETURN 1 AS a", "format": "json"}).get_json(force=True) == [{"a": 1}]
    assert client.get("/de/konsole", query_string={"cypher": "RETURN 1", "format": "exe"}).status_code == 400
    raw = client.get("/de/fragen/who_works_on_topic", query_string={"topic": TOPIC, "format": "csv"}).get_data(as_text=True)
    assert CENTRE in raw


def test_a_cut_answer_says_so(client: FlaskClient) -> None:
    cut = page(client, "/de/konsole", cypher="UNWIND range(1, 600) AS x RETURN x")
    assert "hier wurde abgeschnitten" in cut
    assert "500 Zeilen" in cut
    file = client.get("/de/konsole", query_string={"cypher": "UNWIND range(1, 600) AS x RETURN x", "format": "csv"}).get_data(as_text=True)
    assert len(file.splitlines()) == 601


def test_only_so_many_at_once(client: FlaskClient) -> None:
    for _n in range(querying.AT_ONCE):
        assert querying._PLACES.acquire(blocking=False)
    try:
        for answer in (client.get("/de/konsole?cypher=RETURN+1"), client.post("/api/v1/query", json={"cypher": "RETURN 1"})):
            assert answer.status_code == 429
            assert int(answer.headers["Retry-After"]) > 0
        assert "schon so viele freie Abfragen" in client.get("/de/konsole?cypher=RETURN+1").get_data(as_text=True)
    finally:
        for _n in range(querying.AT_ONCE):
            querying._PLACES.release()
    assert client.get("/de/konsole?cypher=RETURN+1").status_code == 200


@pytest.mark.parametrize(("setting", "nobody", "user_gets"), [("public", 200, 200), ("users", 302, 200), ("off", 404, 404)])
def test_who_may_ask_is_a_setting(site_settings: Settings, user: Questions, setting: str, nobody: int, user_gets: int) -> None:
    made = create_app(dataclasses.replace(site_settings, console=setting))
    made.testing = True
    try:
        assert made.test_client().get("/de/konsole").status_code == nobody
        assert made.test_client().post("/api/v1/query", json={"cypher": "RETURN 1"}).status_code == {302: 403}.get(nobody, nobody)
        assert logged_in(made).get("/de/konsole").status_code == user_gets
        question = page(made.test_client(), "/de/fragen/who_works_on_topic", topic=TOPIC)
        assert ("In der Konsole öffnen" in question) is (setting == "public")
    finally:
        made.extensions["innonet"].forget()


def test_own_questions(app: Flask, user: Questions) -> None:
    user.forget()
    client = logged_in(app)
    page(client, "/de/konsole", cypher="RETURN 7 AS seven")
    page(client, "/de/konsole", 400, cypher="RETRUN 7")
    page(client, "/de/fragen/who_works_on_topic", topic=TOPIC)
    assert [(a.kind, a.rows is None) for a in user.last()] == [("phrase", False), ("cypher", True), ("cypher", False)]
    assert send(client, do="save", kind="cypher", text="RETURN 7 AS seven", params="", name=" <b>Sieben</b> ").status_code == 303
    assert send(client, do="save", kind="phrase", text="who_works_on_topic", params=f'{{"topic": "{TOPIC}"}}', name="Wer").status_code == 303
    assert send(client, do="save", kind="cypher", text="RETURN 1", params="", name=" ").status_code == 400
    assert send(client, do="save", kind="phrase", text="nichts", params="", name="x").status_code == 400
    text = page(client, "/de/meine-fragen")
    assert "&lt;b&gt;Sieben" in text
    for href in re.findall(r'class="name" href="([^"]+)"', text):
        assert client.get(href.replace("&amp;", "&")).status_code in (200, 400)
    assert app.test_client().get("/de/meine-fragen").status_code == 302
    with State(user._state.path.parent) as state:
        assert not Questions(state, "somebody-else").delete(user.saved()[0].number)
    for s in user.saved():
        assert send(client, do="delete", number=str(s.number)).status_code == 303
    assert send(client, do="delete", number="1").status_code == 404
    assert user.saved() == []
    send(client, do="forget")
    assert user.last() == []


def test_only_the_last_runs_are_remembered(user: Questions) -> None:
    for n in range(LAST + 3):
        user.note("cypher", f"RETURN {n}", "", 1)
    user.note("cypher", f"RETURN {LAST}", "", 2)
    last = user.last()
    assert len(last) == LAST
    assert (last[0].text, last[0].rows) == (f"RETURN {LAST}", 2)
    user.forget()


def test_the_interface_for_programs(client: FlaskClient) -> None:
    listed = client.get("/api/v1/phrases").get_json()["phrases"]
    assert {p["name"] for p in listed} == {q.name for q in load_book().phrases()}
    found = client.get("/api/v1/phrases/who_works_on_topic?topic=Wasserstoffenergie&limit=3&lang=en").get_json()
    assert found["parameters"]["topic"] == TOPIC
    assert len(found["rows"]) == 3
    assert found["cut"] is True
    rows = client.post("/api/v1/query", json={"cypher": "MATCH (o {id: $id}) RETURN o.name AS name", "parameters": {"id": LONELY}}).get_json()["rows"]
    assert rows == [{"name": "Alleinstehende Werkstatt GmbH"}]
    assert client.post("/api/v1/query?format=csv", json={"cypher": "RETURN 1 AS a"}).get_data(as_text=True) == "a\r\n1\r\n"


@pytest.mark.parametrize(
    ("method", "address", "body", "status"),
    [
        ("GET", "/api/v1/phrases/nichts", None, 404),
        ("GET", "/api/v1/phrases/who_works_on_topic?topic=xyzzy", None, 400),
        ("GET", "/api/v1/phrases/who_works_on_topic?farbe=rot", None, 400),
        ("GET", "/api/v1/phrases/partners_of_organization?organization=Beispielfirma", None, 400),
        ("GET", "/api/v1/phrases/research_within_km?km=viele", None, 400),
        ("POST", "/api/v1/query", [], 400),
        ("POST", "/api/v1/query", {"cypher": 1}, 400),
        ("POST", "/api/v1/query", {"cypher": "RETURN 1", "limit": 0}, 400),
        ("POST", "/api/v1/query", {"cypher": "RETURN 1", "parameters": []}, 200),
        ("POST", "/api/v1/query", {"cypher": "RETURN 1", "parameters": [1]}, 400),
    ],
)
def test_wrong_use_of_the_interface(client: FlaskClient, method: str, address: str, body: object, status: int) -> None:
    assert client.open(address, method=method, json=body).status_code == status


@pytest.mark.parametrize(("lang", "width"), [("de", 1280), ("en", 390)])
def test_the_way_of_a_question_in_a_browser(browser: Browser, address: str, user: Questions, lang: str, width: int) -> None:
    bad: list[str] = []
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 900})
    context.set_default_timeout(15_000)
    view = context.new_page()
    view.on("pageerror", lambda e: bad.append(str(e)))
    view.on("console", lambda m: bad.append(m.text) if m.type in ("error", "warning") and "400" not in m.text else None)
    german = lang == "de"

    def clean() -> None:
        view.evaluate(AXE.read_text(encoding="utf-8") if not view.evaluate("'axe' in window") else "1")
        found = view.evaluate("axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes.map(n => n.html).join(' | ')))")
        assert found == []
        assert view.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"

    try:
        view.goto("/de/anmelden" if german else "/en/login")
        view.locator("input[name=name]").fill("console-reader")
        view.locator("input[name=password]").fill(PASSWORD)
        view.locator("main button[type=submit]").click()
        view.goto("/de/fragen" if german else "/en/questions")
        clean()
        view.locator("a[href$='/who_works_on_topic']").click()
        field = view.locator("input[data-pick=Topic]")
        field.fill("")
        field.press_sequentially("Wasserstoffe")
        expect(view.locator("datalist option").first).to_have_attribute("value", "Wasserstoffenergie" if german else "hydrogen energy")
        field.fill("Wasserstoffenergie")
        field.press("Enter")
        expect(view.locator("table.answer tbody tr").first).to_be_visible()
        clean()
        view.locator("details.cypher summary").click()
        view.locator("details.cypher a.button").click()
        area = view.locator("#cypher")
        expect(area).to_have_value(re.compile("MATCH"))
        expect(view.locator("#params")).to_have_value(re.compile(TOPIC))
        area.fill("MATCH (o:Comp")
        area.press("End")
        area.press("Control+Space")
        expect(view.get_by_role("option").first).to_have_text("Company")
        area.press("ArrowDown")
        area.press("Enter")
        expect(area).to_have_value("MATCH (o:Company")
        area.press_sequentially(" {na")
        expect(view.get_by_role("option").first).to_have_text("name")
        clean()
        area.press("Escape")
        expect(view.get_by_role("listbox")).to_be_hidden()
        area.press("Control+Space")
        area.press("Tab")
        expect(area).not_to_be_focused()
        expect(view.get_by_role("listbox")).to_be_hidden()
        area.fill("MATCH (o:Company)\nRETRUN o")
        area.press("Control+Enter")
        expect(view.locator("#said")).to_contain_text("Zeile 2" if german else "Line 2")
        clean()
        view.locator("#said button").click()
        assert view.evaluate("document.getElementById('cypher').selectionStart") == len("MATCH (o:Company)\n")
        area.fill(MANY)
        area.press("Control+Enter")
        expect(view.locator("table.answer tbody tr")).to_have_count(20)
        view.locator(".views a").nth(1).click()
        expect(view.locator("[data-network]")).to_have_attribute("data-ready", re.compile(r"^\d+$"))
        clean()
        view.locator("#savename").fill(f"Meine {lang}")
        view.locator("#savename").press("Enter")
        expect(view.get_by_role("link", name=f"Meine {lang}", exact=True)).to_be_visible()
        clean()
        view.get_by_role("link", name=f"Meine {lang}", exact=True).click()
        expect(view.locator("table.answer tbody tr")).to_have_count(20)
    finally:
        context.close()
        for s in user.saved():
            user.delete(s.number)
        user.forget()
    assert bad == []


def test_names_from_the_data_stay_text(client: FlaskClient) -> None:
    text = page(client, "/de/fragen/partners_of_organization", organization=CENTRE)
    assert SCRIPT_NAME not in text
