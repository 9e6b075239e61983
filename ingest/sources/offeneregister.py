"""OffeneRegister: the German trade, cooperative and association registers as of 2017 to 2019.

Files: JSON lines, one company a line, usually ``de_companies_ocdata.jsonl.bz2`` (https://offeneregister.de/daten/).

Persons stay out.  The rule goes by the register (``_registerArt``) and the name:

* HRB, GnR and VR hold legal persons only: corporations, cooperatives, associations.  All are kept.
* HRA holds partnerships and sole traders side by side.  Kept is what states the legal form of a partnership (KG, OHG, KGaA, GmbH & Co.,
  EWIV, in their many spellings); what does not, or calls itself e.K. (also e.Kfm., eingetragener Kaufmann ...), counts as a sole trader.
* PR holds partnerships of free professions, whose names by law list persons with their profession (PartGG section 2).  None is kept.
* A former name in HRA must pass the same test: the firm may have begun as a sole trader.
* Officers are never read.

What is left out is counted as an issue without name or number.  ``register`` (the identifier) is the number as the court writes it, with the
court: ``Duisburg HRB 12345``, ``Duisburg früher Oberhausen HRB 53``; the record's id is OffeneRegister's ``company_number``.
Of the address only postcode and place are read, never the street.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from graph.model import Claim, Entity, Evidence, Kind, Label, Value
from ingest.base import Context, FileError, Member, Record, SourceMeta, country, land

META: Final = SourceMeta(
    id="offeneregister",
    title_de="OffeneRegister – Handels-, Genossenschafts- und Vereinsregister",
    title_en="OffeneRegister – German trade, cooperative and association registers",
    publisher="OffeneRegister.de / Open Knowledge Foundation Deutschland",
    homepage="https://offeneregister.de/",
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    attribution="OffeneRegister.de, Open Knowledge Foundation Deutschland e.V. und OpenCorporates, CC BY 4.0",
    states_de="Firmen und Vereine mit Registernummer, Sitz und früheren Namen, Stand 2017 bis 2019.",
    states_en="Companies and associations with register number, seat and former names, as of 2017 to 2019.",
    persons_de="Nur was eine eigene Rechtsform hat; Einzelkaufleute, Partnerschaften freier Berufe, Straßen und Vertretungsberechtigte nie.",
    persons_en="Only what has a legal form of its own; never sole traders, partnerships of free professions, streets or officers.",
)

_READ: Final = ("company_number", "name", "current_status", "jurisdiction_code", "previous_names", "registered_address", "all_attributes")
_UNREAD: Final = ("retrieved_at", "subsequent_registrations", "officers", "_line")
_READ_ATTRIBUTES: Final = ("_registerArt", "native_company_number", "registered_office", "federal_state")
_UNREAD_ATTRIBUTES: Final = ("_registerNummer", "_registerNummerSuffix", "registrar", "former_registrar", "additional_data", "_registrar")

KINDS: Final[Mapping[str, Kind]] = {"HRB": Kind.COMPANY, "HRA": Kind.COMPANY, "GnR": Kind.COMPANY, "VR": Kind.ASSOCIATION}
STATUS: Final[Mapping[str, str]] = {"currently registered": "active", "removed": "dissolved"}

_SOLE: Final = re.compile(
    # e.K., e. Kfm., e.Kffr.: the small e tells it from initials; «G i e s e K.-G.» is none
    r"(?<!\w)e\.?\s*K(?![.\s-]{0,3}G(?!\w))(?:(?:au)?fm|(?:au)?f?fr)?\.?(?!\w)"
    r"|(?i:eingetr(?:\.|agene[rn]?)?\s*(?:einzel)?kauf(?:mann|frau))"
)
# Letters may stand apart («o H G», «K.-G.») and words may be mistyped: old entries were copied by hand.
_PARTNERSHIP: Final = re.compile(
    r"(?<!\w)(?:K\.?-?G\.?(?:[\s-]?a[\s.-]?A)?|kg|Kg)(?!\w)"
    r"|(?<!\w)K\.?\s{1,3}-?\s?G(?:\.?\s*$|\.?\s*[,;(-])"  # «K. G. Schmidt» are initials, «Schmidt K. G.» is none
    r"|(?<!\w)[oO0]\.?\s?[Hh]\.?\s?[Gg](?!\w)"
    r"|(?<!\w)EWIV(?!\w)"
    r"|(?i:kommandit[\s-]*g|komm\.?[\s-]*ges|offene[rn]?\s+handels?g|wirtschaftliche\s+interessen)"
    r"|(?i:(?:g\s?m\s?b\s?h|g\.m\.b\.h|mbh|beschränkter\s+haftung|(?<!\w)ag|(?<!\w)ug|haftungsbeschränkt\)|ltd|limited|stiftung)\.?\s*(?:&|\+|u\.|und)\s*co(?!\w))"
)


def states_partnership(name: str) -> bool:
    """Whether a name in HRA states the legal form of a partnership and not that of a sole trader."""
    return not _SOLE.search(name) and bool(_PARTNERSHIP.search(name))


def crawl(ctx: Context, path: Path) -> Iterator[Claim]:
    """Read a file or a folder of files.  Raises FileError when there are no JSON lines."""
    seen: dict[str, int] = {}
    for member in _members(ctx, path):
        for locator, data in ctx.json_lines(member):
            yield from _company(ctx, locator, data, seen)


def _members(ctx: Context, path: Path) -> Iterator[Member]:
    found = False
    for member in ctx.members(path):
        name = member.name.rsplit("/", 1)[-1].lower()
        if name == "release.json":
            continue
        if name.endswith((".jsonl", ".json", ".ndjson")):
            found = True
            yield member
        else:
            ctx.issue("unknown_file", member.name)
    if not found:
        raise FileError(
            f"{path}: keine JSON-Zeilen von OffeneRegister gefunden (.jsonl, .jsonl.bz2, .jsonl.gz).",
            f"{path}: no JSON lines of OffeneRegister found (.jsonl, .jsonl.bz2, .jsonl.gz).",
        )


def _company(ctx: Context, locator: str, data: dict[str, Any], seen: dict[str, int]) -> Iterator[Claim]:
    r = Record(ctx, locator, data, _READ, _UNREAD)
    a = r.object("all_attributes", _READ_ATTRIBUTES, _UNREAD_ATTRIBUTES)
    if data.get("officers"):
        ctx.issue("person", locator, detail="officers")
    number, name, art = r.text("company_number"), r.text("name"), a.text("_registerArt")
    if not _may_be_kept(ctx, locator, number, name, art):
        return
    names = list(dict.fromkeys((name, *_previous_names(ctx, r, art))))
    place = re.search(r"(?<!\d)([0-9]{5})\s+[^\d,]+$", r.text("registered_address"))
    stated = {k: r.text(k) for k in ("company_number", "name", "current_status", "jurisdiction_code")}
    stated |= {k: a.text(k) for k in _READ_ATTRIBUTES}
    quote: dict[str, object] = {**stated, "registered_address": place[0] if place else "", "previous_names": names[1:]}
    text = orjson.dumps({k: v for k, v in quote.items() if v}).decode()
    if number in seen:
        if seen[number] != hash(text):
            ctx.issue("duplicate_row", locator, number)
        return
    seen[number] = hash(text)

    props: dict[str, Value] = {"name": name, "names": names}
    if place:
        props["postcode"] = place[1]
    for prop, key, value in (
        ("city", "registered_office", stated["registered_office"]),
        ("country", "jurisdiction_code", country(stated["jurisdiction_code"])),
        ("region", "federal_state", land(stated["federal_state"])),
        ("status", "current_status", STATUS.get(stated["current_status"])),
    ):
        if value:
            props[prop] = value
        elif stated[key]:
            ctx.issue("unknown_country" if prop == "country" else "unknown_category", locator, stated[key], key)
    native = stated["native_company_number"]
    proof = f"offeneregister:{number}"
    yield Evidence(proof, locator, text)
    yield Entity(f"register:{number}", Label.ORGANIZATION, props, (proof,), KINDS[art], {"register": native} if native else {})


def _may_be_kept(ctx: Context, locator: str, number: str, name: str, art: str) -> bool:
    """Whether the entry has an id, a name and a legal form of its own; if not, an issue that tells neither."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{3,60}", number):
        ctx.issue("missing_id", locator)
    elif art == "PR":
        ctx.issue("person", locator, detail="PR")
    elif art not in KINDS:
        ctx.issue("unknown_category", locator, detail="_registerArt")  # not kept: it may be a register of persons
    elif not name:
        ctx.issue("missing_name", locator, number)
    elif art == "HRA" and not states_partnership(name):
        ctx.issue("person", locator, detail="HRA")
    else:
        return True
    return False


def _previous_names(ctx: Context, r: Record, art: str) -> list[str]:
    """Former names that pass the test of the register."""
    names: list[str] = []
    for former in r.objects("previous_names", ("company_name",), ("con_date", "end_date", "start_date")):
        name = former.text("company_name")
        if name and (art != "HRA" or states_partnership(name)):
            names.append(name)
        elif name:
            ctx.issue("person", r.locator, detail="previous_names")
    return names
