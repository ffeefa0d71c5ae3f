"""The interface of a test stack: a conversation with a given record at a given moment."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from stipple.care.healing import healing_day, upcoming
from stipple.care.record import PatientRecord
from stipple.records.patients import record_of_conversation

from .conftest import Gateway, MakeGateway

JSON = {"content-type": "application/json"}
LONDON = ZoneInfo("Europe/London")
# Morning, shortly after midnight, and after the clocks have changed.
MOMENTS = ["2026-06-10T10:00:00+01:00", "2026-06-10T00:20:00+01:00", "2026-03-31T07:00:00+01:00"]


@pytest.fixture
def gateway(make_gateway: MakeGateway) -> Gateway:
    return make_gateway(environment="test")


def begin(gateway: Gateway, record: dict[str, object] | None, now: str) -> PatientRecord | None:
    response = gateway.browser.post(
        "/test/conversations", content=json.dumps(record), headers=JSON | {"x-stipple-now": now}
    )
    assert response.status_code == 200, response.text
    with gateway.database.begin() as db:
        return record_of_conversation(db, response.json()["conversation"], LONDON)


def test_the_day_is_right_at_any_moment(gateway: Gateway) -> None:
    for now in MOMENTS:
        for day in (0, 1, 5, 40):
            record = begin(gateway, {"day": day}, now)
            assert record is not None
            healing = healing_day(record, datetime.fromisoformat(now).date(), datetime.fromisoformat(now))
            assert healing is not None, now
            assert healing.day == day, now


@pytest.mark.parametrize(
    ("told", "day", "done", "planned", "coming", "complete"),
    [
        ({"day": 5}, 5, 1, 3, 5, False),
        ({"day": 0}, 0, 1, 3, 10, False),
        ({"day": 5, "done": 3, "planned": 3}, 5, 3, 3, None, True),
        ({"day": 5, "done": 2, "final": True}, 5, 2, 2, None, True),
        ({"day": 5, "done": 3, "final": False}, 5, 3, 4, 5, False),
        ({"day": 5, "next_in": 2}, 5, 1, 3, 2, False),
        ({"day": 5, "next_in": None}, 5, 1, 3, None, False),
        ({"day": 5, "done": 0}, None, 0, 3, 5, None),
    ],
)
def test_the_record_is_as_told(
    gateway: Gateway,
    told: dict[str, object],
    day: int | None,
    done: int,
    planned: int,
    coming: int | None,
    complete: bool | None,
) -> None:
    record = begin(gateway, told, MOMENTS[0])
    assert record is not None
    moment = datetime.fromisoformat(MOMENTS[0])
    today = moment.date()
    healing = healing_day(record, today, moment)
    assert (healing.day if healing else None) == day
    assert (healing.course_complete if healing else None) == complete
    assert (record.courses[0].done, record.courses[0].planned) == (done, planned)
    ahead = [(record.local_date(v.starts_at) - today).days for v in upcoming(record, moment)]
    assert ahead == ([] if coming is None else [coming])


def test_a_visitor_has_no_record(gateway: Gateway) -> None:
    assert begin(gateway, None, MOMENTS[0]) is None


def test_the_caller_is_signed_in_at_the_moment_told(gateway: Gateway) -> None:
    begin(gateway, {"day": 5}, MOMENTS[0])
    gateway.browser.headers["x-stipple-now"] = MOMENTS[0]
    assert gateway.browser.get("/api/conversation").json()["signed_in"] is True
    gateway.send("Hello")
    assert {m.sent_at for m in gateway.messages()} == {datetime.fromisoformat(MOMENTS[0])}


def test_a_malformed_record_is_refused(gateway: Gateway) -> None:
    for record in ({}, {"day": -1}, {"day": 5, "dnoe": 2}, {"day": 5, "planned": 0}):
        assert gateway.browser.post("/test/conversations", json=record).status_code == 422, record
    assert gateway.conversations() == []
