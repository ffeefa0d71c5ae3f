"""Published wordings: the immutable versions of what patients read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession

from stipple.content.pack import Pack
from stipple.records.models import Instruction, Wording
from stipple.records.plan_models import PlanChange

CARE = "aftercare"


@dataclass(frozen=True)
class Published:
    """The wording of an instruction that patients read now."""

    version: int
    text: str
    why: str
    simpler: str


def newest_versions(db: DbSession, instructions: list[str]) -> dict[str, int]:
    """The version that patients read now of each of ``instructions``; unknown ones are left out."""
    newest = (
        select(Wording.instruction_id, func.max(Wording.version))
        .where(Wording.instruction_id.in_(instructions))
        .group_by(Wording.instruction_id)
    )
    return {row[0]: row[1] for row in db.execute(newest)}


def publish_pack(db: DbSession, pack: Pack, by: str, at: datetime, care_topic: str | None = None) -> int:
    """Publish each statement of the pack whose text is new; the number of wordings published.

    A changed text becomes the next version, an unchanged one stays. An instruction the pack no longer has is marked
    as retired and keeps its wordings. With ``care_topic`` only that topic of the care plan is published.
    """
    statements = [s for s in pack.statements() if care_topic is None or (s.subject, s.topic) == (CARE, care_topic)]
    mine = () if care_topic is None else (Instruction.subject == CARE, Instruction.topic == care_topic)
    known = {i.id: i for i in db.scalars(select(Instruction).where(*mine))}
    latest = current_wordings(db)
    published = 0
    for statement in statements:
        if statement.id not in known:
            known[statement.id] = Instruction(id=statement.id, subject=statement.subject, topic=statement.topic)
            db.add(known[statement.id])
        known[statement.id].retired_at = None
        words = statement.approved
        old = latest.get(statement.id)
        if old is None or (old.text, old.why, old.simpler) != (words.text, words.why, words.simpler):
            db.add(
                Wording(
                    instruction_id=statement.id,
                    version=old.version + 1 if old else 1,
                    text=words.text,
                    why=words.why,
                    simpler=words.simpler,
                    published_at=at,
                    published_by=by,
                )
            )
            published += 1
    for gone in known.keys() - {s.id for s in statements}:
        known[gone].retired_at = known[gone].retired_at or at
    return published


def current_wordings(db: DbSession) -> dict[str, Published]:
    """The newest wording of every instruction, by instruction id."""
    newest = select(Wording.instruction_id, func.max(Wording.version).label("version")).group_by(Wording.instruction_id)
    latest = newest.subquery()
    rows = db.scalars(
        select(Wording).join(
            latest, (latest.c.instruction_id == Wording.instruction_id) & (latest.c.version == Wording.version)
        )
    )
    return {w.instruction_id: Published(w.version, w.text, w.why, w.simpler) for w in rows}


def freshness(db: DbSession) -> tuple[int, int]:
    """Changes with everything that patients read anew: tells whether a cache is still fresh.

    The newest wording, and how many changes the care plan has: they are only ever added, in whatever order.
    """
    wording = select(func.coalesce(func.max(Wording.id), 0)).scalar_subquery()
    changes = select(func.count(PlanChange.id)).scalar_subquery()
    row = db.execute(select(wording, changes)).one()
    return row[0], row[1]
