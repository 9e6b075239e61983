"""Which organisations a person's own words name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import small_graph

from graph.derive import build
from graph.derived import Derived
from graph.mentioned import mentioned


@pytest.fixture(scope="module")
def d(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Derived]:
    found = Derived(build(tmp_path_factory.mktemp("mentioned"), "1", small_graph.feed()))
    yield found
    found.close()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Wir sind die Müller Pumpen GmbH und bauen Pumpen.", ["x:pumpen"]),
        ("Die Müller Pumpen GmbH & Co. KG arbeitet mit der Hochschule Ruhr West.", ["x:pumpenco", "x:hrw"]),
        ("Partner der Universität Duisburg-Essen", ["x:uni"]),
        ("We are partners of the University of Duisburg-Essen.", ["x:uni"]),
        ("Ruhrstahl AG. Ruhrstahl AG!", ["x:stahl"]),
        ("wir bauen pumpen und speichern wasserstoff", []),
        ("Wir bauen Pumpen für Wasserstoff. Energie und Stahl.", []),
        ("Stadtwerke", []),
        ("", []),
        ("AG & & . - <script>", []),
        ("Wort " * 5000, []),
    ],
)
def test_names_in_a_text(d: Derived, text: str, found: list[str]) -> None:
    assert [h.id for h in mentioned(d, text)] == found
