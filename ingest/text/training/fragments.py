"""Texts put together from own passages (relation_templates.txt) with the relations they state: the sober manner of press notices and project pages.

The corpus is rich in turns of phrase and short in plain notices; these passages add what official texts say again and again.  Names come from the
training part of the corpus.  For training only, never for measuring.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.text.marks import Mention, Status, Tag
from ingest.text.training import corpus

NAME: Final = "fragments"
"""Where the file of such a text would stand."""

FILE: Final = Path(__file__).with_name("relation_templates.txt")

_KINDS: Final = {
    "h": (Tag.RESEARCH, Tag.UNIVERSITY, Tag.COMPANY, Tag.COMPANY), "u": (Tag.UNIVERSITY,), "r": (Tag.RESEARCH,), "c": (Tag.COMPANY,),
    "m": (Tag.PUBLIC,), "o": (Tag.COMPANY, Tag.RESEARCH, Tag.UNIVERSITY, Tag.ASSOCIATION), "s": (Tag.ASSOCIATION,), "p": (Tag.PROJECT,),
    "q": (Tag.PROJECT,), "x": (Tag.PLACE,), "n": (Tag.PERSON,),
}  # fmt: skip
_SLOT: Final = re.compile(r"\[(?:(n|a|d|g|von|in|an|bei|zu|mit|durch|für) )?([a-z])(\d?)\]")
_CHOICE: Final = re.compile(r"\{([^{}]*)\}")
_FRESH: Final = 7
_ARTICLES: Final = {
    "m": ("der", "den", "dem", "des"), "f": ("die", "die", "der", "der"), "n": ("das", "das", "dem", "des"), "p": ("die", "die", "den", "der"),
}  # fmt: skip
_CASE: Final = {"n": 0, "a": 1, "d": 2, "g": 3, "von": 2, "in": 2, "an": 2, "bei": 2, "zu": 2, "mit": 2, "durch": 1, "für": 1}
_CONTRACTED: Final = {"von dem": "vom", "in dem": "im", "an dem": "am", "bei dem": "beim", "zu dem": "zum", "zu der": "zur"}
_GENDERS: Final = (
    (re.compile(r"(?i)institut|zentrum|ministerium|land\b|netzwerk|amt\b|klinikum"), "n"),
    (re.compile(r"(?i)hochschule|universität|\buni\b|^(?:tu|fh|th|rwth|rub)\b|gmbh|\bag\b|stiftung|kammer|gesellschaft|agentur|stadt\b"), "f"),
    (re.compile(r"(?i)regierung|bank\b|initiative|förderung"), "f"),
    (re.compile(r"(?i)lehrstuhl|verein|verband|kreis\b|bund\b|cluster|freistaat|konzern"), "m"),
    (re.compile(r"(?i)stadtwerke|lehrstühle|werke\b"), "p"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage with its relation lines (head, type, tail, attributes)."""

    kind: str
    text: str
    relations: tuple[tuple[str, str, str, str], ...]


def passages(path: Path = FILE) -> list[Passage]:
    """All passages of the file."""
    found: list[Passage] = []
    kind, text, relations = "", "", []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("# "):
            kind = line[2:].strip()
        elif line.startswith("@ "):
            head, relation, tail, *rest = line[2:].split(" ")
            relations.append((head, relation, tail, " ".join(rest)))
        elif line.strip():
            text = line
        elif text:
            found.append(Passage(kind, text, tuple(relations)))
            text, relations = "", []
    return found


class _Names:
    """Names of the texts given, by kind; a text never gets the same name twice."""

    def __init__(self, texts: Sequence[corpus.Text]) -> None:
        names: dict[Tag, set[str]] = {}
        for t in texts:
            for m in t.mentions:
                names.setdefault(m.tag, set()).add(" ".join(t.text[m.start : m.end].split()))
        self.names = {tag: sorted(n) for tag, n in names.items()}
        self.topics = sorted({x for t in texts for x in t.topics})


def texts(source: Sequence[corpus.Text], count: int, seed: int = 1) -> Iterator[corpus.Text]:
    """Texts of four to eight passages; the same source, count and seed give the same texts."""
    chance = random.Random(seed)  # noqa: S311 -- no secret
    names, all_of = _Names(source), passages()
    by_kind = {k: [p for p in all_of if p.kind == k] for k in ("lead", "body", "none", "list")}
    for n in range(count):
        chosen = [chance.choice(by_kind["lead"]), *chance.sample(by_kind["body"], chance.randint(2, 5)), *chance.sample(by_kind["none"], chance.randint(0, 2))]
        rest = chosen[1:]
        chance.shuffle(rest)
        chosen = [chosen[0], *rest, *([chance.choice(by_kind["list"])] if chance.random() < 0.4 else [])]
        yield _Writer(names, chance).write(f"fragments-{n}", chosen)


class _Writer:
    """Writes one text."""

    def __init__(self, names: _Names, chance: random.Random) -> None:
        self.names, self.chance = names, chance
        self.text = ""
        self.begin = 0
        self.marks: list[tuple[int, int, Tag, str]] = []
        self.known: dict[str, tuple[str, Tag]] = {}
        self.topics: dict[str, str] = {}

    def write(self, text_id: str, chosen: Sequence[Passage]) -> corpus.Text:
        relations: dict[tuple[str, str, str], corpus.Statement] = {}
        found: list[tuple[str, str, str, str, int, int]] = []
        for n, p in enumerate(chosen):
            if n:
                self.text += "\n\n" if p.kind == "list" or self.chance.random() < 0.35 else " "
            start = len(self.text)
            self._fill(p.text, n)
            found += [(self._key(h, n), kind, self._key(t, n), rest, start, len(self.text)) for h, kind, t, rest in p.relations]
        keys: dict[str, int] = {}
        mentions = [Mention(a, b, tag, keys.setdefault(key, len(keys))) for a, b, tag, key in self.marks]
        for head, kind, tail, rest, start, end in found:
            topic = tail in self.topics
            if head not in keys or (not topic and tail not in keys):
                continue
            attributes = dict(x.split("=", 1) for x in rest.split())
            end_of = self.topics[tail] if topic else keys[tail]
            status = Status(attributes.get("status", "running"))
            relations.setdefault(
                (head, kind, tail), corpus.Statement(keys[head], kind, end_of, status, attributes.get("role", ""), start, end, self.text[start:end])
            )
        return corpus.Text(text_id, NAME, "", tuple(self.topics.values()), self.text, tuple(mentions), tuple(relations.values()), tuple(keys))

    @staticmethod
    def _key(slot: str, n: int) -> str:
        return f"{slot}.{n}" if slot[1:] and int(slot[1:]) >= _FRESH else slot

    def _fill(self, template: str, n: int) -> None:
        while m := _CHOICE.search(template):
            template = template[: m.start()] + self.chance.choice(m[1].split("|")) + template[m.end() :]
        template = re.sub(r" +", " ", template.replace("\\n", "\n")).replace(" .", ".")
        at = 0
        self.begin = len(self.text)
        for m in _SLOT.finditer(template):
            self.text += template[at : m.start()]
            at = m.end()
            self._name(m[1], m[2], self._key(m[2] + m[3], n))
        self.text += template[at:]

    def _name(self, case: str | None, letter: str, key: str) -> None:
        if letter == "t":
            self.text += self.topics.setdefault(key, self.chance.choice([t for t in self.names.topics if t not in self.topics.values()]))
            return
        if key not in self.known:
            tag = self.chance.choice(_KINDS[letter])
            taken = {name for name, _ in self.known.values()}
            self.known[key] = (self.chance.choice([x for x in self.names.names[tag] if x not in taken]), tag)
        name, tag = self.known[key]
        if case:
            words = self._article(case, name, tag)
            if len(self.text) == self.begin or self.text.endswith(("\n", ": ")):
                words = words[:1].upper() + words[1:]
            self.text += words
        start = len(self.text)
        self.text += name
        self.marks.append((start, len(self.text), tag, key))

    def _article(self, case: str, name: str, tag: Tag) -> str:
        gender = next(
            (g for pattern, g in _GENDERS if pattern.search(name)), {Tag.RESEARCH: "n", Tag.UNIVERSITY: "f", Tag.PUBLIC: "n", Tag.ASSOCIATION: "m"}.get(tag, "")
        )
        article = _ARTICLES[gender][_CASE[case]] if gender else ""
        if len(case) == 1:
            return f"{article} " if article else ("von " if case == "g" else "")
        both = f"{case} {article}".strip()
        return _CONTRACTED.get(both, both) + " "
