"""The `stipple` command line."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from stipple.cli_alerts import app as alerts
from stipple.cli_clarity import app as clarity
from stipple.cli_clarity import simulate_command
from stipple.cli_content import content
from stipple.cli_evaluate import evaluate_command
from stipple.cli_explain import explain_command
from stipple.cli_import import patients, sessions
from stipple.cli_learning import app as learning
from stipple.cli_patients import ExportFileError, erase_command, export_command
from stipple.cli_say import say
from stipple.cli_staff import app as staff
from stipple.console.accounts import AccountError, demo_account
from stipple.console.passwords import PasswordError
from stipple.console.patients.erasing import BlockedError, WrongReferenceError
from stipple.content.merging import MergeError
from stipple.content.pack import ContentError, load_pack
from stipple.evaluation.cases import CaseError
from stipple.evaluation.run import StackUnavailableError
from stipple.records.alerts import UnknownAlertError
from stipple.records.csv_import import ImportFileError
from stipple.records.database import Database
from stipple.records.demo import demo_links, fill_demo
from stipple.records.simulated import SimulationError
from stipple.settings import ROOT, Settings, SettingsError, get_settings
from stipple.stack.database import plan_notices, prepare_database, secret_notices, upgrade_database
from stipple.stack.model import StackError, ensure_model
from stipple.stack.supervise import require_free, running

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
db_app = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(db_app, name="db")
app.add_typer(alerts, name="alerts")
app.add_typer(clarity, name="clarity")
app.add_typer(content, name="content")
app.add_typer(learning, name="learning")
app.add_typer(patients, name="patients")
app.add_typer(sessions, name="sessions")
app.add_typer(staff, name="staff")
patients.command("erase")(erase_command)
patients.command("export")(export_command)
app.command("evaluate")(evaluate_command)
app.command("explain")(explain_command)
app.command("simulate")(simulate_command)

USER_ERRORS = (
    SettingsError,
    ContentError,
    MergeError,
    StackError,
    StackUnavailableError,
    CaseError,
    ImportFileError,
    UnknownAlertError,
    AccountError,
    PasswordError,
    SimulationError,
    BlockedError,
    WrongReferenceError,
    ExportFileError,
)
# Exit status for what the person at the keyboard can put right.
BAD_INPUT = 2


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database's tables up to date. Nothing is dropped."""
    upgrade_database(get_settings()).engine.dispose()
    say("The database is up to date.")


@app.command()
def demo() -> None:
    """Fill the invented demo clinic when there are no patients, and print a sign-in link for each."""
    settings = get_settings()
    _print_links(settings, prepare_database(settings))


def _print_links(settings: Settings, database: Database) -> None:
    now = datetime.now(UTC)
    with database.begin() as db:
        fill_demo(db, load_pack(settings.content_dir).profile, now)
        for stage, token in demo_links(db, now):
            typer.echo(f"  {stage:<34} {settings.base_url}/sign-in/{token}")


def _print_demo_account(database: Database) -> None:
    """Print how to sign in as the invented member of staff; the password is another one at each start."""
    with database.begin() as db:
        account = demo_account(db, datetime.now(UTC))
    if account:
        typer.echo(f"Demo staff account: {account[0]}, password {account[1]}")


@app.command()
def train() -> None:
    """Train the language model, when what it learns from has changed."""
    say(f"The language model is ready: {ensure_model(say).name}")


@app.command()
def run() -> None:
    """Start everything, and print the address once a real message has been answered. Ctrl-C stops it."""
    settings = get_settings()
    require_free(settings)
    say("Reading the clinic's content and bringing the database up to date.")
    database = prepare_database(settings)
    for notice in plan_notices(settings, database) + secret_notices(settings, database):
        say(f"Note: {notice}")
    model = ensure_model(say)
    say("Starting gateway, engine and action server.")
    with running(settings, model, ROOT / "var" / "run", say) as stack:
        typer.echo(f"\nStipple answers. Chat page: {settings.base_url}/")
        typer.echo(f"Staff page: {settings.base_url}/staff")
        if settings.environment == "demo":
            typer.echo("Sign-in links of the demo patients:")
            _print_links(settings, database)
            _print_demo_account(database)
        typer.echo("Stop with Ctrl-C.")
        with _quiet_interrupt():
            stack.wait()
    say("Stopped.")


@contextmanager
def _quiet_interrupt() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        say("\nStopping.")


@app.command()
def link(reference: Annotated[str, typer.Argument(help="The clinic's number for the patient.")]) -> None:
    """Print a sign-in link for one patient."""
    from stipple.cli_import import find_patient
    from stipple.records.demo import new_link

    settings = get_settings()
    with Database(settings.database_url).begin() as db:
        typer.echo(f"{settings.base_url}/sign-in/{new_link(db, find_patient(db, reference), datetime.now(UTC))}")


def main() -> None:
    """Run the command line; an error that the operator can put right is one plain line."""
    # A service manager's SIGTERM stops the processes just as Ctrl-C does.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        app()
    except USER_ERRORS as error:
        say(f"stipple: {error}")
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        say("Stopped.")
        sys.exit(130)
