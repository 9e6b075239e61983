"""The network picture: positions, the data for vis-network (built with pyvis), and the export as one HTML file.

Positions are computed here and not in the browser: the same network always looks the same, and a picture of 1,000 nodes
stands as soon as it is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from flask import url_for

from graph import neighbourhood
from graph.derived import Derived
from graph.model import Kind
from graph.neighbourhood import Neighbourhood
from web.language import number
from web.words import kind_name, organization_name

GROUPS: Final = (*(k.value for k in Kind), "unknown")
"""Keys of the legend: the kinds, and ``unknown``."""
SHAPES: Final = {"Company": "dot", "University": "square", "ResearchInstitute": "diamond", "PublicBody": "triangle", "Association": "hexagon", "unknown": "dot"}
COLORS: Final = {
    "Company": "#2f6fb3",
    "University": "#b4541a",
    "ResearchInstitute": "#0f7f68",
    "PublicBody": "#7b52a6",
    "Association": "#8a6d00",
    "unknown": "#6b7780",
}
"""Colours of the exported file; the site's own page takes them from its style sheet, for light and dark."""
ITERATIONS: Final = 45
BLOCK: Final = 64
LABELLED: Final = 40
ROOM: Final = 22
"""Pixels between two lines of names."""
_TEMPLATES: Final = Path(__file__).parent / "templates"
_VIS: Final = Path(__file__).parent / "static" / "vendor" / "vis-network" / "vis-network.min.js"

Positions = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A network with a position for every node, in pixels around (0, 0)."""

    network: Neighbourhood
    positions: tuple[tuple[int, int], ...]
    limit: int

    @property
    def shown(self) -> int:
        """Nodes shown, without the organisation itself."""
        return len(self.network.nodes) - 1


def drawn(d: Derived, id_: str, *, steps: int, limit: int, placed: bool = True, parts: bool = False) -> Drawn | None:
    """The network with positions, or without where only its table is shown.  None: no such organisation."""
    found = neighbourhood.network(d, id_, steps=steps, limit=limit, parts=parts)
    if found is None:
        return None
    return Drawn(found, _positions(found) if placed else (), limit)


@lru_cache(maxsize=32)
def _positions(found: Neighbourhood) -> tuple[tuple[int, int], ...]:
    n = len(found.nodes)
    steps = np.array([node.step for node in found.nodes], np.int64)
    edges = np.array([(e.a, e.b, max(1, e.shared)) for e in found.edges], np.float32).reshape(-1, 3)
    where = layout(n, steps, edges)
    return tuple((round(float(x)), round(float(y))) for x, y in where)


def layout(n: int, steps: npt.NDArray[np.int64], edges: npt.NDArray[np.float32]) -> Positions:
    """Positions [n, 2] by the forces of Fruchterman and Reingold (1991), the first node in the middle.

    edges  [m, 3]: from, to, weight.  No chance is involved: it starts from a spiral in the order of the nodes.
    """
    if n == 1:
        return np.zeros((1, 2), np.float32)
    order = np.arange(n, dtype=np.float32)
    angle = order * np.float32(math.pi * (3 - math.sqrt(5)))
    radius = np.sqrt(order / n) * np.where(steps == 2, 1.25, 1.0)
    p = np.stack((radius * np.cos(angle), radius * np.sin(angle)), 1).astype(np.float32)
    k2 = np.float32(1.0 / n)
    k = np.float32(math.sqrt(k2))
    a, b = edges[:, 0].astype(np.int64), edges[:, 1].astype(np.int64)
    # Links to the middle say nothing about who belongs together; weak pull keeps the groups apart.
    pull = (1 + np.log1p(edges[:, 2])) * np.where(a == 0, 0.25, 1.0) / k
    degree = np.maximum(1, np.bincount(np.concatenate((a, b)), minlength=n)).astype(np.float32)
    pull = (pull / np.sqrt(np.minimum(degree[a], degree[b]))).astype(np.float32)
    for i in range(ITERATIONS):
        force = _repulsion(p, k2)
        between = p[a] - p[b]
        length = np.sqrt(np.einsum("ij,ij->i", between, between))
        attract = between * (pull * length)[:, None]
        for axis in (0, 1):
            force[:, axis] -= np.bincount(a, attract[:, axis], n) - np.bincount(b, attract[:, axis], n)
        force -= p * np.float32(0.6)
        size = np.sqrt(np.einsum("ij,ij->i", force, force))
        most = np.float32(0.12 * (1 - i / ITERATIONS) + 0.002)
        p += force * (np.minimum(size, most) / np.maximum(size, 1e-9))[:, None]
        p[0] = 0
    spread = np.float32(max(170.0, 80.0 + 15.0 * math.sqrt(n)))
    away = np.sqrt(np.einsum("ij,ij->i", p, p))
    away = away / max(float(np.quantile(away, 0.9)), 1e-6)
    # what lies far out is drawn nearer, or a few loners would make all the others small
    drawn_at = np.where(away > 1, 1 + 0.3 * np.log(np.maximum(away, 1)), away) * spread
    length = np.maximum(np.sqrt(np.einsum("ij,ij->i", p, p)), 1e-9)
    out: Positions = (p / length[:, None] * drawn_at[:, None]).astype(np.float32)
    return out


def _repulsion(p: Positions, k2: np.float32) -> Positions:
    """Sum over all others of the vector away from them times k2 / distance^2, in blocks of rows that stay in the cache.

    No matrix product: for two columns it gains nothing, and its threads get in each other's way on a busy machine.
    """
    x, y = p[:, 0].copy(), p[:, 1].copy()
    force = np.empty_like(p)
    least = k2 * np.float32(0.01)
    for at in range(0, len(p), BLOCK):
        dx = x[at : at + BLOCK, None] - x
        dy = y[at : at + BLOCK, None] - y
        push = dx * dx
        push += dy * dy
        np.maximum(push, least, out=push)
        np.divide(k2, push, out=push)
        dx *= push
        dy *= push
        force[at : at + BLOCK, 0] = dx.sum(1)
        force[at : at + BLOCK, 1] = dy.sum(1)
    return force


def group(kind: Kind | None) -> str:
    """Key of the legend for a kind."""
    return kind.value if kind else "unknown"


def built(found: Drawn) -> Any:
    """The picture as a pyvis network.

    Nodes are numbered (pyvis looks every node up in a list, and numbers compare faster than ids); ``key`` is the id.
    """
    from pyvis.network import Network  # takes 0.4 s to load (it brings IPython along); only pictures need it

    # directed: pyvis then leaves out its search for a twin of every edge, which takes quadratic time; arrows are off
    net = Network(height="100%", width="100%", directed=True, cdn_resources="in_line")
    by_worth = sorted(range(1, len(found.network.nodes)), key=lambda i: (-found.network.nodes[i].organization.shared, -found.network.nodes[i].links, i))
    labelled = _labelled(found, by_worth)
    for i, (node, (x, y)) in enumerate(zip(found.network.nodes, found.positions, strict=True)):
        o = node.organization
        kind = group(o.kind)
        name = organization_name(o)
        net.add_node(
            i,
            label=short(name) if i in labelled else " ",
            shape="star" if node.step == 0 else SHAPES[kind],
            color=COLORS[kind],
            x=x,
            y=y,
            size=20 if node.step == 0 else 5 + 2.2 * min(5.0, math.log2(1 + o.shared)),
            title=", ".join(t for t in (name, kind_name(o.kind), o.city) if t),
            key=o.id,
            name=name,
            kind=kind,
            step=node.step,
            shared=o.shared,
        )
    for e in found.network.edges:
        net.add_edge(e.a, e.b, value=max(1, e.shared), arrows="", dashes=e.stated and not e.shared, shared=e.shared)
    net.set_options(OPTIONS)
    return net


OPTIONS: Final = """{
  "physics": {"enabled": false},
  "interaction": {"hover": true, "hideEdgesOnDrag": true, "hideEdgesOnZoom": true, "tooltipDelay": 100},
  "nodes": {"font": {"size": 14}, "scaling": {"label": {"drawThreshold": 7}}},
  "edges": {"smooth": false, "color": {"color": "#8a979455", "highlight": "#0f7f68"}, "scaling": {"min": 1, "max": 8}, "selectionWidth": 2}
}"""


def _labelled(found: Drawn, order: Sequence[int]) -> set[int]:
    """Nodes whose name is written beside them: as many of the first in the order as find room without covering another name."""
    taken: list[tuple[float, float, float]] = []
    out = set()
    for i in (0, *order):
        half = 4.0 * len(short(organization_name(found.network.nodes[i].organization))) + 6
        x, y = found.positions[i]
        if all(abs(x - a) > half + b or abs(y - c) > ROOM for a, c, b in taken):
            taken.append((x, y, half))
            out.add(i)
            if len(out) > LABELLED:
                break
    return out


def short(name: str) -> str:
    """A name short enough to stand beside a node."""
    return name if len(name) <= 32 else name[:30].rstrip() + "…"


def as_json(found: Drawn) -> dict[str, Any]:
    """The picture's data for the page and for programs: numbered nodes with ``key`` (the id) and ``url``, edges by node number."""
    nodes, edges, *_rest = built(found).get_network_data()
    n = found.network
    for node in nodes:
        node["url"] = url_for("pages.organization", id=node["key"])
    return {
        "nodes": nodes,
        "edges": edges,
        "steps": n.steps,
        "shown": found.shown,
        "total": n.total,
        "edges_shown": len(n.edges),
        "edges_total": n.edges_total,
        "version": n.version,
    }


def exported(found: Drawn, title: str, attributions: Sequence[str]) -> str:
    """One HTML file with vis-network and all data inside; it asks no other host for anything."""
    net = built(found)
    net.heading = title
    # pyvis' own template loads Bootstrap from elsewhere even where it is told to put all in line.
    net.set_template_dir(str(_TEMPLATES / "export"), "network.html")
    net.templateEnv.autoescape = True
    net.templateEnv.globals.update(
        vis=_VIS.read_text(encoding="utf-8").replace("//# sourceMappingURL=vis-network.min.js.map", ""),
        attributions=list(attributions),
        legend=[(kind_name(None if g == "unknown" else g), COLORS[g]) for g in GROUPS],
        shown=number(found.shown),
        total=number(found.network.total),
    )
    html: str = net.generate_html()
    return html
