"""An organisation alone and with its parts: what counts, what does not, and nobody twice."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.derive import Feed, build
from graph.derived import Derived
from graph.neighbourhood import ids_with_parts, nearest_of, network, on_topic, partners, parts, parts_of, projects_of, with_parts
from graph.suggest import Filters, suggest

# a university with a chair in an institute, a sister with a share in the institute, a circle, and partners
PART_OF = [("chair", "institute"), ("institute", "university"), ("institute", "sister"), ("x", "y"), ("y", "x")]
TAKES_PART = {
    "p1": ["university", "firm"],
    "p2": ["institute", "firm"],
    "p3": ["chair", "institute", "lab"],  # two parts in one project
    "p4": ["chair", "far"],
    "p5": ["x", "y", "firm"],
    "p6": ["lab", "new"],
    "p7": ["far", "newer"],
}
ABOUT = {"p1": "water", "p2": "water", "p3": "water", "p5": "air"}
NAMES = sorted({o for members in TAKES_PART.values() for o in members} | {o for pair in PART_OF for o in pair})


def feed(part_of, takes_part, names):
    return Feed(
        organizations=[(n, {"name": n.title(), "country": "DE"}, "University" if n == "university" else "Company") for n in sorted(names)],
        projects=[(p, {"title": p, "start": "2020-01-01"}) for p in sorted(takes_part)],
        topics=[(f"t:{topic}", {"label_de": topic}) for topic in sorted(set(ABOUT.values()))],
        edges={
            "PART_OF": sorted((a, b, {"evidence": [f"{a}<{b}"]}) for a, b in part_of),
            "ABOUT": [(p, f"t:{topic}", {}) for p, topic in sorted(ABOUT.items()) if p in takes_part],
            "PARTICIPATES_IN": sorted((o, p, {"evidence": [f"{o}-{p}"]}) for p, members in takes_part.items() for o in members),
        },
    )


@pytest.fixture(scope="module")
def d(tmp_path_factory):
    return Derived(build(tmp_path_factory.mktemp("rollup"), "1", feed(PART_OF, TAKES_PART, NAMES)))


@pytest.mark.parametrize(
    ("who", "family"),
    [
        ("university", {"university", "institute", "chair"}),
        ("sister", {"sister", "institute", "chair"}),
        ("institute", {"institute", "chair"}),
        ("chair", {"chair"}),
        ("x", {"x", "y"}),
        ("firm", {"firm"}),
    ],
)
def test_all_parts_over_any_number_of_steps(d, who, family):
    assert set(ids_with_parts(d, who)) == family
    assert ids_with_parts(d, who)[0] == who
    assert parts_of(d, who) == len(family) - 1


@pytest.mark.parametrize(
    ("who", "parts", "projects", "found"),
    [
        ("university", False, 1, {"firm": 1}),
        ("university", True, 4, {"firm": 2, "lab": 1, "far": 1}),  # p3 once, the parts are no partners
        ("institute", True, 3, {"firm": 1, "lab": 1, "far": 1}),
        ("sister", False, 0, {}),
        ("sister", True, 3, {"firm": 1, "lab": 1, "far": 1}),
        ("x", True, 1, {"firm": 1}),
        ("firm", True, 3, {"university": 1, "institute": 1, "x": 1, "y": 1}),
    ],
)
def test_projects_and_partners_count_once(d, who, parts, projects, found):
    assert len(projects_of(d, with_parts(d, d.index(who), parts=parts))) == projects
    shown = partners(d, who, parts=parts)
    assert {o.id: o.shared for o in shown.items} == found
    assert shown.total == len(found)


@pytest.mark.parametrize(
    ("partner", "through"),
    [
        ("firm", [("institute", 1), ("university", 1)]),
        ("lab", [("chair", 1), ("institute", 1)]),  # one project of two parts
        ("far", [("chair", 1)]),
    ],
)
def test_a_partner_says_through_whom(d, partner, through):
    found = {o.id: o for o in partners(d, "university", parts=True).items}[partner]
    assert [(t.id, t.projects) for t in found.through] == through
    assert not any(o.through for o in partners(d, "university").items)


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("university", [("chair", 2, ["chair<institute"], ["institute"]), ("institute", 2, ["institute<university"], [])]),
        ("x", [("y", 1, ["y<x"], [])]),
        ("firm", []),
        ("nobody", []),
    ],
)
def test_the_parts_are_listed_with_their_projects_and_the_proof(d, who, found):
    assert [(o.id, o.projects, list(o.evidence), [t.id for t in o.through]) for o in parts(d, who)] == found


def test_long_lists_of_parts_are_cut(d):
    assert len(parts(d, "university", limit=1)) == 1


@pytest.mark.parametrize(
    ("who", "wholes", "outermost"),
    [
        ("chair", {"institute", "university", "sister"}, {"university", "sister"}),
        ("institute", {"university", "sister"}, {"university", "sister"}),
        ("university", set(), {"university"}),
        ("x", {"y"}, {"x", "y"}),  # a circle has no top
        ("firm", set(), {"firm"}),
    ],
)
def test_wholes_and_the_outermost_of_them(d, who, wholes, outermost):
    row = d.index(who)
    assert {d.ids[r] for r in d.wholes.row(row).tolist()} == wholes
    assert {d.ids[r] for r in d.outermost.row(row).tolist()} == outermost


@pytest.mark.parametrize(
    ("topic", "rolled_up", "found"),
    [
        ("t:water", False, {"firm": 2, "institute": 2, "chair": 1, "lab": 1, "university": 1}),
        ("t:water", True, {"university": 3, "firm": 2, "sister": 2, "lab": 1}),  # p3 once for either whole
        ("t:air", True, {"firm": 1, "x": 1, "y": 1}),
        ("t:none", True, {}),
    ],
)
def test_who_works_on_a_topic(d, topic, rolled_up, found):
    shown = on_topic(d, topic, parts=rolled_up)
    assert {o.id: o.shared for o in shown.items} == found
    assert shown.total == len(found)
    assert [o.shared for o in shown.items] == sorted(found.values(), reverse=True)
    assert on_topic(d, topic, parts=rolled_up, skip=1, limit=1).items == shown.items[1:2]


@pytest.mark.parametrize(("goal", "start"), [("firm", "university"), ("new", "chair"), ("newer", "chair"), ("y", "university"), ("nobody", "university")])
def test_the_part_that_is_nearest(d, goal, start):
    assert nearest_of(d, "university", goal) == start


def test_every_part_of_is_proved(d):
    assert d.proof("part_of", d.index("chair"), d.index("institute")) == ["chair<institute"]
    assert d.proof("part_of", d.index("chair"), d.index("university")) == []


def test_the_network_draws_the_whole_for_its_parts(d):
    found = network(d, "university", steps=1, parts=True)
    assert {n.organization.id: n.organization.shared for n in found.nodes[1:]} == {"firm": 2, "lab": 1, "far": 1}
    assert {(found.nodes[e.b].organization.id, e.shared) for e in found.edges if e.a == 0} == {("firm", 2), ("lab", 1), ("far", 1)}
    two = network(d, "university", steps=2, parts=True)
    assert {"new", "newer"} <= {n.organization.id for n in two.nodes}
    assert not {"institute", "chair"} & {n.organization.id for n in two.nodes}


def test_suggestions_with_parts_know_all_partners_and_say_through_whom(d):
    alone, whole = suggest(d, "university"), suggest(d, "university", parts=True)
    assert {"far", "lab"} <= {s.id for s in alone.suggestions}
    assert not {"firm", "far", "lab", "institute", "chair"} & {s.id for s in whole.suggestions}
    newer = next(s for s in whole.suggestions if s.id == "newer")
    item = next(r for r in newer.reasons if r.feature == "shared_partner").items[0]
    assert (item["id"], item["through"]["id"]) == ("far", "chair")
    assert set(item["evidence"]) == {"chair-p4", "far-p4", "far-p7", "newer-p7"}


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14),
    st.lists(st.lists(st.integers(0, 7), min_size=1, max_size=4, unique=True), max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_counting_is_what_a_plain_loop_counts(tmp_path_factory, part_of, members):
    part_of = {(f"o{a}", f"o{b}") for a, b in part_of if a != b}
    takes_part = {f"p{n}": [f"o{m}" for m in found] for n, found in enumerate(members)}
    names = [f"o{n}" for n in range(8)]
    d = Derived(build(tmp_path_factory.mktemp("plain"), "1", feed(part_of, takes_part, names)))
    closure = set(part_of)
    for _ in names:
        closure |= {(a, c) for a, b in closure for x, c in part_of if b == x and a != c}
    for who in names:
        family, todo = {who}, [who]
        while todo:
            whole = todo.pop()
            for a, b in part_of:
                if b == whole and a not in family:
                    family.add(a)
                    todo.append(a)
        assert set(ids_with_parts(d, who)) == family
        counts = defaultdict(int)
        for found in takes_part.values():
            if family & set(found):
                for other in set(found) - family:
                    counts[other] += 1
        assert {o.id: o.shared for o in partners(d, who, parts=True).items} == counts
        assert not {s.id for s in suggest(d, who, parts=True, top=50).suggestions} & (family | set(counts))
        roofs = {o for o in names if {a for a, b in closure if b == o} >= {b for a, b in closure if a == o}}
        above = {who} | {b for a, b in closure if a == who}
        assert {d.ids[r] for r in d.outermost.row(d.index(who)).tolist()} == above & roofs


@pytest.fixture(scope="module")
def spread(tmp_path_factory):
    """A society in the south with an institute in the north; one firm near either, one without a position."""
    places = {"society": (48.0, 11.0), "institute": (53.0, 10.0), "south": (48.1, 11.0), "north": (53.1, 10.0), "lost": (None, None), "roof": (None, None)}
    nodes = [(n, {"name": n.title(), "country": "DE", **({"lat": a, "lon": b} if a else {})}, "Company") for n, (a, b) in sorted(places.items())]
    links = {"PART_OF": [("institute", "roof", {}), ("institute", "society", {})]}
    return Derived(build(tmp_path_factory.mktemp("spread"), "1", Feed(organizations=nodes, edges=links)))


@pytest.mark.parametrize(
    ("who", "rolled_up", "found"),
    [
        ("society", False, {"south": None}),
        ("society", True, {"south": None, "north": "institute"}),
        ("roof", False, {}),
        ("roof", True, {"north": "institute"}),
    ],
)
def test_with_parts_it_is_as_near_as_the_nearest_of_them(spread, who, rolled_up, found):
    answer = suggest(spread, who, parts=rolled_up, filters=Filters(within_km=50))
    assert {s.id: next(r for r in s.reasons if r.feature == "place").items[0].get("through", {}).get("id") for s in answer.suggestions} == found
    assert all(s.distance_km == pytest.approx(11.1, abs=0.1) for s in answer.suggestions)
    assert ("no_position" in answer.notes) == (who == "roof" and not rolled_up)
