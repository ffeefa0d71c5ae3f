"""The page of who did what: in plain words, narrowed down, page by page, and as a file."""

import csv
import io
import re
from pathlib import Path

import httpx

from stipple.console import audit_list
from stipple.console.audit_words import ACTIONS
from stipple.records.staff_models import Audit
from tests.console.conftest import PUS, StaffedClinic, enter, post, words_of

CONSOLE = Path(audit_list.__file__).parent


def rows(page: httpx.Response) -> list[str]:
    """Each row of the page as a person reads it."""
    found = re.findall(r'<tr role="row">\s*<td.*?</tr>', page.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def test_every_action_that_is_written_down_has_words() -> None:
    written = set[str]()
    for path in CONSOLE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        written |= set(re.findall(r'note\(\s*db, [\w.]+, "(\w+)"', source))
        written |= set(re.findall(r'Edit\("[^"]+", "(\w+)"', source))
    assert len(written) > 40
    assert written <= set(ACTIONS)


def test_what_was_done_stands_there_in_plain_words(clinic: StaffedClinic) -> None:
    patient = clinic.patient("P-7", "Ann Example")
    talk = clinic.talk(("There is pus", [PUS]), patient=patient)
    person, number = clinic.signed_in(), clinic.alerts()[0].id
    person.get(f"/staff/conversations/{talk}")
    person.get(f"/staff/patients/{patient}")
    post(person, f"/staff/alerts/{number}/take", taken_before="")
    enter(clinic.browser(), "nobody@clinic.example", "wrong")
    admin = clinic.signed_in("admin")
    post(admin, f"/staff/accounts/{clinic.staff('reviewer').id}/role", role="practitioner")
    page = admin.get("/staff/audit")
    told = rows(page)
    assert told[0] == "today 10:00 Admin Person Changed a role Reviewer Person Practitioner"
    assert "today 10:00 Practitioner Person Took over Danger sign: P-7, A. E." in told
    assert "today 10:00 Practitioner Person Looked at Conversation: P-7, A. E." in told
    assert "today 10:00 Practitioner Person Looked at Patient P-7, A. E." in told
    assert any(row.startswith("today 10:00 Somebody unknown Failed to sign in") for row in told)
    assert f'href="/staff/patients/{patient}"' in page.text
    assert "Ann Example" not in page.text
    assert rows(admin.get("/staff/audit"))[0].endswith("Admin Person Looked at This audit")


def test_the_list_is_narrowed_down_and_saved(clinic: StaffedClinic) -> None:
    person = clinic.signed_in()
    person.get("/staff/conversations?level=any")
    clinic.pass_time(days=3)
    admin, me = clinic.signed_in("admin"), clinic.staff("practitioner").id
    assert rows(admin.get(f"/staff/audit?person={me}&kind=reading")) == [
        "Wed 10 June, 10:00 Practitioner Person Looked through a list Conversations by danger sign"
    ]
    late = rows(admin.get("/staff/audit?kind=changes&from=2026-06-12"))
    assert late == ["today 10:00 Admin Person Signed in Own account from testclient"]
    early = admin.get("/staff/audit?kind=accounts&person=none&to=2026-06-10")
    assert [row.split("Command line ")[1] for row in rows(early)] == [
        f"Added an account {role} Person {role}" for role in ("Admin", "Practitioner", "Reviewer")
    ]
    assert "is not a date" in words_of(admin.get("/staff/audit?from=soon"))
    assert "Nothing fits." in words_of(admin.get("/staff/audit?to=2020-01-01"))
    saved = admin.get("/staff/audit/audit.csv?kind=accounts&person=none")
    table = list(csv.reader(io.StringIO(saved.text.removeprefix("\ufeff"))))
    assert table[0] == ["When", "Who", "What", "To what", "More"]
    assert table[1] == ["2026-06-10 10:00:00", "Command line", "Added an account", "Admin Person", "Admin"]
    assert len(table) == 4
    assert clinic.actions()[-1] == "downloaded"


def test_the_pager_leads_through_every_row_and_back(clinic: StaffedClinic) -> None:
    admin, me = clinic.signed_in("admin"), clinic.staff("reviewer").id
    with clinic.gateway.database.begin() as db:
        db.add_all(
            Audit(at=clinic.now, staff_id=me, action="viewed", subject=f"inbox/{n}", detail="") for n in range(120)
        )
    first = admin.get(f"/staff/audit?person={me}")
    seen, address, pages = rows(first), older(first), [first]
    while address:
        pages.append(admin.get(f"/staff/audit?{address}"))
        seen, address = seen + rows(pages[-1]), older(pages[-1])
    assert [row.rpartition(" ")[2] for row in seen] == [str(n) for n in reversed(range(120))]
    assert len(pages) == 3
    back = admin.get(f"/staff/audit?{newer(pages[2])}")
    assert rows(back) == rows(pages[1])
    assert rows(admin.get(f"/staff/audit?{newer(back)}")) == rows(first)
    assert newer(first) == ""


def older(page: httpx.Response) -> str:
    return "".join(re.findall(r'rel="next" href="\?([^"]+)"', page.text)).replace("&amp;", "&")


def newer(page: httpx.Response) -> str:
    return "".join(re.findall(r'rel="prev" href="\?([^"]+)"', page.text)).replace("&amp;", "&")
