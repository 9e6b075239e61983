"""What «das Institut», «sie», «wir», «die beiden Partner», «Letztere», «dort» and «daran» stand for.

A word stands for the nearest name before it that fits in kind, in gender and in number where these are known.  Guesses, not grammar: what decides
on a relation sees how each of its ends was found.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ingest.text.relations.layout import Form
from ingest.text.relations.stream import Ref, Stream, Word, is_org

_COMPANY: Final = ("COMPANY",)
_SCIENCE: Final = ("RESEARCH", "UNIVERSITY")
_PROJECT: Final = ("PROJECT",)
_ORGS: Final = ("COMPANY", "UNIVERSITY", "RESEARCH", "PUBLIC", "ASSOCIATION")
_JOINT: Final = ("PROJECT", "ASSOCIATION")

# Singular nouns that stand for a name, by the letters they end in (compounds too): which kinds they may mean.
_NOUNS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("institut instituts institute arbeitsgruppe", _SCIENCE),
    ("forschungszentrum", ("RESEARCH",)),
    ("zentrum zentrums", ("RESEARCH", "ASSOCIATION", "PROJECT")),
    ("einrichtung", ("RESEARCH", "UNIVERSITY", "PUBLIC")),
    ("hochschule universität uni lehrstuhl lehrstuhls fakultät fachbereich fachgebiet professur", ("UNIVERSITY",)),
    ("klinik klinikum", ("UNIVERSITY", "COMPANY")),
    ("krankenhaus unternehmen unternehmens firma betrieb betriebs konzern konzerns start-up startup start-ups hersteller", _COMPANY),
    ("herstellers bauer bauers anbieter versorger dienstleister spezialist mittelständler ausgründung gründung gießerei", _COMPANY),
    ("brauerei bank spedition tochter werk reederei softwarehaus büro haus", _COMPANY),
    ("gesellschaft", ("COMPANY", "PUBLIC", "ASSOCIATION")),
    ("agentur", ("COMPANY", "PUBLIC")),
    ("verein vereins kammer stiftung gemeinschaft gewerkschaft", ("ASSOCIATION",)),
    ("verband verbands", ("ASSOCIATION", "PUBLIC")),
    ("cluster clusters netzwerk netzwerks", ("ASSOCIATION", "PROJECT")),
    ("initiative allianz bündnis bündnisses hub verbund verbunds verbundes plattform forschungsverbund", _JOINT),
    ("genossenschaft", ("ASSOCIATION", "COMPANY")),
    ("stadt kommune gemeinde", ("PUBLIC", "PLACE")),
    ("kreis land landes ministerium ministeriums verwaltung behörde amt wirtschaftsförderung", ("PUBLIC",)),
    ("projekt projekts projektes projekte vorhaben vorhabens programm programms konsortium konsortiums wettbewerb wettbewerbs", _PROJECT),
    ("labor labors kampagne reallabor förderlinie studie", _PROJECT),
    ("standort ort region revier", ("PLACE",)),
)  # fmt: skip
_BY_ENDING: Final = {noun: kinds for nouns, kinds in _NOUNS for noun in nouns.split()}
_LEAST_FIRST_PART: Final = 3

# Plural nouns that stand for several names.
_PLURAL_NOUNS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("partner partnern projektpartner projektpartnern verbundpartner kooperationspartner konsortialpartner beteiligten häuser", _ORGS),
    ("einrichtungen institutionen seiten organisationen träger", _ORGS),
    ("unternehmen firmen betriebe betrieben versorger", _COMPANY),
    ("institute instituten", _SCIENCE),
    ("hochschulen universitäten lehrstühle", ("UNIVERSITY",)),
    ("städte kommunen", ("PUBLIC", "PLACE")),
    ("kreise", ("PUBLIC",)),
    ("vereine verbände kammern", ("ASSOCIATION",)),
    ("projekte projekten vorhaben verbünde", _PROJECT),
)  # fmt: skip
_PLURALS: Final = {noun: kinds for nouns, kinds in _PLURAL_NOUNS for noun in nouns.split()}
_NUMBERS: Final = {"beide": 2, "beiden": 2, "beider": 2, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8}

_DEFINITE: Final = frozenset(
    ["der", "die", "das", "dem", "den", "des", "dieser", "diese", "dieses", "diesem", "diesen", "im", "am", "vom", "zum", "zur", "beim", "ans", "ins"]
)
_OWN: Final = frozenset(["unser", "unsere", "unseren", "unserem", "unserer", "unseres"])
_WE: Final = frozenset(("wir", "uns", *_OWN))
_POSSESSIVE: Final = frozenset(["sein", "seine", "seinen", "seinem", "seiner", "seines", "ihr", "ihre", "ihren", "ihrem", "ihrer", "ihres", "dessen", "deren"])
_ABOUT: Final = frozenset(["daran", "dabei", "darin", "dazu", "dafür", "hierbei", "hierzu", "darüber", "worin", "wobei", "dahinter"])
_THERE: Final = frozenset(["dort", "hier", "dorthin", "ebenda"])
_RELATIVE: Final = frozenset(["der", "die", "das", "dem", "den", "dessen", "deren", "denen"])
_PREPOSITIONS: Final = frozenset(["an", "in", "bei", "mit", "von", "für", "zu", "aus", "unter", "zwischen", "auf", "durch", "über", "bei"])

_GENDER_OF_ARTICLE: Final = {word: genders for genders, words in (
    ("n", "das"),
    ("fp", "die"),
    ("mn", "dem des im am vom zum beim ein einem"),
    ("mfp", "der"),
    ("mp", "den"),
    ("f", "zur eine einer"),
    ("m", "einen"),
) for word in words.split()}  # fmt: skip
_GENDER_OF_PRONOUN: Final = {word: genders for genders, words in (
    ("n", "es"),
    ("m", "er ihn"),
    ("mn", "ihm sein seine seinen seinem seiner seines dessen"),
    ("fp", "sie ihr ihre ihren ihrem ihrer ihres deren"),
    ("p", "ihnen"),
) for word in words.split()}  # fmt: skip
_GENDER_OF_NAME: Final = (
    (re.compile(r"(?i)institut|zentrum|forschungsinstitut|\bland\b|ministerium|netzwerk|werk$|amt\b|bündnis|klinikum"), "n"),
    (re.compile(r"(?i)hochschule|universität|gmbh|\bag\b|stiftung|kammer|gesellschaft|agentur|genossenschaft|fakultät|\bstadt\b"), "f"),
    (re.compile(r"(?i)akademie|initiative|allianz|bank\b|gemeinschaft|klinik\b"), "f"),
    (re.compile(r"(?i)lehrstuhl|verein\b|verband|\bkreis\b|bund\b|cluster|freistaat|konzern|hub\b"), "m"),
    (re.compile(r"(?i)stadtwerke|lehrstühle"), "p"),
)  # fmt: skip
_FARTHEST: Final = 6  # sentences back that a noun or pronoun reaches


@dataclass(slots=True)
class _Known:
    """What is known of an entity while the text is read."""

    tag: str
    gender: frozenset[str]
    names: str
    places: list[tuple[int, int]]  # (sentence, item), by place


def with_references(stream: Stream) -> tuple[Ref, ...]:
    """All references of the text by place: names, topics, and the words that stand for names."""
    names = [i for i in stream.items if isinstance(i, Ref) and i.how == "name"]
    known = _knowledge(stream, names)
    house = _house(stream, names)
    found: list[Ref] = list(names)
    for n in range(len(stream.sentences)):
        found += _of_sentence(stream, n, known, house)
    return tuple(sorted(found, key=lambda r: (r.at, r.start, r.how)))


def _knowledge(stream: Stream, names: Sequence[Ref]) -> dict[int, _Known]:
    tags: dict[int, Counter[str]] = defaultdict(Counter)
    for r in names:
        tags[r.entities[0]][r.tag] += 1
    known: dict[int, _Known] = {}
    for r in names:
        entity = r.entities[0]
        if entity not in known:
            known[entity] = _Known(tags[entity].most_common(1)[0][0], frozenset("mfnp"), "", [])
        k = known[entity]
        k.places.append((r.sentence, r.at))
        name = stream.text[r.start : r.end]
        k.names += " " + name.lower()
        before = stream.items[r.at - 1] if r.at else None
        if isinstance(before, Word) and before.low in _GENDER_OF_ARTICLE:
            k.gender = k.gender & frozenset(_GENDER_OF_ARTICLE[before.low]) or k.gender
        for pattern, gender in _GENDER_OF_NAME:
            if pattern.search(name):
                k.gender = frozenset(gender) & k.gender or k.gender
                break
    return known


def _house(stream: Stream, names: Sequence[Ref]) -> int | None:
    """The organisation that says «wir»: the one named most, the earlier one if two are, headings and the last lines count more."""
    weight: Counter[int] = Counter()
    for r in names:
        if is_org(r.tag):
            before = stream.items[r.at - 1] if r.at else None
            own = isinstance(before, Word) and before.low in _OWN | {"bei", "wir"}
            weight[r.entities[0]] += 2 + (stream.sentences[r.sentence].form is Form.HEADING) + own
    return min(weight, key=lambda e: (-weight[e], e)) if weight else None


def _of_sentence(stream: Stream, n: int, known: dict[int, _Known], house: int | None) -> Iterator[Ref]:
    begin, stop = stream.first[n], stream.first[n + 1]
    for at in range(begin, stop):
        item = stream.items[at]
        if not isinstance(item, Word):
            continue
        before = stream.items[at - 1] if at > begin else None
        after = stream.items[at + 1] if at + 1 < stop else None
        new = _reference(stream, n, at, item, before, after, known, house)
        if new is not None:
            yield new


def _reference(
    stream: Stream, n: int, at: int, word: Word, before: Word | Ref | None, after: Word | Ref | None, known: dict[int, _Known], house: int | None
) -> Ref | None:
    low = word.low
    bare = Ref(word.start, word.end, "", (), "", at, n, low)
    if low in _WE:
        return None if house is None or isinstance(after, Ref) else replace(bare, tag=known[house].tag, entities=(house,), how="we")
    if low in _THERE:
        return _nearest(bare, known, ("PLACE",), "there")
    if low in _ABOUT:
        return _nearest(bare, known, _JOINT[:1], "about")
    if low in ("erstere", "ersterer", "ersteres", "erstgenannte", "letztere", "letzterer", "letzteres", "letztgenannte"):
        pair = _last(stream, n, at, known, _ORGS, 2)
        if len(pair) == 2:
            chosen = pair[0] if low.startswith("er") else pair[1]
            return replace(bare, tag=known[chosen].tag, entities=(chosen,), how="order")
        return None
    group = _group(stream, n, at, word, before, after, known)
    if group is not None:
        return group
    if (isinstance(before, Word) and before.low == ",") or (isinstance(before, Word) and before.low in _PREPOSITIONS and at >= 2):
        relative = _relative(stream, at, low, bare)
        if relative is not None:
            return relative
    if low in _GENDER_OF_PRONOUN and not (low in _POSSESSIVE and isinstance(after, Ref)):
        if low == "es" and isinstance(after, Word) and after.low in ("gibt", "geht", "ist", "war", "heißt", "sei", "gab"):
            return None
        meant = _nearest(bare, known, (*_ORGS, "PROJECT", "PERSON"), "own" if low in _POSSESSIVE else "pronoun", frozenset(_GENDER_OF_PRONOUN[low]))
        return None if meant is None or meant.tag == "PERSON" else meant
    return _noun(stream, n, at, word, before, after, known, house)


def _noun(
    stream: Stream, n: int, at: int, word: Word, before: Word | Ref | None, after: Word | Ref | None, known: dict[int, _Known], house: int | None
) -> Ref | None:
    """«das Institut», «der hiesige Maschinenbauer», «unser Institut»."""
    if not stream.text[word.start].isupper() or (isinstance(after, Ref) and after.tag != "PLACE"):
        return None  # «das Institut X» names it
    kinds = kinds_of(word.low)
    if not kinds:
        return None
    article = before
    if isinstance(before, Word) and before.low not in _DEFINITE | _OWN and at >= 2:
        article = stream.items[at - 2]
    if not isinstance(article, Word):
        return None
    bare = Ref(word.start, word.end, "", (), "", at, n, word.low)
    if article.low in _OWN:
        return None if house is None or known[house].tag not in kinds else replace(bare, tag=known[house].tag, entities=(house,), how="we")
    if article.low not in _DEFINITE:
        return None
    like = [e for e, k in known.items() if k.tag in kinds and word.low[-6:] in k.names]
    if like:
        found = _nearest(bare, {e: known[e] for e in like}, kinds, "noun")
        if found is not None:
            return found
    return _nearest(bare, known, kinds, "noun")


def kinds_of(low: str) -> tuple[str, ...]:
    """Kinds of names that a noun (in small letters) can stand for, by its ending; the longest ending wins."""
    for i in range(len(low)):
        if (i == 0 or i >= _LEAST_FIRST_PART) and (kinds := _BY_ENDING.get(low[i:])):
            return kinds
    return ()


def _nearest(bare: Ref, known: dict[int, _Known], kinds: Sequence[str], how: str, gender: frozenset[str] = frozenset("mfnp")) -> Ref | None:
    """The entity named last before the word; in an earlier sentence the one named first there (its subject, as a rule)."""
    best: tuple[int, int, int] | None = None
    for entity, k in known.items():
        if k.tag not in kinds or not k.gender & gender:
            continue
        for sentence, at in reversed(k.places):
            if at >= bare.at:
                continue
            back = bare.sentence - sentence
            if back <= _FARTHEST or k.tag == "PROJECT":
                rank = (back, -at if back == 0 else at, entity)
                best = rank if best is None else min(best, rank)
            if best is None or back >= best[0]:
                break
    if best is None:
        return None
    return replace(bare, tag=known[best[2]].tag, entities=(best[2],), how=how)


def _last(stream: Stream, n: int, at: int, known: dict[int, _Known], kinds: Sequence[str], count: int) -> list[int]:
    """The `count` entities of these kinds named last before the item, in the order of the text; only where they stand in at most two sentences."""
    found: list[int] = []
    for i in range(at - 1, stream.first[max(0, n - 3)] - 1, -1):
        item = stream.items[i]
        if isinstance(item, Ref) and known[item.entities[0]].tag in kinds and item.entities[0] not in found:
            found.append(item.entities[0])
            if len(found) == count:
                return found[::-1]
    return []


def _group(stream: Stream, n: int, at: int, word: Word, before: Word | Ref | None, after: Word | Ref | None, known: dict[int, _Known]) -> Ref | None:
    """«beide», «die beiden Hochschulen», «alle drei», «die Partner»."""
    low = word.low
    kinds: tuple[str, ...] = _ORGS
    number, end = 0, word.end
    if low in _NUMBERS and low.startswith("beid"):
        number = 2
    elif low in _NUMBERS and isinstance(before, Word) and before.low in ("alle", "die", "den", "aller", "der"):
        number = _NUMBERS[low]
    if number:
        if isinstance(after, Word) and after.low in _PLURALS:
            kinds, end = _PLURALS[after.low], after.end
        elif isinstance(after, Word) and stream.text[after.start].isupper():
            return None  # «beide Anlagen»
        chosen = _last(stream, n, at, known, kinds, number)
    elif low in _PLURALS and isinstance(before, Word) and before.low in ("die", "der", "den") and not isinstance(after, Ref):
        kinds = _PLURALS[low]
        chosen = _together(stream, n, at, known, kinds)
    else:
        return None
    if len(chosen) < 2:
        return None
    return Ref(word.start, end, known[chosen[0]].tag, tuple(chosen), "group", at, n, low)


def _together(stream: Stream, n: int, at: int, known: dict[int, _Known], kinds: Sequence[str]) -> list[int]:
    """Entities of these kinds in the nearest sentence before that names two or more."""
    for s in range(n, max(-1, n - 4), -1):
        found: dict[int, None] = {}
        for item in stream.of(s):
            if isinstance(item, Ref) and item.at < at and known[item.entities[0]].tag in kinds:
                found[item.entities[0]] = None
        if len(found) > 1:
            return list(found)
    return []


def _relative(stream: Stream, at: int, low: str, bare: Ref) -> Ref | None:
    """«X, an dem ...», «X, das ...», «A und B, die ...» stand for the names right before the comma."""
    if low not in _RELATIVE:
        return None
    i = at - 1
    if (item := stream.items[i]) and isinstance(item, Word) and item.low in _PREPOSITIONS:
        i -= 1
    if i < 1 or not (isinstance(comma := stream.items[i], Word) and comma.low == ","):
        return None
    i -= 1
    if isinstance(bracket := stream.items[i], Word) and bracket.low in (")", "“", "”", "«", "»", '"'):
        i -= 2 if isinstance(stream.items[i - 1], Ref) and i >= 2 and isinstance(stream.items[i - 2], Word) else 1
    named = stream.items[i] if i >= 0 else None
    if isinstance(named, Word) and named.low in ("(", "„", "»", "«") and i >= 1:
        named = stream.items[i - 1]
    if not isinstance(named, Ref):
        return None
    return replace(bare, tag=named.tag, entities=named.entities, how="relative")
