"""The page for who plans a project: what the members bring, what is missing, and who would close most of it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from graph.asking import consortium_of
from graph.errors import UsageError
from graph.model import Kind
from graph.suggest.consortium import Gaps
from web.site import derived


def consortium() -> ResponseReturnValue:
    """Members (one a line) and topics (one a line) by id or name; kind, country (several), coordinator=1, only (a country)."""
    d = derived()
    values = request.args
    members, topics = ([x.strip() for text in values.getlist(name) for x in text.splitlines() if x.strip()] for name in ("member", "topic"))
    typed: dict[str, Any] = {
        "kind": [k for k in values.getlist("kind") if k in set(Kind)],
        "country": [c.strip().upper() for c in values.getlist("country") if c.strip()],
        "only": [c.strip().upper() for c in values.getlist("only") if c.strip()],
        "coordinator": values.get("coordinator") == "1",
    }
    found: Gaps | None = None
    problem: tuple[str, str] | None = None
    if members or topics:
        try:
            found = consortium_of(
                d,
                members,
                topics=topics,
                kinds=typed["kind"],
                countries=typed["country"],
                coordinator=typed["coordinator"],
                only_countries=typed["only"],
            )
        except UsageError as e:
            problem = e.text("de"), e.text("en")
    return render_template(
        "consortium.html",
        members=members,
        topics=topics,
        typed=typed,
        found=found,
        problem=problem,
        all_kinds=tuple(Kind),
        countries=d.countries,
    )
