"""The trained half of the screening: how like a danger sign a message is, whatever its words.

`python -m stipple.screening.classifier FOLDER` learns it from the vectors of the training phrases, which the engine's
training left in ``FOLDER``. Phrases of danger signs teach their sign; all others teach what is none.
"""

import re
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from stipple.encoder import Encoder

FILE = "screening.npz"
PHRASES_FILE = "phrases.npz"
NONE = "none"
KIND = "red_flag"
SENTENCE_END = re.compile(r"(?<=[.!?;\n])\s+|\s+(?:but|also)\s+")
# Fragments say too little to be judged apart from the message.
SHORTEST_SENTENCE_WORDS = 3
MOST_SENTENCES = 6
REGULARISATION = 10.0
MOST_STEPS = 200

Vectors = np.ndarray[tuple[int, int], np.dtype[np.float32]]


class DangerClassifier:
    """Probability of each danger sign for a message: the highest of its sentences and of the whole."""

    def __init__(self, folder: Path) -> None:
        with np.load(folder / FILE) as kept:
            self._matrix, self._bias = kept["matrix"], kept["bias"]
            self.flags = [str(name) for name in kept["classes"]]
        self._encoder = Encoder(folder)

    def probabilities(self, text: str) -> dict[str, float]:
        """Danger signs with their probability, 0 to 1; ``none`` is left out."""
        scores = self._encoder.encode([text, *_sentences(text)]) @ self._matrix + self._bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        highest = (powers / powers.sum(axis=1, keepdims=True)).max(axis=0)
        return {f: float(p) for f, p in zip(self.flags, highest, strict=True) if f != NONE}


def _sentences(text: str) -> list[str]:
    parts = [p for p in SENTENCE_END.split(text) if len(p.split()) >= SHORTEST_SENTENCE_WORDS]
    return parts[:MOST_SENTENCES] if len(parts) > 1 else []


def learn(folder: Path) -> None:
    """Learn the classifier, write it beside the encoder in ``folder``, and remove the vectors it has learned from."""
    with np.load(folder / PHRASES_FILE) as phrases:
        vectors, labels = phrases["vectors"], [str(label).partition("/") for label in phrases["labels"]]
    flags = [topic if kind == KIND else NONE for kind, _, topic in labels]
    regression = LogisticRegression(C=REGULARISATION, max_iter=MOST_STEPS).fit(vectors, flags)
    classes = np.array(regression.classes_, dtype="U40")
    np.savez(folder / FILE, matrix=regression.coef_.T, bias=regression.intercept_, classes=classes)
    (folder / PHRASES_FILE).unlink()


if __name__ == "__main__":
    learn(Path(sys.argv[1]))
