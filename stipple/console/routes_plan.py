"""The care plan: reading it, each topic's page and history."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from stipple.console import plan_view
from stipple.console.access import HOME, ConsoleRoute, NotFoundError, Reviewer
from stipple.console.plan_desk import Base, read_base
from stipple.console.render import page
from stipple.gateway.chat import Now
from stipple.records.plan_changes import changes_of, newest_changes, notices, with_windows

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
PLAN = f"{HOME}/care-plan"
TopicId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def find(request: Request, topic: str) -> Base:
    """The topic as it is in use.

    Raises:
        NotFoundError: when there is none of that name.
    """
    with request.app.state.database.begin() as db:
        base = read_base(db, request.app.state.packs, topic)
    if base is None:
        raise NotFoundError
    return base


@router.get(PLAN)
def care_plan(request: Request, now: Now, caller: Reviewer) -> Response:
    """Every topic with its windows."""
    packs = request.app.state.packs
    with request.app.state.database.begin() as db:
        pack, changes = packs.refresh(db), newest_changes(db)
    changed = {topic for topic, change in changes.items() if change.kind != "files"}
    strip = plan_view.overview(pack.care_plan.values(), changed)
    values: dict[str, Any] = {
        "strip": strip,
        "verdicts": plan_view.PLAN_VERDICTS,
        "notices": list(notices(packs.files, changes)),
    }
    return page(request, "care_plan.html", now, caller=caller, **values)


@router.get(f"{PLAN}/{{topic}}")
def topic_page(topic: TopicId, request: Request, now: Now, caller: Reviewer) -> Response:
    """One topic: its strip, and the wording of each window."""
    base = find(request, topic)
    values: dict[str, Any] = {"base": base, "strip": plan_view.of_topic(base.topic), "days": plan_view.days}
    values |= {"counted": plan_view.COUNTED[base.topic.counted_from], "confidence": plan_view.CONFIDENCE}
    return page(request, "care_plan_topic.html", now, caller=caller, verdicts=plan_view.PLAN_VERDICTS, **values)


@router.get(f"{PLAN}/{{topic}}/history")
def history(topic: TopicId, request: Request, now: Now, caller: Reviewer) -> Response:
    """Who changed the topic, when, why, and what that made another."""
    base = find(request, topic)
    with request.app.state.database.begin() as db:
        changes = changes_of(db, topic)
    told = [
        (c, plan_view.difference(with_windows(base.files, c.before), with_windows(base.files, c.windows)))
        for c in changes
    ]
    return page(request, "care_plan_history.html", now, caller=caller, base=base, changes=told)
