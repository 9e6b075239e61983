"""Partners for who is in no register, why somebody is not suggested, and the same for programs."""

from __future__ import annotations

import io

import pytest
import small_network as n
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

SAME = {"Sec-Fetch-Site": "same-origin"}


def post(client: FlaskClient, lang: str = "de", **form: object) -> str:
    address = {"de": "/de/partner-suchen", "en": "/en/find-partners"}[lang]
    kind = "multipart/form-data" if "file" in form else "application/x-www-form-urlencoded"
    answer = client.post(address, data=form, headers=SAME, content_type=kind)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(
    ("lang", "form", "texts"),
    [
        ("de", {"does": "Wir speichern Wasserstoff."}, ("Wasserstoffenergie", "„<bdi>Wasserstoff</bdi>“", "Mögliche Partner", "beruhen allein auf dem")),
        ("en", {"does": "We store hydrogen."}, ("hydrogen energy", "Possible partners", "only on what you wrote")),
        ("de", {"seeks": "Wasserstoff", "place": "Oberhausen", "within": "30"}, ("Ort: <bdi>Oberhausen", "km entfernt")),
        ("de", {"does": "Wasserstoff", "place": "Atlantis"}, ("Der Ort «Atlantis» ist hier nicht bekannt", "Mögliche Partner")),
        ("de", {"does": "123 456"}, ("kein Thema zu erkennen",)),
        ("de", {"does": "Wasserstoff", "country": "NL", "topic": "Wasserstoffenergie"}, ("Die Filter lassen niemanden übrig", "Ohne das Land")),
        ("de", {"does": "Wasserstoff", "topic": "Gibtesnicht"}, ("«Gibtesnicht» ist hier nicht bekannt",)),
        ("de", {"does": "<script>alert(1)</script> Wasserstoff"}, ("&lt;script&gt;alert(1)",)),
    ],
)
def test_what_the_page_understands(client: FlaskClient, lang: str, form: dict[str, str], texts: tuple[str, ...]) -> None:
    page = post(client, lang, **form)
    for text in texts:
        assert text in page


def test_a_file_is_read_and_a_bad_one_is_told(client: FlaskClient) -> None:
    assert "Wasserstoffenergie" in post(client, file=(io.BytesIO(b"Wir speichern Wasserstoff."), "wir.txt"))
    assert "kaputt.pdf" in post(client, file=(io.BytesIO(b"%PDF-1.7 broken"), "kaputt.pdf"))


def test_two_megabytes_are_taken_and_nine_are_refused(client: FlaskClient) -> None:
    assert "Gelesen wurden die ersten" in post(client, does="Wir speichern Wasserstoff. " * 80_000)
    answer = client.post("/de/partner-suchen", data={"does": "x" * (9 << 20)}, headers=SAME)
    assert answer.status_code == 413


def test_other_pages_still_take_little(client: FlaskClient) -> None:
    assert client.post("/de/anmelden", data={"name": "x" * (1 << 20)}, headers=SAME).status_code == 413


def test_a_foreign_form_is_refused(client: FlaskClient) -> None:
    assert client.post("/de/partner-suchen", data={"does": "Wasserstoff"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400


@pytest.mark.parametrize(
    ("address", "texts"),
    [
        (f"/de/warum-nicht?org={n.CENTRE}&other={n.INSTITUTE}", ("schon Partner", "2 gemeinsame Projekte")),
        (f"/en/why-not?org={n.CENTRE}&other={n.INSTITUTE}", ("partners already",)),
        (f"/de/warum-nicht?org={n.CENTRE}&other={n.LONELY}", ("auf Platz", "wenig bekannt", "kein Projekt", "Was ihr gegenüber Platz 10 fehlt")),
        (f"/de/warum-nicht?org={n.CENTRE}&other={n.LONELY}&country=NL", ("Filter lassen sie nicht durch", "das Land")),
        (f"/de/warum-nicht?org={n.CENTRE}&other=Beispielfirma", ("Welche ist gemeint?", "Beispielfirma")),
        (f"/de/warum-nicht?org={n.CENTRE}&other=Gibtesbestimmtnicht", ("ist hier nicht bekannt",)),
        (f"/de/warum-nicht?org={n.CENTRE}", ("Nachsehen",)),
    ],
)
def test_why_not(client: FlaskClient, address: str, texts: tuple[str, ...]) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    for text in texts:
        assert text in answer.text


def test_why_not_of_nobody_is_not_found(client: FlaskClient) -> None:
    assert client.get("/de/warum-nicht?org=x:nowhere&other=y").status_code == 404


@pytest.mark.parametrize("query", ["", f"org={n.CENTRE}&text=Wasserstoff", f"org={n.CENTRE}&topic=Gibtesnicht", "text=Wasserstoff&place=Atlantis"])
def test_programs_are_told_what_is_wrong(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/v1/suggestions?{query}").status_code == 400


def test_programs_page_through_all_suggestions(client: FlaskClient) -> None:
    address: str | None = f"/api/v1/suggestions?org={n.CENTRE}&limit=20"
    seen: list[str] = []
    while address:
        answer = client.get(address).get_json()
        seen += [s["id"] for s in answer["items"]]
        address = answer["next"]
    assert len(seen) == len(set(seen)) == answer["total"]


def test_programs_ask_for_a_newcomer(client: FlaskClient) -> None:
    answer = client.get("/api/v1/suggestions?text=Wasserstoff&place=Oberhausen&as=Company&reach=1").get_json()
    assert answer["org"] == ""
    assert answer["notes"][0] == "newcomer"
    assert answer["items"][0]["reasons"]


@pytest.mark.parametrize(
    ("address", "texts"),
    [
        ("/de/konsortium", ("Mitglieder, eines je Zeile",)),
        (
            f"/de/konsortium?member={n.CENTRE}&topic=Wasserstoffenergie&coordinator=1&kind=Association",
            ("Gedeckt:", "fehlt", "damit", "Erfahrung mit Koordination"),
        ),
        (f"/en/consortium?member={n.CENTRE}&country=FR", ("Covered:", "France")),
        ("/de/konsortium?member=Gibtesbestimmtnicht", ("«Gibtesbestimmtnicht» ist hier nicht bekannt",)),
    ],
)
def test_a_consortium(client: FlaskClient, address: str, texts: tuple[str, ...]) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    for text in texts:
        assert text in answer.text


def test_a_consortium_for_programs(client: FlaskClient) -> None:
    answer = client.get(f"/api/v1/consortium?member={n.CENTRE}&topic={n.TOPIC}&kind=Association").get_json()
    assert answer["members"][0]["id"] == n.CENTRE
    assert {x["key"] for x in answer["needs"]} >= {n.TOPIC, "Association"}
    assert client.get("/api/v1/consortium").status_code == 400


@pytest.mark.parametrize("width", [1280, 390])
def test_a_founder_by_keyboard(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{address}/de/")
    page.get_by_role("link", name="Partner mit zwei Sätzen suchen").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Was machen Sie?").focus()
    page.keyboard.type("Wir speichern Wasserstoff in Druckbehältern.")
    page.get_by_role("button", name="Partner suchen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mögliche Partner")).to_be_visible()
    chip = page.get_by_role("checkbox", name="Wasserstoffenergie")
    expect(chip).to_be_checked()
    chip.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Partner suchen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Wasserstoffenergie")).not_to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{address}/de/vorschlaege/{n.CENTRE}")
    page.get_by_label("Warum wird diese Organisation nicht vorgeschlagen?").focus()
    page.keyboard.type("Alleinstehende Werkstatt")
    page.keyboard.press("Enter")
    expect(page.get_by_text("auf Platz")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()
