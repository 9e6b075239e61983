"""Names that registers know, names that a form gives away, and what looks like a name and is none.

The registers mostly decide of what kind a name is: almost every name they hold is found by the recogniser, too.  Patterns mend the spans (a
legal form, a ministry's long name) and find what has an unmistakable form.  Vetoes take away the recogniser's commonest mistakes.
"""

from __future__ import annotations

import bisect
import bz2
import csv
import gzip
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson

from graph.model import Kind
from ingest.base import FileError
from ingest.resolve.kinds import kind_from_name
from ingest.sources.ror import KINDS
from ingest.text.marks import KIND_OF, ORGANIZATIONS, Found, Mention, Tag
from ingest.text.tagging import WORD

REFERENCE: Final = Path(__file__).resolve().parents[2] / "data" / "reference"
REGISTERS: Final = REFERENCE.parent / "demo"
"""Registers whose names the shipped lexicon holds.  Not the graph's: what is found in a text must not depend on what was loaded before it."""

LEGAL_FORM: Final = re.compile(
    r"\s*(?:gGmbH|gAG|GmbH\s*&\s*Co\.?\s*(?:KGaA|KG|OHG)|(?:AG|SE|UG)\s*&\s*Co\.?\s*(?:KGaA|KG)|mbH\s*&\s*Co\.?\s*KG|GmbH|mbH|AG|SE|KGaA|KG|OHG|eG|eGmbH|UG\s*\(haftungsbeschränkt\)"
    r"|UG|e\.\s?K\.|e\.\s?V\.|Ltd\.|Limited|Inc\.|PLC|plc|S\.\s?A\.|B\.\s?V\.|N\.\s?V\.|S\.\s?r\.\s?l\.|S\.\s?p\.\s?A\.|GbR|AöR|KdöR|VVaG)(?![\w])"
)
"""A legal form behind a name, with the blank in front of it."""

_DETECTS: Final = 0.9
_SURE: Final = 0.85
_LONGEST_NAME: Final = 16  # words


# --- registers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """What the lexicon knows of one written form.  A weight of .9 and more decides; from there on it may also find what nobody else found."""

    tag: Tag
    weight: float


class Lexicon:
    """Written forms of names with their kinds.  Looking up is exact, but for the white space and a genitive s at the end."""

    def __init__(self, entries: Iterable[tuple[str, Tag, float]] = ()) -> None:
        self._entries: dict[str, Entry] = {}
        clash: dict[str, set[Tag]] = defaultdict(set)
        for name, tag, weight in entries:
            key = _key(name)
            if not key or key.count(" ") >= _LONGEST_NAME:
                continue
            known = self._entries.get(key)
            if known is not None and known.weight == weight:
                clash[key] |= {known.tag, tag}
            if known is None or weight > known.weight:
                clash.pop(key, None)
                self._entries[key] = Entry(tag, weight)
        for key, tags in clash.items():
            if len(tags) > 1:  # two things of one name: it tells nothing
                del self._entries[key]
        self._heads: dict[str, int] = {}
        for key in self._entries:
            parts = key.split(" ")
            self._heads[parts[0]] = max(self._heads.get(parts[0], 0), len(parts))

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, name: str) -> Entry | None:
        """What is known of exactly this name."""
        key = _key(name)
        return self._entries.get(key) or (self._entries.get(key[:-1]) if key.endswith("s") and len(key) > 4 else None)

    def find(self, text: str) -> list[Mention]:
        """Names in a text, the longest from the left; the score is the weight."""
        spans = [m.span() for m in WORD.finditer(text)]
        words = [text[a:b].replace("\u00ad", "") for a, b in spans]
        out: list[Mention] = []
        i = 0
        while i < len(words):
            most = self._heads.get(words[i], 0) or (words[i].endswith("s") and words[i][:-1] in self._heads)
            found = 0
            for n in range(min(most, len(words) - i), 0, -1):
                entry = self.get(" ".join(words[i : i + n]))
                if entry is not None:
                    out.append(Mention(spans[i][0], spans[i + n - 1][1], entry.tag, score=entry.weight, found=Found.REGISTRY))
                    found = n
                    break
            i += found or 1
        return out

    def save(self, path: Path) -> None:
        """Write the lexicon as a table that `load` reads."""
        lines = (f"{key}\t{e.tag}\t{e.weight:g}\n" for key, e in sorted(self._entries.items()))
        path.write_text("".join(lines), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Lexicon:
        """Read what `save` wrote."""
        try:
            rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
            return cls((name, Tag(tag), float(weight)) for name, tag, weight in rows)
        except (OSError, ValueError) as e:
            raise FileError(f"{path}: kein Namensverzeichnis ({e}).", f"{path}: no list of names ({e}).") from e


def _key(name: str) -> str:
    return " ".join(m[0].replace("\u00ad", "") for m in WORD.finditer(name))


def forms(name: str, kind: Kind | None, weight: float = 1.0) -> Iterator[tuple[str, Tag, float]]:
    """The written forms of a record's name: itself, and a firm's name without its legal form, which says less."""
    tag = next((t for t, k in KIND_OF.items() if k is kind), None)
    if tag is None:
        return
    yield name, tag, weight if " " in name else min(weight, 0.8)
    bare = LEGAL_FORM.split(name)[0].strip(" ,-&")
    if bare != name and len(bare) > 2:
        # Schmidt GmbH is not every Schmidt
        yield bare, tag, min(weight, 0.85 if " " in bare else 0.5)


def public_bodies() -> Iterator[tuple[str, Tag, float]]:
    """Our own list of bodies whose kind their name does not tell (data/reference/public_bodies.tsv)."""
    yield from ((row["name"], Tag(row["tag"]), 1.0) for row in _table(REFERENCE / "public_bodies.tsv"))


def shipped_lexicon(registers: Path | None = REGISTERS) -> Lexicon:
    """Our list of public bodies, and what the registers of a folder laid as data/demo hold."""
    entries = list(public_bodies())
    if registers is not None:
        entries += register_entries(registers)
    return Lexicon(entries)


def register_entries(folder: Path) -> Iterator[tuple[str, Tag, float]]:
    """Names that the registers in a folder hold (laid as data/demo): all names of ROR, firms of OffeneRegister with their short forms."""
    for path in sorted(folder.glob("ror/*.json.gz")):
        for record in orjson.loads(gzip.decompress(path.read_bytes())):
            given = [n["value"] for n in record["names"]] if "names" in record else _ror_1(record)
            kind = next((kind_from_name(n) for n in given if kind_from_name(n)), None)
            kind = kind or next((k for t, k in KINDS.items() if t in {x.lower() for x in record["types"]}), None)
            for name in given:
                yield from forms(name, kind)
    for path in sorted(folder.glob("offeneregister/*.jsonl.bz2")):
        for line in bz2.decompress(path.read_bytes()).splitlines():
            name = orjson.loads(line)["name"].strip()
            if LEGAL_FORM.search(name):
                yield from forms(name, Kind.ASSOCIATION if "V." in name[-5:] else Kind.COMPANY)


def _ror_1(record: dict[str, Any]) -> list[str]:
    labels = [x["label"] for x in record.get("labels", [])]
    return [record["name"], *record.get("aliases", []), *record.get("acronyms", []), *labels]


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


# --- patterns ---------------------------------------------------------------------------------------------------------

_UPPER: Final = "A-ZÄÖÜ"
_NAME_WORD: Final = rf"(?<!\w)[{_UPPER}][\w&.\-/+]{{0,50}}"
_NO_START: Final = (
    r"(?!(?:D(?:ie|er|as|em|en|es)|Ein(?:e[mnrs]?)?|Bei|Mit|Von|Für|Im|In|An|Am|Zu|Zum|Zur|Beim|Vom|Und|Sowie|Auch|Neu|Partner"
    r"|Mitglied(?:er)?|Firma|Unternehmen)\b)"
)
"""A sentence may begin so, a name does not."""
_JOIN: Final = r"(?:und|für|der|des|die|den|dem|am|an|im|in|zu|zur|zum|von|vom|&|u\.)"
_FIELD: Final = rf"(?:(?:[A-Za-zäöüÄÖÜ][a-zäöü]{{2,30}}e[ns]? )?[{_UPPER}][\w\-]{{0,50}})"
_FIELDS: Final = rf"{_FIELD}(?:(?:, | (?:und|sowie|&) ){_FIELD}){{0,4}}"
"""Fields of work as institutes and ministries carry them: Umwelt-, Sicherheits- und Energietechnik."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A form that gives a name away: the first group of `form`, or all of it.  `example` holds one name, between ‹ and ›."""

    name: str
    tag: Tag
    form: re.Pattern[str]
    example: str
    score: float = 0.8


def _pattern(name: str, tag: Tag, form: str, example: str, score: float = 0.8) -> Pattern:
    return Pattern(name, tag, re.compile(form.replace(" ", r"\s")), example, score)


_AT_UNIVERSITY: Final = (
    r" (?:der|an der|am) (?:(?:Technischen|Bergischen|Westfälischen|Rheinischen) )?"
    rf"(?:(?:Universität|Hochschule|TU|TH|FH|RWTH|Fachhochschule|Uni)(?:[ -]{_NAME_WORD})+|Ruhr-Universität(?: Bochum)?)"
)
_PROJECT_WORD: Final = (
    r"(?:[Pp]rojekte?s?|[Vv]orhabens?|[Ii]nitiative|[Pp]rogramms?|[Ff]örderprogramms?|[Ff]örderlinie|[Kk]ampagne|[Rr]eallabors?|[Ww]ettbewerbs?"
    r"|[Vv]erbundprojekts?|[Ff]orschungsprojekts?)"
)

PATTERNS: Final = (
    _pattern(
        "fraunhofer",
        Tag.RESEARCH,
        rf"\bFraunhofer-(?:Instituts?|Einrichtung|Zentrums?|Anwendungszentrums?|Arbeitsgruppe) für {_FIELDS}(?: [{_UPPER}]{{2,8}}\b)?",
        "am ‹Fraunhofer-Institut für Umwelt-, Sicherheits- und Energietechnik UMSICHT› in Oberhausen",
        0.9,
    ),
    _pattern(
        "fraunhofer acronym",
        Tag.RESEARCH,
        rf"\bFraunhofer[ -](?:Institut )?[{_UPPER}]{{2,8}}(?:-[{_UPPER}]{{2,4}})?\b",
        "das ‹Fraunhofer IML› misst",
        0.9,
    ),
    _pattern(
        "society",
        Tag.RESEARCH,
        rf"\b(?:Max-Planck|Leibniz)-(?:Instituts?|Zentrums?|Forschungsstelle|Forschungszentrums?) (?:für|zur) {_FIELDS}",
        "das ‹Max-Planck-Institut für Kohlenforschung› sucht",
        0.9,
    ),
    _pattern(
        "helmholtz",
        Tag.RESEARCH,
        rf"\bHelmholtz-(?:Zentrum|Institut) (?:für {_FIELDS}|{_NAME_WORD}(?:-{_NAME_WORD})?)",
        "am ‹Helmholtz-Zentrum Berlin› gemessen",
        0.9,
    ),
    _pattern(
        "chair",
        Tag.UNIVERSITY,
        rf"\b(?:Lehrst(?:uhls?|ühle)|Fachgebiets?|Lehr- und Forschungsgebiets?|Professur|Instituts?) (?:für )?{_FIELDS}"
        rf"(?: \([{_UPPER}]\w{{1,8}}\))?{_AT_UNIVERSITY}",
        "der ‹Lehrstuhl für Logistik der TU Dortmund› misst",
        0.85,
    ),
    _pattern(
        "ministry",
        Tag.PUBLIC,
        rf"\b(?:Bundes|Landes|Staats)?[Mm]inisteriums? (?:für|der|des) {_FIELDS}(?: des Landes {_NAME_WORD})?",
        "vom ‹Bundesministerium für Wirtschaft und Klimaschutz› gefördert",
        0.9,
    ),
    _pattern(
        "chamber",
        Tag.ASSOCIATION,
        rf"\b(?:IHK|HWK|Handwerkskammer|Industrie- und Handelskammer) (?:(?:für|zu|zur) )?(?:die )?(?:den )?{_NAME_WORD}",
        "die ‹IHK zu Essen› lädt",
    ),
    _pattern(
        "administration",
        Tag.PUBLIC,
        rf"\b(?:Bezirksregierung|Kreisverwaltung|Stadtverwaltung|Regionalverband|Landschaftsverband) {_NAME_WORD}",
        "die ‹Bezirksregierung Arnsberg› prüft",
    ),
    _pattern(
        "promotion",
        Tag.PUBLIC,
        rf"\bWirtschaftsförderung(?:sgesellschaft)? (?:für (?:den |die )?)?(?:(?:Kreis(?:es)?|Stadt|Region) )?{_NAME_WORD}(?: (?:mbH|GmbH))?",
        "die ‹Wirtschaftsförderung Oberhausen GmbH› hilft",
    ),
    _pattern(
        "registered",
        Tag.ASSOCIATION,
        rf"{_NO_START}{_NAME_WORD}(?: (?:{_JOIN} ){{0,3}}{_NAME_WORD}){{0,7}}? e\. ?V\.(?!\w)",
        "Mitglied: ‹Netzwerk Oberflächentechnik e. V.› (seit 2020)",
    ),
    _pattern(
        "firm",
        Tag.COMPANY,
        rf"{_NO_START}{_NAME_WORD}(?: (?:(?:und|für|&|u\.) )?{_NAME_WORD}){{0,5}}? (?:gGmbH|GmbH(?: & Co\. (?:KGaA|KG))?|mbH|AG|SE|KGaA|KG|eG|UG)(?!\w)",
        "bei der ‹Kessler & Söhne GmbH› in Unna",
        0.7,
    ),
    _pattern("project in quotes", Tag.PROJECT, _PROJECT_WORD + r" [„»\"“]([^„“”»«\"\n]{2,70}?)[“«\"”]", "im Projekt „‹Warme Stadt›“ arbeiten", 0.85),
    _pattern(
        "project word",
        Tag.PROJECT,
        rf"\b(?:EU-Projekt|Verbundprojekt|Forschungsprojekt|Projekt|Verbundvorhaben|Forschungsvorhaben)s? ((?=\w*[{_UPPER}\d]\w*[{_UPPER}\d])[\w\-]{{3,24}})\b",
        "das Verbundprojekt ‹HydroNet›",
    ),
)


def patterns(text: str) -> list[Mention]:
    """What the forms give away, in the order of the table; spans of different patterns may overlap."""
    out: list[Mention] = []
    for p in PATTERNS:
        for m in p.form.finditer(text):
            start, end = m.span(1) if m.re.groups and m[1] else m.span()
            out.append(Mention(start, end, p.tag, score=p.score, found=Found.PATTERN))
    return out


# --- vetoes -----------------------------------------------------------------------------------------------------------

_STREET: Final = re.compile(
    (
        rf"(?<!\w)(?:[{_UPPER}][\w.\-]{{0,40}}(?:straße|strasse|str\.|weg|allee|platz|ring|ufer|damm|gasse|chaussee|markt|wall|graben|steig|pfad)"
        rf"|(?:[{_UPPER}][\w\-]{{1,40}}(?:er|sche) )?(?:Straße|Str\.|Allee|Weg|Platz|Ring|Damm)"
        rf"|(?:Am|An der|Auf der|Auf dem|Im|In der|Zum|Zur|Unter den) [{_UPPER}][\w\-]{{1,40}}) \d{{1,4}}(?: ?[a-z]\b)?(?:[-–/]\d+)?"
    ).replace(" ", r"[ \u00a0]")
)
"""A street with a house number."""

_QUOTES: Final = '„“”»«"‚‘›‹'
_CUE: Final = re.compile(
    r"(?:[Pp]rojekt\w*|[Vv]orhabens?|[Pp]rogramms?|[Ii]nitiative|[Nn]etzwerks?|[Vv]erbunds?|[Cc]lusters?|[Kk]ampagne|[Ww]ettbewerbs?|[Ff]örderlinie|[Ff]irma|[Vv]erein\w*|[Ll]abors?|[Zz]entrums?)\s*[„»\"]?$"
)
_DERIVED: Final = re.compile(r"\w+(?:er|isch\w*)")


@lru_cache(maxsize=1)
def generic() -> frozenset[str]:
    """Words and phrases that are never a name, folded to lower case (data/reference/no_names.tsv)."""
    return frozenset(row["phrase"].casefold() for row in _table(REFERENCE / "no_names.tsv"))


@lru_cache(maxsize=1)
def topic_words() -> frozenset[str]:
    """Labels and terms of the topic schemes, folded to lower case."""
    out: set[str] = set()
    for name in ("euroscivoc_de.tsv", "wz2008.tsv"):
        for row in _table(REFERENCE / name):
            out.update(row[c].casefold() for c in ("label_de", "label_en"))
            out.update(t.strip(" =~+-").casefold() for t in row.get("terms", "").split(";"))
    with (REFERENCE / "leistungsplan.csv").open(encoding="utf-8", newline="") as lines:
        out.update(row["Bezeichnung"].casefold() for row in csv.DictReader(lines))
    return frozenset(w for w in out if len(w) > 3 and not w.isdigit())


_FUNCTION_WORDS: Final = frozenset(
    [
        "ab",
        "am",
        "an",
        "auf",
        "aus",
        "bei",
        "beim",
        "bis",
        "das",
        "dem",
        "den",
        "der",
        "des",
        "die",
        "ein",
        "eine",
        "für",
        "im",
        "in",
        "ins",
        "mit",
        "nach",
        "seit",
        "über",
        "um",
        "und",
        "vom",
        "von",
        "vor",
        "zu",
        "zum",
        "zur",
    ]
)
_ADJECTIVE: Final = re.compile(r"[A-ZÄÖÜ][a-zäöüß]+(?:isch|lich)e[nmrs]?")
"""«Europäischen» alone is half a name at best."""


def vetoed(text: str, m: Mention) -> bool:
    """Say whether this is none of the names we look for."""
    name = text[m.start : m.end]
    plain = re.sub(r"\s+", " ", name.replace("\u00ad", "")).casefold()
    if m.tag is Tag.PERSON:
        return False
    if plain in generic() or (plain[:-1] in generic() and plain[-1] in "sn"):
        return True
    quoted = text[m.start - 1 : m.start] in _QUOTES and m.start > 0
    if (
        m.tag is not Tag.PLACE
        and not quoted
        and (plain in topic_words() or plain[:-1] in topic_words())
        and not _CUE.search(text, max(0, m.start - 30), m.start)
    ):
        # the only words of some names are a topic's (Linde, Biologics): a name of one word needs more than that
        return " " in plain or m.score < _DETECTS
    if plain in _FUNCTION_WORDS or (m.tag is not Tag.PLACE and not quoted and _ADJECTIVE.fullmatch(name)):
        return True
    if name.isdigit() or (name.islower() and m.found is not Found.MODEL):
        return True
    return m.tag is Tag.PLACE and bool(_DERIVED.fullmatch(name)) and name.endswith("isch")


def introduced(text: str, at: int) -> bool:
    """Say whether a word such as «Projekt» or «Initiative» stands right in front."""
    return bool(_CUE.search(text, max(0, at - 30), at))


def streets(text: str) -> list[tuple[int, int]]:
    """Spans of street addresses (street and number)."""
    return [m.span() for m in _STREET.finditer(text)]


# --- putting together -------------------------------------------------------------------------------------------------


def overlapping(mentions: Sequence[Mention], m: Mention) -> list[Mention]:
    """Those of a sorted row without overlaps that share a character with a span."""
    at = max(bisect.bisect_right(mentions, m.start, key=_start) - 1, 0)
    return [o for o in mentions[at : bisect.bisect_left(mentions, m.end, key=_start)] if o.end > m.start]


def _start(m: Mention) -> int:
    return m.start


def merge(mentions: Sequence[Mention], more: Iterable[Mention], wins: Callable[[Mention, Sequence[Mention]], bool]) -> list[Mention]:
    """A sorted row with further spans; one that wins over what it overlaps takes its place."""
    out = list(mentions)
    for m in more:
        over = overlapping(out, m)
        if not wins(m, over):
            continue
        if over:
            at = bisect.bisect_left(out, over[0].start, key=_start)
            out[at : at + len(over)] = [m]
        else:
            out.insert(bisect.bisect_left(out, m.start, key=_start), m)
    return out


def with_registry(text: str, mentions: Sequence[Mention], lexicon: Lexicon) -> list[Mention]:
    """The recogniser's names with the kinds that registers know, and names of several words that it did not see."""
    out = []
    for m in mentions:
        entry = lexicon.get(text[m.start : m.end]) if m.tag in ORGANIZATIONS | {Tag.PROJECT} else None
        sure = entry is not None and entry.weight >= _DETECTS
        out.append(replace(m, tag=entry.tag, score=max(m.score, entry.weight), found=Found.REGISTRY) if entry is not None and sure else m)

    def wins(m: Mention, over: Sequence[Mention]) -> bool:
        if m.score < _DETECTS or any(o.tag is Tag.PERSON or o.end - o.start >= m.end - m.start for o in over):
            return False
        return bool(over) or any(c.isspace() for c in text[m.start : m.end])

    return merge(out, lexicon.find(text), wins)


def with_patterns(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Names with what the forms say: a longer span of a sure pattern wins, a new one joins; a legal form belongs to its name."""

    def wins(m: Mention, over: Sequence[Mention]) -> bool:
        longer = all(m.start <= o.start and m.end >= o.end and o.end - o.start < m.end - m.start for o in over)
        return longer and (not over or m.score >= _SURE)

    out = merge(mentions, patterns(text), wins)
    grown: list[Mention] = []
    for i, m in enumerate(out):
        form = LEGAL_FORM.match(text, m.end) if m.tag in ORGANIZATIONS else None
        if form is None or (i + 1 < len(out) and out[i + 1].start < form.end()):
            grown.append(m)
        else:
            grown.append(replace(m, end=form.end(), tag=Tag.ASSOCIATION if "V." in form[0] else m.tag))
    return grown


def without_vetoed(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Names without topics, generic words and parts of street addresses."""
    addresses = [Mention(a, b, Tag.PLACE) for a, b in streets(text)]
    return [m for m in mentions if not vetoed(text, m) and not any(a.start <= m.start and m.end <= a.end for a in overlapping(addresses, m))]
