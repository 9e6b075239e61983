"""ERDF lists of operations of North Rhine-Westphalia: who received what for which operation.

Two forms of the same duty to publish: the list of beneficiaries 2007-2013 (.json, read from the publisher's PDF by others) and the
list of operations 2014-2020 (the publisher's own .xlsx).  Neither has ids; names and titles make the records.

What reading the older list showed, and what is done about it:

* A line broke at a blank (the blank is still there) or behind a hyphen that belongs to the word (no blank): joining never removes a hyphen.
* A long name ran into the next column: ``… GmbH  Kinodigitalis`` | ``ierung: Saal 1``.  Moved back where both halves make a known theme.
* A joint project is one title with several beneficiaries.  Part projects (``; TP: …``, ``Teilprojekt B``) belong to the title before the mark.
* Titles that name a programme and a quarter (``Soziale Stadt: Nord``) or a kind of office are as many operations as there are cities.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from graph.model import Claim, Entity, Evidence, Label, Link
from ingest.base import Context, FileError, Member, SourceMeta, date, number, slug
from ingest.persons import is_person, without_contact
from ingest.sheet import sheet_rows

META: Final = SourceMeta(
    id="efre-nrw",
    title_de="EFRE in Nordrhein-Westfalen: Begünstigte und Vorhaben",
    title_en="ERDF in North Rhine-Westphalia: beneficiaries and operations",
    publisher="Land Nordrhein-Westfalen",
    homepage="https://www.efre.nrw.de/",
    licence="Veröffentlichung nach Verordnung (EU) Nr. 1303/2013 Art. 115 und (EG) Nr. 1828/2006 Art. 7",
    licence_url="https://eur-lex.europa.eu/eli/reg/2013/1303/oj",
    attribution="Land Nordrhein-Westfalen: Verzeichnis der Begünstigten 2007-2013 (Stand 31.12.2014), Liste der Vorhaben 2014-2020 (Stand 31.12.2015)",
    states_de="Wer an welchem geförderten Vorhaben beteiligt war, Jahr der Bewilligung oder Laufzeit, Zuwendung (2007-2013) "
    "oder förderfähige Kosten (2014-2020), Thema oder Interventionskategorie.",
    states_en="Who took part in which funded operation, year of approval or dates, grant (2007-2013) "
    "or eligible cost (2014-2020), theme or category of intervention.",
    persons_de="Natürliche Personen, Einzelkaufleute (e. K.) und Einzelunternehmen unter vollem Namen werden nicht gespeichert, "
    "Ansprechpersonen hinter Firmennamen abgeschnitten. "
    "Firmen mit Rechtsform oder nur mit Familiennamen bleiben. Die Regel steht in ingest/persons.py; jede ausgelassene Zeile wird gezählt.",
    persons_en="Natural persons, registered sole traders (e. K.) and sole traders under a full name are not stored; contact persons behind a name are cut off. "
    "Firms with a legal form or with a family name only stay. The rule is in ingest/persons.py; every row left out is counted.",
    own_ids=False,
)

THEMES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "Altersgerechte Versorgungsmodelle.NRW": ("Care models for an ageing society", ()),
    "Automotive+Produktion.NRW": ("Automotive and production", ()),
    "Automotive.NRW": ("Automotive", ()),
    "Bio.NRW": ("Biotechnology", ()),
    "Breitbandinternetanbindung": ("Broadband access", ()),
    "COPT.NRW": ("Organic and printed electronics", ()),
    "CheK.NRW": ("Chemistry and plastics", ()),
    "Clustermanagement": ("Cluster management", ()),
    "Create.NRW": ("Creative industries", ("Create.NRW_09",)),
    "CultNature": ("CultNature: brownfield landscapes", ()),
    "Digitale Medien.NRW": ("Digital media", ("Digitale Medien",)),
    "ERANET MANUNET": ("Manufacturing research (ERA-NET MANUNET)", ()),
    "ElektroMobil.NRW": ("Electric mobility", ("Elektromobil.NRW", "ElektroMobil")),
    "Energie.NRW": ("Energy", ()),
    "EnergieAgentur.NRW": ("Energy agency", ()),
    "EnergieForschung.NRW": ("Energy research", ()),
    "Erlebnis.NRW_Naturerlebnis": ("Nature experience", ()),
    "Erlebnis.NRW_Tourismus": ("Tourism", ()),
    "Ernährung.NRW": ("Food", ()),
    "EuRegionale 2008": ("EuRegionale 2008", ()),
    "Gründung.NRW": ("Business start-ups", ()),
    "Gründung.NRW_Gründerinnen": ("Women founders", ()),
    "Gründung.NRW_wissensbasierte Gründungen": ("Knowledge-based start-ups", ("Gründung.NRW_wissenbasierte Gründungen",)),
    "Hightech.NRW": ("High technology", ()),
    "IKT.NRW": ("Information and communication technology", ()),
    "Initiative Digitales Medienland": ("Digital media region initiative", ("Digitales Medienland",)),
    "Initiative zur Fachkräftesicherung": ("Skilled labour", ()),
    "InnoMeT.NRW": ("Innovative medical technology", ()),
    "IuK & Gender Med.NRW": ("Digital health and gender medicine", ("IuK&Gender Med.NRW", "luK&Gender Med.NRW")),
    "Kinodigitalisierung": ("Digital cinema", ("Kinodigitaliserung",)),
    "Kulturhauptstadt 2010": ("European Capital of Culture 2010", ()),
    "Logistik.NRW": ("Logistics", ()),
    "Med in.NRW": ("Medicine and health", ()),
    "Medien.NRW": ("Media", ()),
    "NRW-Hydrogen-HyWay": ("Hydrogen", ("NRW-Hydrogen HyWay",)),
    "NanoMikro+Werkstoffe.NRW": ("Nanotechnology, microtechnology and materials", ("NanoMikro-Werkstoffe.NRW",)),
    "Neues Emschertal": ("New Emscher Valley", ()),
    "PerMed.NRW": ("Personalised medicine", ("PedMed.NRW",)),
    "Produktion.NRW": ("Production", ()),
    "Qualifizierungsinfrastruktur": ("Training infrastructure", ()),
    "REGIONALE 2010": ("REGIONALE 2010", ("Regionale 2010",)),
    "REGIONALE 2013": ("REGIONALE 2013", ()),
    "REGIONALE 2016": ("REGIONALE 2016", ()),
    "RegioCluster.NRW": ("Regional clusters", ()),
    "Ressource.NRW": ("Resource efficiency", ()),
    "Ressourceneffizienzberatung für KMU": ("Resource efficiency advice for small firms", ()),
    "Soziale Stadt": ("Socially integrative city", ()),
    "Stadtumbau West": ("Urban restructuring", ()),
    "StandortInnenstadt.NRW": ("Inner cities", ()),
    "Technische Hilfe": ("Technical assistance", ()),
    "Transfer.NRW_FH Extra": ("Transfer from universities of applied sciences", ("Transfer.NRW_FH-Extra", "Transfer.NRW_FH_Extra_10")),
    "Transfer.NRW_Science-to-Business PreSeed": ("Science to business (pre-seed)", ("Transfer.NRW_Science to Business PreSeed",)),
    "Wachstum für Bochum": ("Growth for Bochum", ()),
    "WissensWirtschaft.NRW": ("Knowledge economy", ()),
    "familie@unternehmen.NRW": ("Work and family", ()),
    "zdi": ("Science and engineering education (zdi)", ("Zdi", "zdi-Zentrum", "zdi-Zentrum investMINT")),
}
"""German theme before the colon -> English label (ours) and other spellings in the data.  A colon behind any other word is part of a title."""

CATEGORIES_EN: Final[Mapping[str, str]] = {
    "016": "High efficiency co-generation and district heating",
    "050": "Other social infrastructure contributing to regional and local development",
    "056": "Investment in infrastructure, capacities and equipment in small firms directly linked to research and innovation",
    "058": "Research and innovation infrastructure (public)",
    "060": "Research and innovation activities in public research centres, including networking",
    "061": "Research and innovation activities in private research centres, including networking",
    "062": "Technology transfer and university-enterprise cooperation primarily benefiting small firms",
    "063": "Cluster support and business networks primarily benefiting small firms",
    "064": "Research and innovation processes in small firms",
    "065": "Research and innovation in low-carbon technologies and resilience to climate change",
    "066": "Advanced support services for small firms and groups of them",
    "067": "Small firm development, support to entrepreneurship and incubation",
    "068": "Energy efficiency and demonstration projects in small firms",
    "069": "Support to environmentally-friendly production processes and resource efficiency in small firms",
    "121": "Preparation, implementation, monitoring and inspection",
    "122": "Evaluation and studies",
    "123": "Information and communication",
}
"""Categories of intervention: Commission Implementing Regulation (EU) No 215/2014, Annex I, table 1, shortened."""

_THEME_OF: Final[Mapping[str, str]] = {spelling: theme for theme, (_, others) in THEMES.items() for spelling in (theme, *others)}
_EACH_CITY: Final = ("Soziale Stadt", "Stadtumbau West")
_EACH_BENEFICIARY: Final = re.compile(r"Kompetenzzentrum Frau und Beruf$|KWK-Modellkommune\b")
_PART: Final = re.compile(r"\s*[;,–-]\s+(?:TP:.*|(?:Teilprojekt|Teilvorhaben|TP) (?:[A-Z]|\d)[a-z0-9]?)$|\s+Teilprojekt \d$")
_OLD_COLUMNS: Final = frozenset({"beneficiary", "name_of_operation", "allocated_public_funding", "years"})
# the total at completion repeats the grant where an operation is finished; _source is the address of the PDF, the same in every row
_OLD_UNREAD: Final = frozenset({"on_finish_total_value", "_source"})
_NEW_COLUMNS: Final = {
    "Name des Begünstigten": "name",
    "Bezeichnung des Vorhabens": "title",
    "Durchführungsbeginn": "start",
    "Durchführungsende": "end",
    "bewilligte förderfähige Gesamtinvestition": "cost",
    "Gebietskennziffer": "area",
    "EU-Interventionskategorie": "category",
    "Bezeichnung der EU-Interventionskategorie": "category_name",
}
_SHOWN: Final = {key: column for column, key in _NEW_COLUMNS.items()}
# the summary repeats the title or is the applicant's own text; the country is always DE
_NEW_UNREAD: Final = frozenset({"Zusammenfassung des Vorhabens", "Land"})


@dataclass(slots=True)
class _Operation:
    """What the rows of one operation say together."""

    title: str
    programme: str
    evidence: list[str] = field(default_factory=list)
    start: str = ""
    end: str = ""
    funding: float = 0.0
    cost: float = 0.0
    topics: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    shares: dict[str, tuple[float, list[str]]] = field(default_factory=dict)


@dataclass(slots=True)
class _Found:
    """Everything one run has read, by id."""

    organisations: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    operations: dict[str, _Operation] = field(default_factory=dict)
    topics: dict[str, tuple[dict[str, str], list[str]]] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)


def crawl(ctx: Context, path: Path) -> Iterator[Claim]:
    """Claims of one list, or of a folder with both; .json, .json.gz or .xlsx.  Holds the operations in memory (a few MB)."""
    found = _Found()
    members = [m for m in ctx.members(path) if m.name.endswith((".json", ".xlsx")) and m.name != "release.json"]
    if not members:
        raise FileError(
            f"{path.name}: keine Liste der Begünstigten (.json, .json.gz) oder der Vorhaben (.xlsx) gefunden.",
            f"{path.name}: no list of beneficiaries (.json, .json.gz) or operations (.xlsx) found.",
        )
    for m in members:
        yield from _old(ctx, m, found) if m.name.endswith(".json") else _new(ctx, m, found)
    yield from _entities(found)


def join_lines(text: str) -> str:
    """One line of several: a hyphen at the end of a line stays and joins, everything else is joined with one blank."""
    return " ".join(re.sub(r"-\n(?=\S)", "-", text).split())


def split_columns(beneficiary: str, title: str) -> tuple[str, str]:
    """Put back what ran into the next column of the PDF; both texts come back with their lines joined."""
    head, gap, tail = re.sub(r"-\n(?=\S)", "-", beneficiary).replace("\n", " ").rpartition("  ")
    title = join_lines(title)
    if gap and tail and (tail + title).split(":")[0] in _THEME_OF:
        return join_lines(head), tail + title
    return join_lines(beneficiary), title


def theme(title: str) -> str | None:
    """The programme theme before the first colon in its usual spelling, None if the words there are no theme."""
    before, colon, _ = title.partition(":")
    return _THEME_OF.get(before.strip()) if colon else None


def operation_title(title: str) -> str:
    """The title without the mark of a part project at its end."""
    return _PART.sub("", title).strip(" ,;–-") or title


def _key(title: str, beneficiary: str) -> str:
    """What tells operations apart.  Dashes and quotation marks differ between rows of one operation."""
    key = " ".join(re.findall(r"\w+", operation_title(title).casefold()))
    if theme(title) in _EACH_CITY or _EACH_BENEFICIARY.match(title):
        key += "|" + re.split(r" - |, ", beneficiary)[0].casefold()
    return key


def _hash(*parts: str) -> str:
    return hashlib.sha1("|".join(parts).encode(), usedforsecurity=False).hexdigest()[:16]


def whole_euros(text: str) -> float | None:
    """German notation in whole euros (``48.219`` is forty-eight thousand); empty and 0 mean not disclosed.  Raises ValueError for anything else."""
    t = text.strip()
    if not t:
        return None
    if not re.fullmatch(r"\d{1,3}(\.\d{3})*|\d+", t):
        raise ValueError(t)
    return float(t.replace(".", "")) or None


def _old(ctx: Context, member: Member, found: _Found) -> Iterator[Claim]:
    columns = _OLD_COLUMNS | _OLD_UNREAD
    reported: set[str] = set()
    for n, (locator, d) in enumerate(ctx.json_array(member)):
        if n == 0 and not {"beneficiary", "name_of_operation"} <= d.keys():
            raise FileError(
                f"{member.name}: die Felder beneficiary und name_of_operation fehlen; ist es das Verzeichnis der Begünstigten?",
                f"{member.name}: the fields beneficiary and name_of_operation are missing; is it the list of beneficiaries?",
            )
        for c in sorted(d.keys() - columns - reported):
            reported.add(c)
            ctx.issue("unknown_column", locator, c, detail=c)
        values = {c: v if isinstance(v := d.get(c), str) else "" if v is None else str(v) for c in _OLD_COLUMNS}
        name, title = split_columns(values["beneficiary"], values["name_of_operation"])
        row = {
            "beneficiary": name,
            "name_of_operation": title,
            "allocated_public_funding": values["allocated_public_funding"].strip(),
            "years": values["years"].strip(),
        }
        if not (name := _name(ctx, locator, row, "beneficiary", title)):
            continue
        try:
            funding = whole_euros(row["allocated_public_funding"]) or 0.0
        except ValueError:
            ctx.issue("bad_number", locator, row["allocated_public_funding"], "allocated_public_funding")
            funding = 0.0
        year = row["years"]
        if year and not re.fullmatch(r"(19|20)\d\d", year):
            ctx.issue("bad_date", locator, year, "years")
            year = ""
        evidence = _evidence(found, locator, row)
        yield evidence
        op = _operation(found, "EFRE NRW 2007-2013", title, name)
        op.start = min(filter(None, (op.start, year)), default="")
        op.funding += funding
        _participate(found, op, name, funding, evidence.id)
        if t := theme(title):
            _topic(found, op, f"efre-nrw:theme:{_theme_slug(t)}", {"label_de": t, "label_en": THEMES[t][0], "scheme": "efre-nrw"}, evidence.id)
        elif ".NRW" in title.partition(":")[0] and ":" in title and " " not in title.partition(":")[0]:
            ctx.issue("unknown_category", locator, title.partition(":")[0])


def _new(ctx: Context, member: Member, found: _Found) -> Iterator[Claim]:
    header: dict[str, int] | None = None
    for n, cells in sheet_rows(member):
        locator = f"{member.name}:{n}"
        if header is None:
            names = [
                re.sub(r"-(?=[a-z])", "", c) if c.startswith("Durchführungs") else c.replace("Interventions-kategorie", "Interventionskategorie")
                for c in map(join_lines, cells)
            ]
            if "Name des Begünstigten" not in names:
                continue
            header = _header(ctx, locator, names, member)
            continue
        row = {key: cells[i].strip() for key, i in header.items() if i < len(cells) and cells[i].strip()}
        row = {k: join_lines(v) for k, v in row.items()}
        if len(row) == 1 and next(iter(row.values())).startswith("*"):
            continue  # footnote below the table
        if not (name := _name(ctx, locator, row, "name", row.get("title", ""))):
            continue
        evidence = _evidence(found, locator, row)
        yield evidence
        op = _operation(found, "EFRE NRW 2014-2020", row["title"], name)
        _dates(ctx, locator, row, op)
        if cost := row.get("cost"):
            value = number(cost)
            if value is None:
                ctx.issue("bad_number", locator, cost, "bewilligte förderfähige Gesamtinvestition")
            else:
                op.cost += value
        _participate(found, op, name, 0.0, evidence.id)
        _area(ctx, locator, row.get("area", ""), op, evidence.id)
        _category(ctx, locator, row, op, found, evidence.id)
    if header is None:
        raise FileError(
            f"{member.name}: keine Kopfzeile mit «Name des Begünstigten» gefunden; ist es die Liste der Vorhaben?",
            f"{member.name}: no header row with “Name des Begünstigten” found; is it the list of operations?",
        )


def _header(ctx: Context, locator: str, names: list[str], member: Member) -> dict[str, int]:
    missing = [c for c in ("Name des Begünstigten", "Bezeichnung des Vorhabens") if c not in names]
    if missing:
        raise FileError(f"{member.name}: die Spalte {missing[0]} fehlt.", f"{member.name}: the column {missing[0]} is missing.")
    for c in names:
        if c and c not in _NEW_COLUMNS and c not in _NEW_UNREAD:
            ctx.issue("unknown_column", locator, c, detail=c)
    return {key: names.index(c) for c, key in _NEW_COLUMNS.items() if c in names}


def _name(ctx: Context, locator: str, row: dict[str, str], column: str, title: str) -> str:
    """The beneficiary's name without a contact person, empty if the row is not to be used (an issue says why).

    Changes the row, so that no quote holds a person.
    """
    name = row[column] = without_contact(row.get(column, ""))
    if not name or not title:
        ctx.issue("missing_name", locator, name or title)
        return ""
    if is_person(name):
        # the example must not keep what the filter keeps out
        ctx.issue("person", locator)
        return ""
    return name


def _evidence(found: _Found, locator: str, row: Mapping[str, str]) -> Evidence:
    quote = {_SHOWN.get(k, k): v for k, v in row.items() if v}
    key = _hash(*(f"{k}={v}" for k, v in sorted(quote.items())))
    found.rows[key] += 1  # the same booking may stand twice: two rows, two evidences
    n = found.rows[key]
    return Evidence(f"efre-nrw:row:{key}" + (f"-{n}" if n > 1 else ""), locator, orjson.dumps(quote).decode(), "efre_nrw")


def _operation(found: _Found, programme: str, title: str, beneficiary: str) -> _Operation:
    key = f"efre-nrw:op:{_hash(programme, _key(title, beneficiary))}"
    shown = operation_title(title)
    op = found.operations.setdefault(key, _Operation(shown, programme))
    op.title = min(op.title, shown)
    return op


def _participate(found: _Found, op: _Operation, name: str, funding: float, evidence: str) -> None:
    org = f"efre-nrw:org:{_hash(name)}"
    found.organisations.setdefault(org, (name, []))[1].append(evidence)
    before, proofs = op.shares.get(org, (0.0, []))
    op.shares[org] = (before + funding, [*proofs, evidence])
    op.evidence.append(evidence)


def _topic(found: _Found, op: _Operation, topic: str, props: dict[str, str], evidence: str) -> None:
    found.topics.setdefault(topic, (props, []))[1].append(evidence)
    op.topics.setdefault(topic, []).append(evidence)


def _theme_slug(text: str) -> str:
    return slug(text.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss"))


def _dates(ctx: Context, locator: str, row: Mapping[str, str], op: _Operation) -> None:
    for key, column in (("start", "Durchführungsbeginn"), ("end", "Durchführungsende")):
        text = row.get(key, "")
        value = date(text)
        if text and value is None:
            ctx.issue("bad_date", locator, text, column)
        elif value and key == "start":
            op.start = min(filter(None, (op.start, value)))
        elif value:
            op.end = max(op.end, value)


def _area(ctx: Context, locator: str, key: str, op: _Operation, evidence: str) -> None:
    """Where the operation is carried out: a district (``05911000``), a municipality or the whole Land (``05000000``)."""
    if not key:
        return
    if not re.fullmatch(r"05\d{6}", key):
        ctx.issue("unknown_category", locator, key, "Gebietskennziffer")
        return
    place = "place:DE-NW" if key[2:] == "000000" else f"place:{key[:5]}"
    op.places.setdefault(place, []).append(evidence)


def _category(ctx: Context, locator: str, row: Mapping[str, str], op: _Operation, found: _Found, evidence: str) -> None:
    code = row.get("category", "")
    if not code:
        return
    if not re.fullmatch(r"\d{1,3}", code):
        ctx.issue("unknown_category", locator, code, "EU-Interventionskategorie")
        return
    code = code.zfill(3)
    props = {"label_de": row.get("category_name", code), "scheme": "efre-nrw", "notation": code}
    if code in CATEGORIES_EN:
        props["label_en"] = CATEGORIES_EN[code]
    _topic(found, op, f"efre-nrw:category:{code}", props, evidence)


def _entities(found: _Found) -> Iterator[Claim]:
    for org, (name, evidence) in sorted(found.organisations.items()):
        yield Entity(org, Label.ORGANIZATION, {"name": name, "country": "DE", "region": "Nordrhein-Westfalen"}, tuple(evidence))
    for topic, (props, evidence) in sorted(found.topics.items()):
        yield Entity(topic, Label.TOPIC, props, tuple(evidence))
    for key, op in sorted(found.operations.items()):
        values: dict[str, Any] = {"title": op.title, "programme": op.programme, "start": op.start, "end": op.end, "theme": theme(op.title) or ""}
        values |= {"funding_eur": op.funding, "cost_eur": op.cost}
        yield Entity(key, Label.PROJECT, {k: v for k, v in values.items() if v}, tuple(op.evidence))
        for org, (funding, proofs) in sorted(op.shares.items()):
            yield Link(org, "PARTICIPATES_IN", key, tuple(proofs), {"funding_eur": funding} if funding else {})
        for topic, proofs in sorted(op.topics.items()):
            yield Link(key, "ABOUT", topic, tuple(proofs))
        for place, proofs in sorted(op.places.items()):
            yield Link(key, "LOCATED_IN", place, tuple(proofs))
