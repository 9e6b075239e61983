"""The console: read-only Cypher, its answer as table, network, chart or file; the address is the question."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph.asking import Answer
from graph.errors import InnonetError, QueryError, UsageError
from graph.inspect_plan import TEXT_BYTES
from graph.model import EDGE_PROPS, LINKS, NODE_PROPS, Kind, Label
from graph.querybook import load_book
from graph.tabular import render
from web import access, querying, results
from web.language import language
from web.pages.opinion import download
from web.site import derived, site

ROWS: Final = 500
"""Rows shown on a page; a file holds as many as a reader may get."""
FORMATS: Final = ("csv", "csv-excel", "json")


def console() -> ResponseReturnValue:
    """GET cypher= with params= (JSON), or both packed (z=), or phrase= to begin with; view=, format=.  POST makes the address of a form."""
    if not querying.allowed():
        if site().settings.console == "users" and request.method == "GET":
            return redirect(url_for("pages.login", next=request.full_path.rstrip("?")))
        abort(404 if site().settings.console == "off" else 403)
    if request.method == "POST":
        return _addressed()
    cypher, params = (request.args.get(name, "") for name in ("cypher", "params"))
    if packed := request.args.get("z", ""):
        cypher, params = querying.unpacked(packed)
    if not cypher.strip():
        book = load_book()
        name = request.args.get("phrase", "")
        chosen = name if name in book and book[name].book == "phrase" else "console_start"
        return _shown(book[chosen].text, params)
    form = request.args.get("format", "")
    try:
        parameters = querying.parameters_of(params)
        answer = querying.ask(cypher, parameters, site().settings.query_rows if form in FORMATS else ROWS)
    except (QueryError, UsageError) as e:
        querying.remember("cypher", cypher, {}, None)
        return _shown(cypher, params, problem=e), 400
    except querying.TooBusy as e:
        return _shown(cypher, params, problem=e), 429, {"Retry-After": str(querying.RETRY_SECONDS)}
    if form:
        return as_file(answer, form, "innonet-abfrage")
    querying.remember("cypher", cypher, parameters, len(answer.rows))
    return _shown(cypher, params, answer=answer)


def as_file(answer: Answer, form: str, name: str) -> Response:
    """The answer as CSV or JSON, or as the data of its picture (format=network)."""
    if form == "network":
        return jsonify(results.picture(derived(), answer))
    if form not in FORMATS:
        abort(400)
    return download(render(answer.rows, answer.columns, form, answer.headings), name, form)


def shown(answer: Answer | None) -> dict[str, Any]:
    """What the templates' part for results needs."""
    if answer is None:
        return {"answer": None}
    d = derived()
    table = results.table(d, answer)
    view = request.args.get("view", "")
    nodes, edges, more = results.graph_of(d, answer)
    return {
        "answer": answer,
        "table": table,
        "view": view if view in results.VIEWS else "table",
        "chart": results.chart(answer, table),
        "nodes": nodes,
        "edges": edges,
        "more_nodes": more,
        "most": site().settings.query_rows,
        "here": _here,
    }


def _here(**more: str) -> str:
    """The address of this answer, shown or kept in another way."""
    values: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False), **more, "lang": language()}
    return url_for(request.endpoint or "", **values)


def _addressed() -> ResponseReturnValue:
    cypher = request.form.get("cypher", "").replace("\r\n", "\n")
    params = request.form.get("params", "")
    view = request.form.get("view", "")
    try:
        if len(cypher.encode("utf-8", "replace")) > TEXT_BYTES:
            raise UsageError(f"Die Abfrage ist länger als {TEXT_BYTES >> 10} KB.", f"The query is longer than {TEXT_BYTES >> 10} KB.")
        return redirect(querying.address_of(cypher, params, view=view if view in results.VIEWS[1:] else ""), 303)
    except UsageError as e:
        return _shown(cypher, params, problem=e), 400


def _shown(cypher: str, params: str, *, answer: Answer | None = None, problem: InnonetError | None = None) -> str:
    said, _line, excerpt = problem.text(language()).partition("\n") if problem else ("", "", "")
    return render_template(
        "console.html",
        cypher=cypher,
        params=params,
        said=said,
        excerpt=excerpt,
        place=(problem.line, problem.column) if isinstance(problem, QueryError) and problem.line else None,
        labels=[*(x.value for x in Label if x in NODE_PROPS), *(k.value for k in Kind)],
        types={t.name: sorted({f"{a.value} → {b.value}" for a, b in t.pairs}) for t in LINKS.values()},
        properties={label.value: sorted(props) for label, props in NODE_PROPS.items()},
        edge_properties=sorted(EDGE_PROPS.union(*(t.props for t in LINKS.values()))),
        phrases=load_book().phrases(),
        named=access.current_user() is not None,
        **shown(answer),
    )
