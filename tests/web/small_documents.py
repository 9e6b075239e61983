"""A few texts of our own about the small network, as claims and as stored documents.

[[Wasserstofftechnik Ruhr GmbH|COMPANY|cordis:org:1001]] plant ...      a mark with its record ("" for none)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from graph.model import Claim, Entity, Evidence, Label, Link, Status
from ingest.base import SourceMeta
from ingest.text.documents import Mark, Statement, StoredDocument

META = SourceMeta("text", "Texte", "Texts", "", "", "siehe Dokument", "", "", "", "", "", "", own_ids=False)

REPORT, QUOTED_ONLY, FOREIGN, LONG, HOSTILE = (f"text:{n:016x}" for n in (0xA1, 0xA2, 0xA3, 0xA4, 0xA5))
REMOVED = "text:00000000000000ff"
"""Never in the data; the tests say of it that it once was."""
RESEARCHERS = "cordis:org:2002"
"""A partner of the centre in one project; the report plans more."""
MEMBER, NETWORK = "cordis:org:2003", "cordis:org:2004"
FREE_TOPIC = "text:topic:salzspeicher"
_MARK = re.compile(r"\[\[([^|\]]+)\|([A-Z]+)\|([^|\]]*)\]\]")


@dataclass(frozen=True, slots=True)
class Line:
    """One statement: who, what, whom (records), by words of the sentence that says it; several words: from the first to the last of them."""

    head: str
    type: str
    tail: str
    words: tuple[str, ...]
    status: Status = Status.RUNNING
    role: str = ""
    confidence: float = 0.9


def stored(id_: str, source: str, lines: tuple[Line, ...] = (), **more: object) -> StoredDocument:
    """A document from a text with its marks written into it."""
    text, marks, at = "", [], 0
    for m in _MARK.finditer(source):
        text += source[at : m.start()]
        marks.append(Mark(len(text), len(text) + len(m[1]), m[2], m[3], 0.9, "model"))
        text, at = text + m[1], m.end()
    text += source[at:]
    names = {m.record: text[m.start : m.end] for m in reversed(marks)}
    statements = []
    for line in lines:
        places = [sentence(text, w) for w in line.words]
        start, end = min(p[0] for p in places), max(p[1] for p in places)
        statements.append(
            Statement(
                line.type,
                line.head,
                names[line.head],
                line.tail,
                names[line.tail],
                str(line.status),
                line.role,
                start,
                end,
                f"{id_}:{start}-{end}",
                line.confidence,
                "test",
            )
        )
    given = StoredDocument(id_, "", "", "de", "", "", "text/html", "0" * 64, text, (), tuple(marks), tuple(statements))
    return replace(given, **more)  # type: ignore[arg-type]


def sentence(text: str, words: str) -> tuple[int, int]:
    """From where to where the sentence or line goes that holds these words."""
    at = text.index(words)
    start = max(text.rfind(mark, 0, at) + len(mark) if mark in text[:at] else 0 for mark in (". ", "\n"))
    ends = [text.find(mark, at) for mark in (". ", ".\n", "\n")]
    end = min((e + (mark != "\n") for e, mark in zip(ends, (". ", ".\n", "\n"), strict=True) if e >= 0), default=len(text))
    return start, end


def documents() -> tuple[StoredDocument, ...]:
    """The texts that this host holds."""
    from small_network import CENTRE, LONELY, OBERHAUSEN, TITLED, TOPIC

    firm, researchers = f"[[Wasserstofftechnik Ruhr GmbH|COMPANY|{CENTRE}]]", f"[[Beispielfirma 02|RESEARCH|{RESEARCHERS}]]"
    report = (
        f"{firm} sucht Partner in [[Oberhausen|PLACE|{OBERHAUSEN}]]\n\n"
        f"Die {firm} leitet das Projekt [[HEATH2|PROJECT|{TITLED}]]. Im nächsten Jahr will sie auch mit der {researchers} zusammenarbeiten. "
        f"Es geht um [[Wasserstoff|TOPIC|{TOPIC}]] und um [[Salzspeicher|TOPIC|{FREE_TOPIC}]].\n\n"
        f"Die [[Hochschule Beispielstadt|UNIVERSITY|]] und der [[Energiekreis Ruhr e. V.|ASSOCIATION|text:org:0000000000000001]] waren zu Gast. "
        f"Ansprechpartnerin ist ····· ·········.\n\n"
        "Weitere Partner:\n"
        f"- [[Alleinstehende Werkstatt GmbH|COMPANY|{LONELY}]]\n"
        f"- [[Stadt Oberhausen|PUBLIC|{OBERHAUSEN}]]\n\n"
        f"Mit der [[Alleinstehende Werkstatt GmbH|COMPANY|{LONELY}]] gibt es bislang keinen Vertrag."
    )
    lines = (
        Line(CENTRE, "PARTICIPATES_IN", TITLED, ("leitet das Projekt",), role="coordinator", confidence=0.97),
        Line(CENTRE, "COOPERATES_WITH", RESEARCHERS, ("Im nächsten Jahr",), Status.PLANNED, confidence=0.7),
        Line(CENTRE, "WORKS_ON", TOPIC, ("Es geht um",), confidence=0.4),
        Line(LONELY, "PARTICIPATES_IN", TITLED, ("Weitere Partner", "- Alleinstehende")),
        Line(OBERHAUSEN, "PARTICIPATES_IN", TITLED, ("Weitere Partner", "- Stadt"), Status.UNCERTAIN),
        Line(CENTRE, "COOPERATES_WITH", LONELY, ("bislang keinen",), Status.NEGATED),
    )
    first = stored(
        REPORT,
        report,
        lines,
        title="Wasserstofftechnik Ruhr sucht Partner",
        date="2026-05-04",
        site="Beispielblatt",
        address="https://www.beispiel.invalid/meldung",
        media="application/pdf",
    )
    pages = ((1, 0), (2, first.text.index("und um Salz")), (3, first.text.index("Weitere")))
    some = f"Zeile über [[Oberhausen|PLACE|{OBERHAUSEN}]] und {firm}.\n\n"
    long = stored(LONG, some * 1500, (Line(CENTRE, "LOCATED_IN", OBERHAUSEN, ("Zeile über",)),), title="Ein langer Text", address="ordner/lang.txt")
    last = long.text.rindex("Zeile")
    late = replace(long.statements[0], start=last, end=last + 20, evidence=f"{LONG}:{last}-{last + 20}")
    return (
        replace(first, pages=pages),
        stored(FOREIGN, f"{firm} cherche des partenaires.", title="Un texte", language="fr", address="brief.pdf", date="2025"),
        replace(long, statements=(*long.statements, late)),
        stored(
            HOSTILE,
            f"<script>alert('x')</script> und [[<b>Söhne</b> GmbH|COMPANY|{CENTRE}]] mit [[Erika Muster|PERSON|{CENTRE}]].\n\nEnde",
            title="<script>alert('x')</script>",
            address="javascript:alert(1)",
        ),
    )


def claimed() -> Iterator[Claim]:
    """The same as claims, with one document more whose text is not stored."""
    from small_network import CENTRE, LONELY, TITLED, TOPIC

    for d in documents():
        url = d.address if d.address.startswith("https://") else ""
        line = d.text.split("\n")[0]
        first_line = f"{d.id}:0-{len(line)}"
        yield from _document(d.id, d.title, d.date, d.language, url, line)
        said: dict[str, None] = {}
        for s in d.statements:
            if s.evidence not in said:
                said[s.evidence] = None
                yield Evidence(s.evidence, f"{d.address}:{s.start}-{s.end}", " ".join(d.text[s.start : s.end].split()), "test", s.confidence)
        first = next(m for m in d.marks if m.record == CENTRE)
        yield Link(d.id, "MENTIONS", CENTRE, (first_line,), {"start": first.start, "end": first.end})
    report = documents()[0]
    top = f"{REPORT}:0-{report.text.index(chr(10))}"
    project = next(m for m in report.marks if m.record == TITLED)
    yield Link(REPORT, "MENTIONS", TITLED, (top,), {"start": project.start, "end": project.end})
    yield Link(REPORT, "ABOUT", TOPIC, (top,), {"weight": 1.0})
    planned = report.statements[1]
    yield Link(CENTRE, "COOPERATES_WITH", RESEARCHERS, (planned.evidence,), {}, Status.PLANNED, 0.7)
    yield Link(MEMBER, "PARTICIPATES_IN", NETWORK, (top,), {"roles": ["participant"]}, Status.ENDED)
    yield Link(MEMBER, "FUNDED_BY", NETWORK, (top,))
    yield from _document(QUOTED_ONLY, "Nur zitiert", "2026-06-01", "de", "https://www.beispiel.invalid/zwei", "Der erste Satz.")
    yield Evidence(f"{QUOTED_ONLY}:100-130", "https://www.beispiel.invalid/zwei:100-130", "Ein späterer Satz mit <b>Zeichen</b>.")
    yield Link(QUOTED_ONLY, "MENTIONS", LONELY, (f"{QUOTED_ONLY}:100-130",), {"start": 104, "end": 111})


def _document(id_: str, title: str, date: str, language: str, url: str, quote: str) -> Iterator[Claim]:
    props = {"title": title, "date": date, "language": language, "url": url, "hash": "0" * 64}
    place = f"0-{len(quote)}"
    yield Evidence(f"{id_}:{place}", f"{url or 'datei.txt'}:{place}", quote)
    yield Entity(id_, Label.DOCUMENT, {k: v for k, v in props.items() if v}, (f"{id_}:{place}",))
