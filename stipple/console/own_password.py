"""Changing one's own password, and proving who one is before something else about the account changes."""

from datetime import datetime

from sqlalchemy import delete

from stipple.care.telling import begun
from stipple.console.accounts import locked_account, subject_of
from stipple.console.audit import note
from stipple.console.forms import Form
from stipple.console.passwords import MOST_LENGTH, PasswordError, check_password, hash_password, is_password
from stipple.console.throttle import account_key, count_try, forget_account
from stipple.console.words import wait_words
from stipple.records.database import Database
from stipple.records.staff_models import Staff, StaffSession


class OwnPasswordError(Exception):
    """Nothing was changed; ``problems`` says by field of the form why."""

    def __init__(self, **problems: str) -> None:
        self.problems = problems
        super().__init__(" ".join(problems.values()))


def prove(database: Database, staff: Staff, password: str, now: datetime) -> None:
    """Make sure that whoever sits there knows the account's password.

    A wrong one counts as a try to sign in, so that an open browser is no place for guessing.

    Raises:
        OwnPasswordError: when it is wrong, or was wrong too often.
    """
    with database.begin() as db:
        wait = count_try(db, (account_key(staff.email),), now)
    if wait:
        raise OwnPasswordError(old=f"There were too many tries. Please wait {wait_words(wait)}, then try again.")
    if not is_password(staff.password_hash, password[: MOST_LENGTH + 1]):
        with database.begin() as db:
            note(db, now, "password_refused", subject_of(staff), staff.id)
        raise OwnPasswordError(old="That is not your password. Please try again.")
    with database.begin() as db:
        forget_account(db, staff.email)


def change(database: Database, kept: StaffSession, form: Form, now: datetime) -> None:
    """Give the person of a sign-in the password they chose, and end their other sign-ins.

    The form has the ``old`` password, the ``new`` one, and the new one ``again``.

    Raises:
        OwnPasswordError: when the old password is wrong, or the new one is not accepted.
    """
    staff = kept.staff
    old, new, again = (form.get(name, "") for name in ("old", "new", "again"))
    prove(database, staff, old, now)
    _check(staff, old, new, again)
    # Outside a transaction: it takes long, and nothing else should wait for it.
    hashed = hash_password(new)
    with database.begin() as db:
        note(db, now, "password_changed", subject_of(staff), staff.id)
        found = locked_account(db, staff.id)
        if found.password_hash != staff.password_hash:
            raise OwnPasswordError(old="Your password has just been changed elsewhere. Please sign in again.")
        found.password_hash, found.start_password_until = hashed, None
        others = (StaffSession.staff_id == staff.id, StaffSession.token_hash != kept.token_hash)
        db.execute(delete(StaffSession).where(*others))


def _check(staff: Staff, old: str, new: str, again: str) -> None:
    try:
        check_password(new, staff.email)
    except PasswordError as error:
        raise OwnPasswordError(new=f"{begun(str(error))}.") from None
    if new == old:
        raise OwnPasswordError(new="That is the password you have now. Please choose another one.")
    if new != again:
        raise OwnPasswordError(again="The two are not the same. Please type the new password once more.")
