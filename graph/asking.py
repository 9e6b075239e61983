"""Questions as people type them: a name for an organisation, a ready-made phrase, Cypher of their own, a suggestion.

The command line and the site ask through here, so that both find the same and refuse the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from graph.derived import Derived, DerivedCache, open_derived
from graph.errors import UsageError
from graph.model import Kind, Label, Reason
from graph.neighbourhood import in_place
from graph.opinions import hidden_and_lifted, suggest_judged
from graph.querybook import Query, load_book
from graph.search import Hit, resolve_id, resolve_who, search
from graph.settings import Settings
from graph.state import State
from graph.suggest import FILTERS, MODES, NOTES, REASONS, Filters, Mode, Newcomer, suggest
from graph.suggest.consortium import Gaps, Need, gaps
from graph.suggest.pair import AGAINST, why_not

if TYPE_CHECKING:
    from graph.store import Store

_LABEL_OF: Final = {"organization": Label.ORGANIZATION, "topic": Label.TOPIC, "place": Label.PLACE}


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows with their columns, headings in the person's language, and what should be said beside them."""

    rows: list[dict[str, Any]]
    columns: list[str]
    headings: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    cut: bool = False
    """Whether there was more than the limit of rows or bytes."""


def find_who(derived: Derived, text: str) -> Hit:
    """The one organisation meant by an id, identifier or name.  Raises UsageError listing the candidates when it is not one."""
    return _one(resolve_who(derived, text), text)


def _one(hits: Sequence[Hit], text: str) -> Hit:
    if not hits:
        raise UsageError(f"«{text}» ist hier nicht bekannt.", f"“{text}” is not known here.")
    if len(hits) > 1:
        lines = "".join(f"\n  {h.id}  {h.name}{', ' + h.detail if h.detail else ''}" for h in hits[:10])
        raise UsageError(f"«{text}» ist nicht eindeutig. Gemeint ist vielleicht:{lines}", f"“{text}” is ambiguous. Maybe one of these is meant:{lines}")
    return hits[0]


def find_named(derived: Derived, kind: str, text: str) -> str:
    """Id of the organisation, topic or place a form's field means (an id, or a name)."""
    if kind == "organization":
        return find_who(derived, text).id
    label = _LABEL_OF[kind]
    if derived.index(text, label) is not None:
        return text
    hits = search(derived, text, labels=(label,), limit=10).hits
    exact = [h for h in hits if h.name.casefold() == text.casefold()]
    return _one(exact[:1] or hits[:1], text).id


def list_phrases(language: str) -> list[dict[str, Any]]:
    """The ready-made questions: name, title, parameters with defaults."""
    return [
        {
            "name": q.name,
            "title": q.en if language == "en" else q.de,
            "parameters": " ".join(f"--{p.name}" + ("" if p.required else f"={p.default}") for p in q.params),
        }
        for q in load_book().phrases()
    ]


def phrase(name: str) -> Query:
    """The ready-made question of that name.  Raises UsageError listing all."""
    book = load_book()
    if name not in book or book[name].book != "phrase":
        names = ", ".join(q.name for q in book.phrases())
        raise UsageError(f"Die Frage {name!r} gibt es nicht. Es gibt: {names}.", f"There is no question {name!r}. There are: {names}.")
    return book[name]


def ask_phrase(settings: Settings, store: Store, name: str, values: Mapping[str, str], *, limit: int, language: str) -> Answer:
    """Ask a ready-made question; names of organisations, topics and places are looked up first."""
    q = phrase(name)
    return run_phrase(store, q, found_values(DerivedCache(settings, store).current(), q, values, language), limit=limit, language=language)


def found_values(derived: Derived, q: Query, values: Mapping[str, str], language: str) -> dict[str, Any]:
    """What people typed as the values of the question's parameters, defaults filled in.  Raises UsageError, QueryBookError."""
    found: dict[str, Any] = {}
    for p in q.params:
        value = values.get(p.name)
        if value is not None and value != "" and p.type in _LABEL_OF:
            found[p.name] = find_named(derived, p.type, value)
        elif value is not None and p.type == "organizations":
            found[p.name] = [find_who(derived, part.strip()).id for part in value.split(";") if part.strip()]
        elif value is None and p.name == "language":
            found[p.name] = language
        elif value is None and p.type == "organization" and p.default:
            found[p.name] = resolve_id(derived, p.default) or p.default  # the default's record may have joined another one
        elif value is None and p.type == "organizations" and p.default:
            found[p.name] = [resolve_id(derived, m) or m for m in p.default]
        elif value is not None:
            found[p.name] = value
    unknown = sorted(set(values) - {p.name for p in q.params})
    if unknown:
        known = ", ".join(f"--{p.name}" for p in q.params)
        raise UsageError(
            f"{q.name}: {', '.join(unknown)} gibt es hier nicht; es gibt {known or 'keine Angaben'}.",
            f"{q.name}: no such parameter {', '.join(unknown)}; there are {known or 'none'}.",
        )
    return q.bind(found)


def run_phrase(store: Store, q: Query, bound: Mapping[str, object], *, limit: int, language: str, timeout: float | None = None) -> Answer:
    """Ask a ready-made question whose values are found."""
    result = store.run_phrase(q, bound, limit=limit, timeout=timeout)
    headings = {c: (en if language == "en" else de) for c, (de, en) in q.columns.items()}
    columns = result.columns or list(q.columns)  # ArcadeDB names no columns where there are no rows
    return Answer(result.dicts(), columns, headings, _cut(result.truncated, limit, language), result.truncated)


def candidates(derived: Derived, kind: str, text: str, limit: int = 12) -> list[Hit]:
    """What a field may mean: one hit where an id or a full name says so, else all that come into question, the best first."""
    if kind == "organization":
        return resolve_who(derived, text, limit=limit)
    label = _LABEL_OF[kind]
    hits = search(derived, text, labels=(label,), limit=limit, facets=False).hits
    exact = [h for h in hits if h.id == text] or [h for h in hits if text.casefold() in (h.name.casefold(), h.name_en.casefold())]
    if label is Label.PLACE and len(exact) > 1:
        # of several villages of a name nobody means one of which nothing is known
        exact = [h for h in exact if in_place(derived, h.id, limit=0).total] or exact
    return exact or hits


def ask_cypher(settings: Settings, store: Store, cypher: str, *, limit: int, parameters: Mapping[str, object] | None = None) -> Answer:
    """Ask free Cypher through the reader's rights."""
    result = store.ask(cypher, parameters, timeout=settings.query_timeout, limit=min(limit, settings.query_rows))
    return Answer(result.dicts(), result.columns, {}, _cut(result.truncated, limit, settings.language), result.truncated)


def _cut(truncated: bool, limit: int, language: str) -> list[str]:
    if not truncated:
        return []
    return [f"cut after {limit} rows (--limit)" if language == "en" else f"nach {limit} Zeilen abgeschnitten (--limit)"]


def filters_of(
    derived: Derived,
    *,
    within_km: float | None = None,
    kinds: Iterable[str] = (),
    countries: Iterable[str] = (),
    topics: Iterable[str] = (),
    without: Iterable[str] = (),
) -> Filters:
    """Filters as people type them: topics and organisations by id or name, countries by their two letters.  Raises UsageError."""
    return Filters(
        within_km=within_km,
        kinds=_kinds(kinds),
        countries=tuple(c.strip().upper() for c in countries if c.strip()),
        topics=tuple(find_named(derived, "topic", t.strip()) for t in topics if t.strip()),
        without=tuple(find_who(derived, w.strip()).id for w in without if w.strip()),
    )


def suggest_for(
    settings: Settings,
    store: Store,
    who: str | Callable[[Derived], Newcomer],
    *,
    mode: str = "mixed",
    within_km: float | None = None,
    kinds: Sequence[str] = (),
    countries: Sequence[str] = (),
    topics: Sequence[str] = (),
    without: Sequence[str] = (),
    reach: float | None = None,
    top: int = 10,
    skip: int = 0,
    parts: bool = False,
    language: str = "de",
) -> Answer:
    """Suggested partners, a row each, with the reasons in words and the evidence that proves them.

    who  an organisation (id, identifier or name), or what makes a newcomer of the files that are asked
    """
    derived = DerivedCache(settings, store).current()
    filters = filters_of(derived, within_km=within_km, kinds=kinds, countries=countries, topics=topics, without=without)
    options: dict[str, Any] = {"mode": _mode(mode), "filters": filters, "reach": reach, "top": top, "skip": skip, "parts": parts}
    if isinstance(who, str):
        with State(settings.home) as state:
            answer = suggest_judged(state, derived, find_who(derived, who).id, **options)
    else:
        answer = suggest(derived, who(derived), **options)
    en = language == "en"
    rows = []
    for rank, s in enumerate(answer.suggestions, skip + 1):
        proofs = dict.fromkeys(e for r in s.reasons for item in r.items for e in _evidence(item))
        rows.append(
            {
                "rank": rank,
                "id": s.id,
                "name": s.name,
                "kind": str(s.kind or ""),
                "city": s.city,
                "country": s.country,
                "score": round(s.score, 4),
                "why": "; ".join(_why(r, en=en) for r in s.reasons[:3]),
                "evidence": list(proofs)[:5],
            }
        )
    columns = ["rank", "id", "name", "kind", "city", "country", "score", "why", "evidence"]
    german = ("Rang", "Kennung", "Name", "Art", "Ort", "Land", "Wert", "Warum", "Belege")
    english = ("Rank", "Id", "Name", "Kind", "City", "Country", "Score", "Why", "Evidence")
    headings = dict(zip(columns, english if en else german, strict=True))
    notes = [NOTES[n][1 if en else 0] for n in answer.notes]
    notes += [
        f"Without {FILTERS[name][1]} {count} would be left." if en else f"Ohne {FILTERS[name][0]} blieben {count} übrig." for name, count in answer.loosen
    ]
    return Answer(rows, columns, headings, notes)


def consortium_of(
    derived: Derived,
    members: Iterable[str],
    *,
    topics: Iterable[str] = (),
    kinds: Iterable[str] = (),
    countries: Iterable[str] = (),
    coordinator: bool = False,
    only_countries: Iterable[str] = (),
) -> Gaps:
    """What a consortium lacks; members and topics by id or name.  Raises UsageError."""
    return gaps(
        derived,
        [find_who(derived, m).id for m in members],
        topics=[find_named(derived, "topic", t) for t in topics],
        kinds=_kinds(kinds),
        countries=tuple(countries),
        coordinator=coordinator,
        only_countries=tuple(c.upper() for c in only_countries),
    )


def consortium_for(settings: Settings, store: Store, members: Sequence[str], *, language: str = "de", **options: Any) -> Answer:
    """What a consortium lacks as rows, then who would close most of it (options as of `consortium_of`)."""
    found = consortium_of(DerivedCache(settings, store).current(), members, **options)
    en = language == "en"

    def named(n: Need) -> str:
        if n.what == "role":
            return "experience as coordinator" if en else "Erfahrung mit Koordination"
        return n.name_en if en else n.name

    rows = []
    for rank, p in enumerate(found.picks, 1):
        brings = "; ".join(named(b.need) for b in p.brings)
        rows.append(
            {"rank": rank, "id": p.id, "name": p.name, "kind": str(p.kind or ""), "city": p.city, "gain": p.gain, "covered": p.covered, "brings": brings}
        )
    missing = ", ".join(named(n) for n in found.needs if not n.members)
    notes = [f"Missing: {missing}" if en else f"Es fehlt: {missing}"] if missing else ["Nothing is missing." if en else "Es fehlt nichts."]
    if found.nobody:
        nobody = ", ".join(named(n) for n in found.nobody)
        notes.append(f"Nobody here brings: {nobody}" if en else f"Hier bringt niemand mit: {nobody}")
    columns = ["rank", "id", "name", "kind", "city", "gain", "covered", "brings"]
    german = ("Rang", "Kennung", "Name", "Art", "Ort", "Gewinn", "Gedeckt", "Bringt mit")
    english = ("Rank", "Id", "Name", "Kind", "City", "Gain", "Covered", "Brings")
    return Answer(rows, columns, dict(zip(columns, english if en else german, strict=True)), notes)


def why_not_for(settings: Settings, store: Store, who: str, other: str, *, mode: str = "mixed", parts: bool = False, language: str = "de") -> Answer:
    """Why one organisation is not suggested to another: the rules against it or its place, and reason by reason what it lacks."""
    derived = DerivedCache(settings, store).current()
    a, b = find_who(derived, who), find_who(derived, other)
    with State(settings.home) as state:
        hidden, lifted = hidden_and_lifted(state, derived, a.id)
    found = why_not(derived, a.id, b.id, mode=_mode(mode), suppressed=hidden, lifted=lifted, parts=parts)
    en = language == "en"
    notes = [AGAINST[code][1 if en else 0] for code in found.against]
    notes.append(
        f"“{b.name}” stands at place {found.rank} of {found.of}."
        if en
        else f"«{b.name}» steht auf Platz {found.rank} von {found.of}."
        if not found.against
        else f"«{b.name}» stünde sonst auf Platz {found.rank} von {found.of}."
    )
    rows = [{"reason": REASONS[c.reason][1 if en else 0], "last_shown": round(c.first, 3), "this_one": round(c.second, 3)} for c in found.compared]
    last = found.last.name if found.last else ""
    headings = {"reason": "Reason" if en else "Grund", "last_shown": last, "this_one": b.name}
    return Answer(rows, ["reason", "last_shown", "this_one"], headings, notes)


def _why(reason: Reason, *, en: bool) -> str:
    names = ", ".join(_named(i, en=en) for i in reason.items[:3] if i.get("name"))
    return REASONS[reason.feature][1 if en else 0] + (f": {names}" if names else "")


def _named(item: Mapping[str, object], *, en: bool) -> str:
    """The item's name; a project without a title by its number at the publisher.  Behind it the part of the organisation that it comes from."""
    name, id_ = str(item["name"]), str(item["id"])
    shown = f"{'project' if en else 'Projekt'} {id_.rpartition(':')[2]}" if name == id_ else name
    part = item.get("through")
    return f"{shown} ({'through' if en else 'über'} {part['name']})" if isinstance(part, dict) else shown


def _evidence(item: Mapping[str, object]) -> list[str]:
    found = item.get("evidence")
    return [str(e) for e in found] if isinstance(found, list) else []


def _mode(mode: str) -> Mode:
    for m in MODES:
        if m == mode:
            return m
    raise UsageError(f"Modus {mode!r} gibt es nicht; es gibt {', '.join(MODES)}.", f"There is no mode {mode!r}; there are {', '.join(MODES)}.")


def _kinds(kinds: Iterable[str]) -> tuple[Kind, ...]:
    try:
        return tuple(Kind(k) for k in kinds)
    except ValueError as e:
        names = ", ".join(Kind)
        raise UsageError(f"{e.args[0]}: es gibt die Arten {names}.", f"{e.args[0]}: the kinds are {names}.") from None


def measure(settings: Settings, queries: Iterable[str], scheme: str, mode: str, top: int) -> Iterator[str]:
    """Answers to a file of queries as JSON lines {"query", "partners"}; names are not looked at, so that only the ranking is measured.

    scheme  pic: queries and partners are CORDIS participant codes; id: ids of the graph
    Organisations without a name are not left out here: in this data a name is filled from later releases, so it would tell the future.
    """
    derived = open_derived(settings.home / "derived")
    prefix = "cordis:org:" if scheme == "pic" else ""
    for q in queries:
        found: list[str] = []
        if derived.index(prefix + q) is not None:
            answer = suggest(derived, prefix + q, mode=_mode(mode), top=top, exclude_unnamed=False, reasons=False)
            found = [s.id.removeprefix(prefix) for s in answer.suggestions]
        yield orjson.dumps({"query": q, "partners": found}).decode()
