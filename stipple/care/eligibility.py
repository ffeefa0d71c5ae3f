"""Whether the treatment may suit somebody: a stance and a next step, never a decision."""

from dataclasses import dataclass

from stipple.content.schema import Stance

ADULT_AGE = 18
YOUNG_ADULT_UNTIL = 25
OLDER_FROM = 60

# The most cautious stance first.
CAUTION: tuple[Stance, ...] = ("not_now", "doctor_first", "wait_see_doctor", "clinic_decides", "usually_fine")


@dataclass(frozen=True)
class Answers:
    """What somebody told the eligibility form; None = not said."""

    cause: str | None = None
    temporary: bool | None = None
    conditions: tuple[str, ...] = ()
    age: int | None = None
    shaved_look: bool | None = None


def relevant_conditions(answers: Answers) -> list[str]:
    """Condition ids the answers point to, in the order told, without repeats."""
    found = list(answers.conditions)
    if answers.cause in (None, "unknown") or answers.temporary:
        found.append("temporary_shedding")
    elif answers.cause:
        found.append(answers.cause)
    if answers.age is not None:
        found += _by_age(answers.age)
    if answers.shaved_look is not None:
        found.append("shaved_head" if answers.shaved_look else "long_hair_density")
    return list(dict.fromkeys(found))


def most_cautious(stances: list[Stance]) -> Stance:
    """The stance that decides when several conditions apply."""
    return min(stances, key=CAUTION.index, default="clinic_decides")


def _by_age(age: int) -> list[str]:
    if age < ADULT_AGE:
        return ["under_18"]
    if age <= YOUNG_ADULT_UNTIL:
        return ["young_adult"]
    return ["older_adult"] if age > OLDER_FROM else []
