"""The reconciliation service: what OpenRefine asks and gets, and what it is told when a question is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from small_network import CENTRE, GONE, INSTITUTE, SCRIPT

from graph.model import IDENTIFIERS, Kind
from web.api.reconcile import ASKED, GIVEN, MOST_IDS, MOST_LETTERS, MOST_QUERIES

URL = "/api/reconcile"
EFRE_ID = "efre-nrw:org:00aa"

# What the specification (Reconciliation Service API 0.2) says of each answer, in our own schemas.
TEXTS: dict[str, Any] = {"id": {"type": "string", "minLength": 1}, "name": {"type": "string", "minLength": 1}, "description": {"type": "string"}}
NAMED = {"type": "object", "required": ["id", "name"], "properties": TEXTS}
WITH_ID = {"type": "string", "pattern": r"^https?://.*\{\{id\}\}"}
PATH = {
    "type": "object",
    "required": ["service_url", "service_path"],
    "properties": {"service_url": {"type": "string", "pattern": "^https?://"}, "service_path": {"type": "string", "pattern": "^/"}},
}
MANIFEST = {
    "type": "object",
    "required": ["versions", "name", "identifierSpace", "schemaSpace"],
    "properties": {
        "versions": {"type": "array", "contains": {"const": "0.2"}},
        "name": {"type": "string", "minLength": 1},
        **{name: {"type": "string", "pattern": "^https?://"} for name in ("identifierSpace", "schemaSpace", "documentation", "logo")},
        "defaultTypes": {"type": "array", "items": NAMED, "uniqueItems": True},
        "view": {"type": "object", "required": ["url"], "properties": {"url": WITH_ID}},
        "preview": {
            "type": "object",
            "required": ["url", "width", "height"],
            "properties": {"url": WITH_ID, "width": {"type": "integer"}, "height": {"type": "integer"}},
        },
        "suggest": {"type": "object", "propertyNames": {"enum": ["entity", "type", "property"]}, "additionalProperties": PATH},
        "extend": {"type": "object", "properties": {"propose_properties": PATH, "property_settings": {"type": "array"}}},
        "batchSize": {"type": "integer", "minimum": 1},
    },
    "additionalProperties": False,
}
RESULTS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["result"],
        "properties": {
            "result": {
                "type": "array",
                "items": {
                    **NAMED,
                    "required": ["id", "name", "score", "match", "type"],
                    "properties": {
                        **TEXTS,
                        "score": {"type": "number", "minimum": 0, "maximum": 100},
                        "match": {"type": "boolean"},
                        "type": {"type": "array", "items": NAMED},
                        "features": {
                            "type": "array",
                            "items": {"type": "object", "required": ["id", "value"], "properties": {"value": {"type": ["number", "boolean"]}}},
                        },
                    },
                    "additionalProperties": False,
                },
            }
        },
    },
}
SUGGESTIONS = {
    "type": "object",
    "required": ["result"],
    "properties": {"result": {"type": "array", "items": {**NAMED, "properties": {**TEXTS, "notable": {"type": "array", "items": NAMED}}}}},
}
PROPOSALS = {"type": "object", "required": ["type", "properties"], "properties": {"properties": {"type": "array", "items": NAMED}}}
CELL = {
    "oneOf": [
        {"type": "object", "required": [k], "properties": {k: {"type": t}}, "additionalProperties": False} for k, t in (("str", "string"), ("int", "integer"))
    ]
}
EXTENSION = {
    "type": "object",
    "required": ["meta", "rows"],
    "properties": {
        "meta": {"type": "array", "items": NAMED},
        "rows": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": {"type": "array", "items": CELL}}},
    },
}


def valid(found: Any, schema: dict[str, Any]) -> Any:
    Draft202012Validator(schema).validate(found)
    return found


def ask(client: FlaskClient, **queries: Any) -> dict[str, list[dict[str, Any]]]:
    answer = client.post(URL, data={"queries": json.dumps(queries)})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found = valid(answer.get_json(), RESULTS)
    assert found.keys() == queries.keys()
    for some in found.values():
        scores = [f["score"] for f in some["result"]]
        assert scores == sorted(scores, reverse=True)
        assert not any(f["match"] for f in some["result"][1:])
    return {q: some["result"] for q, some in found.items()}


def said(**values: str) -> list[dict[str, str]]:
    return [{"pid": p, "v": v} for p, v in values.items()]


def test_the_manifest(client: FlaskClient) -> None:
    found = valid(client.get(URL).get_json(), MANIFEST)
    assert [t["id"] for t in found["defaultTypes"]] == ["Organization", *Kind]
    assert client.get(found["view"]["url"].replace("{{id}}", "cordis%3Aorg%3A1001")).status_code == 200
    assert client.get(found["preview"]["url"].replace("{{id}}", "cordis%3Aorg%3A1001")).status_code == 200


@pytest.mark.parametrize(("lang", "name", "type_"), [("de,en;q=0.5", "innonet: Organisationen", "Hochschule"), ("en", "innonet: organisations", "University")])
def test_it_speaks_the_language_of_the_request(client: FlaskClient, lang: str, name: str, type_: str) -> None:
    answer = client.get(URL, headers={"Accept-Language": lang})
    found = answer.get_json()
    assert found["name"] == name
    assert type_ in {t["name"] for t in found["defaultTypes"]}
    assert answer.headers["Vary"] == "Accept-Language"


# query -> the first candidate, whether it is a match
QUESTIONS: dict[str, tuple[dict[str, Any], str | None, bool]] = {
    "a name": ({"query": "Wasserstofftechnik Ruhr GmbH"}, CENTRE, True),
    "without the legal form": ({"query": "Wasserstofftechnik Ruhr", "properties": said(city="Oberhausen")}, CENTRE, True),
    "capitals": ({"query": "WASSERSTOFFTECHNIK RUHR GMBH", "type": "Company"}, CENTRE, True),
    "umlauts as two letters": ({"query": "Institut fuer Energiespeicher Oberhausen", "type": ["ResearchInstitute"]}, INSTITUTE, True),
    "umlauts dropped": ({"query": "INSTITUT FUR ENERGIESPEICHER OBERHAUSEN", "properties": said(city="OBERHAUSEN", country="Deutschland")}, INSTITUTE, True),
    "another city": ({"query": "Wasserstofftechnik Ruhr AG", "properties": said(city="München")}, CENTRE, False),
    "a number apart": ({"query": "Beispielfirma 61 GmbH"}, None, False),
    "markup": ({"query": "<script>alert('x')</script> & Söhne GmbH"}, SCRIPT, True),
    "an id": ({"query": CENTRE}, CENTRE, True),
    "an id that was merged": ({"query": EFRE_ID}, CENTRE, True),
    "an identifier, no name": ({"properties": said(pic="1002")}, INSTITUTE, True),
    "an identifier against the name": ({"query": "Wasserstofftechnik Ruhr GmbH", "properties": said(pic="1002")}, INSTITUTE, True),
    "an identifier nobody has": ({"query": "Wasserstofftechnik Ruhr GmbH", "properties": said(pic="999")}, CENTRE, False),
    "a list of values": ({"query": "Wasserstofftechnik Ruhr GmbH", "properties": [{"pid": "city", "v": ["Oberhausen", "Essen"]}]}, CENTRE, True),
    "an entity as value": ({"properties": [{"pid": "pic", "v": {"id": "1002"}}]}, INSTITUTE, True),
    "a number as value": ({"properties": [{"pid": "pic", "v": 1002}]}, INSTITUTE, True),
    "a website that is none": ({"query": "Wasserstofftechnik Ruhr GmbH", "properties": said(website="http://[")}, CENTRE, True),
    "a country that is none": ({"query": "Wasserstofftechnik Ruhr GmbH", "properties": said(country="Nirgends")}, CENTRE, True),
    "nothing like it": ({"query": "Zyx Qwv Unbekannt"}, None, False),
    "no words": ({"query": "—"}, None, False),
    "an empty name": ({"query": ""}, None, False),
    "a zero character": ({"query": "Wasserstofftechnik\u0000Ruhr GmbH"}, CENTRE, True),
    "search syntax": ({"query": '"* NEAR( OR name:'}, None, False),
}


@pytest.mark.parametrize("case", QUESTIONS)
def test_what_a_row_means(client: FlaskClient, case: str) -> None:
    query, first, match = QUESTIONS[case]
    found = ask(client, q=query)["q"]
    if first is not None:
        assert (found[0]["id"], found[0]["match"]) == (first, match), found[:2]
    else:
        assert not any(f["match"] for f in found), found[:2]


def test_a_batch_answers_each_as_if_it_were_alone(client: FlaskClient) -> None:
    queries = {str(n): query for n, (query, _first, _match) in enumerate(QUESTIONS.values())}
    together = ask(client, **queries)
    for n in ("0", "3", "5", "11"):
        assert together[n] == ask(client, **{n: queries[n]})[n]


def test_get_gives_what_post_gives(client: FlaskClient) -> None:
    queries = json.dumps({"q0": {"query": "Wasserstofftechnik Ruhr GmbH", "limit": 1}})
    got = client.get(URL, query_string={"queries": queries}).get_json()
    assert got == client.post(URL, data={"queries": queries}).get_json()
    assert len(got["q0"]["result"]) == 1


def test_no_queries_no_results(client: FlaskClient) -> None:
    assert ask(client) == {}


def test_as_many_as_allowed(client: FlaskClient) -> None:
    found = ask(client, **{f"q{n}": {"query": f"Beispielfirma {n:02} GmbH", "type": list(Kind)[n % 5]} for n in range(MOST_QUERIES)})
    assert all(found[f"q{n}"][0]["name"] == f"Beispielfirma {n:02} GmbH" for n in range(MOST_QUERIES))


Q = {"query": "x"}
LONG = "ä" * 10_000
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no JSON": ({"queries": "{"}, "queries"),
    "empty": ({"queries": ""}, "queries"),
    "a list": ({"queries": "[]"}, "queries"),
    "half a character": ({"queries": '{"a": {"query": "\\ud800"}}'}, "queries"),
    "deep": ({"queries": "[" * 5000}, "queries"),
    "a query that is a text": ({"queries": json.dumps({"q": "x"})}, "q"),
    "neither name nor properties": ({"queries": json.dumps({"q": {}})}, "properties"),
    "only empty properties": ({"queries": json.dumps({"q": {"properties": []}})}, "properties"),
    "too many": ({"queries": json.dumps({str(n): Q for n in range(MOST_QUERIES + 1)})}, str(MOST_QUERIES)),
    "a name of 10,000 characters": ({"queries": json.dumps({"q": {"query": LONG}}, ensure_ascii=False)}, str(MOST_LETTERS)),
    "a long property": ({"queries": json.dumps({"q": {"query": "x", "properties": said(city="x" * (MOST_LETTERS + 1))}})}, str(MOST_LETTERS)),
    "a name that is a number's list": ({"queries": json.dumps({"q": {"query": [None]}})}, "query"),
    "unknown type": ({"queries": json.dumps({"q": {**Q, "type": "Q5"}})}, "Q5"),
    "a type that is a list": ({"queries": json.dumps({"q": {**Q, "type": [[1]]}})}, "[1]"),
    "unknown property": ({"queries": json.dumps({"q": {**Q, "properties": said(P31="x")}})}, "P31"),
    "properties without pid": ({"queries": json.dumps({"q": {**Q, "properties": [{"v": "x"}]}})}, "pid"),
    "limit nought": ({"queries": json.dumps({"q": {**Q, "limit": 0}})}, "limit"),
    "limit a text": ({"queries": json.dumps({"q": {**Q, "limit": "5"}})}, "limit"),
    "limit and a half": ({"queries": json.dumps({"q": {**Q, "limit": 1.5}})}, "limit"),
    "limit true": ({"queries": json.dumps({"q": {**Q, "limit": True}})}, "limit"),
    "another strictness": ({"queries": json.dumps({"q": {**Q, "type_strict": "never"}})}, "type_strict"),
    "nothing": ({}, "extend"),
    "extend without ids": ({"extend": json.dumps({"properties": []})}, "ids"),
    "extend with an unknown property": ({"extend": json.dumps({"ids": [CENTRE], "properties": [{"id": "vatman"}]})}, "vatman"),
    "extend with a property that is no object": ({"extend": json.dumps({"ids": [CENTRE], "properties": ["name"]})}, "name"),
    "extend with too many ids": ({"extend": json.dumps({"ids": ["x"] * (MOST_IDS + 1), "properties": []})}, str(MOST_IDS)),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("lang", ["de", "en"])
def test_what_is_refused(client: FlaskClient, case: str, lang: str) -> None:
    form, word = REFUSED[case]
    answer = client.post(URL, data=form, headers={"Accept-Language": lang})
    assert answer.status_code == 400
    problem = answer.get_json()
    assert problem["type"].endswith("#bad-request")
    assert word in problem["detail"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_form_that_is_too_large(client: FlaskClient) -> None:
    answer = client.post(URL, data={"queries": "x" * (65 << 10)})
    assert answer.status_code == 413
    assert answer.get_json()["status"] == 413


ADDRESSES = (URL, f"{URL}/properties", f"{URL}/suggest/entity?prefix=wa", f"{URL}/suggest/type", f"{URL}/suggest/property", f"{URL}/preview/{CENTRE}")


@pytest.mark.parametrize("address", ADDRESSES)
def test_any_page_may_read_it_and_nobody_gets_a_cookie(client: FlaskClient, address: str) -> None:
    answer = client.get(address, headers={"Origin": "https://woanders.example"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_another_page_may_ask_by_form(client: FlaskClient) -> None:
    answer = client.post(URL, data={"queries": "{}"}, headers={"Origin": "https://woanders.example", "Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.get_json()) == (200, {})


@pytest.mark.parametrize("address", ["/de/", "/api/v1/search?q=ruhr"])
def test_the_rest_stays_closed_to_other_pages(client: FlaskClient, address: str) -> None:
    assert "Access-Control-Allow-Origin" not in client.get(address).headers


@pytest.mark.parametrize(
    ("service", "asked", "first"),
    [
        ("entity", {"prefix": "wasserst"}, CENTRE),
        ("entity", {"prefix": CENTRE}, CENTRE),
        ("entity", {"prefix": "wasserst", "cursor": "500"}, None),
        ("entity", {"prefix": ""}, CENTRE),
        ("entity", {}, CENTRE),
        ("type", {"prefix": "hoch"}, "University"),
        ("type", {"prefix": "univ"}, "University"),
        ("type", {"prefix": "stelle"}, "PublicBody"),
        ("type", {"prefix": ""}, "Organization"),
        ("type", {"prefix": "q5"}, None),
        ("property", {"prefix": "ort"}, "city"),
        ("property", {"prefix": "PIC"}, "pic"),
        ("property", {"prefix": "", "cursor": "1"}, "country"),
    ],
)
def test_suggestions_while_typing(client: FlaskClient, service: str, asked: dict[str, str], first: str | None) -> None:
    found = valid(client.get(f"{URL}/suggest/{service}", query_string=asked, headers={"Accept-Language": "de"}).get_json(), SUGGESTIONS)["result"]
    assert (found[0]["id"] if found else None) == first


def test_every_property_that_may_be_asked_is_suggested_and_has_a_name(client: FlaskClient) -> None:
    found = client.get(f"{URL}/suggest/property").get_json()["result"]
    assert tuple(p["id"] for p in found) == ASKED
    assert all(p["name"] != p["id"] for p in found if p["id"] not in IDENTIFIERS)


def test_a_prefix_may_not_be_endless(client: FlaskClient) -> None:
    assert client.get(f"{URL}/suggest/entity", query_string={"prefix": LONG}).status_code == 400


@pytest.mark.parametrize(
    ("asked", "ids"),
    [({"type": "Company"}, GIVEN), ({"type": "Organization", "limit": "2"}, GIVEN[:2]), ({}, GIVEN), ({"type": "Q5"}, ())],
)
def test_properties_that_may_be_fetched(client: FlaskClient, asked: dict[str, str], ids: tuple[str, ...]) -> None:
    found = valid(client.get(f"{URL}/properties", query_string=asked).get_json(), PROPOSALS)
    assert tuple(p["id"] for p in found["properties"]) == ids


def test_values_of_properties(client: FlaskClient) -> None:
    query = json.dumps({"ids": [CENTRE, EFRE_ID, "nix:1"], "properties": [{"id": p} for p in GIVEN]})
    found = valid(client.post(URL, data={"extend": query}, headers={"Accept-Language": "de"}).get_json(), EXTENSION)
    assert [m["id"] for m in found["meta"]] == list(GIVEN)
    row = found["rows"][CENTRE]
    assert row["name"] == [{"str": "Wasserstofftechnik Ruhr GmbH"}]
    assert row["kind"] == [{"str": "Unternehmen"}]
    assert row["city"] == [{"str": "Oberhausen"}]
    assert row["country"] == [{"str": "DE"}]
    assert row["pic"] == [{"str": "1001"}]
    assert row["ror"] == []
    assert row["projects"] == [{"int": 3}]
    assert found["rows"][EFRE_ID] == row  # a record that was merged answers for its organisation
    assert all(v == [] for v in found["rows"]["nix:1"].values())
    assert client.get(URL, query_string={"extend": query}, headers={"Accept-Language": "de"}).get_json() == found


def test_a_preview_may_stand_in_a_frame_and_holds_no_script(client: FlaskClient) -> None:
    answer = client.get(f"{URL}/preview/{SCRIPT}", headers={"Accept-Language": "de"})
    text = answer.get_data(as_text=True)
    assert answer.mimetype == "text/html"
    assert "&lt;script&gt;" in text
    assert "<script" not in text
    assert "style=" not in text
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert policy.startswith("default-src 'none'")


@pytest.mark.parametrize(("id_", "status"), [(GONE, 410), ("nix:1", 404), (EFRE_ID, 301)])
def test_previews_of_what_is_not_there(client: FlaskClient, id_: str, status: int) -> None:
    assert client.get(f"{URL}/preview/{id_}").status_code == status
