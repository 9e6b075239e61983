"""How identity says in German and English what it compared, found and did; for the site and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ingest.resolve.compare import UNKNOWN

Words = tuple[str, str]
"""German, English."""

COMPARISON: Final[Mapping[str, Words]] = {
    "name": ("Name", "name"),
    "rarity": ("Seltenheit der gemeinsamen Wörter", "rarity of the common words"),
    "acronym": ("Kurzname", "acronym"),
    "place": ("Ort", "place"),
    "country": ("Land", "country"),
    "website": ("Webseite", "website"),
    "spelling": (
        "Zwei kurze Namen, die sich um einen Buchstaben unterscheiden: Tippfehler oder zwei?",
        "Two short names that differ by a letter: a slip or two?",
    ),
    "no_place": ("Der Name ist nicht selten, und von einem Satz ist der Ort unbekannt.", "The name is not rare, and the place of one record is unknown."),
    "vat": ("Umsatzsteuernummer", "VAT number"),
    "form": ("Rechtsform", "legal form"),
    "kind": ("Art", "kind"),
    "role": ("Rolle, die es am Ort einmal gibt", "role that a city has once"),
    "unit": ("Institut oder Abteilung", "institute or department"),
    "part": ("Teil und Ganzes", "part and whole"),
    "number": ("Zahlen im Namen", "numbers in the name"),
}

_SAME: Final = ("gleich", "the same")
_OTHER: Final = ("verschieden", "different")

_LEVEL: Final[Mapping[tuple[str, str], Words]] = {
    ("name", "same_with_form"): ("gleich, mit Rechtsform", "the same, with legal form"),
    ("name", "same"): ("gleich, ohne Rechtsform", "the same, without legal form"),
    ("name", "same_words"): ("dieselben Wörter in anderer Folge", "the same words in another order"),
    ("name", "same_but_for_the_city"): ("gleich bis auf den eigenen Ort", "the same but for the own city"),
    ("name", "typing_error_in_a_long_name"): ("fast gleich, langer Name", "nearly the same, a long name"),
    ("name", "cut_off"): ("ein langer Name ist abgeschnitten", "a long name is cut off"),
    ("name", "typing_error"): ("fast gleich, wie ein Tippfehler", "nearly the same, as by a typing error"),
    ("name", "most_words"): ("die meisten Wörter gemeinsam", "most words in common"),
    ("name", "many_words"): ("viele Wörter gemeinsam", "many words in common"),
    ("name", "contained"): ("ein Name steckt im anderen", "one name is inside the other"),
    ("name", "half_of_the_words"): ("die Hälfte der Wörter gemeinsam", "half of the words in common"),
    ("name", "few_words"): ("wenige Wörter gemeinsam", "few words in common"),
    ("rarity", "very_rare"): ("sehr selten", "very rare"),
    ("rarity", "rare"): ("selten", "rare"),
    ("rarity", "distinct"): ("mäßig selten", "fairly rare"),
    ("rarity", "common"): ("häufig", "common"),
    ("rarity", "very_common"): ("sehr häufig", "very common"),
    ("acronym", "in_name"): ("Kurzname der einen steht im Namen der anderen", "the acronym of one stands in the name of the other"),
    ("acronym", "initials"): ("passt zu den Anfangsbuchstaben", "fits the initials"),
    ("place", "in_name"): ("Ort der einen steht im Namen der anderen", "the place of one stands in the name of the other"),
    ("place", "other_region_no_place"): ("Ort der einen unbekannt, anderes Land", "the place of one is unknown, another region"),
    ("place", "same_region_no_place"): ("Ort der einen unbekannt, dasselbe Land", "the place of one is unknown, the same region"),
    ("place", "same_for_one_name"): ("derselbe, bei gleichem Namen", "the same, with the same name"),
    ("place", "near_for_one_name"): ("höchstens 25 km entfernt, bei gleichem Namen", "at most 25 km apart, with the same name"),
    ("place", "elsewhere_for_a_rare_name"): ("ein anderer, aber der Name ist sehr selten", "another one, but the name is very rare"),
    ("place", "near"): ("höchstens 25 km entfernt", "at most 25 km apart"),
    ("place", "same_region"): ("dasselbe Land, anderer Ort", "the same region, another place"),
    ("kind", "research_or_university"): ("Hochschule und Forschungseinrichtung", "university and research institute"),
    ("part", "of_the_other"): ("ein Name nennt die andere als ihr Ganzes", "one name states the other as its whole"),
    ("part", "same"): ("beide sind gleichrangig", "both are of one rank"),
    ("part", "told_elsewhere"): ("gleichrangig nach einem anderen Namen", "of one rank by another name"),
    ("part", "one_more"): ("eine nennt eine Untereinheit (Klinikum, Institut, Holding, ...)", "one states a unit (hospital, institute, holding, ...)"),
    ("part", "other"): ("verschiedene Untereinheiten", "different units"),
}

WHY: Final[Mapping[str, Words]] = {
    "form": ("Alles spricht dafür, aber die Rechtsformen sind verschieden.", "Everything speaks for it, but the legal forms differ."),
    "score": ("Es spricht einiges dafür, aber nicht genug, um es allein zu entscheiden.", "Something speaks for it, not enough to decide it alone."),
    "rival": ("Ein anderer Satz passt fast ebenso gut.", "Another record fits nearly as well."),
    "two_ids": (
        "Alles spricht dafür, aber ein Verzeichnis führt beide unter zwei Kennungen.",
        "Everything speaks for it, but a register lists them under two identifiers.",
    ),
}
"""Why a pair is a question; see decide.Unsure."""

VERDICT: Final[Mapping[str, Words]] = {
    "yes": ("dieselbe", "the same"),
    "no": ("nicht dieselbe", "not the same"),
    "unsure": ("unklar", "unclear"),
}


def level(comparison: str, name: str) -> Words:
    """One answer of a comparison in words."""
    if name == UNKNOWN:
        return ("unbekannt", "unknown")
    return _LEVEL.get((comparison, name)) or (_SAME if name == "same" else _OTHER)


def joined_by(by: str) -> Words:
    """What brought two records together; see decide.Joined.by."""
    rule, _, detail = by.partition(":")
    return {
        "person": (f"ein Urteil (Nr. {detail})", f"a judgement (no. {detail})"),
        "identifier": (f"dieselbe Kennung ({detail.upper()})", f"the same identifier ({detail.upper()})"),
        "score": ("Vergleich von Name, Ort und anderem", "comparison of name, place and other things"),
        "mention": ("so in einem Text genannt", "called so in a text"),
    }[rule]
