"""Whether the treatment may suit somebody: conditions, and the stance that decides."""

from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.eligibility import Answers, most_cautious, relevant_conditions
from stipple.content.schema import Stance

from .builders import clinic

MOST_CAUTIOUS_FIRST = ["not_now", "doctor_first", "wait_see_doctor", "clinic_decides", "usually_fine"]
AGE_GROUPS = {"under_18", "young_adult", "older_adult"}
stances = st.lists(st.sampled_from(MOST_CAUTIOUS_FIRST), min_size=1)
known = st.sampled_from(sorted(clinic().conditions))
answers = st.builds(
    Answers,
    cause=st.one_of(st.none(), st.just("unknown"), known),
    temporary=st.one_of(st.none(), st.booleans()),
    conditions=st.lists(known, max_size=5).map(tuple),
    age=st.one_of(st.none(), st.integers(0, 110)),
    shaved_look=st.one_of(st.none(), st.booleans()),
)


@pytest.mark.parametrize(
    ("age", "group"),
    [
        (None, None),
        (0, "under_18"),
        (17, "under_18"),
        (18, "young_adult"),
        (25, "young_adult"),
        (26, None),
        (60, None),
        (61, "older_adult"),
        (99, "older_adult"),
    ],
)
def test_the_age_points_to_its_group(age, group):
    found = relevant_conditions(Answers(cause="pattern_hair_loss", age=age, shaved_look=True))
    assert AGE_GROUPS & set(found) == ({group} if group else set())


@pytest.mark.parametrize(
    ("cause", "temporary", "first"),
    [
        ("alopecia_areata", None, "alopecia_areata"),
        ("alopecia_areata", False, "alopecia_areata"),
        ("alopecia_areata", True, "temporary_shedding"),
        ("unknown", False, "temporary_shedding"),
        (None, None, "temporary_shedding"),
    ],
)
def test_a_cause_that_is_unknown_or_may_pass_counts_as_shedding(cause, temporary, first):
    assert relevant_conditions(Answers(cause=cause, temporary=temporary)) == [first]


@pytest.mark.parametrize(
    ("shaved_look", "found"),
    [(True, ["keloid", "shaved_head"]), (False, ["keloid", "long_hair_density"]), (None, ["keloid"])],
)
def test_the_look_somebody_wants_counts_only_when_said(shaved_look, found):
    assert relevant_conditions(Answers(cause="keloid", shaved_look=shaved_look)) == found


def test_conditions_keep_the_order_told_without_repeats():
    told = Answers("keloid", None, ("pregnant", "keloid", "diabetes", "pregnant"), 17, shaved_look=True)
    assert relevant_conditions(told) == ["pregnant", "keloid", "diabetes", "under_18", "shaved_head"]


@given(answers)
def test_every_condition_found_is_one_of_the_packs_and_stands_there_once(told):
    found = relevant_conditions(told)
    assert set(found) <= set(clinic().conditions)
    assert len(found) == len(set(found))
    assert set(told.conditions) <= set(found)


@given(answers)
def test_a_minor_is_always_told_not_now(told):
    found = relevant_conditions(Answers(told.cause, told.temporary, told.conditions, 17, told.shaved_look))
    assert most_cautious([clinic().conditions[c].stance for c in found]) == "not_now"


@given(answers, known)
def test_one_more_condition_never_makes_the_stance_milder(told, condition):
    def stance(a: Answers) -> int:
        return MOST_CAUTIOUS_FIRST.index(most_cautious([clinic().conditions[c].stance for c in relevant_conditions(a)]))

    more = Answers(told.cause, told.temporary, (*told.conditions, condition), told.age, told.shaved_look)
    assert stance(more) <= stance(told)


def test_every_stance_has_its_place():
    assert set(MOST_CAUTIOUS_FIRST) == set(get_args(Stance))


@pytest.mark.parametrize(
    ("milder", "decides"), [(b, a) for i, a in enumerate(MOST_CAUTIOUS_FIRST) for b in MOST_CAUTIOUS_FIRST[i:]]
)
def test_of_two_stances_the_more_cautious_decides(milder, decides):
    assert most_cautious([milder, decides]) == decides
    assert most_cautious([decides, milder]) == decides


@given(stances)
def test_the_most_cautious_stance_is_one_of_them_and_none_is_more_cautious(some):
    decides = most_cautious(some)
    assert decides in some
    assert all(MOST_CAUTIOUS_FIRST.index(decides) <= MOST_CAUTIOUS_FIRST.index(s) for s in some)


def test_the_order_of_the_stances_does_not_matter():
    assert {most_cautious(list(order)) for order in permutations(MOST_CAUTIOUS_FIRST)} == {"not_now"}


def test_with_no_condition_the_clinic_decides():
    assert most_cautious([]) == "clinic_decides"
