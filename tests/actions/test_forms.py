"""Reading what somebody types into a form."""

from datetime import date

import pytest

from actions.answers_of_forms import own_age, read_age, read_answer, read_option, read_yes_no, says_none

TODAY = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("45", 45),
        (" 45 ", 45),
        ("I'm 45.", 45),
        ("45yo", 45),
        ("45.5", 45),
        ("45, after covid19", 45),
        ("I am 45 years old", 45),
        ("no, 45 not 54", 45),
        ("not 54, 45", 45),
        ("not 54", None),
        ("54, sorry, 45", 45),
        ("120", 120),
        ("121", None),
        ("0", None),
        ("1", 1),
        ("born 1981", None),
        ("45, born 1981", 45),
        ("1000", None),
        ("forty five", 45),
        ("thirty one, said at the start", 31),
        ("one of those, i am old", None),
        ("", None),
    ],
)
def test_an_age_is_the_last_one_named(text: str, age: int | None) -> None:
    assert read_age(text) == age


@pytest.mark.parametrize(
    "text",
    ["yes", "Yes", " y", "yeah sure", "yep", "sure", "sure, why not", "ok", "okay then", "of course", "definitely",
     "please", "yes please", "I would", "i would be", "happy to"],
)  # fmt: skip
def test_a_yes_is_read(text: str) -> None:
    assert read_yes_no(text) == "yes"


@pytest.mark.parametrize(
    "text",
    ["no", "No", "n", "nope", "nah", "no thanks", "not really", "never", "I wouldn't", "i wouldnt", "I would not",
     "don't", "dont do that", "of course not", "definitely not", "Definitely  no", "surely not", "please don't",
     "please don’t", "no, I have diabetes"],
)  # fmt: skip
def test_a_no_is_read(text: str) -> None:
    assert read_yes_no(text) == "no"


@pytest.mark.parametrize(
    "text",
    ["not_sure", "skip", "Skip", "pass", "not sure", "don't know", "dont know", "dunno", "no idea", "unsure",
     "rather not say", "prefer not to say"],
)  # fmt: skip
def test_not_knowing_is_neither(text: str) -> None:
    assert read_yes_no(text) == "not_sure"


@pytest.mark.parametrize(
    "text",
    ["", "maybe", "what?", "45", "yesterday", "nothing", "north", "okra", "no problem", "no worries", "don't mind"],
)
def test_anything_else_is_asked_again(text: str) -> None:
    assert read_yes_no(text) is None


@pytest.mark.parametrize(
    "text",
    ["none", "None", "skip", "no", "nope", "nothing", "nah", "n/a", "not that I know of", "I'm healthy",
     "im fine", "no health problems"],
)  # fmt: skip
def test_no_condition_is_read(text: str) -> None:
    assert says_none(text)


@pytest.mark.parametrize(
    "text",
    ["no, but I have asthma", "none except diabetes", "No medicine, only insulin", "nothing apart from eczema",
     "I'm fine although I take aspirin", "I am diabetic", "diabetes", "nose bleeds", "November", ""],
)  # fmt: skip
def test_a_condition_after_a_no_is_not_lost(text: str) -> None:
    assert not says_none(text)


@pytest.mark.parametrize(
    ("slot", "text", "option"),
    [
        ("triage_change", "worse, i said", "worse"),
        ("triage_change", "it isnt any better", "same"),
        ("triage_change", "not worse no", "same"),
        ("triage_change", "a bit redder", "worse"),
        ("triage_change", "it couldnt be worse", "worse"),
        ("triage_sign", "no, it spreads though", "spreading"),
        ("triage_change", "cant tell really", "not_sure"),
        ("triage_change", "do i have to go tonight", None),
        ("triage_sign", "no fever no pus nothing", "none"),
        ("triage_sign", "no, but it is hot", "spreading"),
        ("triage_sign", "my eyelid", "face"),
        ("triage_sign", "yes", None),
        ("triage_date", "no idea", "not_sure"),
    ],
)
def test_an_option_is_read_from_words(slot: str, text: str, option: str | None) -> None:
    assert read_option(slot, text) == option


@pytest.mark.parametrize(
    ("slot", "text", "answer"),
    [
        ("triage_date", "2 days ago", "2026-06-08"),
        ("triage_date", "i never had a session", "not_sure"),
        ("triage_date", "do i have to go", None),
        ("triage_change", "worse, i said", "worse"),
        ("age", "im 45", 45),
        ("age", "can i swim", None),
        ("shaved_look", "yeah would love it", "yes"),
        ("shaved_look", "what is it", None),
        ("shaved_look", "its number 1 all over so yes", "yes"),
        ("shaved_look", "already short, grade 2", "yes"),
        ("shaved_look", "rather longer", "no"),
        ("temporary", "so yeah, covid", "yes"),
        ("triage_sign", "the second one", "face"),
        ("triage_change", "the fifth one", None),
        ("cause", "my dad too", None),
    ],
)
def test_what_fits_the_question_answers_it(slot: str, text: str, answer: str | int | None) -> None:
    assert read_answer(slot, text, TODAY) == answer


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("i'm 34, would it suit me", 34),
        ("im only 19", 19),
        ("just turned 60", 60),
        ("i'm 10 days in", None),
        ("34", None),
    ],
)
def test_an_age_is_told_before_it_is_asked(text: str, age: int | None) -> None:
    assert own_age(text) == age
