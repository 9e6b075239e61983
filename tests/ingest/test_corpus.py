"""The annotated corpus: what the parser reads, what it refuses, and that the shipped files hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.base import FileError
from ingest.text.marks import Status, Tag
from ingest.text.training import corpus
from ingest.text.training.corpus import Part

GOOD = """# id: t-1
# genre: Notiz
# topics: Wärmespeicher; Abwasser
Das [[Institut Nordlicht|RESEARCH|in]] und die [[Kessler GmbH|COMPANY|ke]] bauen in [[Unna|PLACE|un]]. Der [[Kessler|COMPANY|ke]]-Chef freut sich.
@ in COOPERATES_WITH ke status=planned | bauen in Unna
@ ke LOCATED_IN un role=seat | bauen in Unna
@ in WORKS_ON "Wärmespeicher" | Das Institut
"""


def test_a_text_is_read_with_offsets_entities_and_statements() -> None:
    text, wrong = corpus.parse(GOOD, "t", "t:1")
    assert wrong == []
    assert text.topics == ("Wärmespeicher", "Abwasser")
    assert [(text.text[m.start : m.end], m.tag, text.keys[m.entity]) for m in text.mentions] == [
        ("Institut Nordlicht", Tag.RESEARCH, "in"),
        ("Kessler GmbH", Tag.COMPANY, "ke"),
        ("Unna", Tag.PLACE, "un"),
        ("Kessler", Tag.COMPANY, "ke"),
    ]
    first, second, third = text.relations
    assert (first.head, first.type, first.tail, first.status) == (0, "COOPERATES_WITH", 1, Status.PLANNED)
    assert (second.tail, second.role) == (2, "seat")
    assert third.tail == "Wärmespeicher"
    assert text.text[first.start : first.end] == "Das Institut Nordlicht und die Kessler GmbH bauen in Unna."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("|COMPANY|ke]]-Chef", "|FIRM|ke]]-Chef", "unknown label FIRM"),
        ("[[Kessler|COMPANY|ke]]", "[[Kessler|PUBLIC|ke]]", "two labels"),
        ("[[Unna|PLACE|un]]", "[[ Unna|PLACE|un]]", "blank at the edge"),
        ("[[Unna|PLACE|un]]", "[[Unna|PLACE]]", "malformed"),
        ("in COOPERATES_WITH ke", "in COOPERATES_WITH un", "does not fit"),
        ("ke LOCATED_IN", "xx LOCATED_IN", "head xx"),
        ("COOPERATES_WITH", "MARRIES", "unknown relation"),
        ('"Wärmespeicher" |', '"Kälte" |', "not in the topics"),
        ("status=planned", "status=soon", "unknown status"),
        ("| bauen in Unna", "| bauten in Unna", "not in the text"),
        ("# id: t-1\n", "", "no id"),
        ("@ in WORKS_ON", "@ WORKS_ON", "not readable"),
    ],
)
def test_what_does_not_hold_is_said(old: str, new: str, said: str) -> None:
    assert old in GOOD
    _, wrong = corpus.parse(GOOD.replace(old, new), "t", "t:1")
    assert any(said in w for w in wrong)


def test_an_id_is_used_once_and_the_error_says_where(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(GOOD + "---\n" + GOOD + "---\n", encoding="utf-8")
    _, problems = corpus.check([file])
    assert [str(p) for p in problems] == ["a.txt t-1: id used twice"]
    with pytest.raises(FileError, match=r"a\.txt t-1"):
        corpus.read([file])


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "b.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(FileError, match=r"b\.txt"):
        corpus.check([file])


def test_the_part_of_a_text_depends_on_its_id_alone() -> None:
    text, _ = corpus.parse(GOOD, "t", "t:1")
    other, _ = corpus.parse(GOOD.replace("Unna", "Kamen"), "other", "t:9")
    assert text.part is other.part


def test_the_shipped_corpus_holds_and_every_file_is_in_every_part() -> None:
    texts = corpus.read()
    assert len(texts) >= 900
    for file in {t.file for t in texts}:
        own = [t for t in texts if t.file == file]
        share = sum(t.part is Part.TEST for t in own) / len(own)
        assert 0.04 < share < 0.4, file
        assert {t.part for t in own} == set(Part), file
    for t in texts:
        for m in t.mentions:
            assert t.text[m.start : m.end].strip() == t.text[m.start : m.end] != ""


def test_the_check_writes_gold_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "a.txt", tmp_path / "out.jsonl"
    file.write_text(GOOD, encoding="utf-8")
    assert corpus.main(["--jsonl", str(out), str(file)]) == 0
    line = json.loads(out.read_text(encoding="utf-8"))
    assert line["entities"][0] == {"start": 4, "end": 22, "text": "Institut Nordlicht", "label": "RESEARCH", "canonical": "in"}
    assert line["relations"][0]["evidence"].startswith("Das Institut")
    assert json.loads(capsys.readouterr().out)["errors"] == 0
    file.write_text(GOOD.replace("COMPANY", "FIRM"), encoding="utf-8")
    assert corpus.main([str(file)]) == 1
