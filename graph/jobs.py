"""Jobs of the site: what somebody sent (a text, a registry's file) on its way into the graph, followed, confirmed, cancelled, taken back.

    waiting ─► running ─► ready ─► (a person confirms) waiting ─► running ─► done ─► (taken back) waiting ─► running ─► undone
       └──────────┴─────────┴────► cancelled                         └──► failed

``task`` says what is waited for or being done: ``read``, ``map`` (a person says what the columns of a list are), ``write`` or ``undo``.
A person asks for changes here; the one worker of the site (ingest/jobs.py) does them.  What a person said about a text that was read
(`Correction`) lives beside the jobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa

from graph.errors import InnonetError, UsageError
from graph.state import State, now, write_audit

KINDS: Final = ("text", "registry", "update")
STATES: Final = ("waiting", "running", "ready", "done", "failed", "cancelled", "undone")
TASKS: Final = ("read", "map", "write", "undo")
MOST_TRIES: Final = 3
"""A task that took its worker along so often is given up."""
CORRECTIONS: Final = ("kind", "out", "node", "new", "name", "relation", "status", "subject")
"""What a person can say: another kind of name, no name at all, the node that is meant, none of the graph's nodes, a name that was missed,
no such statement, another status of a statement, not about this topic."""


class Cancelled(InnonetError):
    """A person wants this job ended."""

    def __init__(self) -> None:
        super().__init__("Abgebrochen.", "Cancelled.")


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    order     what was asked for: {"title", "files", "source", "dataset", "release", "retrieved"}
    step      what is being done, one of the worker's words; done of whole (0: unknown how much)
    de, en    what happened, for people; "" where the state says it all
    result    what was found and, later, written
    tries     how often the task was begun
    """

    number: int
    kind: str
    who: str
    state: str
    task: str
    order: Mapping[str, Any]
    step: str
    done: int
    whole: int
    de: str
    en: str
    result: Mapping[str, Any]
    created: str
    changed: str
    cancel: bool
    tries: int

    def text(self, language: str) -> str:
        """What happened, in ``de`` or ``en``."""
        return self.en if language == "en" else self.de

    @property
    def open(self) -> bool:
        """Whether the worker still has something to do."""
        return self.state in ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word about a span (characters) of a document that was read; the later one about the same thing stands.

    what   one of CORRECTIONS; value: the kind, the node's id, the statement it is about, ...
    """

    number: int
    job: int
    document: str
    start: int
    end: int
    what: str
    value: str
    who: str
    at: str


class Jobs:
    """The jobs of one state database."""

    def __init__(self, state: State) -> None:
        self._state = state

    # -- what people ask for

    def add(self, kind: str, who: str, order: Mapping[str, Any]) -> Job:
        """A new job that waits for nobody yet: its files are still to be laid down; `send` hands it to the worker."""
        if kind not in KINDS:
            raise ValueError(f"unknown kind of job {kind!r}")
        at = now()
        with self._state.transaction() as c:
            row = c.execute(
                sa.text(
                    """INSERT INTO job (kind, who, state, task, given, created, changed)
                    VALUES (:k, :w, 'ready', '', :o, :t, :t) RETURNING *"""
                ),
                {"k": kind, "w": who, "o": _packed(order), "t": at},
            ).one()
            write_audit(c, at, who, "job", _named(row), "", "waiting")
        return _job(row)

    def send(self, number: int) -> None:
        """Let the worker read what was laid down."""
        self._change(number, {"state": "waiting", "task": "read", "tries": 0})

    def confirm(self, number: int, who: str) -> Job:
        """Let the worker write what it showed.  Raises UsageError where nothing waits for that."""
        return self._ask(number, who, "ready", "write")

    def take_back(self, number: int, who: str) -> Job:
        """Let the worker undo what it wrote.  Raises UsageError where nothing was written."""
        return self._ask(number, who, "done", "undo")

    def cancel(self, number: int, who: str) -> Job:
        """End a job: at once if nobody works on it, else at the worker's next step.  Raises UsageError where there is nothing to end."""
        with self._state.transaction() as c:
            job = _find(c, number)
            if job is None or job.state not in ("waiting", "running", "ready") or job.task == "undo":
                raise _too_late()
            at = now()
            # once something of it may have been written, ending it is work for the worker too
            values: dict[str, Any] = {"cancel": True} if job.task == "write" or job.state == "running" else {"state": "cancelled", "de": "", "en": ""}
            _set(c, number, values, at)
            write_audit(c, at, who, "job", _named(job), job.state, "cancelled")
        return self.one(number)

    def _ask(self, number: int, who: str, state: str, task: str) -> Job:
        with self._state.transaction() as c:
            job = _find(c, number)
            if job is None or job.state != state or (task == "write" and job.task != "read"):
                raise _too_late()
            at = now()
            _set(c, number, {"state": "waiting", "task": task, "tries": 0, "cancel": False, "step": "", "done": 0, "whole": 0, "de": "", "en": ""}, at)
            write_audit(c, at, who, "job", _named(job), state, "confirmed" if task == "write" else "taken back")
        return self.one(number)

    # -- reading

    def find(self, number: int) -> Job | None:
        """One job, None if there is none of this number."""
        with self._state.reading() as c:
            return _find(c, number)

    def one(self, number: int) -> Job:
        """One job that there is."""
        found = self.find(number)
        if found is None:
            raise UsageError(f"Einen Auftrag {number} gibt es nicht.", f"There is no job {number}.")
        return found

    def latest(self, limit: int = 50, *, skip: int = 0) -> list[Job]:
        """The latest jobs, newest first."""
        with self._state.reading() as c:
            rows = c.execute(sa.text("SELECT * FROM job ORDER BY number DESC LIMIT :n OFFSET :s"), {"n": limit, "s": skip})
            return [_job(r) for r in rows]

    def count(self) -> int:
        """How many jobs there ever were."""
        with self._state.reading() as c:
            return int(c.execute(sa.text("SELECT count(*) FROM job")).scalar() or 0)

    def left_lying(self, before: str) -> list[Job]:
        """Jobs that wait for a person since before an ISO time."""
        with self._state.reading() as c:
            return [_job(r) for r in c.execute(sa.text("SELECT * FROM job WHERE state = 'ready' AND changed < :t"), {"t": before})]

    # -- the worker

    def next(self) -> Job | None:
        """The job that waits the longest, now running; None if none waits.  Only the holder of the worker's lock calls it."""
        with self._state.transaction() as c:
            row = c.execute(sa.text("SELECT * FROM job WHERE state = 'waiting' ORDER BY number LIMIT 1")).first()
            if row is None:
                return None
            _set(c, row.number, {"state": "running", "tries": row.tries + 1}, now())
            return _find(c, row.number)

    def orphaned(self) -> list[Job]:
        """Jobs whose worker is gone: they wait again, or are returned where they took their worker along too often."""
        lost = []
        with self._state.transaction() as c:
            for row in c.execute(sa.text("SELECT * FROM job WHERE state = 'running' ORDER BY number")).all():
                if row.tries >= MOST_TRIES:
                    lost.append(_job(row))
                else:
                    _set(c, row.number, {"state": "waiting"}, now())
        return lost

    def progress(self, number: int, step: str, done: int, whole: int) -> None:
        """Say how far a job is.  Raises Cancelled when a person wants it ended."""
        with self._state.transaction() as c:
            job = _find(c, number)
            if job is None or job.cancel:
                raise Cancelled
            _set(c, number, {"step": step, "done": done, "whole": whole}, now())

    def end(self, number: int, state: str, result: Mapping[str, Any] | None = None, said: tuple[str, str] = ("", ""), *, task: str = "") -> None:
        """A task is over: ready, done, failed, cancelled or undone, with what was found and what to say; ``task``: what comes next instead."""
        if state not in STATES:
            raise ValueError(f"unknown state of a job {state!r}")
        with self._state.transaction() as c:
            job = _find(c, number)
            if job is None:
                return
            at = now()
            values: dict[str, Any] = {"state": state, "de": said[0], "en": said[1], "cancel": False, "step": ""}
            if task:
                values["task"] = task
            if result is not None:
                values["result"] = _packed({**job.result, **result})
            _set(c, number, values, at)
            if state != "ready":
                write_audit(c, at, job.who, "job", _named(job), "running", state)

    def wait(self, number: int, said: tuple[str, str]) -> None:
        """The task could not be done now and is nobody's fault: it waits, and this try does not count."""
        self._change(number, {"state": "waiting", "tries": 0, "de": said[0], "en": said[1]})

    def _change(self, number: int, values: Mapping[str, Any]) -> None:
        with self._state.transaction() as c:
            _set(c, number, values, now())

    # -- what people say about a text that was read

    def correct(self, job: int, document: str, start: int, end: int, what: str, value: str, who: str) -> None:
        """Keep a person's word, while the job waits for a confirmation.  Raises UsageError when it no longer does."""
        if what not in CORRECTIONS:
            raise UsageError(f"Berichtigung {what!r} gibt es nicht.", f"There is no correction {what!r}.")
        with self._state.transaction() as c:
            found = _find(c, job)
            if found is None or found.state != "ready":
                raise _too_late()
            at = now()
            c.execute(
                sa.text(
                    """INSERT INTO correction (job, document, start, stop, what, value, who, at)
                    VALUES (:j, :d, :a, :b, :w, :v, :who, :t)"""
                ),
                {"j": job, "d": document, "a": start, "b": end, "w": what, "v": value, "who": who, "t": at},
            )
            write_audit(c, at, who, "correction", f"{document}:{start}-{end}", "", what)

    def withdraw(self, job: int, number: int, who: str) -> None:
        """Take one correction of a job that waits for a confirmation back; it stays on record as undone."""
        with self._state.transaction() as c:
            found = _find(c, job)
            if found is None or found.state != "ready":
                raise _too_late()
            row = c.execute(sa.text("SELECT * FROM correction WHERE number = :n AND job = :j AND NOT undone"), {"n": number, "j": job}).first()
            if row is None:
                return
            c.execute(sa.text("UPDATE correction SET undone = 1 WHERE number = :n"), {"n": number})
            write_audit(c, now(), who, "correction undone", f"{row.document}:{row.start}-{row.stop}", row.what, "")

    def corrections(self, job: int) -> list[Correction]:
        """What stands, in the order in which it was said."""
        with self._state.reading() as c:
            rows = c.execute(sa.text("SELECT * FROM correction WHERE job = :j AND NOT undone ORDER BY number"), {"j": job})
            return [Correction(r.number, r.job, r.document, r.start, r.stop, r.what, r.value, r.who, r.at) for r in rows]


def _too_late() -> UsageError:
    return UsageError(
        "Dafür ist dieser Auftrag nicht (mehr) in dem Stand. Bitte die Seite des Auftrags neu laden; sie sagt, was jetzt geht.",
        "This job is not (or no longer) at that point. Please reload the page of the job; it says what can be done now.",
    )


def _set(c: sa.Connection, number: int, values: Mapping[str, Any], at: str) -> None:
    # names of columns are ours, values are parameters
    c.execute(sa.text(f"UPDATE job SET {', '.join(f'{k} = :{k}' for k in values)}, changed = :at WHERE number = :n"), {**values, "at": at, "n": number})  # noqa: S608


def _find(c: sa.Connection, number: int) -> Job | None:
    row = c.execute(sa.text("SELECT * FROM job WHERE number = :n"), {"n": number}).first()
    return None if row is None else _job(row)


def _named(job: Any) -> str:
    return f"{job.number} {job.kind}"


def _packed(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode()


def _job(r: sa.Row[Any]) -> Job:
    given, result = orjson.loads(r.given), orjson.loads(r.result)
    return Job(r.number, r.kind, r.who, r.state, r.task, given, r.step, r.done, r.whole, r.de, r.en, result, r.created, r.changed, bool(r.cancel), r.tries)
