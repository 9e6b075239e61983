"""Which topics of EuroSciVoc a German or English text is about, the likeliest first: words, sentence vectors and the hierarchy together.

words      ingest/text/topics.py; how often a topic is named, thrice as much in the title, less and less for each further time
vectors    how near text and title are to the topic's label, both languages, compared with how near any text is to it (label vectors are no
           fair judges: «technology» is near everything)
hierarchy  a topic that is named speaks a little for the one above it and for those beneath it

`RankedTopic.score` is the share of topics with such a sum that a person gave, too.  The weights are set by hand, the curve from sum to share is
fitted, both on 104 H2020 projects with topics of our own choice (bench/topics_dev.csv); `python -m bench.topics` measures on others.  More
weight for vectors suits people a little better and the publisher's own codes, which follow words, worse; a topic that the text names can be shown.

The encoder reads the first `LEAD` words of each passage only, the title in front of the first one: twice as many words find hardly more, and
they are what costs time (about 40 ms a passage; words alone take 3).  Without the encoder (``vectors=False``) nothing of the model is read.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ingest.base import FileError
from ingest.text import pieces
from ingest.text.topics import Tagger, TopicHit
from ingest.text.vectors import DIMENSIONS, Vectors
from ingest.text.vectors import load as load_encoder

REFERENCE: Final = Path(__file__).resolve().parents[2] / "data" / "reference"
LABELS: Final = "topics.npy"
"""Vectors of the labels, in the folder of the model: what `label_vectors` gives."""

SCHEME: Final = "euroscivoc:"
LANGUAGES: Final = ("en", "de")

PASSAGE_WORDS: Final = 200
LEAD: Final = 24
"""Words of a passage that the encoder reads."""
PASSAGES: Final = 4
"""As many passages of a text, spread over it, are read at most: a book takes no longer than an article."""

_IN_TITLE: Final = 3.0
_HALF: Final = 2.0  # named so often (by weight), a topic has half of what words can give
_NEARNESS: Final = 10.0
_CHILD: Final = 0.1
_PARENT: Final = 0.2
_NEAREST: Final = 20  # topics that vectors alone may propose

_SHARE: Final = (4.7, -5.1)  # slope and offset of the logistic curve, fitted on the 104 projects
_SHARE_WORDS: Final = (6.2, -4.4)  # the same where words are all there is

LIKELY: Final = 0.15
"""From this score on `likely` keeps what only vectors found."""

How = Literal["words", "vectors", "both"]


@dataclass(frozen=True, slots=True)
class RankedTopic:
    """A topic of the text.

    topic   id in the graph (``euroscivoc:1691``)
    score   0 to 1: how likely a person would give this topic
    how     found by words, by vectors, or by words with the vectors agreeing (among the nearest 20 topics)
    spans   characters of the text (start, end) that name it; none if only the title does, vectors found it, or it stands above or below a named one
    title   the same of the title
    """

    topic: str
    score: float
    how: How
    spans: tuple[tuple[int, int], ...] = ()
    title: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    """EuroSciVoc as the tables tell it; rows in their order."""

    codes: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]  # language -> label of each row
    parents: NDArray[np.intp]  # row of the topic above, -1 at the top

    def digest(self) -> bytes:
        """What labels of the table look like; other labels need other vectors."""
        return hashlib.sha256("\n".join(f"{c}\t{e}\t{d}" for c, e, d in zip(self.codes, self.labels["en"], self.labels["de"], strict=True)).encode()).digest()


@dataclass(frozen=True, slots=True)
class LabelVectors:
    """Vectors of the labels, float32 [topics, 384] a language, and how near an average text is to each, float32 [topics]."""

    vectors: Mapping[str, NDArray[np.float32]]
    usual: Mapping[str, NDArray[np.float32]]


def read_scheme(folder: Path = REFERENCE) -> Scheme:
    """Fields and their places from euroscivoc_de.tsv and euroscivoc.csv.  Raises FileError."""
    try:
        fields = list(csv.DictReader(io.StringIO((folder / "euroscivoc_de.tsv").read_text(encoding="utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE))
        paths = list(csv.DictReader(io.StringIO((folder / "euroscivoc.csv").read_text(encoding="utf-8"))))
    except OSError as e:
        raise FileError(f"{e.filename}: nicht lesbar ({e.strerror}).", f"{e.filename}: cannot be read ({e.strerror}).") from e
    codes = tuple(f["code"] for f in fields)
    row = {c: n for n, c in enumerate(codes)}
    parents = np.full(len(codes), -1, np.intp)
    for path in paths:
        steps = path["euroSciVocCode"].split("/")[1:]
        for above, below in pairwise(steps):
            parents[row[below]] = row[above]
    return Scheme(codes, {"en": tuple(f["label_en"] for f in fields), "de": tuple(f["label_de"] for f in fields)}, parents)


def label_vectors(scheme: Scheme, background: Mapping[str, Sequence[str]], encoder: Vectors) -> bytes:
    """Content of the file of label vectors: digest uint8 [32], labels float16 [2, topics, 384], mean of the background texts float16 [2, 384].

    background  ordinary titles a language; what they have in common says nothing about a topic
    """
    labels = np.stack([encoder.embed(scheme.labels[x]) for x in LANGUAGES])
    means = np.stack([encoder.embed(background[x]).mean(0) for x in LANGUAGES])
    f = io.BytesIO()
    for array in (np.frombuffer(scheme.digest(), np.uint8), labels.astype(np.float16), means.astype(np.float16)):
        np.save(f, array)
    return f.getvalue()


def read_label_vectors(scheme: Scheme, folder: Path = pieces.FOLDER) -> LabelVectors:
    """The shipped vectors.  FileError where the file is missing, damaged, or made for other labels than the tables have now."""
    f = io.BytesIO(pieces.checked(folder, LABELS))
    digest, labels, means = np.load(f), np.load(f).astype(np.float32), np.load(f).astype(np.float32)
    if digest.tobytes() != scheme.digest() or labels.shape != (len(LANGUAGES), len(scheme.codes), DIMENSIONS):
        raise FileError(
            f"{folder / LABELS} gehört zu anderen Bezeichnungen als euroscivoc_de.tsv; neu anlegen: python -m bench.topics --labels",
            f"{folder / LABELS} belongs to other labels than euroscivoc_de.tsv has; make it anew: python -m bench.topics --labels",
        )
    return _with_usual(labels[0], labels[1], means[0], means[1])


def _with_usual(english: NDArray[np.float32], german: NDArray[np.float32], mean_en: NDArray[np.float32], mean_de: NDArray[np.float32]) -> LabelVectors:
    """German texts are compared with both labels (the English ones carry more), English ones with the English label, others with both."""
    both = np.asarray((english + german) / 2, np.float32)
    labels: dict[str, NDArray[np.float32]] = {"en": english, "de": both, "": both}
    usual = {"en": english @ mean_en, "de": both @ mean_de, "": both @ ((mean_en + mean_de) / 2)}
    return LabelVectors(labels, usual)


class TopicRanker:
    """Everything ranking needs; holds no state of texts.  Without label vectors and encoder it ranks by words."""

    def __init__(self, scheme: Scheme, tagger: Tagger, labels: LabelVectors | None = None, encoder: Vectors | None = None) -> None:
        self._scheme = scheme
        self._tagger = tagger
        self._labels = labels
        self._encoder = encoder
        self._row = {SCHEME + c: n for n, c in enumerate(scheme.codes)}

    def rank(self, text: str, title: str = "", language: str = "", top: int = 10) -> list[RankedTopic]:
        """The likeliest topics, at most `top`; none of an empty text.  ``language``: ``de``, ``en``, or anything else where it is not known."""
        if not text.strip() and not title.strip():
            return []
        in_title = self._spans(self._tagger.tag(title))
        in_text = self._spans(self._tagger.tag(text))
        named = np.zeros(len(self._scheme.codes))
        for hits, factor in ((in_title, _IN_TITLE), (in_text, 1.0)):
            for row, found in hits.items():
                named[row] += factor * sum(h.weight for h in found)
        named /= named + _HALF
        total = named + self._of_relatives(named)
        nearest: set[int] = set()
        if self._labels is not None and self._encoder is not None:
            near = self._nearness(text, title, language, self._labels, self._encoder)
            nearest = {int(n) for n in np.argsort(-near, kind="stable")[:_NEAREST]}
            total += _NEARNESS * near
        rows = sorted({int(n) for n in np.flatnonzero(named)} | self._relatives(named) | nearest, key=lambda n: (-total[n], n))
        return [
            RankedTopic(
                SCHEME + self._scheme.codes[n],
                _share(float(total[n]), words_only=self._labels is None),
                _how(words=n in in_title or n in in_text, near=n in nearest),
                tuple((h.start, h.end) for h in in_text.get(n, ())),
                tuple((h.start, h.end) for h in in_title.get(n, ())),
            )
            for n in rows[:top]
        ]

    def _spans(self, hits: Sequence[TopicHit]) -> dict[int, list[TopicHit]]:
        found: dict[int, list[TopicHit]] = defaultdict(list)
        for h in hits:
            if h.topic_id in self._row:
                found[self._row[h.topic_id]].append(h)
        return found

    def _relatives(self, named: NDArray[np.float64]) -> set[int]:
        """Topics right above named ones.  Those beneath are too many to propose; they only gain where something else speaks for them."""
        above = self._scheme.parents[np.flatnonzero(named)]
        return {int(n) for n in above[above >= 0]}

    def _of_relatives(self, named: NDArray[np.float64]) -> NDArray[np.float64]:
        parents = self._scheme.parents
        below = np.flatnonzero(parents >= 0)
        gained = np.zeros_like(named)
        np.maximum.at(gained, parents[below], _CHILD * named[below])
        gained[below] += _PARENT * named[parents[below]]
        return gained

    def _nearness(self, text: str, title: str, language: str, labels: LabelVectors, encoder: Vectors) -> NDArray[np.float32]:
        """How much nearer than usual each topic is, float32 [topics]: of the passages the mean and the nearest one, half each."""
        key = language if language in labels.vectors else ""
        near = encoder.embed(passages(text, title)) @ labels.vectors[key].T - labels.usual[key]
        near -= near.mean(1, keepdims=True)
        return np.asarray((near.mean(0) + near.max(0)) / 2, np.float32)


def passages(text: str, title: str = "") -> list[str]:
    """The beginnings of equally long passages of the text, the title in front of the first: at most `PASSAGES` of at most `LEAD` words."""
    words = text.split()
    count = min(PASSAGES, -(-len(words) // PASSAGE_WORDS))
    found = [words[n * len(words) // count :][:LEAD] for n in range(count)]
    if heading := title.split():
        heading[-1] += "." if found else ""
        found = [[*heading, *(found[0] if found else [])][:LEAD], *found[1:]]
    return [" ".join(p) for p in found]


def likely(ranked: Sequence[RankedTopic]) -> list[RankedTopic]:
    """What a page or an edge may state: topics that the text or the title names, and those that vectors find plainly enough.  Order kept."""
    return [t for t in ranked if t.spans or t.title or t.score >= LIKELY]


def _how(*, words: bool, near: bool) -> How:
    if words:
        return "both" if near else "words"
    return "vectors" if near else "words"  # neither: it stands above a named one


def _share(total: float, *, words_only: bool) -> float:
    slope, offset = _SHARE_WORDS if words_only else _SHARE
    return round(1 / (1 + math.exp(-(slope * total + offset))), 3)


@lru_cache(maxsize=2)
def load(*, vectors: bool = True) -> TopicRanker:
    """The ranker with the shipped tables and model, read once."""
    scheme = read_scheme()
    tagger = Tagger.load(REFERENCE)
    return TopicRanker(scheme, tagger, read_label_vectors(scheme), load_encoder()) if vectors else TopicRanker(scheme, tagger)


def rank(text: str, title: str = "", language: str = "", top: int = 10, *, vectors: bool = True) -> list[RankedTopic]:
    """The likeliest topics of EuroSciVoc of a German or English text, the first the likeliest; see `TopicRanker.rank`."""
    return load(vectors=vectors).rank(text, title, language, top)
