"""The own annotated corpus (data/corpus): one parser validates it, converts it, trains with it and measures on it.

How a text is written down, the labels and the relations are explained in data/corpus/README.md.  A text's part (training, validation,
test) is a function of its id alone, so a text that was once in the test part stays there however the corpus grows.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from ingest.base import FileError
from ingest.text.marks import ORGANIZATIONS, Mention, Status, Tag

FOLDER: Final = Path(__file__).resolve().parents[3] / "data" / "corpus"

TEST_SHARE: Final = 0.15
VALIDATION_SHARE: Final = 0.10

_ACTORS: Final = ORGANIZATIONS | {Tag.PROJECT}
TYPES: Final[dict[str, tuple[frozenset[Tag], frozenset[Tag]]]] = {
    "PARTICIPATES_IN": (_ACTORS, _ACTORS),
    "COOPERATES_WITH": (ORGANIZATIONS, ORGANIZATIONS),
    "FUNDED_BY": (_ACTORS, _ACTORS),
    "PART_OF": (_ACTORS, _ACTORS),
    "LOCATED_IN": (_ACTORS, frozenset({Tag.PLACE})),
    "WORKS_ON": (_ACTORS, frozenset()),
}
"""Relations and the tags of their two ends; the tail of WORKS_ON is a topic."""

_LEAST_EVIDENCE: Final = 6

_MARK: Final = re.compile(r"\[\[([^\[\]|]+)\|([A-Z]+)\|([^\[\]|]+)\]\]")
_HEAD: Final = re.compile(r"# (id|genre|topics): ?(.*)")
_RELATION: Final = re.compile(r'@ (\S+) ([A-Z_]+) ("[^"]+"|\S+)((?: (?:role|status)=\S+)*) \| (.+)')


class Part(StrEnum):
    """What a text is used for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Statement:
    """A relation of an annotated text: `head` and `tail` are numbers of entities; the tail of WORKS_ON is a topic's words.

    `start` and `end` span the sentence or line that proves it, `words` are the annotator's words in it.
    """

    head: int
    type: str
    tail: int | str
    status: Status
    role: str
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Text:
    """One annotated text.  Mentions are in the order of the text; `keys[m.entity]` is the annotator's name of the entity."""

    id: str
    file: str
    genre: str
    topics: tuple[str, ...]
    text: str
    mentions: tuple[Mention, ...]
    relations: tuple[Statement, ...]
    keys: tuple[str, ...]

    @property
    def part(self) -> Part:
        """Test, validation or training: about 15, 10 and 75 of 100 texts, by a hash of the id."""
        share = int.from_bytes(hashlib.sha256(self.id.encode()).digest()[:4], "big") / 2**32
        return Part.TEST if share < TEST_SHARE else Part.VALIDATION if share < TEST_SHARE + VALIDATION_SHARE else Part.TRAIN


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a corpus file says that does not hold."""

    file: str
    text: str
    what: str

    def __str__(self) -> str:
        return f"{self.file} {self.text}: {self.what}"


def read(paths: Iterable[Path] = (), part: Part | None = None) -> list[Text]:
    """All texts of the files (of data/corpus without any), of one part or of all.  FileError names the first problem."""
    texts, problems = check(paths)
    if problems:
        more = f" (+{len(problems) - 1})" if len(problems) > 1 else ""
        raise FileError(
            f"Korpus: {problems[0]}{more}. Alle Fehler zeigt python tools/check_corpus.py.",
            f"corpus: {problems[0]}{more}. python tools/check_corpus.py shows all of them.",
        )
    return [t for t in texts if part is None or t.part is part]


def check(paths: Iterable[Path] = ()) -> tuple[list[Text], list[Problem]]:
    """Read files and collect everything that does not hold; texts with problems are given, too, as far as they can be read."""
    texts: list[Text] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for path in list(paths) or sorted(FOLDER.glob("*.txt")):
        for n, block in enumerate(_blocks(path), 1):
            text, wrong = parse(block, path.stem, f"{path.name}:{n}")
            if text.id in seen:
                wrong.append("id used twice")
            seen.add(text.id)
            texts.append(text)
            problems += [Problem(path.name, text.id, w) for w in wrong]
    return texts, problems


def _blocks(path: Path) -> Iterator[str]:
    try:
        whole = path.read_text(encoding="utf-8")
    except OSError as e:
        raise FileError(f"{path}: nicht lesbar ({e.strerror}).", f"{path}: cannot be read ({e.strerror}).") from e
    except UnicodeDecodeError as e:
        raise FileError(f"{path}: ist nicht UTF-8 (Byte {e.start}).", f"{path}: is not UTF-8 (byte {e.start}).") from e
    yield from (b for b in re.split(r"^---\s*$", whole, flags=re.MULTILINE) if b.strip())


def parse(block: str, file: str, where: str) -> tuple[Text, list[str]]:
    """One text with its marks and relation lines, and what is wrong with it."""
    wrong: list[str] = []
    head: dict[str, str] = {}
    body: list[str] = []
    lines: list[str] = []
    for line in block.strip("\n").split("\n"):
        if m := _HEAD.fullmatch(line):
            head[m[1]] = m[2].strip()
        elif line.startswith("@"):
            lines.append(line)
        else:
            body.append(line)
    text, mentions, keys = _marks("\n".join(body).strip(), wrong)
    topics = tuple(t.strip() for t in head.get("topics", "").split(";") if t.strip())
    relations = tuple(s for line in lines if (s := _statement(line, text, mentions, keys, topics, wrong)) is not None)
    if not head.get("id"):
        wrong.append("no id")
    return Text(head.get("id") or where, file, head.get("genre", ""), topics, text, tuple(mentions), relations, tuple(keys)), wrong


def _marks(raw: str, wrong: list[str]) -> tuple[str, list[Mention], list[str]]:
    """The text without its marks, the mentions, and the keys in the order of their first mention."""
    text, pos = "", 0
    mentions: list[Mention] = []
    tags: dict[str, Tag] = {}
    for m in _MARK.finditer(raw):
        surface, label, key = m.groups()
        text += raw[pos : m.start()]
        pos = m.end()
        start = len(text)
        text += surface
        if label not in Tag.__members__:
            wrong.append(f"unknown label {label}")
            continue
        if surface != surface.strip():
            wrong.append(f"blank at the edge of {surface!r}")
        if tags.setdefault(key, Tag(label)) != label:
            wrong.append(f"key {key} has two labels")
        mentions.append(Mention(start, len(text), Tag(label), list(tags).index(key)))
    text += raw[pos:]
    if re.search(r"\[\[|\]\]|\|", text):
        wrong.append("a mark is malformed (or a | stands in the text)")
    return text, mentions, list(tags)


def _statement(line: str, text: str, mentions: Sequence[Mention], keys: Sequence[str], topics: Sequence[str], wrong: list[str]) -> Statement | None:
    m = _RELATION.fullmatch(line)
    if not m:
        wrong.append(f"relation not readable: {line}")
        return None
    head, kind, tail, attributes, words = m.groups()
    words = words.strip()
    said = dict(a.split("=", 1) for a in attributes.split())
    if kind not in TYPES:
        wrong.append(f"unknown relation {kind}")
        return None
    tags = {keys[x.entity]: x.tag for x in mentions}
    heads, tails = TYPES[kind]
    before = len(wrong)
    if tags.get(head) not in heads:
        wrong.append(f"head {head} ({tags.get(head)}) does not fit {kind}")
    if kind == "WORKS_ON" and tail.strip('"') not in topics:
        wrong.append(f"topic {tail} is not in the topics line")
    if kind != "WORKS_ON" and tags.get(tail) not in tails:
        wrong.append(f"tail {tail} ({tags.get(tail)}) does not fit {kind}")
    if said.get("status", "running") not in set(Status):
        wrong.append(f"unknown status {said['status']}")
    if len(words) < _LEAST_EVIDENCE or words not in text:
        wrong.append(f"words not in the text: {words!r}")
    if len(wrong) > before:
        return None
    start, end = _sentence(text, words)
    other: int | str = tail.strip('"') if kind == "WORKS_ON" else keys.index(tail)
    return Statement(keys.index(head), kind, other, Status(said.get("status", "running")), said.get("role", ""), start, end, words)


def _sentence(text: str, words: str) -> tuple[int, int]:
    """The sentence or line around the first place where the words stand."""
    at = text.index(words)
    start = max(text.rfind(". ", 0, at), text.rfind("\n", 0, at)) + 1
    ends = [x for x in (text.find(". ", at + len(words)), text.find("\n", at + len(words))) if x >= 0]
    end = min(ends) + 1 if ends else len(text)
    inner = text[start:end]
    return start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip())


def gold_line(text: Text) -> dict[str, Any]:
    """A text as a line of a gold file: entities with `canonical`, relations by keys (docs/annotation.md)."""
    return {
        "id": text.id,
        "genre": text.genre,
        "text": text.text,
        "topics": list(text.topics),
        "entities": [
            {"start": m.start, "end": m.end, "text": text.text[m.start : m.end], "label": str(m.tag), "canonical": text.keys[m.entity]} for m in text.mentions
        ],
        "relations": [
            {
                "head": text.keys[r.head],
                "type": r.type,
                "tail": r.tail if isinstance(r.tail, str) else text.keys[r.tail],
                "status": str(r.status),
                **({"role": r.role} if r.role else {}),
                "evidence": text.text[r.start : r.end],
            }
            for r in text.relations
        ],
    }


def summary(texts: Sequence[Text]) -> dict[str, Any]:
    """Counts: texts, words, marks by label, relations by type and by status."""
    return {
        "texts": len(texts),
        "words": sum(len(t.text.split()) for t in texts),
        "marks": sum(len(t.mentions) for t in texts),
        "labels": dict(Counter(str(m.tag) for t in texts for m in t.mentions).most_common()),
        "relations": dict(Counter(r.type for t in texts for r in t.relations).most_common()),
        "status": dict(Counter(str(r.status) for t in texts for r in t.relations).most_common()),
        "parts": dict(Counter(str(t.part) for t in texts).most_common()),
    }


def main(argv: Sequence[str]) -> int:
    """Check files (all of data/corpus without any) and print counts; `--jsonl OUT` also writes the good texts as lines of a gold file."""
    arguments = list(argv)
    out = None
    if arguments[:1] == ["--jsonl"]:
        if len(arguments) < 2:
            sys.stderr.write("check_corpus.py [--jsonl OUT] [FILE...]\n")
            return 2
        out = Path(arguments[1])
        arguments = arguments[2:]
    try:
        texts, problems = check([Path(a) for a in arguments])
    except FileError as e:
        sys.stderr.write(f"{e.de} / {e.en}\n")
        return 1
    for p in problems:
        sys.stdout.write(f"{p}\n")
    if out is not None:
        bad = {p.text for p in problems}
        out.write_text("".join(json.dumps(gold_line(t), ensure_ascii=False) + "\n" for t in texts if t.id not in bad), encoding="utf-8")
    sys.stdout.write(json.dumps({**summary(texts), "errors": len(problems)}, ensure_ascii=False, indent=1) + "\n")
    return 1 if problems else 0
