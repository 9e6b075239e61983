"""What can be wrong with one document, in words for a person.  One document is lost, the others go on."""

from __future__ import annotations

from typing import Final

from graph.errors import InnonetError

_TEXTS: Final = {
    "empty": ("enthält keinen Text", "holds no text"),
    "pictures": (
        "enthält nur Bilder und keinen Text (wohl eingescannt); bitte vorher eine Texterkennung (OCR) darüber laufen lassen",
        "holds pictures only and no text (scanned, it seems); please run a text recognition (OCR) over it first",
    ),
    "encrypted": ("ist verschlüsselt; bitte ohne Kennwort speichern", "is encrypted; please save it without a password"),
    "damaged": ("ist beschädigt oder nicht das, was der Name sagt", "is damaged or not what its name says"),
    "unknown": (
        "ist kein Format, das gelesen wird (HTML, PDF, DOCX, ODT, Text, E-Mail, RSS, Atom)",
        "is no format that is read (HTML, PDF, DOCX, ODT, text, e-mail, RSS, Atom)",
    ),
    "too_large": ("ist größer als erlaubt", "is larger than allowed"),
    "bomb": ("ist entpackt größer als erlaubt und wird nicht geöffnet", "is larger than allowed when unpacked and is not opened"),
    "timeout": ("brauchte zu lange zum Lesen und wurde aufgegeben", "took too long to read and was given up"),
    "memory": ("brauchte zu viel Speicher zum Lesen und wurde aufgegeben", "needed too much memory to be read and was given up"),
    "crash": ("hat sein Leseprogramm zum Absturz gebracht", "made its parser crash"),
    "missing": ("lässt sich nicht öffnen", "cannot be opened"),
    "address": ("ist keine Web-Adresse, die gelesen wird (http oder https)", "is no web address that is read (http or https)"),
    "not_public": ("führt zu einer nicht öffentlichen Adresse und wird nicht geholt", "leads to an address that is not public and is not fetched"),
    "robots": ("darf laut robots.txt nicht geholt werden", "may not be fetched, says robots.txt"),
    "unreachable": ("ist nicht erreichbar", "cannot be reached"),
    "status": ("wurde vom Server nicht geliefert", "was not delivered by the server"),
    "slow": ("antwortet zu langsam und wurde aufgegeben", "answers too slowly and was given up"),
    "pages": (
        "hat mehr Seiten, als geholt werden (INNONET_TEXT_MAX_DOCUMENTS); die übrigen fehlen",
        "has more pages than are fetched (INNONET_TEXT_MAX_DOCUMENTS); the others are missing",
    ),
    "redirects": ("leitet zu oft weiter", "redirects too often"),
}
"""Closed list of codes with their text in German and English."""


class ReadProblem(InnonetError):
    """One document cannot be read.  ``code`` is one of a closed list, ``address`` names the document, ``detail`` is for the curious."""

    def __init__(self, code: str, address: str, detail: str = "") -> None:
        de, en = _TEXTS[code]
        more = f" ({detail})" if detail else ""
        super().__init__(f"{address}: {de}{more}.", f"{address}: {en}{more}.")
        self.code, self.address, self.detail = code, address, detail
