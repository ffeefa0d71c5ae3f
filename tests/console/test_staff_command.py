"""`stipple staff`: accounts are made, listed, disabled and given a new password; mistakes are told in one line."""

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pyotp
import pytest
from sqlalchemy import select

from stipple.cli import _print_demo_account, main
from stipple.console.accounts import DEMO_EMAIL, AccountError, demo_account, find_account
from stipple.console.passwords import PasswordError, check_password, is_password
from stipple.console.signins import Credentials, RefusedError, let_in
from stipple.records.database import Database
from stipple.records.staff_models import Audit, StaffSession
from stipple.sealing import Sealer, new_key
from stipple.settings import Settings
from tests.gateway.conftest import MakeGateway

SECRET = "a long enough secret"
NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
Run = Callable[..., tuple[str, str]]


@pytest.fixture
def database(make_gateway: MakeGateway, no_settings: pytest.MonkeyPatch) -> Database:
    gateway = make_gateway()
    no_settings.setenv("STIPPLE_DATABASE_URL", gateway.settings.database_url)
    no_settings.setenv("STIPPLE_SECRET_KEY", new_key())
    return gateway.database


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command; what it prints on standard output and on standard error."""

    def call(*words: str, stdin: str = "") -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["stipple", "staff", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert ended.value.code in (0, 2), told.err
        return told.out, told.err

    return call


def add(run: Run, email: str = "Robin@Clinic.example", *more: str) -> tuple[str, str]:
    return run("add", email, "--name", "Robin", "--role", "admin", "--password-stdin", *more, stdin=f"{SECRET}\n")


def enter(database: Database, password: str, code: str = "") -> str:
    return let_in(
        database, Credentials("robin@clinic.example", password, code, "192.0.2.1", ""), Sealer(Settings()), NOW
    )


def test_an_account_is_added_and_opens_the_door(run: Run, database: Database) -> None:
    _, told = add(run)
    assert "Robin can sign in at http://127.0.0.1:8080/staff as robin@clinic.example." in told
    assert enter(database, SECRET)
    out, _ = run("list")
    assert out.split() == ["robin@clinic.example", "Robin", "admin", "no", "code", "in", "use"]


def test_the_password_is_asked_for_twice(run: Run, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([SECRET, "another secret", SECRET, SECRET])
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: next(answers))
    out, told = run("add", "robin@clinic.example", "--name", "Robin", "--role", "reviewer")
    assert SECRET not in out + told
    assert enter(database, SECRET)


def test_the_secret_for_codes_is_shown_once(run: Run, database: Database) -> None:
    out, _ = add(run, "robin@clinic.example", "--totp")
    assert out.startswith("otpauth://totp/Stipple:robin%40clinic.example?secret=")
    code = pyotp.parse_uri(out.strip()).at(NOW)  # type: ignore[union-attr]
    with pytest.raises(RefusedError):
        enter(database, SECRET)
    assert enter(database, SECRET, code)
    assert "otpauth" not in run("list")[0]


@pytest.mark.parametrize(
    ("words", "stdin", "told"),
    [
        (["add", "robin", "--name", "R", "--role", "admin"], SECRET, "robin is not an e-mail address"),
        (["add", "r@c.example", "--name", " ", "--role", "admin"], SECRET, "the name must not be empty"),
        (["add", "r@c.example", "--name", "R", "--role", "boss"], SECRET, "the role must be one of: reviewer,"),
        (["add", "r@c.example", "--name", "R", "--role", "admin"], "short", "has 5 characters and needs at least 12"),
        (["reset", "nobody@c.example"], SECRET, "no staff account has the e-mail address nobody@c.example"),
    ],
)
def test_a_mistake_is_told_in_one_plain_line(run: Run, words: list[str], stdin: str, told: str) -> None:
    _, error = run(*words, "--password-stdin", stdin=f"{stdin}\n")
    assert error.startswith("stipple: ")
    assert told in error
    assert len(error.strip().splitlines()) == 1


def test_an_address_has_one_account(run: Run) -> None:
    add(run)
    assert "has an account already" in add(run, "ROBIN@clinic.example")[1]


def test_a_new_password_ends_sign_ins_and_the_wait(run: Run, database: Database) -> None:
    add(run)
    enter(database, SECRET)
    for _ in range(5):
        with pytest.raises(RefusedError):
            enter(database, "wrong")
    run("reset", "robin@clinic.example", "--password-stdin", stdin="quite another secret\n")
    with database.begin() as db:
        assert db.scalars(select(StaffSession)).all() == []
    assert enter(database, "quite another secret")
    with pytest.raises(RefusedError):
        enter(database, SECRET)


def test_an_account_is_disabled_and_enabled(run: Run, database: Database) -> None:
    add(run)
    run("disable", "robin@clinic.example")
    assert "disabled since" in run("list")[0]
    with pytest.raises(RefusedError):
        enter(database, SECRET)
    run("enable", "robin@clinic.example")
    assert enter(database, SECRET)
    with database.begin() as db:
        actions = list(db.scalars(select(Audit.action).order_by(Audit.id)))
    assert actions == ["account_added", "account_disabled", "sign_in_failed", "account_enabled", "signed_in"]


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 201, "aaaaaaaabbbbbbb", "my ROBIN password"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordError):
        check_password(password, "robin@clinic.example")


def test_the_invented_account_is_only_made_where_there_is_no_other(run: Run, database: Database) -> None:
    with database.begin() as db:
        first = demo_account(db, NOW)
        second = demo_account(db, NOW)
        assert first
        assert second
        assert (first[0], first[1] != second[1]) == (DEMO_EMAIL, True)
        assert is_password(find_account(db, DEMO_EMAIL).password_hash, second[1])
    add(run)
    with database.begin() as db:
        assert demo_account(db, NOW) is None
        with pytest.raises(AccountError):
            find_account(db, "nobody@clinic.example")


def test_the_start_prints_the_invented_account(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    _print_demo_account(database)
    told = capsys.readouterr().out
    assert told.startswith(f"Demo staff account: {DEMO_EMAIL}, password ")
    password = told.split()[-1]
    assert let_in(database, Credentials(DEMO_EMAIL, password, "", "192.0.2.1", ""), Sealer(Settings()), NOW)
