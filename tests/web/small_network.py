"""A small network of our own making, as claims of three sources and a few texts, with names that try to break a page."""

from __future__ import annotations

import json
from collections.abc import Iterator

import small_documents

from graph.model import Claim, Entity, Evidence, Kind, Label, Link
from graph.settings import Settings
from graph.store import Store
from ingest import claims
from ingest.base import Context, Release
from ingest.load import load, write_lock
from ingest.sources import cordis, efre_nrw, geonames
from ingest.text import documents

BRANCH, NEIGHBOUR, BRANCH_PROJECT = "efre-nrw:org:00cc", "efre-nrw:org:00dd", "efre-nrw:op:00ee"
"""A part of INSTITUTE with a project and a partner of its own."""
CENTRE = "cordis:org:1001"
INSTITUTE = "cordis:org:1002"
SCRIPT = "cordis:org:1003"
RIGHT_TO_LEFT = "cordis:org:1004"
LONELY = "cordis:org:1005"
TITLED, ACRONYM_ONLY, NAMELESS = "cordis:grant:1", "cordis:grant:2", "cordis:grant:3"
OLD_PROJECT_ID = "cordis:rcn:777"
TOPIC, TOPIC_ABOVE = "euroscivoc:1691", "euroscivoc:21"
OBERHAUSEN, RUHR, NRW = "place:05119", "place:region:ruhr", "place:DE-NW"
EVIDENCE = "cordis:1:1001"
SCRIPT_NAME = "<script>alert('x')</script> & Söhne GmbH"
RTL_NAME = "\u202eHbmG ehcsilreF\u202c Ferlische GmbH"
GONE = "cordis:org:4711"
"""Never in the data; the tests say of it that it once was."""
FIRMS = 60


def _row(id_: str, row: int, **columns: object) -> Evidence:
    return Evidence(id_, f"organization.csv:{row}", json.dumps(columns, ensure_ascii=False))


def _places() -> Iterator[Claim]:
    yield Evidence("geonames:05119", "DE.txt:2", json.dumps({"community": "Oberhausen", "zipcode": "46045"}))
    proof = ("geonames:05119",)
    for id_, name, level, more in (
        ("place:DE", "Deutschland", "country", {}),
        (NRW, "Nordrhein-Westfalen", "state", {}),
        (RUHR, "Ruhrgebiet", "region", {}),
        (OBERHAUSEN, "Oberhausen", "district", {"ags": "05119", "postcodes": ["46045", "46047"], "lat": 51.47, "lon": 6.85}),
        ("place:05113", "Essen", "district", {"ags": "05113", "postcodes": ["45127"], "lat": 51.45, "lon": 7.01}),
    ):
        yield Entity(id_, Label.PLACE, {"name": name, "level": level, "country": "DE", **more}, proof)
    for a, b in ((OBERHAUSEN, NRW), (OBERHAUSEN, RUHR), ("place:05113", NRW), ("place:05113", RUHR), (NRW, "place:DE")):
        yield Link(a, "WITHIN", b, proof)


def _research() -> Iterator[Claim]:
    names = {CENTRE: "Wasserstofftechnik Ruhr GmbH", INSTITUTE: "Institut für Energiespeicher Oberhausen", SCRIPT: SCRIPT_NAME, RIGHT_TO_LEFT: RTL_NAME}
    kinds = {CENTRE: Kind.COMPANY, INSTITUTE: Kind.RESEARCH, SCRIPT: Kind.COMPANY, RIGHT_TO_LEFT: Kind.COMPANY}
    yield _row("cordis:org-row:1005", 900, organisationID="1005", name="Alleinstehende Werkstatt GmbH", city="Oberhausen")
    alone = {"name": "Alleinstehende Werkstatt GmbH", "city": "Oberhausen", "postcode": "46045", "country": "DE"}
    yield Entity(LONELY, Label.ORGANIZATION, alone, ("cordis:org-row:1005",), Kind.COMPANY)
    for n in range(FIRMS):
        names[f"cordis:org:{2000 + n}"] = f"Beispielfirma {n:02} GmbH"
        kinds[f"cordis:org:{2000 + n}"] = list(Kind)[n % 5]
    projects = {
        TITLED: {
            "title": "Wasserstoff aus Abwärme: Speicher für Stadtwerke",
            "acronym": "HEATH2",
            "start": "2019-03-01",
            "end": "2022-02-28",
            "programme": "H2020",
            "funding_eur": 1234567.0,
        },
        ACRONYM_ONLY: {"acronym": "STOREX", "start": "2020", "programme": "H2020"},
        NAMELESS: {"start": "2015-01-01", "end": "2018-12-31", "programme": "H2020", "theme": "Energie"},
    }
    members = {
        TITLED: [CENTRE, INSTITUTE, SCRIPT, RIGHT_TO_LEFT, *(f"cordis:org:{2000 + n}" for n in range(12))],
        ACRONYM_ONLY: [INSTITUTE, *(f"cordis:org:{2000 + n}" for n in range(10, 40))],
        NAMELESS: [CENTRE, INSTITUTE, *(f"cordis:org:{2000 + n}" for n in range(30, FIRMS))],
    }
    row = 1
    proofs: dict[str, list[str]] = {}
    for project, orgs in members.items():
        number = project.rsplit(":", 1)[1]
        for org in orgs:
            row += 1
            pic = org.rsplit(":", 1)[1]
            id_ = f"cordis:{number}:{pic}"
            yield _row(id_, row, projectID=number, organisationID=pic, name=names[org], city="Oberhausen", role="participant", ecContribution="1000,50")
            proofs.setdefault(org, []).append(id_)
            proofs.setdefault(project, []).append(id_)
            yield Link(org, "PARTICIPATES_IN", project, (id_,), {"roles": ["coordinator" if org == INSTITUTE else "participant"], "funding_eur": 1000.5})
    for org, name in names.items():
        props = {"name": name, "city": "Essen" if org[-1] in "13579" and org not in (CENTRE, SCRIPT) else "Oberhausen", "country": "DE"}
        if org == CENTRE:
            props |= {"website": "https://www.beispiel.invalid/", "postcode": "46045"}
        if org == SCRIPT:
            props |= {"website": "javascript:alert(1)"}
        yield Entity(org, Label.ORGANIZATION, props, tuple(proofs[org]), kinds[org], {"pic": org.rsplit(":", 1)[1]})
    for project, props in projects.items():
        yield Entity(project, Label.PROJECT, props, tuple(proofs[project][:1]), same_as=(OLD_PROJECT_ID,) if project == TITLED else ())
    yield _row("cordis:topic:1691", 2, code="/21/1691", title="hydrogen energy")
    proof = ("cordis:topic:1691",)
    labels = {"label_en": "hydrogen energy", "label_de": "Wasserstoffenergie", "scheme": "euroscivoc", "translated_by": "innonet"}
    yield Entity(TOPIC, Label.TOPIC, labels, proof)
    yield Entity(TOPIC_ABOVE, Label.TOPIC, {"label_en": "natural sciences", "label_de": "Naturwissenschaften", "scheme": "euroscivoc"}, proof)
    yield Link(TOPIC, "BROADER", TOPIC_ABOVE, proof)
    for project in (TITLED, ACRONYM_ONLY):
        yield Link(project, "ABOUT", TOPIC, proof)


def _second() -> Iterator[Claim]:
    yield Evidence("efre-nrw:row:1", "liste.xlsx:7", json.dumps({"Begünstigter": "Wasserstofftechnik Ruhr GmbH", "Vorhaben": "Prüfstand"}, ensure_ascii=False))
    same = {"name": "Wasserstofftechnik Ruhr GmbH", "city": "Oberhausen", "country": "DE"}
    yield Entity("efre-nrw:org:00aa", Label.ORGANIZATION, same, ("efre-nrw:row:1",), Kind.COMPANY)
    yield Entity("efre-nrw:op:00bb", Label.PROJECT, {"title": "Prüfstand für Brennstoffzellen", "start": "2016", "programme": "EFRE.NRW"}, ("efre-nrw:row:1",))
    yield Link("efre-nrw:org:00aa", "PARTICIPATES_IN", "efre-nrw:op:00bb", ("efre-nrw:row:1",))
    yield Evidence("efre-nrw:row:2", "liste.xlsx:8", json.dumps({"Begünstigter": "Außenstelle Lirich", "Vorhaben": "Quartierslabor"}, ensure_ascii=False))
    for org, name in ((BRANCH, "Außenstelle Lirich"), (NEIGHBOUR, "Quartiersverein Muster")):
        yield Entity(org, Label.ORGANIZATION, {"name": name, "city": "Oberhausen", "country": "DE"}, ("efre-nrw:row:2",), Kind.RESEARCH)
        yield Link(org, "PARTICIPATES_IN", BRANCH_PROJECT, ("efre-nrw:row:2",))
    yield Entity(BRANCH_PROJECT, Label.PROJECT, {"title": "Quartierslabor", "start": "2017", "programme": "EFRE.NRW"}, ("efre-nrw:row:2",))
    yield Link(BRANCH, "PART_OF", INSTITUTE, ("efre-nrw:row:2",))


def fill(settings: Settings, store: Store) -> None:
    """Write the claims into the home and load them."""
    with write_lock(settings):
        for meta, make, release in (
            (geonames.META, _places, "2026"),
            (cordis.META, _research, "2020-12"),
            (efre_nrw.META, _second, "2021"),
            (small_documents.META, small_documents.claimed, "meldungen"),
        ):
            ctx = Context(meta, Release(release, "2026-11-01", release))
            if make is _research:
                ctx.issues.add("unknown_column", "organization.csv:1", "neu", detail="neu")
            claims.write_set(ctx, make(), claims.set_path(settings.home, meta.id, release), [], "test")
        documents.save(settings.home, "meldungen", small_documents.documents())
        load(settings, store)
