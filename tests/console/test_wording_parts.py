"""Texts compared word by word, and what a patient would read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.console.differences import IN, OUT, SAME, Part, differences
from stipple.console.fitness import problems_of, rule_of
from stipple.console.preview import preview
from stipple.content.pack import Pack
from stipple.content.safety import safety_text
from stipple.records.models import Instruction
from stipple.records.wordings import Published, words_of
from tests.fixtures import pack

__all__ = ["pack"]
# The days of a session lie on both sides of the night on which clocks change.
NIGHT = datetime(2026, 3, 29, 23, 30, tzinfo=UTC)


def test_words_that_stayed_went_and_came() -> None:
    assert differences("Keep your head dry.", "Keep the head quite dry.") == [
        Part(SAME, "Keep"),
        Part(OUT, " your"),
        Part(IN, " the"),
        Part(SAME, " head"),
        Part(IN, " quite"),
        Part(SAME, " dry."),
    ]
    assert differences("", "") == []
    assert differences("", "New.") == [Part(IN, "New.")]


@given(st.text("ab \n", max_size=40), st.text("ab \n", max_size=40))
def test_the_parts_make_up_both_texts(old: str, new: str) -> None:
    found = differences(old, new)
    assert "".join(p.text for p in found if p.kind != OUT).split() == new.split()
    assert "".join(p.text for p in found if p.kind != IN).split() == old.split()


def test_every_shipped_wording_is_fit_and_stands_in_what_its_patient_reads(pack: Pack) -> None:
    published = {s.id: Published(s.approved.text, s.approved.why, s.approved.simpler, 1) for s in pack.statements()}
    for statement in pack.statements():
        instruction = Instruction(id=statement.id, subject=statement.subject, topic=statement.topic)
        words = words_of(statement.approved)
        assert problems_of(words, rule_of(instruction, pack)) == {}
        shown = preview(instruction, words, published, pack, NIGHT)
        text = safety_text(words.text, pack) if statement.subject == "red_flag" else words.text
        assert text in shown.message, statement.id
        assert words.why in shown.why
        assert statement.subject == "red_flag" or words.simpler in shown.simpler
        assert "{" not in shown.message + shown.why + shown.simpler


@pytest.mark.parametrize(("rule", "day"), [("aftercare/water/4-6", 5), ("aftercare/water/7-", 8)])
def test_the_example_lies_within_the_days(pack: Pack, rule: str, day: int) -> None:
    subject, topic, _ = rule.split("/")
    published = {s.id: Published(s.approved.text, s.approved.why, s.approved.simpler, 1) for s in pack.statements()}
    words = published[rule].words
    shown = preview(Instruction(id=rule, subject=subject, topic=topic), words, published, pack, NIGHT)
    assert shown.day == day
    assert shown.message.startswith(f"You are on day {day} of healing.")
