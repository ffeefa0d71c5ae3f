"""Rewording an instruction: the list, the page that is typed on, and its check."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.orm import Session as DbSession

from stipple.console import rewording, wordings
from stipple.console.access import HOME, Caller, ConsoleRoute, NotFoundError, Practitioner, Reviewer, go
from stipple.console.clarity import name_of
from stipple.console.fitness import MOST, read_words, rule_of
from stipple.console.forms import Form, Posted
from stipple.console.render import page
from stipple.console.routes_clarity import LIST as CLARITY
from stipple.console.routes_clarity import InstructionId
from stipple.gateway.chat import Now
from stipple.records.models import Instruction, Wording
from stipple.records.wordings import Words, words_of

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
LIST = f"{HOME}/wordings"
MOST_QUERY = 100
MOST_ORIGIN = 20
From = Annotated[str, Query(alias="from")]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get(LIST)
def overview(request: Request, now: Now, caller: Reviewer, q: str = "") -> Response:
    """Proposals, drafts, what was published lately, and the search."""
    query = q.replace("\0", "").strip()[:MOST_QUERY]
    with request.app.state.database.begin() as db:
        shown = wordings.overview(db, caller.staff, query, request.app.state.pack)
    return page(request, "wordings.html", now, caller=caller, shown=shown, query=query, longest=MOST_QUERY)


def find(db: DbSession, instruction_id: str) -> tuple[Instruction, Wording]:
    """The instruction and what patients read now.

    Raises:
        NotFoundError: when there is none.
    """
    instruction, current = db.get(Instruction, instruction_id), rewording.current_of(db, instruction_id)
    if instruction is None or current is None:
        raise NotFoundError
    return instruction, current


def number(text: str) -> int:
    """A version in a posted form; 0, which none has, when it is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@router.get(f"{LIST}/edit/{{instruction_id:path}}")
def edit_page(
    instruction_id: InstructionId, request: Request, now: Now, caller: Reviewer, origin: From = ""
) -> Response:
    """The page that a new wording is typed on; it holds the person's draft if there is one."""
    with request.app.state.database.begin() as db:
        _, current = find(db, instruction_id)
        draft = wordings.draft_of(db, instruction_id, caller.staff)
        words, base = (words_of(draft), draft.based_on) if draft else (words_of(current), current.version)
        return _edit(db, request, now, caller, instruction_id, words, base, origin[:MOST_ORIGIN])


def _edit(
    db: DbSession,
    request: Request,
    now: Now,
    caller: Caller,
    instruction_id: str,
    words: Words,
    base: int,
    origin: str,
    problem: str = "",
    checked: bool = False,
) -> Response:
    """``base`` is the version that the words were typed over; what was published since is shown beside them."""
    pack = request.app.state.pack
    instruction, current = find(db, instruction_id)
    earlier = wordings.version_of(db, instruction_id, base) if base != current.version else None
    values: dict[str, Any] = {
        "id": instruction_id,
        "name": name_of(instruction_id, pack),
        "retired": instruction.retired_at is not None,
        "current": current,
        "words": words,
        "same": words == words_of(current),
        "since": wordings.changes(earlier, current) if earlier else [],
        "waiting": wordings.waiting_for(db, instruction_id),
        "judged": wordings.judge(db, instruction, words, pack, now),
        "draft": wordings.draft_of(db, instruction_id, caller.staff),
        "rule": rule_of(instruction, pack),
        "origin": origin,
        "problem": problem,
        "checked": checked,
        "longest": MOST,
    }
    return page(request, "wording.html", now, 422 if problem else 200, caller=caller, **values)


@router.post(f"{LIST}/edit/{{instruction_id:path}}")
def edit(instruction_id: InstructionId, request: Request, now: Now, form: Posted, caller: Reviewer) -> Response:
    """Check, propose, or throw away, as the button says; whatever happens, what was typed is kept."""
    origin, words, base = form.get("from", "")[:MOST_ORIGIN], read_words(form), number(form.get("based_on", ""))
    database, pack = request.app.state.database, request.app.state.pack
    if form.get("do") == "discard":
        with database.begin() as db:
            find(db, instruction_id)
            rewording.discard_draft(db, instruction_id, caller.staff, now)
        return go(f"{LIST}/edit/{instruction_id}", note="draft_gone", **_origin(origin))
    if form.get("do") == "propose":
        try:
            with database.begin() as db:
                made = rewording.propose(db, instruction_id, caller.staff, words, base, pack, now)
            return go(f"{LIST}/proposals/{made.id}", note="proposed", **_origin(origin))
        except rewording.UnknownError:
            raise NotFoundError from None
        except rewording.RefusedError as error:
            return _kept(request, now, caller, instruction_id, words, base, form, str(error))
    return _kept(request, now, caller, instruction_id, words, base, form, "")


def _origin(origin: str) -> Form:
    return {"from": origin} if origin else {}


def _kept(
    request: Request, now: Now, caller: Caller, instruction_id: str, words: Words, base: int, form: Form, problem: str
) -> Response:
    """The page again, with what was typed, which is saved too."""
    with request.app.state.database.begin() as db:
        find(db, instruction_id)
        rewording.save_draft(db, instruction_id, caller.staff, words, base, now)
        origin = form.get("from", "")[:MOST_ORIGIN]
        return _edit(db, request, now, caller, instruction_id, words, base, origin, problem, checked=True)


@router.post(f"{LIST}/check/{{instruction_id:path}}")
def check(instruction_id: InstructionId, request: Request, now: Now, form: Posted, caller: Reviewer) -> Response:
    """What the page's script asks while somebody types: the draft is saved and judged."""
    words, base = read_words(form), number(form.get("based_on", ""))
    with request.app.state.database.begin() as db:
        instruction, current = find(db, instruction_id)
        if words != words_of(current) or wordings.draft_of(db, instruction_id, caller.staff):
            rewording.save_draft(db, instruction_id, caller.staff, words, base, now)
        judged = wordings.judge(db, instruction, words, request.app.state.pack, now)
    return page(request, "_judged.html", now, caller=caller, judged=judged)


@router.get(f"{LIST}/back/{{version}}/{{instruction_id:path}}")
def back_page(
    version: Version, instruction_id: InstructionId, request: Request, now: Now, caller: Reviewer
) -> Response:
    """The page that asks why patients shall read an earlier version again."""
    with request.app.state.database.begin() as db:
        return _back(db, request, now, caller, instruction_id, version)


def _back(
    db: DbSession,
    request: Request,
    now: Now,
    caller: Caller,
    instruction_id: str,
    version: int,
    problem: str = "",
    reason: str = "",
) -> Response:
    instruction, current = find(db, instruction_id)
    earlier = wordings.version_of(db, instruction_id, version)
    if earlier is None or earlier.version == current.version:
        raise NotFoundError
    values: dict[str, Any] = {
        "id": instruction_id,
        "name": name_of(instruction_id, request.app.state.pack),
        "retired": instruction.retired_at is not None,
        "current": current,
        "earlier": earlier,
        "changes": wordings.changes(current, earlier),
        "problem": problem,
        "reason": reason,
        "longest": rewording.MOST_REASON,
    }
    return page(request, "wording_back.html", now, 422 if problem else 200, caller=caller, **values)


@router.post(f"{LIST}/back/{{version}}/{{instruction_id:path}}")
def back(
    version: Version, instruction_id: InstructionId, request: Request, now: Now, form: Posted, caller: Practitioner
) -> Response:
    """Patients read the earlier version's words again, as a new version."""
    reason, seen = form.get("reason", ""), number(form.get("seen", ""))
    database, pack = request.app.state.database, request.app.state.pack
    try:
        with database.begin() as db:
            rewording.roll_back(db, instruction_id, version, caller.staff, reason, seen, pack, now)
    except rewording.UnknownError:
        raise NotFoundError from None
    except rewording.RefusedError as error:
        with database.begin() as db:
            return _back(db, request, now, caller, instruction_id, version, str(error), reason)
    return go(f"{CLARITY}/{instruction_id}", note="wording_back")
