"""What somebody who was told to be seen says of that: they have been, they put it off, they ask why it is said again.

It is said in a few set phrases, and most often beside another question, which then gets the whole message for itself.
So these are looked for by their words, and only where such advice was given.
"""

import re
from typing import Literal

from stipple.care.dates import lowered

Said = Literal["seen", "booked", "wait", "reminder"]

_HELPERS = (
    r"(?:111|112|999|911|000|a ?& ?e|a and e|gp|g\.p\.?|doc(?:tor)?s?|dr|nurses?|pharmacists?|chemist|paramedics?"
    r"|ambulance|hospital|the er|walk[- ]?in(?: cent(?:re|er))?|urgent care|clinic nurse|samaritans|helpline|lifeline"
    r"|crisis (?:team|line)|out of hours|dermatologist|derm|counsellor|therapist|optician|dentist|consultant)"
)
_TALKED = (
    r"(?:rang|rung|called|phoned|dialled|texted|spoke(?:n)? (?:to|with)|talked (?:to|with)|been (?:to|in|at)|went to"
    r"|seen(?: by)?|saw|visited|came from|just back from|back from|got through to|did ring|did call)"
)
_DID = (
    r"(?:said|says|told|reckons|reckoned|gave|given|prescribed|put|looked|had a look|checked|saw|seen|took|taken"
    r"|sorted|cleaned|swabbed|drained|stitched|glued|popped|did|rang|phoned|had a (?:feel|listen)|came"
    r"|sent me (?:home|back)|are here|is here|are with|is with)"
)
_MEDICINE = r"(?:antibiotic|antihistamine|steroid|tablet|pill|drip|injection|drops|stitch|penicillin|ointment)"
# Somebody who knows has looked at it, or has been told.
_SEEN = [
    rf"\b{_TALKED} (?:\w+ ){{0,3}}?{_HELPERS}\b",
    rf"\b{_HELPERS}(?: (?!if\b|when\b)\w+){{0,4}}? {_DID}\b",
    r"\b(?:they|she|he)(?:'ve|ve|'s| have| has)? (?:just )?(?:gave|given|prescribed|put) (?:me|him|her|us)"
    rf"[^.?!]{{0,25}}\b{_MEDICINE}",
    r"\b(?:they|she|he)(?:'ve|ve|'s| have| has)? (?:just )?(?:took|taken|admitted|kept) (?:me|him|her) in\b",
    rf"\b{_HELPERS} (?:is |are )?(?:coming|on (?:its|the) way)\b",
    rf"\b(?:i'?m|i am|we'?re|we are|he'?s|she'?s|he is|she is|sat|waiting|currently) (?:\w+ ){{0,2}}?(?:in|at|with)"
    rf" (?:the |a )?{_HELPERS}\b",
    r"\b(?:ct|mri|scan|x-?ray|bloods|swabs?)(?: \w+)? (?:was|were|is|are|came back|all)? ?(?:clear|fine|normal|ok)\b",
    r"\b(?:on|got) (?:a|the) drip\b",
    r"\b(?:i'?m|i am|s?he'?s|s?he is|we'?re|been|was) (?:now )?in hospital\b",
    r"\b(?:(?:i|we|ive|i'?ve|have) (?:just |already |now )?(?:rung|rang|phoned)|i (?:did|have) (?:ring|rung|rang))\b"
    r"(?! (?:you|u|yous|ye|your|yer|the clinic)\b)",
]
# Somebody who knows will look at it.
_BOOKED = [
    rf"\b{_HELPERS}(?:'s)? (?:\w+ )?(?:slot|appointment|appt|video|call ?back|at \d)",
    r"\b(?:appointment|appt|slot|video call|call ?back)\b[^.?!]{0,25}\b(?:with|at|from) (?:the |my |a )?"
    rf"{_HELPERS}\b",
    rf"\bbooked (?:in |it )?(?:with |at |to see |for )?(?:the |my |a )?{_HELPERS}\b",
]
# Before such words these make a wish, a plan, a question or a no of them.
_NOT_YET = re.compile(
    r"\b(?:not|never|no|haven'?t|havent|hasn'?t|didn'?t|didnt|won'?t|wont|can'?t|cant|if|unless|until|till|once|when"
    r"|should|shall|must|could|can|would|do i|to|gonna|will|ill|i'll|before|refus\w+|wait(?:ing)? for|rather than)\b"
    r"(?: \w+){0,3} ?$"
)
# Rung in vain, or sent away until later.
_IN_VAIN = re.compile(
    r"\b(?:no ?(?:one|body) (?:answers?|answered|picks?|picked|there|came|comes?|rang|is in)|no answer"
    r"|not? (?:pick|slots?|appointments?|appts?)"
    r"|(?:don'?t|doesn'?t|didn'?t|won'?t|wouldn'?t) (?:pick|answer|listen|believe|see me|take me|ring|call)"
    r"|engaged|on hold|get through"
    r"|queue|hung up|cut (?:me )?off|busy|voicemail|answer ?phone|closed|shut|tried|earliest|hours? wait|waiting list"
    r"|\d+ (?:weeks?|minutes?|mins?|hours?|hrs?)|useless)\b"
)
_WAIT = [
    r"\b(?:can|could|will|may|does|would) (?:it|this|that|they|these|he|she|the \w+(?: \w+)?)"
    r"(?: (?:all|not|really))? wait\b",
    r"\b(?:it|this|that) (?:can|could|will) wait\b",
    r"\b(?:do|must|should|shall) (?:i|we) (?:really |actually |still |definitely )*"
    r"(?:have to |need to |got to |gotta )?(?:call|ring|phone|bother)\b",
    r"\bi (?:must|should|have to|need to) (?:really )?(?:call|ring|phone)\b[^.!]*\?",
    r"\bmust (?:call|ring|phone) really\b",
    rf"\b(?:not|n'?t) (?:going to |gonna |be |be going to )?(?:ring(?:ing)?|call(?:ing)?|phon(?:e|ing)|bother(?:ing)?"
    rf"|go(?:ing)? to|see(?:ing)?) (?:\w+ )?(?:{_HELPERS}|them|anyone|anybody|nobody)\b",
    rf"\bno need (?:for|to (?:call|ring|see)) (?:\w+ )?{_HELPERS}\b|\bno calling\b",
    r"\bsee how (?:it|i) (?:goes|go|get on|feels?|looks?)\b|\b(?:leave|give) it (?:till|until|for a|a few|another)\b",
]
_TELLING = r"(?:say|saying|said|tell|telling|told|send|sending|sent|going on|go on|on about|repeating|giving me)"
_REMINDER = [
    rf"\bwhy (?:do|did|are|have|would) (?:you|u|ye)\b[^.?!]{{0,15}}\b{_TELLING}\b",
    rf"\bstop {_TELLING}(?: (?:me|that|this|it|to|about|on|the|{_HELPERS})\b|$)",
    rf"\byou keep (?:on )?{_TELLING}\b",
    r"\bwhy\b[^.?!]{0,15}\bwould i (?:call|ring|phone)\b",
]


def said_of_advice(text: str) -> Said | None:
    """What ``text`` says of the advice to be seen; None when it says nothing of it.

    ``seen``: somebody who knows has looked at it or has been rung; ``booked``: they will look at it at a set time.
    ``wait``: it is refused, put off, or asked whether it must be. ``reminder``: why it is said again.
    """
    said = lowered(text)
    if any(re.search(pattern, said) for pattern in _REMINDER):
        return "reminder"
    if any(re.search(pattern, said) for pattern in _WAIT):
        return "wait"
    told: Said | None = "seen" if _tells(_SEEN, said) else "booked" if _tells(_BOOKED, said) else None
    return "wait" if told and _IN_VAIN.search(said) else told


def _tells(patterns: list[str], said: str) -> bool:
    found = (match for pattern in patterns for match in re.finditer(pattern, said))
    return any(not _NOT_YET.search(said[: match.start()]) for match in found)
