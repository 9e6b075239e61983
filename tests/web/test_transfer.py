"""The transfer office: firms without contact, organisations side by side, what is missing, and the way to part a wrong merge."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
import small_network as n
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from graph.accounts import Accounts
from graph.opinions import Opinions
from graph.settings import Settings
from graph.state import State
from graph.watchlist import Watchlist

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"
PASSWORD = "ein langes Passwort"
HERE = {"Sec-Fetch-Site": "same-origin"}
FAR_FIRM = "cordis:org:2045"
"""A partner of INSTITUTE but not of SCRIPT, whose topic it does not share; the topics of SCRIPT are those of TITLED."""


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def rows(client: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


@pytest.mark.parametrize(
    ("address", "names", "without"),
    [
        # firms of the second project share the topic and are no partner of those in the first one only
        (f"/de/transfer/{n.SCRIPT}?kind=any", {"cordis:org:2012", "cordis:org:2039"}, {n.CENTRE, n.INSTITUTE, "cordis:org:2011"}),
        (f"/de/transfer/{n.SCRIPT}", {"cordis:org:2015"}, {"cordis:org:2012", n.INSTITUTE}),
        (f"/de/transfer/{n.INSTITUTE}", set(), {n.CENTRE, "cordis:org:2015"}),
        (f"/de/transfer/{n.SCRIPT}?kind=any&country=NL", set(), {"cordis:org:2015"}),
    ],
)
def test_firms_without_contact(client: FlaskClient, address: str, names: set[str], without: set[str]) -> None:
    page = text(client, address)
    path, _, query = address.partition("?")
    listed = {r["Kennung"] for r in rows(client, path.replace("/transfer/", "/transfer-datei/") + (f"?{query}" if query else ""))}
    assert names <= listed
    assert not without & listed
    assert ("Dazu gibt es niemanden" in page) == (not listed)


def test_list_says_why_and_proves_it(client: FlaskClient) -> None:
    page = text(client, f"/de/transfer/{n.SCRIPT}?kind=any")
    assert "Wasserstoffenergie" in page
    assert "bei uns ein Projekt" in page
    proof = re.search(r'href="(/de/beleg/cordis%3A|/de/beleg/cordis:)[^"]+of=', page)
    assert proof
    assert f"/de/vergleich?a={n.SCRIPT.replace(':', '%3A')}" in page or f"/de/vergleich?a={n.SCRIPT}" in page
    first = rows(client, f"/en/transfer-file/{n.SCRIPT}?kind=any")[0]
    assert first["Gemeinsame Themen" if "Gemeinsame Themen" in first else "Shared topics"] == "hydrogen energy"
    assert any("/en/evidence/" in v for v in first.values())


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/de/transfer/nie:dagewesen", 404),
        (f"/de/transfer/{n.GONE}", 410),
        ("/de/transfer/efre-nrw:org:00aa", 301),
        (f"/de/transfer/{n.CENTRE}?topic=gibtesnicht&within=x&order=unsinn&page=9", 200),
        (f"/de/transfer-datei/{n.CENTRE}?format=exe", 400),
        ("/de/transfer-datei/nie:dagewesen", 404),
        ("/de/vergleich", 200),
        ("/de/vergleich?a=<script>&b=%22", 200),
        ("/de/was-fehlt/nie:dagewesen", 404),
        (f"/de/was-fehlt/{n.GONE}", 410),
        ("/de/was-fehlt/efre-nrw:org:00aa", 301),
        (f"/de/was-fehlt/{n.OBERHAUSEN}?gap=unsinn&years=99&page=7", 200),
        (f"/de/was-fehlt-datei/{n.OBERHAUSEN}?format=exe", 400),
        ("/de/was-fehlt-datei/nie:dagewesen", 404),
    ],
)
def test_every_address_answers(client: FlaskClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_side_by_side(client: FlaskClient) -> None:
    page = text(client, f"/de/vergleich?a={n.CENTRE}&b={n.INSTITUTE}&c=")
    for said in (
        "Nebeneinander",
        "Gemeinsame Themen",
        "Wasserstoffenergie",
        "2 gemeinsame Projekte",
        "ja, zeigen",
        "3.002\u00a0€",
        "Begonnene Projekte im Jahr",
    ):
        assert said in page, said
    assert page.count('<th scope="row">') > 10
    assert "alert(&#39;x&#39;)" in text(client, f"/de/vergleich?a={n.CENTRE}&b={n.SCRIPT}")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Nennen Sie zwei bis vier Organisationen"),
        (f"a={n.CENTRE}", "mindestens zwei verschiedene"),
        (f"a={n.CENTRE}&b={n.CENTRE}", "mindestens zwei verschiedene"),
        (f"a={n.CENTRE}&b=gibtesnicht", "ist hier nicht bekannt"),
        (f"a={n.CENTRE}&b=Wasserstofftechnik+Ruhr+GmbH", "mindestens zwei verschiedene"),
        ("a=Beispielfirma&b=Wasserstofftechnik+Ruhr+GmbH", "Bitte wählen Sie"),
        (f"a={n.CENTRE}&b=Alleinstehende+Werkstatt+GmbH", "Ein gemeinsames Thema ist nicht bekannt"),
    ],
)
def test_who_is_compared(client: FlaskClient, query: str, said: str) -> None:
    assert said in text(client, f"/de/vergleich?{query}")


@pytest.mark.parametrize(
    ("query", "listed", "not_listed"),
    [
        (f"{n.OBERHAUSEN}?gap=single", {n.LONELY}, {n.CENTRE}),
        (f"{n.OBERHAUSEN}?gap=website&gap=partner", {n.LONELY}, {n.CENTRE, n.INSTITUTE}),
        (f"{n.INSTITUTE}", {n.INSTITUTE, n.BRANCH}, {n.NEIGHBOUR}),
        (f"{n.INSTITUTE}?of=partners&gap=topic", {n.NEIGHBOUR}, {n.INSTITUTE, n.CENTRE}),
        (f"{n.CENTRE}", set(), {n.CENTRE}),
        (f"{n.OBERHAUSEN}?gap=old&years=1", set(), {n.LONELY}),
    ],
)
def test_what_is_missing(client: FlaskClient, query: str, listed: set[str], not_listed: set[str]) -> None:
    found = {r["Kennung"] for r in rows(client, f"/de/was-fehlt-datei/{query}")}
    assert listed <= found
    assert not not_listed & found
    page = text(client, f"/de/was-fehlt/{query}")
    assert "Wie man es behebt" in page
    assert ("Mit dieser Auswahl fehlt nichts" in page) == (not found)


@pytest.fixture(scope="module")
def editor(site_settings: Settings) -> str:
    with State(site_settings.home) as state:
        found = Accounts(state)
        if "transfer-editor" not in {u.name for u in found.users()}:
            found.add("transfer-editor", PASSWORD, "editor", by="test")
    return "transfer-editor"


def test_the_way_to_part_a_wrong_merge(app: Any, client: FlaskClient, editor: str) -> None:
    page = text(client, f"/de/organisation/{n.CENTRE}")
    assert "Gehört das zusammen? Sätze ansehen" in page
    assert "die Kennung dieser Seite steht schon darin" in page
    assert "gehört nicht dazu" not in page
    assert n.CENTRE in text(client, f"/de/fehler-melden?id={n.CENTRE}")
    own = app.test_client()
    assert own.post("/de/anmelden", data={"name": editor, "password": PASSWORD}, headers=HERE).status_code == 303
    assert "gehört nicht dazu" in text(own, f"/de/organisation/{n.CENTRE}")


def test_a_firm_is_noted_and_judged_from_the_list(app: Any, editor: str, site_settings: Settings) -> None:
    own = app.test_client()
    assert own.post("/de/anmelden", data={"name": editor, "password": PASSWORD}, headers=HERE).status_code == 303
    here = f"/de/transfer/{n.SCRIPT}?kind=any"
    page = text(own, here)
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token
    form = {"csrf": token[1], "asker": n.SCRIPT, "next": here}
    page = own.post("/de/merkliste", data={**form, "do": "note", "noted": "cordis:org:2015"}, headers=HERE, follow_redirects=True).get_data(as_text=True)
    assert "auf der Merkliste: vorgemerkt" in page
    page = own.post("/de/urteile", data={**form, "about": "cordis:org:2015", "verdict": "known", "shown": "1"}, headers=HERE, follow_redirects=True).get_data(
        as_text=True
    )
    assert "Notiert:" in page
    assert "Eine Organisation ist hier ausgeblendet" in page
    file = here.replace("/transfer/", "/transfer-datei/")
    assert "cordis:org:2015" not in {r["Kennung"] for r in rows(own, file)}
    with State(site_settings.home) as state:
        for o in Opinions(state).all():
            Opinions(state).undo(o.number, who="test")
        for e in Watchlist(state, editor).entries():
            Watchlist(state, editor).remove(e.number)
    assert "cordis:org:2015" in {r["Kennung"] for r in rows(own, file)}


WORDS = {
    "de": {
        "organization": f"/de/organisation/{n.SCRIPT}",
        "way": "Firmen mit unserem Thema ohne Kontakt",
        "kind": "Art",
        "apply": "Anwenden",
        "compare": "Vergleichen.*Beispielfirma 15 GmbH",
        "gaps": "Was fehlt in unseren Daten?",
        "together": "Gehört das zusammen? Sätze ansehen",
    },
    "en": {
        "organization": f"/en/organization/{n.SCRIPT}",
        "way": "Companies on our topics without contact",
        "kind": "Kind",
        "apply": "Apply",
        "compare": "Compare.*Beispielfirma 15 GmbH",
        "gaps": "What is missing in our data?",
        "together": "Does this belong together? See the records",
    },
}


@pytest.mark.parametrize(("lang", "width"), [("de", 1280), ("en", 390)])
def test_journey_of_a_transfer_office(browser: Browser, address: str, lang: str, width: int) -> None:
    words = WORDS[lang]
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 850})
    context.set_default_timeout(20_000)
    page = context.new_page()
    bad: list[str] = []
    page.on("console", lambda m: bad.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: bad.append(str(e)))
    page.goto(words["organization"])
    page.get_by_role("link", name=words["way"]).click()
    expect(page.locator("ol.untapped > li").first).to_be_visible()
    _fine(page, width)
    page.get_by_label(words["kind"], exact=True).select_option("Company")
    page.get_by_role("button", name=words["apply"]).click()
    page.wait_for_url(re.compile(r"kind=Company"))
    with page.expect_download() as loading:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert "2015" in loading.value.path().read_text(encoding="utf-8")
    page.get_by_role("link", name=re.compile(words["compare"])).click()
    expect(page.locator("table.sides").first).to_be_visible()
    _fine(page, width)
    page.go_back()
    page.get_by_role("link", name=words["gaps"]).click()
    expect(page.get_by_role("checkbox").first).to_be_visible()
    _fine(page, width)
    page.get_by_role("checkbox").nth(1).check()
    page.get_by_role("button", name=words["apply"]).click()
    page.wait_for_url(re.compile(r"gap=website"))
    page.goto(words["organization"].replace(n.SCRIPT, n.CENTRE))
    page.get_by_role("link", name=words["together"]).click()
    expect(page.locator("#one")).to_be_in_viewport()
    assert bad == []
    context.close()


def _fine(page: Page, width: int) -> None:
    """No violation of an accessibility rule, nothing wider than the window."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes.map(x => x.target.join(' ')).slice(0, 3).join(', '))")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
