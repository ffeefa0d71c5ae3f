"""What a person changes of their own account: the password, and two-step sign-in."""

from typing import Any

from fastapi import APIRouter, Request, Response

from stipple.console import own_password, two_step
from stipple.console.access import HOME, PASSWORD, Caller, ConsoleRoute, Reviewer, Starter, go
from stipple.console.accounts import locked_account
from stipple.console.forms import Posted
from stipple.console.own_password import OwnPasswordError
from stipple.console.passwords import LEAST_LENGTH, MOST_LENGTH
from stipple.console.qr import qr_code
from stipple.console.render import page
from stipple.console.two_step import CodeError, Offer
from stipple.gateway.chat import Now

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
ACCOUNT = f"{HOME}/account"
TWO_STEP = f"{ACCOUNT}/two-step"


@router.get(PASSWORD)
def password_page(request: Request, now: Now, caller: Starter) -> Response:
    """The form of a new password of one's own."""
    return _ask(request, now, caller, {})


def _ask(request: Request, now: Now, caller: Caller, problems: dict[str, str]) -> Response:
    starting = caller.staff.start_password_until is not None
    # Whoever has to choose a password sees no menu: it would lead back here.
    shown: dict[str, Any] = {"caller": None if starting else caller, "me": caller, "starting": starting}
    shown |= {"problems": problems, "least": LEAST_LENGTH, "most": MOST_LENGTH}
    return page(request, "password.html", now, 422 if problems else 200, **shown)


@router.post(PASSWORD)
def password(request: Request, now: Now, form: Posted, caller: Starter) -> Response:
    """Change one's own password; every other sign-in of the person ends."""
    starting = caller.staff.start_password_until is not None
    try:
        own_password.change(request.app.state.database, caller.sign_in, form, now)
    except OwnPasswordError as error:
        return _ask(request, now, caller, error.problems)
    return go(HOME if starting else ACCOUNT, note="password_changed")


@router.get(TWO_STEP)
def two_step_page(request: Request, now: Now, caller: Reviewer) -> Response:
    """The picture of a new secret, or the form that switches two-step sign-in off."""
    made = None if caller.staff.has_two_step else two_step.offer(caller.staff, request.app.state.sealer)
    return _show(request, now, caller, made)


def _show(request: Request, now: Now, caller: Caller, made: Offer | None, problem: str = "") -> Response:
    shown = {"offer": made, "picture": qr_code(made.address) if made else None, "problem": problem}
    return page(request, "two_step.html", now, 422 if problem else 200, caller=caller, most=MOST_LENGTH, **shown)


@router.post(TWO_STEP)
def start_two_step(request: Request, now: Now, form: Posted, caller: Reviewer) -> Response:
    """Switch two-step sign-in on, for whoever shows a code of the secret on the page."""
    sealer, made = request.app.state.sealer, None
    try:
        made = two_step.offered(caller.staff, form.get("ticket", ""), sealer)
        with request.app.state.database.begin() as db:
            two_step.switch_on(db, caller.staff, made, form.get("code", "")[:20], sealer, now)
    except CodeError as error:
        if caller.staff.has_two_step:
            return go(TWO_STEP)
        return _show(request, now, caller, made or two_step.offer(caller.staff, sealer), str(error))
    return go(ACCOUNT, note="two_step_on")


@router.post(f"{TWO_STEP}/off")
def end_two_step(request: Request, now: Now, form: Posted, caller: Reviewer) -> Response:
    """Switch two-step sign-in off, for whoever knows the password."""
    database = request.app.state.database
    try:
        own_password.prove(database, caller.staff, form.get("old", ""), now)
    except OwnPasswordError as error:
        return _show(request, now, caller, None, str(error))
    with database.begin() as db:
        two_step.switch_off(db, locked_account(db, caller.staff.id), now, caller.staff.id)
    return go(ACCOUNT, note="two_step_off")
