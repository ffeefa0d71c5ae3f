"""A turn as the actions see it, without Rasa and without a database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actions.turn import Trace, Turn
from stipple.care.dates import find_days
from stipple.care.record import CourseRecord, PatientRecord, Visit
from stipple.content.pack import Pack, load_pack
from stipple.records.wordings import Published
from tests.fixtures import pack
from tests.small_content import write_small_content

__all__ = ["pack"]

# A Wednesday.
NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
MakeTurn = Callable[..., Turn]


def told(*labels: str) -> tuple[Trace, ...]:
    """The trace of an answer that spoke of ``labels``."""
    return tuple({"kind": kind, "topic": topic} for kind, _, topic in (label.partition("/") for label in labels))


def worded(turn: Turn) -> Turn:
    """``turn`` with every wording as its pack has it."""
    said = ((s.id, s.approved) for s in turn.pack.statements())
    return replace(turn, wordings={name: Published(a.text, a.why, a.simpler, 1) for name, a in said})


def patient(pack: Pack, **days: int) -> PatientRecord:
    """Somebody with a session so many days from now for each of ``days``."""
    visits = [
        Visit(number, NOW + timedelta(days=after), "done" if after < 0 else "planned")
        for number, after in enumerate(days.values(), start=1)
    ]
    return PatientRecord(pack.profile.zone, (CourseRecord(1, None, 3, tuple(visits)),))


@pytest.fixture(scope="session")
def invented(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The shipped sentences in a clinic whose hours no one edits: Monday 9 to 18, Saturday 10 to 16."""
    folder: Path = write_small_content(tmp_path_factory.mktemp("actions") / "content")
    return replace(pack, profile=load_pack(folder).profile)


@pytest.fixture
def turn(invented: Pack) -> MakeTurn:
    """Makes the turn of a message; its days are read from the text."""

    def make(text: str = "", now: datetime = NOW, **more: Any) -> Turn:
        fields: dict[str, Any] = {"pack": invented, "wordings": {}, "record": None, "questions": ()} | more
        made = Turn(text=text, now=now, **fields)
        return replace(made, days=tuple(find_days(text, made.today)))

    return make
