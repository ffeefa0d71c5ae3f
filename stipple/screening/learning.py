"""Learning the screening's classifier: `python -m stipple.screening.learning FOLDER`, for the encoder in ``FOLDER``.

It learns from the messages written for it (`data/screening`: danger signs, and what only sounds like one), from the
training phrases, where those of danger signs teach their sign and the others what is none, and from what patients say
in the middle of a conversation (`data/exchanges`, `data/questions`), which teaches what is none too: "did it already"
is told to a clinic every day.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

from sklearn.linear_model import LogisticRegression

from stipple.encoder import Encoder
from stipple.phrases import (
    RED_FLAG,
    AskingMessage,
    Exchange,
    kind_of,
    read_asking,
    read_exchanges,
    read_phrases,
    read_screening,
    taught,
)
from stipple.screening.classifier import FILE, NONE, write_classifier

DATA = Path("data")
# What sounds most like a danger sign without being one: every phrase of these kinds is read.
NEAR_KINDS = ("healing_sign", "smalltalk", "feedback", "contact", "progress")
# Of the other kinds every eighth phrase is read, to save time, and weighs eight times as much: what patients write is
# nearly always none of the signs, and the classifier must know it.
EVERY_OTHER = 8
# Of the messages written for the screening two in ten are read, twins mostly, and weigh as much as all: the encoder has
# learned from all of them, and what is fitted here is found as well with fewer.
EVERY_OTHER_PAIR = 5
REGULARISATION = 1.0
MOST_STEPS = 100


class Example(NamedTuple):
    """A message, its danger sign or ``none``, and how much it weighs."""

    text: str
    flag: str
    weight: float


def read_examples(data: Path, every_other: int = EVERY_OTHER, every_other_pair: int = 1) -> list[Example]:
    """What teaches the screening.

    Of the phrases of kinds that are not near one in ``every_other``, of the messages two in twice ``every_other_pair``.
    """
    messages = [m for i, m in enumerate(read_screening(data / "screening")) if i // 2 % every_other_pair == 0]
    phrases = [(p.text, *p.label.partition("/")) for p in read_phrases(data / "nlu")]
    others = [text for text, kind, _, _ in phrases if kind not in (RED_FLAG, *NEAR_KINDS)][::every_other]
    said: list[AskingMessage | Exchange] = [
        *taught(read_asking(data / "questions")),
        *taught(read_exchanges(data / "exchanges")),
    ]
    return [
        *(Example(m.text, m.flag, float(every_other_pair)) for m in messages),
        *(Example(text, topic, 1.0) for text, kind, _, topic in phrases if kind == RED_FLAG),
        *(Example(text, NONE, 1.0) for text, kind, _, _ in phrases if kind in NEAR_KINDS),
        *(Example(m.text, NONE, 1.0) for m in said if not any(kind_of(label) == RED_FLAG for label in m.asked)),
        *(Example(text, NONE, float(every_other)) for text in others),
    ]


def learn(folder: Path) -> None:
    """Learn the classifier and write it beside the encoder in ``folder``."""
    examples = read_examples(DATA, every_other_pair=EVERY_OTHER_PAIR)
    vectors = Encoder(folder, threads=os.cpu_count() or 1).encode([e.text for e in examples])
    regression = LogisticRegression(C=REGULARISATION, max_iter=MOST_STEPS)
    regression.fit(vectors, [e.flag for e in examples], [e.weight for e in examples])
    write_classifier(folder / FILE, regression.coef_.T, regression.intercept_, regression.classes_)


if __name__ == "__main__":
    learn(Path(sys.argv[1]))
