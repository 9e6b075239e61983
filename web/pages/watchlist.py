"""The Merkliste of the one who asks: the page, its forms, its files and the printed dossier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph.derived import Derived
from graph.model import Kind, Label
from graph.opinions import NEWCOMER
from graph.search import resolve_id
from graph.state import now
from graph.suggest.pair import partners_already
from graph.tabular import render
from graph.watchlist import LONGEST_NOTE, STATES, Entry, Watchlist
from web import dossier_content, judging, words
from web.language import gettext as _
from web.pages.opinion import asker_in, download, goal, organization_in, row_in, who
from web.site import derived, reader, site


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list as it is shown.

    id       node of the noted organisation, "" where its record is in no source now
    twin     whether the line above is about the same organisation, since two records have become one
    partner  whether the two are partners by now
    """

    entry: Entry
    id: str
    name: str
    kind: Kind | None = None
    city: str = ""
    country: str = ""
    twin: bool = False
    partner: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The lines for one asking organisation.  id: its node, "" where its record is in no source now or a text asked; key: as in an address."""

    key: str
    id: str
    name: str
    lines: tuple[Line, ...]


def watchlist() -> ResponseReturnValue:
    """Whom somebody noted, by asking organisation; or change it."""
    if request.method == "POST":
        return _keep()
    number = judging.number_of("removed")
    return render_template(
        "watchlist.html",
        groups=groups(derived(), mine().entries()),
        states=STATES,
        longest=LONGEST_NOTE,
        removed=number,
        fresh=judging.number_of("noted"),
        back=judging.here(),
    )


def mine() -> Watchlist:
    """The list of the one who asks."""
    return Watchlist(site().state(), who())


def groups(d: Derived, entries: Iterable[Entry]) -> list[Group]:
    """Lines by the node that asks, by name; within one by name of the noted organisation."""
    by_asker: dict[str, list[Line]] = {}
    for e in entries:
        asker = e.asker if e.asker == NEWCOMER else resolve_id(d, e.asker) or e.asker
        by_asker.setdefault(asker, []).append(_line(d, asker, e))
    out = []
    for asker, lines in by_asker.items():
        lines.sort(key=lambda x: (x.name.casefold(), x.id, x.entry.number))
        marked = [replace(x, twin=bool(x.id) and n > 0 and lines[n - 1].id == x.id) for n, x in enumerate(lines)]
        row = d.index(asker)
        name = d.name_of(Label.ORGANIZATION, row) if row is not None else _("Zu einem eigenen Text") if asker == NEWCOMER else asker
        out.append(Group(asker or "-", asker if row is not None else "", name, tuple(marked)))
    return sorted(out, key=lambda g: (g.key == "-", g.name.casefold(), g.key))


def _line(d: Derived, asker: str, e: Entry) -> Line:
    id_ = resolve_id(d, e.noted)
    row = None if id_ is None else d.index(id_)
    if id_ is None or row is None:
        return Line(e, "", e.noted)
    country = d.countries[d.country[row]] if d.country[row] >= 0 else ""
    name = d.name_of(Label.ORGANIZATION, row)
    return Line(e, id_, name, d.kind_of(row), d.cities[row], country, partner=partners_already(d, asker, id_))


def _keep() -> ResponseReturnValue:
    what = request.form.get("do", "")
    if what == "note":
        return _note()
    number = row_in("number")
    if what == "change":
        state = request.form.get("state", "")
        if state not in STATES:
            abort(400)
        found = mine().change(number, state, request.form.get("note", ""))
    elif what == "remove":
        found = mine().remove(number)
    elif what == "put_back":
        found = mine().put_back(number)
    else:
        abort(400)
    if found is None:
        abort(404)
    return redirect(judging.back_to(goal(), "removed" if what == "remove" else "noted", number), 303)


def _note() -> ResponseReturnValue:
    d = derived()
    asker, noted = asker_in(d), organization_in(d, "noted")
    if asker == noted:
        abort(400)
    kept = judging.own_list(d).get((asker, noted)) or mine().note(asker, noted)
    return redirect(judging.back_to(goal(), "noted", kept.number), 303)


COLUMNS: Final = ("asker", "asker_name", "noted", "noted_name", "kind", "city", "country", "website", "state", "note", "changed", "url")


def file() -> ResponseReturnValue:
    """The list as CSV (format=csv, csv-excel) or JSON.  for=ID only what was noted for one organisation."""
    form = request.args.get("format", "csv")
    if form not in ("csv", "csv-excel", "json"):
        abort(400)
    rows = [_row(g, x, in_words=form != "json") for g in chosen() for x in g.lines]
    headings = dict(
        zip(
            COLUMNS,
            (
                _("Kennung der suchenden Einrichtung"), _("Für"), _("Kennung"), _("Vorgemerkt"), _("Art"), _("Ort"), _("Land"), _("Website"),
                _("Stand der Dinge"), _("Notiz"), _("Geändert (UTC)"), _("Seite"),
            ),
            strict=True,
        )
    )  # fmt: skip
    return download(render(rows, COLUMNS, form, headings), "innonet-merkliste", form)


def chosen() -> list[Group]:
    """The groups that the address asks for."""
    wanted = request.args.get("for", "")
    found = groups(derived(), mine().entries())
    return [g for g in found if g.key == wanted] if wanted else found


def _row(g: Group, line: Line, *, in_words: bool) -> dict[str, Any]:
    e = line.entry
    website = dossier_content.website_of(reader(), line.id) if line.id else ""
    return {
        "asker": e.asker,
        "asker_name": g.name if g.id or not e.asker else "",
        "noted": e.noted,
        "noted_name": line.name if line.id else "",
        "kind": (words.kind_name(line.kind) if in_words else line.kind) if line.id else "",
        "city": line.city,
        "country": line.country,
        "website": website,
        "state": words.progress_name(e.state) if in_words else e.state,
        "note": e.note,
        "changed": e.changed,
        "url": url_for("pages.organization", id=line.id, _external=True) if line.id else "",
    }


def dossier() -> ResponseReturnValue:
    """The list, or what was noted for one organisation (for=ID), as a PDF to print; notes=1 with one's own notes."""
    from web.pdf import drawn  # the library for PDF and its fonts are heavy; few pages need them

    found = chosen()
    if not any(g.lines for g in found):
        abort(404)
    made = dt.datetime.fromisoformat(now())
    content = dossier_content.gather(
        derived(),
        reader(),
        [(g.id, g.name, [(x.id, x.name, x.entry, x.partner) for x in g.lines if not x.twin]) for g in found],
        who=who(),
        made=made,
        notes=request.args.get("notes") == "1",
    )
    answer = Response(drawn(content), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="innonet-dossier-{made.date().isoformat()}.pdf"'
    return answer
