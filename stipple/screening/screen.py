"""The gateway's own net for danger signs: cues with their scope, joined with a classifier over sentence vectors.

It reads every message before Rasa, needs neither Rasa nor the database, and either half of it can raise the alarm.
The bounds below were set on `tests/screening/tuning`; `make benchmark-safety` reports on messages never tuned on.
"""

from dataclasses import dataclass
from pathlib import Path

from stipple.care.levels import LEVELS, LIFE_AT_RISK
from stipple.content.schema import RedFlag
from stipple.screening.classifier import DangerClassifier
from stipple.screening.cues import Cues
from stipple.screening.scope import Scope, scope_of, sounds_calm

# A cue that is meant now raises its sign, unless the classifier is as good as sure that nothing is wrong. A crisis cue
# is never overruled.
LEAST_FOR_EMERGENCY, LEAST_FOR_OTHERS = 0.01, 0.05
# Without a cue the classifier must be this sure; surer where a word is there that could take the alarm back, though
# less so of a crisis; where every danger word is taken back it raises nothing.
ALONE, AGAINST_CALM, CRISIS_AGAINST_CALM = 0.3, 0.9, 0.7
LOW_MOOD_ALONE = 0.4
# Beside a cue it raises the level when it is this sure of an emergency.
RAISES = 0.5
LOW_MOOD = "low_mood"
# Triage pair: an infection sign together with a sign of being very ill (source: older NHS text, see cues.yml).
VERY_ILL, TOGETHER = "very_ill", "sepsis"
INFECTIONS = frozenset(
    ["spreading_redness", "pus", "fever", "blisters", "deep_infection", "eye_swelling", "late_rash", "water_exposure"]
)


@dataclass(frozen=True)
class Danger:
    """A danger sign that a message raises, its level, and how likely the classifier finds it."""

    flag: str
    level: str
    probability: float


@dataclass(frozen=True)
class Screening:
    """What the screen makes of one message: the danger signs, most urgent first.

    ``calm`` is true when danger words were there and all of them are denied, past, imagined or somebody else's.
    """

    dangers: tuple[Danger, ...] = ()
    calm: bool = False

    @property
    def stands_alone(self) -> bool:
        """Whether nothing but the safety text may be answered."""
        return any(d.level in LIFE_AT_RISK for d in self.dangers)


class Screen:
    """Reads messages; one for each process."""

    def __init__(self, model: Path, flags: dict[str, RedFlag]) -> None:
        self._cues = Cues()
        self._classifier = DangerClassifier(model)
        self._levels = {name: flag.level for name, flag in flags.items()}

    def read(self, text: str, day: int | None) -> Screening:
        """The danger signs of ``text`` on healing day ``day``; None when the day is not known."""
        doc = self._cues.read(text)
        known = {*self._levels, VERY_ILL}
        scopes = [(cue.flag, scope_of(doc, cue)) for cue in self._cues.find(doc, day) if cue.flag in known]
        probable = {f: p for f, p in self._classifier.probabilities(text).items() if f in known}
        flags = self._by_cue(scopes, probable)
        calm = bool(scopes) and not flags
        if flags:
            flags |= {f for f, p in probable.items() if p >= RAISES and self._levels[f] in LIFE_AT_RISK}
        else:
            flags = self._by_classifier(probable, sounds_calm(doc)) if not calm else set()
        dangers = (Danger(flag, self._levels[flag], probable.get(flag, 0.0)) for flag in flags)
        return Screening(tuple(sorted(dangers, key=_urgency)), calm)

    def _by_cue(self, scopes: list[tuple[str, Scope]], probable: dict[str, float]) -> set[str]:
        told = {flag for flag, scope in scopes if scope == "now"}
        total = sum(probable.values())
        found = {flag for flag in told - {VERY_ILL} if total >= self._least(flag)}
        together = VERY_ILL in told and found & INFECTIONS and TOGETHER in self._levels
        return found | {TOGETHER} if together else found

    def _least(self, flag: str) -> float:
        return {"crisis": 0.0, "emergency": LEAST_FOR_EMERGENCY}.get(self._levels[flag], LEAST_FOR_OTHERS)

    def _by_classifier(self, probable: dict[str, float], calm: bool) -> set[str]:
        likeliest = max(probable, key=lambda flag: probable[flag], default=LOW_MOOD)
        needed = ALONE
        if calm:
            needed = CRISIS_AGAINST_CALM if self._levels[likeliest] == "crisis" else AGAINST_CALM
        if sum(probable.values()) >= needed:
            return {likeliest}
        # A false alarm of low mood costs a kind word and a phone number.
        return {LOW_MOOD} if probable.get(LOW_MOOD, 0.0) >= LOW_MOOD_ALONE else set()


def _urgency(danger: Danger) -> tuple[int, float, str]:
    return -LEVELS.index(danger.level), -danger.probability, danger.flag
