"""The list of patients: searched by name, reference or phone number, a page at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import selectinload

from stipple.care.healing import healing_today, upcoming
from stipple.console.paging import Listing, pages_of, read_page
from stipple.content.pack import Pack
from stipple.records.models import Conversation, Course, Message, Patient, Session
from stipple.records.patients import to_record

PAGE_SIZE = 25
MOST_WORDS, LONGEST = 6, 100
SORTS = {"activity": "Wrote last", "session": "Next session", "name": "Name"}
# What people put between the digits of a phone number.
BETWEEN_DIGITS = " -()./"
# With fewer digits it is no phone number that is searched for.
LEAST_DIGITS = 5
# Digits that the code of a country has at most.
COUNTRY_CODE = 3


@dataclass(frozen=True)
class Wanted:
    """What to look for, in which order, and which page of it."""

    words: str = ""
    sort: str = "activity"
    page: int = 1

    def address(self, **other: Any) -> str:
        """The query that shows the same list in another order or another page of it; it holds no word searched for."""
        wanted = replace(self, **other)
        return urlencode({"sort": wanted.sort, "page": wanted.page})


@dataclass(frozen=True)
class Row:
    """One patient of the list."""

    id: str
    name: str
    reference: str
    phone: str | None
    day: int | None
    next_session: datetime | None
    last_at: datetime | None


def read_wanted(query: Mapping[str, str], words: str) -> Wanted:
    """What an address asks for; what makes no sense is left out."""
    sort = query.get("sort", "")
    return Wanted(
        words=tidy(words),
        sort=sort if sort in SORTS else "activity",
        page=read_page(query.get("page", "1")),
    )


def tidy(words: str) -> str:
    """Words to search for, as short as any name is and without what no database holds."""
    return " ".join(words.replace("\0", "").split())[:LONGEST]


def read(db: DbSession, wanted: Wanted, pack: Pack, now: datetime) -> Listing[Row]:
    """The patients that fit."""
    fitting = list(_conditions(wanted.words))
    total = db.scalar(select(func.count()).select_from(Patient).where(*fitting)) or 0
    pages = pages_of(total, PAGE_SIZE)
    page = min(wanted.page, pages)
    query = _ordered(select(Patient).where(*fitting), wanted.sort, now).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    options = (selectinload(Patient.courses).selectinload(Course.sessions), selectinload(Patient.overrides))
    found = list(db.scalars(query.options(*options)))
    last = _last_messages(db, [p.id for p in found])
    return Listing([_row(p, last.get(p.id), pack, now) for p in found], total, page, pages)


def _conditions(words: str) -> Iterator[ColumnElement[bool]]:
    """Every word must be found, in whichever place."""
    if len(_digits(words)) >= LEAST_DIGITS and not set(words) - set(f"0123456789+{BETWEEN_DIGITS}"):
        yield or_(_plain_phone().contains(_searched(words)), Patient.reference.icontains(words, autoescape=True))
        return
    for word in words.split()[:MOST_WORDS]:
        # SQLite changes the case of plain letters only.
        forms = {word, word.lower(), word.upper(), word.capitalize()} if not word.isascii() else {word}
        names = [Patient.name.icontains(form, autoescape=True) for form in sorted(forms)]
        yield or_(
            *names, Patient.reference.icontains(word, autoescape=True), Patient.phone.contains(word, autoescape=True)
        )


def _searched(phone: str) -> str:
    """The digits that stand in a phone number whether it is stored with the code of its country or without it."""
    from_abroad, digits = phone.lstrip(BETWEEN_DIGITS).startswith(("+", "00")), _digits(phone).lstrip("0")
    if from_abroad and len(digits) >= COUNTRY_CODE + LEAST_DIGITS:
        # Where the code ends is not known, so as much is left out as it may have.
        return digits[COUNTRY_CODE:]
    return digits


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _plain_phone() -> ColumnElement[str]:
    plain: ColumnElement[str] = func.coalesce(Patient.phone, "")
    for character in BETWEEN_DIGITS:
        plain = func.replace(plain, character, "")
    return plain


def _ordered(query: Select[Any], sort: str, now: datetime) -> Select[Any]:
    by_name = (func.lower(Patient.name), Patient.id)
    if sort == "name":
        return query.order_by(*by_name)
    if sort == "session":
        coming = select(Course.patient_id, func.min(Session.starts_at).label("at")).join(Session)
        soonest = coming.where(Session.status == "planned", Session.starts_at > now).group_by(Course.patient_id)
        when = soonest.subquery()
        return query.outerjoin(when, when.c.patient_id == Patient.id).order_by(when.c.at.is_(None), when.c.at, *by_name)
    # A message's number grows with the time it was stored, and its index is narrow.
    newest = select(Conversation.patient_id, func.max(Message.id).label("number")).join(
        Message, Message.conversation_id == Conversation.id
    )
    last = newest.where(Conversation.patient_id.is_not(None)).group_by(Conversation.patient_id).subquery()
    joined = query.outerjoin(last, last.c.patient_id == Patient.id)
    return joined.order_by(last.c.number.is_(None), last.c.number.desc(), *by_name)


def _last_messages(db: DbSession, patients: list[str]) -> dict[str | None, datetime]:
    told = (
        select(Conversation.patient_id, func.max(Message.sent_at))
        .join(Message, Message.conversation_id == Conversation.id)
        .where(Conversation.patient_id.in_(patients))
        .group_by(Conversation.patient_id)
    )
    return {row[0]: row[1] for row in db.execute(told)}


def _row(patient: Patient, last_at: datetime | None, pack: Pack, now: datetime) -> Row:
    record = to_record(patient, pack.profile.zone)
    standing, coming = healing_today(record, now), upcoming(record, now)
    return Row(
        id=patient.id,
        name=patient.name,
        reference=patient.reference,
        phone=patient.phone,
        day=standing.day if standing else None,
        next_session=coming[0].starts_at if coming else None,
        last_at=last_at,
    )
