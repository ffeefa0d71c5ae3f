"""Judging one text that patients read: its reading grade, what makes it hard, and what must never be said."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import textstat

# Reading grade (United States school years) that no text may exceed on either formula.
HIGHEST_GRADE = 6.0
# Buttons and rows of a table are no sentences; a formula says nothing of so few words.
MOST_UNGRADED = 3
FORBIDDEN = {
    r"\bstop(?:ping)?\s+(?:taking\s+)?(?:your|the|any|a)\s+(?:medicine|medication|tablet|pill|drug)": "stop a medicine",
    r"\beligib": "call somebody eligible",
    r"\bguarante": "promise a result",
    r"[£$€]\s?\d|\b\d+\s?(?:pounds?|euros?|dollars?)\b": "quote a price",
    r"\bruin": "call a result ruined",
    r"\b(?:ride|work|play|go)\s+without\s+(?:a|your|the)\s+helmet": "go without safety headgear",
}
# A refusal says the forbidden words to deny them.
REFUSAL = re.compile(r"\b(?:do not|don't|never|not)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
BLANK = re.compile(r"\{(\w+)\}")
# A blank is read as a short word, for instance a number or a weekday.
STAND_IN = "ten"
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
# Words of so many syllables, or so many letters, are what the formulas count against a text.
LONG_SYLLABLES, LONG_LETTERS = 3, 9


@dataclass(frozen=True)
class HardSentence:
    """A sentence above the highest grade, with its long words."""

    text: str
    grade: float
    words: tuple[str, ...]
    length: int


def grade(text: str) -> float:
    """The higher of two reading grades: Flesch-Kincaid and the automated readability index."""
    plain = BLANK.sub(STAND_IN, text)
    grades = textstat.textstat.flesch_kincaid_grade(plain), textstat.textstat.automated_readability_index(plain)
    return max(map(float, grades))


def is_graded(text: str) -> bool:
    """Whether there are enough words for a grade."""
    return len(text.split()) > MOST_UNGRADED


def is_too_hard(text: str) -> bool:
    """Whether the text needs more years of school than patients can be expected to have."""
    return is_graded(text) and grade(text) > HIGHEST_GRADE


def forbidden(text: str) -> Iterator[tuple[str, str]]:
    """What the text says that must never be said, with its own words for it."""
    for pattern, wrong in FORBIDDEN.items():
        for match in re.finditer(pattern, text, re.IGNORECASE):
            if not REFUSAL.search(text[: match.start()]):
                yield wrong, match.group()


def blanks_in(text: str) -> set[str]:
    """Names of the blanks in braces that are filled when the text is said."""
    return set(BLANK.findall(text))


def hard_sentences(text: str) -> list[HardSentence]:
    """The sentences above the highest grade, the hardest first."""
    sentences = [s for s in SENTENCE_END.split(text.strip()) if is_too_hard(s)]
    found = (HardSentence(s, grade(s), _long_words(s), len(s.split())) for s in sentences)
    return sorted(found, key=lambda s: -s.grade)


def _long_words(sentence: str) -> tuple[str, ...]:
    words = dict.fromkeys(w.lower() for w in WORD.findall(BLANK.sub("", sentence)))
    return tuple(w for w in words if _syllables(w) >= LONG_SYLLABLES or len(w) >= LONG_LETTERS)


def _syllables(word: str) -> int:
    return int(textstat.textstat.syllable_count(word))
