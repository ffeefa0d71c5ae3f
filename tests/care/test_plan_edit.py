"""Editing windows: whatever is done, every day from 0 on has exactly one window, and the change is told truly."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.plan import rule, window_for
from stipple.care.plan_difference import DAYS_AHEAD, all_stretches, eased, effect, last_changed_day, stretches
from stipple.care.plan_edit import LAST_START, MOST_PARTS, EditError, Part, Words, join, parts_of, split, windows_of
from stipple.care.plan_words import asks_words, first_words, settled, word_problems
from stipple.care.record import PatientOverride
from stipple.content.schema import CareTopic, Window

from .builders import NOW, STRICTEST_FIRST, TODAY, clinic, sessions, topic

WORDS = Words("Some text.", "A reason.", "Some text.", ("A source.",), "U")
WATER = clinic().care_plan["water"]
FAR = 420
verdicts = st.sampled_from(STRICTEST_FIRST)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("split"), st.integers(-2, MOST_PARTS + 1), st.integers(-3, LAST_START + 3)),
        st.tuples(st.just("join"), st.integers(-2, MOST_PARTS + 1), st.integers(-2, MOST_PARTS + 1)),
        st.tuples(st.just("move"), st.integers(0, MOST_PARTS), st.integers(-5, LAST_START + 5)),
        st.tuples(st.just("verdict"), st.integers(0, MOST_PARTS), verdicts),
    ),
    max_size=25,
)


@st.composite
def topics(draw: Any) -> CareTopic:
    starts = [0, *sorted(draw(st.sets(st.integers(1, 60), max_size=6)))]
    ends = [*(s - 1 for s in starts[1:]), None]
    return topic(
        draw(st.sampled_from(["session", "course"])),
        *((s, e, draw(verdicts)) for s, e in zip(starts, ends, strict=True)),
    )


def done(parts: tuple[Part, ...], step: tuple[str, int, Any]) -> tuple[Part, ...]:
    name, place, value = step
    if name == "split":
        return split(parts, place, value)
    if name == "join":
        return join(parts, place, value)
    if place >= len(parts):
        return parts
    part = parts[place]
    new = Part(value if name == "move" else part.start, value if name == "verdict" else part.verdict, WORDS, 0)
    return (*parts[:place], new, *parts[place + 1 :])


@given(topics(), steps)
def test_no_edit_leaves_a_gap_or_an_overlap(base: CareTopic, made: list[tuple[str, int, Any]]) -> None:
    parts = parts_of(base.windows)
    for step in made:
        try:
            changed = done(parts, step)
            windows = windows_of(changed)
        except EditError:
            continue
        parts = changed
        assert 1 <= len(windows) <= MOST_PARTS
        for day in range(FAR):
            assert sum(w.covers(day) for w in windows) == 1
        assert windows[0].from_day == 0
        assert windows[-1].to_day is None
        CareTopic(id="invented", title="Invented", counted_from="session", windows=list(windows))


@given(topics())
def test_an_untouched_topic_is_itself(base: CareTopic) -> None:
    parts = parts_of(base.windows)
    assert list(windows_of(parts)) == base.windows
    assert settled(base, parts) == parts
    assert not any(s.changed for s in all_stretches(base, base))


@given(topics(), st.integers(0, 7), st.integers(1, 70))
def test_a_split_that_is_joined_again_changes_nothing(base: CareTopic, place: int, day: int) -> None:
    parts = parts_of(base.windows)
    try:
        halves = split(parts, place, day)
    except EditError:
        return
    assert len(halves) == len(parts) + 1
    assert windows_of(join(halves, place + 1, place)) == windows_of(parts)
    assert [p.verdict for p in halves].count(parts[place].verdict) > [p.verdict for p in parts].count("none")


def test_joining_keeps_the_verdict_of_the_one_that_stays() -> None:
    parts = parts_of(WATER.windows)
    before, after = windows_of(join(parts, 1, 0)), windows_of(join(parts, 1, 2))
    assert [(w.span, w.verdict) for w in before] == [("0-6", "avoid"), ("7-", "ok")]
    assert [(w.span, w.verdict) for w in after] == [("0-3", "avoid"), ("4-", "ok")]
    assert after[1].text == WATER.windows[2].text


@pytest.mark.parametrize(
    ("starts", "place"), [((1, 4, 7), 0), ((0, 4, 4), 2), ((0, 7, 4), 2), ((0, 4, LAST_START + 1), 2)]
)
def test_first_days_out_of_order_are_refused_by_place(starts: tuple[int, ...], place: int) -> None:
    parts = [Part(s, "ok", WORDS, 0) for s in starts]
    with pytest.raises(EditError) as refused:
        windows_of(parts)
    assert refused.value.place == place


@pytest.mark.parametrize(("place", "day"), [(0, 0), (0, 4), (2, 7), (2, LAST_START + 1), (3, 9), (-1, 2)])
def test_a_split_lies_within_its_window(place: int, day: int) -> None:
    with pytest.raises(EditError):
        split(parts_of(WATER.windows), place, day)


@given(topics(), topics(), st.booleans())
def test_stretches_tell_every_day_as_the_rules_decide_it(old: CareTopic, new: CareTopic, complete: bool) -> None:
    new = new.model_copy(update={"counted_from": old.counted_from})
    found = stretches(old, new, complete)
    assert found[0].first == 0
    assert found[-1].last is None
    for day in range(90):
        (one,) = [s for s in found if s.first <= day and (s.last is None or day <= s.last)]
        assert (one.before, one.after) == (
            window_for(old, day, complete).verdict,
            window_for(new, day, complete).verdict,
        )
    for one, following in pairwise(found):
        assert one.last is not None
        assert following.first == one.last + 1
        assert (one.before, one.after, one.new_words) != (following.before, following.after, following.new_words)


@given(verdicts, verdicts)
def test_every_change_is_stricter_or_needs_approval(before: Any, after: Any) -> None:
    stricter = STRICTEST_FIRST.index(after) < STRICTEST_FIRST.index(before)
    assert eased(before, after) == (before != after and (not stricter or after == "do"))


@given(topics(), topics(), st.lists(st.integers(-20, 70), min_size=1, max_size=4, unique=True), st.booleans())
def test_a_patient_is_reached_exactly_when_a_coming_day_differs(
    old: CareTopic, new: CareTopic, ago: list[int], with_override: bool
) -> None:
    new = new.model_copy(update={"counted_from": old.counted_from})
    overrides = [PatientOverride("invented", 3, 9, "avoid", "Not you.")] if with_override else []
    patient = sessions(*ago, overrides=overrides)
    differing = []
    for ahead in range(DAYS_AHEAD + 1):
        on = TODAY + timedelta(days=ahead)
        one, other = rule(old, patient, on, NOW), rule(new, patient, on, NOW)
        if one and other and one.verdict != other.verdict:
            differing.append((on, one.verdict, other.verdict))
    found = effect(old, new, patient, NOW)
    worst = [d for d in differing if eased(d[1], d[2])] or differing
    assert ((found.on, found.before, found.after) if found else None) == next(iter(worst), None)
    last = last_changed_day(all_stretches(old, new))
    assert found is None or last is None or found.healing.day <= last


def test_other_words_alone_reach_patients_too() -> None:
    other = WATER.model_copy(
        update={"windows": [w.model_copy(update={"text": "Quite another text."}) for w in WATER.windows]}
    )
    found = effect(WATER, other, sessions(1), NOW)
    assert found
    assert (found.on, found.before, found.after, found.eased) == (TODAY, "avoid", "avoid", False)
    assert effect(WATER, WATER, sessions(1), NOW) is None
    assert effect(WATER, other, sessions(-20), NOW) is None


def moved(*starts: int, **words: Any) -> tuple[Part, ...]:
    """The water topic with other borders."""
    old = parts_of(WATER.windows)
    return tuple(Part(s, p.verdict, p.words, p.origin) for s, p in zip(starts, old, strict=True))


def test_words_that_name_a_moved_border_must_be_written_anew() -> None:
    assert "until day 4" in WATER.windows[0].text
    parts = settled(WATER, moved(0, 5, 7))
    assert [(p.place, p.field) for p in word_problems(WATER, parts)] == [(0, "text")]
    assert [asks_words(WATER, parts, place) for place in range(3)] == [True, False, False]
    new = Words("Please keep your scalp dry until day 5.", "A reason.", "No water yet.", ("Dr Example",), "U")
    mended = settled(WATER, (Part(0, "avoid", new, 0), *parts[1:]))
    assert word_problems(WATER, mended) == []
    assert mended[0].words == new


def test_a_moved_border_that_no_text_names_asks_for_no_words() -> None:
    parts = settled(WATER, moved(0, 4, 8))
    assert word_problems(WATER, parts) == []
    assert not any(asks_words(WATER, parts, place) for place in range(3))


def test_a_new_verdict_asks_for_new_words_and_a_source() -> None:
    old = WATER.windows[1]
    part = Part(4, "avoid", first_words(old, "avoid"), 4)
    parts = settled(WATER, (parts_of(WATER.windows)[0], part, parts_of(WATER.windows)[2]))
    assert asks_words(WATER, parts, 1)
    assert [(p.place, p.field) for p in word_problems(WATER, parts)] == [(1, "sources"), (1, "text"), (1, "simpler")]
    back = settled(WATER, (parts[0], Part(4, "care", part.words, 4), parts[2]))
    assert back == parts_of(WATER.windows), "its old verdict brings its old words back"


def test_two_halves_that_say_the_same_are_one_window() -> None:
    parts = settled(WATER, split(parts_of(WATER.windows), 2, 20))
    assert asks_words(WATER, parts, 3)
    assert [(p.place, p.field) for p in word_problems(WATER, parts)] == [(3, "verdict")]


def test_every_shipped_topic_stands_its_own_check() -> None:
    for care in clinic().care_plan.values():
        assert word_problems(care, parts_of(care.windows)) == []


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (Words("", "A reason.", "Simple.", ("A source.",), "U"), "text"),
        (Words("x" * 1001, "A reason.", "Simple.", ("A source.",), "U"), "text"),
        (Words("A text.", "", "Simple.", ("A source.",), "U"), "why"),
        (Words("A text.", "A reason.", "x", ("A source.",), "U"), "simpler"),
        (Words("A text.", "A reason.", "Simple.", ("A source.", "x"), "U"), "sources"),
        (Words("A text.", "A reason.", "Simple.", ("A source.",) * 11, "U"), "sources"),
    ],
)
def test_each_field_of_the_words_is_checked(words: Words, field: str) -> None:
    parts = (parts_of(WATER.windows)[0], Part(4, "avoid", words, 4), parts_of(WATER.windows)[2])
    assert [(p.place, p.field) for p in word_problems(WATER, parts)] == [(1, field)]


def test_a_window_is_built_with_all_its_words() -> None:
    (only,) = windows_of([Part(0, "ask", WORDS, 0)])
    told = {"text": "Some text.", "why": "A reason.", "simpler": "Some text.", "sources": ["A source."]}
    assert only == Window(from_day=0, to_day=None, verdict="ask", confidence="U", **told)
