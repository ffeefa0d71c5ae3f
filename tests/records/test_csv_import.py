"""Importing patients and sessions through the command line: all rows, or none and the wrong ones named."""

import itertools
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.pool import Pool

from stipple.cli import main
from stipple.records.database import Database
from stipple.records.models import Course, Patient, Session
from tests.small_content import write_small_content

PATIENTS = "reference,name,phone,email\nP-1,Ann Example,020 7946 0001,ann@mail.example\nP-2,Bob Example,,\n"
SESSIONS = """patient_reference,course_goal,planned_sessions,number,date,time,status,practitioner
P-1,hairline,3,1,2026-06-10,09:30,done,Dr Ink
P-1,hairline,3,2,2026-12-10,09:30,planned,
P-2,,2,1,2026-06-11,10:00,CANCELLED,Dr Ink
"""
HEADER = SESSIONS.splitlines()[0]
GOOD = SESSIONS.splitlines()[1]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def database(sqlite_url: str) -> Database:
    return Database(sqlite_url)


@pytest.fixture
def stipple(
    database: Database, no_settings: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Run]:
    """Runs the command; its exit status, output and error output."""
    no_settings.setenv("STIPPLE_DATABASE_URL", str(database.engine.url))
    no_settings.setenv("STIPPLE_CONTENT_DIR", str(write_small_content(tmp_path / "content")))
    opened: list[Any] = []

    def remember(connection: Any, record: object) -> None:
        opened.append(connection)

    def run(*arguments: object) -> tuple[int, str, str]:
        no_settings.setattr(sys, "argv", ["stipple", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capsys.readouterr()

    event.listen(Pool, "connect", remember)
    yield run
    event.remove(Pool, "connect", remember)
    for connection in opened:
        connection.close()


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def write(content: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "import.csv"
        path.write_bytes(content.encode(encoding))
        return path

    return write


@pytest.fixture
def known_patients(stipple: Run, file: Callable[..., Path]) -> None:
    assert stipple("patients", "import", file(PATIENTS))[0] == 0


def patients(database: Database) -> list[tuple[Any, ...]]:
    with database.begin() as db:
        return [
            (p.reference, p.name, p.phone, p.email) for p in db.scalars(select(Patient).order_by(Patient.reference))
        ]


def sessions(database: Database) -> list[tuple[Any, ...]]:
    with database.begin() as db:
        rows = db.execute(
            select(Patient.reference, Course.goal, Course.planned_sessions, Session)
            .join(Course, Course.patient_id == Patient.id)
            .join(Session)
            .order_by(Patient.reference, Session.number)
        )
        return [(ref, goal, planned, s.number, s.starts_at, s.status, s.practitioner) for ref, goal, planned, s in rows]


IMPORTED = [
    ("P-1", "hairline", 3, 1, datetime(2026, 6, 10, 8, 30, tzinfo=UTC), "done", "Dr Ink"),
    ("P-1", "hairline", 3, 2, datetime(2026, 12, 10, 9, 30, tzinfo=UTC), "planned", None),
    ("P-2", None, 2, 1, datetime(2026, 6, 11, 9, 0, tzinfo=UTC), "cancelled", "Dr Ink"),
]


def test_patients_are_added(stipple: Run, file: Callable[..., Path], database: Database) -> None:
    status, output, _ = stipple("patients", "import", file(PATIENTS))
    assert (status, output) == (0, "line 2: new\nline 3: new\n")
    assert patients(database) == [
        ("P-1", "Ann Example", "020 7946 0001", "ann@mail.example"),
        ("P-2", "Bob Example", None, None),
    ]


@pytest.mark.usefixtures("known_patients")
def test_sessions_are_stored_at_the_clinics_local_time(
    stipple: Run, file: Callable[..., Path], database: Database
) -> None:
    status, output, _ = stipple("sessions", "import", file(SESSIONS))
    assert (status, output) == (0, "line 2: new\nline 3: new\nline 4: new\n")
    assert sessions(database) == IMPORTED


def test_importing_patients_again_changes_nothing(stipple: Run, file: Callable[..., Path], database: Database) -> None:
    stipple("patients", "import", file(PATIENTS))
    before = patients(database)
    assert stipple("patients", "import", file(PATIENTS))[:2] == (0, "line 2: same\nline 3: same\n")
    assert patients(database) == before


@pytest.mark.usefixtures("known_patients")
def test_importing_sessions_again_changes_nothing(stipple: Run, file: Callable[..., Path], database: Database) -> None:
    stipple("sessions", "import", file(SESSIONS))
    assert stipple("sessions", "import", file(SESSIONS))[:2] == (0, "line 2: same\nline 3: same\nline 4: same\n")
    assert sessions(database) == IMPORTED


@pytest.mark.usefixtures("known_patients")
def test_a_goal_that_the_patient_chose_since_survives_a_second_import(
    stipple: Run, file: Callable[..., Path], database: Database
) -> None:
    stipple("sessions", "import", file(SESSIONS))
    with database.begin() as db:
        db.scalars(select(Course).where(Course.goal == "hairline")).one().goal = "density"
    assert stipple("sessions", "import", file(SESSIONS))[:2] == (0, "line 2: same\nline 3: same\nline 4: same\n")
    assert sessions(database) == [(ref, goal and "density", *rest) for ref, goal, *rest in IMPORTED]


@pytest.mark.usefixtures("known_patients")
def test_a_second_course_is_told_apart_by_its_number(
    stipple: Run, file: Callable[..., Path], database: Database
) -> None:
    numbered = f"course_number,{HEADER}\n,{GOOD}\n2,{GOOD}\n"
    assert stipple("sessions", "import", file(numbered))[:2] == (0, "line 2: new\nline 3: new\n")
    with database.begin() as db:
        assert list(db.scalars(select(Course.number).order_by(Course.number))) == [1, 2]


def test_risk_factors_are_read_and_kept_when_the_column_is_missing(
    stipple: Run, file: Callable[..., Path], database: Database
) -> None:
    told = "reference,name,phone,email,risk_factors\nP-1,Ann Example,,,Diabetes; blood thinners\nP-2,Bob Example,,,\n"
    assert stipple("patients", "import", file(told))[0] == 0
    stipple("patients", "import", file(PATIENTS))
    with database.begin() as db:
        found = list(db.scalars(select(Patient.risk_factors).order_by(Patient.reference)))
    assert found == [["diabetes", "blood_thinners"], None]


def test_an_unknown_risk_factor_is_named(stipple: Run, file: Callable[..., Path]) -> None:
    told = "reference,name,phone,email,risk_factors\nP-1,Ann Example,,,bad luck\n"
    status, output, _ = stipple("patients", "import", file(told))
    assert status == 1
    assert "risk factor 'bad_luck' is none of diabetes, weak_immunity, blood_thinners" in output


def test_a_changed_patient_is_updated(stipple: Run, file: Callable[..., Path], database: Database) -> None:
    stipple("patients", "import", file(PATIENTS))
    moved = PATIENTS.replace("Bob Example,,", "Bob Example,,bob@mail.example")
    assert stipple("patients", "import", file(moved))[1] == "line 2: same\nline 3: changed\n"
    assert patients(database)[1] == ("P-2", "Bob Example", None, "bob@mail.example")


@pytest.mark.usefixtures("known_patients")
@pytest.mark.parametrize(
    ("old", "new", "column", "value"),
    [
        ("09:30,done", "10:30,done", 4, datetime(2026, 6, 10, 9, 30, tzinfo=UTC)),
        ("done,Dr Ink", "missed,Dr Ink", 5, "missed"),
        ("done,Dr Ink", "done,", 6, None),
    ],
)
def test_a_changed_session_is_updated(
    stipple: Run, file: Callable[..., Path], database: Database, old: str, new: str, column: int, value: object
) -> None:
    stipple("sessions", "import", file(SESSIONS))
    assert stipple("sessions", "import", file(SESSIONS.replace(old, new)))[1].splitlines()[0] == "line 2: changed"
    assert sessions(database)[0][column] == value
    assert sessions(database)[1:] == IMPORTED[1:]


@pytest.mark.usefixtures("known_patients")
def test_another_number_of_planned_sessions_is_reported_as_a_change(
    stipple: Run, file: Callable[..., Path], database: Database
) -> None:
    stipple("sessions", "import", file(SESSIONS))
    more = SESSIONS.replace("hairline,3", "hairline,4")
    assert stipple("sessions", "import", file(more), "--dry-run")[1].splitlines()[0] == "line 2: changed"
    stipple("sessions", "import", file(more))
    assert [row[2] for row in sessions(database)] == [4, 4, 2]


@pytest.mark.usefixtures("known_patients")
def test_a_dry_run_tells_all_and_imports_nothing(stipple: Run, file: Callable[..., Path], database: Database) -> None:
    before = patients(database)
    status, output, errors = stipple("sessions", "import", file(SESSIONS), "--dry-run")
    assert (status, output) == (0, "line 2: new\nline 3: new\nline 4: new\n")
    assert "3 new" in errors
    assert "nothing was imported" in errors
    assert sessions(database) == []
    more = PATIENTS.replace("Ann Example", "Ann Other") + "P-3,Cy Example,,\n"
    output = stipple("patients", "import", file(more), "--dry-run")[1]
    assert output == "line 2: changed\nline 3: same\nline 4: new\n"
    assert patients(database) == before


WRONG_SESSIONS = [
    (GOOD.replace("P-1", "P-9"), "no patient has the reference 'P-9'"),
    (GOOD.replace("hairline,3", "hairline,0"), "planned_sessions '0'"),
    (GOOD.replace("hairline,3", "hairline,21"), "planned_sessions '21'"),
    (GOOD.replace("hairline,3", "hairline,²"), "planned_sessions '²'"),
    (GOOD.replace("3,1,", "3,one,"), "number 'one'"),
    (GOOD.replace("3,1,", "3,-1,"), "number '-1'"),
    (GOOD.replace("done", "cured"), "status 'cured' is none of planned, done, cancelled, missed"),
    (GOOD.replace("2026-06-10", "10.06.2026"), "date and time '10.06.2026' '09:30'"),
    (GOOD.replace("2026-06-10", "2026-02-30"), "date and time '2026-02-30' '09:30'"),
    (GOOD.replace("09:30", "half nine"), "date and time '2026-06-10' 'half nine'"),
    (GOOD.replace("Dr Ink", "x" * 201), "practitioner is longer than 200 characters"),
    (GOOD.replace("hairline", "x" * 41), "course_goal is longer than 40 characters"),
    ("P-1", "planned_sessions ''"),
]


WRONG_PATIENTS = [
    (",Nobody,,", "reference and name must not be empty"),
    ("P-9, ,,", "reference and name must not be empty"),
    (f"{'9' * 65},Long,,", "reference is longer than 64 characters"),
    (f"P-9,Long,{'9' * 41},", "phone is longer than 40 characters"),
]


@pytest.mark.usefixtures("known_patients")
def test_each_wrong_session_is_named_and_nothing_is_imported(
    stipple: Run, file: Callable[..., Path], database: Database
) -> None:
    rows = [HEADER, GOOD, *(row for row, _ in WRONG_SESSIONS), GOOD.replace("3,1,", "3,2,")]
    status, output, errors = stipple("sessions", "import", file("\n".join(rows)))
    assert status == 1
    good, *wrong, last = output.splitlines()
    assert (good, last) == ("line 2: new", f"line {len(rows)}: new")
    for line, report, (row, reason) in zip(itertools.count(3), wrong, WRONG_SESSIONS):
        assert report.startswith(f"line {line}: wrong: {reason}"), row
    assert len(wrong) == len(WRONG_SESSIONS)
    assert f"{len(wrong)} wrong" in errors
    assert "Nothing was imported" in errors
    assert sessions(database) == []


def test_each_wrong_patient_is_named_and_nothing_is_imported(
    stipple: Run, file: Callable[..., Path], database: Database
) -> None:
    content = PATIENTS + "\n".join(row for row, _ in WRONG_PATIENTS)
    status, output, _ = stipple("patients", "import", file(content))
    expected = [f"line {line}: wrong: {reason}" for line, (_, reason) in enumerate(WRONG_PATIENTS, 4)]
    assert (status, output.splitlines()) == (1, ["line 2: new", "line 3: new", *expected])
    assert patients(database) == []


@pytest.mark.usefixtures("known_patients")
def test_one_wrong_row_keeps_the_good_ones_out(stipple: Run, file: Callable[..., Path], database: Database) -> None:
    content = SESSIONS + GOOD.replace("3,1,", "4,3,").replace("done", "cured")
    status, output, _ = stipple("sessions", "import", file(content))
    assert (status, [line.split(": ")[1] for line in output.splitlines()]) == (1, ["new", "new", "new", "wrong"])
    assert sessions(database) == []
    with database.begin() as db:
        assert db.scalars(select(Course)).all() == []


def test_missing_columns_are_named(stipple: Run, file: Callable[..., Path], database: Database) -> None:
    status, _, errors = stipple("patients", "import", file("reference;name\nP-1;Ann\n"))
    assert status == 2
    assert "import.csv: the columns reference, name, phone, email are missing" in errors
    status, _, errors = stipple("sessions", "import", file(SESSIONS.replace("status", "state")))
    assert status == 2
    assert "import.csv: the columns status are missing; needed: patient_reference" in errors
    assert patients(database) == []


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + PATIENTS,
        PATIENTS.replace("\n", "\r\n"),
        "note,email,phone,name,reference\n"
        + "x,ann@mail.example,020 7946 0001, Ann Example ,P-1\n\nx,,,Bob Example,P-2\n",
        PATIENTS.replace("Bob Example", '"Bob Example"'),
    ],
    ids=["byte order mark", "Windows line ends", "other order, more columns, blank line", "quotes"],
)
def test_what_spreadsheets_write_is_read(
    stipple: Run, file: Callable[..., Path], database: Database, content: str
) -> None:
    assert stipple("patients", "import", file(content))[0] == 0
    assert patients(database) == [
        ("P-1", "Ann Example", "020 7946 0001", "ann@mail.example"),
        ("P-2", "Bob Example", None, None),
    ]


def test_a_file_in_another_encoding_is_refused(stipple: Run, file: Callable[..., Path], database: Database) -> None:
    path = file(PATIENTS.replace("Bob", "Bøb"), "latin-1")
    status, _, errors = stipple("patients", "import", path)
    assert (status, patients(database)) == (2, [])
    assert f"{path}: cannot be read" in errors


def test_a_missing_file_is_refused(stipple: Run, tmp_path: Path) -> None:
    status, _, errors = stipple("patients", "import", tmp_path / "nothing.csv")
    assert status == 2
    assert "nothing.csv: cannot be read" in errors
