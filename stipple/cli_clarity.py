"""`stipple clarity recount` and `stipple simulate`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from stipple.care.clarity import ENOUGH
from stipple.content.pack import load_pack
from stipple.records.clarity_recount import rebuild
from stipple.records.database import Database
from stipple.records.simulated import MOST_QUESTIONS, SimulationError, hardest, simulate
from stipple.settings import get_settings
from stipple.stack.database import prepare_database

app = typer.Typer(no_args_is_help=True, help="Which instructions patients do not understand.")
MOST_PATIENTS = 1_000_000
TOLD = 5


@app.command()
def recount() -> None:
    """Count all messages anew, as after an update that brought the clarity page. No reply is stored meanwhile."""
    with Database(get_settings().database_url).begin() as db:
        rebuild(db)
    typer.echo("Counted.", err=True)


def simulate_command(
    patients: Annotated[int, typer.Option(min=1, max=MOST_PATIENTS, help="How many patients to invent.")],
    questions: Annotated[int, typer.Option(min=1, max=200, help="Most questions of a patient.")] = MOST_QUESTIONS,
    seed: Annotated[int, typer.Option(min=0, max=10**9, help="The same seed invents the same patients.")] = 1,
) -> None:
    """Add invented patients with known confusion, to try the clarity page. Refused in production."""
    settings = get_settings()
    if settings.environment == "production":
        raise SimulationError("invented patients are not added in production")
    pack = load_pack(settings.content_dir)
    database = prepare_database(settings)
    with database.begin() as db, typer.progressbar(length=patients, label="Patients") as bar:
        planted = simulate(db, pack, patients, seed, datetime.now(UTC), bar.update, questions)
    typer.echo(f"{patients} patients with {planted.messages} messages. What confused the most of them:", err=True)
    for _, (rule, confused, shown) in zip(range(TOLD), hardest(planted, ENOUGH), strict=False):
        typer.echo(f"  {rule:<34} {confused} of {shown}")
