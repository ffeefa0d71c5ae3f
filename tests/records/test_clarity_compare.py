"""Whose confusion stands behind a comparison of two wordings: each patient once, on days that both were shown on."""

import pytest
from sqlalchemy.orm import Session as DbSession

from stipple.care.comparison import Group
from stipple.records.clarity import key_of, person_counts
from stipple.records.clarity_compare import compare_versions
from stipple.records.clarity_models import ClarityCount, ClarityPerson
from stipple.records.database import Database
from stipple.records.models import Instruction

RULE = "aftercare/water/0-3"
# Person, version, healing day, channel, whether they were confused.
Shown = tuple[str, int, int, str, bool]


def play(db: DbSession, *shown: Shown) -> None:
    """Store who was shown what, with the counters."""
    db.add(Instruction(id=RULE, subject="aftercare", topic="water"))
    db.flush()
    counts: dict[tuple[str, int, int, str], list[int]] = {}
    by_person: dict[tuple[str, int], dict[tuple[str, int, int, str], tuple[bool, bool]]] = {}
    for person, version, day, channel, confused in shown:
        cell = (RULE, version, day, channel)
        db.add(ClarityPerson(**key_of(cell), person=person, explicit=confused, implicit=False))
        by_person.setdefault((person, version), {})[cell] = (confused, False)
    for rows in by_person.values():
        for cell, count in person_counts(rows).items():
            total = counts.setdefault(cell, [0, 0, 0, 0])
            numbers = (count.shown, count.explicit, count.implicit, count.confused)
            counts[cell] = [a + b for a, b in zip(total, numbers, strict=True)]
    for cell, (seen, explicit, implicit, confused) in counts.items():
        numbers = {"shown": seen, "explicit": explicit, "implicit": implicit, "confused": confused}
        db.add(ClarityCount(**key_of(cell), **numbers))
    db.flush()


@pytest.mark.parametrize(
    ("shown", "new", "old", "days"),
    [
        # Day 2 and the other channel were not shared.
        (
            [("a", 1, 1, "web", True), ("b", 2, 1, "web", False), ("c", 2, 2, "web", True), ("d", 2, 1, "sms", True)],
            Group(1, 0),
            Group(1, 1),
            1,
        ),
        # Somebody who asks on three days counts once, on the first shared one.
        (
            [
                ("a", 1, 1, "web", False),
                ("a", 1, 2, "web", True),
                ("a", 1, 3, "web", False),
                ("b", 2, 2, "web", False),
                ("c", 2, 4, "web", False),
            ],
            Group(1, 0),
            Group(1, 1),
            1,
        ),
        # Somebody who was shown both counts for the first wording alone.
        (
            [("a", 1, 1, "web", True), ("a", 2, 1, "web", False), ("b", 2, 1, "web", True)],
            Group(1, 1),
            Group(1, 1),
            1,
        ),
        # What has no healing day compares with its like, and counts last.
        (
            [
                ("a", 1, -1, "web", True),
                ("a", 1, 4, "web", False),
                ("b", 2, -1, "web", True),
                ("b", 2, 4, "web", False),
            ],
            Group(1, 0),
            Group(1, 0),
            1,
        ),
        # The counters over all days and channels are no days.
        ([("a", 1, 1, "web", True), ("b", 2, 3, "web", True)], Group(), Group(), 0),
    ],
)
def test_who_is_compared(database: Database, shown: list[Shown], new: Group, old: Group, days: int) -> None:
    with database.begin() as db:
        play(db, *shown)
        found = compare_versions(db, RULE, 2, 1)
    assert (found.new, found.old, found.days) == (new, old, days)


def test_the_verdict_comes_from_the_days(database: Database) -> None:
    with database.begin() as db:
        rows: list[Shown] = [(f"old{n}", 1, n % 4, "web", n % 2 == 0) for n in range(60)]
        rows += [(f"new{n}", 2, n % 4, "web", n % 20 == 0) for n in range(60)]
        play(db, *rows)
        found = compare_versions(db, RULE, 2, 1)
    assert (found.verdict, found.days, found.new.shown, found.old.shown) == ("clearer", 4, 60, 60)
