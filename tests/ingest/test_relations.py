"""Relations: how a text is laid out, what pronouns stand for, rules, and what `relate` says and does not say.  All sentences are our own."""

import re
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ingest.base import FileError
from ingest.text import pieces
from ingest.text.free_topics import free_topics, joined
from ingest.text.marks import Mention, Relation, Status, Tag, TopicMention
from ingest.text.relations import relate
from ingest.text.relations.anaphora import kinds_of, with_references
from ingest.text.relations.deciding import prepare
from ingest.text.relations.layout import sentences
from ingest.text.relations.model import COLUMNS, NAME, Model, Trees, load, save
from ingest.text.relations.rules import RULES, compiled, votes
from ingest.text.relations.status import SIGNS, signs
from ingest.text.training import corpus, fragments


def marked(raw: str) -> tuple[str, tuple[Mention, ...], tuple[str, ...]]:
    """Text, mentions and keys of a text in the corpus notation."""
    text, wrong = corpus.parse(f"# id: x\n{raw}", "x", "x")
    assert not wrong
    return text.text, text.mentions, text.keys


def said(raw: str, topics: tuple[str, ...] = ()) -> set[tuple[str, str, str]]:
    """Edges of a text by keys; topics are words of the text."""
    text, mentions, keys = marked(raw)
    found = tuple(TopicMention(text.index(t), text.index(t) + len(t), "", t) for t in topics)
    edges = [r for r in relate(text, mentions, found) if r.status is not Status.NEGATED]
    return {(keys[r.head.entity], r.type, r.tail.label if isinstance(r.tail, TopicMention) else keys[r.tail.entity]) for r in edges}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        ("Ein Satz.", ["prose:Ein Satz."]),
        ("Die Firma baut. Das Werk ruht.", ["prose:Die Firma baut.", "prose:Das Werk ruht."]),
        ("Prof. Dr. Meier kam am 3. Mai mit ca. 20 Leuten. Er ging.", ["prose:Prof. Dr. Meier kam am 3. Mai mit ca. 20 Leuten.", "prose:Er ging."]),
        ("„Das reicht.“ Dann ging sie.", ["prose:„Das reicht.“", "prose:Dann ging sie."]),
        ("Partner: A, B und C.", ["prose:Partner: A, B und C."]),
        ("Projektpartner\n\n• Uni Nord\n• Werk Süd", ["heading:Projektpartner", "item:• Uni Nord", "item:• Werk Süd"]),
        ("Partner sind:\n\nUni Nord\nWerk Süd\nStadt West", ["heading:Partner sind:", "item:Uni Nord", "item:Werk Süd", "item:Stadt West"]),
        ("1. Speicher: läuft.\n2. Netz: ruht.", ["item:1. Speicher: läuft.", "item:2. Netz: ruht."]),
        ("Wer zahlt?\nDas Land.", ["heading:Wer zahlt?", "prose:Das Land."]),
        (
            "Die Hochschule untersucht seit\nvielen Jahren Speicher und\nhat dafür ein Labor ge-\nbaut. Es ist groß.",
            ["prose:Die Hochschule untersucht seit\nvielen Jahren Speicher und\nhat dafür ein Labor ge-\nbaut.", "prose:Es ist groß."],
        ),
    ],
)
def test_sentences(text: str, wanted: list[str]) -> None:
    found = sentences(text)
    assert [f"{s.form}:{text[s.start : s.end]}" for s in found] == wanted


def test_no_sentence_ends_inside_a_name() -> None:
    text = "Der Dr. Oetker Stiftung e. V. Nord gehört das Haus. Es steht leer."
    assert [text[s.start : s.end] for s in sentences(text, [(4, 34)])] == ["Der Dr. Oetker Stiftung e. V. Nord gehört das Haus.", "Es steht leer."]


def test_items_know_their_heading_and_what_introduces_them() -> None:
    found = sentences("Das Projekt\n\nPartner im Vorhaben sind:\n\n• Uni Nord\n• Werk Süd\n\nEin langer Satz steht darunter.")
    assert [(s.heading, s.lead) for s in found] == [(-1, -1), (0, -1), (1, 1), (1, 1), (1, -1)]


@pytest.mark.parametrize(
    ("raw", "word", "wanted"),
    [
        ("Das [[ZXT|RESEARCH|z]] misst. [[Kern AG|COMPANY|k]] baut. Das Institut ist alt.", "Institut", ["z"]),
        ("Die [[Kern AG|COMPANY|k]] und die [[TU Nord|UNIVERSITY|t]] feiern. Die Hochschule lud ein.", "Hochschule", ["t"]),
        ("Im Projekt [[FLUX|PROJECT|f]] misst die [[TU Nord|UNIVERSITY|t]]. Das Vorhaben läuft bis 2027.", "Vorhaben", ["f"]),
        ("Die [[Kern AG|COMPANY|k]] und die [[TU Nord|UNIVERSITY|t]] bauen. Die beiden Partner hoffen.", "beiden", ["k", "t"]),
        ("Die [[Kern AG|COMPANY|k]] und die [[TU Nord|UNIVERSITY|t]] bauen. Erstere zahlt.", "Erstere", ["k"]),
        ("Die [[Kern AG|COMPANY|k]] und die [[TU Nord|UNIVERSITY|t]] bauen. Letztere misst.", "Letztere", ["t"]),
        ("Die [[Kern AG|COMPANY|k]], die [[Lau GmbH|COMPANY|l]] und die [[TU Nord|UNIVERSITY|t]] kamen. Alle drei blieben.", "drei", ["k", "l", "t"]),
        ("Bei der [[Kern AG|COMPANY|k]] gilt: Wir bauen Pumpen.", "Wir", ["k"]),
        ("In [[Herne|PLACE|h]] steht ein Turm. Die [[Kern AG|COMPANY|k]] sitzt dort.", "dort", ["h"]),
        ("Das Vorhaben [[FLUX|PROJECT|f]] beginnt. Daran wirkt die [[TU Nord|UNIVERSITY|t]] mit.", "Daran", ["f"]),
        ("Es hilft die [[TU Nord|UNIVERSITY|t]], die Pumpen baut.", "die Pumpen", ["t"]),
        ("Das [[Institut für Öle|RESEARCH|i]] half der [[Kern AG|COMPANY|k]]. Es misst gern.", "Es misst", ["i"]),
        ("[[Ida Rau|PERSON|p]] kam. Sie ging.", "Sie", []),
    ],
)
def test_what_a_word_stands_for(raw: str, word: str, wanted: list[str]) -> None:
    text, mentions, keys = marked(raw)
    at = text.rindex(word)
    refs = [r for r in with_references(prepare(text, mentions, ()).seen.stream) if r.how != "name" and at <= r.start < at + len(word)]
    assert [keys[e] for r in refs for e in r.entities] == wanted


@pytest.mark.parametrize(
    ("noun", "kind"), [("forschungsinstitut", "RESEARCH"), ("werkzeugbauer", "COMPANY"), ("verbundprojekt", "PROJECT"), ("netzwerk", "ASSOCIATION")]
)
def test_compounds_stand_for_what_their_last_part_means(noun: str, kind: str) -> None:
    assert kind in kinds_of(noun)


def test_other_nouns_stand_for_nothing() -> None:
    assert kinds_of("kaffeemaschine") == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_every_rule_has_an_example_that_it_matches(rule) -> None:
    written = " ".join(re.findall(r"\{\w+\}|-?\w+|[^\w\s]", rule.example)).lower()
    assert compiled(rule).search(written), written


@pytest.mark.parametrize("sign", SIGNS, ids=lambda s: f"{s.status} {s.example}")
def test_every_sign_of_a_status_has_an_example(sign) -> None:
    assert sign.status in signs(sign.example)


def test_a_plain_sentence_says_nothing_of_how_far_things_are() -> None:
    assert signs("Die Firma baut Pumpen.") == ()


@pytest.mark.parametrize(
    ("raw", "vote"),
    [
        ("Die [[Kern AG|COMPANY|k]] aus [[Herne|PLACE|h]] baut Pumpen.", ("from", "LOCATED_IN", 0)),
        ("Im Projekt [[FLUX|PROJECT|f]] entwickelt die [[Kern AG|COMPANY|k]] Pumpen.", ("in-project", "PARTICIPATES_IN", 1)),
        ("Partner in [[FLUX|PROJECT|f]]:\n\n• [[Kern AG|COMPANY|k]]\n• [[TU Nord|UNIVERSITY|t]]", ("list", "PARTICIPATES_IN", 1)),
        ("Die [[Kern AG|COMPANY|k]] und die [[TU Nord|UNIVERSITY|t]] arbeiten seit Jahren zusammen.", ("both", "COOPERATES_WITH", 0)),
    ],
)
def test_rules_vote(raw: str, vote: tuple[str, str, int]) -> None:
    text, mentions, _ = marked(raw)
    ready = prepare(text, mentions, ())
    assert vote in {v for p in ready.pairs for v in votes(ready.seen, p)}


@pytest.mark.parametrize(
    ("raw", "edge"),
    [
        ("Die [[Kern Pumpen GmbH|COMPANY|k]] aus [[Herne|PLACE|h]] baut Pumpen.", ("k", "LOCATED_IN", "h")),
        ("[[Kern Pumpen|COMPANY|k]] mit Sitz in [[Herne|PLACE|h]] baut Pumpen.", ("k", "LOCATED_IN", "h")),
        ("Das Projekt [[FLUX|PROJECT|f]] wird vom [[Land Hessen|PUBLIC|l]] gefördert.", ("f", "FUNDED_BY", "l")),
        ("Partner im Projekt [[FLUX|PROJECT|f]] sind die [[TU Nord|UNIVERSITY|t]] und die [[Kern AG|COMPANY|k]].", ("t", "PARTICIPATES_IN", "f")),
        ("Partner im Projekt [[FLUX|PROJECT|f]] sind die [[TU Nord|UNIVERSITY|t]] und die [[Kern AG|COMPANY|k]].", ("k", "PARTICIPATES_IN", "f")),
        (
            "[[FLUX|PROJECT|f]]\n\nProjektpartner:\n• [[TU Nord|UNIVERSITY|t]] (Koordination)\n• [[Kern AG|COMPANY|k]]\n• [[Stadtwerke Lau|COMPANY|s]]",
            ("s", "PARTICIPATES_IN", "f"),
        ),
        (
            (
                "Im Vorhaben [[FLUX|PROJECT|f]] entsteht ein Speicher. Koordiniert wird das Projekt von der [[TU Nord|UNIVERSITY|t]]. "
                "Weitere Partner sind die [[Kern AG|COMPANY|k]] und das [[ZXT|RESEARCH|z]]."
            ),
            ("z", "PARTICIPATES_IN", "f"),
        ),
    ],
)
def test_what_is_said_becomes_an_edge(raw: str, edge: tuple[str, str, str]) -> None:
    assert edge in said(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "Die [[Kern AG|COMPANY|k]] lud ein. Die [[TU Nord|UNIVERSITY|t]] feierte ihr Jubiläum.",
        "Die [[Kern AG|COMPANY|k]] und ihr Konkurrent [[Lau GmbH|COMPANY|l]] streiten vor Gericht.",
        "Auf dem Podium saßen Gäste der [[Kern AG|COMPANY|k]] und der [[TU Nord|UNIVERSITY|t]].",
        "Zwischen der [[Kern AG|COMPANY|k]] und der [[TU Nord|UNIVERSITY|t]] gibt es keine Zusammenarbeit.",
        "[[Ida Rau|PERSON|p]] wohnt in [[Herne|PLACE|h]].",
    ],
)
def test_what_is_not_said_becomes_none(raw: str) -> None:
    assert said(raw) == set()


def test_a_relation_carries_its_sentence_its_ends_and_what_found_it() -> None:
    raw = "Seit Mai läuft es. Das Projekt [[FLUX|PROJECT|f]] wird vom [[Land Hessen|PUBLIC|l]] gefördert. Danach ist Schluss."
    text, mentions, _ = marked(raw)
    (r,) = relate(text, mentions)
    assert text[r.start : r.end] == "Das Projekt FLUX wird vom Land Hessen gefördert."
    assert (text[r.head.start : r.head.end], text[r.tail.start : r.tail.end]) == ("FLUX", "Land Hessen")
    assert r.rule
    assert 0.5 < r.confidence <= 1


def test_a_relation_on_the_line_of_a_list_quotes_the_line() -> None:
    raw = "Partner in [[FLUX|PROJECT|f]]:\n\n• [[Kern AG|COMPANY|k]]\n• [[TU Nord|UNIVERSITY|t]]\n• [[ZXT|RESEARCH|z]]"
    text, mentions, _ = marked(raw)
    quotes = {text[r.head.start : r.head.end]: text[r.start : r.end] for r in relate(text, mentions) if r.type == "PARTICIPATES_IN"}
    assert quotes
    assert all(name in quote for name, quote in quotes.items())


def test_names_without_a_number_stand_for_themselves() -> None:
    text = "Kern Pumpen aus Herne baut Pumpen."
    (r,) = relate(text, [Mention(0, 11, Tag.COMPANY), Mention(16, 21, Tag.PLACE)])
    assert (r.type, text[r.tail.start : r.tail.end]) == ("LOCATED_IN", "Herne")
    assert r.head.entity != r.tail.entity


def test_the_same_text_gives_the_same_relations() -> None:
    texts = corpus.read(part=corpus.Part.VALIDATION)[:15]
    first = [relate(t.text, t.mentions) for t in texts]
    load.cache_clear()
    assert [relate(t.text, t.mentions) for t in texts] == first
    assert any(first)


def _each_once(found: tuple[Relation, ...]) -> bool:
    keys = [(r.head.entity, r.type, r.tail.entity if isinstance(r.tail, Mention) else r.tail) for r in found]
    return len(keys) == len(set(keys))


def test_each_relation_is_given_once_by_place_and_inside_of_the_text() -> None:
    for t in corpus.read(part=corpus.Part.VALIDATION)[:40]:
        found = relate(t.text, t.mentions)
        assert _each_once(found)
        assert all(a.start <= b.start for a, b in pairwise(found))
        assert all(0 <= r.start < r.end <= len(t.text) for r in found)
        pairs = [frozenset((r.head.entity, r.tail.entity)) for r in found if r.type == "COOPERATES_WITH" and isinstance(r.tail, Mention)]
        assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize(
    "text",
    [
        "Kern AG in Ulm, " * 1200,
        "Kern AG\n" * 4_000,
        "Partner sind: " + "Kern AG, " * 900,
        "x" * 200_000 + " Kern AG",
    ],
    ids=["one line", "short lines", "a long list", "one word"],
)
@pytest.mark.timeout(20)
def test_odd_texts_come_to_an_end(text: str) -> None:
    starts = [m.start() for m in re.finditer("Kern AG", text)]
    mentions = [Mention(s, s + 7, (Tag.COMPANY, Tag.PROJECT, Tag.UNIVERSITY)[i % 3], i % 40) for i, s in enumerate(starts)]
    assert _each_once(relate(text, mentions))


def test_texts_put_together_from_passages_are_valid_and_the_same_each_time() -> None:
    source = corpus.read(part=corpus.Part.TRAIN)
    made = list(fragments.texts(source, 30))
    assert made == list(fragments.texts(source, 30))
    for t in made:
        assert all(t.text[m.start : m.end].strip() for m in t.mentions)
        assert not re.search(r"[\[\]{}|]", t.text)
        tags = {m.entity: m.tag for m in t.mentions}
        assert all(tags[r.head] in corpus.TYPES[r.type][0] for r in t.relations)
        assert {r.type for r in t.relations} <= set(corpus.TYPES)


def test_a_text_in_another_language_gives_nothing() -> None:
    assert relate("La société est à Paris.", [Mention(3, 10, Tag.COMPANY, 0), Mention(17, 22, Tag.PLACE, 1)], language="fr") == ()


def test_model_file_is_complete_and_small() -> None:
    model = load()
    assert model.weights.shape[1] == len(model.bias) == len(COLUMNS)
    assert (pieces.FOLDER / NAME).stat().st_size < 6_000_000


def test_the_same_model_gives_the_same_bytes_and_comes_back(tmp_path: Path) -> None:
    trees = Trees(np.zeros((2, 3), np.int16), np.full((2, 3), 0.5, np.float32), np.arange(8, dtype=np.float32).reshape(2, 4), 0.25)
    model = Model({"a": 1, "b": 2}, np.zeros((3, len(COLUMNS)), np.float32), np.ones(len(COLUMNS), np.float32), trees, {"PART_OF": 1.5})
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        save(tmp_path / name, model)
    assert (tmp_path / "one" / NAME).read_bytes() == (tmp_path / "two" / NAME).read_bytes()
    back = load(tmp_path / "one")
    assert (back.names, back.thresholds, back.trees.start) == (model.names, model.thresholds, 0.25)
    assert back.trees.score(np.array([[0.0], [1.0]], np.float32)).tolist() == [0.25 + 0 + 4, 0.25 + 3 + 7]


@pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
def test_a_damaged_model_file_says_so(tmp_path: Path, damage: str) -> None:
    shutil.copy(pieces.FOLDER / pieces.CHECKSUMS, tmp_path)
    content = (pieces.FOLDER / NAME).read_bytes()
    if damage != "missing":
        (tmp_path / NAME).write_bytes(content[:-1] if damage == "cut" else content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(FileError) as e:
        load(tmp_path)
    assert NAME in e.value.de
    assert NAME in e.value.en


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Die Firma entwickelt Wärmepumpen für Altbauten.", ["Wärmepumpen für Altbauten"]),
        ("Das Team forscht seit Jahren an elektrochemischen Speichern.", ["elektrochemischen Speichern"]),
        ("Sie ist im Bereich Batterierecycling tätig.", ["Batterierecycling"]),
        ("Ein Betrieb, der Dichtungen aus Kork herstellt, zog um.", ["Dichtungen aus Kork"]),
        ("Am Montag kamen drei Leute zum Projekt.", []),
        ("", []),
    ],
)
def test_free_topics(text: str, wanted: list[str]) -> None:
    assert [t.label for t in free_topics(text, ())] == wanted


def test_free_topics_lie_outside_of_names_and_do_not_overlap() -> None:
    text = "Das Institut für Batterieforschung entwickelt Festkörperbatterien. Festkörperbatterien sind teuer."
    found = free_topics(text, [Mention(4, 34, Tag.RESEARCH, 0)])
    assert [t.label for t in found] == ["Festkörperbatterien", "Festkörperbatterien"]
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_a_free_topic_within_a_known_one_is_left_out() -> None:
    known = TopicMention(0, 20, "euroscivoc:1", "Wärmespeicher")
    assert joined([known], [TopicMention(5, 10, "", "x"), TopicMention(18, 30, "", "y")]) == (known, TopicMention(18, 30, "", "y"))


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (
            (
                "Das Vorhaben [[Log-MOBIL|PROJECT|lm]] ist ein Forschungsprojekt. Ob sich auch die [[Universität Duisburg-Essen|UNIVERSITY|u]]"
                " an [[Log-MOBIL|PROJECT|lm]] beteiligt, ist noch offen."
            ),
            Status.UNCERTAIN,
        ),
        (
            "Projektpartner in [[Ruhrboot|PROJECT|rb]] sind viele. Die [[Musterwerft GmbH|COMPANY|m]] ist im Projekt [[Ruhrboot|PROJECT|rb]] nicht beteiligt.",
            Status.NEGATED,
        ),
    ],
)
def test_what_the_sentence_doubts_or_denies_is_never_running(raw: str, status: Status) -> None:
    text, mentions, keys = marked(raw)
    found = [r for r in relate(text, mentions) if keys[r.head.entity] in ("u", "m")]
    assert {r.status for r in found} == {status}
