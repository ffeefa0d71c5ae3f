"""Two-step sign-in: besides the password, a code of an authenticator app whose secret the account shares."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session as DbSession

from stipple.console.accounts import locked_account, subject_of
from stipple.console.audit import note
from stipple.console.passwords import code_step, new_totp_secret, totp_uri
from stipple.records.staff_models import Staff
from stipple.sealing import Sealer, SealError

# How long the picture of a new secret may be used.
OFFERED_FOR = timedelta(minutes=30)
KEY_GROUP = 4


class CodeError(Exception):
    """Two-step sign-in was not switched on; the message says why, to the person."""


@dataclass(frozen=True)
class Offer:
    """A secret that nobody uses yet. ``ticket`` brings it back, sealed, with the form that holds the first code."""

    ticket: str
    secret: str
    address: str

    @property
    def key(self) -> str:
        """The secret as a person types it."""
        groups = range(0, len(self.secret), KEY_GROUP)
        return " ".join(self.secret[start : start + KEY_GROUP] for start in groups)


def offer(staff: Staff, sealer: Sealer) -> Offer:
    """A fresh secret for the person's app; nothing is stored before they have shown a code of it."""
    secret = new_totp_secret()
    return Offer(sealer.seal(f"{staff.id} {secret}"), secret, totp_uri(secret, staff.email))


def offered(staff: Staff, ticket: str, sealer: Sealer) -> Offer:
    """The secret of a form.

    Raises:
        CodeError: when it is too old, or was not offered to this person.
    """
    try:
        owner, _, secret = sealer.open(ticket, OFFERED_FOR).partition(" ")
    except SealError:
        owner = secret = ""
    if owner != str(staff.id):
        raise CodeError("That picture was too old. Please delete the entry in your app and scan this one.")
    return Offer(ticket, secret, totp_uri(secret, staff.email))


def switch_on(db: DbSession, staff: Staff, made: Offer, code: str, sealer: Sealer, now: datetime) -> None:
    """Ask for codes of ``made`` from the next sign-in on; the code that proved it opens nothing more.

    Raises:
        CodeError: when the code does not fit, or codes are asked for already.
    """
    note(db, now, "two_step_on", subject_of(staff), staff.id)
    found = locked_account(db, staff.id)
    if found.has_two_step:
        raise CodeError("Two-step sign-in is on already.")
    step = code_step(made.secret, code, now)
    if step is None:
        raise CodeError("That code does not fit. Please enter the one your app shows now; its clock must be right.")
    found.totp_sealed, found.totp_step = sealer.seal(made.secret), step


def give_secret(db: DbSession, staff: Staff, sealer: Sealer, now: datetime, by: int | None = None) -> str:
    """Ask for codes of a new secret, which is returned to be shown once; for the command line."""
    secret = new_totp_secret()
    note(db, now, "two_step_on", subject_of(staff), by)
    staff.totp_sealed, staff.totp_secret, staff.totp_step = sealer.seal(secret), None, None
    return secret


def switch_off(db: DbSession, staff: Staff, now: datetime, by: int | None = None) -> None:
    """Ask for no codes any more."""
    note(db, now, "two_step_off", subject_of(staff), by)
    forget_secret(staff)


def forget_secret(staff: Staff) -> None:
    """The account has no secret any more."""
    staff.totp_sealed, staff.totp_secret, staff.totp_step = None, None, None


def code_fits(db: DbSession, staff: Staff, code: str, sealer: Sealer, now: datetime) -> bool:
    """Whether the code is right and new, where the account asks for one."""
    if not staff.has_two_step:
        return True
    try:
        # A secret that was kept readably is sealed at the next start; it opens the door until then.
        secret = sealer.open(staff.totp_sealed) if staff.totp_sealed else staff.totp_secret or ""
    except SealError:
        return False
    step = code_step(secret, code, now)
    if step is None:
        return False
    unused = or_(Staff.totp_step.is_(None), Staff.totp_step < step)
    marked = update(Staff).where(Staff.id == staff.id, unused).values(totp_step=step).returning(Staff.id)
    return db.scalar(marked) is not None


def seal_readable(db: DbSession, sealer: Sealer) -> int:
    """Seal each secret that was kept readably; how many there were."""
    sealed = 0
    for staff in db.scalars(select(Staff).where(Staff.totp_secret.is_not(None))).all():
        # Only if it is still that one: another process may do the same at this moment.
        same = update(Staff).where(Staff.id == staff.id, Staff.totp_secret == staff.totp_secret)
        done = same.values(totp_sealed=sealer.seal(staff.totp_secret or ""), totp_secret=None).returning(Staff.id)
        sealed += len(db.execute(done).all())
    return sealed


def unopened(db: DbSession, sealer: Sealer) -> list[str]:
    """The e-mail addresses of accounts whose secret no key opens, so that nobody can sign in to them."""
    found = select(Staff.email, Staff.totp_sealed).where(Staff.totp_sealed.is_not(None), Staff.disabled_at.is_(None))
    return [email for email, sealed in db.execute(found.order_by(Staff.email)) if not _opens(sealer, sealed or "")]


def _opens(sealer: Sealer, sealed: str) -> bool:
    try:
        sealer.open(sealed)
    except SealError:
        return False
    return True
