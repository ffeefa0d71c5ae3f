"""What staff put on a message: tags and comments."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session as DbSession

from stipple.console import annotations
from stipple.console.access import HOME, Caller, ConsoleRoute, NotFoundError, Reviewer
from stipple.console.forms import Form, Posted
from stipple.console.routes_conversations import LIST, Identifier, Trouble, show
from stipple.gateway.chat import Now
from stipple.records.models import Message

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
MESSAGE = f"{LIST}/{{conversation_id}}/messages/{{number}}"


def _message(db: DbSession, conversation_id: str, number: int) -> Message:
    found = db.get(Message, number)
    if found is None or found.conversation_id != conversation_id:
        raise NotFoundError
    return found


def _back(message: Message, note: str) -> RedirectResponse:
    """To the message, with what stands round it."""
    query = urlencode({"at": message.sequence, "note": note})
    address = f"{HOME}/conversations/{message.conversation_id}?{query}#message-{message.id}"
    return RedirectResponse(address, status_code=303)


@router.post(f"{MESSAGE}/tags")
def tag(
    conversation_id: Identifier, number: Number, request: Request, now: Now, form: Posted, caller: Reviewer
) -> Response:
    """Put one tag on a message, or take it off."""
    name, there = (form["add"], True) if "add" in form else (form.get("remove", ""), False)
    with request.app.state.database.begin() as db:
        message = _message(db, conversation_id, number)
        try:
            annotations.set_tag(db, message, name, there, caller.staff, now)
        except annotations.MissingError:
            raise NotFoundError from None
    return _back(message, "tagged")


@router.post(f"{MESSAGE}/comments")
def comment(
    conversation_id: Identifier, number: Number, request: Request, now: Now, form: Posted, caller: Reviewer
) -> Response:
    """Write a comment on a message."""
    return _write(conversation_id, number, None, request, now, form, caller)


@router.post(f"{MESSAGE}/comments/{{comment}}")
def change(
    conversation_id: Identifier,
    number: Number,
    comment: Number,
    request: Request,
    now: Now,
    form: Posted,
    caller: Reviewer,
) -> Response:
    """Change one's own comment."""
    return _write(conversation_id, number, comment, request, now, form, caller)


def _write(
    conversation_id: str, number: int, comment: int | None, request: Request, now: Now, form: Form, caller: Caller
) -> Response:
    text = form.get("text", "")
    sequence = 0
    try:
        with request.app.state.database.begin() as db:
            message = _message(db, conversation_id, number)
            sequence = message.sequence
            if comment is None:
                annotations.add_comment(db, message, text, caller.staff, now)
            else:
                annotations.edit_comment(db, message, comment, text, caller.staff, now)
    except annotations.MissingError:
        raise NotFoundError from None
    except annotations.WordsError as error:
        trouble = Trouble(f"comment-{comment}" if comment else f"message-{number}", str(error), text)
        with request.app.state.database.begin() as db:
            return show(db, conversation_id, request, now, caller, at=sequence, trouble=trouble)
    return _back(message, "commented")


@router.post(f"{MESSAGE}/comments/{{comment}}/withdraw")
def withdraw(
    conversation_id: Identifier, number: Number, comment: Number, request: Request, now: Now, caller: Reviewer
) -> Response:
    """Take one's own comment back."""
    with request.app.state.database.begin() as db:
        message = _message(db, conversation_id, number)
        try:
            annotations.withdraw_comment(db, message, comment, caller.staff, now)
        except annotations.MissingError:
            raise NotFoundError from None
    return _back(message, "withdrawn")
