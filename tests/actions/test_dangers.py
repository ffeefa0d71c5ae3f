"""Which danger signs a reply tells of, when the screening and Rasa each have their say."""

import pytest

from actions.answering import _dangers
from actions.turn import Question

from .conftest import MakeTurn

RASA = Question("red_flag/fever", 0.6, "i feel ill")


def labels(turn: MakeTurn, **more: object) -> list[str]:
    return [q.label for q in _dangers(turn("i feel ill", **more))]


def test_either_net_suffices(turn: MakeTurn) -> None:
    assert labels(turn, dangers=("pus",)) == ["red_flag/pus"]
    assert labels(turn, questions=(RASA,)) == ["red_flag/fever"]


def test_what_both_find_is_told_once(turn: MakeTurn) -> None:
    assert labels(turn, questions=(RASA,), dangers=("fever",)) == ["red_flag/fever"]


def test_a_sign_that_is_taken_back_is_left_out_and_others_stay(turn: MakeTurn) -> None:
    pus = Question("red_flag/pus", 0.6, "and pus")
    assert labels(turn, questions=(RASA, pus), taken_back=("fever",)) == ["red_flag/pus"]


@pytest.mark.parametrize(
    ("sign", "confidence", "believed"),
    [
        ("fever", 0.6, False),
        ("fever", 0.992, False),
        ("fever", 0.999, True),
        ("sepsis", 0.992, False),
        ("sepsis", 0.999, True),
    ],
)
def test_where_the_screening_finds_nothing_wrong_rasa_must_be_as_good_as_certain(
    turn: MakeTurn, sign: str, confidence: float, believed: bool
) -> None:
    question = Question(f"red_flag/{sign}", confidence, "i feel ill")
    assert labels(turn, questions=(question,), unraised_probability=0.001) == [f"red_flag/{sign}"] * believed


@pytest.mark.parametrize(
    ("sign", "told"),
    [("heavy_bleeding", ["low_mood"]), ("suicidal_thoughts", ["suicidal_thoughts", "low_mood"])],
)
def test_where_the_screening_is_sure_of_low_mood_it_speaks_for_a_crisis_and_for_nothing_else(
    turn: MakeTurn, sign: str, told: list[str]
) -> None:
    facts = {"dangers": ("low_mood",), "danger_probability": 0.99, "unraised_probability": 0.005}
    found = labels(turn, questions=(Question(f"red_flag/{sign}", 0.7, "crying every day"),), **facts)
    assert found == [f"red_flag/{flag}" for flag in told]
