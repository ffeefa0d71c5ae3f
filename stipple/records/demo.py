"""An invented clinic with invented patients, one for each stage of healing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from stipple.content.schema import Profile
from stipple.records.conversations import issue_link
from stipple.records.models import Clinic, Course, Patient, Session

LINK_DAYS = 30
PRACTITIONER = "Demo Practitioner"
GAP_DAYS = 14


@dataclass(frozen=True)
class DemoPatient:
    """Stage of a demo patient: days since the last session, sessions done and planned, days to the next."""

    reference: str
    name: str
    stage: str
    day: int | None
    done: int
    planned: int
    next_in: int | None
    goal: str


DEMO_PATIENTS = (
    DemoPatient("DEMO-1", "Demo Before", "no session yet", None, 0, 3, 5, "shaved_look"),
    DemoPatient("DEMO-2", "Demo Today", "day 0", 0, 1, 3, 13, "shaved_look"),
    DemoPatient("DEMO-3", "Demo Two", "day 2", 2, 1, 3, 10, "hairline"),
    DemoPatient("DEMO-4", "Demo Five", "day 5, between sessions", 5, 2, 3, 8, "density"),
    DemoPatient("DEMO-5", "Demo Twelve", "day 12", 12, 2, 3, 2, "scar_cover"),
    DemoPatient("DEMO-6", "Demo Forty", "day 40, after the final session", 40, 3, 3, None, "full_coverage"),
)


def ensure_clinic(db: DbSession, profile: Profile) -> Clinic:
    """The clinic's row, made from its profile when there is none."""
    clinic = db.scalar(select(Clinic).limit(1))
    if clinic is None:
        clinic = Clinic(name=profile.name, time_zone=profile.time_zone)
        db.add(clinic)
        db.flush()
    return clinic


def fill_demo(db: DbSession, profile: Profile, now: datetime) -> int:
    """Add the demo patients when the database has no patient; how many were added."""
    ensure_clinic(db, profile)
    if db.scalar(select(Patient.id).limit(1)) is not None:
        return 0
    add_demo_patients(db, profile, now)
    return len(DEMO_PATIENTS)


def add_demo_patients(db: DbSession, profile: Profile, now: datetime) -> None:
    """Add each demo patient with a record as of ``now``."""
    clinic = ensure_clinic(db, profile)
    for demo in DEMO_PATIENTS:
        patient = Patient(clinic_id=clinic.id, reference=demo.reference, name=demo.name, created_at=now)
        patient.courses.append(_course(demo, now.astimezone(profile.zone)))
        db.add(patient)
    db.flush()


def demo_links(db: DbSession, now: datetime) -> list[tuple[str, str]]:
    """A fresh sign-in token for each demo patient in the database, with the patient's stage."""
    stages = {d.reference: d.stage for d in DEMO_PATIENTS}
    patients = db.scalars(select(Patient).where(Patient.reference.in_(stages)).order_by(Patient.reference))
    return [(stages[p.reference], issue_link(db, p, now + timedelta(days=LINK_DAYS))) for p in patients]


def _course(demo: DemoPatient, now: datetime) -> Course:
    course = Course(goal=demo.goal, planned_sessions=demo.planned)
    for back in reversed(range(demo.done)):
        moment = (now - timedelta(days=(demo.day or 0) + GAP_DAYS * back)).replace(hour=9, minute=0, second=0)
        course.sessions.append(
            Session(number=demo.done - back, starts_at=min(moment, now), status="done", practitioner=PRACTITIONER)
        )
    if demo.next_in is not None:
        moment = (now + timedelta(days=demo.next_in)).replace(hour=11, minute=0, second=0)
        course.sessions.append(
            Session(number=demo.done + 1, starts_at=moment, status="planned", practitioner=PRACTITIONER)
        )
    return course


def new_link(db: DbSession, patient: Patient, now: datetime) -> str:
    """A sign-in token for one patient."""
    return issue_link(db, patient, now + timedelta(days=LINK_DAYS))
