"""Who may do what, over the whole map of addresses."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_network import CENTRE

from graph.accounts import LOGINS_KEPT, ROLES, TRIES, Accounts, LoginError
from graph.settings import Settings
from graph.state import VERDICTS, State
from web import access, create_app, words

PASSWORD = "ein langes Passwort"
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def users(site_settings: Settings) -> Iterator[Accounts]:
    with State(site_settings.home) as state:
        found = Accounts(state)
        for role in ROLES:
            found.add(f"test-{role}", PASSWORD, role, by="test")
        yield found


def log_in(client: FlaskClient, name: str, **more: str) -> str:
    answer = client.post("/de/anmelden", data={"name": name, "password": PASSWORD, **more}, headers=HERE)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def token_of(client: FlaskClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/de/").get_data(as_text=True))
    assert found
    return found[1]


def cases(app: Flask) -> list[tuple[str, str, str]]:
    out = []
    for rule in app.url_map.iter_rules():
        values = {a: CENTRE if a == "id" else 1 if a == "number" else "css/site.css" for a in rule.arguments if a not in (rule.defaults or {})}
        address = rule.build({**values, **(rule.defaults or {})})
        assert address is not None
        out += [(rule.endpoint, method, address[1]) for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})]
    return out


def test_every_address_is_in_the_table_and_the_table_names_no_other(app: Flask) -> None:
    assert {(e, m) for e, m, _ in cases(app)} == {(e, m) for e, rules in access.TABLE.items() for m in rules}


@pytest.mark.parametrize("who", ["nobody", *ROLES])
def test_every_address_asks_for_its_role(app: Flask, users: Accounts, who: str) -> None:
    client = app.test_client()
    csrf = ""
    if who != "nobody":
        log_in(client, f"test-{who}")
        csrf = token_of(client)
    for endpoint, method, address in cases(app):
        if endpoint in ("pages.login", "pages.logout"):
            continue  # they change who asks
        rule = access.TABLE[endpoint][method]
        allowed = rule.role == access.PUBLIC or (who != "nobody" and ROLES.index(who) >= ROLES.index(rule.role))
        answer = client.open(address, method=method, data={"csrf": csrf} if method == "POST" else None, headers=HERE)
        if allowed:
            assert answer.status_code not in (401, 403), (endpoint, method)
            assert "/anmelden" not in answer.headers.get("Location", "")
        elif who == "nobody" and method == "GET":
            assert answer.status_code == 302, (endpoint, method)
            assert "next=" in answer.headers["Location"]
        else:
            assert answer.status_code == 403, (endpoint, method)
        answer.close()


def test_what_is_not_in_the_table_is_forbidden(site_settings: Settings, app: Flask, users: Accounts) -> None:
    fresh = create_app(site_settings)
    fresh.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "secret", methods=["GET", "POST"])
    client = fresh.test_client()
    log_in(client, "test-admin")
    for method in ("GET", "POST"):
        assert client.open("/api/v1/forgotten", method=method, headers=HERE).status_code == 403


@pytest.mark.parametrize(
    ("headers", "form", "status"),
    [
        (HERE, {"csrf": "TOKEN"}, 303),
        ({"Origin": "http://localhost"}, {"csrf": "TOKEN"}, 303),
        (HERE, {}, 400),
        (HERE, {"csrf": "falsch"}, 400),
        (HERE, {"csrf": "ü"}, 400),
        ({}, {"csrf": "TOKEN"}, 400),
        ({"Origin": "null"}, {"csrf": "TOKEN"}, 400),
        ({"Origin": "https://evil.example"}, {"csrf": "TOKEN"}, 400),
        ({"Origin": "http://localhost.evil.example"}, {"csrf": "TOKEN"}, 400),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, {"csrf": "TOKEN"}, 400),
        ({"Sec-Fetch-Site": "same-site"}, {"csrf": "TOKEN"}, 400),
    ],
)
def test_a_forged_form_changes_nothing(
    app: Flask, users: Accounts, site_settings: Settings, headers: dict[str, str], form: dict[str, str], status: int
) -> None:
    client = app.test_client()
    log_in(client, "test-editor")
    sent = {k: token_of(client) if v == "TOKEN" else v for k, v in form.items()}
    with State(site_settings.home) as state:
        before = len(state.judgements())
        answer = client.post("/de/pruefen", data={**sent, "a": "x:1", "b": "x:2", "verdict": "no"}, headers=headers)
        assert answer.status_code == status
        assert len(state.judgements()) - before == (1 if status == 303 else 0)
        if status == 303:
            state.undo(who="test")
    if status == 400:
        assert "Dieses Formular ist abgelaufen" in answer.get_data(as_text=True)


def test_the_token_of_another_session_does_not_count(app: Flask, users: Accounts) -> None:
    one, two = app.test_client(), app.test_client()
    log_in(one, "test-editor")
    log_in(two, "test-editor")
    answer = two.post("/de/pruefen", data={"csrf": token_of(one), "a": "x:1", "b": "x:2", "verdict": "no"}, headers=HERE)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("goal", "goes_to"),
    [
        ("/de/pruefen?city=Essen", "/de/pruefen?city=Essen"),
        ("", "/de/"),
        ("https://evil.example/", "/de/"),
        ("//evil.example/", "/de/"),
        ("/\\evil.example/", "/de/"),
        ("javascript:alert(1)", "/de/"),
        ("/de/\r\nSet-Cookie: x=1", "/de/"),
        ("evil.example", "/de/"),
    ],
)
def test_a_login_leads_to_pages_of_this_site_only(client: FlaskClient, users: Accounts, goal: str, goes_to: str) -> None:
    assert log_in(client, "test-reader", next=goal) == goes_to


def test_a_login_gives_a_new_token_and_ends_the_old_session(client: FlaskClient, users: Accounts) -> None:
    client.set_cookie(access.COOKIE, "chosen-by-somebody-else")
    log_in(client, "test-reader")
    first = client.get_cookie(access.COOKIE)
    assert first is not None
    assert first.value != "chosen-by-somebody-else"
    assert first.http_only
    assert first.same_site == "Lax"
    client.post("/de/anmelden", data={"name": "test-reader", "password": PASSWORD, "csrf": token_of(client)}, headers=HERE)
    second = client.get_cookie(access.COOKIE)
    assert second is not None
    assert second.value != first.value
    assert users.session(first.value) is None
    assert users.session(second.value)


def test_the_cookie_is_secure_behind_https(client: FlaskClient, users: Accounts) -> None:
    answer = client.post("/de/anmelden", data={"name": "test-reader", "password": PASSWORD}, headers=HERE, base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_visitor_gets_no_cookie(client: FlaskClient) -> None:
    for path in ("/de/", "/de/anmelden", f"/de/organisation/{CENTRE}", "/de/suche?q=e"):
        assert "Set-Cookie" not in client.get(path).headers


def test_a_wrong_password_is_told_and_locks(client: FlaskClient, users: Accounts) -> None:
    users.add("test-locked", PASSWORD, "reader", by="test")
    for _ in range(5):
        answer = client.post("/en/login", data={"name": "test-locked", "password": "no"}, headers=HERE)
        assert answer.status_code == 403
        assert "Name or password is wrong." in answer.get_data(as_text=True)
    answer = client.post("/en/login", data={"name": "test-locked", "password": PASSWORD}, headers=HERE)
    assert answer.status_code == 429
    assert "15 minutes" in answer.get_data(as_text=True)


def test_logging_out_ends_the_session(client: FlaskClient, users: Accounts) -> None:
    log_in(client, "test-reader")
    cookie = client.get_cookie(access.COOKIE)
    assert cookie is not None
    answer = client.post("/de/abmelden", data={"csrf": token_of(client)}, headers=HERE)
    assert answer.status_code == 303
    assert client.get_cookie(access.COOKIE) is None
    assert users.session(cookie.value) is None


@pytest.mark.parametrize(
    ("age", "end"),
    [
        (dt.timedelta(hours=1), lambda _users: None),
        (dt.timedelta(hours=13), lambda _users: None),
        (dt.timedelta(days=8), lambda _users: None),
        (dt.timedelta(), lambda users: users.disable("test-ended", by="test")),
        (dt.timedelta(), lambda users: users.set_password("test-ended", "ein anderes Passwort", by="test")),
        (dt.timedelta(), lambda users: users.set_role("test-ended", "reader", by="test")),
    ],
    ids=["in use", "idle", "a week", "disabled", "password changed", "role changed"],
)
def test_a_session_that_ended_is_a_visit(
    client: FlaskClient, users: Accounts, site_settings: Settings, request: pytest.FixtureRequest, age: dt.timedelta, end: Callable[[Accounts], None]
) -> None:
    if "test-ended" not in {u.name for u in users.users()}:
        users.add("test-ended", PASSWORD, "editor", by="test")
    users.disable("test-ended", by="test", disabled=False)
    users.set_password("test-ended", PASSWORD, by="test")
    with State(site_settings.home) as state:
        earlier = Accounts(state, lambda: dt.datetime.now(dt.UTC) - age)
        found = earlier.login("test-ended", PASSWORD, "::1")
    client.set_cookie(access.COOKIE, found.token)
    end(users)
    alive = request.node.callspec.id in ("in use", "role changed")
    page = client.get("/de/").get_data(as_text=True)
    assert ("test-ended abmelden" in page) == alive
    assert (">Anmelden</a>" in page) != alive
    assert client.get("/de/pruefen").status_code == (200 if alive else 302)
    answer = client.post("/de/pruefen/zurueck", data={"csrf": found.csrf, "number": "0"}, headers=HERE)
    assert answer.status_code == (303 if request.node.callspec.id == "in use" else 403)


@pytest.mark.parametrize(
    ("proxies", "sent", "counted", "secure"), [(0, "203.0.113.9", "127.0.0.1", False), (1, "198.51.100.1, 203.0.113.9", "203.0.113.9", True)]
)
def test_what_a_web_server_in_front_says_counts_only_where_it_is_trusted(
    site_settings: Settings, users: Accounts, proxies: int, sent: str, counted: str, secure: bool
) -> None:
    client = create_app(dataclasses.replace(site_settings, proxies=proxies)).test_client()
    headers = {**HERE, "X-Forwarded-For": sent, "X-Forwarded-Proto": "https"}
    answer = client.post("/de/anmelden", data={"name": "test-reader", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 303
    assert ("Secure" in answer.headers["Set-Cookie"]) == secure
    with State(site_settings.home) as state:
        assert [(e.who, e.what) for e in state.audit(limit=1)] == [("test-reader", counted)]


@pytest.mark.parametrize(("number", "status"), [("", 400), ("-1", 400), ("x", 400), ("1" * 30, 400), ("9" * 18, 303), ("0", 303)])
def test_taking_back_what_is_not_there_changes_nothing(client: FlaskClient, users: Accounts, site_settings: Settings, number: str, status: int) -> None:
    log_in(client, "test-editor")
    with State(site_settings.home) as state:
        state.judge("x:1", "x:2", "no", "test", "")
        before = state.judgements()
        assert client.post("/de/pruefen/zurueck", data={"csrf": token_of(client), "number": number}, headers=HERE).status_code == status
        assert state.judgements() == before
        state.undo(who="test")


@pytest.mark.parametrize(("path", "says"), [("/de/datenschutz", "{} Tage"), ("/en/privacy", "{} days")])
def test_the_page_on_privacy_says_how_long_logins_are_kept(client: FlaskClient, path: str, says: str) -> None:
    assert says.format(LOGINS_KEPT.days) in client.get(path).get_data(as_text=True)


def test_the_record_of_changes_comes_in_pages(client: FlaskClient, users: Accounts, site_settings: Settings) -> None:
    with State(site_settings.home) as state:
        for n in range(51):
            state.judge("x:1", f"y:{n}", "unsure", "test-pages", "")
        for _ in range(51):
            state.undo(who="test-pages")
    log_in(client, "test-admin")
    first, second = (client.get(f"/en/changes?page={n}").get_data(as_text=True) for n in (1, 2))
    assert "x:1 y:0" in first
    assert "page=2" in first
    assert "page=1" in second
    assert "x:1 y:50" in second
    assert client.get("/en/changes?page=99999").status_code == 200


def test_pages_of_a_session_are_kept_by_nobody(client: FlaskClient, users: Accounts) -> None:
    log_in(client, "test-reader")
    assert client.get("/de/").headers["Cache-Control"] == "no-store"


def test_changes_are_shown_to_an_admin(app: Flask, client: FlaskClient, users: Accounts) -> None:
    log_in(app.test_client(), "test-editor")
    log_in(client, "test-admin")
    page = client.get("/de/aenderungen").get_data(as_text=True)
    assert "test-editor" in page
    assert PASSWORD not in page


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_record_says_in_words_what_was_done(app: Flask, tmp_path: Path, lang: str) -> None:
    with State(tmp_path) as state:
        made = Accounts(state)
        made.add("anna", PASSWORD, "reader", by="test")
        made.login("anna", PASSWORD, "::1")
        for _ in range(TRIES):
            with pytest.raises(LoginError):
                made.login("anna", "falsch", "::1")
        made.set_password("anna", PASSWORD, by="test")
        for disabled in (True, False):
            made.disable("anna", by="test", disabled=disabled)
        for verdict in VERDICTS:
            state.judge("x:1", "x:2", verdict, "test", "")
        state.undo(who="test")
        codes = {c for e in state.audit() for c in (e.action, e.before, e.after)} - {"", *ROLES}
    assert {"judge", "undo", "user", "password", "login", "login failed", "login locked", "disabled", "enabled", *VERDICTS} == codes
    with app.test_request_context(f"/{lang}/"):
        assert [c for c in sorted(codes) if words.audit_word(c) == c] == []
