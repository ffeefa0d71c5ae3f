"""Two texts word by word: what stayed, what was taken out and what was put in."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, OUT, IN = "same", "out", "in"
PIECE = re.compile(r"\s*\S+")


@dataclass(frozen=True)
class Part:
    """Some words in a row; ``kind`` is `SAME`, `OUT` or `IN`."""

    kind: str
    text: str


def differences(old: str, new: str) -> list[Part]:
    """The parts in reading order; those that are not `OUT` make up ``new``, those not `IN` ``old``, but for spaces."""
    before, after = (PIECE.findall(text.strip()) for text in (old, new))
    one, two = ([piece.strip() for piece in pieces] for pieces in (before, after))
    found: list[Part] = []
    for kind, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Part(SAME, "".join(after[c:d])))
            continue
        if b > a:
            found.append(Part(OUT, "".join(before[a:b])))
        if d > c:
            found.append(Part(IN, "".join(after[c:d])))
    # The first word of a text has no space before it, but it need not come first here.
    return [
        Part(p.kind, p.text if place == 0 or p.text[0].isspace() else f" {p.text}") for place, p in enumerate(found)
    ]
