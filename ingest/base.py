"""What every ingester gets: its source's metadata, the release, limits, a place for issues, and readers that audit columns.

A bad row is an *issue* (counted, a few examples kept, the good rows go on).  A file that is not what it claims to be is a
FileError: the command stops and the graph stays as it was.
"""

from __future__ import annotations

import bz2
import csv
import datetime
import gzip
import io
import json
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


class FileError(InnonetError):
    """A file cannot be read as what it claims to be.  Nothing of it is used."""


@dataclass(frozen=True, slots=True)
class SourceMeta:
    """Who publishes a source, under which licence, what it states, and how persons are kept out."""

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
    "unknown_column": ("Spalte ist unbekannt und wurde nicht gelesen", "column is unknown and was not read"),
    "missing_id": ("Zeile ohne Kennung, übergangen", "row without an id, left out"),
    "missing_name": ("Zeile ohne Namen, übergangen", "row without a name, left out"),
    "row_length": ("Zeile hat eine andere Zahl von Feldern als der Kopf, übergangen", "row has another number of fields than the header, left out"),
    "encoding": ("Zeile ist nicht in der erwarteten Kodierung, übergangen", "row is not in the expected encoding, left out"),
    "bad_json": ("Zeile ist kein JSON, übergangen", "row is not JSON, left out"),
    "bad_number": ("Zahl nicht lesbar, Wert übergangen", "number not readable, value left out"),
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
            packed = self.path.stat().st_size
            if self.packing == "zip":
                with zipfile.ZipFile(self.path) as z, z.open(self.name) as f:
                    yield io.BufferedReader(_Watched(f, self, z.getinfo(self.name).compress_size))
            else:
                opener: Callable[..., Any] = {"gz": gzip.open, "bz2": bz2.open, "": open}[self.packing]
                with opener(self.path, "rb") as f:
                    yield io.BufferedReader(_Watched(f, self, packed if self.packing else None), 1 << 16)
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as e:
            raise FileError(
                f"{self.path.name}: die gepackte Datei ist beschädigt oder unvollständig ({e}). Bitte neu herunterladen.",
                f"{self.path.name}: the packed file is damaged or incomplete ({e}). Please download it again.",
            ) from e
        except OSError as e:
            raise FileError(f"{self.path.name}: nicht lesbar ({e.strerror or e}).", f"{self.path.name}: cannot be read ({e.strerror or e}).") from e


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
        i = self._columns.get(column)
        return "" if i is None else self._values[i].strip()

    @property
    def locator(self) -> str:
        """``file:row``"""
        return f"{self.member}:{self.number}"

    def quote(self) -> str:
        """The columns that are read and not empty, as a JSON object."""
        v = self._values
        return orjson.dumps({c: v[i] for c, i in self._columns.items() if v[i]}).decode()


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
        return [Member(n, path, "zip", self.limits) for n in names]

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
            lines = _lines(f, member, encoding, self.issues, clean)
            first = next(lines, None)
            if first is None:
                raise FileError(f"{member.name}: die Datei ist leer.", f"{member.name}: the file is empty.")
            delimiter = max(delimiters, key=first.count)
            reader = csv.reader(_again(first, lines), delimiter=delimiter)
            number = 0
            if header is None:
                header = [c.strip() for c in next(reader)]
                number = 1
            missing = [c for c in required if c not in header]
            if missing:
                raise FileError(
                    f"{member.name}: die Spalten {', '.join(missing)} fehlen; gefunden: {', '.join(header)[:200]}. Ist es die richtige Datei und das richtige Trennzeichen?",
                    f"{member.name}: the columns {', '.join(missing)} are missing; found: {', '.join(header)[:200]}. Is it the right file with the right delimiter?",
                )
            known = {*read, *unread}
            for c in header:
                if c and c not in known:
                    self.issues.add("unknown_column", f"{member.name}:1", c, detail=c)
            columns = {c: header.index(c) for c in read if c in header}
            width = len(header)
            while True:
                try:
                    values = next(reader)
                except StopIteration:
                    return
                except csv.Error as e:
                    number += 1
                    self.issues.add("row_length", f"{member.name}:{number}", str(e))
                    continue
                number += 1
                if not any(values):
                    continue
                if len(values) != width:
                    self.issues.add("row_length", f"{member.name}:{number}", delimiter.join(values))
                    continue
                yield Row(member.name, number, columns, values)

    def json_lines(self, member: Member) -> Iterator[tuple[str, dict[str, Any]]]:
        """Objects of a JSON-lines file with their locators."""
        with member.open() as f:
            for n, line in enumerate(_lines(f, member, "utf-8", self.issues, None), 1):
                if not line.strip():
                    continue
                try:
                    d = orjson.loads(line)
                except orjson.JSONDecodeError:
                    d = None
                if not isinstance(d, dict):
                    if n == 1:
                        raise FileError(f"{member.name}: keine JSON-Zeilen (erste Zeile nicht lesbar).", f"{member.name}: not JSON lines (first line not readable).")
                    self.issues.add("bad_json", f"{member.name}:{n}", line)
                    continue
                yield f"{member.name}:{n}", d

    def json_array(self, member: Member) -> Iterator[tuple[str, dict[str, Any]]]:
        """Objects of a file that is one JSON array, with their locators (``file:position``, counted from 1)."""
        with member.open() as f:
            data = f.read()
        try:
            items = json.loads(data)
        except ValueError as e:
            raise FileError(f"{member.name}: kein lesbares JSON ({e}).", f"{member.name}: not readable JSON ({e}).") from e
        if not isinstance(items, list):
            raise FileError(f"{member.name}: ein JSON-Feld (Array) wird erwartet.", f"{member.name}: a JSON array is expected.")
        for n, d in enumerate(items, 1):
            if isinstance(d, dict):
                yield f"{member.name}:{n}", d
            else:
                self.issues.add("bad_json", f"{member.name}:{n}", str(d))


class Crawl(Protocol):
    """The one function of a source file: files in, claims out, in any order; the same file gives the same claims."""

    def __call__(self, ctx: Context, path: Path) -> Iterable[Claim]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """A source file's two names, META and crawl, as one entry of SOURCES."""

    meta: SourceMeta
    crawl: Crawl


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(f: IO[bytes], member: Member, encoding: str, issues: Issues, clean: Callable[[str], str] | None) -> Iterator[str]:
    """Decoded physical lines; a line that is not in the encoding is an issue and left out."""
    limit = member.limits.line_bytes
    n = 0
    while True:
        raw = f.readline(limit + 1)
        if not raw:
            return
        n += 1
        if n == 1:
            if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw:
                raise FileError(
                    f"{member.name}: UTF-16 oder eine Binärdatei, erwartet wird Text in {encoding}. Bitte als «CSV UTF-8» speichern.",
                    f"{member.name}: UTF-16 or a binary file, text in {encoding} is expected. Please save it as “CSV UTF-8”.",
                )
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if len(raw) > limit:
            raise FileError(
                f"{member.name}:{n}: eine Zeile von über {limit} Byte (INNONET_MAX_LINE_BYTES); ist es die richtige Datei?",
                f"{member.name}:{n}: a line of more than {limit} bytes (INNONET_MAX_LINE_BYTES); is it the right file?",
            )
        try:
            line = raw.decode(encoding)
        except UnicodeDecodeError as e:
            issues.add("encoding", f"{member.name}:{n}", repr(raw[max(0, e.start - 20) : e.start + 20]))
            continue
        yield clean(line) if clean else line


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
    retrieved = retrieved or found.pop("retrieved", "") or datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC).date().isoformat()
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", retrieved):
        raise FileError(f"{file}: «retrieved» muss JJJJ-MM-TT sein, nicht {retrieved!r}.", f"{file}: “retrieved” must be YYYY-MM-DD, not {retrieved!r}.")
    name = name or found.pop("release", "") or retrieved
    return Release(name, retrieved, slug(dataset or found.pop("dataset", "") or name), found)


def slug(text: str) -> str:
    """A name that can stand in a file name: lower-case letters, digits and single dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


# --- readings that several publishers share -------------------------------------------------------------------------

_EU_COUNTRIES: Final = {"EL": "GR", "UK": "GB"}
_ISO: Final = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN "
    "CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM "
    "HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK "
    "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
    "VN VU WF WS XK YE YT ZA ZM ZW".split()
)


def country(code: str) -> str | None:
    """ISO 3166 code from the publisher's two letters (the EU writes EL and UK), None if unknown.  ``NA`` is Namibia."""
    c = _EU_COUNTRIES.get(code.strip().upper(), code.strip().upper())
    return c if c in _ISO else None


def number(text: str) -> float | None:
    """A number with decimal point or decimal comma, None if it is none: 412463.94, 412463,94, 8.499.240,00, 1,234.5."""
    t = text.strip().replace(" ", "").replace(" ", "").replace("€", "")
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+(,\d+)?", t) and not re.fullmatch(r"-?\d{1,3}\.\d{3}", t):
        t = t.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+\.\d+", t):
        t = t.replace(",", "")
    elif re.fullmatch(r"-?\d+,\d+", t):
        t = t.replace(",", ".")
    return float(t) if re.fullmatch(r"-?\d+(\.\d+)?", t) else None


def date(text: str) -> str | None:
    """An ISO date from ``2021-05-01``, ``2021-05-01 10:00:00``, ``01.05.2021`` or a year; None if it is none of them."""
    t = text.strip()
    if m := re.match(r"(\d{1,2})\.(\d{1,2})\.(\d{4})$", t):
        t = f"{m[3]}-{int(m[2]):02}-{int(m[1]):02}"
    if re.fullmatch(r"(19|20)\d\d", t):
        return t
    try:
        return datetime.date.fromisoformat(t[:10]).isoformat()
    except ValueError:
        return None
