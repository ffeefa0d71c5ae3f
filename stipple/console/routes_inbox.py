"""The inbox, and what staff do there: take, close, done."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session as DbSession

from stipple.console import desk, inbox
from stipple.console.access import HOME, Caller, ConsoleRoute, NotFoundError, Practitioner, Reviewer, Watcher, go
from stipple.console.forms import Form, Posted
from stipple.console.render import page
from stipple.gateway.chat import Now
from stipple.records.alerts import UnknownAlertError, find_open

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
# What every database can hold.
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
CHANGED = (
    "This has become more urgent or shows more signs since you opened the page. Read it again before you close it."
)


def _inbox(request: Request, template: str, now: Now, caller: Caller) -> Response:
    pack = request.app.state.pack
    with request.app.state.database.begin() as db:
        dangers, waiting = inbox.dangers(db, pack), inbox.waiting(db, now)
    return page(
        request, template, now, caller=caller, dangers=dangers, waiting=waiting, most_waiting=inbox.MOST_WAITING
    )


@router.get(HOME)
def show_inbox(request: Request, now: Now, caller: Reviewer) -> Response:
    """Everybody who needs a person, the most urgent first."""
    return _inbox(request, "inbox.html", now, caller)


@router.get(f"{HOME}/inbox")
def inbox_part(request: Request, now: Now, caller: Watcher) -> Response:
    """The changing part of the inbox, which the page's script looks at again and again."""
    return _inbox(request, "_inbox.html", now, caller)


@router.post(f"{HOME}/alerts/{{number}}/take")
def take(number: Number, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Look after the patient yourself."""
    try:
        with request.app.state.database.begin() as db:
            alert = desk.take(db, number, caller.staff, form.get("taken_before", ""), now)
    except desk.GoneError:
        return go(HOME, note="gone")
    except desk.TakenBeforeError:
        return go(HOME, note="taken_before")
    return go(_back(form, alert.conversation_id), note="took")


def _back(form: Form, conversation_id: str) -> str:
    """The page that the form stood on."""
    return f"{HOME}/conversations/{conversation_id}" if form.get("from") == "conversation" else HOME


@router.get(f"{HOME}/alerts/{{number}}/close")
def close_page(number: Number, request: Request, now: Now, caller: Practitioner) -> Response:
    """The page that asks what was done."""
    with request.app.state.database.begin() as db:
        return _ask(db, number, request, now, caller)


def _ask(
    db: DbSession, number: int, request: Request, now: Now, caller: Caller, problem: str = "", draft: str = ""
) -> Response:
    try:
        danger = inbox.danger_of(find_open(db, number), request.app.state.pack)
    except UnknownAlertError:
        raise NotFoundError from None
    values: dict[str, Any] = {"danger": danger, "problem": problem, "draft": draft, "longest": desk.MOST_NOTE}
    return page(request, "close.html", now, 422 if problem else 200, caller=caller, **values)


@router.post(f"{HOME}/alerts/{{number}}/close")
def close(number: Number, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """The patient is looked after; the note says how. Asked again when the note or the alert is not as it should be."""
    outcome = form.get("outcome", "")
    try:
        with request.app.state.database.begin() as db:
            desk.close(db, number, caller.staff, outcome, form.get("seen", ""), now)
    except desk.GoneError:
        return go(HOME, note="gone")
    except (desk.NoteError, desk.ChangedError) as error:
        problem = CHANGED if isinstance(error, desk.ChangedError) else str(error)
        with request.app.state.database.begin() as db:
            return _ask(db, number, request, now, caller, problem, outcome)
    return go(HOME, note="closed")


@router.post(f"{HOME}/waiting/{{reply_id}}/done")
def done(reply_id: Number, request: Request, now: Now, caller: Practitioner) -> Response:
    """Somebody has spoken to the person who waited."""
    with request.app.state.database.begin() as db:
        if not desk.mark_done(db, reply_id, caller.staff, now):
            raise NotFoundError
    return go(HOME, note="done")
