"""Timeline, landscape of topics and map: pages, files to keep, and a look with a browser."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import small_network as n
from flask.testing import FlaskClient
from lxml import etree
from playwright.sync_api import Browser, expect

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        (f"/de/zeitleiste/{n.CENTRE}", 200, "Zeitleiste"),
        (f"/en/timeline/{n.CENTRE}", 200, "Timeline"),
        (f"/de/zeitleiste/{n.INSTITUTE}?parts=1", 200, "Zeitleiste"),
        (f"/de/zeitleiste/{n.LONELY}", 200, "steht kein Projekt"),
        (f"/de/zeitleiste/{n.GONE}", 410, ""),
        ("/de/zeitleiste/cordis:org:nobody", 404, ""),
        ("/de/themenlandschaft", 200, "Themenlandschaft"),
        (f"/de/themenlandschaft?topic={n.TOPIC_ABOVE}&place={n.NRW}", 200, "in Nordrhein-Westfalen"),
        ("/en/topic-landscape", 200, "Topic landscape"),
        (f"/de/themenlandschaft?topic={n.TOPIC}", 200, "kein Thema mit Organisationen"),
        ("/de/themenlandschaft?topic=t:none", 404, ""),
        ("/de/themenlandschaft?place=place:none", 404, ""),
        ("/de/karte", 200, "um Oberhausen"),
        (f"/de/karte?place={n.OBERHAUSEN}&organization={n.CENTRE}&within=50", 200, "nur mit Wasserstofftechnik Ruhr GmbH"),
        (f"/de/karte?place={n.NRW}", 200, "ist die Lage nicht bekannt"),
        ("/de/karte?place=place:none", 404, ""),
        ("/de/karte?organization=cordis:org:nobody", 404, ""),
    ],
)
def test_every_address_answers(client: FlaskClient, address: str, status: int, said: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert said in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("address", "drawn", "column"),
    [(f"/de/zeitleiste/{n.SCRIPT}", "rect", "project"), ("/de/themenlandschaft", "rect", "topic"), ("/de/karte", "circle", "pairs")],
)
def test_pictures_can_be_kept(client: FlaskClient, address: str, drawn: str, column: str) -> None:
    answer = client.get(address, query_string={"format": "svg"})
    assert answer.mimetype == "image/svg+xml"
    assert "attachment" in answer.headers["Content-Disposition"]
    root = etree.fromstring(answer.get_data())
    assert root.get("aria-label")
    assert root.findall(f".//{SVG}{drawn}")
    assert not root.findall(f".//{SVG}script")
    assert all(a.get("href").startswith("http://localhost/") for a in root.iter(f"{SVG}a"))
    for form, mark in (("csv", ","), ("csv-excel", ";")):
        table = client.get(address, query_string={"format": form})
        assert table.mimetype == "text/csv"
        rows = list(csv.reader(io.StringIO(table.get_data(as_text=True).removeprefix("\ufeff")), delimiter=mark))
        assert len(rows) > 1
        if form == "csv":
            assert column in rows[0]


@pytest.mark.parametrize(("lang", "width", "scheme"), [("de", 1280, "light"), ("en", 390, "dark")])
def test_pictures_in_a_browser(browser: Browser, address: str, lang: str, width: int, scheme: str) -> None:
    german = lang == "de"
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 900}, locale=lang, color_scheme=scheme)
    page = context.new_page()

    def clean() -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes.map(n => n.html).join(' | ')))") == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"

    try:
        page.goto(f"/{lang}/{'organisation' if german else 'organization'}/{n.CENTRE}")
        page.get_by_role("link", name="Zeitleiste und Förderung" if german else "Timeline and funding").click()
        expect(page.locator("svg.picture rect").first).to_be_visible()
        clean()
        page.goto("/de/themenlandschaft" if german else "/en/topic-landscape")
        clean()
        page.locator("svg.picture a").first.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert "topic=" in page.url or "/thema/" in page.url or "/topic/" in page.url
        page.goto("/de/karte?within=60" if german else "/en/map?within=60")
        expect(page.locator("svg.picture circle").first).to_be_visible()
        clean()
    finally:
        context.close()
