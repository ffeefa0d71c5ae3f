"""The record of who did what in the console. No patient's word and no password is ever written here."""

from datetime import datetime

from sqlalchemy.orm import Session as DbSession

from stipple.records.staff_models import Audit


def note(
    db: DbSession, now: datetime, action: str, subject: str, staff_id: int | None = None, detail: str = ""
) -> None:
    """Write one row now, before whatever the caller does next in the same transaction.

    On SQLite this takes the lock for writing, so that what the caller reads afterwards cannot change under it.
    """
    db.add(Audit(at=now, staff_id=staff_id, action=action, subject=subject, detail=detail))
    db.flush()
