"""The page of a text: the whole text with its marks, beside it what it states, each with its sentence.

A long text is shown in parts, so that no page grows without bound.  Everything works without a script: the legend is a form,
and a statement's link asks for the page with its sentence marked (``sentence=START-END``).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from graph.derived import LABELS, Derived
from graph.model import Label, Status
from graph.reader import DocumentPage
from ingest.base import FileError
from ingest.text import documents
from ingest.text.documents import Mark, Statement, StoredDocument
from ingest.text.marks import ORGANIZATIONS, Tag
from web import pages
from web.addresses import sentence_of
from web.pages.lists import Named, named
from web.site import derived, reader, site

PART: Final = 60_000
"""Characters of a text on one page."""
TOPIC: Final = "TOPIC"
TAGS: Final = (Tag.COMPANY, Tag.UNIVERSITY, Tag.RESEARCH, Tag.PUBLIC, Tag.ASSOCIATION, Tag.PROJECT, Tag.PLACE, TOPIC)
"""What the legend shows, in this order.  Persons are not stored, and would not be shown if they were."""

_LABEL_OF: Final[dict[str, Label]] = {
    **{str(tag): Label.ORGANIZATION for tag in ORGANIZATIONS},
    Tag.PROJECT: Label.PROJECT,
    Tag.PLACE: Label.PLACE,
    TOPIC: Label.TOPIC,
}
_TAIL: Final[dict[str, str]] = {"WORKS_ON": TOPIC, "ABOUT": TOPIC, "LOCATED_IN": Tag.PLACE}
_SENTENCE: Final = re.compile(r"(\d{1,9})-(\d{1,9})")
_BREAK: Final = re.compile(r"\n{2,}")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A bit of text: plain, a mark (``tag``), or the place where a page of the PDF begins (``page``)."""

    text: str = ""
    tag: str = ""
    node: Named | None = None
    at: int = 0
    page: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces one after the other that the same sentences hold.

    said     the sentences, as ``start-end``
    anchors  characters at which a sentence begins here, for links into the text
    chosen   the address asks for one of them
    """

    pieces: tuple[Piece, ...]
    said: tuple[str, ...] = ()
    anchors: tuple[int, ...] = ()
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """One end of a statement: its name in the text, what kind of mark it is ("" if unknown), and where it leads."""

    name: str
    tag: str
    node: Named | None


@dataclass(frozen=True, slots=True)
class Said:
    """A statement as a sentence of the page.  ``sentence``: where it is said, as ``start-end``; ``page`` of a PDF, 0 for other texts."""

    statement: Statement
    head: End
    tail: End
    sentence: str
    page: int
    chosen: bool

    @property
    def negated(self) -> bool:
        """The text says that it is not so: there is no edge."""
        return self.statement.status == Status.NEGATED


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a text that one page shows.  ``number`` of ``of``, from 1; ``counts``: marks by tag."""

    number: int
    of: int
    paragraphs: tuple[tuple[Run, ...], ...]
    statements: tuple[Said, ...]
    counts: dict[str, int]
    statements_all: int


def document(id: str) -> ResponseReturnValue:  # noqa: A002  named as in the address
    """A text; where this host does not hold it, the sentences that the graph quotes."""
    found = reader().document(id)
    if not isinstance(found, DocumentPage):
        return pages.elsewhere(found)
    text = held(id)
    hidden = [t for t in TAGS if t in request.args.getlist("hide")]
    chosen = _asked_sentence()
    part = None
    if text is not None:
        cited = [(s[1], s[2]) for e in found.sentences if (s := sentence_of(e.id)) and s[0] == id]
        part = laid_out(text, Nodes(derived()), number=pages.whole("part", 0, 0, 100_000), chosen=chosen, cited=cited)
    return render_template(
        "document.html", page=found, entity=found.entity, text=text, part=part, tags=TAGS, hidden=hidden, sentence=f"{chosen[0]}-{chosen[1]}" if chosen else ""
    )


def held(id_: str) -> StoredDocument | None:
    """The text, None where this host does not hold it or its file is damaged: the graph still has the sentences then."""
    try:
        return documents.load(site().settings.home, id_)
    except FileError as problem:
        current_app.logger.error("%s", problem.en)
        return None


def _asked_sentence() -> Span | None:
    found = _SENTENCE.fullmatch(request.args.get("sentence", ""))
    return (int(found[1]), int(found[2])) if found and int(found[1]) < int(found[2]) else None


@dataclass(slots=True)
class Nodes:
    """Looks up the nodes behind the records of a text, each once."""

    derived: Derived
    known: dict[tuple[str, str], Named | None] = field(default_factory=dict)

    def of(self, record: str, tag: str) -> Named | None:
        """The node of a record, first looked for where its tag says; None where the graph has none."""
        key = record, tag
        if key not in self.known:
            first = _LABEL_OF.get(tag)
            self.known[key] = named(self.derived, record, sorted(LABELS, key=lambda label: label is not first))
        return self.known[key]


def laid_out(text: StoredDocument, nodes: Nodes, *, number: int, chosen: Span | None, cited: Iterable[Span]) -> Part:
    """One part of a text, ready to be written down.

    number  from 1; 0: the part that holds the chosen sentence, else the first
    cited   further sentences to make addressable, beside those of the statements
    """
    starts = part_starts(text.text)
    if chosen and chosen[1] > len(text.text):
        chosen = None
    if not number:
        number = bisect_right(starts, chosen[0]) if chosen else 1
    number = min(max(number, 1), len(starts))
    low, high = starts[number - 1], starts[number] if number < len(starts) else len(text.text)
    statements = sorted((span, n, s) for n, s in enumerate(text.statements) if low <= (span := _span(s))[0] < high)
    spans = sorted({span for span, _, _ in statements} | {s for s in (*cited, *([chosen] if chosen else ())) if s[0] < high and s[1] > low})
    marks = shown_marks(text, low, high)
    tags = {m.record: m.tag for m in reversed(text.marks) if m.record}
    page_starts = [at for _, at in text.pages]

    def end(name: str, record: str, default: str) -> End:
        tag = tags.get(record, default)
        return End(name, tag, nodes.of(record, tag))

    said = tuple(
        Said(
            s,
            end(s.head_name, s.head, ""),
            end(s.tail_name, s.tail, _TAIL.get(s.type, "")),
            f"{span[0]}-{span[1]}",
            text.pages[page - 1][0] if (page := bisect_right(page_starts, span[0])) else 0,
            chosen == span,
        )
        for span, _, s in statements
    )
    return Part(
        number,
        len(starts),
        tuple(_paragraphs(text, nodes, low, high, marks, spans, chosen)),
        said,
        dict(Counter(m.tag for m in marks)),
        len(text.statements),
    )


def _span(s: Statement) -> Span:
    """Where the sentence of a statement stands: that of its evidence, or links from there would not meet it."""
    found = sentence_of(s.evidence)
    return found[1:] if found else (s.start, s.end)


def part_starts(text: str) -> list[int]:
    """Where the parts of a text begin: between paragraphs if it can be, else between lines or words."""
    out, at = [0], 0
    while len(text) - at > PART:
        middle, most = at + PART // 2, at + PART
        at = next((cut + len(mark) for mark in ("\n\n", "\n", " ") if (cut := text.rfind(mark, middle, most)) >= 0), most)
        out.append(at)
    return out


def shown_marks(text: StoredDocument, low: int, high: int) -> list[Mark]:
    """The marks between two characters that can stand side by side in a paragraph: names before topics, longer before shorter."""
    inside = [m for m in text.marks if low <= m.start < m.end <= high and m.tag in TAGS and not _BREAK.search(text.text, m.start, m.end)]
    taken: list[Mark] = []
    for m in sorted(inside, key=lambda m: (m.tag == TOPIC, m.start - m.end, m.start)):
        at = bisect_left(taken, m.start, key=lambda t: t.start)
        if (at == 0 or taken[at - 1].end <= m.start) and (at == len(taken) or m.end <= taken[at].start):
            taken.insert(at, m)
    return taken


def _paragraphs(
    text: StoredDocument, nodes: Nodes, low: int, high: int, marks: Sequence[Mark], spans: Sequence[Span], chosen: Span | None
) -> Iterator[tuple[Run, ...]]:
    inside = {m.start: m for m in marks}
    # no cut within a mark: a sentence that begins or ends there holds the whole of it
    cuts = {low, high, *(c for s in spans for c in s), *(at for _, at in text.pages)}
    ends = [m.end for m in marks]
    cuts = {c for c in cuts if low <= c <= high and ((n := bisect_right(ends, c)) == len(marks) or c <= marks[n].start)}
    cuts |= {c for m in marks for c in (m.start, m.end)}
    for breaking in _BREAK.finditer(text.text, low, high):
        cuts -= set(range(breaking.start() + 1, breaking.end()))
        cuts |= set(breaking.span())
    order = sorted(cuts)
    pages_left = [p for p in text.pages if low <= p[1] < high]
    before = [p for p in text.pages if p[1] < low]
    if before and (not pages_left or pages_left[0][1] > low):
        pages_left.insert(0, before[-1])
    waiting = list(reversed(spans))
    open_: list[Span] = []
    anchored: set[int] = set()
    paragraph = _Paragraph()
    for a, b in pairwise(order):
        bit = text.text[a:b]
        if a not in inside and _BREAK.fullmatch(bit):
            yield from paragraph.done()
            continue
        while waiting and waiting[-1][0] < b:
            open_.append(waiting.pop())
        open_ = [s for s in open_ if s[1] > a]
        anchors = tuple(dict.fromkeys(s[0] for s in open_ if s[0] not in anchored))
        anchored.update(anchors)
        paragraph.say(tuple(f"{s}-{e}" for s, e in open_), anchors, chosen in open_)
        while pages_left and pages_left[0][1] <= a:
            paragraph.add(Piece(page=pages_left.pop(0)[0]))
        mark = inside.get(a)
        paragraph.add(Piece(bit, mark.tag, nodes.of(mark.record, mark.tag), a) if mark else Piece(bit))
    yield from paragraph.done()


@dataclass(slots=True)
class _Paragraph:
    """The paragraph that is being laid out."""

    runs: list[Run] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    now: tuple[tuple[str, ...], tuple[int, ...], bool] = ((), (), False)

    def say(self, said: tuple[str, ...], anchors: tuple[int, ...], chosen: bool) -> None:
        """From here on these sentences hold the text."""
        if anchors or (said, chosen) != (self.now[0], self.now[2]):
            self._close()
            self.now = said, anchors, chosen

    def add(self, piece: Piece) -> None:
        """One piece more."""
        self.pieces.append(piece)

    def _close(self) -> None:
        if self.pieces:
            self.runs.append(Run(tuple(self.pieces), *self.now))
            self.pieces = []
            self.now = (self.now[0], (), self.now[2])

    def done(self) -> Iterator[tuple[Run, ...]]:
        """The paragraph, if there is anything in it."""
        self._close()
        if self.runs:
            yield tuple(self.runs)
            self.runs = []
