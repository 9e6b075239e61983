"""The trained weights: what a pair says (a weighted sum of its features), and what the text as a whole makes of it (a few hundred small trees).

Made by ingest/text/training/relations.py; the file holds the names of the features, their weights and the thresholds.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.text import pieces
from ingest.text.relations.document import OUTPUTS
from ingest.text.relations.pairs import WORDS, Pair, Seen, blocks
from ingest.text.relations.rules import votes

NAME: Final = "relations.npz"
"""Of the file in the model's folder."""

BAG: Final = 8.0
"""Words of a sentence that count fully; of more of them each counts less."""

STATUSES: Final = ("planned", "ended", "uncertain", "negated")
ROLES: Final = ("coordinator", "partner", "associated")
NEGATABLE: Final = (("PARTICIPATES_IN", 0), ("PARTICIPATES_IN", 1), ("COOPERATES_WITH", 0), ("FUNDED_BY", 0), ("FUNDED_BY", 1))
COLUMNS: Final[tuple[str, ...]] = (
    *(f"{t}/{d}" for t, d in OUTPUTS), *(f"status/{s}" for s in STATUSES), *(f"role/{r}" for r in ROLES), *(f"not/{t}/{d}" for t, d in NEGATABLE),
)  # fmt: skip
"""What each column of the weights stands for."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Full binary trees of one depth, node k's children at 2k + 1 and 2k + 2.  Shapes: feature and limit (trees, 2^depth - 1), leaf (trees, 2^depth)."""

    feature: NDArray[np.int16]
    limit: NDArray[np.float32]
    leaf: NDArray[np.float32]
    start: float

    def score(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log odds of each row of x."""
        n, (trees, inner) = len(x), self.feature.shape
        node = np.zeros((n, trees), np.int64)
        row, tree = np.arange(n)[:, None], np.arange(trees)[None, :]
        for _ in range((inner + 1).bit_length() - 1):
            node = 2 * node + 1 + (x[row, self.feature[tree, node]] > self.limit[tree, node])
        total: NDArray[np.float64] = self.leaf[tree, node - inner].sum(axis=1, dtype=np.float64)
        return total + self.start


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature and column (COLUMNS), trees over the text, and thresholds on their log odds by type."""

    names: dict[str, int]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    trees: Trees
    thresholds: dict[str, float]

    def weigh(self, seen: Seen, pairs: Sequence[Pair]) -> NDArray[np.float32]:
        """Scores, a row a pair and a column each of COLUMNS."""
        if not pairs:
            return np.zeros((0, len(self.bias)), np.float32)
        number: dict[Hashable, int] = {}
        ids: list[int] = []
        starts: list[int] = []
        used: list[int] = []
        ends: list[int] = []
        scales: list[float] = []
        names = self.names
        for pair in pairs:
            for key, features in blocks(seen, pair):
                k = number.get(key)
                if k is None:
                    k = number[key] = len(starts)
                    starts.append(len(ids))
                    ids.append(0)  # row 0 weighs nothing; no block is empty
                    met = 0
                    for f in features():
                        met += 1
                        if (i := names.get(f)) is not None:
                            ids.append(i)
                    scales.append(scale_of(key, met))
                used.append(k)
            k = len(starts)
            starts.append(len(ids))
            ids.append(0)
            ids += [i for name, kind, direction in votes(seen, pair) if (i := names.get(vote_name(name, kind, direction))) is not None]
            scales.append(1.0)
            used.append(k)
            ends.append(len(used))
        of_blocks = np.add.reduceat(self.weights[ids], starts, axis=0) * np.array(scales, np.float32)[:, None]
        first = [0, *ends[:-1]]
        return np.add.reduceat(of_blocks[used], first, axis=0) + self.bias


def vote_name(name: str, kind: str, direction: int) -> str:
    """Feature that says a rule holds."""
    return f"rule={name}/{kind}/{direction}"


def scale_of(key: Hashable, features: int) -> float:
    """What the weights of a block are multiplied with."""
    return min(1.0, (BAG / features) ** 0.5) if isinstance(key, tuple) and key[0] == WORDS and features else 1.0


def features_of(seen: Seen, pair: Pair, cache: dict[Hashable, list[tuple[str, float]]]) -> list[tuple[str, float]]:
    """All features of a pair with their values, for training; `cache` is one text's."""
    out: list[tuple[str, float]] = []
    for key, features in blocks(seen, pair):
        if key not in cache:
            found = list(features())
            cache[key] = [(f, scale_of(key, len(found))) for f in found]
        out += cache[key]
    return out + [(vote_name(*v), 1.0) for v in votes(seen, pair)]


def save(folder: Path, model: Model) -> None:
    """Write a model and its checksum into a folder; the same model gives the same bytes."""
    names = "\n".join(sorted(model.names, key=lambda n: model.names[n]))
    arrays = {
        "names": np.frombuffer(names.encode(), np.uint8),
        "weights": model.weights[1:].astype(np.float16),
        "bias": model.bias,
        "feature": model.trees.feature,
        "limit": model.trees.limit,
        "leaf": model.trees.leaf,
        "start": np.array([model.trees.start]),
        "types": np.frombuffer("\n".join(model.thresholds).encode(), np.uint8),
        "thresholds": np.array(list(model.thresholds.values())),
    }
    with zipfile.ZipFile(folder / NAME, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name, array in arrays.items():
            with z.open(zipfile.ZipInfo(f"{name}.npy", (2020, 1, 1, 0, 0, 0)), "w") as f:
                np.lib.format.write_array(f, np.ascontiguousarray(array), allow_pickle=False)
    pieces.sign(folder, NAME)


@lru_cache(maxsize=4)
def load(folder: Path = pieces.FOLDER) -> Model:
    """Read the model of a folder.  Raises FileError where it is missing or not the one that was published."""
    with np.load(io.BytesIO(pieces.checked(folder, NAME)), allow_pickle=False) as z:
        data = {n: z[n] for n in z.files}
    names = data["names"].tobytes().decode().split("\n")
    weights = np.vstack((np.zeros((1, data["weights"].shape[1]), np.float32), data["weights"].astype(np.float32)))
    trees = Trees(data["feature"], data["limit"], data["leaf"], float(data["start"][0]))
    thresholds = dict(zip(data["types"].tobytes().decode().split("\n"), data["thresholds"].tolist(), strict=True))
    return Model({n: i for i, n in enumerate(names, 1)}, weights, data["bias"], trees, thresholds)
