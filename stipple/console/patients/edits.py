"""What can be changed in a record, each with its form: details, courses, sessions and own rules."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from stipple.care.risk import RISK_FACTORS
from stipple.care.telling import begun
from stipple.console.patients.changing import GoneError
from stipple.console.patients.fields import Field, Problems, Values, moment_of, whole
from stipple.console.words import spaced
from stipple.content.pack import Pack
from stipple.records.csv_import import LONGEST
from stipple.records.models import Course, Patient, Session

PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{3,}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
STATUSES = (("planned", "Planned"), ("done", "Done"), ("cancelled", "Cancelled"), ("missed", "Missed"))
MOST_SESSIONS = 20
TAKEN = "Another patient has this reference."


@dataclass(frozen=True)
class Place:
    """Which part of the record a form is about; nothing for a new one. ``by`` is who changes it."""

    course: int | None = None
    session: int | None = None
    by: str = ""


@dataclass(frozen=True)
class Edit:
    """One kind of change. ``check`` says what is wrong with the values, ``apply`` makes the change."""

    title: str
    action: str
    fields: Callable[[Pack], list[Field]]
    current: Callable[[Patient, Place, Pack, datetime], Values]
    check: Callable[[DbSession, Patient | None, Place, Values, Pack, datetime], Problems]
    apply: Callable[[Patient, Place, Values, Pack, datetime], None]
    new: bool = False


def course_of(patient: Patient, place: Place) -> Course:
    """The course that a form is about.

    Raises:
        GoneError: when it is not this patient's.
    """
    found = next((c for c in patient.courses if c.id == place.course), None)
    if found is None:
        raise GoneError
    return found


def session_of(patient: Patient, place: Place) -> Session:
    """The session that a form is about.

    Raises:
        GoneError: when it is not of this patient's course.
    """
    found = next((s for s in course_of(patient, place).sessions if s.id == place.session), None)
    if found is None:
        raise GoneError
    return found


def detail_fields(pack: Pack) -> list[Field]:
    """Who the patient is."""
    risks = [Field(f"risk_{r}", spaced(r).capitalize(), "check", longest=3) for r in RISK_FACTORS]
    return [
        Field("name", "Name", required=True),
        Field("reference", "Reference", hint="The clinic’s own number.", required=True, longest=LONGEST["reference"]),
        Field("phone", "Phone number", "tel", longest=LONGEST["phone"]),
        Field("email", "E-mail address", "email"),
        *risks,
    ]


def _details(patient: Patient, place: Place, pack: Pack, now: datetime) -> Values:
    told = {"name": patient.name, "reference": patient.reference}
    told |= {"phone": patient.phone or "", "email": patient.email or ""}
    return told | {f"risk_{r}": "yes" if r in (patient.risk_factors or ()) else "" for r in RISK_FACTORS}


def check_details(
    db: DbSession, patient: Patient | None, place: Place, values: Values, pack: Pack, now: datetime
) -> Problems:
    """What is wrong with the details; ``patient`` is None for a new one."""
    found: Problems = {}
    if values["phone"] and not PHONE.fullmatch(values["phone"]):
        found["phone"] = "Please write a phone number with digits, for instance 07700 900123."
    if values["email"] and not EMAIL.fullmatch(values["email"]):
        found["email"] = "Please write an e-mail address like name@example.com."
    other = select(Patient.id).where(Patient.reference == values["reference"])
    if db.scalar(other.where(Patient.id != patient.id) if patient else other) is not None:
        found["reference"] = TAKEN
    return found


def set_details(patient: Patient, place: Place, values: Values, pack: Pack, now: datetime) -> None:
    """Put the details into the record."""
    patient.name, patient.reference = values["name"], values["reference"]
    patient.phone, patient.email = values["phone"] or None, values["email"] or None
    risks = [r for r in RISK_FACTORS if values[f"risk_{r}"]]
    if risks != (patient.risk_factors or []):
        patient.risk_factors = risks


def _course_fields(pack: Pack) -> list[Field]:
    goals = tuple((g.id, begun(g.title)) for g in pack.goals.values())
    return [
        Field("goal", "Goal", "select", options=(("", "Not settled yet"), *goals)),
        Field(
            "planned_sessions", "Planned sessions", "number", "How many the course shall have, 1 to 20.", (), True, 2
        ),
    ]


def _course(patient: Patient, place: Place, pack: Pack, now: datetime) -> Values:
    course = course_of(patient, place)
    goal = course.goal if course.goal in pack.goals else ""
    return {"goal": goal or "", "planned_sessions": str(course.planned_sessions)}


def _new_course(patient: Patient, place: Place, pack: Pack, now: datetime) -> Values:
    return {"goal": "", "planned_sessions": "3"}


def _check_course(
    db: DbSession, patient: Patient | None, place: Place, values: Values, pack: Pack, now: datetime
) -> Problems:
    right = whole(values["planned_sessions"], 1, MOST_SESSIONS)
    return {} if right else {"planned_sessions": "Please write a whole number from 1 to 20."}


def _set_course(patient: Patient, place: Place, values: Values, pack: Pack, now: datetime) -> None:
    if place.course is None:
        course = Course(number=max((c.number for c in patient.courses), default=0) + 1)
        patient.courses.append(course)
    else:
        course = course_of(patient, place)
    # A goal of an earlier content that this form cannot show stays when nothing else is chosen.
    if values["goal"] or course.goal in pack.goals:
        course.goal = values["goal"] or None
    course.planned_sessions = int(values["planned_sessions"])


def _session_fields(pack: Pack) -> list[Field]:
    hint = f"The clinic’s time ({pack.profile.time_zone})."
    return [
        Field("number", "Session number", "number", "1 is the first session of the course.", (), True, 2),
        Field("date", "Date", "date", required=True, longest=10),
        Field("time", "Time", "time", hint, required=True, longest=8),
        Field("status", "Status", "select", options=STATUSES, required=True),
        Field("practitioner", "Practitioner"),
    ]


def _session(patient: Patient, place: Place, pack: Pack, now: datetime) -> Values:
    found = session_of(patient, place)
    local = found.starts_at.astimezone(pack.profile.zone)
    told = {"number": str(found.number), "date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}
    return told | {"status": found.status, "practitioner": found.practitioner or ""}


def _new_session(patient: Patient, place: Place, pack: Pack, now: datetime) -> Values:
    numbers = [s.number for s in course_of(patient, place).sessions]
    told = {"number": str(max(numbers, default=0) + 1), "date": "", "time": ""}
    return told | {"status": "planned", "practitioner": ""}


def _check_session(
    db: DbSession, patient: Patient | None, place: Place, values: Values, pack: Pack, now: datetime
) -> Problems:
    found: Problems = {}
    number = whole(values["number"], 1, MOST_SESSIONS)
    if number is None:
        found["number"] = "Please write a whole number from 1 to 20."
    taken = [s.number for s in course_of(patient, place).sessions if s.id != place.session] if patient else []
    if number in taken:
        found["number"] = f"The course has a session {number} already."
    starts = moment_of(values, pack.profile.zone, now, found)
    if starts and values["status"] in ("done", "missed") and starts > now:
        found["status"] = "This session is still to come, so it cannot be done or missed yet."
    return found


def _set_session(patient: Patient, place: Place, values: Values, pack: Pack, now: datetime) -> None:
    starts = moment_of(values, pack.profile.zone, now, {})
    if starts is None:
        raise ValueError("values that were not checked")
    if place.session is None:
        session = Session()
        course_of(patient, place).sessions.append(session)
    else:
        session = session_of(patient, place)
    session.number, session.starts_at, session.status = int(values["number"]), starts.astimezone(UTC), values["status"]
    session.practitioner = values["practitioner"] or None


DETAILS = Edit("Change details", "details_changed", detail_fields, _details, check_details, set_details)
COURSE = Edit("Change a course", "course_changed", _course_fields, _course, _check_course, _set_course)
NEW_COURSE = Edit("Add a course", "course_added", _course_fields, _new_course, _check_course, _set_course, new=True)
SESSION = Edit("Change a session", "session_changed", _session_fields, _session, _check_session, _set_session)
NEW_SESSION = Edit("Add a session", "session_added", _session_fields, _new_session, _check_session, _set_session, True)
