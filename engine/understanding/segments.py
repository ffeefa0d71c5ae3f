"""Splitting a message into the parts that may each hold a question."""

import re
from typing import List, NamedTuple

# How a question begins. A form of "to be" also goes on with a statement ("it is red and is itchy"), so what it asks
# about must follow.
OPENING = (
    r"(?:can|could|cld|may|might|shall|should|shud|will|would|wud|do|does|did|any|ok to|okay to|alright to|safe to"
    r"|when|whens|what|whats|wot|where|wheres|how|hows|why|which|who"
    r"|(?:is|are|am|was|were) (?:a|an|any|he|i|it|my|our|she|that|the|there|they|this|u|we|you|\w+ing))\b"
)
QUESTION = re.compile(OPENING, re.IGNORECASE)
SENTENCE_END = re.compile(
    r"[.!?;\n]+\s*|,?\s+\b(?:and also|also|plus|oh and|as well as)\b\s+|\s+-+\s+|\s*&\s*"
    rf"|,?\s+(?:and|but|or)\s+(?={OPENING})|,\s*(?={OPENING})|\s+\d[.):]?\s+(?={OPENING})",
    re.IGNORECASE,
)
# What ties a part to the one before and says nothing itself.
TIE = re.compile(r"(?:(?:and|but|or|so|also|plus|oh|ok|okay|ps|then)\b[\s,:]+)+(?=\w)", re.IGNORECASE)
# "and", "or", "but" and commas join two questions, or two nouns of one question: the classifier tells which.
CONJUNCTION = re.compile(r",\s*(?:and|or|but|so)?\s*|\s+(?:and|or|but|so|then)\s+")
# What tags a further question on to the one before, be it only a noun ("And a run on Sunday").
TAG = re.compile(r"\b(?:and|also|plus|as well as)\b|&", re.IGNORECASE)
SHORTEST_PART = 2


class Segment(NamedTuple):
    """Part of a message with its character offsets; ``tagged_on`` is whether "and", "also" or the like leads to it."""

    text: str
    start: int
    end: int
    tagged_on: bool = False


def asks(segment: Segment) -> bool:
    """Whether the part begins as a question does."""
    return bool(QUESTION.match(segment.text))


def sentences(text: str) -> List[Segment]:
    """Parts between sentence ends and clear joiners."""
    return _split(text, SENTENCE_END, 0)


def clauses(segment: Segment) -> List[Segment]:
    """Parts of a sentence between conjunctions and commas."""
    return _split(segment.text, CONJUNCTION, segment.start)


def _split(text: str, separator: "re.Pattern[str]", offset: int) -> List[Segment]:
    parts, start, said = [], 0, 0
    for match in [*separator.finditer(text), None]:
        end = match.start() if match else len(text)
        tie = TIE.match(text, start, end) if start else None
        part = text[tie.end() if tie else start : end].strip()
        if len(part) >= SHORTEST_PART:
            begin = text.index(part, start)
            tagged_on = bool(TAG.search(text, said, begin))
            said = begin + len(part)
            parts.append(Segment(part, offset + begin, offset + said, tagged_on))
        start = match.end() if match else end
    return parts or [Segment(text, offset, offset + len(text))]
