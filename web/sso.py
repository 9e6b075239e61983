"""Single sign-on: a trusted web server in front of the site says in a header who is logged in (INNONET_SSO_HEADER).

Off by default.  The header counts only from the addresses of INNONET_SSO_FROM, and what is compared is who really connected, not what
X-Forwarded-For says.  From anybody else the request is refused: it is a forgery, or the web server is not set up.  There is no cookie: the
web server says it anew with every request, so a login that ended there has ended here.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from flask import Flask, abort, current_app, g, request

from graph.accounts import LONGEST_NAME
from web.site import site

REFUSED: Final = "refused header"
"""Description of the refusal of a header from elsewhere, or one that holds no name."""


def init(app: Flask) -> None:
    """Look at the header of every request, before anything else does."""
    app.before_request(_look)


def name() -> str:
    """Who is logged in, as the trusted web server says; "" if it says nothing."""
    return str(g.get("sso_name", ""))


def _look() -> None:
    settings = site().settings
    if not settings.sso_header or settings.sso_header not in request.headers:
        return
    # the web server in front (INNONET_PROXIES) has put the visitor's address over that of the connection
    peer = str(request.environ.get("werkzeug.proxy_fix.orig", request.environ).get("REMOTE_ADDR", ""))
    if not _within(peer, settings.sso_networks):
        current_app.logger.warning("%s from %s refused: not in INNONET_SSO_FROM", settings.sso_header, peer)
        abort(403, REFUSED)
    said = _text(request.headers[settings.sso_header])
    if not said:
        return  # nobody is logged in there
    # a comma: the header came twice, from the visitor and from the web server
    if "," in said or len(said) > LONGEST_NAME or not said.isprintable():
        current_app.logger.warning("%s from %s refused: no name", settings.sso_header, peer)
        abort(403, REFUSED)
    g.sso_name = said


def _text(value: str) -> str:
    """The value as it was meant: WSGI reads bytes as Latin-1, web servers send UTF-8."""
    try:
        return value.encode("latin-1").decode().strip()
    except UnicodeError:
        return value.strip()


def _within(address: str, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    return any(found in n for n in networks)
