"""Names and cities as keys for comparing: case, umlauts, punctuation and the spelling of legal forms are levelled, nothing else.

The legal form itself stays in the key: «X GmbH» is not «X GmbH & Co. KG».
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_LETTERS: Final = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "a", "œ": "o", "þ": "th", "ð": "d", "ı": "i"})

# ASCII spellings of umlauts (FOERDERUNG, MUELLER) become the bare vowel, as the umlaut itself does; after another vowel
# or q the letters are no umlaut (Bauer, Quelle, Neue)
_DIGRAPH: Final = re.compile(r"(?<![aeiouyq])([aou])e")

_FORMS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (r"\bgemeinnutzige (?:gesellschaft mit beschrankter haftung|gmbh|gesellschaft mbh)\b", "ggmbh"),
        (r"\bgesellschaft mit beschrankter haftung\b|\bges ?m ?b ?h\b|\bgesellschaft mbh\b|\bgesellschaft m b h\b|\bg ?m ?b ?h\b|\bmbh\b|\bm b h\b", "gmbh"),
        (r"\bg gmbh\b", "ggmbh"),
        (r"\b(?:unternehmergesellschaft|ug)(?: haftungsbeschrankt)?\b", "ug"),
        (r"\bkommanditgesellschaft auf aktien\b|\bk g a a\b|\bkgaa\b", "kgaa"),
        (r"\baktiengesellschaft\b|\ba g$", "ag"),
        (r"\boffene handelsgesellschaft\b|\bo ?h ?g\b", "ohg"),
        (r"\bkommanditgesellschaft\b|\bk g\b", "kg"),
        (r"\beingetragener verein\b|\be ?v$|\be v\b", "ev"),
        (r"\beingetragene genossenschaft\b|\be ?g$", "eg"),
        (r"\bgesellschaft burgerlichen rechts\b|\bg ?b ?r\b", "gbr"),
        (r"\bgmbh (?:und |u )?co ?(kg|ohg|kgaa)?\b", r"gmbh co \1"),
        (r"\b(?:und |u )?co ?(kg|ohg)\b", r"co \1"),
        (r"\bpublic limited company\b|\bp ?l ?c$", "plc"),
        (r"\blimited\b", "ltd"),
        (r"\bincorporated\b", "inc"),
        (r"\bs ?p ?a$|\bsocieta per azioni\b", "spa"),
        (r"\bs ?r ?l$|\bsocieta a responsabilita limitata\b", "srl"),
        (r"\bsociedad limitada\b|\bs ?l$", "sl"),
        (r"\bs ?a ?s$|\bsociete par actions simplifiee\b", "sas"),
        (r"\bs ?a$|\bsociete anonyme\b|\bsociedad anonima\b", "sa"),
        (r"\bb ?v$|\bbesloten vennootschap\b", "bv"),
        (r"\bn ?v$|\bnaamloze vennootschap\b", "nv"),
        (r"\bspolka z ograniczona odpowiedzialnoscia\b|\bsp z ?o ?o$", "spzoo"),
    )
)


def fold(text: str) -> str:
    """Lower case, no accents, umlauts and their ASCII spellings as the bare vowel, only letters, digits and single blanks."""
    t = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    t = "".join(c for c in t if not unicodedata.combining(c))
    t = _DIGRAPH.sub(r"\1", t)
    return re.sub(r"[^a-z0-9\u0370-\uffff]+", " ", t.replace("&", " und ").replace("+", " und ")).strip()


@lru_cache(maxsize=200_000)
def name_key(name: str) -> str:
    """Key of an organisation's name; two names with one key are the same name."""
    t = fold(name)
    for pattern, form in _FORMS:
        t = pattern.sub(form, t)
    return re.sub(r"\s+", " ", t).strip()


@lru_cache(maxsize=100_000)
def city_key(city: str) -> str:
    """Key of a city's name: without what stands in brackets, behind a comma or slash, without postcode and CEDEX."""
    t = re.split(r"[(,/]", city)[0]
    return re.sub(r"\b(cedex|[a-z]{0,2}\d+)\b", "", fold(t)).strip()


_ENDING: Final = re.compile(r"(?: (?:ggmbh|gmbh|ug|kgaa|ag|ohg|kg|ev|eg|gbr|co|se|plc|ltd|inc|spa|srl|sl|sas|sa|bv|nv|spzoo))+$")


_BRACKETS: Final = re.compile(r"\s*\([^()]*\)\s*$")
_CASE: Final = re.compile(r"^(\w+isch|\w+lich|deutsch|gross|neu)e[nmrs]?(?= )")


@lru_cache(maxsize=200_000)
def short_key(name: str) -> str:
    """What a text may call the organisation: the key without legal forms and a bracket at its end, the adjective in front without its ending.

    «Deutschen Zentrum für Luft- und Raumfahrt» and «Deutsches Zentrum für Luft- und Raumfahrt e. V. (DLR)» have one.
    """
    key = name_key(_BRACKETS.sub("", name))
    return _CASE.sub(r"\1e", _ENDING.sub("", key) or key)


def has_form(name: str) -> bool:
    """Say whether a name states its legal form at its end."""
    return bool(_ENDING.search(name_key(_BRACKETS.sub("", name))))
