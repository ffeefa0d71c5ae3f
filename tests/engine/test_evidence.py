"""What a message may ask: what its parts read like, what the whole suggests, and how far both are believed."""

import numpy as np

from engine.understanding.evidence import Belief, Suggestion, suggestions
from engine.understanding.model import Guess
from engine.understanding.parts import Part, Reading
from engine.understanding.segments import Segment, sentences

HAT, SWIM, SUN, THANKS = "aftercare/hat", "aftercare/swimming", "aftercare/sun", "smalltalk/thanks"


def part(segment: Segment, guesses: dict[str, float], asked: dict[str, float] | None = None) -> Part:
    likely, said = ([Guess(label, p) for label, p in chances.items()] for chances in (guesses, asked or {}))
    return Part(segment, likely, 0.8, said)


def reading(text: str, asked: dict[str, float], *parts: dict[str, float]) -> Reading:
    segments = sentences(text) if parts else []
    whole = part(Segment(text, 0, len(text)), {HAT: 0.6, SWIM: 0.2}, asked)
    return Reading(whole, [part(s, guesses) for s, guesses in zip(segments, parts, strict=True)], [])


def test_a_message_of_one_part_suggests_nothing_more() -> None:
    assert suggestions(reading("a cap at the pool", {HAT: 0.9, SWIM: 0.9})) == []


def test_parts_and_the_whole_suggest_labels_and_the_best_part_stands_for_each() -> None:
    found = suggestions(
        reading(
            "Is a cap ok? And the pool. Cheers", {SUN: 0.4, SWIM: 0.05}, {HAT: 0.9}, {SWIM: 0.5, SUN: 0.3}, {THANKS: 1}
        )
    )
    assert [(s.label, s.part.segment.text, s.by_part) for s in found] == [
        (HAT, "Is a cap ok", True),
        (SWIM, "the pool", True),
        (SUN, "the pool", False),
    ]
    assert len({len(s.evidence) for s in found}) == 1
    assert np.isfinite([s.evidence for s in found]).all()


def test_what_the_whole_hardly_suggests_and_danger_signs_are_no_suggestions() -> None:
    found = suggestions(
        reading("A cap. Yellow goo", {SUN: 0.02, "red_flag/pus": 0.9}, {HAT: 0.9}, {"red_flag/pus": 0.9})
    )
    assert [s.label for s in found] == [HAT]


def test_belief_follows_the_evidence_that_was_right() -> None:
    chance = np.random.RandomState(1)
    evidence = chance.normal(size=(200, 2)) * [1.0, 50.0]
    some = part(Segment("a cap", 0, 5), {HAT: 0.9})
    believe = Belief([(Suggestion(HAT, some, True, list(row)), bool(row[0] > 0)) for row in evidence])
    likely, unlikely = (believe(Suggestion(HAT, some, True, [first, 30.0])) for first in (2.0, -2.0))
    assert likely > 0.9
    assert unlikely < 0.1
