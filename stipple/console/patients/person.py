"""One patient's page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession

from stipple.console.inbox import Danger, danger_of
from stipple.console.patients.changing import find, version
from stipple.console.patients.consents import Agreement, agreements
from stipple.console.patients.links import open_links
from stipple.console.patients.standing import Standing, standing
from stipple.console.words import CHANNELS
from stipple.content.pack import Pack
from stipple.records.models import Alert, Conversation, Message, Override, Patient, SignInLink
from stipple.records.wordings import current_wordings


@dataclass(frozen=True)
class Talk:
    """One conversation of the patient's."""

    id: str
    channel: str
    messages: int
    last_at: datetime | None


@dataclass(frozen=True)
class Person:
    """All that the page shows; ``seen`` is the version of the record."""

    patient: Patient
    standing: Standing
    dangers: list[Danger]
    talks: list[Talk]
    rules: list[Override]
    ended_rules: list[Override]
    consents: list[Agreement]
    links: list[SignInLink]
    seen: str


def read(db: DbSession, patient_id: str, pack: Pack, now: datetime) -> Person:
    """The patient with everything around them.

    Raises:
        GoneError: when there is none.
    """
    patient = find(db, patient_id)
    return Person(
        patient=patient,
        standing=standing(patient, pack, current_wordings(db), now),
        dangers=[danger_of(alert, pack) for alert in open_alerts_of(db, patient_id)],
        talks=_talks(db, patient_id),
        rules=[o for o in patient.overrides if o.ended_at is None],
        ended_rules=[o for o in reversed(patient.overrides) if o.ended_at is not None],
        consents=agreements(patient),
        links=open_links(db, patient_id, now),
        seen=version(patient),
    )


def open_alerts_of(db: DbSession, patient_id: str) -> list[Alert]:
    """The patient's danger signs that nobody has closed."""
    mine = select(Conversation.id).where(Conversation.patient_id == patient_id)
    found = select(Alert).where(Alert.conversation_id.in_(mine), Alert.closed_at.is_(None))
    return list(db.scalars(found.order_by(Alert.raised_at)))


def _talks(db: DbSession, patient_id: str) -> list[Talk]:
    query = (
        select(Conversation, func.count(Message.id), func.max(Message.sent_at))
        .outerjoin(Message, Message.conversation_id == Conversation.id)
        .where(Conversation.patient_id == patient_id)
        .group_by(Conversation.id)
        .order_by(Conversation.created_at.desc())
    )
    return [Talk(c.id, CHANNELS.get(c.channel, c.channel), count, last) for c, count, last in db.execute(query)]
