"""Pairs of names that may stand in a relation, and what is seen of each pair: features as short strings.

A pair is two references of different entities, the first one of the text first.  Every reference is paired with the nearest reference of every
other entity in its sentence and, where there is none, with the nearest one before (and in the heading above, and the line that introduces a list).

What is seen comes in blocks, so that what pairs share (a sentence's words, the surroundings of a name) is weighed once a text.  The names of
features are the names of the weights in the model file: whoever changes them trains again.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from ingest.text.marks import Tag
from ingest.text.relations.cues import classes
from ingest.text.relations.layout import Form
from ingest.text.relations.status import signs
from ingest.text.relations.stream import TOPIC, Ref, Stream, Word, is_org

Block = tuple[Hashable, Callable[[], Iterable[str]]]
"""A key and what gives the features; two blocks of one text with the same key have the same features."""

WORDS: Final = "words"
"""First part of the key of a block of mere words: a long sentence has more of them and must not say more by that."""

_FARTHEST: Final = 5
_WINDOW: Final = 7
_MOST_BETWEEN: Final = 4
_LONGEST_GAP: Final = 16
_FARTHEST_WORDS: Final = 150  # of one sentence; this and the next two keep a list of thousands of names from becoming millions of pairs
_NEAR: Final = 2  # sentences between two organisations that are no project
_MOST_PLACES: Final = 20  # references of one entity in a section that are looked at
_MOST_PAIRS: Final = 3000  # of one section (2,000 words), the nearest ones
_AND: Final = frozenset([",", "und", "sowie", "&", "/", "oder", ";", "•", "bzw"])
_REACH: Final = 12
_STOPS: Final = frozenset([",", ";", ":", ".", "(", ")", "–", "und"])
_PREPOSITIONS: Final = {
    word: name
    for name, words in (
        ("von", "von vom durch seitens"), ("mit", "mit samt nebst gemeinsam"), ("in", "in im ins"), ("an", "an am ans"), ("aus", "aus"), ("bei", "bei beim"),
        ("fuer", "für"), ("zu", "zu zum zur"), ("unter", "unter"), ("neben", "neben"), ("auf", "auf"), ("ueber", "über"), ("zwischen", "zwischen"),
        ("nach", "nach"), ("ohne", "ohne"), ("um", "um"), ("gegen", "gegen"), ("als", "als wie"),
    )
    for word in words.split()
}  # fmt: skip
_SMALL: Final = frozenset("der die das dem den des und sowie oder mit im am vom zum zur von auch aus in bei dr e v".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Pair:
    """Two references; `first` stands before `second` in the text.  `one` and `two` are the entities meant (a reference may stand for several)."""

    first: Ref
    second: Ref
    one: int
    two: int


@dataclass(slots=True)
class Seen:
    """What is known of a text before pairs are looked at."""

    stream: Stream
    refs: tuple[Ref, ...]
    by_sentence: list[list[Ref]]
    by_entity: dict[int, list[Ref]]
    count: Counter[int]
    main_project: int
    house: int
    projects: int
    headed: set[int]
    places: list[int] = field(default_factory=list)
    """Places of all names, ascending."""
    named: list[tuple[str, int]] = field(default_factory=list)
    """Coarse kind and entity of each of them."""
    cases: dict[int, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    """Every item of the stream as features name it."""
    cues: list[tuple[str, ...]] = field(default_factory=list)
    """Classes of cue words of every item."""
    chain: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Place of a name -> places of the first and the last name of the enumeration it stands in."""
    siblings: dict[int, set[int]] = field(default_factory=dict)
    """Entity -> entities enumerated with it, in a sentence or as lines of one list."""


def coarse(tag: str) -> str:
    """O organisation, A association, P project, L place, T topic, H person."""
    return _COARSE.get(tag, "O")


_COARSE: Final = {Tag.ASSOCIATION.value: "A", Tag.PROJECT.value: "P", Tag.PLACE.value: "L", TOPIC: "T", Tag.PERSON.value: "H"}


def look(stream: Stream, refs: tuple[Ref, ...]) -> Seen:
    """Gather what features need once a text."""
    by_sentence: list[list[Ref]] = [[] for _ in stream.sentences]
    by_entity: dict[int, list[Ref]] = {}
    count: Counter[int] = Counter()
    headed: set[int] = set()
    for r in refs:
        by_sentence[r.sentence].append(r)
        for e in r.entities:
            by_entity.setdefault(e, []).append(r)
            if r.how == "name":
                count[e] += 1
                if stream.sentences[r.sentence].form is Form.HEADING and r.sentence < 2:
                    headed.add(e)
    tag = {e: rs[0].tag for e, rs in by_entity.items()}
    projects = [e for e, t in tag.items() if t == Tag.PROJECT.value]
    orgs = [e for e, t in tag.items() if is_org(t)]
    main = min(projects, key=lambda e: (-count[e] - (e in headed), e), default=-1)
    house = min(orgs, key=lambda e: (-len(by_entity[e]) - (e in headed), e), default=-1)
    seen = Seen(stream, refs, by_sentence, by_entity, count, main, house, len(projects), headed)
    seen.tokens = [_token(i) for i in stream.items]
    seen.cues = [classes(i.stem) if isinstance(i, Word) else () for i in stream.items]
    for r in refs:
        if r.how == "name" and (not seen.places or r.at > seen.places[-1]):
            seen.places.append(r.at)
            seen.named.append((coarse(r.tag), r.entities[0]))
    _enumerations(seen)
    return seen


def pairs(seen: Seen) -> list[Pair]:
    """All pairs worth a look: where two names stand close together somewhere, the places where they stand far apart say nothing new."""
    found = list(_pairs(seen))
    least: dict[tuple[int, int], int] = {}
    for p in found:
        key = (min(p.one, p.two), max(p.one, p.two))
        least[key] = min(least.get(key, _FARTHEST), p.second.sentence - p.first.sentence)
    kept = [p for p in found if _close(seen, p, least[min(p.one, p.two), max(p.one, p.two)])]
    if len(kept) > _MOST_PAIRS:
        nearest = sorted(range(len(kept)), key=lambda i: (kept[i].second.at - kept[i].first.at, i))[:_MOST_PAIRS]
        kept = [kept[i] for i in sorted(nearest)]
    return kept


def _close(seen: Seen, p: Pair, least: int) -> bool:
    apart = p.second.sentence - p.first.sentence
    if apart <= 1:
        return True
    if apart > least:
        return False
    kinds = {coarse(p.first.tag), coarse(p.second.tag)}
    if "P" in kinds and "L" not in kinds:
        return True
    second = seen.stream.sentences[p.second.sentence]
    return (apart == _NEAR and "L" not in kinds) or p.first.sentence in (second.heading, second.lead)


def _pairs(seen: Seen) -> Iterator[Pair]:
    done: set[tuple[int, int, int, int]] = set()
    times: Counter[int] = Counter()
    for r in seen.refs:
        times[r.entities[0]] += 1
        if r.tag == Tag.PERSON.value or times[r.entities[0]] > _MOST_PLACES:
            continue
        for other, places in seen.by_entity.items():
            if other in r.entities or places[0].tag == Tag.PERSON.value:
                continue
            if r.tag in (Tag.PLACE.value, TOPIC) and places[0].tag in (Tag.PLACE.value, TOPIC):
                continue
            for q in _nearest(seen, r, places):
                a, b = (r, q) if (r.at, r.start) <= (q.at, q.start) else (q, r)
                for e in r.entities:
                    one, two = (e, other) if a is r else (other, e)
                    key = (id(a), id(b), one, two)
                    if key not in done and one != two:
                        done.add(key)
                        yield Pair(a, b, one, two)


def _nearest(seen: Seen, r: Ref, places: Sequence[Ref]) -> Iterator[Ref]:
    before = after = same_before = None
    if len(places) > _MOST_PLACES:
        i = bisect.bisect_left(places, r.at, key=lambda q: q.at)
        places = places[max(0, i - 2) : i + 2]
    for q in places:
        if q.sentence == r.sentence:
            if abs(q.at - r.at) > _FARTHEST_WORDS:
                continue
            if q.at < r.at:
                same_before = q
            elif q.at > r.at:
                yield q
                if same_before is not None:
                    yield same_before
                return
        elif q.sentence < r.sentence:
            before = q
        else:
            after = q
            break
    if same_before is not None:
        yield same_before
        return
    sentence = seen.stream.sentences[r.sentence]
    if before is not None and (
        r.sentence - before.sentence <= _FARTHEST or before.tag == Tag.PROJECT.value or before.sentence in (sentence.heading, sentence.lead)
    ):
        yield before
    for q in places:
        if q.sentence != (before.sentence if before else -1) and q.sentence in (sentence.heading, sentence.lead):
            yield q
            break
    if before is None and after is not None and after.sentence - r.sentence <= 2:
        yield after


def _enumerations(seen: Seen) -> None:
    items = seen.stream.items
    lists: dict[tuple[int, int], list[int]] = {}
    for refs in seen.by_sentence:
        named = [r for r in refs if r.how == "name" and r.tag not in (Tag.PERSON.value, TOPIC)]
        i = 0
        while i < len(named):
            j, members = i, [named[i]]
            while j + 1 < len(named):
                nxt = named[j + 1]
                gap = items[named[j].at + 1 : nxt.at]
                joined = _joined(seen.stream, gap, nxt, members[0])
                if not joined:
                    break
                j += 1
                if joined == "and":
                    members.append(nxt)
            for m in members:
                seen.chain[m.at] = (members[0].at, named[j].at)
            _siblings(seen, [m.entities[0] for m in members])
            i = j + 1
        if named and (sentence := seen.stream.sentences[named[0].sentence]).form is Form.ITEM and named[0].at - seen.stream.first[named[0].sentence] < _WINDOW:
            lists.setdefault((sentence.lead, sentence.heading), []).append(named[0].entities[0])
    for members_of_list in lists.values():
        _siblings(seen, members_of_list)


def _siblings(seen: Seen, entities: Sequence[int]) -> None:
    if len(entities) > 1:
        for e in entities:
            seen.siblings.setdefault(e, set()).update(x for x in entities if x != e)


def _joined(stream: Stream, gap: Sequence[Word | Ref], following: Ref, first: Ref) -> str:
    """How two names side by side are one enumeration: "and", "at" (a place in an enumeration of organisations), or not at all ("")."""
    words = [w for w in gap if isinstance(w, Word)]
    if not words or len(words) != len(gap) or len(words) > _WINDOW:
        return ""
    if following.tag == Tag.PLACE.value and first.tag != Tag.PLACE.value:
        return "at" if words[-1].low in ("in", "aus", "bei", "(", ",", "zu") and len(words) <= 2 else ""
    if (following.tag == Tag.PLACE.value) != (first.tag == Tag.PLACE.value) or not any(w.low in _AND for w in words):
        return ""
    plain = sum(1 for w in words if w.low[0].isalpha() and w.low not in _SMALL and not stream.text[w.start].isupper())
    verbs = any(w.low.endswith(("t", "ten")) and not stream.text[w.start].isupper() and w.low[0].isalpha() and w.low not in _SMALL for w in words)
    return "" if plain > 1 or verbs or any(w.low in (".", ":", "–") for w in words) else "and"


def _around(seen: Seen, r: Ref) -> Iterator[str]:
    """The surroundings of one reference, and those of the enumeration it stands in."""
    tokens, cue = seen.tokens, seen.cues
    lo, hi = seen.stream.first[r.sentence], seen.stream.first[r.sentence + 1]

    def at(i: int) -> str:
        return "^" if i < lo or i >= hi else tokens[i]

    l1, r1, r2 = at(r.at - 1), at(r.at + 1), at(r.at + 2)
    yield from (f"l1={l1}", f"l2={at(r.at - 2)} {l1}", f"r1={r1}", f"r2={r1} {r2}", f"r3={at(r.at + 3)}", f"how={r.how}")
    if r.how in ("noun", "group", "about"):
        yield f"w={r.word}"
    a, b = seen.chain.get(r.at, (r.at, r.at))
    if a != b:
        yield "chain"
    c1, d1 = at(a - 1), at(b + 1)
    yield from (f"c1={c1}", f"c2={at(a - 2)} {c1}", f"c3={at(a - 2)}", f"c4={at(a - 3)}", f"d1={d1}", f"d2={d1} {at(b + 2)}", f"d3={at(b + 2)}")
    case = _case(seen, r)
    yield f"g={case}"
    cues: dict[str, None] = {}
    for i in (*range(max(lo, a - _REACH), a), *range(b + 1, min(hi, b + _REACH))):
        if found := cue[i]:
            side = "<" if i < a else ">"
            cues[f"g={case}:{tokens[i]}"] = None
            for c in found:
                cues[f"g={case}:{c}"] = cues[f"g{side}{case}:{c}"] = None
    yield from cues


def _case(seen: Seen, r: Ref) -> str:
    case = seen.cases.get(r.at)
    if case is None:
        case = seen.cases[r.at] = _case_of(seen, r)
    return case


def _case_of(seen: Seen, r: Ref) -> str:
    """The preposition that governs a reference (or the enumeration it stands in), else its case as far as an article shows it."""
    items = seen.stream.items
    a = seen.chain.get(r.at, (r.at, r.at))[0]
    lo = seen.stream.first[r.sentence]
    for i in range(a - 1, max(lo - 1, a - 5), -1):
        item = items[i]
        if not isinstance(item, Word) or item.low in _STOPS:
            return "," if isinstance(item, Word) and item.low in ",;:" else "nom"
        if item.low in _PREPOSITIONS:
            return _PREPOSITIONS[item.low]
        if item.low in ("des", "dem"):
            before = items[i - 1] if i > lo else None
            return _PREPOSITIONS.get(before.low, item.low) if isinstance(before, Word) else item.low
    return "nom"


def _page(seen: Seen, s: int) -> Iterator[str]:
    """A sentence: how it begins, the label before its colon, the heading above, what introduces the list."""
    sentence, stream = seen.stream.sentences[s], seen.stream
    if stream.first[s] < stream.first[s + 1]:
        yield f"s1:{_token(stream.items[stream.first[s]])}"
    yield f"form={sentence.form.value}"
    for name, n in (("st", s), ("sth", sentence.heading)):
        found = signs(stream.text[stream.sentences[n].start : stream.sentences[n].end]) if n >= 0 else ()
        yield f"{name}1={found[0] if found else ''}"
        yield from (f"{name}={x}" for x in found)
    start = list(stream.of(s))[:6]
    colon = next((i for i, w in enumerate(start) if isinstance(w, Word) and w.low == ":"), 0)
    yield from (f"k:{w.stem}" for w in start[:colon] if isinstance(w, Word))
    yield from (f"h:{w}" for w in _stems(stream, sentence.heading))
    if sentence.form is Form.ITEM:
        yield from (f"d:{w}" for w in _stems(stream, sentence.lead))


def _bag(seen: Seen, s: int) -> Iterator[str]:
    return (f"s:{w}" for w in _stems(seen.stream, s))


def _page_cues(seen: Seen, s: int, kinds: str) -> Iterator[str]:
    """Classes of cue words of a sentence, of the heading above and of what introduces the list; with the kinds of the pair, too."""
    sentence = seen.stream.sentences[s]
    for name, n in (("sc", s), ("hc", sentence.heading), ("dc", sentence.lead if sentence.form is Form.ITEM else -1)):
        for c in _of_sentence(seen, n) if n >= 0 else ():
            yield f"{name}:{c}"
            yield f"{name}:{c}{kinds}"


def _of_sentence(seen: Seen, s: int) -> dict[str, None]:
    return _classes(seen.cues[seen.stream.first[s] : seen.stream.first[s + 1]])


def _stems(stream: Stream, s: int) -> Iterable[str]:
    return dict.fromkeys(w.stem for w in stream.of(s) if isinstance(w, Word) and w.stem[0].isalnum()) if s >= 0 else ()


def _token(item: Word | Ref) -> str:
    return item.stem if isinstance(item, Word) else f"<{coarse(item.tag)}>"


def _bucket(n: int) -> str:
    return str(n) if n < 4 else "4-5" if n < 6 else "6-8" if n < 9 else "9-13" if n < 14 else "14-20" if n < 21 else "21+"


def blocks(seen: Seen, pair: Pair) -> Iterator[Block]:
    """All that is seen of a pair."""
    a, b = pair.first, pair.second
    kinds = coarse(a.tag) + coarse(b.tag)
    yield ("A", id(a)), lambda: (f"A{f}" for f in _around(seen, a))
    yield ("B", id(b)), lambda: (f"B{f}" for f in _around(seen, b))
    yield ("page", b.sentence), lambda: _page(seen, b.sentence)
    yield (WORDS, b.sentence), lambda: _bag(seen, b.sentence)
    apart = b.sentence != a.sentence
    yield ("cues", b.sentence, kinds, apart), lambda: (f"{apart:d}{f}" for f in _page_cues(seen, b.sentence, kinds))
    if apart:
        yield (WORDS, a.sentence, "earlier"), lambda: (f"a:{w}" for w in _stems(seen.stream, a.sentence))
        yield ("earlier", a.sentence), lambda: _earlier(seen, a.sentence)
    if apart:
        cases = f"{_case(seen, a)},{_case(seen, b)}"
        s = b.sentence
        yield ("governed", s, cases, kinds), lambda: _governed(seen, seen.stream.first[s], seen.stream.first[s + 1], cases, kinds)
    yield ("doc", pair.one, pair.two, kinds), lambda: _of_text(seen, pair, kinds)
    yield (id(a), id(b), pair.one, pair.two), lambda: _of_pair(seen, pair, kinds)


def _earlier(seen: Seen, s: int) -> Iterator[str]:
    yield from (f"ac:{c}" for c in _of_sentence(seen, s))


def _governed(seen: Seen, lo: int, hi: int, cases: str, kinds: str) -> Iterator[str]:
    """Cue words of a stretch together with what governs the two names."""
    yield f"gg={cases}{kinds}"
    for c in _classes(seen.cues[lo:hi]):
        yield f"gg={cases}:{c}{kinds}"


def _of_text(seen: Seen, pair: Pair, kinds: str) -> Iterator[str]:
    for side, entity, kind in (("A", pair.one, kinds[0]), ("B", pair.two, kinds[1])):
        yield f"{side}cnt={min(seen.count[entity], 4)}{kinds}"
        if kind == "P":
            yield f"{side}main={entity == seen.main_project}{min(seen.projects, 3)}"
        elif kind in "OA":
            yield f"{side}house={entity == seen.house}{kinds}"
        if entity in seen.headed:
            yield f"{side}headed{kinds}"


def link_of(seen: Seen, pair: Pair) -> str:
    """Where the first one stands, seen from the second one."""
    a, b = pair.first.sentence, pair.second.sentence
    sentence = seen.stream.sentences[b]
    if a == b:
        return "same"
    if a == sentence.lead and sentence.form is Form.ITEM:
        return "lead"
    if a == sentence.heading:
        return "head"
    link = "next" if b - a == 1 else f"far{min(b - a, 5)}"
    return link if sentence.paragraph == seen.stream.sentences[a].paragraph else f"{link}p"


def _of_pair(seen: Seen, pair: Pair, kinds: str) -> Iterator[str]:
    a, b = pair.first, pair.second
    link = link_of(seen, pair)
    yield from (f"cp={kinds}", f"t={a.tag}{b.tag}", f"how={a.how},{b.how}", f"cph={kinds}{a.how},{b.how}")
    yield from (f"link={link}", f"lk={link}{kinds}", f"lkh={link}{a.how},{b.how}")
    if link == "same":
        cases = f"{_case(seen, a)},{_case(seen, b)}"
        lo, hi = max(seen.stream.first[b.sentence], a.at - _REACH), min(seen.stream.first[b.sentence + 1], b.at + _REACH)
        yield from _governed(seen, lo, hi, cases, kinds)
        yield from _between(seen, a, b, kinds)
        return
    rank = _rank(seen, pair)
    yield from (f"rank={rank}{kinds}", f"rl={rank}{link}{kinds}")
    inside = {coarse(r.tag) for r in seen.by_sentence[b.sentence] if r.at != b.at}
    yield f"with={''.join(sorted(inside))}{kinds}"


def _between(seen: Seen, a: Ref, b: Ref, kinds: str) -> Iterator[str]:
    """The words before, between and behind two references of a sentence; an enumeration is passed over as if its nearest name were the one meant."""
    chain_a, chain_b = seen.chain.get(a.at, (a.at, a.at)), seen.chain.get(b.at, (b.at, b.at))
    if chain_a == chain_b:
        yield f"together{kinds}"
        begin, end = a.at, b.at
    else:
        begin, end = (chain_a[1] if chain_a[1] < b.at else a.at), (chain_b[0] if chain_b[0] > a.at else b.at)
    tokens = seen.tokens[begin + 1 : end]
    distance = _bucket(len(tokens))
    yield from (f"n={distance}", f"ncp={distance}{kinds}", f"true={_bucket(b.at - a.at - 1)}{kinds}")
    near = tokens if len(tokens) <= _LONGEST_GAP else tokens[: _LONGEST_GAP // 2] + tokens[-_LONGEST_GAP // 2 :]
    yield from (f"m:{t}" for t in dict.fromkeys(near))
    yield from dict.fromkeys(f"m2:{x} {y}" for x, y in pairwise(near))
    for c in _classes(seen.cues[begin + 1 : end]):
        yield f"mc:{c}"
        yield f"mc:{c}{kinds}"
    if len(tokens) <= 5:
        yield f"seq={' '.join(tokens)}"
        yield f"sq={kinds}{' '.join(tokens)}"
    lo, hi = seen.stream.first[a.sentence], seen.stream.first[a.sentence + 1]
    for name, outer in (("p", slice(max(lo, chain_a[0] - _WINDOW), chain_a[0])), ("q", slice(chain_b[1] + 1, min(hi, chain_b[1] + 1 + _WINDOW)))):
        yield from (f"{name}:{t}" for t in dict.fromkeys(seen.tokens[outer]))
        for c in _classes(seen.cues[outer]):
            yield f"{name}c:{c}"
            yield f"{name}c:{c}{kinds}"
    marks = Counter(t for t in tokens if not t[0].isalnum())
    yield f"comma={min(marks[','], 3)}"
    yield from (f"has{m}" for m in (";", ":", "(", ")", "–", "“") if m in marks)
    like_a, like_b = (sum(marks[f"<{k}>"] for k in _like(kind)) for kind in kinds)
    yield from (f"ia={min(like_a, 3)}{kinds}", f"ib={min(like_b, 3)}{kinds}", f"iab={min(like_a, 2)}{min(like_b, 2)}{kinds}{distance}")


def _classes(cues: Sequence[tuple[str, ...]]) -> dict[str, None]:
    return dict.fromkeys([c for found in cues for c in found])


def _like(kind: str) -> str:
    return "OA" if kind in "OA" else kind


def _rank(seen: Seen, pair: Pair) -> int:
    """How many other entities of the first one's kind stand between: 0 is the nearest."""
    like = _like(coarse(pair.first.tag))
    others: set[int] = set()
    for i in range(bisect.bisect_right(seen.places, pair.first.at), bisect.bisect_left(seen.places, pair.second.at)):
        kind, entity = seen.named[i]
        if kind in like and entity not in (pair.one, pair.two):
            others.add(entity)
            if len(others) == _MOST_BETWEEN:
                break
    return len(others)
