"""`stipple staff`: the accounts of the people who work in the console."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from stipple.console import accounts, two_step
from stipple.console.passwords import totp_uri
from stipple.records.database import Database
from stipple.records.staff_models import Staff
from stipple.sealing import Sealer, new_key
from stipple.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Accounts of the staff console.")

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def _database() -> Database:
    return Database(get_settings().database_url)


def _password(from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    entered: str = typer.prompt("Password (at least 12 characters)", hide_input=True, confirmation_prompt="Once more")
    return entered


def _print_code_address(staff: Staff, secret: str) -> None:
    typer.echo("For the authenticator app, shown only now:", err=True)
    typer.echo(totp_uri(secret, staff.email))


@app.command()
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="The name that colleagues see.")],
    role: Annotated[str, typer.Option(help="reviewer (reads), practitioner (looks after patients), or admin.")],
    password_stdin: FromInput = False,
    totp: Annotated[bool, typer.Option("--totp", help="Also ask for a code of an authenticator app.")] = False,
) -> None:
    """Give a person an account. Asks for the password twice."""
    database = _database()
    with database.begin() as db:
        accounts.check_account(db, email, name, role)
    password = _password(password_stdin)
    now, secret = datetime.now(UTC), ""
    with database.begin() as db:
        staff = accounts.add_account(db, email, name, role, password, now)
        if totp:
            secret = two_step.give_secret(db, staff, Sealer(get_settings()), now)
    typer.echo(f"{staff.name} can sign in at {get_settings().base_url}/staff as {staff.email}.", err=True)
    if secret:
        _print_code_address(staff, secret)


@app.command("list")
def list_staff() -> None:
    """Every account: e-mail address, name, role, code at sign-in, and whether it is disabled."""
    with _database().begin() as db:
        found = accounts.list_accounts(db)
    for staff in found:
        code = "code" if staff.has_two_step else "no code"
        state = f"disabled since {staff.disabled_at:%Y-%m-%d}" if staff.disabled_at else "in use"
        typer.echo(f"{staff.email:<34} {staff.name:<24} {staff.role:<13} {code:<8} {state}")
    if not found:
        typer.echo("There are no staff accounts. Add one with: stipple staff add", err=True)


@app.command()
def disable(email: Email) -> None:
    """Sign a person out everywhere and let nobody sign in to the account."""
    with _database().begin() as db:
        accounts.disable_account(db, accounts.find_account(db, email), datetime.now(UTC))
    typer.echo(f"{accounts.normal(email)} is disabled and signed out.", err=True)


@app.command()
def enable(email: Email) -> None:
    """Let the person of a disabled account sign in again."""
    with _database().begin() as db:
        accounts.enable_account(db, accounts.find_account(db, email), datetime.now(UTC))
    typer.echo(f"{accounts.normal(email)} is in use again.", err=True)


@app.command()
def reset(
    email: Email,
    password_stdin: FromInput = False,
    totp: Annotated[bool | None, typer.Option("--totp/--no-totp", help="A new secret for codes, or none.")] = None,
) -> None:
    """Give a person a new password, sign them out everywhere, and end any wait after wrong tries."""
    database = _database()
    with database.begin() as db:
        accounts.find_account(db, email)
    password = _password(password_stdin)
    now, secret = datetime.now(UTC), ""
    with database.begin() as db:
        staff = accounts.find_account(db, email)
        accounts.reset_account(db, staff, password, now)
        if totp:
            secret = two_step.give_secret(db, staff, Sealer(get_settings()), now)
        elif totp is False:
            two_step.switch_off(db, staff, now)
    typer.echo(f"{staff.email} has a new password and is signed out everywhere.", err=True)
    if secret:
        _print_code_address(staff, secret)


@app.command("new-key")
def print_key() -> None:
    """Print a fresh key for the setting STIPPLE_SECRET_KEY."""
    typer.echo(new_key())
