"""Own rules of a patient's, which beat the care plan on their days: made by a practitioner, checked, and ended."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session as DbSession

from stipple.care.plan import rule_on_day
from stipple.care.record import PatientOverride
from stipple.care.telling import begun
from stipple.console.patients.changing import ChangedError, GoneError
from stipple.console.patients.edits import Edit, Place
from stipple.console.patients.fields import Field, Problems, Values, whole
from stipple.console.patients.standing import answer_of
from stipple.console.words import VERDICTS
from stipple.content.judging import HIGHEST_GRADE, forbidden, grade
from stipple.content.pack import Pack
from stipple.records.models import Override, Patient
from stipple.records.patients import to_record
from stipple.records.staff_models import Staff
from stipple.records.wordings import Published

LAST_DAY = 365
MOST_TEXT = 600
OF_CARE_PLAN = ("avoid", "care", "ok", "do", "ask")


def _fields(pack: Pack) -> list[Field]:
    topics = tuple((t.id, begun(t.title)) for t in pack.care_plan.values())
    verdicts = tuple((v, VERDICTS[v]) for v in OF_CARE_PLAN)
    text = "Whole, short sentences. The assistant puts the healing day, and that it is your rule, before them."
    return [
        Field("topic", "Topic", "select", options=(("", "Choose a topic"), *topics), required=True),
        Field("from_day", "From healing day", "number", "0 is the day of the session.", (), True, 3),
        Field("to_day", "To healing day", "number", "Leave it empty to keep the rule until you end it.", longest=3),
        Field("verdict", "Answer", "select", options=(("", "Choose an answer"), *verdicts), required=True),
        Field("text", "What the patient reads", "textarea", text, required=True, longest=MOST_TEXT),
        Field("reason", "Reason", "textarea", "For your colleagues; the patient does not see it.", (), True, MOST_TEXT),
    ]


def _empty(patient: Patient, place: Place, pack: Pack, now: datetime) -> Values:
    return dict.fromkeys((f.name for f in _fields(pack)), "")


def _check(db: DbSession, patient: Patient | None, place: Place, values: Values, pack: Pack, now: datetime) -> Problems:
    found: Problems = {}
    first, last = whole(values["from_day"], 0, LAST_DAY), whole(values["to_day"], 0, LAST_DAY)
    if first is None:
        found["from_day"] = f"Please write a whole number from 0 to {LAST_DAY}."
    if values["to_day"] and last is None:
        found["to_day"] = f"Please write a whole number from 0 to {LAST_DAY}, or leave it empty."
    elif first is not None and last is not None and last < first:
        found["to_day"] = "The last day lies before the first one."
    wrong = [f"it must never {what} (“{said}”)" for what, said in forbidden(values["text"])]
    if wrong:
        found["text"] = f"The assistant must not say this: {'; '.join(wrong)}."
    return found


def reading(text: str) -> str:
    """How hard a text is to read, told to whoever wrote it."""
    found = grade(text)
    if found <= HIGHEST_GRADE:
        return f"Easy to read: about {max(1, round(found))} years of school are enough."
    return f"Hard to read: it needs about {round(found)} years of school. Shorter words and sentences help."


def _override(place: Place, values: Values, now: datetime) -> Override:
    return Override(
        topic=values["topic"],
        from_day=int(values["from_day"]),
        to_day=int(values["to_day"]) if values["to_day"] else None,
        verdict=values["verdict"],
        text=values["text"],
        reason=values["reason"],
        author=place.by,
        created_at=now,
    )


def _apply(patient: Patient, place: Place, values: Values, pack: Pack, now: datetime) -> None:
    patient.overrides.append(_override(place, values, now))


def answer(patient: Patient, values: Values, pack: Pack, wordings: dict[str, Published], now: datetime) -> str | None:
    """What the patient reads with this rule: today if it holds today, else on its first day; None before a session."""
    told = PatientOverride(
        values["topic"],
        int(values["from_day"]),
        int(values["to_day"]) if values["to_day"] else None,
        values["verdict"],  # type: ignore[arg-type]
        values["text"],
    )
    record = to_record(patient, pack.profile.zone)
    record = replace(record, overrides=(*record.overrides, told))
    topic = pack.care_plan[values["topic"]]
    probe = partial(rule_on_day, topic, record, now=now)
    start = probe(0)
    if start is None:
        return None
    today = (record.local_date(now) - start.on).days
    ruling = probe(min(max(today, told.from_day), LAST_DAY if told.to_day is None else told.to_day))
    return answer_of(ruling, record, pack, wordings, now) if ruling else None


def end(patient: Patient, number: int, staff: Staff, now: datetime) -> None:
    """The rule holds no longer.

    Raises:
        GoneError: when the patient has no such rule.
        ChangedError: when it was ended before.
    """
    found = next((o for o in patient.overrides if o.id == number), None)
    if found is None:
        raise GoneError
    if found.ended_at is not None:
        raise ChangedError
    found.ended_at, found.ended_by = now, staff.name


NEW_RULE = Edit("Add an own rule", "rule_added", _fields, _empty, _check, _apply, new=True)
