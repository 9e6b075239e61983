"""What a program is told when something fails: problem details (RFC 9457), the same shape for every error under /api.

``type`` is an address on our page about the interface, where the kind of problem is explained to people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, NoReturn

import orjson
from flask import Response, request, url_for
from werkzeug.exceptions import BadRequest, HTTPException

from web import access
from web.language import gettext as _

MEDIA: Final = "application/problem+json"
HEADERS_KEPT: Final = ("Allow", "Retry-After")
"""Headers of an exception that go on to the program."""
MOST_SHOWN: Final = 60
"""Letters of a name or value of the asker's that an answer repeats."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One parameter that is wrong, and why, in the language of the request."""

    parameter: str
    message: str


@dataclass(frozen=True, slots=True)
class About:
    """A kind of problem: its status, what it is called and what it means."""

    status: int
    title: str
    meaning: str


class Refusal(BadRequest):
    """A question that cannot be answered as it was asked."""

    def __init__(self, code: str, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.problem = code
        self.faults = tuple(faults)


def refuse(parameter: str, message: str) -> NoReturn:
    """Refuse a question because of one parameter."""
    raise Refusal("invalid-parameter", kinds()["invalid-parameter"].meaning, [Fault(parameter, message)])


def kinds() -> Mapping[str, About]:
    """All kinds of problems by their code, in the language of the request."""
    return {
        "bad-request": About(400, _("Diese Anfrage ist unvollständig"), _("Die Anfrage ist nicht so geschrieben, wie diese Adresse sie versteht.")),
        "invalid-parameter": About(400, _("Ein Parameter stimmt nicht"), _("«errors» nennt jeden Parameter, der nicht stimmt, und den Grund.")),
        "invalid-cursor": About(
            400,
            _("Dieser Blätterzeiger gilt hier nicht"),
            _("«cursor» wurde verändert oder stammt von einer anderen Frage. Beginnen Sie ohne «cursor» von vorn."),
        ),
        "outdated-cursor": About(
            400,
            _("Die Daten haben sich geändert"),
            _("Seit der ersten Seite wurde der Graph erneuert. Beginnen Sie ohne «cursor» von vorn, damit nichts fehlt."),
        ),
        "ambiguous": About(400, _("Dieser Name ist nicht eindeutig"), _("«candidates» nennt, was gemeint sein kann; nehmen Sie eine Kennung daraus.")),
        "query-error": About(400, _("Diese Abfrage hat einen Fehler"), _("«line» und «column» nennen die Stelle, «detail» den Grund.")),
        "query-refused": About(400, _("Diese Abfrage ist hier nicht erlaubt"), _("Hier wird nur gelesen, und nur aus dem Graphen.")),
        "query-timeout": About(400, _("Diese Abfrage dauert zu lange"), _("Grenzen Sie sie ein, etwa mit WHERE oder LIMIT.")),
        "forbidden": About(
            403, _("Das darf dieser Zugang nicht"), _("Dafür braucht es einen Zugang mit mehr Rechten. Wer die Seite verwaltet, kann ihn geben.")
        ),
        "not-found": About(
            404, _("Das gibt es hier nicht"), _("Unter dieser Adresse steht nichts. Vielleicht ist sie falsch geschrieben; die Suche hilft weiter.")
        ),
        "method-not-allowed": About(405, _("So lässt sich diese Adresse nicht aufrufen"), _("Der Kopf «Allow» nennt, was hier möglich ist.")),
        "not-acceptable": About(
            406, _("In diesem Format gibt es die Antwort nicht"), _("Es gibt JSON, bei Listen auch CSV. Der Kopf «Accept» muss eines davon nennen.")
        ),
        "gone": About(
            410,
            _("Dieser Eintrag wurde entfernt"),
            _("Er stand einmal hier und wurde herausgenommen, weil seine Quelle ihn nicht mehr nennt oder weil darum gebeten wurde."),
        ),
        "too-large": About(413, _("Das ist zu groß"), _("Es wurde nichts davon gelesen. Bitte weniger auf einmal schicken.")),
        "too-many-requests": About(429, _("Das waren zu viele Anfragen"), _("Bitte warten Sie kurz; der Kopf «Retry-After» nennt, wie viele Sekunden.")),
        "internal-error": About(
            500,
            _("Hier ist ein Fehler passiert"),
            _("Das liegt an uns, nicht an Ihnen. Der Fehler steht im Protokoll; wenn er wiederkehrt, melden Sie ihn bitte."),
        ),
        "engine-unreachable": About(
            503, _("Die Datenbank ist gerade nicht erreichbar"), _("Die Graphdatenbank antwortet nicht. Bitte fragen Sie in einer Minute noch einmal.")
        ),
        "not-available": About(503, _("Das geht gerade nicht"), _("Die Daten werden gerade erneuert. Bitte fragen Sie in ein paar Sekunden noch einmal.")),
    }


_BY_STATUS: Final = {
    400: "bad-request",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    410: "gone",
    413: "too-large",
    429: "too-many-requests",
}


def of_exception(problem: HTTPException) -> Response:
    """The answer for an exception of the framework or a `Refusal`."""
    status = problem.code or 500
    headers = {k: v for k, v in problem.get_headers() if k in HEADERS_KEPT}
    if isinstance(problem, Refusal):
        return answer(problem.problem, detail=problem.description or "", faults=problem.faults)
    if problem.description == access.FORGED:
        detail = _("Es kam nicht von einer Seite dieser Sitzung. Bitte laden Sie die Seite neu und senden Sie es noch einmal; geändert wurde nichts.")
        return answer("bad-request", detail=detail)
    code = _BY_STATUS.get(status)
    if code is None:
        return answer("bad-request" if status < 500 else "internal-error", status=status, headers=headers)
    # what our own code says of a bad request is written for people; the framework's texts are English only
    own = status == 400 and problem.description not in (None, BadRequest.description)
    return answer(code, detail=problem.description or "" if own else "", headers=headers)


def answer(
    code: str,
    *,
    detail: str = "",
    status: int = 0,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """The answer for a kind of problem; ``detail`` says more of this occurrence than the meaning of the kind does, ``more`` are members of its kind."""
    about = kinds()[code]
    body = {
        "type": url_for("pages.interface", lang="en", _anchor=code),
        "title": about.title,
        "status": status or about.status,
        "detail": detail or about.meaning,
        "instance": request.path,
        "errors": [asdict(f) for f in faults],
        **(more or {}),
    }
    found = Response(orjson.dumps(body), status or about.status, mimetype=MEDIA)
    found.headers["Cache-Control"] = "no-store"
    found.headers["Vary"] = "Accept, Accept-Language"
    found.headers.extend(headers or {})
    return found
