"""Puts the site together: languages, pages, interface for programs, headers, and what is said when something fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, SecurityError, TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from graph.errors import EngineUnreachable, InnonetError
from graph.settings import Settings
from web import access, addresses, api, language, limits, linked, pages, sso, words
from web.api import asking, problems, reconcile
from web.language import gettext as _
from web.pages.pictures import saved_as
from web.site import Site

if TYPE_CHECKING:
    from graph.store import Store

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of every answer: nothing inline, nothing from elsewhere."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


THIS_MACHINE = ("localhost", "127.0.0.1")
"""Names that are always right: a health check on the machine itself uses them."""


def build(settings: Settings, store: Store | None, gone: Callable[[str], bool] | None) -> Flask:
    """The application; see `web.create_app`."""
    app = Flask("web", root_path=str(Path(__file__).parent))
    app.url_map.merge_slashes = False  # an id may hold two slashes
    app.url_map.redirect_defaults = False
    # a variable FLASK_DEBUG that somebody left in the environment must not open the site
    app.config.update(SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1), MAX_CONTENT_LENGTH=64 << 10, DEBUG=False)
    if settings.host_names:
        app.config["TRUSTED_HOSTS"] = [*settings.host_names, *THIS_MACHINE]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["publisher_page"] = addresses.publisher_page
    app.extensions["innonet"] = Site(settings, store, gone)
    language.init(app)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(reconcile.blueprint)
    app.register_blueprint(asking.blueprint)
    sso.init(app)
    access.init(app)
    limits.init(app, settings)
    if settings.proxies > 0:  # unasked for, these headers are a visitor's own claim
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    app.add_url_rule("/", "root", _root)
    app.add_url_rule("/favicon.ico", "favicon", _favicon)
    app.after_request(_headers)
    app.context_processor(_words)
    app.register_error_handler(EngineUnreachable, _unreachable)
    app.register_error_handler(InnonetError, _failure)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    return app


def _root() -> ResponseReturnValue:
    answer = redirect(url_for("pages.start", lang=language.language()))
    answer.headers["Vary"] = "Accept-Language"
    return answer


def _favicon() -> ResponseReturnValue:
    return redirect(url_for("static", filename="img/icon.svg"), 301)


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:  # a browser that came by https once comes by nothing else for a year
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    linked.vary(response)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-cache")
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = language.language()
    return response


def _words() -> dict[str, Any]:
    """What every template can use."""
    lang = language.language()
    return {
        "lang": lang,
        "settings": current_app.extensions["innonet"].settings,
        "other_language": pages.other_language(),
        "address": addresses.address,
        "safe_url": addresses.safe_url,
        "publisher_page": addresses.publisher_page,
        "sentence_address": addresses.sentence_address,
        "text_link": addresses.text_link,
        "identifier_page": addresses.identifier_page,
        "number": language.number,
        "euro": language.euro,
        "day": language.day,
        "country_name": language.country_name,
        "w": words,
        "saved_as": saved_as,
        "linked_address": linked.address(),
        # the day on which the newest of the loaded sources was retrieved, "" where another host filled the graph
        "stand": max((str(s["retrieved"])[:10] for s in current_app.extensions["innonet"].summaries()), default=""),
    }


def error(status: int, title: str, text: str, headers: dict[str, str] | None = None) -> ResponseReturnValue:
    """A page that says what went wrong."""
    g.pop("here", None)
    return render_template("error.html", status=status, title=title, text=text), status, headers or {}


def _for_programs() -> bool:
    return request.path.startswith("/api/")


def _unreachable(problem: EngineUnreachable) -> ResponseReturnValue:
    current_app.logger.warning("engine not reachable: %s", problem.en)
    current_app.extensions["innonet"].forget()
    headers = {"Retry-After": "30"}
    if _for_programs():
        return problems.answer("engine-unreachable", headers=headers)
    return error(
        503,
        _("Die Datenbank ist gerade nicht erreichbar"),
        _("Die Seite selbst läuft, aber die Graphdatenbank antwortet nicht. Bitte laden Sie die Seite in einer Minute neu; es geht nichts verloren."),
        headers,
    )


def _failure(problem: InnonetError) -> ResponseReturnValue:
    current_app.logger.warning("%s: %s", type(problem).__name__, problem.en)
    if _for_programs():
        return problems.answer("not-available", detail=problem.text(language.language()))
    return error(503, _("Das geht gerade nicht"), problem.text(language.language()))


def _http(problem: HTTPException) -> ResponseReturnValue:
    status = problem.code or 500
    if status < 400:
        return problem.get_response()
    if isinstance(problem, SecurityError):  # under a strange name no address of ours can be made, so this is no page
        return Response("Diesen Namen kennt die Seite nicht (INNONET_HOSTS). / The site does not know this name.\n", 400, mimetype="text/plain")
    if _for_programs():
        return problems.of_exception(problem)
    title, text = {
        400: (_("Diese Anfrage ist unvollständig"), ""),
        403: (_("Das darf dieser Zugang nicht"), _("Dafür braucht es einen Zugang mit mehr Rechten. Wer die Seite verwaltet, kann ihn geben.")),
        404: (_("Das gibt es hier nicht"), _("Unter dieser Adresse steht nichts. Vielleicht ist sie falsch geschrieben; die Suche hilft weiter.")),
        405: (_("So lässt sich diese Adresse nicht aufrufen"), ""),
        413: (
            _("Das ist zu groß"),
            _("Es wurde nichts davon gelesen. Bitte weniger oder kleinere Dateien schicken; große lädt die Befehlszeile: innonet ingest."),
        ),
        410: (
            _("Dieser Eintrag wurde entfernt"),
            _("Er stand einmal hier und wurde herausgenommen, weil seine Quelle ihn nicht mehr nennt oder weil darum gebeten wurde."),
        ),
    }.get(status, (_("Das hat nicht funktioniert"), ""))
    if problem.description == access.FORGED:
        title, text = (
            _("Dieses Formular ist abgelaufen"),
            _("Es kam nicht von einer Seite dieser Sitzung. Bitte laden Sie die Seite neu und senden Sie es noch einmal; geändert wurde nichts."),
        )
    if problem.description == sso.REFUSED:
        title, text = (
            _("Diese Anmeldung wurde abgewiesen"),
            _("Die Anfrage nennt, wer angemeldet ist, kommt aber nicht von dem Webserver, dem geglaubt wird. Wer die Seite betreibt, findet es im Protokoll."),
        )
    headers = {}
    if isinstance(problem, TooManyRequests):
        headers["Retry-After"] = str(problem.retry_after)
        title, text = _("Das waren zu viele Anfragen"), limits.explained(problem)
    return error(status, title, text or title, headers=headers)


def _unexpected(problem: Exception) -> ResponseReturnValue:
    current_app.logger.error("%s %s", request.method, request.path, exc_info=problem)
    if current_app.testing:
        raise problem
    if _for_programs():
        return problems.answer("internal-error")
    return error(
        500,
        _("Hier ist ein Fehler passiert"),
        _("Das liegt an uns, nicht an Ihnen. Der Fehler steht im Protokoll; wenn er wiederkehrt, melden Sie ihn bitte."),
    )
