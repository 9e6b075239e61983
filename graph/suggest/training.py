"""Fitting and measuring the ranking on what became of a network: who met whom after a date, ranked from what was known before.

Deterministic: the same files and seed give the same weights.  Of the years after the date nothing but the answers is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from graph.derived import KINDS, Derived
from graph.model import Kind
from graph.suggest.features import FEATURES, Question, Rows
from graph.suggest.filters import allowed_mask
from graph.suggest.model import Model
from graph.suggest.rank import candidates, values_of

MIXED: Final = ("network", "circle", "topic", "well_connected", "country", "kind")
"""The features of «mixed» that are fitted: of those tried, the fewest within noise of the best (docs/suggestions.md)."""
GIVEN: Final[Mapping[str, float]] = {"shared_partner": 0.16, "place": 0.17}
"""Weights that are set as in the first version, since CORDIS cannot tell them: it states no cooperations, which the walk does not follow,
and too few positions.  They change no figure there beyond noise."""
FITTED_ON: Final = (*MIXED, *GIVEN)
REACH: Final = 0.3
"""The reach at which the weights hold."""
QUERIES: Final = 2000
SEED: Final = 5
LITTLE_KNOWN: Final = 5
"""Projects up to which a partner counts as little known."""
LITTLE_KNOWN_COUNTS: Final = 2.0
"""A little-known new partner counts as much as so many others in the fit."""
OPINIONS_COUNT: Final = 20.0
"""What people said of one asker's suggestions counts as much as so many askers of the registry.  Set by hand."""
PENALTY: Final = 1e-3
K: Final = 50
_GAIN: Final = 1 / np.log2(np.arange(2, 12))

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """One organisation that later met new partners, and its candidates.

    values  float32 [candidates, features]        hit         bool [candidates], met later
    little  bool [candidates], little known       met         number of new partners, candidates or not; met_little of them little known
    counts  as much as so many others in the fit
    """

    row: int
    found: Rows
    values: npt.NDArray[np.float32]
    hit: npt.NDArray[np.bool_]
    little: npt.NDArray[np.bool_]
    met: int
    met_little: int
    counts: float = 1.0


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of every query, in the same order; NaN where a query says nothing.

    NDCG@10 (binary), a hit among the first 10, recall among the first 50, reciprocal rank of the first hit there, and recall of little-known partners.
    """

    ndcg: Floats
    hits: Floats
    recall: Floats
    rank: Floats
    little: Floats

    def means(self, keep: npt.NDArray[np.bool_] | None = None) -> dict[str, float]:
        """Mean figures, of some queries only if asked."""
        chosen = {n: getattr(self, n) if keep is None else getattr(self, n)[keep] for n in FIGURES}
        return {n: float(np.nanmean(x)) if np.isfinite(x).any() else float("nan") for n, x in chosen.items()}


FIGURES: Final = ("ndcg", "hits", "recall", "rank", "little")


def sample(truth: Mapping[int, Collection[int]], queries: int = QUERIES, seed: int = SEED) -> list[int]:
    """Rows of the organisations that are asked for, ascending."""
    known = sorted(r for r, met in truth.items() if met)
    chosen = np.random.default_rng(seed).choice(len(known), min(queries, len(known)), replace=False)
    return [known[i] for i in sorted(chosen.tolist())]


def cases(derived: Derived, truth: Mapping[int, Collection[int]], names: Sequence[str], rows: Sequence[int]) -> list[Case]:
    """Candidates and features of some organisations, as the ranking sees them.  `truth`: row -> rows of its later new partners."""
    little = derived.org_project.degree() <= LITTLE_KNOWN
    out = []
    for row in rows:
        q = Question(derived, row)
        c = candidates(q, allowed_mask(q, exclude_unnamed=False))
        met = np.array(sorted(truth[row]), np.int64)
        values = np.stack([values_of(q, c, n) for n in names], 1).astype(np.float32)
        out.append(Case(row, c, values, np.isin(c, met), np.asarray(little[c]), len(met), int(little[met].sum())))
    return out


def opinion_cases(derived: Derived, pairs: Sequence[tuple[int, int, int]], names: Sequence[str]) -> list[Case]:
    """What people said about suggestions, as cases: of every asker with both, those who fit against those who do not.

    pairs  (row of the asker, row of the candidate, +1 fits or -1 does not fit), as `opinions.training_pairs` gives them
    Values are those that the ranking sees, among all the asker's candidates.
    """
    little = derived.org_project.degree() <= LITTLE_KNOWN
    said: dict[int, dict[int, int]] = {}
    for asker, about, worth in pairs:
        said.setdefault(asker, {})[about] = worth
    out = []
    for row, judged in sorted(said.items()):
        if {1, -1} <= set(judged.values()):
            q = Question(derived, row)
            theirs = np.array(sorted(judged), np.int64)
            c = np.union1d(candidates(q, allowed_mask(q)), theirs).astype(np.int64)
            values = np.stack([values_of(q, c, n) for n in names], 1).astype(np.float32)[np.searchsorted(c, theirs)]
            hit = np.array([judged[i] > 0 for i in theirs.tolist()])
            out.append(Case(row, theirs, values, hit, np.asarray(little[theirs]), int(hit.sum()), int((hit & little[theirs]).sum()), OPINIONS_COUNT))
    return out


def ordered(said: Sequence[Case], weights: Floats) -> float:
    """Share of the pairs (fits, does not fit) of one asker whose order the weights get right, a tie counts half; NaN without pairs."""
    right = total = 0.0
    for c in said:
        s = np.round(c.values.astype(np.float64) @ weights, 9)
        better = s[c.hit][:, None] - s[~c.hit][None, :]
        right += float((better > 0).sum() + (better == 0).sum() / 2)
        total += better.size
    return right / total if total else float("nan")


def fit(train: Sequence[Case], features: Sequence[int], little_counts: float = LITTLE_KNOWN_COUNTS, penalty: float = PENALTY) -> Floats:
    """Weights >= 0 with the least cross-entropy between the new partners and a softmax over the candidates (ListNet, Cao et al., ICML 2007)."""
    used = [c for c in train if c.hit.any()]
    x = np.concatenate([c.values[:, features] for c in used])
    size = np.array([len(c.hit) for c in used])
    at = np.concatenate([[0], np.cumsum(size)[:-1]])
    target = np.concatenate([np.where(c.hit, np.where(c.little, little_counts, 1.0), 0.0) for c in used])
    share = np.array([c.counts for c in used])
    share /= share.sum()
    target *= np.repeat(share / np.add.reduceat(target, at), size)
    wanted = (target @ x).astype(np.float64)

    def loss(w: Floats) -> tuple[float, Floats]:
        s = (x @ w.astype(np.float32)).astype(np.float64)
        top = np.maximum.reduceat(s, at)
        e = np.exp(s - np.repeat(top, size))
        z = np.add.reduceat(e, at)
        chance = (e * np.repeat(share / z, size)).astype(np.float32)
        value = float(-wanted @ w + share @ (np.log(z) + top) + penalty * (w @ w))
        return value, -wanted + (chance @ x).astype(np.float64) + 2 * penalty * w

    start = np.full(len(features), 0.3)
    result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(features), options={"maxiter": 80})
    return np.asarray(result.x)


def quality(test: Sequence[Case], scores: Sequence[npt.NDArray[np.float32] | Floats]) -> Quality:
    """Figures of a ranking of the candidates by scores, ties by id."""
    ranked = [c.found[np.lexsort((c.found, -np.round(s.astype(np.float64), 9)))[:K]] for c, s in zip(test, scores, strict=True)]
    return measured(ranked, [c.found[c.hit] for c in test], [c.found[c.little] for c in test], [(c.met, c.met_little) for c in test])


def measured(ranked: Sequence[Rows], met: Sequence[Rows], little: Sequence[Rows], counts: Sequence[tuple[int, int]]) -> Quality:
    """Figures of ranked lists, at most K each.  `little`: little-known ones among the ranked; counts: (new partners, little-known ones) of every query."""
    table = np.full((len(ranked), len(FIGURES)), np.nan)
    for i, (rows, (all_met, all_little)) in enumerate(zip(ranked, counts, strict=True)):
        hit = np.isin(rows[:K], met[i])
        first = np.flatnonzero(hit)
        ndcg = float(hit[:10] @ _GAIN[: len(hit[:10])]) / float(_GAIN[: min(10, all_met)].sum())
        table[i, :4] = ndcg, hit[:10].any(), hit.sum() / all_met, 1 / (first[0] + 1) if len(first) else 0.0
        if all_little:
            table[i, 4] = (hit & np.isin(rows[:K], little[i])).sum() / all_little
    return Quality(*table.T)


def interval(a: Floats, b: Floats, draws: int = 1000, seed: int = 1) -> tuple[float, float]:
    """95 % interval of the mean difference a - b of paired figures, by the bootstrap over queries (Efron 1979)."""
    d = (a - b)[np.isfinite(a) & np.isfinite(b)]
    if not len(d):
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    means = [d[rng.integers(0, len(d), len(d))].mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def slices(derived: Derived, rows: Sequence[int]) -> dict[str, npt.NDArray[np.bool_]]:
    """Which queries belong to all, to Germany, to companies."""
    at = np.array(rows, np.int64)
    german = derived.countries.index("DE") if "DE" in derived.countries else -2
    return {"all": np.ones(len(at), np.bool_), "German": derived.country[at] == german, "company": derived.kinds[at] == KINDS.index(Kind.COMPANY)}


def by_one_feature(derived: Derived, truth: Mapping[int, Collection[int]], name: str, rows: Sequence[int]) -> Quality:
    """Figures of ranking everybody by one feature alone, ties by id: what the literature's simple methods give."""
    degree = derived.org_project.degree()
    ranked, met, counts = [], [], []
    for row in rows:
        q = Question(derived, row)
        c = np.flatnonzero(allowed_mask(q, exclude_unnamed=False))
        values = FEATURES[name].function(q, c)
        ranked.append(c[np.lexsort((c, -values))[:K]])
        met.append(np.array(sorted(truth[row]), np.int64))
        counts.append((len(met[-1]), int((degree[met[-1]] <= LITTLE_KNOWN).sum())))
    return measured(ranked, met, [r[degree[r] <= LITTLE_KNOWN] for r in ranked], counts)


def train(derived: Derived, truth: Mapping[int, Collection[int]], said: Sequence[Case] = ()) -> tuple[Model, dict[str, dict[str, float]]]:
    """The model from all sampled queries and what people `said` (`opinion_cases` of FITTED_ON), and figures.

    Figures: of a model fitted on every other query and measured on the rest, beside Adamic-Adar there; with opinions the share of their pairs in the
    right order by that model, which has not seen them, and by the final one, which has.
    """
    rows = sample(truth)
    made = cases(derived, truth, FITTED_ON, rows)
    half = with_given(fit(made[::2], range(len(MIXED))))
    held = quality(made[1::2], [c.values @ half for c in made[1::2]])
    plain = by_one_feature(derived, truth, "shared_partner", rows[1::2])
    low, high = interval(held.ndcg, plain.ndcg)
    figures = {"held_out": held.means(), "adamic_adar": plain.means(), "ndcg_more_than_adamic_adar": {"low": low, "high": high}}
    final = with_given(fit([*made, *said], range(len(MIXED))))
    if said:
        figures["opinions_in_order"] = {"without_them": ordered(said, half), "with_them": ordered(said, final)}
    weights = dict(zip(FITTED_ON, final.tolist(), strict=True))
    return Model(weights, REACH), {name: {n: round(x, 4) for n, x in row.items()} for name, row in figures.items()}


def with_given(fitted: Floats) -> Floats:
    """Fitted weights with those that are set behind them."""
    return np.concatenate([fitted, list(GIVEN.values())])
