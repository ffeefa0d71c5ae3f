"""What the contenders are tested on: held-out phrases, messages of other voices, and both with typing slips."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.nlu.split import Pair
from stipple.content.pack import load_pack
from stipple.evaluation.cases import read_cases

OUT_OF_SCOPE = "out_of_scope"
RED_FLAG = "red_flag"
SHORTEST_SLIPPED = 4
MOST_SLIPS = 2
KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@dataclass(frozen=True)
class Message:
    """A text and the labels that count as right for it."""

    text: str
    right: frozenset[str]


@dataclass
class Tests:
    """The test sets by name, and how many cases fit none of them, by the reason."""

    held_out: list[Message]
    others: list[Message]
    out_of_scope: list[Message]
    left_out: dict[str, int] = field(default_factory=dict)


def gather(held_out: list[Pair], cases: Path, clinic: Path, labels: set[str]) -> Tests:
    """The tests: ``held_out`` phrases, and of ``cases`` the single messages that ask exactly one thing we can label."""
    tests = Tests([Message(text, frozenset([label])) for label, text in held_out], [], [])
    levels = {name: flag.level for name, flag in load_pack(clinic).red_flags.items()}
    for case in (at.case for at in read_cases([cases])):
        if case.text is None or len(case.expect) != 1:
            reason = "several messages" if case.text is None else "no question or several"
        elif _kinds(case.expect[0]) == [OUT_OF_SCOPE]:
            right = frozenset(label for label in labels if label.startswith(OUT_OF_SCOPE))
            tests.out_of_scope.append(Message(case.text, right))
            continue
        elif right := _right(case.expect[0], labels, levels):
            tests.others.append(Message(case.text, right))
            continue
        else:
            reason = f"kind {' or '.join(_kinds(case.expect[0]))}, which is no label"
        tests.left_out[reason] = tests.left_out.get(reason, 0) + 1
    return tests


def _right(expected: dict[str, object], labels: set[str], levels: Mapping[str, str]) -> frozenset[str]:
    """Labels that fit what a case expects; a danger is expected by its urgency, so any danger of that level fits."""
    topics, urgency = expected.get("topic"), expected.get("urgency")
    right: set[str] = set()
    for kind in _kinds(expected):
        if isinstance(topics, list):
            right |= {f"{kind}/{topic}" for topic in topics}
        elif kind == RED_FLAG and isinstance(urgency, list):
            right |= {f"{kind}/{name}" for name, level in levels.items() if level in urgency}
        else:
            right.add(kind)
    return frozenset(right & labels)


def _kinds(expected: Mapping[str, object]) -> list[str]:
    """The kinds that a case accepts: it names one, or a list."""
    kind = expected["kind"]
    return [str(one) for one in kind] if isinstance(kind, list) else [str(kind)]


def with_slips(messages: list[Message], seed: int) -> list[Message]:
    """The messages with one or two typing slips each, always the same for one ``seed``."""
    return [Message(_slipped(m.text, random.Random(f"{seed}:{m.text}")), m.right) for m in messages]


def _slipped(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) >= SHORTEST_SLIPPED and word.isalpha()]
    for i in chance.sample(long, min(len(long), chance.randint(1, MOST_SLIPS))):
        words[i] = _slip(words[i], chance)
    return " ".join(words)


def _slip(word: str, chance: random.Random) -> str:
    """``word`` with one slip behind its first letter, which people rarely get wrong."""
    at = chance.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    kind = chance.choice(("neighbour", "drop", "insert", "swap"))
    if kind == "drop":
        return before + after
    if kind == "swap":
        return before + after[0] + letter + after[1:]
    wrong = chance.choice(_neighbours(letter.lower()) or [letter])
    return before + wrong + (letter if kind == "insert" else "") + after


def _neighbours(letter: str) -> list[str]:
    """Letters on the keys that touch the letter's own on an English keyboard."""
    for row, keys in enumerate(KEY_ROWS):
        if (column := keys.find(letter)) >= 0:
            around = [(row, column - 1), (row, column + 1), (row - 1, column), (row - 1, column + 1)]
            around += [(row + 1, column - 1), (row + 1, column)]
            return [KEY_ROWS[r][c] for r, c in around if 0 <= r < len(KEY_ROWS) and 0 <= c < len(KEY_ROWS[r])]
    return []
