"""How far the patient is: counts and dates from their own record."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from stipple.care.healing import HealingDay, healing_day
from stipple.care.progress import Progress, day_plan, progress, usual_gap
from stipple.care.session_day import coming_session

from .envelope import button, trace
from .turn import Answer, Question, Turn

Told = tuple[str, object]
# "How long ago was my last session" wants a number, "when was it" a date.
HOW_LONG = re.compile(r"\bhow (?:long|many (?:days|weeks))\b", re.IGNORECASE)
ONE_AFTER = re.compile(
    r"\b(?:after (?:that|this|the next|it)|(?:one|session|visit) after|third|3rd|fourth|4th|last one|following)\b", re.I
)
# What a visitor is told from the sessions that they told of.
TOLD_BY_VISITORS = {"days_since", "last_session", "record", "today_plan", "healing_stage"}
# What needs no record, with the sentence that answers it.
FOR_EVERYBODY = {"why_complete": "why_complete", "too_soon": "too_soon_general", "missed": "missed"}
# Healing stages by the last day that each holds, as in the healing-sign windows.
STAGES = ((3, "stage_early"), (14, "stage_scabs"), (42, "stage_settling"))


def answer(question: Question, turn: Turn) -> Answer:
    """The fact asked for, with its number or date in the trace."""
    standing = progress(turn.record, turn.now) if turn.record else None
    if standing is None:
        told = _of_visitor(question, turn)
    else:
        topic = "days_since" if question.topic == "last_session" and HOW_LONG.search(turn.text) else question.topic
        question = replace(question, label=f"progress/{topic}")
        told = FACTS[topic](standing, turn)
    value = told[1].isoformat() if isinstance(told[1], date) else told[1]
    day = standing.days_since if standing else None
    facts = {"value": value, "asked_day": day, "from_record": standing is not None}
    plan = (button(turn.say("button_today"), "progress/today_plan"),) if question.topic != "today_plan" else ()
    return Answer((told[0],), (trace("progress", question.topic, question, **facts),), plan)


def _of_visitor(question: Question, turn: Turn) -> Told:
    """What holds for everybody, and the days that a visitor has told; everything else only a record knows."""
    if question.topic in FOR_EVERYBODY:
        return turn.say(FOR_EVERYBODY[question.topic], phone=turn.pack.profile.phone), None
    if turn.next_session and question.topic == "next_session":
        return turn.say("next_told", date=turn.show_date(turn.next_session)), turn.next_session
    if turn.session_date is None or question.topic not in TOLD_BY_VISITORS:
        return turn.say("progress_none", phone=turn.pack.profile.phone), None
    ahead = _named_date(turn.session_date, turn)
    on = ahead or turn.today
    day = (on - (turn.told_session_before(on) or turn.session_date)).days
    if question.topic == "today_plan":
        # Nobody here knows whether the course is done: the stricter plan holds.
        return _plan(on, day, course_complete=False, turn=turn), day
    if question.topic == "healing_stage":
        return _stage(day, turn), day
    if ahead is None:
        return turn.say("days_told", date=turn.show_date(turn.session_date), day=day), day
    return _day_ahead(ahead, day, turn), day


def _day_ahead(on: date, day: int, turn: Turn) -> str:
    """The healing day on a date to come; a session before it starts the days again, which is told first."""
    session = on - timedelta(days=day)
    anew = turn.say("counted_anew", date=turn.show_date(session)) + " " if session > turn.today else ""
    return anew + turn.say("on_date", date=turn.show_date(on), day=day)


def _days_since(p: Progress, turn: Turn) -> Told:
    if p.last_session is None:
        return turn.say("days_since_none"), None
    ahead = _standing_ahead(p.last_session, turn)
    if ahead:
        return _day_ahead(ahead.on, ahead.day, turn), ahead.day
    return turn.say("days_since", date=turn.show_date(p.last_session), day=p.days_since), p.days_since


def _named_date(last: date, turn: Turn) -> date | None:
    """The date ahead that the message names, outright or as a day of healing since the session on ``last``."""
    if any(turn.today in m.dates for m in turn.days):
        # "Is today day nought or day one" asks of today.
        return None
    asked = (m for m in turn.days if m.meaning != "claimed_day")
    dates = (d for m in asked for d in (m.dates or (last + timedelta(days=m.day or 0),)))
    return next((d for d in dates if d > turn.today), None)


def _standing_ahead(last: date, turn: Turn) -> HealingDay | None:
    """Where the patient will stand on the date ahead that the message names."""
    on = _named_date(last, turn)
    return healing_day(turn.record, on, turn.now) if on and turn.record else None


def _sessions_done(p: Progress, turn: Turn) -> Told:
    return turn.say("sessions_done", done=p.done, planned=p.planned), p.done


def _sessions_left(p: Progress, turn: Turn) -> Told:
    name = {0: "sessions_left_none", 1: "sessions_left_one"}.get(p.left, "sessions_left")
    return turn.say(name, left=p.left, planned=p.planned), p.left


def _next_session(p: Progress, turn: Turn) -> Told:
    if p.next_session is None:
        name = "next_session_none" if p.left else "next_session_finished"
        return turn.say(name, phone=turn.pack.profile.phone), None
    day = p.next_session.date()
    text = turn.say("next_session", date=turn.show_date(day), time=f"{p.next_session:%H:%M}") + _not_on(p, day, turn)
    after = f" {_one_after(p, day, turn)}" if p.left > 1 and ONE_AFTER.search(turn.text) else ""
    return text + after, day


def _not_on(p: Progress, day: date, turn: Turn) -> str:
    """That the record has no session on the day for which the patient believes to have one."""
    told = coming_session(turn.text, turn.today)
    booked = {day, *([p.one_after.date()] if p.one_after else [])}
    if told is None or told in booked:
        return ""
    return " " + turn.say("next_session_not_on", date=turn.show_date(told), phone=turn.pack.profile.phone)


def _one_after(p: Progress, day: date, turn: Turn) -> str:
    """The session after the next one on ``day``: its date, or when it may be."""
    if p.one_after:
        return turn.say("next_after", date=turn.show_date(p.one_after.date()), time=f"{p.one_after:%H:%M}")
    first, last = (turn.show_date(on) for on in usual_gap(day))
    return turn.say("next_after_none", first=first, last=last)


def _last_session(p: Progress, turn: Turn) -> Told:
    if p.last_session is None:
        return turn.say("days_since_none"), None
    name = "last_session_by" if p.last_practitioner else "last_session"
    text = turn.say(name, date=turn.show_date(p.last_session), practitioner=p.last_practitioner)
    return text, p.last_session


def _today_plan(p: Progress, turn: Turn) -> Told:
    if p.last_session is None or turn.healing is None:
        return turn.say("days_since_none"), None
    standing = _standing_ahead(p.last_session, turn) or turn.healing
    return _plan(standing.on, standing.day, standing.course_complete, turn), standing.day


def _plan(on: date, day: int, course_complete: bool, turn: Turn) -> str:
    """What the care plan allows and forbids on the date ``on``, one line for each verdict."""
    plan = day_plan(turn.pack.care_plan, day, course_complete)
    name = "plan_on" if on > turn.today else "today_plan"
    lines = [turn.say(name, date=turn.show_date(on), day=day)]
    for verdict in ("do", "avoid", "care", "ask", "ok"):
        titles = ", ".join(topic.title for topic, _ in plan.get(verdict, []))
        lines += [turn.say(f"plan_{verdict}", topics=titles)] if titles else []
    return "\n".join(lines)


def _healing_stage(p: Progress, turn: Turn) -> Told:
    if p.days_since is None:
        return turn.say("days_since_none"), None
    return _stage(p.days_since, turn), p.days_since


def _stage(day: int, turn: Turn) -> str:
    stage = next((name for last, name in STAGES if day <= last), "stage_healed")
    return f"{turn.say('today', day=day)} {turn.say(stage)} {turn.say('stage_worry')}"


def _too_soon(p: Progress, turn: Turn) -> Told:
    if p.last_session is None:
        return turn.say("too_soon_none"), None
    earliest, _ = usual_gap(p.last_session)
    if p.gap_days is not None:
        return f"{turn.say('too_soon_none')} {turn.say('gap_booked', days=p.gap_days)}", p.gap_days
    if earliest < turn.today:
        return turn.say("too_soon_past", days=p.days_since, phone=turn.pack.profile.phone), None
    return turn.say("too_soon", date=turn.show_date(earliest)), None


def _missed(p: Progress, turn: Turn) -> Told:
    return turn.say("missed", phone=turn.pack.profile.phone), None


def _why_complete(p: Progress, turn: Turn) -> Told:
    return turn.say("why_complete"), None


def _my_goal(p: Progress, turn: Turn) -> Told:
    goal = turn.pack.goals.get(p.goal or "")
    return (turn.say("my_goal", goal=goal.title), p.goal) if goal else (turn.say("my_goal_none"), None)


def _record(p: Progress, turn: Turn) -> Told:
    facts = " ".join(FACTS[name](p, turn)[0] for name in ("last_session", "sessions_done", "next_session"))
    profile = turn.pack.profile
    return turn.say("record", facts=facts, phone=profile.phone, email=profile.email), None


FACTS: dict[str, Callable[[Progress, Turn], Told]] = {
    "days_since": _days_since,
    "sessions_done": _sessions_done,
    "sessions_left": _sessions_left,
    "next_session": _next_session,
    "last_session": _last_session,
    "today_plan": _today_plan,
    "healing_stage": _healing_stage,
    "why_complete": _why_complete,
    "too_soon": _too_soon,
    "missed": _missed,
    "my_goal": _my_goal,
    "record": _record,
}
