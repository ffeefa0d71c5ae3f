"""When a session was, as a visitor tells it. Today is Wednesday 10 June 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.session_day import (
    coming_session,
    corrected_day,
    has_had_none,
    only_considers,
    past_day,
    session_day,
)

from .builders import TODAY


@pytest.mark.parametrize(
    ("message", "day"),
    [
        ("I had my second session last tuesday and the colour is patchy", "2026-06-09"),
        ("it's not red. session was tuesday 2nd june", "2026-06-02"),
        ("I came in this morning for my first one", "2026-06-10"),
        ("forehead feels puffy, session was yesterday", "2026-06-09"),
        ("was in on saturday, can i swim on sunday", "2026-06-06"),
        ("scalp is itchy, session 4 days ago", "2026-06-06"),
        ("4 days ago i had it, headache since", "2026-06-06"),
        ("got mine done yesterday afternoon, can i sleep on my back", "2026-06-09"),
        ("it's been ten days since i was in", "2026-05-31"),
        ("i'm 5 days in and itchy", "2026-06-05"),
        ("done a week ago", "2026-06-03"),
        ("had my first go on sunday with you", "2026-06-07"),
        ("i was going by the 4th", "2026-06-04"),
        ("count from saturday please", "2026-06-06"),
        ("no, mine was thursday", "2026-06-04"),
        ("I had my first session at yours last Friday and its red", "2026-06-05"),
        ("session at your place on the 30th may", "2026-05-30"),
        ("day before yesterday i got it done, can i wash", "2026-06-08"),
        ("went swimming yesterday, session was monday", "2026-06-08"),
        ("had 2nd session last thurs, 3rd is sat week", "2026-06-04"),
        ("ok to cycle yet? only done on monday", "2026-06-08"),
        ("i was treated on monday, wig ok?", "2026-06-08"),
    ],
)
def test_the_day_of_a_session_is_told_unasked(message: str, day: str) -> None:
    assert session_day(message, TODAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("answer", "none"),
    [
        ("I haven’t had one yet", True),
        ("no session so far, new client", True),
        ("just deciding", True),
        ("never been", True),
        ("last tuesday", False),
        ("i am not sure", False),
        ("i don't know the day", False),
    ],
)
def test_that_there_was_no_session_is_an_answer_too(answer: str, none: bool) -> None:
    assert has_had_none(answer) is none


@pytest.mark.parametrize(
    ("message", "considers"),
    [
        ("thinking of getting smp, when could i lift again", True),
        ("If I had it done in May could I swim in June?", True),
        ("haven't booked anything yet. is the gym out", True),
        ("how long off work, before i commit", True),
        ("what if i get it wet", False),
        ("thinking of having a beer", False),
        ("thinking of getting it wet", False),
        ("considering it's day 3 it looks fine", False),
        ("i haven't had a shower yet", False),
        ("thinking about my session, it went well", False),
    ],
)
def test_who_only_thinks_of_it_has_had_no_session(message: str, considers: bool) -> None:
    assert only_considers(message) is considers


@pytest.mark.parametrize(
    "message",
    [
        "i have my session today, can i eat",
        "my next session is on saturday",
        "had my transplant 3 years ago",
        "it's been 6 months since my transplant",
        "went swimming on sunday",
        "i had a beer yesterday",
        "it was itchy on saturday",
        "my session was moved to saturday",
        "it's been worse for 3 days",
        "can i swim on day 5",
    ],
)
def test_another_day_is_not_taken_for_a_sessions(message: str) -> None:
    assert session_day(message, TODAY) is None


@pytest.mark.parametrize(
    ("answer", "day"),
    [
        ("2 weeks ago", "2026-05-27"),
        ("about ten days ago i think", "2026-05-31"),
        ("a fortnight back", "2026-05-27"),
        ("10 days", "2026-05-31"),
        ("oh, maybe a week", "2026-06-03"),
        ("a month ago", "2026-05-10"),
        ("day 5", "2026-06-05"),
        ("it's been 4 days", "2026-06-06"),
        ("yesterday", "2026-06-09"),
        ("today", "2026-06-10"),
        ("saturday", "2026-06-06"),
        ("it was on Monday", "2026-06-08"),
        ("last monday", "2026-06-08"),
        ("the weekend", "2026-06-07"),
        ("the 2nd", "2026-06-02"),
        ("on the 12th", "2026-05-12"),
        ("2 june", "2026-06-02"),
        ("tuesday 2 june", "2026-06-02"),
    ],
)
def test_an_answer_to_when_it_was_lies_back(answer: str, day: str) -> None:
    assert past_day(answer, TODAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "answer",
    [
        "tomorrow",
        "next monday",
        "in 3 days",
        "20 june",
        "no idea",
        "it's been worse for 3 days",
        "every 3 days",
        "a beer",
    ],
)
def test_what_is_not_over_or_no_day_is_no_answer_to_when_it_was(answer: str) -> None:
    assert past_day(answer, TODAY) is None


@pytest.mark.parametrize(
    ("message", "day"),
    [
        ("can i shave on saturday", None),
        ("is it ok on day 5", None),
        ("party on the 12th, a beer?", None),
        ("it was 2 june, can i swim", "2026-06-02"),
        ("2 weeks ago. can i swim", "2026-05-27"),
        ("it's been 4 days, can i swim", "2026-06-06"),
        ("i said two weeks ago last tuesday, so the 26th of may", "2026-05-26"),
        ("had the hat off all day today", None),
        ("sunday just gone", "2026-06-07"),
    ],
)
def test_beside_a_question_only_what_must_lie_back_tells_when_it_was(message: str, day: str | None) -> None:
    assert past_day(message, TODAY) == (date.fromisoformat(day) if day else None)


@given(st.text(st.sampled_from("0123456789 adeghikmnorstuwy/.-"), max_size=24))
def test_no_answer_to_when_it_was_lies_ahead(answer: str) -> None:
    told = past_day(answer, TODAY)
    assert told is None or told <= TODAY
    unasked = session_day(answer, TODAY)
    assert unasked is None or unasked <= TODAY


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("oh wait no sorry it was sunday not monday", "2026-06-07"),
        ("i only said i got the day wrong, it was on sunday the 7th", "2026-06-07"),
        ("no, mine was yesterday", "2026-06-09"),
    ],
)
def test_a_day_that_was_told_is_put_right(text, day):
    assert corrected_day(text, TODAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text", ["no the 14th i said", "it was itchy on sunday", "sunday then?", "is it ok on saturday"]
)
def test_another_day_that_is_asked_about_puts_no_session_right(text):
    assert corrected_day(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("my third is on Saturday", "2026-06-13"),
        ("next on 18 june", "2026-06-18"),
        ("saturday is my second session, can i swim sunday", "2026-06-13"),
        ("had it monday, next one is the 18th", "2026-06-18"),
        ("im going back friday for my last one", "2026-06-12"),
        ("tomorrow's my session", "2026-06-11"),
        ("session on 1 june, second is on saturday. gym on sunday", "2026-06-13"),
        ("had 2nd session last thurs, 3rd is sat week", "2026-06-20"),
        ("ive got another one on the 20th", "2026-06-20"),
        ("i'm booked in on friday", "2026-06-12"),
        ("am i still on for saturday", "2026-06-13"),
    ],
)
def test_a_session_to_come_is_told(text: str, day: str) -> None:
    assert coming_session(text, TODAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    [
        "can you book me in for saturday",
        "can i move my session to saturday",
        "whats the earliest for my next one, friday?",
        "can i swim next saturday",
        "i'm back at work friday",
        "booked a haircut saturday",
        "i'm down for a race on saturday",
        "my last session was monday",
        "when is my next session",
    ],
)
def test_a_wish_or_another_plan_is_no_session_to_come(text: str) -> None:
    assert coming_session(text, TODAY) is None
