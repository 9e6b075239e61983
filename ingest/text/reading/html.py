"""Web pages: the main text, title, date, language and site, found by trafilatura (Barbaresi 2021, ACL demo); the lines are laid by us.

Where it finds no main text, or the page nests too deep for a tree, everything that a browser would show is taken.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final

from lxml import etree, html

from ingest.text.reading.raw import Raw

_LEAST: Final = 40
_MOST_ELEMENTS: Final = 10_000  # what has more is a list or a table, and takes trafilatura half a minute
_UNSEEN_TAGS: Final = "script style noscript template head title nav footer aside form button select option textarea iframe object svg math canvas audio video"
_UNSEEN: Final = frozenset(_UNSEEN_TAGS.split())
_BLOCK_TAGS: Final = (
    "address article blockquote body caption center dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 header hr html legend main ol p pre "
    "section summary table tbody tfoot thead tr ul"
)
_BLOCKS: Final = frozenset(_BLOCK_TAGS.split())
# elements whose end a page may leave out: their contents must not vanish with them
_HOLDS_ALL: Final = frozenset(("form", "title", "head"))
_DATES: Final = {"original_date": True, "extensive_search": False, "min_date": "1990-01-01", "max_date": "2100-12-31"}
_CONTROL: Final = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f]")
# what trafilatura raises on pages that no author wrote; then everything is taken
_BROKEN: Final = (ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError)
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")


def read(text: str, address: str = "") -> Raw:
    """The main text of a page, one paragraph, heading or item a line.  An empty text if the page shows none."""
    tree = _parse(text)
    if tree is None:
        flat = _Flat()
        return Raw(flat.shown(text), title=flat.title.strip(), language=flat.language)
    language = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()
    everything = _shown(tree)
    found = _main(tree, address) if sum(1 for _ in tree.iter()) <= _MOST_ELEMENTS else None
    if found is None:
        return Raw(everything, title=_title(tree), language=language)
    body = "".join(_lines(found.body)).strip()
    if len(body) < min(_LEAST, len(everything)):
        body = everything
    return Raw(body, title=found.title or _title(tree), date=found.date or "", site=found.sitename or "", language=language)


def fragment(text: str) -> str:
    """All that a piece of HTML shows (the body of a letter, an entry of a feed)."""
    if "<" not in text and "&" not in text:
        return text.strip()
    tree = _parse(text)
    return _Flat().shown(text) if tree is None else _shown(tree)


def _parse(text: str) -> Any:
    """The tree of a page; None if the parser finds none or gives up half-way because elements nest too deep.

    What the text itself says of its encoding is not heeded: it is decoded already.
    """
    clean = _CONTROL.sub("", text)
    if not clean.strip():
        return None
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        tree = html.document_fromstring(clean.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return None if any(e.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for e in parser.error_log) else tree


class _Flat(HTMLParser):
    """What a page shows, without a tree: for pages that no tree can hold."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._hidden: list[str] = []
        self._in_title = False
        self.title = self.language = ""

    def shown(self, text: str) -> str:
        """The text that shows."""
        self.feed(text)
        self.close()
        return "".join(self._parts).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html":
            self.language = dict(attrs).get("lang") or ""
        self._in_title = tag == "title"
        if tag in _UNSEEN and tag not in _HOLDS_ALL:
            self._hidden.append(tag)
        elif not self._hidden:
            self._parts.append("\n- " if tag == "li" else "\n" if tag == "br" else "\n\n" if tag in _BLOCKS else "")

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False
        if self._hidden:
            if tag == self._hidden[-1]:
                self._hidden.pop()
        elif tag in _BLOCKS:
            self._parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._hidden:
            self._parts.append(_SPACES.sub(" ", data))


def _main(tree: Any, address: str) -> Any:
    from trafilatura import bare_extraction  # half a second to load

    try:
        return bare_extraction(
            tree,
            url=address if address.startswith(("http://", "https://")) else None,
            include_comments=False,
            include_tables=True,
            include_formatting=True,
            with_metadata=True,
            date_extraction_params=dict(_DATES),
        )
    except _BROKEN:
        return None


def _lines(body: Any) -> Iterator[str]:
    """The text of trafilatura's tree."""
    for event, node in etree.iterwalk(body, events=("start", "end")):
        tag = node.tag
        if event == "start":
            if tag in ("p", "head", "quote", "code", "table") or (tag == "list" and node.getparent().tag != "item"):
                yield "\n\n"
            elif tag == "item":
                yield "\n- " if node.getparent().get("rend") in ("ul", "ol") else "\n"
            elif tag in ("row", "lb"):
                yield "\n"
            elif tag == "cell" and node.getprevious() is not None:
                yield " | "
            yield _SPACES.sub(" ", node.text or "")
        else:
            tail = _SPACES.sub(" ", node.tail or "")
            if tag in ("p", "head", "quote", "code", "table") or (tag == "list" and node.getparent().tag != "item"):
                yield "\n\n"
            elif tag == "list" and tail.strip():
                yield "\n"
            yield tail


def _shown(tree: Any) -> str:
    """Everything that a browser would show of a page, without navigation."""
    parts: list[str] = []
    hidden: Any = None
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        tag = node.tag
        if not isinstance(tag, str):
            continue
        if event == "start":
            if hidden is None and tag in _UNSEEN:
                hidden = node
            if hidden is None:
                if tag in _BLOCKS:
                    parts.append("\n\n" if tag != "tr" else "\n")
                elif tag == "li":
                    parts.append("\n- ")
                elif tag == "br":
                    parts.append("\n")
                elif tag in ("td", "th"):
                    parts.append(_cell(node))
                parts.append(_SPACES.sub(" ", node.text or ""))
        else:
            if hidden is node:
                hidden = None
            if hidden is None:
                if tag in _BLOCKS:
                    parts.append("\n\n" if tag != "tr" else "\n")
                parts.append(_SPACES.sub(" ", node.tail or ""))
    return "".join(parts).strip()


def _cell(node: Any) -> str:
    """What stands before a cell: letters lay out their pages with tables, whose cells hold blocks and are no rows of a table."""
    if any(n is not node for n in itertools.islice(node.iter(*_BLOCKS), 1)):
        return "\n\n"
    return " | " if node.getprevious() is not None else ""


def _title(tree: Any) -> str:
    found = tree.find(".//title")
    return "" if found is None else _SPACES.sub(" ", found.text or "").strip()
