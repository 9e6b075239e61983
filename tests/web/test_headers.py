"""What every answer carries, under which names the site answers, and what a start refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from graph.settings import Settings, SettingsError
from web import create_app
from web.application import HEADERS


def site(home: Path, **more: object) -> FlaskClient:
    made = {"neo4j_uri": "bolt://127.0.0.1:1", "neo4j_password": "x", **more}
    return create_app(Settings(home=home, **made)).test_client()  # type: ignore[arg-type]


PLACES = [
    ("/de/fehler-melden", 200),
    ("/en/report-an-error", 200),
    ("/static/css/site.css", 200),
    ("/static/nothing", 404),
    ("/", 302),
    ("/de/nichts", 404),
    ("/api/v1/nothing", 404),
    ("/de/aenderungen", 302),
    ("/de/organisation/x:1", 503),
    ("/api/v1/organizations/x:1", 503),
    ("/de/pruefen/zurueck", 405),
]


@pytest.mark.parametrize("base", ["http://localhost", "https://localhost"])
def test_every_answer_carries_the_headers(tmp_path: Path, base: str) -> None:
    client = site(tmp_path)
    for path, status in PLACES:
        with client.get(path, base_url=base) as answer:
            assert answer.status_code == status or path.startswith("/api/"), (path, answer.status_code)
            assert {n: answer.headers.get(n) for n in HEADERS} == HEADERS, path
            assert answer.headers.get("Strict-Transport-Security") == ("max-age=31536000" if base.startswith("https") else None)
            assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("hosts", "asked", "status"),
    [
        ("", "anything.example", 200),
        ("netz.example.org", "netz.example.org", 200),
        ("netz.example.org", "netz.example.org:8443", 200),
        ("netz.example.org", "localhost:8000", 200),
        ("netz.example.org, .example.net", "a.example.net", 200),
        ("netz.example.org", "evil.example", 400),
        ("netz.example.org", "netz.example.org.evil.example", 400),
        (".example.net", "evilexample.net", 400),
    ],
)
def test_the_site_answers_under_its_names_only(tmp_path: Path, hosts: str, asked: str, status: int) -> None:
    client = site(tmp_path, hosts=hosts)
    for path in ("/de/fehler-melden", "/static/css/site.css"):
        with client.get(path, headers={"Host": asked}) as answer:
            assert answer.status_code == status
            assert "evil" not in answer.get_data(as_text=True)
            assert {n: answer.headers.get(n) for n in HEADERS} == HEADERS


def test_there_is_no_secret_to_be_weak_and_no_debug_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    app = site(tmp_path).application
    assert app.secret_key is None  # tokens are random and kept as sums; nothing is signed
    assert not app.debug
    assert not app.testing
    app.view_functions["pages.report"] = lambda: 1 // 0
    answer = app.test_client().get("/de/fehler-melden")
    assert answer.status_code == 500
    page = answer.get_data(as_text=True)
    assert "ZeroDivisionError" not in page
    assert "Traceback" not in page


@pytest.mark.parametrize("size", [64 << 10, (64 << 10) + 1])
def test_a_body_has_a_limit(tmp_path: Path, size: int) -> None:
    body = b"name=" + b"x" * (size - 5)
    answer = site(tmp_path).post("/de/anmelden", data=body, content_type="application/x-www-form-urlencoded", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == (403 if size <= 64 << 10 else 413)


@pytest.mark.parametrize(
    "env",
    [
        {"INNONET_ACCESS": "secret"},
        {"INNONET_SSO_HEADER": "Remote-User"},
        {"INNONET_SSO_HEADER": "Remote User", "INNONET_SSO_FROM": "10.0.0.1"},
        {"INNONET_SSO_HEADER": "Remote-User", "INNONET_SSO_FROM": "proxy.local"},
        {"INNONET_LIMITS": "login"},
        {"INNONET_LIMITS": "login=viele"},
        {"INNONET_LIMITS": "login=-1"},
        {"INNONET_LIMITS": "anmelden=3"},
    ],
)
def test_a_setting_that_would_open_the_site_stops_the_start(env: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="|".join(env)):
        Settings.from_env(env)
