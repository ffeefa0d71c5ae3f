"""Loading content: whatever is wrong is told with file, line and field."""

from datetime import date, time
from pathlib import Path

import pytest

from stipple.content.pack import ContentError, Pack, load_pack

from .conftest import Edit


def error_of(folder: Path) -> list[str]:
    """The problems found, one a line, without the folder's path."""
    with pytest.raises(ContentError) as caught:
        load_pack(folder)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_the_small_content_loads(small: Pack) -> None:
    assert [s.id for s in small.statements()] == [
        "aftercare/water/0-3",
        "aftercare/water/4-",
        "aftercare/gym/0-",
        "healing_sign/itching/1-14",
        "red_flag/pus",
        "eligibility/diabetes",
        "goals/hairline",
        "about_smp/what_is",
        "preparation/alcohol",
        "visit/companion",
    ]
    assert small.profile.holidays == {date(2026, 12, 25): "Christmas Day"}


# Each row: file, what stands there, what stands there instead, and the problem told.
BROKEN = {
    "missing field": (
        "care_plan.yml",
        "        why: The dots are small wounds.\n",
        "",
        "care_plan.yml: line 6: topics.0.windows.0.why: Field required",
    ),
    "unknown field": (
        "goals.yml",
        "    sources:",
        "    price: 100\n    sources:",
        "goals.yml: line 9: goals.0.price: Extra inputs are not permitted",
    ),
    "gap": (
        "care_plan.yml",
        "from_day: 4",
        "from_day: 5",
        "care_plan.yml: line 2: topics.0: topic water: a window starts on day 5, expected 4",
    ),
    "overlap": (
        "care_plan.yml",
        "from_day: 4",
        "from_day: 3",
        "care_plan.yml: line 2: topics.0: topic water: a window starts on day 3, expected 4",
    ),
    "unknown verdict": (
        "care_plan.yml",
        "to_day: null\n        verdict: care",
        "to_day: null\n        verdict: maybe",
        "care_plan.yml: line 28: topics.1.windows.0.verdict: Input should be 'avoid', 'care', 'ok', 'do' or 'ask'",
    ),
    "first window late": (
        "care_plan.yml",
        "from_day: 0",
        "from_day: 1",
        "care_plan.yml: line 2: topics.0: topic water: a window starts on day 1, expected 0",
    ),
    "window after an open one": (
        "care_plan.yml",
        "to_day: 3",
        "to_day: null",
        "care_plan.yml: line 2: topics.0: topic water: a window starts on day 4, expected None",
    ),
    "last window closed": (
        "care_plan.yml",
        "to_day: null",
        "to_day: 9",
        "care_plan.yml: line 2: topics.0: topic water: the last window must be open, but ends on day 9",
    ),
    "window backwards": (
        "care_plan.yml",
        "to_day: 3",
        "to_day: -1",
        "care_plan.yml: line 7: topics.0.windows.0.to_day: Input should be greater than or equal to 0",
    ),
    "days in the wrong order": (
        "healing_signs.yml",
        "from_day: 1",
        "from_day: 15",
        "healing_signs.yml: line 5: signs.0.windows.0: to_day 14 lies before from_day 15",
    ),
    "no number": (
        "care_plan.yml",
        "from_day: 4",
        "from_day: four",
        "care_plan.yml: line 14: topics.0.windows.1.from_day: Input should be a valid integer, unable to parse string",
    ),
    "no source": (
        "about_smp.yml",
        "sources: [Ten clinics]",
        "sources: []",
        "about_smp.yml: line 6: topics.0.sources: List should have at least 1 item",
    ),
    "bad id": (
        "preparation.yml",
        "id: alcohol",
        "id: Alcohol drinks",
        "preparation.yml: line 2: topics.0.id: String should match pattern",
    ),
    "unknown time zone": (
        "profile.yml",
        "Europe/London",
        "Europe/Lundon",
        "profile.yml: line 3: time_zone: unknown time zone 'Europe/Lundon'; use a name such as Europe/London",
    ),
    "folder of time zones": (
        "profile.yml",
        "Europe/London",
        "Europe",
        "profile.yml: line 3: time_zone: unknown time zone 'Europe'",
    ),
    "country without numbers": (
        "profile.yml",
        "country: GB",
        "country: FR",
        "profile.yml: line 14: numbers: no emergency and crisis numbers for the clinic's country FR",
    ),
    "no crisis number": (
        "profile.yml",
        "crisis:\n      - {name: Samaritans, number: 116 123, source: Samaritans, checked: 2026-06-01}",
        "crisis: []",
        "profile.yml: line 18: numbers.GB.crisis: List should have at least 1 item",
    ),
    "impossible date": (
        "profile.yml",
        "checked: 2026-06-01",
        "checked: 2026-06-31",
        "profile.yml: line 16: numbers.GB.emergency.checked: Input should be a valid date",
    ),
    "impossible holiday": (
        "profile.yml",
        "2026-12-25",
        "2026-13-25",
        "profile.yml: line 13: holidays.2026-13-25.[key]: Input should be a valid date",
    ),
    "unknown weekday": (
        "profile.yml",
        "saturday:",
        "satday:",
        "profile.yml: line 11: hours.satday.[key]: Input should be 'monday',",
    ),
    "duplicate id": (
        "care_plan.yml",
        "id: gym",
        "id: water",
        "care_plan.yml: line 22: topics.1.id: water stands there twice",
    ),
    "invalid YAML": (
        "red_flags.yml",
        "title: pus",
        "title: pus: yellow",
        "red_flags.yml: line 3: not valid YAML (mapping values are not allowed here)",
    ),
    "tabs": (
        "eligibility.yml",
        "    stance:",
        "\tstance:",
        "eligibility.yml: line 4: not valid YAML",
    ),
    "no list": ("goals.yml", "goals:", "goal:", "goals.yml: line 1: goals: Field required"),
    "empty reply": (
        "replies.yml",
        "fallback: I could not look that up. Call {phone}.",
        'fallback: ""',
        "replies.yml: line 6: texts.fallback: String should have at least 1 character",
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "problem"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_told_with_line_and_field(
    folder: Path, edit: Edit, name: str, old: str, new: str, problem: str
) -> None:
    edit(name, old, new)
    assert error_of(folder)[0].startswith(problem)


def test_every_problem_of_a_file_is_told(folder: Path, edit: Edit) -> None:
    edit("care_plan.yml", "verdict: avoid", "verdict: never")
    edit("care_plan.yml", "confidence: B", "confidence: Z")
    assert [problem.split(": ")[:3] for problem in error_of(folder)] == [
        ["care_plan.yml", "line 8", "topics.0.windows.0.verdict"],
        ["care_plan.yml", "line 29", "topics.1.windows.0.confidence"],
    ]


@pytest.mark.parametrize("content", ["", "# nothing\n", "- a list\n", "just a sentence\n"])
def test_a_file_that_holds_something_else_is_refused(folder: Path, content: str) -> None:
    (folder / "goals.yml").write_text(content, encoding="utf-8")
    assert error_of(folder)[0].startswith("goals.yml: line 1: file: Input should be a valid dictionary")


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "goals.yml").unlink()
    assert error_of(folder)[0].startswith("goals.yml: cannot be read")


def test_a_file_in_another_encoding_is_named(folder: Path) -> None:
    (folder / "about_smp.yml").write_bytes("topics: [é]".encode("latin-1"))
    assert error_of(folder)[0].startswith("about_smp.yml: cannot be read")


def test_a_time_means_the_same_with_and_without_quotes(small: Pack) -> None:
    assert (small.profile.hours["monday"].opens, small.profile.hours["saturday"].opens) == (time(9), time(10))


@pytest.mark.parametrize(("number", "read"), [("000", "000"), ("999", "999"), ("116 123", "116 123"), ("010", "010")])
def test_a_phone_number_is_kept_as_it_is_written(folder: Path, edit: Edit, number: str, read: str) -> None:
    edit("profile.yml", "number: 999", f"number: {number}")
    assert load_pack(folder).profile.local_numbers.emergency.number == read


def test_loaded_content_cannot_be_changed(small: Pack) -> None:
    with pytest.raises(ValueError, match="frozen"):
        small.about["what_is"].text = "Something else."  # type: ignore[misc]


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("aftercare/water", "getting your scalp wet"),
        ("red_flag/pus", "pus"),
        ("contact/hours", "our opening hours"),
        ("aftercare/unknown", None),
        ("smalltalk", None),
    ],
)
def test_a_label_has_a_title_where_one_is_known(small: Pack, label: str, title: str | None) -> None:
    assert small.title(label) == title


@pytest.mark.parametrize(("day", "span"), [(0, "0-3"), (3, "0-3"), (4, "4-"), (500, "4-")])
def test_a_day_falls_in_one_window(small: Pack, day: int, span: str) -> None:
    assert small.care_plan["water"].window(day).span == span
