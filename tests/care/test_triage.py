"""The level of a worry that nobody can name follows from its day and direction, and never sinks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.levels import LEVELS, rank
from stipple.care.triage import SIGNS, triage_level
from stipple.content.pack import Pack
from tests.fixtures import pack

__all__ = ["pack"]


@pytest.mark.parametrize(
    ("day", "change", "level"),
    [
        (0, "worse", "clinic"),
        (2, "worse", "clinic"),
        (3, "worse", "doctor"),
        (None, "worse", "doctor"),
        (1, "same", "normal"),
        (3, "same", "clinic"),
        (None, "not_sure", "clinic"),
        (9, "better", "normal"),
        (None, "better", "normal"),
    ],
)
def test_the_level_of_a_worry(day: int | None, change: str, level: str) -> None:
    assert triage_level(day, change, "normal") == level  # type: ignore[arg-type]


@given(
    st.none() | st.integers(0, 400), st.sampled_from(["better", "same", "worse", "not_sure"]), st.sampled_from(LEVELS)
)
def test_it_never_ends_lower_than_what_was_told_before(day: int | None, change: str, before: str) -> None:
    assert rank(triage_level(day, change, before)) >= rank(before)  # type: ignore[arg-type]


@given(st.integers(0, 400), st.integers(0, 400))
def test_a_later_day_is_never_less_urgent(first: int, second: int) -> None:
    early, late = sorted((first, second))
    for change in ("better", "same", "worse", "not_sure"):
        assert rank(triage_level(late, change, "normal")) >= rank(triage_level(early, change, "normal"))  # type: ignore[arg-type]


def test_every_sign_and_level_has_its_text(pack: Pack) -> None:
    assert set(SIGNS.values()) <= pack.red_flags.keys()
    assert {f"triage_{level}" for level in LEVELS} <= pack.replies.keys()
