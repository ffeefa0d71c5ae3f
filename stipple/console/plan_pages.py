"""The two pages on the way to a changed topic: the form, and what the change means for patients."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi import Request, Response

from stipple.care.plan_difference import DAYS_AHEAD
from stipple.care.plan_edit import LAST_START
from stipple.console import plan_desk, plan_view
from stipple.console.access import Caller
from stipple.console.audit import note
from stipple.console.forms import Form
from stipple.console.plan_desk import Answers, Base, Proposal
from stipple.console.plan_form import Draft, shown
from stipple.console.render import page

MOST_LISTED = 50


@dataclass(frozen=True)
class Step:
    """One step of a person's change. ``draft`` is None where an earlier version is restored, which has no form."""

    request: Request
    now: datetime
    caller: Caller
    base: Base
    form: Form
    draft: Draft | None

    @property
    def today(self) -> date:
        """The clinic's calendar date."""
        return self.now.astimezone(self.request.app.state.pack.profile.zone).date()

    @property
    def answers(self) -> Answers:
        """What was written beside the change."""
        reason, clinician = (" ".join(self.form.get(name, "").split()) for name in ("reason", "clinician"))
        return Answers(reason, self.form.get("approved") == "yes", clinician)


def form_page(step: Step, draft: Draft, stale: bool = False, top: list[str] | None = None) -> Response:
    """The form; ``stale``: a colleague changed the topic meanwhile; ``top``: problems that belong to no window."""
    values: dict[str, Any] = {
        "base": step.base,
        "rows": shown(step.base.read, draft),
        "strip": plan_view.of_topic(step.base.topic) if stale else None,
        "top": top or [],
        "wrong": bool(draft.problems),
        "stale": stale,
        "answers": step.answers,
        "verdicts": plan_view.PLAN_VERDICTS,
        "confidence": plan_view.CONFIDENCE,
        "last_start": LAST_START,
    }
    status = 409 if stale else 422 if draft.problems or top else 200
    return page(step.request, "care_plan_edit.html", step.now, status, caller=step.caller, **values)


def review_page(step: Step, proposal: Proposal, wrong: dict[str, str], trouble: list[str]) -> Response:
    """What changes, by day and by patient; ``wrong`` are problems of the answers, ``trouble`` those of the content.

    The list of patients is noted, as each view of theirs is.
    """
    base, pack = step.base, step.request.app.state.pack
    with step.request.app.state.database.begin() as db:
        note(db, step.now, "plan_reach_viewed", f"care_plan/{base.topic.id}", step.caller.staff.id)
        reached = plan_desk.reached(db, base, proposal, pack, step.now)
    values: dict[str, Any] = {
        "base": base,
        "proposal": proposal,
        "rows": shown(base.read, step.draft) if step.draft else [],
        "standings": plan_view.standings(base.read, proposal.read),
        "new": [w for w in proposal.read.windows if w not in base.read.windows],
        "eases": plan_desk.eases(base, proposal),
        "reached": reached,
        "most": MOST_LISTED,
        "ahead": DAYS_AHEAD,
        "today": step.today,
        "answers": step.answers,
        "longest": (plan_desk.MOST_REASON, plan_desk.MOST_NAME),
        "wrong": wrong,
        "trouble": trouble,
        "days": plan_view.days,
        "direction": plan_view.direction,
        "verdicts": plan_view.PLAN_VERDICTS,
    }
    status = 422 if wrong or trouble else 200
    return page(step.request, "care_plan_review.html", step.now, status, caller=step.caller, **values)
