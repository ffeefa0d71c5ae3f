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


@pytest.mark.parametrize("weak", ["red_flag/fever", "form_control/skip", "smalltalk/affirm"])
def test_a_weak_guess_of_another_sort_never_takes_over(weak: str) -> None:
    given = turn("hello there", ("eligibility/ill_today", 0.5), (weak, 0.3))
    assert chosen(given) == "eligibility/ill_today"


def test_a_bare_day_repeats_the_last_question() -> None:
    given = turn("and what about saturday then?", ("contact/hours", 0.4))
    given = replace(given, told=told("aftercare/swimming"))
    from stipple.care.dates import find_days

    given = replace(given, days=tuple(find_days(given.text, given.today)))
    assert [q.label for q in in_context(given).questions] == ["aftercare/swimming"]
