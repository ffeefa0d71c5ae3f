"""Splitting a message into parts, and seeing which of them are tagged on to the one before."""

import pytest

from engine.understanding.segments import clauses, sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Can I wash it? And a run on Sunday", [("Can I wash it", False), ("a run on Sunday", True)]),
        ("hat ok? sunnies on top", [("hat ok", False), ("sunnies on top", False)]),
        ("shampoo tonight & the gym", [("shampoo tonight", False), ("the gym", True)]),
        ("is a hat ok also sunscreen", [("is a hat ok", False), ("sunscreen", True)]),
        ("I wash it. But can I swim", [("I wash it", False), ("can I swim", False)]),
        ("And the gym?", [("And the gym", False)]),
        ("sand on it? handy cream", [("sand on it", False), ("handy cream", False)]),
    ],
)
def test_a_part_is_tagged_on_by_what_joins_it(text: str, parts: list[tuple[str, bool]]) -> None:
    assert [(part.text, part.tagged_on) for part in sentences(text)] == parts


def test_parts_know_where_they_stand() -> None:
    text = "First this; then a hat, and the sun"
    for sentence in sentences(text):
        for part in (sentence, *clauses(sentence)):
            assert text[part.start : part.end] == part.text
