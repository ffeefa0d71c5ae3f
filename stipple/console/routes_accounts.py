"""The accounts of everybody who works here, for admins."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.exc import IntegrityError

from stipple.console import managing
from stipple.console.access import HOME, Admin, Caller, ConsoleRoute, NotFoundError, go
from stipple.console.forms import Posted
from stipple.console.managing import AddError, ManageError, Started
from stipple.console.render import page
from stipple.console.words import ROLE_MEANINGS, ROLE_NAMES
from stipple.gateway.chat import Now

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
LIST = f"{HOME}/accounts"
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
ROLE_TEXTS: dict[str, Any] = {"roles": ROLE_NAMES, "meanings": ROLE_MEANINGS}
TAKEN = {"email": "A colleague has just added an account with this e-mail address."}


@router.get(LIST)
def accounts(request: Request, now: Now, caller: Admin) -> Response:
    """Everybody who has an account."""
    with request.app.state.database.begin() as db:
        found = managing.lines(db)
    return page(request, "accounts.html", now, caller=caller, lines=found, **ROLE_TEXTS)


@router.get(f"{LIST}/new")
def new(request: Request, now: Now, caller: Admin) -> Response:
    """The form of a new account."""
    return _form(request, now, caller, {}, {})


def _form(
    request: Request, now: Now, caller: Caller, values: Mapping[str, str], problems: Mapping[str, str]
) -> Response:
    shown: dict[str, Any] = {"values": values, "problems": problems, "days": managing.START_DAYS} | ROLE_TEXTS
    return page(request, "account_new.html", now, 422 if problems else 200, caller=caller, **shown)


@router.post(f"{LIST}/new")
def add(request: Request, now: Now, form: Posted, caller: Admin) -> Response:
    """Add an account, and show its start password, which nobody can look up afterwards."""
    values = {name: form.get(name, "") for name in ("email", "name", "role")}
    try:
        with request.app.state.database.begin() as db:
            made = managing.add(db, caller.staff, **values, now=now)
    except AddError as error:
        return _form(request, now, caller, values, error.problems)
    except ManageError as error:
        return _form(request, now, caller, values, {"role": str(error)})
    except IntegrityError:
        return _form(request, now, caller, values, TAKEN)
    return _started(request, now, caller, made, added=True)


def _started(request: Request, now: Now, caller: Caller, made: Started, added: bool) -> Response:
    address = f"{request.app.state.settings.base_url}{HOME}"
    shown: dict[str, Any] = {"made": made, "added": added, "sign_in_address": address}
    return page(request, "account_started.html", now, caller=caller, **shown)


@router.get(f"{LIST}/{{number}}")
def account(number: Number, request: Request, now: Now, caller: Admin) -> Response:
    """One account, and what can be done with it."""
    return _show(number, request, now, caller)


def _show(number: int, request: Request, now: Now, caller: Caller, problem: str = "") -> Response:
    with request.app.state.database.begin() as db:
        found = managing.find(db, number)
    if found is None:
        raise NotFoundError
    shown: dict[str, Any] = {"line": found, "staff": found.staff, "problem": problem, "days": managing.START_DAYS}
    shown |= ROLE_TEXTS
    return page(request, "account_one.html", now, 422 if problem else 200, caller=caller, **shown)


@router.post(f"{LIST}/{{number}}/role")
def change_role(number: Number, request: Request, now: Now, form: Posted, caller: Admin) -> Response:
    """Let the person do more or less."""
    return _do(number, request, now, caller, "role_changed", managing.change_role, form.get("role", ""))


def _do(
    number: int, request: Request, now: Now, caller: Caller, done: str, step: Callable[..., None], *more: str
) -> Response:
    try:
        with request.app.state.database.begin() as db:
            step(db, caller.staff, number, *more, now)
    except ManageError as error:
        return _show(number, request, now, caller, str(error))
    return go(f"{LIST}/{number}", note=done)


@router.post(f"{LIST}/{{number}}/off")
def switch_off(number: Number, request: Request, now: Now, caller: Admin) -> Response:
    """Let the person in no more; their sign-ins end at once."""
    return _do(number, request, now, caller, "account_off", managing.switch_off)


@router.post(f"{LIST}/{{number}}/on")
def switch_on(number: Number, request: Request, now: Now, caller: Admin) -> Response:
    """Let the person in again."""
    return _do(number, request, now, caller, "account_on", managing.switch_on)


@router.post(f"{LIST}/{{number}}/two-step-off")
def end_two_step(number: Number, request: Request, now: Now, caller: Admin) -> Response:
    """Ask the person for no code any more, as when they lost their phone."""
    return _do(number, request, now, caller, "colleague_two_step_off", managing.end_two_step)


@router.post(f"{LIST}/{{number}}/password")
def reset(number: Number, request: Request, now: Now, caller: Admin) -> Response:
    """Give the person a start password, and show it this once."""
    try:
        with request.app.state.database.begin() as db:
            made = managing.reset(db, caller.staff, number, now)
    except ManageError as error:
        return _show(number, request, now, caller, str(error))
    return _started(request, now, caller, made, added=False)
