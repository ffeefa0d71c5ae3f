"""What colleagues did, in plain words: by kind of action, as the page of the audit tells and filters it."""

import re

from stipple.console.filters import NAMES
from stipple.console.patients.consents import KINDS as CONSENTS
from stipple.console.words import CODES, ROLE_NAMES, spaced

READING = {
    "viewed": "Looked at",
    "listed": "Looked through a list",
    "searched": "Searched for patients",
    "plan_reach_viewed": "Looked at whom a care plan change concerns",
    "review_next": "Took the next conversation to review",
    "downloaded": "Saved a file",
}
DOOR = {
    "signed_in": "Signed in",
    "signed_out": "Signed out",
    "sign_in_failed": "Failed to sign in",
    "sign_in_revoked": "Signed another browser out",
    "sign_ins_revoked": "Signed out everywhere else",
}
ACCOUNTS = {
    "account_added": "Added an account",
    "role_changed": "Changed a role",
    "account_disabled": "Switched an account off",
    "account_enabled": "Switched an account on",
    "account_reset": "Gave a new password",
    "password_changed": "Changed the own password",
    "password_refused": "Typed a wrong password",
    "two_step_on": "Switched two-step sign-in on",
    "two_step_off": "Switched two-step sign-in off",
}
PATIENTS = {
    "patient_added": "Added a patient",
    "details_changed": "Changed a patient’s details",
    "course_added": "Added a course",
    "course_changed": "Changed a course",
    "session_added": "Added a session",
    "session_changed": "Changed a session",
    "rule_added": "Set an own rule",
    "rule_ended": "Ended an own rule",
    "consent_given": "Noted a consent",
    "consent_withdrawn": "Noted a withdrawn consent",
    "link_made": "Made a sign-in link",
    "links_withdrawn": "Withdrew sign-in links",
    "uploaded": "Chose a file to import",
    "imported": "Imported a file",
    "exported": "Saved everything held of a patient",
    "erased": "Erased a patient",
    "engine_cleared": "Let the assistant forget who was erased",
}
INBOX = {
    "took": "Took over",
    "assigned": "Asked a colleague to look after it",
    "looked_after": "Looked after a call for a person",
    "closed": "Closed a danger sign",
    "resolved": "Resolved",
}
REVIEWS = {
    "reviewed": "Gave a verdict",
    "verdict_settled": "Settled a verdict",
    "tagged": "Set a tag",
    "untagged": "Took a tag away",
    "tag_added": "Made a new tag",
    "commented": "Wrote a comment",
    "comment_changed": "Changed a comment",
    "comment_withdrawn": "Withdrew a comment",
}
TEXTS = {
    "wording_drafted": "Drafted a wording",
    "wording_discarded": "Threw a draft away",
    "wording_proposed": "Proposed a wording",
    "wording_approved": "Approved a wording",
    "wording_rejected": "Sent a wording back",
    "wording_withdrawn": "Withdrew a proposal",
    "wording_rolled_back": "Brought an earlier wording back",
    "plan_changed": "Changed the care plan",
}
LEARNING = {
    "lesson_proposed": "Proposed something to learn",
    "lesson_none": "Noted that there is nothing to learn",
    "lesson_accepted": "Accepted a lesson",
    "lesson_rejected": "Turned a lesson down",
    "lesson_withdrawn": "Took a lesson back",
    "lessons_exported": "Saved the lessons",
}
CHANGES = DOOR | ACCOUNTS | PATIENTS | INBOX | REVIEWS | TEXTS | LEARNING
ACTIONS = READING | CHANGES
# What the page can be narrowed down to: a name and the actions it stands for.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "changes": ("Everything but looking", tuple(CHANGES)),
    "reading": ("Looking, searching, saving files", tuple(READING)),
    "door": ("Signing in and out", tuple(DOOR)),
    "accounts": ("Accounts and passwords", tuple(ACCOUNTS)),
    "patients": ("Patients’ records", tuple(PATIENTS)),
    "inbox": ("Danger signs and inbox", tuple(INBOX)),
    "reviews": ("Reviews, tags, comments", tuple(REVIEWS)),
    "texts": ("Wordings and care plan", tuple(TEXTS)),
    "learning": ("Learning", tuple(LEARNING)),
}
PLAN_CHANGES = {"edit": "by hand", "restore": "back to an earlier plan", "files": "back to the files"}
NO_PERSON = "none"
COMMAND_LINE, STRANGER = "Command line", "Somebody unknown"


def action_words(action: str) -> str:
    """What was done."""
    return ACTIONS.get(action, spaced(action).capitalize())


def nobody(action: str) -> str:
    """Who it was when no account stands beside it."""
    return STRANGER if action == "sign_in_failed" else COMMAND_LINE


def detail_words(action: str, detail: str, names: dict[int, str]) -> str:
    """What else the audit knows of it; ``names`` are those of the accounts by number."""
    if action == "listed":
        return f"by {', '.join(NAMES.get(part, part).lower() for part in detail.split())}" if detail else ""
    if colleague := re.fullmatch(r"to staff/(\d+)", detail):
        return names.get(int(colleague[1]), detail)
    if role := re.fullmatch(r"role (\w+)", detail):
        return ROLE_NAMES.get(role[1], role[1])
    if action == "rule_ended" or detail == "command line":
        return ""
    if action.startswith("consent_"):
        return CONSENTS.get(detail, detail)
    if action == "plan_changed":
        return PLAN_CHANGES.get(detail, detail)
    return CODES.get(detail, detail)
