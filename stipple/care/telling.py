"""How a ruling of the care plan is said to a patient: the day, whose rule it is, and the rule."""

from datetime import date
from typing import Protocol

from stipple.care.plan import Ruling


class Say(Protocol):
    """A fixed sentence of the clinic's by its name, with its blanks filled."""

    def __call__(self, name: str, **values: object) -> str:
        """The sentence."""


def tell(ruling: Ruling, today: date, text: str, say: Say) -> str:
    """What a patient reads of ``ruling``; ``text`` is the published wording, which an own rule of theirs replaces."""
    own = [say("override")] if ruling.override else []
    return " ".join([_lead(ruling, today, say), *own, ruling.override.text if ruling.override else text])


def _lead(ruling: Ruling, today: date, say: Say) -> str:
    if ruling.on == today:
        return say("today", day=ruling.healing.day)
    name = "on_date" if ruling.on > today else "on_date_past"
    return say(name, date=show_date(ruling.on, today), day=ruling.healing.day)


def begun(words: str) -> str:
    """``words`` with a capital letter in front, for the start of a line; nothing else is changed."""
    return words[:1].upper() + words[1:]


def show_date(day: date, today: date) -> str:
    """A date as a patient reads it, with the year when it is another one than today's."""
    text = f"{day:%A} {day.day} {day:%B}"
    return text if day.year == today.year else f"{text} {day.year}"
