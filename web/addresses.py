"""Addresses of our own pages and of the publishers' pages."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from flask import request, url_for

from web.language import language

ENDPOINTS: Final = {
    "Organization": "pages.organization",
    "Project": "pages.project",
    "Topic": "pages.topic",
    "Place": "pages.place",
    "Document": "pages.document",
    "Evidence": "pages.evidence",
}


def address(label: str, id_: str, **values: str) -> str:
    """Our page about a node, in the language of the request.

    A page may hold hundreds of these links: the part before the id is made by Flask once, not for every link.
    """
    path = _before_id(ENDPOINTS[str(label)], language(), request.script_root) + quote(id_, safe="!$&'()*+,/:;=@~")
    return f"{path}?{urlencode(values)}" if values else path


@lru_cache(maxsize=64)
def _before_id(endpoint: str, lang: str, _root: str) -> str:
    return url_for(endpoint, id="x", lang=lang).removesuffix("x")


def safe_url(text: str) -> str:
    """A web address that may be offered as a link, "" for anything that is not plainly http or https."""
    url = text.strip()
    if url and "://" not in url and not url.lower().startswith(("javascript:", "data:")) and "." in url.split("/", maxsplit=1)[0]:
        url = "https://" + url
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname and not any(c.isspace() for c in url) else ""


_SENTENCE: Final = re.compile(r"(text:[0-9A-Za-z]+):(\d{1,9})-(\d{1,9})")


def sentence_of(evidence_id: str) -> tuple[str, int, int] | None:
    """Document, first character and end of a sentence by the id of its evidence; None for a row of a register."""
    found = _SENTENCE.fullmatch(evidence_id)
    return (found[1], int(found[2]), int(found[3])) if found else None


def sentence_address(evidence_id: str) -> str:
    """Our page of a document where this sentence stands, with the sentence marked; "" for a row of a register."""
    found = sentence_of(evidence_id)
    return f"{address('Document', found[0], sentence=f'{found[1]}-{found[2]}')}#c-{found[1]}" if found else ""


def text_link(text: str) -> str:
    """The web address of a text as a link, "" where it is the name of a file: `safe_url` would make a host of «bericht.pdf»."""
    return safe_url(text) if text.lower().startswith(("http://", "https://")) else ""


def publisher_page(id_: str) -> str:
    """Where the publisher shows this very record, "" if it has no such page.

    CORDIS answers under /project/id/ for grant numbers and /project/rcn/ for its older record numbers.
    """
    for prefix, url in (
        ("ror:", "https://ror.org/"),
        ("cordis:grant:", "https://cordis.europa.eu/project/id/"),
        ("cordis:rcn:", "https://cordis.europa.eu/project/rcn/"),
        ("wikidata:", "https://www.wikidata.org/wiki/"),
    ):
        if id_.startswith(prefix) and id_ != prefix:
            return url + quote(id_.removeprefix(prefix), safe="")
    return ""


def records_of(evidence_id: str) -> tuple[str, ...]:
    """Ids of records that a piece of evidence may be about, by how its id is made; not all of them need exist."""
    parts = evidence_id.split(":")
    if parts[0] == "cordis" and len(parts) == 3:
        return (f"cordis:grant:{parts[1]}", f"cordis:rcn:{parts[1]}", f"cordis:org:{parts[2]}", evidence_id)
    return (evidence_id,)


def identifier_page(scheme: str, value: str) -> str:
    """Where an authority shows what an identifier stands for, "" if unknown."""
    base = {
        "ror": "https://ror.org/",
        "lei": "https://search.gleif.org/#/record/",
        "wikidata": "https://www.wikidata.org/wiki/",
        "pic": "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/how-to-participate/org-details/",
    }.get(scheme, "")
    return base + quote(value, safe="") if base and value else ""
