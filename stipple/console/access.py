"""Who may see and do what in the console, and what a person reads who may not."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import Cookie, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError

from stipple.console.forms import Form, FormError, read_form
from stipple.console.render import problem_page
from stipple.console.signins import LONGEST, find_sign_in
from stipple.gateway.chat import Now
from stipple.records.staff_models import ROLES, Staff, StaffSession

COOKIE = "stipple_staff"
HOME, SIGN_IN = "/staff", "/staff/sign-in"
PASSWORD = f"{HOME}/account/password"
StaffToken = Annotated[str | None, Cookie(alias=COOKIE)]


class SignInNeededError(Exception):
    """Nobody is signed in."""


class OwnPasswordNeededError(Exception):
    """The person came with a start password, and must choose one of their own before they do anything else."""


class NotFoundError(Exception):
    """Nothing is there."""


class NotAllowedError(Exception):
    """The person's role does not reach this far."""


class ForgedFormError(Exception):
    """A form that does not come from a page of this sign-in."""


@dataclass(frozen=True)
class Caller:
    """Who asks for a page, and through which sign-in."""

    staff: Staff
    sign_in: StaffSession

    def may(self, role: str) -> bool:
        """Whether the person may do what ``role`` may."""
        return ROLES.index(self.staff.role) >= ROLES.index(role)


def require(
    role: str, in_use: bool = True, reader: Callable[..., Any] = read_form, starting: bool = False
) -> Callable[..., Caller]:
    """The dependency that lets in whoever has ``role`` or more; a posted form must come from their own page.

    ``in_use`` false is for what a page asks by itself, ``reader`` for a form that `read_form` does not read, and
    ``starting`` for what a person may do before they have chosen a password of their own.
    """

    def caller(request: Request, now: Now, form: Annotated[Form, Depends(reader)], token: StaffToken = None) -> Caller:
        with request.app.state.database.begin() as db:
            sign_in = find_sign_in(db, token, now, in_use) if token else None
            request.app.state.packs.refresh(db)
        if sign_in is None:
            raise SignInNeededError
        found = Caller(sign_in.staff, sign_in)
        if request.method == "POST" and not same(form.get("csrf", ""), sign_in.csrf):
            raise ForgedFormError
        if found.staff.start_password_until and not starting:
            raise OwnPasswordNeededError
        if not found.may(role):
            raise NotAllowedError
        return found

    return caller


Reviewer = Annotated[Caller, Depends(require("reviewer"))]
Practitioner = Annotated[Caller, Depends(require("practitioner"))]
Admin = Annotated[Caller, Depends(require("admin"))]
Starter = Annotated[Caller, Depends(require("reviewer", starting=True))]
Watcher = Annotated[Caller, Depends(require("reviewer", in_use=False))]


def same(given: str, expected: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def set_cookie(response: Response, name: str, token: str, request: Request, seconds: int | None = None) -> None:
    """Keep ``token`` in the browser for the console's pages only, out of reach of scripts and of other sites."""
    secure = request.app.state.settings.base_url.startswith("https://")
    response.set_cookie(name, token, seconds, path=HOME, secure=secure, httponly=True, samesite="strict")


def remember(response: Response, token: str, request: Request) -> None:
    """Keep the sign-in in the browser."""
    set_cookie(response, COOKIE, token, request, int(LONGEST.total_seconds()))


def safe_next(path: str) -> str:
    """Where to go after the sign-in: a page of the console, whatever the address asks for."""
    parts = urlsplit(path)
    within = path == HOME or path.startswith((f"{HOME}/", f"{HOME}?"))
    harmless = within and not parts.scheme and not parts.netloc and "\\" not in path and path.isprintable()
    return path if harmless and not path.startswith(SIGN_IN) else HOME


def go(path: str, **query: str) -> RedirectResponse:
    """Send the browser to another page of the console."""
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, status_code=303)


class ConsoleRoute(APIRoute):
    """A page of the console: nothing of it is kept by browsers, and each refusal is a page in plain words."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The handler that FastAPI calls."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                response: Response = await handle(request)
            except Exception as error:
                response = _refusal(request, error)
            response.headers["Cache-Control"] = "no-store"
            return response

        return guarded


def _refusal(request: Request, error: Exception) -> Response:
    """The page that answers an error of the person's or of the database's; any other error goes on."""
    if isinstance(error, SignInNeededError):
        return _to_sign_in(request)
    if isinstance(error, OwnPasswordNeededError):
        return go(PASSWORD)
    if isinstance(error, NotFoundError | RequestValidationError):
        return problem_page(request, 404, "Nothing is here", "The page does not exist, or what it showed is closed.")
    if isinstance(error, NotAllowedError):
        text = "Your account may not open this page or change this. Ask whoever looks after your clinic's accounts."
        return problem_page(request, 403, "Not with your account", text)
    if isinstance(error, ForgedFormError):
        text = "Nothing was changed, because this page was out of date. Go back, reload the page, and try again."
        return problem_page(request, 403, "Please try again", text)
    if isinstance(error, FormError):
        return problem_page(request, 413, "Please try again", str(error))
    if isinstance(error, DBAPIError):
        text = "The patients' messages cannot be read just now. Please reload the page in a minute."
        return problem_page(request, 503, "Something does not work", text)
    raise error


def _to_sign_in(request: Request) -> Response:
    """The way to the sign-in page and back.

    A link in another site's page, such as a web mailbox, comes without the cookie, which is kept from other sites. So
    the browser is asked to come once more, from this site.
    """
    if request.headers.get("x-stipple-watch"):
        return Response(status_code=401)
    wanted = request.url.path if request.method == "GET" else HOME
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    if request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
        text = "One moment. If nothing happens, use the link."
        return problem_page(request, 200, "Opening the page", text, again=safe_next(wanted + query))
    return go(SIGN_IN, next=safe_next(wanted + query))
