"""The care plan as staff read it: strips of windows over healing days, and differences in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from stipple.care.plan_difference import Stretch, stretches
from stipple.care.plan_edit import LAST_START
from stipple.console.words import VERDICTS
from stipple.content.schema import CareTopic, Verdict

PLAN_VERDICTS: dict[Verdict, str] = {v: VERDICTS[v] for v in get_args(Verdict)}
COUNTED = {
    "session": "Day 0 is the day of the patient's last session. Every new session starts again at day 0.",
    "course": (
        "Day 0 is the day of the last session of the whole course. Between the sessions of a course the stricter one"
        " holds: that of the day, or that of day 0."
    ),
}
COUNTED_SHORT = {"session": "from the last session", "course": "from the last session of the course"}
BETWEEN, AFTER = "Between the sessions of a course", "After the last session of the course"
CONFIDENCE = {
    "A": "Many clinics agree",
    "B": "Several clinics say so",
    "C": "Few say so, or they differ",
    "U": "The clinic's own decision",
}
# First day, last day or None, verdict.
Held = tuple[int, int | None, Verdict]


@dataclass(frozen=True)
class Cell:
    """Days with one verdict in a strip; ``columns`` is how many columns of the table they take."""

    days: str
    verdict: Verdict
    name: str
    columns: int


@dataclass(frozen=True)
class Line:
    """One line of a strip; ``topic`` is empty where the line is not a topic's own."""

    topic: str
    title: str
    detail: str
    cells: list[Cell]


@dataclass(frozen=True)
class Strip:
    """Lines of windows under common columns of healing days."""

    heads: list[str]
    lines: list[Line]


def overview(topics: Iterable[CareTopic], changed: set[str]) -> Strip:
    """Every topic's windows; ``changed`` names those that were changed in the console."""
    rows = [
        (t.id, t.title, _detail(t, changed), [(w.from_day, w.to_day, w.verdict) for w in t.windows]) for t in topics
    ]
    return _strip(rows)


def _windows(topic: CareTopic) -> list[Held]:
    return [(w.from_day, w.to_day, w.verdict) for w in topic.windows]


def of_topic(topic: CareTopic) -> Strip:
    """A topic's own strip; one that counts from the course has a second line, for the days between sessions."""
    rows = [("", AFTER if topic.counted_from == "course" else topic.title, "", [*_held(topic, complete=True)])]
    if topic.counted_from == "course":
        rows.insert(0, ("", BETWEEN, "", [*_held(topic, complete=False)]))
    return _strip(rows)


def _held(topic: CareTopic, complete: bool) -> Iterable[Held]:
    return ((s.first, s.last, s.after) for s in stretches(topic, topic, complete))


def _detail(topic: CareTopic, changed: set[str]) -> str:
    told = [COUNTED_SHORT["course"]] if topic.counted_from == "course" else []
    return "; ".join([*told, *(["changed here"] if topic.id in changed else [])])


def _strip(rows: Sequence[tuple[str, str, str, list[Held]]]) -> Strip:
    starts = sorted({first for row in rows for first, _, _ in row[3]})
    ends = [*(s - 1 for s in starts[1:]), None]
    lines = []
    for topic, title, detail, held in rows:
        counts = [sum(f <= s and (t is None or s <= t) for s in starts) for f, t, _ in held]
        cells = [Cell(days(f, t), v, VERDICTS[v], n) for (f, t, v), n in zip(held, counts, strict=True)]
        lines.append(Line(topic, title, detail, cells))
    return Strip([days(s, e) for s, e in zip(starts, ends, strict=True)], lines)


def days(first: int, last: int | None) -> str:
    """Healing days as a person says them."""
    if last is None:
        return f"Day {first} on" if first else "Every day"
    return f"Day {first}" if first == last else f"Day {first} to {last}"


def standings(old: CareTopic, new: CareTopic) -> list[tuple[str, list[Stretch]]]:
    """What changes by day, in each standing where it differs, with the standing's name."""
    after = stretches(old, new, course_complete=True)
    if old.counted_from == "session":
        return [("", after)]
    return [(BETWEEN, stretches(old, new, course_complete=False)), (AFTER, after)]


def difference(old: CareTopic, new: CareTopic) -> list[str]:
    """What is another for patients, in words, one line for days that change alike."""
    found = []
    for name, parts in standings(old, new):
        lines = [f"{days(s.first, s.last)}: {_change(s)}" for s in parts if s.changed]
        found += [f"{name}. {line}" if name else line for line in lines]
    return found or ["Nothing that patients read."]


def _change(stretch: Stretch) -> str:
    if stretch.before == stretch.after:
        return f"{VERDICTS[stretch.after]} as before, in other words"
    return f"{VERDICTS[stretch.before]} → {VERDICTS[stretch.after]} ({direction(stretch)})"


def direction(stretch: Stretch) -> str:
    """Whether patients are held back more or less."""
    if stretch.before == stretch.after:
        return "new words" if stretch.new_words else "stays"
    if stretch.after == "do":
        return "told to do it"
    return "less strict" if stretch.eased else "stricter"


def last_day(start: int, following: int | None) -> str:
    """Until when a window holds, for the form that moves its borders."""
    return "from then on" if following is None or following > LAST_START else f"to day {following - 1}"
