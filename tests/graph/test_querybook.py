"""The query book's loader: what it reads from a file, what it refuses, and what it makes of values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.model import LINKS, Kind, Label
from graph.querybook import Param, Query, QueryBookError, code_only, load_book

HEAD = "// name: q\n// de: Frage\n// en: Question\n// book: program\n"
PHRASE = "// name: q\n// de: Frage\n// en: Question\n// book: phrase\n// text de: Was es heißt.\n// text en: What it means.\n"


def book(folder: Path, text: str, name: str = "q") -> dict[str, Query]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.cypher").write_text(text, encoding="utf-8")
    return dict(load_book(folder))


BAD = [
    ("no name", "// de: Frage\n// en: Question\n// book: program\nRETURN 1", "the file's name says 'q'"),
    ("another name", HEAD.replace("name: q", "name: r") + "RETURN 1", "name is 'r'"),
    ("one title only", "// name: q\n// de: Frage\n// book: program\nRETURN 1", "both languages"),
    ("no book", "// name: q\n// de: Frage\n// en: Question\nRETURN 1", "program or phrase"),
    ("another book", HEAD.replace("program", "poem") + "RETURN 1", "program or phrase"),
    ("the same line twice", HEAD + "// de: Noch eine\nRETURN 1", "'de' stands twice"),
    ("a header that nobody knows", HEAD + "// colour: red\nRETURN 1", "unknown header 'colour'"),
    ("a phrase without explanation", HEAD.replace("program", "phrase") + "RETURN 1", "text de: and text en:"),
    ("a phrase explained in one language", PHRASE.replace("// text en: What it means.\n", "") + "RETURN 1", "text de: and text en:"),
    ("an undeclared parameter", HEAD + "RETURN $a AS a", "undeclared parameter a"),
    ("an unused parameter", HEAD + "// param a: int\nRETURN 1", "unused parameter a"),
    ("a parameter only in a comment", HEAD + "// param a: int\nRETURN 1 // $a", "unused parameter a"),
    ("a parameter only in a string", HEAD + "// param a: int\nRETURN '$a' AS x", "unused parameter a"),
    ("an unknown type", HEAD + "// param a: colour\nRETURN $a AS a", "unknown type 'colour'"),
    ("a default that is not JSON", HEAD + "// param a: string = Essen\nRETURN $a AS a", "'Essen' is not JSON"),
    ("a label of no parameter", HEAD + "// param b de: Ort\n// param b en: Place\nRETURN 1", "param b"),
    ("a label in one language", HEAD + "// param a: int\n// column x en: X\nRETURN $a AS x", "column x en"),
    ("an expansion nobody knows", HEAD + "// write: yes\n// expand: COLOUR in colours\nMATCH (n:$COLOUR$) SET n.a = 1", "cannot expand"),
    ("a placeholder left over", HEAD + "// write: yes\n// expand: KIND in kinds\nMATCH (n:$KIND$:$OTHER$) SET n.a = 1", "placeholder"),
]

WRITES = [
    "CREATE (n:Company {id: 'x'})",
    "MERGE (n:Company {id: 'x'}) RETURN n",
    "MATCH (n) SET n.a = 1",
    "MATCH (n) set n.a = 1",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n) REMOVE n.a",
    "DROP CONSTRAINT c",
    "MATCH (n) FOREACH (x IN [1] | CREATE (:Company))",
    "LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l",
    "CALL db.labels()",
    "CALL { CREATE (n:Company) RETURN n } RETURN n",
    "CALL { CALL db.labels() YIELD label RETURN label } RETURN label",
]

READS = [
    "MATCH (n) WHERE n.title = 'CREATE TABLE' RETURN n",
    'MATCH (n) WHERE n.title = "please DELETE" RETURN n',
    "MATCH (n) RETURN n.`set` AS x",
    "MATCH (n) RETURN n.created AS created // then DELETE it",
    "/* MERGE */ MATCH (n) RETURN n",
    "CALL { MATCH (n) RETURN n } RETURN n",
]


@pytest.mark.parametrize(("text", "message"), [(t, m) for _, t, m in BAD], ids=[n for n, _, _ in BAD])
def test_a_bad_file_is_refused_with_its_name_and_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(QueryBookError, match=r"^q\.cypher: ") as e:
        book(tmp_path, text)
    assert message in str(e.value)


@pytest.mark.parametrize("text", WRITES)
def test_a_read_query_does_not_write(tmp_path: Path, text: str) -> None:
    with pytest.raises(QueryBookError, match="in a read query"):
        book(tmp_path, HEAD + text)


@pytest.mark.parametrize("text", READS)
def test_words_in_strings_names_and_comments_are_no_writes(tmp_path: Path, text: str) -> None:
    assert book(tmp_path, HEAD + text)["q"].text == text


def test_a_write_query_says_so(tmp_path: Path) -> None:
    assert book(tmp_path, HEAD + "// write: yes\nMATCH (n) SET n.a = 1")["q"].write


def test_a_name_is_used_once_in_all_folders(tmp_path: Path) -> None:
    book(tmp_path / "a", HEAD + "RETURN 1")
    with pytest.raises(QueryBookError, match="'q' is used twice"):
        book(tmp_path / "b", HEAD + "RETURN 2") and load_book(tmp_path)


def test_a_phrase_with_everything(tmp_path: Path) -> None:
    text = PHRASE.replace("// text de: Was es heißt.\n", "// text de: Was es heißt.\n//   «Firma»: ein Unternehmen.\n//\n//   Und weiter.\n")
    text += '// param place: place = "place:05119"\n// param place de: Ort\n// param place en: Place\n// param most: int = 5\n// param who: organization\n'
    text += "// column name de: Name\n// column name en: Name\n\nMATCH (p:Place {id: $place})\nRETURN p.name AS name, $most AS most, $who AS who\n"
    q = book(tmp_path, text)["q"]
    assert (q.name, q.de, q.en, q.book, q.write) == ("q", "Frage", "Question", "phrase", False)
    assert q.text_de == "Was es heißt. «Firma»: ein Unternehmen. Und weiter."
    assert q.text_en == "What it means."
    assert q.params == (
        Param("place", "place", "place:05119", required=False, de="Ort", en="Place"),
        Param("most", "int", 5, required=False),
        Param("who", "organization"),
    )
    assert q.columns == {"name": ("Name", "Name")}
    assert q.text.startswith("MATCH")
    assert q.text.endswith("AS who")


EXPANSIONS = [
    ("KIND in kinds", "MATCH (n:$KIND$) SET n.a = 1", {f"q[{k.value}]": f"MATCH (n:{k.value}) SET n.a = 1" for k in Kind}),
    ("LABEL in labels", "MATCH (n:$LABEL$) SET n.a = 1", {f"q[{v.value}]": f"MATCH (n:{v.value}) SET n.a = 1" for v in Label}),
    (
        "FROM,TYPE,TO in links",
        "MATCH (:$FROM$)-[e:$TYPE$]->(:$TO$) DELETE e",
        {f"q[{a.value},{t.name},{b.value}]": f"MATCH (:{a.value})-[e:{t.name}]->(:{b.value}) DELETE e" for t in LINKS.values() for a, b in t.pairs},
    ),
]


@pytest.mark.parametrize(("spec", "text", "made"), EXPANSIONS, ids=[e[0] for e in EXPANSIONS])
def test_placeholders_are_filled_from_the_vocabulary(tmp_path: Path, spec: str, text: str, made: dict[str, str]) -> None:
    assert {n: q.text for n, q in book(tmp_path, f"{HEAD}// write: yes\n// expand: {spec}\n{text}").items()} == made


GOOD_VALUES = [
    ("string", "Essen", "Essen"),
    ("int", 3, 3),
    ("int", "3", 3),
    ("float", 2.5, 2.5),
    ("float", 2, 2),
    ("float", "2,5", 2.5),
    ("bool", True, True),
    ("bool", "ja", True),
    ("bool", "No", False),
    ("strings", ["a", "b"], ["a", "b"]),
    ("strings", "a, b,", ["a", "b"]),
    ("organizations", "PDE, Pie Data Elektronik GmbH; ror:00nj8ry09", ["PDE, Pie Data Elektronik GmbH", "ror:00nj8ry09"]),
    ("organization", "ror:00nj8ry09", "ror:00nj8ry09"),
    ("topic", "euroscivoc:425", "euroscivoc:425"),
    ("place", "place:05119", "place:05119"),
    ("rows", [{"id": "x"}], [{"id": "x"}]),
    ("int", None, 7),  # nothing given: the default
]


@pytest.mark.parametrize(("type_", "value", "bound"), GOOD_VALUES)
def test_values_become_the_declared_type(type_: str, value: Any, bound: Any) -> None:
    q = Query("q", "RETURN $a", "F", "Q", params=(Param("a", type_, 7, required=False),))
    assert q.bind({"a": value}) == {"a": bound}
    assert q.bind({}) == {"a": 7}


BAD_VALUES = [
    ("int", "many"),
    ("int", 2.5),
    ("int", True),
    ("float", "x"),
    ("float", False),
    ("bool", "perhaps"),
    ("bool", 1),
    ("string", 1),
    ("string", ["a"]),
    ("strings", 3),
    ("organizations", 3),
    ("place", 5119),
]


@pytest.mark.parametrize(("type_", "value"), BAD_VALUES)
def test_a_value_of_another_type_is_refused_with_query_and_parameter(type_: str, value: Any) -> None:
    with pytest.raises(QueryBookError, match=f"^q: parameter 'a' must be {type_}"):
        Query("q", "RETURN $a", "F", "Q", params=(Param("a", type_),)).bind({"a": value})


def test_a_missing_and_an_unknown_parameter_are_named() -> None:
    q = Query("q", "RETURN $a", "F", "Q", params=(Param("a", "int"),))
    with pytest.raises(QueryBookError, match=r"q: parameter 'a' \(int\) is missing"):
        q.bind({})
    with pytest.raises(QueryBookError, match="q: unknown parameter 'b'; it has a"):
        q.bind({"a": 1, "b": 2})
    with pytest.raises(QueryBookError, match="it has none"):
        Query("q", "RETURN 1", "F", "Q").bind({"b": 2})


def test_code_only_leaves_out_what_is_no_code() -> None:
    assert code_only("MATCH (n) // a\nWHERE n.x = 'it\\'s' /* b\nc */ RETURN n.`y z`").split() == ["MATCH", "(n)", "WHERE", "n.x", "=", "RETURN", "n."]


def test_the_whole_book_loads_and_every_title_is_there_once() -> None:
    whole = load_book()
    assert all(q.de and q.en for q in whole.values())
    phrases = whole.phrases()
    assert [q.name for q in phrases] == sorted(q.name for q in phrases)
    assert len({q.de for q in phrases}) == len({q.en for q in phrases}) == len(phrases)
    assert not any(q.write for q in phrases)
