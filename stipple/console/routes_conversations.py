"""The list of conversations, and one conversation's page."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from stipple.care.levels import LEVELS
from stipple.console import desk, listing, transcript
from stipple.console.access import HOME, ConsoleRoute, NotFoundError, Reviewer
from stipple.console.audit import note
from stipple.console.render import page
from stipple.console.words import CODE_HINTS, CODES, LEVEL_NAMES, masked
from stipple.gateway.chat import HIGHEST_SEQUENCE, Now

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
LIST = f"{HOME}/conversations"
Identifier = Annotated[str, Path(pattern=r"^[0-9A-Za-z]{1,32}$")]
Start = Annotated[int | None, Query(alias="start", ge=1, le=HIGHEST_SEQUENCE)]


@router.get(LIST)
def conversations(request: Request, now: Now, caller: Reviewer) -> Response:
    """Every conversation that fits what the address asks for."""
    filters = listing.read_filters(request.query_params)
    with request.app.state.database.begin() as db:
        found = listing.read(db, filters, request.app.state.pack.profile.zone)
        channels = listing.channels(db)
    levels = [(listing.ANY_LEVEL, "Any danger sign"), *((n, LEVEL_NAMES[n]) for n in reversed(LEVELS[1:]))]
    values: dict[str, Any] = {"filters": filters, "found": found, "channels": channels, "levels": levels}
    return page(request, "conversations.html", now, caller=caller, **values)


@router.get(f"{LIST}/{{conversation_id}}")
def conversation(
    conversation_id: Identifier, request: Request, now: Now, caller: Reviewer, start: Start = None
) -> Response:
    """One conversation, with the patient's name for whoever looks after patients; the view is noted."""
    with request.app.state.database.begin() as db:
        found = transcript.read(db, conversation_id, request.app.state.pack, now, start)
        if found is None:
            raise NotFoundError
        note(db, now, "viewed", f"conversation/{found.id}", caller.staff.id)
    name = "Visitor without a record"
    if found.patient:
        name = found.patient.name if caller.may("practitioner") else masked(found.patient.name)
    values: dict[str, Any] = {"talk": found, "name": name, "problem": "", "draft": "", "longest": desk.MOST_NOTE}
    values |= {"code": "", "code_problem": "", "codes": CODES, "hints": CODE_HINTS}
    return page(request, "conversation.html", now, caller=caller, **values)
