"""Identity, first version: what joins and what stays apart, whatever the order."""

import random

import pytest

from graph.model import Judgement, Kind
from ingest.resolve.decide import Candidate, decide
from ingest.resolve.kinds import kind_from_name
from ingest.resolve.normalise import city_key, has_form, name_key, short_key
from ingest.resolve.places import PlaceIndex


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Müller Maschinenbau GmbH", "MUELLER MASCHINENBAU GMBH"),
        ("Müller Maschinenbau GmbH", "MULLER MASCHINENBAU G.m.b.H."),
        ("Stahl Gesellschaft mit beschränkter Haftung", "Stahl GmbH"),
        ("Kessler GmbH & Co. KG", "Kessler GmbH u. Co KG"),
        ("Kessler GmbH & Co. KG", "Kessler GmbH + Co. KG"),
        ("Muster Aktiengesellschaft", "Muster AG"),
        ("Zentrum für Brennstoffzellen-Technik GmbH", "Zentrum fuer Brennstoffzellen Technik GmbH"),
        ("Förderverein e.V.", "Förderverein eingetragener Verein"),
        ("Förderverein e. V.", "FOERDERVEREIN EV"),
        ("Start UG (haftungsbeschränkt)", "Start UG haftungsbeschränkt"),
        ("FRAUNHOFER GESELLSCHAFT ZUR FORDERUNG E.V.", "Fraunhofer-Gesellschaft zur Förderung e.V."),
        ("ACME LIMITED", "Acme Ltd."),
        ("Straße und Weg GmbH", "STRASSE & WEG GMBH"),
    ],
)
def test_names_that_are_the_same(a, b):
    assert name_key(a) == name_key(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Kessler GmbH", "Kessler GmbH & Co. KG"),
        ("Kessler GmbH", "Kessler AG"),
        ("Bauer GmbH", "Baur GmbH"),
        ("Neue Technik GmbH", "Nue Technik GmbH"),
        ("A1 GmbH", "A2 GmbH"),
        ("Universität Bochum", "Universitätsklinikum Bochum"),
        ("gGmbH Hilfe", "GmbH Hilfe"),
    ],
)
def test_names_that_are_not(a, b):
    assert name_key(a) != name_key(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [("MÜLHEIM AN DER RUHR", "Muelheim an der Ruhr"), ("Paris CEDEX 16", "PARIS"), ("Essen (Ruhr)", "ESSEN"), ("45127 Essen", "Essen")],
)
def test_cities_that_are_the_same(a, b):
    assert city_key(a) == city_key(b)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Stadt Oberhausen - Bereich 1-4 / Schule", Kind.PUBLIC),
        ("Universität Duisburg-Essen", Kind.UNIVERSITY),
        ("Hochschule Ruhr West", Kind.UNIVERSITY),
        ("Fraunhofer Gesellschaft, Institut für Umwelt-, Sicherheits- und Energietechnik (UMSICHT)", Kind.RESEARCH),
        ("Zentrum für Innovation GmbH", Kind.COMPANY),
        ("Mülheim & Business GmbH Wirtschaftsförderung", Kind.PUBLIC),
        ("Emschergenossenschaft", Kind.PUBLIC),
        ("Verein der Freunde der Universität e.V.", Kind.ASSOCIATION),
        ("IHK zu Essen", Kind.ASSOCIATION),
        ("H.Pesch & Co OHG", Kind.COMPANY),
        ("Lichtblick", None),
    ],
)
def test_kind_that_a_name_tells(name, kind):
    assert kind_from_name(name) == kind


def org(id_, name="Muster GmbH", *, place="place:05119", country="DE", region="Nordrhein-Westfalen", keyed=True, **ids):
    source = id_.split(":")[0]
    return Candidate(id_, frozenset({source}), (name_key(name),), country, region, place, keyed, {k: frozenset({v}) for k, v in ids.items()})


def word(number, a, b, verdict):
    return Judgement(min(a, b), max(a, b), verdict, "test", "", "2026-01-01T00:00:00+00:00", number)


CASES = {
    "same name and city": ([org("cordis:org:1"), org("register:1")], [], [{"cordis:org:1", "register:1"}]),
    "same name, other city": ([org("cordis:org:1"), org("register:1", place="place:05113")], [], []),
    "same name, other country": ([org("cordis:org:1", country="AT", place="wien"), org("register:1", place="wien")], [], []),
    "legal form differs": ([org("cordis:org:1"), org("register:1", "Muster GmbH & Co. KG")], [], []),
    "one publisher's ids keep apart": ([org("cordis:org:1"), org("cordis:org:2")], [], []),
    "no ids of its own: the name makes the record": (
        [org("efre-nrw:org:1", place="", keyed=False), org("efre-nrw:org:2", place="", keyed=False)],
        [],
        [{"efre-nrw:org:1", "efre-nrw:org:2"}],
    ),
    "same identifier, other name": ([org("cordis:org:1", "A", ror="x"), org("ror:x", "B", place="", ror="x")], [], [{"cordis:org:1", "ror:x"}]),
    "contradicting identifiers": ([org("cordis:org:1", vat="DE1"), org("register:1", vat="DE2")], [], []),
    "without a place, one in the Land": ([org("register:1"), org("efre-nrw:org:1", place="", keyed=False)], [], [{"register:1", "efre-nrw:org:1"}]),
    "without a place, two in the Land": (
        [org("register:1"), org("register:2", place="place:05113"), org("efre-nrw:org:1", place="", keyed=False)],
        [],
        [],
    ),
    "without a place, one in another Land": ([org("register:1", region="Bayern"), org("efre-nrw:org:1", place="", keyed=False)], [], []),
    "judged yes": (
        [org("cordis:org:1", "A"), org("register:1", "B", place="")],
        [word(1, "cordis:org:1", "register:1", "yes")],
        [{"cordis:org:1", "register:1"}],
    ),
    "judged yes against identifiers": (
        [org("cordis:org:1", vat="DE1"), org("register:1", vat="DE2")],
        [word(1, "cordis:org:1", "register:1", "yes")],
        [{"cordis:org:1", "register:1"}],
    ),
    "judged no against the rule": ([org("cordis:org:1"), org("register:1")], [word(1, "cordis:org:1", "register:1", "no")], []),
    "judged no against an identifier": ([org("cordis:org:1", ror="x"), org("ror:x", ror="x")], [word(1, "cordis:org:1", "ror:x", "no")], []),
    "no holds against a detour": (
        [org("cordis:org:1"), org("register:1"), org("ror:x")],
        [word(1, "cordis:org:1", "register:1", "no")],
        [{"cordis:org:1", "ror:x"}],
    ),
    "the later word stands": (
        [org("cordis:org:1"), org("register:1")],
        [word(1, "cordis:org:1", "register:1", "no"), word(2, "cordis:org:1", "register:1", "yes")],
        [{"cordis:org:1", "register:1"}],
    ),
    "unsure leaves it to the rule": (
        [org("cordis:org:1"), org("register:1")],
        [word(1, "cordis:org:1", "register:1", "unsure")],
        [{"cordis:org:1", "register:1"}],
    ),
    "judged about a record that is not there": ([org("cordis:org:1")], [word(1, "cordis:org:1", "register:9", "yes")], []),
    "no name": ([org("cordis:org:1", ""), org("register:1", "")], [], []),
}


@pytest.mark.parametrize("case", CASES)
def test_what_joins(case):
    records, judgements, together = CASES[case]
    for seed in range(5):
        shuffled = random.Random(seed).sample(records, len(records))
        node, _ = decide(shuffled, judgements)
        found = {}
        for r, n in node.items():
            found.setdefault(n, set()).add(r)
        assert sorted(map(sorted, (m for m in found.values() if len(m) > 1))) == sorted(map(sorted, together))


def test_id_of_a_merged_node_is_the_strongest_record_id():
    node, _ = decide([org("efre-nrw:org:0", keyed=False), org("cordis:org:1"), org("register:9")])
    assert set(node.values()) == {"register:9"}


def test_identifiers_only_ignores_names():
    node, _ = decide([org("cordis:org:1"), org("register:1"), org("ror:x", ror="x"), org("cordis:org:2", "Z", ror="x")], names=False)
    assert node == {"cordis:org:1": "cordis:org:1", "register:1": "register:1", "ror:x": "ror:x", "cordis:org:2": "ror:x"}


def test_a_prevented_join_is_reported():
    _, conflicts = decide([org("cordis:org:1", vat="DE1"), org("register:1", vat="DE2")])
    assert [(c.a, c.b, c.scheme) for c in conflicts] == [("cordis:org:1", "register:1", "vat")]


PLACES = PlaceIndex(
    [
        ("place:05119", {"name": "Oberhausen", "level": "district", "ags": "05119", "postcodes": ["46045", "46047"]}),
        ("place:05113", {"name": "Essen", "level": "district", "ags": "05113", "postcodes": ["45127"]}),
        ("place:05117", {"name": "Mülheim an der Ruhr", "names": ["Mülheim"], "level": "district", "ags": "05117", "postcodes": ["45468"]}),
        ("place:05119000", {"name": "Oberhausen", "level": "municipality", "ags": "05119000", "postcodes": ["46045"]}),
        ("place:09185", {"name": "Oberhausen", "level": "municipality", "ags": "09185", "postcodes": ["86697"]}),
    ]
)


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({"ags": "05119000"}, "place:05119000"),
        ({"ags": "05113999"}, "place:05113"),
        ({"city": "OBERHAUSEN", "postcode": "46047"}, "place:05119"),
        ({"city": "Oberhausen", "region": "Nordrhein-Westfalen"}, "place:05119"),
        ({"city": "Oberhausen"}, "place:05119"),
        ({"city": "Oberhausen", "region": "Bayern"}, "place:09185"),
        ({"city": "MUELHEIM"}, "place:05117"),
        ({"city": "Kupferdreh", "postcode": "45127"}, "place:05113"),
        ({"city": "Paris"}, None),
        ({}, None),
    ],
)
def test_place_of_an_organisation(asked, place):
    assert PLACES.find(**asked) == place


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Gasometer Oberhausen GmbH", "place:05119"),
        ("Stadt Essen", "place:05113"),
        ("Essen auf Rädern GmbH", None),
        ("Universität Duisburg-Essen", None),
        ("Oberhausen und Mülheim GmbH", None),
        ("Muster GmbH", None),
    ],
)
def test_place_in_a_name(name, place):
    assert PLACES.in_name(name, "Nordrhein-Westfalen") == place


def register(id_, name, *others, kind="Company", place="place:05119", country="DE"):
    keys = (name_key(name), *(k for k in map(name_key, others) if len(k) >= 8))
    called = tuple(dict.fromkeys(map(short_key, (name, *others))))
    return Candidate(id_, frozenset({"ror"}), keys, country, "", place, kind=kind, called=called)


def mention(name, *others, kind="Company", near=()):
    names = (name, *others)
    return Candidate(
        "text:org:m",
        frozenset({"text"}),
        tuple(map(name_key, names)),
        keyed=False,
        kind=kind,
        called=tuple(map(short_key, names)),
        formed=frozenset(short_key(n) for n in names if has_form(n)),
        said=True,
        near=frozenset(near),
    )


UMSICHT = register("ror:1", "Fraunhofer-Institut für Umwelt-, Sicherheits- und Energietechnik", "Fraunhofer UMSICHT", "UMSICHT", kind="ResearchInstitute")


@pytest.mark.parametrize(
    ("said", "known", "found"),
    [
        (mention("Kessler Stahlbau GmbH"), [register("x:1", "Kessler Stahlbau GmbH")], "x:1"),
        (mention("Kessler Stahlbau"), [register("x:1", "Kessler Stahlbau GmbH")], "x:1"),
        (mention("Kessler Stahlbau"), [register("x:1", "Kessler Stahlbau GmbH"), register("x:2", "Kessler Stahlbau AG")], None),
        (
            mention("Kessler Stahlbau", near=["place:05113"]),
            [register("x:1", "Kessler Stahlbau GmbH"), register("x:2", "Kessler Stahlbau AG", place="place:05113")],
            "x:2",
        ),
        (mention("Kessler Stahlbau GmbH"), [register("x:1", "Kessler Stahlbau AG")], None),
        (mention("Kessler Stahlbau GmbH"), [register("x:1", "Kessler Stahlbau")], "x:1"),
        (mention("Fraunhofer UMSICHT", kind="ResearchInstitute"), [UMSICHT], "ror:1"),
        (mention("UMSICHT", kind="ResearchInstitute"), [UMSICHT], "ror:1"),
        (mention("UMSICHT", kind="Company"), [UMSICHT], None),
        (mention("EU", kind="PublicBody"), [register("x:1", "EU", kind="PublicBody")], None),
        (mention("Zentrum für Vorsicht", "UMSICHT", kind="ResearchInstitute"), [UMSICHT], "ror:1"),
        (mention("Nirgends GmbH"), [UMSICHT], None),
        (
            mention("Deutschen Zentrum für Luft- und Raumfahrt", kind="ResearchInstitute"),
            [register("ror:2", "Deutsches Zentrum für Luft- und Raumfahrt e. V. (DLR)", kind="ResearchInstitute")],
            "ror:2",
        ),
        (mention("Westfälischen Hochschule", kind="University"), [register("ror:3", "Westfälische Hochschule", kind="University")], "ror:3"),
    ],
    ids=lambda x: x.names[0] if isinstance(x, Candidate) else None,
)
def test_what_a_mention_in_a_text_means(said, known, found):
    for order in ([said, *known], [*known, said]):
        node, _ = decide(order)
        assert node["text:org:m"] == (found or "text:org:m")


def test_a_judgement_outranks_what_a_mention_seems_to_mean():
    no = Judgement("text:org:m", "ror:1", "no", "t", "another one", "2026-01-01T00:00:00+00:00", 1)
    node, _ = decide([mention("Fraunhofer UMSICHT", kind="ResearchInstitute"), UMSICHT], [no])
    assert node["text:org:m"] == "text:org:m"
