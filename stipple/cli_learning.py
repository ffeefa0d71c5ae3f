"""`stipple learning`: what staff had the assistant learn, as files, and what it changes."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from stipple.console.learning import accepted
from stipple.evaluation.learned import CASES, Summary, files_of, merge
from stipple.evaluation.trying import before_and_after, copy_of, report
from stipple.records.database import Database
from stipple.records.lesson_models import CASE, Lesson
from stipple.settings import ROOT, get_settings

app = typer.Typer(no_args_is_help=True, help="What staff had the assistant learn.")
# Below everything else that the machine does: learning takes minutes of all processors.
NICENESS = 15


def _accepted() -> list[Lesson]:
    with Database(get_settings().database_url).begin() as db:
        return accepted(db)


@app.command("export")
def export_command(folder: Annotated[Path, typer.Argument(help="Folder to write the files to.")]) -> None:
    """Write everything that was accepted: phrases by subject, and cases."""
    for name, text in files_of(_accepted()).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        typer.echo(str(path))


@app.command("merge")
def merge_command() -> None:
    """Add what was accepted to data/nlu and tests/conversations; a second time changes nothing."""
    _tell(merge(_accepted(), ROOT / "data", ROOT / "tests"))


def _tell(summary: Summary) -> None:
    for name, texts in summary.added.items():
        typer.echo(f"data/nlu/{name}: {len(texts)} phrase{'' if len(texts) == 1 else 's'} added")
        for text in texts:
            typer.echo(f"  + {text}")
    if summary.cases:
        typer.echo(f"tests/conversations/{CASES}: {len(summary.cases)} case(s) added")
    for phrase, against in summary.refused:
        typer.echo(f"left out: {phrase.label}: {phrase.text!r} ({', '.join(sorted({f.kind for f in against}))})")
    if not summary.added and not summary.cases:
        typer.echo("Nothing changed: everything stands there already.")
    else:
        typer.echo("Now run `stipple content check`; the model is trained again at the next start.")


@app.command("try")
def try_command() -> None:
    """Learn in a copy of the project, and print every case's score before and after. It takes several minutes."""
    lessons = _accepted()
    cases = files_of([s for s in lessons if s.kind == CASE])[CASES]
    os.nice(NICENESS)
    with tempfile.TemporaryDirectory(prefix="stipple-try-") as name, copy_of() as copy:
        folder = Path(name)
        learned = folder / CASES
        learned.write_text(cases, encoding="utf-8")
        _tell(merge(lessons, copy / "data", copy / "tests"))
        tests = ROOT / "tests" / "conversations"
        scores = before_and_after(ROOT, copy, learned, tests, folder, lambda line: typer.echo(line, err=True))
    typer.echo(report(list(scores)))
    raise typer.Exit(1 if any(s.after < s.before for s in scores) else 0)
