"""Whether an instruction has lately become clearer to patients."""

from collections.abc import Sequence

from stipple.care.clarity import Count, compare

WEEKS = 12
# The last weeks are compared with those before them.
LATELY = 4
WORDS = {"clearer": "Clearer lately", "worse": "Less clear lately", "alike": "Steady", "unknown": "Not enough data yet"}


def trend(weeks: Sequence[Count]) -> str:
    """`stipple.care.clarity.compare` of the last `LATELY` of ``weeks``, oldest first, with those before them."""
    return compare(_together(weeks[-LATELY:]), _together(weeks[:-LATELY]))


def _together(weeks: Sequence[Count]) -> Count:
    return Count(shown=sum(w.shown for w in weeks), confused=sum(w.confused for w in weeks))
