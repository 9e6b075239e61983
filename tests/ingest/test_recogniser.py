"""The recogniser at run time: windows, capitals, offsets, batches, damaged files; the vectors; the pipeline as spaCy has it."""

from __future__ import annotations

import itertools
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from graph.errors import InnonetError
from ingest.base import FileError
from ingest.text import evaluate, names, pieces, pipeline, recogniser, tagging, vectors
from ingest.text.evaluate import Gold
from ingest.text.marks import Mention, Tag
from ingest.text.mentions import recognise
from ingest.text.names import Lexicon
from ingest.text.training.germeval import read_germeval

PRESS = (
    "Oberhausen. Das Fraunhofer-Institut für Umwelt-, Sicherheits- und Energietechnik UMSICHT und die Westfälische Hochschule arbeiten mit der "
    "Kessler Anlagenbau GmbH aus Gladbeck zusammen. Das Projekt wird vom Bundesministerium für Bildung und Forschung gefördert."
)


@pytest.fixture(scope="module")
def model() -> recogniser.Recogniser:
    return recogniser.load()


def shown(text: str, mentions: list[Mention] | tuple[Mention, ...]) -> set[tuple[str, Tag]]:
    return {(text[m.start : m.end], m.tag) for m in mentions}


def test_names_of_a_press_release(model: recogniser.Recogniser) -> None:
    (found,) = model.spans([PRESS])
    assert {
        ("Oberhausen", Tag.PLACE),
        ("Fraunhofer-Institut für Umwelt-, Sicherheits- und Energietechnik UMSICHT", Tag.RESEARCH),
        ("Westfälische Hochschule", Tag.UNIVERSITY),
        ("Kessler Anlagenbau GmbH", Tag.COMPANY),
        ("Gladbeck", Tag.PLACE),
        ("Bundesministerium für Bildung und Forschung", Tag.PUBLIC),
    } <= shown(PRESS, found)
    assert all(0 < m.score <= 1 for m in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "x", ".", "\u00ad", "\u200b", "🙂🙂", "中文", "مرحبا بالعالم", "\x00\x01", "a" * 3000, "Le laboratoire est à Lyon."]
)
def test_odd_texts_are_read(model: recogniser.Recogniser, text: str) -> None:
    (found,) = model.spans([text])
    assert all(0 <= m.start < m.end <= len(text) for m in found)


def test_no_texts_no_names(model: recogniser.Recogniser) -> None:
    assert model.spans([]) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("Kessler Anlagenbau", "Kessler\u00a0Anlagenbau"), ("Kessler Anlagenbau", "Kessler Anlagen\u00adbau"), ("Kessler Anlagenbau", "Kessler\nAnlagenbau")],
    ids=["nbsp", "soft hyphen", "line end"],
)
def test_offsets_stay_right_with_odd_blanks_and_hyphens(model: recogniser.Recogniser, old: str, new: str) -> None:
    text = PRESS.replace(old, new)
    (found,) = recognise([text], Lexicon(), model)
    assert (new + " GmbH", Tag.COMPANY) in shown(text, found)
    assert ("Gladbeck", Tag.PLACE) in shown(text, found)


def test_a_text_in_capitals_is_read(model: recogniser.Recogniser) -> None:
    text = "DIE KESSLER ANLAGENBAU GMBH AUS GLADBECK BAUT EINE ANLAGE MIT DER WESTFÄLISCHEN HOCHSCHULE IN GELSENKIRCHEN"
    (found,) = recognise([text], Lexicon(), model)
    assert {"GLADBECK", "GELSENKIRCHEN"} <= {name for name, _ in shown(text, found)}


@pytest.mark.parametrize(
    ("text", "calm"),
    [
        ("NEUE ANLAGE IN OBERHAUSEN", "neue Anlage in Oberhausen"),
        ("DAS FRAUNHOFER-INSTITUT FÜR ENERGIE", "das Fraunhofer-Institut für Energie"),
        ("PRESSE", "PRESSE"),
        ("Die RWE AG und die STEAG GmbH bauen", "Die RWE AG und die STEAG GmbH bauen"),
        ("Straße\nDIE GROSSE STRASSE NACH ESSEN\nEnde", "Straße\ndie Grosse Strasse nach Essen\nEnde"),
        ("DIE RWE UND DAS BMBF PLANEN", "die RWE und das BMBF Planen"),
    ],
)
def test_capitals_are_calmed_letter_by_letter(text: str, calm: str) -> None:
    assert recogniser.calmed(text) == calm
    assert len(recogniser.calmed(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("Ein Satz. Noch einer.", [0, 10]),
        ("Prof. Dr. Meier kam. Er ging.", [0, 21]),
        ("Das kostet 3 Mio. Euro.", [0]),
        ("Kessler e. V. Essen", [0]),
        ("Zeile\nZeile", [0, 6]),
        ("", [0]),
    ],
)
def test_where_sentences_begin(text: str, starts: list[int]) -> None:
    assert recogniser.sentence_starts(text) == starts


def test_windows_hold_whole_sentences_and_are_never_too_long() -> None:
    text = " ".join(["Ein Satz mit sieben Wörtern steht hier."] * 60) + " " + "lang " * 400
    offsets = pieces.load().encode(text).offsets
    windows = recogniser.cut(text, offsets)
    assert windows[0][0] == 0
    assert windows[-1][1] == len(offsets)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(windows))
    assert all(0 < b - a <= recogniser.WINDOW for a, b in windows)
    assert text[offsets[windows[1][0]][0] :].lstrip().startswith("Ein Satz")


def test_a_text_alone_and_among_others_gives_the_same_names(model: recogniser.Recogniser) -> None:
    other = "Die Stadt Essen fördert die Nordlicht Optik AG und die TU Dortmund."
    together = model.spans([PRESS, other, "", PRESS * 3])
    alone = [model.spans([t])[0] for t in (PRESS, other, "", PRESS * 3)]
    assert [[(m.start, m.end, m.tag) for m in t] for t in together] == [[(m.start, m.end, m.tag) for m in t] for t in alone]


def test_a_long_text_is_read_in_stretches(model: recogniser.Recogniser, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join([PRESS] * 4)
    whole = model.spans([text])[0]
    monkeypatch.setattr(recogniser, "_CHUNK", 700)
    cut = model.spans([text])[0]
    assert {(m.start, m.end) for m in whole} == {(m.start, m.end) for m in cut}
    assert all(text[m.start : m.end].strip() for m in cut)


def test_a_legal_row_of_tags_is_found_where_the_likeliest_tags_are_none() -> None:
    scores = np.full((2, len(tagging.TAGS)), -9.0, np.float32)
    scores[0, 0] = -0.5
    scores[0, tagging.TAG_NUMBER["B-COMPANY"]] = -1.0
    scores[1, tagging.TAG_NUMBER["I-COMPANY"]] = -0.1
    scores[1, 0] = -5.0
    path = tagging.best_path(scores)
    assert [tagging.TAGS[i] for i in path] == ["B-COMPANY", "I-COMPANY"]
    assert tagging.decode(path) == [(0, 2, "COMPANY")]


def test_the_files_are_small_and_loaded_fast(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(pieces.FOLDER, folder)
    sizes = [f.stat().st_size for f in folder.iterdir()]
    assert sum(sizes) < 65_000_000
    assert max(sizes) < 50_000_000
    began = time.process_time()
    recogniser.Recogniser(folder)
    assert time.process_time() - began < 4  # below 1 s on a machine that does nothing else


@pytest.mark.parametrize("name", [recogniser.GRAPH, pieces.TABLE, pieces.TOKENIZER])
@pytest.mark.parametrize("missing", [True, False])
def test_a_damaged_or_missing_file_is_named(tmp_path: Path, name: str, missing: bool) -> None:
    for f in pieces.FOLDER.iterdir():
        (tmp_path / f.name).symlink_to(f)
    (tmp_path / name).unlink()
    if not missing:
        (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(FileError, match=name):
        recogniser.Recogniser(tmp_path)


def test_vectors_are_alike_across_languages() -> None:
    found = vectors.embed(["Kreislaufwirtschaft für Kunststoffe", "circular economy of plastics", "Pflege im Alter", ""])
    assert found.shape == (4, vectors.DIMENSIONS)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)
    assert found[0] @ found[1] > found[0] @ found[2]
    assert vectors.embed([]).shape == (0, vectors.DIMENSIONS)


def test_vectors_do_not_depend_on_the_company() -> None:
    texts = ["Wasserstoff", "Die Stadt Essen fördert zwölf Projekte. " * 40, "Logistik"]
    together = vectors.embed(texts)
    for n, t in enumerate(texts):
        assert float(together[n] @ vectors.embed([t])[0]) > 0.999


def test_the_pipeline_keeps_offsets_and_sets_entities_where_tokens_allow(model: recogniser.Recogniser) -> None:
    nlp = pipeline.build(model, Lexicon(names.public_bodies()))
    text = PRESS + " Die Kessler-Vorständin freut sich."
    doc, empty = nlp.pipe([text, ""])
    assert ("Kessler Anlagenbau GmbH", Tag.COMPANY) in shown(text, doc._.mentions)
    assert ("Kessler Anlagenbau GmbH", "COMPANY") in {(e.text, e.label_) for e in doc.ents}
    assert empty._.mentions == ()
    assert nlp(text)._.mentions == doc._.mentions


def test_a_spacy_model_can_take_the_place(tmp_path: Path) -> None:
    import spacy

    other = spacy.blank("de")
    rules = other.add_pipe("entity_ruler")
    rules.add_patterns(
        [
            {"label": "ORG", "pattern": "Hochschule Ruhr West"},
            {"label": "ORG", "pattern": "Blick"},
            {"label": "LOC", "pattern": "Essen"},
            {"label": "PER", "pattern": "Ruth Berg"},
            {"label": "MISC", "pattern": "HydroNet"},
            {"label": "MISC", "pattern": "Essener"},
        ]
    )
    other.to_disk(tmp_path / "model")
    found = pipeline.model(str(tmp_path / "model"))
    text = "Ruth Berg von der Hochschule Ruhr West und Blick aus Essen arbeiten im Projekt HydroNet mit Essener Firmen."
    assert shown(text, found.spans([text])[0]) == {
        ("Ruth Berg", Tag.PERSON),
        ("Hochschule Ruhr West", Tag.UNIVERSITY),
        ("Blick", Tag.COMPANY),
        ("Essen", Tag.PLACE),
        ("HydroNet", Tag.PROJECT),
    }


def test_a_spacy_model_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(InnonetError, match="INNONET_TEXT_MODEL"):
        pipeline.model(str(tmp_path))


def test_what_is_counted() -> None:
    gold = Gold(
        "1",
        "",
        "Alpha Beta Gamma Delta Epsilon",
        ((0, 5, "COMPANY"), (6, 10, "PLACE"), (11, 16, "PERSON"), (17, 22, "PROJECT")),
        frozenset({(17, 22, "PROJECT")}),
    )
    found = [(0, 5, "UNIVERSITY"), (6, 16, "PLACE"), (23, 30, "PUBLIC")]
    scores = evaluate.Scores()
    evaluate.score(gold, found, scores)
    strict, partial = scores.total(scores.strict), scores.total(scores.partial)
    assert (strict.tp, strict.fp, strict.fn) == (0, 3, 2)
    assert (partial.tp, partial.fp, partial.fn) == (1, 2, 1)
    assert (scores.organisations.tp, scores.organisations.fp, scores.organisations.fn) == (1, 1, 0)
    assert [kind for kind, _ in evaluate.errors(gold, found)] == ["kind: COMPANY taken for UNIVERSITY", "span: PLACE", "no name: taken for PUBLIC"]


def test_a_report_is_made_and_printed(model: recogniser.Recogniser, tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text('{"id": "1", "text": "Die TU Dortmund in Essen.", "entities": [{"start": 4, "end": 15, "label": "UNIVERSITY"}]}\n', encoding="utf-8")
    report = evaluate.measure("gold", evaluate.read_gold(file), model, Lexicon())
    assert list(report.steps) == ["model", "+ registry", "+ patterns", "+ vetoes", "+ document"]
    assert any("UNIVERSITY" in line for line in evaluate.render(report))
    file.write_text("{}\n", encoding="utf-8")
    with pytest.raises(FileError, match=r"gold\.jsonl:1"):
        evaluate.read_gold(file)


def test_germeval_is_read(tmp_path: Path) -> None:
    file = tmp_path / "g.tsv"
    file.write_text(
        "#\tsource\n1\tDie\tO\tO\n2\tTU\tB-ORG\tO\n3\tKöln\tI-ORG\tB-LOC\n4\t(\tO\tO\n5\tSPD\tB-ORG\tO\n6\t)\tO\tO\n7\tin\tO\tO\n8\tBonn\tB-LOC\tO\n9\t.\tO\tO\n\n1\tNordwind\tB-ORG\tO\n",
        encoding="utf-8",
    )
    (text, marks), (other, open_marks) = read_germeval(file)
    assert text == "Die TU Köln (SPD) in Bonn."
    assert [(text[a:b], label) for a, b, label in marks] == [("TU Köln", "UNIVERSITY"), ("Bonn", "PLACE")]
    assert (other, open_marks) == ("Nordwind", [(0, 8, "ORG")])
