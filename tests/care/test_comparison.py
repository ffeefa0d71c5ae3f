"""Two wordings compared: published intervals, days weighed against days, and how often the interval holds the truth."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.clarity import ENOUGH
from stipple.care.comparison import Group, compare


@pytest.mark.parametrize(
    # Newcombe (1998), Interval estimation for the difference between independent proportions, table II, method 6.
    ("new", "old", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0528, 0.3382),
        ((9, 10), (3, 10), 0.1700, 0.8406),
        ((6, 7), (2, 7), 0.0342, 0.8534),
        ((5, 56), (0, 29), -0.0326, 0.1933),
        ((0, 10), (0, 20), -0.1658, 0.2844),
        ((0, 10), (0, 10), -0.2879, 0.2879),
        ((10, 10), (0, 20), 0.7156, 1.0),
        ((10, 10), (0, 10), 0.6636, 1.0),
    ],
)
def test_one_day_has_the_published_interval(
    new: tuple[int, int], old: tuple[int, int], low: float, high: float
) -> None:
    found = compare({1: Group(new[1], new[0])}, {1: Group(old[1], old[0])})
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_weights_are_those_of_mantel_and_haenszel() -> None:
    found = compare({1: Group(10, 5), 2: Group(30, 3)}, {1: Group(30, 6), 2: Group(10, 2)})
    assert found.difference == pytest.approx((7.5 * 0.3 + 7.5 * -0.1) / 15)
    assert (found.new, found.old, found.days) == (Group(40, 8), Group(40, 8), 2)


def test_days_on_which_all_are_confused_do_not_make_a_wording_look_worse() -> None:
    """Each day the wordings are alike, but the new one was read on the hard day mostly (Simpson's paradox)."""
    new = {1: Group(100, 60), 2: Group(10, 1)}
    old = {1: Group(10, 6), 2: Group(100, 10)}
    found = compare(new, old)
    assert (found.verdict, round(found.difference, 9)) == ("alike", 0)
    assert compare({0: Group(110, 61)}, {0: Group(110, 16)}).verdict == "worse"


@pytest.mark.parametrize(
    ("new", "old", "word"),
    [
        ({1: Group(100, 10)}, {1: Group(100, 40)}, "clearer"),
        ({1: Group(100, 40)}, {1: Group(100, 10)}, "worse"),
        ({1: Group(100, 12)}, {1: Group(100, 10)}, "alike"),
        ({1: Group(ENOUGH - 1, 0)}, {1: Group(100, 90)}, "unknown"),
        ({1: Group(100, 0)}, {2: Group(100, 90)}, "unknown"),
        ({1: Group(100, 0), 2: Group()}, {2: Group(100, 90)}, "unknown"),
        ({d: Group(1, 0) for d in range(40)}, {d: Group(1, 1) for d in range(40)}, "clearer"),
        ({}, {}, "unknown"),
    ],
)
def test_the_verdict(new: dict[int, Group], old: dict[int, Group], word: str) -> None:
    assert compare(new, old).verdict == word


groups = st.integers(0, 40).flatmap(lambda n: st.builds(Group, st.just(n), st.integers(0, n)))
days = st.dictionaries(st.integers(-1, 12), groups, max_size=8)


@given(days, days)
def test_the_interval_holds_the_difference_and_turns_round_with_the_wordings(
    new: dict[int, Group], old: dict[int, Group]
) -> None:
    found, turned = compare(new, old), compare(old, new)
    assert -1 <= found.low <= found.difference <= found.high <= 1
    assert (-turned.high, -turned.low) == pytest.approx((found.low, found.high), abs=1e-5)
    assert turned.verdict == {"clearer": "worse", "worse": "clearer"}.get(found.verdict, found.verdict)


@given(days, days, groups)
def test_a_day_of_one_wording_alone_changes_nothing(new: dict[int, Group], old: dict[int, Group], more: Group) -> None:
    assert compare(new | {99: more}, old) == compare(new, old)


@pytest.mark.parametrize("difference", [0.0, 0.15])
def test_the_interval_holds_the_truth_in_about_95_of_100_with_few_patients_on_each_of_many_days(
    difference: float,
) -> None:
    random, held, rounds = Random(7), 0, 1000
    shares = [0.05, 0.1, 0.2, 0.4, 0.3, 0.1, 0.05, 0.02, 0.2, 0.1, 0.15, 0.05, 0.3, 0.1]

    def played(more: float) -> dict[int, Group]:
        found = {}
        for day, share in enumerate(shares):
            count = random.randint(1, 5)
            found[day] = Group(count, sum(random.random() < share + more for _ in range(count)))
        return found

    for _ in range(rounds):
        found = compare(played(difference), played(0.0))
        held += found.low <= difference <= found.high
    assert 0.935 <= held / rounds <= 0.975
