"""The chat API of the website channel: send, receive, and catch up after a sequence number."""

import asyncio
import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy.exc import DBAPIError

from stipple.gateway.engine import Reply
from stipple.gateway.outage import Unlogged
from stipple.gateway.reach import SilentDatabaseError, reason_of
from stipple.gateway.turns import GoneConversationError, Turns, UnknownChoiceError
from stipple.records.conversations import (
    SIGN_IN_DAYS,
    UnknownLinkError,
    asks_first,
    hash_token,
    messages_after,
    open_link,
    sign_in,
    signed_in,
    start_conversation,
)
from stipple.records.models import Conversation, Message
from stipple.records.spool import from_browser, from_conversation

CHANNEL = "web"
COOKIE = "stipple_sign_in"
# Begins the token of a visitor who came while the database was down.
VISITOR = "visitor."
HIGHEST_SEQUENCE = 2**31 - 1
# The id of a choice may end in the name of a danger sign, which the clinic gives.
LONGEST_CHOICE = 100
OPEN_PAGE = Path(__file__).parent / "page" / "open.html"

log = logging.getLogger(__name__)
router = APIRouter()


def _storable(text: object) -> object:
    """``text`` without what not every database and answer can hold: NUL, and half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "") if isinstance(text, str) else text


Text = Annotated[str, BeforeValidator(_storable)]


class Sending(BaseModel):
    """A message from the chat page: typed text, or the id of a choice that was offered."""

    model_config = ConfigDict(extra="forbid")

    text: Text = ""
    choice: Text | None = Field(None, max_length=LONGEST_CHOICE)
    client_id: Text = Field(min_length=8, max_length=64)


def clock(request: Request) -> datetime:
    """The moment of the request; a test stack may set it."""
    told = request.headers.get("x-stipple-now") if request.app.state.settings.environment == "test" else None
    return datetime.fromisoformat(told) if told else datetime.now(UTC)


Now = Annotated[datetime, Depends(clock)]
Token = Annotated[str | None, Cookie(alias=COOKIE)]
Sequence = Annotated[int, Query(ge=0, le=HIGHEST_SEQUENCE)]


def show(message: Message, with_trace: bool) -> dict[str, Any]:
    """A message as the chat page gets it; a choice's payload and the trace stay here."""
    shown: dict[str, Any] = {
        "sequence": message.sequence,
        "author": message.author,
        "text": message.text,
        "choices": [{"id": c["id"], "title": c["title"]} for c in message.choices],
        "sent_at": message.sent_at.isoformat(),
    }
    return shown | {"answers": message.trace, "outcome": message.outcome} if with_trace else shown


def set_cookie(response: Response, token: str, request: Request) -> None:
    """Remember the sign-in in the browser; scripts cannot read it."""
    secure = request.app.state.settings.base_url.startswith("https://")
    age = int(timedelta(days=SIGN_IN_DAYS).total_seconds())
    response.set_cookie(COOKIE, token, max_age=age, httponly=True, samesite="lax", secure=secure)


@router.get("/sign-in/{token}")
def follow_link(token: str, request: Request, now: Now) -> Response:
    """Sign in with the link the clinic gave, then show the chat page; one that works once asks for a tap before."""
    with request.app.state.database.begin() as db:
        if asks_first(db, token, now):
            return FileResponse(OPEN_PAGE, headers={"Cache-Control": "no-store"})
    return use_link(token, request, now)


@router.post("/sign-in/{token}")
def use_link(token: str, request: Request, now: Now) -> RedirectResponse:
    """Sign in with the link."""
    with request.app.state.database.begin() as db:
        try:
            cookie = open_link(db, token, CHANNEL, now)
        except UnknownLinkError:
            return RedirectResponse("/?link=expired", status_code=303)
    response = RedirectResponse("/", status_code=303)
    set_cookie(response, cookie, request)
    return response


def current(request: Request, token: str | None, now: datetime) -> Conversation | None:
    """The conversation of the signed-in browser."""
    with request.app.state.database.begin() as db:
        return signed_in(db, token, now) if token else None


def begin(request: Request, response: Response, now: datetime) -> Conversation:
    """A new anonymous conversation for this browser."""
    with request.app.state.database.begin() as db:
        conversation = start_conversation(db, CHANNEL, now)
        set_cookie(response, sign_in(db, conversation, now), request)
        return conversation


@router.get("/api/conversation")
def describe(request: Request, now: Now, token: Token = None) -> dict[str, Any]:
    """Who is signed in (yes or no, no name) and how to reach the clinic."""
    conversation = current(request, token, now)
    profile = request.app.state.pack.profile
    known = conversation is not None and conversation.patient_id is not None
    return {"signed_in": known, "clinic": profile.name, "phone": profile.phone, "limit": limit_of(request)}


@router.get("/api/messages")
def catch_up(request: Request, now: Now, after: Sequence = 0, token: Token = None) -> dict[str, Any]:
    """Messages after a sequence number, oldest first."""
    conversation = current(request, token, now)
    if conversation is None:
        return {"messages": []}
    with request.app.state.database.begin() as db:
        return {"messages": [show(m, traced(request)) for m in messages_after(db, conversation.id, after)]}


@router.post("/api/messages")
async def send(sending: Sending, request: Request, response: Response, now: Now, token: Token = None) -> dict[str, Any]:
    """Take a patient's message; the message and its reply."""
    replies = request.app.state.pack.replies
    if sending.choice is None and not sending.text.strip():
        raise HTTPException(422, replies["fallback_empty"])
    if len(sending.text) > limit_of(request):
        raise HTTPException(422, replies["fallback_long"].format(limit=limit_of(request)))
    sender = Sender(token)
    try:
        await request.app.state.reach.check()
        messages = await take(request, response, sending, sender, now)
    except UnknownChoiceError:
        raise HTTPException(404, replies["not_understood"]) from None
    except (SilentDatabaseError, DBAPIError) as error:
        log.error("the database does not answer: %s", reason_of(error))
        reply = await request.app.state.outage.answer(unlogged(request, response, sending, sender), now)
        return {"messages": [without_number(reply, now, traced(request))]}
    return {"messages": [show(m, traced(request)) for m in messages]}


@dataclass
class Sender:
    """Who sends a message, as far as it is known when the database goes down in the middle of the turn."""

    token: str | None
    conversation: Conversation | None = None

    @property
    def came_in_outage(self) -> bool:
        """Whether the database was down when this browser first sent something."""
        return (self.token or "").startswith(VISITOR)


async def take(request: Request, response: Response, sending: Sending, sender: Sender, now: datetime) -> list[Message]:
    """Have the message answered in the sender's conversation, or in a new one."""
    told = (sending.text.strip(), sending.choice, sending.client_id, now)
    turns: Turns = request.app.state.turns
    sender.conversation = await asyncio.to_thread(current, request, sender.token, now)
    if sender.conversation is None and sender.token and sender.came_in_outage:
        await request.app.state.reading_in.from_browser(hash_token(sender.token))
        sender.conversation = await asyncio.to_thread(current, request, sender.token, now)
    if sender.conversation is not None:
        try:
            return await turns.take(sender.conversation, *told)
        except GoneConversationError:
            # Erased while the message was on its way: a visitor's from now on, who is answered all the same.
            sender.conversation = None
    sender.token = None
    sender.conversation = await asyncio.to_thread(begin, request, response, now)
    return await turns.take(sender.conversation, *told)


def unlogged(request: Request, response: Response, sending: Sending, sender: Sender) -> Unlogged:
    """The message as the spool keeps it; a visitor's browser gets a token, so that their messages stay together."""
    if sender.conversation is not None:
        name, visitor = from_conversation(sender.conversation.id), False
    else:
        if sender.token is None:
            sender.token = VISITOR + secrets.token_urlsafe(24)
            set_cookie(response, sender.token, request)
        name, visitor = from_browser(hash_token(sender.token)), sender.came_in_outage
    return Unlogged(name, visitor, CHANNEL, sending.client_id, sending.text.strip(), sending.choice)


def without_number(reply: Reply, now: datetime, with_trace: bool) -> dict[str, Any]:
    """A reply that no table holds yet; its sequence number 0 is none."""
    message = Message(
        sequence=0, author="assistant", text=reply.text, choices=[], trace=reply.trace, outcome="unsaved", sent_at=now
    )
    return show(message, with_trace)


def limit_of(request: Request) -> int:
    """Longest message, in characters."""
    limit: int = request.app.state.settings.message_limit
    return limit


def traced(request: Request) -> bool:
    """Whether replies show their trace: only on a test stack."""
    return bool(request.app.state.settings.environment == "test")
