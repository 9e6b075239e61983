"""Opinions about suggestions: the forms that give and take them, and the page «Urteile»."""

from __future__ import annotations

from typing import Final

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph import opinions as said
from graph.derived import Derived
from graph.model import Label
from graph.opinions import NEWCOMER, VERDICTS, Opinions
from graph.search import resolve_id
from graph.tabular import render
from ingest import opinion_sheet
from web import access, judging, pages
from web.site import derived, site

PAGE: Final = 50


def opinions() -> ResponseReturnValue:
    """Who said what about which suggestion, and how many fit; or keep what somebody says."""
    if request.method == "POST":
        return _keep()
    d = derived()
    node = said.nodes(d)
    everything = Opinions(site().state()).all()
    deciding = said.deciding(everything, node)
    standing = {o.number for o in said.standing(everything, node)}
    last = max(1, -(-len(everything) // PAGE))
    at = pages.whole("page", 1, 1, last)
    number = judging.number_of("done")
    return render_template(
        "opinions.html",
        rows=[(o, _end(d, o.asker), _end(d, o.about)) for o in everything[(at - 1) * PAGE : at * PAGE]],
        standing=standing,
        decided={o.number for o in deciding.values()},
        total=len(everything),
        precision=said.precision(everything, node),
        usable=len(said.training_pairs(site().state(), d)),
        enough=said.ENOUGH,
        first=said.SHOWN_FIRST,
        done=next((o for o in everything if o.number == number), None),
        at=at,
        pages=last,
        back=judging.here(),
    )


def _end(d: Derived, record: str) -> tuple[str, str]:
    """(id of the node, "" if there is none; name to show)."""
    id_ = resolve_id(d, record) if record != NEWCOMER else None
    row = None if id_ is None else d.index(id_)
    return (id_ or "", record if row is None else d.name_of(Label.ORGANIZATION, row))


def organization_in(d: Derived, field: str) -> str:
    """Id of the node that a form's field names; refuses the form (400) where there is none."""
    found = resolve_id(d, request.form.get(field, ""))
    if found is None:
        abort(400)
    return found


def row_in(field: str) -> int:
    """The number of a row that a form's field names; refuses the form (400) where it is none."""
    number = request.form.get(field, "")
    if not number.isascii() or not number.isdigit() or len(number) > 18:  # the database counts in 64 bits
        abort(400)
    return int(number)


def asker_in(d: Derived) -> str:
    """Id of the node that a form asks for, NEWCOMER for a text."""
    return organization_in(d, "asker") if request.form.get("asker", "") else NEWCOMER


def goal() -> str:
    """Where a form wants to go back to."""
    return request.form.get("next", "") or url_for("pages.start")


def _keep() -> ResponseReturnValue:
    verdict = request.form.get("verdict", "")
    d = derived()
    asker, about = asker_in(d), organization_in(d, "about")
    if verdict not in VERDICTS or asker == about:
        abort(400)
    shown = request.form.get("shown", "")
    place = int(shown) if shown.isascii() and shown.isdigit() and 0 < len(shown) < 7 else None
    why = request.form.get("why", "").strip()[: opinion_sheet.LONGEST_REASON]
    kept = Opinions(site().state()).judge(asker, about, verdict, who(), why, shown=place or None)
    return redirect(judging.back_to(goal(), "done", kept.number), 303)


def undo() -> ResponseReturnValue:
    """Take one opinion back."""
    number = row_in("number")
    Opinions(site().state()).undo(number, who=who())
    return redirect(judging.back_to(goal(), "done", number), 303)


def file() -> ResponseReturnValue:
    """All opinions that stand, as CSV (format=csv, csv-excel) or JSON lines."""
    form = request.args.get("format", "csv")
    if form not in ("csv", "csv-excel", "jsonl"):
        abort(400)
    text = render(list(opinion_sheet.sheet(site().state(), derived())), opinion_sheet.COLUMNS, form)
    return download(text, "innonet-urteile", form)


def download(text: str, name: str, form: str) -> Response:
    """A text as a file to keep."""
    kind, ending = {"json": ("application/json", "json"), "jsonl": ("application/x-ndjson", "jsonl")}.get(form, ("text/csv", "csv"))
    answer = Response(text, content_type=f"{kind}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer


def who() -> str:
    """Name of the one who asks."""
    user = access.current_user()
    return user.name if user else ""
