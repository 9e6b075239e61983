"""Opinions about suggestions and the Merkliste on the site: who may, what it does, the files and the printed dossier, and all by keyboard."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from pypdfium2 import PdfDocument
from small_network import CENTRE, INSTITUTE, LONELY, RIGHT_TO_LEFT, RTL_NAME, SCRIPT, SCRIPT_NAME, TITLED

from graph.accounts import ROLES, Accounts
from graph.opinions import VERDICTS, Opinions
from graph.settings import Settings
from graph.state import State
from graph.suggest import suggest
from graph.tabular import cell
from graph.watchlist import STATES, Watchlist
from ingest.text.read import read_bytes
from web import words
from web.dossier_content import Dossier, Fact, Partner, Proof, SourceLine, Why
from web.pdf import clean, drawn

PASSWORD = "ein langes Passwort"
HERE = {"Sec-Fetch-Site": "same-origin"}
LIST = f"/de/vorschlaege/{LONELY}"
BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def users(site_settings: Settings) -> Iterator[Accounts]:
    with State(site_settings.home) as state:
        found = Accounts(state)
        known = {u.name for u in found.users()}
        for role in ROLES:
            if f"watch-{role}" not in known:
                found.add(f"watch-{role}", PASSWORD, role, by="test")
        yield found


@pytest.fixture
def state(site_settings: Settings, users: Accounts) -> Iterator[State]:
    """The state of the site, without opinions and notes at the end: other tests read the same suggestions."""
    with State(site_settings.home) as opened:
        yield opened
        for o in Opinions(opened).all():
            Opinions(opened).undo(o.number, who="test")
        for role in ROLES:
            mine = Watchlist(opened, f"watch-{role}")
            for e in mine.entries():
                mine.remove(e.number)


def client_of(app: Flask, role: str) -> FlaskClient:
    client = app.test_client()
    assert client.post("/de/anmelden", data={"name": f"watch-{role}", "password": PASSWORD}, headers=HERE).status_code == 303
    return client


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', text(client, "/de/"))
    assert found
    return found[1]


def send(client: FlaskClient, address: str, follow: bool = True, **fields: object) -> str:
    answer = client.post(address, data={"csrf": token(client), "next": LIST, **fields}, headers=HERE, follow_redirects=follow)
    assert answer.status_code in (200, 303), answer.get_data(as_text=True)
    return answer.get_data(as_text=True) if follow else answer.headers["Location"]


def suggested(client: FlaskClient, org: str = LONELY) -> list[str]:
    return [s["id"] for s in client.get(f"/api/v1/suggestions?org={org}").get_json()["items"]]


def form(page: str, action: str, mark: str = "") -> dict[str, str]:
    """Hidden fields of the first form with this action and this text in it."""
    for found in re.findall(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL):
        if mark in found:
            return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found))
    raise AssertionError(page)


# ---------------------------------------------------------------------------------------------------------------- rights


@pytest.mark.parametrize(("who", "judges", "notes"), [("nobody", False, False), ("reader", False, True), ("editor", True, True), ("admin", True, True)])
def test_what_stands_beside_a_suggestion(app: Flask, state: State, who: str, judges: bool, notes: bool) -> None:
    client = app.test_client() if who == "nobody" else client_of(app, who)
    for address in (LIST, f"/de/organisation/{LONELY}"):
        page = text(client, address)
        assert ('value="does_not_fit"' in page) == judges
        assert ("auf die Merkliste" in page) == notes
        assert ("Anmelden, um zu urteilen" in page) == (who == "nobody")


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("nobody", "/de/urteile", 302), ("reader", "/de/urteile", 200), ("nobody", "/de/merkliste", 302), ("reader", "/de/merkliste", 200),
        ("nobody", "/de/merkliste/dossier", 302), ("reader", "/de/merkliste/dossier", 404), ("nobody", "/de/urteile/datei", 302),
        ("reader", "/de/urteile/datei?format=xml", 400), ("reader", "/de/merkliste/datei?format=xml", 400), ("reader", "/en/watchlist/file", 200),
    ],
)  # fmt: skip
def test_who_may_read(app: Flask, state: State, who: str, address: str, status: int) -> None:
    client = app.test_client() if who == "nobody" else client_of(app, who)
    assert client.get(address).status_code == status


@pytest.mark.parametrize(
    ("who", "address", "fields", "status"),
    [
        ("nobody", "/de/urteile", {"verdict": "fits", "asker": LONELY, "about": CENTRE}, 403),
        ("reader", "/de/urteile", {"verdict": "fits", "asker": LONELY, "about": CENTRE}, 403),
        ("editor", "/de/urteile", {"verdict": "fits", "asker": LONELY, "about": CENTRE}, 303),
        ("editor", "/de/urteile", {"verdict": "fits", "about": CENTRE}, 303),  # for a text
        ("editor", "/de/urteile", {"verdict": "great", "asker": LONELY, "about": CENTRE}, 400),
        ("editor", "/de/urteile", {"verdict": "fits", "asker": LONELY, "about": "nicht:da"}, 400),
        ("editor", "/de/urteile", {"verdict": "fits", "asker": "nicht:da", "about": CENTRE}, 400),
        ("editor", "/de/urteile", {"verdict": "fits", "asker": CENTRE, "about": CENTRE}, 400),
        ("editor", "/de/urteile", {"verdict": "fits", "asker": LONELY, "about": "1001"}, 303),  # an identifier leads to its node
        ("editor", "/de/urteile", {}, 400),
        ("reader", "/de/urteile/zurueck", {"number": "1"}, 403),
        ("editor", "/de/urteile/zurueck", {"number": "x"}, 400),
        ("editor", "/de/urteile/zurueck", {"number": "9" * 18}, 303),
        ("nobody", "/de/merkliste", {"do": "note", "asker": LONELY, "noted": CENTRE}, 403),
        ("reader", "/de/merkliste", {"do": "note", "asker": LONELY, "noted": CENTRE}, 303),
        ("reader", "/de/merkliste", {"do": "note", "noted": CENTRE}, 303),
        ("reader", "/de/merkliste", {"do": "note", "asker": LONELY, "noted": "nicht:da"}, 400),
        ("reader", "/de/merkliste", {"do": "note", "asker": LONELY, "noted": LONELY}, 400),
        ("reader", "/de/merkliste", {"do": "change", "number": "1", "state": "married"}, 400),
        ("reader", "/de/merkliste", {"do": "change", "number": "99999999", "state": "noted"}, 404),
        ("reader", "/de/merkliste", {"do": "remove", "number": "99999999"}, 404),
        ("reader", "/de/merkliste", {"do": "remove", "number": "²"}, 400),
        ("reader", "/de/merkliste", {"do": "sing", "number": "1"}, 400),
        ("reader", "/de/merkliste", {}, 400),
    ],
)
def test_who_may_write_what(app: Flask, state: State, who: str, address: str, fields: dict[str, str], status: int) -> None:
    client = app.test_client() if who == "nobody" else client_of(app, who)
    sent = {**fields, **({} if who == "nobody" else {"csrf": token(client)})}
    before = len(state.audit(limit=10_000))
    assert client.post(address, data=sent, headers=HERE).status_code == status
    changed = len(state.audit(limit=10_000)) > before
    assert changed == (status == 303 and "9" * 18 not in fields.values())


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/de/urteile", {"verdict": "fits", "asker": LONELY, "about": CENTRE}),
        ("/de/urteile/zurueck", {"number": "1"}),
        ("/de/merkliste", {"do": "note", "asker": LONELY, "noted": CENTRE}),
    ],
)
@pytest.mark.parametrize(("headers", "csrf"), [(HERE, ""), (HERE, "falsch"), ({"Sec-Fetch-Site": "cross-site"}, "TOKEN"), ({}, "TOKEN")])
def test_a_forged_form_changes_nothing(app: Flask, state: State, address: str, fields: dict[str, str], headers: dict[str, str], csrf: str) -> None:
    client = client_of(app, "editor")
    sent = {**fields, "csrf": token(client) if csrf == "TOKEN" else csrf}
    before = len(state.audit(limit=10_000))
    assert client.post(address, data=sent, headers=headers).status_code == 400
    assert len(state.audit(limit=10_000)) == before


def test_a_list_is_seen_by_its_owner_only(app: Flask, state: State) -> None:
    reader, editor = client_of(app, "reader"), client_of(app, "editor")
    send(reader, "/de/merkliste", do="note", asker=LONELY, noted=SCRIPT)
    number = Watchlist(state, "watch-reader").entries()[0].number
    assert "Alleinstehende Werkstatt" in text(reader, "/de/merkliste")
    assert "Hier steht noch niemand" in text(editor, "/de/merkliste")
    for do in ("change", "remove", "put_back"):
        answer = editor.post("/de/merkliste", data={"csrf": token(editor), "do": do, "number": number, "state": "project"}, headers=HERE)
        assert answer.status_code == 404
    assert [e.state for e in Watchlist(state, "watch-reader").entries()] == ["noted"]


# ---------------------------------------------------------------------------------------------------------------- opinions


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_judgement_comes_back_to_its_place(app: Flask, state: State, verdict: str) -> None:
    client, visitor = client_of(app, "editor"), app.test_client()
    before = suggested(client)
    about = before[2]
    address = f"{LIST}?mode=mixed&kind=Company&kind=University"
    goes_to = send(client, "/de/urteile", follow=False, asker=LONELY, about=about, shown="3", verdict=verdict, why="  weil <b>eben</b> ", next=address)
    number = Opinions(state).all()[0].number
    assert goes_to == f"{address}&done={number}#said"
    page = text(client, f"{LIST}?done={number}")
    assert "Notiert:" in page
    assert page.count('id="said"') == 1
    after = suggested(visitor)
    if verdict in ("does_not_fit", "known", "competitor"):
        assert about not in after
        assert 'class="between"' in page
        assert page.index('id="2"') < page.index('id="said"') < page.index('id="3"')
        assert "Eine Organisation ist hier ausgeblendet" in page
        assert "weil &lt;b&gt;eben&lt;/b&gt;" in page
        public = text(visitor, LIST)
        assert "Eine Organisation ist hier ausgeblendet" in public
        assert "watch-editor" not in public  # who judged is nobody's business outside
        assert "eben" not in public
    else:
        assert about in after
        assert ("Von uns als passend beurteilt" in page) == (verdict == "fits")
    page = send(client, "/de/urteile/zurueck", **form(page, "/de/urteile/zurueck", "Zurücknehmen"))
    assert "Zurückgenommen:" in page
    assert "Zurücknehmen" not in page
    assert suggested(visitor) == before
    kept = Opinions(state).one(number)
    assert kept is not None
    assert (kept.shown, kept.why, kept.who, kept.undone) == (3, "weil <b>eben</b>", "watch-editor", True)


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)", "", "/de/\r\nX: y"])
def test_a_form_comes_back_to_this_site_only(app: Flask, state: State, goal: str) -> None:
    client = client_of(app, "editor")
    assert send(client, "/de/urteile", follow=False, asker=LONELY, about=CENTRE, verdict="unclear", next=goal).startswith("/de/?done=")


def test_an_opinion_about_another_list_is_not_told_here(app: Flask, state: State) -> None:
    Opinions(state).judge(CENTRE, LONELY, "known", "watch-editor")
    number = Opinions(state).all()[0].number
    client = client_of(app, "editor")
    assert 'id="said"' not in text(client, f"{LIST}?done={number}")
    assert 'id="said"' not in text(app.test_client(), f"/de/vorschlaege/{CENTRE}?done={number}")
    for bad in ("", "x", "²", "9" * 30, "0"):
        assert 'id="said"' not in text(client, f"{LIST}?done={bad}")


def test_api_pages_and_command_line_say_the_same(app: Flask, state: State, site_settings: Settings) -> None:
    from graph.asking import suggest_for

    connected = app.extensions["innonet"].connected()
    d = connected.derived.current()
    plain = [s.id for s in suggest(d, LONELY).suggestions]
    Opinions(state).judge(LONELY, plain[0], "competitor", "watch-editor")
    Opinions(state).judge(LONELY, plain[-1], "fits", "watch-editor")
    client = app.test_client()
    found = suggested(client)
    assert plain[0] not in found
    rows = suggest_for(site_settings, connected.store, LONELY).rows
    assert [r["id"] for r in rows] == found
    page = text(client, LIST)
    assert [page.index(f'href="/de/organisation/{i}"') for i in found] == sorted(page.index(f'href="/de/organisation/{i}"') for i in found)


def test_the_page_of_opinions(app: Flask, state: State) -> None:
    opinions = Opinions(state)
    assert "Noch ist kein Vorschlag" in text(client_of(app, "reader"), "/de/urteile") or opinions.all()
    for about, verdict, shown in ((CENTRE, "fits", 1), (INSTITUTE, "does_not_fit", 2), (SCRIPT, "fits", 30), (RIGHT_TO_LEFT, "known", 3)):
        opinions.judge(LONELY, about, verdict, "watch-editor", "<script>alert(2)</script>", shown=shown)
    opinions.judge("weg:1", "weg:2", "fits", "watch-admin", shown=1)
    opinions.judge(LONELY, CENTRE, "does_not_fit", "watch-admin", shown=1)
    page = text(client_of(app, "reader"), "/de/urteile")
    assert "1 von 3 beurteilten Vorschlägen unter den ersten 10 passen." in page  # the vanished pair counts, the overruled word does not
    assert "Das sind 33\u00a0%;" in page
    assert "zwischen 6 und 79\u00a0%" in page
    assert "es sind 3." in page  # pairs that can be learned from
    assert "ein späteres Urteil gilt" in page
    assert "zurzeit in keiner Quelle" in page
    assert "<script>alert" not in page
    assert "zurücknehmen" not in page
    editor = client_of(app, "editor")
    page = send(editor, "/de/urteile/zurueck", **{**form(text(editor, "/de/urteile"), "/de/urteile/zurueck"), "next": "/de/urteile"})
    assert "Zurückgenommen:" in page
    assert "zurückgenommen</span>" in page


@pytest.mark.parametrize(("form_", "mark", "delimiter"), [("csv", "", ","), ("csv-excel", "\ufeff", ";")])
def test_opinions_as_a_file(app: Flask, state: State, form_: str, mark: str, delimiter: str) -> None:
    Opinions(state).judge(LONELY, RIGHT_TO_LEFT, "known", "watch-editor", '\u202e=HYPERLINK("http://x.invalid")')
    Opinions(state).judge(LONELY, SCRIPT, "fits", "watch-editor", "+49 208 1;2,3\n@x", shown=4)
    answer = client_of(app, "reader").get(f"/de/urteile/datei?format={form_}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="innonet-urteile.csv"'
    body = answer.get_data().decode()
    assert body.startswith(mark)
    rows = list(csv.DictReader(io.StringIO(body.removeprefix("\ufeff")), delimiter=delimiter))
    assert [(r["verdict"], r["why"], r["shown"], r["about_name"]) for r in rows] == [
        ("known", '\'\u202e=HYPERLINK("http://x.invalid")', "", RTL_NAME),
        ("fits", "'+49 208 1;2,3\n@x", "4", SCRIPT_NAME),
    ]


@pytest.mark.parametrize(
    ("text_", "shown"),
    [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "'\t=1"), (" =1", "' =1"), ("\u200e=1", "'\u200e=1"),
        ("\u202e\ufeff -1", "'\u202e\ufeff -1"), ("＝1", "'＝1"), ("a=1", "a=1"), ("a \u200e=1", "a \u200e=1"), ("Müller & Söhne", "Müller & Söhne"), ("", ""),
    ],
)  # fmt: skip
def test_no_cell_is_a_formula(text_: str, shown: str) -> None:
    assert cell(text_) == shown


# ---------------------------------------------------------------------------------------------------------------- Merkliste


def test_the_list_through_its_forms(app: Flask, state: State) -> None:
    client = client_of(app, "reader")
    about = suggested(client)[0]
    page = send(client, "/de/merkliste", do="note", asker=LONELY, noted=about)
    assert "Auf der Merkliste:" in page
    assert "auf der Merkliste: vorgemerkt" in page
    assert page.count('id="said"') == 1
    assert send(client, "/de/merkliste", follow=False, do="note", asker=LONELY, noted=about).startswith(LIST)  # twice is once
    (entry,) = Watchlist(state, "watch-reader").entries()
    for s in STATES:
        page = send(client, "/de/merkliste", do="change", number=entry.number, state=s, note="Zeile 1\nZeile 2 </textarea><b>", next="/de/merkliste")
        assert "Gespeichert." in page
        assert f'<option value="{s}" selected>' in page
        assert "Zeile 2 &lt;/textarea&gt;&lt;b&gt;</textarea>" in page
    page = send(client, "/de/merkliste", do="remove", number=entry.number, next="/de/merkliste")
    assert "Von der Merkliste genommen." in page
    page = send(client, "/de/merkliste", **{**form(page, "/de/merkliste", "Wieder darauf"), "next": "/de/merkliste"})
    assert '<option value="declined" selected>' in page
    assert "Gespeichert." in page


def test_the_note_is_taken_back_where_it_was_made(app: Flask, state: State) -> None:
    client = client_of(app, "reader")
    page = send(client, "/de/merkliste", do="note", asker=LONELY, noted=suggested(client)[1])
    page = send(client, "/de/merkliste", **form(page, "/de/merkliste", "Zurücknehmen"))
    assert Watchlist(state, "watch-reader").entries() == []
    assert "auf der Merkliste:" not in page


@pytest.fixture
def noted(app: Flask, state: State) -> FlaskClient:
    """A reader with a list of odd names: for a firm, for another one, for a text, and of one that is in no source."""
    mine = Watchlist(state, "watch-reader")
    for asker, other, s, note in (
        (LONELY, SCRIPT, "contacted", '=HYPERLINK("http://x.invalid")'),
        (LONELY, RIGHT_TO_LEFT, "noted", "\u202eabc"),
        (LONELY, "weg:1", "talking", ""),
        (CENTRE, INSTITUTE, "project", "Zeile 1\nZeile 2; mit Semikolon"),
        ("", CENTRE, "declined", ""),
    ):
        mine.change(mine.note(asker, other).number, s, note)
    return client_of(app, "reader")


def test_the_page_of_the_list(noted: FlaskClient) -> None:
    page = text(noted, "/de/merkliste")
    assert page.index("Alleinstehende Werkstatt GmbH") < page.index("Wasserstofftechnik Ruhr GmbH") < page.index("Zu einem eigenen Text")
    assert "zurzeit in keiner Quelle" in page
    assert "inzwischen Partner" in page  # CENTRE and INSTITUTE have a project in common
    assert "<script>alert" not in page
    assert page.count("<bdi") == page.count("</bdi>")


@pytest.mark.parametrize(("form_", "delimiter"), [("csv", ","), ("csv-excel", ";")])
def test_the_list_as_a_table(noted: FlaskClient, form_: str, delimiter: str) -> None:
    answer = noted.get(f"/de/merkliste/datei?format={form_}")
    body = answer.get_data().decode()
    assert body.startswith("\ufeff") == (form_ == "csv-excel")
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.reader(io.StringIO(body.removeprefix("\ufeff"), newline=""), delimiter=delimiter))
    head = rows[0]
    found = {(r[head.index("Für")], r[head.index("Vorgemerkt")]): r for r in rows[1:]}
    assert len(rows) == 6
    assert found["Alleinstehende Werkstatt GmbH", SCRIPT_NAME][head.index("Notiz")] == '\'=HYPERLINK("http://x.invalid")'
    assert found["Alleinstehende Werkstatt GmbH", SCRIPT_NAME][head.index("Website")] == ""  # javascript: is no address
    assert found["Alleinstehende Werkstatt GmbH", RTL_NAME][head.index("Stand der Dinge")] == "vorgemerkt"
    assert found["Alleinstehende Werkstatt GmbH", ""][head.index("Kennung")] == "weg:1"
    assert found["Wasserstofftechnik Ruhr GmbH", "Institut für Energiespeicher Oberhausen"][head.index("Notiz")] == "Zeile 1\nZeile 2; mit Semikolon"
    assert found["Zu einem eigenen Text", "Wasserstofftechnik Ruhr GmbH"][head.index("Website")] == "https://www.beispiel.invalid/"
    assert all(not c.startswith(("=", "+", "-", "@")) for r in rows for c in r)


def test_the_list_as_json(noted: FlaskClient) -> None:
    answer = noted.get(f"/de/merkliste/datei?format=json&for={CENTRE}")
    assert answer.mimetype == "application/json"
    (row,) = json.loads(answer.get_data())
    assert {k: row[k] for k in ("asker", "noted", "kind", "state", "note")} == {
        "asker": CENTRE, "noted": INSTITUTE, "kind": "ResearchInstitute", "state": "project", "note": "Zeile 1\nZeile 2; mit Semikolon",
    }  # fmt: skip
    assert row["url"].endswith(f"/de/organisation/{INSTITUTE}")


# ---------------------------------------------------------------------------------------------------------------- dossier


def pdf_text(data: bytes) -> str:
    """What the program's own reader finds in a PDF."""
    (document,) = read_bytes(data, "dossier.pdf")
    return " ".join(document.text.split())


@pytest.mark.parametrize(("notes", "lang"), [(False, "de"), (True, "de")])
def test_the_dossier(noted: FlaskClient, notes: bool, lang: str) -> None:
    answer = noted.get(f"/{lang}/merkliste/dossier{'?notes=1' if notes else ''}")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    found = pdf_text(answer.get_data())
    for said in (
        "Dossier: mögliche Partner",
        "Für Alleinstehende Werkstatt GmbH",
        SCRIPT_NAME,
        clean(RTL_NAME),
        "Diese Einrichtung steht zurzeit in keiner geladenen Quelle.",
        "Beide sind inzwischen Partner.",
        "Stand der Dinge: kontaktiert",
        "Website: https://www.beispiel.invalid/",
        "Räumliche Nähe",
        "Gemeinsame Themen",
        "Wasserstoffenergie",
        "organization.csv:",
        "Quellen und Lizenzen",
        "CC BY 4.0",
        "Stand 1. November 2026",
        "von watch-reader",
    ):
        assert said in found, said
    assert ("HYPERLINK" in found) == notes
    assert not BIDI.search(found)
    assert b"URI (https://www.beispiel.invalid/)" in answer.get_data()
    assert b"javascript:" not in answer.get_data()  # on the paper, but no link
    one = pdf_text(noted.get(f"/{lang}/merkliste/dossier?for={CENTRE}").get_data())
    assert "Institut für Energiespeicher Oberhausen" in one
    assert "Alleinstehende" not in one
    assert noted.get(f"/{lang}/merkliste/dossier?for=nicht:da").status_code == 404


def test_a_reason_is_printed_only_where_it_was_used(noted: FlaskClient, state: State) -> None:
    before = pdf_text(noted.get(f"/de/merkliste/dossier?for={LONELY}").get_data())
    assert "passend beurteilt" not in before
    Opinions(state).judge(LONELY, SCRIPT, "fits", "watch-editor")
    assert pdf_text(noted.get(f"/de/merkliste/dossier?for={LONELY}").get_data()).count("Von uns als passend beurteilt") == 1


def made(names: list[str]) -> Dossier:
    partners = tuple(
        Partner(
            name, "vorgemerkt", "https://x.invalid/?a=1&b=2", name, (name,), (Fact("Name", name, "https://x.invalid/", (1,)),),
            (Why(name, 50, ((name, (1,)),)),), (Proof(1, name, f"{name}.csv:1", "", "https://x.invalid/"),),
        )
        for name in names
    )  # fmt: skip
    source = SourceLine("Quelle", "Wer", "CC0", "https://creativecommons.org/", "©", "")
    return Dossier("de", "anna", dt.datetime(2026, 11, 26, tzinfo=dt.UTC), "2026-11-01", (("Für Ä", partners),), (source,))


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Łódź Źdźbło Sp. z o.o. ąęśćńż", "Łódź Źdźbło Sp. z o.o. ąęśćńż"),
        ("Ελληνική Εταιρεία Ύδρευσης ΑΕ", "Ελληνική Εταιρεία Ύδρευσης ΑΕ"),
        ("Größe Äpfel Öl Übermaß ẞ", "Größe Äpfel Öl Übermaß ẞ"),
        ("Дніпро Машини", "Дніпро Машини"),
        ("Ţară Şcoală ș ț Đặng ğ İ", "Ţară Şcoală ș ț Đặng ğ İ"),
        (SCRIPT_NAME, SCRIPT_NAME),
        ('=HYPERLINK("http://x.invalid")', '=HYPERLINK("http://x.invalid")'),
        (RTL_NAME, "HbmG ehcsilreF Ferlische GmbH"),
        ("a\x00b\x07c\td", "a b c d"),
        ("A\u200bB\u00adC", "ABC"),
        ("** nicht __fett__ **", "** nicht __fett__ **"),
        ("株式会社 X", "\ufffd\ufffd\ufffd\ufffd X"),
        ("{nb} Seiten", "{nb} Seiten"),
    ],
)
def test_names_come_out_of_the_paper(app: Flask, name: str, printed: str) -> None:
    with app.test_request_context("/de/"):
        found = pdf_text(drawn(made([name])))
    assert found.count(printed) >= 5, found


def test_a_long_word_and_many_pages(app: Flask) -> None:
    with app.test_request_context("/en/"):
        data = drawn(made(["Donaudampfschifffahrt" * 30, *(f"Firma {n}" for n in range(60))]))
        assert data == drawn(made(["Donaudampfschifffahrt" * 30, *(f"Firma {n}" for n in range(60))]))
    assert len(PdfDocument(data)) > 10
    assert "Firma 59" in pdf_text(data)


# ---------------------------------------------------------------------------------------------------------------- words and the browser


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_record_says_in_words_what_was_done(app: Flask, tmp_path: Path, lang: str) -> None:
    with State(tmp_path) as opened:
        for v in VERDICTS:
            Opinions(opened).undo(Opinions(opened).judge("a", "b", v, "anna").number, who="anna")
        mine = Watchlist(opened, "anna")
        number = mine.note("a", "b").number
        for s in STATES[1:]:
            mine.change(number, s, s)
        mine.remove(number)
        codes = {c for e in opened.audit() for c in (e.action, e.before, e.after)} - {""}
    assert codes == {"opinion", "opinion undone", "watch", "watch note", *VERDICTS, *STATES}
    with app.test_request_context(f"/{lang}/"):
        said = {c: words.audit_word(c) for c in codes}
    assert lang == "en" or [c for c, w in said.items() if c == w] == []


@pytest.fixture
def page(browser: Browser, address: str, state: State) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=address)
    opened = context.new_page()
    opened.goto(f"/de/anmelden?next={LIST}")
    opened.get_by_label("Name").fill("watch-editor")
    opened.get_by_label("Passwort").fill(PASSWORD)
    opened.get_by_label("Passwort").press("Enter")
    expect(opened.get_by_role("heading", name="Mögliche Partner")).to_be_visible()
    yield opened
    context.close()


def tab_to(page: Page, name: str, *, back: bool = False, most: int = 80) -> None:
    """Press Tab until an element with this text has the focus."""
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("(document.activeElement.innerText || '').trim()").startswith(name):
            return
    raise AssertionError(name)


def test_judge_undo_note_and_print_by_keyboard(page: Page, state: State, app: Flask) -> None:
    first, second = suggested(app.test_client())[:2]
    page.get_by_role("button", name="Anwenden").focus()
    # a reason is typed; Enter in it presses no button
    tab_to(page, "mit Begründung")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("zu weit weg")
    page.keyboard.press("Enter")
    assert Opinions(state).all() == [] or Opinions(state).all()[0].undone
    tab_to(page, "passt nicht", back=True)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("passt nicht")
    kept = Opinions(state).all()[0]
    assert (kept.asker, kept.about, kept.verdict, kept.why, kept.shown, kept.undone) == (LONELY, first, "does_not_fit", "zu weit weg", 1, False)
    assert first not in suggested(app.test_client())
    # the next Tab is at the button that takes it back
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Zurücknehmen"
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Zurückgenommen:")
    assert suggested(app.test_client())[:2] == [first, second]
    tab_to(page, "auf die Merkliste")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Auf der Merkliste:")
    (entry,) = Watchlist(state, "watch-editor").entries()
    assert entry.asker == LONELY
    tab_to(page, "auf der Merkliste: vorgemerkt")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Merkliste")).to_be_visible()
    page.get_by_label("Stand der Dinge").focus()
    page.keyboard.type("im G")
    page.keyboard.press("Tab")
    page.keyboard.type("Frau Beispiel zurückrufen")
    tab_to(page, "Speichern", most=1)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Gespeichert.")
    (entry,) = Watchlist(state, "watch-editor").entries()
    assert (entry.state, entry.note) == ("talking", "Frau Beispiel zurückrufen")
    tab_to(page, "Dossier mit meinen Notizen", back=True)
    target = page.evaluate("document.activeElement.href")
    answer = page.context.request.get(target)
    assert answer.headers["content-type"] == "application/pdf"
    found = pdf_text(answer.body())
    assert "Frau Beispiel zurückrufen" in found
    assert "im Gespräch" in found
    tab_to(page, "Entfernen")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Von der Merkliste genommen.")
    assert Watchlist(state, "watch-editor").entries() == []


def test_it_works_without_script(browser: Browser, address: str, state: State) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=address)
    opened = context.new_page()
    opened.goto(f"/en/login?next=/en/suggestions/{LONELY}")
    opened.locator("input[name=name]").fill("watch-editor")
    opened.locator("input[name=password]").fill(PASSWORD)
    opened.locator("input[name=password]").press("Enter")
    opened.locator("button[value=known]").first.click()
    opened.wait_for_url("**done=*")
    opened.locator("#said button").click()
    opened.wait_for_url("**done=*")
    assert Opinions(state).all()[0].undone
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", ["/de/urteile", "/de/merkliste", LIST, f"/de/organisation/{LONELY}"])
def test_the_pages_fit_their_window(page: Page, state: State, width: int, path: str) -> None:
    mine = Watchlist(state, "watch-editor")
    for other in (SCRIPT, RIGHT_TO_LEFT, "weg:1"):
        mine.change(mine.note(LONELY, other).number, "contacted", "ein sehr langesWort" * 20)
    opinions = Opinions(state)
    opinions.judge(LONELY, SCRIPT, "fits", "watch-editor", "einSehrLangesWort" * 20, shown=1)
    number = opinions.judge(LONELY, RIGHT_TO_LEFT, "known", "watch-editor", RTL_NAME, shown=2).number
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{path}?done={number}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate((Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    assert page.evaluate("async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' '))") == []


def test_the_title_of_a_project_is_not_the_name_of_a_partner(app: Flask, state: State) -> None:
    client = client_of(app, "editor")
    answer = client.post("/de/urteile", data={"csrf": token(client), "asker": LONELY, "about": TITLED, "verdict": "fits"}, headers=HERE)
    assert answer.status_code == 400
