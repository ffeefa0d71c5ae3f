"""Whether a reply leaves its patient in need of staff, read from why the reply was given."""

from typing import Any

# The patient asked for a person; the assistant could not answer in time; the patient did not understand the assistant;
# the assistant did not understand the patient.
PERSON, FALLBACK, UNCLEAR, MISSED = "person", "fallback", "unclear", "missed"
NEEDS = (PERSON, FALLBACK, UNCLEAR, MISSED)
MISSES = (UNCLEAR, MISSED)


def need_of(trace: list[dict[str, Any]], outcome: str) -> str:
    """The one of `NEEDS` that weighs most; empty when the patient got what they asked for."""
    if any(t.get("kind") == "contact" and t.get("topic") == "person" for t in trace):
        return PERSON
    if outcome == FALLBACK:
        return FALLBACK
    if any(t.get("kind") == "unclear" for t in trace):
        return UNCLEAR
    return MISSED if any(t.get("topic") == "did_you_mean" for t in trace) else ""
