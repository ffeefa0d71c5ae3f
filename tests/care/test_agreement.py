"""Cohen's kappa against a published figure and its properties."""

from itertools import chain, repeat

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stipple.care.agreement import ENOUGH_PAIRS, Agreement, agreement
from stipple.care.review import SECOND_SHARE, VERDICTS, Worth, needs_second

Pairs = list[tuple[str, str]]
PAIRS = st.lists(st.tuples(st.sampled_from(sorted(VERDICTS)), st.sampled_from(sorted(VERDICTS))), max_size=60)


def table(*rows: tuple[str, str, int]) -> Pairs:
    return list(chain.from_iterable(repeat((one, two), n) for one, two, n in rows))


def test_kappa_gives_the_figure_of_cohens_own_table() -> None:
    # Cohen (1960), table 1, as counts of 200: observed 0.70, expected 0.41, kappa 0.49.
    shares = (("a", "a", 88), ("a", "b", 14), ("a", "c", 18), ("b", "a", 10), ("b", "b", 40), ("b", "c", 10))
    rest = (("c", "a", 2), ("c", "b", 6), ("c", "c", 12))
    found = agreement(table(*shares, *rest))
    assert (found.pairs, found.equal) == (200, 140)
    assert found.kappa == pytest.approx((0.7 - 0.41) / (1 - 0.41))


@given(PAIRS)
def test_kappa_lies_between_minus_one_and_one_and_no_higher_than_raw_agreement(pairs: Pairs) -> None:
    found = agreement(pairs)
    assume(found.kappa is not None)
    assert found.kappa is not None
    assert -1 <= found.kappa <= found.equal / found.pairs + 1e-12


@given(PAIRS)
def test_kappa_does_not_care_who_is_first_nor_in_which_order(pairs: Pairs) -> None:
    assert agreement(pairs) == agreement([(two, one) for one, two in reversed(pairs)])


@given(PAIRS)
def test_full_agreement_on_more_than_one_verdict_is_one(pairs: Pairs) -> None:
    same = [(one, one) for one, _ in pairs]
    assert agreement(same).kappa == (1 if len(set(same)) > 1 else None)


@given(PAIRS, st.permutations(sorted(VERDICTS)))
def test_kappa_does_not_care_what_the_verdicts_are_called(pairs: Pairs, names: list[str]) -> None:
    renamed = dict(zip(sorted(VERDICTS), names, strict=True))
    assert agreement(pairs) == agreement([(renamed[one], renamed[two]) for one, two in pairs])


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Agreement(9, 9, 1.0), "Not enough pairs yet: 9 of at least 10."),
        (Agreement(ENOUGH_PAIRS, 10, None), "nothing can be said about chance"),
        (Agreement(10, 2, -0.2), "less often than chance"),
        (Agreement(10, 5, 0.0), "slight: talk about"),
        (Agreement(10, 7, 0.45), "moderate: talk about"),
        (Agreement(10, 8, 0.7), "agreement is substantial."),
        (Agreement(10, 10, 1.0), "agreement is almost perfect."),
    ],
)
def test_what_agreement_means_is_said_in_words(found: Agreement, words: str) -> None:
    assert words in found.meaning


def test_one_in_five_conversations_is_read_twice_and_always_the_same() -> None:
    ids = [f"{n:032x}" for n in range(5000)]
    chosen = [i for i in ids if needs_second(i)]
    assert len(chosen) / len(ids) == pytest.approx(SECOND_SHARE, abs=0.02)
    assert chosen == [i for i in ids if needs_second(i)]


def test_what_is_worth_reading_is_told() -> None:
    worth = Worth(dangers=1, explicit=1, implicit=1, unsure=1)
    assert worth.words == "1 danger sign, 2 signs of confusion, 1 unsure answer"
    assert worth.points > Worth(unsure=5).points > Worth().points
    assert Worth().words == "nothing stands out"
