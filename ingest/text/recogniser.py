"""The trained recogniser at run time: texts to names, with onnxruntime (how it was made: ingest/text/training, MODEL_CARD.md).

A text is cut into windows of whole sentences of up to 126 pieces, windows of about equal length run as one batch, and the likeliest legal row
of tags gives the names.  Lines in capitals are read as if they were written normally; no step changes the length of the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.base import FileError
from ingest.text import pieces, tagging
from ingest.text.marks import Found, Mention, Tag
from ingest.text.tagging import LABELS, OTHER, TAGS

GRAPH: Final = "recogniser.onnx"

WINDOW: Final = 126
"""Pieces of one window without <s> and </s>; longer and overlapping windows measured worse."""

NO_NAME_BIAS: Final = 0.25
"""Added to the score of «no name»; chosen on the validation part of the own corpus."""

_PIECES_AT_ONCE: Final = 1024
_UNSEEN: Final = -50.0  # log probability of every name for a word that the tokenizer drops
_SHORT: Final = 8  # pieces; a date line or «Essen.» goes with what follows
_CHUNK: Final = 60_000  # characters that are cut into pieces at once, so that a text of 5 MB takes no more memory than a short one

_SENTENCE: Final = re.compile(r"(?<=[.!?:“”\"])\s+(?=[A-ZÄÖÜ„\"»“(\d])|\n+")
_NO_END: Final = re.compile(
    r"(?:\b(?:Prof|Dr|Ing|Nr|St|Str|bzw|ca|z\.\s?B|u\.\s?a|d\.\s?h|e|V|Mio|Mrd|Abs|Art|vgl|Dipl|Hrsg|Tel|inkl|ggf|evtl|sog|usw|\d{1,2}|[A-ZÄÖÜ]))\.$"
)
_NO_EDGE: Final = frozenset(" \t\n\u00a0\u00ad-–—/,;:„“”»«\"‚‘›‹'’")
_OWN_STOP: Final = re.compile(r"(?:\b\w{1,4}|\.\w+)\.$")  # e. V., Co., Inc., i. L.
_LINE: Final = re.compile(r"[^\n]+")
_CAPITALS: Final = re.compile(r"[A-ZÄÖÜ][A-ZÄÖÜß\u00ad]+")
_SMALL: Final = frozenset(
    re.findall(
        r"\w+",
        "AB ALS AM AN AUCH AUF AUS BEI BIS DAS DASS DEM DEN DER DES DIE DURCH EIN EINE EINEM EINEN EINER EINES FÜR FUER GEGEN HAT IM IN INS IST MIT NACH NEUE "
        "NEUEN NEUER NICHT ODER OHNE SICH SIE SIND SO SOWIE ÜBER UEBER UM UND UNTER VOM VON VOR WAR WERDEN WIE WILL WIR WIRD ZU ZUM ZUR ZWISCHEN",
    )
)
_LEAST_CAPITALS: Final = 0.75  # share of the letters that makes a line one in capitals
_LEAST_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of pieces of one text: `row` counts the encoded stretches."""

    row: int
    start: int
    end: int


class Recogniser:
    """The model of a folder."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._pieces = pieces.load(folder)
        self._session = pieces.session(folder, GRAPH, threads)
        if json.loads(self._session.get_modelmeta().custom_metadata_map["labels"]) != list(LABELS):
            raise FileError(
                f"Texterkennung: das Modell in {folder} hat andere Namensarten als dieses Programm; beide aus demselben Stand nehmen.",
                f"text recognition: the model in {folder} has other kinds of names than this program; take both from the same version.",
            )

    def spans(self, texts: Sequence[str], bias: float = NO_NAME_BIAS) -> list[list[Mention]]:
        """The names in each text, in order; scores are mean probabilities of their tags."""
        out: list[list[Mention]] = []
        for text, (words, scores) in zip(texts, self.scores(texts), strict=True):
            out.append(_mentions(text, words, scores, bias))
        return out

    def scores(self, texts: Sequence[str]) -> list[tuple[list[tuple[int, int]], NDArray[np.float32]]]:
        """Words of each text, and log probabilities float32 [words, tags] (tagging.TAGS)."""
        parts = [(n, start, end) for n, text in enumerate(texts) for start, end in _chunks(text)]
        encoded = []
        windows: list[_Window] = []
        for row, (n, start, end) in enumerate(parts):
            part = calmed(texts[n][start:end])
            e = self._pieces.encode(part)
            encoded.append((e.ids, e.offsets))
            windows += [_Window(row, a, b) for a, b in cut(part, e.offsets)]
        results = self._run(windows, [ids for ids, _ in encoded])
        words: list[list[tuple[int, int]]] = [[] for _ in texts]
        tables: list[list[NDArray[np.float32]]] = [[np.zeros((0, len(TAGS)), np.float32)] for _ in texts]
        for (n, start, end), (_, offsets), found in zip(parts, encoded, results, strict=True):
            own = tagging.words(texts[n][start:end])
            table = np.full((len(own), len(TAGS)), _UNSEEN, np.float32)
            table[:, 0] = 0
            first = np.array(tagging.first_pieces(own, offsets), np.intp)
            seen = first >= 0
            table[seen] = found[first[seen]] if seen.any() else 0
            words[n] += [(a + start, b + start) for a, b in own]
            tables[n].append(table)
        return [(w, np.concatenate(t)) for w, t in zip(words, tables, strict=True)]

    def _run(self, windows: list[_Window], ids: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """Log probabilities of all pieces, one array [pieces, tags] a row."""
        out = [np.zeros((len(i), len(TAGS)), np.float32) for i in ids]
        order = sorted(windows, key=lambda w: (w.end - w.start, w.row, w.start))
        at = 0
        while at < len(order):
            group = [order[at]]
            while at + len(group) < len(order):
                longer = order[at + len(group)]
                if (longer.end - longer.start + 2) * (len(group) + 1) > _PIECES_AT_ONCE:
                    break
                group.append(longer)
            embeddings, mask = self._pieces.batch([ids[w.row][w.start : w.end] for w in group])
            logits = self._session.run(["logits"], {"embeddings": embeddings, "mask": mask})[0]
            logits -= logits.max(-1, keepdims=True)
            logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
            for w, found in zip(group, logits, strict=True):
                out[w.row][w.start : w.end] = found[1 : w.end - w.start + 1]
            at += len(group)
        return out


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    """A long text in stretches that end with a line, or with a word where no line ends."""
    start = 0
    while len(text) - start > _CHUNK:
        end = text.rfind("\n", start + 1, start + _CHUNK) + 1
        end = end or text.rfind(" ", start + 1, start + _CHUNK) + 1 or start + _CHUNK
        yield start, end
        start = end
    if start < len(text):
        yield start, len(text)


def sentence_starts(text: str) -> list[int]:
    """Where sentences and lines begin."""
    return [0] + [m.end() for m in _SENTENCE.finditer(text) if "\n" in m[0] or not _NO_END.search(text, max(0, m.start() - 8), m.start())]


def cut(text: str, offsets: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Windows of whole sentences as ranges of pieces; a sentence that is too long is cut."""
    if not offsets:
        return []
    starts: list[int] = []
    j, n = 0, len(offsets)
    for at in sentence_starts(text):
        while j < n and offsets[j][1] <= at:
            j += 1
        if j < n and (not starts or j > starts[-1]):
            starts.append(j)
    sentences: list[tuple[int, int]] = []
    for a, b in zip(starts, [*starts[1:], n], strict=True):
        if sentences and sentences[-1][1] - sentences[-1][0] < _SHORT and b - sentences[-1][0] <= WINDOW:
            sentences[-1] = (sentences[-1][0], b)
        else:
            sentences.append((a, b))
    packed: list[tuple[int, int]] = []
    for a, b in ((x, min(x + WINDOW, e)) for s, e in sentences for x in range(s, e, WINDOW)):
        if packed and b - packed[-1][0] <= WINDOW:
            packed[-1] = (packed[-1][0], b)
        else:
            packed.append((a, b))
    return packed


def calmed(text: str) -> str:
    """Lines in capitals as one writes them, character by character, so that offsets stay; other lines as they are."""
    if not _CAPITALS.search(text):
        return text

    def line(m: re.Match[str]) -> str:
        letters = [c for c in m[0] if c.isalpha()]
        if len(m[0].split()) < _LEAST_WORDS or sum(c.isupper() for c in letters) < _LEAST_CAPITALS * len(letters):
            return m[0]
        return _CAPITALS.sub(_spoken, m[0])

    return _LINE.sub(line, text)


def _spoken(m: re.Match[str]) -> str:
    word = m[0]
    if word in _SMALL:
        return word.lower()
    # what has no vowel or up to three letters is an abbreviation
    return word if len(word) <= 3 or not re.search("[AEIOUÄÖÜY]", word) else word[0] + word[1:].lower()


def _mentions(text: str, words: Sequence[tuple[int, int]], scores: NDArray[np.float32], bias: float) -> list[Mention]:
    if not words:
        return []
    if bias:
        scores = scores.copy()
        scores[:, 0] += bias
    path = tagging.best_path(scores)
    out = []
    for first, behind, label in tagging.decode(path):
        if label == OTHER:
            continue
        start, end = _trimmed(text, words[first][0], words[behind - 1][1])
        score = float(np.exp(scores[np.arange(first, behind), path[first:behind]].mean()))
        if any(c.isalnum() for c in text[start:end]):
            out.append(Mention(start, end, Tag(label), score=round(min(score, 1.0), 4), found=Found.MODEL))
    return out


_TIES: Final = re.compile(r"(?:\s+(?:an|am|auf|aus|bei|beim|das|dem|den|der|des|die|für|im|in|mit|nach|oder|sich|sowie|und|vom|von|wird|zu|zum|zur))+(?=\s*\Z)")
"""Words that end no name; a name cut short before the next one is not lost with them."""


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without quotation marks and dashes at its edges, the full stop of a sentence, and words that tie the name to what follows."""
    if tie := _TIES.search(text, start, end):
        end = tie.start()
    while start < end and text[start] in _NO_EDGE:
        start += 1
    while start < end and (text[end - 1] in _NO_EDGE or (text[end - 1] == "." and not _OWN_STOP.search(text, start, end))):
        end -= 1
    return start, end


@lru_cache(maxsize=2)
def load(folder: Path | None = None, threads: int = 1) -> Recogniser:
    """The recogniser of a folder (the shipped one), read once."""
    return Recogniser(folder or pieces.FOLDER, threads)
