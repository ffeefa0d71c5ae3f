"""One seeded division of the project's phrases, and the folders that each contender learns from."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from stipple.phrases import read_phrases, read_terms

# Phrases of each label that no contender learns from: to test on, and for spaCy to tell when to stop.
HELD_OUT = 3
WATCHED = 2
# Rasa reads a slash in an intent's name as a retrieval intent, so stock Rasa gets the label with this instead.
RASA_SEPARATOR = "__"

Pair = tuple[str, str]


class SplitError(Exception):
    """A label has too few phrases for the sample asked for."""


@dataclass(frozen=True)
class Split:
    """Pairs of label and text: the common sample, everything but the tests, the held-out test, spaCy's stop test."""

    sample: list[Pair]
    everything: list[Pair]
    held_out: list[Pair]
    watched: list[Pair]

    @property
    def labels(self) -> set[str]:
        """Every label that the contenders learn."""
        return {label for label, _ in self.sample}


def divide(folder: Path, per_label: int, seed: int) -> Split:
    """Divide the phrases of ``folder``; the held-out ones stay the same whatever ``per_label`` is.

    Raises:
        SplitError: naming the label that has too few phrases.
    """
    by_label: dict[str, list[str]] = defaultdict(list)
    for phrase in read_phrases(folder):
        by_label[phrase.label].append(phrase.text)
    split = Split([], [], [], [])
    for label in sorted(by_label):
        texts = sorted(set(by_label[label]))
        random.Random(f"{seed}:{label}").shuffle(texts)
        held_out, watched, rest = _cut(texts, HELD_OUT, WATCHED)
        if len(rest) < per_label:
            raise SplitError(f"{label} has {len(rest)} phrases to learn from, fewer than {per_label}")
        split.held_out.extend((label, text) for text in held_out)
        split.watched.extend((label, text) for text in watched)
        split.sample.extend((label, text) for text in rest[:per_label])
        split.everything.extend((label, text) for text in rest)
    return split


def _cut(texts: list[str], *lengths: int) -> Iterator[list[str]]:
    start = 0
    for length in lengths:
        yield texts[start : start + length]
        start += length
    yield texts[start:]


def write_phrases(target: Path, pairs: Sequence[Pair], terms: Path, *, plain_intents: bool) -> None:
    """Write ``pairs`` as a file of Rasa's format, with the lookup tables of the folder ``terms``.

    With ``plain_intents`` the whole label is the intent, as stock Rasa needs it; otherwise the topic is metadata.
    """
    by_label: dict[str, list[str]] = defaultdict(list)
    for label, text in pairs:
        by_label[label].append(text)
    blocks = [_block(label, texts, plain_intents) for label, texts in by_label.items()]
    for label, words in read_terms(terms).items():
        blocks.append({"lookup": _rasa_name(label) if plain_intents else label, "examples": _items(words)})
    target.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, width=10_000, sort_keys=False)
    target.write_text(text, encoding="utf-8")


def _block(label: str, texts: list[str], plain_intents: bool) -> dict[str, object]:
    if plain_intents:
        return {"intent": _rasa_name(label), "examples": _items(texts)}
    kind, _, topic = label.partition("/")
    return {"intent": kind, **({"metadata": {"topic": topic}} if topic else {}), "examples": _items(texts)}


def _rasa_name(label: str) -> str:
    return label.replace("/", RASA_SEPARATOR)


def _items(texts: list[str]) -> str:
    return "".join(f"- {text}\n" for text in texts)
