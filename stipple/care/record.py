"""What care knows of a patient: an immutable picture of their record, in the clinic's time zone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from stipple.content.schema import Verdict

Status = Literal["planned", "done", "cancelled", "missed"]


@dataclass(frozen=True)
class Visit:
    """One session of a course. ``starts_at`` is time zone aware."""

    number: int
    starts_at: datetime
    status: Status
    practitioner: str | None = None


@dataclass(frozen=True)
class CourseRecord:
    """All sessions for one goal; ``planned`` is how many the course shall have."""

    id: int
    goal: str | None
    planned: int
    visits: tuple[Visit, ...]

    @property
    def done(self) -> int:
        """Sessions the clinic has marked as done."""
        return sum(v.status == "done" for v in self.visits)


@dataclass(frozen=True)
class PatientOverride:
    """A practitioner's own rule for this patient on healing days ``from_day`` to ``to_day`` (None = open)."""

    topic: str
    from_day: int
    to_day: int | None
    verdict: Verdict
    text: str

    def covers(self, topic: str, day: int) -> bool:
        """Whether this rule speaks about ``topic`` on healing day ``day``."""
        return topic == self.topic and self.from_day <= day and (self.to_day is None or day <= self.to_day)


@dataclass(frozen=True)
class PatientRecord:
    """A patient's courses, oldest first, overrides and risk factors, seen from the clinic's time zone."""

    zone: ZoneInfo
    courses: tuple[CourseRecord, ...]
    overrides: tuple[PatientOverride, ...] = ()
    risks: tuple[str, ...] = ()

    def local_date(self, moment: datetime) -> date:
        """The clinic's calendar date at ``moment``."""
        return moment.astimezone(self.zone).date()
