"""/api/reconcile: other people's lists against our organisations, as OpenRefine asks (Reconciliation Service API 0.2 of the W3C group).

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ ; types are our kinds, `Organization` above them;
properties are what a row may say of an organisation.  Read only, without cookies, for any web page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, NoReturn

import orjson
from babel import Locale
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph.model import IDENTIFIERS, Kind, Label
from graph.reader import Entity, Gone, Moved, kind_of
from graph.search import search
from graph.text import fold
from ingest.base import country
from ingest.countries import COUNTRIES_DE
from web import pages
from web.language import LANGUAGES, country_name
from web.language import gettext as _
from web.reconciling import Found, Row, organizations, reconcile
from web.site import derived, reader
from web.words import fact_name, kind_name, label_name

blueprint = Blueprint("reconcile", __name__, url_prefix="/api/reconcile")

ANY: Final = Label.ORGANIZATION.value
"""Id of the type that all organisations have."""
MOST_QUERIES: Final = 50
MOST_LETTERS: Final = 500
"""Letters of a name or of the value of a property."""
MOST_CANDIDATES: Final = 25
USUAL_CANDIDATES: Final = 5
MOST_IDS: Final = 500
MOST_PROPERTIES: Final = 50
SUGGESTED: Final = 10
PREVIEW: Final = (400, 240)
"""Width and height in pixels."""

ASKED: Final = ("city", "country", "website", *IDENTIFIERS)
"""Properties that help to tell an organisation."""
GIVEN: Final = ("name", "kind", "city", "country", "website", *IDENTIFIERS, "projects")
"""Properties that are handed out."""

_POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
"""A preview stands in a frame of another site, and can do nothing there.  Browsers heed frame-ancestors before X-Frame-Options."""


@blueprint.after_request
def _for_everybody(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Vary"] = "Accept-Language"
    return response


@blueprint.route("", methods=["GET", "POST"])
def service() -> ResponseReturnValue:
    """What the service can do; with ``queries`` the candidates of each, with ``extend`` values of properties."""
    for name, answer in (("queries", _candidates), ("extend", _extension)):
        text = request.values.get(name)
        if text is not None:
            return answer(_json(name, text))
    if request.method == "POST":
        abort(400, _("Es fehlt das Feld «queries» oder «extend»."))
    return _manifest()


def _manifest() -> dict[str, Any]:
    root = url_for("reconcile.service", _external=True)
    page = url_for("pages.organization", id="x", _external=True).removesuffix("x")
    return {
        "versions": ["0.2"],
        "name": _("innonet: Organisationen"),
        "identifierSpace": page,
        "schemaSpace": "https://schema.org/Organization",
        "defaultTypes": _types(),
        "documentation": url_for("pages.sources", _external=True),
        "logo": url_for("static", filename="img/icon.svg", _external=True),
        "view": {"url": f"{page}{{{{id}}}}"},
        "preview": {"url": f"{root}/preview/{{{{id}}}}", "width": PREVIEW[0], "height": PREVIEW[1]},
        "suggest": {name: {"service_url": root, "service_path": f"/suggest/{name}"} for name in ("entity", "type", "property")},
        "extend": {"propose_properties": {"service_url": root, "service_path": "/properties"}, "property_settings": []},
        "batchSize": MOST_QUERIES,
    }


def _types() -> list[dict[str, str]]:
    return [{"id": ANY, "name": label_name(ANY)}, *({"id": k.value, "name": kind_name(k)} for k in Kind)]


def _types_of(kind: Kind | None) -> list[dict[str, str]]:
    """Types of one organisation, the narrower one first."""
    return [*([{"id": kind.value, "name": kind_name(kind)}] if kind else []), {"id": ANY, "name": label_name(ANY)}]


def _property_name(id_: str) -> str:
    """Heading of a property."""
    special = {"kind": _("Art"), "projects": _("Zahl der Projekte"), "city": _("Ort")}
    return special.get(id_) or fact_name(id_)


# ---------------------------------------------------------------------------------------------------------------- reading what is asked


def _json(name: str, text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        abort(400, _("Das Feld «{name}» ist kein gültiges JSON.").format(name=name))
    if not isinstance(found, dict):
        abort(400, _("Das Feld «{name}» muss ein JSON-Objekt sein.").format(name=name))
    return found


def _wrong(query: str, what: str) -> NoReturn:
    abort(400, _("Anfrage «{query}»: {what}").format(query=query[:50], what=what))


def _text(query: str, name: str, value: Any) -> str:
    """Text of a name or of a property's value: one value or the first one of a list; an entity counts by its name, else its id."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name") or value.get("id")
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        _wrong(query, _("«{name}» muss ein Text sein.").format(name=name))
    text = " ".join(str(value).split())
    if len(text) > MOST_LETTERS:
        _wrong(query, _("«{name}» hat mehr als {n} Zeichen.").format(name=name, n=MOST_LETTERS))
    return text


def _kind(query: str, value: Any) -> Kind | None:
    """The one kind that is asked for; None for organisations of any kind."""
    asked = value if isinstance(value, list) else [value]
    ids = [str(a.get("id") if isinstance(a, dict) else a) for a in asked]
    for id_ in ids:
        if id_ != ANY and id_ not in set(Kind):
            known = ", ".join(t["id"] for t in _types())
            _wrong(query, _("Den Typ «{type}» gibt es hier nicht, nur: {known}.").format(type=id_[:50], known=known))
    kinds = {Kind(i) for i in ids if i != ANY}
    return kinds.pop() if len(kinds) == 1 and ANY not in ids else None


def _said(query: str, value: Any) -> dict[str, str]:
    """Properties of a query by their ids."""
    if not isinstance(value, list) or not all(isinstance(p, dict) and isinstance(p.get("pid"), str) and "v" in p for p in value):
        _wrong(query, _("«{name}» muss eine Liste von Objekten mit «pid» und «v» sein.").format(name="properties"))
    for p in value:
        if p["pid"] not in ASKED:
            _wrong(query, _("Die Eigenschaft «{pid}» gibt es hier nicht, nur: {known}.").format(pid=p["pid"][:50], known=", ".join(ASKED)))
    return {p["pid"]: text for p in value if (text := _text(query, p["pid"], p["v"]))}


def _row(id_: str, query: Any) -> tuple[Row, int]:
    """One query, and how many candidates it wants."""
    if not isinstance(query, dict) or not ("query" in query or query.get("properties")):
        _wrong(id_, _("Es fehlt «query» oder «properties»."))
    limit = query.get("limit", USUAL_CANDIDATES)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1 or limit != int(limit):
        _wrong(id_, _("«limit» muss eine ganze Zahl ab 1 sein."))
    if query.get("type_strict", "any") not in ("any", "all", "should"):
        _wrong(id_, _("«type_strict» muss any, all oder should sein."))
    said = _said(id_, query.get("properties", []))
    row = Row(
        name=_text(id_, "query", query.get("query", "")),
        kind=_kind(id_, query.get("type", ANY)),
        city=said.get("city", ""),
        country=_country(said.get("country", "")),
        website=said.get("website", ""),
        identifiers={s: said[s] for s in IDENTIFIERS if s in said},
    )
    return row, min(int(limit), MOST_CANDIDATES)


def _country(text: str) -> str:
    """ISO code from a code or a name in German or English, "" if unknown."""
    return country(text) or COUNTRIES_DE.get(text) or _countries().get(text.casefold(), "")


@cache
def _countries() -> Mapping[str, str]:
    return {name.casefold(): code for lang in LANGUAGES for code, name in Locale.parse(lang).territories.items() if len(code) == 2}


# ---------------------------------------------------------------------------------------------------------------- answers


def _candidates(queries: dict[str, Any]) -> dict[str, Any]:
    if len(queries) > MOST_QUERIES:
        abort(400, _("Höchstens {n} Anfragen auf einmal, es sind {found}.").format(n=MOST_QUERIES, found=len(queries)))
    asked = {id_: _row(id_, query) for id_, query in queries.items()}
    found = reconcile(reader(), derived(), [row for row, _limit in asked.values()], [limit for _row, limit in asked.values()])
    return {id_: {"result": [_candidate(f) for f in some]} for id_, some in zip(asked, found, strict=True)}


def _candidate(f: Found) -> dict[str, Any]:
    marks = [*([{"id": "identifier", "value": True}] if f.same else []), *([{"id": "identifier", "value": False}] if f.against and not f.same else [])]
    bits = [] if f.bits is None else [{"id": "bits", "value": f.bits}]
    return {
        "id": f.id,
        "name": f.props.get("name") or f.id,
        "description": _description(f.props),
        "type": _types_of(f.kind),
        "score": f.score,
        "match": f.match,
        "features": [*marks, *bits, *({"id": name, "value": value} for name, value in f.levels.items())],
    }


def _description(props: Mapping[str, Any]) -> str:
    return ", ".join(t for t in (props.get("city"), country_name(props.get("country") or "")) if t)


def _extension(query: dict[str, Any]) -> dict[str, Any]:
    ids, wanted = query.get("ids"), query.get("properties")
    if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids) or not isinstance(wanted, list):
        abort(400, _("«extend» braucht «ids», eine Liste von Kennungen, und «properties»."))
    names = [p.get("id") if isinstance(p, dict) else None for p in wanted]
    unknown = [str(n)[:50] for n in names if n not in GIVEN]
    if unknown:
        abort(400, _("Die Eigenschaft «{pid}» gibt es hier nicht, nur: {known}.").format(pid=unknown[0], known=", ".join(GIVEN)))
    if len(ids) > MOST_IDS:
        abort(400, _("Höchstens {n} Kennungen auf einmal, es sind {found}.").format(n=MOST_IDS, found=len(ids)))
    if len(names) > MOST_PROPERTIES:
        abort(400, _("Höchstens {n} Eigenschaften auf einmal, es sind {found}.").format(n=MOST_PROPERTIES, found=len(names)))
    found = organizations(reader(), derived(), ids)
    rows = {id_: {name: _values(found.get(id_, {}), str(name)) for name in names} for id_ in ids}
    return {"meta": [{"id": name, "name": _property_name(str(name))} for name in names], "rows": rows}


def _values(node: Mapping[str, Any], name: str) -> list[dict[str, str | int]]:
    if name == "projects":
        return [{"int": int(node.get("projects") or 0)}] if node else []
    value = kind_name(kind) if name == "kind" and (kind := kind_of(node.get("_labels", ()))) else node.get(name)
    return [{"str": str(value)}] if value else []


@blueprint.get("/properties")
def properties() -> ResponseReturnValue:
    """Properties that may be fetched for organisations of a type."""
    type_, limit = request.args.get("type", ANY), pages.whole("limit", len(GIVEN), 1, len(GIVEN))
    proposed = [{"id": p, "name": _property_name(p)} for p in GIVEN][:limit] if type_ in {t["id"] for t in _types()} else []
    return {"type": type_[:MOST_LETTERS], "limit": limit, "properties": proposed}


@blueprint.get("/suggest/entity")
def suggest_entity() -> ResponseReturnValue:
    """Organisations whose name or id begins so."""
    prefix, cursor = _prefix()
    hits = search(derived(), prefix, labels=(Label.ORGANIZATION,), limit=SUGGESTED, offset=cursor, facets=False).hits
    return {"result": [{"id": h.id, "name": h.name, "description": h.detail, "notable": _types_of(h.kind)} for h in hits]}


@blueprint.get("/suggest/type")
def suggest_type() -> ResponseReturnValue:
    """Kinds of organisations."""
    return {"result": _beginning(_types())}


@blueprint.get("/suggest/property")
def suggest_property() -> ResponseReturnValue:
    """Properties that a row of a list may bring along."""
    return {"result": _beginning([{"id": p, "name": _property_name(p)} for p in ASKED])}


def _prefix() -> tuple[str, int]:
    prefix = request.args.get("prefix", "")
    if len(prefix) > MOST_LETTERS:
        abort(400, _("«{name}» hat mehr als {n} Zeichen.").format(name="prefix", n=MOST_LETTERS))
    return prefix, pages.whole("cursor", 0, 0, 10_000)


def _beginning(things: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Those with a word, or an id, that begins so."""
    prefix, cursor = _prefix()
    begin = fold(prefix.strip())
    return [t for t in things if any(fold(w).startswith(begin) for w in (t["id"], t["name"], *t["name"].split()))][cursor:]


@blueprint.get("/preview/<path:id>")
def preview(id: str) -> ResponseReturnValue:  # noqa: A002  named as in the address
    """A small page about an organisation, for a frame."""
    found = reader().entity(id, Label.ORGANIZATION, evidence_limit=0)
    if isinstance(found, Moved) and found.label == Label.ORGANIZATION:
        return redirect(url_for("reconcile.preview", id=found.id), 301)
    if isinstance(found, Gone | Moved) or not isinstance(found, Entity):
        raise pages.missing(found)
    page = render_template("reconcile_preview.html", entity=found, description=_description(found.props))
    return page, {"Content-Security-Policy": _POLICY}
