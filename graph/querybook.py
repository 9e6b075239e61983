"""The query book: loads and checks queries/*.cypher.  Every Cypher text of the program comes from here.

A file is one query.  Its header is a block of ``//`` lines at the top::

    // name: organization_projects
    // de: Projekte einer Organisation
    // en: Projects of an organisation
    // book: program                         (or phrase: shown to people as a form)
    // text de: Was die Frage beantwortet, jeder Begriff erklärt.      (phrase only; may go on over several lines)
    // text en: What it answers, every term explained.
    // param id: string                      (string int float bool strings rows organization organizations topic place)
    // param limit: int = 50                 (a default is JSON)
    // param city de: Stadt                  (label of a form's field; en likewise)
    // column partner de: Partner            (heading of a column; en likewise)
    // expand: KIND in kinds                 (write queries only: one query per member of the closed vocabulary)
    // write: yes                            (default no)

With ``expand`` the text holds placeholders such as ``$KIND$`` that are filled here, from the closed vocabulary in
graph/model.py, and never at run time; the queries are then named ``name[Company]``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from graph.model import LINKS, Kind, Label

FOLDER: Final = Path(__file__).resolve().parent.parent / "queries"

TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "int": int,
    "float": (float, int),
    "bool": bool,
    "strings": list,
    "rows": list,
    "organization": str,
    "organizations": list,
    "topic": str,
    "place": str,
}

_WRITES: Final = re.compile(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP|FOREACH|LOAD|CALL(?!\s*\{)|ALTER|GRANT|DENY|REVOKE)\b", re.IGNORECASE)
_NOISE: Final = re.compile(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`", re.DOTALL)
_Bad = Callable[[str], "QueryBookError"]

_HEAD: Final = re.compile(r"^//\s?(?:(?P<key>[a-z_]+(?: [A-Za-z_]\w*)?(?: (?:de|en))?):\s*)?(?P<value>.*)$")


class QueryBookError(Exception):
    """A query file is not as it must be, or a query is asked with parameters it does not have."""


@dataclass(frozen=True, slots=True)
class Param:
    """A typed parameter.  ``organization``, ``topic`` and ``place`` hold an id that is found through the search, ``organizations`` a list of them."""

    name: str
    type: str
    default: Any = None
    required: bool = True
    de: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """One query: its text is constant, values only ever come as parameters."""

    name: str
    text: str
    de: str
    en: str
    book: str = "program"
    write: bool = False
    params: tuple[Param, ...] = ()
    text_de: str = ""
    text_en: str = ""
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def bind(self, values: Mapping[str, object]) -> dict[str, Any]:
        """Check values against the declared parameters, fill in defaults.  Raises QueryBookError naming query and parameter."""
        known = {p.name: p for p in self.params}
        for name in values:
            if name not in known:
                raise QueryBookError(f"{self.name}: unknown parameter {name!r}; it has {', '.join(known) or 'none'}")
        out: dict[str, Any] = {}
        for p in self.params:
            if p.name not in values or values[p.name] is None:
                if p.required:
                    raise QueryBookError(f"{self.name}: parameter {p.name!r} ({p.type}) is missing")
                out[p.name] = p.default
                continue
            out[p.name] = _convert(self.name, p, values[p.name])
        return out


def _convert(query: str, p: Param, value: object) -> object:
    """A text from a form or the command line becomes the declared type; anything else must be of that type already."""
    want = TYPES[p.type]
    try:
        if isinstance(value, str):
            if p.type == "int":
                return int(value)
            if p.type == "float":
                return float(value.replace(",", "."))
            if p.type == "bool":
                return {"true": True, "ja": True, "yes": True, "1": True, "false": False, "nein": False, "no": False, "0": False}[value.lower()]
            if p.type == "strings":
                return [v.strip() for v in value.split(",") if v.strip()]
            if p.type == "organizations":
                return [v.strip() for v in value.split(";") if v.strip()]  # names of firms hold commas
        if isinstance(value, want) and not (isinstance(value, bool) and p.type in ("int", "float")):
            return value
    except (ValueError, KeyError):
        pass
    raise QueryBookError(f"{query}: parameter {p.name!r} must be {p.type}, not {value!r}")


class QueryBook(Mapping[str, Query]):
    """All queries by name."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = dict(queries)

    def __getitem__(self, name: str) -> Query:
        return self._queries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __len__(self) -> int:
        return len(self._queries)

    def phrases(self) -> list[Query]:
        """The ready-made questions people see, by name."""
        return [q for _, q in sorted(self._queries.items()) if q.book == "phrase"]


@lru_cache(maxsize=4)
def load_book(folder: Path = FOLDER) -> QueryBook:
    """Read and check all files, once a process.  Raises QueryBookError naming the file and what is wrong with it."""
    found: dict[str, Query] = {}
    for path in sorted(folder.rglob("*.cypher")):
        for q in _parse(path):
            if q.name in found:
                raise QueryBookError(f"{path.name}: the name {q.name!r} is used twice")
            found[q.name] = q
    return QueryBook(found)


def code_only(text: str) -> str:
    """The Cypher text without comments, strings and quoted names, for looking at its keywords."""
    return _NOISE.sub(" ", text)


def _members(path: Path, spec: str) -> list[dict[str, str]]:
    match spec.split(" in "):
        case ["KIND", "kinds"]:
            return [{"KIND": k.value} for k in Kind]
        case ["LABEL", "labels"]:
            return [{"LABEL": v.value} for v in Label]
        case ["FROM,TYPE,TO", "links"]:
            return [{"FROM": a.value, "TYPE": t.name, "TO": b.value} for t in LINKS.values() for a, b in t.pairs]
    raise QueryBookError(f"{path.name}: cannot expand {spec!r}")


def _parse(path: Path) -> list[Query]:
    def bad(text: str) -> QueryBookError:
        return QueryBookError(f"{path.name}: {text}")

    head, body = _header(path.read_text(encoding="utf-8").split("\n"), bad)
    name = head.pop("name", "")
    if name != path.stem:
        raise bad(f"name is {name!r}, the file's name says {path.stem!r}")
    de, en, book = head.pop("de", ""), head.pop("en", ""), head.pop("book", "")
    if not de or not en:
        raise bad("a title in both languages (de:, en:) is missing")
    if book not in ("program", "phrase"):
        raise bad("book: must be program or phrase")
    write = head.pop("write", "no") == "yes"
    text_de, text_en, expand = head.pop("text de", ""), head.pop("text en", ""), head.pop("expand", "")
    if book == "phrase" and not (text_de and text_en):
        raise bad("a phrase needs text de: and text en:")
    params, columns = _declared(head, bad)
    _check_body(body, {p.name for p in params}, write, bad)

    def query(name: str, text: str) -> Query:
        return Query(name, text, de, en, book, write, tuple(params), text_de, text_en, columns)

    if not expand:
        return [query(name, body)]
    out = []
    for member in _members(path, expand):
        text = body
        for k, v in member.items():
            text = text.replace(f"${k}$", v)
        if "$" in re.sub(r"\$\w+", "", text):
            raise bad("a placeholder is left unfilled")
        out.append(query(f"{name}[{','.join(member.values())}]", text))
    return out


def _header(lines: list[str], bad: _Bad) -> tuple[dict[str, str], str]:
    """Header lines by their key, and the body below them."""
    n = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
    head: dict[str, str] = {}
    key = ""
    for line in lines[:n]:
        m = _HEAD.match(line)
        if m is None:
            raise bad(f"cannot read the header line {line!r}")
        if m["key"]:
            key = m["key"]
            if key in head:
                raise bad(f"{key!r} stands twice in the header")
            head[key] = m["value"].strip()
        elif key:
            head[key] = f"{head[key]} {m['value'].strip()}".strip()
    return head, "\n".join(lines[n:]).strip()


def _check_body(body: str, declared: set[str], write: bool, bad: _Bad) -> None:
    """No write in a read query; parameters used and declared are the same."""
    code = code_only(body)
    if (m := _WRITES.search(code)) and not write:
        raise bad(f"{m[1].upper()} in a read query")
    used = set(re.findall(r"\$(\w+)(?!\w*\$)", re.sub(r"\$[A-Z]+\$", " ", code)))
    if used - declared:
        raise bad(f"undeclared parameter {', '.join(sorted(used - declared))}")
    if declared - used:
        raise bad(f"unused parameter {', '.join(sorted(declared - used))}")


def _declared(head: dict[str, str], bad: _Bad) -> tuple[list[Param], dict[str, tuple[str, str]]]:
    params: list[Param] = []
    columns: dict[str, tuple[str, str]] = {}
    labels = {k: head.pop(k) for k in list(head) if re.fullmatch(r"(param|column) \w+ (de|en)", k)}
    for key in list(head):
        m = re.fullmatch(r"param (\w+)", key)
        if not m:
            raise bad(f"unknown header {key!r}")
        type_, _, default = head.pop(key).partition(" = ")
        if type_.strip() not in TYPES:
            raise bad(f"parameter {m[1]}: unknown type {type_.strip()!r}")
        try:
            value = json.loads(default) if default else None
        except json.JSONDecodeError:
            raise bad(f"parameter {m[1]}: the default {default!r} is not JSON") from None
        params.append(Param(m[1], type_.strip(), value, not default, labels.pop(f"param {m[1]} de", ""), labels.pop(f"param {m[1]} en", "")))
    for key in [k for k in labels if k.endswith(" de")]:
        name = key.split()[1]
        if not key.startswith("column "):
            raise bad(f"{key!r} names no parameter")
        columns[name] = (labels.pop(key), labels.pop(f"column {name} en", ""))
    if labels:
        raise bad(f"{', '.join(labels)}: no such parameter, or only one language")
    return params, columns
