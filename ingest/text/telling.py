"""The words of a text that say what it is about, for looking them up in titles."""

from __future__ import annotations

import re
from typing import Final

from spacy.lang.en.stop_words import STOP_WORDS

from ingest.text.free_topics import generic

_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def telling(text: str, language: str) -> str:
    """In German its nouns, which are written with a capital letter, elsewhere all but the commonest words; each once, in order, between blanks.

    Without such as say nothing of a topic (Institut, Projekt).  A German text without capitals keeps all its words.
    """
    found = [w for w in _WORD.findall(text) if not generic(w)]
    nouns = [w for w in found if w[0].isupper()]
    if language == "de" and nouns:
        return " ".join(dict.fromkeys(nouns))
    return " ".join(dict.fromkeys(w for w in found if w.casefold() not in STOP_WORDS))
