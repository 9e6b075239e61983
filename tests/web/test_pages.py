"""What the pages answer, without a browser."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import psutil
import pytest
import small_network as n
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from graph import engine
from graph.settings import Settings
from web import create_app, language
from web.addresses import identifier_page, publisher_page, safe_url

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("address", "texts"),
    [
        ("/de/", ("Wer arbeitet mit wem woran", "Oberhausen", "Ruhrgebiet", "Wasserstofftechnik Ruhr GmbH")),
        ("/en/", ("Who works with whom on what", "organisations")),
        ("/de/suche?q=wasserstoff", ("Wasserstofftechnik Ruhr GmbH", "Wasserstoffenergie", "Treffer")),
        ("/en/search?q=hydrogen", ("hydrogen energy",)),
        ("/de/suche?city=place:05119&kind=ResearchInstitute", ("Institut für Energiespeicher Oberhausen", "aufheben")),
        ("/de/suche?q=gibtesbestimmtnicht", ("Nichts gefunden",)),
        (
            f"/de/organisation/{n.CENTRE}",
            ("Wasserstofftechnik Ruhr GmbH", "Mögliche Partner", "Prüfstand für Brennstoffzellen", "Stand 1. November 2026", "46045"),
        ),
        (f"/en/organization/{n.CENTRE}", ("Possible partners", "as of 1 November 2026", "shared project")),
        (f"/de/organisation/{n.LONELY}", ("Alleinstehende Werkstatt GmbH", "In den geladenen Quellen steht kein Projekt", "beruhen")),
        (f"/de/projekte-von/{n.CENTRE}", ("3 von 3", "Wasserstoff aus Abwärme")),
        (f"/de/partner-von/{n.INSTITUTE}", ("25 von 63", "Seite 1 von 3")),
        (f"/de/partner-von/{n.INSTITUTE}?page=3", ("13 von 63", "Seite 3 von 3")),
        (f"/de/vorschlaege/{n.CENTRE}?mode=similar&kind=Company&within=50", ("Mögliche Partner", "Beispielfirma", "Beleg")),
        (f"/de/netzwerk/{n.CENTRE}?limit=20", ("20 von ", "Institut für Energiespeicher Oberhausen")),
        (f"/de/netzwerk/{n.CENTRE}?steps=2", ("2 Schritte",)),
        (f"/de/verbindung?a={n.CENTRE}&b={n.INSTITUTE}", ("2 gemeinsame Projekte", "Beleg")),
        (f"/de/verbindung?a={n.CENTRE}&b=cordis:org:2020", ("Kürzester Weg", "STOREX")),
        (f"/de/verbindung?a={n.CENTRE}&b={n.LONELY}", ("keine Verbindung bekannt",)),
        (f"/de/projekt/{n.TITLED}", ("Wasserstoff aus Abwärme: Speicher für Stadtwerke", "1.234.567 €", "Koordination", "cordis.europa.eu/project/id/1")),
        (f"/en/project/{n.TITLED}", ("€1,234,567", "Coordination")),
        (f"/de/projekt/{n.ACRONYM_ONLY}", ("STOREX", "Die Quelle nennt keinen Titel")),
        (f"/de/projekt/{n.NAMELESS}", ("Projekt 3: Energie (2015–2018)",)),
        (f"/de/thema/{n.TOPIC}", ("Wasserstoffenergie", "Naturwissenschaften", "von uns übersetzt", "Organisationen")),
        (f"/en/topic/{n.TOPIC}", ("hydrogen energy",)),
        (f"/de/ort/{n.OBERHAUSEN}", ("Oberhausen", "Ruhrgebiet", "Wasserstofftechnik Ruhr GmbH", "Wasserstoffenergie")),
        (f"/de/ort/{n.RUHR}", ("Ruhrgebiet", "Essen", "Beispielfirma")),
        (
            f"/de/beleg/{n.EVIDENCE}?of={n.CENTRE}",
            (
                "Zeile 2 der Datei organization.csv",
                "ecContribution",
                "1000,50",
                "CC BY 4.0",
                "← <bdi>Wasserstofftechnik Ruhr GmbH",
                "/de/projekt/cordis:grant:1",
            ),
        ),
        ("/de/quellen", ("CORDIS", "Auffälligkeiten in 2020-12", "Spalte ist unbekannt", "CC BY 4.0")),
        (f"/de/fehler-melden?id={n.CENTRE}", ("mailto:hinweis@beispiel.invalid", n.CENTRE, "Stadt Beispiel")),
        ("/en/privacy", ("get no cookies", "Stadt Beispiel")),
    ],
)
def test_page_says(client: FlaskClient, address: str, texts: tuple[str, ...]) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    html = answer.get_data(as_text=True).replace("\u00a0", " ")
    assert not [t for t in texts if t not in html]
    assert f'<html lang="{address[1:3]}">' in html


@pytest.mark.parametrize(
    ("address", "status", "target"),
    [
        ("/de/organisation/efre-nrw:org:00aa", 301, f"/de/organisation/{n.CENTRE}"),
        (f"/en/project/{n.OLD_PROJECT_ID}", 301, f"/en/project/{n.TITLED}"),
        (f"/de/organisation/{n.TITLED}", 301, f"/de/projekt/{n.TITLED}"),
        ("/api/v1/organizations/efre-nrw:org:00aa", 301, f"/api/v1/organizations/{n.CENTRE}"),
        ("/api/v1/organizations/efre-nrw:org:00aa/network?steps=2", 301, f"/api/v1/organizations/{n.CENTRE}/network?steps=2"),
        ("/api/v1/suggestions?org=efre-nrw:org:00aa&mode=similar", 301, f"/api/v1/suggestions?org={n.CENTRE}&mode=similar"),
        (f"/de/organisation/{n.GONE}", 410, ""),
        (f"/api/v1/organizations/{n.GONE}", 410, ""),
        (f"/api/v1/suggestions?org={n.GONE}", 410, ""),
        ("/de/organisation/nie:dagewesen", 404, ""),
        ("/de/projekt/nie:dagewesen", 404, ""),
        ("/de/netzwerk/nie:dagewesen", 404, ""),
        ("/de/beleg/nie:dagewesen", 404, ""),
        ("/de/verbindung", 404, ""),
        ("/de/gibt-es-nicht", 404, ""),
        ("/api/v1/organizations/nie", 404, ""),
        ("/api/v1/evidence/nie", 404, ""),
        ("/api/v1/suggestions", 400, ""),
        (f"/api/v1/suggestions?org={n.CENTRE}&mode=falsch", 400, ""),
        ("/", 302, "/de/"),
    ],
)
def test_elsewhere_or_gone(client: FlaskClient, address: str, status: int, target: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    if target:
        assert answer.headers["Location"].replace("%3A", ":") == target
    elif address.startswith("/api/"):
        assert answer.content_type == "application/problem+json"
        assert answer.get_json()["status"] == status
    else:
        assert "<h1>" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("", "/de/"),
        ("en-US,en;q=0.9", "/en/"),
        ("fr", "/de/"),
        ("de,en;q=0.5", "/de/"),
        ("de-DE,en;q=0.5", "/de/"),
        ("fr,en;q=0.5,de;q=0.4", "/en/"),
        ("en;q=0,*", "/de/"),
    ],
)
def test_first_page_follows_the_browser(client: FlaskClient, header: str, target: str) -> None:
    assert client.get("/", headers={"Accept-Language": header}).headers["Location"] == target


def test_every_page_links_to_itself_in_the_other_language(client: FlaskClient) -> None:
    html = client.get(f"/de/netzwerk/{n.CENTRE}?steps=2&hide=Company&hide=unknown").get_data(as_text=True)
    found = re.search(r'hreflang="en" href="([^"]+)"', html)
    assert found
    assert found[1].replace("%3A", ":").replace("&amp;", "&") == f"/en/network/{n.CENTRE}?steps=2&hide=Company&hide=unknown"


@pytest.mark.parametrize(
    "address",
    [
        f"/de/organisation/{n.SCRIPT}",
        f"/de/projekt/{n.TITLED}",
        "/de/suche?q=%3Cscript%3Ealert(1)%3C/script%3E",
        f"/de/netzwerk/{n.CENTRE}",
        "/de/fehler-melden?id=%3Cscript%3Ealert(1)%3C/script%3E",
        f"/de/netzwerk-datei/{n.CENTRE}",
    ],
)
def test_names_cannot_run(client: FlaskClient, address: str) -> None:
    html = client.get(address).get_data(as_text=True)
    assert "<script>alert" not in html
    assert 'href="javascript:' not in html


def test_right_to_left_names_are_kept_apart(client: FlaskClient) -> None:
    html = client.get(f"/de/projekt/{n.TITLED}").get_data(as_text=True)
    assert f"<bdi>{n.RTL_NAME}</bdi>" in html


def test_headers(client: FlaskClient) -> None:
    for address in ("/de/", "/de/gibt-es-nicht", "/api/v1/search?q=a", "/static/css/site.css"):
        answer = client.get(address)
        answer.close()
        h = answer.headers
        assert h["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in h["Content-Security-Policy"]
        assert h["X-Content-Type-Options"] == "nosniff"
        assert h["Referrer-Policy"] == "same-origin"
        assert "Set-Cookie" not in h


def test_no_page_has_anything_inline(client: FlaskClient) -> None:
    for address in ("/de/", f"/de/organisation/{n.CENTRE}", f"/de/netzwerk/{n.CENTRE}", f"/de/beleg/{n.EVIDENCE}", "/de/quellen"):
        html = client.get(address).get_data(as_text=True)
        assert not re.search(r"<style|style=|<script(?![^>]*\ssrc=)|\son[a-z]+=", html)


@pytest.mark.parametrize("value", ["-1", "0", "99999999999999999999", "abc", "²", "1e3", ""])
@pytest.mark.parametrize("name", ["page", "limit", "steps", "within", "least"])
def test_numbers_in_the_address_are_bounded(client: FlaskClient, name: str, value: str) -> None:
    for path in (f"/de/netzwerk/{n.CENTRE}", f"/de/partner-von/{n.CENTRE}", f"/de/vorschlaege/{n.CENTRE}", "/de/suche"):
        assert client.get(path, query_string={name: value, "q": "a"}).status_code == 200


def test_hidden_kinds_and_least_number_work_without_script(client: FlaskClient) -> None:
    html = client.get(f"/de/netzwerk/{n.CENTRE}?hide=Company&least=2").get_data(as_text=True)
    rows = re.findall(r'<tr data-node="\d+" data-kind="(\w+)"( hidden)?>', html)
    assert rows
    assert all(hidden for kind, hidden in rows if kind == "Company")
    assert any(not hidden for _, hidden in rows)


def test_exported_network_needs_no_other_host(client: FlaskClient) -> None:
    answer = client.get(f"/de/netzwerk-datei/{n.CENTRE}")
    html = answer.get_data(as_text=True)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|@import|url\(\s*["']?(?:https?:)?//|sourceMappingURL""", html)
    assert "Institut für Energiespeicher" in html or "Institut f\\u00fcr Energiespeicher" in html


class TestProgramInterface:
    def test_search(self, client: FlaskClient) -> None:
        found = client.get("/api/v1/search?q=energiespeicher&facets=1&lang=en").get_json()
        assert found["items"][0]["id"] == n.INSTITUTE
        assert found["items"][0]["kind_name"] == "Research institute"
        assert found["items"][0]["url"].replace("%3A", ":") == f"/en/organization/{n.INSTITUTE}"
        assert {"label", "kind", "city", "topic"} >= set(found["facets"])

    def test_organization(self, client: FlaskClient) -> None:
        found = client.get(f"/api/v1/organizations/{n.CENTRE}").get_json()
        assert found["kind"] == "Company"
        assert {f["property"] for f in found["facts"]} >= {"name", "city", "website", "pic"}
        assert [f["property"] for f in found["facts"] if not f["evidence"]] == ["region"]  # follows from the place
        assert found["projects"]["total"] == 3
        assert len(found["projects"]["items"][0]["evidence"]) == 1
        assert {s["id"] for s in found["sources"]} == {"cordis", "efre-nrw"}

    def test_network(self, client: FlaskClient) -> None:
        found = client.get(f"/api/v1/organizations/{n.CENTRE}/network?limit=20").get_json()
        assert (found["shown"], len(found["nodes"])) == (20, 21)
        assert found["total"] > 20
        assert found["nodes"][0]["key"] == n.CENTRE
        assert found["nodes"][1]["key"] == n.INSTITUTE
        assert found["nodes"][1]["shared"] == 2
        assert all({"x", "y", "url", "kind", "step"} <= set(x) for x in found["nodes"])
        assert all(0 <= e["from"] < 21 and 0 <= e["to"] < 21 for e in found["edges"])

    def test_two_steps_reach_further(self, client: FlaskClient) -> None:
        one = client.get(f"/api/v1/organizations/{n.SCRIPT}/network").get_json()
        two = client.get(f"/api/v1/organizations/{n.SCRIPT}/network?steps=2").get_json()
        assert two["total"] > one["total"]
        assert {x["step"] for x in two["nodes"]} == {0, 1, 2}

    def test_the_same_network_has_the_same_positions(self, client: FlaskClient) -> None:
        address = f"/api/v1/organizations/{n.INSTITUTE}/network?steps=2"
        assert client.get(address).get_json() == client.get(address).get_json()

    def test_suggestions_end_in_evidence(self, client: FlaskClient) -> None:
        found = client.get(f"/api/v1/suggestions?org={n.CENTRE}&limit=5").get_json()
        assert len(found["items"]) == 5
        proofs = [e for s in found["items"] for r in s["reasons"] for i in r["items"] for e in i["evidence"]]
        assert proofs
        proof = client.get(f"/api/v1/evidence/{proofs[0]}").get_json()
        assert proof["columns"]
        assert proof["source"]["publisher"]
        assert proof["file"] == "organization.csv"
        assert proof["row"].isdigit()

    def test_health(self, client: FlaskClient) -> None:
        assert client.get("/api/v1/health").get_json()["status"] == "ok"

    def test_errors_speak_the_asked_language(self, client: FlaskClient) -> None:
        assert "nothing at this address" in client.get("/api/v1/organizations/nie?lang=en").get_json()["detail"]
        assert "Unter dieser Adresse" in client.get("/api/v1/organizations/nie?lang=de").get_json()["detail"]


def test_site_lives_on_after_the_engine_was_killed(site_settings: Settings) -> None:
    app = create_app(site_settings)
    client = app.test_client()
    assert client.get("/de/quellen").status_code == 200
    lost = psutil.Process(engine.ensure(site_settings).pid)
    os.kill(lost.pid, signal.SIGKILL)
    psutil.wait_procs([lost], 20)
    first = client.get("/de/quellen")
    assert first.status_code in (200, 503)
    assert client.get(f"/de/organisation/{n.CENTRE}").status_code == 200
    app.extensions["innonet"].forget()


def test_server_that_is_not_there(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, neo4j_uri="bolt://127.0.0.1:9", neo4j_password="geheim123", connect_timeout=0.5)
    client = create_app(settings).test_client()
    page, data = client.get("/de/"), client.get("/api/v1/search?q=a")
    assert (page.status_code, data.status_code) == (503, 503)
    assert "Datenbank ist gerade nicht erreichbar" in page.get_data(as_text=True)
    assert page.headers["Retry-After"]
    assert data.get_json()["type"].endswith("#engine-unreachable")
    assert "geheim123" not in page.get_data(as_text=True)
    assert client.get("/de/").status_code == 503


def test_unexpected_failure_shows_no_inside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise RuntimeError("secret detail")

    fresh = create_app(app.extensions["innonet"].settings)
    fresh.view_functions["api.health"] = broken
    answer = fresh.test_client().get("/api/v1/health")
    assert answer.status_code == 500
    assert answer.get_json()["type"].endswith("#internal-error")
    assert "secret" not in answer.get_data(as_text=True)


def test_every_text_is_in_english() -> None:
    found = Catalog()
    mapping = [("**.py", "python"), ("templates/**.html", "jinja2")]
    for _file, _line, message, _comments, _context in extract_from_dir(str(ROOT / "web"), method_map=mapping):
        found.add(message)
    with (ROOT / "web" / "translations" / "en" / "LC_MESSAGES" / "messages.po").open("rb") as f:
        english = read_po(f, locale="en")
    here = {m.id for m in found if m.id}
    there = {m.id: m.string for m in english if m.id}
    assert {m for m in here if m not in there and not any(isinstance(k, tuple) and m in k for k in there)} == set()
    for id_, text in there.items():
        for german, translated in zip(id_, text, strict=True) if isinstance(id_, tuple) else [(id_, text)]:
            assert translated, id_
            assert sorted(re.findall(r"%\(\w+\)s|\{\w+\}", german)) == sorted(re.findall(r"%\(\w+\)s|\{\w+\}", translated)), id_


@pytest.mark.parametrize(
    ("lang", "number", "euro", "day", "month"),
    [("de", "1.234,5", "1.234 €", "1. März 2020", "März 2020"), ("en", "1,234.5", "€1,234", "1 March 2020", "March 2020")],
)
def test_numbers_and_dates(app: Flask, lang: str, number: str, euro: str, day: str, month: str) -> None:
    with app.test_request_context(f"/{lang}/"):
        assert language.number(1234.5) == number
        assert language.euro(1234.4).replace("\u00a0", " ") == euro
        assert language.day("2020-03-01") == day
        assert language.day("2020-03") == month
        assert [language.day(x) for x in ("2020", "", "irgendwann", "2020-99-99")] == ["2020", "", "irgendwann", "2020-99-99"]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.de/x", "https://a.de/x"),
        ("http://a.de", "http://a.de"),
        ("www.a.de", "https://www.a.de"),
        ("javascript:alert(1)", ""),
        ("JavaScript:alert(1)//.de", ""),
        ("data:text/html,x", ""),
        ("ftp://a.de", ""),
        ("https://", ""),
        ("https://a b", ""),
        ("http://[", ""),
        ("", ""),
        ("kein link", ""),
    ],
)
def test_safe_url(text: str, url: str) -> None:
    assert safe_url(text) == url


@pytest.mark.parametrize(
    ("id_", "url"),
    [
        ("ror:00nj8ry09", "https://ror.org/00nj8ry09"),
        ("cordis:grant:101007653", "https://cordis.europa.eu/project/id/101007653"),
        ("cordis:rcn:193157", "https://cordis.europa.eu/project/rcn/193157"),
        ("cordis:org:1", ""),
        ("ror:", ""),
    ],
)
def test_publisher_page(id_: str, url: str) -> None:
    assert publisher_page(id_) == url


def test_identifier_page() -> None:
    assert identifier_page("ror", "00nj8ry09") == "https://ror.org/00nj8ry09"
    assert identifier_page("vat", "DE1") == ""


LIRICH = f'über <a href="/de/organisation/{n.BRANCH}"><bdi>Außenstelle Lirich</bdi></a>'


@pytest.mark.parametrize(
    ("address", "alone", "with_parts"),
    [
        (f"/de/organisation/{n.INSTITUTE}", "Nur die Einrichtung selbst", LIRICH),
        (f"/de/projekte-von/{n.INSTITUTE}", "mit einem Institut oder einer Tochter zählen", LIRICH),
        (f"/de/partner-von/{n.INSTITUTE}?page=3", "mit einem Institut", "Quartiersverein Muster"),
        (f"/de/netzwerk/{n.INSTITUTE}", "mit einem Institut", "Quartiersverein Muster"),
        (f"/de/verbindung?a={n.INSTITUTE}&b={n.NEIGHBOUR}", "keine Verbindung bekannt", "1 gemeinsames Projekt"),
        (f"/de/thema/{n.TOPIC}", "Jede Einrichtung für sich", "Institute und Töchter zählen beim Ganzen"),
        (f"/en/suggestions/{n.INSTITUTE}", "count with its institute", "count only the organisation itself"),
    ],
)
def test_an_organisation_alone_and_with_its_parts(client: FlaskClient, address: str, alone: str, with_parts: str) -> None:
    page = client.get(address).get_data(as_text=True)
    assert alone in page
    assert with_parts not in page
    rolled = client.get(address + ("&" if "?" in address else "?") + "parts=1").get_data(as_text=True)
    assert with_parts in rolled
    assert "parts=1" in rolled  # the links on it keep the way of counting


def test_what_has_no_parts_offers_no_choice(client: FlaskClient) -> None:
    for address in (f"/de/organisation/{n.CENTRE}", f"/de/organisation/{n.CENTRE}?parts=1"):
        assert "Nur die Einrichtung selbst" not in client.get(address).get_data(as_text=True)


def test_programs_count_with_parts_as_well(client: FlaskClient) -> None:
    alone, rolled = (client.get(f"/api/v1/organizations/{n.INSTITUTE}{more}").get_json() for more in ("", "?parts=1"))
    assert (rolled["projects"]["total"], rolled["partners"]["total"]) == (alone["projects"]["total"] + 1, alone["partners"]["total"] + 1)
    assert (alone["with_parts"], rolled["with_parts"]) == (False, True)
    drawn = client.get(f"/api/v1/organizations/{n.INSTITUTE}/network?parts=1&limit=1000").get_json()
    assert any(node.get("id") == n.NEIGHBOUR or n.NEIGHBOUR in str(node) for node in drawn["nodes"])
    assert [(o["id"], o["projects"], o["evidence"]) for o in rolled["parts"]] == [(n.BRANCH, 1, ["efre-nrw:row:2"])]
    found = client.get(f"/api/v1/suggestions?org={n.INSTITUTE}&parts=1&limit=50").get_json()["items"]
    assert n.NEIGHBOUR not in {s["id"] for s in found}
