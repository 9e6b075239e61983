"""What stands beside a suggestion: what was said about it, whether it is on one's own list, and what this request just did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import request

from graph.derived import Derived
from graph.model import Label
from graph.opinions import HIDING, Opinion, Opinions, nodes, said_for
from graph.search import resolve_id
from graph.watchlist import Entry, Watchlist
from web import access
from web.site import site

SAID: Final = "said"
"""Fragment of the address to which a form comes back: there stands what was done, with the button that takes it back."""
_DONE: Final = ("done", "noted", "removed")
"""What an address says about a form that was just sent."""


@dataclass(frozen=True, slots=True)
class Judging:
    """For a list of suggestions for `me`; all ids are those of nodes.

    said    suggested -> the opinion that decides
    hidden  (id, name, opinion) of those that are left out because of it, by name
    noted   suggested -> the line on the list of the one who asks
    done    the opinion that was just given or taken back, and about whom
    place   at which place of the list that is told
    fresh   whom the one who asks just noted, "" if nobody
    back    address of this page, for forms to come back to
    """

    me: str
    said: Mapping[str, Opinion]
    hidden: tuple[tuple[str, str, Opinion], ...]
    noted: Mapping[str, Entry]
    back: str
    done: Opinion | None = None
    about: str = ""
    name: str = ""
    place: int = 0
    fresh: str = ""


def judging_for(d: Derived, me: str) -> Judging:
    """What the list of suggestions for an organisation (id of its node) needs."""
    said = said_for(site().state(), d, me)
    hidden = sorted((_name(d, about), about, o) for about, o in said.items() if o.verdict in HIDING)
    noted = {noted: e for (asker, noted), e in own_list(d).items() if asker == me}
    done = _done(d, me)
    about = (resolve_id(d, done.about) or "") if done else ""
    fresh = number_of("noted")
    return Judging(
        me=me,
        said=said,
        hidden=tuple((about, name, o) for name, about, o in hidden),
        noted=noted,
        back=here(),
        done=done,
        about=about,
        name=_name(d, about) if about else "",
        place=(done.shown or 0) if done else 0,
        fresh=next((node for node, e in noted.items() if e.number == fresh), ""),
    )


def _name(d: Derived, id_: str) -> str:
    row = d.index(id_)
    return id_ if row is None else d.name_of(Label.ORGANIZATION, row)


def _done(d: Derived, me: str) -> Opinion | None:
    """The opinion that the address names, if it is about this list and the one who asks may see it."""
    number = number_of("done")
    found = Opinions(site().state()).one(number) if number and access.may("reader") else None
    return found if found is not None and (resolve_id(d, found.asker) or found.asker) == me else None


def own_list(d: Derived) -> dict[tuple[str, str], Entry]:
    """(asker, noted), ids of nodes or of records that have none now, -> line of the list of the one who asks; of several the latest."""
    user = access.current_user()
    if user is None:
        return {}
    node = nodes(d)
    return {(node(e.asker), node(e.noted)): e for e in sorted(Watchlist(site().state(), user.name).entries(), key=lambda e: e.number)}


def number_of(name: str) -> int:
    """A number of a row from the address, 0 if there is none."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def here() -> str:
    """Address of this page without what it says about a form that was just sent."""
    return plain(request.url.removeprefix(request.host_url.rstrip("/")))


def plain(address: str) -> str:
    """An address of this site without what it says about a form, and without fragment."""
    parts = urlsplit(access.own_path(address))
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in _DONE])
    return f"{parts.path}?{query}" if query else parts.path


def back_to(address: str, name: str, number: int) -> str:
    """The address that a form came from, with what was done (one of `_DONE` and the number of the row)."""
    page = plain(address)
    return f"{page}{'&' if '?' in page else '?'}{name}={number}#{SAID}"
