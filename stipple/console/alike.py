"""Patients' own words, those that are alike together."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stipple.care.alike import Vectors, distinct, groups
from stipple.encoder import opened

MOST_KEPT = 5000


class Reader:
    """Turns messages into sentence vectors and keeps those of the latest texts, in memory only.

    The encoder in ``folder`` is opened when it is first needed: many gateways never show these pages.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: OrderedDict[str, np.ndarray[tuple[int], np.dtype[np.float32]]] = OrderedDict()
        self._lock = threading.Lock()

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One unit-length row per text."""
        with self._lock:
            new = [text for text in dict.fromkeys(texts) if text not in self._kept]
            if new:
                self._kept.update(zip(new, opened(self._folder).encode(new), strict=True))
            rows = np.stack([self._kept[text] for text in texts])
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return rows


def together(texts: Sequence[str], reader: Reader) -> list[list[int]]:
    """Places of the texts that say something alike, the largest group first, each with its most central text first."""
    if not texts:
        return []
    different, which = distinct(texts)
    members: list[list[int]] = [[] for _ in different]
    for place, text in enumerate(which):
        members[text].append(place)
    found = [[n for text in group.places for n in members[text]] for group in groups(reader.vectors(different))]
    return sorted(found, key=lambda group: (-len(group), group[0]))
