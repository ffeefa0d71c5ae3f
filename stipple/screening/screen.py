"""The gateway's own net for danger signs: cues with their scope, joined with a classifier over sentence vectors.

It reads every message before Rasa, needs neither Rasa nor the database, and either half of it can raise the alarm.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stipple.content.schema import RedFlag
from stipple.screening.classifier import DangerClassifier
from stipple.screening.cues import Cues
from stipple.screening.scope import Scope, scope_of

# A cue that is meant now raises its sign, unless the classifier is as good as sure that nothing is wrong.
CUE_VETO = 0.02
# Without a cue the classifier must be this sure; where every danger word is taken back it must be almost certain.
ALONE, AGAINST_SCOPE = 0.6, 0.97
LEVELS = ("clinic", "doctor", "emergency", "crisis")


@dataclass(frozen=True)
class Danger:
    """A danger sign that a message raises; ``evidence`` says which half of the screen saw it."""

    flag: str
    level: str
    probability: float
    evidence: str


@dataclass(frozen=True)
class Screening:
    """What the screen makes of one message: the danger signs, most urgent first.

    ``calm`` is true when danger words were there and all of them are denied, past, imagined or somebody else's.
    """

    dangers: tuple[Danger, ...] = ()
    calm: bool = False

    @cached_property
    def stands_alone(self) -> bool:
        """Whether nothing but the safety text may be answered."""
        return any(d.level in ("emergency", "crisis") for d in self.dangers)


class Screen:
    """Reads messages; one for each process."""

    def __init__(self, model: Path, flags: dict[str, RedFlag]) -> None:
        self._cues = Cues()
        self._classifier = DangerClassifier(model)
        self._levels = {name: flag.level for name, flag in flags.items()}

    def read(self, text: str, day: int | None) -> Screening:
        """The danger signs of ``text`` on healing day ``day``; None when the day is not known."""
        doc = self._cues.read(text)
        found = [(cue.flag, scope_of(doc, cue)) for cue in self._cues.find(doc, day)]
        probable = self._classifier.probabilities(text)
        calm = bool(found) and all(scope != "now" for _, scope in found)
        total = sum(probable.values())
        dangers = [Danger(f, self._levels[f], probable[f], "cue") for f in _meant_now(found) if total >= CUE_VETO]
        likeliest = max(probable, key=lambda flag: probable[flag])
        if total >= (AGAINST_SCOPE if calm else ALONE) and not dangers:
            dangers.append(Danger(likeliest, self._levels[likeliest], probable[likeliest], "classifier"))
        return Screening(tuple(sorted(dangers, key=self._urgency)), calm)

    def _urgency(self, danger: Danger) -> tuple[int, float]:
        return -LEVELS.index(danger.level), -danger.probability


def _meant_now(found: list[tuple[str, Scope]]) -> list[str]:
    return list(dict.fromkeys(flag for flag, scope in found if scope == "now"))
