"""Names that try to break a page, on every page: escaped, kept in their own direction, never wider than the screen's words."""

from __future__ import annotations

import re
from typing import Any

import pytest
import small_network as n
from example_addresses import EXAMPLES
from flask import Flask, url_for
from flask.testing import FlaskClient

from web import access
from web.pages import ADDRESSES

_TURN = re.compile("[\u202a-\u202e\u2066-\u2069]")
_KEPT = re.compile(r"<bdi\b[^>]*>.*?</bdi>|<title>.*?</title>|<option\b[^>]*>.*?</option>|<textarea\b.*?</textarea>|<pre\b.*?</pre>|<[^>]*>", re.DOTALL)
"""Where a name may turn the direction of writing without turning what stands around it: isolated, or text alone."""
OF_ORGANIZATIONS = sorted(k for k, v in EXAMPLES.items() if v.get("id") == n.CENTRE)
OTHERS = sorted(k for k, v in EXAMPLES.items() if v.get("id") != n.CENTRE and access.TABLE[f"pages.{k}"].get("GET") == access.Rule(access.PUBLIC))


def _safe(text: str, where: str) -> None:
    assert "<script>alert" not in text, where
    assert not re.search(r"\son\w+\s*=", re.sub(r'"[^"]*"', '""', text)), where
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), f"{where}: a script without a file"
    found = _TURN.search(_KEPT.sub("", text))
    assert not found, f"{where}: a name turns the text around it: {_KEPT.sub('', text)[max(0, found.start() - 80) : found.end() + 40]!r}" if found else ""


@pytest.mark.parametrize("id_", [n.SCRIPT, n.RIGHT_TO_LEFT, n.INSTITUTE])
@pytest.mark.parametrize("name", OF_ORGANIZATIONS)
def test_pages_of_an_organisation(app: Flask, client: FlaskClient, name: str, id_: str) -> None:
    for lang in ("de", "en"):
        with app.test_request_context():
            path = url_for(f"pages.{name}", lang=lang, id=id_)
        answer = client.get(path)
        assert answer.status_code == 200, path
        _safe(answer.get_data(as_text=True), path)


@pytest.mark.parametrize("name", OTHERS)
def test_all_other_pages(app: Flask, client: FlaskClient, name: str) -> None:
    values: dict[str, Any] = {k: n.SCRIPT if v == n.CENTRE else n.RIGHT_TO_LEFT if v == n.INSTITUTE else v for k, v in EXAMPLES[name].items()}
    with app.test_request_context():
        path = url_for(f"pages.{name}", lang="de", **values)
    answer = client.get(path)
    assert answer.status_code == 200, path
    _safe(answer.get_data(as_text=True), path)


WRITTEN = ("<script>alert('x')</script>", "\u202etxet", '=HYPERLINK("http://x")', "A" * 10_000, "\x00\ufffe", "' OR 1=1 //", "{{7*191}}")
WORDS = ("q", "text", "topic", "place", "organization", "a", "b", "org", "other", "since", "city", "country", "kind", "format", "cypher", "page", "of", "gap")


@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize("name", sorted(k for k in ADDRESSES if access.TABLE[f"pages.{k}"].get("GET") == access.Rule(access.PUBLIC)))
def test_what_a_visitor_writes_into_the_address(app: Flask, client: FlaskClient, name: str, text: str) -> None:
    values = {k: v for k, v in EXAMPLES.get(name, {"id": n.CENTRE}).items() if f"{k}>" in ADDRESSES[name][0]}
    with app.test_request_context():
        path = url_for(f"pages.{name}", lang="de", **values)
    answer = client.get(path, query_string=dict.fromkeys(WORDS, text))
    assert answer.status_code < 500, path
    if answer.mimetype == "text/html":
        found = answer.get_data(as_text=True)
        _safe(found, path)
        assert "1337" not in found
