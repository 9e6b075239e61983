"""Keeps out of the image what was taken out on request: records, their links, and the evidence that names them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graph.image import Properties
from ingest.resolve.decide import Outcome

Entities = dict[str, list[tuple[int, list[Any]]]]
LEAST_NAME = 5
"""Letters of a name from which on it is looked for in the words of evidence; a shorter one is part of too many words."""
_PROOFS_OF_ENTITY, _PROOFS_OF_LINK = 6, 7


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of identity, links and evidence.

    silent  evidence that only spoke of what is out: it does not come into the graph
    blank   evidence that others need as well (a sentence about several): it stays without its words
    names   how what is out is called, in small letters: evidence that says so stays without its words as well
    """

    outcome: Outcome
    links: list[tuple[int, list[Any]]]
    silent: frozenset[str]
    blank: frozenset[str]
    names: tuple[str, ...] = ()

    def evidence(self, found: Iterator[tuple[str, Properties]]) -> Iterator[tuple[str, Properties]]:
        """The evidence that may be shown."""
        for id_, props in found:
            if id_ in self.silent:
                continue
            said = props["quote"].casefold() if self.names else ""
            yield id_, ({**props, "quote": ""} if id_ in self.blank or any(n in said for n in self.names) else props)


def without(
    entities: Mapping[Any, Entities], organizations: Entities, links: list[tuple[int, list[Any]]], outcome: Outcome, suppressed: Collection[str]
) -> Left:
    """Take every organisation out, one of whose records is suppressed: from ``organizations``, and what is returned.

    entities  the claims about all labels, ``organizations`` among them
    """
    nodes = {outcome.node[i] for i in suppressed if i in outcome.node}
    out = {record for record, node in outcome.node.items() if node in nodes}
    if not out:
        return Left(outcome, links, frozenset(), frozenset())
    said = set(_proofs(line for record in out for _, line in organizations.get(record, ())))
    names = {str(line[4].get("name", "")).casefold() for record in out for _, line in organizations.get(record, ())}
    for record in out:
        organizations.pop(record, None)
    kept = []
    for number, line in links:
        if line[1] in out or line[3] in out:
            said.update(line[_PROOFS_OF_LINK])
        else:
            kept.append((number, line))
    needed = said.intersection(_proofs(line for group in entities.values() for found in group.values() for _, line in found))
    needed |= said.intersection(e for _, line in kept for e in line[_PROOFS_OF_LINK])
    left = Outcome(
        {r: n for r, n in outcome.node.items() if r not in out},
        [j for j in outcome.joined if j.a not in out and j.b not in out],
        [u for u in outcome.unsure if u.pair.a not in out and u.pair.b not in out],
        [c for c in outcome.conflicts if c.a not in out and c.b not in out],
    )
    return Left(left, kept, frozenset(said - needed), frozenset(needed), tuple(sorted(n for n in names if len(n) >= LEAST_NAME)))


def _proofs(lines: Iterable[list[Any]]) -> Iterator[str]:
    for line in lines:
        yield from line[_PROOFS_OF_ENTITY]
