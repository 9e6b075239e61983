"""Training the recogniser: GermEval, then GermEval, filled templates and the own corpus together, then the own corpus alone.

Everything is drawn from one seed, so the same data, seed, number of threads and version of torch give the same weights.  Names that
GermEval calls ORG keep the choice among our five kinds open: the loss sums over them.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from ingest.text import tagging
from ingest.text.marks import ORGANIZATIONS
from ingest.text.tagging import LABELS, TAG_NUMBER, TAGS, Span
from ingest.text.training import corpus, synthetic
from ingest.text.training.convert import Base
from ingest.text.training.encoder import PAD, Encoder
from ingest.text.training.germeval import OPEN, Sample, read_germeval

WINDOW: Final = 126  # pieces of one window, without <s> and </s>
_IGNORED: Final = -100
_CHARACTERS: Final = 430  # about a window
_TARGETS: Final = {**TAG_NUMBER, "B-" + OPEN: len(TAGS), "I-" + OPEN: len(TAGS) + 1}
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-ZÄÖÜ„»\"])|\n+")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stretch of training: how many steps of how many samples, and how fast."""

    name: str
    steps: int
    batch: int = 8
    rate: float = 5e-5
    head_rate: float = 1e-3
    frozen_layers: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """The stages and how much of which data they see."""

    germeval: Stage = Stage("germeval", 180, batch=24, rate=7e-5)
    mixed: Stage = Stage("mixed", 1300, rate=8e-5)
    own: Stage = Stage("own", 1000, rate=5e-5, head_rate=3e-4, frozen_layers=4)
    templates: int = 3000
    seed: int = 1


@dataclass(slots=True)
class Sources:
    """Where training data lies; without `germeval` its stage is left out."""

    registers: Path
    germeval: Path | None = None
    corpus_files: tuple[Path, ...] = ()


# --- samples ----------------------------------------------------------------------------------------------------------


def cut(sample: Sample) -> list[Sample]:
    """A text in sentences; no name is cut through."""
    text, marks = sample
    ends = [m.span() for m in _SENTENCE.finditer(text) if not any(s < m.end() and m.start() < e for s, e, _ in marks)]
    starts = [0, *(e for _, e in ends)]
    stops = [*(s for s, _ in ends), len(text)]
    return [(text[a:b], [(s - a, e - a, label) for s, e, label in marks if s >= a and e <= b]) for a, b in zip(starts, stops, strict=True) if b - a > 2]


def join(samples: Iterable[Sample], blank: str) -> Sample:
    """Sentences as one text."""
    text = ""
    marks: list[Span] = []
    for own, names in samples:
        text += blank if text else ""
        marks += [(s + len(text), e + len(text), label) for s, e, label in names]
        text += own
    return text, marks


def mixed_lengths(samples: Sequence[Sample], rng: random.Random) -> list[Sample]:
    """Texts as windows: half of them as long as a window holds, half as one to three sentences."""
    out: list[Sample] = []
    for sample in samples:
        most = _CHARACTERS if rng.random() < 0.5 else 0
        group: list[Sample] = []
        count = rng.choice((1, 1, 2, 3))
        for sentence in cut(sample):
            full = sum(len(t) for t, _ in group) + len(sentence[0]) > most if most else len(group) >= count
            if group and full:
                out.append(join(group, rng.choice(("\n", " ", " "))))
                group, count = [], rng.choice((1, 1, 2, 3))
            group.append(sentence)
        if group:
            out.append(join(group, " "))
    return out


def joined_sentences(samples: Sequence[Sample], rng: random.Random) -> list[Sample]:
    """Single sentences of a news corpus, one to three in a row."""
    out = []
    at = 0
    while at < len(samples):
        n = rng.choice((1, 1, 2, 3))
        out.append(join(samples[at : at + n], rng.choice((" ", " ", "\n"))))
        at += n
    return out


def shouted(sample: Sample) -> Sample:
    """The text in capitals (headings are written so); characters that grow (ß) stay."""
    text, marks = sample
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in text), marks


def from_corpus(texts: Iterable[corpus.Text]) -> list[Sample]:
    """Annotated texts as samples."""
    return [(t.text, [(m.start, m.end, str(m.tag)) for m in t.mentions]) for t in texts]


# --- tensors ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One window: ids of its pieces with <s> and </s>, and the tag of each word's first piece."""

    ids: NDArray[np.int64]
    tags: NDArray[np.int64]


def row(tokenizer: Tokenizer, sample: Sample) -> Row:
    """A sample as a window; what is longer is cut off."""
    text, marks = sample
    encoded = tokenizer.encode(text, add_special_tokens=False)
    spans = tagging.words(text)
    ids = encoded.ids[:WINDOW]
    tags = np.full(len(ids) + 2, _IGNORED, np.int64)
    for piece, tag in zip(tagging.first_pieces(spans, encoded.offsets), tagging.targets(spans, marks, _TARGETS), strict=True):
        if 0 <= piece < len(ids) and tags[piece + 1] == _IGNORED:
            tags[piece + 1] = tag
    return Row(np.array([0, *ids, 2], np.int64), tags)


def batches(rows: Sequence[Row], size: int, rng: random.Random) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of about equal lengths in random order: ids and tags, int64 [batch, pieces]."""
    order = list(range(len(rows)))
    rng.shuffle(order)
    groups: list[list[int]] = []
    for at in range(0, len(order), size * 50):
        near = sorted(order[at : at + size * 50], key=lambda i: len(rows[i].ids))
        groups += [near[i : i + size] for i in range(0, len(near), size)]
    rng.shuffle(groups)
    for group in groups:
        longest = max(len(rows[i].ids) for i in group)
        ids = np.full((len(group), longest), PAD, np.int64)
        tags = np.full((len(group), longest), _IGNORED, np.int64)
        for n, i in enumerate(group):
            ids[n, : len(rows[i].ids)] = rows[i].ids
            tags[n, : len(rows[i].tags)] = rows[i].tags
        yield torch.from_numpy(ids), torch.from_numpy(tags)


def _allowed() -> Tensor:
    """What each target allows, added to the scores: [targets, tags], 0 or far below."""
    out = torch.full((len(TAGS) + 2, len(TAGS)), -1e9)
    out[range(len(TAGS)), range(len(TAGS))] = 0
    for n, prefix in enumerate(("B-", "I-")):
        for label in ORGANIZATIONS:
            out[len(TAGS) + n, TAG_NUMBER[prefix + label]] = 0
    return out


# --- training ---------------------------------------------------------------------------------------------------------

Progress = Callable[[str, int, float], None]
"""Called behind each step with the stage's name, the step and the loss."""


def run_stage(model: Encoder, rows: Sequence[Row], stage: Stage, rng: random.Random, progress: Progress | None = None) -> None:
    """Train in place: AdamW, a tenth of warming up, then linearly down to nothing."""
    model.freeze(stage.frozen_layers)
    head = list(model.head.parameters())
    body = [p for n, p in model.named_parameters() if p.requires_grad and not n.startswith("head")]
    optimiser = torch.optim.AdamW([{"params": body, "lr": stage.rate}, {"params": head, "lr": stage.head_rate}], weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda s: min((s + 1) / (stage.steps * 0.1 + 1), max(0.0, (stage.steps - s) / (stage.steps * 0.9))))
    allowed = _allowed()
    model.train()
    step = 0
    while step < stage.steps:
        for ids, tags in batches(rows, stage.batch, rng):
            scores = model(ids)[tags != _IGNORED]
            target = tags[tags != _IGNORED]
            loss = (scores.logsumexp(-1) - (scores + allowed[target]).logsumexp(-1)).mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(body, 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            if progress is not None:
                progress(stage.name, step, float(loss.detach()))
            if step >= stage.steps:
                return


def seed_everything(seed: int) -> random.Random:
    """One seed for drawing samples and for torch."""
    torch.manual_seed(seed)
    return random.Random(seed)  # noqa: S311 (samples are drawn, nothing is kept secret)


def stage_samples(name: str, sources: Sources, recipe: Recipe, rng: random.Random) -> list[Sample]:
    """The samples that a stage learns from.  Texts of the test and validation parts of the corpus are in none."""
    news = joined_sentences(read_germeval(sources.germeval), rng) if sources.germeval else []
    if name == "germeval":
        return news
    own = from_corpus(t for t in corpus.read(sources.corpus_files) if t.part is corpus.Part.TRAIN)
    if name == "mixed":
        filled = list(synthetic.samples(sources.registers, recipe.templates, rng))
        return news + mixed_lengths(filled + own, rng)
    twice = mixed_lengths(own, rng) + mixed_lengths(own, rng)
    capitals = [shouted(s) for s in rng.sample(twice, len(twice) // 40)]
    return twice + capitals


def train(base: Base, sources: Sources, recipe: Recipe, progress: Progress | None = None, start: Path | None = None, save: Path | None = None) -> Encoder:
    """Run the recipe from the base's weights, or go on from the state in `start` (`after` says which stage it is behind).

    `save` is written behind each stage, so that a long training can go on.
    """
    model = Encoder(base.shape, len(base.pieces), len(TAGS))
    model.load_state_dict(base.state, strict=False)
    done = ""
    if start is not None:
        kept = torch.load(start)
        model.load_state_dict(kept["state"])
        done = kept["after"]
    stages = [recipe.germeval, recipe.mixed, recipe.own]
    names = [s.name for s in stages]
    for n, stage in enumerate(stages):
        if done in names and n <= names.index(done):
            continue
        rng = seed_everything(recipe.seed + n)
        rows = [row(base.tokenizer, s) for s in stage_samples(stage.name, sources, recipe, rng)]
        rows = [r for r in rows if (r.tags != _IGNORED).any()]
        if rows:
            run_stage(model, rows, stage, rng, progress)
        if save is not None:
            torch.save({"state": model.state_dict(), "after": stage.name, "labels": [str(label) for label in LABELS]}, save)
    model.eval()
    return model


def timed(every: int = 20) -> Progress:
    """A progress that prints the mean loss and the time now and then."""
    began = time.monotonic()
    losses: list[float] = []

    def tell(name: str, step: int, loss: float) -> None:
        losses.append(loss)
        if step % every == 0:
            print(f"{name} {step} loss {np.mean(losses[-every:]):.4f} {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201 (a training is watched)

    return tell
