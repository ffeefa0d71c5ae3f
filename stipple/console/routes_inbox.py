"""The inbox, and what staff do about danger signs there: take, ask a colleague, close."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.orm import Session as DbSession

from stipple.console import desk, inbox, needs
from stipple.console.access import HOME, Caller, ConsoleRoute, NotFoundError, Practitioner, Reviewer, Watcher, go
from stipple.console.audit import note
from stipple.console.colleagues import ColleagueError, colleagues
from stipple.console.forms import Form, Posted
from stipple.console.paging import read_page
from stipple.console.render import page
from stipple.console.words import CODE_HINTS, CODES, DANGER_CODES, NEEDS
from stipple.gateway.chat import Now
from stipple.records.alerts import UnknownAlertError, find_open

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
# What every database can hold.
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
# Anything else in the address shows everybody's.
WhoseQuery = Annotated[str, Query(alias="who")]
PageQuery = Annotated[str, Query(alias="page")]
SectionName = Literal["waiting", "unclear", "missed", "not_helpful"]
SIZES = {"waiting": 25, "unclear": 5, "missed": 5, "not_helpful": 5}
PAGE_SIZE = 25
WHOSE = {"": "Everybody’s", needs.MINE: "Mine", needs.NOBODY: "Nobody’s yet"}
CHANGED = (
    "This has become more urgent or shows more signs since you opened the page. Read it again before you close it."
)


def whose(who: str, caller: Caller) -> needs.Wanted:
    """Whose items the address asks for."""
    return needs.Wanted(caller.staff.id, who if who in WHOSE else "")


def _inbox(request: Request, template: str, now: Now, caller: Caller, who: str) -> Response:
    pack, wanted = request.app.state.pack, whose(who, caller)
    with request.app.state.database.begin() as db:
        everything = inbox.dangers(db, pack)
        sections = {kind: needs.read(db, kind, pack, now, wanted, SIZES[kind]) for kind in needs.SECTIONS}
    dangers = inbox.for_whom(everything, wanted.staff_id, wanted.who == needs.MINE, wanted.who == needs.NOBODY)
    values: dict[str, Any] = {"dangers": dangers, "others": len(everything) - len(dangers), "sections": sections}
    values |= {"who": wanted.who, "whose": WHOSE, "names": NEEDS, "kept_days": needs.KEPT_DAYS}
    return page(request, template, now, caller=caller, waiting_days=needs.WAITING_DAYS, **values)


@router.get(HOME)
def show_inbox(request: Request, now: Now, caller: Reviewer, who: WhoseQuery = "") -> Response:
    """Everything that needs a person, the most urgent first."""
    return _inbox(request, "inbox.html", now, caller, who)


@router.get(f"{HOME}/inbox")
def inbox_part(request: Request, now: Now, caller: Watcher, who: WhoseQuery = "") -> Response:
    """The changing part of the inbox, which the page's script looks at again and again."""
    return _inbox(request, "_inbox.html", now, caller, who)


@router.get(f"{HOME}/inbox/{{kind}}")
def section(
    kind: SectionName, request: Request, now: Now, caller: Reviewer, who: WhoseQuery = "", number: PageQuery = "1"
) -> Response:
    """All items of one section, page by page; the view is noted."""
    wanted = whose(who, caller)
    with request.app.state.database.begin() as db:
        note(db, now, "viewed", f"inbox/{kind}", caller.staff.id)
        found = needs.read(db, kind, request.app.state.pack, now, wanted, PAGE_SIZE, read_page(number))
    values: dict[str, Any] = {"kind": kind, "section": found, "who": wanted.who, "whose": WHOSE, "names": NEEDS}
    days = needs.WAITING_DAYS if kind == "waiting" else needs.KEPT_DAYS
    return page(request, "section.html", now, caller=caller, days=days, **values)


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
    return go(*_back(form, alert.conversation_id, "took"))


def _back(form: Form, conversation_id: str, done: str) -> tuple[str]:
    """The page that the form stood on, which says what was ``done``."""
    if form.get("from") == "conversation":
        return (f"{HOME}/conversations/{conversation_id}?note={done}",)
    return (back_to_inbox(form, done),)


def back_to_inbox(form: Form, done: str) -> str:
    """The inbox as it was narrowed down when the form was opened, which says what was ``done``."""
    who = form.get("who", "")
    return f"{HOME}?who={who}&note={done}" if who in WHOSE and who else f"{HOME}?note={done}"


@router.get(f"{HOME}/alerts/{{number}}/assign")
def assign_page(number: Number, request: Request, now: Now, caller: Practitioner, who: WhoseQuery = "") -> Response:
    """The page that asks which colleague."""
    with request.app.state.database.begin() as db:
        return _ask_whom(db, number, request, now, caller, {"who": who})


def _ask_whom(
    db: DbSession, number: int, request: Request, now: Now, caller: Caller, form: Form, problem: str = ""
) -> Response:
    danger = _danger(db, number, request)
    note(db, now, "viewed", f"alert/{number}", caller.staff.id)
    values: dict[str, Any] = {"danger": danger, "item": None, "people": colleagues(db, "danger")}
    values["form"] = {"who": form.get("who", ""), "to": form.get("to", "")}
    return page(request, "assign.html", now, 422 if problem else 200, caller=caller, problem=problem, **values)


def _danger(db: DbSession, number: int, request: Request) -> inbox.Danger:
    try:
        return inbox.danger_of(find_open(db, number), request.app.state.pack)
    except UnknownAlertError:
        raise NotFoundError from None


@router.post(f"{HOME}/alerts/{{number}}/assign")
def assign(number: Number, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Ask a colleague to look after the patient."""
    to = form.get("to", "")
    try:
        with request.app.state.database.begin() as db:
            desk.assign(db, number, caller.staff, to, form.get("taken_before", ""), now)
    except desk.GoneError:
        return go(HOME, note="gone")
    except desk.TakenBeforeError:
        return go(HOME, note="taken_before")
    except ColleagueError as error:
        with request.app.state.database.begin() as db:
            return _ask_whom(db, number, request, now, caller, form, str(error))
    return go(back_to_inbox(form, "took" if to == str(caller.staff.id) else "assigned"))


@router.get(f"{HOME}/alerts/{{number}}/close")
def close_page(number: Number, request: Request, now: Now, caller: Practitioner) -> Response:
    """The page that asks what was done."""
    with request.app.state.database.begin() as db:
        return _ask(db, number, request, now, caller, {})


def _ask(
    db: DbSession, number: int, request: Request, now: Now, caller: Caller, form: Form, error: Exception | None = None
) -> Response:
    values: dict[str, Any] = {"danger": _danger(db, number, request), "draft": form.get("outcome", "")}
    values |= {"code": form.get("code", ""), "codes": DANGER_CODES, "hints": CODE_HINTS, "longest": desk.MOST_NOTE}
    values |= {"problem": CHANGED if isinstance(error, desk.ChangedError) else "", "code_problem": ""}
    if isinstance(error, desk.CodeError):
        values["code_problem"] = str(error)
    elif isinstance(error, desk.NoteError):
        values["problem"] = str(error)
    return page(request, "close.html", now, 422 if error else 200, caller=caller, **values)


@router.post(f"{HOME}/alerts/{{number}}/close")
def close(number: Number, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """The patient is looked after; the note says how. Asked again when the note or the alert is not as it should be."""
    outcome, code = form.get("outcome", ""), form.get("code", "")
    try:
        with request.app.state.database.begin() as db:
            desk.close(db, number, caller.staff, outcome, form.get("seen", ""), now, code)
    except desk.GoneError:
        return gone_page(request, now, caller, outcome)
    except (desk.CodeError, desk.NoteError, desk.ChangedError) as error:
        with request.app.state.database.begin() as db:
            return _ask(db, number, request, now, caller, form, error)
    return go(HOME, note="closed")


def gone_page(request: Request, now: Now, caller: Caller, draft: str, **values: Any) -> Response:
    """What a person reads who resolves what is not open any more; what they wrote is kept for them to copy."""
    shown: dict[str, Any] = {"draft": draft, "before": None, "codes": CODES} | values
    return page(request, "gone.html", now, 409, caller=caller, **shown)
