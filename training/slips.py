"""Typing slips for what the encoder learns from: patients write on phones, in a hurry, by ear.

Made otherwise than those of the benchmark of understanding, which must not be measured on what was practised.
"""

import random
import re

# Letters that sound alike are written for each other, at any place of a word.
BY_EAR = (("ph", "f"), ("ght", "te"), ("ck", "k"), ("ee", "ea"), ("ie", "ei"), ("tion", "shun"), ("ough", "uff"))
BY_EAR += (("th", "f"), ("ould", "ud"), ("igh", "i"), ("ous", "us"), ("sc", "s"), ("ea", "ee"), ("ance", "ence"))
SHORTEST = 4
MOST = 3
VOWELS = "aeiou"


def slipped(text: str, chance: random.Random) -> str:
    """``text`` with slips in one to three of its longer words."""
    parts = re.split(r"(\W+)", text)
    places = [i for i, part in enumerate(parts) if len(part) >= SHORTEST and part.isalpha()]
    for i in chance.sample(places, min(len(places), chance.randint(1, MOST))):
        parts[i] = _slip(parts[i], chance)
    return "".join(parts)


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    spoken = [(written, heard) for written, heard in BY_EAR if written in word]
    vowels = [i for i, letter in enumerate(word) if i and letter in VOWELS]
    kind = chance.choice(("ear", "vowel", "double", "swap", "drop", "other"))
    if kind == "ear" and spoken:
        return word.replace(*chance.choice(spoken), 1)
    if kind == "vowel" and vowels:
        at = chance.choice(vowels)
        return word[:at] + chance.choice(("", chance.choice(VOWELS))) + word[at + 1 :]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "other":
        return word[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :]
    return word[:at] + word[at + 1 :]
