"""The invented demo clinic."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from stipple.care.healing import healing_day, upcoming
from stipple.content.pack import Pack
from stipple.records.conversations import UnknownLinkError, open_link
from stipple.records.database import Database
from stipple.records.demo import DEMO_PATIENTS, LINK_DAYS, demo_links, ensure_clinic, fill_demo
from stipple.records.models import Clinic, Conversation, Patient
from stipple.records.patients import to_record

# A working day, just after midnight in summer time, and the days after the clocks change.
MOMENTS = [
    datetime(2026, 6, 10, 9, 0, tzinfo=UTC),
    datetime(2026, 6, 9, 23, 5, tzinfo=UTC),
    datetime(2026, 3, 30, 8, 0, tzinfo=UTC),
    datetime(2026, 10, 26, 23, 59, tzinfo=UTC),
]


def fill(database: Database, pack: Pack, now: datetime) -> int:
    with database.begin() as db:
        return fill_demo(db, pack.profile, now)


@pytest.mark.parametrize("now", MOMENTS)
def test_each_of_the_six_patients_is_at_their_stage(database: Database, pack: Pack, now: datetime) -> None:
    assert fill(database, pack, now) == len(DEMO_PATIENTS) == 6
    with database.begin() as db:
        patients = db.scalars(select(Patient).order_by(Patient.reference)).all()
        records = [to_record(p, pack.profile.zone) for p in patients]
    today = records[0].local_date(now)
    healing = [healing_day(r, today, now) for r in records]
    assert [h.day if h else None for h in healing] == [None, 0, 2, 5, 12, 40]
    assert [h.course_complete if h else None for h in healing] == [None, False, False, False, False, True]
    ahead = [upcoming(r, now) for r in records]
    assert [
        (r.local_date(v[0].starts_at) - today).days if v else None for r, v in zip(records, ahead, strict=True)
    ] == [d.next_in for d in DEMO_PATIENTS]
    assert [r.courses[0].done for r in records] == [d.done for d in DEMO_PATIENTS]


def test_the_goals_are_those_of_the_content(pack: Pack) -> None:
    assert {d.goal for d in DEMO_PATIENTS} <= pack.goals.keys()


def test_the_demo_is_filled_once(database: Database, pack: Pack) -> None:
    fill(database, pack, MOMENTS[0])
    assert fill(database, pack, MOMENTS[0] + timedelta(days=1)) == 0
    with database.begin() as db:
        assert db.scalar(select(func.count()).select_from(Patient)) == 6
        assert db.scalar(select(func.count()).select_from(Clinic)) == 1


def test_a_database_with_a_patient_is_left_alone(
    database: Database, pack: Pack, add_patient: Callable[[str], Patient]
) -> None:
    add_patient("P-1")
    assert fill(database, pack, MOMENTS[0]) == 0
    with database.begin() as db:
        assert db.scalars(select(Patient.reference)).all() == ["P-1"]
        assert demo_links(db, MOMENTS[0]) == []


def test_the_clinic_is_made_from_the_profile_once(database: Database, pack: Pack) -> None:
    with database.begin() as db:
        first = ensure_clinic(db, pack.profile)
        assert (first.name, first.time_zone) == (pack.profile.name, pack.profile.time_zone)
        assert ensure_clinic(db, pack.profile.model_copy(update={"name": "Another name"})).id == first.id


def test_each_link_opens_its_patient(database: Database, pack: Pack) -> None:
    now = MOMENTS[0]
    fill(database, pack, now)
    with database.begin() as db:
        links = demo_links(db, now)
        assert [stage for stage, _ in links] == [d.stage for d in DEMO_PATIENTS]
        for _, token in links:
            open_link(db, token, "web", now)
        found = db.scalars(select(Patient.reference).join(Conversation).order_by(Patient.reference)).all()
        assert found == [d.reference for d in DEMO_PATIENTS]
        with pytest.raises(UnknownLinkError):
            open_link(db, links[0][1], "web", now + timedelta(days=LINK_DAYS))
