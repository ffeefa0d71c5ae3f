"""`stipple patients import` and `stipple sessions import`."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from stipple.content.pack import load_pack
from stipple.records.csv_import import ImportFileError, RowReport, import_patients, import_sessions
from stipple.records.database import Database
from stipple.records.demo import ensure_clinic
from stipple.records.models import Patient
from stipple.settings import get_settings

patients = typer.Typer(no_args_is_help=True, help="The clinic's patients.")
sessions = typer.Typer(no_args_is_help=True, help="The patients' sessions.")

File = Annotated[Path, typer.Argument(help="CSV file with a header line.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only report what would happen.")]


def find_patient(db: DbSession, reference: str) -> Patient:
    """The patient with this clinic number.

    Raises:
        ImportFileError: when there is none.
    """
    patient = db.scalar(select(Patient).where(Patient.reference == reference))
    if patient is None:
        raise ImportFileError(f"no patient has the reference {reference!r}")
    return patient


@patients.command("import")
def patients_import(file: File, dry_run: DryRun = False) -> None:
    """Add or change patients by their reference: all rows or, when one is wrong, none."""
    profile = load_pack(get_settings().content_dir).profile
    _import(lambda db: import_patients(db, file, ensure_clinic(db, profile), datetime.now(UTC)), dry_run)


@sessions.command("import")
def sessions_import(file: File, dry_run: DryRun = False) -> None:
    """Add or change sessions: all rows or, when one is wrong, none."""
    profile = load_pack(get_settings().content_dir).profile
    _import(lambda db: import_sessions(db, file, ensure_clinic(db, profile), profile.zone), dry_run)


class _RolledBackError(Exception):
    """Leaves the transaction without keeping its changes."""


def _import(rows: Callable[[DbSession], list[RowReport]], dry_run: bool) -> None:
    reports: list[RowReport] = []
    try:
        with Database(get_settings().database_url).begin() as db:
            reports = rows(db)
            if dry_run or any(r.outcome == "wrong" for r in reports):
                raise _RolledBackError
    except _RolledBackError:
        pass
    for report in reports:
        typer.echo(f"line {report.line}: {report.outcome}{': ' + report.detail if report.detail else ''}")
    counts = Counter(r.outcome for r in reports)
    typer.echo(", ".join(f"{n} {outcome}" for outcome, n in counts.items()) or "no rows", err=True)
    if counts["wrong"]:
        typer.echo("Nothing was imported. Put the wrong lines right and try again.", err=True)
        raise typer.Exit(1)
    if dry_run:
        typer.echo("This was a dry run: nothing was imported.", err=True)
