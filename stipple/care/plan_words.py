"""Which windows of an edited topic need new words, and what is wrong with those they have."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stipple.care.plan_edit import Part, Words, words_of
from stipple.content.schema import CareTopic, Verdict, Window

LEAST, MOST = 3, 1000
MOST_SOURCES = 10
DAY_NAMED = re.compile(r"\bdays?\s+(\d+)(?:\s*(?:to|and|or|-|–)\s*(\d+))?", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """Something to put right: in which window, counted from 0, and in which of its fields."""

    place: int
    field: str
    message: str


def settled(base: CareTopic, parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts, where a window that is as it was has its words in use again; its words are not changed here."""
    gone = _gone(base, parts)
    found = []
    for place, part in enumerate(parts):
        same = _same(base, parts, place)
        keep = same is not None and not any(_named(t) & gone for t in _texts(words_of(same)))
        found.append(Part(part.start, part.verdict, words_of(same), part.start) if same and keep else part)
    return tuple(found)


def asks_words(base: CareTopic, parts: Sequence[Part], place: int) -> bool:
    """Whether the words of the window may be written: it is new, or has another verdict, or names a border that moved.

    Words that were written stay open.
    """
    part, old = parts[place], base.window(parts[place].origin)
    split_off = any(p.origin == part.origin for p in parts[:place])
    moved = any(_named(t) & _gone(base, parts) for t in _texts(words_of(old)))
    return split_off or moved or part.verdict != old.verdict or part.words != words_of(old)


def first_words(old: Window, verdict: Verdict) -> Words:
    """What a window has before its words are written: the old ones, whose source no new verdict can rest on."""
    if verdict == old.verdict:
        return words_of(old)
    return Words(old.text, old.why, old.simpler, (), "U")


def word_problems(base: CareTopic, parts: Sequence[Part]) -> list[Problem]:
    """Everything that is wrong with the words of the parts, in their order."""
    gone = _gone(base, parts)
    found: list[Problem] = []
    for place, part in enumerate(parts):
        old = base.window(part.origin)
        if part.words != words_of(old) or _same(base, parts, place) is None:
            found += _lengths(place, part.words)
            found += _unchanged(place, part, old)
        found += _stale(place, part.words, gone)
        if place and _says_the_same(parts[place - 1], part):
            text = "This says the same as the window before it. Change its verdict or its words, or join the two."
            found.append(Problem(place, "verdict", text))
    return found


def _same(base: CareTopic, parts: Sequence[Part], place: int) -> Window | None:
    """The window in use with the same days and verdict."""
    start, end = parts[place].start, parts[place + 1].start - 1 if place + 1 < len(parts) else None
    days = (w for w in base.windows if (w.from_day, w.to_day) == (start, end))
    return next((w for w in days if w.verdict == parts[place].verdict), None)


def _gone(base: CareTopic, parts: Sequence[Part]) -> set[int]:
    """Days on which a window began or ended, and none does any more.

    Texts say "until day 4" of a window that ends on day 3, so a day on which one began counts as gone even where
    another ends on it now.
    """
    began, begins = _borders(base), {p.start for p in parts if p.start}
    ended, ends = {day - 1 for day in began}, {day - 1 for day in begins}
    return (began - begins) | (ended - ends - begins)


def _borders(topic: CareTopic) -> set[int]:
    return {w.from_day for w in topic.windows if w.from_day}


def _named(text: str) -> set[int]:
    return {int(day) for match in DAY_NAMED.finditer(text) for day in match.groups() if day}


def _texts(words: Words) -> tuple[str, str, str]:
    return words.text, words.why, words.simpler


def _stale(place: int, words: Words, gone: set[int]) -> Iterator[Problem]:
    for field, text in zip(("text", "why", "simpler"), _texts(words), strict=True):
        for day in sorted(_named(text) & gone):
            yield Problem(place, field, f"This speaks of day {day}, where no window begins or ends any more.")


def _unchanged(place: int, part: Part, old: Window) -> Iterator[Problem]:
    if part.verdict == old.verdict:
        return
    if part.words.text == old.text:
        yield Problem(place, "text", "The answer is new, so this must be too: write what patients read now.")
    if part.words.simpler == old.simpler:
        yield Problem(place, "simpler", "The answer is new, so this must be too: say it in simpler words.")


def _lengths(place: int, words: Words) -> Iterator[Problem]:
    asked = {"text": "Write what patients read.", "why": "Write why, in a sentence.", "simpler": "Say it more simply."}
    for (field, message), text in zip(asked.items(), _texts(words), strict=True):
        if len(text) < LEAST:
            yield Problem(place, field, message)
        elif len(text) > MOST:
            yield Problem(place, field, f"Write at most {MOST} characters; these are {len(text)}.")
    if not words.sources:
        yield Problem(place, "sources", "Write where this comes from, for instance the clinician who decided it.")
    elif min(map(len, words.sources)) < LEAST or max(map(len, words.sources)) > MOST:
        yield Problem(place, "sources", f"Each source is a line of {LEAST} to {MOST} characters.")
    elif len(words.sources) > MOST_SOURCES:
        yield Problem(place, "sources", f"Name at most {MOST_SOURCES} sources.")


def _says_the_same(one: Part, other: Part) -> bool:
    return (one.verdict, one.words.text, one.words.simpler) == (other.verdict, other.words.text, other.words.simpler)
