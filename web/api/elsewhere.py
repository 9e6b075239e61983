"""Ids that are no node of the asked address: where the node is now, that it is gone, or that there never was one."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, redirect, request, url_for

from graph.derived import Derived
from graph.model import Label
from graph.reader import Gone, Moved
from graph.search import resolve_id
from web import pages
from web.api.problems import refuse
from web.language import gettext as _
from web.site import reader

ADDRESSES: Final = {
    Label.ORGANIZATION: "api.organization",
    Label.PROJECT: "api.project",
    Label.TOPIC: "api.topic",
    Label.PLACE: "api.place",
    Label.DOCUMENT: "api.document",
}
"""Where each kind of node is described."""


def elsewhere(found: object) -> Response:
    """301 to the address of a node under its label and id of today; raises for one that is gone (410) or unknown (404)."""
    if isinstance(found, Moved) and found.label in ADDRESSES:
        return moved(ADDRESSES[found.label], id=found.id)
    raise pages.missing(found)


def moved(endpoint: str, **values: Any) -> Response:
    """301 with the same question."""
    answer = redirect(url_for(endpoint, **{**request.args.to_dict(flat=False), **values}), 301)
    assert isinstance(answer, Response)  # noqa: S101  Flask's own
    return answer


def moved_organization(id_: str) -> Moved | Gone | None:
    """Where an id leads that the derived files do not know as an organisation."""
    found = reader().locate(id_, Label.ORGANIZATION)
    return None if isinstance(found, dict) else found


def known(d: Derived, parameter: str, text: str, label: Label) -> str:
    """Id of the node that a parameter names by any of its ids; "" for "".  Raises Refusal for an unknown one."""
    if not text:
        return ""
    found = resolve_id(d, text, label)
    if found is None:
        refuse(parameter, _("Diese Kennung ist hier nicht bekannt."))
    return found
