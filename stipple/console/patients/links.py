"""Sign-in links that work once, and the aftercare card that a patient takes home with one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as DbSession

from stipple.care.healing import healing_today, upcoming
from stipple.care.plan import window_for
from stipple.console.words import VERDICTS
from stipple.content.pack import Pack
from stipple.content.schema import Window
from stipple.records.conversations import issue_link
from stipple.records.models import Patient, SignInLink
from stipple.records.patients import to_record
from stipple.records.staff_models import Staff
from stipple.records.wordings import Published

LINK_DAYS = 14
# The rules that matter most in the first days, the most important first.
ON_CARD = ("water", "touching", "picking", "exercise", "sun", "hat", "sleep", "alcohol")
MOST_ON_CARD = 8


def make_link(db: DbSession, patient: Patient, staff: Staff, now: datetime) -> str:
    """A fresh token that works once."""
    facts = {"created_at": now, "made_by": staff.name, "once": True}
    return issue_link(db, patient, now + timedelta(days=LINK_DAYS), **facts)


def open_links(db: DbSession, patient_id: str, now: datetime) -> list[SignInLink]:
    """Links that could still be used, the newest first."""
    usable = (SignInLink.patient_id == patient_id, SignInLink.expires_at > now, SignInLink.used_at.is_(None))
    return list(db.scalars(select(SignInLink).where(*usable).order_by(SignInLink.expires_at.desc())))


def withdraw_links(db: DbSession, patient_id: str) -> int:
    """No link of the patient's that is unused works any longer; how many were withdrawn."""
    unused = delete(SignInLink).where(SignInLink.patient_id == patient_id, SignInLink.used_at.is_(None))
    return len(db.execute(unused.returning(SignInLink.token_hash)).all())


@dataclass(frozen=True)
class CardRule:
    """One rule of the card: which days, the verdict in words, and the rule in plain words."""

    title: str
    days: str
    verdict: str
    text: str


@dataclass(frozen=True)
class Card:
    """What the card says. Of the patient it holds the first name and the day only."""

    first_name: str
    day: int | None
    session_date: date | None
    rules: list[CardRule]
    own: list[str]


def card(patient: Patient, pack: Pack, wordings: dict[str, Published], now: datetime) -> Card:
    """The card as of ``now``.

    A topic with an own rule is only named: what a practitioner wrote for one patient stays in the chat, and the care
    plan's rule would contradict it.
    """
    record = to_record(patient, pack.profile.zone)
    standing, coming = healing_today(record, now), upcoming(record, now)
    own = {o.topic for o in record.overrides}
    first = record.local_date(coming[0].starts_at) if coming and standing is None else None
    day = standing.day if standing else 0
    return Card(
        first_name=(patient.name.split() or [""])[0],
        day=standing.day if standing else None,
        session_date=first,
        rules=list(_rules(pack, wordings, day, bool(standing and standing.course_complete), own)),
        own=[topic.title for topic in pack.care_plan.values() if topic.id in own],
    )


def _rules(pack: Pack, wordings: dict[str, Published], day: int, complete: bool, own: set[str]) -> Iterator[CardRule]:
    chosen = [pack.care_plan[t] for t in ON_CARD if t in pack.care_plan] or list(pack.care_plan.values())
    for topic in [t for t in chosen if t.id not in own][:MOST_ON_CARD]:
        window = window_for(topic, day, complete)
        published = wordings.get(f"aftercare/{topic.id}/{window.span}")
        words = published.simpler if published else window.simpler
        yield CardRule(topic.title, _days(window), VERDICTS[window.verdict], words)


def _days(window: Window) -> str:
    if window.to_day is None:
        return f"From day {window.from_day}" if window.from_day else "Every day"
    return f"Day {window.from_day} to {window.to_day}"
