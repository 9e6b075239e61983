"""A newer release of a loaded source by the command line: what will change in words, then in force."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graph.errors import UsageError
from graph.settings import Settings
from graph.state import State, now, write_audit
from ingest import claims, jobs
from ingest.text import documents

SHOWN: Final = 5
"""Examples of each change that a terminal shows."""
_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "Organization": ("Organisationen", "organisations"),
    "Project": ("Projekte", "projects"),
    "Topic": ("Themen", "topics"),
    "Place": ("Orte", "places"),
    "Document": ("Texte", "texts"),
    "links": ("Verknüpfungen", "links"),
}
_CHANGES: Final[Mapping[str, tuple[str, str]]] = {"new": ("neu", "new"), "changed": ("geändert", "changed"), "gone": ("weg", "gone")}

Line = tuple[str, str]


@contextmanager
def workplace(settings: Settings) -> Iterator[Path]:
    """A folder of the home for what is read and not in force; removed at the end."""
    settings.home.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=settings.home, prefix=".update-"))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Looked:
    """What there is to say about one path, and whether anything would be put in force."""

    changes: bool
    lines: tuple[Line, ...]


def look_at_all(
    settings: Settings, source: str, paths: Sequence[Path], work: Path, given: Mapping[str, Any], report: Callable[[str, int, int], None]
) -> Iterator[Looked]:
    """Read every path into a folder of its own under ``work``; what is loaded already is said and left out.  ``given``: see `look`."""
    for n, path in enumerate(paths):
        try:
            yield Looked(changes=True, lines=tuple(lines(look(settings, source, path, work / str(n), **given, report=report))))
        except jobs.AlreadyLoaded as e:
            (work / str(n)).rmdir()
            yield Looked(changes=False, lines=((e.de, e.en),))


def look(
    settings: Settings,
    source: str,
    path: Path,
    work: Path,
    *,
    release: str = "",
    retrieved: str = "",
    dataset: str = "",
    options: Mapping[str, str] | None = None,
    older: bool = False,
    report: Callable[[str, int, int], None] = lambda _what, _done, _all: None,
) -> dict[str, Any]:
    """Read a newer release into ``work`` and say what would change (`jobs.stage`).  Raises FileError for the same and for an older one."""
    if source == documents.SOURCE:
        raise UsageError(
            "Texte erneuert: innonet ingest text ORDNER (derselbe Ordner ersetzt seinen früheren Stand).",
            "Texts are renewed by: innonet ingest text FOLDER (the same folder replaces its earlier state).",
        )
    work.mkdir()
    return jobs.stage(
        settings, source, path, work, release=release, retrieved=retrieved, dataset=dataset, options=options, loaded=True, older=older, report=report
    )


def put_in_force(settings: Settings, work: Path, who: str) -> None:
    """Publish everything that was read into ``work``; on record.  The caller holds the write lock and loads afterwards."""
    with State(settings.home) as state:
        for part in sorted(work.iterdir()):
            header = claims.read_header(part / jobs.STAGED)
            target = claims.set_path(settings.home, header.source_id, header.dataset)
            before = claims.read_header(target)
            jobs.publish(part, target)
            with state.transaction() as c:
                write_audit(c, now(), who, "update", f"{header.source_id}/{header.dataset}", before.release, header.release)


def lines(found: Mapping[str, Any]) -> Iterator[Line]:
    """What would change, for a terminal: counts and a few examples."""
    before = found["replaces"]
    yield (
        f"{found['source']}/{found['dataset']}: Stand {found['retrieved']} ({found['release']}) ersetzt {before['retrieved']} ({before['release']})",
        f"{found['source']}/{found['dataset']}: as of {found['retrieved']} ({found['release']}) replaces {before['retrieved']} ({before['release']})",
    )
    for label, group in found["changes"].items():
        de, en = _NAMES[label]
        counts = [", ".join(f"{group[w]} {names[i]}" for w, names in _CHANGES.items()) for i in (0, 1)]
        yield f"  {de}: {counts[0]}, {group['same']} gleich", f"  {en}: {counts[1]}, {group['same']} the same"
        for what, names in _CHANGES.items() if label != "links" else ():
            for x in group["examples"][what][:SHOWN]:
                props = "".join(f"; {p}: {_plain(a)} → {_plain(b)}" for p, a, b in x.get("props", ()))
                yield f"    {names[0]}: {x['name']} ({x['id']}){props}", f"    {names[1]}: {x['name']} ({x['id']}){props}"
            if group[what] > SHOWN:
                yield f"    … {SHOWN} von {group[what]}", f"    … {SHOWN} of {group[what]}"
    e = found["effect"]
    new, gone = sum(e["new"].values()), sum(e["gone"].values())
    yield (
        f"  Im Graphen: {new} Knoten neu, {gone} fallen weg; {e['links']['new']} Verknüpfungen neu, {e['links']['gone']} fallen weg",
        f"  In the graph: {new} nodes new, {gone} gone; {e['links']['new']} links new, {e['links']['gone']} gone",
    )
    if e["parted"]["count"]:
        yield f"  Zusammenführungen, die auseinanderfallen: {e['parted']['count']}", f"  Merges that fall apart: {e['parted']['count']}"
        for p in e["parted"]["examples"][:SHOWN]:
            yield (f"    {p['a_name']} ({p['a']}) – {p['b_name']} ({p['b']})",) * 2
    if issues := sum(i["count"] for i in found["issues"]):
        yield (
            f"  Auffälligkeiten beim Lesen: {issues} (nach dem Laden: innonet sources --issues)",
            f"  Issues while reading: {issues} (then: innonet sources --issues)",
        )


def _plain(value: Any) -> str:
    return "–" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
