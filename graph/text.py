"""One way to compare texts: case, umlauts and accents folded.  «Mülheim», «Muelheim» and «MULHEIM» are equal."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LETTERS: Final = str.maketrans({"ø": "o", "æ": "a", "œ": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ß": "ss", "ẞ": "ss"})
_UMLAUT: Final = re.compile("([aou])e")
_ADDRESS: Final = re.compile(r"^https?://(www\.)?(ror\.org|wikidata\.org/(wiki|entity)|search\.gleif\.org/#/record)/")
_WORD: Final = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Fold a text.  The fold of a beginning is always a beginning of the fold, so typing ahead works with any spelling."""
    if text.isascii():
        return _UMLAUT.sub(r"\1", text.lower())
    text = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    text = "".join(c for c in text if not unicodedata.combining(c)).casefold()
    return _UMLAUT.sub(r"\1", text)


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return _WORD.findall(fold(text))


def key_of(text: str) -> str:
    """The form in which ids and identifiers are compared: without an address in front, blanks and case."""
    text = "".join(text.split()).casefold()
    return _ADDRESS.sub("", text).rstrip("/") if "://" in text else text
