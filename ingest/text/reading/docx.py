"""Word documents (ECMA-376): paragraphs, list items and table rows in order, headings on lines of their own, footnotes at the end.

What was deleted under tracking is left out, what was inserted is in; running heads and feet are in parts that are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from ingest.base import date as iso_date
from ingest.text.reading.archive import Archive
from ingest.text.reading.limits import Limits
from ingest.text.reading.problem import ReadProblem
from ingest.text.reading.raw import Raw

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT: Final = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_LEFT_OUT: Final = frozenset(("del", "moveFrom", "Fallback", "instrText", "delText", "pPr", "rPr", "tblPr", "sectPr", "sdtPr", "tblGrid"))
_BREAKS: Final = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\u00ad", "ptab": " "}
_FOOTNOTES: Final = ("word/footnotes.xml", "word/endnotes.xml")


def read(data: bytes, name: str, limits: Limits) -> Raw:
    """The text of a Word document; the title is the document's property, else its first heading.  Raises ReadProblem."""
    archive = Archive(data, name, limits)
    if "word/document.xml" not in archive:
        raise ReadProblem("damaged", name, "word/document.xml")
    kinds = _styles(archive)
    body = _Text(kinds)
    body.add(archive.tree("word/document.xml"))
    for part in _FOOTNOTES:
        if part in archive:
            body.parts.append("\n\n")
            body.add(archive.tree(part))
    title, date, language = properties(archive, "docProps/core.xml")
    return Raw("".join(body.parts).strip("\n"), title=title or body.title.strip(), date=date, language=language)


def _local(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _value(node: Any, name: str = "val") -> str:
    return node.get(_W + name) or node.get(_STRICT + name) or ""


def _child(node: Any, *path: str) -> Any:
    for step in path:
        node = next((n for n in node if _local(n) == step), None)
        if node is None:
            return None
    return node


class _Text:
    """Collects the text of the parts of a document; `title` is the first heading."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.parts: list[str] = []
        self.title = ""
        self._kinds = kinds

    def add(self, tree: Any) -> None:
        """Add all text of a tree."""
        open_paragraphs: list[tuple[str, int]] = []
        skipped = rows = 0
        for event, node in etree.iterwalk(tree, events=("start", "end")):
            tag, begins = _local(node), event == "start"
            if tag in _LEFT_OUT:
                skipped += 1 if begins else -1
            elif skipped:
                continue
            elif tag == "p" and not rows:
                if begins:
                    open_paragraphs.append((self._kind(node), len(self.parts)))
                    self.parts.append("\n- " if open_paragraphs[-1][0] == "item" else "\n\n")
                else:
                    kind, begin = open_paragraphs.pop()
                    if kind == "heading" and not self.title:
                        self.title = "".join(self.parts[begin:])
                    self.parts.append("" if kind == "item" else "\n\n")
            elif tag == "tr":
                rows += 1 if begins else -1
                self.parts.append("\n" if begins and rows == 1 else " ")
            elif begins:
                self.parts.append(self._inline(node, tag, rows))

    @staticmethod
    def _inline(node: Any, tag: str, rows: int) -> str:
        if tag == "t":
            return node.text or ""
        if tag in _BREAKS:
            return " " if rows and _BREAKS[tag] == "\n" else _BREAKS[tag]
        if tag == "p":
            return " "
        if tag == "tc" and node.getprevious() is not None and _local(node.getprevious()) == "tc":
            return " | "
        return "\n\n" if tag == "tbl" and not rows else ""

    def _kind(self, paragraph: Any) -> str:
        style = _child(paragraph, "pPr", "pStyle")
        kind = "" if style is None else self._kinds.get(_value(style), "")
        if kind == "heading":
            return kind
        number = _child(paragraph, "pPr", "numPr", "numId")
        return kind if number is None else "item" if _value(number) != "0" else ""


def _styles(archive: Archive) -> dict[str, str]:
    """Which styles are headings and which are list items, by style id."""
    kinds: dict[str, str] = {}
    if "word/styles.xml" not in archive:
        return kinds
    for style in archive.tree("word/styles.xml"):
        name = _child(style, "name")
        if _local(style) == "style" and name is not None:
            called = _value(name).lower()
            if called.startswith(("heading", "title", "überschrift", "titel")) or _child(style, "pPr", "outlineLvl") is not None:
                kinds[_value(style, "styleId")] = "heading"
            elif called.startswith(("list bullet", "list number", "list paragraph", "listen", "aufzählung")) and _child(style, "pPr", "numPr") is not None:
                kinds[_value(style, "styleId")] = "item"
    return kinds


def properties(archive: Archive, part: str) -> tuple[str, str, str]:
    """Title, date and language of a document's Dublin Core properties (Word, OpenDocument); "" for what is not stated."""
    if part not in archive:
        return "", "", ""
    found: dict[str, str] = {}
    for node in archive.tree(part).iter():
        text = (node.text or "").strip()
        if text:
            found.setdefault(_local(node), text)
    date = found.get("created") or found.get("creation-date") or found.get("modified") or found.get("date") or ""
    return found.get("title", ""), (iso_date(date) or ""), found.get("language", "")
