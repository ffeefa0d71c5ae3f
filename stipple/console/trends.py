"""The weeks behind an instruction: how clear it was in each, and how often a person was needed right after."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from stipple.care.clarity import Count
from stipple.care.trend import WEEKS, WORDS, trend
from stipple.records.clarity_models import ClarityWeek
from stipple.records.months import week_of, zone_of

# The drawing's size, in its own units; a week without enough patients for a point leaves a gap.
WIDTH, HEIGHT = 240, 60
LEAST_POINT = 5


@dataclass(frozen=True)
class Week:
    """One week: its Monday, whom the instruction confused, and how many patients needed a person right after."""

    monday: date
    count: Count
    handed_over: int

    @property
    def enough(self) -> bool:
        """Whether so many patients were shown it that their share says something."""
        return self.count.shown >= LEAST_POINT

    @property
    def clear(self) -> float | None:
        """To how many of 100 patients it was clear; None of too few."""
        return 100 * self.count.clarity if self.enough else None


@dataclass(frozen=True)
class Trend:
    """The last weeks of one instruction, oldest first."""

    weeks: list[Week]

    @property
    def kind(self) -> str:
        """``clearer``, ``worse``, ``alike`` or ``unknown``."""
        return trend([week.count for week in self.weeks])

    @property
    def words(self) -> str:
        """The same as a person reads it."""
        return WORDS[self.kind]

    @property
    def handed_over(self) -> int:
        """Patients who needed a person right after, counted once a week."""
        return sum(week.handed_over for week in self.weeks)

    @property
    def points(self) -> list[tuple[str, float | None]]:
        """Each week's day with what is drawn of it."""
        return [(f"{week.monday.day} {week.monday:%b}", week.clear) for week in self.weeks]

    @property
    def lines(self) -> list[str]:
        """Points of the lines to draw: clarity from the bottom (nobody understood) to the top."""
        lines: list[list[str]] = [[]]
        for place, week in enumerate(self.weeks):
            if not week.enough:
                lines.append([])
                continue
            x = 4 + place * (WIDTH - 8) / (len(self.weeks) - 1)
            lines[-1].append(f"{x:.1f},{4 + (HEIGHT - 8) * (1 - week.count.clarity):.1f}")
        return [" ".join(points) for points in lines if points]


def trends(db: DbSession, now: datetime, instruction: str | None = None) -> dict[str, Trend]:
    """The last `WEEKS` weeks of every instruction that was shown in them, or of the one asked for."""
    this = week_of(now, zone_of(db))
    mondays = [this - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    query = select(ClarityWeek).where(ClarityWeek.week.in_(mondays))
    if instruction is not None:
        query = query.where(ClarityWeek.instruction_id == instruction)
    found: defaultdict[str, dict[date, Week]] = defaultdict(dict)
    for row in db.scalars(query):
        week = Week(row.week, Count(shown=row.shown, confused=row.confused), row.handed_over)
        found[row.instruction_id][row.week] = week
    return {name: Trend([weeks.get(m, Week(m, Count(), 0)) for m in mondays]) for name, weeks in found.items()}
