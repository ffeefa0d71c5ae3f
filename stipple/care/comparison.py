"""Whether one wording confuses fewer patients than another, told apart by healing day and channel.

Two wordings are seldom read on the same days, and the days differ in how much patients ask. So the share of confused
patients is compared within each healing day and channel, and the differences are combined with the weights of Mantel
and Haenszel. The interval is that of Miettinen and Nurminen (Comparative analysis of two rates, Statistics in Medicine
4:213-226, 1985, stratified), which holds for few patients on each of many days and when nobody was confused at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import acos, copysign, cos, pi, sqrt

from stipple.care.clarity import ENOUGH, Z

# The interval's ends are found to this share of patients.
CLOSE = 1e-7


@dataclass(frozen=True)
class Group:
    """Patients of one wording on one healing day and channel, each of them counted once."""

    shown: int = 0
    confused: int = 0


@dataclass(frozen=True)
class Stratum:
    """One healing day and channel: the patients of either wording."""

    new: Group
    old: Group

    @property
    def weight(self) -> float:
        """Mantel and Haenszel's: 0 where one of the wordings was shown to nobody."""
        both = self.new.shown + self.old.shown
        return self.new.shown * self.old.shown / both if both else 0.0

    @property
    def difference(self) -> float:
        """How many more patients the new wording confuses, as a share."""
        return self.new.confused / self.new.shown - self.old.confused / self.old.shown


@dataclass(frozen=True)
class Comparison:
    """The outcome. ``difference`` is how many more patients the new wording confuses, as a share, weighted over the
    days; it lies between ``low`` and ``high`` with 95 % certainty.

    ``new`` and ``old`` count the patients that were compared, on ``days`` pairs of a healing day and a channel.
    """

    verdict: str
    new: Group
    old: Group
    days: int
    difference: float
    low: float
    high: float


def compare[Day](new: Mapping[Day, Group], old: Mapping[Day, Group]) -> Comparison:
    """The new wording against the old one, on the days and channels on which both were shown.

    The verdict is ``clearer``, ``worse``, ``alike`` when the difference may be chance, or ``unknown`` when fewer than
    `stipple.care.clarity.ENOUGH` patients of either can be compared.
    """
    paired = [Stratum(group, old[day]) for day, group in new.items() if day in old]
    strata = [s for s in paired if s.weight > 0]
    news, olds = _all(s.new for s in strata), _all(s.old for s in strata)
    if not strata:
        return Comparison("unknown", news, olds, 0, 0.0, -1.0, 1.0)
    middle = sum(s.weight * s.difference for s in strata) / sum(s.weight for s in strata)
    low, high = _end(strata, middle, -1.0), _end(strata, middle, 1.0)
    enough = min(news.shown, olds.shown) >= ENOUGH
    verdict = "unknown" if not enough else "clearer" if high < 0 else "worse" if low > 0 else "alike"
    return Comparison(verdict, news, olds, len(strata), middle, low, high)


def _all(groups: Iterable[Group]) -> Group:
    found = list(groups)
    return Group(sum(g.shown for g in found), sum(g.confused for g in found))


def _end(strata: list[Stratum], middle: float, bound: float) -> float:
    """The difference farthest towards ``bound`` that the numbers do not rule out, by halving."""
    near, far = middle, bound
    if abs(_score(strata, far)) <= Z:
        return far
    while abs(far - near) > CLOSE:
        half = (near + far) / 2
        near, far = (half, far) if abs(_score(strata, half)) <= Z else (near, half)
    return near


def _score(strata: list[Stratum], difference: float) -> float:
    """How many standard errors the numbers lie from ``difference``."""
    apart = sum(s.weight * (s.difference - difference) for s in strata)
    variance = sum(s.weight**2 * _variance(s, difference) for s in strata)
    if variance <= 0:
        return 0.0 if abs(apart) < CLOSE else copysign(float("inf"), apart)
    return apart / sqrt(variance)


def _variance(stratum: Stratum, difference: float) -> float:
    """Of the stratum's difference, if the true one were ``difference``."""
    n1, n0 = stratum.new.shown, stratum.old.shown
    old = _likeliest(stratum, difference)
    new = min(1.0, max(0.0, old + difference))
    return (new * (1 - new) / n1 + old * (1 - old) / n0) * (n1 + n0) / (n1 + n0 - 1)


def _likeliest(stratum: Stratum, difference: float) -> float:
    """The likeliest share that the old wording confuses, if the true difference were ``difference``.

    It solves the cubic equation of Miettinen and Nurminen's appendix I.
    """
    n1, n0, x1, x0 = stratum.new.shown, stratum.old.shown, stratum.new.confused, stratum.old.confused
    n, x = n1 + n0, x1 + x0
    l3, l2 = n, (n1 + 2 * n0) * difference - n - x
    l1, l0 = (n0 * difference - n - 2 * x0) * difference + x, x0 * difference * (1 - difference)
    q = l2**3 / (3 * l3) ** 3 - l1 * l2 / (6 * l3**2) + l0 / (2 * l3)
    root = l2**2 / (3 * l3) ** 2 - l1 / (3 * l3)
    p = copysign(sqrt(max(0.0, root)), q)
    angle = (pi + acos(min(1.0, max(-1.0, q / p**3)))) / 3 if p else pi / 2
    share = 2 * p * cos(angle) - l2 / (3 * l3)
    return min(1.0, 1.0 - difference, max(0.0, -difference, share))
