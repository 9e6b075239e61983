"""The one command line.  It reads arguments, calls what does the work, and prints; it holds no logic of its own."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

import click

from graph.errors import InnonetError, UsageError
from graph.settings import Settings

if TYPE_CHECKING:
    from graph.store import Store

_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "jsonl", "csv", "csv-excel"]),
    default="table",
    show_default=True,
    help="Form der Ausgabe; csv-excel öffnet ein deutsches Excel. / Form of the output.",
)


class _Group(click.Group):
    """Prints our errors in the person's language and ends with their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InnonetError as e:
            click.echo(f"innonet: {e.text(_language())}", err=True)
            sys.exit(e.exit_code)
        except BrokenPipeError:
            # whoever read our output has seen enough (head)
            sys.stderr.close()
            sys.exit(0)


def _language() -> str:
    try:
        return Settings.from_env().language
    except InnonetError:
        return "de"


def _text(de: str, en: str) -> str:
    return en if _language() == "en" else de


def _say(de: str, en: str) -> None:
    click.echo(_text(de, en), err=True)


@contextmanager
def _store(*, write: bool = False) -> Iterator[tuple[Settings, Store]]:
    from graph.store import open_store

    settings = Settings.from_env()
    with open_store(settings, write=write) as store:
        yield settings, store


def _print(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: str, headings: Mapping[str, str] | None = None) -> None:
    from graph.tabular import plain, render

    if form != "table":
        click.echo(render(rows, columns, form, headings), nl=False)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for c in columns:
        table.add_column((headings or {}).get(c) or c, overflow="fold")
    for r in rows:
        table.add_row(*(_shown(r.get(c), plain) for c in columns))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _shown(value: Any, plain: Any) -> str:
    from rich.markup import escape

    return escape(f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else plain(value))


class _Progress:
    """One line on standard error, only when it is a terminal."""

    _WORDS: ClassVar = {
        "identity": ("Identität", "identity"),
        "write": ("Schreiben", "writing"),
        "derived": ("Suche und Projektion", "search and projection"),
        "export": ("Exportieren", "exporting"),
    }

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()

    def __call__(self, what: str, done: int, whole: int) -> None:
        if not self._on:
            return
        key = what if what in self._WORDS else "write"
        text = _text(*self._WORDS[key]) + (f" {done:,}/{whole:,}" if whole else "")
        click.echo(f"\r\x1b[K  {text}", nl=False, err=True)

    def end(self) -> None:
        if self._on:
            click.echo("\r\x1b[K", nl=False, err=True)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option("0.1.0", prog_name="innonet")
def main() -> None:
    """Innonet: Innovationsnetzwerke als Wissensgraph. / Innovation networks as a knowledge graph."""


# --- loading ----------------------------------------------------------------------------------------------------------


@main.command()
@click.option("--port", default=8000, show_default=True, help="Port der Seite. / Port of the site.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--no-serve", is_flag=True, help="Nur laden und zeigen, nicht bedienen. / Only load and show.")
def demo(port: int, host: str, no_serve: bool) -> None:
    """Demo-Daten laden, Vorschläge zeigen, Seite bedienen. / Load the demo data, show suggestions, serve.

    Beispiel / example: innonet demo --port 8080
    """
    from ingest import demo as demonstration

    progress = _Progress()
    with _store(write=True) as (settings, store):
        for step in demonstration.load_demo(settings, store, progress):
            progress.end()
            _say(step.de, step.en)
        progress.end()
    with _store() as (settings, store):
        for line in demonstration.show(settings, store):
            _say(line.de, line.en)
    if not no_serve:
        _serve(host, port)


@main.command()
@click.argument("source")
@click.argument("paths", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Nur lesen und berichten. / Only read and report.")
@click.option("--release", default="", help="Name der Veröffentlichung, sonst aus release.json. / Name of the release.")
@click.option("--retrieved", default="", help="Abrufdatum JJJJ-MM-TT, sonst aus release.json. / Date of retrieval.")
@click.option("--as", "dataset", default="", help="Name des Satzes, den ein neuer Stand ersetzt. / Name of the dataset a newer state replaces.")
@click.option("--option", "options", multiple=True, metavar="NAME=WERT", help="Angabe für die Quelle (csv: mapping=DATEI). / Option of the source.")
@click.option("--template", is_flag=True, help="csv: eine Zuordnungsdatei zu PATHS vorschlagen. / csv: propose a mapping for PATHS.")
@click.option("--workers", default=0, help="text: Prozesse; 0: so viele wie Kerne. / text: processes; 0: one a core.")
@click.option("--scheduler", default="", metavar="ADRESSE", help="text: Dask-Scheduler für mehrere Rechner. / text: Dask scheduler of several machines.")
@click.option("--sitemap", is_flag=True, help="text: alle Seiten der Sitemap. / text: all pages of the sitemap.")
@_FORMAT
def ingest(  # one parameter an option of the command line
    source: str,
    paths: tuple[str, ...],
    dry_run: bool,
    release: str,
    retrieved: str,
    dataset: str,
    options: tuple[str, ...],
    template: bool,
    workers: int,
    scheduler: str,
    sitemap: bool,
    form: str,
) -> None:
    """Dateien eines Verzeichnisses oder Texte einlesen und laden. / Read a registry's files, or texts, and load them.

    Beispiel / example: innonet ingest cordis data/demo/cordis-current
    """
    from ingest import load

    if template:
        from ingest.sources.csv_list import template as csv_template

        for p in paths:
            click.echo(csv_template(Path(p)), nl=False)
        return
    settings = Settings.from_env()
    if not paths:
        raise UsageError("Welche Datei oder welcher Ordner? innonet ingest QUELLE PFAD", "Which file or folder? innonet ingest SOURCE PATH")
    with load.write_lock(settings):
        read = []
        for path in paths:
            if source == "text":
                from ingest.text.source import read_texts

                # a page of the web has no date of retrieval but today's
                when = retrieved or (dt.datetime.now(dt.UTC).date().isoformat() if "://" in path else "")
                header, _ = read_texts(
                    settings,
                    path,
                    release=release,
                    retrieved=when,
                    dataset=dataset,
                    dry_run=dry_run,
                    workers=workers or os.cpu_count() or 1,
                    scheduler=scheduler,
                    sitemap=sitemap,
                )
            else:
                header, _ = load.read_claims(
                    settings, source, Path(path), release=release, retrieved=retrieved, dataset=dataset, options=_options(options), dry_run=dry_run
                )
            read.append(header)
        if not dry_run:
            progress = _Progress()
            with _store(write=True) as (_, store):
                done = load.load(settings, store, progress=progress)
            progress.end()
            _say(*_sent(done.sent))
    rows = [{"source": h.source_id, "dataset": h.dataset, "retrieved": h.retrieved, **h.counts, "issues": sum(i["count"] for i in h.issues)} for h in read]
    _print(rows, _columns(rows), form)
    _print_issues([i for h in read for i in h.issues])


def _options(pairs: Sequence[str]) -> dict[str, str]:
    out = {}
    for pair in pairs:
        name, eq, value = pair.partition("=")
        if not eq:
            raise UsageError(f"--option {pair}: NAME=WERT wird erwartet.", f"--option {pair}: NAME=VALUE is expected.")
        out[name] = value
    return out


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(k for r in rows for k in r))


def _sent(sent: Mapping[str, int]) -> tuple[str, str]:
    n = sum(sent.values())
    return (f"{n} Änderungen geschrieben." if n else "Der Graph war schon so.", f"{n} changes written." if n else "The graph already was like this.")


def _print_issues(issues: Sequence[Mapping[str, Any]]) -> None:
    from ingest.base import ISSUES

    for i in issues:
        text = _text(*ISSUES[i["code"]])
        detail = f" ({i['detail']})" if i["detail"] else ""
        where = ", ".join(e["locator"] + (f" «{e['value'][:40]}»" if e["value"] else "") for e in i["examples"][:2])
        click.echo(f"  {i['count']:>6}  {text}{detail}: {where}", err=True)


@main.command()
@click.argument("source")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--release", default="", help="Name der Veröffentlichung, sonst aus release.json. / Name of the release.")
@click.option("--retrieved", default="", help="Abrufdatum JJJJ-MM-TT, sonst aus release.json. / Date of retrieval.")
@click.option("--as", "dataset", default="", help="Der geladene Satz, den sie ersetzt. / The loaded dataset that it replaces.")
@click.option("--option", "options", multiple=True, metavar="NAME=WERT", help="Angabe für die Quelle. / Option of the source.")
@click.option("--yes", is_flag=True, help="Nicht fragen. / Do not ask.")
@click.option("--older", is_flag=True, help="Auch ein älterer Stand. / An older state, too.")
def update(source: str, paths: tuple[Path, ...], release: str, retrieved: str, dataset: str, options: tuple[str, ...], *, yes: bool, older: bool) -> None:
    """Einen neueren Stand einer geladenen Quelle laden; zeigt erst, was sich ändert. / Load a newer release; shows first what will change.

    Beispiel / example: innonet update ror v1.60-2026-11-01-ror-data.zip
    """
    from ingest import load, updating

    settings = Settings.from_env()
    progress = _Progress()
    with load.write_lock(settings), updating.workplace(settings) as work:
        given = {"release": release, "retrieved": retrieved, "dataset": dataset, "options": _options(options), "older": older}
        changes = 0
        for said in updating.look_at_all(settings, source, paths, work, given, progress):
            progress.end()
            changes += said.changes
            for line in said.lines:
                click.echo(_text(*line))
        if not changes:
            return
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError("Ohne Terminal lädt nur --yes; geändert ist nichts.", "Without a terminal only --yes loads; nothing is changed.")
            if not click.confirm(_text("Laden?", "Load?"), err=True):
                _say("Nichts geändert.", "Nothing is changed.")
                return
        with _store(write=True) as (_, store):
            updating.put_in_force(settings, work, _operator_of("update"))
            done = load.load(settings, store, progress=progress)
    progress.end()
    _say(*_sent(done.sent))


@main.command()
@_FORMAT
@click.option("--issues", is_flag=True, help="Auffälligkeiten mit Beispielen. / Issues with examples.")
def sources(form: str, issues: bool) -> None:
    """Was geladen ist: Stand, Lizenz, Zahlen, Auffälligkeiten. / What is loaded.

    Beispiel / example: innonet sources --issues
    """
    from ingest import claims, load

    settings = Settings.from_env()
    found = claims.summaries(settings.home)
    rows = [
        {
            "source": s["source"]["id"],
            "dataset": s["dataset"],
            "release": s["release"],
            "retrieved": s["retrieved"],
            "licence": s["source"]["licence"],
            **s["counts"],
            "issues": sum(i["count"] for i in s["issues"]),
        }
        for s in found
    ]
    counted = ("organizations", "projects", "topics", "places", "links", "evidence", "issues")
    rows = [{**dict.fromkeys(counted, 0), **r} for r in rows]
    # licence and the release's full name are long: a table leaves them to the other forms and to the page «Quellen»
    shown = ["source", "dataset", "retrieved", *counted] if form == "table" else ["source", "dataset", "release", "retrieved", "licence", *counted]
    german = ("Quelle", "Satz", "Stand", "Org.", "Projekte", "Themen", "Orte", "Links", "Belege", "Auffällig")
    english = ("Source", "Dataset", "As of", "Org.", "Projects", "Topics", "Places", "Links", "Evidence", "Issues")
    headings = dict(zip(("source", "dataset", "retrieved", *counted), german if _language() == "de" else english, strict=True)) if form == "table" else {}
    _print(rows, shown, form, headings)
    if issues:
        for s in found:
            if s["issues"]:
                click.echo(f"{s['source']['id']}/{s['dataset']}", err=True)
                _print_issues(s["issues"])
        if at_load := load.load_issues(settings.home):
            _say("beim Zusammenführen", "when joining")
            _print_issues(at_load)


@main.command()
@click.argument("source")
@click.option("--dataset", default="", help="Nur diesen Satz. / Only this dataset.")
def remove(source: str, dataset: str) -> None:
    """Eine Quelle herausnehmen: genau das, was nur sie belegt. / Take a source out.

    Beispiel / example: innonet remove cordis --dataset fp7-2020
    """
    from ingest import load

    settings = Settings.from_env()
    with load.write_lock(settings):
        load.remove(settings, source, dataset)
        with _store(write=True) as (_, store):
            done = load.load(settings, store, progress=_Progress())
    _say(*_sent(done.sent))


# --- texts ------------------------------------------------------------------------------------------------------------


@main.command()
@click.argument("paths", nargs=-1)
@click.option("--jsonl", is_flag=True, help="Eine Zeile JSON je Text, auch so gelesen. / A line of JSON a text, read likewise.")
def extract(paths: tuple[str, ...], jsonl: bool) -> None:
    """Texte lesen und zeigen, was darin steht; gespeichert wird nichts. / Show what texts say; nothing is stored.

    Ohne PATHS oder mit - von der Standardeingabe. / Without PATHS, or with -, from standard input.
    Beispiel / example: innonet extract meldung.pdf
    """
    from ingest.text.showing import lines_of, texts_of

    settings = Settings.from_env()
    problems = 0
    for shown in lines_of(settings, texts_of(settings, paths or ("-",), jsonl=jsonl), jsonl=jsonl, language=_language()):
        if shown.problem:
            problems += 1
            click.echo(shown.text, err=True)
        else:
            click.echo(shown.text)
    if problems:
        raise SystemExit(1)


@main.group()
def evaluate() -> None:
    """Messen. / Measure."""


@evaluate.command("text")
@click.argument("gold", required=False, type=click.Path(path_type=Path, exists=True))
@click.option("--germeval", type=click.Path(path_type=Path, exists=True), help="NER-de-test.tsv(.gz)")
def evaluate_text(gold: Path | None, germeval: Path | None) -> None:
    """Wie gut Texte gelesen werden; ohne GOLD am Testteil des eigenen Korpus. / How well texts are read; without GOLD on the own corpus' test part.

    Beispiel / example: innonet evaluate text gold.jsonl
    """
    from ingest.text.evaluate import evaluate_text as measure
    from ingest.text.names import REGISTERS

    measure(gold, REGISTERS, germeval, click.echo)


@main.group()
def train() -> None:
    """Modelle trainieren. / Train models."""


@train.command("text")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Ordner für die Modelldateien. / Folder for the model's files.")
@click.option("--germeval", type=click.Path(path_type=Path, exists=True), help="NER-de-test.tsv(.gz), CC BY 4.0")
@click.option("--seed", default=1, show_default=True)
@click.option("--state", type=click.Path(path_type=Path), help="Zwischenstand, von dem weitergemacht wird. / State to go on from.")
def train_text(out: Path, germeval: Path | None, seed: int, state: Path | None) -> None:
    """Namenserkenner und Beziehungen trainieren (braucht requirements-train.txt). / Train names and relations (needs requirements-train.txt).

    Beispiel / example: innonet train text --out ingest/text/model --germeval NER-de-test.tsv.gz
    """
    from ingest.text.names import REGISTERS
    from ingest.text.training.command import train_text as run

    run(out, registers=REGISTERS, germeval=germeval, seed=seed, state=state, say=click.echo)


@train.command("identity")
def train_identity() -> None:
    """Die Gewichte der Identität aus den beurteilten Paaren in data/identity. / The weights of identity from the judged pairs."""
    from ingest.resolve import training
    from ingest.resolve.compare import WEIGHTS

    w, scored = training.train()
    training.write(w, WEIGHTS)
    above = [j.answer == training.SAME for j, score in scored if score >= w.same]
    _say(
        f"{len(scored)} Paare; ab {w.same} Bit eine Organisation ({sum(above)} von {len(above)} richtig), ab {w.ask} Bit eine Frage.",
        f"{len(scored)} pairs; from {w.same} bits one organisation ({sum(above)} of {len(above)} right), from {w.ask} bits a question.",
    )


@train.command("relations")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Ordner für die Modelldatei. / Folder for the model's file.")
@click.option("--precision", type=click.FloatRange(0, 1), default=0.82, show_default=True, help="So viele sollen richtig sein. / So many should be right.")
@click.option("--spare-validation", is_flag=True, help="Nur der Trainingsteil. / The training part only.")
def train_relations(out: Path, precision: float, spare_validation: bool) -> None:
    """Die Beziehungen in Texten trainieren, am eigenen Korpus. / Train the relations in texts, on the own corpus.

    Beispiel / example: innonet train relations --out ingest/text/model
    """
    from ingest.text.training.relations import train_relations as run

    run(out, precision=precision, spare_validation=spare_validation, say=lambda line: click.echo(line, err=True))


@train.command("suggestions")
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.option("--source", "source_id", default="cordis", show_default=True, help="Quelle, die den Ordner liest. / Source that reads the folder.")
@click.option("--known-before", default="2018-01-01", show_default=True, help="Was davor begann, ist bekannt. / What began before is known.")
@click.option("--until", default="2019-01-01", show_default=True, help="Bis dahin zählen neue Partner. / Until then new partners count.")
@click.option("--out", type=click.Path(path_type=Path), help="Modelldatei; sonst die mitgelieferte. / Model file; else the shipped one.")
def train_suggestions(folder: Path, source_id: str, known_before: str, until: str, out: Path | None) -> None:
    """Die Gewichte der Vorschläge aus dem, was wirklich geschah. / The weights of the suggestions from what really happened.

    Beispiel / example: innonet train suggestions CORDIS-FOLDER --out model.json
    """
    from graph.suggest.model import MODEL_FILE
    from ingest.hindsight import said_at
    from ingest.hindsight import train_suggestions as run

    said = said_at(Settings.from_env().home)
    model, origin = run(source_id, folder, known_before, until, out or MODEL_FILE, said)
    if said:
        _say(f"Mit Urteilen über Vorschläge für {len(said)} Organisationen.", f"With opinions about suggestions for {len(said)} organisations.")
    for name, weight in model.weights.items():
        click.echo(f"{name:16s} {weight:.3f}")
    figures = origin["figures"]
    both = (origin["queries"], figures["held_out"]["ndcg"], figures["adamic_adar"]["ndcg"])
    _say("{} Anfragen; NDCG@10 {:.4f}, Adamic-Adar {:.4f}.".format(*both), "{} queries; NDCG@10 {:.4f}, Adamic-Adar {:.4f}.".format(*both))


# --- identity ---------------------------------------------------------------------------------------------------------


_WANTED = (
    click.option("--source", default="", help="Nur mit Sätzen dieser Quelle. / Only with records of this source."),
    click.option("--kind", default="", help="Nur diese Art (Company, University, ...). / Only this kind."),
    click.option("--city", default="", help="Nur dieser Ort. / Only this city."),
)


def _wanted(f: Any) -> Any:
    for option in reversed(_WANTED):
        f = option(f)
    return f


@main.command()
@click.option("--dry-run", is_flag=True, help="Nur zeigen, was entschieden würde. / Only show what would be decided.")
@click.option("--follow", is_flag=True, help="Weiterlaufen und jedes neue Urteil übernehmen. / Go on and carry over every new judgement.")
@_FORMAT
def resolve(dry_run: bool, follow: bool, form: str) -> None:
    """Entscheiden, welche Sätze eine Organisation sind, und den Graphen danach richten. / Decide which records are one.

    Beispiel / example: innonet resolve --dry-run --format jsonl
    """
    from ingest import load, resolving

    settings = Settings.from_env()
    if dry_run:
        _print(resolving.decisions(settings), resolving.COLUMNS, form)
        return
    if follow:
        resolving.follow(settings)
        return
    with load.write_lock(settings), _store(write=True) as (_, store):
        done = load.load(settings, store, progress=_Progress())
    _say(*_sent(done.sent))
    _say(*resolving.summary(settings))


@main.command()
@_wanted
@click.option("--who", default="", help="Name; sonst der des Kontos. / Name; else the account's.")
def review(source: str, kind: str, city: str, who: str) -> None:
    """Unsichere Paare ansehen und entscheiden: J dieselbe, N nicht, U unklar, Z zurück, Q Ende. / Look at unsure pairs and decide.

    Beispiel / example: innonet review --city Oberhausen
    """
    import getpass

    from ingest import load, terminal
    from ingest.review import Wanted

    settings = Settings.from_env()
    if not sys.stdin.isatty():
        raise UsageError(
            "innonet review fragt an einem Terminal. Ohne Terminal: innonet judgements export und import.",
            "innonet review asks at a terminal. Without one: innonet judgements export and import.",
        )
    if not terminal.review(settings, Wanted(source, kind, city), who or getpass.getuser(), _language()):
        return
    with load.write_lock(settings), _store(write=True) as (_, store):
        done = load.load(settings, store)
    _say(*_sent(done.sent))


@main.group()
def judgements() -> None:
    """Urteile als Tabelle hinaus und herein. / Judgements as a table, out and in."""


@judgements.command("export")
@_wanted
@click.option("--format", "form", type=click.Choice(["csv", "csv-excel", "jsonl"]), default="csv", show_default=True)
def export_judgements(source: str, kind: str, city: str, form: str) -> None:
    """Offene Fragen und Urteile ausgeben; die Spalte verdict wird ausgefüllt. / Open questions and judgements; fill in verdict.

    Beispiel / example: innonet judgements export --format csv-excel > urteile.csv
    """
    from graph.state import State
    from graph.tabular import render
    from ingest import review as asking
    from ingest.identity import Identity

    settings = Settings.from_env()
    with State(settings.home) as state, Identity(settings.home) as found:
        rows = list(asking.sheet(found, state.judgements(), asking.Wanted(source, kind, city)))
    click.echo(render(rows, asking.COLUMNS, form), nl=False)


@judgements.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--who", default="", help="Name; sonst der des Kontos. / Name; else the account's.")
def import_judgements(file: Path, who: str) -> None:
    """Urteile aus einer Tabelle (CSV, XLSX) übernehmen. / Take judgements from a table.

    Beispiel / example: innonet judgements import urteile.csv
    """
    import getpass

    from graph.state import State
    from ingest import load
    from ingest.review import take_sheet

    settings = Settings.from_env()
    with State(settings.home) as state:
        taken = take_sheet(state, file, who or getpass.getuser())
    for de, en in taken.problems:
        _say(de, en)
    _say(
        f"{len(taken.kept)} Urteile übernommen, {taken.known} standen schon, {taken.empty} Zeilen ohne Urteil, {len(taken.problems)} mit Fehlern.",
        f"{len(taken.kept)} judgements taken, {taken.known} stood already, {taken.empty} rows without one, {len(taken.problems)} with errors.",
    )
    if taken.kept:
        with load.write_lock(settings), _store(write=True) as (_, store):
            done = load.load(settings, store)
        _say(*_sent(done.sent))
    if taken.problems:
        sys.exit(1)


@main.command()
@click.argument("a")
@click.argument("b")
@click.argument("verdict", type=click.Choice(["yes", "no", "unsure"]))
@click.option("--why", required=True, help="Begründung. / Reason.")
@click.option("--who", default="", help="Name; sonst der des Kontos. / Name; else the account's.")
def judge(a: str, b: str, verdict: str, why: str, who: str) -> None:
    """Urteil über zwei Sätze: dieselbe Organisation oder nicht. / Say whether two records are one organisation.

    Beispiel / example: innonet judge cordis:org:999984059 ror:05hkkdn48 yes --why "gleiche Adresse"
    """
    import getpass

    from graph.state import State
    from ingest import load

    settings = Settings.from_env()
    with load.write_lock(settings):
        with State(settings.home) as state:
            state.judge(a, b, verdict, who or getpass.getuser(), why)
        with _store(write=True) as (_, store):
            done = load.load(settings, store)
    _say(*_sent(done.sent))


@main.command()
def undo() -> None:
    """Das letzte Urteil zurücknehmen. / Take the latest judgement back."""
    import getpass

    from graph.state import State
    from ingest import load

    settings = Settings.from_env()
    with load.write_lock(settings):
        with State(settings.home) as state:
            taken = state.undo(who=getpass.getuser())
        if taken is None:
            raise UsageError("Es gibt kein Urteil, das zurückgenommen werden kann.", "There is no judgement to take back.")
        with _store(write=True) as (_, store):
            load.load(settings, store)
    _say(f"Zurückgenommen: {taken.a} – {taken.b} {taken.verdict}", f"Taken back: {taken.a} – {taken.b} {taken.verdict}")


# --- taken out on request ------------------------------------------------------------------------------------------------


@main.command()
@click.argument("id_", metavar="ID", required=False)
@click.option("--why", default="", help="Grund. / Reason.")
@click.option("--lift", is_flag=True, help="Wieder zulassen. / Let it back in.")
@click.option("--who", default="", help="Name; sonst der des Kontos. / Name; else the account's.")
def suppress(id_: str | None, why: str, lift: bool, who: str) -> None:
    """Eine Organisation herausnehmen und draußen halten, auch bei späterem Laden. / Take an organisation out and keep it out.

    Ohne ID: was gesperrt ist. / Without an ID: what is suppressed.

    Beispiel / example: innonet suppress ror:05hkkdn48 --why "Bitte der Einrichtung vom 3. März"
    """
    import getpass

    from graph.state import State
    from graph.suppression import Suppression, record_ids
    from ingest import load

    settings = Settings.from_env()
    if id_ is None:
        with State(settings.home) as state:
            for s in Suppression(state).standing():
                click.echo(f"{s.ids[0]}  {s.at[:10]}  {s.who}  {s.why}")
        return
    name = who or getpass.getuser()
    with load.write_lock(settings), State(settings.home) as state, _store(write=True) as (_, store):
        if lift:
            Suppression(state).lift(id_, who=name)
        else:
            Suppression(state).add(record_ids(store, id_), why=why, who=name)
        done = load.load(settings, store)
    _say(*_sent(done.sent))


# --- opinions about suggestions ------------------------------------------------------------------------------------------


@main.group()
def opinions() -> None:
    """Urteile über Vorschläge als Tabelle hinaus und herein. / Opinions about suggestions as a table, out and in."""


@opinions.command("export")
@click.option("--for", "ask_for", default="", metavar="WHO", help="Dazu die offenen Vorschläge dieser Organisation. / And its open suggestions.")
@click.option("--top", default=10, show_default=True, help="So viele Vorschläge. / So many suggestions.")
@click.option("--format", "form", type=click.Choice(["csv", "csv-excel", "jsonl"]), default="csv", show_default=True)
def export_opinions(ask_for: str, top: int, form: str) -> None:
    """Urteile über Vorschläge ausgeben; die Spalte verdict wird ausgefüllt. / Opinions about suggestions; fill in verdict.

    Beispiel / example: innonet opinions export --for "STOAG" --format csv-excel > vorschlaege.csv
    """
    from graph.asking import find_who
    from graph.derived import DerivedCache
    from graph.state import State
    from graph.tabular import render
    from ingest import opinion_sheet

    with _store() as (settings, store), State(settings.home) as state:
        derived = DerivedCache(settings, store).current()
        rows = list(opinion_sheet.sheet(state, derived, ask_for=find_who(derived, ask_for).id if ask_for else "", top=top))
    click.echo(render(rows, opinion_sheet.COLUMNS, form), nl=False)


@opinions.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--who", default="", help="Name; sonst der des Kontos. / Name; else the account's.")
def import_opinions(file: Path, who: str) -> None:
    """Urteile über Vorschläge aus einer Tabelle (CSV, XLSX) übernehmen. / Take opinions about suggestions from a table.

    Beispiel / example: innonet opinions import vorschlaege.csv
    """
    import getpass

    from graph.state import State
    from ingest.opinion_sheet import take_sheet

    with State(Settings.from_env().home) as state:
        taken = take_sheet(state, file, who or getpass.getuser())
    for de, en in taken.problems:
        _say(de, en)
    _say(
        f"{len(taken.kept)} Urteile übernommen, {taken.known} standen schon, {taken.empty} Zeilen ohne Urteil, {len(taken.problems)} mit Fehlern.",
        f"{len(taken.kept)} opinions taken, {taken.known} stood already, {taken.empty} rows without one, {len(taken.problems)} with errors.",
    )
    if taken.problems:
        sys.exit(1)


# --- who may change things on the site ----------------------------------------------------------------------------------


@main.group()
def user() -> None:
    """Zugänge zur Seite. / Accounts of the site."""


_STDIN = click.option("--password-stdin", is_flag=True, help="Das Passwort von der Standardeingabe lesen. / Read the password from standard input.")
_ROLE = click.Choice(["reader", "editor", "admin"])


@contextmanager
def _accounts() -> Iterator[Any]:
    from graph.accounts import Accounts
    from graph.state import State

    with State(Settings.from_env().home) as state:
        yield Accounts(state)


def _password(stdin: bool) -> str:
    if stdin:
        # as UTF-8 whatever the terminal's locale; what is none is refused where passwords are checked
        return sys.stdin.buffer.readline().rstrip(b"\r\n").decode("utf-8", "surrogateescape")
    return str(click.prompt(_text("Passwort", "Password"), hide_input=True, confirmation_prompt=_text("Noch einmal", "Once more")))


def _operator() -> str:
    return _operator_of("user")


def _operator_of(command: str) -> str:
    import getpass

    return f"{getpass.getuser()} (innonet {command})"


@user.command("add")
@click.argument("name")
@click.option(
    "--role", type=_ROLE, default="editor", show_default=True, help="reader liest, editor urteilt, admin sieht Änderungen. / What the account may do."
)
@_STDIN
def user_add(name: str, role: str, password_stdin: bool) -> None:
    """Einen Zugang anlegen. / Make an account.

    Beispiel / example: innonet user add anna --role editor
    """
    with _accounts() as accounts:
        made = accounts.add(name, _password(password_stdin), role, by=_operator())
    _say(f"Zugang {made.name} angelegt ({made.role}).", f"Account {made.name} made ({made.role}).")


@user.command("list")
@_FORMAT
def user_list(form: str) -> None:
    """Alle Zugänge. / All accounts."""
    with _accounts() as accounts:
        rows = [{"name": u.name, "role": u.role, "created": u.created, "disabled": u.disabled} for u in accounts.users()]
    _print(rows, ("name", "role", "created", "disabled"), form)


@user.command("role")
@click.argument("name")
@click.argument("role", type=_ROLE)
def user_role(name: str, role: str) -> None:
    """Einem Zugang eine andere Rolle geben. / Give an account another role."""
    with _accounts() as accounts:
        accounts.set_role(name, role, by=_operator())
    _say(f"{name}: {role}.", f"{name}: {role}.")


@user.command("password")
@click.argument("name")
@_STDIN
def user_password(name: str, password_stdin: bool) -> None:
    """Ein neues Passwort setzen; alle Sitzungen enden. / Set a new password; all sessions end."""
    with _accounts() as accounts:
        accounts.set_password(name, _password(password_stdin), by=_operator())
    _say(f"Neues Passwort für {name} gesetzt.", f"New password set for {name}.")


@user.command("disable")
@click.argument("name")
@click.option("--undo", "enabled", is_flag=True, help="Wieder zulassen. / Let in again.")
def user_disable(name: str, enabled: bool) -> None:
    """Einen Zugang sperren; alle Sitzungen enden. / Lock an account out; all sessions end."""
    with _accounts() as accounts:
        accounts.disable(name, by=_operator(), disabled=not enabled)
    _say(f"{name} ist {'zugelassen' if enabled else 'gesperrt'}.", f"{name} is {'let in' if enabled else 'locked out'}.")


# --- asking -----------------------------------------------------------------------------------------------------------


@main.command()
@click.argument("who", required=False)
@click.option("--mode", type=click.Choice(["similar", "complementary", "mixed"]), default="mixed", show_default=True)
@click.option("--within", type=float, help="Umkreis in km. / Radius in km.")
@click.option("--kind", "kinds", multiple=True, help="Nur diese Art (Company, University, ...). / Only this kind.")
@click.option("--country", "countries", multiple=True, help="Nur dieses Land (DE, NL, ...). / Only this country.")
@click.option("--topic", "topics", multiple=True, help="Nur wer an diesem Thema arbeitet. / Only who works on this topic.")
@click.option("--without", multiple=True, help="Ohne diese Organisation und ihre Gruppe. / Without this organisation and its group.")
@click.option("--reach", type=click.FloatRange(0, 1), help="0: eher etablierte, 1: auch unbekannte. / 0: established ones, 1: unknown ones too.")
@click.option("--top", default=10, show_default=True)
@click.option("--skip", default=0, help="So viele überspringen. / Leave out so many.")
@click.option("--with-parts", is_flag=True, help="Mit Instituten und Töchtern. / With its institutes and subsidiaries.")
@click.option("--text", "text_file", type=click.File(encoding="utf-8"), help="Statt WHO: was Sie machen, als Text (- Eingabe). / What you do, as a text.")
@click.option("--place", default="", help="Zu --text: Ihr Ort. / With --text: your place.")
@click.option("--queries", type=click.File(), help="Datei mit Kennungen, eine je Zeile (zum Messen). / File of ids.")
@click.option("--scheme", type=click.Choice(["pic", "id"]), default="id", help="Kennungen in --queries. / Ids in --queries.")
@_FORMAT
def suggest(who: str | None, text_file: IO[str] | None, place: str, queries: Iterable[str] | None, scheme: str, form: str, **options: Any) -> None:
    """Kooperationspartner vorschlagen, mit Gründen. / Suggest partners, with reasons.

    Beispiel / example: innonet suggest "Gasometer Oberhausen GmbH" --within 50

    Wer in keinem Register steht / for newcomers: innonet suggest --text wir.txt --place Oberhausen
    """
    from graph import asking

    settings = Settings.from_env()
    if queries is not None:
        for line in asking.measure(settings, (q.strip() for q in queries if q.strip()), scheme, options["mode"], options["top"]):
            click.echo(line)
        return
    if bool(who) == (text_file is not None):
        raise UsageError("Für wen? innonet suggest NAME, oder --text DATEI.", "For whom? innonet suggest NAME, or --text FILE.")
    asker: Any = who
    if text_file is not None:
        from ingest.newcomer import understand

        words = text_file.read()

        def asker(derived: Any) -> Any:
            return understand(derived, words, place=place).newcomer

    with _store() as (_, store):
        answer = asking.suggest_for(settings, store, asker, within_km=options.pop("within"), parts=options.pop("with_parts"), language=_language(), **options)
    for note in answer.notes:
        click.echo(note, err=True)
    _print(answer.rows, answer.columns, form, answer.headings)


@main.command()
@click.argument("members", nargs=-1)
@click.option("--topic", "topics", multiple=True, help="Worum es geht; ohne: die Themen der Mitglieder. / What it is about.")
@click.option("--kind", "kinds", multiple=True, help="Diese Art soll dabei sein. / This kind should be there.")
@click.option("--country", "countries", multiple=True, help="Dieses Land soll dabei sein. / This country should be there.")
@click.option("--coordinator", is_flag=True, help="Jemand soll schon koordiniert haben. / Somebody should have coordinated.")
@click.option("--only", "only_countries", multiple=True, help="Gesucht wird nur in diesem Land. / Look in this country only.")
@_FORMAT
def consortium(members: tuple[str, ...], form: str, **options: Any) -> None:
    """Was einem Konsortium fehlt und wer es schließt. / What a consortium lacks and who would close it.

    Beispiel / example: innonet consortium "Fraunhofer UMSICHT" "STOAG" --topic Wasserstoffenergie
    """
    from graph import asking

    with _store() as (settings, store):
        answer = asking.consortium_for(settings, store, members, language=_language(), **options)
    for note in answer.notes:
        click.echo(note, err=True)
    _print(answer.rows, answer.columns, form, answer.headings)


@main.command("why-not")
@click.argument("who")
@click.argument("other")
@click.option("--mode", type=click.Choice(["similar", "complementary", "mixed"]), default="mixed", show_default=True)
@click.option("--with-parts", is_flag=True, help="Mit Instituten und Töchtern. / With its institutes and subsidiaries.")
@_FORMAT
def why_not(who: str, other: str, mode: str, with_parts: bool, form: str) -> None:
    """Warum jemand nicht vorgeschlagen wird. / Why somebody is not suggested.

    Beispiel / example: innonet why-not "STOAG" "Fraunhofer UMSICHT"
    """
    from graph import asking

    with _store() as (settings, store):
        answer = asking.why_not_for(settings, store, who, other, mode=mode, parts=with_parts, language=_language())
    for note in answer.notes:
        click.echo(note, err=True)
    _print(answer.rows, answer.columns, form, answer.headings)


@main.command()
@click.argument("who")
@click.option("--within", type=float, help="Umkreis in km. / Radius in km.")
@click.option("--kind", "kinds", multiple=True, default=("Company",), show_default=True, help="Diese Art; mehrmals: mehrere. / This kind.")
@click.option("--country", "countries", multiple=True, help="Nur dieses Land (DE, NL, ...). / Only this country.")
@click.option("--topic", "topics", multiple=True, help="Nur wer an diesem Thema arbeitet. / Only who works on this topic.")
@click.option("--order", type=click.Choice(["topics", "distance", "activity"]), default="topics", show_default=True)
@click.option("--top", default=25, show_default=True)
@click.option("--csv", "as_csv", is_flag=True, help="Kurz für --format csv. / Short for --format csv.")
@_FORMAT
def untapped(who: str, as_csv: bool, form: str, **options: Any) -> None:
    """Firmen mit unserem Thema ohne Kontakt. / Firms on our topics without contact.

    Beispiel / example: innonet untapped "Universität Duisburg-Essen" --within 50 --csv
    """
    from graph import transfer

    with _store() as (settings, store):
        answer = transfer.untapped_for(settings, store, who, language=_language(), **options)
    for note in answer.notes:
        click.echo(note, err=True)
    _print(answer.rows, answer.columns, "csv" if as_csv else form, answer.headings)


@main.command()
@click.argument("who")
@click.option("--gap", "only", multiple=True, help="Nur mit dieser Lücke (website, place, topic, single, ...). / Only with this gap.")
@click.option("--partners", is_flag=True, help="Die Daten der Partner. / The data of its partners.")
@click.option("--years", default=3, show_default=True, help="Ab so vielen Jahren ist ein Stand veraltet. / Out of date after so many years.")
@click.option("--csv", "as_csv", is_flag=True, help="Kurz für --format csv. / Short for --format csv.")
@_FORMAT
def gaps(who: str, as_csv: bool, form: str, **options: Any) -> None:
    """Was in den Daten fehlt: einer Organisation mit ihren Teilen oder eines Orts. / What the data does not say.

    Beispiel / example: innonet gaps Oberhausen --gap website --csv
    """
    from graph import transfer

    with _store() as (settings, store):
        answer = transfer.gaps_for(settings, store, who, language=_language(), **options)
    for note in answer.notes:
        click.echo(note, err=True)
    _print(answer.rows, answer.columns, "csv" if as_csv else form, answer.headings)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", required=False)
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED)
@click.option("--list", "show_list", is_flag=True, help="Alle fertigen Fragen mit ihren Angaben. / All ready-made questions.")
@click.option("--cypher", help="Eine eigene Frage in Cypher (nur lesend). / A question of your own in Cypher (read-only).")
@click.option("--limit", default=500, show_default=True, help="Höchstens so viele Zeilen. / At most so many rows.")
@_FORMAT
def query(name: str | None, parameters: tuple[str, ...], show_list: bool, cypher: str | None, limit: int, form: str) -> None:
    """Eine fertige Frage stellen oder eigenes Cypher. / Ask a ready-made question or Cypher of your own.

    Angaben stehen als --NAME WERT dahinter; Orte, Themen und Organisationen dürfen Namen sein.

    Beispiel / example: innonet query hidden_innovators --place Oberhausen
    """
    from graph import asking

    if show_list:
        rows = asking.list_phrases(_language())
        _print(rows, _columns(rows), form)
        return
    with _store() as (settings, store):
        if cypher is not None:
            answer = asking.ask_cypher(settings, store, cypher, limit=limit)
        elif name:
            answer = asking.ask_phrase(settings, store, name, _named(parameters), limit=limit, language=_language())
        else:
            raise UsageError("Welche Frage? innonet query --list", "Which question? innonet query --list")
    for note in answer.notes:
        click.echo(note, err=True)
    _print(answer.rows, answer.columns, form, answer.headings)


def _named(words: Sequence[str]) -> dict[str, str]:
    """``--place Oberhausen --most=5`` as a dictionary."""
    out: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, eq, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            raise UsageError(f"{word!r}: Angaben zur Frage stehen als --NAME WERT.", f"{word!r}: parameters are given as --NAME VALUE.")
        out[name.replace("-", "_")] = value if eq else next(rest, "")
    return out


@main.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "neo4j", "json", "jsonl", "jsonld", "graphml"]),
    default="csv",
    show_default=True,
    help="Form; neo4j: Tabellen für neo4j-admin. / Form; neo4j: tables for neo4j-admin.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Ordner, oder ARCHIV.zip. / Folder, or ARCHIVE.zip.  [innonet-export-FORM]")
@click.option("--place", default="", help="Nur was zu einem Ort gehört. / Only what belongs to a place.")
@click.option("--label", "labels", multiple=True, help="Nur Knoten dieser Art (mehrfach). / Only nodes of this label (repeatable).")
@click.option("--base", default="", metavar="ADRESSE", help="jsonld: Adresse der Seite, für die Kennungen. / jsonld: address of the site, for the ids.")
@click.option("--replace", is_flag=True, help="Einen früheren Export ersetzen. / Replace an earlier export.")
def export(form: str, out: Path | None, place: str, labels: tuple[str, ...], base: str, *, replace: bool) -> None:
    """Den Graphen oder einen Teil in Dateien schreiben, mit den Lizenzen. / Write the graph or a part into files, with the licences.

    Beispiel / example: innonet export --format graphml --place Oberhausen --out oberhausen.zip
    """
    from graph.export.command import export_part

    progress = _Progress()
    with _store() as (settings, store):
        done = export_part(settings, store, form, out, place=place, labels=labels, base=base, replace=replace, progress=progress)
    progress.end()
    click.echo(done.path)
    named = ", ".join(s.id for s in done.sources)
    _say(f"{done.nodes} Knoten, {done.edges} Kanten; Quellen: {named}.", f"{done.nodes} nodes, {done.edges} edges; sources: {named}.")


# --- running ----------------------------------------------------------------------------------------------------------


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Die Seite bedienen. / Serve the site."""
    _serve(host, port)


def _serve(host: str, port: int) -> None:
    from web.server import serve as run

    run(Settings.from_env(), host, port)


@main.command()
def check() -> None:
    """Prüfen, ob Graph, Sätze und abgeleitete Dateien zueinander passen. / Check graph, claims and derived files."""
    from ingest import load

    with _store(write=True) as (settings, store):
        problems = load.check(settings, store)
    for p in problems:
        click.echo(p.text(_language()))
    if problems:
        sys.exit(1)
    click.echo(_text("Alles in Ordnung.", "All is well."))


@main.group()
def engine() -> None:
    """Der eingebettete Graphserver. / The embedded graph server."""


@engine.command("status")
@_FORMAT
def engine_status(form: str) -> None:
    """Adresse, Lesezugang und wie man sich verbindet. / Address, reader user and how to connect."""
    from graph import connecting
    from graph import engine as embedded

    settings = Settings.from_env()
    if form != "table":
        status = embedded.status(settings)
        a = status.address
        row = {"home": str(status.home), "running": a is not None, "memory_bytes": status.memory_bytes, "disk_bytes": status.disk_bytes}
        if a is not None:
            row |= {"uri": a.uri, "database": a.database, "reader_user": a.reader_user, "reader_password": a.reader_password, "pid": a.pid}
        _print([row], list(row), form)
        return
    click.echo(connecting.status_text(settings, _language()))


@engine.command("start")
def engine_start() -> None:
    """Starten, wenn er nicht läuft. / Start it unless it runs."""
    from graph import engine as embedded

    click.echo(embedded.ensure(Settings.from_env()).uri)


@engine.command("stop")
def engine_stop() -> None:
    """Anhalten. / Stop it."""
    from graph import engine as embedded

    stopped = embedded.stop(Settings.from_env())
    _say(*(("Angehalten.", "Stopped.") if stopped else ("Es lief keine.", "None was running.")))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Sätze und Urteile in ein Archiv sichern. / Save claims and judgements into an archive."""
    from ingest import safekeeping

    n = safekeeping.backup(Settings.from_env(), file)
    _say(f"{n} Dateien gesichert: {file}", f"{n} files saved: {file}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Eine Sicherung zurückspielen und den Graphen danach bauen. / Restore a backup and rebuild the graph."""
    from ingest import load, safekeeping

    settings = Settings.from_env()
    with load.write_lock(settings):
        safekeeping.restore(settings, file)
        with _store(write=True) as (_, store):
            done = load.load(settings, store, progress=_Progress())
    _say(*_sent(done.sent))


if __name__ == "__main__":
    main()
