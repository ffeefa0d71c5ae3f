"""The ladder of urgency that danger signs, healing signs and alerts share."""

LEVELS = ("normal", "clinic", "doctor", "emergency", "crisis")
# Nothing but the safety text is said at these, and nothing cheerful after them.
LIFE_AT_RISK = ("emergency", "crisis")
# The one danger sign that the rules name: a crisis reads like it.
LOW_MOOD = "low_mood"


def rank(level: str) -> int:
    """Place of ``level`` on the ladder, 0 for normal; a crisis ranks with an emergency."""
    return min(LEVELS.index(level), LEVELS.index("emergency"))


def needs_doctor(level: str) -> bool:
    """Whether somebody at ``level`` must be seen by a doctor today, or more than that."""
    return rank(level) >= rank("doctor")


def most_urgent(levels: list[str]) -> str:
    """The most urgent of ``levels``, the first of equals; ``normal`` when there are none."""
    return max(levels, key=rank, default="normal")
