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
# menus, notices about cookies and buttons for sharing, as the usual systems call them
_EXTRAS: Final = re.compile(
    r"\b(?:breadcrumbs?|cookie-?(?:banner|notice|consent|bar)|skip-?links?|sr-only|visually-hidden|pagination|share-?buttons?)\b", re.IGNORECASE
)
_ROLES: Final = frozenset(("navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "complementary", "menu", "menubar"))
_NOT_SHOWN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LINES: Final = frozenset(("p", "head", "quote", "code", "table", "list", "item", "row", "lb"))
_BELIEVED: Final = 0.5
_SHORT: Final = 1500
_GOOD_PART: Final = 0.3
_CONTAINERS: Final = (
    "//main",
    "//*[@role='main']",
    "//article",
    "//*[@id='content' or @id='main' or @id='main-content' or @id='maincontent' or @id='inhalt' or @id='hauptinhalt']",
)
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")


def read(text: str, address: str = "") -> Raw:
    """The main text of a page, one paragraph, heading or item a line.  An empty text if the page shows none."""
    tree = _parse(text)
    if tree is None:
        flat = _Flat()
        return Raw(flat.shown(text), title=flat.title.strip(), language=flat.language)
    language = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()
    everything = shown(_container(tree))
    heading = _key("".join(h.text_content())) if (h := tree.find(".//h1")) is not None else ""
    found = _main(tree, address) if sum(1 for _ in tree.iter()) <= _MOST_ELEMENTS else None
    if found is None:
        return Raw(everything, title=_title(tree), language=language)
    body = _main_part(everything, list(_lines(found.body)), heading)
    return Raw(body, title=found.title or _title(tree), date=found.date or "", site=found.sitename or "", language=language)


def _container(tree: Any) -> Any:
    """The element that says it holds the page's content, if it holds a good part of it; else the whole page."""
    whole = len(shown(tree))
    for path in _CONTAINERS:
        found = tree.xpath(path)
        if len(found) == 1 and len(shown(found[0])) >= _GOOD_PART * whole:
            return found[0]
    return tree


def _main_part(everything: str, kept: list[str], heading: str) -> str:
    """The page from its heading or the first line that trafilatura keeps to the last one.

    What it leaves out between them comes back: a list of partners that are links looks like navigation to it, and is what we are after.
    On a short page, or where it keeps little or runs all lines into one, everything is taken.
    """
    keys = {k for k in map(_key, kept) if k}
    lines = everything.split("\n")
    here = [n for n, line in enumerate(lines) if _key(line) in keys]
    found = sum(len(k) for k in {_key(lines[n]) for n in here})
    if len(everything) < _SHORT or found < _BELIEVED * max(sum(map(len, keys)), len(_key(everything))):
        return everything
    first = next((n for n in range(here[0]) if heading and _key(lines[n]) == heading), here[0])
    return "\n".join(lines[first : here[-1] + 1])


def _key(line: str) -> str:
    """What two readings of one line have in common."""
    return "".join(c for c in line if c.isalnum())


def fragment(text: str) -> str:
    """All that a piece of HTML shows (the body of a letter, an entry of a feed)."""
    if "<" not in text and "&" not in text:
        return text.strip()
    tree = _parse(text)
    return _Flat().shown(text) if tree is None else shown(tree)


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
    """The lines of trafilatura's tree."""
    line: list[str] = []
    for event, node in etree.iterwalk(body, events=("start", "end")):
        if node.tag in _LINES and line:
            yield "".join(line)
            line = []
        line.append((node.text if event == "start" else node.tail) or "")
    yield "".join(line)


def shown(tree: Any) -> str:
    """Everything that a browser would show of a page, without navigation: one paragraph, heading, item or row a line."""
    page = _Shown()
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        if isinstance(node.tag, str):
            page.take(node, node.tag, begins=event == "start")
    return "".join(page.parts).strip()


class _Shown:
    """Lays the lines of a page.  In a cell of a table all is one line, in an item of a list only breaks begin a new one."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._hidden: Any = None
        self._cell: Any = None
        self._items = 0
        self._fresh = False  # nothing stands behind the item's dash yet

    def take(self, node: Any, tag: str, *, begins: bool) -> None:
        """Take the beginning or the end of an element."""
        if self._hidden is not None:
            if self._hidden is node and not begins:
                self._hidden = None
                self._add(node.tail)
            return
        if begins and _is_hidden(node, tag):
            self._hidden = node
            return
        self.parts.append(self._before(node, tag) if begins else self._after(node, tag))
        self._add(node.text if begins else node.tail)

    def _add(self, text: str | None) -> None:
        if text:
            self.parts.append(_SPACES.sub(" ", text))
            self._fresh = self._fresh and text.isspace()

    def _before(self, node: Any, tag: str) -> str:
        if self._cell is not None:
            return " " if tag in _BLOCKS or tag in ("br", "li", "td", "th") else ""
        if tag == "li":
            self._items += 1
            self._fresh = True
            return "\n- "
        if tag in ("td", "th"):
            if sum(1 for _ in itertools.islice(node.iter(*_BLOCKS), 2)) > 1:  # letters lay out their pages with tables
                return "\n\n"
            self._cell = node
            return " | " if node.getprevious() is not None else ""
        if tag in ("br", "tr"):
            return "\n"
        if tag not in _BLOCKS:
            return ""
        if self._items:
            return "" if self._fresh or tag in ("ul", "ol") else "\n"
        return "\n\n"

    def _after(self, node: Any, tag: str) -> str:
        if self._cell is not None:
            if self._cell is node:
                self._cell = None
            return " " if tag in _BLOCKS else ""
        if tag == "li":
            self._items = max(self._items - 1, 0)
        if tag in _BLOCKS and tag != "tr":
            return "\n\n" if not self._items else "\n" if (node.tail or "").strip() else ""
        return ""


def _is_hidden(node: Any, tag: str) -> bool:
    """True for what no reader sees, and for navigation."""
    if tag in _UNSEEN or node.get("hidden") is not None or node.get("aria-hidden") == "true" or node.get("role") in _ROLES:
        return True
    if tag == "header" and node.find(".//nav") is not None:
        return True
    return bool(_NOT_SHOWN.search(node.get("style") or "") or _EXTRAS.search(f"{node.get('class') or ''} {node.get('id') or ''}"))


def _title(tree: Any) -> str:
    found = tree.find(".//title")
    return "" if found is None else _SPACES.sub(" ", found.text or "").strip()
