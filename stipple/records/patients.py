"""Reading and changing patient records."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import selectinload

from stipple.care.healing import healing_today
from stipple.care.record import CourseRecord, PatientOverride, PatientRecord, Visit
from stipple.care.risk import RISK_FACTORS
from stipple.records.models import Conversation, Course, Patient


def record_of_conversation(db: DbSession, conversation_id: str, zone: ZoneInfo) -> PatientRecord | None:
    """The record of the patient a conversation is bound to; None for an anonymous visitor."""
    patient = db.scalar(
        select(Patient)
        .join(Conversation, Conversation.patient_id == Patient.id)
        .where(Conversation.id == conversation_id)
        .options(selectinload(Patient.courses).selectinload(Course.sessions), selectinload(Patient.overrides))
    )
    return to_record(patient, zone) if patient else None


def day_of_conversation(db: DbSession, conversation_id: str, zone: ZoneInfo, now: datetime) -> int | None:
    """The healing day of the conversation's patient by the record; None when it is not known."""
    record = record_of_conversation(db, conversation_id, zone)
    standing = healing_today(record, now) if record else None
    return standing.day if standing else None


def to_record(patient: Patient, zone: ZoneInfo) -> PatientRecord:
    """The picture of ``patient`` that the rules in `stipple.care` work on."""
    return PatientRecord(
        zone=zone,
        courses=tuple(
            CourseRecord(
                course.id,
                course.goal,
                course.planned_sessions,
                tuple(Visit(s.number, s.starts_at, s.status, s.practitioner) for s in course.sessions),  # type: ignore[arg-type]
            )
            for course in patient.courses
        ),
        overrides=tuple(
            PatientOverride(o.topic, o.from_day, o.to_day, o.verdict, o.text)  # type: ignore[arg-type]
            for o in patient.overrides
            if o.ended_at is None
        ),
        risks=tuple(r for r in patient.risk_factors or () if r in RISK_FACTORS),
    )


def set_goal(db: DbSession, conversation_id: str, course_id: int, goal: str) -> bool:
    """Note ``goal`` on a course of the conversation's own patient; False when the course is not theirs."""
    course = db.scalar(
        select(Course)
        .join(Conversation, Conversation.patient_id == Course.patient_id)
        .where(Conversation.id == conversation_id, Course.id == course_id)
    )
    if course is None:
        return False
    course.goal = goal
    return True
