"""The training phrases as a product: what the model learns from is checked like what patients read."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from stipple.phrases import AskingMessage, Exchange, Phrase, ScreeningMessage
from stipple.screening.classifier import NONE

# Fewer phrases than this teach a label badly; a larger share of like beginnings teaches only that beginning.
LEAST_PHRASES = 25
LARGEST_SHARE_OF_A_BEGINNING = 0.25
BEGINNING_WORDS = 2
# Shorter messages ("why?", "stop") are bound to be met in tests and under one label in several spellings.
SHORTEST_COMPARED = 4
# Words that tell two near-duplicates apart no better than a comma.
SMALL_WORDS = frozenset(
    [
        "a", "an", "and", "at", "be", "i", "im", "in", "is", "it", "its", "me", "my", "of", "on", "or",
        "please", "so", "the", "this", "to",
    ]
)  # fmt: skip
WORD = re.compile(r"[^\W_]+")


def messages_in_cases(folder: Path) -> set[str]:
    """Every message of the case files below ``folder``, in its plain form."""
    lines = (line for path in folder.rglob("*.jsonl") for line in path.read_text(encoding="utf-8").split("\n"))
    cases = (json.loads(line) for line in lines if line.strip())
    return {plain(text) for case in cases for text in [*case.get("turns", []), case.get("text", "")] if text}


def plain(text: str) -> str:
    """``text`` without case, punctuation and spacing."""
    return " ".join(WORD.findall(text.lower()))


def gist(text: str) -> frozenset[str]:
    """The words that tell ``text`` apart from its near-duplicates, in no order; none for a text that is too short."""
    words = frozenset(plain(text).split()) - SMALL_WORDS
    return words if len(words) >= SHORTEST_COMPARED else frozenset()


def check_training(phrases: list[Phrase], labels: Iterable[str], in_tests: set[str]) -> Iterator[str]:
    """Every problem of the training data; ``labels`` are those that content files ask for."""
    yield from _too_few(phrases, labels)
    yield from _too_uniform(phrases)
    yield from _repeated(phrases)
    yield from _near_duplicates(phrases)
    yield from _in_tests(phrases, in_tests)


def check_screening(messages: list[ScreeningMessage], flags: Iterable[str], in_tests: set[str]) -> Iterator[str]:
    """Every problem of the messages that teach the screening; ``flags`` are the danger signs of the content files."""
    phrases = [Phrase(m.flag, m.text, m.file) for m in messages]
    known = {*flags, NONE}
    yield from (f"{p.file}: {p.label!r} is no danger sign: {p.text!r}" for p in phrases if p.label not in known)
    yield from _too_few(phrases, known)
    yield from _repeated(phrases)
    yield from _in_tests(phrases, in_tests)


def check_asking(messages: list[AskingMessage], labels: Iterable[str], in_tests: set[str]) -> Iterator[str]:
    """Every problem of the messages that teach how many things are asked; ``labels`` are those of the phrases."""
    phrases = [Phrase(" and ".join(m.asked), m.text, m.file) for m in messages]
    known = set(labels)
    for message in messages:
        if not message.asked or len(set(message.asked)) < len(message.asked):
            yield f"{message.file}: asks nothing, or one thing twice: {message.text!r}"
        yield from _without_phrases(message.asked, known, message)
    yield from _repeated(phrases)
    yield from _in_tests(phrases, in_tests)


def check_exchanges(exchanges: list[Exchange], labels: Iterable[str], in_tests: set[str]) -> Iterator[str]:
    """Every problem of the messages that follow one another; ``labels`` are those of the phrases."""
    known = set(labels)
    for one in exchanges:
        yield from _without_phrases((*one.before_asked, *one.asked), known, one)
        if not one.before_asked or not one.asked:
            yield f"{one.file}: one of the two messages asks nothing: {one.text!r}"
    # The second one alone may stand there again: "why?" follows many a message.
    yield from _repeated([Phrase(" and ".join(one.asked), f"{one.before} {one.text}", one.file) for one in exchanges])
    said = ((one, text) for one in exchanges for text in (one.before, one.text))
    yield from _in_tests([Phrase(" and ".join(one.asked), text, one.file) for one, text in said], in_tests)


def _without_phrases(labels: Iterable[str], known: set[str], where: AskingMessage | Exchange) -> Iterator[str]:
    for label in dict.fromkeys(labels):
        if label not in known:
            yield f"{where.file}: {label!r} has no phrases: {where.text!r}"


def _in_tests(phrases: list[Phrase], in_tests: set[str]) -> Iterator[str]:
    for phrase in phrases:
        if len(plain(phrase.text).split()) >= SHORTEST_COMPARED and plain(phrase.text) in in_tests:
            yield f"{phrase.file}: {phrase.label}: stands in a test too, which then proves nothing: {phrase.text!r}"


def _too_few(phrases: list[Phrase], labels: Iterable[str]) -> Iterator[str]:
    counts = Counter(phrase.label for phrase in phrases)
    for label in dict.fromkeys([*labels, *counts]):
        if counts[label] < LEAST_PHRASES:
            yield f"{label}: has {counts[label]} training phrases, needs {LEAST_PHRASES}"


def _too_uniform(phrases: list[Phrase]) -> Iterator[str]:
    beginnings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrase in phrases:
        beginnings[phrase.label][" ".join(plain(phrase.text).split()[:BEGINNING_WORDS])] += 1
    for label, counts in beginnings.items():
        words, often = counts.most_common(1)[0]
        if often > LARGEST_SHARE_OF_A_BEGINNING * counts.total() and counts.total() >= LEAST_PHRASES:
            yield f"{label}: {often} of {counts.total()} training phrases begin with {words!r}"


def _repeated(phrases: list[Phrase]) -> Iterator[str]:
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for phrase in phrases:
        # Of a message without any word, punctuation is all there is to compare.
        labels[plain(phrase.text) or phrase.text].append(phrase.label)
    for text, found in labels.items():
        if len(set(found)) > 1:
            yield f"contradiction: {text!r} is taught as {' and as '.join(sorted(set(found)))}"
        elif len(found) > 1:
            yield f"{found[0]}: {text!r} stands there {len(found)} times"


def _near_duplicates(phrases: list[Phrase]) -> Iterator[str]:
    """Phrases of one label that differ by small words or by the order of words only."""
    alike: defaultdict[tuple[str, frozenset[str]], set[str]] = defaultdict(set)
    for phrase in phrases:
        words = gist(phrase.text)
        if words:
            alike[phrase.label, words].add(plain(phrase.text))
    for (label, _), texts in alike.items():
        if len(texts) > 1:
            yield f"{label}: almost the same: {' | '.join(sorted(texts))}"
