"""The healing day: calendar days in the clinic's zone since the last session."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.healing import current_course, healing_day, is_session_day, upcoming
from stipple.care.record import PatientRecord, Visit

from .builders import AUCKLAND, LONDON, NEW_YORK, NOW, SYDNEY, TODAY, ZONES, at, course, record, sessions, visit

zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.timedeltas(timedelta(0), timedelta(days=1500))
DAY = timedelta(days=1)
# Zone and the date on which its clocks change, forward and back.
CLOCK_CHANGES = [
    (LONDON, date(2026, 3, 29)),
    (LONDON, date(2026, 10, 25)),
    (NEW_YORK, date(2026, 3, 8)),
    (NEW_YORK, date(2026, 11, 1)),
    (SYDNEY, date(2026, 4, 5)),
    (SYDNEY, date(2026, 10, 4)),
    (AUCKLAND, date(2026, 4, 5)),
    (AUCKLAND, date(2026, 9, 27)),
]


def calendar_day(moment: datetime, zone: ZoneInfo) -> int:
    """Number of the calendar day that a wall calendar in ``zone`` shows."""
    return datetime.fromtimestamp(moment.timestamp(), zone).toordinal()


def day_now(patient: PatientRecord, now: datetime) -> int | None:
    standing = healing_day(patient, patient.local_date(now), now)
    return standing and standing.day


@given(moments, spans, zones)
def test_the_day_is_the_difference_of_calendar_days_in_the_clinics_zone(session, later, zone):
    now = session + later
    day = day_now(record(course(visit(session)), zone=zone), now)
    assert day == calendar_day(now, zone) - calendar_day(session, zone)
    assert day >= 0


@given(moments, spans, zones, st.sampled_from([*ZONES, UTC]), st.sampled_from([*ZONES, UTC]))
def test_the_zone_that_a_moment_is_written_in_does_not_matter(session, later, zone, one, other):
    now = session + later
    same = record(course(visit(session.astimezone(one))), zone=zone)
    assert day_now(same, now.astimezone(other)) == day_now(record(course(visit(session)), zone=zone), now)


@given(moments, st.integers(-400, 400), zones)
def test_any_date_counts_from_the_session_and_none_lies_before_it(session, days, zone):
    patient = record(course(visit(session)), zone=zone)
    on = patient.local_date(session) + timedelta(days=days)
    standing = healing_day(patient, on, session + timedelta(days=1000))
    assert (standing and standing.day) == (days if days >= 0 else None)


@pytest.mark.parametrize(("zone", "change"), CLOCK_CHANGES)
def test_the_day_changes_at_midnight_also_where_the_clocks_change(zone, change):
    midnight = at(change, "00:00", zone)
    next_midnight = at(change + DAY, "00:00", zone)
    assert next_midnight.timestamp() - midnight.timestamp() != 24 * 3600, "the clocks do not change on this date"
    patient = record(course(visit(at(change - DAY, "23:30", zone))), zone=zone)
    assert day_now(patient, at(change - DAY, "23:59", zone)) == 0
    assert day_now(patient, midnight) == 1
    assert day_now(patient, at(change, "23:59", zone)) == 1
    assert day_now(patient, next_midnight) == 2


@pytest.mark.parametrize(("zone", "change"), CLOCK_CHANGES)
def test_every_day_of_the_weeks_around_a_clock_change_counts_once(zone, change):
    session = change - timedelta(days=7)
    patient = record(course(visit(at(session, "09:00", zone))), zone=zone)
    days = [
        day_now(patient, at(session + timedelta(days=n), clock, zone))
        for n in range(15)
        for clock in ("09:00", "23:59")
    ]
    assert days == [n for n in range(15) for _ in range(2)]


def test_the_repeated_hour_in_autumn_stays_on_the_same_day():
    patient = record(course(visit(at(date(2026, 10, 24), "18:00"))))
    first = at(date(2026, 10, 25), "01:30")
    assert [day_now(patient, first.replace(fold=fold)) for fold in (0, 1)] == [1, 1]


def test_the_clinics_calendar_counts_and_not_the_patients():
    patient = record(course(visit(at(date(2026, 6, 9), "21:00", AUCKLAND))), zone=AUCKLAND)
    now = at(date(2026, 6, 9), "20:30", NEW_YORK)
    assert now.date() == date(2026, 6, 9)
    assert day_now(patient, now) == 1


def expected_day(visits: list[Visit], zone: ZoneInfo, on: date, now: datetime) -> int | None:
    """Days since the latest session held by ``on``, told a second time and plainly."""
    latest = None
    for v in visits:
        began = calendar_day(v.starts_at, zone)
        if v.status in ("done", "planned") and began <= on.toordinal():
            still_ahead_today = v.starts_at > now and on.toordinal() <= calendar_day(now, zone)
            if not still_ahead_today and (latest is None or began > latest):
                latest = began
    return None if latest is None else on.toordinal() - latest


statuses = st.sampled_from(["planned", "done", "cancelled", "missed"])
offsets = st.timedeltas(timedelta(days=-60), timedelta(days=60))
schedules = st.lists(st.tuples(offsets, statuses), max_size=6)


@given(moments, schedules, st.integers(-70, 70), zones, st.integers(0, 6))
def test_any_schedule_counts_from_the_latest_session_held_by_then(now, schedule, days, zone, split):
    visits = [visit(now + offset, status, n) for n, (offset, status) in enumerate(schedule, 1)]
    patient = record(course(*visits[:split]), course(*visits[split:], number=2), zone=zone)
    on = patient.local_date(now) + timedelta(days=days)
    standing = healing_day(patient, on, now)
    assert (standing and standing.day) == expected_day(visits, zone, on, now)
    assert standing is None or standing.day >= 0


def test_the_latest_of_several_sessions_counts():
    standing = healing_day(sessions(30, 16, 3), TODAY, NOW)
    assert (standing.day, standing.session_number, standing.session_date) == (3, 3, date(2026, 6, 7))


def test_the_order_in_the_record_does_not_matter():
    visits = [
        visit(at(date(2026, 6, 7)), number=3),
        visit(at(date(2026, 5, 1))),
        visit(at(date(2026, 5, 20)), number=2),
    ]
    assert healing_day(record(course(*visits)), TODAY, NOW).session_number == 3


def test_of_two_sessions_on_one_day_the_later_one_is_named():
    visits = [visit(at(TODAY, "09:30"), number=2), visit(at(TODAY, "08:00"), number=1)]
    assert healing_day(record(course(*visits)), TODAY, NOW).session_number == 2


def test_a_session_later_today_does_not_count_yet_but_does_for_tomorrow():
    booked = visit(at(TODAY, "15:00"), "planned", 2)
    patient = record(course(visit(at(TODAY - 12 * DAY)), booked))
    assert healing_day(patient, TODAY, NOW).day == 12
    assert healing_day(patient, TODAY + DAY, NOW).day == 1
    assert healing_day(record(course(booked)), TODAY, NOW) is None


@pytest.mark.parametrize(("clock", "day"), [("14:59", 12), ("15:00", 0), ("15:01", 0)])
def test_a_session_counts_from_the_minute_it_begins(clock, day):
    patient = record(course(visit(at(TODAY - 12 * DAY)), visit(at(TODAY, "15:00"), "planned", 2)))
    assert day_now(patient, at(TODAY, clock)) == day


def test_a_planned_session_whose_time_has_passed_counts():
    patient = record(course(visit(at(TODAY - 20 * DAY)), visit(at(TODAY - 6 * DAY), "planned", 2)))
    standing = healing_day(patient, TODAY, NOW)
    assert (standing.day, standing.session_number) == (6, 2)


@pytest.mark.parametrize("status", ["cancelled", "missed"])
def test_a_session_that_did_not_take_place_never_counts(status):
    visits = [visit(at(TODAY + n * DAY), status) for n in (-6, -1, 0, 1, 5)]
    assert [healing_day(record(course(*visits)), TODAY + n * DAY, NOW) for n in (-6, 0, 1, 30)] == [None] * 4
    with_one_held = record(course(visit(at(TODAY - 9 * DAY)), *visits))
    assert healing_day(with_one_held, TODAY, NOW).day == 9


def test_with_sessions_only_ahead_there_is_no_day_until_the_first():
    patient = sessions(-4, -18)
    days = [healing_day(patient, TODAY + n * DAY, NOW) for n in (0, 3, 4, 5, 17, 18, 19)]
    assert [d and d.day for d in days] == [None, None, 0, 1, 13, 0, 1]


def test_without_courses_or_visits_there_is_no_day():
    assert healing_day(record(), TODAY, NOW) is None
    assert healing_day(record(course()), TODAY, NOW) is None


def test_a_course_finished_years_ago_still_counts_its_days():
    patient = record(course(*(visit(at(date(2021, 3, d), zone=LONDON), number=d) for d in (1, 15, 29)), planned=3))
    standing = healing_day(patient, TODAY, NOW)
    assert standing.day == 5 * 365 + 1 + 73
    assert standing.course_complete


def test_a_date_in_the_past_sees_only_what_had_happened_by_then():
    patient = sessions(30, 16, 3)
    standings = [healing_day(patient, TODAY - n * DAY, NOW) for n in (31, 30, 17, 16, 4, 3)]
    assert [s and (s.session_number, s.day) for s in standings] == [None, (1, 0), (1, 13), (2, 0), (2, 12), (3, 0)]
    assert [s.course_complete for s in standings[1:]] == [False, False, False, False, True]


def test_the_course_is_complete_with_its_last_planned_session():
    assert not healing_day(sessions(20, 5, planned=3), TODAY, NOW).course_complete
    assert healing_day(sessions(20, 5, planned=2), TODAY, NOW).course_complete
    assert healing_day(sessions(40, 20, 5, planned=2), TODAY, NOW).course_complete, "one more than planned"


def test_a_booked_last_session_completes_the_course_on_its_date_only():
    patient = sessions(20, 5, -9)
    assert [healing_day(patient, TODAY + n * DAY, NOW).course_complete for n in (0, 8, 9, 10)] == [
        False,
        False,
        True,
        True,
    ]


def test_a_missed_session_does_not_complete_the_course():
    patient = record(course(visit(at(TODAY - 9 * DAY)), visit(at(TODAY - DAY), "missed", 2), planned=2))
    assert not healing_day(patient, TODAY, NOW).course_complete


def test_a_new_course_is_not_complete_because_an_old_one_is():
    old = course(*(visit(at(date(2021, 3, d)), number=d) for d in (1, 15)), planned=2)
    new = course(visit(at(TODAY - 4 * DAY)), planned=2, number=2)
    standing = healing_day(record(old, new), TODAY, NOW)
    assert (standing.day, standing.course_complete) == (4, False)


def test_upcoming_names_booked_sessions_that_have_not_begun_soonest_first():
    far, near = visit(at(TODAY + 14 * DAY), "planned", 3), visit(at(TODAY, "10:01"), "planned", 2)
    begun, passed = visit(NOW, "planned"), visit(at(TODAY - DAY), "planned")
    off = [visit(at(TODAY + DAY), status) for status in ("cancelled", "missed", "done")]
    patient = record(course(far, begun, *off), course(near, passed, number=2))
    assert upcoming(patient, NOW) == [near, far]


def test_the_current_course_is_the_one_with_the_next_session():
    ahead = course(visit(at(TODAY + 3 * DAY), "planned"), number=1)
    later = course(visit(at(TODAY - DAY)), visit(at(TODAY + 9 * DAY), "planned", 2), number=2)
    assert current_course(record(ahead, later), NOW) is ahead


def test_the_current_course_is_else_the_one_held_last():
    older, newer = course(visit(at(TODAY - 900 * DAY))), course(visit(at(TODAY - 40 * DAY)), number=2)
    assert current_course(record(newer, older), NOW) is newer
    assert current_course(record(older, course(number=3)), NOW) is older


def test_a_record_without_visits_has_its_newest_course_or_none():
    empty = course(number=5)
    assert current_course(record(course(), empty), NOW) is empty
    assert current_course(record(), NOW) is None


def test_a_day_is_one_of_a_session_unless_it_did_not_take_place():
    held, missed = at(TODAY - 5 * DAY), at(TODAY - 9 * DAY)
    patient = record(course(visit(held), visit(missed, "missed")))
    assert is_session_day(patient, TODAY - 5 * DAY)
    assert not is_session_day(patient, TODAY - 9 * DAY)
    assert not is_session_day(patient, TODAY)
