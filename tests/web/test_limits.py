"""Rate limits: they hold over all processes, count the right address, and say in words when to come back."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graph.settings import Settings
from web import create_app, limits
from web.limits import Limits

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = {"neo4j_uri": "bolt://127.0.0.1:1", "neo4j_password": "x"}
SERVER = """
import os
from gunicorn.app.base import BaseApplication
from graph.settings import Settings
from web import create_app
from web.server import listen
s = listen("127.0.0.1", 0)
class Server(BaseApplication):
    def load_config(self):
        for k, v in {"bind": f"fd://{s.fileno()}", "workers": 2, "worker_class": "gthread", "threads": 4, "preload_app": True, "loglevel": "critical"}.items():
            self.cfg.set(k, v)
    def load(self):
        app = create_app(Settings.from_env())
        @app.after_request
        def tell(answer):
            answer.headers["X-Worker"] = str(os.getpid())
            return answer
        return app
print(s.getsockname()[1], flush=True)
Server().run()
"""


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[str]:
    """A site with two processes that holds ten requests a minute of the interface for programs."""
    env = {**os.environ, "INNONET_HOME": str(tmp_path), "INNONET_PROXIES": "1", "INNONET_LIMITS": "api=10,heavy=0,login=0"}
    env |= {"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "x"}
    process = subprocess.Popen([sys.executable, "-c", SERVER], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    process.terminate()
    process.wait(20)
    process.stdout.close()


def ask(address: str, visitor: str) -> tuple[int, str]:
    request = urllib.request.Request(f"{address}/api/v1/search?q=a", headers={"X-Forwarded-For": visitor})  # noqa: S310 — our own server
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 — our own server
            return answer.status, answer.headers["X-Worker"]
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.headers["X-Worker"]


def test_two_processes_count_together(workers: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: ask(workers, f"203.0.113.{n % 2}"), range(60)))
        networks = list(pool.map(lambda n: ask(workers, f"2001:db8:0:{n % 2}::{n:x}"), range(40)))
    # two addresses, two networks of IPv6: ten each, whichever process they reached
    assert Counter(status for status, _ in found) == {503: 20, 429: 40}
    assert Counter(status for status, _ in networks) == {503: 20, 429: 20}
    assert len({worker for _, worker in (*found, *networks)}) == 2


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        # seconds at which somebody asks; which of them are refused when three a minute are allowed
        ([0, 1, 2, 3, 4], [3, 4]),
        ([0, 1, 2, 61], [3]),  # the minute before still counts by its share
        ([0, 1, 2, 81], []),
        ([58, 59, 59.5, 61, 62], [3, 4]),  # no burst over the turn of a window
        ([0, 1, 2, 200], []),
        ([0, 0, 0, 0, 90, 90, 119], [3, 5]),
    ],
)
def test_the_window_slides(tmp_path: Path, asked: list[float], refused: list[int]) -> None:
    now = 0.0
    counts = Limits(tmp_path / "limits.sqlite", {"api": 3}, lambda: 6e9 + now)
    out = []
    for n, moment in enumerate(asked):
        now = moment
        if seconds := counts.wait("api", "a"):
            out.append(n)
            assert 0 < seconds <= 120
    assert out == refused
    counts.close()


def test_who_waits_as_long_as_told_may_ask_again(tmp_path: Path) -> None:
    now = 6e9 + 17.3
    counts = Limits(tmp_path / "limits.sqlite", {"api": 5}, lambda: now)
    for _ in range(40):
        if seconds := counts.wait("api", "a"):
            now += seconds
            assert counts.wait("api", "a") == 0
        now += 0.5
    assert stat.S_IMODE(counts.path.stat().st_mode) == 0o600
    counts.close()


@pytest.mark.parametrize(
    ("path", "kind", "lang"),
    [("/de/konsortium?topic=x", "heavy", "de"), ("/en/network/x:1", "heavy", "en"), ("/api/v1/search?q=a", "api", "api"), ("/de/anmelden", "login", "de")],
)
def test_too_much_is_said_in_words(tmp_path: Path, path: str, kind: str, lang: str) -> None:
    client = create_app(Settings(home=tmp_path, proxies=1, limits=f"{kind}=2", **NOWHERE)).test_client()  # type: ignore[arg-type]
    headers = {"X-Forwarded-For": "203.0.113.9", "Sec-Fetch-Site": "same-origin"}
    answers = [client.open(path, method="POST" if kind == "login" else "GET", headers=headers) for _ in range(3)]
    assert [a.status_code == 429 for a in answers] == [False, False, True]
    last = answers[-1]
    assert 0 < int(last.headers["Retry-After"]) <= 120
    if lang == "api":
        assert last.json["type"].endswith("#too-many-requests")
    elif lang == "de":
        assert f"in {last.headers['Retry-After']} Sekunden wieder" in last.get_data(as_text=True)
    # another visitor, another kind of page, and the machine itself go on
    assert client.get(path, headers={**headers, "X-Forwarded-For": "203.0.113.10"}).status_code != 429
    assert client.get("/de/fehler-melden", headers=headers).status_code == 200
    for _ in range(5):
        assert client.get("/api/v1/health", headers=headers).status_code != 429


@pytest.mark.parametrize("setting", ["off", "api=0"])
def test_limits_can_be_turned_off(tmp_path: Path, setting: str) -> None:
    client = create_app(Settings(home=tmp_path, proxies=1, limits=setting, **NOWHERE)).test_client()  # type: ignore[arg-type]
    assert 429 not in {client.get("/api/v1/search", headers={"X-Forwarded-For": "203.0.113.9"}).status_code for _ in range(30)}


def test_a_claimed_address_does_not_count_without_a_trusted_web_server(tmp_path: Path) -> None:
    client = create_app(Settings(home=tmp_path, limits="api=2", **NOWHERE)).test_client()  # type: ignore[arg-type]
    seen = [
        client.get("/api/v1/search", headers={"X-Forwarded-For": f"203.0.113.{n}"}, environ_overrides={"REMOTE_ADDR": "198.51.100.7"}).status_code
        for n in range(4)
    ]
    assert [s == 429 for s in seen] == [False, False, True, True]


def test_a_broken_file_of_counts_does_not_close_the_site(tmp_path: Path) -> None:
    (tmp_path / "limits.sqlite").write_bytes(b"no database" * 1000)
    client = create_app(Settings(home=tmp_path, proxies=1, limits="heavy=1", **NOWHERE)).test_client()  # type: ignore[arg-type]
    assert client.get("/de/partner-suchen", headers={"X-Forwarded-For": "203.0.113.9"}).status_code != 500


def test_every_page_that_is_limited_exists(tmp_path: Path) -> None:
    app = create_app(Settings(home=tmp_path))
    assert set(app.view_functions) >= limits.HEAVY | limits.FREE
