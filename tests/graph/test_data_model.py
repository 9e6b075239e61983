"""docs/data-model.md says of every label, relationship and property what graph/model.py has: no more, no less."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graph.model import EDGE_PROPS, LINKS, NODE_PROPS, PLACE_LEVELS, TOPIC_SCHEMES, Evidence, Kind, Label, Status

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "data-model.md").read_text(encoding="utf-8")
TYPES = {"text": str, "list": list, "number": float, "whole number": int, "yes/no": bool}


def tables(heading: str) -> list[list[list[str]]]:
    """The tables below a heading: their rows of cells, without the head."""
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section, f"docs/data-model.md has no section {heading}"
    blocks = re.findall(r"(?:^\|.*\n?)+", section[1], re.MULTILINE)
    return [[[c.strip() for c in line.strip().strip("|").split("|")] for line in block.strip().split("\n")][2:] for block in blocks]


def names(cell: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", cell))


@pytest.mark.parametrize("label", NODE_PROPS, ids=str)
def test_properties_of_nodes(label: Label) -> None:
    rows = tables(str(label))[0]
    assert {r[0].strip("`"): TYPES[r[1]] for r in rows} == dict(NODE_PROPS[label])
    assert all(len(r) == 4 and r[2] and r[3].startswith("`") for r in rows)


def test_kinds_schemes_and_levels() -> None:
    assert [r[0].strip("`") for r in tables("Organization")[1]] == [k.value for k in Kind]
    assert [r[0].strip("`") for r in tables("Topic")[1]] == list(TOPIC_SCHEMES)
    assert next(names(r[2]) for r in tables("Place")[0] if r[0] == "`level`") == set(PLACE_LEVELS)


def test_evidence() -> None:
    assert {r[0].strip("`") for r in tables("Evidence")[0]} == {*Evidence.__dataclass_fields__, "source", "release", "dataset"}


def test_relationships() -> None:
    rows = {r[0].strip("`"): r for r in tables("Relationships")[0]}
    assert list(rows) == list(LINKS)
    for name, (_, start, end, own, meaning) in rows.items():
        assert set(start.split(", ")) == {str(a) for a, _ in LINKS[name].pairs}, name
        assert set(end.split(", ")) == {str(b) for _, b in LINKS[name].pairs}, name
        assert names(own) == LINKS[name].props, name
        assert meaning


def test_properties_of_all_relationships() -> None:
    rows = tables("Relationships")[1]
    assert {r[0].strip("`") for r in rows} == EDGE_PROPS
    assert next(names(r[2]) for r in rows if r[0] == "`status`") == {s.value for s in Status}


def test_every_label_is_explained() -> None:
    assert all(f":{label}" in PAGE or f"## {label}" in PAGE for label in Label)
