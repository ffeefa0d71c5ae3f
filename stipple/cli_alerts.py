"""`stipple alerts`: the danger signs that wait for a person, for whoever has no browser at hand."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from stipple.records import alerts
from stipple.records.database import Database
from stipple.records.models import Alert
from stipple.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Danger signs that wait for a person.")

Number = Annotated[int, typer.Argument(help="The alert's number in the list.")]
By = Annotated[str, typer.Option(help="Who you are.")]


@app.command("list")
def list_alerts() -> None:
    """Every alert that is not closed, the most urgent first, with the patient's words and phone number."""
    with Database(get_settings().database_url).begin() as db:
        found = alerts.open_alerts(db)
        for alert in found:
            typer.echo(_describe(alert))
    if not found:
        typer.echo("No danger signs are open.", err=True)


@app.command()
def take(number: Number, by: By) -> None:
    """Look after a patient: nobody is told any more."""
    with Database(get_settings().database_url).begin() as db:
        alerts.take(alerts.find_open(db, number), by, datetime.now(UTC))
    typer.echo(f"Alert {number} is yours.", err=True)


@app.command()
def close(number: Number, by: By, outcome: Annotated[str, typer.Option(help="What was done.")]) -> None:
    """The patient is looked after: the level leaves their conversation."""
    with Database(get_settings().database_url).begin() as db:
        alerts.close(alerts.find_open(db, number), by, outcome, datetime.now(UTC))
    typer.echo(f"Alert {number} is closed.", err=True)


def _describe(alert: Alert) -> str:
    patient = alert.conversation.patient
    who = f"{patient.name}, {patient.phone or 'no phone number'}" if patient else "a visitor without a record"
    day = "day not known" if alert.healing_day is None else f"day {alert.healing_day}"
    asked = f"NOT TAKEN, {alert.taken_by} was asked" if alert.taken_by else "NOT TAKEN"
    state = f"taken by {alert.taken_by}" if alert.taken_at else asked
    head = f"{alert.id}  {alert.level.upper()}  {', '.join(alert.signs)}  {day}  {alert.raised_at:%Y-%m-%d %H:%M} UTC"
    return f"{head}  {state}\n   {who}\n   “{alert.message.text}”"
