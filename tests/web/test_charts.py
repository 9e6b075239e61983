"""Charts: round axes, columns that fit the picture, the words beside them."""

from __future__ import annotations

import pytest

from graph.settings import Settings
from web import create_app
from web.charts import HEIGHT, WIDTH, Bar, Chart, by_year, ticks


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, (0, 1)),
        (float("nan"), (0, 1)),
        (1, (0, 0.25, 0.5, 0.75, 1)),
        (7, (0, 2, 4, 6, 8)),
        (10, (0, 2.5, 5, 7.5, 10)),
        (43, (0, 20, 40, 60)),
        (3_900_000, (0, 1e6, 2e6, 3e6, 4e6)),
    ],
)
def test_ticks(most: float, expected: tuple[float, ...]) -> None:
    assert ticks(most) == pytest.approx(expected)


@pytest.mark.parametrize("values", [[], [(2020, 0.0)], [(2001, 5.0), (2004, 1e7)], [(y, float(y % 7)) for y in range(1990, 2030)]])
def test_columns_fit(values: list[tuple[int, float]], tmp_path: object) -> None:
    app = create_app(Settings.from_env({"INNONET_HOME": str(tmp_path)}))
    with app.test_request_context("/de/"):
        c = by_year("Förderung", "Euro", values, unit="eur")
        assert len(c.columns) == (values[-1][0] - values[0][0] + 1 if values else 0), "years without a value are there as well"
        for k in c.columns:
            assert k.x >= 0
            assert k.x + k.width <= WIDTH
            assert k.y >= 0
            assert k.y + k.height <= HEIGHT
        assert sum(k.labelled for k in c.columns) <= 12
        assert c.title in c.summary
        assert all(0 <= c.share(b.value) <= 100 for b in c.bars)


@pytest.mark.parametrize(
    ("lang", "unit", "value", "shown", "axis"),
    [
        ("de", "eur", 1_234_567.8, "1.234.568\u00a0€", "1,23 Mio. €"),
        ("en", "eur", 1_234_567.8, "€1,234,568", "1.23 m €"),
        ("de", "", 1234, "1.234", "1.234"),
        ("de", "km", 12.5, "12,5 km", "12,5"),
    ],
)
def test_words(lang: str, unit: str, value: float, shown: str, axis: str, tmp_path: object) -> None:
    app = create_app(Settings.from_env({"INNONET_HOME": str(tmp_path)}))
    with app.test_request_context(f"/{lang}/"):
        c = Chart("T", "N", "M", (Bar("a", value),), unit)
        assert (c.shown(value), c.shorter(value)) == (shown, axis)
