"""The content check: what the schema cannot see, from readability to words that must never be said."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import yaml

from stipple.content.judging import HIGHEST_GRADE, forbidden, grade, is_too_hard
from stipple.content.pack import SUBJECTS, Pack
from stipple.content.safety import safety_text
from stipple.content.schema import Approved, Condition, Goal
from stipple.content.training import (
    check_asking,
    check_exchanges,
    check_screening,
    check_training,
    messages_in_cases,
)
from stipple.phrases import read_asking, read_exchanges, read_phrases, read_screening

# A helpline number older than this must be checked again.
NUMBERS_AGE = timedelta(days=400)


def check(pack: Pack, data: Path, cases_folder: Path, today: date) -> list[str]:
    """Every problem of the content and of what the models learn from, one line each; empty when all is fit for use."""
    files = tuple((str(p), p.stat().st_mtime_ns) for p in _learnt_from(data, cases_folder))
    learning = _learning(data, cases_folder, tuple(_labels(pack)), tuple(pack.red_flags), files)
    found = (
        _texts(pack),
        _wordings(pack),
        _replies(pack, data / "clinic" / "replies.yml"),
        _safety(pack),
        learning,
        _numbers(pack, today),
    )
    return [problem for problems in found for problem in problems]


def _learnt_from(data: Path, cases_folder: Path) -> list[Path]:
    """Every file that the check of what the models learn from reads."""
    return [
        *sorted((data / "nlu").rglob("*")),
        *sorted((data / "questions").rglob("*")),
        *sorted((data / "exchanges").rglob("*")),
        *sorted((data / "screening").rglob("*")),
        *cases_folder.rglob("*.jsonl"),
    ]


@lru_cache(maxsize=1)
def _learning(
    data: Path, cases_folder: Path, labels: tuple[str, ...], flags: tuple[str, ...], _files: tuple[tuple[str, int], ...]
) -> list[str]:
    """Problems of what the models learn from.

    It takes seconds, and a change of the care plan touches none of it, so it is not done again until ``_files`` change.
    """
    in_tests = messages_in_cases(cases_folder)
    phrases = read_phrases(data / "nlu")
    return [
        *check_training(phrases, labels, in_tests),
        *check_asking(read_asking(data / "questions"), {p.label for p in phrases}, in_tests),
        *check_exchanges(read_exchanges(data / "exchanges"), {p.label for p in phrases}, in_tests),
        *check_screening(read_screening(data / "screening"), flags, in_tests),
    ]


def _said(pack: Pack) -> Iterator[tuple[str, str]]:
    """Everything patients read, with where it stands."""
    for statement in pack.statements():
        words: Approved = statement.approved
        yield from ((f"{statement.id} {n}", t) for n, t in (("text", words.text), ("simpler", words.simpler)))
        if words.why:
            yield f"{statement.id} why", words.why
        if isinstance(words, Condition):
            yield f"{statement.id} next_step", words.next_step
        if isinstance(words, Goal):
            yield f"{statement.id} expectation", words.expectation
            yield from ((f"{statement.id} questions", q) for q in words.questions)
    yield from ((f"replies {name}", text) for name, text in pack.replies.items())


def _texts(pack: Pack) -> Iterator[str]:
    for place, text in _said(pack):
        if not place.startswith("replies title") and is_too_hard(text):
            yield f"{place}: reading grade {grade(text):.1f} is above {HIGHEST_GRADE:.0f}: {text}"
        yield from (f"{place}: must never {wrong}: {said!r}" for wrong, said in forbidden(text))


def _wordings(pack: Pack) -> Iterator[str]:
    ids = Counter(s.id for s in pack.statements())
    yield from (f"{i}: the instruction stands there {n} times" for i, n in ids.items() if n > 1)
    for topic in pack.care_plan.values():
        yield from (f"aftercare/{topic.id}/{w.span} why: is empty" for w in topic.windows if not w.why.strip())


def _replies(pack: Pack, shipped: Path) -> Iterator[str]:
    """Fixed sentences that the shipped content has and a clinic's own lacks: an update may say something new."""
    names = yaml.safe_load(shipped.read_text(encoding="utf-8"))["texts"] if shipped.exists() else {}
    missing = sorted(names.keys() - pack.replies.keys())
    yield from (f"replies {name}: is missing; take it over from {shipped}" for name in missing)


def _safety(pack: Pack) -> Iterator[str]:
    """Safety texts that could not be told because a blank of theirs is unknown."""
    for flag in pack.red_flags.values():
        for name, text in (("text", flag.text), ("simpler", flag.simpler)):
            try:
                safety_text(text, pack)
            except (KeyError, IndexError, ValueError) as error:
                yield f"red_flag/{flag.id} {name}: a blank in {{braces}} cannot be filled: {error}"


def _labels(pack: Pack) -> Iterator[str]:
    """Every label that an entry of the content answers, and that so must be understood."""
    for kind in SUBJECTS:
        yield from (f"{kind}/{topic}" for topic in pack.entries(kind))


def _numbers(pack: Pack, today: date) -> Iterator[str]:
    for country, numbers in pack.profile.numbers.items():
        for line in (numbers.emergency, numbers.doctor, *numbers.crisis, *numbers.abuse):
            if line.checked > today:
                yield f"profile numbers {country} {line.name}: was checked in the future, on {line.checked}"
            elif today - line.checked > NUMBERS_AGE:
                yield f"profile numbers {country} {line.name}: was last checked on {line.checked}; check it again"
