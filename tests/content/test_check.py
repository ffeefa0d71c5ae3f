"""The content check finds what must not be published."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from stipple.content.check import NUMBERS_AGE, check
from stipple.content.judging import grade
from stipple.content.pack import Pack, load_pack
from stipple.content.training import LEAST_PHRASES

from .conftest import Edit

CHECKED = date(2026, 6, 1)
LABELS = [
    "aftercare/water",
    "aftercare/gym",
    "healing_sign/itching",
    "red_flag/pus",
    "eligibility/diabetes",
    "goals/hairline",
    "about_smp/what_is",
    "preparation/alcohol",
    "visit/companion",
]
HARD = (
    "Micropigmentation necessitates considerable postprocedural restraint, particularly concerning "
    "unaccustomed environmental exposure and physiological perspiration."
)


def phrases_of(label: str, count: int, first: int = 0) -> str:
    kind, _, topic = label.partition("/")
    lines = "".join(f"      - {n} {topic}\n" for n in range(first, first + count))
    return f"  - intent: {kind}\n    metadata:\n      topic: {topic}\n    examples: |\n{lines}"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Just enough training phrases for every label, half of them in a second file, and screening messages."""
    folder = tmp_path / "data" / "nlu"
    folder.mkdir(parents=True)
    (tmp_path / "data" / "screening").mkdir()
    told = [{"flag": flag, "text": f"{n} {flag}"} for flag in ("pus", "none") for n in range(LEAST_PHRASES)]
    lines = "".join(json.dumps(message) + "\n" for message in told)
    (tmp_path / "data" / "screening" / "a.jsonl").write_text(lines, encoding="utf-8")
    few = LEAST_PHRASES // 2
    for name, count, first in (("a.yml", few, 0), ("b.yml", LEAST_PHRASES - few, few)):
        blocks = "".join(phrases_of(label, count, first) for label in LABELS)
        (folder / name).write_text(f"nlu:\n{blocks}", encoding="utf-8")
    return tmp_path / "data"


def problems(folder: Path, data: Path, today: date = CHECKED) -> list[str]:
    return check(load_pack(folder), data, data / "nlu", today)


def test_good_content_has_no_problem(folder: Path, data: Path) -> None:
    assert problems(folder, data) == []


@pytest.mark.parametrize(
    ("sentence", "reason", "words"),
    [
        ("Stop taking your medicine first.", "stop a medicine", "Stop taking your medicine"),
        ("Try stopping the tablet.", "stop a medicine", "stopping the tablet"),
        ("Stop any medication you take.", "stop a medicine", "Stop any medication"),
        ("You are eligible for it.", "call somebody eligible", "eligib"),
        ("Your eligibility is clear.", "call somebody eligible", "eligib"),
        ("We guarantee a good look.", "promise a result", "guarante"),
        ("It costs £500 in all.", "quote a price", "£5"),
        ("It costs $ 90 in all.", "quote a price", "$ 9"),
        ("It costs 300 euros in all.", "quote a price", "300 euros"),
        ("The work is ruined now.", "call a result ruined", "ruin"),
        ("You can ride without a helmet.", "go without safety headgear", "ride without a helmet"),
        ("Go without your helmet today.", "go without safety headgear", "Go without your helmet"),
    ],
)
def test_forbidden_words_are_found(
    folder: Path, data: Path, edit: Edit, sentence: str, reason: str, words: str
) -> None:
    edit("about_smp.yml", "It is a tattoo of small dots.", sentence)
    found = [p for p in problems(folder, data) if "must never" in p]
    assert found == [f"about_smp/what_is text: must never {reason}: {words!r}"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Do not stop taking your medicine.",
        "Never go without a helmet.",
        "We do not ever guarantee a look.",
        "Stop when it hurts.",
        "It takes 90 minutes.",
    ],
)
def test_words_that_deny_it_are_no_problem(folder: Path, data: Path, edit: Edit, sentence: str) -> None:
    edit("about_smp.yml", "It is a tattoo of small dots.", sentence)
    assert problems(folder, data) == []


# Where a patient can read something: file, the text there, and how the check names the place.
PLACES = [
    ("care_plan.yml", "Keep your head dry.", "aftercare/water/0-3 text"),
    ("care_plan.yml", "The dots are small wounds.", "aftercare/water/0-3 why"),
    ("care_plan.yml", "Water is fine.", "aftercare/water/4- simpler"),
    ("healing_signs.yml", "An itch is fine.", "healing_sign/itching/1-14 simpler"),
    ("red_flags.yml", "See a doctor today.", "red_flag/pus text"),
    ("eligibility.yml", "Ask your doctor for a note.", "eligibility/diabetes next_step"),
    ("goals.yml", "It will look like a short crop.", "goals/hairline expectation"),
    ("goals.yml", "Which line suits my face?", "goals/hairline questions"),
    ("about_smp.yml", "Small dots of ink.", "about_smp/what_is simpler"),
    ("preparation.yml", "Do not drink for two days.", "preparation/alcohol text"),
    ("replies.yml", "I could not look that up.", "replies fallback"),
]


@pytest.mark.parametrize(("name", "old", "place"), PLACES, ids=[place for *_, place in PLACES])
def test_every_place_a_patient_reads_is_checked(
    folder: Path, data: Path, edit: Edit, name: str, old: str, place: str
) -> None:
    edit(name, old, "We guarantee it.")
    assert problems(folder, data) == [f"{place}: must never promise a result: 'guarante'"]


@pytest.mark.parametrize(("name", "old", "place"), PLACES, ids=[place for *_, place in PLACES])
def test_a_hard_text_is_found(folder: Path, data: Path, edit: Edit, name: str, old: str, place: str) -> None:
    edit(name, old, HARD)
    (problem,) = problems(folder, data)
    assert problem.startswith(f"{place}: reading grade ")
    assert "is above 6" in problem


def test_the_harder_of_two_formulas_counts() -> None:
    assert grade("Keep it dry. Do not rub.") < 3
    assert grade(HARD) > 15
    # Blanks are read as a short word, whatever their name.
    assert grade("Call {emergency_number} now.") == grade("Call {x} now.")


@pytest.mark.parametrize("label", LABELS)
def test_a_label_with_too_few_phrases_is_found(folder: Path, data: Path, label: str) -> None:
    rest = "".join(phrases_of(other, LEAST_PHRASES) for other in LABELS if other != label)
    (data / "nlu" / "a.yml").write_text(f"nlu:\n{rest}{phrases_of(label, LEAST_PHRASES - 1)}", encoding="utf-8")
    (data / "nlu" / "b.yml").unlink()
    assert problems(folder, data) == [f"{label}: has {LEAST_PHRASES - 1} training phrases, needs {LEAST_PHRASES}"]


@pytest.mark.parametrize(
    ("today", "found"),
    [
        (CHECKED, 0),
        (CHECKED + NUMBERS_AGE, 0),
        (CHECKED + NUMBERS_AGE + timedelta(days=1), 4),
        (CHECKED - timedelta(days=1), 4),
    ],
    ids=["new", "old enough", "too old", "in the future"],
)
def test_a_helpline_that_was_not_checked_lately_is_found(folder: Path, data: Path, today: date, found: int) -> None:
    names = ["Emergency services", "NHS 111", "Samaritans", "Refuge"][:found]
    assert [p.split(":")[0] for p in problems(folder, data, today)] == [f"profile numbers GB {name}" for name in names]


def test_one_old_helpline_is_found_by_name(folder: Path, data: Path, edit: Edit) -> None:
    edit("profile.yml", "source: Samaritans, checked: 2026-06-01", "source: Samaritans, checked: 2024-06-01")
    assert problems(folder, data) == ["profile numbers GB Samaritans: was last checked on 2024-06-01; check it again"]


def test_an_instruction_that_stands_there_twice_is_found(folder: Path, data: Path, edit: Edit) -> None:
    window = (folder / "healing_signs.yml").read_text(encoding="utf-8").split("    windows:\n")[1]
    edit("healing_signs.yml", window, window + window)
    assert problems(folder, data) == ["healing_sign/itching/1-14: the instruction stands there 2 times"]


@pytest.mark.parametrize("blank", ["{doctor_phone}", "{}", "{doctor_number"])
@pytest.mark.parametrize(
    ("old", "field"), [("Call {doctor_number}, or", "text"), ("Call {doctor_number} today", "simpler")]
)
def test_a_safety_text_with_an_unknown_blank_is_found(
    folder: Path, data: Path, edit: Edit, old: str, field: str, blank: str
) -> None:
    edit("red_flags.yml", old, old.replace("{doctor_number}", blank))
    (problem,) = problems(folder, data)
    assert problem.startswith(f"red_flag/pus {field}: a blank in {{braces}} cannot be filled: ")


def test_a_topic_without_a_reason_is_found(small: Pack, data: Path) -> None:
    topic = small.care_plan["gym"]
    bare = topic.model_copy(update={"windows": [topic.windows[0].model_copy(update={"why": " "})]})
    small.care_plan["gym"] = bare
    assert check(small, data, data / "nlu", CHECKED) == ["aftercare/gym/0- why: is empty"]


def test_a_sentence_that_an_update_brought_is_missed(small: Pack, data: Path) -> None:
    shipped = data / "clinic" / "replies.yml"
    shipped.parent.mkdir()
    shipped.write_text("texts:\n  said_anew: Hello.\n", encoding="utf-8")
    found = check(small, data, data / "nlu", CHECKED)
    assert found == [f"replies said_anew: is missing; take it over from {shipped}"]
