"""Which replies confused a patient: read from the turn that follows them.

A reply that shows an instruction is a delivery. A later turn of the same conversation may signal that the instruction
was not understood. What the patient says outright (explicit) is kept apart from what their behaviour hints at
(implicit), because the second may have other causes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

EXPLICIT = ("unclear", "not_helpful")
IMPLICIT = ("asked_again", "person", "not_understood")
KINDS = (*EXPLICIT, *IMPLICIT)

# A question asked again counts within so many turns or so much time, whichever reaches further.
TURNS_BACK = 3
TIME_BACK = timedelta(days=1)
# No more replies than this are looked at, so that a turn costs the same in a conversation of any length.
MOST_BACK = 20
# After these the patient still speaks of the instruction before: nothing else has been shown or settled since.
STILL_ABOUT_IT = (("unclear", None), ("feedback", "not_helpful"), ("ask_back", "did_you_mean"))
TELLS_TO_CALL = frozenset(["clinic", "doctor", "emergency", "crisis"])
SENDS_TO_A_PERSON = frozenset(["ask", "clinic_decides", "doctor_first", "wait_see_doctor"])


@dataclass(frozen=True)
class Shown:
    """One delivery: the row's number, the instruction, and the healing day it was shown for."""

    delivery: int
    instruction: str
    day: int | None

    @property
    def label(self) -> str:
        """Kind and topic, as a trace names them."""
        return "/".join(self.instruction.split("/")[:2])


@dataclass(frozen=True)
class Said:
    """One message of the clinic's side, with why it was said and what it showed."""

    at: datetime
    text: str
    trace: Sequence[dict[str, Any]]
    shown: Sequence[Shown] = ()
    outcome: str = ""


@dataclass(frozen=True)
class Signal:
    """One hint that the instruction of a delivery was not understood."""

    delivery: int
    kind: str


def signals(reply: Said, earlier: Sequence[Said]) -> list[Signal]:
    """What ``reply`` says about the deliveries of ``earlier``, the clinic's messages before it, oldest first.

    ``reply`` must answer a message of the patient's. An engine that could not answer in time says nothing about the
    wording, so a reply without a trace holds no signal.
    """
    before = list(earlier[-MOST_BACK:])
    found = [*_about_the_last(reply, before), *_asked_again(reply, before)]
    return list(dict.fromkeys(found))


def handed_over(reply: Said, earlier: Sequence[Said]) -> list[int]:
    """Deliveries right after which a person was needed: the patient asked for one, or the assistant fell back.

    ``reply`` must answer a message of the patient's, like that of `signals`.
    """
    before = list(earlier[-MOST_BACK:])
    last = _last_shown(before) if reply.outcome == "fallback" else None
    asked = (s.delivery for s in _about_the_last(reply, before) if s.kind == "person")
    return list(dict.fromkeys([*asked, *(s.delivery for s in (last.shown if last else ()))]))


def _about_the_last(reply: Said, before: list[Said]) -> Iterator[Signal]:
    """Signals about the instruction that was shown last, with nothing else between."""
    last = _last_shown(before)
    for item in reply.trace:
        kind, topic = item.get("kind"), item.get("topic")
        if kind == "unclear" and not str(item.get("intent", "")).startswith("followup"):
            # The assistant explains a named instruction again, also when small talk lies between.
            source = last or _last_with(item.get("rule_id"), _in_reach(reply, before))
            yield from (Signal(s.delivery, "unclear") for s in (source.shown if source else ()))
        elif last is None:
            continue
        elif (kind, topic) == ("feedback", "not_helpful"):
            yield from (Signal(s.delivery, "not_helpful") for s in last.shown)
        elif (kind, topic) == ("contact", "person"):
            # Who was told to call, and then asks how, has understood.
            yield from (Signal(s.delivery, "person") for s in last.shown if not _sends_to_a_person(s, last))
        elif (kind, topic) == ("ask_back", "did_you_mean"):
            yield from (Signal(s.delivery, "not_understood") for s in last.shown)


def _last_shown(before: list[Said]) -> Said | None:
    for said in reversed(before):
        if said.shown:
            return said
        if not said.trace or not all(_still_about_it(item) for item in said.trace):
            return None
    return None


def _still_about_it(item: dict[str, Any]) -> bool:
    return any(item.get("kind") == kind and topic in (None, item.get("topic")) for kind, topic in STILL_ABOUT_IT)


def _last_with(instruction: str | None, before: list[Said]) -> Said | None:
    found = (said for said in reversed(before) if any(s.instruction == instruction for s in said.shown))
    return next(found, None)


def _sends_to_a_person(shown: Shown, said: Said) -> bool:
    items = [item for item in said.trace if item.get("rule_id") == shown.instruction]
    return any(i.get("urgency") in TELLS_TO_CALL or i.get("verdict") in SENDS_TO_A_PERSON for i in items)


def _in_reach(reply: Said, before: list[Said]) -> list[Said]:
    near = len(before) - TURNS_BACK
    return [said for n, said in enumerate(before) if n >= near or reply.at - said.at <= TIME_BACK]


def _asked_again(reply: Said, before: list[Said]) -> Iterator[Signal]:
    """The same topic asked about for the same healing day: the answer given before did not do.

    Another day is another question. A danger sign reported again is worse news, not confusion.
    """
    reach = _in_reach(reply, before)
    for item in reply.trace:
        kind, topic = item.get("kind"), item.get("topic")
        if not topic or kind == "red_flag" or _is_reason(item, reply, before):
            continue
        asked = (f"{kind}/{topic}", item.get("asked_day"))
        same = ([s for s in said.shown if (s.label, s.day) == asked] for said in reversed(reach))
        yield from (Signal(s.delivery, "asked_again") for s in next(filter(None, same), []))


def _is_reason(item: dict[str, Any], reply: Said, before: list[Said]) -> bool:
    """Whether the reply gives the reason for an instruction shown before ("why?").

    Its trace is that of the instruction again, to the last digit, while its words are others.
    """
    source = next((said for said in reversed(before) if item in said.trace), None)
    return source is not None and reply.text not in source.text and source.text not in reply.text
