"""The heat map of all instructions: which of them confuses patients on which healing days."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession

from stipple.care.clarity import Count
from stipple.care.days import FIRST_DAYS, group_name
from stipple.console.clarity import Name, count_of, name_of
from stipple.console.heat import LEAST_COLOURED
from stipple.content.pack import Pack
from stipple.records.clarity_models import EVERY_CHANNEL, EVERY_DAY, ClarityCount, group_key
from stipple.records.models import Instruction, Wording

# The share that a wording surely confuses decides the colour: a bad share of few patients stays pale.
SURELY = (0.02, 0.1, 0.2, 0.35)


@dataclass(frozen=True)
class Cell:
    """Patients of one instruction and group of healing days."""

    count: Count
    first_day: int

    @property
    def heat(self) -> int | None:
        """From 0 to 4, by the share that is surely confused; None with too few patients for a colour."""
        if self.count.shown < LEAST_COLOURED:
            return None
        return sum(self.count.confused_range[0] >= limit for limit in SURELY)


@dataclass(frozen=True)
class Line:
    """One instruction by its wording of now; a cell is None where nobody was shown it."""

    id: str
    name: Name
    version: int
    cells: list[Cell | None]


def headings() -> list[str]:
    """The names of the groups of healing days."""
    return [group_name(first) for first in FIRST_DAYS]


def all_days(db: DbSession, pack: Pack) -> list[Line]:
    """Every instruction that patients read now and that somebody was shown, the worst first."""
    newest = select(Wording.instruction_id, func.max(Wording.version)).join(Instruction)
    current = newest.where(Instruction.retired_at.is_(None)).group_by(Wording.instruction_id)
    versions = {row[0]: row[1] for row in db.execute(current)}
    keys = {group_key(first): first for first in FIRST_DAYS}
    wanted = (ClarityCount.channel == EVERY_CHANNEL, ClarityCount.healing_day.in_([*keys, EVERY_DAY]))
    cells: defaultdict[str, dict[int, Count]] = defaultdict(dict)
    for row in db.scalars(select(ClarityCount).where(*wanted)):
        if versions.get(row.instruction_id) == row.wording_version:
            cells[row.instruction_id][row.healing_day] = count_of(row)
    worst = sorted(cells, key=lambda i: (not cells[i][EVERY_DAY].enough, -cells[i][EVERY_DAY].confused_range[0], i))
    return [
        Line(
            id=instruction,
            name=name_of(instruction, pack),
            version=versions[instruction],
            cells=[Cell(cells[instruction][k], d) if k in cells[instruction] else None for k, d in keys.items()],
        )
        for instruction in worst
    ]
