"""Taking a patient's data out and away: a file of everything held, and erasing. For admins only."""

from typing import Any

from fastapi import APIRouter, Request, Response

from stipple.console.access import Admin, Caller, ConsoleRoute, go
from stipple.console.audit import note
from stipple.console.forms import Posted
from stipple.console.patients import erasing, export
from stipple.console.patients.changing import GoneError, find
from stipple.console.render import page
from stipple.console.routes_patients import LIST, SEARCH_COOKIE, PatientId
from stipple.gateway.chat import Now
from stipple.records.engine_state import clear_engine, left

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
LEFTOVERS = f"{LIST}/leftovers"
NOT_THE_REFERENCE = "This is not the reference of this patient. It stands above the field. Nothing was erased."


@router.post(f"{LIST}/{{patient_id}}/export")
def download(patient_id: PatientId, request: Request, now: Now, caller: Admin) -> Response:
    """Everything held of the patient as a file; it is made for this answer and kept nowhere."""
    try:
        with request.app.state.database.begin() as db:
            name = export.file_name(find(db, patient_id))
            made = export.export(db, patient_id, request.app.state.pack, now, caller.staff.id)
    except GoneError:
        return go(LIST, note="erased_before")
    return Response(
        made, media_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get(f"{LIST}/{{patient_id}}/erase")
def erase_page(patient_id: PatientId, request: Request, now: Now, caller: Admin) -> Response:
    """What would go and what would stay; the view is noted."""
    return _page(patient_id, request, now, caller)


def _page(patient_id: str, request: Request, now: Now, caller: Caller, typed: str = "", problem: str = "") -> Response:
    try:
        with request.app.state.database.begin() as db:
            patient = find(db, patient_id)
            note(db, now, "viewed", f"patient/{patient_id}", caller.staff.id)
            shown: dict[str, Any] = {"patient": patient, "goes": erasing.what_goes(db, patient)}
            shown["blocks"] = erasing.blocks(db, patient_id, now)
    except GoneError:
        return go(LIST, note="erased_before")
    status = 422 if problem else 200
    return page(request, "patients/erase.html", now, status, caller=caller, typed=typed, problem=problem, **shown)


@router.post(f"{LIST}/{{patient_id}}/erase")
def erase(patient_id: PatientId, request: Request, now: Now, form: Posted, caller: Admin) -> Response:
    """Erase the patient whose reference was typed."""
    typed, state = form.get("reference", "")[:100], request.app.state
    try:
        elsewhere = erasing.Elsewhere(state.settings.engine_database_url, state.spool)
        done = erasing.erase(state.database, patient_id, typed, now, caller.staff.id, elsewhere)
    except GoneError:
        return go(LIST, note="erased_before")
    except erasing.WrongReferenceError:
        return _page(patient_id, request, now, caller, typed, NOT_THE_REFERENCE)
    except erasing.BlockedError as error:
        return _page(patient_id, request, now, caller, typed, f"Nothing was erased. {error}")
    response = go(LIST, note="erased") if done else go(LEFTOVERS)
    # The patient's name may be what this browser searched for last.
    response.delete_cookie(SEARCH_COOKIE, path="/staff")
    return response


@router.get(LEFTOVERS)
def leftovers(request: Request, now: Now, caller: Admin) -> Response:
    """What the engine has still to forget of erased patients."""
    with request.app.state.database.begin() as db:
        waiting = left(db)
    return page(request, "patients/leftovers.html", now, caller=caller, waiting=waiting)


@router.post(LEFTOVERS)
def clear_leftovers(request: Request, now: Now, caller: Admin) -> Response:
    """Try again."""
    state = request.app.state
    with state.database.begin() as db:
        note(db, now, "engine_cleared", "patients", caller.staff.id)
    done = clear_engine(state.database, state.settings.engine_database_url, now)
    return go(LIST, note="engine_cleared") if done else go(LEFTOVERS)
