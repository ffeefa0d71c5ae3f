"""Reading a message in the light of the record and of what was said before."""

from datetime import date, timedelta

import pytest

from actions.context import FILLER, PLAN, _only_days, in_context
from actions.turn import Question
from stipple.care.record import CourseRecord, PatientRecord, Visit
from stipple.content.pack import Pack

from .conftest import NOW, MakeTurn, told

NEXT, BOOKING = "progress/next_session", "contact/booking"
LAST = ("aftercare/water", "aftercare/gym")


@pytest.fixture
def healing(invented: Pack) -> PatientRecord:
    """A patient five days after the first of three sessions."""
    visit = Visit(1, NOW - timedelta(days=5), "done")
    return PatientRecord(invented.profile.zone, (CourseRecord(1, None, 3, (visit,)),))


def labels(questions: tuple[Question, ...]) -> list[str]:
    return [q.label for q in questions]


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "Tomorrow?",
        "and tomorrow?",
        "ok and what about tomorrow then?",
        "what's it on saturday?",
        "What’s about day 5",
        "how about in 3 days",
        "and on day 12?",
        "tomorrow or on friday?",
        "AND NEXT FRIDAY, PLEASE!",
        "yeah and the weekend?",
    ],
)
def test_a_bare_day_is_seen(turn: MakeTurn, text: str) -> None:
    assert _only_days(turn(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "and then?",
        "what about it?",
        "can I swim tomorrow?",
        "tomorrow shampoo",
        "why not tomorrow?",
        "is it bleeding on day 5",
        "tomorrow at the gym",
        "I'll swim on friday",
    ],
)
def test_a_day_with_a_question_of_its_own_is_no_bare_day(turn: MakeTurn, text: str) -> None:
    assert not _only_days(turn(text))


def test_filler_words_can_be_met() -> None:
    assert [word for word in FILLER if not (word.isascii() and word.isalpha() and word.islower())] == []


def test_a_bare_day_repeats_the_last_questions(turn: MakeTurn) -> None:
    read = in_context(turn("and tomorrow?", questions=(Question("aftercare/sun", 0.4, ""),), told=told(*LAST)))
    assert [(q.label, q.confidence, q.text) for q in read.questions] == [
        (label, 1.0, "and tomorrow?") for label in LAST
    ]


@pytest.mark.parametrize("label", ["followup/date", "followup/still"])
def test_a_follow_up_repeats_the_last_questions(turn: MakeTurn, label: str) -> None:
    read = in_context(turn("still the same?", questions=(Question(label, 0.9, ""),), told=told(*LAST)))
    assert labels(read.questions) == list(LAST)


def test_a_follow_up_beside_a_new_question_repeats_nothing(turn: MakeTurn) -> None:
    asked = (Question("followup/date", 0.9, ""), Question("aftercare/sun", 0.9, ""))
    read = in_context(turn("and the sun on day 5?", questions=asked, told=told(*LAST)))
    assert labels(read.questions) == ["followup/date", "aftercare/sun"]


def test_a_new_question_with_a_day_is_kept(turn: MakeTurn) -> None:
    asked = (Question("aftercare/sun", 0.9, ""),)
    assert in_context(turn("sun tomorrow?", questions=asked, told=told(*LAST))).questions == asked


def test_without_an_earlier_question_nothing_is_repeated(turn: MakeTurn) -> None:
    asked = (Question("followup/date", 0.9, ""),)
    assert in_context(turn("and tomorrow?", questions=asked)).questions == asked


def test_a_visitor_who_was_asked_tells_their_session_date(turn: MakeTurn) -> None:
    answered = turn(
        "it was on 3 june", questions=(Question("smalltalk/affirm", 0.6, ""),), told=told(*LAST),
        awaiting_session_date=True,
    )  # fmt: skip
    read = in_context(answered)
    assert read.session_date == date(2026, 6, 3)
    assert labels(read.questions) == list(LAST)


@pytest.mark.parametrize(("answer", "day"), [("2 weeks ago", date(2026, 5, 27)), ("saturday", date(2026, 6, 6))])
def test_an_answer_looks_back_and_asks_of_no_other_day(turn: MakeTurn, answer: str, day: date) -> None:
    asked = (Question("progress/missed", 0.4, ""),)
    read = in_context(turn(answer, questions=asked, told=told(*LAST), awaiting_session_date=True))
    assert (read.session_date, read.days) == (day, ())
    assert labels(read.questions) == list(LAST)


@pytest.mark.parametrize("text", ["can i swim on saturday?", "is it ok on day 5?", "barber on the 12th?"])
def test_a_day_that_is_asked_about_is_no_session_date(turn: MakeTurn, text: str) -> None:
    asked = (Question("aftercare/swimming", 0.9, text),)
    assert in_context(turn(text, questions=asked, told=told(*LAST), awaiting_session_date=True)).session_date is None


def test_a_date_ahead_is_no_session_date(turn: MakeTurn) -> None:
    assert in_context(turn("tomorrow", awaiting_session_date=True)).session_date is None


def test_a_session_date_told_before_is_kept(turn: MakeTurn) -> None:
    before = date(2026, 6, 1)
    assert in_context(turn("tomorrow", awaiting_session_date=True, session_date=before)).session_date == before


def test_nobody_who_was_not_asked_tells_a_session_date(turn: MakeTurn, healing: PatientRecord) -> None:
    assert in_context(turn("it was on 3 june")).session_date is None
    assert in_context(turn("it was on 3 june", awaiting_session_date=True, record=healing)).session_date is None


def test_a_new_danger_is_not_taken_for_the_session_date(turn: MakeTurn) -> None:
    asked = (Question("red_flag/pus", 0.9, ""),)
    read = in_context(turn("pus since 3 june", questions=asked, told=told(*LAST), awaiting_session_date=True))
    assert read.questions == asked


def test_a_healing_patient_rather_asks_about_care(turn: MakeTurn, healing: PatientRecord) -> None:
    close = Question("eligibility/diabetes", 0.5, "sport", (("aftercare/gym", 0.45), ("goals/density", 0.05)))
    (read,) = in_context(turn("sport", questions=(close,), record=healing)).questions
    assert (read.label, read.confidence) == ("aftercare/gym", 0.45)
    assert read.others == (("eligibility/diabetes", 0.5), ("goals/density", 0.05))
    assert labels(in_context(turn("sport", questions=(close,))).questions) == ["eligibility/diabetes"]


def test_a_danger_is_never_weighed_down(turn: MakeTurn, healing: PatientRecord) -> None:
    danger = Question("red_flag/pus", 0.5, "pus", (("healing_sign/itching", 0.45),))
    assert labels(in_context(turn("pus", questions=(danger,), record=healing)).questions) == ["red_flag/pus"]


@pytest.mark.parametrize(
    ("text", "label"), [("can I drink", "aftercare/alcohol"), ("can I drink before my session", "preparation/alcohol")]
)
def test_preparing_is_meant_where_a_time_before_is_named(turn: MakeTurn, text: str, label: str) -> None:
    close = Question("preparation/alcohol", 0.5, text, (("aftercare/alcohol", 0.45),))
    assert labels(in_context(turn(text, questions=(close,))).questions) == [label]


def test_what_leans_on_the_last_answer_asks_it_again(turn: MakeTurn) -> None:
    leaning = Question("followup/more", 0.9, "how long for")
    asked = in_context(turn("how long for", questions=(leaning,), told=told(*LAST)))
    assert labels(asked.questions) == list(LAST)
    assert labels(in_context(turn("how long for", questions=(leaning,))).questions) == ["followup/more"]


@pytest.mark.parametrize(
    ("confidence", "others", "expected"),
    [
        (0.2, (("aftercare/water", 0.15), ("followup/more", 0.1)), list(LAST)),
        (0.2, (("aftercare/water", 0.1),), ["contact/hours"]),
        (0.6, (("aftercare/water", 0.35), ("followup/more", 0.3)), ["contact/hours"]),
    ],
)
def test_an_unclear_question_goes_on_with_the_last_answer_when_that_is_as_likely(
    turn: MakeTurn, confidence: float, others: tuple[tuple[str, float], ...], expected: list[str]
) -> None:
    question = Question("contact/hours", confidence, "and in the evening", others)
    asked = in_context(turn("and in the evening", questions=(question,), told=told(*LAST)))
    assert labels(asked.questions)[: len(expected)] == expected


def test_a_question_is_answered_once_however_often_the_message_asks_it(turn: MakeTurn) -> None:
    twice = tuple(Question("aftercare/water", 0.9, text) for text in ("can I shower", "is water fine"))
    assert labels(in_context(turn("can I shower? is water fine?", questions=twice)).questions) == ["aftercare/water"]
    between = (twice[0], Question("contact/hours", 0.9, "when are you open"), twice[1])
    asked = in_context(turn("can I shower? when are you open? is water fine?", questions=between))
    assert labels(asked.questions) == ["aftercare/water", "contact/hours"]


@pytest.mark.parametrize(
    "text", ["I wear a unit, could I get SMP instead", "on fin, would you take me", "can I have it done"]
)
def test_a_visitor_who_asks_whether_they_can_have_it_asks_what_stands_against_it(turn: MakeTurn, text: str) -> None:
    question = Question("aftercare/hairpiece", 0.7, text, (("eligibility/hair_system", 0.2),))
    assert labels(in_context(turn(text, questions=(question,))).questions)[0] == "eligibility/hair_system"


def test_a_patient_who_was_treated_asks_about_care(turn: MakeTurn, healing: PatientRecord) -> None:
    text = "can I get dots wet"
    question = Question("aftercare/water", 0.7, text, (("eligibility/hair_system", 0.2),))
    assert labels(in_context(turn(text, questions=(question,), record=healing)).questions) == ["aftercare/water"]


def test_after_preparation_what_follows_is_about_preparation(turn: MakeTurn) -> None:
    question = Question("aftercare/razor", 0.45, "blade or clipper?", (("preparation/shave", 0.3),))
    asked = in_context(turn("blade or clipper?", questions=(question,), told=told("preparation/wash")))
    assert "preparation/shave" in labels(asked.questions)
    assert labels(in_context(turn("blade or clipper?", questions=(question,))).questions) == ["aftercare/razor"]


@pytest.mark.parametrize(
    ("text", "asked", "treated", "read"),
    [
        ("just found out im pregnant, what now", PLAN, True, ["eligibility/pregnant", PLAN]),
        ("started roaccutane. is it still monday", NEXT, True, ["eligibility/isotretinoin", NEXT]),
        ("when is my due date for the next one", PLAN, True, [PLAN]),
        ("my wife is pregnant so when is the next one", PLAN, True, [PLAN]),
        ("im not pregnant, what now", PLAN, True, [PLAN]),
        ("im pregnant, can i swim", "aftercare/swimming", True, ["aftercare/swimming"]),
        ("im pregnant, whats the plan", PLAN, False, ["eligibility/pregnant", PLAN]),
        ("i'm breastfeeding, can i book or wait", BOOKING, False, ["eligibility/breastfeeding", BOOKING]),
    ],
)
def test_what_stops_the_sessions_is_told_before_the_plan(
    turn: MakeTurn, healing: PatientRecord, text: str, asked: str, treated: bool, read: list[str]
) -> None:
    made = turn(text, questions=(Question(asked, 0.9, text),), record=healing if treated else None)
    assert labels(in_context(made).questions) == read
