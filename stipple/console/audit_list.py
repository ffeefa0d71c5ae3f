"""The list of who did what: narrowed down by its address, a page at a time from the newest on, and as a file.

A page is found by the row it begins after, not by its number, so that the millionth row costs what the first one does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all
from sqlalchemy.orm import Session as DbSession

from stipple.console.addresses import Period, read_number, read_period
from stipple.console.audit_subjects import Subject, read_subjects
from stipple.console.audit_words import KINDS, NO_PERSON, action_words, detail_words, nobody
from stipple.content.pack import Pack
from stipple.records.staff_models import Audit, Staff

PAGE_SIZE = 50
CHUNK = 1000
NEWER, OLDER = "newer", "older"


@dataclass(frozen=True)
class Filters:
    """What to look for; an empty part leaves everything in.

    ``older`` and ``newer`` are the numbers of rows that the page lies behind or before.
    """

    person: str = ""
    kind: str = ""
    period: Period = field(default_factory=Period)
    older: int = 0
    newer: int = 0

    def address(self, **place: int) -> str:
        """The query that shows this list from another place on."""
        given = {"person": self.person, "kind": self.kind, **self.period.given}
        return urlencode({name: value for name, value in given.items() if value} | place)

    @property
    def active(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.person or self.kind or self.period.active)


@dataclass(frozen=True)
class Row:
    """One thing that somebody did."""

    id: int
    at: datetime
    who: str
    action: str
    subject: Subject
    detail: str


@dataclass(frozen=True)
class Found:
    """One page of the list, as the pager wants it: before it lies a page, or after it, or neither."""

    rows: list[Row]
    page: int
    pages: int


def people(db: DbSession) -> dict[str, str]:
    """Whom the list can be narrowed down to, by name."""
    found = db.execute(select(Staff.id, Staff.name, Staff.email)).all()
    names = sorted(found, key=lambda row: (row.name.lower(), row.email))
    return {str(row.id): f"{row.name}, {row.email}" for row in names} | {NO_PERSON: "Nobody who was signed in"}


def read_filters(query: Mapping[str, str], persons: Mapping[str, str]) -> Filters:
    """The filters that an address asks for; what makes no sense is left out and told."""
    person, kind = query.get("person", ""), query.get("kind", "")
    return Filters(
        person=person if person in persons else "",
        kind=kind if kind in KINDS else "",
        period=read_period(query),
        older=read_number(query.get(OLDER, "")),
        newer=read_number(query.get(NEWER, "")),
    )


def read(db: DbSession, filters: Filters, pack: Pack) -> Found:
    """The page that the filters ask for."""
    zone = pack.profile.zone
    beside = _place(db, filters.newer)
    if beside:
        rows = _some(db, filters, zone, _after(beside), PAGE_SIZE + 1, newest_first=False)
        if len(rows) > PAGE_SIZE:
            return _found(db, rows[1:], pack, newer=True, older=True)
        # Fewer are left than fill a page, so the first page is meant.
        beside = None
    else:
        beside = _place(db, filters.older)
    rows = _some(db, filters, zone, _before(beside) if beside else None, PAGE_SIZE + 1)
    return _found(db, rows[:PAGE_SIZE], pack, newer=beside is not None, older=len(rows) > PAGE_SIZE)


def every(db: DbSession, filters: Filters, pack: Pack, after: tuple[datetime, int] | None) -> list[Row]:
    """The next rows that fit, at most `CHUNK`, from the newest on; ``after`` is the last one that is known already."""
    conditions = [*_conditions(filters, pack.profile.zone, _before(after) if after else None)]
    if filters.kind:
        # All rows are walked once, so nothing is gained by looking for each action by itself.
        conditions.append(Audit.action.in_(KINDS[filters.kind][1]))
    query = select(Audit).where(*conditions).order_by(Audit.at.desc(), Audit.id.desc())
    return _told(db, db.scalars(query.limit(CHUNK)).all(), pack)


def _found(db: DbSession, rows: Sequence[Audit], pack: Pack, newer: bool, older: bool) -> Found:
    page = 2 if newer else 1
    return Found(_told(db, rows, pack), page, page + older)


def _told(db: DbSession, rows: Sequence[Audit], pack: Pack) -> list[Row]:
    subjects = read_subjects(db, {row.subject for row in rows}, pack)
    return [
        Row(
            id=row.id,
            at=row.at,
            who=subjects.staff.get(row.staff_id or 0) or nobody(row.action),
            action=action_words(row.action),
            subject=subjects.of(row.subject, row.staff_id),
            detail=detail_words(row.action, row.detail, subjects.staff),
        )
        for row in rows
    ]


def _place(db: DbSession, number: int) -> tuple[datetime, int] | None:
    """Where a row stands in the list."""
    at = db.scalar(select(Audit.at).where(Audit.id == number)) if number else None
    return (at, number) if at else None


def _before(place: tuple[datetime, int]) -> ColumnElement[bool]:
    at, number = place
    # The time alone first: that is what the indexes are searched by.
    return and_(Audit.at <= at, or_(Audit.at < at, Audit.id < number))


def _after(place: tuple[datetime, int]) -> ColumnElement[bool]:
    at, number = place
    return and_(Audit.at >= at, or_(Audit.at > at, Audit.id > number))


def _some(
    db: DbSession,
    filters: Filters,
    zone: ZoneInfo,
    place: ColumnElement[bool] | None,
    limit: int,
    newest_first: bool = True,
) -> list[Audit]:
    """The rows nearest to a place, the newest first whichever side of it they lie on."""
    order = (Audit.at.desc(), Audit.id.desc()) if newest_first else (Audit.at, Audit.id)
    query = select(Audit.id).where(*_conditions(filters, zone, place)).order_by(*order).limit(limit)
    if filters.kind:
        query = _of_any(query, KINDS[filters.kind][1])
    found = db.scalars(select(Audit).where(Audit.id.in_(query)).order_by(*order).limit(limit)).all()
    return list(found) if newest_first else list(reversed(found))


def _of_any(query: Select[int], actions: Sequence[str]) -> Select[int]:
    """The nearest rows of each action. Each is found in an index, where asking for all at once would sort them all."""
    each = [query.where(Audit.action == action).subquery() for action in actions]
    together = union_all(*(select(part.c.id) for part in each)).subquery()
    return select(together.c.id)


def _conditions(filters: Filters, zone: ZoneInfo, place: ColumnElement[bool] | None) -> Iterator[ColumnElement[bool]]:
    if place is not None:
        yield place
    if filters.person:
        alone = filters.person == NO_PERSON
        yield Audit.staff_id.is_(None) if alone else Audit.staff_id == int(filters.person)
    since, before = filters.period.span(zone)
    if since:
        yield Audit.at >= since
    if before:
        yield Audit.at < before
