"""What pictures show: areas in proportion, no overlaps, places and lines in the right numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_city import MEMBERS, PLACES, feed

from graph.derive import build
from graph.derived import Derived, open_derived
from graph.pictures import landscape, lanes, map_around, treemap, years_of


@pytest.fixture(scope="module")
def d(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Derived]:
    folder = tmp_path_factory.mktemp("pictures")
    build(folder, "v1", feed(MEMBERS, PLACES))
    found = open_derived(folder)
    yield found
    found.close()


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=60))
def test_areas_are_in_proportion_and_do_not_overlap(values: list[int]) -> None:
    values.sort(reverse=True)
    found = treemap(values, 640, 400)
    assert [r.index for r in found] == list(range(len(values)))
    for r in found:
        assert r.width * r.height == pytest.approx(values[r.index] * 640 * 400 / sum(values), rel=1e-6)
        assert min(r.x, r.y) >= -1e-6
        assert r.x + r.width <= 640 + 1e-6
        assert r.y + r.height <= 400 + 1e-6
    for k, a in enumerate(found):
        for b in found[k + 1 :]:
            beside = a.x + a.width <= b.x + 1e-6 or b.x + b.width <= a.x + 1e-6
            assert beside or a.y + a.height <= b.y + 1e-6 or b.y + b.height <= a.y + 1e-6


@pytest.mark.parametrize(("values", "width"), [([], 640), ([0.0], 640), ([1.0], 0)])
def test_nothing_to_draw(values: list[float], width: float) -> None:
    assert treemap(values, width, 400) == []


@pytest.mark.parametrize(
    ("topic", "place", "found"),
    [
        ("", "", [("t:laser", 5), ("t:energy", 3), ("t:steel", 2)]),  # narrower ones count for t:energy; what says who paid is left out
        ("t:energy", "", [("t:h2", 3)]),
        ("", "place:town", [("t:energy", 1), ("t:laser", 1), ("t:steel", 1)]),
        ("t:none", "", []),
        ("t:h2", "", []),
    ],
)
def test_landscape(d: Derived, topic: str, place: str, found: list[tuple[str, int]]) -> None:
    assert [(a.id, a.organizations) for a in landscape(d, topic=topic, place=place)] == found


NEAR = {"place:town": 4, "place:near": 4, "place:part": 1}
FAR = {**NEAR, "place:far": 1}
HERE, AWAY = ("place:near", "place:town", 1), ("place:far", "place:town", 1)


@pytest.mark.parametrize(
    ("place", "radius", "of", "places", "lines"),
    [
        ("place:town", 30, "", NEAR, [HERE]),
        ("place:town", 600, "", FAR, [HERE, AWAY]),
        ("place:town", 600, "away", FAR, [AWAY]),
        ("place:town", 1, "", {"place:town": 4}, []),
    ],
)
def test_map(d: Derived, place: str, radius: float, of: str, places: dict[str, int], lines: list[tuple[str, str, int]]) -> None:
    found = map_around(d, place, radius=radius, of=of)
    assert found is not None
    assert {p.id: p.organizations for p in found.places} == places
    assert sorted((*sorted((found.places[x.a].id, found.places[x.b].id)), x.pairs) for x in found.lines) == sorted(lines)


def test_no_map_of_an_unknown_place(d: Derived) -> None:
    assert map_around(d, "place:none", radius=30) is None


@given(st.lists(st.tuples(st.integers(2000, 2030), st.integers(0, 6)), max_size=40))
def test_lanes_never_overlap(some: list[tuple[int, int]]) -> None:
    spans = sorted((a, a + n) for a, n in some)
    found = lanes(spans)
    for k, (a, b) in enumerate(spans):
        for j in range(k):
            if found[j] == found[k]:
                assert spans[j][1] < a or b < spans[j][0]
    busiest = max((sum(a <= y <= b for a, b in spans) for y in range(2000, 2037)), default=0)
    assert len(set(found)) == busiest


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2015-03-01", "2018-02-28", (2015, 2018)),
        ("2015", "", (2015, 2017)),
        ("2025-01-01", "", (2025, 2026)),
        ("", "2018", None),
        ("19x5", "", None),
        ("2018", "2015", (2018, 2018)),
    ],
)
def test_years_of_a_project(start: str, end: str, years: tuple[int, int] | None) -> None:
    assert years_of(start, end, today=2026) == years
