"""The list of lessons: how many were misunderstood, taught, tested and wait, and what stands against each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, func, select, union
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.console.inbox import Who, who
from stipple.console.labels import choice_of
from stipple.console.lessons import findings, proposed
from stipple.console.paging import Listing, pages_of, read_page
from stipple.console.words import LEVEL_NAMES, URGENCIES, VERDICTS
from stipple.content.known import Finding, Known
from stipple.content.pack import Pack
from stipple.records.lesson_models import ACCEPTED, CASE, NOTHING, PHRASE, REJECTED, WITHDRAWN, Lesson
from stipple.records.models import Conversation, Message
from stipple.records.resolution_models import Resolution

PAGE_SIZE = 25
MOST_TODO = 10
MISUNDERSTOOD = "bot_misunderstood"
WAITING = "waiting"
STATES = {WAITING: "Waits for a decision", ACCEPTED: "Accepted", REJECTED: "Turned down", WITHDRAWN: "Taken back"}
KIND_NAMES = {PHRASE: "To learn", CASE: "To test"}


@dataclass(frozen=True)
class Figures:
    """``misunderstood`` counts messages; the others count lessons, ``left`` messages that nobody has looked at."""

    misunderstood: int
    left: int
    waiting: int
    taught: int
    tested: int


@dataclass(frozen=True)
class Todo:
    """A message that was misunderstood and from which nothing was made yet."""

    message_id: int
    text: str
    who: Who


@dataclass(frozen=True)
class Row:
    """A lesson as lists show it. ``found`` is what is against it; of one that is decided nothing is asked any more."""

    lesson: Lesson
    kind: str
    meaning: str
    state: str
    found: list[Finding]
    expect: str


@dataclass(frozen=True)
class Filters:
    """What to look for; an empty part leaves everything in."""

    state: str = ""
    kind: str = ""
    page: int = 1

    def address(self, page: int) -> str:
        """The query that shows another page of the same list."""
        return urlencode({"state": self.state, "kind": self.kind, "page": page})


def read_filters(query: Mapping[str, str]) -> Filters:
    """What an address asks for; without any, what waits."""
    state, kind = query.get("state", WAITING), query.get("kind", "")
    return Filters(
        state if state in STATES else "", kind if kind in KIND_NAMES else "", read_page(query.get("page", "1"))
    )


def figures(db: DbSession) -> Figures:
    """How far the loop is."""
    judged = select(Resolution.message_id).where(Resolution.code == MISUNDERSTOOD)
    taken = select(Lesson.message_id).where(Lesson.message_id.is_not(None))
    real = taken.where(Lesson.kind != NOTHING, Lesson.decision.is_distinct_from(WITHDRAWN))
    counts = {
        (k, d): n
        for k, d, n in db.execute(
            select(Lesson.kind, Lesson.decision, func.count()).group_by(Lesson.kind, Lesson.decision)
        )
    }
    return Figures(
        misunderstood=db.scalar(select(func.count()).select_from(union(judged, real).subquery())) or 0,
        left=db.scalar(select(func.count()).select_from(_left().subquery())) or 0,
        waiting=sum(counts.get((k, None), 0) for k in KIND_NAMES),
        taught=counts.get((PHRASE, ACCEPTED), 0),
        tested=counts.get((CASE, ACCEPTED), 0),
    )


def _left() -> Any:
    """Messages resolved as misunderstood from which nothing was made."""
    still = Lesson.decision.is_distinct_from(WITHDRAWN)
    taken = select(Lesson.id).where(Lesson.message_id == Resolution.message_id, still)
    mine = (Resolution.code == MISUNDERSTOOD, Message.author == "patient", ~taken.exists())
    return select(Message.id).join(Resolution, Resolution.message_id == Message.id).where(*mine).distinct()


def todo(db: DbSession) -> list[Todo]:
    """The newest messages that were resolved as misunderstood and from which nothing was made."""
    newest = select(Message, Conversation).join(Conversation, Conversation.id == Message.conversation_id)
    found = db.execute(
        newest.where(Message.id.in_(_left()))
        .order_by(Message.id.desc())
        .limit(MOST_TODO)
        .options(joinedload(Conversation.patient))
    )
    return [Todo(message.id, message.text, who(talk)) for message, talk in found]


def read(db: DbSession, filters: Filters, files: Known, pack: Pack) -> Listing[Row]:
    """The lessons that fit, the newest first."""
    wanted = list(_conditions(filters))
    total = db.scalar(select(func.count(Lesson.id)).where(*wanted)) or 0
    pages = pages_of(total, PAGE_SIZE)
    page = min(filters.page, pages)
    query = select(Lesson).where(*wanted).order_by(Lesson.id.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    lessons = db.scalars(query.options(joinedload(Lesson.proposer), joinedload(Lesson.decider)))
    return Listing([row_of(db, lesson, files, pack) for lesson in lessons], total, page, pages)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Lesson.kind == filters.kind if filters.kind else Lesson.kind != NOTHING]
    if filters.state:
        found.append(Lesson.decision.is_(None) if filters.state == WAITING else Lesson.decision == filters.state)
    return found


def row_of(db: DbSession, lesson: Lesson, files: Known, pack: Pack) -> Row:
    """A lesson in human words."""
    still = lesson.decision is None
    return Row(
        lesson=lesson,
        kind=KIND_NAMES[lesson.kind],
        meaning=choice_of(lesson.label, pack).full,
        state=STATES[lesson.decision or WAITING],
        found=findings(lesson.kind, lesson.text, lesson.label, (files, proposed(db, [lesson.id]))) if still else [],
        expect=answer_words(lesson.expect[0]) if lesson.expect else "",
    )


def answer_words(expect: Mapping[str, Any]) -> str:
    """What the right answer is, beside its subject: the verdict and the healing day it holds for."""
    verdict = VERDICTS.get((expect.get("verdict") or [""])[0], "")
    urgency = (expect.get("urgency") or [""])[0]
    told = verdict or URGENCIES.get(urgency, LEVEL_NAMES.get(urgency, ""))
    day = expect.get("asked_day")
    parts = (told, f"for healing day {day}" if day is not None else "")
    return ", ".join(p for p in parts if p) or "any answer about this subject"


def accepted(db: DbSession) -> list[Lesson]:
    """Every lesson that a second person accepted, oldest first."""
    return list(db.scalars(select(Lesson).where(Lesson.decision == ACCEPTED).order_by(Lesson.id)))
