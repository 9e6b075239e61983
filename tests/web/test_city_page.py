"""The city's page, its tables, the digest and the feed, without and with a browser."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import small_network as n
from flask.testing import FlaskClient
from lxml import etree
from playwright.sync_api import Browser, expect

from graph import news
from graph.settings import Settings
from graph.state import State

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def newer(site_settings: Settings) -> None:
    """As if a second load had brought three things, one of which has gone since."""
    state = State(site_settings.home)
    with state.transaction() as c:
        for version in ("before", "after"):
            c.exec_driver_sql("INSERT INTO seen (version, at, organizations, projects, pairs) VALUES (?, '2026-05-01T08:00:00+00:00', 2, 0, 1)", (version,))
        for what, id_, other in (("organization", n.SCRIPT, ""), ("organization", n.GONE, ""), ("pair", n.CENTRE, n.INSTITUTE), ("project", n.TITLED, "")):
            c.exec_driver_sql("INSERT INTO news (seen, what, id, other) SELECT max(number), ?, ?, ? FROM seen", (what, id_, other))
    assert news.loads(state)


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/de/stadt", 302, "/de/stadt/place:05119"),
        (f"/de/stadt/{n.OBERHAUSEN}", 200, "Oberhausen im Überblick"),
        (f"/en/city/{n.OBERHAUSEN}", 200, "Oberhausen at a glance"),
        (f"/de/stadt/{n.NRW}?within=5", 200, "Ziele des Masterplans"),
        ("/de/stadt/place:DE?all=gaps", 200, "Themen, die fehlen"),
        ("/de/stadt/place:nowhere", 404, "Das gibt es hier nicht"),
        (f"/de/stadt/{n.CENTRE}", 404, "Das gibt es hier nicht"),
        (f"/de/stadt-datei/{n.OBERHAUSEN}?list=none", 404, ""),
        (f"/de/stadt-datei/{n.OBERHAUSEN}?list=goals&format=pdf", 404, ""),
        (f"/de/stadt-neu/{n.OBERHAUSEN}?since=gestern", 200, "Das ist kein Tag"),
        (f"/de/stadt-neu/{n.OBERHAUSEN}?since=2040-01-01", 200, "kam für diese Stadt nichts Neues"),
        ("/de/stadt-feed/place:nowhere", 404, ""),
    ],
)
def test_every_address_answers(client: FlaskClient, address: str, status: int, said: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert said in answer.get_data(as_text=True)


@pytest.mark.parametrize(("name", "column"), [("hidden", "score"), ("gaps", "helpers"), ("goals", "goal")])
@pytest.mark.parametrize("form", ["csv", "csv-excel"])
def test_lists_as_tables(client: FlaskClient, name: str, column: str, form: str) -> None:
    answer = client.get(f"/de/stadt-datei/{n.OBERHAUSEN}", query_string={"list": name, "format": form})
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.get_data(as_text=True)
    if form == "csv":
        assert column in next(csv.reader(io.StringIO(text)))
    else:
        assert text.startswith("\ufeff")
        assert ";" in text.splitlines()[0]


@pytest.mark.usefixtures("newer")
def test_digest_shows_what_is_still_there(client: FlaskClient) -> None:
    text = client.get(f"/de/stadt-neu/{n.OBERHAUSEN}?since=2026-01-01").get_data(as_text=True)
    for said in ("Neue Zusammenarbeit", "Neu im Graphen", "Institut für Energiespeicher Oberhausen", "&lt;script&gt;"):
        assert said in text
    assert n.GONE not in text
    assert "<script>alert" not in text


@pytest.mark.usefixtures("newer")
def test_feed_is_atom(client: FlaskClient) -> None:
    answer = client.get(f"/de/stadt-feed/{n.OBERHAUSEN}?since=2026-01-01")
    assert answer.mimetype == "application/atom+xml"
    root = etree.fromstring(answer.get_data())
    assert root.xpath("string(a:link[@rel='self']/@href)", namespaces=ATOM) == root.findtext("a:id", namespaces=ATOM)
    entries = root.findall("a:entry", ATOM)
    assert entries
    ids = [e.findtext("a:id", namespaces=ATOM) for e in entries]
    assert len(set(ids)) == len(ids)
    for e in entries:
        assert all(e.findtext(f"a:{tag}", namespaces=ATOM) for tag in ("title", "updated", "summary"))
        assert client.get(e.find("a:link", ATOM).get("href").removeprefix("http://localhost")).status_code == 200
    assert any(n.SCRIPT_NAME in (e.findtext("a:title", namespaces=ATOM) or "") for e in entries)


@pytest.mark.usefixtures("newer")
@pytest.mark.parametrize(("lang", "width"), [("de", 1280), ("en", 390)])
def test_journey_of_a_business_developer(browser: Browser, address: str, lang: str, width: int) -> None:
    german = lang == "de"
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 900}, locale=lang)
    page = context.new_page()

    def clean() -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes.map(n => n.html).join(' | ')))") == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"

    try:
        page.goto("/de/" if german else "/en/")
        page.get_by_role("navigation", name="Hauptmenü" if german else "Main menu").get_by_role("link", name="Stadt" if german else "City").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Oberhausen")
        clean()
        page.get_by_role("link", name="Hidden Innovations" if german else "Hidden innovations").click()
        expect(page.locator("section[aria-labelledby=hidden]")).to_be_in_viewport()
        page.locator("section[aria-labelledby=gaps] tbody th a").first.click()
        expect(page.get_by_role("heading", level=1)).not_to_contain_text("Oberhausen")
        page.go_back()
        page.get_by_role("link", name="Neu seit" if german else "New since").click()
        page.get_by_label("Neu seit" if german else "New since").fill("2026-01-01")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Neue Zusammenarbeit" if german else "New cooperation")).to_be_visible()
        clean()
    finally:
        context.close()
