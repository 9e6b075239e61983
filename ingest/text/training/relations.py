"""Training of the weights for relations (ingest/text/relations/model.py) on the training and validation parts of the own corpus.

Two steps: a logistic regression a column on features of pairs, then boosted trees on what the whole text says about each statement.  The trees see
scores of pairs from texts that the regression was not trained on (cross-fitting by text).  Thresholds are chosen on statements of texts that
neither step was trained on, for a wanted precision.  numpy and scipy only; the same corpus gives the same weights.

    innonet train relations --out FOLDER      (`innonet train text` does it as its last step)
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from ingest.text.marks import Mention, Status, TopicMention
from ingest.text.relations.deciding import FLOOR, Text, prepare
from ingest.text.relations.document import OUTPUTS, SYMMETRIC, TYPES, Statement, rows, statements
from ingest.text.relations.model import COLUMNS, NEGATABLE, ROLES, STATUSES, Model, Trees, features_of, save
from ingest.text.training import corpus, fragments
from ingest.text.training.corpus import Part

Topics = Callable[[str, Sequence[Mention]], Sequence[TopicMention]]

FOLDS: Final = 3
MADE: Final = -1  # the fold of texts put together from passages: they teach the first step, and nothing is measured on them
MADE_TEXTS: Final = 400  # put together from passages
PRECISION: Final = 0.82
LEAST_TEXTS: Final = 2  # texts that a feature must stand in
STRENGTH: Final = 0.1  # of the regression: the inverse of its penalty
STRENGTH_OF_MANNER: Final = 1.0  # for status and role, which have few examples
WORD_SCALE: Final = 0.6  # bags of words count less than places and cues
_BAGS: Final = ("s:", "a:", "m2:", "p:", "q:", "h:", "d:", "Ag", "Bg", "gg")
_TOLERANCE: Final = 25.0  # characters farther from the proving words than the nearest pair, and still a proof
_SMALL_WEIGHT: Final = 0.004

TREES: Final = 220
DEPTH: Final = 4
RATE: Final = 0.06
LEAF_PENALTY: Final = 5.0
LEAST_IN_LEAF: Final = 15.0
COLUMNS_TRIED: Final = 0.5
ROWS_TRIED: Final = 0.8
BINS: Final = 48


@dataclass(slots=True)
class Example:
    """A text with its pairs, their features, and what the annotators said."""

    text: Text
    gold: dict[tuple[str, int, int], corpus.Statement]
    features: list[NDArray[np.int32]] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)
    fold: int = 0
    relations: int = 0


def examples(texts: Sequence[corpus.Text], topics: Topics, names: dict[str, int]) -> list[Example]:
    """Pairs and features of every text; `names` grows by the features met."""
    out: list[Example] = []
    folds = _folds(texts)
    for t in texts:
        text = prepare(t.text, t.mentions, topics(t.text, t.mentions))
        e = Example(text, gold_of(t, text), fold=folds.get(t.file, MADE))
        e.relations = sum(r.status is not Status.NEGATED for r in t.relations)
        cache: dict[Hashable, list[tuple[str, float]]] = {}
        for pair in text.pairs:
            found = {names.setdefault(f, len(names)): v for f, v in features_of(text.seen, pair, cache)}
            e.features.append(np.fromiter(found, np.int32, len(found)))
            e.values.append(np.fromiter(found.values(), np.float64, len(found)))
        out.append(e)
    return out


def _folds(texts: Sequence[corpus.Text]) -> dict[str, int]:
    """A fold for every file, the folds of about equal size: what is learnt from some kinds of texts is tried on others."""
    sizes = Counter(t.file for t in texts if t.file != fragments.NAME)
    full = [0] * FOLDS
    out: dict[str, int] = {}
    for name, size in sorted(sizes.items(), key=lambda x: (-x[1], x[0])):
        k = full.index(min(full))
        out[name] = k
        full[k] += size
    return out


def words_of(topic: str) -> set[str]:
    """Beginnings of the words of a topic, as the scorer compares them."""
    return {w[:6] for w in re.findall(r"\w{4,}", topic.lower())}


def gold_of(t: corpus.Text, text: Text) -> dict[tuple[str, int, int], corpus.Statement]:
    """Statements of the annotators by type, head and tail; topics are those found in the text that share a word with the annotators'."""
    gold: dict[tuple[str, int, int], corpus.Statement] = {}
    for r in t.relations:
        if isinstance(r.tail, str):
            for number, mentions in text.topics.items():
                if any(words_of(r.tail) & words_of(m.label) for m in mentions):
                    gold.setdefault((r.type, r.head, number), r)
        elif r.type == SYMMETRIC:
            gold[r.type, min(r.head, r.tail), max(r.head, r.tail)] = r
        else:
            gold[r.type, r.head, r.tail] = r
    return gold


def proofs(e: Example, raw: str) -> dict[tuple[int, int], tuple[int, corpus.Statement]]:
    """For every (pair, output) that the annotators' statement covers: 1 where the pair stands at the proving words, -1 where it does not (no example)."""
    by_key: dict[tuple[str, int, int], list[tuple[float, int, int]]] = {}
    place = {id(r): raw.find(r.words) for r in e.gold.values()}
    for n, pair in enumerate(e.text.pairs):
        for column, (kind, direction) in enumerate(OUTPUTS):
            head, tail = (pair.one, pair.two) if direction == 0 else (pair.two, pair.one)
            key = (kind, min(head, tail), max(head, tail)) if kind == SYMMETRIC else (kind, head, tail)
            r = e.gold.get(key)
            a, b = (pair.first, pair.second) if direction == 0 else (pair.second, pair.first)
            if r is None or a.tag not in TYPES[kind][0] or b.tag not in TYPES[kind][1]:
                continue
            at = place[id(r)]
            low, high = min(pair.first.start, pair.second.start), max(pair.first.end, pair.second.end)
            cost = max(0, low - at - len(r.words), at - high) + 0.5 * (high - low)
            by_key.setdefault(key, []).append((cost, n, column))
    out: dict[tuple[int, int], tuple[int, corpus.Statement]] = {}
    for key, found in by_key.items():
        nearest = min(found)[0]
        for cost, n, column in found:
            out[n, column] = (1 if cost <= nearest + _TOLERANCE else -1, e.gold[key])
    return out


def fit(x: sp.csr_matrix, y: NDArray[np.float64], strength: float = STRENGTH, rounds: int = 60) -> NDArray[np.float64]:
    """Weights (and, last, the bias) of a logistic regression with an L2 penalty."""
    xt = x.T.tocsr()

    def loss(p: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = x @ p[:-1] + p[-1]
        e = np.exp(-np.abs(z))
        value = float((np.log1p(e) + np.maximum(np.where(y > 0, -z, z), 0)).sum() + (p[:-1] ** 2).sum() / (2 * strength))
        slope = np.where(z >= 0, 1 / (1 + e), e / (1 + e)) - y
        return value, np.append(xt @ slope + p[:-1] / strength, slope.sum())

    start = np.zeros(x.shape[1] + 1)
    start[-1] = np.log((y.sum() + 1) / (len(y) - y.sum() + 1))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds, "ftol": 1e-6}).x)


def grow(x: NDArray[np.float32], y: NDArray[np.float64], seed: int = 1) -> Trees:
    """Boosted trees (log loss) on rows x with answers y."""
    random = np.random.default_rng(seed)
    limits = [np.unique(np.quantile(x[:, j], np.linspace(0, 1, BINS + 1)[1:-1])).astype(np.float32) for j in range(x.shape[1])]
    binned = np.stack([np.searchsorted(limits[j], x[:, j], side="left") for j in range(x.shape[1])], axis=1).astype(np.int64)
    start = float(np.log((y.sum() + 1) / (len(y) - y.sum() + 1)))
    odds = np.full(len(y), start)
    inner = 2**DEPTH - 1
    feature, limit, leaf = np.zeros((TREES, inner), np.int16), np.full((TREES, inner), np.inf, np.float32), np.zeros((TREES, inner + 1), np.float32)
    for t in range(TREES):
        p = 1 / (1 + np.exp(-odds))
        chosen = random.random(len(y)) < ROWS_TRIED
        tried = np.sort(random.choice(x.shape[1], max(1, round(COLUMNS_TRIED * x.shape[1])), replace=False))
        rows_now = np.flatnonzero(chosen)
        g, h = (y - p)[rows_now], (p * (1 - p))[rows_now]
        part = binned[rows_now]
        node = np.zeros(len(y), np.int64)
        for level in range(DEPTH):
            first, width = 2**level - 1, 2**level
            _split_level(part, g, h, node[rows_now] - first, width, tried, limits, feature[t], limit[t], first)
            node = 2 * node + 1 + (x[np.arange(len(y)), feature[t, node]] > limit[t, node])
        at = node - inner
        top, bottom = np.bincount(at[rows_now], g, inner + 1), np.bincount(at[rows_now], h, inner + 1)
        leaf[t] = (RATE * top / (bottom + LEAF_PENALTY)).astype(np.float32)
        odds += leaf[t, at]
    return Trees(feature, limit, leaf, start)


def _split_level(
    binned: NDArray[np.int64], g: NDArray[np.float64], h: NDArray[np.float64], node: NDArray[np.int64], width: int, tried: NDArray[np.int64],
    limits: Sequence[NDArray[np.float32]], feature: NDArray[np.int16], limit: NDArray[np.float32], first: int,
) -> None:  # fmt: skip
    """Choose the best cut of every node of a level; a node without a good one sends all to the left."""
    best = np.full(width, 1e-6)
    n = np.bincount(node, minlength=width)
    g_all, h_all = np.bincount(node, g, width)[:, None], np.bincount(node, h, width)[:, None]
    before = g_all**2 / (h_all + LEAF_PENALTY)
    for j in tried:
        bins = len(limits[j]) + 1
        if bins < 2:
            continue
        cell = node * bins + binned[:, j]
        gs, hs, ns = (np.bincount(cell, v, width * bins).reshape(width, bins).cumsum(axis=1)[:, :-1] for v in (g, h, None))
        gain = gs**2 / (hs + LEAF_PENALTY) + (g_all - gs) ** 2 / (h_all - hs + LEAF_PENALTY) - before
        gain[(ns < LEAST_IN_LEAF) | (n[:, None] - ns < LEAST_IN_LEAF)] = -1
        cut = gain.argmax(axis=1)
        value = gain[np.arange(width), cut]
        for k in np.flatnonzero(value > best):
            best[k] = value[k]
            feature[first + k], limit[first + k] = j, limits[j][cut[k]]


@dataclass(slots=True)
class _Pairs:
    """All pairs of all texts as one matrix, and the answers by column: rows, 0 or 1."""

    x: sp.csr_matrix
    fold: NDArray[np.int64]
    start: list[int]
    answers: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]


def _gather(all_of: Sequence[Example], raws: Sequence[str], names: dict[str, int]) -> tuple[_Pairs, dict[str, int], NDArray[np.float64]]:
    texts: NDArray[np.int64] = np.zeros(len(names), np.int64)
    for e in all_of:
        met = np.unique(np.concatenate(e.features)) if e.features else np.zeros(0, np.int32)
        texts[met] += 1
    listed = list(names)
    kept = np.flatnonzero(texts >= LEAST_TEXTS)
    new = np.full(len(names), -1)
    new[kept] = np.arange(len(kept))
    scale = np.array([WORD_SCALE if listed[i].startswith(_BAGS) else 1.0 for i in kept])
    indices = [new[f][new[f] >= 0] for e in all_of for f in e.features]
    values = np.concatenate([v[new[f] >= 0] for e in all_of for f, v in zip(e.features, e.values, strict=True)])
    pointer = np.concatenate(([0], np.cumsum([len(i) for i in indices])))
    joined = np.concatenate(indices)
    x = sp.csr_matrix((scale[joined] * values, joined, pointer), shape=(len(indices), len(kept)))
    start = np.concatenate(([0], np.cumsum([len(e.features) for e in all_of]))).tolist()
    fold = np.concatenate([np.full(len(e.features), e.fold) for e in all_of])
    return _Pairs(x, fold, start, _answers(all_of, raws, start)), {listed[i]: n for n, i in enumerate(kept)}, scale


def _answers(all_of: Sequence[Example], raws: Sequence[str], start: Sequence[int]) -> dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]:
    found: dict[str, list[tuple[int, float]]] = {c: [] for c in COLUMNS}
    for k, e in enumerate(all_of):
        proof = proofs(e, raws[k])
        for n, pair in enumerate(e.text.pairs):
            row = start[k] + n
            for column, (kind, direction) in enumerate(OUTPUTS):
                a, b = (pair.first, pair.second) if direction == 0 else (pair.second, pair.first)
                if a.tag not in TYPES[kind][0] or b.tag not in TYPES[kind][1]:
                    continue
                at, r = proof.get((n, column), (0, None))
                if at == -1:
                    continue
                negated = r is not None and r.status is Status.NEGATED
                found[f"{kind}/{direction}"].append((row, float(r is not None and not negated)))
                if (kind, direction) in NEGATABLE:
                    found[f"not/{kind}/{direction}"].append((row, float(negated)))
                if r is not None:
                    for s in STATUSES:
                        found[f"status/{s}"].append((row, float(r.status == s)))
                    if kind == "PARTICIPATES_IN":
                        for role in ROLES:
                            found[f"role/{role}"].append((row, float(r.role == role)))
    return {c: (np.array([r for r, _ in v], np.int64), np.array([y for _, y in v])) for c, v in found.items()}


def train(texts: Sequence[corpus.Text], topics: Topics, precision: float, log: Callable[[str], None] = lambda _: None) -> Model:
    """Weights, trees and thresholds from annotated texts."""
    names: dict[str, int] = {}
    all_of = examples(texts, topics, names)
    log(f"{len(all_of)} texts, {sum(len(e.features) for e in all_of)} pairs, {len(names)} features")
    data, kept, scale = _gather(all_of, [t.text for t in texts], names)
    crossed: NDArray[np.float32] = np.zeros((data.x.shape[0], len(COLUMNS)), np.float32)
    weights, bias = np.zeros((len(kept), len(COLUMNS)), np.float32), np.zeros(len(COLUMNS), np.float32)
    for c, column in enumerate(COLUMNS):
        ids, y = data.answers[column]
        strength = STRENGTH_OF_MANNER if column.startswith(("status/", "role/")) else STRENGTH
        for k in range(FOLDS):
            inside = data.fold[ids] != k
            w = fit(data.x[ids[inside]], y[inside], strength)
            out = np.flatnonzero(data.fold == k)
            crossed[out, c] = data.x[out] @ w[:-1] + w[-1]
        w = fit(data.x[ids], y, strength)
        weights[:, c], bias[c] = w[:-1] * scale, w[-1]
        log(f"{column}: {int(y.sum())} of {len(y)}")
    _report_small(data, crossed, log)
    trees, thresholds = _second_step(all_of, data, crossed, precision, log)
    strong = np.abs(weights).max(axis=1) > _SMALL_WEIGHT
    ordered = [n for n, keep in zip(kept, strong, strict=True) if keep]
    table = np.vstack((np.zeros((1, len(COLUMNS)), np.float32), weights[strong]))
    log(f"{len(ordered)} features kept")
    return Model({n: i for i, n in enumerate(ordered, 1)}, table, bias, trees, thresholds)


def _report_small(data: _Pairs, crossed: NDArray[np.float32], log: Callable[[str], None]) -> None:
    """Accuracy of status and role on texts not trained on."""
    for group, labels, none in (("status", STATUSES, "running"), ("role", ROLES, "none")):
        ids, _ = data.answers[f"{group}/{labels[0]}"]
        mine = data.fold[ids] != MADE
        ids = ids[mine]
        columns = [COLUMNS.index(f"{group}/{x}") for x in labels]
        scores = crossed[ids][:, columns]
        guessed = np.where(scores.max(axis=1) > 0, scores.argmax(axis=1), len(labels))
        truth = np.full(len(ids), len(labels))
        for n, x in enumerate(labels):
            truth[data.answers[f"{group}/{x}"][1][mine] > 0] = n
        log(f"{group}: accuracy {np.mean(guessed == truth):.3f}, always {none}: {np.mean(truth == len(labels)):.3f}")
        for n, x in enumerate((*labels, none)):
            hit = int(((guessed == n) & (truth == n)).sum())
            log(f"  {x:12s} P {hit / max(int((guessed == n).sum()), 1):.3f} R {hit / max(int((truth == n).sum()), 1):.3f} of {int((truth == n).sum())}")


def _second_step(
    all_of: Sequence[Example], data: _Pairs, crossed: NDArray[np.float32], precision: float, log: Callable[[str], None]
) -> tuple[Trees, dict[str, float]]:
    x_all: list[NDArray[np.float32]] = []
    answer: list[float] = []
    fold: list[int] = []
    kinds: list[str] = []
    for k, e in enumerate(all_of):
        if e.fold == MADE:
            continue
        everything = statements(e.text.pairs, crossed[data.start[k] : data.start[k + 1]])
        likely = [s for s in everything if s.instances[0].score > FLOOR]
        if likely:
            x_all.append(rows(e.text.seen, e.text.pairs, everything, likely))
        answer += [float(_true(e, s)) for s in likely]
        fold += [e.fold] * len(likely)
        kinds += [s.type for s in likely]
    x, y, folds = np.concatenate(x_all), np.array(answer), np.array(fold)
    odds = np.zeros(len(y))
    for k in range(FOLDS):
        odds[folds == k] = grow(x[folds != k], y[folds != k]).score(x[folds == k])
    total = sum(e.relations for e in all_of if e.fold != MADE)
    threshold = _threshold(odds, y, precision)
    thresholds: dict[str, float] = {}
    for kind in TYPES:
        of_kind = np.array(kinds) == kind
        thresholds[kind] = max(threshold, _threshold(odds[of_kind], y[of_kind], precision - 0.1))
        said = odds[of_kind] >= thresholds[kind]
        gold = sum(t == kind and r.status is not Status.NEGATED for e in all_of if e.fold != MADE for (t, _, _), r in e.gold.items())
        hit = y[of_kind][said].sum()
        log(f"cross-fitted {kind:16s} P {hit / max(said.sum(), 1):.3f} R {hit / max(gold, 1):.3f} threshold {thresholds[kind]:.2f}")
    sure = odds >= np.array([thresholds[k] for k in kinds])
    p, r = y[sure].mean(), y[sure].sum() / total
    log(f"cross-fitted total P {p:.3f} R {r:.3f} F {2 * p * r / (p + r):.3f} (threshold {threshold:.2f})")
    thresholds["negated"] = _negated_threshold(all_of, data, crossed, log)
    return grow(x, y), thresholds


def _true(e: Example, s: Statement) -> bool:
    r = e.gold.get(s.key)
    return r is not None and r.status is not Status.NEGATED


def _threshold(odds: NDArray[np.float64], y: NDArray[np.float64], precision: float) -> float:
    """The lowest odds at which those above are right often enough; above all odds where none is."""
    if not len(odds):
        return 99.0
    order = np.argsort(-odds, kind="stable")
    right = np.cumsum(y[order]) / np.arange(1, len(y) + 1)
    good = np.flatnonzero((right >= precision) & (np.arange(len(y)) >= _FEW))
    return float(odds[order][good[-1]]) if len(good) else 99.0


_FEW: Final = 9


def _negated_threshold(all_of: Sequence[Example], data: _Pairs, crossed: NDArray[np.float32], log: Callable[[str], None]) -> float:
    odds: list[float] = []
    answer: list[float] = []
    for k, e in enumerate(all_of):
        if e.fold == MADE:
            continue
        mine = crossed[data.start[k] : data.start[k + 1]]
        for s in statements(e.text.pairs, mine):
            options = [float(mine[i.pair, COLUMNS.index(f"not/{s.type}/{i.direction}")]) for i in s.instances if (s.type, i.direction) in NEGATABLE]
            if options:
                r = e.gold.get(s.key)
                odds.append(max(options))
                answer.append(float(r is not None and r.status is Status.NEGATED))
    threshold = _threshold(np.array(odds), np.array(answer), _NEGATED_PRECISION)
    said = np.array(odds) >= threshold
    right = np.array(answer)[said]
    log(f"negated: P {right.mean() if len(right) else 0:.3f}, {int(right.sum())} of {int(sum(answer))}, threshold {threshold:.2f}")
    return threshold


_NEGATED_PRECISION: Final = 0.6


def topics_of(folder: Path) -> Topics:
    """Topics as the pipeline finds them: the schemes' by word and free ones, none inside a name."""
    from ingest.text.free_topics import free_topics, joined
    from ingest.text.topics import Tagger

    tagger = Tagger.load(folder)
    with (folder / "euroscivoc_de.tsv").open(encoding="utf-8", newline="") as f:
        german = {f"euroscivoc:{row['code']}": row["label_de"] for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)}

    def find(text: str, mentions: Sequence[Mention]) -> Sequence[TopicMention]:
        spans = [(m.start, m.end) for m in mentions]
        known = [
            TopicMention(h.start, h.end, h.topic_id, german.get(h.topic_id, text[h.start : h.end]), h.weight)
            for h in tagger.tag(text, "de")
            if not any(a < h.end and h.start < b for a, b in spans)
        ]
        return joined(known, free_topics(text, mentions))

    return find


def counts(texts: Sequence[corpus.Text]) -> Counter[str]:
    """Relations by type, without the negated ones."""
    return Counter(r.type for t in texts for r in t.relations if r.status is not Status.NEGATED)


def train_relations(out: Path, *, precision: float = PRECISION, spare_validation: bool = False, say: Callable[[str], None] = print) -> None:
    """Train on data/corpus and write the model's file and its checksum into a folder.

    precision         wanted share of right relations
    spare_validation  train on the training part alone, to measure on the validation part
    """
    parts = (Part.TRAIN,) if spare_validation else (Part.TRAIN, Part.VALIDATION)
    texts = [t for part in parts for t in corpus.read(part=part)]
    texts += fragments.texts([t for t in texts if t.part is Part.TRAIN], MADE_TEXTS)
    out.mkdir(parents=True, exist_ok=True)
    save(out, train(texts, topics_of(corpus.FOLDER.parent / "reference"), precision, say))
