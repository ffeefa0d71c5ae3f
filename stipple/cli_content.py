"""`stipple content`: check, publish and export what patients read."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml
from sqlalchemy import inspect, make_url
from sqlalchemy.exc import OperationalError

from stipple.content.check import check
from stipple.content.pack import Pack, load_pack
from stipple.records.database import Database
from stipple.records.models import Instruction
from stipple.records.plan_changes import in_use, newest_changes, notices
from stipple.records.plan_models import PlanChange
from stipple.records.wordings import current_wordings, publish_pack, reworded
from stipple.settings import ROOT, get_settings

PLAN_HEADER = """\
# The care plan: each topic's windows of healing days, with the wording patients read.
# A window counts from the last session, or from the last session of the course.
"""
content = typer.Typer(no_args_is_help=True, help="The clinic's content files and published wordings.")


@content.command("check")
def check_command() -> None:
    """Check the content in use: complete, readable, and nothing that must never be said."""
    files, changes = load_pack(get_settings().content_dir), _changes()
    pack = in_use(files, changes)
    problems = check(pack, ROOT / "data", ROOT / "tests", datetime.now(UTC).date())
    for problem in problems:
        typer.echo(problem)
    for notice in notices(files, changes):
        typer.echo(f"note: {notice}", err=True)
    typer.echo(f"{sum(1 for _ in pack.statements())} instructions checked, {len(problems)} problems.", err=True)
    raise typer.Exit(1 if problems else 0)


@content.command("publish")
def publish_command(by: Annotated[str, typer.Option(help="Who approves these wordings.")]) -> None:
    """Publish the content in use: each text that changed in it becomes a new version, the old ones stay."""
    settings = get_settings()
    files = load_pack(settings.content_dir)
    with Database(settings.database_url).begin() as db:
        changes = newest_changes(db)
        pack = in_use(files, changes)
        published = publish_pack(db, pack, by, datetime.now(UTC))
        db.flush()
        kept = reworded(db, pack)
    for notice in notices(files, changes):
        typer.echo(f"note: {notice}", err=True)
    typer.echo(f"{published} wordings published.")
    if kept:
        typer.echo(f"{len(kept)} left alone, because staff published another wording in the console since:")
        for instruction in kept:
            typer.echo(f"  {instruction}")
        typer.echo("`stipple content export` writes what patients read, so that the files can catch up.")


@content.command("export")
def export_command(folder: Annotated[Path, typer.Argument(help="Folder to write the YAML files to.")]) -> None:
    """Write the care plan in use, ready to take the file's place, and the published wordings, one file a subject."""
    folder.mkdir(parents=True, exist_ok=True)
    files = load_pack(get_settings().content_dir)
    with Database(get_settings().database_url).begin() as db:
        wordings, pack = current_wordings(db), in_use(files, newest_changes(db))
        subjects = {i.id: i.subject for i in db.query(Instruction).filter(Instruction.retired_at.is_(None))}
    for subject in sorted(set(subjects.values())):
        published = {
            instruction: {"version": w.version, "text": w.text, "why": w.why, "simpler": w.simpler}
            for instruction, w in sorted(wordings.items(), key=lambda item: _natural(item[0]))
            if subjects.get(instruction) == subject
        }
        path = folder / f"{subject}.yml"
        path.write_text(yaml.safe_dump(published, sort_keys=False, allow_unicode=True, width=110), encoding="utf-8")
        typer.echo(f"{path}: {len(published)} wordings")
    _write_plan(folder / "care_plan.yml", files, pack)


def _write_plan(path: Path, files: Pack, pack: Pack) -> None:
    topics = {"topics": [t.model_dump(mode="json") for t in pack.care_plan.values()]}
    plan = yaml.safe_dump(topics, sort_keys=False, allow_unicode=True, width=110)
    path.write_text(f"{PLAN_HEADER}{plan}", encoding="utf-8")
    changed = [t for t in pack.care_plan if pack.care_plan[t] != files.care_plan[t]]
    told = f"changed on the staff pages: {', '.join(changed)}" if changed else "as in the content files"
    typer.echo(f"{path}: {len(pack.care_plan)} topics, {told}")


def _changes() -> dict[str, PlanChange]:
    """The care plan's changes; none where there is no database yet, as on the machine of who writes the files."""
    url = get_settings().database_url
    path = make_url(url).database
    if url.startswith("sqlite") and not (path and Path(path).exists()):
        return {}
    database = Database(url)
    try:
        if not inspect(database.engine).has_table(PlanChange.__tablename__):
            return {}
        with database.begin() as db:
            return newest_changes(db)
    except OperationalError:
        typer.echo("note: the database does not answer, so only the files are checked", err=True)
        return {}
    finally:
        database.engine.dispose()


def _natural(text: str) -> list[str | int]:
    """Sort key in which 4 comes before 10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]
