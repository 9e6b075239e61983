"""The pages.  Every page has an address in German and one in English; a view knows nothing of the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Gone as GoneError
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response

from graph.reader import Gone, Moved
from web.addresses import ENDPOINTS

blueprint = Blueprint("pages", __name__)

ADDRESSES = {
    "start": ("/de/", "/en/"),
    "search": ("/de/suche", "/en/search"),
    "organization": ("/de/organisation/<path:id>", "/en/organization/<path:id>"),
    "organization_projects": ("/de/projekte-von/<path:id>", "/en/projects-of/<path:id>"),
    "organization_partners": ("/de/partner-von/<path:id>", "/en/partners-of/<path:id>"),
    "newcomer": ("/de/partner-suchen", "/en/find-partners"),
    "consortium": ("/de/konsortium", "/en/consortium"),
    "why_not": ("/de/warum-nicht", "/en/why-not"),
    "suggestions": ("/de/vorschlaege/<path:id>", "/en/suggestions/<path:id>"),
    "network": ("/de/netzwerk/<path:id>", "/en/network/<path:id>"),
    "network_file": ("/de/netzwerk-datei/<path:id>", "/en/network-file/<path:id>"),
    "timeline": ("/de/zeitleiste/<path:id>", "/en/timeline/<path:id>"),
    "landscape": ("/de/themenlandschaft", "/en/topic-landscape"),
    "map_page": ("/de/karte", "/en/map"),
    "connection": ("/de/verbindung", "/en/connection"),
    "transfer": ("/de/transfer/<path:id>", "/en/transfer/<path:id>"),
    "transfer_file": ("/de/transfer-datei/<path:id>", "/en/transfer-file/<path:id>"),
    "compare": ("/de/vergleich", "/en/compare"),
    "gaps": ("/de/was-fehlt/<path:id>", "/en/whats-missing/<path:id>"),
    "gaps_file": ("/de/was-fehlt-datei/<path:id>", "/en/whats-missing-file/<path:id>"),
    "project": ("/de/projekt/<path:id>", "/en/project/<path:id>"),
    "topic": ("/de/thema/<path:id>", "/en/topic/<path:id>"),
    "place": ("/de/ort/<path:id>", "/en/place/<path:id>"),
    "cities": ("/de/stadt", "/en/city"),
    "city": ("/de/stadt/<path:id>", "/en/city/<path:id>"),
    "city_file": ("/de/stadt-datei/<path:id>", "/en/city-file/<path:id>"),
    "city_news": ("/de/stadt-neu/<path:id>", "/en/city-news/<path:id>"),
    "city_feed": ("/de/stadt-feed/<path:id>", "/en/city-feed/<path:id>"),
    "document": ("/de/dokument/<path:id>", "/en/document/<path:id>"),
    "evidence": ("/de/beleg/<path:id>", "/en/evidence/<path:id>"),
    "sources": ("/de/quellen", "/en/sources"),
    "report": ("/de/fehler-melden", "/en/report-an-error"),
    "privacy": ("/de/datenschutz", "/en/privacy"),
    "help_page": ("/de/hilfe", "/en/help"),
    "glossary_page": ("/de/glossar", "/en/glossary"),
    "accessibility": ("/de/barrierefreiheit", "/en/accessibility"),
    "interface": ("/de/schnittstelle", "/en/api"),
    "login": ("/de/anmelden", "/en/login"),
    "logout": ("/de/abmelden", "/en/logout"),
    "audit": ("/de/aenderungen", "/en/changes"),
    "review": ("/de/pruefen", "/en/review"),
    "review_undo": ("/de/pruefen/zurueck", "/en/review/undo"),
    "apart": ("/de/trennen", "/en/part"),
    "opinions": ("/de/urteile", "/en/opinions"),
    "opinions_undo": ("/de/urteile/zurueck", "/en/opinions/undo"),
    "opinions_file": ("/de/urteile/datei", "/en/opinions/file"),
    "upload": ("/de/hochladen", "/en/upload"),
    "jobs": ("/de/auftraege", "/en/jobs"),
    "job": ("/de/auftrag/<int:number>", "/en/job/<int:number>"),
    "questions": ("/de/fragen", "/en/questions"),
    "question": ("/de/fragen/<name>", "/en/questions/<name>"),
    "console": ("/de/konsole", "/en/console"),
    "my_questions": ("/de/meine-fragen", "/en/my-questions"),
    "watchlist": ("/de/merkliste", "/en/watchlist"),
    "watchlist_file": ("/de/merkliste/datei", "/en/watchlist/file"),
    "dossier": ("/de/merkliste/dossier", "/en/watchlist/dossier"),
}

METHODS = {
    **dict.fromkeys(("login", "newcomer", "review", "opinions", "watchlist", "upload", "job", "console", "my_questions"), ("GET", "POST")),
    **dict.fromkeys(("logout", "review_undo", "apart", "opinions_undo"), ("POST",)),
}
"""Methods of the pages that are not only read."""


def other_language() -> str:
    """Address of this page in the other language; the start page where there is none."""
    lang = "en" if getattr(g, "lang", "de") == "de" else "de"
    endpoint = request.endpoint or ""
    if endpoint.startswith("pages.") and request.routing_exception is None:
        values: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False), "lang": lang}
        return url_for(endpoint, **values)
    return url_for("pages.start", lang=lang)


@blueprint.url_value_preprocessor
def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values:
        g.lang = values.pop("lang", "de")


@blueprint.app_url_defaults
def _give_language(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint.startswith("pages.") and "lang" not in values:
        from web.language import language

        values["lang"] = language()


def elsewhere(found: Moved | Gone | None) -> Response:
    """Answer for an id that is not a node of this page: 301 to where it is, 410, or 404."""
    if isinstance(found, Moved) and str(found.label) in ENDPOINTS:
        return redirect(url_for(ENDPOINTS[str(found.label)], id=found.id), 301)
    raise missing(found)


def missing(found: object) -> HTTPException:
    """410 for what was taken out, 404 for what never was."""
    return GoneError() if isinstance(found, Gone) else NotFound()


def rolled_up() -> bool:
    """Whether the address asks for an organisation with its parts (parts=1)."""
    return request.args.get("parts") == "1"


def whole(name: str, default: int, low: int, high: int) -> int:
    """A number from the address or the form, kept within its bounds; the default for what is no number."""
    text = request.values.get(name, "")
    return max(low, min(int(text), high)) if text.isascii() and text.isdigit() and len(text) < 9 else default


from web.pages import (  # noqa: E402  the views use the blueprint above
    about,
    account,
    city,
    city_news,
    compare,
    console,
    consortium,
    document,
    gaps,
    interface,
    job,
    lists,
    newcomer,
    opinion,
    organization,
    pictures,
    question,
    review,
    start,
    transfer,
    upload,
    watchlist,
)

VIEWS: dict[str, Callable[..., ResponseReturnValue]] = {
    "start": start.start,
    "search": start.search_page,
    "organization": organization.organization,
    "organization_projects": organization.projects,
    "organization_partners": organization.partners,
    "suggestions": organization.suggestions,
    "newcomer": newcomer.newcomer,
    "why_not": organization.why_not,
    "consortium": consortium.consortium,
    "network": organization.network_page,
    "network_file": organization.network_file,
    "timeline": pictures.timeline,
    "landscape": pictures.landscape_page,
    "map_page": pictures.map_page,
    "connection": organization.connection,
    "transfer": transfer.transfer,
    "transfer_file": transfer.file,
    "compare": compare.comparison,
    "gaps": gaps.gaps,
    "gaps_file": gaps.file,
    "project": lists.project,
    "topic": lists.topic,
    "place": lists.place,
    "cities": city.cities,
    "city": city.city,
    "city_file": city.file,
    "city_news": city_news.digest,
    "city_feed": city_news.feed,
    "document": document.document,
    "evidence": lists.evidence,
    "sources": about.sources,
    "report": about.report,
    "privacy": about.privacy,
    "help_page": about.help_page,
    "glossary_page": about.glossary_page,
    "accessibility": about.accessibility,
    "interface": interface.interface,
    "login": account.login,
    "logout": account.logout,
    "audit": account.audit,
    "review": review.review,
    "review_undo": review.undo,
    "apart": review.apart,
    "opinions": opinion.opinions,
    "opinions_undo": opinion.undo,
    "opinions_file": opinion.file,
    "upload": upload.upload,
    "jobs": upload.jobs,
    "job": job.job,
    "questions": question.questions,
    "question": question.question,
    "console": console.console,
    "my_questions": question.mine,
    "watchlist": watchlist.watchlist,
    "watchlist_file": watchlist.file,
    "dossier": watchlist.dossier,
}
for _name, _view in VIEWS.items():
    for _lang, _rule in zip(("de", "en"), ADDRESSES[_name], strict=True):
        blueprint.add_url_rule(_rule, _name, _view, defaults={"lang": _lang}, methods=METHODS.get(_name, ("GET",)))
