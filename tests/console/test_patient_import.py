"""Importing files in the browser: what is shown is what is imported, and what is wrong is told by its line."""

import csv
import io

import httpx
import pytest
from sqlalchemy import select

from stipple.console.patients.table import MOST_ROWS, TableError, decoded, read_table, written
from stipple.records.models import Patient, Session
from stipple.records.staff_models import Upload
from tests.console.conftest import (
    StaffedClinic,
    clinic,
    content,
    csrf_of,
    make_gateway,
    no_settings,
    post,
    refusing_port,
    template,
    words_of,
)

__all__ = ["clinic", "content", "make_gateway", "no_settings", "refusing_port", "template"]
IMPORT = "/staff/patients/import"
PATIENTS = "reference,name,phone,email\nP-1,Ann Example,+44 7700 900123,\nP-2,Zoë Émile,,zoe@mail.example\n"


def upload(browser: httpx.Client, content: str | bytes, kind: str = "patients") -> httpx.Response:
    csrf = csrf_of(browser.get("/staff/account"))
    body = content.encode() if isinstance(content, str) else content
    return browser.post(IMPORT, data={"csrf": csrf, "kind": kind}, files={"file": ("list.csv", body, "text/csv")})


def names(clinic: StaffedClinic) -> dict[str, str]:
    with clinic.gateway.database.begin() as db:
        return {p.reference: p.name for p in db.scalars(select(Patient))}


def uploads(clinic: StaffedClinic) -> int:
    with clinic.gateway.database.begin() as db:
        return len(list(db.scalars(select(Upload))))


@pytest.mark.parametrize(
    "body",
    [
        PATIENTS.encode(),
        PATIENTS.encode("utf-8-sig"),
        PATIENTS.replace(",", ";").encode("cp1252"),
        PATIENTS.replace(",", "\t").encode("utf-16"),
        ("sep=;\r\n" + PATIENTS.replace(",", ";").replace("\n", "\r\n")).encode(),
        PATIENTS.replace("reference,name", "Reference , NAME").encode(),
    ],
    ids=["plain", "bom", "windows", "utf-16", "sep", "headers"],
)
def test_a_file_is_previewed_and_imported_as_it_was_shown(clinic: StaffedClinic, body: bytes) -> None:
    browser = clinic.signed_in()
    answer = upload(browser, body)
    assert answer.status_code == 303
    page = browser.get(answer.headers["location"])
    assert "Added 2 Changed 0 Unchanged 0 With a problem 0" in words_of(page)
    assert "Zoë Émile" in words_of(page)
    assert ("older encoding" in words_of(page)) == (b"\xeb" in body and b"\x00" not in body)
    assert names(clinic) == {}
    path = answer.headers["location"].partition("?")[0]
    assert post(browser, path).headers["location"] == "/staff/patients?note=imported"
    assert names(clinic) == {"P-1": "Ann Example", "P-2": "Zoë Émile"}
    assert post(browser, path).headers["location"] == f"{IMPORT}?note=upload_gone"
    assert clinic.actions().count("imported") == 1
    again = browser.get(upload(browser, body).headers["location"])
    assert "nothing to import" in words_of(again)


def test_problems_are_told_by_line_and_saved_without_formulas(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    rows = '=HYPERLINK("x"),,+44 1,\nP-2,Bob,,\n'
    path = upload(browser, f"reference,name,phone,email\n{rows}").headers["location"]
    page = words_of(browser.get(path))
    assert "Nothing can be imported while a row has a problem" in page
    assert "2 Reference and name must not be empty" in page
    assert "Import this" not in page
    assert post(browser, path).headers["location"] == f"{path}?note=import_different"
    assert names(clinic) == {}
    answer = browser.get(f"{path}/problems")
    assert "attachment" in answer.headers["content-disposition"]
    (header, row) = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header == ["reference", "name", "phone", "email", "problem"]
    assert row == ['\'=HYPERLINK("x")', "", "'+44 1", "", "Line 2: Reference and name must not be empty"]


def test_what_a_colleague_changes_meanwhile_is_shown_first(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    path = upload(browser, PATIENTS).headers["location"]
    browser.get(path)
    clinic.patient("P-1", "Ann Married")
    answer = post(browser, path)
    assert answer.headers["location"] == f"{path}?note=import_different"
    assert "Added 1 Changed 1" in words_of(browser.get(answer.headers["location"]))
    assert names(clinic) == {"P-1": "Ann Married"}
    assert post(browser, path).headers["location"] == "/staff/patients?note=imported"


def test_columns_with_other_names_are_named_by_the_person(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    path = upload(browser, "Number;Name;Tel;Mail\nP-1;Ann;;\n").headers["location"]
    page = words_of(browser.get(path))
    assert "Not found yet: reference, phone, email" in page
    given = {"column_reference": "Number", "column_name": "Name", "column_phone": "Tel", "column_email": "Mail"}
    assert post(browser, f"{path}/columns", **given).headers["location"] == path
    assert "Added 1" in words_of(browser.get(path))
    post(browser, path)
    assert names(clinic) == {"P-1": "Ann"}


def test_sessions_are_imported_in_the_clinics_time(clinic: StaffedClinic) -> None:
    clinic.patient("P-1")
    browser = clinic.signed_in()
    header = "patient_reference,course_goal,planned_sessions,number,date,time,status,practitioner"
    path = upload(browser, f"{header}\nP-1,hairline,3,1,2026-06-10,09:30,done,Robin\n", "sessions").headers["location"]
    browser.get(path)
    assert post(browser, path).headers["location"] == "/staff/patients?note=imported"
    with clinic.gateway.database.begin() as db:
        assert db.scalars(select(Session)).one().starts_at.isoformat() == "2026-06-10T08:30:00+00:00"


def test_a_kept_file_is_one_persons_and_for_an_hour(clinic: StaffedClinic) -> None:
    browser, other = clinic.signed_in(), clinic.signed_in("admin")
    path = upload(browser, PATIENTS).headers["location"]
    assert other.get(path).headers["location"] == f"{IMPORT}?note=upload_gone"
    assert post(other, path).headers["location"] == f"{IMPORT}?note=upload_gone"
    clinic.pass_time(minutes=61)
    assert browser.get(path).headers["location"] == f"{IMPORT}?note=upload_gone"
    browser.get(IMPORT)
    assert uploads(clinic) == 0


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 a workbook", "Excel workbook"),
        (b"a,b\n\x00\x01", "no text"),
        (b"reference,name\n", "no rows"),
        (b'reference,name\nP-1,"Ann\n', "quotation mark"),
    ],
)
def test_what_is_no_table_is_told(clinic: StaffedClinic, body: bytes, told: str) -> None:
    answer = upload(clinic.signed_in(), body)
    assert answer.status_code == 422
    assert told in words_of(answer)
    assert uploads(clinic) == 0


def test_who_may_not_and_what_is_too_large_is_refused(clinic: StaffedClinic) -> None:
    assert upload(clinic.signed_in("reviewer"), PATIENTS).status_code == 403
    browser = clinic.signed_in()
    large = upload(browser, b"x" * 5_100_000)
    assert (large.status_code, "larger than 5 MB" in large.text) == (413, True)
    files = {"file": ("list.csv", PATIENTS.encode(), "text/csv")}
    assert browser.post(IMPORT, data={"csrf": "forged", "kind": "patients"}, files=files).status_code == 403
    assert clinic.browser().post(IMPORT, files=files).status_code == 303
    assert browser.post(IMPORT, data={"kind": "patients"}).status_code == 413
    assert uploads(clinic) == 0


def test_a_table_has_a_limit_and_comes_back_as_it_was_written() -> None:
    with pytest.raises(TableError, match="more than 2000 rows"):
        read_table("name\n" + "x\n" * (MOST_ROWS + 1))
    cells = [["name", "phone"], ["=1+1", "+44 7700"], ["@x", "-5"], ["a,b", 'c"d']]
    text, old = decoded(written(cells))
    table = read_table(text)
    assert (old, [table.headers, *[row for _, row in table.rows]]) == (False, cells)
