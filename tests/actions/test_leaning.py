"""Answers that lean on what was said before: can it wait, you got me wrong, the same asked again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rasa_sdk.events import SlotSet

from actions import aftercare, feedback, followup, healing_sign, progress
from actions.answering import _is_unsure, _to_answer, _without_comfort, memory
from actions.context import in_context
from actions.days import days_of
from actions.envelope import trace
from actions.not_again import not_again
from actions.not_understood import answer as not_understood
from actions.turn import Answer, Question
from stipple.care.record import CourseRecord, PatientRecord, Visit
from stipple.records.wordings import Published

from .conftest import NOW, MakeTurn, worded

HAT, RULE = Question("aftercare/hat", 0.9, "and a hat?"), "aftercare/hat/0-6"
LONG = Answer(("The long text.",), (trace("aftercare", "hat", HAT, rule_id=RULE, asked_day=3),))
WAIT = Question("followup/wait", 0.9, "can it wait till monday")
WORDS = {RULE: Published("The long text.", "", "In short: no.", 1)}


def last(**facts: Any) -> tuple[dict[str, Any], ...]:
    return ({"kind": "aftercare", "topic": "hat", "rule_id": RULE, "asked_day": 3} | facts,)


def test_what_was_just_read_is_said_in_simpler_words_with_a_person_to_ask(turn: MakeTurn) -> None:
    again = not_again(HAT, LONG, turn(told=last(), wordings=WORDS))
    assert "In short: no." in again.paragraphs[0]
    assert [b["title"] for b in again.buttons] == ["Talk to a person"]
    assert again.traces == (LONG.traces[0] | {"said_again": True},)
    enough = not_again(HAT, LONG, turn(told=again.traces, wordings=WORDS))
    assert enough.paragraphs[0].startswith("Sorry, I may not get what you ask.")
    assert [b["title"] for b in enough.buttons] == ["Talk to a person"]


def test_who_is_told_the_same_again_may_tap_what_else_they_may_have_asked(turn: MakeTurn) -> None:
    others = (("aftercare/helmet", 0.1), ("aftercare/hat", 0.1), ("smalltalk/thanks", 0.1), ("aftercare/sex", 0.01))
    again = not_again(replace(HAT, others=others), LONG, turn(told=last(), wordings=WORDS))
    assert [b["title"] for b in again.buttons] == ["Helmets and hard hats", "Talk to a person"]


def test_what_leans_on_the_last_answer_keeps_what_else_it_may_mean(turn: MakeTurn) -> None:
    unclear = Question("visit/comfort", 0.3, "is the room private", (("aftercare/hat", 0.4),))
    read = in_context(turn("is the room private", questions=(unclear,), told=last()))
    assert [q.label for q in read.questions] == ["aftercare/hat"]
    assert ("visit/comfort", 0.3) in read.questions[0].others


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("its a bit less than monday", "Good"),
        ("better not worse", "Good"),
        ("it is not getting better", "In short: In"),
        ("so is that normal or not", "In short: In"),
        ("how many days until it settles", "In short: In"),
    ],
)
def test_a_normal_sign_that_gets_better_is_good_news(turn: MakeTurn, text: str, lead: str) -> None:
    rule, sign = "healing_sign/itch/0-10", Question("healing_sign/itch", 0.9, text)
    facts = {"rule_id": rule, "asked_day": 3, "urgency": "normal"}
    itch = Answer(("The long text.",), (trace("healing_sign", "itch", sign, **facts),))
    before = ({"kind": "healing_sign", "topic": "itch", **facts},)
    here = turn(text, told=before, wordings={rule: WORDS[RULE]})
    assert not_again(sign, itch, here).paragraphs[0].startswith(lead)


@pytest.mark.parametrize(
    "before",
    [last(asked_day=4), last(rule_id="aftercare/hat/7-13"), last(verdict="ok"), last(wording_version=2), ()],
)
def test_what_is_another_answer_or_was_not_said_is_said_in_full(
    turn: MakeTurn, before: tuple[dict[str, Any], ...]
) -> None:
    assert not_again(HAT, LONG, turn(told=before, wordings=WORDS)) == LONG


def test_a_reason_a_rule_of_the_practitioners_and_a_risk_are_never_left_out(turn: MakeTurn) -> None:
    here = turn(told=last(), wordings=WORDS)
    assert not_again(Question("followup/why", 0.9, "why"), LONG, here) == LONG
    for more in ({"override": True}, {"risk": "diabetes"}):
        own = replace(LONG, traces=(LONG.traces[0] | more,))
        assert not_again(HAT, own, here) == own


@pytest.mark.parametrize("level", ["normal", "clinic", "doctor", "emergency", "crisis"])
def test_whether_it_can_wait_is_answered_by_the_level_that_was_told(turn: MakeTurn, level: str) -> None:
    answered = followup.answer(WAIT, turn(level=level))
    assert answered.traces[0]["urgency"] == level
    assert ("999" in answered.paragraphs[0]) == (level in {"doctor", "emergency", "crisis"})


@pytest.mark.parametrize("level", ["clinic", "doctor", "emergency", "crisis"])
def test_asked_again_whether_it_can_wait_the_advice_is_the_same_in_other_words(turn: MakeTurn, level: str) -> None:
    first = followup.answer(WAIT, turn(level=level))
    again = followup.answer(WAIT, turn(level=level, told=first.traces))
    assert again.traces == first.traces
    assert again.paragraphs != first.paragraphs


def test_between_the_three_questions_it_is_not_said_yet_how_soon(turn: MakeTurn) -> None:
    assert followup.answer(WAIT, turn(in_form=True)).paragraphs[0].startswith("I can say that once")


@pytest.mark.parametrize("label", ["followup/date", "followup/still", "followup/why", "unclear"])
@pytest.mark.parametrize("before", ["a safety text", "how soon"])
def test_what_leans_on_a_danger_sign_asks_about_being_seen(turn: MakeTurn, label: str, before: str) -> None:
    soon = trace("healing_sign", "unsure", urgency="doctor")
    facts: dict[str, Any] = {"answered": ("red_flag/pus",)} if before == "a safety text" else {"told": (soon,)}
    found = in_context(turn("and tomorrow?", questions=(Question(label, 0.8, ""),), **facts)).questions
    assert [q.label for q in found] == ["followup/wait"]


def test_who_was_seen_is_heard_and_no_longer_sent_away(turn: MakeTurn) -> None:
    seen = Question("followup/seen", 0.9, "just been seen")
    soon = trace("healing_sign", "unsure", urgency="doctor")
    here = in_context(turn("just been seen. can i wear my cap", questions=(seen, HAT), told=(soon,), level="doctor"))
    assert [q.label for q in _to_answer(here, True)] == [seen.label, HAT.label]
    answered = followup.answer(seen, here)
    assert "Do not come to a session" in " ".join(answered.paragraphs[0].split())
    assert SlotSet("told", []) in memory([answered], here)


@pytest.mark.parametrize(("level", "told"), [("emergency", ()), ("doctor", ("healing_sign/unsure",)), ("doctor", ())])
def test_nobody_who_was_sent_to_be_seen_is_told_that_driving_is_fine(
    turn: MakeTurn, level: str, told: tuple[str, ...]
) -> None:
    asked = (Question("aftercare/driving", 0.95, "can my wife drive me"),)
    last_answer = tuple(trace(*label.split("/"), urgency=level) for label in told)
    found = in_context(turn("can my wife drive me", questions=asked, told=last_answer, level=level)).questions
    is_fresh = level == "emergency" or bool(told)
    assert [q.label for q in found] == ["followup/wait" if is_fresh else "aftercare/driving"]


@pytest.mark.parametrize(("asked_day", "named"), [(5, [5]), (3, []), (1, [])])
def test_a_further_question_is_for_the_day_ahead_that_was_asked_about(
    turn: MakeTurn, asked_day: int, named: list[int]
) -> None:
    visit = Visit(1, NOW - timedelta(days=3), "done")
    record = PatientRecord(ZoneInfo("Europe/London"), (CourseRecord(1, None, 3, (visit,)),))
    here = turn("and the gym?", questions=(Question("aftercare/exercise", 0.9, ""),), told=last(asked_day=asked_day))
    assert [m.day for m in in_context(replace(here, record=record)).days] == named


def test_a_day_that_is_named_for_one_thing_is_not_the_day_of_what_is_asked_with_when(turn: MakeTurn) -> None:
    gym, swim = "when can i go back to the gym", "i fly on the 20th, is the sea ok"
    asked = [Question("aftercare/exercise", 0.9, gym), Question("aftercare/swimming", 0.9, swim)]
    here = turn(f"{gym}? {swim}", questions=tuple(asked))
    assert [len(days_of(q, here)) for q in asked] == [0, 1]


@pytest.mark.parametrize(("text", "named"), [("which one, bio oil", [5]), ("can i use it now", []), ("when can i", [])])
def test_the_same_asked_again_is_for_the_day_that_was_asked_about(turn: MakeTurn, text: str, named: list[int]) -> None:
    visit = Visit(1, NOW - timedelta(days=3), "done")
    record = PatientRecord(ZoneInfo("Europe/London"), (CourseRecord(1, None, 3, (visit,)),))
    here = turn(text, questions=(replace(HAT, confidence=0.9),), told=last(asked_day=5))
    assert [m.day for m in in_context(replace(here, record=record)).days] == named


def test_after_the_three_questions_that_end_well_driving_is_a_question_of_its_own(turn: MakeTurn) -> None:
    soon = trace("healing_sign", "unsure", urgency="normal")
    asked = turn("can i drive", questions=(Question("aftercare/driving", 0.9, ""),), told=(soon,))
    assert [q.label for q in in_context(asked).questions] == ["aftercare/driving"]


def test_what_is_not_understood_after_a_danger_sign_is_no_reason_to_ask_back(turn: MakeTurn) -> None:
    unsaid = turn("hmm", questions=(Question("about_smp/cost", 0.2, "hmm"),), level="doctor")
    assert [q.label for q in _to_answer(replace(unsaid, answered=("red_flag/pus",)), False)] == ["followup/wait"]
    asked = in_context(turn("and tomorrow?", questions=unsaid.questions, told=last()))
    assert [q.label for q in _to_answer(asked, False)] == ["aftercare/hat"]
    assert [q.kind for q in _to_answer(unsaid, False)] == ["not_understood"]


def test_a_sign_that_was_told_as_urgent_cannot_wait_although_no_alert_is_open(turn: MakeTurn) -> None:
    before = ({"kind": "healing_sign", "topic": "redness", "urgency": "clinic"},)
    assert followup.answer(WAIT, turn(told=before)).traces[0]["urgency"] == "clinic"


def test_who_denies_a_danger_is_heard_beside_a_question_and_keeps_the_number(turn: MakeTurn) -> None:
    denial = Question(feedback.FALSE_ALARM, 0.8, "i meant the haircut")
    asked = turn(questions=(denial, HAT), level="crisis")
    assert [q.label for q in _to_answer(asked, True)] == [denial.label, HAT.label]
    assert [q.label for q in _to_answer(replace(asked, level="normal"), True)] == [HAT.label]
    assert "999" in feedback.answer(denial, asked).paragraphs[0]


def test_somebody_without_a_session_is_not_asked_for_its_date_again(turn: MakeTurn) -> None:
    asked = (Question("smalltalk/deny", 0.5, ""),)
    read = in_context(turn("i havent had one yet", questions=asked, told=last(), awaiting_session_date=True))
    assert read.untreated
    assert [q.label for q in read.questions] == ["aftercare/hat"]
    answers = [aftercare.answer(HAT, read), healing_sign.answer(Question("healing_sign/itch", 0.9, ""), worded(read))]
    assert not [t for a in answers for t in a.traces if t["kind"] == "ask_back"]


@pytest.mark.parametrize(("verdict", "read"), [("ok", "aftercare/hat"), ("avoid", "healing_sign/rule_broken")])
def test_what_was_done_and_is_allowed_has_broken_no_rule(turn: MakeTurn, verdict: str, read: str) -> None:
    done = (Question("healing_sign/rule_broken", 0.9, ""),)
    found = in_context(turn("i did wear it yesterday", questions=done, told=last(verdict=verdict))).questions
    assert [q.label for q in found] == [read]


@pytest.mark.parametrize(("urgency", "told_of"), [("normal", 1), ("clinic", 2)])
def test_beside_a_danger_sign_nothing_is_called_normal(urgency: str, told_of: int) -> None:
    danger = Answer(("Call a doctor.",), (trace("red_flag", "pus", urgency="doctor"),))
    sign = Answer(("About the itch.",), (trace("healing_sign", "itch", urgency=urgency),))
    assert len(_without_comfort([danger, sign])) == told_of
    assert _without_comfort([sign]) == [sign]


@pytest.mark.parametrize(("text", "differs"), [("no i had it done saturday", True), ("no i had it done sunday", False)])
def test_a_session_on_another_day_than_the_records_is_not_counted_from(
    turn: MakeTurn, text: str, differs: bool
) -> None:
    visit = Visit(1, NOW - timedelta(days=3), "done")
    here = turn(text, record=PatientRecord(ZoneInfo("Europe/London"), (CourseRecord(1, None, 3, (visit,)),)))
    rules = {f"aftercare/hat/{w.span}": WORDS[RULE] for w in here.pack.care_plan["hat"].windows}
    answered = aftercare.answer(HAT, replace(here, wordings=rules))
    assert answered.paragraphs[0].startswith("In our record your last session was on Sunday") is differs
    assert answered.traces[0]["asked_day"] == 3


def test_who_tells_a_session_after_all_is_treated(turn: MakeTurn) -> None:
    assert not in_context(turn("had it on monday", untreated=True)).untreated


def test_a_visitor_with_a_sign_is_told_from_which_day_it_counts_and_asked_for_theirs(turn: MakeTurn) -> None:
    answered = healing_sign.answer(Question("healing_sign/itch", 0.9, ""), worded(turn()))
    assert "Day 11 and on: " in answered.paragraphs[1]
    assert [t["kind"] for t in answered.traces] == ["healing_sign", "ask_back"]


@pytest.mark.parametrize(
    ("text", "session", "said"),
    [
        ("when do the scabs come off", None, "up to day 14 after a session"),
        ("how long does this flaking last", 5, "up to day 14, which is Friday 19 June"),
        ("when i woke up there were flakes", 5, None),
        ("when will these scabs go", 20, None),
    ],
)
def test_how_long_a_sign_lasts_is_told_with_a_day(
    turn: MakeTurn, text: str, session: int | None, said: str | None
) -> None:
    told = None if session is None else turn().today - timedelta(days=session)
    answered = healing_sign.answer(Question("healing_sign/scabs", 0.9, text), worded(turn(text, session_date=told)))
    assert said is None or said in answered.paragraphs[0]
    assert ("Normal up to day" in answered.paragraphs[0]) is (said is not None)


def test_a_record_that_is_said_to_be_wrong_is_told_with_who_can_change_it(turn: MakeTurn) -> None:
    visitor = progress.answer(Question("progress/record", 0.9, ""), turn())
    assert not visitor.traces[0]["from_record"]


@pytest.mark.parametrize(("kind", "offered"), [("aftercare", True), ("contact", False), ("progress", False)])
def test_the_three_questions_are_offered_only_beside_what_may_tell_of_a_worry(
    turn: MakeTurn, kind: str, offered: bool
) -> None:
    question = Question(f"{kind}/x", 0.9, "")
    assert _is_unsure([question], turn(danger_probability=0.2)) is offered


@pytest.mark.parametrize(("probability", "offered"), [(0.01, False), (0.6, True)])
def test_a_danger_sign_is_no_guess_to_offer_where_the_screening_finds_nothing_wrong(
    turn: MakeTurn, probability: float, offered: bool
) -> None:
    question = Question("not_understood/did_you_mean", 0.3, "", (("red_flag/suicidal_thoughts", 0.3),))
    titles = [b["title"] for b in not_understood(question, turn(unraised_probability=probability)).buttons]
    assert ("Thoughts of ending your life" in titles) is offered
