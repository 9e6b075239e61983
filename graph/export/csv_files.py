"""Tables: one file for the nodes of each label, one for the edges of each type between two labels.

Two dialects: for people and spreadsheets (comma, lists joined by «; », no cell is a formula), and for ``neo4j-admin database
import full`` (typed header, lists joined by the unit separator, values exactly as they are).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from graph.export.records import Edge, Node, edge_columns, node_columns
from graph.model import Label
from graph.reader import SourceInfo
from graph.tabular import cell

LIST_MARK: Final = "\x1f"
"""Between the values of a list for neo4j-admin (--array-delimiter=U+001F): no name holds it."""
_TYPES: Final = {str: "string", list: "string[]", int: "long", float: "double", bool: "boolean"}

_Rows = Callable[[list[str]], Any]


class CsvFiles:
    """Tables for people: nodes_Organization.csv, edges_PARTICIPATES_IN_Organization_Project.csv and so on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = ExitStack()
        self._rows: dict[str, _Rows] = {}

    def node(self, node: Node) -> None:
        """A line of the label's table."""
        columns = node_columns(node.label)
        rows = self._table(f"nodes_{node.label}", lambda: self._node_header(node.label, columns))
        rows([self._text(node.id), *self._label(node), *(self._text(node.props.get(c)) for c in columns)])

    def edge(self, edge: Edge) -> None:
        """A line of the type's table."""
        columns = edge_columns(edge.type)
        name = f"edges_{edge.type}_{edge.start_label}_{edge.end_label}"
        rows = self._table(name, lambda: self._edge_header(edge.start_label, edge.end_label, columns))
        rows([self._text(edge.start), self._text(edge.end), *self._type(edge), *(self._text(edge.props.get(c)) for c in columns)])

    def close(self, sources: Collection[SourceInfo]) -> None:  # noqa: ARG002  they stand in LICENCES.csv beside the tables
        """Close the tables."""
        self._files.close()

    def _table(self, name: str, header: Callable[[], list[str]]) -> _Rows:
        found = self._rows.get(name)
        if found is None:
            file = self._files.enter_context((self._folder / f"{name}.csv").open("w", encoding="utf-8", newline=""))
            found = self._rows[name] = csv.writer(file, lineterminator="\r\n").writerow
            found(header())
        return found

    def _node_header(self, label: Label, columns: Mapping[str, type]) -> list[str]:
        return ["id", *(["kind"] if label is Label.ORGANIZATION else []), *columns]

    def _edge_header(self, start: Label, end: Label, columns: Mapping[str, type]) -> list[str]:  # noqa: ARG002  the other dialect names them
        return ["start", "end", *columns]

    def _label(self, node: Node) -> list[str]:
        return [node.kind or ""] if node.label is Label.ORGANIZATION else []

    def _type(self, edge: Edge) -> list[str]:  # noqa: ARG002
        return []

    def _text(self, value: Any) -> str:
        return cell(value)


class Neo4jFiles(CsvFiles):
    """Tables for neo4j-admin: the header names id spaces and types, an empty cell is no property."""

    def _node_header(self, label: Label, columns: Mapping[str, type]) -> list[str]:
        return [f"id:ID({label})", ":LABEL", *(f"{c}:{_TYPES[t]}" for c, t in columns.items())]

    def _edge_header(self, start: Label, end: Label, columns: Mapping[str, type]) -> list[str]:
        return [f":START_ID({start})", f":END_ID({end})", ":TYPE", *(f"{c}:{_TYPES[t]}" for c, t in columns.items())]

    def _label(self, node: Node) -> list[str]:
        return [LIST_MARK.join((node.label, node.kind) if node.kind else (node.label,))]

    def _type(self, edge: Edge) -> list[str]:
        return [edge.type]

    def _text(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return LIST_MARK.join(str(v).replace(LIST_MARK, " ") for v in value) if isinstance(value, list | tuple) else str(value)


def import_command(names: Collection[str]) -> str:
    """The command that loads the tables of these names into an empty Neo4j database."""
    lines = ["neo4j-admin database import full neo4j --array-delimiter=U+001F --multiline-fields=true"]
    for name in sorted(names):
        kind, _, rest = name.removesuffix(".csv").partition("_")
        lines.append(f"  --{'nodes' if kind == 'nodes' else 'relationships'}={name}" if rest else "")
    return " \\\n".join(x for x in lines if x)
