"""The import arrows of the architecture: who may import whom, and which library stays in which file."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"graph": set(), "ingest": {"graph"}, "web": {"graph", "ingest"}}
KEPT_IN = {
    "neo4j": ("graph/store.py",),
    "arcadedb_embedded": ("graph/engine.py",),
    "flask": ("web/",),
    "spacy": ("ingest/text/",),
    "onnxruntime": ("ingest/text/",),
    "tokenizers": ("ingest/text/",),
    "torch": ("ingest/text/training/",),
    "fpdf": ("web/pdf.py",),
    "py2neo": (),
}
FILES = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (n.name for n in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path):
    package = path.relative_to(ROOT).parts[0]
    for name in imports(path):
        top = name.split(".")[0]
        if top in PACKAGES:
            assert top == package or top in PACKAGES[package], f"{package} must not import {name}"
        if top in KEPT_IN:
            assert str(path.relative_to(ROOT)).startswith(KEPT_IN[top] or ("nowhere",)), f"{top} belongs into {KEPT_IN[top] or 'no file'}"
        assert top not in {"tests", "bench", "tools", "innonet"}


@pytest.mark.parametrize("folder", [p.parent for p in FILES if p.name == "__init__.py"], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_folder_says_what_lives_there(folder):
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))), f"{folder}/__init__.py has no text"


def test_cypher_stands_in_the_query_book_only():
    words = ("MATCH (", "MERGE (", "UNWIND $", "RETURN n", "DETACH DELETE")
    for path in (*FILES, ROOT / "innonet.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not any(w in node.value for w in words), f"{path.relative_to(ROOT)}:{node.lineno}"


def test_settings_are_read_in_one_place():
    for path in (*FILES, ROOT / "innonet.py"):
        if path != ROOT / "graph" / "settings.py":
            text = path.read_text(encoding="utf-8")
            assert "os.environ" not in text or path == ROOT / "graph" / "engine.py", path
            assert "getenv(" not in text, path
