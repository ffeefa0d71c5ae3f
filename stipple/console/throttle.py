"""Slowing down who guesses passwords: after some tries, each further one costs a longer wait.

A try counts before its password is looked at, so that many at once are no way round. Accounts that do not exist are
counted like those that do.
"""

import hashlib
import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession

from stipple.records.staff_models import StaffAttempt

# A clinic's computers often share one address, so an address gets more tries than an account.
FREE_TRIES = {"account": 5, "address": 20}
FIRST_WAIT = timedelta(seconds=30)
# Nobody can lock a colleague out for longer than this.
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
MOST_DOUBLINGS = 10


def account_key(email: str) -> str:
    """The account that somebody tries, whether or not it exists."""
    return f"account/{hashlib.sha256(email.encode()).hexdigest()}"


def address_key(address: str) -> str:
    """The network address that a try comes from; of IPv6 the half that one customer has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return f"address/{address[:64]}"
    network = ipaddress.ip_network((found, 64 if found.version == 6 else 32), strict=False)
    return f"address/{network.network_address}"


def count_try(db: DbSession, keys: tuple[str, ...], now: datetime) -> timedelta:
    """Count one try under each key; how long to wait when it is one too many, else zero.

    What is refused does not count, so that waiting helps.
    """
    db.execute(delete(StaffAttempt).where(StaffAttempt.failed_at <= now - FORGOTTEN_AFTER))
    ends = list(db.scalars(select(StaffAttempt.blocked_until).where(StaffAttempt.key.in_(keys))))
    if any(end > now for end in ends):
        return max(ends) - now
    return max([_count(db, key, now) for key in keys])


def _count(db: DbSession, key: str, now: datetime) -> timedelta:
    mine = StaffAttempt.key == key
    # One statement, so that of many tries at the same moment each is counted.
    counted = update(StaffAttempt).where(mine, StaffAttempt.blocked_until <= now)
    failures = db.scalar(
        counted.values(failures=StaffAttempt.failures + 1, failed_at=now).returning(StaffAttempt.failures)
    )
    if failures is not None:
        db.execute(update(StaffAttempt).where(mine).values(blocked_until=now + wait_after(key, failures)))
        return timedelta(0)
    blocked: datetime | None = db.scalar(select(StaffAttempt.blocked_until).where(mine))
    if blocked is not None:
        return max(blocked - now, timedelta(0))
    try:
        with db.begin_nested():
            db.add(StaffAttempt(key=key, failures=1, failed_at=now, blocked_until=now))
    except IntegrityError:
        return _count(db, key, now)
    return timedelta(0)


def wait_after(key: str, failures: int) -> timedelta:
    """The wait after so many tries in a row: none at first, then doubling."""
    over = failures - FREE_TRIES[key.partition("/")[0]]
    if over < 0:
        return timedelta(0)
    return min(FIRST_WAIT * (1 << min(over, MOST_DOUBLINGS)), LONGEST_WAIT)


def succeeded(db: DbSession, account: str, address: str, now: datetime) -> None:
    """The person is who they say: their account starts afresh, and the address gets its last try back."""
    db.execute(delete(StaffAttempt).where(StaffAttempt.key == account))
    less = case((StaffAttempt.failures > 0, StaffAttempt.failures - 1), else_=0)
    db.execute(update(StaffAttempt).where(StaffAttempt.key == address).values(failures=less, blocked_until=now))


def forget_account(db: DbSession, email: str) -> None:
    """Whoever tried to sign in to the account need not wait any longer."""
    db.execute(delete(StaffAttempt).where(StaffAttempt.key == account_key(email)))
