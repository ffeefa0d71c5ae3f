"""The content that the repository ships."""

import re
from dataclasses import replace

import pytest

from stipple.content.check import check
from stipple.content.pack import Pack
from stipple.content.safety import safety_text
from stipple.content.schema import CountryNumbers, RedFlag
from stipple.settings import ROOT
from tests.fixtures import shipped_pack

FLAGS = list(shipped_pack().red_flags)
COUNTRIES = list(shipped_pack().profile.numbers)


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("aftercare", 56),
        ("healing_sign", 22),
        ("eligibility", 52),
        ("goals", 9),
        ("about_smp", 39),
        ("preparation", 15),
        ("visit", 14),
    ],
)
def test_all_entries_are_there(pack: Pack, kind: str, count: int) -> None:
    assert len(pack.entries(kind)) == count


def test_the_care_plan_has_109_windows(pack: Pack) -> None:
    assert sum(len(topic.windows) for topic in pack.care_plan.values()) == 109


def test_the_content_has_no_problem(pack: Pack) -> None:
    numbers = pack.profile.numbers.values()
    newest = max(line.checked for n in numbers for line in (n.emergency, n.doctor, *n.crisis, *n.abuse))
    assert check(pack, ROOT / "data", ROOT / "tests", newest) == []


def test_every_danger_level_has_a_sign(pack: Pack) -> None:
    assert {flag.level for flag in pack.red_flags.values()} == {"emergency", "crisis", "doctor", "clinic"}


def in_country(pack: Pack, country: str) -> tuple[Pack, CountryNumbers]:
    profile = pack.profile.model_copy(update={"country": country})
    return replace(pack, profile=profile), profile.local_numbers


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("flag_id", FLAGS)
@pytest.mark.parametrize("field", ["text", "simpler"])
def test_a_safety_text_has_its_countrys_numbers(pack: Pack, flag_id: str, country: str, field: str) -> None:
    local, numbers = in_country(pack, country)
    flag: RedFlag = pack.red_flags[flag_id]
    text = getattr(flag, field)
    told = safety_text(text, local)
    assert not re.search(r"[{}]", told)
    expected = {
        "{emergency_number}": [numbers.emergency.number],
        "{doctor_number}": [numbers.doctor.number],
        "{crisis_lines}": [part for line in numbers.crisis for part in (line.name, line.number)],
        "{clinic_phone}": [pack.profile.phone],
    }
    for blank, filled in expected.items():
        for words in filled if blank in text else []:
            assert words in told
    assert re.search(r"\{\w+\}", text), "a safety text must say whom to call"
    if flag.level in ("emergency", "crisis"):
        assert numbers.emergency.number in told
    if flag.level == "doctor":
        assert numbers.doctor.number in told
    if flag.level == "crisis":
        assert all(line.number in told for line in numbers.crisis)


def test_an_emergency_text_begins_with_the_call(pack: Pack) -> None:
    number = pack.profile.local_numbers.emergency.number
    for flag in pack.red_flags.values():
        if flag.level == "emergency":
            assert safety_text(flag.text, pack).startswith(f"Call {number} now."), flag.id
