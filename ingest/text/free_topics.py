"""Free topics of a German text: noun phrases that stand as object of words of research and making, and long nouns that recur.

These are proposals: a phrase becomes part of an edge only where the text ties it to a name (ingest/text/relations).  What the schemes of the graph
know is found by ingest/text/topics.py; a free phrase that overlaps such a find is left out by whoever joins the two.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from ingest.text.marks import Mention, TopicMention
from ingest.text.topics import fold, stem

WEIGHT_CUE: Final = 0.8
WEIGHT_RECURS: Final = 0.5
WEIGHT_TITLE: Final = 0.5
WEIGHT_COMPOUND: Final = 0.3

_WORD: Final = re.compile(r"\w+(?:-\w+)*-?|[^\w\s]|\n")


def _words(listed: str) -> tuple[str, ...]:
    """A list written as one line."""
    return tuple(listed.split())


# Verbs with the topic as their object, before or behind them; beginnings of folded words.
_VERBS: Final = _words(
    "entwick erprob erforsch untersuch forsch geforsch test getestet produzi fertig gefertig herstell hergestell baut bauen gebaut simuli optimi misst messen "
    "gemessen analysi automatisi verwert aufbereit recycel errichte pruef liefert konstrui program"
)
# Phrases with the topic behind them.
_LEADS: Final = re.compile(
    r"(?i)(?:\b(?:arbeite\w*|forsch\w*|geforscht|tüftel\w*)(?: \w+){0,5}? (?:an|zu|über|am|zum|zur)"
    r"|\b(?:im|in dem|aus dem) Bereich(?: der| des)?|\bauf dem Gebiet(?: der| des)?"
    r"|\b(?:rund um|in Sachen|zum Thema|Thema:?|Themen:?|Themenfeld:?|Schwerpunkte?(?: \w+){0,2}?:?)"
    r"|\bspezialisiert (?:hat|sich)?(?: \w+)? ?auf|\bauf (?=[A-ZÄÖÜ]\w+ spezialisiert)|\b(?:Spezialist(?:in)?|Experte|Expertin|Anbieter|Hersteller) (?:für|von)"
    r"|\b(?:geht|ging) es (?:dabei |darin |hier )?um|\bdreht sich(?: alles)? um|\b(?:befass|beschäftig|widme)\w*(?: \w+){0,4}? (?:mit|der|dem)"
    r"|\b(?:Verfahren|Methoden?|Lösung(?:en)?|Technologien?|Techniken|Konzepte?|Werkzeuge?|Sensoren|Systeme?|Software|Anlagen?|Pilotanlage|Plattform"
    r"|Prototyp\w*|Forschung|Entwicklung) (?:zur|zum|für|von|an|der|des)|\bentsteh\w*|\b(?:Ziel(?: \w+){0,3} (?:ist|war)|sollen?|wollen|will))\s"
)
_BEHIND: Final = 7  # words behind a verb or a lead within which its object begins
_ARTICLES: Final = frozenset(_words("der die das dem den des ein eine einen einem einer eines ihre ihren seine seinen neue neuen neuer neues neuem"))
_TIES: Final = frozenset(_words("für von aus mit in bei auf zur zum der des im"))
_GENERIC: Final = frozenset(
    fold(w)[:9]
    for w in _words(
        "projekt vorhaben unternehmen firma betrieb institut hochschule universität lehrstuhl partner partnerin jahr jahre jahren monat "
        "woche tag tage uhr euro million millionen milliarden prozent ende anfang mitte stelle stellen mitarbeiter mitarbeiterinnen "
        "beschäftigte menschen leute personen kunden team teams gruppe gruppen rahmen zusammenarbeit kooperation förderung fördermittel "
        "mittel geld antrag bescheid programm netzwerk cluster verein verband stadt land kreis region bund länder ministerium ergebnis "
        "ergebnisse ziel ziele schwerpunkt schwerpunkte bereich gebiet thema themen frage fragen teil teile weg beispiel kosten arbeit "
        "arbeiten entwicklung forschung forscher forscherinnen wissenschaft wirtschaft industrie leitung leiter leiterin geschäftsführer "
        "geschäftsführerin sprecher sprecherin professor professorin doktor standort standorte halle gebäude gelände haus raum räume büro "
        "werk januar februar märz april mai juni juli august september oktober november dezember montag dienstag mittwoch donnerstag "
        "freitag samstag sonntag frühjahr sommer herbst winter anwendung anwendungen lösung lösungen verfahren methode methoden technik "
        "technologie technologien system systeme anlage anlagen konzept konzepte produkt produkte prototyp prototypen modell modelle daten "
        "idee ideen aufgabe aufgaben möglichkeit möglichkeiten bedingungen vertrag vereinbarung konsortium verbund workshop veranstaltung "
        "tagung sitzung gespräch gespräche interview einladung antwort anmeldung kontakt telefon mail adresse seite seiten bürger "
        "bürgerinnen studierende studierenden abschluss start beginn laufzeit zeitraum dauer phase runde quartal woche stunde stunden "
        "minute minuten meter kilometer hektar tonnen liter grad hälfte drittel viertel"
    )
)
_LEAST_LETTERS: Final = 4
_LONG_NOUN: Final = 10  # letters of a noun that counts when it recurs
_COMPOUND: Final = 12  # letters of a noun that is most likely a compound with a meaning of its own
_TITLE_NOUN: Final = 8
_LONGEST_TITLE: Final = 120
_PERSONS: Final = re.compile(r"(?:er|erin|innen|in|ern|leute|frau|mann)$")
_SURELY_PERSONS: Final = re.compile(r"(?:erin|innen|leute|frau|mann)$")


def generic(word: str) -> bool:
    """Whether a noun says nothing about a topic (Projekt, Institut, Entwicklung)."""
    return fold(word)[:9] in _GENERIC


def free_topics(text: str, mentions: Sequence[Mention]) -> tuple[TopicMention, ...]:
    """Phrases by place, none of them inside a name, none overlapping another; `topic` is "" and `label` the phrase as it stands in the text."""
    spans = sorted((m.start, m.end) for m in mentions)
    words = [(m.start(), m.end(), m[0]) for m in _WORD.finditer(text)]
    found: dict[tuple[int, int], float] = {}
    starts = [w[0] for w in words]
    for at, step in _openings(text, words):
        i = bisect.bisect_left(starts, at)
        phrase = _before(words, i, spans) if step < 0 else _first(words, i, spans)
        if phrase is not None:
            found.setdefault(phrase, WEIGHT_CUE)
    for span in _recurring(words, spans):
        found.setdefault(span, WEIGHT_RECURS)
    for span, weight in _long(text, words, spans):
        found.setdefault(span, weight)
    kept: list[TopicMention] = []
    for (a, b), weight in sorted(found.items(), key=lambda f: (-f[1], f[0][0] - f[0][1], f[0])):
        if all(b <= k.start or k.end <= a for k in kept):
            kept.append(TopicMention(a, b, "", " ".join(text[a:b].split()), weight))
    return tuple(sorted(kept))


def joined(known: Sequence[TopicMention], free: Sequence[TopicMention]) -> tuple[TopicMention, ...]:
    """Topics of the schemes and free ones by place; a free phrase that lies within a known term is left out."""
    return tuple(sorted([*known, *(f for f in free if not any(k.start <= f.start and f.end <= k.end for k in known))]))


def _openings(text: str, words: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int]]:
    """Places where an object may begin (1) or end (-1)."""
    for m in _LEADS.finditer(text):
        yield m.end(), 1
    for start, end, word in words:
        if word[0].islower() and fold(word).startswith(_VERBS):
            yield end, 1
            yield start, -1


def _noun(words: Sequence[tuple[int, int, str]], i: int, spans: Sequence[tuple[int, int]]) -> bool:
    start, end, word = words[i]
    if (
        len(word) < _LEAST_LETTERS
        or not word[0].isupper()
        or word.isupper()
        or word.endswith("-")
        or not word[1:].replace("-", "").isalnum()
        or word[-1].isdigit()
    ):
        return False
    k = bisect.bisect_right(spans, (start, len(word) + start + 1_000_000)) - 1
    if (k >= 0 and start < spans[k][1]) or (k + 1 < len(spans) and spans[k + 1][0] < end):
        return False
    return not generic(word) and not _SURELY_PERSONS.search(word)


def _sentence_start(words: Sequence[tuple[int, int, str]], i: int) -> bool:
    return i == 0 or words[i - 1][2] in ".!?:\n„“»«"


def _first(words: Sequence[tuple[int, int, str]], i: int, spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The first noun phrase that begins within a few words."""
    for j in range(i, min(i + _BEHIND, len(words))):
        word = words[j][2]
        if word in ".!?;:\n":
            return None
        if _noun(words, j, spans) and not (_sentence_start(words, j) and j > i):
            return _phrase(words, j, spans)
    return None


def _before(words: Sequence[tuple[int, int, str]], i: int, spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The noun phrase right before a verb at the end of its clause."""
    j = i - 1
    if j < 0 or not _noun(words, j, spans):
        return None
    if j >= 2 and words[j - 1][2] in _TIES and _noun(words, j - 2, spans):
        j -= 2
    if _sentence_start(words, j):
        return None
    return _phrase(words, j, spans)


def _phrase(words: Sequence[tuple[int, int, str]], j: int, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """From an adjective before the noun to a second noun tied to it."""
    begin, end = words[j][0], words[j][1]
    if (
        j
        and words[j - 1][2][0].islower()
        and len(words[j - 1][2]) > 4
        and words[j - 1][2].endswith(("e", "en", "er", "es"))
        and words[j - 1][2] not in _ARTICLES
    ):
        adjective = words[j - 1][2]
        if fold(adjective).endswith(
            (
                "ische",
                "ischen",
                "ischer",
                "isches",
                "iche",
                "ichen",
                "ale",
                "alen",
                "ive",
                "iven",
                "ende",
                "enden",
                "enter",
                "ente",
                "enten",
                "ige",
                "igen",
                "arer",
                "are",
                "aren",
            )
        ):
            begin = words[j - 1][0]
    for width in (1, 2):
        k = j + width + 1
        if k >= len(words) or words[j + 1][2] not in _TIES or not _noun(words, k, spans):
            continue
        if width == 1 or words[j + 2][2] in _ARTICLES or words[j + 2][2].endswith(("en", "er", "e")):
            end = words[k][1]
            break
    return begin, end


def _recurring(words: Sequence[tuple[int, int, str]], spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Long nouns (compounds) named twice or more, with their inflection."""
    places = [i for i in range(len(words)) if len(words[i][2]) >= _LONG_NOUN and _noun(words, i, spans)]
    stems = {i: stem(fold(words[i][2])) for i in places}
    often = Counter(stems.values())
    return [(words[i][0], words[i][1]) for i in places if often[stems[i]] > 1 and not _PERSONS.search(words[i][2])]


def _long(text: str, words: Sequence[tuple[int, int, str]], spans: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], float]]:
    """Nouns of the first line, and compounds anywhere."""
    title = text.find("\n") if "\n" in text[:_LONGEST_TITLE] else 0
    for i, (start, _, word) in enumerate(words):
        if start < title and len(word) >= _TITLE_NOUN and _noun(words, i, spans):
            yield _phrase(words, i, spans), WEIGHT_TITLE
        elif len(word) >= _COMPOUND and _noun(words, i, spans) and not _PERSONS.search(word):
            yield _phrase(words, i, spans), WEIGHT_COMPOUND
