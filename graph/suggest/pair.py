"""One certain pair: the suggestion that it would be, whatever its rank, and why it is not among the first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from graph.derived import DISSOLVED, NAMED, Derived
from graph.errors import UsageError
from graph.model import Suggestion
from graph.suggest.features import FEATURES, Newcomer, Question
from graph.suggest.filters import FILTERS, Filters, allowed_mask, filter_masks
from graph.suggest.rank import NO_FILTERS, Mode, Scored, asked, scored_for, suggestion_at

AGAINST: Final[Mapping[str, tuple[str, str]]] = {
    "itself": ("Das ist die Organisation selbst oder einer ihrer Teile.", "This is the organisation itself or one of its parts."),
    "partner": ("Die beiden sind schon Partner.", "The two are partners already."),
    "group": ("Beide gehören zur selben Gruppe.", "Both belong to the same group."),
    "dissolved": ("Sie ist nach den Quellen aufgelöst oder gelöscht.", "The sources say that it is dissolved or deleted."),
    "nameless": ("Die Quellen nennen keinen Namen.", "The sources give no name."),
    "said": ("Jemand aus dem Haus hat so geurteilt.", "Somebody of this house said so."),
}
"""Rules that keep somebody out, in the order in which they are told."""

SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Comparison:
    """One reason in two scores, each as the part of the higher of the two scores, 0..1."""

    reason: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why somebody is not among the first suggestions.

    against     codes of AGAINST; with any of them it is never suggested
    filtered    names of FILTERS that keep it out
    projects    how many projects the two have together (against: partner)
    rank, of    its place among all that were ranked, 1 the first, if rules and filters let it pass; else where it would stand
    suggestion  it as a suggestion, with its reasons
    last        the last one that is shown (the first SHOWN), None where it stands among them
    compared    every reason of either with what it gives to it and to the last one shown, the greatest lack first
    thin        how little is known of it: "no_projects", "no_topics"
    """

    against: tuple[str, ...]
    filtered: tuple[str, ...]
    projects: int
    rank: int
    of: int
    suggestion: Suggestion
    last: Suggestion | None
    compared: tuple[Comparison, ...]
    thin: tuple[str, ...]


def why_not(
    derived: Derived,
    who: str | Newcomer,
    other_id: str,
    *,
    mode: Mode = "mixed",
    filters: Filters = NO_FILTERS,
    suppressed: Collection[str] = (),
    lifted: Collection[str] = (),
    parts: bool = False,
    reach: float | None = None,
) -> WhyNot:
    """Why `other_id` is not among the first SHOWN suggestions for `who` (options as of `suggest`).  Raises UsageError for an unknown id."""
    q = asked(derived, who, mode=mode, reach=reach, parts=parts)
    other = derived.index(other_id)
    if other is None:
        raise UsageError(f"Es gibt keine Organisation «{other_id}».", f"There is no organisation {other_id!r}.")
    masks = filter_masks(q, filters)
    passing = np.logical_and.reduce([allowed_mask(q, suppressed=suppressed), *masks.values()])
    scored = scored_for(q, passing, mode=mode, reach=reach, lifted=lifted, also=[other])
    at = int(np.searchsorted(scored.candidates, other))
    order = scored.best(len(scored.candidates))
    if not passing[other]:  # it takes no place from those that are let through
        ahead = order[: int(np.flatnonzero(order == at)[0])]
        rank, of = len(ahead) + 1, len(order) - 1
    else:
        rank, of = int(np.flatnonzero(order == at)[0]) + 1, len(order)
    shown = [int(k) for k in order if int(k) != at or passing[other]][:SHOWN]
    last = None if not shown or (passing[other] and rank <= SHOWN) else shown[-1]
    return WhyNot(
        against=_against(q, other, suppressed),
        filtered=tuple(name for name in FILTERS if name in masks and not masks[name][other]),
        projects=_common_projects(q, other),
        rank=rank,
        of=of,
        suggestion=suggestion_at(q, scored, at, reasons=True),
        last=None if last is None else suggestion_at(q, scored, last, reasons=True),
        compared=() if last is None else compared(scored, last, at),
        thin=tuple(
            code for code, empty in (("no_projects", not len(derived.org_project.row(other))), ("no_topics", not len(derived.org_topic.row(other)))) if empty
        ),
    )


def compared(scored: Scored, a: int, b: int) -> tuple[Comparison, ...]:
    """Two candidates (positions) reason by reason, what the second lacks most first: why the one stands above the other."""
    first, second = _by_reason(scored, a), _by_reason(scored, b)
    top = max(sum(first.values()), sum(second.values()), 1e-9)
    rows = [Comparison(r, round(first.get(r, 0.0) / top, 4), round(second.get(r, 0.0) / top, 4)) for r in sorted({*first, *second})]
    return tuple(sorted((r for r in rows if r.first or r.second), key=lambda r: (r.second - r.first, r.reason)))


def _by_reason(scored: Scored, k: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, part in zip(scored.features, scored.parts[k].tolist(), strict=True):
        reason = FEATURES[name].reason if name in FEATURES else name
        found[reason] = found.get(reason, 0.0) + part
    return found


def _against(q: Question, other: int, suppressed: Collection[str]) -> tuple[str, ...]:
    d = q.derived
    holds = {
        "itself": other in q.own,
        "partner": other in q.partners,
        "group": q.row >= 0 and other not in q.own and d.group[other] == d.group[q.row],
        "dissolved": bool(d.flags[other] & DISSOLVED),
        "nameless": not d.flags[other] & NAMED,
        "said": d.ids[other] in suppressed,
    }
    return tuple(code for code in AGAINST if holds[code])


def _common_projects(q: Question, other: int) -> int:
    return len(np.intersect1d(q.projects, q.derived.org_project.row(other)))


def suggestion_of(derived: Derived, org_id: str, other_id: str, *, lifted: Collection[str] = ()) -> Suggestion | None:
    """`other_id` as a suggestion for `org_id`, with its score among the usual candidates and its reasons; None for an unknown id or itself."""
    row, other = derived.index(org_id), derived.index(other_id)
    if row is None or other is None or row == other:
        return None
    q = Question(derived, row)
    scored = scored_for(q, allowed_mask(q), lifted=lifted, also=[other])
    return suggestion_at(q, scored, int(np.searchsorted(scored.candidates, other)), reasons=True)


def partners_already(derived: Derived, org_id: str, other_id: str) -> bool:
    """Whether the two have a common project or a stated cooperation."""
    row, other = derived.index(org_id), derived.index(other_id)
    return row is not None and other is not None and (other in derived.partners.row(row) or other in derived.coop.row(row))
