"""What the tests of the sources share: run a crawl, check what every claim must be, and make files that are not what they claim to be."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from graph.model import NODE_PROPS, Claim, Entity, Evidence, Label, Link, link_problem
from ingest.base import Context, Crawl, FileError, Limits, Release, SourceMeta

FIXTURES = Path(__file__).parent / "fixtures"
SMALL = Limits(file_bytes=1 << 20, line_bytes=1 << 16)


@dataclass
class Crawled:
    """Claims by what they are, with the issues as ``{code: count}``."""

    evidence: dict[str, Evidence] = field(default_factory=dict)
    entities: dict[str, Entity] = field(default_factory=dict)
    links: dict[tuple[str, str, str], Link] = field(default_factory=dict)
    issues: dict[str, int] = field(default_factory=dict)
    context: Context | None = None
    claims: list[Claim] = field(default_factory=list)

    def of(self, label: Label) -> dict[str, Entity]:
        return {k: e for k, e in self.entities.items() if e.label == label}

    def named(self, name: str) -> Entity:
        [found] = [e for e in self.entities.values() if name in (e.props.get("name"), e.props.get("title"))]
        return found

    def targets(self, start: str, type_: str) -> set[str]:
        return {e for s, t, e in self.links if (s, t) == (start, type_)}

    def participants(self, project: str) -> dict[str, object]:
        return {
            str(self.entities[s].props["name"]): link.props.get("funding_eur")
            for (s, t, e), link in self.links.items()
            if (t, e) == ("PARTICIPATES_IN", project)
        }


def crawled(meta: SourceMeta, crawl: Crawl, path: Path, limits: Limits | None = None, options: Mapping[str, str] | None = None) -> Crawled:
    """Crawl and check what holds for every source: known properties of the right type, links of the vocabulary, evidence that exists."""
    ctx = Context(meta, Release("test", "2026-11-01", "test"), limits or Limits(), options=options or {})
    out = Crawled(context=ctx)
    for claim in crawl(ctx, path):
        out.claims.append(claim)
        if isinstance(claim, Evidence):
            assert out.evidence.setdefault(claim.id, claim) == claim
        elif isinstance(claim, Entity):
            assert out.entities.setdefault(claim.id, claim) == claim
        else:
            assert (claim.start, claim.type, claim.end) not in out.links
            out.links[claim.start, claim.type, claim.end] = claim
    for claim in out.claims:
        if not isinstance(claim, Evidence):
            assert claim.evidence
            assert set(claim.evidence) <= out.evidence.keys()
    for e in out.entities.values():
        for name, value in e.props.items():
            assert isinstance(value, NODE_PROPS[e.label][name]), (e.id, name, value)
            assert value != ""
    for (start, type_, end), link in out.links.items():
        if start in out.entities and end in out.entities:
            assert link_problem(type_, out.entities[start].label, out.entities[end].label) is None
        assert link.props.get("funding_eur") != 0
    for c in ctx.issues.counts():
        out.issues[c.code] = out.issues.get(c.code, 0) + c.count
    return out


def survives(meta: SourceMeta, crawl: Crawl, path: Path, options: Mapping[str, str] | None = None) -> None:
    """A crawl of anything ends in claims that hold together, or in a FileError with both texts."""
    try:
        crawled(meta, crawl, path, SMALL, options)
    except FileError:
        return


def _zip(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items():
            z.writestr(name, data)
    return out.getvalue()


def xlsx_bomb() -> bytes:
    """A workbook whose sheet unpacks to more than SMALL allows."""
    return _zip({"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": b" " * (2 << 20)})


BAD_TEXT: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "empty": ("", lambda _: b""),
    "utf-16": ("", lambda good: good.decode("utf-8", "replace").encode("utf-16")),
    "binary": ("", lambda _: bytes(range(256)) * 40),
    "long line": ("", lambda good: good.rstrip(b"\n") + b"x" * (1 << 17)),
    "truncated gzip": (".gz", lambda good: gzip.compress(good * 50, mtime=0)[:-30]),
    "no gzip": (".gz", lambda good: good),
    "gzip bomb": (".gz", lambda good: gzip.compress(good + b"\n" * (2 << 20), mtime=0)),
    "no bzip2": (".bz2", lambda good: good),
}
"""Name -> ending and what is made of a good text file."""


def bad_text_cases() -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("ending", "make"), list(BAD_TEXT.values()), ids=list(BAD_TEXT))
