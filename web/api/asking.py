"""/api/v1: the ready-made questions and read-only Cypher, with the same rights and limits as the console."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from graph.asking import Answer, candidates, found_values, run_phrase
from graph.errors import InnonetError, QueryError, QueryRefused, QueryTimeout, UsageError
from graph.querybook import QueryBookError, load_book
from graph.tabular import render
from web import pages, querying
from web.api import problems
from web.language import gettext as _
from web.language import language
from web.pages.console import FORMATS, ROWS
from web.pages.opinion import download
from web.site import derived, site

blueprint = Blueprint("asking", __name__, url_prefix="/api/v1")
CSV = FORMATS[:2]
SHAPE = '{"cypher": "...", "parameters": {}, "limit": 500}'


@blueprint.get("/phrases")
def phrases() -> ResponseReturnValue:
    """All ready-made questions with their parameters."""
    return {
        "phrases": [
            {
                "name": q.name,
                "title": {"de": q.de, "en": q.en},
                "text": {"de": q.text_de, "en": q.text_en},
                "parameters": [
                    {"name": p.name, "type": p.type, "required": p.required, "default": p.default, "label": {"de": p.de, "en": p.en}} for p in q.params
                ],
                "columns": [{"name": c, "heading": {"de": de, "en": en}} for c, (de, en) in q.columns.items()],
                "cypher": q.text,
                "url": url_for("asking.phrase", name=q.name),
            }
            for q in load_book().phrases()
        ]
    }


@blueprint.get("/phrases/<name>")
def phrase(name: str) -> ResponseReturnValue:
    """The answer; parameters by name (places, topics, organisations by id or name; several separated by ``;``), limit, format=json|csv|csv-excel."""
    book = load_book()
    if name not in book or book[name].book != "phrase":
        abort(404)
    q, d = book[name], derived()
    values = {k: v for k, v in request.args.items() if k not in ("limit", "format", "lang")}
    for p in q.params:
        text = values.get(p.name, "")
        if text and p.type in ("topic", "place"):
            hits = candidates(d, p.type, text)
            if len(hits) != 1:
                if not hits:
                    problems.refuse(p.name, _("Das kennt der Graph nicht."))
                return problems.answer("ambiguous", more={"candidates": [{"id": h.id, "name": h.name, "detail": h.detail} for h in hits]})
            values[p.name] = hits[0].id
    try:
        bound = found_values(d, q, values, language())
        answer = run_phrase(site().connected().store, q, bound, limit=_limit(), language=language(), timeout=site().settings.query_timeout)
    except (UsageError, QueryBookError, QueryError) as e:
        return _failed(e)
    return _answer(answer, bound, request.args.get("format", "json"), name)


@blueprint.post("/query")
def query() -> ResponseReturnValue:
    """Read-only Cypher: a JSON object with ``cypher`` and, if need be, ``parameters`` and ``limit``; format=json|csv|csv-excel."""
    if not querying.allowed():
        abort(404 if site().settings.console == "off" else 403)
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("cypher"), str) or not isinstance(sent.get("parameters") or {}, dict):
        raise problems.Refusal("bad-request", _("Erwartet wird ein JSON-Objekt: %(shape)s", shape=SHAPE))
    limit = sent.get("limit", min(ROWS, site().settings.query_rows))
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= site().settings.query_rows:
        problems.refuse("limit", _("Eine ganze Zahl von 1 bis %(most)s wird erwartet.", most=site().settings.query_rows))
    parameters = sent.get("parameters") or {}
    try:
        answer = querying.ask(sent["cypher"], parameters, limit)
    except QueryError as e:
        return _failed(e)
    except querying.TooBusy as e:
        return problems.answer("too-many-requests", detail=e.text(language()), headers={"Retry-After": str(querying.RETRY_SECONDS)})
    return _answer(answer, parameters, request.args.get("format", "json"), "abfrage")


def _limit() -> int:
    most = site().settings.query_rows
    return pages.whole("limit", min(ROWS, most), 1, most)


def _answer(answer: Answer, parameters: dict[str, Any], form: str, name: str) -> ResponseReturnValue:
    if form in CSV:
        return download(render(answer.rows, answer.columns, form, answer.headings), f"innonet-{name}", form)
    if form != "json":
        problems.refuse("format", _("Eines davon wird erwartet: %(forms)s", forms="json, csv, csv-excel"))
    return {
        "parameters": parameters,
        "columns": [{"name": c, "heading": answer.headings.get(c) or c} for c in answer.columns],
        "rows": answer.rows,
        "cut": answer.cut,
    }


def _failed(e: InnonetError | QueryBookError) -> Response:
    if not isinstance(e, QueryError):
        return problems.answer("bad-request", detail=e.text(language()) if isinstance(e, InnonetError) else str(e))
    code = "query-refused" if isinstance(e, QueryRefused) else "query-timeout" if isinstance(e, QueryTimeout) else "query-error"
    return problems.answer(code, detail=e.text(language()), more={"line": e.line, "column": e.column})
