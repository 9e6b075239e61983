"""What somebody sends: judged by its content, laid down under a name that is safe, handed to the worker as a job."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from graph.errors import UsageError
from graph.jobs import Job, Jobs
from graph.settings import Settings
from graph.state import State
from ingest import jobs
from ingest.sources import SOURCES, csv_list
from ingest.text.reading.encoding import decode
from ingest.text.reading.formats import kind_of
from ingest.text.reading.problem import ReadProblem

REGISTRIES: Final = tuple(s.meta for s in SOURCES)
MOST_FILES: Final = 20
_LONGEST_NAME: Final = 120
_LISTS: Final = (".csv", ".tsv", ".txt", ".xlsx")


@dataclass(frozen=True, slots=True)
class Sent:
    """One file as it came."""

    name: str
    data: bytes


def what_is(sent: Sent) -> str:
    """``text``, ``list`` (a table), or ``archive`` for what only a registry's reader can tell.  Raises ReadProblem for what nothing reads."""
    if sent.data.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(sent.data)) as z:
                if "xl/workbook.xml" in z.namelist():
                    return "list"
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as e:
            raise ReadProblem("damaged", sent.name, type(e).__name__) from e
    if sent.data.startswith((b"\x1f\x8b", b"BZh")):
        return "archive"
    try:
        kind = kind_of(sent.data, sent.name, "", sent.name)
    except ReadProblem as problem:
        if problem.code == "unknown" and problem.detail == "ZIP":
            return "archive"
        raise
    return "list" if kind == "text" and _is_table(decode(sent.data[: 1 << 16], "")) else "text"


def _is_table(text: str) -> bool:
    """Two lines or more with the same number of the same delimiter, under a line of short names."""
    lines = [line for line in text.splitlines()[:21] if line.strip()]
    if len(lines) > 20:  # the last one may be cut off
        lines.pop()
    if len(lines) < 2:
        return False
    delimiter = max(";,\t", key=lines[0].count)
    head = lines[0].split(delimiter)
    even = sum(line.count(delimiter) >= len(head) - 1 for line in lines)
    return len(head) > 1 and all(0 < len(c.strip()) <= 60 and not c.strip().endswith(".") for c in head) and even >= 0.8 * len(lines)


def receive(
    settings: Settings, state: State, who: str, sent: Sequence[Sent], *, kind: str = "", source: str = "", order: Mapping[str, str] | None = None
) -> Job:
    """Lay down what was sent and let the worker read it.

    kind    ``text``, ``registry``, ``update``, or "": as the content says
    source  id of the registry; "": an own list
    Raises UsageError and ReadProblem that name the file and say what to do.
    """
    files = [s for s in sent if s.data]
    if not files:
        raise UsageError(
            "Es kam nichts an: bitte Text einfügen oder eine Datei wählen, die nicht leer ist.",
            "Nothing arrived: please paste a text or choose a file that is not empty.",
        )
    if len(files) > MOST_FILES:
        raise UsageError(
            f"{len(files)} Dateien auf einmal; erlaubt sind {MOST_FILES}. Mehr lädt: innonet ingest",
            f"{len(files)} files at once; {MOST_FILES} are allowed. For more: innonet ingest",
        )
    if source and source not in {m.id for m in REGISTRIES}:
        raise UsageError(f"Die Quelle {source!r} gibt es nicht.", f"There is no source {source!r}.")
    if not kind:
        found = {what_is(s) for s in files if not s.name.lower().endswith(".toml")}
        kind = "registry" if source or found == {"list"} else "text"
        if kind == "text" and (odd := found - {"text"}):
            de, en = ("ein Archiv", "an archive") if "archive" in odd else ("teils Text, teils Tabelle", "partly text, partly a table")
            raise UsageError(
                f"{files[0].name}: das ist {de}. Bitte wählen, von welchem Register es stammt, oder die Dateien einzeln hochladen.",
                f"{files[0].name}: this is {en}. Please choose which registry it comes from, or upload the files one by one.",
            )
    if kind == "text":
        for s in files:
            kind_of(s.data, s.name, "", s.name)  # what cannot be read at all is said at once
    source = source or csv_list.META.id
    names = _names(files, a_list=kind != "text" and source == csv_list.META.id)
    given = {**(order or {}), "files": names, **({"source": source} if kind != "text" else {})}
    waiting = Jobs(state)
    job = waiting.add(kind, who, given)
    folder = jobs.files_folder(settings.home, job.number)
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    for name, s in zip(names, files, strict=True):
        (folder / name).write_bytes(s.data)
    waiting.send(job.number)
    return waiting.one(job.number)


def _names(files: Sequence[Sent], *, a_list: bool) -> list[str]:
    out: list[str] = []
    for n, s in enumerate(files, 1):
        name = safe_name(s.name)
        if a_list and not name.lower().endswith((".toml", *_LISTS)):
            name += ".xlsx" if s.data.startswith(b"PK") else ".csv"
        elif a_list and s.data.startswith(b"PK") and not name.endswith(".xlsx"):
            name = name.rpartition(".")[0] + ".xlsx"
        out.append(name if name not in out else f"{n}-{name}")
    return out


def safe_name(name: str) -> str:
    """The last part of a file's name without anything that a file system or a page could take amiss."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(c if c.isalnum() or c in " .-_()+" else "_" for c in last if c.isprintable()).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    return (f"{stem[:_LONGEST_NAME]}{dot}{ending[:10]}" if dot else kept[:_LONGEST_NAME]) or "datei"
