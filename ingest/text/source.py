"""Texts as a source: documents in, claims out, each with its sentence.

    innonet ingest text meldungen/            a folder, a file, or a web address

Records of a text have no id of their own, so the name makes the record: the same name in two texts is one record, and identity
(ingest/resolve) decides which organisation or project of the registries it is.  Persons are left out of everything stored.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from graph.model import Claim, Entity, Evidence, Label, Link, Status, Value
from graph.settings import Settings
from ingest import claims
from ingest.base import Context, FileError, Release, SourceMeta, read_release, slug
from ingest.resolve.normalise import fold, has_form, name_key, short_key
from ingest.text import documents
from ingest.text.documents import SOURCE, Mark, Statement, StoredDocument
from ingest.text.many import extract_all
from ingest.text.marks import KIND_OF, ORGANIZATIONS, Extraction, Mention, Relation, Tag, TopicMention
from ingest.text.read import Document, Limits, ReadProblem, files_of, read_file, read_folder

ROOT: Final = Path(__file__).resolve().parent.parent.parent
EXTRACTOR: Final = "innonet text"
CHECKED: Final = "innonet text, corrected by a person"
CONFIDENCE_WORDS: Final = 0.8
CONFIDENCE_VECTORS: Final = 0.5
LONGEST_NAME: Final = 160
LONGEST_QUOTE: Final = 1200
HIDDEN: Final = "·"
"""Stands for each letter of a person's name in what is stored, so that offsets stay right."""

META: Final = SourceMeta(
    id=SOURCE,
    title_de="Texte (Meldungen, Projektseiten, Newsletter)",
    title_en="Texts (reports, project pages, newsletters)",
    publisher="",
    homepage="",
    licence="siehe Dokument / see the document",
    licence_url="",
    attribution="Quelle: das jeweils genannte Dokument",
    states_de="Wer mit wem woran arbeitet, mit dem Satz, der es sagt; automatisch gelesen",
    states_en="Who works with whom on what, with the sentence that says so; read automatically",
    persons_de="Personennamen werden erkannt, um sie wegzulassen",
    persons_en="Names of persons are recognised in order to leave them out",
    own_ids=False,
)

ROLES: Final = {"coordinator": "coordinator", "partner": "partner", "associated": "associatedPartner"}
_SENTENCE_END: Final = re.compile(r"(?<=[.!?:“”\"])\s+(?=[A-ZÄÖÜ„»“(\d])|\n+")


def read_texts(
    settings: Settings,
    where: str,
    *,
    release: str = "",
    retrieved: str = "",
    dataset: str = "",
    dry_run: bool = False,
    workers: int = 1,
    scheduler: str = "",
    sitemap: bool = False,
) -> tuple[claims.Header, bool]:
    """Turn a folder, a file or a web address into one set of claims and keep its documents.  Returns the header, False if nothing was new.

    A document that cannot be read is an issue of the set, and the others go on.
    Raises FileError when there is nothing at all under a path.
    """
    limits = Limits.of(settings)
    problems: list[ReadProblem] = []
    found: dict[str, Document] = {}
    address = urlsplit(where).scheme in ("http", "https")
    release_ = _release(where, address=address, name=release, retrieved=retrieved, dataset=dataset)
    reader = _reader_hash(settings)
    out = claims.set_path(settings.home, SOURCE, release_.dataset)

    def known(files: list[dict[str, Any]]) -> claims.Header | None:
        """The set that is there, if it was made of exactly these files."""
        if dry_run or not out.exists():
            return None
        before = claims.read_header(out)
        same = (before.files, before.reader, before.release, before.retrieved) == (files, reader, release_.name, release_.retrieved)
        return before if same else None

    # what lies on the disk is compared before it is read
    files = [] if address else claims.hash_files(_paths(Path(where)))
    if files and (before := known(files)) is not None:
        return before, False
    for got in _documents(where, limits, address=address, sitemap=sitemap):
        if isinstance(got, ReadProblem):
            problems.append(got)
        else:
            found.setdefault(got.id, got)
    ctx = Context(META, release_)
    for p in problems:
        ctx.issue("unreadable", p.address, p.detail, detail=p.code)
    ordered = [found[i] for i in sorted(found)]
    if address:
        files = [{"name": d.address, "bytes": len(d.text), "sha256": d.sha256} for d in ordered]
        if (before := known(files)) is not None:
            return before, False
    if dry_run:
        out = settings.home / "claims" / f".dry-run-{SOURCE}.jsonl.gz"
    extracted = extract_all([(d.text, d.language) for d in ordered], model=settings.text_model, workers=workers, scheduler=scheduler)
    stated, stored = _stated(ctx, ordered, extracted)
    try:
        if not dry_run:
            # documents first: a claim never points to a text that is not there
            documents.save(settings.home, release_.dataset, stored)
        header = claims.write_set(ctx, iter(stated), out, files, reader)
        if not dry_run:
            documents.keep_only(settings.home, release_.dataset, (d.id for d in stored))
    finally:
        if dry_run:
            out.unlink(missing_ok=True)
    return header, True


def _stated(ctx: Context, read: Sequence[Document], extracted: Sequence[Extraction | None]) -> tuple[list[Claim], list[StoredDocument]]:
    """Claims of all documents, and the documents as their pages show them; one that broke its worker twice is an issue."""
    stated: list[Claim] = []
    stored: list[StoredDocument] = []
    for document, extraction in zip(read, extracted, strict=True):
        if extraction is None:
            ctx.issue("unreadable", document.address, detail="crash")
            continue
        said = Said(document, extraction)
        stated += said.claims()
        stored.append(said.stored())
    return stated, stored


def _paths(path: Path) -> list[Path]:
    if not path.exists():
        raise FileError(f"{path}: gibt es nicht.", f"{path}: does not exist.")
    return files_of(path) if path.is_dir() else [path]


def _documents(where: str, limits: Limits, *, address: bool, sitemap: bool) -> Iterator[Document | ReadProblem]:
    if address:
        from ingest.text.fetch import fetch  # only a web address needs it

        yield from fetch(where, limits, sitemap=sitemap)
        return
    path = Path(where)
    if path.is_dir():
        yield from read_folder(path, limits)
        return
    try:
        yield from read_file(path, limits)
    except ReadProblem as problem:
        yield problem


def _release(where: str, *, address: bool, name: str, retrieved: str, dataset: str) -> Release:
    if address:
        if not retrieved:
            raise FileError(f"{where}: Abrufdatum fehlt (--retrieved JJJJ-MM-TT).", f"{where}: date of retrieval is missing (--retrieved YYYY-MM-DD).")
        host = urlsplit(where).hostname or where
        return Release(name or host, retrieved, slug(dataset or name or host))
    path = Path(where)
    found = read_release(path, name=name, retrieved=retrieved, dataset=dataset)
    if dataset or (path.is_dir() and (path / "release.json").exists()):
        return found
    # the name of the folder or file is what a newer state of it is known by
    label = path.resolve().stem if path.is_file() else path.resolve().name
    return Release(name or label, found.retrieved, slug(label), found.options)


def _reader_hash(settings: Settings) -> str:
    """Hash of all that decides what is found in a text: our code, the model's files, the vocabularies, the lexicon's registers."""
    h = hashlib.blake2b(digest_size=8)
    own = Path(__file__).parent
    for folder, pattern in ((own, "**/*.py"), (own / "model", "*"), (ROOT / "data" / "reference", "*"), (ROOT / "data" / "demo", "manifest.json")):
        for p in sorted(folder.glob(pattern)):
            if p.is_file() and "training" not in p.parts:
                with p.open("rb") as f:
                    h.update(hashlib.file_digest(f, "blake2b").digest())
    h.update(settings.text_model.encode())
    return h.hexdigest()


@dataclass(frozen=True, slots=True)
class _Thing:
    """What one entity of a text becomes: its record id, main name and all names."""

    record: str
    name: str
    names: tuple[str, ...]
    tag: Tag
    mentions: tuple[Mention, ...]
    named: bool = False
    """A person said which node of the graph it is: others state what that is."""


class Said:
    """What one document says, as claims and for its page.

    starts   where its sentences begin, if the text no longer tells: it holds dots in place of persons
    meant    entity -> id of the node that a person named as the one that is meant
    checked  spans about which a person said something: the sentences around them say so
    """

    def __init__(
        self,
        document: Document,
        extraction: Extraction,
        *,
        starts: Sequence[int] = (),
        meant: Mapping[int, str] = MappingProxyType({}),
        checked: Iterable[tuple[int, int]] = (),
    ) -> None:
        self.document, self.extraction = document, extraction
        self.text = without_persons(document.text, extraction.persons)
        self.starts = list(starts) or sentence_starts(document.text)
        found = dict(_things(document.text, extraction.mentions))
        self.things = {n: replace(t, record=meant[n], named=True) if n in meant else t for n, t in found.items()}
        self.checked = tuple(checked)
        self.evidence: dict[str, Evidence] = {}

    # -- claims

    def claims(self) -> list[Claim]:
        """Evidence, entities and links, in no order."""
        out: list[Claim] = []
        first = self._proof(0, min(len(self.text), 1))
        out.append(Entity(self.document.id, Label.DOCUMENT, self._document_props(), (first,)))
        for thing in self.things.values():
            out += self._thing(thing)
        for r in self.extraction.relations:
            out += self._relation(r)
        out += self._topics()
        return [*self.evidence.values(), *out]

    def _document_props(self) -> dict[str, Value]:
        d = self.document
        props: dict[str, Value] = {"title": d.title or d.address, "hash": d.sha256}
        url = d.address if d.address.startswith(("http://", "https://")) else ""
        props |= {k: v for k, v in (("url", url), ("date", d.date), ("language", d.language)) if v}
        return props

    def _thing(self, thing: _Thing) -> Iterator[Claim]:
        first = thing.mentions[0]
        proof = self._proof(first.start, first.end)
        if not thing.named:
            yield self._stated(thing, proof)
        score = round(max(m.score for m in thing.mentions), 3)
        yield Link(self.document.id, "MENTIONS", thing.record, (proof,), {"start": first.start, "end": first.end}, confidence=score)

    @staticmethod
    def _stated(thing: _Thing, proof: str) -> Entity:
        if thing.tag is Tag.PLACE:
            return Entity(thing.record, Label.PLACE, {"name": thing.name}, (proof,))
        if thing.tag is Tag.PROJECT:
            props: dict[str, Value] = {"title": thing.name}
            short = min(thing.names, key=len)
            if len(short) < len(thing.name) and " " not in short:
                props["acronym"] = short
            return Entity(thing.record, Label.PROJECT, props, (proof,))
        props = {"name": thing.name}
        if len(thing.names) > 1:
            props["names"] = list(thing.names)
        return Entity(thing.record, Label.ORGANIZATION, props, (proof,), kind=KIND_OF[thing.tag])

    def _relation(self, r: Relation) -> Iterator[Claim]:
        head = self.things.get(r.head.entity)
        if head is None:
            return
        proof = self._span(r.start, r.end)
        confidence = round(r.confidence, 3)
        status = r.status
        if isinstance(r.tail, TopicMention):
            topic, made = self._topic(r.tail, proof)
            yield from made
            type_ = "ABOUT" if head.tag is Tag.PROJECT else "WORKS_ON"
            yield Link(head.record, type_, topic, (proof,), status=status, confidence=confidence)
            return
        tail = self.things.get(r.tail.entity)
        if tail is None:
            return
        if r.type == "FUNDED_BY" and head.tag is Tag.PROJECT and tail.tag is Tag.PROJECT:
            # a programme pays for a project: that is a property, there is no node for programmes
            if status is not Status.NEGATED and not head.named:
                yield Entity(head.record, Label.PROJECT, {"programme": tail.name}, (proof,))
            return
        props: dict[str, Value] = {}
        if r.type == "PARTICIPATES_IN":
            props["roles"] = [ROLES.get(r.role, "participant")]
        yield Link(head.record, r.type, tail.record, (proof,), props, status, confidence)

    def _topics(self) -> Iterator[Claim]:
        """What the document is about: EuroSciVoc as ranked by words and vectors, the other schemes by how often it names them."""
        for subject in self.extraction.subjects:
            proof = self._proof(subject.start, subject.end)
            confidence = CONFIDENCE_VECTORS if subject.how == "vectors" else CONFIDENCE_WORDS
            yield Link(self.document.id, "ABOUT", subject.topic, (proof,), {"weight": subject.score}, confidence=confidence)
        weight: dict[str, float] = defaultdict(float)
        first: dict[str, TopicMention] = {}
        for t in self.extraction.topics:
            if t.topic and not t.topic.startswith("euroscivoc:"):
                weight[t.topic] += t.weight
                first.setdefault(t.topic, t)
        most = max(weight.values(), default=1.0)
        for topic, w in weight.items():
            t = first[topic]
            yield Link(self.document.id, "ABOUT", topic, (self._proof(t.start, t.end),), {"weight": round(w / most, 3)}, confidence=CONFIDENCE_WORDS)

    def _topic(self, t: TopicMention, proof: str) -> tuple[str, list[Claim]]:
        if t.topic:
            return t.topic, []
        id_ = _free_topic(t)
        return id_, [Entity(id_, Label.TOPIC, {"label_de": t.label, "scheme": "free"}, (proof,))]

    # -- sentences

    def _proof(self, start: int, end: int) -> str:
        """Id of the evidence that is the sentence around a span."""
        at = bisect_right(self.starts, start) - 1
        stop = bisect_right(self.starts, max(start, end - 1))
        return self._span(self.starts[at], self.starts[stop] if stop < len(self.starts) else len(self.text))

    def _span(self, start: int, end: int) -> str:
        while end > start and self.text[end - 1].isspace():
            end -= 1
        while start < end and self.text[start].isspace():
            start += 1
        id_ = f"{self.document.id}:{start}-{end}"
        if id_ not in self.evidence:
            page = self.document.page(start)
            where = self.document.address + (f"#page={page}" if page else "")
            quote = " ".join(self.text[start:end].split())
            by = CHECKED if any(a < end and start < b for a, b in self.checked) else EXTRACTOR
            self.evidence[id_] = Evidence(id_, f"{where}:{start}-{end}", quote if len(quote) <= LONGEST_QUOTE else quote[:LONGEST_QUOTE] + " …", by)
        return id_

    # -- the page

    def stored(self) -> StoredDocument:
        """The document with its marks and statements, as its page shows it."""
        d = self.document
        marks = [
            Mark(m.start, m.end, str(m.tag), self.things[m.entity].record if m.entity in self.things else "", round(m.score, 3), str(m.found))
            for m in self.extraction.mentions
        ]
        marks += [Mark(t.start, t.end, "TOPIC", t.topic or _free_topic(t), round(t.weight, 3)) for t in self.extraction.topics if t.topic or self._used(t)]
        return StoredDocument(
            id=d.id,
            title=d.title,
            date=d.date,
            language=d.language,
            site=d.site,
            address=d.address,
            media=d.media,
            sha256=d.sha256,
            text=self.text,
            pages=tuple((p.number, p.start) for p in d.pages),
            marks=tuple(sorted(marks, key=lambda m: (m.start, m.end))),
            statements=tuple(s for r in self.extraction.relations if (s := self.statement(r)) is not None),
        )

    def _used(self, t: TopicMention) -> bool:
        return any(r.tail is t or r.tail == t for r in self.extraction.relations)

    def statement(self, r: Relation) -> Statement | None:
        """One relation as the page shows it; None where an end is no longer named."""
        head = self.things.get(r.head.entity)
        if head is None:
            return None
        if isinstance(r.tail, TopicMention):
            tail, tail_name = r.tail.topic or _free_topic(r.tail), r.tail.label
        else:
            thing = self.things.get(r.tail.entity)
            if thing is None:
                return None
            tail, tail_name = thing.record, thing.name
        proof = self._span(r.start, r.end)
        return Statement(r.type, head.record, head.name, tail, tail_name, str(r.status), r.role, r.start, r.end, proof, round(r.confidence, 3), r.rule)


def _things(text: str, mentions: Sequence[Mention]) -> Iterator[tuple[int, _Thing]]:
    """The entities of a text by number: the longest name is the main one, all written forms are names."""
    by: dict[int, list[Mention]] = defaultdict(list)
    for m in mentions:
        by[m.entity].append(m)
    for number, found in by.items():
        tag = Counter(m.tag for m in found).most_common(1)[0][0]
        forms = list(dict.fromkeys(f for m in found if (f := " ".join(text[m.start : m.end].split())) and len(f) <= LONGEST_NAME))
        # «Stadtwerkes» beside «Stadtwerke» is the same name with an ending
        forms = [f for f in forms if not (f.endswith("s") and f[:-1] in forms)]
        if not forms or (tag not in ORGANIZATIONS and tag not in (Tag.PROJECT, Tag.PLACE)):
            continue
        name = max(forms, key=lambda f: (len(f), f))
        yield number, _Thing(_record(tag, name), name, tuple(sorted(forms)), tag, tuple(found))


def _record(tag: Tag, name: str) -> str:
    if tag is Tag.PLACE:
        return f"text:place:{slug(fold(name))}"
    what, key = ("project", name_key(name)) if tag is Tag.PROJECT else ("org", _said_key(name))
    return f"text:{what}:{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _said_key(name: str) -> str:
    """Of an organisation: whatever case the sentence puts it in; its legal form counts."""
    return name_key(name) if has_form(name) else short_key(name)


def _free_topic(t: TopicMention) -> str:
    return f"text:topic:{slug(fold(t.label))[:80]}"


def sentence_starts(text: str) -> list[int]:
    """Where the sentences and lines of a text begin."""
    return [0, *(m.end() for m in _SENTENCE_END.finditer(text))]


def without_persons(text: str, persons: Iterable[tuple[int, int]]) -> str:
    """The text with a dot for each letter of a person's name."""
    out = text
    for a, b in persons:
        out = out[:a] + re.sub(r"\S", HIDDEN, out[a:b]) + out[b:]
    return out
