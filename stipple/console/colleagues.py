"""Who may be put in charge of what."""

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from stipple.records.staff_models import ROLES, Staff

# Whoever has this role or more may look after an item of the kind: reviewers do not look after patients.
ROLE_FOR = {
    "danger": "practitioner",
    "waiting": "practitioner",
    "unclear": "reviewer",
    "missed": "reviewer",
    "not_helpful": "reviewer",
}


class ColleagueError(Exception):
    """Nobody who can be put in charge; the message says why."""


def colleagues(db: DbSession, kind: str) -> list[Staff]:
    """Everybody with an account in use who may look after an item of ``kind``, by name."""
    enough = ROLES[ROLES.index(ROLE_FOR[kind]) :]
    found = db.scalars(select(Staff).where(Staff.disabled_at.is_(None), Staff.role.in_(enough)))
    return sorted(found, key=lambda s: (s.name.lower(), s.id))


def find_colleague(db: DbSession, number: str, kind: str) -> Staff:
    """The colleague with this account number.

    Raises:
        ColleagueError: when there is none who may look after an item of ``kind``.
    """
    found = next((s for s in colleagues(db, kind) if str(s.id) == number), None)
    if found is None:
        raise ColleagueError("Please choose a colleague from the list." if number else "Please choose a colleague.")
    return found
