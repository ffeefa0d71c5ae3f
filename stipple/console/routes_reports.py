"""The monthly reports and their downloads."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.orm import Session as DbSession

from stipple.console.access import HOME, Caller, ConsoleRoute, NotFoundError, Reviewer
from stipple.console.audit import note
from stipple.console.charts import bars, columns
from stipple.console.render import page
from stipple.console.report import Table, Value, months, report
from stipple.gateway.chat import Now

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
REPORTS = f"{HOME}/reports"
Month = Annotated[str, Path(pattern=r"^[0-9]{4}-[0-9]{2}$")]
Key = Annotated[str, Path(pattern=r"^[a-z]{1,20}$")]
EVERYTHING = "all"
# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@router.get(REPORTS)
def show(request: Request, now: Now, caller: Reviewer, month: Annotated[str, Query(max_length=20)] = "") -> Response:
    """One month's report, without any name."""
    with request.app.state.database.begin() as db:
        known = months(db, now)
        chosen = next((m for m in known if f"{m:%Y-%m}" == month), known[0])
        tables = _read(db, request, chosen, caller, "viewed", f"report/{chosen:%Y-%m}", now)
    place = known.index(chosen)
    values: dict[str, Any] = {"tables": tables, "month": chosen, "months": known, "bars": bars, "columns": columns}
    values["unknown"] = bool(month) and f"{chosen:%Y-%m}" != month
    values["later"], values["earlier"] = (known[place - 1] if place else None), next(iter(known[place + 1 :]), None)
    return page(request, "reports.html", now, caller=caller, **values)


@router.get(f"{REPORTS}/{{month}}/{{key}}.csv")
def download(month: Month, key: Key, request: Request, now: Now, caller: Reviewer) -> Response:
    """One table of a month, or all of them, for a spreadsheet."""
    with request.app.state.database.begin() as db:
        chosen = next((m for m in months(db, now) if f"{m:%Y-%m}" == month), None)
        if chosen is None:
            raise NotFoundError
        tables = _read(db, request, chosen, caller, "downloaded", f"report/{month}/{key}", now)
        wanted = [table for table in tables if key in (table.key, EVERYTHING)]
        if not wanted:
            raise NotFoundError
    name = f"stipple-report-{month}-{key}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    # The mark at the beginning tells spreadsheets that the text is UTF-8.
    return Response("\ufeff" + as_csv(wanted), media_type="text/csv; charset=utf-8", headers=headers)


def _read(
    db: DbSession, request: Request, month: date, caller: Caller, action: str, subject: str, now: datetime
) -> list[Table]:
    tables = report(db, month, request.app.state.pack, request.app.state.reader)
    note(db, now, action, subject, caller.staff.id)
    return tables


def as_csv(tables: Iterable[Table]) -> str:
    """The tables one below the other, each under its title."""
    return csv_lines(_rows(tables))


def _rows(tables: Iterable[Table]) -> Iterator[Sequence[Value]]:
    for number, table in enumerate(tables):
        if number:
            yield []
        yield from ([table.title], table.head, *table.rows)


def csv_lines(rows: Iterable[Sequence[Value]]) -> str:
    """The rows as lines of a file for spreadsheets."""
    out = io.StringIO()
    csv.writer(out).writerows([harmless(value) for value in row] for row in rows)
    return out.getvalue()


def harmless(value: Value) -> Value:
    """A cell that no spreadsheet takes for a formula, whatever a patient wrote."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA) else value
