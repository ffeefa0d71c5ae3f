"""Changing a patient's record: the form, the page that shows what changes for the patient, and saving."""

from typing import Any

from fastapi import APIRouter, Request, Response

from stipple.console.access import Caller, ConsoleRoute, NotFoundError, Practitioner, go
from stipple.console.forms import Form, Posted
from stipple.console.patients import edits, rules
from stipple.console.patients.changing import ChangedError, GoneError, find, preview, save, version
from stipple.console.patients.edits import Edit, Place
from stipple.console.patients.fields import Problems, Values, basic_problems, typed
from stipple.console.render import page
from stipple.console.routes_patients import LIST, Number, PatientId
from stipple.gateway.chat import Now
from stipple.records.models import Patient
from stipple.records.wordings import current_wordings

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
CHANGED = (
    "A colleague, or the patient in the chat, changed this record since you opened the page, so nothing was saved. "
    "What you typed is still here. Where the record says something else now, it stands by the field."
)


def _show(request: Request, now: Now, caller: Caller, patient_id: str, edit: Edit, place: Place) -> Response:
    try:
        with request.app.state.database.begin() as db:
            patient = find(db, patient_id)
            values = edit.current(patient, place, request.app.state.pack, now)
    except GoneError:
        raise NotFoundError from None
    return _form(request, now, caller, patient, edit, values, {}, values)


def _form(
    request: Request, now: Now, caller: Caller, patient: Patient, edit: Edit, values: Values, problems: Problems,
    current: Values, changed: str = "",
) -> Response:  # fmt: skip
    shown: dict[str, Any] = {"patient": patient, "edit": edit, "fields": edit.fields(request.app.state.pack)}
    shown |= {"values": values, "problems": problems, "current": current, "changed": changed, "seen": version(patient)}
    status = 422 if problems or changed else 200
    return page(request, "patients/edit.html", now, status, caller=caller, **shown)


def _take(
    request: Request, now: Now, form: Form, caller: Caller, patient_id: str, edit: Edit, place: Place
) -> Response:
    """Check, show what changes, or save, as the form asks."""
    pack, database = request.app.state.pack, request.app.state.database
    fields = edit.fields(pack)
    values, seen = typed(fields, form), form.get("seen", "")

    def change(db: Any, patient: Patient) -> None:
        edit.apply(patient, place, values, pack, now)

    try:
        with database.begin() as db:
            patient = find(db, patient_id)
            current = edit.current(patient, place, pack, now)
            problems = edit.check(db, patient, place, values, pack, now) | basic_problems(fields, values)
            wordings = current_wordings(db)
        # What is wrong now may be so only because of a colleague's change, which is told first.
        if version(patient) != seen:
            raise ChangedError
        if problems or form.get("step") == "edit":
            return _form(request, now, caller, patient, edit, values, problems, current)
        if form.get("step") == "save":
            save(database, patient_id, change, seen, caller.staff, edit.action, now)
            return go(f"{LIST}/{patient_id}", note="record_saved")
        effect = preview(database, patient_id, change, seen, pack, now)
    except GoneError:
        raise NotFoundError from None
    except ChangedError:
        with database.begin() as db:
            patient = find(db, patient_id)
            current = edit.current(patient, place, pack, now)
        return _form(request, now, caller, patient, edit, values, {}, current, CHANGED)
    facts = [(f.label, f.shown(current[f.name]), f.shown(values[f.name])) for f in fields]
    shown: dict[str, Any] = {"patient": patient, "edit": edit, "values": values, "seen": seen, "effect": effect}
    shown["facts"] = [fact for fact in facts if edit.new or fact[1] != fact[2]]
    shown |= {"answer": None, "reading": ""}
    if edit is rules.NEW_RULE:
        shown |= {
            "answer": rules.answer(patient, values, pack, wordings, now),
            "reading": rules.reading(values["text"]),
        }
    return page(request, "patients/preview.html", now, caller=caller, **shown)


@router.get(f"{LIST}/{{patient_id}}/details")
def details_page(patient_id: PatientId, request: Request, now: Now, caller: Practitioner) -> Response:
    """The form of who the patient is."""
    return _show(request, now, caller, patient_id, edits.DETAILS, Place())


@router.post(f"{LIST}/{{patient_id}}/details")
def details(patient_id: PatientId, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Change who the patient is."""
    return _take(request, now, form, caller, patient_id, edits.DETAILS, Place())


@router.get(f"{LIST}/{{patient_id}}/rules/new")
def rule_page(patient_id: PatientId, request: Request, now: Now, caller: Practitioner) -> Response:
    """The form of an own rule."""
    return _show(request, now, caller, patient_id, rules.NEW_RULE, Place())


@router.post(f"{LIST}/{{patient_id}}/rules/new")
def rule(patient_id: PatientId, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Add an own rule."""
    return _take(request, now, form, caller, patient_id, rules.NEW_RULE, Place(by=caller.staff.name))


@router.get(f"{LIST}/{{patient_id}}/courses/new")
def new_course_page(patient_id: PatientId, request: Request, now: Now, caller: Practitioner) -> Response:
    """The form of a new course."""
    return _show(request, now, caller, patient_id, edits.NEW_COURSE, Place())


@router.post(f"{LIST}/{{patient_id}}/courses/new")
def new_course(patient_id: PatientId, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Add a course."""
    return _take(request, now, form, caller, patient_id, edits.NEW_COURSE, Place())


@router.get(f"{LIST}/{{patient_id}}/courses/{{course}}")
def course_page(patient_id: PatientId, course: Number, request: Request, now: Now, caller: Practitioner) -> Response:
    """The form of a course."""
    return _show(request, now, caller, patient_id, edits.COURSE, Place(course))


@router.post(f"{LIST}/{{patient_id}}/courses/{{course}}")
def change_course(
    patient_id: PatientId, course: Number, request: Request, now: Now, form: Posted, caller: Practitioner
) -> Response:
    """Change a course."""
    return _take(request, now, form, caller, patient_id, edits.COURSE, Place(course))


@router.get(f"{LIST}/{{patient_id}}/courses/{{course}}/sessions/new")
def new_session_page(
    patient_id: PatientId, course: Number, request: Request, now: Now, caller: Practitioner
) -> Response:
    """The form of a new session."""
    return _show(request, now, caller, patient_id, edits.NEW_SESSION, Place(course))


@router.post(f"{LIST}/{{patient_id}}/courses/{{course}}/sessions/new")
def new_session(
    patient_id: PatientId, course: Number, request: Request, now: Now, form: Posted, caller: Practitioner
) -> Response:
    """Add a session."""
    return _take(request, now, form, caller, patient_id, edits.NEW_SESSION, Place(course))


@router.get(f"{LIST}/{{patient_id}}/courses/{{course}}/sessions/{{session}}")
def session_page(
    patient_id: PatientId, course: Number, session: Number, request: Request, now: Now, caller: Practitioner
) -> Response:
    """The form of a session."""
    return _show(request, now, caller, patient_id, edits.SESSION, Place(course, session))


@router.post(f"{LIST}/{{patient_id}}/courses/{{course}}/sessions/{{session}}")
def change_session(
    patient_id: PatientId, course: Number, session: Number, request: Request, now: Now, form: Posted,
    caller: Practitioner,
) -> Response:  # fmt: skip
    """Change a session."""
    return _take(request, now, form, caller, patient_id, edits.SESSION, Place(course, session))
