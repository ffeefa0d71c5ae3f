"""The words for how clear an instruction was lately, and the groups of healing days."""

import pytest

from stipple.care.clarity import Count
from stipple.care.days import FIRST_DAYS, first_of_group, group_name, last_of_group
from stipple.care.trend import trend


@pytest.mark.parametrize(
    ("before", "lately", "expected"),
    [
        ((50, 25), (50, 2), "clearer"),
        ((50, 2), (50, 25), "worse"),
        ((50, 5), (50, 5), "alike"),
        ((50, 25), (4, 0), "unknown"),
    ],
)
def test_the_last_weeks_are_compared_with_those_before(
    before: tuple[int, int], lately: tuple[int, int], expected: str
) -> None:
    weeks = [Count(shown=before[0], confused=before[1])] + [Count()] * 7 + [Count(shown=lately[0], confused=lately[1])]
    assert trend(weeks + [Count()] * 3) == expected


def test_every_healing_day_lies_in_the_group_that_names_it() -> None:
    for day in range(400):
        first = first_of_group(day)
        last = last_of_group(first)
        assert first <= day
        assert last is None or day <= last
    assert [group_name(first) for first in FIRST_DAYS] == [
        "0", "1", "2", "3", "4 to 6", "7 to 9", "10 to 14", "15 to 21", "22 to 30", "31+",
    ]  # fmt: skip
