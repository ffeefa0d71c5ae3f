"""Which instructions patients do not understand, and one instruction's page."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from stipple.care.clarity import ENOUGH
from stipple.console import clarity, heat
from stipple.console.access import HOME, ConsoleRoute, NotFoundError, Reviewer
from stipple.console.audit import note
from stipple.console.instruction import MOST_WORDS, detail
from stipple.console.render import page
from stipple.gateway.chat import Now

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
LIST = f"{HOME}/clarity"
InstructionId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_/-]{1,80}$")]
LONGEST_SUBJECT = 80


@router.get(LIST)
def instructions(request: Request, now: Now, caller: Reviewer) -> Response:
    """Every instruction, the least clear first once enough patients were shown it."""
    with request.app.state.database.begin() as db:
        found = clarity.overview(db, request.app.state.pack)
    return page(request, "clarity.html", now, caller=caller, found=found, enough=ENOUGH)


@router.get(f"{LIST}/{{instruction_id:path}}")
def instruction(instruction_id: InstructionId, request: Request, now: Now, caller: Reviewer) -> Response:
    """One instruction with the words of patients it confused; the view is noted, as those of conversations are."""
    with request.app.state.database.begin() as db:
        found = detail(db, instruction_id, request.app.state.pack)
        if found is None:
            raise NotFoundError
        note(db, now, "viewed", f"clarity/{instruction_id}"[:LONGEST_SUBJECT], caller.staff.id)
    values: dict[str, Any] = {"found": found, "enough": ENOUGH}
    values |= {"most": MOST_WORDS, "least": heat.LEAST_COLOURED}
    return page(request, "instruction.html", now, caller=caller, **values)
