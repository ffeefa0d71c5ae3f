"""`stipple patients export` and `stipple patients erase`."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stipple.cli_import import find_patient
from stipple.console.patients import erasing
from stipple.console.patients.export import export
from stipple.content.pack import load_pack
from stipple.records.database import Database
from stipple.records.engine_state import clear_engine, left
from stipple.records.spool import Spool
from stipple.settings import get_settings

Reference = Annotated[str, typer.Argument(help="The clinic's number for the patient.")]
NOT_REACHED = (
    "The assistant's own short memory could not be reached. Stipple tries again by itself while it runs; "
    "or call: stipple patients erase --leftovers"
)


class ExportFileError(Exception):
    """The file cannot be written; the message says why."""


def export_command(
    reference: Reference, file: Annotated[Path, typer.Argument(help="The zip file to write; it must not exist.")]
) -> None:
    """Write everything that is held of a patient into a file."""
    settings = get_settings()
    pack, database = load_pack(settings.content_dir), Database(settings.database_url)
    with database.begin() as db:
        patient = find_patient(db, reference)
    try:
        # For nobody else on this computer to read. Opened first, so that no export is noted that was not made.
        out = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        with out, database.begin() as db:
            out.write(export(db, patient.id, pack, datetime.now(UTC), None))
    except FileExistsError:
        raise ExportFileError(f"{file} exists already; nothing was written") from None
    except OSError as error:
        raise ExportFileError(f"{file} cannot be written: {error.strerror}") from None
    typer.echo(f"{file} holds everything of this patient.", err=True)


def erase_command(
    reference: Annotated[str, typer.Argument(help="The clinic's number for the patient.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the reference again.")] = False,
    leftovers: Annotated[
        bool,
        typer.Option("--leftovers", help="Only try again to clear what the engine still holds of erased patients."),
    ] = False,
) -> None:
    """Erase a patient for good: the record, every conversation, everything. Nobody can bring it back."""
    settings = get_settings()
    database = Database(settings.database_url)
    if leftovers:
        _tell(clear_engine(database, settings.engine_database_url, datetime.now(UTC)), database)
        return
    with database.begin() as db:
        patient = find_patient(db, reference)
        goes = erasing.what_goes(db, patient)
    for label, number in goes.items():
        typer.echo(f"{number:>6} {label}", err=True)
    typed = reference if yes else typer.prompt("All of this goes for good. Type the reference again")
    elsewhere = erasing.Elsewhere(settings.engine_database_url, Spool(settings.spool_dir))
    _tell(erasing.erase(database, patient.id, typed, datetime.now(UTC), None, elsewhere), database)


def _tell(done: bool, database: Database) -> None:
    if done:
        typer.echo("Erased. Nothing of erased patients is left.", err=True)
        return
    with database.begin() as db:
        typer.echo(f"Erased here. Left in the engine: {left(db)} conversations.", err=True)
    typer.echo(NOT_REACHED, err=True)
    raise typer.Exit(1)
