"""Names and cities as keys for comparing: case, umlauts, punctuation and the spelling of legal forms are levelled, nothing else.

The legal form itself stays in the key: «X GmbH» is not «X GmbH & Co. KG».  What a legal form, a city or a common word is, in
which language, stands in the tables of data/reference/names.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

TABLES: Final = Path(__file__).resolve().parent.parent.parent / "data" / "reference" / "names"

_LETTERS: Final = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "a", "œ": "o", "þ": "th", "ð": "d", "ı": "i", "'": "", "’": "", "`": ""})

# ASCII spellings of umlauts (FOERDERUNG, MUELLER) become the bare vowel, as the umlaut itself does; after another vowel
# or q the letters are no umlaut (Bauer, Quelle, Neue)
_DIGRAPH: Final = re.compile(r"(?<![aeiouyq])([aou])e")


def fold(text: str) -> str:
    """Lower case, no accents, umlauts and their ASCII spellings as the bare vowel, only letters, digits and single blanks."""
    t = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    t = "".join(c for c in t if not unicodedata.combining(c))
    t = _DIGRAPH.sub(r"\1", t)
    return re.sub(r"[^a-z0-9\u0370-\uffff]+", " ", t.replace("&", " und ").replace("+", " und ")).strip()


class Phrases:
    """Replaces sequences of words by others, the longest one first."""

    def __init__(self, phrases: Mapping[tuple[str, ...], tuple[str, ...]]) -> None:
        self._to = dict(phrases)
        self._longest: dict[str, int] = {}
        for words in phrases:
            self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def find(self, words: Sequence[str]) -> Iterator[tuple[tuple[str, ...], bool]]:
        """The words in order, each as (replacement, True) for a phrase or ((word,), False)."""
        i = 0
        while i < len(words):
            for n in range(min(self._longest.get(words[i], 0), len(words) - i), 0, -1):
                if (to := self._to.get(tuple(words[i : i + n]))) is not None:
                    yield to, True
                    i += n
                    break
            else:
                yield (words[i],), False
                i += 1


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of one of the tables in data/reference/names."""
    with (TABLES / name).open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


@dataclass(frozen=True, slots=True)
class _Forms:
    anywhere: Phrases
    at_end: Mapping[tuple[str, ...], tuple[str, ...]]
    longest: int
    words: frozenset[str]


@cache
def _forms() -> _Forms:
    anywhere: dict[tuple[str, ...], tuple[str, ...]] = {}
    at_end: dict[tuple[str, ...], tuple[str, ...]] = {}
    for row in read_table("forms.tsv"):
        for spelling in row["spellings"].split(","):
            (at_end if row["at"] == "end" else anywhere)[tuple(fold(spelling).split())] = tuple(row["form"].split())
    words = frozenset(w for form in (*anywhere.values(), *at_end.values()) for w in form)
    return _Forms(Phrases(anywhere), at_end, max(map(len, at_end)), words)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A folded name in its words.  ``formal[i]`` says whether word i belongs to a legal form."""

    words: tuple[str, ...]
    formal: tuple[bool, ...]

    @property
    def bare(self) -> tuple[str, ...]:
        """The words without legal forms; all of them where a name is nothing else."""
        return tuple(w for w, formal in zip(self.words, self.formal, strict=True) if not formal) or self.words

    @property
    def form(self) -> str:
        """The legal form, "" where the name states none."""
        return " ".join(w for w, formal in zip(self.words, self.formal, strict=True) if formal)


@lru_cache(maxsize=100_000)
def parse(name: str) -> Parsed:
    """A name in words, legal forms in one spelling each."""
    forms = _forms()
    words = fold(name).split()
    end: tuple[str, ...] = ()
    # a short form such as «s a» counts at the end only; before it may stand another one
    for n in range(min(forms.longest, len(words) - 1), 0, -1):
        if (to := forms.at_end.get(tuple(words[-n:]))) is not None:
            end, words = to, words[:-n]
            break
    out: list[str] = []
    formal: list[bool] = []
    for found, is_form in forms.anywhere.find(words):
        out += found
        formal += [is_form] * len(found)
    return Parsed((*out, *end), (*formal, *([True] * len(end))))


def name_key(name: str) -> str:
    """Key of an organisation's name; two names with one key are the same name."""
    return " ".join(parse(name).words)


@cache
def _cities() -> Mapping[str, str]:
    return {fold(name): row["city"] for row in read_table("cities.tsv") for name in row["names"].split(",")}


@cache
def known_cities() -> frozenset[str]:
    """Keys of the cities of the table."""
    return frozenset(_cities().values())


@cache
def city_phrases() -> Phrases:
    """Every name of a city of the table, to find it inside other words."""
    return Phrases({tuple(name.split()): tuple(city.split()) for name, city in _cities().items()})


@lru_cache(maxsize=100_000)
def city_key(city: str) -> str:
    """Key of a city's name in any language of the table: without what stands in brackets, behind a comma or slash, without postcode and CEDEX."""
    if (known := _cities().get(fold(city))) is not None:
        return known
    t = re.split(r"[(,/]", city)[0]
    key = re.sub(r"\b(cedex|[a-z]{0,2}\d+)\b", "", fold(t)).strip()
    return _cities().get(key, key)


_BRACKETS: Final = re.compile(r"\s*\([^()]*\)\s*$")
_CASE: Final = re.compile(r"^(\w+isch|\w+lich|deutsch|gross|neu)e[nmrs]?(?= )")


def _without_ending(name: str) -> tuple[str, bool]:
    parsed = parse(_BRACKETS.sub("", name))
    n = len(parsed.words)
    while n > 1 and parsed.formal[n - 1]:
        n -= 1
    return " ".join(parsed.words[:n]), n < len(parsed.words)


@lru_cache(maxsize=200_000)
def short_key(name: str) -> str:
    """What a text may call the organisation: the key without legal forms and a bracket at its end, the adjective in front without its ending.

    «Deutschen Zentrum für Luft- und Raumfahrt» and «Deutsches Zentrum für Luft- und Raumfahrt e. V. (DLR)» have one.
    """
    return _CASE.sub(r"\1e", _without_ending(name)[0])


def has_form(name: str) -> bool:
    """Say whether a name states its legal form at its end."""
    return _without_ending(name)[1]
