"""Deciding anew which records are one: what would be decided, what was, and carrying judgements over as they come, and jobs."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import filelock

from graph.errors import InnonetError
from graph.settings import Settings
from graph.state import State
from graph.store import open_store
from graph.suppression import Suppression
from ingest import identity, jobs, load
from ingest.identity import Identity

COLUMNS: Final = ("decision", "by", "score", "a", "a_name", "b", "b_name", "levels")

_PAUSE_SECONDS: Final = 1.0
_AFTER_FAILURE_SECONDS: Final = 30.0

log = logging.getLogger(__name__)


def decisions(settings: Settings) -> Iterator[dict[str, Any]]:
    """Every decision that claims and judgements lead to, and every question; nothing is written.

    decision  ``joined``, ``asked``, or ``kept apart`` for what contradicting identifiers prevented
    """
    with State(settings.home) as state:
        _, decided = load.image_of(settings, state.judgements(), suppressed=Suppression(state).ids())
    outcome, records = decided.outcome, decided.records

    def row(decision: str, by: str, a: str, b: str, score: float | None = None, levels: tuple[str, ...] = ()) -> dict[str, Any]:
        names = {f"{side}_name": records[i][1]["name"] if i in records else None for side, i in (("a", a), ("b", b))}
        return {"decision": decision, "by": by, "score": score, "a": a, "b": b, **names, "levels": " ".join(levels)}

    for j in outcome.joined:
        yield row("joined", j.by, j.a, j.b, j.pair.score if j.pair else None, j.pair.levels if j.pair else ())
    for u in outcome.unsure:
        yield row("asked", u.why, u.pair.a, u.pair.b, u.pair.score, u.pair.levels)
    for c in outcome.conflicts:
        yield row("kept apart", f"identifier:{c.scheme}", c.a, c.b)


def summary(settings: Settings) -> tuple[str, str]:
    """What the last load decided, in German and English."""
    with Identity(settings.home) as found:
        joined, asked = found.counts()
    return (
        f"{joined} Entscheidungen, dass zwei Sätze eine Organisation sind; {asked} offene Fragen (innonet review).",
        f"{joined} decisions that two records are one organisation; {asked} open questions (innonet review).",
    )


def carry_over(settings: Settings) -> bool:
    """Bring judgements that came since the last load into the graph; False if there were none."""
    with State(settings.home) as state:
        if identity.stamp_of(settings.home) == identity.stamp(state.judgements()):
            return False
    with load.write_lock(settings), open_store(settings, write=True) as store:
        load.load(settings, store)
    return True


def follow(settings: Settings, *, goes_on: Callable[[], bool] | None = None) -> None:
    """Do jobs and carry judgements over as they come, until the process that started this one ends.

    Only one such process works in a home; another one waits for it to end.  An engine that is away or a lock that is held is waited
    for; jobs and judgements are safe in the state database meanwhile.
    """
    parent = os.getppid()
    alive = goes_on or (lambda: os.getppid() == parent)
    lock = jobs.worker_lock(settings)
    while alive():
        try:
            lock.acquire(timeout=0)
            break
        except filelock.Timeout:
            time.sleep(_PAUSE_SECONDS)
    else:
        return
    recovered = False
    try:
        while alive():
            try:
                if not recovered:
                    jobs.recover(settings)
                    recovered = True
                if jobs.run_next(settings):
                    continue
                carry_over(settings)
            except InnonetError as e:
                log.warning("%s", e.en)
                time.sleep(_AFTER_FAILURE_SECONDS)
            time.sleep(_PAUSE_SECONDS)
    finally:
        lock.release()
