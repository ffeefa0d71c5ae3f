"""Sign-ins: letting a person in, knowing them again, and ending it."""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.console import two_step
from stipple.console.accounts import locked_account, normal, subject_of
from stipple.console.audit import note
from stipple.console.passwords import MOST_LENGTH, NOBODY, is_password
from stipple.console.throttle import account_key, address_key, count_try, succeeded
from stipple.records.conversations import hash_token
from stipple.records.database import Database
from stipple.records.staff_models import Staff, StaffSession
from stipple.sealing import Sealer

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
# The last use is not written more often than this.
NOTED_EVERY = timedelta(minutes=1)
BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("Mac", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)


@dataclass(frozen=True)
class Credentials:
    """What somebody entered at the door, and where from."""

    email: str
    password: str
    code: str
    address: str
    user_agent: str


class RefusedError(Exception):
    """E-mail, password or code is wrong; which of them is not told."""


class TooManyTriesError(Exception):
    """The account or the address must wait."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"wait {wait}")


def let_in(database: Database, given: Credentials, sealer: Sealer, now: datetime) -> str:
    """Sign a person in; the token for their cookie.

    Raises:
        TooManyTriesError: when there were too many tries for this account or from this address.
        RefusedError: when something is wrong, or the account is disabled or does not exist.
    """
    email = normal(given.email)
    account, address = account_key(email), address_key(given.address)
    with database.begin() as db:
        wait = count_try(db, (account, address), now)
    if wait:
        raise TooManyTriesError(wait)
    with database.begin() as db:
        staff = db.scalar(select(Staff).where(Staff.email == email))
    # Outside a transaction: it takes long, and nothing else should wait for it.
    known = is_password(staff.password_hash if staff else NOBODY, given.password[: MOST_LENGTH + 1])
    with database.begin() as db:
        if staff:
            # It may have got another password while this one was looked at.
            looked_at, staff = staff.password_hash, locked_account(db, staff.id)
            known = known and staff.password_hash == looked_at
        if (
            staff is None
            or not (known and _is_open(staff, now))
            or not two_step.code_fits(db, staff, given.code, sealer, now)
        ):
            subject = subject_of(staff) if staff else "staff/unknown"
            note(db, now, "sign_in_failed", subject, staff.id if staff else None, f"from {given.address[:64]}")
            refused = True
        else:
            refused = False
            succeeded(db, account, address, now)
            token = _new_sign_in(db, staff, describe(given.user_agent), now)
            note(db, now, "signed_in", subject_of(staff), staff.id, f"from {given.address[:64]}")
    if refused:
        raise RefusedError
    return token


def _is_open(staff: Staff, now: datetime) -> bool:
    """Whether the account is in use, and its password is no start password that has run out."""
    return staff.disabled_at is None and (staff.start_password_until is None or now < staff.start_password_until)


def _new_sign_in(db: DbSession, staff: Staff, user_agent: str, now: datetime) -> str:
    db.execute(delete(StaffSession).where(StaffSession.expires_at <= now))
    token = secrets.token_urlsafe(32)
    db.add(
        StaffSession(
            token_hash=hash_token(token),
            staff_id=staff.id,
            csrf=secrets.token_urlsafe(32),
            created_at=now,
            last_seen_at=now,
            expires_at=now + IDLE,
            user_agent=user_agent,
        )
    )
    return token


def find_sign_in(db: DbSession, token: str, now: datetime, in_use: bool = True) -> StaffSession | None:
    """The sign-in of a cookie; None when it is unknown, over, or of a disabled account.

    ``in_use`` false leaves its end where it is: a page that looks for news by itself is no sign of a person.
    """
    query = select(StaffSession).join(Staff).options(joinedload(StaffSession.staff))
    valid = (StaffSession.token_hash == hash_token(token), StaffSession.expires_at > now, Staff.disabled_at.is_(None))
    found = db.scalar(query.where(*valid))
    if found and in_use and now - found.last_seen_at >= NOTED_EVERY:
        found.last_seen_at = now
        found.expires_at = min(now + IDLE, found.created_at + LONGEST)
    return found


def sign_ins_of(db: DbSession, staff_id: int, now: datetime) -> list[StaffSession]:
    """Where a person is signed in, the place used last first."""
    mine = (StaffSession.staff_id == staff_id, StaffSession.expires_at > now)
    return list(db.scalars(select(StaffSession).where(*mine).order_by(StaffSession.last_seen_at.desc())))


def short_id(sign_in: StaffSession) -> str:
    """Names a sign-in on the page; it opens nothing."""
    return sign_in.token_hash[:16]


def revoke(db: DbSession, staff_id: int, short: str, now: datetime) -> bool:
    """End one of the person's sign-ins; False when they have none of that name."""
    for sign_in in sign_ins_of(db, staff_id, now):
        if hmac.compare_digest(short_id(sign_in).encode(), short.encode()):
            db.delete(sign_in)
            note(db, now, "sign_in_revoked", f"staff/{staff_id}", staff_id, sign_in.user_agent)
            return True
    return False


def revoke_others(db: DbSession, kept: StaffSession, now: datetime) -> None:
    """End every other sign-in of the person."""
    note(db, now, "sign_ins_revoked", f"staff/{kept.staff_id}", kept.staff_id, "all but this one")
    others = (StaffSession.staff_id == kept.staff_id, StaffSession.token_hash != kept.token_hash)
    db.execute(delete(StaffSession).where(*others))


def sign_out(db: DbSession, sign_in: StaffSession, now: datetime) -> None:
    """End this sign-in."""
    note(db, now, "signed_out", f"staff/{sign_in.staff_id}", sign_in.staff_id)
    db.execute(delete(StaffSession).where(StaffSession.token_hash == sign_in.token_hash))


def describe(user_agent: str) -> str:
    """A browser in words a person knows: "Firefox on Windows"."""
    browser = next((name for name, pattern in BROWSERS if re.search(pattern, user_agent)), "A browser")
    system = next((name for name, pattern in SYSTEMS if re.search(pattern, user_agent)), "")
    return f"{browser} on {system}" if system else browser
