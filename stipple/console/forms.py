"""Reading a posted form: small, and of the kind that a page without files sends."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

MOST_BYTES = 32_000
# The care plan's page asks for eight fields of each window.
MOST_FIELDS = 120


class FormError(Exception):
    """A form that no page of the console sends; the message says so to the person."""


Form = dict[str, str]


async def read_form(request: Request) -> Form:
    """The fields of a posted form; empty for a page that is only looked at.

    Raises:
        FormError: when it is too large or of another kind.
    """
    if request.method != "POST":
        return {}
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise FormError("That was more text than can be saved here. Please write less.")
    if body and not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise FormError("That form could not be read.")
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise FormError("That form could not be read.") from None
    # PostgreSQL stores no NUL.
    return {name: value.replace("\0", "") for name, value in pairs}


Posted = Annotated[Form, Depends(read_form)]
