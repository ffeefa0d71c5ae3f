"""Whether patients can be told what a person typed, and in plain words why not."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from stipple.content.judging import HIGHEST_GRADE, blanks_in, forbidden, grade, is_too_hard
from stipple.content.pack import Pack
from stipple.content.safety import BLANKS
from stipple.records.models import Instruction
from stipple.records.wordings import Words

FIELDS = {"text": "The text", "why": "The reason", "simpler": "The simpler text"}
LEAST, MOST = 3, 1000
# Patients are offered the reason of these at the press of a button, so there must be one.
WITH_REASON = ("aftercare",)


@dataclass(frozen=True)
class Rule:
    """What an instruction's words must and may hold.

    ``blanks`` are filled with the numbers of the clinic's country, ``required`` must stand in the text.
    """

    needs_why: bool
    blanks: frozenset[str]
    required: frozenset[str]


def rule_of(instruction: Instruction, pack: Pack) -> Rule:
    """Only danger signs have blanks; their text must name every number that the content files name there."""
    flag = pack.red_flags.get(instruction.topic) if instruction.subject == "red_flag" else None
    required = frozenset(blanks_in(flag.text)) if flag else frozenset[str]()
    return Rule(instruction.subject in WITH_REASON, frozenset(BLANKS) if flag else frozenset(), required)


def read_words(form: Mapping[str, str]) -> Words:
    """The words of a posted form, without what nobody can see in them."""
    return Words(*(tidy(form.get(name, "")) for name in FIELDS))


def tidy(text: str) -> str:
    """``text`` with plain line breaks, without spaces at its ends and without characters that are not shown."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    shown = ("".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cf", "Cs")) for line in lines)
    return "\n".join(line.rstrip() for line in shown).strip()


def problems_of(words: Words, rule: Rule) -> dict[str, str]:
    """Why patients cannot be told ``words``, by field; empty when they can."""
    found = unsayable(words, rule)
    for name in FIELDS:
        both = (_hard(name, getattr(words, name), rule), found.get(name, ""))
        if any(both):
            found[name] = " ".join(filter(None, both))
    return found


def _hard(name: str, text: str, rule: Rule) -> str:
    if name == "why" and not text and not rule.needs_why:
        return ""
    if len(text) < LEAST:
        return f"{FIELDS[name]} is missing."
    if len(text) > MOST:
        return f"Please write at most {MOST} letters; these are {len(text)}."
    if is_too_hard(text):
        return f"This is too hard to read: grade {grade(text):.1f}. Patients need grade {HIGHEST_GRADE:.0f} or lower."
    return ""


def unsayable(words: Words, rule: Rule) -> dict[str, str]:
    """What must not be said however easy it reads, by field."""
    found = {name: _unsayable(name, getattr(words, name), rule) for name in FIELDS}
    return {name: problem for name, problem in found.items() if problem}


def _unsayable(name: str, text: str, rule: Rule) -> str:
    for wrong, said in forbidden(text):
        return f"The assistant must never {wrong}. Please leave out “{said}”."
    # The reason of a danger sign is never said, so nothing fills it.
    filled = rule.blanks if name != "why" else frozenset[str]()
    if stray_braces(text, filled):
        known = " or ".join(f"{{{blank}}}" for blank in sorted(filled))
        return f"Please leave out the curly brackets. {f'Only {known}' if known else 'Nothing'} can be filled in here."
    missing = sorted(rule.required - blanks_in(text)) if name == "text" else []
    if missing:
        return f"This must still tell whom to call. Please put back {', '.join(f'{{{m}}}' for m in missing)}."
    return ""


def stray_braces(text: str, blanks: frozenset[str]) -> bool:
    """Whether curly brackets are left that are none of the ``blanks``."""
    for blank in blanks:
        text = text.replace(f"{{{blank}}}", "")
    return "{" in text or "}" in text
