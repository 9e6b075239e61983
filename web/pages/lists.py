"""Project, topic, place and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from graph import neighbourhood
from graph.derived import LABELS, Derived
from graph.model import Label
from graph.reader import EvidenceView, Gone, PlacePage, ProjectPage, ProjectRef, TopicPage
from graph.search import resolve_id
from web import addresses, exporting, linked, pages
from web.language import language
from web.site import derived, reader
from web.words import project_name

PAGE = 25
ENTITY_LIST_FORMS = tuple(f for f in exporting.LIST_FORMS if f != "jsonld")
"""Of the organisations of a topic or place: JSON-LD at these addresses is about the topic or place itself."""


def project(id: str) -> ResponseReturnValue:  # noqa: A002  named as in the address
    """A project: who takes part, what it is about, where it stands."""
    found = reader().project(id)
    if not isinstance(found, ProjectPage):
        return pages.elsewhere(found)
    if linked.wanted():
        return linked.page(found)
    return render_template("project.html", page=found, entity=found.entity)


def topic(id: str) -> ResponseReturnValue:  # noqa: A002
    """A topic: broader and narrower ones, organisations, projects."""
    at = pages.whole("page", 1, 1, 400)
    found = reader().topic(id, skip=0, limit=PAGE)
    if not isinstance(found, TopicPage):
        return pages.elsewhere(found)
    if linked.wanted():
        return linked.page(found)
    parts = pages.rolled_up()
    if form := exporting.asked(ENTITY_LIST_FORMS):
        return exporting.organizations(neighbourhood.on_topic(derived(), id, parts=parts, limit=exporting.MOST).items, form, "topic")
    people = neighbourhood.on_topic(derived(), id, parts=parts, skip=(at - 1) * PAGE, limit=PAGE)
    return render_template("topic.html", page=found, entity=found.entity, people=people, at=at, pages=-(-people.total // PAGE), parts=parts)


def place(id: str) -> ResponseReturnValue:  # noqa: A002
    """A place: its organisations and their topics, what it lies in and what lies in it."""
    at = pages.whole("page", 1, 1, 400)
    found = reader().place(id)
    if not isinstance(found, PlacePage):
        return pages.elsewhere(found)
    if linked.wanted():
        return linked.page(found)
    d = derived()
    if form := exporting.asked(ENTITY_LIST_FORMS):
        return exporting.organizations(neighbourhood.in_place(d, id, limit=exporting.MOST).items, form, "place")
    people = neighbourhood.in_place(d, id, skip=(at - 1) * PAGE, limit=PAGE)
    topics = neighbourhood.topics_in_place(d, id, limit=24)
    return render_template(
        "place.html", page=found, entity=found.entity, above=neighbourhood.above(d, id), people=people, topics=topics, at=at, pages=-(-people.total // PAGE)
    )


def evidence(id: str) -> ResponseReturnValue:  # noqa: A002
    """The quoted row or sentence.  ``of`` in the address names the node whose page led here, for the way back."""
    found = reader().evidence(id)
    if not isinstance(found, EvidenceView):
        return pages.elsewhere(Gone(id) if isinstance(found, Gone) else None)
    if linked.wanted():
        return linked.evidence(found)
    of = request.args.get("of", "")
    d = derived()
    about = {node.id: node for id_ in (of, *addresses.records_of(id)) if (node := named(d, id_))}
    back = named(d, of)
    return render_template("evidence.html", e=found, back=back, about=list(about.values()))


@dataclass(frozen=True, slots=True)
class Named:
    """A node with its name."""

    id: str
    label: Label
    name: str


def named(d: Derived, id_: str, labels: Sequence[Label] = LABELS) -> Named | None:
    """The node that an id or alias stands for, looked for under these labels in this order."""
    for label in labels if id_ else ():
        known = resolve_id(d, id_, label)
        if known is None:
            continue
        row = d.index(known, label)
        if row is None:
            continue
        if label is Label.PROJECT:
            return Named(known, label, project_name(ProjectRef(known, d.names[d.base[label] + row])))
        english = d.names_en[d.base[label] + row] if language() == "en" else ""
        return Named(known, label, english or d.name_of(label, row))
    return None
