"""Drawings: true to their numbers, readable without seeing them, and nothing in them that a page forbids."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from stipple.console.charts import BEHIND, COLUMN, TALL, WIDTH, bars, columns, line

HOSTILE = '</text></svg><script>alert(1)</script>" onload="x'
DAYS = ("0", "1", "2", "31")
NUMBERS = st.lists(st.integers(0, 100_000), min_size=1, max_size=10)


def all_of(drawing: Markup, tag: str) -> list[Element]:
    """Every element of the drawing with this name, in order."""
    return list(fromstring(drawing).iter(tag))


def sizes(drawing: Markup, side: str) -> list[float]:
    """How long each bar or column is."""
    return [float(bar.get(side, "")) for bar in all_of(drawing, "rect")]


def words(drawing: Markup) -> list[str]:
    """What is written in the drawing."""
    return [text.text for text in all_of(drawing, "text") if text.text]


def shares(numbers: Sequence[int], whole: int) -> list[float]:
    """How long bars of these numbers must be if the longest is ``whole``."""
    return [whole * number / (max(numbers) or 1) for number in numbers]


@given(NUMBERS)
def test_bars_are_as_long_as_their_numbers_say(numbers: list[int]) -> None:
    drawing = bars("Title", [(f"Bar {place}", number) for place, number in enumerate(numbers)])
    assert sizes(drawing, "width") == pytest.approx(shares(numbers, WIDTH - BEHIND))
    assert words(drawing) == [word for place, number in enumerate(numbers) for word in (f"Bar {place}", str(number))]
    # From the top down, each in its own place, and all within the drawing.
    tops = [float(group.get("transform", "").split()[1][:-1]) for group in all_of(drawing, "g")]
    assert tops == sorted(set(tops))
    assert tops[-1] < float(fromstring(drawing).get("viewBox", "").split()[3])


@given(st.lists(st.lists(st.integers(0, 999), min_size=4, max_size=4), min_size=1, max_size=4))
def test_columns_of_all_drawings_have_one_scale(groups: list[list[int]]) -> None:
    drawn = columns([(f"Topic {n}", list(zip(DAYS, numbers, strict=True))) for n, numbers in enumerate(groups)])
    assert [title for title, _ in drawn] == [f"Topic {n}" for n in range(len(groups))]
    found = [height for _, drawing in drawn for height in sizes(drawing, "height")]
    assert found == pytest.approx(shares([number for numbers in groups for number in numbers], COLUMN))
    assert [words(drawing)[1::2] for _, drawing in drawn] == [list(DAYS)] * len(groups)


def test_a_line_has_gaps_and_a_dot_for_a_week_alone() -> None:
    numbers = [50.0, 100.0, None, 0.0, None, None]
    drawing = line("Rule", [(f"{week} Jun", number) for week, number in enumerate(numbers)])
    first, alone = (path.get("d", "").split() for path in all_of(drawing, "path"))
    assert [float(first[place]) for place in (2, 5)] == [TALL / 2, 0]
    assert alone[0] == "M"
    assert len(alone) == 3
    assert [float(dot.get("cy", "")) for dot in all_of(drawing, "circle")] == [TALL / 2, 0, TALL]
    assert words(drawing) == ["50", "100", "0", "2 Jun", "5 Jun"]
    assert "Line: Rule. The first: 50 of 100 (0 Jun), the last: 0 of 100 (3 Jun)." in drawing


def test_nothing_is_drawn_of_nothing() -> None:
    assert bars("Title", []) == ""
    assert columns([]) == columns([("Topic", [])]) == []
    assert line("Rule", []) == line("Rule", [("1 Jun", None), ("8 Jun", None)]) == ""


@pytest.mark.parametrize(
    "drawing",
    [
        bars(HOSTILE, [(HOSTILE, 3), ("Doctor today", 0)]),
        columns([(HOSTILE, [(HOSTILE, 2), ("1", 0)])])[0][1],
        line(HOSTILE, [("1 Jun", 3.0), ("8 Jun", None), (HOSTILE, 5.0)]),
    ],
    ids=["bars", "columns", "line"],
)
def test_a_drawing_says_what_it_shows_and_holds_neither_style_nor_script(drawing: Markup) -> None:
    assert isinstance(drawing, Markup)
    found = list(fromstring(drawing).iter())
    assert found[0].get("role") == "img"
    assert HOSTILE in found[0].get("aria-label", "")
    assert "<script" not in drawing
    assert {element.tag for element in found} <= {"svg", "g", "rect", "path", "circle", "line", "text"}
    assert not any(name == "style" or name.startswith("on") for element in found for name in element.attrib)
    # Colours of its own would not follow a dark screen.
    colours = {element.attrib[name] for element in found for name in ("fill", "stroke") if name in element.attrib}
    assert colours <= {"currentColor", "none", "var(--accent)", "var(--line)", "var(--field)"}


def test_long_words_are_broken_and_in_the_end_cut() -> None:
    drawing = bars(
        "Title", [("Danger sign: skin that turns black or numb, or gets worse very fast", 1), ("more " * 30, 1)]
    )
    first, second, _, third, fourth, _ = words(drawing)
    assert f"{first} {second}" == "Danger sign: skin that turns black or numb, or gets worse very fast"
    assert third.startswith("more more")
    assert fourth.endswith(" …")
    assert max(map(len, (first, second, third, fourth))) <= 38
