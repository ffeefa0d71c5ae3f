"""Reading the dates and numbers of a list's address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# A row's number has fewer digits, whatever an address says.
MOST_DIGITS = 9


@dataclass(frozen=True)
class Period:
    """The days a list is narrowed down to, both included; ``problem`` names what could not be read."""

    first: date | None = None
    last: date | None = None
    problem: str = ""

    @property
    def active(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.first or self.last)

    @property
    def given(self) -> dict[str, str]:
        """The same as an address holds it."""
        return {"from": self.first.isoformat() if self.first else "", "to": self.last.isoformat() if self.last else ""}

    def span(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """The moment it begins, and the one before which it ends; None where it is open."""
        before = start_of(self.last + timedelta(days=1), zone) if self.last and self.last < date.max else None
        return start_of(self.first, zone) if self.first else None, before


def read_period(query: Mapping[str, str]) -> Period:
    """The period between ``from`` and ``to``; a date that makes no sense is left out and told."""
    problems: list[str] = []
    first, last = (_date(query.get(name, ""), problems) for name in ("from", "to"))
    if first and last and last < first:
        problems.append("The first date lies after the last one.")
    return Period(first, last, " ".join(problems))


def _date(text: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        return read_date(text)
    except ValueError as error:
        problems.append(str(error))
        return None


def read_number(text: str) -> int:
    """The number of a row; 0, which no row has, when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


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
