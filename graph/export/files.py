"""`innonet export`: a folder or an archive of files that is there whole or not at all, with the licences of what it holds."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from graph.errors import InnonetError, UsageError
from graph.export.csv_files import CsvFiles, Neo4jFiles, import_command
from graph.export.graphml import GraphMl
from graph.export.json_files import JsonFile, JsonLines
from graph.export.jsonld import JsonLd, address_at
from graph.export.records import Node, Writer
from graph.export.stream import Part, items
from graph.reader import Reader, SourceInfo
from graph.store import Store
from graph.tabular import render

FORMATS: Final = ("csv", "neo4j", "json", "jsonl", "jsonld", "graphml")
LICENCES: Final = "LICENCES.csv"
README: Final = "README.md"
_STEP: Final = 2000
_COLUMNS: Final = ("id", "title", "publisher", "homepage", "licence", "licence_url", "attribution", "retrieved")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What was written where."""

    path: Path
    nodes: int
    edges: int
    sources: tuple[SourceInfo, ...]


def export(store: Store, form: str, out: Path, part: Part, *, base: str = "", replace: bool = False, progress: Progress | None = None) -> Done:
    """Write the part of the graph into the folder ``out``, or into one archive if its name ends with .zip.

    form   one of FORMATS
    base   root of the site whose addresses JSON-LD uses as ids; "": names that lead nowhere
    Raises UsageError when something is there already and is not to be replaced, InnonetError when it cannot be written.
    """
    packed = out.suffix == ".zip"
    if out.exists() and not replace and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} gibt es schon; --replace ersetzt es.", f"{out} is there already; --replace replaces it.")
    if replace and out.is_dir() and not packed and any(out.iterdir()) and not (out / README).exists():
        raise UsageError(f"{out} ist kein Export; ersetzt wird nur ein solcher.", f"{out} is no export; only such a folder is replaced.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.", ignore_cleanup_errors=True) as work:
            folder = Path(work) / "files"
            folder.mkdir()
            counts, sources = _write(store, form, folder, part, base, progress)
            _describe(folder, form, counts, sources)
            if packed:
                _pack(folder, Path(work) / "packed", out)
            else:
                _put(folder, Path(work) / "before", out)
    except OSError as e:
        raise InnonetError(f"{out}: nicht geschrieben ({e.strerror or e}).", f"{out}: not written ({e.strerror or e}).") from e
    return Done(out, sum(n for (what, _), n in counts.items() if what == "node"), sum(n for (what, _), n in counts.items() if what == "edge"), sources)


_Counts = Counter[tuple[str, str]]


def _write(store: Store, form: str, folder: Path, part: Part, base: str, progress: Progress | None) -> tuple[_Counts, tuple[SourceInfo, ...]]:
    counts: _Counts = Counter()
    used: set[str] = set()
    with ExitStack() as files:
        writer = _writer(form, folder, files, base)
        for n, item in enumerate(items(store, part), 1):
            used.update(item.props.get("sources") or ())
            if source := item.props.get("source"):
                used.add(str(source))
            if isinstance(item, Node):
                writer.node(item)
                counts["node", item.label] += 1
            else:
                writer.edge(item)
                counts["edge", item.type] += 1
            if progress and n % _STEP == 0:
                progress("export", n, 0)
        sources = tuple(s for s in Reader(store).sources() if s.id in used)
        writer.close(sources)
    return counts, sources


def _writer(form: str, folder: Path, files: ExitStack, base: str) -> Writer:
    def opened(name: str) -> BinaryIO:
        return files.enter_context((folder / name).open("wb"))

    if form == "graphml":
        return GraphMl(opened("innonet.graphml"))
    if form == "jsonld":
        return JsonLd(opened("innonet.jsonld"), address_at(base))
    if form == "json":
        return JsonFile(opened("innonet.json"))
    if form == "jsonl":
        return JsonLines(opened("innonet.jsonl"))
    made = Neo4jFiles(folder) if form == "neo4j" else CsvFiles(folder)
    files.callback(made.close, ())
    return made


def licence_row(s: SourceInfo, language: str = "de") -> dict[str, str]:
    """A source as a line of a table of licences."""
    title = (s.title_en if language == "en" else s.title_de) or s.title_de or s.id
    return {"id": s.id, "title": title, "retrieved": s.retrieved(), **{c: getattr(s, c) for c in _COLUMNS if c not in ("id", "title", "retrieved")}}


def _describe(folder: Path, form: str, counts: Mapping[tuple[str, str], int], sources: Collection[SourceInfo]) -> None:
    names = sorted(p.name for p in folder.iterdir())
    (folder / LICENCES).write_text(render([licence_row(s) for s in sources], _COLUMNS, "csv"), encoding="utf-8", newline="")
    lines = [
        "# Export aus innonet / Export of innonet",
        "",
        "Jede Angabe gehört zu den Quellen, die bei ihr unter `sources` stehen; deren Lizenzen gelten. / Every fact belongs to the sources in its `sources`;",
        f"their licences hold. Die Liste für Programme / the list for programs: {LICENCES}.",
        "",
        "## Quellen / Sources",
        "",
    ]
    for s in sources:
        stand = f", Stand / as of {s.retrieved()}" if s.retrieved() else ""
        title = f"{s.title_de} / {s.title_en}" if s.title_de and s.title_en else s.title_de or s.title_en or s.id
        lines.append(f"- **{s.id}**: {title}{stand}. {s.publisher}. {s.licence} {s.licence_url}".rstrip())
        if s.attribution:
            lines.append(f"  Namensnennung / attribution: {s.attribution}")
    lines += ["", "## Inhalt / Content", "", *(f"- {name}" for name in names), "", *(f"- {name}: {n:,}" for (_, name), n in sorted(counts.items()))]
    if form == "neo4j":
        lines += ["", "## In Neo4j laden / Loading into Neo4j", "", "    " + import_command(names).replace("\n", "\n    ")]
    (folder / README).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _pack(folder: Path, packed: Path, out: Path) -> None:
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
        for path in sorted(folder.iterdir()):
            z.write(path, path.name)
    packed.replace(out)


def _put(folder: Path, before: Path, out: Path) -> None:
    """Give the folder its name; what was there before goes only when the new one stands."""
    if out.exists():
        out.replace(before)
    try:
        folder.replace(out)
    except OSError:
        if before.exists():
            before.replace(out)
        raise
    shutil.rmtree(before, ignore_errors=True)
