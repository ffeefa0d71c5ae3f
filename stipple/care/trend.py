"""Whether an instruction has lately become clearer to patients."""

from collections.abc import Sequence

from stipple.care.clarity import Count
from stipple.care.comparison import Group, compare

WEEKS = 12
# The last weeks are compared with those before them.
LATELY = 4
WORDS = {"clearer": "Clearer lately", "worse": "Less clear lately", "alike": "Steady", "unknown": "Not enough data yet"}


def trend(weeks: Sequence[Count]) -> str:
    """The verdict of `stipple.care.comparison.compare`: the last `LATELY` of ``weeks``, oldest first, with the rest."""
    return compare({0: _together(weeks[-LATELY:])}, {0: _together(weeks[:-LATELY])}).verdict


def _together(weeks: Sequence[Count]) -> Group:
    return Group(shown=sum(w.shown for w in weeks), confused=sum(w.confused for w in weeks))
