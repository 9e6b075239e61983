"""/api/v1/openapi.json: the OpenAPI 3.1 document, made from what the endpoints declare, in German or English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import orjson
from apispec import APISpec
from flask import Response, request, url_for
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from web.api.answers import Answer
from web.api.endpoints import CSV, ENDPOINTS, JSON, Endpoint, blueprint, finished
from web.api.problems import MEDIA
from web.api.questions import Question, asked, fields, many
from web.language import language

REFERENCE: Final = "#/components/schemas/{model}"
ABOUT: Final = {
    "de": "Wer mit wem woran arbeitet, mit Belegen. Nur lesend, ohne Schlüssel. Jede Antwort hat ein ETag; Listen werden mit «next» geblättert.",
    "en": "Who works with whom on what, with evidence. Read only, without a key. Every answer has an ETag; lists are paged by `next`.",
}
STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "400": ("Die Frage ist so nicht zu beantworten", "The question cannot be answered as it is asked"),
    "404": ("Unbekannte Kennung", "Unknown id"),
    "406": ("Dieses Format gibt es nicht", "There is no such format"),
    "410": ("Entfernter Eintrag", "Removed entry"),
    "429": ("Zu viele Anfragen", "Too many requests"),
    "500": ("Unser Fehler", "Our mistake"),
    "503": ("Vorübergehend nicht möglich", "Not possible for the moment"),
}


class Fault(Answer):
    """A parameter that is wrong."""

    parameter: str
    message: str


class Problem(Answer):
    """Problem details (RFC 9457)."""

    type: str
    """Address where this kind of problem is explained"""
    title: str
    status: int
    detail: str
    instance: str
    """Path of the request"""
    errors: tuple[Fault, ...]
    """Every parameter that is wrong"""


class _Plain(GenerateJsonSchema):
    """Without a title at each field: it only repeats the name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The document about this interface."""
    asked(Question)
    return finished(Response(orjson.dumps(document(language(), request.script_root, url_for("pages.sources"))), mimetype=JSON), "")


@cache
def document(lang: str, root: str, terms: str) -> dict[str, Any]:
    """The document in ``de`` or ``en``.  ``root``: what the site's addresses begin with, ``terms``: page with the licences."""
    n = 1 if lang == "en" else 0
    spec = APISpec(
        title="innonet",
        version="1",
        openapi_version="3.1.0",
        info={"description": ABOUT[lang], "termsOfService": terms},
        servers=[{"url": f"{root}{blueprint.url_prefix}"}],
    )
    answers: list[type[BaseModel]] = list(dict.fromkeys((*(e.answer for e in ENDPOINTS), Problem)))
    questions: list[type[BaseModel]] = list(dict.fromkeys(e.question for e in ENDPOINTS))
    _, made = models_json_schema(
        [*((m, "serialization") for m in answers), *((m, "validation") for m in questions)], ref_template=REFERENCE, schema_generator=_Plain
    )
    schemas = made["$defs"]
    asked_for = {q.__name__: schemas.pop(q.__name__)["properties"] for q in questions}
    for name, schema in sorted(schemas.items()):
        spec.components.schema(name, schema)
    for status, told in STATUSES.items():
        spec.components.response(status, {"description": told[n], "content": {MEDIA: {"schema": {"$ref": REFERENCE.format(model="Problem")}}}})
    for e in sorted(ENDPOINTS, key=lambda e: e.path):
        spec.path(path=e.path, operations={"get": _operation(e, asked_for[e.question.__name__], n)})
    found: dict[str, Any] = spec.to_dict()
    return found


def _operation(e: Endpoint, properties: Mapping[str, Any], n: int) -> dict[str, Any]:
    text = ("Kennung; jede Kennung eines Eintrags führt zum Ziel", "Id; any id of any of its records leads to it")[n]
    parameters = [{"name": "id", "in": "path", "required": True, "description": text, "schema": {"type": "string", "minLength": 1}}] if "{id}" in e.path else []
    parameters += [_parameter(e, name, properties[name], n) for name in fields(e.question)]
    content = {JSON: {"schema": {"$ref": REFERENCE.format(model=e.answer.__name__)}}}
    if e.listed:
        content[CSV] = {"schema": {"type": "string"}}
    etag = {"ETag": {"description": ("Kennzeichen dieser Antwort", "Mark of this answer")[n], "schema": {"type": "string"}}}
    responses: dict[str, Any] = {
        "200": {"description": e.title[n], "headers": etag, "content": content},
        "304": {"description": ("Unverändert (If-None-Match)", "Not changed (If-None-Match)")[n], "headers": etag},
    }
    if "{id}" in e.path or "org" in properties:
        responses["301"] = {"description": ("Heute unter einer anderen Kennung", "Today under another id")[n]}
    responses |= {status: {"$ref": f"#/components/responses/{status}"} for status in STATUSES}
    return {"operationId": e.name, "summary": e.title[n], **({"description": e.text} if n else {}), "parameters": parameters, "responses": responses}


def _parameter(e: Endpoint, name: str, schema: Mapping[str, Any], n: int) -> dict[str, Any]:
    field = fields(e.question)[name]
    shape = {k: v for k, v in schema.items() if k not in ("description", "x-de", "default")}
    some = [s for s in shape.pop("anyOf", ()) if s.get("type") != "null"]
    shape |= some[0] if some else {}
    default = schema.get("default")
    if default not in (None, "", [], False):
        shape["default"] = default
    found = {"name": name, "in": "query", "required": field.is_required(), "description": schema["x-de"] if n == 0 else schema["description"], "schema": shape}
    return found | ({"style": "form", "explode": True} if many(field) else {})
