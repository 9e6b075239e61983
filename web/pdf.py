"""Draws a dossier as a PDF.  The fonts (web/fonts) hold Latin, Greek and Cyrillic letters and are embedded as far as they are used."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from web.dossier_content import Dossier, Fact, Partner, Proof, SourceLine, Why
from web.language import day
from web.language import gettext as _

FONTS: Final = Path(__file__).parent / "fonts" / "dejavu"
_FAMILY: Final = "dejavu"
_INK, _MUTED, _ACCENT, _RULE = (23, 33, 31), (80, 96, 92), (11, 107, 93), (214, 222, 219)
_MARGIN: Final = 20.0
_PAGES: Final = "\ue000" * 3
"""Stands for the number of pages until that is known; no text holds it (`clean`)."""
_UNKNOWN: Final = "\N{REPLACEMENT CHARACTER}"


def clean(text: str) -> str:
    """One line of text as it may be printed: without control characters and marks that turn the direction of what follows."""
    text = unicodedata.normalize("NFC", text)
    return " ".join(
        "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text if unicodedata.category(c) not in ("Cf", "Co", "Cs")).split()
    )


class _Paper(FPDF):
    """A4 pages with their number and the date at the foot."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN)
        self.add_font(_FAMILY, "", FONTS / "DejaVuSans.ttf")
        self.add_font(_FAMILY, "B", FONTS / "DejaVuSans-Bold.ttf")
        self.alias_nb_pages(_PAGES)

    def footer(self) -> None:
        """The line at the foot of every page."""
        self.set_y(-14)
        self.font(7.5, color=_MUTED)
        self.cell(0, 5, f"{self.foot} · {self.page_no()}/{_PAGES}", align="R")

    def font(self, size: float, *, bold: bool = False, color: tuple[int, int, int] = _INK) -> None:
        """What is written from here on."""
        self.set_font(_FAMILY, "B" if bold else "", size)
        self.set_text_color(*color)

    def line_of(self, text: str, size: float = 9.5, *, bold: bool = False, color: tuple[int, int, int] = _INK, link: str = "", indent: float = 0) -> None:
        """A paragraph of its own; `size` in points, `indent` in millimetres."""
        self.font(size, bold=bold, color=color)
        self.set_x(self.l_margin + indent)
        self.multi_cell(0, size * 0.5, self._known(clean(text)), align="L", link=link, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def gap(self, millimetres: float) -> None:
        """Room below what was written."""
        self.ln(millimetres)

    def rule(self) -> None:
        """A line across the page."""
        self.set_draw_color(*_RULE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())

    def room(self, millimetres: float) -> None:
        """Begin a new page unless so much is left of this one."""
        if self.will_page_break(millimetres):
            self.add_page()

    def close_fonts(self) -> None:
        """Close the files of the fonts; what was not printed to its end would leave them open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def _known(self, text: str) -> str:
        """Letters that the font does not have are shown as missing."""
        font = self.current_font
        return "".join(c if isinstance(font, TTFFont) and ord(c) in font.cmap else _UNKNOWN for c in text)


def drawn(d: Dossier) -> bytes:
    """The dossier as the bytes of a PDF, the same for the same content."""
    paper = _Paper(_("innonet, erstellt am %(day)s", day=day(d.made.date().isoformat())))
    try:
        _write(paper, d)
        return bytes(paper.output())
    finally:
        paper.close_fonts()


def _write(paper: _Paper, d: Dossier) -> None:
    made = day(d.made.date().isoformat())
    paper.set_lang("en-GB" if d.language == "en" else "de-DE")
    title = _("Dossier: mögliche Partner")
    paper.set_title(title)
    paper.set_author(clean(d.who))
    paper.set_creator("innonet")
    paper.set_creation_date(d.made)
    paper.add_page()
    paper.line_of(title, 19, bold=True, color=_ACCENT)
    paper.gap(1.5)
    stand = _("Stand der Daten: %(day)s.", day=day(d.stand)) if d.stand else ""
    paper.line_of(_("Erstellt am %(day)s von %(who)s.", day=made, who=d.who) + f" {stand}", color=_MUTED)
    paper.line_of(_("Jeder Grund nennt, worauf er beruht; die Zahlen in eckigen Klammern führen zu den Belegen am Ende des Eintrags."), color=_MUTED)
    if d.left_out:
        paper.line_of(_("Gezeigt sind die ersten %(shown)s; %(more)s weitere passen nicht hinein.", shown=sum(len(p) for _n, p in d.groups), more=d.left_out))
    for name, partners in d.groups:
        paper.gap(5)
        paper.room(45)
        paper.start_section(clean(name), level=0)
        paper.line_of(_("Für %(name)s", name=name), 14, bold=True)
        for p in partners:
            _partner(paper, p)
    _sources(paper, d.sources)


def _partner(paper: _Paper, p: Partner) -> None:
    paper.gap(4)
    paper.room(40)
    paper.rule()
    paper.gap(3)
    paper.start_section(clean(p.name), level=1)
    paper.line_of(p.name, 12, bold=True, color=_ACCENT, link=p.url)
    if p.state:
        paper.line_of(_("Stand der Dinge: %(state)s", state=p.state), 9, color=_MUTED)
    for remark in p.remarks:
        paper.line_of(remark)
    paper.gap(1.5)
    for f in p.facts:
        _fact(paper, f)
    if p.note:
        paper.gap(1.5)
        paper.line_of(_("Notiz: %(note)s", note=p.note))
    if p.whys:
        paper.gap(2)
        paper.line_of(_("Warum"), 10, bold=True)
        for w in p.whys:
            _why(paper, w)
    if p.proofs:
        paper.gap(2)
        paper.line_of(_("Belege"), 10, bold=True)
        for proof in p.proofs:
            _proof(paper, proof)


def _fact(paper: _Paper, f: Fact) -> None:
    paper.line_of(f"{f.label}: {f.value}{_marks(f.proofs)}", link=f.link)


def _why(paper: _Paper, w: Why) -> None:
    paper.line_of(f"{w.text} ({w.percent} %)", indent=2)
    for text, proofs in w.items:
        paper.line_of(f"– {text}{_marks(proofs)}", 8.5, color=_MUTED, indent=6)


def _proof(paper: _Paper, p: Proof) -> None:
    stand = ", " + _("Stand %(day)s", day=p.stand) if p.stand else ""
    paper.line_of(f"[{p.number}] {p.source}, {p.locator}{stand}", 8, color=_MUTED, link=p.url, indent=2)


def _marks(numbers: tuple[int, ...]) -> str:
    return " " + "".join(f"[{n}]" for n in numbers) if numbers else ""


def _sources(paper: _Paper, sources: tuple[SourceLine, ...]) -> None:
    if not sources:
        return
    paper.gap(7)
    paper.room(40)
    title = _("Quellen und Lizenzen")
    paper.start_section(title, level=0)
    paper.line_of(title, 14, bold=True)
    for s in sources:
        paper.gap(1.5)
        paper.line_of(s.title, bold=True)
        stand = _("Stand %(day)s", day=s.stand) if s.stand else ""
        paper.line_of(" · ".join(t for t in (s.publisher, s.licence, stand) if t), 8.5, color=_MUTED, link=s.licence_url)
        if s.attribution:
            paper.line_of(s.attribution, 8.5, color=_MUTED)
