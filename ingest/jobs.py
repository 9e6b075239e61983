"""The worker's side of jobs: reads what was sent, shows what would change, writes what a person confirmed, takes it back.

What belongs to a job lies in ``jobs/<number>/`` of the home: the files as they came (``files/``, gone once they are read or the job is
over), what was found in texts (``read.json.gz``, without names of persons), the claims that would be put in force (``staged.jsonl.gz``)
and those that they replace (``before.jsonl.gz``).  Every step can be killed and done again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import filelock

from graph.errors import EngineUnreachable, InnonetError, UsageError
from graph.jobs import Cancelled, Job, Jobs
from graph.settings import Settings
from graph.state import State
from graph.store import open_store
from ingest import claims, difference, load
from ingest.base import Context, FileError, Release
from ingest.sources import csv_list
from ingest.text import checking, documents
from ingest.text.checking import Checked, Reading, label_of
from ingest.text.read import Limits, ReadProblem, read_bytes
from ingest.text.source import META as TEXT

LONGEST_TEXT: Final = 600_000
"""Characters of all texts of one job: more cannot be looked through by a person; the command line takes more."""
KEPT_DAYS: Final = 30
"""A job that nobody confirms is ended then."""
STAGED: Final = "staged.jsonl.gz"
_BEFORE: Final = "before.jsonl.gz"
_READ: Final = "read.json.gz"

Report = Callable[[str, int, int], None]


class AlreadyLoaded(FileError):
    """Exactly these files are loaded."""


def folder(home: Path, number: int) -> Path:
    """Where a job's files lie."""
    return home / "jobs" / str(number)


def files_folder(home: Path, number: int) -> Path:
    """Where what was sent is laid down."""
    return folder(home, number) / "files"


def readings(home: Path, number: int) -> list[Reading]:
    """The texts of a job that waits for a confirmation.  Raises UsageError when there are none (any more)."""
    path = folder(home, number) / _READ
    if not path.exists():
        raise UsageError(f"Zu Auftrag {number} liegt kein gelesener Text (mehr) vor.", f"There is no text that was read for job {number} (any more).")
    return checking.load(path)


def worker_lock(settings: Settings) -> filelock.BaseFileLock:
    """Held by the one worker of a home."""
    path = settings.home / "graph" / "worker.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return filelock.FileLock(path)


def recover(settings: Settings) -> None:
    """Take care of what a worker that is gone left: its job waits again or is given up; what nobody confirmed in a month is ended."""
    with State(settings.home) as state:
        jobs = Jobs(state)
        for job in jobs.orphaned():
            said = (
                "Der Auftrag wurde mehrmals mitten in der Arbeit beendet und ist aufgegeben; im Graphen ist nichts davon. Große Dateien: innonet ingest.",
                "The job was ended in the middle of its work several times and is given up; nothing of it is in the graph. Large files: innonet ingest.",
            )
            if job.task == "undo":  # half taken back is worse than tried again
                jobs.end(job.number, "done", None, ("Das Zurücknehmen ist nicht gelungen; bitte noch einmal.", "Taking it back failed; please try again."))
                continue
            _put_back(settings, state, job)
            clear(settings.home, job.number)
            jobs.end(job.number, "failed", None, said)
        before = (dt.datetime.now(dt.UTC) - dt.timedelta(days=KEPT_DAYS)).isoformat(timespec="seconds")
        for job in jobs.left_lying(before):
            jobs.cancel(job.number, job.who)
        for job in jobs.latest(200):
            if job.state in ("cancelled", "failed"):
                clear(settings.home, job.number)


def run_next(settings: Settings) -> bool:
    """Do the task of the job that waits the longest; False if none waits.  The caller holds the worker's lock.

    Raises EngineUnreachable while there is no graph to write to; the job then waits on.
    """
    with State(settings.home) as state:
        jobs = Jobs(state)
        job = jobs.next()
        if job is None:
            return False

        def report(what: str, done: int, whole: int) -> None:
            jobs.progress(job.number, what, done, whole)

        try:
            {"read": _read, "write": _write, "undo": _undo}[job.task](settings, state, job, report)
        except Cancelled:
            _put_back(settings, state, job)
            clear(settings.home, job.number)
            jobs.end(job.number, "cancelled")
        except EngineUnreachable:
            jobs.wait(
                job.number,
                ("Die Graphdatenbank ist gerade nicht erreichbar; es wird weiter versucht.", "The graph database cannot be reached; it is tried again."),
            )
            raise
        except InnonetError as e:
            if job.task == "undo":
                jobs.end(job.number, "done", None, (e.de, e.en))
            else:
                _put_back(settings, state, job)
                clear(settings.home, job.number)
                jobs.end(job.number, "failed", None, (e.de, e.en))
    return True


# -- reading


def _read(settings: Settings, state: State, job: Job, report: Report) -> None:
    report("read", 0, 0)
    if job.kind == "text":
        _read_texts(settings, state, job, report)
    else:
        _read_registry(settings, state, job, report)


def _read_texts(settings: Settings, state: State, job: Job, report: Report) -> None:
    from ingest.text.many import extract_batch  # loads the recogniser: only where a text is read

    own = folder(settings.home, job.number)
    limits = Limits.of(settings)
    paths = sorted(p for p in files_folder(settings.home, job.number).iterdir() if p.is_file())
    found, problems, files = [], [], claims.hash_files(paths)
    for n, path in enumerate(paths):
        report("read", n, len(paths))
        try:
            found += read_bytes(path.read_bytes(), path.name, limits=limits, address=f"upload-{job.number}/{path.name}")
        except ReadProblem as problem:
            problems.append(problem)
    if len(found) == 1 and not found[0].title:
        found = [replace(found[0], title=str(job.order.get("title") or ""))]
    if not found:
        raise problems[0] if problems else FileError("Es wurde nichts geschickt.", "Nothing was sent.")
    if (whole := sum(len(d.text) for d in found)) > LONGEST_TEXT:
        raise FileError(
            f"{whole} Zeichen Text sind mehr, als auf einer Seite durchgesehen werden kann ({LONGEST_TEXT}). Bitte teilen, oder: innonet ingest text DATEI",
            f"{whole} characters of text are more than can be looked through on a page ({LONGEST_TEXT}). Please split it, or: innonet ingest text FILE",
        )
    read = []
    for n, d in enumerate(found):
        report("recognise", n, len(found))
        read.append(Reading.of(d, extract_batch(settings.text_model, [(d.text, d.language)])[0]))
    checking.save(own / _READ, read)
    release, checked = _release(job), [checking.check(r, ()) for r in read]
    _write_texts(job, release, checked, own / STAGED, files)
    records = sorted({(str(label_of(t.tag)), t.record) for c in checked for t in c.said.things.values()})
    result = difference.effect(settings, {(documents.SOURCE, release.dataset): own / STAGED}, own / "shadow", report, records)
    nodes = result.pop("nodes")
    listed = [{"id": r.document.id, "title": r.document.title or r.document.address, "characters": len(r.document.text)} for r in read]
    unread = [{"de": p.de, "en": p.en} for p in problems]
    more = {"documents": listed, "nodes": nodes, "effect": result, "unread": unread, "files": files, "retrieved": release.retrieved}
    Jobs(state).end(job.number, "ready", more)
    shutil.rmtree(files_folder(settings.home, job.number))  # it may name persons


def _release(job: Job) -> Release:
    dataset = f"upload-{job.number}"
    return Release(str(job.order.get("title") or dataset)[:200], str(job.order.get("retrieved") or job.created[:10]), dataset)


def _write_texts(job: Job, release: Release, checked: list[Checked], out: Path, files: list[dict[str, Any]]) -> claims.Header:
    return claims.write_set(Context(TEXT, release), (c for x in checked for c in x.said.claims()), out, files, f"job {job.number}")


def _read_registry(settings: Settings, state: State, job: Job, report: Report) -> None:
    own, sent = folder(settings.home, job.number), files_folder(settings.home, job.number)
    paths = sorted(p for p in sent.iterdir() if p.is_file())
    source, options = str(job.order["source"]), {}
    path = paths[0] if len(paths) == 1 else sent
    if source == csv_list.META.id:
        lists, mappings = [p for p in paths if p.suffix != ".toml"], [p for p in paths if p.suffix == ".toml"]
        if len(lists) != 1:
            raise FileError("Bitte genau eine Liste (CSV oder XLSX) schicken.", "Please send exactly one list (CSV or XLSX).")
        path = lists[0]
        if not mappings:
            csv_list.look(path)  # raises for what is no list
            Jobs(state).end(job.number, "ready", task="map")
            return
        options = {"mapping": str(mappings[0])}
    staged = stage(
        settings,
        source,
        path,
        own,
        release=str(job.order.get("release") or ""),
        retrieved=str(job.order.get("retrieved") or job.created[:10]) if not (sent / "release.json").exists() else "",
        dataset=str(job.order.get("dataset") or ""),
        options=options,
        loaded=job.kind == "update",
        report=report,
    )
    Jobs(state).end(job.number, "ready", staged)
    shutil.rmtree(sent)


def stage(
    settings: Settings,
    source: str,
    path: Path,
    work: Path,
    *,
    release: str = "",
    retrieved: str = "",
    dataset: str = "",
    options: Mapping[str, str] | None = None,
    loaded: bool = False,
    older: bool = False,
    report: Report = lambda _what, _done, _all: None,
) -> dict[str, Any]:
    """Read a registry's files into ``work / staged.jsonl.gz`` and say what would change; nothing is put in force.

    loaded  a newer release of a set that is loaded: with no ``dataset`` the only one of this source; without such a set: UsageError
    older   take an older release than the loaded one, too
    Raises AlreadyLoaded when exactly these files are, FileError also when a newer release is.
    """
    found = load.prepare(settings, source, path, release=release, retrieved=retrieved, dataset=dataset, options=options)
    there = {p.name.removesuffix(".jsonl.gz"): p for p in claims.sets(settings.home) if p.parent.name == found.ctx.meta.id}
    if loaded and found.ctx.release.dataset not in there and not dataset and len(there) == 1:
        found = load.prepare(settings, source, path, release=release, retrieved=retrieved, dataset=next(iter(there)), options=options)
    name = found.ctx.release.dataset
    if loaded and name not in there:
        names = ", ".join(sorted(there)) or "–"
        raise UsageError(
            f"Von {found.ctx.meta.id} ist kein Satz {name!r} geladen, der zu erneuern wäre; geladen: {names}. Welcher gemeint ist, sagt --as NAME (auf der "
            "Seite: «Satz»); ein neuer Satz kommt mit innonet ingest.",
            f"No set {name!r} of {found.ctx.meta.id} is loaded that could be renewed; loaded: {names}. Say which one is meant by --as NAME (on the page: "
            "“dataset”); a new set comes with innonet ingest.",
        )
    before = there.get(name)
    if before is not None:
        _newer(found, claims.read_header(before), before, older=older or not loaded)
    out = work / STAGED
    header = found.write(out, report)
    report("compare", 0, 0)
    changes = difference.between(before, out)
    effect = difference.effect(settings, {(header.source_id, name): out}, work / "shadow", report)
    return {
        "source": header.source_id,
        "title_de": header.source["title_de"],
        "title_en": header.source["title_en"],
        "dataset": name,
        "release": header.release,
        "retrieved": header.retrieved,
        "replaces": asdict(claims.read_header(before)) | {"issues": [], "source": {}} if before is not None else None,
        "counts": header.counts,
        "issues": header.issues,
        "files": header.files,
        "changes": changes,
        "effect": effect,
    }


def _newer(found: load.Prepared, before: claims.Header, path: Path, *, older: bool) -> None:
    """Raise FileError where there is nothing to renew."""
    release = found.ctx.release
    if found.read_before(path) is not None or (before.files == found.files and before.reader == found.reader):
        raise AlreadyLoaded(
            f"Genau diese Dateien sind schon geladen ({before.source_id}/{before.dataset}, Stand {before.retrieved}); es gibt nichts zu tun.",
            f"Exactly these files are loaded already ({before.source_id}/{before.dataset}, as of {before.retrieved}); there is nothing to do.",
        )
    if release.retrieved < before.retrieved and not older:
        raise FileError(
            f"Diese Dateien sind vom {release.retrieved}, geladen ist der neuere Stand vom {before.retrieved}. Wer den älteren will, sagt --older; "
            "stimmt das Datum nicht, sagt --retrieved JJJJ-MM-TT das richtige.",
            f"These files are of {release.retrieved}, loaded is the newer state of {before.retrieved}. Say --older if you want the older one; "
            "if the date is wrong, --retrieved YYYY-MM-DD says the right one.",
        )


# -- writing and taking back


def _write(settings: Settings, state: State, job: Job, report: Report) -> None:
    own = folder(settings.home, job.number)
    report("lock", 0, 0)
    with load.write_lock(settings):
        if job.kind == "text":
            release = _release(job)
            corrections = Jobs(state).corrections(job.number)
            checked = [checking.check(r, corrections) for r in readings(settings.home, job.number)]
            header = _write_texts(job, release, checked, own / STAGED, list(job.result["files"]))
            documents.save(settings.home, release.dataset, [c.said.stored() for c in checked])
            _judge_new(state, job, checked)
        else:
            header = claims.read_header(own / STAGED)
        target = claims.set_path(settings.home, header.source_id, header.dataset)
        publish(own, target)
        with open_store(settings, write=True) as store:
            done = load.load(settings, store, progress=report)
        written = {"written": _sum(target), "sent": sum(done.sent.values()), "target": [header.source_id, header.dataset]}
        (own / _READ).unlink(missing_ok=True)
        (own / STAGED).unlink(missing_ok=True)
    Jobs(state).end(job.number, "done", written)


def publish(work: Path, target: Path) -> None:
    """Put staged claims in force; what they replace is kept in ``work`` first, once."""
    kept, none = work / _BEFORE, work / "before.none"
    if not kept.exists() and not none.exists():
        if target.exists():
            half = kept.with_suffix(".half")
            shutil.copyfile(target, half)
            half.replace(kept)
        else:
            none.touch()
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.parent / f".{target.name}.half"
    shutil.copyfile(work / STAGED, half)
    half.replace(target)


def _judge_new(state: State, job: Job, checked: list[Checked]) -> None:
    """What a person said to be none of the graph's nodes is told apart from the one that it would have become."""
    why = _why(job)
    said = {(j.a, j.b) for j in state.judgements() if j.why == why}
    nodes = job.result["nodes"]
    for c in checked:
        for entity in sorted(c.new):
            record = c.said.things[entity].record
            node = nodes.get(record, record)
            pair = (min(record, node), max(record, node))
            if node != record and pair not in said:
                said.add(pair)
                state.judge(record, node, "no", job.who, why)


def _why(job: Job) -> str:
    return f"Auftrag {job.number}: steht noch nicht im Graphen / job {job.number}: not in the graph yet"


def _undo(settings: Settings, state: State, job: Job, report: Report) -> None:
    report("lock", 0, 0)
    source, dataset = job.result["target"]
    target = claims.set_path(settings.home, source, dataset)
    own = folder(settings.home, job.number)
    with load.write_lock(settings):
        begun = own / "undoing"
        if not begun.exists():
            if not target.exists() or _sum(target) != job.result["written"]:
                raise UsageError(
                    f"Der Satz {source}/{dataset} ist seither noch einmal geladen oder herausgenommen worden. Was jetzt darin steht, ist nicht mehr von diesem "
                    "Auftrag; bitte den späteren Auftrag zurücknehmen.",
                    f"The set {source}/{dataset} has been loaded again or taken out since. What it holds now is not this job's any more; please take the "
                    "later job back.",
                )
            begun.touch()
        _restore(settings, state, job)
        with open_store(settings, write=True) as store:
            load.load(settings, store, progress=report)
        clear(settings.home, job.number)
    Jobs(state).end(job.number, "undone")


def _restore(settings: Settings, state: State, job: Job) -> None:
    """Claims, documents and judgements as they were before the job wrote; the caller holds the lock and loads afterwards."""
    own = folder(settings.home, job.number)
    if job.kind == "text":
        source, dataset = documents.SOURCE, _release(job).dataset
    else:
        source, dataset = str(job.result.get("source", "")), str(job.result.get("dataset", ""))
    target = claims.set_path(settings.home, source, dataset)
    if (own / _BEFORE).exists():
        half = target.parent / f".{target.name}.half"
        shutil.copyfile(own / _BEFORE, half)
        half.replace(target)
    elif (own / "before.none").exists():
        target.unlink(missing_ok=True)
    if job.kind == "text":
        documents.remove(settings.home, [dataset])
        for j in state.judgements():
            if j.why == _why(job):
                state.undo(j.number, who=job.who)


def _put_back(settings: Settings, state: State, job: Job) -> None:
    """After a cancelled or failed writing: as if it never was."""
    if job.task != "write":
        return
    own = folder(settings.home, job.number)
    with load.write_lock(settings):
        was_begun = (own / _BEFORE).exists() or (own / "before.none").exists()
        _restore(settings, state, job)
        if was_begun:
            with open_store(settings, write=True) as store:
                load.load(settings, store)


def clear(home: Path, number: int) -> None:
    """Delete what belongs to a job that is over."""
    shutil.rmtree(folder(home, number), ignore_errors=True)


def _sum(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
