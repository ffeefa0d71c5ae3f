"""Importing a file of patients or sessions: kept for a while, tried, shown, and then imported just as it was shown."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as DbSession

from stipple.care.telling import begun
from stipple.console.audit import note
from stipple.console.patients.table import Table, matched, read_table, written
from stipple.content.pack import Pack
from stipple.records.csv_import import (
    PATIENT_COLUMNS,
    SESSION_COLUMNS,
    RowReport,
    import_patient_rows,
    import_session_rows,
    told_of,
)
from stipple.records.database import Database
from stipple.records.demo import ensure_clinic
from stipple.records.staff_models import Staff, Upload

KEPT = timedelta(hours=1)
KINDS = {"patients": PATIENT_COLUMNS, "sessions": SESSION_COLUMNS}
MAY_LACK = {"patients": ("risk_factors",), "sessions": ("course_number",)}
MOST_SHOWN = 100
NAMES = {"new": "added", "changed": "changed", "same": "unchanged", "wrong": "with a problem"}


class GoneUploadError(Exception):
    """The file was not kept that long, was imported already, or is a colleague's."""


class DifferentError(Exception):
    """The import would now do something else than was shown."""


class _TakenBackError(Exception):
    """Leaves the transaction without keeping what was tried."""


@dataclass(frozen=True)
class Line:
    """One row of the file and what would become of it."""

    number: int
    outcome: str
    cells: list[str]
    problem: str


@dataclass(frozen=True)
class Preview:
    """What an import would do; ``missing`` are columns that nothing in the file stands for yet."""

    upload: Upload
    table: Table
    columns: tuple[str, ...]
    missing: list[str]
    lines: list[Line]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows would be added, changed, left and refused."""
        found = Counter(line.outcome for line in self.lines)
        return {name: found[outcome] for outcome, name in NAMES.items()}

    @property
    def wrong(self) -> list[Line]:
        """Rows with a problem."""
        return [line for line in self.lines if line.outcome == "wrong"]

    @property
    def shown(self) -> list[Line]:
        """The first rows that would change something."""
        return [line for line in self.lines if line.outcome in ("new", "changed")][:MOST_SHOWN]

    @property
    def digest(self) -> str:
        """Changes with whatever the import would do."""
        told = repr([(line.number, line.outcome) for line in self.lines])
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def ready(self) -> bool:
        """Whether it can be imported: every row, or none."""
        return not self.missing and not self.wrong and any(line.outcome != "same" for line in self.lines)


def purge(db: DbSession, now: datetime) -> None:
    """Throw away files that were kept long enough."""
    db.execute(delete(Upload).where(Upload.created_at <= now - KEPT))


def keep(db: DbSession, kind: str, name: str, text: str, staff: Staff, now: datetime) -> Upload:
    """Keep a file of ``staff`` for its preview; one that they left before is thrown away.

    Raises:
        TableError: when it is no table.
    """
    table = read_table(text)
    columns = matched(table.headers, (*KINDS[kind], *MAY_LACK[kind]))
    db.execute(delete(Upload).where(Upload.staff_id == staff.id))
    upload = Upload(staff_id=staff.id, kind=kind, name=name, content=text, columns=columns, preview="", created_at=now)
    db.add(upload)
    db.flush()
    return upload


def find(db: DbSession, number: str, staff: Staff, now: datetime, lock: bool = False) -> Upload:
    """The kept file of ``staff``.

    Raises:
        GoneUploadError: when there is none.
    """
    mine = (Upload.id == number, Upload.staff_id == staff.id, Upload.created_at > now - KEPT)
    query = select(Upload).where(*mine)
    found = db.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise GoneUploadError
    return found


def map_columns(upload: Upload, given: dict[str, str]) -> None:
    """Take the person's word for which column of the file stands for which of ours."""
    headers = read_table(upload.content).headers
    chosen = {c: given.get(c, "") for c in (*KINDS[upload.kind], *MAY_LACK[upload.kind])}
    upload.columns = {c: header for c, header in chosen.items() if header and header in headers}


def preview(database: Database, number: str, staff: Staff, pack: Pack, now: datetime) -> Preview:
    """What the import would do: it is done, and taken back.

    Raises:
        GoneUploadError: when the file is not kept any longer.
    """
    found: list[Preview] = []
    try:
        with database.begin() as db:
            upload = find(db, number, staff, now)
            found.append(_try(db, upload, pack, now))
            # What is taken back must not take the file with it, which the page still shows.
            db.expunge(upload)
            raise _TakenBackError
    except _TakenBackError:
        pass
    with database.begin() as db:
        find(db, number, staff, now).preview = found[0].digest
    return found[0]


def bring_in(database: Database, number: str, staff: Staff, pack: Pack, now: datetime) -> Preview:
    """Import what was shown, and throw the file away.

    Raises:
        GoneUploadError: when the file is not kept any longer, or was imported already.
        DifferentError: when the records have changed, so that it would do something else.
    """
    with database.begin() as db:
        note(db, now, "imported", "patients", staff.id)
        upload = find(db, number, staff, now, lock=True)
        found = _try(db, upload, pack, now)
        if found.digest != upload.preview or not found.ready:
            raise DifferentError
        db.delete(upload)
        return found


def _try(db: DbSession, upload: Upload, pack: Pack, now: datetime) -> Preview:
    table, columns = read_table(upload.content), KINDS[upload.kind]
    missing = [c for c in columns if c not in upload.columns]
    if missing:
        return Preview(upload, table, columns, missing, [])
    places = {c: table.headers.index(header) for c, header in upload.columns.items()}
    rows = [
        (line, told_of({c: cells[at] if at < len(cells) else "" for c, at in places.items()}, columns))
        for line, cells in table.rows
    ]
    clinic = ensure_clinic(db, pack.profile)
    if upload.kind == "patients":
        reports = import_patient_rows(db, rows, clinic, now)
    else:
        reports = import_session_rows(db, rows, clinic, pack.profile.zone)
    return Preview(upload, table, columns, [], _lines(table, reports))


def _lines(table: Table, reports: list[RowReport]) -> list[Line]:
    pairs = zip(table.rows, reports, strict=True)
    return [Line(r.line, r.outcome, cells, begun(r.detail)) for (_, cells), r in pairs]


def wrong_lines(found: Preview) -> bytes:
    """The rows with a problem as a file, with a last column that says why."""
    header = [*found.table.headers, "problem"]
    width = len(found.table.headers)
    rows = [[*(line.cells + [""] * width)[:width], f"Line {line.number}: {line.problem}"] for line in found.wrong]
    return written([header, *rows])
