"""The care plan: what holds on a healing day, and when that changes."""

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.plan import STRICTNESS, next_change, rule, rule_on_day, window_for
from stipple.care.record import PatientOverride
from stipple.content.schema import Verdict

from .builders import (
    NOW,
    STRICTEST_FIRST,
    TODAY,
    at,
    by_table,
    clinic,
    course,
    record,
    rows,
    sessions,
    table,
    topic,
    visit,
)

TOPICS = sorted(table())
LAST_DAY = 400
DAY = timedelta(days=1)
topics = st.sampled_from(TOPICS)


def test_the_pack_has_exactly_the_rows_of_the_table():
    shipped = [
        (t.id, t.counted_from, w.from_day, w.to_day, w.verdict) for t in clinic().care_plan.values() for w in t.windows
    ]
    assert len(rows()) == 109
    assert sorted(shipped, key=str) == sorted(
        ((r.topic, r.counted_from, r.from_day, r.to_day, r.verdict) for r in rows()), key=str
    )


@pytest.mark.parametrize("row", rows(), ids=lambda r: f"{r.topic}-{r.from_day}")
def test_each_row_holds_from_its_first_to_its_last_day(row):
    care = clinic().care_plan[row.topic]
    patient = sessions(0, planned=1)
    rule_id = f"aftercare/{row.topic}/{row.from_day}-{'' if row.to_day is None else row.to_day}"
    last = LAST_DAY if row.to_day is None else row.to_day
    for day in (row.from_day, (row.from_day + last) // 2, last):
        ruling = rule(care, patient, TODAY + day * DAY, NOW)
        assert (ruling.verdict, ruling.rule_id, ruling.healing.day) == (row.verdict, rule_id, day)
    for day in (row.from_day - 1, last + 1):
        if day >= 0 and (row.to_day is not None or day < row.from_day):
            assert rule(care, patient, TODAY + day * DAY, NOW).rule_id != rule_id


@pytest.mark.parametrize("name", TOPICS)
@pytest.mark.parametrize("complete", [True, False], ids=["after", "between"])
def test_every_topic_on_every_day_has_the_tables_verdict(name, complete):
    care = clinic().care_plan[name]
    patient = sessions(0, planned=1 if complete else 3)
    told = [rule(care, patient, TODAY + day * DAY, NOW).verdict for day in range(LAST_DAY + 1)]
    assert told == [by_table(name, day, complete) for day in range(LAST_DAY + 1)]


@pytest.mark.parametrize("name", ["swimming", "sauna", "tanning"])
def test_pool_sauna_and_sunbed_stay_out_between_sessions_and_end_with_the_course(name):
    care = clinic().care_plan[name]
    assert rule(care, sessions(60, planned=2), TODAY, NOW).verdict == "avoid"
    assert rule(care, sessions(90, 60, planned=2), TODAY, NOW).verdict != "avoid"
    assert rule(care, sessions(90, 27, planned=2), TODAY, NOW).verdict == "avoid"


def test_verdicts_are_ordered_from_the_strictest():
    assert STRICTNESS == STRICTEST_FIRST
    assert set(STRICTNESS) == set(get_args(Verdict))


verdicts = st.sampled_from(STRICTEST_FIRST)


@given(verdicts, verdicts, st.sampled_from(["course", "session"]), st.booleans(), st.integers(0, 60))
def test_between_sessions_a_course_topic_is_as_strict_as_the_stricter_of_its_windows(first, then, counted, done, day):
    care = topic(counted, (0, 27, first), (28, None, then))
    by_day = first if day < 28 else then
    window = window_for(care, day, course_complete=done)
    if counted == "session" or done:
        assert window.verdict == by_day
    else:
        assert window.verdict == min(first, by_day, key=STRICTEST_FIRST.index)


@pytest.mark.parametrize(
    ("first", "then", "told"), [("care", "avoid", "avoid"), ("avoid", "ok", "avoid"), ("do", "ok", "do")]
)
def test_the_stricter_window_may_be_the_first_or_the_later_one(first, then, told):
    assert window_for(topic("course", (0, 9, first), (10, None, then)), 20, course_complete=False).verdict == told


def test_two_equally_strict_windows_show_the_one_for_during_the_course():
    assert window_for(clinic().care_plan["touch_up"], 40, course_complete=False).span == "0-27"
    assert window_for(clinic().care_plan["touch_up"], 40, course_complete=True).span == "28-"


def test_there_is_no_ruling_before_the_first_session():
    water = clinic().care_plan["water"]
    patient = sessions(-3)
    assert rule(water, patient, TODAY, NOW) is None
    assert rule(water, patient, TODAY + 2 * DAY, NOW) is None
    assert rule(water, patient, TODAY + 3 * DAY, NOW).verdict == "avoid"
    assert rule_on_day(water, patient, 5, NOW) is None
    assert next_change(water, patient, NOW) is None


def test_a_booked_session_restarts_the_plan_for_dates_after_it():
    patient = sessions(8, -2)
    told = [rule(clinic().care_plan["water"], patient, TODAY + n * DAY, NOW).verdict for n in (0, 1, 2, 5, 6, 8, 9)]
    assert told == ["ok", "ok", "avoid", "avoid", "care", "care", "ok"]


def override(verdict: Verdict, first: int, last: int | None, name: str = "water") -> PatientOverride:
    return PatientOverride(name, first, last, verdict, f"My own rule: {verdict}.")


@given(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 20)), verdicts, topics)
def test_an_override_beats_the_plan_on_its_days_and_on_no_other(first, length, verdict, name):
    last = None if length is None else first + length
    patient = sessions(0, planned=1, overrides=[override(verdict, first, last, name)])
    care = clinic().care_plan[name]
    for day in range(70):
        ruling = rule(care, patient, TODAY + day * DAY, NOW)
        ruled = day >= first and (last is None or day <= last)
        assert ruling.verdict == (verdict if ruled else by_table(name, day, complete=True))
        assert (ruling.override is not None) == ruled


def test_an_override_speaks_about_its_own_topic_only():
    patient = sessions(0, overrides=[override("ok", 0, None, "sleep")])
    assert rule(clinic().care_plan["water"], patient, TODAY, NOW).verdict == "avoid"


def test_of_two_overrides_the_newer_one_holds_where_both_do():
    patient = sessions(10, overrides=[override("avoid", 0, None), override("care", 9, 11)])
    told = [rule(clinic().care_plan["water"], patient, TODAY + n * DAY, NOW).verdict for n in (-2, -1, 0, 1, 2)]
    assert told == ["avoid", "care", "care", "care", "avoid"]


def test_an_override_holds_again_after_each_session():
    patient = sessions(12, -2, overrides=[override("ask", 0, 1)])
    told = [rule(clinic().care_plan["water"], patient, TODAY + n * DAY, NOW).verdict for n in (-12, -11, -10, 2, 3, 4)]
    assert told == ["ask", "ask", "avoid", "ask", "ask", "avoid"]


def test_an_override_may_also_be_milder_than_the_plan_between_sessions():
    patient = sessions(40, overrides=[override("ok", 30, None, "swimming")])
    assert rule(clinic().care_plan["swimming"], patient, TODAY, NOW).verdict == "ok"


@given(topics, st.integers(0, LAST_DAY), st.booleans(), st.integers(0, 100))
def test_a_question_about_a_day_number_counts_from_the_last_session(name, day, complete, ago):
    patient = sessions(ago, planned=1 if complete else 2)
    ruling = rule_on_day(clinic().care_plan[name], patient, day, NOW)
    assert ruling.verdict == by_table(name, day, complete)
    assert (ruling.healing.day, ruling.on) == (day, TODAY + timedelta(days=day - ago))


def test_a_day_number_means_the_count_that_runs_now_also_where_a_session_is_booked_before_it():
    ruling = rule_on_day(clinic().care_plan["shampoo"], sessions(5, -1), 10, NOW)
    assert (ruling.verdict, ruling.on) == ("ok", TODAY + 5 * DAY)


def test_a_day_number_hears_the_override_of_that_day():
    patient = sessions(2, overrides=[override("ask", 7, 7)])
    told = [rule_on_day(clinic().care_plan["water"], patient, day, NOW).verdict for day in (6, 7, 8)]
    assert told == ["care", "ask", "ok"]


CHANGES = [
    # topic, sessions so many days ago (booked ones negative), planned, first easier day counted from today, verdict
    ("water", (2,), 3, 2, "care"),
    ("water", (5,), 3, 2, "ok"),
    ("water", (7,), 3, None, None),
    ("water", (3, -1), 3, 5, "care"),
    ("sun", (5,), 3, 23, "care"),
    ("sunscreen", (9,), 3, 1, "do"),
    ("moisturiser", (0,), 3, 4, "do"),
    ("exercise", (5,), 3, 2, "care"),
    ("swimming", (5,), 1, 23, "care"),
    ("swimming", (5,), 3, None, None),
    ("swimming", (16, 5, -7), 3, 35, "care"),
    ("swimming", (16, -7), 3, None, None),
    ("sauna", (27,), 1, 1, "ok"),
    ("sauna", (28,), 1, None, None),
    ("picking", (5,), 1, None, None),
    ("touch_up", (5,), 1, None, None),
    ("razor", (0, -10), 3, 20, "care"),
]


@pytest.mark.parametrize(("name", "days_ago", "planned", "ahead", "verdict"), CHANGES)
def test_the_next_change(name, days_ago, planned, ahead, verdict):
    change = next_change(clinic().care_plan[name], sessions(*days_ago, planned=planned), NOW)
    expected = None if ahead is None else (TODAY + timedelta(days=ahead), verdict)
    assert (change and (change.on, change.verdict)) == expected


def verdict_on(name: str, held: list[date], planned: int, on: date) -> str:
    """The verdict of the table for sessions on these dates, told a second time and plainly."""
    by_then = [d for d in held if d <= on]
    return by_table(name, (on - max(by_then)).days, complete=len(by_then) >= planned)


@given(topics, st.sets(st.integers(-60, 60), max_size=4), st.integers(0, 60), st.integers(1, 4))
def test_the_next_change_is_the_first_later_day_with_a_less_strict_verdict(name, others, ago, planned):
    days_ago = others | {ago}
    held = [TODAY - timedelta(days=n) for n in days_ago]
    told = [verdict_on(name, held, planned, TODAY + n * DAY) for n in range(300)]
    easier = [n for n, v in enumerate(told) if STRICTEST_FIRST.index(v) > STRICTEST_FIRST.index(told[0])]
    change = next_change(clinic().care_plan[name], sessions(*days_ago, planned=planned), NOW)
    if change and change.verdict == told[0] == "care":
        # Another rule that still asks for care begins before the verdict eases.
        assert (
            change.rule_id != rule(clinic().care_plan[name], sessions(*days_ago, planned=planned), TODAY, NOW).rule_id
        )
        assert not easier or change.on <= TODAY + easier[0] * DAY
        return
    assert (change and (change.on, change.verdict)) == ((TODAY + easier[0] * DAY, told[easier[0]]) if easier else None)


def test_the_next_change_knows_the_patients_own_rules():
    longer = sessions(2, overrides=[override("avoid", 0, 12)])
    assert next_change(clinic().care_plan["water"], longer, NOW).on == TODAY + 11 * DAY
    earlier = sessions(2, overrides=[override("care", 3, 3)])
    change = next_change(clinic().care_plan["water"], earlier, NOW)
    assert (change.on, change.override) == (TODAY + DAY, earlier.overrides[0])


def test_a_session_later_today_already_moves_the_next_change():
    booked = visit(at(TODAY, "15:00"), "planned", 2)
    patient = record(course(visit(at(TODAY - 5 * DAY)), booked))
    water = clinic().care_plan["water"]
    assert rule(water, patient, TODAY, NOW).verdict == "care"
    assert next_change(water, patient, NOW).on == TODAY + 7 * DAY
