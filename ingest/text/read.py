"""The one door for texts: files, folders and bytes become documents with one normalised text and a map back to what was read.

    for got in read_folder(Path("meldungen"), limits):
        if isinstance(got, ReadProblem): ...   # said in German and English; the others go on
        else: got.text, got.title, got.date, got.page(offset), got.origin(offset)

A web address is read by ingest/text/fetch.py.  The readers of the single formats are in ingest/text/reading/.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ingest.text.reading import plain
from ingest.text.reading.document import Document, Origin, Page, build, document_id
from ingest.text.reading.encoding import decode
from ingest.text.reading.formats import ENDINGS, MEDIA, kind_of
from ingest.text.reading.limits import Limits
from ingest.text.reading.normal import normalise
from ingest.text.reading.offsets import OffsetMap
from ingest.text.reading.problem import ReadProblem
from ingest.text.reading.raw import Raw
from ingest.text.reading.worker import the_worker

__all__ = ["Document", "Limits", "OffsetMap", "Origin", "Page", "ReadProblem", "document_id", "files_of", "normalise", "read_bytes", "read_file", "read_folder"]

_DEFAULT = Limits()


def read_bytes(data: bytes, name: str, media: str = "", limits: Limits = _DEFAULT, address: str = "") -> list[Document]:
    """The documents in the bytes of a file: one, or one an entry of a feed and a message of a mailbox.

    name     the file's name, its ending helps to tell the format
    media    what a server says of type and encoding ("text/html; charset=utf-8")
    address  the document's address if it is not the name
    Raises ReadProblem if nothing can be read.
    """
    address = address or name
    if len(data) > limits.file_bytes:
        raise ReadProblem("too_large", address, f"{len(data):,} > {limits.file_bytes:,} Byte")
    if not data.strip():
        raise ReadProblem("empty", address)
    kind = kind_of(data, name, media, address)
    encoding = _charset(media)
    # a plain text has no parser that could crash, and most of what is read is one
    raws = [plain.read(decode(data, encoding))] if kind == "text" else the_worker().parse(kind, data, address, encoding, limits)
    whole = hashlib.sha256(data).hexdigest()
    documents = []
    for raw in raws:
        if raw.text.strip():
            part = raw if raw.media else replace(raw, media=MEDIA[kind])
            documents.append(build(part, _part_address(address, raw.part), _part_hash(raw) if raw.part else whole, limits.characters))
    if not documents:
        raise ReadProblem("empty", address)
    return documents


def read_file(path: Path, limits: Limits = _DEFAULT, *, root: Path | None = None) -> list[Document]:
    """The documents in a file.  Their address is the path below ``root``, else the file's name.  Raises ReadProblem."""
    address = _printable(path.relative_to(root).as_posix() if root else path.name)
    try:
        if path.stat().st_size > limits.file_bytes:
            raise ReadProblem("too_large", address, f"{path.stat().st_size:,} > {limits.file_bytes:,} Byte")
        data = path.read_bytes()
    except OSError as e:
        raise ReadProblem("missing", address, e.strerror or type(e).__name__) from e
    return read_bytes(data, path.name, limits=limits, address=address)


def read_folder(folder: Path, limits: Limits = _DEFAULT) -> Iterator[Document | ReadProblem]:
    """All documents under a folder, in the order of their paths; a file that cannot be read is a ReadProblem, and the others go on.

    Read are the endings of ENDINGS; hidden files and links that lead out of the folder are not.
    """
    for path in files_of(folder):
        try:
            yield from read_file(path, limits, root=folder)
        except ReadProblem as problem:
            yield problem


def files_of(folder: Path) -> list[Path]:
    """The files that `read_folder` reads, in its order."""
    return sorted(_files(folder))


def _files(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".")]
        for name in names:
            path = Path(where, name)
            if not name.startswith(".") and path.suffix.lower() in ENDINGS and path.is_file() and not path.is_symlink():
                yield path


def _printable(name: str) -> str:
    """A file's name as text: bytes in it that are not UTF-8 become U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")


def _part_hash(raw: Raw) -> str:
    """The hash of a part of a file: it changes with the part, not with its neighbours."""
    return hashlib.sha256(f"{raw.title}\x00{raw.date}\x00{raw.text}".encode("utf-8", "surrogatepass")).hexdigest()


def _part_address(address: str, part: str) -> str:
    """The address of a part of a file: its own web address, or the file's with a fragment."""
    if not part:
        return address
    return part if part.startswith(("http://", "https://")) else f"{address}#{part}"


def _charset(media: str) -> str:
    for parameter in media.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")
    return ""
