"""How urgent a healing sign is on a healing day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.signs import sign_window, told_as_over
from stipple.content.schema import Sign, SignWindow

from .builders import clinic

# Sign, last day on which it is normal; from the next day on the clinic wants to see it.
NORMAL_UNTIL = {
    "redness": 5,
    "swelling": 2,
    "soreness": 10,
    "clear_fluid": 2,
    "scabs": 14,
    "itch": 10,
    "dark_dots": 7,
    "fading": 42,
    "bruise": 14,
    "numbness": 1,
    "tired_headache": 1,
    "stain": 13,
}
# Sign, last day on which the clinic wants to see it; later it is a small matter of healed skin.
FOR_THE_CLINIC_UNTIL = {"graze": 34, "bite": 13, "dirt": 13}
NEVER_NORMAL = ["pimples", "lump", "torn_scab", "rule_broken", "sunburn", "late_change"]


def sign(*windows: tuple[int, int | None, str]) -> Sign:
    words = {"text": "Some text.", "simpler": "Some text.", "sources": ["A source."]}
    built = [SignWindow(from_day=first, to_day=last, urgency=urgency, **words) for first, last, urgency in windows]
    return Sign(id="invented", title="Invented", windows=built)


def test_the_table_names_every_sign_of_the_pack():
    assert set(clinic().signs) == {*NORMAL_UNTIL, *FOR_THE_CLINIC_UNTIL, *NEVER_NORMAL, "what_to_watch"}


@pytest.mark.parametrize(("name", "last"), NORMAL_UNTIL.items())
def test_a_sign_is_normal_until_its_last_day_and_then_one_for_the_clinic(name, last):
    told = [sign_window(clinic().signs[name], day).urgency for day in range(401)]
    assert told == ["normal"] * (last + 1) + ["clinic"] * (400 - last)


@pytest.mark.parametrize(("name", "last"), FOR_THE_CLINIC_UNTIL.items())
def test_what_happens_to_fresh_dots_is_for_the_clinic_and_to_healed_ones_is_not(name, last):
    told = [sign_window(clinic().signs[name], day).urgency for day in range(401)]
    assert told == ["clinic"] * (last + 1) + ["normal"] * (400 - last)


@pytest.mark.parametrize("name", NEVER_NORMAL)
def test_some_signs_are_for_the_clinic_on_every_day(name):
    assert {sign_window(clinic().signs[name], day).urgency for day in range(401)} == {"clinic"}


@pytest.mark.parametrize("name", [*NORMAL_UNTIL, *FOR_THE_CLINIC_UNTIL, *NEVER_NORMAL])
def test_on_an_unknown_day_a_sign_is_for_the_clinic(name):
    assert sign_window(clinic().signs[name], None).urgency == "clinic"


@pytest.mark.parametrize("day", [0, 6, 11, 400])
def test_a_day_outside_every_window_gets_the_most_urgent_one(day):
    gaps = sign((1, 5, "normal"), (7, 8, "clinic"), (9, 10, "normal"))
    assert sign_window(gaps, day).span == "7-8"


@pytest.mark.parametrize(("day", "span"), [(1, "1-5"), (5, "1-5"), (7, "7-8"), (9, "9-10")])
def test_a_day_inside_a_window_gets_that_window(day, span):
    assert sign_window(sign((1, 5, "normal"), (7, 8, "clinic"), (9, 10, "normal")), day).span == span


@given(
    st.sampled_from(["normal", "clinic"]),
    st.sampled_from(["normal", "clinic"]),
    st.one_of(st.none(), st.integers(0, 50)),
)
def test_the_answer_is_never_milder_than_the_days_window(first, then, day):
    window = sign_window(sign((0, 9, first), (20, None, then)), day)
    if day is None or 10 <= day < 20:
        assert window.urgency == ("clinic" if "clinic" in (first, then) else "normal")
    else:
        assert window.urgency == (first if day < 10 else then)


@pytest.mark.parametrize(
    ("text", "over"),
    [
        ("had a headache on the day, gone since", True),
        ("it was red behind the ear but it's gone", True),
        ("bit of swelling, went away overnight", True),
        ("it has gone red again", False),
        ("the swelling went away but i have a red patch", False),
        ("red patch behind my ear. swelling went away", False),
        ("redness gone now, there is something oozing", False),
        ("the skin has gone hard", False),
        ("when will the redness be gone", False),
        ("swelling has gone but the other side is sore", False),
        ("it hasn't gone away", False),
        ("gone now, then it came back", False),
    ],
)
def test_a_sign_that_is_gone_is_told_from_one_that_is_not(text: str, over: bool) -> None:
    assert told_as_over("redness", text) is over
    assert not told_as_over("torn_scab", text)
