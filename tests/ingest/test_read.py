"""Reading: every format to one normalised text with a way back, and every bad case to a document or a problem in words."""

from __future__ import annotations

import gc
import io
import itertools
import os
import signal
import textwrap
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from office import docx, odt, p, packed
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas
from typeset import Style, typeset

from graph.settings import Settings
from ingest.text.read import Document, Limits, OffsetMap, ReadProblem, document_id, normalise, read_bytes, read_file, read_folder
from ingest.text.reading import child
from ingest.text.reading.formats import ENDINGS, MEDIA
from ingest.text.reading.hyphens import joint
from ingest.text.reading.offsets import rewrite
from ingest.text.reading.worker import Worker, the_worker

LIMITS = Limits()
SENTENCE = "Die Hochschule und die Stadt Oberhausen eröffnen gemeinsam ein Labor für Wärmespeicher."


def read(data: bytes | str, name: str = "a.txt", media: str = "", limits: Limits = LIMITS) -> Document:
    (document,) = read_bytes(data.encode() if isinstance(data, str) else data, name, media, limits)
    check_way(document)
    return document


def problem(data: bytes | str, name: str = "a.txt", limits: Limits = LIMITS) -> ReadProblem:
    with pytest.raises(ReadProblem) as e:
        read_bytes(data.encode() if isinstance(data, str) else data, name, "", limits)
    assert e.value.de != e.value.en
    assert e.value.address == name
    assert name in e.value.de
    return e.value


def tried(call: Callable[..., Any], *arguments: Any) -> Any:
    """What the call returns, or the ReadProblem that it raises."""
    try:
        return call(*arguments)
    except ReadProblem as e:
        return e


def check_way(document: Document) -> None:
    """The way back never falls and stays inside; pages begin in order."""
    n = len(document.text)
    offsets = [document.origin(i).offset for i in range(0, n + 1, max(n // 2000, 1))]
    assert all(a <= b for a, b in itertools.pairwise(offsets))
    assert offsets[0] >= 0
    assert document.way.back(n) == document.way.old_length
    assert [q.number for q in document.pages] == list(range(1, len(document.pages) + 1))
    assert all(a.start <= b.start <= n for a, b in itertools.pairwise(document.pages))
    assert normalise(document.text)[0] == document.text


# --- the normal form ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("", ""),
        (" \n\t ", ""),
        ("Wort", "Wort"),
        ("a  b\tc\u00a0d\u202fe\u3000f", "a b c d e f"),
        ("a\r\nb\rc\u2028d\x0be\x85f", "a\nb\nc\nd\ne\nf"),
        ("a\n\n\n \t\nb\u2029c", "a\n\nb\n\nc"),
        ("  a  \n  b  ", "a\nb"),
        ("Wärme\u00adspeicher", "Wärmespeicher"),
        ("Wärme\u00ad\nspeicher", "Wärmespeicher"),
        ("a\u200bb\u200dc\ufeffd\u2060e", "abcde"),
        ("\u202eabc\u202c \u2066def\u2069", "abc def"),
        ("a\x00b\x07c\x1b[0m", "abc[0m"),
        ("u\u0308ber Mu\u0308ller A\u030angstro\u0308m", "über Müller Ångström"),
        ("a\u200b\u0308b", "äb"),
        ("ﬁnden, eﬀektiv, Stoﬀ, ﬂießen", "finden, effektiv, Stoff, fließen"),
        ("a\ud800b", "a\ufffdb"),
        ("\uf0b7 Punkt", "• Punkt"),
        ("x\U000e0041\U000e0042y", "xy"),
        ("a \U000e0041 b", "a b"),
        ("\u1100\u1161\u11a8", "\uac01"),
        ("שלום עולם", "שלום עולם"),
        ("e" + "\u0301\u0316" * 40, unicodedata.normalize("NFC", "e" + ("\u0301\u0316" * 40)[:30])),
    ],
)
def test_the_normal_form(raw, text):
    assert normalise(raw)[0] == text


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ("Die Wärme\u00adspeicher\u00a0GmbH & Co.\u00a0KG plant", "Wärmespeicher GmbH & Co. KG"),
        ("Mu\u0308ller\r\n\r\nund die Mu\u0308hle GmbH.", "Mühle GmbH"),
        ("\ufeff  eﬀektive Stoﬀe\u200b, sagt die Stoﬀwerk AG", "Stoffwerk AG"),
        ("\U000e0041\U000e0042 Text 😀 mit Stadt\u00adwerk", "Stadtwerk"),
    ],
)
def test_offsets_lead_back_to_what_was_written(raw, part):
    text, way = normalise(raw)
    start = text.index(part)
    found = raw[way.back(start) : way.back(start + len(part) - 1) + 1]
    assert normalise(found)[0] in (part, part + "f", part[:-1])
    assert found[0] == part[0]


TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from(" \n\r\t\u00ad\u00a0\u200b\u0308\u0301\u0323aouAﬁ\ufeff\u2029\u1100\u1161\ud800\U000e0041\u0f71\u0344")),
    max_size=60,
)


@given(TEXTS)
@example("\u00ad\n\u00ad")
@example(" \u0308")
@example("\u0344a\u0958\u0f43")
def test_any_text_has_one_normal_form_and_a_way_back(raw):
    text, way = normalise(raw)
    assert normalise(text)[0] == text
    assert unicodedata.is_normalized("NFC", text)
    assert not any(c in text for c in "\r\t\u00ad\u00a0\u200b\ufeff\0")
    assert "  " not in text
    assert "\n\n\n" not in text
    assert text == text.strip(" \n")
    back = [way.back(i) for i in range(len(text) + 1)]
    assert all(a <= b for a, b in itertools.pairwise(back))
    assert back[-1] == len(raw)
    for i, c in enumerate(text):
        assert back[i] < len(raw)
        if c.isascii() and c.isalnum() and raw[back[i]] not in "ﬀﬁﬂﬃﬄﬅﬆ":
            assert unicodedata.normalize("NFKC", raw[back[i]])[:1] == c


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, str]]]:
    text = draw(st.text("abcdef", max_size=30))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return text, [(a, b, draw(st.text("XYZ", max_size=4))) for a, b in pairs]


@given(edited(), st.data())
def test_two_rewritings_in_a_row_have_one_way_back(first, data):
    text, edits = first
    middle, way = rewrite(text, edits)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(middle)), max_size=8)))
    last, over = rewrite(middle, [(a, b, data.draw(st.text("UVW", max_size=4))) for a, b in zip(cuts[::2], cuts[1::2], strict=False)])
    both = over.after(way)
    assert [both.back(i) for i in range(len(last))] == [way.back(over.back(i)) for i in range(len(last))]
    assert both.back(len(last)) == len(text)
    for old in range(len(text) + 1):
        assert both.forward(old) == next((i for i in range(len(last)) if both.back(i) >= old), len(last))


def test_offsets_outside_the_text_are_refused():
    with pytest.raises(IndexError):
        OffsetMap(3, 3).back(4)
    with pytest.raises(ValueError, match="edit"):
        rewrite("abc", [(2, 3, ""), (0, 1, "")])


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ("For-\nschung", "Forschung"),
        ("Umwelt-\nund Energietechnik", "Umwelt- und Energietechnik"),
        ("Sicherheits-\nbzw. Umwelttechnik", "Sicherheits- bzw. Umwelttechnik"),
        ("Nordrhein-\nWestfalen", "Nordrhein-Westfalen"),
        ("IT-\ngestützt", "IT-gestützt"),
        ("2021-\n2027", "2021-2027"),
        ("Wärme\u00ad\nspeicher", "Wärmespeicher"),
        ("die Stadt\nOberhausen", "die Stadt Oberhausen"),
        ("ein Gedanke -\nund noch einer", "ein Gedanke - und noch einer"),
        ("-\nabc", "- abc"),
    ],
)
def test_how_two_lines_become_one(lines, joined):
    at = lines.index("\n")
    assert normalise(rewrite(lines, [joint(lines, at, at + 1)])[0])[0] == joined


# --- documents ------------------------------------------------------------------------------------------------------------------------------


def test_the_id_stays_with_the_address_and_the_hash_changes_with_the_bytes():
    one, two, other = read(SENTENCE, "a.txt"), read(SENTENCE + " Neu.", "a.txt"), read(SENTENCE, "b.txt")
    assert one.id == two.id == document_id("a.txt")
    assert one.sha256 != two.sha256
    assert other.sha256 == one.sha256
    assert other.id != one.id
    assert one.id.startswith("text:")
    assert len(one.id) == 21


def test_the_address_is_never_a_path_of_this_machine(tmp_path):
    (tmp_path / "x").mkdir()
    file = tmp_path / "x" / "ä.txt"
    file.write_text(SENTENCE)
    assert read_file(file)[0].address == "ä.txt"
    assert read_file(file, root=tmp_path)[0].address == "x/ä.txt"
    assert [d.address for d in read_folder(tmp_path) if isinstance(d, Document)] == ["x/ä.txt"]


def test_a_folder_goes_on_after_bad_files(tmp_path):
    files = {
        "1.txt": SENTENCE.encode(), "2.pdf": b"%PDF-1.7 kaputt", "3.docx": b"PK\x03\x04kaputt", "4.txt": b"", "5.html": b"<p>" + SENTENCE.encode(),
        ".versteckt.txt": b"nein", "6.png": b"\x89PNG", "z/7.md": SENTENCE.encode(), ".git/8.txt": b"nein",
    }  # fmt: skip
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "link.txt").symlink_to("/etc/hostname")
    found = [(d.address, getattr(d, "code", "")) for d in read_folder(tmp_path)]
    assert found == [("1.txt", ""), ("2.pdf", "damaged"), ("3.docx", "damaged"), ("4.txt", "empty"), ("5.html", ""), ("z/7.md", "")]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ReadProblem) as e:
        read_file(tmp_path / "fehlt.txt")
    assert e.value.code == "missing"
    assert str(tmp_path) not in e.value.de


def test_the_limits_of_the_settings():
    got = Limits.of(Settings.from_env({"INNONET_TEXT_MAX_BYTES": "1000", "INNONET_MAX_RATIO": "7", "INNONET_TEXT_SECONDS": "2", "INNONET_FETCH_PAUSE": "3"}))
    assert (got.file_bytes, got.ratio, got.seconds, got.pause) == (1000, 7, 2.0, 3.0)
    assert Limits.of(Settings.from_env({})) == Limits()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (SENTENCE, "de"),
        (SENTENCE.upper(), "de"),
        ("The university and the city of Oberhausen open a joint laboratory for heat storage.", "en"),
        ("L'université et la ville ouvrent ensemble un laboratoire pour le stockage de la chaleur.", "fr"),
        ("Universiteit en gemeente openen samen een laboratorium voor de opslag van warmte.", "nl"),
        ("האוניברסיטה והעירייה פותחות יחד מעבדה לאגירת חום", "he"),
        ("Wort", ""),
        ("12345 67890 12345 67890 12345", ""),
    ],
)
def test_the_language_is_said(text, language):
    assert read(text).language == language


def test_the_declared_language_counts_where_the_text_is_too_short():
    assert read("<html lang='de-DE'><body><p>Kontakt</p></body></html>", "a.html").language == "de"
    assert read(f"<html lang='en'><body><p>{SENTENCE}</p></body></html>", "a.html").language == "de"


# --- encodings ------------------------------------------------------------------------------------------------------------------------------

UMLAUTS = "Größe, Übermut und Fußgänger: „Wärme“ – 50 € für Köln"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(
    "media", ["text/plain", "text/plain; charset=utf-8", 'text/plain; charset="ISO-8859-1"', "text/plain; charset=quatsch", "text/plain; charset=base64"]
)
def test_umlauts_whatever_is_declared(encoding, media):
    assert read(UMLAUTS.encode(encoding), "a.txt", media).text == UMLAUTS


@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", "windows-1252", "us-ascii", "utf-7", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_umlauts_in_pages_whatever_is_declared(encoding, declared):
    page = f'<html><head><meta charset="{declared}"><title>Größe</title></head><body><main><p>{UMLAUTS}. {SENTENCE}</p></main></body></html>'
    found = read(page.encode(encoding), "a.html")
    assert UMLAUTS in found.text
    assert found.title == "Größe"


@pytest.mark.parametrize(
    ("data", "media", "text"),
    [
        (
            "Größe".encode() + b" f\xfcr alle K\xf6lner; und Gr\xc3\xbc\xc3\x9fe, M\xc3\xbche, S\xc3\xbcden, Stra\xc3\x9fe, T\xc3\xbcr",
            "",
            "Größe für alle Kölner; und Grüße, Mühe, Süden, Straße, Tür",
        ),
        ("Straße nach Köl".encode() + b"\xc3", "", "Straße nach KölÃ"),
        ("Łódź i Gdańsk, województwo śląskie".encode("iso8859-2"), "text/plain; charset=iso-8859-2", "Łódź i Gdańsk, województwo śląskie"),
        ("Наука и техника в городе".encode("koi8-r"), "text/plain; charset=koi8-r", "Наука и техника в городе"),
        ("Наука и техника, институт и город, исследование".encode("cp1251"), "", "Наука и техника, институт и город, исследование"),
    ],
)
def test_mixed_and_other_encodings(data, media, text):
    assert read(data, "a.txt", media).text == text


# --- plain text -----------------------------------------------------------------------------------------------------------------------------


def test_lines_broken_to_a_width_are_joined_and_lists_are_not():
    running = (
        "Die Hochschule und die Stadt Oberhausen eröffnen gemeinsam ein Labor für Wärmespeicher. Es steht auf dem Gelände der früheren Zeche. "
        "Das Vorhaben verbindet Umwelt- und Energietechnik auf eine Weise, die es im Land bisher nicht gab."
    )
    lists = "- das Institut für Wärmetechnik\n- die Stadtwerke"
    wrapped = f"Neues aus dem Revier\n\n{textwrap.fill(running, 70)}\n\n{lists}\n"
    assert wrapped.count("\n") > 8
    found = read(wrapped)
    assert found.text == f"Neues aus dem Revier\n\n{running}\n\n{lists}"
    assert found.title == "Neues aus dem Revier"
    at = found.text.index("Energietechnik")
    assert wrapped[found.origin(at).offset :].startswith("Energietechnik")


def test_short_lines_and_long_paragraphs_stay_as_they_are():
    text = "Stadt Moers\nKreis Wesel\nLand NRW\n\n" + " ".join([SENTENCE] * 4) + "\n" + " ".join([SENTENCE] * 3)
    assert read(text).text == text


# --- bad cases of every kind ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted({f"a{ending}" for ending in ENDINGS} | {"a", "a.bin"}))
@pytest.mark.parametrize("data", [b"", b" \n\t", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_empty(data, name):
    assert problem(data, name).code == "empty"


@pytest.mark.parametrize(("data", "name"), [("Wort", "a.txt"), ("<p>Wort", "a.html"), (docx(p("Wort")), "a.docx"), (odt("<text:p>Wort</text:p>"), "a.odt")])
def test_one_word(data, name):
    assert read(data, name).text == "Wort"


def test_five_megabytes_and_a_hundred_thousand_short_lines():
    big = f"{SENTENCE}\r\n\r\n" * 55_000
    assert len(big) > 4_900_000
    assert len(read(big).text) == 55_000 * (len(SENTENCE) + 2) - 2
    short = "\r\n".join(f"Zeile {n}" for n in range(100_000))
    assert read(short).text.count("\n") == 99_999
    assert read("<body>" + short.replace("\r\n", "<br>"), "a.html").text.count("\n") == 99_999


@pytest.mark.parametrize(("limits", "code"), [(Limits(file_bytes=100), "too_large"), (Limits(characters=100), "too_large")])
@pytest.mark.parametrize("name", ["a.txt", "a.html"])
def test_too_large(limits, code, name):
    assert problem(f"<html><body><p>{SENTENCE * 30}</p></body></html>" if name == "a.html" else SENTENCE * 30, name, limits).code == code


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "a.png", "unknown"),
        (bytes(1000), "a.txt", "unknown"),
        (b"{\\rtf1 Text}", "a.rtf", "unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "a.doc", "unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.docx", "encrypted"),
        (packed({"x.txt": "Text"}), "a.zip", "unknown"),
        (packed({"word/other.xml": "<a/>", "[Content_Types].xml": "<a/>"}), "a.docx", "damaged"),
        (packed({"word/document.xml": "<w:document"}), "a.docx", "damaged"),
        (packed({"content.xml": "kein XML"}), "a.odt", "damaged"),
        (docx(p(SENTENCE))[:-200], "a.docx", "damaged"),
        (docx(""), "a.docx", "empty"),
        (packed({"content.xml": "<a/>", "META-INF/manifest.xml": "<manifest:encryption-data/>"}), "a.odt", "encrypted"),
        (b"%PDF-1.4\n" + bytes(300), "a.pdf", "damaged"),
        (b"<rss><channel></channel></rss>", "a.xml", "empty"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'", "a.atom", "damaged"),
        (b"<html><head><title>T</title></head></html>", "a.html", "empty"),
        (b"<html><script>var a = 1</script></html>", "a.html", "empty"),
    ],
)
def test_what_cannot_be_read_says_so(data, name, code):
    assert problem(data, name).code == code


# --- pages ----------------------------------------------------------------------------------------------------------------------------------

PAGE = """<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Neues Labor | Hochschule Musterstadt</title>
<meta property="og:site_name" content="Hochschule Musterstadt"><meta property="article:published_time" content="2025-03-12T09:00:00+01:00"></head>
<body><nav><ul><li><a href="/">Start</a></li><li><a href="/presse">Presse</a></li></ul></nav>
<main><article><h1>Neues Labor für Wärmespeicher</h1>
<p>Die Hochschule Musterstadt und die Kessler Stahlbau GmbH haben am Mittwoch ein gemeinsames Labor für Wärme&shy;speicher eröffnet.</p>
<h2>Partner</h2><ul><li>Kessler Stahlbau GmbH</li><li>Institut für <b>Wärmetechnik</b> Ruhr<ul><li>Abteilung Speicher</li></ul></li>
<li>Stadt&nbsp;Oberhausen</li></ul>
<table><tr><th>Partner</th><th>Ort</th></tr><tr><td>Institut</td><td>Oberhausen</td></tr></table>
<p>Das Vorhaben läuft bis 2028.<br>Gefördert wird es vom Land.</p></article></main>
<footer><p>Impressum | Datenschutz</p></footer></body></html>"""


def test_a_page():
    found = read(PAGE, "presse/labor.html")
    assert found.text.split("\n\n") == [
        "Neues Labor für Wärmespeicher",
        "Die Hochschule Musterstadt und die Kessler Stahlbau GmbH haben am Mittwoch ein gemeinsames Labor für Wärmespeicher eröffnet.",
        "Partner",
        "- Kessler Stahlbau GmbH\n- Institut für Wärmetechnik Ruhr\n- Abteilung Speicher\n- Stadt Oberhausen",
        "Partner | Ort\nInstitut | Oberhausen",
        "Das Vorhaben läuft bis 2028.\nGefördert wird es vom Land.",
    ]
    assert (found.title, found.date, found.site, found.language) == ("Neues Labor für Wärmespeicher", "2025-03-12", "Hochschule Musterstadt", "de")
    assert found.media == "text/html"


PROJECT = (
    "<html lang='de'><head><title>WarmStadt</title></head><body><header><nav><ul>" + "".join(f"<li><a href='/{n}'>Menü {n}</a></li>" for n in range(30))
    + "</ul></nav></header><div class='breadcrumb'>Start / Projekte</div><div id='content'><h1>Projekt WarmStadt</h1><p>Ziel ist ein Speicher.</p>"
    "<h2>Partner</h2><ul>" + "".join(f"<li><p><a href='https://p{n}.example'>Partner {n} GmbH</a></p></li>" for n in range(6))
    + "</ul><h2>Förderung</h2><p>Gefördert durch das <a href='https://b.example'>Bundesministerium</a>.</p>{}</div>"
    "<div style='display:none'>unsichtbar</div><footer>Impressum</footer></body></html>"
)  # fmt: skip
PROJECT_LINES = [
    "Projekt WarmStadt",
    "Ziel ist ein Speicher.",
    "Partner",
    *(f"- Partner {n} GmbH" for n in range(6)),
    "Förderung",
    "Gefördert durch das Bundesministerium.",
]


@pytest.mark.parametrize("more", ["", "".join(f"<p>{n}. {SENTENCE} Der Betrieb soll im Jahr {2030 + n} beginnen.</p>" for n in range(9))])
def test_a_list_of_partners_is_no_navigation(more):
    """Short pages and lists of links are what extractors of news articles leave out."""
    lines = [line for line in read(PROJECT.format(more), "a.html").text.split("\n") if line]
    assert lines[: len(PROJECT_LINES)] == PROJECT_LINES
    assert len(lines) == len(PROJECT_LINES) + (9 if more else 0)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (SENTENCE, SENTENCE),
        ("<ul><li><p>eins</p><p>zwei</p></li><li>drei<ul><li>vier</li></ul>fünf</li></ul>", "- eins\nzwei\n- drei\n- vier\nfünf"),
        ("<table><tr><th><p>Partner</p></th><th>Ort</th></tr><tr><td>A<br>B</td><td><p>Essen</p></td></tr></table>", "Partner | Ort\nA B | Essen"),
        (f"<p>{SENTENCE}", SENTENCE),
        (f"<html><p>{SENTENCE}</html>", SENTENCE),
        (f"<html><head><title>T</title></head>{SENTENCE}</html>", SENTENCE),
        (f"<body><div><span>{SENTENCE}", SENTENCE),
        (f"<html><body>{'<div>' * 10_000}{SENTENCE}{'</div>' * 10_000}</body></html>", SENTENCE),
        (f"<html><body>{'<b><i>' * 5_000}{SENTENCE}", SENTENCE),
        ("<p>" + "<table><tr><td>" * 3_000 + SENTENCE, SENTENCE),
        (f"<p>a &amp; b &lt;c&gt; &nbsp; &uuml; &#228;&#x1F600; {SENTENCE}", f"a & b <c> ü ä😀 {SENTENCE}"),
        ("<div dir='rtl'><p>מכון המחקר והעירייה מקימים מעבדה</p></div>", "מכון המחקר והעירייה מקימים מעבדה"),
        ("<p>a<script>x</script><style>y</style><!-- z -->b</p>", "ab"),
    ],
)
def test_odd_pages(page, text):
    assert read(page, "a.html").text == text


def test_reading_twice_gives_the_same():
    assert read(PAGE, "a.html") == read(PAGE, "a.html")


# --- Word and OpenDocument ------------------------------------------------------------------------------------------------------------------


def test_a_word_document():
    body = (
        p("Neues Labor", "berschrift1") + p(SENTENCE) + p("Kessler Stahlbau GmbH", "Liste") + p("Stadt Oberhausen", "Liste")
        + "<w:p><w:r><w:t>Das </w:t></w:r><w:ins><w:r><w:t>neue </w:t></w:r></w:ins><w:del><w:r><w:delText>alte </w:delText></w:r></w:del>"
        "<w:hyperlink><w:r><w:t>Labor</w:t></w:r></w:hyperlink><w:r><w:noBreakHyphen/><w:t>Team</w:t><w:br/><w:t>Wärme</w:t><w:softHyphen/><w:t>speicher</w:t></w:r></w:p>"
        "<w:sdt><w:sdtPr><w:t>nein</w:t></w:sdtPr><w:sdtContent>" + p("im Rahmen") + "</w:sdtContent></w:sdt>"
        "<w:tbl><w:tr><w:tc>" + p("Partner") + "</w:tc><w:tc>" + p("Ort") + p("Land") + "</w:tc></w:tr>"
        "<w:tr><w:tc>" + p("Institut") + "</w:tc><w:tc>" + p("Essen") + "</w:tc></w:tr></w:tbl>"
        "<mc:AlternateContent><mc:Choice>" + p("einmal") + "</mc:Choice><mc:Fallback>" + p("einmal") + "</mc:Fallback></mc:AlternateContent>"
    )  # fmt: skip
    found = read(docx(body, title="Ein Labor", **{"word/footnotes.xml": docx_part(p("Eine Fußnote."))}), "a.docx")
    assert found.text.split("\n\n") == [
        "Neues Labor",
        SENTENCE,
        "- Kessler Stahlbau GmbH\n- Stadt Oberhausen",
        "Das neue Labor-Team\nWärmespeicher",
        "im Rahmen",
        "Partner | Ort Land\nInstitut | Essen",
        "einmal",
        "Eine Fußnote.",
    ]
    assert (found.title, found.date, found.media) == ("Ein Labor", "2025-03-12", MEDIA["docx"])
    assert read(docx(body), "a.docx").title == "Neues Labor"


def docx_part(body: str) -> str:
    return f'<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote>{body}</w:footnote></w:footnotes>'


def test_an_opendocument_text():
    body = (
        "<text:tracked-changes><text:p>gelöscht</text:p></text:tracked-changes><text:h>Neues Labor</text:h>"
        f"<text:p>{SENTENCE}</text:p><text:list><text:list-item><text:p>Kessler Stahlbau GmbH</text:p></text:list-item>"
        "<text:list-item><text:p>Stadt Oberhausen</text:p></text:list-item></text:list>"
        "<text:p>Das <text:span>neue</text:span><text:s text:c='3'/>Labor"
        "<office:annotation><text:p>Notiz</text:p></office:annotation><text:line-break/>zwei</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>Partner</text:p></table:table-cell><table:table-cell><text:p>Ort</text:p></table:table-cell></table:table-row>"
        "<table:table-row><table:table-cell><text:p>Institut</text:p></table:table-cell><table:table-cell><text:p>Essen</text:p></table:table-cell></table:table-row></table:table>"
    )
    found = read(odt(body, title="Ein Labor"), "a.odt")
    assert found.text.split("\n\n") == [
        "Neues Labor", SENTENCE, "- Kessler Stahlbau GmbH\n- Stadt Oberhausen", "Das neue Labor\nzwei", "Partner | Ort\nInstitut | Essen",
    ]  # fmt: skip
    assert (found.title, found.date, found.media) == ("Ein Labor", "2025-03-12", MEDIA["odt"])
    assert read(odt(body), "a.odt").title == "Neues Labor"


@pytest.mark.parametrize(
    ("data", "limits"),
    [
        (docx(p("x" * (30 << 20))), Limits(unpacked=10 << 20)),
        (docx(p("x" * (30 << 20))), Limits()),
        (docx(p("x"), **{"word/media/bild.bmp": bytes(20 << 20)}), Limits()),
        (packed({"word/document.xml": "<a/>"} | {f"f{n}": "" for n in range(1200)}), Limits()),
        (odt("<text:p/>" * (4 << 20)), Limits()),
    ],
)
def test_a_zip_bomb_is_not_opened(data, limits):
    assert problem(data, "a.docx", limits).code == "bomb"


def test_entities_are_not_expanded_and_outside_files_not_opened(tmp_path):
    secret = tmp_path / "geheim"
    secret.write_text("streng geheim")
    bomb = (
        '<!DOCTYPE d [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
        + f'<!ENTITY x SYSTEM "file://{secret}">]>'
    )
    xml = f'{bomb}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>Text &m; &x;</w:t></w:r></w:p></w:document>'
    found = tried(read_bytes, packed({"word/document.xml": xml}), "a.docx")
    if isinstance(found, ReadProblem):
        assert found.code == "damaged"
    else:
        assert len(found[0].text) < 100
        assert "geheim" not in found[0].text


# --- letters and feeds ----------------------------------------------------------------------------------------------------------------------

LETTER = b"""From: =?utf-8?q?Stadt_M=C3=BClheim?= <presse@stadt.example>\r
To: alle@stadt.example\r
Subject: =?iso-8859-1?q?Gr=FC=DFe?=\r
Date: Wed, 12 Mar 2025 23:30:00 +0100\r
Message-ID: <1@stadt.example>\r
MIME-Version: 1.0\r
"""


PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n"
WEB = b"Content-Type: text/html; charset=utf-8\r\n"
LETTERS = [
    (PLAIN + b"\r\n" + f"{SENTENCE}\r\nZweite Zeile\r\n".encode(), f"{SENTENCE}\nZweite Zeile"),
    (PLAIN + b"\r\n" + f"{SENTENCE}\r\n".encode("latin-1"), SENTENCE),
    (b"Content-Type: text/plain; charset=quatsch\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + SENTENCE.encode(), SENTENCE),
    (b"Content-Type: text/plain; format=flowed\r\n\r\nDas ist ein Satz, \r\nder weitergeht.\r\nNeu.\r\n", "Das ist ein Satz, der weitergeht.\nNeu."),
    (PLAIN + b"\r\n> zitiert\r\n>> zweimal\r\nneu", "zitiert\nzweimal\nneu"),
    (WEB + b"\r\n<table><tr><td><p>Erster Absatz</p><p>Zweiter</p></td></tr></table>", "Erster Absatz\n\nZweiter"),
    (PLAIN + b"Content-Transfer-Encoding: quoted-printable\r\n\r\nW=C3=A4rme=\r\nspeicher", "Wärmespeicher"),
]
PARTED = [
    ("alternative", [PLAIN + b"\r\nNur HTML.", WEB + b"\r\n<p>" + SENTENCE.encode()], SENTENCE),
    ("alternative", [PLAIN + b"\r\n" + SENTENCE.encode(), WEB + b"\r\n<p>" + SENTENCE.encode()], SENTENCE),
    (
        "mixed",
        [PLAIN + b"Content-Transfer-Encoding: base64\r\n\r\nR3LDvMOfZQ==", PLAIN + b"Content-Disposition: attachment\r\n\r\nAnhang"],
        "Grüße",
    ),
]


def parted(kind: str, parts: list[bytes]) -> bytes:
    return f'Content-Type: multipart/{kind}; boundary="x"\r\n\r\n'.encode() + b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--"


@pytest.mark.parametrize(("body", "text"), [*LETTERS, *((parted(kind, parts), text) for kind, parts, text in PARTED)])
def test_a_letter(body, text):
    found = read(LETTER + body, "brief.eml")
    assert found.text == text
    assert (found.title, found.date, found.site, found.media) == ("Grüße", "2025-03-12", "Stadt Mülheim", "message/rfc822")


def test_a_letter_is_known_by_its_headers():
    assert read(LETTER + b"\r\nText des Briefes\r\n", "ohne-endung").title == "Grüße"
    assert read("Datum: heute\nBetreff: nichts\n\nEin Text.", "ohne-endung").media == "text/plain"


@pytest.mark.parametrize(
    "header",
    [
        b"From: \xff\xfe<",
        b"Subject: =?utf-8?q?=?= =?x?y?z?=",
        b"Date: gestern",
        b"Date: Wed, 12 Mar 2025 10:00:00 +99999999999999999999",
        b"Content-Type: ;;;",
        b"To: " + b"(" * 3000,
        b"Message-ID: <",
    ],
)
def test_a_malformed_header_loses_no_letter(header):
    assert SENTENCE in read(header + b"\r\nMIME-Version: 1.0\r\n\r\n" + SENTENCE.encode(), "a.eml").text


def test_a_mailbox_gives_its_letters():
    one = b"From a@b.example Wed Mar 12 10:00:00 2025\n" + LETTER.replace(b"\r", b"") + b"\nErster Brief\n>From hier an\n\n"
    two = b"From c@d.example Thu Mar 13 10:00:00 2025\nSubject: Zwei\n\nZweiter Brief\n"
    found = read_bytes(one + two, "post.mbox")
    assert [(d.title, d.text, d.address) for d in found] == [
        ("Grüße", "Erster Brief\nFrom hier an", "post.mbox#1@stadt.example"),
        ("Zwei", "Zweiter Brief", "post.mbox#2"),
    ]
    changed = read_bytes(one + two.replace(b"Zweiter", b"Anderer"), "post.mbox")
    assert [a.sha256 == b.sha256 for a, b in zip(found, changed, strict=True)] == [True, False]


RSS = f"""<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel><title>Stadt Mülheim</title><language>de</language>
<item><title>Park &amp;amp; Ride</title><link>https://stadt.example/1</link><pubDate>Wed, 12 Mar 2025 23:30:00 +0100</pubDate>
<description>&lt;p&gt;{SENTENCE}&lt;/p&gt;&lt;ul&gt;&lt;li&gt;Eins&lt;/li&gt;&lt;/ul&gt;</description></item>
<item><title>Ohne Adresse</title><guid>tag 7</guid><description>Nur ein Text.</description></item><item></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Verein</title><entry><title>Neu</title><link href="https://verein.example/a"/>
<updated>2025-03-12T08:00:00Z</updated><content type="html">&lt;p&gt;{SENTENCE}&lt;/p&gt;</content></entry></feed>"""


def test_a_feed_gives_its_entries():
    found = read_bytes(RSS.encode("latin-1"), "neues.xml")
    assert [(d.title, d.address, d.date, d.site) for d in found] == [
        ("Park & Ride", "https://stadt.example/1", "2025-03-12", "Stadt Mülheim"),
        ("Ohne Adresse", "neues.xml#tag%207", "", "Stadt Mülheim"),
    ]
    assert found[0].text == f"Park & Ride\n\n{SENTENCE}\n\n- Eins"
    (atom,) = read_bytes(ATOM.encode(), "a.atom")
    assert (atom.title, atom.address, atom.date, atom.text) == ("Neu", "https://verein.example/a", "2025-03-12", f"Neu\n\n{SENTENCE}")


@pytest.mark.parametrize(("data", "name"), [(RSS.encode("latin-1"), "a.xml"), ((b"From a@b Wed Mar 12 10:00:00 2025\nSubject: x\n\nText\n\n" * 3), "a.mbox")])
def test_too_many_entries(data, name):
    assert problem(data, name, Limits(documents=1)).code == "too_large"


# --- PDF ------------------------------------------------------------------------------------------------------------------------------------

PARAGRAPHS = [
    "Die Hochschule Musterstadt und die Kessler Stahlbau GmbH haben am Mittwoch ein gemeinsames Labor eröffnet, in dem Wärmespeicher erprobt werden.",
    "Das Labor steht auf dem Gelände der früheren Zeche Osterfeld; die Stadt Oberhausen hat das Gebäude hergerichtet und vermietet es an die Hochschule.",
    "Gefördert wird das Vorhaben vom Land Nordrhein-Westfalen mit 2,4 Millionen Euro. Weitere Mittel kommen von der Energieversorgung Musterstadt.",
    "Beteiligt sind Fachleute für Umwelt-, Sicherheits- und Energietechnik sowie das Institut für Wärmetechnik Ruhr, das die Messungen auswertet.",
    "Im nächsten Jahr soll eine zweite Halle folgen, über deren Bau noch verhandelt wird. Eine Arbeit mit der Industrie- und Handelskammer ist geplant.",
] * 6
STYLES = [
    Style(),
    Style(hyphenate=True, justify=True, head="Jahresbericht 2024", foot="Verein zur Probe e. V.", number="Seite {}"),
    Style(columns=2, hyphenate=True, justify=True, head="Rundbrief 3", title="Neues aus dem Netzwerk"),
    Style(columns=2, hyphenate=True, justify=True, across=True, head="Rundbrief 3"),
    Style(columns=3, hyphenate=True, justify=True, gutter=14),
    Style(hyphenate=True, justify=True, indent=12, space=0),
]


@pytest.mark.parametrize("style", STYLES)
def test_paragraphs_are_read_as_they_were_before_typesetting(style):
    found = read(typeset(PARAGRAPHS, style), "a.pdf")
    lines = [line for line in found.text.split("\n") if line]
    assert lines == ([style.title] if style.title else []) + PARAGRAPHS
    assert found.media == "application/pdf"
    assert found.title == style.title


def test_the_page_of_each_character_is_known():
    marked = [f"{t} Marke{n}." for n, t in enumerate(PARAGRAPHS)]
    one = typeset(marked, Style(columns=2, hyphenate=False, head="Kopf der Seite"))
    found = read(one, "a.pdf")
    assert len(found.pages) >= 2
    pages = [found.page(found.text.index(f"Marke{n}.")) for n in range(len(marked))]
    assert pages[0] == 1
    assert pages[-1] == len(found.pages)
    assert pages == sorted(pages)
    assert found.origin(0).page == 1
    assert read(SENTENCE).page(0) is None


def drawn(*rows: tuple[float, float, str], size: float = 10, title: str = "", pages: int = 1) -> bytes:
    """A PDF with texts at places."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    if title:
        canvas.setTitle(title)
    for _ in range(pages):
        canvas.setFont("Helvetica", size)
        for x, y, text in rows:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_the_rows_of_a_table_are_not_read_as_columns():
    cells = [("Partner", "Ort"), ("Institut Ruhr", "Oberhausen"), ("Kessler GmbH", "Essen"), ("Stadt", "Moers"), ("Verein für Technik", "Wesel")]
    rows = [(x, 700 - 14 * n, text) for n, row in enumerate(cells) for x, text in zip((60, 300), row, strict=True)]
    assert read(drawn(*rows), "a.pdf").text == "\n".join(f"{a} | {b}" for a, b in cells)


def test_what_stands_below_a_table_is_no_part_of_it():
    cells = [("Partner", "Ort"), ("Institut Ruhr", "Oberhausen"), ("Kessler GmbH", "Essen"), ("Stadt", "Moers")]
    rows = [(x, 700 - 14 * n, text) for n, row in enumerate(cells) for x, text in zip((60, 300), row, strict=True)]
    narrow = [
        "Die Hochschule und die Stadt eröffnen",
        "ein gemeinsames Labor, in dem neue Wär-",
        "mespeicher erprobt werden; das Vorhaben",
        "verbindet Umwelt- und Energietechnik",
    ]
    text = read(drawn(*rows, *((60, 600 - 12 * n, line) for n, line in enumerate([*narrow, *narrow]))), "a.pdf").text
    assert text.split("\n\n")[0] == "\n".join(f"{a} | {b}" for a, b in cells)
    assert "in dem neue Wärmespeicher erprobt werden; das Vorhaben verbindet Umwelt- und Energietechnik" in text


def test_lists_stay_lists():
    rows = [(60, 700, "Beteiligt sind an dem Vorhaben:"), (70, 686, "- die Stadt Oberhausen"), (70, 672, "- das Institut Ruhr"), (70, 658, "1. Verein")]
    assert read(drawn(*rows), "a.pdf").text == "Beteiligt sind an dem Vorhaben:\n- die Stadt Oberhausen\n- das Institut Ruhr\n1. Verein"


@pytest.mark.parametrize(
    ("said", "title"), [("Jahresbericht 2024", "Jahresbericht 2024"), ("Microsoft Word - entwurf3.docx", ""), ("untitled", ""), ("x.indd", "")]
)
def test_the_title_that_a_pdf_says(said, title):
    assert read(drawn((60, 700, SENTENCE), title=said), "a.pdf").title == title


def test_a_pdf_of_pictures_only_says_so():
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    from PIL import Image

    canvas.drawInlineImage(Image.new("L", (40, 40), 128), 0, 0, 500, 700)
    canvas.showPage()
    canvas.save()
    found = problem(out.getvalue(), "scan.pdf")
    assert found.code == "pictures"
    assert "OCR" in found.de


def test_an_encrypted_pdf_says_so():
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("geheim", "meister", canPrint=0))
    canvas.drawString(60, 700, SENTENCE)
    canvas.save()
    assert problem(out.getvalue(), "a.pdf").code == "encrypted"
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("", "meister", canPrint=0))
    canvas.drawString(60, 700, SENTENCE)
    canvas.save()
    assert read(out.getvalue(), "a.pdf").text == SENTENCE  # every viewer opens it without asking


def test_an_empty_pdf_is_empty():
    assert problem(drawn(), "a.pdf").code == "empty"


# --- the process that may die ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def worker() -> Worker:
    worker = Worker()
    yield worker
    worker.close()


HTML = f"<html><body><p>{SENTENCE}</p></body></html>".encode()


def texts(worker: Worker, limits: Limits = LIMITS) -> list[str]:
    return [r.text for r in worker.parse("html", HTML, "a.html", "", limits)]


def pid(worker: Worker) -> int:
    assert worker.process_id is not None
    return worker.process_id


def test_one_process_is_used_again(worker):
    assert worker.process_id is None
    assert texts(worker) == [SENTENCE]
    first = pid(worker)
    assert texts(worker) == [SENTENCE]
    assert pid(worker) == first


def test_a_killed_process_costs_nothing_that_comes_later(worker):
    texts(worker)
    os.kill(pid(worker), signal.SIGKILL)
    next_one = tried(texts, worker)  # the signal may arrive while it is under way
    assert next_one == [SENTENCE] or next_one.code == "crash"
    assert texts(worker) == [SENTENCE]


def test_an_exception_nobody_expected_costs_one_document(worker):
    with pytest.raises(ReadProblem) as e:
        worker.parse("html", HTML.decode().encode("latin-1"), "a.html", 5, LIMITS)  # type: ignore[arg-type]
    assert e.value.code == "crash"
    assert "AttributeError" in e.value.detail
    assert texts(worker) == [SENTENCE]


def test_a_parser_that_takes_too_long_costs_one_document(worker):
    texts(worker)
    with pytest.raises(ReadProblem) as e:
        worker.parse("html", HTML * 3000, "a.html", "", Limits(seconds=0.01))
    assert e.value.code == "timeout"
    assert texts(worker) == [SENTENCE]


def test_a_parser_that_needs_too_much_memory_costs_one_document(worker):
    few = Limits(memory=400 << 20)
    assert texts(worker, few) == [SENTENCE]
    with pytest.raises(ReadProblem) as e:
        worker.parse("docx", docx(p("x") * 1_000_000), "a.docx", "", Limits(memory=few.memory, ratio=10**6, unpacked=1 << 30))
    assert e.value.code in ("memory", "crash", "damaged")
    assert texts(worker, few) == [SENTENCE]


def test_the_process_has_none_of_our_secrets(monkeypatch, worker):
    monkeypatch.setenv("NEO4J_PASSWORD", "geheim")
    texts(worker)
    assert b"geheim" not in Path(f"/proc/{pid(worker)}/environ").read_bytes()


def test_the_worker_ends_with_us(worker):
    texts(worker)
    process = pid(worker)
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    gc.collect()  # nothing is left that would warn


# --- fuzzing --------------------------------------------------------------------------------------------------------------------------------

SEEDS = {
    "html": PAGE.encode(),
    "pdf": typeset(PARAGRAPHS[:3], Style(columns=2, head="Kopf")),
    "docx": docx(p("Neues Labor", "berschrift1") + p(SENTENCE)),
    "odt": odt(f"<text:h>Neues</text:h><text:p>{SENTENCE}</text:p>"),
    "mail": LETTER + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + SENTENCE.encode(),
    "mbox": b"From a@b Wed Mar 12 10:00:00 2025\nSubject: x\n\nText\n\n" * 2,
    "feed": RSS.encode("latin-1"),
    "sitemap": b"<urlset><url><loc>https://a.example/</loc></url></urlset>",
}


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file with some bytes changed, cut out, doubled or put in."""
    kind = draw(st.sampled_from(sorted(SEEDS)))
    data = bytearray(SEEDS[kind])
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        end = min(at + draw(st.integers(0, 40)), len(data))
        match draw(st.integers(0, 3)):
            case 0:
                data[at:end] = draw(st.binary(max_size=20))
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end] * 3
            case _:
                del data[at:]
    return kind, bytes(data)


@given(damaged())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_damaged_file_is_read_or_a_problem(case):
    kind, data = case
    raws = tried(child.parse, kind, data, "a", "", Limits())
    for raw in raws if isinstance(raws, list) else ():
        text, way = rewrite(raw.text, raw.edits)
        text, last = normalise(text)
        assert last.after(way).back(len(text)) == len(raw.text)
        assert list(raw.pages) == sorted(raw.pages)
        assert all(0 <= q <= len(raw.text) for q in raw.pages)


@given(
    st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode), damaged().map(lambda c: c[1])),
    st.sampled_from(["a", *(f"a{e}" for e in ENDINGS)]),
    st.sampled_from(["", "text/html", "text/plain; charset=utf-16"]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_bytes_are_documents_or_a_problem(data, name, media):
    documents = tried(read_bytes, data, name, media)
    if isinstance(documents, ReadProblem):
        assert documents.code != "crash", documents
        return
    assert documents
    for document in documents:
        check_way(document)
        assert document.text
        assert document.address.startswith(("a", "http"))
    assert the_worker().process_id != os.getpid()


def test_the_marks_of_headings_in_markdown_are_no_text() -> None:
    (document,) = read_bytes("# Titel der Seite\n\nEin Satz über Oberhausen.\n\n## Partner\n- Musterwerk GmbH\n#Hashtag\n".encode(), "seite.md")
    assert document.title == "Titel der Seite"
    assert document.text == "Titel der Seite\n\nEin Satz über Oberhausen.\n\nPartner\n- Musterwerk GmbH\n#Hashtag"
    assert document.origin(document.text.index("Partner")).offset == "# Titel der Seite\n\nEin Satz über Oberhausen.\n\n## Partner".index("Partner")
