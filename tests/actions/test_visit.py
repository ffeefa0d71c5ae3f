"""What is said of a visit, of a home that is not safe, and of what is no matter for this chat."""

from dataclasses import replace

import pytest

from actions import contact, out_of_scope, visit
from actions.turn import Question
from stipple.records.wordings import Published
from tests.fixtures import shipped_pack

from .conftest import MakeTurn


def test_a_question_about_a_visit_gets_its_text_and_the_number(turn: MakeTurn) -> None:
    words = {"visit/companion": Published("Tell us first.", "", "Tell us.", 2)}
    asked = turn("can my mum come", wordings=words)
    told = visit.answer(Question("visit/companion", 0.9, asked.text), asked)
    assert told.paragraphs[0] == "Tell us first."
    assert asked.pack.profile.phone in told.paragraphs[1]
    assert told.traces[0]["wording_version"] == 2


@pytest.mark.parametrize("country", ["GB", "IE", "US", "AU"])
def test_who_is_hurt_at_home_is_told_the_numbers_of_the_country(turn: MakeTurn, country: str) -> None:
    made = turn("he hits me")
    profile = made.pack.profile.model_copy(update={"country": country, "numbers": shipped_pack().profile.numbers})
    told = contact.answer(
        Question("contact/abuse", 0.9, made.text), replace(made, pack=replace(made.pack, profile=profile))
    )
    numbers = profile.local_numbers
    assert all(line.number in told.paragraphs[0] for line in (numbers.emergency, *numbers.abuse))


@pytest.mark.parametrize(
    ("topic", "said"), [("billing", "deposit"), ("other_person", "your own"), ("gibberish", "scalp micropigmentation")]
)
def test_what_is_declined_is_declined_in_its_own_words(turn: MakeTurn, topic: str, said: str) -> None:
    told = out_of_scope.answer(Question(f"out_of_scope/{topic}", 0.9, ""), turn())
    assert said in told.paragraphs[0]
    assert [b["title"] for b in told.buttons] == ["Talk to a person"]
