"""Sources, reporting an error, privacy, help, glossary, accessibility."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import render_template, request
from flask.typing import ResponseReturnValue

from graph.reader import SourceInfo
from ingest.base import ISSUES
from ingest.load import load_issues
from web.glossary import glossary
from web.language import gettext as _
from web.language import language
from web.site import reader, site


@dataclass(frozen=True, slots=True)
class LoadedSource:
    """A source with the sets of claims this site read from it; none where the graph was filled by another host."""

    info: SourceInfo
    sets: tuple[Mapping[str, Any], ...]


def sources() -> ResponseReturnValue:
    """What is loaded: release, licence, counts, issues."""
    by_source: dict[str, list[Mapping[str, Any]]] = {}
    for s in site().summaries():
        by_source.setdefault(str(s["source"]["id"]), []).append(s)
    loaded = [LoadedSource(info, tuple(by_source.get(info.id, ()))) for info in reader().sources()]
    return render_template("sources.html", loaded=loaded, issue_text=issue_text, merging=load_issues(site().settings.home))


def issue_text(code: str) -> str:
    """What an issue code means."""
    de, en = ISSUES.get(code, (code, code))
    return en if language() == "en" else de


def report() -> ResponseReturnValue:
    """Whom to write to about an error or a removal.  ``id`` in the address names the page it is about."""
    id_ = request.args.get("id", "")[:300]
    settings = site().settings
    subject = _("innonet: Hinweis zu %(id)s", id=id_) if id_ else _("innonet: Hinweis")
    body = _("Seite: %(id)s\nWas stimmt nicht, oder was soll entfernt werden?\n\n", id=id_ or "–")
    mailto = f"mailto:{settings.contact_email}?subject={quote(subject)}&body={quote(body)}" if settings.contact_email else ""
    return render_template("report.html", id=id_, mailto=mailto)


def privacy() -> ResponseReturnValue:
    """Which data of whom, and what the site keeps of a visit."""
    return render_template("privacy.html", sources=reader().sources())


def help_page() -> ResponseReturnValue:
    """What each of the three users can do here, step by step."""
    return render_template("help.html")


def glossary_page() -> ResponseReturnValue:
    """The words of the site."""
    return render_template("glossary.html", words=glossary())


def accessibility() -> ResponseReturnValue:
    """The statement that public bodies owe (Directive (EU) 2016/2102, Implementing Decision (EU) 2018/1523)."""
    return render_template("accessibility.html")
