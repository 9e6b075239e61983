"""The founder: two sentences, topics, filters, ten suggestions, why, the Merkliste and the dossier, with and without an account."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import small_network as n
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from pypdfium2 import PdfDocument

from graph.accounts import Accounts
from graph.opinions import NEWCOMER
from graph.settings import Settings
from graph.state import State
from graph.watchlist import Watchlist

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"
PASSWORD = "ein langes Passwort"
HERE = {"Sec-Fetch-Site": "same-origin"}
FOUNDER = "founder-reader"
TEXT = "Wir speichern Wasserstoff."


@pytest.fixture
def state(site_settings: Settings) -> Iterator[State]:
    with State(site_settings.home) as opened:
        accounts = Accounts(opened)
        if FOUNDER not in {u.name for u in accounts.users()}:
            accounts.add(FOUNDER, PASSWORD, "reader", by="test")
        yield opened
        mine = Watchlist(opened, FOUNDER)
        for e in mine.entries():
            mine.remove(e.number)


@pytest.fixture
def reader(app: Flask, state: State) -> FlaskClient:
    own = app.test_client()
    assert own.post("/de/anmelden", data={"name": FOUNDER, "password": PASSWORD}, headers=HERE).status_code == 303
    return own


def ask(client: FlaskClient, status: int = 200, **form: str) -> str:
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/de/partner-suchen").get_data(as_text=True))
    answer = client.post(
        "/de/partner-suchen", data={"does": TEXT, "within": "30", "place": "Oberhausen", "csrf": token[1] if token else "", **form}, headers=HERE
    )
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_noting_keeps_text_and_filters_and_can_be_taken_back(reader: FlaskClient, state: State) -> None:
    page = ask(reader)
    first = re.search(r'name="note" value="([^"]+)"', page)
    assert first
    page = ask(reader, note=first[1])
    mine = Watchlist(state, FOUNDER).entries()
    assert [(e.asker, e.noted) for e in mine] == [(NEWCOMER, first[1])]
    assert TEXT in page
    assert 'value="30"' in page
    assert "auf der Merkliste: vorgemerkt" in page
    assert first[1] not in re.findall(r'name="note" value="([^"]+)"', page)
    assert "Zu einem eigenen Text" in reader.get("/de/merkliste").get_data(as_text=True)
    page = ask(reader, unnote=str(mine[0].number))
    assert "Von der Merkliste genommen" in page
    assert Watchlist(state, FOUNDER).entries() == []


@pytest.mark.parametrize(("form", "status"), [({"note": "nie:dagewesen"}, 400), ({"unnote": "x"}, 400), ({"unnote": "987654"}, 200), ({"format": "exe"}, 400)])
def test_what_the_form_refuses(reader: FlaskClient, form: dict[str, str], status: int) -> None:
    ask(reader, status, **form)


def test_a_visitor_may_not_note_but_is_told_how(client: FlaskClient) -> None:
    page = ask(client)
    assert 'name="note"' not in page
    assert "Ihr Text geht beim Anmelden verloren" in page
    ask(client, 403, note=n.CENTRE)


def test_the_list_goes_along_as_table_and_dossier(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(ask(client, format="csv"))))
    assert [r["Rang"] for r in rows] == [str(k + 1) for k in range(len(rows))]
    assert any("Wasserstoffenergie" in r["Warum"] for r in rows)
    answer = client.post("/de/partner-suchen", data={"does": TEXT, "format": "pdf"}, headers=HERE)
    assert answer.mimetype == "application/pdf"
    text = "".join(page.get_textpage().get_text_range() for page in PdfDocument(answer.data))
    assert "Zu einem eigenen Text" in text
    assert "Wasserstoffenergie" in text
    assert "Stand der Dinge" not in text
    assert "Kein Grund aus den Daten" not in text


def test_names_in_the_text_are_offered(client: FlaskClient) -> None:
    page = ask(client, does="Wir sind die Wasserstofftechnik Ruhr GmbH und speichern Wasserstoff.")
    assert "Meinten Sie" in page
    assert f'href="/de/vorschlaege/{n.CENTRE}"' in page
    assert "Meinten Sie" not in ask(client)


WORDS = {
    "de": {
        "page": "/de/partner-suchen",
        "login": "/de/anmelden",
        "text": "Wir speichern Wasserstoff in Tanks. Wir suchen Partner für Prüfstände.",
    },
    "en": {
        "page": "/en/find-partners",
        "login": "/en/login",
        "text": "We store hydrogen in tanks. We look for partners for test benches.",
    },
}


@pytest.mark.parametrize(("lang", "width"), [("de", 1280), ("en", 390)])
def test_journey_of_a_founder(browser: Browser, address: str, state: State, lang: str, width: int) -> None:
    words = WORDS[lang]
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 850})
    context.set_default_timeout(20_000)
    page = context.new_page()
    bad: list[str] = []
    page.on("console", lambda m: bad.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: bad.append(str(e)))
    page.goto(words["page"])
    tell(page, words)
    with page.expect_download() as loading:  # a visitor takes the dossier along
        page.locator(".files button[value=pdf]").click()
    assert loading.value.path().read_bytes().startswith(b"%PDF")
    page.goto(f"{words['login']}?next={words['page']}")
    page.locator("input[name=name]").fill(FOUNDER)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"**{words['page']}")
    tell(page, words)
    page.locator("ol.suggestions > li .reasons .proofs a").first.wait_for()
    page.locator("main details").evaluate_all("all => all.forEach(d => { d.open = true })")
    page.locator("#within").fill("50")
    page.locator("#place").fill("Oberhausen")
    page.locator("main form#ask > button[type=submit]").click()
    expect(page.locator("#within")).to_have_value("50")
    fine(page, width)
    page.locator("ol.suggestions button[name=note]").first.click()
    expect(page.locator("ol.suggestions .said").first).to_be_in_viewport()
    expect(page.locator("#does")).to_have_value(words["text"])
    expect(page.locator("#within")).to_have_value("50")
    page.locator(".files a").click()
    expect(page.locator("ul.noted > li")).to_have_count(1)
    assert bad == []
    context.close()


def tell(page: Page, words: dict[str, str]) -> None:
    """Write what one does and ask."""
    page.locator("#does").fill(words["text"])
    page.locator("main form#ask > button[type=submit]").click()
    expect(page.locator("#understood")).to_be_visible()
    expect(page.locator("ol.suggestions > li").first).to_be_visible()


def fine(page: Page, width: int) -> None:
    """No violation of an accessibility rule, nothing wider than the window."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes.map(x => x.target.join(' ')).slice(0, 3).join(', '))")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
