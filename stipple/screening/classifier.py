"""The trained half of the screening: how like a danger sign a message is, whatever its words."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from stipple.encoder import opened

# Where in a model's folder the screening's own encoder and classifier lie, and those of its second reading.
FOLDER, SECOND_FOLDER = Path("screening"), Path("screening", "second")
FILE = "classifier.npz"
NONE = "none"
SENTENCE_END = re.compile(r"(?<=[.!?;\n])\s+|\s+(?:but|also)\s+")
# Fragments say too little to be judged apart from the message.
SHORTEST_SENTENCE_WORDS = 3
MOST_SENTENCES = 6


def write_classifier(path: Path, matrix: Any, bias: Any, classes: Iterable[str]) -> None:
    """Write what `DangerClassifier` reads: a column of ``matrix`` and a number of ``bias`` for each of ``classes``."""
    np.savez(path, matrix=matrix, bias=bias, classes=np.array(list(classes), dtype="U40"))


class DangerClassifier:
    """Probability of each danger sign for a message; ``by_sentence`` the highest of its sentences and of the whole."""

    def __init__(self, folder: Path, by_sentence: bool = False) -> None:
        with np.load(folder / FILE) as kept:
            self._matrix, self._bias = kept["matrix"], kept["bias"]
            self.flags = [str(name) for name in kept["classes"]]
        self._encoder = opened(folder)
        self._by_sentence = by_sentence

    def probabilities(self, text: str) -> dict[str, float]:
        """Danger signs with their probability, 0 to 1; ``none`` is left out."""
        texts = [text, *_sentences(text)] if self._by_sentence else [text]
        scores = self._encoder.encode(texts) @ self._matrix + self._bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        highest = (powers / powers.sum(axis=1, keepdims=True)).max(axis=0)
        return {f: float(p) for f, p in zip(self.flags, highest, strict=True) if f != NONE}


def _sentences(text: str) -> list[str]:
    parts = [p for p in SENTENCE_END.split(text) if len(p.split()) >= SHORTEST_SENTENCE_WORDS]
    return parts[:MOST_SENTENCES] if len(parts) > 1 else []
