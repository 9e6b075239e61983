"""Who is in no register: what a person writes about itself becomes a question for partners.  Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from graph.derived import Derived
from graph.errors import UsageError
from graph.model import Kind, Label
from graph.search import search
from graph.suggest import Newcomer
from ingest.text.reading.language import detect
from ingest.text.telling import telling
from ingest.text.topic_ranking import likely, rank

LONGEST: Final = 20_000
"""Characters of a text that are read; a whole website says no more about what a firm does."""
TOPICS: Final = 8
DOES_COUNTS: Final = 0.5
"""What one does, where one also says what one looks for: that counts in full.  Set by hand."""
ABOVE: Final = 0.3
"""A topic that is only told by vectors or by its neighbours must be so likely, where others are named."""


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic that was found in the text.

    name, name_en  its labels          words  as they stand in the text, "" where sentence vectors found it
    weight         0..1                sought  it is about what is looked for
    """

    id: str
    name: str
    name_en: str
    words: str
    weight: float
    sought: bool


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of a newcomer's words.

    topics    all that were found, also those that the person took out (`dropped`)
    place     name of the place that is meant, "" where none was given
    language  de, en, another code, or "" where it cannot be told
    cut       True where only the first LONGEST characters were read
    """

    newcomer: Newcomer
    topics: tuple[FoundTopic, ...]
    place: str
    language: str
    cut: bool


def understand(
    derived: Derived, does: str, seeks: str = "", *, kind: Kind | None = None, place: str = "", country: str = "DE", dropped: Collection[str] = ()
) -> Understood:
    """Topics and place of what somebody does and looks for.

    dropped  ids of topics that the person took out
    Raises UsageError for a place that is not known.
    """
    cut = len(does) > LONGEST or len(seeks) > LONGEST
    does, seeks = does[:LONGEST], seeks[:LONGEST]
    language = detect(f"{does}\n{seeks}")
    found: dict[str, FoundTopic] = {}
    for text, sought, factor in ((seeks, True, 1.0), (does, False, DOES_COUNTS if seeks.strip() else 1.0)):
        for topic in _topics(derived, text, language, sought=sought, factor=factor):
            if topic.id not in found or found[topic.id].weight < topic.weight:
                found[topic.id] = topic
    topics = tuple(sorted(found.values(), key=lambda t: (-t.weight, t.id)))
    name, lat, lon = _place(derived, place) if place.strip() else ("", None, None)
    kept = tuple((t.id, t.weight) for t in topics if t.id not in dropped)
    return Understood(Newcomer(kept, telling(f"{seeks}\n{does}", language), kind, country, lat, lon), topics, name, language, cut)


def _topics(derived: Derived, text: str, language: str, *, sought: bool, factor: float) -> list[FoundTopic]:
    if not any(c.isalpha() for c in text):
        return []
    ranked = [r for r in likely(rank(text, "", language)) if derived.index(r.topic, Label.TOPIC) is not None]
    if any(r.spans for r in ranked):
        ranked = [r for r in ranked if r.spans or r.score >= ABOVE]
    out = []
    for r in ranked[:TOPICS]:
        row = derived.index(r.topic, Label.TOPIC)
        assert row is not None  # noqa: S101 — sifted above
        node = derived.base[Label.TOPIC] + row
        words = " ".join(text[r.spans[0][0] : r.spans[0][1]].split()) if r.spans else ""
        out.append(FoundTopic(r.topic, derived.names[node], derived.names_en[node], words, round(factor * r.score, 3), sought))
    return out


def _place(derived: Derived, text: str) -> tuple[str, float | None, float | None]:
    hits = search(derived, text, labels=(Label.PLACE,), limit=1, facets=False).hits
    if not hits:
        raise UsageError(f"Der Ort «{text}» ist hier nicht bekannt.", f"The place “{text}” is not known here.")
    row = derived.index(hits[0].id, Label.PLACE)
    assert row is not None  # noqa: S101 — the search found it in these files
    lat, lon = float(derived.place_lat[row]), float(derived.place_lon[row])
    known = lat == lat and lon == lon  # NaN is no number
    return hits[0].name, lat if known else None, lon if known else None
