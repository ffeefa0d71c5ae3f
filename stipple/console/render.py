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
    "assigned": "Your colleague was asked. Staff are still told of a danger sign until somebody takes it.",
    "kept": "You look after this now.",
    "given": "Your colleague looks after this now.",
    "resolved": "Resolved. It comes back when the patient needs the same again.",
    "taken_before": "A colleague was quicker: nothing was changed.",
    "proposed": "Proposed. A colleague who is a practitioner can approve it now.",
    "proposal_rejected": "Sent back. Your reason is saved with it.",
    "proposal_withdrawn": "Withdrawn. The text is your draft again.",
    "wording_published": "Approved and published. Patients read it from their next message on.",
    "wording_back": "Published. Patients read the earlier text from their next message on.",
    "draft_gone": "Your draft is thrown away. This is what patients read now.",
    "gone": "This is not open any more: nothing was changed.",
    "tagged": "The tags are saved.",
    "commented": "Your comment is saved.",
    "withdrawn": "Your comment is withdrawn.",
    "reviewed": "Your verdict is saved.",
    "settled": "Settled. That verdict counts.",
    "tag_added": "The tag is there for everybody to use.",
    "all_read": "There is nothing left to review.",
    "plan_saved": "Saved. The next patient who asks gets this plan.",
    "plan_moved": "A colleague changed this topic meanwhile. Nothing was changed now; please look again.",
    "revoked": "That browser is signed out.",
    "revoked_others": "You are signed out everywhere else.",
    "patient_added": "The patient is added. Next, add the course and its sessions.",
    "record_saved": "Saved. The assistant answers by it from now on.",
    "record_changed": "The record has changed since the page was shown, so nothing was saved. Please look again.",
    "consent": "Noted. The steps before are kept.",
    "rule_ended": "The own rule is ended. The care plan holds again.",
    "imported": "Imported, just as it was shown. The file is thrown away.",
    "import_different": "Nothing was imported: records have changed since. This is what would happen now.",
    "upload_gone": "That file is no longer kept, or was imported already. Choose it again if you need to.",
    "windows": "The file is in an older encoding (Windows-1252). Please check that accents look right below.",
    "erased": "The patient is erased. Nothing of them is left here.",
    "erased_before": "This patient is not in the records any more.",
    "engine_cleared": "The assistant has forgotten them too. Nothing is left.",
    "lesson_proposed": "Saved. A colleague who is a practitioner can accept it now.",
    "lesson_none": "Noted: there is nothing to learn from that message.",
    "lesson_accepted": "Accepted. It is part of the next export.",
    "lesson_rejected": "Turned down. Your reason is saved with it.",
    "lesson_withdrawn": "Taken back.",
    "password_changed": "Your password is changed. You are signed out everywhere else.",
    "two_step_on": "Two-step sign-in is on. From the next sign-in on you are asked for a code.",
    "two_step_off": "Two-step sign-in is off. You can delete the entry in your app.",
    "role_changed": "The role is changed. It holds from the person’s next click on.",
    "account_off": "The account is switched off, and the person is signed out everywhere.",
    "account_on": "The account is switched on. The person signs in with the password they had.",
    "colleague_two_step_off": "Two-step sign-in is off for this account. The person is signed out everywhere.",
    "links_withdrawn": "No unused link of this patient works any longer.",
}

# What the menu leads to, and whom it shows it to.
PAGES = (
    ("/staff", "Inbox", "reviewer"),
    ("/staff/conversations", "Conversations", "reviewer"),
    ("/staff/reviews", "Reviews", "reviewer"),
    ("/staff/patients", "Patients", "practitioner"),
    ("/staff/clarity", "Clarity", "reviewer"),
    ("/staff/wordings", "Wordings", "reviewer"),
    ("/staff/care-plan", "Care plan", "reviewer"),
    ("/staff/learning", "Learning", "reviewer"),
    ("/staff/reports", "Reports", "reviewer"),
    ("/staff/accounts", "Colleagues", "admin"),
    ("/staff/audit", "Audit", "admin"),
    ("/staff/account", "My account", "reviewer"),
)

environment = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.globals["pages"] = PAGES
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
