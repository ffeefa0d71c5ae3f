"""What several answers of one reply share is said once."""

from actions import red_flag
from actions.said_once import said_once
from actions.turn import Answer, Question

from .conftest import MakeTurn, worded


def test_a_second_sign_leaves_out_what_the_first_has_said(turn: MakeTurn) -> None:
    here = worded(turn("pus and a fever"))
    told = [red_flag.answer(Question(f"red_flag/{sign}", 1.0, ""), here) for sign in ("pus", "fever")]
    once = said_once(told, here)
    assert once[0] == told[0]
    assert "See a doctor today." in told[1].paragraphs[0]
    assert "See a doctor today." not in once[1].paragraphs[0]
    assert "A fever is 38 °C or more." in once[1].paragraphs[0]


def test_the_day_is_told_again_only_where_it_is_another(turn: MakeTurn) -> None:
    day, later = "You are on day 4 of healing.", "On Monday 15 June you will be on day 9 of healing."
    texts = [f"{day} Yes.", f"{day} Not yet.", f"{later} Yes.", f"{later} Yes.", f"{day} Yes.", day]
    once = said_once([Answer((text,), ()) for text in texts], turn())
    assert [a.paragraphs[0] for a in once] == [f"{day} Yes.", "Not yet.", f"{later} Yes.", "Yes.", f"{day} Yes.", day]
