"""The list of what was resolved, with what its address may narrow it down by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session as DbSession

from stipple.console.addresses import Period, read_period
from stipple.console.clarity import name_of
from stipple.console.inbox import Who, who
from stipple.console.links import start_before
from stipple.console.paging import Listing, pages_of, read_page
from stipple.console.words import CODES, NEEDS
from stipple.content.pack import Pack
from stipple.records import resolutions

PAGE_SIZE = 25


@dataclass(frozen=True)
class Filters:
    """What to look for; an empty part leaves everything in."""

    code: str = ""
    kind: str = ""
    period: Period = field(default_factory=Period)
    page: int = 1

    def address(self, page: int) -> str:
        """The query that shows another page of the same list."""
        given = {"code": self.code, "kind": self.kind, **self.period.given}
        return urlencode({name: value for name, value in given.items() if value} | {"page": page})

    @property
    def active(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.code or self.kind or self.period.active)

    def wanted(self, zone: ZoneInfo) -> resolutions.Wanted:
        """The same as the records are asked."""
        codes, kinds = ([value] if value else [] for value in (self.code, self.kind))
        return resolutions.Wanted(codes, kinds, *self.period.span(zone))


@dataclass(frozen=True)
class Row:
    """One item that was resolved: the patient's words, and what was found."""

    id: int
    kind: str
    code: str
    about: str
    text: str
    who: Who
    conversation_id: str
    message_id: int
    start: int
    by: str
    at: datetime
    note: str
    misunderstood: bool


def read_filters(query: Mapping[str, str]) -> Filters:
    """The filters that an address asks for; what makes no sense is left out and told."""
    code, kind = query.get("code", ""), query.get("kind", "")
    return Filters(
        code=code if code in CODES else "",
        kind=kind if kind in NEEDS else "",
        period=read_period(query),
        page=read_page(query.get("page", "1")),
    )


def read(db: DbSession, filters: Filters, pack: Pack) -> Listing[Row]:
    """The resolutions that fit, the newest first."""
    wanted = filters.wanted(pack.profile.zone)
    total = resolutions.count(db, wanted)
    pages = pages_of(total, PAGE_SIZE)
    page = min(filters.page, pages)
    found = resolutions.read(db, wanted, PAGE_SIZE, (page - 1) * PAGE_SIZE)
    talks = resolutions.conversations_of(db, found)
    rows = [
        Row(
            id=r.id,
            kind=NEEDS[r.kind],
            code=CODES[r.code],
            about=str(name_of(r.instruction_id, pack)) if r.instruction_id else "",
            text=r.message.text if r.message.author == "patient" else "",
            who=who(talks[r.conversation_id]),
            conversation_id=r.conversation_id,
            message_id=r.message_id,
            start=start_before(r.message.sequence),
            by=r.staff.name,
            at=r.at,
            note=r.note,
            misunderstood=r.code == "bot_misunderstood" and r.message.author == "patient",
        )
        for r in found
    ]
    return Listing(rows, total, page, pages)
