"""«Neu seit»: what later loads brought for a city, as a page and as an Atom feed (RFC 4287)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from lxml import etree

from graph import news
from graph.city import City
from graph.derived import Derived
from graph.model import Label
from graph.reader import ProjectRef
from graph.state import now
from web.addresses import address
from web.language import gettext as _
from web.language import language
from web.pages.city import asked
from web.pages.lists import Named
from web.site import derived, site
from web.words import project_name

DAYS: Final = 90
MOST: Final = 500
ATOM: Final = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of news as it is shown: what happened, what the link says and where it leads."""

    number: int
    at: str
    what: news.What
    name: str
    href: str
    other: str = ""
    other_href: str = ""

    @property
    def title(self) -> str:
        """In one sentence."""
        if self.what == "pair":
            return _("Neue Zusammenarbeit: %(a)s und %(b)s", a=self.name, b=self.other)
        return _("Neues Projekt: %(name)s", name=self.name) if self.what == "project" else _("Neu im Graphen: %(name)s", name=self.name)


def digest(id: str) -> ResponseReturnValue:  # noqa: A002  named as in the address
    """What is new since a day (since=YYYY-MM-DD, else the last 90 days)."""
    d = derived()
    place = asked(d, id)
    since, wrong = _since()
    found = _lines(d, place, since)
    loads = [s for s in news.loads(site().state()) if s.at >= since]
    return render_template("city_news.html", place=place, since=since, wrong=wrong, items=found[:MOST], total=len(found), loads=loads)


def feed(id: str) -> ResponseReturnValue:  # noqa: A002
    """The same as an Atom feed, the latest first."""
    d = derived()
    place = asked(d, id)
    found = _lines(d, place, _since()[0])[:MOST]
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", language())
    own = url_for("pages.city_feed", id=place.id, _external=True)
    page = url_for("pages.city_news", id=place.id, _external=True)
    _put(root, "id", own)
    _put(root, "title", _("innonet: Neues aus %(place)s", place=place.name))
    _put(root, "updated", found[0].at if found else f"{_since()[0]}T00:00:00+00:00")
    etree.SubElement(root, f"{{{ATOM}}}link", rel="self", href=own, type="application/atom+xml")
    etree.SubElement(root, f"{{{ATOM}}}link", rel="alternate", href=page, type="text/html")
    _put(etree.SubElement(root, f"{{{ATOM}}}author"), "name", site().settings.contact_name or "innonet")
    for line in found:
        entry = etree.SubElement(root, f"{{{ATOM}}}entry")
        _put(entry, "id", f"{own}#{line.number}")
        _put(entry, "title", line.title)
        _put(entry, "updated", line.at)
        etree.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=request.host_url.rstrip("/") + line.href, type="text/html")
        _put(entry, "summary", line.title)
    return Response(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True), mimetype="application/atom+xml")


def _since() -> tuple[str, bool]:
    """The day that the address names and whether it is none; without one 90 days ago."""
    text = request.args.get("since", "")
    standard = (dt.date.fromisoformat(now()[:10]) - dt.timedelta(days=DAYS)).isoformat()
    try:
        return (dt.date.fromisoformat(text).isoformat() if text else standard), False
    except ValueError:
        return standard, True


def _lines(d: Derived, place: Named, since: str) -> list[Line]:
    inside = City(d, place.id).inside
    return [_line(d, item) for item in news.at_place(d, news.since(site().state(), since), inside)]


def _line(d: Derived, item: news.Item) -> Line:
    if item.what == "project":
        row = d.index(item.id, Label.PROJECT) or 0
        name = project_name(ProjectRef(item.id, d.names[d.base[Label.PROJECT] + row]))
        return Line(item.number, item.at, item.what, _plain(name), address(Label.PROJECT, item.id))
    names = [d.name_of(Label.ORGANIZATION, d.index(i) or 0) for i in (item.id, item.other) if i]
    other = (_plain(names[1]), address(Label.ORGANIZATION, item.other)) if len(names) > 1 else ("", "")
    return Line(item.number, item.at, item.what, _plain(names[0]), address(Label.ORGANIZATION, item.id), *other)


def _plain(text: str) -> str:
    """Without the letters that XML cannot hold."""
    return "".join(c for c in text if c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")


def _put(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = text
