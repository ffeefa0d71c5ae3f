"""Importing patients and sessions from CSV: every row is checked first, then all are imported or none."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from stipple.care.risk import RISK_FACTORS
from stipple.records.models import Clinic, Course, Patient, Session

PATIENT_COLUMNS = ("reference", "name", "phone", "email")
SESSION_COLUMNS = (
    "patient_reference",
    "course_goal",
    "planned_sessions",
    "number",
    "date",
    "time",
    "status",
    "practitioner",
)
# A file may leave these out; this is then read in each row.
OPTIONAL = {"course_number": "1", "risk_factors": ""}
# Room that the tables have for each column.
LONGEST = {"reference": 64, "phone": 40, "course_goal": 40}
LONGEST_OTHER = 200
STATUSES = ("planned", "done", "cancelled", "missed")

Outcome = Literal["new", "changed", "same", "wrong"]


class ImportFileError(Exception):
    """The file cannot be read or lacks columns."""


@dataclass(frozen=True)
class RowReport:
    """What became, or would become, of one row; ``line`` counts from 1, the header included."""

    line: int
    outcome: Outcome
    detail: str


class _RowError(Exception):
    """A row that cannot be imported, and why."""


Row = tuple[int, dict[str, str]]


def import_patients(db: DbSession, path: Path, clinic: Clinic, now: datetime) -> list[RowReport]:
    """Add or change the patients of a file; the caller rolls back when a row is wrong or for a dry run."""
    return import_patient_rows(db, _rows(path, PATIENT_COLUMNS), clinic, now)


def import_sessions(db: DbSession, path: Path, clinic: Clinic, zone: ZoneInfo) -> list[RowReport]:
    """Add or change the sessions of a file; the caller rolls back when a row is wrong or for a dry run."""
    return import_session_rows(db, _rows(path, SESSION_COLUMNS), clinic, zone)


def import_patient_rows(db: DbSession, rows: Iterable[Row], clinic: Clinic, now: datetime) -> list[RowReport]:
    """Add or change patients by reference."""

    def row(values: dict[str, str]) -> Outcome:
        reference, name = values["reference"], values["name"]
        if not reference or not name:
            raise _RowError("reference and name must not be empty")
        found = db.scalar(select(Patient).where(Patient.clinic_id == clinic.id, Patient.reference == reference))
        told: dict[str, object] = {"name": name, "phone": values["phone"] or None, "email": values["email"] or None}
        if values["risk_factors"]:
            told["risk_factors"] = _risk_factors(values["risk_factors"])
        if found is None:
            db.add(Patient(clinic_id=clinic.id, reference=reference, created_at=now, **told))
            return "new"
        return _change(found, told)

    return _import(db, rows, row)


def import_session_rows(db: DbSession, rows: Iterable[Row], clinic: Clinic, zone: ZoneInfo) -> list[RowReport]:
    """Add or change sessions by patient, course and number; date and time are the clinic's local ones."""

    def row(values: dict[str, str]) -> Outcome:
        reference = values["patient_reference"]
        patient = db.scalar(select(Patient).where(Patient.clinic_id == clinic.id, Patient.reference == reference))
        if patient is None:
            raise _RowError(f"no patient has the reference {reference!r}; import the patients first")
        course, replanned = _course(db, patient, values)
        number = _number(values, "number", 1, 20)
        status = values["status"].lower()
        if status not in STATUSES:
            raise _RowError(f"status {values['status']!r} is none of {', '.join(STATUSES)}")
        told = {"starts_at": _moment(values, zone), "status": status, "practitioner": values["practitioner"] or None}
        found = db.scalar(select(Session).where(Session.course_id == course.id, Session.number == number))
        if found is None:
            db.add(Session(course_id=course.id, number=number, **told))
            return "new"
        changed = _change(found, told)
        return "changed" if replanned else changed

    return _import(db, rows, row)


def _import(db: DbSession, rows: Iterable[Row], row: Callable[[dict[str, str]], Outcome]) -> list[RowReport]:
    reports = []
    for line, values in rows:
        try:
            _require_fit(values)
            outcome = row(values)
            db.flush()
            reports.append(RowReport(line, outcome, ""))
        except _RowError as error:
            reports.append(RowReport(line, "wrong", str(error)))
    return reports


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [c for c in columns if c not in (reader.fieldnames or [])]
            if missing:
                raise ImportFileError(
                    f"{path}: the columns {', '.join(missing)} are missing; needed: {', '.join(columns)}"
                )
            for values in reader:
                yield reader.line_num, told_of(values, columns)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ImportFileError(f"{path}: cannot be read ({error})") from None


def told_of(values: Mapping[str, str | None], columns: tuple[str, ...]) -> dict[str, str]:
    """What a row says in each of our columns, the ones that may be left out included."""
    told = {c: (values.get(c) or "").strip() for c in (*columns, *OPTIONAL)}
    return {c: text or OPTIONAL.get(c, "") for c, text in told.items()}


def _require_fit(values: dict[str, str]) -> None:
    for column, value in values.items():
        longest = LONGEST.get(column, LONGEST_OTHER)
        if len(value) > longest:
            raise _RowError(f"{column} is longer than {longest} characters")


def _change(found: Patient | Session, told: Mapping[str, object]) -> Outcome:
    different = {k: v for k, v in told.items() if getattr(found, k) != v}
    for name, value in different.items():
        setattr(found, name, value)
    return "changed" if different else "same"


def _course(db: DbSession, patient: Patient, values: dict[str, str]) -> tuple[Course, bool]:
    """The course with the row's number, made when there is none, and whether its planned sessions changed.

    A goal is set only where there is none: the patient may since have settled on another one in the chat.
    """
    number, planned = _number(values, "course_number", 1, 20), _number(values, "planned_sessions", 1, 20)
    course = db.scalar(select(Course).where(Course.patient_id == patient.id, Course.number == number))
    if course is None:
        course = Course(patient_id=patient.id, number=number, planned_sessions=planned)
        db.add(course)
    course.goal = course.goal or values["course_goal"] or None
    db.flush()
    changed = course.planned_sessions != planned
    course.planned_sessions = planned
    return course, changed


def _risk_factors(text: str) -> list[str]:
    """The factors of a cell such as ``diabetes; blood thinners``; ``none`` empties the list."""
    named = [part.strip().lower().replace(" ", "_") for part in text.split(";") if part.strip()]
    for name in named:
        if name not in (*RISK_FACTORS, "none"):
            raise _RowError(f"risk factor {name!r} is none of {', '.join(RISK_FACTORS)}")
    return [name for name in named if name != "none"]


def _number(values: dict[str, str], column: str, least: int, most: int) -> int:
    text = values[column]
    if not text.isdecimal() or not least <= int(text) <= most:
        raise _RowError(f"{column} {text!r} is not a whole number from {least} to {most}")
    return int(text)


def _moment(values: dict[str, str], zone: ZoneInfo) -> datetime:
    try:
        return datetime.strptime(f"{values['date']} {values['time']}", "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    except ValueError:
        told = f"{values['date']!r} {values['time']!r}"
        raise _RowError(f"date and time {told} are not like 2026-06-10 09:30") from None
