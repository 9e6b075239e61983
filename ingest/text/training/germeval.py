"""GermEval 2014 as samples: sentences of news and Wikipedia with four classes of names (Benikova et al. 2014, CC BY 4.0).

Of its outer names, persons, places and other things are as ours; what kind an organisation is, its form may tell, otherwise it stays open.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ingest.base import FileError
from ingest.text import tagging
from ingest.text.marks import Tag
from ingest.text.tagging import Span

OPEN: Final = "ORG"
"""An organisation of a kind that the sample does not tell."""

Sample = tuple[str, list[Span]]
"""A text and its names."""

_CLOSING: Final = frozenset((*".,;:!?)]}%…“”’", "'s"))

_FORM: Final = (
    (Tag.UNIVERSITY, re.compile(r"(?i:universit|hochschule|akademie|\buni\b)|\bRWTH\b|\b[TF]U\b|\bFH\b")),
    (Tag.RESEARCH, re.compile(r"Fraunhofer|Max-Planck|Leibniz|Helmholtz|(?i:forschungs(institut|zentrum|gesellschaft))|\bDLR\b|[Ii]nstitut\b")),
    (
        Tag.PUBLIC,
        re.compile(
            r"(?i:minister|\w*amt\b|behörde|\bstadt\b|gericht|regierung|kommission|parlament|bundestag|bundesrat|senat\b|polizei|landtag|gemeinde"
            r"|bundeswehr|agentur für)"
            r"|\bEU\b|\bUNO?\b"
        ),
    ),
    (
        Tag.COMPANY,
        re.compile(r"\b(GmbH|AG|SE|KG|KGaA|Inc|Ltd|Corp|S\.A|plc|LLC|Co)\b|(?i:werke\b|\bbank\b|verlag|zeitung|bahn\b|motors|records|airlines)"),
    ),
    (
        Tag.ASSOCIATION,
        re.compile(
            r"e\. ?V\b|(?i:verein|verband|kammer|stiftung|bund\b|\bclub\b|gewerkschaft|netzwerk|cluster|liga\b|gesellschaft für|kirche|orden\b|union\b)"
            r"|\bFC\b|\bSV\b|\bTSV\b|\bVf[BL]\b"
        ),
    ),
)
"""What the form of a name tells about the kind of a GermEval organisation; the first that fits."""
_PARTY: Final = re.compile(
    r"(CDU|CSU|SPD|FDP|KPD|NSDAP|PDS|NPD|SED|ÖVP|FPÖ|SPÖ|SVP|Die Grünen|Bündnis 90/Die Grünen|Grünen?|(Die )?Linke|AfD|Piratenpartei|BSW)(/CSU)?"
)
_GERMEVAL: Final = {"LOC": str(Tag.PLACE), "PER": str(Tag.PERSON), "OTH": tagging.OTHER}


def read_germeval(path: Path) -> list[Sample]:
    """Sentences of a GermEval 2014 file (.tsv or .tsv.gz; CC BY 4.0), outer names only, derived and partial ones left out."""
    out: list[Sample] = []
    tokens: list[str] = []
    tags: list[str] = []
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for line in [*content.decode("utf-8").split("\n"), ""]:
        columns = line.split("\t")
        if not line.strip():
            if tokens:
                out.append(_sentence(tokens, tags))
            tokens, tags = [], []
        elif not re.match(r"#(\s|$)", line):
            if len(columns) < 3:
                raise FileError(f"{path}: keine GermEval-Zeile: {line[:60]!r}", f"{path}: no line of GermEval: {line[:60]!r}")
            tokens.append(columns[1])
            tags.append(columns[2])
    return out


def _sentence(tokens: Sequence[str], tags: Sequence[str]) -> Sample:
    text, spans = _joined(tokens)
    names: list[list[Any]] = []
    last = -2
    for i, tag in enumerate(tags):
        if len(tag) < 3 or tag.endswith(("deriv", "part")):
            continue
        if tag[0] == "I" and last == i - 1 and names and names[-1][2] == tag[2:]:
            names[-1][1] = spans[i][1]
        else:
            names.append([*spans[i], tag[2:]])
        last = i
    marks: list[Span] = []
    for start, end, label in names:
        name = text[start:end]
        if label != OPEN:
            marks.append((start, end, _GERMEVAL.get(label, tagging.OTHER)))
        elif not _PARTY.fullmatch(name):
            marks.append((start, end, next((str(t) for t, form in _FORM if form.search(name)), OPEN)))
    return text, marks


def _joined(tokens: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Tokens as running text."""
    text, spans, before, quoted = "", [], "", False
    for word in tokens:
        blank = " " if text else ""
        if word in _CLOSING or before in ("(", "[", "{", "„", "»", "‚"):
            blank = ""
        if word == '"':
            blank = "" if quoted else blank
            quoted = not quoted
        elif before == '"' and quoted:
            blank = ""
        text += blank
        spans.append((len(text), len(text) + len(word)))
        text += word
        before = word
    return text, spans
