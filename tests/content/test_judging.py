"""What makes a text hard, and what is named of it."""

import pytest

from stipple.content.judging import blanks_in, forbidden, grade, hard_sentences, is_too_hard

HARD = "Approximately seventy-two hours afterwards, moisturise the affected epidermal areas."


def test_the_hard_sentence_is_named_with_its_long_words() -> None:
    (found,) = hard_sentences(f"Keep it dry. {HARD} Do not rub.")
    assert (found.text, found.length) == (HARD, 9)
    assert found.grade == grade(HARD)
    assert {"approximately", "moisturise", "epidermal"} <= set(found.words)
    assert "hours" not in found.words


def test_a_long_sentence_of_short_words_has_none() -> None:
    (found,) = hard_sentences("You can " + "go to bed and get up and " * 8 + "rest.")
    assert found.words == ()


def test_a_few_words_have_no_grade() -> None:
    assert not is_too_hard("Approximately immediately.")
    assert hard_sentences("") == []


def test_a_blank_is_no_hard_word() -> None:
    assert blanks_in("Call {emergency_number} or {doctor_number}.") == {"emergency_number", "doctor_number"}
    assert hard_sentences("Call {emergency_number} now. Do not wait at home.") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Stop taking your medicine.", "Stop taking your medicine"),
        ("You are eligible.", "eligib"),
        ("It costs £50.", "£5"),
        ("Never go without a helmet.", ""),
        ("Do not stop your medicine.", ""),
    ],
)
def test_what_must_never_be_said(text: str, said: str) -> None:
    assert [words for _, words in forbidden(text)] == ([said] if said else [])
