"""What the assistant should learn: the list, the figures, the files, and the page that asks what a patient meant."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session as DbSession

from stipple.console import labels, learning, lessons, rewording, teaching
from stipple.console.access import HOME, Caller, ConsoleRoute, NotFoundError, Practitioner, Reviewer, go
from stipple.console.audit import note
from stipple.console.forms import Posted
from stipple.console.render import page
from stipple.console.routes_clarity import InstructionId
from stipple.content.known import Known, read_known
from stipple.evaluation.expecting import LATEST_DAY
from stipple.evaluation.learned import zipped
from stipple.gateway.chat import Now
from stipple.settings import ROOT

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
LIST = f"{HOME}/learning"
MESSAGE = f"{LIST}/message/{{number}}"
INSTRUCTION = f"{LIST}/instruction/{{instruction_id:path}}"
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


def known() -> Known:
    """What the project's files teach and test."""
    return read_known(ROOT / "data", ROOT / "tests")


@router.get(LIST)
def overview(request: Request, now: Now, caller: Reviewer) -> Response:
    """Figures, messages that nobody has looked at, and the lessons; the view is noted, for it shows patients' words."""
    filters, pack = learning.read_filters(request.query_params), request.app.state.pack
    with request.app.state.database.begin() as db:
        note(db, now, "viewed", "learning", caller.staff.id)
        values: dict[str, Any] = {"figures": learning.figures(db), "todo": learning.todo(db), "filters": filters}
        values["found"] = learning.read(db, filters, known(), pack)
    values |= {"states": learning.STATES, "kinds": learning.KIND_NAMES, "name": _namer(request)}
    return page(request, "learning.html", now, caller=caller, **values)


def _namer(request: Request) -> Any:
    return lambda label: labels.choice_of(label, request.app.state.pack).full


@router.get(f"{LIST}/export")
def export(request: Request, now: Now, caller: Practitioner) -> Response:
    """Everything that was accepted, as files."""
    with request.app.state.database.begin() as db:
        note(db, now, "lessons_exported", "learning", caller.staff.id)
        content = zipped(learning.accepted(db))
    headers = {"Content-Disposition": 'attachment; filename="learned.zip"'}
    return Response(content, media_type="application/zip", headers=headers)


@router.get(MESSAGE)
def message_page(number: Number, request: Request, now: Now, caller: Reviewer) -> Response:
    """The page that asks what a patient meant by a message; the view is noted."""
    return _ask(lessons.Origin(message_id=number), request, now, caller)


@router.get(INSTRUCTION)
def instruction_page(instruction_id: InstructionId, request: Request, now: Now, caller: Reviewer) -> Response:
    """The page that adds a case for the question behind an instruction."""
    return _ask(lessons.Origin(instruction_id=instruction_id), request, now, caller)


@router.post(MESSAGE)
def save_message(number: Number, request: Request, now: Now, form: Posted, caller: Reviewer) -> Response:
    """Save what shall be learnt from a message, check it, or note that there is nothing to learn."""
    return _save(lessons.Origin(message_id=number), request, now, form, caller)


@router.post(INSTRUCTION)
def save_instruction(
    instruction_id: InstructionId, request: Request, now: Now, form: Posted, caller: Reviewer
) -> Response:
    """Save or check a case for an instruction."""
    return _save(lessons.Origin(instruction_id=instruction_id), request, now, form, caller)


def _about(db: DbSession, origin: lessons.Origin, request: Request) -> teaching.About:
    pack = request.app.state.pack
    if origin.message_id:
        found = teaching.of_message(db, origin.message_id, pack, known())
    else:
        found = teaching.of_instruction(db, origin.instruction_id or "", pack)
    if found is None:
        raise NotFoundError
    return found


def _ask(origin: lessons.Origin, request: Request, now: Now, caller: Caller) -> Response:
    with request.app.state.database.begin() as db:
        about = _about(db, origin, request)
        if about.conversation_id:
            note(db, now, "viewed", f"conversation/{about.conversation_id}", caller.staff.id)
        typed = teaching.start_of(about)
        look = teaching.look(db, about, typed, known(), request.app.state.pack, fresh=True)
        return _show(db, about, typed, look, request, now, caller)


def _show(
    db: DbSession,
    about: teaching.About,
    typed: teaching.Typed,
    look: teaching.Look,
    request: Request,
    now: Now,
    caller: Caller,
    problem: str = "",
) -> Response:
    pack = request.app.state.pack
    likely = teaching.likely_choices(about, pack)
    others = [label for label in labels.answerable(known().labels, pack) if label not in about.likely]
    values: dict[str, Any] = {
        "about": about,
        "typed": typed,
        "look": look,
        "problem": problem,
        "likely": likely,
        "groups": labels.groups(others, pack),
        "expect": learning.answer_words(look.expect) if look.expect else "",
        "earlier": [learning.row_of(db, lesson, known(), pack) for lesson in teaching.earlier(db, about.origin)],
        "longest": teaching.LONGEST,
        "latest": LATEST_DAY,
        "name": _namer(request),
    }
    wrong = bool(problem or look.problems)
    return page(request, "teach.html", now, 422 if wrong else 200, caller=caller, **values)


def _save(origin: lessons.Origin, request: Request, now: Now, form: Posted, caller: Caller) -> Response:
    pack, typed = request.app.state.pack, teaching.read_typed(form)
    with request.app.state.database.begin() as db:
        about = _about(db, origin, request)
        if form.get("do") == "nothing" and origin.message_id:
            lessons.nothing(db, origin.message_id, caller.staff, now)
            return go(LIST, note="lesson_none")
        look = teaching.look(db, about, typed, known(), pack, fresh=form.get("do") == "check")
        if look.problems or form.get("do") == "check":
            return _show(db, about, typed, look, request, now, caller)
        if look.notes != typed.seen and look.notes:
            return _show(db, about, typed, look, request, now, caller, "Please read the notes below, then save again.")
    try:
        with request.app.state.database.begin() as db:
            lessons.propose(db, origin, teaching.offer_of(about, typed), about.record, caller.staff, pack, now)
    except rewording.RefusedError as error:
        with request.app.state.database.begin() as db:
            return _show(db, about, typed, look, request, now, caller, str(error))
    return go(LIST, note="lesson_proposed")
