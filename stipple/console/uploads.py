"""Reading a posted form with one file in it; only whoever is signed in may send that much."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from stipple.console.access import Caller, SignInNeededError, StaffToken, require
from stipple.console.forms import MOST_FIELDS, FormError
from stipple.console.signins import find_sign_in
from stipple.gateway.chat import Now

MOST_BYTES = 5_000_000
# What the boundaries and the other fields of the form take.
AROUND = 20_000


class UploadForm(dict[str, str]):
    """The fields of a form, and the file that was chosen with its name."""

    name: str = ""
    content: bytes = b""


def _signed_in(request: Request, now: Now, token: StaffToken = None) -> None:
    """Before megabytes are read: somebody must be signed in."""
    with request.app.state.database.begin() as db:
        if not token or find_sign_in(db, token, now) is None:
            raise SignInNeededError


async def read_upload(request: Request, _known: Annotated[None, Depends(_signed_in)]) -> UploadForm:
    """The posted form.

    Raises:
        FormError: when it is too large or of another kind.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise FormError("That form could not be read.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES + AROUND:
            raise FormError("The file is larger than 5 MB. Please split it, and import one part after the other.")

    async def whole() -> AsyncGenerator[bytes]:
        yield body

    try:
        parsed = await MultiPartParser(request.headers, whole(), max_files=1, max_fields=MOST_FIELDS).parse()
    except (MultiPartException, ValueError, KeyError):
        raise FormError("That form could not be read.") from None
    form = UploadForm()
    for key, value in parsed.multi_items():
        if isinstance(value, UploadFile):
            form.name, form.content = (value.filename or "")[:200].replace("\0", ""), await value.read()
        else:
            form[key] = value.replace("\0", "")
    return form


Uploaded = Annotated[UploadForm, Depends(read_upload)]
Uploader = Annotated[Caller, Depends(require("practitioner", reader=read_upload))]
