"""Identity: what joins, what stays apart and what is asked, whatever the order."""

import random

import pytest

from graph.model import Judgement, Kind
from ingest.resolve.candidate import Candidate
from ingest.resolve.compare import COMPARISONS, Pair, Weights
from ingest.resolve.decide import decide
from ingest.resolve.features import features
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


def org(id_, *, keyed=True, name="", **ids):
    source = id_.split(":")[0]
    found = features(id_, [name]) if name else None
    return Candidate(id_, frozenset({source}), found, keyed=keyed, identifiers={k: frozenset({v}) for k, v in ids.items()})


def pair(a, b, score, **levels):
    return Pair(min(a, b), max(a, b), score, tuple(levels.get(c.name, "same") for c in COMPARISONS))


def word(number, a, b, verdict):
    return Judgement(min(a, b), max(a, b), verdict, "test", "", "2026-01-01T00:00:00+00:00", number)


T = Weights(prior=0.0, same=5.0, ask=-2.0, bits={})
C1, C2, R1, R2, E1, E2, X = "cordis:org:1", "cordis:org:2", "register:1", "register:2", "efre-nrw:org:1", "efre-nrw:org:2", "ror:x"
efre = {"keyed": False}

# records, pairs, judgements -> who is one, what is asked and why
CASES = {
    "above the threshold": ([org(C1), org(R1)], [pair(C1, R1, 5.0)], [], [{C1, R1}], []),
    "between the thresholds": ([org(C1), org(R1)], [pair(C1, R1, 4.9)], [], [], [(C1, R1, "score")]),
    "below": ([org(C1), org(R1)], [pair(C1, R1, -2.1)], [], [], []),
    "one publisher's ids keep apart": ([org(C1), org(C2)], [pair(C1, C2, 6.0)], [], [], []),
    "one publisher's ids against a very high score are a question": ([org(C1), org(C2)], [pair(C1, C2, 9.0)], [], [], [(C1, C2, "two_ids")]),
    "no ids of its own: the name makes the record": ([org(E1, **efre), org(E2, **efre)], [pair(E1, E2, 6.0)], [], [{E1, E2}], []),
    "the same identifier, whatever the score": ([org(C1, ror="x"), org(X, ror="x")], [], [], [{C1, X}], []),
    "contradicting identifiers": ([org(C1, vat="DE1"), org(R1, vat="DE2")], [pair(C1, R1, 7.0)], [], [], []),
    "a chain does not join contradicting identifiers": (
        [org(C1, vat="DE1"), org(R1, vat="DE2"), org(E1, **efre)],
        [pair(C1, E1, 9.0), pair(R1, E1, 5.5)],
        [],
        [{C1, E1}],
        [],
    ),
    "a long chain neither": (
        [org(C1), org(E1, **efre), org(E2, **efre), org(C2)],
        [pair(C1, E1, 9.0), pair(E1, E2, 8.5), pair(E2, C2, 5.0)],
        [],
        [{C1, E1, E2}],
        [],
    ),
    "two that fit equally well": ([org(E1, **efre), org(R1), org(R2)], [pair(E1, R1, 7.0), pair(E1, R2, 6.5)], [], [], [(E1, R1, "rival"), (E1, R2, "rival")]),
    "one that fits much better": ([org(E1, **efre), org(R1), org(R2)], [pair(E1, R1, 9.0), pair(E1, R2, 5.5)], [], [{E1, R1}], []),
    "a double of the partner is no rival": (
        [org(X), org(C1), org(C2)],
        [pair(C1, C2, 9.0), pair(C1, X, 8.0), pair(C2, X, 8.0)],
        [],
        [{C1, X}],
        [(C1, C2, "two_ids")],
    ),
    "two legal forms": ([org(C1, name="Kessler GmbH"), org(R1, name="Kessler GmbH & Co. KG")], [pair(C1, R1, 9.0)], [], [], [(C1, R1, "form")]),
    "two legal forms through one that states none": (
        [org(C1, name="Kessler GmbH"), org(X, name="Kessler"), org(R1, name="Kessler AG")],
        [pair(C1, X, 9.0), pair(R1, X, 8.0), pair(C1, R1, 5.0)],
        [],
        [{C1, X}],
        [(R1, X, "form")],
    ),
    "two short names that differ by a letter": ([org(C1), org(R1)], [pair(C1, R1, 9.0, name="typing_error")], [], [], [(C1, R1, "spelling")]),
    "two long names that differ by a letter": ([org(C1), org(R1)], [pair(C1, R1, 9.0, name="typing_error_in_a_long_name")], [], [{C1, R1}], []),
    "nobody says where it is": ([org(C1), org(R1)], [pair(C1, R1, 9.0, place="unknown", rarity="common")], [], [], [(C1, R1, "no_place")]),
    "nobody says where it is, but the name is rare": ([org(C1), org(R1)], [pair(C1, R1, 9.0, place="unknown", rarity="rare")], [], [{C1, R1}], []),
    "below the threshold another one fits as well": (
        [org(E1, **efre), org(R1), org(R2)],
        [pair(E1, R1, 1.0), pair(E1, R2, 0.5)],
        [],
        [],
        [],
    ),
    "judged yes": ([org(C1), org(R1)], [], [word(1, C1, R1, "yes")], [{C1, R1}], []),
    "judged yes against identifiers": ([org(C1, vat="DE1"), org(R1, vat="DE2")], [], [word(1, C1, R1, "yes")], [{C1, R1}], []),
    "judged no against the score": ([org(C1), org(R1)], [pair(C1, R1, 9.0)], [word(1, C1, R1, "no")], [], []),
    "judged no against an identifier": ([org(C1, ror="x"), org(X, ror="x")], [], [word(1, C1, X, "no")], [], []),
    "no holds against a detour": (
        [org(C1), org(R1), org(X)],
        [pair(C1, X, 9.0), pair(R1, X, 8.0), pair(C1, R1, 7.0)],
        [word(1, C1, R1, "no")],
        [{C1, X}],
        [],
    ),
    "the later word stands": ([org(C1), org(R1)], [], [word(1, C1, R1, "no"), word(2, C1, R1, "yes")], [{C1, R1}], []),
    "unsure leaves it to the score": ([org(C1), org(R1)], [pair(C1, R1, 6.0)], [word(1, C1, R1, "unsure")], [{C1, R1}], []),
    "what a person left open is not asked again": ([org(C1), org(R1)], [pair(C1, R1, 1.0)], [word(1, C1, R1, "unsure")], [], []),
    "judged about a record that is not there": ([org(C1)], [], [word(1, C1, "register:9", "yes")], [], []),
    "a question that the rest answers is not asked": (
        [org(C1), org(R1), org(E1, **efre)],
        [pair(C1, R1, 9.0), pair(R1, E1, 8.0), pair(C1, E1, 1.0)],
        [],
        [{C1, R1, E1}],
        [],
    ),
    "two clusters are asked about once": (
        [org(C1), org(R1), org(E1, **efre), org(E2, **efre)],
        [pair(C1, R1, 9.0), pair(E1, E2, 8.0), pair(C1, E1, 2.0), pair(R1, E2, 1.0)],
        [],
        [{C1, R1}, {E1, E2}],
        [(C1, E1, "score")],
    ),
    "500 records": (
        [org(f"efre-nrw:org:{n}", **efre) for n in range(500)],
        [pair("efre-nrw:org:0", f"efre-nrw:org:{n}", 9.0) for n in range(1, 500)],
        [],
        [{f"efre-nrw:org:{n}" for n in range(500)}],
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_joins_and_what_is_asked(case):
    records, pairs, judgements, together, asked = CASES[case]
    for seed in range(5):
        shuffled = random.Random(seed).sample(records, len(records))
        found = decide(shuffled, sorted(pairs, key=lambda p: (-p.score, p.a, p.b)), judgements, thresholds=T)
        clusters = {}
        for r, n in found.node.items():
            clusters.setdefault(n, set()).add(r)
        assert sorted(map(sorted, (m for m in clusters.values() if len(m) > 1))) == sorted(map(sorted, together))
        assert sorted((u.pair.a, u.pair.b, u.why) for u in found.unsure) == sorted((min(a, b), max(a, b), why) for a, b, why in asked)


def test_id_of_a_merged_node_is_the_strongest_record_id():
    records = [org("efre-nrw:org:0", keyed=False), org(C1), org("register:9")]
    found = decide(records, [pair(C1, "register:9", 9.0), pair("efre-nrw:org:0", C1, 8.0)], thresholds=T)
    assert set(found.node.values()) == {"register:9"}


def test_identifiers_only_ignores_names_and_scores():
    found = decide([org(C1), org(X, ror="x"), org(C2, ror="x"), mention("Kessler GmbH")], names=False)
    assert found.node == {C1: C1, X: X, C2: X, "text:org:m": "text:org:m"}


def test_a_prevented_join_is_reported():
    found = decide([org(C1, vat="DE1"), org(R1, vat="DE2")], [pair(C1, R1, 9.0)], thresholds=T)
    assert [(c.a, c.b, c.scheme) for c in found.conflicts] == [(C1, R1, "vat")]


def test_each_step_says_what_joined():
    records = [org(C1), org(R1), org(X, ror="x"), org("csv-a:1", ror="x"), org(E1, **efre)]
    found = decide(records, [pair(C1, R1, 9.0)], [word(7, E1, X, "yes")], thresholds=T)
    assert [(j.a, j.b, j.by) for j in found.joined] == [(E1, X, "person:7"), ("csv-a:1", X, "identifier:ror"), (C1, R1, "score")]


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


def register(id_, name, *others, kind="Company", place="place:05119"):
    keys = (name_key(name), *(k for k in map(name_key, others) if len(k) >= 8))
    called = tuple(dict.fromkeys(map(short_key, (name, *others))))
    return Candidate(id_, frozenset({"ror"}), None, keys, place, kind=kind, called=called)


def mention(name, *others, kind="Company", near=()):
    names = (name, *others)
    return Candidate(
        "text:org:m",
        frozenset({"text"}),
        None,
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
        assert decide(order).node["text:org:m"] == (found or "text:org:m")


def test_a_judgement_outranks_what_a_mention_seems_to_mean():
    no = Judgement("text:org:m", "ror:1", "no", "t", "another one", "2026-01-01T00:00:00+00:00", 1)
    found = decide([mention("Fraunhofer UMSICHT", kind="ResearchInstitute"), UMSICHT], judgements=[no])
    assert found.node["text:org:m"] == "text:org:m"
