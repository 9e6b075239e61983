"""Who may do what on the site: one table of all addresses, sessions in a cookie, protection against forged forms.

What is not in the table is forbidden.  A visitor without a session gets no cookie.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from graph.accounts import ROLES, Accounts, Session, User
from web import sso
from web.site import site

COOKIE: Final = "innonet_session"
PUBLIC: Final = "public"
FORGED: Final = "forged form"
"""Description of the refusal of a form that no page of this site sent."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use an address with a method.

    role    public or one of accounts.ROLES
    forged  False: a request that another site makes is harmless (it only reads, and needs no session)
    body    most bytes that a request may bring; None: as everywhere
    """

    role: str
    forged: bool = True
    body: int | None = None


_READ: Final = {"GET": Rule(PUBLIC)}

OPEN: Final = frozenset(("static", "favicon", "pages.login", "pages.logout", "api.health"))
"""What a closed instance (INNONET_ACCESS) shows without a login."""

TABLE: Final[Mapping[str, Mapping[str, Rule]]] = {
    **dict.fromkeys(("static", "root", "favicon"), _READ),
    **dict.fromkeys(
        (
            "pages.start", "pages.search", "pages.organization", "pages.organization_projects", "pages.organization_partners", "pages.suggestions",
            "pages.why_not", "pages.consortium",
            "pages.timeline", "pages.landscape", "pages.map_page", "pages.cities", "pages.city", "pages.city_file", "pages.city_news", "pages.city_feed",
            "pages.transfer", "pages.transfer_file", "pages.compare", "pages.gaps", "pages.gaps_file",
            "pages.network", "pages.network_file", "pages.connection", "pages.project", "pages.topic", "pages.place", "pages.document",
            "pages.evidence", "pages.sources", "pages.report", "pages.privacy", "pages.interface",
            "pages.help_page", "pages.glossary_page", "pages.accessibility",
        ),
        _READ,
    ),
    **dict.fromkeys(
        (
            "api.health", "api.search", "api.organizations", "api.organization", "api.organization_network", "api.organization_partners",
            "api.organization_projects", "api.projects", "api.project", "api.topics", "api.topic", "api.places", "api.place", "api.documents",
            "api.document", "api.evidence", "api.suggestions", "api.why_not", "api.consortium", "api.openapi",
        ),
        _READ,
    ),
    **dict.fromkeys(
        ("reconcile.properties", "reconcile.suggest_entity", "reconcile.suggest_type", "reconcile.suggest_property", "reconcile.preview"), _READ,
    ),
    # other programs send their questions as forms; nothing is written
    "reconcile.service": {"GET": Rule(PUBLIC), "POST": Rule(PUBLIC, forged=False)},
    # a text or a file of a newcomer is read and forgotten
    "pages.newcomer": {"GET": Rule(PUBLIC), "POST": Rule(PUBLIC, body=8 << 20)},
    "pages.login": {"GET": Rule(PUBLIC), "POST": Rule(PUBLIC)},
    "pages.logout": {"POST": Rule(PUBLIC)},
    "pages.audit": {"GET": Rule("admin")},
    "pages.review": {"GET": Rule("reader"), "POST": Rule("editor")},
    "pages.review_undo": {"POST": Rule("editor")},
    "pages.apart": {"POST": Rule("editor")},
    "pages.opinions": {"GET": Rule("reader"), "POST": Rule("editor")},
    "pages.opinions_undo": {"POST": Rule("editor")},
    "pages.opinions_file": {"GET": Rule("reader")},
    # files up to 64 MB; larger ones go by the command line
    "pages.upload": {"GET": Rule("editor"), "POST": Rule("editor", body=64 << 20)},
    "pages.jobs": {"GET": Rule("editor")},
    "pages.job": {"GET": Rule("editor"), "POST": Rule("editor")},
    **dict.fromkeys(("pages.questions", "pages.question", "asking.phrases", "asking.phrase"), _READ),
    # who may ask free Cypher is a setting, looked at in the views (web/querying.py); nothing is written
    "pages.console": {"GET": Rule(PUBLIC), "POST": Rule(PUBLIC, body=256 << 10)},
    "asking.query": {"POST": Rule(PUBLIC, forged=False, body=256 << 10)},
    "pages.my_questions": {"GET": Rule("reader"), "POST": Rule("reader", body=256 << 10)},
    # everybody's own list
    "pages.watchlist": {"GET": Rule("reader"), "POST": Rule("reader")},
    "pages.watchlist_file": {"GET": Rule("reader")},
    "pages.dossier": {"GET": Rule("reader")},
}  # fmt: skip
"""Endpoint -> method -> rule.  HEAD goes with GET; OPTIONS says which methods there are and is answered by Flask."""


def init(app: Flask) -> None:
    """Guard every request of the application."""
    app.before_request(_guard)
    app.after_request(_keep_private)
    app.context_processor(lambda: {"user": current_user(), "csrf_field": csrf_field, "may": may})


def accounts() -> Accounts:
    """The users of this site."""
    return Accounts(site().state())


def session() -> Session | None:
    """The session of this request."""
    if "session" not in g:
        said, token = sso.name(), request.cookies.get(COOKIE, "")
        if said:
            g.session = accounts().enter(said, request.remote_addr or "")
        else:
            g.session = accounts().session(token) if token else None
    found: Session | None = g.session
    return found


def current_user() -> User | None:
    """Who is logged in."""
    found = session()
    return found.user if found else None


def may(role: str) -> bool:
    """Whether this request may do what a role may."""
    user = current_user()
    return role == PUBLIC or (user is not None and user.may(role))


def csrf_field() -> Markup:
    """The hidden field that every form of a session brings along."""
    found = session()
    return Markup('<input type="hidden" name="csrf" value="{}">').format(escape(found.csrf)) if found else Markup()


def start_session(answer: Response, found: Session) -> Response:
    """Give the browser the token of a session that began."""
    answer.set_cookie(COOKIE, found.token, httponly=True, samesite="Lax", secure=request.is_secure, path="/")
    return answer


def end_session(answer: Response) -> Response:
    """Take the token back and end the session."""
    if token := request.cookies.get(COOKIE, ""):
        accounts().logout(token)
        answer.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure, path="/")
    return answer


def own_path(address: str) -> str:
    """An address of this site without its host; the start page for anything else."""
    parts = urlsplit(address)
    fine = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if fine else url_for("pages.start")


def _guard() -> ResponseReturnValue | None:
    if request.endpoint is None or request.method == "OPTIONS":
        return None  # an address or method that does not exist is answered as such
    method = "GET" if request.method == "HEAD" else request.method
    rule = TABLE.get(request.endpoint, {}).get(method)
    if rule is None:
        abort(403)
    if rule.body is not None:
        request.max_content_length = request.max_form_memory_size = rule.body
    if method != "GET" and rule.forged and not _from_here():
        abort(400, FORGED)
    if may(_role(request.endpoint, rule)):
        return None
    if current_user() is None and method == "GET" and not request.path.startswith("/api/"):
        return redirect(url_for("pages.login", next=request.full_path.rstrip("?")))
    return abort(403)


def _role(endpoint: str, rule: Rule) -> str:
    """The role that is asked for: in a closed instance nothing is public but what must be."""
    closed = site().settings.access == "closed" and rule.role == PUBLIC and endpoint not in OPEN
    return ROLES[0] if closed else rule.role


def _from_here() -> bool:
    """Whether a form was sent by a page of this site: what the browser says, and in a session the token of the form."""
    fetched, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    own = fetched == "same-origin" if fetched is not None else origin is not None and urlsplit(origin).netloc == request.host
    found = session()
    return own and (found is None or hmac.compare_digest(request.form.get("csrf", "").encode(), found.csrf.encode()))


def _keep_private(response: Response) -> Response:
    """What was made for a session is kept by nobody."""
    if (request.cookies.get(COOKIE) or sso.name()) and request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
