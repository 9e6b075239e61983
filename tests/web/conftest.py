"""One small network in a real engine for all tests of the site, and the site on a real port for the browser."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

sys.path.insert(0, str(Path(__file__).resolve().parent))

from small_documents import REMOVED
from small_network import GONE, fill

from graph import engine
from graph.settings import Settings
from graph.store import open_store
from web import create_app


@pytest.fixture(scope="session")
def site_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home with the small network, loaded; its engine is stopped at the end."""
    settings = Settings(home=tmp_path_factory.mktemp("site"), engine_memory="512m", contact_email="hinweis@beispiel.invalid", contact_name="Stadt Beispiel")
    try:
        with open_store(settings, write=True) as store:
            fill(settings, store)
        yield settings
    finally:
        engine.stop(settings)


@pytest.fixture(scope="session")
def app(site_settings: Settings) -> Iterator[Flask]:
    """The application over the small network."""
    made = create_app(site_settings, gone=lambda id_: id_ in (GONE, REMOVED))
    made.testing = True
    yield made
    made.extensions["innonet"].forget()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without a browser."""
    return app.test_client()


@pytest.fixture(scope="session")
def address(app: Flask) -> Iterator[str]:
    """The site on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as p:
        opened = p.chromium.launch(executable_path=str(chromium_path), args=_FLAGS)
        yield opened
        opened.close()
