"""Constraints and indexes of the graph: one list, two spellings.  Applied before a load, checked at start.

Every node is found by ``id``: a unique constraint on each label that is merged on, kinds included.  ArcadeDB also wants
to know beforehand that a kind is an organisation (types made by ``SET n:Label`` would stand beside it), and which
relationship types there are, so that a question to an empty graph is answered and not refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from graph.model import IDENTIFIERS, LINKS, Kind, Label


@dataclass(frozen=True, slots=True)
class Problem:
    """Something ``check`` found; both texts say what is missing."""

    de: str
    en: str


@dataclass(frozen=True, slots=True)
class Item:
    """One constraint (unique) or index: the property of a label."""

    label: str
    prop: str
    unique: bool = False

    @property
    def name(self) -> str:
        """Its name in the database."""
        return f"{self.label.lower()}_{self.prop.lower()}"

    @property
    def cypher(self) -> str:
        """The statement that makes it; the same on both engines."""
        if self.unique:
            return f"CREATE CONSTRAINT {self.name} IF NOT EXISTS FOR (n:{self.label}) REQUIRE n.{self.prop} IS UNIQUE"
        return f"CREATE INDEX {self.name} IF NOT EXISTS FOR (n:{self.label}) ON (n.{self.prop})"


ITEMS: Final[tuple[Item, ...]] = (
    *(Item(label.value, "id", unique=True) for label in Label),
    *(Item(kind.value, "id", unique=True) for kind in Kind),
    *(Item(Label.ORGANIZATION.value, scheme) for scheme in IDENTIFIERS),
    Item(Label.ORGANIZATION.value, "name"),
    Item(Label.ORGANIZATION.value, "city"),
    Item(Label.TOPIC.value, "scheme"),
    Item(Label.PLACE.value, "ags"),
)
"""Unique ids, authority identifiers, and what the query book looks things up by.

No index on Evidence.source: nothing asks by it, and one value stands there a hundred thousand times, which costs each write and removal dear."""


def items(engine: Literal["arcadedb", "neo4j"]) -> list[Item]:
    """What has to be made on this engine: on ArcadeDB a kind has the unique id of its parent type, and a second one is refused."""
    return [i for i in ITEMS if engine == "neo4j" or i.label not in set(Kind)]


def arcadedb_types() -> list[str]:
    """SQL that declares node and relationship types and their indexed properties.  Running it again changes nothing."""
    out = [f"CREATE VERTEX TYPE {label.value} IF NOT EXISTS" for label in Label]
    out += [f"CREATE VERTEX TYPE {kind.value} IF NOT EXISTS EXTENDS {Label.ORGANIZATION.value}" for kind in Kind]
    out += [f"CREATE EDGE TYPE {link} IF NOT EXISTS" for link in LINKS]
    # An indexed property otherwise takes the type of the first value it sees.  Kinds have theirs from Organization.
    out += [f"CREATE PROPERTY {i.label}.{i.prop} IF NOT EXISTS STRING" for i in items("arcadedb")]
    return out


def missing_items(engine: Literal["arcadedb", "neo4j"], found: Iterable[tuple[str, str]]) -> list[Problem]:
    """Problems for every item whose (label, property) is not among the indexes found in the database."""
    have = set(found)
    return [
        Problem(
            f"{'Eindeutigkeit' if i.unique else 'Index'} von {i.label}.{i.prop} fehlt in der Datenbank. «innonet ingest» legt sie an.",
            f"The {'unique constraint' if i.unique else 'index'} on {i.label}.{i.prop} is missing in the database. `innonet ingest` makes it.",
        )
        for i in items(engine)
        if (i.label, i.prop) not in have
    ]


def missing_types(found: Mapping[str, list[str]]) -> list[Problem]:
    """Problems for every type that ArcadeDB does not know, or knows without its parent.  ``found``: type -> its parents."""
    want: dict[str, list[str]] = {label.value: [] for label in Label}
    want |= {kind.value: [Label.ORGANIZATION.value] for kind in Kind}
    want |= {link: [] for link in LINKS}
    return [
        Problem(
            f"Der Typ {name} ist in der Datenbank nicht so angelegt, wie er sein muss. «innonet ingest» legt ihn an.",
            f"The type {name} is not in the database as it must be. `innonet ingest` makes it.",
        )
        for name, parents in want.items()
        if name not in found or not set(parents) <= set(found[name])
    ]
