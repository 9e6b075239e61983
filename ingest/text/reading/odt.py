"""OpenDocument texts (ISO 26300): paragraphs, list items and table rows in order; comments and what was deleted under tracking are left out."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from ingest.text.reading.archive import Archive
from ingest.text.reading.docx import properties
from ingest.text.reading.limits import Limits
from ingest.text.reading.problem import ReadProblem
from ingest.text.reading.raw import Raw

_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_LEFT_OUT: Final = frozenset(("tracked-changes", "annotation", "annotation-end", "note-citation", "sequence-decls", "forms", "binary-data", "desc", "title"))
_ENCRYPTION: Final = b"encryption-data"
_BLANKS_MOST: Final = 100


def read(data: bytes, name: str, limits: Limits) -> Raw:
    """The text of an OpenDocument text; the title is the document's property, else its first heading.  Raises ReadProblem."""
    archive = Archive(data, name, limits)
    if "META-INF/manifest.xml" in archive and _ENCRYPTION in archive.read("META-INF/manifest.xml"):
        raise ReadProblem("encrypted", name)
    if "content.xml" not in archive:
        raise ReadProblem("damaged", name, "content.xml")
    text, heading = _text(archive.tree("content.xml"))
    title, date, language = properties(archive, "meta.xml")
    return Raw(text.strip("\n"), title=title or heading.strip(), date=date, language=language)


def _text(tree: Any) -> tuple[str, str]:
    """The text with its line breaks, and the first heading."""
    parts: list[str] = []
    heading, heading_at = "", 0
    skipped = rows = items = fresh = 0
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        tag = node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
        begins = event == "start"
        if tag in _LEFT_OUT:
            skipped += 1 if begins else -1
        elif not skipped:
            if tag in ("p", "h"):
                if begins:
                    parts.append(" " if rows else "\n\n" if not items else "\n- " if fresh else "\n")
                    heading_at, fresh = len(parts), 0
                else:
                    if tag == "h" and not heading:
                        heading = "".join(parts[heading_at:])
                    parts.append("" if rows or items else "\n\n")
            elif tag == "list-item":
                items += 1 if begins else -1
                fresh = int(begins)
            elif tag in ("list", "table") and not rows and not items:
                parts.append("\n\n")
            elif tag == "table-row":
                rows += 1 if begins else -1
                parts.append("\n" if begins and rows == 1 else " ")
            elif tag == "table-cell" and begins and node.getprevious() is not None:
                parts.append(" | ")
            elif begins:
                parts.append(_blank(node, tag, rows))
            if begins and _says_text(node):
                parts.append(node.text or "")
        if not begins and not skipped and node.getparent() is not None and _says_text(node.getparent()):
            parts.append(node.tail or "")
    return "".join(parts), heading


def _blank(node: Any, tag: str, rows: int) -> str:
    if tag == "s":
        count = node.get(f"{_TEXT}c") or "1"
        return " " * min(int(count) if count.isdecimal() else 1, _BLANKS_MOST)
    if tag == "line-break" and not rows:
        return "\n"
    return " " if tag in ("tab", "line-break", "note") else ""


def _says_text(node: Any) -> bool:
    """True for elements whose own characters are text: paragraphs and what lies inside them."""
    return isinstance(node.tag, str) and node.tag.startswith(_TEXT) and node.tag[len(_TEXT) :] in _INLINE


_INLINE: Final = frozenset(
    ("p", "h", "span", "a", "ruby-base", "meta", "meta-field", "bookmark-ref", "reference-ref", "sequence", "note-ref", "page-number", "date", "title")
)
