"""How urgent a worry is when nobody can name it: three answers decide.

Source: the clinic's own three questions (date of the session; better, same or worse than yesterday; fever, pus,
spreading, face or breathing), on the windows of the healing signs: a scalp that is worse after day 2 is a doctor's
matter (dermatology association: redness and pain that grow instead of fading), one that is no better after day 3 the
clinic's. An unknown day counts as a late one.
"""

from typing import Literal

from stipple.care.levels import most_urgent

Change = Literal["better", "same", "worse", "not_sure"]
# The danger sign that each answer to the third question names.
SIGNS = {
    "breathing": "anaphylaxis",
    "face": "eye_swelling",
    "fever": "fever",
    "pus": "pus",
    "spreading": "spreading_redness",
}
WORSE_IS_USUAL_UNTIL_DAY = 2
BETTER_IS_USUAL_FROM_DAY = 3


def triage_level(day: int | None, change: Change, told_before: str) -> str:
    """The level for a worry without any of `SIGNS`, never below ``told_before``.

    ``day`` is the healing day, None when it is not known.
    """
    late = day is None or day > WORSE_IS_USUAL_UNTIL_DAY
    level = "normal"
    if change == "worse":
        level = "doctor" if late else "clinic"
    elif change != "better" and (day is None or day >= BETTER_IS_USUAL_FROM_DAY):
        level = "clinic"
    return most_urgent([level, told_before])
