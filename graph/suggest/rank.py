"""Who should meet: candidates by several roads, ranked by a small linear model whose weights stand in model.json and weights.json.

score = sum over features of weight x value, both >= 0: what a feature adds to a score is what it gives as a reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import orjson

from graph.derived import Derived
from graph.errors import UsageError
from graph.model import Label, Reason, Suggestion
from graph.suggest.explain import JUDGED, reasons_of
from graph.suggest.features import FEATURES, Newcomer, Question, Rows, Values
from graph.suggest.filters import Filters, Mask, allowed_mask, filter_masks, loosening
from graph.suggest.model import Model, model

Mode = Literal["mixed", "similar", "complementary"]
MODES: Final[tuple[Mode, ...]] = ("mixed", "similar", "complementary")
NO_FILTERS: Final = Filters()
WEIGHTS_FILE: Final = Path(__file__).with_name("weights.json")

ROADS: Final[Mapping[str, int]] = {
    "network": 800,
    "shared_partner": 300,
    "circle": 300,
    "topic_activity": 300,
    "topic": 200,
    "text": 200,
    "activity": 150,
    "place": 200,
}
"""How many candidates each feature brings in; the ranking then looks at all of them together."""

LIFT: Final = 0.5
"""What people's «fits» adds to a score, in scores of the best candidate."""

FIRST_REACH: Final = 0.3
"""The reach at which the weights in weights.json hold."""

STEEPNESS: Final = 10.0
"""Of the logarithm that open scales go through: a value of a tenth of the median counts as log 2."""

NOTES: Final[Mapping[str, tuple[str, str]]] = {
    "no_links": (
        "Diese Organisation hat in den Quellen weder Projekte noch Kooperationen. Die Vorschläge beruhen auf Themen und Ort.",
        "The sources know no project and no cooperation of this organisation. The suggestions rest on topics and place.",
    ),
    "thin": (
        "Über diese Organisation ist auch kein Thema bekannt. Die Vorschläge beruhen nur auf Ort und Art.",
        "No topic of this organisation is known either. The suggestions rest on place and kind only.",
    ),
    "no_position": (
        "Der Ort dieser Organisation ist unbekannt. Ein Umkreis lässt sich nicht bilden.",
        "The position of this organisation is unknown. A radius cannot be drawn.",
    ),
    "no_model": (
        "Die Datei der gelernten Gewichte fehlt oder passt nicht zu diesem Programm. Es rechnen die Gewichte der ersten Fassung.",
        "The file of the fitted weights is missing or does not fit this program. The weights of the first version rank.",
    ),
    "newcomer": (
        "Die Vorschläge beruhen allein auf dem, was Sie geschrieben haben: Themen, Wörter und Ort.",
        "The suggestions rest only on what you wrote: topics, words and place.",
    ),
    "no_topic": (
        "In Ihrem Text ist kein Thema zu erkennen, das hier bekannt ist. Schreiben Sie, was Sie herstellen, entwickeln oder suchen.",
        "No topic that is known here can be found in your text. Write what you make, develop or look for.",
    ),
    "filtered": ("Die Filter lassen niemanden übrig.", "The filters leave nobody."),
    "few": ("Es gibt weniger passende Organisationen als gewünscht.", "There are fewer matching organisations than asked for."),
}


@dataclass(frozen=True, slots=True)
class SuggestionAnswer:
    """Suggestions, best first, and codes of NOTES that say what they rest on.

    id          of the organisation that asked, "" for a newcomer
    loosen      where the filters leave nobody: (name in FILTERS, how many come back without it), most first
    candidates  how many were ranked
    """

    id: str
    suggestions: tuple[Suggestion, ...]
    notes: tuple[str, ...] = ()
    mode: Mode = "mixed"
    loosen: tuple[tuple[str, int], ...] = ()
    candidates: int = 0


@dataclass(frozen=True, slots=True)
class Scored:
    """Candidates with what every feature adds to their score.  `parts` is [candidates, features], in the order of `features`."""

    candidates: Rows
    features: tuple[str, ...]
    parts: npt.NDArray[np.float64]

    @property
    def scores(self) -> npt.NDArray[np.float64]:
        """Sum of the parts of every candidate."""
        return np.asarray(self.parts.sum(1))

    def best(self, top: int) -> npt.NDArray[np.int64]:
        """Positions of the best candidates, best first, ties by id."""
        return np.lexsort((self.candidates, -np.round(self.scores, 9)))[:top]


@cache
def weights() -> Mapping[str, Mapping[str, float]]:
    """The weights of every mode and of newcomers, as of the first version: name of a feature -> weight >= 0."""
    table: dict[str, dict[str, float]] = orjson.loads(WEIGHTS_FILE.read_bytes())["weights"]
    return table


def suggest(
    derived: Derived,
    who: str | Newcomer,
    *,
    mode: Mode = "mixed",
    filters: Filters = NO_FILTERS,
    top: int = 10,
    skip: int = 0,
    exclude_unnamed: bool = True,
    suppressed: Collection[str] = (),
    lifted: Collection[str] = (),
    reasons: bool = True,
    parts: bool = False,
    reach: float | None = None,
) -> SuggestionAnswer:
    """Suggest partners for an organisation (id) or a newcomer, best first; whom the rules and filters let pass: see filters.py.

    filters          a radius where the own position is unknown: nobody, with a note
    top, skip        so many, behind so many better ones
    exclude_unnamed  False only for measuring on data in which many names are missing
    suppressed       ids that are left out
    lifted           ids that people said fit: they are candidates whatever leads to them, and get a bonus with a reason of its own
    reasons          False leaves the reasons out (for measuring)
    parts            the organisation asks for all its parts as well: what they do and with whom counts as its own
    reach            from 0 (well-established partners rather) to 1 (how well known somebody is does not count); None: as fitted
    Raises UsageError for an unknown id, mode or filter, or a reach out of range.
    """
    q = asked(derived, who, mode=mode, reach=reach, parts=parts)
    id_ = who if isinstance(who, str) else ""
    notes = notes_of(q)
    if model() is None and mode == "mixed" and not notes:
        notes = ("no_model",)
    allowed = allowed_mask(q, exclude_unnamed=exclude_unnamed, suppressed=suppressed)
    masks = filter_masks(q, filters)
    if "within" in masks and q.points.shape[1] == 0:
        return SuggestionAnswer(id_, (), (*notes, "no_position"), mode)
    passing = np.logical_and.reduce([allowed, *masks.values()])
    loosen = () if passing.any() else loosening(allowed, masks)
    scored = scored_for(q, passing, mode=mode, reach=reach, lifted=lifted)
    best = scored.best(max(0, skip) + max(0, top))[max(0, skip) :]
    if loosen:
        notes = (*notes, "filtered")
    elif len(best) < top:
        notes = (*notes, "few")
    found = tuple(suggestion_at(q, scored, int(k), reasons=reasons) for k in best)
    return SuggestionAnswer(id_, found, notes, mode, loosen, len(scored.candidates))


def asked(derived: Derived, who: str | Newcomer, *, mode: Mode = "mixed", reach: float | None = None, parts: bool = False) -> Question:
    """The question of an organisation or a newcomer.  Raises UsageError for an unknown id or mode, or a reach out of range."""
    if mode not in MODES:
        raise UsageError(f"Unbekannter Modus «{mode}»: {', '.join(MODES)}.", f"Unknown mode {mode!r}: {', '.join(MODES)}.")
    if reach is not None and not 0 <= reach <= 1:
        raise UsageError(f"Die Reichweite {reach} liegt nicht zwischen 0 und 1.", f"The reach {reach} is not between 0 and 1.")
    if isinstance(who, Newcomer):
        return Question(derived, who)
    row = derived.index(who)
    if row is None:
        raise UsageError(f"Es gibt keine Organisation «{who}».", f"There is no organisation {who!r}.")
    return Question(derived, row, parts=parts)


def scored_for(
    q: Question, allowed: Mask, *, mode: Mode = "mixed", reach: float | None = None, lifted: Collection[str] = (), also: Sequence[int] = ()
) -> Scored:
    """The candidates among the allowed ones with the parts of their scores.  `also`: rows that are looked at whatever leads to them."""
    praised = [i for i in map(q.derived.index, lifted) if i is not None and (allowed[i] or i in also)]
    everyone = np.union1d(candidates(q, allowed), [*praised, *also]).astype(np.int64)
    return lift(score(q, everyone, table_for(mode, notes_of(q), model(), reach)), praised)


def table_for(mode: Mode, notes: Sequence[str], fitted: Model | None = None, reach: float | None = None) -> Mapping[str, float]:
    """The weights that rank: those of the mode, or the newcomers' where there are no links; fitted ones for «mixed» where there are any."""
    if mode == "mixed" and not {"no_links", "newcomer"} & set(notes) and fitted is not None:
        return at_reach(fitted.weights, fitted.reach, reach)
    return at_reach(weights()[_table_name(mode, notes)], FIRST_REACH, reach)


def _table_name(mode: Mode, notes: Sequence[str]) -> str:
    """Who has no links is ranked by weights of its own where a mixture is asked for."""
    return next((n for n in ("no_links", "newcomer") if n in notes), mode) if mode == "mixed" else mode


def at_reach(table: Mapping[str, float], holds_at: float, reach: float | None) -> Mapping[str, float]:
    """The weights at another reach: how well known a candidate is counts the less, the greater it is, and nothing at 1.

    holds_at  the reach at which the weights hold, < 1
    """
    if reach is None:
        return table
    left = (1 - reach) / (1 - holds_at)
    return {n: w * left if FEATURES[n].fame else w for n, w in table.items()}


def notes_of(q: Question) -> tuple[str, ...]:
    """What suggestions for the one who asks rest on, as codes of NOTES; none where there are links."""
    if q.row < 0:
        return ("newcomer",) if len(q.topics) or q.text else ("newcomer", "no_topic")
    if len(q.projects) or len(q.partners):
        return ()
    return ("no_links",) if len(q.topics) else ("no_links", "thin")


def candidates(q: Question, allowed: Mask) -> Rows:
    """Rows of the candidates of all roads, ascending."""
    everyone = np.flatnonzero(allowed)
    if len(everyone) <= sum(ROADS.values()):
        return everyone
    found: list[Rows] = []
    for name, size in ROADS.items():
        values = FEATURES[name].function(q, everyone)
        if size < len(values):
            best = np.argpartition(-values, size)[:size]
            found.append(everyone[best[values[best] > 0]])
    return np.unique(np.concatenate(found)) if found else everyone[:0]


def values_of(q: Question, c: Rows, name: str) -> npt.NDArray[np.float64]:
    """A feature as the ranking sees it, >= 0."""
    feature = FEATURES[name]
    raw: Values = feature.function(q, c)
    if not feature.scaled:
        return raw.astype(np.float64)
    positive = raw[raw > 0]
    return np.log1p(raw * (STEEPNESS / float(np.median(positive)))).astype(np.float64) if len(positive) else np.zeros(len(c))


def score(q: Question, c: Rows, table: Mapping[str, float]) -> Scored:
    """What every feature with a weight adds to every candidate."""
    names = tuple(n for n in FEATURES if table.get(n, 0) > 0)
    parts = np.zeros((len(c), len(names)))
    for k, name in enumerate(names):
        parts[:, k] = table[name] * values_of(q, c, name)
    return Scored(c, names, parts)


def lift(scored: Scored, rows: Sequence[int]) -> Scored:
    """The candidates in `rows` get the bonus JUDGED: half of the best score that the model itself gave."""
    if not len(rows) or not len(scored.candidates):
        return scored
    bonus = np.isin(scored.candidates, rows) * (LIFT * max(float(scored.scores.max()), 1e-6))
    return Scored(scored.candidates, (*scored.features, JUDGED), np.column_stack((scored.parts, bonus)))


def suggestion_at(q: Question, scored: Scored, k: int, *, reasons: bool) -> Suggestion:
    """The k-th candidate as a suggestion."""
    d, row = q.derived, int(scored.candidates[k])
    total = float(scored.parts[k].sum())
    shares = {name: float(part) / total for name, part in zip(scored.features, scored.parts[k], strict=True) if part > 0} if total > 0 else {}
    why: tuple[Reason, ...] = reasons_of(q, row, shares) if reasons else ()
    distance = float(q.distance[row]) if reasons else float("nan")
    return Suggestion(
        id=d.ids[row],
        name=d.name_of(Label.ORGANIZATION, row),
        score=round(total, 6),
        kind=d.kind_of(row),
        city=d.cities[row],
        website=d.websites[row],
        country=d.countries[d.country[row]] if d.country[row] >= 0 else "",
        reasons=why,
        distance_km=None if np.isnan(distance) else round(distance, 1),
    )
