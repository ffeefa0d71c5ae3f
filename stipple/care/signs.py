"""How urgent a healing sign is on a healing day."""

from stipple.content.schema import Sign, SignWindow

# When the day is unknown the sign is treated as out of its normal window: one step up, never down.
LEVELS = ("normal", "clinic", "doctor", "emergency")


def sign_window(sign: Sign, day: int | None) -> SignWindow:
    """The window of ``sign`` on healing day ``day``; the most urgent one when the day is unknown or outside all."""
    if day is not None:
        for window in sign.windows:
            if window.covers(day):
                return window
    return max(sign.windows, key=lambda w: LEVELS.index(w.urgency))
