"""From a template to a page. Whatever is put into a template is encoded."""

from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stipple.console import words

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
# What a page says after something was done; the address names it, so it can be none but these.
NOTICES = {
    "took": "You look after this patient now. Nobody else is told any more.",
    "closed": "Closed. Your note is saved.",
    "done": "Done. The conversation comes back when the patient writes and needs a person again.",
    "taken_before": "A colleague was quicker: nothing was changed.",
    "gone": "A colleague has closed this already: nothing was changed.",
    "plan_saved": "Saved. The next patient who asks gets this plan.",
    "plan_moved": "A colleague changed this topic meanwhile. Nothing was changed now; please look again.",
    "revoked": "That browser is signed out.",
    "revoked_others": "You are signed out everywhere else.",
}

environment = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.filters |= {"tel": words.tel, "ago": words.ago, "moment": words.moment}


def page(request: Request, template: str, now: datetime, status: int = 200, **values: Any) -> HTMLResponse:
    """The template as a page, with what every page needs."""
    pack = request.app.state.pack
    shared = {
        "clinic": pack.profile.name,
        "zone": pack.profile.zone,
        "now": now,
        "path": request.url.path,
        "notice": NOTICES.get(request.query_params.get("note", ""), ""),
        "caller": None,
    }
    return HTMLResponse(environment.get_template(template).render(shared | values), status)


def problem_page(request: Request, status: int, title: str, text: str, again: str = "") -> HTMLResponse:
    """A page that says what is the matter; ``again`` is an address to open at once."""
    values = {"title": title, "text": text, "again": again, "caller": None, "notice": ""}
    values["clinic"] = request.app.state.pack.profile.name
    values["path"] = request.url.path
    return HTMLResponse(environment.get_template("problem.html").render(values), status)
