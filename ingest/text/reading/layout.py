"""From characters with places to reading order: rows, columns, tables, paragraphs; running heads, feet and page numbers out.

A page is cut where a strip of white stands beside many rows with text on both sides (columns), again and again, between the rows that
span it.  The rest is rows from top to bottom.  Rows become paragraphs by what a typesetter would have done: a line ends because the next
word had no room, or because something new begins.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from statistics import median, median_low
from typing import Final, NamedTuple

from ingest.text.reading.hyphens import joint
from ingest.text.reading.raw import Edit


class Char(NamedTuple):
    """A character and its box in points, y upwards; `turn` is the text's direction in quarters."""

    text: str
    left: float
    right: float
    low: float
    top: float
    turn: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its characters in the order of the file."""

    chars: Sequence[Char]


@dataclass(frozen=True, slots=True)
class Laid:
    """The text in reading order as on the pages, the edits that make paragraphs of its lines, and where its pages begin."""

    text: str
    edits: tuple[Edit, ...]
    pages: tuple[int, ...]
    title: str


@dataclass(slots=True)
class _Word:
    text: str
    left: float
    right: float
    low: float
    size: float


@dataclass(slots=True)
class _Row:
    """Words on one base line, from left to right."""

    words: list[_Word]
    low: float
    table: bool = False

    @property
    def left(self) -> float:
        return self.words[0].left

    @property
    def right(self) -> float:
        return max(w.right for w in self.words)

    @property
    def size(self) -> float:
        return max(w.size for w in self.words)

    def text(self) -> str:
        """The row as a line of text; the cells of a table are parted by bars."""
        parts = [self.words[0].text]
        for a, b in pairwise(self.words):
            parts.append(" | " if self.table and b.left - a.right > _CELL_GAP * b.size else " ")
            parts.append(b.text)
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class _Column:
    """Where the lines of a column begin and end; whether they are set flush on the right; whether first lines are indented."""

    left: float
    edge: float
    flush: bool
    indents: bool


@dataclass(slots=True)
class _Line:
    """A row as it stands in the text, with what decides whether the next one goes on with it."""

    text: str
    left: float
    right: float
    low: float
    size: float
    first_word: float
    table: bool
    column: _Column


_WORD_GAP: Final = 0.2
_CELL_GAP: Final = 1.2
_GUTTER: Final = 0.7
_SAME_ROW: Final = 0.45
_LEAST_ROWS: Final = 3
_FILLED: Final = 0.62
_STEP: Final = 2.0
_ZONE: Final = 3
_RUNNING: Final = 0.3
_LEADING: Final = 1.35
_SAME_SIZE: Final = 0.12
_DEEPEST: Final = 12
_BELOW: Final = 100_000.0
_SAME_PLACE: Final = 12.0
_LETTERS: Final = 3
_FEW: Final = 6
_INDENTS: Final = 0.8
_CANDIDATES: Final = 12
_SHARED: Final = 0.6
_FLUSH: Final = 1.5
_NEARLY: Final = 0.85
_INDENTED: Final = 0.4
_BULLETS: Final = "•●▪■◦‣∙·➢►✓*–—\uf0b7\uf0a7-"
_SURE_BULLETS: Final = _BULLETS[:11]
_ITEM: Final = re.compile(rf"(?:[{_BULLETS}]|\(?\d{{1,2}}[.)]|\(?[a-z]\)|\[\d{{1,3}}\])\s+\S")
_SENTENCE_END: Final = re.compile(r"[.!?:;]['\"»«“”‘’)]*\Z")
_NUMBER: Final = re.compile(r"[-–—|\s]*(seite|page|s\.|p\.)?\s*(\d{1,4})(\s*(?:/|von|of|\|)\s*\d{1,4})?[-–—|\s]*", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\d+")
_TITLE_FACTOR: Final = 1.25
_TITLE_LONGEST: Final = 250


def lay_out(sheets: Sequence[Sheet]) -> Laid:
    """The text of all pages."""
    rows = [_rows(_words(s)) for s in sheets]
    running = _running(rows)
    body_size = _body_size(rows)
    parts: list[str] = []
    edits: list[Edit] = []
    pages: list[int] = []
    at = 0
    before: _Line | None = None
    end = 0
    title = ""
    for page_rows, heads in zip(rows, running, strict=True):
        pages.append(at)
        for i in heads:
            text = page_rows[i].text() + "\n"
            parts.append(text)
            edits.append((at, at + len(text), ""))
            at += len(text)
        regions = [_lines(region, edge) for region, edge in _regions([r for i, r in enumerate(page_rows) if i not in heads], 0)]
        title = title or _title(regions, body_size)
        for region in regions:
            leading = _leading(region)
            for k, line in enumerate(region):
                if before is not None:
                    glue = _within(before, line, leading, body_size) if k else _across(before, line)
                    cut = len(before.text) - glue[0]
                    edits.append((end - cut, at, glue[1]))
                parts.append(line.text + "\n")
                before, end = line, at + len(line.text)
                at += len(line.text) + 1
        parts.append("\f")
        at += 1
    return Laid("".join(parts), tuple(_outermost(edits)), tuple(pages), title)


def _outermost(edits: list[Edit]) -> Iterator[Edit]:
    """The edits in order, without those inside others: running heads between two lines that are joined."""
    done = 0
    for edit in sorted(edits, key=lambda e: (e[0], -e[1])):
        if edit[0] >= done:
            yield edit
            done = edit[1]


# --- words, rows, running heads -----------------------------------------------------------------------------------------------------------


def _words(sheet: Sheet) -> list[_Word]:
    """The words of a page, in the page's main direction; text in another direction stands below everything else."""
    turns = Counter(c.turn for c in sheet.chars)
    main = turns.most_common(1)[0][0] if turns else 0
    words: list[_Word] = []
    for turn in sorted(turns, key=lambda t: (t != main, t)):
        lower = 0.0 if turn == main else _BELOW * (turn + 1)
        word: _Word | None = None
        for c in sheet.chars:
            if c.turn != turn:
                continue
            if (c.text.isspace() or not c.text.isprintable()) and c.text != "\u00ad":
                word = None
                continue
            size = max(c.top - c.low, 1.0)
            if word is not None and _goes_on(word, c, lower):
                word.text += c.text
                word.left, word.right = min(word.left, c.left), max(word.right, c.right)
                word.size = max(word.size, size)
            else:
                word = _Word(c.text, c.left, c.right, c.low - lower, size)
                words.append(word)
    return words


def _goes_on(word: _Word, c: Char, lower: float) -> bool:
    size = max(word.size, c.top - c.low, 1.0)
    if abs(c.low - lower - word.low) > _SAME_ROW * size:
        return False
    if _right_to_left(c.text):
        return -size < word.left - c.right < _WORD_GAP * size or -size / 2 < c.left - word.right < _WORD_GAP * size
    return -size / 2 < c.left - word.right < _WORD_GAP * size


def _right_to_left(text: str) -> bool:
    return unicodedata.bidirectional(text[0]) in ("R", "AL")


def _rows(words: Sequence[_Word]) -> list[_Row]:
    """The rows from top to bottom."""
    rows: list[_Row] = []
    biggest: _Word | None = None
    for word in sorted(words, key=lambda w: (-w.low, w.left)):
        if biggest is not None and biggest.low - word.low <= _SAME_ROW * max(biggest.size, word.size) and abs(biggest.low - word.low) < biggest.size:
            rows[-1].words.append(word)
            if word.size > biggest.size:
                biggest = word
        else:
            rows.append(_Row([word], word.low))
            biggest = word
        rows[-1].low = biggest.low
    for row in rows:
        backwards = sum(len(w.text) for w in row.words if _right_to_left(w.text)) * 2 > sum(len(w.text) for w in row.words)
        row.words.sort(key=(lambda w: -w.right) if backwards else (lambda w: w.left))
    return rows


def _body_size(pages: Sequence[Sequence[_Row]]) -> float:
    sizes: Counter[float] = Counter()
    for rows in pages:
        for row in rows:
            for w in row.words:
                sizes[round(w.size, 1)] += len(w.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _running(pages: Sequence[Sequence[_Row]]) -> list[set[int]]:
    """For each page the rows that are running heads or feet: they stand, but for their numbers, at the same place of many pages."""
    seen: dict[tuple[bool, str], list[tuple[int, int, float]]] = {}
    for n, rows in enumerate(pages):
        for i, row in enumerate(rows):
            if i < _ZONE or i >= len(rows) - _ZONE:
                seen.setdefault((i < _ZONE, _DIGITS.sub("#", row.text().lower())), []).append((n, i, row.low))
    running: list[set[int]] = [set() for _ in pages]
    for (_, text), places in seen.items():
        middle = median(low for _, _, low in places)
        near = [(n, i) for n, i, low in places if abs(low - middle) < _SAME_PLACE]
        if sum(map(str.isalpha, text)) >= _LETTERS and len({n for n, _ in near}) >= max(2, _RUNNING * len(pages)):
            for n, i in near:
                running[n].add(i)
    _page_numbers(pages, running)
    return running


def _page_numbers(pages: Sequence[Sequence[_Row]], running: list[set[int]]) -> None:
    """Add the rows at the edge of a page that are nothing but its number: they count up with the pages, or say «Seite»."""
    found: list[tuple[int, int, int, bool]] = []
    for n, rows in enumerate(pages):
        rest = [i for i in range(len(rows)) if i not in running[n]]
        edge = {rest[0], rest[-1]} if rest else ()
        found += [(n, i, int(m[2]) - n, bool(m[1] or m[3])) for i in edge if (m := _NUMBER.fullmatch(rows[i].text()))]
    offsets = Counter(offset for _, _, offset, _ in found)
    for n, i, offset, said in found:
        if said or offset == 1 or offsets[offset] > 1:
            running[n].add(i)


# --- columns and tables -------------------------------------------------------------------------------------------------------------------


def _regions(rows: Sequence[_Row], depth: int) -> Iterator[tuple[list[_Row], float]]:
    """The parts of a page in reading order, each with the right edge of its column."""
    if not rows:
        return
    edge = _percentile([r.right for r in rows], 0.95)
    cut = _gutter(rows) if depth < _DEEPEST and len(rows) >= _LEAST_ROWS else None
    if cut is None:
        yield list(rows), edge
        return
    x, begin, end = cut
    above, beside, below = rows[:begin], rows[begin:end], rows[end:]
    left = _rows([w for r in beside for w in r.words if w.left < x])
    right = _rows([w for r in beside for w in r.words if w.left >= x])
    for part, part_edge in _regions(above, depth + 1):
        yield part, max(part_edge, edge) if len(part) < _FEW else part_edge
    if _is_table(beside, left, right):
        across = [n for n, r in enumerate(beside) if r.left < x < r.right]
        top, bottom = across[0], across[-1] + 1
        yield from _regions(beside[:top], depth + 1)
        for row in beside[top:bottom]:
            row.table = True
        yield list(beside[top:bottom]), edge
        yield from _regions(beside[bottom:], depth + 1)
    else:
        yield from _regions(left, depth + 1)
        yield from _regions(right, depth + 1)
    for part, part_edge in _regions(below, depth + 1):
        yield part, max(part_edge, edge) if len(part) < _FEW else part_edge


def _gutter(rows: Sequence[_Row]) -> tuple[float, int, int] | None:
    """The strip of white that parts most rows into two columns: where its right column begins, and the first and last (excluded) row."""
    most_left = min(r.left for r in rows)
    starts: Counter[float] = Counter()
    for row in rows:
        if row.left > most_left + _INDENTS * row.size:
            starts[_grid(row.left)] += 1
        for a, b in pairwise(row.words):
            if b.left - a.right > _GUTTER * b.size:
                starts[_grid(b.left)] += 1
    best: tuple[int, int, float, int, int] | None = None
    for x, count in sorted(starts.items(), key=lambda s: (-s[1], s[0]))[:_CANDIDATES]:
        if count < _LEAST_ROWS - 1:
            break
        for begin, end in _clear_runs(rows, x):
            left = sum(1 for r in rows[begin:end] if r.left < x)
            right = sum(1 for r in rows[begin:end] if r.right > x)
            if min(left, right) >= _LEAST_ROWS:
                found = (min(left, right), left + right, x, begin, end)
                if best is None or found[:2] > best[:2]:
                    best = found
    return best[2:] if best else None


def _grid(x: float) -> float:
    return (x // _STEP) * _STEP - 0.5


def _clear_runs(rows: Sequence[_Row], x: float) -> Iterator[tuple[int, int]]:
    """Runs of rows that are white to the left of x."""
    begin = 0
    for i, row in enumerate(rows):
        if any(w.left < x < w.right + _GUTTER * w.size * (row.right > x) for w in row.words):
            if begin < i:
                yield begin, i
            begin = i + 1
    if begin < len(rows):
        yield begin, len(rows)


def _is_table(rows: Sequence[_Row], left: Sequence[_Row], right: Sequence[_Row]) -> bool:
    """True if the rows go across: cells share base lines and do not fill their columns, as lines of running text do."""
    shared = len(left) + len(right) - len(rows)
    return shared >= _SHARED * min(len(left), len(right)) and min(_fill(left), _fill(right)) < _FILLED


def _fill(rows: Sequence[_Row], depth: int = 0) -> float:
    """How far the rows of a column reach across it, in the median; of a part with columns in it, the least of them."""
    cut = _gutter(rows) if depth < _DEEPEST and len(rows) >= _LEAST_ROWS else None
    if cut is not None:
        x, first, last = cut
        words = [w for r in rows[first:last] for w in r.words]
        return min(_fill(_rows([w for w in words if w.left < x]), depth + 1), _fill(_rows([w for w in words if w.left >= x]), depth + 1))
    begin, end = min(r.left for r in rows), max(r.right for r in rows)
    return median((r.right - r.left) / max(end - begin, 1.0) for r in rows)


def _percentile(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


# --- lines and paragraphs -----------------------------------------------------------------------------------------------------------------


def _lines(rows: Sequence[_Row], edge: float) -> list[_Line]:
    left = min(r.left for r in rows)
    if len(rows) >= _FEW:
        edge = _percentile([r.right for r in rows], 0.9)
        left = _percentile([r.left for r in rows], 0.1)
    lines: list[_Line] = []
    for block in _blocks(rows):
        column = _column(block, left, edge)
        lines += [_Line(r.text(), r.left, r.right, r.low, r.size, r.words[0].right - r.words[0].left, r.table, column) for r in block]
    return lines


def _blocks(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Rows of one size in a row."""
    block: list[_Row] = []
    for row in rows:
        if block and abs(row.size - block[-1].size) > _SAME_SIZE * max(row.size, block[-1].size):
            yield block
            block = []
        block.append(row)
    yield block


def _column(block: Sequence[_Row], left: float, edge: float) -> _Column:
    """The column that a block is set in: the region's, or a narrower one of its own that most of its lines fill."""
    if len(block) >= _FEW:
        own_left, own_edge = _percentile([r.left for r in block], 0.1), _percentile([r.right for r in block], 0.9)
        if sum(1 for r in block if r.right - own_left > _NEARLY * (own_edge - own_left)) >= _SHARED * len(block):
            left, edge = own_left, own_edge
    flush = sum(1 for r in block if abs(r.right - edge) < _FLUSH) >= _SHARED * len(block) and len(block) >= _FEW
    indented = sum(1 for r in block if r.left - left > _INDENTS * r.size)
    return _Column(left, edge, flush, 0 < indented < _INDENTED * len(block))


def _leading(lines: Sequence[_Line]) -> float:
    """The usual distance of two base lines."""
    steps = [a.low - b.low for a, b in pairwise(lines) if a.low > b.low and _alike(a, b)]
    return median_low(steps) if steps else _LEADING * max(n.size for n in lines)


def _alike(a: _Line, b: _Line) -> bool:
    return abs(a.size - b.size) <= _SAME_SIZE * max(a.size, b.size)


def _glue(a: _Line, b: _Line) -> tuple[int, str]:
    """How two lines become one: how much of the first stays, and what stands between."""
    start, _, put = joint(f"{a.text}\n{b.text}", len(a.text), len(a.text) + 1)
    return start, put


def _within(a: _Line, b: _Line, leading: float, body_size: float) -> tuple[int, str]:
    """What stands between two lines of one column."""
    whole, step = len(a.text), a.low - b.low
    if a.table or b.table:
        return whole, "\n" if a.table and b.table else "\n\n"
    heading = a.size > body_size * (1 + _SAME_SIZE)
    if not _alike(a, b) or step > (max(leading, _LEADING * a.size) if heading else _LEADING * leading) or step < 0:
        return whole, "\n\n"
    if _begins_item(a, b):
        return whole, "\n"
    if heading:
        return _glue(a, b) if not _SENTENCE_END.search(a.text) else (whole, "\n")
    if not _full(a, b):
        return whole, "\n"
    if b.left - b.column.left > _INDENTS * b.size and not _ITEM.match(a.text) and (b.column.indents or b.left - a.left > _INDENTS * b.size):
        return whole, "\n"
    return _glue(a, b)


def _full(a: _Line, b: _Line) -> bool:
    """True if the next word had no room in the line."""
    return a.column.edge - a.right <= b.first_word + _WORD_GAP * b.size


def _begins_item(a: _Line, b: _Line) -> bool:
    """True if a list item begins: not where «am | 14. Mai» was broken."""
    if not _ITEM.match(b.text):
        return False
    return b.text[0] in _SURE_BULLETS or not _full(a, b) or bool(_SENTENCE_END.search(a.text) or _ITEM.match(a.text))


def _across(a: _Line, b: _Line) -> tuple[int, str]:
    """What stands between the last line of a column or page and the first one of the next."""
    indented = b.left - b.column.left > _INDENTS * b.size
    if indented or not _alike(a, b) or a.table or b.table or not b.text[0].isalnum() or _begins_item(a, b):
        return len(a.text), "\n\n"
    goes_on = a.column.edge - a.right < _FLUSH if a.column.flush else _full(a, b) and not _SENTENCE_END.search(a.text)
    return _glue(a, b) if goes_on else (len(a.text), "\n\n")


def _title(regions: Sequence[Sequence[_Line]], body_size: float) -> str:
    """The biggest lines, if they are bigger than the running text."""
    lines = [n for region in regions for n in region if sum(map(str.isalpha, n.text)) >= _LETTERS]
    if not lines:
        return ""
    size = max(n.size for n in lines)
    if size < _TITLE_FACTOR * body_size:
        return ""
    first = next(i for i, n in enumerate(lines) if n.size == size)
    same = takewhile(lambda n: _alike(n, lines[first]), lines[first:])
    return " ".join(n.text for n in same)[:_TITLE_LONGEST]
