"""Messages that teach what a message asks when it asks several things or goes on from another: written ones, and ones
joined from training phrases."""

import random
from typing import Dict, List, Sequence

from stipple.phrases import RED_FLAG, AskingMessage, Exchange, Phrase, kind_of

JOINERS = (" and ", ". ", " also ", ", ", "\n", " ", "? ", " + ", ". Also ", " & ", " plus ", " oh and ", "... ", " - ")
JOINERS += ("? And ", " or ", ", and ", "; ", ". ps ", " then ")
# Kinds whose phrases ask nothing of their own, and labels that are no English.
SILENT = {"form_control", "feedback", "followup", "unclear", "red_flag", "smalltalk"}
NO_ENGLISH = {"out_of_scope/other_language", "out_of_scope/gibberish"}
# Kinds that somebody asks who thinks of becoming a patient; patients ask the others.
BEFORE = {"eligibility", "goals", "about_smp", "visit", "contact"}
# In the place of a file's name.
JOINED_FILE = "joined"
THREE, SAME, GREETED = 0.1, 0.15, 0.15
# How often the next phrase is of the other group of kinds.
ACROSS = 0.3
# The label of phrases that lean on what was asked before, and that of asking for the reason, which is no subject.
MORE, WHY = "followup/more", "followup/why"
# The end of a long message is what the next one goes on with, and both must fit into what the encoder reads.
MOST_WORDS_BEFORE = 40


def as_one(before: str, text: str) -> str:
    """Two messages read as one."""
    return " ".join(before.split()[-MOST_WORDS_BEFORE:]).rstrip(" .!?") + ". " + text


def asked_together(exchanges: Sequence[Exchange]) -> List[AskingMessage]:
    """Both messages of each as one, which asks what both ask; neither a danger sign nor a reason is a subject."""
    return [
        AskingMessage(
            tuple(dict.fromkeys(label for label in (*e.before_asked, *e.asked) if _is_subject(label))),
            as_one(e.before, e.text),
            e.file,
        )
        for e in exchanges
    ]


def _is_subject(label: str) -> bool:
    return label != WHY and kind_of(label) != RED_FLAG


def going_on(exchanges: Sequence[Exchange]) -> List[Phrase]:
    """The second messages that ask what the first did: alone they lean on something."""
    return [Phrase(MORE, e.text, e.file) for e in exchanges if set(e.asked) <= set(e.before_asked)]


def joined(phrases: Sequence[Phrase], count: int, seed: int) -> List[AskingMessage]:
    """``count`` messages of two or three of the ``phrases``: every combination can come.

    Phrases of different labels ask as many things; two of one label, or one beside small talk, ask one.
    """
    by_label: Dict[str, List[str]] = {}
    for phrase in phrases:
        by_label.setdefault(phrase.label, []).append(phrase.text)
    labels = sorted(label for label in by_label if kind_of(label) not in SILENT and label not in NO_ENGLISH)
    greetings = [phrase.text for phrase in phrases if kind_of(phrase.label) == "smalltalk"]
    chance = random.Random(seed)  # noqa: S311 - nothing secret is drawn
    return [_one(by_label, labels, greetings, chance) for _ in range(count)]


def _one(
    by_label: Dict[str, List[str]], labels: Sequence[str], greetings: Sequence[str], chance: random.Random
) -> AskingMessage:
    first, turn = chance.choice(labels), chance.random()
    if turn < SAME:
        asked, texts = [first], [chance.choice(by_label[first]) for _ in range(2)]
    elif turn < SAME + GREETED:
        asked, texts = [first], [chance.choice(greetings), chance.choice(by_label[first])]
        chance.shuffle(texts)
    else:
        across = chance.random() < ACROSS
        near = [x for x in labels if x != first and (across or (kind_of(x) in BEFORE) == (kind_of(first) in BEFORE))]
        asked = [first, *chance.sample(near, 2 if chance.random() < THREE else 1)]
        texts = [chance.choice(by_label[label]) for label in asked]
    return AskingMessage(tuple(asked), _tied(texts, chance), JOINED_FILE)


def _tied(texts: Sequence[str], chance: random.Random) -> str:
    text = texts[0]
    for following in texts[1:]:
        text = (text.rstrip("?.! ") if chance.random() < 0.5 else text) + chance.choice(JOINERS) + following
    return text
