"""A small network around Oberhausen, made up but for its places, for tests of derived files, search and suggestion."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

from graph.derive import Feed
from graph.model import Kind

UMSICHT = ["Fraunhofer UMSICHT", "Fraunhofer-Institut für Umwelt-, Sicherheits- und Energietechnik"]
UNI = ["Universität Duisburg-Essen", "University of Duisburg-Essen"]

ORGANIZATIONS: tuple[tuple[str, dict[str, Any], Kind | None], ...] = (
    ("ror:umsicht", {"name": "Fraunhofer UMSICHT", "names": UMSICHT, "city": "Oberhausen", "country": "DE", "ror": "00nj8ry09"}, Kind.RESEARCH),
    ("ror:fhg", {"name": "Fraunhofer-Gesellschaft", "names": ["Fraunhofer-Gesellschaft"], "city": "München", "country": "DE"}, Kind.RESEARCH),
    ("x:pumpen", {"name": "Müller Pumpen GmbH", "names": ["Müller Pumpen GmbH"], "city": "Oberhausen", "country": "DE", "pic": "900000001"}, Kind.COMPANY),
    ("x:pumpenco", {"name": "Müller Pumpen GmbH & Co. KG", "names": ["Müller Pumpen GmbH & Co. KG"], "city": "Essen", "country": "DE"}, Kind.COMPANY),
    ("x:uni", {"name": "Universität Duisburg-Essen", "names": UNI, "city": "Essen", "country": "DE"}, Kind.UNIVERSITY),
    ("x:hrw", {"name": "Hochschule Ruhr West", "names": ["Hochschule Ruhr West"], "city": "Mülheim an der Ruhr", "country": "DE"}, Kind.UNIVERSITY),
    ("x:stahl", {"name": "Ruhrstahl AG", "names": ["Ruhrstahl AG"], "city": "Essen", "country": "DE"}, Kind.COMPANY),
    ("x:delft", {"name": "TU Delft", "names": ["TU Delft"], "city": "Delft", "country": "NL", "lat": 52.0, "lon": 4.36}, Kind.UNIVERSITY),
    ("x:newcomer", {"name": "Wasserstoff Start GmbH", "names": ["Wasserstoff Start GmbH"], "city": "Oberhausen", "country": "DE"}, Kind.COMPANY),
    ("x:bare", {"name": "Nordstern Technik GmbH", "names": ["Nordstern Technik GmbH"], "city": "Oberhausen", "country": "DE"}, Kind.COMPANY),
    ("x:lost", {"name": "Irgendwo GmbH", "names": ["Irgendwo GmbH"]}, None),
    ("x:gone", {"name": "Alte Hütte GmbH", "names": ["Alte Hütte GmbH"], "city": "Oberhausen", "country": "DE", "status": "dissolved"}, Kind.COMPANY),
    ("x:nameless", {"country": "DE", "pic": "900000009"}, None),
    ("x:double1", {"name": "Stadtwerke", "names": ["Stadtwerke"], "city": "Essen", "country": "DE"}, Kind.PUBLIC),
    ("x:double2", {"name": "Stadtwerke", "names": ["Stadtwerke"], "city": "Oberhausen", "country": "DE"}, Kind.PUBLIC),
)  # fmt: skip

PROJECTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cordis:grant:101000001", {"title": "Hydrogen storage in salt caverns", "acronym": "HYSALT", "start": "2021-05-01", "programme": "Horizon Europe"}),
    ("cordis:grant:101000002", {"title": "Circular polymers", "acronym": "CIRCPOL", "start": "2020-01-01"}),
    ("x:p3", {"title": "Pumpen für Wasserstoff", "start": "2019"}),
    ("x:p4", {"title": "Steel without coal", "start": "2018-03"}),
    ("x:p5", {"start": "no date"}),
)

TOPICS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("t:h2", {"label_de": "Wasserstoff", "label_en": "Hydrogen", "scheme": "free"}),
    ("t:polymer", {"label_de": "Polymere", "label_en": "Polymers", "scheme": "free"}),
    ("t:steel", {"label_en": "Steel", "scheme": "free"}),
    ("t:pumps", {"label_de": "Pumpen", "scheme": "wz2008", "notation": "28.13"}),
    ("t:machines", {"label_de": "Maschinen", "scheme": "wz2008", "notation": "28"}),
)

PLACES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "place:05119",
        {"name": "Oberhausen", "level": "municipality", "country": "DE", "ags": "05119", "lat": 51.47, "lon": 6.85, "postcodes": ["46045", "46047"]},
    ),
    ("place:05113", {"name": "Essen", "level": "municipality", "country": "DE", "ags": "05113", "lat": 51.46, "lon": 7.01}),
    ("place:05117", {"name": "Mülheim an der Ruhr", "level": "municipality", "country": "DE", "lat": 51.43, "lon": 6.88}),
    ("place:region:ruhr", {"name": "Ruhrgebiet", "level": "region", "country": "DE"}),
    ("place:DE", {"name": "Deutschland", "names": ["Germany"], "level": "country", "country": "DE"}),
)

_EDGES: Mapping[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "PARTICIPATES_IN": (
        ("ror:umsicht", "cordis:grant:101000001", {"roles": ["coordinator"]}),
        ("x:pumpen", "cordis:grant:101000001", {"roles": ["participant"]}),
        ("x:uni", "cordis:grant:101000001", {"roles": ["participant"]}),
        ("ror:umsicht", "cordis:grant:101000002", {"roles": ["participant"]}),
        ("x:delft", "cordis:grant:101000002", {"roles": ["coordinator", "participant"]}),
        ("x:hrw", "x:p3", {"roles": ["participant"]}),
        ("x:uni", "x:p3", {"roles": ["participant"]}),
        ("x:stahl", "x:p4", {"roles": ["participant"]}),
        ("x:uni", "x:p4", {"roles": ["participant"]}),
        ("x:gone", "x:p4", {"roles": ["participant"]}),
        ("x:nameless", "x:p4", {"roles": ["participant"]}),
        ("x:hrw", "x:p5", {}),
    ),
    "ABOUT": (
        ("cordis:grant:101000001", "t:h2", {}),
        ("cordis:grant:101000002", "t:polymer", {}),
        ("x:p3", "t:h2", {}),
        ("x:p3", "t:pumps", {}),
        ("x:p4", "t:steel", {}),
    ),
    "WORKS_ON": (
        ("ror:umsicht", "t:h2", {"weight": 0.5}),
        ("ror:umsicht", "t:polymer", {"weight": 0.5}),
        ("x:pumpen", "t:h2", {"weight": 1.0}),
        ("x:pumpen", "t:pumps", {"weight": 1.0}),
        ("x:uni", "t:h2", {"weight": 0.67}),
        ("x:uni", "t:steel", {"weight": 0.33}),
        ("x:delft", "t:polymer", {"weight": 1.0}),
        ("x:hrw", "t:h2", {"weight": 0.5}),
        ("x:hrw", "t:pumps", {"weight": 0.5}),
        ("x:stahl", "t:steel", {"weight": 1.0}),
        ("x:newcomer", "t:h2", {"weight": 1.0}),
    ),
    "COOPERATES_WITH": (("ror:umsicht", "x:stahl", {"status": "running"}),),
    "PART_OF": (("ror:umsicht", "ror:fhg", {}),),
    "LOCATED_IN": (
        ("ror:umsicht", "place:05119", {}),
        ("x:pumpen", "place:05119", {}),
        ("x:newcomer", "place:05119", {}),
        ("x:bare", "place:05119", {}),
        ("x:gone", "place:05119", {}),
        ("x:double2", "place:05119", {}),
        ("x:pumpenco", "place:05113", {}),
        ("x:uni", "place:05113", {}),
        ("x:stahl", "place:05113", {}),
        ("x:double1", "place:05113", {}),
        ("x:hrw", "place:05117", {}),
    ),
    "BROADER": (("t:pumps", "t:machines", {}),),
    "WITHIN": (
        ("place:05119", "place:region:ruhr", {}),
        ("place:05113", "place:region:ruhr", {}),
        ("place:05117", "place:region:ruhr", {}),
        ("place:region:ruhr", "place:DE", {}),
    ),
}
EDGES = {t: tuple((a, b, {**p, "evidence": [f"proof:{a}:{b}"]}) for a, b, p in rows) for t, rows in _EDGES.items()}
"""Every link with an evidence that names its ends."""

ALIASES = (("cordis:org:900000002", "x:uni"), ("cordis:rcn:230001", "cordis:grant:101000001"))


def feed(shuffled: int | None = None) -> Feed:
    """The network as a feed; with a number, in another order."""

    def order(rows: Iterable[Any]) -> list[Any]:
        out = list(rows)
        if shuffled is not None:
            random.Random(shuffled).shuffle(out)
        return out

    return Feed(order(ORGANIZATIONS), order(PROJECTS), order(TOPICS), order(PLACES), {t: order(rows) for t, rows in EDGES.items()}, order(ALIASES))
