"""Logging in and out, and the record of changes."""

from __future__ import annotations

from typing import Final

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph.accounts import LockedError, LoginError
from web import access, pages
from web.language import language
from web.site import site

PAGE: Final = 50


def login() -> ResponseReturnValue:
    """The form, and what it sends."""
    goal = access.own_path(request.values.get("next", ""))
    problem = ""
    if request.method == "POST":
        try:
            found = access.accounts().login(request.form.get("name", ""), request.form.get("password", ""), request.remote_addr or "")
        except LoginError as e:
            problem, status = e.text(language()), 429 if isinstance(e, LockedError) else 403
        else:
            # a session that was there before is not taken over
            return access.start_session(access.end_session(make_response(redirect(goal, 303))), found)
    elif access.current_user() is not None:
        return redirect(goal)
    answer = render_template("login.html", goal=goal, problem=problem, name=request.form.get("name", ""))
    return (answer, status) if problem else answer


def logout() -> ResponseReturnValue:
    """End the session."""
    return access.end_session(make_response(redirect(url_for("pages.start"), 303)))


def audit() -> ResponseReturnValue:
    """Who changed what, a page at a time."""
    at = pages.whole("page", 1, 1, 100_000)
    found = site().state().audit(skip=(at - 1) * PAGE, limit=PAGE + 1)
    return render_template("audit.html", entries=found[:PAGE], at=at, more=len(found) > PAGE)
