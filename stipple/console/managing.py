"""What an admin does with colleagues' accounts.

Each step writes its audit row first, which on SQLite takes the lock for writing; on PostgreSQL the admins' accounts are
locked in one order, so that no two of them can put each other out at the same moment and leave nobody.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session as DbSession

from stipple.console import accounts, two_step
from stipple.console.audit import note
from stipple.console.passwords import hash_password
from stipple.records.staff_models import ROLES, Audit, Staff

START_DAYS = 7
# Letters and digits that nobody confuses when they are read out; four groups of four cannot be guessed.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP_SIZE = 4, 4
ADMIN = "admin"
# What is wrong with a new account: the field of the form, and what the admin reads there.
PROBLEMS: dict[accounts.Fault, tuple[str, str]] = {
    "name": ("name", f"Please write the person's name, with at most {accounts.LONGEST} characters."),
    "email": ("email", "That is not an e-mail address; write it as anna@clinic.example."),
    "taken": ("email", "There is an account with this e-mail address already. You find it in the list."),
    "role": ("role", "Please choose what the person may do."),
}


class ManageError(Exception):
    """A change of an account that is not made; the message says why, to the admin."""


class AddError(Exception):
    """An account that is not added; ``problems`` says by field of the form what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems.values()))


@dataclass(frozen=True)
class Started:
    """An account whose person must choose a password of their own; ``password`` lets them in once, until then."""

    staff: Staff
    password: str
    until: datetime


@dataclass(frozen=True)
class Line:
    """An account as lists show it."""

    staff: Staff
    last_sign_in: datetime | None


def start_password() -> str:
    """A password to be read out or written on a slip, and to be replaced at the first sign-in."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_SIZE)) for _ in range(GROUPS))
    return "-".join(groups)


def lines(db: DbSession) -> list[Line]:
    """Every account with its last sign-in, those in use first, by name."""
    return [Line(staff, _last_sign_in(db, staff.id)) for staff in accounts.list_accounts(db)]


def _last_sign_in(db: DbSession, number: int) -> datetime | None:
    # Asked for each account: that takes one look into an index, where grouping would read each sign-in of every year.
    mine = (Audit.staff_id == number, Audit.action == "signed_in")
    return db.scalar(select(func.max(Audit.at)).where(*mine))


def find(db: DbSession, number: int) -> Line | None:
    """The account with this number; None when there is none."""
    staff = db.get(Staff, number)
    return Line(staff, _last_sign_in(db, number)) if staff else None


def add(db: DbSession, by: Staff, email: str, name: str, role: str, now: datetime) -> Started:
    """A new account with a start password.

    Raises:
        AddError: when it cannot be added like this.
        ManageError: when ``by`` is no admin any more.
    """
    if problems := dict(PROBLEMS[fault] for fault in accounts.faults(db, email, name, role)):
        raise AddError(problems)
    password = start_password()
    staff = accounts.new_account(email, name, role, hash_password(password), now)
    staff.start_password_until = now + timedelta(days=START_DAYS)
    db.add(staff)
    db.flush()
    note(db, now, "account_added", accounts.subject_of(staff), by.id, f"role {role}")
    _held(db, by, staff.id)
    return Started(staff, password, staff.start_password_until)


def change_role(db: DbSession, by: Staff, number: int, role: str, now: datetime) -> None:
    """Let the person do more or less from their next click on.

    Raises:
        ManageError: when it is the admin's own account, the last admin's, or no role.
    """
    note(db, now, "role_changed", f"staff/{number}", by.id, f"role {role}" if role in ROLES else "")
    staff = _held(db, by, number)
    if role not in ROLES:
        raise ManageError(PROBLEMS["role"][1])
    if staff.id == by.id:
        raise ManageError("You cannot change your own role. Another admin can.")
    if role != ADMIN:
        _leaves_an_admin(db, staff)
    staff.role = role


def switch_off(db: DbSession, by: Staff, number: int, now: datetime) -> None:
    """End the person's sign-ins, and let nobody sign in to the account.

    Raises:
        ManageError: when it is the admin's own account, or the last admin's.
    """
    note(db, now, "account_disabled", f"staff/{number}", by.id)
    staff = _held(db, by, number)
    if staff.id == by.id:
        raise ManageError("You cannot switch off your own account. Another admin can.")
    _leaves_an_admin(db, staff)
    accounts.shut(db, staff, now)


def switch_on(db: DbSession, by: Staff, number: int, now: datetime) -> None:
    """Let the person sign in again, with the password they had.

    Raises:
        ManageError: when ``by`` is no admin any more.
    """
    note(db, now, "account_enabled", f"staff/{number}", by.id)
    _held(db, by, number).disabled_at = None


def reset(db: DbSession, by: Staff, number: int, now: datetime) -> Started:
    """A start password in place of the person's own; their sign-ins end.

    Raises:
        ManageError: when it is the admin's own account.
    """
    note(db, now, "account_reset", f"staff/{number}", by.id)
    staff = _held(db, by, number)
    if staff.id == by.id:
        raise ManageError("You change your own password on the page of your account.")
    password, until = start_password(), now + timedelta(days=START_DAYS)
    accounts.replace_password(db, staff, password, until)
    return Started(staff, password, until)


def end_two_step(db: DbSession, by: Staff, number: int, now: datetime) -> None:
    """Ask the person for no code any more; their sign-ins end, for a lost phone may be signed in.

    Raises:
        ManageError: when it is the admin's own account.
    """
    note(db, now, "two_step_off", f"staff/{number}", by.id)
    staff = _held(db, by, number)
    if staff.id == by.id:
        raise ManageError("You switch off your own two-step sign-in on the page of your account.")
    two_step.forget_secret(staff)
    accounts.end_sign_ins(db, staff)


def _held(db: DbSession, by: Staff, number: int) -> Staff:
    """The account, held with those of all admins until the end of the transaction; ``by`` must still be one."""
    wanted = select(Staff).where(or_(Staff.role == ADMIN, Staff.id == number)).order_by(Staff.id)
    again = {"populate_existing": True}
    found = {s.id: s for s in db.scalars(wanted.with_for_update(key_share=True).execution_options(**again))}
    me = found.get(by.id)
    if me is None or me.role != ADMIN or me.disabled_at is not None:
        raise ManageError("Your account may not do this any more.")
    if number not in found:
        raise ManageError("There is no such account.")
    return found[number]


def _leaves_an_admin(db: DbSession, staff: Staff) -> None:
    """Whether somebody else looks after the accounts, should this person not any longer."""
    others = select(Staff.id).where(Staff.role == ADMIN, Staff.disabled_at.is_(None), Staff.id != staff.id)
    if db.scalar(others.limit(1)) is None:
        raise ManageError("This is the last admin in use, so the account must stay as it is.")
