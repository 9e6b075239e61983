"""CORDIS: a few real rows of every column set, in every packing, rows that go wrong, and files that are none."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import random
import shutil
import zipfile
from pathlib import Path

import pytest
from crawling import FIXTURES, SMALL, bad_text_cases, crawled, survives
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import Kind, Label
from ingest.base import Context, FileError, Release, read_release
from ingest.sources.cordis import KINDS, META, PARTS, ROLES, crawl, part_of, unquoted

CORDIS = FIXTURES / "cordis"
H2020 = {"project_id": "rcn"}
HEAD = "projectID;projectAcronym;organisationID;vatNumber;name;activityType;city;country;geolocation;role;ecContribution;netEcContribution\n"
PROJECTS = "id;acronym;title;startDate;endDate;totalCost;ecMaxContribution;rcn;grantDoi\n"


def org_table(tmp_path: Path, *rows: str, head: str = HEAD) -> Path:
    file = tmp_path / "organization.csv"
    file.write_text(head + "".join(r + "\n" for r in rows), encoding="utf-8")
    return tmp_path


# --- the column sets -------------------------------------------------------------------------------------------------


def test_h2020_copy_with_rcn_only() -> None:
    got = crawled(META, crawl, CORDIS / "h2020", options=H2020)
    assert got.issues == {}
    wellcome = got.entities["cordis:org:999905974"]
    assert wellcome.kind is Kind.COMPANY
    assert wellcome.props == {
        "name": "THE WELLCOME TRUST LIMITED",
        "names": ["THE WELLCOME TRUST LIMITED"],
        "country": "GB",
        "city": "LONDON",
        "postcode": "NW1 2BE",
    }
    assert wellcome.identifiers == {"pic": "999905974"}
    link = got.links["cordis:org:999905974", "PARTICIPATES_IN", "cordis:rcn:193157"]
    assert link.props == {"roles": ["coordinator"], "funding_eur": 230000.0}
    assert link.evidence == ("cordis:193157:999905974",)
    proof = got.evidence["cordis:193157:999905974"]
    assert proof.locator == "organization.csv:2"
    assert proof.quote.startswith('{"projectID":"193157","organisationID":"999905974","name":"THE WELLCOME TRUST LIMITED","activityType":"PRC"')
    assert "street" not in proof.quote
    project = got.entities["cordis:rcn:193157"]
    assert project.props == {
        "programme": "H2020",
        "start": "2014-01-01",
        "end": "2016-03-31",
        "funding_eur": 230000.0,
        "cost_eur": 230000.0,
        "url": "https://cordis.europa.eu/project/rcn/193157",
    }
    assert project.same_as == ()
    assert got.targets("cordis:rcn:193188", "ABOUT") == {"cordis:part:SC2", "cordis:part:SC5"}
    assert got.entities["cordis:part:SC5"].props["label_de"] == "Klimaschutz, Umwelt, Ressourceneffizienz und Rohstoffe"


def test_publishers_oddities_of_h2020() -> None:
    got = crawled(META, crawl, CORDIS / "h2020", options=H2020)
    country = {e.id: e.props.get("country") for e in got.of(Label.ORGANIZATION).values()}
    assert country["cordis:org:915949564"] == "NA"  # Namibia, not «not available»
    assert country["cordis:org:999978239"] == "GR"  # EL
    assert country["cordis:org:950433937"] == "GB"  # UK
    demokritos = got.entities["cordis:org:999978239"]
    assert demokritos.props["names"] == ['NATIONAL CENTER FOR SCIENTIFIC RESEARCH "DEMOKRITOS"', 'NCSR "D"']
    assert demokritos.identifiers["vat"] == "EL090085651"
    nameless = got.entities["cordis:org:918442658"]  # no row has its name: kept for its PIC
    assert "name" not in nameless.props
    assert "names" not in nameless.props
    assert nameless.kind is None  # OTH
    assert got.links["cordis:org:950433937", "PARTICIPATES_IN", "cordis:rcn:193243"].props == {"roles": ["partner"]}
    max_planck = got.entities["cordis:org:999990267"]
    assert (max_planck.props["lat"], max_planck.props["lon"]) == (48.1411687, 11.5822929)


def test_current_columns_with_grant_numbers() -> None:
    got = crawled(META, crawl, CORDIS / "current")
    assert got.issues == {}
    project = got.entities["cordis:grant:101007653"]
    assert project.props["title"] == "Non-invasive volatiles test for canine leishmaniasis diagnosis"
    assert project.props["call"] == "H2020-MSCA-RISE-2020"
    assert project.props["url"] == "https://cordis.europa.eu/project/id/101007653"
    assert project.same_as == ("cordis:rcn:233053",)
    assert got.targets("cordis:grant:101007653", "ABOUT") == {"cordis:part:MSCA", "cordis:call:MSCA-RISE-2020"}
    assert got.entities["cordis:call:BG-10-2020"].props == {
        "label_en": "Fisheries in the full ecosystem context",
        "scheme": "cordis-call",
        "notation": "BG-10-2020",
    }
    # named by its participations only: no row in the project table
    assert got.entities["cordis:grant:101000318"].props == {"acronym": "SEAwise", "url": "https://cordis.europa.eu/project/id/101000318"}
    # the organisation's rcn is not the project's
    assert not any("1974952" in i for e in got.entities.values() for i in (e.id, *e.same_as))


def test_two_rows_of_one_participation_are_one_link() -> None:
    got = crawled(META, crawl, CORDIS / "current")
    link = got.links["cordis:org:952979120", "PARTICIPATES_IN", "cordis:grant:833955"]
    assert link.props == {"roles": ["participant", "thirdParty"], "funding_eur": 289951.84}  # 86,432.02 + 203,519.82 after third parties
    assert link.evidence == ("cordis:grant:833955:952979120", "cordis:grant:833955:952979120:2")
    assert [got.evidence[e].locator for e in link.evidence] == ["organization.csv:2", "organization.csv:3"]


def test_fp7_copy_with_numbers_of_its_own() -> None:
    ctx = Context(META, read_release(CORDIS / "fp7"))
    assert ctx.release.dataset == "fp7-2020"
    claims = list(crawl(ctx, CORDIS / "fp7"))
    [project] = [c for c in claims if getattr(c, "id", "") == "cordis:fp7-2020:115873"]
    assert project.same_as == ("cordis:rcn:85243",)
    assert project.props["title"] == "Reliable application specific detection of road users with vehicle on-board sensors"
    assert project.props["url"] == "https://cordis.europa.eu/project/rcn/85243"
    # two rows alike in all that is read: one statement
    [twice] = [c for c in claims if getattr(c, "start", "") == "cordis:org:999846901"]
    assert twice.evidence == ("cordis:fp7-2020:116281:999846901",)
    assert not len(ctx.issues)


def test_horizon_europe_with_commas() -> None:
    got = crawled(META, crawl, CORDIS / "horizon")
    assert got.issues == {}
    wageningen = got.entities["cordis:org:999981634"]
    assert wageningen.kind is Kind.UNIVERSITY
    assert wageningen.props["nuts"] == "NL221"
    assert wageningen.props["sme"] is False
    assert wageningen.props["website"] == "http://www.wageningenur.nl/nl.htm"
    assert wageningen.identifiers == {"pic": "999981634", "vat": "NL811383696B01"}
    assert "cost_eur" not in got.entities["cordis:grant:101114128"].props  # totalCost 0: not disclosed
    field = got.entities["euroscivoc:543"]
    assert field.props == {
        "label_en": "government systems",
        "scheme": "euroscivoc",
        "notation": "543",
        "path": "/social sciences/political sciences/government systems",
    }
    assert got.entities["euroscivoc:29"].props["label_en"] == "social sciences"
    assert got.entities["euroscivoc:81"].props["label_en"] == "agriculture, forestry, and fisheries"
    assert got.targets("euroscivoc:543", "BROADER") == {"euroscivoc:97"}
    assert got.targets("euroscivoc:97", "BROADER") == {"euroscivoc:29"}
    assert got.targets("euroscivoc:29", "BROADER") == set()
    assert got.targets("cordis:grant:101116741", "ABOUT") == {"euroscivoc:543", "cordis:part:HORIZON.1.1", "cordis:call:ERC-2023-STG"}
    about = got.links["cordis:grant:101116741", "ABOUT", "cordis:part:HORIZON.1.1"]  # two tables say so
    assert about.evidence == ("cordis:grant:101116741:project", "cordis:grant:101116741:part:HORIZON.1.1")
    assert got.targets("cordis:part:EURATOM.1.2.2", "BROADER") == {"cordis:part:EURATOM2027"}


def test_older_column_set_without_its_contact_persons(tmp_path: Path) -> None:
    head = (
        "projectRcn;projectID;projectAcronym;role;id;name;shortName;activityType;endOfParticipation;ecContribution;country;street;city;postCode;"
        "organizationUrl;vatNumber;contactForm;contactType;contactTitle;contactFirstNames;contactLastNames;contactFunction;contactTelephoneNumber;"
        "contactFaxNumber\n"
    )
    row = "193157;633000;X;coordinator;999905974;MUSTERWERK GMBH;;PRC;false;1000,5;DE;Weg 1;Oberhausen;46047;www.musterwerk.example;;;;Dr;Erika;Mustermann;;;"
    got = crawled(META, crawl, org_table(tmp_path, row, head=head))
    assert got.issues == {}
    assert got.links["cordis:org:999905974", "PARTICIPATES_IN", "cordis:grant:633000"].props == {"roles": ["coordinator"], "funding_eur": 1000.5}
    assert got.entities["cordis:org:999905974"].props["website"] == "http://www.musterwerk.example"
    assert "Mustermann" not in repr(got.claims)


# --- packings and files ----------------------------------------------------------------------------------------------


def pack_gz(source: Path, target: Path) -> Path:
    for f in source.iterdir():
        if f.suffix == ".csv":
            (target / (f.name + ".gz")).write_bytes(gzip.compress(f.read_bytes(), mtime=0))
    return target


def pack_bz2(source: Path, target: Path) -> Path:
    for f in source.glob("*.csv"):
        (target / (f.name + ".bz2")).write_bytes(bz2.compress(f.read_bytes()))
    return target


def pack_zip(source: Path, target: Path) -> Path:
    with zipfile.ZipFile(target / "cordis-h2020projects-csv.zip", "w", zipfile.ZIP_DEFLATED) as z:
        for f in sorted(source.glob("*.csv")):
            z.write(f, f"csv/{f.name}")
        z.writestr("__MACOSX/csv/._project.csv", b"\x00\x05")
        z.writestr("csv/webItem.csv", "uri;type\n")
    return target / "cordis-h2020projects-csv.zip"


def renamed(source: Path, target: Path) -> Path:
    for i, f in enumerate(sorted(source.glob("*.csv"))):
        shutil.copy(f, target / f"cordis-h2020-{i}.csv")
    return target


@pytest.mark.parametrize("pack", [pack_gz, pack_bz2, pack_zip, renamed])
def test_packing_and_file_names_do_not_matter(pack, tmp_path: Path) -> None:
    plain = crawled(META, crawl, CORDIS / "h2020", options=H2020)
    packed = crawled(META, crawl, pack(CORDIS / "h2020", tmp_path), options=H2020)
    assert packed.issues == {}
    assert packed.entities == plain.entities
    assert packed.links == plain.links
    assert packed.evidence.keys() == plain.evidence.keys()


@pytest.mark.parametrize(
    ("name", "content", "issue"),
    [
        ("notes.csv", "a;b\n1;2\n", "unknown_file"),
        ("empty.csv", "", "unknown_file"),
        ("logo.png", "\x89PNG", "unknown_file"),
        ("deliverables.csv", "whatever\n", None),
        ("policyPriorities.csv", "projectID;ai\n", None),
    ],
)
def test_files_beside_the_tables(name: str, content: str, issue: str | None, tmp_path: Path) -> None:
    org_table(tmp_path, "1;A;2;;X;PRC;;DE;;coordinator;1;1")
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert crawled(META, crawl, tmp_path).issues == ({issue: 1} if issue else {})


@bad_text_cases()
def test_a_file_that_is_none(ending: str, make, tmp_path: Path) -> None:
    good = (CORDIS / "h2020" / "organization.csv").read_bytes()
    file = tmp_path / f"organization.csv{ending}"
    file.write_bytes(make(good))
    with pytest.raises(FileError) as error:
        crawled(META, crawl, file, SMALL)
    assert "organization.csv" in error.value.de
    assert "organization.csv" in error.value.en


def test_wrong_delimiter_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "organization.csv").write_text(HEAD.replace(";", "|"), encoding="utf-8")
    with pytest.raises(FileError, match="no table of CORDIS found"):
        crawled(META, crawl, tmp_path)


@pytest.mark.parametrize(
    ("options", "dataset", "text"),
    [({"project_id": "acronym"}, "x", "grant, rcn and local are allowed"), ({"project_id": "local"}, "grant", "must not be called 'grant'")],
)
def test_project_id_must_be_known(options: dict[str, str], dataset: str, text: str) -> None:
    ctx = Context(META, Release("x", "2026-11-01", dataset), options=options)
    with pytest.raises(FileError, match=text):
        list(crawl(ctx, CORDIS / "fp7"))


# --- rows that go wrong ----------------------------------------------------------------------------------------------


GOOD = "1;A;2;;X;PRC;;DE;;coordinator;1;1"


@pytest.mark.parametrize(
    ("row", "issues"),
    [
        ("1;A;3;;Y;PRC;;DE;;chief;1;1", {"unknown_role": 1}),
        ("1;A;3;;Y;XYZ;;DE;;participant;1;1", {"unknown_activity": 1}),
        ("1;A;3;;Y;PRC;;ZZ;;participant;1;1", {"unknown_country": 1}),
        ("1;A;3;;Y;PRC;;DE;;participant;many;many", {"bad_number": 1}),
        ("1;A;3;;Y;PRC;;DE;;participant;-5;-5", {"bad_number": 1}),
        ("1;A;3;;Y;PRC;;DE;95.0,7.0;participant;1;1", {"bad_coordinates": 1}),
        ("1;A;3;;Y;PRC;;DE;here;participant;1;1", {"bad_coordinates": 1}),
        ("1;A;3;;Y;PRC;;DE;0,0;participant;1;1", {"bad_coordinates": 1}),
        ("1;A;3;UNKNOWN NUMBER;Y;PRC;;DE;;participant;1;1", {"bad_value": 1}),
        ("1;A;;;Y;PRC;;DE;;participant;1;1", {"missing_id": 1}),
        (";A;3;;Y;PRC;;DE;;participant;1;1", {"missing_id": 1}),
        ("1;A;3;;Y;PRC", {"row_length": 1}),
        ("1;A;3;;Y;PRC;;DE;;participant;1;1;extra", {"row_length": 1}),
        ("1;A;3;NOTAPPLICABLE;Y;PRC;;DE;;participant;1;1", {}),
        ("1;A;3;Missing;Y;PRC;;DE;;participant;1;1", {}),
    ],
)
def test_a_bad_row_or_value_is_an_issue_and_its_neighbours_stay(row: str, issues: dict[str, int], tmp_path: Path) -> None:
    got = crawled(META, crawl, org_table(tmp_path, GOOD, row, GOOD.replace("2", "4")))
    assert got.issues == issues
    assert {"cordis:org:2", "cordis:org:4"} <= got.entities.keys()
    lost = "missing_id" in issues or "row_length" in issues
    assert ("cordis:org:3" in got.entities) is not lost
    if not lost:
        third = got.entities["cordis:org:3"]
        assert third.props["name"] == "Y"
        assert "vat" not in third.identifiers
        assert "lat" not in third.props
    assert got.context is not None
    for c in got.context.issues.counts():
        assert c.examples[0].locator == "organization.csv:3"


def test_an_unknown_value_counts_on_every_row(tmp_path: Path) -> None:
    rows = [f"{n};A;3;;Y;XYZ;;DE;;participant;1;1" for n in range(1, 8)]
    assert crawled(META, crawl, org_table(tmp_path, *rows)).issues == {"unknown_activity": 7}


def test_first_row_that_states_a_value_counts_and_is_its_evidence(tmp_path: Path) -> None:
    got = crawled(
        META,
        crawl,
        org_table(tmp_path, "1;A;2;;;;;;;participant;;", "2;B;2;;First;PRC;Essen;DE;;participant;;", "3;C;2;DE123456789;Second;REC;Bonn;DE;;participant;;"),
    )
    org = got.entities["cordis:org:2"]
    assert org.props == {"name": "First", "names": ["First", "Second"], "city": "Essen", "country": "DE"}
    assert org.kind is Kind.COMPANY
    assert org.identifiers == {"pic": "2", "vat": "DE123456789"}
    assert org.evidence == ("cordis:grant:1:2", "cordis:grant:2:2", "cordis:grant:3:2")


@pytest.mark.parametrize(
    ("ec", "net", "funding"),
    [
        ("230000", "230000", 230000.0),
        ("0.0", "203519.82", 203519.82),  # a third party
        ("100.5", "60,25", 60.25),  # passed the rest on
        ("100", "", 100.0),
        ("100", "0.0", None),  # passed all on
        ("0", "0", None),
        ("", "", None),
    ],
)
def test_funding(ec: str, net: str, funding: float | None, tmp_path: Path) -> None:
    got = crawled(META, crawl, org_table(tmp_path, f"1;A;2;;X;PRC;;DE;;coordinator;{ec};{net}"))
    assert got.links["cordis:org:2", "PARTICIPATES_IN", "cordis:grant:1"].props.get("funding_eur") == funding


def test_unknown_columns_are_issues(tmp_path: Path) -> None:
    got = crawled(META, crawl, org_table(tmp_path, GOOD + ";7", head=HEAD.rstrip("\n") + ";novelty\n"))
    assert got.issues == {"unknown_column": 1}
    assert got.context is not None
    assert got.context.issues.counts()[0].detail == "novelty"


def test_project_rows(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        PROJECTS
        + "1;A;One\n"
        + "2;B;Two;2020-01-01 00:00:00;31.12.2021;0;1.5;77;\n"
        + "2;B;Two;2020-01-01 00:00:00;31.12.2021;0;1.5;77;\n"
        + "2;B;Other;;;;;;\n"
        + "x;C;;;;;;;\n"
        + "3;D;;tomorrow;;a lot;;;\n",
        encoding="utf-8",
    )
    got = crawled(META, crawl, tmp_path)
    assert got.issues == {"row_length": 1, "duplicate_row": 1, "missing_id": 1, "bad_date": 1, "bad_number": 1}
    assert got.entities["cordis:grant:2"].props == {
        "title": "Two",
        "acronym": "B",
        "start": "2020-01-01",
        "end": "2021-12-31",
        "funding_eur": 1.5,
        "url": "https://cordis.europa.eu/project/id/2",
    }


def test_grant_number_of_an_rcn_copy_comes_from_the_doi(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PROJECTS + "193157;A;One;;;;;193157;10.3030/633000\n", encoding="utf-8")
    project = crawled(META, crawl, tmp_path, options=H2020).entities["cordis:rcn:193157"]
    assert project.same_as == ("cordis:grant:633000",)
    assert project.props["url"] == "https://cordis.europa.eu/project/id/633000"


@pytest.mark.parametrize(
    ("head", "row", "issues", "topics"),
    [
        ("projectID;topic;title", "1;T-1;", {"missing_name": 1}, set()),
        ("projectID;topic;title", ";T-1;Title", {"missing_id": 1}, set()),
        ("rcn;programme_part", "1;SC9", {"unknown_category": 1}, set()),
        ("rcn;programme_part", "1;Innovation in SMEs", {}, {"cordis:part:Innovation-in-SMEs"}),
        ("projectID;euroSciVocCode;euroSciVocPath;euroSciVocTitle", "1;/a/b;/x/y;y", {"missing_id": 1}, set()),
        ("projectID;euroSciVocCode;euroSciVocPath;euroSciVocTitle", "1;/2/3;/x/y/z;y/z", {"bad_value": 1}, {"euroscivoc:3"}),
        ("projectID;legalBasis;title", "1;H2020-EU.3.4.;Transport", {}, {"cordis:part:SC4"}),
        ("projectID;legalBasis;title", "1;H2020-EU.3.4.1.;Cleaner transport", {}, {"cordis:part:SC4", "cordis:part:H2020-EU.3.4.1"}),
        ("projectID;legalBasis;title", "1;FP7-ICT;Information and communication", {}, {"cordis:part:FP7-ICT"}),
        ("projectID;legalBasis;title", "1;FP7-ICT;", {"missing_name": 1}, set()),
    ],
)
def test_topic_tables(head: str, row: str, issues: dict[str, int], topics: set[str], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"{head}\n{row}\n{row}\n", encoding="utf-8")
    got = crawled(META, crawl, tmp_path)
    assert got.issues == {code: 2 * n for code, n in issues.items()}  # the bad row stands twice
    assert got.of(Label.TOPIC).keys() == topics


@pytest.mark.parametrize(
    ("basis", "code"),
    [
        ("H2020-EU.1.1.", "ERC"),
        ("H2020-EU.2.1.1.2.", "LEIT"),
        ("H2020-EU.2.3.1.", "Innovation-in-SMEs"),
        ("H2020-EU.4.b.", "SEWP"),
        ("H2020-Euratom-1.3.", "Euratom"),
        ("HORIZON.2.4.5", "HORIZON.2.4"),
        ("EURATOM.1.2.2", "EURATOM2027"),
        ("EURATOM2027", "EURATOM2027"),
        ("H2020-EU.3.", None),
        ("FP7-ICT", None),
        ("", None),
    ],
)
def test_part_of_a_legal_basis(basis: str, code: str | None) -> None:
    part = part_of(basis)
    assert (part.code if part else None) == code


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('"NCSR ""D"""', 'NCSR "D"'),
        ('"RTILS-GELS"', "RTILS-GELS"),
        ('"Virtual vials" for enhanced "analysis"', '"Virtual vials" for enhanced "analysis"'),
        ('ABBIA "GNSS TECHNOLOGIES" SARL', 'ABBIA "GNSS TECHNOLOGIES" SARL'),
        ('""', '""'),
        ('"', '"'),
        ("A\n  B", "A B"),
    ],
)
def test_quotation_marks_too_many(text: str, name: str) -> None:
    assert unquoted(text) == name


def test_tables_are_closed() -> None:
    assert len({p.code for p in PARTS.values()}) == len(PARTS)
    assert sum(p.scheme == "h2020-part" for p in PARTS.values()) == 17
    assert KINDS.keys() == {"HES", "PRC", "REC", "PUB", "OTH"}
    assert {"coordinator", "participant", "thirdParty", "associatedPartner", "internationalPartner"} <= set(ROLES.values())


def test_the_same_files_give_the_same_claims() -> None:
    assert crawled(META, crawl, CORDIS / "horizon").claims == crawled(META, crawl, CORDIS / "horizon").claims


# --- anything at all -------------------------------------------------------------------------------------------------

ANY_TABLE = [(CORDIS / "horizon" / f"{n}_df_100.csv").read_bytes() for n in ("organization", "project", "euroSciVoc", "topics", "legalBasis")] + [
    (CORDIS / "h2020" / "organization.csv").read_bytes(),
    (CORDIS / "h2020" / "programme_parts.csv").read_bytes(),
]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=400), ending=st.sampled_from([".csv", ".csv.gz", ".csv.bz2", ".zip"]))
def test_any_bytes(data: bytes, ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"any{ending}"
    file.write_bytes(data)
    survives(META, crawl, file)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(table=st.sampled_from(ANY_TABLE), seed=st.integers(0, 2**32), times=st.integers(1, 12))
def test_any_damaged_table(table: bytes, seed: int, times: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    damaged = bytearray(table)
    for _ in range(times):
        at = rng.randrange(len(damaged))
        damaged[at : at + rng.choice((0, 1, 5))] = rng.choice((b'"', b";", b",", b"\n", b"\r", b"\x00", b"\xff", b"NaN", "ß".encode(), b"-1", b"", b"/"))
    (tmp_path / "damaged.csv").write_bytes(bytes(damaged))
    survives(META, crawl, tmp_path)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12), min_size=12, max_size=12))
def test_any_row_leaves_its_neighbours_alone(values: list[str], tmp_path: Path) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(values)
    (tmp_path / "organization.csv").write_text(f"{HEAD}{GOOD}\n{text.getvalue()}{GOOD.replace('2', '4')}\n", encoding="utf-8", newline="")
    got = crawled(META, crawl, tmp_path)
    assert {"cordis:org:2", "cordis:org:4"} <= got.entities.keys()
