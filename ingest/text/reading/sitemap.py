"""Sitemaps (sitemaps.org, protocol 0.9) and lists of sitemaps; a plain text with one address a line is one too."""

from __future__ import annotations

from typing import Any

from lxml import etree

from ingest.text.reading.encoding import HALF_CHARACTERS, declared_in, decode
from ingest.text.reading.problem import ReadProblem
from ingest.text.reading.raw import Raw


def read(data: bytes, name: str) -> list[Raw]:
    """The addresses, in order; `title` is "sitemap" for those that are sitemaps again.  Raises ReadProblem."""
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return [Raw(line.strip()) for line in decode(data, declared_in(data)).splitlines() if line.strip()]
    clean = HALF_CHARACTERS.sub(b"", decode(data, declared_in(data)).encode("utf-8", "replace"))
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_comments=True)
    try:
        tree = etree.fromstring(clean, parser)
    except (etree.XMLSyntaxError, ValueError) as e:
        raise ReadProblem("damaged", name, str(e)[:200]) from e
    if tree is None or _local(tree) not in ("urlset", "sitemapindex"):
        raise ReadProblem("damaged", name, "Sitemap")
    return [Raw(text, title=_local(entry)) for entry in tree if (text := _address(entry))]


def _local(node: Any) -> str:
    """The name of an element without its namespace; "" for what is no element."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _address(entry: Any) -> str:
    return next(((child.text or "").strip() for child in entry if _local(child) == "loc"), "")
