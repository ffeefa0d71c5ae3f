"""Reading what the language models learn from: training phrases, terms, messages that ask one thing or several,
messages that follow one another, and the screening's messages.

Engine, screening and content check all read them with this module, so it imports nothing else of Stipple and runs on
both Pythons. It takes a hundredth of the time of Rasa's own reader, which parses each file five times in pure Python.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml

# The kind of the labels of danger signs.
RED_FLAG = "red_flag"


class Phrase(NamedTuple):
    """One training phrase; ``label`` is ``kind/topic``, or ``kind`` alone."""

    label: str
    text: str
    file: str


class ScreeningMessage(NamedTuple):
    """A message that teaches the screening; ``flag`` is the danger sign that it tells of, or ``none``."""

    flag: str
    text: str
    file: str


class AskingMessage(NamedTuple):
    """A message of a patient, and the labels of all that it asks, in its order."""

    asked: tuple[str, ...]
    text: str
    file: str


class Exchange(NamedTuple):
    """Two messages of a patient, the second sent after the first was answered, and the labels of what each asks.

    ``asked`` is what the second asks of somebody who has read the first.
    """

    before: str
    before_asked: tuple[str, ...]
    text: str
    asked: tuple[str, ...]
    file: str


Written = TypeVar("Written", AskingMessage, Exchange)
# Every third written message is held back.
HELD_BACK = 3


def read_phrases(folder: Path) -> list[Phrase]:
    """Every training phrase of the YAML files of ``folder``."""
    return [
        Phrase(_label(block), text, path.name)
        for path, block in _blocks(folder)
        if "intent" in block
        for text in _items(block)
    ]


def read_terms(folder: Path) -> dict[str, list[str]]:
    """The words and short phrases that point to a label, by label."""
    terms: dict[str, list[str]] = {}
    for _, block in _blocks(folder):
        if "lookup" in block:
            terms.setdefault(block["lookup"], []).extend(_items(block))
    return terms


def read_screening(folder: Path) -> list[ScreeningMessage]:
    """Every message of the JSON Lines files of ``folder``."""
    return [ScreeningMessage(item["flag"], item["text"], name) for name, item in _lines(folder)]


def read_asking(folder: Path) -> list[AskingMessage]:
    """Every message of the JSON Lines files of ``folder``, with what it asks."""
    return [AskingMessage(tuple(item["asked"]), item["text"], name) for name, item in _lines(folder)]


def read_exchanges(folder: Path) -> list[Exchange]:
    """Every exchange of the JSON Lines files of ``folder``."""
    return [
        Exchange(item["before"], tuple(item["before_asked"]), item["text"], tuple(item["asked"]), name)
        for name, item in _lines(folder)
    ]


def taught(messages: Sequence[Written]) -> list[Written]:
    """Those that teach the encoders, and which labels a message asks."""
    return [m for number, m in _numbered(messages) if number % HELD_BACK]


def held_back(messages: Sequence[Written]) -> list[Written]:
    """The others: they teach how far what was learned is to be believed on messages that were not."""
    return [m for number, m in _numbered(messages) if not number % HELD_BACK]


def kind_of(label: str) -> str:
    """The kind, Rasa's intent, of a label."""
    return label.split("/")[0]


def _numbered(messages: Sequence[Written]) -> Iterator[tuple[int, Written]]:
    """Each with its number in its file: one more file moves none of the others' from one side to the other."""
    for _, together in groupby(messages, key=lambda m: m.file):
        yield from enumerate(together)


def _lines(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path.name, json.loads(line)


def _blocks(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            yield path, block


def _items(block: dict[str, Any]) -> list[str]:
    return [line[2:].strip() for line in block["examples"].splitlines() if line.startswith("- ")]


def _label(block: dict[str, Any]) -> str:
    topic = (block.get("metadata") or {}).get("topic")
    return f"{block['intent']}/{topic}" if topic else str(block["intent"])
