"""Suggestions, why somebody is not among them, and what a consortium lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

from flask import Response

from graph.asking import consortium_of, find_who
from graph.derived import Derived
from graph.errors import UsageError
from graph.model import Label
from graph.opinions import hidden_and_lifted
from graph.reader import Moved
from graph.suggest import pair, suggest
from ingest.newcomer import understand
from web import pages
from web.api import suggested
from web.api.elsewhere import moved, moved_organization
from web.api.endpoints import endpoint
from web.api.lists import part
from web.api.problems import Fault, Refusal, kinds, refuse
from web.api.questions import ConsortiumQuestion, SuggestingQuestion, SuggestionsQuestion, WhyNotQuestion
from web.language import gettext as _
from web.language import language
from web.site import derived, site
from web.suggesting import Choice, choice
from web.suggesting import suggested as ranked
from web.words import against_text


@endpoint("/suggestions", SuggestionsQuestion, suggested.SuggestionList, ("Vorschläge für Partner", "Suggestions of partners"))
def suggestions(question: SuggestionsQuestion) -> suggested.SuggestionList | Response:
    """For an organisation (`org`), or for a newcomer's words (`text`, with `place` and `as`), each with reasons down to the evidence.

    `total` counts all that were ranked.  Scores can be compared within one answer only.
    """
    if bool(question.org) == bool(question.text):
        message = _("Es braucht «org» oder «text», eines von beiden.")
        raise Refusal("invalid-parameter", message, [Fault("org", message), Fault("text", message)])
    d = derived()
    if question.org and d.index(question.org) is None:
        return _elsewhere(question.org, "api.suggestions")
    p = part(question, d)
    options = _chosen(d, question).options
    if question.org:
        answer = ranked(d, question.org, **options, top=question.limit, skip=p.skip, parts=question.parts)
    else:
        try:
            newcomer = understand(d, question.text, kind=question.as_, place=question.place).newcomer
        except UsageError as e:
            refuse("place" if question.place and question.place in e.text("de") else "text", e.text(language()))
        answer = suggest(d, newcomer, **options, top=question.limit, skip=p.skip)
    return suggested.SuggestionList(
        org=question.org,
        mode=answer.mode,
        notes=answer.notes,
        loosen=dict(answer.loosen),
        items=tuple(suggested.Suggestion.of(s) for s in answer.suggestions),
        **p.of(answer.candidates),
    )


@endpoint("/why-not", WhyNotQuestion, suggested.WhyNot, ("Warum jemand nicht vorgeschlagen wird", "Why somebody is not suggested"))
def why_not(question: WhyNotQuestion) -> suggested.WhyNot | Response:
    """The rules and filters that keep `other` from `org`, its rank, and reason by reason what it lacks against the last one shown."""
    d = derived()
    if d.index(question.org) is None:
        return _elsewhere(question.org, "api.why_not")
    options = _chosen(d, question).options
    hidden, lifted = hidden_and_lifted(site().state(), d, question.org)
    try:
        other = find_who(d, question.other)
        found = pair.why_not(d, question.org, other.id, **options, suppressed=hidden, lifted=lifted, parts=question.parts)
    except UsageError as e:
        refuse("other", e.text(language()))
    return suggested.WhyNot(
        org=question.org,
        other=other.id,
        against=tuple(suggested.Rule(code=c, text=against_text(c)) for c in found.against),
        filtered=found.filtered,
        projects=found.projects,
        rank=found.rank,
        of=found.of,
        suggestion=suggested.Suggestion.of(found.suggestion),
        last=suggested.Suggestion.of(found.last) if found.last else None,
        compared=tuple(suggested.Compared.model_validate(c) for c in found.compared),
        thin=found.thin,
    )


@endpoint("/consortium", ConsortiumQuestion, suggested.Consortium, ("Was einem Konsortium fehlt", "What a consortium lacks"))
def consortium(question: ConsortiumQuestion) -> suggested.Consortium:
    """What the members lack for a project about the topics, and who would close most of it."""
    d = derived()
    if not question.member and not question.topic:
        message = _("Es braucht ein Mitglied oder ein Thema.")
        raise Refusal("invalid-parameter", message, [Fault("member", message), Fault("topic", message)])
    try:
        found = consortium_of(
            d,
            question.member,
            topics=question.topic,
            kinds=question.kind,
            countries=question.country,
            coordinator=question.coordinator,
            only_countries=question.only,
        )
    except UsageError as e:
        _refuse_named(
            e.text("de"), e.text(language()), {"member": question.member, "topic": question.topic, "country": question.country, "only": question.only}
        )
    return suggested.Consortium(
        members=tuple(suggested.Member(id=i, name=n) for i, n in found.members),
        needs=tuple(suggested.Need.model_validate(n) for n in found.needs),
        covered=found.covered,
        picks=tuple(
            suggested.Pick(
                id=p.id,
                name=p.name,
                kind=p.kind,
                city=p.city,
                country=p.country,
                brings=tuple(suggested.Brings.model_validate(b) for b in p.brings),
                gain=p.gain,
                covered=p.covered,
                alternatives=tuple(suggested.Alternative(id=i, name=n, gain=g) for i, n, g in p.alternatives),
            )
            for p in found.picks
        ),
        nobody=tuple(suggested.Need.model_validate(n) for n in found.nobody),
        projects=found.projects,
    )


def _chosen(d: Derived, question: SuggestingQuestion) -> Choice:
    found = choice(
        d,
        mode=question.mode,
        within=question.within,
        kinds=question.kind,
        countries=question.country,
        topics=question.topic,
        without=question.without,
        reach=question.reach,
    )
    if found.problem:
        given = {"topic": question.topic, "without": question.without, "country": question.country}
        _refuse_named(found.problem[0], found.problem[1 if language() == "en" else 0], given)
    return found


def _refuse_named(said: str, message: str, given: Mapping[str, Sequence[str]]) -> NoReturn:
    """Refuse because of the parameter whose value the graph's own (German) message names."""
    faults = [Fault(name, message) for name, values in given.items() if any(v in said for v in values)]
    raise Refusal("invalid-parameter", message if not faults else kinds()["invalid-parameter"].meaning, faults[:1])


def _elsewhere(id_: str, name: str) -> Response:
    found = moved_organization(id_)
    if isinstance(found, Moved) and found.label == Label.ORGANIZATION:
        return moved(name, org=found.id)
    raise pages.missing(found)
