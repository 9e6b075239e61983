"""All settings, read once from the environment.  Nothing else in the project reads os.environ."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from graph.errors import UsageError
from graph.masterplan import SHIPPED


class SettingsError(UsageError):
    """A setting has a value that cannot be used; the text names it and says what is expected."""


def _setting(default: object, env: tuple[str, ...], text: str) -> Any:
    """A field that knows its environment variables and what it means."""
    return field(default=default, metadata={"env": env, "help": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings.  Each field's metadata names its environment variables (the first wins) and what it means."""

    home: Path = _setting(None, ("INNONET_HOME",), "folder of claims, state, derived files and the embedded engine; default: the platform's user data folder")
    neo4j_uri: str = _setting("", ("NEO4J_URI",), "address of a Neo4j server (bolt://, neo4j://, neo4j+s://, ...); empty: the embedded engine")
    neo4j_username: str = _setting("neo4j", ("NEO4J_USERNAME", "NEO4J_USER"), "user that may write")
    neo4j_password: str = _setting("", ("NEO4J_PASSWORD",), "its password")
    neo4j_database: str = _setting("neo4j", ("NEO4J_DATABASE",), "name of the database")
    neo4j_reader_username: str = _setting(
        "",
        ("NEO4J_READER_USERNAME",),
        "a second user without the right to write, if the server has roles; empty: the first user in read mode with inspected plans",
    )
    neo4j_reader_password: str = _setting("", ("NEO4J_READER_PASSWORD",), "its password")
    engine_memory: str = _setting("1g", ("INNONET_ENGINE_MEMORY",), "heap of the embedded engine, as for java -Xmx")
    engine_port: int = _setting(0, ("INNONET_ENGINE_PORT",), "Bolt port of the embedded engine; 0: any free one")
    connect_timeout: float = _setting(4.0, ("INNONET_CONNECT_TIMEOUT",), "seconds to wait for a server before it counts as not reachable")
    query_timeout: float = _setting(10.0, ("INNONET_QUERY_TIMEOUT",), "seconds a reader's query may take")
    query_rows: int = _setting(5000, ("INNONET_QUERY_ROWS",), "rows a reader's query may return")
    identity: str = _setting("full", ("INNONET_IDENTITY",), "full, or identifiers: merge by authority identifiers only (for measuring)")
    max_file_bytes: int = _setting(4 << 30, ("INNONET_MAX_FILE_BYTES",), "largest file read, after unpacking")
    max_ratio: int = _setting(200, ("INNONET_MAX_RATIO",), "largest ratio of unpacked to packed size that is believed")
    max_line_bytes: int = _setting(8 << 20, ("INNONET_MAX_LINE_BYTES",), "longest line of a table")
    max_archive_files: int = _setting(1000, ("INNONET_MAX_ARCHIVE_FILES",), "most files in one archive")
    text_max_bytes: int = _setting(50 << 20, ("INNONET_TEXT_MAX_BYTES",), "largest text document (page, PDF, letter, feed), as it comes")
    text_max_documents: int = _setting(1000, ("INNONET_TEXT_MAX_DOCUMENTS",), "most entries of a feed, letters of a mailbox or pages of a sitemap")
    text_seconds: float = _setting(30.0, ("INNONET_TEXT_SECONDS",), "seconds for parsing one document, and for fetching one address")
    text_memory_bytes: int = _setting(1 << 30, ("INNONET_TEXT_MEMORY_BYTES",), "memory of the process that parses documents")
    text_model: str = _setting("", ("INNONET_TEXT_MODEL",), "a spaCy package or folder (de_core_news_lg) that finds names in place of the shipped recogniser")
    fetch_pause: float = _setting(1.0, ("INNONET_FETCH_PAUSE",), "seconds between two requests to one host; a robots.txt may ask for more")
    language: str = _setting(
        "de", ("INNONET_LANGUAGE",), "language of the command line: de or en; empty: English where the terminal's locale is English, else German"
    )
    proxies: int = _setting(
        0, ("INNONET_PROXIES",), "trusted web servers in front of the site, one behind the other, that say who asks and whether by https; 0: none"
    )
    console: str = _setting("public", ("INNONET_CONSOLE",), "who may ask free Cypher on the site: public, users (logged in) or off")
    city: str = _setting("place:05119", ("INNONET_CITY",), "id of the place that «Stadt» shows: whom this installation works for")
    masterplan: Path = _setting(SHIPPED, ("INNONET_MASTERPLAN",), "folder with goals.csv and topics.csv; default: data/masterplan")
    access: str = _setting("public", ("INNONET_ACCESS",), "public: everybody may read; closed: all but the login page needs a login")
    hosts: str = _setting(
        "", ("INNONET_HOSTS",), "names under which the site answers, with commas (netz.example.org; .example.org: all below it); empty: under any name"
    )
    sso_header: str = _setting(
        "", ("INNONET_SSO_HEADER",), "header in which a trusted web server says who is logged in (Remote-User); empty: no header is believed"
    )
    sso_from: str = _setting("", ("INNONET_SSO_FROM",), "addresses and networks of that web server, with commas; the header is refused from all others")
    limits: str = _setting(
        "login=20,heavy=120,api=600",
        ("INNONET_LIMITS",),
        "requests a minute of one address: tries to log in, expensive pages, the interface for programs; 0: no limit; off: none at all",
    )
    contact_name: str = _setting("", ("INNONET_CONTACT_NAME",), "who runs this site, shown on «Fehler melden» and «Datenschutz»")
    contact_email: str = _setting("", ("INNONET_CONTACT_EMAIL",), "address for corrections and removals")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the environment once.  Raises SettingsError with the variable's name when a value cannot be used."""
        env = os.environ if env is None else env
        values: dict[str, object] = {}
        for f in fields(cls):
            names: tuple[str, ...] = f.metadata["env"]
            raw = next((env[n] for n in names if env.get(n)), None)
            if raw is None:
                continue
            try:
                values[f.name] = int(raw) if f.type == "int" else float(raw) if f.type == "float" else Path(raw).expanduser() if f.type == "Path" else raw
            except ValueError:
                raise SettingsError(f"{names[0]}={raw!r}: eine Zahl wird erwartet.", f"{names[0]}={raw!r}: a number is expected.") from None
        if "language" not in values:
            terminal = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
            values["language"] = "en" if terminal.lower().startswith("en") else "de"
        values.setdefault("home", Path(platformdirs.user_data_dir("innonet", appauthor=False)))
        s = cls(**values)  # type: ignore[arg-type]
        _check(s)
        return s

    @property
    def embedded(self) -> bool:
        """True when no server is configured and the embedded engine answers."""
        return not self.neo4j_uri

    @property
    def sso_networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """From where the header of single sign-on is believed."""
        return tuple(ipaddress.ip_network(part, strict=False) for part in _parts(self.sso_from))

    @property
    def host_names(self) -> tuple[str, ...]:
        """Names under which the site answers; none: under any."""
        return tuple(_parts(self.hosts))

    @property
    def rates(self) -> Mapping[str, int]:
        """Requests a minute by kind; 0: no limit."""
        found = dict.fromkeys(LIMITED, 0)
        if self.limits != "off":
            found.update((name.strip(), int(number)) for name, _, number in (part.partition("=") for part in _parts(self.limits)))
        return found


LIMITED = ("login", "heavy", "api")
"""Kinds of requests that can be limited."""


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(f"{name}={value!r}: {' oder '.join(allowed)} wird erwartet.", f"{name}={value!r}: {' or '.join(allowed)} is expected.")


def _check(s: Settings) -> None:
    _one_of("INNONET_IDENTITY", s.identity, ("full", "identifiers"))
    _one_of("INNONET_LANGUAGE", s.language, ("de", "en"))
    _one_of("INNONET_CONSOLE", s.console, ("public", "users", "off"))
    _one_of("INNONET_ACCESS", s.access, ("public", "closed"))
    if s.neo4j_uri and not s.neo4j_password:
        raise SettingsError("NEO4J_URI ist gesetzt, NEO4J_PASSWORD fehlt.", "NEO4J_URI is set but NEO4J_PASSWORD is not.")
    if s.sso_header and not re.fullmatch(r"[A-Za-z0-9-]+", s.sso_header):
        raise SettingsError(
            f"INNONET_SSO_HEADER={s.sso_header!r}: der Name einer Kopfzeile wird erwartet (Remote-User).",
            f"INNONET_SSO_HEADER={s.sso_header!r}: the name of a header is expected (Remote-User).",
        )
    if s.sso_header and not s.sso_from:
        raise SettingsError(
            "INNONET_SSO_HEADER ist gesetzt, INNONET_SSO_FROM fehlt: wem soll geglaubt werden?",
            "INNONET_SSO_HEADER is set but INNONET_SSO_FROM is not: who is to be believed?",
        )
    try:
        _ = s.sso_networks
    except ValueError as e:
        raise SettingsError(
            f"INNONET_SSO_FROM={s.sso_from!r}: Adressen oder Netze mit Kommas werden erwartet (10.0.0.5,192.168.1.0/24).",
            f"INNONET_SSO_FROM={s.sso_from!r}: addresses or networks with commas are expected (10.0.0.5,192.168.1.0/24).",
        ) from e
    try:
        fine = set(s.rates) == set(LIMITED) and min(s.rates.values()) >= 0
    except ValueError:
        fine = False
    if not fine:
        raise SettingsError(
            f"INNONET_LIMITS={s.limits!r}: off oder {', '.join(f'{n}=Zahl' for n in LIMITED)} wird erwartet.",
            f"INNONET_LIMITS={s.limits!r}: off or {', '.join(f'{n}=number' for n in LIMITED)} is expected.",
        )
