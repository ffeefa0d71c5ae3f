"""Numbers as drawings, each above a table that says the same: bars, columns by healing day, a line of weeks.

The pages' policy lets no style and no script into a drawing. So its colours are attributes that name the page's own
variables, which follow a light or dark screen. A drawing is as wide as a phone and is hardly stretched on a wider
screen, so that its words keep about the size of those around it.
"""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any
from xml.etree.ElementTree import Element, tostring

from leather import Axis, Bars, Columns, Dots, Line, Linear, Ordinal, Series, theme
from markupsafe import Markup

Labelled = tuple[str, int]
# Sizes are in the drawing's own units; a phone shows about one of them to a pixel.
WIDTH, LETTER, NEAR = 320, 14, 4
# Words above a bar: letters of a wide font to a line, lines at most, and how high a line is.
MOST_LETTERS, MOST_LINES, LINE_HEIGHT = 38, 2, 18
# A bar, what keeps it apart from the next, and room for the number behind it.
BAR, APART, BEHIND = 16, 8, 48
# The highest column with room for the number above it, and the names below columns and weeks.
COLUMN, ABOVE, BELOW = 90, 18, 26
# The ground of a line, what stands before it, what the last week's name needs, and that each third week has a name.
TALL, BEFORE, AFTER, EVERY = 120, 36, 18, 3
ACCENT, SHARES = "var(--accent)", Linear(0, 1)
TOLD = "Every number is in the table below."

# The library keeps the looks of an axis in its own variables; nothing else here draws with it.
theme.label_color, theme.tick_font_family, theme.tick_font_size = "currentColor", "inherit", LETTER
theme.tick_color, theme.zero_color = "var(--line)", "var(--field)"


def bars(title: str, numbers: Sequence[Labelled]) -> Markup:
    """A bar for each number, from the top down, below its words; nothing without numbers."""
    if not numbers:
        return Markup("")
    longest, most = max(numbers, key=lambda pair: pair[1])
    drawn: list[Element] = []
    top, width = 0, WIDTH - BEHIND
    for words, number in numbers:
        for part in wrap(words, MOST_LETTERS, max_lines=MOST_LINES, placeholder=" …"):
            drawn.append(_text(part, 0, top + LETTER, "start"))
            top += LINE_HEIGHT
        share = _share(number, most)
        bar = Bars(ACCENT).to_svg(width, BAR, SHARES, Ordinal([words]), Series([(share, words)]), None)
        bar.set("transform", f"translate(0 {top})")
        drawn += [bar, _text(str(number), SHARES.project(share, NEAR, width + NEAR), top + BAR - 3, "start")]
        top += BAR + APART
    return _image(f"Bars: {title}. The longest: {longest}, {most}. {TOLD}", drawn, (0, 0, WIDTH, top - APART))


def columns(groups: Sequence[tuple[str, Sequence[Labelled]]]) -> list[tuple[str, Markup]]:
    """For each title a drawing of its numbers by healing day, all to one scale, so that they can be compared."""
    most = max((number for _, numbers in groups for _, number in numbers), default=0)
    return [(title, _columns(title, numbers, most)) for title, numbers in groups if numbers]


def _columns(title: str, numbers: Sequence[Labelled], most: int) -> Markup:
    across, shares = Ordinal([day for day, _ in numbers]), [(day, _share(number, most)) for day, number in numbers]
    ground = Axis([0], lambda *_: "").to_svg(WIDTH, COLUMN, SHARES, "left")
    drawn = [Columns(ACCENT).to_svg(WIDTH, COLUMN, across, SHARES, Series(shares), None), ground]
    for (day, number), (_, share) in zip(numbers, shares, strict=True):
        middle = across.project(day, 0, WIDTH)
        drawn.append(_text(str(number), middle, SHARES.project(share, COLUMN - NEAR, -NEAR), "middle"))
        drawn.append(_text(day, middle, COLUMN + LETTER + NEAR, "middle"))
    highest, number = max(numbers, key=lambda pair: pair[1])
    words = f"Columns by healing day: {title}. The highest: from day {highest}, {number}. {TOLD}"
    return _image(words, drawn, (0, -ABOVE, WIDTH, ABOVE + COLUMN + BELOW))


def line(title: str, points: Sequence[tuple[str, float | None]]) -> Markup:
    """A line through a number of 100 for each week, with gaps where there is none; nothing without any."""
    known = [(week, number) for week, number in points if number is not None]
    if not known:
        return Markup("")
    weeks, series = [week for week, _ in points], Series(points)
    across, up, width = Ordinal(weeks), Linear(0, 100), WIDTH - BEFORE - AFTER
    drawn = [
        Axis([0, 50, 100]).to_svg(width, TALL, up, "left"),
        Axis(weeks[EVERY - 1 :: EVERY]).to_svg(width, TALL, across, "bottom"),
        Line(ACCENT).to_svg(width, TALL, across, up, series, None),
        # A week between two gaps is a dot only.
        Dots(ACCENT).to_svg(width, TALL, across, up, series, None),
    ]
    first, last = (f"{number:.0f} of 100 ({week})" for week, number in (known[0], known[-1]))
    words = f"Line: {title}. The first: {first}, the last: {last}. {TOLD}"
    return _image(words, drawn, (-BEFORE, -LETTER, WIDTH, LETTER + TALL + BELOW))


def _share(number: int, most: int) -> float:
    """How long a bar is. Of shares the library draws the longest to the end; whole numbers it rounds up first."""
    return number / most if most else 0.0


def _text(words: str, x: Any, y: Any, anchor: str) -> Element:
    text = Element("text", {"x": str(x), "y": str(y), "text-anchor": anchor})
    text.text = words
    return text


def _image(words: str, drawn: Sequence[Element], box: tuple[int, int, int, int]) -> Markup:
    """One picture, with ``words`` for those who do not see it; whatever is written in it is encoded."""
    facts = {"viewBox": " ".join(map(str, box)), "role": "img", "aria-label": words}
    image = Element("svg", facts | {"fill": "currentColor", "font-size": str(LETTER)})
    image.extend(drawn)
    return Markup(tostring(image, encoding="unicode"))  # noqa: S704
