"""The phrase book: ready-made questions by theme, each as a form with its answer; and the questions somebody keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph.asking import Answer, candidates, found_values, run_phrase
from graph.derived import Derived
from graph.errors import InnonetError, QueryError, UsageError
from graph.model import TOPIC_SCHEMES, Label
from graph.querybook import Param, Query, QueryBookError, load_book
from graph.questions import LAST, Questions
from graph.search import Hit
from graph.text import words
from web import querying
from web.language import gettext as _
from web.language import language
from web.pages.console import FORMATS, ROWS, as_file, shown
from web.pages.opinion import who
from web.site import derived, site

THEMES: Final = {
    "firms": ("hidden_innovators", "firms_without_research", "newcomers", "lookalike_pairs", "joint_application_topics"),
    "topics": ("who_works_on_topic", "research_within_km", "topic_strength", "research_topics_without_common_project"),
    "network": (
        "partners_of_organization", "who_works_with", "shortest_paths", "bridges_to_cities", "consortium_gaps", "old_or_thin_cooperations",
    ),
    "funding": ("projects_of_organization", "funding_per_topic_and_year", "projects_per_programme_topic_year"),
}  # fmt: skip
LABELS: Final = {"organization": Label.ORGANIZATION, "topic": Label.TOPIC, "place": Label.PLACE, "organizations": Label.ORGANIZATION}
BOUNDS: Final = {"km": (1, 2000), "since": (1950, 2100), "before": (1950, 2100)}
"""Least and most of the numbers that have a meaning of their own; all others are counts."""
COUNTS: Final = (0, 1_000_000)
MEMBERS: Final = 30


@dataclass(slots=True)
class Field:
    """A field of the form.

    value    as it is shown; a found thing by its name, with its id in `id`
    hits     what the text may mean, where that must be chosen, each with the address that chooses it
    problem  what is wrong with it, "" if nothing
    """

    param: Param
    label: str
    value: str = ""
    id: str = ""
    hits: Sequence[tuple[Hit, str]] = ()
    problem: str = ""
    low: int = 0
    high: int = 0


def theme_name(theme: str) -> str:
    """Heading of a theme."""
    return {
        "firms": _("Firmen finden"),
        "topics": _("Themen und Forschung"),
        "network": _("Zusammenarbeit und Wege"),
        "funding": _("Projekte und Fördermittel"),
    }[theme]


def questions() -> ResponseReturnValue:
    """All ready-made questions by theme; q= looks for words in them."""
    book = load_book()
    text = request.args.get("q", "")[:200]
    wanted = words(text)

    def fits(q: Query) -> bool:
        have = words(f"{_title(q)} {_text(q)}")
        return all(any(h.startswith(w) for h in have) for w in wanted)

    groups = [(theme_name(t), [q for n in names if fits(q := book[n])]) for t, names in THEMES.items()]
    return render_template("questions.html", groups=[(t, qs) for t, qs in groups if qs], text=text, console=querying.allowed(), title_of=_title, text_of=_text)


def question(name: str) -> ResponseReturnValue:
    """A ready-made question as a form; its answer, where the address gives values; format= as a file."""
    book = load_book()
    if name not in book or book[name].book != "phrase":
        abort(404)
    q = book[name]
    d = derived()
    asked = any(p.name in request.args for p in q.params)
    fields = [_field(d, p) for p in q.params if p.name != "language"]
    problem: InnonetError | None = None
    answer: Answer | None = None
    bound: dict[str, Any] = {}
    ready = not any(f.hits or f.problem for f in fields)
    form = request.args.get("format", "")
    if form and form not in (*FORMATS, "network"):
        abort(400)
    if ready:
        try:
            bound = found_values(d, q, _given(fields), language())
            if asked or form:
                most = site().settings.query_rows
                limit = most if form in FORMATS else min(ROWS, most)
                answer = run_phrase(site().connected().store, q, bound, limit=limit, language=language(), timeout=site().settings.query_timeout)
        except (UsageError, QueryError) as e:
            problem = e
        except QueryBookError as e:
            problem = UsageError(_("Eine Angabe passt nicht: %(text)s", text=str(e)), str(e))
    if form:
        if answer is None:
            abort(400)
        return as_file(answer, form, f"innonet-{name}")
    if answer is not None:
        querying.remember("phrase", name, {k: v for k, v in bound.items() if k != "language"}, len(answer.rows))
    console = ""
    if bound and querying.allowed():
        console = url_for("pages.console", phrase=name, params=orjson.dumps(bound, option=orjson.OPT_INDENT_2).decode())
    page = render_template(
        "question.html",
        q=q,
        title=_title(q),
        text=_text(q),
        fields=fields,
        schemes=TOPIC_SCHEMES,
        countries=d.countries,
        problem=problem.text(language()) if problem else "",
        console=console,
        bound=bound,
        kept=orjson.dumps({k: v for k, v in bound.items() if k != "language"}).decode(),
        **shown(answer),
    )
    return page, 400 if problem else 200


def mine() -> ResponseReturnValue:
    """The last questions of the one who asks, and those they keep; save, delete, forget."""
    own = Questions(site().state(), who())
    if request.method == "POST":
        what = request.form.get("do", "")
        if what == "save":
            kind, text, params = (request.form.get(n, "").replace("\r\n", "\n") for n in ("kind", "text", "params"))
            if kind not in ("cypher", "phrase") or not text.strip() or (kind == "phrase" and text not in load_book()):
                abort(400)
            try:
                querying.parameters_of(params)
                own.save(request.form.get("name", ""), "phrase" if kind == "phrase" else "cypher", text, params)
            except UsageError as e:
                return _own(own, e.text(language())), 400
        elif what == "delete":
            number = request.form.get("number", "")
            if not (number.isascii() and number.isdigit() and len(number) < 10 and own.delete(int(number))):
                abort(404)
        elif what == "forget":
            own.forget()
        else:
            abort(400)
        return redirect(url_for("pages.my_questions", done=what), 303)
    return _own(own, "")


def _own(own: Questions, problem: str) -> str:
    book = load_book()
    return render_template(
        "my_questions.html",
        saved=own.saved(),
        last=own.last(),
        most=LAST,
        again=querying.again,
        title_of=lambda name: _title(book[name]) if name in book else name,
        done=request.args.get("done", ""),
        problem=problem,
    )


def _title(q: Query) -> str:
    return q.en if language() == "en" else q.de


def _text(q: Query) -> str:
    return q.text_en if language() == "en" else q.text_de


def _given(fields: Sequence[Field]) -> dict[str, str]:
    """The values of a form that holds no open choice, for `found_values`; what is left out takes its default."""
    out = {}
    for f in fields:
        value = f.id or f.value if f.param.type in LABELS else f.value
        if f.param.type == "organizations":
            out[f.param.name] = f.id
        elif value != "" or f.param.type in ("topic", "string", "place"):
            out[f.param.name] = value
    return {k: v for k, v in out.items() if not (v == "" and next(f for f in fields if f.param.name == k).param.default)}


def _field(d: Derived, p: Param) -> Field:
    field = Field(p, p.en if language() == "en" else p.de)
    typed = request.args.get(p.name)
    if p.type == "organizations":
        return _several(d, field, typed)
    if p.type in LABELS:
        return _named(d, field, typed)
    if p.type in ("int", "float"):
        field.low, field.high = BOUNDS.get(p.name, COUNTS)
        field.value = ("" if p.default in (None, 0) else str(p.default)) if typed is None else typed.strip()
        if field.value:
            _bounded(field)
    elif p.type == "bool":
        field.value = str(p.default).lower() if typed not in ("true", "false") else typed
    else:
        field.value = str(p.default or "") if typed is None else typed.strip()[:200]
    return field


def _bounded(field: Field) -> None:
    try:
        value = float(field.value.replace(",", "."))
        fine = field.low <= value <= field.high and (field.param.type == "float" or value == int(value))
    except (ValueError, OverflowError):
        fine = False
    if not fine and not (field.value == "0" and field.param.default == 0):
        field.problem = _("Hier wird eine Zahl von %(low)s bis %(high)s erwartet.", low=field.low, high=field.high)


def _named(d: Derived, field: Field, typed: str | None) -> Field:
    p = field.param
    text = str(p.default or "") if typed is None else typed.strip()[:200]
    known = request.args.get(f"{p.name}.id", "")
    if known and _name(d, p.type, known) == text:
        text = known  # what was chosen before, under its name
    if not text:
        if p.default or p.required:
            field.problem = _("Hier fehlt eine Angabe.")
        return field
    hits = candidates(d, p.type, text)
    if len(hits) == 1:
        field.value, field.id = _name(d, p.type, hits[0].id), hits[0].id
    elif typed is None:
        field.value = ""  # the default of another graph's data
    else:
        field.value = text
        field.hits = [(h, _with(p.name, h.id)) for h in hits]
        if not hits:
            field.problem = _("«%(text)s» ist hier nicht bekannt. Vielleicht hilft ein kürzeres Wort.", text=text)
    return field


def _several(d: Derived, field: Field, typed: str | None) -> Field:
    """Organisations, one a line; a line that was chosen holds the id behind the name, in brackets."""
    lines = list(field.param.default or ()) if typed is None else [x.strip() for x in typed.splitlines() if x.strip()][:MEMBERS]
    shown_lines, ids = [], []
    for n, line in enumerate(lines):
        inner = line[line.rindex("[") + 1 : -1] if line.endswith("]") and "[" in line else line
        hits = candidates(d, "organization", inner)
        if len(hits) == 1:
            shown_lines.append(f"{_name(d, 'organization', hits[0].id)} [{hits[0].id}]")
            ids.append(hits[0].id)
        elif typed is not None:
            shown_lines.append(line)
            if not hits:
                field.problem = _("«%(text)s» ist hier nicht bekannt. Vielleicht hilft ein kürzeres Wort.", text=line)
            elif not field.hits:
                field.hits = [(h, _with(field.param.name, "\n".join([*lines[:n], h.id, *lines[n + 1 :]]))) for h in hits]
    field.value, field.id = "\n".join(shown_lines), ";".join(ids)
    if not ids and not field.hits and typed is not None and not field.problem:
        field.problem = _("Hier fehlt eine Angabe.")
    return field


def _name(d: Derived, kind: str, id_: str) -> str:
    label = LABELS[kind]
    row = d.index(id_, label)
    if row is None:
        return ""
    english = d.names_en[d.base[label] + row] if language() == "en" else ""
    return english or d.name_of(label, row)


def _with(name: str, value: str) -> str:
    values: dict[str, Any] = {k: v for k, v in request.args.items() if k != f"{name}.id"}
    return url_for("pages.question", **{**(request.view_args or {}), **values, name: value, "lang": language()})
