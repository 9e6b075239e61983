"""A network small enough to answer every question of the phrase book by hand; as claims, so that identity and counts are real.

Oberhausen  Alpha, Beta, Gamma (firms), Omega (dissolved), Institut U (research, part of Gesellschaft F; its own part: Labor U in Dortmund)
Essen       Delta (firm), Universität E
Köln        Universität K (not in the Ruhr area)
abroad      TU Delft; Gesellschaft F has no place

P1 2010 water     Alpha, Universität E          P5 2020 hydrogen  Beta alone
P2 2018 hydrogen  Beta, Delta, Universität K    P6 2012 water     Labor U, Universität E
P3 2019 storage   Delta, Institut U             P7 2017 hydrogen  Delta, Universität K
P4 2019 energy    Gesellschaft F, TU Delft      Delta and TU Delft cooperate since 2016

energy > hydrogen > storage; water stands alone.  Gamma works on storage, as a list says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graph.model import Claim, Entity, Evidence, Kind, Label, Link, Status

PLACES: dict[str, tuple[str, str, float, float, tuple[str, ...]]] = {
    "place:DE": ("Deutschland", "country", 51.0, 10.0, ()),
    "place:DE-NW": ("Nordrhein-Westfalen", "state", 51.4, 7.5, ("place:DE",)),
    "place:region:ruhr": ("Ruhrgebiet", "region", 51.5, 7.2, ("place:DE-NW",)),
    "place:05119": ("Oberhausen", "district", 51.5, 6.85, ("place:DE-NW", "place:region:ruhr")),
    "place:05113": ("Essen", "district", 51.45, 7.01, ("place:DE-NW", "place:region:ruhr")),
    "place:05913": ("Dortmund", "district", 51.51, 7.47, ("place:DE-NW", "place:region:ruhr")),
    "place:05315": ("Köln", "district", 50.94, 6.96, ("place:DE-NW",)),
}

ORGANIZATIONS: dict[str, tuple[str, Kind, dict[str, Any]]] = {
    "x:alpha": ("Alpha GmbH", Kind.COMPANY, {"city": "Oberhausen", "country": "DE"}),
    "x:beta": ("Beta GmbH", Kind.COMPANY, {"city": "Oberhausen", "country": "DE"}),
    "x:gamma": ("Gamma GmbH", Kind.COMPANY, {"city": "Oberhausen", "country": "DE"}),
    "x:gone": ("Omega GmbH", Kind.COMPANY, {"city": "Oberhausen", "country": "DE", "status": "dissolved"}),
    "x:old": ("Sigma GmbH", Kind.COMPANY, {"city": "Köln", "country": "DE", "status": "dissolved"}),
    "x:delta": ("Delta AG", Kind.COMPANY, {"city": "Essen", "country": "DE"}),
    "x:u": ("Institut U", Kind.RESEARCH, {"city": "Oberhausen", "country": "DE"}),
    "x:lab": ("Labor U", Kind.RESEARCH, {"city": "Dortmund", "country": "DE"}),
    "x:f": ("Gesellschaft F", Kind.RESEARCH, {"country": "DE"}),
    "x:due": ("Universität E", Kind.UNIVERSITY, {"city": "Essen", "country": "DE"}),
    "x:koeln": ("Universität K", Kind.UNIVERSITY, {"city": "Köln", "country": "DE"}),
    "x:delft": ("TU Delft", Kind.UNIVERSITY, {"city": "Delft", "country": "NL", "lat": 52.0, "lon": 4.36}),
}

TOPICS: dict[str, tuple[str, str, str | None]] = {
    "t:energy": ("Energie", "energy", None),
    "t:hydrogen": ("Wasserstoff", "hydrogen", "t:energy"),
    "t:storage": ("Speicher", "storage", "t:hydrogen"),
    "t:water": ("Wasser", "water", None),
}

PROJECTS: dict[str, tuple[str, str, str, str, dict[str, float | None], float | None]] = {
    # title, start, programme, topic, participants with their funding in euro, funding of the whole
    "p:1": ("Klares Nass", "2010-03-01", "Altprogramm", "t:water", {"x:alpha": 1000.0, "x:due": None}, None),
    "p:2": ("Zweites", "2018-01-01", "Neuprogramm", "t:hydrogen", {"x:beta": None, "x:delta": None, "x:koeln": None}, 900.0),
    "p:3": ("Drittes", "2019-01-01", "Neuprogramm", "t:storage", {"x:delta": None, "x:u": 300.0}, None),
    "p:4": ("Viertes", "2019-06-01", "Neuprogramm", "t:energy", {"x:f": None, "x:delft": None}, None),
    "p:5": ("Fünftes", "2020-01-01", "Neuprogramm", "t:hydrogen", {"x:beta": None}, 500.0),
    "p:6": ("Sechstes", "2012-01-01", "Altprogramm", "t:water", {"x:lab": None, "x:due": None}, None),
    "p:8": ("Achtes", "2021-01-01", "Neuprogramm", "t:water", {"x:old": None}, None),
    "p:7": ("Siebtes", "2017-01-01", "Neuprogramm", "t:hydrogen", {"x:delta": None, "x:koeln": None}, None),
}


def phrase_claims() -> Iterator[Claim]:
    """All of it, each claim with an evidence of its own: ``e:`` and what it is about."""
    for id_, (name, level, lat, lon, within) in PLACES.items():
        yield Evidence(f"e:{id_}", "places.csv:2", "{}")
        yield Entity(id_, Label.PLACE, {"name": name, "level": level, "lat": lat, "lon": lon, "country": "DE"}, (f"e:{id_}",))
        for up in within:
            yield Link(id_, "WITHIN", up, (f"e:{id_}",))
    for id_, (name, kind, props) in ORGANIZATIONS.items():
        yield Evidence(f"e:{id_}", "organizations.csv:2", "{}")
        yield Entity(id_, Label.ORGANIZATION, {"name": name, **props}, (f"e:{id_}",), kind)
    for id_, (de, en, broader) in TOPICS.items():
        yield Evidence(f"e:{id_}", "topics.csv:2", "{}")
        yield Entity(id_, Label.TOPIC, {"label_de": de, "label_en": en, "scheme": "euroscivoc"}, (f"e:{id_}",))
        if broader:
            yield Link(id_, "BROADER", broader, (f"e:{id_}",))
    for id_, (title, start, programme, topic, members, funding) in PROJECTS.items():
        yield Evidence(f"e:{id_}", "projects.csv:2", "{}")
        whole = {} if funding is None else {"funding_eur": funding}
        yield Entity(id_, Label.PROJECT, {"title": title, "start": start, "programme": programme, **whole}, (f"e:{id_}",))
        yield Link(id_, "ABOUT", topic, (f"e:{id_}",))
        for member, euro in members.items():
            yield Evidence(f"e:{id_}:{member}", "participants.csv:2", "{}")
            yield Link(member, "PARTICIPATES_IN", id_, (f"e:{id_}:{member}",), {} if euro is None else {"funding_eur": euro})
    yield Link("x:u", "PART_OF", "x:f", ("e:x:u",))
    yield Link("x:lab", "PART_OF", "x:u", ("e:x:lab",))
    yield Link("x:gamma", "WORKS_ON", "t:storage", ("e:x:gamma",))
    yield Link("x:delta", "COOPERATES_WITH", "x:delft", ("e:x:delta",), {"since": "2016"}, Status.RUNNING)
