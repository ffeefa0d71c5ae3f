"""The heat map of a topic: which healing days a wording confuses patients on."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session as DbSession

from stipple.care.clarity import Count
from stipple.console.clarity import count_of, name_of
from stipple.content.pack import Pack
from stipple.records.clarity_models import EVERY_CHANNEL, NO_DAY, ClarityCount, group_key
from stipple.records.models import Instruction, Wording

# Later days stand in one row: patients ask seldom then, and their instructions hold for weeks.
LAST_SINGLE_DAY = 30
# Of fewer patients a colour would mislead.
LEAST_COLOURED = 5
HEATS = (0.1, 0.25, 0.5)


@dataclass(frozen=True)
class Cell:
    """Patients of one healing day; ``heat`` from 0 to 4 grows with the share that was confused."""

    count: Count

    @property
    def heat(self) -> int | None:
        """None without enough patients for a colour."""
        if self.count.shown < LEAST_COLOURED:
            return None
        share = self.count.confused / self.count.shown
        return 0 if share == 0 else 1 + sum(share >= limit for limit in HEATS)


@dataclass(frozen=True)
class HeatMap:
    """Healing days down, wordings of the same topic across: each column's heading and whether it is this page's."""

    columns: list[tuple[str, bool]]
    rows: list[tuple[str, list[Cell | None]]]


def heat_map(db: DbSession, instruction: Instruction, versions: list[int], pack: Pack) -> HeatMap:
    """The instruction's versions beside what patients read now on the topic's other days."""
    same = (Instruction.subject == instruction.subject, Instruction.topic == instruction.topic)
    newest = select(Wording.instruction_id, func.max(Wording.version)).join(Instruction).where(*same)
    others = newest.where(Instruction.retired_at.is_(None), Instruction.id != instruction.id)
    columns = [(instruction.id, version) for version in reversed(versions)]
    columns += [(row[0], row[1]) for row in db.execute(others.group_by(Wording.instruction_id))]
    # This page's own come first, so that a phone shows them at once.
    columns.sort(key=lambda column: (column[0] != instruction.id, _first_day(column[0]), column))
    cells = _cells(db, {column[0] for column in columns})
    days = sorted({day for column in columns for day in cells.get(column, {})})
    rows = [(_day_name(day), [_cell(cells.get(column, {}).get(day)) for column in columns]) for day in days]
    heads = [(_heading(column, len(columns), pack), column[0] == instruction.id) for column in columns]
    return HeatMap(heads, rows)


def _first_day(instruction: str) -> int:
    first = instruction.split("/")[-1].partition("-")[0]
    return int(first) if first.isdigit() else 0


def _heading(column: tuple[str, int], columns: int, pack: Pack) -> str:
    days = name_of(column[0], pack).days
    return f"{days[:1].upper()}{days[1:]}, version {column[1]}" if days else f"Version {column[1]}"


def _cells(db: DbSession, instructions: set[str]) -> dict[tuple[str, int], dict[int, Count]]:
    """By instruction and version, then by healing day; whoever is counted on late days is counted there once."""
    found: defaultdict[tuple[str, int], dict[int, Count]] = defaultdict(dict)
    late = group_key(LAST_SINGLE_DAY + 1)
    days = or_(ClarityCount.healing_day.between(NO_DAY, LAST_SINGLE_DAY), ClarityCount.healing_day == late)
    mine = (ClarityCount.instruction_id.in_(instructions), ClarityCount.channel == EVERY_CHANNEL)
    for row in db.scalars(select(ClarityCount).where(*mine, days)):
        day = LAST_SINGLE_DAY + 1 if row.healing_day == late else row.healing_day
        found[row.instruction_id, row.wording_version][day] = count_of(row)
    return found


def _cell(count: Count | None) -> Cell | None:
    return Cell(count) if count else None


def _day_name(day: int) -> str:
    if day == NO_DAY:
        return "Day not known"
    return f"Day {day} on" if day > LAST_SINGLE_DAY else f"Day {day}"
