"""The pack in use follows the care plan's changes on each kind of database, and tells where the files went past one."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from sqlalchemy import delete

from stipple.cli import main
from stipple.console import plan_desk
from stipple.console.accounts import add_account
from stipple.console.plan_desk import Answers, StaleError
from stipple.content.pack import Pack, load_pack
from stipple.content.schema import CareTopic
from stipple.records.database import Database
from stipple.records.in_use import PackInUse
from stipple.records.models import Clinic, Course, Patient, Session
from stipple.records.plan_changes import as_data, changes_of, in_use, newest_changes, notices, with_windows
from stipple.records.plan_models import PlanChange
from stipple.records.staff_models import Staff
from stipple.records.wordings import current_wordings, freshness, publish_pack
from stipple.settings import get_settings
from tests.small_content import write_small_content

from .conftest import NOW

ANSWERS = Answers("Our scabs hold longer.", approved=True, clinician="Dr Example")


@pytest.fixture
def files(tmp_path: Path) -> Pack:
    return load_pack(write_small_content(tmp_path / "content"))


@pytest.fixture
def admin(database: Database, files: Pack) -> Staff:
    """An admin of a clinic whose content is published."""
    with database.begin() as db:
        publish_pack(db, files, "content files", NOW)
        return add_account(db, "robin@clinic.example", "Robin", "admin", "a long enough secret", NOW)


def other(topic: CareTopic, verdict: str) -> CareTopic:
    """The topic with one window for every day."""
    window = {**as_data(topic.windows)[-1], "from_day": 0, "verdict": verdict, "text": f"It is {verdict} now."}
    return with_windows(topic, [window])


def save(database: Database, packs: PackInUse, admin: Staff, verdict: str, topic: str = "water") -> PlanChange:
    with database.begin() as db:
        base = plan_desk.read_base(db, packs, topic)
        assert base
        made = other(base.topic, verdict)
        proposal = plan_desk.Proposal("edit", made, made)
        return plan_desk.save(db, packs, base.seen, proposal, ANSWERS, admin, NOW)


def test_a_change_is_in_use_in_every_process_at_its_next_look(database: Database, files: Pack, admin: Staff) -> None:
    one, another = PackInUse(files), PackInUse(files)
    with database.begin() as db:
        before = freshness(db)
        assert another.refresh(db).care_plan == files.care_plan
    save(database, one, admin, "avoid")
    save(database, one, admin, "care", "gym")
    with database.begin() as db:
        assert freshness(db) > before
        pack = another.refresh(db)
        assert another.refresh(db) is pack, "read once"
        assert [(w.span, w.verdict) for w in pack.care_plan["water"].windows] == [("0-", "avoid")]
        assert pack.care_plan["gym"].windows[0].verdict == "care"
        words = current_wordings(db)
    assert all(s.id in words for s in pack.statements())
    assert words["aftercare/water/0-"].text == "It is avoid now."


def test_what_was_rolled_back_was_never_in_use(database: Database, files: Pack, admin: Staff) -> None:
    packs = PackInUse(files)
    with database.begin() as db:
        base = plan_desk.read_base(db, packs, "water")
        assert base
        made = other(base.topic, "ok")
        plan_desk.save(db, packs, base.seen, plan_desk.Proposal("edit", made, made), ANSWERS, admin, NOW)
        db.rollback()
    assert packs.pack.care_plan == files.care_plan
    save(database, packs, admin, "avoid")
    with database.begin() as db:
        assert packs.refresh(db).care_plan["water"].windows[0].verdict == "avoid"


def test_a_topic_that_was_seen_otherwise_is_not_saved(database: Database, files: Pack, admin: Staff) -> None:
    packs = PackInUse(files)
    with database.begin() as db:
        base = plan_desk.read_base(db, packs, "water")
    assert base
    save(database, packs, admin, "avoid")
    made = other(base.topic, "ok")
    with pytest.raises(StaleError), database.begin() as db:
        plan_desk.save(db, packs, base.seen, plan_desk.Proposal("edit", made, made), ANSWERS, admin, NOW)
    with database.begin() as db:
        assert [c.version for c in changes_of(db, "water")] == [1]


def test_the_change_stays_when_the_file_moves_and_the_operator_is_told(
    database: Database, files: Pack, admin: Staff
) -> None:
    save(database, PackInUse(files), admin, "avoid")
    with database.begin() as db:
        changes = newest_changes(db)
    moved = replace(files, care_plan=files.care_plan | {"water": other(files.care_plan["water"], "care")})
    (notice,) = notices(moved, changes)
    assert "care_plan.yml is newer than its change" in str(notice)
    assert "/staff/care-plan/water" in str(notice)
    assert in_use(moved, changes).care_plan["water"].windows[0].verdict == "avoid"
    assert list(notices(files, changes)) == []
    caught_up = replace(files, care_plan=files.care_plan | {"water": other(files.care_plan["water"], "avoid")})
    assert list(notices(caught_up, changes)) == [], "a file that says the same needs no word"
    gone = replace(files, care_plan={"gym": files.care_plan["gym"]})
    (notice,) = notices(gone, changes)
    assert "no such topic" in str(notice)
    assert in_use(gone, changes).care_plan == gone.care_plan


def test_a_topic_given_back_follows_the_file_again(database: Database, files: Pack, admin: Staff) -> None:
    packs = PackInUse(files)
    save(database, packs, admin, "avoid")
    with database.begin() as db:
        base = plan_desk.read_base(db, packs, "water")
        assert base
        proposal = plan_desk.restored(db, base, "files")
        assert proposal
        plan_desk.save(db, packs, base.seen, proposal, ANSWERS, admin, NOW)
    with database.begin() as db:
        assert packs.refresh(db).care_plan == files.care_plan
        assert [c.kind for c in changes_of(db, "water")] == ["files", "edit"]
        base = plan_desk.read_base(db, packs, "water")
        assert base
        assert base.from_files
        assert plan_desk.restored(db, base, "files") is None


def test_only_patients_on_a_changed_day_are_reached(database: Database, files: Pack, admin: Staff) -> None:
    with database.begin() as db:
        clinic = Clinic(name="Clinic", time_zone="Europe/London")
        db.add(clinic)
        db.flush()
        for reference, ago, status in (("P-2", 2, "done"), ("P-9", 9, "done"), ("P-0", 2, "cancelled")):
            start = NOW.replace(day=NOW.day - ago)
            patient = Patient(clinic_id=clinic.id, reference=reference, name="Ann Example", created_at=NOW)
            patient.courses.append(
                Course(planned_sessions=3, sessions=[Session(number=1, starts_at=start, status=status)])
            )
            db.add(patient)
    packs = PackInUse(files)
    with database.begin() as db:
        base = plan_desk.read_base(db, packs, "water")
        assert base
        made = with_windows(
            base.topic, [as_data(base.topic.windows)[0] | {"verdict": "care"}, as_data(base.topic.windows)[1]]
        )
        found = plan_desk.reached(db, base, plan_desk.Proposal("edit", made, made), files, NOW)
    assert [(r.initials, r.reference, r.effect.healing.day) for r in found] == [("A. E.", "P-2", 2)]


def test_a_change_cannot_be_deleted(database: Database, files: Pack, admin: Staff) -> None:
    save(database, PackInUse(files), admin, "avoid")
    with pytest.raises(ValueError, match="cannot change"), database.begin() as db:
        db.delete(changes_of(db, "water")[0])


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["stipple", *words])
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_the_command_line_knows_the_change(
    database: Database,
    files: Pack,
    admin: Staff,
    tmp_path: Path,
    no_settings: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "content"
    no_settings.setenv("STIPPLE_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    no_settings.setenv("STIPPLE_CONTENT_DIR", str(folder))
    get_settings.cache_clear()
    save(database, PackInUse(files), admin, "avoid")
    assert run(no_settings, "content", "export", str(tmp_path / "out")) == 0
    assert "changed on the staff pages: water" in capsys.readouterr().out
    exported = (tmp_path / "out" / "care_plan.yml").read_text()
    assert yaml.safe_load(exported)["topics"][0]["windows"][0]["text"] == "It is avoid now."
    before = (folder / "care_plan.yml").read_text()
    (folder / "care_plan.yml").write_text(before.replace("Keep your head dry.", "Keep it dry."))
    run(no_settings, "content", "check")
    assert "note: care plan water: care_plan.yml is newer" in capsys.readouterr().err
    assert run(no_settings, "content", "publish", "--by", "Robin") == 0
    assert "0 wordings published" in capsys.readouterr().out
    (folder / "care_plan.yml").write_text(exported)
    with database.begin() as db:
        assert load_pack(folder).care_plan == in_use(files, newest_changes(db)).care_plan
        db.execute(delete(PlanChange))
    run(no_settings, "content", "check")
    assert "note:" not in capsys.readouterr().err
