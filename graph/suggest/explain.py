"""Why something is suggested: the features that gave to the score, the paths and topics behind them, down to the evidence.

Only what the ranking used is shown.  Items come from the derived files (`reasons_of`), their evidence ids from the graph, for
the shown suggestions only (`with_evidence`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from graph.arrays import Ints, common_of
from graph.derived import Derived
from graph.model import Label, Reason, Suggestion
from graph.querybook import load_book
from graph.suggest.features import FEATURES, Question

if TYPE_CHECKING:
    from graph.store import Store
    from graph.suggest.rank import SuggestionAnswer

MAX_ITEMS: Final = 5
LEAST_SHARE: Final = 0.01
"""A smaller part of the score is not worth a line."""

REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "shared_partner": ("gemeinsame Partner", "shared partners"),
    "network": ("Nähe im Netzwerk", "near in the network"),
    "topic": ("gemeinsame Themen", "shared topics"),
    "new_topics": ("ergänzende Themen", "complementary topics"),
    "activity": ("in letzter Zeit aktiv", "recently active"),
    "place": ("räumliche Nähe", "near by"),
    "country": ("Länder, die oft zusammenarbeiten", "countries that often work together"),
    "kind": ("passende Art von Organisation", "fitting kind of organisation"),
}

Item = dict[str, Any]


def reasons_of(q: Question, row: int, shares: Mapping[str, float]) -> tuple[Reason, ...]:
    """Reasons for one candidate, strongest first, without evidence.  `shares`: feature -> its part of the score, 0..1.

    Items by reason, each with "id", "name", "label" and "evidence" (empty here):
      shared_partner     the partner; "projects": [the organisation's project with it, its project with the candidate], None for a stated cooperation
      topic              the topic; "projects": [a project of the organisation on it, one of the candidate], None where a source states the topic itself
      new_topics         topics of the candidate that the organisation does not have; "projects": [a project of the candidate or None]
      activity           latest projects of the candidate, with "start" (ISO date)
      place              the candidate's place, "distance_km"
    """
    grouped: dict[str, float] = {}
    partners = _shared_partners(q, row) if any(FEATURES[n].reason in ("shared_partner", "network") for n in shares) else []
    for name, share in shares.items():
        reason = FEATURES[name].reason
        if reason in ("shared_partner", "network"):  # the walk mostly runs over the shared partners: one line, not two
            reason = "shared_partner" if partners else "network"
        grouped[reason] = grouped.get(reason, 0.0) + share
    items: dict[str, Callable[[], list[Item]]] = {
        "shared_partner": lambda: partners,
        "topic": lambda: _shared_topics(q, row),
        "new_topics": lambda: _new_topics(q, row),
        "activity": lambda: _latest_projects(q, row),
        "place": lambda: _place(q, row),
    }
    strongest = sorted(grouped.items(), key=lambda x: (-x[1], x[0]))
    return tuple(Reason(name, round(share, 4), tuple(items[name]()) if name in items else ()) for name, share in strongest if share >= LEAST_SHARE)


def with_evidence(derived: Derived, answer: SuggestionAnswer, store: Store) -> SuggestionAnswer:
    """The same answer with the ids of the Evidence nodes behind every item, asked from the graph in at most four queries."""
    wanted: dict[str, dict[tuple[str, str], None]] = {name: {} for name in _QUERIES}
    for s in answer.suggestions:
        for r in s.reasons:
            for item in r.items:
                for query, pair in _links(derived, answer.id, s.id, r.feature, item):
                    wanted[query][pair] = None
    found: dict[tuple[str, str, str], list[str]] = {}
    book = load_book()
    for name, pairs in wanted.items():
        if pairs:
            for line in store.read(book[name], pairs=[{"a": a, "b": b} for a, b in pairs]):
                found.setdefault((name, line["a"], line["b"]), []).extend(line["evidence"] or ())

    def proven(s: Suggestion) -> Suggestion:
        reasons = []
        for r in s.reasons:
            items = []
            for item in r.items:
                ids = (e for query, (a, b) in _links(derived, answer.id, s.id, r.feature, item) for e in found.get((query, a, b), ()))
                items.append({**item, "evidence": list(dict.fromkeys(ids))})
            reasons.append(replace(r, items=tuple(items)))
        return replace(s, reasons=tuple(reasons))

    return replace(answer, suggestions=tuple(proven(s) for s in answer.suggestions))


_PARTICIPATION: Final = "suggest_participations"
_ABOUT: Final = "suggest_topics"
_WORKS_ON: Final = "suggest_works_on"
_COOPERATION: Final = "suggest_cooperations"
_LOCATED: Final = "suggest_places"
_QUERIES: Final = (_PARTICIPATION, _ABOUT, _WORKS_ON, _COOPERATION, _LOCATED)


def _links(derived: Derived, org: str, candidate: str, reason: str, item: Mapping[str, Any]) -> Iterable[tuple[str, tuple[str, str]]]:
    """The edges an item rests on: (query that finds their evidence, (from id, to id))."""
    if reason == "shared_partner":
        for end, project in zip((org, candidate), item["projects"], strict=True):
            if project is None:
                yield _COOPERATION, (min(end, item["id"]), max(end, item["id"]))
            else:
                yield _PARTICIPATION, (end, project["id"])
                yield _PARTICIPATION, (item["id"], project["id"])
    elif reason in ("topic", "new_topics"):
        ends = (org, candidate) if reason == "topic" else (candidate,)
        for end, project in zip(ends, item["projects"], strict=True):
            if project is None:
                yield _WORKS_ON, (end, item["id"])
            else:
                yield _ABOUT, (project["id"], item["id"])
    elif reason == "activity":
        yield _PARTICIPATION, (candidate, item["id"])
    elif reason == "place":
        for end in (candidate, org):
            row = derived.index(end)
            if row is not None and derived.place[row] >= 0:
                yield _LOCATED, (end, derived.id_of(Label.PLACE, int(derived.place[row])))


def _item(d: Derived, label: Label, row: int) -> Item:
    node = d.base[label] + row
    item: Item = {"id": d.ids[node], "name": d.names[node] or d.ids[node], "label": label.value, "evidence": []}
    if label is Label.TOPIC and d.names_en[node]:
        item["name_en"] = d.names_en[node]
    return item


def _project(d: Derived, row: int | None) -> Item | None:
    if row is None:
        return None
    node = d.base[Label.PROJECT] + row
    return {"id": d.ids[node], "name": d.names[node] or d.ids[node], "detail": d.details[node]}


def _freshest(q: Question, projects: Ints) -> Ints:
    """Projects with the freshest first, of equals the one with the fewest participants, then the least id."""
    size = q.derived.project_org.indptr[projects + 1] - q.derived.project_org.indptr[projects]
    return projects[np.lexsort((projects, size, -q.shared.fresh[projects]))]


def _common_project(q: Question, a: int, b: int) -> Item | None:
    common = common_of(q.derived.org_project.row(a), q.derived.org_project.row(b))
    return _project(q.derived, int(_freshest(q, common)[0]) if len(common) else None)


def _projects_on(q: Question, org: int, topics: list[int]) -> dict[int, Item | None]:
    """Of an organisation, one project (the freshest) on each topic."""
    d = q.derived
    projects = _freshest(q, d.org_project.row(org))
    owner, at = d.project_topic.take(projects)
    of = d.project_topic.indices[at]
    return {t: _project(d, int(projects[owner[np.argmax(of == t)]]) if len(of) and (of == t).any() else None) for t in topics}


def _shared_partners(q: Question, row: int) -> list[Item]:
    d = q.derived
    row_partners, row_counts = d.partners.row(row), d.partners.values(row)
    theirs = np.union1d(row_partners, d.coop.row(row)) if len(d.coop.row(row)) else row_partners
    shared = common_of(q.partners, theirs)
    shared = shared[shared != q.row]
    if not len(shared):
        return []
    at = np.minimum(np.searchsorted(row_partners, shared), max(len(row_partners) - 1, 0))
    count = np.where(row_partners[at] == shared, row_counts[at], 1.0) if len(row_partners) else np.ones(len(shared))
    strongest = shared[np.lexsort((shared, -count, -q.shared.rarity[shared]))[:MAX_ITEMS]]
    out = []
    for o in strongest.tolist():
        item = _item(d, Label.ORGANIZATION, o)
        item["projects"] = [_common_project(q, q.row, o), _common_project(q, o, row)]
        out.append(item)
    return out


def _shared_topics(q: Question, row: int) -> list[Item]:
    d = q.derived
    shared, mine, theirs = np.intersect1d(q.topics, d.org_topic.row(row), assume_unique=True, return_indices=True)
    if not len(shared):
        return []
    strength = q.topic_weights[mine] * d.org_topic.values(row)[theirs] * q.shared.idf[shared] ** 2
    best = shared[np.lexsort((shared, -strength))[:MAX_ITEMS]].tolist()
    ours, others = _projects_on(q, q.row, best), _projects_on(q, row, best)
    return [{**_item(d, Label.TOPIC, t), "projects": [ours[t], others[t]]} for t in best]


def _new_topics(q: Question, row: int) -> list[Item]:
    d = q.derived
    theirs, weight = d.org_topic.row(row), d.org_topic.values(row)
    foreign = ~np.isin(theirs, q.topics)
    theirs, weight = theirs[foreign], weight[foreign]
    best = theirs[np.lexsort((theirs, -weight))[:MAX_ITEMS]].tolist()
    others = _projects_on(q, row, best)
    return [{**_item(d, Label.TOPIC, t), "projects": [others[t]]} for t in best]


def _latest_projects(q: Question, row: int) -> list[Item]:
    d = q.derived
    projects = d.org_project.row(row)
    out = []
    for p in projects[np.lexsort((projects, -d.start[projects]))[:MAX_ITEMS]].tolist():
        item = _item(d, Label.PROJECT, p)
        start = int(d.start[p])
        item["start"] = str(np.datetime64(start, "D")) if start >= 0 else ""
        out.append(item)
    return out


def _place(q: Question, row: int) -> list[Item]:
    d = q.derived
    km = float(q.distance[row])
    if np.isnan(km):
        return []  # its share then is the mean of the country: nothing to show
    place = int(d.place[row])
    item = _item(d, Label.PLACE, place) if place >= 0 else {"id": "", "name": d.cities[row], "label": Label.PLACE.value, "evidence": []}
    return [{**item, "distance_km": round(km, 1)}]
