"""Words that say how far something is: planned, ended, uncertain, denied.  The trained weights decide; these are what they look at first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ingest.text.marks import Status


@dataclass(frozen=True, slots=True)
class Sign:
    """What a sentence says about its statements where `pattern` is found in it."""

    status: Status
    pattern: str
    example: str


SIGNS: Final[tuple[Sign, ...]] = (
    Sign(
        Status.NEGATED,
        r"nicht (?:mehr )?(?:beteiligt|dabei|mit(?:machen|wirken)?|Teil|Mitglied|Partner|vorgesehen|geplant|zustande)",
        "Die Firma ist nicht beteiligt.",
    ),
    Sign(
        Status.NEGATED,
        r"kein(?:e|en|er)? (?:Zusammenarbeit|Kooperation|Partner|Vertrag|Verträge|Geld|Förderung|Beteiligung|Mitglied|Zuschuss)\w*",
        "Es gibt keine Zusammenarbeit.",
    ),
    Sign(
        Status.NEGATED,
        r"weder|verneint|dementier\w*|bestreitet|Absage|abgesagt|abgelehnt|nichts (?:zu tun|dazu)|ohne (?:Beteiligung|Förderung)",
        "Das Haus lehnte ab: abgelehnt.",
    ),
    Sign(
        Status.NEGATED,
        r"lehnt\w* [^.]{0,40}ab\b|sagte? [^.]{0,20} ab\b",
        "Eine Beteiligung lehnt der Kreis vorerst ab.",
    ),
    Sign(
        Status.UNCERTAIN,
        r"ob\b|unklar|könnten?\b|möglicherweise|womöglich|vielleicht|denkbar|im Gespräch|Gespräche\b|verhandel\w+",
        "Ob die Firma einsteigt, wird sich zeigen.",
    ),
    Sign(
        Status.UNCERTAIN,
        r"noch (?:offen|nicht entschieden|nicht fest)|steht noch|offen\b(?! für)|ungewiss|angeblich|dem Vernehmen|Gerücht\w*",
        "Das ist noch offen.",
    ),
    Sign(
        Status.UNCERTAIN,
        r"prüft|geprüft|in Aussicht|angedacht|erwäg\w+|überleg\w+",
        "Die Stadt prüft einen Beitritt.",
    ),
    Sign(
        Status.ENDED,
        r"bis (?:Ende )?(?:19\d\d|20(?:[01]\d|2[0-4]))\b|ausgelaufen|lief [^.]{0,30}\baus\b|endeten?|beendet\w*|abgeschlossen\w*",
        "Das Vorhaben lief 2021 aus.",
    ),
    Sign(
        Status.ENDED,
        r"ausgeschieden|schied|ausgestiegen|stieg [^.]{0,20}\baus\b|zurückgezogen|gekündigt|kündigte?\b|aufgelöst|vorbei",
        "Die Firma ist ausgeschieden.",
    ),
    Sign(
        Status.ENDED,
        r"früher\w*|ehemalig\w*|einst\w*|damal\w*|seinerzeit|Vorgänger\w*|Vorläufer\w*|Schlussbericht|Abschluss\w*",
        "Der frühere Partner kam auch.",
    ),
    Sign(
        Status.ENDED,
        r"war(?:en)? (?:von|zwischen|bis|Partner|beteiligt|Mitglied)|hatten? [^.]{0,60}(?:geführt|koordiniert|gefördert|beteiligt)",
        "Die Uni hatte das Projekt koordiniert.",
    ),
    Sign(
        Status.PLANNED,
        r"soll(?:en)?\b|will\b|wollen\b|plan(?:t|en)\b|geplant\w*|künftig\w*|vorgesehen\w*|demnächst|beabsichtig\w*|möchten?\b|"
        r"in Kürze",
        "Die Uni soll mitwirken.",
    ),
    Sign(
        Status.PLANNED,
        r"ab (?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Herbst|Frühjahr|Sommer|Winter|"
        r"kommende\w*|202[6-9])|(?:im|zum) (?:kommenden|nächsten) Jahr|nächste[ns]? Jahr",
        "Ab Herbst baut die Firma.",
    ),
    Sign(
        Status.PLANNED,
        r"beantrag\w*|Antrag|Anträge|starten?t?\b|beginnt\b|beginnen\b|bewirbt|bewerben|Skizze|zieht [^.]{0,20}um\b|Vorbereitung",
        "Der Antrag ist gestellt.",
    ),
)

_ORDER: Final = (Status.NEGATED, Status.UNCERTAIN, Status.ENDED, Status.PLANNED)
_COMPILED: Final = tuple((status, re.compile(rf"\b(?:{'|'.join(s.pattern for s in SIGNS if s.status is status)})", re.IGNORECASE)) for status in _ORDER)


def signs(sentence: str) -> tuple[Status, ...]:
    """All that a sentence says of how far things are; the strongest first."""
    return tuple(status for status, pattern in _COMPILED if pattern.search(sentence))
