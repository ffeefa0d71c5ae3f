"""Addresses under /staff that lead nowhere; asked last of all."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from stipple.console.access import HOME, ConsoleRoute, NotFoundError

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)


@router.get(f"{HOME}/{{rest:path}}")
def elsewhere(rest: str) -> Response:
    """Say in plain words that no page is here; a slash too many at the end does no harm."""
    if not rest.endswith("/") and rest:
        raise NotFoundError
    return RedirectResponse(f"{HOME}/{rest.strip('/')}".rstrip("/"), status_code=307)
