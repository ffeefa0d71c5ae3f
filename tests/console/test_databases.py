"""What the console asks of the database works on each kind of it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from stipple.console import desk, inbox, listing, needs, report, tasks, transcript
from stipple.console.accounts import add_account
from stipple.console.alike import Reader
from stipple.console.filters import choices, read_filters
from stipple.console.patients import listing as patients
from stipple.console.signins import Credentials, RefusedError, TooManyTriesError, find_sign_in, let_in
from stipple.content.pack import Pack
from stipple.records.alerts import raise_alert
from stipple.records.conversations import add_message, start_conversation
from stipple.records.database import Database
from stipple.records.models import Alert, Clinic, Message, Patient
from stipple.records.resolutions import Wanted, read
from stipple.records.simulated import simulate
from stipple.records.staff_models import Staff
from stipple.records.wordings import publish_pack
from stipple.sealing import Sealer
from stipple.settings import Settings
from stipple.stack.model import model_path
from tests.console.conftest import MISS, NOW, PASSWORD, PERSON, PUS, THROAT
from tests.fixtures import pack
from tests.records.conftest import database, postgres, sqlite_template, sqlite_url

__all__ = ["database", "pack", "postgres", "sqlite_template", "sqlite_url"]
ZONE = ZoneInfo("Europe/London")


@pytest.fixture
def staff(database: Database) -> Staff:
    with database.begin() as db:
        return add_account(db, "robin@clinic.example", "Robin", "practitioner", PASSWORD, NOW)


def given(password: str) -> Credentials:
    return Credentials("robin@clinic.example", password, "", "192.0.2.1", "Firefox/140.0 Windows")


def test_a_person_signs_in_and_guesses_are_counted(database: Database, staff: Staff) -> None:
    sealer = Sealer(Settings())
    token = let_in(database, given(PASSWORD), sealer, NOW)
    with database.begin() as db:
        found = find_sign_in(db, token, NOW)
        assert found
        assert (found.staff.email, found.user_agent) == (staff.email, "Firefox on Windows")
    for _ in range(5):
        with pytest.raises(RefusedError):
            let_in(database, given("wrong"), sealer, NOW)
    with pytest.raises(TooManyTriesError):
        let_in(database, given(PASSWORD), sealer, NOW)


def test_a_patient_is_looked_after(database: Database, staff: Staff, pack: Pack) -> None:
    everybody = needs.Wanted(staff.id)
    with database.begin() as db:
        ids = [start_conversation(db, "web", NOW).id for _ in range(2)]
        for conversation_id, trace in zip(ids, (PUS, PERSON), strict=True):
            asked = add_message(db, conversation_id, "patient", "Help", NOW)
            reply = add_message(db, conversation_id, "assistant", "Yes", NOW, trace=[trace])
            raise_alert(db, asked, [trace], 3, NOW)
    with database.begin() as db:
        (danger,), (waiting,) = inbox.dangers(db, pack), needs.read(db, "waiting", pack, NOW, everybody, 10).items
        assert (danger.conversation_id, waiting.conversation_id) == tuple(ids)
        desk.take(db, danger.id, staff, "", NOW)
        raise_alert(db, asked, [], 3, NOW)
    with database.begin() as db:
        first = add_message(db, ids[0], "patient", "Worse", NOW)
        raise_alert(db, first, [THROAT], 3, NOW)
    with pytest.raises(desk.ChangedError), database.begin() as db:
        desk.close(db, danger.id, staff, "called back", danger.seen, NOW, "fine")
    with database.begin() as db:
        seen = inbox.dangers(db, pack)[0].seen
        desk.close(db, danger.id, staff, "called back", seen, NOW, "fine")
        tasks.resolve(db, tasks.Place("waiting", reply.id, ""), pack, staff, "fine", "", NOW)
    with database.begin() as db:
        assert (inbox.dangers(db, pack), needs.read(db, "waiting", pack, NOW, everybody, 10).total) == ([], 0)
        query = {"level": "emergency", "from": "2026-06-10", "to": "2026-06-10", "channel": "web"}
        found = listing.read(db, read_filters(query, choices(db, pack)), ZONE, NOW)
        assert [row.id for row in found.rows] == [ids[0]]
        talk = transcript.read(db, ids[0], pack, NOW)
        assert talk
        assert [closed.outcome for closed in talk.closed] == ["called back"]


def test_of_two_who_resolve_at_the_same_moment_one_is_told(database: Database, staff: Staff, pack: Pack) -> None:
    with database.begin() as db:
        conversation = start_conversation(db, "web", NOW)
        add_message(db, conversation.id, "patient", "Blorp", NOW)
        reply = add_message(db, conversation.id, "assistant", "What?", NOW, trace=[MISS])
    place = tasks.Place("missed", reply.id, "")
    together = Barrier(2)

    def resolve(code: str) -> str:
        together.wait()
        try:
            with database.begin() as db:
                tasks.resolve(db, place, pack, staff, code, "", NOW)
        except desk.GoneError:
            return "gone"
        return code

    with ThreadPoolExecutor(2) as pool:
        ended = sorted(pool.map(resolve, ("fine", "incomplete")))
    with database.begin() as db:
        (resolution,) = read(db, Wanted(), 10)
    assert ended in (["fine", "gone"], ["gone", "incomplete"])
    assert resolution.code in ended
    with database.begin() as db:
        for who in ("", needs.MINE, needs.NOBODY):
            for kind in needs.SECTIONS:
                assert needs.read(db, kind, pack, NOW, needs.Wanted(staff.id, who), 5, 3).total == 0


@pytest.mark.parametrize("stored", ["07700 900123", "+44 7700 900123", "0044 (0)7700/900-123"])
def test_a_patient_is_found_by_phone_with_the_code_of_the_country_or_without(
    database: Database, pack: Pack, stored: str
) -> None:
    with database.begin() as db:
        clinic = Clinic(name="Clinic", time_zone="Europe/London")
        db.add(clinic)
        db.flush()
        numbers = {"Ann": stored, "Bea": "07700 900124", "Cat": "+44 20 7946 0000", "Dan": None}
        for name, phone in numbers.items():
            db.add(Patient(clinic_id=clinic.id, reference=name, name=name, phone=phone, created_at=NOW))
    with database.begin() as db:
        for typed in ("+44 7700 900123", "07700 900123", "0044 7700-900123", "(+44) 07700 900123", "7700900123"):
            found = patients.read(db, patients.Wanted(typed), pack, NOW)
            assert [row.name for row in found.rows] == ["Ann"], typed


def test_a_report_comes_to_what_was_played(database: Database, pack: Pack) -> None:
    with database.begin() as db:
        publish_pack(db, pack, "Test", NOW)
        simulate(db, pack, 60, 4, NOW, lambda _: None)
    reader = Reader(model_path())
    with database.begin() as db:
        tables = [{t.key: t for t in report.report(db, month, pack, reader)} for month in report.months(db, NOW)]
        answered = [m for m in db.scalars(select(Message)) if m.author == "assistant"]
        levels = list(db.scalars(select(Alert.level)))
        missed = [m for m in answered if any(item.get("topic") == "did_you_mean" for item in m.trace)]
        talks = {(m.conversation_id, f"{m.sent_at.astimezone(ZONE):%Y-%m}") for m in answered}
    rows = [t["channels"].rows[0] for t in tables if t["channels"].rows]
    assert sum(int(row[1]) for row in rows) == len(talks)
    assert sum(int(row[3]) for row in rows) == len(answered)
    assert sum(int(row[1]) for t in tables for row in t["danger"].rows) == len(levels)
    assert sum(int(row[1]) for t in tables for row in t["missed"].rows) == len(missed)
    assert len(missed) > 0
