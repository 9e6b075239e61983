"""What one document says together: an abbreviation means what stands before its bracket, a name is the same thing everywhere.

The steps, in order: the abbreviation in brackets takes the long form's kind; each name gets the kind that most of its mentions have; names
that were found once are found wherever they stand again; all forms of one thing share an entity number.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ingest.text.marks import ORGANIZATIONS, Found, Mention, Tag
from ingest.text.names import LEGAL_FORM, Lexicon, merge

_ABBREVIATION: Final = re.compile(
    r"[\"“”«»]?\s*\(\s*(?:kurz:?\s+|nachfolgend:?\s+|im Folgenden:?\s+)?[„\"»]?([A-ZÄÖÜ][\w.\-&+]{1,14}|[a-zäöü]{1,3}[A-ZÄÖÜ][\w.\-]{1,12})[“\"«]?\s*[),;]"
)
_LEAST_REPEATED: Final = 0.5
_GENITIVE: Final = re.compile(r"(?<=\w{3})s$")
_FILLERS: Final = frozenset(re.findall(r"\w+", "für der die das des und zu zur am an im in von vom e v mbh gmbh ag kg se co of the for and"))
_COMMON_HEADS: Final = frozenset(
    re.findall(
        r"\w+",
        "universität hochschule fachhochschule technische institut lehrstuhl fachgebiet fraunhofer max leibniz helmholtz stadt kreis gemeinde land landkreis "
        "bundesministerium ministerium bundesamt landesamt verein verband netzwerk cluster initiative stadtwerke sparkasse volksbank ihk hwk handwerkskammer "
        "industrie deutsche deutscher deutsches europäische zentrum forschungszentrum wirtschaftsförderung projekt gesellschaft stiftung smart digital campus "
        "bezirksregierung uni tu th fh rwth kompetenzzentrum fakultät professur agentur amt kammer innung bund bundesverband",
    )
)
"""First words that do not tell one name from another."""
_WEAK_HEADS: Final = re.compile(r"(technische|westfälische|bergische|rheinische|europäische|deutsche|städtische|freie)n\b")
_CAPITAL_LETTERS: Final = re.compile(r"[A-ZÄÖÜ]")


def agree(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """All steps; mentions come back in order, with entity numbers from 0."""
    out = abbreviations(text, mentions)
    out = vote(text, out)
    out = repeats(text, out)
    return entities(text, out)


def abbreviations(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Long Name (ABC): ABC is the same kind of thing, whatever the recogniser thought."""
    out = list(mentions)
    for m in mentions:
        if m.tag in (Tag.PLACE, Tag.PERSON):
            continue
        found = _ABBREVIATION.match(text, m.end) or _ABBREVIATION.match(text, m.end + 1)
        if found is None or not _abbreviates(found[1], text[m.start : m.end]):
            continue
        short = Mention(*found.span(1), m.tag, score=m.score, found=Found.ABBREVIATION)
        out = merge(out, [short], lambda m, over: all(o.start >= m.start for o in over))
    return out


def _abbreviates(short: str, name: str) -> bool:
    """Say whether the letters of the short form come in the name, in this order; a form with several capitals is believed."""
    letters = [c for c in short.casefold() if c.isalnum()]
    at = 0
    low = name.casefold()
    for c in letters:
        at = low.find(c, at) + 1
        if at == 0:
            return len(_CAPITAL_LETTERS.findall(short)) >= 2 and low[0] == letters[0]
    return True


def key(name: str) -> str:
    """A name without legal form, genitive and inflection, in lower case."""
    bare = LEGAL_FORM.split(name.replace("\u00ad", ""))[0].strip(" ,-&") or name
    bare = re.sub(r"\s+", " ", bare).casefold()
    return _WEAK_HEADS.sub(r"\1", _GENITIVE.sub("", bare))


_CUES: Final = (
    (Tag.PROJECT, re.compile(r"(?:[Pp]rojekte?s?|[Vv]orhabens?|[Pp]rogramms?|[Kk]ampagne|[Ff]örderlinie|[Ww]ettbewerbs?|[Rr]eallabors?)\s+[„»\"“]?$")),
    (
        Tag.COMPANY,
        re.compile(
            r"(?:[Ff]irma|[Uu]nternehmens?|[Hh]erstellers?|[Ss]tart-?[Uu]ps?|[Ss]pezialist(?:en)?|[Aa]nbieters?|[Mm]ittelständlers?|[Kk]onzerns?|[Dd]ienstleisters?"
            r"|[Ss]pedition|[Tt]ochter(?:firma|gesellschaft)?|[Bb]rauerei|[Rr]eederei|[Bb]äckerei|[Vv]ersorgers?|[Bb]etreibers?|[Aa]usgründung|[Zz]ulieferers?"
            r"|[a-zäöü]bauers?|[Ii]ngenieurbüros?|[Bb]etriebs?|[Gg]ießerei|[Hh]ändlers?)\s+[„»\"“]?$"
        ),
    ),
    (Tag.ASSOCIATION, re.compile(r"(?:[Vv]ereins?|[Vv]erbands?|[Nn]etzwerks?|[Cc]lusters?|[Ss]tiftung|[Bb]ündniss?e?s?|[Aa]llianz|[Ii]nnung)\s+[„»\"“]?$")),
)
"""Words in front of a name that tell its kind."""
_CUES_BEHIND: Final = (
    (Tag.PROJECT, re.compile(r"[“”«\"]?-(?:Projekte?|Vorhaben|Konsortium|Projektteam)")),
    (Tag.COMPANY, re.compile(r"[“”«\"]?-(?:Konzern|Gruppe|Werke?|Tochter|Chefin|Chef|Filiale|Aktie)\b")),
)
_CUE_TAGS: Final = frozenset({Tag.PROJECT, Tag.COMPANY, Tag.ASSOCIATION})
_CUE_WEIGHT: Final = 1.5


def cue(text: str, m: Mention) -> Tag | None:
    """What the words right beside a name say of its kind."""
    for tag, form in _CUES:
        if form.search(text, max(0, m.start - 30), m.start):
            return tag
    return next((tag for tag, form in _CUES_BEHIND if form.match(text, m.end)), None)


def vote(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """One kind for one name: the one with the most certainty; what a register says counts more than what the recogniser thinks."""
    votes: dict[str, Counter[Tag]] = defaultdict(Counter)
    for m in mentions:
        votes[key(text[m.start : m.end])][m.tag] += m.score * (3 if m.found is Found.REGISTRY else 1)  # type: ignore[assignment]
        said = cue(text, m) if m.tag in _CUE_TAGS else None
        if said is not None:
            votes[key(text[m.start : m.end])][said] += _CUE_WEIGHT  # type: ignore[assignment]
    out = []
    for m in mentions:
        counted = votes[key(text[m.start : m.end])]
        best = max(counted, key=lambda t: (counted[t], t))
        out.append(m if best == m.tag else replace(m, tag=best))
    return out


def repeats(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Names found once are found wherever they stand again as words of their own; the longest first."""
    kinds: dict[str, Tag] = {}
    for m in sorted(mentions, key=lambda m: -m.score):
        name = text[m.start : m.end]
        short = len(name) < 3 or (len(name) < 4 and not name.isupper())
        if m.score >= _LEAST_REPEATED and m.tag is not Tag.PERSON and not short and not name.islower():
            kinds.setdefault(name, m.tag)
    known = Lexicon((name, tag, 1.0) for name, tag in kinds.items())
    found = (replace(m, score=_LEAST_REPEATED, found=Found.REPEAT) for m in known.find(text))
    return merge(mentions, found, lambda _, over: not over)


# --- one thing, several forms -----------------------------------------------------------------------------------------


def entities(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The same mentions with entity numbers: equal names, a name with and without its legal form, its abbreviation, its clear short form."""
    names = [text[m.start : m.end] for m in mentions]
    group: dict[str, int] = {}
    parent: list[int] = []

    def find(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    numbers = []
    for m, name in zip(mentions, names, strict=True):
        k = f"{_family(m.tag)}|{key(name)}"
        if k not in group:
            group[k] = len(parent)
            parent.append(len(parent))
        numbers.append(group[k])
    at = {m.start: i for i, m in enumerate(mentions)}
    for i, m in enumerate(mentions):
        found = _ABBREVIATION.match(text, m.end) or _ABBREVIATION.match(text, m.end + 1)
        j = at.get(found.start(1)) if found else None
        if j is not None and _family(mentions[j].tag) == _family(m.tag):
            parent[find(numbers[j])] = find(numbers[i])
    first: dict[int, int] = {}
    for i, n in enumerate(numbers):
        first.setdefault(n, i)
    longer_of: dict[str, list[int]] = defaultdict(list)
    for n, i in first.items():
        for form in _short_keys(names[i]):
            longer_of[form].append(n)
    for n, i in first.items():
        if mentions[i].tag is Tag.PLACE:
            continue
        longer = {
            find(o)
            for o in longer_of[_letters(names[i])]
            if o != n and _family(mentions[first[o]].tag) == _family(mentions[i].tag) and is_short_form(names[i], names[first[o]])
        }
        longer.discard(find(n))
        if len(longer) == 1:  # two of them: nobody can tell which one is meant
            parent[find(n)] = longer.pop()
    order: dict[int, int] = {}
    out = []
    for m, n in zip(mentions, numbers, strict=True):
        out.append(m.at(order.setdefault(find(n), len(order))))
    return out


def _family(tag: Tag) -> str:
    return "organisation" if tag in ORGANIZATIONS else str(tag)


def _letters(name: str) -> str:
    return "".join(c for c in key(name) if c.isalnum())


def _short_keys(name: str) -> set[str]:
    """All that `is_short_form` may accept for a name, as bare letters."""
    words = re.findall(r"[^\W_]+", key(name))
    prefixes = {"".join(words[:n]) for n in range(1, len(words))}
    return prefixes | set(words) | {"".join(w[0] for w in words if w not in _FILLERS)}


@lru_cache(maxsize=20_000)
def is_short_form(short: str, name: str) -> bool:
    """Say whether one name is clearly a shorter form of another: its first words, its last acronym, its initials.

    Kessler - Kessler Anlagenbau GmbH; UMSICHT - Fraunhofer-Institut für ... UMSICHT; HRW - Hochschule Ruhr West.
    """
    a, b = key(short), key(name)
    if len(a) < 2 or len(a) >= len(b):
        return False
    words = re.findall(r"[^\W_]+", b)
    if short.isupper() and len(a) >= 3 and a in words:
        return True
    if b.startswith(a) and b[len(a)] in " -" and a not in _FILLERS:
        # the first words of a firm are its name, those of «Hochschule Ruhr West» are not
        return bool(re.search(r"[A-ZÄÖÜ]", short)) and a.split(" ")[0] not in _COMMON_HEADS
    letters = [w[0] for w in words if w not in _FILLERS]
    bare = "".join(c for c in a if c.isalnum())
    return short[:1].isupper() and sum(c.isupper() for c in short) >= 2 and 2 <= len(bare) <= 7 and bare == "".join(letters)
