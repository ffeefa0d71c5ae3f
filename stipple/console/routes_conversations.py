"""The list of conversations, and one conversation's page."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.orm import Session as DbSession

from stipple.care.review import VERDICTS
from stipple.console import annotations, desk, filters, listing, reviewing, transcript
from stipple.console.access import HOME, Caller, ConsoleRoute, NotFoundError, Reviewer
from stipple.console.audit import note
from stipple.console.render import page
from stipple.console.words import CODE_HINTS, DANGER_CODES, masked
from stipple.gateway.chat import HIGHEST_SEQUENCE, Now
from stipple.records.search import MOST_WORDS, words_of

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
LIST = f"{HOME}/conversations"
Identifier = Annotated[str, Path(pattern=r"^[0-9A-Za-z]{1,32}$")]
Sequence = Annotated[int | None, Query(ge=1, le=HIGHEST_SEQUENCE)]


@dataclass(frozen=True)
class Trouble:
    """A form that could not be saved: which one (a message's number, or ``review``), why, and what was typed."""

    where: str = ""
    text: str = ""
    draft: str = ""
    verdict: str = ""


@router.get(LIST)
def conversations(request: Request, now: Now, caller: Reviewer) -> Response:
    """Every conversation that fits what the address asks for; the audit tells by what, not by which words."""
    pack = request.app.state.pack
    with request.app.state.database.begin() as db:
        choices = filters.choices(db, pack)
        wanted = filters.read_filters(request.query_params, choices)
        found = listing.read(db, wanted, pack.profile.zone, now)
        note(db, now, "listed", "conversations", caller.staff.id, " ".join(wanted.given))
    values: dict[str, Any] = {"filters": wanted, "found": found, "choices": choices, "names": filters.NAMES}
    return page(request, "conversations.html", now, caller=caller, **values)


@router.get(f"{LIST}/{{conversation_id}}")
def conversation(
    conversation_id: Identifier,
    request: Request,
    now: Now,
    caller: Reviewer,
    start: Sequence = None,
    at: Sequence = None,
) -> Response:
    """One conversation, with the patient's name for whoever looks after patients; the view is noted."""
    with request.app.state.database.begin() as db:
        return show(db, conversation_id, request, now, caller, start, at)


def show(
    db: DbSession,
    conversation_id: str,
    request: Request,
    now: Now,
    caller: Caller,
    start: int | None = None,
    at: int | None = None,
    trouble: Trouble | None = None,
) -> Response:
    """The page, also after a form of it could not be saved."""
    query = request.query_params.get("q", "")[: filters.LONGEST_SEARCH].replace("\0", "")
    words = words_of(query)[:MOST_WORDS]
    found = transcript.read(db, conversation_id, request.app.state.pack, now, start, at, words)
    if found is None:
        raise NotFoundError
    note(db, now, "viewed", f"conversation/{found.id}", caller.staff.id)
    name = "Visitor without a record"
    if found.patient:
        name = found.patient.name if caller.may("practitioner") else masked(found.patient.name)
    values: dict[str, Any] = {"talk": found, "name": name, "problem": "", "draft": "", "longest": desk.MOST_NOTE}
    values |= {"code": "", "code_problem": "", "codes": DANGER_CODES, "hints": CODE_HINTS}
    values |= {
        "notes": annotations.notes_on(db, [m.id for m in found.said], caller.staff, now),
        "tags": annotations.all_tags(db),
        "review": reviewing.standing(db, conversation_id, caller.staff),
        "verdicts": VERDICTS,
        "query": query if words else "",
        "trouble": trouble or Trouble(),
        "opened": start is None and at is None and trouble is None and not request.query_params.get("note"),
    }
    return page(request, "conversation.html", now, 422 if trouble else 200, caller=caller, **values)
