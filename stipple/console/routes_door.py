"""The door: signing in and out, and where a person is signed in."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Cookie, Query, Request, Response

from stipple.console import signins
from stipple.console.access import (
    COOKIE,
    HOME,
    SIGN_IN,
    ConsoleRoute,
    ForgedFormError,
    Reviewer,
    StaffToken,
    Starter,
    go,
    remember,
    safe_next,
    same,
    set_cookie,
)
from stipple.console.forms import Posted
from stipple.console.render import page
from stipple.console.words import ROLE_MEANINGS, wait_words
from stipple.gateway.chat import Now

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
# Binds the sign-in form to the browser it was shown in, as long as nobody is signed in there.
FORM_COOKIE = "stipple_staff_form"
FORM_SECONDS = 12 * 3600
ACCOUNT = f"{HOME}/account"
WRONG = "The e-mail address, the password or the code is not right. Please check them and try again."
FormToken = Annotated[str | None, Cookie(alias=FORM_COOKIE)]


@router.get(SIGN_IN)
def sign_in_page(
    request: Request, now: Now, next_page: Annotated[str, Query(alias="next")] = HOME, token: StaffToken = None
) -> Response:
    """The page that asks who you are; whoever is signed in goes on."""
    with request.app.state.database.begin() as db:
        if token and signins.find_sign_in(db, token, now):
            return go(safe_next(next_page))
    return _ask(request, now, safe_next(next_page))


def _ask(request: Request, now: Now, next_page: str, problem: str = "", email: str = "", status: int = 200) -> Response:
    token = secrets.token_urlsafe(32)
    values = {"csrf": token, "next_page": next_page, "problem": problem, "email": email}
    response = page(request, "sign_in.html", now, status, **values)
    set_cookie(response, FORM_COOKIE, token, request, FORM_SECONDS)
    return response


@router.post(SIGN_IN)
def enter(request: Request, now: Now, form: Posted, expected: FormToken = None) -> Response:
    """Let in whoever knows the account's password, and has its code if it asks for one."""
    if not expected or not same(form.get("csrf", ""), expected):
        raise ForgedFormError
    next_page, email = safe_next(form.get("next", HOME)), form.get("email", "")[:200]
    given = signins.Credentials(
        email=email,
        password=form.get("password", ""),
        code=form.get("code", "")[:20],
        address=request.client.host if request.client else "unknown",
        user_agent=request.headers.get("user-agent", "")[:400],
    )
    try:
        token = signins.let_in(request.app.state.database, given, request.app.state.sealer, now)
    except signins.TooManyTriesError as error:
        words = f"There were too many tries. Please wait {wait_words(error.wait)}, then try again."
        response = _ask(request, now, next_page, words, email, 429)
        response.headers["Retry-After"] = str(int(error.wait.total_seconds()) + 1)
        return response
    except signins.RefusedError:
        return _ask(request, now, next_page, WRONG, email, 401)
    response = go(next_page)
    remember(response, token, request)
    return response


@router.post(f"{HOME}/sign-out")
def leave(request: Request, now: Now, caller: Starter) -> Response:
    """Sign out of this browser."""
    with request.app.state.database.begin() as db:
        signins.sign_out(db, caller.sign_in, now)
    response = go(SIGN_IN)
    response.delete_cookie(COOKIE, path=HOME, httponly=True, samesite="strict")
    return response


@router.get(ACCOUNT)
def account(request: Request, now: Now, caller: Reviewer) -> Response:
    """Who you are and where you are signed in."""
    with request.app.state.database.begin() as db:
        found = signins.sign_ins_of(db, caller.staff.id, now)
    places = [(signins.short_id(s), s, s.token_hash == caller.sign_in.token_hash) for s in found]
    return page(request, "account.html", now, caller=caller, places=places, meanings=ROLE_MEANINGS)


@router.post(f"{ACCOUNT}/revoke")
def revoke(request: Request, now: Now, form: Posted, caller: Reviewer) -> Response:
    """End one of your sign-ins, or all but this one."""
    with request.app.state.database.begin() as db:
        if form.get("which") == "others":
            signins.revoke_others(db, caller.sign_in, now)
            return go(ACCOUNT, note="revoked_others")
        ended = signins.revoke(db, caller.staff.id, form.get("which", ""), now)
    return go(ACCOUNT, note="revoked") if ended else go(ACCOUNT)
