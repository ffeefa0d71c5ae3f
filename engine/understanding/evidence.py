"""Which labels a message of several parts may ask, and the evidence for each.

Two things suggest a label: a part that reads like it, and the whole message, of which a regression tells for each label
whether it is asked. How far they are believed together is learned from messages that neither has learned from.
"""

from typing import List, NamedTuple, Sequence, Tuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from engine.understanding.parts import AROUND, SETTLES, Part, Reading, chance_of
from engine.understanding.segments import asks
from stipple.phrases import RED_FLAG, kind_of

# What only the whole suggests is looked at from this probability on, and the likeliest few.
LEAST_FROM_WHOLE, MOST_FROM_WHOLE = 0.1, 4
# "I am 70, am I a candidate?" asks about the age, not about the treatment in general too.
GENERAL = "/general"
LEAST_CHANCE = 0.001
REGULARISATION = 0.3


class Suggestion(NamedTuple):
    """A label that a message may ask, the part that says it best, and whether that part reads like it."""

    label: str
    part: Part
    by_part: bool
    evidence: List[float]


class Belief:
    """How likely it is that a message asks what is suggested; fitted on suggestions of which it is ``known``."""

    def __init__(self, known: Sequence[Tuple[Suggestion, bool]]) -> None:
        evidence, right = np.array([s.evidence for s, _ in known]), [is_asked for _, is_asked in known]
        scale = StandardScaler().fit(evidence)
        fitted = LogisticRegression(C=REGULARISATION).fit(scale.transform(evidence), right)
        self._weights = fitted.coef_[0] / scale.scale_
        self._bias = float(fitted.intercept_[0] - scale.mean_ @ self._weights)

    def __call__(self, suggestion: Suggestion) -> float:
        """Probability, 0 to 1."""
        return float(1 / (1 + np.exp(-(np.array(suggestion.evidence) @ self._weights + self._bias))))


def suggestions(reading: Reading) -> List[Suggestion]:
    """One for each label that a part reads like or that the whole may ask; none for a message of one part."""
    if not reading.parts:
        return []
    best = {}
    for part in reading.parts:
        if _may_be_asked(part.label) and (part.label not in best or part.probability > best[part.label].probability):
            best[part.label] = part
    by_part = set(best)
    for guess in [g for g in reading.whole.asked if _may_be_asked(g.label)][:MOST_FROM_WHOLE]:
        if guess.label not in best and guess.probability >= LEAST_FROM_WHOLE:
            everywhere = [reading.whole, *reading.parts]
            best[guess.label] = max(everywhere, key=lambda part: chance_of(guess.label, part.guesses))
    return [
        Suggestion(label, part, label in by_part, _evidence(label, part, reading, [x for x in best if x != label]))
        for label, part in best.items()
    ]


def _may_be_asked(label: str) -> bool:
    return label in SETTLES or (kind_of(label) not in AROUND and kind_of(label) != RED_FLAG)


def _evidence(label: str, part: Part, reading: Reading, others: Sequence[str]) -> List[float]:
    """Numbers that speak for or against ``label``; what the other suggestions weigh is one of them."""
    whole, segment = reading.whole, part.segment
    own, asked = chance_of(label, part.guesses), chance_of(label, whole.asked)
    rival = max((g.probability for g in part.guesses if g.label != label), default=0.0)
    return [
        log_odds(own),
        own - rival,
        log_odds(chance_of(label, part.asked)),
        log_odds(chance_of(label, whole.guesses)),
        float(whole.label == label),
        log_odds(whole.probability),
        log_odds(asked),
        log_odds(asked) - log_odds(max((chance_of(x, whole.asked) for x in others), default=0.0)),
        float(part in reading.sentences),
        float(asks(segment)),
        float(segment.tagged_on),
        float(np.log(len(segment.text.split()))),
        float(np.log(len(whole.segment.text.split()))),
        float(label.endswith(GENERAL)),
        float(kind_of(label) == kind_of(whole.label)),
    ]


def log_odds(chance: float) -> float:
    """The logarithm of the odds, bounded, so that a probability of 0 is a number too."""
    kept = min(max(chance, LEAST_CHANCE), 1 - LEAST_CHANCE)
    return float(np.log(kept / (1 - kept)))
