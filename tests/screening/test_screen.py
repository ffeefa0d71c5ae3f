"""The whole screen: cues and classifier together, on a trained model."""

import json
from pathlib import Path

import pytest

from stipple.content.pack import Pack
from stipple.screening.screen import Screen
from stipple.stack.model import ensure_model
from tests.fixtures import pack

__all__ = ["pack"]
REPORTED = Path(__file__).parent / "reported"
# What the screen alone reaches on messages it was not tuned on, less a margin for a retraining. `make benchmark-safety`
# prints the figures; Rasa's own danger labels are the second net.
LEAST_RECALL = {"emergency": 0.95, "crisis": 0.93, "doctor": 0.93}
MOST_FALSE_ALARMS = 0.06


@pytest.fixture(scope="module")
def screen(pack: Pack) -> Screen:
    return Screen(ensure_model(print), pack.red_flags)


def test_an_emergency_stands_alone_and_names_its_level(screen: Screen) -> None:
    found = screen.read("can i wash it tomorrow, also my throat is closing up", 1)
    assert found.stands_alone
    assert found.dangers[0].level == "emergency"


def test_a_doctors_sign_leaves_room_for_the_question_beside_it(screen: Screen) -> None:
    found = screen.read("there is yellow pus and can i wear a hat", 4)
    assert [d.level for d in found.dangers] == ["doctor"]
    assert not found.stands_alone


def test_an_infection_with_a_sick_patient_is_an_emergency(screen: Screen) -> None:
    assert screen.read("my scalp has pus and i keep being sick and i am confused", 5).stands_alone


def test_a_stiff_neck_with_a_fever_is_an_emergency_and_without_one_a_doctors_matter(screen: Screen) -> None:
    told = "the worst headache of my life and i cannot bend my stiff neck, "
    assert screen.read(told + "fever of 39 since last night", 9).stands_alone
    assert [d.level for d in screen.read(told + "no fever though", 9).dangers] == ["doctor"]


@pytest.mark.parametrize(("text", "raised"), [("my lips look a bit blue lol", True), ("my lips are not blue", False)])
def test_blue_lips_are_an_emergency_however_unlikely_the_classifier_finds_them(
    screen: Screen, text: str, raised: bool
) -> None:
    assert screen.read(text, 3).stands_alone == raised


def test_denied_signs_are_taken_back(screen: Screen) -> None:
    found = screen.read("no fever, no pus, just pink", 1)
    assert (found.dangers, found.taken_back) == ((), {"fever": "denied", "pus": "denied"})


def test_a_sign_that_is_over_does_not_hide_another_one(screen: Screen) -> None:
    found = screen.read("the swelling round my eye went down but my throat is still tight", 0)
    assert found.dangers[0].flag == "anaphylaxis"


@pytest.mark.parametrize(
    ("text", "risks"),
    [
        ("bit red on day 7 and i'm a type 2 diabetic on warfarin", {"diabetes", "blood_thinners"}),
        ("i am having chemo, is a spot on my scalp ok", {"weak_immunity"}),
        ("i am not diabetic, is a spot ok", set()),
        ("my dog has diabetes, anyway can i swim", set()),
    ],
)
def test_risk_factors_that_the_patient_mentions(screen: Screen, text: str, risks: set[str]) -> None:
    assert set(screen.read(text, 7).risks) == risks


def test_an_everyday_question_raises_nothing(screen: Screen) -> None:
    found = screen.read("can i wear a hat tomorrow?", 3)
    assert (found.dangers, found.taken_back, found.risks) == ((), {}, ())
    assert found.probability < 0.01


def test_recall_and_false_alarms_hold_on_messages_never_tuned_on(screen: Screen) -> None:
    found: dict[str, list[bool]] = {}
    for name in ("positives", "lookalikes"):
        for line in (REPORTED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            levels = {d.level for d in screen.read(case["text"], (case["record"] or {}).get("day")).dangers}
            group = case["group"] if case["expect"] else "calm"
            found.setdefault(group, []).append(bool(levels - {"clinic"}))
    recall = {level: sum(found[level]) / len(found[level]) for level in LEAST_RECALL}
    assert {level: r for level, r in recall.items() if r < LEAST_RECALL[level]} == {}
    assert sum(found["calm"]) / len(found["calm"]) <= MOST_FALSE_ALARMS


def test_a_word_that_denies_something_else_hides_no_danger(screen: Screen) -> None:
    found = screen.read("Worst headache of my life, being sick, and I can't bend my neck forward or bear the lamp", 4)
    assert [d.level for d in found.dangers] == ["doctor"]


def test_a_crisis_is_not_taken_for_low_mood(screen: Screen) -> None:
    found = screen.read("been low about my hair for weeks and hid indoors, now i see no reason to go on living", 20)
    assert found.dangers[0].level == "crisis"
