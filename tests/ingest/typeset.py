"""A small typesetter for tests: paragraphs become PDF pages with columns, running heads, page numbers and hyphenation, drawn by reportlab.

What it is given is what the reader must give back.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

FONT, SIZE, LEADING = "Helvetica", 10, 12.5
LEFT, RIGHT, TOP, BOTTOM = 60, A4[0] - 60, A4[1] - 90, 80
VOWELS = "aeiouäöüy"


@dataclass(frozen=True)
class Style:
    """How a text is set.  `across` draws row by row over both columns instead of column by column."""

    columns: int = 1
    gutter: float = 16
    hyphenate: bool = False
    justify: bool = False
    indent: float = 0
    space: float = 7
    head: str = ""
    foot: str = ""
    number: str = "{}"
    across: bool = False
    title: str = ""


def break_lines(text: str, width: float, *, hyphenate: bool, indent: float = 0) -> list[str]:
    """The lines of a paragraph; long words are broken before a consonant that a vowel follows, three letters from either end."""
    lines: list[str] = []
    line, room = "", width - indent
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if stringWidth(candidate, FONT, SIZE) <= room:
            line = candidate
            continue
        head = next((word[:i] for i in breaks(word) if stringWidth(f"{line} {word[:i]}-", FONT, SIZE) <= room), "") if hyphenate and line else ""
        lines.append(f"{line} {head}-" if head else line)
        line, room = word[len(head) :], width
    return [*lines, line]


def breaks(word: str) -> list[int]:
    if not word.isalpha():
        return []
    return [i for i in range(len(word) - 3, 2, -1) if word[i].lower() not in VOWELS and word[i + 1] in VOWELS and word[i].islower()]


def typeset(paragraphs: Sequence[str], style: Style) -> bytes:
    """The PDF."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    width = (RIGHT - LEFT - (style.columns - 1) * style.gutter) / style.columns
    pages: list[list[list[tuple[float, float, str, float]]]] = [[[] for _ in range(style.columns)]]
    title_height = 60 if style.title else 0
    column, y = 0, TOP - title_height
    for paragraph in paragraphs:
        lines = break_lines(paragraph, width, hyphenate=style.hyphenate, indent=style.indent)
        for k, line in enumerate(lines):
            if y < BOTTOM:
                column += 1
                y = TOP - (title_height if len(pages) == 1 and column < style.columns else 0)
                if column == style.columns:
                    pages.append([[] for _ in range(style.columns)])
                    column, y = 0, TOP
            x = LEFT + column * (width + style.gutter) + (style.indent if k == 0 else 0)
            full = style.justify and k < len(lines) - 1 and " " in line
            gap = (width - (style.indent if k == 0 else 0) - stringWidth(line, FONT, SIZE)) / max(line.count(" "), 1) if full else 0
            pages[-1][column].append((y, x, line, gap))
            y -= LEADING
        y -= style.space
    for n, columns in enumerate(pages, 1):
        canvas.setFont(FONT, 8)
        if style.head:
            canvas.drawString(LEFT, A4[1] - 50, style.head)
        if style.foot:
            canvas.drawString(LEFT, 40, style.foot)
        if style.number:
            canvas.drawCentredString(A4[0] / 2, 28, style.number.format(n))
        if style.title and n == 1:
            canvas.setFont("Helvetica-Bold", 20)
            canvas.drawString(LEFT, TOP - 20, style.title)
        canvas.setFont(FONT, SIZE)
        placed = [line for column_lines in columns for line in column_lines]
        if style.across:
            placed.sort(key=lambda p: (-p[0], p[1]))
        for y, x, line, gap in placed:
            text = canvas.beginText(x, y)
            text.setFont(FONT, SIZE)
            text.setWordSpace(gap)
            text.textOut(line)
            canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
