"""Which instructions patients do not understand, from the worst on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession

from stipple.care.clarity import Count
from stipple.console.trends import Trend, trends
from stipple.console.words import KINDS, spaced, window
from stipple.content.pack import Pack
from stipple.records.clarity_models import EVERY_DAY, ClarityCount
from stipple.records.models import Instruction, Wording


@dataclass(frozen=True)
class Name:
    """An instruction in the clinic's own words, and the days it holds for, where it has any."""

    title: str
    days: str

    def __str__(self) -> str:
        return f"{self.title}, {self.days}" if self.days else self.title


@dataclass(frozen=True)
class Row:
    """An instruction of the list, by the wording that patients read now; ``earlier`` counts the wording before it."""

    id: str
    name: Name
    version: int
    count: Count
    earlier: Count | None
    trend: Trend | None


@dataclass(frozen=True)
class Overview:
    """Instructions with enough patients, the least clear first; those with too few yet; how many nobody was shown."""

    ranked: list[Row]
    few: list[Row]
    never: int


def name_of(instruction: str, pack: Pack) -> Name:
    """How a person knows the instruction."""
    kind, topic, span = (*instruction.split("/"), "", "")[:3]
    title = pack.title(f"{kind}/{topic}") or spaced(topic)
    return Name(f"{KINDS.get(kind, spaced(kind))}: {title}", window(span))


def overview(db: DbSession, pack: Pack, now: datetime) -> Overview:
    """Every instruction that patients can read today."""
    newest = select(Wording.instruction_id, func.max(Wording.version)).join(Instruction)
    current = db.execute(newest.where(Instruction.retired_at.is_(None)).group_by(Wording.instruction_id)).all()
    totals = totals_of(db.scalars(select(ClarityCount).where(ClarityCount.healing_day == EVERY_DAY)))
    lately = trends(db, now)
    rows = []
    for instruction, version in current:
        counts = totals.get(instruction, {})
        before = [number for number in counts if number < version]
        earlier = counts[max(before)] if before else None
        count, name = counts.get(version, Count()), name_of(instruction, pack)
        rows.append(Row(instruction, name, version, count, earlier, lately.get(instruction)))
    # By the share it confuses at least: a bad share of few patients does not push a sure one down.
    ranked = sorted((r for r in rows if r.count.enough), key=lambda r: (-r.count.confused_range[0], str(r.name)))
    few = [r for r in rows if not r.count.enough and (r.count.shown or r.earlier)]
    few.sort(key=lambda r: (-r.count.confused, -r.count.shown, str(r.name)))
    return Overview(ranked, few, len(rows) - len(ranked) - len(few))


def totals_of(counters: Iterable[ClarityCount]) -> dict[str, dict[int, Count]]:
    """By instruction, then by wording version."""
    found: defaultdict[str, dict[int, Count]] = defaultdict(dict)
    for row in counters:
        found[row.instruction_id][row.wording_version] = count_of(row)
    return found


def count_of(row: ClarityCount) -> Count:
    """A counter's numbers."""
    return Count(row.shown, row.explicit, row.implicit, row.confused)
