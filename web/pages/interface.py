"""What the interface for programs is, for people: examples, all addresses, licences and limits."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from web.language import language


def interface() -> ResponseReturnValue:
    """The page about /api/v1, made from its own document."""
    from web.api import openapi, problems  # the interface is built on the pages

    document = openapi.document(language(), request.script_root, url_for("pages.sources"))
    return render_template("interface.html", document=document, problems=problems.kinds(), host=request.host_url.rstrip("/"))
