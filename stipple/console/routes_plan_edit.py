"""Changing a topic of the care plan: the form, the page that shows what changes, and saving."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from stipple.console import plan_desk, plan_form
from stipple.console.access import Caller, ConsoleRoute, go, require
from stipple.console.forms import Posted
from stipple.console.plan_check import run_check
from stipple.console.plan_desk import Proposal
from stipple.console.plan_pages import Step, form_page, review_page
from stipple.console.routes_plan import PLAN, TopicId, find
from stipple.gateway.chat import Now

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
Admin = Annotated[Caller, Depends(require("admin"))]
UNCHANGED = "Nothing is changed yet: this is the plan that is in use."


@router.get(f"{PLAN}/{{topic}}/edit")
def edit_page(topic: TopicId, request: Request, now: Now, caller: Admin) -> Response:
    """The form, with the windows in use."""
    base = find(request, topic)
    return form_page(Step(request, now, caller, base, {}, None), plan_form.fresh(base.read))


@router.post(f"{PLAN}/{{topic}}/edit")
def edit(topic: TopicId, request: Request, now: Now, form: Posted, caller: Admin) -> Response:
    """One step of the edit: split, join, or on to the page that shows what changes."""
    base, do = find(request, topic), form.get("do", "")
    draft = plan_form.done(base.read, plan_form.read(base.read, form), do)
    step = Step(request, now, caller, base, form, draft)
    if form.get("seen") != base.seen:
        return form_page(step, draft, stale=True)
    if do != "check" or draft.problems or draft.parts is None:
        return form_page(step, draft)
    return _checked(step, plan_desk.edited(base, draft.parts))


@router.post(f"{PLAN}/{{topic}}/restore")
def restore(topic: TopicId, request: Request, now: Now, form: Posted, caller: Admin) -> Response:
    """Show what changes when an earlier version, or the files' windows, are in use again."""
    step = Step(request, now, caller, find(request, topic), form, None)
    proposal = _restored(step)
    if proposal is None or form.get("seen") != step.base.seen:
        return _moved(step)
    return _checked(step, proposal)


@router.post(f"{PLAN}/{{topic}}/save")
def save(topic: TopicId, request: Request, now: Now, form: Posted, caller: Admin) -> Response:
    """Make the change the plan in use, once it is checked, explained and, where needed, approved."""
    base = find(request, topic)
    draft = None if "restore" in form else plan_form.done(base.read, plan_form.read(base.read, form), "check")
    step = Step(request, now, caller, base, form, draft)
    if form.get("seen") != base.seen:
        return _stale(step)
    if draft is not None and (draft.parts is None or draft.problems):
        return form_page(step, draft)
    proposal = plan_desk.edited(base, draft.parts) if draft and draft.parts else _restored(step)
    return _checked(step, proposal, saving=True) if proposal else _moved(step)


def _checked(step: Step, proposal: Proposal, saving: bool = False) -> Response:
    """The page that fits: the form again with what the content check found, the review, or that it is saved."""
    if step.draft and proposal.read == step.base.read:
        return form_page(step, step.draft, top=[UNCHANGED])
    found = run_check(plan_desk.with_proposal(step.request.app.state.pack, proposal), proposal.topic, step.today)
    if step.draft and (found.own or found.others):
        return form_page(step, replace(step.draft, problems=found.own), top=found.others)
    trouble = [p.message for p in found.own] + found.others
    wrong = step.answers.problems(plan_desk.eases(step.base, proposal)) if saving else {}
    if not saving or wrong or trouble:
        return review_page(step, proposal, wrong, trouble)
    try:
        with step.request.app.state.database.begin() as db:
            args = (step.request.app.state.packs, step.base.seen, proposal, step.answers, step.caller.staff)
            plan_desk.save(db, *args, step.now)
    except plan_desk.StaleError:
        return _stale(replace(step, base=find(step.request, step.base.topic.id)))
    return go(f"{PLAN}/{step.base.topic.id}", note="plan_saved")


def _stale(step: Step) -> Response:
    """A colleague was quicker, or the same button was pressed twice; what was typed comes back."""
    draft = step.draft
    if draft is None:
        return _moved(step)
    if draft.parts and plan_desk.edited(step.base, draft.parts).read == step.base.read:
        return go(f"{PLAN}/{step.base.topic.id}", note="plan_saved")
    return form_page(step, draft, stale=True)


def _moved(step: Step) -> Response:
    return go(f"{PLAN}/{step.base.topic.id}/history", note="plan_moved")


def _restored(step: Step) -> Proposal | None:
    with step.request.app.state.database.begin() as db:
        return plan_desk.restored(db, step.base, step.form.get("restore", ""))
