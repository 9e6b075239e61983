"""Answers about who could be a partner: suggestions with reasons, why somebody is none, what a consortium lacks."""

from __future__ import annotations

from typing import Self

from pydantic import ConfigDict

from graph.model import Kind, Label
from graph.model import Suggestion as Ranked
from web.addresses import address
from web.api.answers import Answer, Page


class ReasonItem(Answer):
    """What a reason rests on: a partner, topic, project or place with its evidence; some say more (projects, words, start, distance_km, through)."""

    model_config = ConfigDict(extra="allow")

    id: str = ""
    name: str = ""
    label: str = ""
    evidence: tuple[str, ...] = ()


class Reason(Answer):
    """A part of the score."""

    feature: str
    contribution: float
    """Part of the score, 0 to 1"""
    items: tuple[ReasonItem, ...]


class Suggestion(Answer):
    """Somebody who could be a partner, with the reasons."""

    id: str
    name: str
    kind: Kind | None
    city: str
    country: str
    score: float
    """Higher is better; comparable within one answer only"""
    distance_km: float | None
    website: str | None
    reasons: tuple[Reason, ...]
    url: str

    @classmethod
    def of(cls, s: Ranked) -> Self:
        """From what was ranked."""
        return cls(
            id=s.id,
            name=s.name,
            kind=s.kind,
            city=s.city,
            country=s.country,
            score=s.score,
            distance_km=s.distance_km,
            website=s.website or None,
            reasons=tuple(
                Reason(feature=r.feature, contribution=r.contribution, items=tuple(ReasonItem.model_validate(i) for i in r.items)) for r in s.reasons
            ),
            url=address(Label.ORGANIZATION, s.id),
        )


class SuggestionList(Page):
    """Suggestions, best first."""

    columns = ("id", "name", "kind", "city", "country", "score", "distance_km", "website", "url")
    org: str
    """Id of who asked; empty for a newcomer"""
    mode: str
    notes: tuple[str, ...]
    """What the suggestions rest on"""
    loosen: dict[str, int]
    """Where the filters leave nobody: how many come back without each"""
    items: tuple[Suggestion, ...]


class Rule(Answer):
    """A rule that keeps somebody out."""

    code: str
    text: str


class Compared(Answer):
    """What a reason gives to the two scores, as parts of the higher one."""

    reason: str
    first: float
    second: float


class WhyNot(Answer):
    """Why one organisation is not among the first suggestions for another."""

    org: str
    other: str
    against: tuple[Rule, ...]
    filtered: tuple[str, ...]
    """Filters that keep it out"""
    projects: int
    """Projects that the two have together"""
    rank: int
    of: int
    suggestion: Suggestion
    last: Suggestion | None
    """The last one of the first ten; null where it stands among them"""
    compared: tuple[Compared, ...]
    thin: tuple[str, ...]
    """How little is known of it"""


class Member(Answer):
    """A member of a consortium."""

    id: str
    name: str


class Need(Answer):
    """One thing that the consortium should have."""

    what: str
    key: str
    name: str
    name_en: str
    weight: float
    asked: bool
    members: tuple[str, ...]
    """Ids of those who bring it"""


class Brings(Answer):
    """A need that somebody closes."""

    need: Need
    evidence: tuple[str, ...]


class Alternative(Answer):
    """Somebody who would add nearly as much."""

    id: str
    name: str
    gain: float


class Pick(Answer):
    """Whom to ask, in the order of the greedy choice."""

    id: str
    name: str
    kind: Kind | None
    city: str
    country: str
    brings: tuple[Brings, ...]
    gain: float
    covered: float
    alternatives: tuple[Alternative, ...]


class Consortium(Answer):
    """What a consortium has and lacks."""

    members: tuple[Member, ...]
    needs: tuple[Need, ...]
    covered: float
    """Part of the needs' weight that the members cover, 0 to 1"""
    picks: tuple[Pick, ...]
    nobody: tuple[Need, ...]
    """Needs that nobody here would close"""
    projects: int
    """Comparable projects that were looked at"""
