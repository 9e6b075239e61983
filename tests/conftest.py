"""Real engines for all tests: one embedded ArcadeDB and one Neo4j a session, wiped between tests; the browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

sys.path.insert(0, str(Path(__file__).resolve().parent))  # the two helpers beside this file, whatever the import mode is

import neo4j_server
import provision

from graph import engine
from graph.settings import Settings
from graph.store import Store, open_store
from ingest import demo

ENGINES = ("arcadedb", "neo4j")
WIPE = 10_000
QUERY_SECONDS = 2.0


def lacking(what: provision.Missing) -> NoReturn:
    """Without it a test cannot run: a failure where CI is set, else a skip that says how to get it."""
    if os.environ.get("CI"):
        pytest.fail(str(what))
    pytest.skip(str(what))


@dataclass
class Engines:
    """The servers of this session, each started when it is first asked for."""

    folder: Path
    neo4j: neo4j_server.Neo4jServer | provision.Missing | None = None

    def settings(self, name: str) -> Settings:
        """Settings for the engine of this name, with a home that holds nothing but what the engine itself needs."""
        home = self.folder / f"home-{name}"
        home.mkdir(exist_ok=True)
        for path in home.iterdir():
            if not path.name.startswith("engine"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if name == "arcadedb":
            return Settings(home=home, engine_memory="512m", query_timeout=QUERY_SECONDS)
        if self.neo4j is None:
            self.neo4j = neo4j_server.start(self.folder / "neo4j")
        if isinstance(self.neo4j, provision.Missing):
            lacking(self.neo4j)
        s = self.neo4j
        return Settings(home=home, neo4j_uri=s.uri, neo4j_username=s.username, neo4j_password=s.password, neo4j_database=s.database, connect_timeout=60.0)

    def empty(self, name: str) -> Settings:
        """The same with an empty database that has its schema."""
        settings = self.settings(name)
        with open_store(settings, write=True) as store:
            store.apply_schema()
            wipe(store)
        return settings

    def stop(self) -> None:
        """End what was started."""
        engine.stop(Settings(home=self.folder / "home-arcadedb"))
        if isinstance(self.neo4j, neo4j_server.Neo4jServer):
            self.neo4j.stop()


def wipe(store: Store) -> None:
    """Delete all nodes and edges; the schema stays."""
    assert store._access.writer is not None
    with store._access.writer.session("WRITE") as session:
        while session.run(f"MATCH (n) WITH n LIMIT {WIPE} DETACH DELETE n RETURN count(*)").single(strict=True)[0]:
            pass


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """The servers of this session; give the name of an engine to ``settings``."""
    started = Engines(tmp_path_factory.mktemp("engines"))
    yield started
    started.stop()


@pytest.fixture(params=ENGINES)
def store_settings(request: pytest.FixtureRequest, engines: Engines) -> Settings:
    """Settings of each engine in turn: a fresh home, an empty database with its schema."""
    return engines.empty(request.param)


@pytest.fixture
def store(store_settings: Settings) -> Iterator[Store]:
    """An open store with the right to write, on each engine in turn."""
    with open_store(store_settings, write=True) as opened:
        yield opened


class Rooms(LoadFileScheduling):
    """A file's tests run in one worker, so that what they share is made once; all ``*_demo.py`` share the loaded demo data.

    Groups named by marks do not work: pytest 9.2 no longer shows them in the ids that pytest-xdist 3.8 sends (tried, 2026-11).
    """

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "demo" if file.endswith("_demo.py") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Rooms:
    return Rooms(config, log)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a home in which the demo data is loaded into the embedded engine; to be read only."""
    settings = Settings(home=tmp_path_factory.mktemp("demo") / "home", engine_memory="768m")
    with open_store(settings, write=True) as store:
        said = list(demo.load_demo(settings, store, lambda _what, _done, _all: None))
    assert said[-1].en.startswith("Loaded:")
    yield settings
    engine.stop(settings)


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """A Chromium that can be driven."""
    found = provision.find_chromium()
    if found is None:
        lacking(provision.CHROMIUM)
    return found


@pytest.fixture
def stopping() -> Iterator[Callable[[Path], Settings]]:
    """Make settings for a home of one's own whose engine is stopped after the test."""
    homes: list[Settings] = []

    def settings(home: Path, **changes: object) -> Settings:
        made = Settings(home=home, **{"engine_memory": "256m", **changes})  # type: ignore[arg-type]
        homes.append(made)
        return made

    yield settings
    for made in homes:
        engine.stop(made)
