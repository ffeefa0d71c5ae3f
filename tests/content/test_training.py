"""The check of the training phrases finds what would teach the model badly."""

from pathlib import Path

import pytest

from stipple.content.training import (
    LEAST_PHRASES,
    check_asking,
    check_exchanges,
    check_screening,
    check_training,
    messages_in_cases,
    plain,
)
from stipple.phrases import AskingMessage, Exchange, Phrase, ScreeningMessage, read_phrases

ANIMALS = (
    "ant bee cat dog eel fox gnu hen ibis jay kite lynx mole newt owl pig quail ram seal toad urial vole wasp yak zebu"
)


def taught(label: str, *texts: str) -> list[Phrase]:
    return [Phrase(label, text, "a.yml") for text in texts]


def enough(label: str) -> list[Phrase]:
    """Just as many and as different phrases as a label needs."""
    return taught(label, *(f"{animal} {label.replace('/', ' ')}" for animal in ANIMALS.split()))


def problems(phrases: list[Phrase], in_tests: set[str] | None = None) -> list[str]:
    return list(check_training(phrases, [], in_tests or set()))


def test_good_phrases_have_no_problem() -> None:
    assert problems(enough("aftercare/sun") + enough("aftercare/hat")) == []


def test_a_label_that_nothing_teaches_is_found() -> None:
    found = list(check_training(enough("aftercare/sun"), ["aftercare/sun", "aftercare/hat"], set()))
    assert found == [f"aftercare/hat: has 0 training phrases, needs {LEAST_PHRASES}"]


def test_a_label_with_too_few_phrases_is_found() -> None:
    assert problems(enough("aftercare/sun")[1:]) == [
        f"aftercare/sun: has {LEAST_PHRASES - 1} training phrases, needs 25"
    ]


def test_uniform_beginnings_are_found() -> None:
    like = taught("aftercare/sun", *(f"can i {n}" for n in range(20)))
    assert problems(enough("aftercare/sun") + like) == ["aftercare/sun: 20 of 45 training phrases begin with 'can i'"]


def test_a_contradiction_is_found_whatever_the_spelling() -> None:
    both = [*enough("aftercare/sun"), *enough("aftercare/hat"), *taught("aftercare/sun", "Cap on?")]
    (found,) = problems([*both, *taught("aftercare/hat", "cap on")])
    assert found == "contradiction: 'cap on' is taught as aftercare/hat and as aftercare/sun"


def test_a_repeated_phrase_is_found() -> None:
    assert problems(enough("aftercare/sun") + taught("aftercare/sun", "ok?", "OK")) == [
        "aftercare/sun: 'ok' stands there 2 times"
    ]


def test_messages_of_other_punctuation_alone_differ() -> None:
    assert problems(enough("out_of_scope/gibberish") + taught("out_of_scope/gibberish", "???", "!!!")) == []


@pytest.mark.parametrize("other", ["the sun on day nine, is it fine", "is sun fine on day nine"])
def test_near_duplicates_are_found(other: str) -> None:
    first = "sun on day nine is fine"
    (found,) = problems(enough("aftercare/sun") + taught("aftercare/sun", first, other))
    assert found.startswith("aftercare/sun: almost the same: ")


def test_a_phrase_that_a_test_holds_too_is_found(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text('{"id": "A", "turns": ["Sun, in my garden?", "ok"], "expect": []}\n')
    found = problems(
        enough("aftercare/sun") + taught("aftercare/sun", "sun in my garden", "ok"), messages_in_cases(tmp_path)
    )
    assert found == ["a.yml: aftercare/sun: stands in a test too, which then proves nothing: 'sun in my garden'"]


def test_phrases_are_read_from_every_file(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("nlu:\n  - intent: unclear\n    examples: |\n      - what?\n      - huh\n")
    (tmp_path / "b.yml").write_text(
        "nlu:\n  - intent: aftercare\n    metadata:\n      topic: sun\n    examples: |\n      - sun?\n"
        "  - lookup: aftercare/sun\n    examples: |\n      - sunny\n"
    )
    assert read_phrases(tmp_path) == [
        Phrase("unclear", "what?", "a.yml"), Phrase("unclear", "huh", "a.yml"),
        Phrase("aftercare/sun", "sun?", "b.yml"),
    ]  # fmt: skip


def test_plain_form() -> None:
    assert plain("  So—POOL is fine, yeah?") == "so pool is fine yeah"


def screening(flag: str, *texts: str) -> list[ScreeningMessage]:
    return [ScreeningMessage(flag, text, "a.jsonl") for text in texts]


def test_screening_messages_of_an_unknown_sign_or_too_few_are_found() -> None:
    found = list(check_screening(screening("plague", "my nose fell off"), ["pus"], set()))
    assert found[0] == "a.jsonl: 'plague' is no danger sign: 'my nose fell off'"
    assert f"pus: has 0 training phrases, needs {LEAST_PHRASES}" in found


def test_screening_messages_that_contradict_or_stand_in_a_test_are_found() -> None:
    messages = screening("pus", "there is pus on my hat") + screening("none", "There is pus, on my hat!")
    found = list(check_screening(messages, [], {"there is pus on my hat"}))
    assert "contradiction: 'there is pus on my hat' is taught as none and as pus" in found
    assert sum("stands in a test too" in problem for problem in found) == 2


def test_messages_of_several_questions_ask_known_things_once_each_and_stand_once_and_in_no_test() -> None:
    def asking(text: str, *asked: str) -> AskingMessage:
        return AskingMessage(asked, text, "a.jsonl")

    good = asking("hat ok and can i go for a swim", "aftercare/hat", "aftercare/swimming")
    assert list(check_asking([good], ["aftercare/hat", "aftercare/swimming"], set())) == []
    found = list(
        check_asking([good, asking("Hat ok, and can I go for a swim?", "aftercare/hat")], ["aftercare/hat"], set())
    )
    assert "a.jsonl: 'aftercare/swimming' has no phrases: 'hat ok and can i go for a swim'" in found
    assert any(problem.startswith("contradiction: 'hat ok and can i go for a swim'") for problem in found)
    found = list(check_asking([asking("and again a hat", "aftercare/hat", "aftercare/hat")], ["aftercare/hat"], set()))
    assert found == ["a.jsonl: asks nothing, or one thing twice: 'and again a hat'"]
    found = list(check_asking([good], good.asked, {"hat ok and can i go for a swim"}))
    assert [problem.split(":")[2].strip() for problem in found] == ["stands in a test too, which then proves nothing"]


def test_exchanges_ask_known_things_and_stand_once_and_in_no_test() -> None:
    labels = ["aftercare/hat", "aftercare/swimming"]

    def exchange(before: str, text: str, *asked: str) -> Exchange:
        return Exchange(before, ("aftercare/hat",), text, asked, "a.jsonl")

    good = exchange("is a cap ok", "and for a swim in the sea", "aftercare/swimming")
    assert list(check_exchanges([good, exchange("hat?", "every day?", "aftercare/hat")], labels, set())) == []
    found = list(check_exchanges([good, good, exchange("hat?", "so", "x/y"), exchange("hat?", "hm")], labels, set()))
    assert found == [
        "a.jsonl: 'x/y' has no phrases: 'so'",
        "a.jsonl: one of the two messages asks nothing: 'hm'",
        "aftercare/swimming: 'is a cap ok and for a swim in the sea' stands there 2 times",
    ]
    found = list(check_exchanges([good], labels, {"and for a swim in the sea"}))
    assert ["stands in a test too" in problem for problem in found] == [True]
