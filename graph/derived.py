"""The derived files of one graph version: build, publish, open.

``derived/<version>/`` in the home holds memory-mapped arrays (the sparse projection of the graph) and ``search.sqlite``.
They are a function of the graph alone: the loader builds them from its image, a host without them from the graph
(`feed_from_store`), and both give the same bytes.  Opening reads no array: there is no Python object per organisation.

Numbering: every node has a *node number*; organisations come first, then projects, topics, places, each in the byte
order of their ids.  The node number of an organisation is therefore also its row in all organisation arrays.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np
import numpy.typing as npt
import orjson

from graph.errors import InnonetError
from graph.model import IDENTIFIERS, Kind, Label, Props
from graph.querybook import QueryBook, load_book
from graph.settings import Settings
from graph.text import fold, words

if TYPE_CHECKING:
    from graph.store import Store

FORMAT: Final = 1
"""Number of the files' shape.  Files of another number are built again."""

LABELS: Final = (Label.ORGANIZATION, Label.PROJECT, Label.TOPIC, Label.PLACE)
KINDS: Final = tuple(Kind)
NAMED: Final = 1
DISSOLVED: Final = 2
COORDINATOR: Final = 1
EDGE_TYPES: Final = ("PARTICIPATES_IN", "ABOUT", "WORKS_ON", "COOPERATES_WITH", "PART_OF", "LOCATED_IN", "WITHIN")
"""The links that are projected.  A feed may hold others; they are not read."""

_DISSOLVED: Final = frozenset({"dissolved", "removed", "inactive", "withdrawn", "closed"})
_PAGE: Final = 2000

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Node = tuple[str, Props]
Edge = tuple[str, str, Mapping[str, Any]]


class DerivedMissing(InnonetError):
    """There are no derived files and none can be built."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What the derived files are built from.  Each iterable is read once, nodes before edges; any order gives the same files.

    organizations  (id, properties, kind)
    edges          type of EDGE_TYPES -> (from id, to id, properties); no WORKS_ON at all: it is computed from the projects' topics
    aliases        (record id, id of its node)
    """

    organizations: Iterable[tuple[str, Props, Kind | None]] = ()
    projects: Iterable[Node] = ()
    topics: Iterable[Node] = ()
    places: Iterable[Node] = ()
    edges: Mapping[str, Iterable[Edge]] = field(default_factory=dict)
    aliases: Iterable[tuple[str, str]] = ()


class Strings(Sequence[str]):
    """Texts in one UTF-8 block with offsets: n texts cost no Python object until one is asked for."""

    __slots__ = ("_blob", "_offsets")

    def __init__(self, blob: Bytes, offsets: Longs) -> None:
        self._blob = blob
        self._offsets = offsets

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def raw(self, i: int) -> bytes:
        """The text as UTF-8 bytes."""
        return self._blob[self._offsets[i] : self._offsets[i + 1]].tobytes()

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> list[str]: ...
    def __getitem__(self, i: int | slice) -> str | list[str]:
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(i)
        return self.raw(i % len(self)).decode()

    def find(self, text: str, low: int, high: int) -> int | None:
        """Position of a text within the sorted part [low, high), None if it is not there."""
        wanted, end = text.encode("utf-8", "surrogatepass"), high
        while low < high:
            middle = (low + high) // 2
            if self.raw(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < end and self.raw(low) == wanted else None


@dataclass(frozen=True, slots=True)
class Csr:
    """A sparse matrix by rows: the columns of row i are ``indices[indptr[i]:indptr[i+1]]``, ascending; ``data`` runs beside them."""

    indptr: Longs
    indices: Ints
    data: npt.NDArray[Any]

    def row(self, i: int) -> Ints:
        """Columns of row i, ascending."""
        return self.indices[self.indptr[i] : self.indptr[i + 1]]

    def values(self, i: int) -> npt.NDArray[Any]:
        """Data of row i, beside `row`."""
        return self.data[self.indptr[i] : self.indptr[i + 1]]

    def degree(self) -> Longs:
        """Number of columns of every row."""
        return np.diff(self.indptr)

    def take(self, rows: npt.NDArray[Any]) -> tuple[Longs, Longs]:
        """Of many rows at once: (position in `rows`, position in indices and data) of every entry, in the order of `rows`."""
        start, count = self.indptr[rows], self.indptr[rows + 1] - self.indptr[rows]
        owner = np.repeat(np.arange(len(rows)), count)
        inside = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return owner, np.repeat(start, count) + inside


def common_of(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What two ascending rows have in common, ascending; the cost is that of the shorter one."""
    if len(a) > len(b):
        a, b = b, a
    return a[b[np.minimum(np.searchsorted(b, a), len(b) - 1)] == a] if len(a) else a


class Derived:
    """The opened files of one graph version.  Arrays are read-only; safe for many threads.

    Organisation arrays, n = number of organisations:
      kinds    int8 [n], index into KINDS, -1 unknown          flags  uint8 [n], NAMED | DISSOLVED
      lat,lon  float32 [n], degrees, own position, else the place's, else NaN
      place    int32 [n], place (0-based among places), -1     country int16 [n], index into `countries`, -1 unknown
      group    int32 [n], least organisation of its group (PART_OF), itself if alone
    Project array: start int32, days since 1970-01-01, -1 unknown.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        meta = orjson.loads((folder / "meta.json").read_bytes())
        self.version: str = meta["version"]
        self.counts: dict[Label, int] = {label: meta["counts"][label.value] for label in LABELS}
        self.skipped: dict[str, int] = meta["skipped"]
        self.countries: list[str] = meta["countries"]
        self.today: int = meta["last_start"]
        self.base: dict[Label, int] = {}
        total = 0
        for label in LABELS:
            self.base[label] = total
            total += self.counts[label]
        self.nodes = total
        a = self._array
        self.ids = Strings(a("ids"), a("ids_at"))
        self.names = Strings(a("names"), a("names_at"))
        self.names_en = Strings(a("names_en"), a("names_en_at"))
        self.details = Strings(a("details"), a("details_at"))
        self.cities = Strings(a("cities"), a("cities_at"))
        self.kinds: npt.NDArray[np.int8] = a("kinds")
        self.flags: Bytes = a("flags")
        self.lat: Floats = a("lat")
        self.lon: Floats = a("lon")
        self.place: Ints = a("place")
        self.country: npt.NDArray[np.int16] = a("country")
        self.group: Ints = a("group")
        self.start: Ints = a("start")
        self.place_lat: Floats = a("place_lat")
        self.place_lon: Floats = a("place_lon")
        self.node_doc: Ints = a("node_doc")
        self.doc_node: Ints = a("doc_node")
        self.org_project = self._csr("org_project")  # data: COORDINATOR flag
        self.project_org = self._csr("project_org")
        self.partners = self._csr("partners")  # organisation x organisation, data: number of common projects
        self.kind_lift: Floats = a("kind_lift")  # [kind + 1, kind + 1]: how much more often than by chance two kinds share a project
        self.country_lift: Floats = a("country_lift")  # the same for countries
        self.coop = self._csr("coop")  # symmetric COOPERATES_WITH
        self.org_topic = self._csr("org_topic")  # data: weight of WORKS_ON
        self.topic_org = self._csr("topic_org")
        self.project_topic = self._csr("project_topic")
        self.topic_project = self._csr("topic_project")
        self.place_within = self._csr("place_within")  # place x all its ancestors
        self.place_parts = self._csr("place_parts")  # place x all places in it
        self.place_org = self._csr("place_org")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        weakref.finalize(self, _close, self._connections)
        self.connection()

    def _array(self, name: str) -> Any:
        return np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)

    def _csr(self, name: str) -> Csr:
        return Csr(self._array(f"{name}_ptr"), self._array(f"{name}_ind"), self._array(f"{name}_val"))

    def connection(self) -> sqlite3.Connection:
        """This thread's read-only connection to the search index."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(f"file:{_uri_path(self.folder / 'search.sqlite')}?mode=ro&immutable=1", uri=True, check_same_thread=False)
            found.execute("PRAGMA cache_size = -32000")
            found.execute("PRAGMA mmap_size = 1073741824")
            self._local.connection = found
            self._connections.append(found)
        return found

    def close(self) -> None:
        """Close the search index; the arrays go when nobody holds them any more."""
        _close(self._connections)

    def __len__(self) -> int:
        return self.counts[Label.ORGANIZATION]

    def index(self, node_id: str, label: Label = Label.ORGANIZATION) -> int | None:
        """Row of a node among those of its label (for an organisation also its node number), None if unknown.  No aliases: see `search.resolve_id`."""
        low = self.base[label]
        found = self.ids.find(node_id, low, low + self.counts[label])
        return None if found is None else found - low

    def node(self, node_id: str) -> int | None:
        """Node number of any id, None if unknown."""
        for label in LABELS:
            found = self.ids.find(node_id, self.base[label], self.base[label] + self.counts[label])
            if found is not None:
                return found
        return None

    def label_of(self, node: int) -> Label:
        """Label of a node number."""
        return next(label for label in reversed(LABELS) if node >= self.base[label])

    def id_of(self, label: Label, row: int) -> str:
        """Id of the row-th node of a label."""
        return self.ids[self.base[label] + row]

    def name_of(self, label: Label, row: int) -> str:
        """Name of the row-th node of a label, its id where it has none."""
        return self.names[self.base[label] + row] or self.ids[self.base[label] + row]

    def kind_of(self, row: int) -> Kind | None:
        """Kind of an organisation."""
        k = int(self.kinds[row])
        return None if k < 0 else KINDS[k]


def _close(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()


def _uri_path(path: Path) -> str:
    return path.resolve().as_posix().replace("%", "%25").replace("?", "%3f").replace("#", "%23")


# ---------------------------------------------------------------------------------------------------------------- building


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


def current_version(folder: Path) -> str | None:
    """The published version, None if there is none."""
    try:
        version = (folder / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return version or None


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
        texts = {name: _TextWriter() for name in ("ids", "names", "names_en", "details", "cities")}
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

    def _pairs(self, feed: Feed, type_: str, start: Label, end: Label, value: Any = None, dtype: Any = np.uint8) -> tuple[Longs, Longs, npt.NDArray[Any]]:
        """Index pairs and one value of every link of a type; links between other labels are counted as skipped."""
        a, b, v = self.index[start], self.index[end], []
        rows, cols, skipped = [], [], 0
        for x, y, props in feed.edges.get(type_, ()):
            i, j = a.get(x), b.get(y)
            if i is None or j is None:
                skipped += 1
                continue
            rows.append(i)
            cols.append(j)
            v.append(1 if value is None else value(props))
        if skipped:
            self.skipped[type_] = skipped
        return np.array(rows, np.int64), np.array(cols, np.int64), np.array(v, dtype)

    def _edges(self, feed: Feed, counts: list[int]) -> None:
        orgs, projects, topics, places = counts
        o, p, t, pl = LABELS
        rows, cols, flag = self._pairs(feed, "PARTICIPATES_IN", o, p, lambda q: COORDINATOR * ("coordinator" in (q.get("roles") or ())))
        self.org_project = self._save_csr("org_project", _csr(rows, cols, flag, orgs))
        self.project_org = self._save_csr("project_org", _transposed(self.org_project, projects))
        rows, cols, one = self._pairs(feed, "ABOUT", p, t)
        self.project_topic = self._save_csr("project_topic", _csr(rows, cols, one, projects))
        self._save_csr("topic_project", _transposed(self.project_topic, topics))
        if "WORKS_ON" in feed.edges:
            rows, cols, weight = self._pairs(feed, "WORKS_ON", o, t, lambda q: q.get("weight") if q.get("weight") is not None else 1.0, np.float32)
            org_topic = _csr(rows, cols, weight, orgs)
        else:
            org_topic = _works_on(self.org_project, self.project_topic)
        self._save_csr("org_topic", org_topic)
        self.topic_org = self._save_csr("topic_org", _transposed(org_topic, topics))
        rows, cols, one = self._pairs(feed, "COOPERATES_WITH", o, o)
        self.coop = self._save_csr("coop", _csr(np.concatenate([rows, cols]), np.concatenate([cols, rows]), np.concatenate([one, one]), orgs))
        partners = self._save_csr("partners", _common(self.org_project, self.project_org))
        self._save("kind_lift", _lift(partners, self.kinds, len(KINDS)))
        self._save("country_lift", _lift(partners, self.country, int(self.country.max(initial=-1)) + 1))
        rows, cols, _ = self._pairs(feed, "PART_OF", o, o)
        self._save("group", _groups(rows, cols, orgs))
        rows, cols, one = self._pairs(feed, "LOCATED_IN", o, pl)
        located = _csr(rows, cols, one, orgs)
        rows, cols, _ = self._pairs(feed, "WITHIN", pl, pl)
        within = _ancestors(rows, cols, places)
        self._save_csr("place_within", within)
        self._save_csr("place_parts", _transposed(within, places))
        self._place(located, within, orgs, places)

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


_ADDRESS: Final = re.compile(r"^https?://(www\.)?(ror\.org|wikidata\.org/(wiki|entity)|search\.gleif\.org/#/record)/")


def key_of(text: str) -> str:
    """The form in which ids and identifiers are compared: without an address in front, blanks and case."""
    text = "".join(text.split()).casefold()
    return _ADDRESS.sub("", text).rstrip("/") if "://" in text else text


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
    """Every place with all places it lies within, over any number of steps; a circle in the data ends by itself."""
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


# ---------------------------------------------------------------------------------------------------------------- from the graph


@cache
def query_book() -> QueryBook:
    """The query book, read once a process: what runs inside a request must not read 200 files."""
    return load_book()


def feed_from_store(store: Store) -> Feed:
    """A feed that reads the graph in pages by id, on either engine.  Never more than one page in memory."""
    book = query_book()

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
        edges={t: edges(f"derived_{t.lower()}") for t in EDGE_TYPES},
        aliases=((r["id"], r["to"]) for r in pages("derived_aliases") if r["to"] is not None),
    )


# ---------------------------------------------------------------------------------------------------------------- opening


def open_derived(folder: Path) -> Derived:
    """Open the published files in the home's ``derived`` folder.  Raises DerivedMissing when there are none."""
    version = current_version(folder)
    if version is None or not _usable(folder / version):
        raise DerivedMissing(
            f"In {folder} liegen keine abgeleiteten Dateien. «innonet ingest» oder «innonet demo» legt sie an.",
            f"There are no derived files in {folder}. 'innonet ingest' or 'innonet demo' creates them.",
        )
    return Derived(folder / version)


def _usable(path: Path) -> bool:
    try:
        return bool(orjson.loads((path / "meta.json").read_bytes())["format"] == FORMAT)
    except (FileNotFoundError, NotADirectoryError):
        return False


class DerivedCache:
    """The current derived files for a process with many threads.

    Looks for a newer version at most once a second.  Who got a `Derived` may go on using it: a newer one is another object.
    Where this host has no files of the graph's version, they are built from the graph: at once if there are none at all,
    else beside the running work after `patience` seconds (a loader on this host usually publishes its own in that time).
    """

    def __init__(self, settings: Settings, store: Store | None = None, *, interval: float = 1.0, patience: float = 15.0) -> None:
        self._folder = settings.home / "derived"
        self._store = store
        self._interval = interval
        self._patience = patience
        self._lock = threading.Lock()
        self._current: Derived | None = None
        self._looked = float("-inf")
        self._behind_since: float | None = None
        self._builder: threading.Thread | None = None

    def current(self) -> Derived:
        """The files of the newest version that this host has.  Raises DerivedMissing when there are none and no graph to build them from."""
        now = time.monotonic()
        current = self._current
        if current is not None and now - self._looked < self._interval:
            return current
        if current is not None and not self._lock.acquire(blocking=False):
            return current  # another thread is looking
        if current is None:
            self._lock.acquire()
        try:
            if self._current is None or now - self._looked >= self._interval:
                self._look(now)
            assert self._current is not None  # noqa: S101 — _look sets it or raises
            return self._current
        finally:
            self._lock.release()

    def _look(self, now: float) -> None:
        self._looked = now
        published = current_version(self._folder)
        usable = published is not None and _usable(self._folder / published)
        if not usable and self._current is None:
            if self._store is None:
                open_derived(self._folder)  # raises with the text for people
            self._rebuild()
            published = current_version(self._folder)
        if self._current is None or (usable and published != self._current.version):
            self._current = open_derived(self._folder)
            self._behind_since = None
        elif self._store is not None:
            self._catch_up(now)

    def _catch_up(self, now: float) -> None:
        """Another host may have loaded: compare with the graph, build when it stays ahead of our files."""
        assert self._store is not None  # noqa: S101
        assert self._current is not None  # noqa: S101
        wanted, ready = graph_version(self._store)
        if wanted is None or not ready or wanted == self._current.version:
            self._behind_since = None
            return
        if self._behind_since is None:
            self._behind_since = now
        if now - self._behind_since >= self._patience and (self._builder is None or not self._builder.is_alive()):
            self._builder = threading.Thread(target=self._rebuild, name="derived-build", daemon=True)
            self._builder.start()

    def _rebuild(self) -> None:
        assert self._store is not None  # noqa: S101
        wanted, _ = graph_version(self._store)
        build(self._folder, wanted or "0", feed_from_store(self._store))


def graph_version(store: Store) -> tuple[str | None, bool]:
    """(version of the graph, True when no load is under way); (None, True) for an empty graph."""
    rows = store.read(query_book()["derived_version"])
    if not rows or rows[0]["version"] is None:
        return None, True
    return str(rows[0]["version"]), rows[0]["state"] != "loading"
