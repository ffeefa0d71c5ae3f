"""Conditions that stop sessions, heard by set phrases where they are told in passing.

"Just found out I'm pregnant, what now?" is read as a question for the plan, "I'm breastfeeding, can I book?" as one for
the phone number.
"""

import re

_STOPPING = {
    "pregnant": re.compile(
        r"\b(?:i'?m|i am|i (?:may|might|could) be|found out|turns out)\b"
        r"(?:\W+(?!not\b|no\b|never\b)\w+){0,3}?\W+preg\w*"
        r"|\bexpecting a baby\b",
        re.IGNORECASE,
    ),
    "breastfeeding": re.compile(r"\bi(?:'?m| am|'?ve been) (?:still |currently )?breast ?-?feeding\b", re.IGNORECASE),
    "isotretinoin": re.compile(
        r"\b(?:start(?:ed|ing)?|on|taking|given|prescribed)\W+(?:\w+\W+){0,2}?(?:ro?accutane|accutane|isotretinoin)\b",
        re.IGNORECASE,
    ),
}


def stopping_conditions(text: str) -> list[str]:
    """The conditions, as ``eligibility.yml`` names them, that ``text`` says of its writer and that stop sessions."""
    return [condition for condition, said in _STOPPING.items() if said.search(text)]
