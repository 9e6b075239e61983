"""Who may be suggested at all: the rules that always hold, and the filters that a person sets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from graph.derived import DISSOLVED, KINDS, NAMED
from graph.errors import UsageError
from graph.model import Kind, Label
from graph.suggest.features import Question

Mask = npt.NDArray[np.bool_]

FILTERS: Final[Mapping[str, tuple[str, str]]] = {
    "within": ("den Umkreis", "the radius"),
    "kind": ("die Art", "the kind"),
    "country": ("das Land", "the country"),
    "topic": ("das Thema", "the topic"),
    "without": ("die ausgeschlossenen Gruppen", "the groups left out"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person wants to see only; nothing set lets everybody pass.

    within_km  with a known position at most so far away (with parts: from the nearest of them)
    kinds      of one of these kinds              countries  in one of these countries (two letters, as the files hold them)
    topics     ids: works on one of these topics or on a narrower one
    without    ids of organisations: neither these nor anybody of their groups (PART_OF)
    """

    within_km: float | None = None
    kinds: tuple[Kind, ...] = ()
    countries: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def allowed_mask(q: Question, *, exclude_unnamed: bool = True, suppressed: Collection[str] = ()) -> Mask:
    """[n] True for whom the rules let be suggested to the one who asks.

    Never: itself, a known partner, a member of its group, what is dissolved, has no name (unless asked for) or is in `suppressed` (ids).
    """
    d = q.derived
    allowed: Mask = (d.flags & DISSOLVED) == 0
    if exclude_unnamed:
        allowed &= (d.flags & NAMED) != 0
    allowed[q.partners] = False
    if q.row >= 0:
        allowed[d.group == d.group[q.row]] = False
    allowed[q.own] = False
    for other in suppressed:
        i = d.index(other)
        if i is not None:
            allowed[i] = False
    return allowed


def filter_masks(q: Question, filters: Filters) -> dict[str, Mask]:
    """[n] True for whom each filter that is set lets pass, by its name in FILTERS.  Raises UsageError for a topic or an organisation that there is not."""
    d = q.derived
    masks: dict[str, Mask] = {}
    if filters.within_km is not None:
        masks["within"] = q.distance <= filters.within_km  # NaN compares false
    if filters.kinds:
        masks["kind"] = np.isin(d.kinds, [KINDS.index(k) for k in filters.kinds])
    if filters.countries:
        masks["country"] = np.isin(d.country, [d.countries.index(c) for c in filters.countries if c in d.countries])
    if filters.topics:
        works = np.zeros(len(d), np.bool_)
        for topic in filters.topics:
            t = d.index(topic, Label.TOPIC)
            if t is None:
                raise UsageError(f"Es gibt kein Thema «{topic}».", f"There is no topic {topic!r}.")
            _, at = d.topic_org.take(np.append(d.topic_parts.row(t), t))
            works[d.topic_org.indices[at]] = True
        masks["topic"] = works
    if filters.without:
        left = np.ones(len(d), np.bool_)
        for other in filters.without:
            i = d.index(other)
            if i is None:
                raise UsageError(f"Es gibt keine Organisation «{other}».", f"There is no organisation {other!r}.")
            left &= d.group != d.group[i]
        masks["without"] = left
    return masks


def loosening(allowed: Mask, masks: Mapping[str, Mask]) -> tuple[tuple[str, int], ...]:
    """How many each filter alone keeps out, the others being kept: (name, number that would come back), most first; only those that bring any back."""
    found = []
    for name in masks:
        rest = [m for other, m in masks.items() if other != name]
        back = int(np.logical_and.reduce([allowed, *rest]).sum())
        if back:
            found.append((name, back))
    return tuple(sorted(found, key=lambda x: (-x[1], x[0])))
