"""Free Cypher on the site: who may, how many at once, and the question as part of an address."""

from __future__ import annotations

import base64
import binascii
import threading
import zlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson
from flask import url_for

from graph.asking import Answer, ask_cypher
from graph.errors import InnonetError, UsageError
from graph.inspect_plan import TEXT_BYTES
from graph.questions import Kind, Questions
from web import access
from web.site import site

AT_ONCE: Final = 2
"""Free questions that one process asks at the same time; they may keep the engine busy to the last second of their limit."""
PLAIN: Final = 1200
"""A longer question is packed into the address (z=), so that no server on the way finds the address too long."""
LONGEST: Final = 3000
"""Longest packed question."""
RETRY_SECONDS: Final = 10
_PLACES: Final = threading.BoundedSemaphore(AT_ONCE)


class TooBusy(InnonetError):
    """As many free questions as may be asked at once are running."""

    def __init__(self) -> None:
        super().__init__(
            "Gerade laufen schon so viele freie Abfragen, wie gleichzeitig laufen dürfen. Bitte versuchen Sie es in ein paar Sekunden noch einmal.",
            "As many free queries as may run at once are running already. Please try again in a few seconds.",
        )


def allowed() -> bool:
    """Whether this request may ask free Cypher."""
    wanted = site().settings.console
    return wanted == "public" or (wanted == "users" and access.current_user() is not None)


def ask(cypher: str, parameters: Mapping[str, Any], limit: int) -> Answer:
    """Ask through the reader's rights.  Raises TooBusy, QueryError, EngineUnreachable."""
    if not _PLACES.acquire(blocking=False):
        raise TooBusy
    try:
        return ask_cypher(site().settings, site().connected().store, cypher, limit=limit, parameters=parameters)
    finally:
        _PLACES.release()


def parameters_of(text: str) -> dict[str, Any]:
    """The parameters as they are typed: a JSON object, or nothing.  Raises UsageError."""
    if not text.strip():
        return {}
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as e:
        raise UsageError(
            f'Parameter, Zeile {e.lineno}, Spalte {e.colno}: das ist kein JSON. Beispiel: {{"ort": "place:05119"}}',
            f'Parameters, line {e.lineno}, column {e.colno}: this is not JSON. Example: {{"place": "place:05119"}}',
        ) from None
    if not isinstance(found, dict):
        raise UsageError(
            'Parameter: ein JSON-Objekt wird erwartet, etwa {"ort": "place:05119"}', 'Parameters: a JSON object is expected, such as {"place": "place:05119"}'
        )
    return found


def address_of(cypher: str, parameters: str = "", **more: str) -> str:
    """The console's address with a question.  Raises UsageError for one that is too long for an address."""
    values = {k: v for k, v in {"params": parameters.strip(), **more}.items() if v}
    if len(quote(cypher + parameters)) <= PLAIN:
        return url_for("pages.console", cypher=cypher, **values)  # type: ignore[arg-type]
    values.pop("params", None)
    packed = base64.urlsafe_b64encode(zlib.compress(orjson.dumps([cypher, parameters.strip()]), 9)).decode().rstrip("=")
    if len(packed) > LONGEST:
        raise UsageError(
            "Diese Abfrage ist zu lang für eine Adresse. Kürzen Sie sie, oder stellen Sie sie über die Schnittstelle (POST /api/v1/query).",
            "This query is too long for an address. Shorten it, or ask it through the interface (POST /api/v1/query).",
        )
    return url_for("pages.console", z=packed, **values)  # type: ignore[arg-type]


def unpacked(text: str) -> tuple[str, str]:
    """Cypher and parameters of a packed question; empty for what is none."""
    try:
        raw = zlib.decompressobj().decompress(base64.urlsafe_b64decode(text[: LONGEST + 1] + "=" * (-len(text) % 4)), 2 * TEXT_BYTES)
        cypher, parameters = orjson.loads(raw)
    except (binascii.Error, zlib.error, ValueError, TypeError):
        return "", ""
    return (cypher, parameters) if isinstance(cypher, str) and isinstance(parameters, str) else ("", "")


def remember(kind: Kind, text: str, parameters: Mapping[str, Any], rows: int | None) -> None:
    """Put a run among the last ones of who is logged in."""
    if user := access.current_user():
        Questions(site().state(), user.name).note(kind, text, orjson.dumps(parameters).decode() if parameters else "", rows)


def again(kind: str, text: str, parameters: str) -> str:
    """The address that asks a remembered question again; "" where it no longer fits into one."""
    if kind == "phrase":
        return url_for("pages.question", name=text, **_texts(parameters))
    try:
        return address_of(text, parameters)
    except UsageError:
        return ""


def _texts(parameters: str) -> dict[str, Any]:
    found = parameters_of(parameters)
    return {k: "\n".join(map(str, v)) if isinstance(v, list) else str(v).lower() if isinstance(v, bool) else str(v) for k, v in found.items()}
