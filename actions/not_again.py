"""What would be said word for word a second time is said in simpler words, and a third time not at all.

Each time the patient may tap what else they may have meant, or a person.
"""

import re

from stipple.phrases import kind_of

from .contact import open_now
from .envelope import button, offers
from .turn import Answer, Button, Question, Trace, Turn

# Whose answers are one wording. "Why?" and "I do not understand" are about the last answer and say something else.
REPEATABLE = {"about_smp", "aftercare", "eligibility", "goals", "healing_sign", "preparation", "visit"}
# An answer is the same while all of these are: staff may have changed the wording or the verdict since.
SAME = ("rule_id", "asked_day", "verdict", "urgency", "wording_version")
MOST_INSTEAD, LEAST_INSTEAD = 2, 0.03
# Stands in the trace of what was said in simpler words.
SAID_AGAIN = "said_again"
# Said of a sign that is normal for the day, this is news that does not want the same text again.
BETTER = re.compile(r"\b(?:better|less|eas(?:ed|ier|ing)|improv\w+|fad(?:ed|ing)|going (?:down|away)|settl\w+)\b", re.I)
# Worse, or only hoped for: "how many days until it settles".
NOT_BETTER = re.compile(r"\b(?:no|not|never|\w+n'?t|worse|more|until|till|when|how|will|does|should)\b", re.I)


def not_again(question: Question, answer: Answer, turn: Turn) -> Answer:
    """``answer``, its simpler wording where the patient has just read it for the same day, or a person after that."""
    if question.kind not in REPEATABLE or not all(_told_already(t, turn) for t in answer.traces):
        return answer
    person, phone = button(turn.say("button_person"), "contact/person"), turn.pack.profile.phone
    better = _gets_better(answer, turn)
    traces = answer.traces if better else tuple({**t, SAID_AGAIN: True} for t in answer.traces)
    if not better and any(t.get(SAID_AGAIN) for t in turn.told):
        enough = f"{turn.say('told_enough', phone=phone)} {open_now(turn)}"
        return Answer((enough,), traces, (*_meant_instead(question, turn), person))
    simpler = " ".join(turn.words(t["rule_id"]).simpler for t in answer.traces)
    if better:
        return Answer((turn.say("told_better", text=simpler),), traces, (*answer.buttons, person))
    told = (turn.say("told_again", text=simpler), turn.say("told_again_else", phone=phone))
    return Answer(told, traces, (*answer.buttons, *_meant_instead(question, turn), person))


def _meant_instead(question: Question, turn: Turn) -> tuple[Button, ...]:
    """The next likely subjects as buttons: who is told the same again has mostly asked something else."""
    others = [
        label for label, chance in question.others if chance >= LEAST_INSTEAD and label not in turn.last_questions
    ]
    return offers((label for label in others if kind_of(label) in REPEATABLE), turn)[:MOST_INSTEAD]


def _gets_better(answer: Answer, turn: Turn) -> bool:
    is_normal = all(t.get("urgency") == "normal" for t in answer.traces)
    # "Better not worse" takes nothing back.
    said = re.sub(r"\bnot worse\b", "", turn.text, flags=re.I)
    return is_normal and bool(BETTER.search(said)) and not NOT_BETTER.search(said)


def _told_already(item: Trace, turn: Turn) -> bool:
    # A rule of the practitioner's own, or a risk that makes a sign a doctor's matter, stands outside the wording.
    is_all = item.get("rule_id") in turn.wordings and not item.get("override") and not item.get("risk")
    return is_all and any(all(item.get(fact) == before.get(fact) for fact in SAME) for before in turn.told)
