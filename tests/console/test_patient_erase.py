"""Export and erase over HTTP and the command line: who may, what blocks it, what goes and what stays."""

import io
import json
import re
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, func, select, text

from stipple.cli import main
from stipple.content.pack import load_pack
from stipple.gateway.engine import Engine, Reply
from stipple.records.conversations import hash_token, issue_link, sign_in
from stipple.records.models import (
    Alert,
    Base,
    Consent,
    Conversation,
    Course,
    Message,
    Override,
    Patient,
    Session,
    SignIn,
)
from stipple.records.staff_models import Upload
from stipple.records.wordings import publish_pack
from tests.console.conftest import (
    MISS,
    NOW,
    PERSON,
    PUS,
    WATER,
    StaffedClinic,
    clinic,
    content,
    make_gateway,
    no_settings,
    post,
    refusing_port,
    template,
    words_of,
)

__all__ = ["clinic", "content", "make_gateway", "no_settings", "refusing_port", "template"]
SAID = "my secret itch behind the ear"


@pytest.fixture
def engine_url(tmp_path: Path, clinic: StaffedClinic, monkeypatch: pytest.MonkeyPatch) -> str:
    """The engine's database, with the state of every conversation that is added to it."""
    url = f"sqlite:///{tmp_path / 'engine.db'}"
    engine = create_engine(url)
    with engine.begin() as db:
        db.execute(text("create table dialogue_state (conversation_id text primary key, state text, saved_at float)"))
    engine.dispose()
    monkeypatch.setattr(clinic.gateway.settings, "engine_database_url", url)
    return url


def states(url: str) -> list[str]:
    engine = create_engine(url)
    with engine.begin() as db:
        found = list(db.execute(text("select conversation_id from dialogue_state")).scalars())
    engine.dispose()
    return found


@pytest.fixture
def ann(engine_url: str, clinic: StaffedClinic) -> str:
    """A patient of whom something is held in every table."""
    database = clinic.gateway.database
    with database.begin() as db:
        publish_pack(db, load_pack(clinic.gateway.settings.content_dir), "Test", NOW)
    patient = clinic.patient("P-1", "Ann Example")
    talk = clinic.talk((SAID, [WATER]), ("pus", [PUS]), ("call me", [PERSON]), patient=patient)
    robin = clinic.staff("practitioner")
    with database.begin() as db:
        db.execute(text("update alert set closed_at = raised_at, closed_by = :n, taken_by = :n"), {"n": robin.name})
        alert = db.scalars(select(Alert)).one()
        alert.outcome, alert.closed_by_id = f"Called her. {robin.name}", robin.id
        course = Course(patient_id=patient, number=1, planned_sessions=3)
        course.sessions.append(Session(number=1, starts_at=NOW, status="done", practitioner="Dr Lee"))
        rule = {"topic": "water", "from_day": 0, "verdict": "avoid", "text": "Dry", "reason": "Says Dr Lee"}
        db.add_all([course, Override(patient_id=patient, author=robin.name, created_at=NOW, **rule)])
        db.add(Consent(patient_id=patient, kind="reading", given=True, how="paper", at=NOW, noted_by=robin.name))
        issue_link(db, db.get_one(Patient, patient), NOW + timedelta(days=9), created_at=NOW, made_by=robin.name)
        sign_in(db, db.get_one(Conversation, talk), NOW)
        upload = {"kind": "patients", "name": "list.csv", "columns": {}, "preview": "", "created_at": NOW}
        db.add(Upload(staff_id=robin.id, content="reference,name\nP-1,Ann\nP-2,Bea\n", **upload))
        db.add(Upload(staff_id=robin.id, content="reference,name\nP-2,Bea\n", **upload))
    browser = clinic.signed_in("practitioner")
    (reply,) = [m for m in clinic.messages(talk) if m.need == "person"]
    assert post(browser, f"/staff/items/waiting/{reply.id}/resolve", code="fine", note="").status_code == 303
    engine = create_engine(engine_url)
    with engine.begin() as db:
        db.execute(text("insert into dialogue_state values (:t, 'x', 0), ('another', 'x', 0)"), {"t": talk})
    engine.dispose()
    return patient


def rows(clinic: StaffedClinic) -> dict[str, int]:
    with clinic.gateway.database.begin() as db:
        tables = Base.metadata.sorted_tables
        return {t.name: n for t in tables if (n := db.scalar(select(func.count()).select_from(t)) or 0)}


def address(patient: str, what: str = "erase") -> str:
    return f"/staff/patients/{patient}/{what}"


def opened(response: httpx.Response) -> tuple[dict[str, Any], str]:
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    assert archive.namelist() == ["patient.json", "conversations.html"]
    return json.loads(archive.read("patient.json")), archive.read("conversations.html").decode()


def test_only_an_admin_may(clinic: StaffedClinic, ann: str) -> None:
    browser = clinic.signed_in("practitioner")
    assert "Export and erase" not in words_of(browser.get(f"/staff/patients/{ann}"))
    assert browser.get(address(ann)).status_code == 403
    for path in (address(ann), address(ann, "export"), "/staff/patients/leftovers"):
        assert post(browser, path, reference="P-1").status_code == 403
    assert rows(clinic)["patient"] == 1
    assert "Export and erase" in words_of(clinic.signed_in("admin").get(f"/staff/patients/{ann}"))


def test_everything_held_is_in_the_file_and_nobody_of_the_staff(clinic: StaffedClinic, ann: str) -> None:
    response = post(clinic.signed_in("admin"), address(ann, "export"))
    assert response.headers["content-disposition"] == 'attachment; filename="patient-P-1.zip"'
    assert response.headers["cache-control"] == "no-store"
    told, page = opened(response)
    filled = {name for name, held in told.items() if isinstance(held, list) and held}
    assert filled >= {"patient", "course", "session", "override", "consent", "conversation", "message", "alert"}
    assert filled >= {"sign_in", "sign_in_link", "handled", "resolution", "upload"}
    assert [m["text"] for m in told["message"]][:2] == [SAID, "A reply"]
    assert told["alert"][0]["outcome"] == "Called her. staff"
    assert (told["session"][0]["practitioner"], told["override"][0]["reason"]) == ("staff", "Says staff")
    assert told["handled"][0]["staff_id"] == "staff"
    assert set(told["sign_in"][0]) == {"conversation_id", "created_at", "expires_at"}
    assert SAID in page
    everything = json.dumps(told) + page
    for secret in ("Practitioner Person", "Dr Lee", "token", "Bea"):
        assert secret not in everything
    assert clinic.actions()[-1] == "exported"


def test_the_page_tells_what_goes_and_asks_for_the_reference(clinic: StaffedClinic, ann: str) -> None:
    browser = clinic.signed_in("admin")
    told = words_of(browser.get(address(ann)))
    for part in ("Messages 6", "Own rules 1", "Uploaded files 1", "What stays", "name nobody", "backups"):
        assert part in told
    before = rows(clinic)
    wrong = post(browser, address(ann), reference="P-2")
    assert wrong.status_code == 422
    assert "This is not the reference" in words_of(wrong)
    assert 'value="P-2"' in wrong.text
    assert {k: v for k, v in rows(clinic).items() if k != "audit"} == {k: v for k, v in before.items() if k != "audit"}


def test_erasing_leaves_nothing_not_even_in_the_file(clinic: StaffedClinic, ann: str, engine_url: str) -> None:
    browser = clinic.signed_in("admin")
    database = clinic.gateway.database
    folder = Path(str(database.engine.url.database)).parent
    assert any(SAID.encode() in f.read_bytes() for f in folder.glob("stipple.db*"))
    response = post(browser, address(ann), reference=" P-1 ")
    assert response.headers["location"] == "/staff/patients?note=erased"
    assert "is erased" in words_of(browser.get(response.headers["location"]))
    kept = set(rows(clinic)) - {"instruction", "wording", "staff", "staff_session", "staff_attempt", "audit", "clinic"}
    assert kept == {"upload", "engine_leftover"}
    assert rows(clinic)["upload"] == 1
    assert states(engine_url) == ["another"]
    database.engine.dispose()
    for file in folder.glob("stipple.db*"):
        assert SAID.encode() not in file.read_bytes(), file.name
        assert b"Ann Example" not in file.read_bytes(), file.name
    (noted,) = [row for row in clinic.audit() if row.action == "erased"]
    assert (noted.subject, noted.detail, noted.staff_id) == (f"patient/{ann}", "", clinic.staff("admin").id)
    again = post(browser, address(ann), reference="P-1")
    assert again.headers["location"] == "/staff/patients?note=erased_before"
    assert browser.get(address(ann)).headers["location"] == "/staff/patients?note=erased_before"


def test_an_open_danger_sign_blocks_it(clinic: StaffedClinic, ann: str) -> None:
    clinic.talk(("pus", [PUS]), patient=ann)
    browser = clinic.signed_in("admin")
    page = browser.get(address(ann))
    assert "A danger sign is open: Doctor today. Close it first." in words_of(page)
    assert 'name="reference"' not in page.text
    refused = post(browser, address(ann), reference="P-1")
    assert (refused.status_code, "Nothing was erased." in words_of(refused)) == (422, True)
    assert rows(clinic)["patient"] == 1


def test_an_item_that_somebody_looks_after_blocks_it_until_it_is_resolved(clinic: StaffedClinic, ann: str) -> None:
    talk = clinic.talk(("blorp", [MISS]), patient=ann)
    reply = clinic.messages(talk)[1]
    post(clinic.signed_in("practitioner"), f"/staff/items/missed/{reply.id}/take", kept_before="")
    browser = clinic.signed_in("admin")
    refused = post(browser, address(ann), reference="P-1")
    assert "Practitioner Person looks after “Not understood”. It must be resolved first." in words_of(refused)
    post(browser, f"/staff/items/missed/{reply.id}/resolve", code="fine", note="")
    assert post(browser, address(ann), reference="P-1").headers["location"].endswith("note=erased")


def test_an_engine_that_is_not_reached_is_told_and_cleared_later(
    clinic: StaffedClinic, ann: str, monkeypatch: pytest.MonkeyPatch, engine_url: str
) -> None:
    browser = clinic.signed_in("admin")
    with monkeypatch.context() as down:
        down.setattr(clinic.gateway.settings, "engine_database_url", "postgresql://nobody@127.0.0.1:1/none")
        response = post(browser, address(ann), reference="P-1")
        assert response.headers["location"] == "/staff/patients/leftovers"
        assert "could not be reached" in words_of(browser.get(response.headers["location"]))
        assert post(browser, "/staff/patients/leftovers").headers["location"] == "/staff/patients/leftovers"
    assert len(states(engine_url)) == 2
    done = post(browser, "/staff/patients/leftovers")
    assert done.headers["location"] == "/staff/patients?note=engine_cleared"
    assert states(engine_url) == ["another"]
    assert "Erased everywhere" in words_of(browser.get("/staff/patients/leftovers"))


def signed_in_patient(clinic: StaffedClinic, patient: str) -> httpx.Client:
    with clinic.gateway.database.begin() as db:
        token = issue_link(db, db.get_one(Patient, patient), NOW + timedelta(days=9))
    browser = clinic.browser()
    browser.get(f"/sign-in/{token}")
    return browser


def test_an_open_browser_of_the_patient_is_a_visitors_again(clinic: StaffedClinic, ann: str) -> None:
    phone = signed_in_patient(clinic, ann)
    assert phone.get("/api/conversation").json()["signed_in"]
    post(clinic.signed_in("admin"), address(ann), reference="P-1")
    assert not phone.get("/api/conversation").json()["signed_in"]
    assert phone.get("/api/messages").json() == {"messages": []}
    assert phone.post("/api/messages", json={"text": "Hello", "client_id": "client-1"}).status_code == 200
    with clinic.gateway.database.begin() as db:
        (talk,) = db.scalars(select(Conversation))
        assert talk.patient_id is None


@pytest.mark.parametrize("said", ["when can i swim", "there is pus coming out"])
def test_a_message_on_its_way_brings_nothing_back(
    clinic: StaffedClinic, ann: str, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """The engine is asked, the patient is erased before it answers, and the answer comes."""
    phone, admin = signed_in_patient(clinic, ann), clinic.signed_in("admin")
    asked: list[str] = []

    async def ask(self: Engine, conversation_id: str, message: str, *more: Any) -> Reply:
        asked.append(conversation_id)
        if len(asked) == 1:
            with ThreadPoolExecutor(1) as pool:
                done = pool.submit(post, admin, address(ann), reference="P-1").result()
            assert done.headers["location"].endswith("note=erased")
        return Reply("Not yet.", [], [PUS] if "pus" in said else [])

    monkeypatch.setattr(Engine, "ask", ask)
    answer = phone.post("/api/messages", json={"text": said, "client_id": "client-1"})
    assert answer.json()["messages"][0]["text"] == said
    with clinic.gateway.database.begin() as db:
        (talk,) = db.scalars(select(Conversation))
        assert (talk.patient_id, talk.id) == (None, asked[1])
        assert {m.conversation_id for m in db.scalars(select(Message))} == {talk.id}
        assert [a.conversation_id for a in db.scalars(select(Alert))] == ([talk.id] if "pus" in said else [])
        token = phone.cookies.get("stipple_sign_in")
        assert [s.token_hash for s in db.scalars(select(SignIn))] == [hash_token(str(token))]
    assert phone.get("/api/messages").json()["messages"][0]["text"] == said


def command(monkeypatch: pytest.MonkeyPatch, *words: str, stdin: str = "") -> int:
    monkeypatch.setattr(sys, "argv", ["stipple", "patients", *words])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
    with pytest.raises(SystemExit) as ended:
        main()
    return int(str(ended.value.code))


def test_the_command_line_does_the_same(
    clinic: StaffedClinic, ann: str, no_settings: pytest.MonkeyPatch, engine_url: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    no_settings.setenv("STIPPLE_DATABASE_URL", clinic.gateway.settings.database_url)
    no_settings.setenv("STIPPLE_CONTENT_DIR", str(clinic.gateway.settings.content_dir))
    no_settings.setenv("STIPPLE_ENGINE_DATABASE_URL", engine_url)
    file = tmp_path / "ann.zip"
    assert command(no_settings, "export", "P-1", str(file)) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert SAID in zipfile.ZipFile(file).read("conversations.html").decode()
    assert command(no_settings, "export", "P-1", str(file)) == 2
    assert "exists already" in capsys.readouterr().err
    assert command(no_settings, "erase", "P-1", stdin="P-2\n") == 2
    assert "nothing was erased" in capsys.readouterr().err
    assert rows(clinic)["patient"] == 1
    assert command(no_settings, "erase", "P-1", "--yes") == 0
    told = capsys.readouterr().err
    assert re.search(r"6 messages\n", told)
    assert "patient" not in rows(clinic)
    assert states(engine_url) == ["another"]
    assert [row.detail for row in clinic.audit() if row.action in ("exported", "erased")] == ["command line"] * 2
    assert command(no_settings, "erase", "P-1", "--yes") == 2
