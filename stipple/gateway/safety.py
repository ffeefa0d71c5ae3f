"""The gateway's own answer to a danger sign: the clinic-approved safety text, without Rasa and without a database."""

from stipple.content.pack import Pack
from stipple.content.safety import safety_text
from stipple.gateway.engine import Reply
from stipple.screening.screen import Screening

# Stands in the trace where Rasa's intent would.
SCREENED = "screening"


def safety_reply(screening: Screening, pack: Pack) -> Reply:
    """The safety text of the most urgent danger sign; every sign of its level is in the trace."""
    first = screening.dangers[0]
    trace = [
        {
            "kind": "red_flag",
            "topic": danger.flag,
            "urgency": danger.level,
            "rule_id": f"red_flag/{danger.flag}",
            "intent": SCREENED,
            "confidence": round(danger.probability, 3),
        }
        for danger in screening.dangers
        if danger.level == first.level
    ]
    return Reply(safety_text(pack.red_flags[first.flag].text, pack), [], trace)
