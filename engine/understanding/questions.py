"""Finding each question of a message: whole, sentence by sentence, or clause by clause."""

from typing import Dict, List, NamedTuple, Sequence

from engine.understanding.model import Guess, LabelModel, Prediction
from engine.understanding.segments import Segment, clauses, sentences

# A part counts as a question of its own from this probability on, a clause only when it is clearer still.
SENTENCE_CONFIDENCE = 0.35
CLAUSE_CONFIDENCE = 0.6
# Summed probability of all danger labels from which any part of a message raises a red flag.
RED_FLAG_CONFIDENCE = 0.45
RED_FLAG = "red_flag"
# Said around a question rather than asked: kept only when nothing else is there.
AROUND = {"smalltalk", "feedback", "form_control"}
# More parts than this are read as one; it bounds the cost of a very long message.
MOST_PARTS = 12


class Question(NamedTuple):
    """One thing a message asks: the likely labels, best first, and the part of the text that asks it."""

    guesses: List[Guess]
    nearness: float
    start: int
    end: int

    @property
    def label(self) -> str:
        """``kind/topic``, or ``kind`` alone."""
        return self.guesses[0].label

    @property
    def kind(self) -> str:
        """First part of the label, Rasa's intent."""
        return kind_of(self.label)

    @property
    def probability(self) -> float:
        """How likely the best label is."""
        return self.guesses[0].probability


def kind_of(label: str) -> str:
    """The kind, Rasa's intent, of a label."""
    return label.split("/")[0]


def find_questions(model: LabelModel, text: str) -> List[Question]:
    """The questions of ``text``, in order; a red flag comes first. Never empty."""
    whole = Segment(text, 0, len(text))
    tree = {whole: [s for s in sentences(text) if s.text != text]}
    for sentence in tree[whole] or [whole]:
        parts = clauses(sentence)
        if len(parts) > 1:
            tree[sentence] = tree.get(sentence) or parts
    units = list(dict.fromkeys([whole, *(p for parts in tree.values() for p in parts)]))[:MOST_PARTS]
    predictions = dict(zip(units, model.predict([model.repair(u.text) for u in units])))
    found = _distinct(_asked(whole, tree, predictions))
    return _red_flags(units, predictions, found)


def _asked(
    segment: Segment, tree: Dict[Segment, List[Segment]], predictions: Dict[Segment, Prediction]
) -> List[Question]:
    own = _question(segment, predictions[segment])
    parts = [p for p in tree.get(segment, []) if p in predictions]
    if not parts:
        return [own]
    nested = [q for part in parts for q in _asked(part, tree, predictions)]
    needed = SENTENCE_CONFIDENCE if any(tree.get(p) for p in parts) or segment.start == 0 else CLAUSE_CONFIDENCE
    asked = [q for q in nested if q.probability >= needed and q.kind not in AROUND]
    if len({q.label for q in asked}) > 1:
        return asked
    if asked and asked[0].probability > own.probability:
        return asked[:1]
    return [own]


def _question(segment: Segment, prediction: Prediction) -> Question:
    return Question(prediction.guesses, prediction.nearness, segment.start, segment.end)


def _distinct(questions: Sequence[Question]) -> List[Question]:
    return list({q.label: q for q in reversed(questions)}.values())[::-1]


def _red_flags(
    units: Sequence[Segment], predictions: Dict[Segment, Prediction], found: List[Question]
) -> List[Question]:
    raised = []
    for unit in units:
        dangers = [g for g in predictions[unit].guesses if kind_of(g.label) == RED_FLAG]
        if sum(g.probability for g in dangers) >= RED_FLAG_CONFIDENCE:
            raised.append(Question(dangers, predictions[unit].nearness, unit.start, unit.end))
    return _distinct(raised) + [q for q in found if q.kind != RED_FLAG]
