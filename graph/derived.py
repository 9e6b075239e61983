"""The derived files of one graph version, opened; graph/derive.py builds them.

``derived/<version>/`` in the home holds memory-mapped arrays (the sparse projection of the graph) and ``search.sqlite``.
They are a function of the graph alone: the loader builds them from its image, a host without them from the graph
(`feed_from_store`), and both give the same bytes.  Opening reads no array: there is no Python object per organisation.

Numbering: every node has a *node number*; organisations come first, then projects, topics, places, each in the byte
order of their ids.  The node number of an organisation is therefore also its row in all organisation arrays.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from graph.arrays import Bytes, Csr, Floats, Ints, Strings
from graph.errors import InnonetError
from graph.model import Kind, Label
from graph.querybook import load_book
from graph.settings import Settings

if TYPE_CHECKING:
    from graph.store import Store

FORMAT: Final = 7
"""Number of the files' shape.  Files of another number are built again."""

LABELS: Final = (Label.ORGANIZATION, Label.PROJECT, Label.TOPIC, Label.PLACE)
KINDS: Final = tuple(Kind)
NAMED: Final = 1
DISSOLVED: Final = 2
COORDINATOR: Final = 1
CIRCLE: Final = 16
"""Directions in which organisations are told apart by whom they work with."""
PROVEN: Final = ("org_project", "project_topic", "org_topic", "coop", "part_of", "located")
"""The matrices whose links have their evidence beside them."""
PROOF_MARK: Final = "\n"
"""Between the evidence ids of one link."""


class DerivedMissing(InnonetError):
    """There are no derived files and none can be built."""


class Derived:
    """The opened files of one graph version.  Arrays are read-only; safe for many threads.

    Organisation arrays, n = number of organisations:
      kinds    int8 [n], index into KINDS, -1 unknown          flags  uint8 [n], NAMED | DISSOLVED
      lat,lon  float32 [n], degrees, own position, else the place's, else NaN
      place    int32 [n], place (0-based among places), -1     country int16 [n], index into `countries`, -1 unknown
      group    int32 [n], least organisation of its group (PART_OF), itself if alone
      circle   float32 [n, CIRCLE], whose company it keeps: organisations with partners in the same part of the network point the same way;
               of length 1, or 0 without partners
    Hierarchy (PART_OF), each organisation x organisation, nobody with itself (but in `outermost`):
      part_of    the wholes that a source states of a part, with proof
      wholes     all wholes of a part, over any number of steps      parts  the other way round: all parts of a whole
      outermost  the wholes of a part that are themselves part of nothing (in a circle: of nothing but their own parts); itself if alone
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
        self.websites = Strings(a("websites"), a("websites_at"))
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
        self.circle: Floats = a("circle")  # [n, CIRCLE], of length 1 or 0
        self.kind_lift: Floats = a("kind_lift")  # [kind + 1, kind + 1]: how much more often than by chance two kinds share a project
        self.country_lift: Floats = a("country_lift")  # the same for countries
        self.coop = self._csr("coop")  # symmetric COOPERATES_WITH
        self.part_of = self._csr("part_of")
        self.wholes = self._csr("wholes")
        self.parts = self._csr("parts")
        self.outermost = self._csr("outermost")
        self.org_topic = self._csr("org_topic")  # data: weight of WORKS_ON
        self.topic_org = self._csr("topic_org")
        self.project_topic = self._csr("project_topic")
        self.topic_project = self._csr("topic_project")
        self.topic_parts = self._csr("topic_parts")  # topic x all narrower topics
        self.place_within = self._csr("place_within")  # place x all its ancestors
        self.place_parts = self._csr("place_parts")  # place x all places in it
        self.place_org = self._csr("place_org")
        self.located = self._csr("located")  # organisation x all places it is located in; `place` is the innermost
        self._proofs = {name: Strings(a(f"{name}_proof"), a(f"{name}_proof_at")) for name in PROVEN}
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        weakref.finalize(self, _close, self._connections)
        self.connection()

    def _array(self, name: str) -> Any:
        return np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)

    def _csr(self, name: str) -> Csr:
        return Csr(self._array(f"{name}_ptr"), self._array(f"{name}_ind"), self._array(f"{name}_val"))

    def proof(self, links: str, row: int, column: int) -> list[str]:
        """Evidence ids of one link, most believed first, at most five; none where there is no such link.

        links  one of PROVEN; row and column as in that matrix
        """
        matrix: Csr = getattr(self, links)
        columns = matrix.row(row)
        at = int(np.searchsorted(columns, column))
        if at == len(columns) or columns[at] != column:
            return []
        text = self._proofs[links][int(matrix.indptr[row]) + at]
        return text.split(PROOF_MARK) if text else []

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


def current_version(folder: Path) -> str | None:
    """The published version, None if there is none."""
    try:
        version = (folder / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return version or None


def open_derived(folder: Path) -> Derived:
    """Open the published files in the home's ``derived`` folder.  Raises DerivedMissing when there are none."""
    version = current_version(folder)
    if version is None or not _usable(folder / version):
        raise DerivedMissing(
            f"In {folder} liegen keine abgeleiteten Dateien. «innonet ingest» oder «innonet demo» legt sie an.",
            f"There are no derived files in {folder}. 'innonet ingest' or 'innonet demo' creates them.",
        )
    return Derived(folder / version)


def open_version(folder: Path, version: str) -> Derived | None:
    """The files of one version that still lie in the home's ``derived`` folder, None where they are gone or of another shape."""
    return Derived(folder / version) if _usable(folder / version) else None


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

    def look_again(self) -> Derived:
        """The newest files, looked for now: for who knows of something that the files in use do not."""
        with self._lock:
            self._look(time.monotonic())
            assert self._current is not None  # noqa: S101 — _look sets it or raises
            return self._current

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
        from graph.derive import build, feed_from_store  # only a host without files builds, and it takes a while

        wanted, _ = graph_version(self._store)
        build(self._folder, wanted or "0", feed_from_store(self._store))


def graph_version(store: Store) -> tuple[str | None, bool]:
    """(version of the graph, True when no load is under way); (None, True) for an empty graph."""
    rows = store.read(load_book()["derived_version"])
    if not rows or rows[0]["version"] is None:
        return None, True
    return str(rows[0]["version"]), rows[0]["state"] != "loading"
