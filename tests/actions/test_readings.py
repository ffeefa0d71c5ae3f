"""A message read in the light of the patient's situation."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from actions.context import in_context
from actions.turn import Question, Turn
from stipple.care.record import CourseRecord, PatientRecord, Visit
from stipple.content.pack import load_pack

from .conftest import told

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 6, 10, 10, 0, tzinfo=ZONE)
HEALING = PatientRecord(ZONE, (CourseRecord(1, None, 3, (Visit(1, NOW - timedelta(days=3), "done"),)),))


def turn(text: str, *guesses: tuple[str, float], record: PatientRecord | None = HEALING) -> Turn:
    (label, confidence), *others = guesses
    pack = load_pack(Path("data/clinic"))
    question = Question(label, confidence, text, tuple(others))
    return Turn(text=text, now=NOW, pack=pack, wordings={}, record=record, questions=(question,))


def chosen(given: Turn) -> str:
    return in_context(given).questions[0].label


def test_care_is_meant_while_the_scalp_heals() -> None:
    guesses = (("eligibility/hair_system", 0.6), ("aftercare/hairpiece", 0.2))
    assert chosen(turn("can i wear my wig", *guesses)) == "aftercare/hairpiece"
    assert chosen(turn("can i wear my wig", *guesses, record=None)) == "eligibility/hair_system"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("coffee ok?", "aftercare/caffeine"),
        ("coffee before my session ok?", "preparation/caffeine"),
        ("my next appointment is friday, coffee ok?", "preparation/caffeine"),
    ],
)
def test_preparation_needs_a_time_before_a_session(text: str, label: str) -> None:
    assert chosen(turn(text, ("preparation/caffeine", 0.5), ("aftercare/caffeine", 0.3))) == label


@pytest.mark.parametrize(
    ("beside", "label"),
    [("preparation/painkillers", "preparation/tan"), ("aftercare/painkiller", "aftercare/tanning")],
)
def test_an_unclear_question_follows_the_clear_one_beside_it(beside: str, label: str) -> None:
    text = "ibuprofen before my session, and a bit of a tan?"
    unclear = Question("aftercare/tanning", 0.5, text, (("preparation/tan", 0.3),))
    given = replace(turn(text, ("aftercare/tanning", 0.5)), questions=(Question(beside, 0.9, text), unclear))
    assert in_context(given).questions[1].label == label


@pytest.mark.parametrize(("days", "label"), [(3, "preparation/caffeine"), (20, "aftercare/caffeine")])
def test_a_time_before_something_means_a_session_only_when_one_is_near(days: int, label: str) -> None:
    coming = Visit(2, NOW + timedelta(days=days), "planned")
    course = CourseRecord(1, None, 3, (Visit(1, NOW - timedelta(days=3), "done"), coming))
    guesses = (("preparation/caffeine", 0.5), ("aftercare/caffeine", 0.3))
    assert chosen(turn("coffee before i go in tonight", *guesses, record=PatientRecord(ZONE, (course,)))) == label


@pytest.mark.parametrize(
    ("text", "confidence", "label"),
    [
        ("what can i do to stop it", 0.3, "aftercare/itch_relief"),
        ("anything to take for it?", 0.3, "aftercare/itch_relief"),
        ("what can i do to stop it", 0.9, "aftercare/touching"),
        ("can i swim", 0.3, "aftercare/touching"),
    ],
)
def test_after_a_sign_what_eases_it_is_asked_for(text: str, confidence: float, label: str) -> None:
    given = replace(turn(text, ("aftercare/touching", confidence), record=None), told=told("healing_sign/itch"))
    assert chosen(given) == label


@pytest.mark.parametrize("weak", ["red_flag/fever", "form_control/skip", "smalltalk/affirm"])
def test_a_weak_guess_of_another_sort_never_takes_over(weak: str) -> None:
    given = turn("hello there", ("eligibility/ill_today", 0.5), (weak, 0.3))
    assert chosen(given) == "eligibility/ill_today"


def read(given: Turn) -> list[str]:
    return [q.label for q in in_context(given).questions]


def test_two_readings_that_are_nearly_as_likely_are_both_answered() -> None:
    given = turn("back at the fryers", ("aftercare/food_drink", 0.3), ("aftercare/dirty_work", 0.25), record=None)
    assert read(given) == ["aftercare/food_drink", "aftercare/dirty_work"]


@pytest.mark.parametrize(
    "guesses",
    [
        (("aftercare/food_drink", 0.6), ("aftercare/dirty_work", 0.38)),
        (("aftercare/food_drink", 0.3), ("aftercare/dirty_work", 0.1)),
        (("aftercare/food_drink", 0.3), ("red_flag/fever", 0.29)),
        (("out_of_scope/billing", 0.3), ("aftercare/food_drink", 0.29)),
    ],
    ids=["clear", "far behind", "danger", "out of scope"],
)
def test_one_reading_is_enough(guesses: tuple[tuple[str, float], ...]) -> None:
    assert read(turn("something", *guesses, record=None)) == [guesses[0][0]]


def test_of_several_questions_each_has_one_reading() -> None:
    given = turn("hat and gym", ("aftercare/hat", 0.3), ("aftercare/sun", 0.29), record=None)
    given = replace(given, questions=(*given.questions, Question("aftercare/exercise", 0.9, "gym")))
    assert read(given) == ["aftercare/hat", "aftercare/exercise"]


def test_skipping_is_meant_where_a_form_asks() -> None:
    guesses = (("form_control/skip", 0.6), ("progress/next_session", 0.08))
    assert chosen(turn("and the next one", *guesses)) == "progress/next_session"
    assert chosen(replace(turn("and the next one", *guesses), in_form=True)) == "form_control/skip"


def test_a_bare_day_repeats_the_last_question() -> None:
    given = turn("and what about saturday then?", ("contact/hours", 0.4))
    given = replace(given, told=told("aftercare/swimming"))
    from stipple.care.dates import find_days

    given = replace(given, days=tuple(find_days(given.text, given.today)))
    assert [q.label for q in in_context(given).questions] == ["aftercare/swimming"]


@pytest.mark.parametrize(("confidence", "label"), [(0.4, "aftercare/picking"), (0.6, "contact/abuse")])
def test_who_may_only_speak_of_somebody_is_offered_the_help_against_violence(confidence: float, label: str) -> None:
    read = in_context(turn("dont tell him i picked it", ("contact/abuse", confidence), ("aftercare/picking", 0.3)))
    assert read.questions[0].label == label
    assert ("contact/abuse" in read.possible) is (confidence < 0.5)
