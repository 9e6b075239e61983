"""Words for the codes of the model, in the language of the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graph.model import Kind, Label, Reason
from graph.reader import Entity, OrganizationRef, ProjectRef
from graph.suggest import FILTERS, NOTES, REASONS
from graph.suggest.pair import AGAINST
from web.language import by_language, language
from web.language import gettext as _
from web.site import derived

SURE: Final = 0.85
LIKELY: Final = 0.6
"""From which confidence on a statement of a text counts as surely or probably read."""


def kind_name(kind: Kind | str | None) -> str:
    """What an organisation is."""
    return _kinds().get(Kind(kind), "") if kind else _("Art unbekannt")


@by_language
def _kinds() -> Mapping[str, str]:
    return {
        Kind.COMPANY: _("Unternehmen"),
        Kind.UNIVERSITY: _("Hochschule"),
        Kind.RESEARCH: _("Forschungseinrichtung"),
        Kind.PUBLIC: _("Öffentliche Stelle"),
        Kind.ASSOCIATION: _("Verein oder Verband"),
    }


def label_name(label: str) -> str:
    """What a node is."""
    return _labels().get(label, label)


@by_language
def _labels() -> Mapping[str, str]:
    return {
        "Organization": _("Organisation"),
        "Project": _("Projekt"),
        "Topic": _("Thema"),
        "Place": _("Ort"),
        "Document": _("Dokument"),
        "Evidence": _("Beleg"),
        "Source": _("Quelle"),
    }


def level_name(level: str) -> str:
    """What a place is."""
    return _levels().get(level, level)


@by_language
def _levels() -> Mapping[str, str]:
    return {
        "municipality": _("Gemeinde"),
        "district": _("Kreis oder kreisfreie Stadt"),
        "region": _("Region"),
        "state": _("Bundesland"),
        "country": _("Staat"),
    }


def scheme_name(scheme: str) -> str:
    """Which list of topics a topic comes from."""
    return _schemes().get(scheme, scheme)


@by_language
def _schemes() -> Mapping[str, str]:
    return {
        "euroscivoc": _("EuroSciVoc (Wissenschaftsgebiete der EU)"),
        "wz2008": _("Wirtschaftszweige (WZ 2008)"),
        "leistungsplan": _("Leistungsplansystematik des Bundes"),
        "masterplan": _("Masterplan"),
        "efre-nrw": _("Themen des EFRE-Programms NRW"),
        "h2020-part": _("Programmteile von Horizont 2020"),
        "cordis-call": _("Aufrufe der EU-Programme"),
        "free": _("Freie Schlagwörter"),
    }


def fact_name(name: str) -> str:
    """Heading of a fact."""
    return _facts().get(name, name)


@by_language
def _facts() -> Mapping[str, str]:
    return {
        "name": _("Name"),
        "city": _("Ort laut Quelle"),
        "postcode": _("Postleitzahl"),
        "region": _("Region"),
        "country": _("Land"),
        "website": _("Website"),
        "founded": _("Gründungsjahr"),
        "sme": _("Kleines oder mittleres Unternehmen"),
        "status": _("Status"),
        "ror": _("ROR-Kennung"),
        "lei": _("LEI"),
        "register": _("Handelsregister"),
        "pic": _("EU-Teilnehmernummer (PIC)"),
        "vat": _("USt-IdNr."),
        "wikidata": _("Wikidata"),
        "title": _("Titel"),
        "acronym": _("Kurzname"),
        "theme": _("Thema laut Quelle"),
        "programme": _("Programm"),
        "call": _("Aufruf"),
        "start": _("Beginn"),
        "end": _("Ende"),
        "funding_eur": _("Förderung"),
        "cost_eur": _("Gesamtkosten"),
        "url": _("Seite beim Herausgeber"),
        "label_de": _("Deutsche Bezeichnung"),
        "label_en": _("Englische Bezeichnung"),
        "scheme": _("Systematik"),
        "notation": _("Kennziffer"),
        "path": _("Einordnung"),
        "translated_by": _("Übersetzt von"),
        "level": _("Ebene"),
        "ags": _("Amtlicher Gemeindeschlüssel"),
        "nuts": _("NUTS-Kennung"),
    }


def role_name(role: str) -> str:
    """Role in a project."""
    return _roles().get(role, role)


@by_language
def _roles() -> Mapping[str, str]:
    return {
        "coordinator": _("Koordination"),
        "participant": _("Teilnahme"),
        "partner": _("Projektpartner"),
        "beneficiary": _("Begünstigte"),
        "thirdParty": _("Dritte"),
        "third_party": _("Dritte"),
        "associated": _("Assoziierter Partner"),
        "associatedPartner": _("Assoziierter Partner"),
        "internationalPartner": _("Internationaler Partner"),
        "internationalOrganisation": _("Internationale Organisation"),
        "recipient": _("Zuwendungsempfänger"),
        "executing": _("Ausführende Stelle"),
        "hostInstitution": _("Gastgebende Einrichtung"),
        "subcontractor": _("Unterauftrag"),
    }


def status_name(status: str) -> str:
    """How real a stated link is."""
    return _statuses().get(status, status)


@by_language
def _statuses() -> Mapping[str, str]:
    return {
        "running": _("laufend"),
        "planned": _("geplant"),
        "ended": _("beendet"),
        "uncertain": _("unsicher"),
        "negated": _("verneint"),
        "dissolved": _("aufgelöst"),
        "active": _("aktiv"),
        "inactive": _("inaktiv"),
        "withdrawn": _("zurückgezogen"),
    }


def mark_name(tag: str) -> str:
    """What a mark in a text is."""
    return _marks().get(tag, tag)


@by_language
def _marks() -> Mapping[str, str]:
    return {
        "COMPANY": _("Unternehmen"),
        "UNIVERSITY": _("Hochschule"),
        "RESEARCH": _("Forschung"),
        "PUBLIC": _("Öffentliche Stelle"),
        "ASSOCIATION": _("Verein/Netzwerk"),
        "PROJECT": _("Projekt"),
        "PLACE": _("Ort"),
        "TOPIC": _("Thema"),
    }


def language_of_text(code: str) -> str:
    """In which language a text is written, and what that means for how well it is read."""
    if not code:
        return _("unbekannt")
    return {"de": _("Deutsch"), "en": _("Englisch")}.get(code, _("in einer anderen Sprache, weniger verlässlich gelesen"))


def confidence_name(confidence: float) -> str:
    """How sure it is that a text says this."""
    if confidence >= SURE:
        return _("sicher gelesen")
    return _("wahrscheinlich so gemeint") if confidence >= LIKELY else _("unsicher gelesen")


def feature_name(feature: str) -> str:
    """Why something is suggested."""
    de, en = REASONS.get(feature, (feature, feature))
    text = en if language() == "en" else de
    return text[:1].upper() + text[1:]


def telling(reasons: Sequence[Reason]) -> list[Reason]:
    """The two reasons that say most in one line: those that point to something, recent activity last."""
    return sorted(reasons, key=lambda r: (not r.items, r.feature == "activity", -r.contribution))[:2]


def filter_name(name: str) -> str:
    """A filter of the suggestions, as it stands in a sentence."""
    de, en = FILTERS.get(name, (name, name))
    return en if language() == "en" else de


def against_text(code: str) -> str:
    """The rule that keeps somebody out of the suggestions."""
    de, en = AGAINST.get(code, (code, code))
    return en if language() == "en" else de


def note_text(code: str) -> str:
    """What a suggestion rests on, or why there is none."""
    de, en = NOTES.get(code, (code, code))
    return en if language() == "en" else de


def item_name(item: Mapping[str, Any]) -> str:
    """What to call an item of a reason."""
    if item.get("label") == "Project":
        name = str(item.get("name") or "")
        return project_name(ProjectRef(str(item["id"]), "" if name == item["id"] else name, start=str(item.get("start") or "")))
    return str((item.get("name_en") if language() == "en" else "") or item.get("name") or item["id"])


def count_name(name: str) -> str:
    """Heading of a count on «Quellen»."""
    return _counts().get(name, name)


@by_language
def _counts() -> Mapping[str, str]:
    return {
        "organizations": _("Organisationen"),
        "projects": _("Projekte"),
        "topics": _("Themen"),
        "places": _("Orte"),
        "documents": _("Texte"),
        "links": _("Verknüpfungen"),
        "evidence": _("Belege"),
    }


def years(start: str, end: str) -> str:
    """2015–2018, 2015, or "" from two ISO dates or years."""
    a, b = start[:4], end[:4]
    return f"{a}–{b}" if a and b and a != b else a or b


def theme_of(project_id: str) -> str:
    """Name of the rarest topic of a project, in the language of the request; "" if it has none.  Calls are no themes."""
    d = derived()
    row = d.index(project_id, Label.PROJECT)
    if row is None:
        return ""
    base = d.base[Label.TOPIC]
    found = [(len(d.topic_project.row(int(t))), base + int(t)) for t in d.project_topic.row(row) if not d.ids[base + int(t)].startswith("cordis:call:")]
    if not found:
        return ""
    node = min(found)[1]
    return (d.names_en[node] if language() == "en" else "") or d.names[node]


def project_name(project: ProjectRef) -> str:
    """The title; where the data has none, what can be said instead: acronym, theme, topic, programme, years."""
    if project.title:
        return project.title
    if project.acronym:
        return project.acronym
    subject = project.theme or theme_of(project.id) or project.programme
    when = years(project.start, project.end)
    number = project.id.rsplit(":", 1)[-1]
    if subject and when:
        return _("Projekt %(number)s: %(subject)s (%(when)s)", number=number, subject=subject, when=when)
    if subject:
        return _("Projekt %(number)s: %(subject)s", number=number, subject=subject)
    return _("Projekt %(number)s", number=number)


def entity_name(entity: Entity) -> str:
    """What to call a node in a heading."""
    p: Mapping[str, object] = entity.props
    match entity.label:
        case "Project":
            get = entity.text
            return project_name(
                ProjectRef(entity.id, get("title"), get("acronym"), get("start"), get("end"), get("programme"), get("theme")),
            )
        case "Topic":
            order = ("label_en", "label_de") if language() == "en" else ("label_de", "label_en")
            return next((str(p[k]) for k in (*order, "notation") if p.get(k)), entity.id)
        case _:
            return str(p.get("name") or "") or _("Ohne Namen (%(id)s)", id=entity.id)


def organization_name(o: OrganizationRef) -> str:
    """What to call an organisation; the source may not have named it."""
    return o.name or _("Ohne Namen (%(id)s)", id=o.id)


def opinion_name(verdict: str) -> str:
    """What was said about a suggestion."""
    return _opinions().get(verdict, verdict)


@by_language
def _opinions() -> Mapping[str, str]:
    return {
        "fits": _("passt"),
        "does_not_fit": _("passt nicht"),
        "known": _("kennen wir schon"),
        "competitor": _("Konkurrent"),
        "unclear": _("unklar"),
    }


def progress_name(state: str) -> str:
    """How far somebody got with a noted partner."""
    return _progress().get(state, state)


@by_language
def _progress() -> Mapping[str, str]:
    return {
        "noted": _("vorgemerkt"),
        "contacted": _("kontaktiert"),
        "talking": _("im Gespräch"),
        "project": _("gemeinsames Projekt"),
        "declined": _("abgelehnt"),
    }


def audit_word(code: str) -> str:
    """What was done, or how something was before or after, on the record of changes; a role or a name as it is."""
    return _audit_words().get(code, code)


@by_language
def _audit_words() -> Mapping[str, str]:
    return {
        "judge": _("Urteil"),
        "undo": _("Urteil zurückgenommen"),
        "user": _("Zugang"),
        "password": _("Passwort"),
        "login": _("Anmeldung"),
        "login failed": _("Falsche Anmeldung"),
        "login locked": _("Anmeldung für eine Weile gesperrt"),
        "yes": _("Dieselbe"),
        "no": _("Nicht dieselbe"),
        "unsure": _("Unklar"),
        "enabled": _("zugelassen"),
        "disabled": _("gesperrt"),
        "opinion": _("Urteil über einen Vorschlag"),
        "opinion undone": _("Urteil über einen Vorschlag zurückgenommen"),
        "watch": _("Merkliste"),
        "watch note": _("Notiz auf der Merkliste"),
        "job": _("Auftrag"),
        "update": _("neuer Stand einer Quelle"),
        "confirmed": _("bestätigt"),
        "taken back": _("soll zurückgenommen werden"),
        "correction": _("Berichtigung an einem Text"),
        "correction undone": _("Berichtigung an einem Text zurückgenommen"),
        "kind": _("Art"),
        "out": _("herausgenommen"),
        "node": _("anderer Eintrag im Graphen"),
        "new": _("steht noch nicht im Graphen"),
        "name": _("Name ergänzt"),
        "relation": _("Aussage herausgenommen"),
        "status": _("Stand einer Aussage"),
        "subject": _("Thema des Textes herausgenommen"),
        "suppress": _("Auf Wunsch gesperrt"),
        "suppress lifted": _("Sperre aufgehoben"),
        **_job_states(),
        **_opinions(),
        **_progress(),
    }


def job_state(code: str) -> str:
    """How far a job is."""
    return _job_states().get(code, code)


@by_language
def _job_states() -> Mapping[str, str]:
    return {
        "waiting": _("wartet"),
        "running": _("läuft"),
        "ready": _("bereit zur Durchsicht"),
        "done": _("übernommen"),
        "failed": _("gescheitert"),
        "cancelled": _("abgebrochen"),
        "undone": _("zurückgenommen"),
    }


def job_kind(code: str) -> str:
    """What a job brings."""
    return _job_kinds().get(code, code)


@by_language
def _job_kinds() -> Mapping[str, str]:
    return {"text": _("Text"), "registry": _("Liste oder Register"), "update": _("neuer Stand einer Quelle")}


def job_step(code: str) -> str:
    """What the worker is doing for a job."""
    return _job_steps().get(code, _job_steps()["write"])


@by_language
def _job_steps() -> Mapping[str, str]:
    return {
        "": _("Gleich geht es los"),
        "read": _("Die Datei wird gelesen"),
        "recognise": _("Namen, Themen und Aussagen werden gesucht"),
        "compare": _("Verglichen wird mit dem, was geladen ist"),
        "identity": _("Bestimmt wird, welche Einrichtungen gemeint sind"),
        "lock": _("Gewartet wird, bis niemand sonst in den Graphen schreibt"),
        "write": _("In den Graphen wird geschrieben"),
        "derived": _("Suche und Vorschläge werden erneuert"),
    }


def column_name(prop: str) -> str:
    """What a column of a list can hold."""
    return _column_names().get(prop, prop)


@by_language
def _column_names() -> Mapping[str, str]:
    return {
        "id": _("Nummer in der Liste"),
        "kind": _("Art der Einrichtung"),
        "name": _("Name"),
        "names": _("weitere Namen"),
        "country": _("Land"),
        "region": _("Bundesland"),
        "city": _("Ort"),
        "postcode": _("Postleitzahl"),
        "ags": _("Gemeindeschlüssel (AGS)"),
        "website": _("Website"),
        "status": _("Zustand (aktiv, aufgelöst)"),
        "founded": _("Gründungsjahr"),
        "sme": _("kleines oder mittleres Unternehmen"),
        "lat": _("Breitengrad"),
        "lon": _("Längengrad"),
        "topics": _("Themen"),
        "cooperation": _("Kooperationspartner"),
        "vat": _("USt-IdNr."),
        "register": _("Handelsregister"),
    }


def correction_name(code: str) -> str:
    """What a person said about a text."""
    return _audit_words().get(code, code)


def label_plural(label: str) -> str:
    """Name of many nodes of a label."""
    return _plurals().get(label, label)


@by_language
def _plurals() -> Mapping[str, str]:
    return {
        "Organization": _("Organisationen"),
        "Project": _("Projekte"),
        "Topic": _("Themen"),
        "Place": _("Orte"),
        "Document": _("Texte"),
        "links": _("Verknüpfungen"),
    }
