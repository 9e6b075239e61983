"""docs/query-book.md shows every question with its title, its explanation and its parameters as the files have them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from graph.querybook import load_book

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "query-book.md").read_text(encoding="utf-8")
PHRASES = load_book().phrases()


@pytest.mark.parametrize("phrase", PHRASES, ids=[q.name for q in PHRASES])
def test_the_page_says_what_the_file_says(phrase):
    found = re.search(rf"^### {phrase.name}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/query-book.md has no section {phrase.name}"
    assert f"**{phrase.de}** · {phrase.en}" in found[1]
    assert phrase.text_en in found[1]
    lines = [f"- `--{p.name}` {p.en} ({p.type}, default `{json.dumps(p.default, ensure_ascii=False)}`)" for p in phrase.params]
    assert re.findall(r"^- `--.*$", found[1], re.MULTILINE) == lines
    assert f"    innonet query {phrase.name} " in found[1]
    assert f"| `{phrase.name}` |" in PAGE


def test_the_example_of_a_file_of_ones_own_is_a_file_that_loads(tmp_path):
    block = re.search(r"^    // name: my_question\n(?:    .*\n)+", PAGE, re.MULTILINE)
    assert block
    (tmp_path / "my_question.cypher").write_text(re.sub(r"^    ", "", block[0], flags=re.MULTILINE), encoding="utf-8")
    q = load_book(tmp_path)["my_question"]
    assert [p.name for p in q.params] == ["place", "since"]
    assert list(q.columns) == ["project_id", "project"]
