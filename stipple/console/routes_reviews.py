"""The page of reviews, and what is done there and on a conversation: verdicts, what counts, new tags."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from stipple.care.review import SECOND_SHARE, VERDICTS
from stipple.console import annotations, reviewing, reviews
from stipple.console.access import HOME, Caller, ConsoleRoute, NotFoundError, Practitioner, Reviewer, go
from stipple.console.addresses import read_number
from stipple.console.audit import note
from stipple.console.forms import Posted
from stipple.console.render import page
from stipple.console.routes_conversations import LIST, Identifier, Trouble, show
from stipple.gateway.chat import HIGHEST_SEQUENCE, Now
from stipple.records.models import Conversation

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
PAGE = f"{HOME}/reviews"


@router.get(PAGE)
def overview(request: Request, now: Now, caller: Reviewer) -> Response:
    """How far people agree, where they do not, and what to read next."""
    return _overview(request, now, caller)


def _overview(request: Request, now: Now, caller: Caller, problem: str = "", draft: str = "") -> Response:
    with request.app.state.database.begin() as db:
        found = reviews.overview(db, caller.staff, now)
        tags = annotations.all_tags(db)
        note(db, now, "viewed", "reviews", caller.staff.id)
    values: dict[str, Any] = {"found": found, "tags": tags, "verdicts": VERDICTS, "share": round(SECOND_SHARE * 100)}
    values |= {"problem": problem, "draft": draft, "longest": annotations.LONGEST_TAG}
    return page(request, "reviews.html", now, 422 if problem else 200, caller=caller, **values)


@router.post(f"{PAGE}/next")
def read_next(request: Request, now: Now, caller: Reviewer) -> Response:
    """Open whatever is most worth reading; colleagues are given something else meanwhile."""
    with request.app.state.database.begin() as db:
        found = reviews.next_to_read(db, caller.staff, now)
        if found:
            note(db, now, reviews.GIVEN, f"conversation/{found.conversation_id}", caller.staff.id)
    return go(f"{LIST}/{found.conversation_id}") if found else go(PAGE, note="all_read")


@router.post(f"{PAGE}/tags")
def add_tag(request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """A new tag for messages."""
    name = form.get("name", "")
    try:
        with request.app.state.database.begin() as db:
            annotations.add_tag(db, name, caller.staff, now)
    except annotations.WordsError as error:
        return _overview(request, now, caller, str(error), name)
    return go(PAGE, note="tag_added")


@router.post(f"{LIST}/{{conversation_id}}/review")
def give(conversation_id: Identifier, request: Request, now: Now, form: Posted, caller: Reviewer) -> Response:
    """Give a conversation a verdict."""
    verdict, words, upto = form.get("verdict", ""), form.get("note", ""), form.get("upto", "")
    try:
        with request.app.state.database.begin() as db:
            if db.get(Conversation, conversation_id) is None:
                raise NotFoundError
            reviewing.give(
                db, conversation_id, caller.staff, verdict, words, min(read_number(upto), HIGHEST_SEQUENCE), now
            )
    except reviewing.ReviewError as error:
        trouble = Trouble("review", str(error), words, verdict)
        with request.app.state.database.begin() as db:
            return show(db, conversation_id, request, now, caller, trouble=trouble)
    return _to_review(conversation_id, "reviewed")


@router.post(f"{LIST}/{{conversation_id}}/verdict")
def decide(conversation_id: Identifier, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Say which of two verdicts counts."""
    verdict = form.get("verdict", "")
    try:
        with request.app.state.database.begin() as db:
            reviewing.decide(db, conversation_id, caller.staff, verdict, form.get("seen", ""), now)
    except reviewing.ReviewError as error:
        trouble = Trouble("verdict", str(error), verdict=verdict)
        with request.app.state.database.begin() as db:
            return show(db, conversation_id, request, now, caller, trouble=trouble)
    return _to_review(conversation_id, "settled")


def _to_review(conversation_id: str, done: str) -> RedirectResponse:
    return RedirectResponse(f"{LIST}/{conversation_id}?note={done}#review", status_code=303)
