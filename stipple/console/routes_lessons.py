"""One lesson: read it, and decide about it."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session as DbSession

from stipple.console import labels, learning, lessons, rewording
from stipple.console.access import Caller, ConsoleRoute, NotFoundError, Practitioner, Reviewer, go
from stipple.console.audit import note
from stipple.console.clarity import name_of
from stipple.console.forms import Posted
from stipple.console.links import start_before
from stipple.console.render import page
from stipple.console.routes_learning import LIST, Number, known
from stipple.gateway.chat import Now
from stipple.records.lesson_models import NOTHING, Lesson

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
LESSON = f"{LIST}/lessons/{{number}}"


@router.get(LESSON)
def lesson(number: Number, request: Request, now: Now, caller: Reviewer) -> Response:
    """What is proposed, the message it came from, and what stands against it; the view is noted."""
    with request.app.state.database.begin() as db:
        note(db, now, "viewed", f"lesson/{number}", caller.staff.id)
        return _show(db, number, request, now, caller)


def _show(
    db: DbSession, number: int, request: Request, now: Now, caller: Caller, problem: str = "", reason: str = ""
) -> Response:
    found, pack = db.get(Lesson, number), request.app.state.pack
    if found is None or found.kind == NOTHING:
        raise NotFoundError
    values: dict[str, Any] = {
        "row": learning.row_of(db, found, known(), pack),
        "lesson": found,
        "start": start_before(found.message.sequence) if found.message else 1,
        "about": name_of(found.instruction_id, pack) if found.instruction_id else "",
        "mine": found.proposed_by == caller.staff.id,
        "problem": problem,
        "reason": reason,
        "longest": rewording.MOST_REASON,
        "name": lambda label: labels.choice_of(label, pack).full,
    }
    return page(request, "lesson.html", now, 422 if problem else 200, caller=caller, **values)


def _decide(
    number: int,
    request: Request,
    now: Now,
    caller: Caller,
    step: Callable[[DbSession], Lesson],
    done: str,
    reason: str = "",
) -> Response:
    """Take ``step``; a refusal is told on the lesson's own page."""
    try:
        with request.app.state.database.begin() as db:
            step(db)
    except rewording.UnknownError:
        raise NotFoundError from None
    except rewording.RefusedError as error:
        with request.app.state.database.begin() as db:
            return _show(db, number, request, now, caller, str(error), reason)
    return go(LIST, note=done)


@router.post(f"{LESSON}/accept")
def accept(number: Number, request: Request, now: Now, caller: Practitioner) -> Response:
    """It becomes part of the next export."""

    def step(db: DbSession) -> Lesson:
        return lessons.accept(db, number, caller.staff, known(), request.app.state.pack, now)

    return _decide(number, request, now, caller, step, "lesson_accepted")


@router.post(f"{LESSON}/reject")
def reject(number: Number, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Turn it down with a reason."""
    reason = form.get("reason", "")

    def step(db: DbSession) -> Lesson:
        return lessons.reject(db, number, caller.staff, reason, now)

    return _decide(number, request, now, caller, step, "lesson_rejected", reason)


@router.post(f"{LESSON}/withdraw")
def withdraw(number: Number, request: Request, now: Now, caller: Reviewer) -> Response:
    """Take back one's own."""

    def step(db: DbSession) -> Lesson:
        return lessons.withdraw(db, number, caller.staff, now)

    return _decide(number, request, now, caller, step, "lesson_withdrawn")
