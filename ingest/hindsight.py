"""What a source knew before a day, and who met whom after it: for fitting and measuring the suggestions on what really happened.

A source is read as the product reads it (claims, identity, image); then all that came later is left out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from graph.derive import PROJECTED, Feed, build
from graph.derived import Derived, DerivedMissing, open_derived
from graph.errors import UsageError
from graph.image import Image
from graph.model import Label
from graph.opinions import ENOUGH, training_pairs
from graph.settings import Settings
from graph.state import State
from graph.suggest.model import Model, write
from graph.suggest.training import FITTED_ON, Case, opinion_cases, sample, train
from ingest import load
from ingest.sources import euroscivoc

LEAST_QUERIES: Final = 200
"""Organisations with new partners below which nothing is fitted."""
_LINKS: Final = (Label.ORGANIZATION, Label.PROJECT)


def image_from(source_id: str, path: Path, identity: str, *, topics: bool = False) -> Image:
    """The image of the graph that one source alone makes, in a home that is thrown away.

    identity  as INNONET_IDENTITY         topics  with EuroSciVoc, so that what is tagged in titles leads to topics
    """
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), identity=identity)
        if topics:
            load.read_claims(settings, euroscivoc.META.id, load.ROOT / "data" / "reference")
        load.read_claims(settings, source_id, path)
        return load.image_of(settings, [])[0]


def known_before(image: Image, day: str) -> Feed:
    """Feed of what projects that started before a day tell: them, who takes part, their topics, and where these organisations are.

    Topics of organisations are those of their projects; stated cooperations are left out, since they have no day.
    """
    projects = {i: p for i, (_, p) in image.nodes[Label.PROJECT].items() if _started(p) and _started(p) < day}
    edges: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    for type_ in ("PARTICIPATES_IN", "ABOUT"):
        links = image.edges.get((type_, *PROJECTED[type_]), {}).items()
        edges[type_] = [(a, b, p) for (a, b), p in links if (b if type_ == "PARTICIPATES_IN" else a) in projects]
    there = {a for a, _, _ in edges["PARTICIPATES_IN"]}
    for type_ in ("LOCATED_IN", "PART_OF", "WITHIN"):
        links = image.edges.get((type_, *PROJECTED[type_]), {}).items()
        edges[type_] = [(a, b, p) for (a, b), p in links if type_ == "WITHIN" or (a in there and (type_ != "PART_OF" or b in there))]
    return Feed(
        organizations=((i, p, k) for i, (k, p) in image.nodes[Label.ORGANIZATION].items() if i in there),
        projects=projects.items(),
        topics=((i, p) for i, (_, p) in image.nodes[Label.TOPIC].items()),
        places=((i, p) for i, (_, p) in image.nodes[Label.PLACE].items()),
        edges=edges,
    )


def new_partners(image: Image, derived: Derived, day: str, until: str) -> dict[int, set[int]]:
    """For each organisation of `derived` that meets any: the others of it with whom it first shares a project that starts in [day, until)."""
    members: dict[str, set[int]] = {}
    for a, b in image.edges.get(("PARTICIPATES_IN", *_LINKS), {}):
        row = derived.index(a)
        if row is not None and day <= _started(image.nodes[Label.PROJECT][b][1]) < until:
            members.setdefault(b, set()).add(row)
    met: dict[int, set[int]] = {}
    for group in members.values():
        for row in group:
            met.setdefault(row, set()).update(group - {row})
    return {row: left for row, found in met.items() if (left := found - set(derived.partners.row(row).tolist()))}


def said_at(home: Path) -> list[Case]:
    """What people of this home said about suggestions, as cases; none where there are no derived files or fewer than opinions.ENOUGH usable opinions."""
    try:
        derived = open_derived(home / "derived")
    except DerivedMissing:
        return []
    with State(home) as state:
        pairs = training_pairs(state, derived)
    found = opinion_cases(derived, pairs, FITTED_ON) if len(pairs) >= ENOUGH else []
    derived.close()
    return found


def train_suggestions(source_id: str, path: Path, day: str, until: str, out: Path, said: Sequence[Case] = ()) -> tuple[Model, dict[str, Any]]:
    """Fit «mixed» to who met whom in [day, until), ranked from what was known before, and to what people `said`; writes the model.

    Returns it with what it came from.

    Raises UsageError where fewer than LEAST_QUERIES organisations met a new partner.
    """
    image = image_from(source_id, path, "identifiers")
    with tempfile.TemporaryDirectory() as work:
        build(Path(work), "past", known_before(image, day))
        derived = open_derived(Path(work))
        truth = new_partners(image, derived, day, until)
        if len(truth) < LEAST_QUERIES:
            raise UsageError(
                f"Nur {len(truth)} Organisationen haben von {day} bis {until} neue Partner gefunden; zum Lernen braucht es {LEAST_QUERIES}.",
                f"Only {len(truth)} organisations met new partners from {day} until {until}; fitting needs {LEAST_QUERIES}.",
            )
        model, figures = train(derived, truth, said)
        derived.close()
    release = next(iter(image.nodes[Label.SOURCE].values()))[1]
    origin = {
        "source": source_id,
        "releases": release["releases"],
        "known_before": day,
        "new_partners_until": until,
        "organizations": len(derived),
        "queries": len(sample(truth)),
        "askers_with_opinions": len(said),
        "figures": figures,
    }
    write(out, model, origin)
    return model, origin


def _started(project: Mapping[str, Any]) -> str:
    """ISO day of a project's start, of a year or month its first day; "" if unknown."""
    start = str(project.get("start") or "")[:10]
    return start + "-01-01"[len(start) - 4 :] if len(start) in (4, 7) else start
