"""Which instructions patients do not understand, and one instruction's page."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from stipple.care.clarity import ENOUGH
from stipple.care.days import FIRST_DAYS, group_name
from stipple.console import clarity, heat
from stipple.console.access import HOME, ConsoleRoute, NotFoundError, Reviewer
from stipple.console.audit import note
from stipple.console.charts import line
from stipple.console.days import all_days, headings
from stipple.console.instruction import MOST_WORDS, detail, read_chosen
from stipple.console.render import page
from stipple.console.words import CHANNELS
from stipple.gateway.chat import Now

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
LIST = f"{HOME}/clarity"
InstructionId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_/-]{1,80}$")]
LONGEST_SUBJECT = 80


@router.get(LIST)
def instructions(request: Request, now: Now, caller: Reviewer) -> Response:
    """Every instruction, the least clear first once enough patients were shown it."""
    with request.app.state.database.begin() as db:
        found = clarity.overview(db, request.app.state.pack, now)
    return page(request, "clarity.html", now, caller=caller, found=found, enough=ENOUGH)


@router.get(f"{LIST}/days")
def days(request: Request, now: Now, caller: Reviewer) -> Response:
    """Every instruction by healing day, the least clear first."""
    with request.app.state.database.begin() as db:
        lines = all_days(db, request.app.state.pack)
    return page(request, "days.html", now, caller=caller, lines=lines, headings=headings(), least=heat.LEAST_COLOURED)


@router.get(f"{LIST}/{{instruction_id:path}}")
def instruction(instruction_id: InstructionId, request: Request, now: Now, caller: Reviewer) -> Response:
    """One instruction with the words of patients it confused; the view is noted, as those of conversations are."""
    chosen, state = read_chosen(request.query_params), request.app.state
    with state.database.begin() as db:
        found = detail(db, instruction_id, state.pack, state.reader, now, chosen)
        if found is None:
            raise NotFoundError
        note(db, now, "viewed", f"clarity/{instruction_id}"[:LONGEST_SUBJECT], caller.staff.id)
    values: dict[str, Any] = {"found": found, "enough": ENOUGH, "line": line}
    values |= {"most": MOST_WORDS, "least": heat.LEAST_COLOURED, "chosen": chosen}
    values |= {"channels": CHANNELS, "days": [(first, group_name(first)) for first in FIRST_DAYS]}
    return page(request, "instruction.html", now, caller=caller, **values)
