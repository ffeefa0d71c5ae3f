"""Grouping by vectors: every message in one group, each like its centre, and the same every time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from stipple.care.alike import Vectors, distinct, groups

ROWS = arrays.arrays(np.float32, st.tuples(st.integers(0, 12), st.just(3)), elements=st.integers(1, 9).map(float))


def unit(rows: Vectors) -> Vectors:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(ROWS, st.sampled_from([0.7, 0.9, 0.99]))
def test_every_row_is_in_one_group_and_like_its_centre(rows: Vectors, alike: float) -> None:
    vectors = unit(rows)
    found = groups(vectors, alike)
    assert sorted(place for group in found for place in group.places) == list(range(len(vectors)))
    for group in found:
        centre = vectors[group.places[0]]
        assert all(centre @ vectors[place] >= alike - 1e-5 for place in group.places)
    sizes = [len(group.places) for group in found]
    assert sizes == sorted(sizes, reverse=True)
    assert groups(vectors, alike) == found


def test_the_most_central_row_leads_its_group() -> None:
    angles = np.radians([0, 20, 40, 90])
    vectors = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1).astype(np.float32)
    assert [group.places for group in groups(vectors, 0.9)] == [(1, 0, 2), (3,)]


def test_the_same_words_are_read_once() -> None:
    assert distinct(["Huh?", " huh? ", "what", "HUH?"]) == (["huh?", "what"], [0, 0, 1, 0])
