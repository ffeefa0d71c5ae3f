"""The comparison as a picture: an SVG written by hand, so that no drawing library is needed."""

from html import escape

from benchmarks.nlu.measures import CONDITIONS, Figures

COLOURS = ("#1f4e79", "#3f83bf", "#9cc3e6", "#d9822b", "#7a9a4d", "#b7cf94")
NAMES = {
    "held_out": "held-out phrases",
    "held_out_slips": "held-out, with slips",
    "others": "other voices",
    "others_slips": "other voices, with slips",
}
WIDTH, LEFT, RIGHT = 960, 60, 20
TOP, HEIGHT = 96, 260
GAP, BELOW = 24, 44
ROW, LOWER_TOP = 22, 56


def plot(found: list[Figures]) -> str:
    """Bars of accuracy for the four conditions, and below them latency, training time and memory."""
    bottom = TOP + HEIGHT
    lower = bottom + BELOW + LOWER_TOP
    total = lower + ROW * len(found) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{total}" viewBox="0 0 {WIDTH} {total}" '
        'font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{WIDTH}" height="{total}" fill="#ffffff"/>',
        _text(LEFT, 24, "Messages understood rightly", size=16),
        *_legend(found),
        *_scale(),
        *(bar for number, name in enumerate(CONDITIONS) for bar in _group(number, name, found)),
        *_costs(found, lower),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _text(x: float, y: float, words: str, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _legend(found: list[Figures]) -> list[str]:
    parts, third = [], (WIDTH - LEFT - RIGHT) / 3
    for i, (one, colour) in enumerate(zip(found, COLOURS, strict=False)):
        x, y = LEFT + third * (i % 3), 40 + 20 * (i // 3)
        parts += [_box(x, y, 12, 12, colour), _text(x + 18, y + 10, one.result.contender.name)]
    return parts


def _scale() -> list[str]:
    parts = []
    for share in range(0, 101, 20):
        y = TOP + HEIGHT * (1 - share / 100)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{share} %", "end"))
    return parts


def _group(number: int, name: str, found: list[Figures]) -> list[str]:
    """The bars of one condition with their values above them."""
    wide = (WIDTH - LEFT - RIGHT) / len(CONDITIONS)
    start, bar = LEFT + wide * number + GAP / 2, (wide - GAP) / len(found)
    parts = [_text(LEFT + wide * (number + 0.5), TOP + HEIGHT + 20, NAMES[name], "middle")]
    for i, (one, colour) in enumerate(zip(found, COLOURS, strict=False)):
        high = HEIGHT * one.accuracy[name]
        parts.append(_box(start + bar * i + 1, TOP + HEIGHT - high, bar - 2, high, colour))
        label = f"{100 * one.accuracy[name]:.1f}"
        parts.append(_text(start + bar * (i + 0.5), TOP + HEIGHT - high - 4, label, "middle", 11))
    return parts


def _costs(found: list[Figures], top: float) -> list[str]:
    """Three small charts beside each other; each has a scale of its own."""
    charts = (
        ("Latency of a message, median (ms)", [f.latency_median for f in found], "{:.1f}"),
        ("Training (s)", [f.result.train_seconds for f in found], "{:.0f}"),
        ("Peak memory when reading (MB)", [f.result.memory_mb for f in found], "{:.0f}"),
    )
    parts, wide = [], (WIDTH - LEFT - RIGHT) / len(charts)
    for number, (title, values, form) in enumerate(charts):
        x = LEFT + wide * number
        parts.append(_text(x, top - 12, title, size=14))
        for i, (value, colour) in enumerate(zip(values, COLOURS, strict=False)):
            long = (wide - 90) * value / max(values)
            parts.append(_box(x, top + ROW * i, max(long, 1), ROW - 6, colour))
            parts.append(_text(x + max(long, 1) + 6, top + ROW * i + 12, form.format(value)))
    return parts
