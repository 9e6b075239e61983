"""Organisations of the graph whose names stand in a person's own words: «Did you mean …?  It is in the graph already.»

Only a question, so no recogniser of names is needed: runs of words with capital letters are looked up in the search index.
"""

from __future__ import annotations

import re
from typing import Final

from graph.derived import Derived
from graph.model import Label
from graph.search import Hit, search

LONGEST: Final = 6
"""Words of a name that are looked up together."""
ASKED: Final = 60
"""Look-ups for one text, a few milliseconds each at most."""
FOUND: Final = 5
_WORD: Final = re.compile(r"[^\W_][\w&.\-]*[^\W_]|[^\W_]|&")
_SENTENCE: Final = re.compile(r"[.!?;:\n]\s+|\n")
_EXACT: Final = 6
_BEGINS: Final = 5


def mentioned(d: Derived, text: str) -> tuple[Hit, ...]:
    """Organisations that a text names, in the order of the text, each once, at most FOUND.

    A run of at least two words counts, or one word with two capital letters (STOAG); longer runs are tried first.
    """
    found: dict[str, Hit] = {}
    asked = 0
    for sentence in _SENTENCE.split(text):
        words = _WORD.findall(sentence)
        at = 0
        while at < len(words):
            step = 1
            for size in range(min(LONGEST, len(words) - at), 0, -1):
                window = words[at : at + size]
                if not _looks_like_a_name(window):
                    continue
                if asked == ASKED or len(found) == FOUND:
                    return tuple(found.values())
                asked += 1
                hit = _meant(d, " ".join(window))
                if hit is not None:
                    found.setdefault(hit.id, hit)
                    step = size
                    break
            at += step
    return tuple(found.values())


def _looks_like_a_name(words: list[str]) -> bool:
    if len(words) == 1:
        return sum(c.isupper() for c in words[0]) >= 2 and len(words[0]) >= 3
    return words[0][0].isupper() and words[-1][0].isupper() and sum(w[0].isupper() for w in words) >= 2


def _meant(d: Derived, name: str) -> Hit | None:
    """The one organisation of this name, or the only one whose name begins so."""
    hits = search(d, name, labels=(Label.ORGANIZATION,), limit=3, facets=False).hits
    exact = [h for h in hits if int(h.score) == _EXACT]
    if exact:
        return exact[0]
    begins = [h for h in hits if int(h.score) == _BEGINS]
    return begins[0] if len(begins) == 1 else None
