"""How urgent a healing sign is on a healing day."""

import re

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


# Signs that can be gone; a scab that came off or a day in the sun stays what it was.
_PASSING = {"redness", "swelling", "soreness", "itch", "numbness", "tired_headache", "bruise", "pimples"}
# "Gone red" and "gone hard" tell of a sign, not of its end.
_OVER = re.compile(
    r"\b(?:gone (?:now|since|already|completely|entirely|by now|by (?:the )?(?:next )?(?:morning|day))"
    r"|(?:all|and|but|it'?s|is|was|has) gone(?=\W*(?:$|[.!?,;]))|went away|(?:has|had|it) (?:cleared|settled|stopped)"
    r"|cleared up|stopped (?:now|since|itself))\b",
    re.IGNORECASE,
)
_NOT_OVER = re.compile(
    r"\b(?:back|again|worse|still|yet|not|never|no|(?:is|was|has|had|does|did|do|wo)n'?t|comes and goes|keeps?"
    r"|other|another|new|instead)\b"
    r"|\b(?:when|until|till|if|once|before|will|would|should)\b[^.?!]{0,40}\b(?:gone|clear|settle|stop|go(?:es)? away)",
    re.IGNORECASE,
)
# "The swelling went away, but it is red" tells of two signs, and nobody here can say which is gone.
_KINDS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:red|pink)",
        r"swell|swoll|\bpuff",
        r"\b(?:sore|tender|hurt|pain|ach(?:e|ing|y)|sting|throb|tight)",
        r"\bitch",
        r"\b(?:numb|tingl|pins and)",
        r"headache|\b(?:tired|dizz|faint)",
        r"\b(?:bruis|purple|blue|black|green)",
        r"\b(?:pimple|spot|bump|lump|rash|blister|hive)",
        r"\b(?:hot|heat|burn|warm|fever|shiver|chill|temperature)",
        r"\b(?:pus|weep|ooz|leak|fluid|smell|bleed|blood|crust)",
    )
]


def told_as_over(sign: str, text: str) -> bool:
    """Whether ``text`` tells of ``sign`` alone and says that it is gone, and nothing that takes this back."""
    is_alone = sum(bool(kind.search(text)) for kind in _KINDS) <= 1
    return sign in _PASSING and is_alone and bool(_OVER.search(text)) and not _NOT_OVER.search(text)
