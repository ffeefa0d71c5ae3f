"""Reading case files: JSON lines, checked with file, line and field in each error."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

DEFAULT_NOW = datetime(2026, 6, 10, 10, 0, tzinfo=ZoneInfo("Europe/London"))
# Where a case does not say when the next session is, it is this many days after the last one.
USUAL_GAP_DAYS = 10


class CaseError(Exception):
    """A case file is malformed; the message names file, line and field."""


class CaseRecord(BaseModel):
    """The patient's record of a case, in days relative to "now"."""

    model_config = ConfigDict(extra="forbid")

    day: int = Field(ge=0)
    done: int = Field(1, ge=0, le=20)
    planned: int = Field(3, ge=1, le=20)
    final: bool | None = None
    next_in: int | None = Field(None, ge=0)

    @property
    def is_final(self) -> bool:
        """Whether the last completed session was the last of the course."""
        return self.done >= self.planned if self.final is None else self.final

    @property
    def planned_sessions(self) -> int:
        """Sessions the course plans, in accord with ``final``."""
        if self.is_final:
            return max(1, self.done)
        return max(self.planned, self.done + 1)

    @property
    def coming(self) -> int | None:
        """Days until the next booked session; None when none is booked."""
        if "next_in" in self.model_fields_set:
            return self.next_in
        return None if self.is_final else max(1, USUAL_GAP_DAYS - self.day)


class Case(BaseModel):
    """One case; ``turns`` holds the messages in order, a single ``text`` is one turn.

    With ``only`` the reply must answer nothing but what is expected, small talk and offers left aside.
    """

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1)
    record: CaseRecord | None = None
    text: str | None = None
    turns: list[str] = Field(default_factory=list)
    expect: list[dict[str, Any]]
    forbid: list[dict[str, Any]] = Field(default_factory=list)
    only: bool = False
    group: str = "cases"

    @model_validator(mode="after")
    def _one_message(self) -> Self:
        if (self.text is None) == (not self.turns):
            raise ValueError("a case has either text or turns")
        return self

    @property
    def messages(self) -> list[str]:
        """The patient's messages in order."""
        return self.turns or [self.text or ""]


@dataclass(frozen=True)
class CaseAt:
    """A case and the moment it plays at."""

    case: Case
    now: datetime


def read_cases(paths: list[Path]) -> list[CaseAt]:
    """All cases of the files, and of the ``.jsonl`` files of folders, in order.

    Raises:
        CaseError: naming file, line and field of the first malformed line.
    """
    files = [f for p in paths for f in (sorted(p.rglob("*.jsonl")) if p.is_dir() else [p])]
    return [case for file in files for case in _read_file(file)]


def _read_file(path: Path) -> list[CaseAt]:
    try:
        # Not splitlines(): it also splits at characters that may stand inside a JSON string.
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path}: cannot be read ({error})") from None
    now, found, ids = DEFAULT_NOW, [], set[str]()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        data = _object(path, number, line)
        if number == 1 and "id" not in data and "now" in data:
            now = _header(path, data)
            continue
        case = _case(path, number, data)
        if case.id in ids:
            raise CaseError(f"{path}: line {number}: id: {case.id} stands there twice")
        ids.add(case.id)
        found.append(CaseAt(case, now))
    return found


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise CaseError(f"{path}: line {number}: not JSON ({error.msg})") from None
    if not isinstance(data, dict):
        raise CaseError(f"{path}: line {number}: not a JSON object")
    return data


def _header(path: Path, data: dict[str, Any]) -> datetime:
    field = "now"
    try:
        moment = datetime.fromisoformat(data["now"])
        field = "timezone"
        zone = ZoneInfo(data.get("timezone", "Europe/London"))
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise CaseError(f"{path}: line 1: {field}: {error}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _case(path: Path, number: int, data: dict[str, Any]) -> Case:
    try:
        return Case.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "case"
        raise CaseError(f"{path}: line {number}: {field}: {first['msg']}") from None
