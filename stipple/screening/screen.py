"""The gateway's own net for danger signs: cues with their scope, joined with classifiers over sentence vectors.

It reads every message before Rasa, needs neither Rasa nor the database, and either half of it can raise the alarm.
What is not plainly harmless to the quick classifier a second one reads too, which is ten times slower and sees more
of what a sentence means; the two see different things, so their mean is better than either.
The bounds below were set on messages that neither had learned from (`tests/screening/tuning`, hundreds of ordinary
questions, and as many from the middle of a conversation); `make benchmark-safety` reports on messages never tuned on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from stipple.care.levels import LEVELS, LIFE_AT_RISK, LOW_MOOD
from stipple.content.schema import RedFlag
from stipple.screening.classifier import FOLDER, SECOND_FOLDER, DangerClassifier
from stipple.screening.cues import Cues
from stipple.screening.scope import Scope, scope_of

# A cue that is meant now raises its sign, unless the classifiers are as good as sure that nothing is wrong. A cue of an
# emergency or a crisis is hardly ever overruled.
LEAST_BESIDE_CUE = {"crisis": 0.05, "emergency": 0.1, "doctor": 0.15, "clinic": 0.15}
# A cue whose own sign is less likely than this only happens to share its words.
POSSIBLE = 0.01
# Without a cue the classifiers must be this sure, by the level of the likeliest sign; surer where the cues of other
# signs are taken back. A sign whose own cues are taken back they do not raise, unless one is SURE.
ALONE = {"crisis": 0.1, "emergency": 0.12, "doctor": 0.12, "clinic": 0.12}
BESIDE_TAKEN_BACK = 0.6
LOW_MOOD_ALONE = 0.4
# The second reading's part in the mean of the two.
SECOND_SHARE = 0.95
# Below this, and without a cue, a message is not read a second time.
DOUBT = 0.01
# A classifier that is this sure of a danger is believed against the scope of the words ("can't touch her chin to her
# chest" denies nothing).
SURE = 0.97
# Beside a sign that is raised, what could cost a life is raised too when it is this likely: a crisis reads like low
# mood.
RAISES = 0.1
# Triage pair: an infection sign together with a sign of being very ill (source: older NHS text, see cues.yml).
VERY_ILL, TOGETHER = "very_ill", "sepsis"
INFECTIONS = frozenset(
    ["spreading_redness", "pus", "fever", "blisters", "deep_infection", "eye_swelling", "late_rash", "water_exposure"]
)
# The worst headache or a stiff neck together with a fever may be meningitis (source: public health agency's leaflet on
# meningitis and sepsis).
STIFF_NECK, FEVER = "severe_headache", "fever"


@dataclass(frozen=True)
class Danger:
    """A danger sign that a message raises, its level, and how likely the classifier finds it."""

    flag: str
    level: str
    probability: float


@dataclass(frozen=True)
class Screening:
    """What the screen makes of one message: the danger signs, most urgent first.

    ``taken_back`` are signs whose danger words are all denied, past, imagined, an idiom, or somebody else's, each with
    which of these the first of its words is.
    ``risks`` are the risk factors of `stipple.care.risk` that the message says the patient has. ``probability`` is what
    the classifier gives to any danger sign.
    """

    dangers: tuple[Danger, ...] = ()
    taken_back: Mapping[str, Scope] = field(default_factory=dict)
    risks: tuple[str, ...] = ()
    probability: float = 0.0

    @property
    def unraised(self) -> float:
        """What the classifier gives to danger signs that are not raised."""
        return max(0.0, self.probability - sum(d.probability for d in self.dangers))

    @property
    def stands_alone(self) -> bool:
        """Whether nothing but the safety text may be answered."""
        return any(d.level in LIFE_AT_RISK for d in self.dangers)


class Screen:
    """Reads messages; any number of threads may ask at once."""

    def __init__(self, model: Path, flags: dict[str, RedFlag]) -> None:
        self._cues = _cues()
        self._first = _classifier(model / FOLDER, by_sentence=True)
        self._second = _classifier(model / SECOND_FOLDER)
        self._levels = {name: flag.level for name, flag in flags.items()}

    def read(self, text: str, day: int | None) -> Screening:
        """The danger signs of ``text`` on healing day ``day``; None when the day is not known."""
        doc = self._cues.read(text)
        known = {*self._levels, VERY_ILL}
        cues = [(cue, scope_of(doc, cue)) for cue in self._cues.find(doc, day) if cue.flag in known]
        scopes = [(cue.flag, scope) for cue, scope in cues]
        plain = {cue.flag for cue, scope in cues if cue.suffices and scope == "now"}
        first, second = ({f: p for f, p in r.items() if f in known} for r in self._readings(text, bool(scopes)))
        probable = {flag: chance + SECOND_SHARE * (second[flag] - chance) for flag, chance in first.items()}
        taken_back = _taken_back(scopes)
        sure = max(sum(first.values()), sum(second.values())) >= SURE
        believed = {} if sure else taken_back
        flags = self._by_cue(scopes, probable) | plain or self._by_classifier(probable, believed)
        if flags:
            likely = {f for f, p in probable.items() if p >= RAISES and f not in taken_back}
            flags |= {f for f in likely if self._levels[f] in LIFE_AT_RISK}
        dangers = (Danger(flag, self._levels[flag], probable.get(flag, 0.0)) for flag in flags)
        risks = dict.fromkeys(r.flag for r in self._cues.find_risks(doc) if scope_of(doc, r) == "now")
        raised = tuple(sorted(dangers, key=_urgency))
        back = {flag: taken_back[flag] for flag in sorted(taken_back.keys() - flags)}
        return Screening(raised, back, tuple(risks), sum(probable.values()))

    def _readings(self, text: str, has_cue: bool) -> tuple[dict[str, float], dict[str, float]]:
        """What the two classifiers make of it; twice the first one's where a second reading is not worth its time."""
        first = self._first.probabilities(text)
        if not has_cue and sum(first.values()) < DOUBT:
            return first, first
        second = self._second.probabilities(text)
        # A clinic may have taught the first a sign of its own.
        return first, {flag: second.get(flag, chance) for flag, chance in first.items()}

    def _by_cue(self, scopes: list[tuple[str, Scope]], probable: dict[str, float]) -> set[str]:
        told = {flag for flag, scope in scopes if scope == "now"}
        total = sum(probable.values())
        # A clinic may have a sign of its own that no classifier knows: nothing rules it out.
        possible = {f for f in told - {VERY_ILL} if probable.get(f, 1.0) >= POSSIBLE}
        found = {f for f in possible if total >= LEAST_BESIDE_CUE[self._levels[f]]}
        together = (VERY_ILL in told and found & INFECTIONS) or (STIFF_NECK in found and FEVER in told)
        return found | {TOGETHER} if together and TOGETHER in self._levels else found

    def _by_classifier(self, probable: dict[str, float], taken_back: Collection[str]) -> set[str]:
        left = {flag: chance for flag, chance in probable.items() if flag not in taken_back}
        likeliest = max(left, key=lambda flag: left[flag], default=LOW_MOOD)
        needed = BESIDE_TAKEN_BACK if taken_back else ALONE[self._levels.get(likeliest, "clinic")]
        # Spread thinly over many signs, as for "zxcv", it speaks of none of them.
        if sum(left.values()) >= needed and left[likeliest] >= needed / 2:
            return {likeliest}
        # A false alarm of low mood costs a kind word and a phone number.
        return {LOW_MOOD} if left.get(LOW_MOOD, 0.0) >= LOW_MOOD_ALONE else set()


# Nothing changes them once they are made, which takes a second or two: those of one process share them.
_cues = cache(Cues)
_classifier = cache(DangerClassifier)


def _taken_back(scopes: list[tuple[str, Scope]]) -> dict[str, Scope]:
    meant = {flag for flag, scope in scopes if scope == "now"}
    # Turned round, so that the first cue of a sign stays.
    return {flag: scope for flag, scope in reversed(scopes) if flag not in meant and flag != VERY_ILL}


def _urgency(danger: Danger) -> tuple[int, float, str]:
    return -LEVELS.index(danger.level), -danger.probability, danger.flag
