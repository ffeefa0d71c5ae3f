"""The list of what was resolved."""

from fastapi import APIRouter, Request, Response

from stipple.console import resolved
from stipple.console.access import HOME, ConsoleRoute, Reviewer
from stipple.console.audit import note
from stipple.console.render import page
from stipple.console.words import CODES, NEEDS
from stipple.gateway.chat import Now

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)


@router.get(f"{HOME}/resolved")
def resolved_items(request: Request, now: Now, caller: Reviewer) -> Response:
    """Every resolved item that fits what the address asks for; the view is noted."""
    filters = resolved.read_filters(request.query_params)
    with request.app.state.database.begin() as db:
        note(db, now, "viewed", "resolved", caller.staff.id)
        found = resolved.read(db, filters, request.app.state.pack)
    return page(request, "resolved.html", now, caller=caller, filters=filters, found=found, codes=CODES, kinds=NEEDS)
