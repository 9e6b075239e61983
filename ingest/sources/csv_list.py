"""Anybody's own list of organisations: an agency's address book, a cluster's members (.csv or .xlsx).

A small mapping file in TOML beside the list (``adressbuch.csv`` and ``adressbuch.toml``, or the option ``mapping``) says which column is
what, and who answers for the list::

    dataset = "adressbuch"                 # part of every record id: csv:adressbuch:<key>
    title = "Adressbuch der Agentur"
    publisher = "Agentur Beispielstadt"
    licence = "intern"
    attribution = "Agentur Beispielstadt"
    release = "2026-11"
    unread = ["Telefon"]                   # columns that are known and left alone

    [columns]                              # property of an organisation = column of the list
    id = "Nr"
    name = "Firma"
    city = "Ort"

    [defaults]                             # where the column is empty or missing
    country = "DE"

    [kinds]                                # words of the column mapped to «kind» -> Company, University, ...
    Unternehmen = "Company"

    [topics]
    column = "Themen"
    separator = ";"

    [[cooperation]]                        # names in a column, or the same partner for every row (with = "...")
    column = "Kooperiert mit"
    separator = ";"
    status = "running"

``template()`` writes such a file for a given list.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from graph.model import IDENTIFIERS, Claim, Entity, Evidence, Kind, Label, Link, Status, Value
from ingest.base import Context, FileError, Limits, Member, Release, Row, SourceMeta, coordinates, country, date, slug, web_address
from ingest.countries import COUNTRIES_DE
from ingest.persons import is_person, without_contact
from ingest.sheet import sheet_rows

META: Final = SourceMeta(
    id="csv",
    title_de="Eigene Liste",
    title_en="List of one's own",
    publisher="steht in der Zuordnungsdatei",
    homepage="",
    licence="steht in der Zuordnungsdatei",
    licence_url="",
    attribution="steht in der Zuordnungsdatei",
    states_de="Organisationen mit den Angaben, die die Zuordnungsdatei nennt; Themen und Kooperationen, wenn sie dort stehen.",
    states_en="Organisations with what the mapping file names; topics and cooperations where it names them.",
    persons_de="Nur zugeordnete Spalten werden gelesen; Spalten mit Ansprechpersonen, Telefon oder E-Mail sind nicht zuzuordnen. "
    "Einzelkaufleute und Namen, die nach "
    "ingest/persons.py eine natürliche Person nennen, werden nicht gespeichert, aber gezählt.",
    persons_en="Only mapped columns are read; columns with contact persons, telephone or e-mail have no property to map to. Registered sole traders and names "
    "that are a natural person's by ingest/persons.py are not stored, but counted.",
)

_TEXT: Final = ("name", "country", "region", "city", "postcode", "ags", "nuts", "website", "status", "founded", "sme", "lat", "lon", "names", *IDENTIFIERS)
PROPERTIES: Final = ("id", "kind", *_TEXT)
"""What a column can be mapped to."""

_TOP: Final = frozenset({"dataset", "title", "publisher", "homepage", "licence", "licence_url", "attribution", "release", "retrieved", "encoding", "unread"})
_TABLES: Final[Mapping[str, frozenset[str]]] = {
    "columns": frozenset(PROPERTIES),
    "defaults": frozenset({"country", "region", "city", "kind"}),
    "topics": frozenset({"column", "separator"}),
    "cooperation": frozenset({"column", "separator", "with", "status", "since", "city", "country"}),
}
_REQUIRED: Final = ("dataset", "publisher", "licence", "attribution", "release")
_TOPIC_ID: Final = re.compile(r"(?:euroscivoc|wz2008|leistungsplan):\S+")
_YES: Final = frozenset({"ja", "yes", "true", "wahr", "1", "x", "j", "y"})
_NO: Final = frozenset({"nein", "no", "false", "falsch", "0", "n"})
_FORMATS: Final[Mapping[str, str]] = {
    "ags": r"\d{8}",
    "nuts": r"[A-Z]{2}[A-Z0-9]{0,3}",
    "founded": r"(1[0-9]|20)\d\d",
    "ror": r"0[a-z0-9]{6}\d\d",
    "lei": r"[A-Z0-9]{18}\d\d",
    "pic": r"\d{9}",
    "wikidata": r"Q\d+",
}


@dataclass(frozen=True, slots=True)
class Cooperation:
    """A stated cooperation: partners named in a column, or one partner for every row."""

    status: Status | None
    column: str = ""
    separator: str = ";"
    partner: str = ""
    since: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class ListMapping:
    """A mapping file, checked."""

    file: str
    about: Mapping[str, str]
    columns: Mapping[str, str]
    defaults: Mapping[str, str]
    kinds: Mapping[str, Kind]
    unread: tuple[str, ...]
    topics: str = ""
    topics_separator: str = ";"
    cooperations: tuple[Cooperation, ...] = ()

    @property
    def dataset(self) -> str:
        """Name of the list within record ids."""
        return slug(self.about["dataset"])

    def read(self) -> tuple[str, ...]:
        """All columns of the list that are read."""
        named = [*self.columns.values(), self.topics, *(c.column for c in self.cooperations)]
        return tuple(dict.fromkeys(c for c in named if c))


@dataclass(slots=True)
class _Found:
    rows: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    entities: dict[str, tuple[dict[str, Value], Kind | None, dict[str, str], list[str]]] = field(default_factory=dict)
    topics: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    works: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    partners: list[tuple[str, str, Cooperation, str, str]] = field(default_factory=list)


def crawl(ctx: Context, path: Path) -> Iterator[Claim]:
    """Claims of one list, or of every list in a folder that has a mapping file beside it.  Holds the list in memory."""
    lists = [m for m in ctx.members(path) if m.name.endswith((".csv", ".txt", ".tsv", ".xlsx"))]
    if path.is_dir():
        lists = [m for m in lists if ctx.options.get("mapping") or _beside(m.path).exists()]
    if not lists:
        raise FileError(
            f"{path.name}: keine Liste (.csv, .xlsx) mit einer Zuordnungsdatei (.toml) gefunden.",
            f"{path.name}: no list (.csv, .xlsx) with a mapping file (.toml) found.",
        )
    for m in lists:
        mapping = read_mapping(_mapping_file(m, ctx.options))
        found = _Found()
        yield from _read(ctx, m, mapping, found)
        yield from _claims(ctx, mapping, found)


def describe(path: Path, options: Mapping[str, str] | None = None) -> tuple[SourceMeta, Release]:
    """What the mapping of one list says about its publisher and its release; the source's id is ``csv-<dataset>``."""
    member = Member(path.name.removesuffix(".gz"), path, "", Limits())
    m = read_mapping(_mapping_file(member, options or {}))
    a = m.about
    meta = SourceMeta(
        id=f"csv-{m.dataset}",
        title_de=a.get("title", a["dataset"]),
        title_en=a.get("title", a["dataset"]),
        publisher=a["publisher"],
        homepage=a.get("homepage", ""),
        licence=a["licence"],
        licence_url=a.get("licence_url", ""),
        attribution=a["attribution"],
        states_de=META.states_de,
        states_en=META.states_en,
        persons_de=META.persons_de,
        persons_en=META.persons_en,
    )
    return meta, Release(a["release"], a.get("retrieved") or date(a["release"]) or a["release"], m.dataset)


def _beside(path: Path) -> Path:
    name = path.name.removesuffix(".gz").removesuffix(".bz2")
    return path.with_name(f"{name.rpartition('.')[0] or name}.toml")


def _mapping_file(member: Member, options: Mapping[str, str]) -> Path:
    if options.get("mapping"):
        return Path(options["mapping"])
    found = _beside(member.path)
    if not found.exists():
        raise FileError(
            f"{member.name}: die Zuordnungsdatei {found.name} fehlt. Eine Vorlage schreibt: innonet ingest csv --template {member.path.name}",
            f"{member.name}: the mapping file {found.name} is missing. This writes a template: innonet ingest csv --template {member.path.name}",
        )
    return found


def read_mapping(path: Path) -> ListMapping:
    """Read and check a mapping file.  Raises FileError with file and line for what is unknown, missing or of the wrong type."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except OSError as e:
        raise FileError(f"{path.name}: nicht lesbar ({e.strerror}).", f"{path.name}: cannot be read ({e.strerror}).") from e
    except (ValueError, RecursionError) as e:  # UnicodeDecodeError and TOMLDecodeError are ValueErrors
        raise FileError(f"{path.name}: kein lesbares TOML ({e}).", f"{path.name}: not readable TOML ({e}).") from e
    check = _Check(path.name, text)
    check.keys(data, _TOP | _TABLES.keys() | {"kinds"}, "")
    about = {k: check.text(data, k, "") for k in _TOP - {"unread"} if k in data}
    for k in _REQUIRED:
        if not about.get(k):
            raise FileError(f"{path.name}: «{k}» fehlt.", f"{path.name}: “{k}” is missing.")
    columns = check.table(data, "columns")
    if "name" not in columns:
        raise FileError(f"{path.name}: unter [columns] fehlt «name».", f"{path.name}: “name” is missing under [columns].")
    topics = check.table(data, "topics")
    return ListMapping(
        file=path.name,
        about=about,
        columns=columns,
        defaults=check.table(data, "defaults"),
        kinds=check.kinds(data),
        unread=check.texts(data, "unread"),
        topics=topics.get("column", ""),
        topics_separator=topics.get("separator", ";") or ";",
        cooperations=tuple(check.cooperations(data)),
    )


@dataclass(frozen=True, slots=True)
class _Check:
    """Checks parts of a mapping file and knows in which line they stand."""

    file: str
    source: str

    def fail(self, key: str, table: str, de: str, en: str) -> FileError:
        """An error at the line of a key."""
        where = f"{self.file}:{self.line(key, table)}"
        return FileError(f"{where}: «{key}» {de}", f"{where}: “{key}” {en}")

    def line(self, key: str, table: str) -> int:
        """Number of the line where a key of a table is set, 1 if it is not found (a key in an inline table)."""
        current = ""
        for n, line in enumerate(self.source.splitlines(), 1):
            if m := re.match(r"\s*\[+\s*([^\]]*?)\s*\]+", line):
                current = m[1].strip("\"'")
                if not table and current == key:
                    return n
            elif current == table and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line):
                return n
        return 1

    def keys(self, data: Mapping[str, Any], known: Iterable[str], table: str) -> None:
        """Refuse a key that is not known."""
        for key in data:
            if key not in known:
                names = ", ".join(sorted(known))
                raise self.fail(key, table, f"ist unbekannt. Bekannt sind: {names}.", f"is unknown. Known are: {names}.")

    def text(self, data: Mapping[str, Any], key: str, table: str) -> str:
        """A text; numbers and dates are taken as they are written."""
        value = data[key]
        if isinstance(value, (dict, list, bool)):
            raise self.fail(key, table, "muss ein Text sein.", "must be a text.")
        return str(value).strip()

    def texts(self, data: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """A list of texts."""
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.fail(key, "", "muss eine Liste von Texten sein.", "must be a list of texts.")
        return tuple(value)

    def table(self, data: Mapping[str, Any], name: str) -> dict[str, str]:
        """A table of texts with known keys only."""
        value = data.get(name, {})
        if not isinstance(value, dict):
            raise self.fail(name, "", f"muss eine Tabelle [{name}] sein.", f"must be a table [{name}].")
        self.keys(value, _TABLES[name], name)
        return {k: self.text(value, k, name) for k in value}

    def kind(self, word: str, key: str, table: str) -> Kind:
        """One of the kinds of organisation."""
        try:
            return Kind(word)
        except ValueError:
            known = ", ".join(Kind)
            raise self.fail(key, table, f"ist {word!r}; erlaubt sind {known}.", f"is {word!r}; allowed are {known}.") from None

    def kinds(self, data: Mapping[str, Any]) -> dict[str, Kind]:
        """The table of words for kinds, in lower case."""
        value = data.get("kinds", {})
        if not isinstance(value, dict):
            raise self.fail("kinds", "", "muss eine Tabelle [kinds] sein.", "must be a table [kinds].")
        if isinstance(defaults := data.get("defaults"), dict) and "kind" in defaults:
            self.kind(str(defaults["kind"]), "kind", "defaults")
        return {k.casefold(): self.kind(self.text(value, k, "kinds"), k, "kinds") for k in value}

    def cooperations(self, data: Mapping[str, Any]) -> Iterator[Cooperation]:
        """The cooperations, one table or several."""
        value = data.get("cooperation", [])
        tables = [value] if isinstance(value, dict) else value
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            raise self.fail("cooperation", "", "muss als [[cooperation]] stehen.", "must be written as [[cooperation]].")
        for t in tables:
            self.keys(t, _TABLES["cooperation"], "cooperation")
            c = {k: self.text(t, k, "cooperation") for k in t}
            if bool(c.get("column")) == bool(c.get("with")):
                raise self.fail("cooperation", "", "braucht entweder column oder with.", "needs either column or with.")
            status = c.get("status", "")
            if status and status not in tuple(Status):
                known = ", ".join(Status)
                raise self.fail("status", "cooperation", f"ist {status!r}; erlaubt sind {known}.", f"is {status!r}; allowed are {known}.")
            yield Cooperation(
                status=Status(status) if status else None,
                column=c.get("column", ""),
                separator=c.get("separator", ";") or ";",
                partner=c.get("with", ""),
                since=c.get("since", ""),
                city=c.get("city", ""),
                country=c.get("country", ""),
            )


def _rows(ctx: Context, member: Member, mapping: ListMapping) -> Iterator[Row]:
    read = mapping.read()
    if not member.name.endswith(".xlsx"):
        encoding = _codec(mapping)
        yield from ctx.table(member, read=read, unread=mapping.unread, required=read, encoding=encoding)
        return
    columns: dict[str, int] = {}
    width = 0
    for number, values in sheet_rows(member):
        if not columns:
            missing = [c for c in read if c not in values]
            if missing:
                gone, seen = ", ".join(missing), ", ".join(filter(None, values))[:200]
                raise FileError(
                    f"{member.name}: die Spalten {gone} fehlen; gefunden: {seen}.", f"{member.name}: the columns {gone} are missing; found: {seen}."
                )
            for c in values:
                if c and c not in read and c not in mapping.unread:
                    ctx.issue("unknown_column", f"{member.name}:{number}", c, detail=c[:80])
            columns, width = {c: values.index(c) for c in read}, len(values)
            continue
        yield Row(member.name, number, columns, [*values, *[""] * (width - len(values))])
    if not columns:
        raise FileError(f"{member.name}: das erste Blatt ist leer.", f"{member.name}: the first sheet is empty.")


def _codec(mapping: ListMapping) -> str:
    encoding = mapping.about.get("encoding", "utf-8").lower()
    if encoding not in ("utf-8", "cp1252", "latin-1", "iso-8859-1", "iso-8859-15"):
        raise FileError(
            f"{mapping.file}: «encoding» ist {encoding!r}; möglich sind utf-8, cp1252, latin-1.",
            f"{mapping.file}: “encoding” is {encoding!r}; utf-8, cp1252, latin-1 are possible.",
        )
    return encoding


def _hash(*parts: str) -> str:
    return hashlib.sha1("|".join(parts).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:16]


def _read(ctx: Context, member: Member, mapping: ListMapping, found: _Found) -> Iterator[Claim]:
    for row in _rows(ctx, member, mapping):
        raw = {p: " ".join(row.get(c).split()) for p, c in mapping.columns.items()}
        name = raw["name"] = without_contact(raw["name"])
        if not name:
            ctx.issue("missing_name", row)
            continue
        if is_person(name):
            ctx.issue("person", row)
            continue
        if "id" in mapping.columns and not raw["id"]:
            ctx.issue("missing_id", row, name)
            continue
        key = re.sub(r"[\s/]+", "-", raw["id"]) if raw.get("id") else _hash(name, raw.get("city", ""), raw.get("postcode", ""))
        quote = _quote(row, mapping, raw)
        if key in found.rows:
            if found.rows[key] != quote:
                ctx.issue("duplicate_row", row, key)
            continue
        found.rows[key] = quote
        evidence = Evidence(f"csv:{mapping.dataset}:row:{key}", row.locator, quote, "csv_list")
        yield evidence
        record = f"csv:{mapping.dataset}:{key}"
        props, identifiers = _props(ctx, row, mapping, raw, member.name.endswith(".xlsx"))
        found.entities[record] = (props, _kind(ctx, row, mapping, raw), identifiers, [evidence.id])
        found.names.setdefault(name.casefold(), record)
        found.names.setdefault(key.casefold(), record)
        _topics(row, mapping, record, evidence.id, found)
        for c in mapping.cooperations:
            for partner in [c.partner] if c.partner else _split(row.get(c.column), c.separator):
                found.partners.append((record, partner, c, evidence.id, row.locator))


def _quote(row: Row, mapping: ListMapping, raw: Mapping[str, str]) -> str:
    """The read columns that are not empty; the name without a contact person, partners without persons."""
    values = {c: row.get(c) for c in mapping.read()}
    values[mapping.columns["name"]] = raw["name"]
    for c in mapping.cooperations:
        if c.column:
            values[c.column] = f"{c.separator} ".join(p for p in _split(row.get(c.column), c.separator) if not is_person(p))
    return orjson.dumps({k: v for k, v in values.items() if v}).decode()


def _split(text: str, separator: str) -> list[str]:
    return list(dict.fromkeys(p for p in (" ".join(p.split()) for p in text.split(separator)) if p))


def _topics(row: Row, mapping: ListMapping, record: str, evidence: str, found: _Found) -> None:
    if not mapping.topics:
        return
    for word in _split(row.get(mapping.topics), mapping.topics_separator):
        if _TOPIC_ID.fullmatch(word):
            topic = word
        else:
            topic = f"csv:{mapping.dataset}:topic:{_hash(word.casefold())}"
            found.topics.setdefault(topic, (word, []))[1].append(evidence)
        found.works.setdefault((record, topic), []).append(evidence)


def _kind(ctx: Context, row: Row, mapping: ListMapping, raw: Mapping[str, str]) -> Kind | None:
    word = raw.get("kind") or ""
    if not word:
        return Kind(mapping.defaults["kind"]) if mapping.defaults.get("kind") else None
    known = mapping.kinds.get(word.casefold())
    if known is None and word in tuple(Kind):
        known = Kind(word)
    if known is None:
        ctx.issue("unknown_activity", row, word)
    return known


def _country(text: str) -> str | None:
    return country(text) or COUNTRIES_DE.get(text.strip())


def _props(ctx: Context, row: Row, mapping: ListMapping, raw: Mapping[str, str], sheet: bool) -> tuple[dict[str, Value], dict[str, str]]:
    """Properties and identifiers of one row; what is not readable is an issue and left out."""
    values = {p: raw.get(p) or mapping.defaults.get(p, "") for p in _TEXT}
    props: dict[str, Value] = {}
    identifiers: dict[str, str] = {}
    if values["country"]:
        code = _country(values["country"])
        if code:
            props["country"] = code
        else:
            ctx.issue("unknown_country", row, values["country"])
    for p in ("name", "region", "city", "status", "ags", "nuts"):
        if values[p] and _fits(ctx, row, p, values[p]):
            props[p] = values[p]
    if postcode := values["postcode"]:
        # a spreadsheet drops the zero of «01067»
        if sheet and props.get("country") == "DE" and re.fullmatch(r"\d{4}", postcode):
            postcode = f"0{postcode}"
        if props.get("country") == "DE" and not re.fullmatch(r"\d{5}", postcode):
            ctx.issue("bad_value", row, postcode, "postcode")
        else:
            props["postcode"] = postcode
    if values["names"]:
        props["names"] = _split(values["names"], ";")
    if values["founded"] and _fits(ctx, row, "founded", values["founded"]):
        props["founded"] = int(values["founded"])
    _website(ctx, row, values["website"], props)
    _sme(ctx, row, values["sme"], props)
    _point(ctx, row, values["lat"], values["lon"], props)
    for scheme in IDENTIFIERS:
        value = values[scheme].removeprefix("https://ror.org/").removeprefix("https://www.wikidata.org/wiki/")
        if value and _fits(ctx, row, scheme, value):
            identifiers[scheme] = value
    return props, identifiers


def _fits(ctx: Context, row: Row, name: str, value: str) -> bool:
    if name in _FORMATS and not re.fullmatch(_FORMATS[name], value, re.ASCII):
        ctx.issue("bad_value", row, value, name)
        return False
    return True


def _website(ctx: Context, row: Row, text: str, props: dict[str, Value]) -> None:
    if not text:
        return
    address = web_address(text)
    if address:
        props["website"] = address
    else:
        ctx.issue("bad_value", row, text, "website")


def _sme(ctx: Context, row: Row, text: str, props: dict[str, Value]) -> None:
    if not text:
        return
    if text.casefold() in _YES | _NO:
        props["sme"] = text.casefold() in _YES
    else:
        ctx.issue("bad_value", row, text, "sme")


def _point(ctx: Context, row: Row, lat: str, lon: str, props: dict[str, Value]) -> None:
    if not lat and not lon:
        return
    point = coordinates(lat.replace(",", "."), lon.replace(",", "."))
    if point:
        props["lat"], props["lon"] = point
    else:
        ctx.issue("bad_coordinates", row, f"{lat} {lon}")


def _claims(ctx: Context, mapping: ListMapping, found: _Found) -> Iterator[Claim]:
    links: dict[tuple[str, str], tuple[Cooperation, list[str]]] = {}
    for record, partner, c, evidence, locator in found.partners:
        other = _partner(ctx, mapping, found, partner, c, evidence, locator)
        if other == record:
            if c.column:  # a network that stands in the list of its own members is no mistake
                ctx.issue("self_loop", locator, partner)
        elif other:
            pair = (min(record, other), max(record, other))
            links.setdefault(pair, (c, []))[1].append(evidence)
    for record, (props, kind, identifiers, proofs) in sorted(found.entities.items()):
        yield Entity(record, Label.ORGANIZATION, props, tuple(dict.fromkeys(proofs)), kind=kind, identifiers=identifiers)
    for topic, (word, proofs) in sorted(found.topics.items()):
        yield Entity(topic, Label.TOPIC, {"label_de": word, "scheme": "free"}, tuple(dict.fromkeys(proofs)))
    for (record, topic), proofs in sorted(found.works.items()):
        yield Link(record, "WORKS_ON", topic, tuple(dict.fromkeys(proofs)))
    for (a, b), (c, proofs) in sorted(links.items()):
        yield Link(a, "COOPERATES_WITH", b, tuple(dict.fromkeys(proofs)), {"since": c.since} if c.since else {}, status=c.status)


def _partner(ctx: Context, mapping: ListMapping, found: _Found, name: str, c: Cooperation, evidence: str, locator: str) -> str:
    """Record of a partner: a row of the list by name or id, else a record of its own with what is known of it; empty for a person."""
    known = found.names.get(name.casefold())
    if known:
        return known
    if is_person(name):
        ctx.issue("person", locator)
        return ""
    record = f"csv:{mapping.dataset}:partner:{_hash(name, c.city)}"
    props: dict[str, Value] = {"name": name}
    if c.city:
        props["city"] = c.city
    if code := _country(c.country):
        props["country"] = code
    found.entities.setdefault(record, (props, None, {}, []))[3].append(evidence)
    return record


_GUESSES: Final[Sequence[tuple[str, str]]] = (
    ("id", r"nr\.?|id|nummer|kennung|kundennummer|key"),
    ("name", r"firma|name|unternehmen|organisation|organization|einrichtung|company|institution|mitglied"),
    ("postcode", r"plz|postleitzahl|postcode|zip|postal code"),
    ("city", r"ort|stadt|city|gemeinde|town"),
    ("region", r"bundesland|region|state"),
    ("country", r"land|staat|country"),
    ("ags", r"ags|gemeindeschl(ü|ue)ssel|gemeindekennziffer"),
    ("website", r"web|website|webseite|homepage|internet|url|www"),
    ("kind", r"art|typ|kategorie|kind|type|category"),
    ("founded", r"gegr(ü|ue)ndet|gr(ü|ue)ndungsjahr|founded"),
    ("lat", r"lat|latitude|breite|breitengrad"),
    ("lon", r"lon|lng|longitude|l(ä|ae)nge|l(ä|ae)ngengrad"),
    ("sme", r"kmu|sme"),
    ("vat", r"ust-?id(nr\.?)?|umsatzsteuer-?id|vat"),
    *((scheme, scheme) for scheme in ("ror", "lei", "pic", "wikidata")),
    ("topics", r"themen|thema|schlagworte|topics?|keywords|branche"),
    ("cooperation", r"kooperation(en|spartner)?|kooperiert mit|partner|netzwerke?|cooperation"),
)


@dataclass(frozen=True, slots=True)
class Looked:
    """The columns of a list: what each may be, guessed from its name ("" if nothing fits), and its first values.  ``encoding`` as it seems."""

    name: str
    columns: tuple[str, ...]
    guessed: Mapping[str, str]
    values: Mapping[str, tuple[str, ...]]
    encoding: str


def look(path: Path, rows: int = 3) -> Looked:
    """What stands in the first rows of a list, for a person who says what its columns are.  Raises FileError for what is no list."""
    ctx = Context(META, Release("look", "2000", "look"))
    members = ctx.members(path)
    if path.is_dir() or not members:
        raise FileError(f"{path.name}: eine Datei wird erwartet.", f"{path.name}: a file is expected.")
    member, encoding = members[0], "utf-8"
    if member.name.endswith(".xlsx"):
        table = [cells for _, (_, cells) in zip(range(rows + 1), sheet_rows(member), strict=False)]
        header, body = (table[0], table[1:]) if table else ([], [])
    else:
        try:
            header = ctx.columns(member)
        except FileError:
            encoding = "cp1252"
            header = ctx.columns(member, encoding=encoding)
        named = tuple(dict.fromkeys(c for c in header if c))
        found = ctx.table(member, read=named, encoding=encoding) if named else iter(())
        body = [[row.get(c) for c in header] for _, row in zip(range(rows), found, strict=False)]
    columns = tuple(dict.fromkeys(c for c in header if c))
    if len(columns) < 2:
        raise FileError(
            f"{member.name}: das ist keine Liste mit mehreren Spalten und einer Kopfzeile.",
            f"{member.name}: this is no list with several columns and a header.",
        )
    values = {c: tuple(cells[at][:80] for cells in body if at < len(cells) and cells[at]) for at, c in enumerate(header) if c}
    by_prop = _guess(columns)
    return Looked(member.name, columns, {c: p for p, c in by_prop.items()}, values, encoding)


def mapping_text(looked: Looked, about: Mapping[str, str], means: Mapping[str, str], kinds: Mapping[str, str]) -> str:
    """A mapping file from what a person said: about the list, column -> property ("" for one that is left alone), word -> kind."""
    taken = {p: c for c, p in means.items() if p and c in looked.columns}
    lines = [f"{k} = {_quoted(v)}" for k, v in {**about, "encoding": looked.encoding}.items() if v and k in _TOP]
    lines += [f"unread = [{', '.join(_quoted(c) for c in looked.columns if c not in taken.values())}]", "", "[columns]"]
    lines += [f"{p} = {_quoted(c)}" for p, c in taken.items() if p in PROPERTIES]
    lines += ["", "[defaults]", 'country = "DE"', "", "[kinds]", *(f"{_quoted(word)} = {_quoted(kind)}" for word, kind in kinds.items())]
    for table, head in (("topics", "[topics]"), ("cooperation", "[[cooperation]]")):
        if table in taken:
            lines += ["", head, f"column = {_quoted(taken[table])}", 'separator = ";"']
    return "\n".join(lines) + "\n"


def _guess(header: Iterable[str]) -> dict[str, str]:
    guessed: dict[str, str] = {}
    for column in header:
        for prop, words in _GUESSES:
            if prop not in guessed and re.fullmatch(words, column.strip(), re.IGNORECASE):
                guessed[prop] = column
                break
    return guessed


def template(path: Path) -> str:
    """A mapping file for the header of a list, guessed from its words; to be read and corrected by a person.  Raises FileError."""
    ctx = Context(META, Release("template", "2000", "template"))
    members = ctx.members(path)
    if path.is_dir() or not members:
        raise FileError(f"{path.name}: eine Datei wird erwartet.", f"{path.name}: a file is expected.")
    member = members[0]
    header = next(iter(sheet_rows(member)), (0, []))[1] if member.name.endswith(".xlsx") else _csv_header(ctx, member)
    header = [c for c in dict.fromkeys(header) if c]
    if not header:
        raise FileError(f"{member.name}: keine Kopfzeile gefunden.", f"{member.name}: no header line found.")
    guessed = _guess(header)
    return _toml(member.name.rpartition(".")[0] or member.name, header, guessed)


def _csv_header(ctx: Context, member: Member) -> list[str]:
    try:
        return ctx.columns(member)
    except FileError:
        return ctx.columns(member, encoding="cp1252")  # umlauts in the header as old programs write them


def _toml(name: str, header: list[str], guessed: Mapping[str, str]) -> str:
    taken = set(guessed.values())
    columns = [f"{p} = {_quoted(guessed[p])}" for p in PROPERTIES if p in guessed]
    if "name" not in guessed:
        columns.insert(0, f"name = {_quoted(header[0])}  # bitte prüfen / please check")
        taken.add(header[0])
    lines = [
        "# Zuordnung der Spalten einer Liste / mapping of a list's columns.  Geraten nach den Spaltennamen: bitte prüfen.",
        f"dataset = {_quoted(slug(name))}",
        f"title = {_quoted(name)}",
        'publisher = "BITTE AUSFÜLLEN"',
        'licence = "BITTE AUSFÜLLEN"',
        'attribution = "BITTE AUSFÜLLEN"',
        'release = "2026-01"',
        "# Spalten, die nicht gelesen werden (Personen, Telefon, E-Mail gehören hierher)",
        f"unread = [{', '.join(_quoted(c) for c in header if c not in taken)}]",
        "",
        "[columns]",
        f"# möglich / possible: {', '.join(PROPERTIES)}",
        *columns,
        "",
        "[defaults]",
        'country = "DE"',
        "",
        "# Wörter der Spalte «kind» / words of the column mapped to kind",
        "[kinds]",
        '# Unternehmen = "Company"',
        f"# möglich / possible: {', '.join(Kind)}",
    ]
    for table, head in (("topics", "[topics]"), ("cooperation", "[[cooperation]]")):
        mark = "" if table in guessed else "# "
        lines += ["", f"{mark}{head}", f"{mark}column = {_quoted(guessed.get(table, '...'))}", f'{mark}separator = ";"']
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode().replace("\x7f", "\\u007f")
