"""The pipeline as spaCy has it: blank("de") with one component of ours, which finds the names and says what they are.

A name may be a part of a token (evo-Vorstand), so the truth is `doc._.mentions`, with offsets in characters; `doc.ents` and
`doc.spans["innonet"]` hold the names that whole tokens make up.  spaCy itself only splits words here, which costs little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch

from graph.errors import InnonetError
from ingest.resolve.kinds import kind_from_name
from ingest.text import names, recogniser
from ingest.text.marks import KIND_OF, Found, Mention, Tag
from ingest.text.mentions import Model, recognise
from ingest.text.names import Lexicon

COMPONENT: Final = "innonet_names"
SPANS: Final = "innonet"
_BATCH: Final = 32
_LONGEST: Final = 100_000_000

_LOADABLE: Final = {"LOC": Tag.PLACE, "GPE": Tag.PLACE, "PER": Tag.PERSON, "PERSON": Tag.PERSON}


class Names:
    """The component.  `build` gives it the model and the lexicon."""

    model: Model
    lexicon: Lexicon

    def __call__(self, doc: Doc) -> Doc:
        """Find the names of one document."""
        return self._set(doc, recognise([doc.text], self.lexicon, self.model)[0])

    def pipe(self, stream: Iterable[Doc], batch_size: int = _BATCH) -> Iterator[Doc]:
        """Find the names of many documents, some at once."""
        for docs in minibatch(stream, batch_size):  # type: ignore[no-untyped-call]
            for doc, found in zip(docs, recognise([d.text for d in docs], self.lexicon, self.model), strict=True):
                yield self._set(doc, found)

    @staticmethod
    def _set(doc: Doc, found: tuple[Mention, ...]) -> Doc:
        doc._.mentions = found
        spans = [s for m in found if (s := doc.char_span(m.start, m.end, label=str(m.tag))) is not None]
        doc.spans[SPANS] = spans
        doc.ents = spans
        return doc


def _make(nlp: Language, name: str) -> Names:
    del nlp, name
    return Names()


def build(model: Model, lexicon: Lexicon) -> Language:
    """A pipeline for German (and, less well, English) texts."""
    if not Language.has_factory(COMPONENT):
        Language.factory(COMPONENT, func=_make)
    if not Doc.has_extension("mentions"):
        Doc.set_extension("mentions", default=())
    nlp = spacy.blank("de")
    nlp.max_length = _LONGEST  # only words are split, which takes little memory
    component = nlp.add_pipe(COMPONENT)
    component.model, component.lexicon = model, lexicon  # type: ignore[attr-defined]
    return nlp


def model(name: str = "") -> Model:
    """The shipped recogniser, or the spaCy model that the setting INNONET_TEXT_MODEL names."""
    return SpacyModel(name) if name else recogniser.load()


class SpacyModel:
    """A model of the spaCy family (de_core_news_lg, a folder) in the recogniser's place.

    Its ORG gets the kind that the name tells, else COMPANY; of MISC only what a word such as «Projekt» introduces is kept.
    """

    def __init__(self, name: str) -> None:
        try:
            self._nlp = spacy.load(name)
        except (OSError, ImportError, ValueError) as e:
            raise InnonetError(
                f"INNONET_TEXT_MODEL={name}: kein spaCy-Modell ({str(e).splitlines()[0]}). Ein Paket (pip install) oder ein Ordner wird erwartet.",
                f"INNONET_TEXT_MODEL={name}: no spaCy model ({str(e).splitlines()[0]}). A package (pip install) or a folder is expected.",
            ) from e

    def spans(self, texts: Sequence[str]) -> list[list[Mention]]:
        """The names in each text, in order."""
        out = []
        for doc in self._nlp.pipe(texts, batch_size=_BATCH):
            found = []
            for ent in doc.ents:
                tag = self._tag(ent, doc.text)
                if tag is not None:
                    found.append(Mention(ent.start_char, ent.end_char, tag, score=0.7, found=Found.MODEL))
            out.append(found)
        return out

    @staticmethod
    def _tag(ent: Any, text: str) -> Tag | None:
        if ent.label_ in Tag.__members__:
            return Tag(ent.label_)
        if ent.label_ == "ORG":
            kind = kind_from_name(ent.text)
            return next((t for t, k in KIND_OF.items() if k is kind), Tag.COMPANY)
        if ent.label_ == "MISC":
            return Tag.PROJECT if names.introduced(text, ent.start_char) else None
        return _LOADABLE.get(ent.label_)
