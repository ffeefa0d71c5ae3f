"""How far a patient is through their sessions, and the plan of one day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.progress import day_plan, progress, usual_gap

from .builders import NEW_YORK, NOW, TODAY, at, by_table, clinic, course, record, sessions, table, visit

DAY = timedelta(days=1)


def test_a_patient_in_the_middle_of_a_course():
    visits = [
        visit(at(TODAY - 14 * DAY), practitioner="Ana"),
        visit(at(TODAY - 2 * DAY), number=2, practitioner="Ben"),
        visit(at(TODAY + 12 * DAY, "14:30"), "planned", 3, practitioner="Cy"),
    ]
    standing = progress(record(course(*visits, planned=4, goal="hairline")), NOW)
    assert (standing.goal, standing.planned, standing.done, standing.left) == ("hairline", 4, 2, 2)
    assert (standing.days_since, standing.last_session, standing.last_practitioner) == (2, date(2026, 6, 8), "Ben")
    assert standing.next_session == at(TODAY + 12 * DAY, "14:30")
    assert standing.gap_days == 14


def test_a_record_without_a_course_has_no_progress():
    assert progress(record(), NOW) is None


def test_before_the_first_session_only_the_booking_is_known():
    standing = progress(sessions(-3, planned=2), NOW)
    assert (standing.done, standing.left) == (0, 2)
    assert (standing.days_since, standing.last_session, standing.last_practitioner, standing.gap_days) == (None,) * 4
    assert standing.next_session.date() == TODAY + 3 * DAY


def test_a_finished_course_has_nothing_left_and_nothing_booked():
    standing = progress(sessions(40, 25, 10, planned=3), NOW)
    assert (standing.done, standing.left, standing.next_session, standing.gap_days) == (3, 0, None, None)


def test_more_sessions_than_planned_leave_none_and_not_fewer():
    assert progress(sessions(50, 40, 25, 10, planned=3), NOW).left == 0


def test_only_sessions_marked_as_done_are_counted_as_done():
    visits = [visit(at(TODAY - n * DAY), status) for n, status in ((40, "done"), (30, "missed"), (20, "cancelled"))]
    assert progress(record(course(*visits, planned=3)), NOW).done == 1


def test_an_unmarked_session_starts_the_count_and_names_its_own_practitioner():
    held = visit(at(TODAY - 20 * DAY), number=1, practitioner="Ana")
    unmarked = visit(at(TODAY - 6 * DAY), "planned", 2, practitioner="Ben")
    standing = progress(record(course(held, unmarked)), NOW)
    assert (standing.done, standing.days_since, standing.last_session) == (1, 6, TODAY - 6 * DAY)
    assert standing.last_practitioner == "Ben"


def test_a_new_course_still_names_who_held_the_last_session_of_the_old_one():
    old = course(visit(at(TODAY - 400 * DAY), practitioner="Ana"), planned=1)
    new = course(visit(at(TODAY + 5 * DAY), "planned", practitioner="Ben"), planned=2, number=2, goal="density")
    standing = progress(record(old, new), NOW)
    assert (standing.goal, standing.done, standing.left) == ("density", 0, 2)
    assert (standing.last_session, standing.last_practitioner) == (TODAY - 400 * DAY, "Ana")
    assert standing.gap_days == 405


def test_a_cancelled_visit_of_the_same_number_does_not_lend_its_practitioner():
    off = visit(at(TODAY - 6 * DAY, "09:00"), "cancelled", practitioner="Ana")
    held = visit(at(TODAY - 6 * DAY, "12:00"), practitioner="Ben")
    assert progress(record(course(off, held)), NOW).last_practitioner == "Ben"


def test_the_next_session_reads_in_the_clinics_time():
    booked = visit(at(date(2026, 6, 12), "01:00"), "planned", 2)
    standing = progress(record(course(visit(at(TODAY - 9 * DAY)), booked), zone=NEW_YORK), NOW)
    assert (standing.next_session.date(), f"{standing.next_session:%H:%M}") == (date(2026, 6, 11), "20:00")
    assert standing.gap_days == 10


def test_the_gap_counts_calendar_days_across_a_clock_change():
    visits = [visit(at(date(2026, 10, 20), "18:00")), visit(at(date(2026, 10, 30), "09:00"), "planned", 2)]
    assert progress(record(course(*visits)), at(date(2026, 10, 21))).gap_days == 10


@given(st.sets(st.integers(-90, 90), min_size=1, max_size=6), st.integers(0, 6))
def test_done_and_left_agree_with_the_schedule(days_ago, planned):
    standing = progress(sessions(*days_ago, planned=planned), NOW)
    held = [n for n in days_ago if n >= 0]
    assert standing.done == len(held)
    assert standing.left == max(planned - len(held), 0)
    assert standing.days_since == min(held, default=None)
    assert (standing.next_session is None) == (len(held) == len(days_ago))
    if held and len(held) < len(days_ago):
        assert standing.gap_days == min(held) - max(n for n in days_ago if n < 0)


@pytest.mark.parametrize(
    ("last", "earliest"),
    [
        (date(2026, 6, 10), date(2026, 6, 20)),
        (date(2026, 12, 28), date(2027, 1, 7)),
        (date(2028, 2, 20), date(2028, 3, 1)),
        (date(2027, 2, 20), date(2027, 3, 2)),
    ],
)
def test_the_next_session_is_usually_ten_to_fourteen_days_on(last, earliest):
    assert usual_gap(last)[0] == earliest
    assert (usual_gap(last)[1] - last).days == 14


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("day", [0, 1, 2, 3, 4, 6, 7, 9, 10, 27, 28, 400])
def test_the_plan_of_a_day_names_every_topic_once_under_its_verdict(day, complete):
    plan = day_plan(clinic().care_plan, day, complete)
    told = [(topic.id, verdict) for verdict, entries in plan.items() for topic, _ in entries]
    assert sorted(told) == sorted((name, by_table(name, day, complete)) for name in table())
    assert all(window.verdict == verdict for verdict, entries in plan.items() for _, window in entries)


def test_the_plan_of_no_topics_is_empty():
    assert day_plan({}, 3, course_complete=True) == {}
