"""Whole lists from the derived files: which organisations, projects, topics and places pass some filters, always in the same order.

Answers are rows of the label's nodes (see graph/derived.py), so that a page of a list costs no more than its own rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from graph.derived import KINDS, Derived
from graph.model import Kind, Label

Rows = npt.NDArray[Any]
_EPOCH: Final = dt.date(1970, 1, 1)


def organizations(d: Derived, *, kinds: Collection[Kind] = (), place: str = "", topic: str = "", countries: Collection[str] = ()) -> Rows:
    """Organisations that pass all filters, most projects first.

    kinds, countries (two letters)  one of them; none given: any
    place, topic                    ids; what lies in the place counts as well
    """
    found = np.ones(len(d), np.bool_)
    if kinds:
        found &= np.isin(d.kinds, [KINDS.index(k) for k in kinds])
    if countries:
        wanted = {c.upper() for c in countries}
        found &= np.isin(d.country, [n for n, c in enumerate(d.countries) if c in wanted])
    if place:
        found &= _marked(len(d), organizations_in(d, place))
    if topic:
        row = d.index(topic, Label.TOPIC)
        found &= _marked(len(d), np.zeros(0, np.int64) if row is None else d.topic_org.row(row))
    rows = np.flatnonzero(found)
    return rows[np.lexsort((rows, -d.org_project.degree()[rows].astype(np.int64)))]


def organizations_in(d: Derived, place: str) -> Rows:
    """Organisations with a seat in a place or in what lies in it, each once."""
    row = d.index(place, Label.PLACE)
    if row is None:
        return np.zeros(0, np.int64)
    _, at = d.place_org.take(np.append(d.place_parts.row(row).astype(np.int64), row))
    return np.unique(d.place_org.indices[at]).astype(np.int64)


def projects(d: Derived, *, topic: str = "", since: int | None = None, until: int | None = None) -> Rows:
    """Projects about a topic that began in these years (both included), the latest first; without a known beginning last."""
    rows = np.arange(d.counts[Label.PROJECT])
    if topic:
        row = d.index(topic, Label.TOPIC)
        rows = np.zeros(0, np.int64) if row is None else np.sort(d.topic_project.row(row)).astype(np.int64)
    start = d.start[rows]
    if since is not None or until is not None:
        first = 0 if since is None else max(0, (dt.date(since, 1, 1) - _EPOCH).days)
        after = np.iinfo(np.int32).max if until is None else (dt.date(until + 1, 1, 1) - _EPOCH).days
        kept = (start >= first) & (start < after)
        rows, start = rows[kept], start[kept]
    return rows[np.lexsort((rows, -start.astype(np.int64)))]


def topics(d: Derived, *, within: str = "") -> Rows:
    """Topics, or those narrower than one, those of most organisations first."""
    rows = np.arange(d.counts[Label.TOPIC])
    if within:
        row = d.index(within, Label.TOPIC)
        rows = np.zeros(0, np.int64) if row is None else d.topic_parts.row(row).astype(np.int64)
    return rows[np.lexsort((rows, -d.topic_org.degree()[rows].astype(np.int64)))]


def places(d: Derived, *, within: str = "") -> Rows:
    """Places, or those in one, in the order of their ids."""
    if not within:
        return np.arange(d.counts[Label.PLACE])
    row = d.index(within, Label.PLACE)
    return np.zeros(0, np.int64) if row is None else np.sort(d.place_parts.row(row)).astype(np.int64)


def began(d: Derived, project: int) -> str:
    """ISO date on which a project began, "" if unknown."""
    start = int(d.start[project])
    return (_EPOCH + dt.timedelta(days=start)).isoformat() if start >= 0 else ""


def _marked(n: int, rows: Rows) -> npt.NDArray[np.bool_]:
    marks = np.zeros(n, np.bool_)
    marks[rows] = True
    return marks
