"""Scores of pairs of records that may be one: a Fellegi-Sunter model, computed by splink on DuckDB.

Each comparison asks one question and answers with one of its levels; each level has a weight in bits (log2 of how much more often
it is seen between records of one organisation than between others); a pair's score is their sum.  Weights stand in weights.json,
made by training.py; the model is I. P. Fellegi and A. B. Sunter, A Theory for Record Linkage, JASA 64 (1969); splink's text on it:
https://moj-analytical-services.github.io/splink/topic_guides/theory/fellegi_sunter.html
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ingest.resolve.features import BITS, Features

if TYPE_CHECKING:
    import duckdb

WEIGHTS: Final = Path(__file__).with_name("weights.json")
LARGEST_BLOCK: Final = 200
"""Records that share a key only with more others than this are not compared for it: the key tells nothing."""


UNKNOWN: Final = "unknown"
"""The level of a comparison for which a record says nothing: it weighs nothing."""


@dataclass(frozen=True, slots=True)
class Level:
    """One answer to a comparison's question: its name and when it holds, as SQL over the records ``l`` and ``r``."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One question about a pair; the first level that holds is the answer, the last one holds always."""

    name: str
    levels: tuple[Level, ...]


_LISTED: Final = "starts_with(place_l, 'place:') and starts_with(place_r, 'place:')"
_SAME_PLACE: Final = f"place_l = place_r or (list_has_any(cities_l, cities_r) and not ({_LISTED}))"
"""Two places of the gazetteer are told apart by it, whatever their names: Frankfurt (Oder) and Frankfurt am Main."""
_ONE_NAME: Final = "list_has_any(keys_l, keys_r) or overlap(words_l, words_r) >= 0.999"
"""Records of one city meet whenever they share a word: there the place says less than between records of one name."""
_NO_PLACE: Final = "(place_l = '' or place_r = '')"
_CLOSE_KM: Final = 25.0
_NEAR: Final = f"kilometres(lat_l, lon_l, lat_r, lon_r) <= {_CLOSE_KM}"
_VERY_RARE: Final = "shared(words_l, words_r) >= 140"
_UNIVERSITY: Final = "kind_l = 'University' or kind_r = 'University'"

COMPARISONS: Final = (
    Comparison(
        "name",
        (
            Level("same_with_form", "list_has_any(full_l, full_r)"),
            Level("same", "list_has_any(keys_l, keys_r)"),
            Level("same_words", "overlap(words_l, words_r) >= 0.999"),
            Level("same_but_for_the_city", "list_has_any(local_l, keys_r) or list_has_any(keys_l, local_r) or list_has_any(local_l, local_r)"),
            Level("typing_error_in_a_long_name", "misspelled(letters_l, letters_r) <= 0.025"),
            Level("cut_off", "cut_off(uncut_l, letters_r) or cut_off(uncut_r, letters_l)"),
            Level("typing_error", "misspelled(letters_l, letters_r) <= 0.06"),
            Level("most_words", "overlap(words_l, words_r) >= 0.75"),
            Level("many_words", "overlap(words_l, words_r) >= 0.58"),
            Level("contained", "contained(words_l, words_r) >= 0.999"),
            Level("half_of_the_words", "overlap(words_l, words_r) >= 0.42"),
            Level("few_words", "overlap(words_l, words_r) >= 0.25"),
            Level("other", "true"),
        ),
    ),
    Comparison(
        "rarity",
        (
            Level("very_rare", _VERY_RARE),
            Level("rare", "shared(words_l, words_r) >= 95"),
            Level("distinct", "shared(words_l, words_r) >= 60"),
            Level("common", "shared(words_l, words_r) >= 35"),
            Level("very_common", "true"),
        ),
    ),
    Comparison(
        "acronym",
        (
            Level(UNKNOWN, "len(acronyms_l) = 0 or len(acronyms_r) = 0"),
            Level("same", "list_has_any(acronyms_l, acronyms_r)"),
            Level("in_name", "list_has_any(acronyms_l, tokens_r) or list_has_any(tokens_l, acronyms_r)"),
            Level("initials", "list_has_any(acronyms_l, initials_r) or list_has_any(initials_l, acronyms_r)"),
            Level("other", "true"),
        ),
    ),
    Comparison(
        "place",
        (
            Level("in_name", "(place_l = '' and list_has_any(tokens_l, cities_r)) or (place_r = '' and list_has_any(tokens_r, cities_l))"),
            Level("other_region_no_place", f"{_NO_PLACE} and region_l <> '' and region_r <> '' and region_l <> region_r"),
            Level("same_region_no_place", f"{_NO_PLACE} and region_l <> '' and region_l = region_r"),
            Level(UNKNOWN, _NO_PLACE),
            Level("same_for_one_name", f"({_SAME_PLACE}) and ({_ONE_NAME})"),
            Level("same", _SAME_PLACE),
            Level("near_for_one_name", f"{_NEAR} and ({_ONE_NAME})"),
            Level("near", _NEAR),
            Level("elsewhere_for_a_rare_name", f"({_ONE_NAME}) and {_VERY_RARE}"),
            Level("same_region", "region_l = region_r and region_l <> ''"),
            Level("other", "true"),
        ),
    ),
    Comparison(
        "country",
        (
            Level(UNKNOWN, "country_l = '' or country_r = ''"),
            Level("same", "country_l = country_r"),
            Level("other", "true"),
        ),
    ),
    Comparison(
        "website",
        (
            Level(UNKNOWN, "domain_l = '' or domain_r = ''"),
            Level("same", "domain_l = domain_r and domain_l <> ''"),
            Level("other", "true"),
        ),
    ),
    Comparison(
        "vat",
        (
            Level(UNKNOWN, "len(vat_l) = 0 or len(vat_r) = 0"),
            Level("same", "list_has_any(vat_l, vat_r)"),
            Level("other", "true"),
        ),
    ),
    Comparison(
        "form",
        (
            Level(UNKNOWN, "len(forms_l) = 0 or len(forms_r) = 0"),
            Level("same", "list_has_any(forms_l, forms_r)"),
            Level("other", "true"),
        ),
    ),
    Comparison(
        "kind",
        (
            Level(UNKNOWN, "kind_l = '' or kind_r = ''"),
            Level("same", "kind_l = kind_r and kind_l <> ''"),
            Level("research_or_university", "kind_l in ('ResearchInstitute', 'University') and kind_r in ('ResearchInstitute', 'University')"),
            Level("other", "true"),
        ),
    ),
    Comparison(
        "role",
        (
            Level(UNKNOWN, "len(roles_l) = 0 or len(roles_r) = 0 or place_l = '' or place_r = ''"),
            Level("same", f"list_has_any(roles_l, roles_r) and ({_SAME_PLACE})"),
            Level("other", "true"),
        ),
    ),
    Comparison(
        "unit",
        (
            Level(UNKNOWN, "len(units_l) = 0 or len(units_r) = 0"),
            Level("same", "overlap(units_l, units_r) >= 0.6"),
            Level("other", "true"),
        ),
    ),
    Comparison(
        "part",
        (
            Level("of_the_other", f"({_UNIVERSITY}) and (list_has_any(segments_l, keys_r) or list_has_any(segments_r, keys_l)) and not ({_ONE_NAME})"),
            Level("same", "len(marks_l) = len(marks_r) and list_has_all(marks_l, marks_r)"),
            Level("told_elsewhere", f"(list_has_all(all_marks_l, marks_r) and list_has_all(all_marks_r, marks_l)) or {_ONE_NAME}"),
            Level("one_more", "list_has_all(marks_l, marks_r) or list_has_all(marks_r, marks_l)"),
            Level("other", "true"),
        ),
    ),
    Comparison(
        "number",
        (
            Level("same", "len(numbers_l) = len(numbers_r) and list_has_all(numbers_l, numbers_r)"),
            Level("other", "true"),
        ),
    ),
)
"""The questions, in the order in which they are shown."""

_MASK: Final = (1 << BITS) - 1
_SUM: Final = f"lambda z: z & {_MASK}"
_WEIGHT: Final = f"list_sum(list_transform(list_intersect(x, y), {_SUM}))"
_X: Final = f"list_sum(list_transform(x, {_SUM}))"
_Y: Final = f"list_sum(list_transform(y, {_SUM}))"


def _best(expression: str) -> str:
    """The largest value of an expression over x, y of two lists of names."""
    return f"coalesce(list_max(list_transform(a, lambda x: list_max(list_transform(b, lambda y: {expression})))), 0)"


_ERRORS: Final = """case when least(length(x), length(y)) < 9 or abs(length(x) - length(y)) > 0.06 * length(x) + 1 then 1.0
    else (damerau_levenshtein(x, y) - 0.4) / greatest(length(x), length(y)) end"""
_CUT: Final = "x <> y and starts_with(y, x)"
"""Registers cut names, CORDIS at about a hundred letters."""
_LEAST_ERRORS: Final = f"list_min(list_transform(b, lambda y: {_ERRORS}))"

_MACROS: Final = (
    "create or replace macro shared(a, b) as " + _best(f"coalesce({_WEIGHT}, 0)"),
    "create or replace macro overlap(a, b) as " + _best(f"{_WEIGHT} / ({_X} + {_Y} - {_WEIGHT})"),
    "create or replace macro contained(a, b) as " + _best(f"{_WEIGHT} / least({_X}, {_Y})"),
    f"create or replace macro misspelled(a, b) as coalesce(list_min(list_transform(a, lambda x: {_LEAST_ERRORS})), 1.0)",
    f"create or replace macro cut_off(a, b) as coalesce(list_bool_or(list_transform(a, lambda x: list_bool_or(list_transform(b, lambda y: {_CUT})))), false)",
    "create or replace macro kilometres(a, b, c, d) as 111.2 * sqrt(power(a - c, 2) + power((b - d) * cos(radians(a)), 2))",
)
"""What the levels call; on another engine the same names are functions of that engine."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that was compared: score in bits and the level of each comparison, in the order of COMPARISONS."""

    a: str
    b: str
    score: float
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights in bits by comparison and level, the prior (bits) and the two thresholds (bits)."""

    prior: float
    same: float
    ask: float
    bits: Mapping[str, Mapping[str, float]]


@cache
def weights() -> Weights:
    """The trained weights that come with the program."""
    d = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return Weights(d["prior"], d["same"], d["ask"], d["bits"])


def _settings(w: Weights) -> dict[str, Any]:
    """The model in splink's form.  Only the ratio of m and u counts in a prediction."""
    comparisons = []
    for c in COMPARISONS:
        levels = []
        for level in c.levels:
            if level.name == UNKNOWN:
                levels.append({"sql_condition": level.sql, "label_for_charts": level.name, "is_null_level": True})
                continue
            bits = w.bits[c.name][level.name]
            u = 2.0 ** -max(bits, 0.0) / 2
            condition = "ELSE" if level.sql == "true" else level.sql
            levels.append({"sql_condition": condition, "label_for_charts": level.name, "m_probability": u * 2.0**bits, "u_probability": u})
        comparisons.append({"output_column_name": c.name, "comparison_levels": levels})
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "id",
        "probability_two_random_records_match": 2.0**w.prior / (1 + 2.0**w.prior),
        "blocking_rules_to_generate_predictions": [{"blocking_rule": "l.block = r.block", "arrays_to_explode": ["block"], "sql_dialect": "duckdb"}],
        "comparisons": comparisons,
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "additional_columns_to_retain": [],
    }


_COLUMNS: Final = {
    **dict.fromkeys(("id", "country", "region", "place", "kind", "domain", "digest"), "string"),
    **dict.fromkeys(("lat", "lon"), "double"),
    **dict.fromkeys(
        (
            "cities",
            "vat",
            "keys",
            "local",
            "letters",
            "uncut",
            "full",
            "forms",
            "tokens",
            "acronyms",
            "initials",
            "roles",
            "numbers",
            "marks",
            "all_marks",
            "segments",
            "blocks",
        ),
        "strings",
    ),
    **dict.fromkeys(("words", "units"), "codes"),
}
"""Columns of the table of records: the fields of Features."""

_MEET: Final = """
create table blocked as select id, unnest(blocks) as block from record;
create table met as
    with allowed as (
        select id, block from blocked where block in (select block from blocked group by block having count(*) between 2 and $largest)
    )
    select distinct l.id as a, r.id as b from allowed l join allowed r on l.block = r.block and l.id < r.id;
create table wanted as
    select m.a, m.b, l.digest as digest_a, r.digest as digest_b from met m join record l on m.a = l.id join record r on m.b = r.id;
create table todo as
    select row_number() over (order by a, b) as pair, w.*
    from wanted w anti join known k on w.a = k.a and w.b = k.b and w.digest_a = k.digest_a and w.digest_b = k.digest_b;
create table compared as
    with member as (select id, list(pair order by pair) as block from (select a as id, pair from todo union all select b, pair from todo) group by id)
    select r.* exclude (blocks, digest), m.block from record r join member m on r.id = m.id;
"""
"""Who meets whom, and which of these pairs were not compared before; splink's blocking then joins exactly those."""

_SCORED: Final = """
create table scored as
    select k.* from known k semi join wanted w on w.a = k.a and w.b = k.b and w.digest_a = k.digest_a and w.digest_b = k.digest_b
"""

_KNOWN: Final = "a VARCHAR, b VARCHAR, digest_a VARCHAR, digest_b VARCHAR, score DOUBLE, levels TINYINT[]"


def compare(records: Iterable[Features], least: float, memory: Path | None = None) -> list[Pair]:
    """All pairs of records that meet in a block and score at least ``least`` bits, best first.

    memory  folder that keeps the scores of all pairs that met, so that next time only new and changed records are compared; the
            answer is the same with it and without it
    """
    import duckdb

    connection = duckdb.connect(config={"threads": 2, "memory_limit": "700MB"})
    try:
        return _compare(connection, list(records), least, memory)
    finally:
        connection.close()


def _compare(connection: duckdb.DuckDBPyConnection, records: Sequence[Features], least: float, memory: Path | None) -> list[Pair]:
    import pyarrow as pa

    kinds = {"string": pa.string(), "double": pa.float64(), "strings": pa.list_(pa.string()), "codes": pa.list_(pa.list_(pa.int64()))}
    connection.register("record", pa.table({c: pa.array([getattr(r, c) for r in records], kinds[t]) for c, t in _COLUMNS.items()}))
    connection.execute(f"create table known ({_KNOWN})")
    path = memory / f"pairs-{_model_digest()}.parquet" if memory else None
    if path and path.exists():
        connection.execute("insert into known from read_parquet($path)", {"path": str(path)})
    connection.execute(_MEET.replace("$largest", str(LARGEST_BLOCK)))
    (todo,) = connection.execute("select count(*) from todo").fetchone() or (0,)
    if todo:
        _score(connection)
    connection.execute(_SCORED)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        connection.execute("copy (select * from scored order by a, b) to $path (format parquet)", {"path": str(half)})
        half.replace(path)
        for old in set(path.parent.glob("pairs-*.parquet")) - {path}:
            old.unlink()
    rows = connection.execute("select a, b, score, levels from scored where score >= $least order by score desc, a, b", {"least": least}).fetchall()
    return [Pair(a, b, score, tuple(map(_level, COMPARISONS, gammas))) for a, b, score, gammas in rows]


def _score(connection: duckdb.DuckDBPyConnection) -> None:
    """Let splink score the pairs of ``todo``; they join ``known``."""
    from splink import DuckDBAPI, Linker

    for macro in _MACROS:
        connection.execute(macro)
    linker = Linker(DuckDBAPI(connection=connection).register("compared"), _settings(weights()), log_level=logging.ERROR, validate_settings=False)
    found = linker.inference.predict()
    gammas = ", ".join(f"gamma_{c.name}" for c in COMPARISONS)
    connection.execute(
        f"""insert into known select t.a, t.b, t.digest_a, t.digest_b, round(p.match_weight, 3), [{gammas}]
        from {found.physical_name} p join todo t on t.a = least(p.id_l, p.id_r) and t.b = greatest(p.id_l, p.id_r)"""  # noqa: S608  names of ours
    )


@cache
def _model_digest() -> str:
    """Changes with the weights and with the code that compares."""
    h = hashlib.blake2b(digest_size=8)
    for path in (WEIGHTS, Path(__file__), Path(__file__).with_name("features.py")):
        h.update(path.read_bytes())
    return h.hexdigest()


def _level(comparison: Comparison, gamma: int) -> str:
    """Name of the level that splink gives as a number: the last one is 0, unknown -1."""
    if gamma < 0:
        return UNKNOWN
    return [level.name for level in comparison.levels if level.name != UNKNOWN][-1 - gamma]
