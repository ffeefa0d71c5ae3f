"""Which turns signal that an instruction was not understood, and which only look like it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stipple.care.confusion import MOST_BACK, Said, Shown, signals

NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
WATER: dict[str, Any] = {
    "kind": "aftercare",
    "topic": "water",
    "verdict": "avoid",
    "asked_day": 2,
    "rule_id": "aftercare/water/0-3",
    "wording_version": 1,
    "intent": "aftercare/water",
    "confidence": 0.97,
}
GYM = WATER | {"topic": "gym", "rule_id": "aftercare/gym/0-", "intent": "aftercare/gym"}
PUS = {"kind": "red_flag", "topic": "pus", "urgency": "doctor", "rule_id": "red_flag/pus", "wording_version": 1}
UNCLEAR = {"kind": "unclear", "intent": "unclear", "rule_id": "aftercare/water/0-3"}
USELESS = {"kind": "feedback", "topic": "not_helpful"}
CLEAR = {"kind": "feedback", "topic": "clear"}
PERSON = {"kind": "contact", "topic": "person"}
MISS = {"kind": "ask_back", "topic": "did_you_mean"}
THANKS = {"kind": "smalltalk", "topic": "thanks"}
NAMES = {"aftercare/water/0-3": 1, "aftercare/gym/0-": 2, "red_flag/pus": 3}


def said(*trace: dict[str, Any], minutes: float = 0, text: str = "") -> Said:
    """A reply; what it shows has the number that ``NAMES`` gives the instruction."""
    shown = [Shown(NAMES[t["rule_id"]], t["rule_id"], t.get("asked_day")) for t in trace if "wording_version" in t]
    words = text or " ".join(t.get("rule_id", t["kind"]) for t in trace)
    return Said(NOW + timedelta(minutes=minutes), words, trace, tuple(shown))


def kinds(reply: Said, *earlier: Said) -> list[tuple[int, str]]:
    return [(s.delivery, s.kind) for s in signals(reply, earlier)]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(UNCLEAR, "unclear"), (USELESS, "not_helpful"), (PERSON, "person"), (MISS, "not_understood")],
)
def test_right_after_an_instruction_it_is_a_signal(reply: dict[str, Any], kind: str) -> None:
    assert kinds(said(reply), said(WATER)) == [(1, kind)]
    assert kinds(said(reply), said(WATER, GYM)) == [(1, kind), (2, kind)], "which of the two, nobody can tell"
    assert kinds(said(reply), said(WATER), said(UNCLEAR)) == [(1, kind)], "still about the same instruction"
    assert kinds(said(reply)) == []


@pytest.mark.parametrize("between", [CLEAR, THANKS, {"kind": "contact", "topic": "hours"}])
def test_later_it_is_none(between: dict[str, Any]) -> None:
    for reply in (USELESS, PERSON, MISS):
        assert kinds(said(reply), said(WATER), said(between)) == []
    assert kinds(said(reply), said(WATER), Said(NOW, "a fallback", ())) == []


def test_not_understood_after_small_talk_means_what_is_explained_again() -> None:
    assert kinds(said(UNCLEAR), said(WATER), said(THANKS)) == [(1, "unclear")]
    assert kinds(said(UNCLEAR), said(WATER), said(GYM), said(THANKS)) == [(1, "unclear")]
    far = [said(WATER), *[said(THANKS)] * 3]
    assert kinds(said(UNCLEAR, minutes=24 * 60), *far) == [(1, "unclear")]
    assert kinds(said(UNCLEAR, minutes=24 * 60 + 1), *far) == []
    why = {"kind": "unclear", "intent": "followup/why"}
    assert kinds(said(why), said(THANKS)) == []


def test_a_danger_sign_not_understood_is_its_own() -> None:
    assert kinds(said(UNCLEAR), said(WATER), said(PUS)) == [(3, "unclear")]


def test_who_was_told_to_call_and_asks_how_is_not_confused() -> None:
    assert kinds(said(PERSON), said(PUS)) == []
    assert kinds(said(PERSON), said(GYM | {"verdict": "ask"})) == []


def test_asked_again_within_three_turns_or_a_day() -> None:
    again = WATER | {"confidence": 0.8}
    others = [said(THANKS)] * 2
    assert kinds(said(again), said(WATER)) == [(1, "asked_again")]
    assert kinds(said(again, minutes=9999), said(WATER), *others) == [(1, "asked_again")]
    assert kinds(said(again, minutes=1440), said(WATER), *others, *others) == [(1, "asked_again")]
    assert kinds(said(again, minutes=1441), said(WATER), *others, *others) == []
    assert kinds(said(again), said(WATER), *[said(THANKS)] * MOST_BACK) == []
    assert kinds(said(again | {"override": True}), said(WATER)) == [(1, "asked_again")]


def test_another_day_or_topic_is_another_question() -> None:
    assert kinds(said(WATER | {"asked_day": 3}), said(WATER)) == []
    assert kinds(said(GYM), said(WATER)) == []


def test_the_same_danger_sign_again_is_no_confusion() -> None:
    assert kinds(said(PUS), said(PUS)) == []


def test_the_reason_is_no_repetition_but_the_same_words_are() -> None:
    assert kinds(said(WATER, text="Because of the scabs."), said(WATER, text="Keep it dry.")) == []
    assert kinds(said(WATER, text="Keep it dry."), said(WATER, text="Keep it dry.")) == [(1, "asked_again")]
    assert kinds(said(WATER, text="Keep it dry."), said(WATER, GYM, text="Keep it dry. Rest.")) == [(1, "asked_again")]


def test_a_reply_of_nothing_tells_nothing() -> None:
    assert kinds(Said(NOW, "", ()), said(WATER)) == []
