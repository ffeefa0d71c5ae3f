"""A message and its parts, each with what the label model makes of it."""

from typing import List, NamedTuple, Sequence, Tuple

from engine.understanding.model import Guess, LabelModel
from engine.understanding.segments import Segment, clauses, sentences

# Said around a question rather than asked, or leaning on it ("do i need to stop both?"): never a question of a part of
# its own.
AROUND = {"smalltalk", "feedback", "form_control", "out_of_scope", "followup", "unclear"}
# What settles a danger is told beside a question too: "they gave me tablets, can I wear a hat?"
SETTLES = ("followup/seen", "feedback/false_alarm")
# Further parts are not looked at; it bounds the cost of a very long message.
MOST_PARTS = 14


class Part(NamedTuple):
    """The whole message or a part of it; ``guesses``, ``nearness`` and ``asked`` are those of a `Prediction`."""

    segment: Segment
    guesses: List[Guess]
    nearness: float
    asked: List[Guess]

    @property
    def label(self) -> str:
        """Its likeliest label."""
        return self.guesses[0].label

    @property
    def probability(self) -> float:
        """How likely this is."""
        return self.guesses[0].probability


class Reading(NamedTuple):
    """A whole message, its sentences, and the clauses of these; a message of one part has neither."""

    whole: Part
    sentences: List[Part]
    clauses: List[Part]

    @property
    def parts(self) -> List[Part]:
        """Sentences and clauses."""
        return [*self.sentences, *self.clauses]


def read(model: LabelModel, texts: Sequence[str]) -> List[Reading]:
    """What the model makes of each of ``texts`` and of its parts; all parts are read at once, which is quicker."""
    cut = [_segments(text) for text in texts]
    predictions = iter(model.predict([model.repair(s.text) for group in cut for segments in group for s in segments]))

    def parts(segments: Sequence[Segment]) -> List[Part]:
        return [Part(s, p.guesses, p.nearness, p.asked) for s, p in zip(segments, predictions)]

    return [Reading(parts(whole)[0], parts(inner), parts(smaller)) for whole, inner, smaller in cut]


def _segments(text: str) -> Tuple[List[Segment], List[Segment], List[Segment]]:
    """The whole, its sentences, and their clauses, each once."""
    whole = Segment(text, 0, len(text))
    inner = [s for s in dict.fromkeys(sentences(text)) if s.text != text][: MOST_PARTS - 1]
    smaller = dict.fromkeys(c for s in (inner or [whole]) for c in clauses(s) if c.text != s.text)
    return [whole], inner, [c for c in smaller if c not in inner][: MOST_PARTS - 1 - len(inner)]


def chance_of(label: str, guesses: Sequence[Guess]) -> float:
    """The probability that ``guesses`` give to ``label``; 0 when it is none of them."""
    return next((g.probability for g in guesses if g.label == label), 0.0)
