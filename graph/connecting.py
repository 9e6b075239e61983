"""How to reach the graph with other tools: what `innonet engine status` says."""

from __future__ import annotations

from graph import engine
from graph.settings import Settings


def status_text(settings: Settings, language: str) -> str:
    """Address, reader user and one example each for the driver, py2neo and Neo4j's own tools, in ``de`` or ``en``.

    The password shown is the reader's, who cannot write; the writing user's stands in engine.json only (0600).
    """
    en = language == "en"
    if not settings.embedded:
        uri, user, database = settings.neo4j_uri, settings.neo4j_reader_username or settings.neo4j_username, settings.neo4j_database
        head = f"NEO4J_URI {'is set' if en else 'ist gesetzt'}: {uri}"
        return f"{head}\n" + _examples(uri, user, "…", database, en=en)
    status = engine.status(settings)
    if status.address is None:
        return (
            f"The embedded engine of {status.home} does not run. Any command that needs it starts it, or `innonet engine start`."
            if en
            else f"Die eingebettete Engine von {status.home} läuft nicht. Jeder Befehl, der sie braucht, startet sie, oder «innonet engine start»."
        )
    a = status.address
    memory, disk = status.memory_bytes / 1e6, status.disk_bytes / 1e6
    head = (
        f"The embedded engine of {status.home} runs (process {a.pid}, since {a.started}, {memory:.0f} MB memory, {disk:.0f} MB on disk)."
        if en
        else f"Die eingebettete Engine von {status.home} läuft (Prozess {a.pid}, seit {a.started}, {memory:.0f} MB Speicher, {disk:.0f} MB auf der Platte)."
    )
    return f"{head}\n" + _examples(a.uri, a.reader_user, a.reader_password, a.database, en=en)


def _examples(uri: str, user: str, password: str, database: str, *, en: bool) -> str:
    words = ("Address", "Reader (cannot write)", "Password", "Database") if en else ("Adresse", "Leser (kann nicht schreiben)", "Passwort", "Datenbank")
    lines = [f"  {w + ':':30} {v}" for w, v in zip(words, (uri, user, password, database), strict=True)]
    return "\n".join(
        [
            *lines,
            "",
            f"  neo4j:        GraphDatabase.driver({uri!r}, auth=({user!r}, …))   database_={database!r}",
            f"  py2neo:       Graph({uri!r}, auth=({user!r}, …), name={database!r})",
            f"  cypher-shell: cypher-shell -a {uri} -u {user} -d {database}",
            f"  Neo4j Browser: {uri}",
        ]
    )
