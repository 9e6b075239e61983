"""Search over the derived files: organisations, projects, topics and places, the same on both engines.

Umlauts and accents are folded, every word may be a beginning, typing errors are forgiven when nothing else is found, ids
and identifiers are found exactly.  Order: id, exact name, beginning of a name, whole words, beginnings of words, words of
the city or a number, similar words; within each the important ones first (active organisations with many projects; `derived` numbers the documents so).
What a person types never reaches the index as syntax.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from graph.derived import KINDS, LABELS, Derived
from graph.model import Kind, Label
from graph.text import key_of, words

MAX_TEXT: Final = 200
"""Characters of a question that are read."""
MAX_WORDS: Final = 8
MAX_CONSIDERED: Final = 20_000
"""Documents that are ranked, the most important first, when no filter is set."""
FACET_SIZE: Final = 12

_ID, _EXACT, _PREFIX, _WHOLE, _WORDS, _ELSEWHERE, _SIMILAR = 7, 6, 5, 4, 3, 2, 1
_SIMILAR_TERMS: Final = 8
_SIMILAR_POOL: Final = 120

Docs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hit:
    """One found node.

    score  7 id, 6 exact name, 5 beginning of the name, 4 whole words of a name, 3 beginnings of words of a name, 2 words of the city or
           numbers too, 1 similar words; plus importance in 0..1
    """

    id: str
    label: Label
    kind: Kind | None
    name: str
    detail: str
    score: float
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of hits.  ``total`` counts all that match; each facet counts as if its own filter were not set: key -> number, most first."""

    hits: list[Hit]
    total: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


def search(
    derived: Derived,
    text: str,
    *,
    labels: Sequence[Label] = (),
    kind: Kind | None = None,
    city: str | None = None,
    topic: str | None = None,
    limit: int = 20,
    offset: int = 0,
    facets: bool = True,
) -> SearchResult:
    """Find nodes, best first.

    city   id of a place of any size: organisations in it
    topic  id of a topic: its organisations and projects
    limit  0..500.  An empty text with a filter lists all that pass it, most important first; without one it finds nothing.
    Never raises for any text.
    """
    limit, offset = max(0, min(limit, 500)), max(0, offset)
    filtered = bool(labels or kind or city or topic)
    tiers = _everything(derived) if filtered and not words(text[:MAX_TEXT]) else _match(derived, text[:MAX_TEXT], filtered=filtered)
    docs, scores = _merged(tiers)
    nodes = derived.doc_node[docs]
    masks = _masks(derived, nodes, labels, kind, city, topic)
    keep = np.flatnonzero(np.logical_and.reduce(list(masks.values())))
    total = len(keep)
    if not filtered and len(docs) >= _considered(text):
        total = max(total, _count(derived, text))
    hits = [_hit(derived, int(docs[k]), int(scores[k])) for k in keep[offset : offset + limit]]
    return SearchResult(hits, total, _facets(derived, nodes, masks) if facets else {})


def resolve_id(derived: Derived, text: str, label: Label = Label.ORGANIZATION) -> str | None:
    """Id of the node that an id, alias or identifier names; None if it names none or several of that label."""
    if derived.index(text, label) is not None:
        return text
    found = [d for d in _by_key(derived, text) if derived.label_of(int(derived.doc_node[d])) is label]
    return derived.ids[int(derived.doc_node[found[0]])] if len(found) == 1 else None


def resolve_who(derived: Derived, text: str, *, limit: int = 10) -> list[Hit]:
    """Organisations that `text` may mean: one hit when an id, an identifier or exactly one full name says so, else the candidates."""
    result = search(derived, text, labels=(Label.ORGANIZATION,), limit=limit, facets=False)
    for tier in (_ID, _EXACT):
        sure = [h for h in result.hits if int(h.score) == tier]
        if len(sure) == 1:
            return sure
    return result.hits


LIKE_WORDS: Final = 24
"""Words of a text that are looked for in titles, those that the fewest titles have."""
LIKE_PROJECTS: Final = 300
_LIKE_LETTERS: Final = 4
_PROGRAMME: Final = 3
"""As many titles found with the same words in front of the colon: these name a programme."""
_FEW: Final = 8
_COMMON: Final = 0.02
"""A word in more of all documents than that says nothing about a text."""


def telling_words(derived: Derived, text: str) -> dict[str, float]:
    """The words of a text that tell titles apart, the rarest first: folded, at least four letters, known to the index, not too common.

    Value: how rare, log(all documents / those with the word).
    """
    found = list(dict.fromkeys(w for w in words(text) if len(w) >= _LIKE_LETTERS and not w.isdigit()))
    db = derived.connection()
    most = max(_FEW, _COMMON * derived.nodes)
    known: list[tuple[int, str]] = []
    for at in range(0, len(found), 500):
        some = found[at : at + 500]
        rows = db.execute(f"SELECT docs, term FROM term WHERE term IN ({','.join('?' * len(some))})", some)  # noqa: S608 — marks only
        known += [(docs, term) for docs, term in rows if docs <= most]
    return {term: float(np.log(derived.nodes / docs)) for docs, term in sorted(known)[:LIKE_WORDS]}


def projects_like(derived: Derived, text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """(rows of projects whose titles share telling words with a text, sum of the rarities of these words > 0), best first, at most LIKE_PROJECTS.

    What several titles have in front of a colon is the name of a programme («NanoMikro+Werkstoffe.NRW: …») and says nothing of the project.
    """
    telling = telling_words(derived, text)
    if not telling:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    low, high = derived.base[Label.PROJECT], derived.base[Label.PROJECT] + derived.counts[Label.PROJECT]
    wanted = "{name names} : (" + " OR ".join(f'"{t}"' for t in telling) + ")"
    best = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank, rowid LIMIT ?"
    nodes = [int(derived.doc_node[doc]) for (doc,) in derived.connection().execute(best, (wanted, 3 * LIKE_PROJECTS))]
    projects = [n for n in nodes if low <= n < high]
    titles = [derived.names[n].partition(":") for n in projects]
    heads = Counter(head for head, colon, _ in titles if colon)
    found = []
    for n, (head, _colon, rest) in zip(projects, titles, strict=True):
        own = rest if heads[head] >= _PROGRAMME else f"{head} {rest}"
        value = sum(telling.get(w, 0.0) for w in set(words(own)))
        if value:
            found.append((-value, n - low))
    found.sort()
    return np.array([n for _, n in found[:LIKE_PROJECTS]], np.int64), np.array([-v for v, _ in found[:LIKE_PROJECTS]], np.float32)


# ---------------------------------------------------------------------------------------------------------------- matching

Tiers = list[tuple[int, Docs]]


def _match(derived: Derived, text: str, *, filtered: bool) -> Tiers:
    tiers: Tiers = [(_ID, np.array(_by_key(derived, text), np.int64))]
    tokens = words(text)[:MAX_WORDS]
    if not tokens:
        return tiers
    db = derived.connection()
    limit = -1 if filtered else _considered(text)
    name = " ".join(tokens)
    phrase = '"' + name + '"'
    begun, whole = (_all_of(([t] for t in tokens), prefix=prefix) for prefix in (True, False))
    tiers.append((_EXACT, _docs(db, "SELECT doc FROM name WHERE text = ? ORDER BY doc LIMIT ?", name, limit)))
    everywhere = _matching(db, begun, limit)
    if len(everywhere):
        tiers.append((_PREFIX, _matching(db, f"name : ^ {phrase} *", limit)))
        tiers.append((_WHOLE, _matching(db, f"{{name names}} : ({whole})", limit)))
        tiers.append((_WORDS, _matching(db, f"{{name names}} : ({begun})", limit)))
        tiers.append((_ELSEWHERE, everywhere))
    elif not len(tiers[0][1]):
        tiers.append((_SIMILAR, _similar(db, tokens, limit)))
    return tiers


def _considered(text: str) -> int:
    """A single letter matches a good part of everything; nobody wants more than its best."""
    return MAX_CONSIDERED if len("".join(words(text[:MAX_TEXT]))) > 1 else MAX_CONSIDERED // 10


def _matching(db: sqlite3.Connection, expression: str, limit: int) -> Docs:
    return _docs(db, "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid LIMIT ?", expression, limit)


def _docs(db: sqlite3.Connection, sql: str, *values: object) -> Docs:
    return np.fromiter((r[0] for r in db.execute(sql, values)), np.int64)


def _all_of(alternatives: Iterable[Sequence[str]], *, prefix: bool) -> str:
    """An index expression: of every group at least one.  Words hold letters and digits only (`words`), so that the quotes cannot be left."""
    star = "*" if prefix else ""
    return " AND ".join("(" + " OR ".join(f'"{t}"{star}' for t in group) + ")" for group in alternatives)


def _by_key(derived: Derived, text: str) -> list[int]:
    key = key_of(text)
    if not key:
        return []
    try:
        return [r[0] for r in derived.connection().execute("SELECT doc FROM key WHERE key = ? ORDER BY doc LIMIT 20", (key,))]
    except UnicodeEncodeError:  # half a surrogate pair: no id has one
        return []


def _similar(db: sqlite3.Connection, tokens: Sequence[str], limit: int) -> Docs:
    """Documents in which every word is there or has a similar one, closest first."""
    groups: list[list[str]] = []
    for n, token in enumerate(tokens):
        near = _near_terms(db, token, last=n == len(tokens) - 1)
        if not near:
            return np.empty(0, np.int64)
        groups.append(near)
    closest, close = (_all_of((g[:width] for g in groups), prefix=True) for width in (1, _SIMILAR_TERMS))
    return np.concatenate([_matching(db, e, limit) for e in (f"{{name names}} : ({closest})", closest, close)])


def _near_terms(db: sqlite3.Connection, token: str, *, last: bool) -> list[str]:
    """Words of the index at most one (from 8 letters two) typing errors away, closest and most frequent first."""
    if len(token) < 4 or token.isdigit():
        return [token]
    allowed = 1 if len(token) < 8 else 2
    padded = f"^{token}" if last else f"^{token}$"
    grams = dict.fromkeys(padded[i : i + 3] for i in range(len(padded) - 2))
    expression = " OR ".join(f'"{g}"' for g in grams)
    rows = db.execute(
        "SELECT term, docs FROM term WHERE n IN (SELECT rowid FROM grams WHERE grams MATCH ? ORDER BY rank LIMIT ?)",
        (expression, _SIMILAR_POOL),
    ).fetchall()
    found = []
    for term, docs in rows:
        distance = OSA.distance(token, term, score_cutoff=allowed)
        if last and len(term) > len(token):  # still typing: compare with the beginning
            distance = min(distance, *(OSA.distance(token, term[: len(token) + d], score_cutoff=allowed) for d in (-1, 0, 1)))
        if distance <= allowed:
            found.append((distance, -docs, term))
    return [t for _, _, t in sorted(found)[:_SIMILAR_TERMS]]


def _count(derived: Derived, text: str) -> int:
    tokens = words(text[:MAX_TEXT])[:MAX_WORDS]
    expression = _all_of(([t] for t in tokens), prefix=True)
    return int(derived.connection().execute("SELECT count(*) FROM words WHERE words MATCH ?", (expression,)).fetchone()[0])


def _everything(derived: Derived) -> Tiers:
    return [(_WORDS, np.arange(derived.nodes, dtype=np.int64))]


def _merged(tiers: Tiers) -> tuple[Docs, npt.NDArray[np.int64]]:
    """Each document once, in its best tier, in the order of the tiers."""
    docs = np.concatenate([d for _, d in tiers])
    scores = np.concatenate([np.full(len(d), tier, np.int64) for tier, d in tiers])
    _, first = np.unique(docs, return_index=True)
    first.sort()
    return docs[first], scores[first]


# ---------------------------------------------------------------------------------------------------------------- filters and facets

Mask = npt.NDArray[np.bool_]


def _masks(derived: Derived, nodes: npt.NDArray[np.int32], labels: Sequence[Label], kind: Kind | None, city: str | None, topic: str | None) -> dict[str, Mask]:
    masks: dict[str, Mask] = {"all": np.ones(len(nodes), np.bool_)}
    bounds = [(derived.base[x], derived.base[x] + derived.counts[x]) for x in LABELS]
    if labels:
        masks["label"] = np.logical_or.reduce(
            [(nodes >= low) & (nodes < high) for x, (low, high) in zip(LABELS, bounds, strict=True) if x in labels] or [masks["all"] & False]
        )
    if kind is not None:
        masks["kind"] = _marked(derived, nodes, np.flatnonzero(derived.kinds == KINDS.index(kind)))
    if city is not None:
        row = derived.index(city, Label.PLACE)
        inside = np.empty(0, np.int64) if row is None else np.append(derived.place_parts.row(row), row)
        _, at = derived.place_org.take(inside)
        masks["city"] = _marked(derived, nodes, derived.place_org.indices[at])
    if topic is not None:
        row = derived.index(topic, Label.TOPIC)
        found = np.empty(0, np.int64)
        if row is not None:
            found = np.concatenate([derived.topic_org.row(row), derived.topic_project.row(row) + derived.base[Label.PROJECT]])
        masks["topic"] = _marked(derived, nodes, found)
    return masks


def _marked(derived: Derived, nodes: npt.NDArray[np.int32], wanted: npt.NDArray[np.integer]) -> Mask:
    mark = np.zeros(derived.nodes, np.bool_)
    mark[wanted] = True
    return mark[nodes]


def _facets(derived: Derived, nodes: npt.NDArray[np.int32], masks: dict[str, Mask]) -> dict[str, dict[str, int]]:
    def left(own: str) -> npt.NDArray[np.int32]:
        return nodes[np.logical_and.reduce([m for k, m in masks.items() if k != own])]

    out: dict[str, dict[str, int]] = {}
    there = left("label")
    counts = {x.value: int(((there >= derived.base[x]) & (there < derived.base[x] + derived.counts[x])).sum()) for x in LABELS}
    out["label"] = {k: v for k, v in counts.items() if v}
    orgs = len(derived)
    kinds = left("kind")
    kinds_of = derived.kinds[kinds[kinds < orgs]]
    out["kind"] = _top({k.value: int((kinds_of == n).sum()) for n, k in enumerate(KINDS)})
    cities = left("city")
    places = derived.place[cities[cities < orgs]]
    out["city"] = _top_rows(derived, Label.PLACE, places[places >= 0])
    rows = left("topic")
    _, at = derived.org_topic.take(rows[rows < orgs])
    base = derived.base[Label.PROJECT]
    projects = rows[(rows >= base) & (rows < base + derived.counts[Label.PROJECT])] - base
    _, at_projects = derived.project_topic.take(projects)
    out["topic"] = _top_rows(derived, Label.TOPIC, np.concatenate([derived.org_topic.indices[at], derived.project_topic.indices[at_projects]]))
    return out


def _top(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(((k, v) for k, v in counts.items() if v), key=lambda x: (-x[1], x[0]))[:FACET_SIZE])


def _top_rows(derived: Derived, label: Label, rows: npt.NDArray[np.int32]) -> dict[str, int]:
    if not len(rows):
        return {}
    counts = np.bincount(rows, minlength=derived.counts[label])
    best = np.argsort(-counts, kind="stable")[:FACET_SIZE]
    return {derived.id_of(label, int(i)): int(counts[i]) for i in best if counts[i]}


def _hit(derived: Derived, doc: int, tier: int) -> Hit:
    node = int(derived.doc_node[doc])
    label = derived.label_of(node)
    node_id = derived.ids[node]
    return Hit(
        id=node_id,
        label=label,
        kind=derived.kind_of(node) if label is Label.ORGANIZATION else None,
        name=derived.names[node] or node_id,
        detail=derived.details[node],
        score=round(tier + 1 - (doc + 1) / (derived.nodes + 1), 6),
        name_en=derived.names_en[node],
    )
