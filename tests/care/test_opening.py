"""When the clinic is open: weekly hours and holidays, in its own time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.opening import hours_on, is_open, next_opening
from stipple.content.schema import OpeningHours, Profile

from .builders import AUCKLAND, LONDON, NEW_YORK, ZONES, at, clinic

WEEK = {
    **dict.fromkeys(["monday", "tuesday", "wednesday", "friday"], ("09:00", "18:00")),
    "thursday": ("09:00", "20:00"),
    "saturday": ("10:00", "16:00"),
}
HOLIDAYS = {date(2026, 12, 25): "Christmas Day", date(2026, 12, 26): "Boxing Day", date(2027, 1, 1): "New Year's Day"}
WEDNESDAY, THURSDAY, SATURDAY, SUNDAY = (date(2026, 6, n) for n in (10, 11, 13, 14))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def profile(zone: ZoneInfo = LONDON, week: dict[str, tuple[str, str]] = WEEK) -> Profile:
    hours = {d: OpeningHours(opens=time.fromisoformat(a), closes=time.fromisoformat(b)) for d, (a, b) in week.items()}
    return clinic().profile.model_copy(update={"time_zone": zone.key, "hours": hours, "holidays": HOLIDAYS})


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (WEDNESDAY, "08:59", False),
        (WEDNESDAY, "09:00", True),
        (WEDNESDAY, "17:59", True),
        (WEDNESDAY, "18:00", False),
        (THURSDAY, "19:59", True),
        (THURSDAY, "20:00", False),
        (SATURDAY, "09:59", False),
        (SATURDAY, "10:00", True),
        (SATURDAY, "16:00", False),
        (SUNDAY, "12:00", False),
        (date(2026, 12, 24), "12:00", True),
        (date(2026, 12, 25), "12:00", False),
        (date(2026, 12, 26), "12:00", False),
        (date(2026, 12, 28), "12:00", True),
    ],
)
def test_the_clinic_is_open_from_opening_until_just_before_closing(day, clock, expected):
    assert is_open(profile(), at(day, clock)) is expected


def test_the_hours_are_those_of_the_clinics_calendar_day():
    late_in_new_york = at(WEDNESDAY, "22:00", NEW_YORK)
    assert hours_on(profile(NEW_YORK), late_in_new_york).closes == time(18)
    assert hours_on(profile(LONDON), late_in_new_york).closes == time(20), "already Thursday in London"


def test_a_closed_weekday_and_a_holiday_have_no_hours():
    assert hours_on(profile(), at(SUNDAY)) is None
    assert hours_on(profile(), at(date(2026, 12, 25))) is None
    assert hours_on(profile(), at(date(2026, 12, 24))) is not None


@pytest.mark.parametrize(
    ("day", "clock", "opens", "opens_at"),
    [
        (WEDNESDAY, "00:00", WEDNESDAY, "09:00"),
        (WEDNESDAY, "08:59", WEDNESDAY, "09:00"),
        (WEDNESDAY, "09:00", THURSDAY, "09:00"),
        (WEDNESDAY, "23:59", THURSDAY, "09:00"),
        (date(2026, 6, 12), "19:00", SATURDAY, "10:00"),
        (SATURDAY, "17:00", date(2026, 6, 15), "09:00"),
        (SUNDAY, "12:00", date(2026, 6, 15), "09:00"),
        (date(2026, 12, 24), "21:00", date(2026, 12, 28), "09:00"),
        (date(2026, 12, 31), "19:00", date(2027, 1, 2), "10:00"),
        (date(2026, 3, 28), "17:00", date(2026, 3, 30), "09:00"),
    ],
)
def test_the_next_opening(day, clock, opens, opens_at):
    assert next_opening(profile(), at(day, clock)) == at(opens, opens_at)


def test_the_next_opening_is_told_in_the_clinics_time():
    opening = next_opening(profile(AUCKLAND), at(WEDNESDAY, "12:00", LONDON))
    assert (opening.date(), opening.time(), opening.utcoffset()) == (THURSDAY, time(9), timedelta(hours=12))


def test_a_clinic_that_never_opens_has_no_next_opening():
    assert next_opening(profile(week={}), at(WEDNESDAY)) is None
    assert not is_open(profile(week={}), at(WEDNESDAY))


def test_a_clinic_open_once_a_week_opens_on_that_day():
    assert next_opening(profile(week={"tuesday": ("13:00", "15:00")}), at(WEDNESDAY)) == at(date(2026, 6, 16), "13:00")


@given(moments, st.sampled_from(ZONES))
def test_the_next_opening_lies_ahead_and_the_clinic_is_open_then_and_not_just_before(moment, zone):
    opening = next_opening(profile(zone), moment)
    assert opening > moment
    assert is_open(profile(zone), opening)
    assert not is_open(profile(zone), opening - timedelta(minutes=1))


@given(moments, st.sampled_from(ZONES))
def test_a_closed_clinic_does_not_open_before_its_next_opening(moment, zone):
    if is_open(profile(zone), moment):
        return
    opening = next_opening(profile(zone), moment).astimezone(UTC)
    half_hours = int((opening - moment) / timedelta(minutes=30))
    assert not any(is_open(profile(zone), moment + timedelta(minutes=30 * n)) for n in range(half_hours))


@given(moments, st.sampled_from(ZONES))
def test_whether_the_clinic_is_open_depends_on_the_moment_only(moment, zone):
    answers = {is_open(profile(zone), moment.astimezone(other)) for other in (*ZONES, UTC)}
    assert len(answers) == 1
