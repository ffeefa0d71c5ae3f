"""A proposed wording: read it, and decide about it."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session as DbSession

from stipple.console import rewording, wordings
from stipple.console.access import Caller, ConsoleRoute, NotFoundError, Practitioner, Reviewer, go
from stipple.console.clarity import name_of
from stipple.console.forms import Posted
from stipple.console.render import page
from stipple.console.routes_clarity import LIST as CLARITY
from stipple.console.routes_wordings import LIST, find
from stipple.gateway.chat import Now
from stipple.records.wordings import words_of

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
PROPOSAL = f"{LIST}/proposals/{{number}}"


@router.get(PROPOSAL)
def proposal(number: Number, request: Request, now: Now, caller: Reviewer) -> Response:
    """What is proposed, word by word beside what patients read now."""
    with request.app.state.database.begin() as db:
        return _show(db, number, request, now, caller)


def _show(
    db: DbSession, number: int, request: Request, now: Now, caller: Caller, problem: str = "", reason: str = ""
) -> Response:
    found, pack = wordings.proposal_of(db, number), request.app.state.pack
    if found is None:
        raise NotFoundError
    instruction, current = find(db, found.instruction_id)
    base = wordings.version_of(db, found.instruction_id, found.based_on)
    still = found.decision is None
    stale = still and current.version != found.based_on
    values: dict[str, Any] = {
        "proposal": found,
        "name": name_of(found.instruction_id, pack),
        "mine": found.proposed_by == caller.staff.id,
        "retired": instruction.retired_at is not None,
        "current": current,
        "stale": stale,
        # One that is decided stays beside what it was proposed in place of.
        "changes": wordings.changes(current if still or base is None else base, found),
        "since": wordings.changes(base, current) if stale and base else [],
        "judged": wordings.judge(db, instruction, words_of(found), pack, now),
        "problem": problem,
        "reason": reason,
        "longest": rewording.MOST_REASON,
    }
    return page(request, "proposal.html", now, 422 if problem else 200, caller=caller, **values)


def _decide(
    number: int, request: Request, now: Now, caller: Caller, step: Callable[[DbSession], str], reason: str = ""
) -> Response:
    """Take ``step``, which gives the way on; a refusal is told on the proposal's own page."""
    try:
        with request.app.state.database.begin() as db:
            address = step(db)
    except rewording.UnknownError:
        raise NotFoundError from None
    except rewording.RefusedError as error:
        with request.app.state.database.begin() as db:
            return _show(db, number, request, now, caller, str(error), reason)
    return go(address)


@router.post(f"{PROPOSAL}/approve")
def approve(number: Number, request: Request, now: Now, caller: Practitioner) -> Response:
    """Publish it."""

    def step(db: DbSession) -> str:
        wording = rewording.approve(db, number, caller.staff, request.app.state.pack, now)
        return f"{CLARITY}/{wording.instruction_id}?note=wording_published"

    return _decide(number, request, now, caller, step)


@router.post(f"{PROPOSAL}/reject")
def reject(number: Number, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Send it back with a reason."""
    reason = form.get("reason", "")

    def step(db: DbSession) -> str:
        rewording.reject(db, number, caller.staff, reason, now)
        return f"{LIST}?note=proposal_rejected"

    return _decide(number, request, now, caller, step, reason)


@router.post(f"{PROPOSAL}/withdraw")
def withdraw(number: Number, request: Request, now: Now, caller: Reviewer) -> Response:
    """Take back one's own and go on editing it."""

    def step(db: DbSession) -> str:
        taken = rewording.withdraw(db, number, caller.staff, now)
        return f"{LIST}/edit/{taken.instruction_id}?note=proposal_withdrawn"

    return _decide(number, request, now, caller, step)
