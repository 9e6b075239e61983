"""The fitted weights of «mixed»: one small file that says what it was made from.

``model.json`` holds the weights by feature and the data, dates and figures they came from (`innonet train suggestions`).  A file that is
missing, damaged or made for other features or another shape of the derived files is not used; the first version's weights then rank.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from graph.derived import FORMAT
from graph.suggest.features import FEATURES

MODEL_FILE: Final = Path(__file__).with_name("model.json")
SHAPE: Final = 1
"""Number of the file's shape."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights >= 0 by feature, and the reach at which they hold (0: well-known partners rather, 1: how well known they are does not count)."""

    weights: Mapping[str, float]
    reach: float


def fingerprint(names: Mapping[str, Any]) -> dict[str, bool]:
    """What a weight depends on beside its number: the features and whether each goes through the logarithm."""
    return {n: FEATURES[n].scaled for n in names if n in FEATURES}


def read(path: Path) -> Model | None:
    """The model in a file, None where it cannot be used."""
    try:
        raw = orjson.loads(path.read_bytes())
        weights = {str(n): float(w) for n, w in raw["weights"].items()}
        made_for, shape = (raw["features"], raw["derived"]), raw["shape"]
        reach = float(raw["reach"])
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None
    fits = shape == SHAPE and made_for == (fingerprint(weights), FORMAT) and weights.keys() <= FEATURES.keys() and bool(weights)
    sound = 0 <= reach < 1 and all(math.isfinite(w) and w >= 0 for w in weights.values())
    return Model(weights, reach) if fits and sound else None


def write(path: Path, model: Model, origin: Mapping[str, Any]) -> None:
    """Write a model with the data, dates and figures it came from; the same model gives the same bytes."""
    content = {
        "shape": SHAPE,
        "derived": FORMAT,
        "features": fingerprint(model.weights),
        "weights": {n: round(w, 3) for n, w in model.weights.items()},
        "reach": model.reach,
        "origin": origin,
    }
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


@cache
def model() -> Model | None:
    """The shipped model, read once in a process."""
    return read(MODEL_FILE)
