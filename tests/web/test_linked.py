"""JSON-LD at the addresses of the pages: who gets it, and that it says what the page says."""

from __future__ import annotations

from typing import Any

import pytest
import small_network as n
from flask.testing import FlaskClient

LD = "application/ld+json"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "query", "mime"),
    [
        (LD, "", LD),
        (f"{LD}, text/html;q=0.5", "", LD),
        (f"text/html, {LD};q=0.5", "", "text/html"),
        (FIREFOX, "", "text/html"),
        ("*/*", "", "text/html"),
        ("", "", "text/html"),
        (FIREFOX, "?format=jsonld", LD),
        (LD, "?format=html", "text/html"),
    ],
)
def test_who_gets_it(client: FlaskClient, accept: str, query: str, mime: str) -> None:
    answer = client.get(f"/de/organisation/{n.CENTRE}{query}", headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.mimetype == mime
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"/de/organisation/{n.CENTRE}", "Corporation"),
        (f"/en/organization/{n.INSTITUTE}", "ResearchOrganization"),
        (f"/de/projekt/{n.TITLED}", "ResearchProject"),
        (f"/de/thema/{n.TOPIC}", "skos:Concept"),
        (f"/de/ort/{n.OBERHAUSEN}", "AdministrativeArea"),
        (f"/de/beleg/{n.EVIDENCE}", "prov:Entity"),
    ],
)
def test_it_says_what_the_page_says(client: FlaskClient, path: str, kind: str) -> None:
    page = client.get(path)
    assert f'type="{LD}"' in page.get_data(as_text=True)
    found = client.get(path, headers={"Accept": LD}).get_json(force=True)
    assert isinstance(found["@context"], dict)
    graph: list[dict[str, Any]] = found["@graph"]
    types = graph[0]["@type"] if isinstance(graph[0]["@type"], list) else [graph[0]["@type"]]
    assert kind in types
    assert all(x["@id"].startswith("http://localhost/de/") for x in graph)
    prefixes = set(found["@context"])
    for thing in graph:
        for key in thing:
            assert ":" not in key or key.split(":")[0] in prefixes, key
    own = client.get(graph[0]["@id"].removeprefix("http://localhost"), headers={"Accept": LD})
    assert own.get_json(force=True)["@graph"][0]["@id"] == graph[0]["@id"]
    sources = [x for x in graph if "Dataset" in x.get("@type", ())]
    assert sources
    assert all(x.get("license") or x.get("dct:rights") for x in sources)


@pytest.mark.parametrize(("id_", "name"), [(n.SCRIPT, n.SCRIPT_NAME), (n.RIGHT_TO_LEFT, n.RTL_NAME)])
def test_names_survive(client: FlaskClient, id_: str, name: str) -> None:
    found = client.get(f"/de/organisation/{id_}?format=jsonld").get_json(force=True)
    assert found["@graph"][0]["name"] == name


@pytest.mark.parametrize(
    ("path", "status"), [("/de/organisation/cordis:org:nobody", 404), (f"/de/organisation/{n.GONE}", 410), ("/de/projekt/cordis:grant:none", 404)]
)
def test_what_is_not_there(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path, headers={"Accept": LD}).status_code == status


@pytest.mark.parametrize(
    ("path", "said"),
    [("/de/", "Stand der Daten: 1. November 2026"), ("/en/help", "Data as of 1 November 2026"), ("/de/nirgends", "Stand der Daten")],
)
def test_every_page_says_how_old_its_data_is(client: FlaskClient, path: str, said: str) -> None:
    assert said in client.get(path).get_data(as_text=True)
