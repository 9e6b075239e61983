"""Fields of science: the European Science Vocabulary (EuroSciVoc), with German labels of our own.

``euroscivoc.csv`` has the publisher's three columns as they stand beside CORDIS projects: a path of codes, the same path in English words,
the last word.  Fields that occur only inside paths are topics, too.  ``euroscivoc_de.tsv`` is ours: code, English, German, further words;
the English column is there for whoever reads or corrects the table and must agree with the path.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from graph.model import Claim, Entity, Evidence, Label, Link, Value
from ingest.base import Context, FileError, Member, Row, SourceMeta
from ingest.text.topics import plain_terms

META: Final = SourceMeta(
    id="euroscivoc",
    title_de="EuroSciVoc, Fachgebiete der Wissenschaft",
    title_en="EuroSciVoc, fields of science",
    publisher="Amt für Veröffentlichungen der Europäischen Union",
    homepage="https://op.europa.eu/en/web/eu-vocabularies/euroscivoc",
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    attribution="© Europäische Union, EuroSciVoc (aus CORDIS), CC BY 4.0; deutsche Bezeichnungen: innonet",
    states_de="Fachgebiete mit ihrer Rangordnung; die englischen Bezeichnungen sind amtlich, die deutschen von uns übersetzt und so gekennzeichnet.",
    states_en="Fields of science and their hierarchy; the English labels are official, the German ones are our translation and marked so.",
    persons_de="Die Quelle enthält keine Personen.",
    persons_en="The source holds no persons.",
)

_PATHS: Final = "euroscivoc.csv"
_GERMAN: Final = "euroscivoc_de.tsv"


def crawl(ctx: Context, path: Path) -> Iterator[Claim]:
    """Topics ``euroscivoc:<last code>`` with BROADER links.  The path is the folder of both tables, or the first one."""
    folder = path if path.is_dir() else path.parent
    members = {m.name: m for m in ctx.members(folder)}
    if _PATHS not in members:
        raise FileError(f"{path}: {_PATHS} fehlt.", f"{path}: {_PATHS} is missing.")
    german = _german(ctx, members[_GERMAN]) if _GERMAN in members else {}
    seen: set[str] = set()
    for row in ctx.table(
        members[_PATHS],
        read=("euroSciVocCode", "euroSciVocPath"),
        unread=("euroSciVocTitle", "euroSciVocDescription"),
        required=("euroSciVocCode", "euroSciVocPath"),
    ):
        codes = row.get("euroSciVocCode").strip("/").split("/")
        labels = [label.strip() for label in row.get("euroSciVocPath").strip("/").split("/")]
        if len(codes) != len(labels) or not all(codes) or not all(labels):
            ctx.issue("bad_value", row, row.get("euroSciVocPath"), "euroSciVocPath")
            continue
        # the first row that names a field is its evidence, be it only on the way to a narrower one
        evidence = f"euroscivoc:{codes[-1]}"
        if set(codes) <= seen:
            continue
        yield Evidence(evidence, row.locator, row.quote())
        for depth, code in enumerate(codes):
            if code not in seen:
                seen.add(code)
                yield from _topic(ctx, codes[: depth + 1], labels[: depth + 1], evidence, german.get(code))
    for code in sorted(german.keys() - seen):
        ctx.issue("unknown_record", german[code], code)


def _topic(ctx: Context, codes: list[str], labels: list[str], evidence: str, german: Row | None) -> Iterator[Claim]:
    id_ = f"euroscivoc:{codes[-1]}"
    props: dict[str, Value] = {"label_en": labels[-1], "scheme": "euroscivoc", "notation": codes[-1], "path": "/" + "/".join(labels)}
    proof: tuple[str, ...] = (evidence,)
    if german and german.get("label_en") != labels[-1]:
        ctx.issue("bad_value", german, german.get("label_en"), "label_en")
    elif german:
        translation = f"innonet:euroscivoc-de:{codes[-1]}"
        yield Evidence(translation, german.locator, german.quote(), extractor="innonet")
        proof = (evidence, translation)
        props |= {"label_de": german.get("label_de"), "translated_by": "innonet"}
        names = [n for n in plain_terms(german.get("terms")) if n not in (props["label_de"], props["label_en"])]
        if names:
            props["names"] = names
    yield Entity(id_, Label.TOPIC, props, proof)
    if len(codes) > 1:
        yield Link(id_, "BROADER", f"euroscivoc:{codes[-2]}", (evidence,))


def _german(ctx: Context, member: Member) -> dict[str, Row]:
    columns = ("code", "label_en", "label_de", "terms")
    return {row.get("code"): row for row in ctx.table(member, read=columns, required=columns, delimiters="\t")}
