"""Builds the derived files of one graph version and publishes them; graph/derived.py opens them.

The loader feeds its image, a host without files feeds the graph (`feed_from_store`); both give the same bytes.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from graph.arrays import Bytes, Csr, Floats, Ints, Longs
from graph.derived import CIRCLE, COORDINATOR, DISSOLVED, FORMAT, KINDS, LABELS, NAMED, PROOF_MARK, current_version
from graph.model import IDENTIFIERS, Kind, Label, Props
from graph.querybook import load_book
from graph.text import fold, key_of, words

if TYPE_CHECKING:
    from graph.store import Store

PROJECTED: Final[Mapping[str, tuple[Label, Label]]] = {
    "PARTICIPATES_IN": (Label.ORGANIZATION, Label.PROJECT),
    "ABOUT": (Label.PROJECT, Label.TOPIC),
    "WORKS_ON": (Label.ORGANIZATION, Label.TOPIC),
    "COOPERATES_WITH": (Label.ORGANIZATION, Label.ORGANIZATION),
    "PART_OF": (Label.ORGANIZATION, Label.ORGANIZATION),
    "LOCATED_IN": (Label.ORGANIZATION, Label.PLACE),
    "WITHIN": (Label.PLACE, Label.PLACE),
    "BROADER": (Label.TOPIC, Label.TOPIC),
}
"""The links that are projected, and between what.  A feed may hold others; they are not read."""

PROOFS_KEPT: Final = 5
"""How many evidence ids of a link the files hold; the graph has them all."""

_POWER_STEPS: Final = 12
_SPARE: Final = 8
"""Columns of the power method beside those that are kept: with them it settles faster."""

_DISSOLVED: Final = frozenset({"dissolved", "removed", "inactive", "withdrawn", "closed"})
_PAGE: Final = 2000

Node = tuple[str, Props]
Edge = tuple[str, str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Feed:
    """What the derived files are built from.  Each iterable is read once, nodes before edges; any order gives the same files.

    organizations  (id, properties, kind)
    edges          type of PROJECTED -> (from id, to id, properties); no WORKS_ON at all: it is computed from the projects' topics
    aliases        (record id, id of its node)
    """

    organizations: Iterable[tuple[str, Props, Kind | None]] = ()
    projects: Iterable[Node] = ()
    topics: Iterable[Node] = ()
    places: Iterable[Node] = ()
    edges: Mapping[str, Iterable[Edge]] = field(default_factory=dict)
    aliases: Iterable[tuple[str, str]] = ()


def build(folder: Path, version: str, feed: Feed) -> Path:
    """Build the files of `version` in `folder` (the home's ``derived``) and publish them by one rename.  Returns their folder.

    A version that is already there is replaced only by going through another name, so a reader never sees half of it.
    The newest version and the one before it stay, older ones are removed.
    """
    if not re.fullmatch(r"[\w.\-]{1,100}", version) or version.startswith("."):
        raise ValueError(f"{version!r} cannot be a folder's name")
    folder.mkdir(parents=True, exist_ok=True)
    work = folder / f"{version}.tmp-{os.getpid()}-{threading.get_ident()}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        _Builder(work, version).run(feed)
        return publish(folder, version, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def publish(folder: Path, version: str, work: Path) -> Path:
    """Give the finished folder its name, point ``current`` to it and remove what is older than the version before."""
    final = folder / version
    with _locked(folder):
        before = current_version(folder)
        if final.exists():
            aside = work.with_name(f"{work.name}.old")
            final.rename(aside)
            work.rename(final)
            shutil.rmtree(aside)
        else:
            work.rename(final)
        pointer = folder / f"current.tmp-{os.getpid()}-{threading.get_ident()}"
        pointer.write_text(version, encoding="utf-8")
        pointer.replace(folder / "current")
        keep = {version, before if before != version else None}
        others = [p for p in folder.iterdir() if p.is_dir() and ".tmp-" not in p.name and p.name not in keep]
        if before in (None, version):  # the same graph again: the newest other one is the version before
            others = sorted(others, key=lambda p: p.stat().st_mtime_ns)[:-1]
        for p in others:
            shutil.rmtree(p)
        for p in folder.glob("*.tmp-*"):  # what a killed process left behind
            if p.is_dir() and not _alive(p.name):
                shutil.rmtree(p, ignore_errors=True)
    return final


def _alive(name: str) -> bool:
    m = re.search(r"\.tmp-(\d+)-", name)
    if m is None:
        return False
    try:
        os.kill(int(m[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


class _Builder:
    """One build: nodes are spooled to disk and come back sorted, edges become index arrays."""

    def __init__(self, work: Path, version: str) -> None:
        self.work = work
        self.version = version
        self.skipped: dict[str, int] = {}
        self.index: dict[Label, dict[str, int]] = {}
        self.db = sqlite3.connect(work / "spool.sqlite", isolation_level=None)
        self.db.execute("PRAGMA journal_mode = OFF")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("PRAGMA temp_store = MEMORY")
        self.db.execute("CREATE TABLE raw (label INTEGER, id TEXT, payload BLOB, PRIMARY KEY (label, id)) WITHOUT ROWID")
        self.db.execute("CREATE TABLE alias (alias TEXT PRIMARY KEY, id TEXT) WITHOUT ROWID")

    def run(self, feed: Feed) -> None:
        try:
            self._spool(feed)
            counts, last_start, countries = self._nodes()
            self._edges(feed, counts)
            self._search(counts)
        finally:
            self.db.close()
        (self.work / "spool.sqlite").unlink()
        meta = {
            "format": FORMAT,
            "version": self.version,
            "counts": {label.value: n for label, n in zip(LABELS, counts, strict=True)},
            "skipped": dict(sorted(self.skipped.items())),
            "countries": countries,
            "last_start": last_start,
        }
        (self.work / "meta.json").write_bytes(orjson.dumps(meta, option=orjson.OPT_INDENT_2))

    # -- nodes

    def _spool(self, feed: Feed) -> None:
        self.db.execute("BEGIN")
        for number, rows in enumerate(
            (
                ((i, _org_payload(p, k)) for i, p, k in feed.organizations),
                ((i, _project_payload(i, p)) for i, p in feed.projects),
                ((i, _topic_payload(i, p)) for i, p in feed.topics),
                ((i, _place_payload(p)) for i, p in feed.places),
            )
        ):
            try:
                self.db.executemany("INSERT INTO raw VALUES (?, ?, ?)", ((number, i, orjson.dumps(p)) for i, p in rows))
            except sqlite3.IntegrityError as e:
                raise ValueError(f"the feed names a node of {LABELS[number].value} twice ({e})") from e
        self.db.executemany("INSERT OR REPLACE INTO alias VALUES (?, ?)", feed.aliases)
        self.db.execute("CREATE TABLE node (n INTEGER PRIMARY KEY, label INTEGER, id TEXT, payload BLOB)")
        self.db.execute("INSERT INTO node (label, id, payload) SELECT label, id, payload FROM raw ORDER BY label, id")
        self.db.execute("DROP TABLE raw")
        self.db.execute("COMMIT")

    def _nodes(self) -> tuple[list[int], int, list[str]]:
        counts = [0] * len(LABELS)
        for label in LABELS:
            self.index[label] = {}
        texts = {name: _TextWriter() for name in ("ids", "names", "names_en", "details", "cities", "websites")}
        columns: dict[str, list[Any]] = {k: [] for k in ("kinds", "flags", "lat", "lon", "country", "start", "place_lat", "place_lon")}
        for label_number, node_id, payload in self.db.execute("SELECT label, id, payload FROM node ORDER BY n"):
            p = orjson.loads(payload)
            label = LABELS[label_number]
            self.index[label][node_id] = counts[label_number]
            counts[label_number] += 1
            for name in ("ids", "names", "names_en", "details"):
                texts[name].add(node_id if name == "ids" else p[name])
            if label is Label.ORGANIZATION:
                texts["cities"].add(p["city"])
                texts["websites"].add(p["website"])
                for k in ("kinds", "flags", "lat", "lon", "country"):
                    columns[k].append(p[k])
            elif label is Label.PROJECT:
                columns["start"].append(p["start"])
            elif label is Label.PLACE:
                columns["place_lat"].append(p["lat"])
                columns["place_lon"].append(p["lon"])
        for name, writer in texts.items():
            blob, offsets = writer.arrays()
            self._save(name, blob)
            self._save(f"{name}_at", offsets)
        countries = sorted({c for c in columns["country"] if c})
        code = {c: i for i, c in enumerate(countries)}
        self.country = np.array([code.get(c, -1) for c in columns["country"]], np.int16)
        self.kinds = np.array(columns["kinds"], np.int8)
        self._save("country", self.country)
        self._save("kinds", self.kinds)
        self._save("flags", np.array(columns["flags"], np.uint8))
        self._save("start", np.array(columns["start"], np.int32))
        self.position = {k: np.array([np.nan if v is None else v for v in columns[k]], np.float32) for k in ("lat", "lon", "place_lat", "place_lon")}
        self.flags = np.array(columns["flags"], np.uint8)
        known = sorted(x for x in columns["start"] if x >= 0)
        # «now» of the data: not the very last date, which often is a slip of the pen
        return counts, known[(len(known) - 1) * 99 // 100] if known else -1, countries

    def _save(self, name: str, array: npt.NDArray[Any]) -> None:
        np.save(self.work / f"{name}.npy", array, allow_pickle=False)

    def _save_csr(self, name: str, m: Csr) -> Csr:
        self._save(f"{name}_ptr", m.indptr)
        self._save(f"{name}_ind", m.indices)
        self._save(f"{name}_val", m.data)
        return m

    # -- edges

    def _pairs(
        self, feed: Feed, type_: str, start: Label, end: Label, value: Any = None, dtype: Any = np.uint8
    ) -> tuple[Longs, Longs, npt.NDArray[Any], list[str]]:
        """Index pairs, one value and the evidence ids (a text) of every link of a type; links between other labels are counted as skipped."""
        a, b, v, proofs = self.index[start], self.index[end], [], []
        rows, cols, skipped = [], [], 0
        for x, y, props in feed.edges.get(type_, ()):
            i, j = a.get(x), b.get(y)
            if i is None or j is None:
                skipped += 1
                continue
            rows.append(i)
            cols.append(j)
            v.append(1 if value is None else value(props))
            proofs.append(PROOF_MARK.join((props.get("evidence") or ())[:PROOFS_KEPT]))
        if skipped:
            self.skipped[type_] = skipped
        return np.array(rows, np.int64), np.array(cols, np.int64), np.array(v, dtype), proofs

    def _proofs(self, name: str, m: Csr, rows: Longs, cols: Longs, proofs: Sequence[str]) -> None:
        """The evidence ids beside the entries of a matrix, as one text an entry.  Of repeated links any one's proof will do."""
        text = dict(zip(zip(rows.tolist(), cols.tolist(), strict=True), proofs, strict=True))
        writer = _TextWriter()
        for row in range(len(m.indptr) - 1):
            for col in m.row(row).tolist():
                writer.add(text.get((row, col), ""))
        blob, offsets = writer.arrays()
        self._save(f"{name}_proof", blob)
        self._save(f"{name}_proof_at", offsets)

    def _edges(self, feed: Feed, counts: list[int]) -> None:
        orgs, projects, topics, places = counts
        o, p, t, pl = LABELS
        rows, cols, flag, proofs = self._pairs(feed, "PARTICIPATES_IN", o, p, lambda q: COORDINATOR * ("coordinator" in (q.get("roles") or ())))
        self.org_project = self._save_csr("org_project", _csr(rows, cols, flag, orgs))
        self._proofs("org_project", self.org_project, rows, cols, proofs)
        self.project_org = self._save_csr("project_org", _transposed(self.org_project, projects))
        rows, cols, one, proofs = self._pairs(feed, "ABOUT", p, t)
        self.project_topic = self._save_csr("project_topic", _csr(rows, cols, one, projects))
        self._proofs("project_topic", self.project_topic, rows, cols, proofs)
        self._save_csr("topic_project", _transposed(self.project_topic, topics))
        if "WORKS_ON" in feed.edges:
            rows, cols, weight, proofs = self._pairs(feed, "WORKS_ON", o, t, lambda q: q.get("weight") if q.get("weight") is not None else 1.0, np.float32)
            org_topic = _csr(rows, cols, weight, orgs)
        else:
            rows, cols, proofs = np.zeros(0, np.int64), np.zeros(0, np.int64), []
            org_topic = _works_on(self.org_project, self.project_topic)
        self._save_csr("org_topic", org_topic)
        self._proofs("org_topic", org_topic, rows, cols, proofs)
        self.topic_org = self._save_csr("topic_org", _transposed(org_topic, topics))
        rows, cols, one, proofs = self._pairs(feed, "COOPERATES_WITH", o, o)
        rows, cols = np.concatenate([rows, cols]), np.concatenate([cols, rows])
        self.coop = self._save_csr("coop", _csr(rows, cols, np.concatenate([one, one]), orgs))
        self._proofs("coop", self.coop, rows, cols, [*proofs, *proofs])
        partners = self._save_csr("partners", _common(self.org_project, self.project_org))
        self._save("circle", _circle(partners))
        self._save("kind_lift", _lift(partners, self.kinds, len(KINDS)))
        self._save("country_lift", _lift(partners, self.country, int(self.country.max(initial=-1)) + 1))
        rows, cols, one, proofs = self._pairs(feed, "PART_OF", o, o)
        self._save("group", _groups(rows, cols, orgs))
        self._hierarchy(rows, cols, proofs, orgs)
        rows, cols, one, proofs = self._pairs(feed, "LOCATED_IN", o, pl)
        located = self._save_csr("located", _csr(rows, cols, one, orgs))
        self._proofs("located", located, rows, cols, proofs)
        rows, cols, _, _ = self._pairs(feed, "WITHIN", pl, pl)
        within = _ancestors(rows, cols, places)
        self._save_csr("place_within", within)
        self._save_csr("place_parts", _transposed(within, places))
        self._place(located, within, orgs, places)
        rows, cols, _, _ = self._pairs(feed, "BROADER", t, t)
        self._save_csr("topic_parts", _transposed(_ancestors(rows, cols, topics), topics))

    def _hierarchy(self, rows: Longs, cols: Longs, proofs: Sequence[str], orgs: int) -> None:
        """Wholes and parts over any number of steps, and the outermost wholes; nobody is its own part, whatever circles the data hold."""
        other = rows != cols
        direct = _csr(rows[other], cols[other], np.ones(int(other.sum()), np.uint8), orgs)
        self._save_csr("part_of", direct)
        self._proofs("part_of", direct, rows, cols, proofs)
        wholes = _ancestors(rows, cols, orgs)
        self._save_csr("wholes", wholes)
        parts = self._save_csr("parts", _transposed(wholes, orgs))
        self._save_csr("outermost", _outermost(wholes, parts))

    def _place(self, located: Csr, within: Csr, orgs: int, places: int) -> None:
        """One place an organisation: the innermost of those it is located in (most ancestors, then the least id)."""
        depth = within.degree()
        place = np.full(orgs, -1, np.int32)
        for i in np.flatnonzero(located.degree() > 0).tolist():
            options = located.row(i)
            place[i] = options[0] if len(options) == 1 else options[int(np.argmax(depth[options]))]
        has = place >= 0
        for name in ("lat", "lon"):
            own, of_place = self.position[name], self.position[f"place_{name}"]
            self._save(f"place_{name}", of_place)
            fill = np.isnan(self.position["lat"]) | np.isnan(self.position["lon"])
            if len(of_place):
                self._save(name, np.where(fill & has, of_place[np.where(has, place, 0)], np.where(fill, np.nan, own)).astype(np.float32))
            else:
                self._save(name, np.where(fill, np.nan, own).astype(np.float32))
        self._save("place", place)
        rows = np.flatnonzero(has)
        self.place_org = self._save_csr("place_org", _csr(place[rows].astype(np.int64), rows, np.ones(len(rows), np.uint8), places))

    # -- search index

    def _search(self, counts: list[int]) -> None:
        """Documents get their numbers in the order of importance, so that «the first N» of a match are the N most important ones."""
        places = counts[-1]
        in_place = np.zeros(places, np.int64)
        parts = Csr(*(np.load(self.work / f"place_parts_{x}.npy", mmap_mode="r") for x in ("ptr", "ind", "val")))
        own = self.place_org.degree()
        owner, at = parts.take(np.arange(places))
        np.add.at(in_place, owner, own[parts.indices[at]])
        weight = np.concatenate(
            [
                np.log1p(self.org_project.degree() + 0.5 * self.coop.degree()) * np.where(self.flags & DISSOLVED, 0.25, 1.0)
                + np.where(self.flags & NAMED, 0.5, 0.0),
                0.3 * np.log1p(self.project_org.degree()),
                0.5 * np.log1p(self.topic_org.degree()),
                0.6 * np.log1p(in_place + own),
            ]
        )
        total = len(weight)
        lengths = np.diff(np.load(self.work / "names_at.npy"))
        order = np.lexsort((np.arange(total), np.minimum(lengths, 200), -np.round(weight, 3))).astype(np.int32)
        node_doc = np.empty(total, np.int32)
        node_doc[order] = np.arange(total, dtype=np.int32)
        self._save("doc_node", order)
        self._save("node_doc", node_doc)
        out = sqlite3.connect(self.work / "search.sqlite", isolation_level=None)
        try:
            out.execute("PRAGMA journal_mode = OFF")
            out.execute("PRAGMA synchronous = OFF")
            out.executescript(_SEARCH_TABLES)
            out.execute("BEGIN")
            aliases: dict[int, list[str]] = {}
            for alias, node_id in self.db.execute("SELECT alias, id FROM alias ORDER BY alias"):
                number = self._number(node_id, counts)
                if number is None:
                    self.skipped["IDENTIFIES"] = self.skipped.get("IDENTIFIES", 0) + 1
                else:
                    aliases.setdefault(number, []).append(alias)
            self._documents(out, order, aliases)
            out.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'words', 'row')")
            out.execute(
                "INSERT INTO term (term, docs) SELECT term, doc FROM temp.vocabulary"
                " WHERE length(term) BETWEEN 4 AND 40 AND term GLOB '[^0-9]*' ORDER BY doc DESC, term"
            )
            out.execute("INSERT INTO grams (rowid, g) SELECT n, '^' || term || '$' FROM term ORDER BY n")
            out.execute("CREATE INDEX name_text ON name (text, doc)")
            out.execute("COMMIT")
            out.execute("INSERT INTO words (words) VALUES ('optimize')")
        finally:
            out.close()

    def _number(self, node_id: str, counts: list[int]) -> int | None:
        base = 0
        for label, n in zip(LABELS, counts, strict=True):
            found = self.index[label].get(node_id)
            if found is not None:
                return base + found
            base += n
        return None

    def _documents(self, out: sqlite3.Connection, order: Ints, aliases: Mapping[int, list[str]]) -> None:
        word_rows: list[tuple[int, str, str, str]] = []
        name_rows: list[tuple[str, int]] = []
        key_rows: list[tuple[str, int]] = []

        def flush() -> None:
            out.executemany("INSERT INTO words (rowid, name, names, more) VALUES (?, ?, ?, ?)", word_rows)
            out.executemany("INSERT INTO name VALUES (?, ?)", name_rows)
            out.executemany("INSERT OR IGNORE INTO key VALUES (?, ?)", key_rows)
            word_rows.clear()
            name_rows.clear()
            key_rows.clear()

        self.db.execute("CREATE TABLE doc (doc INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
        self.db.execute("BEGIN")
        self.db.executemany("INSERT INTO doc VALUES (?, ?)", enumerate((order + 1).tolist()))
        self.db.execute("COMMIT")
        ordered = "SELECT doc.doc, node.n - 1, node.id, node.payload FROM doc CROSS JOIN node ON node.n = doc.n ORDER BY doc.doc"
        for doc, number, node_id, payload in self.db.execute(ordered):
            p = orjson.loads(payload)
            record_ids = [node_id, *aliases.get(number, ())]
            own_numbers = [n for r in record_ids if (n := r.rpartition(":")[2]).isdigit()]
            raw_names = [n for n in dict.fromkeys((p["names"], p["names_en"], *p["other_names"])) if n]
            names = list(dict.fromkeys(t for n in raw_names if (t := " ".join(words(n)))))
            values = list(p["identifiers"].values())
            more = dict.fromkeys((*(fold(i) for i in (*values, *p["more"]) if i), *own_numbers))
            word_rows.append((doc, names[0] if names else "", " ".join(names[1:]), " ".join(more)))
            name_rows.extend((n, doc) for n in names)
            keys = {key_of(k) for k in (*record_ids, *own_numbers, *values, *(f"{scheme}:{v}" for scheme, v in p["identifiers"].items()))}
            key_rows.extend((k, doc) for k in keys if k)
            if len(word_rows) >= _PAGE:
                flush()
        flush()


_SEARCH_TABLES: Final = """
CREATE VIRTUAL TABLE words USING fts5 (name, names, more, content='', tokenize='unicode61 remove_diacritics 0', prefix='1 2 3');
CREATE TABLE name (text TEXT NOT NULL, doc INTEGER NOT NULL);
CREATE TABLE key (key TEXT NOT NULL, doc INTEGER NOT NULL, PRIMARY KEY (key, doc)) WITHOUT ROWID;
CREATE TABLE term (n INTEGER PRIMARY KEY, term TEXT NOT NULL, docs INTEGER NOT NULL);
CREATE VIRTUAL TABLE grams USING fts5 (g, content='', tokenize='trigram', detail='none', columnsize=0);
"""


class _TextWriter:
    def __init__(self) -> None:
        self.blob = bytearray()
        self.offsets = [0]

    def add(self, text: str) -> None:
        self.blob += text.encode("utf-8", "surrogatepass")
        self.offsets.append(len(self.blob))

    def arrays(self) -> tuple[Bytes, Longs]:
        return np.frombuffer(bytes(self.blob), np.uint8), np.array(self.offsets, np.int64)


def _text(p: Props, key: str) -> str:
    v = p.get(key)
    return v.strip() if isinstance(v, str) else ""


def _list(p: Props, key: str) -> list[str]:
    v = p.get(key)
    return [x for x in v if x] if isinstance(v, list) else []


def _number_of(p: Props, key: str) -> float | None:
    v = p.get(key)
    return float(v) if isinstance(v, int | float) and not isinstance(v, bool) else None


def _joined(*parts: str) -> str:
    return " · ".join(dict.fromkeys(x for x in parts if x))


def _org_payload(p: Props, kind: Kind | None) -> dict[str, Any]:
    name = _text(p, "name")
    return {
        "names": name,
        "names_en": "",
        "other_names": _list(p, "names"),
        "details": _joined(_text(p, "city"), _text(p, "country")),
        "city": _text(p, "city"),
        "website": _text(p, "website"),
        "country": _text(p, "country"),
        "kinds": -1 if kind is None else KINDS.index(kind),
        "flags": (NAMED if name else 0) | (DISSOLVED if _text(p, "status").casefold() in _DISSOLVED else 0),
        "lat": _number_of(p, "lat"),
        "lon": _number_of(p, "lon"),
        "identifiers": {s: v for s in IDENTIFIERS if (v := _text(p, s))},
        "more": [_text(p, "city")],
    }


def _project_payload(node_id: str, p: Props) -> dict[str, Any]:
    acronym, title = _text(p, "acronym"), _text(p, "title")
    return {
        "names": title or acronym,
        "names_en": "",
        "other_names": [acronym, f"{acronym} {title}".strip()] if acronym and title else [],
        "details": _joined(acronym if title else "", _text(p, "programme"), _text(p, "start")[:4], "" if title or acronym else node_id.rpartition(":")[2]),
        "start": _days(_text(p, "start")),
        "identifiers": {},
        "more": [],
    }


def _topic_payload(node_id: str, p: Props) -> dict[str, Any]:
    de, en = _text(p, "label_de"), _text(p, "label_en")
    return {
        "names": de or en,
        "names_en": en if en != de else "",
        "other_names": _list(p, "names"),
        "details": _joined(_text(p, "scheme") or node_id.partition(":")[0], _text(p, "notation")),
        "identifiers": {},
        "more": [_text(p, "notation")],
    }


def _place_payload(p: Props) -> dict[str, Any]:
    return {
        "names": _text(p, "name"),
        "names_en": "",
        "other_names": _list(p, "names"),
        "details": _joined(_text(p, "level"), _text(p, "country")),
        "lat": _number_of(p, "lat"),
        "lon": _number_of(p, "lon"),
        "identifiers": {k: x for k in ("ags", "nuts") if (x := _text(p, k))},
        "more": _list(p, "postcodes"),
    }


def _days(text: str) -> int:
    """Days since 1970-01-01 of an ISO date (a year or a month counts from its first day), -1 if it is none."""
    m = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T.*)?", text)
    if m is None:
        return -1
    try:
        return max(-1, (date(int(m[1]), int(m[2] or 1), int(m[3] or 1)) - date(1970, 1, 1)).days)
    except ValueError:
        return -1


def _csr(rows: Longs, cols: Longs, data: npt.NDArray[Any], n: int) -> Csr:
    """Sorted by row and column; of repeated entries the greatest stands, so the order of the input does not matter."""
    order = np.lexsort((data, cols, rows))
    rows, cols, data = rows[order], cols[order], data[order]
    if len(rows):
        last = np.append((rows[1:] != rows[:-1]) | (cols[1:] != cols[:-1]), True)
        rows, cols, data = rows[last], cols[last], data[last]
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=n), out=indptr[1:])
    return Csr(indptr, cols.astype(np.int32), data)


def _transposed(m: Csr, n: int) -> Csr:
    rows = np.repeat(np.arange(len(m.indptr) - 1), m.degree())
    return _csr(m.indices.astype(np.int64), rows, m.data, n)


def _works_on(org_project: Csr, project_topic: Csr) -> Csr:
    """Share of an organisation's projects that are about a topic, 0..1."""
    projects = org_project.indices
    owner, at = project_topic.take(projects)
    org_of = np.repeat(np.arange(len(org_project.indptr) - 1), org_project.degree())
    topics = int(project_topic.indices.max()) + 1 if len(project_topic.indices) else 1
    pair, count = np.unique(org_of[owner] * topics + project_topic.indices[at], return_counts=True)
    rows, cols = pair // topics, pair % topics
    weight = (count / np.maximum(org_project.degree()[rows], 1)).astype(np.float32)
    return _csr(rows, cols, weight, len(org_project.indptr) - 1)


def _common(org_project: Csr, project_org: Csr) -> Csr:
    """Organisation x organisation: number of common projects, without the diagonal."""
    from scipy import sparse  # here, because opening and searching do without it

    n, m = len(org_project.indptr) - 1, len(project_org.indptr) - 1
    b = sparse.csr_matrix((np.ones(len(org_project.indices), np.int32), org_project.indices, org_project.indptr), shape=(n, m))
    a = (b @ b.T).tocsr()
    a.setdiag(0)
    a.eliminate_zeros()
    a.sort_indices()
    return Csr(a.indptr.astype(np.int64), a.indices.astype(np.int32), a.data.astype(np.float32))


def _circle(partners: Csr) -> Floats:
    """[n, CIRCLE] where every organisation stands in the network by whom it works with, each row of length 1 (0 without partners).

    The leading eigenvectors of the positive pointwise mutual information of being partners, scaled by the root of the eigenvalue
    (Levy and Goldberg, Neural word embedding as implicit matrix factorization, NIPS 2014), by a fixed number of steps of the block power
    method from a fixed start (Halko, Martinsson and Tropp, SIAM Review 53, 2011): the cost is known and the result the same each time.
    """
    from scipy import sparse  # here, because opening and searching do without it

    n, degree = len(partners.indptr) - 1, partners.degree()
    out = np.zeros((n, CIRCLE), np.float32)
    if not len(partners.indices):
        return out
    share = np.log(np.maximum(degree, 1))
    information = np.log(len(partners.indices)) - np.repeat(share, degree) - share[partners.indices]
    m = sparse.csr_matrix((np.maximum(information, 0).astype(np.float32), partners.indices, partners.indptr), shape=(n, n))
    block = np.random.default_rng(0).standard_normal((n, min(n, CIRCLE + _SPARE))).astype(np.float32)
    for _ in range(_POWER_STEPS):
        block = np.linalg.qr(m @ block)[0]
    size, turn = np.linalg.eigh((block.T @ (m @ block)).astype(np.float64))
    best = np.argsort(-size)[:CIRCLE]
    place = (block @ turn[:, best]) * np.sqrt(np.maximum(size[best], 0))
    length = np.linalg.norm(place, axis=1, keepdims=True)
    known = length[:, 0] > 1e-4 * length.max()  # below, it is the error of the method that points somewhere
    out[known, : len(best)] = np.round(place[known] / length[known], 4)
    return out


def _lift(partners: Csr, codes: npt.NDArray[Any], n: int) -> Floats:
    """Pairs of partners observed between two classes over pairs expected by chance, [n + 1, n + 1]; row 0 is «unknown» and neutral (1).

    Twenty pairs are added to both, so that rare pairs say little.
    """
    codes = codes.astype(np.int64) + 1
    pair = np.repeat(codes, partners.degree()) * (n + 1) + codes[partners.indices]
    seen = np.bincount(pair, minlength=(n + 1) ** 2).reshape(n + 1, n + 1).astype(np.float64)
    expected = np.outer(seen.sum(1), seen.sum(0)) / max(seen.sum(), 1.0)
    lift = (seen + 20) / (expected + 20)
    lift[0, :] = lift[:, 0] = 1.0
    return np.asarray(lift, np.float32)


def _groups(rows: Longs, cols: Longs, n: int) -> Ints:
    """Least member of the connected component of every organisation under PART_OF."""
    root = np.arange(n, dtype=np.int32)
    while len(rows):  # labels sink until nothing changes: as many rounds as the longest chain, chains of groups are short
        before = root.copy()
        low = np.minimum(root[rows], root[cols])
        np.minimum.at(root, rows, low)
        np.minimum.at(root, cols, low)
        root = root[root]
        if np.array_equal(root, before):
            break
    return root


def _ancestors(rows: Longs, cols: Longs, n: int) -> Csr:
    """Every node with all that it lies in or is part of, over any number of steps; a circle in the data ends by itself."""
    parents: dict[int, list[int]] = {}
    for a, b in zip(rows.tolist(), cols.tolist(), strict=True):
        parents.setdefault(a, []).append(b)
    out_rows: list[int] = []
    out_cols: list[int] = []
    for a in parents:
        seen: set[int] = set()
        todo = list(parents[a])
        while todo:
            b = todo.pop()
            if b not in seen and b != a:
                seen.add(b)
                todo.extend(parents.get(b, ()))
        out_rows.extend([a] * len(seen))
        out_cols.extend(seen)
    return _csr(np.array(out_rows, np.int64), np.array(out_cols, np.int64), np.ones(len(out_rows), np.uint8), n)


def _outermost(wholes: Csr, parts: Csr) -> Csr:
    """Every organisation with the wholes around it that are in nothing but their own parts (a circle); alone: with itself."""
    n = len(wholes.indptr) - 1
    out_rows: list[int] = []
    out_cols: list[int] = []
    for a in range(n):
        above = wholes.row(a).tolist()
        found = [w for w in (a, *above) if set(wholes.row(w).tolist()) <= set(parts.row(w).tolist())] if above else [a]
        out_rows.extend([a] * len(found))
        out_cols.extend(found)
    return _csr(np.array(out_rows, np.int64), np.array(out_cols, np.int64), np.ones(len(out_rows), np.uint8), n)


def feed_from_store(store: Store) -> Feed:
    """A feed that reads the graph in pages by id, on either engine.  Never more than one page in memory."""
    book = load_book()

    def pages(name: str) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            rows = store.read(book[name], after=after, limit=_PAGE)
            yield from rows
            if len(rows) < _PAGE:
                return
            after = rows[-1]["id"]

    def nodes(name: str) -> Iterator[Node]:
        for r in pages(name):
            yield r["id"], r["props"]

    def organizations() -> Iterator[tuple[str, Props, Kind | None]]:
        kinds = {k.value: k for k in Kind}
        for r in pages("derived_organizations"):
            yield r["id"], r["props"], next((kinds[x] for x in r["labels"] if x in kinds), None)

    def edges(name: str) -> Iterator[Edge]:
        """Pages of start nodes; each row holds all links of one node."""
        for r in pages(name):
            for link in r["links"]:
                if link["to"] is not None:  # a node without such a link still gives a row, so that a page is full or the last
                    yield r["id"], link["to"], link

    return Feed(
        organizations=organizations(),
        projects=nodes("derived_projects"),
        topics=nodes("derived_topics"),
        places=nodes("derived_places"),
        edges={t: edges(f"derived_{t.lower()}") for t in PROJECTED},
        aliases=((r["id"], r["to"]) for r in pages("derived_aliases") if r["to"] is not None),
    )
