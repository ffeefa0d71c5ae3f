"""How clear a wording is: the share of patients it did not confuse, and how far that can be trusted."""

from dataclasses import dataclass
from math import sqrt

# Of fewer patients than this nothing is said: with 19, even a wording that confused nobody may confuse one in six.
ENOUGH = 20
# Two-sided 95 %: the normal distribution's 97.5th percentile.
Z = 1.959963984540054


@dataclass(frozen=True)
class Count:
    """Patients, each counted once: shown the wording, confused by it outright, by hints, and either way."""

    shown: int = 0
    explicit: int = 0
    implicit: int = 0
    confused: int = 0

    @property
    def enough(self) -> bool:
        """Whether anything may be said about the wording."""
        return self.shown >= ENOUGH

    @property
    def clarity(self) -> float:
        """Share of patients that the wording did not confuse."""
        return 1 - self.confused / self.shown if self.shown else 1.0

    @property
    def confused_range(self) -> tuple[float, float]:
        """The share of all patients it confuses lies between these, with 95 % certainty."""
        return wilson(self.confused, self.shown)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of the share behind ``hits`` of ``n``; everything is possible without data.

    Unlike the textbook interval it stays within 0 and 1 and holds for small numbers and for shares near them.
    """
    if n == 0:
        return 0.0, 1.0
    share, z2 = hits / n, Z * Z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # At the ends the formula gives 0 and 1 but for the last digit.
    return (0.0 if hits == 0 else centre - half), (1.0 if hits == n else centre + half)
