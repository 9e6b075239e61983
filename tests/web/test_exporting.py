"""Lists and networks as files: readable by others, whole, with licences, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json

import networkx as nx
import pytest
import small_network as n
from flask.testing import FlaskClient

PARTNERS, PROJECTS = f"/de/partner-von/{n.CENTRE}", f"/de/projekte-von/{n.CENTRE}"
PLACE, TOPIC, NETWORK = f"/de/ort/{n.OBERHAUSEN}", f"/de/thema/{n.TOPIC}", f"/de/netzwerk-datei/{n.CENTRE}"


@pytest.mark.parametrize(("path", "named"), [(PARTNERS, "name"), (PROJECTS, "title"), (PLACE, "name"), (TOPIC, "name"), (NETWORK, "a_name")])
def test_tables(client: FlaskClient, path: str, named: str) -> None:
    answer = client.get(path, query_string={"format": "csv"})
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert rows
    for row in rows:
        assert row[named]
        assert "CORDIS" in row["licences"]
        assert not any(v.startswith(("=", "+", "@")) for v in row.values())
    excel = client.get(path, query_string={"format": "csv-excel"}).get_data(as_text=True)
    assert excel.startswith("\ufeff")
    assert len(list(csv.reader(io.StringIO(excel), delimiter=";"))) == len(rows) + 1


@pytest.mark.parametrize("path", [PARTNERS, PROJECTS, PLACE, TOPIC])
def test_json_holds_the_whole_list_and_its_sources(client: FlaskClient, path: str) -> None:
    found = client.get(path, query_string={"format": "json"}).get_json()
    assert any(s["licence"] for s in found["sources"])
    assert found["items"]
    for item in found["items"][:3]:
        assert client.get(item["url"].removeprefix("http://localhost")).status_code == 200


def test_all_partners_are_in_the_file(client: FlaskClient) -> None:
    shown = client.get(f"/api/v1/organizations/{n.CENTRE}/partners?limit=500").get_json()
    found = client.get(PARTNERS, query_string={"format": "json"}).get_json()
    assert [x["id"] for x in found["items"]] == [x["id"] for x in shown["items"]]


def test_a_network_is_graphml_that_others_read(client: FlaskClient) -> None:
    answer = client.get(NETWORK, query_string={"format": "graphml"})
    graph = nx.read_graphml(io.BytesIO(answer.get_data()))
    shown = json.loads(client.get(NETWORK, query_string={"format": "json"}).get_data())
    assert graph.number_of_nodes() == len(shown["nodes"])
    assert graph.number_of_edges() == len(shown["links"])
    assert n.SCRIPT_NAME in {d["name"] for _, d in graph.nodes(data=True)}
    assert "CORDIS" in graph.graph["source"]


@pytest.mark.parametrize("path", [PARTNERS, PROJECTS, NETWORK])
def test_json_ld_says_whose_it_is(client: FlaskClient, path: str) -> None:
    found = json.loads(client.get(path, query_string={"format": "jsonld"}).get_data())
    assert any("Dataset" in x.get("@type", ()) for x in found["@graph"])
    assert all(x["@id"].startswith("http://localhost/de/") for x in found["@graph"])


@pytest.mark.parametrize("path", [f"{PARTNERS}?format=pdf", f"{NETWORK}?format=svg", f"{PLACE}?format=xml", f"{PROJECTS}?format=graphml"])
def test_other_forms_are_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
