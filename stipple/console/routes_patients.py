"""Patients: the list, one patient's page, adding one, consent, own rules that end, links and the card."""

from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Cookie, Path, Request, Response
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession

from stipple.console.access import HOME, Caller, ConsoleRoute, NotFoundError, Practitioner, go, set_cookie
from stipple.console.audit import note
from stipple.console.forms import Form, Posted
from stipple.console.patients import consents, links, listing, person, rules
from stipple.console.patients.changing import ChangedError, GoneError, find
from stipple.console.patients.edits import TAKEN, Place, check_details, detail_fields, set_details
from stipple.console.patients.fields import Problems, Values, basic_problems, typed
from stipple.console.qr import qr_code
from stipple.console.render import page
from stipple.gateway.chat import Now
from stipple.records.demo import ensure_clinic
from stipple.records.models import Patient
from stipple.records.wordings import current_wordings

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
LIST = f"{HOME}/patients"
PatientId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
# Names that are searched for must not stand in an address, which servers log; so the browser keeps them for a while.
SEARCH_COOKIE, SEARCH_SECONDS = "stipple_staff_search", 1800
Searched = Annotated[str, Cookie(alias=SEARCH_COOKIE)]


@router.get(LIST)
def patients(request: Request, now: Now, caller: Practitioner, searched: Searched = "") -> Response:
    """The patients that fit what was searched for."""
    wanted = listing.read_wanted(request.query_params, unquote(searched))
    with request.app.state.database.begin() as db:
        found = listing.read(db, wanted, request.app.state.pack, now)
        note(db, now, "listed", "patients", caller.staff.id)
    return page(request, "patients/list.html", now, caller=caller, wanted=wanted, found=found, sorts=listing.SORTS)


@router.post(LIST)
def search(request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Search; the words are not noted."""
    words = listing.tidy(form.get("words", ""))
    with request.app.state.database.begin() as db:
        note(db, now, "searched", "patients", caller.staff.id)
    response = go(f"{LIST}?{listing.read_wanted(form, words).address(page=1)}")
    set_cookie(response, SEARCH_COOKIE, quote(words), request, SEARCH_SECONDS)
    return response


@router.get(f"{LIST}/new")
def new_page(request: Request, now: Now, caller: Practitioner) -> Response:
    """The form for a new patient."""
    fields = detail_fields(request.app.state.pack)
    return _new(request, now, caller, dict.fromkeys((f.name for f in fields), ""), {})


def _new(request: Request, now: Now, caller: Caller, values: Values, problems: Problems) -> Response:
    told: dict[str, Any] = {"fields": detail_fields(request.app.state.pack), "values": values, "problems": problems}
    return page(request, "patients/new.html", now, 422 if problems else 200, caller=caller, **told)


@router.post(f"{LIST}/new")
def add(request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Add a patient."""
    pack = request.app.state.pack
    fields = detail_fields(pack)
    values = typed(fields, form)
    try:
        with request.app.state.database.begin() as db:
            problems = check_details(db, None, Place(), values, pack, now) | basic_problems(fields, values)
            if problems:
                return _new(request, now, caller, values, problems)
            patient = Patient(clinic_id=ensure_clinic(db, pack.profile).id, created_at=now)
            set_details(patient, Place(), values, pack, now)
            db.add(patient)
            db.flush()
            note(db, now, "patient_added", f"patient/{patient.id}", caller.staff.id)
    except IntegrityError:
        # Somebody added a patient with this reference at the same moment.
        return _new(request, now, caller, values, {"reference": TAKEN})
    return go(f"{LIST}/{patient.id}", note="patient_added")


@router.get(f"{LIST}/{{patient_id}}")
def patient(patient_id: PatientId, request: Request, now: Now, caller: Practitioner) -> Response:
    """One patient's page; the view is noted."""
    pack = request.app.state.pack
    try:
        with request.app.state.database.begin() as db:
            found = person.read(db, patient_id, pack, now)
            note(db, now, "viewed", f"patient/{patient_id}", caller.staff.id)
    except GoneError:
        raise NotFoundError from None
    goals = {g.id: g.title for g in pack.goals.values()}
    topics = {t.id: t.title for t in pack.care_plan.values()}
    shown: dict[str, Any] = {"found": found, "goals": goals, "topics": topics, "link_days": links.LINK_DAYS}
    return page(request, "patients/patient.html", now, caller=caller, **shown)


@router.post(f"{LIST}/{{patient_id}}/consent")
def consent(patient_id: PatientId, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Note that the patient gave or withdrew a consent."""
    kind, given = form.get("kind", ""), form.get("given") == "yes"
    if kind not in consents.KINDS:
        raise NotFoundError
    told = (kind, given, form.get("how", ""), form.get("seen", ""))
    action = "consent_given" if given else "consent_withdrawn"
    try:
        with request.app.state.database.begin() as db:
            note(db, now, action, f"patient/{patient_id}", caller.staff.id, kind)
            consents.note_consent(find(db, patient_id, lock=True), *told, caller.staff, now)
    except GoneError:
        raise NotFoundError from None
    except ChangedError:
        return go(f"{LIST}/{patient_id}", note="record_changed")
    return go(f"{LIST}/{patient_id}", note="consent")


@router.post(f"{LIST}/{{patient_id}}/rules/{{number}}/end")
def end_rule(patient_id: PatientId, number: Number, request: Request, now: Now, caller: Practitioner) -> Response:
    """End an own rule; it stays in the history."""
    try:
        with request.app.state.database.begin() as db:
            note(db, now, "rule_ended", f"patient/{patient_id}", caller.staff.id, str(number))
            rules.end(find(db, patient_id, lock=True), number, caller.staff, now)
    except GoneError:
        raise NotFoundError from None
    except ChangedError:
        return go(f"{LIST}/{patient_id}", note="record_changed")
    return go(f"{LIST}/{patient_id}", note="rule_ended")


@router.post(f"{LIST}/{{patient_id}}/link")
def link(patient_id: PatientId, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Make a link that works once, or withdraw those that are unused; the link is shown this once."""
    try:
        with request.app.state.database.begin() as db:
            return _link(db, patient_id, request, now, form, caller)
    except GoneError:
        raise NotFoundError from None


def _link(db: DbSession, patient_id: str, request: Request, now: Now, form: Form, caller: Caller) -> Response:
    pack = request.app.state.pack
    found = find(db, patient_id)
    if form.get("earlier") == "withdraw":
        note(db, now, "links_withdrawn", f"patient/{patient_id}", caller.staff.id)
        links.withdraw_links(db, patient_id)
    if form.get("make") != "yes":
        return go(f"{LIST}/{patient_id}", note="links_withdrawn")
    note(db, now, "link_made", f"patient/{patient_id}", caller.staff.id)
    token = links.make_link(db, found, caller.staff, now)
    address = f"{request.app.state.settings.base_url}/sign-in/{token}"
    shown: dict[str, Any] = {
        "patient": found,
        "address": address,
        "code": qr_code(address),
        "days": links.LINK_DAYS,
    }
    told = links.card(found, pack, current_wordings(db), now)
    return page(request, "patients/card.html", now, caller=caller, card=told, profile=pack.profile, **shown)
