"""What staff do about the items below the danger signs: take, give to a colleague, resolve."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from stipple.console import desk, tasks
from stipple.console.access import (
    HOME,
    Caller,
    ConsoleRoute,
    NotAllowedError,
    NotFoundError,
    Practitioner,
    Reviewer,
    go,
)
from stipple.console.audit import note
from stipple.console.colleagues import ROLE_FOR, ColleagueError, colleagues
from stipple.console.forms import Form, Posted
from stipple.console.needs import Item
from stipple.console.render import page
from stipple.console.routes_inbox import Number, SectionName, WhoseQuery, back_to_inbox, gone_page
from stipple.console.words import CODE_HINTS, CODES
from stipple.gateway.chat import Now

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
ITEM = f"{HOME}/items/{{kind}}/{{subject}}"
Instruction = Annotated[str, Query(pattern=r"^[0-9A-Za-z_/-]{0,80}$")]
AGAIN = "The patient has written this again since you opened the page. Read it once more before you resolve it."


def read_place(kind: SectionName, subject: Number, instruction: Instruction = "") -> tasks.Place:
    """Which item the address is about."""
    return tasks.Place(kind, subject, instruction)


PlaceOf = Annotated[tasks.Place, Depends(read_place)]


def may_keep(place: PlaceOf, caller: Reviewer) -> Caller:
    """Lets in whoever may look after items of this kind: reviewers do not speak to patients."""
    if not caller.may(ROLE_FOR[place.kind]):
        raise NotAllowedError
    return caller


Keeper = Annotated[Caller, Depends(may_keep)]


@router.post(f"{ITEM}/take")
def take(place: PlaceOf, request: Request, now: Now, form: Posted, caller: Keeper) -> Response:
    """Look after the item yourself."""
    try:
        with request.app.state.database.begin() as db:
            tasks.take(db, place, request.app.state.pack, caller.staff, form.get("kept_before", ""), now)
    except desk.GoneError:
        return go(back_to_inbox(form, "gone"))
    except desk.TakenBeforeError:
        return go(back_to_inbox(form, "taken_before"))
    return go(back_to_inbox(form, "kept"))


@router.get(f"{ITEM}/assign")
def assign_page(place: PlaceOf, request: Request, now: Now, caller: Practitioner, who: WhoseQuery = "") -> Response:
    """The page that asks which colleague."""
    return _ask_whom(place, request, now, caller, {"who": who})


def _ask_whom(
    place: tasks.Place, request: Request, now: Now, caller: Caller, form: Form, problem: str = ""
) -> Response:
    with request.app.state.database.begin() as db:
        item = place.find(db, request.app.state.pack, now)
        if item is None:
            raise NotFoundError
        note(db, now, "viewed", f"conversation/{item.conversation_id}", caller.staff.id)
        people = colleagues(db, place.kind)
    values: dict[str, Any] = {"danger": None, "item": item, "people": people, "problem": problem}
    values["form"] = {"who": form.get("who", ""), "to": form.get("to", "")}
    return page(request, "assign.html", now, 422 if problem else 200, caller=caller, **values)


@router.post(f"{ITEM}/assign")
def assign(place: PlaceOf, request: Request, now: Now, form: Posted, caller: Practitioner) -> Response:
    """Put a colleague in charge of the item."""
    pack, to, before = request.app.state.pack, form.get("to", ""), form.get("kept_before", "")
    try:
        with request.app.state.database.begin() as db:
            tasks.assign(db, place, pack, caller.staff, to, before, now)
    except desk.GoneError:
        return go(back_to_inbox(form, "gone"))
    except desk.TakenBeforeError:
        return go(back_to_inbox(form, "taken_before"))
    except ColleagueError as error:
        return _ask_whom(place, request, now, caller, form, str(error))
    return go(back_to_inbox(form, "kept" if to == str(caller.staff.id) else "given"))


@router.get(f"{ITEM}/resolve")
def resolve_page(place: PlaceOf, request: Request, now: Now, caller: Keeper, who: WhoseQuery = "") -> Response:
    """The page that asks what was the matter."""
    return _ask(place, request, now, caller, {"who": who})


def _ask(
    place: tasks.Place, request: Request, now: Now, caller: Caller, form: Form, error: Exception | None = None
) -> Response:
    with request.app.state.database.begin() as db:
        item = place.find(db, request.app.state.pack, now)
        if item is None:
            raise NotFoundError
        note(db, now, "viewed", f"conversation/{item.conversation_id}", caller.staff.id)
    return page(request, "resolve.html", now, 422 if error else 200, caller=caller, **_values(item, form, error))


def _values(item: Item, form: Form, error: Exception | None) -> dict[str, Any]:
    """What the page that asks needs; each problem stands beside its field."""
    problems: dict[type[Exception], str] = {
        tasks.NewWordsError: "changed",
        desk.CodeError: "code",
        desk.NoteError: "note",
    }
    problem = {problems[type(error)]: AGAIN if isinstance(error, tasks.NewWordsError) else str(error)} if error else {}
    given = {name: form.get(name, "") for name in ("who", "code", "note")}
    shown = {name: problem.get(name, "") for name in problems.values()}
    values = {"item": item, "form": given, "problem": shown, "longest": desk.MOST_NOTE}
    return values | {"codes": CODES, "hints": CODE_HINTS}


@router.post(f"{ITEM}/resolve")
def resolve(place: PlaceOf, request: Request, now: Now, form: Posted, caller: Keeper) -> Response:
    """The item is dealt with; asked again when nothing was chosen or the patient wrote again."""
    pack, code, words = request.app.state.pack, form.get("code", ""), form.get("note", "")
    try:
        with request.app.state.database.begin() as db:
            tasks.resolve(db, place, pack, caller.staff, code, words, now)
    except desk.GoneError:
        with request.app.state.database.begin() as db:
            before = tasks.last_resolution(db, place)
            return gone_page(request, now, caller, words, before=before)
    except (tasks.NewWordsError, desk.CodeError, desk.NoteError) as error:
        return _ask(place, request, now, caller, form, error)
    return go(back_to_inbox(form, "resolved"))
