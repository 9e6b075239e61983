"""A closed instance, and single sign-on by a header of a trusted web server."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from graph import engine
from graph.accounts import Accounts
from graph.settings import Settings
from graph.state import State
from web import access, create_app

HERE = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "ein langes Passwort"
HEADER = "Remote-User"
PROXY = "10.0.0.5"


@pytest.fixture(autouse=True)
def _no_engine_is_left(tmp_path: Path) -> Iterator[None]:
    """A page that asks the graph starts the engine of its home."""
    yield
    engine.stop(Settings(home=tmp_path))


def site(home: Path, **more: object) -> FlaskClient:
    return create_app(Settings(home=home, **more)).test_client()  # type: ignore[arg-type]


def sso(home: Path, **more: object) -> FlaskClient:
    return site(home, **{"sso_header": HEADER, "sso_from": f"{PROXY}, 192.168.1.0/24, fd00::/64", **more})


def come(client: FlaskClient, path: str = "/de/fehler-melden", *, peer: str = PROXY, who: str | None = "anna", **headers: str):
    said = {HEADER: who} if who is not None else {}
    return client.get(path, headers={**said, **headers}, environ_overrides={"REMOTE_ADDR": peer})


def users(home: Path) -> Mapping[str, str]:
    with State(home) as state:
        return {u.name: u.role for u in Accounts(state).users()}


def test_a_closed_instance_shows_a_visitor_only_what_must_be_open(tmp_path: Path) -> None:
    client = site(tmp_path, access="closed", neo4j_uri="bolt://127.0.0.1:1", neo4j_password="x")
    app = client.application
    seen = set()
    for rule in app.url_map.iter_rules():
        values = {a: {"number": 1, "filename": "css/site.css"}.get(a, "x:1") for a in rule.arguments if a not in (rule.defaults or {})}
        built = rule.build({**values, **(rule.defaults or {})})
        assert built
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            answer = client.open(built[1], method=method, headers=HERE)
            if rule.endpoint in access.OPEN:
                # an empty name is a wrong login, and says so
                allowed = {403} if rule.endpoint == "pages.login" else set()
                assert answer.status_code not in {302, 401, 403} - allowed, rule.endpoint
                seen.add(rule.endpoint)
            elif method == "GET" and not built[1].startswith("/api/"):
                assert answer.status_code == 302, (rule.endpoint, answer.status_code)
                assert "/anmelden" in answer.headers["Location"] or "/login" in answer.headers["Location"]
            else:
                assert answer.status_code == 403, rule.endpoint
            answer.close()
    assert seen == access.OPEN
    assert "nur mit einem Zugang" in client.get("/de/anmelden").get_data(as_text=True)


def test_a_login_opens_a_closed_instance(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        Accounts(state).add("anna", PASSWORD, "reader", by="test")
    client = site(tmp_path, access="closed")
    assert client.get("/de/fehler-melden").status_code == 302
    came = client.post("/de/anmelden", data={"name": "anna", "password": PASSWORD, "next": "/de/fehler-melden"}, headers=HERE)
    assert came.headers["Location"] == "/de/fehler-melden"
    assert client.get("/de/fehler-melden").status_code == 200
    assert client.get("/de/aenderungen").status_code == 403


@pytest.mark.parametrize(
    ("more", "peer", "who", "status"),
    [
        ({}, PROXY, "anna", 200),
        ({}, "192.168.1.77", "anna", 200),
        ({}, "::ffff:10.0.0.5", "anna", 200),
        ({}, "fd00::7", "anna", 200),
        ({}, PROXY, "  anna ", 200),
        ({}, "10.0.0.6", "anna", 403),
        ({}, "127.0.0.1", "anna", 403),
        ({}, "fd00:0:0:1::7", "anna", 403),
        ({}, "", "anna", 403),
        ({}, PROXY, "admin,anna", 403),  # the visitor's header and the web server's
        ({}, PROXY, "x" * 81, 403),
        ({}, PROXY, None, 302),
        ({}, PROXY, "", 302),
        ({"sso_header": ""}, PROXY, "anna", 302),  # off: nobody is believed
        ({"sso_header": "X-Forwarded-User"}, PROXY, "anna", 302),
    ],
)
def test_the_header_counts_from_the_trusted_web_server_only(tmp_path: Path, more: dict[str, object], peer: str, who: str | None, status: int) -> None:
    client = sso(tmp_path, access="closed", **more)
    assert come(client, peer=peer, who=who).status_code == status
    assert users(tmp_path) == ({"anna": "reader"} if status == 200 else {})


def test_what_is_compared_is_the_connection_and_not_what_it_claims(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    client = sso(tmp_path, proxies=1)
    with caplog.at_level(logging.WARNING):
        forged = come(client, peer="203.0.113.9", **{"X-Forwarded-For": PROXY})
    assert forged.status_code == 403
    assert "Diese Anmeldung wurde abgewiesen" in forged.get_data(as_text=True)
    assert "203.0.113.9" in caplog.text
    assert "anna" not in caplog.text
    real = come(client, peer=PROXY, **{"X-Forwarded-For": "203.0.113.9"})
    assert "anna abmelden" in real.get_data(as_text=True)


def test_a_name_of_single_sign_on_becomes_a_reader_and_is_on_record(tmp_path: Path) -> None:
    client = sso(tmp_path)
    page = come(client, who="Jörg".encode().decode("latin-1"))
    assert "Jörg abmelden" in page.get_data(as_text=True)
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    come(client, who="Jörg".encode().decode("latin-1"))
    assert users(tmp_path) == {"Jörg": "reader"}
    with State(tmp_path) as state:
        assert [(e.who, e.action, e.what, e.after) for e in reversed(state.audit())] == [("sso", "user", "Jörg", "reader"), ("Jörg", "login", PROXY, "")]
    # it has no password, and none that works
    for password in ("", PASSWORD):
        assert client.post("/de/anmelden", data={"name": "Jörg", "password": password}, headers=HERE).status_code == 403
    # without the header the visit is nobody's, also with what the database keeps as the key
    client.set_cookie(access.COOKIE, "sso:Jörg".encode().decode("latin-1"))
    assert "abmelden" not in come(client, who=None).get_data(as_text=True)


def test_a_role_counts_and_a_disabled_user_is_a_visitor(tmp_path: Path) -> None:
    client = sso(tmp_path)
    come(client)
    assert come(client, "/de/aenderungen").status_code == 403
    with State(tmp_path) as state:
        Accounts(state).set_role("anna", "admin", by="test")
        assert come(client, "/de/aenderungen").status_code == 200
        Accounts(state).disable("anna", by="test")
        assert come(client, "/de/aenderungen").status_code == 302
        assert "anna abmelden" not in come(client).get_data(as_text=True)


@pytest.mark.parametrize(
    ("headers", "token", "status"),
    [(HERE, True, 303), (HERE, False, 400), ({"Sec-Fetch-Site": "cross-site"}, True, 400), ({}, True, 400), ({"Origin": "https://evil.example"}, True, 400)],
)
def test_forged_forms_change_nothing_with_single_sign_on_either(tmp_path: Path, headers: dict[str, str], token: bool, status: int) -> None:
    client = sso(tmp_path)
    come(client)
    with State(tmp_path) as state:
        Accounts(state).set_role("anna", "editor", by="test")
        found = re.search(r'name="csrf" value="([^"]+)"', come(client).get_data(as_text=True))
        assert found
        form = {"a": "x:1", "b": "x:2", "verdict": "no", **({"csrf": found[1]} if token else {})}
        answer = client.post("/de/pruefen", data=form, headers={**headers, HEADER: "anna"}, environ_overrides={"REMOTE_ADDR": PROXY})
        assert answer.status_code == status
        assert len(state.judgements()) == (status == 303)
