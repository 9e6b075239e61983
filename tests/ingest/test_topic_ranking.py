"""Topics of texts, the likeliest first: words, vectors, hierarchy; German and English; with and without the model."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.base import FileError
from ingest.text import pieces
from ingest.text.topic_ranking import LABELS, LEAD, PASSAGES, REFERENCE, RankedTopic, likely, load, passages, rank, read_label_vectors, read_scheme

HYDROGEN = "1691"


def _codes(text: str, title: str = "", language: str = "", *, vectors: bool = True, top: int = 5) -> list[str]:
    scheme = read_scheme()
    label = dict(zip(scheme.codes, scheme.labels["en"], strict=True))
    return [label[t.topic.removeprefix("euroscivoc:")] for t in rank(text, title, language, top, vectors=vectors)]


@pytest.mark.parametrize("vectors", [True, False])
@pytest.mark.parametrize(
    ("title", "text", "language", "first"),
    [
        ("Windräder auf See", "Der Verbund prüft Rotorblätter für Windenergieanlagen. Windenergie soll billiger werden.", "de", "wind power"),
        ("Roboter im Lager", "Ein Roboter greift Kisten, ein zweiter Roboter stapelt sie.", "de", "robotics"),
        ("", "Stammzellen werden vermehrt und zu Herzmuskelzellen gereift.", "de", "stem cells"),
        ("Better batteries", "Lithium-ion batteries age. The partners build batteries that last.", "en", "electric batteries"),
        ("Robots that help", "A robot hands tools to a worker; robotics meets the workshop.", "en", "robotics"),
        ("", "Graphene inks for printed electronics; graphene flakes of one layer.", "", "graphene"),
    ],
)
def test_what_the_text_names_comes_first(title: str, text: str, language: str, first: str, *, vectors: bool) -> None:
    assert _codes(text, title, language, vectors=vectors)[0] == first


@pytest.mark.parametrize(
    ("text", "language", "present"),
    [
        ("Ein Verfahren, das aus Meerwasser Wasser zum Trinken macht", "de", "drinking water treatment processes"),
        ("Wie Kinder aus Zuwandererfamilien in den Unterricht einbezogen werden", "de", "inclusive education"),
        ("Women who work in the council earn less than men", "en", "gender inequality"),
    ],
)
def test_vectors_find_what_no_word_names(text: str, language: str, present: str) -> None:
    assert present in _codes(text, language=language)
    assert present not in _codes(text, language=language, vectors=False)


def test_spans_point_into_text_and_title() -> None:
    title, text = "Wasserstoff für alle", "Die Stadt baut. Wasserstoff und eine Wasserstofftankstelle kommen 2027."
    found = next(t for t in rank(text, title, "de", vectors=False) if t.topic == "euroscivoc:" + HYDROGEN)
    assert [text[a:b].casefold() for a, b in found.spans] == ["wasserstoff", "wasserstoff"]
    assert [title[a:b] for a, b in found.title] == ["Wasserstoff"]
    assert found.how == "words"


def test_how_says_what_found_a_topic() -> None:
    ranked = {t.topic: t for t in rank("Brennstoffzellen mit Wasserstoff", language="de", top=30)}
    assert ranked["euroscivoc:" + HYDROGEN].how == "both"
    for topic in ranked.values():
        assert (topic.how == "vectors") <= (not topic.spans)


def test_a_topic_above_a_named_one_is_proposed_behind_it() -> None:
    scheme = read_scheme()
    row = scheme.codes.index(HYDROGEN)
    above = "euroscivoc:" + scheme.codes[scheme.parents[row]]
    order = [t.topic for t in rank("Wasserstoff", language="de", vectors=False)]
    assert order.index(above) > order.index("euroscivoc:" + HYDROGEN)


@pytest.mark.parametrize("vectors", [True, False])
@pytest.mark.parametrize(("text", "title"), [("", ""), (" \n", "\t")])
def test_an_empty_text_has_no_topics(text: str, title: str, *, vectors: bool) -> None:
    assert rank(text, title, vectors=vectors) == []


@pytest.mark.parametrize(("text", "title"), [("", "Laser"), ("Laser", ""), ("x", ""), ("🙂 \u0000 \u200b", ""), ("ﻢﺮﺤﺑﺍ", ""), ("12 34", "!")])
def test_odd_texts_are_ranked_all_the_same(text: str, title: str) -> None:
    ranked = rank(text, title, "fr")
    assert len(ranked) <= 10
    assert all(0 <= t.score <= 1 for t in ranked)
    assert [t.score for t in ranked] == sorted((t.score for t in ranked), reverse=True)


def test_the_same_text_gives_the_same_topics() -> None:
    text = "Das Netzwerk vergleicht Speicher für Strom und Wärme in vier Quartieren."
    assert rank(text, language="de") == rank(text, language="de")


def test_top_bounds_the_answer() -> None:
    text = "Energie, Wasser, Robotik, Medizintechnik, Logistik"
    assert rank(text, language="de", top=3) == rank(text, language="de", top=10)[:3]
    assert rank(text, top=0) == []


def test_likely_keeps_what_is_named_and_what_vectors_find_plainly() -> None:
    named = RankedTopic("euroscivoc:1", 0.05, "words", ((0, 3),))
    in_title = RankedTopic("euroscivoc:2", 0.05, "words", (), ((0, 3),))
    plain, weak = RankedTopic("euroscivoc:3", 0.4, "vectors"), RankedTopic("euroscivoc:4", 0.1, "vectors")
    assert likely([plain, weak, named, in_title]) == [plain, named, in_title]


@pytest.mark.parametrize(("words", "count"), [(0, 0), (1, 1), (200, 1), (201, 2), (800, 4), (50_000, PASSAGES)])
def test_a_text_is_read_in_few_short_passages(words: int, count: int) -> None:
    found = passages(" ".join(f"w{n}" for n in range(words)))
    assert len(found) == count
    assert all(len(p.split()) <= LEAD for p in found)
    if words > 200:
        assert found[-1].split()[0] == f"w{(count - 1) * words // count}"


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [("ein Text", "Titel", ["Titel. ein Text"]), ("", "Titel", ["Titel"]), ("ein Text", "", ["ein Text"]), ("", " ", [])],
)
def test_the_title_stands_in_front(text: str, title: str, expected: list[str]) -> None:
    assert passages(text, title) == expected


def test_a_long_text_takes_no_longer_than_its_words() -> None:
    ranker = load(vectors=False)
    text = "Die Partner erproben ein Verfahren. " * 20_000
    began = time.process_time()
    ranker.rank(text)
    assert time.process_time() - began < 15


def test_label_vectors_belong_to_the_labels() -> None:
    labels = read_label_vectors(read_scheme())
    assert {v.shape for v in labels.vectors.values()} == {(980, 384)}
    assert (pieces.FOLDER / LABELS).stat().st_size < 2_000_000


def test_changed_labels_ask_for_new_vectors(tmp_path: Path) -> None:
    for name in ("euroscivoc_de.tsv", "euroscivoc.csv"):
        shutil.copy(REFERENCE / name, tmp_path)
    table = tmp_path / "euroscivoc_de.tsv"
    table.write_text(table.read_text(encoding="utf-8").replace("Agrarwissenschaften", "Landbaulehre", 1), encoding="utf-8")
    with pytest.raises(FileError, match=r"bench\.topics --labels"):
        read_label_vectors(read_scheme(tmp_path))


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    shutil.copy(pieces.FOLDER / pieces.CHECKSUMS, tmp_path)
    (tmp_path / LABELS).write_bytes(b"no vectors")
    with pytest.raises(FileError, match=LABELS):
        read_label_vectors(read_scheme(), tmp_path)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"euroscivoc_de\.tsv"):
        read_scheme(tmp_path)


def test_without_vectors_no_model_is_loaded() -> None:
    lines = (
        "import sys",
        "from ingest.text.topic_ranking import rank",
        "assert rank('Windenergie', vectors=False)",
        "assert not {'onnxruntime', 'tokenizers'} & set(sys.modules)",
    )
    code = "\n".join(lines)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REFERENCE.parents[1], timeout=60)
