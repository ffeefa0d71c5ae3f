"""How far two people agree who judge the same things without seeing each other's verdict.

Raw agreement is the share of equal verdicts. Cohen's kappa takes off what chance alone would make equal, given how
often each side uses each verdict (J. Cohen, "A coefficient of agreement for nominal scales", Educational and
Psychological Measurement 20(1), 1960, pages 37 to 46):

    kappa = (observed - expected) / (1 - expected)

Here one side is whoever judged first and the other whoever judged second, so that they may be other people each time.
What a value is called follows J. R. Landis and G. G. Koch, "The measurement of observer agreement for categorical
data", Biometrics 33(1), 1977, pages 159 to 174.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# Of fewer pairs than this nothing is said.
ENOUGH_PAIRS = 10
NAMES = ((0.8, "almost perfect"), (0.6, "substantial"), (0.4, "moderate"), (0.2, "fair"), (0.0, "slight"))


@dataclass(frozen=True)
class Agreement:
    """Pairs of verdicts, how many of them are equal, and kappa; None where chance leaves nothing to explain."""

    pairs: int
    equal: int
    kappa: float | None

    @property
    def enough(self) -> bool:
        """Whether anything may be said."""
        return self.pairs >= ENOUGH_PAIRS

    @property
    def percent(self) -> int:
        """Raw agreement, in percent."""
        return round(100 * self.equal / self.pairs) if self.pairs else 0

    @property
    def meaning(self) -> str:
        """What the numbers say, in one plain sentence."""
        if not self.enough:
            return f"Not enough pairs yet: {self.pairs} of at least {ENOUGH_PAIRS}."
        if self.kappa is None:
            return "Everybody gave the same verdict every time, so nothing can be said about chance."
        if self.kappa < 0:
            return "Two people agree less often than chance alone would make them: talk about what each verdict means."
        name = next(name for least, name in NAMES if self.kappa > least or least == 0)
        advice = "." if self.kappa > 0.6 else ": talk about the conversations below."
        return f"Beyond what chance alone would give, agreement is {name}{advice}"


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """The agreement of pairs of a first and a second verdict."""
    n, equal = len(pairs), sum(one == two for one, two in pairs)
    first, second = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    # In whole numbers, so that perfect agreement is exactly 1.
    by_chance = sum(first[verdict] * second[verdict] for verdict in first)
    if by_chance == n * n:
        return Agreement(n, equal, None)
    return Agreement(n, equal, (n * equal - by_chance) / (n * n - by_chance))
