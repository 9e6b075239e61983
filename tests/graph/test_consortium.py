"""What a consortium lacks and who closes it: needs from wishes and from comparable projects, the greedy order, proof."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import small_graph

from graph.derive import Feed, build
from graph.derived import Derived
from graph.errors import UsageError
from graph.model import Kind
from graph.suggest.consortium import COORDINATES, gaps


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Derived]:
    opened = Derived(build(tmp_path_factory.mktemp("derived"), "1", small_graph.feed()))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("members", "wishes", "missing", "there"),
    [
        (["x:pumpen"], {"topics": ["t:polymer"]}, {"t:polymer"}, set()),
        (["x:pumpen"], {"topics": ["t:machines"]}, set(), {"t:machines"}),  # pumps are machines
        (["x:pumpen"], {"topics": ["t:h2"], "kinds": [Kind.COMPANY, Kind.ASSOCIATION]}, {"Association"}, {"Company", "t:h2"}),
        (["x:pumpen"], {"topics": ["t:h2"], "countries": ["NL", "DE"]}, {"NL"}, {"DE"}),
        (["x:pumpen"], {"topics": ["t:h2"], "coordinator": True}, {COORDINATES}, {"t:h2"}),
        (["ror:umsicht"], {"topics": ["t:h2"], "coordinator": True}, set(), {COORDINATES}),
        (["x:pumpen"], {"topics": ["t:h2"]}, {"University"}, {"t:h2"}),  # every project on hydrogen has a university
        ([], {"topics": ["t:steel"]}, {"t:steel", "University", "Company"}, set()),
    ],
)
def test_needs(derived: Derived, members: list[str], wishes: dict[str, Any], missing: set[str], there: set[str]) -> None:
    found = gaps(derived, members, **wishes)
    assert missing <= {n.key for n in found.needs if not n.members}
    assert there <= {n.key for n in found.needs if n.members}


def test_every_step_says_what_it_adds(derived: Derived) -> None:
    found = gaps(derived, ["x:pumpen"], topics=["t:h2", "t:polymer", "t:steel"], kinds=[Kind.UNIVERSITY], coordinator=True)
    covered = found.covered
    for pick in found.picks:
        assert pick.gain > 0
        covered += pick.gain
        assert pick.covered == pytest.approx(covered, abs=1e-3)
        assert all(gain <= pick.gain for _, _, gain in pick.alternatives)
    gains = [p.gain for p in found.picks]
    assert gains == sorted(gains, reverse=True)
    brought = [b.need.key for p in found.picks for b in p.brings]
    assert len(brought) == len(set(brought))
    assert {n.key for n in found.needs if not n.members} == {*brought, *(n.key for n in found.nobody)}


def test_nobody_brings_what_is_nowhere(derived: Derived) -> None:
    found = gaps(derived, ["x:pumpen"], topics=["t:h2"], countries=["XX"], kinds=[Kind.COMPANY])
    assert "XX" in {n.key for n in found.nobody}
    assert gaps(derived, ["x:pumpen"], topics=["t:polymer"], only_countries=["XX"]).picks == ()


def test_never_picked(derived: Derived) -> None:
    picked = {p.id for p in gaps(derived, ["x:uni"], topics=["t:steel"], picks=20).picks}
    assert not picked & {"x:uni", "x:gone", "x:nameless"}


@pytest.mark.parametrize(("members", "topics"), [(["x:nowhere"], []), ([], ["t:nowhere"]), ([], [])])
def test_refused(derived: Derived, members: list[str], topics: list[str]) -> None:
    with pytest.raises(UsageError):
        gaps(derived, members, topics=topics)


@pytest.mark.parametrize("seed", range(8))
def test_greedy_keeps_its_promise(tmp_path: Path, seed: int) -> None:
    """Two greedy picks cover at least 1 - 1/e of what the best pair would."""
    r = random.Random(seed)
    topics = [f"t{t}" for t in range(8)]
    works = {f"o{i}": r.sample(topics, r.randint(1, 4)) for i in range(12)}
    feed = Feed(
        [(o, {"name": o}, Kind.COMPANY) for o in works],
        topics=[(t, {"label_en": t}) for t in topics],
        edges={"WORKS_ON": [(o, t, {"weight": 1.0}) for o, found in works.items() for t in found]},
    )
    derived = Derived(build(tmp_path, "1", feed))
    covered = sum(p.gain for p in gaps(derived, [], topics=topics, picks=2).picks)
    best = max(len({*works[a], *works[b]}) for a, b in itertools.combinations(works, 2)) / len(topics)
    assert best * (1 - 1 / 2.718281828) <= covered <= best + 1e-3
    derived.close()
