"""When the clinic is open: weekly hours and holidays, in its own time zone."""

from datetime import datetime, timedelta

from stipple.content.schema import OpeningHours, Profile, Weekday

WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# A clinic that opens on no day within this many is treated as having no opening ahead.
LOOK_AHEAD_DAYS = 30


def hours_on(profile: Profile, moment: datetime) -> OpeningHours | None:
    """The hours of the clinic's calendar day of ``moment``; None on a closed day or a holiday."""
    local = moment.astimezone(profile.zone)
    if local.date() in profile.holidays:
        return None
    return profile.hours.get(WEEKDAYS[local.weekday()])


def is_open(profile: Profile, moment: datetime) -> bool:
    """Whether the clinic is open at ``moment``."""
    hours = hours_on(profile, moment)
    return hours is not None and hours.opens <= moment.astimezone(profile.zone).time() < hours.closes


def next_opening(profile: Profile, moment: datetime) -> datetime | None:
    """When the clinic opens next after ``moment``; None when no day ahead has hours."""
    local = moment.astimezone(profile.zone)
    for ahead in range(LOOK_AHEAD_DAYS):
        day = local + timedelta(days=ahead)
        hours = hours_on(profile, day)
        if hours:
            opens = datetime.combine(day.date(), hours.opens, profile.zone)
            if opens > local:
                return opens
    return None
