"""`innonet extract`: texts from files, addresses or standard input, and what was found in them, for a terminal or as JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import orjson
from rich.console import Console
from rich.text import Text

from graph.errors import InnonetError
from graph.settings import Settings
from ingest.text.extract import as_line, extractor
from ingest.text.marks import Extraction, Relation, Status, TopicMention
from ingest.text.read import Limits, ReadProblem, read_bytes, read_file, read_folder

BATCH: Final = 32
"""Texts read before the first of them is shown."""

STYLES: Final = {
    "COMPANY": "bold blue",
    "UNIVERSITY": "bold yellow",
    "RESEARCH": "bold green",
    "PUBLIC": "bold magenta",
    "ASSOCIATION": "bold cyan",
    "PROJECT": "bold red",
    "PLACE": "underline",
}
_WORDS: Final = {
    "COMPANY": ("Unternehmen", "company"),
    "UNIVERSITY": ("Hochschule", "university"),
    "RESEARCH": ("Forschung", "research"),
    "PUBLIC": ("öffentliche Stelle", "public body"),
    "ASSOCIATION": ("Verein/Netzwerk", "association"),
    "PROJECT": ("Projekt", "project"),
    "PLACE": ("Ort", "place"),
    "PARTICIPATES_IN": ("nimmt teil an", "participates in"),
    "COOPERATES_WITH": ("arbeitet zusammen mit", "cooperates with"),
    "WORKS_ON": ("arbeitet an", "works on"),
    "LOCATED_IN": ("hat einen Sitz in", "is located in"),
    "PART_OF": ("ist Teil von", "is part of"),
    "FUNDED_BY": ("wird gefördert von", "is funded by"),
    Status.RUNNING: ("", ""),
    Status.PLANNED: ("geplant", "planned"),
    Status.ENDED: ("beendet", "ended"),
    Status.UNCERTAIN: ("unsicher", "uncertain"),
    Status.NEGATED: ("verneint", "negated"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """One text to read, or why it cannot be read."""

    id: object
    text: str = ""
    language: str = ""
    problem: InnonetError | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of output.  ``problem``: it belongs to standard error."""

    text: str
    problem: bool = False


def texts_of(settings: Settings, paths: Sequence[str], *, jsonl: bool) -> Iterator[Given]:
    """The texts under files, folders and addresses; ``-`` is standard input.  With ``jsonl``: {"id", "text"} a line, offsets as given."""
    limits = Limits.of(settings)
    for path in paths:
        if path == "-":
            data = sys.stdin.buffer.read()
            yield from _lines(data, "-") if jsonl else _read(data)
        elif jsonl and Path(path).suffix in (".jsonl", ".ndjson"):
            try:
                yield from _lines(Path(path).read_bytes(), path)
            except OSError as e:
                yield Given(path, problem=InnonetError(f"{path}: nicht lesbar ({e.strerror}).", f"{path}: cannot be read ({e.strerror})."))
        else:
            yield from _documents(path, limits)


def _documents(path: str, limits: Limits) -> Iterator[Given]:
    try:
        if urlsplit(path).scheme in ("http", "https"):
            from ingest.text.fetch import fetch  # only a web address needs it

            found = list(fetch(path, limits))
        else:
            found = list(read_folder(Path(path), limits)) if Path(path).is_dir() else list(read_file(Path(path), limits))
    except ReadProblem as e:
        found = [e]
    for d in found:
        yield Given(d.address, problem=d) if isinstance(d, ReadProblem) else Given(d.address, d.text, d.language)


def _read(data: bytes) -> Iterator[Given]:
    try:
        for d in read_bytes(data, "-"):
            yield Given(d.address, d.text, d.language)
    except ReadProblem as e:
        yield Given("-", problem=e)


def _lines(data: bytes, name: str) -> Iterator[Given]:
    for n, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            given = orjson.loads(line)
            yield Given(given["id"], str(given["text"]))
        except (ValueError, KeyError, TypeError) as e:
            yield Given(
                f"{name}:{n}",
                problem=InnonetError(
                    f'{name}:{n}: keine Zeile {{"id", "text"}} ({type(e).__name__}: {e}).', f'{name}:{n}: no line {{"id", "text"}} ({type(e).__name__}: {e}).'
                ),
            )


def lines_of(settings: Settings, texts: Iterable[Given], *, jsonl: bool, language: str) -> Iterator[Shown]:
    """What was found in each text, in order, as soon as some texts are done."""
    some: list[Given] = []
    for given in texts:
        some.append(given)
        if len(some) == BATCH:
            yield from _shown(settings, some, jsonl=jsonl, language=language)
            some = []
    yield from _shown(settings, some, jsonl=jsonl, language=language)


def _shown(settings: Settings, some: Sequence[Given], *, jsonl: bool, language: str) -> Iterator[Shown]:
    good = [g for g in some if g.problem is None]
    found = iter(extractor(settings.text_model).extract([g.text for g in good], [g.language for g in good] if all(g.language for g in good) else ()))
    for given in some:
        if given.problem is not None:
            yield Shown(f"innonet: {given.problem.text(language)}", problem=True)
        elif jsonl:
            yield Shown(orjson.dumps(as_line(given.id, next(found))).decode())
        else:
            yield Shown(pretty(str(given.id), next(found), language))


def pretty(title: str, found: Extraction, language: str) -> str:
    """A text with its names in colour (where the terminal has colours) and its relations as sentences."""
    at = language == "en"
    body = Text(found.text)
    for m in found.mentions:
        body.stylize(STYLES[m.tag], m.start, m.end)
    for t in found.topics:
        body.stylize("italic", t.start, t.end)
    console = Console(file=None, width=None if sys.stdout.isatty() else 120, force_terminal=sys.stdout.isatty())
    with console.capture() as got:
        console.rule(title, align="left")
        legend = Text()
        for tag, style in STYLES.items():
            legend.append(_WORDS[tag][at], style).append("  ")
        console.print(legend)
        console.print(body)
        console.print()
        for r in found.relations:
            console.print(_sentence(found.text, r, at=at))
    return got.get().rstrip("\n")


def _sentence(text: str, r: Relation, *, at: bool) -> Text:
    tail = r.tail.label if isinstance(r.tail, TopicMention) else text[r.tail.start : r.tail.end]
    more = ", ".join(x for x in (_WORDS[r.status][at], r.role, f"{r.confidence:.0%}") if x)
    line = Text("  ")
    line.append(" ".join(text[r.head.start : r.head.end].split()), STYLES.get(r.head.tag, ""))
    line.append(f" {_WORDS[r.type][at]} ")
    line.append(" ".join(tail.split()), "italic" if isinstance(r.tail, TopicMention) else STYLES.get(r.tail.tag, ""))
    line.append(f"  ({more})", "dim")
    return line
