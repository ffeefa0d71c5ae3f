"""The gateway's own answer to a danger sign: the clinic-approved safety text, without Rasa and without a database."""

from dataclasses import replace
from typing import Any

from stipple.care.levels import LIFE_AT_RISK, needs_doctor, rank
from stipple.content.pack import Pack
from stipple.content.safety import safety_sentence, safety_text
from stipple.gateway.engine import UNSCREENED, Reply
from stipple.records.alerts import SETTLES
from stipple.screening.screen import Danger, Screening

# Stands in the trace where Rasa's intent would.
SCREENED = "screening"
# A danger sign less likely than this is only suspected.
MERELY_SUSPECTED = 0.5
CHEERFUL = frozenset(["smalltalk", "feedback"])


def safety_reply(screening: Screening, pack: Pack) -> Reply:
    """The safety text of the most urgent danger sign; every sign of its level is in the trace."""
    first = screening.dangers[0]
    trace = [_item(danger, pack) for danger in screening.dangers if danger.level == first.level]
    return Reply(safety_text(pack.red_flags[first.flag].text, pack), [], trace)


def _item(danger: Danger, pack: Pack) -> dict[str, Any]:
    item = {
        "kind": "red_flag",
        "topic": danger.flag,
        "urgency": danger.level,
        "rule_id": f"red_flag/{danger.flag}",
        "intent": SCREENED,
        "confidence": round(danger.probability, 3),
    }
    version = pack.danger_versions.get(danger.flag)
    return item if version is None else item | {"wording_version": version}


def fallback_reply(pack: Pack, name: str, screening: Screening = UNSCREENED) -> Reply:
    """The reply when nothing better can be had: any safety text, then the sentence ``name``."""
    return ensured(Reply(pack.replies[name].format(phone=pack.profile.phone), [], []), screening, pack)


def ensured(reply: Reply, screening: Screening, pack: Pack) -> Reply:
    """``reply`` with the safety text before it when the engine, for instance in a form, passed over a danger sign."""
    if not screening.dangers or any(t["kind"] == "red_flag" for t in reply.trace):
        return reply
    safety = safety_reply(screening, pack)
    return replace(reply, text=f"{safety.text}\n\n{reply.text}", trace=[*safety.trace, *reply.trace])


def beyond_suspicion(screening: Screening, level: str) -> Screening:
    """``screening`` as it counts in a conversation that staff have not closed since an alert of ``level``.

    Whoever was told to call for help is told so with each reply: a second safety text, for "my daughter can drive me",
    would only hide it, so that what is merely suspected raises none.
    """
    if level not in LIFE_AT_RISK:
        return screening
    return replace(screening, dangers=tuple(d for d in screening.dangers if d.probability >= MERELY_SUSPECTED))


def watched(reply: Reply, level: str, pack: Pack) -> Reply:
    """``reply`` as it may be said in a conversation that staff have not closed since an alert of ``level``.

    After a danger sign that a doctor must see each reply begins with what to do; nothing cheerful follows where life is
    at risk. Whoever asks about a flight next would otherwise take the answer for leave to wait.
    """
    says_it = any(rank(t.get("urgency", "normal")) >= rank(level) or t.get("topic") in SETTLES for t in reply.trace)
    if not needs_doctor(level) or says_it:
        return reply
    reminder = safety_sentence(f"watch_{level}", pack)
    if level in LIFE_AT_RISK and reply.trace and all(t["kind"] in CHEERFUL for t in reply.trace):
        return replace(reply, text=reminder, buttons=[])
    return replace(reply, text=f"{reminder}\n\n{reply.text}")
