"""Changing a topic's windows: whatever is done to them, they cover every healing day from 0 on exactly once.

A window in the making is a `Part`. It has no end of its own: it ends on the day before the next one starts, so no edit
can leave a gap or an overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stipple.content.schema import Verdict, Window

MOST_PARTS = 12
# A window that starts later would lie beyond the days that `stipple.care.plan` looks ahead.
LAST_START = 365


class EditError(Exception):
    """The edit cannot be made; ``place`` counts the windows from 0, the message says why."""

    def __init__(self, place: int, message: str) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Words:
    """What patients read in a window, where it comes from, and how sure that is (A to C, U without evidence)."""

    text: str
    why: str
    simpler: str
    sources: tuple[str, ...]
    confidence: str


@dataclass(frozen=True)
class Part:
    """A window from healing day ``start`` on; ``origin`` is a day whose window in use its words began as."""

    start: int
    verdict: Verdict
    words: Words
    origin: int


def words_of(window: Window) -> Words:
    """The words of a window in use."""
    return Words(window.text, window.why, window.simpler, tuple(window.sources), window.confidence)


def parts_of(windows: Sequence[Window]) -> tuple[Part, ...]:
    """Windows in use, ready to be edited."""
    return tuple(Part(w.from_day, w.verdict, words_of(w), w.from_day) for w in windows)


def start_problems(starts: Sequence[int]) -> dict[int, str]:
    """Why these first days make no plan, by place; empty when they do."""
    found = {}
    for place, start in enumerate(starts):
        if place == 0 and start != 0:
            found[place] = "The first window must start on day 0."
        elif place and start <= starts[place - 1]:
            found[place] = f"This must be later than day {starts[place - 1]}, on which the window before it starts."
        elif start > LAST_START:
            found[place] = f"No window may start later than day {LAST_START}."
    return found


def windows_of(parts: Sequence[Part]) -> tuple[Window, ...]:
    """The finished windows: from day 0, one after the other, the last one open.

    Raises:
        EditError: at the first part whose start is no day after the part before it.
    """
    for place, message in start_problems([p.start for p in parts]).items():
        raise EditError(place, message)
    ends = [*(p.start - 1 for p in parts[1:]), None]
    return tuple(_window(part, end) for part, end in zip(parts, ends, strict=True))


def _window(part: Part, end: int | None) -> Window:
    words = part.words
    fields = {"text": words.text, "why": words.why, "simpler": words.simpler, "sources": list(words.sources)}
    days = {"from_day": part.start, "to_day": end}
    return Window.model_validate({**days, **fields, "verdict": part.verdict, "confidence": words.confidence})


def split(parts: Sequence[Part], place: int, day: int) -> tuple[Part, ...]:
    """The window at ``place`` in two; the later one starts on ``day``.

    Raises:
        EditError: when the window does not go on after ``day`` - 1, or there are too many windows.
    """
    if not 0 <= place < len(parts):
        raise EditError(0, "That window is not there any more.")
    if len(parts) >= MOST_PARTS:
        raise EditError(place, f"A topic has at most {MOST_PARTS} windows.")
    first = parts[place].start + 1
    last = parts[place + 1].start - 1 if place + 1 < len(parts) else LAST_START
    if first > last:
        raise EditError(place, "This window is one day long and cannot be split.")
    if not first <= day <= last:
        until = f"from day {first} on, at most {LAST_START}" if place + 1 == len(parts) else f"day {first} to {last}"
        raise EditError(place, f"Choose the first day of the new window: {until}.")
    return (*parts[: place + 1], replace(parts[place], start=day), *parts[place + 1 :])


def join(parts: Sequence[Part], place: int, into: int) -> tuple[Part, ...]:
    """The days of the window at ``place`` go to its neighbour ``into``, whose verdict and words then hold for both.

    Raises:
        EditError: when the two are no neighbours.
    """
    if not (0 <= place < len(parts) and 0 <= into < len(parts) and abs(place - into) == 1):
        raise EditError(max(0, min(place, len(parts) - 1)), "There is no window there to join with.")
    kept = replace(parts[into], start=min(parts[place].start, parts[into].start))
    return tuple(kept if n == into else part for n, part in enumerate(parts) if n != place)
