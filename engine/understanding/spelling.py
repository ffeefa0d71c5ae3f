"""Repairs typing slips before a message is understood."""

import re
from collections import Counter
from typing import Iterable, Set

from symspellpy import SymSpell, Verbosity

WORD = re.compile(r"[a-z']+")
# Letters of any script.
ANY_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
# Shorter words have too many neighbours for a repair to be safe.
SHORTEST_REPAIRED = 4
LONG_WORD = 8


class Speller:
    """Replaces an unknown word by the nearest word of the training phrases.

    A word that the encoder's vocabulary or the training phrases know is never touched, nor is anything with a
    digit, so names, dates and rare words that English knows stay as typed.
    """

    def __init__(self, phrases: Iterable[str], known_words: Iterable[str]) -> None:
        counts = Counter(word for phrase in phrases for word in WORD.findall(phrase.lower()))
        english = set(known_words)
        self._used: Set[str] = {w for w, n in counts.items() if n > 1}
        self._known: Set[str] = english | {w for w, n in counts.items() if n > 2}
        self._symspell = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
        for word, count in counts.items():
            if len(word) >= SHORTEST_REPAIRED and (word in english or count > 2):
                self._symspell.create_dictionary_entry(word, count)

    def foreign_share(self, text: str) -> float:
        """Share of the words of ``text``, 0 to 1, that English phrases of patients do not use; 0 without any word."""
        words = ANY_WORD.findall(text.lower())
        return sum(word not in self._used for word in words) / len(words) if words else 0.0

    def repair(self, text: str) -> str:
        """``text`` in lower case with its misspelt words replaced."""
        return WORD.sub(lambda match: self._repair_word(match.group()), text.lower())

    def _repair_word(self, word: str) -> str:
        if len(word) < SHORTEST_REPAIRED or word in self._known or "'" in word:
            return word
        distance = 2 if len(word) >= LONG_WORD else 1
        found = self._symspell.lookup(word, Verbosity.CLOSEST, max_edit_distance=distance)
        return found[0].term if found else word
