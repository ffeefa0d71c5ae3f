"""The interface `stipple evaluate` uses on a test stack: a conversation with a given record."""

from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from stipple.evaluation.cases import CaseRecord
from stipple.gateway.chat import CHANNEL, Now, set_cookie
from stipple.records.conversations import sign_in, start_conversation
from stipple.records.models import Clinic, Course, Patient, Session, random_id

router = APIRouter(prefix="/test")
# Sessions before the last one lie this far apart in a made-up record.
GAP_DAYS = 14


@router.post("/conversations")
def make_conversation(
    request: Request, response: Response, now: Now, record: CaseRecord | None = None
) -> dict[str, Any]:
    """Start a conversation for an invented patient with ``record``, or for a visitor; signs the caller in."""
    with request.app.state.database.begin() as db:
        patient_id = None
        if record is not None:
            clinic = db.query(Clinic).first()
            patient = Patient(clinic_id=clinic.id, reference=random_id(), name="Test patient", created_at=now)
            patient.courses.append(_course(record, now.astimezone(request.app.state.pack.profile.zone)))
            db.add(patient)
            db.flush()
            patient_id = patient.id
        conversation = start_conversation(db, CHANNEL, now, patient_id)
        set_cookie(response, sign_in(db, conversation, now), request)
        return {"conversation": conversation.id}


def _course(record: CaseRecord, now: datetime) -> Course:
    last = (now - timedelta(days=record.day)).replace(hour=8, minute=0)
    sessions = [
        Session(number=record.done - back, starts_at=min(last - timedelta(days=GAP_DAYS * back), now), status="done")
        for back in reversed(range(record.done))
    ]
    if record.coming is not None:
        coming = (now + timedelta(days=record.coming)).replace(hour=11, minute=0)
        sessions.append(Session(number=record.done + 1, starts_at=coming, status="planned"))
    return Course(planned_sessions=record.planned_sessions, goal="shaved_look", sessions=sessions)
