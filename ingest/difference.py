"""What would change before it changes: a set of claims that is not in force yet, compared with the one it would replace and with the graph.

`between` compares two claims files (what a publisher says now and said before), `effect` makes the graph as it would be, in a place
that is thrown away, and compares it with the one that was written.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from graph.derived import current_version, open_derived
from graph.image import Image, load_table, split_key
from graph.model import Label
from graph.settings import Settings
from graph.state import State
from graph.suppression import Suppression
from ingest import claims, identity, load
from ingest.identity import Identity

EXAMPLES: Final = 20
"""Kept of each kind of change."""
LABELS: Final = (Label.ORGANIZATION, Label.PROJECT, Label.TOPIC, Label.PLACE, Label.DOCUMENT)
_WORDS: Final = {Label.ORGANIZATION: "name", Label.PROJECT: "title", Label.TOPIC: "label_de", Label.PLACE: "name", Label.DOCUMENT: "title"}

Progress = Callable[[str, int, int], None]


def between(before: Path | None, after: Path) -> dict[str, Any]:
    """How two sets of claims differ, evidence and row numbers left aside.  ``before``: None where there was none.

    {"Organization": {"new": n, "gone": n, "changed": n, "same": n,
                      "examples": {"new": [{id, name}], "gone": [...], "changed": [{id, name, props: [[property, before, after]]}]}}, ...,
     "links": {"new": n, "gone": n, "changed": n, "same": n, "examples": {"new": [{start, type, end}], ...}}}
    """
    old, new = _digests(before), _digests(after)
    found: dict[str, dict[str, Any]] = {}
    wanted: dict[tuple[str, ...], str] = {}
    for key in sorted({*old, *new}):
        group = found.setdefault(key[0], {"new": 0, "gone": 0, "changed": 0, "same": 0, "examples": {"new": [], "gone": [], "changed": []}})
        what = "new" if key not in old else "gone" if key not in new else "same" if old[key] == new[key] else "changed"
        group[what] += 1
        if what != "same" and group[what] <= EXAMPLES:
            wanted[key] = what
    names_before, names_after = _lines(before, wanted), _lines(after, wanted)
    for key, what in wanted.items():
        found[key[0]]["examples"][what].append(_example(key, names_before.get(key, []), names_after.get(key, [])))
    return found


def _digests(path: Path | None) -> dict[tuple[str, ...], int]:
    """Key of each entity and link -> sum of the hashes of all that is said of it."""
    out: dict[tuple[str, ...], int] = {}
    for key, line in _said(path):
        h = int.from_bytes(hashlib.blake2b(orjson.dumps(_core(line), option=orjson.OPT_SORT_KEYS), digest_size=8).digest(), "big")
        out[key] = out.get(key, 0) + h
    return out


def _said(path: Path | None) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    for line in claims.read_lines(path) if path is not None else ():
        if line[0] == "e":
            yield (str(line[2]), str(line[1])), line
        elif line[0] == "l":
            yield ("links", str(line[1]), str(line[2]), str(line[3])), line


def _core(line: list[Any]) -> list[Any]:
    """What a line says, without its proofs: these are numbered by rows, which move from release to release."""
    return [line[3], line[4], line[5], line[7]] if line[0] == "e" else [line[4], line[5]]


def _lines(path: Path | None, wanted: Mapping[tuple[str, ...], str]) -> dict[tuple[str, ...], list[list[Any]]]:
    out: dict[tuple[str, ...], list[list[Any]]] = {}
    for key, line in _said(path) if wanted else ():
        if key in wanted:
            out.setdefault(key, []).append(line)
    return out


def _example(key: tuple[str, ...], before: list[list[Any]], after: list[list[Any]]) -> dict[str, Any]:
    if key[0] == "links":
        return {"start": key[1], "type": key[2], "end": key[3]}
    a, b = _stated(before), _stated(after)
    name = str((b or a).get(_WORDS.get(Label(key[0]), "name")) or (b or a).get("acronym") or key[1])
    out: dict[str, Any] = {"id": key[1], "name": name}
    if before and after:
        out["props"] = [[p, a.get(p), b.get(p)] for p in sorted({*a, *b}) if a.get(p) != b.get(p)]
    return out


def _stated(lines: Iterable[list[Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for _, _, _, kind, props, identifiers, _, _ in lines:
        out |= {**props, **identifiers, **({"kind": kind} if kind else {})}
    return out


def effect(
    settings: Settings,
    staged: Mapping[tuple[str, str], Path],
    work: Path,
    report: Progress = lambda _what, _done, _all: None,
    records: Iterable[tuple[str, str]] = (),
) -> dict[str, Any]:
    """What the graph would be with these sets of claims in force, against what was last written.

    staged   (source, dataset) -> claims file that would take its place
    work     an empty folder to work in; it is removed at the end
    records  (label, record id): which nodes they become is said under "nodes"
    {"new" | "gone" | "touched": {label: n}, "links": {"new": n, "gone": n}, "examples": {"new" | "gone": [{label, id, name}]},
     "parted": {"count": n, "examples": [{a, b, a_name, b_name}]}, "nodes": {record: node}}
    """
    try:
        _shadow(settings.home, staged, work)
        with State(settings.home) as state:
            judgements, suppressed = state.judgements(), Suppression(state).ids()
        image, decided = load.image_of(replace(settings, home=work), judgements, report, suppressed)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    out = _against(settings, image)
    out["parted"] = _parted(settings.home, decided.outcome.node)
    out["nodes"] = _nodes(image, records)
    return out


def _shadow(home: Path, staged: Mapping[tuple[str, str], Path], work: Path) -> None:
    """A home that looks as this one would: the claims as links, the scores that were reckoned as a copy."""
    for path in claims.sets(home):
        _link(path, work / "claims" / path.parent.name / path.name)
    for (source, dataset), path in staged.items():
        _link(path, claims.set_path(work, source, dataset))
    for path in (home / "identity").glob("pairs-*.parquet"):
        _link(path, work / "identity" / path.name)


def _link(path: Path, there: Path) -> None:
    there.parent.mkdir(parents=True, exist_ok=True)
    there.unlink(missing_ok=True)
    there.symlink_to(path.resolve())


def _against(settings: Settings, image: Image) -> dict[str, Any]:
    before: dict[str, dict[str, str]] = {label: {} for label in LABELS}
    links_before: set[tuple[str, ...]] = set()
    for key, value in load_table(settings.home / "graph" / "written.tsv").items():
        parts = split_key(key)
        if parts[0] == "n" and parts[1] in before:
            before[parts[1]][parts[2]] = value + parts[3]
        elif parts[0] == "e" and parts[1] != "IDENTIFIES":
            links_before.add((parts[1], parts[4], parts[5]))
    now: dict[str, dict[str, str]] = {label: load.node_digests(image, label) for label in LABELS}
    links_now = {(type_, *ends) for (type_, _, _), edges in image.edges.items() if type_ != "IDENTIFIES" for ends in edges}
    new = {label: sorted(now[label].keys() - before[label].keys()) for label in LABELS}
    gone = {label: sorted(before[label].keys() - now[label].keys()) for label in LABELS}
    touched = {label: sum(before[label].get(i, v) != v for i, v in now[label].items()) for label in LABELS}
    return {
        "new": {str(label): len(ids) for label, ids in new.items() if ids},
        "gone": {str(label): len(ids) for label, ids in gone.items() if ids},
        "touched": {str(label): n for label, n in touched.items() if n},
        "links": {"new": len(links_now - links_before), "gone": len(links_before - links_now)},
        "examples": {
            "new": [{"label": str(label), "id": i, "name": _name(label, image.nodes[label][i][1], i)} for label, ids in new.items() for i in ids[:EXAMPLES]],
            "gone": _gone_names(settings.home, gone),
        },
    }


def _name(label: Label, props: Mapping[str, Any], id_: str) -> str:
    return str(props.get(_WORDS[label]) or props.get("acronym") or id_)


def _gone_names(home: Path, gone: Mapping[Label, list[str]]) -> list[dict[str, str]]:
    shown = [(label, i) for label, ids in gone.items() for i in ids[:EXAMPLES]]
    if not shown or current_version(home / "derived") is None:
        return [{"label": str(label), "id": i, "name": i} for label, i in shown]
    d = open_derived(home / "derived")
    out = []
    for label, i in shown:
        row = d.index(i, label) if label in d.base else None
        out.append({"label": str(label), "id": i, "name": d.name_of(label, row) if row is not None else i})
    return out


def _parted(home: Path, node: Mapping[str, str]) -> dict[str, Any]:
    """Records that are one organisation now, are both still stated, and would be two."""
    with Identity(home) as found:
        pairs = [(a, b) for a, b in found.joined() if a in node and b in node and node[a] != node[b]]
        shown = []
        for a, b in pairs[:EXAMPLES]:
            names = {f"{side}_name": _shown_name(found.record(i), i) for side, i in (("a", a), ("b", b))}
            shown.append({"a": a, "b": b, **names})
    return {"count": len(pairs), "examples": shown}


def _shown_name(record: identity.Record | None, id_: str) -> str:
    return str(next(iter(record.shown["names"]), id_)) if record is not None else id_


def _nodes(image: Image, records: Iterable[tuple[str, str]]) -> dict[str, str]:
    wanted = list(records)
    if not wanted:
        return {}
    means = {alias: node for (type_, _, _), edges in image.edges.items() if type_ == "IDENTIFIES" for alias, node in edges}
    return {r: node for label, r in wanted if (node := r if r in image.nodes.get(Label(label), {}) else means.get(r, ""))}


def counted(found: Mapping[str, Mapping[str, Any]]) -> Counter[str]:
    """All changes of `between` by what they are: new, gone, changed."""
    return Counter({what: sum(int(g[what]) for g in found.values()) for what in ("new", "gone", "changed")})
