"""The part of a message in which the words that were looked for stand, with these words marked."""

import unicodedata
from collections.abc import Collection

from stipple.records.search import WORD

# Characters shown on each side of the first word found.
AROUND = 90
# A piece of text, and whether it is one of the words.
Piece = tuple[str, bool]


def marked(text: str, words: Collection[str]) -> list[Piece]:
    """The whole text in pieces, each of ``words`` (in small letters) one of its own."""
    whole = unicodedata.normalize("NFC", text)
    pieces: list[Piece] = []
    end = 0
    for found in WORD.finditer(whole):
        if found.group().lower() in words:
            pieces += [(whole[end : found.start()], False), (found.group(), True)]
            end = found.end()
    return [piece for piece in [*pieces, (whole[end:], False)] if piece[0]]


def excerpt(text: str, words: Collection[str]) -> list[Piece]:
    """The surroundings of the first of ``words``, marked."""
    whole = " ".join(unicodedata.normalize("NFC", text).split())
    first = next((f.start() for f in WORD.finditer(whole) if f.group().lower() in words), 0)
    start, end = max(0, first - AROUND), min(len(whole), first + AROUND)
    # Cut between words, where there are some.
    start = whole.find(" ", start, first) + 1 or start if start else 0
    end = whole.rfind(" ", first, end) if end < len(whole) and " " in whole[first:end] else end
    pieces = marked(whole[start:end], words)
    return [*([("… ", False)] if start else []), *pieces, *([(" …", False)] if end < len(whole) else [])]
