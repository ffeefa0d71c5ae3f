"""From a patient's question to a case: the record reduced to days, and what the care plan says must come back."""

from datetime import datetime
from typing import Any

from stipple.care.healing import healing_day, upcoming
from stipple.care.plan import window_for
from stipple.care.record import CourseRecord, PatientRecord
from stipple.care.signs import sign_window
from stipple.content.pack import Pack
from stipple.evaluation.cases import CaseRecord

GROUP = "learned"
# Answered by what was said before, or in the middle of a form: one message cannot test them.
NEED_MORE = ("followup", "form_control")
NO_REPLY_OF_THEIR_OWN = ("smalltalk/affirm", "smalltalk/deny")
# Begun by a form, whose first question says nothing about what was understood.
FORMS = ("eligibility/general", "goals/general", "healing_sign/unsure")
# Whatever of these was meant, the answer is the same.
WITHOUT_TOPIC = ("out_of_scope", "unclear", "red_flag")
USUAL_PLANNED, MOST_SESSIONS, LATEST_DAY = 3, 20, 400


def can_be_tested(label: str) -> bool:
    """Whether one message and its reply can show that ``label`` was understood."""
    return label.partition("/")[0] not in NEED_MORE and label not in (*NO_REPLY_OF_THEIR_OWN, *FORMS)


def reduced(record: PatientRecord | None, now: datetime) -> CaseRecord | None:
    """Where the patient stands at ``now``, in days; nothing in it tells who they are. None for a visitor."""
    if record is None:
        return None
    today = record.local_date(now)
    standing, coming = healing_day(record, today, now), upcoming(record, now)
    held = [(v.starts_at, c) for c in record.courses for v in c.visits if _held(v.status, v.starts_at, now)]
    course = max(held, key=lambda h: h[0])[1] if held else next(iter(record.courses), None)
    done = sum(c is course for _, c in held)
    return CaseRecord(
        day=standing.day if standing else 0,
        done=min(done, MOST_SESSIONS),
        planned=_planned(course),
        final=bool(standing and standing.course_complete),
        next_in=(record.local_date(coming[0].starts_at) - today).days if coming else None,
    )


def _held(status: str, at: datetime, now: datetime) -> bool:
    return status in ("done", "planned") and at <= now


def _planned(course: CourseRecord | None) -> int:
    return min(max(course.planned, 1), MOST_SESSIONS) if course else USUAL_PLANNED


def expected(label: str, record: CaseRecord | None, day: int | None, pack: Pack) -> dict[str, Any]:
    """What the reply must show; ``day`` is the healing day asked about, None for that of the record.

    The verdict is the care plan's own, so a case can never ask for one that the clinic does not give.
    """
    kind, _, topic = label.partition("/")
    found: dict[str, Any] = {"kind": kind}
    if kind == "red_flag":
        return found | {"urgency": [pack.red_flags[topic].level]}
    if topic and kind not in WITHOUT_TOPIC:
        found["topic"] = [topic]
    treated = record is not None and record.done > 0
    if kind == "aftercare":
        return found | _aftercare(topic, record if treated else None, day, pack)
    if kind == "healing_sign" and record is not None:
        window = sign_window(pack.signs[topic], record.day if treated else None)
        return found | {"urgency": [window.urgency]}
    if kind == "eligibility":
        return found | {"verdict": [pack.conditions[topic].stance]}
    if kind == "preparation":
        return found | {"verdict": [pack.preparation[topic].verdict]}
    return found


def _aftercare(topic: str, record: CaseRecord | None, day: int | None, pack: Pack) -> dict[str, Any]:
    rules = pack.care_plan[topic]
    if record is None:
        # Without a record the assistant asks for the date, unless every day has the same answer.
        return {"verdict": [rules.windows[0].verdict]} if len(rules.windows) == 1 else {}
    asked = record.day if day is None else day
    return {"verdict": [window_for(rules, asked, record.is_final).verdict], "asked_day": asked}


def record_for(topic_from_course: bool, day: int) -> CaseRecord:
    """A usual patient on healing day ``day``: between sessions, or after the last where the topic counts from that."""
    if topic_from_course:
        return CaseRecord(day=day, done=USUAL_PLANNED, planned=USUAL_PLANNED, final=True, next_in=None)
    coming = CaseRecord(day=day, done=1, planned=USUAL_PLANNED).coming
    return CaseRecord(day=day, done=1, planned=USUAL_PLANNED, final=False, next_in=coming)
