"""The page of a job: how far it is, what was found in a text and what a person says about that, what would change, and taking back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph.derived import Derived
from graph.errors import UsageError
from graph.jobs import Correction, Job, Jobs
from graph.model import Kind, Label, Status
from graph.search import search
from ingest import jobs as work
from ingest.base import ISSUES
from ingest.sources import csv_list
from ingest.text import checking
from ingest.text.checking import SHOWN_TAGS, Checked, Reading, key_of, label_of
from ingest.text.marks import Mention
from web import access, pages
from web.language import language
from web.pages.document import TOPIC, Nodes, Part, laid_out
from web.pages.lists import Named, named
from web.site import derived, site

CANDIDATES = 6
LONGEST_NAME = 160


@dataclass(frozen=True, slots=True)
class Chosen:
    """The name that a person looks at: where it stands, what it is said to be, the node it would become, others that it may be."""

    start: int
    end: int
    words: str
    tag: str
    times: int
    node: Named | None
    new: bool = False
    candidates: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A text for looking through.  ``keys``: of each statement of the part, what a correction names it by."""

    reading: Reading
    part: Part
    keys: tuple[str, ...]
    chosen: Chosen | None
    subjects: tuple[tuple[str, str], ...]
    corrections: tuple[tuple[Correction, str], ...]
    counts: dict[str, int]


def job(number: int) -> ResponseReturnValue:
    """One job; or do with it what a form asks."""
    found = Jobs(site().state()).find(number)
    if found is None:
        abort(404)
    problem: tuple[str, str] | None = None
    if request.method == "POST":
        try:
            return redirect(_do(found), 303)
        except UsageError as e:
            problem = (e.text("de"), e.text("en"))
            found = Jobs(site().state()).one(number)
    shown = _shown(found) if found.kind == "text" and found.state == "ready" and found.task == "read" else None
    looked = _looked(found) if found.task == "map" and found.state == "ready" else None
    return render_template(
        "job.html",
        job=found,
        shown=shown,
        looked=looked,
        problem=problem,
        at=_document(found),
        statuses=tuple(Status),
        tags=SHOWN_TAGS,
        properties=(*csv_list.PROPERTIES, "topics", "cooperation"),
        kinds=tuple(Kind),
        said=found.text(language()),
        issue_text=lambda code: ISSUES[code][0 if language() == "de" else 1],
        query=request.args.get("q", "")[:LONGEST_NAME],
    )


def _do(found: Job) -> str:
    """Do what the form asks; the address to go on at."""
    jobs, form = Jobs(site().state()), request.form
    user = access.current_user()
    who = user.name if user else ""
    here = url_for("pages.job", number=found.number)
    match form.get("do", ""):
        case "confirm":
            jobs.confirm(found.number, who)
        case "cancel":
            if jobs.cancel(found.number, who).state == "cancelled":  # nobody works on it: what was sent goes at once
                work.clear(site().settings.home, found.number)
        case "undo":
            jobs.take_back(found.number, who)
        case "map":
            _map(found)
            jobs.send(found.number)
        case "withdraw":
            jobs.withdraw(found.number, _whole("number"), who)
            return f"{_text_address(found)}#corrections"
        case "correct":
            what = _correct(found, who)
            return f"{_text_address(found)}#{what}"
        case _:
            abort(400)
    return here


def _text_address(found: Job) -> str:
    kept: dict[str, Any] = {k: v for k in ("doc", "part") if (v := request.form.get(k, "")).isdigit()}
    return url_for("pages.job", number=found.number, **kept)


def _whole(name: str) -> int:
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        abort(400)
    return int(text)


# -- a text


def _document(found: Job) -> int:
    return min(pages.whole("doc", 0, 0, 100_000), max(len(found.result.get("documents", ())) - 1, 0))


def _reading(found: Job) -> Reading:
    read = work.readings(site().settings.home, found.number)
    return read[_document(found)]


def _shown(found: Job) -> Shown:
    d = derived()
    reading = _reading(found)
    said = Jobs(site().state()).corrections(found.number)
    mine = [c for c in said if c.document == reading.document.id]
    checked = checking.check(reading, mine)
    nodes = Nodes(d, known=_known(d, found, checked))
    stored = checked.said.stored()
    chosen = _chosen(d, checked, nodes, pages.whole("mark", -1, 0, 10_000_000))
    number = pages.whole("part", 0, 0, 100_000)
    part = laid_out(stored, nodes, number=number, chosen=(chosen.start, chosen.end) if chosen else None, cited=())
    keys = {s: key_of(r) for r in checked.said.extraction.relations if (s := checked.said.statement(r)) is not None}
    return Shown(
        reading,
        part,
        tuple(keys[x.statement] for x in part.statements),
        chosen,
        tuple((s.topic, node.name if (node := named(d, s.topic, (Label.TOPIC,))) else s.topic) for s in checked.said.extraction.subjects),
        tuple((c, stored.text[c.start : c.end][:80]) for c in mine),
        {"names": len(checked.said.things), "statements": len(stored.statements)},
    )


def _known(d: Derived, found: Job, checked: Checked) -> dict[tuple[str, str], Named | None]:
    """Record and tag of every thing of a text -> the node that it would become, None for a new one."""
    becomes: dict[str, str] = found.result.get("nodes", {})
    out: dict[tuple[str, str], Named | None] = {}
    for entity, thing in checked.said.things.items():
        node = "" if entity in checked.new else thing.record if thing.named else becomes.get(thing.record, "")
        label = label_of(thing.tag)
        known = None if not node else named(d, node, (label,))
        for tag in {thing.tag, *(m.tag for m in thing.mentions)}:
            out[thing.record, str(tag)] = known
    return out


def _chosen(d: Derived, checked: Checked, nodes: Nodes, at: int) -> Chosen | None:
    text = checked.said.document.text
    mention: Mention | None = next((m for m in checked.said.extraction.mentions if m.start == at), None)
    if mention is None:
        topic = next((t for t in checked.said.extraction.topics if t.start == at), None)
        return None if topic is None else Chosen(topic.start, topic.end, text[topic.start : topic.end], TOPIC, 1, nodes.of(topic.topic, TOPIC))
    thing = checked.said.things.get(mention.entity)
    label = label_of(mention.tag)
    wanted = request.args.get("q", "").strip()[:LONGEST_NAME] or (thing.name if thing else text[mention.start : mention.end])
    hits = search(d, wanted, labels=(label,), limit=CANDIDATES, facets=False).hits
    found = [n for h in hits if (n := named(d, h.id, (label,))) is not None]
    node = nodes.of(thing.record, str(mention.tag)) if thing else None
    return Chosen(
        mention.start,
        mention.end,
        text[mention.start : mention.end],
        str(mention.tag),
        len(thing.mentions) if thing else 1,
        node,
        mention.entity in checked.new,
        tuple(n for n in found if node is None or n.id != node.id),
    )


def _correct(found: Job, who: str) -> str:
    """Keep one correction.  The name of the part of the page where it shows."""
    if found.state != "ready" or found.kind != "text":
        raise UsageError("Dieser Auftrag wartet auf keine Berichtigung.", "This job waits for no correction.")
    reading = _reading(found)
    text, form = reading.document.text, request.form
    what, value = form.get("what", ""), form.get("value", "")
    start, end = (_whole("start"), _whole("end")) if "start" in form else (0, 0)
    match what:
        case "name":
            words = " ".join(form.get("words", "").split())[:LONGEST_NAME]
            start = next(checking.occurrences(text, words), -1)
            if start < 0:
                raise UsageError(
                    f"„{words}“ steht so nicht im Text. Bitte genau so schreiben, wie es dort steht.",
                    f"“{words}” does not stand in the text like this. Please write it exactly as it stands there.",
                )
            end = start + len(words)
        case "node" if value == "new":
            what, value = "new", ""
        case "node":
            tag = next((m.tag for m in reading.extraction.mentions if m.start == start), None)
            if not value or not any(named(derived(), value, (label_of(t),)) for t in (SHOWN_TAGS if tag is None else (tag, *SHOWN_TAGS))):
                raise UsageError("Bitte wählen, welcher Eintrag gemeint ist.", "Please choose which entry is meant.")
    fits = {
        "name": value in {str(t) for t in SHOWN_TAGS},
        "kind": value in {str(t) for t in SHOWN_TAGS},
        "out": value in ("all", "here"),
        "node": True,
        "new": True,
        "relation": value in {key_of(r) for r in reading.extraction.relations},
        "status": value.rpartition("=")[2] in set(Status),
        "subject": value in {s.topic for s in reading.extraction.subjects},
    }
    if not fits.get(what, False) or not 0 <= start <= end <= len(text):
        abort(400)
    Jobs(site().state()).correct(found.number, reading.document.id, start, end, what, value, who)
    return {"relation": "statements", "status": "statements", "subject": "subjects"}.get(what, f"m-{start}")


# -- a list without a mapping


def _list_path(found: Job) -> Any:
    return next(p for p in sorted(work.files_folder(site().settings.home, found.number).iterdir()) if p.suffix != ".toml")


def _looked(found: Job) -> csv_list.Looked:
    return csv_list.look(_list_path(found))


def _map(found: Job) -> None:
    """Write the mapping file that the form says beside the list."""
    if found.state != "ready" or found.task != "map":
        raise UsageError("Dieser Auftrag wartet nicht darauf.", "This job does not wait for that.")
    path, form = _list_path(found), request.form
    looked = csv_list.look(path)
    means = {c: form.get(f"column-{n}", "") for n, c in enumerate(looked.columns)}
    chosen = [p for p in means.values() if p]
    if "name" not in chosen:
        raise UsageError("Bitte sagen, in welcher Spalte der Name steht.", "Please say which column holds the name.")
    if twice := sorted({p for p in chosen if chosen.count(p) > 1}):
        raise UsageError(f"Zwei Spalten sind „{twice[0]}“; bitte nur eine.", f"Two columns are “{twice[0]}”; please only one.")
    about = {k: form.get(k, "").strip()[:200] for k in ("title", "publisher", "licence", "release")}
    for k, (de, en) in {
        "title": ("Wie die Liste heißt", "What the list is called"),
        "publisher": ("Von wem sie ist", "Whose it is"),
        "licence": ("Unter welcher Lizenz", "Under which licence"),
        "release": ("Von wann sie ist", "Of when it is"),
    }.items():
        if not about[k]:
            raise UsageError(f"„{de}“ fehlt noch.", f"“{en}” is still missing.")
    about |= {"dataset": str(found.order.get("dataset") or about["title"]), "attribution": about["publisher"]}
    kinds = _kinds(form.get("kinds", "").splitlines())
    path.with_suffix(".toml").write_text(csv_list.mapping_text(looked, about, means, kinds), encoding="utf-8")


def _kinds(lines: Sequence[str]) -> dict[str, str]:
    out = {}
    for line in lines:
        word, eq, kind = (x.strip() for x in line.partition("="))
        if eq and word and kind in set(Kind):
            out[word] = kind
    return out
