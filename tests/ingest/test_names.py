"""Names of registers and forms, what is no name, and agreement within a document: tables of cases, without the trained model."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Kind
from ingest.base import FileError
from ingest.text import agreement, names
from ingest.text.marks import Found, Mention, Tag
from ingest.text.mentions import Step, recognise
from ingest.text.names import Lexicon

C, U, R, B, A, J, L, P = Tag.COMPANY, Tag.UNIVERSITY, Tag.RESEARCH, Tag.PUBLIC, Tag.ASSOCIATION, Tag.PROJECT, Tag.PLACE, Tag.PERSON


def marked(text: str, tag: Tag = C, score: float = 0.7) -> tuple[str, list[Mention]]:
    """A text with names between ‹ and ›, a kind in front of a name with a colon: ‹PLACE:Essen›."""
    plain, mentions, at = "", [], 0
    for m in re.finditer(r"‹(?:([A-Z]+):)?([^›]*)›", text):
        plain += text[at : m.start()]
        mentions.append(Mention(len(plain), len(plain) + len(m[2]), Tag(m[1]) if m[1] else tag, score=score))
        plain += m[2]
        at = m.end()
    return plain + text[at:], mentions


def shown(text: str, mentions: list[Mention] | tuple[Mention, ...]) -> list[tuple[str, Tag]]:
    return [(text[m.start : m.end], m.tag) for m in mentions]


class Given:
    """A model that finds what the test says."""

    def __init__(self, *found: list[Mention]) -> None:
        self._found = list(found)

    def spans(self, texts: list[str]) -> list[list[Mention]]:
        return self._found


@pytest.mark.parametrize("pattern", names.PATTERNS, ids=lambda p: p.name)
def test_each_pattern_finds_its_example(pattern: names.Pattern) -> None:
    text, (wanted,) = marked(pattern.example, pattern.tag)
    assert (wanted.start, wanted.end, wanted.tag) in {(m.start, m.end, m.tag) for m in names.patterns(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Die Fraunhofer-Institute und die Hochschulen arbeiten zusammen.",
        "Ein Institut für alle Fälle gibt es nicht.",
        "Das Projekt läuft gut, das Vorhaben auch.",
        "Die IHK berät.",
        "Er sagte: „Das ist gut.“",
        "In der AG Wasser wird beraten.",
    ],
)
def test_patterns_find_nothing_in_ordinary_words(text: str) -> None:
    assert names.patterns(text) == []


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\n"])
def test_patterns_take_any_blank(blank: str) -> None:
    text = f"am Fraunhofer-Institut{blank}für{blank}Solare Energiesysteme ISE in Freiburg"
    name, tag = shown(text, names.patterns(text))[0]
    assert (name[:19], name[-3:], tag) == ("Fraunhofer-Institut", "ISE", R)


@pytest.mark.parametrize(
    ("name", "kind", "wanted"),
    [
        ("Kessler Anlagenbau GmbH", Kind.COMPANY, {"Kessler Anlagenbau GmbH": 1.0, "Kessler Anlagenbau": 0.85}),
        ("Schmidt GmbH & Co. KG", Kind.COMPANY, {"Schmidt GmbH & Co. KG": 1.0, "Schmidt": 0.5}),
        ("UMSICHT", Kind.RESEARCH, {"UMSICHT": 0.8}),
        ("Namenlos", None, {}),
    ],
)
def test_forms_of_a_name(name: str, kind: Kind | None, wanted: dict[str, float]) -> None:
    assert {form: weight for form, _, weight in names.forms(name, kind)} == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Die Hochschule Ruhr West lädt ein.", ["Hochschule Ruhr West"]),
        ("Die Hochschule\nRuhr\u00a0West lädt ein.", ["Hochschule\nRuhr\u00a0West"]),
        ("Das Labor der Hoch\u00adschule Ruhr West.", ["Hoch\u00adschule Ruhr West"]),
        ("Das Ziel des Wuppertal Instituts ist klar.", ["Wuppertal Instituts"]),
        ("Die Hochschule Ruhr Westen.", []),
        ("Hochschule Ruhr West und Wuppertal Institut", ["Hochschule Ruhr West", "Wuppertal Institut"]),
        ("die hochschule ruhr west", []),
        ("", []),
    ],
)
def test_the_lexicon_finds_whole_names(text: str, wanted: list[str]) -> None:
    lexicon = Lexicon([("Hochschule Ruhr West", U, 1.0), ("Ruhr West", L, 0.5), ("Wuppertal Institut", R, 1.0)])
    assert [text[m.start : m.end] for m in lexicon.find(text)] == wanted


def test_a_name_of_two_kinds_tells_nothing_and_a_surer_one_wins() -> None:
    lexicon = Lexicon([("Alpha Beta", C, 1.0), ("Alpha Beta", U, 1.0), ("Gamma Delta", C, 0.5), ("Gamma Delta", A, 1.0)])
    assert lexicon.get("Alpha Beta") is None
    assert lexicon.get("Gamma Delta") == names.Entry(A, 1.0)
    assert len(lexicon) == 1


def test_a_lexicon_is_kept_in_a_file(tmp_path: Path) -> None:
    lexicon = Lexicon([("Kessler & Söhne GmbH", C, 1.0), ("it's OWL", A, 0.9)])
    lexicon.save(tmp_path / "names.tsv")
    again = Lexicon.load(tmp_path / "names.tsv")
    assert again.get("Kessler & Söhne GmbH") == names.Entry(C, 1.0)
    assert again.get("it's OWL") == names.Entry(A, 0.9)
    (tmp_path / "names.tsv").write_text("Unsinn", encoding="utf-8")
    with pytest.raises(FileError, match=r"names\.tsv"):
        Lexicon.load(tmp_path / "names.tsv")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Die ‹OWT› und die ‹STOAG› bauen.", [("OWT", B), ("STOAG", C)]),  # a public body, whatever the model thinks
        ("Die ‹Business Metropole› Ruhr GmbH lädt ein.", [("Business Metropole Ruhr GmbH", B)]),
        ("Der ‹ASSOCIATION:Lippeverband› misst.", [("Lippeverband", B)]),
        ("Partner: Business Metropole Ruhr GmbH", [("Business Metropole Ruhr GmbH", B)]),
        ("‹PERSON:Ruth Lippeverband› kam.", [("Ruth Lippeverband", P)]),
    ],
)
def test_registers_decide_the_kind(text: str, wanted: list[tuple[str, Tag]]) -> None:
    plain, found = marked(text)
    lexicon = Lexicon(names.public_bodies())
    assert shown(plain, names.with_registry(plain, found, lexicon)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Die ‹Kessler› GmbH & Co. KG baut.", [("Kessler GmbH & Co. KG", C)]),
        ("Der ‹Förderverein Zeche Nord› e. V. lädt ein.", [("Förderverein Zeche Nord e. V.", A)]),
        (
            "Am ‹Fraunhofer-Institut› für Umwelt-, Sicherheits- und Energietechnik UMSICHT.",
            [("Fraunhofer-Institut für Umwelt-, Sicherheits- und Energietechnik UMSICHT", R)],
        ),
        ("‹Kessler› AG und ‹Blick› bauen.", [("Kessler AG", C), ("Blick", C)]),
        ("Ein Werk der Nordlicht Optik GmbH.", [("Nordlicht Optik GmbH", C)]),
        ("Im ‹PLACE:Unna› AG", [("Unna", L)]),
    ],
)
def test_patterns_mend_and_add(text: str, wanted: list[tuple[str, Tag]]) -> None:
    plain, found = marked(text)
    assert shown(plain, names.with_patterns(plain, found)) == wanted


@pytest.mark.parametrize(
    ("text", "tag", "kept"),
    [
        ("Das ‹Internet of Things› wächst.", C, False),
        ("Themen sind ‹Big Data› und Robotik.", A, False),
        ("Die ‹Hochschulen› warten.", U, False),
        ("Die ‹Stadtverwaltung› prüft.", B, False),
        ("Das Projekt „‹Smart City Oberhausen›“ läuft.", J, True),
        ("Die ‹Kessler GmbH› baut.", C, True),
        ("Das liegt in der ‹Hauptstraße› 51 in Essen.", L, False),
        ("Kontakt: ‹Am Technologiepark› 7", L, False),
        ("Sie kommt aus ‹Essen›.", L, True),
        ("‹Artificial Intelligence› ist überall.", C, False),
        ("‹Peter Hochschulen› kam.", P, True),
        ("Im Jahr ‹2024› war es so.", J, False),
    ],
)
def test_vetoes(text: str, tag: Tag, kept: bool) -> None:
    plain, found = marked(text, tag)
    assert bool(names.without_vetoed(plain, found)) is kept


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Das ‹RESEARCH:Zentrum für Membrantechnik› (ZMT) misst.", ("ZMT", R)),
        ("Das ‹RESEARCH:Zentrum für Membrantechnik› (kurz: ZMT) misst.", ("ZMT", R)),
        ("Die ‹UNIVERSITY:Hochschule Ruhr West› (‹COMPANY:HRW›) lädt ein.", ("HRW", U)),
        ("Das ‹RESEARCH:Zentrum für Membrantechnik› (Kleve) misst.", None),
        ("In ‹PLACE:Nordrhein-Westfalen› (NRW) regnet es.", None),
    ],
)
def test_an_abbreviation_in_brackets_is_what_stands_before(text: str, wanted: tuple[str, Tag] | None) -> None:
    plain, found = marked(text)
    out = shown(plain, agreement.abbreviations(plain, found))
    assert out[1:] == ([wanted] if wanted else [])


def test_one_name_is_of_one_kind_and_found_everywhere() -> None:
    plain, found = marked(
        "‹COMPANY:Kessler GmbH› baut. ‹COMPANY:Kessler› misst. ‹PROJECT:Kessler› zahlt. Kessler freut sich, Kesslers Chef auch, Keßler nicht."
    )
    out = agreement.agree(plain, found)
    assert shown(plain, out) == [("Kessler GmbH", C), ("Kessler", C), ("Kessler", C), ("Kessler", C), ("Kesslers", C)]
    assert {m.entity for m in out} == {0}
    assert [m.found for m in out[3:]] == [Found.REPEAT, Found.REPEAT]


@pytest.mark.parametrize(
    ("short", "name", "is_one"),
    [
        ("Kessler", "Kessler Anlagenbau GmbH", True),
        ("UMSICHT", "Fraunhofer-Institut für Umwelt-, Sicherheits- und Energietechnik UMSICHT", True),
        ("HRW", "Hochschule Ruhr West", True),
        ("TU Dortmund", "TU Dortmund", False),
        ("Hochschule", "Hochschule Ruhr West", False),
        ("Stadt", "Stadt Essen", False),
        ("Fraunhofer", "Fraunhofer UMSICHT", False),
        ("Kess", "Kessler Anlagenbau", False),
        ("AB", "Alpha Beta", True),
    ],
)
def test_clear_short_forms(short: str, name: str, is_one: bool) -> None:
    assert agreement.is_short_form(short, name) is is_one


def test_entities_are_counted_in_the_order_of_the_text_and_doubt_keeps_apart() -> None:
    plain, found = marked("‹PLACE:Essen›: ‹Nordlicht Optik GmbH›, ‹Nordlicht Wasser GmbH› und ‹Nordlicht› treffen ‹PLACE:Essens› Bürger.")
    out = agreement.entities(plain, found)
    assert [m.entity for m in out] == [0, 1, 2, 3, 0]


def test_all_steps_are_in_order_and_can_be_left_out() -> None:
    plain, found = marked("Die ‹OWT› fördert das ‹Internet of Things›. Dank der OWT geht es voran.")
    lexicon = Lexicon(names.public_bodies())
    (out,) = recognise([plain], lexicon, Given(found))
    assert shown(plain, out) == [("OWT", B), ("OWT", B)]
    (bare,) = recognise([plain], lexicon, Given(found), [])
    assert shown(plain, bare) == [("OWT", C), ("Internet of Things", C)]
    (some,) = recognise([plain], lexicon, Given(found), [Step.REGISTRY])
    assert shown(plain, some) == [("OWT", B), ("Internet of Things", C)]


ALPHABET = st.sampled_from("aAbBÄß \n\u00a0\u00ad.,()„“-&1XGmbHe V.")


@settings(max_examples=150, deadline=None)
@given(st.text(ALPHABET, max_size=80), st.lists(st.tuples(st.integers(0, 80), st.integers(1, 9), st.sampled_from(list(Tag))), max_size=6))
def test_whatever_comes_in_spans_are_sorted_do_not_overlap_and_have_entities(text: str, spans: list[tuple[int, int, Tag]]) -> None:
    found: list[Mention] = []
    for start, length, tag in sorted(spans, key=lambda s: s[0]):
        end = min(start + length, len(text))
        if start < end and (not found or found[-1].end <= start):
            found.append(Mention(start, end, tag, score=0.6))
    (out,) = recognise([text], Lexicon([("aA bB", C, 1.0), ("XG", A, 1.0)]), Given(found))
    assert all(0 <= m.start < m.end <= len(text) and m.entity >= 0 for m in out)
    assert all(a.end <= b.start for a, b in itertools.pairwise(out))


@pytest.mark.parametrize(
    "text",
    [
        "A" * 100_000,
        "Aa " * 10_000,
        "Aa-" * 10_000,
        "(" * 100_000,
        "Am " * 10_000,
        "Institut für " * 10_000,
        "Projekt „" * 10_000,
        "GmbH " * 10_000,
        "\n".join(["Essen"] * 20_000),
    ],
    ids=lambda t: t[:6],
)
def test_odd_long_texts_take_no_long_time(text: str) -> None:
    (out,) = recognise([text], Lexicon(names.public_bodies()), Given([]))
    assert all(m.end <= len(text) for m in out)
