"""Why something is suggested: the features that gave to the score, the paths and topics behind them, down to the evidence.

Only what the ranking used is shown.  Items and the ids of their evidence come from the derived files: the engine is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np

from graph.arrays import Ints, common_of
from graph.derived import Derived
from graph.model import Label, Reason
from graph.search import telling_words
from graph.suggest.features import FEATURES, Question
from graph.text import fold

MAX_ITEMS: Final = 5
LEAST_SHARE: Final = 0.01
"""A smaller part of the score is not worth a line."""

JUDGED: Final = "judged"
"""A part of the score that comes from no feature: people said that it fits."""

REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "shared_partner": ("gemeinsame Partner", "shared partners"),
    "network": ("Nähe im Netzwerk", "near in the network"),
    "topic": ("gemeinsame Themen", "shared topics"),
    "text": ("Projekte mit Ihren Worten", "projects in your words"),
    "new_topics": ("ergänzende Themen", "complementary topics"),
    "circle": ("gleiches Umfeld im Netzwerk", "the same part of the network"),
    "well_connected": ("gut vernetzt", "well connected"),
    "activity": ("in letzter Zeit aktiv", "recently active"),
    "place": ("räumliche Nähe", "near by"),
    "country": ("Länder, die oft zusammenarbeiten", "countries that often work together"),
    "kind": ("passende Art von Organisation", "fitting kind of organisation"),
    JUDGED: ("von uns als passend beurteilt", "judged a good fit by us"),
}

Item = dict[str, Any]


def reasons_of(q: Question, row: int, shares: Mapping[str, float]) -> tuple[Reason, ...]:
    """Reasons for one candidate, strongest first.  `shares`: feature -> its part of the score, 0..1.

    Items by reason, each with "id", "name", "label" and "evidence" (ids, of every link that the item rests on):
      shared_partner     the partner; "projects": [the organisation's project with it, its project with the candidate], None for a stated cooperation
      topic              the topic; "projects": [a project of the organisation on it, one of the candidate], None where a source states the topic itself
      text               projects of the candidate whose titles have words of the newcomer's text, with "words" (as they stand in the title)
      new_topics         topics of the candidate that the organisation does not have; "projects": [a project of the candidate or None]
      activity           latest projects of the candidate, with "start" (ISO date)
      place              the candidate's place, "distance_km"
    Where the organisation asks with its parts, "through" {"id", "name"} is the part that a shared partner or topic comes from, or that is nearest.
    """
    grouped: dict[str, float] = {}
    partners = _shared_partners(q, row) if any(n in FEATURES and FEATURES[n].reason in ("shared_partner", "network") for n in shares) else []
    for name, share in shares.items():
        reason = JUDGED if name == JUDGED else FEATURES[name].reason
        if reason in ("shared_partner", "network"):  # the walk mostly runs over the shared partners: one line, not two
            reason = "shared_partner" if partners else "network"
        grouped[reason] = grouped.get(reason, 0.0) + share
    items: dict[str, Callable[[], list[Item]]] = {
        "shared_partner": lambda: partners,
        "topic": lambda: _shared_topics(q, row),
        "text": lambda: _told_projects(q, row),
        "new_topics": lambda: _new_topics(q, row),
        "activity": lambda: _latest_projects(q, row),
        "place": lambda: _place(q, row),
    }
    strongest = sorted(grouped.items(), key=lambda x: (-x[1], x[0]))
    return tuple(Reason(name, round(share, 4), tuple(items[name]()) if name in items else ()) for name, share in strongest if share >= LEAST_SHARE)


def _item(d: Derived, label: Label, row: int, evidence: Iterable[str]) -> Item:
    node = d.base[label] + row
    item: Item = {"id": d.ids[node], "name": d.names[node] or d.ids[node], "label": label.value, "evidence": list(dict.fromkeys(evidence))}
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


def _common_project(q: Question, mine: Ints, b: int) -> int | None:
    """Of some projects one, the freshest, in which b takes part."""
    common = common_of(mine, q.derived.org_project.row(b))
    return int(_freshest(q, common)[0]) if len(common) else None


def _projects_on(q: Question, of_one: Ints, topics: list[int]) -> dict[int, int | None]:
    """Of some projects, one (the freshest) on each topic."""
    d = q.derived
    projects = _freshest(q, of_one)
    owner, at = d.project_topic.take(projects)
    of = d.project_topic.indices[at]
    return {t: int(projects[owner[np.argmax(of == t)]]) if len(of) and (of == t).any() else None for t in topics}


def _shared_partners(q: Question, row: int) -> list[Item]:
    d = q.derived
    row_partners, row_counts = d.partners.row(row), d.partners.values(row)
    theirs = np.union1d(row_partners, d.coop.row(row)) if len(d.coop.row(row)) else row_partners
    shared = common_of(q.partners, theirs)
    shared = np.setdiff1d(shared, q.own)
    if not len(shared):
        return []
    at = np.minimum(np.searchsorted(row_partners, shared), max(len(row_partners) - 1, 0))
    count = np.where(row_partners[at] == shared, row_counts[at], 1.0) if len(row_partners) else np.ones(len(shared))
    strongest = shared[np.lexsort((shared, -count, -q.shared.rarity[shared]))[:MAX_ITEMS]]
    out = []
    for o in strongest.tolist():
        projects = [_common_project(q, end, o) for end in (q.projects.astype(np.int32), d.org_project.row(row))]
        mine = q.of(d.coop, o) if projects[0] is None else _own(q, projects[0])
        evidence = [e for end, project in zip((mine, row), projects, strict=True) for e in _partnership(d, end, o, project)]
        out.append({**_item(d, Label.ORGANIZATION, o, evidence), "projects": [_project(d, p) for p in projects], **_through(q, mine)})
    return out


def _partnership(d: Derived, a: int, b: int, project: int | None) -> list[str]:
    """Evidence that two organisations are partners: in a project, or by a stated cooperation."""
    return d.proof("coop", a, b) if project is None else d.proof("org_project", a, project) + d.proof("org_project", b, project)


def _work(d: Derived, org: int, topic: int, project: int | None) -> list[str]:
    """Evidence that an organisation works on a topic: its project is about it, or a source states it.  Of a newcomer (-1) none."""
    if org < 0:
        return []
    return d.proof("org_topic", org, topic) if project is None else d.proof("project_topic", project, topic)


def _own(q: Question, project: int) -> int:
    """Which of the asker's own rows takes part in a project."""
    return q.of(q.derived.org_project, project)


def _through(q: Question, mine: int) -> Item:
    """Names the part that an item starts from; nothing where it is the organisation itself."""
    if mine == q.row:
        return {}
    node = q.derived.base[Label.ORGANIZATION] + mine
    return {"through": {"id": q.derived.ids[node], "name": q.derived.names[node] or q.derived.ids[node]}}


def _shared_topics(q: Question, row: int) -> list[Item]:
    d = q.derived
    shared, mine, theirs = np.intersect1d(q.topics, d.org_topic.row(row), assume_unique=True, return_indices=True)
    if not len(shared):
        return []
    strength = q.topic_weights[mine] * d.org_topic.values(row)[theirs] * q.shared.idf[shared] ** 2
    best = shared[np.lexsort((shared, -strength))[:MAX_ITEMS]].tolist()
    ours, others = _projects_on(q, q.projects.astype(np.int32), best), _projects_on(q, d.org_project.row(row), best)
    out = []
    for t in best:
        ours_t = ours[t]
        own = q.of(d.org_topic, t) if ours_t is None else _own(q, ours_t)
        evidence = _work(d, own, t, ours_t) + _work(d, row, t, others[t])
        out.append({**_item(d, Label.TOPIC, t, evidence), "projects": [_project(d, ours_t), _project(d, others[t])], **_through(q, own)})
    return out


def _told_projects(q: Question, row: int) -> list[Item]:
    d = q.derived
    projects, _ = q.told
    own = projects[np.isin(projects, d.org_project.row(row))][:MAX_ITEMS]  # best first
    telling = telling_words(d, q.text)
    out = []
    for p in own.tolist():
        title = d.names[d.base[Label.PROJECT] + p]
        shared = [w for w in re.findall(r"[^\W_]+", title) if fold(w) in telling]
        out.append({**_item(d, Label.PROJECT, p, d.proof("org_project", row, p)), "words": list(dict.fromkeys(shared))})
    return out


def _new_topics(q: Question, row: int) -> list[Item]:
    d = q.derived
    theirs, weight = d.org_topic.row(row), d.org_topic.values(row)
    foreign = ~np.isin(theirs, q.topics)
    theirs, weight = theirs[foreign], weight[foreign]
    best = theirs[np.lexsort((theirs, -weight))[:MAX_ITEMS]].tolist()
    others = _projects_on(q, d.org_project.row(row), best)
    return [{**_item(d, Label.TOPIC, t, _work(d, row, t, others[t])), "projects": [_project(d, others[t])]} for t in best]


def _latest_projects(q: Question, row: int) -> list[Item]:
    d = q.derived
    projects = d.org_project.row(row)
    out = []
    for p in projects[np.lexsort((projects, -d.start[projects]))[:MAX_ITEMS]].tolist():
        item = _item(d, Label.PROJECT, p, d.proof("org_project", row, p))
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
    seat = q.seat_near(row)
    evidence = [e for org in (row, seat) if org >= 0 and d.place[org] >= 0 for e in d.proof("located", org, int(d.place[org]))]
    if place < 0:
        return [{"id": "", "name": d.cities[row], "label": Label.PLACE.value, "evidence": evidence, "distance_km": round(km, 1), **_through(q, seat)}]
    return [{**_item(d, Label.PLACE, place, evidence), "distance_km": round(km, 1), **_through(q, seat)}]
