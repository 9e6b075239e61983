"""Sending a text, a list or a registry's file, and the list of jobs.  Nothing enters the graph before a person confirmed it."""

from __future__ import annotations

import datetime as dt

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph.errors import UsageError
from graph.jobs import Jobs
from ingest import claims
from ingest.receiving import MOST_FILES, REGISTRIES, Sent, receive, safe_name
from ingest.text.read import ReadProblem
from web import access, pages
from web.site import site

PAGE = 25
KINDS = ("", "text", "registry", "update")
LONGEST = 200


def upload() -> ResponseReturnValue:
    """The form; what it sends becomes a job."""
    problems: list[tuple[str, str]] = []
    values = {k: request.values.get(k, "").strip()[:LONGEST] for k in ("title", "source", "retrieved", "dataset", "kind")}
    values["text"] = request.form.get("text", "")
    if values["kind"] not in KINDS:
        values["kind"] = ""
    if request.method == "POST":
        user = access.current_user()
        sent = [Sent(f.filename or "datei", f.read()) for f in request.files.getlist("file") if f.filename]
        if values["text"].strip():
            name = safe_name(values["title"]).rstrip(".") if values["title"] else "text"
            sent.append(Sent(f"{name}.txt", values["text"].encode("utf-8", "replace")))
        order = {k: values[k] for k in ("title", "retrieved", "dataset") if values[k]}
        try:
            _check_day(values["retrieved"])
            job = receive(site().settings, site().state(), user.name if user else "", sent, kind=values["kind"], source=values["source"], order=order)
        except (UsageError, ReadProblem) as e:
            problems.append((e.text("de"), e.text("en")))
        else:
            return redirect(url_for("pages.job", number=job.number), 303)
    loaded = [(p.parent.name, p.name.removesuffix(".jsonl.gz")) for p in claims.sets(site().settings.home) if p.parent.name != "text"]
    return render_template("upload.html", values=values, problems=problems, registries=REGISTRIES, loaded=loaded, most_files=MOST_FILES)


def _check_day(day: str) -> None:
    if day:
        try:
            dt.date.fromisoformat(day)
        except ValueError as e:
            raise UsageError(f"Stand {day!r}: ein Datum JJJJ-MM-TT wird erwartet.", f"As of {day!r}: a date YYYY-MM-DD is expected.") from e


def jobs() -> ResponseReturnValue:
    """All jobs, the latest first."""
    found = Jobs(site().state())
    total = found.count()
    at = min(pages.whole("page", 1, 1, 100_000), max(1, -(-total // PAGE)))
    return render_template("jobs.html", jobs=found.latest(PAGE, skip=(at - 1) * PAGE), at=at, pages=-(-total // PAGE), total=total)
