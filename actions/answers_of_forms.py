"""What a patient's words answer to a form's question."""

import re
from collections.abc import Callable, Sequence
from datetime import date

from stipple.care.dates import WORDS, any_of
from stipple.care.session_day import has_had_none, past_day

from .questions_of_forms import NO, NONE, NOT_SURE, SKIP, YES, options_of

OLDEST = 120
YES_WORDS = re.compile(
    r"^\s*(?:y|ye|yes|yeah|yep|yup|sure|ok(?:ay)?|of course|definitely|please|i would|happy to)\b|\bso (?:yes|yeah)\b",
    re.I,
)
NO_WORDS = re.compile(
    r"^\s*(?!no (?:problem|worries)|don.?t mind)(?:n|no|nope|nah|not really|never|i would ?n.?t|don.?t"
    r"|(?:i would|of course|definitely|sure(?:ly)?|please)\s+(?:not|don.?t|no))\b",
    re.I,
)
NONE_WORDS = re.compile(
    r"^\s*(?:none|no(?:ne|thing|pe)?|nah|n/?a|not that i know.*|i.?m (?:healthy|fine|well).*)\b", re.I
)
BUT_WORDS = re.compile(r"\b(?:but|except|apart|besides|other than|only|just|although|though|however)\b", re.I)
SKIP_WORDS = re.compile(
    r"^\s*(?:skip|pass|next|rather not.*|prefer not.*|don.?t know|dunno|not sure|no idea|unsure)\b", re.I
)
SHORT_HAIR = re.compile(
    r"\b(?:clip\w*|shav\w+|buzz\w*|bald|no guard|already short|short already|(?:grade|number|nr) ?\d|zero)\b", re.I
)
LONG_HAIR = re.compile(r"\b(?:long\w*|length|grow\w*|shoulder)\b|\bnot (?:so |that |very )?short\b", re.I)
# An age is seldom below ten, and "one" or "two" mostly counts something else.
AGE_WORDS = any_of(word for word, number in WORDS.items() if number > 9)
SPELT_AGE = re.compile(rf"\b(?:{AGE_WORDS})\b", re.I)
# "Yes, but can I swim" answers and asks, "is it worse to swim" only asks, and "it is no better" only answers.
BEGINS_AS_ANSWER = re.compile(
    r"\W*(?:(?:well|um|er|erm|hmm|i'?m|i am|s?he'?s|it'?s|about)\W+)*"
    rf"(?:(?:\d{{1,3}}|{AGE_WORDS})\b(?! ?(?:days?|weeks?))"
    r"|(?:y|yes|yeah|yep|sure|ok|no|nope|nah|none|not|worse|better|(?:the )?same|a bit)\b)",
    re.I,
)
ASKS = re.compile(
    r"\?|(?:^|[.,;!]\s*|\b(?:and|but|so|or)\s+)"
    r"(?:can|could|should|may|will|would|is|are|do|does|did|when|what|how|why|which|where)\b",
    re.I,
)
# Told before it is asked: "I'm 34, would it suit me?", but not "I'm 10 days in".
OWN_AGE = re.compile(
    r"\b(?:i'?m|i am|aged?|(?:just )?turned) (?:only |now )?(\d{2})\b"
    r"(?! ?(?:days?|weeks?|wks?|months?|hours?|%|st\b|kg))",
    re.I,
)
PLACES = ("first", "second", "third", "fourth", "fifth")
PLACE = re.compile(rf"\bthe ({'|'.join(PLACES)}) (?:one|option|thing)\b", re.I)
# The words that stand for an option when the patient types instead of tapping; the first that fits counts.
# "No, but it is hot" names something all the same, and what could not be worse is not the same.
TAKEN_BACK = r"(?!.*\b(?:but|though|although|however|except|apart)\b)"
TYPED = (
    (NOT_SURE, rf"\b(?:not sure|dunno|don.?t know|no idea|unsure|can.?t (?:say|tell)|skip)\b{TAKEN_BACK}"),
    (NONE, rf"^\W*(?:none|no|nope|nah|nothing|neither|not any)\b{TAKEN_BACK}"),
    ("same", r"(?:\b(?:not|no)|n.?t)(?: (?!be\b|get\b)\w+)? (?:changed?|different|better|worse)\b"),
    ("same", r"\b(?:same|unchanged)\b"),
    ("worse", r"\b(?:worse|worsening|more|redder|hotter|bigger|sorer|growing)\b"),
    ("better", r"\b(?:better|improv\w*|less|easing|calmer|fading)\b"),
    ("breathing", r"\b(?:breath\w*|lips?|tongue|throat|wheez\w*|swallow\w*)\b"),
    ("face", r"\b(?:face|eyes?|eyelids?)\b"),
    ("fever", r"\b(?:fever\w*|temperature|ill|unwell|shiver\w*|chills)\b"),
    ("pus", r"\b(?:pus|smell\w*|ooz\w*|yellow|green)\b"),
    ("spreading", r"\b(?:spread\w*|hot\w*|bigger|growing)\b"),
)


def begins_as_answer(text: str) -> bool:
    """Whether ``text`` answers a form's question before anything else, be that a question of its own."""
    return bool(BEGINS_AS_ANSWER.match(text))


def asks_too(text: str) -> bool:
    """Whether ``text`` asks something, by its mark or by a word that begins a question."""
    return bool(ASKS.search(text))


def read_yes_no(text: str) -> str | None:
    """``yes``, ``no`` or ``not_sure``; None when the text is neither."""
    if text in (YES, NO, NOT_SURE, SKIP) or SKIP_WORDS.match(text):
        return text if text in (YES, NO) else NOT_SURE
    # "Definitely not" begins like a yes, so a no is looked for first.
    if NO_WORDS.match(text):
        return NO
    return YES if YES_WORDS.match(text) else None


def read_age(text: str) -> int | None:
    """The last age the text names, so "no, 45 not 54" reads 45; None when it names none."""
    corrected = re.sub(r"\bnot\s+\d+", "", SPELT_AGE.sub(lambda m: str(WORDS[m[0].lower()]), text))
    ages = [int(n) for n in re.findall(r"(?<!\d[.,])\b\d{1,3}(?=\b|y)", corrected) if 0 < int(n) <= OLDEST]
    return ages[-1] if ages else None


def own_age(text: str) -> int | None:
    """The age that somebody tells of their own accord; None when they tell none."""
    found = OWN_AGE.search(text)
    return int(found[1]) if found else None


def read_look(text: str) -> str | None:
    """Whether somebody who tells how they wear their hair is happy with it very short."""
    plain = read_yes_no(text)
    if plain or not (SHORT_HAIR.search(text) or LONG_HAIR.search(text)):
        return plain
    return NO if LONG_HAIR.search(text) else YES


def says_none(text: str) -> bool:
    """Whether the text says that there is no condition to name; "no, but I have asthma" does not."""
    return text in (NONE, SKIP) or bool(NONE_WORDS.match(text) and not BUT_WORDS.search(text))


def read_option(slot: str, text: str) -> str | None:
    """The option of ``slot`` that was tapped, counted off or that the words name; None when they name none."""
    options = options_of(slot)
    if text in options:
        return text
    named = (v for v, words in TYPED if v in options and re.search(words, text, re.IGNORECASE))
    return by_place(text, options) or next(named, None)


def by_place(text: str, options: Sequence[str]) -> str | None:
    """Which of the shown ``options`` "the second one" is; None when ``text`` counts none off."""
    found = PLACE.search(text)
    place = PLACES.index(found[1].lower()) if found else len(options)
    return options[place] if place < len(options) else None


def read_answer(slot: str, text: str, today: date) -> str | int | None:
    """What ``slot`` shall hold by ``text``; None when it holds no answer, or when any words answer the question."""
    if slot == "triage_date":
        return _read_date(text, today)
    if slot.startswith("triage_"):
        return read_option(slot, text)
    return READERS[slot](text) if slot in READERS else None


def _read_date(text: str, today: date) -> str | None:
    """A past date; ``not_sure`` from who does not know it, or has had no session yet."""
    told = past_day(text, today)
    if told is None:
        return NOT_SURE if has_had_none(text) else read_option("triage_date", text)
    return told.isoformat()


READERS: dict[str, Callable[[str], str | int | None]] = {
    "age": read_age,
    "temporary": read_yes_no,
    "shaved_look": read_look,
    "save_goal": read_yes_no,
}
