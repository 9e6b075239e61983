"""The page for who is in no register: what you do and look for, in your own words, becomes ten suggestions.  Nothing is kept."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from graph.errors import UsageError
from graph.model import Kind
from graph.suggest import MODES, suggest
from ingest.newcomer import LONGEST, Understood, understand
from ingest.text.read import Limits, ReadProblem, read_bytes
from web.site import derived
from web.suggesting import TOP, chosen

LIMITS = Limits(file_bytes=8 << 20)


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
    )
