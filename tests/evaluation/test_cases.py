"""Reading case files: errors with file, line and field, the moment, and the records' defaults."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stipple.evaluation.cases import DEFAULT_NOW, CaseError, CaseRecord, read_cases

GOOD: dict[str, Any] = {"id": "A-1", "text": "Can I swim?", "expect": [{"kind": "aftercare"}]}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a case file of the given lines, each JSON already or made so."""

    def file(*lines: Any, name: str = "cases.jsonl") -> Path:
        text = "\n".join(x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines)
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return file


def without(field: str) -> dict[str, Any]:
    return {k: v for k, v in GOOD.items() if k != field}


BROKEN = {
    "no JSON": ('{"id": "A-2",', "line 2: not JSON (Expecting property name enclosed in double quotes)"),
    "a list": ([1], "line 2: not a JSON object"),
    "a word": ('"word"', "line 2: not a JSON object"),
    "no id": (without("id"), "line 2: id: Field required"),
    "empty id": (GOOD | {"id": ""}, "line 2: id: String should have at least 1 character"),
    "no text": (without("text") | {"id": "A-2"}, "line 2: case: Value error, a case has either text or turns"),
    "text and turns": (GOOD | {"id": "A-2", "turns": ["Hi"]}, "line 2: case: Value error, a case has either text or"),
    "turns of numbers": (without("text") | {"id": "A-2", "turns": [1]}, "line 2: turns.0: Input should be a valid str"),
    "no expect": (without("expect") | {"id": "A-2"}, "line 2: expect: Field required"),
    "expect is no list": (
        GOOD | {"id": "A-2", "expect": {"kind": "x"}},
        "line 2: expect: Input should be a valid list",
    ),
    "record without day": (GOOD | {"id": "A-2", "record": {}}, "line 2: record.day: Field required"),
    "record before day 0": (GOOD | {"id": "A-2", "record": {"day": -1}}, "line 2: record.day: Input should be greater"),
    "unknown field of record": (
        GOOD | {"id": "A-2", "record": {"day": 1, "dnoe": 2}},
        "line 2: record.dnoe: Extra inputs are not permitted",
    ),
    "no planned session": (
        GOOD | {"id": "A-2", "record": {"day": 1, "planned": 0}},
        "line 2: record.planned: Input should be greater than or equal to 1",
    ),
    "same id twice": (GOOD, "line 2: id: A-1 stands there twice"),
    "a moment below the first line": ({"now": "2026-06-10T10:00:00"}, "line 2: id: Field required"),
}


@pytest.mark.parametrize(("line", "problem"), BROKEN.values(), ids=BROKEN)
def test_a_broken_line_is_told_with_line_and_field(write: Write, line: Any, problem: str) -> None:
    path = write(GOOD, line)
    with pytest.raises(CaseError) as caught:
        read_cases([path])
    assert str(caught.value).startswith(f"{path}: {problem}")


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ({"now": "next week"}, "line 1: now: Invalid isoformat string"),
        ({"now": 5}, "line 1: now: "),
        ({"now": None}, "line 1: now: "),
        ({"now": "2026-06-10T10:00:00", "timezone": "Europe/Lundon"}, "line 1: timezone: "),
        ({"now": "2026-06-10T10:00:00", "timezone": "Europe"}, "line 1: timezone: "),
        ({"now": "2026-06-10T10:00:00", "timezone": 1}, "line 1: timezone: "),
    ],
)
def test_a_broken_header_is_told_with_its_field(write: Write, header: dict[str, Any], problem: str) -> None:
    path = write(header, GOOD)
    with pytest.raises(CaseError) as caught:
        read_cases([path])
    assert str(caught.value).startswith(f"{path}: {problem}")


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ([], datetime(2026, 6, 10, 9, 0, tzinfo=UTC)),
        ([{"now": "2026-01-10T10:00:00"}], datetime(2026, 1, 10, 10, 0, tzinfo=UTC)),
        ([{"now": "2026-07-10T10:00:00", "timezone": "Europe/London"}], datetime(2026, 7, 10, 9, 0, tzinfo=UTC)),
        ([{"now": "2026-07-10T10:00:00", "timezone": "Asia/Tokyo"}], datetime(2026, 7, 10, 1, 0, tzinfo=UTC)),
        ([{"now": "2026-07-10T10:00:00+02:00", "note": "x"}], datetime(2026, 7, 10, 8, 0, tzinfo=UTC)),
        ([{"now": "2026-07-10T10:00:00Z", "timezone": "Asia/Tokyo"}], datetime(2026, 7, 10, 10, 0, tzinfo=UTC)),
    ],
)
def test_the_header_says_at_which_moment_the_cases_play(write: Write, header: list[Any], moment: datetime) -> None:
    cases = read_cases([write(*header, GOOD, GOOD | {"id": "A-2"})])
    assert [c.now for c in cases] == [moment, moment]


def test_each_file_has_its_own_moment_and_ids(write: Write) -> None:
    first = write({"now": "2026-01-10T10:00:00"}, GOOD, name="first.jsonl")
    second = write(GOOD, name="second.jsonl")
    assert [(c.case.id, c.now) for c in read_cases([first, second])] == [
        ("A-1", datetime(2026, 1, 10, 10, 0, tzinfo=UTC)),
        ("A-1", DEFAULT_NOW),
    ]


def test_a_folder_gives_all_its_case_files_in_order(write: Write, tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "deep/c.jsonl"):
        write(GOOD | {"id": name}, name=name)
    write("not a case file", name="notes.txt")
    assert [c.case.id for c in read_cases([tmp_path])] == ["a.jsonl", "b.jsonl", "deep/c.jsonl"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"nothing\.jsonl: cannot be read"):
        read_cases([tmp_path / "nothing.jsonl"])


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_bytes('{"id": "é"}'.encode("latin-1"))
    with pytest.raises(CaseError, match=r"cases\.jsonl: cannot be read"):
        read_cases([tmp_path])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n  \n"])
def test_blank_lines_and_line_ends_do_not_matter(write: Write, end: str) -> None:
    path = write(end.join(json.dumps(GOOD | {"id": i}) for i in "ab") + end)
    assert [c.case.id for c in read_cases([path])] == ["a", "b"]


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"])
def test_a_line_separator_inside_a_message_is_part_of_it(write: Write, mark: str) -> None:
    text = f"Can I swim?{mark}And run?"
    assert read_cases([write(GOOD | {"text": text})])[0].case.messages == [text]


def test_a_case_has_its_defaults(write: Write) -> None:
    (found,) = read_cases([write(GOOD | {"note": "ignored"})])
    case = found.case
    assert (case.record, case.messages, case.forbid, case.group) == (None, ["Can I swim?"], [], "cases")


def test_turns_are_the_messages_in_order(write: Write) -> None:
    (found,) = read_cases([write(without("text") | {"turns": ["Hello", "Can I swim?"]})])
    assert found.case.messages == ["Hello", "Can I swim?"]


@pytest.mark.parametrize(
    ("told", "done", "planned", "final", "coming"),
    [
        ({"day": 5}, 1, 3, False, 5),
        ({"day": 0}, 1, 3, False, 10),
        ({"day": 9}, 1, 3, False, 1),
        ({"day": 30}, 1, 3, False, 1),
        ({"day": 5, "next_in": 0}, 1, 3, False, 0),
        ({"day": 5, "next_in": 20}, 1, 3, False, 20),
        ({"day": 5, "next_in": None}, 1, 3, False, None),
        ({"day": 5, "done": 3}, 3, 3, True, None),
        ({"day": 5, "done": 4, "planned": 3}, 4, 4, True, None),
        ({"day": 5, "done": 2, "final": True}, 2, 2, True, None),
        ({"day": 5, "done": 3, "final": False}, 3, 4, False, 5),
        ({"day": 5, "final": True, "next_in": 7}, 1, 1, True, 7),
        ({"day": 5, "done": 0}, 0, 3, False, 5),
        ({"day": 5, "done": 0, "final": True}, 0, 1, True, None),
    ],
)
def test_a_record_fills_in_what_is_not_told(
    told: dict[str, Any], done: int, planned: int, final: bool, coming: int | None
) -> None:
    record = CaseRecord.model_validate(told)
    assert (record.done, record.planned_sessions, record.is_final, record.coming) == (done, planned, final, coming)


def test_the_shipped_cases_can_be_read() -> None:
    folder = Path(__file__).parent.parent / "conversations"
    assert len(read_cases([folder])) > 100
