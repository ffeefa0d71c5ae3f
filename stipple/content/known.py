"""What the assistant is taught and tested with already: to tell what new words would add, repeat, or contradict."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from stipple.content.training import SHORTEST_COMPARED, gist, messages_in_cases, plain
from stipple.phrases import Phrase, read_phrases

# What a word that a label has never seen counts, so that one new word does not rule the label out.
UNSEEN = 0.05

Kind = Literal["known", "conflict", "near", "near_other", "tested", "taught", "near_taught"]
# The content check refuses these, or a test with them would prove nothing. The others are for a person to judge.
STOPPING = ("known", "conflict", "near", "tested", "taught")


@dataclass(frozen=True)
class Finding:
    """What stands already that is like the new words: ``text``, taught as ``label``. In a test both are empty."""

    kind: Kind
    label: str = ""
    text: str = ""

    @property
    def stops(self) -> bool:
        """Whether the new words cannot be used because of it."""
        return self.kind in STOPPING


class Known:
    """Phrases and test messages, found by their words."""

    def __init__(self, phrases: Iterable[Phrase], in_tests: Iterable[str]) -> None:
        """``in_tests`` are messages in their plain form."""
        self._tested = frozenset(in_tests)
        self._exact: defaultdict[str, list[Phrase]] = defaultdict(list)
        self._alike: defaultdict[frozenset[str], list[Phrase]] = defaultdict(list)
        self._words: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._often: Counter[str] = Counter()
        self._sizes: Counter[str] = Counter()
        for phrase in phrases:
            form = plain(phrase.text)
            words = set(form.split())
            self._exact[form].append(phrase)
            self._alike[gist(phrase.text)].append(phrase)
            self._words[phrase.label].update(words)
            self._often.update(words)
            self._sizes[phrase.label] += 1

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that is taught, in the order of the files."""
        return tuple(self._sizes)

    def how_often(self, word: str) -> int:
        """In how many phrases a word stands, whatever its case."""
        return self._often[word.lower()]

    def likeliest(self, text: str, most: int) -> list[str]:
        """The labels whose phrases share the most telling words with ``text``, the likeliest first."""
        words = {w for w in plain(text).split() if w in self._often}
        weights = {w: math.log(self._sizes.total() / self._often[w]) for w in words}

        def likeness(label: str) -> float:
            counts, size = self._words[label], self._sizes[label]
            return sum(weight * math.log((counts[w] + UNSEEN) / (size + 1)) for w, weight in weights.items())

        sharing = [label for label in self._sizes if any(self._words[label][w] for w in words)]
        return sorted(sharing, key=likeness, reverse=True)[:most]

    def about_phrase(self, text: str, label: str) -> list[Finding]:
        """What is against teaching ``text`` as ``label``, or worth knowing before; ``label`` may still be empty."""
        same = self._exact.get(plain(text), [])
        found = [Finding("known" if p.label == label or not label else "conflict", p.label, p.text) for p in same]
        if not same:
            close = self._alike.get(gist(text), []) if gist(text) else []
            found = [Finding("near" if p.label == label else "near_other", p.label, p.text) for p in close]
        # Shorter ones are bound to be met in tests, as the content check knows.
        if plain(text) in self._tested and len(plain(text).split()) >= SHORTEST_COMPARED:
            found.append(Finding("tested"))
        return _once(found)

    def about_case(self, text: str) -> list[Finding]:
        """What is against testing with ``text``, or worth knowing before."""
        same = self._exact.get(plain(text), [])
        close = [] if same or not gist(text) else self._alike.get(gist(text), [])
        found = [Finding("taught", p.label, p.text) for p in same]
        found += [Finding("near_taught", p.label, p.text) for p in close]
        return _once([*found, Finding("tested")] if plain(text) in self._tested else found)


def same_words(first: str, second: str) -> bool:
    """Whether two texts are the same but for case, punctuation, small words and the order of words."""
    return plain(first) == plain(second) or (bool(gist(first)) and gist(first) == gist(second))


def _once(found: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(found))


def read_known(data: Path, cases: Path) -> Known:
    """What the files below ``data`` teach and those below ``cases`` test with; read again when one has changed."""
    files = [*(data / "nlu").glob("*.yml"), *cases.rglob("*.jsonl")]
    return _read(data, cases, max((f.stat().st_mtime_ns for f in files), default=0), len(files))


@lru_cache(maxsize=1)
def _read(data: Path, cases: Path, _newest: int, _count: int) -> Known:
    return Known(read_phrases(data / "nlu"), messages_in_cases(cases))
