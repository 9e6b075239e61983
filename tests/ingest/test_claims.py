"""Claims files: the same input gives the same bytes, whatever the order and however small the runs."""

import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Entity, Evidence, Kind, Label, Link, Status
from ingest import claims
from ingest.base import Context, Release, SourceMeta

META = SourceMeta("test", *["x"] * 11)

ids = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
props = st.dictionaries(st.sampled_from(["name", "city", "country"]), st.text(st.characters(exclude_categories=("Cs",)), max_size=20), max_size=3)
evidences = st.builds(Evidence, ids, st.text(max_size=5), st.text(st.characters(exclude_categories=("Cs",)), max_size=20))
entities = st.builds(Entity, ids, st.just(Label.ORGANIZATION), props, st.tuples(ids), st.sampled_from([None, *Kind]))
links = st.builds(Link, ids, st.just("PART_OF"), ids, st.tuples(ids), status=st.sampled_from([None, *Status]))


def context():
    return Context(META, Release("r", "2026-01-01", "r"))


def write(tmp_path, found, name="a"):
    out = tmp_path / f"{name}.jsonl.gz"
    header = claims.write_set(context(), found, out, [{"name": "f", "bytes": 1, "sha256": "0"}], "reader")
    return header, out


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(evidences, entities, links), max_size=30), st.integers(0, 9))
def test_order_and_run_size_do_not_matter(tmp_path_factory, found, seed):
    tmp = tmp_path_factory.mktemp("claims")
    _, a = write(tmp, found, "a")
    before = claims.RUN_BYTES
    try:
        claims.RUN_BYTES = 200
        _, b = write(tmp, random.Random(seed).sample(found, len(found)), "b")
    finally:
        claims.RUN_BYTES = before
    assert a.read_bytes() == b.read_bytes()
    lines = list(claims.read_lines(a))
    assert lines == sorted(lines, key=lambda x: claims.orjson.dumps(x))
    assert not list(tmp.glob(".run-*"))


def test_one_id_with_two_contents_is_an_issue_and_the_first_stands(tmp_path):
    header, out = write(tmp_path, [Evidence("e", "f:3", "b"), Evidence("e", "f:2", "a")])
    assert [(i["code"], i["count"]) for i in header.issues] == [("duplicate_row", 1)]
    assert [x[2] for x in claims.read_lines(out)] == ["f:2"]


def test_header_comes_back(tmp_path):
    header, out = write(tmp_path, [Entity("o", Label.ORGANIZATION, {"name": "Ä"}, ("e",), Kind.COMPANY), Evidence("e", "f:2", "q")])
    assert claims.read_header(out) == header
    assert header.counts == {"organizations": 1, "evidence": 1}
    assert claims.entity(next(claims.read_lines(out))).kind == Kind.COMPANY


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"no json\n"), gzip.compress(b'{"format":1}')[:-9], gzip.compress(b'{"format":99}\n')],
    ids=["empty", "not gzip", "not json", "cut", "other format"],
)
def test_a_damaged_file_says_which_and_what_to_do(tmp_path, content):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(claims.ClaimsError) as e:
        claims.read_header(path)
    assert str(path) in e.value.de
    assert str(path) in e.value.en
    assert "neu einlesen" in e.value.de


def test_a_failing_crawl_leaves_what_was_there(tmp_path):
    _, out = write(tmp_path, [Evidence("e", "f:2", "a")])
    before = out.read_bytes()

    def broken():
        yield Evidence("x", "f:1", "")
        raise claims.ClaimsError("kaputt", "broken")

    with pytest.raises(claims.ClaimsError):
        write(tmp_path, broken())
    assert out.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl.gz"]
