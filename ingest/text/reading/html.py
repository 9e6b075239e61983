"""Web pages: the main text, title, date, language and site, found by trafilatura (Barbaresi 2021, ACL demo); the lines are laid by us.

Where it finds no main text, or the page is nested too deep for it, everything that a browser would show is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree, html

from ingest.text.reading.document import Raw

_DEEPEST: Final = 250
_LEAST: Final = 40
_UNSEEN_TAGS: Final = "script style noscript template head title nav footer aside form button select option textarea iframe object svg math canvas audio video"
_UNSEEN: Final = frozenset(_UNSEEN_TAGS.split())
_BLOCK_TAGS: Final = (
    "address article blockquote body caption center dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 header hr html legend main ol p pre "
    "section summary table tbody tfoot thead tr ul"
)
_BLOCKS: Final = frozenset(_BLOCK_TAGS.split())
_DATES: Final = {"original_date": True, "extensive_search": False, "min_date": "1990-01-01", "max_date": "2100-12-31"}
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")


def read(text: str, address: str = "") -> Raw:
    """The main text of a page, one paragraph, heading or item a line.  An empty text if the page shows none."""
    tree = parse(text)
    if tree is None:
        return Raw("")
    language = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()
    if _depth(tree) > _DEEPEST:
        return Raw(shown(tree), title=_title(tree), language=language)
    found = _main(tree, address)
    if found is None:
        return Raw(shown(tree), title=_title(tree), language=language)
    body = "".join(_lines(found.body))
    everything = shown(tree)
    if len(body.strip()) < min(_LEAST, len(everything)):
        body = everything
    date = found.date or ""
    return Raw(body, title=found.title or _title(tree), date=date, site=found.sitename or "", language=language)


def fragment(text: str) -> str:
    """All that a piece of HTML shows (the body of a letter, an entry of a feed)."""
    tree = parse(text)
    return "" if tree is None else shown(tree)


def parse(text: str) -> Any:
    """The tree of a page, None if there is none.  The text's own declaration of an encoding is not heeded: it is decoded already."""
    clean = text.replace("\0", "")
    if not clean.strip():
        return None
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return html.document_fromstring(clean.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):  # only comments, or nothing
        return None


def _main(tree: Any, address: str) -> Any:
    from trafilatura import bare_extraction  # half a second to load

    return bare_extraction(
        tree,
        url=address if address.startswith(("http://", "https://")) else None,
        include_comments=False,
        include_tables=True,
        include_formatting=True,
        with_metadata=True,
        date_extraction_params=dict(_DATES),
    )


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


def shown(tree: Any) -> str:
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
                elif tag in ("td", "th") and node.getprevious() is not None:
                    parts.append(" | ")
                parts.append(_SPACES.sub(" ", node.text or ""))
        else:
            if hidden is node:
                hidden = None
            if hidden is None:
                if tag in _BLOCKS:
                    parts.append("\n\n" if tag != "tr" else "\n")
                parts.append(_SPACES.sub(" ", node.tail or ""))
    return "".join(parts).strip()


def _depth(tree: Any) -> int:
    depth = deepest = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _title(tree: Any) -> str:
    found = tree.find(".//title")
    return "" if found is None else _SPACES.sub(" ", found.text or "").strip()
