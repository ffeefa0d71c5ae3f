"""Finding each question of a message: in the whole, in its sentences, and in their clauses."""

from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from engine.understanding.asking import as_one
from engine.understanding.context import BROKEN, Before, after_danger, goes_on, is_about_it, leads_on, suggestions_after
from engine.understanding.evidence import Belief, Suggestion, suggestions
from engine.understanding.model import Guess, LabelModel
from engine.understanding.parts import AROUND, Part, Reading, read
from stipple.encoder import Encoder
from stipple.phrases import RED_FLAG, AskingMessage, Exchange, kind_of

# What a part suggests is asked from this belief on; what only the whole suggests, in parts that read like something
# else, must be believed more.
BY_PART, BY_WHOLE = 0.4, 0.5
# What is believed less than that, but this much, is not answered but offered: of the messages in the tests that ask
# several things this names two in five of the questions that would be dropped, at the cost of one needless offer in
# seven messages that ask one.
POSSIBLE, MOST_POSSIBLE = 0.2, 2
# The same after another message: a third of what would be missed, one needless offer in six.
POSSIBLE_AFTER = 0.25
# What the whole is said to ask counts beside what it is, in choosing the one question of a message.
ASKED_SHARE = 0.5
# What is most likely, and this likely, to say "I do not understand" or "that helped" is not read for a subject, and
# what is this clear alone is not read again with the message before it.
SURELY_ABOUT_IT, CLEAR_ALONE = 0.4, 0.9
# What follows another message asks what is believed from here on, or the likeliest when nothing is.
AFTER_ANOTHER = 0.5
# Summed probability of all danger labels from which a part of a message raises a red flag. A fragment of one or two
# words ("thoughts?") says too little to raise one unless it names the danger outright.
RED_FLAG_CONFIDENCE = 0.5
FRAGMENT_RED_FLAG_CONFIDENCE = 0.95
FRAGMENT_WORDS = 2
OTHER_LANGUAGE = "out_of_scope/other_language"


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


class Found(NamedTuple):
    """What a message asks, in its order and never empty, and what it may ask beside that, likeliest first."""

    asked: List[Question]
    possible: List[Guess]


class QuestionFinder:
    """Finds the questions of messages with ``model``; how far to believe it, it learns from messages and exchanges.

    The model must not have learned from these, or it would be believed too much.
    """

    def __init__(self, model: LabelModel, messages: Sequence[AskingMessage], exchanges: Sequence[Exchange]) -> None:
        self.model = model
        readings = read(model, [m.text for m in messages])
        known = [(s, s.label in m.asked) for m, reading in zip(messages, readings) for s in suggestions(reading)]
        self._belief = Belief(known)
        befores = [Before(e.before, e.before_asked) for e in exchanges]
        followed = self._suggestions_after(befores, read(model, [e.text for e in exchanges]))
        self._belief_after = Belief([(s, s.label in e.asked) for e, found in zip(exchanges, followed) for s in found])

    def find(self, text: str, before: Optional[Before] = None) -> Found:
        """The questions of ``text``, sent after ``before``; a red flag comes first."""
        if self.model.is_foreign(text):
            return Found([Question([Guess(OTHER_LANGUAGE, 1.0)], 1.0, 0, len(text))], [])
        (reading,) = read(self.model, [text])
        believed = [(s, self._belief(s)) for s in suggestions(reading)]
        dangers, found = _dangers(reading), _several(believed)
        possible = [Guess(s.label, belief) for s, belief in believed if belief >= POSSIBLE]
        # Beside a danger, one other thing is something of its own; with nothing beside it, it is what the message is.
        if len(dangers) + len(found) < 2 or not found:
            found = [_one(reading)]
        if before and leads_on(before) and not dangers and not _speaks_for_itself(found, before):
            (suggested,) = self._suggestions_after([before], [reading])
            likely = sorted((Guess(s.label, self._belief_after(s)) for s in suggested), key=lambda g: -g.probability)
            found = _after(likely, reading, found)
            possible = [g for g in likely if g.probability >= POSSIBLE_AFTER]
        # A danger too unlikely to raise is no reading: the likeliest other one takes its place.
        asked = dangers + [q for q in found if q.kind != RED_FLAG] or [_without_danger(found[0])]
        return Found(asked, _possible(possible, asked))

    def with_encoder(self, encoder: Encoder) -> "QuestionFinder":
        """This finder, loaded from storage, with the encoder put back."""
        self.model.with_encoder(encoder)
        return self

    def _suggestions_after(self, befores: Sequence[Before], readings: Sequence[Reading]) -> List[List[Suggestion]]:
        pairs = [text for b, r in zip(befores, readings) for text in (as_one(b.text, r.whole.segment.text), b.text)]
        predicted = iter(self.model.predict([self.model.repair(text) for text in pairs]))
        return [
            suggestions_after(b, r.whole, _one(r).guesses, next(predicted), next(predicted))
            for b, r in zip(befores, readings)
        ]


def _several(believed: Sequence[Tuple[Suggestion, float]]) -> List[Question]:
    """What is believed to be asked, in the order of the message."""
    asked = [_asked(s, belief) for s, belief in believed if belief >= (BY_PART if s.by_part else BY_WHOLE)]
    return sorted(asked, key=lambda question: question.start)


def _after(believed: List[Guess], reading: Reading, found: List[Question]) -> List[Question]:
    """What a message that seems to ask what was ``found`` asks after another, given what is ``believed`` of it then."""
    likeliest = believed[0].label
    kept = {g.label for g in believed if g.probability >= AFTER_ANOTHER}
    if len(found) > 1 and likeliest in kept & {q.label for q in found}:
        return [q for q in found if q.label in kept]
    return [_question(reading.whole, believed)]


def _possible(guesses: Sequence[Guess], asked: Sequence[Question]) -> List[Guess]:
    """The likeliest of ``guesses`` that are not ``asked``."""
    known = {q.label for q in asked}
    return sorted((g for g in guesses if g.label not in known), key=lambda g: -g.probability)[:MOST_POSSIBLE]


def _question(part: Part, guesses: List[Guess]) -> Question:
    return Question(guesses, part.nearness, part.segment.start, part.segment.end)


def _asked(suggestion: Suggestion, belief: float) -> Question:
    """The question of a suggestion; where its part reads like something else, that shares what belief leaves."""
    part = suggestion.part
    if suggestion.by_part:
        return _question(part, part.guesses)
    rest = [g._replace(probability=(1 - belief) * g.probability) for g in part.guesses if g.label != suggestion.label]
    return _question(part, [Guess(suggestion.label, belief), *rest])


def _one(reading: Reading) -> Question:
    """The one question of a message: what the whole is, what it asks and what its sentences are, taken together."""
    score: Dict[str, float] = {g.label: g.probability for g in reading.whole.guesses}
    for guess in reading.whole.asked:
        score[guess.label] = score.get(guess.label, 0.0) + ASKED_SHARE * guess.probability
    for guess in [g for part in reading.sentences for g in part.guesses if kind_of(g.label) not in AROUND]:
        score[guess.label] = score.get(guess.label, 0.0) + guess.probability
    total = sum(score.values())
    guesses = sorted((Guess(label, part / total) for label, part in score.items()), key=lambda g: -g.probability)
    said = next((p for p in [reading.whole, *reading.sentences] if p.label == guesses[0].label), reading.whole)
    return _question(said, guesses)


def _speaks_for_itself(found: Sequence[Question], before: Before) -> bool:
    first = found[0]
    clear = len(found) == 1 and first.probability >= CLEAR_ALONE and not goes_on(first.label)
    # "My daughter could drive me there" is clearly about driving, but not after a danger sign; and only what was said
    # before tells whether "I had it done on Saturday" tells of a broken rule.
    clear = clear and first.label != BROKEN and not after_danger(before)
    return clear or (is_about_it(first.label) and first.probability >= SURELY_ABOUT_IT)


def _distinct(questions: Sequence[Question]) -> List[Question]:
    first: Dict[str, Question] = {}
    for question in questions:
        first.setdefault(question.label, question)
    return list(first.values())


def _dangers(reading: Reading) -> List[Question]:
    """Every danger that any part of the message names, each once."""
    raised = []
    for part in [reading.whole, *reading.parts]:
        dangers = [g for g in part.guesses if kind_of(g.label) == RED_FLAG]
        fragment = len(part.segment.text.split()) <= FRAGMENT_WORDS and part is not reading.whole
        needed = FRAGMENT_RED_FLAG_CONFIDENCE if fragment else RED_FLAG_CONFIDENCE
        if sum(g.probability for g in dangers) >= needed:
            raised.append(_question(part, dangers))
    return _distinct(raised)


def _without_danger(question: Question) -> Question:
    others = [g for g in question.guesses if kind_of(g.label) != RED_FLAG]
    return question._replace(guesses=others or question.guesses)
