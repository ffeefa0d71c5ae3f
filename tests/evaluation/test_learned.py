"""From a patient's record to a case, and the scores before and after learning."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stipple.care.record import CourseRecord, PatientRecord, Visit
from stipple.content.pack import Pack
from stipple.evaluation.cases import Case, CaseRecord
from stipple.evaluation.expecting import can_be_tested, expected, record_for, reduced
from stipple.evaluation.trying import LEFT_OUT, compare, copy_of, report
from stipple.phrases import read_phrases
from stipple.settings import ROOT
from tests.fixtures import pack

__all__ = ["pack"]
ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


def visit(number: int, days: int, status: Any = "done") -> Visit:
    return Visit(number, NOW + timedelta(days=days, hours=1 if days > 0 else -1), status)


def record(*visits: Visit, planned: int = 3) -> PatientRecord:
    return PatientRecord(ZONE, (CourseRecord(1, "hairline", planned, visits),))


@pytest.mark.parametrize(
    ("visits", "planned", "days"),
    [
        ((), 3, CaseRecord(day=0, done=0, planned=3, final=False, next_in=None)),
        ((visit(1, 5, "planned"),), 3, CaseRecord(day=0, done=0, planned=3, final=False, next_in=5)),
        ((visit(1, -4), visit(2, 6, "planned")), 3, CaseRecord(day=4, done=1, planned=3, final=False, next_in=6)),
        ((visit(1, -9), visit(2, -2, "cancelled")), 3, CaseRecord(day=9, done=1, planned=3, final=False, next_in=None)),
        ((visit(1, -20), visit(2, -3)), 2, CaseRecord(day=3, done=2, planned=2, final=True, next_in=None)),
    ],
)
def test_a_record_becomes_days(visits: tuple[Visit, ...], planned: int, days: CaseRecord) -> None:
    assert reduced(record(*visits, planned=planned), NOW) == days


def test_a_visitor_has_no_record() -> None:
    assert reduced(None, NOW) is None


def test_the_answer_is_the_clinics_own(pack: Pack) -> None:
    treated = CaseRecord(day=2, done=1, planned=3)
    water = pack.care_plan["water"]
    for day in (None, 0, 3, 9, 60):
        found = expected("aftercare/water", treated, day, pack)
        asked = 2 if day is None else day
        assert found["asked_day"] == asked
        assert found["verdict"] == [water.window(asked).verdict]
    assert expected("aftercare/water", None, 4, pack) == {"kind": "aftercare", "topic": ["water"]}
    assert expected("out_of_scope/billing", treated, None, pack) == {"kind": "out_of_scope"}
    assert expected("red_flag/sepsis", treated, None, pack) == {"kind": "red_flag", "urgency": ["emergency"]}


def test_a_topic_of_the_whole_course_keeps_its_first_rule_between_sessions(pack: Pack) -> None:
    topic = next(t for t in pack.care_plan.values() if t.counted_from == "course" and len(t.windows) > 1)
    late = topic.windows[-1].from_day
    strict, free = (
        expected(f"aftercare/{topic.id}", record_for(whole, late), None, pack)["verdict"] for whole in (False, True)
    )
    assert strict == [topic.windows[0].verdict] != free


def test_every_label_that_is_taught_makes_a_case_or_says_that_it_cannot(pack: Pack) -> None:
    for label in {p.label for p in read_phrases(ROOT / "data" / "nlu")}:
        if can_be_tested(label):
            case = {"id": "x", "text": "x", "expect": [expected(label, record_for(False, 3), None, pack)]}
            assert Case.model_validate(case).expect[0]["kind"] == label.partition("/")[0]


def test_the_copy_is_a_project_of_its_own() -> None:
    with copy_of() as copy:
        said = "from stipple.stack.model import MODELS, ENGINE_PYTHON; print(MODELS); print(ENGINE_PYTHON.parents[3])"
        ran = subprocess.run([sys.executable, "-c", said], cwd=copy, capture_output=True, text=True, check=True)
        assert [Path(line) for line in ran.stdout.split()] == [copy / "models", copy]
        assert not any((copy / name).exists() for name in LEFT_OUT)
        assert (copy / "data" / "nlu" / "aftercare.yml").read_bytes() == (ROOT / "data/nlu/aftercare.yml").read_bytes()
    assert not copy.exists()


def test_what_is_lost_is_told_beside_what_is_won() -> None:
    before = [{"id": "A", "passed": True}, {"id": "B", "passed": False}, {"id": "C", "passed": True}]
    after = [{"id": "A", "passed": False}, {"id": "B", "passed": True}, {"id": "C", "passed": True}]
    score = compare("conversations", before, after)
    assert (score.before, score.after, score.lost, score.won) == (2, 2, ["A"], ["B"])
    lines = report([score]).splitlines()
    assert lines[1].split() == ["conversations", "2", "/", "3", "2", "/", "3"]
    assert lines[2:] == ["lost A (conversations)", "won  B (conversations)"]
