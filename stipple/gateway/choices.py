"""The choices that a reply offers, and the danger sign that tapping one of them tells of."""

import json
import secrets
from typing import Any

from stipple.care.triage import SIGNS
from stipple.content.pack import Pack
from stipple.gateway.engine import UNSCREENED
from stipple.screening.screen import Danger, Screening

KIND = "red_flag"
# Between the random part of a choice's id and the danger sign that it names.
MARK = "."


def offered(buttons: list[dict[str, str]], pack: Pack) -> list[dict[str, Any]]:
    """The buttons as they are logged, each with an id of its own.

    The id of one that names a danger sign ends in the sign, so that a tap is understood while the database, which holds
    the payloads, is down. That is no secret, as the title says the same, and who makes up an id gets no further than
    who types that they have the sign.
    """
    return [{"id": secrets.token_hex(6) + _ending(button["payload"], pack), **button} for button in buttons]


def tapped_id(choice: str, pack: Pack) -> Screening:
    """The danger sign in the id of a tapped choice, whether or not it was ever offered."""
    return _found(choice.partition(MARK)[2], pack)


def tapped(payload: str, pack: Pack) -> Screening:
    """The danger sign that the payload of a tapped choice names: to ask about it, or as one of the triage's answers."""
    told = values_of(payload)
    kind, _, topic = told.get("question", "").partition("/")
    return _found(topic if kind == KIND else SIGNS.get(told.get("answer", ""), ""), pack)


def values_of(payload: str) -> dict[str, str]:
    """What a choice's payload asks Rasa, by name: ``question`` or ``answer``; empty when it names an intent alone."""
    _, brace, values = payload.partition("{")
    told: dict[str, str] = json.loads(brace + values) if brace else {}
    return told


def _ending(payload: str, pack: Pack) -> str:
    return "".join(MARK + danger.flag for danger in tapped(payload, pack).dangers)


def _found(flag: str, pack: Pack) -> Screening:
    sign = pack.red_flags.get(flag)
    return Screening((Danger(flag, sign.level, 1.0),)) if sign else UNSCREENED
