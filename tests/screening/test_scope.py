"""What takes the alarm out of a danger word, and what does not."""

import pytest

from stipple.screening.cues import Cues, compile_pattern
from stipple.screening.scope import Scope, scope_of


@pytest.fixture(scope="module")
def cues() -> Cues:
    return Cues()


def scopes(cues: Cues, text: str, flag: str, day: int = 6) -> set[Scope]:
    doc = cues.read(text)
    return {scope_of(doc, cue) for cue in cues.find(doc, day) if cue.flag == flag}


@pytest.mark.parametrize(
    ("text", "flag", "scope"),
    [
        ("there is pus on my towel", "pus", "now"),
        ("no redness, no pus and no fever", "pus", "denied"),
        ("no redness, no pus and no fever", "fever", "denied"),
        ("no pus but i have a fever", "fever", "now"),
        ("i don't think it's infected", "spreading_redness", "denied"),
        ("the bleeding won't stop", "heavy_bleeding", "now"),
        ("what if i get a fever", "fever", "imagined"),
        ("what does an infection look like?", "spreading_redness", "imagined"),
        ("what is this pus on my hat", "pus", "now"),
        ("i had cellulitis ten years ago", "spreading_redness", "past"),
        ("my dog has pus in his ear", "pus", "other"),
        ("my flatmate has a fever", "fever", "other"),
        ("my husband had the treatment and has a fever", "fever", "now"),
        ("i am dying to see it, i'd kill for that hairline", "sepsis", "idiom"),
        ("there is no point in living", "suicidal_thoughts", "now"),
        ("what is the point of living", "suicidal_thoughts", "now"),
    ],
)
def test_how_a_cue_is_meant(cues: Cues, text: str, flag: str, scope: Scope) -> None:
    assert scope in scopes(cues, text, flag) or (scope == "idiom" and not scopes(cues, text, flag))


def test_heat_is_normal_in_the_first_days_only(cues: Cues) -> None:
    text = "my scalp feels hot"
    assert scopes(cues, text, "spreading_redness", day=1) == set()
    assert scopes(cues, text, "spreading_redness", day=5) == {"now"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("can i have more paracetamol, taken 12 already", True),
        ("i took nine paracetamol", True),
        ("had my session 10 days ago today, is paracetamol ok", False),
        ("i take paracetamol at 10 each night", False),
    ],
)
def test_more_tablets_in_a_day_than_anybody_may_take_are_a_cue(cues: Cues, text: str, found: bool) -> None:
    assert any(cue.flag == "self_harm_now" for cue in cues.find(cues.read(text), 5)) is found


def test_every_cue_has_a_source(cues: Cues) -> None:
    assert [group.flag for group in cues.groups if len(group.source) < 10] == []


def test_an_unknown_list_is_refused() -> None:
    with pytest.raises(ValueError, match="NOWHERE is no list"):
        compile_pattern("hot NOWHERE", {})
