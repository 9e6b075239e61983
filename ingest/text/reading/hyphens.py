"""How two printed lines become one: hyphenation at line ends is undone, hyphens that belong to the words stay."""

from __future__ import annotations

import re
from typing import Final

from ingest.text.reading.raw import Edit

# «Umwelt- und Energietechnik»: the hyphen stands for a word left out, and a blank follows
_AFTER_ELLIPSIS: Final = re.compile(r"(und|oder|bzw|sowie|beziehungsweise|als|bis|wie|noch|statt|and|or|to|et|ou|y|e)\b", re.IGNORECASE)
_HYPHENS: Final = "-\u2010\u00ad"
_WORD_BEFORE: Final = re.compile(r"([^\W_]+)[-\u2010\u00ad]\Z")


def joint(text: str, end: int, begin: int) -> Edit:
    """The edit that joins a line ending at ``end`` with the one beginning at ``begin``.

    For-|schung: Forschung.  Umwelt-|und: Umwelt- und.  Nordrhein-|Westfalen, IT-|gestützt, 2021-|2027: the hyphen stays.  Else: a blank.
    """
    if not end or text[end - 1] not in _HYPHENS or begin >= len(text):
        return end, begin, " "
    if text[end - 1] == "\u00ad":
        return end - 1, begin, ""
    before = _WORD_BEFORE.search(text, max(end - 40, 0), end)
    if not before:  # a dash with blanks around it
        return end, begin, " "
    if _AFTER_ELLIPSIS.match(text, begin):
        return end, begin, " "
    word = before[1]
    if not text[begin].islower() or not word[-1].islower():
        return end, begin, ""
    return end - 1, begin, ""
