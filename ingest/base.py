"""What every ingester gets: its source's metadata, the release, limits, a place for issues, and readers that audit columns.

A bad row is an *issue* (counted, a few examples kept, the good rows go on).  A file that is not what it claims to be is a
FileError: the command stops and the graph stays as it was.
"""

from __future__ import annotations

import bz2
import csv
import datetime as dt
import gzip
import io
import itertools
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Protocol

import orjson

from graph.errors import InnonetError
from graph.model import Claim

EXAMPLES_KEPT: Final = 5
_CHUNK: Final = 1 << 17


class FileError(InnonetError):
    """A file cannot be read as what it claims to be.  Nothing of it is used."""


@dataclass(frozen=True, slots=True)
class SourceMeta:
    """Who publishes a source, under which licence, what it states, and how persons are kept out.

    own_ids  the publisher gives each organisation an id of its own, so two of its records are two organisations; without,
             the name makes the record
    """

    id: str
    title_de: str
    title_en: str
    publisher: str
    homepage: str
    licence: str
    licence_url: str
    attribution: str
    states_de: str
    states_en: str
    persons_de: str
    persons_en: str
    own_ids: bool = True


@dataclass(frozen=True, slots=True)
class Release:
    """One release of a source: its name, the ISO date it was retrieved (or published), and options from release.json.

    ``dataset`` names the set of claims it replaces when it is loaded again in a newer state; default: the release's name.
    """

    name: str
    retrieved: str
    dataset: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is believed of a file before it counts as an attack or an accident.  Bytes are counted after unpacking."""

    file_bytes: int = 4 << 30
    ratio: int = 200
    line_bytes: int = 8 << 20
    archive_files: int = 1000


@dataclass(frozen=True, slots=True)
class Example:
    """Where an issue was seen."""

    locator: str
    value: str


@dataclass(slots=True)
class IssueCount:
    """How often one issue was seen, with the first few places."""

    code: str
    detail: str
    count: int = 0
    examples: list[Example] = field(default_factory=list)


ISSUES: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_file": ("Datei ist unbekannt und wurde nicht gelesen", "file is unknown and was not read"),
    "unknown_column": ("Spalte ist unbekannt und wurde nicht gelesen", "column is unknown and was not read"),
    "missing_id": ("Zeile ohne Kennung, übergangen", "row without an id, left out"),
    "missing_name": ("Zeile ohne Namen, übergangen", "row without a name, left out"),
    "row_length": ("Zeile hat eine andere Zahl von Feldern als der Kopf, übergangen", "row has another number of fields than the header, left out"),
    "encoding": ("Zeile ist nicht in der erwarteten Kodierung, übergangen", "row is not in the expected encoding, left out"),
    "bad_json": ("Zeile ist kein JSON, übergangen", "row is not JSON, left out"),
    "bad_number": ("Zahl nicht lesbar, Wert übergangen", "number not readable, value left out"),
    "bad_value": ("Wert nicht glaubhaft, übergangen", "value not plausible, left out"),
    "bad_date": ("Datum nicht lesbar, Wert übergangen", "date not readable, value left out"),
    "bad_coordinates": ("Koordinaten nicht lesbar, Wert übergangen", "coordinates not readable, value left out"),
    "unknown_role": ("Rolle unbekannt, ohne Rolle übernommen", "role unknown, taken without a role"),
    "unknown_activity": ("Art der Einrichtung unbekannt, ohne Art übernommen", "activity type unknown, taken without a kind"),
    "unknown_country": ("Land unbekannt, ohne Land übernommen", "country unknown, taken without a country"),
    "unknown_category": ("Kategorie unbekannt", "category unknown"),
    "unknown_record": ("Verknüpfung zu einem Satz, den keine Quelle nennt, übergangen", "link to a record that no source states, left out"),
    "duplicate_row": ("Zeile mit derselben Kennung und anderem Inhalt; die erste gilt", "row with the same id and other content; the first stands"),
    "collective": ("Sammelbuchung ohne eine einzelne Einrichtung, übergangen", "collective booking without a single organisation, left out"),
    "person": ("Einzelperson, wird nie gespeichert", "natural person, never stored"),
    "not_allowed": ("passt nicht zum Vokabular, übergangen", "does not fit the vocabulary, left out"),
    "self_loop": ("nach dem Zusammenführen eine Verknüpfung mit sich selbst, übergangen", "a link with itself after merging, left out"),
    "withdrawn": ("vom Herausgeber zurückgezogen, übergangen", "withdrawn by the publisher, left out"),
    "unreadable": ("Dokument ließ sich nicht lesen, übergangen", "document could not be read, left out"),
    "unknown_place": ("Ort steht nicht im Ortsverzeichnis, Verknüpfung übergangen", "place is not in the gazetteer, link left out"),
    "id_conflict": ("Kennungen widersprechen sich, nicht zusammengeführt", "identifiers contradict each other, not merged"),
}
"""Closed list of issue codes with their text in German and English."""


class Issues:
    """Counts issues by code and detail; keeps the first examples of each."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], IssueCount] = {}

    def add(self, code: str, locator: str, value: str = "", detail: str = "") -> None:
        """Note one issue.  ``detail`` tells kinds of the same code apart (the name of the column), ``value`` is what was seen."""
        if code not in ISSUES:
            raise ValueError(f"unknown issue code {code!r}")
        c = self._counts.setdefault((code, detail), IssueCount(code, detail))
        c.count += 1
        if len(c.examples) < EXAMPLES_KEPT:
            c.examples.append(Example(locator, value[:200]))

    def counts(self) -> list[IssueCount]:
        """All issues, by code and detail."""
        return [c for _, c in sorted(self._counts.items())]

    def __len__(self) -> int:
        return sum(c.count for c in self._counts.values())


@dataclass(frozen=True, slots=True)
class Member:
    """One logical file: a plain file, an unpacked .gz or .bz2, or a member of a .zip.  ``name`` is without the packing's ending."""

    name: str
    path: Path
    packing: str
    limits: Limits

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The unpacked bytes, with the limits watched.  Raises FileError when packing or limits are violated."""
        try:
            if self.packing == "zip":
                with zipfile.ZipFile(self.path) as z:
                    try:
                        info = z.getinfo(self.name)
                        inner = z.open(info)
                    except (KeyError, RuntimeError, NotImplementedError) as e:  # gone, encrypted, packed in a way Python does not know
                        raise FileError(
                            f"{self.path.name}: {self.name} lässt sich nicht entpacken ({e}).", f"{self.path.name}: {self.name} cannot be unpacked ({e})."
                        ) from e
                    with inner:
                        yield io.BufferedReader(_Watched(inner, self, info.compress_size), _CHUNK)
            else:
                packed = self.path.stat().st_size if self.packing else None
                openers: dict[str, Callable[..., Any]] = {"gz": gzip.open, "bz2": bz2.open, "": open}
                with openers[self.packing](self.path, "rb") as f:
                    yield io.BufferedReader(_Watched(f, self, packed), _CHUNK)
        except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile) as e:
            raise self._damaged(e) from e
        except OSError as e:
            if self.packing and e.errno is None:  # bz2 says «Invalid data stream» so
                raise self._damaged(e) from e
            raise FileError(f"{self.path.name}: nicht lesbar ({e.strerror or e}).", f"{self.path.name}: cannot be read ({e.strerror or e}).") from e

    def _damaged(self, e: Exception) -> FileError:
        return FileError(
            f"{self.path.name}: die gepackte Datei ist beschädigt oder unvollständig ({e}). Bitte neu herunterladen.",
            f"{self.path.name}: the packed file is damaged or incomplete ({e}). Please download it again.",
        )


class _Watched(io.RawIOBase):
    """Counts what was unpacked and stops at the limits."""

    def __init__(self, inner: IO[bytes], member: Member, packed: int | None) -> None:
        self._inner, self._member, self._packed, self._seen = inner, member, packed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._inner.read(len(buffer))
        self._seen += len(data)
        m = self._member
        # a tiny archive may compress well; only what is also big is a bomb
        if self._seen > m.limits.file_bytes or (self._packed is not None and self._seen > (64 << 20) and self._seen > m.limits.ratio * max(self._packed, 1)):
            raise FileError(
                f"{m.path.name}: entpackt größer als erlaubt ({self._seen} Byte gelesen; INNONET_MAX_FILE_BYTES, INNONET_MAX_RATIO).",
                f"{m.path.name}: larger than allowed when unpacked ({self._seen} bytes read; INNONET_MAX_FILE_BYTES, INNONET_MAX_RATIO).",
            )
        buffer[: len(data)] = data
        return len(data)


class Row:
    """One row of a table: values by column name, its number as a spreadsheet counts, and its quote."""

    __slots__ = ("_columns", "_values", "member", "number")

    def __init__(self, member: str, number: int, columns: Mapping[str, int], values: Sequence[str]) -> None:
        self.member, self.number, self._columns, self._values = member, number, columns, values

    def get(self, column: str) -> str:
        """The value without blanks at its ends; empty if the table has no such column."""
        try:
            return self._values[self._columns[column]].strip()
        except KeyError:
            return ""

    def columns(self, *wanted: str) -> list[str]:
        """Those of the wanted columns that the table has."""
        return [c for c in wanted if c in self._columns]

    def raw(self, columns: Sequence[str]) -> list[str]:
        """The raw values of these columns (of ``columns()``): for telling fast whether two rows say the same."""
        v, at = self._values, self._columns
        return [v[at[c]] for c in columns]

    @property
    def locator(self) -> str:
        """``file:row``"""
        return f"{self.member}:{self.number}"

    def quote(self) -> str:
        """The columns that are read and not empty, as a JSON object."""
        v = self._values
        return orjson.dumps({c: t for c, i in self._columns.items() if (t := v[i])}).decode()


class Record:
    """One JSON object of a publisher, read like a Row: what is neither read nor known is an issue, so is a value of another type.

    Values never stand in these issues: they may hold what must not be kept.
    """

    __slots__ = ("_ctx", "_data", "_path", "locator")

    def __init__(self, ctx: Context, locator: str, data: Mapping[str, Any], read: Iterable[str], unread: Iterable[str] = (), path: str = "") -> None:
        self._ctx, self.locator, self._data, self._path = ctx, locator, data, path
        for key in data.keys() - set(read) - set(unread):
            ctx.issue("unknown_column", locator, detail=(path + key)[:80])

    def __bool__(self) -> bool:
        return bool(self._data)

    def _bad(self, key: str) -> None:
        self._ctx.issue("bad_value", self.locator, detail=self._path + key)

    def text(self, key: str) -> str:
        """A text or whole number as one line of text; empty if it is not stated."""
        v = self._data.get(key)
        if isinstance(v, str):
            return one_line(v.strip())
        if isinstance(v, int) and not isinstance(v, bool):
            return str(v)
        if v is not None:
            self._bad(key)
        return ""

    def number(self, key: str) -> float | None:
        """A number, None if it is not stated."""
        v = self._data.get(key)
        if isinstance(v, int | float) and not isinstance(v, bool):
            return float(v)
        if v is not None:
            self._bad(key)
        return None

    def texts(self, key: str) -> list[str]:
        """A list of texts, without empty ones; one bare text counts as a list of one."""
        v = self._data.get(key)
        items = [v] if isinstance(v, str) else v if isinstance(v, list) else []
        good = [one_line(t.strip()) for t in items if isinstance(t, str)]
        if len(good) != len(items) or (v is not None and not isinstance(v, str | list)):
            self._bad(key)
        return [t for t in good if t]

    def object(self, key: str, read: Iterable[str], unread: Iterable[str] = ()) -> Record:
        """An object inside; an empty one if it is not stated."""
        v = self._data.get(key)
        if v is not None and not isinstance(v, dict):
            self._bad(key)
        return Record(self._ctx, self.locator, v if isinstance(v, dict) else {}, read, unread, f"{self._path}{key}.")

    def objects(self, key: str, read: Iterable[str], unread: Iterable[str] = ()) -> list[Record]:
        """A list of objects inside."""
        v = self._data.get(key)
        items = v if isinstance(v, list) else []
        good = [i for i in items if isinstance(i, dict)]
        if len(good) != len(items) or (v is not None and not isinstance(v, list)):
            self._bad(key)
        return [Record(self._ctx, self.locator, i, read, unread, f"{self._path}{key}.") for i in good]


@dataclass(slots=True)
class Context:
    """What crawl() is called with."""

    meta: SourceMeta
    release: Release
    limits: Limits = field(default_factory=Limits)
    issues: Issues = field(default_factory=Issues)
    options: Mapping[str, str] = field(default_factory=dict)

    def issue(self, code: str, where: Row | str, value: str = "", detail: str = "") -> None:
        """Note that something in this row is not as it should be.  ``where`` is a Row or a locator."""
        self.issues.add(code, where.locator if isinstance(where, Row) else where, value, detail)

    def members(self, path: Path) -> list[Member]:
        """The logical files under a file, an archive or a folder (not into sub-folders), by name."""
        if not path.exists():
            raise FileError(f"{path}: gibt es nicht.", f"{path}: does not exist.")
        found: list[Member] = []
        for p in sorted(path.iterdir()) if path.is_dir() else [path]:
            if p.is_dir() or p.name.startswith("."):
                continue
            if p.suffix in (".gz", ".bz2"):
                found.append(Member(p.name[: -len(p.suffix)], p, p.suffix[1:], self.limits))
            elif p.suffix == ".zip":
                found += self._zip_members(p)
            else:
                found.append(Member(p.name, p, "", self.limits))
        return sorted(found, key=lambda m: m.name)

    def _zip_members(self, path: Path) -> list[Member]:
        try:
            with zipfile.ZipFile(path) as z:
                names = [i.filename for i in z.infolist() if not i.is_dir()]
        except (zipfile.BadZipFile, OSError) as e:
            raise FileError(f"{path.name}: kein lesbares ZIP-Archiv ({e}).", f"{path.name}: not a readable ZIP archive ({e}).") from e
        if len(names) > self.limits.archive_files:
            raise FileError(
                f"{path.name}: {len(names)} Dateien im Archiv, erlaubt sind {self.limits.archive_files} (INNONET_MAX_ARCHIVE_FILES).",
                f"{path.name}: {len(names)} files in the archive, {self.limits.archive_files} are allowed (INNONET_MAX_ARCHIVE_FILES).",
            )
        # what the makers of archives leave behind (__MACOSX/._x, .DS_Store) is no file of the publisher
        names = [n for n in dict.fromkeys(names) if not n.startswith("__MACOSX/") and not n.rsplit("/", 1)[-1].startswith(".")]
        return [Member(n, path, "zip", self.limits) for n in names]

    def columns(self, member: Member, *, delimiters: str = ";,\t", encoding: str = "utf-8") -> list[str]:
        """The names in the header line of a delimited text file; none if it is empty.  For telling tables apart by what they hold."""
        with member.open() as f:
            first = next(_lines(f, member, encoding, self.issues, None, []), None)
        return [] if first is None else _header(first, (), member, max(delimiters, key=first.count))[0]

    def table(
        self,
        member: Member,
        *,
        read: Sequence[str],
        unread: Sequence[str] = (),
        required: Sequence[str] = (),
        delimiters: str = ";,\t",
        encoding: str = "utf-8",
        header: Sequence[str] | None = None,
        clean: Callable[[str], str] | None = None,
    ) -> Iterator[Row]:
        """Rows of a delimited text file.

        read      columns this ingester uses; unread: columns it knows and leaves alone; any other is an issue, once a file
        required  columns without which the file is not what it claims to be (FileError); default: none
        header    names to use when the file has no header line
        clean     applied to every physical line before it is split (``="..."`` cells)
        """
        with member.open() as f:
            skipped: list[int] = []
            lines = _lines(f, member, encoding, self.issues, clean, skipped)
            first = next(lines, None)
            if first is None:
                raise FileError(f"{member.name}: die Datei ist leer.", f"{member.name}: the file is empty.")
            delimiter = max(delimiters, key=first.count)
            if header is None:
                header, reader = _header(first, lines, member, delimiter)
                number = 1
            else:
                reader = csv.reader(itertools.chain((first,), lines), delimiter=delimiter)
                number = 0
            missing = [c for c in required if c not in header]
            if missing:
                gone, found = ", ".join(missing), ", ".join(header)[:200]
                raise FileError(
                    f"{member.name}: die Spalten {gone} fehlen; gefunden: {found}. Ist es die richtige Datei und das richtige Trennzeichen?",
                    f"{member.name}: the columns {gone} are missing; found: {found}. Is it the right file with the right delimiter?",
                )
            known = {*read, *unread}
            for c in header:
                if c and c not in known:
                    self.issues.add("unknown_column", f"{member.name}:1", c, detail=c[:80])
            columns = {c: header.index(c) for c in read if c in header}
            width = len(header)
            name = member.name
            while True:
                number += 1
                try:
                    values = next(reader)
                except StopIteration:
                    return
                except csv.Error as e:
                    self.issues.add("row_length", f"{name}:{number + len(skipped)}", str(e))
                    continue
                if len(values) != width:
                    if any(values):  # the row itself is not shown: it may hold what must not be kept
                        self.issues.add("row_length", f"{name}:{number + len(skipped)}", f"{len(values)} ≠ {width}")
                    continue
                if not any(values):
                    continue
                yield Row(name, number + len(skipped), columns, values)

    def json_lines(self, member: Member) -> Iterator[tuple[str, dict[str, Any]]]:
        """Objects of a JSON-lines file with their locators."""
        with member.open() as f:
            skipped: list[int] = []
            i = 0
            for i, line in enumerate(_lines(f, member, "utf-8", self.issues, None, skipped), 1):
                if not line.strip():
                    continue
                n = i + len(skipped)
                try:
                    d = orjson.loads(line)
                except orjson.JSONDecodeError:
                    d = None
                if not isinstance(d, dict):
                    if n == 1:
                        raise FileError(
                            f"{member.name}: keine JSON-Zeilen (erste Zeile nicht lesbar).", f"{member.name}: not JSON lines (first line not readable)."
                        )
                    self.issues.add("bad_json", f"{member.name}:{n}")  # the line is not shown: it may hold what must not be kept
                    continue
                yield f"{member.name}:{n}", d
            if not i:
                raise FileError(f"{member.name}: die Datei ist leer.", f"{member.name}: the file is empty.")

    def json_array(self, member: Member) -> Iterator[tuple[str, dict[str, Any]]]:
        """Objects of a file that is one JSON array, with their locators (``file:position``, counted from 1).  Streams: one object at a time."""
        with member.open() as f:
            for n, text in enumerate(_json_items(f, member), 1):
                try:
                    d = orjson.loads(text)
                except orjson.JSONDecodeError:  # what orjson takes for no JSON: NaN, half a surrogate pair
                    d = None
                if isinstance(d, dict):
                    yield f"{member.name}:{n}", d
                else:
                    self.issues.add("bad_json", f"{member.name}:{n}")


class Crawl(Protocol):
    """The one function of a source file: files in, claims out, in any order; the same file gives the same claims."""

    def __call__(self, ctx: Context, path: Path) -> Iterable[Claim]:
        """Read the file or folder at ``path``."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A source file's names, META and crawl, as one entry of SOURCES.

    describe  for a source whose publisher and release depend on the file (own lists): (path, options) -> metadata and release
    """

    meta: SourceMeta
    crawl: Crawl
    describe: Callable[[Path, Mapping[str, str]], tuple[SourceMeta, Release]] | None = None


def _header(first: str, rest: Iterable[str], member: Member, delimiter: str) -> tuple[list[str], Iterator[list[str]]]:
    """The names of the header line and the reader of what follows it."""
    reader = csv.reader(itertools.chain((first,), rest), delimiter=delimiter)
    try:
        return [c.strip() for c in next(reader)], reader
    except csv.Error as e:
        raise FileError(f"{member.name}: die Kopfzeile ist nicht lesbar ({e}).", f"{member.name}: the header line cannot be read ({e}).") from e


def _lines(f: IO[bytes], member: Member, encoding: str, issues: Issues, clean: Callable[[str], str] | None, skipped: list[int]) -> Iterator[str]:
    """Decoded physical lines; a line that is not in the encoding is an issue, left out, and its number noted in ``skipped``."""
    limit = member.limits.line_bytes
    readline = f.readline
    n = 0
    while raw := readline(limit + 1):
        n += 1
        if len(raw) > limit:
            raise FileError(
                f"{member.name}:{n}: eine Zeile von über {limit} Byte (INNONET_MAX_LINE_BYTES); ist es die richtige Datei?",
                f"{member.name}:{n}: a line of more than {limit} bytes (INNONET_MAX_LINE_BYTES); is it the right file?",
            )
        if n == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            line = raw.decode(encoding)
        except UnicodeDecodeError as e:
            if n == 1:
                raise _not_text(member, encoding) from e
            # only the byte is shown: the line may hold what must not be kept
            issues.add("encoding", f"{member.name}:{n}", f"0x{raw[e.start]:02x}, {encoding}")
            skipped.append(n)
            continue
        if "\0" in line:
            if n == 1:
                raise _not_text(member, encoding)
            issues.add("encoding", f"{member.name}:{n}", f"0x00, {encoding}")
            skipped.append(n)
            continue
        yield clean(line) if clean else line


def _not_text(member: Member, encoding: str) -> FileError:
    return FileError(
        f"{member.name}: UTF-16, eine andere Kodierung oder eine Binärdatei; erwartet wird Text in {encoding}. Bitte als «CSV UTF-8» speichern.",
        f"{member.name}: UTF-16, another encoding or a binary file; text in {encoding} is expected. Please save it as “CSV UTF-8”.",
    )


_BLANK: Final = re.compile(r"[ \t\r\n]*")


def _blank_to_the_end(rest: str, text: IO[str]) -> bool:
    """True if only blanks follow.  Reads on: a damaged packing, a bomb or a second document shows only at the end."""
    rest = rest or text.read(_CHUNK)
    while rest and not rest.strip():
        rest = text.read(_CHUNK)
    return not rest


def _json_items(f: IO[bytes], member: Member) -> Iterator[str]:
    """The texts of the items of one JSON array.  Holds one item and one chunk at a time."""

    def broken(what: object) -> FileError:
        return FileError(f"{member.name}: kein lesbares JSON-Feld (Array): {what}.", f"{member.name}: not a readable JSON array: {what}.")

    text = io.TextIOWrapper(f, "utf-8-sig")
    decode = json.JSONDecoder().raw_decode
    buffer, at, expected = "", 0, "["
    try:
        while True:
            at = _BLANK.match(buffer, at).end()  # type: ignore[union-attr]  # matches the empty text too
            if at < len(buffer) and expected != "item":
                if buffer[at] == "]" and expected != "[":
                    if not _blank_to_the_end(buffer[at + 1 :], text):
                        raise broken("nach dem Ende steht noch etwas / something follows its end")
                    return
                if expected in "[," and buffer[at] != expected:
                    raise broken(f"«{expected}» ≠ «{buffer[at]}»")
                at += expected in "[,"
                expected = {"[": "item or ]", ",": "item"}.get(expected, "item")
                continue
            if at < len(buffer):
                try:
                    end = decode(buffer, at)[1]
                except ValueError as e:
                    if len(buffer) - at > member.limits.line_bytes:
                        raise broken(e) from e
                else:
                    if end < len(buffer):  # else a number might go on in the next chunk
                        yield buffer[at:end]
                        at, expected = end, ","
                        continue
            more = text.read(_CHUNK)
            if not more:
                raise broken("unvollständig / incomplete")
            buffer, at = buffer[at:] + more, 0
    except (UnicodeDecodeError, RecursionError) as e:
        raise broken(e) from e


csv.field_size_limit(8 << 20)


def read_release(path: Path, *, name: str = "", retrieved: str = "", dataset: str = "") -> Release:
    """The release of the files at a path: options given win, then release.json beside the files, then the file's own date.

    release.json: ``{"release": "...", "retrieved": "YYYY-MM[-DD]", "dataset": "...", ...}``; other keys become options.
    """
    folder = path if path.is_dir() else path.parent
    found: dict[str, str] = {}
    file = folder / "release.json"
    if file.exists():
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            found = {str(k): str(v) for k, v in data.items()}
        except (ValueError, AttributeError) as e:
            raise FileError(f"{file}: kein lesbares release.json ({e}).", f"{file}: not a readable release.json ({e}).") from e
    retrieved = retrieved or found.pop("retrieved", "") or dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date().isoformat()
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", retrieved):
        raise FileError(f"{file}: «retrieved» muss JJJJ-MM-TT sein, nicht {retrieved!r}.", f"{file}: “retrieved” must be YYYY-MM-DD, not {retrieved!r}.")
    name = name or found.pop("release", "") or retrieved
    return Release(name, retrieved, slug(dataset or found.pop("dataset", "") or name), found)


def slug(text: str) -> str:
    """A name that can stand in a file name: lower-case letters, digits and single dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


# --- readings that several publishers share -------------------------------------------------------------------------


def one_line(text: str) -> str:
    """A text without line breaks and doubled blanks inside; ends are left as they are."""
    return " ".join(text.split()) if "\n" in text or "\r" in text or "\t" in text or "  " in text else text


_LAENDER: Final = {
    "BW": ("Baden-Württemberg", "Baden-Wurttemberg"),
    "BY": ("Bayern", "Bavaria"),
    "BE": ("Berlin",),
    "BB": ("Brandenburg",),
    "HB": ("Bremen",),
    "HH": ("Hamburg",),
    "HE": ("Hessen", "Hesse"),
    "MV": ("Mecklenburg-Vorpommern", "Mecklenburg-Western Pomerania"),
    "NI": ("Niedersachsen", "Lower Saxony"),
    "NW": ("Nordrhein-Westfalen", "North Rhine-Westphalia"),
    "RP": ("Rheinland-Pfalz", "Rhineland-Palatinate"),
    "SL": ("Saarland",),
    "SN": ("Sachsen", "Saxony"),
    "ST": ("Sachsen-Anhalt", "Saxony-Anhalt"),
    "SH": ("Schleswig-Holstein",),
    "TH": ("Thüringen", "Thuringia"),
}
_LAND_NAMES: Final = {known.lower(): names[0] for code, names in _LAENDER.items() for known in (code, f"DE-{code}", *names)}


def land(text: str) -> str | None:
    """German name of a German Land from its German or English name or its code (``NW``, ``DE-NW``), None if it is none."""
    return _LAND_NAMES.get(text.strip().lower())


_EU_COUNTRIES: Final = {"EL": "GR", "UK": "GB"}
_ISO_CODES: Final = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN "
    "CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM "
    "HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK "
    "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
    "VN VU WF WS XK YE YT ZA ZM ZW"
)
_ISO: Final = frozenset(_ISO_CODES.split())


def country(code: str) -> str | None:
    """ISO 3166 code from the publisher's two letters (the EU writes EL and UK), None if unknown.  ``NA`` is Namibia."""
    c = _EU_COUNTRIES.get(code.strip().upper(), code.strip().upper())
    return c if c in _ISO else None


_PLAIN: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_GERMAN: Final = re.compile(r"-?[0-9]{1,3}((\.[0-9]{3}){2,}|(\.[0-9]{3})+,[0-9]+)")
_ENGLISH: Final = re.compile(r"-?[0-9]{1,3}((,[0-9]{3}){2,}|(,[0-9]{3})+\.[0-9]+)")
_COMMA: Final = re.compile(r"-?[0-9]+,[0-9]+")


def number(text: str) -> float | None:
    """A number with decimal point or decimal comma, None if it is none: 412463.94, 412463,94, 8.499.240,00, 1,234.5.

    With one single mark it is the decimal mark (``1.234`` and ``1,234`` are a little over one): the publishers read here write
    amounts so, and a guess by the count of digits would be wrong a thousandfold.
    """
    t = text.strip()
    if not _PLAIN.fullmatch(t):
        t = t.replace(" ", "").replace("\xa0", "").replace("\u202f", "").replace("€", "")
        if _GERMAN.fullmatch(t):
            t = t.replace(".", "").replace(",", ".")
        elif _ENGLISH.fullmatch(t):
            t = t.replace(",", "")
        elif _COMMA.fullmatch(t):
            t = t.replace(",", ".")
        if not _PLAIN.fullmatch(t):
            return None
    return float(t) if len(t) < 40 else None


_WEB: Final = re.compile(r"https?://[^\s/?#@\"'<>\\]+\.[^\s/?#@\"'<>\\]+([/?#][^\s\"'<>\\]*)?", re.IGNORECASE)


def web_address(text: str) -> str | None:
    """A web address that may be shown as a link, None if it is none.  ``http://`` is put before a bare ``www.example.org``."""
    t = text.strip()
    if t and "://" not in t:
        t = f"http://{t}"
    return t if _WEB.fullmatch(t) and len(t) <= 500 else None


def coordinates(lat: str | float | None, lon: str | float | None) -> tuple[float, float] | None:
    """Latitude and longitude in degrees (WGS 84), None if they are no place on earth.  0,0 is what programs write for «unknown»."""
    try:
        a, b = float(lat), float(lon)  # type: ignore[arg-type]  # None is a TypeError, caught
    except (TypeError, ValueError):
        return None
    return (a, b) if -90 <= a <= 90 and -180 <= b <= 180 and (a, b) != (0, 0) else None


def date(text: str) -> str | None:
    """An ISO date from ``2021-05-01``, ``2021-05-01 10:00:00``, ``01.05.2021`` or a year; None if it is none of them."""
    t = text.strip()
    if m := re.match(r"(\d{1,2})\.(\d{1,2})\.(\d{4})$", t):
        t = f"{m[3]}-{int(m[2]):02}-{int(m[1]):02}"
    if re.fullmatch(r"(19|20)\d\d", t):
        return t
    if not re.match(r"\d{4}-\d\d-\d\d($|[T ])", t):
        return None
    try:
        return dt.date.fromisoformat(t[:10]).isoformat()
    except ValueError:
        return None
