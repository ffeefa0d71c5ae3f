"""Healing days in groups, for tables that show them side by side: single days first, then as many as matter alike."""

# Day of the last session, the days when most is forbidden, then longer and longer stretches. The last has no end.
FIRST_DAYS = (0, 1, 2, 3, 4, 7, 10, 15, 22, 31)


def first_of_group(day: int) -> int:
    """The first day of the group that ``day`` lies in; days before the session count as its day."""
    return max((first for first in FIRST_DAYS if first <= day), default=FIRST_DAYS[0])


def last_of_group(first: int) -> int | None:
    """The last day of the group that starts with ``first``; None for the group without an end."""
    place = FIRST_DAYS.index(first)
    return FIRST_DAYS[place + 1] - 1 if place + 1 < len(FIRST_DAYS) else None


def group_name(first: int) -> str:
    """How a table's heading names the group that starts with ``first``."""
    last = last_of_group(first)
    if last is None:
        return f"{first}+"
    return str(first) if first == last else f"{first} to {last}"
