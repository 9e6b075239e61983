"""The texts that were read, with what was found in them, kept beside the claims for the page that shows a document.

One file a document, ``documents/<dataset>/<id>.json.gz`` in the home.  The graph holds only the quoted sentences; a host
without these files shows those.  Nothing here needs the recogniser or spaCy.
"""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from ingest.base import FileError

SOURCE: Final = "text"
"""Id of the source that all texts are."""

_PREFIX: Final = f"{SOURCE}:"


@dataclass(frozen=True, slots=True)
class Mark:
    """One name or topic in a text: half-open span in characters, what it is, and the id of the record (or topic) it stands for.

    tag     a value of marks.Tag, or "TOPIC"
    record  id that the site resolves as any record id; "" where nothing was made of it (places that no gazetteer knows)
    found   what found it, a value of marks.Found, "" for topics
    """

    start: int
    end: int
    tag: str
    record: str
    score: float = 1.0
    found: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One relation of a text, for reading: names and record ids of both ends, and the span and id of the sentence that says it."""

    type: str
    head: str
    head_name: str
    tail: str
    tail_name: str
    status: str
    role: str
    start: int
    end: int
    evidence: str
    confidence: float
    rule: str


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A text as the page shows it.  ``pages``: (number, offset) of each page of a PDF."""

    id: str
    title: str
    date: str
    language: str
    site: str
    address: str
    media: str
    sha256: str
    text: str
    pages: tuple[tuple[int, int], ...] = ()
    marks: tuple[Mark, ...] = ()
    statements: tuple[Statement, ...] = ()


def folder(home: Path) -> Path:
    """Where the documents of an INNONET_HOME lie."""
    return home / "documents"


def save(home: Path, dataset: str, documents: Iterable[StoredDocument]) -> list[str]:
    """Write documents, each whole or not at all.  Returns their ids."""
    target = folder(home) / dataset
    target.mkdir(parents=True, exist_ok=True)
    saved = []
    for d in documents:
        path = target / _name(d.id)
        tmp = path.with_name(f"{path.name}.tmp-{os.getpid()}")
        tmp.write_bytes(gzip.compress(orjson.dumps(asdict(d)), 6, mtime=0))
        tmp.replace(path)
        saved.append(d.id)
    return saved


def keep_only(home: Path, dataset: str, ids: Iterable[str]) -> None:
    """Remove the files of a dataset's other documents: those that were withdrawn, or half written by a killed run."""
    target = folder(home) / dataset
    wanted = {_name(i) for i in ids}
    if target.is_dir():
        for path in target.iterdir():
            if path.name not in wanted:
                path.unlink()


def remove(home: Path, datasets: Sequence[str]) -> None:
    """Remove all documents of some datasets."""
    for dataset in datasets:
        shutil.rmtree(folder(home) / dataset, ignore_errors=True)


def load(home: Path, id_: str) -> StoredDocument | None:
    """The document of this id, None where this host does not hold it.  Raises FileError when its file is damaged."""
    for path in sorted(folder(home).glob(f"*/{_name(id_)}")) if _usable(id_) else ():
        try:
            d: dict[str, Any] = orjson.loads(gzip.decompress(path.read_bytes()))
        except (OSError, EOFError, ValueError) as e:
            raise FileError(f"{path}: beschädigt ({e}). Bitte die Texte neu einlesen.", f"{path}: damaged ({e}). Please ingest the texts again.") from e
        d["marks"] = tuple(Mark(**m) for m in d["marks"])
        d["statements"] = tuple(Statement(**s) for s in d["statements"])
        d["pages"] = tuple((int(n), int(at)) for n, at in d["pages"])
        return StoredDocument(**d)
    return None


def _usable(id_: str) -> bool:
    return id_.startswith(_PREFIX) and id_.removeprefix(_PREFIX).isalnum()


def _name(id_: str) -> str:
    return f"{id_.removeprefix(_PREFIX)}.json.gz"
