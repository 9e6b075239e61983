"""The review: one unsure pair at a time, both records side by side, and what a person says about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from graph.model import Judgement, Kind
from graph.state import VERDICTS
from ingest import identity
from ingest import review as asking
from ingest.identity import Identity, Step
from ingest.resolve import wording
from ingest.resolve.decide import standing
from web import access, pages
from web.language import language
from web.site import site

MOST_APART: Final = 20
"""Records of one organisation from which another one is told apart in one go."""


def review() -> ResponseReturnValue:
    """One question; or keep an answer and go on to the next one."""
    if request.method == "POST":
        return _keep()
    wanted = asking.Wanted(*(request.args.get(f, "").strip() for f in ("source", "kind", "city")))
    state = site().state()
    judgements = state.judgements()
    with Identity(site().settings.home) as found:
        everything = asking.open_questions(found, judgements)
        questions = [q for q in everything if wanted.fits(q)]
        at = min(pages.whole("at", 0, 0, 1_000_000), max(len(questions) - 1, 0))
        waiting = found.stamp != identity.stamp(judgements)
    sources = sorted({s for q in everything for s in (q.a.source, q.b.source)})
    question = questions[at] if questions else None
    done = next((j for j in judgements if str(j.number) == request.args.get("done", "")), None)
    return render_template(
        "review.html",
        question=question,
        bars=[(b, abs(b.bits)) for b in identity.bars(question.levels)] if question else [],
        at=at,
        total=len(questions),
        wanted=asdict(wanted),
        sources=sources,
        kinds=tuple(Kind),
        waiting=waiting,
        done=done,
        against=_against(done) if done else None,
        wording=wording,
        l=0 if language() == "de" else 1,
    )


def _against(judgement: Judgement) -> Judgement | None:
    """An earlier standing judgement about the same pair that says something else."""
    earlier = (j for j, undone in site().state().history((judgement.a,)) if not undone and j.number < judgement.number)
    return next((j for j in earlier if (j.a, j.b) == (judgement.a, judgement.b) and j.verdict != judgement.verdict), None)


def _keep() -> ResponseReturnValue:
    form = request.form
    a, b, verdict = form.get("a", ""), form.get("b", ""), form.get("verdict", "")
    if verdict not in VERDICTS or not a or not b or a == b:
        abort(400)
    kept = site().state().judge(a, b, verdict, _who(), form.get("why", "").strip()[:500] or "Prüfseite")
    return redirect(_back(done=str(kept.number)), 303)


def undo() -> ResponseReturnValue:
    """Take one judgement back."""
    number = request.form.get("number", "")
    if not number.isdecimal() or len(number) > 18:  # the database counts in 64 bits
        abort(400)
    site().state().undo(int(number), who=_who())
    return redirect(access.own_path(request.form["next"]) if request.form.get("next") else _back(), 303)


def apart() -> ResponseReturnValue:
    """Say that one record is not the organisation under which it stands: it is told apart from those that it was joined with."""
    record, node = request.form.get("record", ""), request.form.get("node", "")
    with Identity(site().settings.home) as found:
        steps = found.steps_of(node)
    others = sorted(_neighbours(steps, record) | ({node} - {record}))[:MOST_APART]
    if not record or not steps or not others:
        abort(400)
    why = request.form.get("why", "").strip()[:500] or "Seite der Einrichtung"
    site().state().judge_all([(record, other) for other in others], "no", _who(), why)
    return redirect(url_for("pages.organization", id=node, said="apart"), 303)


def _neighbours(steps: Iterable[Step], record: str) -> set[str]:
    return {s.b if s.a == record else s.a for s in steps if record in (s.a, s.b)}


def _who() -> str:
    user = access.current_user()
    return user.name if user else ""


def _back(**more: str) -> str:
    kept = {k: v for k in ("source", "kind", "city", "at") if (v := request.form.get(k, ""))}
    return url_for("pages.review", **kept, **more)  # type: ignore[arg-type]  # the keys are never those of url_for itself


def records(node: str) -> dict[str, object]:
    """What the page of an organisation says about its records: which there are, why they are one, what was judged, what waits."""
    with Identity(site().settings.home) as found:
        own, steps, made_with = found.records_of(node), found.steps_of(node), found.stamp
    judgements = site().state().judgements()
    ids = {r.id for r in own}
    about = [(j, undone) for j, undone in site().state().history(ids | {node}) if j.a in ids or j.b in ids or node in (j.a, j.b)]
    return {
        "records": own,
        "steps": steps,
        "judged": about,
        "contradicted": {j.number for j, undone in about if not undone and standing(judgements).get((j.a, j.b)) != j},
        "waiting": made_with != identity.stamp(judgements),
        "wording": wording,
        "l": 0 if language() == "de" else 1,
    }
