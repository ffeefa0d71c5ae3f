"""The care plan's pages: reading, editing, what a change means, saving, going back, and two admins at once."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from rasa_sdk import Tracker
from sqlalchemy import func, select

from actions import aftercare
from actions.knowledge import Knowledge
from actions.turn import Question, read_turn
from stipple.records.models import Clinic, Course, Instruction, Patient, Session, Wording
from stipple.records.plan_models import PlanChange
from stipple.records.wordings import publish_pack
from stipple.settings import ROOT, get_settings
from tests.console.conftest import StaffedClinic, post, staffed, words_of
from tests.gateway.conftest import MakeGateway

# After the day on which the shipped numbers were checked.
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
PAGE = "/staff/care-plan/water"
DRY = "Please keep your scalp dry until day 7. You can wash your body. Pat it dry if it gets wet."
STRICTER = {
    "start-0": "0", "verdict-0": "avoid", "origin-0": "0",
    "text-0": DRY, "why-0": "The dots are small wounds.", "simpler-0": "No water on your head yet.",
    "sources-0": "Dr Example", "confidence-0": "U",
    "start-1": "7", "verdict-1": "ok", "origin-1": "7",
}  # fmt: skip
SOONER = {
    "start-0": "0", "verdict-0": "ok", "origin-0": "7",
    "text-0": "You can wet your head now.", "why-0": "The dots have closed.", "simpler-0": "Water is fine.",
    "sources-0": "Dr Example", "confidence-0": "U",
}  # fmt: skip


@pytest.fixture
def shipped(make_gateway: MakeGateway, quick_passwords: None) -> StaffedClinic:
    """The staffed clinic with the shipped content, published."""
    gateway = make_gateway(environment="test", content_dir=ROOT / "data" / "clinic")
    with gateway.database.begin() as db:
        publish_pack(db, gateway.browser.app.state.pack, "content files", NOW)  # type: ignore[attr-defined]
    return staffed(gateway, NOW)


def seen(browser: httpx.Client) -> str:
    found = re.search(r'name="seen" value="(\w+)"', browser.get(f"{PAGE}/edit").text)
    assert found
    return found.group(1)


def send(browser: httpx.Client, path: str, fields: dict[str, str], **more: str) -> httpx.Response:
    return post(browser, f"{PAGE}/{path}", **({"seen": seen(browser), "do": "check"} | fields | more))


def change(browser: httpx.Client, fields: dict[str, str] = STRICTER, **more: str) -> httpx.Response:
    return send(browser, "save", fields, **({"reason": "Our scabs hold longer."} | more))


def treated(clinic: StaffedClinic, reference: str, days_ago: int) -> str:
    """A patient whose first of three sessions was that many days ago; their conversation."""
    with clinic.gateway.database.begin() as db:
        clinic_id = db.scalars(select(Clinic)).one().id
        patient = Patient(clinic_id=clinic_id, reference=reference, name="Zoe Quill", created_at=NOW)
        session = Session(number=1, starts_at=clinic.now - timedelta(days=days_ago), status="done")
        patient.courses.append(Course(planned_sessions=3, sessions=[session]))
        db.add(patient)
        db.flush()
        patient_id = patient.id
    return clinic.talk(patient=patient_id)


def rows(clinic: StaffedClinic) -> list[PlanChange]:
    with clinic.gateway.database.begin() as db:
        return list(db.scalars(select(PlanChange).order_by(PlanChange.id)))


def asked(knowledge: Knowledge, conversation: str, now: datetime) -> dict[str, Any]:
    """What the action server answers about water: the trace of the answer."""
    message = {"text": "can i wet my head", "metadata": {"now": now.isoformat()}, "entities": []}
    tracker = Tracker(conversation, {}, message, [], False, None, {}, "action_listen")
    turn = replace(read_turn(tracker, knowledge), days=())
    (item,) = aftercare.answer(Question("aftercare/water", 1.0, turn.text), turn).traces
    return item


def test_everybody_on_staff_reads_the_plan_and_only_an_admin_changes_it(shipped: StaffedClinic) -> None:
    reviewer = shipped.signed_in("reviewer")
    page = words_of(reviewer.get("/staff/care-plan"))
    assert "Getting your scalp wet" in page
    assert "from the last session of the course" in page
    topic = words_of(reviewer.get(PAGE))
    assert "Please keep your scalp dry until day 4" in topic
    assert "Aftercare sheets of ten clinics" in topic
    assert "Day 0 is the day of the patient's last session" in topic
    assert "Change days and answers" not in topic
    assert reviewer.get("/staff/care-plan/nothing").status_code == 404
    practitioner = shipped.signed_in("practitioner")
    assert practitioner.get(f"{PAGE}/edit").status_code == 403
    for path in ("edit", "save", "restore"):
        assert post(practitioner, f"{PAGE}/{path}", **STRICTER).status_code == 403
    assert rows(shipped) == []


def test_before_saving_the_page_tells_each_day_and_each_patient(shipped: StaffedClinic) -> None:
    treated(shipped, "P-5", 5)
    treated(shipped, "P-90", 90)
    page = send(shipped.signed_in("admin"), "edit", STRICTER)
    words = words_of(page)
    assert page.status_code == 200
    assert "Day 4 to 6 With care Not yet stricter" in words
    assert "Day 7 on Fine Fine stays" in words
    assert "Z. Q. P-5 today 5 With care Not yet" in words
    assert "P-90" not in words
    assert "Zoe" not in words
    assert "clinician" not in words
    assert rows(shipped) == []
    assert "plan_reach_viewed" in shipped.actions()


def test_a_saved_change_answers_the_next_message_of_a_patient(
    shipped: StaffedClinic, no_settings: pytest.MonkeyPatch
) -> None:
    no_settings.setenv("STIPPLE_DATABASE_URL", shipped.gateway.settings.database_url)
    get_settings.cache_clear()
    conversation = treated(shipped, "P-5", 5)
    knowledge = Knowledge()
    before = asked(knowledge, conversation, NOW)
    assert (before["verdict"], before["rule_id"]) == ("care", "aftercare/water/4-6")
    admin = shipped.signed_in("admin")
    saved = change(admin)
    assert saved.headers["location"] == f"{PAGE}?note=plan_saved"
    after = asked(knowledge, conversation, NOW)
    assert (after["verdict"], after["rule_id"], after["wording_version"]) == ("avoid", "aftercare/water/0-6", 1)
    gateway = shipped.gateway
    gateway.send("can i wet my head")
    plan = gateway.browser.app.state.pack.care_plan["water"]  # type: ignore[attr-defined]
    assert [w.span for w in plan.windows] == ["0-6", "7-"]
    with gateway.database.begin() as db:
        retired = select(Instruction.id).where(Instruction.retired_at.is_not(None))
        assert set(db.scalars(retired)) == {"aftercare/water/0-3", "aftercare/water/4-6"}
        assert db.scalar(select(func.count(Wording.id)).where(Wording.instruction_id == "aftercare/water/4-6")) == 1
    (row,) = rows(shipped)
    assert (row.version, row.author, row.reason, row.based_on) == (1, "Admin Person", "Our scabs hold longer.", 0)
    audit = [a for a in shipped.audit() if a.action == "plan_changed"]
    assert [(a.subject, a.detail) for a in audit] == [("care_plan/water", "edit")]
    knowledge.database.engine.dispose()


def test_holding_patients_back_less_needs_a_clinician(shipped: StaffedClinic) -> None:
    treated(shipped, "P-1", 1)
    admin = shipped.signed_in("admin")
    page = words_of(send(admin, "edit", SOONER))
    assert "Day 0 to 3 Not yet Fine less strict" in page
    assert "A clinician approved" in page
    for missing in ({}, {"approved": "yes"}, {"clinician": "Dr Jane Doe"}):
        refused = change(admin, SOONER, **missing)
        assert refused.status_code == 422
        assert "Our scabs hold longer." in refused.text
    assert rows(shipped) == []
    assert change(admin, SOONER, approved="yes", clinician="Dr Jane Doe").status_code == 303
    assert rows(shipped)[0].approved_by == "Dr Jane Doe"
    history = words_of(admin.get(f"{PAGE}/history"))
    assert "Approved by Dr Jane Doe" in history
    assert "Day 0 to 3: Not yet → Fine (less strict)" in history
    assert "Dr Jane Doe" not in "".join(a.detail for a in shipped.audit())


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"start-1": "four"}, "Write a whole number, such as 4."),
        ({"start-1": "0"}, "This must be later than day 0"),
        ({"start-1": "9999"}, "No window may start later than day 365."),
        ({"text-0": ""}, "Write what patients read."),
        ({"sources-0": ""}, "Write where this comes from"),
        ({"text-0": "Dry until day 4."}, "This speaks of day 4"),
        ({"text-0": "It costs £5 to keep it dry."}, "The assistant must never quote a price. Take out: '£5'"),
        (
            {"text-0": "Notwithstanding considerable physiological perspiration, comprehensively avoid immersion."},
            "This is too hard to read: school grade",
        ),
    ],
)
def test_bad_input_is_told_by_its_field_and_nothing_is_lost_or_saved(
    shipped: StaffedClinic, fields: dict[str, str], told: str
) -> None:
    admin = shipped.signed_in("admin")
    for answer in (send(admin, "edit", STRICTER | fields), change(admin, STRICTER | fields)):
        assert answer.status_code == 422
        assert told in words_of(answer)
        assert "The dots are small wounds." in answer.text
        assert all(value in answer.text for value in fields.values())
    assert rows(shipped) == []


def test_windows_are_split_and_joined_without_saving(shipped: StaffedClinic) -> None:
    admin = shipped.signed_in("admin")
    plain = {"start-0": "0", "verdict-0": "avoid", "origin-0": "0"} | {
        "start-1": "4", "verdict-1": "care", "origin-1": "4", "start-2": "7", "verdict-2": "ok", "origin-2": "7",
    }  # fmt: skip
    parted = send(admin, "edit", plain, **{"do": "split-2", "split-2": "20"})
    assert parted.status_code == 200
    assert 'name="start-3"' in parted.text
    assert 'name="text-3"' in parted.text
    wrong = send(admin, "edit", plain, **{"do": "split-2", "split-2": "3"})
    assert "Choose the first day of the new window: from day 8 on" in words_of(wrong)
    joined = send(admin, "edit", plain, do="join-1-0")
    assert 'name="start-2"' not in joined.text
    unchanged = send(admin, "edit", plain)
    assert "Nothing is changed yet" in words_of(unchanged)
    assert rows(shipped) == []


def test_the_second_admin_is_told_and_loses_nothing(shipped: StaffedClinic) -> None:
    one, other = shipped.signed_in("admin"), shipped.signed_in("admin")
    stamp = seen(other)
    assert change(one).status_code == 303
    late = post(other, f"{PAGE}/save", seen=stamp, reason="Mine.", approved="yes", clinician="Dr Who", **SOONER)
    assert late.status_code == 409
    assert "This topic was changed since you opened it" in words_of(late)
    assert "You can wet your head now." in late.text
    assert len(rows(shipped)) == 1
    again = post(one, f"{PAGE}/save", seen=stamp, reason="Our scabs hold longer.", **STRICTER)
    assert again.headers["location"] == f"{PAGE}?note=plan_saved", "a second click is no conflict"
    assert len(rows(shipped)) == 1


def test_an_earlier_version_and_the_file_come_back(shipped: StaffedClinic) -> None:
    admin = shipped.signed_in("admin")
    change(admin)
    change(admin, SOONER, approved="yes", clinician="Dr Jane Doe")
    review = send(admin, "restore", {}, restore="1")
    assert "You go back to version 1" in words_of(review)
    assert send(admin, "save", {}, restore="1", reason="Too soon.").status_code == 303
    assert [(r.version, r.kind, r.restored) for r in rows(shipped)][-1] == (3, "restore", 1)
    assert "keep your scalp dry until day 7" in words_of(admin.get(PAGE))
    told = {"reason": "Back to the sheet.", "approved": "yes", "clinician": "Dr Jane Doe"}
    assert send(admin, "save", {}, restore="files", **told).status_code == 303
    page = words_of(admin.get(PAGE))
    assert "As the clinic's file has it." in page
    assert "keep your scalp dry until day 4" in page
    assert send(admin, "restore", {}, restore="99").headers["location"].endswith("note=plan_moved")
    with shipped.gateway.database.begin() as db:
        used = select(Instruction.id).where(Instruction.topic == "water", Instruction.retired_at.is_(None))
        assert set(db.scalars(used)) == {"aftercare/water/0-3", "aftercare/water/4-6", "aftercare/water/7-"}


def test_each_version_stays_as_it_was(shipped: StaffedClinic) -> None:
    change(shipped.signed_in("admin"))
    with pytest.raises(ValueError, match="was in use and cannot change"), shipped.gateway.database.begin() as db:
        db.scalars(select(PlanChange)).one().reason = "Another"
