"""What a message may ask after another: the message alone, both as one, and what was answered last."""

import numpy as np
import pytest

from engine.understanding.context import Before, leads_on, suggestions_after
from engine.understanding.model import Guess, Prediction
from engine.understanding.parts import Part
from engine.understanding.segments import Segment

HAT, SWIM, BROKEN = "aftercare/hat", "aftercare/swimming", "healing_sign/rule_broken"
SWAM, BLEEDS = Before("can i swim?", (SWIM,)), Before("it bleeds", ("red_flag/heavy_bleeding",))


def guesses(**chances: float) -> list[Guess]:
    return [Guess(label.replace("__", "/"), chance) for label, chance in chances.items()]


def prediction(asked: list[Guess]) -> Prediction:
    return Prediction(asked, 0.8, asked)


def suggested(before: Before, text: str, alone: list[Guess], both: list[Guess]) -> dict[str, list[float]]:
    whole = Part(Segment(text, 0, len(text)), alone, 0.8, alone)
    found = suggestions_after(before, whole, alone, prediction(both), prediction(guesses(aftercare__swimming=0.9)))
    return {s.label: s.evidence for s in found}


def test_what_was_answered_and_what_both_messages_ask_are_looked_at_beside_the_message_alone() -> None:
    alone = guesses(followup__more=0.5, account__reminders=0.3, red_flag__pus=0.1)
    found = suggested(SWAM, "every day?", alone, guesses(aftercare__hat=0.3, aftercare__sauna=0.01))
    assert {SWIM, HAT, "account/reminders"} <= set(found)
    assert not {"followup/more", "red_flag/pus"} & set(found)
    assert len({len(evidence) for evidence in found.values()}) == 1
    assert np.isfinite(list(found.values())).all()


def test_a_broken_rule_is_looked_at_after_a_rule_and_what_tells_of_it_counts() -> None:
    alone = guesses(followup__more=0.5)
    done, open_still = (
        suggested(SWAM, text, alone, alone)[BROKEN] for text in ("went this morning", "or this morning")
    )
    assert sum(done) == sum(open_still) + 1
    assert BROKEN not in suggested(Before("what does it cost", ("about_smp/cost",)), "went already", alone, alone)


def test_small_talk_leads_on_to_nothing() -> None:
    assert leads_on(SWAM)
    assert leads_on(BLEEDS)
    assert not leads_on(Before("cheers", ("smalltalk/thanks",)))


@pytest.mark.parametrize("before", [BLEEDS, Before("can it wait", ("healing_sign/unsure",))])
def test_after_a_danger_sign_it_is_looked_at_whether_the_message_is_about_being_seen(before: Before) -> None:
    alone = guesses(aftercare__driving=0.95)
    found = suggested(before, "my daughter could drive me there", alone, alone)
    assert {"followup/wait", "feedback/false_alarm", "aftercare/driving"} <= set(found)
    assert "red_flag/heavy_bleeding" not in found
    assert "followup/wait" not in suggested(SWAM, "my daughter could drive me there", alone, alone)
