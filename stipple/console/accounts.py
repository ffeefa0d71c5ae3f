"""Staff accounts: adding, listing, disabling, and giving a new password."""

import re
import secrets
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as DbSession

from stipple.console.audit import note
from stipple.console.passwords import check_password, hash_password
from stipple.console.throttle import forget_account
from stipple.records.staff_models import ROLES, Staff, StaffSession

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
LONGEST = 200
DEMO_EMAIL = "demo@clinic.example"
# What can be wrong with a new account, and how `stipple staff` says it.
Fault = Literal["name", "email", "taken", "role"]
WORDS: dict[Fault, str] = {
    "name": f"the name must not be empty or longer than {LONGEST} characters",
    "email": "{email} is not an e-mail address",
    "taken": "{email} has an account already; a new password: stipple staff reset",
    "role": f"the role must be one of: {', '.join(ROLES)}",
}


class AccountError(Exception):
    """An account that cannot be made or found; the message says why."""


def normal(email: str) -> str:
    """An e-mail address as accounts are found by it."""
    return email.strip().lower()


def find_account(db: DbSession, email: str) -> Staff:
    """The account with this e-mail address.

    Raises:
        AccountError: when there is none.
    """
    staff = db.scalar(select(Staff).where(Staff.email == normal(email)))
    if staff is None:
        raise AccountError(f"no staff account has the e-mail address {normal(email)}; see: stipple staff list")
    return staff


def locked_account(db: DbSession, number: int) -> Staff:
    """The account as it is now, held until the end of the transaction."""
    return db.get_one(Staff, number, populate_existing=True, with_for_update={"key_share": True})


def list_accounts(db: DbSession) -> list[Staff]:
    """Every account, those in use first, by name."""
    return sorted(db.scalars(select(Staff)), key=lambda s: (s.disabled_at is not None, s.name.lower()))


def faults(db: DbSession, email: str, name: str, role: str) -> list[Fault]:
    """Everything that is wrong with what a new account is to be made from."""
    is_address = len(email) <= LONGEST and EMAIL.fullmatch(normal(email)) is not None
    found: dict[Fault, bool] = {
        "name": not name.strip() or len(name) > LONGEST,
        "email": not is_address,
        "taken": is_address and has_account(db, email),
        "role": role not in ROLES,
    }
    return [fault for fault, holds in found.items() if holds]


def check_account(db: DbSession, email: str, name: str, role: str) -> None:
    """Check what a new account is made from.

    Raises:
        AccountError: when its e-mail address is taken or none, the name is empty or the role is unknown.
    """
    if found := faults(db, email, name, role):
        raise AccountError("; ".join(WORDS[fault].format(email=normal(email)) for fault in found))


def add_account(db: DbSession, email: str, name: str, role: str, password: str, now: datetime) -> Staff:
    """A new account, whose person chose the password.

    Raises:
        AccountError: when its e-mail address is taken or none, the name is empty or the role is unknown.
        PasswordError: when the password is not accepted.
    """
    check_account(db, email, name, role)
    check_password(password, email)
    staff = new_account(email, name, role, hash_password(password), now)
    db.add(staff)
    db.flush()
    note(db, now, "account_added", subject_of(staff), detail=f"role {role}")
    return staff


def has_account(db: DbSession, email: str) -> bool:
    """Whether there is an account with this e-mail address."""
    return db.scalar(select(Staff.id).where(Staff.email == normal(email))) is not None


def new_account(email: str, name: str, role: str, password_hash: str, now: datetime) -> Staff:
    """The row of an account, which nobody has stored yet."""
    facts = {"email": normal(email), "name": name.strip(), "role": role}
    return Staff(**facts, password_hash=password_hash, created_at=now)


def reset_account(db: DbSession, staff: Staff, password: str, now: datetime) -> None:
    """Give the account a new password and end its sign-ins; two-step sign-in stays as it is.

    Raises:
        PasswordError: when the password is not accepted.
    """
    check_password(password, staff.email)
    replace_password(db, staff, password)
    note(db, now, "account_reset", subject_of(staff))


def replace_password(db: DbSession, staff: Staff, password: str, until: datetime | None = None) -> None:
    """Store a password that was accepted, end the sign-ins and forget wrong tries; ``until`` makes it a start one."""
    staff.password_hash, staff.start_password_until = hash_password(password), until
    end_sign_ins(db, staff)
    forget_account(db, staff.email)


def disable_account(db: DbSession, staff: Staff, now: datetime) -> None:
    """Nobody can sign in to the account any more, and whoever is signed in is signed out."""
    note(db, now, "account_disabled", subject_of(staff))
    shut(db, staff, now)


def shut(db: DbSession, staff: Staff, now: datetime) -> None:
    """The account opens nothing any more."""
    staff.disabled_at = staff.disabled_at or now
    end_sign_ins(db, staff)


def enable_account(db: DbSession, staff: Staff, now: datetime) -> None:
    """Let the person of a disabled account sign in again."""
    staff.disabled_at = None
    note(db, now, "account_enabled", subject_of(staff))


def end_sign_ins(db: DbSession, staff: Staff) -> None:
    """Sign the person out everywhere."""
    db.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id))


def subject_of(staff: Staff) -> str:
    """The account as the audit names it."""
    return f"staff/{staff.id}"


def demo_account(db: DbSession, now: datetime) -> tuple[str, str] | None:
    """E-mail address and new password of the invented account; None when the clinic has accounts of its own."""
    known = list_accounts(db)
    if any(staff.email != DEMO_EMAIL for staff in known):
        return None
    password = secrets.token_urlsafe(12)
    if known:
        reset_account(db, known[0], password, now)
    else:
        add_account(db, DEMO_EMAIL, "Robin Demo", "admin", password, now)
    return DEMO_EMAIL, password


def still_may(db: DbSession, staff: Staff, role: str) -> bool:
    """Whether the account is in use and may do what ``role`` may, asked in the transaction that decides something.

    The account may have been closed since the page was asked for; it is held until the end of the transaction.
    """
    found = db.get_one(Staff, staff.id, populate_existing=True, with_for_update={"key_share": True, "read": True})
    return found.disabled_at is None and ROLES.index(found.role) >= ROLES.index(role)
