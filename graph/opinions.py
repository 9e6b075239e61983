"""What people say about suggestions: fits, does not fit, known, competitor, unclear.  Kept for ever, taken back, never overwritten.

An opinion names record ids, so that it survives every load: on a graph version each id leads to the node that now holds its
record (`search.resolve_id`).  An id that leads nowhere keeps its opinion, which counts again when the record comes back.

Whose word counts: of each person the latest about a pair; of these, without the unclear ones, the latest of all persons decides.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from graph.derived import Derived
from graph.errors import UsageError
from graph.search import resolve_id
from graph.state import State, now, write_audit
from graph.suggest import SuggestionAnswer, suggest

FITS, DOES_NOT_FIT, KNOWN, COMPETITOR, UNCLEAR = VERDICTS = ("fits", "does_not_fit", "known", "competitor", "unclear")
HIDING: Final = frozenset((DOES_NOT_FIT, KNOWN, COMPETITOR))
NEWCOMER: Final = ""
"""As the asker: what was suggested for a text.  Such an opinion is counted, but hides and lifts nothing: the next text is another one."""
SHOWN_FIRST: Final = 10
ENOUGH: Final = 50
"""From so many usable opinions on a model may be trained with them."""
_Z: Final = 1.959964
"""Of the normal distribution, for an interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A person's word about one suggestion.

    asker  record id of the organisation that the suggestion was for, or NEWCOMER
    about  record id of the organisation that was suggested
    shown  at which place of the list it stood, 1 the first; None: not known
    at     ISO date and time, UTC
    """

    asker: str
    about: str
    verdict: str
    why: str
    who: str
    at: str
    shown: int | None = None
    number: int = 0
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Precision:
    """Of `judged` suggestions among the first ten `fits` were said to fit.  low, high: Wilson's interval of 95 % for the share."""

    fits: int
    judged: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 where nothing was judged."""
        return self.fits / self.judged if self.judged else 0.0


class Opinions:
    """The opinions of one state database."""

    def __init__(self, state: State) -> None:
        self._state = state

    def judge(self, asker: str, about: str, verdict: str, who: str, why: str = "", *, shown: int | None = None) -> Opinion:
        """Keep a person's word.  Raises UsageError for a verdict that there is not, or an organisation suggested to itself."""
        if verdict not in VERDICTS:
            known = ", ".join(VERDICTS)
            raise UsageError(f"Urteil {verdict!r}: es gibt {known}.", f"verdict {verdict!r}: there are {known}.")
        if not about or asker == about:
            raise UsageError("Ein Urteil nennt eine andere Organisation als die fragende.", "An opinion is about another organisation than the asking one.")
        at = now()
        values: dict[str, Any] = {"asker": asker, "about": about, "verdict": verdict, "why": why, "who": who, "at": at, "shown": shown}
        with self._state.transaction() as c:
            before = c.execute(
                sa.text(
                    """SELECT verdict FROM opinion WHERE asker = :asker AND about = :about AND who = :who AND NOT undone
                    ORDER BY number DESC LIMIT 1"""
                ),
                values,
            ).scalar()
            number = c.execute(
                sa.text(
                    """INSERT INTO opinion (asker, about, verdict, why, who, at, shown)
                    VALUES (:asker, :about, :verdict, :why, :who, :at, :shown) RETURNING number"""
                ),
                values,
            ).scalar_one()
            write_audit(c, at, who, "opinion", _pair(asker, about), str(before or ""), verdict)
        return Opinion(asker, about, verdict, why, who, at, shown, int(number))

    def undo(self, number: int, *, who: str) -> Opinion | None:
        """Take an opinion back (it stays on record as undone; what the person said before then counts again).  None if there is none."""
        with self._state.transaction() as c:
            row = c.execute(sa.text("SELECT * FROM opinion WHERE number = :n AND NOT undone"), {"n": number}).first()
            if row is None:
                return None
            c.execute(sa.text("UPDATE opinion SET undone = 1 WHERE number = :n"), {"n": number})
            write_audit(c, now(), who, "opinion undone", _pair(row.asker, row.about), row.verdict, "")
        return _opinion(row)

    def all(self) -> list[Opinion]:
        """Every opinion that ever was, the latest first."""
        with self._state.reading() as c:
            return [_opinion(r) for r in c.execute(sa.text("SELECT * FROM opinion ORDER BY number DESC"))]

    def one(self, number: int) -> Opinion | None:
        """The opinion of a number, taken back or not; None if there is none."""
        with self._state.reading() as c:
            row = c.execute(sa.text("SELECT * FROM opinion WHERE number = :n"), {"n": number}).first()
        return None if row is None else _opinion(row)

    def stamp(self) -> tuple[Path, int, int]:
        """Changes with every opinion and every one taken back."""
        with self._state.reading() as c:
            row = c.execute(sa.text("SELECT (SELECT max(number) FROM opinion) AS last, (SELECT count(*) FROM opinion WHERE undone = 1) AS undone")).one()
        return self._state.path, int(row.last or 0), int(row.undone)


def _pair(asker: str, about: str) -> str:
    return f"{asker or '-'} {about}"


def _opinion(row: sa.Row[Any]) -> Opinion:
    return Opinion(row.asker, row.about, row.verdict, row.why, row.who, row.at, row.shown, row.number, bool(row.undone))


# ---------------------------------------------------------------------------------------------------------------- which of them count

Pair = tuple[str, str]


def standing(opinions: Iterable[Opinion], node: Callable[[str], str] = str) -> list[Opinion]:
    """Of each person the latest opinion about each pair, oldest first.  `node`: which id a record is compared by."""
    latest: dict[tuple[str, str, str], Opinion] = {}
    for o in sorted(opinions, key=lambda o: o.number):
        if not o.undone:
            latest[(o.who, node(o.asker), node(o.about))] = o
    return sorted(latest.values(), key=lambda o: o.number)


def deciding(opinions: Iterable[Opinion], node: Callable[[str], str] = str) -> dict[Pair, Opinion]:
    """(asker, about) -> the opinion that decides: of those that stand and are not unclear the latest."""
    return {(node(o.asker), node(o.about)): o for o in standing(opinions, node) if o.verdict != UNCLEAR}


def nodes(derived: Derived, known: dict[str, str] | None = None) -> Callable[[str], str]:
    """Record id -> id of the node that holds the record now, or the record id itself where there is none.  `known`: what was found before."""
    found: dict[str, str] = {} if known is None else known
    found[NEWCOMER] = NEWCOMER

    def node(record: str) -> str:
        if record not in found:
            found[record] = resolve_id(derived, record) or record
        return found[record]

    return node


def precision(opinions: Iterable[Opinion], node: Callable[[str], str] = str) -> Precision:
    """How many of the judged suggestions that stood among the first ten fit; known ones and competitors say nothing about that."""
    first = [o for o in deciding(opinions, node).values() if o.shown is not None and o.shown <= SHOWN_FIRST and o.verdict in (FITS, DOES_NOT_FIT)]
    fits, n = sum(o.verdict == FITS for o in first), len(first)
    return Precision(fits, n, *wilson(fits, n))


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Interval of 95 % for a share (Wilson, Probable inference, JASA 22, 1927); (0, 1) where nothing was seen."""
    if not n:
        return 0.0, 1.0
    p, zz = hits / n, _Z * _Z
    middle = (p + zz / (2 * n)) / (1 + zz / n)
    half = _Z / (1 + zz / n) * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


# ---------------------------------------------------------------------------------------------------------------- what they do


@dataclass(slots=True)
class _Grouped:
    """All opinions by the node of their asker, as they were at a stamp.  node_of: record id -> node, which holds as long as the files do."""

    node_of: dict[str, str] = field(default_factory=dict)
    stamp: object = None
    by_asker: Mapping[str, list[Opinion]] = field(default_factory=dict)


_grouped: WeakKeyDictionary[Derived, _Grouped] = WeakKeyDictionary()
_lock = threading.Lock()


def said_for(state: State, derived: Derived, org_id: str) -> Mapping[str, Opinion]:
    """Organisation (id of its node) -> the opinion that decides whether it is suggested to `org_id` (id of a node).

    Whatever record of the one or the other was named.  Not told: what leads to no node now, and pairs that have become one organisation.
    """
    opinions = Opinions(state)
    stamp = opinions.stamp()
    with _lock:
        kept = _grouped.setdefault(derived, _Grouped())
        node = nodes(derived, kept.node_of)
        if kept.stamp != stamp:
            by_asker: dict[str, list[Opinion]] = {}
            for o in opinions.all():
                by_asker.setdefault(node(o.asker), []).append(o)
            kept.stamp, kept.by_asker = stamp, by_asker
        own = kept.by_asker.get(org_id, []) if org_id != NEWCOMER else []
    found = {about: o for (_asker, about), o in deciding(own, node).items()}
    return {about: o for about, o in found.items() if about != org_id and derived.index(about) is not None}


def hidden_and_lifted(state: State, derived: Derived, org_id: str) -> tuple[set[str], set[str]]:
    """Whom people's words hide from an organisation, and whom they lift: ids of nodes."""
    said = said_for(state, derived, org_id)
    return {about for about, o in said.items() if o.verdict in HIDING}, {about for about, o in said.items() if o.verdict == FITS}


def suggest_judged(state: State, derived: Derived, org_id: str, *, suppressed: Collection[str] = (), **options: Any) -> SuggestionAnswer:
    """Suggestions as people want them: what they said does not fit, is known or competes is left out, what fits is lifted.

    `options` as of `suggest`.  The opinions of everybody count for everybody: they are the common knowledge of an office.
    """
    hidden, lifted = hidden_and_lifted(state, derived, org_id)
    return suggest(derived, org_id, suppressed={*suppressed, *hidden}, lifted=lifted, **options)


def training_pairs(state: State, derived: Derived) -> list[tuple[int, int, int]]:
    """(row of the asker, row of the candidate, +1 fits or -1 does not fit), by rows.

    Only what says something about the match: a known partner or a competitor may well be a good one, and an opinion about a
    newcomer's text has no row to learn from.
    """
    worth = {FITS: 1, DOES_NOT_FIT: -1}
    out = []
    for (asker, about), o in deciding(Opinions(state).all(), nodes(derived)).items():
        a, b = derived.index(asker), derived.index(about)
        if a is not None and b is not None and a != b and o.verdict in worth:
            out.append((a, b, worth[o.verdict]))
    return sorted(out)
