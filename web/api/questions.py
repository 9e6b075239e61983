"""What may be asked: the query parameters of every address, with their bounds, and how a request becomes a question.

A value that is empty counts as not given.  What is not declared is refused: a misspelt filter would otherwise answer too much.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, Literal, TypeVar, get_origin

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from graph.model import Kind, Label
from graph.suggest import MODES, Mode
from web.api.cursor import LONGEST
from web.api.problems import MOST_SHOWN, Fault, Refusal, kinds
from web.language import gettext as _
from web.suggesting import FAR, TOP

Form = Literal["json", "csv", "csv-excel"]
Searched = Literal[Label.ORGANIZATION, Label.PROJECT, Label.TOPIC, Label.PLACE]

MOST_NAMES: Final = 50
"""Values of a parameter that may be given several times."""


def told(de: str, en: str, default: Any = ..., **bounds: Any) -> Any:
    """A parameter with its description in both languages."""
    made = {"default_factory": list} if default == [] else {"default": default}
    return Field(**made, description=en, json_schema_extra={"x-de": de}, **bounds)


class Question(BaseModel):
    """What every address understands."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lang: Literal["de", "en"] | None = told(
        "Sprache der Namen und Meldungen; sonst gilt der Kopf Accept-Language", "Language of names and messages; else the header Accept-Language counts", None
    )


class ListQuestion(Question):
    """A part of a list."""

    limit: int = told("Zeilen einer Seite", "Rows of a page", 50, ge=1, le=500)
    cursor: str = told("Wo die Seite beginnt: aus «next» der vorigen", "Where the page begins: from `next` of the one before", "", max_length=LONGEST)
    format: Form | None = told("Format; sonst gilt der Kopf Accept", "Format; else the header Accept counts", None)


class PartsQuestion(Question):
    """An organisation alone, or with its institutes and subsidiaries."""

    parts: bool = told("1: mit allen Teilen der Einrichtung", "1: with all parts of the organisation", False)  # noqa: FBT003  a default


class PartsListQuestion(ListQuestion, PartsQuestion):
    """A list of an organisation."""


class OrganizationsQuestion(ListQuestion):
    """Which organisations: those that pass all filters."""

    kind: list[Kind] = told("Art, mehrere möglich", "Kind, several possible", [], max_length=MOST_NAMES)
    place: str = told("Kennung eines Orts, mit allem darin", "Id of a place, with all that lies in it", "", max_length=300)
    topic: str = told("Kennung eines Themas", "Id of a topic", "", max_length=300)
    country: list[str] = told("Land, zwei Buchstaben, mehrere möglich", "Country, two letters, several possible", [], max_length=MOST_NAMES)


class ProjectsQuestion(ListQuestion):
    """Which projects."""

    topic: str = told("Kennung eines Themas", "Id of a topic", "", max_length=300)
    since: int | None = told("Beginn frühestens in diesem Jahr", "Begun in this year or later", None, ge=1900, le=2200)
    until: int | None = told("Beginn spätestens in diesem Jahr", "Begun in this year or earlier", None, ge=1900, le=2200)


class TopicsQuestion(ListQuestion):
    """Which topics."""

    within: str = told("Kennung eines Oberthemas", "Id of a broader topic", "", max_length=300)


class PlacesQuestion(ListQuestion):
    """Which places."""

    within: str = told("Kennung eines Orts, in dem sie liegen", "Id of a place in which they lie", "", max_length=300)


class SearchQuestion(ListQuestion):
    """What to look for."""

    q: str = told("Name, Kennung oder Anfang davon", "Name, id or their beginning", "", max_length=200)
    label: Searched | None = told("Nur Knoten dieser Art", "Only nodes of this label", None)
    kind: Kind | None = told("Nur Organisationen dieser Art", "Only organisations of this kind", None)
    city: str = told("Kennung eines Orts", "Id of a place", "", max_length=200)
    topic: str = told("Kennung eines Themas", "Id of a topic", "", max_length=200)
    facets: bool = told("1: mit Zahlen zum Eingrenzen", "1: with counts to narrow the search", False)  # noqa: FBT003
    limit: int = told("Treffer einer Seite", "Hits of a page", 20, ge=1, le=100)


class NetworkQuestion(PartsQuestion):
    """How far a network picture reaches."""

    steps: int = told("Schritte: 1 Partner, 2 auch deren Partner", "Steps: 1 partners, 2 their partners as well", 1, ge=1, le=2)
    limit: int = told("Höchstens so viele Knoten", "At most so many nodes", 250, ge=10, le=1000)


class SuggestingQuestion(PartsQuestion):
    """How suggestions are ranked, and who may be among them."""

    mode: Mode = told("Ähnlich, ergänzend oder beides", "Similar, complementary or both", MODES[0])
    within: int = told("Umkreis in Kilometern, 0: überall", "Radius in kilometres, 0: everywhere", 0, ge=0, le=FAR)
    kind: list[Kind] = told("Nur diese Arten", "Only these kinds", [], max_length=MOST_NAMES)
    country: list[str] = told("Nur diese Länder, zwei Buchstaben", "Only these countries, two letters", [], max_length=MOST_NAMES)
    topic: list[str] = told("Nur mit diesem Thema (Kennung oder Name)", "Only with this topic (id or name)", [], max_length=MOST_NAMES)
    without: list[str] = told("Ohne diese Organisation und ihre Gruppe", "Without this organisation and its group", [], max_length=MOST_NAMES)
    reach: float | None = told("0 bekannte bis 1 unbekannte Partner", "0 established to 1 unknown partners", None, ge=0, le=1, allow_inf_nan=False)


class SuggestionsQuestion(SuggestingQuestion, ListQuestion):
    """For whom: `org` or `text`, one of them."""

    org: str = told("Kennung einer Organisation", "Id of an organisation", "", max_length=300)
    text: str = told("Was ein neues Unternehmen macht und sucht", "What a newcomer does and looks for", "", max_length=4000)
    place: str = told("Ort zu «text»", "Place that goes with `text`", "", max_length=300)
    as_: Kind | None = Field(None, alias="as", description="Kind that goes with `text`", json_schema_extra={"x-de": "Art zu «text»"})
    limit: int = told("Vorschläge einer Seite", "Suggestions of a page", TOP, ge=1, le=50)


class WhyNotQuestion(SuggestingQuestion):
    """Why `other` is not among the first suggestions for `org`."""

    org: str = told("Kennung einer Organisation", "Id of an organisation", max_length=300)
    other: str = told("Kennung oder Name der anderen", "Id or name of the other one", max_length=300)


class ConsortiumQuestion(Question):
    """Who is in, and what it is about."""

    member: list[str] = told("Mitglied (Kennung oder Name), mehrere möglich", "Member (id or name), several possible", [], max_length=MOST_NAMES)
    topic: list[str] = told("Thema (Kennung oder Name), mehrere möglich", "Topic (id or name), several possible", [], max_length=MOST_NAMES)
    kind: list[Kind] = told("Arten, die dabei sein sollen", "Kinds that should be there", [], max_length=MOST_NAMES)
    country: list[str] = told("Länder, die dabei sein sollen", "Countries that should be there", [], max_length=MOST_NAMES)
    coordinator: bool = told("1: jemand soll koordinieren können", "1: somebody should be able to coordinate", False)  # noqa: FBT003
    only: list[str] = told("Nur in diesen Ländern suchen", "Look in these countries only", [], max_length=MOST_NAMES)


Q = TypeVar("Q", bound=Question)


@cache
def fields(question: type[Question]) -> dict[str, FieldInfo]:
    """Parameters of a question by the name they have in the address."""
    return {field.alias or name: field for name, field in question.model_fields.items()}


def many(field: FieldInfo) -> bool:
    """Whether a parameter may be given several times."""
    return get_origin(field.annotation) is list


def asked(question: type[Q]) -> Q:
    """The question of this request.  Raises Refusal that names every parameter which is wrong."""
    known = fields(question)
    values: dict[str, Any] = {}
    faults = []
    for name, given in request.args.lists():
        filled = [v.strip() for v in given if v.strip()]
        if name not in known:
            faults.append(Fault(name[:MOST_SHOWN], _("Diesen Parameter gibt es hier nicht. Es gibt: %(known)s.", known=", ".join(known))))
        elif many(known[name]):
            values[name] = filled
        elif len(filled) > 1:
            faults.append(Fault(name, _("Dieser Parameter darf nur einmal vorkommen.")))
        elif filled:
            values[name] = filled[0]
    found: Q | None = None
    try:
        found = question.model_validate(values)
    except ValidationError as problem:
        faults += [Fault(".".join(str(x) for x in e["loc"][:1]), _said(e)) for e in problem.errors(include_url=False)]
    if faults or found is None:
        raise Refusal("invalid-parameter", kinds()["invalid-parameter"].meaning, faults)
    return found


def _said(error: ErrorDetails) -> str:
    """What is wrong with a value, for people."""
    c = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return _("Dieser Parameter fehlt.")
        case "int_parsing" | "int_parsing_size" | "int_from_float" | "int_type":
            return _("Hier muss eine ganze Zahl stehen.")
        case "float_parsing" | "float_type" | "finite_number":
            return _("Hier muss eine Zahl stehen.")
        case "bool_parsing" | "bool_type":
            return _("Hier muss 1 oder 0 stehen.")
        case "enum" | "literal_error":
            return _("Möglich ist nur: %(known)s.", known=str(c.get("expected", "")).replace(" or ", ", ").replace("'", ""))
        case "greater_than_equal":
            return _("Der Wert muss mindestens %(least)s sein.", least=c["ge"])
        case "less_than_equal":
            return _("Der Wert darf höchstens %(most)s sein.", most=c["le"])
        case "string_too_long":
            return _("Erlaubt sind höchstens %(most)s Zeichen.", most=c["max_length"])
        case "too_long":
            return _("Erlaubt sind höchstens %(most)s Werte.", most=c["max_length"])
        case _:
            return _("Dieser Wert geht hier nicht.")
