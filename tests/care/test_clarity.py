"""Clarity's intervals against published figures, and when nothing is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.clarity import ENOUGH, Count, wilson


@pytest.mark.parametrize(
    # Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3.
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_figures(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share_and_stays_in_bounds(hits: int, more: int) -> None:
    n = hits + more
    low, high = wilson(hits, n)
    assert 0 <= low <= (hits / n if n else 0.5) <= high <= 1
    assert wilson(more, n) == pytest.approx((1 - high, 1 - low))


def test_too_few_patients_say_nothing() -> None:
    assert Count().clarity == 1
    assert Count().confused_range == (0, 1)
    assert not Count(ENOUGH - 1).enough
    assert Count(ENOUGH).enough
