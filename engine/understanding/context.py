"""What a message asks after the one before it: "every day?" alone says little, after "can I use my shaver" a lot.

Three things suggest a label: the message alone, both messages read as one, and what was answered last. How far each is
to be believed is learned from exchanges that nothing else has learned from (`data/exchanges`).
"""

import re
from typing import List, NamedTuple, Sequence

import numpy as np

from engine.understanding.asking import WHY
from engine.understanding.evidence import Suggestion, log_odds
from engine.understanding.model import Guess, Prediction
from engine.understanding.parts import AROUND, SETTLES, Part, chance_of
from stipple.phrases import RED_FLAG, kind_of

# What leans on the last answer: after one, it asks that answer's question again.
GOES_ON = {"followup/date", "followup/still", "followup/more"}
# What says something of the answer itself.
ABOUT_IT = {"unclear", "feedback"}
BROKEN = "healing_sign/rule_broken"
RULES = {"aftercare", "preparation"}
# What mostly follows a danger sign: whether, how and by whom to be seen, that somebody has, or that it was none.
AFTER_DANGER = ("followup/wait", *SETTLES)
# How soon to be seen was the last answer.
HOW_SOON = "healing_sign/unsure"
DONE = re.compile(
    r"\b(?:did|done|went|had|been|was|were|took|used|already|too late|ive|i've|bought|put|got|just)\b", re.IGNORECASE
)
# How many of the likeliest labels of the message alone, and of both as one, are looked at.
ALONE, ASKED, TOGETHER = 5, 4, 2
LEAST_ASKED = 0.05


class Before(NamedTuple):
    """The patient's message before this one, and the labels that it was answered for."""

    text: str
    asked: Sequence[str]


def suggestions_after(
    before: Before, whole: Part, alone: Sequence[Guess], both: Prediction, earlier: Prediction
) -> List[Suggestion]:
    """What a message may ask after ``before``: ``whole`` is the message, ``alone`` what it is when nothing came before.

    ``both`` is the prediction for both as one, ``earlier`` that for the message before.
    """
    labels = [g.label for g in alone[:ALONE]] + [g.label for g in both.asked[:ASKED] if g.probability > LEAST_ASKED]
    labels += [g.label for g in both.guesses[:TOGETHER]] + [label for label in before.asked if label != HOW_SOON]
    labels += [BROKEN] if _on_a_rule(before) else []
    labels += AFTER_DANGER if after_danger(before) else ()
    return [
        Suggestion(label, whole, False, _evidence(label, before, whole, alone, both, earlier))
        for label in dict.fromkeys(labels)
        if label not in GOES_ON and kind_of(label) != RED_FLAG
    ]


def goes_on(label: str) -> bool:
    """Whether a message with this label asks the question before it again."""
    return label in GOES_ON


def is_about_it(label: str) -> bool:
    """Whether a message with this label speaks of the answer it follows, not of that answer's subject."""
    return kind_of(label) in ABOUT_IT


def leads_on(before: Before) -> bool:
    """Whether what was answered last has a subject that a message could lean on."""
    return any(kind_of(label) not in AROUND for label in before.asked)


def after_danger(before: Before) -> bool:
    """Whether what was answered last was a danger sign, or how soon to be seen."""
    return any(kind_of(label) == RED_FLAG or label == HOW_SOON for label in before.asked)


def _on_a_rule(before: Before) -> bool:
    return any(kind_of(label) in RULES for label in before.asked)


def _evidence(
    label: str, before: Before, whole: Part, alone: Sequence[Guess], both: Prediction, earlier: Prediction
) -> List[float]:
    """Numbers that speak for or against ``label``."""
    text = whole.segment.text
    rival = max((g.probability for g in alone if g.label != label), default=0.0)
    leaning = sum(g.probability for g in alone if g.label in GOES_ON)
    anew = max((g.probability for g in both.asked if g.label not in (label, *before.asked)), default=0.0)
    length, last = float(np.log(len(text.split()) + 1)), float(label in before.asked)
    asked = log_odds(chance_of(label, both.asked))
    around = float(kind_of(label) in AROUND)
    broken = float(label == BROKEN and _on_a_rule(before))
    danger = float(after_danger(before))
    return [
        chance_of(label, alone) - rival,
        log_odds(chance_of(label, whole.guesses)),
        log_odds(chance_of(label, whole.asked)),
        asked,
        log_odds(chance_of(label, both.guesses)) - log_odds(chance_of(label, earlier.guesses)),
        last,
        last * log_odds(leaning),
        last * length,
        last * log_odds(anew),
        (1 - last) * asked,
        float(any(kind_of(label) == kind_of(other) for other in before.asked)),
        around,
        around * log_odds(chance_of(label, alone)),
        float(is_about_it(label)),
        float(label == WHY),
        broken,
        broken * float(bool(DONE.search(text))),
        broken * asked,
        danger * asked,
        danger * (chance_of(label, alone) - rival),
        *(danger * float(label == follows) for follows in AFTER_DANGER),
    ]
