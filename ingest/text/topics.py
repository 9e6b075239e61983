"""Topics in titles of projects and names of organisations, by words alone: no model, the same answer every time.

A term of the vocabulary is found as a word of its own, whatever its inflection and spelling (``UMWELTTECHNIK``, ``Foerdertechnik``), as a
part of a German compound (``Wasserstofftechnologie``), across a hyphen (``Verbund- werkstoffe``) and in a coordination that shares its
second half (``Umwelt- und Energietechnik``).  The longest term wins; a phrase of the block list wins over what it contains and means
nothing itself.  Words that say nothing alone (Technik, System, Entwicklung) are simply no terms.

How the terms are written (column ``terms`` of euroscivoc_de.tsv, ``keyword`` of wz_keywords.tsv):

    Stammzelle     as a word; as a part of a compound, too, if it has six letters or more
    Laser-         as a word and as the first part of a compound, however short
    =Solar         as a word only
    GIS            up to five capitals and digits: exactly so written
    ~Klima         in titles only, never in names of organisations
    +photonics     in names, too: single English words and acronyms are otherwise for titles only
    -, -de, -en    (in front of all terms) the topic's labels, or the label in one language, are no terms
"""

from __future__ import annotations

import bisect
import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from graph.model import Entity, Kind, Label, Link
from ingest.base import FileError

CONFIDENCE_TITLE: Final = 0.8
CONFIDENCE_NAME: Final = 0.6

WEIGHT_WORD: Final = 1.0
WEIGHT_COORDINATION: Final = 0.9
WEIGHT_PART: Final = 0.8

_COMPOUND_LETTERS: Final = 6
_LONGEST_WORD: Final = 80  # a longer one is no word; looking for its parts would only cost time
_WORDS_KEPT: Final = 200_000
_CHAIN: Final = 7  # more halves than that share no second one

_WORD: Final = re.compile("(?:[^\\W_][\u0300-\u036f\u00ad]*)+")
_BESIDE: Final = re.compile(r"[\s\-‐‑–/'’]*")
_HYPHEN: Final = re.compile(r"[-‐‑]\s*")
_SHARED: Final = re.compile(r"\s?[-‐‑]\s*(?:[,/+&]|\b(?:und|oder|sowie|bzw\.|u\.)(?=\W))?\s*(?:(?:und|oder|sowie|bzw\.|u\.)\s+)?", re.IGNORECASE)
_OPEN: Final = re.compile(r"[-‐‑](?=\s|,|/|&|\+|$|und\b|u\.)", re.IGNORECASE)
_ACRONYM: Final = re.compile(r"[A-Z0-9]{2,5}")
_VOWEL: Final = re.compile("[aeiouy]")
_LINKING: Final = ("", "s", "n", "en", "e", "es", "er", "ern", "ns")

_ENDINGS: Final = (("en", 4), ("er", 6), ("em", 4), ("es", 4), ("e", 4), ("s", 4), ("n", 4))
"""Endings and the letters that must stay in front; -er makes other words of short ones (Müll, Müller)."""
_NO_ENDING: Final = {"graphen": "graphene", "graphene": "graphene", "graphens": "graphene"}
"""Words whose end only looks like an ending (a graph is no graphene)."""

_HEADS: Final = tuple(
    sorted(
        re.findall(
            r"\S+",
            "technik technologie technologien bau anlagenbau wirtschaft verarbeitung bearbeitung forschung systeme systemtechnik anlagen "
            "planung produktion handel vertrieb versorgung entsorgung behandlung aufbereitung wissenschaft wissenschaften industrie "
            "energie energien sicherheit medizin chemie analytik werke werk werkstoffe stoffe fabrik giesserei tomographie spektroskopie "
            "mikroskopie biologie physik elektronik mechanik management verkehr logistik schutz installation installationen reinigung "
            "verwertung gewinnung speicherung erzeugung wandlung umwandlung transport transporte prueftechnik messtechnik ingenieure "
            "ingenieurbau betrieb werkzeuge maschinen motoren fahrzeuge fahrzeugbau raumfahrt fahrt kraft zellen erkrankungen engineering "
            "materialien waren bewirtschaftung entwicklung sanierung montage konstruktion konstruktionen geraete",
        ),
        key=len,
        reverse=True,
    )
)
"""Second halves that a coordination may share, longest first."""

_BODY: Final = re.compile("s?(?:gesellschaft|unternehmen|unternehmung|betriebe?|gmbh)$")
"""What a firm is called behind its trade."""
_TRADE_BODY: Final = re.compile(
    "(?:s|n|en)?(?:gesellschaft|unternehm|betrieb|gmbh|anlagen|technik|technisch|bau|service|dienst|systeme|montage|arbeiten|werk|fabrik|industrie|center|zentrum|buero|gruppe)"
)
"""What may stand behind a keyword of WZ 2008 in one compound; anything else (Druckereisoftware) makes it another trade."""
_TRADE: Final = re.compile(
    "handel|haendler|vertrieb|verleih|vermiet|reinigung|bedarf|shop|markt|versicherung|boerse|import|export|zubehoer|makler|verlag|verein|museum|leasing|vermittlung|zeitung|club"
)
"""In a compound of a name: the firm deals in it or talks about it, it does not make it."""
_TRADE_FIRST: Final = re.compile(
    r"(?i)\b(?:(?:gro(?:ß|ss)|einzel)?handel(?:sgesellschaft)?|vertrieb(?:sgesellschaft)?|import|export|verkauf|vermietung|verleih)\s+(?:mit|von|für|fuer|und\s+\w+\s+(?:von|mit))\b"
)
_TRADE_NEXT: Final = re.compile(
    r"(?i)[\s\-–]*(?:(?:gro(?:ß|ss)|einzel)?handel|vertrieb|versand|import|export|discount|verlag|shop|markt|zubeh(?:ö|oe)r|bedarf|vermietung|verleih)"
)
_NO_BUSINESS: Final = re.compile(
    r"(?i)unterst(?:ü|ue)tzungs(?:kasse|verein|einrichtung)|gefolgschaft|f(?:ö|oe)rderverein|freundeskreis|sport|turn(?:verein|erbund)|sch(?:ü|ue)tzen|kirchen|pensionskasse|sterbekasse"
    r"|kindergarten|elternverein|interessengemeinschaft|betriebsrat|kleing(?:ä|ae)rtner|siedler|gesangverein|gesangsverein|chor\b|karneval|apotheke|wohnungsgenossenschaft|kegel"
    r"|betriebskrankenkasse|versorgungswerk|versorgungskasse|knappen|hilfskasse|kameradschaft|modellbau|liquidation der"
)
"""Names that only mention a trade: relief funds, sports clubs, congregations."""
_NO_FIRM: Final = re.compile(
    r"(?i)institut\b|institute\b|universit|hochschule|akademie|\be\. ?v\.?(?=\W|$)|\bverein\b|verband\b|stiftung|kammer\b|innung\b|gewerkschaft"
    r"|eingetragener verein|ministeri|\bstadt\b|\bkreis\b|fakult|lehrstuhl"
    r"|museum|schule\b|gymnasium|berufskolleg|landesamt|bundesamt|bundesanstalt|\bamt\b"
)
"""Names of bodies that belong to no branch of industry."""


@dataclass(frozen=True, slots=True)
class TopicHit:
    """A topic found in a text.

    start, end  characters of the text that say so (``text[start:end]``); of a coordination the word in front of the hyphen
    weight      1 for a word or phrase, less for a part of a compound or of a coordination
    """

    topic_id: str
    start: int
    end: int
    weight: float


class _Term(NamedTuple):
    """What a written form stands for.  ``topic`` empty: the form is blocked."""

    topic: str
    in_titles: bool
    in_names: bool
    language: str  # "": any


class _Found(NamedTuple):
    start: int
    end: int
    terms: tuple[_Term, ...]
    weight: float


class _Token(NamedTuple):
    text: str
    start: int
    end: int
    folded: str
    stem: str


_Part = tuple[str, str, bool, tuple[_Term, ...]]
_Phrase = tuple[tuple[str, ...], tuple[_Term, ...]]


class Tagger:
    """The vocabulary, ready to be looked up.  Holds no state but a cache of words; load it once and share it."""

    def __init__(
        self,
        phrases: Mapping[str, Sequence[_Phrase]],
        parts: Mapping[str, Sequence[_Part]],
        acronyms: Mapping[str, tuple[_Term, ...]],
    ) -> None:
        self._phrases = phrases  # first stem -> phrases of stems, longest first
        self._parts = parts  # first four letters -> (letters, whole form, may stand behind another part, terms), longest first
        self._acronyms = acronyms
        self._words: dict[str, tuple[_Found, ...]] = {}

    @classmethod
    def load(cls, folder: Path) -> Tagger:
        """Read euroscivoc_de.tsv, wz_keywords.tsv and topic_blocks.tsv of the folder of reference tables.  Raises FileError."""
        build = _Vocabulary()
        for code, english, german, terms in _rows(folder / "euroscivoc_de.tsv", 4):
            topic = f"euroscivoc:{code}"
            written = [t for t in terms.split(";") if t]
            flags = {t for t in written if t in ("-", "-de", "-en")}
            for label, language in ((german, "de"), (english, "en")):
                if not flags & {"-", f"-{language}"}:
                    build.add(label, _Term(topic, in_titles=True, in_names=True, language=language))
            for term in written:
                if term not in flags:
                    build.add_written(term, topic)
        for keyword, codes in _rows(folder / "wz_keywords.tsv", 2):
            for code in codes.split(","):
                build.add(keyword, _Term(f"wz2008:{code}", in_titles=False, in_names=True, language=""))
        for phrase, _ in _rows(folder / "topic_blocks.tsv", 2):
            build.add(phrase, _Term("", in_titles=True, in_names=True, language=""))
        return cls(*build.finish())

    def tag(self, text: str, language: str | None = None, *, name: bool = False) -> list[TopicHit]:
        """Topics of a text, by their place in it; the longest term at a place only, one hit a topic and place.

        language  ``de`` or ``en`` if it is known: labels in the other language are not looked for (synonyms always are)
        name      the text is the name of an organisation: WZ 2008 counts, and what is only ever meant in titles does not
        """
        tokens = [self._token(m) for m in _WORD.finditer(text)]
        found = [*self._of_phrases(text, tokens), *self._of_coordinations(text, tokens)]
        for token in tokens:
            found += [f._replace(start=token.start + f.start, end=token.start + f.end) for f in self._inside(token)]
        hits: dict[tuple[str, int], TopicHit] = {}
        mute = _mute_spans(text) if name else []
        for scheme in ("wz2008", "euroscivoc") if name else ("euroscivoc",):
            for f, topics in _longest(found, scheme, language, name=name):
                if name and (any(a <= f.start < b for a, b in mute) or _is_trade(text, tokens, f)):
                    continue
                for topic in topics:
                    hits.setdefault((topic, f.start), TopicHit(topic, f.start, f.end, f.weight))
        return sorted(hits.values(), key=lambda h: (h.start, h.end, h.topic_id))

    @staticmethod
    def _token(match: re.Match[str]) -> _Token:
        folded = fold(match[0])
        return _Token(match[0], match.start(), match.end(), folded, stem(folded))

    def _of_phrases(self, text: str, tokens: Sequence[_Token]) -> Iterator[_Found]:
        """Words and phrases of words side by side, acronyms, and words torn by a hyphen."""
        for i, token in enumerate(tokens):
            if terms := self._acronyms.get(token.text):
                yield _Found(token.start, token.end, terms, WEIGHT_WORD)
            for stems, terms in self._phrases.get(token.stem, ()):
                last = i + len(stems) - 1
                if last < len(tokens) and all(
                    tokens[i + k].stem == s and _BESIDE.fullmatch(text, tokens[i + k - 1].end, tokens[i + k].start) for k, s in enumerate(stems) if k
                ):
                    yield _Found(token.start, tokens[last].end, terms, WEIGHT_WORD)
            if i + 1 < len(tokens) and _HYPHEN.fullmatch(text, token.end, tokens[i + 1].start):
                joined = stem(_BODY.sub("", token.folded + tokens[i + 1].folded))
                for stems, terms in self._phrases.get(joined, ()):
                    if len(stems) == 1 and len(joined) > _COMPOUND_LETTERS:
                        yield _Found(token.start, tokens[i + 1].end, terms, WEIGHT_WORD)

    def _of_coordinations(self, text: str, tokens: Sequence[_Token]) -> Iterator[_Found]:
        """``Umwelt- und Energietechnik``: the word before the hyphen, completed by the second half of the next whole word."""
        chain: list[_Token] = []
        for i, token in enumerate(tokens[:-1]):
            if token.folded in ("und", "oder", "sowie", "bzw", "u"):
                continue
            following = next((t for t in tokens[i + 1 : i + 3] if t.folded not in ("und", "oder", "sowie", "bzw", "u")), None)
            gap = text[token.end : following.start] if following else ""
            if following and len(gap) < 20 and _SHARED.fullmatch(gap) and (any(c.isalpha() or c in ",/+&" for c in gap) or _ends_open(text, following)):
                chain = [*chain[-_CHAIN:], token]
                if _ends_open(text, following):
                    continue
                second = _BODY.sub("", following.folded)
                for head in (h for h in _HEADS if second.endswith(h)):
                    for left in chain:
                        yield from self._completed(text, left, head)
            chain = []

    def _completed(self, text: str, left: _Token, head: str) -> Iterator[_Found]:
        whole = left.folded + head
        end = left.end + text[left.end : left.end + 1].startswith(("-", "‐", "‑"))
        for stems, terms in self._phrases.get(stem(whole), ()):
            if len(stems) == 1:
                yield _Found(left.start, end, terms, WEIGHT_COORDINATION)
        if _TRADE.search(head):  # Maschinen- und Stahlhandel: no makers of machines
            yield _Found(left.start, end, (_BLOCK,), WEIGHT_COORDINATION)

    def _inside(self, token: _Token) -> tuple[_Found, ...]:
        """Terms that are parts of this word, places counted from its beginning."""
        if len(token.text) < 7 or len(token.text) > _LONGEST_WORD:
            return ()
        found = self._words.get(token.text)
        if found is None:
            if len(self._words) >= _WORDS_KEPT:
                self._words.clear()
            found = self._words[token.text] = tuple(self._split(token))
        return found

    def _split(self, token: _Token) -> Iterator[_Found]:
        word = token.folded
        places = _places(token.text)
        # nouns only: what stands in the middle of a small word is chance (stei-gender)
        starts = range(len(word) - 3) if token.text[0].isupper() else range(1)
        for i in starts:
            if i and (i < 3 or not _VOWEL.search(word, 0, i)):
                continue
            for letters, whole, behind, terms in self._parts.get(word[i : i + 4], ()):
                j = i + len(letters)
                rest = word[j:]
                if word.startswith(letters, i) and (behind or not i) and _fits(rest, first=not i):
                    if rest not in _LINKING and not _TRADE_BODY.match(rest):
                        terms = tuple(t for t in terms if not t.topic.startswith("wz2008:"))
                    if terms:
                        j = i + len(whole) if word.startswith(whole, i) else j
                        yield _Found(places[i], places[j] if j < len(places) else len(token.text), terms, WEIGHT_PART)


_BLOCK: Final = _Term("", in_titles=True, in_names=True, language="")


class _Vocabulary:
    """Gathers written forms while the tables are read."""

    def __init__(self) -> None:
        self.phrases: dict[str, dict[tuple[str, ...], dict[_Term, None]]] = defaultdict(lambda: defaultdict(dict))
        self.parts: dict[str, dict[tuple[str, str, bool], dict[_Term, None]]] = defaultdict(lambda: defaultdict(dict))
        self.acronyms: dict[str, dict[_Term, None]] = defaultdict(dict)

    def add_written(self, written: str, topic: str) -> None:
        """A term with the marks that the head of this file explains."""
        mark = written[0] if written[0] in "~+" else ""
        form = written[len(mark) :]
        bare = form.strip("=-")
        one_english_word = bare.islower() and " " not in bare
        titles_only = mark == "~" or (not mark and (one_english_word or bool(_ACRONYM.fullmatch(bare))))
        self.add(form, _Term(topic, in_titles=True, in_names=not titles_only, language=""))

    def add(self, form: str, term: _Term) -> None:
        """A form with the marks ``=`` and ``-`` only."""
        bare = form.strip("=-")
        if _ACRONYM.fullmatch(bare):
            self.acronyms[bare][term] = None
            return
        stems = tuple(stem(fold(m[0])) for m in _WORD.finditer(bare))
        self.phrases[stems[0]][stems][term] = None
        if len(stems) > 1 or form.startswith("="):
            return
        if form.endswith("-"):
            letters = fold(bare)
            self.parts[letters[:4]][letters, letters, False][term] = None
        elif len(letters := _compound_form(fold(bare))) >= _COMPOUND_LETTERS:
            self.parts[letters[:4]][letters, fold(bare), True][term] = None

    def finish(self) -> tuple[dict[str, list[_Phrase]], dict[str, list[_Part]], dict[str, tuple[_Term, ...]]]:
        """Plain tables, the longest form first."""
        phrases = {first: sorted(((s, tuple(t)) for s, t in found.items()), key=lambda p: (-len(p[0]), p[0])) for first, found in self.phrases.items()}
        parts = {first: sorted(((*form, tuple(t)) for form, t in found.items()), key=lambda p: (-len(p[0]), p[0])) for first, found in self.parts.items()}
        return phrases, parts, {a: tuple(t) for a, t in self.acronyms.items()}


def links_for(entity: Entity, tagger: Tagger) -> Iterator[Link]:
    """Topics that the entity's own title or name states, as claims with the entity's own evidence; by topic.

    A project is ABOUT (weight: how plainly the title says so), an organisation WORKS_ON (weight: share among the topics of its name).
    """
    if entity.label is Label.PROJECT:
        text, name = entity.props.get("title"), False
    elif entity.label is Label.ORGANIZATION:
        text, name = entity.props.get("name"), True
    else:
        return
    if not isinstance(text, str) or (name and _NO_BUSINESS.search(text)):
        return
    firm = entity.kind in (Kind.COMPANY, None) and not _NO_FIRM.search(text)
    weights: dict[str, float] = {}
    for hit in tagger.tag(text, name=name):
        if firm or not hit.topic_id.startswith("wz2008:"):
            weights[hit.topic_id] = max(weights.get(hit.topic_id, 0.0), hit.weight)
    total = sum(weights.values())
    for topic, weight in sorted(weights.items()):
        if name:
            yield Link(entity.id, "WORKS_ON", topic, entity.evidence, {"weight": round(weight / total, 4)}, confidence=CONFIDENCE_NAME)
        else:
            yield Link(entity.id, "ABOUT", topic, entity.evidence, {"weight": weight}, confidence=CONFIDENCE_TITLE)


def plain_terms(terms: str) -> list[str]:
    """Words of the column ``terms`` without their marks, as further names of the topic."""
    found = (t.lstrip("~+").strip("=-") for t in terms.split(";") if t not in ("", "-", "-de", "-en"))
    return list(dict.fromkeys(found))


def fold(word: str) -> str:
    """Lower case without accents; umlauts as two letters, however they were written (ä, a with a combining mark, ae)."""
    if word.isascii():
        return word.lower()
    letters: list[str] = []
    for c in unicodedata.normalize("NFKD", word.casefold()):
        if c == "\u0308" and letters and letters[-1] in "aou":
            letters.append("e")
        elif not unicodedata.combining(c) and c != "\u00ad":
            letters.append(c)
    return "".join(letters)


def stem(word: str) -> str:
    """The word without German and English endings, at least four letters of it.  Not a root: only the same for the same word."""
    if word in _NO_ENDING:
        return _NO_ENDING[word]
    if word.endswith("y"):
        word = word[:-1] + "i"
    while True:
        for ending, least in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
                word = word[: -len(ending)]
                break
        else:
            return word


def _compound_form(word: str) -> str:
    """How a word stands in a compound, without what may link it to the next part (Batterie -> batteri, Maschinen -> maschin)."""
    for ending in ("en", "e", "n"):
        if word.endswith(ending) and len(word) - len(ending) >= 5:
            return word[: -len(ending)]
    return word


def _fits(rest: str, *, first: bool) -> bool:
    """Say whether what follows a part can be the rest of a compound: another part behind a linking sound, or nothing but an ending."""
    if rest in _LINKING:
        return not first  # a first part with nothing behind it is the word itself, which is looked up as a whole
    return len(rest) >= 3 and bool(_VOWEL.search(rest))


def _places(word: str) -> list[int]:
    """Place in the written word of every letter of the folded one."""
    places: list[int] = []
    for i, c in enumerate(word):
        if c == "\u0308":
            places += [i] * (i > 0 and word[i - 1].casefold() in "aou")
        else:
            places += [i] * len(fold(c))
    return places


def _ends_open(text: str, token: _Token) -> bool:
    return bool(_OPEN.match(text, token.end))


def _longest(found: Iterable[_Found], scheme: str, language: str | None, *, name: bool) -> list[tuple[_Found, list[str]]]:
    """Non-overlapping finds of one scheme, the longest first served; blocked ones take their place and say nothing."""
    usable: list[tuple[_Found, list[str], bool]] = []
    for f in found:
        topics, blocked = [], False
        for t in f.terms:
            if not t.topic:
                blocked = True
            elif t.topic.startswith(scheme) and (t.in_names if name else t.in_titles) and (not language or t.language in ("", language)):
                topics.append(t.topic)
        if topics or blocked:
            usable.append((f, topics, blocked))
    usable.sort(key=lambda u: (u[0].start - u[0].end, not u[2], -u[0].weight, u[0].start))
    taken: dict[int, tuple[int, int, bool]] = {}  # character -> the find that holds it
    kept: list[tuple[_Found, list[str]]] = []
    for f, topics, blocked in usable:
        held = {taken[c] for c in range(f.start, f.end) if c in taken}
        if held and held != {(f.start, f.end, False)}:
            continue  # the same place may mean several topics, a part of a longer term none
        taken.update(dict.fromkeys(range(f.start, f.end), (f.start, f.end, blocked)))
        if not blocked:
            kept.append((f, topics))
    return kept


def _mute_spans(text: str) -> list[tuple[int, int]]:
    """Where a name tells what is sold: behind «Handel mit», «Vertrieb von»."""
    return [(m.end(), len(text)) for m in _TRADE_FIRST.finditer(text)]


def _is_trade(text: str, tokens: Sequence[_Token], found: _Found) -> bool:
    """Say whether the word with this find, or the word right behind it, speaks of trade (Stahlhandel, Software-Vertriebs GmbH)."""
    last = tokens[bisect.bisect_left(tokens, found.end, key=lambda t: t.start) - 1]
    if found.end < last.end:
        return bool(_TRADE.search(fold(text[found.end : last.end]))) or bool(_TRADE_NEXT.match(text, last.end))
    return bool(_TRADE_NEXT.match(text, last.end))


def _rows(path: Path, columns: int) -> Iterator[list[str]]:
    """Rows of a table of ours (tab-separated, with a header line)."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as e:
        raise FileError(f"{path}: nicht lesbar ({e.strerror}).", f"{path}: cannot be read ({e.strerror}).") from e
    for n, row in enumerate(csv.reader(lines[1:], delimiter="\t", quoting=csv.QUOTE_NONE), 2):
        if len(row) != columns:
            raise FileError(
                f"{path}:{n}: {columns} Spalten werden erwartet, {len(row)} gefunden.", f"{path}:{n}: {columns} columns are expected, {len(row)} found."
            )
        yield row
