"""From a text to all it says: names, topics, relations.  One function behind `innonet extract`, `innonet ingest text` and the measurements.

names      ingest/text/pipeline.py (recogniser, registers, patterns, vetoes, agreement within the document)
topics     the schemes of the graph by words (ingest/text/topics.py), free ones by what cue words point to (free_topics.py)
relations  ingest/text/relations/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from spacy.language import Language

from graph.model import Status
from ingest.text import pipeline
from ingest.text.free_topics import free_topics
from ingest.text.marks import Extraction, Mention, Relation, Subject, Tag, TopicMention
from ingest.text.names import shipped_lexicon
from ingest.text.reading.language import detect
from ingest.text.relations import relate
from ingest.text.topic_ranking import likely, rank
from ingest.text.topics import Tagger

ROOT: Final = Path(__file__).resolve().parent.parent.parent
REFERENCE: Final = ROOT / "data" / "reference"
FEW_TOPICS: Final = 3


@dataclass(frozen=True, slots=True)
class Extractor:
    """What extraction needs, loaded once a process."""

    nlp: Language
    tagger: Tagger

    def extract(self, texts: Sequence[str], languages: Sequence[str] = ()) -> Iterator[Extraction]:
        """What each text says, in order.  ``languages``: of each text where it is known, else it is detected."""
        # one at a time: in 8 bits a text's scores depend a little on what is reckoned beside it, and the same text must give the same claims
        for number, doc in enumerate(self.nlp.pipe(texts, batch_size=1)):
            text = doc.text
            language = languages[number] if number < len(languages) else detect(text)
            names: tuple[Mention, ...] = tuple(m for m in doc._.mentions if m.tag is not Tag.PERSON)
            topics = self.topics(text, names, language)
            persons = tuple((m.start, m.end) for m in doc._.mentions if m.tag is Tag.PERSON)
            yield Extraction(text, language, names, topics, relate(text, names, topics, language), persons)

    def documents(self, texts: Sequence[str], languages: Sequence[str]) -> Iterator[Extraction]:
        """The same for whole documents, with what each is about."""
        for found in self.extract(texts, languages):
            yield replace(found, subjects=_subjects(found.text, found.language))

    def topics(self, text: str, names: Sequence[Mention], language: str) -> tuple[TopicMention, ...]:
        """Topics of the schemes, and free ones where no scheme has a word for it; none inside a name."""
        taken = [(m.start, m.end) for m in names]
        known = [
            TopicMention(h.start, h.end, h.topic_id, " ".join(text[h.start : h.end].split()), h.weight)
            for h in self.tagger.tag(text, language if language in ("de", "en") else None)
            if not any(h.start < b and a < h.end for a, b in taken)
        ]
        free = [f for f in free_topics(text, names) if not any(f.start < k.end and k.start < f.end for k in known)]
        return tuple(sorted((*known, *free)))


def _subjects(text: str, language: str) -> tuple[Subject, ...]:
    """What a text is about: by words; where they say little, sentence vectors are asked as well (they cost a third of all the rest)."""
    if language not in ("de", "en"):
        return ()
    ranked = likely(rank(text, "", language, vectors=False))
    if sum(bool(t.spans) for t in ranked) < FEW_TOPICS:
        ranked = likely(rank(text, "", language))
    return tuple(Subject(t.topic, round(t.score, 3), t.how, *(t.spans[0] if t.spans else (0, 0))) for t in ranked)


@cache
def extractor(model: str = "") -> Extractor:
    """The shipped pipeline; ``model``: the spaCy model of the setting INNONET_TEXT_MODEL in the recogniser's place."""
    return Extractor(pipeline.build(pipeline.model(model), shipped_lexicon()), Tagger.load(REFERENCE))


def as_line(id_: object, found: Extraction) -> dict[str, Any]:
    """One text's finds as `innonet extract --jsonl` prints them.  What the text denies is no relation and is left out."""
    return {
        "id": id_,
        "language": found.language,
        "entities": [{"start": m.start, "end": m.end, "label": str(m.tag), "entity": m.entity} for m in found.mentions],
        "topics": [{"start": t.start, "end": t.end, "topic": t.topic, "label": t.label} for t in found.topics],
        "relations": [_relation(r) for r in found.relations if r.status is not Status.NEGATED],
    }


def _relation(r: Relation) -> dict[str, Any]:
    tail: dict[str, Any] = {"start": r.tail.start, "end": r.tail.end}
    if isinstance(r.tail, TopicMention):
        tail = {"topic": r.tail.label, **tail}
    return {
        "head": {"start": r.head.start, "end": r.head.end},
        "type": r.type,
        "tail": tail,
        "status": str(r.status),
        **({"role": r.role} if r.role else {}),
        "confidence": round(r.confidence, 3),
        "evidence": {"start": r.start, "end": r.end},
        "rule": r.rule,
    }
