"""The page for who is in no register: what you do and look for, in your own words, becomes ten suggestions.

Nothing of the text is kept.  What the page offers beside a suggestion (note it, take the list along) is a button of the same form,
so that the text and the filters come along with it and stand there again afterwards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph.derived import Derived
from graph.errors import UsageError
from graph.mentioned import mentioned
from graph.model import Kind, Suggestion
from graph.opinions import NEWCOMER
from graph.search import resolve_id
from graph.state import now
from graph.suggest import MODES, SuggestionAnswer, suggest
from graph.tabular import render
from graph.watchlist import Entry, Watchlist
from ingest.newcomer import LONGEST, Understood, understand
from ingest.text.read import Limits, ReadProblem, read_bytes
from web import access, dossier_content, judging, words
from web.addresses import safe_url
from web.language import gettext as _
from web.pages.opinion import download, row_in, who
from web.site import derived, reader, site
from web.suggesting import TOP, chosen

LIMITS = Limits(file_bytes=8 << 20)
COLUMNS: Final = ("rank", "id", "name", "kind", "city", "country", "website", "distance_km", "why", "url")


@dataclass(frozen=True, slots=True)
class Noting:
    """What of the suggestions stands on one's own list: node -> line; fresh: the node that was just noted, gone: the one just taken off; "" for none."""

    allowed: bool
    noted: Mapping[str, Entry]
    fresh: str = ""
    gone: str = ""


def newcomer() -> ResponseReturnValue:
    """The form, and below it what was understood and the suggestions."""
    d = derived()
    question = chosen(d)
    values = request.values
    does, seeks, place = (values.get(name, "").strip() for name in ("does", "seeks", "place"))
    kind = Kind(values["as"]) if values.get("as") in set(Kind) else None
    dropped = {*values.getlist("dropped"), *values.getlist("shown")} - set(values.getlist("keep"))
    problems = [question.problem] if question.problem else []
    if file := request.files.get("file"):
        try:
            does = "\n\n".join([does, *(x.text for x in read_bytes(file.read(), file.filename or "", file.mimetype, LIMITS))]).strip()
        except ReadProblem as e:
            problems.append((e.text("de"), e.text("en")))
    understood: Understood | None = None
    answer = None
    if does or seeks:
        try:
            understood = understand(d, does, seeks, kind=kind, place=place, dropped=dropped)
        except UsageError as e:
            problems.append((e.text("de"), e.text("en")))
            understood = understand(d, does, seeks, kind=kind, dropped=dropped)
        answer = suggest(d, understood.newcomer, **question.options, top=TOP)
        if form := values.get("format", ""):
            return _taken_along(d, answer, form)
    return render_template(
        "newcomer.html",
        does=does[:LONGEST],
        seeks=seeks[:LONGEST],
        place=place,
        kind=kind,
        understood=understood,
        dropped=dropped,
        answer=answer,
        asked=question,
        problems=problems,
        modes=MODES,
        all_kinds=tuple(Kind),
        countries=d.countries,
        longest=LONGEST,
        noting=_noting(d),
        mentioned=mentioned(d, f"{does}\n{seeks}"[:LONGEST]) if does or seeks else (),
    )


def _noting(d: Derived) -> Noting:
    """Note a suggestion or take it off again (note=ID, unnote=number of the line), and what stands on the list now."""
    allowed = access.may("reader")
    fresh = gone = ""
    if request.method == "POST" and (request.form.get("note") or request.form.get("unnote")):
        if not allowed:
            abort(403)
        mine = Watchlist(site().state(), who())
        if request.form.get("note"):
            fresh = resolve_id(d, request.form["note"]) or ""
            if not fresh:
                abort(400)
            mine.note(NEWCOMER, fresh)
        else:
            removed = mine.remove(row_in("unnote"))
            gone = (resolve_id(d, removed.noted) or "") if removed else ""
    noted = {about: e for (asker, about), e in judging.own_list(d).items() if asker == NEWCOMER} if allowed else {}
    return Noting(allowed, noted, fresh, gone)


def _taken_along(d: Derived, answer: SuggestionAnswer, form: str) -> Response:
    """The suggestions as a file: csv, csv-excel, or pdf with the reasons and their proof."""
    if form in ("csv", "csv-excel"):
        headings = dict(
            zip(
                COLUMNS,
                (_("Rang"), _("Kennung"), _("Name"), _("Art"), _("Ort"), _("Land"), _("Website"), _("Entfernung in km"), _("Warum"), _("Seite")),
                strict=True,
            )
        )
        return download(render([_row(n, s) for n, s in enumerate(answer.suggestions, 1)], COLUMNS, form, headings), "innonet-vorschlaege", form)
    if form != "pdf" or not answer.suggestions:
        abort(400)
    from web.pdf import drawn  # the library for PDF and its fonts are heavy; few pages need them

    made = dt.datetime.fromisoformat(now())
    found = [(s.id, s.name, Entry(0, "", NEWCOMER, s.id, "", "", ""), False) for s in answer.suggestions]
    by_id = {s.id: s for s in answer.suggestions}
    content = dossier_content.gather(d, reader(), [("", _("Zu einem eigenen Text"), found)], who=who(), made=made, notes=False, suggested=by_id)
    reply = Response(drawn(content), mimetype="application/pdf")
    reply.headers["Content-Disposition"] = f'attachment; filename="innonet-dossier-{made.date().isoformat()}.pdf"'
    return reply


def _row(rank: int, s: Suggestion) -> dict[str, Any]:
    return {
        "rank": rank,
        "id": s.id,
        "name": s.name,
        "kind": words.kind_name(s.kind),
        "city": s.city,
        "country": s.country,
        "website": safe_url(s.website) if s.website else "",
        "distance_km": s.distance_km,
        "why": [f"{words.feature_name(r.feature)}: {', '.join(words.item_name(i) for i in r.items[:3])}".removesuffix(": ") for r in words.telling(s.reasons)],
        "url": url_for("pages.organization", id=s.id, _external=True),
    }
