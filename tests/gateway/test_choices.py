"""Choices: each has an id of its own, and a tap on a danger sign is known by its payload and by its id."""

import pytest

from actions.envelope import button, form_button
from actions.questions_of_forms import NONE, OPTIONS
from stipple.care.triage import SIGNS
from stipple.content.pack import Pack
from stipple.gateway.chat import LONGEST_CHOICE
from stipple.gateway.choices import offered, tapped, tapped_id
from stipple.gateway.engine import UNSCREENED
from tests.fixtures import pack

__all__ = ["pack"]


def test_every_danger_sign_is_known_by_its_button(pack: Pack) -> None:
    choices = offered([button(f.title, f"red_flag/{f.id}") for f in pack.red_flags.values()], pack)
    for flag, choice in zip(pack.red_flags.values(), choices, strict=True):
        (danger,) = tapped(choice["payload"], pack).dangers
        assert (danger.flag, danger.level) == (flag.id, flag.level)
        assert tapped_id(choice["id"], pack) == tapped(choice["payload"], pack)
        assert len(choice["id"]) <= LONGEST_CHOICE


def test_every_sign_of_the_three_questions_is_known_by_its_answer(pack: Pack) -> None:
    answers = [value for value, _ in OPTIONS["triage_sign"] if value != NONE]
    choices = offered([form_button(answer, answer) for answer in answers], pack)
    assert [d.flag for c in choices for d in tapped_id(c["id"], pack).dangers] == [SIGNS[a] for a in answers]


@pytest.mark.parametrize(
    "made",
    [
        button("Sport", "aftercare/gym"),
        button("I don't understand", "unclear"),
        button("A sign that the clinic has no text for", "red_flag/unheard_of"),
        *(form_button(value, value) for slot, values in OPTIONS.items() for value, _ in values if value not in SIGNS),
        {"title": "Hello", "payload": "/smalltalk"},
    ],
)
def test_any_other_button_tells_of_no_danger(pack: Pack, made: dict[str, str]) -> None:
    (choice,) = offered([made], pack)
    assert tapped(made["payload"], pack) == tapped_id(choice["id"], pack) == UNSCREENED
    assert {"title": choice["title"], "payload": choice["payload"]} == made


def test_a_button_that_is_offered_twice_has_two_ids(pack: Pack) -> None:
    pus = button("Pus", "red_flag/pus")
    first, second = offered([pus, pus], pack)
    assert first["id"] != second["id"]
