"""Reading the dates of a list's address."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def read_date(text: str) -> date:
    """A date of an address.

    Raises:
        ValueError: when it is none; the message says so to the person.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text[:20]}” is not a date; write it as 2026-06-30.") from None


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day of the clinic's begins. A day at the end of the calendar has no UTC time, so UTC must do."""
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, time(), UTC)
