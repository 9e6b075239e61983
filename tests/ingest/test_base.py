"""The readers every source shares: limits, packings, encodings, tables, JSON, and the readings of numbers, dates, countries."""

from __future__ import annotations

import bz2
import contextlib
import csv
import gzip
import io
import json
import os
import random
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.base import (
    EXAMPLES_KEPT,
    ISSUES,
    Context,
    FileError,
    Issues,
    Limits,
    Member,
    Record,
    Release,
    Row,
    SourceMeta,
    coordinates,
    country,
    date,
    land,
    number,
    one_line,
    read_release,
    slug,
    web_address,
)

META = SourceMeta("x", "X", "X", "P", "https://x.example/", "CC0", "https://x.example/l", "P", "Dies", "This", "keine", "none")
FUZZ = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def context(**limits: int) -> Context:
    return Context(META, Release("r", "2026-11-01", "r"), Limits(**limits))


def member(ctx: Context, path: Path) -> Member:
    [found] = ctx.members(path)
    return found


def rows(ctx: Context, path: Path, read: Sequence[str] = ("id", "name"), **more) -> list[tuple[int, str, str]]:
    return [(r.number, r.get("id"), r.get("name")) for r in ctx.table(member(ctx, path), read=read, **more)]


def issues(ctx: Context) -> dict[tuple[str, str], list[str]]:
    return {(c.code, c.detail): [e.locator for e in c.examples] for c in ctx.issues.counts()}


def zipped(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as z:
        for name, data in members.items():
            z.writestr(name, data)
    return path


# --- packings --------------------------------------------------------------------------------------------------------

TABLE = b"id;name\n1;Eins\n2;Zwei\n"


def write_plain(folder: Path, data: bytes) -> Path:
    (folder / "t.csv").write_bytes(data)
    return folder / "t.csv"


def write_gz(folder: Path, data: bytes) -> Path:
    (folder / "t.csv.gz").write_bytes(gzip.compress(data, mtime=0))
    return folder / "t.csv.gz"


def write_bz2(folder: Path, data: bytes) -> Path:
    (folder / "t.csv.bz2").write_bytes(bz2.compress(data))
    return folder / "t.csv.bz2"


def write_zip(folder: Path, data: bytes) -> Path:
    return zipped(folder / "t.zip", {"t.csv": data})


PACKED = pytest.mark.parametrize("write", [write_plain, write_gz, write_bz2, write_zip])
Write = Callable[[Path, bytes], Path]


@PACKED
def test_packings_read_alike(write: Write, tmp_path: Path) -> None:
    ctx = context()
    path = write(tmp_path, TABLE)
    assert member(ctx, path).name == "t.csv"
    assert rows(ctx, path) == [(2, "1", "Eins"), (3, "2", "Zwei")]
    assert not len(ctx.issues)


@pytest.mark.parametrize("write", [write_gz, write_bz2, write_zip])
@pytest.mark.parametrize("cut", [1, 3, 20])
def test_cut_archives_are_file_errors(write: Write, cut: int, tmp_path: Path) -> None:
    data = TABLE + b"".join(f"{i};{random.Random(i).random()}\n".encode() for i in range(3000))
    path = write(tmp_path, data)
    path.write_bytes(path.read_bytes()[: -len(path.read_bytes()) * cut // 40 or None])
    with pytest.raises(FileError, match=r"t\.(csv|zip)"):
        rows(context(), path)


def test_damaged_inside_of_a_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "t.zip", {"t.csv": TABLE * 200}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(FileError, match="damaged or incomplete"):
        rows(context(), path)


def test_encrypted_zip_member(tmp_path: Path) -> None:
    path = zipped(tmp_path / "t.zip", {"t.csv": TABLE})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(FileError, match="cannot be unpacked"):
        rows(context(), path)


@pytest.mark.parametrize("write", [write_gz, write_bz2, write_zip])
def test_a_bomb_stops_at_the_ratio(write: Write, tmp_path: Path) -> None:
    path = write(tmp_path, b"id;name\n" + (b"1;" + b"0" * (1 << 20) + b"\n") * 70)
    with pytest.raises(FileError, match="INNONET_MAX_RATIO"):
        rows(context(), path)


@PACKED
def test_a_file_over_the_limit_stops(write: Write, tmp_path: Path) -> None:
    path = write(tmp_path, b"id;name\n" + b"1;x\n" * 100_000)
    with pytest.raises(FileError, match="INNONET_MAX_FILE_BYTES"):
        rows(context(file_bytes=200_000), path)


def test_small_files_may_compress_well(tmp_path: Path) -> None:
    assert len(rows(context(ratio=2), write_gz(tmp_path, b"id;name\n" + b"1;x\n" * 10_000))) == 10_000


def test_a_huge_line_is_never_held(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as f:
        f.write(b"id;name\n1;")
        for _ in range(200):
            f.write(b"\xc3\xa4" * (1 << 19))  # 200 MB in one line
    tracemalloc.start()
    with pytest.raises(FileError, match=r"t\.csv:2: a line of more than 1048576 bytes \(INNONET_MAX_LINE_BYTES\)"):
        rows(context(line_bytes=1 << 20), path)
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_members_of_folders_and_archives(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv.gz", ".hidden.csv"):
        (tmp_path / name).write_bytes(gzip.compress(TABLE, mtime=0) if name.endswith("gz") else TABLE)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "c.csv").write_bytes(TABLE)
    zipped(tmp_path / "z.zip", {"csv/d.csv": TABLE, "__MACOSX/csv/._d.csv": b"x", "csv/.DS_Store": b"x"})
    assert [m.name for m in context().members(tmp_path)] == ["a.csv", "b.csv", "csv/d.csv"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive at all"])
def test_no_zip(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.zip").write_bytes(content)
    with pytest.raises(FileError, match="not a readable ZIP archive"):
        context().members(tmp_path)


def test_too_many_files_in_an_archive(tmp_path: Path) -> None:
    zipped(tmp_path / "t.zip", {f"{i}.csv": b"" for i in range(12)})
    with pytest.raises(FileError, match="INNONET_MAX_ARCHIVE_FILES"):
        context(archive_files=10).members(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="does not exist"):
        context().members(tmp_path / "nowhere")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_right_to_read(tmp_path: Path) -> None:
    path = write_plain(tmp_path, TABLE)
    path.chmod(0)
    with pytest.raises(FileError, match="cannot be read"):
        rows(context(), path)


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"id,name\n1,Eins\n", [(2, "1", "Eins")]),
        (b"id\tname\n1\tEins\n", [(2, "1", "Eins")]),
        (b"\xef\xbb\xbfid;name\r\n1;Eins\r\n", [(2, "1", "Eins")]),
        (b'"id";"name"\n"1";"Eins; ""A"",\nZwei"\n2;B\n', [(2, "1", 'Eins; "A",\nZwei'), (3, "2", "B")]),
        (b"id;name\n\n;\n1; Eins \n", [(4, "1", "Eins")]),  # empty rows count as a spreadsheet counts them
        (b"name;id\nEins;1", [(2, "1", "Eins")]),
        (b" id ;name\n1;Eins\n", [(2, "1", "Eins")]),
        (b"id;name", []),
        ("id;name\n1;Müller & Söhne €\n".encode(), [(2, "1", "Müller & Söhne €")]),
    ],
)
def test_tables(data: bytes, found: list[tuple[int, str, str]], tmp_path: Path) -> None:
    ctx = context()
    assert rows(ctx, write_plain(tmp_path, data)) == found
    assert not len(ctx.issues)


@pytest.mark.parametrize(
    ("data", "found", "seen"),
    [
        (b"id;name\n1;A\n2\n3;C;D\n4;D\n", [(2, "1", "A"), (5, "4", "D")], {("row_length", ""): ["t.csv:3", "t.csv:4"]}),
        (b"id;name\n1;A\n2;M\xfcller\n3;C\n", [(2, "1", "A"), (4, "3", "C")], {("encoding", ""): ["t.csv:3"]}),
        (b"id;name\n1;A\n2;M\x00\n3;C\n", [(2, "1", "A"), (4, "3", "C")], {("encoding", ""): ["t.csv:3"]}),
        (b"id;name;extra;\n1;A;x;\n", [(2, "1", "A")], {("unknown_column", "extra"): ["t.csv:1"]}),
        (b"id;name\n1;A\rB\n2;C\n", [(3, "2", "C")], {("row_length", ""): ["t.csv:2"]}),
    ],
)
def test_bad_rows_leave_the_good_ones(data: bytes, found: list[tuple[int, str, str]], seen: dict[tuple[str, str], list[str]], tmp_path: Path) -> None:
    ctx = context()
    assert rows(ctx, write_plain(tmp_path, data)) == found
    assert issues(ctx) == seen


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "the file is empty"),
        ("id;name\n1;A\n".encode("utf-16"), "UTF-16, another encoding or a binary file"),
        ("id;name\n1;A\n".encode("utf-16-le"), "UTF-16, another encoding or a binary file"),
        ("Straße;Ö\n".encode("cp1252"), "UTF-16, another encoding or a binary file"),
        (b"PK\x03\x04\x14\x00\x06\x00", "UTF-16, another encoding or a binary file"),
        (b"id|name\n1|A\n", "the columns id are missing; found: id|name"),
        (b"x;name\n1;A\n", "the columns id are missing; found: x, name"),
        (b"id;na\rme\n1;A\n", "the header line cannot be read"),
    ],
)
def test_files_that_are_no_such_table(data: bytes, text: str, tmp_path: Path) -> None:
    with pytest.raises(FileError) as error:
        rows(context(), write_plain(tmp_path, data), required=("id",))
    assert text in error.value.en
    assert "t.csv" in error.value.de


def test_table_options(tmp_path: Path) -> None:
    ctx = context()
    path = write_plain(tmp_path, '="1";="Müller";x\n'.encode("cp1252"))
    found = rows(ctx, path, header=("id", "name", "rest"), unread=("rest",), encoding="cp1252", clean=lambda line: line.replace('="', '"'))
    assert found == [(1, "1", "Müller")]
    assert not len(ctx.issues)


def test_columns_of_a_table(tmp_path: Path) -> None:
    ctx = context()
    assert ctx.columns(member(ctx, write_plain(tmp_path, TABLE))) == ["id", "name"]
    assert ctx.columns(member(ctx, write_plain(tmp_path, b""))) == []


def test_a_row(tmp_path: Path) -> None:
    row = Row("t.csv", 7, {"a": 0, "b": 2, "c": 1}, [" x ", "", "y"])
    assert (row.get("a"), row.get("b"), row.get("c"), row.get("z")) == ("x", "y", "", "")
    assert row.locator == "t.csv:7"
    assert row.quote() == '{"a":" x ","b":"y"}'
    assert row.columns("b", "z", "a") == ["b", "a"]
    assert row.raw(["b", "a"]) == ["y", " x "]


def test_issues_keep_a_few_examples_and_no_raw_rows(tmp_path: Path) -> None:
    ctx = context()
    rows(ctx, write_plain(tmp_path, b"id;name\n" + b"9;Erika;Mustermann\n" * 20 + b"8;Erika M\xfcstermann\n"))
    [encoding, length] = ctx.issues.counts()
    assert (length.count, len(length.examples)) == (20, EXAMPLES_KEPT)
    assert "Erika" not in repr((encoding, length))
    assert length.examples[0].value == "3 ≠ 2"
    assert encoding.examples[0].value == "0xfc, utf-8"


def test_issue_codes_are_closed() -> None:
    with pytest.raises(ValueError, match="unknown issue code"):
        Issues().add("surprise", "here")
    assert all(de and en for de, en in ISSUES.values())


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_json_lines(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(b'{"a": 1}\n\n[1]\n{"a": \n{"a": "M\xfc"}\n{"a": NaN}\n{"a": 2}\n')
    ctx = context()
    assert list(ctx.json_lines(member(ctx, tmp_path))) == [("t.jsonl:1", {"a": 1}), ("t.jsonl:7", {"a": 2})]
    assert issues(ctx) == {("bad_json", ""): ["t.jsonl:3", "t.jsonl:4", "t.jsonl:6"], ("encoding", ""): ["t.jsonl:5"]}


@pytest.mark.parametrize("data", [b"", b"id;name\n", b"[1, 2]\n", b"[\n", "{}".encode("utf-16")])
def test_no_json_lines(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(data)
    ctx = context()
    with pytest.raises(FileError, match=r"t\.jsonl"):
        list(ctx.json_lines(member(ctx, tmp_path)))


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("[]", []),
        (" [ ] \n", []),
        ('[{"a": "ä]}"}, {"b": [1, {"c": "\\u00e4"}]}]', [{"a": "ä]}"}, {"b": [1, {"c": "ä"}]}]),
        ('\ufeff[\n  {"a": 1}\n]', [{"a": 1}]),
        ('[1, "x", null, {"a": 1}]', [{"a": 1}]),
        ('[{"a": NaN}, {"a": "\\ud800"}, {"a": 1}]', [{"a": 1}]),
    ],
)
def test_json_arrays(text: str, items: list[dict[str, object]], tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(text, encoding="utf-8")
    ctx = context()
    assert [d for _, d in ctx.json_array(member(ctx, tmp_path))] == items
    assert len(ctx.issues) == text.count("NaN") + text.count("ud800") + 3 * text.count("null")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[",
        b"[1",
        b"[1,",
        b"[1 2]",
        b"[,]",
        b"[1,]",
        b"{",
        b"nothing",
        b"\xff\xfe[",
        "[]".encode("utf-16"),
        b'["a',
        b"[" * 100_000,
        b"[1,[" * 50_000,
    ],
)
def test_no_json_array(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_bytes(data)
    ctx = context()
    with pytest.raises(FileError, match="not a readable JSON array"):
        list(ctx.json_array(member(ctx, tmp_path)))


def test_a_large_json_array_streams(tmp_path: Path) -> None:
    text = json.dumps([{"n": i, "text": "ä" * 900} for i in range(20_000)], ensure_ascii=False)
    (tmp_path / "t.json").write_text(text, encoding="utf-8")
    del text
    ctx = context()
    tracemalloc.start()
    assert sum(d["n"] for _, d in ctx.json_array(member(ctx, tmp_path))) == sum(range(20_000))
    assert tracemalloc.get_traced_memory()[1] < 8 << 20  # the file has 36 MB
    tracemalloc.stop()


def test_one_item_over_the_limit_stops(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('["' + "x" * 3_000_000, encoding="utf-8")
    ctx = context(line_bytes=1 << 20)
    with pytest.raises(FileError, match="not a readable JSON array"):
        list(ctx.json_array(member(ctx, tmp_path)))


@FUZZ
@given(
    items=st.lists(
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.integers(-5, 5) | st.text(st.characters(exclude_categories=["Cs"]))),
        max_size=20,
    ),
    indent=st.integers(0, 3),
)
def test_json_arrays_read_what_was_written(items: list[dict[str, object]], indent: int, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps(items, indent=indent or None, ensure_ascii=bool(indent % 2)), encoding="utf-8")
    ctx = context()
    assert [d for _, d in ctx.json_array(member(ctx, tmp_path))] == items


def test_a_record_audits_its_keys_and_types() -> None:
    ctx = context()
    data = {"a": " x\ny ", "n": 3, "f": 1.5, "l": ["p", "", " q "], "o": {"i": 1, "new": 2}, "os": [{"i": "z"}, 7], "odd": 1, "flag": True, "text": []}
    r = Record(ctx, "t:1", data, ("a", "n", "f", "l", "o", "os", "flag", "text"), ("left",))
    assert (r.text("a"), r.text("n"), r.text("gone"), r.text("text"), r.text("flag")) == ("x y", "3", "", "", "")
    assert (r.number("f"), r.number("n"), r.number("gone"), r.number("a"), r.number("flag")) == (1.5, 3.0, None, None, None)
    assert (r.texts("l"), r.texts("a"), r.texts("gone"), r.texts("n")) == (["p", "q"], ["x y"], [], [])
    assert r.object("o", ("i",)).text("i") == "1"
    assert not r.object("n", ("i",))
    assert [i.text("i") for i in r.objects("os", ("i",))] == ["z"]
    assert r.objects("a", ()) == []
    counts = {(c.code, c.detail): c.count for c in ctx.issues.counts()}
    assert counts == {
        ("unknown_column", "odd"): 1,
        ("unknown_column", "o.new"): 1,
        ("bad_value", "text"): 1,
        ("bad_value", "flag"): 2,
        ("bad_value", "a"): 2,
        ("bad_value", "n"): 2,
        ("bad_value", "os"): 1,
    }


# --- release ---------------------------------------------------------------------------------------------------------


def test_release_from_its_file_options_and_date(tmp_path: Path) -> None:
    table = write_plain(tmp_path, TABLE)
    os.utime(table, (1_700_000_000, 1_700_000_000))
    assert read_release(table) == Release("2023-11-14", "2023-11-14", "2023-11-14", {})
    (tmp_path / "release.json").write_text('{"release": "H2020, Nov 2022", "retrieved": "2022-11", "project_id": "rcn"}', encoding="utf-8")
    assert read_release(table) == Release("H2020, Nov 2022", "2022-11", "h2020-nov-2022", {"project_id": "rcn"})
    assert read_release(tmp_path, name="n", retrieved="2024-01-02", dataset="My Set").dataset == "my-set"


@pytest.mark.parametrize("text", ["{", "[]", '{"retrieved": "yesterday"}', "\x00"])
def test_bad_release_files(text: str, tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=r"release\.json"):
        read_release(tmp_path)


def test_release_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "release.json").write_bytes('{"release": "ä"}'.encode("cp1252"))
    with pytest.raises(FileError, match=r"release\.json"):
        read_release(tmp_path)


# --- readings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("412463.94", 412463.94),
        ("412463,94", 412463.94),
        ("8.499.240,00", 8499240.0),
        ("8.499.240", 8499240.0),
        ("79.200,5", 79200.5),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567.0),
        ("1.234", 1.234),
        ("1,234", 1.234),
        (" 1 234,50 € ", 1234.5),
        ("1\u202f234,50", 1234.5),
        ("1\xa0234,50", 1234.5),
        ("-5", -5.0),
        ("-0,5", -0.5),
        ("0", 0.0),
        ("007", 7.0),
        ("", None),
        ("-", None),
        ("1,2,3", None),
        ("1.23.456", None),
        ("1.234,5,6", None),
        ("1e5", None),
        ("NaN", None),
        ("inf", None),
        ("١٢٣", None),
        ("12 Euro", None),
        ("9" * 400, None),
    ],
)
def test_numbers(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2021-05-01", "2021-05-01"),
        ("2021-05-01 10:00:00", "2021-05-01"),
        ("2021-05-01T10:00:00Z", "2021-05-01"),
        ("01.05.2021", "2021-05-01"),
        ("1.5.2021", "2021-05-01"),
        ("2021", "2021"),
        ("2021-02-30", None),
        ("31.04.2021", None),
        ("2021-5-1", None),
        ("20210501", None),
        ("2021-05-01-02", None),
        ("2021-W01-1", None),
        ("soon", None),
        ("", None),
    ],
)
def test_dates(text: str, value: str | None) -> None:
    assert date(text) == value


@pytest.mark.parametrize(
    ("code", "iso"), [("DE", "DE"), ("EL", "GR"), ("UK", "GB"), ("NA", "NA"), (" de ", "DE"), ("XK", "XK"), ("ZZ", None), ("", None), ("Germany", None)]
)
def test_countries(code: str, iso: str | None) -> None:
    assert country(code) == iso


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("NW", "Nordrhein-Westfalen"),
        ("DE-NW", "Nordrhein-Westfalen"),
        ("North Rhine-Westphalia", "Nordrhein-Westfalen"),
        ("Nordrhein-Westfalen", "Nordrhein-Westfalen"),
        ("bavaria", "Bayern"),
        ("Baden-Wurttemberg", "Baden-Württemberg"),
        ("Mecklenburg-Western Pomerania", "Mecklenburg-Vorpommern"),
        ("Tyrol", None),
        ("", None),
    ],
)
def test_laender(text: str, name: str | None) -> None:
    assert land(text) == name


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://www.au.dk", "http://www.au.dk"),
        ("https://x.example/a?b=c#d", "https://x.example/a?b=c#d"),
        ("www.uth.gr", "http://www.uth.gr"),
        ("WWW.X.DE/a", "http://WWW.X.DE/a"),
        ("http://a.example; www.b.example", None),
        ("www.a.example & www.b.example", None),
        ("javascript:alert(1)", None),
        ("ftp://x.example", None),
        ("http://user:pw@x.example/", None),
        ('http://x.example/"><script>', None),
        ("n/a", None),
        ("none", None),
        ("", None),
    ],
)
def test_web_addresses(text: str, address: str | None) -> None:
    assert web_address(text) == address


@pytest.mark.parametrize(
    ("lat", "lon", "place"),
    [
        ("51.47805", "6.8625", (51.47805, 6.8625)),
        (51.5, -6, (51.5, -6.0)),
        ("90.1", "0", None),
        ("1", "181", None),
        (0, 0, None),
        (None, 1.0, None),
        ("", "", None),
        ("x", "1", None),
        ("nan", "1", None),
        ("inf", "1", None),
    ],
)
def test_coordinates(lat: object, lon: object, place: tuple[float, float] | None) -> None:
    assert coordinates(lat, lon) == place  # type: ignore[arg-type]


def test_small_readings() -> None:
    assert one_line("a\n b\t\tc") == "a b c"
    assert one_line("a b") == "a b"
    assert slug("H2020, November 2022") == "h2020-november-2022"
    assert slug("…") == "x"


@FUZZ
@given(st.text(max_size=30))
def test_readings_take_any_text(text: str) -> None:
    value = number(text)
    assert value is None or value == value
    day = date(text)
    assert day is None or 4 <= len(day) <= 10
    for read in (country, land, web_address, one_line, slug):
        read(text)


@FUZZ
@given(data=st.binary(max_size=300), name=st.sampled_from(["t.csv", "t.csv.gz", "t.csv.bz2", "t.zip", "t.jsonl", "t.json", "t.json.gz"]))
def test_any_bytes_are_read_or_refused(data: bytes, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    ctx = context()
    for read in (lambda m: list(ctx.table(m, read=("a",))), lambda m: list(ctx.json_lines(m)), lambda m: list(ctx.json_array(m)), ctx.columns):
        with contextlib.suppress(FileError):  # and nothing else
            for m in ctx.members(tmp_path / name):
                read(m)
    (tmp_path / name).unlink()


@FUZZ
@given(
    values=st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.text(max_size=10).filter(lambda t: t.isprintable())),
        max_size=20,
    ),
    delimiter=st.sampled_from([";", ",", "\t"]),
)
def test_tables_read_what_was_written(values: list[tuple[str, str]], delimiter: str, tmp_path: Path) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(("id", "name"))
    writer.writerows(values)
    (tmp_path / "t.csv").write_bytes(text.getvalue().encode())
    ctx = context()
    assert [(r.raw(["id"])[0], r.raw(["name"])[0]) for r in ctx.table(member(ctx, tmp_path), read=("id", "name"))] == [v for v in values if any(v)]
    assert not len(ctx.issues)
