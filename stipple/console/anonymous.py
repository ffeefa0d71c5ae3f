"""What in a message may tell who the patient is, so that it is edited out before the assistant learns from it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

EMAIL = re.compile(r"\S+@\S+|\b\S+ (?:at|@) (?:gmail|hotmail|outlook|yahoo|icloud)\b\S*", re.IGNORECASE)
ADDRESS = re.compile(r"\bhttps?://\S+|\bwww\.\S+", re.IGNORECASE)
HANDLE = re.compile(r"(?<!\S)@\w{2,}")
# Digits with what people put between them. Few digits are days, times or doses.
DIGITS = re.compile(r"\+?\d(?:[\d ()./-]*\d)?")
LEAST_PHONE, LEAST_NUMBER = 7, 4
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", re.IGNORECASE)
DATE = re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})\b")
INTRODUCED = re.compile(
    r"\b(?:my name(?:'s|’s| is)|i am called|im called|i'm called|call me|ask for|regards,?|this is|it's|it’s) "
    r"(?P<name>[A-Z][\w'’-]+)"
)
CAPITAL = re.compile(r"(?<=[\w,;] )[A-Z][a-z'’-]{2,}")
WORD = re.compile(r"[^\W\d_][\w'’-]*")
# A name that is a word of many phrases too ("May", "Will") is only asked about, unless it is written as a name.
COMMON = 20
SHORTEST_NAME = 2


@dataclass(frozen=True)
class Telling:
    """Words that may tell who somebody is; ``must`` when they cannot stay."""

    words: str
    what: str
    must: bool


def telling(text: str, names: Iterable[str], how_often: Callable[[str], int]) -> list[Telling]:
    """Everything in ``text`` to edit out or to look at, in the order of the text.

    ``names`` are the patient's own name, reference and the like; ``how_often`` says in how many training phrases a word
    stands, because a word that many patients use is hardly a name.
    """
    found = [*_patterns(text), *_own(text, names, how_often), *_capitals(text, how_often)]
    first: dict[str, Telling] = {}
    for item in sorted(found, key=lambda t: not t.must):
        if not any(item.words in words for words in first):
            first[item.words] = item
    return sorted(first.values(), key=lambda t: text.find(t.words))


def _patterns(text: str) -> Iterator[Telling]:
    for pattern, what in (
        (EMAIL, "an e-mail address"),
        (ADDRESS, "a web address"),
        (HANDLE, "a name on the internet"),
        (DATE, "a date"),
        (POSTCODE, "a postcode"),
    ):
        yield from (Telling(m.group().strip(), what, True) for m in pattern.finditer(text))
    for match in DIGITS.finditer(text):
        count = sum(c.isdigit() for c in match.group())
        if count >= LEAST_NUMBER:
            yield Telling(match.group(), "a phone number" if count >= LEAST_PHONE else "a long number", True)
    yield from (Telling(m["name"], "a name", True) for m in INTRODUCED.finditer(text))


def _own(text: str, names: Iterable[str], how_often: Callable[[str], int]) -> Iterator[Telling]:
    parts = {part.lower() for name in names for part in re.split(r"[\s,]+", name) if len(part) >= SHORTEST_NAME}
    for match in WORD.finditer(text):
        word = re.sub(r"['’]s$", "", match.group())
        if word.lower() in parts:
            as_name = word[0].isupper() and match.start() > 0
            yield Telling(word, "the patient’s own name", as_name or how_often(word) < COMMON)
    for part in parts:
        if any(c.isdigit() for c in part) and part in text.lower():
            start = text.lower().index(part)
            yield Telling(text[start : start + len(part)], "the patient’s own number", True)


def _capitals(text: str, how_often: Callable[[str], int]) -> Iterator[Telling]:
    """Words written as names are in the middle of a sentence."""
    for match in CAPITAL.finditer(text):
        if how_often(match.group()) < COMMON:
            yield Telling(match.group(), "written like a name", False)
