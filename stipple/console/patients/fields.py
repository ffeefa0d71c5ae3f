"""Fields of the forms that change a record, and reading what was typed into them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from stipple.console.forms import Form

EARLIEST = date(2000, 1, 1)
FURTHEST_AHEAD = timedelta(days=3 * 366)


@dataclass(frozen=True)
class Field:
    """One field; ``kind`` is that of its input, or ``select``, ``textarea`` or ``check``."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    longest: int = 200

    def shown(self, value: str) -> str:
        """The value as a person reads it."""
        if self.kind == "check":
            return "Yes" if value else "No"
        if self.kind == "date" and value:
            day = date.fromisoformat(value)
            return f"{day:%a} {day.day} {day:%B %Y}"
        return dict(self.options).get(value, value) or "None"


Values = dict[str, str]
Problems = dict[str, str]


def typed(fields: Iterable[Field], form: Form) -> Values:
    """What was typed into ``fields``."""
    return {f.name: form.get(f.name, "").strip() for f in fields}


def basic_problems(fields: Iterable[Field], values: Values) -> Problems:
    """What every field is checked for: that it is there, not too long, and one of its options."""
    found: Problems = {}
    for field in fields:
        value = values[field.name]
        if field.required and not value:
            found[field.name] = f"Please fill in: {field.label.lower()}."
        elif len(value) > field.longest:
            found[field.name] = f"Please write at most {field.longest} characters; these are {len(value)}."
        elif field.options and value not in dict(field.options):
            found[field.name] = "Please choose one of these."
    return found


def whole(text: str, least: int, most: int) -> int | None:
    """A whole number from ``least`` to ``most``; None when the text is none."""
    fits = text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most
    return int(text) if fits else None


def moment_of(values: Values, zone: ZoneInfo, now: datetime, problems: Problems) -> datetime | None:
    """The clinic's local ``date`` and ``time`` of a form; what is wrong with them is added to ``problems``."""
    try:
        day = date.fromisoformat(values["date"])
    except ValueError:
        problems.setdefault("date", "Please write the date like 2026-06-10.")
        return None
    try:
        hour = time.fromisoformat(values["time"])
    except ValueError:
        problems.setdefault("time", "Please write the time like 09:30.")
        return None
    if not EARLIEST <= day <= (now + FURTHEST_AHEAD).date():
        problems.setdefault("date", "Please check the year: that is too far away.")
        return None
    moment = datetime.combine(day, hour.replace(tzinfo=None), zone)
    if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
        problems.setdefault("time", "The clocks go forward that night, so this time is not there. Choose another one.")
        return None
    return moment
