"""Importing a file of patients or sessions: choosing it, seeing what it would do, and importing it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from stipple.console.access import HOME, Caller, ConsoleRoute, NotFoundError, Practitioner, go
from stipple.console.audit import note
from stipple.console.forms import Posted
from stipple.console.patients import imports
from stipple.console.patients.table import TableError, decoded
from stipple.console.render import page
from stipple.console.uploads import Uploaded, Uploader
from stipple.gateway.chat import Now

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
IMPORT = f"{HOME}/patients/import"
UploadId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.get(IMPORT)
def choose(request: Request, now: Now, caller: Practitioner) -> Response:
    """The page that asks for the file."""
    return _choose(request, now, caller)


def _choose(request: Request, now: Now, caller: Caller, problem: str = "", kind: str = "patients") -> Response:
    with request.app.state.database.begin() as db:
        imports.purge(db, now)
    shown: dict[str, Any] = {"problem": problem, "kind": kind, "kinds": imports.KINDS, "optional": imports.MAY_LACK}
    return page(request, "patients/import.html", now, 422 if problem else 200, caller=caller, **shown)


@router.post(IMPORT)
def upload(request: Request, now: Now, form: Uploaded, caller: Uploader) -> Response:
    """Take the file and show what it would do."""
    kind = form.get("kind", "")
    if kind not in imports.KINDS:
        return _choose(request, now, caller, "Please say whether the file holds patients or sessions.")
    try:
        text, old = decoded(form.content)
        with request.app.state.database.begin() as db:
            note(db, now, "uploaded", kind, caller.staff.id)
            imports.purge(db, now)
            kept = imports.keep(db, kind, form.name, text, caller.staff, now)
    except TableError as error:
        return _choose(request, now, caller, str(error), kind)
    return go(f"{IMPORT}/{kept.id}", note="windows") if old else go(f"{IMPORT}/{kept.id}")


@router.get(f"{IMPORT}/{{upload_id}}")
def show(upload_id: UploadId, request: Request, now: Now, caller: Practitioner) -> Response:
    """What the import would do, or the columns that are still to be named."""
    try:
        found = imports.preview(request.app.state.database, upload_id, caller.staff, request.app.state.pack, now)
    except imports.GoneUploadError:
        return go(IMPORT, note="upload_gone")
    shown: dict[str, Any] = {"found": found, "optional": imports.MAY_LACK[found.upload.kind]}
    return page(request, "patients/import_preview.html", now, caller=caller, most=imports.MOST_SHOWN, **shown)


@router.post(f"{IMPORT}/{{upload_id}}/columns")
def columns(upload_id: UploadId, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Name the columns of the file."""
    try:
        with request.app.state.database.begin() as db:
            given = {name.removeprefix("column_"): value for name, value in form.items()}
            imports.map_columns(imports.find(db, upload_id, caller.staff, now, lock=True), given)
    except imports.GoneUploadError:
        return go(IMPORT, note="upload_gone")
    return go(f"{IMPORT}/{upload_id}")


@router.get(f"{IMPORT}/{{upload_id}}/problems")
def problems(upload_id: UploadId, request: Request, now: Now, caller: Practitioner) -> Response:
    """The rows with a problem, as a file that says why."""
    try:
        found = imports.preview(request.app.state.database, upload_id, caller.staff, request.app.state.pack, now)
    except imports.GoneUploadError:
        raise NotFoundError from None
    headers = {"Content-Disposition": f'attachment; filename="{found.upload.kind}-problems.csv"'}
    return Response(imports.wrong_lines(found), media_type="text/csv; charset=utf-8", headers=headers)


@router.post(f"{IMPORT}/{{upload_id}}")
def bring_in(upload_id: UploadId, request: Request, now: Now, caller: Practitioner) -> Response:
    """Import just what was shown."""
    try:
        imports.bring_in(request.app.state.database, upload_id, caller.staff, request.app.state.pack, now)
    except imports.GoneUploadError:
        return go(IMPORT, note="upload_gone")
    except imports.DifferentError:
        return go(f"{IMPORT}/{upload_id}", note="import_different")
    return go(f"{HOME}/patients", note="imported")
