"""/api/v1: lists without loss, cursors, ETags, refusals, CSV, and the document that describes it all."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
import small_network as n
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from playwright.sync_api import Browser
from werkzeug.exceptions import TooManyRequests

from web import create_app
from web.api import cursor
from web.api.answers import ProjectEntry, ProjectList
from web.api.endpoints import ENDPOINTS, answered

V1 = "/api/v1"
AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"

LISTS = (
    "/organizations",
    "/organizations?kind=Company&kind=University&place=place:region:ruhr",
    f"/organizations?topic={n.TOPIC}&country=de",
    f"/organizations/{n.INSTITUTE}/partners",
    f"/organizations/{n.INSTITUTE}/partners?parts=1",
    f"/organizations/{n.INSTITUTE}/projects?parts=1",
    f"/organizations/{n.CENTRE}/projects",
    "/projects",
    "/topics",
    "/places",
    "/documents",
    "/search?q=beispielfirma",
    f"/suggestions?org={n.CENTRE}",
)


def pages(client: FlaskClient, address: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    found = []
    at: str | None = address
    while at:
        answer = client.get(at)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found.append(answer.get_json())
        at = found[-1]["next"]
        assert (f'<{at}>; rel="next"' in answer.headers.getlist("Link")) == bool(at)
    return found


@pytest.mark.parametrize("address", LISTS)
def test_pages_hold_every_row_once(client: FlaskClient, address: str) -> None:
    mark = "&" if "?" in address else "?"
    whole = pages(client, f"{V1}{address}{mark}limit=50")
    parts = pages(client, f"{V1}{address}{mark}limit=3")
    ids = [x["id"] for p in whole for x in p["items"]]
    assert ids == [x["id"] for p in parts for x in p["items"]]
    assert len(ids) == len(set(ids)) == whole[0]["total"] > 0
    assert len(parts) == -(-len(ids) // 3)


@pytest.mark.parametrize(
    ("address", "ids"),
    [
        (f"/organizations?place={n.OBERHAUSEN}&kind=Company&limit=1", [n.CENTRE]),
        ("/organizations?country=FR", []),
        ("/projects?since=2020&until=2020", [n.ACRONYM_ONLY]),
        ("/projects?since=2015&until=2015", [n.NAMELESS]),
        (f"/projects?topic={n.TOPIC}", [n.ACRONYM_ONLY, n.TITLED]),
        (f"/topics?within={n.TOPIC_ABOVE}", [n.TOPIC]),
        (f"/places?within={n.RUHR}", ["place:05113", n.OBERHAUSEN]),
        (f"/organizations/{n.LONELY}/projects", []),
    ],
)
def test_filters(client: FlaskClient, address: str, ids: list[str]) -> None:
    answer = client.get(V1 + address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert [x["id"] for x in answer.get_json()["items"]] == ids


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (f"/projects/{n.TITLED}", {"name": "Wasserstoff aus Abwärme: Speicher für Stadtwerke"}),
        (f"/topics/{n.TOPIC}", {"label_de": "Wasserstoffenergie", "label_en": "hydrogen energy", "projects": 2}),
        (f"/places/{n.OBERHAUSEN}", {"name": "Oberhausen", "below": []}),
        (f"/why-not?org={n.CENTRE}&other={n.INSTITUTE}", {"other": n.INSTITUTE, "projects": 2}),
    ],
)
def test_entities(client: FlaskClient, address: str, says: dict[str, Any]) -> None:
    found = client.get(V1 + address).get_json()
    assert {k: found[k] for k in says} == says


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"/projects/{n.OLD_PROJECT_ID}", f"/projects/{n.TITLED}"),
        (f"/organizations/{n.TITLED}", f"/projects/{n.TITLED}"),
        ("/organizations/efre-nrw:org:00aa/partners?limit=2", f"/organizations/{n.CENTRE}/partners?limit=2"),
        (f"/why-not?org=efre-nrw:org:00aa&other={n.INSTITUTE}", f"/why-not?org={n.CENTRE}&other={n.INSTITUTE}"),
    ],
)
def test_an_older_id_leads_to_the_node(client: FlaskClient, old: str, new: str) -> None:
    answer = client.get(V1 + old)
    assert (answer.status_code, answer.headers["Location"].replace("%3A", ":")) == (301, V1 + new)


class TestCursor:
    def _next(self, client: FlaskClient, address: str) -> str:
        found = client.get(address).get_json()["next"]
        assert isinstance(found, str)
        return found.partition("cursor=")[2].partition("&")[0].replace("%3D", "=")

    def test_of_another_question_or_changed(self, client: FlaskClient) -> None:
        word = self._next(client, f"{V1}/organizations?limit=2")
        other = "B" if word[3] == "A" else "A"
        for address in (
            f"{V1}/organizations?limit=2&kind=Company&cursor={word}",
            f"{V1}/projects?limit=2&cursor={word}",
            f"{V1}/organizations?cursor={word[:3]}{other}{word[4:]}",
            f"{V1}/organizations?cursor={word[:-4]}",
            f"{V1}/organizations?cursor=5",
            f"{V1}/organizations?cursor=ä",
        ):
            answer = client.get(address)
            assert answer.status_code == 400, address
            assert answer.get_json()["type"].endswith("#invalid-cursor")

    def test_the_size_of_the_page_and_the_language_may_change(self, client: FlaskClient) -> None:
        word = self._next(client, f"{V1}/organizations?limit=2")
        everything = [x["id"] for x in client.get(f"{V1}/organizations?limit=7").get_json()["items"]]
        found = client.get(f"{V1}/organizations?limit=5&lang=en&cursor={word}").get_json()
        assert [x["id"] for x in found["items"]] == everything[2:]

    def test_of_another_state_of_the_graph(self, client: FlaskClient, app: Flask) -> None:
        question = {"kind": [], "place": "", "topic": "", "country": []}
        old = cursor.written(2, question, f"{V1}/organizations", "an older version")
        answer = client.get(f"{V1}/organizations?cursor={old}")
        assert answer.get_json()["type"].endswith("#outdated-cursor")


@pytest.mark.parametrize("address", ["/topics", f"/organizations/{n.CENTRE}", "/openapi.json", f"/organizations/{n.CENTRE}/network"])
def test_unchanged_answers_are_not_sent_again(client: FlaskClient, address: str) -> None:
    first = client.get(V1 + address, headers={"Accept-Language": "de"})
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert first.headers["Vary"] == "Accept, Accept-Language"
    again = client.get(V1 + address, headers={"Accept-Language": "de", "If-None-Match": tag})
    assert (again.status_code, again.get_data(), again.headers["ETag"]) == (304, b"", tag)
    head = client.head(V1 + address, headers={"Accept-Language": "de"})
    assert (head.status_code, head.get_data(), head.headers["ETag"]) == (200, b"", tag)
    assert client.get(V1 + address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_health_is_never_kept(client: FlaskClient) -> None:
    assert client.get(f"{V1}/health").headers["Cache-Control"] == "no-store"


REFUSED = {
    "unknown parameter": ("/organizations?knd=Company", "knd", "gibt es hier nicht", "no such parameter"),
    "too few": ("/organizations?limit=0", "limit", "mindestens 1", "at least 1"),
    "too many": ("/organizations?limit=501", "limit", "höchstens 500", "at most 500"),
    "no number": ("/search?q=a&limit=viele", "limit", "ganze Zahl", "whole number"),
    "no part of a whole": (f"/suggestions?org={n.CENTRE}&reach=x", "reach", "eine Zahl", "a number"),
    "not among the values": ("/organizations?kind=Verein", "kind", "Company", "Company"),
    "neither yes nor no": (f"/organizations/{n.CENTRE}?parts=vielleicht", "parts", "1 oder 0", "1 or 0"),
    "twice": ("/search?q=a&q=b", "q", "nur einmal", "only once"),
    "too long": (f"/search?q={'x' * 201}", "q", "höchstens 200 Zeichen", "at most 200 characters"),
    "missing": (f"/why-not?org={n.CENTRE}", "other", "fehlt", "missing"),
    "unknown place": ("/organizations?place=place:atlantis", "place", "nicht bekannt", "not known"),
    "unknown city": ("/search?city=place:atlantis", "city", "nicht bekannt", "not known"),
    "unknown topic by name": (f"/suggestions?org={n.CENTRE}&topic=Gibtesnicht", "topic", "Gibtesnicht", "Gibtesnicht"),
    "unknown member": ("/consortium?member=Gibtesnicht", "member", "Gibtesnicht", "Gibtesnicht"),
    "both": (f"/suggestions?org={n.CENTRE}&text=Wasserstoff", "org", "eines von beiden", "one of them"),
    "unknown at the document": ("/openapi.json?x=1", "x", "gibt es hier nicht", "no such parameter"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(client: FlaskClient, case: str) -> None:
    address, parameter, german, _english = REFUSED[case]
    answer = client.get(V1 + address, headers={"Accept-Language": "de"})
    problem = answer.get_json()
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert set(problem) == {"type", "title", "status", "detail", "instance", "errors"}
    assert problem["instance"] == V1 + address.partition("?")[0]
    assert problem["type"].endswith("/en/api#invalid-parameter")
    assert [e["parameter"] for e in problem["errors"]][:1] == [parameter]
    assert german in problem["errors"][0]["message"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_speak_english(client: FlaskClient, case: str) -> None:
    address, _parameter, _german, english = REFUSED[case]
    problem = client.get(V1 + address, headers={"Accept-Language": "en"}).get_json()
    assert english in problem["errors"][0]["message"]


@pytest.mark.parametrize(
    ("method", "address", "headers", "status", "code"),
    [
        ("GET", "/api/v1/nothing", {}, 404, "not-found"),
        ("GET", "/api/elsewhere", {}, 404, "not-found"),
        ("GET", f"/api/v1/projects/{n.GONE}", {}, 410, "gone"),
        ("GET", "/api/v1/organizations/nie/partners", {}, 404, "not-found"),
        ("POST", "/api/v1/topics", {}, 405, "method-not-allowed"),
        ("GET", "/api/v1/topics", {"Accept": "text/html"}, 406, "not-acceptable"),
        ("GET", f"/api/v1/topics/{n.TOPIC}", {"Accept": "text/csv"}, 406, "not-acceptable"),
    ],
)
def test_every_error_is_a_problem(client: FlaskClient, method: str, address: str, headers: dict[str, str], status: int, code: str) -> None:
    answer = client.open(address, method=method, headers=headers)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.get_json()["status"] == status
    assert answer.get_json()["type"].endswith(f"#{code}")
    assert answer.get_json()["errors"] == []
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_too_many_requests_say_when_to_come_back(app: Flask) -> None:
    def busy() -> str:
        raise TooManyRequests(retry_after=7)

    fresh = create_app(app.extensions["innonet"].settings)
    fresh.view_functions["api.health"] = busy
    answer = fresh.test_client().get(f"{V1}/health")
    assert (answer.status_code, answer.headers["Retry-After"], answer.content_type) == (429, "7", "application/problem+json")
    assert answer.get_json()["type"].endswith("#too-many-requests")


@pytest.mark.parametrize(
    ("address", "headers", "delimiter"),
    [
        (f"/organizations/{n.INSTITUTE}/partners", {"Accept": "text/csv"}, ","),
        (f"/organizations/{n.INSTITUTE}/partners?format=csv", {"Accept": "application/json"}, ","),
        (f"/organizations/{n.INSTITUTE}/partners?format=csv-excel", {}, ";"),
        (f"/suggestions?org={n.CENTRE}&format=csv", {}, ","),
        ("/search?q=beispiel&format=csv", {}, ","),
    ],
)
def test_lists_as_tables(client: FlaskClient, address: str, headers: dict[str, str], delimiter: str) -> None:
    answer = client.get(V1 + address, headers=headers)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert 'rel="license"' in answer.headers.getlist("Link")[-1]
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff") == (delimiter == ";")
    table = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter))
    told = client.get(f"{V1}{address}".replace("format=csv-excel", "").replace("format=csv", "")).get_json()["items"]
    assert [r["id"] for r in table] == [x["id"] for x in told]
    assert [r["url"] for r in table] == [f"http://localhost{x['url']}" for x in told]


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1", "@SUM(A1)", "\u202e=1+1", "\uff1d1"])
def test_cells_of_a_table_are_no_formulas(app: Flask, name: str) -> None:
    declared = next(e for e in ENDPOINTS if e.name == "projects")
    entry = ProjectEntry(id="p:1", name=name, start="", participants=0, url="/de/projekt/p:1")
    with app.test_request_context(f"{V1}/projects"):
        text = answered(declared, ProjectList(total=1, next=None, items=(entry,)), "csv").get_data(as_text=True)
    assert next(csv.DictReader(io.StringIO(text)))["name"] == f"'{name}"


def test_the_document_is_valid_and_names_every_address(client: FlaskClient, app: Flask) -> None:
    for lang in ("de", "en"):
        document = client.get(f"{V1}/openapi.json?lang={lang}").get_json()
        OpenAPIV31SpecValidator(document).validate()
        assert document["openapi"].startswith("3.1")
        declared = {f"api.{item['get']['operationId']}" for item in document["paths"].values()}
        there = {r.endpoint for r in app.url_map.iter_rules() if r.endpoint.startswith("api.")}
        assert declared == there - {"api.openapi"}
        assert all(p["description"] for item in document["paths"].values() for p in item["get"]["parameters"])
    assert document["paths"]["/topics"]["get"]["summary"] == "Topics"


def test_the_page_about_it(client: FlaskClient) -> None:
    page = client.get("/de/schnittstelle").get_data(as_text=True)
    assert "http://localhost/api/v1/organizations?kind=ResearchInstitute" in page
    assert "/api/v1/openapi.json" in page
    assert all(f"<code>{e.path}</code>" in page.replace("<wbr>", "") for e in ENDPOINTS)
    # where the «type» of a problem leads
    assert 'id="invalid-cursor"' in client.get("/en/api").get_data(as_text=True)


@pytest.mark.parametrize("page_of", ["/de/schnittstelle", "/en/api#invalid-cursor"])
def test_the_page_is_for_everybody(browser: Browser, address: str, page_of: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 700}, bypass_csp=True)
    page.goto(address + page_of)
    for box in page.locator("details").all():
        box.locator("summary").press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
    page.close()
