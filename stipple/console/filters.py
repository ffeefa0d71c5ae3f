"""What the list of conversations is narrowed down by: read from its address, shown as chips, told when it is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from stipple.care.levels import LEVELS
from stipple.console.addresses import read_date
from stipple.console.annotations import all_tags
from stipple.console.clarity import name_of
from stipple.console.instruction import SIGNALS
from stipple.console.paging import read_page
from stipple.console.words import CHANNELS, KINDS, LEVEL_NAMES, spaced
from stipple.content.pack import Pack
from stipple.records.models import Conversation, Instruction
from stipple.records.review_models import Review
from stipple.records.search import MOST_WORDS, words_of
from stipple.records.staff_models import Staff

LONGEST_SEARCH, LONGEST_NUMBER = 200, 4
ANY_LEVEL = "any"
STATES = {
    "danger": "Open danger sign",
    "waiting": "Waiting for a person",
    "reviewed": "Reviewed",
    "unreviewed": "Not yet reviewed",
    "second": "Needs a second review",
}
# Each part's name in the address, with what a chip calls it.
FIRST = {"q": "Words", "from": "Active from", "to": "Active until", "topic": "Topic"}
MORE = {
    "state": "State",
    "level": "Danger sign",
    "signal": "Sign of confusion",
    "instruction": "Instruction",
    "version": "Version",
    "day": "Healing day",
    "channel": "Came by",
    "reference": "Patient",
    "tag": "Tag",
    "reviewer": "Reviewed by",
}
NAMES = FIRST | MORE
CHOSEN = ("topic", "state", "level", "signal", "instruction", "channel", "tag", "reviewer")
# For each choice its values, each with what a person reads.
Choices = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Chip:
    """One thing that is looked for, and the query that leaves it out."""

    name: str
    value: str
    without: str


@dataclass(frozen=True)
class Filters:
    """What to look for, by name; what made no sense is left out and told in ``problems``, ``typed`` is as it came."""

    given: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    page: int = 1

    def __getitem__(self, name: str) -> str:
        return self.given.get(name, "")

    def address(self, page: int = 1, without: str = "") -> str:
        """The query that shows another page of the same list, or the list without one of its parts."""
        left = {name: value for name, value in self.given.items() if name != without}
        return urlencode(left | ({"page": page} if page > 1 else {}))

    def date(self, name: str) -> date | None:
        """One of the two dates."""
        return date.fromisoformat(self[name]) if self[name] else None

    def number(self, name: str) -> int | None:
        """The version or the healing day."""
        return int(self[name]) if self[name] else None

    @property
    def words(self) -> list[str]:
        """The words that must all stand in one message."""
        return words_of(self["q"])

    @property
    def active(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.given)

    @property
    def more(self) -> bool:
        """Whether one of the further filters is in use."""
        return any(name in self.given or name in self.problems for name in MORE)

    def chips(self, choices: Choices) -> list[Chip]:
        """Everything that is looked for."""
        return [
            Chip(name, _shown(key, self[key], choices), self.address(without=key))
            for key, name in NAMES.items()
            if key in self.given
        ]


def _shown(name: str, value: str, choices: Choices) -> str:
    if name in CHOSEN:
        return choices[name].get(value, value)
    if name in ("from", "to"):
        day = date.fromisoformat(value)
        return f"{day.day} {day:%B} {day.year}"
    return value


def read_filters(query: Mapping[str, str], choices: Choices) -> Filters:
    """The filters that an address asks for."""
    typed = {name: query.get(name, "").replace("\0", "").strip() for name in NAMES}
    given: dict[str, str] = {}
    problems: dict[str, str] = {}
    for name, text in typed.items():
        if not text:
            continue
        try:
            given[name] = _choice(name, text, choices) if name in CHOSEN else READERS[name](text)
        except ValueError as error:
            problems[name] = str(error)
    if "from" in given and "to" in given and given["to"] < given["from"]:
        problems["to"] = "The first date lies after the last one."
    page = read_page(query.get("page", "1"))
    return Filters(given, typed, problems, page)


def _choice(name: str, text: str, choices: Choices) -> str:
    if text not in choices[name]:
        raise ValueError(f"“{text[:40]}” is none of the choices under “{NAMES[name]}”, so it was left out.")
    return text


def _words(text: str) -> str:
    words = words_of(text)
    if not words:
        raise ValueError("There is no word in that. Write one word or more that a message must hold.")
    if len(words) > MOST_WORDS or len(text) > LONGEST_SEARCH:
        raise ValueError(f"Please look for at most {MOST_WORDS} words at once.")
    return text


def _date(text: str) -> str:
    return read_date(text).isoformat()


def _number(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise ValueError(f"“{text[:20]}” is not a whole number; write for instance 3.")
    return str(int(text))


def _reference(text: str) -> str:
    return text[:64]


READERS: Mapping[str, Callable[[str], str]] = {
    "q": _words,
    "from": _date,
    "to": _date,
    "version": _number,
    "day": _number,
    "reference": _reference,
}


def choices(db: DbSession, pack: Pack) -> Choices:
    """What there is to choose from."""
    found = db.execute(select(Instruction.id, Instruction.subject, Instruction.topic)).all()
    topics = {f"{subject}/{topic}": _topic(subject, topic, pack) for _, subject, topic in found}
    instructions = {row.id: str(name_of(row.id, pack)) for row in found}
    channels = db.scalars(select(Conversation.channel).distinct().order_by(Conversation.channel))
    reviewers = select(Staff.id, Staff.name).where(Staff.id.in_(select(Review.staff_id))).order_by(Staff.name)
    return {
        "topic": _sorted(topics),
        "state": STATES,
        "level": {ANY_LEVEL: "Any danger sign"} | {level: LEVEL_NAMES[level] for level in reversed(LEVELS[1:])},
        "signal": SIGNALS,
        "instruction": _sorted(instructions),
        "channel": {channel: CHANNELS.get(channel, channel) for channel in channels},
        "tag": {tag: tag for tag in all_tags(db)},
        "reviewer": {str(row.id): row.name for row in db.execute(reviewers)},
    }


def _topic(subject: str, topic: str, pack: Pack) -> str:
    return f"{KINDS.get(subject, spaced(subject))}: {pack.title(f'{subject}/{topic}') or spaced(topic)}"


def _sorted(names: dict[str, str]) -> dict[str, str]:
    return dict(sorted(names.items(), key=lambda item: (item[1], item[0])))
