"""What the assistant can understand, in the clinic's own words, for somebody who chooses what a patient meant."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from stipple.console.words import KINDS, spaced
from stipple.content.pack import SUBJECTS, Pack

GROUPS = KINDS | {"followup": "Follows on from an answer", "form_control": "While the assistant asks its questions"}
# What no content file names.
NAMES = {
    "feedback/clear": "The answer was clear",
    "feedback/not_helpful": "The answer did not help",
    "followup/why": "Asks why",
    "followup/date": "Names another day (“and tomorrow?”)",
    "followup/more": "Asks on without a subject (“how long for?”)",
    "followup/still": "Asks whether it still holds",
    "form_control/skip": "Does not want to answer this question",
    "form_control/stop": "Wants to stop the questions",
    "form_control/why_ask": "Asks why the question is asked",
    "form_control/correct": "Wants to change an answer",
    "healing_sign/unsure": "A worry that has no name",
    "out_of_scope/other_procedure": "Another treatment",
    "out_of_scope/other_body_part": "Another part of the body",
    "out_of_scope/other_person": "About somebody else",
    "out_of_scope/other_language": "Another language",
    "out_of_scope/gibberish": "No meaning",
    "out_of_scope/instructions_to_bot": "Tells the assistant how to behave",
    "out_of_scope/billing": "Bills and payments",
    "out_of_scope/general_knowledge": "General knowledge",
    "out_of_scope/other_medical": "Another medical matter",
    "out_of_scope/job_marketing": "Jobs and advertising",
    "out_of_scope/shopping": "Shopping",
    "out_of_scope/chit_chat": "Chatting",
    "smalltalk/greet": "Says hello",
    "smalltalk/thanks": "Says thank you",
    "smalltalk/bye": "Says goodbye",
    "smalltalk/bot": "Asks what the assistant is",
    "smalltalk/affirm": "Says yes",
    "smalltalk/deny": "Says no",
    "unclear": "Did not understand the answer",
}


@dataclass(frozen=True)
class Choice:
    """One thing a patient can mean; ``full`` names its subject too."""

    label: str
    name: str
    full: str


@dataclass(frozen=True)
class Group:
    """What a patient can mean within one subject."""

    name: str
    choices: list[Choice]


def choice_of(label: str, pack: Pack) -> Choice:
    """A label as a person knows it."""
    kind, _, topic = label.partition("/")
    title = pack.title(label) or NAMES.get(label) or spaced(topic or kind)
    name, group = title[:1].upper() + title[1:], GROUPS.get(kind, spaced(kind))
    return Choice(label, name, name if name == group else f"{group}: {name}")


def answerable(labels: Iterable[str], pack: Pack) -> list[str]:
    """The labels without those whose topic the clinic's content does not have."""
    parts = ((label, *label.partition("/")[::2]) for label in labels)
    return [
        label
        for label, kind, topic in parts
        if kind not in SUBJECTS or topic in pack.entries(kind) or pack.title(label) or label in NAMES
    ]


def groups(labels: Iterable[str], pack: Pack) -> list[Group]:
    """Every label by subject, in the order in which the console names subjects, then by name."""
    found: defaultdict[str, list[Choice]] = defaultdict(list)
    for label in labels:
        found[label.partition("/")[0]].append(choice_of(label, pack))
    kinds = sorted(found, key=lambda k: list(GROUPS).index(k) if k in GROUPS else len(GROUPS))
    return [Group(GROUPS.get(k, spaced(k)), sorted(found[k], key=lambda c: c.name.lower())) for k in kinds]
