"""Finding each question of a message: in the whole, in its sentences, and in their clauses."""

from typing import Dict, List, NamedTuple, Sequence

from engine.understanding.model import Guess, LabelModel
from engine.understanding.segments import Segment, asks, clauses, sentences

# A sentence, or a clause, is a question of its own from this probability on.
SENTENCE_CONFIDENCE = 0.5
CLAUSE_CONFIDENCE = 0.6
# A part whose label the whole message does not suggest at all must be this clear. A sentence that begins as a question
# does, or is tagged on to one, asks something, so whether suggested or not it need only be this clear.
UNSUGGESTED_CONFIDENCE, QUESTION_CONFIDENCE = 0.8, 0.3
SUGGESTED = 0.02
# Summed probability of all danger labels from which a part of a message raises a red flag. A fragment of one or two
# words ("thoughts?") says too little to raise one unless it names the danger outright.
RED_FLAG_CONFIDENCE = 0.5
FRAGMENT_RED_FLAG_CONFIDENCE = 0.95
FRAGMENT_WORDS = 2
RED_FLAG = "red_flag"
OTHER_LANGUAGE = "out_of_scope/other_language"
# Said around a question rather than asked, or leaning on it ("do i need to stop both?"): never a question of a part of
# its own.
AROUND = {"smalltalk", "feedback", "form_control", "out_of_scope", "followup", "unclear"}
# "I am 70, am I a candidate?" asks about the age, not about the treatment in general too.
GENERAL = "/general"
# Further parts are not looked at; it bounds the cost of a very long message.
MOST_PARTS = 14


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
    if model.is_foreign(text):
        return [Question([Guess(OTHER_LANGUAGE, 1.0)], 1.0, 0, len(text))]
    inner = [s for s in sentences(text) if s.text != text]
    smaller = [c for s in (inner or [whole]) for c in clauses(s) if c.text != s.text]
    units = list(dict.fromkeys([whole, *inner, *smaller]))[:MOST_PARTS]
    predictions = model.predict([model.repair(u.text) for u in units])
    read = {unit: Question(p.guesses, p.nearness, unit.start, unit.end) for unit, p in zip(units, predictions)}
    found = _several(whole, inner, read)
    if len(found) < 2:
        found = [_best(read[whole], [read[s] for s in inner if s in read])]
    return _red_flags(text, list(read.values()), found)


def _several(whole: Segment, inner: List[Segment], read: Dict[Segment, Question]) -> List[Question]:
    """The parts that ask something of their own, the clearest one for each label, in the order of the message."""
    suggested = {g.label for g in read[whole].guesses if g.probability >= SUGGESTED}
    specific = kind_of(read[whole].label) if not read[whole].label.endswith(GENERAL) else None
    clearest: Dict[str, Question] = {}
    for unit, question in read.items():
        needed = SENTENCE_CONFIDENCE if unit in inner else CLAUSE_CONFIDENCE
        if question.label not in suggested:
            needed = UNSUGGESTED_CONFIDENCE
        if unit in inner and (asks(unit) or unit.tagged_on):
            needed = QUESTION_CONFIDENCE
        if unit == whole or question.kind in AROUND or question.probability < needed:
            continue
        if question.label.endswith(GENERAL) and question.kind == specific:
            continue
        if question.label not in clearest or question.probability > clearest[question.label].probability:
            clearest[question.label] = question
    return sorted(clearest.values(), key=lambda q: q.start)


def _best(whole: Question, inner: List[Question]) -> Question:
    """The one question of a message: the label that the whole and its clearest sentence together find likeliest."""
    score = {g.label: g.probability for g in whole.guesses}
    for question in inner:
        for guess in question.guesses:
            if kind_of(guess.label) not in AROUND:
                together = guess.probability + next((g.probability for g in whole.guesses if g.label == guess.label), 0)
                score[guess.label] = max(score.get(guess.label, 0.0), together)
    best = max(score, key=lambda label: score[label])
    return next((q for q in [whole, *inner] if q.label == best), whole)


def _distinct(questions: Sequence[Question]) -> List[Question]:
    first: Dict[str, Question] = {}
    for question in questions:
        first.setdefault(question.label, question)
    return list(first.values())


def _red_flags(text: str, parts: List[Question], found: List[Question]) -> List[Question]:
    """``found`` with every danger that any part of the message names put first."""
    raised = []
    for part in parts:
        dangers = [g for g in part.guesses if kind_of(g.label) == RED_FLAG]
        fragment = len(text[part.start : part.end].split()) <= FRAGMENT_WORDS and part is not parts[0]
        needed = FRAGMENT_RED_FLAG_CONFIDENCE if fragment else RED_FLAG_CONFIDENCE
        if sum(g.probability for g in dangers) >= needed:
            raised.append(Question(dangers, part.nearness, part.start, part.end))
    # A danger too unlikely to raise is no reading: the likeliest other one takes its place.
    return _distinct(raised) + [q for q in found if q.kind != RED_FLAG] or [_without_danger(found[0])]


def _without_danger(question: Question) -> Question:
    others = [g for g in question.guesses if kind_of(g.label) != RED_FLAG]
    return question._replace(guesses=others or question.guesses)
