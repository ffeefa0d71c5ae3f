"""Messages that say something alike, put together by their sentence vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Vectors = np.ndarray[tuple[int, int], np.dtype[np.float32]]
# Cosine from which two messages count as alike, for the assistant's own encoder: "can i talk to someone" and "can
# somebody call me please" lie above it, questions about two topics below.
ALIKE = 0.4


@dataclass(frozen=True)
class Group:
    """Places of messages that are alike, the most central one first."""

    places: tuple[int, ...]


def groups(vectors: Vectors, alike: float = ALIKE) -> list[Group]:
    """Groups of the rows of ``vectors``, which have unit length; the largest first, then as their centres stand.

    Greedy: whichever row has the most others near it takes them, then the rest is looked at again. Each row is in one
    group, every row of a group is alike with its centre, and the same rows always give the same groups.
    """
    near = vectors @ vectors.T >= alike
    np.fill_diagonal(near, True)
    left = np.ones(len(vectors), dtype=bool)
    found: list[Group] = []
    while left.any():
        counts = np.where(left, (near & left).sum(axis=1), 0)
        centre = int(counts.argmax())
        others = [int(n) for n in np.flatnonzero(near[centre] & left) if n != centre]
        found.append(Group((centre, *others)))
        left[[centre, *others]] = False
    return found


def distinct(texts: Sequence[str]) -> tuple[list[str], list[int]]:
    """The texts without repetitions, and which of them each text is; case and spaces at the ends do not matter."""
    places: dict[str, int] = {}
    which = [places.setdefault(text.strip().casefold(), len(places)) for text in texts]
    return list(places), which
