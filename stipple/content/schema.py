"""Shape of the content files in ``data/clinic``; one model per file."""

from datetime import date, time
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator, model_validator

Verdict = Literal["avoid", "care", "ok", "do", "ask"]
Urgency = Literal["normal", "clinic", "doctor", "emergency", "crisis"]
Stance = Literal["usually_fine", "clinic_decides", "doctor_first", "wait_see_doctor", "not_now"]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3)]
Day = Annotated[int, Field(ge=0)]


class Strict(BaseModel):
    """Base of all content models: an unknown field is an error, a loaded file does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Approved(Strict):
    """A text the clinic approved, a simpler way to say it, and where the fact comes from."""

    text: Sentence
    simpler: Sentence
    why: str = ""
    sources: list[Sentence] = Field(min_length=1)


class DayRange(Strict):
    """Consecutive healing days, both ends included; ``to_day`` null means from then on."""

    from_day: Day
    to_day: Day | None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.to_day is not None and self.to_day < self.from_day:
            raise ValueError(f"to_day {self.to_day} lies before from_day {self.from_day}")
        return self

    def covers(self, day: int) -> bool:
        """Whether healing day ``day`` falls in this range."""
        return self.from_day <= day and (self.to_day is None or day <= self.to_day)

    @property
    def span(self) -> str:
        """The days as an identifier part: ``0-3``, or ``28-`` when open."""
        return f"{self.from_day}-{'' if self.to_day is None else self.to_day}"


class Window(DayRange, Approved):
    """What holds for one topic on these days. ``confidence`` grades the evidence, A to C, U unsourced."""

    verdict: Verdict
    why: Sentence
    confidence: Literal["A", "B", "C", "U"]


class SignWindow(DayRange, Approved):
    """How urgent one healing sign is on these days."""

    urgency: Literal["normal", "clinic"]


class Entry(Strict):
    """Something patients ask about; ``title`` names it in human words."""

    id: Identifier
    title: Sentence


class CareTopic(Entry):
    """One topic of the care plan with its windows from day 0, without gap or overlap."""

    counted_from: Literal["session", "course"]
    windows: list[Window] = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        expected: int | None = 0
        for window in self.windows:
            if window.from_day != expected:
                raise ValueError(f"topic {self.id}: a window starts on day {window.from_day}, expected {expected}")
            expected = None if window.to_day is None else window.to_day + 1
        if expected is not None:
            raise ValueError(f"topic {self.id}: the last window must be open, but ends on day {expected - 1}")
        return self

    def window(self, day: int) -> Window:
        """The window that covers healing day ``day`` (0 or later)."""
        return next(w for w in self.windows if w.covers(day))


class Sign(Entry):
    """One healing sign and its windows; the days need not start at 0."""

    windows: list[SignWindow] = Field(min_length=1)


class RedFlag(Entry, Approved):
    """A danger sign, its level, and the safety text that answers it."""

    level: Literal["emergency", "crisis", "doctor", "clinic"]


class Condition(Entry, Approved):
    """A condition that bears on whether the treatment suits somebody."""

    stance: Stance
    next_step: Sentence


class Goal(Entry, Approved):
    """What somebody hopes for, what is realistic, and what to ask the provider."""

    sessions_typical: str | None
    expectation: Sentence
    questions: list[Sentence] = Field(min_length=1)


class AboutTopic(Entry, Approved):
    """A general question about the treatment."""


class VisitTopic(Entry, Approved):
    """What patients ask about a visit to the clinic, and how this clinic does it."""


class PreparationTopic(Entry, Approved):
    """What to do or leave out before a session."""

    verdict: Verdict
    before: str | None


class Helpline(Strict):
    """A number to call, with where it was published and when somebody last checked it."""

    name: Sentence
    number: Sentence
    hours: str = ""
    source: Sentence
    checked: date


class CountryNumbers(Strict):
    """Emergency, urgent-doctor, crisis and domestic abuse numbers of one country."""

    emergency: Helpline
    doctor: Helpline
    crisis: list[Helpline] = Field(min_length=1)
    abuse: list[Helpline] = Field(min_length=1)


class OpeningHours(Strict):
    """Opening and closing time of one weekday."""

    opens: time
    closes: time


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Profile(Strict):
    """The clinic: how to reach it, when it is open, and the numbers of its country."""

    name: Sentence
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    time_zone: str
    phone: Sentence
    email: Sentence
    address: Sentence
    directions: Sentence
    privacy: Sentence
    hours: dict[Weekday, OpeningHours]
    holidays: dict[date, Sentence]
    numbers: dict[str, CountryNumbers]

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"unknown time zone {name!r}; use a name such as Europe/London") from None
        return name

    @field_validator("numbers")
    @classmethod
    def _for_country(cls, numbers: dict[str, CountryNumbers], info: ValidationInfo) -> dict[str, CountryNumbers]:
        country = info.data.get("country")
        if country is not None and country not in numbers:
            raise ValueError(f"no emergency and crisis numbers for the clinic's country {country}")
        return numbers

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def local_numbers(self) -> CountryNumbers:
        """Numbers of the clinic's own country."""
        return self.numbers[self.country]


class ReplyTexts(Strict):
    """The fixed sentences that carry an answer, by name; ``{…}`` is filled from the record or profile.

    ``titles`` name, by ``kind/topic``, what no other file names.
    """

    texts: dict[Identifier, Annotated[str, StringConstraints(min_length=1)]]
    titles: dict[str, Sentence]


class CarePlanFile(Strict):
    """``care_plan.yml``."""

    topics: list[CareTopic]


class SignsFile(Strict):
    """``healing_signs.yml``."""

    signs: list[Sign]


class RedFlagsFile(Strict):
    """``red_flags.yml``."""

    red_flags: list[RedFlag]


class EligibilityFile(Strict):
    """``eligibility.yml``."""

    conditions: list[Condition]


class GoalsFile(Strict):
    """``goals.yml``."""

    goals: list[Goal]


class AboutFile(Strict):
    """``about_smp.yml``."""

    topics: list[AboutTopic]


class VisitFile(Strict):
    """``visit.yml``."""

    topics: list[VisitTopic]


class PreparationFile(Strict):
    """``preparation.yml``."""

    topics: list[PreparationTopic]
