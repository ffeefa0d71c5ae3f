"""When a case passes, the report, and a stack that cannot be reached."""

import asyncio
import socket
from typing import Any

import pytest

from stipple.evaluation.cases import DEFAULT_NOW, Case, CaseAt
from stipple.evaluation.run import Result, StackUnavailableError, evaluate, matches, passes, summary

ITEM = {"kind": "aftercare", "topic": "water", "asked_day": 0, "from_record": False}


@pytest.mark.parametrize(
    ("expected", "fits"),
    [
        ({}, True),
        ({"kind": "aftercare"}, True),
        ({"kind": "aftercare", "topic": "water"}, True),
        ({"kind": "aftercare", "topic": "sun"}, False),
        ({"kind": "goals"}, False),
        ({"topic": ["sun", "water"]}, True),
        ({"topic": ["sun"]}, False),
        ({"topic": []}, False),
        ({"verdict": "avoid"}, False),
        ({"verdict": ["avoid", None]}, True),
        ({"verdict": None}, True),
        ({"asked_day": 0}, True),
        ({"asked_day": [1, 2]}, False),
        ({"from_record": False}, True),
        ({"from_record": True}, False),
        ({"topic": "wat"}, False),
    ],
)
def test_an_item_matches_when_every_value_does(expected: dict[str, Any], fits: bool) -> None:
    assert matches(expected, ITEM) is fits


def case(expect: list[dict[str, Any]], forbid: list[dict[str, Any]] | None = None, **more: Any) -> Case:
    return Case(id="A-1", text="Can I swim?", expect=expect, forbid=forbid or [], **more)


WATER, SUN = {"kind": "aftercare", "topic": "water"}, {"kind": "aftercare", "topic": "sun"}


@pytest.mark.parametrize(
    ("expect", "forbid", "answers", "replies", "passed"),
    [
        ([WATER], [], [WATER], ["Keep dry."], True),
        ([WATER], [], [SUN, WATER], ["Keep dry."], True),
        ([WATER, SUN], [], [WATER], ["Keep dry."], False),
        ([WATER, SUN], [], [SUN, WATER], ["Keep dry."], True),
        ([WATER, SUN], [], [WATER | SUN], ["Keep dry."], False),
        ([{"kind": "aftercare"}, {"topic": "sun"}], [], [SUN], ["Shade."], True),
        ([WATER], [], [], ["Keep dry."], False),
        ([WATER], [], [WATER], [], False),
        ([WATER], [], [WATER], ["", " \n"], False),
        ([WATER], [], [WATER], ["", "Keep dry."], True),
        ([], [], [], ["Hello."], True),
        ([], [], [], [], False),
        ([WATER], [SUN], [WATER], ["Keep dry."], True),
        ([WATER], [SUN], [WATER, SUN], ["Keep dry."], False),
        ([], [{"kind": ["red_flag", "goals"]}], [{"kind": "goals"}], ["A hairline."], False),
    ],
)
def test_a_case_passes_when_all_is_there_and_nothing_forbidden(
    expect: list[dict[str, Any]],
    forbid: list[dict[str, Any]],
    answers: list[dict[str, Any]],
    replies: list[str],
    passed: bool,
) -> None:
    assert passes(case(expect, forbid), answers, replies) is passed


@pytest.mark.parametrize(
    ("answers", "passed"),
    [
        ([WATER], True),
        ([WATER, SUN], False),
        ([WATER, {"kind": "smalltalk", "topic": "thanks"}], True),
        ([{"kind": "ask_back", "topic": "session_date"}, WATER], True),
        ([SUN], False),
    ],
)
def test_a_case_may_ask_for_one_answer_only(answers: list[dict[str, Any]], passed: bool) -> None:
    assert passes(case([WATER], only=True), answers, ["Keep dry."]) is passed
    assert passes(case([WATER]), answers, ["Keep dry."]) is (WATER in answers)


def test_an_unreachable_stack_is_named() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(StackUnavailableError, match=f"^{url} cannot be reached"):
            asyncio.run(evaluate([CaseAt(case([WATER]), DEFAULT_NOW)], url, lambda done: None))


def test_the_report_counts_by_group_and_shows_what_failed() -> None:
    cases = [CaseAt(case([WATER], group=g), DEFAULT_NOW) for g in ("easy", "easy", "hard")]
    results = [
        Result("A-1", passed=True, ms=100),
        Result("A-2", answers=[SUN], replies=["Shade."], ms=300),
        Result("A-3", error="ReadTimeout: slow"),
    ]
    lines = summary(cases, results, 2.0).splitlines()
    assert sum(line.startswith("FAILED ") for line in lines) == 2
    assert f"  actual {[SUN]}" in lines
    assert "  error ReadTimeout: slow" in lines
    assert [line.split() for line in lines[-5:]] == [
        ["easy", "1", "/", "2", "50.0", "%"],
        ["hard", "0", "/", "1", "0.0", "%"],
        ["all", "1", "/", "3", "33.3", "%"],
        ["latency", "median", "200", "ms,", "p95", lines[-2].split()[5], "ms"],
        ["3", "cases", "in", "2.0", "s,", "1.5", "cases/s"],
    ]


def test_a_result_line_has_everything() -> None:
    result = Result("A-1", True, [WATER], ["Keep dry."], 12.5)
    assert result.as_line() == {
        "id": "A-1",
        "passed": True,
        "answers": [WATER],
        "replies": ["Keep dry."],
        "ms": 12.5,
        "error": None,
    }
