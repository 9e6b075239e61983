"""The start page and the search with its facets.  Both work as plain forms; the script adds suggestions while typing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph import neighbourhood
from graph.derived import Derived
from graph.model import Kind, Label
from graph.search import Hit, SearchResult, search
from web import pages
from web.language import language
from web.site import derived
from web.words import kind_name, label_name

PAGE = 20
SHOWN_LABELS = (Label.ORGANIZATION, Label.PROJECT, Label.TOPIC, Label.PLACE)
FIRST_PLACES = ("place:05119", "place:region:ruhr", "place:DE-NW")


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet with the address that sets or unsets it."""

    key: str
    name: str
    count: int
    on: bool
    address: str


def hit_name(hit: Hit) -> str:
    """Name of a hit in the language of the request."""
    return (hit.name_en if language() == "en" and hit.name_en else hit.name) or hit.id


def start() -> ResponseReturnValue:
    """Search field, what there is, and places to begin."""
    d = derived()
    places = [
        (id_, d.name_of(Label.PLACE, row), neighbourhood.in_place(d, id_, limit=0).total)
        for id_ in FIRST_PLACES
        if (row := d.index(id_, Label.PLACE)) is not None
    ]
    return render_template("start.html", counts=d.counts, places=places, examples=_examples(d))


def _examples(d: Derived) -> list[Hit]:
    """Organisations to begin with: some of Oberhausen, then of the Ruhr area, then any, the best known first."""
    found: dict[str, Hit] = {}
    for city, most in ((FIRST_PLACES[0], 3), (FIRST_PLACES[1], 6), (None, 6)):
        for hit in search(d, "", labels=(Label.ORGANIZATION,), city=city, limit=6, facets=False).hits:
            if len(found) < most:
                found.setdefault(hit.id, hit)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search asks for, from the address."""

    text: str
    label: Label | None
    kind: Kind | None
    city: str
    topic: str

    def run(self, d: Derived, *, limit: int, offset: int = 0, facets: bool = True) -> SearchResult:
        """Ask the search index."""
        return search(
            d,
            self.text,
            labels=(self.label,) if self.label else (),
            kind=self.kind,
            city=self.city or None,
            topic=self.topic or None,
            limit=limit,
            offset=offset,
            facets=facets,
        )

    def values(self) -> dict[str, str]:
        """The same as parameters of an address; what is empty is left out."""
        all_ = {"q": self.text, "label": str(self.label or ""), "kind": str(self.kind or ""), "city": self.city, "topic": self.topic}
        return {k: v for k, v in all_.items() if v}


def asked() -> Asked:
    """Read the address; an unknown label or kind counts as not given."""
    label, kind = request.args.get("label", ""), request.args.get("kind", "")
    return Asked(
        text=" ".join(request.args.get("q", "").split())[:200],
        label=Label(label) if label in SHOWN_LABELS else None,
        kind=Kind(kind) if kind in set(Kind) else None,
        city=request.args.get("city", "")[:200],
        topic=request.args.get("topic", "")[:200],
    )


def search_page() -> ResponseReturnValue:
    """Results with facets."""
    a = asked()
    if not a.values():
        return redirect(url_for("pages.start"))
    d = derived()
    page = pages.whole("page", 1, 1, 500)
    result = a.run(d, limit=PAGE, offset=(page - 1) * PAGE)
    facets = {
        "label": _facet(d, a, "label", result.facets.get("label", {})),
        "kind": _facet(d, a, "kind", result.facets.get("kind", {})),
        "city": _facet(d, a, "city", result.facets.get("city", {})),
        "topic": _facet(d, a, "topic", result.facets.get("topic", {})),
    }
    return render_template("search.html", asked=a, result=result, facets=facets, page=page, pages=-(-result.total // PAGE))


def _facet(d: Derived, a: Asked, name: str, counts: dict[str, int]) -> list[FacetValue]:
    now = a.values()
    chosen = now.get(name, "")
    shown = dict(list(counts.items())[:8])
    if chosen and chosen not in shown:
        shown[chosen] = counts.get(chosen, 0)
    out = []
    for key, count in shown.items():
        on = key == chosen
        values: dict[str, Any] = {k: v for k, v in now.items() if k != name} if on else {**now, name: key}
        out.append(FacetValue(key, facet_name(d, name, key), count, on, url_for("pages.search", **values)))
    return out


def facet_name(d: Derived, facet: str, key: str) -> str:
    """What a facet's value is called."""
    if facet == "kind":
        return kind_name(key)
    if facet == "label":
        return label_name(key)
    label = Label.PLACE if facet == "city" else Label.TOPIC
    row = d.index(key, label)
    if row is None:
        return key
    english = d.names_en[d.base[label] + row] if language() == "en" else ""
    return english or d.name_of(label, row)
