"""Buttons for what a message may ask beside what is answered."""

import pytest

from actions.answering import _offered_beside
from actions.turn import Answer

from .conftest import MakeTurn, told

WATER, HAT = "aftercare/water", "aftercare/hat"


def offered(told_of: str, turn: MakeTurn, **more: object) -> list[str]:
    made = turn("", possible=(WATER, HAT), **more)
    return [b["title"] for a in _offered_beside([Answer(("",), told(told_of))], made) for b in a.buttons]


def test_what_was_too_unsure_to_be_answered_is_offered_but_for_what_was(turn: MakeTurn) -> None:
    plan = turn().pack.care_plan
    assert offered("contact/phone", turn) == [plan[topic].title.capitalize() for topic in ("water", "hat")]
    assert offered(WATER, turn) == [plan["hat"].title.capitalize()]


def test_beside_what_settles_a_danger_the_rest_is_offered(turn: MakeTurn) -> None:
    assert offered("feedback/false_alarm", turn, level="doctor")


@pytest.mark.parametrize(
    ("answered", "situation"),
    [
        ("red_flag/pus", {}),
        ("ask_back/did_you_mean", {}),
        (WATER, {"in_form": True}),
        (WATER, {"level": "doctor"}),
        ("contact/phone", {"answered": ("red_flag/pus",)}),
    ],
)
def test_beside_a_danger_sign_a_form_or_a_question_back_nothing_is(
    turn: MakeTurn, answered: str, situation: dict[str, object]
) -> None:
    assert offered(answered, turn, **situation) == []
