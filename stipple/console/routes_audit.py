"""Who did what, for admins: a page, and a file for a spreadsheet."""

from collections.abc import Iterator
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from stipple.console import audit_list
from stipple.console.access import HOME, Admin, ConsoleRoute
from stipple.console.audit import note
from stipple.console.audit_list import Filters, Row
from stipple.console.audit_words import KINDS
from stipple.console.render import page
from stipple.console.routes_reports import csv_lines
from stipple.content.pack import Pack
from stipple.gateway.chat import Now
from stipple.records.database import Database

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
PAGE = f"{HOME}/audit"
HEAD = ("When", "Who", "What", "To what", "More")


@router.get(PAGE)
def audit(request: Request, now: Now, caller: Admin) -> Response:
    """What colleagues did, the newest first; looking at it is noted too."""
    with request.app.state.database.begin() as db:
        persons = audit_list.people(db)
        filters = audit_list.read_filters(request.query_params, persons)
        found = audit_list.read(db, filters, request.app.state.pack)
        note(db, now, "viewed", "audit", caller.staff.id)
    kinds = {key: name for key, (name, _) in KINDS.items()}
    return page(request, "audit.html", now, caller=caller, filters=filters, found=found, people=persons, kinds=kinds)


@router.get(f"{PAGE}/audit.csv")
def download(request: Request, now: Now, caller: Admin) -> Response:
    """Everything that fits, as a file. It is written while it is read, so its length does not matter."""
    database, pack = request.app.state.database, request.app.state.pack
    with database.begin() as db:
        filters = audit_list.read_filters(request.query_params, audit_list.people(db))
        note(db, now, "downloaded", "audit", caller.staff.id)
    headers = {"Content-Disposition": f'attachment; filename="stipple-audit-{now:%Y-%m-%d}.csv"'}
    return StreamingResponse(_lines(database, filters, pack), media_type="text/csv; charset=utf-8", headers=headers)


def _lines(database: Database, filters: Filters, pack: Pack) -> Iterator[str]:
    """The file, piece by piece; no transaction stays open while a slow reader takes the next one."""
    # The mark at the beginning tells spreadsheets that the text is UTF-8.
    yield "\ufeff" + csv_lines([HEAD])
    after: tuple[datetime, int] | None = None
    while True:
        with database.begin() as db:
            rows = audit_list.every(db, filters, pack, after)
        if not rows:
            return
        yield csv_lines([_cells(row, pack) for row in rows])
        after = (rows[-1].at, rows[-1].id)


def _cells(row: Row, pack: Pack) -> tuple[str, ...]:
    local = row.at.astimezone(pack.profile.zone)
    return (f"{local:%Y-%m-%d %H:%M:%S}", row.who, row.action, row.subject.words, row.detail)
