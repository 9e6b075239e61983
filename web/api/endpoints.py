"""The addresses of /api/v1: each is declared once, with its question and its answer; the document about them is made from that.

Every answer is the same bytes for the same question and state of the graph, and says so by its ETag: who asks again with
If-None-Match gets 304.  Lists come as CSV as well.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotAcceptable

from graph import tabular
from web.api.answers import USUAL, Answer, Page
from web.api.questions import ListQuestion, Question, asked
from web.site import derived

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

JSON: Final = "application/json"
CSV: Final = "text/csv"

Handler = Callable[..., "Answer | Response"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address: where it is, what it understands, what it answers, and its title in German and English."""

    name: str
    rule: str
    question: type[Question]
    answer: type[Answer]
    title: tuple[str, str]
    text: str

    @property
    def path(self) -> str:
        """The address as a template, behind /api/v1."""
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", self.rule)

    @property
    def listed(self) -> bool:
        """Whether it answers a list, which comes as CSV as well."""
        return issubclass(self.answer, Page)


ENDPOINTS: Final[list[Endpoint]] = []
"""All declared addresses, in the order of their declaration."""


def endpoint(rule: str, question: type[Question], answer: type[Answer], title: tuple[str, str]) -> Callable[[Handler], Handler]:
    """Declare an address under /api/v1.

    The function gets the checked question, and the parts of the address by name; it gives the answer, or a redirection.
    Its docstring is the description in the document.  The name of the endpoint (`web.access.TABLE`) is ``api.<function>``.
    """

    def declare(handler: Handler) -> Handler:
        declared = Endpoint(handler.__name__, rule, question, answer, title, (handler.__doc__ or "").strip())
        ENDPOINTS.append(declared)

        def view(**path: Any) -> Response:
            question_asked = asked(question)
            form = _form(declared, question_asked)
            found = handler(question_asked, **path)
            return found if isinstance(found, Response) else answered(declared, found, form)

        blueprint.add_url_rule(rule, handler.__name__, view, methods=["GET"])
        return handler

    return declare


def _form(declared: Endpoint, question: Question) -> str:
    """json, csv or csv-excel: what the address says, else what the asker likes best."""
    if isinstance(question, ListQuestion) and question.format and declared.listed:
        return question.format
    offered = [JSON, CSV] if declared.listed else [JSON]
    if not request.accept_mimetypes:
        return "json"
    best = request.accept_mimetypes.best_match(offered)
    if best is None:
        raise NotAcceptable
    return "csv" if best == CSV else "json"


def answered(declared: Endpoint, found: Answer, form: str) -> Response:
    """The answer as JSON or, for a list, as a table (``form``: json, csv or csv-excel)."""
    if isinstance(found, Page) and form != "json":
        rows = [item.model_dump(mode="json") for item in found.items]
        for row in rows:  # a table leaves this site: its links must lead back
            row["url"] = request.host_url.rstrip("/") + row["url"]
        answer = Response(tabular.render(rows, found.columns, form), mimetype=CSV)
        answer.headers["Content-Disposition"] = f'attachment; filename="innonet-{declared.name.replace("_", "-")}.csv"'
    else:
        answer = Response(found.model_dump_json(by_alias=True), mimetype=JSON)
    if isinstance(found, Page) and found.next:
        answer.headers.add("Link", f'<{found.next}>; rel="next"')
    answer.headers.add("Link", f'<{url_for("pages.sources")}>; rel="license"')
    return finished(answer, derived().version, cache=declared.answer.cache)


def finished(answer: Response, version: str, *, cache: str = USUAL) -> Response:
    """The answer with its ETag (of body and state of the graph) and what may be kept of it; 304 where the asker has it already."""
    answer.set_etag(hashlib.blake2b(version.encode() + b"\n" + answer.get_data(), digest_size=16).hexdigest())
    answer.headers["Cache-Control"] = cache
    answer.headers["Vary"] = "Accept, Accept-Language"
    answer.make_conditional(request)
    return answer
