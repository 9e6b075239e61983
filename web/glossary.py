"""The words of the site, explained in plain language."""

from __future__ import annotations

from collections.abc import Sequence

from web.language import gettext as _


def glossary() -> Sequence[tuple[str, str]]:
    """(word, what it means here), in the order of the alphabet of the language."""
    words = [
        (
            _("Organisation"),
            _("Ein Unternehmen, eine Hochschule, ein Forschungsinstitut, eine öffentliche Stelle oder ein Verein. Personen stehen nicht im Graphen."),
        ),
        (_("Partner"), _("Zwei Organisationen sind Partner, wenn sie in mindestens einem gemeinsamen Projekt stehen.")),
        (_("Kooperation"), _("Eine Zusammenarbeit, die eine Quelle oder ein Text ausdrücklich nennt.")),
        (_("Projekt"), _("Ein Vorhaben aus einem Verzeichnis geförderter Projekte, oder eines, das ein Text nennt.")),
        (_("Thema"), _("Woran gearbeitet wird: ein Eintrag einer öffentlichen Systematik, etwa EuroSciVoc oder die Wirtschaftszweige.")),
        (_("Vorschlag"), _("Eine Organisation, die als Partner passen könnte, mit den Gründen dafür. Ein Vorschlag ist keine Empfehlung von Menschen.")),
        (_("Grund"), _("Was für einen Vorschlag spricht: gemeinsame Partner, gleiche Themen, Nähe, ergänzende Art. Jeder Grund führt zu seinen Belegen.")),
        (_("Beleg"), _("Die Zeile eines Verzeichnisses oder der Satz eines Textes, aus dem eine Angabe stammt.")),
        (_("Satz"), _("Ein Eintrag einer Quelle über eine Organisation. Mehrere Sätze können dieselbe Organisation meinen.")),
        (_("Urteil"), _("Das Wort eines Menschen: ob zwei Sätze dieselbe Organisation meinen, oder ob ein Vorschlag passt.")),
        (_("Stand"), _("Der Tag, an dem eine Quelle abgerufen wurde. Was danach geschah, steht noch nicht darin.")),
        (_("Merkliste"), _("Die eigene Liste vorgemerkter Partner, mit Notiz und Fortschritt. Nur wem sie gehört, sieht sie.")),
        (_("Hidden Innovations"), _("Unternehmen einer Stadt, die etwas Neues tun und kaum vernetzt sind.")),
        (_("Graph"), _("Die Datenbank aus Knoten (Organisationen, Projekte, Themen, Orte) und den Verbindungen zwischen ihnen.")),
        (_("Cypher"), _("Die Sprache, in der man dem Graphen eigene Fragen stellt.")),
    ]
    return sorted(words, key=lambda w: w[0].casefold())
