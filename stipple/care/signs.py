"""How urgent a healing sign is on a healing day."""

from stipple.care.levels import rank
from stipple.content.schema import Sign, SignWindow


def sign_window(sign: Sign, day: int | None) -> SignWindow:
    """The window of ``sign`` on healing day ``day``; the most urgent one when the day is unknown or outside all."""
    if day is not None:
        for window in sign.windows:
            if window.covers(day):
                return window
    # Out of its normal window as long as nothing says otherwise: one step up, never down.
    return max(sign.windows, key=lambda w: rank(w.urgency))
