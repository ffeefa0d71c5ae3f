"""`stipple content`: check, publish and export what patients read."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml

from stipple.content.check import check
from stipple.content.pack import load_pack
from stipple.records.database import Database
from stipple.records.models import Instruction
from stipple.records.wordings import current_wordings, publish_pack, reworded
from stipple.settings import ROOT, get_settings

content = typer.Typer(no_args_is_help=True, help="The clinic's content files and published wordings.")


@content.command("check")
def check_command() -> None:
    """Check every content file: complete, readable, and nothing that must never be said."""
    settings = get_settings()
    pack = load_pack(settings.content_dir)
    problems = check(pack, ROOT / "data", ROOT / "tests", datetime.now(UTC).date())
    for problem in problems:
        typer.echo(problem)
    typer.echo(f"{sum(1 for _ in pack.statements())} instructions checked, {len(problems)} problems.", err=True)
    raise typer.Exit(1 if problems else 0)


@content.command("publish")
def publish_command(by: Annotated[str, typer.Option(help="Who approves these wordings.")]) -> None:
    """Publish the content files: each text that changed in them becomes a new version, the old ones stay."""
    settings = get_settings()
    pack = load_pack(settings.content_dir)
    with Database(settings.database_url).begin() as db:
        published = publish_pack(db, pack, by, datetime.now(UTC))
        db.flush()
        kept = reworded(db, pack)
    typer.echo(f"{published} wordings published.")
    if kept:
        typer.echo(f"{len(kept)} left alone, because staff published another wording in the console since:")
        for instruction in kept:
            typer.echo(f"  {instruction}")
        typer.echo("`stipple content export` writes what patients read, so that the files can catch up.")


@content.command("export")
def export_command(folder: Annotated[Path, typer.Argument(help="Folder to write the YAML files to.")]) -> None:
    """Write the published wordings as YAML files, one for each subject, with their versions."""
    folder.mkdir(parents=True, exist_ok=True)
    with Database(get_settings().database_url).begin() as db:
        wordings = current_wordings(db)
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


def _natural(text: str) -> list[str | int]:
    """Sort key in which 4 comes before 10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]
