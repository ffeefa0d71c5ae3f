"""Two wordings of an instruction compared on the days and channels on which both were shown."""

from sqlalchemy import Integer, Select, and_, case, cast, func, or_, select, tuple_
from sqlalchemy.orm import Session as DbSession

from stipple.care.comparison import Comparison, Group, compare
from stipple.records.clarity_models import EVERY_CHANNEL, NO_DAY, ClarityCount, ClarityPerson


def compare_versions(db: DbSession, instruction: str, new: int, old: int) -> Comparison:
    """Version ``new`` against version ``old``.

    Each patient counts once: under the lower version where they were shown both, for whoever read one wording before
    reads the other with other eyes, and on the first day that both wordings were shown on.
    """
    known = case((ClarityPerson.healing_day == NO_DAY, 1), else_=0)
    order = (ClarityPerson.wording_version, known, ClarityPerson.healing_day, ClarityPerson.channel)
    place = func.row_number().over(partition_by=ClarityPerson.person, order_by=order)
    mine = and_(ClarityPerson.instruction_id == instruction, ClarityPerson.wording_version.in_((new, old)))
    cell = tuple_(ClarityPerson.healing_day, ClarityPerson.channel)
    both = _cells(instruction, new).intersect(_cells(instruction, old))
    confused = cast(or_(ClarityPerson.explicit, ClarityPerson.implicit), Integer)
    columns = (ClarityPerson.wording_version, ClarityPerson.healing_day, ClarityPerson.channel)
    people = select(*columns, confused.label("confused"), place.label("place")).where(mine, cell.in_(both)).subquery()
    key = (people.c.wording_version, people.c.healing_day, people.c.channel)
    counted = select(*key, func.count(), func.sum(people.c.confused)).where(people.c.place == 1).group_by(*key)
    groups: dict[int, dict[tuple[int, str], Group]] = {new: {}, old: {}}
    for version, day, channel, shown, hits in db.execute(counted):
        groups[version][day, channel] = Group(shown, hits)
    return compare(groups[new], groups[old])


def _cells(instruction: str, version: int) -> Select[int, str]:
    """The days and channels on which a wording was shown; what has no healing day compares with its like."""
    mine = (ClarityCount.instruction_id == instruction, ClarityCount.wording_version == version)
    single = (ClarityCount.healing_day >= NO_DAY, ClarityCount.channel != EVERY_CHANNEL, ClarityCount.shown > 0)
    return select(ClarityCount.healing_day, ClarityCount.channel).where(*mine, *single)
