"""Answers to questions as people read them: cells with links to our pages, a chart, a network, files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from graph.asking import Answer
from graph.derived import Derived
from graph.model import Label
from graph.tabular import plain
from web import network
from web.addresses import ENDPOINTS, address
from web.charts import Bar, Chart
from web.language import euro, language, number
from web.language import gettext as _

VIEWS: Final = ("table", "network", "chart")
BARS: Final = 30
NODES: Final = 250
STRETCH: Final = 1.5
"""More room than a network of organisations has: titles of projects are long."""
SHAPES: Final = {"Project": "star", "Topic": "triangleDown", "Place": "triangleDown", "Document": "star"}
_YEAR: Final = re.compile(r"year|jahr|since|^(start|end)$", re.IGNORECASE)
_EVIDENCE: Final = re.compile(r"evidence|beleg|proof", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a cell: a text, perhaps with the address of our page about it."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What is shown.  numeric: whether a column stands to the right; rows: one tuple of parts a cell."""

    columns: tuple[str, ...]
    headings: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[tuple[Part, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A node that an answer holds."""

    id: str
    label: str
    name: str
    kind: str = "unknown"


def table(d: Derived, answer: Answer) -> Table:
    """A column of ids beside the column it belongs to becomes that column's links."""
    ids = {c: i for c in answer.columns if (i := _ids_of(c, answer.columns))}
    shown = [c for c in answer.columns if c not in ids.values()]
    numeric = tuple(any(_is_number(r.get(c)) for r in answer.rows) for c in shown)
    rows = tuple(tuple(tuple(_parts(d, c, r.get(c), r.get(ids.get(c, "")))) for c in shown) for r in answer.rows)
    return Table(tuple(shown), tuple(answer.headings.get(c) or c for c in shown), numeric, rows)


def _ids_of(column: str, columns: Sequence[str]) -> str:
    """The column with the ids of the things this column names; "" if there is none."""
    return next((c for c in (f"{column}_id", f"{column}_ids", f"{column.removesuffix('s')}_ids") if c in columns), "")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _parts(d: Derived, column: str, value: Any, ids: Any) -> Iterator[Part]:
    if isinstance(value, list):
        beside = ids if isinstance(ids, list) and len(ids) == len(value) else [None] * len(value)
        for n, (v, i) in enumerate(zip(value, beside, strict=True), 1):
            for part in _parts(d, column, v, i):
                # an id of a row says nothing to a reader
                yield Part(f"{_('Beleg')} {n}", part.href) if part.href and _EVIDENCE.search(column) else part
    elif isinstance(value, Mapping) and "nodes" in value and "relationships" in value:
        for n in value["nodes"]:
            yield from _parts(d, column, n, None)
    elif isinstance(value, Mapping):
        label = next((x for x in value.get("_labels", ()) if x in ENDPOINTS), "")
        yield Part(_name(value), address(label, str(value["_id"])) if label and value.get("_id") else "")
    elif isinstance(value, bool):
        yield Part(_("ja") if value else _("nein"))
    elif _is_number(value):
        yield Part(_number(column, value))
    elif value is not None and value != "":
        text = str(value)
        yield Part(text, _address(d, column, ids if isinstance(ids, str) and ids else text))


def _name(value: Mapping[str, Any]) -> str:
    """A node by its name, a project without a title by its programme and year, a relationship by its type."""
    if value.get("_type"):
        return str(value["_type"])
    name = plain(value)
    if name == value.get("_id") and value.get("programme"):
        return ", ".join(x for x in (str(value["programme"]), str(value.get("start") or "")[:4]) if x)
    return name


def _number(column: str, value: float) -> str:
    if _YEAR.search(column) and value == int(value):
        return str(int(value))
    return euro(value) if column.endswith("_eur") else number(value)


def _address(d: Derived, column: str, id_: str) -> str:
    node = d.node(id_) if ":" in id_ and len(id_) < 200 else None
    if node is not None and (label := d.label_of(node)) in ENDPOINTS:
        return address(label, id_)
    return address("Evidence", id_) if _EVIDENCE.search(column) and ":" in id_ else ""


def chart(answer: Answer, shown: Table) -> Chart | None:
    """The first column of texts and the first of numbers as bars; None where there are not both."""
    numbers = [n for n, yes in enumerate(shown.numeric) if yes and not _YEAR.search(shown.columns[n])]
    texts = [n for n in range(len(shown.columns)) if n not in numbers]
    if not numbers or not texts or not answer.rows:
        return None
    measure, name = numbers[0], texts[0]
    bars = []
    for row, cells in zip(answer.rows, shown.rows, strict=True):
        value = row.get(shown.columns[measure])
        if _is_number(value) and value is not None and value >= 0 and cells[name]:
            bars.append(Bar(", ".join(p.text for p in cells[name])[:80], float(value), cells[name][0].href))
    if not bars:
        return None
    title = _("%(measure)s nach %(name)s", measure=shown.headings[measure], name=shown.headings[name])
    if len(bars) > BARS:
        title = _("%(title)s (die ersten %(n)s Zeilen)", title=title, n=number(BARS))
    return Chart(title, shown.headings[name], shown.headings[measure], tuple(bars[:BARS]), "eur" if shown.columns[measure].endswith("_eur") else "")


def graph_of(d: Derived, answer: Answer) -> tuple[list[Node], list[tuple[int, int]], bool]:
    """Nodes and edges of an answer: its relationships and paths; in rows without any, the first node with the others of the row.

    The third value tells whether nodes beyond NODES were left out.
    """
    nodes: dict[str, Node] = {}
    edges: dict[tuple[str, str], None] = {}
    for row in answer.rows:
        here: list[str] = []
        found: list[tuple[str, str]] = []
        for value in row.values():
            _collect(d, value, nodes, here, found)
        unique = list(dict.fromkeys(here))
        for a, b in found or [(unique[0], x) for x in unique[1:]]:
            edges[(min(a, b), max(a, b))] = None
    degree = dict.fromkeys(nodes, 0)
    for a, b in edges:
        if a in degree and b in degree:
            degree[a] += 1
            degree[b] += 1
    order = sorted(nodes, key=lambda i: -degree[i])
    number_of = {id_: n for n, id_ in enumerate(order[:NODES])}
    kept = [(number_of[a], number_of[b]) for a, b in edges if a in number_of and b in number_of and a != b]
    return [nodes[i] for i in order[:NODES]], kept, len(order) > NODES


def _collect(d: Derived, value: Any, nodes: dict[str, Node], here: list[str], found: list[tuple[str, str]]) -> None:
    if isinstance(value, list):
        for v in value:
            _collect(d, v, nodes, here, found)
    elif isinstance(value, Mapping):
        if "nodes" in value and "relationships" in value:
            _collect(d, [*value["nodes"], *value["relationships"]], nodes, here, found)
        elif "_type" in value and value.get("_start") and value.get("_end"):
            found.append((str(value["_start"]), str(value["_end"])))
        elif value.get("_id") and (label := next((x for x in value.get("_labels", ()) if x in ENDPOINTS), "")):
            id_ = str(value["_id"])
            kind = next((k for k in value["_labels"] if k in network.SHAPES), "unknown")
            nodes.setdefault(id_, Node(id_, label, _name(value), kind))
            here.append(id_)
    elif isinstance(value, str) and ":" in value and len(value) < 200 and (node := d.node(value)) is not None:
        label = d.label_of(node)
        if label in ENDPOINTS:
            row = node - d.base[label]
            kind = network.group(d.kind_of(row)) if label is Label.ORGANIZATION else "unknown"
            english = d.names_en[node] if language() == "en" else ""
            nodes.setdefault(value, Node(value, label, english or d.name_of(label, row), kind))
            here.append(value)


def picture(d: Derived, answer: Answer) -> dict[str, Any]:
    """The data of the network picture, as web/static/js/network.js draws it."""
    nodes, edges, _more = graph_of(d, answer)
    links = np.array([(a, b, 1) for a, b in edges], np.float32).reshape(-1, 3)
    where = network.layout(len(nodes), np.ones(len(nodes), np.int64), links) if nodes else np.zeros((0, 2), np.float32)
    where = where * STRETCH
    named = _named(nodes, where)
    return {
        "nodes": [
            {
                "id": n,
                "key": node.id,
                "url": address(node.label, node.id),
                "label": network.short(node.name) if n in named else " ",
                "name": node.name,
                "title": node.name,
                "shape": SHAPES.get(node.label, network.SHAPES.get(node.kind, "dot")),
                "x": round(float(x)),
                "y": round(float(y)),
                "size": 10,
                "kind": node.kind,
                "step": 1,
                "shared": 0,
            }
            for n, (node, (x, y)) in enumerate(zip(nodes, where, strict=True))
        ],
        "edges": [{"from": a, "to": b, "value": 1, "shared": 0} for a, b in edges],
    }


def _named(nodes: Sequence[Node], where: npt.NDArray[np.float32]) -> set[int]:
    """Nodes whose name finds room beside it, those with most links first."""
    taken: list[tuple[float, float, float]] = []
    out = set()
    for n, (node, (x, y)) in enumerate(zip(nodes, where, strict=True)):
        half = 4.0 * len(network.short(node.name)) + 6
        if all(abs(x - a) > half + b or abs(y - c) > network.ROOM for a, c, b in taken):
            taken.append((float(x), float(y), half))
            out.add(n)
    return out
