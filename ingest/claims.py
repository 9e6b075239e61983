"""Claims files: the truth of the system, one gzip JSON-Lines file a source and dataset.

``claims/<source>/<dataset>.jsonl.gz``; the first line is the Header, then one array a line, sorted by its bytes:

    ["e", id, label, kind|null, props, identifiers, [evidence ids], [same_as ids]]      an Entity
    ["l", start, type, end, props, status|null, confidence, [evidence ids]]             a Link
    ["v", id, locator, quote, extractor, confidence]                                    an Evidence

No clock goes into a file: the same input gives the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import heapq
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import orjson

from graph.errors import InnonetError
from graph.model import Claim, Entity, Evidence, Kind, Label, Link
from ingest.base import Context, SourceMeta

FORMAT: Final = 1
RUN_BYTES: Final = 64 << 20
"""A sorted run is written out when it holds this much, so that memory stays bounded whatever the size of a source."""

_SORTED: Final = orjson.OPT_SORT_KEYS


class ClaimsError(InnonetError):
    """A claims file is damaged or of another format."""


@dataclass(frozen=True, slots=True)
class Header:
    """First line of a claims file.

    files   raw files read: [{"name", "bytes", "sha256"}]
    reader  hash of the code that read them; another hash means: read again
    counts  {"organizations", "projects", "topics", "places", "links", "evidence"}
    issues  [{"code", "detail", "count", "examples": [{"locator", "value"}]}]
    """

    format: int
    source: dict[str, str]
    dataset: str
    release: str
    retrieved: str
    files: list[dict[str, Any]]
    reader: str
    counts: dict[str, int]
    issues: list[dict[str, Any]] = field(default_factory=list)

    @property
    def source_id(self) -> str:
        """Id of the source in SOURCES."""
        return self.source["id"]


def folder(home: Path) -> Path:
    """Where the claims of an INNONET_HOME lie."""
    return home / "claims"


def set_path(home: Path, source: str, dataset: str) -> Path:
    """File of one set of claims."""
    return folder(home) / source / f"{dataset}.jsonl.gz"


def sets(home: Path) -> list[Path]:
    """All sets of claims, in a fixed order."""
    return sorted(folder(home).glob("*/*.jsonl.gz"))


def hash_files(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of raw files."""
    out = []
    for p in paths:
        with p.open("rb") as f:
            out.append({"name": p.name, "bytes": p.stat().st_size, "sha256": hashlib.file_digest(f, "sha256").hexdigest()})
    return out


def _line(claim: Claim) -> bytes:
    if isinstance(claim, Evidence):
        return orjson.dumps(["v", claim.id, claim.locator, claim.quote, claim.extractor, claim.confidence])
    if isinstance(claim, Link):
        return orjson.dumps(["l", claim.start, claim.type, claim.end, claim.props, claim.status, claim.confidence, claim.evidence], option=_SORTED)
    return orjson.dumps(["e", claim.id, claim.label, claim.kind, claim.props, claim.identifiers, claim.evidence, claim.same_as], option=_SORTED)


_COUNTED: Final = {Label.ORGANIZATION: "organizations", Label.PROJECT: "projects", Label.TOPIC: "topics", Label.PLACE: "places", Label.DOCUMENT: "documents"}


def write_set(ctx: Context, claims: Iterable[Claim], out: Path, files: list[dict[str, Any]], reader: str) -> Header:
    """Sort the claims (external merge) and publish them atomically as one set.  Returns its header."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".run-") as tmp:
        runs: list[Path] = []
        buffer: set[bytes] = set()
        size = 0

        def flush() -> None:
            nonlocal size
            path = Path(tmp) / f"{len(runs)}"
            with path.open("wb") as f:
                f.writelines(sorted(buffer))
            runs.append(path)
            buffer.clear()
            size = 0

        for claim in claims:
            # the sum is a new object of just its size; the buffers that orjson hands out keep kilobytes behind them
            line = _line(claim) + b"\n"
            buffer.add(line)
            size += len(line)
            if size > RUN_BYTES:
                flush()
        parts: list[Iterable[bytes]] = [sorted(buffer)]
        handles: list[IO[bytes]] = []
        try:
            for path in runs:
                run = path.open("rb")
                handles.append(run)
                parts.append(run)
            body = Path(tmp) / "body"
            counts = _write_body(ctx, heapq.merge(*parts), body)
        finally:
            for h in handles:
                h.close()
        header = Header(
            FORMAT,
            _meta(ctx.meta),
            ctx.release.dataset,
            ctx.release.name,
            ctx.release.retrieved,
            files,
            reader,
            counts,
            [asdict(i) for i in ctx.issues.counts()],
        )
        done = Path(tmp) / "done"
        with done.open("wb") as raw:
            with gzip.GzipFile("", "wb", 3, raw, mtime=0) as z:
                z.write(orjson.dumps(asdict(header), option=_SORTED) + b"\n")
            # a gzip file may have several members: the body was packed while the issues were still being counted
            with body.open("rb") as b:
                while chunk := b.read(1 << 20):
                    raw.write(chunk)
        done.replace(out)
    return header


def _write_body(ctx: Context, lines: Iterable[bytes], path: Path) -> dict[str, int]:
    counts: dict[str, int] = {}
    last, last_evidence = b"", ""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 3, raw, mtime=0) as z:
        for line in lines:
            if line == last:
                continue
            last = line
            match line[2:3]:
                case b"v":
                    d = orjson.loads(line)
                    if d[1] == last_evidence:
                        ctx.issue("duplicate_row", d[2], d[1])
                        continue
                    last_evidence, key = d[1], "evidence"
                case b"l":
                    key = "links"
                case _:
                    key = _COUNTED[orjson.loads(line)[2]]
            counts[key] = counts.get(key, 0) + 1
            z.write(line)
    return counts


def _meta(meta: SourceMeta) -> dict[str, str]:
    return {k: str(v) for k, v in asdict(meta).items()}


def read_header(path: Path) -> Header:
    """The header of a set.  Raises ClaimsError when the file is damaged or of another format."""
    try:
        with gzip.open(path, "rb") as f:
            d = orjson.loads(f.readline())
    except (OSError, EOFError, ValueError) as e:
        raise ClaimsError(
            f"{path}: beschädigt ({e}). Bitte die Quelle neu einlesen oder eine Sicherung zurückspielen.",
            f"{path}: damaged ({e}). Please ingest the source again or restore a backup.",
        ) from e
    if d.get("format") != FORMAT:
        raise ClaimsError(
            f"{path}: Format {d.get('format')}, dieses Programm liest {FORMAT}. Bitte die Quelle neu einlesen.",
            f"{path}: format {d.get('format')}, this program reads {FORMAT}. Please ingest the source again.",
        )
    return Header(**d)


def read_lines(path: Path) -> Iterator[list[Any]]:
    """The claims of a set as arrays (see the module's text), sorted."""
    try:
        with gzip.open(path, "rb") as f:
            f.readline()
            loads = orjson.loads
            for line in f:
                yield loads(line)
    except (OSError, EOFError, ValueError) as e:
        raise ClaimsError(
            f"{path}: beschädigt ({e}). Bitte die Quelle neu einlesen oder eine Sicherung zurückspielen.",
            f"{path}: damaged ({e}). Please ingest the source again or restore a backup.",
        ) from e


def summaries(home: Path) -> list[dict[str, Any]]:
    """Header of every set as a plain dictionary, for «Quellen» and `innonet sources`."""
    return [asdict(read_header(p)) for p in sets(home)]


def entity(line: list[Any]) -> Entity:
    """An Entity from its line."""
    _, id_, label, kind, props, identifiers, evidence, same_as = line
    return Entity(id_, Label(label), props, tuple(evidence), Kind(kind) if kind else None, identifiers, tuple(same_as))
