"""Foerderkatalog of the German federal government: who gets which grant for which project.

Two forms: the portal's export (cp1252, ``;``, cells as ``="..."``, the six columns of a place twice: first the recipient's, then those of the
body that carries the project out; with or without a header line) and the comma form of 2026 (UTF-8, nine columns, no keys).

Decisions:

* One project a FKZ; rows that name the same joint project (``Verbund``) under the same ministry or its successor are one project.
* The recipient takes part.  Where the executing body sits in another municipality it takes part in the recipient's place (an institute of
  Fraunhofer, a branch) and is PART_OF the recipient.  In the same municipality it is kept, as PART_OF, where it names an institute,
  a faculty or a centre; a service unit or a presidency is no organisation of its own.
* ``ZMAN`` («für alle Mandanten») is the absence of a topic.  An amount of 0 is not disclosed.
* The catalogue hides natural persons itself (``Keine Anzeige aufgrund …``); what still looks like one is left out too.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from graph.model import Claim, Entity, Evidence, Kind, Label, Link, Value
from ingest.base import Context, FileError, Member, Row, SourceMeta, date, number
from ingest.countries import COUNTRIES_DE
from ingest.persons import is_person, without_contact

META: Final = SourceMeta(
    id="foerderkatalog",
    title_de="Förderkatalog des Bundes",
    title_en="Funding catalogue of the German federal government",
    publisher="Bundesministerien (BMFTR, BMWE und andere), Förderportal des Bundes",
    homepage="https://foerderportal.bund.de/foekat/",
    licence="Öffentliche Auskunft des Bundes, keine Lizenz angegeben",
    licence_url="https://foerderportal.bund.de/foekat/jsp/StartAction.do?actionMode=list",
    attribution="Bundesregierung, Förderkatalog (foerderportal.bund.de)",
    states_de="Zuwendungsempfänger und ausführende Stelle, Ort, Thema, Leistungsplan, Laufzeit, Fördersumme, Ministerium, Verbund.",
    states_en="Recipient and executing body, place, subject, topic plan, dates, grant, ministry, joint project.",
    persons_de="Der Herausgeber zeigt Personen nicht an («Keine Anzeige aufgrund datenschutzrechtlicher Regelungen»); solche Zeilen, "
    "Einzelkaufleute und Namen, die nach ingest/persons.py eine natürliche Person nennen, werden nicht gespeichert, aber gezählt.",
    persons_en="The publisher hides persons (“Keine Anzeige aufgrund datenschutzrechtlicher Regelungen”); such rows, registered sole traders and names "
    "that are a natural person's by ingest/persons.py are not stored, but counted.",
    own_ids=False,
)

_BODY: Final = ("name", "key", "municipality", "city", "region", "country")
_EXPORT: Final = (
    *("fkz", "ressort", "Referat", "PT", "Arbeitseinheit"),
    *_BODY,
    *(f"exec_{c}" for c in _BODY),
    *("title", "plan", "plan_text", "start", "end", "amount", "Förderprofil", "verbund", "Förderart"),
)
"""Names of the export's columns in their order; German where they are not read."""

_UNREAD: Final = ("Referat", "PT", "Arbeitseinheit", "Förderprofil", "Förderart", "")
_READ: Final = tuple(c for c in _EXPORT if c not in _UNREAD)
_SHOWN: Final[Mapping[str, str]] = {
    "fkz": "FKZ",
    "ressort": "Ressort",
    "name": "Zuwendungsempfänger",
    "key": "Gemeindekennziffer",
    "municipality": "Stadt/Gemeinde",
    "city": "Ort",
    "region": "Bundesland",
    "country": "Staat",
    "exec_name": "Ausführende Stelle",
    "exec_key": "Gemeindekennziffer (Ausführende Stelle)",
    "exec_municipality": "Stadt/Gemeinde (Ausführende Stelle)",
    "exec_city": "Ort (Ausführende Stelle)",
    "exec_region": "Bundesland (Ausführende Stelle)",
    "exec_country": "Staat (Ausführende Stelle)",
    "title": "Thema",
    "plan": "Leistungsplansystematik",
    "plan_text": "Klartext Leistungsplansystematik",
    "start": "Laufzeit von",
    "end": "Laufzeit bis",
    "amount": "Fördersumme in EUR",
    "verbund": "Verbundprojekt",
}
"""Our names -> the publisher's, for quotes."""

_NAMES: Final[Mapping[str, str]] = {
    "fkz": "fkz",
    "ressort": "ressort",
    "referat": "Referat",
    "pt": "PT",
    "projektträger": "PT",
    "arb.-einh.": "Arbeitseinheit",
    "arbeitseinheit": "Arbeitseinheit",
    "zuwendungsempfänger": "name",
    "förderempfänger": "name",
    "ausführende stelle": "exec_name",
    "gemeindekennziffer": "key",
    "stadt/gemeinde": "municipality",
    "ort": "city",
    "bundesland": "region",
    "staat": "country",
    "land": "country",
    "thema": "title",
    "thema des geförderten vorhabens": "title",
    "leistungsplansystematik": "plan",
    "klartext leistungsplansystematik": "plan_text",
    "laufzeit von": "start",
    "laufzeit bis": "end",
    "fördersumme in eur": "amount",
    "fördersumme_eur": "amount",
    "förderprofil": "Förderprofil",
    "verbund": "verbund",
    "verbundprojekt": "verbund",
    "förderart": "Förderart",
}
"""Header words in lower case -> our names; the second of a doubled word belongs to the executing body."""

RESSORTS: Final[Mapping[str, tuple[str, str]]] = {
    "AA": ("Auswärtiges Amt", "AA"),
    "BKM": ("Beauftragter der Bundesregierung für Kultur und Medien", "BKM"),
    "BMAS": ("Bundesministerium für Arbeit und Soziales", "BMAS"),
    "BMBF": ("Bundesministerium für Bildung und Forschung", "research"),
    "BMBFSFJ": ("Bundesministerium für Bildung, Familie, Senioren, Frauen und Jugend", "family"),
    "BMDS": ("Bundesministerium für Digitales und Staatsmodernisierung", "BMDS"),
    "BMDV": ("Bundesministerium für Digitales und Verkehr", "transport"),
    "BMEL": ("Bundesministerium für Ernährung und Landwirtschaft", "agriculture"),
    "BMF": ("Bundesministerium der Finanzen", "BMF"),
    "BMFSFJ": ("Bundesministerium für Familie, Senioren, Frauen und Jugend", "family"),
    "BMFTR": ("Bundesministerium für Forschung, Technologie und Raumfahrt", "research"),
    "BMG": ("Bundesministerium für Gesundheit", "BMG"),
    "BMI": ("Bundesministerium des Innern", "BMI"),
    "BMJ": ("Bundesministerium der Justiz", "BMJ"),
    "BMJV": ("Bundesministerium der Justiz und für Verbraucherschutz", "BMJ"),
    "BMLEH": ("Bundesministerium für Landwirtschaft, Ernährung und Heimat", "agriculture"),
    "BMU": ("Bundesministerium für Umwelt, Naturschutz und nukleare Sicherheit", "environment"),
    "BMUB": ("Bundesministerium für Umwelt, Naturschutz, Bau und Reaktorsicherheit", "environment"),
    "BMUKN": ("Bundesministerium für Umwelt, Klimaschutz, Naturschutz und nukleare Sicherheit", "environment"),
    "BMUV": ("Bundesministerium für Umwelt, Naturschutz, nukleare Sicherheit und Verbraucherschutz", "environment"),
    "BMV": ("Bundesministerium für Verkehr", "transport"),
    "BMVG": ("Bundesministerium der Verteidigung", "BMVG"),
    "BMVI": ("Bundesministerium für Verkehr und digitale Infrastruktur", "transport"),
    "BMWE": ("Bundesministerium für Wirtschaft und Energie", "economy"),
    "BMWI": ("Bundesministerium für Wirtschaft und Energie", "economy"),
    "BMWK": ("Bundesministerium für Wirtschaft und Klimaschutz", "economy"),
    "BMWSB": ("Bundesministerium für Wohnen, Stadtentwicklung und Bauwesen", "BMWSB"),
    "BMZ": ("Bundesministerium für wirtschaftliche Zusammenarbeit und Entwicklung", "BMZ"),
}
"""Ressort -> full German name, and what keeps a joint project together when the ministry is renamed."""

_HIDDEN: Final = re.compile(r"Keine Anzeige aufgrund", re.IGNORECASE)
_PART: Final = re.compile(
    r"Institut|Fakultät|Zentrum|Lehrstuhl|Professur|Klinik|Poliklinik|Labor|Fachbereich|Department|Außenstelle|Campus|Standort|Forschungsstelle|Museum|Centrum"
)
_CELL: Final = re.compile(r'="(.*?)"(?=;|\s*$)(?:;|\s*$)|([^;]*?)(?:;|\s*$)')
_SUBPROJECT: Final = re.compile(r"\s*[-–,;:.(]*\s*\b(?:(?:Teilvorhaben|Teilprojekt)\b|(?:TV|TP) ?\d*:).*$", re.DOTALL)
_JOINT: Final = re.compile(r"^(?:[\w-]+[ -])?Verbund(?:projekt|vorhaben)?(?: - MP)?\s*:\s*")
_NO_TOPIC: Final = frozenset({"ZMAN"})


@dataclass(slots=True)
class _Project:
    """What the rows of one project say together."""

    title: str
    acronym: str = ""
    start: str = ""
    end: str = ""
    funding: float = 0.0
    programme: str = ""
    evidence: list[str] = field(default_factory=list)
    links: dict[tuple[str, str, str], tuple[float, list[str]]] = field(default_factory=dict)


@dataclass(slots=True)
class _Found:
    """Everything one run has read, by id."""

    rows: dict[str, str] = field(default_factory=dict)
    projects: dict[str, _Project] = field(default_factory=dict)
    organisations: dict[str, tuple[dict[str, Value], Kind | None, list[str]]] = field(default_factory=dict)
    topics: dict[str, tuple[dict[str, Value], list[str]]] = field(default_factory=dict)
    parts: dict[tuple[str, str], list[str]] = field(default_factory=dict)


def crawl(ctx: Context, path: Path) -> Iterator[Claim]:
    """Claims of one export or of a folder of exports (.csv, also packed).  Holds what was read in memory, about 1 KB a row."""
    found = _Found()
    members = [m for m in ctx.members(path) if m.name.endswith((".csv", ".txt"))]
    if not members:
        raise FileError(f"{path.name}: kein Export des Förderkatalogs (.csv) gefunden.", f"{path.name}: no export of the Foerderkatalog (.csv) found.")
    for m in members:
        for row in _rows(ctx, m):
            yield from _read_row(ctx, row, found)
    yield from _entities(found)


def plain_cells(line: str) -> str:
    """The line with ``="..."`` cells as ordinary quoted cells.  A line without such cells comes back as it is."""
    if '="' not in line:
        return line
    text = line.rstrip("\r\n")
    cells = [m[1] if m[1] is not None else m[2] for m in _CELL.finditer(text) if m[0]]
    if text.endswith(";"):
        cells.append("")
    return ";".join('"' + c.replace('""', '"').replace('"', '""') + '"' for c in cells) + "\n"


def column_names(first: list[str]) -> list[str] | None:
    """Our names for a header line, None if the line is none.  Unknown words stay as they are."""
    words = [re.sub(r'^="?|"$', "", c).strip() for c in first]
    if "fkz" not in (w.lower() for w in words):
        return None
    names: list[str] = []
    for w in words:
        name = _NAMES.get(w.lower(), w)
        names.append(f"exec_{name}" if name in names and name in _BODY else name)
    return names


def _encoding(member: Member) -> str:
    """UTF-8 if the whole file is, else cp1252.  Reads the file once, a chunk at a time."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with member.open() as f:
        try:
            while chunk := f.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _rows(ctx: Context, member: Member) -> Iterator[Row]:
    encoding = _encoding(member)
    first = ctx.columns(member, encoding=encoding)
    names = column_names(first)
    if names is None and not (len(_EXPORT) <= len(first) <= len(_EXPORT) + 1):
        raise FileError(
            f"{member.name}: kein Export des Förderkatalogs: keine Kopfzeile mit «FKZ» und {len(first)} Spalten statt {len(_EXPORT)}. Stimmt das Trennzeichen?",
            f"{member.name}: no export of the Foerderkatalog: no header line with “FKZ” and {len(first)} columns instead of {len(_EXPORT)}. "
            "Is the delimiter right?",
        )
    header = names or [*_EXPORT, *([""] * (len(first) - len(_EXPORT)))]
    rows = ctx.table(member, read=_READ, unread=_UNREAD, required=("fkz", "name", "title"), encoding=encoding, header=header, clean=plain_cells)
    for row in rows:
        if not (names and row.number == 1):
            yield row


def _hash(*parts: str) -> str:
    return hashlib.sha1("|".join(parts).encode(), usedforsecurity=False).hexdigest()[:16]


def _read_row(ctx: Context, row: Row, found: _Found) -> Iterator[Claim]:
    # a slash or blank in a key («K332700 /7») would not stand in an address
    fkz = re.sub(r"[\s/]+", "-", re.sub(r"\s*/\s*", "/", row.get("fkz")))
    name = without_contact(row.get("name"))
    if not fkz:
        ctx.issue("missing_id", row)
        return
    if not name:
        ctx.issue("missing_name", row, fkz)
        return
    executing = without_contact(row.get("exec_name"))
    if any(n and (_HIDDEN.search(n) or is_person(n)) for n in (name, executing)):
        ctx.issue("person", row)
        return
    quote = _quote(row, name, executing)
    if fkz in found.rows:
        if found.rows[fkz] != quote:
            ctx.issue("duplicate_row", row, fkz)
        return
    found.rows[fkz] = quote
    evidence = Evidence(f"foerderkatalog:row:{fkz}", row.locator, quote, "foerderkatalog")
    yield evidence
    project_id, project = _project(ctx, row, found, fkz)
    project.evidence.append(evidence.id)
    amount = _amount(ctx, row)
    project.funding += amount
    participant = _participant(ctx, row, found, name, executing, evidence.id)
    _link(project, participant, "PARTICIPATES_IN", project_id, evidence.id, amount)
    _ressort(ctx, row, found, project, project_id, evidence.id)
    plan = row.get("plan")
    if plan and plan not in _NO_TOPIC:
        topic = f"leistungsplan:{plan}"
        props: dict[str, Value] = {"label_de": row.get("plan_text") or plan, "scheme": "leistungsplan", "notation": plan}
        found.topics.setdefault(topic, (props, []))[1].append(evidence.id)
        _link(project, project_id, "ABOUT", topic, evidence.id)


def _quote(row: Row, name: str, executing: str) -> str:
    """The row under the publisher's names, without contact persons."""
    values = {shown: row.get(column) for column, shown in _SHOWN.items()} | {_SHOWN["name"]: name, _SHOWN["exec_name"]: executing}
    return orjson.dumps({k: v for k, v in values.items() if v}).decode()


def _link(project: _Project, start: str, type_: str, end: str, evidence: str, amount: float = 0.0) -> None:
    before, proofs = project.links.get((start, type_, end), (0.0, []))
    project.links[start, type_, end] = (before + amount, [*proofs, evidence])


def _project(ctx: Context, row: Row, found: _Found, fkz: str) -> tuple[str, _Project]:
    title, verbund = " ".join(row.get("title").split()), " ".join(row.get("verbund").split())
    if verbund:
        ressort = row.get("ressort").upper()
        project_id = f"foerderkatalog:verbund:{_hash(RESSORTS.get(ressort, ('', ressort))[1], verbund)}"
        title = _JOINT.sub("", _SUBPROJECT.sub("", title)) or title or verbund
    else:
        project_id = f"foerderkatalog:{fkz}"
    project = found.projects.setdefault(project_id, _Project(title))
    project.title = min(filter(None, (project.title, title)), default="")
    if verbund and len(verbund) <= 20:
        project.acronym = verbund
    for key in ("start", "end"):
        text = row.get(key)
        value = date(text)
        if text and value is None:
            ctx.issue("bad_date", row, text, key)
        elif value and key == "start":
            project.start = min(filter(None, (project.start, value)))
        elif value:
            project.end = max(project.end, value)
    return project_id, project


def _amount(ctx: Context, row: Row) -> float:
    text = row.get("amount")
    if not text:
        return 0.0
    value = number(text)
    if value is None or value < 0:
        ctx.issue("bad_number", row, text, "amount")
        return 0.0
    return value


def _ressort(ctx: Context, row: Row, found: _Found, project: _Project, project_id: str, evidence: str) -> None:
    code = row.get("ressort").upper()
    if not code:
        return
    project.programme = f"Projektförderung des Bundes ({code})"
    if code not in RESSORTS:
        ctx.issue("unknown_category", row, code, "Ressort")
        return
    ministry = f"foerderkatalog:ressort:{code.lower()}"
    props: dict[str, Value] = {"name": RESSORTS[code][0], "names": [code], "country": "DE"}
    found.organisations.setdefault(ministry, (props, Kind.PUBLIC, []))[2].append(evidence)
    _link(project, project_id, "FUNDED_BY", ministry, evidence)


def _participant(ctx: Context, row: Row, found: _Found, name: str, executing: str, evidence: str) -> str:
    """Id of the body that takes part, having noted it, the other one and how they belong together."""
    recipient = _organisation(ctx, row, found, name, "", evidence)
    if not executing or executing == name:
        return recipient
    elsewhere = _place(row, "exec_") != _place(row, "") and any(_place(row, "exec_"))
    if not elsewhere and not _PART.search(executing.removeprefix(name)):
        return recipient
    part = _organisation(ctx, row, found, executing, "exec_", evidence)
    if part == recipient:
        return recipient
    found.parts.setdefault((part, recipient), []).append(evidence)
    return part if elsewhere else recipient


def _place(row: Row, prefix: str) -> tuple[str, str]:
    key = row.get(f"{prefix}key")
    return (key, "") if key else ("", row.get(f"{prefix}city") or row.get(f"{prefix}municipality"))


def _organisation(ctx: Context, row: Row, found: _Found, name: str, prefix: str, evidence: str) -> str:
    key, city = row.get(f"{prefix}key"), row.get(f"{prefix}city") or row.get(f"{prefix}municipality")
    state = row.get(f"{prefix}country")
    props: dict[str, Value] = {"name": name}
    if code := COUNTRIES_DE.get(state):
        props["country"] = code
    elif state:
        ctx.issue("unknown_country", row, state)
    if city:
        props["city"] = city
    if code in ("DE", None):
        if row.get(f"{prefix}region"):
            props["region"] = row.get(f"{prefix}region")
        if re.fullmatch(r"(0[1-9]|1[0-6])\d{6}", key):
            props["ags"] = key
        elif key and code == "DE":
            ctx.issue("bad_value", row, key, f"{prefix}key")
    org = f"foerderkatalog:org:{_hash(name, key or city)}"
    found.organisations.setdefault(org, (props, None, []))[2].append(evidence)
    return org


def _entities(found: _Found) -> Iterator[Claim]:
    for org, (props, kind, evidence) in sorted(found.organisations.items()):
        yield Entity(org, Label.ORGANIZATION, props, tuple(evidence), kind=kind)
    for topic, (props, evidence) in sorted(found.topics.items()):
        yield Entity(topic, Label.TOPIC, props, tuple(evidence))
    for (part, whole), evidence in sorted(found.parts.items()):
        yield Link(part, "PART_OF", whole, tuple(evidence))
    for project_id, p in sorted(found.projects.items()):
        values: dict[str, Value] = {"title": p.title, "acronym": p.acronym, "start": p.start, "end": p.end, "programme": p.programme, "funding_eur": p.funding}
        yield Entity(project_id, Label.PROJECT, {k: v for k, v in values.items() if v}, tuple(p.evidence))
        for (start, type_, end), (amount, proofs) in sorted(p.links.items()):
            yield Link(start, type_, end, tuple(proofs), {"funding_eur": amount} if amount else {})
