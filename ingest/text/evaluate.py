"""Measuring the names that are found: against gold files, the own test part by genre, and GermEval; what each step adds; commonest errors.

Counting is that of the scorer of the guidelines (docs/annotation.md): strict is span and kind, partial is any overlap of the same kind, org
counts the five kinds of organisations as one; persons are left out; a gold mention that is part of a hyphen compound (`subtoken`) is never
a miss.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ingest.base import FileError
from ingest.text import names, recogniser
from ingest.text.marks import ORGANIZATIONS, Mention, Tag
from ingest.text.mentions import ALL, Model, Step, recognise
from ingest.text.names import Lexicon
from ingest.text.training import corpus
from ingest.text.training.corpus import Part
from ingest.text.training.germeval import read_germeval

_AT_ONCE: Final = 32
_EXAMPLES: Final = 4

Triple = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Gold:
    """One annotated text: what must be found, and what need not be found."""

    id: str
    genre: str
    text: str
    wanted: tuple[Triple, ...]
    spared: frozenset[Triple] = frozenset()


@dataclass(slots=True)
class Count:
    """Right, wrong and missed."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    @property
    def precision(self) -> float:
        """Share of what was found that is right, 0 to 1."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found, 0 to 1."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp else 0.0

    def add(self, other: Count) -> None:
        """Add another count to this one."""
        self.tp += other.tp
        self.fp += other.fp
        self.fn += other.fn


@dataclass(slots=True)
class Scores:
    """Counts by kind, and of organisations as one kind."""

    strict: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    partial: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    organisations: Count = field(default_factory=Count)

    def total(self, table: dict[str, Count]) -> Count:
        """All kinds together."""
        out = Count()
        for c in table.values():
            out.add(c)
        return out


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured on one set of texts: by steps (each with all before it), by genre and errors of the last step."""

    name: str
    texts: int
    words: int
    seconds: float
    steps: dict[str, Scores]
    genres: dict[str, Scores]
    errors: dict[str, tuple[int, tuple[str, ...]]]


def read_gold(path: Path) -> list[Gold]:
    """A gold file: one JSON object a line with id, text and entities."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as e:
        raise FileError(f"{path}: nicht lesbar ({e.strerror}).", f"{path}: cannot be read ({e.strerror}).") from e
    out = []
    for n, line in enumerate(lines, 1):
        try:
            out += [_gold(json.loads(line))] if line.strip() else []
        except (ValueError, KeyError, TypeError) as e:
            raise FileError(f"{path}:{n}: keine Zeile einer Vergleichsdatei ({e}).", f"{path}:{n}: no line of a gold file ({e}).") from e
    return out


def _gold(line: dict[str, object]) -> Gold:
    marks = line["entities"]
    if not isinstance(marks, list):
        raise TypeError("entities")
    triples = [(int(m["start"]), int(m["end"]), str(m["label"])) for m in marks]
    spared = frozenset(t for t, m in zip(triples, marks, strict=True) if m.get("subtoken"))
    return Gold(str(line["id"]), str(line.get("genre", "")), str(line["text"]), tuple(triples), spared)


def own_gold(part: Part = Part.TEST) -> list[Gold]:
    """A part of the own corpus; its genres are the files."""
    return [Gold(t.id, t.file, t.text, tuple((m.start, m.end, str(m.tag)) for m in t.mentions)) for t in corpus.read(part=part)]


def score(gold: Gold, found: Iterable[Triple], into: Scores) -> None:
    """Add the counts of one text."""
    wanted = {t for t in gold.wanted if t[2] != Tag.PERSON}
    given = {t for t in found if t[2] != Tag.PERSON}
    for t in wanted & given:
        into.strict[t[2]].tp += 1
    for t in wanted - given - gold.spared:
        into.strict[t[2]].fn += 1
    for t in given - wanted:
        into.strict[t[2]].fp += 1
    for t in wanted:
        if _met(t, given):
            into.partial[t[2]].tp += 1
        elif t not in gold.spared:
            into.partial[t[2]].fn += 1
    for t in given:
        if not _met(t, wanted):
            into.partial[t[2]].fp += 1
    spans = {t[:2]: t for t in wanted if t[2] in ORGANIZATIONS}
    own = {t[:2] for t in given if t[2] in ORGANIZATIONS}
    into.organisations.add(
        Count(len(spans.keys() & own), len(own - spans.keys()), sum(spans[s] not in gold.spared for s in spans.keys() - own)),
    )


def _met(t: Triple, others: Iterable[Triple]) -> bool:
    return any(o[2] == t[2] and o[0] < t[1] and t[0] < o[1] for o in others)


def errors(gold: Gold, found: Iterable[Triple]) -> Iterator[tuple[str, str]]:
    """Each error of one text as (kind of error, words)."""
    wanted = {t for t in gold.wanted if t[2] != Tag.PERSON}
    given = {t for t in found if t[2] != Tag.PERSON}
    persons = {t[:2] for t in gold.wanted if t[2] == Tag.PERSON}
    for t in sorted(given - wanted):
        same = next((w for w in wanted if w[:2] == t[:2]), None)
        over = next((w for w in wanted if w[0] < t[1] and t[0] < w[1]), None)
        words = gold.text[t[0] : t[1]]
        if same:
            yield f"kind: {same[2]} taken for {t[2]}", words
        elif over:
            yield f"span: {t[2]}" if over[2] == t[2] else f"span and kind: {over[2]} taken for {t[2]}", f"{words} / {gold.text[over[0] : over[1]]}"
        else:
            yield f"no name: {'a person ' if t[:2] in persons else ''}taken for {t[2]}", words
    for t in sorted(wanted - given - gold.spared):
        if not any(g[0] < t[1] and t[0] < g[1] for g in given):
            yield f"missed: {t[2]}", gold.text[t[0] : t[1]]


def measure(name: str, gold: Sequence[Gold], model: Model, lexicon: Lexicon) -> Report:
    """Run the model once and every step behind it; words a second are those of all steps together."""
    began = time.perf_counter()
    texts = [g.text for g in gold]
    found: list[list[Mention]] = []
    for at in range(0, len(texts), _AT_ONCE):
        found += model.spans(texts[at : at + _AT_ONCE])
    ready = _Ready(found)
    steps: dict[str, Scores] = {}
    genres: dict[str, Scores] = defaultdict(Scores)
    wrong: dict[str, Counter[str]] = defaultdict(Counter)
    seconds = time.perf_counter() - began
    for n in range(len(ALL) + 1):
        began = time.perf_counter()
        results = recognise(texts, lexicon, ready, ALL[:n])
        if n == len(ALL):
            seconds += time.perf_counter() - began
        scores = Scores()
        for g, mentions in zip(gold, results, strict=True):
            triples = _triples(mentions)
            score(g, triples, scores)
            if n == len(ALL):
                score(g, triples, genres[g.genre])
                for kind, words in errors(g, triples):
                    wrong[kind][words] += 1
        steps["model" if n == 0 else f"+ {ALL[n - 1]}"] = scores
    commonest = sorted(wrong.items(), key=lambda kv: (-kv[1].total(), kv[0]))
    return Report(
        name,
        len(gold),
        sum(len(t.split()) for t in texts),
        seconds,
        steps,
        dict(sorted(genres.items())),
        {kind: (c.total(), tuple(w for w, _ in c.most_common(_EXAMPLES))) for kind, c in commonest},
    )


class _Ready:
    """Names that were found before, as a model."""

    def __init__(self, found: list[list[Mention]]) -> None:
        self._found = found

    def spans(self, texts: Sequence[str]) -> list[list[Mention]]:
        """The names of all texts."""
        del texts
        return self._found


def _triples(mentions: Iterable[Mention]) -> list[Triple]:
    return [(m.start, m.end, str(m.tag)) for m in mentions]


_COARSE: Final = {**{str(t): "ORG" for t in ORGANIZATIONS}, str(Tag.PLACE): "LOC", str(Tag.PERSON): "PER"}


def germeval(path: Path, model: Model) -> dict[str, Count]:
    """Strict counts of ORG, LOC and PER on a GermEval file (outer names, derived and partial ones left out): a reference from afar."""
    samples = read_germeval(path)
    out: dict[str, Count] = {k: Count() for k in ("ORG", "LOC", "PER")}
    for at in range(0, len(samples), 8 * _AT_ONCE):
        bunch = samples[at : at + 8 * _AT_ONCE]
        for (_, marks), found in zip(bunch, model.spans([t for t, _ in bunch]), strict=True):
            wanted = {(a, b, _COARSE.get(label, label)) for a, b, label in marks if _COARSE.get(label, label) in out}
            given = {(m.start, m.end, _COARSE[m.tag]) for m in found if m.tag in _COARSE}
            for label, count in out.items():
                w, g = {t for t in wanted if t[2] == label}, {t for t in given if t[2] == label}
                count.add(Count(len(w & g), len(g - w), len(w - g)))
    return out


def evaluate_text(gold: Path | None, registers: Path | None = None, germeval_file: Path | None = None, say: Callable[[str], None] = print) -> list[Report]:
    """`innonet evaluate text [GOLD]`: measure on a gold file, or on the test part of the own corpus without one, and print."""
    model = recogniser.load()
    lexicon = names.shipped_lexicon(registers)
    reports = [measure(gold.name, read_gold(gold), model, lexicon)] if gold else [measure("test part of data/corpus", own_gold(), model, lexicon)]
    for r in reports:
        for line in render(r):
            say(line)
    if germeval_file is not None:
        for label, c in germeval(germeval_file, model).items():
            say(f"GermEval {label}: P {c.precision:.3f} R {c.recall:.3f} F1 {c.f1:.3f}")
    return reports


def render(report: Report) -> Iterator[str]:
    """A report as lines."""
    yield f"{report.name}: {report.texts} texts, {report.words} words, {report.words / max(report.seconds, 1e-9):,.0f} words/s"
    yield "what each step adds (strict / partial / organisations: P R F1)"
    for step, s in report.steps.items():
        yield f"  {step:14s} {_line(s.total(s.strict))}   {_line(s.total(s.partial))}   {_line(s.organisations)}"
    last = list(report.steps.values())[-1]
    yield "by kind (strict / partial)"
    for label in sorted(last.strict):
        yield f"  {label:14s} {_line(last.strict[label])}   {_line(last.partial[label])}   {last.strict[label].tp + last.strict[label].fn}"
    if len(report.genres) > 1:
        yield "by genre (strict / partial / organisations)"
        for genre, s in report.genres.items():
            yield f"  {genre:20s} {_line(s.total(s.strict))}   {_line(s.total(s.partial))}   {_line(s.organisations)}"
    yield "commonest errors"
    for kind, (n, examples) in list(report.errors.items())[:20]:
        yield f"  {n:4d} {kind}: {'; '.join(examples)}"


def _line(c: Count) -> str:
    return f"{c.precision:.3f} {c.recall:.3f} {c.f1:.3f}"


__all__ = ["Count", "Gold", "Report", "Scores", "Step", "evaluate_text", "measure", "own_gold", "read_gold", "render", "score"]
