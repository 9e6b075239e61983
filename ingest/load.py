"""The way of a fact as commands: files to claims, claims to identity, differences to the graph, derived files beside it.

Every function here may be killed at any moment and run again: claims files appear whole or not at all, the writer repairs what
was half written, derived files are published by a rename.
"""

from __future__ import annotations

import datetime as dt
import gc
import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import filelock
import orjson

from graph import derive, derived, news
from graph.errors import InnonetError, UsageError
from graph.image import Image, digest
from graph.model import LINKS, SCHEMA_VERSION, Claim, Judgement, Label
from graph.querybook import load_book
from graph.settings import Settings
from graph.state import State
from graph.store import Store
from graph.suppression import Suppression
from graph.writer import Writer, Written, read_meta
from ingest import claims, identity
from ingest.base import Context, FileError, Limits, Source, read_release
from ingest.image import Decided, build_image
from ingest.sources import SOURCES
from ingest.text import documents
from ingest.text.topics import Tagger

ROOT: Final = Path(__file__).resolve().parent.parent
REFERENCE: Final = ROOT / "data" / "reference"
LOCK_SECONDS: Final = 900

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is (0: unknown)."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did.  ``seconds`` by step: identity, writing, derived."""

    version: str
    sent: Mapping[str, int] = field(default_factory=dict)
    issues: Sequence[Mapping[str, Any]] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


def source(source_id: str) -> Source:
    """The source of that id.  Raises UsageError that lists them all."""
    for s in SOURCES:
        if s.meta.id == source_id:
            return s
    names = ", ".join(s.meta.id for s in SOURCES)
    raise UsageError(f"Quelle {source_id!r} gibt es nicht; es gibt: {names}.", f"There is no source {source_id!r}; there are: {names}.")


@contextmanager
def write_lock(settings: Settings) -> Iterator[None]:
    """The one lock of a home for everything that writes claims or the graph."""
    folder = settings.home / "graph"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / "write.lock", timeout=LOCK_SECONDS):
            yield
    except filelock.Timeout as e:
        raise InnonetError(
            f"Seit {LOCK_SECONDS} Sekunden schreibt ein anderer Befehl in {settings.home}. Bitte später noch einmal.",
            f"Another command has been writing to {settings.home} for {LOCK_SECONDS} seconds. Please try again later.",
        ) from e
    except PermissionError as e:
        raise InnonetError(
            f"{settings.home}: kein Schreibrecht. Bitte INNONET_HOME auf ein eigenes Verzeichnis setzen.",
            f"{settings.home}: no right to write. Please set INNONET_HOME to a folder of your own.",
        ) from e


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Claims and images are millions of small objects without cycles: looking for cycles among them takes up to a third of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def read_claims(
    settings: Settings,
    source_id: str,
    path: Path,
    *,
    release: str = "",
    retrieved: str = "",
    dataset: str = "",
    options: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> tuple[claims.Header, bool]:
    """Turn a publisher's files into one set of claims.  Returns its header and False if exactly this had been read before.

    Texts are read by ingest/text/source.py, `read_texts`.

    Raises FileError when a file is not what it claims to be; nothing is changed then.
    """
    found = prepare(settings, source_id, path, release=release, retrieved=retrieved, dataset=dataset, options=options)
    out = claims.set_path(settings.home, found.ctx.meta.id, found.ctx.release.dataset)
    if not dry_run and (before := found.read_before(out)) is not None:
        return before, False
    if dry_run:
        # the same way as in earnest, into a place that is thrown away
        out = settings.home / "claims" / f".dry-run-{source_id}.jsonl.gz"
    try:
        header = found.write(out)
    finally:
        if dry_run:
            out.unlink(missing_ok=True)
    return header, True


@dataclass(frozen=True, slots=True)
class Prepared:
    """A publisher's files that are about to be read: by what source, in what context, their hashes and that of the code that reads them."""

    source: Source
    path: Path
    ctx: Context
    files: list[dict[str, Any]]
    reader: str

    def read_before(self, out: Path) -> claims.Header | None:
        """Header of the set at ``out`` if exactly these files made it."""
        if not out.exists():
            return None
        before = claims.read_header(out)
        release = self.ctx.release
        same = (before.files, before.reader, before.release, before.retrieved) == (self.files, self.reader, release.name, release.retrieved)
        return before if same else None

    def write(self, out: Path, report: Progress = lambda _what, _done, _all: None) -> claims.Header:
        """Read the files into one set of claims at ``out``.  Raises FileError, and what ``report`` raises."""
        with _no_cycles():
            return claims.write_set(self.ctx, _counted(self.source.crawl(self.ctx, self.path), report), out, self.files, self.reader)


_REPORTED_EVERY: Final = 20_000
"""Claims."""


def _counted(found: Iterable[Claim], report: Progress) -> Iterator[Claim]:
    for n, claim in enumerate(found):
        if n % _REPORTED_EVERY == 0:
            report("read", n, 0)
        yield claim


def prepare(
    settings: Settings,
    source_id: str,
    path: Path,
    *,
    release: str = "",
    retrieved: str = "",
    dataset: str = "",
    options: Mapping[str, str] | None = None,
) -> Prepared:
    """Look at a publisher's files before they are read.  Raises FileError and UsageError."""
    s = source(source_id)
    options = options or {}
    if not path.exists():
        raise FileError(f"{path}: gibt es nicht.", f"{path}: does not exist.")
    if s.describe is not None:
        meta, found = s.describe(path, options)
    else:
        meta, found = s.meta, read_release(path, name=release, retrieved=retrieved, dataset=dataset)
    limits = Limits(settings.max_file_bytes, settings.max_ratio, settings.max_line_bytes, settings.max_archive_files)
    ctx = Context(meta, found, limits, options=options)
    paths = [p for p in sorted(path.iterdir()) if p.is_file() and not p.name.startswith(".")] if path.is_dir() else [path]
    paths += [p for p in (path.with_suffix(".toml"), Path(options.get("mapping", ""))) if s.describe is not None and p.is_file()]
    return Prepared(s, path, ctx, claims.hash_files(paths), _reader_hash(s, ctx))


def _reader_hash(s: Source, ctx: Context) -> str:
    h = hashlib.blake2b(digest_size=8)
    own = ROOT / "ingest" / "sources" / f"{s.crawl.__module__.rpartition('.')[2]}.py"
    for p in (own, *(ROOT / "ingest" / f"{name}.py" for name in ("base", "claims", "countries", "persons", "sheet"))):
        h.update(p.read_bytes())
    h.update(orjson.dumps([dict(ctx.release.options), dict(ctx.options)], option=orjson.OPT_SORT_KEYS))
    return h.hexdigest()


def inputs_hash(settings: Settings, judgements: Sequence[Judgement], suppressed: Collection[str] = ()) -> str:
    """Hash of all that the graph is a function of: claims, judgements, what must not be shown, the code of identity, reference tables, the mode."""
    h = hashlib.blake2b(digest_size=8)
    for path in claims.sets(settings.home):
        h.update(orjson.dumps(_header_bytes(path), option=orjson.OPT_SORT_KEYS))
    for j in judgements:
        h.update(orjson.dumps(j))
    h.update(orjson.dumps(sorted(suppressed)))
    read = ((ROOT / "ingest", "**/*.py"), (ROOT / "ingest", "resolve/*.json"), (ROOT / "graph", "model.py"), (ROOT / "graph", "image.py"), (REFERENCE, "**/*"))
    for folder, pattern in read:
        for p in sorted(folder.glob(pattern)):
            if p.is_file():
                h.update(p.read_bytes())
    h.update(settings.identity.encode())
    return h.hexdigest()


def _header_bytes(path: Path) -> dict[str, Any]:
    header = claims.read_header(path)
    return {"path": f"{path.parent.name}/{path.name}", "files": header.files, "reader": header.reader, "release": header.release, "at": header.retrieved}


def load(settings: Settings, store: Store, *, progress: Progress | None = None) -> Loaded:
    """Make graph and derived files equal to claims and judgements.  The caller holds the write lock.

    Sends nothing when nothing changed since the last load.
    """
    report = progress or (lambda _what, _done, _all: None)
    with State(settings.home) as state:
        # read once: a word that comes while this runs belongs to the next load
        judgements = state.judgements()
        suppressed = Suppression(state).ids()
        inputs = inputs_hash(settings, judgements, suppressed)
        meta = read_meta(store)
        stands = meta and meta.state == "ready" and meta.inputs == inputs and derived.current_version(settings.home / "derived") == meta.version
        if meta and stands and identity.stamp_of(settings.home) == identity.stamp(judgements):
            return Loaded(meta.version)
        seconds: dict[str, float] = {}
        t = time.monotonic()
        if meta is None or meta.schema != SCHEMA_VERSION:
            store.apply_schema()
        image, decided = image_of(settings, judgements, report, suppressed)
        links = {i: p["projects"] + p["partners"] for i, (_, p) in image.nodes[Label.ORGANIZATION].items()}
        identity.remember(settings.home, decided.outcome.joined, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
        identity.publish(settings.home, decided.outcome, decided.records, links, identity.stamp(judgements))
        seconds["identity"] = time.monotonic() - t
        t = time.monotonic()
        with _no_cycles():
            written = Writer(store, settings.home, report).write(image, inputs)
        seconds["writing"] = time.monotonic() - t
        t = time.monotonic()
        report("derived", 0, 0)
        publish_derived(settings, image, written)
        news.note(state, settings.home / "derived", dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
        alive = {i for label, group in image.nodes.items() if label is not Label.SOURCE for i in group}
        state.mark_gone((r for r in written.removed), alive.__contains__)
        seconds["derived"] = time.monotonic() - t
    _keep_issues(settings, image)
    return Loaded(written.version, written.sent, image.issues, seconds)


def image_of(
    settings: Settings, judgements: Sequence[Judgement], report: Progress = lambda _what, _done, _all: None, suppressed: Collection[str] = ()
) -> tuple[Image, Decided]:
    """The image of the graph that this home's claims, judgements and the ids that must not be shown make, and what identity decided."""
    report("identity", 0, 0)
    full = settings.identity == "full"
    order = [s.meta.id for s in SOURCES]
    with _no_cycles():
        return build_image(settings.home, order, judgements, names=full, tagger=Tagger.load(REFERENCE) if full else None, suppressed=suppressed)


def node_digests(image: Image, label: Label) -> dict[str, str]:
    """Id of every node of a label -> digest of its properties and its kind: what the writer compares."""
    return {i: digest(props) + (kind or "") for i, (kind, props) in image.nodes.get(label, {}).items()}


def publish_derived(settings: Settings, image: Image, written: Written) -> None:
    """Build the derived files of this graph version, unless they are there."""
    folder = settings.home / "derived"
    if derived.current_version(folder) == written.version:
        return
    edges: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    for type_, ends in derive.PROJECTED.items():
        edges[type_] = [(a, b, p) for (a, b), p in image.edges.get((type_, *ends), {}).items()]
    aliases = [pair for (type_, _, _), group in image.edges.items() if type_ == "IDENTIFIES" for pair in group]
    nodes = image.nodes
    derive.build(
        folder,
        written.version,
        derive.Feed(
            organizations=((i, p, k) for i, (k, p) in nodes[Label.ORGANIZATION].items()),
            projects=((i, p) for i, (_, p) in nodes[Label.PROJECT].items()),
            topics=((i, p) for i, (_, p) in nodes[Label.TOPIC].items()),
            places=((i, p) for i, (_, p) in nodes[Label.PLACE].items()),
            edges=edges,
            aliases=aliases,
        ),
    )


def _keep_issues(settings: Settings, image: Image) -> None:
    path = settings.home / "graph" / "issues.json"
    tmp = path.with_suffix(".tmp")
    tmp.write_bytes(orjson.dumps(image.issues))
    tmp.replace(path)


def load_issues(home: Path) -> list[dict[str, Any]]:
    """Issues of the last load (identity and vocabulary); those of reading stand in each set's header."""
    path = home / "graph" / "issues.json"
    return list(orjson.loads(path.read_bytes())) if path.exists() else []


def remove(settings: Settings, source_id: str, dataset: str = "") -> list[Path]:
    """Take the claims of a source (or of one dataset of it) out.  The caller loads afterwards.  Raises UsageError if there are none."""
    found = [p for p in claims.sets(settings.home) if p.parent.name == source_id and (not dataset or p.name == f"{dataset}.jsonl.gz")]
    if not found:
        there = ", ".join(sorted(f"{p.parent.name}/{p.name.removesuffix('.jsonl.gz')}" for p in claims.sets(settings.home)))
        raise UsageError(
            f"Von der Quelle {source_id!r} ist nichts geladen. Geladen: {there or 'nichts'}.",
            f"Nothing is loaded from the source {source_id!r}. Loaded: {there or 'nothing'}.",
        )
    for p in found:
        p.unlink()
    if source_id == documents.SOURCE:
        documents.remove(settings.home, [p.name.removesuffix(".jsonl.gz") for p in found])
    return found


def canonical_dump(store: Store) -> Iterator[str]:
    """Every node and edge of a store as sorted lines of JSON, the Meta node left out; equal graphs give equal dumps."""
    book = load_book()
    lines = []
    for label in Label:
        after = ""
        while label is not Label.META and (rows := store.read(book[f"dump_nodes[{label}]"], after=after)):
            lines += [_dumped("node", label, sorted(set(r["labels"]) - {label}), r["props"]) for r in rows]
            after = rows[-1]["id"]
    for link in LINKS.values():
        for a, b in link.pairs:
            after = ""
            while rows := store.read(book[f"dump_edges[{a},{link.name},{b}]"], after=after):
                lines += [_dumped("edge", link.name, [a, r["a"], b, r["b"]], r["props"]) for r in rows if r["b"] is not None]
                after = rows[-1]["a"]
    yield from sorted(lines)


def image_dump(image: Image) -> Iterator[str]:
    """The same lines as canonical_dump, from an image."""
    lines = [_dumped("node", label, [kind] if kind else [], props) for label, _, kind, props in image.all_nodes()]
    for (type_, a, b), edges in image.edges.items():
        lines += [_dumped("edge", type_, [a, start, b, end], props) for (start, end), props in edges.items()]
    yield from sorted(lines)


def _dumped(what: str, name: str, more: Sequence[str], props: Mapping[str, Any]) -> str:
    # an empty list and an absent property are the same to a graph
    kept = {k: v for k, v in props.items() if v not in (None, [])}
    return orjson.dumps([what, name, list(more), kept], option=orjson.OPT_SORT_KEYS).decode()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that `innonet check` found, in both languages."""

    de: str
    en: str

    def text(self, language: str) -> str:
        """The text in ``de`` or ``en``."""
        return self.en if language == "en" else self.de


def check(settings: Settings, store: Store) -> list[Problem]:
    """Compare the graph with what claims and judgements make of it, and the derived files with the graph's version."""
    problems = []
    with State(settings.home) as state:
        wanted, there = set(image_dump(image_of(settings, state.judgements(), suppressed=Suppression(state).ids())[0])), set(canonical_dump(store))
    if missing := sorted(wanted - there):
        n, first = len(missing), missing[0][:200]
        problems.append(Problem(f"{n} Knoten oder Kanten fehlen im Graphen, z. B. {first}", f"{n} nodes or edges are missing, e.g. {first}"))
    if extra := sorted(there - wanted):
        n, first = len(extra), extra[0][:200]
        problems.append(Problem(f"{n} Knoten oder Kanten sind zu viel im Graphen, z. B. {first}", f"{n} nodes or edges are too many, e.g. {first}"))
    meta = read_meta(store)
    if meta and derived.current_version(settings.home / "derived") != meta.version:
        problems.append(Problem("Die abgeleiteten Dateien gehören zu einem anderen Stand.", "The derived files belong to another version."))
    problems += [Problem(p.de, p.en) for p in store.check()]
    return problems
