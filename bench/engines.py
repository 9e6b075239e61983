"""Engines of the bench's own: an embedded one in a folder, or a Neo4j as the tests start it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import neo4j

from graph import engine
from graph.settings import Settings
from graph.store import open_store

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import neo4j_server
import provision


def environment(settings: Settings) -> dict[str, str]:
    """The environment in which another process has the same settings."""
    env = {**os.environ, "INNONET_HOME": str(settings.home), "NEO4J_URI": settings.neo4j_uri, "NEO4J_USERNAME": settings.neo4j_username}
    return env | {"NEO4J_PASSWORD": settings.neo4j_password, "NEO4J_DATABASE": settings.neo4j_database, "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True)
class Engine:
    """A running engine: settings of our home, and a bare driver to the same server."""

    name: str
    agent: str
    settings: Settings
    driver: neo4j.Driver
    database: str


@contextmanager
def opened(name: str, folder: Path) -> Iterator[Engine]:
    """Start one that is empty but for the schema, and stop it at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    home = folder / "home"
    if name == "arcadedb":
        settings = Settings(home=home)
        address = engine.ensure(settings)
        uri, user, password, database = address.uri, address.user, address.password, address.database
    else:
        server = neo4j_server.start(folder / "neo4j")
        if isinstance(server, provision.Missing):
            raise SystemExit(str(server))
        uri, user, password, database = server.uri, server.username, server.password, server.database
        settings = Settings(home=home, neo4j_uri=uri, neo4j_username=user, neo4j_password=password, neo4j_database=database, connect_timeout=30)
    driver = neo4j.GraphDatabase.driver(uri, auth=(user, password), notifications_min_severity="OFF")
    try:
        with open_store(settings, write=True) as store:
            store.apply_schema()
            agent = store.agent
        yield Engine(name, agent, settings, driver, database)
    finally:
        driver.close()
        if name == "arcadedb":
            engine.stop(settings)
        else:
            server.stop()
