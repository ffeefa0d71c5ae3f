"""The form in which a topic's windows are edited: reading it, and showing it again with nothing lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stipple.care.plan_edit import (
    LAST_START,
    MOST_PARTS,
    EditError,
    Part,
    Words,
    join,
    parts_of,
    split,
    start_problems,
    words_of,
)
from stipple.care.plan_words import Problem, asks_words, first_words, settled, word_problems
from stipple.console.forms import Form
from stipple.console.plan_view import CONFIDENCE, PLAN_VERDICTS, last_day
from stipple.content.schema import CareTopic, Verdict

WHOLE = "Write a whole number, such as 4."


@dataclass(frozen=True)
class Row:
    """One window as the form has it: ``start`` as it was typed, ``words`` None while those in use stand."""

    start: str
    verdict: Verdict
    origin: int
    words: Words | None = None
    split_day: str = ""


@dataclass(frozen=True)
class Shown:
    """A window as the page shows it. ``ends`` says until when it holds, ``open`` that its words may be written."""

    row: Row
    ends: str
    open: bool
    words: Words
    problems: dict[str, str]


@dataclass(frozen=True)
class Draft:
    """The form as it stands: ``parts`` is None while the first days make no plan."""

    rows: list[Row]
    parts: tuple[Part, ...] | None
    problems: list[Problem] = field(default_factory=list)


def fresh(base: CareTopic) -> Draft:
    """The form as it is first shown."""
    return _draft(base, parts_of(base.windows))


def read(base: CareTopic, form: Form) -> Draft:
    """The form as it was posted."""
    rows = [_row(form, place) for place in range(MOST_PARTS) if f"start-{place}" in form]
    if not rows:
        return fresh(base)
    starts, problems = [], []
    for place, row in enumerate(rows):
        if row.start.isascii() and row.start.isdigit() and len(row.start) <= 5:
            starts.append(int(row.start))
        else:
            problems.append(Problem(place, "start", WHOLE))
    if not problems:
        problems = [Problem(place, "start", text) for place, text in start_problems(starts).items()]
    if problems:
        return Draft(rows, None, problems)
    made = [_part(base, start, row) for start, row in zip(starts, rows, strict=True)]
    return replace(_draft(base, settled(base, made)), rows=rows)


def _row(form: Form, place: int) -> Row:
    def told(name: str) -> str:
        return form.get(f"{name}-{place}", "").strip()

    verdict: Verdict = next((v for v in PLAN_VERDICTS if v == told("verdict")), "avoid")
    origin = min(int(told("origin")), LAST_START) if told("origin").isdigit() and len(told("origin")) < 5 else 0
    if f"text-{place}" not in form:
        return Row(told("start"), verdict, origin, None, told("split"))
    text, why, simpler = (" ".join(told(name).split()) for name in ("text", "why", "simpler"))
    sources = tuple(line.strip() for line in told("sources").splitlines() if line.strip())
    confidence = told("confidence") if told("confidence") in CONFIDENCE else "U"
    return Row(told("start"), verdict, origin, Words(text, why, simpler, sources, confidence), told("split"))


def _part(base: CareTopic, start: int, row: Row) -> Part:
    return Part(start, row.verdict, row.words or first_words(base.window(row.origin), row.verdict), row.origin)


def _draft(base: CareTopic, parts: Sequence[Part]) -> Draft:
    rows = [Row(str(p.start), p.verdict, p.origin, _written(base, p)) for p in parts]
    return Draft(rows, tuple(parts))


def _written(base: CareTopic, part: Part) -> Words | None:
    return part.words if part.words != words_of(base.window(part.origin)) else None


def done(base: CareTopic, draft: Draft, step: str) -> Draft:
    """The form after a button: ``split-N``, ``join-N-M`` or ``check``; any other leaves it as it is."""
    name, *places = step.split("-")
    if draft.parts is None or not all(p.isdigit() for p in places):
        return draft
    try:
        if name == "split" and len(places) == 1:
            return _split(base, draft, draft.parts, int(places[0]))
        if name == "join" and len(places) == 2:
            return _draft(base, settled(base, join(draft.parts, int(places[0]), int(places[1]))))
    except EditError as error:
        return replace(draft, problems=[Problem(error.place, "split", str(error))])
    return replace(draft, problems=word_problems(base, draft.parts)) if name == "check" else draft


def _split(base: CareTopic, draft: Draft, parts: tuple[Part, ...], place: int) -> Draft:
    typed = draft.rows[place].split_day if place < len(draft.rows) else ""
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 5):
        return replace(draft, problems=[Problem(place, "split", f"On which day does the new window start? {WHOLE}")])
    return _draft(base, split(parts, place, int(typed)))


def shown(base: CareTopic, draft: Draft) -> list[Shown]:
    """The rows of the page."""
    return [_shown(base, draft, place) for place in range(len(draft.rows))]


def _shown(base: CareTopic, draft: Draft, place: int) -> Shown:
    row, parts = draft.rows[place], draft.parts
    problems: dict[str, str] = {}
    for problem in draft.problems:
        if problem.place == place:
            known = problems.get(problem.field)
            problems[problem.field] = f"{known} {problem.message}" if known else problem.message
    if parts is None:
        words = row.words or first_words(base.window(row.origin), row.verdict)
        return Shown(row, "", row.words is not None, words, problems)
    following = parts[place + 1].start if place + 1 < len(parts) else None
    ends = last_day(parts[place].start, following)
    open_ = asks_words(base, parts, place) or bool(problems.keys() & {"text", "why", "simpler", "sources"})
    return Shown(row, ends, open_, parts[place].words, problems)
