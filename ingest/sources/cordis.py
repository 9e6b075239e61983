"""CORDIS: projects of the EU's framework programmes (FP7, Horizon 2020, Horizon Europe) and who takes part in them.

Files: the publisher's CSV tables (https://data.europa.eu/data/datasets?query=cordis), packed or not, ``;`` or ``,``.  A table is known by
its columns, since copies name their files in their own ways.  ``release.json`` beside them (or an option) says with ``project_id`` what
the numbers in ``projectID`` are: ``grant`` (default), ``rcn`` (CORDIS' own record number) or ``local`` (a number of this copy only).

What is made of a row:

* Organisations are told apart by PIC.  Their address stands again on every row: for each property the first row that states it counts,
  and that row is its evidence.  An organisation that no row names is kept without a name: others may know its PIC.
* A participation is one (project, organisation); where a table has several rows for it (a firm as participant and as third party),
  roles are joined and amounts added.  Rows alike in all columns that are read count once.
* ``netEcContribution`` (what stays after third parties got their part) is the funding, ``ecContribution`` only where a table lacks it:
  so a sum over organisations counts no euro twice.  0 means «not disclosed» in this source and becomes no value.
* The ``rcn`` of a project table is the project's; the ``rcn`` of an organisation table is the organisation's and is not read.

Ids of evidence: ``cordis:<rcn>:<PIC>``, ``cordis:grant:<grant>:<PIC>`` or ``cordis:<dataset>:<number>:<PIC>``, since the ranges overlap;
``:project``, ``:call:<code>``, ``:euroscivoc:<code>``, ``:part:<code>`` in the place of the PIC for the other tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from graph.model import Claim, Entity, Evidence, Kind, Label, Link, Value
from ingest.base import Context, FileError, Member, Row, SourceMeta, coordinates, country, date, number, one_line, web_address

META: Final = SourceMeta(
    id="cordis",
    title_de="CORDIS – Forschungsprojekte der EU",
    title_en="CORDIS – EU research projects",
    publisher="Europäische Union, CORDIS (Amt für Veröffentlichungen)",
    homepage="https://cordis.europa.eu/",
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    attribution="© European Union, CORDIS, https://cordis.europa.eu/, CC BY 4.0",
    states_de="Projekte aus FP7, Horizont 2020 und Horizont Europa mit Laufzeit, Förderung und Themen; wer daran in welcher Rolle teilnimmt.",
    states_en="Projects of FP7, Horizon 2020 and Horizon Europe with duration, funding and topics; who takes part in which role.",
    persons_de="Ansprechpersonen, Kontaktformulare, Straßen und Verfasser werden nicht gelesen; Teilnehmer sind Einrichtungen mit einer PIC.",
    persons_en="Contact persons, contact forms, streets and authors are not read; participants are organisations with a PIC.",
)


class _Table(NamedTuple):
    """A table of the publisher: the columns that tell it, those that are read and those that are deliberately not.  No ``read``: unread."""

    name: str
    signature: frozenset[str]
    read: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def _t(name: str, signature: str, read: str = "", unread: str = "") -> _Table:
    return _Table(name, frozenset(signature.split()), tuple(read.split()), tuple(unread.split()))


# The first whose signature is in the header.  Columns of the older sets (2015 to 2020) are in: id, organizationUrl, call, contact...
TABLES: Final = (
    _t("deliverables", "projectID deliverableType"),
    _t("publications", "projectID journalTitle"),
    _t("summaries", "projectID attachment"),
    _t("webLink", "projectID physUrl"),
    _t(
        "organization",
        "projectID role name country",
        "projectID projectAcronym organisationID id vatNumber name shortName SME activityType postCode city country nutsCode geolocation organizationURL "
        "organizationUrl role ecContribution netEcContribution",
        "street contactForm contentUpdateDate rcn projectRcn order totalCost endOfParticipation active contactType contactTitle contactFirstNames "
        "contactLastNames contactFunction contactTelephoneNumber contactFaxNumber",
    ),
    _t(
        "project",
        "id acronym title startDate endDate",
        "id acronym title startDate endDate totalCost ecMaxContribution legalBasis frameworkProgramme masterCall subCall call rcn grantDoi",
        "status topics ecSignatureDate fundingScheme nature objective contentUpdateDate programme projectUrl coordinator coordinatorCountry participants "
        "participantCountries subjects keywords",
    ),
    _t("topics", "projectID topic title", "projectID topic title", "rcn"),
    _t("euroSciVoc", "projectID euroSciVocCode", "projectID euroSciVocCode euroSciVocPath euroSciVocTitle", "euroSciVocDescription"),
    _t("legalBasis", "projectID legalBasis title", "projectID legalBasis title", "uniqueProgrammePart"),
    _t("programme_parts", "rcn programme_part", "rcn programme_part"),
)
UNREAD_FILES: Final = ("deliverables", "publications", "summaries", "weblink", "webitem", "policypriorities", "reports", "information")
"""Tables of the publisher that are left alone, by the beginning of their name: documents, links, political tags."""

ROLES: Final[Mapping[str, str]] = {
    r.lower(): r
    for r in (
        "coordinator", "participant", "partner", "thirdParty", "linkedThirdParty", "affiliatedEntity", "associatedPartner", "internationalPartner",
        "hostInstitution", "beneficiary", "subcontractor",
    )
}  # fmt: skip
KINDS: Final[Mapping[str, Kind | None]] = {"HES": Kind.UNIVERSITY, "PRC": Kind.COMPANY, "REC": Kind.RESEARCH, "PUB": Kind.PUBLIC, "OTH": None}
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False, "y": True, "n": False}
_NO_VAT: Final = frozenset({"NOTAPPLICABLE", "NOTAVAILABLE", "MISSING", "NONE", "NOVAT", "NULL", "UNKNOWN", "NOTREQUIRED", "NOTSUBJECTTOVAT", "NA", "XX", "0"})


class Part(NamedTuple):
    """A part of a framework programme as a topic.  ``code`` stands in the topic's id."""

    code: str
    scheme: str
    label_de: str
    label_en: str


def _h2020(code: str, de: str, en: str) -> Part:
    return Part(code, "h2020-part", de, en)


def _horizon(code: str, de: str, en: str) -> Part:
    return Part(code, "cordis-part", de, en)


# Labels: Regulation (EU) No 1291/2013, annex I, and Regulation (EU) 2021/695, annex I, in both languages, shortened where they are sentences.
PARTS: Final[Mapping[str, Part]] = {
    "ERC": _h2020("ERC", "Europäischer Forschungsrat (ERC)", "European Research Council (ERC)"),
    "FET": _h2020("FET", "Künftige und neu entstehende Technologien (FET)", "Future and Emerging Technologies (FET)"),
    "MSCA": _h2020("MSCA", "Marie-Skłodowska-Curie-Maßnahmen", "Marie Skłodowska-Curie Actions"),
    "RI": _h2020("RI", "Europäische Forschungsinfrastrukturen", "European research infrastructures"),
    "LEIT": _h2020("LEIT", "Grundlegende und industrielle Technologien", "Leadership in enabling and industrial technologies"),
    "ARF": _h2020("ARF", "Zugang zur Risikofinanzierung", "Access to risk finance"),
    "Innovation in SMEs": _h2020("Innovation-in-SMEs", "Innovation in kleinen und mittleren Unternehmen", "Innovation in small and medium-sized enterprises"),
    "SC1": _h2020("SC1", "Gesundheit, demografischer Wandel und Wohlergehen", "Health, demographic change and well-being"),
    "SC2": _h2020(
        "SC2",
        "Lebensmittelsicherheit, nachhaltige Land- und Forstwirtschaft, Meeresforschung und Biowirtschaft",
        "Food security, sustainable agriculture and forestry, marine research and the bioeconomy",
    ),
    "SC3": _h2020("SC3", "Sichere, saubere und effiziente Energie", "Secure, clean and efficient energy"),
    "SC4": _h2020("SC4", "Intelligenter, umweltfreundlicher und integrierter Verkehr", "Smart, green and integrated transport"),
    "SC5": _h2020("SC5", "Klimaschutz, Umwelt, Ressourceneffizienz und Rohstoffe", "Climate action, environment, resource efficiency and raw materials"),
    "SC6": _h2020(
        "SC6",
        "Europa in einer sich verändernden Welt: integrative, innovative und reflektierende Gesellschaften",
        "Europe in a changing world: inclusive, innovative and reflective societies",
    ),
    "SC7": _h2020("SC7", "Sichere Gesellschaften: Schutz der Freiheit und Sicherheit Europas", "Secure societies: protecting freedom and security of Europe"),
    "SEWP": _h2020("SEWP", "Verbreitung von Exzellenz und Ausweitung der Beteiligung", "Spreading excellence and widening participation"),
    "SWAFS": _h2020("SWAFS", "Wissenschaft mit der und für die Gesellschaft", "Science with and for society"),
    "Euratom": _h2020("Euratom", "Euratom: Kernspaltung, Strahlenschutz und Fusion", "Euratom: fission, radiation protection and fusion"),
    "HORIZON.1.1": _horizon("HORIZON.1.1", "Europäischer Forschungsrat (ERC)", "European Research Council (ERC)"),
    "HORIZON.1.2": _horizon("HORIZON.1.2", "Marie-Skłodowska-Curie-Maßnahmen (MSCA)", "Marie Skłodowska-Curie Actions (MSCA)"),
    "HORIZON.1.3": _horizon("HORIZON.1.3", "Forschungsinfrastrukturen", "Research infrastructures"),
    "HORIZON.2.1": _horizon("HORIZON.2.1", "Gesundheit", "Health"),
    "HORIZON.2.2": _horizon("HORIZON.2.2", "Kultur, Kreativität und inklusive Gesellschaft", "Culture, creativity and inclusive society"),
    "HORIZON.2.3": _horizon("HORIZON.2.3", "Zivile Sicherheit für die Gesellschaft", "Civil security for society"),
    "HORIZON.2.4": _horizon("HORIZON.2.4", "Digitalisierung, Industrie und Weltraum", "Digital, industry and space"),
    "HORIZON.2.5": _horizon("HORIZON.2.5", "Klima, Energie und Mobilität", "Climate, energy and mobility"),
    "HORIZON.2.6": _horizon(
        "HORIZON.2.6",
        "Lebensmittel, Bioökonomie, natürliche Ressourcen, Landwirtschaft und Umwelt",
        "Food, bioeconomy, natural resources, agriculture and environment",
    ),
    "HORIZON.3.1": _horizon("HORIZON.3.1", "Europäischer Innovationsrat (EIC)", "European Innovation Council (EIC)"),
    "HORIZON.3.2": _horizon("HORIZON.3.2", "Europäische Innovationsökosysteme", "European innovation ecosystems"),
    "HORIZON.3.3": _horizon("HORIZON.3.3", "Europäisches Innovations- und Technologieinstitut (EIT)", "European Institute of Innovation and Technology (EIT)"),
    "HORIZON.4.1": _horizon("HORIZON.4.1", "Ausweitung der Beteiligung und Verbreitung von Exzellenz", "Widening participation and spreading excellence"),
    "HORIZON.4.2": _horizon(
        "HORIZON.4.2", "Reformierung und Stärkung des europäischen FuI-Systems", "Reforming and enhancing the European research and innovation system"
    ),
    "EURATOM2027": _horizon("EURATOM2027", "Euratom-Programm für Forschung und Ausbildung", "Euratom research and training programme"),
}
# The legal basis of Horizon 2020 says the same as its 17 themes do, in numbers.
_H2020_BASES: Final[Mapping[str, str]] = {
    "1.1": "ERC", "1.2": "FET", "1.3": "MSCA", "1.4": "RI", "2.1": "LEIT", "2.2": "ARF", "2.3": "Innovation in SMEs", "3.1": "SC1", "3.2": "SC2", "3.3": "SC3",
    "3.4": "SC4", "3.5": "SC5", "3.6": "SC6", "3.7": "SC7", "4": "SEWP", "5": "SWAFS",
}  # fmt: skip


def part_of(legal_basis: str) -> Part | None:
    """The part of a programme that a legal basis (``H2020-EU.3.4.1.``, ``HORIZON.2.4``) belongs to, None if it is none of PARTS."""
    code = legal_basis.rstrip(".")
    if code.upper().startswith("H2020-EURATOM"):
        return PARTS["Euratom"]
    if code.startswith("EURATOM."):
        return PARTS["EURATOM2027"]
    h2020 = code.startswith("H2020-EU.")
    steps = code.removeprefix("H2020-EU.").split(".")
    while steps:
        known = _H2020_BASES.get(".".join(steps), "") if h2020 else ".".join(steps)
        if known in PARTS:
            return PARTS[known]
        steps.pop()
    return None


@dataclass(frozen=True, slots=True)
class _Ids:
    """How the numbers in this copy's project columns become ids."""

    space: str
    dataset: str

    @property
    def project(self) -> str:
        """What stands before a number in a record id."""
        return f"cordis:{self.dataset if self.space == 'local' else self.space}:"

    @property
    def evidence(self) -> str:
        """What stands before a number in an id of evidence."""
        return "cordis:" if self.space == "rcn" else self.project


class _Org:
    """What the rows read so far say of one organisation, the columns no row has stated yet, and the rows that stated something."""

    __slots__ = ("evidence", "kind", "missing", "names", "props", "said", "vat")

    def __init__(self, missing: list[str]) -> None:
        self.props: dict[str, Value] = {}
        self.names: list[str] = []
        self.kind: Kind | None = None
        self.vat = ""
        self.missing = missing
        self.said: list[str] = []
        self.evidence: list[str] = []


class _Part(NamedTuple):
    """One participation; ``quote`` is the hash of its row's quote."""

    project: str
    pic: str
    roles: tuple[str, ...]
    funding: float | None
    evidence: tuple[str, ...]
    quotes: tuple[int, ...]


@dataclass(slots=True)
class _Run:
    """What one crawl remembers: bounded by the numbers of projects, organisations and participations, never by texts of rows."""

    ctx: Context
    ids: _Ids
    projects: dict[str, int] = field(default_factory=dict)
    named_only: dict[str, tuple[str, str]] = field(default_factory=dict)
    orgs: dict[str, _Org] = field(default_factory=dict)
    parts: dict[str, _Part] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    countries: dict[str, str | None] = field(default_factory=dict)
    about: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def state(self, project: str, part: str, proof: str) -> None:
        """Note that a project belongs to a part of a programme: several tables say so, the link is one."""
        self.about.setdefault((project, part), []).append(proof)


def crawl(ctx: Context, path: Path) -> Iterator[Claim]:
    """Read the tables of a folder, an archive or one file.  Raises FileError when none of them is a table of CORDIS."""
    run = _Run(ctx, _ids(ctx))
    tables = sorted(_tables(ctx, path), key=lambda t: ([k.name for k in TABLES].index(t[1].name), t[0].name))
    for member, table in tables:
        rows = ctx.table(member, read=table.read, unread=table.unread)
        match table.name:
            case "project":
                yield from _projects(run, rows)
            case "organization":
                yield from _organizations(run, rows)
            case "topics":
                yield from _calls(run, rows)
            case "euroSciVoc":
                yield from _euroscivoc(run, rows)
            case "legalBasis":
                yield from _legal_bases(run, rows)
            case "programme_parts":
                yield from _programme_parts(run, rows)
    yield from _collected(run)


def _ids(ctx: Context) -> _Ids:
    space = ctx.options.get("project_id") or ctx.release.options.get("project_id") or "grant"
    if space not in ("grant", "rcn", "local"):
        raise FileError(f"project_id ist {space!r}; erlaubt sind grant, rcn und local.", f"project_id is {space!r}; grant, rcn and local are allowed.")
    dataset = ctx.release.dataset
    if space == "local" and dataset in ("grant", "rcn", "org", "part", "call"):
        raise FileError(
            f"Der Datensatz darf nicht {dataset!r} heißen, wenn seine Projektnummern eigene sind (project_id local).",
            f"The dataset must not be called {dataset!r} when its project numbers are its own (project_id local).",
        )
    return _Ids(space, dataset)


def _tables(ctx: Context, path: Path) -> Iterator[tuple[Member, _Table]]:
    """The files that are read, with what they are.  A file that is no table of CORDIS is an issue."""
    found = False
    for member in ctx.members(path):
        name = member.name.rsplit("/", 1)[-1]
        if name == "release.json":
            continue
        table = None
        if name.lower().startswith(UNREAD_FILES):
            continue
        if name.lower().endswith((".csv", ".txt", ".tsv")) or "." not in name:
            columns = set(ctx.columns(member))
            table = next((t for t in TABLES if t.signature <= columns), None)
        if table is None:
            ctx.issue("unknown_file", member.name)
        elif table.read:
            found = True
            yield member, table
    if not found:
        raise FileError(
            f"{path}: keine Tabelle von CORDIS gefunden (erwartet: organization.csv, project.csv ... mit den Spaltennamen des Herausgebers).",
            f"{path}: no table of CORDIS found (expected: organization.csv, project.csv ... with the publisher's column names).",
        )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def unquoted(text: str) -> str:
    """A name as one line; where the publisher wrapped it in quotation marks once too often, without that outer layer."""
    t = one_line(text)
    if len(t) > 2 and t[0] == t[-1] == '"' and '"' not in (inner := t[1:-1].replace('""', "")) and inner:
        return t[1:-1].replace('""', '"').strip()
    return t


def _projects(run: _Run, rows: Iterator[Row]) -> Iterator[Claim]:
    ctx = run.ctx
    for row in rows:
        n = row.get("id")
        if not _is_number(n):
            ctx.issue("missing_id", row, n, "id")
            continue
        quote = row.quote()
        if n in run.projects:
            if run.projects[n] != hash(quote):
                ctx.issue("duplicate_row", row, n, "project")
            continue
        run.projects[n] = hash(quote)
        proof = f"{run.ids.evidence}{n}:project"
        id_ = run.ids.project + n
        yield Evidence(proof, row.locator, quote)
        grant, rcn = _numbers(run, row, n)
        props: dict[str, Value] = {}
        texts = {
            "title": unquoted(row.get("title")),
            "acronym": unquoted(row.get("acronym")),
            "programme": row.get("frameworkProgramme"),
            "call": row.get("masterCall") or row.get("call") or row.get("subCall"),
            "url": _url(grant, rcn),
        }
        props |= {prop: text for prop, text in texts.items() if text}
        for prop, column in (("start", "startDate"), ("end", "endDate")):
            if text := row.get(column):
                if day := date(text):
                    props[prop] = day
                else:
                    ctx.issue("bad_date", row, text, column)
        for prop, column in (("funding_eur", "ecMaxContribution"), ("cost_eur", "totalCost")):
            if amount := _money(ctx, row, column):
                props[prop] = amount
        same = [i for i in (f"cordis:grant:{grant}" if grant else "", f"cordis:rcn:{rcn}" if rcn else "") if i not in ("", id_)]
        yield Entity(id_, Label.PROJECT, props, (proof,), same_as=tuple(same))
        for basis in re.split(r"[;, ]+", row.get("legalBasis")):
            if basis and (part := part_of(basis)):
                yield from _part_topic(run, part, proof)
                run.state(id_, f"cordis:part:{part.code}", proof)


def _numbers(run: _Run, row: Row, n: str) -> tuple[str, str]:
    """Grant number and rcn of a project row, empty where not stated."""
    doi = re.fullmatch(r"10\.3030/([0-9]+)", row.get("grantDoi"))
    grant = n if run.ids.space == "grant" else doi[1] if doi else ""
    rcn = n if run.ids.space == "rcn" else row.get("rcn")
    if rcn and not _is_number(rcn):
        run.ctx.issue("bad_value", row, rcn, "rcn")
        rcn = ""
    return grant, rcn


def _url(grant: str, rcn: str) -> str:
    return f"https://cordis.europa.eu/project/id/{grant}" if grant else f"https://cordis.europa.eu/project/rcn/{rcn}" if rcn else ""


def _money(ctx: Context, row: Row, column: str) -> float | None:
    """An amount in euro; None where it is not stated, not readable (an issue) or 0, which means «not disclosed» here."""
    text = row.get(column)
    if not text:
        return None
    amount = number(text)
    if amount is None or amount < 0:
        ctx.issue("bad_number", row, text, column)
        return None
    return amount or None


def _organizations(run: _Run, rows: Iterator[Row]) -> Iterator[Claim]:
    """Evidence of each row; the organisations and participations themselves come at the end (_collected)."""
    ctx, parts, orgs = run.ctx, run.parts, run.orgs
    prefix = run.ids.evidence
    own: list[str] | None = None
    for row in rows:
        get = row.get
        if own is None:
            own = row.columns(*_OWN)
        n, pic = get("projectID"), get("organisationID") or get("id")
        if not (_is_number(n) and _is_number(pic)):
            column = "organisationID" if _is_number(n) else "projectID"
            ctx.issue("missing_id", row, pic if _is_number(n) else n, column)
            continue
        quote = row.quote()
        key = proof = f"{prefix}{n}:{pic}"
        earlier = parts.get(key)
        if earlier is not None:
            if hash(quote) in earlier.quotes:
                continue
            proof = f"{key}:{len(earlier.evidence) + 1}"
        yield Evidence(proof, row.locator, quote)

        role = get("role")
        known = ROLES.get(role.lower()) or ROLES.get(re.sub(r"[^a-z]", "", role.lower()))
        if known is None and role:
            ctx.issue("unknown_role", row, role)
        roles = () if known is None else (known,)
        funding = _money(ctx, row, "netEcContribution" if get("netEcContribution") else "ecContribution")
        if earlier is None:
            parts[key] = _Part(n, pic, roles, funding, (proof,), (hash(quote),))
        else:
            total = (earlier.funding or 0) + (funding or 0) or None
            both = earlier.roles + tuple(r for r in roles if r not in earlier.roles)
            parts[key] = _Part(n, pic, both, total, (*earlier.evidence, proof), (*earlier.quotes, hash(quote)))

        if n not in run.projects and not (run.named_only.get(n) or ("", ""))[0]:
            run.named_only[n] = (unquoted(get("projectAcronym")), proof)
        org = orgs.get(pic)
        if org is None:
            org = orgs[pic] = _Org([c for c in own if c in _FILLED])
        said = row.raw(own)
        if said != org.said:
            issues = len(ctx.issues)
            _take(run, org, row, proof)
            # the same values again say nothing new, but what was an issue is one again
            org.said = said if len(ctx.issues) == issues else []


_FILLED: Final = ("shortName", "SME", "postCode", "city", "nutsCode", "geolocation", "organizationURL", "organizationUrl", "vatNumber")
_OWN: Final = ("name", "activityType", "country", *_FILLED)
"""Columns of a participation's row that are about the organisation itself."""


def _take(run: _Run, org: _Org, row: Row, proof: str) -> None:
    """Let a row state what no earlier row did.  Kind and country are looked at in every row, so that an unknown one is always an issue."""
    ctx, get, props = run.ctx, row.get, org.props
    stated = False
    if (name := get("name")) and (not org.names or name not in org.names):
        name = unquoted(name)
        if "name" not in props:
            props["name"] = name
        if name not in org.names:
            org.names.append(name)
            stated = True
    if activity := get("activityType"):
        if activity not in KINDS:
            ctx.issue("unknown_activity", row, activity)
        elif org.kind is None and KINDS[activity] is not None:
            org.kind, stated = KINDS[activity], True
    if code := get("country"):
        if code not in run.countries:
            run.countries[code] = country(code)
        iso = run.countries[code]
        if iso is None:
            ctx.issue("unknown_country", row, code)
        elif "country" not in props:
            props["country"], stated = iso, True
    filled = [c for c in org.missing if (text := get(c)) and _fill(ctx, org, row, c, text)]
    if filled:
        org.missing = [c for c in org.missing if c not in filled]
    if stated or filled or not org.evidence:
        org.evidence.append(proof)


def _fill(ctx: Context, org: _Org, row: Row, column: str, text: str) -> bool:
    """Take one stated value; False (and an issue) if it cannot be used."""
    props = org.props
    match column:
        case "city" | "postCode":
            props["city" if column == "city" else "postcode"] = one_line(text)
        case "shortName":
            short = unquoted(text)
            if sum(map(str.isalnum, short)) < 2:  # «-», «.», «/»: nothing was to be said
                return True
            if short not in org.names:
                org.names.append(short)
        case "SME" if text.lower() in _FLAGS:
            props["sme"] = _FLAGS[text.lower()]
        case "nutsCode" if re.fullmatch(r"[A-Z]{2}[0-9A-Z]{0,3}", text):
            props["nuts"] = text
        case "geolocation" if at := coordinates(*(text.split(",") if text.count(",") == 1 else (None, None))):
            props["lat"], props["lon"] = at
        case "organizationURL" | "organizationUrl" if address := web_address(text):
            props["website"] = address
        case "vatNumber":
            vat = re.sub(r"[^0-9A-Z]", "", text.upper())
            if vat in _NO_VAT or not vat:
                return False
            if not re.fullmatch(r"[A-Z]{2}[0-9A-Z]{5,16}", vat) or sum(map(str.isdigit, vat)) < 4 or not (country(vat[:2]) or vat[:2] in ("CS", "XI")):
                ctx.issue("bad_value", row, text, column)
                return False
            org.vat = vat
        case _:
            ctx.issue("bad_coordinates" if column == "geolocation" else "bad_value", row, text, column)
            return False
    return True


def _collected(run: _Run) -> Iterator[Claim]:
    """Organisations, participations, and the projects that only a participation names."""
    for n, (acronym, proof) in run.named_only.items():
        if n not in run.projects:
            props: dict[str, Value] = {"acronym": acronym} if acronym else {}
            if url := _url(n if run.ids.space == "grant" else "", n if run.ids.space == "rcn" else ""):
                props["url"] = url
            yield Entity(run.ids.project + n, Label.PROJECT, props, (proof,))
    for pic, org in run.orgs.items():
        if org.names:
            org.props["names"] = org.names
        identifiers = {"pic": pic, "vat": org.vat} if org.vat else {"pic": pic}
        yield Entity(f"cordis:org:{pic}", Label.ORGANIZATION, org.props, tuple(org.evidence), org.kind, identifiers)
    for (project, part), proofs in run.about.items():
        yield Link(project, "ABOUT", part, tuple(dict.fromkeys(proofs)))
    for p in run.parts.values():
        values: dict[str, Value] = {}
        if p.roles:
            values["roles"] = list(p.roles)
        if p.funding is not None:
            values["funding_eur"] = round(p.funding, 2)
        yield Link(f"cordis:org:{p.pic}", "PARTICIPATES_IN", run.ids.project + p.project, p.evidence, values)


def _about(run: _Run, row: Row, project: str, kind: str, code: str) -> str:
    """The id of the evidence of a row that gives a project a topic; empty if the row has no ids (an issue) or was read before."""
    if not _is_number(project) or not code:
        run.ctx.issue("missing_id", row, project or code, kind)
        return ""
    proof = f"{run.ids.evidence}{project}:{kind}:{code}"
    if proof in run.seen:
        return ""
    run.seen.add(proof)
    return proof


def _calls(run: _Run, rows: Iterator[Row]) -> Iterator[Claim]:
    """Call topics with their titles.  One without a title says nothing to a reader and is left out."""
    for row in rows:
        code, title = "-".join(row.get("topic").split()), one_line(row.get("title"))
        if code and not title:
            run.ctx.issue("missing_name", row, code, "topics")
            continue
        n = row.get("projectID")
        if not (proof := _about(run, row, n, "call", code)):
            continue
        yield Evidence(proof, row.locator, row.quote())
        topic = f"cordis:call:{code}"
        if topic not in run.seen:
            run.seen.add(topic)
            yield Entity(topic, Label.TOPIC, {"label_en": title, "scheme": "cordis-call", "notation": code}, (proof,))
        yield Link(run.ids.project + n, "ABOUT", topic, (proof,))


def _euroscivoc(run: _Run, rows: Iterator[Row]) -> Iterator[Claim]:
    """Fields of science.  Code path and text path run side by side and give the fields above, too."""
    for row in rows:
        codes = row.get("euroSciVocCode").strip("/").split("/")
        labels = [s.strip() for s in row.get("euroSciVocPath").strip("/").split("/")]
        if not all(map(_is_number, codes)):
            run.ctx.issue("missing_id", row, row.get("euroSciVocCode"), "euroSciVocCode")
            continue
        if len(labels) != len(codes):
            # a label with a slash in it: the fields above stay unnamed here, another row names them
            run.ctx.issue("bad_value", row, row.get("euroSciVocPath"), "euroSciVocPath")
            codes, labels = codes[-1:], [row.get("euroSciVocTitle")]
        n = row.get("projectID")
        if not (proof := _about(run, row, n, "euroscivoc", codes[-1])):
            continue
        yield Evidence(proof, row.locator, row.quote())
        for depth, (code, label) in enumerate(zip(codes, labels, strict=True), 1):
            topic = f"euroscivoc:{code}"
            if topic in run.seen or not label:
                continue
            run.seen.add(topic)
            props: dict[str, Value] = {"label_en": label, "scheme": "euroscivoc", "notation": code, "path": "/" + "/".join(labels[:depth])}
            yield Entity(topic, Label.TOPIC, props, (proof,))
            if depth > 1:
                yield Link(topic, "BROADER", f"euroscivoc:{codes[depth - 2]}", (proof,))
        yield Link(run.ids.project + n, "ABOUT", f"euroscivoc:{codes[-1]}", (proof,))


def _part_topic(run: _Run, part: Part, proof: str) -> Iterator[Claim]:
    """The topic of a part of a programme, once."""
    topic = f"cordis:part:{part.code}"
    if topic not in run.seen:
        run.seen.add(topic)
        props: dict[str, Value] = {"label_de": part.label_de, "label_en": part.label_en, "scheme": part.scheme, "notation": part.code}
        yield Entity(topic, Label.TOPIC, props, (proof,))


def _legal_bases(run: _Run, rows: Iterator[Row]) -> Iterator[Claim]:
    """The legal basis: one of PARTS, or a finer one below it with the publisher's English title."""
    for row in rows:
        code, title = row.get("legalBasis").rstrip("."), one_line(row.get("title"))
        part = part_of(code)
        exact = part is not None and (code == part.code or (code.startswith("H2020-") and _H2020_BASES.get(code.removeprefix("H2020-EU.")) in PARTS))
        if part is None and not title:
            run.ctx.issue("missing_name", row, code, "legalBasis")
            continue
        n = row.get("projectID")
        if not (proof := _about(run, row, n, "part", code)):
            continue
        yield Evidence(proof, row.locator, row.quote())
        if part is not None:
            yield from _part_topic(run, part, proof)
        topic = f"cordis:part:{part.code}" if part is not None and (exact or not title) else f"cordis:part:{code}"
        if topic not in run.seen:
            run.seen.add(topic)
            yield Entity(topic, Label.TOPIC, {"label_en": title, "scheme": "cordis-part", "notation": code}, (proof,))
            if part is not None:
                yield Link(topic, "BROADER", f"cordis:part:{part.code}", (proof,))
        run.state(run.ids.project + n, topic, proof)


def _programme_parts(run: _Run, rows: Iterator[Row]) -> Iterator[Claim]:
    """Themes of Horizon 2020 by the project's rcn, whatever number the other tables use."""
    for row in rows:
        rcn, code = row.get("rcn"), row.get("programme_part")
        part = PARTS.get(code)
        if part is None:
            run.ctx.issue("unknown_category", row, code, "programme_part")
            continue
        if not _is_number(rcn):
            run.ctx.issue("missing_id", row, rcn, "rcn")
            continue
        proof = f"cordis:{rcn}:part:{part.code}"
        if proof in run.seen:
            continue
        run.seen.add(proof)
        yield Evidence(proof, row.locator, row.quote())
        yield from _part_topic(run, part, proof)
        run.state(f"cordis:rcn:{rcn}", f"cordis:part:{part.code}", proof)
